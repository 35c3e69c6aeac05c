/* spec.h -- a table by what the user types after --data. */
#ifndef JF_SPEC_H
#define JF_SPEC_H

#include <stdio.h>

#include "data/read.h"
#include "io/args.h"

/* A built-in table (iris, ...), "toy:NAME" or "toy:NAME:ROWS" drawn with seed,
 * or a file or folder (read.h); columns as there.  Built-in tables are in the folder
 * JF_DATA_DIR of the environment, or the one the build knows.  GSL_EFAILED
 * after one line on stderr. */
int jf_data_load(const char *spec, const char *columns, unsigned long seed,
                 jf_dataset *out);

/* What the options say: --data, --columns, --size, --seed. */
int jf_data_of(const jf_args *args, jf_dataset *out);

/* The folder of the tables that ship: JF_DATA_DIR of the environment, or the
 * one the build knows. */
const char *jf_data_folder(void);

/* All built-in names, a line each with n, d and what it is. */
void jf_data_list(FILE *to);

#endif
