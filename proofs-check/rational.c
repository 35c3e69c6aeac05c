/* rational.c -- covariances with rational entries and their eigenvalues. */
#include "ball.h"

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
        fmpq_canonicalise(fmpq_mat_entry(l, i, i));
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
