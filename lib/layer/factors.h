/* factors.h -- ways to write an invertible matrix W by parameters theta.
 *
 * All arrays are double and row-major, theta too.  To add a parameterisation:
 * a constructor here, its three functions and a table in factors.c, and a line
 * of linear.c. */
#ifndef JF_FACTORS_H
#define JF_FACTORS_H

#include <stdint.h>

#include "base/module.h"

typedef struct jf_factors jf_factors;

typedef struct {
    /* theta at which W is orthogonal.  NULL: 0. */
    int (*init)(const jf_factors *f, double *theta, gsl_rng *rng,
                jf_work *work);

    /* W (d, d) and log |det W| [nats].  GSL_ESING: W is singular. */
    int (*build)(const jf_factors *f, const double *theta, double *w,
                 double *log_abs_det, jf_work *work);

    /* dtheta += what dW (d, d), which may be overwritten, and d log|det W|
     * mean for theta; w and w_inverse are W and its inverse. */
    int (*pull)(const jf_factors *f, const double *theta, const double *w,
                const double *w_inverse, double *dw, double dlog,
                double *dtheta, jf_work *work);

    int needs_inverse; /* pull reads w_inverse, otherwise anything */
} jf_factors_ops;

struct jf_factors {
    jf_module module;
    const jf_factors_ops *ops;
    size_t d, k;         /* k: factors of a product, or reflections */
    size_t *permutation; /* row i of P has its one in column [i] */
    double low, high;    /* svd: log singular values stay in [low, high], unless
                         both are 0 */
};

/* NULL: no memory. */
jf_factors *jf_factors_dense(size_t d); /* W (d, d) */
jf_factors *jf_factors_product(size_t d,
                               size_t k);    /* W_k .. W_1, each (d, d) */
jf_factors *jf_factors_triangular(size_t d); /* rows of a lower one      */
jf_factors *jf_factors_plu(size_t d, uint64_t seed); /* (d, d): L, s, U       */
jf_factors *jf_factors_qr(size_t d); /* v (d, d), then rows of R              */
jf_factors *jf_factors_svd(size_t d); /* v, v', s (d) */
jf_factors *jf_factors_svd_bounded(size_t d, double least, double largest);
jf_factors *jf_factors_orthogonal(size_t d, size_t k); /* v (k, d)     */
jf_factors *jf_factors_special(size_t d);              /* A (d, d)     */

/* A permutation of 0 .. d-1 that depends on seed alone; free() it.  NULL: no
 * memory. */
size_t *jf_random_permutation(size_t d, uint64_t seed);

#endif
