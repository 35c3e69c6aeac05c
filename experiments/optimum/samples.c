/* samples.c -- the affine optimum on finitely many samples.
 *
 * Question  By how much does an affine flow, fitted exactly to n samples of a
 *           Gaussian, overstate its likelihood, and what does log det say?
 * Method    Draws of n rows of N(0, I), whose law every other Gaussian shares
 *           up to an affine map; the fit is closed (mean and covariance,
 *           division by n).  gap_nats and test_nats take the likelihood of
 *           fresh data as an exact expectation; test_square is |z|^2 of one
 *           fresh row a repeat.  Repeats are fixed in advance, so that each
 *           cell draws as many numbers.  Standard errors are those of the law
 *           (wishart.h), which n >= d + 12 gives eight moments.
 * Writes    optimum-samples.csv; logdet_bias is E log det S - log det Sigma;
 *           linear: without bias, data of mean 0 [nats per sample].  Rows of
 *           optimum-points.csv. */
#include "optimum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_sf_psi.h>

#include "wishart.h"

enum { MAX_D = 32, PURPOSE = JF_PURPOSE_USER + 200 };

typedef struct {
    size_t d, n;
} size;

static const size sizes[] = {
    {5, 20},   {1, 13},   {1, 30},  {2, 14},   {2, 40},   {5, 50},
    {5, 100},  {10, 22},  {10, 50}, {10, 200}, {20, 32},  {20, 50},
    {20, 100}, {20, 400}, {32, 44}, {32, 80},  {32, 160}, {32, 640}};
enum { SIZES = sizeof sizes / sizeof *sizes, INDEX_ROW = 0 };

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

/* What one fit gives: nats, |z|^2 of a fresh row, log det S. */
typedef struct {
    double train, test, square, log_det;
} outcome;

/* Fit N(center, S) to x (n, d), center the mean or, for a linear flow, 0; x is
 * centred in place.  fresh (d): another row, which is lost. */
static outcome fit(size_t d, size_t n, double *x, int bias, double *fresh)
{
    double s[MAX_D * MAX_D], off[MAX_D] = {0}, column[MAX_D], square = 0;
    outcome o = {0};

    for (size_t j = 0; j < d && bias; j++) {
        for (size_t i = 0; i < n; i++)
            off[j] += x[i * d + j] / (double)n;
        for (size_t i = 0; i < n; i++)
            x[i * d + j] -= off[j];
        fresh[j] -= off[j];
    }
    jf_dgemm(JF_TN, d, d, n, 1 / (double)n, x, x, 0, s);
    if (jf_cholesky(d, s) != GSL_SUCCESS) {
        double nan = (double)NAN;
        return (outcome){nan, nan, nan, nan};
    }
    for (size_t i = 0; i < d; i++)
        o.log_det += 2 * log(s[i * d + i]);
    square = solve(d, s, off);
    for (size_t k = 0; k < d; k++) { /* tr S^-1 */
        memset(column, 0, sizeof column);
        column[k] = 1;
        square += solve(d, s, column);
    }
    o.square = solve(d, s, fresh);
    o.train = -0.5 * ((double)d * (JF_LOG_2PI + 1) + o.log_det);
    o.test = -0.5 * ((double)d * JF_LOG_2PI + o.log_det + square);
    return o;
}

enum { TRAIN, TEST, GAP, SQUARE, LOG_DET, LINEAR_GAP, QUANTITIES };

static void repeat(size_t d, size_t n, size_t repeats, unsigned long seed,
                   double *values)
{
    double *x = jf_alloc(n * d, sizeof *x), *copy = jf_alloc(n * d, sizeof *x);
    double fresh[MAX_D], unused[MAX_D] = {0};
    gsl_rng *rng = jf_stream_new();

    for (size_t r = 0; r < repeats; r++) {
        jf_stream_seek(rng, seed, PURPOSE, n * MAX_D + d, r);
        for (size_t i = 0; i < n * d; i++)
            copy[i] = x[i] = jf_stream_normal(rng, 1.0);
        for (size_t j = 0; j < d; j++)
            fresh[j] = jf_stream_normal(rng, 1.0);
        outcome affine = fit(d, n, x, 1, fresh);
        outcome linear = fit(d, n, copy, 0, unused);
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

/* The exact laws of the means over repeats. */

/* S^-1 = n A, and n^1/2 times the mean of the rows is standard normal: the
 * test |z|^2 less its mean D over the training rows, halved. */
static cumulants law_of_gap(size_t d, size_t n, double repeats)
{
    wishart_inverse w = wishart_inverse_of(WISHART_REAL, d, n - 1);
    cumulants c = wishart_mixed(&w, (double)n + 1, 2, 8);
    c.mean -= (double)d;
    return cumulants_mean(cumulants_scale(c, 0.5), repeats);
}

/* A fresh row less the mean has covariance (1 + 1/n) I. */
static cumulants law_of_square(size_t d, size_t n, double repeats)
{
    wishart_inverse w = wishart_inverse_of(WISHART_REAL, d, n - 1);
    double a = (double)n + 1;
    return cumulants_mean(wishart_mixed(&w, a, 2 * a * a, 8 * a * a * a),
                          repeats);
}

static cumulants law_of_linear_gap(size_t d, size_t n, double repeats)
{
    wishart_inverse w = wishart_inverse_of(WISHART_REAL, d, n);
    cumulants c = wishart_mixed(&w, (double)n, 0, 0);
    c.mean -= (double)d;
    return cumulants_mean(cumulants_scale(c, 0.5), repeats);
}

/* Cumulant number order of log det S, a sum of logs of chi-square variables. */
static double log_det_cumulant(size_t d, size_t n, int order)
{
    double sum = 0;
    for (size_t i = 1; i <= d; i++)
        sum += gsl_sf_psi_n(order - 1, (double)(n - i) / 2);
    return sum;
}

static cumulants law_of_log_det(size_t d, size_t n, double repeats)
{
    cumulants c = {jf_log_det_bias(d, n), log_det_cumulant(d, n, 2),
                   log_det_cumulant(d, n, 3)};
    return cumulants_mean(c, repeats);
}

/* Of the unbiased sample variance, by the cumulants of what is sampled. */
static cumulants law_of_variance(size_t d, size_t n, double repeats)
{
    double k2 = log_det_cumulant(d, n, 2), k3 = log_det_cumulant(d, n, 3);
    double k4 = log_det_cumulant(d, n, 4), k6 = log_det_cumulant(d, n, 6);
    double r = repeats, m = repeats - 1;
    return (cumulants){k2, k4 / r + 2 * k2 * k2 / m,
                       k6 / (r * r) + 12 * k4 * k2 / (r * m) +
                           4 * (r - 2) * k3 * k3 / (r * m * m) +
                           8 * k2 * k2 * k2 / (m * m)};
}

/* Of the numbers that a cell draws. */
static size_t repeats_of(const experiment *e, size_t point)
{
    size_t draws = by_profile(e, 2500000, 40000000, 200000000);
    size_t most = by_profile(e, 50000, 200000, 1000000);
    size_t repeats = draws / (sizes[point].d * sizes[point].n);
    return repeats < most ? repeats : most;
}

static double error_of(cumulants c)
{
    return sqrt(c.variance);
}

static void run(const experiment *e, size_t point, jf_table *out)
{
    size_t d = sizes[point].d, n = sizes[point].n;
    size_t repeats = repeats_of(e, point);
    double *values = jf_alloc(QUANTITIES * repeats, sizeof *values);
    double r = (double)repeats;
    jf_sample_moments s[QUANTITIES];

    repeat(d, n, repeats, e->args.seed, values);
    for (size_t q = 0; q < QUANTITIES; q++)
        s[q] = jf_sample_of(repeats, values + q * repeats);
    jf_table_row(out, point,
                 "%zu,%zu,%zu," JF_G "," JF_G "," JF_G ",%.6e," JF_G "," JF_G
                 ",%.6e," JF_G "," JF_G ",%.6e," JF_G "," JF_G ",%.6e," JF_G
                 "," JF_G ",%.6e," JF_G,
                 d, n, repeats, s[TRAIN].mean, s[TEST].mean, s[GAP].mean,
                 error_of(law_of_gap(d, n, r)), jf_sample_gap(d, n, 1),
                 s[LOG_DET].mean, error_of(law_of_log_det(d, n, r)),
                 jf_log_det_bias(d, n), s[LOG_DET].variance,
                 error_of(law_of_variance(d, n, r)), jf_log_det_variance(d, n),
                 s[SQUARE].mean, error_of(law_of_square(d, n, r)),
                 jf_sample_square(d, n), s[LINEAR_GAP].mean,
                 error_of(law_of_linear_gap(d, n, r)), jf_sample_gap(d, n, 0));
    free(values);
}

/* The formulas as they are mistaken. */

static double wrong_gap(size_t d, size_t n)
{
    double p = (double)d;
    return p * (p + 3) / (2 * ((double)n - p - 1));
}

static double wrong_square(size_t d, size_t n)
{
    return (double)d * ((double)n + 1) / (double)(n - d - 1);
}

static double wrong_linear_gap(size_t d, size_t n)
{
    double p = (double)d;
    return p * (p + 1) / (2 * ((double)n - p - 2));
}

/* psi((n-i+1)/2) for psi((n-i)/2), in the bias and in the variance. */
static double wrong_log_det(size_t d, size_t n)
{
    double p = (double)d, m = (double)n;
    return jf_log_det_bias(d, n + 1) + p * log1p(1 / m);
}

static double wrong_variance(size_t d, size_t n)
{
    return jf_log_det_variance(d, n + 1);
}

/* Columns of the table, and the exact law of what is measured. */
typedef struct {
    jf_claim claim;
    const char *measured, *predicted;
    cumulants (*law)(size_t d, size_t n, double repeats);
    double (*wrong)(size_t d, size_t n);
} comparison;

#define GRID                                                                   \
    "worst normal score over the grid of D and n; mean, variance and "         \
    "skewness of the estimate exact by Wishart moments (Wilson-Hilferty); "    \
    "Bonferroni"

static const comparison comparisons[] = {
    {{"C2.8", "E[train - test] of the affine fit = D(D+3) / (2(n-D-2))",
      "Gaussian data; affine fit by maximum likelihood; n > D + 2", GRID,
      JF_STATISTIC, "n - D - 1 for n - D - 2"},
     "gap_nats",
     "predicted_gap_nats",
     law_of_gap,
     wrong_gap},
    {{"C2.8", "E |z|^2 on fresh data = D(n+1) / (n-D-2)",
      "Gaussian data; affine fit by maximum likelihood; n > D + 2",
      GRID "; a fresh row a repeat", JF_STATISTIC, "n - D - 1 for n - D - 2"},
     "test_square",
     "predicted_test_square",
     law_of_square,
     wrong_square},
    {{"C2.8", "without bias E[train - test] = D(D+1) / (2(n-D-1))",
      "Gaussian data of mean 0; linear fit by maximum likelihood; n > D + 1",
      GRID, JF_STATISTIC, "n - D - 2 for n - D - 1"},
     "linear_gap_nats",
     "predicted_linear_gap_nats",
     law_of_linear_gap,
     wrong_linear_gap},
    {{"C3.11", "E log det S - log det Sigma = sum psi((n-i)/2) + D log(2/n)",
      "Gaussian data; n > D", GRID, JF_STATISTIC, "n - i + 1 for n - i"},
     "logdet_bias",
     "predicted_logdet_bias",
     law_of_log_det,
     wrong_log_det},
    {{"C3.11", "Var log det S = sum psi'((n-i)/2)", "Gaussian data; n > D",
      GRID, JF_STATISTIC, "n - i + 1 for n - i"},
     "logdet_variance",
     "predicted_logdet_variance",
     law_of_variance,
     wrong_variance},
};

static void judge_grid(const experiment *e, const jf_table *t,
                       const comparison *k)
{
    double z[SIZES], wrong[SIZES];
    jf_finding f = {0};
    for (size_t p = 0; p < SIZES; p++) {
        size_t d = sizes[p].d, n = sizes[p].n;
        double measured = jf_table_number(t, p, 0, k->measured);
        cumulants law = k->law(d, n, jf_table_number(t, p, 0, "repeats"));
        z[p] = cumulants_score(law, jf_table_number(t, p, 0, k->predicted),
                               measured);
        wrong[p] = cumulants_score(law, k->wrong(d, n), measured);
    }
    jf_family(&f, SIZES, z, 0, JF_EQUAL);
    jf_family_broken(&f, SIZES, wrong, 0, JF_EQUAL);
    jf_judge(e->verdicts, &k->claim, JF_EQUAL, &f);
}

/* The check index's own numbers: D = 5, n = 20. */
static void judge(const experiment *e, const jf_table *t)
{
    const size *s = &sizes[INDEX_ROW];
    for (size_t c = 0; c < sizeof comparisons / sizeof *comparisons; c++)
        judge_grid(e, t, &comparisons[c]);
    jf_judge(
        e->verdicts,
        &(jf_claim){"C2.8", "D = 5, n = 20: E[train - test]", "Gaussian data",
                    "exact standard error; normal law", JF_STATISTIC,
                    "n - D - 1 for n - D - 2"},
        JF_EQUAL,
        &(jf_finding){.measured = jf_table_number(t, INDEX_ROW, 0, "gap_nats"),
                      .expected = 1.538461538461538,
                      .law = JF_BY_ERRORS,
                      .se = jf_table_number(t, INDEX_ROW, 0, "se_gap"),
                      .broken = 1.538461538461538 - wrong_gap(s->d, s->n)});
    jf_judge(e->verdicts,
             &(jf_claim){"C2.8", "D = 5, n = 20: E |z|^2 on fresh data",
                         "Gaussian data", "exact standard error; normal law",
                         JF_STATISTIC, "n - D - 1 for n - D - 2"},
             JF_EQUAL,
             &(jf_finding){
                 .measured = jf_table_number(t, INDEX_ROW, 0, "test_square"),
                 .expected = 8.076923076923077,
                 .law = JF_BY_ERRORS,
                 .se = jf_table_number(t, INDEX_ROW, 0, "se_test_square"),
                 .broken = 8.076923076923077 - wrong_square(s->d, s->n)});
}

void optimum_samples(experiment *e)
{
    size_t done = 0;
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
            run(e, point, out);
            jf_table_finish(out, point);
        }
#pragma omp critical(optimum_samples)
        jf_progress(&e->args, "finite samples", ++done, SIZES);
    }
    if (jf_table_whole(out))
        judge(e, out);
    jf_table_close(out);
}

/* C2.8 without bias and with a mean: D = 1, n = 20, mu = 1. */
enum { ONE_N = 20 };

/* E (1/Y) and E (1/Y)^2, Y non-central chi-square with n degrees of freedom and
 * n mu^2: central ones with n + 2 j, j of Poisson's law of mean n mu^2 / 2. */
static cumulants law_of_one(double mu, double repeats)
{
    double n = ONE_N, rate = 0.5 * n * mu * mu, weight = exp(-rate);
    double e1 = 0, e2 = 0, e3 = 0;
    for (int j = 0; j < 200; j++, weight *= rate / j) {
        double k = n + 2 * j;
        e1 += weight / (k - 2);
        e2 += weight / ((k - 2) * (k - 4));
        e3 += weight / ((k - 2) * (k - 4) * (k - 6));
    }
    cumulants c =
        cumulants_scale(cumulants_of(e1, e2, e3), 0.5 * n * (1 + mu * mu));
    c.mean -= 0.5;
    return cumulants_mean(c, repeats);
}

static void with_mean(const experiment *e, finding *f)
{
    size_t repeats = by_profile(e, 40000, 400000, 4000000);
    double mu = 1;
    gsl_rng *rng = jf_stream_new();
    for (size_t r = 0; r < repeats; r++) {
        double s = 0;
        jf_stream_seek(rng, e->args.seed, PURPOSE + 1, 0, r);
        for (size_t i = 0; i < ONE_N; i++)
            s += square(mu + jf_stream_normal(rng, 1.0)) / ONE_N;
        f->measured += 0.5 * ((1 + mu * mu) / s - 1) / (double)repeats;
    }
    gsl_rng_free(rng);
    cumulants law = law_of_one(mu, (double)repeats);
    f->d = 1;
    f->n = repeats;
    f->expected = law.mean;
    f->se = error_of(law);
    f->broken = law.mean - jf_sample_gap(1, ONE_N, 0);
}

static const check checks_samples[] = {
    {{"C2.8", "without bias, D = 1, n = 20, mu = 1: E[train - test] = .041331",
      "Gaussian data", "exact standard error; normal law", JF_STATISTIC,
      "mu = 0 assumed: D(D+1) / (2(n-D-1)) = .055556"},
     "no bias with a mean",
     JF_EQUAL,
     0,
     with_mean},
};

const check_list list_samples = {checks_samples, sizeof checks_samples /
                                                     sizeof *checks_samples};
