/* draw_layer.c -- the first choices are the simplest layers. */
#include "draw_layer.h"

#include <stdio.h>
#include <stdlib.h>

jf_map draw_map(choices *c, int smooth, int parameters)
{
    switch (choose(c, smooth ? 7 : parameters ? 8 : 11)) {
    case 0:
        return jf_map_shift();
    case 1:
        return jf_map_exp();
    case 2:
        return jf_map_clamp((real)(1 + choose(c, 3)) / 2);
    case 3:
        return jf_map_sigmoid();
    case 4:
        return jf_map_range(R(0.5), (real)(1 + choose(c, 3)));
    case 5:
        return jf_map_sinh_arcsinh();
    case 6:
        return jf_map_mixture(1 + choose(c, 3));
    case 7:
        return jf_map_spline(2 + choose(c, 4), (real)(1 + choose(c, 3)));
    case 8:
        return jf_map_normal_cdf();
    case 9:
        return jf_map_logit();
    default:
        return jf_map_probit();
    }
}

static jf_activation draw_activation(choices *c, int smooth)
{
    static const jf_activation all[] = {JF_TANH, JF_SOFTPLUS, JF_RELU, JF_ELU};
    return all[choose(c, smooth ? 2 : 4)];
}

static jf_net *draw_mlp(choices *c, size_t in, size_t out, double lipschitz,
                        int smooth)
{
    jf_mlp_options o = {.n_in = in, .n_out = out, .lipschitz = lipschitz};
    o.depth = choose(c, 3);
    o.hidden = o.depth ? 1 + choose(c, 5) : 0;
    o.activation = draw_activation(c, smooth);
    o.no_bias = choose(c, 2) != 0;
    return jf_mlp(&o);
}

static jf_layer *draw_coupling(choices *c, size_t d, int smooth)
{
    size_t split = 1 + choose(c, d - 1);
    jf_side side = choose(c, 2) ? JF_UPPER : JF_LOWER;
    size_t changed = side == JF_UPPER ? d - split : split;
    jf_map map = draw_map(c, smooth, 1);
    return jf_coupling(
        d, split, side, map,
        draw_mlp(c, d - changed, changed * map.module.n_params, 0, smooth));
}

static jf_layer *draw_autoregressive(choices *c, size_t d, int smooth)
{
    jf_map map = draw_map(c, smooth, 1);
    return jf_autoregressive(d, map,
                             jf_made(d, map.module.n_params, 1 + choose(c, 6),
                                     choose(c, 3), draw_activation(c, smooth)));
}

static jf_layer *draw_disc(choices *c, size_t d, int twist)
{
    size_t i = choose(c, d), j = (i + 1 + choose(c, d - 1)) % d;
    jf_disc disc = {0.5, 0.5, 0.125 * (double)(1 + choose(c, 3)),
                    (double)choose(c, 4)};
    return twist ? jf_twist(d, i, j, disc) : jf_swirl(d, i, j, disc);
}

/* An image of d = 4 channels entries. */
static jf_layer *draw_image(choices *c, size_t d, int smooth)
{
    size_t channels = d / 4;
    switch (choose(c, smooth ? 5 : 6)) {
    case 0:
        return jf_squeeze(2, 2, channels);
    case 1:
        return jf_unsqueeze(2, 2, channels);
    case 2:
        return jf_cosine(2, 2, channels, 2 + choose(c, 2));
    case 3:
        return jf_local_scale(2, 2, channels, 1, 1 + choose(c, 2));
    case 5:
        return jf_interlaced(2, 2, channels, 1, 1 + choose(c, 2),
                             1 + choose(c, 256));
    default:
        return d > 1 ? jf_factor_out(1, d, 1 + choose(c, d - 1))
                     : jf_checkpoint(d);
    }
}

static jf_layer *draw_matrix(choices *c, size_t d)
{
    switch (choose(c, 9)) {
    case 0:
        return jf_dense(d);
    case 1:
        return jf_triangular(d);
    case 2:
        return jf_plu(d, choose(c, 100));
    case 3:
        return jf_qr(d);
    case 4:
        return jf_svd(d);
    case 5:
        return jf_svd_bounded(d, 0.5, (double)(1 + choose(c, 3)));
    case 6:
        return jf_orthogonal(d, choose(c, d + 1));
    case 7:
        return jf_deep_linear(d, 1 + choose(c, 3));
    default:
        return jf_special_linear(d);
    }
}

static jf_layer *draw_simple(choices *c, size_t d)
{
    switch (choose(c, 7)) {
    case 0:
        return jf_bias(d);
    case 1:
        return jf_diagonal(d);
    case 2:
        return jf_actnorm(d);
    case 3:
        return jf_scale(d);
    case 4:
        return jf_reverse(d);
    case 5:
        return jf_checkpoint(d);
    default:
        return jf_shuffle(d, choose(c, 100));
    }
}

/* A layer with others inside. */
static jf_layer *draw_nested(choices *c, size_t d, size_t depth, int smooth)
{
    size_t kind = choose(c, 4), parts = 1 + choose(c, 3);
    if (kind == 1) {
        size_t within = 1 + choose(c, d);
        size_t first = choose(c, d - within + 1);
        return jf_on_columns(d, first,
                             draw_layer(c, within, depth - 1, smooth));
    }
    if (kind == 2)
        return jf_inverted(draw_layer(c, d, depth - 1, smooth));
    if (kind == 3 && d % 2 == 0)
        return jf_shared(2, draw_layer(c, d / 2, depth - 1, smooth));
    jf_layer *flow = jf_flow_new(d);
    for (size_t k = 0; k < parts; k++)
        jf_flow_add(flow, draw_layer(c, d, depth - 1, smooth));
    return flow;
}

static jf_layer *draw_any(choices *c, size_t d, size_t depth, int smooth)
{
    switch (choose(c, 10)) {
    default:
        return draw_simple(c, d);
    case 1:
        return draw_matrix(c, d);
    case 2:
        return jf_elementwise(d, draw_map(c, smooth, 0));
    case 3:
    case 4:
        return d > 1 ? draw_coupling(c, d, smooth) : draw_simple(c, d);
    case 5:
        return draw_autoregressive(c, d, smooth);
    case 6:
        return smooth /* a norm at its bound has no derivative */
                   ? draw_matrix(c, d)
                   : jf_residual_net(d, draw_mlp(c, d, d, 0.5, smooth));
    case 7:
        return jf_brenier(d, 1 + choose(c, 3));
    case 8:
        if (depth > 0)
            return draw_nested(c, d, depth, smooth);
        return draw_simple(c, d);
    case 9:
        if (d % 4 == 0)
            return draw_image(c, d, smooth);
        if (!smooth && d > 1)
            return draw_disc(c, d, choose(c, 2) != 0);
        return draw_matrix(c, d);
    }
}

jf_layer *draw_layer(choices *c, size_t d, size_t depth, int smooth)
{
    jf_layer *layer = draw_any(c, d, depth, smooth);
    if (!layer) {
        fprintf(stderr, "%s\n", jf_error_last()->message);
        abort();
    }
    return layer;
}
