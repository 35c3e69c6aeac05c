/* multiply.c -- matrix products: panels of op(b), a block of its rows by some
 * columns, stay in the first cache while all rows of op(a) go by.
 *
 * OpenBLAS's kernels are as good where it knows the processor; on one that is
 * newer than itself it falls back on vectors half as long, and its calls cost
 * more than a product of 64 x 64 should. */
#include "linalg/multiply.h"

#include <string.h>

#include "base/clones.h"
#include "base/team.h"
#include "linalg/tile.h"

/* A panel is DEPTH rows by BYTES bytes of columns, two of the longest vectors;
 * ROWS of op(a) stay in the second cache.  FAR bytes apart rows of a panel
 * compete for the first cache; for WORTH rows it is worth a copy.  FEW columns
 * are dot products when they are DEEP. */
enum {
    DEPTH = 256,
    BYTES = 128,
    PANEL = BYTES / sizeof(real),
    ROWS = 512,
    FAR = 256,
    WORTH = 32,
    FEW = 4,
    DEEP = 32
};

/* A square of SIDE x SIDE: as many as a vector of 16 bytes has, which every
 * processor has, so that its transpose is a few shuffles. */
#if defined(__clang__) || __GNUC__ >= 12
typedef real square
    __attribute__((vector_size(16), aligned(sizeof(real)), may_alias));
enum { SIDE = 16 / sizeof(real) };
#define SHUFFLE __builtin_shufflevector
#else
typedef real square;
enum { SIDE = 1 };
#endif

/* to := from', rows stride and PANEL apart. */
static inline void transpose(const real *from, size_t stride, real *to)
{
    square a = *(const square *)from;
#ifndef SHUFFLE
    (void)stride;
    *to = a;
#elif defined(JF_SINGLE)
    square b = *(const square *)(from + stride);
    square c = *(const square *)(from + 2 * stride);
    square d = *(const square *)(from + 3 * stride);
    square ac = SHUFFLE(a, c, 0, 4, 1, 5), bd = SHUFFLE(b, d, 0, 4, 1, 5);
    *(square *)to = SHUFFLE(ac, bd, 0, 4, 1, 5);
    *(square *)(to + PANEL) = SHUFFLE(ac, bd, 2, 6, 3, 7);
    ac = SHUFFLE(a, c, 2, 6, 3, 7), bd = SHUFFLE(b, d, 2, 6, 3, 7);
    *(square *)(to + 2 * PANEL) = SHUFFLE(ac, bd, 0, 4, 1, 5);
    *(square *)(to + 3 * PANEL) = SHUFFLE(ac, bd, 2, 6, 3, 7);
#else
    square b = *(const square *)(from + stride);
    *(square *)to = SHUFFLE(a, b, 0, 2);
    *(square *)(to + PANEL) = SHUFFLE(a, b, 1, 3);
#endif
}

/* panel (depth, PANEL) := columns of b', which are rows of b; the rows after
 * those in hand are on their way to the cache meanwhile. */
static void pack_transposed(jf_const_matrix b, size_t cols, size_t depth,
                            real *panel)
{
    size_t j = 0, whole = depth / SIDE * SIDE;
    for (; j + SIDE <= cols; j += SIDE) {
        const real *from = jf_const_row(b, j);
        for (size_t k = 0; k < whole; k += SIDE) {
            __builtin_prefetch(from + (SIDE + k / SIDE % 4) * b.stride + k);
            transpose(from + k, b.stride, panel + k * PANEL + j);
        }
        for (size_t k = whole; k < depth; k++)
            for (size_t i = 0; i < SIDE; i++)
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
    if (cols == PANEL) /* a size that the compiler knows */
        for (size_t k = 0; k < depth; k++)
            memcpy(panel + k * PANEL, jf_const_row(b, first + k) + j, BYTES);
    else
        for (size_t k = 0; k < depth; k++)
            memcpy(panel + k * PANEL, jf_const_row(b, first + k) + j,
                   cols * sizeof *panel);
}

/* A panel of op(b) may be read where it is: it is of whole vectors, and its rows do
 * not meet in the same places of the cache, or are read a few times only. */
static int lies_well(const jf_multiplication *f, size_t cols, size_t rows)
{
    return f->op_b == JF_PLAIN && cols % (PANEL / 2) == 0 &&
           (f->b.stride * sizeof(real) <= FAR || rows < WORTH);
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
        if (lies_well(f, cols, rows)) {
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
           c.cols > 1 && (c.rows > 1 || op_a == JF_TRANSPOSED);
#else
    (void)op_a, (void)op_b, (void)depth, (void)c;
    return 0;
#endif
}

/* In float alone, as in double sums have OpenBLAS's order.  A likelihood of W1
 * takes a tenth less time by it (docs/performance.md). */
static int has_few_columns(const jf_multiplication *f, size_t k, jf_matrix c)
{
    return sizeof(real) == sizeof(float) && c.cols <= FEW && k >= DEEP &&
           f->op_a == JF_PLAIN && f->op_b == JF_TRANSPOSED;
}

void jf_multiply(const jf_multiplication *f, jf_matrix c)
{
    size_t k = f->op_a == JF_PLAIN ? f->a.cols : f->a.rows;
    if (has_few_columns(f, k, c)) {
        jf_tile t = {.a = {f->a.data},
                     .depth = k,
                     .a_i = f->a.stride,
                     .b = f->b.data,
                     .b_stride = f->b.stride,
                     .c = c.data,
                     .c_stride = c.stride,
                     .add = f->add,
                     .relu = f->relu,
                     .bias = f->bias};
        jf_tile_dots(c.rows, c.cols, &t);
        return;
    }
    for (size_t first = 0, depth; first < k; first += depth) {
        depth = k - first < DEPTH ? k - first : DEPTH;
        for (size_t i = 0, rows; i < c.rows; i += rows) {
            rows = c.rows - i < ROWS ? c.rows - i : ROWS;
            add_block(f, i, rows, first, depth, c);
        }
    }
}

/* Pieces of a product: panels, of which the last takes what is left after it, so
 * that none is so narrow that its entries would be dots where those of the whole
 * are not; and where these are few, blocks of rows, each of which packs panels
 * anew. */
enum { TALL = 64 };

typedef struct {
    const jf_multiplication *whole;
    jf_matrix c;
    size_t panels, blocks;
} division;

static void multiply_piece(const division *d, size_t panel, size_t block)
{
    jf_multiplication f = *d->whole;
    size_t from = panel * PANEL, row = d->c.rows * block / d->blocks;
    size_t cols = panel + 1 == d->panels ? d->c.cols - from : PANEL;
    size_t rows = d->c.rows * (block + 1) / d->blocks - row;
    f.a = f.op_a == JF_PLAIN ? jf_const_rows(f.a, row, rows)
                             : jf_const_columns(f.a, row, rows);
    f.b = f.op_b == JF_PLAIN ? jf_const_columns(f.b, from, cols)
                             : jf_const_rows(f.b, from, cols);
    f.bias = f.bias ? f.bias + from : NULL;
    jf_multiply(&f, jf_columns(jf_rows(d->c, row, rows), from, cols));
}

static int multiply_pieces(void *arg, size_t lane, size_t first, size_t count,
                           jf_work *work)
{
    const division *d = arg;
    (void)lane, (void)work;
    for (size_t k = first; k < first + count; k++)
        multiply_piece(d, k / d->blocks, k % d->blocks);
    return GSL_SUCCESS;
}

int jf_multiply_divided(const jf_multiplication *f, jf_matrix c, jf_work *work)
{
    size_t k = f->op_a == JF_PLAIN ? f->a.cols : f->a.rows;
    division d = {f, c, c.cols / PANEL ? c.cols / PANEL : 1, 1};
    if (!work->team || k * c.rows * c.cols < JF_LARGE_PRODUCT) {
        jf_multiply(f, c);
        return GSL_SUCCESS;
    }
    while (d.panels * d.blocks < JF_MAX_LANES &&
           c.rows / (2 * d.blocks) >= TALL)
        d.blocks *= 2;
    return jf_divide(work, d.panels * d.blocks,
                     jf_lanes(d.panels * d.blocks, 1), multiply_pieces, &d);
}
