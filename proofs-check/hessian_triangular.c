/* hessian_triangular.c -- the curvature of triangular linear flows.
 *
 * Theorem   At the optimum W = l^-1, S = l l', the Hessian of tr(W S W')/2 -
 *           log|det W| over lower triangular W is block diagonal, a block S[1..
 *           i] + l_ii^2 e_i e_i' for each row i: positive definite.
 * Source    Claim C7.2.
 *
 * The dense Hessian H[(b,c),(d,a)] = [b = d] S_ca + l_ab l_cd of
 * hessian_spectrum.c, on entries c <= b and a <= d: l_ab l_cd is 0 unless b <=
 * a <= d <= c <= b.  Every entry is compared in exact arithmetic. */
#include "ball.h"

/* H minus the rows' blocks, on pairs of entries of lower triangular V. */
static verdict triangular(arb_t measured, slong n, int control, slong bits)
{
    fmpq_mat_t l, s, h, left;
    (void)bits;
    fmpq_mat_init(l, n, n);
    fmpq_mat_init(s, n, n);
    fmpq_mat_init(h, n * n, n * n);
    fmpq_mat_init(left, n * n, n * n);
    example_factor(l);
    example_covariance(s);
    hessian(h, l, s);
    for (slong b = 0; b < n; b++)
        for (slong c = 0; c <= b; c++)
            for (slong d = 0; d < n; d++)
                for (slong a = 0; a <= d; a++) {
                    fmpq *e = fmpq_mat_entry(left, b * n + c, d * n + a);
                    fmpq_set(e, fmpq_mat_entry(h, b * n + c, d * n + a));
                    if (b == d)
                        fmpq_sub(e, e, fmpq_mat_entry(s, c, a));
                    if (b == d && c == b && a == b)
                        fmpq_submul(e, fmpq_mat_entry(l, b, b),
                                    fmpq_mat_entry(l, b, b));
                }
    arb_zero(measured);
    verdict v = zero_matrix(left, control);
    fmpq_mat_clear(left);
    fmpq_mat_clear(h);
    fmpq_mat_clear(s);
    fmpq_mat_clear(l);
    return v;
}

static const example examples[] = {
    {{"C7.2",
      "triangular parameterisation: H is block diagonal, S[1..i] + l_ii^2 e_i "
      "e_i'",
      NULL, "entries"},
     triangular,
     "0",
     "exact",
     2,
     1},
};

static void prove(void)
{
    prove_examples(ROWS(examples));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies the curvature of triangular linear flows.", prove);
}
