/* path.c -- the path of E log|det| under gradient flow.
 *
 * Question  W' = W^-T - W R, the gradient flow of a linear flow's likelihood,
 *           has P = W'W = R^-1 + e^{-Rt} (P_0 - R^-1) e^{-Rt} (C5.5), so that
 *           E log|det| = 1/2 log det P need not rise while the loss falls.  Is
 *           this what an integrator and the library's gradient descent do?
 * Method    R = diag(100, 1), P_0 = diag(1, 1/4): the closed form; GSL's
 *           eighth-order Runge-Kutta with tolerance 1e-13; gradient descent of
 *           jf_dense with rates h and h/2, t = steps x rate, whose distance
 *           from the flow is of order h.  And a random case, d = 4.
 * Writes    volume-path.csv: t; E log|det| of each; nll of the closed form.
 *           Nats. */
#include "volume.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include <gsl/gsl_odeiv2.h>
#include <gsl/gsl_roots.h>

enum { D = 2, TIMES = 161, LARGE = 4 };
#define RATE 1e-4
#define LAST 4.0

static const double r_example[D] = {100, 1}, p_start[D] = {1, 0.25};

/* The example in closed form. */

/* sides: of P_0 - R^-1 on which e^{-Rt} stands; 2, or 1 where the formula is
 * broken. */
static double p_by(int sides, size_t i, double t)
{
    double end = 1 / r_example[i];
    return end + (p_start[i] - end) * exp(-sides * r_example[i] * t);
}

static double log_det_by(int sides, double t)
{
    return 0.5 * (log(p_by(sides, 0, t)) + log(p_by(sides, 1, t)));
}

static double p_at(size_t i, double t)
{
    return p_by(2, i, t);
}

static double log_det_at(double t)
{
    return log_det_by(2, t);
}

static double nll_at(double t)
{
    double sum = JF_LOG_2PI - log_det_at(t);
    for (size_t i = 0; i < D; i++)
        sum += 0.5 * r_example[i] * p_at(i, t);
    return sum;
}

static double slope_at(double t, void *sides)
{
    double sum = 0;
    for (size_t i = 0; i < D; i++) {
        double p = p_by(*(const int *)sides, i, t);
        sum += (1 - r_example[i] * p) / p;
    }
    return sum;
}

static double turning_point(int sides)
{
    gsl_root_fsolver *s = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    gsl_function f = {slope_at, &sides};
    double t = 0.5;
    gsl_root_fsolver_set(s, &f, 0, 0.5);
    for (int i = 0; i < 100; i++) {
        gsl_root_fsolver_iterate(s);
        t = gsl_root_fsolver_root(s);
    }
    gsl_root_fsolver_free(s);
    return t;
}

/* W' = W^-T - W R. */

typedef struct {
    size_t d;
    const double *r; /* (d, d) */
} linear_case;

static int derivative(double t, const double *w, double *dw, void *arg)
{
    const linear_case *c = arg;
    size_t d = c->d;
    double inverse[LARGE * LARGE], unused;
    (void)t;
    memcpy(inverse, w, d * d * sizeof *w);
    JF_TRY(jf_invert(d, inverse, &unused));
    jf_dgemm(JF_NN, d, d, d, -1, w, c->r, 0, dw);
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++)
            dw[i * d + j] += inverse[j * d + i];
    return GSL_SUCCESS;
}

/* w from time *t to time to. */
static void integrate(const linear_case *c, double *w, double *t, double to)
{
    gsl_odeiv2_system system = {derivative, NULL, c->d * c->d, (void *)c};
    gsl_odeiv2_driver *driver = gsl_odeiv2_driver_alloc_y_new(
        &system, gsl_odeiv2_step_rk8pd, 1e-4, 1e-13, 1e-13);
    if (gsl_odeiv2_driver_apply(driver, t, to, w) != GSL_SUCCESS)
        w[0] = (double)NAN;
    gsl_odeiv2_driver_free(driver);
}

static double log_det(size_t d, const double *w)
{
    double a[LARGE * LARGE], ld;
    memcpy(a, w, d * d * sizeof *w);
    return jf_log_abs_det(d, a, &ld) == GSL_SUCCESS ? ld : (double)NAN;
}

/* e^{-Rt} from eigenvectors (rows of v) and eigenvalues. */
static void exponential_of(size_t d, const double *v, const double *lambda,
                           double t, double *out)
{
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++) {
            out[i * d + j] = 0;
            for (size_t k = 0; k < d; k++)
                out[i * d + j] +=
                    v[k * d + i] * exp(-lambda[k] * t) * v[k * d + j];
        }
}

/* p := P(t) in closed form for any R and W_0; broken: e^{-2Rt} on the left
 * alone. */
static void closed_form(size_t d, const double *r, const double *w0, double t,
                        int broken, double *p)
{
    double v[LARGE * LARGE], lambda[LARGE], inverse[LARGE * LARGE], unused;
    double e[LARGE * LARGE], a[LARGE * LARGE];
    memcpy(v, r, d * d * sizeof *r);
    memcpy(inverse, r, d * d * sizeof *r);
    if (jf_eigen_symmetric(d, v, lambda, 1) != GSL_SUCCESS ||
        jf_invert(d, inverse, &unused) != GSL_SUCCESS)
        jf_fail(1, "volume: eigenvalues did not converge");
    exponential_of(d, v, lambda, broken ? 2 * t : t, e);
    memcpy(p, inverse, d * d * sizeof *p);
    jf_dgemm(JF_TN, d, d, d, 1, w0, w0, -1, p);
    jf_dgemm(JF_NN, d, d, d, 1, e, p, 0, a);
    exponential_of(d, v, lambda, broken ? 0 : t, e);
    memcpy(p, inverse, d * d * sizeof *p);
    jf_dgemm(JF_NN, d, d, d, 1, a, e, 1, p);
}

/* max |W'W - P(t)| over t for a random R of condition about 100, d = 4. */
static double random_case(const experiment *e, int broken)
{
    double a[LARGE * LARGE], r[LARGE * LARGE] = {0}, w[LARGE * LARGE];
    double w0[LARGE * LARGE], p[LARGE * LARGE], t = 0, worst = 0;
    gsl_rng *rng = stream(e, 550);
    for (size_t i = 0; i < LARGE * LARGE; i++) {
        a[i] = jf_stream_normal(rng, 1);
        w0[i] = 0.3 * jf_stream_normal(rng, 1);
    }
    for (size_t i = 0; i < LARGE; i++) {
        r[i * (LARGE + 1)] = 0.1;
        w0[i * (LARGE + 1)] += 1;
    }
    jf_dgemm(JF_TN, LARGE, LARGE, LARGE, 1, a, a, 1, r);
    memcpy(w, w0, sizeof w);
    for (int k = 1; k <= 20; k++) {
        integrate(&(linear_case){LARGE, r}, w, &t, 0.1 * k);
        closed_form(LARGE, r, w0, t, broken, p);
        jf_dgemm(JF_TN, LARGE, LARGE, LARGE, 1, w, w, -1, p);
        for (size_t i = 0; i < LARGE * LARGE; i++)
            worst = jf_worse(worst, fabs(p[i]));
    }
    gsl_rng_free(rng);
    return worst;
}

/* Gradient descent of the library. */

/* Times are spaced by powers, so that the fall at the start is seen; the
 * first is 0. */
static double time_of(size_t k)
{
    double t = LAST * pow((double)k / (TIMES - 1), 3);
    return RATE * round(t / RATE);
}

typedef struct {
    double rate, value[TIMES];
    size_t next;
} descent;

static int record(void *arg, const jf_fit_point *point)
{
    descent *g = arg;
    double t = (double)(point->step - 1) * g->rate; /* theta before the step */
    while (g->next < TIMES && time_of(g->next) <= t + 0.1 * g->rate)
        g->value[g->next++] = point->value.log_abs_det;
    return g->next == TIMES;
}

static void descend(descent *g)
{
    double sigma[D * D] = {r_example[0], 0, 0, r_example[1]}, mean[D] = {0};
    double t[D * D] = {sqrt(r_example[0]), 0, 0, sqrt(r_example[1])};
    jf_moments m = {
        .n = D + 1, .d = D, .mean = mean, .sigma = sigma, .t_sigma = t};
    jf_matrix x = jf_matrix_new(D + 1, D);
    jf_layer *f = jf_dense(D);
    jf_latent q = jf_normal();
    jf_team *team = jf_team_new(1);
    jf_fit_result fit;
    real theta[D * D] = {(real)sqrt(p_start[0]), 0, 0, (real)sqrt(p_start[1])};

    jf_moments_rows(&m, x);
    jf_fit(f, &q, theta, jf_const(x),
           &(jf_fit_options){.method = JF_SGD,
                             .rate = g->rate,
                             .steps = (size_t)(LAST / g->rate) + 2,
                             .trace = record,
                             .trace_arg = g},
           &fit, team);
    while (g->next < TIMES) /* it diverged */
        g->value[g->next++] = (double)NAN;
    jf_team_free(team);
    jf_layer_free(f);
    jf_matrix_free(&x);
}

/* The example, and its checks. */

static void fill(jf_table *out)
{
    const double r[D * D] = {r_example[0], 0, 0, r_example[1]};
    double w[D * D] = {sqrt(p_start[0]), 0, 0, sqrt(p_start[1])}, t = 0;
    descent g[2] = {{.rate = RATE}, {.rate = RATE / 2}};
    descend(&g[0]);
    descend(&g[1]);
    for (size_t k = 0; k < TIMES; k++) {
        double to = time_of(k);
        if (to > t)
            integrate(&(linear_case){D, r}, w, &t, to);
        jf_table_row(out, 0, JF_G "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G,
                     to, log_det_at(to), log_det(D, w), g[0].value[k],
                     g[1].value[k], nll_at(to));
    }
}

static double largest(const jf_table *t, const char *column)
{
    double worst = 0;
    for (size_t i = 0; i < jf_table_rows(t, 0); i++)
        worst =
            jf_worse(worst, fabs(jf_table_number(t, 0, i, column) -
                                 jf_table_number(t, 0, i, "closed_form_nats")));
    return worst;
}

/* The same of the integrator from the broken formula. */
static double largest_of_broken(const jf_table *t)
{
    double worst = 0;
    for (size_t i = 0; i < jf_table_rows(t, 0); i++)
        worst =
            jf_worse(worst, fabs(jf_table_number(t, 0, i, "runge_kutta_nats") -
                                 log_det_by(1, jf_table_number(t, 0, i, "t"))));
    return worst;
}

/* The largest increase from one time to the next of the loss, or of the loss
 * with the sign of log|det| lost. */
static double largest_rise(const jf_table *t, int broken)
{
    double worst = -(double)INFINITY, before = (double)NAN;
    for (size_t i = 0; i < jf_table_rows(t, 0); i++) {
        double now = jf_table_number(t, 0, i, "nll_nats");
        if (broken)
            now += 2 * jf_table_number(t, 0, i, "closed_form_nats");
        worst = fmax(worst, now - before);
        before = now;
    }
    return worst;
}

static void judge(experiment *e, const jf_table *t)
{
    const double r[D * D] = {r_example[0], 0, 0, r_example[1]};
    double w[D * D] = {sqrt(p_start[0]), 0, 0, sqrt(p_start[1])}, from = 0;
    double turn = turning_point(2);
    integrate(&(linear_case){D, r}, w, &from, turn);
    jf_claim c = {"C5.5",
                  "W'W = R^-1 + e^{-Rt} (P_0 - R^-1) e^{-Rt}",
                  "gradient flow of a linear flow; random R and W_0, d = 4",
                  "largest deviation of Runge-Kutta at 20 times; its 1e-13 a "
                  "step, at most 1000 steps",
                  JF_IDENTITY,
                  "e^{-2Rt} on one side"};
    jf_finding f = {.measured = random_case(e, 0), .tolerance = 1e-10};
    f.broken = random_case(e, 1) - f.measured;
    jf_judge(e->verdicts, &c, JF_EQUAL, &f);

    c.hypotheses = "R = diag(100, 1), P_0 = diag(1, 1/4), t to 4";
    c.statement = "E log|det| = 1/2 log det P(t)";
    c.broken = "e^{-Rt} on one side";
    f.measured = largest(t, "runge_kutta_nats");
    f.broken = largest_of_broken(t) - f.measured;
    jf_judge(e->verdicts, &c, JF_EQUAL, &f);

    c.statement = "E log|det| turns at t = .04189504";
    c.method = "root of the closed form's slope; half a unit of the last digit";
    f = (jf_finding){.measured = turn,
                     .expected = 0.04189504,
                     .tolerance = 0.5e-8,
                     .broken = turning_point(1) - turn};
    jf_judge(e->verdicts, &c, JF_EQUAL, &f);

    c.statement = "its value there is -2.8764825160";
    c.method = "Runge-Kutta to the turning point; half a unit of the last "
               "digit, and 1e-10 as above";
    c.broken = "log det P";
    f = (jf_finding){.measured = log_det(D, w),
                     .expected = -2.8764825160,
                     .tolerance = 1.5e-10};
    f.broken = f.measured;
    jf_judge(e->verdicts, &c, JF_EQUAL, &f);

    c.statement = "the loss falls throughout";
    c.method = "largest difference of successive times; rounding of 60 nats";
    c.broken = "E log|det| with the wrong sign";
    f = (jf_finding){.measured = largest_rise(t, 0),
                     .tolerance = 512 * DBL_EPSILON};
    f.broken = largest_rise(t, 1) - f.measured;
    jf_judge(e->verdicts, &c, JF_AT_MOST, &f);

    c.statement = "gradient descent follows the flow with an error of first "
                  "order in the rate";
    c.method = "order from rates 1e-4 and 5e-5; the next order is rate x 100, "
               "twice that allowed";
    c.broken = "second order";
    f = (jf_finding){.measured = log2(largest(t, "descent_nats") /
                                      largest(t, "descent_half_nats")),
                     .expected = 1,
                     .tolerance = 200 * RATE,
                     .broken = 1 - 2};
    jf_judge(e->verdicts, &c, JF_EQUAL, &f);
}

void volume_path(experiment *e)
{
    jf_table *out = jf_table_new(&e->args, "volume-path",
                                 "t,closed_form_nats,runge_kutta_nats,"
                                 "descent_nats,descent_half_nats,nll_nats",
                                 1);
    if (!jf_table_has(out, 0)) {
        fill(out);
        jf_table_finish(out, 0);
    }
    if (jf_table_whole(out))
        judge(e, out);
    jf_table_close(out);
}
