/* flow_units.c -- activations and nets of centred forms. */
#include "flow_forms.h"

enum { BITS = FLOW_BITS };

/* A lower and an upper end, as exact balls. */
static void ends(arb_t low, arb_t high, const arb_t x)
{
    mag_zero(arb_radref(low));
    mag_zero(arb_radref(high));
    arb_get_lbound_arf(arb_midref(low), x, BITS);
    arb_get_ubound_arf(arb_midref(high), x, BITS);
}

typedef void (*function)(arb_t y, const arb_t x, slong bits);

/* y encloses an increasing f on x; f itself bounds its values on all reals. */
static void by_ends(arb_t y, const arb_t x, function f)
{
    arb_t low, high;
    if (!arb_is_finite(x)) {
        f(y, x, BITS);
        return;
    }
    arb_init(low);
    arb_init(high);
    ends(low, high, x);
    f(low, low, BITS);
    f(high, high, BITS);
    arb_union(y, low, high, BITS);
    arb_clear(high);
    arb_clear(low);
}

/* Activations: increasing; slope and curvature follow from the value y. */

static void point_tanh(arb_t y, const arb_t x, slong bits)
{
    if (arb_is_finite(x)) {
        arb_tanh(y, x, bits);
    } else {
        arb_zero(y);
        mag_one(arb_radref(y));
    }
}

static void point_softplus(arb_t y, const arb_t x, slong bits)
{
    arb_t t; /* max(x, 0) + log1p(exp(-|x|)), x a number */
    if (!arb_is_finite(x)) {
        arb_indeterminate(y);
        return;
    }
    arb_init(t);
    arb_abs(t, x);
    arb_neg(t, t);
    arb_exp(t, t, bits);
    arb_log1p(t, t, bits);
    if (arb_is_positive(x))
        arb_add(y, x, t, bits);
    else
        arb_swap(y, t);
    arb_clear(t);
}

static void point_elu(arb_t y, const arb_t x, slong bits)
{
    if (!arb_is_finite(x))
        arb_indeterminate(y);
    else if (arb_is_positive(x))
        arb_set(y, x);
    else
        arb_expm1(y, x, bits);
}

static void point_relu(arb_t y, const arb_t x, slong bits)
{
    (void)bits;
    if (!arb_is_finite(x))
        arb_indeterminate(y);
    else if (arb_is_positive(x))
        arb_set(y, x);
    else
        arb_zero(y);
}

static const function points[] = {[RELU] = point_relu,
                                  [TANH] = point_tanh,
                                  [ELU] = point_elu,
                                  [SOFTPLUS] = point_softplus};

/* tanh of a narrow ball (m, r) within (t, r s), t = tanh m, where s = 1 -
 * max(|t| - r, 0)^2 bounds the slope, as |tanh| >= |t| - r on it. */
static void narrow_tanh(arb_t y, const arb_t x, const arb_t t)
{
    mag_t r, s;
    mag_init_set(r, arb_radref(x));
    mag_init(s);
    arb_get_mag_lower(s, t);
    if (mag_cmp(s, r) > 0) {
        arb_t u;
        arb_init(u);
        mag_sub_lower(s, s, r);
        arf_set_mag(arb_midref(u), s);
        arb_sqr(u, u, BITS);
        arb_sub_ui(u, u, 1, BITS);
        arb_get_mag(s, u);
        mag_mul(r, r, s);
        arb_clear(u);
    }
    arb_set(y, t);
    mag_add(arb_radref(y), arb_radref(y), r);
    mag_clear(s);
    mag_clear(r);
}

static void activate(const pass *p, arb_ptr y, arb_srcptr x, flow_activation a)
{
    if (a == TANH && arb_is_finite(x) &&
        mag_cmp_2exp_si(arb_radref(x), -2) < 0) {
        arb_srcptr of = x + form_values(p) - 1;
        arb_t t;
        arb_init(t);
        if (arf_equal(arb_midref(of), arb_midref(x))) {
            arb_tanh(t, of, BITS);
            if (p->stride > 1)
                arb_set(y + 1, t);
        } else {
            arf_set(arb_midref(t), arb_midref(x));
            arb_tanh(t, t, BITS);
            arb_tanh(y + 1, x + 1, BITS);
        }
        narrow_tanh(y, x, t);
        arb_clear(t);
        return;
    }
    for (slong k = 0; k < form_values(p); k++)
        by_ends(y + k, x + k, points[a]);
}

static void slope_of(arb_t s, const arb_t x, const arb_t y, flow_activation a)
{
    arb_t t;
    arb_init(t);
    switch (a) {
    case RELU: /* 0, 1 or between */
        arb_set_ui(s, arb_is_positive(x));
        if (!arb_is_positive(x) && !arb_is_negative(x)) {
            arb_one(s);
            mag_one(arb_radref(s));
            arb_mul_2exp_si(s, s, -1);
        }
        break;
    case TANH:
        arb_sqr(s, y, BITS);
        arb_sub_ui(s, s, 1, BITS);
        arb_neg(s, s);
        break;
    case ELU:
        arb_min(s, y, t, BITS);
        arb_add_ui(s, s, 1, BITS);
        break;
    case SOFTPLUS:
        arb_neg(s, y);
        arb_expm1(s, s, BITS);
        arb_neg(s, s);
        break;
    }
    arb_clear(t);
}

/* Second derivative, from value and slope; unknown at a kink of the slope. */
static void curvature_of(arb_t c, const arb_t x, const arb_t y, const arb_t s,
                         flow_activation a)
{
    int sure = arb_is_positive(x) || arb_is_negative(x);
    arb_zero(c);
    if (a == TANH) {
        arb_mul(c, y, s, BITS);
        arb_mul_si(c, c, -2, BITS);
    } else if (a == SOFTPLUS) {
        arb_sub_ui(c, s, 1, BITS);
        arb_neg(c, c);
        arb_mul(c, c, s, BITS);
    } else if (a == ELU && !arb_is_positive(x)) { /* exp(x), or 0 */
        arb_set(c, s);
        if (!sure) {
            arb_t zero;
            arb_init(zero);
            arb_union(c, c, zero, BITS);
            arb_clear(zero);
        }
    } else if (a == RELU && !sure) {
        arb_indeterminate(c);
    }
}

/* Third derivative, from the first two. */
static void third_of(arb_t t, const arb_t x, const arb_t s, const arb_t c,
                     flow_activation a)
{
    if (a == TANH) { /* s (4 - 6 s), as y^2 = 1 - s */
        arb_mul_si(t, s, -6, BITS);
        arb_add_ui(t, t, 4, BITS);
        arb_mul(t, t, s, BITS);
    } else if (a == SOFTPLUS) {
        arb_mul_si(t, s, -2, BITS);
        arb_add_ui(t, t, 1, BITS);
        arb_mul(t, t, c, BITS);
    } else if (arb_is_positive(x) || arb_is_negative(x)) {
        arb_set(t, c);
    } else {
        arb_indeterminate(t);
    }
}

/* Of an activation with y = a(x). */
static void bends_of(const pass *p, bends *f, arb_srcptr x, arb_srcptr y,
                     flow_activation a)
{
    if (p->stride == 1)
        return;
    slope_of(f->range, x, y, a);
    slope_of(f->centre, x + CENTRE, y + CENTRE, a);
    curvature_of(f->second, x, y, f->range, a);
}

/* Of its slope s. */
static void bends_of_slope(const pass *p, bends *f, arb_srcptr x, arb_srcptr y,
                           arb_srcptr s, flow_activation a)
{
    if (p->stride == 1)
        return;
    curvature_of(f->range, x, y, s, a);
    curvature_of(f->centre, x + CENTRE, y + CENTRE, s + CENTRE, a);
    third_of(f->second, x, s, f->range, a);
}

void form_activate(const pass *p, arb_ptr z, arb_srcptr x, flow_activation a)
{
    bends f;
    bends_init(&f);
    activate(p, z, x, a);
    bends_of(p, &f, x, z, a);
    form_chain(p, z, x, &f);
    bends_clear(&f);
}

/* y := W x + b. */
void form_affine(const pass *p, arb_ptr y, arb_srcptr x, const flow_affine *a)
{
    for (slong i = 0; i < a->out; i++) {
        for (slong k = 0; k < p->stride; k++)
            arb_dot(form_at(p, y, i) + k, k < form_values(p) ? a->b + i : NULL,
                    0, a->w + i * a->in, 1, x + k, p->stride, a->in, BITS);
        form_narrow(p, form_at(p, y, i));
    }
}

/* The same at each pixel, of a neighbour for each tap: none outside of the
 * image, which counts as 0. */
static void convolve(const pass *p, arb_ptr y, arb_srcptr x,
                     const flow_affine *a, const flow_net *n)
{
    slong reach = a->taps == 9, side = 2 * reach + 1;
    for (slong i = 0; i < n->rows * n->columns * a->out; i++) {
        slong pixel = i / a->out, to = i % a->out;
        arb_ptr z = form_at(p, y, i);
        form_set_constant(p, z, a->b + to);
        for (slong tap = 0; tap < a->taps; tap++) {
            slong row = pixel / n->columns + tap / side - reach;
            slong column = pixel % n->columns + tap % side - reach;
            if (row < 0 || row >= n->rows || column < 0 || column >= n->columns)
                continue;
            arb_srcptr w = a->w + tap * a->in * a->out + to;
            arb_srcptr from =
                x + (row * n->columns + column) * a->in * p->stride;
            for (slong k = 0; k < p->stride; k++)
                arb_dot(z + k, z + k, 0, w, a->out, from + k, p->stride, a->in,
                        BITS);
        }
        form_narrow(p, z);
    }
}

/* jacobian (out, in) of quantities, unless NULL: j := slopes W j. */
static void jacobian_step(const pass *p, arb_ptr j, arb_ptr work,
                          const flow_affine *a, arb_ptr slopes, slong in,
                          int first)
{
    for (slong i = 0; i < a->out; i++)
        for (slong k = 0; k < in; k++) {
            arb_ptr z = form_at(p, work, i * in + k);
            if (first) {
                form_set_constant(p, z, a->w + i * a->in + k);
            } else {
                for (slong v = 0; v < p->stride; v++)
                    arb_dot(z + v, NULL, 0, a->w + i * a->in, 1,
                            form_at(p, j, k) + v, p->stride * in, a->in, BITS);
                form_narrow(p, z);
            }
            if (slopes)
                form_multiply(p, z, z, form_at(p, slopes, i));
        }
    for (slong i = 0; i < a->out * in * p->stride; i++)
        arb_swap(j + i, work + i);
}

/* A net of one input is a function of it: of each unit the value on the range
 * of the input and at the centre, the first derivative likewise, the second on
 * the range.  r bounds the distance of the input from the centre. */
enum { UNIT = 5 };

static void narrow_unit(const pass *p, arb_ptr u, const mag_t r)
{
    mag_t t;
    if (p->at->centre_only) {
        arb_set(u, u + 1);
        arb_set(u + 2, u + 3);
        return;
    }
    mag_init(t);
    arb_get_mag(t, u + 4);
    mag_mul(t, t, r);
    form_take_narrower(u + 2, u + 3, t);
    arb_get_mag(t, u + 2);
    mag_mul(t, t, r);
    form_take_narrower(u, u + 1, t);
    mag_clear(t);
}

/* h := a(u). */
static void activate_unit(const pass *p, arb_ptr h, arb_srcptr u, bends *f,
                          flow_activation a)
{
    activate(p, h, u, a);
    bends_of(p, f, u, h, a);
    arb_sqr(h + 4, u + 2, BITS);
    arb_mul(h + 4, h + 4, f->second, BITS);
    arb_addmul(h + 4, u + 4, f->range, BITS);
    arb_mul(h + 2, u + 2, f->range, BITS);
    arb_mul(h + 3, u + 3, f->centre, BITS);
}

void form_net_of_one(const pass *p, arb_ptr y, arb_srcptr x, const flow_net *n)
{
    arb_ptr room = _arb_vec_init(2 * UNIT * n->width), h = room;
    arb_ptr u = room + UNIT * n->width;
    bends f;
    mag_t r;
    mag_init(r);
    bends_init(&f);
    arb_sub(f.range, x, x + CENTRE, BITS);
    arb_get_mag(r, f.range);
    arb_set(h, x);
    arb_set(h + 1, x + CENTRE);
    arb_one(h + 2);
    arb_one(h + 3);
    for (slong l = 0; l < n->count; l++) {
        const flow_affine *a = n->affine + l;
        for (slong i = 0; i < a->out; i++) {
            for (slong k = 0; k < UNIT; k++)
                arb_dot(u + UNIT * i + k, k < 2 ? a->b + i : NULL, 0,
                        a->w + i * a->in, 1, h + k, UNIT, a->in, BITS);
            narrow_unit(p, u + UNIT * i, r);
        }
        for (slong i = 0; i < a->out && l + 1 < n->count; i++) {
            activate_unit(p, h + UNIT * i, u + UNIT * i, &f, n->activation);
            narrow_unit(p, h + UNIT * i, r);
        }
    }
    for (slong i = 0; i < n->out; i++, u += UNIT) {
        arb_set(form_at(p, y, i), u);
        arb_set(form_at(p, y, i) + CENTRE, u + 1);
        arb_set(f.range, u + 2);
        arb_set(f.centre, u + 3);
        arb_set(f.second, u + 4);
        form_chain(p, form_at(p, y, i), x, &f);
    }
    bends_clear(&f);
    mag_clear(r);
    _arb_vec_clear(room, 2 * UNIT * n->width);
}

/* y (width) := net(x); jacobian (width, in), unless NULL. */
void form_net(const pass *p, arb_ptr y, arb_srcptr x, const flow_net *n,
              arb_ptr jacobian)
{
    arb_ptr h = forms_new(p, n->width), slopes = NULL, work = NULL;
    slong pixels = n->rows ? n->rows * n->columns : 1;
    bends f, g;
    bends_init(&f);
    bends_init(&g);
    if (jacobian) {
        slopes = forms_new(p, n->width);
        work = forms_new(p, n->width * n->in);
    }
    _arb_vec_set(h, x, pixels * n->in * p->stride);
    for (slong l = 0; l < n->count; l++) {
        const flow_affine *a = n->affine + l;
        int last = l + 1 == n->count;
        if (n->rows)
            convolve(p, y, h, a, n);
        else
            form_affine(p, y, h, a);
        for (slong i = 0; i < pixels * a->out && !last; i++) {
            arb_ptr u = form_at(p, y, i), v = form_at(p, h, i);
            activate(p, v, u, n->activation);
            bends_of(p, &f, u, v, n->activation);
            if (jacobian) {
                arb_ptr s = form_at(p, slopes, i);
                for (slong k = 0; k < form_values(p); k++)
                    slope_of(s + k, u + k, v + k, n->activation);
                bends_of_slope(p, &g, u, v, s, n->activation);
                form_chain(p, s, u, &g);
            }
            form_chain(p, v, u, &f);
        }
        if (jacobian)
            jacobian_step(p, jacobian, work, a, last ? NULL : slopes, n->in,
                          l == 0);
    }
    if (jacobian) {
        forms_clear(p, work, n->width * n->in);
        forms_clear(p, slopes, n->width);
    }
    bends_clear(&g);
    bends_clear(&f);
    forms_clear(p, h, n->width);
}
