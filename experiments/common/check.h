/* check.h -- claims that need one number each: a table of checks, run in
 * parallel, a row and a verdict for each. */
#ifndef CHECK_H
#define CHECK_H

#include <stdlib.h>

#include "experiment.h"

/* What a check found.  A standard error that the check did not say how to judge
 * is judged as a normal one; without any the tolerance is the check's own. */
typedef jf_finding finding;

typedef struct {
    jf_claim claim;
    const char *name; /* of the case, for the table */
    jf_relation relation;
    double tolerance;
    void (*run)(const experiment *e, finding *f);
} check;

typedef struct {
    const check *check;
    size_t count;
} check_list;

/* Run all checks of the lists; TABLE.csv has a row for each: claim, case, and
 * the fields of the finding. */
void run_checks(experiment *e, const char *table, size_t lists,
                const check_list *list);

/* A stream of its own for each case; row 0. */
static inline gsl_rng *stream(const experiment *e, unsigned long name)
{
    gsl_rng *rng = jf_stream_new();
    jf_stream_seek(rng, e->args.seed, JF_PURPOSE_USER + 300, name, 0);
    return rng;
}

/* The finding of a mean over n values, which are freed. */
static inline void find_mean(finding *f, size_t n, double *values)
{
    jf_sample_moments s = jf_sample_of(n, values);
    f->n = n;
    f->measured = s.mean;
    f->se = s.se;
    free(values);
}

static inline double square(double x)
{
    return x * x;
}

#endif
