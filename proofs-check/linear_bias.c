/* linear_bias.c -- what a linear flow without a bias loses.
 *
 * Theorem   Linear flows W x of data of mean mu and covariance S reach EIG(R),
 *           R = S + mu mu', which is below EIG(S) by (1/2) log(1 + mu' S^-1
 *           mu).
 * Source    Claim C3.2.
 *
 * E|W x|^2 = tr(W R W'), so R takes the place of S in linear_optimum.c; EIG(S)
 * - EIG(R) = (1/2) log(det R/det S), and det R = det S (1 + mu' S^-1 mu) is
 * decided in rational arithmetic. */
#include "ball.h"

/* det(S + mu mu') - det S (1 + mu' S^-1 mu), mu_i = i/3, as a matrix (1, 1);
 * measured: the cost of no bias. */
static verdict no_bias(arb_t measured, slong d, int control, slong bits)
{
    fmpq_mat_t s, mu, row, x, r, q;
    fmpq_t det;
    fmpq_mat_init(s, d, d);
    fmpq_mat_init(mu, d, 1);
    fmpq_mat_init(row, 1, d);
    fmpq_mat_init(x, d, 1);
    fmpq_mat_init(r, d, d);
    fmpq_mat_init(q, 1, 1);
    fmpq_init(det);
    example_covariance(s);
    for (slong i = 0; i < d; i++)
        fmpq_set_si(fmpq_mat_entry(mu, i, 0), i + 1, 3);
    fmpq_mat_transpose(row, mu);
    fmpq_mat_mul(r, mu, row);
    if (control) /* broken: Sigma for R */
        fmpq_mat_zero(r);
    fmpq_mat_add(r, r, s);
    fmpq_mat_solve(x, s, mu);
    fmpq_mat_mul(q, row, x);
    fmpq *cost = fmpq_mat_entry(q, 0, 0);
    fmpq_add_si(cost, cost, 1);
    arb_set_fmpq(measured, cost, bits);
    arb_log(measured, measured, bits);
    arb_mul_2exp_si(measured, measured, -1);
    fmpq_mat_det(det, s);
    fmpq_mul(cost, cost, det);
    fmpq_mat_det(det, r);
    fmpq_sub(cost, cost, det);
    verdict v = zero_matrix(q, 0);
    fmpq_clear(det);
    fmpq_mat_clear(q);
    fmpq_mat_clear(r);
    fmpq_mat_clear(x);
    fmpq_mat_clear(row);
    fmpq_mat_clear(mu);
    fmpq_mat_clear(s);
    return v;
}

static const example examples[] = {
    {{"C3.2", "EIG(Sigma) - EIG(R) = (1/2) log(1 + mu' Sigma^-1 mu)", NULL,
      "determinants"},
     no_bias,
     "equal",
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
    return proofs(argc, argv, "Certifies the cost of leaving out the bias.",
                  prove);
}
