/* real.h -- the one number type of the library, chosen by the build.
 *
 * real is double, or float under -DJF_SINGLE; meson builds the library once
 * each way.  R(0.5) is the constant in that type.  Sums over more than one row
 * and every log_abs_det are double in both builds. */
#ifndef JF_REAL_H
#define JF_REAL_H

#include <float.h>
#include <stddef.h>

#ifdef JF_SINGLE
typedef float real;
#define R(x) x##f
#define JF_EPS FLT_EPSILON /* 2^-23: twice the unit roundoff */
#define JF_PRECISION "float"
#else
typedef double real;
#define R(x) x
#define JF_EPS DBL_EPSILON /* 2^-52: twice the unit roundoff */
#define JF_PRECISION "double"
#endif

#define JF_LOG_2PI 1.83787706640934548356 /* log(2 pi) */

#endif
