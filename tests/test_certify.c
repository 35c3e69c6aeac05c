/* test_certify.c -- what proofs-check encloses, by a reader of its own, holds
 * what the library computes: every layer that it knows, at points and on boxes.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <zlib.h>

#include "check.h"
#include "flow_boxes.h"
#include "flow_models.h"
#include "jf.h"

#define NET "hidden=7, depth=2, activation=tanh, bias=1, lipschitz=0"
#define TWO(map, net)                                                          \
    "flow(d=2) { coupling(d=2, split=1, side=upper, map=" map                  \
    ") { mlp(in=1, " net ") } coupling(d=2, split=1, side=lower, map=" map     \
    ") { mlp(in=1, " net ") } }"

/* Those of the plane are tried on boxes as well. */
static const char *const texts[] = {
    TWO("clamp(limit=2)", "out=2, " NET),
    TWO("exp()",
        "out=2, hidden=9, depth=1, activation=softplus, bias=1, lipschitz=0"),
    TWO("range(least=0.3, largest=2.5)",
        "out=2, hidden=5, depth=1, activation=elu, bias=0, lipschitz=0"),
    TWO("sigmoid()",
        "out=2, hidden=5, depth=2, activation=relu, bias=1, lipschitz=0.7"),
    TWO("shift()",
        "out=1, hidden=0, depth=0, activation=tanh, bias=1, lipschitz=0"),
    TWO("spline(bins=5, bound=1.5)",
        "out=14, hidden=6, depth=1, activation=tanh, bias=1, lipschitz=0"),
    "autoregressive(d=2, map=exp()) { made(d=2, params=2, hidden=6, depth=2, "
    "activation=tanh) }",
    "autoregressive(d=2, map=spline(bins=3, bound=2)) { made(d=2, params=8, "
    "hidden=6, depth=1, activation=softplus) }",
    "residual_net(d=2) { mlp(in=2, out=2, hidden=6, depth=2, activation=tanh, "
    "bias=1, lipschitz=0.8) }",
    "residual_net(d=2) { mlp(in=2, out=2, hidden=5, depth=1, "
    "activation=softplus, bias=1, lipschitz=0.9) }",
    "residual_net(d=2) { mlp(in=2, out=2, hidden=5, depth=2, activation=elu, "
    "bias=0, lipschitz=0.6) }",
    "flow(d=2) { actnorm(d=2) dense(d=2) reverse(d=2) inversion(d=2) bias(d=2) "
    "}",
    "flow(d=2) { dense(d=2) coupling(d=2, split=1, side=lower, map=exp()) { "
    "mlp(in=1, out=2, " NET ") } reverse(d=2) coupling(d=2, split=1, "
    "side=lower, map=clamp(limit=2)) { mlp(in=1, out=2, " NET ") } "
    "actnorm(d=2) }",
    "flow(d=3) { diagonal(d=3) triangular(d=3) scale(d=3) bias(d=3) "
    "permutation(from=2 0 1) }",
    TWO("shift()", "out=1, " NET),
    "flow(d=5) { plu(d=5, seed=3) qr(d=5) svd(d=5) shuffle(d=5, seed=11) "
    "svd_bounded(d=5, least=0.5, largest=3) }",
    "flow(d=4) { orthogonal(d=4, k=3) deep_linear(d=4, k=2) "
    "special_linear(d=4) inversion(d=4) }",
    "autoregressive(d=5, map=clamp(limit=1)) { made(d=5, params=2, hidden=13, "
    "depth=2, activation=relu) }",
    "residual_net(d=6) { mlp(in=6, out=6, hidden=9, depth=1, activation=tanh, "
    "bias=1, lipschitz=0.9) }",
    "flow(d=6) { shared(positions=3) { dense(d=2) } elementwise(d=6, "
    "map=spline(bins=4, bound=2)) coupling(d=6, split=2, side=lower, "
    "map=clamp(limit=2)) { mlp(in=4, out=4, " NET ") } checkpoint(d=6) }",
    "flow(d=24) { squeeze(height=4, width=2, channels=3) shared(positions=2) { "
    "coupling(d=12, split=5, side=lower, map=clamp(limit=2)) { "
    "convnet(height=2, width=1, in=7, out=10, hidden=6, activation=elu) } } "
    "unsqueeze(height=4, width=2, channels=3) factor_out(pixels=8, channels=3, "
    "keep=1) columns(d=24, first=3) { qr(d=5) } }",
    "shared(positions=1) { coupling(d=2, split=1, side=upper, "
    "map=clamp(limit=1)) { convnet(height=1, width=1, in=1, out=2, hidden=4, "
    "activation=tanh) } }",
};
enum { TEXTS = sizeof texts / sizeof *texts, ROWS = 6, INSIDE = 8 };

static jf_team *team;
static char path[] = "/tmp/jf-certify-XXXXXX";

static double middle(const arb_t z)
{
    return arf_get_d(arb_midref(z), ARF_RND_NEAR);
}

static double radius(const arb_t z)
{
    return mag_get_d(arb_radref(z));
}

/* Whether z holds what was computed, up to its rounding. */
static int holds(const arb_t z, double computed)
{
    return fabs(computed - middle(z)) <=
           radius(z) + 1e-11 * (1 + fabs(middle(z)));
}

static void at_points(const flow *f, const jf_model *m)
{
    size_t d = m->flow->d;
    jf_matrix x = jf_matrix_new(ROWS, d), z = jf_matrix_new(ROWS, d);
    double log_det[ROWS], log_p[ROWS], sum = 0;
    arb_ptr c = _arb_vec_init((slong)d);
    flow_value v;
    flow_value_init(&v, (slong)d, 0);
    jf_fill_normal(x, 3, JF_PURPOSE_DATA, 0);
    jf_matrix_copy(z, jf_const(x));
    CHECK(jf_model_forward(m, z, log_det, log_p, team) == GSL_SUCCESS);
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t j = 0; j < d; j++)
            arb_set_d(c + j, (double)jf_row(x, i)[j]);
        flow_evaluate(&v, f, &(flow_place){.centre = c});
        for (size_t j = 0; j < d; j++)
            CHECK(holds(v.z + j, (double)jf_row(z, i)[j]));
        CHECK(holds(v.log_det, log_det[i]));
        CHECK(holds(v.log_q, log_p[i]));
        CHECK(radius(v.log_q) < 1e-9);
        sum += log_det[i];
    }
    CHECK(isfinite(sum));
    flow_value_clear(&v);
    _arb_vec_clear(c, (slong)d);
    jf_matrix_free(&z);
    jf_matrix_free(&x);
}

/* On boxes of some widths, values at points within lie in those on the box, and
 * differences from the centre in what the gradient allows; outside: how many do
 * not. */
static size_t on_boxes(const flow *f, const jf_model *m, int centre_only)
{
    size_t outside = 0;
    jf_matrix x = jf_matrix_new(INSIDE, 2), z = jf_matrix_new(INSIDE, 2);
    double log_det[INSIDE], log_p[INSIDE];
    arb_ptr c = _arb_vec_init(4), half = c + 2;
    flow_value v;
    flow_value_init(&v, 2, 1);
    for (int width = 1; width <= 6; width++)
        for (int k = 0; k < 9; k++) {
            double h = ldexp(1, -width);
            jf_fill_uniform(x, (uint64_t)(9 * width + k), JF_PURPOSE_DATA, 0);
            for (int j = 0; j < 2; j++) {
                double centre = 0.4 + 0.9 * (j ? k / 3 - 1 : k % 3 - 1);
                arb_set_d(c + j, centre);
                mag_set_ui_2exp_si(arb_radref(half + j), 1, -width);
                for (size_t i = 0; i < INSIDE; i++)
                    jf_row(x, i)[j] =
                        (real)(centre + h * (2 * (double)jf_row(x, i)[j] - 1));
            }
            jf_matrix_copy(z, jf_const(x));
            CHECK(jf_model_forward(m, z, log_det, log_p, team) == GSL_SUCCESS);
            flow_evaluate(&v, f, &(flow_place){c, half, centre_only});
            for (size_t i = 0; i < INSIDE; i++) {
                arb_srcptr of[] = {v.log_det, v.log_q, v.z, v.z + FLOW_STRIDE};
                double value[] = {log_det[i], log_p[i], (double)jf_row(z, i)[0],
                                  (double)jf_row(z, i)[1]};
                for (int q = 0; q < 4; q++) {
                    double reach = radius(of[q] + CENTRE);
                    double off = value[q] - middle(of[q] + CENTRE);
                    for (int j = 0; j < 2; j++) {
                        arb_srcptr g = of[q] + GRADIENT + j;
                        double step = (double)jf_row(x, i)[j] - middle(c + j);
                        off -= middle(g) * step;
                        reach += radius(g) * fabs(step);
                    }
                    outside += arb_is_finite(of[q]) && !holds(of[q], value[q]);
                    outside += isfinite(reach) && isfinite(off) &&
                               !(fabs(off) <= reach + 1e-11);
                }
            }
        }
    flow_value_clear(&v);
    _arb_vec_clear(c, 4);
    jf_matrix_free(&z);
    jf_matrix_free(&x);
    return outside;
}

/* On parts of some widths, values at points within lie in a model's;
 * without: how many do not lie in it without its rest. */
static size_t by_models(const flow *f, const jf_model *m, size_t *without)
{
    size_t outside = 0;
    jf_matrix x = jf_matrix_new(INSIDE, 2), z = jf_matrix_new(INSIDE, 2);
    double log_det[INSIDE], log_p[INSIDE];
    arb_ptr t = _arb_vec_init(6), c = t + 2, h = t + 4;
    arb_t is;
    flow_room room;
    flow_model v;
    arb_init(is);
    flow_room_init(&room, f);
    flow_model_init(&v);
    for (int width = 1; width <= 5; width++) {
        jf_fill_uniform(x, (uint64_t)width, JF_PURPOSE_DATA, 1);
        for (int j = 0; j < 2; j++) {
            double centre = 0.25 - 0.5 * j;
            arb_set_d(c + j, centre);
            arb_one(h + j);
            arb_mul_2exp_si(h + j, h + j, -width);
            model_variable(&v.z[j], c + j, h + j, j + 1);
            for (size_t i = 0; i < INSIDE; i++)
                jf_row(x, i)[j] =
                    (real)(centre +
                           ldexp(2 * (double)jf_row(x, i)[j] - 1, -width));
        }
        jf_matrix_copy(z, jf_const(x));
        CHECK(jf_model_forward(m, z, log_det, log_p, team) == GSL_SUCCESS);
        flow_model_pass(&v, f, &room);
        for (size_t i = 0; i < 4 * INSIDE; i++) {
            model *of[] = {&v.log_det, &v.log_q, &v.z[0], &v.z[1]},
                  *q = of[i % 4];
            size_t row = i / 4;
            double value = i % 4 == 0   ? log_det[row]
                           : i % 4 == 1 ? log_p[row]
                                        : (double)jf_row(z, row)[i % 4 - 2];
            for (int j = 0; j < 2; j++) {
                arb_set_d(t + j, (double)jf_row(x, row)[j]);
                arb_sub(t + j, t + j, c + j, MODEL_BITS);
                arb_div(t + j, t + j, h + j, MODEL_BITS);
            }
            model_value(is, q, t, MODEL_BITS);
            outside += !holds(is, value);
            mag_sub(arb_radref(is), arb_radref(is), q->rest);
            *without += !holds(is, value);
        }
    }
    flow_model_clear(&v);
    flow_room_clear(&room);
    arb_clear(is);
    _arb_vec_clear(t, 6);
    jf_matrix_free(&z);
    jf_matrix_free(&x);
    return outside;
}

static size_t modelled;

static void test_text(const char *text, size_t k)
{
    double mean[64], scale[64];
    jf_model m = {.flow = jf_flow_parse(text), .base = jf_normal()};
    flow f;
    CHECK(m.flow != NULL);
    if (!m.flow)
        return;
    if (k % 3 == 1) {
        for (int j = 0; j < 64; j++) {
            mean[j] = 0.25 * j - 0.5;
            scale[j] = 1.5 + 0.125 * j;
        }
        m.mean = mean;
        m.scale = scale;
        m.base = jf_logistic();
    }
    m.theta = jf_theta_new(m.flow);
    jf_matrix theta = jf_view(m.theta, 1, m.flow->module.n_params);
    jf_fill_normal(theta, k, JF_PURPOSE_INIT, 0);
    real spread = m.flow->d > 8 ? R(0.2) : R(0.6); /* nets of many inputs */
    for (size_t i = 0; i < theta.cols; i++)
        m.theta[i] *= spread;
    CHECK(jf_flow_save(path, &m) == GSL_SUCCESS);
    flow_read(&f, path);
    CHECK((size_t)f.map.d == m.flow->d);
    at_points(&f, &m);
    if (f.map.d == 2) {
        CHECK(on_boxes(&f, &m, 0) == 0);
        CHECK(on_boxes(&f, &m, 1) > 0 || strstr(text, "dense"));
    }
    if (flow_models_fit(&f)) {
        size_t without = 0;
        CHECK(by_models(&f, &m, &without) == 0);
        CHECK(without > 0 || !strstr(text, "tanh") || strstr(text, "hidden=0"));
        modelled++;
    }
    flow_clear(&f);
    free(m.theta);
    jf_layer_free(m.flow);
}

/* Means over a box by models and by centred forms alone. */
static void test_means(box_law law)
{
    char file[4200];
    flow f;
    box_result coarse, fine, finer, broken;
    box_result *all[] = {&coarse, &fine, &finer, &broken};
    snprintf(file, sizeof file, "%s/trained/uniform-1.theta", jf_data_folder());
    flow_read(&f, file);
    CHECK(flow_models_fit(&f));
    for (int k = 0; k < 4; k++) {
        box_result_init(all[k]);
        boxes(all[k], &(box_task){.flows = {&f},
                                  .box = {-0.5, 1, -1, 0.25},
                                  .n = 4,
                                  .tolerance = 0.5,
                                  .fine = k == 0   ? 0
                                          : k == 1 ? 0.05
                                                   : 0.005,
                                  .law = law,
                                  .centre_only = k == 3,
                                  .threads = 1});
    }
    const box_flow *of[] = {coarse.flows, fine.flows, finer.flows,
                            broken.flows};
    for (int k = 0; k < 2; k++) {
        arb_srcptr z[] = {
            k ? &of[0]->mass : &of[0]->gap, k ? &of[1]->mass : &of[1]->gap,
            k ? &of[2]->mass : &of[2]->gap, k ? &of[3]->mass : &of[3]->gap};
        CHECK(arb_contains(z[0], z[1]));
        CHECK(arb_contains(z[1], z[2]));
        CHECK(radius(z[1]) < 0.2 * radius(z[0]));
        CHECK(radius(z[2]) < radius(z[1]));
        CHECK(!arb_overlaps(z[2], z[3])); /* the centre for its part */
    }
    CHECK(arf_cmp(&of[1]->least[0], &of[0]->least[0]) >= 0);
    CHECK(arf_cmp(&of[1]->most[1], &of[0]->most[1]) <= 0);
    CHECK(arf_cmp(&of[1]->lipschitz[0], &of[0]->lipschitz[0]) <= 0);
    for (int k = 0; k < 4; k++)
        box_result_clear(all[k]);
    flow_clear(&f);
}

/* The status of a process that reads the file and stops, with little memory;
 * lines: how many it wrote to stderr. */
static int status_of_reading(size_t *lines)
{
    int ends[2], status = -1;
    char said[4096];
    CHECK(pipe(ends) == 0);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
#ifndef __SANITIZE_ADDRESS__ /* which maps terabytes for itself */
        struct rlimit room = {(rlim_t)1 << 29, (rlim_t)1 << 29};
        setrlimit(RLIMIT_AS, &room);
#endif
        flow f;
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        dup2(ends[1], 2);
        flow_read(&f, path);
        _exit(0);
    }
    close(ends[1]);
    *lines = 0;
    for (ssize_t n; (n = read(ends[0], said, sizeof said)) > 0;)
        for (ssize_t i = 0; i < n; i++)
            *lines += said[i] == '\n';
    close(ends[0]);
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static int is_refused(void)
{
    size_t lines;
    return status_of_reading(&lines) == 2 && lines == 1;
}

/* Texts that ask for much, or for nothing that is a flow. */
static void test_hostile(void)
{
    static const char *const hostile[] = {
        "",
        "flow",
        "flow(d=2) {",
        "flow(d=2) { actnorm(d=3) }",
        "flow(d=0)",
        "flow(d=18446744073709551617)",
        "flow(d=2) { reverse(d=2) } x",
        "wavelet(d=2)",
        "permutation(from=0 0)",
        "permutation(from=1 2)",
        "dense(d=64)",
        "orthogonal(d=64, k=8192)",
        "svd_bounded(d=1, least=0, largest=1)",
        "inversion(d=3)",
        "residual_net(d=1) { mlp(in=1, out=1, hidden=1, depth=1, "
        "activation=tanh, bias=1, lipschitz=0) }",
        "coupling(d=2, split=2, side=upper, map=exp()) { mlp(in=1, out=2, "
        "hidden=1, depth=1, activation=tanh, bias=1, lipschitz=0) }",
        "coupling(d=2, split=1, side=upper, map=exp()) { mlp(in=1, out=2, "
        "hidden=1048576, depth=1024, activation=tanh, bias=1, lipschitz=0) }",
        "coupling(d=2, split=1, side=upper, map=exp()) { mlp(in=1, out=2, "
        "hidden=0, depth=3, activation=tanh, bias=1, lipschitz=0) }",
        "elementwise(d=1, map=spline(bins=65, bound=1))",
        "elementwise(d=1, map=spline(bins=2, bound=-1))",
        "elementwise(d=1, map=clamp(limit=nan))",
        "shared(positions=64) { shared(positions=64) { reverse(d=64) } }",
        "squeeze(height=3, width=2, channels=1)",
        "squeeze(height=64, width=64, channels=64)",
        "factor_out(pixels=4, channels=2, keep=3)",
        "columns(d=3, first=2) { reverse(d=2) }",
        "coupling(d=2, split=1, side=upper, map=shift()) { convnet(height=2, "
        "width=2, in=1, out=1, hidden=1, activation=tanh) }",
        "shared(positions=4) { flow(d=2) { coupling(d=2, split=1, side=upper, "
        "map=shift()) { convnet(height=2, width=2, in=1, out=1, hidden=1, "
        "activation=tanh) } } }",
        "shared(positions=4) { coupling(d=2, split=1, side=upper, "
        "map=shift()) { convnet(height=2, width=2, in=1, out=1, hidden=65536, "
        "activation=tanh) } }",
    };
    real theta[3] = {0};
    jf_section s = {.name = "theta", .count = 3, .data = theta};
    for (size_t k = 0; k < sizeof hostile / sizeof *hostile; k++) {
        CHECK(jf_theta_write(path, hostile[k], &s, 1) == GSL_SUCCESS);
        CHECK(is_refused());
    }
    jf_text deep = {0};
    for (int k = 0; k < 1000; k++)
        jf_text_add(&deep, "flow(d=2) { ");
    CHECK(jf_theta_write(path, deep.data, &s, 1) == GSL_SUCCESS);
    CHECK(is_refused());
    free(deep.data);
}

static void spill(const unsigned char *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    CHECK(file && fwrite(bytes, 1, size, file) == size);
    if (file)
        fclose(file);
}

/* A good file cut short, with a byte changed, and so with its checksum right:
 * refused, or in the last case read. */
static void test_damaged(void)
{
    enum { EVERY = 7 };
    real theta[4] = {0};
    jf_section s = {.name = "theta", .count = 4, .data = theta};
    size_t size, lines;
    CHECK(jf_theta_write(path, "flow(d=2) { actnorm(d=2) reverse(d=2) }", &s,
                         1) == GSL_SUCCESS);
    unsigned char *good = (unsigned char *)jf_file_read(path, &size);
    CHECK(good && status_of_reading(&lines) == 0 && lines == 0);
    for (size_t k = 0; good && k < size; k++) {
        unsigned char old = good[k];
        if (k % EVERY == 0) {
            spill(good, k);
            CHECK(is_refused());
        }
        good[k] ^= (unsigned char)(1 + k % 255);
        spill(good, size);
        CHECK(is_refused());
        uint32_t sum = (uint32_t)crc32_z(0, good, size - 4), right;
        memcpy(&right, good + size - 4, 4);
        memcpy(good + size - 4, &sum, 4);
        spill(good, size);
        int status = status_of_reading(&lines);
        CHECK((status == 0 && lines == 0) || (status == 2 && lines == 1));
        memcpy(good + size - 4, &right, 4);
        good[k] = old;
    }
    free(good);
}

/* Flows of images, with and without scales of their own. */
static void test_images(void)
{
    static const jf_glow_options images[] = {
        {.height = 8,
         .width = 8,
         .channels = 1,
         .levels = 2,
         .depth = 2,
         .hidden = 8},
        {.height = 4,
         .width = 4,
         .channels = 3,
         .levels = 1,
         .depth = 2,
         .hidden = 5,
         .checkerboard = 1,
         .mixing = JF_MIX_ORTHOGONAL},
    };
    for (size_t k = 0; k < sizeof images / sizeof *images; k++) {
        jf_layer *glow = jf_glow(images + k);
        char *text = jf_describe(&glow->module);
        CHECK(text != NULL);
        test_text(text, TEXTS + k);
        free(text);
        jf_layer_free(glow);
    }
}

int main(void)
{
    int file = mkstemp(path);
    CHECK(file >= 0);
    close(file);
    team = jf_team_new(1);
    for (size_t k = 0; k < TEXTS; k++)
        test_text(texts[k], k);
    CHECK(modelled >= 3);
    test_images();
    jf_team_free(team);
    test_means(UNIFORM);
    test_means(STANDARD_NORMAL);
    test_hostile();
    test_damaged();
    unlink(path);
    flint_cleanup();
    return check_end();
}
