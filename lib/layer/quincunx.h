/* quincunx.h -- the order of pixels from coarse to fine that two layers share.
 *
 * On the grid of level l, whose pixels are 2^l apart, those with i + j odd are
 * given the others; of these, those with i and j odd are given those with i and
 * j even, which are the grid of level l + 1.  The image goes on by reflection at
 * its first and last pixel, which keeps both colours: the given pixels have the
 * same share of every neighbourhood.
 *
 * In bands (base/bands.h) a rank has rows of all levels, and before each pass
 * across them it is sent those of others that are near enough. */
#ifndef JF_QUINCUNX_H
#define JF_QUINCUNX_H

#include "base/bands.h"

enum {
    JF_QUINCUNX_CHANNELS = 8,
    JF_QUINCUNX_REACH = 12,
    JF_QUINCUNX_LEVELS = 10
};

/* A half-step: its grid of rows x cols pixels, entries of x from one of them to
 * the next, the reals in a row of the grid and in all of them; maps 0 .. reach
 * (reach + 1, rows, cols, channels) and one to work in. */
typedef struct {
    size_t height, width, channels, levels, reach;
    size_t banded; /* pixels, where ranks can share them; 0 */
    size_t odd;    /* i and j are, otherwise i + j is */
    size_t rows, cols, right, down, line, size, lanes;
    real *map, *tmp;
    size_t from, gap; /* of a pass: its map, and pixels apart */
} jf_quincunx;

/* Why an image of such sides has no such levels; NULL: it has. */
const char *jf_quincunx_refuses(size_t height, size_t width, size_t channels,
                                size_t levels, size_t reach);

/* Whether each grid has JF_MAX_LANES lanes, cut at the same pixels. */
int jf_quincunx_is_bandable(const jf_quincunx *g);

/* The grid of a level. */
void jf_quincunx_set(jf_quincunx *g, size_t level);

static inline int jf_quincunx_is_given(const jf_quincunx *g, size_t row,
                                       size_t col)
{
    return g->odd ? row % 2 == 0 && col % 2 == 0 : (row + col) % 2 == 0;
}

/* The first pixel of the half-step in a row; cols, when there is none.  The
 * others follow two apart. */
static inline size_t jf_quincunx_first(const jf_quincunx *g, size_t row)
{
    if (g->odd)
        return row % 2 ? 1 : g->cols;
    return 1 - row % 2;
}

/* Whether a pixel is given, or left to other half-steps. */
static inline int jf_quincunx_is_left(const jf_quincunx *g, size_t row,
                                      size_t col)
{
    return g->odd ? row % 2 == 0 || col % 2 == 0 : (row + col) % 2 == 0;
}

static inline real *jf_quincunx_map(const jf_quincunx *g, size_t k, size_t row)
{
    return g->map + k * g->size + row * g->line;
}

/* A pixel of the grid in an image x. */
static inline real *jf_quincunx_pixel(const jf_quincunx *g, real *x, size_t row,
                                      size_t col)
{
    return x + row * g->down + col * g->right;
}

/* The rows of the grid in lanes. */
int jf_quincunx_divide(const jf_quincunx *g, jf_lane_task task, void *arg,
                       jf_work *work);

/* Maps 1 .. reach from map 0, each by (1, 2, 1) / 4 in both directions from the
 * one before, 2^i pixels apart in pass i; or transposed: what is at maps 1 ..
 * reach is carried back and added down to map 0. */
int jf_quincunx_smooth(jf_quincunx *g, jf_work *work, int transposed);

/* Maps 1 .. reach in a row become 0 at pixels that are left. */
void jf_quincunx_clear(const jf_quincunx *g, size_t row);

#endif
