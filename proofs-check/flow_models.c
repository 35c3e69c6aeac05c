/* flow_models.c -- couplings are functions of one column times the other.
 *
 * z_b = x_b exp(l(x_a)) + t(x_a): exp(l), l and t are functions of one number,
 * whose derivatives follow from y' = (1 - y^2) u' for y = tanh u and from e' =
 * l' e for e = exp l, coefficient by coefficient (jets). */
#include "flow_models.h"

enum { BITS = MODEL_BITS, D = 2 };

static int fits(const flow_layer *l)
{
    switch (l->kind) {
    case COMPOSED:
        for (slong i = 0; i < l->count; i++)
            if (!fits(l->inside + i))
                return 0;
        return 1;
    case DIAGONAL:
    case LINEAR:
    case PERMUTATION:
        return 1;
    case COUPLING:
        return (l->map.kind == CLAMP || l->map.kind == EXP ||
                l->map.kind == SHIFT) &&
               !l->net.rows && (l->net.count == 1 || l->net.activation == TANH);
    default:
        return 0;
    }
}

int flow_models_fit(const flow *f)
{
    return f->map.d == D && f->base == NORMAL && fits(&f->map);
}

static slong width_of(const flow_layer *l)
{
    slong width = l->kind == COUPLING ? l->net.width : 0;
    for (slong i = 0; l->kind == COMPOSED && i < l->count; i++)
        width = FLINT_MAX(width, width_of(l->inside + i));
    return width;
}

/* SHIFT, LOG, SCALE: jets of t, l and exp(l) at a point and on a range. */
enum { T, L, E, FUNCTIONS };

void flow_room_init(flow_room *r, const flow *f)
{
    model_powers_init(&r->powers);
    model_init(&r->scale);
    model_init(&r->shift);
    model_init(&r->log_scale);
    r->width = width_of(&f->map);
    r->jets = _arb_vec_init(2 * FUNCTIONS * JET);
    r->units = _arb_vec_init(2 * r->width * JET);
}

void flow_room_clear(flow_room *r)
{
    model_powers_clear(&r->powers);
    model_clear(&r->scale);
    model_clear(&r->shift);
    model_clear(&r->log_scale);
    _arb_vec_clear(r->jets, 2 * FUNCTIONS * JET);
    _arb_vec_clear(r->units, 2 * r->width * JET);
}

/* y := tanh u, by its values at the ends. */
static void tanh_of(arb_t y, const arb_t u)
{
    arb_t low, high;
    if (!arb_is_finite(u)) {
        arb_zero(y);
        mag_one(arb_radref(y));
        return;
    }
    arb_init(low);
    arb_init(high);
    arb_get_lbound_arf(arb_midref(low), u, BITS);
    arb_get_ubound_arf(arb_midref(high), u, BITS);
    arb_tanh(low, low, BITS);
    arb_tanh(high, high, BITS);
    arb_union(y, low, high, BITS);
    arb_clear(high);
    arb_clear(low);
}

/* y (count) := the jet of tanh u, from that of u; they differ. */
static void tanh_jet(arb_ptr y, arb_srcptr u, slong count)
{
    arb_ptr slope = _arb_vec_init(2 * count), du = slope + count;
    tanh_of(y, u);
    for (slong k = 0; k + 1 < count; k++) {
        /* slope = 1 - y^2 */
        if (k == 0)
            arb_sqr(slope, y, BITS);
        else
            arb_dot(slope + k, NULL, 0, y, 1, y + k, -1, k + 1, BITS);
        arb_neg(slope + k, slope + k);
        if (k == 0)
            arb_add_ui(slope, slope, 1, BITS);
        arb_mul_ui(du + k, u + k + 1, (ulong)k + 1, BITS);
        arb_dot(y + k + 1, NULL, 0, slope, 1, du + k, -1, k + 1, BITS);
        arb_div_ui(y + k + 1, y + k + 1, (ulong)k + 1, BITS);
    }
    _arb_vec_clear(slope, 2 * count);
}

static void exp_jet(arb_ptr y, arb_srcptr u, slong count)
{
    arb_ptr du = _arb_vec_init(count);
    arb_exp(y, u, BITS);
    for (slong k = 0; k + 1 < count; k++) {
        arb_mul_ui(du + k, u + k + 1, (ulong)k + 1, BITS);
        arb_dot(y + k + 1, NULL, 0, y, 1, du + k, -1, k + 1, BITS);
        arb_div_ui(y + k + 1, y + k + 1, (ulong)k + 1, BITS);
    }
    _arb_vec_clear(du, count);
}

/* l := the log scale of an affine map, from the jet of s. */
static void log_scale_jet(arb_ptr l, const flow_map *m, slong count)
{
    if (m->kind != CLAMP)
        return;
    arb_ptr u = _arb_vec_init(count);
    for (slong k = 0; k < count; k++)
        arb_div(u + k, l + k, &m->limit, BITS);
    tanh_jet(l, u, count);
    _arb_vec_scalar_mul(l, l, count, &m->limit, BITS);
    arb_add(l, l, &m->middle, BITS);
    _arb_vec_clear(u, count);
}

/* jets (FUNCTIONS, JET) of a coupling's t, l and exp(l) at x, which may be a
 * range; the first count coefficients. */
static void coupling_jets(arb_ptr jets, const flow_layer *l, const arb_t x,
                          const flow_room *r, slong count)
{
    const flow_net *n = &l->net;
    arb_ptr from = r->units, to = from + r->width * JET, u = _arb_vec_init(JET);
    arb_set(from, x);
    _arb_vec_zero(from + 1, JET - 1);
    arb_one(from + 1);
    _arb_vec_zero(jets, FUNCTIONS * JET);
    for (slong m = 0; m < n->count; m++) {
        const flow_affine *a = n->affine + m;
        int last = m + 1 == n->count;
        for (slong i = 0; i < a->out; i++) {
            arb_ptr y = last ? jets + i * JET : u;
            for (slong k = 0; k < count; k++)
                arb_dot(y + k, k ? NULL : a->b + i, 0, a->w + i * a->in, 1,
                        from + k, JET, a->in, BITS);
            if (!last)
                tanh_jet(to + i * JET, u, count);
        }
        arb_ptr swap = from;
        from = to;
        to = swap;
    }
    log_scale_jet(jets + L * JET, &l->map, count);
    exp_jet(jets + E * JET, jets + L * JET, count);
    _arb_vec_clear(u, JET);
}

static void coupling(model *x, model *log_det, const flow_layer *l,
                     flow_room *r)
{
    model *a = l->upper ? x : x + 1, *b = l->upper ? x + 1 : x;
    arb_ptr at = r->jets, on = at + FUNCTIONS * JET;
    model *to[FUNCTIONS] = {&r->shift, &r->log_scale, &r->scale};
    model_powers_of(&r->powers, a);
    coupling_jets(at, l, r->powers.centre, r, JET - 1);
    coupling_jets(on, l, r->powers.range, r, JET);
    for (int k = 0; k < FUNCTIONS; k++)
        model_compose(to[k], &r->powers, at + k * JET, on + k * JET + JET - 1);
    model_multiply(b, b, &r->scale);
    model_add(b, b, &r->shift);
    model_add(log_det, log_det, &r->log_scale);
}

/* z := W x. */
static void linear(model *x, const flow_layer *l, flow_room *r)
{
    model *part = &r->scale, *sum[D] = {&r->shift, &r->log_scale};
    for (int i = 0; i < D; i++) {
        model_scale(sum[i], x, l->w + D * i);
        model_scale(part, x + 1, l->w + D * i + 1);
        model_add(sum[i], sum[i], part);
    }
    for (int i = 0; i < D; i++)
        model_set(x + i, sum[i]);
}

static void layer(model *x, model *log_det, const flow_layer *l, flow_room *r)
{
    switch (l->kind) {
    case COMPOSED:
        for (slong i = 0; i < l->count; i++)
            layer(x, log_det, l->inside + i, r);
        break;
    case DIAGONAL:
        for (int j = 0; j < D; j++) {
            model_scale(x + j, x + j, l->w + j);
            arb_add(x[j].a, x[j].a, l->b + j, BITS);
        }
        break;
    case LINEAR:
        linear(x, l, r);
        break;
    case PERMUTATION:
        if (l->from[0] != 0) {
            model swap = x[0];
            x[0] = x[1];
            x[1] = swap;
        }
        break;
    default:
        coupling(x, log_det, l, r);
    }
    arb_add(log_det->a, log_det->a, &l->log_det, BITS);
}

void flow_model_init(flow_model *m)
{
    for (int j = 0; j < D; j++)
        model_init(&m->z[j]);
    model_init(&m->log_det);
    model_init(&m->log_q);
}

void flow_model_clear(flow_model *m)
{
    for (int j = 0; j < D; j++)
        model_clear(&m->z[j]);
    model_clear(&m->log_det);
    model_clear(&m->log_q);
}

static void set_density(flow_model *m)
{
    model square;
    arb_t c;
    arb_init(c);
    model_init(&square);
    model_set(&m->log_q, &m->log_det);
    arb_set_d(c, 0.5);
    for (int j = 0; j < D; j++) {
        model_multiply(&square, &m->z[j], &m->z[j]);
        model_scale(&square, &square, c);
        model_subtract(&m->log_q, &m->log_q, &square);
    }
    arb_const_pi(c, BITS);
    arb_mul_2exp_si(c, c, 1);
    arb_log(c, c, BITS);
    arb_sub(m->log_q.a, m->log_q.a, c, BITS);
    model_clear(&square);
    arb_clear(c);
}

void flow_model_pass(flow_model *m, const flow *f, flow_room *r)
{
    _arb_vec_zero(m->log_det.a, TERMS);
    mag_zero(m->log_det.rest);
    layer(m->z, &m->log_det, &f->map, r);
    set_density(m);
}

void flow_growth_init(flow_growth *g)
{
    for (int j = 0; j < D; j++) {
        mag_init(&g->by[j]);
        mag_init(&g->shift[j]);
    }
    mag_init(&g->log_det);
}

void flow_growth_clear(flow_growth *g)
{
    for (int j = 0; j < D; j++) {
        mag_clear(&g->by[j]);
        mag_clear(&g->shift[j]);
    }
    mag_clear(&g->log_det);
}

/* |x_b exp(l) + t| with |l| <= |middle| + limit, |t| <= |b| + sum |w|. */
static void grow_coupling(flow_growth *g, const flow_layer *l)
{
    const flow_affine *out = l->net.affine + l->net.count - 1;
    int b = l->upper;
    mag_t size, t;
    mag_init(size);
    mag_init(t);
    arb_get_mag(size, &l->map.limit);
    arb_get_mag(t, &l->map.middle);
    mag_add(size, size, t);
    mag_add(&g->log_det, &g->log_det, size);
    mag_exp(size, size);
    mag_mul(&g->by[b], &g->by[b], size);
    mag_mul(&g->shift[b], &g->shift[b], size);
    arb_get_mag(t, out->b);
    mag_add(&g->shift[b], &g->shift[b], t);
    for (slong i = 0; i < out->in; i++) {
        arb_get_mag(t, out->w + i);
        mag_add(&g->shift[b], &g->shift[b], t);
    }
    mag_clear(t);
    mag_clear(size);
}

static int grow(flow_growth *g, const flow_layer *l)
{
    if (l->kind == COMPOSED) {
        for (slong i = 0; i < l->count; i++)
            if (!grow(g, l->inside + i))
                return 0;
        return 1;
    }
    if (l->kind != COUPLING || l->map.kind != CLAMP || l->net.count < 2 ||
        l->net.activation != TANH)
        return 0;
    if (g)
        grow_coupling(g, l);
    return 1;
}

int flow_grows(flow_growth *g, const flow *f)
{
    for (int j = 0; g && j < D; j++) {
        mag_one(&g->by[j]);
        mag_zero(&g->shift[j]);
    }
    if (g)
        mag_zero(&g->log_det);
    return grow(g, &f->map);
}
