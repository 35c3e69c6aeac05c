/* read.h -- tables of numbers from files: a sample per row.
 *
 * text               CSV, also .gz: separators , ; tab or blanks; lines that
 *                    begin with # are comments; quotes, CRLF, UTF-16,
 *                    "sep=;", decimal commas and a separator at the end of each
 *                    line are understood; names of columns and columns that
 *                    count the rows: csv.c
 * NPY                versions 1 to 3; floats of 2, 4, 8 and 16 bytes (x86's),
 *                    integers that a double holds, truth values, either byte
 *                    order, C or Fortran order; a row per first index; one
 *                    dimension is a column
 * NPZ                one array of it
 * IDX, also .gz      u1, i1, i2, i4, f4 or f8, likewise
 * HDF5               one dataset of numbers, where the library was built with
 *                    libhdf5; MATLAB's files of version 7.3 are such
 * PNG, JPEG, WebP    one picture: a row per pixel, line by line, of red, green
 *                    and blue, 0 .. 255; grey alone where the three are equal
 * a folder           of pictures (images.h): a row per picture, pixel by pixel,
 *                    channels last, grey alone where all are grey; pictures of
 *                    one size as they are, or their centres scaled
 *
 * Content decides what a file is, whatever it is called.  What was decided for
 * the user is in the notes.
 *
 * A file that cannot be used is one line on stderr, "jacflow: FILE:LINE: what
 * was found, what is expected", and GSL_EFAILED (jf_refuse of error.h). */
#ifndef JF_READ_H
#define JF_READ_H

#include "base/matrix.h"
#include "io/output.h"

typedef struct {
    char name[64];  /* of the file, without folder, commas or quotes */
    jf_matrix x;    /* (n, d), at least two rows, unless one is enough */
    char **columns; /* d names; NULL: the file has none */
    jf_text notes;  /* lines: what was decided; data NULL: nothing was */
    size_t height, width, channels; /* of a folder's pictures; 0: no folder */
} jf_dataset;

/* Zero is the default. */
typedef struct {
    const char *columns; /* "1-3,5,age": these alone are looked at; NULL: all */
    const char *array;   /* of an NPZ or HDF5 file; NULL: the only one */
    size_t size;         /* of pictures, in pixels; 0: as they are */
    int drop_missing;    /* leave out rows with missing values */
    int any;   /* of text: keep NaN, infinity and every column; holes are NaN */
    int one;   /* one row is enough */
    int whole; /* a picture alone is a row of all its pixels, as in a folder */
} jf_data_options;

/* columns: NULL for all, or a list as above. */
int jf_data_read(const char *path, const char *columns, jf_dataset *out);
/* options NULL: none. */
int jf_data_read_as(const char *path, const jf_data_options *options,
                    jf_dataset *out);
/* With the option any, and one row is enough; no folder. */
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

int jf_read_csv(const char *path, jf_bytes file, const jf_data_options *options,
                jf_dataset *out);
int jf_read_npy(const char *path, jf_bytes file, const jf_data_options *options,
                jf_dataset *out);
int jf_read_npz(const char *path, jf_bytes file, const jf_data_options *options,
                jf_dataset *out);
int jf_read_idx(const char *path, jf_bytes file, const jf_data_options *options,
                jf_dataset *out);
/* matlab: of such a file. */
int jf_read_hdf5(const char *path, int matlab, const jf_data_options *options,
                 jf_dataset *out);
/* Shape, columns and values of an array in out->x. */
int jf_array_finish(const char *path, size_t dimensions, const size_t *shape,
                    const jf_data_options *options, jf_dataset *out);
int jf_read_picture(const char *path, size_t size, jf_dataset *out);
int jf_read_folder(const char *path, size_t size, jf_dataset *out);

/* Add a line to the notes. */
int jf_data_note(jf_dataset *data, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The columns that a list names, of d with those names (or NULL); free() index.
 * Names come before numbers. */
int jf_columns_find(const char *path, const char *list, char *const *names,
                    size_t d, size_t **index, size_t *count);
/* data := the columns that the list names. */
int jf_columns_choose(const char *path, const char *list, jf_dataset *data);
/* Numbers from 1 of those of d columns that are wanted, as a list. */
int jf_columns_list(const unsigned char *wanted, size_t d, jf_text *list);

/* Leave out the rows of x that hold a NaN, and say so. */
int jf_rows_drop_missing(const char *path, jf_dataset *data);

/* The decimal number at text, at most length bytes, as strtod reads it in the
 * locale "C"; *used is 0 when there is none. */
double jf_parse_number(const char *text, size_t length, size_t *used);

#endif
