/* verdict.h -- what a program found of each claim: OUT/verdicts/PROGRAM.csv.
 *
 * A row says of what kind it is, and the kind decides how it is judged.
 *
 *   identity      holds in exact arithmetic: |measured - expected| is within a
 *                 tolerance that is a derived multiple of rounding.
 *   statistic     holds for a law: a p-value below the row's share of the run's
 *                 level refutes.  Where no null law can be had the tolerance is
 *                 five standard errors, and the row says so.
 *   optimisation  holds at an optimum: the tolerance is what the optimiser may
 *                 leave, and a run that has not arrived leaves it undecided.
 *   wording       a loose wording taken literally, which is to be refuted.
 *
 * Proof programs write rows of three kinds more (proofs-check/ball.h): theorem,
 * example and measurement, decided in ball or exact arithmetic.
 *
 * What is not a number decides nothing: the row is undecided and says why. */
#ifndef JF_VERDICT_H
#define JF_VERDICT_H

#include "args.h"

typedef enum { JF_IDENTITY, JF_STATISTIC, JF_OPTIMISATION, JF_WORDING } jf_kind;

typedef enum { JF_EQUAL, JF_AT_MOST, JF_AT_LEAST } jf_relation;

/* The level of all statistical rows of a run together, and the shares that it
 * is cut into, fixed beforehand: a row has one, and a run has fewer rows. */
#define JF_LEVEL 1e-3
enum { JF_SHARES = 500 };

typedef struct {
    const char *id;         /* one of claims.def, "C3.1" */
    const char *statement;  /* in one sentence */
    const char *hypotheses; /* NULL: those of claims.def */
    const char *method;     /* how measured, and whence the tolerance */
    jf_kind kind;
    const char *broken; /* the wrong formula that the row must catch, as in the
                           check index of theory.md: "V_Z = D" */
} jf_claim;

/* How measured - expected is judged. */
typedef enum {
    JF_BY_TOLERANCE, /* within tolerance                                      */
    JF_BY_ERRORS,    /* normal with standard error se, or Student's t when
                        freedom > 0; exact for the inequality's boundary      */
    JF_BY_P,         /* by p, the caller's: under a null law of its own       */
    JF_BY_FIVE       /* within 5 se: no null law can be had                   */
} jf_law;

enum { JF_OPEN = 96 };

/* What was found.  Fields that a law does not need stay 0. */
typedef struct {
    size_t d, n; /* dimensions; samples, or whatever the case counts */
    double measured, expected;
    jf_law law;
    double tolerance;   /* JF_BY_TOLERANCE                                  */
    double se, freedom; /* of measured - expected                           */
    double p;           /* JF_BY_P: the p-value                             */
    double detectable;  /* JF_BY_P: the smallest error of the stated quantity
                           refuted nine times in ten, found by planting it   */
    double planted_p;   /* JF_BY_P: p with 1.5 detectable planted in the same
                           sample                                            */
    double broken;      /* how much measured - expected changes when the formula
                           is broken as the claim says; JF_BY_P: the p-value
                           that the broken formula gets                      */
    char open[JF_OPEN]; /* not empty: undecided, and why; no comma           */
} jf_finding;

typedef struct jf_verdicts jf_verdicts;
jf_verdicts *jf_verdicts_new(const jf_args *args);

/* A row.  An id that is not in claims.def stops the program with status 1.
 *
 * Columns beside what is given: p_value, of JF_BY_ERRORS and JF_BY_P;
 * tolerance, of JF_BY_ERRORS the critical value times se; detectable, the
 * smallest error that would have been refuted nine times in ten; control, the
 * verdict when 1.5 times that is added to what was measured; broken and
 * broken_error.  With --negative-control broken_error is added before the row
 * is judged, so that it must be refuted (a wording verified). */
void jf_judge(jf_verdicts *v, const jf_claim *claim, jf_relation relation,
              const jf_finding *found);

/* Undecided, since nothing was measured, for a reason of a few words that hold no
 * comma: the method is then "not run: " and the reason. */
void jf_verdict_not_run(jf_verdicts *v, const jf_claim *claim,
                        const char *reason);

/* P(|T| > t), or P(T > t) of an inequality: of a normal variable (freedom 0) or
 * Student's. */
double jf_tail(double t, double freedom, jf_relation relation);

/* The t whose tail is the row's share of the level: 4.75 for the normal law and
 * an equality. */
double jf_critical(double freedom, jf_relation relation);

/* Many cells of one statement as one row: z has (measured - expected) / se of
 * each, with that freedom.  found: JF_BY_P; measured, the worst z of the
 * relation; expected 0; p, the least p of a cell times their count (Bonferroni:
 * any dependence); tolerance, the critical z; detectable, in standard errors of
 * one cell, planted in the first.  A z that is not a number leaves it open. */
void jf_family(jf_finding *found, size_t count, const double *z, double freedom,
               jf_relation relation);

/* found->broken of a family: its p with the z that the broken formula gives. */
void jf_family_broken(jf_finding *found, size_t count, const double *z,
                      double freedom, jf_relation relation);

/* k of n, whose probability is rate (at most, at least): JF_BY_P with the exact
 * binomial tail, which stays valid when the n have unlike probabilities of that
 * mean.  measured: k / n; tolerance: the least excess of k / n over rate (or
 * short of it) that refutes. */
void jf_binomial(jf_finding *found, size_t k, size_t n, double rate,
                 jf_relation relation);

/* The p of k, for planted_p and broken. */
double jf_binomial_p(size_t k, size_t n, double rate, jf_relation relation);

/* Of the claim, or of the claim that id is a part of; NULL when claims.def has
 * no such id. */
const char *jf_claim_hypotheses(const char *id);

/* Write the file (or stop the program with status 1) and print one line of
 * counts on stdout. */
void jf_verdicts_close(jf_verdicts *v);

/* Forget them: not all was there that they are drawn from. */
void jf_verdicts_free(jf_verdicts *v);

#endif
