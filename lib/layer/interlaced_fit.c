/* interlaced_fit.c -- where the layer interlaced starts from data.
 *
 * Given values and scales, mu is linear in its parameters, and s^2 in those of
 * its own, all of them positive.  A logistic variable is a normal one of random
 * variance (Andrews and Mallows 1974), so likelihood rises by two steps in turn
 * (Dempster, Laird and Rubin 1977), r = y - mu of a sample of pixels:
 *
 *     mu:   least squares, weights tanh(|r| / 2 s) / (|r| s);
 *     s^2:  w_k *= sqrt(sum q e_k / s^4 / sum e_k / s^2), q = |r| s tanh(|r| /
 *           2 s), e_k what w_k multiplies,
 *
 * the second as for the variances of normal variables (Fevotte, Bertin and
 * Durrieu 2009, sec. 4.1), which also lowers it.  Coefficients count as drawn
 * from N(0, 1) with the weight of one observation; where there are fewer than
 * ENOUGH pixels for each they stay 0, so that mu is the mean of the nearest.  w_0
 * is at least LEAST, below which no pixel of a level tells. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "layer/interlaced.h"
#include "linalg/factor.h"

enum { SAMPLE = 1 << 15, ROUNDS = 12, STEPS = 4, ENOUGH = 4, BLOCK = 256 };
enum { CHANNELS = JF_QUINCUNX_CHANNELS, TAPS = JF_INTERLACED_TAPS };

static const double least = 0.01;

/* A sample of the pixels of a half-step, and one of its channels. */
typedef struct {
    jf_interlaced_job j;
    jf_const_matrix images;
    size_t channels, maps, count, room;
    double *above; /* (room, channels): y - m                        */
    double *near;  /* (room, channels TAPS): what they see           */
    double *map;   /* (room, maps): 1, and what is local             */
    double *left;  /* (room, channels): r^2 of channels that are fit */
    size_t c, n_mean, n_scale;
    double *mean;     /* (room, n_mean): what parameters of mu - m multiply */
    double *scale;    /* (room, n_scale): those of s^2 */
    double *residual; /* (room): |y - mu| */
    double *weighted; /* (BLOCK, n_mean) */
    double *normal, *b, *w; /* (n_mean, n_mean), (n_mean), (n_scale) */
    double *up, *down;      /* (n_mean or n_scale), (n_scale) */
} fit;

static void take(fit *f, const jf_interlaced_view *v)
{
    const jf_interlaced_job *j = &f->j;
    size_t n = f->channels;
    double *above = f->above + f->count * n;
    double *near = f->near + f->count * n * TAPS;
    double *map = f->map + f->count * f->maps;
    const real *e = v->e;
    for (size_t c = 0; c < n; c++, near += TAPS) {
        above[c] = v->y[c] - v->m[c];
        memcpy(near, v->near[c], sizeof v->near[c]);
    }
    *map++ = 1;
    for (size_t k = 0; k < j->grid.reach; k++, e += j->grid.size)
        for (size_t c = 0; c < n; c++)
            *map++ = (double)e[c] / (j->grid.odd ? 0.25 : 0.5);
    f->count++;
}

/* Every so many pixels of the half-step in an image. */
static void visit(fit *f, size_t every, size_t *pixel)
{
    const jf_interlaced_job *j = &f->j;
    for (size_t row = 0; row < j->grid.rows; row++)
        for (size_t q = jf_quincunx_first(&j->grid, row); q < j->grid.cols;
             q += 2) {
            const real *x = jf_quincunx_pixel(&j->grid, j->x, row, q);
            jf_interlaced_view v;
            if ((*pixel)++ % every || f->count == f->room)
                continue;
            jf_interlaced_look(j, row, q, &v);
            for (size_t c = 0; c < f->channels; c++)
                v.y[c] = jf_interlaced_settle(
                    (double)j->l->steps * (double)x[c], &v.slope[c]);
            take(f, &v);
        }
}

static int gather(fit *f, size_t level, size_t odd, jf_work *work)
{
    size_t pixels = f->images.rows *
                    (f->j.grid.height * f->j.grid.width >> 2 * level) /
                    (odd ? 4 : 2);
    size_t pixel = 0, every = pixels / f->room | 1; /* odd: all columns */
    f->count = 0;
    for (size_t i = 0; i < f->images.rows; i++) {
        memcpy(f->j.x, jf_const_row(f->images, i),
               f->images.cols * sizeof(real));
        JF_TRY(jf_interlaced_set(&f->j, level, odd, work));
        visit(f, every, &pixel);
    }
    return GSL_SUCCESS;
}

/* mean and scale of channel c, those before it fit. */
static void arrange(fit *f)
{
    size_t n = f->channels, c = f->c;
    for (size_t i = 0; i < f->count; i++) {
        double *mean = f->mean + i * f->n_mean;
        double *scale = f->scale + i * f->n_scale;
        *mean++ = 1;
        memcpy(mean, f->above + i * n, c * sizeof *mean);
        memcpy(mean + c, f->near + i * n * TAPS, n * TAPS * sizeof *mean);
        memcpy(scale, f->map + i * f->maps, f->maps * sizeof *scale);
        memcpy(scale + f->maps, f->left + i * n, c * sizeof *scale);
    }
}

static void set_residuals(fit *f)
{
    for (size_t i = 0; i < f->count; i++) {
        double r = f->above[i * f->channels + f->c];
        for (size_t a = 0; a < f->n_mean; a++)
            r -= f->mean[i * f->n_mean + a] * f->b[a];
        f->residual[i] = fabs(r);
    }
}

static double scale_squared(const fit *f, size_t i)
{
    double sum = 0;
    for (size_t k = 0; k < f->n_scale; k++)
        sum += f->scale[i * f->n_scale + k] * f->w[k];
    return sum;
}

/* The normal equations of pixels first .. first + count. */
static void add_normal(fit *f, size_t first, size_t count)
{
    size_t n = f->n_mean;
    const double *mean = f->mean + first * n;
    for (size_t i = 0; i < count; i++) {
        double square = scale_squared(f, first + i);
        double t = f->residual[first + i] / sqrt(square);
        double g = (t > 1e-4 ? tanh(t / 2) / t : 0.5) / square;
        double target = f->above[(first + i) * f->channels + f->c];
        for (size_t a = 0; a < n; a++) {
            f->weighted[i * n + a] = g * mean[i * n + a];
            f->up[a] += f->weighted[i * n + a] * target;
        }
    }
    jf_dgemm(JF_TN, n, n, count, 1, f->weighted, mean, 1, f->normal);
}

static int fit_mean(fit *f)
{
    size_t n = f->n_mean;
    memset(f->normal, 0, n * n * sizeof *f->normal);
    memset(f->up, 0, n * sizeof *f->up);
    for (size_t a = 0; a < n; a++)
        f->normal[a * n + a] = 1;
    for (size_t i = 0; i < f->count; i += BLOCK)
        add_normal(f, i, f->count - i < BLOCK ? f->count - i : BLOCK);
    JF_TRY(jf_solve_definite(n, f->normal, f->up));
    memcpy(f->b, f->up, n * sizeof *f->b);
    set_residuals(f);
    return GSL_SUCCESS;
}

static void fit_scale(fit *f)
{
    memset(f->up, 0, f->n_scale * sizeof *f->up);
    memset(f->down, 0, f->n_scale * sizeof *f->down);
    for (size_t i = 0; i < f->count; i++) {
        const double *scale = f->scale + i * f->n_scale;
        double square = scale_squared(f, i), t = f->residual[i] / sqrt(square);
        double up = t * tanh(t / 2) / square;
        for (size_t k = 0; k < f->n_scale; k++) {
            f->up[k] += up * scale[k];
            f->down[k] += scale[k] / square;
        }
    }
    for (size_t k = 0; k < f->n_scale; k++)
        if (f->down[k] > 0)
            f->w[k] *= sqrt(f->up[k] / f->down[k]);
    f->w[0] = fmax(f->w[0], least);
}

/* Of channel c, those before it done; theta its slice. */
static int fit_channel(fit *f, real *theta)
{
    const jf_interlaced_layer *l = f->j.l;
    f->n_mean = jf_interlaced_means(l, f->c);
    f->n_scale = jf_interlaced_scales(l, f->c);
    arrange(f);
    memset(f->b, 0, f->n_mean * sizeof *f->b);
    set_residuals(f);
    for (size_t k = 0; k < f->n_scale; k++)
        f->w[k] = 1 / (double)f->n_scale;
    for (size_t round = 0; round < ROUNDS; round++) {
        if (f->count >= ENOUGH * f->n_mean)
            JF_TRY(fit_mean(f));
        for (size_t k = 0; k < STEPS; k++)
            fit_scale(f);
    }
    for (size_t i = 0; i < f->count; i++)
        f->left[i * f->channels + f->c] = f->residual[i] * f->residual[i];
    for (size_t a = 0; a < f->n_mean; a++)
        *theta++ = (real)f->b[a];
    for (size_t k = 0; k < f->n_scale; k++)
        *theta++ = (real)log(fmax(f->w[k], 1e-6));
    return GSL_SUCCESS;
}

/* Mean and variance of what is left, of a logistic law. */
static void fit_last(const fit *f, real *theta)
{
    const jf_quincunx *g = &f->j.grid;
    for (size_t c = 0; c < g->channels; c++) {
        double sum = 0, square = 0;
        double count = (double)(f->images.rows * g->rows * g->cols);
        for (size_t i = 0; i < f->images.rows; i++)
            for (size_t p = 0; p < g->rows * g->cols; p++) {
                const real *image = jf_const_row(f->images, i);
                size_t at = p / g->cols * g->down + p % g->cols * g->right + c;
                double x = (double)f->j.l->steps * (double)image[at];
                sum += x;
                square += x * x;
            }
        double mean = sum / count, spread = square / count - mean * mean;
        *theta++ = (real)mean;
        *theta++ = (real)log(fmax(spread, 1) * 3 / (M_PI * M_PI));
    }
}

static double *push(jf_work *work, size_t count)
{
    return jf_push_bytes(work, count * sizeof(double));
}

int jf_interlaced_fit(const jf_interlaced_layer *l, real *theta,
                      jf_const_matrix images, jf_work *work)
{
    size_t n = l->grid.channels, d = l->base.d, depth = work->depth;
    size_t mean = jf_interlaced_means(l, n - 1);
    size_t scale = jf_interlaced_scales(l, n - 1);
    size_t most = mean > scale ? mean : scale;
    size_t pixels = images.rows * d / n;
    fit f = {.j = {.l = l, .grid = l->grid},
             .images = images,
             .channels = n,
             .maps = jf_interlaced_scales(l, 0)};
    f.room = pixels < SAMPLE ? pixels : (size_t)SAMPLE;
    f.j.x = jf_push(work, d);
    f.j.grid.map = jf_push(work, (l->grid.reach + 1) * d);
    f.j.grid.tmp = jf_push(work, d);
    f.j.y = jf_push(work, jf_interlaced_bordered(l));
    f.above = push(work, f.room * n);
    f.near = push(work, f.room * n * TAPS);
    f.map = push(work, f.room * f.maps);
    f.left = push(work, f.room * n);
    f.mean = push(work, f.room * mean);
    f.scale = push(work, f.room * scale);
    f.residual = push(work, f.room);
    f.weighted = push(work, BLOCK * mean);
    f.normal = push(work, mean * mean);
    f.b = push(work, mean);
    f.w = push(work, scale);
    f.up = push(work, most);
    f.down = push(work, scale);
    for (size_t t = 0; t < 2 * l->grid.levels; t++) {
        JF_TRY(gather(&f, t / 2, t % 2, work));
        for (f.c = 0; f.c < n; f.c++) {
            JF_TRY(fit_channel(&f, theta));
            theta += f.n_mean + f.n_scale;
        }
    }
    jf_quincunx_set(&f.j.grid, l->grid.levels);
    fit_last(&f, theta);
    jf_work_release(work, depth);
    return GSL_SUCCESS;
}
