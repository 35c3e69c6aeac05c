/* flow_forms.c -- derivatives forward, and each narrowed by the next. */
#include "flow_forms.h"

enum { BITS = FLOW_BITS };

/* z := the narrower of z and of the ball of radius r about the centre's. */
void form_take_narrower(arb_t z, const arb_t centre, const mag_t r)
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

void form_narrow(const pass *p, arb_ptr f)
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
        form_take_narrower(f + GRADIENT + k, f + SLOPES + k, r);
    }
    reach(r, f + GRADIENT, f + GRADIENT + 1, p->at->half);
    form_take_narrower(f, f + CENTRE, r);
    mag_clear(r);
}

arb_ptr forms_new(const pass *p, slong n)
{
    return _arb_vec_init(n * p->stride);
}

void forms_clear(const pass *p, arb_ptr x, slong n)
{
    _arb_vec_clear(x, n * p->stride);
}

arb_ptr form_at(const pass *p, arb_ptr x, slong i)
{
    return x + i * p->stride;
}

/* Balls of a quantity that are values, and not derivatives. */
slong form_values(const pass *p)
{
    return p->stride > 1 ? 2 : 1;
}

void form_set(const pass *p, arb_ptr z, arb_srcptr x)
{
    _arb_vec_set(z, x, p->stride);
}

void form_set_constant(const pass *p, arb_ptr z, const arb_t c)
{
    _arb_vec_zero(z, p->stride);
    for (slong k = 0; k < form_values(p); k++)
        arb_set(z + k, c);
}

void form_add(const pass *p, arb_ptr z, arb_srcptr x, arb_srcptr y)
{
    _arb_vec_add(z, x, y, p->stride, BITS);
    form_narrow(p, z);
}

void form_subtract(const pass *p, arb_ptr z, arb_srcptr x, arb_srcptr y)
{
    _arb_vec_sub(z, x, y, p->stride, BITS);
    form_narrow(p, z);
}

void form_add_constant(const pass *p, arb_ptr z, const arb_t c)
{
    for (slong k = 0; k < form_values(p); k++)
        arb_add(z + k, z + k, c, BITS);
}

void form_add_double(const pass *p, arb_ptr z, double c)
{
    arb_t t;
    arb_init(t);
    arb_set_d(t, c);
    form_add_constant(p, z, t);
    arb_clear(t);
}

void form_scale(const pass *p, arb_ptr z, arb_srcptr x, const arb_t c)
{
    _arb_vec_scalar_mul(z, x, p->stride, c, BITS);
}

void form_scale_power(const pass *p, arb_ptr z, arb_srcptr x, slong power)
{
    _arb_vec_scalar_mul_2exp_si(z, x, p->stride, power);
}

/* z := x y; it may be either. */
void form_multiply(const pass *p, arb_ptr z, arb_srcptr x, arb_srcptr y)
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
    for (slong k = 0; k < form_values(p); k++)
        arb_mul(z + k, x + k, y + k, BITS);
    form_narrow(p, z);
}

void bends_init(bends *b)
{
    arb_init(b->range);
    arb_init(b->centre);
    arb_init(b->second);
}

void bends_clear(bends *b)
{
    arb_clear(b->range);
    arb_clear(b->centre);
    arb_clear(b->second);
}

/* z has the values of f(x); its derivatives follow from those of f.  z may be
 * x. */
void form_chain(const pass *p, arb_ptr z, arb_srcptr x, const bends *f)
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
    form_narrow(p, z);
}

void form_exponential(const pass *p, arb_ptr z, arb_srcptr x)
{
    bends f;
    bends_init(&f);
    for (slong k = 0; k < form_values(p); k++)
        arb_exp(z + k, x + k, BITS);
    arb_set(f.range, z);
    arb_set(f.centre, z + form_values(p) - 1);
    arb_set(f.second, z);
    form_chain(p, z, x, &f);
    bends_clear(&f);
}

void form_logarithm(const pass *p, arb_ptr z, arb_srcptr x)
{
    bends f;
    bends_init(&f);
    arb_inv(f.range, x, BITS);
    arb_inv(f.centre, x + form_values(p) - 1, BITS);
    arb_sqr(f.second, f.range, BITS);
    arb_neg(f.second, f.second);
    for (slong k = 0; k < form_values(p); k++)
        arb_log(z + k, x + k, BITS);
    form_chain(p, z, x, &f);
    bends_clear(&f);
}

void form_inverse(const pass *p, arb_ptr z, arb_srcptr x)
{
    bends f;
    bends_init(&f);
    for (slong k = 0; k < form_values(p); k++)
        arb_inv(z + k, x + k, BITS);
    arb_sqr(f.range, z, BITS);
    arb_sqr(f.centre, z + form_values(p) - 1, BITS);
    arb_mul(f.second, f.range, z, BITS);
    arb_mul_2exp_si(f.second, f.second, 1);
    arb_neg(f.range, f.range);
    arb_neg(f.centre, f.centre);
    form_chain(p, z, x, &f);
    bends_clear(&f);
}

void form_divide(const pass *p, arb_ptr z, arb_srcptr x, arb_srcptr y)
{
    arb_ptr t = forms_new(p, 1);
    form_inverse(p, t, y);
    form_multiply(p, z, x, t);
    forms_clear(p, t, 1);
}
