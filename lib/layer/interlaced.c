/* interlaced.c -- z_p = Phi^-1(G(x_p | coarser pixels)), on an image of levels.
 *
 * In the order of quincunx.h, a half-step of a level at a time.  X = steps x
 * counts grey levels, [k, k + 1) is the cell of grey level k, and G the
 * distribution function of cells.h, whose density is constant on every cell.
 * For channel c of a pixel p of the half-step, y given values less their noise,
 * m_c the mean of the four nearest of them,
 *
 *   mu_c  = b_c + m_c + sum_c' sum_j a_c'j (y_c'(p + o_j) - m_c')
 *           + sum_{c' < c} v_c' (y_c'(p) - m_c'),
 *   s_c^2 = w_0 + sum_k sum_c' w_kc' E_kc'(p) + sum_{c' < c} u_c' r_c'^2,
 *   r_c   = y_c(p) - mu_c,
 *
 * o_j the 16 given pixels around p, E_k the mean around p of squares of what
 * each given pixel has beyond the mean of its own four nearest, by k passes of
 * quincunx.h; w and u are exp(theta) > 0.  What is left after all levels has a
 * constant mu and s.  The Jacobian is triangular in this order.
 *
 * Less their noise: y is the middle of the cell, but within BEND / 2 of its ends
 * goes over to the next one, so that the map is continuous: what predicts does
 * not see the noise of dequantisation, which it could not predict either.
 *
 * So this is at once what codecs of interlaced pictures do (prediction from the
 * coarser ones, contexts of local activity) and a flow: without iteration but
 * for the search of a cell, one pass of few half-steps both ways.
 *
 * theta: by level and half-step, for each c in turn b, v (c), a (channels, 16),
 * log of w_0, w_kc' (reach, channels), u_c' (c); then for each channel of the
 * last grid mu and log s^2. */
#include <string.h>
#include <tgmath.h>

#include "base/error.h"
#include "layer/cells.h"
#include "layer/interlaced.h"

enum { CHANNELS = JF_QUINCUNX_CHANNELS, REACH = JF_QUINCUNX_REACH };
enum { TAPS = JF_INTERLACED_TAPS, NEAREST = 4, PAD = 3 };

static const double bend = 0.2;

/* Rows and columns to a given pixel: four nearest, eight, four. */
static const int around[2][TAPS][2] = {{{0, 1},
                                        {0, -1},
                                        {1, 0},
                                        {-1, 0},
                                        {1, 2},
                                        {1, -2},
                                        {-1, 2},
                                        {-1, -2},
                                        {2, 1},
                                        {2, -1},
                                        {-2, 1},
                                        {-2, -1},
                                        {0, 3},
                                        {0, -3},
                                        {3, 0},
                                        {-3, 0}},
                                       {{1, 1},
                                        {1, -1},
                                        {-1, 1},
                                        {-1, -1},
                                        {1, 3},
                                        {1, -3},
                                        {-1, 3},
                                        {-1, -3},
                                        {3, 1},
                                        {3, -1},
                                        {-3, 1},
                                        {-3, -1},
                                        {3, 3},
                                        {3, -3},
                                        {-3, 3},
                                        {-3, -3}}};

/* From a given pixel to its own four nearest. */
static const int beside[2][NEAREST][2] = {{{1, 1}, {1, -1}, {-1, 1}, {-1, -1}},
                                          {{0, 2}, {0, -2}, {2, 0}, {-2, 0}}};

/* theta of channel c in a half-step: b, v, a; then scales. */
size_t jf_interlaced_means(const jf_interlaced_layer *l, size_t c)
{
    return 1 + c + l->grid.channels * TAPS;
}

size_t jf_interlaced_scales(const jf_interlaced_layer *l, size_t c)
{
    return 1 + l->grid.reach * l->grid.channels + c;
}

size_t jf_interlaced_step(const jf_interlaced_layer *l)
{
    size_t n = 0;
    for (size_t c = 0; c < l->grid.channels; c++)
        n += jf_interlaced_means(l, c) + jf_interlaced_scales(l, c);
    return n;
}

/* y of X, and its derivative. */
double jf_interlaced_settle(double x, double *slope)
{
    double k = floor(x), u = x - k, end = fmin(u, 1 - u);
    *slope = end < bend / 2 ? 1 / bend : 0;
    if (end >= bend / 2)
        return k + 0.5;
    return u < 0.5 ? k + u / bend : k + 1 - (1 - u) / bend;
}

/* Entry (row, col) of a plane with a border, from -PAD on. */
static real *bordered(const jf_interlaced_job *j, real *plane, long row,
                      long col)
{
    long line = (long)j->grid.cols + 2 * PAD;
    return plane + ((row + PAD) * line + col + PAD) * (long)j->grid.channels;
}

/* The pixel of n that is seen at i, by reflection. */
static size_t mirror(long i, size_t n)
{
    long period = 2 * ((long)n - 1), at = i % period;
    at = at < 0 ? at + period : at;
    return (size_t)(at < (long)n ? at : period - at);
}

/* Given values, a row of the plane with a border at a time; 0 elsewhere. */
static int settle_rows(void *arg, size_t lane, size_t first, size_t count,
                       jf_work *work)
{
    const jf_interlaced_job *j = arg;
    size_t n = j->grid.channels;
    double unused;
    (void)lane, (void)work;
    for (size_t i = first; i < first + count; i++) {
        size_t row = mirror((long)i - PAD, j->grid.rows);
        real *y = j->y + i * (j->grid.cols + 2 * PAD) * n;
        for (long q = -PAD; q < (long)j->grid.cols + PAD; q++, y += n) {
            size_t col = mirror(q, j->grid.cols);
            const real *x = jf_quincunx_pixel(&j->grid, j->x, row, col);
            int given = jf_quincunx_is_given(&j->grid, row, col);
            for (size_t c = 0; c < n; c++)
                y[c] = given ? (real)jf_interlaced_settle(
                                   (double)j->l->steps * (double)x[c], &unused)
                             : 0;
        }
    }
    return GSL_SUCCESS;
}

/* What channel c of a given pixel has beyond the mean of its nearest. */
static real beyond(const jf_interlaced_job *j, size_t row, size_t col, size_t c)
{
    real sum = 0;
    for (size_t k = 0; k < NEAREST; k++)
        sum += bordered(j, j->y, (long)row + beside[j->grid.odd][k][0],
                        (long)col + beside[j->grid.odd][k][1])[c];
    return bordered(j, j->y, (long)row, (long)col)[c] - R(0.25) * sum;
}

/* Map 0: its square where given, 0 elsewhere. */
static int squares(void *arg, size_t lane, size_t first, size_t count,
                   jf_work *work)
{
    const jf_interlaced_job *j = arg;
    size_t n = j->grid.channels;
    (void)lane, (void)work;
    for (size_t i = first; i < first + count; i++) {
        real *e = jf_quincunx_map(&j->grid, 0, i);
        for (size_t q = 0; q < j->grid.cols * n; q++) {
            int given = jf_quincunx_is_given(&j->grid, i, q / n);
            real h = given ? beyond(j, i, q / n, q % n) : 0;
            e[q] = h * h;
        }
    }
    return GSL_SUCCESS;
}

/* Map 0: dL/d(square) becomes dL/d(what it is the square of). */
static int squares_backward(void *arg, size_t lane, size_t first, size_t count,
                            jf_work *work)
{
    const jf_interlaced_job *j = arg;
    size_t n = j->grid.channels;
    (void)lane, (void)work;
    for (size_t i = first; i < first + count; i++) {
        real *e = jf_quincunx_map(&j->grid, 0, i);
        for (size_t q = 0; q < j->grid.cols * n; q++) {
            int given = jf_quincunx_is_given(&j->grid, i, q / n);
            e[q] *= given ? 2 * beyond(j, i, q / n, q % n) : 0;
        }
    }
    return GSL_SUCCESS;
}

void jf_interlaced_look(const jf_interlaced_job *j, size_t row, size_t col,
                        jf_interlaced_view *v)
{
    size_t n = j->grid.channels;
    const real *near[TAPS];
    for (size_t k = 0; k < TAPS; k++)
        near[k] = bordered(j, j->y, (long)row + around[j->grid.odd][k][0],
                           (long)col + around[j->grid.odd][k][1]);
    for (size_t c = 0; c < n; c++) {
        v->m[c] = 0;
        for (size_t k = 0; k < NEAREST; k++)
            v->m[c] += 0.25 * (double)near[k][c];
        for (size_t k = 0; k < TAPS; k++)
            v->near[c][k] = (double)near[k][c] - v->m[c];
    }
    v->e = jf_quincunx_map(&j->grid, 1, row) + col * n;
}

/* mu and s^2 of channel c from w, those of channels before it known. */
static void predict(const jf_interlaced_job *j, const real *w, size_t c,
                    jf_interlaced_view *v)
{
    size_t n = j->grid.channels;
    const real *e = v->e;
    double mu = (double)*w++ + v->m[c], square;
    for (size_t i = 0; i < c; i++)
        mu += (double)*w++ * (v->y[i] - v->m[i]);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < TAPS; k++)
            mu += (double)*w++ * v->near[i][k];
    square = (double)*w++;
    for (size_t k = 0; k < j->grid.reach; k++, e += j->grid.size)
        for (size_t i = 0; i < n; i++)
            square += (double)*w++ * (double)e[i];
    for (size_t i = 0; i < c; i++) {
        double r = v->y[i] - v->mu[i];
        square += (double)*w++ * (r * r);
    }
    v->mu[c] = mu;
    v->square[c] = square;
}

/* Of channel c: what its loss says of mu and s^2 goes to theta, to the channels
 * before it (d_y, d_r), to means and maps. */
static void predict_backward(const jf_interlaced_job *j, const real *w,
                             size_t c, const jf_interlaced_view *v, double d_mu,
                             double d_square, double *d_y, double *d_r,
                             double *d_m, real *d_e, double *grad)
{
    size_t n = j->grid.channels;
    const real *e = v->e;
    *grad++ += d_mu;
    w++;
    d_m[c] += d_mu;
    for (size_t i = 0; i < c; i++, w++) {
        *grad++ += d_mu * (v->y[i] - v->m[i]);
        d_y[i] += d_mu * (double)*w;
        d_m[i] -= d_mu * (double)*w;
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < TAPS; k++, w++) {
            *grad++ += d_mu * v->near[i][k];
            d_m[i] -= d_mu * (double)*w;
        }
    *grad++ += d_square * (double)*w++;
    for (size_t k = 0; k < j->grid.reach; k++, e += j->grid.size)
        for (size_t i = 0; i < n; i++, w++) {
            *grad++ += d_square * (double)*w * (double)e[i];
            d_e[k * n + i] += (real)(d_square * (double)*w);
        }
    for (size_t i = 0; i < c; i++, w++) {
        double r = v->y[i] - v->mu[i];
        *grad++ += d_square * (double)*w * (r * r);
        d_r[i] += 2 * d_square * (double)*w * r;
    }
}

/* x is there already; dz becomes dx but for what finer pixels see of it. */
static void pixel_backward(const jf_interlaced_job *j, const real *const *w,
                           const size_t *offset, jf_interlaced_view *v,
                           size_t row, size_t col, double *grad)
{
    size_t n = j->grid.channels;
    double d_y[CHANNELS] = {0}, d_r[CHANNELS] = {0}, d_m[CHANNELS] = {0};
    real d_e[REACH * CHANNELS] = {0};
    real *dz = jf_quincunx_pixel(&j->grid, j->dz, row, col);
    real *d_mean = j->d_mean + (row * j->grid.cols + col) * 2 * n;
    real *e = jf_quincunx_map(&j->grid, 1, row) + col * n;
    for (size_t c = n; c-- > 0;) {
        double s = sqrt(v->square[c]);
        jf_cells_gradient d =
            jf_cells_backward(v->x[c], v->mu[c], s, (double)dz[c], j->g);
        double d_mu = d.mu - d_r[c];
        predict_backward(j, w[c], c, v, d_mu, d.s / (2 * s), d_y, d_r, d_m, d_e,
                         grad + offset[c]);
        d_mean[c] = (real)d_mu;
        dz[c] = (real)((double)j->l->steps *
                       (d.x + v->slope[c] * (d_y[c] + d_r[c])));
    }
    for (size_t c = 0; c < n; c++)
        d_mean[n + c] = (real)d_m[c];
    for (size_t k = 0; k < j->grid.reach; k++)
        for (size_t i = 0; i < n; i++)
            e[k * j->grid.size + i] = d_e[k * n + i];
}

/* A pixel of the half-step; the log-determinant of its channels. */
static double pass_pixel(const jf_interlaced_job *j, const real *const *w,
                         const size_t *offset, size_t row, size_t col,
                         double *grad)
{
    double sum = 0, steps = (double)j->l->steps;
    real *x = jf_quincunx_pixel(&j->grid, j->x, row, col);
    jf_interlaced_view v;
    jf_interlaced_look(j, row, col, &v);
    for (size_t c = 0; c < j->grid.channels; c++) {
        double log_slope = 0, z = (double)x[c], s;
        predict(j, w[c], c, &v);
        s = sqrt(v.square[c]);
        v.x[c] = j->way == INVERSE ? jf_cells_inverse(z, v.mu[c], s)
                                   : steps * (double)x[c];
        v.y[c] = jf_interlaced_settle(v.x[c], &v.slope[c]);
        if (j->way == INVERSE)
            x[c] = (real)(v.x[c] / steps);
        if (j->way == FORWARD)
            x[c] = (real)jf_cells_forward(v.x[c], v.mu[c], s, &log_slope);
        sum += log_slope;
    }
    if (j->way == BACKWARD)
        pixel_backward(j, w, offset, &v, row, col, grad);
    return sum;
}

/* dL/dE and dL/d(mu, m) are 0 at pixels that are given, or left to others. */
static void clear_others(const jf_interlaced_job *j, size_t row)
{
    size_t n = j->grid.channels, cols = j->grid.cols;
    jf_quincunx_clear(&j->grid, row);
    for (size_t q = 0; q < cols; q++)
        if (jf_quincunx_is_left(&j->grid, row, q))
            memset(j->d_mean + (row * cols + q) * 2 * n, 0,
                   2 * n * sizeof(real));
}

static int pass_rows(void *arg, size_t lane, size_t first, size_t count,
                     jf_work *work)
{
    const jf_interlaced_job *j = arg;
    const jf_interlaced_layer *l = j->l;
    const real *w[CHANNELS];
    size_t offset[CHANNELS];
    double *grad =
        j->way == BACKWARD ? j->grad + lane * jf_interlaced_step(l) : NULL;
    (void)work;
    for (size_t c = 0, at = 0; c < j->grid.channels; c++) {
        offset[c] = at;
        w[c] = j->w + at;
        at += jf_interlaced_means(l, c) + jf_interlaced_scales(l, c);
    }
    for (size_t i = first; i < first + count; i++) {
        double sum = 0;
        for (size_t q = jf_quincunx_first(&j->grid, i); q < j->grid.cols;
             q += 2)
            sum += pass_pixel(j, w, offset, i, q, grad);
        if (j->way == FORWARD)
            j->ld[i] = sum;
        if (j->way == BACKWARD)
            clear_others(j, i);
    }
    return GSL_SUCCESS;
}

/* dL/dy of a plane with a border, a row of it at a time: what pixels of the
 * half-step and their maps see there. */
static int gather_rows(void *arg, size_t lane, size_t first, size_t count,
                       jf_work *work)
{
    const jf_interlaced_job *j = arg;
    size_t n = j->grid.channels;
    long rows = (long)j->grid.rows, cols = (long)j->grid.cols;
    (void)lane, (void)work;
    for (size_t i = first; i < first + count; i++)
        for (long q = -PAD; q < cols + PAD; q++) {
            long row = (long)i - PAD;
            double sum[CHANNELS] = {0};
            const real *w = j->w;
            for (size_t k = 0; k < TAPS; k++) {
                long from = row - around[j->grid.odd][k][0];
                long at = q - around[j->grid.odd][k][1];
                if (from < 0 || from >= rows || at < 0 || at >= cols)
                    continue;
                const real *d = j->d_mean + (from * cols + at) * 2 * (long)n;
                w = j->w;
                for (size_t c = 0; c < n; c++) {
                    for (size_t o = 0; o < n; o++)
                        sum[o] += (double)(d[c] * w[1 + c + o * TAPS + k]);
                    w += jf_interlaced_means(j->l, c) +
                         jf_interlaced_scales(j->l, c);
                    if (k < NEAREST)
                        sum[c] += 0.25 * (double)d[n + c];
                }
            }
            for (size_t k = 0; k < NEAREST; k++) {
                long from = row - beside[j->grid.odd][k][0];
                long at = q - beside[j->grid.odd][k][1];
                if (from < 0 || from >= rows || at < 0 || at >= cols)
                    continue;
                const real *e =
                    jf_quincunx_map(&j->grid, 0, (size_t)from) + (size_t)at * n;
                for (size_t c = 0; c < n; c++)
                    sum[c] -= 0.25 * (double)e[c];
            }
            if (row >= 0 && row < rows && q >= 0 && q < cols)
                for (size_t c = 0; c < n; c++)
                    sum[c] += (double)jf_quincunx_map(
                        &j->grid, 0, (size_t)row)[(size_t)q * n + c];
            for (size_t c = 0; c < n; c++)
                bordered(j, j->dy, row, q)[c] = (real)sum[c];
        }
    return GSL_SUCCESS;
}

/* dx of given pixels += dL/dy of all places where they are seen. */
static int fold_rows(void *arg, size_t lane, size_t first, size_t count,
                     jf_work *work)
{
    const jf_interlaced_job *j = arg;
    size_t n = j->grid.channels;
    long rows = (long)j->grid.rows, cols = (long)j->grid.cols;
    (void)lane, (void)work;
    for (size_t i = first; i < first + count; i++)
        for (long t = -PAD; t <= PAD; t++) { /* it, and rows of the border */
            long row = t < 0 ? t : t > 0 ? rows + t - 1 : (long)i;
            if (mirror(row, j->grid.rows) != i)
                continue;
            for (long q = -PAD; q < cols + PAD; q++) {
                size_t col = mirror(q, j->grid.cols);
                if (!jf_quincunx_is_given(&j->grid, i, col))
                    continue;
                const real *d = bordered(j, j->dy, row, q);
                const real *x = jf_quincunx_pixel(&j->grid, j->x, i, col);
                real *dx = jf_quincunx_pixel(&j->grid, j->dz, i, col);
                for (size_t c = 0; c < n; c++) {
                    double slope, steps = (double)j->l->steps;
                    jf_interlaced_settle(steps * (double)x[c], &slope);
                    dx[c] += (real)(steps * slope * (double)d[c]);
                }
            }
        }
    return GSL_SUCCESS;
}

/* theta; of scales its exponential, of maps that are not yet divided by the
 * share of given pixels. */
static void set_weights(const jf_interlaced_job *j)
{
    const jf_interlaced_layer *l = j->l;
    real share = j->grid.odd ? R(0.25) : R(0.5);
    const real *t = j->theta;
    real *w = j->w;
    for (size_t c = 0; c < l->grid.channels; c++) {
        size_t mean = jf_interlaced_means(l, c),
               scale = jf_interlaced_scales(l, c);
        memcpy(w, t, mean * sizeof *w);
        w += mean;
        t += mean;
        for (size_t k = 0; k < scale; k++) {
            int map = k > 0 && k <= l->grid.reach * l->grid.channels;
            *w++ = exp(*t++) / (map ? share : 1);
        }
    }
}

static int divide(jf_interlaced_job *j, jf_lane_task task, jf_work *work)
{
    return jf_quincunx_divide(&j->grid, task, j, work);
}

/* Of a plane with a border. */
static int divide_bordered(jf_interlaced_job *j, jf_lane_task task,
                           jf_work *work)
{
    return jf_divide(work, j->grid.rows + 2 * PAD, j->grid.lanes, task, j);
}

/* What pixels of a half-step see. */
int jf_interlaced_set(jf_interlaced_job *j, size_t level, size_t odd,
                      jf_work *work)
{
    jf_quincunx_set(&j->grid, level);
    j->grid.odd = odd;
    JF_TRY(divide_bordered(j, settle_rows, work));
    JF_TRY(divide(j, squares, work));
    return jf_quincunx_smooth(&j->grid, work, 0);
}

static int half_step(jf_interlaced_job *j, size_t level, size_t odd,
                     jf_work *work)
{
    JF_TRY(jf_interlaced_set(j, level, odd, work));
    set_weights(j);
    if (j->way == BACKWARD)
        memset(j->grad, 0,
               JF_MAX_LANES * jf_interlaced_step(j->l) * sizeof *j->grad);
    JF_TRY(divide(j, pass_rows, work));
    if (j->way != BACKWARD)
        return GSL_SUCCESS;
    memset(j->grid.map, 0, j->grid.size * sizeof(real));
    JF_TRY(jf_quincunx_smooth(&j->grid, work, 1));
    JF_TRY(divide(j, squares_backward, work));
    JF_TRY(divide_bordered(j, gather_rows, work));
    return divide(j, fold_rows, work);
}

/* Pixels of the last grid: mu and s are theta's. */
static int last_rows(void *arg, size_t lane, size_t first, size_t count,
                     jf_work *work)
{
    const jf_interlaced_job *j = arg;
    size_t n = j->grid.channels;
    double steps = (double)j->l->steps;
    (void)work;
    for (size_t i = first; i < first + count; i++) {
        double sum = 0, log_slope = 0;
        for (size_t q = 0; q < j->grid.cols * n; q++) {
            size_t c = q % n;
            real *x = jf_quincunx_pixel(&j->grid, j->x, i, q / n) + c;
            double mu = (double)j->theta[2 * c];
            double s = exp(0.5 * (double)j->theta[2 * c + 1]);
            if (j->way == INVERSE)
                *x = (real)(jf_cells_inverse((double)*x, mu, s) / steps);
            if (j->way == FORWARD)
                *x = (real)jf_cells_forward(steps * (double)*x, mu, s,
                                            &log_slope);
            sum += log_slope;
            if (j->way != BACKWARD)
                continue;
            real *dz = jf_quincunx_pixel(&j->grid, j->dz, i, q / n) + c;
            jf_cells_gradient d =
                jf_cells_backward(steps * (double)*x, mu, s, (double)*dz, j->g);
            j->grad[lane * 2 * n + 2 * c] += d.mu;
            j->grad[lane * 2 * n + 2 * c + 1] += 0.5 * s * d.s;
            *dz = (real)(steps * d.x);
        }
        if (j->way == FORWARD)
            j->ld[i] = sum;
    }
    return GSL_SUCCESS;
}

/* theta of a half-step, or of the last grid, from sums of lanes. */
static void add_gradient(const jf_interlaced_job *j, size_t n, real *grad)
{
    for (size_t k = 0; k < n && j->way == BACKWARD; k++) {
        double sum = 0;
        for (size_t lane = 0; lane < JF_MAX_LANES; lane++)
            sum += j->grad[lane * n + k];
        grad[k] += (real)sum;
    }
}

/* All half-steps on one image, the finest first; in the other direction the
 * last grid is. */
static int all_steps(jf_interlaced_job *j, double *ld, real *grad,
                     jf_work *work)
{
    const jf_interlaced_layer *l = j->l;
    size_t n = jf_interlaced_step(l), steps = 2 * l->grid.levels;
    const real *theta = j->theta;
    double sum = (double)l->base.d * log((double)l->steps);
    for (size_t t = 0; t <= steps; t++) {
        size_t step = j->way ? steps - t : t;
        j->theta = theta + step * n;
        if (step < steps) {
            JF_TRY(half_step(j, step / 2, step % 2, work));
            add_gradient(j, n, grad + step * n);
        } else {
            jf_quincunx_set(&j->grid, l->grid.levels);
            memset(j->grad, 0,
                   JF_MAX_LANES * 2 * l->grid.channels * sizeof *j->grad);
            JF_TRY(divide(j, last_rows, work));
            add_gradient(j, 2 * l->grid.channels, grad + step * n);
        }
        for (size_t i = 0; i < j->grid.rows && j->way == FORWARD; i++)
            sum += j->ld[i];
    }
    if (ld)
        *ld += sum;
    return GSL_SUCCESS;
}

size_t jf_interlaced_bordered(const jf_interlaced_layer *l)
{
    return (l->grid.height + 2 * PAD) * (l->grid.width + 2 * PAD) *
           l->grid.channels;
}

/* Image after image; each has the team. */
static int pass(const jf_layer *self, jf_weights w, jf_interlaced_job j,
                jf_matrix x, jf_matrix dz, double *ld, const double *d_ld,
                real *grad, jf_work *work)
{
    const jf_interlaced_layer *l = (const jf_interlaced_layer *)self;
    size_t n = jf_interlaced_step(l), back = j.way == BACKWARD;
    j.l = l;
    j.grid = l->grid;
    j.ld = jf_push_bytes(work, l->grid.height * sizeof *j.ld);
    j.grad = jf_push_bytes(work, JF_MAX_LANES * n * sizeof *j.grad);
    j.w = jf_push(work, n);
    j.grid.map = jf_push(work, (l->grid.reach + 1) * self->d);
    j.grid.tmp = jf_push(work, self->d);
    j.y = jf_push(work, jf_interlaced_bordered(l));
    j.dy = jf_push(work, back ? jf_interlaced_bordered(l) : 1);
    j.d_mean = jf_push(work, back ? 2 * self->d : 1);
    for (size_t i = 0; i < x.rows; i++) {
        j.x = jf_row(x, i);
        j.theta = w.theta;
        if (back) {
            j.dz = jf_row(dz, i);
            j.g = d_ld[i];
        }
        JF_TRY(all_steps(&j, ld ? ld + i : NULL, grad, work));
    }
    jf_pop(work, j.d_mean);
    jf_pop(work, j.dy);
    jf_pop(work, j.y);
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
    if (work->tape != JF_TAPE_NONE) /* the search of cells would be costly */
        jf_matrix_copy(jf_push_matrix(work, x.rows, self->d), jf_const(x));
    return pass(self, w, (jf_interlaced_job){.way = FORWARD}, x, (jf_matrix){0},
                log_abs_det, NULL, NULL, work);
}

static int inverse(const jf_layer *self, jf_weights w, jf_matrix z,
                   jf_work *work)
{
    return pass(self, w, (jf_interlaced_job){.way = INVERSE}, z, (jf_matrix){0},
                NULL, NULL, NULL, work);
}

static int backward(const jf_layer *self, jf_weights w, jf_matrix z,
                    jf_matrix dz, const double *d_log_abs_det, jf_grad grad,
                    jf_work *work)
{
    real *old = jf_top(work);
    jf_matrix_copy(z, jf_const_view(old, z.rows, self->d));
    JF_TRY(pass(self, w, (jf_interlaced_job){.way = BACKWARD}, z, dz, NULL,
                d_log_abs_det, grad.theta, work));
    jf_pop(work, old);
    return GSL_SUCCESS;
}

/* mu is the mean of the nearest; s^2 a quarter of a level's, a hundredth of
 * what is local in the own channel and a thousandth in others, map by map. */
static int init(const jf_module *self, real *theta, gsl_rng *rng, jf_work *work)
{
    const jf_interlaced_layer *l = (const jf_interlaced_layer *)self;
    size_t n = l->grid.channels;
    (void)rng, (void)work;
    for (size_t step = 0; step < 2 * l->grid.levels; step++)
        for (size_t c = 0; c < n; c++) {
            size_t mean = jf_interlaced_means(l, c),
                   scale = jf_interlaced_scales(l, c);
            memset(theta, 0, mean * sizeof *theta);
            theta += mean;
            theta[0] = log(R(0.25));
            for (size_t k = 1; k < scale; k++)
                theta[k] = log(R(0.001));
            for (size_t k = 0; k < l->grid.reach; k++)
                theta[1 + k * n + c] = log(R(0.01));
            theta += scale;
        }
    for (size_t c = 0; c < n; c++) {
        *theta++ = R(0.5) * (real)l->steps;
        *theta++ = 2 * log((real)l->steps / 4);
    }
    return GSL_SUCCESS;
}

static int init_from_data(const jf_layer *self, real *theta, jf_const_matrix x,
                          gsl_rng *rng, jf_work *work)
{
    JF_TRY(init(&self->module, theta, rng, work));
    return jf_interlaced_fit((const jf_interlaced_layer *)self, theta, x, work);
}

static const jf_layer_ops ops = {.module = {.init = init},
                                 .init_from_data = init_from_data,
                                 .forward = forward,
                                 .inverse = inverse,
                                 .backward = backward};

jf_layer *jf_interlaced(size_t height, size_t width, size_t channels,
                        size_t levels, size_t reach, size_t steps)
{
    const char *why =
        jf_quincunx_refuses(height, width, channels, levels, reach);
    if (why)
        JF_ERROR_NULL(why, GSL_EINVAL);
    if (!steps || steps > 1 << 16)
        JF_ERROR_NULL("1 to 65536 steps of grey", GSL_EINVAL);
    jf_interlaced_layer l = {.grid = {.height = height,
                                      .width = width,
                                      .channels = channels,
                                      .levels = levels,
                                      .reach = reach}};
    jf_interlaced_layer *layer = (jf_interlaced_layer *)jf_layer_new(
        sizeof *layer, "interlaced", &ops, height * width * channels,
        2 * levels * jf_interlaced_step(&l) + 2 * channels);
    if (!layer)
        return NULL;
    layer->grid = l.grid;
    layer->steps = steps;
    layer->base.positions = height * width;
    layer->base.n_saved = layer->base.d;
    layer->base.unbanded = 1;
    return jf_layer_record(&layer->base,
                           "height=%zu, width=%zu, channels=%zu, levels=%zu, "
                           "reach=%zu, steps=%zu",
                           height, width, channels, levels, reach, steps);
}
