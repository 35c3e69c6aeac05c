/* winograd.h -- 3 x 3 convolutions with zero padding by Winograd's F(4, 3)
 * along the rows of an image (Winograd 1980; Lavin and Gray 2016).
 *
 * A row is cut into tiles of 4 pixels.  Outputs y of a tile come of inputs x,
 * its pixels and one on either side, by products at six points in place of
 * twelve of taps: y = A' [(G w) . (B' x)] with the points 0, 3/4, -3/4, 3/2,
 * -3/2 and infinity.  The gradients are dw = G' [(B' x) . (A dy)] and dx the
 * convolution of dy with reversed taps.  The three rows of a kernel are summed
 * at the points.
 *
 * Images are stacked: a row of zeros stands before, between and behind them,
 * and a row of the stack is known by its number v.  A kernel's w is (3, 3,
 * n_in, n_out); at the points it is (6, 3, n_in, jf_points_stride(n_out)), so
 * that a row begins with a vector. */
#ifndef JF_WINOGRAD_H
#define JF_WINOGRAD_H

#include "base/work.h"

enum { JF_POINTS = 6 };

/* n in whole vectors of 64 bytes. */
static inline size_t jf_points_stride(size_t n)
{
    enum { LONGEST = 64 / sizeof(real) };
    return (n + LONGEST - 1) / LONGEST * LONGEST;
}

/* Rows of a stack at the points: (6, lines, tiles, c), with slack behind.  Row
 * v stands in line (v - first) mod lines. */
typedef struct {
    real *data;
    size_t height, width, c, tiles, lines, first;
} jf_points;

/* The number of row r of all images, and how many of these lie above v. */
static inline size_t jf_stack_place(size_t height, size_t r)
{
    return r + r / height + 1;
}

static inline size_t jf_stack_above(size_t height, size_t v)
{
    return v - (v + height) / (height + 1);
}

jf_points jf_points_push(size_t height, size_t width, size_t lines, size_t c,
                         jf_work *work);

/* Rows v .. v + count - 1 := B' of them, as inputs, or A of them, as gradients
 * of outputs.  pixels: those of images' rows among them. */
void jf_points_read(jf_points u, size_t v, size_t count,
                    jf_const_matrix pixels);
void jf_points_spread(jf_points u, size_t v, size_t count,
                      jf_const_matrix pixels);

/* Rows v .. v + count - 1, for images' rows among them: out := start (n_out)
 * + the convolution of u, or out + it when start is NULL.  g: the kernel at the
 * points. */
void jf_points_convolve(jf_points u, size_t v, size_t count, const real *g,
                        const real *start, jf_matrix out, jf_work *work);

/* dg += the gradient of a kernel at the points: inputs u, gradients d of
 * outputs v .. v + count - 1.  These, and those of u from v - 1 to v + count,
 * stand in lines that follow one another. */
void jf_points_correlate(jf_points u, jf_points d, size_t v, size_t count,
                         real *dg);

/* g := G w; and dw += G' dg, without gaps. */
void jf_points_kernel(size_t n_in, size_t n_out, const real *w, real *g);
void jf_points_gradient(size_t n_in, size_t n_out, const real *dg, real *dw);

#endif
