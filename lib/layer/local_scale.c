/* local_scale.c -- z_p = y_p / s_p(y at coarser pixels), on an image.
 *
 * In the order of quincunx.h, a half-step of a level at a time; what is left
 * after all levels has a constant scale.  With y_pc channel c of a pixel p of
 * that half-step,
 *
 *   s_pc^2 = w_0 + sum_k sum_c' w_kc' E_kc'(p) + sum_{c' < c} v_c' y_pc'^2,
 *
 * E_k the mean of y^2 over the given pixels around p by k passes of (1, 2, 1) /
 * 4 in both directions, 2^i pixels apart in pass i, 1 .. reach; all weights are
 * exp(theta) > 0.  The Jacobian is triangular in this order, and
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
 * condition number enters. */
#include <string.h>
#include <tgmath.h>

#include "base/error.h"
#include "layer/layers.h"
#include "layer/quincunx.h"

enum { CHANNELS = JF_QUINCUNX_CHANNELS, REACH = JF_QUINCUNX_REACH };

typedef struct {
    jf_layer base;
    jf_quincunx grid;
} local_scale;

/* A half-step. */
typedef struct {
    const local_scale *s;
    jf_quincunx grid;
    real *x, *dz;
    const real *theta;
    real *w;       /* (channels, features): exp(theta), of unscaled maps */
    double *ld, g; /* (rows): sums of log |det|; dL/dlog|det| */
    double *grad;  /* (lanes, n): of theta */
    enum { FORWARD, INVERSE, BACKWARD } way;
} job;

static size_t features(const local_scale *s, size_t c)
{
    return 1 + s->grid.reach * s->grid.channels + c;
}

/* theta of a half-step. */
static size_t n_step(const local_scale *s)
{
    size_t n = 0;
    for (size_t c = 0; c < s->grid.channels; c++)
        n += features(s, c);
    return n;
}

/* Map 0: y^2 where given, 0 elsewhere. */
static int squares(void *arg, size_t lane, size_t first, size_t count,
                   jf_work *work)
{
    const job *j = arg;
    size_t n = j->grid.channels;
    (void)lane, (void)work;
    for (size_t i = first; i < first + count; i++) {
        real *e = jf_quincunx_map(&j->grid, 0, i);
        for (size_t q = 0; q < j->grid.cols; q++, e += n) {
            const real *y = jf_quincunx_pixel(&j->grid, j->x, i, q);
            for (size_t c = 0; c < n; c++)
                e[c] = jf_quincunx_is_given(&j->grid, i, q) ? y[c] * y[c] : 0;
        }
    }
    return GSL_SUCCESS;
}

/* s_c^2 of a pixel, y its channels before c, e its features of map 1. */
static real scale_squared(const job *j, const real *w, const real *e,
                          const real *y, size_t c)
{
    size_t n = j->grid.channels;
    real sum = w[0];
    w++;
    for (size_t k = 0; k < j->grid.reach; k++, e += j->grid.size, w += n) {
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
    size_t n = j->grid.channels, reach = j->grid.reach;
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
                *grad++ += (double)(part * e[k * j->grid.size + i]);
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
            e[k * j->grid.size + i] = h[k * n + i];
}

/* The pixels of the half-step in a row. */
static double scale_row(const job *j, size_t row, const real *const *w,
                        double *grad)
{
    size_t n = j->grid.channels, start = jf_quincunx_first(&j->grid, row);
    double sum = 0;
    for (size_t q = start; q < j->grid.cols; q += 2) {
        real *e = jf_quincunx_map(&j->grid, 1, row) + q * n;
        real *y = jf_quincunx_pixel(&j->grid, j->x, row, q), square[CHANNELS],
             old[CHANNELS];
        double product = 1;
        memcpy(old, y, n * sizeof *y);
        for (size_t c = 0; c < n; c++) {
            square[c] = scale_squared(j, w[c], e, j->way ? y : old, c);
            product *= (double)square[c];
            y[c] = j->way ? y[c] * sqrt(square[c]) : y[c] / sqrt(square[c]);
        }
        sum -= 0.5 * log(product);
        if (j->way == BACKWARD)
            pixel_backward(j, w, e, y,
                           jf_quincunx_pixel(&j->grid, j->dz, row, q), square,
                           grad);
    }
    return sum;
}

static int scale_rows(void *arg, size_t lane, size_t first, size_t count,
                      jf_work *work)
{
    const job *j = arg;
    const real *w[CHANNELS];
    double *grad = j->way == BACKWARD ? j->grad + lane * n_step(j->s) : NULL;
    (void)work;
    w[0] = j->w;
    for (size_t c = 1; c < j->grid.channels; c++)
        w[c] = w[c - 1] + features(j->s, c - 1);
    for (size_t i = first; i < first + count; i++) {
        double sum = scale_row(j, i, w, grad);
        if (j->way == FORWARD)
            j->ld[i] = sum;
        if (j->way == BACKWARD)
            jf_quincunx_clear(&j->grid, i);
    }
    return GSL_SUCCESS;
}

/* dy += 2 y dL/d(y^2) of map 0. */
static int add_squares(void *arg, size_t lane, size_t first, size_t count,
                       jf_work *work)
{
    const job *j = arg;
    size_t n = j->grid.channels;
    (void)lane, (void)work;
    for (size_t i = first; i < first + count; i++) {
        const real *e = jf_quincunx_map(&j->grid, 0, i);
        for (size_t q = 0; q < j->grid.cols; q++, e += n)
            for (size_t c = 0; c < n && jf_quincunx_is_given(&j->grid, i, q);
                 c++)
                jf_quincunx_pixel(&j->grid, j->dz, i, q)[c] +=
                    2 * jf_quincunx_pixel(&j->grid, j->x, i, q)[c] * e[c];
    }
    return GSL_SUCCESS;
}

/* exp(theta), of maps that are not yet divided by the share of given pixels. */
static void weights(const job *j)
{
    const local_scale *s = j->s;
    real share = j->grid.odd ? R(0.25) : R(0.5);
    const real *t = j->theta;
    real *w = j->w;
    for (size_t c = 0; c < s->grid.channels; c++)
        for (size_t k = 0; k < features(s, c); k++) {
            int map = k > 0 && k <= s->grid.reach * s->grid.channels;
            *w++ = exp(*t++) / (map ? share : 1);
        }
}

static int half_step(job *j, size_t level, size_t odd, jf_work *work)
{
    const local_scale *s = j->s;
    size_t n = n_step(s), first, last;
    jf_quincunx_set(&j->grid, level);
    j->grid.odd = odd;
    weights(j);
    JF_TRY(jf_quincunx_divide(&j->grid, squares, j, work));
    JF_TRY(jf_quincunx_smooth(&j->grid, work, 0));
    if (j->way == BACKWARD)
        memset(j->grad, 0, JF_MAX_LANES * n * sizeof *j->grad);
    JF_TRY(jf_quincunx_divide(&j->grid, scale_rows, j, work));
    if (j->way == FORWARD)
        jf_bands_gather(work, s->grid.banded, j->grid.rows, sizeof *j->ld,
                        j->ld);
    if (j->way != BACKWARD)
        return GSL_SUCCESS;
    jf_bands_gather(work, s->grid.banded, JF_MAX_LANES * n, sizeof *j->grad,
                    j->grad);
    jf_bands_own(work, s->grid.banded, j->grid.rows, &first, &last);
    memset(jf_quincunx_map(&j->grid, 0, first), 0,
           (last - first) * j->grid.line * sizeof(real));
    JF_TRY(jf_quincunx_smooth(&j->grid, work, 1));
    return jf_quincunx_divide(&j->grid, add_squares, j, work);
}

/* Rows of the last grid: y exp(-t / 2), or back. */
static int last_rows(void *arg, size_t lane, size_t first, size_t count,
                     jf_work *work)
{
    const job *j = arg;
    size_t n = j->grid.channels;
    (void)work;
    for (size_t i = first; i < first + count; i++)
        for (size_t q = 0; q < j->grid.cols; q++)
            for (size_t c = 0; c < n; c++) {
                real *y = jf_quincunx_pixel(&j->grid, j->x, i, q) + c;
                real e = exp(R(-0.5) * j->theta[c]);
                if (j->way == BACKWARD) {
                    real *dz = jf_quincunx_pixel(&j->grid, j->dz, i, q) + c;
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
    size_t n = s->grid.channels;
    jf_quincunx_set(&j->grid, s->grid.levels);
    memset(j->grad, 0, JF_MAX_LANES * n * sizeof *j->grad);
    JF_TRY(jf_quincunx_divide(&j->grid, last_rows, j, work));
    if (j->way != BACKWARD)
        return GSL_SUCCESS;
    jf_bands_gather(work, s->grid.banded, JF_MAX_LANES * n, sizeof *j->grad,
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
    size_t n = n_step(s), steps = 2 * s->grid.levels;
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
        for (size_t i = 0; j->way == FORWARD && i < j->grid.rows; i++)
            sum += j->ld[i];
        for (size_t l = 0; j->way == BACKWARD && l < JF_MAX_LANES; l++)
            for (size_t k = 0; k < n; k++)
                grad[step * n + k] += (real)j->grad[l * n + k];
    }
    for (size_t c = 0; c < s->grid.channels; c++)
        sum -= 0.5 * (double)last[c] *
               (double)((s->grid.height >> s->grid.levels) *
                        (s->grid.width >> s->grid.levels));
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
    j.grid = s->grid;
    j.theta = w.theta;
    j.ld = jf_push_bytes(work, s->grid.height * sizeof *j.ld);
    j.grad = jf_push_bytes(work, JF_MAX_LANES * n * sizeof *j.grad);
    j.w = jf_push(work, n);
    j.grid.map = jf_push(work, (s->grid.reach + 1) * self->d);
    j.grid.tmp = jf_push(work, self->d);
    for (size_t i = 0; i < x.rows; i++) {
        j.x = jf_row(x, i);
        if (j.way == BACKWARD) {
            j.dz = jf_row(dz, i);
            j.g = d_ld[i];
        }
        JF_TRY(all_steps(&j, ld ? ld + i : NULL, grad, work));
        j.theta = w.theta;
    }
    jf_pop(work, j.grid.tmp);
    jf_pop(work, j.grid.map);
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
    size_t n = s->grid.channels;
    (void)rng, (void)work;
    for (size_t step = 0; step < 2 * s->grid.levels; step++)
        for (size_t c = 0; c < n; c++) {
            theta[0] = 0;
            for (size_t k = 1; k < features(s, c); k++)
                theta[k] = log(R(0.001));
            for (size_t k = 0; k < s->grid.reach; k++)
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

jf_layer *jf_local_scale(size_t height, size_t width, size_t channels,
                         size_t levels, size_t reach)
{
    const char *why =
        jf_quincunx_refuses(height, width, channels, levels, reach);
    if (why)
        JF_ERROR_NULL(why, GSL_EINVAL);
    local_scale s = {.grid = {.height = height,
                              .width = width,
                              .channels = channels,
                              .levels = levels,
                              .reach = reach}};
    local_scale *layer = (local_scale *)jf_layer_new(
        sizeof *layer, "local_scale", &ops, height * width * channels,
        2 * levels * n_step(&s) + channels);
    if (!layer)
        return NULL;
    layer->grid = s.grid;
    layer->base.positions = height * width;
    if (jf_quincunx_is_bandable(&layer->grid)) {
        layer->grid.banded = height * width;
        layer->base.band_in = layer->base.band_out =
            (jf_banded){layer->base.d, layer->grid.banded};
    }
    return jf_layer_record(
        &layer->base,
        "height=%zu, width=%zu, channels=%zu, levels=%zu, reach=%zu", height,
        width, channels, levels, reach);
}
