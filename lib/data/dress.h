/* dress.h -- what the text of a table comes in, taken off before it is read. */
#ifndef JF_DRESS_H
#define JF_DRESS_H

#include "data/read.h"

typedef struct {
    char *text; /* (size), then a zero byte; of the file, or own */
    size_t size;
    char separator; /* 0: jf_csv_index finds it */
    char *own;      /* free() it */
} jf_dress;

/* UTF-16 becomes UTF-8, line ends of a carriage return alone become line feeds,
 * a first line "sep=;" names the separator; with decimal commas this is one
 * that the commas leave.  The file's bytes may change.  ARFF is refused.  What
 * was found is in the notes of out. */
int jf_dress_off(const char *path, jf_bytes file, jf_dataset *out,
                 jf_dress *dress);

/* Whether a text of that length is a number with a decimal comma. */
int jf_decimal_comma(const char *text, size_t length, double *value);

#endif
