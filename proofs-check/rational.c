/* rational.c -- examples with rational entries, in exact arithmetic. */
#include "ball.h"

#include <stdio.h>
#include <stdlib.h>

#if __has_include(<flint/arb.h>)
#include <flint/arb_fmpz_poly.h>
#else
#include <arb_fmpz_poly.h>
#endif

/* l_ii = (i + 2)/2, l_ij = ((2 i + 3 j + 3) mod 5 - 2)/3 below, from 0. */
void example_factor(fmpq_mat_t l)
{
    fmpq_mat_zero(l);
    for (slong i = 0; i < fmpq_mat_nrows(l); i++) {
        fmpq_set_si(fmpq_mat_entry(l, i, i), i + 2, 2);
        for (slong j = 0; j < i; j++)
            fmpq_set_si(fmpq_mat_entry(l, i, j), (2 * i + 3 * j + 3) % 5 - 2,
                        3);
    }
}

void example_covariance(fmpq_mat_t s)
{
    slong d = fmpq_mat_nrows(s);
    fmpq_mat_t l, t;
    fmpq_mat_init(l, d, d);
    fmpq_mat_init(t, d, d);
    example_factor(l);
    fmpq_mat_transpose(t, l);
    fmpq_mat_mul(s, l, t);
    fmpq_mat_clear(t);
    fmpq_mat_clear(l);
}

/* The Hessian (d^2, d^2) at W = l^-1; s = l l'. */
void hessian(fmpq_mat_t h, const fmpq_mat_t l, const fmpq_mat_t s)
{
    slong n = fmpq_mat_nrows(l);
    for (slong b = 0; b < n; b++)
        for (slong c = 0; c < n; c++)
            for (slong d = 0; d < n; d++)
                for (slong a = 0; a < n; a++) {
                    fmpq *e = fmpq_mat_entry(h, b * n + c, d * n + a);
                    fmpq_mul(e, fmpq_mat_entry(l, a, b),
                             fmpq_mat_entry(l, c, d));
                    if (b == d)
                        fmpq_add(e, e, fmpq_mat_entry(s, c, a));
                }
}

/* The roots of p, whose roots are real and simple but for 0, which is left
 * out, in increasing order; their number. */
static slong real_roots(arb_ptr roots, const fmpq_poly_t p, slong bits)
{
    fmpz_poly_t z;
    slong zeros = 0, n;
    fmpz_poly_init(z);
    fmpq_poly_get_numerator(z, p);
    while (fmpz_is_zero(fmpz_poly_get_coeff_ptr(z, zeros)))
        zeros++;
    fmpz_poly_shift_right(z, z, zeros);
    n = fmpz_poly_degree(z);
    acb_ptr all = _acb_vec_init(n);
    arb_fmpz_poly_complex_roots(all, z, 0, bits);
    for (slong k = 0; k < n; k++) {
        if (!acb_is_real(all + k))
            abort();
        arb_set(roots + k, acb_realref(all + k));
    }
    for (slong k = 1; k < n; k++) /* Arb does not promise an order */
        for (slong i = k; i > 0 && arb_lt(roots + i, roots + i - 1); i--)
            arb_swap(roots + i, roots + i - 1);
    _acb_vec_clear(all, n);
    fmpz_poly_clear(z);
    return n;
}

void eigenvalues(arb_ptr lambda, const fmpq_mat_t a, slong bits)
{
    fmpq_poly_t p;
    fmpq_poly_init(p);
    fmpq_mat_charpoly(p, a);
    if (real_roots(lambda, p, bits) != fmpq_mat_nrows(a))
        abort();
    fmpq_poly_clear(p);
}

void largest_root(arb_t root, const fmpq_poly_t p, slong bits)
{
    slong degree = fmpq_poly_degree(p);
    arb_ptr roots = _arb_vec_init(degree);
    slong n = real_roots(roots, p, bits);
    arb_set(root, roots + n - 1);
    _arb_vec_clear(roots, degree);
}

/* The logarithm of a rational determinant. */
void log_det(arb_t z, const fmpq_mat_t s, slong bits)
{
    fmpq_t det;
    fmpq_init(det);
    fmpq_mat_det(det, s);
    arb_set_fmpq(z, det, bits);
    arb_log(z, z, bits);
    fmpq_clear(det);
}

verdict zero_matrix(const fmpq_mat_t a, int control)
{
    fmpq_mat_t b;
    fmpq_t shift;
    fmpq_mat_init_set(b, a);
    fmpq_init(shift);
    fmpq_set_si(shift, control, 1000000000000);
    fmpq_add(fmpq_mat_entry(b, 0, 0), fmpq_mat_entry(b, 0, 0), shift);
    verdict v = fmpq_mat_is_zero(b) ? CERTIFIED : REFUTED;
    fmpq_clear(shift);
    fmpq_mat_clear(b);
    return v;
}

verdict whitens(const fmpq_mat_t w, const fmpq_mat_t s, int control)
{
    slong d = fmpq_mat_nrows(s);
    fmpq_mat_t t, a, one;
    fmpq_mat_init(t, d, d);
    fmpq_mat_init(a, d, d);
    fmpq_mat_init(one, d, d);
    fmpq_mat_one(one);
    fmpq_mat_transpose(t, w);
    fmpq_mat_mul(a, s, t);
    fmpq_mat_mul(a, w, a);
    fmpq_mat_sub(a, a, one);
    verdict v = zero_matrix(a, control);
    fmpq_mat_clear(one);
    fmpq_mat_clear(a);
    fmpq_mat_clear(t);
    return v;
}

void descend(fmpq_mat_t w, const fmpq_mat_t r, const fmpq_t eta)
{
    slong d = fmpq_mat_nrows(w);
    fmpq_mat_t g, v;
    fmpq_mat_init(g, d, d);
    fmpq_mat_init(v, d, d);
    fmpq_mat_mul(g, w, r);
    fmpq_mat_inv(v, w);
    fmpq_mat_transpose(v, v);
    fmpq_mat_sub(v, v, g);
    fmpq_mat_scalar_mul_fmpq(v, v, eta);
    fmpq_mat_add(w, w, v);
    fmpq_mat_clear(v);
    fmpq_mat_clear(g);
}

typedef struct {
    const example *example;
    slong d;
} instance;

static verdict instance_holds(arb_t measured, const void *data, int control,
                              slong bits)
{
    const instance *i = data;
    return i->example->holds(measured, i->d, control, bits);
}

size_t prove_examples(const example *table, size_t n)
{
    size_t certified = 0;
    for (; n--; table++)
        for (slong d = table->least; d <= 6; d += table->step) {
            char hypotheses[64];
            claim c = table->claim;
            snprintf(hypotheses, sizeof hypotheses, "rational Sigma, D = %ld",
                     (long)d);
            c.hypotheses = hypotheses;
            certified +=
                prove_statement(&c, instance_holds, &(instance){table, d},
                                table->expected, table->tolerance) == CERTIFIED;
        }
    return certified;
}
