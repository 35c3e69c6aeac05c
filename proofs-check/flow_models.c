/* flow_models.c -- couplings are functions of one column times the other.
 *
 * z_b = x_b exp(l(x_a)) + t(x_a): exp(l), l and t are functions of one number,
 * whose derivatives follow from y' = (1 - y^2) u' for y = tanh u and from e' =
 * l' e for e = exp l, coefficient by coefficient (jets). */
#include "flow_models.h"

#include "common/args.h"

enum { BITS = MODEL_BITS, D = 2 };

static int fits(const flow_layer *l)
{
    if (l->kind == COMPOSED) {
        for (slong i = 0; i < l->count; i++)
            if (!fits(l->inside + i))
                return 0;
        return 1;
    }
    return l->kind == COUPLING && l->d == D && l->map.kind == CLAMP &&
           l->net.count == 2 && l->net.activation == TANH;
}

void flow_models_fit(const flow *f, const char *path)
{
    if (f->map.d != D || f->base != NORMAL || !fits(&f->map))
        jf_fail(2,
                "%s: a flow of the plane expected, of couplings with maps "
                "clamp and tanh nets of one hidden layer, over normal()",
                path);
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
    r->units = _arb_vec_init(r->width * JET);
}

void flow_room_clear(flow_room *r)
{
    model_powers_clear(&r->powers);
    model_clear(&r->scale);
    model_clear(&r->shift);
    model_clear(&r->log_scale);
    _arb_vec_clear(r->jets, 2 * FUNCTIONS * JET);
    _arb_vec_clear(r->units, r->width * JET);
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

/* jets (FUNCTIONS, JET) of a coupling's t, l and exp(l) at x, which may be a
 * range; the first count coefficients. */
static void coupling_jets(arb_ptr jets, const flow_layer *l, const arb_t x,
                          arb_ptr units, slong count)
{
    const flow_affine *in = l->net.affine, *out = in + 1;
    arb_ptr u = _arb_vec_init(JET);
    for (slong i = 0; i < in->out; i++) {
        arb_set(u, in->b + i);
        arb_addmul(u, in->w + i, x, BITS);
        arb_set(u + 1, in->w + i);
        tanh_jet(units + i * JET, u, count);
    }
    for (slong q = 0; q < out->out; q++)
        for (slong k = 0; k < count; k++)
            arb_dot(jets + q * JET + k, k ? NULL : out->b + q, 0,
                    out->w + q * out->in, 1, units + k, JET, out->in, BITS);
    for (slong k = 0; k < count; k++)
        arb_div(u + k, jets + L * JET + k, &l->map.limit, BITS);
    tanh_jet(jets + L * JET, u, count);
    _arb_vec_scalar_mul(jets + L * JET, jets + L * JET, count, &l->map.limit,
                        BITS);
    arb_add(jets + L * JET, jets + L * JET, &l->map.middle, BITS);
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
    coupling_jets(at, l, r->powers.centre, r->units, JET - 1);
    coupling_jets(on, l, r->powers.range, r->units, JET);
    for (int k = 0; k < FUNCTIONS; k++)
        model_compose(to[k], &r->powers, at + k * JET, on + k * JET + JET - 1);
    model_multiply(b, b, &r->scale);
    model_add(b, b, &r->shift);
    model_add(log_det, log_det, &r->log_scale);
}

static void layer(model *x, model *log_det, const flow_layer *l, flow_room *r)
{
    if (l->kind == COUPLING)
        coupling(x, log_det, l, r);
    for (slong i = 0; l->kind == COMPOSED && i < l->count; i++)
        layer(x, log_det, l->inside + i, r);
}

void flow_models(model *x, model *log_det, const flow *f, flow_room *r)
{
    _arb_vec_zero(log_det->a, TERMS);
    mag_zero(log_det->rest);
    layer(x, log_det, &f->map, r);
}

void flow_density(model *log_q, const model *z, const model *log_det)
{
    model square;
    arb_t c;
    arb_init(c);
    model_init(&square);
    model_set(log_q, log_det);
    arb_set_d(c, 0.5);
    for (int j = 0; j < D; j++) {
        model_multiply(&square, z + j, z + j);
        model_scale(&square, &square, c);
        model_subtract(log_q, log_q, &square);
    }
    arb_const_pi(c, BITS);
    arb_mul_2exp_si(c, c, 1);
    arb_log(c, c, BITS);
    arb_sub(log_q->a, log_q->a, c, BITS);
    model_clear(&square);
    arb_clear(c);
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
static void grow(flow_growth *g, const flow_layer *l)
{
    if (l->kind == COUPLING) {
        const flow_affine *out = l->net.affine + 1;
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
    for (slong i = 0; l->kind == COMPOSED && i < l->count; i++)
        grow(g, l->inside + i);
}

void flow_grows(flow_growth *g, const flow *f)
{
    for (int j = 0; j < D; j++) {
        mag_one(&g->by[j]);
        mag_zero(&g->shift[j]);
    }
    mag_zero(&g->log_det);
    grow(g, &f->map);
}
