/* uniqueness_flows.c -- the flows that uniqueness_trained.c trains, and on
 * what.
 *
 * Each begins and ends with an actnorm.  Densities have known entropies. */
#include "uniqueness_trained.h"

#include <math.h>

/* Architectures on R^2. */

static void couplings(jf_layer *f, jf_map map, size_t count, size_t hidden)
{
    for (size_t k = 0; k < count; k++)
        jf_flow_add(
            f, jf_coupling(2, 1, k % 2 ? JF_LOWER : JF_UPPER, map,
                           jf_mlp(&(jf_mlp_options){1, map.n_params, hidden, 2,
                                                    JF_TANH, 0})));
}

static void affine_coupling(jf_layer *f)
{
    couplings(f, jf_map_clamp(3), 8, 24);
}

static void spline_coupling(jf_layer *f)
{
    for (int k = 0; k < 3; k++) {
        couplings(f, jf_map_clamp(3), 2, 16);
        couplings(f, jf_map_spline(8, 5), 1, 24);
        jf_flow_add(f, jf_reverse(2));
    }
}

static void autoregressive(jf_layer *f, jf_map map, size_t hidden)
{
    jf_net *net = jf_made(2, map.n_params, hidden, 2, JF_TANH);
    jf_flow_add(f, jf_autoregressive(2, map, net));
}

static void maf(jf_layer *f)
{
    for (int k = 0; k < 6; k++) {
        autoregressive(f, jf_map_clamp(3), 24);
        jf_flow_add(f, jf_reverse(2));
    }
}

static void triangular(jf_layer *f)
{
    autoregressive(f, jf_map_clamp(3), 24);
    autoregressive(f, jf_map_spline(16, 5), 48);
}

static void maf_21(jf_layer *f)
{
    jf_flow_add(f, jf_reverse(2));
    maf(f);
}

static void triangular_21(jf_layer *f)
{
    jf_flow_add(f, jf_reverse(2));
    triangular(f);
}

static void brenier(jf_layer *f)
{
    jf_flow_add(f, jf_brenier(2, 64));
}

static void residual(jf_layer *f)
{
    for (int k = 0; k < 6; k++) {
        jf_flow_add(f, jf_residual(2, 8, 0.9));
        jf_flow_add(f, jf_actnorm(2));
    }
}

const architecture architectures[FLOWS] = {
    {"affine coupling", "coupling", affine_coupling, 0.01},
    {"spline coupling", "coupling", spline_coupling, 0.01},
    {"MAF 1-2", "autoregressive", maf, 0.01},
    {"MAF 2-1", "autoregressive", maf_21, 0.01},
    {"triangular 1-2", "triangular", triangular, 0.01},
    {"triangular 2-1", "triangular", triangular_21, 0.01},
    {"Brenier", "Brenier", brenier, 0.03},
    {"residual", "residual", residual, 0.02},
    {"twisted", "coupling", affine_coupling, 0},
};
/* Targets and bases. */

const target targets[TARGETS] = {{"banana", 1, 4},       {"gauss", 1, 1},
                                 {"fgm", 1, 1},          {"eight", 0, 1},
                                 {"checkerboard", 0, 1}, {"rings", 0, 1}};
jf_layer *flow_new(const architecture *a, base b, int twisted)
{
    jf_layer *f = jf_flow_new(2);
    jf_flow_add(f, jf_actnorm(2));
    a->add(f);
    jf_flow_add(f, jf_actnorm(2));
    if (b == UNIFORM)
        jf_flow_add(f, jf_elementwise(2, jf_map_normal_cdf()));
    if (twisted && b == NORMAL)
        jf_flow_add(f, jf_inversion(2));
    if (twisted && b == UNIFORM)
        jf_flow_add(f, jf_swirl(2, 0, 1, (jf_disc){.5, .5, .5, M_PI}));
    return f;
}
