/* factors.c -- how many factors a product of simple maps needs.
 *
 * Question  A diagonal times k Householder reflections, and K linear additive
 *           couplings of half the columns times one scalar: from how many
 *           factors on do they reach the eigenvalue optimum, and what do fewer
 *           lose?
 * Method    Random covariances for each D, and for odd D two more, where all
 *           conditional variances t of the larger half are above 1, or below;
 *           L-BFGS until rounding from several starts (fixed in advance by
 *           profile), the best of them; d + 1 rows that have exactly these
 *           moments stand for the data.  The gaps of couplings are those of
 *           jf_gap_shears.
 * Writes    optimum-factors.csv [nats per sample]. */
#include "optimum.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_COUPLINGS = 5, PURPOSE = JF_PURPOSE_USER + 400 };
static const size_t dims[] = {2, 3, 4, 5, 6, 8};
enum { DIMS = sizeof dims / sizeof *dims, MAX_DIM = 8 };

static const char *const families[] = {"couplings", "couplings t > 1",
                                       "couplings t < 1", "reflections"};
enum { REFLECTIONS = 3, FAMILIES };

typedef struct {
    size_t d, factors, family;
} product;

static jf_layer *reflections(size_t d, size_t k)
{
    jf_layer *f = jf_flow_new(d);
    if (k > 0)
        jf_flow_add(f, jf_orthogonal(d, k));
    jf_flow_add(f, jf_diagonal(d));
    return f;
}

/* Moments of N(0, T'T). */
static jf_moments random_moments(size_t d, unsigned long seed, t_range range)
{
    jf_moments m = {.d = d,
                    .mean = jf_alloc(d, sizeof(double)),
                    .t_sigma = jf_alloc(d * d, sizeof(double))};
    gsl_rng *rng = jf_stream_new();
    jf_stream_seek(rng, seed, PURPOSE, 0, d);
    random_triangle(rng, d, range, m.t_sigma);
    gsl_rng_free(rng);
    return m;
}

/* The value and |G| / sqrt(least) (optimum.h) at the end of one run from the
 * library's start plus noise. */
static double train(const jf_layer *flow, jf_matrix rows, unsigned long seed,
                    double least, double *at, jf_team *team)
{
    jf_latent q = jf_normal();
    jf_matrix noise = jf_matrix_new(1, flow->module.n_params);
    real *theta = jf_theta_new(flow);
    jf_likelihood value = {.nll = (double)NAN};
    jf_fit_result fit = {.gradient_norm = (double)NAN};

    jf_init(flow, theta, jf_const(rows), seed, team);
    jf_fill_normal(noise, seed, PURPOSE + 1, flow->module.n_params);
    for (size_t i = 0; i < flow->module.n_params; i++)
        theta[i] += R(0.3) * noise.data[i];
    if (jf_fit(flow, &q, theta, jf_const(rows),
               &(jf_fit_options){.method = JF_LBFGS}, &fit,
               team) == GSL_SUCCESS)
        jf_nll(flow, &q, theta, jf_const(rows), &value, NULL, team);
    *at = fit.gradient_norm / sqrt(least);
    free(theta);
    jf_matrix_free(&noise);
    return -value.nll;
}

/* The gap with the columns in reverse, which exchanges the halves. */
static double gap_reversed(size_t d, size_t k, const double *s)
{
    double reversed[MAX_DIM * MAX_DIM];
    for (size_t i = 0; i < d * d; i++)
        reversed[i] = s[d * d - 1 - i];
    return jf_gap_shears(d, k, reversed);
}

/* What is predicted, and what the formula that judge names broken says; NaN
 * where nothing is. */
static double predicted(const product *c, const jf_moments *m, double *broken)
{
    size_t d = c->d, k = c->factors;
    *broken = (double)NAN;
    if (c->family == REFLECTIONS && k == 0) {
        *broken = -0.5 * m->log_det_sigma;
        return jf_gap_diagonal(d, m->sigma, m->lambda_sigma);
    }
    if (c->family == REFLECTIONS) {
        *broken = jf_gap_diagonal(d, m->sigma, m->lambda_sigma);
        return k >= d - 1 ? 0 : (double)NAN;
    }
    *broken = k <= 2       ? gap_reversed(d, k, m->sigma)
              : d % 2 == 0 ? jf_gap_shears(d, 2, m->sigma)
              : k <= 4     ? 0
                           : jf_gap_shears(d, 3, m->sigma);
    return jf_gap_shears(d, k, m->sigma);
}

static void run(const experiment *e, const product *c, jf_table *out,
                size_t point)
{
    size_t d = c->d, starts = by_profile(e, 4, 8, 32);
    jf_team *team = jf_team_new(1);
    jf_layer *flow = c->family == REFLECTIONS ? reflections(d, c->factors)
                                              : shears(d, c->factors);
    t_range range = c->family == REFLECTIONS ? AS_DRAWN : (t_range)c->family;
    jf_moments random = random_moments(d, e->args.seed, range), m;
    jf_matrix rows = jf_matrix_new(d + 1, d);
    double least = (double)INFINITY, most = -(double)INFINITY, broken;
    double at, least_at = (double)NAN;

    jf_moments_rows(&random, rows);
    double eigen = jf_moments_of(jf_const(rows), &m, team) == GSL_SUCCESS
                       ? jf_eig_log_det(d, m.log_det_sigma)
                       : (double)NAN;
    for (size_t s = 0; s < starts; s++) {
        double gap = eigen - train(flow, rows, e->args.seed + s,
                                   m.lambda_sigma[d - 1], &at, team);
        if (isnan(gap) || gap < least) {
            least = gap;
            least_at = at;
        }
        most = isnan(gap) || gap > most ? gap : most;
    }
    double simplest = c->family == REFLECTIONS
                          ? jf_gap_diagonal(d, m.sigma, m.lambda_sigma)
                          : jf_gap_scalar(d, m.lambda_sigma);
    double expected = predicted(c, &m, &broken);
    jf_table_row(out, point,
                 "%zu,%s,%zu,%zu,%zu," JF_G "," JF_G "," JF_G "," JF_G "," JF_G
                 ",%.6e",
                 d, families[c->family], c->factors, flow->module.n_params,
                 starts, least, most, simplest, expected, broken, least_at);
    jf_moments_free(&m);
    jf_moments_free(&random);
    jf_matrix_free(&rows);
    jf_layer_free(flow);
    jf_team_free(team);
}

/* A row of verdicts: products for which of says yes. */
typedef struct {
    jf_claim claim;
    int (*of)(const product *c);
} statement;

static int no_reflection(const product *c)
{
    return c->family == REFLECTIONS && c->factors == 0;
}

static int all_reflections(const product *c)
{
    return c->family == REFLECTIONS && c->factors > 0 && c->factors >= c->d - 1;
}

static int up_to_two(const product *c)
{
    return c->family != REFLECTIONS && c->factors <= 2;
}

static int three_even(const product *c)
{
    return c->family != REFLECTIONS && c->factors >= 3 && c->d % 2 == 0;
}

static int three_odd(const product *c)
{
    return c->family != REFLECTIONS && c->d % 2 == 1 &&
           (c->factors == 3 || c->factors == 4);
}

static int five_odd(const product *c)
{
    return c->family != REFLECTIONS && c->d % 2 == 1 && c->factors == 5;
}

#define METHOD                                                                 \
    "L-BFGS, best of several starts: largest deviation; |G| < 1e-3 leaves "    \
    "|G|^2 / 2 m < 1e-6 in units of the least eigenvalue"

static const statement statements[] = {
    {{"C3.1", "diag x k Householder: gap 0 for k = D - 1",
      "random covariance, D = 2 .. 8", METHOD, JF_OPTIMISATION,
      "the gap of the diagonal"},
     all_reflections},
    {{"C3.1", "diagonal: gap -log det Corr / 2",
      "random covariance, D = 2 .. 8", METHOD, JF_OPTIMISATION, "Cov for Corr"},
     no_reflection},
    {{"C3.1k", "K = 0, 1, 2 couplings and one scalar: the gap in closed form",
      "random covariance, D = 2 .. 8; odd D: t_1 > 1 and t_q < 1 too", METHOD,
      JF_OPTIMISATION, "halves exchanged"},
     up_to_two},
    {{"C3.1k", "K = 3, 4, 5 couplings and one scalar, D even: gap 0",
      "random covariance, D = 2 .. 8", METHOD, JF_OPTIMISATION,
      "the gap of two"},
     three_even},
    {{"C3.1k",
      "K = 3, 4 couplings and one scalar, D odd: gap (D/2) log(tau/D), tau = "
      "nu + (D-1) nu^(-1/(D-1)), nu = 1 clipped to [t_1, t_q], for K = 4 to "
      "[t_1, inf)",
      "random covariance, D = 3, 5; t_1 > 1 and t_q < 1 too", METHOD,
      JF_OPTIMISATION, "gap 0: K = 4 for odd D"},
     three_odd},
    {{"C3.1k", "K = 5 couplings and one scalar, D odd: gap 0",
      "random covariance, D = 3, 5; t_1 > 1 and t_q < 1 too", METHOD,
      JF_OPTIMISATION, "the gap of three"},
     five_odd},
};
enum { STATEMENTS = sizeof statements / sizeof *statements };

static void judge(const experiment *e, const statement *s, const jf_table *t,
                  const product *grid, size_t points)
{
    jf_finding f = {.tolerance = 1e-6};
    double wrong = 0;
    size_t short_of = 0;
    for (size_t p = 0; p < points; p++)
        if (s->of(&grid[p])) {
            double gap = jf_table_number(t, p, 0, "gap_nats");
            double right = jf_table_number(t, p, 0, "predicted_gap_nats");
            double broken = jf_table_number(t, p, 0, "broken_gap_nats");
            f.n++;
            f.measured = jf_worse(f.measured, fabs(gap - right));
            wrong = jf_worse(wrong, fabs(gap - broken));
            short_of += !(jf_table_number(t, p, 0, "arrival") < ARRIVED);
        }
    f.broken = wrong - f.measured;
    if (short_of)
        snprintf(f.open, sizeof f.open, "%zu of %zu runs have not arrived",
                 short_of, f.n);
    jf_judge(e->verdicts, &s->claim, JF_EQUAL, &f);
}

static size_t fill_grid(product *grid)
{
    size_t points = 0;
    for (size_t i = 0; i < DIMS; i++) {
        for (size_t k = 0; k < dims[i]; k++)
            grid[points++] = (product){dims[i], k, REFLECTIONS};
        for (size_t f = 0; f < (dims[i] % 2 ? REFLECTIONS : 1); f++)
            for (size_t k = 0; k <= MAX_COUPLINGS; k++)
                grid[points++] = (product){dims[i], k, f};
    }
    return points;
}

void optimum_factors(experiment *e)
{
    product grid[DIMS * (MAX_DIM + REFLECTIONS * (MAX_COUPLINGS + 1))];
    size_t points = fill_grid(grid), done = 0;
    jf_table *out = jf_table_new(&e->args, "optimum-factors",
                                 "d,family,factors,params,starts,gap_nats,"
                                 "worst_gap_nats,gap_without_factors_nats,"
                                 "predicted_gap_nats,broken_gap_nats,"
                                 "arrival",
                                 points);
#pragma omp parallel for schedule(dynamic, 1) num_threads((int)e->team->threads)
    for (size_t k = 0; k < points; k++) {
        size_t p = points - 1 - k;
        if (!jf_table_has(out, p)) {
            run(e, &grid[p], out, p);
            jf_table_finish(out, p);
        }
#pragma omp critical(optimum_factors)
        jf_progress(&e->args, "factors", ++done, points);
    }
    for (size_t k = 0; k < STATEMENTS && jf_table_whole(out); k++)
        judge(e, &statements[k], out, grid, points);
    jf_table_close(out);
}
