/* texture.h -- Gaussian fields of a known power spectrum, of which it is known
 * what an estimate from few pictures must give.
 *
 * A texture is stationary on the torus of size x size pixels, with mean 1/2 and
 * standard deviation 3/32 in each of 3 channels (24 of 256 levels).  Its
 * spectral matrix at frequency f, cycles a pixel in (-1/2, 1/2]^2, is P(f) C,
 *   P(f) proportional to 1 / ((1/64)^2 + |f|^2), of mean (3/32)^2,
 *   C = 1 .9 .8; .9 1 .9; .8 .9 1
 * like the 1/f^2 of photographs, whose channels differ little. */
#ifndef JF_TEXTURE_H
#define JF_TEXTURE_H

#include <stdint.h>

#include "base/matrix.h"

enum { JF_TEXTURE_CHANNELS = 3 };

/* x (size, size, 3): texture number index, from the streams (seed,
 * JF_PURPOSE_DATA, index, channel size + line).  GSL_ENOMEM. */
int jf_texture(size_t size, uint64_t seed, uint64_t index, real *x);

/* Minus the entropy of a texture [nats]: the optimum of every flow, which an
 * affine one attains.  Bytes floor(256 x) with uniform noise have the same up
 * to what is cut off beyond 5 standard deviations, as no pixel given all
 * others is known to less than a level.  NaN: no memory. */
double jf_texture_optimum(size_t size);

/* P at the bins (size, size / 2 + 1) of the half spectrum (base/fourier.h). */
void jf_texture_spectrum(size_t size, double *p);

#endif
