/* verdict_rows.h -- the verdicts of all programs in one list. */
#ifndef TOOLS_VERDICT_ROWS_H
#define TOOLS_VERDICT_ROWS_H

#include "files.h"

enum {
    ROW_ID,
    ROW_KIND,
    ROW_STATEMENT,
    ROW_HYPOTHESES,
    ROW_METHOD,
    ROW_BROKEN,
    ROW_MEASURED,
    ROW_EXPECTED,
    ROW_TOLERANCE,
    ROW_LAW,
    ROW_P_VALUE,
    ROW_DETECTABLE,
    ROW_BROKEN_ERROR,
    ROW_CONTROL,
    ROW_VERDICT,
    ROW_PROGRAM,
    ROW_FIELDS
};
extern const char *const row_columns[ROW_FIELDS];

typedef struct {
    const char *field[ROW_FIELDS];
    const char *options; /* of the program that wrote it */
    int proof;           /* whether that is one of proofs-check */
    int verdict;         /* by number */
    size_t order;        /* among the rows as read */
} verdict_row;

typedef struct {
    verdict_row *rows;
    size_t count;
    jf_texts *tables; /* what the rows point into */
    char **options;
    size_t table_count;
} verdict_rows;

/* The verdicts, and how many rows have each: a theorem or an exact example
 * decided in ball or exact arithmetic; a statement that holds at its level or
 * within its tolerance; a measured rounding error of floats that its bound
 * holds; what is refuted; and what nothing decides. */
enum {
    CERTIFIED,
    CERTIFIED_EXAMPLE,
    VERIFIED,
    MEASURED,
    REFUTED,
    UNDECIDED,
    VERDICTS
};
extern const char *const verdict_names[VERDICTS];
/* Whether a row of that verdict found what it states. */
int is_as_stated(int verdict);

/* The kinds, as column kind has them. */
enum { ROW_KINDS = 7 };
extern const char *const row_kinds[ROW_KINDS];

/* All of DIR/verdicts (each file a table) in natural order of ids, C1.2 before
 * C1.10. 0, or -1 after a line on stderr for each file that is none. */
int verdict_rows_read(verdict_rows *list, const char *dir);
void verdict_rows_free(verdict_rows *list);
/* Of the rows whose id is of the claim called id, or of all for NULL. */
void verdict_rows_count(const verdict_rows *list, const char *id,
                        size_t counts[VERDICTS]);

/* Why nothing was measured for the row, or NULL. */
const char *not_run(const verdict_row *row);

/* The value of "# NAME: value" in the header lines of a table's text, or NULL;
 * the caller frees it. */
char *header_value(const char *text, const char *name);
/* Why rows of the table at path were not run, or NULL; the caller frees it. */
char *not_run_in(const char *path);

/* A number, or a bound such as "<= 0.5", to six digits in text, the middle of a
 * ball to ten; any other field as it is. */
const char *short_number(const char *field, char text[48]);

#endif
