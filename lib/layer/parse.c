/* parse.c -- the kinds of layers, nets and maps that a text can name.
 *
 * Limits (below) keep sizes from overflowing and a short text from asking for
 * much memory: tables by index are bounded together, and what is derived from
 * theta is bounded by theta, which is as large as its file. */
#include "layer/parse.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

enum {
    DEPTH = 64,              /* of braces                              */
    MODULES = 1 << 14,       /* in all                                 */
    SIDE = 1 << 12,          /* of an image, and its channels          */
    HIDDEN_LAYERS = 1 << 10, /* of a net                               */
    FACTORS = 1 << 13,       /* of a matrix                            */
    KNOTS = 1 << 8,          /* of a cosine layer, a side              */
    COLUMNS = 1 << 24,       /* of a layer                             */
    INDICES = 1 << 22,       /* of all permutations together           */
    FREE_DERIVED = 1 << 25,  /* reals derived, beside 16 for each theta */
    PARAMETERS = 1 << 30
};

typedef struct {
    jf_scan s;
    const jf_layer_kind *own;
    size_t n_own;
    size_t depth, modules, indices;
    size_t positions; /* rows that make one input of a net here; 0: one */
} parser;

/* Makers.  Those of one size come from the macro. */

#define OF_SIZE(name)                                                          \
    static jf_module *name(const jf_value *v, jf_map map, jf_module *inside)   \
    {                                                                          \
        (void)map, (void)inside;                                               \
        return (jf_module *)jf_##name(v[0].n);                                 \
    }
#define MAKER(name, call)                                                      \
    static jf_module *name(const jf_value *v, jf_map map, jf_module *inside)   \
    {                                                                          \
        (void)v, (void)map, (void)inside;                                      \
        return (jf_module *)(call);                                            \
    }
#define LAYER ((jf_layer *)inside)
#define NET ((jf_net *)inside)

OF_SIZE(actnorm)
OF_SIZE(diagonal)
OF_SIZE(scale)
OF_SIZE(bias)
OF_SIZE(reverse)
OF_SIZE(dense)
OF_SIZE(triangular)
OF_SIZE(qr)
OF_SIZE(svd)
OF_SIZE(special_linear)
OF_SIZE(inversion)
OF_SIZE(checkpoint)
OF_SIZE(flow_new)
MAKER(shuffle, jf_shuffle(v[0].n, v[1].seed))
MAKER(plu, jf_plu(v[0].n, v[1].seed))
MAKER(svd_bounded, jf_svd_bounded(v[0].n, v[1].number, v[2].number))
MAKER(orthogonal, jf_orthogonal(v[0].n, v[1].n))
MAKER(deep_linear, jf_deep_linear(v[0].n, v[1].n))
MAKER(brenier, jf_brenier(v[0].n, v[1].n))
MAKER(squeeze, jf_squeeze(v[0].n, v[1].n, v[2].n))
MAKER(unsqueeze, jf_unsqueeze(v[0].n, v[1].n, v[2].n))
MAKER(local_scale, jf_local_scale(v[0].n, v[1].n, v[2].n, v[3].n, v[4].n))
MAKER(interlaced, jf_interlaced(v[0].n, v[1].n, v[2].n, v[3].n, v[4].n, v[5].n))
MAKER(factor_out, jf_factor_out(v[0].n, v[1].n, v[2].n))
MAKER(cosine, jf_cosine(v[0].n, v[1].n, v[2].n, v[3].n))
MAKER(elementwise, jf_elementwise(v[0].n, map))
MAKER(coupling, jf_coupling(v[0].n, v[1].n, (jf_side)v[2].n, map, NET))
MAKER(residual_net, jf_residual_net(v[0].n, NET))
MAKER(inverted, jf_inverted(LAYER))
MAKER(shared, jf_shared(v[0].n, LAYER))
MAKER(columns, jf_on_columns(v[0].n, v[1].n, LAYER))

static jf_disc disc(const jf_value *v)
{
    return (jf_disc){v[0].number, v[1].number, v[2].number, v[3].number};
}

MAKER(swirl, jf_swirl(v[0].n, v[1].n, v[2].n, disc(v + 3)))
MAKER(twist, jf_twist(v[0].n, v[1].n, v[2].n, disc(v + 3)))

/* Only a net that masks its weights makes a triangular Jacobian. */
static jf_module *autoregressive(const jf_value *v, jf_map map,
                                 jf_module *inside)
{
    if (!NET->ops->column) {
        jf_net_free(NET);
        JF_ERROR_NULL("an autoregressive layer takes a made(..)", GSL_EINVAL);
    }
    return (jf_module *)jf_autoregressive(v[0].n, map, NET);
}

static jf_module *permutation(const jf_value *v, jf_map map, jf_module *inside)
{
    size_t d = v[0].n, *from = jf_alloc(d, sizeof *from);
    (void)map, (void)inside;
    for (size_t i = 0; from && i < d; i++) {
        double value = v[0].list[i];
        from[i] = value >= 0 && value < (double)d ? (size_t)value : d;
    }
    jf_layer *layer = from ? jf_permutation(d, from) : NULL;
    free(from);
    return (jf_module *)layer;
}

MAKER(mlp,
      jf_mlp(&(jf_mlp_options){v[0].n, v[1].n, v[2].n, v[3].n,
                               (jf_activation)v[4].n, !v[5].n, v[6].number}))
MAKER(made, jf_made(v[0].n, v[1].n, v[2].n, v[3].n, (jf_activation)v[4].n))
MAKER(convnet, jf_convnet(&(jf_convnet_options){v[0].n, v[1].n, v[2].n, v[3].n,
                                                v[4].n, (jf_activation)v[5].n}))

#define D                                                                      \
    {                                                                          \
        "d", JF_SIZE, 0, NULL                                                  \
    }
#define ANY(key)                                                               \
    {                                                                          \
        key, JF_SIZE, 0, NULL                                                  \
    }
#define UP_TO(key, most)                                                       \
    {                                                                          \
        key, JF_SIZE, most, NULL                                               \
    }
#define NUMBER(key)                                                            \
    {                                                                          \
        key, JF_NUMBER, 0, NULL                                                \
    }
#define SEED                                                                   \
    {                                                                          \
        "seed", JF_SEED, 0, NULL                                               \
    }
#define MAP                                                                    \
    {                                                                          \
        "map", JF_TERM, 0, NULL                                                \
    }
#define ACTIVATION                                                             \
    {                                                                          \
        "activation", JF_CHOICE, 0, jf_activation_names                        \
    }
#define IMAGE                                                                  \
    UP_TO("height", SIDE), UP_TO("width", SIDE), UP_TO("channels", SIDE)
#define DISC                                                                   \
    D, ANY("i"), ANY("j"), NUMBER("x"), NUMBER("y"), NUMBER("radius"),         \
        NUMBER("angle")

static const jf_layer_kind layers[] = {
    {"flow", flow_new, {D}, JF_LAYERS},
    {"actnorm", actnorm, {D}, JF_NOTHING},
    {"diagonal", diagonal, {D}, JF_NOTHING},
    {"scale", scale, {D}, JF_NOTHING},
    {"bias", bias, {D}, JF_NOTHING},
    {"permutation", permutation, {{"from", JF_NUMBERS, 0, NULL}}, JF_NOTHING},
    {"reverse", reverse, {D}, JF_NOTHING},
    {"shuffle", shuffle, {D, SEED}, JF_NOTHING},
    {"dense", dense, {D}, JF_NOTHING},
    {"triangular", triangular, {D}, JF_NOTHING},
    {"plu", plu, {D, SEED}, JF_NOTHING},
    {"qr", qr, {D}, JF_NOTHING},
    {"svd", svd, {D}, JF_NOTHING},
    {"svd_bounded",
     svd_bounded,
     {D, NUMBER("least"), NUMBER("largest")},
     JF_NOTHING},
    {"orthogonal", orthogonal, {D, UP_TO("k", FACTORS)}, JF_NOTHING},
    {"deep_linear", deep_linear, {D, UP_TO("k", FACTORS)}, JF_NOTHING},
    {"special_linear", special_linear, {D}, JF_NOTHING},
    {"elementwise", elementwise, {D, MAP}, JF_NOTHING},
    {"coupling",
     coupling,
     {D, ANY("split"), {"side", JF_CHOICE, 0, jf_side_names}, MAP},
     JF_A_NET},
    {"autoregressive", autoregressive, {D, MAP}, JF_A_NET},
    {"brenier", brenier, {D, ANY("ridges")}, JF_NOTHING},
    {"residual_net", residual_net, {D}, JF_A_NET},
    {"inverted", inverted, {{0}}, JF_A_LAYER},
    {"swirl", swirl, {DISC}, JF_NOTHING},
    {"twist", twist, {DISC}, JF_NOTHING},
    {"inversion", inversion, {D}, JF_NOTHING},
    {"shared", shared, {ANY("positions")}, JF_A_LAYER},
    {"columns", columns, {D, ANY("first")}, JF_A_LAYER},
    {"checkpoint", checkpoint, {D}, JF_NOTHING},
    {"squeeze", squeeze, {IMAGE}, JF_NOTHING},
    {"unsqueeze", unsqueeze, {IMAGE}, JF_NOTHING},
    {"local_scale",
     local_scale,
     {IMAGE, ANY("levels"), ANY("reach")},
     JF_NOTHING},
    {"interlaced",
     interlaced,
     {IMAGE, ANY("levels"), ANY("reach"), ANY("steps")},
     JF_NOTHING},
    {"factor_out",
     factor_out,
     {ANY("pixels"), UP_TO("channels", SIDE), ANY("keep")},
     JF_NOTHING},
    {"cosine", cosine, {IMAGE, UP_TO("knots", KNOTS)}, JF_NOTHING},
};

static const jf_layer_kind nets[] = {
    {"mlp",
     mlp,
     {ANY("in"),
      ANY("out"),
      ANY("hidden"),
      UP_TO("depth", HIDDEN_LAYERS),
      ACTIVATION,
      {"bias", JF_FLAG, 0, NULL},
      NUMBER("lipschitz")},
     JF_NOTHING},
    {"made",
     made,
     {D, UP_TO("params", JF_MAP_PARAMS), ANY("hidden"),
      UP_TO("depth", HIDDEN_LAYERS), ACTIVATION},
     JF_NOTHING},
    {"convnet",
     convnet,
     {UP_TO("height", SIDE), UP_TO("width", SIDE), ANY("in"), ANY("out"),
      ANY("hidden"), ACTIVATION},
     JF_NOTHING},
};

/* Maps are values. */

static jf_map clamp(const jf_value *v)
{
    return jf_map_clamp((real)v[0].number);
}

static jf_map range(const jf_value *v)
{
    return jf_map_range((real)v[0].number, (real)v[1].number);
}

static jf_map spline(const jf_value *v)
{
    return jf_map_spline(v[0].n, (real)v[1].number);
}

static jf_map mixture(const jf_value *v)
{
    return jf_map_mixture(v[0].n);
}

static const struct {
    const char *name;
    jf_map (*plain)(void); /* of no keys */
    jf_map (*make)(const jf_value *v);
    jf_key keys[JF_KEYS];
} maps[] = {
    {"shift", jf_map_shift, NULL, {{0}}},
    {"exp", jf_map_exp, NULL, {{0}}},
    {"sigmoid", jf_map_sigmoid, NULL, {{0}}},
    {"sinh_arcsinh", jf_map_sinh_arcsinh, NULL, {{0}}},
    {"logit", jf_map_logit, NULL, {{0}}},
    {"probit", jf_map_probit, NULL, {{0}}},
    {"normal_cdf", jf_map_normal_cdf, NULL, {{0}}},
    {"clamp", NULL, clamp, {NUMBER("limit")}},
    {"range", NULL, range, {NUMBER("least"), NUMBER("largest")}},
    {"spline", NULL, spline, {ANY("bins"), NUMBER("bound")}},
    {"mixture", NULL, mixture, {ANY("components")}},
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

static const jf_layer_kind *find(const jf_layer_kind *kinds, size_t n,
                                 const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

static int read_map(parser *p, jf_map *map)
{
    const char *start = p->s.at;
    char name[JF_NAME];
    jf_value v[JF_KEYS];
    if (!jf_scan_name(&p->s, "a map", name))
        return 0;
    for (size_t i = 0; i < COUNT(maps); i++) {
        if (strcmp(maps[i].name, name) != 0)
            continue;
        jf_error error = {0}, *before;
        int good = jf_scan_arguments(&p->s, maps[i].keys, v);
        before = jf_error_divert(&error);
        if (good)
            *map = maps[i].make ? maps[i].make(v) : maps[i].plain();
        jf_error_divert(before);
        jf_values_clear(v);
        return good && (map->ops || jf_scan_fail(&p->s, start, error.message));
    }
    return jf_scan_expected(&p->s, start, "a map");
}

static size_t columns_of(const jf_module *m, int is_net)
{
    const jf_net *net = (const jf_net *)m;
    if (!is_net)
        return ((const jf_layer *)m)->d;
    return net->n_in > net->n_out ? net->n_in : net->n_out;
}

/* Whether m, made at start, is in the limits. */
static int check(parser *p, const char *start, const jf_module *m, int is_net)
{
    if (columns_of(m, is_net) == 0)
        return jf_scan_fail(&p->s, start, "a layer needs at least one column");
    if (columns_of(m, is_net) > COLUMNS || m->n_params > PARAMETERS ||
        m->n_derived > FREE_DERIVED + 16 * m->n_params)
        return jf_scan_expected(&p->s, start, "a smaller layer");
    if (is_net && ((const jf_net *)m)->positions != p->positions &&
        ((const jf_net *)m)->positions)
        return jf_scan_expected(&p->s, start,
                                "shared(positions=%zu) around this net",
                                ((const jf_net *)m)->positions);
    return 1;
}

static jf_module *read_term(parser *p, int is_net);

/* The layers in the braces of a flow go to it. */
static int read_layers(parser *p, jf_layer *flow)
{
    if (!jf_scan_sees(&p->s, '{'))
        return 1;
    p->s.at++;
    while (!jf_scan_sees(&p->s, '}')) {
        const char *start = p->s.at;
        jf_layer *layer = (jf_layer *)read_term(p, 0);
        if (!layer)
            return 0;
        if (layer->d != flow->d) {
            jf_layer_free(layer);
            return jf_scan_expected(&p->s, start, "a layer of %zu columns",
                                    flow->d);
        }
        if (jf_flow_add(flow, layer) != GSL_SUCCESS)
            return jf_scan_failed(&p->s, start, jf_error_last());
        if (!check(p, start, &flow->module, 0))
            return 0;
    }
    p->s.at++;
    return 1;
}

/* Read the one module in braces. */
static jf_module *read_inside(parser *p, int is_net)
{
    jf_module *m = NULL;
    if (jf_scan_sign(&p->s, '{'))
        m = read_term(p, is_net);
    if (m && !jf_scan_sign(&p->s, '}')) {
        jf_module_free(m);
        m = NULL;
    }
    return m;
}

/* What a layer changes for the nets in its braces: their rows are the pixels of
 * an image where it is shared, and an inverse takes rows one by one. */
static size_t positions_inside(const parser *p, const jf_layer_kind *k,
                               const jf_value *v)
{
    return k->make == shared ? v[0].n : k->make == inverted ? 0 : p->positions;
}

/* Tables by index, before they are made. */
static int count_indices(parser *p, const char *start, const jf_layer_kind *k,
                         const jf_value *v)
{
    if (k->make == shuffle || k->make == plu || k->make == reverse ||
        k->make == permutation)
        p->indices += v[0].n;
    return p->indices <= INDICES ||
           jf_scan_expected(&p->s, start, "permutations of fewer columns");
}

/* The module of kind k at start, whose arguments are v. */
static jf_module *make(parser *p, const char *start, const jf_layer_kind *k,
                       const jf_value *v, jf_map map, int is_net)
{
    size_t positions = p->positions;
    jf_module *inside = NULL;
    jf_error error = {0}, *before;

    if (!count_indices(p, start, k, v))
        return NULL;
    if (k->inside == JF_A_NET || k->inside == JF_A_LAYER) {
        p->positions = positions_inside(p, k, v);
        inside = read_inside(p, k->inside == JF_A_NET);
        p->positions = positions;
        if (!inside)
            return NULL;
    }
    before = jf_error_divert(&error);
    jf_module *m = k->make(v, map, inside);
    jf_error_divert(before);
    if (!m)
        jf_scan_failed(&p->s, start, &error);
    if (m && check(p, start, m, is_net) &&
        (k->inside != JF_LAYERS || read_layers(p, (jf_layer *)m)))
        return m;
    jf_module_free(m);
    return NULL;
}

/* Maps stand among the arguments; read after them, and at goes on behind. */
static int read_arguments(parser *p, const jf_layer_kind *k, jf_value *v,
                          jf_map *map)
{
    if (!jf_scan_arguments(&p->s, k->keys, v))
        return 0;
    const char *behind = p->s.at;
    for (size_t i = 0; i < JF_KEYS && k->keys[i].key; i++)
        if (k->keys[i].type == JF_TERM) {
            p->s.at = v[i].at;
            if (!read_map(p, map))
                return 0;
        }
    p->s.at = behind;
    return 1;
}

static jf_module *read_term(parser *p, int is_net)
{
    const char *wanted = is_net ? "a net" : "a layer";
    char name[JF_NAME];
    jf_value v[JF_KEYS];
    jf_map map = {0};
    jf_module *m = NULL;

    const char *start = jf_scan_here(&p->s);
    if (p->depth >= DEPTH || p->modules >= MODULES) {
        jf_scan_expected(&p->s, start, "less: %d deep, %d in all", DEPTH,
                         MODULES);
        return NULL;
    }
    if (!jf_scan_name(&p->s, wanted, name))
        return NULL;
    const jf_layer_kind *k = is_net ? find(nets, COUNT(nets), name)
                                    : find(layers, COUNT(layers), name);
    if (!k && !is_net)
        k = find(p->own, p->n_own, name);
    if (!k) {
        jf_scan_expected(&p->s, start, "%s", wanted);
        return NULL;
    }
    p->modules++;
    p->depth++;
    if (read_arguments(p, k, v, &map))
        m = make(p, start, k, v, map, is_net);
    p->depth--;
    jf_values_clear(v);
    return m;
}

jf_layer *jf_flow_parse_with(const char *text, const jf_layer_kind *own,
                             size_t n)
{
    parser p = {.s = {.text = text, .at = text}, .own = own, .n_own = n};
    jf_layer *layer = (jf_layer *)read_term(&p, 0);
    if (layer && jf_scan_end(&p.s))
        return layer;
    jf_layer_free(layer);
    JF_ERROR_NULL(p.s.message, p.s.code);
}

jf_layer *jf_flow_parse(const char *text)
{
    return jf_flow_parse_with(text, NULL, 0);
}
