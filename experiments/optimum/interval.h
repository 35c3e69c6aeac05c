/* interval.h -- the affine optimum of a law, from a sample of it (C2.9). */
#ifndef OPTIMUM_INTERVAL_H
#define OPTIMUM_INTERVAL_H

#include "jf.h"

/* [nats] EIG(S_n) exceeds EIG(Sigma) by excess in the mean, to first order in
 * 1/n; center is EIG(S_n) less that, and center +- half holds EIG(Sigma) in 95
 * of 100 samples of any law with a finite fourth moment and independent rows,
 * as n grows.  beta: mean |z|^4 of the whitened rows. */
typedef struct {
    double beta, excess, center, half;
} optimum_interval;

/* Of a table x (n, d) and its moments, S_n of full rank, n > d. */
optimum_interval optimum_interval_of(jf_const_matrix x, const jf_moments *m);

/* The excess from beta alone: (beta + d)/(4 n); for d > n/20 the exact one of
 * Gaussian rows, and of beta only what exceeds theirs. */
double optimum_excess(size_t d, size_t n, double beta);

#endif
