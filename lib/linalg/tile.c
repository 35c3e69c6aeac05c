/* tile.c -- a block of rows by one or two vectors of columns in registers.
 *
 * Every entry is summed over s and k in order, by fused multiply-add where the
 * processor has it (this file alone is compiled with -ffp-contract=fast), so
 * an entry's value does not depend on the block it falls in. */
#include "linalg/tile.h"

#include "base/clones.h"

enum { PAIRS = 6, BLOCK = 8 }; /* rows of two vectors, and of one */

#define INLINE static inline __attribute__((always_inline))

/* Where the rows of a block start in a and in c, and the next one's place. */
typedef struct {
    size_t a[BLOCK], c[BLOCK];
    size_t next_a, next_c, in_run;
} places;

INLINE void take_rows(const jf_tile *t, places *at, size_t count)
{
    for (size_t p = 0; p < count; p++) {
        at->a[p] = at->next_a;
        at->c[p] = at->next_c;
        at->next_a += t->a_i;
        at->next_c += t->c_stride;
        if (++at->in_run == t->run) {
            at->next_a += t->a_run - t->run * t->a_i;
            at->next_c += t->c_run - t->run * t->c_stride;
            at->in_run = 0;
        }
    }
}

/* Statements for every row p < P, and for every vector v < V: unrolled here,
 * as Clang 14 to 16 does so too late to keep sums in registers. */
#define ROW(k, ...)                                                            \
    if (k < P) {                                                               \
        enum { p = k };                                                        \
        __VA_ARGS__                                                            \
    }
#define EACH_ROW(...)                                                          \
    ROW(0, __VA_ARGS__)                                                        \
    ROW(1, __VA_ARGS__)                                                        \
    ROW(2, __VA_ARGS__)                                                        \
    ROW(3, __VA_ARGS__)                                                        \
    ROW(4, __VA_ARGS__)                                                        \
    ROW(5, __VA_ARGS__)                                                        \
    ROW(6, __VA_ARGS__)                                                        \
    ROW(7, __VA_ARGS__)
#define VECTOR(k, ...)                                                         \
    if (k < V) {                                                               \
        enum { v = k };                                                        \
        __VA_ARGS__                                                            \
    }
#define EACH_VECTOR(...)                                                       \
    VECTOR(0, __VA_ARGS__)                                                     \
    VECTOR(1, __VA_ARGS__)

/* The entry of column j of a row of c. */
INLINE void finish_entry(const jf_tile *t, size_t at, size_t j, real sum)
{
    real *c = t->c + at + j;
    real u = t->add ? *c + sum : sum;
    u = t->bias ? u + t->bias[j] : u;
    *c = t->relu && u < 0 ? 0 : u;
}

/* The first count columns of a block from column j on, fewer than its width, of
 * its sums (rows, width).  Not inline, as it would be in fifty places. */
static __attribute__((noinline)) void finish(const jf_tile *t, const places *at,
                                             size_t rows, size_t width,
                                             const real *sum, size_t j,
                                             size_t count)
{
    for (size_t p = 0; p < rows; p++, sum += width)
        for (size_t e = 0; e < count; e++)
            finish_entry(t, at->c[p], j + e, sum[e]);
}

/* What every vector is a number of. */
typedef real quarter
    __attribute__((vector_size(16), aligned(sizeof(real)), may_alias));
enum { LAST = 16 / sizeof(real) - 1 };

/* The kernel for vectors of a number of bytes, on processors with target. */
#define KERNEL(name, target, bytes)                                            \
    typedef real name##_vector                                                 \
        __attribute__((vector_size(bytes), aligned(sizeof(real)), may_alias)); \
                                                                               \
    typedef __typeof__((name##_vector){0} < (name##_vector){0}) name##_mask;   \
                                                                               \
    /* The entries of a row from column j on. */                               \
    target INLINE void name##_store(const jf_tile *t, size_t at, size_t j,     \
                                    name##_vector v)                           \
    {                                                                          \
        name##_vector *c = (name##_vector *)(t->c + at + j);                   \
        if (t->add)                                                            \
            v += *c;                                                           \
        if (t->bias)                                                           \
            v += *(const name##_vector *)(t->bias + j);                        \
        if (t->relu)                                                           \
            v = (name##_vector)(~(v < 0) & (name##_mask)v);                    \
        *c = v;                                                                \
    }                                                                          \
                                                                               \
    /* P rows, the V vectors from column j on. */                              \
    target INLINE void name##_block(const jf_tile *t, const places *at,        \
                                    size_t j, size_t n, const size_t P,        \
                                    const size_t V)                            \
    {                                                                          \
        enum { W = bytes / sizeof(real) };                                     \
        name##_vector sum[BLOCK][2], column[2], start[2] = {{0}};              \
        if (t->start) {                                                        \
            EACH_VECTOR(start[v] =                                             \
                            *(const name##_vector *)(t->start + j + v * W);)   \
        }                                                                      \
        EACH_ROW(EACH_VECTOR(sum[p][v] = start[v];))                           \
        const real *b = t->b + j;                                              \
        size_t a_k = t->a_k, b_stride = t->b_stride, depth = t->depth;         \
        for (size_t s = 0; s < t->segments; s++) {                             \
            const real *a[BLOCK];                                              \
            EACH_ROW(a[p] = t->a[s] + at->a[p];)                               \
            for (size_t k = 0, ka = 0; k < depth; k++, ka += a_k) {            \
                EACH_VECTOR(column[v] = *(const name##_vector *)(b + v * W);)  \
                EACH_ROW(EACH_VECTOR(sum[p][v] += a[p][ka] * column[v];))      \
                b += b_stride;                                                 \
            }                                                                  \
        }                                                                      \
        if (j + V * W <= n || t->spill) {                                      \
            EACH_ROW(                                                          \
                EACH_VECTOR(name##_store(t, at->c[p], j + v * W, sum[p][v]);)) \
            return;                                                            \
        }                                                                      \
        name##_vector rest[BLOCK * 2];                                         \
        EACH_ROW(EACH_VECTOR(rest[p * V + v] = sum[p][v];))                    \
        finish(t, at, P, V *W, (const real *)rest, j, n - j);                  \
    }                                                                          \
                                                                               \
    target INLINE void name##_columns(const jf_tile *t, size_t m, size_t j,    \
                                      size_t n, const size_t V)                \
    {                                                                          \
        places at = {{0}, {0}, 0, 0, 0};                                       \
        size_t i = 0;                                                          \
        const size_t most = V == 1 ? BLOCK : PAIRS;                            \
        for (; i + most <= m && (V == 1 || m - i != 8); i += most) {           \
            take_rows(t, &at, most);                                           \
            name##_block(t, &at, j, n, most, V);                               \
        }                                                                      \
        for (; i + 4 <= m; i += 4) {                                           \
            take_rows(t, &at, 4);                                              \
            name##_block(t, &at, j, n, 4, V);                                  \
        }                                                                      \
        if (i + 2 <= m) {                                                      \
            take_rows(t, &at, 2);                                              \
            name##_block(t, &at, j, n, 2, V);                                  \
            i += 2;                                                            \
        }                                                                      \
        for (; i < m; i++) {                                                   \
            take_rows(t, &at, 1);                                              \
            name##_block(t, &at, j, n, 1, V);                                  \
        }                                                                      \
    }                                                                          \
                                                                               \
    /* P rows from i on by V rows of b from j on. */                           \
    target INLINE void name##_dot_block(const jf_tile *t, size_t i, size_t j,  \
                                        const size_t P, const size_t V)        \
    {                                                                          \
        enum { W = bytes / sizeof(real) };                                     \
        union {                                                                \
            name##_vector v;                                                   \
            real e[W];                                                         \
        } sum[BLOCK][2];                                                       \
        const real *a = t->a[0] + i * t->a_i, *b = t->b + j * t->b_stride;     \
        size_t a_i = t->a_i, b_j = t->b_stride, depth = t->depth, k = 0;       \
        name##_vector part[BLOCK][2], column[2];                               \
        EACH_ROW(EACH_VECTOR(part[p][v] = (name##_vector){0};))                \
        for (; k + W <= depth; k += W) {                                       \
            EACH_VECTOR(column[v] =                                            \
                            *(const name##_vector *)(b + v * b_j + k);)        \
            EACH_ROW(name##_vector x =                                         \
                         *(const name##_vector *)(a + p * a_i + k);            \
                     EACH_VECTOR(part[p][v] += x * column[v];))                \
        }                                                                      \
        EACH_ROW(EACH_VECTOR(sum[p][v].v = part[p][v];))                       \
        for (size_t p = 0; p < P; p++)                                         \
            for (size_t v = 0; v < V; v++) {                                   \
                const quarter *e = (const quarter *)sum[p][v].e;               \
                quarter four = e[0];                                           \
                for (size_t q = 1; q < bytes / sizeof(quarter); q++)           \
                    four += e[q];                                              \
                real total = four[0] + four[1];                                \
                if (sizeof(quarter) > 2 * sizeof(real))                        \
                    total += four[LAST - 1] + four[LAST];                      \
                for (size_t q = k; q < depth; q++)                             \
                    total += a[p * a_i + q] * b[v * b_j + q];                  \
                finish_entry(t, (i + p) * t->c_stride, j + v, total);          \
            }                                                                  \
    }                                                                          \
                                                                               \
    target static void name##_dots(size_t m, size_t n, const jf_tile *t)       \
    {                                                                          \
        for (size_t j = 0; j < n; j += 2) {                                    \
            size_t i = 0;                                                      \
            for (; i + 4 <= m; i += 4)                                         \
                if (j + 2 <= n)                                                \
                    name##_dot_block(t, i, j, 4, 2);                           \
                else                                                           \
                    name##_dot_block(t, i, j, 4, 1);                           \
            for (; i < m; i++)                                                 \
                if (j + 2 <= n)                                                \
                    name##_dot_block(t, i, j, 1, 2);                           \
                else                                                           \
                    name##_dot_block(t, i, j, 1, 1);                           \
        }                                                                      \
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

#if JF_X86
KERNEL(wide, JF_WIDE, 64)
KERNEL(middle, JF_MIDDLE, 32)
#endif
KERNEL(narrow, , 16)

#if JF_X86
#define BEST(f, ...)                                                           \
    if (jf_has_wide())                                                         \
        wide##f(__VA_ARGS__);                                                  \
    else if (jf_has_middle())                                                  \
        middle##f(__VA_ARGS__);                                                \
    else                                                                       \
        narrow##f(__VA_ARGS__)
#else
#define BEST(f, ...) narrow##f(__VA_ARGS__)
#endif

void jf_tile_product(size_t m, size_t n, const jf_tile *t)
{
    BEST(, m, n, t);
}

void jf_tile_dots(size_t m, size_t n, const jf_tile *t)
{
    BEST(_dots, m, n, t);
}
