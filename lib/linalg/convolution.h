/* convolution.h -- a 3 x 3 convolution with zero padding as an operator on
 * images, and its norm from both sides. */
#ifndef JF_CONVOLUTION_H
#define JF_CONVOLUTION_H

#include "base/work.h"

/* Images (height, width, n_in) to (height, width, n_out), w (3, 3, n_in,
 * n_out): the taps are those of jf_convnet. */
typedef struct {
    size_t height, width, n_in, n_out;
    const real *w;
} jf_convolution;

/* out := A in, or A' in; arg is a jf_convolution, as a jf_operator wants. */
void jf_convolution_apply(const void *arg, int transposed, const double *in,
                          double *out);

/* |A|_2 of the operator itself, border and all, by jf_operator_norm: from
 * below, within tolerance of its square almost surely. */
int jf_convolution_norm(const jf_convolution *a, unsigned long seed,
                        size_t products, double tolerance, double *sigma);

/* A bound of |A|_2 from above that holds for every height and width, rounding
 * included; with min = min(n_in, n_out), at most 1.02 (2 min)^(1/8) times the
 * norm on large images. */
double jf_convolution_bound(const jf_convolution *a, jf_work *work);

#endif
