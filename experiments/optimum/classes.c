/* classes.c -- optima of classes of maps, attained by explicit maps.
 *
 * Question  Are the bias, probabilistic PCA and flows of constant determinant
 *           worth exactly what C3.2, C3.9 and C3.10 say?
 * Method    Closed forms against each other, against a numerical optimiser
 *           (C3.10) and against explicit maps by Monte Carlo (C3.9), n fixed
 *           in advance by profile and standard errors from the exact law.
 * Writes    rows of optimum-points.csv. */
#include "optimum.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_math.h>

/* C3.2: random tables, D = 1 .. 16; both sides by different routes. */
static void bias_cost(const experiment *e, finding *f)
{
    jf_team *team = jf_team_new(1);
    double wrong = 0;
    f->d = 16;
    f->n = 50;
    for (size_t d = 1; d <= f->d; d++) {
        jf_matrix x = jf_matrix_new(f->n, d);
        jf_moments m;
        jf_fill_normal(x, e->args.seed, JF_PURPOSE_USER + 301, d);
        for (size_t i = 0; i < x.rows; i++)
            for (size_t j = 0; j < d; j++)
                jf_row(x, i)[j] += (real)(0.2 * (double)(j + 1));
        double difference = (double)NAN, cost = (double)NAN;
        if (jf_moments_of(jf_const(x), &m, team) == GSL_SUCCESS) {
            cost = jf_bias_cost(&m);
            difference =
                jf_eig(d, m.lambda_sigma) - jf_eig(d, m.lambda_r) - cost;
        }
        f->measured = jf_worse(f->measured, fabs(difference));
        wrong = jf_worse(wrong, cost);
        jf_moments_free(&m);
        jf_matrix_free(&x);
    }
    f->broken = wrong - f->measured;
    jf_team_free(team);
}

/* C3.1k: the largest entry of |W S W' - c I| / c over the condition of S. */
enum { SHEARED = 9, SQUARE = SHEARED * SHEARED };

static double off_scalar(size_t d, const double *s, const double *w)
{
    double half[SQUARE], all[SQUARE], lambda[SHEARED], log_det = 0, worst = 0;
    memcpy(all, s, d * d * sizeof *s);
    if (jf_eigen_symmetric(d, all, lambda, 0) != GSL_SUCCESS)
        return (double)NAN;
    for (size_t i = 0; i < d; i++)
        log_det += log(lambda[i]);
    jf_dgemm(JF_NN, d, d, d, exp(-log_det / (double)d), w, s, 0, half);
    jf_dgemm(JF_NT, d, d, d, 1, half, w, 0, all);
    for (size_t i = 0; i < d * d; i++)
        worst = jf_worse(worst, fabs(all[i] - (i % (d + 1) == 0)));
    return worst * lambda[d - 1] / lambda[0];
}

/* Shears of S, and those of S with its columns in reverse, which exchanges the
 * halves, applied to S. */
static void shear_one(gsl_rng *rng, size_t d, t_range range, finding *f,
                      double *exchanged)
{
    double t[SQUARE] = {0}, s[SQUARE], reversed[SQUARE], w[SQUARE];
    size_t count;
    random_triangle(rng, d, range, t);
    jf_dgemm(JF_TN, d, d, d, 1, t, t, 0, s);
    for (size_t i = 0; i < d * d; i++)
        reversed[i] = s[d * d - 1 - i];
    f->n++;
    f->measured =
        jf_worse(f->measured, jf_shears(d, s, w, &count) ? (double)NAN
                                                         : off_scalar(d, s, w));
    *exchanged = jf_worse(*exchanged, jf_shears(d, reversed, w, &count)
                                          ? (double)NAN
                                          : off_scalar(d, s, w));
}

static void explicit_shears(const experiment *e, finding *f)
{
    enum { DRAWS = 10 };
    gsl_rng *rng = stream(e, 90);
    double exchanged = 0;
    f->d = SHEARED;
    for (size_t d = 2; d <= SHEARED; d++)
        for (size_t range = 0; range < (d % 2 ? 3 : 1); range++)
            for (size_t k = 0; k < DRAWS; k++)
                shear_one(rng, d, (t_range)range, f, &exchanged);
    f->broken = exchanged - f->measured;
    gsl_rng_free(rng);
}

/* C3.10: lambda as listed there; the gaps have six digits. */
enum { PD = 6 };
static const double ppca_lambda[PD] = {5, 3, 1.2, .7, .3, .1};

/* The gap with the geometric mean of the kept eigenvalues in place of that of
 * the discarded, or, where none is kept, with none. */
static double gap_of_kept(size_t q)
{
    double rest = (double)(PD - q), log_mean = 0;
    for (size_t i = 0; i < q; i++)
        log_mean += log(ppca_lambda[i]) / (double)q;
    return 0.5 * rest * (log(jf_ppca_noise(PD, ppca_lambda, q)) - log_mean);
}

static void ppca_listed(const experiment *e, finding *f)
{
    static const double gap[PD] = {2.107584, 1.436822, .733685,
                                   .426663,  .143841,  0};
    double wrong = 0;
    (void)e;
    f->d = PD;
    for (size_t q = 0; q < PD; q++) {
        f->measured = jf_worse(f->measured,
                               fabs(jf_ppca_gap(PD, ppca_lambda, q) - gap[q]));
        wrong = jf_worse(wrong, fabs(gap_of_kept(q) - gap[q]));
    }
    f->broken = wrong - f->measured;
}

static void ppca_identity(const experiment *e, finding *f)
{
    double wrong = 0;
    (void)e;
    f->d = PD;
    for (size_t q = 0; q < PD; q++) {
        double lost = jf_eig(PD, ppca_lambda) - jf_ppca(PD, ppca_lambda, q);
        f->measured =
            jf_worse(f->measured, fabs(lost - jf_ppca_gap(PD, ppca_lambda, q)));
        wrong = jf_worse(wrong, fabs(lost - gap_of_kept(q)));
    }
    f->broken = wrong - f->measured;
}

/* -E log N(x; 0, C), C = V V' + exp(2 s) I, theta = (V (d, q), s), under a
 * covariance diag(lambda); dC = (C^-1 - C^-1 diag(lambda) C^-1) / 2. */
static int ppca_loss(void *arg, const real *theta, double *value, real *grad)
{
    size_t q = *(size_t *)arg;
    double c[PD * PD], dc[PD * PD], log_det;
    const real *s = theta + PD * q;

    for (size_t i = 0; i < PD; i++)
        for (size_t j = 0; j < PD; j++) {
            c[i * PD + j] = i == j ? exp(2 * (double)*s) : 0;
            for (size_t k = 0; k < q; k++)
                c[i * PD + j] +=
                    (double)theta[i * q + k] * (double)theta[j * q + k];
        }
    JF_TRY(jf_invert(PD, c, &log_det));
    *value = 0.5 * (PD * JF_LOG_2PI + log_det);
    for (size_t i = 0; i < PD; i++) {
        *value += 0.5 * c[i * PD + i] * ppca_lambda[i];
        for (size_t j = 0; j < PD; j++) {
            dc[i * PD + j] = 0.5 * c[i * PD + j];
            for (size_t k = 0; k < PD; k++)
                dc[i * PD + j] -=
                    0.5 * c[i * PD + k] * ppca_lambda[k] * c[k * PD + j];
        }
    }
    memset(grad, 0, (PD * q + 1) * sizeof *grad);
    for (size_t i = 0; i < PD; i++) {
        grad[PD * q] += (real)(2 * exp(2 * (double)*s) * dc[i * PD + i]);
        for (size_t k = 0; k < q; k++)
            for (size_t j = 0; j < PD; j++)
                grad[i * q + k] +=
                    (real)(2 * dc[i * PD + j] * (double)theta[j * q + k]);
    }
    return GSL_SUCCESS;
}

/* The optimum by L-BFGS from a random V; starts follow one another until one
 * ends with a gradient below 1e-7.  open: none does. */
static double ppca_optimum(const experiment *e, size_t q, int *open)
{
    enum { STARTS = 4 };
    jf_lbfgs_result result = {.value = (double)NAN,
                              .gradient_norm = (double)NAN};
    gsl_rng *rng = stream(e, 1000 + q);
    for (int s = 0; s < STARTS && !(result.gradient_norm < 1e-7); s++) {
        real theta[PD * PD] = {0};
        for (size_t i = 0; i < PD * q; i++)
            theta[i] = (real)jf_stream_normal(rng, 1.0);
        if (jf_lbfgs(ppca_loss, &q, PD * q + 1, theta, NULL, &result) !=
            GSL_SUCCESS)
            result.gradient_norm = (double)NAN;
    }
    gsl_rng_free(rng);
    *open |= !(result.gradient_norm < 1e-7);
    return -result.value;
}

/* LL_q where the noise is the mean of all eigenvalues. */
static double ppca_of_all(size_t q)
{
    double noise = jf_ppca_noise(PD, ppca_lambda, 0), sum = 0;
    for (size_t i = 0; i < q; i++)
        sum += log(ppca_lambda[i]);
    return -0.5 * (PD * (JF_LOG_2PI + 1) + sum + (double)(PD - q) * log(noise));
}

/* The largest deviation of a numerical optimum from LL_q, q = 0 .. d - 1. */
static void ppca_numerical(const experiment *e, finding *f)
{
    double wrong = 0;
    int open = 0;
    f->d = PD;
    for (size_t q = 0; q < PD; q++) {
        double found = ppca_optimum(e, q, &open);
        f->measured =
            jf_worse(f->measured, fabs(found - jf_ppca(PD, ppca_lambda, q)));
        wrong = jf_worse(wrong, fabs(found - ppca_of_all(q)));
    }
    f->broken = wrong - f->measured;
    if (open)
        snprintf(f->open, sizeof f->open,
                 "a gradient above 1e-7 in each of 4 "
                 "starts");
}

/* C3.8, C3.9: explicit maps of constant determinant. */

typedef struct {
    double z[2], log_abs_det;
} image;

/* Square (-1, 1)^2 to disc (Shirley and Chiu 1997), then times 2. */
static image concentric(double x, double y)
{
    double a = 2 * x - 1, b = 2 * y - 1, r, t;
    if (fabs(a) > fabs(b)) {
        r = a;
        t = M_PI_4 * b / a;
    } else {
        r = b;
        t = M_PI_2 - M_PI_4 * (b != 0 ? a / b : 0);
    }
    return (image){{2 * r * cos(t), 2 * r * sin(t)}, log(4 * M_PI)};
}

/* Quadrant to plane, t = x + y: det = -1 before the scale (2 pi / 3)^1/2. */
static image fan(double x, double y)
{
    double t = x + y, c = sqrt(2 * M_PI / 3), r = c * t / sqrt(2 * M_PI);
    return (image){{r * cos(2 * M_PI * x / t), r * sin(2 * M_PI * x / t)},
                   2 * log(c)};
}

static image unbend(double x, double y)
{
    return (image){{x, y - x * x}, 0};
}

static void draw_square(gsl_rng *rng, double *x)
{
    x[0] = gsl_rng_uniform_pos(rng);
    x[1] = gsl_rng_uniform_pos(rng);
}

static void draw_exponential(gsl_rng *rng, double *x)
{
    x[0] = -log(gsl_rng_uniform_pos(rng));
    x[1] = -log(gsl_rng_uniform_pos(rng));
}

static void draw_banana(gsl_rng *rng, double *x)
{
    x[0] = jf_stream_normal(rng, 1.0);
    x[1] = jf_stream_normal(rng, 1.0) + x[0] * x[0];
}

static double log_normal(size_t d, const double *z)
{
    double sum = 0;
    for (size_t i = 0; i < d; i++)
        sum -= 0.5 * (JF_LOG_2PI + square(z[i]));
    return sum;
}

/* variance: of log q; m and m_star: the second moment of X around its mean, and
 * of its rearrangement. */
static void explicit_map(const experiment *e, finding *f, unsigned long name,
                         void (*draw)(gsl_rng *, double *),
                         image (*map)(double, double), double variance,
                         double m, double m_star)
{
    size_t n = by_profile(e, 50000, 2000000, 10000000);
    double x[2], *values = jf_alloc(n, sizeof *values);
    gsl_rng *rng = stream(e, name);
    for (size_t i = 0; i < n; i++) {
        draw(rng, x);
        image y = map(x[0], x[1]);
        values[i] = y.log_abs_det + log_normal(2, y.z);
    }
    gsl_rng_free(rng);
    find_mean(f, n, values);
    f->d = 2;
    f->expected = jf_constant_det(2, m_star);
    f->broken = f->expected - jf_constant_det(2, m);
    f->se = sqrt(variance / (double)n);
}

/* |z|^2 / 2 is uniform on (0, 2). */
static void on_square(const experiment *e, finding *f)
{
    explicit_map(e, f, 91, draw_square, concentric, 1.0 / 3, 1.0 / 6,
                 0.5 / M_PI);
}

/* |z|^2 / 2 = t^2 / 6, t of Gamma(2): variance (120 - 36) / 36. */
static void on_exponential(const experiment *e, finding *f)
{
    explicit_map(e, f, 92, draw_exponential, fan, 7.0 / 3, 2, 3 / M_PI);
}

/* z is normal: variance D/2. */
static void on_banana(const experiment *e, finding *f)
{
    explicit_map(e, f, 93, draw_banana, unbend, 1, 4, 2);
}

/* D = 1, Exp(1): maps of constant slope are affine, the best is x - 1, of log q
 * with variance (9 - 1) / 4; X* has the density exp(-2 |x|). */
static void on_line(const experiment *e, finding *f)
{
    size_t n = by_profile(e, 50000, 2000000, 10000000);
    double *values = jf_alloc(n, sizeof *values), one = 1;
    gsl_rng *rng = stream(e, 95);
    for (size_t i = 0; i < n; i++) {
        double z = -log(gsl_rng_uniform_pos(rng)) - 1;
        values[i] = log_normal(1, &z);
    }
    gsl_rng_free(rng);
    find_mean(f, n, values);
    f->d = 1;
    f->expected = jf_eig(1, &one);
    f->broken = f->expected - jf_constant_det(1, 0.5);
    f->se = sqrt(2 / (double)n);
}

static double log_det_by_differences(image (*map)(double, double), double x,
                                     double y)
{
    double h = 1e-5;
    image east = map(x + h, y), west = map(x - h, y);
    image north = map(x, y + h), south = map(x, y - h);
    double det = (east.z[0] - west.z[0]) * (north.z[1] - south.z[1]) -
                 (east.z[1] - west.z[1]) * (north.z[0] - south.z[0]);
    return log(fabs(det) / (4 * h * h));
}

/* The largest difference between the maps' log |det| and that of central
 * differences, on both sides of the concentric map's seam |2 x - 1| = |2 y - 1|
 * and at least .05 away from it. */
static void determinants(const experiment *e, finding *f)
{
    image (*const maps[])(double, double) = {concentric, fan, unbend};
    gsl_rng *rng = stream(e, 94);
    double wrong = 0;
    f->d = 2;
    f->n = 100;
    for (size_t i = 0; i < f->n; i++) {
        double a = 0.3 + 0.15 * gsl_rng_uniform(rng);
        double b = 0.75 + 0.2 * gsl_rng_uniform(rng);
        double x = i % 2 ? a : b, y = i % 2 ? b : a;
        for (size_t k = 0; k < 3; k++) {
            double told = maps[k](x, y).log_abs_det;
            double found = log_det_by_differences(maps[k], x, y);
            f->measured = jf_worse(f->measured, fabs(found - told));
            wrong = jf_worse(wrong, fabs(found - 0.5 * told));
        }
    }
    f->broken = wrong - f->measured;
    gsl_rng_free(rng);
}

/* EIG <= constant-determinant optimum <= -h on the three densities, of which
 * m_star is the rearrangement's second moment over moment_of: the least of the
 * six differences. */
static double least_step(double moment_of)
{
    static const double m_star[] = {0.5 / M_PI, 3 / M_PI, 2};
    double gaussian = -(JF_LOG_2PI + 1), least = (double)INFINITY;
    double eig[] = {gaussian + log(12), gaussian, gaussian - 0.5 * log(3)};
    double entropy[] = {0, -2, gaussian};
    for (size_t i = 0; i < 3; i++) {
        double constant = jf_constant_det(2, m_star[i] / moment_of);
        least = fmin(least, fmin(constant - eig[i], entropy[i] - constant));
    }
    return least;
}

/* Broken: m* / D divided by D once more. */
static void chain(const experiment *e, finding *f)
{
    (void)e;
    f->d = 2;
    f->measured = least_step(1);
    f->broken = least_step(2) - f->measured;
}

/* C3.8: Phi^-1 by column maps the unit square to N(0, I), so that log q = 0
 * there; its slopes by central differences.  What it exceeds EIG by, mean over
 * points at least 0.1 from the sides. */
static void beyond_affine(const experiment *e, finding *f)
{
    enum { POINTS = 100 };
    const double lambda[2] = {1.0 / 12, 1.0 / 12}, h = 1e-5;
    gsl_rng *rng = stream(e, 96);
    double eig = jf_eig(2, lambda);
    f->d = 2;
    f->n = POINTS;
    for (size_t i = 0; i < POINTS; i++) {
        double z[2], log_q = 0;
        for (size_t j = 0; j < 2; j++) {
            double u = 0.1 + 0.8 * gsl_rng_uniform(rng);
            z[j] = gsl_cdf_ugaussian_Pinv(u);
            log_q += log((gsl_cdf_ugaussian_Pinv(u + h) -
                          gsl_cdf_ugaussian_Pinv(u - h)) /
                         (2 * h));
        }
        f->measured += (log_q + log_normal(2, z) - eig) / POINTS;
    }
    gsl_rng_free(rng);
    f->expected = log(2 * M_PI * M_E / 12);
    f->broken = f->expected;
}

static const check checks_classes[] = {
    {{"C3.1k",
      "explicit shears, 3 for even D and 3, 4 or 5 for odd: W S W' = c I",
      "random covariance, D = 2 .. 9; odd D: t_1 > 1 and t_q < 1 too",
      "largest entry of W S W'/c - I over the condition of S: rounding D^2 u "
      "= 1e-14 times the growth of W below 1e2",
      JF_IDENTITY, "halves exchanged"},
     "shears",
     JF_EQUAL,
     1e-12,
     explicit_shears},
    {{"C3.2", "EIG(Sigma) - EIG(R) = log(1 + mu' Sigma^-1 mu)/2",
      "Sigma of full rank",
      "random tables, D = 1 .. 16: largest difference; rounding D u times the "
      "condition of R, below 1e3 here",
      JF_IDENTITY, "Sigma for R"},
     "bias",
     JF_EQUAL,
     1e-11,
     bias_cost},
    {{"C3.10", "gaps for lambda = (5, 3, 1.2, .7, .3, .1), q = 0 .. 5",
      "covariance diag(lambda)",
      "largest difference; half the last of six listed digits", JF_IDENTITY,
      "GM of the kept"},
     "listed gaps",
     JF_EQUAL,
     5e-7,
     ppca_listed},
    {{"C3.10", "EIG - LL_q = (D-q)/2 log(AM/GM of the discarded eigenvalues)",
      "covariance diag(lambda)",
      "largest difference over q; 64 roundings of numbers below 16",
      JF_IDENTITY, "GM of the kept"},
     "two formulas",
     JF_EQUAL,
     1.2e-13,
     ppca_identity},
    {{"C3.10", "LL_q is the maximum over V and s^2 of N(0, V V' + s^2 I)",
      "covariance diag(lambda), rank V = q",
      "L-BFGS from up to 4 random V, q = 0 .. 5: largest difference; |G| < "
      "1e-7 "
      "leaves |G|^2 / 2 m < 1e-12 for a curvature m > .005, and rounding as "
      "much",
      JF_OPTIMISATION, "s^2 the mean of all eigenvalues"},
     "numerical optimum",
     JF_EQUAL,
     1e-11,
     ppca_numerical},
    {{"C3.9",
      "uniform square: log 2 - 1 is attained by a map of constant "
      "determinant",
      "concentric map, scaled", "Monte Carlo; the exact standard error",
      JF_STATISTIC, "m* of X for X*"},
     "square",
     JF_EQUAL,
     0,
     on_square},
    {{"C3.9",
      "Exp(1)^2: -(1 + log 3) is attained by a map of constant "
      "determinant",
      "f0 of C3.9, scaled", "Monte Carlo; the exact standard error",
      JF_STATISTIC, "m* of X for X*"},
     "exponential",
     JF_EQUAL,
     0,
     on_exponential},
    {{"C3.9", "banana: -log(2 pi e) is attained by a map of determinant 1",
      "(x1, x2 - x1^2)", "Monte Carlo; the exact standard error", JF_STATISTIC,
      "m* of X for X*"},
     "banana",
     JF_EQUAL,
     0,
     on_banana},
    {{"C3.9",
      "D = 1, Exp(1): constant slope is affine, so that the optimum is EIG",
      "x - 1", "Monte Carlo; the exact standard error", JF_STATISTIC,
      "D = 1 by the formula"},
     "line",
     JF_EQUAL,
     0,
     on_line},
    {{"C3.9", "the three maps have constant |det J|", "away from their seams",
      "central differences, h = 1e-5: h^2/6 times relative third derivatives "
      "below 150 + u / h",
      JF_IDENTITY, "|det|^(1/2) for |det|"},
     "determinants",
     JF_EQUAL,
     1e-8,
     determinants},
    {{"C3.8", "EIG <= constant-determinant optimum <= -h",
      "uniform square, Exp(1)^2, banana",
      "least difference; 16 roundings of numbers below 4", JF_IDENTITY,
      "D^2 for D in m*/D"},
     "chain",
     JF_AT_LEAST,
     1e-14,
     chain},
    {{"C3.8",
      "unit square: Phi^-1 by column exceeds EIG by log(2 pi e / 12), the "
      "negentropy",
      "D = 2",
      "central differences, h = 1e-5: h^2/6 times relative third derivatives "
      "below 150 + u / h",
      JF_IDENTITY, "EIG as upper bound"},
     "beyond affine",
     JF_EQUAL,
     1e-8,
     beyond_affine},
};
const check_list list_classes = {checks_classes, sizeof checks_classes /
                                                     sizeof *checks_classes};
