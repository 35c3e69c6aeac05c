/* shears.h -- linear additive couplings of two halves: what so many of them
 * lose, and those that lose nothing.
 *
 * The columns a are the first p = floor(d / 2), b the others; shears x_b += B
 * x_a and x_a += A x_b alternate, the first updates b, and one scalar follows.
 * With c = (det S)^(1/d) the eigenvalues t_1 <= .. <= t_q of Cov(x_b | x_a) / c
 * decide: three shears reach W S W' = c I for every even d, and for odd d if
 * and only if t_1 <= 1 <= t_q; four if t_1 <= 1; five always.  Proof: the head
 * of proofs-check/linear_couplings.c. */
#ifndef JF_SHEARS_H
#define JF_SHEARS_H

#include <stddef.h>

/* EIG minus the optimum of k shears and a scalar, S (d, d) positive definite
 * [nats]: d/2 log(tau / d), tau the least trace of W S W' / c.  NaN when S is
 * not positive definite, and without memory. */
double jf_gap_shears(size_t d, size_t k, const double *s);

/* w (d, d) := the product of shears with w S w' = c I, of determinant 1; count
 * of them, 3 to 5 (0 for d = 1), as few as the theorem allows but for those S
 * that two reach.  Rounding: 2^-53 times the condition of S and of w.
 * GSL_ESING: S is not positive definite; GSL_ENOMEM; GSL_EMAXITER: eigenvalues
 * did not converge. */
int jf_shears(size_t d, const double *s, double *w, size_t *count);

#endif
