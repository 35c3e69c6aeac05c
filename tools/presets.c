/* presets.c -- one flow of each family, of a size that suits a small table.
 *
 * coupling and spline are as in RealNVP and in neural spline flows (Dinh et al.
 * 2017, Durkan et al. 2019), maf as in Papamakarios et al. 2017, residual as in
 * Behrmann et al. 2019, glow as in Kingma and Dhariwal 2018. */
#include "presets.h"

#include <string.h>

const char preset_names[] =
    "affine, coupling, spline, maf, residual, brenier, glow";

enum { COUPLINGS = 6, HIDDEN = 32, MADE_HIDDEN = 64, BRENIER = 32 };

static void add_affine(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_bias(d));
    jf_flow_add(f, jf_dense(d));
}

/* Couplings that take the two halves in turns, between fixed shuffles. */
static void add_couplings(jf_layer *f, size_t d, jf_map map)
{
    size_t split = d - d / 2;
    add_affine(f, d);
    if (d == 1)
        jf_flow_add(f, jf_elementwise(1, jf_map_spline(16, 5)));
    for (size_t k = 0; d > 1 && k < COUPLINGS; k++) {
        jf_side side = k % 2 ? JF_LOWER : JF_UPPER;
        size_t b = side == JF_UPPER ? d - split : split;
        jf_mlp_options net = {
            d - b, b * map.module.n_params, HIDDEN, 2, JF_TANH, 0, 0};
        if (d > 2)
            jf_flow_add(f, jf_shuffle(d, k));
        jf_flow_add(f, jf_coupling(d, split, side, map, jf_mlp(&net)));
    }
    jf_flow_add(f, jf_actnorm(d));
}

static void coupling(jf_layer *f, const jf_dataset *data)
{
    add_couplings(f, data->x.cols, jf_map_clamp(2));
}

static void spline(jf_layer *f, const jf_dataset *data)
{
    add_couplings(f, data->x.cols, jf_map_spline(8, 5));
}

static void affine(jf_layer *f, const jf_dataset *data)
{
    add_affine(f, data->x.cols);
}

static void maf(jf_layer *f, const jf_dataset *data)
{
    size_t d = data->x.cols;
    add_affine(f, d);
    for (size_t k = 0; k < 4; k++) {
        jf_flow_add(f,
                    jf_autoregressive(d, jf_map_clamp(2),
                                      jf_made(d, 2, MADE_HIDDEN, 2, JF_TANH)));
        jf_flow_add(f, jf_reverse(d));
    }
    jf_flow_add(f, jf_actnorm(d));
}

static void residual(jf_layer *f, const jf_dataset *data)
{
    size_t d = data->x.cols;
    jf_mlp_options net = {d, d, HIDDEN, 2, JF_TANH, 0, 0.9};
    add_affine(f, d);
    for (size_t k = 0; k < COUPLINGS; k++) {
        jf_flow_add(f, jf_residual_net(d, jf_mlp(&net)));
        jf_flow_add(f, jf_actnorm(d));
    }
}

static void brenier(jf_layer *f, const jf_dataset *data)
{
    add_affine(f, data->x.cols);
    jf_flow_add(f, jf_brenier(data->x.cols, BRENIER));
}

/* As many levels as leave 4 pixels a side, at most 3. */
static void glow(jf_layer *f, const jf_dataset *data)
{
    size_t levels = 0;
    while (levels < 3 && data->height >> levels >= 4 &&
           data->width >> levels >= 4 && (data->height >> levels) % 2 == 0 &&
           (data->width >> levels) % 2 == 0)
        levels++;
    jf_flow_add(f, jf_glow(&(jf_glow_options){.height = data->height,
                                              .width = data->width,
                                              .channels = data->channels,
                                              .levels = levels ? levels : 1,
                                              .hidden = HIDDEN,
                                              .seed = 1}));
}

static const struct {
    const char *name;
    void (*add)(jf_layer *f, const jf_dataset *data);
} presets[] = {{"affine", affine}, {"coupling", coupling}, {"spline", spline},
               {"maf", maf},       {"residual", residual}, {"brenier", brenier},
               {"glow", glow}};

const char *preset_for(const jf_dataset *data)
{
    return data->height ? "glow" : "coupling";
}

jf_layer *preset_new(const char *name, const jf_dataset *data, const char **why)
{
    *why = "no such flow";
    for (size_t k = 0; k < sizeof presets / sizeof *presets; k++) {
        if (strcmp(presets[k].name, name) != 0)
            continue;
        if (presets[k].add == glow &&
            (!data->height || data->height % 2 || data->width % 2)) {
            *why = "it takes a folder of pictures with even sides";
            return NULL;
        }
        jf_layer *f = jf_flow_new(data->x.cols);
        presets[k].add(f, data);
        return f;
    }
    return NULL;
}
