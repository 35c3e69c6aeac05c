/* found.h -- what the rows of a run say: of a claim, of a wording of the
 * abstract, and in all. */
#ifndef TOOLS_FOUND_H
#define TOOLS_FOUND_H

#include "claims.h"
#include "verdict_rows.h"

/* Of a claim, by its rows and those of its parts: holds when all are as stated
 * and its wordings, if any, refuted; fails when one is not; open when it does
 * not fail and one is undecided; no rows. */
typedef enum { HOLDS, FAILS, OPEN, NO_ROW, STATES } claim_state;
extern const char *const state_names[STATES];
claim_state state_of(const verdict_rows *list, const claim *c);

/* What is counted: theorems and claims.  Rows are evidence. */
typedef struct {
    size_t theorems; /* programs of proofs-check all of whose rows of that kind
                        are certified */
    size_t examples; /* and likewise of exact examples, in programs that have
                        no theorem */
    size_t floats;   /* and of measured rounding errors */
    size_t claims[STATES];
    size_t rows;
} totals;
totals totals_of(const verdict_rows *list);

/* "16 theorems certified; ..": a sentence without its full stop. */
void add_totals(jf_text *b, const totals *t);
/* "of 12 claims 11 hold, 1 is open". */
void add_states(jf_text *b, const size_t claims[STATES]);

/* The word on a wording of the abstract, from the rows that its entry names:
 *
 *   open in this run       a row is not there or undecided, or the rows of
 *                          literal or of limits are divided among themselves
 *   false                  a row of support is refuted
 *   false as worded        the rows of literal are refuted
 *   true under hypotheses  they are not, and those of limits are as stated
 *   true                   otherwise
 *
 * open: what rows leave it open, and why, "; " between. */
const char *abstract_word(const verdict_rows *list, const claim_abstract *a,
                          jf_text *open);

/* Whether the row is one that the reference names. */
int is_named(const verdict_row *row, const row_reference *r);

#endif
