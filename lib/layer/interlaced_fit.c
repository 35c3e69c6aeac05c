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

enum { SAMPLE = 1 << 15, ROUNDS = 12, STEPS = 4, ENOUGH = 4 };
enum { CHANNELS = JF_QUINCUNX_CHANNELS, TAPS = JF_INTERLACED_TAPS };

static const double least = 0.01;

/* Of one channel of a half-step: a sample of its pixels. */
typedef struct {
    jf_interlaced_job j;
    jf_const_matrix images;
    size_t c, n_mean, n_scale, count, room;
    double *mean;   /* (room, n_mean): what parameters of mu - m multiply */
    double *scale;  /* (room, n_scale): those of s^2 */
    double *target; /* (room): y - m */
    double *normal, *b, *w; /* (n_mean, n_mean), (n_mean), (n_scale) */
    double *up, *down;      /* (n_scale) */
} fit;

/* A pixel whose channels before c are predicted. */
static void take(fit *f, const jf_interlaced_view *v)
{
    const jf_interlaced_job *j = &f->j;
    double *mean = f->mean + f->count * f->n_mean;
    double *scale = f->scale + f->count * f->n_scale;
    const real *e = v->e;
    *mean++ = 1;
    *scale++ = 1;
    for (size_t i = 0; i < f->c; i++)
        *mean++ = v->y[i] - v->m[i];
    for (size_t i = 0; i < j->grid.channels; i++, mean += TAPS)
        memcpy(mean, v->near[i], sizeof v->near[i]);
    for (size_t k = 0; k < j->grid.reach; k++, e += j->grid.size)
        for (size_t i = 0; i < j->grid.channels; i++)
            *scale++ = (double)e[i] / (j->grid.odd ? 0.25 : 0.5);
    for (size_t i = 0; i < f->c; i++) {
        double r = v->y[i] - v->mu[i];
        *scale++ = r * r;
    }
    f->target[f->count++] = v->y[f->c] - v->m[f->c];
}

/* Every so many pixels of the half-step in an image. */
static void visit(fit *f, size_t every, size_t *pixel)
{
    const jf_interlaced_job *j = &f->j;
    for (size_t row = 0; row < j->grid.rows; row++)
        for (size_t q = jf_quincunx_first(&j->grid, row); q < j->grid.cols;
             q += 2) {
            const real *x = jf_quincunx_pixel(&j->grid, j->x, row, q);
            const real *w = j->w;
            jf_interlaced_view v;
            if ((*pixel)++ % every || f->count == f->room)
                continue;
            jf_interlaced_look(j, row, q, &v);
            for (size_t c = 0; c <= f->c; c++)
                v.y[c] = jf_interlaced_settle(
                    (double)j->l->steps * (double)x[c], &v.slope[c]);
            for (size_t c = 0; c < f->c; c++) {
                jf_interlaced_predict(j, w, c, &v);
                w += jf_interlaced_means(j->l, c) +
                     jf_interlaced_scales(j->l, c);
            }
            take(f, &v);
        }
}

static double residual(const fit *f, size_t i)
{
    double r = f->target[i];
    for (size_t a = 0; a < f->n_mean; a++)
        r -= f->mean[i * f->n_mean + a] * f->b[a];
    return fabs(r);
}

static double scale_squared(const fit *f, size_t i)
{
    double sum = 0;
    for (size_t k = 0; k < f->n_scale; k++)
        sum += f->scale[i * f->n_scale + k] * f->w[k];
    return sum;
}

static int fit_mean(fit *f)
{
    size_t n = f->n_mean;
    memset(f->normal, 0, n * n * sizeof *f->normal);
    memset(f->up, 0, n * sizeof *f->up);
    for (size_t a = 0; a < n; a++)
        f->normal[a * n + a] = 1;
    for (size_t i = 0; i < f->count; i++) {
        const double *mean = f->mean + i * n;
        double square = scale_squared(f, i), t = residual(f, i) / sqrt(square);
        double g = (t > 1e-4 ? tanh(t / 2) / t : 0.5) / square;
        for (size_t a = 0; a < n; a++) {
            double *row = f->normal + a * n, part = g * mean[a];
            for (size_t k = 0; k <= a; k++)
                row[k] += part * mean[k];
            f->up[a] += part * f->target[i];
        }
    }
    for (size_t a = 0; a < n; a++)
        for (size_t k = 0; k < a; k++)
            f->normal[k * n + a] = f->normal[a * n + k];
    JF_TRY(jf_solve_definite(n, f->normal, f->up));
    memcpy(f->b, f->up, n * sizeof *f->b);
    return GSL_SUCCESS;
}

static void fit_scale(fit *f)
{
    memset(f->up, 0, f->n_scale * sizeof *f->up);
    memset(f->down, 0, f->n_scale * sizeof *f->down);
    for (size_t i = 0; i < f->count; i++) {
        const double *scale = f->scale + i * f->n_scale;
        double square = scale_squared(f, i), t = residual(f, i) / sqrt(square);
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
static int fit_channel(fit *f, size_t level, size_t odd, real *theta,
                       jf_work *work)
{
    const jf_interlaced_layer *l = f->j.l;
    size_t pixels = f->images.rows *
                    (f->j.grid.height * f->j.grid.width >> 2 * level) /
                    (odd ? 4 : 2);
    size_t pixel = 0, every = pixels / f->room | 1; /* odd: all columns */
    f->count = 0;
    f->n_mean = jf_interlaced_means(l, f->c);
    f->n_scale = jf_interlaced_scales(l, f->c);
    jf_interlaced_weights(&f->j);
    for (size_t i = 0; i < f->images.rows; i++) {
        memcpy(f->j.x, jf_const_row(f->images, i), l->base.d * sizeof(real));
        JF_TRY(jf_interlaced_set(&f->j, level, odd, work));
        visit(f, every, &pixel);
    }
    memset(f->b, 0, f->n_mean * sizeof *f->b);
    for (size_t k = 0; k < f->n_scale; k++)
        f->w[k] = 1 / (double)f->n_scale;
    for (size_t round = 0; round < ROUNDS; round++) {
        if (f->count >= ENOUGH * f->n_mean)
            JF_TRY(fit_mean(f));
        for (size_t k = 0; k < STEPS; k++)
            fit_scale(f);
    }
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
    size_t c = l->grid.channels, d = l->base.d, steps = 2 * l->grid.levels;
    size_t mean = jf_interlaced_means(l, c - 1);
    size_t scale = jf_interlaced_scales(l, c - 1);
    size_t most = mean > scale ? mean : scale, depth = work->depth;
    size_t pixels = images.rows * d / c;
    fit f = {.j = {.l = l, .grid = l->grid}, .images = images};
    f.room = pixels < SAMPLE ? pixels : (size_t)SAMPLE;
    f.j.x = jf_push(work, d);
    f.j.w = jf_push(work, jf_interlaced_step(l));
    f.j.grid.map = jf_push(work, (l->grid.reach + 1) * d);
    f.j.grid.tmp = jf_push(work, d);
    f.j.y = jf_push(work, jf_interlaced_bordered(l));
    f.mean = push(work, f.room * mean);
    f.scale = push(work, f.room * scale);
    f.target = push(work, f.room);
    f.normal = push(work, mean * mean);
    f.b = push(work, mean);
    f.w = push(work, scale);
    f.up = push(work, most);
    f.down = push(work, scale);
    for (size_t t = 0; t < steps; t++) {
        f.j.theta = theta;
        for (f.c = 0; f.c < c; f.c++) {
            JF_TRY(fit_channel(&f, t / 2, t % 2, theta, work));
            theta += f.n_mean + f.n_scale;
        }
    }
    jf_quincunx_set(&f.j.grid, l->grid.levels);
    fit_last(&f, theta);
    jf_work_release(work, depth);
    return GSL_SUCCESS;
}
