/* flow_nets.c -- nets and maps, from their slice of theta. */
#include <stdlib.h>
#include <string.h>

#if __has_include(<flint/arb_mat.h>)
#include <flint/arb_mat.h>
#else
#include <arb_mat.h>
#endif

#include "base/memory.h"
#include "flow_text.h"

/* |W|_2 <= k: w := w min(1, k / |W|_2).  With A = W W' or W' W (n, n), N = 2^m
 * and s = |W|^2: tr(A^N) / n <= s^N <= tr(A^N). */
static void bound_norm(flow_affine *a, const arb_t k)
{
    enum { SQUARINGS = 72 };
    slong n = a->in < a->out ? a->in : a->out, bits = 4 * SQUARINGS;
    arb_mat_t w, t, s;
    arb_t power, low, high;
    arb_mat_init(w, a->out, a->in);
    arb_mat_init(t, a->in, a->out);
    arb_mat_init(s, n, n);
    arb_init(power);
    arb_init(low);
    arb_init(high);
    for (slong i = 0; i < a->out; i++)
        _arb_vec_set(arb_mat_entry(w, i, 0), a->w + i * a->in, a->in);
    arb_mat_transpose(t, w);
    if (a->in < a->out)
        arb_mat_mul(s, t, w, bits);
    else
        arb_mat_mul(s, w, t, bits);
    arb_mat_trace(high, s, bits);
    if (arb_is_positive(high)) {
        /* log s within log(n) / N of log tr(A^N) / N, A scaled to trace 1 each
         * time: power holds the sum of logs. */
        arb_zero(power);
        for (int m = 0; m <= SQUARINGS; m++) {
            arb_mat_trace(high, s, bits);
            arb_mat_scalar_div_arb(s, s, high, bits);
            arb_log(high, high, bits);
            arb_mul_2exp_si(high, high, -m);
            arb_add(power, power, high, bits);
            arb_mat_mul(s, s, s, bits);
        }
        arb_log_ui(low, (ulong)n, bits);
        arb_mul_2exp_si(low, low, -SQUARINGS);
        arb_sub(low, power, low, bits);
        arb_union(power, power, low, bits);
        arb_mul_2exp_si(power, power, -1);
        arb_exp(power, power, bits);
        arb_div(power, k, power, bits);
        arb_one(low);
        arb_min(power, power, low, bits);
        for (slong i = 0; i < a->in * a->out; i++)
            arb_mul(a->w + i, a->w + i, power, FLOW_BITS);
    }
    arb_clear(high);
    arb_clear(low);
    arb_clear(power);
    arb_mat_clear(s);
    arb_mat_clear(t);
    arb_mat_clear(w);
}

static void add_affine(parser *p, flow_net *n, slong taps, slong in, slong out,
                       int bias)
{
    n->affine = jf_resize(n->affine, (size_t)n->count + 1, sizeof *n->affine);
    flow_affine *a = n->affine + n->count++;
    *a = (flow_affine){taps, in, out, text_doubles(p, taps * in * out), NULL};
    a->b = bias ? text_doubles(p, out) : _arb_vec_init(out);
    n->width = in > n->width ? in : n->width;
    n->width = out > n->width ? out : n->width;
}

static void add_affines(parser *p, flow_net *n, slong hidden, slong depth,
                        int bias)
{
    if (depth > 0 && hidden == 0)
        text_expected(p, "a hidden unit before this");
    for (slong l = 0; l <= depth; l++)
        add_affine(p, n, 1, l ? hidden : n->in, l < depth ? hidden : n->out,
                   bias);
}

static const char *const activations[] = {"relu", "tanh", "elu", "softplus",
                                          NULL};

static void mlp(parser *p, flow_net *n)
{
    slong most = 1 << 20;
    n->in = text_size(p, "in", 1, FLOW_COLUMNS);
    n->out = text_size(p, "out", 1, most);
    slong hidden = text_size(p, "hidden", 0, most);
    slong depth = text_size(p, "depth", 0, 1024);
    n->activation = (flow_activation)text_choice(p, "activation", activations);
    int bias = (int)text_size(p, "bias", 0, 1);
    double lipschitz = text_decimal(p, "lipschitz");
    add_affines(p, n, hidden, depth, bias);
    n->contracts = lipschitz > 0 && lipschitz < 1;
    if (!(lipschitz > 0))
        return;
    arb_t k;
    arb_init(k);
    arb_set_d(k, lipschitz);
    arb_root_ui(k, k, (ulong)n->count, CONSTANT_BITS);
    for (slong l = 0; l < n->count; l++)
        bound_norm(n->affine + l, k);
    arb_clear(k);
}

static int by_value(const void *a, const void *b)
{
    slong x = *(const slong *)a, y = *(const slong *)b;
    return (x > y) - (x < y);
}

/* Weights masked by degrees: an input i has i, an output q d + j has j, hidden
 * units those of k mod max(d - 1, 1) in ascending order. */
static void made(parser *p, flow_net *n)
{
    slong most = 1 << 20, d = n->in = text_size(p, "d", 1, FLOW_COLUMNS);
    n->out = d * text_size(p, "params", 1, 192);
    slong hidden = text_size(p, "hidden", 0, most);
    slong depth = text_size(p, "depth", 0, 1024);
    n->activation = (flow_activation)text_choice(p, "activation", activations);
    add_affines(p, n, hidden, depth, 1);
    slong *degree = jf_alloc((size_t)n->width + 1, sizeof *degree);
    for (slong k = 0; depth > 0 && k < hidden; k++)
        degree[k] = k % (d > 1 ? d - 1 : 1);
    if (depth > 0)
        qsort(degree, (size_t)hidden, sizeof *degree, by_value);
    for (slong l = 0; l <= depth; l++) {
        flow_affine *a = n->affine + l;
        for (slong i = 0; i < a->out; i++)
            for (slong j = 0; j < a->in; j++) {
                slong from = l ? degree[j] : j;
                int seen = l < depth ? from <= degree[i] : from < i % d;
                if (!seen)
                    arb_zero(a->w + i * a->in + j);
            }
    }
    free(degree);
}

/* 3 x 3, 1 x 1 and 3 x 3 taps, or 3 x 3 alone. */
static void convnet(parser *p, flow_net *n)
{
    slong most = 1 << 16;
    n->rows = text_size(p, "height", 1, FLOW_COLUMNS);
    n->columns = text_size(p, "width", 1, FLOW_COLUMNS);
    n->in = text_size(p, "in", 1, FLOW_COLUMNS);
    n->out = text_size(p, "out", 1, most);
    slong hidden = text_size(p, "hidden", 0, most);
    n->activation = (flow_activation)text_choice(p, "activation", activations);
    slong last = hidden ? 2 : 0;
    for (slong l = 0; l <= last; l++)
        add_affine(p, n, l == 1 ? 1 : 9, l ? hidden : n->in,
                   l < last ? hidden : n->out, 1);
    n->width =
        n->rows * n->columns * FLINT_MAX(n->in, FLINT_MAX(n->out, hidden));
}

/* The net of a layer of so many positions, in braces. */
void read_net(parser *p, flow_layer *l, slong in, slong out, slong positions)
{
    char name[WORD];
    int is_made = l->kind == AUTOREGRESSIVE;
    text_sign(p, '{');
    const char *start = p->at;
    text_word(p, name);
    int is_image = l->kind == COUPLING && strcmp(name, "convnet") == 0;
    if (!is_image && strcmp(name, is_made ? "made" : "mlp") != 0) {
        p->at = start;
        text_expected(p, is_made               ? "made"
                         : l->kind == COUPLING ? "mlp or convnet"
                                               : "mlp");
    }
    text_sign(p, '(');
    (is_made ? made : is_image ? convnet : mlp)(p, &l->net);
    if (l->net.in != in || l->net.out != out)
        text_expected(p, "a net of other sizes before this");
    if (is_image && l->net.rows * l->net.columns != positions)
        text_expected(p, "a net of as many pixels as positions before this");
    text_sign(p, ')');
    text_sign(p, '}');
}

/* Maps. */

void read_map(parser *p, flow_map *m)
{
    char name[WORD];
    text_key(p, "map");
    const char *start = p->at;
    text_word(p, name);
    text_sign(p, '(');
    m->params = 2;
    if (strcmp(name, "shift") == 0) {
        m->kind = SHIFT;
        m->params = 1;
    } else if (strcmp(name, "exp") == 0) {
        m->kind = EXP;
    } else if (strcmp(name, "sigmoid") == 0) {
        m->kind = SIGMOID;
    } else if (strcmp(name, "clamp") == 0) {
        m->kind = CLAMP;
        arb_set_d(&m->limit, text_decimal(p, "limit"));
    } else if (strcmp(name, "range") == 0) {
        m->kind = CLAMP;
        arb_set_d(&m->middle, text_decimal(p, "least"));
        arb_set_d(&m->limit, text_decimal(p, "largest"));
        arb_log(&m->middle, &m->middle, CONSTANT_BITS);
        arb_log(&m->limit, &m->limit, CONSTANT_BITS);
        arb_sub(&m->limit, &m->limit, &m->middle, CONSTANT_BITS);
        arb_mul_2exp_si(&m->limit, &m->limit, -1);
        arb_add(&m->middle, &m->middle, &m->limit, CONSTANT_BITS);
    } else if (strcmp(name, "spline") == 0) {
        m->kind = SPLINE;
        m->bins = text_size(p, "bins", 1, 64);
        m->params = 3 * m->bins - 1;
        arb_set_d(&m->limit, text_decimal(p, "bound"));
    } else {
        p->at = start;
        text_expected(p, "shift, exp, clamp, range, sigmoid or spline");
    }
    if ((m->kind == CLAMP || m->kind == SPLINE) && !arb_is_positive(&m->limit))
        text_expected(p, "a positive bound before this");
    text_sign(p, ')');
}
