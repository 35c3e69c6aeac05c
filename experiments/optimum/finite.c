/* finite.c -- the empirical optimum of classes without bounds.
 *
 * Question  What does the likelihood of n points reach when the class is
 *           universal, and what bounds it?
 * Method    Closed forms (C2.6), Monte Carlo over the noise, a flow trained to
 *           overfit and a linear one at its Lipschitz bound (C2.7), n fixed in
 *           advance by profile.
 * Writes    rows of optimum-points.csv. */
#include "optimum.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_math.h>

/* C2.6: log of 1/2 N(0, I) + 1/2 (1/n) sum N(x_i, eps^2 I), mean over x_i;
 * x (n, d). */
static double universal_train(size_t n, size_t d, const double *x, double eps)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double kernel = log_mixture(n, d, x, eps, x + i * d), wide = 0;
        for (size_t j = 0; j < d; j++)
            wide -= 0.5 * (JF_LOG_2PI + square(x[i * d + j]));
        sum += kernel + log1p(exp(wide - kernel)) - M_LN2;
    }
    return sum / (double)n;
}

/* Ten points: column j has the quantiles (k + 1/2) / 10 of N(0, 1), at least
 * .25 apart, k = i, 3 i or 7 i modulo 10. */
enum { TEN = 10, MOST = 3 };

static void ten_points(size_t d, double *x)
{
    static const size_t stride[MOST] = {1, 3, 7};
    for (size_t i = 0; i < TEN; i++)
        for (size_t j = 0; j < d; j++)
            x[i * d + j] = gsl_cdf_ugaussian_Pinv(
                0.1 * ((double)(stride[j] * i % TEN) + 0.5));
}

/* The worst |slope - D| from eps = 1e-5 to 1e-8, D = 1 .. 3.  The wide part
 * adds at most n eps^D to the log, hence n 1e-5 / log 1e3 = 1.45e-5 to the
 * slope; the other points' kernels are 0. */
static void universal(const experiment *e, finding *f)
{
    double x[TEN * MOST], worst = 0;
    (void)e;
    f->d = MOST;
    f->n = TEN;
    for (size_t d = 1; d <= MOST; d++) {
        ten_points(d, x);
        double slope = (universal_train(TEN, d, x, 1e-8) -
                        universal_train(TEN, d, x, 1e-5)) /
                       log(1e3);
        f->measured = jf_worse(f->measured, fabs(slope - (double)d));
        worst = jf_worse(worst, fabs(slope - 1));
    }
    f->broken = worst - f->measured;
}

/* The least excess of the training value over log(1 / eps) + log(1 / (2 n
 * sqrt(2 pi))), eps = 1e-1 .. 1e-8. */
static void universal_bound(const experiment *e, finding *f)
{
    double x[TEN];
    (void)e;
    ten_points(1, x);
    f->d = 1;
    f->n = TEN;
    f->measured = (double)INFINITY;
    for (int k = 1; k <= 8; k++) {
        double eps = pow(10, -k);
        double bound = -log(eps) - log(2.0 * TEN) - 0.5 * JF_LOG_2PI;
        f->measured =
            fmin(f->measured, universal_train(TEN, 1, x, eps) - bound);
    }
    f->broken = (-log(2.0 * TEN)) - (-log(2.0)); /* of minus the bound */
}

/* C2.7 (ii): -h of n = 8 points with noise s, D = 2, from its lower bound on,
 * -log n - (D/2) log(2 pi e s^2); the upper bound is log n more. */
enum { NOISY = 8 };

static void noise_value(const experiment *e, finding *f, unsigned long name,
                        double s)
{
    enum { D = 2 };
    size_t n = by_profile(e, 20000, 200000, 2000000);
    double x[NOISY * D], y[D], *values = jf_alloc(n, sizeof *values);
    double lower = -log(NOISY) - 0.5 * D * (JF_LOG_2PI + 1 + 2 * log(s));
    gsl_rng *rng = stream(e, name);
    for (size_t i = 0; i < NOISY * D; i++)
        x[i] = jf_stream_normal(rng, 1.0);
    for (size_t i = 0; i < n; i++) {
        size_t k = gsl_rng_uniform_int(rng, NOISY);
        for (size_t j = 0; j < D; j++)
            y[j] = x[k * D + j] + jf_stream_normal(rng, s);
        values[i] = log_mixture(NOISY, D, x, s, y) - lower;
    }
    gsl_rng_free(rng);
    find_mean(f, n, values);
    f->d = D;
}

static void noise_lower(const experiment *e, finding *f)
{
    noise_value(e, f, 27, 0.05);
    f->broken = -log(NOISY);
}

static void noise_upper(const experiment *e, finding *f)
{
    noise_value(e, f, 28, 5);
    f->expected = log(NOISY);
    f->broken = log(NOISY);
}

/* C2.7 (i): a flow fitted to a block of 6 x 5 cells of side 1/2 with uniform
 * noise, so that its value may come near to the bound. */

enum { ROWS = 6, COLUMNS = 5, CELLS = ROWS * COLUMNS };
static const double side = 0.5;

static void add_noise(void *arg, jf_matrix batch, const size_t *rows,
                      size_t step)
{
    jf_matrix u = jf_matrix_new(batch.rows, 2);
    jf_fill_uniform(u, *(unsigned long *)arg, JF_PURPOSE_DEQUANTIZE, step);
    for (size_t i = 0; i < batch.rows; i++)
        for (size_t j = 0; j < 2; j++)
            jf_row(batch, i)[j] += (real)side * jf_row(u, i)[j];
    (void)rows;
    jf_matrix_free(&u);
}

static int fit_cells(jf_layer *flow, real *theta, jf_matrix x,
                     unsigned long seed, jf_team *team)
{
    jf_latent q = jf_normal();
    jf_fit_result fit;
    jf_init(flow, theta, jf_const(x), seed, team);
    jf_fit(flow, &q, theta, jf_const(x),
           &(jf_fit_options){.steps = 2000,
                             .rate = 1e-2,
                             .prepare = add_noise,
                             .prepare_arg = &seed},
           &fit, team);
    return fit.status != JF_DIVERGED;
}

/* Training value on fresh noise plus log(n v), v the cell's volume; its error
 * over draws of the noise. */
static void dequantised(const experiment *e, finding *f)
{
    enum { DRAWS = 400 };
    unsigned long seed = e->args.seed;
    jf_layer *flow = small_flow();
    jf_team *team = jf_team_new(1);
    jf_matrix x = jf_matrix_new(CELLS, 2), noisy = jf_matrix_new(CELLS, 2);
    real *theta = jf_theta_new(flow);
    jf_latent q = jf_normal();
    double *values = jf_alloc(DRAWS, sizeof *values), volume = square(side);
    jf_likelihood value;

    for (size_t i = 0; i < CELLS; i++) {
        jf_row(x, i)[0] = (real)(side * (double)(i % ROWS));
        jf_row(x, i)[1] = (real)(side * (double)(i / ROWS));
    }
    int fitted = fit_cells(flow, theta, x, seed, team);
    for (size_t k = 0; k < DRAWS; k++) {
        jf_matrix_copy(noisy, jf_const(x));
        add_noise(&seed, noisy, NULL, 1000000 + k);
        if (!fitted || jf_nll(flow, &q, theta, jf_const(noisy), &value, NULL,
                              team) != GSL_SUCCESS)
            value.nll = (double)NAN;
        values[k] = -value.nll + log(CELLS * volume);
    }
    find_mean(f, DRAWS, values);
    f->d = 2;
    f->freedom = DRAWS - 1;
    f->broken = log(CELLS) - log(CELLS * volume);
    if (!fitted)
        snprintf(f->open, sizeof f->open, "the training diverged");
    jf_matrix_free(&noisy);
    jf_matrix_free(&x);
    free(theta);
    jf_team_free(team);
    jf_layer_free(flow);
}

/* C2.7 (iii): z = L O (x - m) on R^4, L = e: the largest log q - D log L +
 * (D/2) log 2 pi over random points and m itself, where f = 0. */
static void lipschitz(const experiment *e, finding *f)
{
    enum { D = 4, POINTS = 1000 };
    const double log_l = 1;
    jf_layer *flow = jf_flow_new(D);
    jf_team *team = jf_team_new(1);
    jf_latent q = jf_normal();
    jf_matrix x = jf_matrix_new(POINTS, D), mean = jf_matrix_new(1, D);
    double log_q[POINTS], bound = D * log_l - 0.5 * D * JF_LOG_2PI;

    jf_flow_add(flow, jf_bias(D));
    jf_flow_add(flow, jf_scale(D));
    jf_flow_add(flow, jf_orthogonal(D, D));
    real *theta = jf_theta_new(flow);
    jf_fill_normal(x, e->args.seed, JF_PURPOSE_USER + 303, 0);
    jf_fill_normal(mean, e->args.seed, JF_PURPOSE_USER + 303, 1);
    jf_init(flow, theta, jf_const(x), e->args.seed, team);
    for (size_t j = 0; j < D; j++) {
        theta[jf_flow_part(flow, 0).first + j] = -mean.data[j];
        x.data[j] = mean.data[j];
    }
    theta[jf_flow_part(flow, 1).first] = (real)log_l;
    int status = jf_log_prob(flow, &q, theta, jf_const(x), log_q, team);
    f->d = D;
    f->n = POINTS;
    f->measured = status == GSL_SUCCESS ? -(double)INFINITY : (double)NAN;
    for (size_t i = 0; i < POINTS; i++)
        f->measured = jf_worse(f->measured, log_q[i] - bound);
    f->broken = D * log_l - log_l;
    free(theta);
    jf_matrix_free(&mean);
    jf_matrix_free(&x);
    jf_team_free(team);
    jf_layer_free(flow);
}

static const check checks_finite[] = {
    {{"C2.6",
      "the training likelihood of a universal class rises without "
      "bound, by D per log(1/eps)",
      "10 points, D = 1 .. 3, kernels of width eps",
      "largest |slope - D| between eps = 1e-5 and 1e-8; n 1e-5 / log 1e3 = "
      "1.45e-5",
      JF_IDENTITY, "D lost"},
     "slope",
     JF_EQUAL,
     1.45e-5,
     universal},
    {{"C2.6", "training likelihood >= log(1/eps) - log(2 n sqrt(2 pi))",
      "10 points, D = 1, eps = 1e-1 .. 1e-8",
      "least excess; 40 roundings of numbers below 20", JF_IDENTITY,
      "1/n lost"},
     "lower bound",
     JF_AT_LEAST,
     1e-13,
     universal_bound},
    {{"C2.7",
      "uniform dequantisation: training likelihood <= -log n - log v, v the "
      "cell's volume",
      "30 distinct cells of side 1/2 in the plane, a flow fitted to them",
      "mean over 400 draws of the noise; Student's t", JF_STATISTIC,
      "the cell's volume ignored"},
     "dequantised",
     JF_AT_MOST,
     0,
     dequantised},
    {{"C2.7",
      "Gaussian noise: -h(P_n * N(0, s^2 I)) is at least -log n - (D/2) log(2 "
      "pi e s^2), above which it is measured",
      "8 points, s = .05, D = 2", "Monte Carlo, one-sided", JF_STATISTIC,
      "the two bounds exchanged"},
     "noise separate",
     JF_AT_LEAST,
     0,
     noise_lower},
    {{"C2.7",
      "Gaussian noise: -h(P_n * N(0, s^2 I)) is at most log n more than its "
      "lower bound, from which it is measured",
      "8 points, s = 5, D = 2", "Monte Carlo, one-sided", JF_STATISTIC,
      "the two bounds exchanged"},
     "noise touching",
     JF_AT_MOST,
     0,
     noise_upper},
    {{"C2.7",
      "log q <= D log L - (D/2) log 2 pi at every point, with equality where "
      "f = 0 and J = L O",
      "z = e O (x - m), O orthogonal, D = 4",
      "largest excess over 1000 points, m one of them; 32 roundings of numbers "
      "below 4",
      JF_IDENTITY, "log L for D log L"},
     "Lipschitz",
     JF_EQUAL,
     2e-14,
     lipschitz},
};

const check_list list_finite = {checks_finite,
                                sizeof checks_finite / sizeof *checks_finite};
