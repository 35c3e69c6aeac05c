/* record.c -- E log|det| along a run, and the identities at its end.
 *
 * On a fixed batch: E log|det|, the second moment m = E|f|^2 / d, the
 * likelihood, and the profile E log|det| - (d/2) log m, which is scale-free and
 * below the ceiling for every f (C5.2).  For laws the excess over the ceiling
 * is E log q* - E log p over the second half of the batch, q* the density of f
 * over the root of the first half's m: paired, and a mean below 0 for every f,
 * as no number of q* is fitted to the rows that it is judged by. */
#include "record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double moment_of(jf_matrix z)
{
    double sum = 0;
    for (size_t i = 0; i < z.rows; i++) {
        double norm = jf_norm(z.cols, jf_row(z, i));
        sum += norm * norm / (double)(z.rows * z.cols);
    }
    return sum;
}

/* profile - bound and its standard error, m that of the whole batch; of laws
 * log q* - log p, as above. */
static void excess(const record *r, jf_matrix z, const double *ld, double m,
                   double mean_ld, double *mean, double *se)
{
    size_t half = z.rows / 2, n = z.rows - half, d = z.cols;
    *mean = mean_ld - 0.5 * (double)d * log(m) - r->bound;
    *se = 0;
    if (!r->log_p)
        return;
    double *gap = jf_alloc(n, sizeof *gap);
    double of = moment_of(jf_rows(z, 0, half));
    for (size_t i = 0; i < n; i++) {
        double norm = jf_norm(d, jf_row(z, half + i));
        gap[i] = ld[half + i] - r->log_p[half + i] -
                 0.5 * ((double)d * (JF_LOG_2PI + log(of)) + norm * norm / of);
    }
    jf_sample_moments s = jf_sample_of(n, gap);
    *mean = s.mean;
    *se = s.se;
    free(gap);
}

void path_follow(ld_path *p, double ld, double likelihood, double rounding)
{
    int direction = p->records ? (ld > p->last) - (ld < p->last) : 0;
    if (p->direction && direction && direction != p->direction)
        p->turns++;
    if (direction)
        p->direction = direction;
    if (!p->records) {
        p->highest = ld;
        p->best = likelihood;
    }
    if (likelihood > p->best + rounding)
        p->at_best = jf_worse(p->at_best, p->highest - ld);
    p->highest = fmax(p->highest, ld);
    p->best = fmax(p->best, likelihood);
    p->drawdown = jf_worse(p->drawdown, p->highest - ld);
    p->likelihood_drawdown =
        jf_worse(p->likelihood_drawdown, p->best - likelihood);
    p->last = ld;
    p->records++;
}

void record_take(record *r, size_t step, const real *theta)
{
    size_t n = r->x.rows, d = r->x.cols;
    jf_matrix z = jf_matrix_new(n, d);
    double *ld = jf_alloc(n, sizeof *ld), m, mean = 0, above, se;

    jf_matrix_copy(z, jf_const(r->x));
    if (jf_forward(r->f, theta, z, ld, r->team) != GSL_SUCCESS)
        ld[0] = (double)NAN;
    for (size_t i = 0; i < n; i++)
        mean += ld[i] / (double)n;
    m = moment_of(z);
    double nll = 0.5 * (double)d * (JF_LOG_2PI + m) - mean;
    excess(r, z, ld, m, mean, &above, &se);
    path_follow(&r->path, mean, -nll, TURN * (double)d);
    jf_table_row(r->t->training, r->point,
                 "%s,%s,%lu,%zu," JF_G "," JF_G "," JF_G "," JF_G "," JF_G
                 "," JF_G "," JF_G "," JF_G,
                 r->data, r->flow, r->seed, step, nll, mean, m, r->bound, above,
                 se, r->path.highest - mean, r->path.best + nll);
    free(ld);
    jf_matrix_free(&z);
}

int record_watch(void *arg, const jf_fit_point *point)
{
    size_t octave = 1;
    while (16 * octave <= point->step)
        octave *= 2;
    if (point->step % octave == 0)
        record_take(arg, point->step, point->theta);
    return 0;
}

/* C5.3, from the gradient of f followed by (z + b) exp(s), V z and z exp(c), at
 * the identity: the largest |derivative - moment| over 1 + |moment|, or with
 * factor times the moment for it. */
typedef struct {
    double scale;    /* c:    E|z|^2 - d         */
    double diagonal; /* s, b: E z_i^2 - 1, E z_i */
    double matrix;   /* V:    E z z' - I         */
    double second_moment;
} identities;

static double off(double derivative, double moment)
{
    return fabs(derivative - moment) / (1 + fabs(moment));
}

static identities compare(size_t d, const double *zz, const double *z,
                          const real *grad, double factor)
{
    identities out = {0};
    const real *s = grad, *b = grad + d, *v = grad + 2 * d;
    double trace = 0;
    for (size_t i = 0; i < d; i++) {
        trace += zz[i * d + i];
        out.diagonal = jf_worse(
            out.diagonal, off((double)s[i], factor * (zz[i * d + i] - 1)));
        out.diagonal = jf_worse(out.diagonal, off((double)b[i], factor * z[i]));
        for (size_t j = 0; j < d; j++)
            out.matrix =
                jf_worse(out.matrix, off((double)v[i * d + j],
                                         factor * (zz[i * d + j] - (i == j))));
    }
    out.scale = off((double)v[d * d], factor * (trace - (double)d));
    out.second_moment = trace / (double)d;
    return out;
}

/* doubled: the same with twice the moments, the broken formula. */
static identities check_identities(record *r, const real *trained,
                                   identities *doubled)
{
    size_t n = r->x.rows, d = r->x.cols, first = r->f->module.n_params;
    jf_latent q = jf_normal();
    jf_likelihood value;
    jf_matrix z = jf_matrix_new(n, d);
    double *ld = jf_alloc(n, sizeof *ld), *mean = jf_alloc(d, sizeof *mean);
    double *zz = jf_alloc(d * d, sizeof *zz);

    jf_matrix_copy(z, jf_const(r->x));
    int failed = jf_forward(r->f, trained, z, ld, r->team);
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < d; i++) {
            double zi = (double)jf_row(z, k)[i] / (double)n;
            mean[i] += zi;
            for (size_t j = 0; j < d; j++)
                zz[i * d + j] += zi * (double)jf_row(z, k)[j];
        }
    jf_flow_add(r->f, jf_actnorm(d));
    jf_flow_add(r->f, jf_dense(d));
    jf_flow_add(r->f, jf_scale(d));
    real *theta = jf_theta_new(r->f), *grad = jf_theta_new(r->f);
    memcpy(theta, trained, first * sizeof *theta);
    for (size_t i = 0; i < d; i++)
        theta[first + 2 * d + i * (d + 1)] = 1;
    failed |= jf_nll(r->f, &q, theta, jf_const(r->x), &value, grad, r->team);
    identities out = compare(d, zz, mean, grad + first, 1);
    *doubled = compare(d, zz, mean, grad + first, 2);
    if (failed)
        out.scale = out.diagonal = out.matrix = (double)NAN;
    free(grad);
    free(theta);
    free(zz);
    free(mean);
    free(ld);
    jf_matrix_free(&z);
    return out;
}

void record_conclude(record *r, const real *theta, const char *status)
{
    const ld_path *p = &r->path;
    jf_table_row(r->t->monotone, r->point,
                 "%s,%s,%lu,%s,%zu,%zu," JF_G "," JF_G "," JF_G ",%zu", r->data,
                 r->flow, r->seed, status, p->records, p->turns, p->drawdown,
                 p->likelihood_drawdown, p->at_best, r->f->d);
    identities doubled, i = check_identities(r, theta, &doubled);
    jf_table_row(r->t->identities, r->point,
                 "%s,%s,%lu,%zu,%zu," JF_G "," JF_G "," JF_G "," JF_G "," JF_G
                 "," JF_G "," JF_G,
                 r->data, r->flow, r->seed, r->x.rows, r->x.cols,
                 i.second_moment, i.scale, i.diagonal, i.matrix, doubled.scale,
                 doubled.diagonal, doubled.matrix);
}
