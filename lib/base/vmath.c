/* vmath.c -- loops that the compiler turns into calls of glibc's libmvec.
 *
 * This file alone is compiled with -ffast-math, without which GCC does not
 * use libmvec; nothing here tests for NaN or depends on the order of sums.
 * Entries go through in full blocks, the last one padded, so that every entry
 * meets the same instructions wherever it stands. */
#include "base/vmath.h"

#include <math.h>
#include <string.h>

#include "base/clones.h"

#ifdef JF_SINGLE
#define F(name) name##f
#else
#define F(name) name
#endif

enum { BLOCK = 16 };

#define ARRAY_FUNCTION(name)                                                   \
    JF_CLONES static void blocks_##name(size_t n, const real *x, real *y)      \
    {                                                                          \
        _Pragma("omp simd") for (size_t i = 0; i < n; i++) y[i] =              \
            F(name)(x[i]);                                                     \
    }                                                                          \
    void jf_v##name(size_t n, const real *x, real *y)                          \
    {                                                                          \
        size_t whole = n / BLOCK * BLOCK;                                      \
        real rest[BLOCK] = {0};                                                \
        blocks_##name(whole, x, y);                                            \
        if (whole == n)                                                        \
            return;                                                            \
        memcpy(rest, x + whole, (n - whole) * sizeof *rest);                   \
        blocks_##name(BLOCK, rest, rest);                                      \
        memcpy(y + whole, rest, (n - whole) * sizeof *rest);                   \
    }

ARRAY_FUNCTION(exp)
ARRAY_FUNCTION(expm1)
ARRAY_FUNCTION(log1p)
ARRAY_FUNCTION(tanh)
