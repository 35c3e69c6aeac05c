/* factors.c -- how many factors a product of simple maps needs.
 *
 * Question  A diagonal times k Householder reflections, and K linear additive
 *           couplings of half the columns times one scalar: from how many
 *           factors on do they reach the eigenvalue optimum?
 * Method    A random covariance for each D, L-BFGS until rounding from several
 *           starts (fixed in advance by profile), the best of them; d + 1 rows
 *           that have exactly these moments stand for the data.  Three
 *           couplings suffice for every even D (W'W = Sigma^-1 leaves a
 *           rotation free, so this is no contradiction to the larger numbers
 *           that all of GL(D) needs); odd halves are given a fourth.
 * Writes    optimum-factors.csv [nats per sample]. */
#include "optimum.h"

#include <math.h>
#include <stdlib.h>

enum { MAX_COUPLINGS = 5, PURPOSE = JF_PURPOSE_USER + 400 };
static const size_t dims[] = {2, 3, 4, 5, 6, 8};
enum { DIMS = sizeof dims / sizeof *dims };

static jf_layer *reflections(size_t d, size_t k)
{
    jf_layer *f = jf_flow_new(d);
    if (k > 0)
        jf_flow_add(f, jf_orthogonal(d, k));
    jf_flow_add(f, jf_diagonal(d));
    return f;
}

static jf_layer *couplings(size_t d, size_t k)
{
    jf_layer *f = jf_flow_new(d);
    jf_flow_add(f, jf_scale(d));
    for (size_t i = 0; i < k; i++) {
        jf_side side = i % 2 ? JF_LOWER : JF_UPPER;
        size_t b = side == JF_UPPER ? d - d / 2 : d / 2;
        jf_mlp_options linear = {.n_in = d - b, .n_out = b, .no_bias = 1};
        jf_flow_add(
            f, jf_coupling(d, d / 2, side, jf_map_shift(), jf_mlp(&linear)));
    }
    return f;
}

/* Moments of N(0, T'T), T upper with diagonal e^(N/2). */
static jf_moments random_moments(size_t d, unsigned long seed)
{
    jf_moments m = {.d = d,
                    .mean = jf_alloc(d, sizeof(double)),
                    .t_sigma = jf_alloc(d * d, sizeof(double))};
    gsl_rng *rng = jf_stream_new();
    jf_stream_seek(rng, seed, PURPOSE, 0, d);
    for (size_t i = 0; i < d; i++) {
        m.t_sigma[i * d + i] = exp(jf_stream_normal(rng, 0.5));
        for (size_t j = i + 1; j < d; j++)
            m.t_sigma[i * d + j] = jf_stream_normal(rng, 1.0);
    }
    gsl_rng_free(rng);
    return m;
}

/* The value at the end of one run from the library's start plus noise. */
static double train(const jf_layer *flow, jf_matrix rows, unsigned long seed,
                    jf_team *team)
{
    jf_latent q = jf_normal();
    jf_matrix noise = jf_matrix_new(1, flow->module.n_params);
    real *theta = jf_theta_new(flow);
    jf_likelihood value = {.nll = (double)NAN};
    jf_fit_result fit;

    jf_init(flow, theta, jf_const(rows), seed, team);
    jf_fill_normal(noise, seed, PURPOSE + 1, flow->module.n_params);
    for (size_t i = 0; i < flow->module.n_params; i++)
        theta[i] += R(0.3) * noise.data[i];
    if (jf_fit(flow, &q, theta, jf_const(rows),
               &(jf_fit_options){.method = JF_LBFGS}, &fit,
               team) == GSL_SUCCESS)
        jf_nll(flow, &q, theta, jf_const(rows), &value, NULL, team);
    free(theta);
    jf_matrix_free(&noise);
    return -value.nll;
}

static void run(const experiment *e, size_t d, const char *family,
                size_t factors, jf_table *out, size_t point)
{
    size_t starts = by_profile(e, 4, 8, 32);
    jf_team *team = jf_team_new(1);
    jf_layer *flow =
        family[0] == 'r' ? reflections(d, factors) : couplings(d, factors);
    jf_moments random = random_moments(d, e->args.seed), m;
    jf_matrix rows = jf_matrix_new(d + 1, d);
    double least = (double)INFINITY, most = -(double)INFINITY;

    jf_moments_rows(&random, rows);
    double eigen = jf_moments_of(jf_const(rows), &m, team) == GSL_SUCCESS
                       ? jf_eig_log_det(d, m.log_det_sigma)
                       : (double)NAN;
    for (size_t s = 0; s < starts; s++) {
        double gap = eigen - train(flow, rows, e->args.seed + s, team);
        least = isnan(gap) || gap < least ? gap : least;
        most = isnan(gap) || gap > most ? gap : most;
    }
    double simplest = family[0] == 'r'
                          ? jf_gap_diagonal(d, m.sigma, m.lambda_sigma)
                          : jf_gap_scalar(d, m.lambda_sigma);
    jf_table_row(out, point, "%zu,%s,%zu,%zu,%zu," JF_G "," JF_G "," JF_G, d,
                 family, factors, flow->module.n_params, starts, least, most,
                 simplest);
    jf_moments_free(&m);
    jf_moments_free(&random);
    jf_matrix_free(&rows);
    jf_layer_free(flow);
    jf_team_free(team);
}

/* Which rows a verdict is about. */
typedef enum { ENOUGH, TWO_COUPLINGS, NONE } selection;

static int selected(selection which, const char *family, size_t d, size_t k)
{
    size_t enough = family[0] == 'r' ? d - 1 : d == 2 ? 2 : 3 + d % 2;
    switch (which) {
    case ENOUGH:
        return k >= enough;
    case TWO_COUPLINGS:
        return family[0] == 'c' && d >= 4 && k == 2;
    default:
        return k == 0;
    }
}

/* The largest (sign 1) or least (sign -1) of a column minus another, or of its
 * absolute value when sign is 0, over the selected rows of a family. */
static double extreme(const jf_table *t, size_t points, selection which,
                      const char *family, int sign)
{
    double worst = sign ? -(double)INFINITY : 0;
    for (size_t p = 0; p < points; p++) {
        char name[16];
        jf_table_string(t, p, 0, "family", name, sizeof name);
        size_t d = (size_t)jf_table_number(t, p, 0, "d");
        size_t k = (size_t)jf_table_number(t, p, 0, "factors");
        if (name[0] != family[0] || !selected(which, name, d, k))
            continue;
        double gap = jf_table_number(t, p, 0, "gap_nats");
        if (which == NONE)
            gap -= jf_table_number(t, p, 0, "gap_without_factors_nats");
        worst = jf_worse(worst, sign ? sign * gap : fabs(gap));
    }
    return sign ? sign * worst : worst;
}

static void judge(const experiment *e, const jf_table *t, size_t points)
{
    static const char normal[] = "random covariance, D = 2 .. 8";
    static const char method[] = "L-BFGS, best of several starts: largest "
                                 "deviation; an optimiser's result";
    jf_verdict(e->verdicts,
               &(jf_claim){"C3.1", "diag x k Householder: gap 0 for k >= D - 1",
                           normal, method},
               extreme(t, points, ENOUGH, "reflections", 0), JF_EQUAL, 0, 1e-6);
    jf_verdict(e->verdicts,
               &(jf_claim){"C3.1",
                           "K linear additive couplings and one scalar: gap 0 "
                           "for K >= 3 (D even) and K >= 4 (D odd)",
                           normal, method},
               extreme(t, points, ENOUGH, "couplings", 0), JF_EQUAL, 0, 1e-6);
    jf_verdict(e->verdicts,
               &(jf_claim){"C3.1",
                           "two couplings are not enough for D >= 4: least gap",
                           normal, "dimension count; best of several starts"},
               extreme(t, points, TWO_COUPLINGS, "couplings", -1), JF_AT_LEAST,
               1e-6, 0);
    jf_verdict(e->verdicts,
               &(jf_claim){"C3.1",
                           "without factors the gaps are Hadamard's and "
                           "that of a scalar",
                           normal, method},
               jf_worse(extreme(t, points, NONE, "reflections", 0),
                        extreme(t, points, NONE, "couplings", 0)),
               JF_EQUAL, 0, 1e-6);
}

void optimum_factors(experiment *e)
{
    struct {
        size_t d, factors;
        const char *family;
    } grid[DIMS * (8 + MAX_COUPLINGS + 1)];
    size_t points = 0, done = 0;

    for (size_t i = 0; i < DIMS; i++) {
        for (size_t k = 0; k < dims[i]; k++, points++) {
            grid[points].d = dims[i];
            grid[points].factors = k;
            grid[points].family = "reflections";
        }
        for (size_t k = 0; k <= MAX_COUPLINGS; k++, points++) {
            grid[points].d = dims[i];
            grid[points].factors = k;
            grid[points].family = "couplings";
        }
    }
    jf_table *out = jf_table_new(&e->args, "optimum-factors",
                                 "d,family,factors,params,starts,gap_nats,"
                                 "worst_gap_nats,gap_without_factors_nats",
                                 points);
#pragma omp parallel for schedule(dynamic, 1) num_threads((int)e->team->threads)
    for (size_t k = 0; k < points; k++) {
        size_t p = points - 1 - k;
        if (!jf_table_has(out, p)) {
            run(e, grid[p].d, grid[p].family, grid[p].factors, out, p);
            jf_table_finish(out, p);
        }
#pragma omp critical(optimum_factors)
        jf_progress(&e->args, "factors", ++done, points);
    }
    judge(e, out, points);
    jf_table_close(out);
}
