/* quincunx.c -- the grids of an image, and means around their pixels. */
#include "layer/quincunx.h"

#include <string.h>

enum { LANE_PIXELS = 1 << 11 };

const char *jf_quincunx_refuses(size_t height, size_t width, size_t channels,
                                size_t levels, size_t reach)
{
    size_t side = (size_t)1 << (levels < JF_QUINCUNX_LEVELS ? levels : 0);
    if (!levels || levels > JF_QUINCUNX_LEVELS - 1 || !height || !width ||
        height % side || width % side)
        return "an image's sides are multiples of 2^levels";
    if (!channels || channels > JF_QUINCUNX_CHANNELS || !reach ||
        reach > JF_QUINCUNX_REACH)
        return "1 to 8 channels and a reach of 1 to 12";
    return NULL;
}

/* Pixel i - gap or i + gap of n, by reflection. */
static size_t below(size_t i, size_t gap)
{
    return i >= gap ? i - gap : gap - i;
}

static size_t above(size_t i, size_t gap, size_t n)
{
    return i + gap < n ? i + gap : 2 * (n - 1) - (i + gap);
}

/* tmp := map from along the rows. */
static int along(void *arg, size_t lane, size_t first, size_t count,
                 jf_work *work)
{
    const jf_quincunx *g = arg;
    size_t n = g->channels, gap = g->gap, far = gap * n;
    (void)lane, (void)work;
    for (size_t i = first; i < first + count; i++) {
        const real *e = jf_quincunx_map(g, g->from, i);
        real *out = g->tmp + i * g->line;
        for (size_t t = far; t + far < g->line; t++)
            out[t] = R(0.5) * e[t] + R(0.25) * (e[t - far] + e[t + far]);
        for (size_t q = 0; q < g->cols; q++) {
            const real *a = e + below(q, gap) * n;
            const real *b = e + above(q, gap, g->cols) * n;
            for (size_t c = 0; c < n && (q < gap || q + gap >= g->cols); c++)
                out[q * n + c] =
                    R(0.5) * e[q * n + c] + R(0.25) * (a[c] + b[c]);
        }
    }
    return GSL_SUCCESS;
}

/* map from + 1 := tmp across the rows. */
static int across(void *arg, size_t lane, size_t first, size_t count,
                  jf_work *work)
{
    const jf_quincunx *g = arg;
    (void)lane, (void)work;
    for (size_t i = first; i < first + count; i++) {
        const real *e = g->tmp + i * g->line;
        const real *a = g->tmp + below(i, g->gap) * g->line;
        const real *b = g->tmp + above(i, g->gap, g->rows) * g->line;
        real *out = jf_quincunx_map(g, g->from + 1, i);
        for (size_t q = 0; q < g->line; q++)
            out[q] = R(0.5) * e[q] + R(0.25) * (a[q] + b[q]);
    }
    return GSL_SUCCESS;
}

/* The transposes: map from + 1 to tmp, whose rows row is the neighbour of, and
 * tmp added to map from. */
static int across_transposed(void *arg, size_t lane, size_t first, size_t count,
                             jf_work *work)
{
    const jf_quincunx *g = arg;
    size_t gap = g->gap, last = g->rows - 1;
    (void)lane, (void)work;
    for (size_t i = first; i < first + count; i++) {
        const real *e = jf_quincunx_map(g, g->from + 1, i);
        real *out = g->tmp + i * g->line;
        const real *near[4];
        size_t found = 0;
        if (i >= gap)
            near[found++] = jf_quincunx_map(g, g->from + 1, i - gap);
        if (i + gap <= last)
            near[found++] = jf_quincunx_map(g, g->from + 1, i + gap);
        if (i > 0 && i <= gap)
            near[found++] = jf_quincunx_map(g, g->from + 1, gap - i);
        if (i < last && last - i <= gap)
            near[found++] = jf_quincunx_map(g, g->from + 1, 2 * last - gap - i);
        for (size_t q = 0; q < g->line; q++)
            out[q] = R(0.5) * e[q];
        for (size_t k = 0; k < found; k++)
            for (size_t q = 0; q < g->line; q++)
                out[q] += R(0.25) * near[k][q];
    }
    return GSL_SUCCESS;
}

static int along_transposed(void *arg, size_t lane, size_t first, size_t count,
                            jf_work *work)
{
    const jf_quincunx *g = arg;
    size_t n = g->channels, gap = g->gap, far = gap * n;
    (void)lane, (void)work;
    for (size_t i = first; i < first + count; i++) {
        const real *e = g->tmp + i * g->line;
        real *out = jf_quincunx_map(g, g->from, i);
        for (size_t t = 0; t < g->line; t++)
            out[t] += R(0.5) * e[t];
        for (size_t t = far; t < g->line; t++)
            out[t - far] += R(0.25) * e[t];
        for (size_t t = 0; t + far < g->line; t++)
            out[t + far] += R(0.25) * e[t];
        for (size_t q = 0; q < gap; q++)
            for (size_t c = 0; c < n; c++) {
                size_t last = g->cols - 1 - q;
                out[below(q, gap) * n + c] += R(0.25) * e[q * n + c];
                out[above(last, gap, g->cols) * n + c] +=
                    R(0.25) * e[last * n + c];
            }
    }
    return GSL_SUCCESS;
}

/* Pixels apart in pass k of n pixels. */
static size_t gap_of(size_t k, size_t n)
{
    size_t gap = (size_t)1 << k;
    return gap < n ? gap : n - 1;
}

/* Of the grid of a level; the last one has little to do. */
static size_t lanes_of(const jf_quincunx *g, size_t level)
{
    size_t least = LANE_PIXELS / (g->width >> level) + 1;
    return jf_lanes(g->height >> level, level < g->levels ? least : 1);
}

/* The rows of the grid in lanes. */
int jf_quincunx_divide(const jf_quincunx *g, jf_lane_task task, void *arg,
                       jf_work *work)
{
    return jf_bands_divide(work, g->banded, g->rows, g->lanes, task, arg);
}

/* In bands: the rows of a map that are gap apart from this rank's. */
static void near_rows(const jf_quincunx *g, real *map, jf_work *work)
{
    jf_bands_halo(work, g->banded, 1,
                  &(jf_band_rows){map, g->rows, 1, g->line, g->line}, g->gap);
}

int jf_quincunx_smooth(jf_quincunx *g, jf_work *work, int transposed)
{
    for (size_t t = 0; t < g->reach; t++) {
        size_t k = transposed ? g->reach - 1 - t : t;
        g->from = k;
        g->gap = gap_of(k, transposed ? g->rows : g->cols);
        if (transposed)
            near_rows(g, jf_quincunx_map(g, k + 1, 0), work);
        JF_TRY(jf_quincunx_divide(g, transposed ? across_transposed : along, g,
                                  work));
        g->gap = gap_of(k, transposed ? g->cols : g->rows);
        if (!transposed)
            near_rows(g, g->tmp, work);
        JF_TRY(jf_quincunx_divide(g, transposed ? along_transposed : across, g,
                                  work));
    }
    return GSL_SUCCESS;
}

void jf_quincunx_clear(const jf_quincunx *g, size_t row)
{
    size_t n = g->channels;
    for (size_t k = 1; k <= g->reach; k++)
        for (size_t q = 0; q < g->cols; q++)
            if (jf_quincunx_is_left(g, row, q))
                memset(jf_quincunx_map(g, k, row) + q * n, 0, n * sizeof(real));
}

void jf_quincunx_set(jf_quincunx *g, size_t level)
{
    g->rows = g->height >> level;
    g->cols = g->width >> level;
    g->right = g->channels << level;
    g->down = g->width * g->right;
    g->line = g->cols * g->channels;
    g->size = g->rows * g->line;
    g->lanes = lanes_of(g, level);
}

int jf_quincunx_is_bandable(const jf_quincunx *g)
{
    if (g->height * g->width < JF_BAND_PIXELS ||
        (g->height >> g->levels) % JF_MAX_LANES)
        return 0;
    for (size_t l = 0; l <= g->levels; l++)
        if (lanes_of(g, l) < JF_MAX_LANES)
            return 0;
    return 1;
}
