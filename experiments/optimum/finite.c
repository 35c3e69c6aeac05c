/* finite.c -- the empirical optimum of classes without bounds.
 *
 * Question  What does the likelihood of n points reach when the class is
 *           universal, and what bounds it?
 * Method    Closed forms (C2.6), Monte Carlo and a flow trained to overfit
 *           (C2.7), n fixed in advance by profile and a tolerance of 5
 *           standard errors.
 * Writes    rows of optimum-points.csv. */
#include "optimum.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_math.h>

/* C2.6: log of 1/2 N(0, 1) + 1/2 (1/n) sum N(x_i, eps^2), mean over x_i. */
static double universal_train(size_t n, const double *x, double eps)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double kernel = log_mixture(n, 1, x, eps, x + i);
        double wide = -0.5 * (JF_LOG_2PI + x[i] * x[i]);
        sum += kernel + log1p(exp(wide - kernel)) - M_LN2;
    }
    return sum / (double)n;
}

/* The quantiles (i + 1/2) / 10 of N(0, 1): at least .25 apart. */
static void ten_points(double *x)
{
    for (size_t i = 0; i < 10; i++)
        x[i] = gsl_cdf_ugaussian_Pinv(0.1 * ((double)i + 0.5));
}

/* |slope - 1| from eps = 1e-3 to 1e-8; the wide part adds at most n eps to the
 * log, hence n 1e-3 / log 1e5 = 8.7e-4 to the slope. */
static void universal(const experiment *e, finding *f)
{
    double x[10];
    (void)e;
    ten_points(x);
    f->d = 1;
    f->n = 10;
    f->expected = 1;
    f->measured =
        (universal_train(10, x, 1e-8) - universal_train(10, x, 1e-3)) /
        log(1e5);
}

/* The least excess of the training value over log(1 / eps) + log(1 / (2 n
 * sqrt(2 pi))), eps = 1e-1 .. 1e-8. */
static void universal_bound(const experiment *e, finding *f)
{
    double x[10];
    (void)e;
    ten_points(x);
    f->d = 1;
    f->n = 10;
    f->measured = (double)INFINITY;
    for (int k = 1; k <= 8; k++) {
        double eps = pow(10, -k);
        double bound = -log(eps) - log(20) - 0.5 * JF_LOG_2PI;
        f->measured = fmin(f->measured, universal_train(10, x, eps) - bound);
    }
}

/* C2.7 (ii): -h of n = 8 points with noise s = .05, D = 2, minus the bound
 * -log n - (D/2) log(2 pi e s^2); and the upper bound minus it is log n less.
 * Measured: how far outside of [0, log n]. */
static void noise_bracket(const experiment *e, finding *f)
{
    enum { N = 8, D = 2 };
    size_t n = by_profile(e, 20000, 200000, 2000000);
    double x[N * D], y[D], s = 0.05, *values = jf_alloc(n, sizeof *values);
    double lower = -log(N) - 0.5 * D * (JF_LOG_2PI + 1 + 2 * log(s));
    gsl_rng *rng = stream(e, 27);
    for (size_t i = 0; i < N * D; i++)
        x[i] = jf_stream_normal(rng, 1.0);
    for (size_t i = 0; i < n; i++) {
        size_t k = gsl_rng_uniform_int(rng, N);
        for (size_t j = 0; j < D; j++)
            y[j] = x[k * D + j] + jf_stream_normal(rng, s);
        values[i] = log_mixture(N, D, x, s, y) - lower;
    }
    gsl_rng_free(rng);
    find_mean(f, n, values);
    f->d = D;
    f->measured = fmax(-f->measured, f->measured - log(N));
}

/* C2.7 (i), (iii): an overfitted flow on 30 distinct points of Z^2. */

typedef struct {
    jf_layer *flow;
    real *theta;
    jf_matrix x; /* (30, 2), whole numbers */
    jf_team *team;
} lattice;

static void add_noise(void *arg, jf_matrix batch, const size_t *rows,
                      size_t step)
{
    jf_matrix u = jf_matrix_new(batch.rows, 2);
    jf_fill_uniform(u, *(unsigned long *)arg, JF_PURPOSE_DEQUANTIZE, step);
    for (size_t i = 0; i < batch.rows; i++)
        for (size_t j = 0; j < 2; j++)
            jf_row(batch, i)[j] += jf_row(u, i)[j];
    (void)rows;
    jf_matrix_free(&u);
}

static lattice lattice_new(const experiment *e, int *diverged)
{
    lattice l = {small_flow(), NULL, jf_matrix_new(30, 2), jf_team_new(1)};
    jf_latent q = jf_normal();
    jf_fit_result fit;
    unsigned long seed = e->args.seed;
    for (size_t i = 0; i < l.x.rows; i++) { /* 7 is prime to 30: distinct */
        jf_row(l.x, i)[0] = (real)(i % 6);
        jf_row(l.x, i)[1] = (real)(7 * i % 30);
    }
    l.theta = jf_theta_new(l.flow);
    jf_init(l.flow, l.theta, jf_const(l.x), seed, l.team);
    jf_fit(l.flow, &q, l.theta, jf_const(l.x),
           &(jf_fit_options){.steps = 2000,
                             .rate = 1e-2,
                             .prepare = add_noise,
                             .prepare_arg = &seed},
           &fit, l.team);
    *diverged = fit.status == JF_DIVERGED;
    return l;
}

static void lattice_free(lattice *l)
{
    free(l->theta);
    jf_matrix_free(&l->x);
    jf_team_free(l->team);
    jf_layer_free(l->flow);
}

/* Train value on fresh noise plus log n; its error over draws of the noise. */
static void dequantised(const experiment *e, finding *f)
{
    enum { DRAWS = 400 };
    int diverged;
    lattice l = lattice_new(e, &diverged);
    jf_latent q = jf_normal();
    jf_matrix noisy = jf_matrix_new(l.x.rows, 2);
    double *values = jf_alloc(DRAWS, sizeof *values);
    unsigned long seed = e->args.seed;
    jf_likelihood value;

    for (size_t k = 0; k < DRAWS; k++) {
        jf_matrix_copy(noisy, jf_const(l.x));
        add_noise(&seed, noisy, NULL, 1000000 + k);
        if (diverged || jf_nll(l.flow, &q, l.theta, jf_const(noisy), &value,
                               NULL, l.team) != GSL_SUCCESS)
            value.nll = (double)NAN;
        values[k] = -value.nll + log((double)l.x.rows);
    }
    jf_matrix_free(&noisy);
    lattice_free(&l);
    find_mean(f, DRAWS, values);
    f->d = 2;
}

/* Lip of a one-hidden-layer tanh net from 1 column to one output k: sum over
 * hidden of |out| |in|; theta = (W1 (h, 1), b1, W2 (2, h), b2). */
static double net_slope(const real *theta, size_t hidden, size_t k)
{
    double sum = 0;
    for (size_t j = 0; j < hidden; j++)
        sum += fabs((double)theta[j]) *
               fabs((double)theta[2 * hidden + k * hidden + j]);
    return sum;
}

/* An upper bound of the singular values of the whole flow on rows that reach
 * |entries| <= reach before each coupling: row sums of the Jacobian of z_b =
 * x_b e^l(x_a) + t(x_a) bound its Frobenius norm. */
static double log_bound(const lattice *l, jf_matrix x)
{
    double total = 0;
    for (size_t p = 0; p < jf_flow_length(l->flow); p++) {
        jf_part part = jf_flow_part(l->flow, p);
        const real *theta = l->theta + part.first;
        double *ld = jf_alloc(x.rows, sizeof *ld), reach = 0, lip;
        for (size_t i = 0; i < x.rows * 2; i++)
            reach = fmax(reach, fabs((double)x.data[i]));
        if (p == 0) { /* actnorm: theta = (s, b) */
            lip = exp(fmax((double)theta[0], (double)theta[1]));
        } else { /* |dl| <= slope of s, e^l <= e^2 by the clamp */
            double s = exp(2.0), ds = net_slope(theta, 8, 1);
            double off = reach * s * ds + net_slope(theta, 8, 0);
            lip = 0.5 * (hypot(1 + s, off) + hypot(s - 1, off));
        }
        total += log(lip);
        jf_forward(part.layer, theta, x, ld, l->team);
        free(ld);
    }
    return total;
}

/* max over points of log q - D log L + (D/2) log 2 pi. */
static void lipschitz(const experiment *e, finding *f)
{
    int diverged;
    lattice l = lattice_new(e, &diverged);
    jf_latent q = jf_normal();
    jf_matrix x = jf_matrix_new(10000, 2);
    double *log_q = jf_alloc(x.rows, sizeof *log_q);

    jf_fill_uniform(x, e->args.seed, JF_PURPOSE_USER + 303, 0);
    for (size_t i = 0; i < x.rows; i++) {
        jf_row(x, i)[0] *= 6;
        jf_row(x, i)[1] *= 30;
    }
    int status = jf_log_prob(l.flow, &q, l.theta, jf_const(x), log_q, l.team);
    f->d = 2;
    f->n = x.rows;
    f->measured =
        diverged || status != GSL_SUCCESS ? (double)NAN : -(double)INFINITY;
    double bound = 2 * log_bound(&l, x) - JF_LOG_2PI;
    for (size_t i = 0; i < f->n; i++)
        f->measured = jf_worse(f->measured, log_q[i] - bound);
    free(log_q);
    jf_matrix_free(&x);
    lattice_free(&l);
}

static const check checks_finite[] = {
    {{"C2.6",
      "the training likelihood of a universal class rises without "
      "bound, by 1 per log(1/eps)",
      "10 points, D = 1, kernels of width eps",
      "mean slope from eps = 1e-3 to 1e-8; n 1e-3 / log 1e5 = 8.7e-4"},
     "slope",
     JF_EQUAL,
     1e-3,
     universal},
    {{"C2.6", "training likelihood >= log(1/eps) - log(2 n sqrt(2 pi))",
      "10 points, D = 1, eps = 1e-1 .. 1e-8", "least excess; rounding"},
     "lower bound",
     JF_AT_LEAST,
     1e-12,
     universal_bound},
    {{"C2.7", "uniform dequantisation: training likelihood <= -log n",
      "30 distinct points of Z^2, a flow fitted to them",
      "mean over 400 draws of the noise; 5 standard errors"},
     "dequantised",
     JF_AT_MOST,
     0,
     dequantised},
    {{"C2.7",
      "Gaussian noise: -h(P_n * N(0, s^2 I)) lies between the bounds "
      "for touching and for separate points",
      "8 points, s = .05, D = 2",
      "Monte Carlo, by how much outside; 5 standard errors"},
     "noise",
     JF_AT_MOST,
     0,
     noise_bracket},
    {{"C2.7", "log q <= D log L - (D/2) log 2 pi at every point",
      "L an upper bound by layers, a flow fitted to 30 points",
      "largest excess over 10 000 points"},
     "Lipschitz",
     JF_AT_MOST,
     0,
     lipschitz},
};

const check_list list_finite = {checks_finite,
                                sizeof checks_finite / sizeof *checks_finite};
