/* flow_balls.c -- derivatives forward, and each narrowed by the next. */
#include "flow_balls.h"

#if __has_include(<flint/arb_mat.h>)
#include <flint/arb_mat.h>
#else
#include <arb_mat.h>
#endif

enum { BITS = FLOW_BITS };

/* stride: balls of a quantity.  loose: the centre may lie in another piece of a
 * map than what is computed, so that nothing can be narrowed. */
typedef struct {
    const flow_place *at;
    slong stride;
    int loose;
} pass;

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

/* z := the narrower of z and of the ball of radius r about the centre's. */
static void take_narrower(arb_t z, const arb_t centre, const mag_t r)
{
    mag_t t;
    mag_init(t);
    mag_add(t, r, arb_radref(centre));
    if (mag_cmp(t, arb_radref(z)) < 0 || !arb_is_finite(z)) {
        arf_set(arb_midref(z), arb_midref(centre));
        mag_swap(arb_radref(z), t);
    }
    mag_clear(t);
}

/* r := sum of |f_k| h_k. */
static void reach(mag_t r, arb_srcptr f0, arb_srcptr f1, arb_srcptr half)
{
    mag_t t;
    mag_init(t);
    mag_zero(r);
    for (int k = 0; k < 2; k++) {
        arb_get_mag(t, k ? f1 : f0);
        mag_addmul(r, t, arb_radref(half + k));
    }
    mag_clear(t);
}

static void narrow(const pass *p, arb_ptr f)
{
    mag_t r;
    if (p->stride == 1 || p->loose)
        return;
    if (p->at->centre_only) {
        arb_set(f, f + CENTRE);
        _arb_vec_set(f + GRADIENT, f + SLOPES, 2);
        return;
    }
    mag_init(r);
    for (int k = 0; k < 2; k++) {
        reach(r, f + HESSIAN + k, f + HESSIAN + k + 1, p->at->half);
        take_narrower(f + GRADIENT + k, f + SLOPES + k, r);
    }
    reach(r, f + GRADIENT, f + GRADIENT + 1, p->at->half);
    take_narrower(f, f + CENTRE, r);
    mag_clear(r);
}

static arb_ptr quantities(const pass *p, slong n)
{
    return _arb_vec_init(n * p->stride);
}

static void clear(const pass *p, arb_ptr x, slong n)
{
    _arb_vec_clear(x, n * p->stride);
}

static arb_ptr at(const pass *p, arb_ptr x, slong i)
{
    return x + i * p->stride;
}

/* Balls of a quantity that are values, and not derivatives. */
static slong values(const pass *p)
{
    return p->stride > 1 ? 2 : 1;
}

static void set(const pass *p, arb_ptr z, arb_srcptr x)
{
    _arb_vec_set(z, x, p->stride);
}

static void set_constant(const pass *p, arb_ptr z, const arb_t c)
{
    _arb_vec_zero(z, p->stride);
    for (slong k = 0; k < values(p); k++)
        arb_set(z + k, c);
}

static void add(const pass *p, arb_ptr z, arb_srcptr x, arb_srcptr y)
{
    _arb_vec_add(z, x, y, p->stride, BITS);
    narrow(p, z);
}

static void subtract(const pass *p, arb_ptr z, arb_srcptr x, arb_srcptr y)
{
    _arb_vec_sub(z, x, y, p->stride, BITS);
    narrow(p, z);
}

static void add_constant(const pass *p, arb_ptr z, const arb_t c)
{
    for (slong k = 0; k < values(p); k++)
        arb_add(z + k, z + k, c, BITS);
}

static void scale(const pass *p, arb_ptr z, arb_srcptr x, const arb_t c)
{
    _arb_vec_scalar_mul(z, x, p->stride, c, BITS);
}

static void scale_power(const pass *p, arb_ptr z, arb_srcptr x, slong power)
{
    _arb_vec_scalar_mul_2exp_si(z, x, p->stride, power);
}

/* z := x y; it may be either. */
static void multiply(const pass *p, arb_ptr z, arb_srcptr x, arb_srcptr y)
{
    if (p->stride > 1) {
        arb_t h[3], s, t;
        arb_init(s);
        arb_init(t);
        for (int k = 0; k < 3; k++) {
            int i = k / 2, j = (k + 1) / 2;
            arb_init(h[k]);
            arb_mul(h[k], x, y + HESSIAN + k, BITS);
            arb_addmul(h[k], y, x + HESSIAN + k, BITS);
            arb_addmul(h[k], x + GRADIENT + i, y + GRADIENT + j, BITS);
            arb_addmul(h[k], x + GRADIENT + j, y + GRADIENT + i, BITS);
        }
        for (int k = 0; k < 2; k++) {
            arb_mul(s, x, y + GRADIENT + k, BITS);
            arb_addmul(s, y, x + GRADIENT + k, BITS);
            arb_mul(t, x + CENTRE, y + SLOPES + k, BITS);
            arb_addmul(t, y + CENTRE, x + SLOPES + k, BITS);
            arb_swap(z + GRADIENT + k, s);
            arb_swap(z + SLOPES + k, t);
        }
        for (int k = 0; k < 3; k++) {
            arb_swap(z + HESSIAN + k, h[k]);
            arb_clear(h[k]);
        }
        arb_clear(t);
        arb_clear(s);
    }
    for (slong k = 0; k < values(p); k++)
        arb_mul(z + k, x + k, y + k, BITS);
    narrow(p, z);
}

/* Derivatives of a function at the values of x: the first on the box and at
 * its centre, the second on the box. */
typedef struct {
    arb_t range, centre, second;
} bends;

static void init_bends(bends *b)
{
    arb_init(b->range);
    arb_init(b->centre);
    arb_init(b->second);
}

static void clear_bends(bends *b)
{
    arb_clear(b->range);
    arb_clear(b->centre);
    arb_clear(b->second);
}

/* z has the values of f(x); its derivatives follow from those of f.  z may be
 * x. */
static void chain(const pass *p, arb_ptr z, arb_srcptr x, const bends *f)
{
    if (p->stride == 1)
        return;
    for (int k = 0; k < 3; k++) {
        arb_ptr h = z + HESSIAN + k;
        arb_t t;
        arb_init(t);
        arb_mul(t, x + GRADIENT + k / 2, x + GRADIENT + (k + 1) / 2, BITS);
        arb_mul(t, t, f->second, BITS);
        arb_addmul(t, x + HESSIAN + k, f->range, BITS);
        arb_swap(h, t);
        arb_clear(t);
    }
    for (int k = 0; k < 2; k++) {
        arb_mul(z + GRADIENT + k, x + GRADIENT + k, f->range, BITS);
        arb_mul(z + SLOPES + k, x + SLOPES + k, f->centre, BITS);
    }
    narrow(p, z);
}

static void exponential(const pass *p, arb_ptr z, arb_srcptr x)
{
    bends f;
    init_bends(&f);
    for (slong k = 0; k < values(p); k++)
        arb_exp(z + k, x + k, BITS);
    arb_set(f.range, z);
    arb_set(f.centre, z + values(p) - 1);
    arb_set(f.second, z);
    chain(p, z, x, &f);
    clear_bends(&f);
}

static void logarithm(const pass *p, arb_ptr z, arb_srcptr x)
{
    bends f;
    init_bends(&f);
    arb_inv(f.range, x, BITS);
    arb_inv(f.centre, x + values(p) - 1, BITS);
    arb_sqr(f.second, f.range, BITS);
    arb_neg(f.second, f.second);
    for (slong k = 0; k < values(p); k++)
        arb_log(z + k, x + k, BITS);
    chain(p, z, x, &f);
    clear_bends(&f);
}

static void inverse(const pass *p, arb_ptr z, arb_srcptr x)
{
    bends f;
    init_bends(&f);
    for (slong k = 0; k < values(p); k++)
        arb_inv(z + k, x + k, BITS);
    arb_sqr(f.range, z, BITS);
    arb_sqr(f.centre, z + values(p) - 1, BITS);
    arb_mul(f.second, f.range, z, BITS);
    arb_mul_2exp_si(f.second, f.second, 1);
    arb_neg(f.range, f.range);
    arb_neg(f.centre, f.centre);
    chain(p, z, x, &f);
    clear_bends(&f);
}

static void divide(const pass *p, arb_ptr z, arb_srcptr x, arb_srcptr y)
{
    arb_ptr t = quantities(p, 1);
    inverse(p, t, y);
    multiply(p, z, x, t);
    clear(p, t, 1);
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
        arb_srcptr of = x + values(p) - 1;
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
    for (slong k = 0; k < values(p); k++)
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

/* y := W x + b. */
static void affine(const pass *p, arb_ptr y, arb_srcptr x, const flow_affine *a)
{
    for (slong i = 0; i < a->out; i++) {
        for (slong k = 0; k < p->stride; k++)
            arb_dot(at(p, y, i) + k, k < values(p) ? a->b + i : NULL, 0,
                    a->w + i * a->in, 1, x + k, p->stride, a->in, BITS);
        narrow(p, at(p, y, i));
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
        arb_ptr z = at(p, y, i);
        set_constant(p, z, a->b + to);
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
        narrow(p, z);
    }
}

/* jacobian (out, in) of quantities, unless NULL: j := slopes W j. */
static void jacobian_step(const pass *p, arb_ptr j, arb_ptr work,
                          const flow_affine *a, arb_ptr slopes, slong in,
                          int first)
{
    for (slong i = 0; i < a->out; i++)
        for (slong k = 0; k < in; k++) {
            arb_ptr z = at(p, work, i * in + k);
            if (first) {
                set_constant(p, z, a->w + i * a->in + k);
            } else {
                for (slong v = 0; v < p->stride; v++)
                    arb_dot(z + v, NULL, 0, a->w + i * a->in, 1,
                            at(p, j, k) + v, p->stride * in, a->in, BITS);
                narrow(p, z);
            }
            if (slopes)
                multiply(p, z, z, at(p, slopes, i));
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
    take_narrower(u + 2, u + 3, t);
    arb_get_mag(t, u + 2);
    mag_mul(t, t, r);
    take_narrower(u, u + 1, t);
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

static void net_of_one(const pass *p, arb_ptr y, arb_srcptr x,
                       const flow_net *n)
{
    arb_ptr room = _arb_vec_init(2 * UNIT * n->width), h = room;
    arb_ptr u = room + UNIT * n->width;
    bends f;
    mag_t r;
    mag_init(r);
    init_bends(&f);
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
        arb_set(at(p, y, i), u);
        arb_set(at(p, y, i) + CENTRE, u + 1);
        arb_set(f.range, u + 2);
        arb_set(f.centre, u + 3);
        arb_set(f.second, u + 4);
        chain(p, at(p, y, i), x, &f);
    }
    clear_bends(&f);
    mag_clear(r);
    _arb_vec_clear(room, 2 * UNIT * n->width);
}

/* y (width) := net(x); jacobian (width, in), unless NULL. */
static void evaluate_net(const pass *p, arb_ptr y, arb_srcptr x,
                         const flow_net *n, arb_ptr jacobian)
{
    arb_ptr h = quantities(p, n->width), slopes = NULL, work = NULL;
    slong pixels = n->rows ? n->rows * n->columns : 1;
    bends f, g;
    init_bends(&f);
    init_bends(&g);
    if (jacobian) {
        slopes = quantities(p, n->width);
        work = quantities(p, n->width * n->in);
    }
    _arb_vec_set(h, x, pixels * n->in * p->stride);
    for (slong l = 0; l < n->count; l++) {
        const flow_affine *a = n->affine + l;
        int last = l + 1 == n->count;
        if (n->rows)
            convolve(p, y, h, a, n);
        else
            affine(p, y, h, a);
        for (slong i = 0; i < pixels * a->out && !last; i++) {
            arb_ptr u = at(p, y, i), v = at(p, h, i);
            activate(p, v, u, n->activation);
            bends_of(p, &f, u, v, n->activation);
            if (jacobian) {
                arb_ptr s = at(p, slopes, i);
                for (slong k = 0; k < values(p); k++)
                    slope_of(s + k, u + k, v + k, n->activation);
                bends_of_slope(p, &g, u, v, s, n->activation);
                chain(p, s, u, &g);
            }
            chain(p, v, u, &f);
        }
        if (jacobian)
            jacobian_step(p, jacobian, work, a, last ? NULL : slopes, n->in,
                          l == 0);
    }
    if (jacobian) {
        clear(p, work, n->width * n->in);
        clear(p, slopes, n->width);
    }
    clear_bends(&g);
    clear_bends(&f);
    clear(p, h, n->width);
}

/* Splines: Durkan et al. 2019, eqs. 4-8. */

enum { BINS = 64 };

typedef struct {
    slong bins;
    arb_ptr width, height, x, y, slope; /* bins, and three times bins + 1 */
} knots;

static void softplus(const pass *p, arb_ptr z, arb_srcptr x)
{
    bends f;
    init_bends(&f);
    for (slong k = 0; k < values(p); k++)
        by_ends(z + k, x + k, point_softplus);
    bends_of(p, &f, x, z, SOFTPLUS);
    chain(p, z, x, &f);
    clear_bends(&f);
}

static void add_double(const pass *p, arb_ptr z, double c)
{
    arb_t t;
    arb_init(t);
    arb_set_d(t, c);
    add_constant(p, z, t);
    arb_clear(t);
}

/* part (bins) := 2 b (least + (1 - least bins) softmax), ends (bins + 1). */
static void shares(const pass *p, arb_ptr part, arb_ptr end, slong bins,
                   arb_srcptr logit, slong step, const arb_t b)
{
    arb_t c, least, top;
    arb_ptr sum = quantities(p, 1);
    arb_init(c);
    arb_init(least);
    arb_init(top);
    arb_set_d(least, 1e-3);
    arf_set(arb_midref(top), arb_midref(logit));
    for (slong k = 1; k < bins; k++)
        arf_max(arb_midref(top), arb_midref(top), arb_midref(logit + k * step));
    arb_neg(top, top);
    for (slong k = 0; k < bins; k++) {
        arb_ptr e = at(p, part, k);
        set(p, e, logit + k * step);
        add_constant(p, e, top);
        exponential(p, e, e);
        add(p, sum, sum, e);
    }
    inverse(p, sum, sum);
    arb_mul_si(c, least, bins, BITS);
    arb_sub_ui(c, c, 1, BITS);
    arb_neg(c, c);
    scale(p, sum, sum, c);
    arb_mul_2exp_si(c, b, 1);
    arb_neg(top, b);
    set_constant(p, end, top);
    for (slong k = 0; k < bins; k++) {
        arb_ptr e = at(p, part, k);
        multiply(p, e, e, sum);
        add_constant(p, e, least);
        scale(p, e, e, c);
        add(p, at(p, end, k + 1), at(p, end, k), e);
    }
    set_constant(p, at(p, end, bins), b);
    arb_clear(top);
    arb_clear(least);
    arb_clear(c);
    clear(p, sum, 1);
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
        arb_ptr z = at(p, s->slope, k);
        set(p, z, logit + (k - 1) * step);
        add_constant(p, z, shift);
        softplus(p, z, z);
        add_double(p, z, 1e-3);
    }
    arb_one(shift);
    set_constant(p, s->slope, shift);
    set_constant(p, at(p, s->slope, s->bins), shift);
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
    for (slong k = 0; k < values(p); k++)
        if (!arb_intersection(xi + k, xi + k, unit, BITS))
            arb_set(xi + k, unit);
    arb_clear(unit);
}

/* z, l := the spline of bin k at x, and the log of its slope. */
static void on_bin(const pass *p, arb_ptr z, arb_ptr l, knots *s, slong k,
                   arb_srcptr x)
{
    arb_ptr work = quantities(p, 7), secant = work, xi = at(p, work, 1);
    arb_ptr t = at(p, work, 2), q = at(p, work, 3), n = at(p, work, 4);
    arb_ptr m = at(p, work, 5), u = at(p, work, 6);
    arb_ptr d0 = at(p, s->slope, k), d1 = at(p, s->slope, k + 1);
    arb_t one;
    arb_init(one);
    arb_one(one);
    divide(p, secant, at(p, s->height, k), at(p, s->width, k));
    subtract(p, xi, x, at(p, s->x, k));
    divide(p, xi, xi, at(p, s->width, k));
    clip(p, xi);
    _arb_vec_neg(u, xi, p->stride);
    add_constant(p, u, one); /* 1 - xi */
    multiply(p, t, xi, u);
    add(p, q, d0, d1);
    subtract(p, q, q, secant);
    subtract(p, q, q, secant);
    multiply(p, q, q, t);
    add(p, q, q, secant);
    multiply(p, m, u, u); /* m = d0 (1 - xi)^2 + 2 s t + d1 xi^2 */
    multiply(p, m, m, d0);
    multiply(p, u, secant, t);
    scale_power(p, u, u, 1);
    add(p, m, m, u);
    multiply(p, xi, xi, xi);
    multiply(p, u, xi, d1);
    add(p, m, m, u);
    multiply(p, n, secant, xi);
    multiply(p, u, d0, t);
    add(p, n, n, u);
    multiply(p, n, n, at(p, s->height, k));
    inverse(p, q, q);
    multiply(p, n, n, q);
    add(p, z, n, at(p, s->y, k));
    multiply(p, q, q, secant);
    logarithm(p, q, q);
    scale_power(p, q, q, 1);
    logarithm(p, l, m);
    add(p, l, l, q);
    arb_clear(one);
    clear(p, work, 7);
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
    slong last = values(p) - 1, possible = 0;
    arb_ptr z = quantities(p, 4), l = at(p, z, 1), y = at(p, z, 2);
    arb_ptr m = at(p, z, 3);
    int first[2] = {1, 1};
    pass loose = *p;
    for (slong k = -1; k <= s->bins; k++)
        possible += may_lie(x, k < 0 ? NULL : at(p, s->x, k),
                            k == s->bins ? NULL : at(p, s->x, k + 1));
    loose.loose |= possible > 1;
    for (slong k = -1; k <= s->bins; k++) {
        arb_srcptr low = k < 0 ? NULL : at(p, s->x, k);
        arb_srcptr high = k == s->bins ? NULL : at(p, s->x, k + 1);
        int range = may_lie(x, low, high);
        int centre = may_lie(x + last, low ? low + last : NULL,
                             high ? high + last : NULL);
        if (!range)
            continue;
        if (k >= 0 && k < s->bins) {
            on_bin(&loose, y, m, s, k, x);
        } else {
            set(p, y, x);
            _arb_vec_zero(m, p->stride);
        }
        join(p, z, y, centre, first);
        join(p, l, m, centre, first);
        first[0] = 0;
        first[1] &= !centre;
    }
    for (slong k = HESSIAN; possible > 1 && k < p->stride; k++)
        arb_indeterminate(l + k); /* its gradient jumps at knots */
    narrow(p, z);
    narrow(p, l);
    set(p, x, z);
    add(p, log_det, log_det, l);
    clear(p, z, 4);
}

static void spline_of(const pass *p, arb_ptr x, arb_ptr log_det,
                      const flow_map *m, arb_srcptr par, slong step)
{
    slong bins = m->bins;
    arb_ptr room = quantities(p, 5 * bins + 3);
    knots s = {bins,
               room,
               at(p, room, bins),
               at(p, room, 2 * bins),
               at(p, room, 3 * bins + 1),
               at(p, room, 4 * bins + 2)};
    shares(p, s.width, s.x, bins, par, step, &m->limit);
    shares(p, s.height, s.y, bins, par + bins * step, step, &m->limit);
    make_slopes(p, &s, par + 2 * bins * step, step);
    spline(p, x, log_det, &s);
    clear(p, room, 5 * bins + 3);
}

/* l := the log scale of an affine map, from s. */
static void log_scale(const pass *p, arb_ptr l, const flow_map *m)
{
    if (m->kind == CLAMP) {
        arb_ptr y = quantities(p, 1);
        bends f;
        arb_t c;
        arb_init(c);
        init_bends(&f);
        arb_inv(c, &m->limit, BITS);
        scale(p, l, l, c);
        activate(p, y, l, TANH);
        bends_of(p, &f, l, y, TANH);
        chain(p, y, l, &f);
        scale(p, l, y, &m->limit);
        add_constant(p, l, &m->middle);
        clear_bends(&f);
        arb_clear(c);
        clear(p, y, 1);
    } else if (m->kind == SIGMOID) { /* -softplus(-(s + 2)) */
        add_double(p, l, 2);
        _arb_vec_neg(l, l, p->stride);
        softplus(p, l, l);
        _arb_vec_neg(l, l, p->stride);
    }
}

/* x := m(x; par), par every step balls; log m' is added to log_det. */
static void map(const pass *p, arb_ptr x, arb_ptr log_det, const flow_map *m,
                arb_srcptr par, slong step)
{
    if (m->kind == SPLINE) {
        spline_of(p, x, log_det, m, par, step);
        return;
    }
    if (m->kind != SHIFT) {
        arb_ptr l = quantities(p, 1);
        set(p, l, par + step);
        log_scale(p, l, m);
        add(p, log_det, log_det, l);
        exponential(p, l, l);
        multiply(p, x, x, l);
        clear(p, l, 1);
    }
    add(p, x, x, par);
}

/* Layers: x (d) -> z, log|det| added. */

static void diagonal(const pass *p, const flow_layer *l, arb_ptr x)
{
    for (slong j = 0; j < l->d; j++) {
        scale(p, at(p, x, j), at(p, x, j), l->w + j);
        add_constant(p, at(p, x, j), l->b + j);
        narrow(p, at(p, x, j));
    }
}

static void linear(const pass *p, const flow_layer *l, arb_ptr x)
{
    arb_ptr y = quantities(p, l->d), zero = _arb_vec_init(l->d);
    affine(p, y, x, &(flow_affine){1, l->d, l->d, l->w, zero});
    _arb_vec_set(x, y, l->d * p->stride);
    _arb_vec_clear(zero, l->d);
    clear(p, y, l->d);
}

static void permutation(const pass *p, const flow_layer *l, arb_ptr x)
{
    arb_ptr y = quantities(p, l->d);
    for (slong i = 0; i < l->d; i++)
        set(p, at(p, y, i), at(p, x, l->from[i]));
    _arb_vec_set(x, y, l->d * p->stride);
    clear(p, y, l->d);
}

static void elementwise(const pass *p, const flow_layer *l, arb_ptr x,
                        arb_ptr log_det)
{
    slong n = l->map.params;
    arb_ptr par = quantities(p, n);
    for (slong j = 0; j < l->d; j++) {
        for (slong q = 0; q < n; q++)
            set_constant(p, at(p, par, q), l->w + q * l->d + j);
        map(p, at(p, x, j), log_det, &l->map, par, p->stride);
    }
    clear(p, par, n);
}

/* On so many groups of l->d columns, of which the net sees all together. */
static void coupling(const pass *p, const flow_layer *l, arb_ptr x,
                     arb_ptr log_det, slong groups)
{
    slong a = l->upper ? 0 : l->split, b = l->upper ? l->split : 0;
    slong n = l->d - l->net.in, out = l->net.out;
    arb_ptr par = quantities(p, l->net.width);
    arb_ptr seen = quantities(p, groups * l->net.in);
    for (slong i = 0; i < groups; i++)
        _arb_vec_set(at(p, seen, i * l->net.in), at(p, x, i * l->d + a),
                     l->net.in * p->stride);
    if (p->stride > 1 && l->net.in == 1 && !l->net.rows)
        net_of_one(p, par, seen, &l->net);
    else
        evaluate_net(p, par, seen, &l->net, NULL);
    for (slong i = 0; i < groups; i++)
        for (slong j = 0; j < n; j++)
            map(p, at(p, x, i * l->d + b + j), log_det, &l->map,
                at(p, par, i * out + j), n * p->stride);
    clear(p, seen, groups * l->net.in);
    clear(p, par, l->net.width);
}

static void autoregressive(const pass *p, const flow_layer *l, arb_ptr x,
                           arb_ptr log_det)
{
    arb_ptr par = quantities(p, l->net.width);
    evaluate_net(p, par, x, &l->net, NULL);
    for (slong j = 0; j < l->d; j++)
        map(p, at(p, x, j), log_det, &l->map, at(p, par, j), l->d * p->stride);
    clear(p, par, l->net.width);
}

/* log|det| of a matrix of quantities: of one row or two with derivatives, of
 * any number without. */
static void log_det_of(const pass *p, arb_ptr log_det, arb_ptr j, slong d)
{
    arb_ptr t = quantities(p, 2), u = at(p, t, 1);
    if (d == 1) {
        set(p, t, j);
    } else if (d == 2) {
        multiply(p, t, j, at(p, j, 3));
        multiply(p, u, at(p, j, 1), at(p, j, 2));
        subtract(p, t, t, u);
    } else {
        arb_mat_t m;
        arb_mat_init(m, d, d);
        for (slong i = 0; i < d * d; i++)
            arb_set(arb_mat_entry(m, i / d, i % d), at(p, j, i));
        arb_mat_det(t, m, BITS);
        arb_mat_clear(m);
    }
    logarithm(p, t, t); /* of I + J, |J| < 1: positive */
    add(p, log_det, log_det, t);
    clear(p, t, 2);
}

static void residual(const pass *p, const flow_layer *l, arb_ptr x,
                     arb_ptr log_det)
{
    arb_ptr y = quantities(p, l->net.width);
    arb_ptr j = quantities(p, l->net.width * l->d);
    arb_t one;
    arb_init(one);
    arb_one(one);
    evaluate_net(p, y, x, &l->net, j);
    for (slong i = 0; i < l->d; i++) {
        add(p, at(p, x, i), at(p, x, i), at(p, y, i));
        add_constant(p, at(p, j, i * l->d + i), one);
    }
    log_det_of(p, log_det, j, l->d);
    arb_clear(one);
    clear(p, j, l->net.width * l->d);
    clear(p, y, l->net.width);
}

/* With e = |x|^2/2 and u = 1 - exp(-e): z = x sqrt(e'/e), e' = -log u, and
 * log|det| = e' - e. */
static void invert_pair(const pass *p, arb_ptr x, arb_ptr log_det)
{
    arb_ptr work = quantities(p, 3), e = work, u = at(p, work, 1);
    arb_ptr v = at(p, work, 2), y = at(p, x, 1);
    arb_t one;
    arb_init(one);
    arb_one(one);
    multiply(p, e, x, x);
    multiply(p, u, y, y);
    add(p, e, e, u);
    scale_power(p, e, e, -1);
    _arb_vec_neg(u, e, p->stride);
    exponential(p, u, u);
    _arb_vec_neg(u, u, p->stride);
    add_constant(p, u, one);
    logarithm(p, u, u);
    _arb_vec_neg(u, u, p->stride);
    subtract(p, v, u, e);
    add(p, log_det, log_det, v);
    logarithm(p, u, u);
    logarithm(p, e, e);
    subtract(p, u, u, e);
    scale_power(p, u, u, -1);
    exponential(p, u, u);
    multiply(p, x, x, u);
    multiply(p, y, y, u);
    arb_clear(one);
    clear(p, work, 3);
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
            invert_pair(p, at(p, x, j), log_det);
        break;
    case COLUMNS:
        evaluate_layer(p, l->inside, at(p, x, l->split), log_det);
        break;
    case SHARED:
        if (l->inside->kind == COUPLING && l->inside->net.rows) {
            coupling(p, l->inside, x, log_det, l->count);
            break;
        }
        for (slong i = 0; i < l->count; i++)
            evaluate_layer(p, l->inside, at(p, x, i * l->inside->d), log_det);
        break;
    }
    add_constant(p, log_det, &l->log_det);
}

/* log_q += log q(z_j): -z^2/2 - log(2 pi)/2, or z - 2 log(1 + exp(z)). */
static void add_log_density(const pass *p, arb_ptr log_q, arb_srcptr z,
                            flow_base base)
{
    arb_ptr t = quantities(p, 1);
    arb_t c;
    arb_init(c);
    if (base == NORMAL) {
        multiply(p, t, z, z);
        scale_power(p, t, t, -1);
        _arb_vec_neg(t, t, p->stride);
        arb_const_pi(c, BITS);
        arb_mul_2exp_si(c, c, 1);
        arb_log(c, c, BITS);
        arb_mul_2exp_si(c, c, -1);
        arb_neg(c, c);
        add_constant(p, t, c);
    } else {
        softplus(p, t, z);
        scale_power(p, t, t, 1);
        subtract(p, t, z, t);
    }
    add(p, log_q, log_q, t);
    arb_clear(c);
    clear(p, t, 1);
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
        arb_ptr z = at(&p, v->z, j);
        set_constant(&p, z, where->centre + j);
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
        add_log_density(&p, v->log_q, at(&p, v->z, j), f->base);
}

void flow_exponential(arb_ptr z, arb_srcptr x, const flow_place *where)
{
    exponential(&(pass){where, FLOW_STRIDE, 0}, z, x);
}

void flow_difference(arb_ptr z, arb_srcptr x, arb_srcptr y,
                     const flow_place *where)
{
    subtract(&(pass){where, FLOW_STRIDE, 0}, z, x, y);
}

void flow_inverted(arb_ptr l, arb_srcptr z, const flow_place *where)
{
    arb_ptr pair = _arb_vec_init(2 * FLOW_STRIDE);
    _arb_vec_set(pair, z, 2 * FLOW_STRIDE);
    _arb_vec_zero(l, FLOW_STRIDE);
    invert_pair(&(pass){where, FLOW_STRIDE, 0}, pair, l);
    _arb_vec_clear(pair, 2 * FLOW_STRIDE);
}
