/* cosine.h -- what the files of the layer cosine share. */
#ifndef JF_COSINE_H
#define JF_COSINE_H

#include "base/fourier.h"
#include "layer/layers.h"

/* Frequencies k = 0 .. n - 1 along a side of n pixels, and where each lies
 * between the knots: those of piece j, begin[j] .. begin[j + 1] - 1, lie
 * between knots j and j + 1, at share[k] of the way. */
typedef struct {
    size_t n, *begin; /* knots of them */
    real *share;
    double *total; /* by knot: sum over k of its hat function */
    jf_cosines *transform;
} jf_cosine_axis;

typedef struct {
    jf_layer base;
    size_t height, width, channels, knots;
    size_t banded; /* pixels, where ranks can share them (base/bands.h); 0 */
    jf_cosine_axis y, x;
} jf_cosine_layer;

/* theta: a grid (knots, knots) for each entry of the lower triangle, rows of
 * which follow one another. */
static inline size_t jf_cosine_entry(size_t i, size_t j)
{
    return i * (i + 1) / 2 + j;
}

/* f (y.n) := entry of theta along column kx of the frequencies, interpolated;
 * curve (knots) is scratch. */
void jf_cosine_field(const jf_cosine_layer *c, const real *grid, size_t kx,
                     real *curve, real *f);

/* The piece in which frequency k lies. */
size_t jf_cosine_piece(const jf_cosine_layer *c, const jf_cosine_axis *a,
                       size_t k);

/* theta := the maximum of the likelihood of pictures whose coefficients have
 * the mean products power (channels (channels + 1) / 2, width, height), to which
 * it adds what rounding leaves open (cosine_fit.c). */
int jf_cosine_fit(const jf_cosine_layer *c, double *power, size_t pictures,
                  real *theta, jf_work *work);

#endif
