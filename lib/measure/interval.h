/* interval.h -- the affine optimum of a law, from a sample of it.
 *
 * The fourth moment of the whitened rows tells how far EIG(S_n) lies from EIG
 * of the law's covariance: the delta method, theory/theory.md, C2.9. */
#ifndef JF_INTERVAL_H
#define JF_INTERVAL_H

#include "measure/moments.h"

/* [nats] EIG(S_n) exceeds EIG(Sigma) by excess in the mean, (beta + d)/(4 n) to
 * first order, beta the mean |z|^4 of the whitened rows; center is EIG(S_n)
 * less that, and center +- half, 1.96 (beta - d^2)^1/2 / (2 n^1/2), holds
 * EIG(Sigma) in 95 of 100 samples of any law with a finite fourth moment and
 * independent rows, as n grows.  For d > n/20 both are corrected: exact for
 * Gaussian rows. */
typedef struct {
    double beta, excess, center, half;
} jf_interval;

/* Of a table x (n, d) and its moments, S_n of full rank, n > d; squares (n),
 * unless NULL, := |z|^2 of its rows, which sum to n d.  GSL_ENOMEM: no memory
 * for n d numbers. */
int jf_interval_of(jf_const_matrix x, const jf_moments *m, double *squares,
                   jf_interval *out);

#endif
