/* test_fit.c -- the training loop: against closed forms, bit for bit over
 * threads and over save and load, and its account of every failure. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "jf.h"

static const int SINGLE = sizeof(real) == sizeof(float);
static jf_latent normal;
static jf_team *team;

/* Rows with correlated columns of unequal scale and mean. */
static jf_matrix gaussian(size_t n, size_t d, uint64_t step)
{
    jf_matrix x = jf_matrix_new(n, d);
    jf_fill_normal(x, 9, JF_PURPOSE_DATA, step);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++) {
            jf_row(x, i)[j] *= R(1.0) + (real)j;
            jf_row(x, i)[j] += R(0.5) + (j ? jf_row(x, i)[j - 1] : 0);
        }
    return x;
}

static jf_layer *affine(size_t d)
{
    jf_layer *flow = jf_flow_new(d);
    jf_flow_add(flow, jf_bias(d));
    jf_flow_add(flow, jf_dense(d));
    return flow;
}

/* A flow with a net, and its theta after init. */
static jf_layer *coupled(size_t d, jf_matrix x, real **theta)
{
    jf_layer *flow = jf_flow_new(d);
    for (size_t k = 0; k < 2; k++) {
        jf_flow_add(flow, jf_actnorm(d));
        jf_flow_add(flow, jf_plu(d, k));
    }
    *theta = jf_theta_new(flow);
    CHECK(jf_init(flow, *theta, jf_const(x), 1, team) == GSL_SUCCESS);
    return flow;
}

/* d/2 log 2 pi e + log det(covariance) / 2, by Cholesky. */
static double gaussian_optimum(jf_matrix x)
{
    double mean[4] = {0}, c[4][4] = {{0}}, n = (double)x.rows, sum = 0;
    size_t d = x.cols;
    for (size_t i = 0; i < x.rows; i++)
        for (size_t j = 0; j < d; j++)
            mean[j] += (double)jf_row(x, i)[j] / n;
    for (size_t i = 0; i < x.rows; i++)
        for (size_t j = 0; j < d; j++)
            for (size_t k = 0; k < d; k++)
                c[j][k] += ((double)jf_row(x, i)[j] - mean[j]) *
                           ((double)jf_row(x, i)[k] - mean[k]) / n;
    for (size_t k = 0; k < d; k++) {
        sum += 0.5 * log(c[k][k]);
        for (size_t i = k + 1; i < d; i++)
            for (size_t j = k + 1; j < d; j++)
                c[i][j] -= c[i][k] * c[k][j] / c[k][k];
    }
    return 0.5 * (double)d * (JF_LOG_2PI + 1.0) + sum;
}

/* A linear flow with bias reaches the Gaussian optimum, by L-BFGS to
 * rounding and by Adam nearly. */
static void test_optimum(void)
{
    jf_matrix x = gaussian(500, 4, 0);
    jf_layer *flow = affine(4);
    real *theta = jf_theta_new(flow);
    jf_fit_result r;
    double optimum = gaussian_optimum(x);

    CHECK(jf_init(flow, theta, jf_const(x), 1, team) == GSL_SUCCESS);
    CHECK(jf_fit(flow, &normal, theta, jf_const(x),
                 &(jf_fit_options){.method = JF_LBFGS}, &r,
                 team) == GSL_SUCCESS);
    CHECK(r.status == JF_CONVERGED);
    CHECK_CLOSE(r.value.nll, optimum, SINGLE ? 1e-5 : 1e-11);
    CHECK_CLOSE(r.value.second_moment, 1.0, SINGLE ? 1e-4 : 1e-7);
    printf("  linear flow, d = 4: L-BFGS %zu evaluations, gap %.1e\n",
           r.evaluations, r.value.nll - optimum);
    size_t patient = r.step;
    CHECK(jf_init(flow, theta, jf_const(x), 1, team) == GSL_SUCCESS);
    CHECK(jf_fit(flow, &normal, theta, jf_const(x),
                 &(jf_fit_options){.method = JF_LBFGS, .stall = 1}, &r,
                 team) == GSL_SUCCESS);
    CHECK(r.status == JF_CONVERGED && r.step < patient);
    CHECK(jf_init(flow, theta, jf_const(x), 1, team) == GSL_SUCCESS);
    jf_fit_options adam = {.rate = 0.05,
                           .steps = 1500,
                           .batch = 125,
                           .schedule = {JF_COSINE, .warmup = 20}};
    CHECK(jf_fit(flow, &normal, theta, jf_const(x), &adam, &r, team) ==
          GSL_SUCCESS);
    CHECK(r.status == JF_FINISHED && r.step == 1500 && r.evaluations == 1500);
    jf_likelihood v;
    CHECK(jf_nll(flow, &normal, theta, jf_const(x), &v, NULL, team) ==
          GSL_SUCCESS);
    CHECK_CLOSE(v.nll, optimum, 1e-3);
    free(theta);
    jf_layer_free(flow);
    jf_matrix_free(&x);
}

/* Gradient descent on z = w x is w := w - rate (m w - 1 / w), m = mean x^2;
 * clipped, the way of a step is rate * clip. */
static void test_descent(void)
{
    jf_matrix x = gaussian(64, 1, 1);
    jf_layer *flow = jf_dense(1);
    real theta = R(0.3);
    double m = 0, w = 0.3;
    jf_fit_result r;
    jf_fit_options o = {.method = JF_SGD, .rate = 0.3, .steps = 12};

    for (size_t i = 0; i < 64; i++)
        m += (double)(x.data[i] * x.data[i]) / 64;
    for (size_t t = 0; t < 12; t++)
        w -= 0.3 * (m * w - 1 / w);
    CHECK(jf_fit(flow, &normal, &theta, jf_const(x), &o, &r, team) ==
          GSL_SUCCESS);
    CHECK_CLOSE((double)theta, w, 1e4 * (double)JF_EPS);
    theta = R(20.0);
    o = (jf_fit_options){.method = JF_SGD, .rate = 0.3, .steps = 2, .clip = 2};
    CHECK(jf_fit(flow, &normal, &theta, jf_const(x), &o, &r, team) ==
          GSL_SUCCESS);
    CHECK_CLOSE((double)theta, 20.0 - 2 * 0.3 * 2, 100 * (double)JF_EPS);
    o = (jf_fit_options){.method = JF_SGD,
                         .rate = 0.3,
                         .steps = 500,
                         .gradient_tolerance = 1e-4};
    CHECK(jf_fit(flow, &normal, &theta, jf_const(x), &o, &r, team) ==
          GSL_SUCCESS);
    CHECK(r.status == JF_CONVERGED && r.gradient_norm <= 1e-4 && r.step < 500);
    CHECK_CLOSE((double)theta, 1 / sqrt(m), 1e-4);
    jf_layer_free(flow);
    jf_matrix_free(&x);
}

/* What prepare sees of every step. */
typedef struct {
    size_t rows[64][8], steps;
} diary;

static void note(void *arg, jf_matrix batch, const size_t *rows, size_t step)
{
    diary *d = arg;
    d->steps = step;
    memcpy(d->rows[step - 1], rows, batch.rows * sizeof *rows);
    for (size_t i = 0; i < batch.rows; i++) /* the rows say their number */
        CHECK(jf_row(batch, i)[0] == (real)rows[i] / 16);
}

/* An epoch visits no row twice; epochs and seeds differ; the same seed does
 * not. */
static void test_batches(void)
{
    enum { N = 30, BATCH = 7, STEPS = 12 };
    jf_matrix x = jf_matrix_new(N, 1);
    jf_layer *flow = jf_actnorm(1);
    diary d[3];
    for (size_t i = 0; i < N; i++)
        x.data[i] = (real)i / 16;
    for (size_t k = 0; k < 3; k++) {
        real theta[2] = {0};
        jf_fit_result r;
        jf_fit_options o = {.batch = BATCH,
                            .steps = STEPS,
                            .seed = k == 2,
                            .prepare = note,
                            .prepare_arg = &d[k]};
        CHECK(jf_fit(flow, &normal, theta, jf_const(x), &o, &r, team) ==
              GSL_SUCCESS);
        CHECK(d[k].steps == STEPS);
    }
    for (size_t epoch = 0; epoch < 3; epoch++) {
        size_t seen[N] = {0};
        for (size_t b = 0; b < 4; b++)
            for (size_t i = 0; i < BATCH; i++)
                CHECK(seen[d[0].rows[4 * epoch + b][i]]++ == 0);
    }
    size_t same = 0, other = 0, next = 0;
    for (size_t t = 0; t < 4; t++)
        for (size_t i = 0; i < BATCH; i++) {
            same += d[0].rows[t][i] == d[1].rows[t][i];
            other += d[0].rows[t][i] == d[2].rows[t][i];
            next += d[0].rows[t][i] == d[0].rows[t + 4][i];
        }
    CHECK(same == 28 && other < 10 && next < 10);
    jf_layer_free(flow);
    jf_matrix_free(&x);
}

/* Few rows, many parameters: the validation likelihood turns, the run stops
 * and theta is the best seen. */
static void test_early_stop(jf_method method)
{
    jf_matrix x = gaussian(12, 4, 2), v = gaussian(300, 4, 3);
    jf_layer *flow = affine(4);
    real *theta = jf_theta_new(flow);
    jf_fit_result r;
    jf_likelihood start, now;
    jf_fit_options o = {.method = method,
                        .rate =
                            method == JF_SGD ? 0.01 : 0.05, /* < 1/lambda_1 */
                        .steps = 5000,
                        .validation = jf_const(v),
                        .check_every = method == JF_LBFGS ? 1 : 5,
                        .patience = 4};

    CHECK(jf_init(flow, theta, jf_const(x), 1, team) == GSL_SUCCESS);
    CHECK(jf_nll(flow, &normal, theta, jf_const(v), &start, NULL, team) ==
          GSL_SUCCESS);
    CHECK(jf_fit(flow, &normal, theta, jf_const(x), &o, &r, team) ==
          GSL_SUCCESS);
    CHECK(r.status == JF_STOPPED_EARLY && r.step < 5000);
    CHECK(r.best_step == r.step - 4 * o.check_every && r.best_step > 0);
    CHECK(r.validation < start.nll);
    CHECK(jf_nll(flow, &normal, theta, jf_const(v), &now, NULL, team) ==
          GSL_SUCCESS);
    CHECK(now.nll == r.validation);
    free(theta);
    jf_layer_free(flow);
    jf_matrix_free(&v);
    jf_matrix_free(&x);
}

/* 2 N steps at once, on other threads, and as N, save, load, N. */
static void test_resume(jf_method method, const char *path)
{
    jf_matrix x = gaussian(100, 3, 4), v = gaussian(40, 3, 5);
    real *a, *b, *c;
    jf_layer *flow = coupled(3, x, &a);
    size_t n = flow->module.n_params;
    jf_fit_result whole, part;
    jf_team *one = jf_team_new(1);
    jf_fit_options o = {.method = method,
                        .rate = 0.01,
                        .momentum = 0.9,
                        .steps = 60,
                        .batch = 16,
                        .seed = 3,
                        .validation = jf_const(v),
                        .check_every = 7,
                        .schedule = {JF_COSINE, .warmup = 5}};

    b = jf_theta_new(flow);
    c = jf_theta_new(flow);
    memcpy(b, a, n * sizeof *a);
    memcpy(c, a, n * sizeof *a);
    CHECK(jf_fit(flow, &normal, a, jf_const(x), &o, &whole, team) ==
          GSL_SUCCESS);
    CHECK(whole.status == JF_FINISHED);
    CHECK(jf_fit(flow, &normal, c, jf_const(x), &o, &part, one) == GSL_SUCCESS);
    CHECK(memcmp(a, c, n * sizeof *a) == 0);

    o.state = jf_fit_state_new(flow, &o);
    o.pause = 30;
    CHECK(jf_fit(flow, &normal, b, jf_const(x), &o, &part, team) ==
          GSL_SUCCESS);
    CHECK(part.status == JF_PAUSED && part.step == 30);
    CHECK(jf_fit_save(path, flow, b, o.state) == GSL_SUCCESS);
    jf_fit_state_free(o.state);
    memset(c, 0, n * sizeof *c);
    o.state = jf_fit_state_new(flow, &o);
    o.pause = 0;
    CHECK(jf_fit_load(path, flow, c, o.state) == GSL_SUCCESS);
    CHECK(jf_fit_state_step(o.state) == 30);
    CHECK(memcmp(b, c, n * sizeof *b) == 0);
    CHECK(jf_fit(flow, &normal, c, jf_const(x), &o, &part, team) ==
          GSL_SUCCESS);
    CHECK(memcmp(a, c, n * sizeof *a) == 0);
    CHECK(part.status == whole.status && part.step == whole.step);
    CHECK(part.validation == whole.validation);
    CHECK(part.best_step == whole.best_step);
    CHECK(part.value.nll == whole.value.nll);
    /* theta alone can be taken from such a file */
    CHECK(jf_theta_load(path, flow, c) == GSL_SUCCESS);
    CHECK(memcmp(b, c, n * sizeof *b) == 0);
    jf_fit_state_free(o.state);
    unlink(path);
    jf_team_free(one);
    free(c);
    free(b);
    free(a);
    jf_layer_free(flow);
    jf_matrix_free(&v);
    jf_matrix_free(&x);
}

static int is_due(void *arg)
{
    size_t *asked = arg;
    return ++*asked % 3 == 0;
}

/* Paused wherever it is asked for, saved with a section of one's own, loaded
 * and gone on: the bytes of one run. */
static void test_due(const char *path)
{
    jf_matrix x = gaussian(100, 3, 4);
    real *a, *b;
    jf_layer *flow = coupled(3, x, &a);
    size_t n = flow->module.n_params, asked = 0, pauses = 0;
    jf_fit_result whole, part;
    jf_fit_options o = {.rate = 0.01, .steps = 20, .batch = 16};
    double mine = 7, read = 0;
    jf_section own = {"mine", JF_DOUBLES, 1, &mine, 0, NULL};
    b = jf_theta_new(flow);
    memcpy(b, a, n * sizeof *a);
    CHECK(jf_fit(flow, &normal, a, jf_const(x), &o, &whole, team) ==
          GSL_SUCCESS);
    o.due = is_due;
    o.due_arg = &asked;
    o.state = jf_fit_state_new(flow, &o);
    for (;;) {
        CHECK(jf_fit(flow, &normal, b, jf_const(x), &o, &part, team) ==
              GSL_SUCCESS);
        if (part.status != JF_PAUSED)
            break;
        pauses++;
        own.data = &mine;
        CHECK(jf_fit_save_with(path, flow, b, o.state, &own, 1) == GSL_SUCCESS);
        jf_fit_state_free(o.state);
        o.state = jf_fit_state_new(flow, &o);
        memset(b, 0, n * sizeof *b);
        own.data = &read;
        CHECK(jf_fit_load_with(path, flow, b, o.state, &own, 1) == GSL_SUCCESS);
        CHECK(read == mine++);
    }
    CHECK(pauses == 6 && asked == 19); /* before every step but the first */
    CHECK(part.status == JF_FINISHED && part.step == 20);
    CHECK(memcmp(a, b, n * sizeof *a) == 0);
    CHECK(part.value.nll == whole.value.nll);
    jf_fit_state_free(o.state);
    unlink(path);
    free(b);
    free(a);
    jf_layer_free(flow);
    jf_matrix_free(&x);
}

/* An early stop happens at the same check whether or not the run was saved in
 * between, even when most of the patience was used up before. */
static void test_resume_patience(const char *path)
{
    jf_matrix x = gaussian(12, 4, 2), v = gaussian(300, 4, 3);
    jf_layer *flow = affine(4);
    real *a = jf_theta_new(flow), *b = jf_theta_new(flow);
    jf_fit_result whole, part;
    jf_fit_options o = {.rate = 0.05,
                        .steps = 5000,
                        .batch = 6,
                        .validation = jf_const(v),
                        .check_every = 5,
                        .patience = 6};

    CHECK(jf_init(flow, a, jf_const(x), 1, team) == GSL_SUCCESS);
    memcpy(b, a, flow->module.n_params * sizeof *a);
    CHECK(jf_fit(flow, &normal, a, jf_const(x), &o, &whole, team) ==
          GSL_SUCCESS);
    CHECK(whole.status == JF_STOPPED_EARLY);
    o.state = jf_fit_state_new(flow, &o);
    o.pause = whole.step - 8;
    CHECK(jf_fit(flow, &normal, b, jf_const(x), &o, &part, team) ==
          GSL_SUCCESS);
    CHECK(part.status == JF_PAUSED);
    CHECK(jf_fit_save(path, flow, b, o.state) == GSL_SUCCESS);
    jf_fit_state_free(o.state);
    o.state = jf_fit_state_new(flow, &o);
    o.pause = 0;
    CHECK(jf_fit_load(path, flow, b, o.state) == GSL_SUCCESS);
    CHECK(jf_fit(flow, &normal, b, jf_const(x), &o, &part, team) ==
          GSL_SUCCESS);
    CHECK(part.status == JF_STOPPED_EARLY && part.step == whole.step);
    CHECK(memcmp(a, b, flow->module.n_params * sizeof *a) == 0);
    jf_fit_state_free(o.state);
    unlink(path);
    free(b);
    free(a);
    jf_layer_free(flow);
    jf_matrix_free(&v);
    jf_matrix_free(&x);
}

/* A state of another method or flow is refused, and nothing changes. */
static void test_wrong_state(const char *path)
{
    jf_matrix x = gaussian(20, 2, 6);
    jf_layer *flow = affine(2), *small = jf_actnorm(2);
    real *theta = jf_theta_new(flow);
    jf_fit_options adam = {0}, sgd = {.method = JF_SGD},
                   l = {.method = JF_LBFGS};
    jf_fit_state *s = jf_fit_state_new(flow, &adam);
    jf_fit_state *other = jf_fit_state_new(flow, &sgd);
    jf_fit_result r;

    CHECK(jf_fit_save(path, flow, theta, s) == GSL_SUCCESS);
    theta[0] = 5;
    int loud = dup(2), quiet = open("/dev/null", O_WRONLY);
    dup2(quiet, 2); /* the refusals, tested in test_theta.c */
    int code = jf_fit_load(path, flow, theta, other);
    dup2(loud, 2);
    close(quiet);
    close(loud);
    CHECK(code == GSL_EFAILED);
    CHECK(jf_fit_load(path, small, theta, s) == GSL_EBADLEN);
    CHECK(theta[0] == 5 && jf_fit_state_step(other) == 0);
    sgd.state = s;
    CHECK(jf_fit(flow, &normal, theta, jf_const(x), &sgd, &r, team) ==
          GSL_EINVAL);
    l.state = s;
    CHECK(jf_fit(flow, &normal, theta, jf_const(x), &l, &r, team) ==
          GSL_EINVAL);
    adam.state = s;
    CHECK(jf_fit(small, &normal, theta, jf_const(x), &adam, &r, team) ==
          GSL_EINVAL);
    adam.state = NULL;
    CHECK(jf_fit(flow, &normal, theta, jf_const(jf_columns(x, 0, 1)), &adam, &r,
                 team) == GSL_EBADLEN);
    CHECK(jf_fit(flow, &normal, theta, jf_const(jf_rows(x, 0, 0)), &adam, &r,
                 team) == GSL_EBADLEN);
    jf_fit_state_free(other);
    jf_fit_state_free(s);
    unlink(path);
    free(theta);
    jf_layer_free(small);
    jf_layer_free(flow);
    jf_matrix_free(&x);
}

/* Far beyond the critical rate theta grows until the gradient overflows: the
 * run says so, and theta is that of the last step taken. */
static void test_divergence(void)
{
    jf_matrix x = gaussian(50, 2, 7);
    jf_layer *flow = affine(2);
    real *theta = jf_theta_new(flow), *before = jf_theta_new(flow);
    jf_fit_result r, again;
    jf_fit_options o = {.method = JF_SGD, .rate = 50, .steps = 100000};

    CHECK(jf_init(flow, theta, jf_const(x), 1, team) == GSL_SUCCESS);
    memcpy(before, theta, flow->module.n_params * sizeof *theta);
    CHECK(jf_fit(flow, &normal, theta, jf_const(x), &o, &r, team) ==
          GSL_SUCCESS);
    CHECK(r.status == JF_DIVERGED && r.step > 1 && r.step < 100000);
    CHECK(r.culprit.blame != JF_BLAME_NONE &&
          r.culprit.blame != JF_BLAME_BOUND);
    CHECK(r.culprit.layer < 2 || r.culprit.blame == JF_BLAME_LOG_LATENT);
    CHECK(jf_matrix_finite(jf_const_view(theta, 1, flow->module.n_params)));
    o.steps = r.step - 1;
    CHECK(jf_fit(flow, &normal, before, jf_const(x), &o, &again, team) ==
          GSL_SUCCESS);
    CHECK(again.status == JF_FINISHED);
    CHECK(memcmp(theta, before, flow->module.n_params * sizeof *theta) == 0);

    CHECK(jf_init(flow, theta, jf_const(x), 1, team) == GSL_SUCCESS);
    o = (jf_fit_options){.method = JF_SGD, .rate = 50, .loss_bound = 1e4};
    CHECK(jf_fit(flow, &normal, theta, jf_const(x), &o, &r, team) ==
          GSL_SUCCESS);
    CHECK(r.status == JF_DIVERGED && r.culprit.blame == JF_BLAME_BOUND);
    CHECK(r.value.nll > 1e4 && isfinite(r.value.nll));
    CHECK(r.culprit.layer == (size_t)-1);
    free(before);
    free(theta);
    jf_layer_free(flow);
    jf_matrix_free(&x);
}

/* One fault in a flow bias, diagonal, [bias, dense] and what is blamed; every
 * method stops before its first step and leaves theta. */
static void blames(size_t where, real value, real data, const jf_latent *q,
                   jf_blame blame, size_t layer, const char *name)
{
    for (jf_method method = JF_ADAM; method <= JF_LBFGS; method++) {
        jf_matrix x = gaussian(10, 2, 8);
        jf_layer *flow = jf_flow_new(2);
        jf_flow_add(flow, jf_bias(2));
        jf_flow_add(flow, jf_diagonal(2));
        jf_flow_add(flow, affine(2));
        real theta[10] = {0, 0, 0, 0, 0, 0, 1, 0, 0, 1}, start[10];
        jf_fit_result r;
        theta[where] = value;
        x.data[5] = data;
        memcpy(start, theta, sizeof theta);
        jf_fit_options o = {.method = method};
        CHECK(jf_fit(flow, q, theta, jf_const(x), &o, &r, team) == GSL_SUCCESS);
        CHECK(r.status == JF_DIVERGED && r.step == 1);
        CHECK(r.culprit.blame == blame && r.culprit.layer == layer);
        CHECK(strcmp(r.culprit.layer_name, name) == 0);
        CHECK(memcmp(start, theta, sizeof theta) == 0);
        jf_layer_free(flow);
        jf_matrix_free(&x);
    }
}

static void test_blame(void)
{
    jf_latent box = jf_uniform(-0.1, 0.1);
    real nan = (real)NAN, large = SINGLE ? R(45.0) : R(300.0);

    blames(3, nan, 0, &normal, JF_BLAME_THETA, 1, "diagonal");
    blames(9, (real)INFINITY, 0, &normal, JF_BLAME_THETA, 3, "dense");
    blames(0, 0, nan, &normal, JF_BLAME_Z, 0, "bias");
    blames(2, R(1e4), 0, &normal, JF_BLAME_Z, 1, "diagonal");
    blames(9, 0, 0, &normal, JF_BLAME_CODE, 3, "dense");
    blames(0, 0, 0, &box, JF_BLAME_LOG_LATENT, (size_t)-1, "-");
    blames(2, large, 0, &normal, JF_BLAME_GRADIENT, 3, "dense");

    /* A finite gradient whose square is not: its entries are 1e30 or 1e200. */
    blames(0, 0, (real)(SINGLE ? 1e15 : 1e100), &normal, JF_BLAME_GRADIENT, 3,
           "dense");

    jf_matrix x = gaussian(10, 2, 8), v = gaussian(10, 2, 9);
    jf_layer *flow = affine(2);
    real theta[6] = {0, 0, 1, 0, 0, 1};
    jf_fit_result r;
    v.data[3] = nan;
    CHECK(jf_fit(flow, &normal, theta, jf_const(x),
                 &(jf_fit_options){.validation = jf_const(v)}, &r,
                 team) == GSL_SUCCESS);
    CHECK(r.status == JF_DIVERGED && r.culprit.blame == JF_BLAME_VALIDATION);
    CHECK(r.culprit.layer == 0);
    CHECK(strcmp(jf_blame_name(r.culprit.blame), "validation") == 0);
    CHECK(strcmp(jf_fit_status_name(r.status), "diverged") == 0);
    jf_layer_free(flow);
    jf_matrix_free(&v);
    jf_matrix_free(&x);
}

typedef struct {
    size_t calls, last, halt;
    double nll;
} witness;

static int watch(void *arg, const jf_fit_point *p)
{
    witness *w = arg;
    CHECK(p->step > w->last && isfinite(p->gradient_norm) && p->theta);
    w->calls++;
    w->last = p->step;
    w->nll = p->value.nll;
    return p->step == w->halt;
}

static void test_trace(void)
{
    jf_matrix x = gaussian(40, 2, 10);
    jf_layer *flow = affine(2);
    real theta[6] = {0, 0, 1, 0, 0, 1};
    jf_fit_result r;
    witness w = {0};
    jf_fit_options o = {
        .steps = 50, .trace = watch, .trace_arg = &w, .trace_every = 20};

    CHECK(jf_fit(flow, &normal, theta, jf_const(x), &o, &r, team) ==
          GSL_SUCCESS);
    CHECK(w.calls == 3 && w.last == 40 && r.status == JF_FINISHED);
    w = (witness){.halt = 7};
    o.trace_every = 0;
    CHECK(jf_fit(flow, &normal, theta, jf_const(x), &o, &r, team) ==
          GSL_SUCCESS);
    CHECK(w.calls == 7 && r.status == JF_HALTED && r.step == 6);
    w = (witness){.halt = 3};
    o.method = JF_LBFGS;
    CHECK(jf_fit(flow, &normal, theta, jf_const(x), &o, &r, team) ==
          GSL_SUCCESS);
    CHECK(w.calls == 3 && r.status == JF_HALTED && r.value.nll == w.nll);
    jf_layer_free(flow);
    jf_matrix_free(&x);
}

int main(void)
{
    char folder[] = "/tmp/jf-fit-XXXXXX", path[64];

    normal = jf_normal();
    team = jf_team_new(2);
    if (!mkdtemp(folder))
        return 1;
    snprintf(path, sizeof path, "%s/state", folder);
    test_optimum();
    test_descent();
    test_batches();
    test_early_stop(JF_ADAM);
    test_early_stop(JF_SGD);
    test_early_stop(JF_LBFGS);
    test_resume(JF_ADAM, path);
    test_resume(JF_SGD, path);
    test_due(path);
    test_resume_patience(path);
    test_divergence();
    test_blame();
    test_trace();
    test_wrong_state(path);
    rmdir(folder);
    jf_team_free(team);
    return check_end();
}
