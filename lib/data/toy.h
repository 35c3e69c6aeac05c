/* toy.h -- densities that are known exactly: samples, log-density, entropy,
 * covariance.  Likelihoods of flows have floors to be held against.  A number
 * that is found by quadrature is NaN where there is no memory for it. */
#ifndef JF_TOY_H
#define JF_TOY_H

#include <gsl/gsl_rng.h>

#include "base/matrix.h"

typedef struct jf_toy jf_toy;
struct jf_toy {
    const char *name, *about;
    size_t d;
    void (*sample)(double *x, gsl_rng *rng); /* one row                */
    double (*log_density)(const double *x);  /* normalised [nats]      */
    double (*entropy)(double *error);        /* [nats] and its bound   */
    void (*moments)(double *mean, double *covariance); /* (d), (d, d)    */
};

/* The table of all of them, count in *count, and one by name; NULL: none. */
const jf_toy *jf_toys(size_t *count);
const jf_toy *jf_toy_find(const char *name);

/* x (n, d): row i from the stream (seed, JF_PURPOSE_DATA, 0, i). */
void jf_toy_fill(const jf_toy *toy, jf_matrix x, unsigned long seed);

#endif
