/* pane.h -- some rows of an image, ready to be convolved.
 *
 * A line is a row of pixels of c channels with a pixel of zeros on either
 * side.  Lines stand one after the other, so that a 3 x 3 convolution is a
 * product of overlapping rows (linalg/tile.h). */
#ifndef JF_PANE_H
#define JF_PANE_H

#include "base/work.h"

typedef struct {
    real *data;
    size_t c, pitch; /* reals a line: (width + 2) c */
} jf_pane;

/* Lines whose pixels are not set, and slack behind them. */
jf_pane jf_pane_push(size_t width, size_t lines, size_t c, jf_work *work);

static inline real *jf_pane_line(jf_pane p, size_t r)
{
    return p.data + r * p.pitch;
}

/* The first pixel of the image in a line. */
static inline real *jf_pane_inside(jf_pane p, size_t r)
{
    return jf_pane_line(p, r) + p.c;
}

/* Pixels (width, c) with a stride, only read, into line r. */
void jf_pane_load(jf_pane p, size_t r, const real *from, size_t stride);
void jf_pane_clear(jf_pane p, size_t r);

/* Lines first and first + 1 become lines 0 and 1. */
void jf_pane_keep(jf_pane p, size_t first);

/* c := start + the 3 x 3 convolution w (3, 3, p.c, n_out) of lines r .. r +
 * rows + 1, c + it under add; c has rows rows of pixels c_stride apart, a row
 * c_run after the one before.  w and start (n_out, or NULL) have slack. */
void jf_pane_convolve(jf_pane p, size_t r, size_t rows, const real *w,
                      const real *start, size_t n_out, real *c, size_t c_stride,
                      size_t c_run, int add);

/* Lines at .. of to := start + lines r .. of from times w (from.c, to.c). */
void jf_pane_convolve_pixels(jf_pane from, size_t r, size_t rows, const real *w,
                             const real *start, jf_pane to, size_t at);

/* The gradients of both: dw += what the gradient d, in lines at .., means for
 * the weights; and db (d.c) += the sum of d over pixels. */
void jf_pane_correlate(jf_pane p, size_t r, jf_pane d, size_t at, size_t rows,
                       real *dw);
void jf_pane_correlate_pixels(jf_pane p, jf_pane d, size_t r, size_t rows,
                              real *dw);
void jf_pane_add(jf_pane d, size_t r, size_t rows, real *db);

#endif
