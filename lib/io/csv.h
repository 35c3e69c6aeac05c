/* csv.h -- tables of text: RFC 4180, and the dialects that people use.
 *
 * A record is a line, or more where a quoted field holds line ends.  Empty
 * lines and lines that begin with # outside of quotes are no records.  A field
 * that begins with a quote ends with one; two quotes in it stand for one. */
#ifndef JF_CSV_H
#define JF_CSV_H

#include <stddef.h>

typedef struct {
    const char *path; /* for messages */
    const char *text; /* the caller's, ended by a zero byte */
    char separator;   /* ' ': runs of blanks */
    size_t rows;      /* records */
    size_t columns;   /* fields of the first */
    struct {
        size_t start, end; /* in text, without the line's end */
    } *record;             /* (rows) */
} jf_csv;

/* The records of text (size); separator 0: the first of , ; tab blank that
 * stands in the first record outside of quotes.  GSL_EFAILED after one line on
 * stderr, "PATH:LINE: fault": a zero byte, a quote that does not close, text
 * after a closing quote.  jf_csv_clear frees the index in either case. */
int jf_csv_index(const char *path, const char *text, size_t size,
                 char separator, jf_csv *out);
void jf_csv_clear(jf_csv *c);

/* The line of the file at which a record begins, from 1. */
size_t jf_csv_line(const jf_csv *c, size_t row);

/* The fields of a record, one after the other. */
typedef struct {
    const char *text; /* without quotes around it, or blanks around those */
    size_t length;
    int quoted;
} jf_csv_field;
typedef struct {
    const char *at, *end;
} jf_csv_cursor;
jf_csv_cursor jf_csv_record(const jf_csv *c, size_t row);
int jf_csv_next(const jf_csv *c, jf_csv_cursor *cursor, jf_csv_field *field);
size_t jf_csv_count(const jf_csv *c, size_t row);

/* A whole file of comma-separated text.  Row 0 holds the names of columns. */
typedef struct {
    size_t rows, columns;
    char **fields; /* rows x columns, row by row */
    char *text;    /* what the fields point into */
} jf_texts;

/* GSL_EFAILED after one line on stderr: not readable, no row, ragged, or one of
 * the faults above. */
int jf_texts_read(const char *path, jf_texts *t);
void jf_texts_free(jf_texts *t);

/* The number of the column called name, or t->columns. */
size_t jf_texts_column(const jf_texts *t, const char *name);
const char *jf_texts_field(const jf_texts *t, size_t row, size_t column);

#endif
