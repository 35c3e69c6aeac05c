/* test_layers.c -- every layer obeys the seven laws; every fault breaks one.
 *
 * A new layer is a new row of the table below. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "common/ridge_residual.h"
#include "laws.h"

typedef jf_layer *constructor(void);

static jf_net *net(size_t in, size_t out, size_t depth, jf_activation a)
{
    return jf_mlp(&(jf_mlp_options){in, out, 9, depth, a, 0, 0});
}

static jf_layer *bias(void)
{
    return jf_bias(6);
}
static jf_layer *scale(void)
{
    return jf_scale(6);
}
static jf_layer *actnorm(void)
{
    return jf_actnorm(6);
}
static jf_layer *diagonal(void)
{
    return jf_diagonal(6);
}
static jf_layer *reversed(void)
{
    return jf_reverse(5);
}
static jf_layer *shuffle(void)
{
    return jf_shuffle(7, 3);
}
static jf_layer *dense(void)
{
    return jf_dense(6);
}
static jf_layer *dense1(void)
{
    return jf_dense(1);
}
static jf_layer *triangular(void)
{
    return jf_triangular(6);
}
static jf_layer *plu(void)
{
    return jf_plu(6, 1);
}
static jf_layer *qr(void)
{
    return jf_qr(6);
}
static jf_layer *svd(void)
{
    return jf_svd(5);
}
static jf_layer *orthogonal(void)
{
    return jf_orthogonal(6, 6);
}
static jf_layer *householder(void)
{
    return jf_orthogonal(6, 2);
}
static jf_layer *identity(void)
{
    return jf_orthogonal(6, 0);
}
static jf_layer *deep(void)
{
    return jf_deep_linear(5, 3);
}
static jf_layer *special(void)
{
    return jf_special_linear(6);
}
static jf_layer *shared_dense(void)
{
    return jf_shared(3, jf_dense(2));
}

static jf_layer *linear_additive(void)
{
    return jf_coupling(5, 2, JF_LOWER, jf_map_shift(),
                       jf_mlp(&(jf_mlp_options){3, 2, 0, 0, JF_RELU, 1, 0}));
}

static jf_layer *additive(void)
{
    return jf_coupling(6, 3, JF_UPPER, jf_map_shift(),
                       net(3, 3, 2, JF_SOFTPLUS));
}

static jf_layer *affine_exp(void)
{
    return jf_coupling(6, 2, JF_UPPER, jf_map_exp(), net(2, 8, 1, JF_TANH));
}

static jf_layer *affine_clamp(void)
{
    return jf_coupling(6, 2, JF_LOWER, jf_map_clamp(R(1.5)),
                       net(4, 4, 2, JF_TANH));
}

static jf_layer *affine_sigmoid(void)
{
    return jf_coupling(2, 1, JF_UPPER, jf_map_sigmoid(), net(1, 2, 2, JF_ELU));
}

static jf_layer *affine_relu(void)
{
    return jf_coupling(6, 3, JF_UPPER, jf_map_clamp(2), net(3, 6, 2, JF_RELU));
}

static jf_layer *affine_bounded(void)
{
    return jf_coupling(6, 3, JF_UPPER, jf_map_clamp(2),
                       jf_mlp(&(jf_mlp_options){3, 6, 9, 2, JF_TANH, 0, 0.3}));
}

static jf_layer *affine_range(void)
{
    return jf_coupling(6, 2, JF_LOWER, jf_map_range(R(0.5), 1),
                       net(4, 4, 2, JF_TANH));
}

static jf_layer *svd_bounded(void)
{
    return jf_svd_bounded(5, 0.5, 3);
}

static jf_layer *bent_coupling(void)
{
    return jf_coupling(4, 2, JF_UPPER, jf_map_sinh_arcsinh(),
                       net(2, 4, 1, JF_TANH));
}

static jf_layer *elementwise_clamp(void)
{
    return jf_elementwise(5, jf_map_clamp(2));
}

static jf_layer *elementwise_sigmoid(void)
{
    return jf_elementwise(5, jf_map_sigmoid());
}

static jf_layer *sinh_arcsinh(void)
{
    return jf_elementwise(5, jf_map_sinh_arcsinh());
}

static jf_layer *logit(void)
{
    return jf_elementwise(4, jf_map_logit());
}

static jf_layer *spline(void)
{
    return jf_elementwise(4, jf_map_spline(5, 3));
}

static jf_layer *mixture(void)
{
    return jf_elementwise(4, jf_map_mixture(3));
}

static jf_layer *probit(void)
{
    return jf_elementwise(4, jf_map_probit());
}

static jf_layer *normal_cdf(void)
{
    return jf_elementwise(4, jf_map_normal_cdf());
}

static jf_layer *spline_coupling(void)
{
    return jf_coupling(4, 2, JF_UPPER, jf_map_spline(4, 3),
                       net(2, 2 * 11, 1, JF_TANH));
}

static jf_layer *mixture_coupling(void)
{
    return jf_coupling(3, 1, JF_LOWER, jf_map_mixture(2),
                       net(2, 6, 1, JF_TANH));
}

static jf_layer *maf(void)
{
    return jf_autoregressive(5, jf_map_clamp(2), jf_made(5, 2, 8, 2, JF_TANH));
}

static jf_layer *maf1(void)
{
    return jf_autoregressive(1, jf_map_exp(), jf_made(1, 2, 3, 1, JF_TANH));
}

static jf_layer *knothe_rosenblatt(void)
{
    return jf_autoregressive(3, jf_map_spline(4, 3),
                             jf_made(3, 11, 6, 1, JF_TANH));
}

static jf_layer *iaf(void)
{
    return jf_inverted(maf());
}

static jf_layer *sigmoid(void)
{
    return jf_inverted(logit());
}

static jf_layer *inverted_plu(void)
{
    return jf_inverted(plu());
}

static jf_layer *brenier(void)
{
    return jf_brenier(3, 5);
}

static jf_layer *brenier_flow(void)
{
    jf_layer *flow = jf_flow_new(2);
    jf_flow_add(flow, jf_brenier(2, 4));
    jf_flow_add(flow, jf_inverted(jf_brenier(2, 3)));
    jf_flow_add(flow, jf_brenier(2, 0));
    return flow;
}

static jf_layer *residual(void)
{
    return ridge_residual(3, 7, 0.8);
}

static jf_layer *residual_flow(void)
{
    jf_layer *flow = jf_flow_new(2);
    jf_flow_add(flow, ridge_residual(2, 5, 0.9));
    jf_flow_add(flow, jf_actnorm(2));
    jf_flow_add(flow, ridge_residual(2, 1, 0.5));
    return flow;
}

static jf_layer *residual_of(size_t d, size_t depth, jf_activation a)
{
    return jf_residual_net(
        d, jf_mlp(&(jf_mlp_options){d, d, 7, depth, a, 0, 0.8}));
}

static jf_layer *residual_tanh(void)
{
    return residual_of(3, 2, JF_TANH);
}

static jf_layer *residual_softplus(void)
{
    return residual_of(2, 3, JF_SOFTPLUS);
}

static jf_layer *residual_elu(void)
{
    return residual_of(5, 1, JF_ELU);
}

static jf_layer *residual_linear(void)
{
    return residual_of(4, 0, JF_TANH);
}

/* More columns than a group of small determinants takes. */
static jf_layer *residual_wide(void)
{
    return residual_of(19, 2, JF_TANH);
}

static jf_layer *swirl(void)
{
    return jf_swirl(4, 3, 1, (jf_disc){.5, .4, 1.5, 2});
}

static jf_layer *twist(void)
{
    return jf_twist(3, 0, 2, (jf_disc){.5, .5, .45, 1.5});
}

static jf_layer *inversion(void)
{
    return jf_inversion(4);
}

static jf_layer *nested(void)
{
    jf_layer *flow = jf_flow_new(6), *inner = jf_flow_new(6);
    jf_flow_add(inner, affine_clamp());
    jf_flow_add(inner, jf_reverse(6));
    jf_flow_add(inner, shared_dense());
    jf_flow_add(flow, actnorm());
    jf_flow_add(flow, plu());
    jf_flow_add(flow, inner);
    jf_flow_add(flow, additive());
    return flow;
}

static jf_layer *columns(void)
{
    return jf_on_columns(7, 2, jf_dense(3));
}

static jf_layer *checkpoint(void)
{
    jf_layer *flow = jf_flow_new(5);
    jf_flow_add(flow, jf_dense(5));
    jf_flow_add(flow, jf_checkpoint(5));
    jf_flow_add(flow, jf_actnorm(5));
    return flow;
}

static jf_layer *squeeze(void)
{
    return jf_squeeze(4, 6, 2);
}

static jf_layer *unsqueeze(void)
{
    return jf_unsqueeze(2, 4, 3);
}

static jf_layer *factor_out(void)
{
    return jf_factor_out(6, 4, 1);
}

static jf_layer *cosine(void)
{
    return jf_cosine(4, 3, 3, 3);
}

static jf_layer *cosine_gray(void)
{
    return jf_cosine(1, 18, 1, 5);
}

static jf_net *convnet(size_t height, size_t width, size_t in, size_t out,
                       size_t hidden, jf_activation a)
{
    return jf_convnet(&(jf_convnet_options){height, width, in, out, hidden, a});
}

static jf_layer *image_coupling(void)
{
    return jf_image_coupling(3, 4, 3, 1, JF_UPPER, jf_map_clamp(2),
                             convnet(3, 4, 1, 4, 5, JF_TANH));
}

static jf_layer *image_additive(void)
{
    return jf_image_coupling(4, 3, 2, 1, JF_LOWER, jf_map_shift(),
                             convnet(4, 3, 1, 1, 3, JF_SOFTPLUS));
}

static jf_layer *one_convolution(void)
{
    return jf_image_coupling(3, 3, 2, 1, JF_UPPER, jf_map_exp(),
                             convnet(3, 3, 1, 2, 0, JF_TANH));
}

static jf_layer *one_pixel(void)
{
    return jf_image_coupling(1, 1, 4, 2, JF_UPPER, jf_map_sigmoid(),
                             convnet(1, 1, 2, 4, 3, JF_ELU));
}

static jf_layer *checkerboard(void)
{
    return jf_checkerboard(4, 4, 2, JF_LOWER, jf_map_sigmoid(),
                           convnet(2, 2, 4, 8, 4, JF_TANH));
}

static jf_layer *local_scale(void)
{
    return jf_local_scale(4, 8, 2, 2, 3);
}

static jf_layer *interlaced(void)
{
    return jf_interlaced(8, 8, 2, 2, 3, 2);
}

static jf_layer *image_spline(void)
{
    return jf_image_coupling(2, 3, 2, 1, JF_UPPER, jf_map_spline(4, 3),
                             convnet(2, 3, 1, 11, 4, JF_TANH));
}

static jf_layer *glow(void)
{
    return jf_glow(&(jf_glow_options){.height = 4,
                                      .width = 8,
                                      .channels = 1,
                                      .levels = 2,
                                      .depth = 2,
                                      .hidden = 5,
                                      .checkerboard = 1,
                                      .checkpoint = 1,
                                      .activation = JF_TANH});
}

static jf_layer *glow_orthogonal(void)
{
    return jf_glow(&(jf_glow_options){.height = 4,
                                      .width = 4,
                                      .levels = 2,
                                      .depth = 1,
                                      .map = jf_map_exp(),
                                      .mixing = JF_MIX_ORTHOGONAL,
                                      .hidden = 6,
                                      .activation = JF_TANH});
}

static jf_layer *shared_flow(void)
{
    jf_layer *inner = jf_flow_new(3);
    jf_flow_add(inner, jf_actnorm(3));
    jf_flow_add(inner, jf_dense(3));
    jf_flow_add(inner, jf_coupling(3, 1, JF_UPPER, jf_map_clamp(1),
                                   net(1, 4, 1, JF_TANH)));
    return jf_shared(2, inner);
}

static const struct {
    const char *name;
    constructor *make;
    law_options options;
} layers[] = {
    {"bias", bias, {R(0.5), 0, 0}},
    {"scale", scale, {R(0.5), 0, 0}},
    {"actnorm", actnorm, {R(0.5), 0, 0}},
    {"diagonal", diagonal, {R(0.5), 0, 0}},
    {"reverse", reversed, {0, 0, 0}},
    {"shuffle", shuffle, {0, 0, 0}},
    {"dense", dense, {R(0.2), 0, 0}},
    {"dense d = 1", dense1, {R(0.2), 0, 0}},
    {"triangular", triangular, {R(0.4), 0, 0}},
    {"P L U", plu, {R(0.4), 0, 0}},
    {"Q R", qr, {R(0.4), 0, 0}},
    {"SVD", svd, {R(0.4), 0, 0}},
    {"SVD, bounded", svd_bounded, {R(0.4), 0, 0}},
    {"orthogonal", orthogonal, {R(0.4), 0, 0}},
    {"2 reflections", householder, {R(0.4), 0, 0}},
    {"0 reflections", identity, {0, 0, 0}},
    {"deep linear", deep, {R(0.2), 0, 0}},
    {"special linear", special, {R(0.2), 0, 0}},
    {"I (x) dense", shared_dense, {R(0.2), 0, 0}},
    {"I (x) flow", shared_flow, {R(0.2), 0, 0}},
    {"linear additive coupling", linear_additive, {R(0.4), 0, 0}},
    {"additive coupling", additive, {R(0.4), 0, 0}},
    {"affine coupling, exp", affine_exp, {R(0.4), 0, 0}},
    {"affine coupling, clamp", affine_clamp, {R(0.4), 0, 0}},
    {"affine coupling, sigmoid", affine_sigmoid, {R(0.4), 0, 0}},
    {"affine coupling, relu", affine_relu, {R(0.3), 0, 1}},
    {"affine coupling, bounded", affine_bounded, {R(0.4), 0, 0}},
    {"affine coupling, range", affine_range, {R(0.2), 0, 0}},
    {"sinh-arcsinh coupling", bent_coupling, {R(0.2), 0, 0}},
    {"elementwise clamp", elementwise_clamp, {R(0.4), 0, 0}},
    {"elementwise sigmoid", elementwise_sigmoid, {R(0.4), 0, 0}},
    {"elementwise sinh-arcsinh", sinh_arcsinh, {R(0.3), 0, 0}},
    {"elementwise logit", logit, {0, 1, 0}},
    {"elementwise spline", spline, {R(0.4), 0, 1}},
    {"elementwise mixture", mixture, {R(0.2), 0, 0}},
    {"elementwise probit", probit, {0, 1, 0}},
    {"elementwise Phi", normal_cdf, {0, 0, 0}},
    {"spline coupling", spline_coupling, {R(0.4), 0, 1}},
    {"mixture coupling", mixture_coupling, {R(0.4), 0, 0}},
    {"MAF", maf, {R(0.3), 0, 0}},
    {"MAF d = 1", maf1, {R(0.3), 0, 0}},
    {"Knothe-Rosenblatt", knothe_rosenblatt, {R(0.4), 0, 1}},
    {"IAF", iaf, {R(0.2), 0, 0}},
    {"sigmoid", sigmoid, {0, 0, 0}},
    {"inverse of P L U", inverted_plu, {R(0.4), 0, 0}},
    {"Brenier", brenier, {R(0.3), 0, 0}},
    {"Brenier flow", brenier_flow, {R(0.3), 0, 0}},
    {"residual", residual, {R(0.2), 0, 0}},
    {"residual flow", residual_flow, {R(0.2), 0, 0}},
    {"residual of a net", residual_tanh, {R(0.3), 0, 0}},
    {"residual, softplus", residual_softplus, {R(0.3), 0, 0}},
    {"residual, ELU", residual_elu, {R(0.3), 0, 1}},
    {"residual, linear", residual_linear, {R(0.3), 0, 0}},
    {"residual, 19 columns", residual_wide, {R(0.3), 0, 0}},
    {"swirl", swirl, {0, 0, 0}},
    {"twist", twist, {0, 0, 0}},
    {"inversion", inversion, {0, 0, 0}},
    {"columns", columns, {R(0.2), 0, 0}},
    {"checkpoint", checkpoint, {R(0.2), 0, 0}},
    {"squeeze", squeeze, {0, 0, 0}},
    {"unsqueeze", unsqueeze, {0, 0, 0}},
    {"factor out", factor_out, {0, 0, 0}},
    {"local scale", local_scale, {R(0.5), 0, 0}},
    {"interlaced", interlaced, {R(0.1), 0, 2}},
    {"cosine", cosine, {R(0.3), 0, 0}},
    {"cosine, a line", cosine_gray, {R(0.3), 0, 0}},
    {"image coupling, clamp", image_coupling, {R(0.3), 0, 0}},
    {"image coupling, additive", image_additive, {R(0.3), 0, 0}},
    {"one convolution", one_convolution, {R(0.3), 0, 0}},
    {"one pixel", one_pixel, {R(0.3), 0, 0}},
    {"checkerboard, sigmoid", checkerboard, {R(0.3), 0, 0}},
    {"image coupling, spline", image_spline, {R(0.3), 0, 1}},
    {"Glow", glow, {R(0.1), 0, 0}},
    {"Glow, orthogonal", glow_orthogonal, {R(0.1), 0, 0}},
    {"nested flow", nested, {R(0.2), 0, 0}},
};
enum { LAYERS = sizeof layers / sizeof *layers };

static jf_module *make_ridge(const jf_value *v, jf_map map, jf_module *inside)
{
    (void)map, (void)inside;
    return (jf_module *)ridge_residual(v[0].n, v[1].n, v[2].number);
}

/* What a layer says of itself makes the same layer again: the same text, and
 * the same function of the same theta, bit for bit. */
static void test_text(void)
{
    static const jf_layer_kind ridge = {"residual",
                                        make_ridge,
                                        {{"d", JF_SIZE, 0, NULL},
                                         {"hidden", JF_SIZE, 0, NULL},
                                         {"c", JF_NUMBER, 0, NULL}},
                                        JF_NOTHING};
    enum { ROWS = 3 };
    jf_team *team = jf_team_new(1);
    for (size_t i = 0; i < LAYERS; i++) {
        jf_layer *layer = layers[i].make();
        char *text = jf_describe(&layer->module);
        jf_layer *again = jf_flow_parse_with(text, &ridge, 1);
        char *same = again ? jf_describe(&again->module) : NULL;
        CHECK(same && strcmp(text, same) == 0);
        if (!same || strcmp(text, same) != 0 ||
            again->module.n_params != layer->module.n_params) {
            fprintf(stderr, "%s: %s\n%s\n", layers[i].name, text,
                    same ? same : jf_error_last()->message);
            return;
        }
        real *theta = jf_theta_new(layer);
        jf_matrix x = jf_matrix_new(ROWS, layer->d);
        jf_matrix y = jf_matrix_new(ROWS, layer->d);
        double ld[2][ROWS];
        jf_fill_uniform(x, 3, JF_PURPOSE_USER, 0);
        jf_matrix_copy(y, jf_const(x));
        CHECK(jf_init(layer, theta, jf_const(x), 5, team) == GSL_SUCCESS);
        CHECK(jf_forward(layer, theta, x, ld[0], team) == GSL_SUCCESS);
        CHECK(jf_forward(again, theta, y, ld[1], team) == GSL_SUCCESS);
        CHECK(memcmp(ld[0], ld[1], sizeof ld[0]) == 0);
        for (size_t r = 0; r < ROWS; r++)
            CHECK(memcmp(jf_row(x, r), jf_row(y, r), layer->d * sizeof(real)) ==
                  0);
        jf_matrix_free(&y);
        jf_matrix_free(&x);
        free(theta);
        free(same);
        jf_layer_free(again);
        free(text);
        jf_layer_free(layer);
    }
    jf_team_free(team);
}

/* A layer around a good one, wrong in one way. */
typedef struct faulty {
    jf_layer base;
    jf_layer *inner;
    int fault;
} faulty;

enum {
    NO_FAULT,
    ZERO_GRADIENT,       /* grad is left alone */
    ZERO_DX,             /* dz is returned as dx */
    GRADIENT_SIGN,       /* of theta */
    DX_SIGN,             /* of dx */
    GRADIENT_SIZE,       /* grad 1 % too large, in the float build 25 % */
    NO_LOG_DET_GRADIENT, /* backward forgets d_log_abs_det */
    LOG_DET_SIGN,        /* the inverse's */
    LOG_DET_FACTOR,      /* d times too large, as without the pixel factor */
    LOG_DET_MISSING,     /* left at zero */
    LOG_DET_SET,         /* set in place of added to: wrong inside a flow */
    EPSILON_INVERSE,     /* divides by scale + epsilon in the inverse alone */
    NAN_GRADIENT,        /* of the first parameter */
    NAN_DX,              /* of the first column */
    BATCH_MEAN,          /* subtracts something of the other rows */
    NEXT_COLUMN,         /* writes beyond its last column */
    LEFT_BUFFER,         /* forward forgets a pop */
    BACKWARD_X,          /* backward returns z in place of x */
    FAULTS
};
static const char *const fault_names[FAULTS] = {"none",
                                                "zero gradient",
                                                "dx is dz",
                                                "gradient sign",
                                                "dx sign",
                                                "gradient size",
                                                "no log-det gradient",
                                                "log-det sign",
                                                "log-det times d",
                                                "log-det missing",
                                                "log-det set",
                                                "epsilon in the inverse",
                                                "NaN gradient",
                                                "NaN dx",
                                                "batch mean",
                                                "next column",
                                                "left buffer",
                                                "backward leaves z"};

static const faulty *faulty_of(const jf_layer *self)
{
    return (const faulty *)(const void *)self;
}

static int f_forward(const jf_layer *self, jf_weights w, jf_matrix x,
                     double *ld, jf_work *work)
{
    const faulty *f = faulty_of(self);
    const jf_layer *in = f->inner;
    double before[64], factor = (double)self->d;

    memcpy(before, ld, x.rows * sizeof *ld);
    JF_TRY(in->ops->forward(in, w, x, ld, work));
    for (size_t i = 0; i < x.rows; i++) {
        double own = ld[i] - before[i];
        ld[i] = f->fault == LOG_DET_SIGN      ? before[i] - own
                : f->fault == LOG_DET_FACTOR  ? before[i] + factor * own
                : f->fault == LOG_DET_MISSING ? before[i]
                : f->fault == LOG_DET_SET     ? own
                                              : ld[i];
    }
    if (f->fault == BATCH_MEAN)
        for (size_t i = 0; i < x.rows; i++)
            jf_row(x, i)[0] += R(0.01) * (real)x.rows;
    if (f->fault == NEXT_COLUMN && x.stride > x.cols)
        jf_row(x, 0)[x.cols] = 0;
    if (f->fault == LEFT_BUFFER && work->tape == JF_TAPE_NONE)
        jf_push(work, 1);
    return GSL_SUCCESS;
}

static int f_inverse(const jf_layer *self, jf_weights w, jf_matrix z,
                     jf_work *work)
{
    const faulty *f = faulty_of(self);
    JF_TRY(f->inner->ops->inverse(f->inner, w, z, work));
    for (size_t i = 0; f->fault == EPSILON_INVERSE && i < z.rows; i++)
        jf_row(z, i)[0] /= 1 + R(1e5) * JF_EPS;
    return GSL_SUCCESS;
}

static int f_backward(const jf_layer *self, jf_weights w, jf_matrix z,
                      jf_matrix dz, const double *dld, jf_grad grad,
                      jf_work *work)
{
    const faulty *f = faulty_of(self);
    real old_z[64], old_dz[64], own[64] = {0};
    double zero[64] = {0};
    real size = sizeof(real) == 8 ? R(1.01) : R(1.25);

    for (size_t i = 0; i < z.rows; i++) {
        memcpy(old_z + i * self->d, jf_row(z, i), self->d * sizeof *old_z);
        memcpy(old_dz + i * self->d, jf_row(dz, i), self->d * sizeof *old_dz);
    }
    JF_TRY(f->inner->ops->backward(f->inner, w, z, dz,
                                   f->fault == NO_LOG_DET_GRADIENT ? zero : dld,
                                   (jf_grad){own, grad.derived, 0}, work));
    for (size_t j = 0; j < self->module.n_params && f->fault != ZERO_GRADIENT;
         j++)
        grad.theta[j] += f->fault == GRADIENT_SIGN            ? -own[j]
                         : f->fault == GRADIENT_SIZE          ? size * own[j]
                         : f->fault == NAN_GRADIENT && j == 0 ? (real)NAN
                                                              : own[j];
    for (size_t i = 0; i < z.rows; i++)
        for (size_t j = 0; j < self->d; j++) {
            if (f->fault == ZERO_DX)
                jf_row(dz, i)[j] = old_dz[i * self->d + j];
            if (f->fault == NAN_DX && j == 0)
                jf_row(dz, i)[j] = (real)NAN;
            if (f->fault == DX_SIGN)
                jf_row(dz, i)[j] *= -1;
            if (f->fault == BACKWARD_X)
                jf_row(z, i)[j] = old_z[i * self->d + j];
        }
    return GSL_SUCCESS;
}

static const jf_layer_ops faulty_ops = {
    .forward = f_forward, .inverse = f_inverse, .backward = f_backward};

/* An affine coupling with the fault, behind and before good layers, since
 * some faults show in a composition alone. */
static jf_layer *with_fault(int fault)
{
    jf_layer *inner =
        jf_coupling(4, 2, JF_UPPER, jf_map_exp(),
                    jf_mlp(&(jf_mlp_options){2, 4, 0, 0, JF_TANH, 0, 0}));
    faulty *f =
        (faulty *)(void *)jf_layer_new(sizeof *f, "faulty", &faulty_ops, 4, 0);
    jf_layer *flow = jf_flow_new(4);
    jf_module_add(&f->base.module, &inner->module);
    f->inner = inner;
    f->fault = fault;
    jf_flow_add(flow, jf_actnorm(4));
    jf_flow_add(flow, &f->base);
    jf_flow_add(flow, jf_actnorm(4));
    return flow;
}

static void test_laws(void)
{
    for (size_t i = 0; i < LAYERS; i++)
        for (unsigned long seed = 1; seed <= 3; seed++) {
            jf_layer *layer = layers[i].make();
            unsigned broken = broken_laws(layer, &layers[i].options, seed, 1);
            if (broken)
                fprintf(stderr, "%s, seed %lu\n", layers[i].name, seed);
            CHECK(broken == 0);
            jf_layer_free(layer);
        }
}

static void test_faults(void)
{
    for (int fault = NO_FAULT; fault < FAULTS; fault++) {
        jf_layer *layer = with_fault(fault);
        unsigned broken = broken_laws(layer, &(law_options){R(0.3), 0, 0}, 1,
                                      fault == NO_FAULT);
        printf("  fault: %-24s laws broken:", fault_names[fault]);
        for (unsigned i = 0; i < LAWS; i++)
            if (broken >> i & 1)
                printf(" %u", i + 1);
        printf("\n");
        CHECK((broken == 0) == (fault == NO_FAULT));
        jf_layer_free(layer);
    }
}

/* A wrong use returns its code or no layer, and leaks nothing. */
static void test_constructors(void)
{
    jf_layer *other = jf_actnorm(4);
    CHECK(jf_flow_add(other, jf_actnorm(4)) == GSL_EINVAL); /* no flow */
    jf_error_clear();
    CHECK(jf_flow_add(other, NULL) == GSL_EINVAL && other->module.status == 0);
    jf_error_clear();
    CHECK(jf_flow_add(NULL, jf_actnorm(4)) == GSL_EINVAL);
    CHECK(jf_actnorm(0) == NULL && jf_dense(0) == NULL);
    CHECK(jf_permutation(3, (size_t[]){0, 0, 1}) == NULL);
    CHECK(jf_permutation(3, (size_t[]){0, 1, 3}) == NULL);
    CHECK(jf_deep_linear(3, 0) == NULL);
    CHECK(jf_map_clamp(0).ops == NULL);
    CHECK(jf_coupling(4, 2, JF_UPPER, jf_map_exp(), net(2, 3, 1, JF_TANH)) ==
          NULL);
    CHECK(jf_coupling(4, 4, JF_UPPER, jf_map_exp(), net(2, 4, 1, JF_TANH)) ==
          NULL);
    CHECK(jf_shared(0, jf_actnorm(2)) == NULL);
    CHECK(jf_squeeze(3, 4, 1) == NULL && jf_unsqueeze(4, 0, 1) == NULL);
    CHECK(jf_local_scale(4, 6, 1, 2, 1) == NULL &&
          jf_local_scale(4, 4, 9, 1, 1) == NULL &&
          jf_local_scale(4, 4, 1, 1, 0) == NULL &&
          jf_local_scale(4, 4, 1, 0, 1) == NULL);
    CHECK(jf_interlaced(4, 6, 1, 2, 1, 1) == NULL &&
          jf_interlaced(4, 4, 9, 1, 1, 1) == NULL &&
          jf_interlaced(4, 4, 1, 1, 0, 1) == NULL &&
          jf_interlaced(4, 4, 1, 1, 1, 0) == NULL &&
          jf_interlaced(4, 4, 1, 1, 1, 65537) == NULL);
    CHECK(jf_factor_out(4, 3, 3) == NULL && jf_factor_out(4, 3, 0) == NULL);
    CHECK(jf_cosine(4, 4, 3, 1) == NULL && jf_cosine(0, 4, 3, 2) == NULL);
    CHECK(jf_on_columns(4, 2, jf_actnorm(3)) == NULL);
    CHECK(jf_image_coupling(4, 4, 2, 1, JF_UPPER, jf_map_shift(),
                            convnet(4, 2, 1, 1, 3, JF_RELU)) == NULL);
    CHECK(jf_checkerboard(4, 3, 2, JF_UPPER, jf_map_shift(),
                          convnet(2, 1, 4, 4, 3, JF_RELU)) == NULL);
    CHECK(jf_convnet(&(jf_convnet_options){0}) == NULL);
    CHECK(jf_glow(&(jf_glow_options){.height = 12, .width = 8}) == NULL);
    CHECK(jf_glow(&(jf_glow_options){0}) == NULL);
    jf_layer_free(other);
}

/* A flow that lacks a layer says so in every call, and so does what holds it.
 */
static void test_missing_layer(void)
{
    jf_layer *flow = jf_flow_new(3);
    jf_team *team = jf_team_new(1);
    real values[3] = {R(0.1), R(0.2), R(0.3)};
    jf_matrix x = jf_view(values, 1, 3);
    double ld;

    CHECK(jf_flow_add(flow, jf_actnorm(3)) == GSL_SUCCESS);
    real *theta = jf_theta_new(flow);
    CHECK(jf_forward(flow, theta, x, &ld, team) == GSL_SUCCESS);
    CHECK(jf_flow_add(flow, jf_actnorm(4)) == GSL_EBADLEN);
    jf_error_clear();
    CHECK(jf_flow_add(flow, NULL) == GSL_EINVAL);
    CHECK(jf_flow_add(flow, jf_deep_linear(3, 0)) == GSL_EINVAL);
    CHECK(strstr(jf_error_last()->message, "one factor") != NULL);
    CHECK(jf_forward(flow, theta, x, &ld, team) == GSL_EBADLEN);
    CHECK(jf_inverse(flow, theta, x, team) == GSL_EBADLEN);
    CHECK(jf_init(flow, theta, jf_const(x), 1, team) == GSL_EBADLEN);
    jf_layer *outer = jf_flow_new(3);
    CHECK(jf_flow_add(outer, jf_inverted(flow)) == GSL_EBADLEN);
    CHECK(jf_forward(outer, theta, x, &ld, team) == GSL_EBADLEN);
    jf_error_clear();
    CHECK(jf_forward(NULL, theta, x, &ld, team) == GSL_EINVAL);
    free(theta);
    jf_layer_free(outer);
    jf_team_free(team);
}

/* Init makes the columns it sees have mean 0 and mean square 1. */
static void test_actnorm_init(void)
{
    enum { N = 100, D = 3 };
    jf_layer *layer = jf_actnorm(D);
    jf_team *team = jf_team_new(1);
    jf_matrix x = jf_matrix_new(N, D);
    real *theta = jf_theta_new(layer);
    double ld[N];

    jf_fill_normal(x, 5, JF_PURPOSE_DATA, 0);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < D; j++)
            jf_row(x, i)[j] = R(3.0) + (real)(j + 1) * jf_row(x, i)[j];
    CHECK(jf_init(layer, theta, jf_const(x), 1, team) == GSL_SUCCESS);
    CHECK(jf_forward(layer, theta, x, ld, team) == GSL_SUCCESS);
    for (size_t j = 0; j < D; j++) {
        double mean = 0, square = 0;
        for (size_t i = 0; i < N; i++) {
            mean += (double)jf_row(x, i)[j] / N;
            square += (double)(jf_row(x, i)[j] * jf_row(x, i)[j]) / N;
        }
        CHECK_CLOSE(mean, 0, 100 * (double)JF_EPS);
        CHECK_CLOSE(square, 1, 100 * (double)JF_EPS);
    }
    free(theta);
    jf_matrix_free(&x);
    jf_team_free(team);
    jf_layer_free(layer);
}

/* What init makes of x: mean squares 1, of all columns together under one
 * scale; of a constant column nothing, whatever its value. */
static void init_scales(jf_layer *layer, int shared, int constant)
{
    enum { N = 50 };
    size_t d = layer->d;
    jf_team *team = jf_team_new(1);
    jf_matrix x = jf_matrix_new(N, d);
    real *theta = jf_theta_new(layer);
    double ld[N], all = 0;

    jf_fill_normal(x, 6, JF_PURPOSE_DATA, 0);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < d; j++)
            jf_row(x, i)[j] *= (real)(3 * j + (j != (size_t)constant));
    CHECK(jf_init(layer, theta, jf_const(x), 1, team) == GSL_SUCCESS);
    CHECK(jf_matrix_finite(jf_const_view(theta, 1, layer->module.n_params)));
    CHECK(jf_forward(layer, theta, x, ld, team) == GSL_SUCCESS);
    for (size_t j = 0; j < d; j++) {
        double square = 0;
        for (size_t i = 0; i < N; i++)
            square += (double)jf_row(x, i)[j] * (double)jf_row(x, i)[j] / N;
        all += square / (double)d;
        if (!shared)
            CHECK_CLOSE(square, j != (size_t)constant, 100 * (double)JF_EPS);
    }
    if (shared)
        CHECK_CLOSE(all, constant < 0, 100 * (double)JF_EPS);
    CHECK(isfinite(ld[0]));
    free(theta);
    jf_matrix_free(&x);
    jf_team_free(team);
    jf_layer_free(layer);
}

static void test_scales(void)
{
    init_scales(jf_scale(3), 1, -1);
    init_scales(jf_scale(1), 0, -1);
    init_scales(jf_scale(1), 0, 0);
    init_scales(jf_diagonal(3), 0, -1);
    init_scales(jf_diagonal(3), 0, 0);
    init_scales(jf_actnorm(1), 0, 0);

    /* all zero under one scale; a constant far from zero under actnorm */
    jf_team *team = jf_team_new(1);
    jf_matrix x = jf_matrix_new(7, 2);
    jf_layer *scale = jf_scale(2), *norm = jf_actnorm(2);
    real theta[4] = {9, 9, 9, 9};
    CHECK(jf_init(scale, theta, jf_const(x), 1, team) == GSL_SUCCESS);
    CHECK(theta[0] == 0);
    for (size_t i = 0; i < 7; i++) {
        jf_row(x, i)[0] = R(5.0);
        jf_row(x, i)[1] = (real)i;
    }
    CHECK(jf_init(norm, theta, jf_const(x), 1, team) == GSL_SUCCESS);
    CHECK(theta[0] == 0 && theta[2] == R(-5.0));
    CHECK_CLOSE(exp(-2 * (double)theta[1]), 4, 40 * (double)JF_EPS);
    jf_layer_free(norm);
    jf_layer_free(scale);
    jf_matrix_free(&x);
    jf_team_free(team);
}

/* Weights of nets begin with the variance that keeps the size of activations:
 * 2 over the inputs for relu (He et al. 2015), for others 1 over them, or 2 over
 * inputs and outputs together; the last layer and biases with zero. */
static void begins(jf_net *net, size_t first, size_t count, double variance)
{
    gsl_rng *rng = jf_stream_new();
    jf_work *work = jf_work_new();
    real *theta = jf_alloc(net->module.n_params, sizeof *theta);
    double *w = jf_alloc(count, sizeof *w);
    CHECK(jf_module_init(&net->module, theta, rng, work) == GSL_SUCCESS);
    for (size_t i = 0; i < count; i++)
        w[i] = (double)theta[first + i] * (double)theta[first + i];
    jf_sample_moments m = jf_sample_of(count, w);
    CHECK(jf_in_errors(m.mean, variance, m.se) <= 5 && m.se < variance / 20);
    free(w);
    free(theta);
    jf_work_free(work);
    gsl_rng_free(rng);
    jf_net_free(net);
}

static void test_begins(void)
{
    enum { IN = 5, WIDE = 40 };
    for (int relu = 0; relu < 2; relu++) {
        jf_activation a = relu ? JF_RELU : JF_TANH;
        jf_convnet_options c = {.height = 2,
                                .width = 2,
                                .n_in = IN,
                                .n_out = 3,
                                .hidden = WIDE,
                                .activation = a};
        jf_mlp_options m = {.n_in = IN * IN,
                            .n_out = 3,
                            .hidden = WIDE,
                            .depth = 2,
                            .activation = a};
        begins(jf_convnet(&c), 0, 9 * IN * WIDE, (1 + relu) / (9.0 * IN));
        begins(jf_convnet(&c), (9 * IN + 1) * WIDE, WIDE * WIDE,
               (1 + relu) / (double)WIDE);
        begins(jf_mlp(&m), 0, IN * IN * WIDE,
               relu ? 2.0 / (IN * IN) : 2.0 / (IN * IN + WIDE));
        begins(jf_mlp(&m), (IN * IN + 1) * WIDE, WIDE * WIDE,
               relu ? 2.0 / WIDE : 1.0 / WIDE);
    }
}

/* A field of normal draws times a size that varies by powers of ten. */
static void fill_uneven(jf_matrix x)
{
    jf_fill_normal(x, 11, JF_PURPOSE_USER, 0);
    for (size_t j = 0; j < x.cols; j++)
        x.data[j] *= (real)pow(10, 3 * sin(0.001 * (double)j));
}

/* Entries come back within the relative error that is proved, at parameters far
 * from the start, and a field whose size varies by six orders. */
static void test_local_scale_error(void)
{
    enum { SIDE = 32, C = 3, LEVELS = 3, REACH = 5 };
    jf_team *team = jf_team_new(1);
    jf_layer *f = jf_local_scale(SIDE, SIDE, C, LEVELS, REACH);
    real *theta = jf_theta_new(f);
    jf_matrix t = jf_view(theta, 1, f->module.n_params);
    jf_matrix x = jf_matrix_new(1, f->d), y = jf_matrix_new(1, f->d);
    double ld, worst = 0;
    fill_uneven(x);
    jf_matrix_copy(y, jf_const(x));
    jf_fill_normal(t, 12, JF_PURPOSE_USER, 0);
    CHECK(jf_forward(f, theta, y, &ld, team) == GSL_SUCCESS);
    CHECK(jf_inverse(f, theta, y, team) == GSL_SUCCESS);
    for (size_t j = 0; j < f->d; j++) {
        double there = (double)x.data[j], back = (double)y.data[j];
        double error = fabs((back - there) / there);
        worst = error > worst ? error : worst;
    }
    CHECK(worst > 0 && worst <= jf_local_scale_error(C, LEVELS, REACH));
    jf_matrix_free(&y);
    jf_matrix_free(&x);
    free(theta);
    jf_layer_free(f);
    jf_team_free(team);
}

/* The same function at any size: what a part of an image has beyond far from its
 * borders is what the whole has there. */
static void check_parts(jf_layer *make(size_t side), size_t far)
{
    enum { WHOLE = 48, PART = 32, AT = 8, C = 2 };
    jf_team *team = jf_team_new(1);
    jf_layer *whole = make(WHOLE);
    jf_layer *part = make(PART);
    real *theta = jf_theta_new(whole);
    jf_matrix t = jf_view(theta, 1, whole->module.n_params);
    jf_matrix x = jf_matrix_new(1, whole->d), y = jf_matrix_new(1, part->d);
    double ld;
    CHECK(part->module.n_params == whole->module.n_params);
    jf_fill_normal(t, 13, JF_PURPOSE_USER, 0);
    jf_fill_normal(x, 14, JF_PURPOSE_USER, 0);
    for (size_t i = 0; i < PART; i++)
        memcpy(y.data + i * PART * C, x.data + ((AT + i) * WHOLE + AT) * C,
               PART * C * sizeof(real));
    CHECK(jf_forward(whole, theta, x, &ld, team) == GSL_SUCCESS);
    CHECK(jf_forward(part, theta, y, &ld, team) == GSL_SUCCESS);
    for (size_t i = 0; i < PART * PART * C; i++) {
        size_t row = i / (PART * C), q = i / C % PART;
        real all = x.data[((AT + row) * WHOLE + AT + q) * C + i % C];
        if (row >= far && row + far < PART && q >= far && q + far < PART)
            CHECK_CLOSE((double)y.data[i], (double)all,
                        64 * (double)JF_EPS * fabs((double)all));
    }
    jf_matrix_free(&y);
    jf_matrix_free(&x);
    free(theta);
    jf_layer_free(part);
    jf_layer_free(whole);
    jf_team_free(team);
}

static jf_layer *scale_of(size_t side)
{
    return jf_local_scale(side, side, 2, 2, 2);
}

static jf_layer *interlaced_of(size_t side)
{
    return jf_interlaced(side, side, 2, 2, 2, 1);
}

/* At level 1, pixels two apart: passes reach 1 + 2 of them, what they smooth 2
 * more. */
static void test_parts(void)
{
    check_parts(scale_of, 2 * 3);
    check_parts(interlaced_of, 2 * 5);
}

/* The law of a cell: probabilities that sum to one, a density that is constant
 * on each, the way back, no step where cells meet, and derivatives. */
static void check_cell(double x, double mu, double s)
{
    const double h = 1e-5, dz = 0.3, g = 0.7; /* a loss: dz z + g log_slope */
    double slope, end[2][2], z = jf_cells_forward(x, mu, s, &slope);
    double back = jf_cells_inverse(z, mu, s), eps = DBL_EPSILON;
    CHECK_CLOSE(back, x,
                64 * eps * (1 + fabs(x) + (1 + fabs(z)) * exp(-slope)));
    jf_cells_gradient d = jf_cells_backward(x, mu, s, dz, g);
    double *argument[3] = {&x, &mu, &s}, got[3] = {d.x, d.mu, d.s};
    for (int k = 0; k < 3; k++) {
        double old = *argument[k], step = h * (k == 2 ? s : 1);
        for (int e = 0; e < 2; e++) {
            *argument[k] = old + (e ? step : -step);
            end[e][0] = jf_cells_forward(x, mu, s, &end[e][1]);
        }
        *argument[k] = old;
        double change =
            (dz * (end[1][0] - end[0][0]) + g * (end[1][1] - end[0][1])) /
            (2 * step);
        CHECK_CLOSE(got[k], change, 1e-6 * (1 + fabs(change) / s));
    }
}

static void test_cells(void)
{
    static const double mus[] = {-3.3, 0.5, 127.2}, sizes[] = {0.3, 2, 40};
    for (size_t i = 0; i < 9; i++) {
        double mu = mus[i / 3], s = sizes[i % 3], sum = 0, slope, z;
        for (double k = -2000; k < 2000; k++) {
            z = jf_cells_forward(k + 0.5, mu, s, &slope);
            sum += exp(slope - 0.5 * (z * z + JF_LOG_2PI));
        }
        CHECK_CLOSE(sum, 1, 1e-12);
        for (double k = floor(mu) - 9; k < mu + 9; k += 3) {
            double first, value;
            z = jf_cells_forward(k + 0.01, mu, s, &slope);
            first = slope - 0.5 * z * z;
            z = jf_cells_forward(k + 0.9, mu, s, &slope);
            CHECK_CLOSE(slope - 0.5 * z * z, first, 1e-12 * (1 + fabs(first)));
            value = jf_cells_forward(k, mu, s, &slope);
            z = jf_cells_forward(nextafter(k, -(double)INFINITY), mu, s,
                                 &slope);
            CHECK_CLOSE(z, value, 1e-9);
            check_cell(k + 0.3, mu, s);
            check_cell(k + 0.95, mu, s);
        }
    }
    CHECK(isnan(jf_cells_inverse((double)INFINITY, 0, 1)));
    CHECK(isnan(jf_cells_inverse((double)NAN, 0, 1)));
    CHECK(isnan(jf_cells_inverse(1, 0, (double)INFINITY)));
    CHECK(jf_cells_inverse(100, 0, 1) > jf_cells_inverse(30, 0, 1));
    CHECK(jf_cells_inverse(-100, 0, 1) < jf_cells_inverse(-30, 0, 1));
    CHECK(isfinite(jf_cells_inverse(100, 1e300, 1)) &&
          isfinite(jf_cells_inverse(-100, -1e300, 1e-300)));
    CHECK_CLOSE(jf_cells_inverse(-30, 0, 0.01), jf_cells_inverse(-30, 0, 0.02),
                1e-9 * 32 * 450); /* far from mu the wide part alone */
}

/* What the likelihood of an image is says its levels alone, not the noise within
 * their middle: the bound of uniform noise is no bound there (C2.7 v). */
static void test_interlaced_noise(void)
{
    enum { SIDE = 16, C = 3, STEPS = 8, D = SIDE * SIDE * C };
    jf_team *team = jf_team_new(1);
    jf_layer *f = jf_interlaced(SIDE, SIDE, C, 2, 2, STEPS);
    real *theta = jf_theta_new(f);
    jf_matrix t = jf_view(theta, 1, f->module.n_params);
    jf_matrix levels = jf_matrix_new(1, D), x = jf_matrix_new(1, D);
    double ld, first = 0;
    jf_fill_normal(levels, 21, JF_PURPOSE_USER, 0);
    jf_fill_normal(t, 22, JF_PURPOSE_USER, 0);
    for (size_t j = 0; j < t.cols; j++)
        theta[j] *= R(0.2);
    for (unsigned long noise = 0; noise < 3; noise++) {
        jf_fill_uniform(x, noise, JF_PURPOSE_USER, 1);
        for (size_t j = 0; j < D; j++) {
            /* the last time from the first noise to that of whole cells */
            real u = R(0.15) + R(0.7) * x.data[j];
            u = noise == 2 ? x.data[j] : u;
            x.data[j] = ((real)floor(2 * (double)levels.data[j]) + u) / STEPS;
        }
        CHECK(jf_forward(f, theta, x, &ld, team) == GSL_SUCCESS);
        double norm = jf_norm(D, x.data), value = ld - 0.5 * norm * norm;
        if (noise == 0)
            first = value;
        else if (noise == 1)
            CHECK_CLOSE(value, first, 1e4 * (double)JF_EPS * fabs(first));
        else
            CHECK(fabs(value - first) > 1e-3); /* the ends of cells do tell */
    }
    jf_matrix_free(&x);
    jf_matrix_free(&levels);
    free(theta);
    jf_layer_free(f);
    jf_team_free(team);
}

/* Neighbours and the mean of neighbours, with noise that is itself uneven: a
 * field to start from. */
static void fill_smooth(jf_matrix x, size_t side, unsigned long seed)
{
    jf_fill_normal(x, seed, JF_PURPOSE_USER, 2);
    for (size_t i = 0; i < x.rows; i++)
        for (size_t p = 1; p < side * side; p++) {
            real *at = jf_row(x, i) + p, size = p / side % 8 < 4 ? R(0.4) : 3;
            real above = p >= side ? at[-(long)side] : at[-1];
            *at = R(0.49) * (at[-1] + above) + size * *at;
        }
    for (size_t i = 0; i < x.rows; i++)
        for (size_t p = 0; p < side * side; p++)
            jf_row(x, i)[p] =
                ((real)floor(8 * (double)jf_row(x, i)[p]) + R(0.5)) / 256;
}

static double pixel_nats(const jf_layer *f, const real *theta, jf_matrix x,
                         jf_team *team)
{
    jf_matrix z = jf_matrix_new(x.rows, x.cols);
    double *ld = jf_alloc(x.rows, sizeof *ld), sum = 0;
    jf_matrix_copy(z, jf_const(x));
    CHECK(jf_forward(f, theta, z, ld, team) == GSL_SUCCESS);
    for (size_t i = 0; i < x.rows; i++) {
        double norm = jf_norm(x.cols, jf_row(z, i));
        sum += ld[i] - 0.5 * norm * norm;
    }
    free(ld);
    jf_matrix_free(&z);
    return sum / (double)(x.rows * x.cols);
}

/* z of a pixel by the formulas as docs/flow-files.md has them: one channel, one
 * pass, far from borders; theta from its half-step on. */
static double interlaced_pixel(const real *image, size_t side, size_t row,
                               size_t col, const real *theta)
{
    static const int near[2][16][2] = {{{0, 1},
                                        {0, -1},
                                        {1, 0},
                                        {-1, 0},
                                        {1, 2},
                                        {1, -2},
                                        {-1, 2},
                                        {-1, -2},
                                        {2, 1},
                                        {2, -1},
                                        {-2, 1},
                                        {-2, -1},
                                        {0, 3},
                                        {0, -3},
                                        {3, 0},
                                        {-3, 0}},
                                       {{1, 1},
                                        {1, -1},
                                        {-1, 1},
                                        {-1, -1},
                                        {1, 3},
                                        {1, -3},
                                        {-1, 3},
                                        {-1, -3},
                                        {3, 1},
                                        {3, -1},
                                        {-3, 1},
                                        {-3, -1},
                                        {3, 3},
                                        {3, -3},
                                        {-3, 3},
                                        {-3, -3}}};
    static const int own[2][4][2] = {{{1, 1}, {1, -1}, {-1, 1}, {-1, -1}},
                                     {{0, 2}, {0, -2}, {2, 0}, {-2, 0}}};
    int odd = row % 2 && col % 2;
    double y[16], m = 0, mu = (double)theta[0], e = 0, slope;
    for (int k = 0; k < 16; k++) {
        size_t i = row + (size_t)near[odd][k][0];
        size_t j = col + (size_t)near[odd][k][1];
        y[k] = (double)image[i * side + j];
        m += k < 4 ? y[k] / 4 : 0;
    }
    for (int k = 0; k < 16; k++)
        mu += (double)theta[1 + k] * (y[k] - m);
    for (int k = 0; k < 4; k++) { /* all that are given beside a pixel */
        double h = y[k];
        for (int n = 0; n < 4; n++)
            h -= (double)image[(row + (size_t)near[odd][k][0] +
                                (size_t)own[odd][n][0]) *
                                   side +
                               col + (size_t)near[odd][k][1] +
                               (size_t)own[odd][n][1]] /
                 4;
        e += h * h / 4;
    }
    double s = sqrt(exp((double)theta[17]) + exp((double)theta[18]) * e);
    return jf_cells_forward((double)image[row * side + col], mu + m, s, &slope);
}

static void test_interlaced_formula(void)
{
    enum { SIDE = 16, STEP = 1 + 16 + 2 };
    static const size_t pixel[][2] = {{7, 8}, {8, 7}, {7, 7}, {5, 9}};
    jf_team *team = jf_team_new(1);
    jf_layer *f = jf_interlaced(SIDE, SIDE, 1, 1, 1, 1);
    real *theta = jf_theta_new(f);
    jf_matrix t = jf_view(theta, 1, f->module.n_params);
    jf_matrix x = jf_matrix_new(1, f->d), z = jf_matrix_new(1, f->d);
    double ld;
    CHECK(f->module.n_params == 2 * STEP + 2);
    jf_fill_normal(t, 41, JF_PURPOSE_USER, 0);
    jf_fill_normal(x, 42, JF_PURPOSE_USER, 0);
    for (size_t j = 0; j < f->d; j++) /* the middle of a level is y itself */
        x.data[j] = (real)floor(4 * (double)x.data[j]) + R(0.5);
    jf_matrix_copy(z, jf_const(x));
    CHECK(jf_forward(f, theta, z, &ld, team) == GSL_SUCCESS);
    for (size_t k = 0; k < 4; k++) {
        size_t row = pixel[k][0], col = pixel[k][1];
        const real *own = theta + (row % 2 && col % 2 ? STEP : 0);
        CHECK_CLOSE((double)z.data[row * SIDE + col],
                    interlaced_pixel(x.data, SIDE, row, col, own),
                    1e3 * (double)JF_EPS);
    }
    jf_matrix_free(&z);
    jf_matrix_free(&x);
    free(theta);
    jf_layer_free(f);
    jf_team_free(team);
}

/* On other images of the same kind the start from data is ahead of that without
 * by more than half a nat a pixel. */
static void test_interlaced_start(void)
{
    enum { SIDE = 32, N = 12 };
    jf_team *team = jf_team_new(1);
    jf_layer *f = jf_interlaced(SIDE, SIDE, 1, 2, 3, 256);
    real *theta = jf_theta_new(f), *plain = jf_theta_new(f);
    jf_matrix x = jf_matrix_new(N, f->d), other = jf_matrix_new(N, f->d);
    jf_work *work = jf_work_new();
    fill_smooth(x, SIDE, 31);
    fill_smooth(other, SIDE, 32);
    CHECK(jf_init(f, theta, jf_const(x), 1, team) == GSL_SUCCESS);
    CHECK(jf_module_init(&f->module, plain, NULL, work) == GSL_SUCCESS);
    double from_data = pixel_nats(f, theta, other, team);
    double without = pixel_nats(f, plain, other, team);
    CHECK(from_data > without + 0.5);
    jf_work_free(work);
    jf_matrix_free(&other);
    jf_matrix_free(&x);
    free(plain);
    free(theta);
    jf_layer_free(f);
    jf_team_free(team);
}

int main(void)
{
    test_cells();
    test_interlaced_noise();
    test_interlaced_formula();
    test_interlaced_start();
    test_local_scale_error();
    test_parts();
    test_laws();
    test_text();
    test_faults();
    test_constructors();
    test_missing_layer();
    test_actnorm_init();
    test_scales();
    test_begins();
    return check_end();
}
