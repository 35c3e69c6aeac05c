/* parse.h -- a layer from the text that jf_describe makes of it.
 *
 *     layer = term [ "{" { layer | net } "}" ]         (base/scan.h: a term)
 *
 * on one line, numbers as %.17g, so that text -> layer -> text is the identity:
 *
 *     flow(d=2) { actnorm(d=2) coupling(d=2, split=1, side=upper,
 *     map=clamp(limit=2)) { mlp(in=1, out=2, hidden=16, depth=2,
 *     activation=tanh, bias=1, lipschitz=0) } }
 *
 * The kinds, with their keys in order, are the tables of parse.c; what each
 * does stands at the constructor of that name (layers.h, net.h, map.h). */
#ifndef JF_PARSE_H
#define JF_PARSE_H

#include "base/scan.h"
#include "layer/layers.h"

/* What stands in the braces of a layer. */
typedef enum { JF_NOTHING, JF_A_NET, JF_A_LAYER, JF_LAYERS } jf_inside;

/* A kind of layer or net: its constructor, from the values of its keys, the map
 * of the key of type JF_TERM (no map: map.ops NULL) and what stands in the
 * braces, which it owns from then on; JF_LAYERS are added by the reader. */
typedef struct {
    const char *name;
    jf_module *(*make)(const jf_value *v, jf_map map, jf_module *inside);
    jf_key keys[JF_KEYS];
    jf_inside inside;
} jf_layer_kind;

/* A new layer, for jf_layer_free.  NULL after GSL_EINVAL with a message that
 * says at which byte of the text what was expected, or GSL_ENOMEM.  Sizes that
 * the text cannot mean are refused: what a layer allocates is in proportion to
 * the text and to the theta that goes with it. */
jf_layer *jf_flow_parse(const char *text);

/* The same for a program with n kinds of layers of its own. */
jf_layer *jf_flow_parse_with(const char *text, const jf_layer_kind *own,
                             size_t n);

#endif
