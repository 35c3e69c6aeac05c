/* flow_balls.c -- layers, one after the other, and the base. */
#include "flow_forms.h"

#if __has_include(<flint/arb_mat.h>)
#include <flint/arb_mat.h>
#else
#include <arb_mat.h>
#endif

enum { BITS = FLOW_BITS };

/* Layers: x (d) -> z, log|det| added. */

static void diagonal(const pass *p, const flow_layer *l, arb_ptr x)
{
    for (slong j = 0; j < l->d; j++) {
        form_scale(p, form_at(p, x, j), form_at(p, x, j), l->w + j);
        form_add_constant(p, form_at(p, x, j), l->b + j);
        form_narrow(p, form_at(p, x, j));
    }
}

static void linear(const pass *p, const flow_layer *l, arb_ptr x)
{
    arb_ptr y = forms_new(p, l->d), zero = _arb_vec_init(l->d);
    form_affine(p, y, x, &(flow_affine){1, l->d, l->d, l->w, zero});
    _arb_vec_set(x, y, l->d * p->stride);
    _arb_vec_clear(zero, l->d);
    forms_clear(p, y, l->d);
}

static void permutation(const pass *p, const flow_layer *l, arb_ptr x)
{
    arb_ptr y = forms_new(p, l->d);
    for (slong i = 0; i < l->d; i++)
        form_set(p, form_at(p, y, i), form_at(p, x, l->from[i]));
    _arb_vec_set(x, y, l->d * p->stride);
    forms_clear(p, y, l->d);
}

static void elementwise(const pass *p, const flow_layer *l, arb_ptr x,
                        arb_ptr log_det)
{
    slong n = l->map.params;
    arb_ptr par = forms_new(p, n);
    for (slong j = 0; j < l->d; j++) {
        for (slong q = 0; q < n; q++)
            form_set_constant(p, form_at(p, par, q), l->w + q * l->d + j);
        form_map(p, form_at(p, x, j), log_det, &l->map, par, p->stride);
    }
    forms_clear(p, par, n);
}

/* On so many groups of l->d columns, of which the net sees all together. */
static void coupling(const pass *p, const flow_layer *l, arb_ptr x,
                     arb_ptr log_det, slong groups)
{
    slong a = l->upper ? 0 : l->split, b = l->upper ? l->split : 0;
    slong n = l->d - l->net.in, out = l->net.out;
    arb_ptr par = forms_new(p, l->net.width);
    arb_ptr seen = forms_new(p, groups * l->net.in);
    for (slong i = 0; i < groups; i++)
        _arb_vec_set(form_at(p, seen, i * l->net.in),
                     form_at(p, x, i * l->d + a), l->net.in * p->stride);
    if (p->stride > 1 && l->net.in == 1 && !l->net.rows)
        form_net_of_one(p, par, seen, &l->net);
    else
        form_net(p, par, seen, &l->net, NULL);
    for (slong i = 0; i < groups; i++)
        for (slong j = 0; j < n; j++)
            form_map(p, form_at(p, x, i * l->d + b + j), log_det, &l->map,
                     form_at(p, par, i * out + j), n * p->stride);
    forms_clear(p, seen, groups * l->net.in);
    forms_clear(p, par, l->net.width);
}

static void autoregressive(const pass *p, const flow_layer *l, arb_ptr x,
                           arb_ptr log_det)
{
    arb_ptr par = forms_new(p, l->net.width);
    form_net(p, par, x, &l->net, NULL);
    for (slong j = 0; j < l->d; j++)
        form_map(p, form_at(p, x, j), log_det, &l->map, form_at(p, par, j),
                 l->d * p->stride);
    forms_clear(p, par, l->net.width);
}

/* log|det| of a matrix of quantities: of one row or two with derivatives, of
 * any number without. */
static void log_det_of(const pass *p, arb_ptr log_det, arb_ptr j, slong d)
{
    arb_ptr t = forms_new(p, 2), u = form_at(p, t, 1);
    if (d == 1) {
        form_set(p, t, j);
    } else if (d == 2) {
        form_multiply(p, t, j, form_at(p, j, 3));
        form_multiply(p, u, form_at(p, j, 1), form_at(p, j, 2));
        form_subtract(p, t, t, u);
    } else {
        arb_mat_t m;
        arb_mat_init(m, d, d);
        for (slong i = 0; i < d * d; i++)
            arb_set(arb_mat_entry(m, i / d, i % d), form_at(p, j, i));
        arb_mat_det(t, m, BITS);
        arb_mat_clear(m);
    }
    form_logarithm(p, t, t); /* of I + J, |J| < 1: positive */
    form_add(p, log_det, log_det, t);
    forms_clear(p, t, 2);
}

static void residual(const pass *p, const flow_layer *l, arb_ptr x,
                     arb_ptr log_det)
{
    arb_ptr y = forms_new(p, l->net.width);
    arb_ptr j = forms_new(p, l->net.width * l->d);
    arb_t one;
    arb_init(one);
    arb_one(one);
    form_net(p, y, x, &l->net, j);
    for (slong i = 0; i < l->d; i++) {
        form_add(p, form_at(p, x, i), form_at(p, x, i), form_at(p, y, i));
        form_add_constant(p, form_at(p, j, i * l->d + i), one);
    }
    log_det_of(p, log_det, j, l->d);
    arb_clear(one);
    forms_clear(p, j, l->net.width * l->d);
    forms_clear(p, y, l->net.width);
}

/* With e = |x|^2/2 and u = 1 - exp(-e): z = x sqrt(e'/e), e' = -log u, and
 * log|det| = e' - e. */
static void invert_pair(const pass *p, arb_ptr x, arb_ptr log_det)
{
    arb_ptr work = forms_new(p, 3), e = work, u = form_at(p, work, 1);
    arb_ptr v = form_at(p, work, 2), y = form_at(p, x, 1);
    arb_t one;
    arb_init(one);
    arb_one(one);
    form_multiply(p, e, x, x);
    form_multiply(p, u, y, y);
    form_add(p, e, e, u);
    form_scale_power(p, e, e, -1);
    _arb_vec_neg(u, e, p->stride);
    form_exponential(p, u, u);
    _arb_vec_neg(u, u, p->stride);
    form_add_constant(p, u, one);
    form_logarithm(p, u, u);
    _arb_vec_neg(u, u, p->stride);
    form_subtract(p, v, u, e);
    form_add(p, log_det, log_det, v);
    form_logarithm(p, u, u);
    form_logarithm(p, e, e);
    form_subtract(p, u, u, e);
    form_scale_power(p, u, u, -1);
    form_exponential(p, u, u);
    form_multiply(p, x, x, u);
    form_multiply(p, y, y, u);
    arb_clear(one);
    forms_clear(p, work, 3);
}

static void evaluate_layer(const pass *p, const flow_layer *l, arb_ptr x,
                           arb_ptr log_det)
{
    switch (l->kind) {
    case COMPOSED:
        for (slong i = 0; i < l->count; i++)
            evaluate_layer(p, l->inside + i, x, log_det);
        break;
    case DIAGONAL:
        diagonal(p, l, x);
        break;
    case LINEAR:
        linear(p, l, x);
        break;
    case PERMUTATION:
        permutation(p, l, x);
        break;
    case ELEMENTWISE:
        elementwise(p, l, x, log_det);
        break;
    case COUPLING:
        coupling(p, l, x, log_det, 1);
        break;
    case AUTOREGRESSIVE:
        autoregressive(p, l, x, log_det);
        break;
    case RESIDUAL:
        residual(p, l, x, log_det);
        break;
    case INVERSION:
        for (slong j = 0; j < l->d; j += 2)
            invert_pair(p, form_at(p, x, j), log_det);
        break;
    case COLUMNS:
        evaluate_layer(p, l->inside, form_at(p, x, l->split), log_det);
        break;
    case SHARED:
        if (l->inside->kind == COUPLING && l->inside->net.rows) {
            coupling(p, l->inside, x, log_det, l->count);
            break;
        }
        for (slong i = 0; i < l->count; i++)
            evaluate_layer(p, l->inside, form_at(p, x, i * l->inside->d),
                           log_det);
        break;
    }
    form_add_constant(p, log_det, &l->log_det);
}

/* log_q += log q(z_j): -z^2/2 - log(2 pi)/2, or z - 2 log(1 + exp(z)). */
static void add_log_density(const pass *p, arb_ptr log_q, arb_srcptr z,
                            flow_base base)
{
    arb_ptr t = forms_new(p, 1);
    arb_t c;
    arb_init(c);
    if (base == NORMAL) {
        form_multiply(p, t, z, z);
        form_scale_power(p, t, t, -1);
        _arb_vec_neg(t, t, p->stride);
        arb_const_pi(c, BITS);
        arb_mul_2exp_si(c, c, 1);
        arb_log(c, c, BITS);
        arb_mul_2exp_si(c, c, -1);
        arb_neg(c, c);
        form_add_constant(p, t, c);
    } else {
        form_activate(p, t, z, SOFTPLUS);
        form_scale_power(p, t, t, 1);
        form_subtract(p, t, z, t);
    }
    form_add(p, log_q, log_q, t);
    arb_clear(c);
    forms_clear(p, t, 1);
}

void flow_value_init(flow_value *v, slong d, int on_box)
{
    v->d = d;
    v->stride = on_box ? FLOW_STRIDE : 1;
    v->z = _arb_vec_init(d * v->stride);
    v->log_det = _arb_vec_init(v->stride);
    v->log_q = _arb_vec_init(v->stride);
}

void flow_value_clear(flow_value *v)
{
    _arb_vec_clear(v->z, v->d * v->stride);
    _arb_vec_clear(v->log_det, v->stride);
    _arb_vec_clear(v->log_q, v->stride);
}

void flow_evaluate(flow_value *v, const flow *f, const flow_place *where)
{
    pass p = {where, v->stride, 0};
    for (slong j = 0; j < v->d; j++) {
        arb_ptr z = form_at(&p, v->z, j);
        form_set_constant(&p, z, where->centre + j);
        if (p.stride > 1) {
            arb_add(z, z, where->half + j, BITS);
            arb_one(z + GRADIENT + j);
            arb_one(z + SLOPES + j);
        }
    }
    _arb_vec_zero(v->log_det, v->stride);
    evaluate_layer(&p, &f->map, v->z, v->log_det);
    _arb_vec_set(v->log_q, v->log_det, v->stride);
    for (slong j = 0; j < v->d; j++)
        add_log_density(&p, v->log_q, form_at(&p, v->z, j), f->base);
}

void flow_exponential(arb_ptr z, arb_srcptr x, const flow_place *where)
{
    form_exponential(&(pass){where, FLOW_STRIDE, 0}, z, x);
}

void flow_difference(arb_ptr z, arb_srcptr x, arb_srcptr y,
                     const flow_place *where)
{
    form_subtract(&(pass){where, FLOW_STRIDE, 0}, z, x, y);
}

void flow_inverted(arb_ptr l, arb_srcptr z, const flow_place *where)
{
    arb_ptr pair = _arb_vec_init(2 * FLOW_STRIDE);
    _arb_vec_set(pair, z, 2 * FLOW_STRIDE);
    _arb_vec_zero(l, FLOW_STRIDE);
    invert_pair(&(pass){where, FLOW_STRIDE, 0}, pair, l);
    _arb_vec_clear(pair, 2 * FLOW_STRIDE);
}
