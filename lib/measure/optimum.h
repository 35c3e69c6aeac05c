/* optimum.h -- the likelihood that eigenvalues predict, in closed form.
 *
 * Log-likelihoods are in nats per sample; lambda are eigenvalues, descending,
 * of a second-moment matrix S (d, d): the covariance Sigma (division by n)
 * for maps with a bias, the auto-correlation R = Sigma + mu mu' for maps
 * without.  A zero eigenvalue makes an optimum +inf. */
#ifndef JF_OPTIMUM_H
#define JF_OPTIMUM_H

#include "measure/moments.h"

/* Numbers that need memory (jf_bias_cost and what uses it, jf_gap_shared) are NaN without. */

/* EIG = -1/2 sum log(2 pi e lambda_i): the optimum of affine flows. */
double jf_eig(size_t d, const double *lambda);

/* The same from log det S, which keeps more digits than the eigenvalues when
 * columns differ in units; and EIG of the columns divided by their standard
 * deviations. */
double jf_eig_log_det(size_t d, double log_det);
double jf_standardised(const jf_moments *m);

/* EIG(Sigma) - EIG(R) = 1/2 log(1 + mu' Sigma^-1 mu): what a map without a bias
 * loses.  NaN when Sigma is singular. */
double jf_bias_cost(const jf_moments *m);

/* EIG(R), the optimum without a bias: EIG(Sigma) - jf_bias_cost where Sigma is
 * regular, which loses no digits when the mean is far from 0, as the triangle
 * of R does; from that triangle where Sigma is singular. */
double jf_eig_without_bias(const jf_moments *m);

/* Probabilistic PCA with q components (Tipping and Bishop 1999): the noise
 * variance, the mean of the discarded eigenvalues; the optimum; and EIG minus
 * it, (d - q)/2 log(AM / GM of the discarded).  q < d. */
double jf_ppca_noise(size_t d, const double *lambda, size_t q);
double jf_ppca(size_t d, const double *lambda, size_t q);
double jf_ppca_gap(size_t d, const double *lambda, size_t q);

/* EIG minus the optimum of restricted linear maps z = W x, from S:
 *   diagonal  W diagonal       1/2 (sum log S_ii - sum log lambda_i)
 *   scalar    W = s O, O'O = I d/2 log(AM / GM of lambda)
 *   special   |det W| = 1      d/2 (g - 1 - log g), g = GM of lambda
 *   shared    W = I (x) V, V (c, c): 1/2 (k log det S_mean - log det S),
 *             S_mean the mean of the k = d / c diagonal blocks of S */
double jf_gap_diagonal(size_t d, const double *s, const double *lambda);
double jf_gap_scalar(size_t d, const double *lambda);
double jf_gap_special(size_t d, const double *lambda);
double jf_gap_shared(size_t d, size_t c, const double *s, const double *lambda);

/* The affine optimum on n Gaussian samples (Wishart; Muirhead 1982):
 *   gap        E[train - test] = d(d+3) / 2(n-d-2), or d(d+1) / 2(n-d-1)
 *              without a bias and with mean 0
 *   bias       E log det S - log det Sigma = sum psi((n-i)/2) + d log(2/n)
 *   square     E |z|^2 on fresh data = d(n+1)/(n-d-2); on the n it is d
 *   variance   of log det S = sum psi'((n-i)/2)
 * NaN when n is too small. */
double jf_sample_gap(size_t d, size_t n, int with_bias);
double jf_sample_square(size_t d, size_t n);
double jf_log_det_bias(size_t d, size_t n);
double jf_log_det_variance(size_t d, size_t n);

/* EIG of R = m m' + s^2 I: one data point m with noise, seen by a homogeneous
 * map. */
double jf_point(size_t d, double m_square, double s_square);

/* The optimum of positively homogeneous maps, from the entropy h(U) of the
 * direction by surface measure and E log E[|x|^2 | U]. */
double jf_homogeneous(size_t d, double direction_entropy,
                      double mean_log_square);

/* The optimum of maps with constant |det J|, from the second moment E |X*|^2
 * of the symmetric decreasing rearrangement of the density; and what it lacks
 * to minus the entropy when the density is uniform on any domain. */
double jf_constant_det(size_t d, double square);
double jf_uniform_gap(size_t d);

#endif
