/* points.c -- claims about budgets that need one number each. */
#include "lipschitz.h"

#include <math.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_roots.h>

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
        theta[i] = (real)jf_stream_normal(rng, 1);
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

static void blocks(const experiment *e, finding *f)
{
    size_t draws = by_profile(e, 20, 300, 3000);
    f->d = DIM;
    f->measured = -(double)INFINITY;
    for (size_t k = 0; k < sizeof some / sizeof *some; k++)
        for (size_t i = 0; i < draws; i++, f->n++) {
            stretch s = stretch_of(e, some[k], i, 10);
            f->measured = jf_worse(f->measured, s.high / s.largest - 1);
            f->measured = jf_worse(f->measured, s.least / s.low - 1);
        }
}

/* The largest over draws of |measured / proved - 1|; of the least singular
 * value in units of the largest, which rounding is relative to. */
static void exact_rows(const experiment *e, finding *f)
{
    size_t draws = by_profile(e, 20, 300, 3000);
    f->d = DIM;
    for (size_t k = 0; k < sizeof exact / sizeof *exact; k++)
        for (size_t i = 0; i < draws; i++, f->n++) {
            stretch s = stretch_of(e, exact[k], i, 1);
            f->measured = jf_worse(f->measured, fabs(s.high / s.largest - 1));
            f->measured =
                jf_worse(f->measured, fabs(s.low - s.least) / s.largest);
        }
}

/* Affine 1 + 1 blocks (1, 0; b, s): LAPACK against (1/2)(hypot(1+s, b) +
 * hypot(1-s, b)) and its inverse. */
static void corner(const experiment *e, finding *f)
{
    gsl_rng *rng = stream(e, 601);
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
    }
    gsl_rng_free(rng);
}

/* C6.5iv: Gaussian X on the line, variance lambda, slopes in [1/M, L]. */
static void gaussian_line(const experiment *e, finding *f)
{
    static const double lambdas[] = {4, 0.04, 1};
    enum { CELLS = 4000 };
    double *mass = jf_alloc(CELLS, sizeof *mass);
    (void)e;
    f->d = 1;
    f->n = CELLS;
    for (size_t k = 0; k < 3; k++) {
        double sd = sqrt(lambdas[k]), h = 14 * sd / CELLS, low = 0.8;
        double s = fmin(fmax(1 / sd, low), 2), total = 0;
        for (size_t i = 0; i < CELLS; i++)
            total += mass[i] =
                gsl_ran_gaussian_pdf(-7 * sd + ((double)i + 0.5) * h, sd);
        for (size_t i = 0; i < CELLS; i++)
            mass[i] /= total;
        double is = best_on_line(CELLS, mass, h, low, 2);
        f->measured = jf_worse(f->measured, fabs(is - psi(s * s * lambdas[k])));
    }
    free(mass);
}

/* C6.5iii: the strip |x_1| <= 500, |x_2| <= .002 coiled up; t as in proofs-
 * check/coiled_strip.c. */
typedef struct {
    double p, t0, t1, sigma;
} coil;

static double length_to(double t, void *arg)
{
    coil *c = arg;
    double a = t * hypot(t, 1) + asinh(t), b = c->t0 * hypot(c->t0, 1);
    return 0.5 * c->p * (a - b - asinh(c->t0)) - 1000;
}

static coil coil_new(void)
{
    coil c = {.p = 0.002 / M_PI, .t0 = 20 * M_PI};
    gsl_root_fsolver *s = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    gsl_function fn = {length_to, &c};
    gsl_root_fsolver_set(s, &fn, c.t0, 3000);
    for (int i = 0; i < 100; i++)
        gsl_root_fsolver_iterate(s);
    c.t1 = gsl_root_fsolver_root(s);
    gsl_root_fsolver_free(s);
    double a = 1 / hypot(c.t0, 1), g = (c.t0 + M_PI) * a;
    c.sigma = 0.5 * (hypot(1 + g, a) + hypot(1 - g, a));
    return c;
}

static void coiled(const experiment *e, finding *f)
{
    enum { ALONG = 20000, ACROSS = 20 };
    coil c = coil_new();
    double sum = 0, weight = 0, dt = (c.t1 - c.t0) / ALONG;
    (void)e;
    for (size_t i = 0; i < ALONG; i++) {
        double t = c.t0 + ((double)i + 0.5) * dt, w = hypot(t, 1);
        for (size_t k = 0; k < ACROSS; k++) {
            double y = M_PI * (2 * ((double)k + 0.5) / ACROSS - 1);
            double r = c.p * (t + y) / c.sigma;
            sum += w * (-0.5 * r * r + log((t + y) / hypot(t, 1)));
            weight += w;
        }
    }
    f->d = 2;
    f->n = (size_t)ALONG * ACROSS;
    f->measured = sum / weight - JF_LOG_2PI - 2 * log(c.sigma);
    f->expected = -2.2264;
}

static void strip_clip(const experiment *e, finding *f)
{
    double lambda[2] = {1e6 / 12, 0.004 * 0.004 / 12};
    (void)e;
    f->d = 2;
    f->measured = -JF_LOG_2PI;
    for (size_t i = 0; i < 2; i++) {
        double s = fmin(1 / sqrt(lambda[i]), 1);
        f->measured -= 0.5 * s * s * lambda[i] - log(s);
    }
    f->expected = -8.0032;
}

static void strip_bound(const experiment *e, finding *f)
{
    (void)e;
    f->d = 2;
    f->measured = -log(4.0) - forward_cost(2, log(4.0), 1);
    f->expected = -2.0721;
}

/* C6.6: the increasing map of a mixture to N(0, 1), f' = p / phi(Phi^-1(F)),
 * for x <= 0, where the lower tail F has all its digits. */
static double slope_at(double x, double a, double s, double wide)
{
    double p = 0.5 * (gsl_ran_gaussian_pdf(x - a, s) +
                      gsl_ran_gaussian_pdf(x + a, wide));
    double below =
        0.5 * (gsl_cdf_gaussian_P(x - a, s) + gsl_cdf_gaussian_P(x + a, wide));
    double z =
        below < 0.5
            ? gsl_cdf_ugaussian_Pinv(below)
            : gsl_cdf_ugaussian_Qinv(0.5 * (gsl_cdf_gaussian_Q(x - a, s) +
                                            gsl_cdf_gaussian_Q(x + a, wide)));
    return p / gsl_ran_ugaussian_pdf(z);
}

static const double modes[][2] = {{1, 1}, {1.2, 1}, {2, 0.5}, {3, 1}, {5, 1}};
enum { MODES = sizeof modes / sizeof *modes, STEPS = 6000 };

static void least_slope(const experiment *e, finding *f)
{
    (void)e;
    f->d = 1;
    f->n = MODES;
    for (size_t k = 0; k < MODES; k++) {
        double a = modes[k][0], s = modes[k][1], r = a / s;
        double expected = exp(-0.5 * r * r) / s;
        f->measured =
            jf_worse(f->measured, fabs(slope_at(0, a, s, s) / expected - 1));
    }
}

/* How far slopes at other points come below that at 0. */
static void least_at_centre(const experiment *e, finding *f)
{
    (void)e;
    f->d = 1;
    f->measured = -(double)INFINITY;
    for (size_t k = 0; k < MODES; k++) {
        double a = modes[k][0], s = modes[k][1], at_0 = slope_at(0, a, s, s);
        for (size_t i = 1; i <= STEPS; i++, f->n++)
            f->measured = jf_worse(
                f->measured,
                at_0 / slope_at(-(a + 6 * s) * (double)i / STEPS, a, s, s) - 1);
    }
}

static void largest_slope(const experiment *e, finding *f)
{
    (void)e;
    f->d = 1;
    f->measured = -(double)INFINITY;
    for (size_t k = 0; k < MODES; k++) {
        double a = modes[k][0], s = modes[k][1];
        for (size_t i = 0; i <= STEPS; i++, f->n++)
            f->measured = jf_worse(
                f->measured,
                slope_at(-(a + 6 * s) * (double)i / STEPS, a, s, s) * s - 1);
    }
    for (size_t i = 0; i <= STEPS; i++, f->n++) /* widths .5 and .8 */
        f->measured = jf_worse(
            f->measured,
            slope_at(-2 + 4 * ((double)i / STEPS - 0.5), 2, 0.5, 0.8) * 0.5 -
                1);
}

/* The gap bound -log(2 Phi(-d/M)) and the convex program on two intervals. */
static double gap_bound(double half, double inverse)
{
    return -log(2 * gsl_cdf_ugaussian_P(-half / inverse));
}

static void gap_below(const experiment *e, finding *f)
{
    size_t cells = by_profile(e, 1000, 6000, 20000);
    f->d = 1;
    f->n = cells;
    f->measured = -(double)INFINITY;
    for (double m = 0.5; m <= 16; m *= 2)
        f->measured = jf_worse(
            f->measured, gap_bound(0.5, m) - best_on_intervals(0.5, m, cells));
}

static void gap_equal(const experiment *e, finding *f)
{
    static const double inverse[] = {2, 3, 5};
    size_t cells = by_profile(e, 1000, 6000, 20000);
    f->d = 1;
    f->n = cells;
    for (size_t k = 0; k < 3; k++)
        f->measured =
            jf_worse(f->measured, best_on_intervals(0.5, inverse[k], cells) -
                                      gap_bound(0.5, inverse[k]));
}

/* The theory's sweep for (a, s) = (2, .5). */
static void sweep(const experiment *e, finding *f)
{
    static const double inverse[] = {1, 2, 4, 16, 100, 1e4};
    static const double kl[] = {1.6202,  .46164,   .16261,
                                .024064, .0016358, 8.5e-6};
    size_t cells = by_profile(e, 2000, 8000, 20000);
    f->d = 1;
    f->n = cells;
    for (size_t k = 0; k < 6; k++)
        f->measured = jf_worse(
            f->measured,
            fabs(best_on_mixture(2, .5, inverse[k], (double)INFINITY, cells) -
                 kl[k]));
}

#define C(id, statement, hypotheses, method)                                   \
    {                                                                          \
        id, statement, hypotheses, method                                      \
    }

static const check checks[] = {
    {C("C6.2",
       "singular values of a layer lie within what its parameters prove",
       "couplings (shift, clamp, sigmoid), splines, residual, Brenier; random "
       "parameters, |x| <= 3, d = 4",
       "largest relative excess; SVD at ten points a draw"),
     "blocks", JF_AT_MOST, 1e-12, blocks},
    {C("C6.2", "the bounds of actnorm and linear layers are equalities",
       "random parameters", "largest difference over the largest value"),
     "exact rows", JF_EQUAL, 1e-12, exact_rows},
    {C("C6.2", "an affine 1 + 1 block has the singular values G(s, b), s / G",
       "G = (hypot(1+s, b) + hypot(1-s, b))/2; random blocks",
       "largest relative difference from LAPACK"),
     "corner", JF_EQUAL, 1e-12, corner},
    {C("C6.5iii", "the coiled strip has likelihood -2.2264 at L = 1",
       "uniform on 1000 x .004, map on the rectangle; certified by "
       "proofs-check/coiled_strip",
       "midpoint rule; the theory's -2.2231 divides by a smaller number than "
       "the "
       "largest singular value"),
     "coil", JF_EQUAL, 1e-4, coiled},
    {C("C6.5iii", "the affine clip has -8.0032", "the same law and budget",
       "closed form; printed digits"),
     "clip", JF_EQUAL, 5e-5, strip_clip},
    {C("C6.5iii", "no flow with L = 1 exceeds -2.0721", "entropy power",
       "closed form; printed digits"),
     "bound", JF_EQUAL, 5e-5, strip_bound},
    {C("C6.5iv", "on the line the optimum for Gaussian X is the clip",
       "variance 4, .04, 1; slopes in [.8, 2]",
       "convex program of 4000 cells; discretisation"),
     "line", JF_EQUAL, 3e-5, gaussian_line},
    {C("C6.6", "the exact map of two modes has slope exp(-a^2/2s^2)/s at 0",
       "a/s = 1, 1.2, 4, 3, 5", "largest relative deviation"),
     "least slope", JF_EQUAL, 1e-12, least_slope},
    {C("C6.6", "it is the least slope, so M = s exp(a^2/2s^2) is needed",
       "x in -(a + 6s) .. 0, symmetric",
       "largest excess over 6000 points each"),
     "least", JF_AT_MOST, 1e-12, least_at_centre},
    {C("C6.6", "the largest slope is at most 1/s",
       "equal widths; and .5 with .8, where it is 1/.5",
       "largest relative excess over 6000 points each"),
     "largest", JF_AT_MOST, 1e-12, largest_slope},
    {C("C6.6", "KL of the best map of two modes by budget M = 1 .. 1e4",
       "(a, s) = (2, .5)",
       "largest difference from the theory's values; "
       "discretisation"),
     "sweep", JF_EQUAL, 2e-3, sweep},
    {C("C6.6gap", "KL >= -log(2 Phi(-d/M)) on two parts of mass 1/2",
       "two unit intervals at distance 1; M = 1/2 .. 16",
       "largest shortfall of the convex program; discretisation"),
     "gap", JF_AT_MOST, 2e-3, gap_below},
    {C("C6.6gap", "and it is attained on the line for M >= 2", "M = 2, 3, 5",
       "largest excess of the convex program; discretisation"),
     "gap attained", JF_AT_MOST, 2e-3, gap_equal},
};

const check_list list_lipschitz = {checks, sizeof checks / sizeof *checks};
