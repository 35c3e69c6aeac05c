/* interval.c -- how far the optimum of a sample lies from that of its law.
 *
 * Question  Does the fourth moment tell by how much EIG(S_n) exceeds EIG(Sigma)
 *           for laws that are not Gaussian, and with what error?
 * Method    Simulation.  For the excess: three exponential columns, of which
 *           the first-order term E[tr(M - I)]/2 = 0, M = 1/n sum x x', is taken
 *           off, and the next order by two sample sizes.  For the interval:
 *           Gaussian columns, of which |z|^4 is independent of S_n (Basu 1955),
 *           and log det S_n has an exact law in two dimensions.
 * Writes    rows of optimum-points.csv. */
#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

#include "optimum.h"

/* The excess of n exponential rows x (n, D), less its first-order term, which
 * has mean 0. */
enum { D = 3, HALF = 300 };

static double excess(size_t n, const double *x)
{
    double s[D * D], mean[D] = {0}, trace = 0, log_det = 0;
    jf_dgemm(JF_TN, D, D, n, 1 / (double)n, x, x, 0, s);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < D; j++)
            mean[j] += x[i * D + j] / (double)n;
    for (size_t j = 0; j < D; j++)
        trace += s[j * D + j];
    for (size_t i = 0; i < D; i++)
        for (size_t j = 0; j < D; j++)
            s[i * D + j] -= mean[i] * mean[j];
    if (jf_log_abs_det(D, s, &log_det) != GSL_SUCCESS)
        return (double)NAN;
    return 0.5 * (trace - D - log_det);
}

/* With excess a/n + b/n^2 + O(n^-3) of a half (A) and of both together (B),
 * a/HALF = 4 B - A + O(HALF^-3). */
static void exponential(const experiment *e, finding *f)
{
    size_t repeats = by_profile(e, 4000, 20000, 100000);
    double *x = jf_alloc(2 * HALF * D, sizeof *x);
    double *v = jf_alloc(repeats, sizeof *v), n = HALF, p = D;
    double beta = 9 * p + p * (p - 1);
    gsl_rng *rng = stream(e, 209);
    for (size_t r = 0; r < repeats; r++) {
        for (size_t i = 0; i < 2 * HALF * D; i++)
            x[i] = gsl_ran_exponential(rng, 1.0) - 1;
        double halves = 0.5 * (excess(HALF, x) + excess(HALF, x + HALF * D));
        v[r] = 4 * excess(2 * HALF, x) - halves;
    }
    gsl_rng_free(rng);
    free(x);
    find_mean(f, repeats, v);
    f->d = D;
    f->expected = (beta + p) / (4 * n);
    f->broken = f->expected - p * (p + 3) / (4 * n);
}

/* P(center +- half holds EIG(Sigma) | beta) for two Gaussian columns, where
 * 2 n (det S_n)^1/2 has the chi-square law of 2 n - 4 degrees. */
static double holding(const jf_interval *o, size_t n)
{
    double least = 2 * (double)n * exp(-o->excess - o->half);
    double most = 2 * (double)n * exp(-o->excess + o->half);
    double degrees = 2 * (double)n - 4;
    return gsl_cdf_chisq_P(most, degrees) - gsl_cdf_chisq_P(least, degrees);
}

static void coverage(const experiment *e, finding *f)
{
    size_t n = 1000, repeats = by_profile(e, 2000, 10000, 50000);
    size_t held = 0, wrong = 0;
    double expected = 0, one[] = {1, 1}, truth = jf_eig(2, one);
    jf_matrix x = jf_matrix_new(n, 2);
    jf_team *team = jf_team_new(1);
    jf_moments m;
    jf_interval o;
    for (size_t r = 0; r < repeats; r++) {
        jf_fill_normal(x, e->args.seed, JF_PURPOSE_USER + 209, r);
        if (jf_moments_of(jf_const(x), &m, team) != GSL_SUCCESS)
            jf_fail(1, "the eigenvalues did not converge");
        jf_interval_of(jf_const(x), &m, NULL, &o);
        held += fabs(o.center - truth) <= o.half;
        wrong += fabs(o.center - truth) <= 2 * o.half;
        expected += holding(&o, n) / (double)repeats;
        jf_moments_free(&m);
    }
    jf_team_free(team);
    jf_matrix_free(&x);
    f->d = 2;
    jf_binomial(f, held, repeats, expected, JF_EQUAL);
    f->broken = jf_binomial_p(wrong, repeats, expected, JF_EQUAL);
}

static const check checks_interval[] = {
    {{"C2.9",
      "three exponential columns, n = 300: train excess (beta + D)/(4n)",
      "independent rows, finite fourth moment",
      "mean over repeats of the excess less a term of mean 0, the next order "
      "removed by n = 300 and 600; what remains, of relative order n^-2, is "
      "below a tenth of the standard error",
      JF_STATISTIC, "Gaussian D(D+3)/(4n)"},
     "excess of exponentials",
     JF_EQUAL,
     0,
     exponential},
    {{"C2.9",
      "Gaussian columns, n = 1000: coverage of the interval, nominal .95",
      "independent rows, finite fourth moment; D = 2",
      "expected: the exact coverage given each sample's fourth moment; "
      "binomial "
      "law",
      JF_STATISTIC, "sqrt(beta - D^2)/sqrt n for half of it"},
     "coverage",
     JF_EQUAL,
     0,
     coverage},
};

const check_list list_interval = {checks_interval, sizeof checks_interval /
                                                       sizeof *checks_interval};
