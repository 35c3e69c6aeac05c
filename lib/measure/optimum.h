/* optimum.h -- the likelihood that eigenvalues predict, in closed form.
 *
 * Log-likelihoods are in nats per sample; lambda are eigenvalues, descending,
 * of a second-moment matrix S (d, d): the covariance Sigma (division by n)
 * for maps with a bias, the auto-correlation R = Sigma + mu mu' for maps
 * without.  A zero eigenvalue makes an optimum +inf. */
#ifndef JF_OPTIMUM_H
#define JF_OPTIMUM_H

#include "base/matrix.h"
#include "base/team.h"

/* The moments of a table x (n, d), in double: each pointer owns its array. */
typedef struct {
    size_t n, d;
    double *mean;                    /* (d)                    */
    double *sigma, *r;               /* (d, d)                 */
    double *lambda_sigma, *lambda_r; /* (d), descending      */
    size_t rank;                     /* of Sigma, see jf_rank  */
} jf_moments;

/* Two passes, centred before squaring: relative error about d eps.  x is only
 * read.  Eigenvalues that are rounding alone (jf_rank) are set to 0.
 * GSL_EFAILED: the eigenvalue iteration did not converge. */
int jf_moments_of(jf_matrix x, jf_moments *m, jf_team *team);
void jf_moments_free(jf_moments *m);

/* Eigenvalues above lambda_1 max(n, d) eps: the number that rounding leaves. */
size_t jf_rank(size_t n, size_t d, const double *lambda);

/* EIG = -1/2 sum log(2 pi e lambda_i): the optimum of affine flows. */
double jf_eig(size_t d, const double *lambda);

/* EIG(Sigma) - EIG(R) = 1/2 log(1 + mu' Sigma^-1 mu) by Cholesky: what a map
 * without a bias loses.  NaN when Sigma is singular. */
double jf_bias_cost(const jf_moments *m);

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
 *   shared    W = I (x) V, V (c, c): 1/2 (sites log det S_mean - log det S),
 *             S_mean the mean of the diagonal blocks of S */
double jf_gap_diagonal(size_t d, const double *s, const double *lambda);
double jf_gap_scalar(size_t d, const double *lambda);
double jf_gap_special(size_t d, const double *lambda);
double jf_gap_shared(size_t d, size_t c, const double *s, const double *lambda);

/* The affine optimum on n Gaussian samples (Wishart; Muirhead 1982):
 *   gap        E[train - test] = d(d+3) / 2(n-d-2), or d(d+1) / 2(n-d-1)
 *              without a bias and with mean 0; NaN when n is too small
 *   bias       E log det S - log det Sigma = sum psi((n-i)/2) + d log(2/n)
 *   variance   of log det S = sum psi'((n-i)/2) */
double jf_sample_gap(size_t d, size_t n, int with_bias);
double jf_log_det_bias(size_t d, size_t n);
double jf_log_det_variance(size_t d, size_t n);

#endif
