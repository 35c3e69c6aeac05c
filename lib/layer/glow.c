/* glow.c -- flows of images from the layers that there are.
 *
 * A level squeezes 2 x 2 pixels into channels, takes depth steps -- actnorm by
 * channel, an invertible 1 x 1 convolution, a coupling of the two halves of the
 * channels -- and, unless it is the last, puts half of the channels behind the
 * others, where later levels leave them alone (Kingma and Dhariwal 2018, fig.
 * 2).  The learned prior of those, N(m(y), s(y)^2) given the channels y that
 * stay, is one more coupling: it makes them N(0, I). */
#include "base/error.h"
#include "layer/layers.h"

jf_layer *jf_image_coupling(size_t height, size_t width, size_t channels,
                            size_t split, jf_side side, jf_map map, jf_net *net)
{
    if (net && net->positions != height * width) {
        jf_net_free(net);
        JF_ERROR_NULL("the net is of another image", GSL_EBADLEN);
    }
    return jf_shared(height * width,
                     jf_coupling(channels, split, side, map, net));
}

/* The flow, or NULL when a layer is missing. */
static jf_layer *whole(jf_layer *flow)
{
    if (flow && flow->module.status == GSL_SUCCESS)
        return flow;
    jf_layer_free(flow);
    return NULL;
}

jf_layer *jf_checkerboard(size_t height, size_t width, size_t channels,
                          jf_side side, jf_map map, jf_net *net)
{
    if (height % 2 || width % 2) {
        jf_net_free(net);
        JF_ERROR_NULL("a checkerboard needs sides that are even", GSL_EINVAL);
    }
    jf_layer *flow = jf_flow_new(height * width * channels);
    jf_flow_add(flow, jf_squeeze(height, width, channels));
    jf_flow_add(flow, jf_image_coupling(height / 2, width / 2, 4 * channels,
                                        2 * channels, side, map, net));
    jf_flow_add(flow, jf_unsqueeze(height, width, channels));
    return whole(flow);
}

static jf_net *net(const jf_glow_options *o, size_t height, size_t width,
                   size_t n_in, size_t n_out, size_t hidden)
{
    return jf_convnet(&(jf_convnet_options){.height = height,
                                            .width = width,
                                            .n_in = n_in,
                                            .n_out = n_out,
                                            .hidden = hidden,
                                            .activation = o->activation});
}

static jf_layer *mixing(const jf_glow_options *o, size_t channels,
                        uint64_t seed)
{
    switch (o->mixing) {
    case JF_MIX_ORTHOGONAL:
        return jf_orthogonal(channels, channels);
    case JF_MIX_DENSE:
        return jf_dense(channels);
    case JF_MIX_SHUFFLE:
        return jf_shuffle(channels, seed);
    case JF_MIX_PLU:
        break;
    }
    return jf_plu(channels, seed);
}

/* Actnorm and the 1 x 1 convolution go over a pixel together. */
static void add_step(jf_layer *flow, const jf_glow_options *o, size_t height,
                     size_t width, size_t channels, uint64_t seed)
{
    size_t half = channels / 2, n_out = half * o->map.module.n_params;
    jf_layer *pixel = jf_flow_new(channels);
    jf_flow_add(pixel, jf_actnorm(channels));
    jf_flow_add(pixel, mixing(o, channels, seed));
    jf_flow_add(flow, jf_shared(height * width, pixel));
    jf_flow_add(
        flow, jf_image_coupling(height, width, channels, half, JF_UPPER, o->map,
                                net(o, height, width, half, n_out, o->hidden)));
}

/* Level l, whose image has channels at height x width. */
static jf_layer *level(const jf_glow_options *o, size_t l, size_t height,
                       size_t width, size_t channels)
{
    size_t pixels = height * width / 4, deep = 4 * channels, half = deep / 2;
    jf_layer *flow = jf_flow_new(height * width * channels);

    for (size_t k = 0; l == 0 && o->checkerboard && k < o->depth; k++)
        jf_flow_add(flow, jf_checkerboard(height, width, channels,
                                          k % 2 ? JF_LOWER : JF_UPPER, o->map,
                                          net(o, height / 2, width / 2, half,
                                              half * o->map.module.n_params,
                                              o->hidden)));
    jf_flow_add(flow, jf_squeeze(height, width, channels));
    for (size_t k = 0; k < o->depth; k++) {
        if (o->checkpoint && k && k % o->checkpoint == 0)
            jf_flow_add(flow, jf_checkpoint(height * width * channels));
        add_step(flow, o, height / 2, width / 2, deep,
                 o->seed + l * o->depth + k);
    }
    if (l + 1 < o->levels) {
        if (!o->no_prior)
            jf_flow_add(flow, jf_image_coupling(
                                  height / 2, width / 2, deep, half, JF_UPPER,
                                  o->prior,
                                  net(o, height / 2, width / 2, half,
                                      half * o->prior.module.n_params, 0)));
        jf_flow_add(flow, jf_factor_out(pixels, deep, half));
    }
    return flow;
}

static int is_possible(const jf_glow_options *o)
{
    size_t side = o->levels < 32 ? (size_t)1 << o->levels : 0;
    return side && o->height && o->width && o->height % side == 0 &&
           o->width % side == 0;
}

jf_layer *jf_glow(const jf_glow_options *options)
{
    jf_glow_options o = *options;
    o.channels = o.channels ? o.channels : 3;
    o.levels = o.levels ? o.levels : 3;
    o.depth = o.depth ? o.depth : 4;
    o.hidden = o.hidden ? o.hidden : 32;
    o.map = o.map.ops ? o.map : jf_map_clamp(2);
    o.prior = o.prior.ops ? o.prior : jf_map_clamp(2);
    if (!is_possible(&o))
        JF_ERROR_NULL("an image's sides are multiples of 2^levels", GSL_EINVAL);

    size_t d = o.height * o.width * o.channels;
    jf_layer *flow = jf_flow_new(d);
    for (size_t l = 0, c = o.channels; l < o.levels; l++, c *= 2)
        jf_flow_add(
            flow,
            jf_on_columns(d, 0, level(&o, l, o.height >> l, o.width >> l, c)));
    return whole(flow);
}
