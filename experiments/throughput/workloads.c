/* workloads.c -- the flows that are timed, and what they must cost.
 *
 * Operations are those of the products with weights: 2 a weight and row
 * forward, and twice as many backward (by weights and by inputs); recomputing
 * activations is one more forward.  Masked weights count as if there were no
 * mask.  Bytes: every parameter with its gradient and the two moments of Adam
 * is read and written once, rows are read once, and what the tape keeps is
 * written once and read once. */
#include "throughput.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

const char *const mode_names[MODES] = {"train", "log_prob", "sample"};

/* Couplings that turn about, and as wide as the half they read or write. */
static jf_layer *build_real_nvp(const workload *w)
{
    jf_layer *f = jf_flow_new(w->d);
    size_t split = w->d - w->d / 2;
    for (size_t k = 0; k < w->layers; k++) {
        jf_side side = k % 2 ? JF_LOWER : JF_UPPER;
        size_t b = side == JF_UPPER ? w->d - split : split;
        jf_mlp_options o = {.n_in = w->d - b,
                            .n_out = 2 * b,
                            .hidden = w->hidden,
                            .depth = 2,
                            .activation = JF_RELU};
        jf_flow_add(
            f, jf_coupling(w->d, split, side, jf_map_clamp(1), jf_mlp(&o)));
    }
    return f;
}

static double products_real_nvp(const workload *w)
{
    double sum = 0, h = (double)w->hidden;
    for (size_t k = 0; k < w->layers; k++) {
        size_t b = k % 2 ? w->d - w->d / 2 : w->d / 2;
        sum += (double)(w->d - b) * h + h * h + h * 2 * (double)b;
    }
    return sum;
}

static jf_layer *build_maf(const workload *w)
{
    jf_layer *f = jf_flow_new(w->d);
    for (size_t k = 0; k < w->layers; k++) {
        jf_flow_add(f,
                    jf_autoregressive(w->d, jf_map_clamp(1),
                                      jf_made(w->d, 2, w->hidden, 2, JF_RELU)));
        jf_flow_add(f, jf_reverse(w->d));
    }
    return f;
}

static double products_maf(const workload *w)
{
    double h = (double)w->hidden, d = (double)w->d;
    return (double)w->layers * (d * h + h * h + 2 * d * h);
}

static jf_layer *build_glow(const workload *w)
{
    return jf_glow(&(jf_glow_options){.height = w->side,
                                      .width = w->side,
                                      .levels = w->levels,
                                      .depth = w->layers,
                                      .hidden = w->hidden,
                                      .map = jf_map_sigmoid(),
                                      .no_prior = 1});
}

/* A step: 1 x 1 on c channels; 3 x 3 from c / 2, 1 x 1, 3 x 3 to c. */
static double products_glow(const workload *w)
{
    double sum = 0, h = (double)w->hidden, c = 12;
    double pixels = (double)(w->side * w->side) / 4;
    for (size_t l = 0; l < w->levels; l++) {
        sum += (double)w->layers * pixels *
               (c * c + 9 * c / 2 * h + h * h + 9 * h * c);
        c *= 2;
        pixels /= 4;
    }
    return sum;
}

/* z = W x + b. */
static jf_layer *with_bias(jf_layer *linear)
{
    size_t d = linear->d;
    jf_layer *f = jf_flow_new(d);
    jf_flow_add(f, linear);
    jf_flow_add(f, jf_bias(d));
    return f;
}

static jf_layer *build_plu(const workload *w)
{
    return with_bias(jf_plu(w->d, 1));
}

static jf_layer *build_triangular(const workload *w)
{
    return with_bias(jf_triangular(w->d));
}

static jf_layer *build_dense(const workload *w)
{
    return with_bias(jf_dense(w->d));
}

static double products_linear(const workload *w)
{
    return (double)(w->d * w->d);
}

static jf_layer *build_residual(const workload *w)
{
    jf_mlp_options o = {.n_in = w->d,
                        .n_out = w->d,
                        .hidden = w->hidden,
                        .depth = 2,
                        .activation = JF_TANH};
    return jf_residual_net(w->d, jf_mlp(&o));
}

/* The net, its Jacobian as two products of matrices, and the determinant of
 * that by elimination. */
static double products_residual(const workload *w)
{
    double d = (double)w->d, h = (double)w->hidden;
    return 2 * d * h + h * h + h * h * d + d * h * d + d * d * d / 3;
}

static jf_layer *build_cosine(const workload *w)
{
    return jf_cosine(w->side, w->side, 3, 8);
}

/* Two transforms, each 5/2 log2(side^2) operations a value (Frigo and Johnson
 * 2005: the count of a complex one, halved), and a triangle of channels. */
static double products_cosine(const workload *w)
{
    double values = (double)w->d, pixels = values / 3;
    return values * 2.5 * 2 * log2((double)w->side) + 6 * pixels;
}

/* A coupling by one convolution, 3 x 3 from a channel to 4. */
static jf_layer *build_convolution(const workload *w)
{
    jf_convnet_options o = {.height = w->side,
                            .width = w->side,
                            .n_in = 1,
                            .n_out = 4,
                            .hidden = w->hidden};
    return jf_image_coupling(w->side, w->side, 3, 1, JF_UPPER, jf_map_clamp(1),
                             jf_convnet(&o));
}

static double products_convolution(const workload *w)
{
    return 9 * 4 * (double)(w->side * w->side);
}

static jf_layer *build_interlaced(const workload *w)
{
    return jf_interlaced(w->side, w->side, 3, w->levels, 5, 256);
}

/* By pixel and channel 16 taps of each channel, 5 maps of each and the channels
 * before it; maps by four products a pass, twice, over 4 / 3 of the pixels; no functions. */
static double products_interlaced(const workload *w)
{
    double pixels = (double)w->d / 3;
    return pixels * (3 * (3 * 16 + 3 * 5 + 2) + 2 * 5 * 3 * 2 * 4. / 3);
}

#define BOTH (FLOAT | DOUBLE)

const workload workloads[] = {
    {"W1", "RealNVP d=2 8x(2x64)", build_real_nvp, products_real_nvp, .d = 2,
     .layers = 8, .hidden = 64, .batch = 256, .rows = {256, 4096, 4096},
     .precisions = BOTH, .asked = {5, 2, 2}},
    {"W2", "RealNVP d=63 10x(2x512)", build_real_nvp, products_real_nvp,
     .d = 63, .layers = 10, .hidden = 512, .batch = 512,
     .rows = {512, 2048, 2048}, .precisions = BOTH, .asked = {1.4, 1.4, 1.5}},
    {"W2m", "MAF d=63 10x(2x512)", build_maf, products_maf, .d = 63,
     .layers = 10, .hidden = 512, .batch = 512, .rows = {512, 2048, 256},
     .precisions = BOTH, .asked = {1.8, 1.8}},
    {"W3", "Glow 32x32x3 K=8 L=3 h=128", build_glow, products_glow, .d = 3072,
     .layers = 8, .hidden = 128, .batch = 16, .rows = {16, 16, 16}, .side = 32,
     .levels = 3, .precisions = FLOAT, .asked = {2.2, 2}},
    {"W4", "Glow 1024x1024x3 K=4 L=6 h=32", build_glow, products_glow,
     .d = 3145728, .layers = 4, .hidden = 32, .batch = 1, .rows = {1, 1, 1},
     .side = 1024, .levels = 6, .precisions = FLOAT, .asked = {2.2, 2}},
    {"W4r", "W4, activations recomputed", build_glow, products_glow,
     .d = 3145728, .layers = 4, .hidden = 32, .batch = 1, .rows = {1},
     .side = 1024, .levels = 6, .recompute = 1, .precisions = FLOAT,
     .asked = {3}},
    {"W5", "linear d=512, P L U", build_plu, products_linear, .d = 512,
     .layers = 1, .batch = 1024, .rows = {1024, 1024, 1024},
     .precisions = BOTH},
    {"W5t", "linear d=512, triangular", build_triangular, products_linear,
     .d = 512, .layers = 1, .batch = 1024, .rows = {1024, 1024, 1024},
     .precisions = BOTH},
    {"W5d", "linear d=512, dense", build_dense, products_linear, .d = 512,
     .layers = 1, .batch = 1024, .rows = {1024, 1024, 1024},
     .precisions = DOUBLE, .asked = {1.5}},
    {"W6-2", "x + MLP(2x64) d=2, exact", build_residual, products_residual,
     .d = 2, .layers = 1, .hidden = 64, .batch = 256, .rows = {0, 256},
     .precisions = FLOAT, .asked = {0, 3}},
    {"W6-8", "x + MLP(2x64) d=8, exact", build_residual, products_residual,
     .d = 8, .layers = 1, .hidden = 64, .batch = 256, .rows = {0, 256},
     .precisions = FLOAT, .asked = {0, 3}},
    {"W6-16", "x + MLP(2x64) d=16, exact", build_residual, products_residual,
     .d = 16, .layers = 1, .hidden = 64, .batch = 256, .rows = {0, 256},
     .precisions = FLOAT, .asked = {0, 3}},
    {"W6-64", "x + MLP(2x64) d=64, exact", build_residual, products_residual,
     .d = 64, .layers = 1, .hidden = 64, .batch = 256, .rows = {0, 256},
     .precisions = FLOAT, .asked = {0, 3}},
    {"W7", "cosine 1024x1024x3, 8 knots", build_cosine, products_cosine,
     .d = 3145728, .layers = 1, .batch = 1, .rows = {1, 1, 1}, .side = 1024,
     .precisions = FLOAT},
    {"W7c", "coupling by a 3x3 convolution, as large", build_convolution,
     products_convolution, .d = 3145728, .layers = 1, .batch = 1,
     .rows = {1, 1, 1}, .side = 1024, .precisions = FLOAT},
    {"W7i", "interlaced 1024x1024x3, 6 levels", build_interlaced,
     products_interlaced, .d = 3145728, .layers = 1, .batch = 1,
     .rows = {1, 1, 1}, .side = 1024, .levels = 6, .precisions = FLOAT},
};
const size_t n_workloads = sizeof workloads / sizeof *workloads;

const workload *workload_named(const char *name)
{
    for (size_t k = 0; k < n_workloads; k++)
        if (strcmp(workloads[k].name, name) == 0)
            return &workloads[k];
    return NULL;
}

/* A linear flow needs no gradient by its input; its matrix is made from
 * factors or inverted, and the gradient is brought back: 2 d^3 in all.  A cosine
 * layer transforms z and dz. */
double workload_operations(const workload *w, mode m)
{
    double n = (double)w->rows[m], p = w->products(w), d = (double)w->d;
    if (w->products == products_linear)
        return m == TRAIN ? 4 * n * p + 2 * d * d * d : 2 * n * p;
    if (w->products == products_cosine)
        return (m == TRAIN ? 4 : 2) * n * p;
    return (m != TRAIN ? 2 : w->recompute ? 8 : 6) * n * p;
}

double workload_bytes(const workload *w, mode m, size_t size)
{
    jf_layer *f = w->build(w);
    double params = (double)f->module.n_params, saved = (double)f->n_saved;
    double n = (double)w->rows[m], d = (double)w->d;
    double reals =
        m == LOG_PROB ? params + n * d
        : m == SAMPLE ? params + 2 * n * d
                      : 8 * params + n * d + (w->recompute ? 0 : 2 * n * saved);
    jf_layer_free(f);
    return reals * (double)size;
}

/* A time of a call that failed is of no use. */
static void must(const job *j, int status)
{
    if (status != GSL_SUCCESS)
        jf_fail(1, "%s: %s", j->w->name, gsl_strerror(status));
}

job job_new(const workload *w, size_t threads)
{
    job j = {.w = w, .f = w->build(w), .adam = jf_adam(0), .q = jf_normal()};
    size_t state = jf_optimizer_state(&j.adam, j.f->module.n_params),
           most = w->batch;
    for (size_t m = 0; m < MODES; m++)
        most = w->rows[m] > most ? w->rows[m] : most;
    j.team = jf_team_new(threads);
    if (w->recompute)
        j.team->memory = 0;
    j.theta = jf_theta_new(j.f);
    if (w->rows[TRAIN]) {
        j.grad = jf_theta_new(j.f);
        j.state = jf_alloc(state, sizeof *j.state);
    }
    j.log_p = jf_alloc(most, sizeof *j.log_p);
    j.x = jf_matrix_new(most, w->d);
    if (w->side)
        jf_fill_uniform(j.x, 1, JF_PURPOSE_DATA, 0);
    else
        jf_fill_normal(j.x, 1, JF_PURPOSE_DATA, 0);
    must(&j,
         jf_init(j.f, j.theta, jf_const(jf_rows(j.x, 0, w->batch)), 1, j.team));
    return j;
}

void job_call(job *j, mode m)
{
    jf_likelihood value;
    jf_matrix x = jf_rows(j->x, 0, j->w->rows[m]);
    switch (m) {
    case TRAIN:
        must(j, jf_nll(j->f, &j->q, j->theta, jf_const(x), &value, j->grad,
                       j->team));
        jf_optimizer_step(&j->adam, ++j->step, 1e-4, 1, j->f->module.n_params,
                          j->theta, j->state, j->grad, j->team);
        return;
    case LOG_PROB:
        must(j, jf_log_prob(j->f, &j->q, j->theta, jf_const(x), j->log_p,
                            j->team));
        return;
    default:
        if (!j->draws.data)
            j->draws = jf_matrix_new(x.rows, x.cols);
        must(j, jf_sample(j->f, &j->q, j->theta, j->draws, 1, j->team));
    }
}

void job_free(job *j)
{
    jf_matrix_free(&j->draws);
    jf_matrix_free(&j->x);
    free(j->log_p);
    free(j->state);
    free(j->grad);
    free(j->theta);
    jf_team_free(j->team);
    jf_layer_free(j->f);
}

double job_arena_mib(const job *j)
{
    size_t bytes = 0;
    for (size_t l = 0; l < JF_MAX_LANES; l++) {
        for (const jf_work *k = j->team->work[l]; k; k = k->second)
            bytes += k->peak_bytes;
        for (const jf_work *k = j->team->pieces[l]; k; k = k->second)
            bytes += k->peak_bytes;
    }
    return (double)bytes / (1 << 20);
}

uint32_t job_digest(const job *j)
{
    return (uint32_t)crc32(
        0, (const unsigned char *)j->theta,
        (unsigned)(j->f->module.n_params * sizeof *j->theta));
}
