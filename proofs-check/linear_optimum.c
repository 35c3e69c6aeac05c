/* linear_optimum.c -- the best linear flow is given by eigenvalues.
 *
 * Theorem   Over affine flows the largest mean log-likelihood is EIG(S) =
 *           -(1/2) sum log(2 pi e lambda_i), lambda_i the eigenvalues of the
 *           covariance S.
 * Source    Claim C3.1.
 *
 * The mean of the flow is best at 0, and then -LL - (D/2) log 2 pi is F(W) =
 * tr(W S W')/2 - log|det W|.  W = Q L, Q orthogonal and L lower triangular of
 * positive diagonal, has F(W) = F(L), and on such L, row by row, the Hessian of
 * F consists of the blocks S[1..i] + e_i e_i'/L_ii^2, which are at least
 * lambda_min(S) > 0: F is strictly convex.  So L = l^-1, with S = l l', where
 * the gradient L S - L'^-1 is exactly zero, is its only minimum, no W does
 * better, and F = D/2 + (1/2) log det S there. */
#include "ball.h"

/* EIG by eigenvalues; by the determinant it is the same. */
static verdict spectrum(arb_t measured, slong d, int control, slong bits)
{
    fmpq_mat_t s;
    arb_ptr lambda = _arb_vec_init(d);
    arb_t difference, t;
    fmpq_mat_init(s, d, d);
    arb_init(difference);
    arb_init(t);
    example_covariance(s);
    eigenvalues(lambda, s, bits);
    log_det(difference, s, bits);
    formula(measured, "-log(2*pi*exp(1))/2", "", NULL, bits);
    arb_mul_si(measured, measured, d, bits);
    for (slong i = 0; i < d; i++) {
        arb_log(t, lambda + i, bits);
        arb_sub(difference, difference, t, bits);
        arb_mul_2exp_si(t, t, -1);
        arb_sub(measured, measured, t, bits);
    }
    verdict v =
        within(difference, "0.000000000000000000000000000000", control, bits);
    arb_clear(t);
    arb_clear(difference);
    fmpq_mat_clear(s);
    _arb_vec_clear(lambda, d);
    return v;
}

/* The gradient L S - L'^-1 at L = l^-1, which is l^-1 S - l'. */
static verdict gradient(arb_t measured, slong d, int control, slong bits)
{
    fmpq_mat_t l, s, g;
    (void)bits;
    fmpq_mat_init(l, d, d);
    fmpq_mat_init(s, d, d);
    fmpq_mat_init(g, d, d);
    example_factor(l);
    example_covariance(s);
    fmpq_mat_inv(g, l);
    fmpq_mat_mul(g, g, s);
    fmpq_mat_transpose(l, l);
    fmpq_mat_sub(g, g, l);
    arb_zero(measured);
    verdict v = zero_matrix(g, control);
    fmpq_mat_clear(g);
    fmpq_mat_clear(s);
    fmpq_mat_clear(l);
    return v;
}

static verdict least_eigenvalue(arb_t measured, slong d, int control,
                                slong bits)
{
    fmpq_mat_t s;
    arb_ptr lambda = _arb_vec_init(d);
    fmpq_mat_init(s, d, d);
    example_covariance(s);
    eigenvalues(lambda, s, bits);
    arb_set(measured, lambda);
    fmpq_mat_clear(s);
    _arb_vec_clear(lambda, d);
    return positive(measured, control);
}

static const example examples[] = {
    {{"C3.1", "EIG from enclosed eigenvalues and from the exact determinant",
      NULL, "characteristic polynomial"},
     spectrum,
     "equal",
     "1e-30",
     2,
     1},
    {{"C3.1", "the gradient is 0 at L = l^-1, where L Sigma L' = I", NULL,
      "L Sigma - L'^-1"},
     gradient,
     "0",
     "exact",
     2,
     1},
    {{"C3.1",
      "the objective is strictly convex over triangular L: Hessian >= "
      "lambda_min(Sigma)",
      NULL, "rows' blocks"},
     least_eigenvalue,
     "> 0",
     "strict inequality",
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
                  "Certifies the optimum of linear flows by eigenvalues.",
                  prove);
}
