/* points.c -- curvatures, orbits and multipliers in closed form.
 *
 * Question  Do the one-dimensional statements hold to rounding?
 * Method    Each case is a number, measured with the library's layers and
 *           gradients, held against its closed form.
 *   Differences  With h = (3 u)^1/3 s, s the scale of the point, a second
 *           difference of gradients is off by h^2/6 |L^(4)| and by the rounding
 *           of the gradient over h; each tolerance is twice the sum of its two.
 *   Beyond the edge  1 < a < 2: a step takes Cauchy's law of scale g to that of
 *           scale (a - 1) g + a/g (C7.3, where the proof is); runs of that law
 *           have the probabilities of its tails.
 * Writes    stability-points.csv. */
#include "stability.h"

#include <float.h>
#include <math.h>

#define U (DBL_EPSILON / 2)

/* Of a difference, relative to the scale of the point. */
static double difference_step(void)
{
    return cbrt(3 * U);
}

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
                                      difference_step() * least},
                        1, depth, 1e-9, &ends, NULL);
    jf_matrix_free(&x);
    jf_team_free(team);
    jf_layer_free(f);
    return ends.largest;
}

/* The relative error of that: L^(4) h^2/6 <= 14/12 h^2 S^2 with S^2 = sum
 * w_k^-2 <= K / least^2, and 2 K + 4 roundings of sums of size S over h. */
static double deep_error(size_t depth)
{
    double k = (double)depth, h = difference_step();
    return 2 * (h * h * k * 7 / 6 + (2 * k + 4) * U * sqrt(k) / h);
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
    double worst = 0;
    (void)e;
    f->d = 1;
    f->tolerance = deep_error(16);
    for (size_t k = 1; k <= 16; k++)
        for (size_t i = 0; i < 4; i++, f->n++) {
            double is = balanced(k, lambdas[i]) / (2 * (double)k);
            double root = pow(lambdas[i], 1 / (double)k);
            f->measured = jf_worse(f->measured, fabs(is / root - 1));
            worst = jf_worse(worst, fabs(is / square(root) - 1));
        }
    f->broken = worst - f->measured;
}

/* Factors off balance by e^g, their product kept. */
static void deep_unbalanced(const experiment *e, finding *f)
{
    enum { DEPTH = 4, DRAWS = 50 };
    gsl_rng *rng = stream(e, 70);
    double worst = 0;
    f->d = 1;
    f->n = DRAWS;
    f->tolerance = deep_error(DEPTH);
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
        worst = jf_worse(worst, fabs(is / (2 * DEPTH * sqrt(10)) - 1));
    }
    f->broken = worst - f->measured;
    gsl_rng_free(rng);
}

/* The depth of the least 2 K lambda^(power / K), lambda = 1e4; power 0: of the
 * measured curvature. */
static double flattest(double power)
{
    double least = (double)INFINITY, depth = 0;
    for (size_t k = 1; k <= 20; k++) {
        double n = (double)k;
        double is = power > 0 ? 2 * n * pow(1e4, power / n) : balanced(k, 1e4);
        depth = is < least ? n : depth;
        least = fmin(least, is);
    }
    return depth;
}

static void best_depth(const experiment *e, finding *f)
{
    (void)e;
    f->d = 1;
    f->n = 20;
    f->expected = flattest(1);
    f->measured = flattest(0);
    f->broken = f->expected - flattest(2);
}

/* z = w x + b, s = .1, m = .5: the Hessian ((m^2 + 2 s^2, m), (m, 1)). */
static void bias_end(finding *f, int largest)
{
    const double s = 0.1, m = 0.5, w = 1 / s;
    jf_layer *flow = jf_flow_new(1);
    jf_latent q = jf_normal();
    jf_team *team = jf_team_new(1);
    jf_matrix x = two_rows(s);
    real theta[2] = {(real)w, (real)(-m * w)};
    jf_extremes ends;
    double step = difference_step() * w; /* L^(4) <= 6 w^-4, terms below 3 */
    jf_flow_add(flow, jf_dense(1));
    jf_flow_add(flow, jf_bias(1));
    x.data[0] += (real)m;
    x.data[1] += (real)m;
    jf_hessian_extremes(&(jf_hessian){flow, &q, theta, jf_const(x), team, step},
                        1, 2, 1e-9, &ends, NULL);
    double top = m * m + 2 * s * s, half = 0.5 * (top + 1);
    double root = sqrt(half * half - 2 * s * s);
    f->d = 1;
    f->n = 2;
    f->measured = largest ? ends.largest : ends.smallest;
    f->expected = largest ? half + root : half - root;
    f->tolerance = 2 * (step * step / pow(w, 4) + 8 * U * 3 / step);
    f->broken = f->expected - top;
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

/* Orbits of one weight by the library's gradient, on rows +-1, or n equal ones.
 */
typedef struct {
    jf_layer *f;
    jf_latent q;
    jf_matrix x;
    jf_team *team;
} line;

static line line_new(jf_matrix x)
{
    return (line){jf_dense(1), jf_normal(), x, jf_team_new(1)};
}

static void line_free(line *l)
{
    jf_team_free(l->team);
    jf_matrix_free(&l->x);
    jf_layer_free(l->f);
}

/* A step from v; nll, unless NULL := the loss there.  wrong: with a/v^2 for
 * a/v. */
static double line_step(const line *l, double v, double rate, int wrong,
                        double *nll)
{
    real theta = (real)v, grad;
    jf_likelihood value;
    if (jf_nll(l->f, &l->q, &theta, jf_const(l->x), &value, &grad, l->team))
        return (double)NAN;
    if (nll)
        *nll = value.nll;
    return v - rate * ((double)grad + (wrong ? 1 / v - 1 / square(v) : 0));
}

/* The largest |v_{k+2} - v_k| in units of u (|v| + |v|^3 + 1/|v|).  A step
 * rounds by u (|v| + 3/|v|) at most, which the next takes times v^2. */
static double cycle_error(const experiment *e, size_t starts, int wrong)
{
    enum { STEPS = 100 };
    line l = line_new(two_rows(1));
    gsl_rng *rng = stream(e, 73);
    double worst = 0;
    for (size_t i = 0; i < starts; i++) {
        double v = i ? exp(jf_stream_normal(rng, 1.0)) : 3.7;
        v = i % 2 ? -v : v;
        for (size_t k = 0; k < STEPS; k++) {
            double next = line_step(&l, v, 1, wrong, NULL), a = fabs(v);
            double after = line_step(&l, next, 1, wrong, NULL);
            worst = jf_worse(worst,
                             fabs(after - v) / (U * (a + a * a * a + 1 / a)));
            v = wrong ? v : next;
            if (wrong)
                break;
        }
    }
    gsl_rng_free(rng);
    line_free(&l);
    return worst;
}

static void two_cycle(const experiment *e, finding *f)
{
    f->d = 1;
    f->n = 1000;
    f->expected = 8;
    f->measured = cycle_error(e, f->n, 0);
    f->broken = cycle_error(e, f->n, 1) - f->measured;
}

/* Below the edge: the largest |v - sign v_0| in the end.  Near 1 a step rounds
 * by 2 u at most, and the next takes that times |1 - 2 a|; .905^500 of the
 * start is left. */
static double end_error(const experiment *e, size_t starts, int wrong)
{
    static const double rates[] = {0.05, 0.3, 0.5, 0.8, 0.95};
    enum { STEPS = 500 };
    line l = line_new(two_rows(1));
    gsl_rng *rng = stream(e, 74);
    double worst = 0;
    for (size_t i = 0; i < starts; i++) {
        double start = exp(jf_stream_normal(rng, 2.0));
        double v = start = i % 2 ? -start : start;
        for (size_t k = 0; k < STEPS; k++)
            v = line_step(&l, v, rates[i % 5], wrong, NULL);
        worst = jf_worse(worst, fabs(v - (start > 0 ? 1.0 : -1.0)));
    }
    gsl_rng_free(rng);
    line_free(&l);
    return worst;
}

static void below_edge(const experiment *e, finding *f)
{
    f->d = 1;
    f->n = 500;
    f->tolerance = 4 * U / 0.1;
    f->measured = end_error(e, f->n, 0);
    f->broken = end_error(e, 10, 1) - f->measured; /* v^3 = 1 */
}

/* The slope of a step at v = 1 or -1 by differences of step h. */
static double slope(const line *l, double at, double rate, int wrong)
{
    const double h = 0x1p-17;
    double up = line_step(l, at + h, rate, wrong, NULL);
    return (up - line_step(l, at - h, rate, wrong, NULL)) / (2 * h);
}

/* And the error of that: of 1/v, and of terms of size, rounded 8 times. */
static double slope_error(double rate, double size)
{
    const double h = 0x1p-17;
    return 2 * (rate * h * h + 8 * U * size / h);
}

static void growth(const experiment *e, finding *f)
{
    static const double rates[] = {0.1, 0.5, 0.9, 1.02, 1.05, 1.1, 1.3, 1.5};
    line l = line_new(two_rows(1));
    double worst = 0;
    (void)e;
    f->d = 1;
    f->n = 16;
    f->tolerance = slope_error(1.5, 4);
    for (size_t i = 0; i < 16; i++) {
        double a = rates[i / 2], at = i % 2 ? -1 : 1, is = 1 - 2 * a;
        f->measured = jf_worse(f->measured, fabs(slope(&l, at, a, 0) - is));
        worst = jf_worse(worst, fabs(slope(&l, at, a, 1) - is));
    }
    f->broken = worst - f->measured;
    line_free(&l);
}

/* Beyond the edge, from Cauchy's law of scale 1. */

enum { BEYOND = 3, BEYOND_STEPS = 20, CELLS = BEYOND * BEYOND_STEPS };
static const double beyond[BEYOND] = {1.1, 1.3, 1.5};

/* P(|v| > t) of scale g. */
static double cauchy_tail(double t, double g)
{
    return 1 - 2 * atan(t / g) / M_PI;
}

/* The v^2 < 1 or > 1 with a gap (v^2 - 1 - log v^2) / 2 of 1 nat. */
static double burst_square(int above)
{
    double y = above ? 4 : 0.05;
    for (int k = 0; k < 60; k++)
        y = above ? 3 + log(y) : exp(y - 3);
    return y;
}

static double event(double a, double g, int burst)
{
    if (!burst)
        return cauchy_tail(sqrt(a / (a - 1)), g);
    return 1 + cauchy_tail(sqrt(burst_square(1)), g) -
           cauchy_tail(sqrt(burst_square(0)), g);
}

/* A cell for each rate and step: how many of n runs change their sign in it, or
 * are more than 1 nat above the optimum before it. */
static void beyond_edge(const experiment *e, finding *f, int burst)
{
    size_t n = by_profile(e, 2000, 20000, 200000);
    size_t count[CELLS] = {0};
    double z[CELLS], broken[CELLS];
    const double best = 0.5 + 0.5 * log(2 * M_PI);
    line l = line_new(two_rows(1));
    gsl_rng *rng = stream(e, 76 + (unsigned long)burst);
    for (size_t i = 0; i < n * BEYOND; i++) {
        double v = tan(M_PI * (gsl_rng_uniform_pos(rng) - 0.5)), nll = 0;
        for (size_t k = 0; k < BEYOND_STEPS; k++) {
            double next = line_step(&l, v, beyond[i % BEYOND], 0, &nll);
            count[i % BEYOND * BEYOND_STEPS + k] +=
                burst ? nll - best > 1 : v * next < 0;
            v = next;
        }
    }
    for (size_t i = 0; i < BEYOND; i++) {
        double a = beyond[i], g = 1, wrong = 1;
        for (size_t k = i * BEYOND_STEPS; k < (i + 1) * BEYOND_STEPS; k++) {
            z[k] = binomial_z(count[k], n, event(a, g, burst));
            broken[k] = binomial_z(count[k], n, event(a, wrong, burst));
            g = (a - 1) * g + a / g;
            wrong = fabs((1 - a) * wrong + a / wrong);
        }
    }
    f->d = 1;
    f->n = n * BEYOND;
    jf_family(f, CELLS, z, 0, JF_EQUAL);
    jf_family_broken(f, CELLS, broken, 0, JF_EQUAL);
    gsl_rng_free(rng);
    line_free(&l);
}

static void beyond_signs(const experiment *e, finding *f)
{
    beyond_edge(e, f, 0);
}

static void beyond_bursts(const experiment *e, finding *f)
{
    beyond_edge(e, f, 1);
}

/* The mean square of the slope at v = 1 over batches of b, at a = 2b / (2b+1).
 * The slope depends on the batch by S, its mean square, of which (b/2) S has
 * the gamma law of shape b/2; its square is of degree 2 in S, so that Gauss's
 * rule of two nodes is exact. */
static void multiplier(const experiment *e, finding *f)
{
    static const size_t batches[] = {1, 4, 16};
    (void)e;
    f->d = 1;
    f->n = 3;
    for (size_t i = 0; i < 3; i++) {
        double b = (double)batches[i], a = 2 * b / (2 * b + 1), mean = 0;
        double middle = b / 2 + 1, half = sqrt(middle);
        for (int node = 0; node < 2; node++) {
            double g = node ? middle + half : middle - half;
            double weight = 0.5 - (node ? 0.5 : -0.5) / half;
            jf_matrix x = jf_matrix_new(batches[i], 1);
            jf_matrix_fill(x, (real)sqrt(2 * g / b));
            line l = line_new(x);
            double is = slope(&l, 1, a, 0);
            mean += weight * is * is;
            f->tolerance =
                fmax(f->tolerance, 2 * fabs(is) * slope_error(a, 2 + 2 * g));
            line_free(&l);
        }
        f->measured = jf_worse(f->measured, fabs(mean - 1));
        f->broken = fmax(f->broken, a * a / b); /* Var S = 1/b */
    }
}

/* The steps of tail.c against the library's on the same rows. */
static void tail_steps(const experiment *e, finding *f)
{
    f->d = 2;
    f->n = 200;
    f->expected = 1;
    f->measured = tail_step_error(e, f->n, 1);
    f->broken = tail_step_error(e, f->n, 1.001) - f->measured;
}

static const char line_case[] = "D = 1, full batch, w (lambda)^1/2 = v";
static const char differences[] =
    "largest relative deviation; twice the truncation and rounding of a "
    "difference of gradients";

static const check checks[] = {
    {{"C7.2deep", "curvature 2 K lambda^(1/K) of balanced factors",
      "D = 1, K = 1 .. 16, lambda = .01 .. 1e4", differences, JF_IDENTITY,
      "lambda^(2/K)"},
     "deep balanced",
     JF_EQUAL,
     0,
     deep_balanced},
    {{"C7.2deep", "curvature 2 sum w_k^-2 of any factors",
      "D = 1, K = 4, lambda = 100, 50 random factors", differences, JF_IDENTITY,
      "2 K lambda^(1/K) for any factors"},
     "deep unbalanced",
     JF_EQUAL,
     0,
     deep_unbalanced},
    {{"C7.2deep",
      "the depth of the largest critical rate is that of the least K "
      "lambda^(1/K), ln lambda rounded",
      "D = 1, lambda = 1e4, K = 1 .. 20",
      "2 / lambda_max, measured; an integer", JF_IDENTITY, "lambda^(2/K)"},
     "best depth",
     JF_EQUAL,
     0,
     best_depth},
    {{"C7.2", "with bias, uncentred data: the larger curvature",
      "D = 1, s = .1, m = .5",
      "eigenvalue of ((m^2 + 2 s^2, m), (m, 1)); twice the truncation and "
      "rounding of a difference of gradients",
      JF_IDENTITY, "the bias's row lost: m^2 + 2 s^2"},
     "bias largest",
     JF_EQUAL,
     0,
     bias_largest},
    {{"C7.2", "with bias, uncentred data: the smaller curvature",
      "D = 1, s = .1, m = .5",
      "eigenvalue of ((m^2 + 2 s^2, m), (m, 1)); twice the truncation and "
      "rounding of a difference of gradients",
      JF_IDENTITY, "the bias's row lost: m^2 + 2 s^2"},
     "bias smallest",
     JF_EQUAL,
     0,
     bias_smallest},
    {{"C7.3", "a = 1: every start has period 2", line_case,
      "largest |v_{k+2} - v_k| / u (|v| + |v|^3 + 1/|v|), at most 8 by the "
      "rounding of two steps; 1000 starts, 100 steps of the library's gradient",
      JF_IDENTITY, "a/v^2"},
     "two-cycle",
     JF_AT_MOST,
     0,
     two_cycle},
    {{"C7.3", "0 < a < 1: every start converges to sign v_0", line_case,
      "largest distance after 500 steps, a = .05 .. .95, 500 starts; 4 u / (1 "
      "- "
      "|1 - 2 a|), the rounding that the steps keep",
      JF_IDENTITY, "a/v^2"},
     "below the edge",
     JF_EQUAL,
     0,
     below_edge},
    {{"C7.3",
      "a step takes a small deviation from v = +-1 times 1 - 2 a, so that for "
      "a "
      "> 1 it grows",
      line_case,
      "largest deviation of the slope, a = .1 .. 1.5; twice the truncation and "
      "rounding of a difference",
      JF_IDENTITY, "a/v^2"},
     "growth at the fixed point",
     JF_EQUAL,
     0,
     growth},
    {{"C7.3",
      "1 < a < 2: Cauchy's law of scale g becomes that of (a - 1) g + a/g, by "
      "changes of sign",
      "D = 1, full batch, v_0 of Cauchy's law",
      "standard errors, exact binomial, of the runs that change their sign in "
      "a "
      "step; a = 1.1, 1.3, 1.5, 20 steps",
      JF_STATISTIC, "the scale (1 - a) g + a/g"},
     "beyond: signs",
     JF_EQUAL,
     0,
     beyond_signs},
    {{"C7.3",
      "1 < a < 2: Cauchy's law of scale g becomes that of (a - 1) g + a/g, by "
      "gaps above 1 nat",
      "D = 1, full batch, v_0 of Cauchy's law",
      "standard errors, exact binomial, of the runs more than 1 nat above the "
      "optimum; a = 1.1, 1.3, 1.5, 20 steps",
      JF_STATISTIC, "the scale (1 - a) g + a/g"},
     "beyond: bursts",
     JF_EQUAL,
     0,
     beyond_bursts},
    {{"C7.4",
      "mean-square multiplier (1 - 2 a)^2 + 2 a^2/b is 1 at a = 2b / (2b + 1), "
      "b "
      "= 1, 4, 16",
      "linearised at v = 1, Gaussian data",
      "slope of the library's step, Gauss's rule over the batch's mean square; "
      "truncation and rounding of the slope",
      JF_IDENTITY, "Var S = 1/b for 2/b"},
     "multiplier",
     JF_EQUAL,
     0,
     multiplier},
    {{"C7.4", "the simulated mini-batch steps are those of the library",
      "D = 1 and 2, b = 1 and 4, 200 pairs of steps",
      "largest difference of |W_2| over 64 u (1 + |W_2|)^2 / a, its rounding",
      JF_IDENTITY, "a rate larger by 1e-3"},
     "mini-batch steps",
     JF_AT_MOST,
     0,
     tail_steps},
};
const check_list list_stability = {checks, sizeof checks / sizeof *checks};
