/* series.c -- log-determinants of residual layers by series.
 *
 * Question  What do the estimators that large residual flows need lose against
 *           the exact log |det|?
 * Method    A residual layer of R^8 at one point, Lipschitz budget c: the
 * series cut off after n terms with its bias and the bound of it, and the
 *           unbiased Russian roulette (100 000 draws) with its variance.
 * Writes    uniqueness-series.csv [nats]. */
#include "uniqueness.h"

#include <float.h>
#include <math.h>

#include "common/ridge_residual.h"

enum { D = 8, HIDDEN = 16, DRAWS = 100000 };
#define GO 0.9 /* the chance of another term */

static void product(const void *arg, const double *v, double *av)
{
    const double *a = arg;
    for (size_t i = 0; i < D; i++) {
        av[i] = 0;
        for (size_t j = 0; j < D; j++)
            av[i] += a[i * D + j] * v[j];
    }
}

/* a (D, D) := the Jacobian of g at 0, by D backwards; returns log |det (I + a)|
 * by the layer. */
static double jacobian_of(const experiment *e, double c, double *a)
{
    jf_layer *layer = ridge_residual(D, HIDDEN, c);
    jf_team *team = jf_team_new(1);
    jf_matrix x = jf_matrix_new(D, D), v = jf_matrix_new(D, D);
    real *theta = jf_theta_new(layer), *grad = jf_theta_new(layer);
    double zero[D] = {0}, ld[D];
    jf_matrix u = jf_matrix_new(HIDDEN, D);
    jf_fill_normal(u, e->args.seed, JF_PURPOSE_USER + 500, 0);
    for (size_t k = 0; k < HIDDEN; k++)
        for (size_t j = 0; j < D; j++) { /* theta: U, b = 0, V, a = 0 */
            theta[k * D + j] = jf_row(u, k)[j];
            theta[HIDDEN * (D + 1) + j * HIDDEN + k] = jf_row(u, k)[j];
        }
    for (size_t i = 0; i < D; i++)
        jf_row(v, i)[i] = 1;
    int failed = jf_vjp(layer, theta, x, v, zero, grad, JF_TAPE_LEAN, team) |
                 jf_forward(layer, theta, x, ld, team);
    for (size_t k = 0; k < D * D; k++)
        a[k] = failed ? (double)NAN : (double)v.data[k] - (k % (D + 1) == 0);
    free(theta);
    free(grad);
    jf_matrix_free(&u);
    jf_matrix_free(&x);
    jf_matrix_free(&v);
    jf_team_free(team);
    jf_layer_free(layer);
    return ld[0];
}

/* The series of log |det (I + s a)|. */
static double scaled_series(const double *a, double s, size_t terms)
{
    double b[D * D];
    for (size_t k = 0; k < D * D; k++)
        b[k] = s * a[k];
    return jf_series_truncated(D, product, b, terms);
}

/* The mean of a roulette that does not divide its terms: term k has the chance
 * GO^(k - 1). */
static double without_weights(const double *a)
{
    return scaled_series(a, GO, 400) / GO;
}

void uniqueness_series(experiment *e)
{
    const double budgets[] = {0.5, 0.7, 0.9};
    const size_t terms[] = {2, 4, 8, 16, 32, 64};
    double errors[3], unweighted[3], broken = -(double)INFINITY;
    jf_finding bias = {.d = D, .measured = -(double)INFINITY}, mean = {.d = D};
    jf_table *t = jf_table_new(
        &e->args, "uniqueness-series",
        "budget,d,terms,exact,truncated,bias,bias_bound,roulette_mean,"
        "se_roulette,roulette_variance",
        3);
    for (size_t b = 0; b < 3; b++) {
        double a[D * D], exact = jacobian_of(e, budgets[b], a);
        double *draws = jf_alloc(DRAWS, sizeof *draws);
        gsl_rng *rng = stream(e, 2000 + b);
        for (size_t i = 0; i < DRAWS; i++)
            draws[i] = jf_series_roulette(D, product, a, GO, rng);
        jf_sample_moments m = jf_sample_of(DRAWS, draws);
        gsl_rng_free(rng);
        free(draws);
        errors[b] = (m.mean - exact) / m.se;
        unweighted[b] = (without_weights(a) - exact) / m.se;
        for (size_t k = 0; k < 6; k++) {
            double cut = jf_series_truncated(D, product, a, terms[k]);
            double bound = jf_series_bias(D, budgets[b], terms[k]);
            bias.measured = jf_worse(bias.measured, fabs(cut - exact) - bound);
            broken = jf_worse(
                broken, fabs(scaled_series(a, -1, terms[k]) + exact) - bound);
            jf_table_row(t, b,
                         "%g,%d,%zu," JF_G "," JF_G "," JF_G "," JF_G "," JF_G
                         "," JF_G "," JF_G,
                         budgets[b], D, terms[k], exact, cut, cut - exact,
                         bound, m.mean, m.se, m.variance);
        }
        jf_table_finish(t, b);
    }
    bias.tolerance = 2 * D * D * DBL_EPSILON * M_LN10;
    bias.broken = broken - bias.measured;
    jf_judge(e->verdicts,
             &(jf_claim){"C6.2s",
                         "the series of a residual layer's log|det|, cut off "
                         "after n terms, errs by at most d c^(n+1) / "
                         "((n+1)(1-c))",
                         "d = 8, c = .5, .7, .9, n = 2 .. 64",
                         "largest excess over the bound; rounding of d traces "
                         "of products of d terms, 2 d^2 eps log 1/(1-c)",
                         JF_IDENTITY, "all signs of the series +"},
             JF_AT_MOST, &bias);
    mean.n = DRAWS;
    jf_family(&mean, 3, errors, 0, JF_EQUAL);
    jf_family_broken(&mean, 3, unweighted, 0, JF_EQUAL);
    jf_judge(e->verdicts,
             &(jf_claim){"C6.2s", "the Russian roulette estimator is unbiased",
                         "d = 8, c = .5, .7, .9; c^2 < .9",
                         "100000 draws each; largest error in standard "
                         "errors, normal law, Bonferroni",
                         JF_STATISTIC, "terms not divided by their chance"},
             JF_EQUAL, &mean);
    jf_table_close(t);
}
