/* part_moments.c -- the normal law on a part, by a recursion. */
#include "part_moments.h"

#if __has_include(<flint/arb_hypgeom.h>)
#include <flint/arb_hypgeom.h>
#else
#include <arb_hypgeom.h>
#endif

enum { BITS = MOMENT_BITS };

void normal_density(arb_t phi, const arb_t x)
{
    arb_t c;
    arb_init(c);
    arb_sqr(phi, x, BITS);
    arb_mul_2exp_si(phi, phi, -1);
    arb_neg(phi, phi);
    arb_exp(phi, phi, BITS);
    arb_const_pi(c, BITS);
    arb_mul_2exp_si(c, c, 1);
    arb_rsqrt(c, c, BITS);
    arb_mul(phi, phi, c, BITS);
    arb_clear(c);
}

void normal_above(arb_t p, const arb_t x)
{
    arb_t root;
    arb_init(root);
    arb_sqrt_ui(root, 2, BITS);
    arb_div(p, x, root, BITS);
    arb_hypgeom_erfc(p, p, BITS);
    arb_mul_2exp_si(p, p, -1);
    arb_clear(root);
}

/* As (t^(k-1) phi)' = (k - 1) t^(k-2) phi/h - (c + h t) t^(k-1) phi, the
 * integrals I_k have h I_k = (k - 1) I_(k-2)/h - c I_(k-1) - [t^(k-1) phi] for
 * k > 0. */
void moments_normal(arb_ptr m, const arb_t c, const arb_t h)
{
    arb_t x[2], phi[2], jump;
    arb_init(jump);
    for (int k = 0; k < 2; k++) {
        arb_init(x[k]);
        arb_init(phi[k]);
        (k ? arb_add : arb_sub)(x[k], c, h, ARF_PREC_EXACT);
        normal_density(phi[k], x[k]);
        normal_above(x[k], x[k]);
    }
    arb_sub(m, x[0], x[1], BITS);
    for (slong k = 1; k <= DEGREE; k++) {
        arb_ptr z = m + k;
        arb_zero(z);
        arb_sub(jump, phi[1], phi[0], BITS);
        arb_neg(phi[0], phi[0]); /* times t = -1 */
        if (k > 1) {
            arb_mul_ui(z, m + k - 2, (ulong)k - 1, BITS);
            arb_div(z, z, h, BITS);
        }
        arb_submul(z, c, m + k - 1, BITS);
        arb_sub(z, z, jump, BITS);
        arb_div(z, z, h, BITS);
    }
    for (int k = 0; k < 2; k++) {
        arb_clear(x[k]);
        arb_clear(phi[k]);
    }
    arb_clear(jump);
}

void moments_uniform(arb_ptr m, const arb_t h)
{
    _arb_vec_zero(m, DEGREE + 1);
    for (slong k = 0; k <= DEGREE; k += 2) { /* h int t^k dt */
        arb_mul_2exp_si(m + k, h, 1);
        arb_div_ui(m + k, m + k, (ulong)k + 1, BITS);
    }
}
