/* trained.h -- what fit, logprob and sample share. */
#ifndef TOOLS_TRAINED_H
#define TOOLS_TRAINED_H

#include "common/experiment.h"

/* The options of every program that reads a table. */
#define TRAINED_TABLE                                                          \
    "help version seed threads data columns array drop-missing size quiet"

/* The table of --data; --data list prints those built in and ends.  A table
 * that is missing or cannot be read is one line and status 2.  own: a flow that
 * is there (NULL: none), for which one row is enough, and a picture alone is a
 * row where it takes more than three columns; grey pictures become coloured ones
 * where it takes these. */
jf_dataset trained_table(const jf_args *args, const jf_layer *own);

/* The side of square pictures of d values, 3 or 1 a pixel; 0: there is none.  A
 * number is a square or thrice a square, never both. */
size_t trained_side(size_t d, size_t *channels);

/* The model of a file, or one line and status 2. */
jf_model trained_model(const char *path);

/* A table (n, columns) to path as CSV, whole or not at all: below a comment and
 * the line of names.  Status 1 when it cannot be written. */
void trained_write(const char *path, const char *comment, const char *names,
                   size_t n, size_t columns, const double *table);

/* names := names and, with commas before, letter1 .. letterd. */
void trained_names(jf_text *names, char letter, size_t d);

#endif
