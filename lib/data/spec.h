/* spec.h -- a table by what the user types after --data. */
#ifndef JF_SPEC_H
#define JF_SPEC_H

#include <stdio.h>

#include "data/read.h"

/* A built-in table (iris, ...), "toy:NAME" or "toy:NAME:ROWS" drawn with seed,
 * or a file or folder, with options as in read.h (NULL: none).  Built-in tables
 * are in jf_data_folder() and leave no notes.  GSL_EFAILED after one line on
 * stderr. */
int jf_data_load(const char *spec, const jf_data_options *options,
                 unsigned long seed, jf_dataset *out);

/* The folder of the tables that ship: JF_DATA_DIR of the environment, or
 * share/jacflow/data above the running program, or where it was installed. */
const char *jf_data_folder(void);

/* Where it was installed (place.c). */
extern const char jf_data_installed[];

/* All built-in names, a line each with n, d and what it is. */
void jf_data_list(FILE *to);

#endif
