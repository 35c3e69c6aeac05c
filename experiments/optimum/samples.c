/* samples.c -- the affine optimum on finitely many samples.
 *
 * Question  By how much does an affine flow, fitted exactly to n samples of a
 *           Gaussian, overstate its likelihood, and what does log det say?
 * Method    Draws of n rows mu + A g; the fit is closed (mean and covariance,
 *           division by n), and the likelihood on fresh data is an exact
 *           expectation, so that the only noise is that of the training rows.
 *           Repeats are fixed in advance by profile; a tolerance is 5 standard
 *           errors over them.  n >= d + 12 keeps the eighth inverse moment of
 *           S finite, without which a standard error means little.
 * Writes    optimum-samples.csv; logdet_bias is E log det S - log det Sigma;
 *           linear: without bias, data of mean 0 [nats per sample]. */
#include "optimum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_D = 32, PURPOSE = JF_PURPOSE_USER + 200 };

typedef struct {
    size_t d, n;
} size;

static const size sizes[] = {
    {5, 20},   {1, 13},   {1, 30},  {2, 14},   {2, 40},   {5, 50},
    {5, 100},  {10, 22},  {10, 50}, {10, 200}, {20, 32},  {20, 50},
    {20, 100}, {20, 400}, {32, 44}, {32, 80},  {32, 160}, {32, 640}};
enum { SIZES = sizeof sizes / sizeof *sizes, INDEX_ROW = 0 };

/* A Gaussian N(mu, A A'), A lower triangular. */
typedef struct {
    size_t d;
    double mu[MAX_D], a[MAX_D * MAX_D], log_det;
} gaussian;

static gaussian draw_gaussian(size_t d, unsigned long seed)
{
    gaussian g = {.d = d};
    gsl_rng *rng = jf_stream_new();
    jf_stream_seek(rng, seed, PURPOSE, 0, d);
    for (size_t i = 0; i < d; i++) {
        g.mu[i] = 3 * jf_stream_normal(rng, 1.0);
        for (size_t j = 0; j < i; j++)
            g.a[i * d + j] = jf_stream_normal(rng, 1.0);
        g.a[i * d + i] = exp(jf_stream_normal(rng, 1.0));
        g.log_det += 2 * log(g.a[i * d + i]);
    }
    gsl_rng_free(rng);
    return g;
}

/* x (n, d): rows of N(mu, A A'). */
static void draw_rows(const gaussian *g, size_t n, double *x, gsl_rng *rng)
{
    size_t d = g->d;
    double z[MAX_D];
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < d; j++)
            z[j] = jf_stream_normal(rng, 1.0);
        for (size_t j = 0; j < d; j++) {
            x[i * d + j] = g->mu[j];
            for (size_t k = 0; k <= j; k++)
                x[i * d + j] += g->a[j * d + k] * z[k];
        }
    }
}

/* b (d) := L^-1 b; returns |b|^2. */
static double solve(size_t d, const double *l, double *b)
{
    double square = 0;
    for (size_t i = 0; i < d; i++) {
        for (size_t k = 0; k < i; k++)
            b[i] -= l[i * d + k] * b[k];
        b[i] /= l[i * d + i];
        square += b[i] * b[i];
    }
    return square;
}

/* What one fit gives. */
typedef struct {
    double train, test, square, log_det;
} outcome;

/* Fit N(center, S) to x, center the mean or, for a linear flow, the known mu;
 * x is centred in place. */
static outcome fit(const gaussian *g, size_t n, double *x, int bias)
{
    size_t d = g->d;
    double s[MAX_D * MAX_D], off[MAX_D], column[MAX_D];
    outcome o = {0};

    for (size_t j = 0; j < d; j++) {
        double mean = 0;
        for (size_t i = 0; bias && i < n; i++)
            mean += (x[i * d + j] - g->mu[j]) / (double)n;
        for (size_t i = 0; i < n; i++)
            x[i * d + j] -= g->mu[j] + mean;
        off[j] = mean;
    }
    jf_dgemm(JF_TN, d, d, n, 1 / (double)n, x, x, 0, s);
    if (jf_cholesky(d, s) != GSL_SUCCESS) {
        double nan = (double)NAN;
        return (outcome){nan, nan, nan, nan};
    }
    for (size_t i = 0; i < d; i++)
        o.log_det += 2 * log(s[i * d + i]);
    o.square = solve(d, s, off);
    for (size_t k = 0; k < d; k++) {
        for (size_t i = 0; i < d; i++)
            column[i] = g->a[i * d + k];
        o.square += solve(d, s, column);
    }
    o.train = -0.5 * ((double)d * (JF_LOG_2PI + 1) + o.log_det);
    o.test = -0.5 * ((double)d * JF_LOG_2PI + o.log_det + o.square);
    o.log_det -= g->log_det;
    return o;
}

enum { TRAIN, TEST, GAP, SQUARE, LOG_DET, LINEAR_GAP, QUANTITIES };

static void repeat(const gaussian *g, size_t n, size_t repeats,
                   unsigned long seed, double *values)
{
    size_t d = g->d;
    double *x = jf_alloc(n * d, sizeof *x), *copy = jf_alloc(n * d, sizeof *x);
    gsl_rng *rng = jf_stream_new();

    for (size_t r = 0; r < repeats; r++) {
        jf_stream_seek(rng, seed, PURPOSE, n * MAX_D + d, r);
        draw_rows(g, n, x, rng);
        memcpy(copy, x, n * d * sizeof *x);
        outcome affine = fit(g, n, x, 1), linear = fit(g, n, copy, 0);
        double all[QUANTITIES] = {
            affine.train,  affine.test,    affine.train - affine.test,
            affine.square, affine.log_det, linear.train - linear.test};
        for (size_t q = 0; q < QUANTITIES; q++)
            values[q * repeats + r] = all[q];
    }
    gsl_rng_free(rng);
    free(copy);
    free(x);
}

static void run(const experiment *e, size_t point, size_t repeats,
                jf_table *out)
{
    size_t d = sizes[point].d, n = sizes[point].n;
    double *values = jf_alloc(QUANTITIES * repeats, sizeof *values);
    jf_sample_moments s[QUANTITIES];
    gaussian g = draw_gaussian(d, e->args.seed);

    repeat(&g, n, repeats, e->args.seed, values);
    for (size_t q = 0; q < QUANTITIES; q++)
        s[q] = jf_sample_of(repeats, values + q * repeats);
    jf_table_row(out, point,
                 "%zu,%zu,%zu," JF_G "," JF_G "," JF_G ",%.6e," JF_G "," JF_G
                 ",%.6e," JF_G "," JF_G ",%.6e," JF_G "," JF_G ",%.6e," JF_G
                 "," JF_G ",%.6e," JF_G,
                 d, n, repeats, s[TRAIN].mean, s[TEST].mean, s[GAP].mean,
                 s[GAP].se, jf_sample_gap(d, n, 1), s[LOG_DET].mean,
                 s[LOG_DET].se, jf_log_det_bias(d, n), s[LOG_DET].variance,
                 s[LOG_DET].se_variance, jf_log_det_variance(d, n),
                 s[SQUARE].mean, s[SQUARE].se, jf_sample_square(d, n),
                 s[LINEAR_GAP].mean, s[LINEAR_GAP].se, jf_sample_gap(d, n, 0));
    free(values);
}

/* Measured, its standard error, predicted: columns of the table. */
typedef struct {
    jf_claim claim;
    const char *measured, *se, *predicted;
} comparison;

static const comparison comparisons[] = {
    {{"C2.8", "E[train - test] of the affine fit = D(D+3) / (2(n-D-2))",
      "Gaussian data; affine fit by maximum likelihood; n > D + 2",
      "largest deviation over the grid of D and n in standard errors"},
     "gap_nats",
     "se_gap",
     "predicted_gap_nats"},
    {{"C2.8", "E |z|^2 on fresh data = D(n+1) / (n-D-2)",
      "Gaussian data; affine fit by maximum likelihood; n > D + 2",
      "largest deviation over the grid of D and n in standard errors"},
     "test_square",
     "se_test_square",
     "predicted_test_square"},
    {{"C2.8", "without bias E[train - test] = D(D+1) / (2(n-D-1))",
      "Gaussian data of mean 0; linear fit by maximum likelihood; n > D + 1",
      "largest deviation over the grid of D and n in standard errors"},
     "linear_gap_nats",
     "se_linear_gap",
     "predicted_linear_gap_nats"},
    {{"C3.11", "E log det S - log det Sigma = sum psi((n-i)/2) + D log(2/n)",
      "Gaussian data; n > D",
      "largest deviation over the grid of D and n in standard errors"},
     "logdet_bias",
     "se_logdet_bias",
     "predicted_logdet_bias"},
    {{"C3.11", "Var log det S = sum psi'((n-i)/2)", "Gaussian data; n > D",
      "largest deviation over the grid of D and n in standard errors"},
     "logdet_variance",
     "se_logdet_variance",
     "predicted_logdet_variance"},
};

static void judge(const experiment *e, const jf_table *t)
{
    for (size_t c = 0; c < sizeof comparisons / sizeof *comparisons; c++) {
        const comparison *k = &comparisons[c];
        double worst = 0;
        for (size_t p = 0; p < SIZES; p++)
            worst = jf_worse(
                worst, jf_in_errors(jf_table_number(t, p, 0, k->measured),
                                    jf_table_number(t, p, 0, k->predicted),
                                    jf_table_number(t, p, 0, k->se)));
        jf_verdict(e->verdicts, &k->claim, worst, JF_AT_MOST, 5, 0);
    }
    /* The check index's own numbers: D = 5, n = 20. */
    jf_verdict(e->verdicts,
               &(jf_claim){"C2.8", "D = 5, n = 20: E[train - test]",
                           "Gaussian data", "5 standard errors"},
               jf_table_number(t, INDEX_ROW, 0, "gap_nats"), JF_EQUAL,
               1.538461538461538,
               5 * jf_table_number(t, INDEX_ROW, 0, "se_gap"));
    jf_verdict(e->verdicts,
               &(jf_claim){"C2.8", "D = 5, n = 20: E |z|^2 on fresh data",
                           "Gaussian data", "5 standard errors"},
               jf_table_number(t, INDEX_ROW, 0, "test_square"), JF_EQUAL,
               8.076923076923077,
               5 * jf_table_number(t, INDEX_ROW, 0, "se_test_square"));
}

void optimum_samples(experiment *e)
{
    size_t done = 0, repeats = by_profile(e, 2000, 20000, 100000);
    jf_table *out = jf_table_new(
        &e->args, "optimum-samples",
        "d,n,repeats,train_nats,test_nats,gap_nats,se_gap,predicted_gap_nats,"
        "logdet_bias,se_logdet_bias,predicted_logdet_bias,logdet_variance,"
        "se_logdet_variance,predicted_logdet_variance,test_square,"
        "se_test_square,predicted_test_square,linear_gap_nats,se_linear_gap,"
        "predicted_linear_gap_nats",
        SIZES);

    /* The largest come last in the list and are started first. */
#pragma omp parallel for schedule(dynamic, 1) num_threads((int)e->team->threads)
    for (size_t k = 0; k < SIZES; k++) {
        size_t point = SIZES - 1 - k;
        if (!jf_table_has(out, point)) {
            run(e, point, repeats, out);
            jf_table_finish(out, point);
        }
#pragma omp critical(optimum_samples)
        jf_progress(&e->args, "finite samples", ++done, SIZES);
    }
    judge(e, out);
    jf_table_close(out);
}
