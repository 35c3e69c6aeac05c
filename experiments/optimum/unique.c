/* unique.c -- in which sense the optimum of the likelihood is unique.
 *
 * Question  Value, density, map, parameters: which of them does maximum
 *           likelihood determine?
 * Method    Closed forms, an ODE solver and a short training; Monte Carlo with
 *           n fixed in advance by profile and standard errors from the exact
 *           law.
 * Writes    rows of optimum-points.csv. */
#include "optimum.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_math.h>
#include <gsl/gsl_odeiv2.h>

/* C2.1: X = A g + mu in R^10 and its exact flow: log q + h(X) = (D - |z|^2)/2,
 * |z|^2 of Gamma(D/2, 2), whatever the Gaussian. */
enum { GD = 10 };

/* Sum of log q + h(X) where the base spends constant on each dimension. */
static double value_at(double square_z, double log_det, double constant)
{
    double entropy = 0.5 * GD * (JF_LOG_2PI + 1) + log_det;
    return -GD * constant - 0.5 * square_z - log_det + entropy;
}

static jf_sample_moments exact_values(const experiment *e, finding *f)
{
    size_t n = by_profile(e, 50000, 1000000, 4000000);
    double scale[GD], log_det = 0, *values = jf_alloc(n, sizeof *values);
    gsl_rng *rng = stream(e, 21);
    for (size_t j = 0; j < GD; j++) {
        scale[j] = exp(jf_stream_normal(rng, 1.0));
        log_det += log(scale[j]);
    }
    /* A = diag(scale) (I + strictly lower ones): z by substitution. */
    for (size_t i = 0; i < n; i++) {
        double x[GD], sum = 0, square_z = 0;
        for (size_t j = 0; j < GD; j++) {
            double g = jf_stream_normal(rng, 1.0);
            x[j] = scale[j] * (g + sum);
            sum += g;
        }
        sum = 0;
        for (size_t j = 0; j < GD; j++) {
            double z = x[j] / scale[j] - sum;
            sum += z;
            square_z += z * z;
        }
        values[i] = value_at(square_z, log_det, 0.5 * JF_LOG_2PI);
    }
    gsl_rng_free(rng);
    jf_sample_moments s = jf_sample_of(n, values);
    free(values);
    f->d = GD;
    f->n = n;
    return s;
}

static void exact_value(const experiment *e, finding *f)
{
    f->measured = exact_values(e, f).mean;
    f->se = sqrt(GD / (2.0 * (double)f->n));
    f->broken = value_at(0, 0, JF_LOG_2PI) - value_at(0, 0, 0.5 * JF_LOG_2PI);
}

/* The fourth central moment of |z|^2 is 12 D (D + 4). */
static void exact_variance(const experiment *e, finding *f)
{
    f->measured = exact_values(e, f).variance;
    f->expected = GD / 2.0;
    f->se = sqrt((GD * (GD + 4) * 12 / 16.0 - square(GD / 2.0)) / (double)f->n);
    f->broken = GD / 2.0 - GD;
}

/* C2.2: the twist of the disc (c, rho) in the unit square of Phi(z). */
static const jf_disc disc = {.3, .5, .28, M_PI};

/* tz (n, 2) := T(z), and log |det| of T by five-point differences, h = 1e-4. */
static int twist(jf_matrix z, jf_matrix tz, double *log_abs_det, jf_team *team)
{
    static const double step[4] = {-2, -1, 1, 2}, weight[4] = {1, -8, 8, -1};
    jf_layer *t = jf_twist(2, 0, 1, disc);
    jf_matrix y = jf_matrix_new(z.rows, 2), jac = jf_matrix_new(z.rows, 4);
    double *unused = jf_alloc(z.rows, sizeof *unused), h = 1e-4;
    int status = GSL_SUCCESS;
    for (size_t k = 0; k < 8 && status == GSL_SUCCESS; k++) {
        size_t j = k / 4, s = k % 4;
        jf_matrix_copy(y, jf_const(z));
        for (size_t i = 0; i < z.rows; i++)
            jf_row(y, i)[j] += (real)(step[s] * h);
        status = jf_forward(t, NULL, y, unused, team);
        for (size_t i = 0; i < 2 * z.rows; i++)
            jac.data[2 * i + j] += (real)(weight[s] / (12 * h)) * y.data[i];
    }
    for (size_t i = 0; i < z.rows; i++) {
        const real *a = jf_row(jac, i);
        log_abs_det[i] = log(fabs((double)(a[0] * a[3] - a[1] * a[2])));
    }
    jf_matrix_copy(tz, jf_const(z));
    if (status == GSL_SUCCESS)
        status = jf_forward(t, NULL, tz, unused, team);
    free(unused);
    jf_matrix_free(&jac);
    jf_matrix_free(&y);
    jf_layer_free(t);
    return status;
}

/* x (n, 2): a banana. */
static void fill_banana(jf_matrix x, unsigned long seed)
{
    jf_fill_normal(x, seed, JF_PURPOSE_USER + 302, 0);
    for (size_t i = 0; i < x.rows; i++)
        jf_row(x, i)[1] += jf_row(x, i)[0] * jf_row(x, i)[0];
}

/* The largest |log q_{T f}(x) - log q_f(x)| of a trained f, and what it is
 * without log |det| of T. */
static void compare_gauges(jf_matrix z, finding *f, jf_team *team)
{
    jf_matrix tz = jf_matrix_new(z.rows, 2);
    double *of_t = jf_alloc(z.rows, sizeof *of_t), without = 0;
    if (twist(z, tz, of_t, team) != GSL_SUCCESS)
        f->measured = (double)NAN;
    for (size_t i = 0; i < z.rows; i++) {
        double base = 0;
        for (size_t j = 0; j < 2; j++)
            base += 0.5 * (square((double)jf_row(z, i)[j]) -
                           square((double)jf_row(tz, i)[j]));
        f->measured = jf_worse(f->measured, fabs(base + of_t[i]));
        without = jf_worse(without, fabs(base));
    }
    f->broken = without - f->measured;
    free(of_t);
    jf_matrix_free(&tz);
}

static void gauge(const experiment *e, finding *f)
{
    jf_layer *flow = small_flow();
    jf_team *team = jf_team_new(1);
    jf_latent q = jf_normal();
    jf_matrix x = jf_matrix_new(1000, 2);
    double *ld = jf_alloc(x.rows, sizeof *ld);
    real *theta = jf_theta_new(flow);
    jf_fit_result fit;

    fill_banana(x, e->args.seed);
    jf_init(flow, theta, jf_const(x), e->args.seed, team);
    jf_fit(flow, &q, theta, jf_const(x),
           &(jf_fit_options){.steps = 300, .rate = 1e-2, .batch = 250}, &fit,
           team);
    f->d = 2;
    f->n = x.rows;
    if (fit.status == JF_DIVERGED ||
        jf_forward(flow, theta, x, ld, team) != GSL_SUCCESS)
        snprintf(f->open, sizeof f->open, "the training diverged");
    else
        compare_gauges(x, f, team);
    free(theta);
    free(ld);
    jf_matrix_free(&x);
    jf_team_free(team);
    jf_layer_free(flow);
}

/* C2.3: E log q for f(x) = x - theta and data +-2: log density of the base at u
 * with two derivatives. */
typedef void (*log_density)(double u, double l[3]);

static void cauchy(double u, double l[3])
{
    double p = 1 + u * u;
    l[0] = -log(M_PI) - log(p);
    l[1] = -2 * u / p;
    l[2] = -2 * (1 - u * u) / (p * p);
}

static void normal(double u, double l[3])
{
    l[0] = -0.5 * (JF_LOG_2PI + u * u);
    l[1] = -u;
    l[2] = -1;
}

/* The mean over the two points, with derivatives by theta. */
static void mean_log_q(log_density base, double theta, double m[3])
{
    double a[3], b[3];
    base(2 - theta, a);
    base(-2 - theta, b);
    for (int k = 0; k < 3; k++)
        m[k] = 0.5 * (k == 1 ? -1 : 1) * (a[k] + b[k]);
}

/* The best of 1001 points from 0 to 10 on either side, then Newton: the largest
 * error of place and value. */
static double maxima_error(log_density base)
{
    double worst = 0, m[3], best[3];
    for (int side = -1; side <= 1; side += 2) {
        double at = 0;
        mean_log_q(base, at, best);
        for (int i = 1; i <= 1000; i++) {
            mean_log_q(base, side * 0.01 * i, m);
            if (m[0] > best[0]) {
                at = side * 0.01 * i;
                best[0] = m[0];
            }
        }
        for (int i = 0; i < 50; i++) {
            mean_log_q(base, at, m);
            at -= m[1] / m[2];
        }
        worst = jf_worse(worst, fabs(at - side * sqrt(3)));
        worst = jf_worse(worst, fabs(m[0] + log(4 * M_PI)));
    }
    return worst;
}

static void cauchy_maxima(const experiment *e, finding *f)
{
    (void)e;
    f->d = 1;
    f->n = 2;
    f->measured = maxima_error(cauchy);
    f->broken = maxima_error(normal) - f->measured;
}

/* C2.4: maps z_i(x), each by its own column's slope dz_i/dx_i. */
typedef struct {
    double z[2], slope[2];
} image;
typedef image (*map)(double a, double b);

static image from(double a, double b)
{
    return (image){{a, b - a * a}, {1, 1}};
}

static image to(double a, double b)
{
    return (image){{2 * a + .3 * sin(a), .5 * b + tanh(b) + a},
                   {2 + .3 * cos(a), .5 + 1 / square(cosh(b))}};
}

static image against(double a, double b)
{
    image i = from(a, b);
    return (image){{-i.z[0], -i.z[1]}, {-i.slope[0], -i.slope[1]}};
}

/* Log-likelihood along (1 - t) f + t g. */
static double segment(jf_matrix x, map g, double t)
{
    double sum = 0;
    for (size_t i = 0; i < x.rows; i++) {
        double a = (double)jf_row(x, i)[0], b = (double)jf_row(x, i)[1];
        image p = from(a, b), q = g(a, b);
        for (int k = 0; k < 2; k++)
            sum += log(fabs((1 - t) * p.slope[k] + t * q.slope[k])) -
                   0.5 * (JF_LOG_2PI + square((1 - t) * p.z[k] + t * q.z[k]));
    }
    return sum / (double)x.rows;
}

/* The largest second difference at ten points, none of them the middle; size:
 * the largest of the values. */
static double curvature(jf_matrix x, map g, double *size)
{
    enum { POINTS = 10 };
    double value[POINTS], worst = -(double)INFINITY;
    *size = 0;
    for (int k = 0; k < POINTS; k++) {
        value[k] = segment(x, g, k / (POINTS - 1.0));
        *size = fmax(*size, fabs(value[k]));
    }
    for (int k = 1; k < POINTS - 1; k++)
        worst = jf_worse(worst, value[k + 1] - 2 * value[k] + value[k - 1]);
    return worst;
}

static void concavity(const experiment *e, finding *f)
{
    double size, unused;
    jf_matrix x = jf_matrix_new(10000, 2);
    fill_banana(x, e->args.seed + 1);
    f->d = 2;
    f->n = x.rows;
    f->measured = curvature(x, to, &size);
    f->tolerance = 4 * (double)f->n * 0x1p-53 * size;
    f->broken = curvature(x, against, &unused) - f->measured;
    jf_matrix_free(&x);
}

/* C2.5: gradient flow W' = W^-T - W R of -log-likelihood, R fixed. */
enum { LD = 4, LDD = LD * LD, STARTS = 20, LONGEST = 400 };
static const double axis[LD] = {3, 1, .5, .2};
static const double arrived = 1e-9;

static int descent(double t, const double *w, double *dw, void *arg)
{
    double inverse[LDD], log_det;
    (void)t;
    (void)arg;
    memcpy(inverse, w, sizeof inverse);
    JF_TRY(jf_invert(LD, inverse, &log_det));
    for (size_t i = 0; i < LD; i++)
        for (size_t j = 0; j < LD; j++)
            dw[i * LD + j] = inverse[j * LD + i] - w[i * LD + j] * axis[j];
    return GSL_SUCCESS;
}

/* det by expansion, whose sign LU with pivoting would hide. */
static double determinant(size_t n, const double *a)
{
    double sum = 0, minor[LDD];
    if (n == 1)
        return a[0];
    for (size_t k = 0; k < n; k++) {
        for (size_t i = 1; i < n; i++)
            for (size_t j = 0, c = 0; j < n; j++)
                if (j != k)
                    minor[(i - 1) * (n - 1) + c++] = a[i * n + j];
        sum += (k % 2 ? -1 : 1) * a[k] * determinant(n - 1, minor);
    }
    return sum;
}

/* The largest entry of |W R W' - I|, w being W or, transposed, W'. */
static double off_orbit(const double *w, int transposed)
{
    double worst = 0;
    for (size_t i = 0; i < LD; i++)
        for (size_t j = 0; j < LD; j++) {
            double sum = i == j ? -1 : 0;
            for (size_t k = 0; k < LD; k++)
                sum += axis[k] * (transposed ? w[k * LD + i] * w[k * LD + j]
                                             : w[i * LD + k] * w[j * LD + k]);
            worst = jf_worse(worst, fabs(sum));
        }
    return worst;
}

static double gradient_norm(const double *w)
{
    double dw[LDD], sum = 0;
    if (descent(0, w, dw, NULL) != GSL_SUCCESS)
        return (double)NAN;
    for (size_t i = 0; i < LDD; i++)
        sum += square(dw[i]);
    return sqrt(sum);
}

/* Follow the flow from w until its gradient is below 1e-9, a unit of time at a
 * time; flips counts units that change the sign of det.  0: it never was, or
 * the solver found no step. */
static int follow(double *w, size_t *flips)
{
    gsl_odeiv2_system system = {descent, NULL, LDD, NULL};
    gsl_odeiv2_driver *driver = gsl_odeiv2_driver_alloc_y_new(
        &system, gsl_odeiv2_step_rk8pd, 1e-6, 1e-12, 1e-12);
    double t = 0, before = determinant(LD, w);
    int status = GSL_SUCCESS, there = 0;
    gsl_odeiv2_driver_set_nmax(driver, 100000);
    for (int k = 1; k <= LONGEST && status == GSL_SUCCESS && !there; k++) {
        status = gsl_odeiv2_driver_apply(driver, &t, k, w);
        double after = determinant(LD, w);
        *flips += after * before <= 0;
        before = after;
        there = gradient_norm(w) < arrived;
    }
    gsl_odeiv2_driver_free(driver);
    return there;
}

/* The same by steps of length 1 along the gradient. */
static size_t flips_in_steps(double *w)
{
    enum { STEPS = 20 };
    size_t flips = 0;
    for (int k = 0; k < STEPS; k++) {
        double dw[LDD], before = determinant(LD, w);
        if (descent(0, w, dw, NULL) != GSL_SUCCESS)
            break;
        for (size_t i = 0; i < LDD; i++)
            w[i] += dw[i];
        flips += determinant(LD, w) * before <= 0;
    }
    return flips;
}

static void draw_start(gsl_rng *rng, double *w)
{
    for (size_t i = 0; i < LDD; i++)
        w[i] = jf_stream_normal(rng, 1.0);
}

static void gradient_flow(const experiment *e, finding *f)
{
    gsl_rng *rng = stream(e, 25);
    size_t unused = 0, short_of = 0;
    double wrong = 0;
    f->d = LD;
    f->n = STARTS;
    for (size_t s = 0; s < STARTS; s++) {
        double w[LDD];
        draw_start(rng, w);
        short_of += !follow(w, &unused);
        f->measured = jf_worse(f->measured, off_orbit(w, 0));
        wrong = jf_worse(wrong, off_orbit(w, 1));
    }
    f->broken = wrong - f->measured;
    if (short_of)
        snprintf(f->open, sizeof f->open,
                 "%zu of %d starts end with a gradient above %g", short_of,
                 STARTS, arrived);
    gsl_rng_free(rng);
}

static void gradient_signs(const experiment *e, finding *f)
{
    gsl_rng *rng = stream(e, 25);
    size_t flips = 0, in_steps = 0;
    f->d = LD;
    f->n = STARTS;
    for (size_t s = 0; s < STARTS; s++) {
        double w[LDD], v[LDD];
        draw_start(rng, w);
        memcpy(v, w, sizeof v);
        follow(w, &flips);
        in_steps += flips_in_steps(v);
    }
    f->measured = (double)flips;
    f->broken = (double)in_steps - f->measured;
    gsl_rng_free(rng);
}

static const check checks_unique[] = {
    {{"C2.1", "an exact flow attains -h(X): E log q + h(X) = 0",
      "X Gaussian in R^10",
      "Monte Carlo; the exact standard error (D / 2n)^(1/2)", JF_STATISTIC,
      "log 2 pi for half of it in the base"},
     "exact value",
     JF_EQUAL,
     0,
     exact_value},
    {{"C2.1", "Var log q at the optimum is D/2 for every Gaussian",
      "X Gaussian in R^10",
      "Monte Carlo; the exact standard error, by the fourth moment of the "
      "chi-square law",
      JF_STATISTIC, "V_Z = D"},
     "varentropy",
     JF_EQUAL,
     0,
     exact_variance},
    {{"C2.2",
      "log q of T o f and of f agree per sample, T a twist that keeps "
      "the normal law",
      "f trained on a banana, D = 2",
      "largest difference over 1000 points, log |det| of T by five-point "
      "differences, h = 1e-4: truncation h^4 |T^(5)|/30 + rounding 2 u/h",
      JF_IDENTITY, "T without its determinant"},
     "gauge",
     JF_EQUAL,
     1e-7,
     gauge},
    {{"C2.3", "two global maxima theta = +-sqrt 3 of value -log(4 pi)",
      "Cauchy base, f(x) = x - theta, data +-2",
      "grid, then Newton: largest error of place and value; 32 roundings of "
      "numbers below 4 over the curvature .75",
      JF_IDENTITY, "a normal base"},
     "misspecified",
     JF_EQUAL,
     2e-14,
     cauchy_maxima},
    {{"C2.4", "the likelihood is concave along segments of triangular maps",
      "normal base, increasing triangular f and g",
      "largest second difference at 10 points; rounding of four sums of n "
      "terms",
      JF_IDENTITY, "a segment of general flows: from f to -f"},
     "concave",
     JF_AT_MOST,
     0,
     concavity},
    {{"C2.5", "gradient flow from any W ends at W R W' = I",
      "linear flow, D = 4, 20 random starts",
      "Runge-Kutta 8(7) until |G| < 1e-9: largest entry of W R W' - I = G W', "
      "|W|^2 <= 1/.2 + 1e-8",
      JF_OPTIMISATION, "W' R W = I"},
     "linear descent",
     JF_EQUAL,
     3e-9,
     gradient_flow},
    {{"C2.5", "gradient flow never changes the sign of det W",
      "linear flow, D = 4, 20 random starts",
      "Runge-Kutta 8(7): changes counted between units of time", JF_IDENTITY,
      "steps of length 1 along the gradient"},
     "sign of det",
     JF_EQUAL,
     0.5,
     gradient_signs},
};
const check_list list_unique = {checks_unique,
                                sizeof checks_unique / sizeof *checks_unique};
