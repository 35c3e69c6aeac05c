/* test_objective.c -- the likelihood and its gradient: against a sum by hand,
 * under both tapes, and byte for byte for every number of threads. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "jf.h"

enum { D = 5, ROWS = 777 };

static jf_layer *make(void)
{
    jf_layer *f = jf_flow_new(D);
    jf_flow_add(f, jf_actnorm(D));
    jf_flow_add(f, jf_plu(D, 1));
    jf_flow_add(
        f, jf_coupling(D, 2, JF_UPPER, jf_map_clamp(2),
                       jf_mlp(&(jf_mlp_options){2, 6, 16, 2, JF_TANH, 0, 0})));
    jf_flow_add(f, jf_reverse(D));
    jf_flow_add(
        f, jf_coupling(D, 2, JF_UPPER, jf_map_exp(),
                       jf_mlp(&(jf_mlp_options){2, 6, 16, 1, JF_RELU, 0, 0})));
    return f;
}

static void randomise(const jf_layer *f, real *theta, real spread)
{
    jf_matrix noise = jf_matrix_new(1, f->module.n_params);
    jf_fill_normal(noise, 11, JF_PURPOSE_USER, 0);
    for (size_t i = 0; i < f->module.n_params; i++)
        theta[i] += spread * noise.data[i];
    jf_matrix_free(&noise);
}

/* theta, x and a flow for all tests. */
typedef struct {
    jf_layer *f;
    real *theta;
    jf_matrix x;
    jf_team *team;
    jf_latent q;
} scene;

static scene scene_new(size_t threads)
{
    scene s = {make(), NULL, jf_matrix_new(ROWS, D), jf_team_new(threads),
               jf_normal()};
    s.theta = jf_theta_new(s.f);
    jf_fill_normal(s.x, 3, JF_PURPOSE_DATA, 0);
    jf_init(s.f, s.theta, jf_const(s.x), 5, s.team);
    randomise(s.f, s.theta, R(0.05));
    return s;
}

static void scene_free(scene *s)
{
    jf_team_free(s->team);
    jf_matrix_free(&s->x);
    free(s->theta);
    jf_layer_free(s->f);
}

static void test_by_hand(void)
{
    scene s = scene_new(1);
    jf_matrix z = jf_matrix_new(ROWS, D);
    double ld[ROWS], log_p[ROWS], nll = 0, mean_ld = 0, square = 0;
    double scale = 1000 * (double)JF_EPS;
    jf_likelihood v;

    jf_matrix_copy(z, jf_const(s.x));
    CHECK(jf_forward(s.f, s.theta, z, ld, s.team) == GSL_SUCCESS);
    CHECK(jf_log_prob(s.f, &s.q, s.theta, jf_const(s.x), log_p, s.team) ==
          GSL_SUCCESS);
    for (size_t i = 0; i < ROWS; i++) {
        double q = -0.5 * D * log(2 * M_PI);
        for (size_t j = 0; j < D; j++)
            q -= 0.5 * (double)jf_row(z, i)[j] * (double)jf_row(z, i)[j];
        CHECK_CLOSE(log_p[i], q + ld[i], scale * (1 + fabs(q)));
        nll -= (q + ld[i]) / ROWS;
        mean_ld += ld[i] / ROWS;
        square += -2 * (q + 0.5 * D * log(2 * M_PI)) / D / ROWS;
    }
    CHECK(jf_nll(s.f, &s.q, s.theta, jf_const(s.x), &v, NULL, s.team) ==
          GSL_SUCCESS);
    CHECK_CLOSE(v.nll, nll, scale * (1 + fabs(nll)));
    CHECK_CLOSE(v.log_abs_det, mean_ld, scale * (1 + fabs(mean_ld)));
    CHECK_CLOSE(v.second_moment, square, scale * (1 + square));
    CHECK_CLOSE(v.log_latent + v.log_abs_det, -v.nll, scale * (1 + fabs(nll)));
    CHECK(v.se > 0 && v.se < 1);
    jf_matrix_free(&z);
    scene_free(&s);
}

/* The gradient by central differences in a few directions. */
static void test_gradient(void)
{
    scene s = scene_new(1);
    size_t n = s.f->module.n_params;
    real *grad = jf_theta_new(s.f), *moved = jf_theta_new(s.f);
    jf_matrix v = jf_matrix_new(1, n);
    jf_likelihood up, down;
    double h = cbrt((double)JF_EPS);

    CHECK(jf_nll(s.f, &s.q, s.theta, jf_const(s.x), &up, grad, s.team) ==
          GSL_SUCCESS);
    for (unsigned k = 0; k < 4; k++) {
        double slope = 0;
        jf_fill_normal(v, 13, JF_PURPOSE_USER, k);
        for (size_t i = 0; i < n; i++)
            v.data[i] /= (real)sqrt((double)n);
        for (int side = -1; side <= 1; side += 2) {
            for (size_t i = 0; i < n; i++)
                moved[i] = s.theta[i] + (real)(side * h) * v.data[i];
            jf_nll(s.f, &s.q, moved, jf_const(s.x), side < 0 ? &down : &up,
                   NULL, s.team);
        }
        for (size_t i = 0; i < n; i++)
            slope += (double)grad[i] * (double)v.data[i];
        CHECK_CLOSE((up.nll - down.nll) / (2 * h), slope, 100 * h * h);
    }
    jf_matrix_free(&v);
    free(moved);
    free(grad);
    scene_free(&s);
}

/* Storing and recomputing activations give the same gradient but for the
 * rounding of the recovered x; no memory at all forces the second. */
static void test_tapes(void)
{
    scene s = scene_new(1);
    size_t n = s.f->module.n_params;
    real *full = jf_theta_new(s.f), *lean = jf_theta_new(s.f);
    double worst = 0, size = 0;
    jf_likelihood v, w;

    CHECK(jf_nll(s.f, &s.q, s.theta, jf_const(s.x), &v, full, s.team) ==
          GSL_SUCCESS);
    s.team->memory = 0;
    CHECK(jf_nll(s.f, &s.q, s.theta, jf_const(s.x), &w, lean, s.team) ==
          GSL_SUCCESS);
    for (size_t i = 0; i < n; i++) {
        worst = fmax(worst, fabs((double)(full[i] - lean[i])));
        size = fmax(size, fabs((double)full[i]));
    }
    CHECK(v.nll == w.nll);
    CHECK(worst > 0); /* the two paths do differ */
    CHECK(worst <= 1000 * (double)JF_EPS * (1 + size));
    free(lean);
    free(full);
    scene_free(&s);
}

static void test_threads(void)
{
    scene one = scene_new(1);
    real *grad = jf_theta_new(one.f), *other = jf_theta_new(one.f);
    jf_likelihood v, w;
    CHECK(jf_nll(one.f, &one.q, one.theta, jf_const(one.x), &v, grad,
                 one.team) == 0);
    for (size_t threads = 2; threads <= 5; threads++) {
        scene many = scene_new(threads);
        CHECK(memcmp(many.theta, one.theta,
                     one.f->module.n_params * sizeof(real)) == 0);
        CHECK(jf_nll(many.f, &many.q, many.theta, jf_const(many.x), &w, other,
                     many.team) == 0);
        CHECK(memcmp(&v, &w, sizeof v) == 0);
        CHECK(memcmp(grad, other, one.f->module.n_params * sizeof(real)) == 0);
        scene_free(&many);
    }
    free(other);
    free(grad);
    scene_free(&one);
}

/* Gradients so large that there are two lanes: more threads divide products within
 * one, whose widths are no multiples of a panel. */
static void test_divided(void)
{
    enum { WIDE = 38, FIRST = 17, BATCH = 150 };
    static const size_t threads[] = {1, 2, 3, 8, 16};
    jf_mlp_options o = {.n_in = FIRST,
                        .n_out = 2 * (WIDE - FIRST),
                        .hidden = 1100,
                        .depth = 2,
                        .activation = JF_TANH};
    jf_layer *f = jf_flow_new(WIDE),
             *of[] = {jf_coupling(WIDE, FIRST, JF_UPPER, jf_map_clamp(2),
                                  jf_mlp(&o)),
                      jf_dense(WIDE),
                      jf_autoregressive(WIDE, jf_map_clamp(1),
                                        jf_made(WIDE, 2, 610, 2, JF_RELU))};
    for (size_t k = 0; k < sizeof of / sizeof *of; k++)
        jf_flow_add(f, of[k]);
    size_t bytes = f->module.n_params * sizeof(real);
    real *theta = jf_theta_new(f), *one = jf_theta_new(f);
    real *other = jf_theta_new(f);
    jf_matrix x = jf_matrix_new(BATCH, WIDE);
    jf_latent q = jf_normal();
    jf_likelihood v, w;
    jf_team *alone = jf_team_new(1);
    jf_fill_normal(x, 3, JF_PURPOSE_DATA, 0);
    CHECK(jf_init(f, theta, jf_const(x), 5, alone) == GSL_SUCCESS);
    randomise(f, theta, R(0.01));
    for (size_t k = 0; k < sizeof threads / sizeof *threads; k++) {
        jf_team *team = jf_team_new(threads[k]);
        team->order = k;
        CHECK(jf_nll(f, &q, theta, jf_const(x), k ? &w : &v, k ? other : one,
                     team) == GSL_SUCCESS);
        CHECK(isfinite(v.nll));
        CHECK(k == 0 || memcmp(&v, &w, sizeof v) == 0);
        CHECK(k == 0 || memcmp(one, other, bytes) == 0);
        CHECK(team->work[0]->depth == 0);
        jf_team_free(team);
    }
    jf_team_free(alone);
    jf_matrix_free(&x);
    free(other);
    free(one);
    free(theta);
    jf_layer_free(f);
}

static void test_samples(void)
{
    scene s = scene_new(2);
    jf_matrix x = jf_matrix_new(ROWS, D), z = jf_matrix_new(ROWS, D);
    double ld[ROWS], worst = 0;
    CHECK(jf_sample(s.f, &s.q, s.theta, x, 9, s.team) == GSL_SUCCESS);
    CHECK(jf_forward(s.f, s.theta, x, ld, s.team) == GSL_SUCCESS);
    jf_latent_sample(&s.q, z, 9, 0);
    for (size_t i = 0; i < ROWS * D; i++)
        worst = fmax(worst, fabs((double)(x.data[i] - z.data[i])));
    CHECK(worst > 0 && worst < 1e4 * (double)JF_EPS);
    jf_matrix_free(&z);
    jf_matrix_free(&x);
    scene_free(&s);
}

/* Wrong shapes are codes, and a value that is not finite is returned. */
static void test_refusals(void)
{
    scene s = scene_new(1);
    jf_matrix wrong = jf_matrix_new(3, D + 1), bad = jf_matrix_new(3, D);
    real *grad = jf_theta_new(s.f);
    jf_likelihood v;
    CHECK(jf_nll(s.f, &s.q, s.theta, jf_const(wrong), &v, NULL, s.team) ==
          GSL_EBADLEN);
    CHECK(jf_nll(s.f, &s.q, s.theta, jf_const(jf_rows(bad, 0, 0)), &v, NULL,
                 s.team) == GSL_EBADLEN);
    bad.data[2] = (real)NAN;
    CHECK(jf_nll(s.f, &s.q, s.theta, jf_const(bad), &v, grad, s.team) ==
          GSL_SUCCESS);
    CHECK(isnan(v.nll));
    CHECK(s.team->work[0]->depth == 0);
    free(grad);
    jf_matrix_free(&bad);
    jf_matrix_free(&wrong);
    scene_free(&s);
}

int main(void)
{
    CHECK_CLOSE(jf_bits_per_dim(0, 3, 8), 8, 0);
    CHECK_CLOSE(jf_bits_per_dim(-64 * log(2.0), 64, 0), 1, 1e-15);
    test_by_hand();
    test_gradient();
    test_tapes();
    test_threads();
    test_divided();
    test_samples();
    test_refusals();
    return check_end();
}
