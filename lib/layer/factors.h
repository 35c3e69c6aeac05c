/* factors.h -- ways to write an invertible matrix W by parameters theta.
 *
 * All arrays are double and row-major.  To add a parameterisation: a table
 * here, its four functions in factors.c, and a constructor in linear.c. */
#ifndef JF_FACTORS_H
#define JF_FACTORS_H

#include <stdint.h>

#include <gsl/gsl_rng.h>

#include "base/work.h"

typedef struct jf_factors jf_factors;

typedef struct {
    size_t (*count)(const jf_factors *f); /* reals in theta */

    /* theta at which W is orthogonal. */
    void (*init)(const jf_factors *f, double *theta, gsl_rng *rng,
                 jf_work *work);

    /* W (d, d) and log |det W| [nats].  GSL_ESING: W is singular. */
    int (*build)(const jf_factors *f, const double *theta, double *w,
                 double *log_abs_det, jf_work *work);

    /* dtheta += what dW (d, d), which may be overwritten, and d log|det W|
     * mean for theta; w and w_inverse are W and its inverse. */
    int (*pull)(const jf_factors *f, const double *theta, const double *w,
                const double *w_inverse, double *dw, double dlog,
                double *dtheta, jf_work *work);

    int inverts; /* pull reads w_inverse, otherwise anything */
} jf_factors_ops;

struct jf_factors {
    const jf_factors_ops *ops;
    size_t d, k;         /* k: factors of a product, or reflections */
    size_t *permutation; /* row i of P has its one in column [i] */
    double low, high;    /* svd: log singular values stay in [low, high], unless
                         both are 0 */
};

extern const jf_factors_ops jf_factors_dense; /* W_k .. W_1, k (d, d)        */
extern const jf_factors_ops jf_factors_triangular; /* rows of a lower one    */
extern const jf_factors_ops jf_factors_plu; /* (d, d): L below, U above, s   */
extern const jf_factors_ops jf_factors_qr;  /* v (k, d), then rows of R      */
extern const jf_factors_ops jf_factors_svd; /* v (k, d), v' (k, d), s (d)    */
extern const jf_factors_ops jf_factors_orthogonal; /* v (k, d)               */
extern const jf_factors_ops jf_factors_special;    /* A (d, d)               */

/* A permutation of 0 .. d-1 that depends on seed alone; free() it.  NULL:
 * no memory. */
size_t *jf_random_permutation(size_t d, uint64_t seed);

#endif
