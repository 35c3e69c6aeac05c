/* taylor_models.c -- sums, products and functions of models. */
#include "taylor_models.h"

enum { BITS = MODEL_BITS };

void model_init(model *m)
{
    m->a = _arb_vec_init(TERMS);
    mag_init(m->rest);
}

void model_clear(model *m)
{
    _arb_vec_clear(m->a, TERMS);
    mag_clear(m->rest);
}

void model_set(model *z, const model *x)
{
    _arb_vec_set(z->a, x->a, TERMS);
    mag_set(z->rest, x->rest);
}

void model_variable(model *z, const arb_t c, const arb_t h, int k)
{
    _arb_vec_zero(z->a, TERMS);
    mag_zero(z->rest);
    arb_set(z->a, c);
    arb_set(z->a + k, h);
}

void model_add(model *z, const model *x, const model *y)
{
    _arb_vec_add(z->a, x->a, y->a, TERMS, BITS);
    mag_add(z->rest, x->rest, y->rest);
}

void model_subtract(model *z, const model *x, const model *y)
{
    _arb_vec_sub(z->a, x->a, y->a, TERMS, BITS);
    mag_add(z->rest, x->rest, y->rest);
}

void model_scale(model *z, const model *x, const arb_t c)
{
    mag_t size;
    mag_init(size);
    arb_get_mag(size, c);
    _arb_vec_scalar_mul(z->a, x->a, TERMS, c, BITS);
    mag_mul(z->rest, x->rest, size);
    mag_clear(size);
}

/* norm[k] := sum of the moduli of the coefficients of degree k. */
static void norms(mag_ptr norm, const model *x)
{
    mag_t t;
    mag_init(t);
    for (slong k = 0, i = 0; k <= DEGREE; k++) {
        mag_zero(norm + k);
        for (slong j = 0; j <= k; j++, i++) {
            arb_get_mag(t, x->a + i);
            mag_add(norm + k, norm + k, t);
        }
    }
    mag_clear(t);
}

/* rest := that of a product, from the norms of both. */
static void product_rest(mag_t rest, mag_srcptr p, const mag_t p_rest,
                         mag_srcptr q, const mag_t q_rest)
{
    mag_t all, sum;
    mag_init(all);
    mag_init(sum);
    mag_set(all, p_rest); /* |x| <= all */
    for (slong k = 0; k <= DEGREE; k++)
        mag_add(all, all, p + k);
    mag_mul(sum, all, q_rest);
    mag_set(all, p_rest); /* what meets terms of degree k of q is cut off */
    for (slong k = 0; k <= DEGREE; k++) {
        mag_addmul(sum, all, q + k);
        mag_add(all, all, p + DEGREE - k);
    }
    mag_swap(rest, sum);
    mag_clear(sum);
    mag_clear(all);
}

void model_multiply(model *z, const model *x, const model *y)
{
    mag_ptr p = _mag_vec_init(2 * (DEGREE + 1)), q = p + DEGREE + 1;
    arb_ptr a = _arb_vec_init(TERMS);
    norms(p, x);
    norms(q, y);
    product_rest(z->rest, p, x->rest, q, y->rest);
    for (slong i = 0; i <= DEGREE; i++)
        for (slong j = 0; i + j <= DEGREE; j++) {
            arb_srcptr b = x->a + term(i, j);
            if (arb_is_zero(b))
                continue;
            for (slong k = 0; i + j + k <= DEGREE; k++)
                for (slong l = 0; i + j + k + l <= DEGREE; l++)
                    arb_addmul(a + term(i + k, j + l), b, y->a + term(k, l),
                               BITS);
        }
    _arb_vec_swap(z->a, a, TERMS);
    _arb_vec_clear(a, TERMS);
    _mag_vec_clear(p, 2 * (DEGREE + 1));
}

void model_range(arb_t range, const model *x)
{
    mag_ptr p = _mag_vec_init(DEGREE + 1);
    norms(p, x);
    arb_set(range, x->a);
    mag_add(arb_radref(range), arb_radref(range), x->rest);
    for (slong k = 1; k <= DEGREE; k++)
        mag_add(arb_radref(range), arb_radref(range), p + k);
    _mag_vec_clear(p, DEGREE + 1);
}

void model_powers_init(model_powers *p)
{
    for (slong k = 0; k < DEGREE; k++)
        model_init(&p->power[k]);
    arb_init(p->centre);
    arb_init(p->range);
}

void model_powers_clear(model_powers *p)
{
    for (slong k = 0; k < DEGREE; k++)
        model_clear(&p->power[k]);
    arb_clear(p->centre);
    arb_clear(p->range);
}

void model_powers_of(model_powers *p, const model *x)
{
    arb_set(p->centre, x->a);
    model_range(p->range, x);
    model_set(&p->power[0], x);
    arb_zero(p->power[0].a);
    for (slong k = 1; k < DEGREE; k++)
        model_multiply(&p->power[k], &p->power[k - 1], &p->power[0]);
}

void model_compose(model *z, const model_powers *p, arb_srcptr at,
                   const arb_t last)
{
    model sum;
    mag_t size, far;
    model_init(&sum);
    mag_init(size);
    mag_init(far);
    arb_set(sum.a, at);
    for (slong k = 0; k < DEGREE; k++) {
        for (slong i = 1; i < TERMS; i++)
            arb_addmul(sum.a + i, p->power[k].a + i, at + k + 1, BITS);
        arb_get_mag(size, at + k + 1);
        mag_addmul(sum.rest, size, p->power[k].rest);
    }
    mag_set(far, arb_radref(p->range)); /* |x - x(0)| is at most that */
    mag_pow_ui(far, far, DEGREE + 1);
    arb_get_mag(size, last);
    mag_addmul(sum.rest, size, far);
    model_set(z, &sum);
    mag_clear(far);
    mag_clear(size);
    model_clear(&sum);
}

void model_exponential(model *z, const model *x)
{
    model_powers p;
    arb_ptr at = _arb_vec_init(JET);
    model_powers_init(&p);
    model_powers_of(&p, x);
    arb_exp(at, p.centre, BITS);
    for (slong k = 1; k <= DEGREE; k++)
        arb_div_ui(at + k, at + k - 1, (ulong)k, BITS);
    arb_exp(at + JET - 1, p.range, BITS);
    for (slong k = 1; k <= DEGREE + 1; k++)
        arb_div_ui(at + JET - 1, at + JET - 1, (ulong)k, BITS);
    model_compose(z, &p, at, at + JET - 1);
    model_powers_clear(&p);
    _arb_vec_clear(at, JET);
}

void model_integral(arb_t z, const model *x, arb_srcptr first,
                    arb_srcptr second, slong bits)
{
    arb_t sum, part;
    arb_init(sum);
    arb_init(part);
    arb_mul(sum, first, second, bits); /* the probability, times the rest */
    arb_get_mag(arb_radref(part), sum);
    mag_mul(arb_radref(part), arb_radref(part), x->rest);
    arb_set(sum, part);
    for (slong i = 0; i <= DEGREE; i++)
        for (slong j = 0; i + j <= DEGREE; j++) {
            arb_mul(part, first + i, second + j, bits);
            arb_addmul(sum, part, x->a + term(i, j), bits);
        }
    arb_swap(z, sum);
    arb_clear(part);
    arb_clear(sum);
}

void model_value(arb_t z, const model *x, arb_srcptr t, slong bits)
{
    arb_ptr first = _arb_vec_init(2 * (DEGREE + 1)),
            second = first + DEGREE + 1;
    arb_one(first);
    arb_one(second);
    for (slong k = 1; k <= DEGREE; k++) {
        arb_mul(first + k, first + k - 1, t, bits);
        arb_mul(second + k, second + k - 1, t + 1, bits);
    }
    model_integral(z, x, first, second, bits);
    _arb_vec_clear(first, 2 * (DEGREE + 1));
}
