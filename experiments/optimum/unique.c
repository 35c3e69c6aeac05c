/* unique.c -- in which sense the optimum of the likelihood is unique.
 *
 * Question  Value, density, map, parameters: which of them does maximum
 *           likelihood determine, and what happens on finitely many points?
 * Method    Closed forms, an ODE solver and short trainings; Monte Carlo with
 *           n fixed in advance by profile and a tolerance of 5 standard
 *           errors.
 * Writes    rows of optimum-points.csv. */
#include "optimum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_odeiv2.h>

/* C2.1: X = A g + mu in R^10 and its exact flow; the mean of log q is -h(X)
 * and its standard deviation sqrt(D / 2), for every Gaussian. */
enum { GD = 10 };

static void exact_values(const experiment *e, size_t n, double *values)
{
    double scale[GD], log_det = 0;
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
        values[i] = -0.5 * (GD * JF_LOG_2PI + square_z) - log_det;
        values[i] += 0.5 * GD * (JF_LOG_2PI + 1) + log_det; /* + h(X) */
    }
    gsl_rng_free(rng);
}

static void exact_value(const experiment *e, finding *f)
{
    size_t n = by_profile(e, 50000, 1000000, 4000000);
    double *values = jf_alloc(n, sizeof *values);
    exact_values(e, n, values);
    f->d = GD;
    find_mean(f, n, values);
}

static void exact_variance(const experiment *e, finding *f)
{
    size_t n = by_profile(e, 50000, 1000000, 4000000);
    double *values = jf_alloc(n, sizeof *values);
    exact_values(e, n, values);
    jf_sample_moments s = jf_sample_of(n, values);
    *f = (finding){GD, n, s.variance, GD / 2.0, s.se_variance};
    free(values);
}

/* C2.2: T = Phi^-1 o S o Phi with the twist S of the disc (c, rho): u -> c +
 * Rot(theta(s)) (u - c), s = |u - c|^2 / rho^2.  log |det| from the analytic
 * Jacobian of S, which is 1 only if S is what it should be. */
static void twist(const double *z, double *tz, double *log_abs_det)
{
    const double c[2] = {.3, .5}, rho = .28, alpha = M_PI;
    double v[2], w[2], jac[2][2], s = 0;
    for (int i = 0; i < 2; i++) {
        v[i] = gsl_cdf_ugaussian_P(z[i]) - c[i];
        s += square(v[i] / rho);
        tz[i] = z[i];
    }
    *log_abs_det = 0;
    if (s >= 1)
        return;
    double theta = alpha * exp(1 - 1 / (1 - s)), slope = -theta / square(1 - s);
    double cs = cos(theta), sn = sin(theta);
    w[0] = cs * v[0] - sn * v[1];
    w[1] = sn * v[0] + cs * v[1];
    for (int j = 0; j < 2; j++) { /* Rot + (d Rot / d theta) v grad theta */
        double dtheta = slope * 2 * v[j] / square(rho);
        jac[0][j] = (j ? -sn : cs) - w[1] * dtheta;
        jac[1][j] = (j ? cs : sn) + w[0] * dtheta;
    }
    *log_abs_det = log(jac[0][0] * jac[1][1] - jac[0][1] * jac[1][0]);
    for (int i = 0; i < 2; i++) {
        tz[i] = gsl_cdf_ugaussian_Pinv(c[i] + w[i]);
        *log_abs_det += 0.5 * (square(tz[i]) - square(z[i]));
    }
}

/* The largest difference between log |det| as above and that of five-point
 * differences, h = 1e-4: truncation h^4 T^(5) / 30, rounding u / h. */
static void twist_determinant(const experiment *e, finding *f)
{
    static const double step[4] = {-2, -1, 1, 2}, weight[4] = {1, -8, 8, -1};
    gsl_rng *rng = stream(e, 22);
    f->d = 2;
    f->n = 1000;
    for (size_t k = 0; k < f->n; k++) {
        double z[2], y[2], tz[2], jac[2][2] = {{0}}, exact, unused, h = 1e-4;
        for (int i = 0; i < 2; i++)
            z[i] = jf_stream_normal(rng, 1.0);
        for (int j = 0; j < 2; j++)
            for (int s = 0; s < 4; s++) {
                memcpy(y, z, sizeof y);
                y[j] += step[s] * h;
                twist(y, tz, &unused);
                for (int i = 0; i < 2; i++)
                    jac[i][j] += weight[s] * tz[i] / (12 * h);
            }
        twist(z, tz, &exact);
        double det = jac[0][0] * jac[1][1] - jac[0][1] * jac[1][0];
        f->measured = jf_worse(f->measured, fabs(log(fabs(det)) - exact));
    }
    gsl_rng_free(rng);
}

/* x (n, 2): a banana. */
static void fill_banana(jf_matrix x, unsigned long seed)
{
    jf_fill_normal(x, seed, JF_PURPOSE_USER + 302, 0);
    for (size_t i = 0; i < x.rows; i++)
        jf_row(x, i)[1] += jf_row(x, i)[0] * jf_row(x, i)[0];
}

/* The largest |log q_{T f}(x) - log q_f(x)| of a trained f. */
static void gauge(const experiment *e, finding *f)
{
    jf_layer *flow = small_flow();
    jf_team *team = jf_team_new(1);
    jf_latent q = jf_normal();
    jf_matrix x = jf_matrix_new(1000, 2);
    double *ld = jf_alloc(x.rows, sizeof *ld), tz[2], of_t;
    real *theta = jf_theta_new(flow);
    jf_fit_result fit;

    fill_banana(x, e->args.seed);
    jf_init(flow, theta, jf_const(x), e->args.seed, team);
    jf_fit(flow, &q, theta, jf_const(x),
           &(jf_fit_options){.steps = 300, .rate = 1e-2, .batch = 250}, &fit,
           team);
    if (fit.status == JF_DIVERGED ||
        jf_forward(flow, theta, x, ld, team) != GSL_SUCCESS)
        f->measured = (double)NAN;
    f->d = 2;
    f->n = x.rows;
    for (size_t i = 0; i < x.rows; i++) {
        double z[2] = {(double)jf_row(x, i)[0], (double)jf_row(x, i)[1]};
        twist(z, tz, &of_t);
        double log_q = ld[i] - 0.5 * (square(z[0]) + square(z[1]));
        double log_q_t = ld[i] + of_t - 0.5 * (square(tz[0]) + square(tz[1]));
        f->measured = jf_worse(f->measured, fabs(log_q_t - log_q));
    }
    free(theta);
    free(ld);
    jf_matrix_free(&x);
    jf_team_free(team);
    jf_layer_free(flow);
}

/* C2.3: E log q for a Cauchy base, f(x) = x - theta, data +-2. */
static double cauchy(double theta)
{
    return -log(M_PI) -
           0.5 * (log1p(square(2 - theta)) + log1p(square(2 + theta)));
}

/* The stationary point by Newton from start; dl/dtheta = sum (2 -+ theta). */
static double cauchy_newton(double start)
{
    double t = start;
    for (int i = 0; i < 50; i++) {
        double a = t - 2, b = t + 2, pa = 1 + a * a, pb = 1 + b * b;
        double slope = -a / pa - b / pb;
        double curvature = -(1 - a * a) / (pa * pa) - (1 - b * b) / (pb * pb);
        t -= slope / curvature;
    }
    return t;
}

/* Grid of 2001 points on [-10, 10]: the best of each half, by Newton. */
static void cauchy_maxima(const experiment *e, finding *f)
{
    (void)e;
    f->d = 1;
    f->n = 2001;
    for (int side = -1; side <= 1; side += 2) {
        double best = 0;
        for (int i = 1; i <= 1000; i++)
            if (cauchy(side * 0.01 * i) > cauchy(best))
                best = side * 0.01 * i;
        best = cauchy_newton(best);
        f->measured = jf_worse(f->measured, fabs(best - side * sqrt(3)));
        f->measured = jf_worse(f->measured, fabs(cauchy(best) + log(4 * M_PI)));
    }
}

/* C2.4: log-likelihood along (1 - t) f + t g, f = (x1, x2 - x1^2), g = (2 x1 +
 * .3 sin x1, .5 x2 + tanh x2 + x1). */
static double segment(jf_matrix x, double t)
{
    double sum = 0;
    for (size_t i = 0; i < x.rows; i++) {
        double a = (double)jf_row(x, i)[0], b = (double)jf_row(x, i)[1];
        double z1 = (1 - t) * a + t * (2 * a + .3 * sin(a));
        double z2 = (1 - t) * (b - a * a) + t * (.5 * b + tanh(b) + a);
        double d1 = 1 - t + t * (2 + .3 * cos(a));
        double d2 = 1 - t + t * (.5 + 1 / square(cosh(b)));
        sum += log(d1) + log(d2) - JF_LOG_2PI - 0.5 * (z1 * z1 + z2 * z2);
    }
    return sum / (double)x.rows;
}

/* The largest of the nine second differences. */
static void concavity(const experiment *e, finding *f)
{
    double value[11];
    jf_matrix x = jf_matrix_new(10000, 2);
    fill_banana(x, e->args.seed + 1);
    for (int k = 0; k <= 10; k++)
        value[k] = segment(x, 0.1 * k);
    f->d = 2;
    f->n = x.rows;
    f->measured = -(double)INFINITY;
    for (int k = 1; k < 10; k++)
        f->measured =
            fmax(f->measured, value[k + 1] - 2 * value[k] + value[k - 1]);
    jf_matrix_free(&x);
}

/* C2.5: gradient flow W' = W^-T - W R of -log-likelihood, R fixed. */
enum { LD = 4, LDD = LD * LD };
static const double axis[LD] = {3, 1, .5, .2};

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

/* Follow the flow from w to its end; NaN when the sign of det changes. */
static double follow(double *w)
{
    gsl_odeiv2_system system = {descent, NULL, LDD, NULL};
    gsl_odeiv2_driver *driver = gsl_odeiv2_driver_alloc_y_new(
        &system, gsl_odeiv2_step_rk8pd, 1e-6, 1e-12, 1e-12);
    double t = 0, start = determinant(LD, w), worst = 0, sum;
    for (int k = 1; k <= 100 && !isnan(worst); k++) /* rate 2 x .2 */
        if (gsl_odeiv2_driver_apply(driver, &t, k, w) != GSL_SUCCESS ||
            determinant(LD, w) * start <= 0)
            worst = (double)NAN;
    for (size_t i = 0; i < LD; i++)
        for (size_t j = 0; j < LD; j++) {
            sum = i == j ? -1 : 0;
            for (size_t k = 0; k < LD; k++)
                sum += w[i * LD + k] * axis[k] * w[j * LD + k];
            worst = jf_worse(worst, fabs(sum));
        }
    gsl_odeiv2_driver_free(driver);
    return worst;
}

static void gradient_flow(const experiment *e, finding *f)
{
    gsl_rng *rng = stream(e, 25);
    f->d = LD;
    f->n = 20;
    for (size_t s = 0; s < f->n; s++) {
        double w[LDD];
        for (size_t i = 0; i < LDD; i++)
            w[i] = jf_stream_normal(rng, 1.0);
        f->measured = jf_worse(f->measured, follow(w));
    }
    gsl_rng_free(rng);
}

static const check checks_unique[] = {
    {{"C2.1", "an exact flow attains -h(X): E log q + h(X) = 0",
      "X Gaussian in R^10", "Monte Carlo; 5 standard errors"},
     "exact value",
     JF_EQUAL,
     0,
     exact_value},
    {{"C2.1", "Var log q at the optimum is D/2 for every Gaussian",
      "X Gaussian in R^10", "Monte Carlo; 5 standard errors of a variance"},
     "varentropy",
     JF_EQUAL,
     0,
     exact_variance},
    {{"C2.2",
      "log q of T o f and of f agree per sample, T a twist that keeps "
      "the normal law",
      "f trained on a banana, D = 2",
      "largest difference over 1000 points; rounding through Phi^-1"},
     "gauge",
     JF_EQUAL,
     1e-10,
     gauge},
    {{"C2.2", "the twist has the determinant that C2.2 is told",
      "D = 2, 1000 normal points", "five-point differences; truncation h^4"},
     "twist",
     JF_EQUAL,
     1e-7,
     twist_determinant},
    {{"C2.3", "two global maxima theta = +-sqrt 3 of value -log(4 pi)",
      "Cauchy base, f(x) = x - theta, data +-2",
      "grid, then Newton: largest error of place and value"},
     "misspecified",
     JF_EQUAL,
     1e-10,
     cauchy_maxima},
    {{"C2.4", "the likelihood is concave along segments of triangular maps",
      "normal base, increasing triangular f and g",
      "largest second difference at 11 points"},
     "concave",
     JF_AT_MOST,
     1e-12,
     concavity},
    {{"C2.5", "gradient flow from any W ends at W R W' = I and keeps sign det",
      "linear flow, D = 4, 20 random starts",
      "Runge-Kutta 8(7) to t = 100: largest entry of W R W' - I; rate 0.4"},
     "linear descent",
     JF_EQUAL,
     1e-8,
     gradient_flow},
};
const check_list list_unique = {checks_unique,
                                sizeof checks_unique / sizeof *checks_unique};
