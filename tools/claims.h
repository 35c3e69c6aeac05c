/* claims.h -- the verdicts of all programs in one list. */
#ifndef TOOLS_CLAIMS_H
#define TOOLS_CLAIMS_H

#include "csv.h"

enum {
    CLAIM_ID,
    CLAIM_STATEMENT,
    CLAIM_HYPOTHESES,
    CLAIM_METHOD,
    CLAIM_MEASURED,
    CLAIM_EXPECTED,
    CLAIM_TOLERANCE,
    CLAIM_VERDICT,
    CLAIM_PROGRAM,
    CLAIM_FIELDS
};
extern const char *const claim_columns[CLAIM_FIELDS];

typedef struct {
    const char *field[CLAIM_FIELDS];
    size_t order; /* among the rows as read */
} claim;

typedef struct {
    claim *rows;
    size_t count;
    csv *tables; /* what the rows point into */
    size_t table_count;
} claims;

/* The four verdicts, and how many rows have each. */
enum { VERDICTS = 4 };
extern const char *const verdict_names[VERDICTS];

/* All of DIR/verdicts (each file a table) in natural order of ids, C1.2 before
 * C1.10. 0, or -1 after a line on stderr for each file that is none. */
int claims_read(claims *list, const char *dir);
void claims_free(claims *list);
void claims_count(const claims *list, size_t counts[VERDICTS]);

/* A number, or a bound such as "<= 0.5", to six digits in text; any other
 * field as it is. */
const char *short_number(const char *field, char text[32]);

#endif
