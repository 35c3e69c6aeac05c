/* flow_maps.c -- monotone maps of centred forms. */
#include "flow_forms.h"

enum { BITS = FLOW_BITS };

/* Splines: Durkan et al. 2019, eqs. 4-8. */

enum { BINS = 64 };

typedef struct {
    slong bins;
    arb_ptr width, height, x, y, slope; /* bins, and three times bins + 1 */
} knots;

/* part (bins) := 2 b (least + (1 - least bins) softmax), ends (bins + 1). */
static void shares(const pass *p, arb_ptr part, arb_ptr end, slong bins,
                   arb_srcptr logit, slong step, const arb_t b)
{
    arb_t c, least, top;
    arb_ptr sum = forms_new(p, 1);
    arb_init(c);
    arb_init(least);
    arb_init(top);
    arb_set_d(least, 1e-3);
    arf_set(arb_midref(top), arb_midref(logit));
    for (slong k = 1; k < bins; k++)
        arf_max(arb_midref(top), arb_midref(top), arb_midref(logit + k * step));
    arb_neg(top, top);
    for (slong k = 0; k < bins; k++) {
        arb_ptr e = form_at(p, part, k);
        form_set(p, e, logit + k * step);
        form_add_constant(p, e, top);
        form_exponential(p, e, e);
        form_add(p, sum, sum, e);
    }
    form_inverse(p, sum, sum);
    arb_mul_si(c, least, bins, BITS);
    arb_sub_ui(c, c, 1, BITS);
    arb_neg(c, c);
    form_scale(p, sum, sum, c);
    arb_mul_2exp_si(c, b, 1);
    arb_neg(top, b);
    form_set_constant(p, end, top);
    for (slong k = 0; k < bins; k++) {
        arb_ptr e = form_at(p, part, k);
        form_multiply(p, e, e, sum);
        form_add_constant(p, e, least);
        form_scale(p, e, e, c);
        form_add(p, form_at(p, end, k + 1), form_at(p, end, k), e);
    }
    form_set_constant(p, form_at(p, end, bins), b);
    arb_clear(top);
    arb_clear(least);
    arb_clear(c);
    forms_clear(p, sum, 1);
}

/* least + softplus(p + log(exp(1 - least) - 1)); 1 at both ends. */
static void make_slopes(const pass *p, knots *s, arb_srcptr logit, slong step)
{
    arb_t shift;
    arb_init(shift);
    arb_set_d(shift, 1e-3);
    arb_sub_ui(shift, shift, 1, BITS);
    arb_neg(shift, shift);
    arb_expm1(shift, shift, BITS);
    arb_log(shift, shift, BITS);
    for (slong k = 1; k < s->bins; k++) {
        arb_ptr z = form_at(p, s->slope, k);
        form_set(p, z, logit + (k - 1) * step);
        form_add_constant(p, z, shift);
        form_activate(p, z, z, SOFTPLUS);
        form_add_double(p, z, 1e-3);
    }
    arb_one(shift);
    form_set_constant(p, s->slope, shift);
    form_set_constant(p, form_at(p, s->slope, s->bins), shift);
    arb_clear(shift);
}

/* Values in [0, 1], as a point of its bin has them. */
static void clip(const pass *p, arb_ptr xi)
{
    arb_t unit;
    arb_init(unit);
    arb_one(unit);
    mag_one(arb_radref(unit));
    arb_mul_2exp_si(unit, unit, -1);
    for (slong k = 0; k < form_values(p); k++)
        if (!arb_intersection(xi + k, xi + k, unit, BITS))
            arb_set(xi + k, unit);
    arb_clear(unit);
}

/* z, l := the spline of bin k at x, and the log of its slope. */
static void on_bin(const pass *p, arb_ptr z, arb_ptr l, knots *s, slong k,
                   arb_srcptr x)
{
    arb_ptr work = forms_new(p, 7), secant = work, xi = form_at(p, work, 1);
    arb_ptr t = form_at(p, work, 2), q = form_at(p, work, 3),
            n = form_at(p, work, 4);
    arb_ptr m = form_at(p, work, 5), u = form_at(p, work, 6);
    arb_ptr d0 = form_at(p, s->slope, k), d1 = form_at(p, s->slope, k + 1);
    arb_t one;
    arb_init(one);
    arb_one(one);
    form_divide(p, secant, form_at(p, s->height, k), form_at(p, s->width, k));
    form_subtract(p, xi, x, form_at(p, s->x, k));
    form_divide(p, xi, xi, form_at(p, s->width, k));
    clip(p, xi);
    _arb_vec_neg(u, xi, p->stride);
    form_add_constant(p, u, one); /* 1 - xi */
    form_multiply(p, t, xi, u);
    form_add(p, q, d0, d1);
    form_subtract(p, q, q, secant);
    form_subtract(p, q, q, secant);
    form_multiply(p, q, q, t);
    form_add(p, q, q, secant);
    form_multiply(p, m, u, u); /* m = d0 (1 - xi)^2 + 2 s t + d1 xi^2 */
    form_multiply(p, m, m, d0);
    form_multiply(p, u, secant, t);
    form_scale_power(p, u, u, 1);
    form_add(p, m, m, u);
    form_multiply(p, xi, xi, xi);
    form_multiply(p, u, xi, d1);
    form_add(p, m, m, u);
    form_multiply(p, n, secant, xi);
    form_multiply(p, u, d0, t);
    form_add(p, n, n, u);
    form_multiply(p, n, n, form_at(p, s->height, k));
    form_inverse(p, q, q);
    form_multiply(p, n, n, q);
    form_add(p, z, n, form_at(p, s->y, k));
    form_multiply(p, q, q, secant);
    form_logarithm(p, q, q);
    form_scale_power(p, q, q, 1);
    form_logarithm(p, l, m);
    form_add(p, l, l, q);
    arb_clear(one);
    forms_clear(p, work, 7);
}

static int of_centre(slong k)
{
    return k == CENTRE || k == SLOPES || k == SLOPES + 1;
}

/* z := what z and y enclose, at the centre only if that may lie in the piece of
 * y; first: z holds nothing yet, on the box and at the centre. */
static void join(const pass *p, arb_ptr z, arb_srcptr y, int centre,
                 const int *first)
{
    for (slong k = 0; k < p->stride; k++) {
        if (of_centre(k) && !centre)
            continue;
        if (first[of_centre(k)])
            arb_set(z + k, y + k);
        else
            arb_union(z + k, z + k, y + k, BITS);
    }
}

/* Whether low <= x <= high is possible; NULL: no such end. */
static int may_lie(const arb_t x, arb_srcptr low, arb_srcptr high)
{
    return !(low && arb_lt(x, low)) && !(high && arb_gt(x, high));
}

/* x -> z, and log m' is added to log_det.  Piece -1 is the identity below the
 * first knot, piece bins that above the last. */
static void spline(const pass *p, arb_ptr x, arb_ptr log_det, knots *s)
{
    slong last = form_values(p) - 1, possible = 0;
    arb_ptr z = forms_new(p, 4), l = form_at(p, z, 1), y = form_at(p, z, 2);
    arb_ptr m = form_at(p, z, 3);
    int first[2] = {1, 1};
    pass loose = *p;
    for (slong k = -1; k <= s->bins; k++)
        possible += may_lie(x, k < 0 ? NULL : form_at(p, s->x, k),
                            k == s->bins ? NULL : form_at(p, s->x, k + 1));
    loose.loose |= possible > 1;
    for (slong k = -1; k <= s->bins; k++) {
        arb_srcptr low = k < 0 ? NULL : form_at(p, s->x, k);
        arb_srcptr high = k == s->bins ? NULL : form_at(p, s->x, k + 1);
        int range = may_lie(x, low, high);
        int centre = may_lie(x + last, low ? low + last : NULL,
                             high ? high + last : NULL);
        if (!range)
            continue;
        if (k >= 0 && k < s->bins) {
            on_bin(&loose, y, m, s, k, x);
        } else {
            form_set(p, y, x);
            _arb_vec_zero(m, p->stride);
        }
        join(p, z, y, centre, first);
        join(p, l, m, centre, first);
        first[0] = 0;
        first[1] &= !centre;
    }
    for (slong k = HESSIAN; possible > 1 && k < p->stride; k++)
        arb_indeterminate(l + k); /* its gradient jumps at knots */
    form_narrow(p, z);
    form_narrow(p, l);
    form_set(p, x, z);
    form_add(p, log_det, log_det, l);
    forms_clear(p, z, 4);
}

static void spline_of(const pass *p, arb_ptr x, arb_ptr log_det,
                      const flow_map *m, arb_srcptr par, slong step)
{
    slong bins = m->bins;
    arb_ptr room = forms_new(p, 5 * bins + 3);
    knots s = {bins,
               room,
               form_at(p, room, bins),
               form_at(p, room, 2 * bins),
               form_at(p, room, 3 * bins + 1),
               form_at(p, room, 4 * bins + 2)};
    shares(p, s.width, s.x, bins, par, step, &m->limit);
    shares(p, s.height, s.y, bins, par + bins * step, step, &m->limit);
    make_slopes(p, &s, par + 2 * bins * step, step);
    spline(p, x, log_det, &s);
    forms_clear(p, room, 5 * bins + 3);
}

/* l := the log scale of an affine map, from s. */
static void log_scale(const pass *p, arb_ptr l, const flow_map *m)
{
    if (m->kind == CLAMP) {
        arb_t c;
        arb_init(c);
        arb_inv(c, &m->limit, BITS);
        form_scale(p, l, l, c);
        form_activate(p, l, l, TANH);
        form_scale(p, l, l, &m->limit);
        form_add_constant(p, l, &m->middle);
        arb_clear(c);
    } else if (m->kind == SIGMOID) { /* -softplus(-(s + 2)) */
        form_add_double(p, l, 2);
        _arb_vec_neg(l, l, p->stride);
        form_activate(p, l, l, SOFTPLUS);
        _arb_vec_neg(l, l, p->stride);
    }
}

/* x := m(x; par), par every step balls; log m' is added to log_det. */
void form_map(const pass *p, arb_ptr x, arb_ptr log_det, const flow_map *m,
              arb_srcptr par, slong step)
{
    if (m->kind == SPLINE) {
        spline_of(p, x, log_det, m, par, step);
        return;
    }
    if (m->kind != SHIFT) {
        arb_ptr l = forms_new(p, 1);
        form_set(p, l, par + step);
        log_scale(p, l, m);
        form_add(p, log_det, log_det, l);
        form_exponential(p, l, l);
        form_multiply(p, x, x, l);
        forms_clear(p, l, 1);
    }
    form_add(p, x, x, par);
}
