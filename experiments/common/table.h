/* table.h -- a CSV file of results, in points of a grid.
 *
 * A point is one step of an experiment's grid; its rows are added by the
 * thread that computes it, in any order of points, and the file holds them in
 * the order of their numbers.  Finished points go to FILE.partial at once, so
 * that a killed run loses the points in flight alone: the same program with
 * the same options, the same bytes in the files that they name, and --resume
 * takes them over, and ends with the same bytes.
 *
 * A run may leave points out: --shard I/N those whose number is not I - 1
 * modulo N, a run that is asked to stop (stop.h) those that are not begun,
 * --merge those that no partial file has.  Its tables are then not whole:
 * nothing is judged by them and no FILE is written, but FILE.partial stays
 * (pieces.h).  --merge refuses partial files of another run.
 *
 * Header lines (#) tell program, options, seed, precision, versions and BLAS
 * core; no clock, no host.  A file that cannot be written stops the program
 * with status 1, as does the lack of memory. */
#ifndef JF_TABLE_H
#define JF_TABLE_H

#include "args.h"
#include "io/output.h"

typedef struct jf_table jf_table;

/* OUT/name.csv with the given columns, "a,b,c"; points are 0 .. points - 1. */
jf_table *jf_table_new(const jf_args *args, const char *name,
                       const char *columns, size_t points);

/* Whether there is nothing to do for point: its rows are there already, from a
 * run to resume, or it is left out. */
int jf_table_has(const jf_table *table, size_t point);

/* Other points are computed from this one: it is of every share. */
void jf_table_everywhere(jf_table *table, size_t point);

/* Leave the point out, as the run stops in it. */
void jf_table_leave(jf_table *table, size_t point);

/* Whether no point was left out, so that the table can be judged. */
int jf_table_whole(const jf_table *table);

/* The header of the partial file: equal for runs whose points are. */
const char *jf_table_origin(const jf_table *table);

/* Add a row, unless the point is complete (a program that writes several tables
 * may find one of them further than the others): a %s or %g for each column,
 * comma between, no newline; texts hold no commas, and a row that does not fit
 * the columns stops the program.  Numbers are for the caller to write as JF_G,
 * which keeps every digit. */
void jf_table_row(jf_table *table, size_t point, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
#ifdef JF_SINGLE
#define JF_G "%.9g"
#else
#define JF_G "%.17g"
#endif

/* The point is complete. */
void jf_table_finish(jf_table *table, size_t point);

/* The rows of a point as text, for a run that is kept within it; NULL: none. */
const char *jf_table_text(const jf_table *table, size_t point);

/* Rows of a point, and a column of one by number: what verdicts are drawn
 * from, so that resumed and fresh runs agree. */
size_t jf_table_rows(const jf_table *table, size_t point);
double jf_table_number(const jf_table *table, size_t point, size_t row,
                       const char *column);
/* The same as text, cut to size. */
void jf_table_string(const jf_table *table, size_t point, size_t row,
                     const char *column, char *text, size_t size);

/* A header line "# not run: " and the reason: rows are wanting for it. */
void jf_table_not_run(jf_table *table, const char *reason);

/* Write the file, if the table is whole, and free it.  The partial file stays,
 * so that a run that dies in a later table takes this one over, until the whole
 * program is done and says so. */
void jf_table_close(jf_table *table);

/* Whether every closed table was whole; if not, then partial files stay.  What
 * --merge did not find, in words, until the program is done; NULL: nothing. */
int jf_tables_whole(void);
const char *jf_tables_missing(void);
void jf_tables_done(void);

/* The header lines, for other files of the same run. */
void jf_provenance(const jf_args *args, jf_text *text);

#endif
