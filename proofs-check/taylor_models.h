/* taylor_models.h -- functions on a part of the plane, by polynomials.
 *
 * A part is a rectangle, and t its points scaled to [-1, 1]^2.  A model of F is
 * a polynomial in t of degree DEGREE whose coefficients are balls, and a bound
 * of the rest: F differs from the polynomial by at most rest on the part.  As
 * |t_1^i t_2^j| <= 1, sums of moduli bound what is cut off, so a smooth F has a
 * rest of order DEGREE + 1 in the width of the part (Makino and Berz 2003). */
#ifndef TAYLOR_MODELS_H
#define TAYLOR_MODELS_H

#include "ball.h"

enum {
    DEGREE = 5,
    TERMS = (DEGREE + 1) * (DEGREE + 2) / 2,
    JET = DEGREE + 2,
    MODEL_BITS = 64
};

/* a: of t_1^i t_2^j at place term(i, j). */
typedef struct {
    arb_ptr a;
    mag_t rest;
} model;

static inline slong term(slong i, slong j)
{
    return (i + j) * (i + j + 1) / 2 + j;
}

void model_init(model *m);
void model_clear(model *m);
void model_set(model *z, const model *x);
/* z := c + h t_k, k = 1, 2. */
void model_variable(model *z, const arb_t c, const arb_t h, int k);

/* z may be x or y. */
void model_add(model *z, const model *x, const model *y);
void model_subtract(model *z, const model *x, const model *y);
void model_scale(model *z, const model *x, const arb_t c);
void model_multiply(model *z, const model *x, const model *y);
void model_exponential(model *z, const model *x);

/* Powers 1 .. DEGREE of x - x(0), for functions of x; and what they are of:
 * centre encloses x(0), range every value of x. */
typedef struct {
    model power[DEGREE];
    arb_t centre, range;
} model_powers;
void model_powers_init(model_powers *p);
void model_powers_clear(model_powers *p);
void model_powers_of(model_powers *p, const model *x);
/* z := g(x): at[k] encloses the k-th derivative of g over k! at x(0), k = 0 ..
 * DEGREE, and last that of order DEGREE + 1 on the range. */
void model_compose(model *z, const model_powers *p, arb_srcptr at,
                   const arb_t last);

/* What encloses x on the part. */
void model_range(arb_t range, const model *x);
/* The integral of x against a product law of t, by its moments of order 0 ..
 * DEGREE along each axis. */
void model_integral(arb_t z, const model *x, arb_srcptr first,
                    arb_srcptr second, slong bits);
/* x at t. */
void model_value(arb_t z, const model *x, arb_srcptr t, slong bits);

#endif
