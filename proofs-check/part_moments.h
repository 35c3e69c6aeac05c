/* part_moments.h -- moments of a part of an axis: integrals of t^k, k = 0 ..
 * DEGREE, over x = c + h t, -1 <= t <= 1. */
#ifndef PART_MOMENTS_H
#define PART_MOMENTS_H

#include "taylor_models.h"

enum { MOMENT_BITS = 192 };

/* phi(x) and P(N > x) of N(0, 1). */
void normal_density(arb_t phi, const arb_t x);
void normal_above(arb_t p, const arb_t x);

/* m (DEGREE + 1): against N(0, 1); against Lebesgue measure. */
void moments_normal(arb_ptr m, const arb_t c, const arb_t h);
void moments_uniform(arb_ptr m, const arb_t h);

#endif
