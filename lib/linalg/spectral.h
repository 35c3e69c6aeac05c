/* spectral.h -- the largest singular value of an operator: exactly, from
 * products alone, and from above. */
#ifndef JF_SPECTRAL_H
#define JF_SPECTRAL_H

#include "base/matrix.h"
#include "base/work.h"

/* The largest singular value of w, n vectors of length d that lie step apart
 * with entries stride apart, and its right vector v (d), by the eigenvalues of
 * the Gram matrix (d, d) in double: relative error about d u.  GSL_EMAXITER: the
 * eigenvalues did not converge. */
int jf_largest_singular(size_t n, size_t d, const real *w, size_t step,
                        size_t stride, double *sigma, double *v, jf_work *work);

/* out := A in, or A' in when transposed; A (rows, cols). */
typedef void (*jf_operator)(const void *arg, int transposed, const double *in,
                            double *out);

/* |A|_2 by power iteration on A'A from a start drawn with seed, until |A'A v -
 * sigma^2 v| <= tolerance sigma^2: then A'A has an eigenvalue within that of
 * sigma^2, almost surely its largest.  Never above |A|_2 but for rounding: a
 * bound from below.  GSL_EMAXITER after products of A and A' each; sigma is
 * filled.  GSL_ENOMEM: sigma is NaN. */
int jf_operator_norm(size_t rows, size_t cols, jf_operator a, const void *arg,
                     unsigned long seed, size_t products, double tolerance,
                     double *sigma);

/* Bounds of |A|_2 from above for a matrix a (m, n), rounding included: the
 * Schatten norm (tr (A'A)^4)^(1/8), at most min(m, n)^(1/8) times |A|_2. */
double jf_norm_bound(size_t m, size_t n, const double *a, jf_work *work);

#endif
