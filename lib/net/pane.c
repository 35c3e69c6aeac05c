/* pane.c -- convolutions as products; a sum over pixels goes over all lines at
 * once, as the pixels between them have the gradient 0. */
#include "net/pane.h"

#include <string.h>

#include "base/clones.h"
#include "linalg/tile.h"

/* GCC turns copies of a few reals into calls of memcpy. */
#if defined(__GNUC__) && !defined(__clang__)
#define NO_CALLS __attribute__((optimize("no-tree-loop-distribute-patterns")))
#else
#define NO_CALLS
#endif

static size_t pixels(jf_pane p, size_t rows)
{
    return rows * (p.pitch / p.c);
}

jf_pane jf_pane_push(size_t width, size_t lines, size_t c, jf_work *work)
{
    size_t pitch = (width + 2) * c;
    jf_pane p = {jf_push(work, lines * pitch + JF_TILE_SLACK), c, pitch};
    for (size_t r = 0; r < lines; r++) {
        memset(jf_pane_line(p, r), 0, c * sizeof(real));
        memset(jf_pane_line(p, r + 1) - c, 0, c * sizeof(real));
    }
    memset(jf_pane_line(p, lines), 0, JF_TILE_SLACK * sizeof(real));
    return p;
}

NO_CALLS JF_CLONES static void copy(size_t n, size_t c, const real *from,
                                    size_t stride, real *to)
{
    for (size_t q = 0; q < n; q++)
        for (size_t k = 0; k < c; k++)
            to[q * c + k] = from[q * stride + k];
}

void jf_pane_load(jf_pane p, size_t r, const real *from, size_t stride)
{
    copy(pixels(p, 1) - 2, p.c, from, stride, jf_pane_inside(p, r));
}

void jf_pane_clear(jf_pane p, size_t r)
{
    memset(jf_pane_line(p, r), 0, p.pitch * sizeof(real));
}

void jf_pane_keep(jf_pane p, size_t first)
{
    memmove(p.data, jf_pane_line(p, first), 2 * p.pitch * sizeof(real));
}

void jf_pane_convolve(jf_pane p, size_t r, size_t rows, const real *w,
                      const real *start, size_t n_out, real *c, size_t c_stride,
                      size_t c_run, int add)
{
    size_t width = pixels(p, 1) - 2;
    jf_tile t = {.a = {jf_pane_line(p, r), jf_pane_line(p, r + 1),
                       jf_pane_line(p, r + 2)},
                 .segments = 3,
                 .depth = 3 * p.c,
                 .a_i = p.c,
                 .a_k = 1,
                 .b = w,
                 .start = start,
                 .b_stride = n_out,
                 .c = c,
                 .c_stride = c_stride,
                 .add = add,
                 .run = width,
                 .a_run = p.pitch,
                 .c_run = c_run};
    jf_tile_product(rows * width, n_out, &t);
}

void jf_pane_convolve_pixels(jf_pane from, size_t r, size_t rows, const real *w,
                             const real *start, jf_pane to, size_t at)
{
    size_t width = pixels(from, 1) - 2;
    jf_tile t = {.a = {jf_pane_inside(from, r)},
                 .segments = 1,
                 .depth = from.c,
                 .a_i = from.c,
                 .a_k = 1,
                 .b = w,
                 .start = start,
                 .b_stride = to.c,
                 .c = jf_pane_inside(to, at),
                 .c_stride = to.c,
                 .run = width,
                 .a_run = from.pitch,
                 .c_run = to.pitch};
    jf_tile_product(rows * width, to.c, &t);
}

/* dw (m, d.c) += sum over pixels q of a[q p.c + i] d_q, i < m. */
static void correlate(const real *a, size_t m, jf_pane p, jf_pane d, size_t at,
                      size_t rows, real *dw)
{
    jf_tile t = {.a = {a},
                 .segments = 1,
                 .depth = pixels(d, rows) - 2,
                 .a_i = 1,
                 .a_k = p.c,
                 .b = jf_pane_inside(d, at),
                 .b_stride = d.c,
                 .c = dw,
                 .c_stride = d.c,
                 .add = 1};
    jf_tile_product(m, d.c, &t);
}

void jf_pane_correlate(jf_pane p, size_t r, jf_pane d, size_t at, size_t rows,
                       real *dw)
{
    for (size_t s = 0; rows && s < 3; s++)
        correlate(jf_pane_line(p, r + s), 3 * p.c, p, d, at, rows,
                  dw + s * 3 * p.c * d.c);
}

void jf_pane_correlate_pixels(jf_pane p, jf_pane d, size_t r, size_t rows,
                              real *dw)
{
    if (rows)
        correlate(jf_pane_inside(p, r), p.c, p, d, r, rows, dw);
}

JF_CLONES static void add_pixels(size_t n, size_t c, const real *d, real *db)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < c; k++)
            db[k] += d[i * c + k];
}

void jf_pane_add(jf_pane d, size_t r, size_t rows, real *db)
{
    add_pixels(pixels(d, rows), d.c, jf_pane_line(d, r), db);
}
