/* optimum_check.h -- claims that need one number each, and no training of
 * consequence. */
#ifndef OPTIMUM_CHECK_H
#define OPTIMUM_CHECK_H

#include "optimum.h"

/* What a check found.  A standard error above 0 makes the tolerance five of
 * them; otherwise it is the check's own. */
typedef struct {
    size_t d, n; /* dimensions; samples, or whatever the case counts */
    double measured, expected, se;
} finding;

typedef struct {
    jf_claim claim;
    const char *name; /* of the case, for the table */
    jf_relation relation;
    double tolerance;
    void (*run)(const optimum *o, finding *f);
} check;

extern const check checks_unique[], checks_finite[], checks_points[],
    checks_classes[];
extern const size_t n_checks_unique, n_checks_finite, n_checks_points,
    n_checks_classes;

/* log of the mean over k of N(x; center_k, s^2 I); center (n, d). */
double log_mixture(size_t n, size_t d, const double *center, double s,
                   const double *x);

/* Actnorm and four affine couplings on R^2, nets of 8 hidden units, scales
 * clamped to e^+-2. */
jf_layer *check_flow(void);

/* A stream of its own for each case; row 0. */
static inline gsl_rng *stream(const optimum *o, unsigned long name)
{
    gsl_rng *rng = jf_stream_new();
    jf_stream_seek(rng, o->args.seed, JF_PURPOSE_USER + 300, name, 0);
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
