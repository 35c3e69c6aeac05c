/* layers.c -- Lipschitz constants of layers, and a supremum that is known
 * (C6.1, C6.2). */
#include "lipschitz.h"

#include <float.h>
#include <math.h>

#include <gsl/gsl_randist.h>

#include "common/ridge_residual.h"

/* C6.2: a layer with random parameters, its proved bounds, and what is measured
 * at random points of the ball; positive is a violation. */
enum { DIM = 4, RADIUS = 3 };

static jf_net *net(size_t in, size_t out)
{
    return jf_mlp(&(jf_mlp_options){in, out, 8, 2, JF_TANH, 0, 0});
}

static jf_layer *additive(void)
{
    return jf_coupling(DIM, 2, JF_UPPER, jf_map_shift(), net(2, 2));
}

static jf_layer *clamped(void)
{
    return jf_coupling(DIM, 2, JF_UPPER, jf_map_clamp(1), net(2, 4));
}

static jf_layer *sigmoid(void)
{
    return jf_coupling(DIM, 2, JF_LOWER, jf_map_sigmoid(), net(2, 4));
}

static jf_layer *spline(void)
{
    return jf_elementwise(DIM, jf_map_spline(6, RADIUS));
}

static jf_layer *residual(void)
{
    return ridge_residual(DIM, 8, 0.9);
}

static jf_layer *brenier(void)
{
    return jf_brenier(DIM, 8);
}

static jf_layer *actnorm(void)
{
    return jf_actnorm(DIM);
}

static jf_layer *dense(void)
{
    return jf_dense(DIM);
}

static jf_layer *svd(void)
{
    return jf_svd_bounded(DIM, 0.5, 2);
}

static jf_layer *(*const some[])(void) = {additive, clamped,  sigmoid,
                                          spline,   residual, brenier};
static jf_layer *(*const exact[])(void) = {actnorm, dense, svd};

typedef struct {
    double least, largest, low, high; /* proved, measured */
} stretch;

static stretch stretch_of(const experiment *e, jf_layer *(*make)(void),
                          size_t draw, size_t rows)
{
    jf_layer *f = make();
    jf_team *team = jf_team_new(1);
    real *theta = jf_theta_new(f);
    jf_matrix x = jf_matrix_new(rows, DIM);
    gsl_rng *rng = jf_stream_new();
    stretch s = {0};

    jf_stream_seek(rng, e->args.seed, JF_PURPOSE_USER + 600, 1, draw);
    for (size_t i = 0; i < f->module.n_params; i++)
        theta[i] = (real)jf_stream_normal(rng, draw % 2 ? 0.1 : 1);
    for (size_t i = 0; i < rows; i++) {
        double u[DIM];
        double r = RADIUS * pow(gsl_rng_uniform(rng), 1.0 / DIM);
        gsl_ran_dir_nd(rng, DIM, u);
        for (size_t j = 0; j < DIM; j++)
            jf_row(x, i)[j] = (real)(r * u[j]);
    }
    int failed =
        jf_stretch_proved(f, theta, RADIUS, &s.least, &s.largest, NULL,
                          (jf_const_matrix){0}, team) ||
        jf_stretch_measured(f, theta, jf_const(x), &s.low, &s.high, NULL, team);
    if (failed)
        s.low = s.high = (double)NAN;
    gsl_rng_free(rng);
    jf_matrix_free(&x);
    free(theta);
    jf_team_free(team);
    jf_layer_free(f);
    return s;
}

/* Entries of J err by some 64 u of the products of norms that are proved to be
 * at least |J|; the singular values of J by as much. */
static double rounding_of(const stretch *s)
{
    return 64 * DBL_EPSILON * s->largest / s->low;
}

/* Of the proved bounds; broken: 1/L for the least singular value. */
static void blocks(const experiment *e, finding *f)
{
    size_t draws = by_profile(e, 20, 300, 3000);
    double wrong = -(double)INFINITY;
    f->d = DIM;
    f->measured = -(double)INFINITY;
    for (size_t k = 0; k < sizeof some / sizeof *some; k++)
        for (size_t i = 0; i < draws; i++, f->n++) {
            stretch s = stretch_of(e, some[k], i, 10);
            f->measured = jf_worse(f->measured, s.high / s.largest - 1);
            f->measured = jf_worse(f->measured, s.least / s.low - 1);
            wrong = jf_worse(wrong, 1 / (s.largest * s.low) - 1);
            if (s.least > 0) /* else nothing is asked of low */
                f->tolerance = jf_worse(f->tolerance, rounding_of(&s));
        }
    f->broken = wrong - f->measured;
}

/* The largest over draws of |measured / proved - 1|; of the least singular
 * value in units of the largest, which rounding is relative to. */
static void exact_rows(const experiment *e, finding *f)
{
    size_t draws = by_profile(e, 20, 300, 3000);
    double wrong = 0;
    f->d = DIM;
    for (size_t k = 0; k < sizeof exact / sizeof *exact; k++)
        for (size_t i = 0; i < draws; i++, f->n++) {
            stretch s = stretch_of(e, exact[k], i, 1);
            f->measured = jf_worse(f->measured, fabs(s.high / s.largest - 1));
            f->measured =
                jf_worse(f->measured, fabs(s.low - s.least) / s.largest);
            wrong = jf_worse(wrong, fabs(s.low - 1 / s.largest) / s.largest);
        }
    f->broken = wrong - f->measured;
}

/* Affine 1 + 1 blocks (1, 0; b, s): LAPACK against (1/2)(hypot(1+s, b) +
 * hypot(1-s, b)) and its inverse. */
static void corner(const experiment *e, finding *f)
{
    gsl_rng *rng = stream(e, 601);
    double wrong = 0;
    f->d = 2;
    f->n = by_profile(e, 1000, 20000, 100000);
    for (size_t i = 0; i < f->n; i++) {
        double s = exp(jf_stream_normal(rng, 1));
        double b = 3 * jf_stream_normal(rng, 1), sigma[2];
        double a[4] = {1, 0, b, s};
        double largest = 0.5 * (hypot(1 + s, b) + hypot(1 - s, b));
        if (jf_singular_values(2, 2, a, sigma) != GSL_SUCCESS)
            sigma[0] = (double)NAN;
        f->measured = jf_worse(f->measured, fabs(sigma[0] / largest - 1));
        f->measured =
            jf_worse(f->measured, fabs(sigma[1] - s / largest) / largest);
        wrong = jf_worse(wrong, fabs(sigma[1] - 1 / largest) / largest);
    }
    f->broken = wrong - f->measured;
    gsl_rng_free(rng);
}

/* x_2 += v tanh(u x_1 + b): the largest singular value is e^asinh(|u v| / 2),
 * at x_1 = -b/u.  How far the search of 60 steps from the best of 32 random
 * points stays below; broken: that point itself. */
static void known_supremum(const experiment *e, finding *f)
{
    enum { START = 32, SEARCH = 60 };
    gsl_rng *rng = stream(e, 602);
    jf_team *team = jf_team_new(1);
    jf_layer *map =
        jf_coupling(2, 1, JF_UPPER, jf_map_shift(),
                    jf_mlp(&(jf_mlp_options){1, 1, 1, 1, JF_TANH, 0, 0}));
    real *theta = jf_theta_new(map);
    jf_matrix x = jf_matrix_new(START, 2);
    double wrong = 0, low, high;
    f->d = 2;
    f->n = by_profile(e, 20, 100, 1000);
    for (size_t i = 0; i < f->n; i++) {
        double u = 1 + gsl_rng_uniform(rng), v = 1 + gsl_rng_uniform(rng);
        double at = 2 * gsl_rng_uniform(rng) - 1;
        double sup = exp(asinh(0.5 * u * v));
        theta[0] = (real)u;
        theta[1] = (real)(-u * at);
        theta[2] = (real)v;
        for (size_t k = 0; k < 2 * START; k++)
            x.data[k] = (real)(4 * gsl_rng_uniform(rng) - 2);
        if (jf_stretch_measured(map, theta, jf_const(x), &low, &high, NULL,
                                team) != GSL_SUCCESS)
            high = (double)NAN;
        wrong = jf_worse(wrong, 1 - high / sup);
        if (jf_stretch_searched(map, theta, jf_const(x), RADIUS, SEARCH, &low,
                                &high, team) != GSL_SUCCESS)
            high = (double)NAN;
        f->measured = jf_worse(f->measured, fabs(1 - high / sup));
    }
    f->broken = wrong - f->measured;
    jf_matrix_free(&x);
    free(theta);
    jf_layer_free(map);
    jf_team_free(team);
    gsl_rng_free(rng);
}

static const check checks[] = {
    {{"C6.2", "singular values of a layer lie within what its parameters prove",
      "couplings (shift, clamp, sigmoid), splines, residual, Brenier; random "
      "parameters of deviation 1 and .1, |x| <= 3, d = 4",
      "largest relative excess; SVD at ten points a draw; 64 u times proved L "
      "over the least value",
      JF_IDENTITY, "G(s+, beta) for M"},
     "blocks",
     JF_AT_MOST,
     0,
     blocks},
    {{"C6.2", "the bounds of actnorm and linear layers are equalities",
      "random parameters",
      "largest difference over the largest value; 2 d reflections of d entries",
      JF_IDENTITY, "L for M"},
     "exact rows",
     JF_EQUAL,
     16 * DIM *DIM *DBL_EPSILON,
     exact_rows},
    {{"C6.2", "an affine 1 + 1 block has the singular values G(s, b), s / G",
      "G = (hypot(1+s, b) + hypot(1-s, b))/2; random blocks",
      "largest relative difference from LAPACK; sixteen roundings", JF_IDENTITY,
      "G(s, b) for M"},
     "corner",
     JF_EQUAL,
     16 * DBL_EPSILON,
     corner},
    {{"C6.1", "the search for a largest stretch arrives where it is known",
      "shears x_2 + v tanh(u x_1 + b), sup e^asinh(|u v|/2); |x| <= 3",
      "largest relative shortfall of 60 simplex steps from the best of 32 "
      "points; 1e-6 asked",
      JF_OPTIMISATION, "no search: the best of the 32 points"},
     "known supremum",
     JF_EQUAL,
     1e-6,
     known_supremum},
};

const check_list list_layers = {checks, sizeof checks / sizeof *checks};
