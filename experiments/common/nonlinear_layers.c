/* nonlinear_layers.c -- one flow of each family. */
#include "nonlinear_layers.h"

#include "ridge_residual.h"

static void couplings(jf_layer *f, size_t d, jf_map map, size_t count,
                      size_t hidden)
{
    size_t split = d / 2;
    for (size_t k = 0; k < count; k++) {
        jf_side side = k % 2 ? JF_LOWER : JF_UPPER;
        size_t in = side == JF_UPPER ? split : d - split;
        jf_mlp_options net = {
            in, (d - in) * map.module.n_params, hidden, 2, JF_TANH, 0, 0};
        jf_flow_add(f, jf_coupling(d, split, side, map, jf_mlp(&net)));
    }
}

static void affine_coupling(jf_layer *f, size_t d)
{
    couplings(f, d, jf_map_clamp(3), 8, 24);
}

static void spline_coupling(jf_layer *f, size_t d)
{
    for (int k = 0; k < 3; k++) {
        couplings(f, d, jf_map_clamp(3), 2, 16);
        couplings(f, d, jf_map_spline(8, 5), 1, 24);
        jf_flow_add(f, jf_reverse(d));
    }
}

static void autoregressive(jf_layer *f, size_t d, jf_map map, size_t hidden)
{
    jf_net *net = jf_made(d, map.module.n_params, hidden, 2, JF_TANH);
    jf_flow_add(f, jf_autoregressive(d, map, net));
}

static void maf(jf_layer *f, size_t d)
{
    for (int k = 0; k < 6; k++) {
        autoregressive(f, d, jf_map_clamp(3), 24);
        jf_flow_add(f, jf_reverse(d));
    }
}

static void triangular(jf_layer *f, size_t d)
{
    autoregressive(f, d, jf_map_clamp(3), 24);
    autoregressive(f, d, jf_map_spline(16, 5), 48);
}

static void maf_reversed(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_reverse(d));
    maf(f, d);
}

static void triangular_reversed(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_reverse(d));
    triangular(f, d);
}

static void brenier(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_brenier(d, 64));
}

static void residual(jf_layer *f, size_t d)
{
    for (int k = 0; k < 6; k++) {
        jf_flow_add(f, ridge_residual(d, 8, 0.9));
        jf_flow_add(f, jf_actnorm(d));
    }
}

const architecture architectures[ARCHITECTURES] = {
    {"affine coupling", "coupling", affine_coupling, 0.01, 1},
    {"spline coupling", "coupling", spline_coupling, 0.01, 0},
    {"MAF 1-2", "autoregressive", maf, 0.01, 1},
    {"MAF 2-1", "autoregressive", maf_reversed, 0.01, 1},
    {"triangular 1-2", "triangular", triangular, 0.01, 0},
    {"triangular 2-1", "triangular", triangular_reversed, 0.01, 0},
    {"Brenier", "Brenier", brenier, 0.03, 1},
    {"residual", "residual", residual, 0.02, 1},
};

jf_layer *nonlinear_new(const architecture *a, size_t d)
{
    jf_layer *f = jf_flow_new(d);
    jf_flow_add(f, jf_actnorm(d));
    a->add(f, d);
    jf_flow_add(f, jf_actnorm(d));
    return f;
}
