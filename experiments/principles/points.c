/* points.c -- the measurable consequence of each principle (C8).  P7 is in
 * lipschitz/inverse.c, P11 in runs.c. */
#include "common/lipschitz_program.h"
#include "principles.h"

#include <math.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

enum { WIDTH = 8, HALF = WIDTH / 2 };

static jf_layer *coupling(jf_map map)
{
    jf_mlp_options net = {HALF, HALF * map.module.n_params, 16, 1, JF_TANH, 0,
                          0};
    return jf_coupling(WIDTH, HALF, JF_UPPER, map, jf_mlp(&net));
}

/* log |det| of 1000 rows by a coupling at theta = sd times a normal vector. */
static void determinants(const experiment *e, jf_map map, double sd, double *ld)
{
    jf_layer *f = coupling(map);
    jf_team *team = jf_team_new(1);
    jf_matrix x = jf_matrix_new(1000, WIDTH);
    real *theta = jf_theta_new(f);
    jf_fill_normal(x, e->args.seed, JF_PURPOSE_USER + 660, 0);
    jf_fill_normal(jf_view(theta, 1, f->module.n_params), e->args.seed,
                   JF_PURPOSE_USER + 660, 1);
    if (sd > 0)
        for (size_t i = 0; i < f->module.n_params; i++)
            theta[i] *= (real)sd;
    else
        jf_init(f, theta, jf_const(x), e->args.seed, team);
    if (jf_forward(f, theta, x, ld, team) != GSL_SUCCESS)
        ld[0] = (double)NAN;
    free(theta);
    jf_matrix_free(&x);
    jf_team_free(team);
    jf_layer_free(f);
}

static void clamped(const experiment *e, finding *f)
{
    double ld[1000];
    f->d = WIDTH;
    f->n = 1000;
    determinants(e, jf_map_clamp(R(CLAMP)), 3, ld);
    for (size_t i = 0; i < 1000; i++)
        f->measured = jf_worse(f->measured, fabs(ld[i]) / (CLAMP * HALF));
    f->expected = 1;
}

static void sigmoid_start(const experiment *e, finding *f)
{
    double ld[1000];
    f->d = WIDTH;
    determinants(e, jf_map_sigmoid(), 0, ld);
    f->measured = ld[0] / HALF;
    f->expected = -0.12692801104297249; /* log sigmoid(2) */
}

/* The full recipe with small weights drawn, over |x| <= 1/2. */
static void bounded(const experiment *e, finding *f)
{
    size_t draws = by_profile(e, 5, 40, 400);
    f->d = 4;
    f->n = draws;
    f->measured = -(double)INFINITY;
    for (size_t i = 0; i < draws; i++) {
        jf_layer *flow = recipe_flow(FULL, 4);
        jf_team *team = jf_team_new(1);
        jf_matrix x = jf_matrix_new(16, 4);
        real *theta = jf_theta_new(flow);
        double least, largest, low, high;
        jf_fill_normal(x, e->args.seed + i, JF_PURPOSE_USER + 661, 0);
        jf_fill_normal(jf_view(theta, 1, flow->module.n_params),
                       e->args.seed + i, JF_PURPOSE_USER + 661, 1);
        for (size_t k = 0; k < flow->module.n_params; k++)
            theta[k] *= R(0.1);
        for (size_t k = 0; k < 16; k++) {
            double norm = jf_norm(4, jf_row(x, k));
            for (size_t j = 0; norm > 0.5 && j < 4; j++)
                jf_row(x, k)[j] *= (real)(0.499 / norm);
        }
        int failed = jf_stretch_proved(flow, theta, 0.5, &least, &largest, NULL,
                                       (jf_const_matrix){0}, team) ||
                     jf_stretch_searched(flow, theta, jf_const(x), 0.5, 40,
                                         &low, &high, team);
        f->measured =
            jf_worse(f->measured, failed ? (double)NAN : high / largest - 1);
        f->measured =
            jf_worse(f->measured, failed ? (double)NAN : least / low - 1);
        free(theta);
        jf_matrix_free(&x);
        jf_team_free(team);
        jf_layer_free(flow);
    }
}

/* The mixing layers of a recipe: the extremes of their singular values. */
static void mixing(recipe r, double sd, unsigned long seed, double *low,
                   double *high)
{
    jf_layer *flow = recipe_flow(r, 6);
    jf_team *team = jf_team_new(1);
    jf_matrix x = jf_matrix_new(40, 6);
    real *theta = jf_theta_new(flow);
    double least, largest;
    *low = (double)INFINITY;
    *high = 0;
    jf_fill_normal(x, seed, JF_PURPOSE_USER + 662, 0);
    if (sd > 0) {
        jf_fill_normal(jf_view(theta, 1, flow->module.n_params), seed,
                       JF_PURPOSE_USER + 662, 1);
        for (size_t i = 0; i < flow->module.n_params; i++)
            theta[i] *= (real)sd;
    } else {
        recipe_start(r, flow, theta, x, seed, team);
    }
    for (size_t k = 1; k + 1 < jf_flow_length(flow); k += 2) {
        jf_part part = jf_flow_part(flow, k);
        if (jf_stretch_measured(part.layer, theta + part.first,
                                jf_const(jf_rows(x, 0, 1)), &least, &largest,
                                NULL, team) != GSL_SUCCESS)
            least = largest = (double)NAN;
        *low = isnan(least) ? least : fmin(*low, least);
        *high = jf_worse(*high, largest);
    }
    free(theta);
    jf_matrix_free(&x);
    jf_team_free(team);
    jf_layer_free(flow);
}

static void budgeted(const experiment *e, finding *f)
{
    f->d = 6;
    f->n = 20;
    f->measured = -(double)INFINITY;
    for (size_t i = 0; i < 20; i++) {
        double low, high;
        mixing(FULL, 10, e->args.seed + i, &low, &high);
        f->measured = jf_worse(f->measured, high / BUDGET - 1);
        f->measured = jf_worse(f->measured, 1 / (BUDGET * low) - 1);
    }
}

static void condition_at_start(const experiment *e, finding *f)
{
    f->d = 6;
    f->n = 20;
    for (size_t i = 0; i < 20; i++) {
        double low, high;
        mixing(FULL, 0, e->args.seed + i, &low, &high);
        f->measured = jf_worse(f->measured, high / low - 1);
    }
}

/* Shipped tables: 1/eta_c = lambda_1, of the columns as they are and
 * standardised, which actnorm's start does. */
static void scaled_tables(const experiment *e, finding *f, int raw)
{
    static const char *const names[] = {"iris", "wine", "diabetes",
                                        "breast-cancer"};
    f->measured = raw ? (double)INFINITY : 0;
    f->n = 4;
    for (size_t k = 0; k < 4; k++) {
        jf_dataset data;
        jf_moments before, after;
        jf_team *team = jf_team_new(1);
        if (jf_data_load(names[k], NULL, e->args.seed, &data) != GSL_SUCCESS)
            exit(2);
        double *mean = jf_alloc(2 * data.x.cols, sizeof *mean);
        int failed = jf_moments_of(jf_const(data.x), &before, team);
        jf_standardize(data.x, mean, mean + data.x.cols);
        failed |= jf_moments_of(jf_const(data.x), &after, team);
        if (failed)
            jf_fail(1, "%s: eigenvalues did not converge", names[k]);
        double d = (double)after.d;
        if (raw)
            f->measured = fmin(f->measured,
                               before.lambda_sigma[0] / after.lambda_sigma[0]);
        else
            f->measured = jf_worse(f->measured, after.lambda_sigma[0] / d);
        jf_moments_free(&after);
        jf_moments_free(&before);
        free(mean);
        jf_data_free(&data);
        jf_team_free(team);
    }
    f->expected = 1;
}

static void standardised(const experiment *e, finding *f)
{
    scaled_tables(e, f, 0);
}

static void raw_against_standardised(const experiment *e, finding *f)
{
    scaled_tables(e, f, 1);
}

/* Ten cells on the line, a mixture of normal laws of width sd at their middles:
 * the mean over a cell of log q by 1000 midpoints, plus log n. */
static void dequantised(const experiment *e, finding *f)
{
    enum { N = 10, NODES = 1000 };
    (void)e;
    f->d = 1;
    f->n = N;
    f->measured = -(double)INFINITY;
    for (double sd = 1; sd > 1e-3; sd /= 2) {
        double sum = 0;
        for (size_t i = 0; i < N; i++)
            for (size_t k = 0; k < NODES; k++) {
                double x = 3.0 * (double)i + ((double)k + 0.5) / NODES, q = 0;
                for (size_t j = 0; j < N; j++)
                    q +=
                        gsl_ran_gaussian_pdf(x - 3.0 * (double)j - 0.5, sd) / N;
                sum += log(fmax(q, 1e-300)) / (N * NODES);
            }
        f->measured = fmax(f->measured, sum + log((double)N));
    }
}

/* An affine flow at its optimum on iris: E|z|^2/D = 1, so LL = -(D/2) log(2 pi
 * e) + E log|det|. */
static void second_moment(const experiment *e, finding *f)
{
    jf_dataset data;
    jf_team *team = jf_team_new(1);
    jf_latent q = jf_normal();
    jf_likelihood value = {.second_moment = (double)NAN};
    jf_fit_result fit;
    if (jf_data_load("iris", NULL, e->args.seed, &data) != GSL_SUCCESS)
        exit(2);
    size_t d = data.x.cols;
    jf_layer *flow = jf_flow_new(d);
    jf_flow_add(flow, jf_actnorm(d));
    jf_flow_add(flow, jf_dense(d));
    real *theta = jf_theta_new(flow);
    jf_init(flow, theta, jf_const(data.x), e->args.seed, team);
    jf_fit(flow, &q, theta, jf_const(data.x),
           &(jf_fit_options){.method = JF_LBFGS}, &fit, team);
    jf_nll(flow, &q, theta, jf_const(data.x), &value, NULL, team);
    f->d = d;
    f->n = data.x.rows;
    f->measured = fabs(value.second_moment - 1);
    free(theta);
    jf_layer_free(flow);
    jf_data_free(&data);
    jf_team_free(team);
}

/* |det W| = 1, alone or with one scale, on exact moments diag(9, 1, 1/4). */
static void scales(const experiment *e, finding *f, int with_scale)
{
    double lambda[3] = {9, 1, 0.25}, t[9] = {3, 0, 0, 0, 1, 0, 0, 0, 0.5};
    double mean[3] = {0};
    jf_moments m = {.n = 4, .d = 3, .mean = mean, .t_sigma = t};
    jf_matrix x = jf_matrix_new(4, 3);
    jf_team *team = jf_team_new(1);
    jf_latent q = jf_normal();
    jf_likelihood value = {.nll = (double)NAN};
    jf_fit_result fit;
    jf_layer *flow = jf_flow_new(3);
    jf_flow_add(flow, jf_special_linear(3));
    if (with_scale)
        jf_flow_add(flow, jf_scale(3));
    real *theta = jf_theta_new(flow);
    jf_moments_rows(&m, x);
    jf_init(flow, theta, jf_const(x), e->args.seed, team);
    jf_fit(flow, &q, theta, jf_const(x), &(jf_fit_options){.method = JF_LBFGS},
           &fit, team);
    jf_nll(flow, &q, theta, jf_const(x), &value, NULL, team);
    f->d = 3;
    f->measured = -value.nll;
    f->expected =
        jf_eig(3, lambda) - (with_scale ? 0 : jf_gap_special(3, lambda));
    free(theta);
    jf_layer_free(flow);
    jf_team_free(team);
    jf_matrix_free(&x);
}

static void without_scale(const experiment *e, finding *f)
{
    scales(e, f, 0);
}

static void with_scale(const experiment *e, finding *f)
{
    scales(e, f, 1);
}

/* v' = v - a g, g = v S - 1/v, S ~ chi^2_1, from 1 with a = .3, two steps:
 * |v_2|
 * <= 1 + 2 a c when |g| is cut at c. */
static double after_two(double clip, gsl_rng *rng)
{
    double v = 1, a = 0.3;
    for (int k = 0; k < 2; k++) {
        double g = v * gsl_ran_chisq(rng, 1) - 1 / v;
        if (clip > 0 && fabs(g) > clip)
            g *= clip / fabs(g);
        v -= a * g;
    }
    return fabs(v);
}

static void clipped(const experiment *e, finding *f)
{
    gsl_rng *rng = stream(e, 663);
    f->d = 1;
    f->n = by_profile(e, 10000, 1000000, 10000000);
    for (size_t i = 0; i < f->n; i++)
        f->measured = jf_worse(f->measured, after_two(CLIP, rng));
    f->expected = 1 + 2 * 0.3 * CLIP;
    gsl_rng_free(rng);
}

static void unclipped(const experiment *e, finding *f)
{
    gsl_rng *rng = stream(e, 664);
    f->d = 1;
    f->n = by_profile(e, 10000, 1000000, 10000000);
    for (size_t i = 0; i < f->n; i++)
        f->measured = fmax(f->measured, after_two(0, rng));
    f->expected = 1 + 2 * 0.3 * CLIP;
    gsl_rng_free(rng);
}

static void budget_curve(const experiment *e, finding *f)
{
    size_t cells = by_profile(e, 1000, 6000, 20000);
    f->d = 1;
    f->n = cells;
    f->measured = -(double)INFINITY;
    for (double m = 1; m <= 64; m *= 2)
        f->measured =
            jf_worse(f->measured, -log(2 * gsl_cdf_ugaussian_P(-0.5 / m)) -
                                      best_on_intervals(0.5, m, cells));
}

#define C(id, statement, hypotheses, method)                                   \
    {                                                                          \
        id, statement, hypotheses, method                                      \
    }

static const check checks[] = {
    {C("C8.P1",
       "log scales within +-alpha keep |log|det|| of a coupling below "
       "alpha times its moved columns",
       "d = 8, alpha = 1, weights three times normal",
       "largest ratio over 1000 rows"),
     "P1 clamp", JF_AT_MOST, 1e-12, clamped},
    {C("C8.P1", "scales sigmoid(s + 2) start at log|det| = -.12693 a column",
       "zero last layer", "at the start; rounding"),
     "P1 sigmoid", JF_EQUAL, 1e-12, sigmoid_start},
    {C("C8.P2", "the full recipe's proved bounds hold the singular values",
       "weights a tenth of normal, |x| <= 1/2, d = 4",
       "largest relative excess of a search"),
     "P2", JF_AT_MOST, 1e-12, bounded},
    {C("C8.P3", "mixing layers keep their budget [1/8, 8]",
       "parameters ten times normal, d = 6",
       "largest relative excess; rounding"),
     "P3", JF_AT_MOST, 1e-10, budgeted},
    {C("C8.P4", "after standardising, 1/eta_c = lambda_1 is at most D",
       "iris, wine, diabetes, breast-cancer", "largest lambda_1 / D"),
     "P4", JF_AT_MOST, 1e-10, standardised},
    {C("C8.P4", "raw, the critical rate of these tables is smaller",
       "iris, wine, diabetes, breast-cancer",
       "least lambda_1 raw over standardised"),
     "P4 raw", JF_AT_LEAST, 0, raw_against_standardised},
    {C("C8.P5", "orthogonal mixing has condition 1 at the start",
       "full recipe, d = 6, 20 seeds", "largest excess; rounding"),
     "P5", JF_AT_MOST, 1e-10, condition_at_start},
    {C("C8.P6", "dequantised training likelihood is at most -log n",
       "n = 10 distinct cells, mixtures of widths 1 to 2^-9",
       "largest excess; 1000 midpoints a cell"),
     "P6", JF_AT_MOST, 1e-6, dequantised},
    {C("C8.P8", "E|z|^2/D = 1 on the training rows of a trained affine flow",
       "iris, L-BFGS", "difference; the optimiser's tolerance"),
     "P8", JF_EQUAL, 1e-6, second_moment},
    {C("C8.P9", "without a scale |det W| = 1 loses (D/2)(g - 1 - log g)",
       "Gaussian moments (9, 1, 1/4)", "trained value; an optimiser's result"),
     "P9 without", JF_EQUAL, 1e-6, without_scale},
    {C("C8.P9", "one scale brings it back to EIG",
       "Gaussian moments (9, 1, 1/4)", "trained value; an optimiser's result"),
     "P9 with", JF_EQUAL, 1e-6, with_scale},
    {C("C8.P10", "clipped steps stay within 1 + 2 a c after two steps",
       "b = 1, a = .3, c = 5", "largest |v_2| of the draws"),
     "P10", JF_AT_MOST, 1e-12, clipped},
    {C("C8.P10", "unclipped ones do not", "b = 1, a = .3: infinite mean (C7.4)",
       "largest |v_2| of the draws"),
     "P10 off", JF_AT_LEAST, 0, unclipped},
    {C("C8.P12", "at any budget M KL stays above -log 2 Phi(-d/M)",
       "two intervals at distance 1, M = 1 .. 64",
       "largest shortfall of the best map; discretisation"),
     "P12", JF_AT_MOST, 2e-3, budget_curve},
};

const check_list list_principles = {checks, sizeof checks / sizeof *checks};
