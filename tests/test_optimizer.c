/* test_optimizer.c -- first-order steps against their formulas, and L-BFGS on
 * functions of known minimum: quadratics of condition 1e6, Rosenbrock's, and
 * the likelihood of a linear flow. */
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>

#include "check.h"
#include "jf.h"

static const int SINGLE = sizeof(real) == sizeof(float);

static void random_vector(size_t n, real *x, uint64_t step)
{
    jf_fill_normal(jf_view(x, 1, n), 17, JF_PURPOSE_USER, step);
}

/* Adam against alg. 1 of the paper, entry by entry, with its bias-corrected
 * moments written out; decay as in AdamW. */
static void test_adam(double decay, jf_team *team)
{
    enum { N = 37, STEPS = 60 };
    real theta[N], grad[N], state[2 * N] = {0};
    double x[N], m[N] = {0}, v[N] = {0};
    jf_optimizer o = jf_adam(decay);

    CHECK(jf_optimizer_state(&o, N) == 2 * N);
    random_vector(N, theta, 0);
    for (size_t i = 0; i < N; i++)
        x[i] = (double)theta[i];
    for (size_t t = 1; t <= STEPS; t++) {
        random_vector(N, grad, t);
        jf_optimizer_step(&o, t, 0.01, 0.5, N, theta, state, grad, team);
        for (size_t i = 0; i < N; i++) {
            double g = 0.5 * (double)grad[i];
            m[i] = 0.9 * m[i] + 0.1 * g;
            v[i] = 0.999 * v[i] + 0.001 * g * g;
            double mean = m[i] / (1 - pow(0.9, (double)t));
            double square = v[i] / (1 - pow(0.999, (double)t));
            x[i] -= 0.01 * mean / (sqrt(square) + 1e-8) + 0.01 * decay * x[i];
        }
    }
    for (size_t i = 0; i < N; i++)
        CHECK_CLOSE((double)theta[i], x[i], 400.0 * (double)JF_EPS);
}

/* Under a constant gradient v_t = g (1 - b^t) / (1 - b), and the way is the
 * sum of it. */
static void test_sgd(double momentum, jf_team *team)
{
    enum { N = 5, STEPS = 30 };
    real theta[N] = {0}, grad[N] = {1, -2, 0, 4, R(0.5)}, state[N] = {0};
    jf_optimizer o = jf_sgd(momentum);
    double way = 0;

    CHECK(jf_optimizer_state(&o, N) == (momentum > 0 ? N : 0));
    for (size_t t = 1; t <= STEPS; t++) {
        jf_optimizer_step(&o, t, 0.1, 1.0, N, theta, state, grad, team);
        way += 0.1 * (1 - pow(momentum, (double)t)) / (1 - momentum);
    }
    for (size_t i = 0; i < N; i++)
        CHECK_CLOSE((double)theta[i], -way * (double)grad[i],
                    400.0 * (double)JF_EPS * fabs(way));
}

/* The bytes after some steps do not depend on the threads, nor on which
 * entries share a call. */
static void test_bytes(jf_optimizer o)
{
    enum { N = 70001, STEPS = 3 };
    jf_matrix m = jf_matrix_new(8, N);
    jf_team *one = jf_team_new(1), *three = jf_team_new(3);
    real *a = jf_row(m, 0), *b = jf_row(m, 1), *grad = jf_row(m, 2);

    random_vector(N, a, 100);
    memcpy(b, a, N * sizeof *a);
    memcpy(jf_row(m, 7), a, N * sizeof *a);
    for (size_t t = 1; t <= STEPS; t++) {
        random_vector(N, grad, 100 + t);
        jf_optimizer_step(&o, t, 0.1, 0.9, N, a, jf_row(m, 3), grad, one);
        jf_optimizer_step(&o, t, 0.1, 0.9, N, b, jf_row(m, 5), grad, three);
        CHECK(jf_gradient_norm(N, grad, one) ==
              jf_gradient_norm(N, grad, three));
    }
    CHECK(memcmp(a, b, N * sizeof *a) == 0);
    CHECK(memcmp(jf_row(m, 3), jf_row(m, 5), 2 * N * sizeof *a) == 0);
    for (size_t i = 0; i < 50; i++) {
        real single[3] = {jf_row(m, 7)[1301 * i], 0, 0};
        for (size_t t = 1; t <= STEPS; t++) {
            random_vector(N, grad, 100 + t);
            jf_optimizer_step(&o, t, 0.1, 0.9, 1, single, single + 1,
                              grad + 1301 * i, one);
        }
        CHECK(single[0] == a[1301 * i]);
    }
    jf_team_free(three);
    jf_team_free(one);
    jf_matrix_free(&m);
}

static void test_norm(jf_team *team)
{
    enum { N = 100000 };
    jf_matrix g = jf_matrix_new(1, N);
    jf_matrix_fill(g, R(0.1));
    CHECK_CLOSE(jf_gradient_norm(N, g.data, team),
                (double)R(0.1) * sqrt((double)N), 1e-11);
    g.data[N - 1] = (real)NAN;
    CHECK(!isfinite(jf_gradient_norm(N, g.data, team)));
    g.data[N - 1] = (real)-INFINITY;
    CHECK(!isfinite(jf_gradient_norm(N, g.data, team)));
    CHECK(jf_gradient_norm(0, g.data, team) == 0);
    jf_matrix_free(&g);
    CHECK(jf_clip_scale(10.0, 0.0) == 1.0);
    CHECK(jf_clip_scale(10.0, 20.0) == 1.0);
    CHECK(jf_clip_scale(10.0, 5.0) == 0.5);
    CHECK(jf_clip_scale(10.0, 8.0) == 0.8);
    CHECK_CLOSE(jf_clip_scale(10.0, 9.99), 0.999, 1e-15);
    CHECK(jf_clip_scale(10.0, 10.0) == 1.0);
}

static void test_schedules(void)
{
    jf_schedule constant = {0}, warm = {.warmup = 4};
    jf_schedule cosine = {JF_COSINE, .warmup = 10, .floor = 0.1};
    jf_schedule steps = {JF_STEPS, .period = 10, .factor = 0.5};
    jf_schedule thirds = {.kind = JF_STEPS};

    CHECK(jf_schedule_rate(&constant, 0.3, 1, 100) == 0.3);
    CHECK(jf_schedule_rate(&constant, 0.3, 100, 100) == 0.3);
    CHECK_CLOSE(jf_schedule_rate(&warm, 1.0, 1, 100), 0.25, 0);
    CHECK_CLOSE(jf_schedule_rate(&warm, 1.0, 3, 100), 0.75, 0);
    CHECK_CLOSE(jf_schedule_rate(&warm, 1.0, 4, 100), 1.0, 0);
    CHECK_CLOSE(jf_schedule_rate(&cosine, 2.0, 5, 110), 1.0, 1e-15);
    CHECK_CLOSE(jf_schedule_rate(&cosine, 2.0, 11, 110), 2.0, 1e-15);
    CHECK_CLOSE(jf_schedule_rate(&cosine, 2.0, 61, 110), 1.1, 1e-15);
    CHECK_CLOSE(jf_schedule_rate(&cosine, 2.0, 110, 110),
                0.2 + 0.9 * (1 - cos(M_PI / 100)), 1e-15);
    CHECK_CLOSE(jf_schedule_rate(&steps, 1.0, 10, 100), 1.0, 0);
    CHECK_CLOSE(jf_schedule_rate(&steps, 1.0, 11, 100), 0.5, 0);
    CHECK_CLOSE(jf_schedule_rate(&steps, 1.0, 31, 100), 0.125, 0);
    CHECK_CLOSE(jf_schedule_rate(&thirds, 1.0, 100, 100), 0.01, 1e-16);
    CHECK_CLOSE(jf_schedule_rate(&thirds, 1.0, 1, 1), 1.0, 0);
}

/* 1 + sum c_i (x_i - b_i)^2 / 2, c from 1 to the condition number. */
typedef struct {
    size_t n;
    double condition;
} quadratic;

static int quadratic_value(void *arg, const real *x, double *value, real *grad)
{
    const quadratic *q = arg;
    *value = 1;
    for (size_t i = 0; i < q->n; i++) {
        double c = pow(q->condition, (double)i / (double)(q->n - 1));
        double e = (double)x[i] - sin((double)(i * i));
        *value += 0.5 * c * e * e;
        grad[i] = (real)(c * e);
    }
    return GSL_SUCCESS;
}

static void test_quadratic(size_t n, size_t most)
{
    quadratic q = {n, 1e6};
    jf_lbfgs_result r;
    real *x = calloc(n, sizeof *x);
    CHECK(jf_lbfgs(quadratic_value, &q, n, x, NULL, &r) == GSL_SUCCESS);
    CHECK(r.status == JF_LBFGS_ROUNDING || r.status == JF_LBFGS_GRADIENT);
    CHECK_CLOSE(r.value, 1.0, SINGLE ? 1e-4 : 1e-12);
    CHECK(r.evaluations <= most);
    printf("  quadratic, n = %zu, condition 1e6: %zu evaluations, gap %.1e\n",
           n, r.evaluations, r.value - 1);
    free(x);
}

/* sum 100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2: minimum 0 at 1. */
static int rosenbrock(void *arg, const real *x, double *value, real *grad)
{
    size_t n = *(const size_t *)arg;
    memset(grad, 0, n * sizeof *grad);
    *value = 0;
    for (size_t i = 0; i + 1 < n; i++) {
        double a = (double)x[i], u = (double)x[i + 1] - a * a, v = 1 - a;
        *value += 100 * u * u + v * v;
        grad[i] += (real)(-400 * a * u - 2 * v);
        grad[i + 1] += (real)(200 * u);
    }
    return GSL_SUCCESS;
}

static void test_rosenbrock(size_t n)
{
    jf_lbfgs_result r;
    real x[20];
    for (size_t i = 0; i < n; i++)
        x[i] = i % 2 ? R(1.0) : R(-1.2);
    CHECK(jf_lbfgs(rosenbrock, &n, n, x, NULL, &r) == GSL_SUCCESS);
    CHECK(r.status == JF_LBFGS_ROUNDING || r.status == JF_LBFGS_GRADIENT);
    CHECK_CLOSE(r.value, 0.0, SINGLE ? 1e-10 : 1e-20);
    for (size_t i = 0; i < n; i++)
        CHECK_CLOSE((double)x[i], 1.0, SINGLE ? 1e-4 : 1e-10);
    CHECK(r.evaluations < 300);
    printf("  Rosenbrock, n = %zu: %zu evaluations, value %.1e\n", n,
           r.evaluations, r.value);
}

/* tr(W R W') / 2 - log |det W|, the loss of a linear flow on data of second
 * moment R; its minimum is d / 2 + log det(R) / 2. */
enum { D = 8 };
typedef struct {
    double r[D * D];
} moment;

/* inverse := a^-1 by elimination with row pivots; a is lost; log |det a|. */
static double invert(double *a, double *inverse)
{
    double log_det = 0;
    for (size_t i = 0; i < D * D; i++)
        inverse[i] = i % (D + 1) == 0;
    for (size_t c = 0; c < D; c++) {
        size_t p = c;
        for (size_t i = c; i < D; i++)
            p = fabs(a[i * D + c]) > fabs(a[p * D + c]) ? i : p;
        for (size_t j = 0; j < D; j++) {
            double s = a[p * D + j], t = inverse[p * D + j];
            a[p * D + j] = a[c * D + j];
            inverse[p * D + j] = inverse[c * D + j];
            a[c * D + j] = s;
            inverse[c * D + j] = t;
        }
        double pivot = a[c * D + c];
        log_det += log(fabs(pivot));
        for (size_t i = 0; i < D; i++) {
            double m = i == c ? 1 - 1 / pivot : a[i * D + c] / pivot;
            for (size_t j = 0; j < D; j++) {
                inverse[i * D + j] -= m * inverse[c * D + j] * (i != c);
                a[i * D + j] -= m * a[c * D + j] * (i != c);
            }
        }
        for (size_t j = 0; j < D; j++) {
            a[c * D + j] /= pivot;
            inverse[c * D + j] /= pivot;
        }
    }
    return log_det;
}

static int linear_flow(void *arg, const real *w, double *value, real *grad)
{
    const moment *q = arg;
    double a[D * D], inverse[D * D], trace = 0;
    for (size_t i = 0; i < D * D; i++)
        a[i] = (double)w[i];
    double log_det = invert(a, inverse);
    for (size_t i = 0; i < D; i++)
        for (size_t j = 0; j < D; j++) {
            double wr = 0;
            for (size_t k = 0; k < D; k++)
                wr += (double)w[i * D + k] * q->r[k * D + j];
            trace += wr * (double)w[i * D + j];
            grad[i * D + j] = (real)(wr - inverse[j * D + i]);
        }
    *value = 0.5 * trace - log_det;
    return GSL_SUCCESS;
}

static void test_linear_flow(double condition, size_t most)
{
    moment q = {{0}};
    double axis[D], square = 0, optimum = 0.5 * D;
    real w[D * D];
    jf_lbfgs_result r;

    for (size_t i = 0; i < D; i++) {
        axis[i] = sin(3.0 * (double)i + 1);
        square += axis[i] * axis[i];
    }
    for (size_t k = 0; k < D; k++) { /* R = H diag(lambda) H, a reflection */
        double lambda = pow(condition, (double)k / (D - 1) - 0.5);
        optimum += 0.5 * log(lambda);
        for (size_t i = 0; i < D; i++)
            for (size_t j = 0; j < D; j++)
                q.r[i * D + j] += lambda *
                                  ((i == k) - 2 * axis[i] * axis[k] / square) *
                                  ((j == k) - 2 * axis[j] * axis[k] / square);
    }
    for (size_t i = 0; i < D * D; i++)
        w[i] = i % (D + 1) == 0;
    CHECK(jf_lbfgs(linear_flow, &q, D * D, w, NULL, &r) == GSL_SUCCESS);
    CHECK(r.status == JF_LBFGS_ROUNDING || r.status == JF_LBFGS_GRADIENT);
    CHECK_CLOSE(r.value, optimum, SINGLE ? 1e-4 : 1e-9);
    CHECK(r.evaluations <= most);
    printf("  linear flow, d = 8, condition %.0e: %zu evaluations, gap %.1e\n",
           condition, r.evaluations, r.value - optimum);
}

/* (x - 2)^2 - log(1 - x^2) / 1000, which exists on (-1, 1) alone; code: what
 * comes back from outside, where it counts the calls. */
typedef struct {
    int code;
    size_t outside;
} wall;

static int walled(void *arg, const real *x, double *value, real *grad)
{
    wall *w = arg;
    double a = (double)x[0], room = 1 - a * a;
    *value = (a - 2) * (a - 2) - 1e-3 * log(room);
    grad[0] = (real)(2 * (a - 2) + 2e-3 * a / room);
    w->outside += !(room > 0);
    return room > 0 ? GSL_SUCCESS : w->code;
}

static void test_wall(void)
{
    const int codes[] = {GSL_SUCCESS, GSL_EDOM, GSL_ESING, GSL_EDIVERGE};
    jf_lbfgs_result r;
    for (size_t k = 0; k < 4; k++) {
        real x = R(-0.9);
        wall w = {codes[k], 0};
        CHECK(jf_lbfgs(walled, &w, 1, &x, NULL, &r) == GSL_SUCCESS);
        CHECK(r.status == JF_LBFGS_ROUNDING || r.status == JF_LBFGS_GRADIENT);
        CHECK(fabs(r.gradient_norm) < (SINGLE ? 1e-3 : 1e-10));
        CHECK((double)x > 0.99 && (double)x < 1 && w.outside > 0);
    }
    real x = R(-0.9), outside = R(1.5);
    wall w = {GSL_EBADLEN, 0}; /* no numerical outcome: passed on */
    jf_lbfgs_options first = {.max_evaluations = 1};
    CHECK(jf_lbfgs(walled, &w, 1, &outside, NULL, &r) == GSL_EBADLEN);
    CHECK(outside == R(1.5));
    w.code = GSL_SUCCESS;
    CHECK(jf_lbfgs(walled, &w, 1, &outside, NULL, &r) == GSL_SUCCESS);
    CHECK(r.status == JF_LBFGS_NOT_FINITE && outside == R(1.5));
    CHECK(jf_lbfgs(walled, &w, 1, &x, &first, &r) == GSL_SUCCESS);
    CHECK(r.status == JF_LBFGS_EVALUATIONS && r.evaluations == 1);
    CHECK(x == R(-0.9) && isfinite(r.value));
}

/* A quadratic whose value carries an error a hundred times that stated, and
 * whose gradient does not: the slopes still lead to the minimum. */
static int noisy(void *arg, const real *x, double *value, real *grad)
{
    const quadratic *q = arg;
    int code = quadratic_value(arg, x, value, grad);
    double level = SINGLE ? 1e-4 : 1e-11, phase = 0;
    for (size_t i = 0; i < q->n; i++)
        phase += 1e6 * (double)x[i];
    *value += level * sin(1e3 * phase);
    return code;
}

static void test_noise(void)
{
    quadratic q = {40, 1e3};
    jf_lbfgs_result r;
    real x[40] = {0};
    CHECK(jf_lbfgs(noisy, &q, 40, x, NULL, &r) == GSL_SUCCESS);
    CHECK(r.status == JF_LBFGS_ROUNDING || r.status == JF_LBFGS_GRADIENT);
    CHECK(r.gradient_norm < (SINGLE ? 1e-2 : 1e-9));
    printf("  noisy quadratic: %zu evaluations, gradient %.1e\n", r.evaluations,
           r.gradient_norm);
}

/* A quadratic that from call first on has no value during some searches: within
 * one that fails, trials come nearer to where it began. */
typedef struct {
    quadratic q;
    size_t calls, first, searches;
    double distance;
    real start[10];
} absent;

static int sometimes(void *arg, const real *x, double *value, real *grad)
{
    absent *a = arg;
    int code = quadratic_value(&a->q, x, value, grad);
    double distance = 0;
    for (size_t i = 0; i < a->q.n; i++)
        distance = hypot(distance, (double)x[i] - (double)a->start[i]);
    if (++a->calls < a->first || a->searches == 0) {
        memcpy(a->start, x, a->q.n * sizeof *x);
        return code;
    }
    if (a->calls > a->first && distance > a->distance)
        a->searches--;
    a->distance = distance;
    return a->searches ? GSL_EDOM : code;
}

/* A search that fails along a direction of the pairs is repeated along the
 * gradient, without them; one that fails there as well is the end. */
static void test_restart(void)
{
    for (size_t searches = 1; searches <= 2; searches++) {
        absent a = {.q = {10, 1e3}, .first = 12, .searches = searches};
        real x[10] = {0};
        jf_lbfgs_result r;
        CHECK(jf_lbfgs(sometimes, &a, 10, x, NULL, &r) == GSL_SUCCESS);
        CHECK(a.calls > 20);
        if (searches == 1) {
            CHECK(a.searches == 0);
            CHECK(r.status == JF_LBFGS_ROUNDING ||
                  r.status == JF_LBFGS_GRADIENT);
            CHECK_CLOSE(r.value, 1.0, SINGLE ? 1e-4 : 1e-12);
        } else {
            CHECK(a.searches == 1 && r.value > 1.01);
        }
    }
}

/* x^2 / 2 whose gradient has the wrong sign: no step can be right. */
static int wrong(void *arg, const real *x, double *value, real *grad)
{
    (void)arg;
    *value = 0.5 * (double)x[0] * (double)x[0];
    grad[0] = -x[0];
    return GSL_SUCCESS;
}

static int halt(void *arg, size_t iteration, size_t evaluations, double value,
                double norm)
{
    (void)arg;
    CHECK(evaluations >= iteration && isfinite(value) && isfinite(norm));
    return iteration == 5;
}

static void test_status(void)
{
    quadratic q = {30, 1e3};
    real x[30] = {0};
    jf_lbfgs_result r;
    jf_lbfgs_options o = {.gradient_tolerance = 1e-2};

    CHECK(jf_lbfgs(quadratic_value, &q, 30, x, &o, &r) == GSL_SUCCESS);
    CHECK(r.status == JF_LBFGS_GRADIENT && r.gradient_norm <= 1e-2);
    memset(x, 0, sizeof x);
    o = (jf_lbfgs_options){.max_evaluations = 20};
    CHECK(jf_lbfgs(quadratic_value, &q, 30, x, &o, &r) == GSL_SUCCESS);
    CHECK(r.status == JF_LBFGS_EVALUATIONS && r.evaluations == 20);
    double value;
    real grad[30];
    quadratic_value(&q, x, &value, grad);
    CHECK(value == r.value); /* theta is the point that is reported */
    memset(x, 0, sizeof x);
    o = (jf_lbfgs_options){.trace = halt};
    CHECK(jf_lbfgs(quadratic_value, &q, 30, x, &o, &r) == GSL_SUCCESS);
    CHECK(r.status == JF_LBFGS_HALTED && r.iterations == 5);
    real y = R(0.5);
    CHECK(jf_lbfgs(wrong, NULL, 1, &y, NULL, &r) == GSL_SUCCESS);
    CHECK(r.status == JF_LBFGS_LINE_SEARCH && y == R(0.5));
    CHECK(strcmp(jf_lbfgs_status_name(r.status), "line-search") == 0);
}

int main(void)
{
    jf_team *team = jf_team_new(2);
    test_adam(0.0, team);
    test_adam(0.3, team);
    test_sgd(0.0, team);
    test_sgd(0.9, team);
    test_bytes(jf_adam(0.01));
    test_bytes(jf_sgd(0.0));
    test_bytes(jf_sgd(0.9));
    test_norm(team);
    test_schedules();
    test_quadratic(10, 200);
    test_quadratic(100, 9000);
    test_quadratic(1000, 12000);
    test_rosenbrock(2);
    test_rosenbrock(20);
    test_linear_flow(1e2, 150);
    test_linear_flow(1e4, 400);
    test_linear_flow(1e6, 1000);
    test_wall();
    test_noise();
    test_restart();
    test_status();
    jf_team_free(team);
    return check_end();
}
