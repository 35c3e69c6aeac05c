/* points.c -- curvatures, orbits and multipliers in closed form.
 *
 * Question  Do the one-dimensional statements hold to the digits given?
 * Method    Each case is a number, measured with the library's layers and
 *           gradients where it is about training, held against its closed form
 *           or the theory's printed digits.
 * Writes    stability-points.csv. */
#include "stability.h"

#include <float.h>
#include <math.h>

#include <gsl/gsl_randist.h>

/* Two rows +-sd of one column: mean 0, variance sd^2. */
static jf_matrix two_rows(double sd)
{
    jf_matrix x = jf_matrix_new(2, 1);
    x.data[0] = (real)sd;
    x.data[1] = -x.data[0];
    return x;
}

/* w = prod w_k, d = 1: the largest eigenvalue at theta (depth). */
static double deep_curvature(size_t depth, double lambda, const real *theta)
{
    jf_layer *f = jf_deep_linear(1, depth);
    jf_latent q = jf_normal();
    jf_team *team = jf_team_new(1);
    jf_matrix x = two_rows(sqrt(lambda));
    jf_extremes ends;
    double least = fabs((double)theta[0]);
    for (size_t k = 1; k < depth; k++)
        least = fmin(least, fabs((double)theta[k]));
    jf_hessian_extremes(&(jf_hessian){f, &q, theta, jf_const(x), team,
                                      cbrt(1.5 * DBL_EPSILON) * least},
                        1, depth, 1e-7, &ends, NULL);
    jf_matrix_free(&x);
    jf_team_free(team);
    jf_layer_free(f);
    return ends.largest;
}

/* Balanced: w_k = lambda^(-1 / 2K). */
static double balanced(size_t depth, double lambda)
{
    real theta[32];
    for (size_t k = 0; k < depth; k++)
        theta[k] = (real)pow(lambda, -0.5 / (double)depth);
    return deep_curvature(depth, lambda, theta);
}

static void deep_balanced(const experiment *e, finding *f)
{
    static const double lambdas[] = {0.01, 1, 100, 1e4};
    (void)e;
    f->d = 1;
    for (size_t k = 1; k <= 16; k++)
        for (size_t i = 0; i < 4; i++, f->n++) {
            double curvature = 2 * (double)k * pow(lambdas[i], 1 / (double)k);
            f->measured = jf_worse(
                f->measured, fabs(balanced(k, lambdas[i]) / curvature - 1));
        }
}

/* Factors off balance by e^g, their product kept: 2 sum w_k^-2, which is
 * larger. */
static void deep_unbalanced(const experiment *e, finding *f)
{
    enum { DEPTH = 4, DRAWS = 50 };
    gsl_rng *rng = stream(e, 70);
    f->d = 1;
    f->n = DRAWS;
    for (size_t n = 0; n < DRAWS; n++) {
        real theta[DEPTH];
        double total = 0, expected = 0, g[DEPTH];
        for (size_t k = 0; k < DEPTH; k++)
            total += g[k] = jf_stream_normal(rng, 0.5);
        for (size_t k = 0; k < DEPTH; k++) {
            theta[k] = (real)exp(g[k] - (total + log(10)) / DEPTH);
            expected += 2 / square((double)theta[k]);
        }
        double is = deep_curvature(DEPTH, 100, theta);
        f->measured = jf_worse(f->measured, fabs(is / expected - 1));
        if (is < 2 * DEPTH * sqrt(sqrt(100)) * (1 - 1e-6))
            f->measured = (double)NAN; /* flatter than balanced */
    }
    gsl_rng_free(rng);
}

/* The depth of the largest critical rate for lambda = 1e4. */
static void best_depth(const experiment *e, finding *f)
{
    double most = 0;
    (void)e;
    f->d = 1;
    f->n = 20;
    f->expected = round(log(1e4));
    for (size_t k = 1; k <= 20; k++) {
        double rate = 2 / balanced(k, 1e4);
        f->measured = rate > most ? (double)k : f->measured;
        most = fmax(most, rate);
    }
}

/* z = w x + b, s = .1, m = .5, as the theory prints it. */
static void bias_end(finding *f, int largest)
{
    jf_layer *flow = jf_flow_new(1);
    jf_latent q = jf_normal();
    jf_team *team = jf_team_new(1);
    jf_matrix x = two_rows(0.1);
    real theta[2] = {R(10.0), R(-5.0)};
    jf_extremes ends;
    jf_flow_add(flow, jf_dense(1));
    jf_flow_add(flow, jf_bias(1));
    x.data[0] += R(0.5);
    x.data[1] += R(0.5);
    jf_hessian_extremes(&(jf_hessian){flow, &q, theta, jf_const(x), team, 0}, 1,
                        2, 1e-9, &ends, NULL);
    f->d = 1;
    f->n = 2;
    f->measured = largest ? ends.largest : ends.smallest;
    f->expected = largest ? 1.254052 : 0.015948;
    jf_matrix_free(&x);
    jf_team_free(team);
    jf_layer_free(flow);
}

static void bias_largest(const experiment *e, finding *f)
{
    (void)e;
    bias_end(f, 1);
}

static void bias_smallest(const experiment *e, finding *f)
{
    (void)e;
    bias_end(f, 0);
}

/* Orbits of one weight on data of variance 1, by the library's gradient. */
typedef struct {
    jf_layer *f;
    jf_latent q;
    jf_matrix x;
    jf_team *team;
} line;

static line line_new(void)
{
    return (line){jf_dense(1), jf_normal(), two_rows(1), jf_team_new(1)};
}

static void line_free(line *l)
{
    jf_team_free(l->team);
    jf_matrix_free(&l->x);
    jf_layer_free(l->f);
}

static double line_step(const line *l, double v, double rate)
{
    real theta = (real)v, grad;
    jf_likelihood value;
    if (jf_nll(l->f, &l->q, &theta, jf_const(l->x), &value, &grad, l->team))
        return (double)NAN;
    return v - rate * (double)grad;
}

/* The largest |v_{k+2} - v_k| in units of u (|v| + |v|^3 + 1/|v|). */
static void two_cycle(const experiment *e, finding *f)
{
    enum { STARTS = 1000, STEPS = 100 };
    line l = line_new();
    gsl_rng *rng = stream(e, 73);
    f->d = 1;
    f->n = STARTS;
    f->expected = 8;
    for (size_t i = 0; i < STARTS; i++) {
        double v = i ? exp(jf_stream_normal(rng, 1.0)) : 3.7;
        v = i % 2 ? -v : v;
        for (size_t k = 0; k < STEPS; k++) {
            double next = line_step(&l, v, 1);
            double after = line_step(&l, next, 1), a = fabs(v);
            f->measured = jf_worse(
                f->measured, fabs(after - v) /
                                 (0.5 * DBL_EPSILON * (a + a * a * a + 1 / a)));
            v = next;
        }
    }
    gsl_rng_free(rng);
    line_free(&l);
}

/* The next point of 3.7, as the theory prints it. */
static void two_cycle_start(const experiment *e, finding *f)
{
    line l = line_new();
    (void)e;
    f->d = f->n = 1;
    f->measured = line_step(&l, 3.7, 1);
    f->expected = 0.27027;
    line_free(&l);
}

/* Below the edge: the largest |v - sign v_0| in the end. */
static void below_edge(const experiment *e, finding *f)
{
    static const double rates[] = {0.05, 0.3, 0.5, 0.8, 0.95};
    enum { STARTS = 100, STEPS = 1000 };
    line l = line_new();
    gsl_rng *rng = stream(e, 74);
    f->d = 1;
    f->n = STARTS * 5;
    for (size_t i = 0; i < STARTS * 5; i++) {
        double start = exp(jf_stream_normal(rng, 2.0));
        double v = start = i % 2 ? -start : start;
        for (size_t k = 0; k < STEPS; k++)
            v = line_step(&l, v, rates[i / STARTS]);
        f->measured = jf_worse(f->measured, fabs(v - (start > 0 ? 1.0 : -1.0)));
    }
    gsl_rng_free(rng);
    line_free(&l);
}

/* Above the edge: the least over rates of the largest |v^2 - 1| in the last 500
 * of 3000 steps, from 1 + 1e-8. */
static void above_edge(const experiment *e, finding *f)
{
    static const double rates[] = {1.02, 1.05, 1.1, 1.3, 1.5};
    line l = line_new();
    (void)e;
    f->d = 1;
    f->n = 5;
    f->measured = (double)INFINITY;
    f->expected = 0.1;
    for (size_t i = 0; i < 5; i++) {
        double v = 1 + 1e-8, most = 0;
        for (size_t k = 0; k < 3000; k++) {
            v = line_step(&l, v, rates[i]);
            most = k >= 2500 ? fmax(most, fabs(v * v - 1)) : most;
        }
        f->measured = fmin(f->measured, most);
    }
    line_free(&l);
}

/* The mean-square multiplier of a - S a - a at the threshold a = 2b / (2b+1).
 */
static void multiplier(const experiment *e, finding *f, size_t b)
{
    size_t n = by_profile(e, 50000, 1000000, 10000000);
    double a = 2 * (double)b / (2 * (double)b + 1);
    double *values = jf_alloc(n, sizeof *values);
    gsl_rng *rng = stream(e, 75 + b);
    for (size_t i = 0; i < n; i++) {
        double s = gsl_ran_chisq(rng, (double)b) / (double)b;
        values[i] = square(1 - a * s - a);
    }
    gsl_rng_free(rng);
    f->d = 1;
    f->expected = 1;
    find_mean(f, n, values);
}

static void multiplier_1(const experiment *e, finding *f)
{
    multiplier(e, f, 1);
}
static void multiplier_4(const experiment *e, finding *f)
{
    multiplier(e, f, 4);
}
static void multiplier_16(const experiment *e, finding *f)
{
    multiplier(e, f, 16);
}

/* The steps of tail.c against the library's on the same rows. */
static void tail_steps(const experiment *e, finding *f)
{
    (void)e;
    f->d = 2;
    f->n = 200;
    f->measured = tail_step_error(e, f->n);
}

static const char line_case[] = "D = 1, full batch, w (lambda)^1/2 = v";

static const check checks[] = {
    {{"C7.2deep", "curvature 2 K lambda^(1/K) of balanced factors",
      "D = 1, K = 1 .. 16, lambda = .01 .. 1e4",
      "largest relative deviation; differences of gradients"},
     "deep balanced",
     JF_EQUAL,
     1e-6,
     deep_balanced},
    {{"C7.2deep", "curvature 2 sum w_k^-2, least when balanced",
      "D = 1, K = 4, lambda = 100, 50 random factors",
      "largest relative deviation; differences of gradients"},
     "deep unbalanced",
     JF_EQUAL,
     1e-6,
     deep_unbalanced},
    {{"C7.2deep",
      "the depth of the largest critical rate is ln lambda, rounded",
      "D = 1, lambda = 1e4, K = 1 .. 20", "2 / lambda_max, measured"},
     "best depth",
     JF_EQUAL,
     0,
     best_depth},
    {{"C7.2", "with bias, uncentred data: the larger curvature",
      "D = 1, s = .1, m = .5", "digits of the theory"},
     "bias largest",
     JF_EQUAL,
     5e-7,
     bias_largest},
    {{"C7.2", "with bias, uncentred data: the smaller curvature",
      "D = 1, s = .1, m = .5", "digits of the theory"},
     "bias smallest",
     JF_EQUAL,
     5e-7,
     bias_smallest},
    {{"C7.3", "a = 1: every start has period 2", line_case,
      "largest |v_{k+2} - v_k| / u (|v| + |v|^3 + 1/|v|), 1000 starts, 100 "
      "steps of the library's gradient"},
     "two-cycle",
     JF_AT_MOST,
     0,
     two_cycle},
    {{"C7.3", "a = 1: v_0 = 3.7 goes to .27027", line_case,
      "digits of the theory"},
     "two-cycle of 3.7",
     JF_EQUAL,
     5e-6,
     two_cycle_start},
    {{"C7.3", "0 < a < 1: every start converges to sign v_0", line_case,
      "largest distance after 1000 steps, a = .05 .. .95, 500 starts"},
     "below the edge",
     JF_EQUAL,
     1e-12,
     below_edge},
    {{"C7.3", "a > 1: a start 1e-8 beside the fixed point leaves it", line_case,
      "least over a = 1.02 .. 1.5 of the largest |v^2 - 1| in the last 500 of "
      "3000 steps"},
     "above the edge",
     JF_AT_LEAST,
     0,
     above_edge},
    {{"C7.4", "mean-square multiplier is 1 at a = 2b/(2b+1), b = 1",
      "linearised, Gaussian data", "sampling; 5 standard errors"},
     "multiplier b=1",
     JF_EQUAL,
     0,
     multiplier_1},
    {{"C7.4", "mean-square multiplier is 1 at a = 2b/(2b+1), b = 4",
      "linearised, Gaussian data", "sampling; 5 standard errors"},
     "multiplier b=4",
     JF_EQUAL,
     0,
     multiplier_4},
    {{"C7.4", "mean-square multiplier is 1 at a = 2b/(2b+1), b = 16",
      "linearised, Gaussian data", "sampling; 5 standard errors"},
     "multiplier b=16",
     JF_EQUAL,
     0,
     multiplier_16},
    {{"C7.4", "the simulated mini-batch steps are those of the library",
      "D = 1 and 2, b = 1 and 4, 200 pairs of steps",
      "largest difference of |W_2| over its size; rounding, which 1 / det "
      "amplifies"},
     "mini-batch steps",
     JF_EQUAL,
     1e-9,
     tail_steps},
};
const check_list list_stability = {checks, sizeof checks / sizeof *checks};
