/* vmath.c -- elementary functions by glibc's vector library, libmvec.
 *
 * Its functions are called by their names in the x86-64 vector ABI: GCC would
 * find them by itself, but only under -ffast-math, and Clang not all of them.
 * Entries go through in full blocks, the last one padded, so that every entry
 * meets the same instructions wherever it stands. */
#include "base/vmath.h"

#include <math.h>
#include <string.h>

#include "base/clones.h"

enum { BLOCK = 16 };

#ifdef JF_SINGLE
#define F(name) name##f
#define MVEC(isa, doubles, floats, name) _ZGV##isa##N##floats##v_##name##f
#else
#define F(name) name
#define MVEC(isa, doubles, floats, name) _ZGV##isa##N##doubles##v_##name
#endif

#if JF_X86 && defined(__GLIBC__) && __GLIBC_PREREQ(2, 35)
/* A loop over vectors of a number of bytes; n is a multiple of BLOCK. */
#define VECTOR_TYPE(type, bytes)                                               \
    typedef real type                                                          \
        __attribute__((vector_size(bytes), aligned(sizeof(real)), may_alias));
VECTOR_TYPE(wide, 64)
VECTOR_TYPE(middle, 32)
VECTOR_TYPE(narrow, 16)

#define LOOP(target, type, symbol, name)                                       \
    target type symbol(type x);                                                \
    target static void type##_##name(size_t n, const real *x, real *y)         \
    {                                                                          \
        for (size_t i = 0; i < n; i += sizeof(type) / sizeof(real))            \
            *(type *)(y + i) = symbol(*(const type *)(x + i));                 \
    }

#define BLOCKS(name)                                                           \
    LOOP(JF_WIDE, wide, MVEC(e, 8, 16, name), name)                            \
    LOOP(JF_MIDDLE, middle, MVEC(d, 4, 8, name), name)                         \
    LOOP(, narrow, MVEC(b, 2, 4, name), name)                                  \
    static void blocks_##name(size_t n, const real *x, real *y)                \
    {                                                                          \
        if (jf_has_wide())                                                     \
            wide_##name(n, x, y);                                              \
        else if (jf_has_middle())                                              \
            middle_##name(n, x, y);                                            \
        else                                                                   \
            narrow_##name(n, x, y);                                            \
    }
#else
#define BLOCKS(name)                                                           \
    static void blocks_##name(size_t n, const real *x, real *y)                \
    {                                                                          \
        for (size_t i = 0; i < n; i++)                                         \
            y[i] = F(name)(x[i]);                                              \
    }
#endif

#define ARRAY_FUNCTION(name)                                                   \
    BLOCKS(name)                                                               \
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
