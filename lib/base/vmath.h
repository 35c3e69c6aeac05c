/* vmath.h -- elementary functions of arrays, y[i] = f(x[i]); y may be x.
 *
 * Accurate to 4 units in the last place (glibc's vector library where there
 * is one).  The value of an entry does not depend on its place in the array.
 * NaN gives NaN. */
#ifndef JF_VMATH_H
#define JF_VMATH_H

#include "base/real.h"

void jf_vexp(size_t n, const real *x, real *y);
void jf_vexpm1(size_t n, const real *x, real *y);
void jf_vlog1p(size_t n, const real *x, real *y);
void jf_vtanh(size_t n, const real *x, real *y);

#endif
