/* tile.c -- a block of rows by one or two vectors of columns in registers.
 *
 * Every entry is summed over s and k in order, by fused multiply-add where the
 * processor has it (this file alone is compiled with -ffp-contract=fast), so
 * an entry's value does not depend on the block it falls in. */
#include "linalg/tile.h"

#include <string.h>

enum { BLOCK = 6 };

#define INLINE static inline __attribute__((always_inline))

/* The kernel for vectors of a number of bytes, on processors with target. */
#define KERNEL(name, target, bytes)                                            \
    typedef real name##_vector                                                 \
        __attribute__((vector_size(bytes), aligned(sizeof(real)), may_alias)); \
                                                                               \
    /* Add row of sums, of which count entries are wanted, to c. */            \
    target INLINE void name##_store(real *c, name##_vector v, size_t count)    \
    {                                                                          \
        if (count >= bytes / sizeof(real))                                     \
            *(name##_vector *)c = v;                                           \
        else                                                                   \
            memcpy(c, &v, count * sizeof(real));                               \
    }                                                                          \
                                                                               \
    /* Rows i .. i + P - 1, the V vectors from column j on. */                 \
    target INLINE void name##_block(const jf_tile *t, size_t i, size_t j,      \
                                    size_t n, const size_t P, const size_t V)  \
    {                                                                          \
        enum { W = bytes / sizeof(real) };                                     \
        name##_vector sum[BLOCK][2];                                           \
        _Pragma("GCC unroll 6") for (size_t p = 0; p < P; p++)                 \
            _Pragma("GCC unroll 2") for (size_t v = 0; v < V; v++) sum[p][v] = \
                t->start ? *(const name##_vector *)(t->start + j + v * W)      \
                         : (name##_vector){0};                                 \
        const real *b = t->b + j;                                              \
        for (size_t s = 0; s < t->segments; s++) {                             \
            const real *a = t->a[s] + i * t->a_i;                              \
            size_t a_i = t->a_i, a_k = t->a_k;                                 \
            for (size_t k = 0; k < t->depth; k++) {                            \
                name##_vector column[2];                                       \
                _Pragma("GCC unroll 2") for (size_t v = 0; v < V; v++)         \
                    column[v] = *(const name##_vector *)(b + v * W);           \
                _Pragma("GCC unroll 6") for (size_t p = 0; p < P; p++)         \
                    _Pragma("GCC unroll 2") for (size_t v = 0; v < V; v++)     \
                        sum[p][v] += a[p * a_i] * column[v];                   \
                a += a_k;                                                      \
                b += t->b_stride;                                              \
            }                                                                  \
        }                                                                      \
        _Pragma("GCC unroll 6") for (size_t p = 0; p < P; p++)                 \
            _Pragma("GCC unroll 2") for (size_t v = 0; v < V; v++)             \
        {                                                                      \
            size_t at = j + v * W, left = n > at ? n - at : 0;                 \
            real *c = t->c + (i + p) * t->c_stride + at;                       \
            if (t->add) {                                                      \
                name##_vector old = {0};                                       \
                memcpy(&old, c, (left < W ? left : W) * sizeof(real));         \
                sum[p][v] += old;                                              \
            }                                                                  \
            name##_store(c, sum[p][v], left);                                  \
        }                                                                      \
    }                                                                          \
                                                                               \
    target INLINE void name##_columns(const jf_tile *t, size_t m, size_t j,    \
                                      size_t n, const size_t V)                \
    {                                                                          \
        size_t i = 0;                                                          \
        for (; i + BLOCK <= m; i += BLOCK)                                     \
            name##_block(t, i, j, n, BLOCK, V);                                \
        if (i + 4 <= m) {                                                      \
            name##_block(t, i, j, n, 4, V);                                    \
            i += 4;                                                            \
        }                                                                      \
        for (; i < m; i++)                                                     \
            name##_block(t, i, j, n, 1, V);                                    \
    }                                                                          \
                                                                               \
    target static void name(size_t m, size_t n, const jf_tile *t)              \
    {                                                                          \
        enum { W = bytes / sizeof(real) };                                     \
        size_t j = 0;                                                          \
        for (; j + W < n; j += 2 * W)                                          \
            name##_columns(t, m, j, n, 2);                                     \
        if (j < n)                                                             \
            name##_columns(t, m, j, n, 1);                                     \
    }

#if defined(__GNUC__) && defined(__x86_64__)
KERNEL(wide, __attribute__((target("avx512f,prefer-vector-width=512"))), 64)
KERNEL(middle, __attribute__((target("avx2,fma"))), 32)
#endif
KERNEL(narrow, , 16)

void jf_tile_product(size_t m, size_t n, const jf_tile *t)
{
#if defined(__GNUC__) && defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) {
        wide(m, n, t);
        return;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        middle(m, n, t);
        return;
    }
#endif
    narrow(m, n, t);
}
