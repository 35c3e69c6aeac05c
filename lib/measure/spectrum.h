/* spectrum.h -- the likelihood that power spectra predict for images.
 *
 * Images (height, width, channels C) are seen as signals on the torus, x^(k) =
 * sum_p x(p) exp(-2 pi i k.p) at the N = height width frequencies k, and flows
 * as circular convolutions.  Of a set of M images the spectral matrices are
 *   S(k) = 1/(M N) sum x^(k) x^(k)*,    (C, C) Hermitian,
 * the eigenblocks of the circulant auto-correlation matrix.  There is no bias:
 * the mean is part of k = 0.  Log-likelihoods are in nats per image. */
#ifndef JF_SPECTRUM_H
#define JF_SPECTRUM_H

#include "base/fourier.h"
#include "base/matrix.h"
#include "base/team.h"

/* Accumulates the spectral matrices of a set. */
typedef struct {
    size_t height, width, channels, images; /* images: so far             */
    double *sum;  /* (bins, C, C): sums of x^ x^* / N; a lower triangle holds
                     the real parts, what is above it minus the imaginary
                     parts of the transposed entries                       */
    double *wave; /* (C, bins, 2): transforms of one image         */
    jf_fourier *fourier; /* of one channel                                */
} jf_spectrum;

jf_spectrum *jf_spectrum_new(size_t height, size_t width, size_t channels);
void jf_spectrum_free(jf_spectrum *s);

/* image (height, width, channels), channels last. */
void jf_spectrum_add(jf_spectrum *s, const real *image);

/* Replace each S(k) by the mean of those of like length of k: rings of width 1
 * up to length 16 (in units of the lowest frequency), of 5 % beyond; k = 0 stays
 * by itself.  Few images then make a good estimate, if the truth depends on
 * the length of k alone.  GSL_ENOMEM. */
int jf_spectrum_smooth(jf_spectrum *s);

/* The optimum of convolutions over all channels on the set,
 *   -1/2 sum_k (C log(2 pi e) + log det S(k));
 * +inf when some S(k) is singular, as with fewer images than channels. */
double jf_spectrum_optimum(const jf_spectrum *s);

/* The same of a convolution for each channel apart, from the diagonals, which
 * one image makes finite. */
double jf_spectrum_by_channel(const jf_spectrum *s);

/* The log-likelihood of another image under the Gaussian with the spectral
 * matrices of s, -1/2 sum_k (C log(2 pi) + log det S + x^* S^-1 x^ / N).
 * GSL_ESING: a matrix is singular. */
int jf_spectrum_nats(jf_spectrum *s, const real *image, double *nats);

/* E of jf_spectrum_optimum - the optimum of the truth, for M images of a
 * Gaussian field: S(k) is Wishart, complex but at the frequencies that are
 * their own negatives.  variance (may be NULL) is that of the same.  NaN when
 * M < C. */
double jf_spectrum_excess(size_t height, size_t width, size_t channels,
                          size_t images, double *variance);

/* E of that optimum - the log-likelihood of another image of the same field
 * (jf_spectrum_nats): E tr(S(k)^-1 truth) is C M / (M - C), or C M / (M - C - 1)
 * where the matrix is real.  NaN when M < C + 2. */
double jf_spectrum_gap(size_t height, size_t width, size_t channels,
                       size_t images);

/* EIG(Sigma + floor I) of the rows of x (n, d), from the n eigenvalues of their
 * Gram matrix, so that d may be a million, or, where n > d, from the d of their
 * covariance (jf_moments_of, whose failures it has).  With noise of that variance
 * it is the affine optimum although Sigma has rank below n; a dequantised level
 * has 1/12 of its width squared.  GSL_EBADLEN: no rows or columns. */
int jf_gram_eig(jf_const_matrix x, double floor, double *nats, jf_team *team);

#endif
