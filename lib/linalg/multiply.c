/* multiply.c -- matrix products: panels of op(b), a block of its rows by some
 * columns, stay in the first cache while all rows of op(a) go by.
 *
 * OpenBLAS's kernels are as good where it knows the processor; on one that is
 * newer than itself it falls back on vectors half as long, and its calls cost
 * more than a product of 64 x 64 should. */
#include "linalg/multiply.h"

#include <string.h>

#include "base/clones.h"
#include "linalg/tile.h"

/* A panel is DEPTH rows by BYTES bytes of columns, two of the longest vectors;
 * ROWS of op(a) stay in the second cache. */
enum { DEPTH = 256, BYTES = 128, PANEL = BYTES / sizeof(real), ROWS = 512 };

#if defined(__clang__) || __GNUC__ >= 12
#define FOUR 4
typedef real four __attribute__((vector_size(4 * sizeof(real)),
                                 aligned(sizeof(real)), may_alias));

/* to (4, 4) := from', rows stride and step apart. */
static inline void transpose_four(const real *from, size_t stride, real *to,
                                  size_t step)
{
    four a = *(const four *)from, b = *(const four *)(from + stride);
    four c = *(const four *)(from + 2 * stride);
    four d = *(const four *)(from + 3 * stride);
    four ac = __builtin_shufflevector(a, c, 0, 4, 1, 5);
    four bd = __builtin_shufflevector(b, d, 0, 4, 1, 5);
    *(four *)to = __builtin_shufflevector(ac, bd, 0, 4, 1, 5);
    *(four *)(to + step) = __builtin_shufflevector(ac, bd, 2, 6, 3, 7);
    ac = __builtin_shufflevector(a, c, 2, 6, 3, 7);
    bd = __builtin_shufflevector(b, d, 2, 6, 3, 7);
    *(four *)(to + 2 * step) = __builtin_shufflevector(ac, bd, 0, 4, 1, 5);
    *(four *)(to + 3 * step) = __builtin_shufflevector(ac, bd, 2, 6, 3, 7);
}
#else
#define FOUR 1
static inline void transpose_four(const real *from, size_t stride, real *to,
                                  size_t step)
{
    (void)stride, (void)step;
    *to = *from;
}
#endif

/* panel (depth, PANEL) := columns of b', which are rows of b; the four rows
 * after those in hand are on their way to the cache meanwhile. */
static void pack_transposed(jf_const_matrix b, size_t cols, size_t depth,
                            real *panel)
{
    size_t j = 0, whole = depth / FOUR * FOUR;
    for (; j + FOUR <= cols; j += FOUR) {
        const real *from = jf_const_row(b, j);
        for (size_t k = 0; k < whole; k += FOUR) {
            __builtin_prefetch(from + (4 + k / 4 % 4) * b.stride + k);
            transpose_four(from + k, b.stride, panel + k * PANEL + j, PANEL);
        }
        for (size_t k = whole; k < depth; k++)
            for (size_t i = 0; i < FOUR; i++)
                panel[k * PANEL + j + i] = from[i * b.stride + k];
    }
    for (; j < cols; j++)
        for (size_t k = 0; k < depth; k++)
            panel[k * PANEL + j] = jf_const_row(b, j)[k];
}

/* panel := rows first .. of columns j .. of op(b), the rest of it zero. */
static void pack(jf_op op_b, jf_const_matrix b, size_t first, size_t depth,
                 size_t j, size_t cols, real *panel)
{
    if (cols < PANEL)
        memset(panel, 0, depth * PANEL * sizeof *panel);
    if (op_b == JF_TRANSPOSED) {
        b = jf_const_columns(jf_const_rows(b, j, cols), first, depth);
        pack_transposed(b, cols, depth, panel);
        return;
    }
    for (size_t k = 0; k < depth; k++)
        memcpy(panel + k * PANEL, jf_const_row(b, first + k) + j,
               cols * sizeof *panel);
}

/* Rows i .. of c, and of the depth those from first on. */
static void add_block(const jf_multiplication *f, size_t i, size_t rows,
                      size_t first, size_t depth, jf_matrix c)
{
    real panel[DEPTH * PANEL] __attribute__((aligned(64)));
    int straight = f->op_a == JF_PLAIN;
    size_t a_i = straight ? f->a.stride : 1, a_k = straight ? 1 : f->a.stride;
    int last = first + depth == (straight ? f->a.cols : f->a.rows);
    jf_tile t = {.a = {f->a.data + i * a_i + first * a_k},
                 .segments = 1,
                 .depth = depth,
                 .a_i = a_i,
                 .a_k = a_k,
                 .c_stride = c.stride,
                 .add = f->add || first > 0,
                 .relu = f->relu && last};
    for (size_t j = 0, cols; j < c.cols; j += cols) {
        cols = c.cols - j < PANEL ? c.cols - j : PANEL;
        t.c = jf_row(c, i) + j;
        t.b = panel;
        t.b_stride = PANEL;
        t.bias = f->bias && last ? f->bias + j : NULL;
        if (f->op_b == JF_PLAIN && cols == PANEL) {
            t.b = jf_const_row(f->b, first) + j;
            t.b_stride = f->b.stride;
        } else {
            pack(f->op_b, f->b, first, depth, j, cols, panel);
        }
        jf_tile_product(rows, cols, &t);
    }
}

int jf_multiply_is_faster(jf_op op_a, jf_op op_b, size_t depth, jf_matrix c)
{
#if JF_X86
    return jf_has_middle() &&
           !(op_a == JF_TRANSPOSED && op_b == JF_TRANSPOSED) && depth > 0 &&
           c.rows > 1 && c.cols > 1;
#else
    (void)op_a, (void)op_b, (void)depth, (void)c;
    return 0;
#endif
}

void jf_multiply(const jf_multiplication *f, jf_matrix c)
{
    size_t k = f->op_a == JF_PLAIN ? f->a.cols : f->a.rows;
    for (size_t first = 0, depth; first < k; first += depth) {
        depth = k - first < DEPTH ? k - first : DEPTH;
        for (size_t i = 0, rows; i < c.rows; i += rows) {
            rows = c.rows - i < ROWS ? c.rows - i : ROWS;
            add_block(f, i, rows, first, depth, c);
        }
    }
}
