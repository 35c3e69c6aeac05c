/* tolerances.h -- what a file tolerances.csv allows each cell of a table.
 *
 * A line is table,column,rows,abs,rel,why.  The names are patterns of the
 * shell; rows is empty, for all, or COLUMN=PATTERN, several with blanks
 * between: those of the reference in which all of them fit.  The line with the
 * most literal names counts, of equals one that names rows, of equals the
 * last.  abs and rel are a number, or a number times columns, or powers of
 * columns, of the same row of the reference: 2e-9*condition*rate^0.5. */
#ifndef TOOLS_TOLERANCES_H
#define TOOLS_TOLERANCES_H

#include "jf.h"

/* Below 0: the line names a column that the table lacks, and admits no cell.
 * NaN: such a column holds none.  0, 0 of line 0 where no line fits. */
typedef struct {
    double absolute, relative;
    size_t line;
} tolerance;

/* *t := FOLDER/tolerances.csv, without lines when there is no such file.  -1
 * after one line on stderr: it is not one. */
int tolerances_read(const char *folder, jf_texts *t);

/* How well each line fits a column of a table; the caller frees it. */
int *tolerances_fit(const jf_texts *t, const char *table, const char *column);

/* The tolerance of row i of table a in the column that how is of. */
tolerance tolerance_of(const jf_texts *t, const int *how, const jf_texts *a,
                       size_t i);

#endif
