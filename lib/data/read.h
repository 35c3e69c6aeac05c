/* read.h -- tables of numbers from files: a sample per row.
 *
 * .csv and .csv.gz   separators , ; tab or blanks; a first line that is no
 *                    numbers names the columns; # lines are comments; quotes,
 *                    CRLF and a byte order mark are understood
 * .npy               versions 1 and 2; f4, f8 or u1, C order, 2 dimensions, or
 *                    1, which is one column
 * IDX, also .gz      u1, f4 or f8; dimensions after the first are one row
 * .png, .jpg         one picture: a row per pixel, line by line, of red, green
 *                    and blue, 0 .. 255; grey alone where the three are equal
 * a folder           of pictures (images.h): a row per picture, of its centre
 *                    scaled to size x size (8), pixel by pixel, channels last
 *
 * A file that cannot be used is one line on stderr, "jacflow: FILE:LINE: what
 * was found, what is expected", and GSL_EFAILED (jf_refuse of error.h). */
#ifndef JF_READ_H
#define JF_READ_H

#include "base/matrix.h"

typedef struct {
    char name[64];  /* of the file, without folder, commas or quotes */
    jf_matrix x;    /* (n, d), at least two rows */
    char **columns; /* d names; NULL: the file has none */
    int any;        /* of a CSV file: numbers that are not finite are kept */
} jf_dataset;

/* columns: NULL for all, or a list such as "1-3,5,age". */
int jf_data_read(const char *path, const char *columns, jf_dataset *out);
/* Of pictures, the centre scaled to size x size; 0: as above. */
int jf_data_read_sized(const char *path, const char *columns, size_t size,
                       jf_dataset *out);
/* A CSV file as it is: NaN and infinity are kept, an empty field is NaN and a
 * column may have no name.  (The two above refuse them.) */
int jf_data_read_any(const char *path, jf_dataset *out);
void jf_data_free(jf_dataset *data);

/* Whether a flow can be trained on it: no constant and no equal columns, more
 * rows than columns.  GSL_EFAILED after one line on stderr. */
int jf_data_check(const jf_dataset *data);

/* A file in memory, unpacked when it is gzip's; free() bytes. */
typedef struct {
    unsigned char *bytes; /* a zero byte follows the last */
    size_t size;
} jf_bytes;

int jf_read_csv(const char *path, jf_bytes file, jf_dataset *out);
int jf_read_npy(const char *path, jf_bytes file, jf_dataset *out);
int jf_read_idx(const char *path, jf_bytes file, jf_dataset *out);
int jf_read_picture(const char *path, size_t size, jf_dataset *out);
int jf_read_folder(const char *path, size_t size, jf_dataset *out);

/* The number at text, at most length bytes, as strtod reads it; *used is 0
 * when there is none. */
double jf_parse_number(const char *text, size_t length, size_t *used);

#endif
