/* maps.c -- the best increasing maps of the line: of a normal law, of two
 * modes, of two intervals (C6.5iv, C6.6).
 *
 * In units of s: p and F are density and distribution of the modes +-a, each
 * of mass 1/2, and the exact map to N(0, 1) has the slope p / phi(Phi^-1(F)).
 * Logarithms of the lower tail are used throughout, so that nothing underflows
 * and a relative error is one of a logarithm: a few roundings of its largest
 * term, below 900 here. */
#include "lipschitz.h"

#include <float.h>
#include <math.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_erf.h>

#define LOG_ROUNDING (16 * 900 * DBL_EPSILON / 2)
#define UNBOUNDED ((double)INFINITY)

static double log_phi(double x)
{
    return -0.5 * x * x - 0.5 * JF_LOG_2PI;
}

static double log_cdf(double x)
{
    return gsl_sf_log_erfc(-x * M_SQRT1_2) - M_LN2;
}

static double log_mean(double a, double b)
{
    return fmax(a, b) + log1p(exp(-fabs(a - b))) - M_LN2;
}

double modes_log_density(double a, double x)
{
    return log_mean(log_phi(x - a), log_phi(x + a));
}

double modes_log_below(double a, double x)
{
    return log_mean(log_cdf(x - a), log_cdf(x + a));
}

double modes_quantile(double a, double log_below, double start)
{
    double x = start;
    for (int k = 0; k < 100; k++) {
        double below = modes_log_below(a, x);
        double step =
            (below - log_below) * exp(below - modes_log_density(a, x));
        step = fmax(-1, fmin(1, step));
        x -= step;
        if (fabs(step) <= 4 * DBL_EPSILON * fabs(x))
            break;
    }
    return x;
}

/* Of the exact map at x <= 0. */
static double log_slope(double a, double x)
{
    double below = modes_log_below(a, x);
    return modes_log_density(a, x) -
           log_phi(modes_quantile(0, below, fmin(0, x + a)));
}

/* C6.6 holds for all (a, s): along a at fixed P = F(x), d log p / da = -a /
 * cosh^2(a x), and so d log(e^{a^2/2} p) / da = a tanh^2(a x). */
static double moved(double a, double below, double x)
{
    return modes_log_density(a, modes_quantile(a, below, x));
}

/* Central differences of steps h and 2h, extrapolated. */
static double derivative(double a, double x, double h)
{
    double below = modes_log_below(a, x), d[2];
    for (int k = 0; k < 2; k++) {
        double step = k ? 2 * h : h;
        d[k] = (moved(a + step, below, x) - moved(a - step, below, x)) /
               (2 * step);
    }
    return (4 * d[0] - d[1]) / 3;
}

/* What differences may leave: h^4 times a fifth derivative, each of which
 * brings a factor of at most |x| + a + 1, and sixteen roundings of log p and of
 * log F, which move x by F/p and log p by |x| + a times that, over h. */
static double left_by(double a, double x, double h)
{
    double size = fabs(x) + a, p = modes_log_density(a, x);
    double below = modes_log_below(a, x);
    double rounding = fabs(p) + fabs(below) * (1 + size * exp(below - p));
    return 8 * a * pow(h * (size + 1), 4) + 8 * DBL_EPSILON * rounding / h;
}

static void monotone(const experiment *e, finding *f)
{
    const double h = 2e-4;
    gsl_rng *rng = stream(e, 610);
    double wrong = 0;
    f->d = 1;
    f->n = by_profile(e, 200, 1000, 10000);
    for (size_t i = 0; i < f->n; i++) {
        double a = 0.1 + 5 * gsl_rng_uniform(rng);
        double x = -(a + 8) * gsl_rng_uniform(rng), t = fabs(tanh(a * x));
        double is = derivative(a, x, h), most = left_by(a, x, h);
        f->measured = jf_worse(f->measured, fabs(is + a * (1 - t * t)) / most);
        wrong = jf_worse(wrong, fabs(is + a * (1 - t)) / most);
    }
    f->broken = wrong - f->measured;
    gsl_rng_free(rng);
}

static const double modes[] = {0.3, 1, 1.2, 2, 3, 4, 5}; /* a / s */
enum { MODES = sizeof modes / sizeof *modes, STEPS = 3000, TAIL = 30 };

static void slope_at_centre(const experiment *e, finding *f)
{
    double wrong = 0;
    (void)e;
    f->d = 1;
    f->n = MODES;
    for (size_t k = 0; k < MODES; k++) {
        double a = modes[k], is = log_slope(a, 0);
        f->measured = jf_worse(f->measured, fabs(is + 0.5 * a * a));
        wrong = jf_worse(wrong, fabs(is + 0.5 * a));
    }
    f->broken = wrong - f->measured;
}

/* The least slope over all points, 0 among them. */
static void least_slope(const experiment *e, finding *f)
{
    double wrong = 0;
    (void)e;
    f->d = 1;
    for (size_t k = 0; k < MODES; k++) {
        double a = modes[k], least = (double)INFINITY;
        for (size_t i = 0; i <= STEPS; i++, f->n++)
            least = fmin(least, log_slope(a, -(a + 6) * (double)i / STEPS));
        f->measured = jf_worse(f->measured, fabs(least + 0.5 * a * a));
        wrong = jf_worse(wrong, fabs(log_slope(a, -a) + 0.5 * a * a));
    }
    f->broken = wrong - f->measured;
}

/* 1/s is the limit in the tail: log 2 / x^2 is missing at x. */
static void largest_slope(const experiment *e, finding *f)
{
    double wrong = -(double)INFINITY;
    (void)e;
    f->d = 1;
    f->measured = -(double)INFINITY;
    for (size_t k = 0; k < MODES; k++) {
        double a = modes[k];
        for (size_t i = 0; i <= STEPS; i++, f->n++) {
            double is = log_slope(a, -(a + TAIL) * (double)i / STEPS);
            f->measured = jf_worse(f->measured, is);
            wrong = jf_worse(wrong, is + 0.5 * log1p(a * a));
        }
    }
    f->broken = wrong - f->measured;
}

/* A law, budgets, and what C6.6 and C6.6gap list for them. */
enum { MOST_BUDGETS = 6 };
typedef struct {
    line_law law;
    size_t count;
    double budgets[MOST_BUDGETS], values[MOST_BUDGETS];
} sweep;

static const sweep two_modes = {
    {2, 0.5},
    6,
    {1, 2, 4, 16, 100, 1490.5},
    {1.6201661128, .4616330799, .1626073183, .0240580824, .0016299016, 0}};
/* From M = 2 on the gap bound. */
static const sweep intervals = {{0.5, 0},
                                5,
                                {0.5, 1, 2, 3, 5},
                                {1.62076445017882, .483641228635495,
                                 .21991458425118975, .141987231500532,
                                 .083007412170328011}};

static size_t cells_of(const experiment *e)
{
    return by_profile(e, 1000, 6000, 20000);
}

/* The root's values; broken: the program's in their place. */
static void exact(const experiment *e, const sweep *s, finding *f)
{
    double wrong = 0;
    f->d = 1;
    f->n = s->count;
    for (size_t k = 0; k < s->count; k++) {
        double m = s->budgets[k], value = s->values[k];
        double found = best_on_line(s->law, m, UNBOUNDED, cells_of(e));
        f->measured =
            jf_worse(f->measured, fabs(best_exact(s->law, m) - value));
        wrong = jf_worse(wrong, fabs(found - value));
    }
    f->broken = wrong - f->measured;
}

/* How far the program's value is below the exact one. */
static void not_below(const experiment *e, const sweep *s, finding *f)
{
    double wrong = -UNBOUNDED;
    f->d = 1;
    f->n = cells_of(e);
    f->measured = -UNBOUNDED;
    for (size_t k = 0; k < s->count; k++) {
        double m = s->budgets[k], value = best_exact(s->law, m);
        f->measured = jf_worse(
            f->measured, value - best_on_line(s->law, m, UNBOUNDED, f->n));
        wrong = jf_worse(wrong,
                         value - best_on_line(s->law, 2 * m, UNBOUNDED, f->n));
    }
    f->broken = wrong - f->measured;
}

/* And above the interpolant's. */
static void arrived(const experiment *e, const sweep *s, finding *f)
{
    double wrong = -UNBOUNDED;
    f->d = 1;
    f->n = cells_of(e);
    f->measured = -UNBOUNDED;
    for (size_t k = 0; k < s->count; k++) {
        double m = s->budgets[k], above = best_interpolant(s->law, m, f->n);
        f->measured = jf_worse(
            f->measured, best_on_line(s->law, m, UNBOUNDED, f->n) - above);
        wrong = jf_worse(wrong, best_unfinished(s->law, m, f->n) - above);
    }
    f->broken = wrong - f->measured;
}

static void exact_modes(const experiment *e, finding *f)
{
    exact(e, &two_modes, f);
}

static void modes_not_below(const experiment *e, finding *f)
{
    not_below(e, &two_modes, f);
}

static void modes_arrived(const experiment *e, finding *f)
{
    arrived(e, &two_modes, f);
}

static void exact_intervals(const experiment *e, finding *f)
{
    exact(e, &intervals, f);
}

static void intervals_not_below(const experiment *e, finding *f)
{
    not_below(e, &intervals, f);
}

static void intervals_arrived(const experiment *e, finding *f)
{
    arrived(e, &intervals, f);
}

static double gap_bound(double half, double inverse)
{
    return -log(2 * gsl_cdf_ugaussian_P(-half / inverse));
}

/* Every map of the line that the program finds is a flow. */
static void gap_below(const experiment *e, finding *f)
{
    double wrong = UNBOUNDED;
    f->d = 1;
    f->n = cells_of(e);
    f->measured = UNBOUNDED;
    for (size_t k = 0; k < intervals.count; k++) {
        double m = intervals.budgets[k];
        double kl = best_on_line(intervals.law, m, UNBOUNDED, f->n);
        f->measured = fmin(f->measured, kl - gap_bound(0.5, m));
        wrong = fmin(wrong, kl - gap_bound(1, m));
    }
    f->broken = wrong - f->measured;
}

/* C6.5iv: Gaussian X on the line, slopes in [.8, 2]. */
static void gaussian_line(const experiment *e, finding *f)
{
    static const double lambdas[] = {4, 0.04, 1};
    double wrong = 0;
    f->d = 1;
    f->n = by_profile(e, 1000, 4000, 4000);
    for (size_t k = 0; k < 3; k++) {
        double lambda = lambdas[k];
        double s = fmin(fmax(1 / sqrt(lambda), 0.8), 2);
        double is = best_on_line((line_law){0, sqrt(lambda)}, 1.25, 2, f->n);
        f->measured = jf_worse(f->measured, fabs(is - psi(s * s * lambda)));
        wrong = jf_worse(wrong, fabs(is - psi(s * lambda)));
    }
    f->broken = wrong - f->measured;
}

#define PROGRAM                                                                \
    "convex program over maps linear on cells, its KL exact; the exact value " \
    "by one root"
#define ARRIVED                                                                \
    "largest excess over the KL of the exact map's interpolant on the same "   \
    "cells; the barrier leaves 2e-10"

static const check checks[] = {
    {{"C6.5iv", "on the line the optimum for Gaussian X is the clip",
      "variance 4, .04, 1; slopes in [.8, 2]",
      "largest distance of the convex program, whose maps contain the clip; "
      "the barrier leaves 2e-10",
      JF_OPTIMISATION, "s for s^2"},
     "line",
     JF_EQUAL,
     BEST_BARRIER,
     gaussian_line},
    {{"C6.6", "the exact map of two modes has slope exp(-a^2/2s^2)/s at 0",
      "f onto R^d; a/s = .3 .. 5",
      "largest relative deviation; sixteen roundings of logarithms below 900",
      JF_IDENTITY, "a/s for a^2/s^2"},
     "slope at 0",
     JF_EQUAL,
     LOG_ROUNDING,
     slope_at_centre},
    {{"C6.6", "the least slope is that at 0, so M = s exp(a^2/2s^2) is needed",
      "f onto R^d; x in -(a + 6s) .. 0, symmetric",
      "largest relative deviation of the least of 3001 slopes; as before",
      JF_IDENTITY, "the slope at the modes for the least one"},
     "least slope",
     JF_EQUAL,
     LOG_ROUNDING,
     least_slope},
    {{"C6.6", "the largest slope is at most 1/s",
      "f onto R^d; x in -(a + 30s) .. 0, where 1/s is the limit",
      "largest log(s f') of 3001 points each; as before", JF_IDENTITY,
      "the law's deviation for the width of a mode"},
     "largest slope",
     JF_AT_MOST,
     LOG_ROUNDING,
     largest_slope},
    {{"C6.6",
      "for all (a, s): d log p / da = -a / cosh^2(a x) at fixed P, and of "
      "e^{a^2/2} p it is a tanh^2(a x)",
      "s = 1; random a in .1 .. 5.1 and x in -(a + 8) .. 0",
      "largest deviation in units of what differences of step 2e-4 may leave, "
      "truncation and rounding",
      JF_IDENTITY, "tanh for tanh^2"},
     "monotone in a",
     JF_EQUAL,
     1,
     monotone},
    {{"C6.6", "KL of the best map of two modes by budget M = 1 .. 1490.5",
      "(a, s) = (2, .5); f onto R^d, d = 1",
      "one root a budget against the listed values; half a unit of their "
      "tenth digit, and rounding",
      JF_IDENTITY, "the convex program's value for the exact one"},
     "sweep",
     JF_EQUAL,
     5.1e-11,
     exact_modes},
    {{"C6.6", "no map comes below the exact value, two modes",
      "M = 1 .. 1490.5; f onto R^d, d = 1",
      PROGRAM ", largest shortfall; rounding of 1000 and more cells",
      JF_OPTIMISATION, "2 M for M"},
     "sweep from above",
     JF_AT_MOST,
     1e-9,
     modes_not_below},
    {{"C6.6", "the convex program reaches it, two modes", "the same", ARRIVED,
      JF_OPTIMISATION, "the first barrier for the last"},
     "sweep reached",
     JF_AT_MOST,
     BEST_BARRIER,
     modes_arrived},
    {{"C6.6gap",
      "KL of the best map of two intervals: by budget, -log(2 Phi(-d/M)) "
      "where Phi(-d/M)/phi(d/M) >= 1/M, larger elsewhere",
      "unit intervals at distance 2d = 1; M = .5, 1 (larger), 2, 3, 5",
      "one root a budget against the listed values; rounding of 800 terms",
      JF_IDENTITY, "the convex program's value for the exact one"},
     "gap",
     JF_EQUAL,
     1e-13,
     exact_intervals},
    {{"C6.6gap", "KL >= -log(2 Phi(-d/M)) on two parts of mass 1/2",
      "f onto R^d; two unit intervals at distance 2d = 1; M = 1/2 .. 5",
      "least excess of the convex program's maps, whose KL is exact; rounding",
      JF_OPTIMISATION, "the distance for its half"},
     "gap from above",
     JF_AT_LEAST,
     1e-9,
     gap_below},
    {{"C6.6gap", "no map comes below the exact value, two intervals",
      "the same", PROGRAM ", largest shortfall; rounding", JF_OPTIMISATION,
      "2 M for M"},
     "intervals from above",
     JF_AT_MOST,
     1e-9,
     intervals_not_below},
    {{"C6.6gap", "the convex program reaches it, two intervals", "the same",
      ARRIVED, JF_OPTIMISATION, "the first barrier for the last"},
     "intervals reached",
     JF_AT_MOST,
     BEST_BARRIER,
     intervals_arrived},
};

const check_list list_maps = {checks, sizeof checks / sizeof *checks};
