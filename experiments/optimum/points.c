/* points.c -- what the theory says about individual data points.
 *
 * Question  When does an individual data point determine the optimum through
 *           the eigenvalues of its own autocorrelation matrix, and where does
 *           this reading fail?
 * Method    Closed forms against matrices built from their definitions, and
 *           against explicit flows by Monte Carlo, n fixed in advance by
 *           profile and a tolerance of 5 standard errors.  Here: homogeneous
 *           maps (C3.3-C3.5); one image and one signal are in signals.c, the
 *           cases of C2 in unique.c, those of flow classes in classes.c.
 * Writes    rows of optimum-points.csv. */
#include "optimum.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_math.h>

/* C3.3: R of a table whose mean is the point m = (1, .., 1) and whose
 * covariance is s^2 I; its eigenvalues by reflections of the rows, since
 * those of the matrix would have lost s^2 = 1e-12. */
static jf_moments noisy_point(size_t d, double s)
{
    jf_team *team = jf_team_new(1);
    jf_matrix rows = jf_matrix_new(d + 1, d);
    double *mean = jf_alloc(d, sizeof *mean), *t = jf_alloc(d * d, sizeof *t);
    jf_moments m = {.d = d, .mean = mean, .t_sigma = t}, found;

    for (size_t i = 0; i < d; i++) {
        mean[i] = 1;
        t[i * d + i] = s;
    }
    jf_moments_rows(&m, rows);
    if (jf_moments_of(jf_const(rows), &found, team) != GSL_SUCCESS)
        found.log_det_r = (double)NAN;
    free(t);
    free(mean);
    jf_matrix_free(&rows);
    jf_team_free(team);
    return found;
}

/* The deviation from D - 1 of the slope over the last decade, worst D. */
static void point_slope(const experiment *e, finding *f)
{
    (void)e;
    f->d = 8;
    for (size_t d = 2; d <= 8; d++) {
        jf_moments a = noisy_point(d, 1e-5), b = noisy_point(d, 1e-6);
        double slope = 0.5 * (a.log_det_r - b.log_det_r) / log(10);
        f->measured = jf_worse(f->measured, fabs(slope - (double)(d - 1)));
        jf_moments_free(&a);
        jf_moments_free(&b);
    }
}

static void point_value(const experiment *e, finding *f)
{
    (void)e;
    f->d = 8;
    for (size_t d = 2; d <= 8; d++)
        for (int k = 1; k <= 6; k++) {
            double s = pow(10, -k);
            jf_moments m = noisy_point(d, s);
            double eig = jf_eig_log_det(d, m.log_det_r);
            double formula = jf_point(d, (double)d, s * s);
            double cost = jf_bias_cost(&m) - 0.5 * log1p((double)d / (s * s));
            f->measured = jf_worse(f->measured, fabs(eig - formula));
            f->measured = jf_worse(f->measured, fabs(cost));
            jf_moments_free(&m);
        }
}

/* A point without noise: the rank of its R, and EIG(R) = +inf for D >= 2. */
static void noiseless_point(const experiment *e, finding *f)
{
    (void)e;
    f->d = 8;
    f->measured = (double)INFINITY;
    f->expected = (double)INFINITY;
    for (size_t d = 2; d <= 8; d++) {
        jf_moments m = noisy_point(d, 0);
        if (m.rank_r != 1 || isfinite(jf_eig(d, m.lambda_r)))
            f->measured = jf_eig(d, m.lambda_r);
        jf_moments_free(&m);
    }
}

/* The same as the abstract words it: that value is a likelihood, finite. */
static void noiseless_as_worded(const experiment *e, finding *f)
{
    noiseless_point(e, f);
    f->expected = DBL_MAX;
}

/* C3.4: 3 times the 48 unit vectors +-e_i, (+-1, +-1, +-1, +-1)/2 and
 * (+-e_i +- e_j)/sqrt 2. */
enum { N48 = 48, D48 = 4 };

static void certificate(double x[N48][D48])
{
    size_t k = 0;
    memset(x, 0, N48 * sizeof *x);
    for (size_t i = 0; i < D48; i++)
        for (int s = -1; s <= 1; s += 2)
            x[k++][i] = 3 * s;
    for (unsigned bits = 0; bits < 16; bits++, k++)
        for (size_t i = 0; i < D48; i++)
            x[k][i] = bits >> i & 1 ? 1.5 : -1.5;
    for (size_t i = 0; i < D48; i++)
        for (size_t j = i + 1; j < D48; j++)
            for (unsigned bits = 0; bits < 4; bits++, k++) {
                x[k][i] = bits & 1 ? 3 / M_SQRT2 : -3 / M_SQRT2;
                x[k][j] = bits & 2 ? 3 / M_SQRT2 : -3 / M_SQRT2;
            }
}

/* The mean per-point formula minus the entropy bound, by Monte Carlo. */
static void certificate_sample(const experiment *e, finding *f)
{
    size_t n = by_profile(e, 20000, 200000, 2000000);
    double x[N48][D48], y[D48], *values = jf_alloc(n, sizeof *values);
    gsl_rng *rng = stream(e, 4);

    certificate(x);
    for (size_t i = 0; i < n; i++) {
        size_t k = gsl_rng_uniform_int(rng, N48);
        for (size_t j = 0; j < D48; j++)
            y[j] = x[k][j] + jf_stream_normal(rng, 0.1);
        values[i] =
            jf_point(D48, 9, 0.01) - log_mixture(N48, D48, x[0], 0.1, y);
    }
    gsl_rng_free(rng);
    f->d = D48;
    f->expected = log(48) - 0.5 * log(901);
    find_mean(f, n, values);
}

static void certificate_excess(const experiment *e, finding *f)
{
    (void)e;
    double entropy_bound = -log(N48) - 2 * (JF_LOG_2PI + 1 + log(0.01));
    f->d = D48;
    f->n = N48;
    f->measured = jf_point(D48, 9, 0.01) - entropy_bound;
    f->expected = 0.46944838;
}

/* As the abstract words it, for many points: the excess is not positive. */
static void certificate_as_worded(const experiment *e, finding *f)
{
    certificate_excess(e, f);
    f->expected = 0;
}

static void certificate_distance(const experiment *e, finding *f)
{
    double x[N48][D48];
    (void)e;
    certificate(x);
    f->d = D48;
    f->n = N48;
    f->measured = (double)INFINITY;
    f->expected = 2.29;
    for (size_t a = 0; a < N48; a++)
        for (size_t b = 0; b < a; b++) {
            double sum = 0;
            for (size_t i = 0; i < D48; i++)
                sum += square(x[a][i] - x[b][i]);
            f->measured = fmin(f->measured, sqrt(sum));
        }
}

/* C3.5: angle density (1 + .6 cos t) / 2 pi, r = (1 + .3 sin t) chi_3, and the
 * flow r u(t) -> r rho(t) u(t + .6 sin t), rho^2 = 2 / (3 (1 + .3 sin t)^2). */
typedef struct {
    double log_flow, log_density;
} polar;

static polar polar_draw(gsl_rng *rng)
{
    double t, a, r = 0;
    do
        t = 2 * M_PI * gsl_rng_uniform(rng);
    while (1.6 * gsl_rng_uniform(rng) > 1 + 0.6 * cos(t));
    for (size_t k = 0; k < 3; k++)
        r += square(jf_stream_normal(rng, 1.0));
    a = 1 + 0.3 * sin(t);
    double chi = sqrt(r), rho = sqrt(2.0 / 3) / a, z = a * chi * rho;
    double log_angle = log1p(0.6 * cos(t));
    /* chi_3: sqrt(2 / pi) r^2 exp(-r^2 / 2), of r / a, over the arc r dt. */
    return (polar){-JF_LOG_2PI - 0.5 * z * z + 2 * log(rho) + log_angle,
                   log_angle - JF_LOG_2PI + 0.5 * log(2 / M_PI) + 2 * log(chi) -
                       0.5 * r - log(a) - log(a * chi)};
}

static void polar_mean(const experiment *e, finding *f, int gap)
{
    size_t n = by_profile(e, 20000, 500000, 4000000);
    double *values = jf_alloc(n, sizeof *values);
    gsl_rng *rng = stream(e, 5);
    for (size_t i = 0; i < n; i++) {
        polar p = polar_draw(rng);
        values[i] = gap ? p.log_density - p.log_flow : p.log_flow;
    }
    gsl_rng_free(rng);
    f->d = 2;
    find_mean(f, n, values);
}

/* -3.102103 by the formula, its two expectations by the trapezoid rule, which
 * is exact to rounding for periodic functions. */
static void polar_flow(const experiment *e, finding *f)
{
    double h = JF_LOG_2PI, log_square = log(3);
    for (size_t k = 0; k < 1000; k++) {
        double t = 2 * M_PI * (double)k / 1000, p = 1 + 0.6 * cos(t);
        h -= p * log(p) / 1000;
        log_square += 2 * p * log1p(0.3 * sin(t)) / 1000;
    }
    f->expected = jf_homogeneous(2, h, log_square);
    polar_mean(e, f, 0);
}

static void polar_gap(const experiment *e, finding *f)
{
    f->expected = 0.0444923327;
    polar_mean(e, f, 1);
}

static const char noisy[] = "f(x') = J x' near the point; noise s^2 I";

static const check checks_points[] = {
    {{"C3.3", "EIG(R) rises by D - 1 per log(1/s), D = 2 .. 8", noisy,
      "largest deviation of the slope between s = 1e-5 and 1e-6; the next term "
      "is s^2"},
     "slope",
     JF_EQUAL,
     1e-6,
     point_slope},
    {{"C3.3",
      "EIG(R) = -(log(2 pi e (m^2 + s^2)) + (D-1) log(2 pi e s^2))/2, and the "
      "bias costs log(1 + m^2/s^2)/2",
      noisy, "largest difference, D = 2 .. 8, s = 1e-1 .. 1e-6; u / s"},
     "closed form",
     JF_EQUAL,
     1e-8,
     point_value},
    {{"C3.3",
      "for one noiseless point and D >= 2 the value is +inf, hence the reading "
      "'individual data point' fails",
      "R = x x'", "R has rank 1"},
     "noiseless",
     JF_EQUAL,
     0,
     noiseless_point},
    {{"C3.3w",
      "as worded: the likelihood of an individual data point is expressed by "
      "the eigenvalues of its auto-correlation matrix, hence finite",
      "one point without noise, D >= 2",
      "counterexample: R = x x' has rank 1, the value is +inf"},
     "noiseless as worded",
     JF_AT_MOST,
     0,
     noiseless_as_worded},
    {{"C3.4",
      "48 points: the mean of the per-point formula exceeds the entropy bound "
      "-h by log 48 - log(901)/2, so it is not attainable",
      "rho^2 = 9, s^2 = .01, D = 4", "Monte Carlo of h; 5 standard errors"},
     "excess by sampling",
     JF_EQUAL,
     0,
     certificate_sample},
    {{"C3.4", "48 points: the excess over the entropy bound of separate points",
      "rho^2 = 9, s^2 = .01, D = 4", "closed forms; digits of the theory"},
     "excess",
     JF_EQUAL,
     5e-9,
     certificate_excess},
    {{"C3.4w",
      "as worded: the eigenvalues of individual data points give an attainable "
      "value, so their mean does not exceed -h(X)",
      "48 separate points with noise, D = 4",
      "counterexample: the excess in closed form"},
     "excess as worded",
     JF_AT_MOST,
     0,
     certificate_as_worded},
    {{"C3.4", "48 points: they are at least 22 noise widths apart",
      "rho^2 = 9, s^2 = .01, D = 4", "all pairs"},
     "distance",
     JF_AT_LEAST,
     0,
     certificate_distance},
    {{"C3.5", "the optimum of homogeneous flows is attained by an explicit one",
      "D = 2, angle density (1 + .6 cos t)/2 pi, r = (1 + .3 sin t) chi_3",
      "Monte Carlo; 5 standard errors"},
     "explicit flow",
     JF_EQUAL,
     0,
     polar_flow},
    {{"C3.5", "the gap to -h is KL(chi_3 || scaled chi_2) = .0444923327",
      "D = 2, angle density (1 + .6 cos t)/2 pi, r = (1 + .3 sin t) chi_3",
      "Monte Carlo; 5 standard errors"},
     "gap",
     JF_EQUAL,
     0,
     polar_gap},
};

const check_list list_points = {checks_points,
                                sizeof checks_points / sizeof *checks_points};
