/* points.c -- the measurable consequence of each principle that concerns layers
 * and their start: P1 to P6 (C8).  P7 is in lipschitz/inverse.c; fits.c has P8,
 * P9 and P11, batches.c P10, laws.c P12 to P16. */
#include "principles.h"

#include <float.h>
#include <math.h>
#include <stdio.h>

#include <gsl/gsl_cdf.h>

enum { WIDTH = 8, HALF = WIDTH / 2 };
#define LANCZOS 1e-7 /* relative, of an eigenvalue: Hessians are differences */

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

/* The largest |log|det|| over its bound. */
static double over_bound(const experiment *e, jf_map map)
{
    double ld[1000], worst = 0;
    determinants(e, map, 3, ld);
    for (size_t i = 0; i < 1000; i++)
        worst = jf_worse(worst, fabs(ld[i]) / (CLAMP * HALF));
    return worst;
}

static void clamped(const experiment *e, finding *f)
{
    f->d = WIDTH;
    f->n = 1000;
    f->measured = over_bound(e, jf_map_clamp(R(CLAMP)));
    f->expected = 1;
    f->broken = over_bound(e, jf_map_exp()) - f->measured;
}

static void sigmoid_start(const experiment *e, finding *f)
{
    double ld[1000];
    f->d = WIDTH;
    determinants(e, jf_map_sigmoid(), 0, ld);
    f->measured = ld[0] / HALF;
    f->expected = -0.12692801104297249; /* log sigmoid(2) */
    f->broken = f->expected - log(0.5);
}

/* A coupling with bounded scales and nets, over |x| <= RADIUS: the extremes
 * that a search finds against the proved ones.  n counts searches that found
 * more than their sample; were none to, nothing would be tested.  Broken:
 * scales alone, exp(alpha). */
#define RADIUS 8.0

typedef struct {
    double excess, by_scales;
    size_t moved;
} searched;

static void search_coupling(unsigned long seed, searched *worst)
{
    jf_mlp_options net = {2, 4, 16, 1, JF_TANH, 0, LIPSCHITZ};
    jf_layer *f =
        jf_coupling(4, 2, JF_UPPER, jf_map_clamp(R(CLAMP)), jf_mlp(&net));
    jf_team *team = jf_team_new(1);
    jf_matrix x = jf_matrix_new(16, 4);
    real *theta = jf_theta_new(f);
    double none = (double)NAN, least, largest;
    double low = none, high = none, sample_low = none, sample_high = none;
    jf_fill_normal(x, seed, JF_PURPOSE_USER + 661, 0);
    jf_fill_normal(jf_view(theta, 1, f->module.n_params), seed,
                   JF_PURPOSE_USER + 661, 1);
    for (size_t k = 0; k < 16; k++) {
        double norm = jf_norm(4, jf_row(x, k));
        for (size_t j = 0; j < 4; j++)
            jf_row(x, k)[j] *= (real)(fmin(2, 0.99 * RADIUS / norm));
    }
    int failed = jf_stretch_proved(f, theta, RADIUS, &least, &largest, NULL,
                                   (jf_const_matrix){0}, team) ||
                 jf_stretch_measured(f, theta, jf_const(x), &sample_low,
                                     &sample_high, NULL, team) ||
                 jf_stretch_searched(f, theta, jf_const(x), RADIUS, 40, &low,
                                     &high, team);
    worst->excess = jf_worse(worst->excess, failed ? none : high / largest - 1);
    worst->excess = jf_worse(worst->excess, failed ? none : least / low - 1);
    worst->by_scales =
        jf_worse(worst->by_scales, failed ? none : high / exp(CLAMP) - 1);
    worst->moved += (high > sample_high) + (low < sample_low);
    free(theta);
    jf_matrix_free(&x);
    jf_team_free(team);
    jf_layer_free(f);
}

static void bounded(const experiment *e, finding *f)
{
    size_t draws = by_profile(e, 10, 40, 400);
    searched worst = {-1, -1, 0};
    for (size_t i = 0; i < draws; i++)
        search_coupling(e->args.seed + 1000003 * i, &worst);
    f->d = 4;
    f->n = worst.moved;
    f->measured = worst.excess;
    f->broken = worst.by_scales - worst.excess;
    if (worst.moved == 0)
        snprintf(f->open, sizeof f->open, "no search left its sample");
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

/* The largest excess over the budget of 20 starts. */
static double over_budget(const experiment *e, recipe r)
{
    double worst = -1;
    for (size_t i = 0; i < 20; i++) {
        double low, high;
        mixing(r, 10, e->args.seed + i, &low, &high);
        worst = jf_worse(worst, high / BUDGET - 1);
        worst = jf_worse(worst, 1 / (BUDGET * low) - 1);
    }
    return worst;
}

static void budgeted(const experiment *e, finding *f)
{
    f->d = 6;
    f->n = 20;
    f->measured = over_budget(e, FULL);
    f->broken = over_budget(e, FULL & ~(1u << (P3 - 1))) - f->measured;
}

static double worst_condition(const experiment *e, recipe r)
{
    double worst = 0;
    for (size_t i = 0; i < 20; i++) {
        double low, high;
        mixing(r, 0, e->args.seed + i, &low, &high);
        worst = jf_worse(worst, high / low - 1);
    }
    return worst;
}

static void condition_at_start(const experiment *e, finding *f)
{
    f->d = 6;
    f->n = 20;
    f->measured = worst_condition(e, FULL);
    f->broken = worst_condition(e, FULL & ~(1u << (P5 - 1))) - f->measured;
}

/* Shipped tables: the largest curvature of a dense flow at its optimum, 2 over
 * the critical rate, by Lanczos on products with the Hessian, and its residual.
 * Columns as they are, standardised (as actnorm's start does), or whitened. */
enum { RAW, STANDARD, WHITE };

/* w := diag(lambda_R)^-1/2 V', which whitens. */
static void whitening(jf_const_matrix x, real *w, jf_team *team)
{
    jf_moments m;
    if (jf_moments_of(x, &m, team) != GSL_SUCCESS ||
        jf_eigen_symmetric(m.d, m.r, m.lambda_r, 1) != GSL_SUCCESS)
        jf_fail(1, "principles: eigenvalues did not converge");
    for (size_t i = 0; i < m.d; i++)
        for (size_t j = 0; j < m.d; j++)
            w[i * m.d + j] = (real)(m.r[i * m.d + j] / sqrt(m.lambda_r[i]));
    jf_moments_free(&m);
}

static double curvature(const experiment *e, const char *name, int columns,
                        size_t *d)
{
    jf_dataset data;
    jf_team *team = jf_team_new(1);
    jf_latent q = jf_normal();
    jf_extremes ends;
    double unused = 0;
    if (jf_data_load(name, NULL, e->args.seed, &data) != GSL_SUCCESS)
        jf_end(2);
    *d = data.x.cols;
    double *mean = jf_alloc(2 * *d, sizeof *mean);
    double *ld = jf_alloc(data.x.rows, sizeof *ld);
    jf_layer *f = jf_dense(*d);
    real *theta = jf_theta_new(f);
    if (columns != RAW)
        jf_standardize(data.x, mean, mean + *d);
    whitening(jf_const(data.x), theta, team);
    if (columns == WHITE) {
        if (jf_forward(f, theta, data.x, ld, team) != GSL_SUCCESS)
            unused = (double)NAN;
        for (size_t i = 0; i < *d * *d; i++)
            theta[i] = i % (*d + 1) == 0;
    }
    int failed = jf_hessian_extremes(
        &(jf_hessian){f, &q, theta, jf_const(data.x), team, 0}, e->args.seed,
        200, LANCZOS, &ends, NULL);
    double largest = failed == GSL_SUCCESS || failed == GSL_EMAXITER
                         ? ends.largest + ends.residual + unused
                         : (double)NAN;
    free(theta);
    jf_layer_free(f);
    free(ld);
    free(mean);
    jf_data_free(&data);
    jf_team_free(team);
    return largest;
}

/* The largest of curvature / 2 D, or of |curvature / 2 - 1|. */
static double over_tables(const experiment *e, int columns, int white)
{
    static const char *const names[] = {"iris", "wine", "diabetes",
                                        "breast-cancer"};
    double worst = 0;
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        size_t d;
        double half = 0.5 * curvature(e, names[k], columns, &d);
        worst = jf_worse(worst, white ? fabs(half - 1) : half / (double)d);
    }
    return worst;
}

static void standardised(const experiment *e, finding *f)
{
    f->n = 4;
    f->measured = over_tables(e, STANDARD, 0);
    f->expected = 1;
    f->broken = over_tables(e, RAW, 0) - f->measured;
}

static void whitened(const experiment *e, finding *f)
{
    f->n = 4;
    f->measured = over_tables(e, WHITE, 1);
    f->broken = over_tables(e, STANDARD, 1) - f->measured;
}

/* Ten cells of width 1/2 on the line, and a density that is uniform over them
 * but for edges of width sd: the mean over a cell of log q by 1000 midpoints,
 * plus log n and the log of a cell.  Midpoints err by h^2 / 24 times what the
 * slope changes over the cell, 2 phi(0) / sd of the density there. */
#define CELL 0.5
#define EDGE (1.0 / 64)
enum { CELLS = 10, NODES = 1000 };

static double in_cells(double x, double sd)
{
    double q = 0;
    for (size_t j = 0; j < CELLS; j++) {
        double from = 3 * CELL * (double)j;
        q += (gsl_cdf_ugaussian_P((x - from) / sd) -
              gsl_cdf_ugaussian_P((x - from - CELL) / sd)) /
             (CELLS * CELL);
    }
    return q;
}

static void dequantised(const experiment *e, finding *f)
{
    (void)e;
    f->d = 1;
    f->n = CELLS;
    f->measured = -(double)INFINITY;
    for (double sd = 1; sd >= EDGE; sd /= 4) {
        double sum = 0;
        for (size_t i = 0; i < CELLS; i++)
            for (size_t k = 0; k < NODES; k++) {
                double at = ((double)k + 0.5) / NODES;
                double x = CELL * (3.0 * (double)i + at);
                sum += log(in_cells(x, sd)) / (NODES * CELLS);
            }
        f->measured = jf_worse(f->measured, sum + log(CELLS * CELL));
    }
    f->broken = -log(CELL);
}

#define C(id, statement, hypotheses, method, kind, broken)                     \
    {                                                                          \
        id, statement, hypotheses, method, kind, broken                        \
    }

static const check checks[] = {
    {C("C8.P1",
       "log scales within +-alpha keep |log|det|| of a coupling below "
       "alpha times its moved columns",
       "d = 8, alpha = 1, weights three times normal",
       "largest ratio over 1000 rows; rounding of a sum of 4", JF_IDENTITY,
       "exp(s) without the clamp"),
     "P1 clamp", JF_AT_MOST, 4 * DBL_EPSILON, clamped},
    {C("C8.P1", "scales sigmoid(s + 2) start at log|det| = -.12693 a column",
       "zero last layer", "at the start; rounding of a sum of 4", JF_IDENTITY,
       "sigmoid(s)"),
     "P1 sigmoid", JF_EQUAL, 4 * DBL_EPSILON, sigmoid_start},
    {C("C8.P2", "a coupling's proved bounds hold the singular values",
       "scales within +-1, nets of constant 2, normal weights, |x| <= 8, d = 4",
       "largest relative excess of searches; 64 roundings", JF_IDENTITY,
       "exp(alpha), the bound of the scales alone"),
     "P2", JF_AT_MOST, 64 * DBL_EPSILON, bounded},
    {C("C8.P3", "mixing layers keep their budget [1/8, 8]",
       "parameters ten times normal, d = 6",
       "largest relative excess; rounding 4 d u times 64, the largest ratio of "
       "singular values",
       JF_IDENTITY, "dense mixing"),
     "P3", JF_AT_MOST, 768 * DBL_EPSILON, budgeted},
    {C("C8.P4", "after standardising, 1/eta_c = lambda_1 is at most D",
       "iris, wine, diabetes, breast-cancer",
       "largest curvature over 2 D, by Lanczos at the optimum of a dense flow",
       JF_IDENTITY, "columns as they are"),
     "P4", JF_AT_MOST, LANCZOS, standardised},
    {C("C8.P4", "after whitening it is 1",
       "iris, wine, diabetes, breast-cancer",
       "largest |curvature / 2 - 1|, by Lanczos at the identity; differences "
       "of "
       "gradients",
       JF_IDENTITY, "columns standardised alone"),
     "P4 white", JF_EQUAL, LANCZOS, whitened},
    {C("C8.P5", "orthogonal mixing has condition 1 at the start",
       "full recipe, d = 6, 20 seeds",
       "largest excess; rounding of 6 reflections, 64 each", JF_IDENTITY,
       "singular values drawn"),
     "P5", JF_AT_MOST, 384 * DBL_EPSILON, condition_at_start},
    {C("C8.P6", "dequantised training likelihood is at most -log n - log cell",
       "n = 10 distinct cells of width 1/2; uniform densities with edges of "
       "width 1 to 1/64",
       "largest excess; midpoints err by h^2 phi(0) / (12 cell edge)",
       JF_IDENTITY, "cell volume ignored"),
     "P6", JF_AT_MOST, CELL * 0.4 / (12.0 * NODES * NODES * EDGE), dequantised},
};

const check_list list_points = {checks, sizeof checks / sizeof *checks};
