/* local_scale.c -- z_p = y_p / s_p(y at coarser pixels), on an image.
 *
 * Levels of a quincunx order.  On the grid of level l, whose pixels are 2^l
 * apart, those with i + j odd are given the others; of these, those with i and
 * j odd are given those with i and j even, which are the grid of level l + 1.
 * What is left after all levels has a constant scale.  With y_pc channel c of a
 * pixel p of that half-step,
 *
 *   s_pc^2 = w_0 + sum_k sum_c' w_kc' E_kc'(p) + sum_{c' < c} v_c' y_pc'^2,
 *
 * E_k the mean of y^2 over the given pixels around p by k passes of (1, 2, 1) /
 * 4 in both directions, 2^i pixels apart in pass i, 1 .. reach; all weights are
 * exp(theta) > 0.  The image goes on by reflection at its first and last pixel,
 * which keeps both colours: the given pixels have the same share of every
 * neighbourhood.  The Jacobian is triangular in this order, and
 * log |det| = -sum log s.  Divisive normalisation of whitened pictures
 * (Wainwright and Simoncelli 1999; Balle, Laparra and Simoncelli 2016) in a
 * form that is inverted without iteration.
 *
 * theta: by level and half-step, for each c in turn log of w_0, w_kc' (reach,
 * channels), v_c'; then log of the square of the last scales (channels).
 *
 * Rounding.  Relative errors of at most e in all y that s_p sees, of any sign,
 * change s_p by at most the factor 1 +- e, whatever theta: s_p^2 is a sum of
 * non-negative multiples of their squares and of w_0 > 0.  Computing s takes
 * sums of positive numbers alone.  So, to first order in u, inverse after
 * forward changes each entry by at most the relative error
 * jf_local_scale_error, at every y and theta short of over- and underflow: no
 * condition number enters.
 *
 * In bands (base/bands.h) a rank has rows of all levels, and before each pass
 * across them it is sent those of others that are near enough. */
#include <string.h>
#include <tgmath.h>

#include "base/bands.h"
#include "base/error.h"
#include "layer/layers.h"

enum { CHANNELS = 8, REACH = 12, LEVELS = 10, LANE_PIXELS = 1 << 11 };

typedef struct {
    jf_layer base;
    size_t height, width, channels, levels, reach;
    size_t banded; /* pixels, where ranks can share them; 0 */
} local_scale;

/* A half-step: its grid of rows x cols pixels, entries of x from one of them to
 * the next, and the reals in a row of the grid. */
typedef struct {
    const local_scale *s;
    size_t odd; /* i and j are, otherwise i + j is */
    size_t rows, cols, right, down, line, size, lanes;
    real *x, *dz;
    const real *theta;
    real *map, *tmp; /* (reach + 1, rows, cols, channels); one of them */
    real *w;         /* (channels, features): exp(theta), of unscaled maps */
    double *ld, g;   /* (rows): sums of log |det|; dL/dlog|det| */
    double *grad;    /* (lanes, n): of theta */
    enum { FORWARD, INVERSE, BACKWARD } way;
    size_t from, gap; /* of a pass: its map, and pixels apart */
} job;

static size_t features(const local_scale *s, size_t c)
{
    return 1 + s->reach * s->channels + c;
}

/* theta of a half-step. */
static size_t n_step(const local_scale *s)
{
    size_t n = 0;
    for (size_t c = 0; c < s->channels; c++)
        n += features(s, c);
    return n;
}

static int is_given(const job *j, size_t row, size_t col)
{
    return j->odd ? row % 2 == 0 && col % 2 == 0 : (row + col) % 2 == 0;
}

/* The first pixel of the half-step in a row; cols, when there is none.  The
 * others follow two apart. */
static size_t first_of(const job *j, size_t row)
{
    if (j->odd)
        return row % 2 ? 1 : j->cols;
    return 1 - row % 2;
}

static real *map_row(const job *j, size_t k, size_t row)
{
    return j->map + k * j->size + row * j->line;
}

static real *pixel(const job *j, real *x, size_t row, size_t col)
{
    return x + row * j->down + col * j->right;
}

/* Map 0: y^2 where given, 0 elsewhere. */
static int squares(void *arg, size_t lane, size_t first, size_t count,
                   jf_work *work)
{
    const job *j = arg;
    size_t n = j->s->channels;
    (void)lane, (void)work;
    for (size_t i = first; i < first + count; i++) {
        real *e = map_row(j, 0, i);
        for (size_t q = 0; q < j->cols; q++, e += n) {
            const real *y = pixel(j, j->x, i, q);
            for (size_t c = 0; c < n; c++)
                e[c] = is_given(j, i, q) ? y[c] * y[c] : 0;
        }
    }
    return GSL_SUCCESS;
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
    const job *j = arg;
    size_t n = j->s->channels, gap = j->gap, far = gap * n;
    (void)lane, (void)work;
    for (size_t i = first; i < first + count; i++) {
        const real *e = map_row(j, j->from, i);
        real *out = j->tmp + i * j->line;
        for (size_t t = far; t + far < j->line; t++)
            out[t] = R(0.5) * e[t] + R(0.25) * (e[t - far] + e[t + far]);
        for (size_t q = 0; q < j->cols; q++) {
            const real *a = e + below(q, gap) * n;
            const real *b = e + above(q, gap, j->cols) * n;
            for (size_t c = 0; c < n && (q < gap || q + gap >= j->cols); c++)
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
    const job *j = arg;
    (void)lane, (void)work;
    for (size_t i = first; i < first + count; i++) {
        const real *e = j->tmp + i * j->line;
        const real *a = j->tmp + below(i, j->gap) * j->line;
        const real *b = j->tmp + above(i, j->gap, j->rows) * j->line;
        real *out = map_row(j, j->from + 1, i);
        for (size_t q = 0; q < j->line; q++)
            out[q] = R(0.5) * e[q] + R(0.25) * (a[q] + b[q]);
    }
    return GSL_SUCCESS;
}

/* The transposes: map from + 1 to tmp, whose rows row is the neighbour of, and
 * tmp added to map from. */
static int across_transposed(void *arg, size_t lane, size_t first, size_t count,
                             jf_work *work)
{
    const job *j = arg;
    size_t gap = j->gap, last = j->rows - 1;
    (void)lane, (void)work;
    for (size_t i = first; i < first + count; i++) {
        const real *e = map_row(j, j->from + 1, i);
        real *out = j->tmp + i * j->line;
        const real *near[4];
        size_t found = 0;
        if (i >= gap)
            near[found++] = map_row(j, j->from + 1, i - gap);
        if (i + gap <= last)
            near[found++] = map_row(j, j->from + 1, i + gap);
        if (i > 0 && i <= gap)
            near[found++] = map_row(j, j->from + 1, gap - i);
        if (i < last && last - i <= gap)
            near[found++] = map_row(j, j->from + 1, 2 * last - gap - i);
        for (size_t q = 0; q < j->line; q++)
            out[q] = R(0.5) * e[q];
        for (size_t k = 0; k < found; k++)
            for (size_t q = 0; q < j->line; q++)
                out[q] += R(0.25) * near[k][q];
    }
    return GSL_SUCCESS;
}

static int along_transposed(void *arg, size_t lane, size_t first, size_t count,
                            jf_work *work)
{
    const job *j = arg;
    size_t n = j->s->channels, gap = j->gap, far = gap * n;
    (void)lane, (void)work;
    for (size_t i = first; i < first + count; i++) {
        const real *e = j->tmp + i * j->line;
        real *out = map_row(j, j->from, i);
        for (size_t t = 0; t < j->line; t++)
            out[t] += R(0.5) * e[t];
        for (size_t t = far; t < j->line; t++)
            out[t - far] += R(0.25) * e[t];
        for (size_t t = 0; t + far < j->line; t++)
            out[t + far] += R(0.25) * e[t];
        for (size_t q = 0; q < gap; q++)
            for (size_t c = 0; c < n; c++) {
                size_t last = j->cols - 1 - q;
                out[below(q, gap) * n + c] += R(0.25) * e[q * n + c];
                out[above(last, gap, j->cols) * n + c] +=
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
static size_t lanes_of(const local_scale *s, size_t level)
{
    size_t least = LANE_PIXELS / (s->width >> level) + 1;
    return jf_lanes(s->height >> level, level < s->levels ? least : 1);
}

/* The rows of the grid in lanes. */
static int divide(job *j, jf_lane_task task, jf_work *work)
{
    return jf_bands_divide(work, j->s->banded, j->rows, j->lanes, task, j);
}

/* In bands: the rows of a map that are gap apart from this rank's. */
static void near_rows(const job *j, real *map, jf_work *work)
{
    jf_bands_halo(work, j->s->banded, 1,
                  &(jf_band_rows){map, j->rows, 1, j->line, j->line}, j->gap);
}

static int smooth(job *j, jf_work *work, int transposed)
{
    for (size_t t = 0; t < j->s->reach; t++) {
        size_t k = transposed ? j->s->reach - 1 - t : t;
        j->from = k;
        j->gap = gap_of(k, transposed ? j->rows : j->cols);
        if (transposed)
            near_rows(j, map_row(j, k + 1, 0), work);
        JF_TRY(divide(j, transposed ? across_transposed : along, work));
        j->gap = gap_of(k, transposed ? j->cols : j->rows);
        if (!transposed)
            near_rows(j, j->tmp, work);
        JF_TRY(divide(j, transposed ? along_transposed : across, work));
    }
    return GSL_SUCCESS;
}

/* s_c^2 of a pixel, y its channels before c, e its features of map 1. */
static real scale_squared(const job *j, const real *w, const real *e,
                          const real *y, size_t c)
{
    size_t n = j->s->channels;
    real sum = w[0];
    w++;
    for (size_t k = 0; k < j->s->reach; k++, e += j->size, w += n) {
        real part = 0;
        for (size_t i = 0; i < n; i++)
            part += w[i] * e[i];
        sum += part;
    }
    for (size_t i = 0; i < c; i++)
        sum += w[i] * (y[i] * y[i]);
    return sum;
}

/* Of a pixel: z and dz (n) become y and dy; e (features) dL/dE. */
static void pixel_backward(const job *j, const real *const *w, real *e, real *y,
                           real *dz, const real *square, double *grad)
{
    size_t n = j->s->channels, reach = j->s->reach;
    real q[CHANNELS], h[REACH * CHANNELS] = {0};
    for (size_t c = 0; c < n; c++) { /* y is there already */
        q[c] =
            R(-0.5) * (dz[c] * y[c] / sqrt(square[c]) + (real)j->g) / square[c];
        dz[c] /= sqrt(square[c]);
    }
    for (size_t c = 0; c < n; c++) {
        const real *v = w[c] + 1;
        *grad++ += (double)(q[c] * w[c][0]);
        for (size_t k = 0; k < reach; k++)
            for (size_t i = 0; i < n; i++) {
                real part = q[c] * v[k * n + i];
                *grad++ += (double)(part * e[k * j->size + i]);
                h[k * n + i] += part;
            }
        for (size_t i = 0; i < c; i++) {
            real part = q[c] * v[reach * n + i];
            *grad++ += (double)(part * (y[i] * y[i]));
            dz[i] += 2 * part * y[i];
        }
    }
    for (size_t k = 0; k < reach; k++)
        for (size_t i = 0; i < n; i++)
            e[k * j->size + i] = h[k * n + i];
}

/* The pixels of the half-step in a row. */
static double scale_row(const job *j, size_t row, const real *const *w,
                        double *grad)
{
    size_t n = j->s->channels, start = first_of(j, row);
    double sum = 0;
    for (size_t q = start; q < j->cols; q += 2) {
        real *e = map_row(j, 1, row) + q * n;
        real *y = pixel(j, j->x, row, q), square[CHANNELS], old[CHANNELS];
        double product = 1;
        memcpy(old, y, n * sizeof *y);
        for (size_t c = 0; c < n; c++) {
            square[c] = scale_squared(j, w[c], e, j->way ? y : old, c);
            product *= (double)square[c];
            y[c] = j->way ? y[c] * sqrt(square[c]) : y[c] / sqrt(square[c]);
        }
        sum -= 0.5 * log(product);
        if (j->way == BACKWARD)
            pixel_backward(j, w, e, y, pixel(j, j->dz, row, q), square, grad);
    }
    return sum;
}

/* dL/dE is 0 at the pixels that are given, or left to other half-steps. */
static void clear_others(const job *j, size_t row)
{
    size_t n = j->s->channels;
    for (size_t k = 1; k <= j->s->reach; k++)
        for (size_t q = 0; q < j->cols; q++)
            if (j->odd ? row % 2 == 0 || q % 2 == 0 : (row + q) % 2 == 0)
                memset(map_row(j, k, row) + q * n, 0, n * sizeof(real));
}

static int scale_rows(void *arg, size_t lane, size_t first, size_t count,
                      jf_work *work)
{
    const job *j = arg;
    const real *w[CHANNELS];
    double *grad = j->way == BACKWARD ? j->grad + lane * n_step(j->s) : NULL;
    (void)work;
    w[0] = j->w;
    for (size_t c = 1; c < j->s->channels; c++)
        w[c] = w[c - 1] + features(j->s, c - 1);
    for (size_t i = first; i < first + count; i++) {
        double sum = scale_row(j, i, w, grad);
        if (j->way == FORWARD)
            j->ld[i] = sum;
        if (j->way == BACKWARD)
            clear_others(j, i);
    }
    return GSL_SUCCESS;
}

/* dy += 2 y dL/d(y^2) of map 0. */
static int add_squares(void *arg, size_t lane, size_t first, size_t count,
                       jf_work *work)
{
    const job *j = arg;
    size_t n = j->s->channels;
    (void)lane, (void)work;
    for (size_t i = first; i < first + count; i++) {
        const real *e = map_row(j, 0, i);
        for (size_t q = 0; q < j->cols; q++, e += n)
            for (size_t c = 0; c < n && is_given(j, i, q); c++)
                pixel(j, j->dz, i, q)[c] += 2 * pixel(j, j->x, i, q)[c] * e[c];
    }
    return GSL_SUCCESS;
}

/* exp(theta), of maps that are not yet divided by the share of given pixels. */
static void weights(const job *j)
{
    const local_scale *s = j->s;
    real share = j->odd ? R(0.25) : R(0.5);
    const real *t = j->theta;
    real *w = j->w;
    for (size_t c = 0; c < s->channels; c++)
        for (size_t k = 0; k < features(s, c); k++) {
            int map = k > 0 && k <= s->reach * s->channels;
            *w++ = exp(*t++) / (map ? share : 1);
        }
}

static void set_grid(job *j, size_t level)
{
    const local_scale *s = j->s;
    j->rows = s->height >> level;
    j->cols = s->width >> level;
    j->right = s->channels << level;
    j->down = s->width * j->right;
    j->line = j->cols * s->channels;
    j->size = j->rows * j->line;
    j->lanes = lanes_of(s, level);
}

static int half_step(job *j, size_t level, size_t odd, jf_work *work)
{
    const local_scale *s = j->s;
    size_t n = n_step(s), first, last;
    set_grid(j, level);
    j->odd = odd;
    weights(j);
    JF_TRY(divide(j, squares, work));
    JF_TRY(smooth(j, work, 0));
    if (j->way == BACKWARD)
        memset(j->grad, 0, JF_MAX_LANES * n * sizeof *j->grad);
    JF_TRY(divide(j, scale_rows, work));
    if (j->way == FORWARD)
        jf_bands_gather(work, s->banded, j->rows, sizeof *j->ld, j->ld);
    if (j->way != BACKWARD)
        return GSL_SUCCESS;
    jf_bands_gather(work, s->banded, JF_MAX_LANES * n, sizeof *j->grad,
                    j->grad);
    jf_bands_own(work, s->banded, j->rows, &first, &last);
    memset(map_row(j, 0, first), 0, (last - first) * j->line * sizeof(real));
    JF_TRY(smooth(j, work, 1));
    return divide(j, add_squares, work);
}

/* Rows of the last grid: y exp(-t / 2), or back. */
static int last_rows(void *arg, size_t lane, size_t first, size_t count,
                     jf_work *work)
{
    const job *j = arg;
    size_t n = j->s->channels;
    (void)work;
    for (size_t i = first; i < first + count; i++)
        for (size_t q = 0; q < j->cols; q++)
            for (size_t c = 0; c < n; c++) {
                real *y = pixel(j, j->x, i, q) + c;
                real e = exp(R(-0.5) * j->theta[c]);
                if (j->way == BACKWARD) {
                    real *dz = pixel(j, j->dz, i, q) + c;
                    j->grad[lane * n + c] -= 0.5 * ((double)(*dz * *y) + j->g);
                    *dz *= e;
                }
                *y = j->way ? *y / e : *y * e;
            }
    return GSL_SUCCESS;
}

static int last_grid(job *j, real *grad, jf_work *work)
{
    const local_scale *s = j->s;
    size_t n = s->channels;
    set_grid(j, s->levels);
    memset(j->grad, 0, JF_MAX_LANES * n * sizeof *j->grad);
    JF_TRY(divide(j, last_rows, work));
    if (j->way != BACKWARD)
        return GSL_SUCCESS;
    jf_bands_gather(work, s->banded, JF_MAX_LANES * n, sizeof *j->grad,
                    j->grad);
    for (size_t l = 0; l < JF_MAX_LANES; l++)
        for (size_t c = 0; c < n; c++)
            grad[c] += (real)j->grad[l * n + c];
    return GSL_SUCCESS;
}

/* All half-steps on one image: the first is the finest, the inverse begins at
 * the last grid. */
static int all_steps(job *j, double *ld, real *grad, jf_work *work)
{
    const local_scale *s = j->s;
    size_t n = n_step(s), steps = 2 * s->levels;
    const real *theta = j->theta, *last = theta + steps * n;
    double sum = 0;
    for (size_t t = 0; t <= steps; t++) {
        size_t step = j->way ? steps - t : t;
        j->theta = theta + step * n;
        if (step == steps) {
            JF_TRY(last_grid(j, grad ? grad + steps * n : NULL, work));
            continue;
        }
        JF_TRY(half_step(j, step / 2, step % 2, work));
        for (size_t i = 0; j->way == FORWARD && i < j->rows; i++)
            sum += j->ld[i];
        for (size_t l = 0; j->way == BACKWARD && l < JF_MAX_LANES; l++)
            for (size_t k = 0; k < n; k++)
                grad[step * n + k] += (real)j->grad[l * n + k];
    }
    for (size_t c = 0; c < s->channels; c++)
        sum -= 0.5 * (double)last[c] *
               (double)((s->height >> s->levels) * (s->width >> s->levels));
    if (ld)
        *ld += sum;
    return GSL_SUCCESS;
}

/* Image after image; each has the team. */
static int pass(const jf_layer *self, jf_weights w, job j, jf_matrix x,
                jf_matrix dz, double *ld, const double *d_ld, real *grad,
                jf_work *work)
{
    const local_scale *s = (const local_scale *)self;
    size_t n = n_step(s);
    j.s = s;
    j.theta = w.theta;
    j.ld = jf_push_bytes(work, s->height * sizeof *j.ld);
    j.grad = jf_push_bytes(work, JF_MAX_LANES * n * sizeof *j.grad);
    j.w = jf_push(work, n);
    j.map = jf_push(work, (s->reach + 1) * self->d);
    j.tmp = jf_push(work, self->d);
    for (size_t i = 0; i < x.rows; i++) {
        j.x = jf_row(x, i);
        if (j.way == BACKWARD) {
            j.dz = jf_row(dz, i);
            j.g = d_ld[i];
        }
        JF_TRY(all_steps(&j, ld ? ld + i : NULL, grad, work));
        j.theta = w.theta;
    }
    jf_pop(work, j.tmp);
    jf_pop(work, j.map);
    jf_pop(work, j.w);
    jf_pop(work, j.grad);
    jf_pop(work, j.ld);
    return GSL_SUCCESS;
}

static int forward(const jf_layer *self, jf_weights w, jf_matrix x,
                   double *log_abs_det, jf_work *work)
{
    return pass(self, w, (job){.way = FORWARD}, x, (jf_matrix){0}, log_abs_det,
                NULL, NULL, work);
}

static int inverse(const jf_layer *self, jf_weights w, jf_matrix z,
                   jf_work *work)
{
    return pass(self, w, (job){.way = INVERSE}, z, (jf_matrix){0}, NULL, NULL,
                NULL, work);
}

static int backward(const jf_layer *self, jf_weights w, jf_matrix z,
                    jf_matrix dz, const double *d_log_abs_det, jf_grad grad,
                    jf_work *work)
{
    return pass(self, w, (job){.way = BACKWARD}, z, dz, NULL, d_log_abs_det,
                grad.theta, work);
}

/* Near the identity: w_0 is 1, what is local a hundredth of the own channel and
 * a thousandth of others, map by map. */
static int init(const jf_module *self, real *theta, gsl_rng *rng, jf_work *work)
{
    const local_scale *s = (const local_scale *)self;
    size_t n = s->channels;
    (void)rng, (void)work;
    for (size_t step = 0; step < 2 * s->levels; step++)
        for (size_t c = 0; c < n; c++) {
            theta[0] = 0;
            for (size_t k = 1; k < features(s, c); k++)
                theta[k] = log(R(0.001));
            for (size_t k = 0; k < s->reach; k++)
                theta[1 + k * n + c] = log(R(0.01));
            theta += features(s, c);
        }
    memset(theta, 0, n * sizeof *theta);
    return GSL_SUCCESS;
}

static const jf_layer_ops ops = {.module = {.init = init},
                                 .forward = forward,
                                 .inverse = inverse,
                                 .backward = backward};

/* Roundings of s^2: the square, 4 of each pass, the product with a weight, and
 * the sums, within a map and over maps and channels; half of them and the root
 * are those of s, twice, and two for z and y.  A chain of dependence has all
 * half-steps and channels, and the two roundings of the last grid. */
double jf_local_scale_error(size_t channels, size_t levels, size_t reach)
{
    double square = 5 * (double)reach + 2 * (double)channels + 1;
    double chain = 2 * (double)levels * (double)channels;
    return (chain * (square + 4) + 2) * 0.5 * (double)JF_EPS;
}

/* Each grid has JF_MAX_LANES lanes, cut at the same pixels. */
static int is_bandable(const local_scale *s)
{
    if (s->height * s->width < JF_BAND_PIXELS ||
        (s->height >> s->levels) % JF_MAX_LANES)
        return 0;
    for (size_t l = 0; l <= s->levels; l++)
        if (lanes_of(s, l) < JF_MAX_LANES)
            return 0;
    return 1;
}

jf_layer *jf_local_scale(size_t height, size_t width, size_t channels,
                         size_t levels, size_t reach)
{
    size_t side = (size_t)1 << (levels < LEVELS ? levels : 0);
    if (!levels || levels > LEVELS - 1 || !height || !width || height % side ||
        width % side)
        JF_ERROR_NULL("an image's sides are multiples of 2^levels", GSL_EINVAL);
    if (!channels || channels > CHANNELS || !reach || reach > REACH)
        JF_ERROR_NULL("1 to 8 channels and a reach of 1 to 12", GSL_EINVAL);
    local_scale s = {.channels = channels, .levels = levels, .reach = reach};
    local_scale *layer = (local_scale *)jf_layer_new(
        sizeof *layer, "local_scale", &ops, height * width * channels,
        2 * levels * n_step(&s) + channels);
    if (!layer)
        return NULL;
    layer->height = height;
    layer->width = width;
    layer->channels = channels;
    layer->levels = levels;
    layer->reach = reach;
    layer->base.positions = height * width;
    if (is_bandable(layer)) {
        layer->banded = height * width;
        layer->base.band_in = layer->base.band_out =
            (jf_banded){layer->base.d, layer->banded};
    }
    return jf_layer_record(
        &layer->base,
        "height=%zu, width=%zu, channels=%zu, levels=%zu, reach=%zu", height,
        width, channels, levels, reach);
}
