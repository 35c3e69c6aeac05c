/* verdict.h -- what a program found of each claim: OUT/verdicts/PROGRAM.csv.
 *
 * A claim is verified when the measured value meets the expected one within a
 * tolerance that the caller states beside the claim, refuted when it does not,
 * and undecided when the measured value is not a number. */
#ifndef JF_VERDICT_H
#define JF_VERDICT_H

#include "args.h"

typedef struct {
    const char *id;         /* one of claims.def, "C3.1" */
    const char *statement;  /* in one sentence */
    const char *hypotheses; /* NULL: those of claims.def */
    const char *method;     /* how measured, and whence the tolerance */
} jf_claim;

typedef enum { JF_EQUAL, JF_AT_MOST, JF_AT_LEAST } jf_relation;

typedef struct jf_verdicts jf_verdicts;
jf_verdicts *jf_verdicts_new(const jf_args *args);

/* measured = expected, <= it or >= it, within tolerance.  An id that is not in
 * claims.def stops the program with status 1. */
void jf_verdict(jf_verdicts *v, const jf_claim *claim, double measured,
                jf_relation relation, double expected, double tolerance);

/* Undecided, since nothing was measured, for a reason of a few words that hold no
 * comma: the method is then "not run: " and the reason. */
void jf_verdict_not_run(jf_verdicts *v, const jf_claim *claim,
                        const char *reason);

/* Of the claim, or of the claim that id is a part of; NULL when claims.def has
 * no such id. */
const char *jf_claim_hypotheses(const char *id);

/* Write the file (or stop the program with status 1) and print one line of
 * counts on stdout. */
void jf_verdicts_close(jf_verdicts *v);

#endif
