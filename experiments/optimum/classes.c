/* classes.c -- optima of classes of maps, attained by explicit maps.
 *
 * Question  Are the bias, probabilistic PCA and flows of constant determinant
 *           worth exactly what the theory says?
 * Method    Closed forms against each other, against a numerical optimiser
 *           (C3.10) and against explicit maps by Monte Carlo (C3.9), n fixed
 *           in advance by profile and a tolerance of 5 standard errors.
 * Writes    rows of optimum-points.csv. */
#include "optimum.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_math.h>

/* C3.2: random tables, D = 1 .. 16; both sides by different routes. */
static void bias_cost(const experiment *e, finding *f)
{
    jf_team *team = jf_team_new(1);
    f->d = 16;
    f->n = 50;
    for (size_t d = 1; d <= f->d; d++) {
        jf_matrix x = jf_matrix_new(f->n, d);
        jf_moments m;
        jf_fill_normal(x, e->args.seed, JF_PURPOSE_USER + 301, d);
        for (size_t i = 0; i < x.rows; i++)
            for (size_t j = 0; j < d; j++)
                jf_row(x, i)[j] += (real)(0.2 * (double)(j + 1));
        double difference = (double)NAN;
        if (jf_moments_of(jf_const(x), &m, team) == GSL_SUCCESS)
            difference = jf_eig(d, m.lambda_sigma) - jf_eig(d, m.lambda_r) -
                         jf_bias_cost(&m);
        f->measured = jf_worse(f->measured, fabs(difference));
        jf_moments_free(&m);
        jf_matrix_free(&x);
    }
    jf_team_free(team);
}

/* C3.10: lambda of the theory; the listed gaps have six digits. */
enum { PD = 6 };
static const double ppca_lambda[PD] = {5, 3, 1.2, .7, .3, .1};

static void ppca_listed(const experiment *e, finding *f)
{
    static const double gap[PD] = {2.107584, 1.436822, .733685,
                                   .426663,  .143841,  0};
    (void)e;
    f->d = PD;
    for (size_t q = 0; q < PD; q++)
        f->measured = jf_worse(f->measured,
                               fabs(jf_ppca_gap(PD, ppca_lambda, q) - gap[q]));
}

static void ppca_identity(const experiment *e, finding *f)
{
    (void)e;
    f->d = PD;
    for (size_t q = 0; q < PD; q++)
        f->measured =
            jf_worse(f->measured, fabs(jf_eig(PD, ppca_lambda) -
                                       jf_ppca(PD, ppca_lambda, q) -
                                       jf_ppca_gap(PD, ppca_lambda, q)));
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

/* The largest deviation of a numerical optimum from LL_q, q = 0 .. d - 1. */
static void ppca_numerical(const experiment *e, finding *f)
{
    f->d = PD;
    for (size_t q = 0; q < PD; q++) {
        real theta[PD * PD] = {0};
        jf_lbfgs_result result = {.value = (double)NAN};
        gsl_rng *rng = stream(e, 1000 + q);
        for (size_t i = 0; i < PD * q; i++)
            theta[i] = (real)jf_stream_normal(rng, 1.0);
        gsl_rng_free(rng);
        if (jf_lbfgs(ppca_loss, &q, PD * q + 1, theta, NULL, &result) !=
            GSL_SUCCESS)
            result.value = (double)NAN;
        f->measured = jf_worse(
            f->measured, fabs(-result.value - jf_ppca(PD, ppca_lambda, q)));
    }
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

static void explicit_map(const experiment *e, finding *f, unsigned long name,
                         void (*draw)(gsl_rng *, double *),
                         image (*map)(double, double))
{
    size_t n = by_profile(e, 50000, 2000000, 10000000);
    double x[2], *values = jf_alloc(n, sizeof *values);
    gsl_rng *rng = stream(e, name);
    for (size_t i = 0; i < n; i++) {
        draw(rng, x);
        image y = map(x[0], x[1]);
        values[i] = y.log_abs_det - JF_LOG_2PI -
                    0.5 * (square(y.z[0]) + square(y.z[1]));
    }
    gsl_rng_free(rng);
    f->d = 2;
    find_mean(f, n, values);
}

static void on_square(const experiment *e, finding *f)
{
    f->expected = -jf_uniform_gap(2); /* E |X*|^2 = 1 / 2 pi */
    explicit_map(e, f, 91, draw_square, concentric);
}

static void on_exponential(const experiment *e, finding *f)
{
    f->expected = jf_constant_det(2, 3 / M_PI);
    explicit_map(e, f, 92, draw_exponential, fan);
}

static void on_banana(const experiment *e, finding *f)
{
    f->expected = jf_constant_det(2, 2);
    explicit_map(e, f, 93, draw_banana, unbend);
}

/* The largest difference between the maps' log |det| and that of central
 * differences, away from the seams of the two polar maps. */
static void determinants(const experiment *e, finding *f)
{
    image (*const maps[])(double, double) = {concentric, fan, unbend};
    double h = 1e-5;
    gsl_rng *rng = stream(e, 94);
    f->d = 2;
    f->n = 100;
    for (size_t i = 0; i < f->n; i++) {
        double x = 0.05 + 0.3 * gsl_rng_uniform(rng);
        double y = 0.75 + 0.2 * gsl_rng_uniform(rng);
        for (size_t k = 0; k < 3; k++) {
            image east = maps[k](x + h, y), west = maps[k](x - h, y);
            image north = maps[k](x, y + h), south = maps[k](x, y - h);
            double det = (east.z[0] - west.z[0]) * (north.z[1] - south.z[1]) -
                         (east.z[1] - west.z[1]) * (north.z[0] - south.z[0]);
            f->measured =
                jf_worse(f->measured,
                         fabs(log(fabs(det) / (4 * h * h)) - east.log_abs_det));
        }
    }
    gsl_rng_free(rng);
}

/* EIG <= constant-determinant optimum <= -h on the three densities: the least
 * of the six differences. */
static void chain(const experiment *e, finding *f)
{
    double gaussian = -(JF_LOG_2PI + 1);
    double eig[] = {gaussian + log(12), gaussian, gaussian - 0.5 * log(3)};
    double constant[] = {-jf_uniform_gap(2), jf_constant_det(2, 3 / M_PI),
                         jf_constant_det(2, 2)};
    double entropy[] = {0, -2, gaussian};
    (void)e;
    f->d = 2;
    f->measured = (double)INFINITY;
    for (size_t i = 0; i < 3; i++)
        f->measured = fmin(
            f->measured, fmin(constant[i] - eig[i], entropy[i] - constant[i]));
}

static const check checks_classes[] = {
    {{"C3.2", "EIG(Sigma) - EIG(R) = log(1 + mu' Sigma^-1 mu)/2",
      "Sigma of full rank",
      "random tables, D = 1 .. 16: largest difference; rounding"},
     "bias",
     JF_EQUAL,
     1e-12,
     bias_cost},
    {{"C3.10", "gaps for lambda = (5, 3, 1.2, .7, .3, .1), q = 0 .. 5",
      "covariance diag(lambda)", "largest difference; digits of the theory"},
     "listed gaps",
     JF_EQUAL,
     5e-7,
     ppca_listed},
    {{"C3.10", "EIG - LL_q = (D-q)/2 log(AM/GM of the discarded eigenvalues)",
      "covariance diag(lambda)", "largest difference over q; rounding"},
     "two formulas",
     JF_EQUAL,
     1e-12,
     ppca_identity},
    {{"C3.10", "LL_q is the maximum over V and s^2 of N(0, V V' + s^2 I)",
      "covariance diag(lambda), rank V = q",
      "L-BFGS from a random V, q = 0 .. 5: largest difference; an optimiser's "
      "result"},
     "numerical optimum",
     JF_EQUAL,
     1e-9,
     ppca_numerical},
    {{"C3.9",
      "uniform square: log 2 - 1 is attained by a map of constant "
      "determinant",
      "concentric map, scaled", "Monte Carlo; 5 standard errors"},
     "square",
     JF_EQUAL,
     0,
     on_square},
    {{"C3.9",
      "Exp(1)^2: -(1 + log 3) is attained by a map of constant "
      "determinant",
      "f0 of the theory, scaled", "Monte Carlo; 5 standard errors"},
     "exponential",
     JF_EQUAL,
     0,
     on_exponential},
    {{"C3.9", "banana: -log(2 pi e) is attained by a map of determinant 1",
      "(x1, x2 - x1^2)", "Monte Carlo; 5 standard errors"},
     "banana",
     JF_EQUAL,
     0,
     on_banana},
    {{"C3.9", "the three maps have constant |det J|", "away from their seams",
      "central differences, h = 1e-5; truncation h^2 + u/h"},
     "determinants",
     JF_EQUAL,
     1e-7,
     determinants},
    {{"C3.8", "EIG <= constant-determinant optimum <= -h",
      "uniform square, Exp(1)^2, banana", "least difference; rounding"},
     "chain",
     JF_AT_LEAST,
     1e-14,
     chain},
};
const check_list list_classes = {checks_classes, sizeof checks_classes /
                                                     sizeof *checks_classes};
