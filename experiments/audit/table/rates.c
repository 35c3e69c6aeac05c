/* rates.c -- where is the edge of stable gradient descent?
 *
 * Question  What is the critical rate of z = W x + b on this table as it is,
 *           centred, standardised and whitened?
 * Method    At the optimum W Sigma W' = I the Hessian of the likelihood is, by
 *           C7.2 for the augmented row (x, 1),
 *               (V, v) -> (V R + v mu' + W^-T V' W^-T, V mu + v),
 *           whose largest eigenvalue, by power iteration, gives the critical
 *           rate 2 / lambda_max; centred it is 1 / lambda_1 (Sigma).  Measured:
 *           Lanczos on the Hessian of the library's own flow.  Without a bias
 *           no batch brings det W to 0 below 1 / max |x|^2; with one that rate
 *           is not enough (C7.7).
 * Writes    audit-rates.csv. */
#include "parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDEST = 256, WIDEST_MEASURED = 64, ITERATIONS = 20000, BLOCK = 256 };

/* The table as four problems. */
typedef enum { RAW, CENTRED, STANDARDISED, WHITENED } units;
static const char *const problems[] = {"raw", "centred", "standardised",
                                       "whitened"};

/* h := H v; v, h (d, d + 1): V and, in the last column, v. */
static void hessian_times(size_t d, const jf_moments *m, const double *inverse,
                          const double *v, double *h, double *scratch)
{
    double *big = scratch, *half = scratch + d * d,
           *small = scratch + 2 * d * d;
    for (size_t i = 0; i < d; i++)
        memcpy(big + i * d, v + i * (d + 1), d * sizeof *big);
    jf_dgemm(JF_NN, d, d, d, 1, big, m->r, 0, small);
    /* W^-T V' W^-T, W^-1 = inverse */
    jf_dgemm(JF_NN, d, d, d, 1, inverse, big, 0, half);
    jf_dgemm(JF_NN, d, d, d, 1, half, inverse, 0, big);
    for (size_t i = 0; i < d; i++) {
        double *row = h + i * (d + 1), bias = v[i * (d + 1) + d];
        row[d] = bias;
        for (size_t j = 0; j < d; j++) {
            row[j] = small[i * d + j] + bias * m->mean[j] + big[j * d + i];
            row[d] += v[i * (d + 1) + j] * m->mean[j];
        }
    }
}

/* |v| of v (n) that is finite, and v := v / |v|.  A power of two that is taken
 * out first keeps squares in range, and the digits as they are. */
static double normalise(size_t n, double *v)
{
    double most = 0, square = 0;
    int exponent;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs(v[i]));
    frexp(most, &exponent);
    for (size_t i = 0; i < n; i++)
        v[i] = ldexp(v[i], -exponent);
    for (size_t i = 0; i < n; i++)
        square += v[i] * v[i];
    for (size_t i = 0; i < n; i++)
        v[i] /= sqrt(square);
    return ldexp(sqrt(square), exponent);
}

/* The largest eigenvalue of H.  W = T^-T, Sigma = T'T, so W^-1 = T'. */
static double largest_curvature(const jf_moments *m)
{
    size_t d = m->d, size = d * (d + 1);
    double *v = jf_alloc(2 * size, sizeof *v), *h = v + size;
    double *scratch = jf_alloc(4 * d * d, sizeof *scratch);
    double *inverse = scratch + 3 * d * d, value = 0, before = -1;
    gsl_rng *rng = jf_stream_new();

    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++)
            inverse[i * d + j] = m->t_sigma[j * d + i];
    for (size_t k = 0; k < size; k++)
        v[k] = gsl_rng_uniform(rng) - 0.5;
    for (size_t k = 0; k < ITERATIONS && fabs(value - before) > 1e-13 * value;
         k++) {
        hessian_times(d, m, inverse, v, h, scratch);
        before = value;
        value = normalise(size, h);
        memcpy(v, h, size * sizeof *v);
    }
    gsl_rng_free(rng);
    free(scratch);
    free(v);
    return value;
}

/* 2 / lambda_max of the library's flow at the optimum, on d + 1 rows with the
 * moments of the table, of which alone the likelihood depends. */
static double measured_rate(const jf_moments *m, jf_team *team)
{
    size_t d = m->d;
    jf_layer *f = jf_flow_new(d);
    jf_flow_add(f, jf_dense(d));
    jf_flow_add(f, jf_bias(d));
    jf_latent q = jf_normal();
    jf_matrix rows = jf_matrix_new(d + 1, d);
    real *theta = jf_theta_new(f);
    double *w = jf_alloc(d * d, sizeof *w);
    jf_extremes ends = {.largest = (double)NAN};

    jf_moments_rows(m, rows);
    for (size_t i = 0; i < d; i++)
        w[i * d + i] = 1;
    jf_solve_upper(1, d, d, m->t_sigma, w); /* T^-T */
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++) {
            theta[i * d + j] = (real)w[i * d + j];
            theta[d * d + i] -= (real)(w[i * d + j] * m->mean[j]);
        }
    jf_hessian h = {f, &q, theta, jf_const(rows), team, 0};
    if (jf_hessian_extremes(&h, 1, 400, 1e-8, &ends, NULL) != GSL_SUCCESS)
        ends.largest = (double)NAN;
    free(w);
    free(theta);
    jf_matrix_free(&rows);
    jf_layer_free(f);
    return 2 / ends.largest;
}

/* The largest |x|^2 of rows, and, since they may be a sample, of the whole
 * table in the same units; whitened, which costs d^2 a row, of rows alone. */
static double farthest(const audit *a, jf_matrix rows, units in)
{
    double most = 0;
    for (size_t i = 0; i < rows.rows; i++) {
        double norm = jf_norm(rows.cols, jf_row(rows, i));
        most = fmax(most, norm * norm);
    }
    for (size_t i = 0; i < a->x.rows && in != WHITENED; i++) {
        double square = 0;
        for (size_t j = 0; j < a->x.cols; j++) {
            double u = (double)jf_row(a->x, i)[j];
            u -= in == RAW ? 0 : a->raw.mean[j];
            u /= in == STANDARDISED ? a->sd[j] : 1;
            square += u * u;
        }
        most = fmax(most, square);
    }
    return most;
}

typedef struct {
    const jf_moments *m;
    jf_matrix from, to;
} whitening;

static int whiten_lane(void *arg, size_t lane, size_t first, size_t count,
                       jf_work *work)
{
    const whitening *w = arg;
    size_t d = w->from.cols;
    double *column = jf_push_bytes(work, d * BLOCK * sizeof *column);
    (void)lane;
    for (size_t i = first; i < first + count; i += BLOCK) {
        size_t left = first + count - i, rows = left < BLOCK ? left : BLOCK;
        for (size_t j = 0; j < d; j++)
            for (size_t k = 0; k < rows; k++)
                column[j * rows + k] =
                    (double)jf_row(w->from, i + k)[j] - w->m->mean[j];
        jf_solve_upper(1, d, rows, w->m->t_sigma, column);
        for (size_t k = 0; k < rows; k++)
            for (size_t j = 0; j < d; j++)
                jf_row(w->to, i + k)[j] = (real)column[j * rows + k];
    }
    jf_pop(work, column);
    return GSL_SUCCESS;
}

/* y minus its mean times T^-1: covariance I. */
static jf_matrix whitened(const audit *a)
{
    size_t n = a->y.rows;
    whitening w = {&a->m, a->y, jf_matrix_new(n, a->y.cols)};
    jf_team_run(a->e->team, n, jf_lanes(n, BLOCK), whiten_lane, &w);
    return w.to;
}

static jf_matrix centred(const audit *a)
{
    jf_matrix out = jf_matrix_new(a->y.rows, a->y.cols);
    for (size_t i = 0; i < out.rows; i++)
        for (size_t j = 0; j < out.cols; j++)
            jf_row(out, i)[j] = jf_row(a->y, i)[j] * (real)a->sd[j];
    return out;
}

/* The extreme eigenvalues of the covariance of more than WIDEST columns, by the
 * triangle of the standardised table: no further pass over its rows. */
static void extremes(const audit *a, units in, double *largest, double *least)
{
    size_t d = a->y.cols;
    const double *lambda = in == RAW ? a->raw.lambda_sigma : a->m.lambda_sigma;
    double *t = jf_alloc(d * d + d, sizeof *t), *sigma = t + d * d;
    for (size_t k = 0; k < d * d; k++)
        t[k] = a->m.t_sigma[k] * a->sd[k % d];
    if (in == CENTRED && jf_singular_values(d, d, t, sigma) != GSL_SUCCESS)
        jf_fail(1, "%s: the singular values did not converge", a->name);
    *largest = in == WHITENED  ? 1
               : in == CENTRED ? sigma[0] * sigma[0]
                               : lambda[0];
    *least = in == WHITENED  ? 1
             : in == CENTRED ? sigma[d - 1] * sigma[d - 1]
                             : lambda[d - 1];
    free(t);
}

static void one_problem(audit *a, audit_tables *t, units in, jf_matrix x)
{
    const char *name = problems[in];
    jf_moments own = {0};
    const jf_moments *m = in == RAW            ? &a->raw
                          : in == STANDARDISED ? &a->m
                                               : &own;
    size_t d = x.cols;
    double rate = (double)NAN, measured = (double)NAN, largest, least;
    if (m == &own && d <= WIDEST &&
        jf_moments_of(jf_const(x), &own, a->e->team) != GSL_SUCCESS)
        jf_fail(1, "%s: the eigenvalues did not converge", a->name);
    if (d <= WIDEST) {
        rate = 2 / largest_curvature(m);
        largest = m->lambda_sigma[0];
        least = m->lambda_sigma[d - 1];
    } else {
        extremes(a, in, &largest, &least);
        rate = in == RAW ? rate : 1 / largest;
    }
    if (d <= WIDEST_MEASURED)
        measured = measured_rate(m, a->e->team);
    double batch = 1 / farthest(a, x, in), ratio = largest / least;
    jf_table_row(t->of[AUDIT_RATES], t->point,
                 "%s,%zu,%s," JF_G ",%.6e," JF_G ",%.6e", a->name, d, name,
                 rate, measured, batch, ratio);
    if (a->loud && (a->verbose || in != CENTRED))
        printf("    %-28s %14.4g %14.4g %14.4g\n", name, rate, batch, ratio);
    jf_moments_free(&own);
}

void audit_rates(audit *a, audit_tables *t)
{
    if (!a->trainable)
        return;
    if (a->loud)
        printf(
            "  critical learning rate of z = Wx + b  C7.2; of z = Wx for any "
            "batch  C7.7\n"
            "    %-28s %14s %14s %14s\n",
            "", "full batch", "any; no bias", "condition");
    one_problem(a, t, RAW, a->x);
    jf_matrix rows = centred(a);
    one_problem(a, t, CENTRED, rows);
    jf_matrix_free(&rows);
    one_problem(a, t, STANDARDISED, a->y);
    rows = whitened(a);
    one_problem(a, t, WHITENED, rows);
    jf_matrix_free(&rows);
}
