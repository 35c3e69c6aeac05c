/* flow_linear.c -- linear layers: W from its factors, then log|det W| in
 * general; permutations. */
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if __has_include(<flint/arb_mat.h>)
#include <flint/arb_mat.h>
#else
#include <arb_mat.h>
#endif

#include "base/memory.h"
#include "common/args.h"
#include "flow_text.h"

static void reflect(arb_mat_t m, const double *v)
{
    slong d = arb_mat_ncols(m);
    arb_ptr a = _arb_vec_init(d);
    arb_t norm, t;
    arb_init(norm);
    arb_init(t);
    text_set(a, v, d);
    arb_dot(norm, NULL, 0, a, 1, a, 1, d, CONSTANT_BITS);
    for (slong i = 0; i < d; i++) {
        arb_dot(t, NULL, 0, arb_mat_entry(m, i, 0), 1, a, 1, d, CONSTANT_BITS);
        arb_mul_2exp_si(t, t, 1);
        arb_div(t, t, norm, CONSTANT_BITS);
        for (slong j = 0; j < d; j++)
            arb_submul(arb_mat_entry(m, i, j), t, a + j, CONSTANT_BITS);
    }
    arb_clear(t);
    arb_clear(norm);
    _arb_vec_clear(a, d);
}

/* m := m H_1 .. H_k. */
static void reflections(parser *p, arb_mat_t m, slong k)
{
    slong d = arb_mat_ncols(m);
    const double *v = text_parameters(p, k * d);
    for (slong i = 0; i < k; i++)
        reflect(m, v + i * d);
}

static void dense(parser *p, arb_mat_t m)
{
    slong d = arb_mat_nrows(m);
    const double *w = text_parameters(p, d * d);
    for (slong i = 0; i < d; i++)
        text_set(arb_mat_entry(m, i, 0), w + i * d, d);
}

/* Rows of a triangle, the diagonal as logs. */
static void triangle(parser *p, arb_mat_t m, int lower)
{
    slong d = arb_mat_nrows(m);
    arb_mat_zero(m);
    for (slong i = 0; i < d; i++)
        for (slong j = lower ? 0 : i; j < (lower ? i + 1 : d); j++) {
            arb_ptr e = arb_mat_entry(m, i, j);
            arb_set_d(e, *text_parameters(p, 1));
            if (i == j)
                arb_exp(e, e, CONSTANT_BITS);
        }
}

static void multiply(arb_mat_t to, const arb_mat_t by)
{
    arb_mat_mul(to, to, by, CONSTANT_BITS);
}

static void scale_columns(arb_mat_t m, arb_srcptr by)
{
    for (slong i = 0; i < arb_mat_nrows(m); i++)
        for (slong j = 0; j < arb_mat_ncols(m); j++)
            arb_mul(arb_mat_entry(m, i, j), arb_mat_entry(m, i, j), by + j,
                    CONSTANT_BITS);
}

/* s (d) := exp(s), or within least .. largest, which are exponents. */
static void singular_values(arb_ptr s, slong d, double least, double largest)
{
    arb_t low, high;
    arb_init(low);
    arb_init(high);
    arb_set_d(low, least);
    arb_set_d(high, largest);
    arb_log(low, low, CONSTANT_BITS);
    arb_log(high, high, CONSTANT_BITS);
    arb_sub(high, high, low, CONSTANT_BITS);
    arb_mul_2exp_si(high, high, -1);
    arb_add(low, low, high, CONSTANT_BITS);
    for (slong j = 0; j < d; j++) {
        if (least > 0) {
            arb_sin(s + j, s + j, CONSTANT_BITS);
            arb_mul(s + j, s + j, high, CONSTANT_BITS);
            arb_add(s + j, s + j, low, CONSTANT_BITS);
        }
        arb_exp(s + j, s + j, CONSTANT_BITS);
    }
    arb_clear(high);
    arb_clear(low);
}

/* U diag(s) V', whose parameters stand in the order U, V', s. */
static void svd(parser *p, arb_mat_t m, double least, double largest)
{
    slong d = arb_mat_nrows(m);
    arb_mat_t v;
    arb_mat_init(v, d, d);
    arb_mat_one(v);
    reflections(p, m, d);
    reflections(p, v, d);
    arb_ptr s = text_doubles(p, d);
    singular_values(s, d, least, largest);
    scale_columns(m, s);
    multiply(m, v);
    _arb_vec_clear(s, d);
    arb_mat_clear(v);
}

static void special(arb_mat_t m)
{
    arb_t det;
    arb_init(det);
    arb_mat_det(det, m, CONSTANT_BITS);
    arb_abs(det, det);
    arb_root_ui(det, det, (ulong)arb_mat_nrows(m), CONSTANT_BITS);
    arb_mat_scalar_div_arb(m, m, det, CONSTANT_BITS);
    arb_clear(det);
}

static void to_linear(const parser *p, flow_layer *l, arb_mat_t m)
{
    arb_t det;
    arb_init(det);
    arb_mat_det(det, m, CONSTANT_BITS);
    arb_abs(det, det);
    if (!arb_is_positive(det))
        jf_fail(2, "%s: a matrix is not certainly regular", p->path);
    arb_log(&l->log_det, det, CONSTANT_BITS);
    arb_clear(det);
    l->kind = LINEAR;
    l->w = _arb_vec_init(l->d * l->d);
    for (slong i = 0; i < l->d; i++)
        for (slong j = 0; j < l->d; j++)
            arb_set_round(l->w + i * l->d + j, arb_mat_entry(m, i, j),
                          FLOW_BITS);
}

/* Whether name is a linear layer, read behind its d. */
int read_linear(parser *p, flow_layer *l, const char *name)
{
    static const char *const names[] = {
        "dense",       "triangular", "qr",          "svd",
        "svd_bounded", "orthogonal", "deep_linear", "special_linear"};
    enum { DENSE, TRIANGULAR, QR, SVD, BOUNDED, ORTHOGONAL, DEEP, SPECIAL, N };
    int kind = 0;
    while (kind < N && strcmp(name, names[kind]) != 0)
        kind++;
    if (kind == N)
        return 0;
    slong k =
        kind == ORTHOGONAL || kind == DEEP ? text_size(p, "k", 1, 8192) : 1;
    double least = kind == BOUNDED ? text_decimal(p, "least") : 0;
    double largest = kind == BOUNDED ? text_decimal(p, "largest") : 0;
    if (kind == BOUNDED && !(least > 0 && least < largest))
        text_expected(p, "0 < least < largest");
    arb_mat_t m, next;
    arb_mat_init(m, l->d, l->d);
    arb_mat_init(next, l->d, l->d);
    arb_mat_one(m);
    if (kind == DENSE || kind == SPECIAL)
        dense(p, m);
    if (kind == SPECIAL)
        special(m);
    if (kind == TRIANGULAR)
        triangle(p, m, 1);
    if (kind == QR || kind == ORTHOGONAL)
        reflections(p, m, kind == QR ? l->d : k);
    if (kind == QR) {
        triangle(p, next, 0);
        multiply(m, next);
    }
    if (kind == SVD || kind == BOUNDED)
        svd(p, m, least, largest);
    for (slong i = 0; kind == DEEP && i < k; i++) {
        dense(p, next);
        arb_mat_mul(m, next, m, CONSTANT_BITS);
    }
    to_linear(p, l, m);
    arb_mat_clear(next);
    arb_mat_clear(m);
    return 1;
}

/* z = (x + b) exp(s): how many s (0, 1, d) and b (0, d) by name. */
int read_diagonal(parser *p, flow_layer *l, const char *name)
{
    int norm = strcmp(name, "actnorm") == 0, one = strcmp(name, "scale") == 0;
    int bias = strcmp(name, "bias") == 0;
    if (!norm && !one && !bias && strcmp(name, "diagonal") != 0)
        return 0;
    const double *s = bias ? NULL : text_parameters(p, one ? 1 : l->d);
    const double *b = norm || bias ? text_parameters(p, l->d) : NULL;
    l->kind = DIAGONAL;
    l->w = _arb_vec_init(l->d);
    l->b = _arb_vec_init(l->d);
    for (slong j = 0; j < l->d; j++) {
        arb_set_d(l->w + j, s ? s[one ? 0 : j] : 0);
        arb_add(&l->log_det, &l->log_det, l->w + j, CONSTANT_BITS);
        arb_exp(l->w + j, l->w + j, CONSTANT_BITS);
        arb_set_d(l->b + j, b ? b[j] : 0);
        arb_mul(l->b + j, l->b + j, l->w + j, CONSTANT_BITS);
        arb_set_round(l->b + j, l->b + j, FLOW_BITS);
        arb_set_round(l->w + j, l->w + j, FLOW_BITS);
    }
    return 1;
}

/* Permutations. */

/* The order of a seed: Philox4x64-10 (Salmon et al. 2011), key (seed, 1),
 * counter (n, 0, d, 0), under the shuffle of GSL. */
typedef struct {
    uint64_t seed, block, d, out[4];
    int used;
} philox;

static uint64_t next_word(philox *r)
{
    if (r->used < 4)
        return r->out[r->used++];
    uint64_t key[2] = {r->seed, 1}, c[4] = {r->block++, 0, r->d, 0};
    for (int round = 0; round < 10; round++) {
        __uint128_t a = (__uint128_t)c[0] * 0xD2E7470EE14C6C93u;
        __uint128_t b = (__uint128_t)c[2] * 0xCA5A826395121157u;
        uint64_t next[4] = {(uint64_t)(b >> 64) ^ c[1] ^ key[0], (uint64_t)b,
                            (uint64_t)(a >> 64) ^ c[3] ^ key[1], (uint64_t)a};
        memcpy(c, next, sizeof c);
        key[0] += 0x9E3779B97F4A7C15u;
        key[1] += 0xBB67AE8584CAA73Bu;
    }
    memcpy(r->out, c, sizeof c);
    r->used = 1;
    return r->out[0];
}

static slong *seeded_order(slong d, uint64_t seed)
{
    slong *from = jf_alloc((size_t)d, sizeof *from);
    philox r = {.seed = seed, .d = (uint64_t)d, .used = 4};
    for (slong i = 0; i < d; i++)
        from[i] = i;
    for (slong i = d - 1; i > 0; i--) {
        uint64_t scale = UINT64_MAX / (uint64_t)(i + 1), k;
        do
            k = next_word(&r) / scale;
        while (k > (uint64_t)i);
        slong old = from[i];
        from[i] = from[k];
        from[k] = old;
    }
    return from;
}

static uint64_t seed_of(parser *p)
{
    text_key(p, "seed");
    size_t n = strspn(p->at, "0123456789");
    errno = 0;
    uint64_t seed = strtoull(p->at, NULL, 10);
    if (n == 0 || errno)
        text_expected(p, "digits below 2^64");
    p->at += n;
    return seed;
}

/* P L U: row from[i] of L U is row i of it. */
void read_plu(parser *p, flow_layer *l)
{
    slong d = l->d, *from = seeded_order(d, seed_of(p));
    const double *t = text_parameters(p, d * d);
    arb_mat_t low, up, m;
    arb_mat_init(low, d, d);
    arb_mat_init(up, d, d);
    arb_mat_init(m, d, d);
    for (slong i = 0; i < d; i++)
        for (slong j = 0; j < d; j++)
            arb_set_d(arb_mat_entry(j < i ? low : up, i, j), t[i * d + j]);
    for (slong i = 0; i < d; i++) {
        arb_one(arb_mat_entry(low, i, i));
        arb_exp(arb_mat_entry(up, i, i), arb_mat_entry(up, i, i),
                CONSTANT_BITS);
    }
    multiply(low, up);
    for (slong i = 0; i < d; i++)
        _arb_vec_set(arb_mat_entry(m, i, 0), arb_mat_entry(low, from[i], 0), d);
    to_linear(p, l, m);
    arb_mat_clear(m);
    arb_mat_clear(up);
    arb_mat_clear(low);
    free(from);
}

void read_order(parser *p, flow_layer *l)
{
    char seen[FLOW_COLUMNS] = {0};
    l->from = jf_alloc(FLOW_COLUMNS, sizeof *l->from);
    text_key(p, "from");
    for (l->d = 0; !text_sees(p, ')'); l->d++) {
        const char *start = p->at;
        double x = text_number(p);
        if (l->d == FLOW_COLUMNS || !(x >= 0 && x < FLOW_COLUMNS) ||
            x != floor(x) || seen[(int)x]++) {
            p->at = start;
            text_expected(p, "a permutation of up to 64 columns");
        }
        l->from[l->d] = (slong)x;
    }
    for (slong i = 0; i < l->d; i++)
        if (!seen[i])
            text_expected(p, "a permutation");
}

int read_permutation(parser *p, flow_layer *l, const char *name)
{
    l->kind = PERMUTATION;
    if (strcmp(name, "shuffle") == 0) {
        l->from = seeded_order(l->d, seed_of(p));
        return 1;
    }
    int same = strcmp(name, "checkpoint") == 0;
    if (!same && strcmp(name, "reverse") != 0)
        return 0;
    l->from = jf_alloc((size_t)l->d, sizeof *l->from);
    for (slong i = 0; i < l->d; i++)
        l->from[i] = same ? i : l->d - 1 - i;
    return 1;
}

/* from[i] of a squeeze: the channels of the pixels (0, 0), (1, 1), (0, 1), (1,
 * 0) of each 2 x 2 block become those of one pixel. */
static void squeeze(slong *from, slong height, slong width, slong channels)
{
    static const slong down[] = {0, 1, 0, 1}, right[] = {0, 1, 1, 0};
    slong to = 0;
    for (slong y = 0; y < height; y += 2)
        for (slong x = 0; x < width; x += 2)
            for (slong k = 0; k < 4; k++)
                for (slong c = 0; c < channels; c++)
                    from[to++] =
                        ((y + down[k]) * width + x + right[k]) * channels + c;
}

static void invert(slong *from, slong d)
{
    slong to[FLOW_COLUMNS];
    for (slong i = 0; i < d; i++)
        to[from[i]] = i;
    memcpy(from, to, (size_t)d * sizeof *from);
}

int read_image_order(parser *p, flow_layer *l, const char *name)
{
    int factors = strcmp(name, "factor_out") == 0;
    int back = strcmp(name, "unsqueeze") == 0;
    if (!factors && !back && strcmp(name, "squeeze") != 0)
        return 0;
    slong height = factors ? 1 : text_size(p, "height", 2, FLOW_COLUMNS);
    slong width = text_size(p, factors ? "pixels" : "width", 1, FLOW_COLUMNS);
    slong channels = text_size(p, "channels", 1, FLOW_COLUMNS);
    slong keep = factors ? text_size(p, "keep", 0, channels) : 0;
    l->kind = PERMUTATION;
    l->d = height * width * channels;
    if (l->d > FLOW_COLUMNS || (!factors && (height % 2 || width % 2)))
        text_expected(p, "even sides, and at most 64 columns, before this");
    l->from = jf_alloc((size_t)l->d, sizeof *l->from);
    if (factors) {
        for (slong i = 0, to = 0; i < 2; i++)
            for (slong q = 0; q < width; q++)
                for (slong c = i ? keep : 0; c < (i ? channels : keep); c++)
                    l->from[to++] = q * channels + c;
    } else {
        squeeze(l->from, height, width, channels);
        if (back)
            invert(l->from, l->d);
    }
    return 1;
}
