/* hessian_spectrum.c -- the curvature of maximum likelihood at its optimum.
 *
 * Theorem   The negative log-likelihood tr(W S W')/2 - log|det W| has at every
 *           optimum the Hessian d^2 L[V, V] = tr(V S V') + tr((W^-1 V)^2), of
 *           eigenvalues lambda_i + lambda_j, i <= j, and 0 with multiplicity
 *           D(D-1)/2.  Its largest is 2 lambda_1, so that gradient descent has
 *           the critical rate 1/lambda_1.
 * Source    Claim C7.2.
 *
 * Every S > 0, every optimum W (W S W' = I): as W^-T = W S, the Hessian maps V
 * to H(V) = V S + W^-T V' W^-T = V S + W S V' W S.  Symmetric K: V = W K gives
 * W (K S + S K (W'W) S) = W (K S + S K), since W'W = S^-1; with K = u_i u_j' +
 * u_j u_i', u eigenvectors of S, that is (lambda_i + lambda_j) W K.  Skew A: V
 * = W A S^-1 gives W (A - S S^-1 A) = 0, as V' W S = -S^-1 A.  These are
 * D(D+1)/2 and D(D-1)/2 directions, the former of positive eigenvalues: they
 * span.  lambda_1 is on the diagonal, so that 2 lambda_1 is the largest.
 * The examples check this by another way, in exact arithmetic.  With W = l^-1,
 * S = l l', W^-1 = l: its matrix on the entries of V is H[(b,c),(d,a)] = [b =
 * d] S_ca + l_ab l_cd, rational.  The map B -> S B + B S of symmetric matrices
 * has eigenvectors u_i u_j' + u_j u_i', eigenvalues lambda_i + lambda_j; that
 * the characteristic polynomial of H is that of this map times x^{D(D-1)/2} is
 * decided in exact arithmetic. */
#include "ball.h"

/* B -> S B + B S on the entries i <= j of symmetric B. */
static void symmetric_square(fmpq_mat_t m, const fmpq_mat_t s)
{
    slong n = fmpq_mat_nrows(s), column = 0;
    fmpq_mat_t b, x, y;
    fmpq_mat_init(b, n, n);
    fmpq_mat_init(x, n, n);
    fmpq_mat_init(y, n, n);
    for (slong i = 0; i < n; i++)
        for (slong j = i; j < n; j++, column++) {
            slong row = 0;
            fmpq_mat_zero(b);
            fmpq_one(fmpq_mat_entry(b, i, j));
            fmpq_one(fmpq_mat_entry(b, j, i));
            fmpq_mat_mul(x, s, b);
            fmpq_mat_mul(y, b, s);
            fmpq_mat_add(x, x, y);
            for (slong k = 0; k < n; k++)
                for (slong p = k; p < n; p++)
                    fmpq_set(fmpq_mat_entry(m, row++, column),
                             fmpq_mat_entry(x, k, p));
        }
    fmpq_mat_clear(y);
    fmpq_mat_clear(x);
    fmpq_mat_clear(b);
}

/* The characteristic polynomials of H at the optimum Q l^-1, Q a rotation by
 * (3, 4)/5 of the first plane when turned, and of what it should be. */
static void polynomials(fmpq_poly_t of_h, fmpq_poly_t expected, slong n,
                        int turned)
{
    slong pairs = n * (n + 1) / 2;
    fmpq_mat_t l, s, q, h, m;
    fmpq_mat_init(l, n, n);
    fmpq_mat_init(s, n, n);
    fmpq_mat_init(q, n, n);
    fmpq_mat_init(h, n * n, n * n);
    fmpq_mat_init(m, pairs, pairs);
    example_factor(l);
    example_covariance(s);
    symmetric_square(m, s);
    fmpq_mat_charpoly(expected, m);
    fmpq_poly_shift_left(expected, expected, n * n - pairs);
    fmpq_mat_one(q);
    if (turned) {
        fmpq_set_si(fmpq_mat_entry(q, 0, 0), 3, 5);
        fmpq_set_si(fmpq_mat_entry(q, 0, 1), -4, 5);
        fmpq_set_si(fmpq_mat_entry(q, 1, 0), 4, 5);
        fmpq_set_si(fmpq_mat_entry(q, 1, 1), 3, 5);
    }
    fmpq_mat_mul(l, l, q);
    hessian(h, l, s);
    fmpq_mat_charpoly(of_h, h);
    fmpq_mat_clear(m);
    fmpq_mat_clear(h);
    fmpq_mat_clear(q);
    fmpq_mat_clear(s);
    fmpq_mat_clear(l);
}

/* The two polynomials are equal, after control/10^12 to the constant term;
 * measured: the largest root. */
static verdict same_spectrum(arb_t measured, slong d, int turned, int control,
                             slong bits)
{
    fmpq_poly_t of_h, expected;
    fmpq_mat_t difference;
    fmpq_poly_init(of_h);
    fmpq_poly_init(expected);
    fmpq_mat_init(difference, 1, d * d + 1);
    polynomials(of_h, expected, d, turned);
    largest_root(measured, of_h, bits);
    fmpq_poly_sub(of_h, of_h, expected);
    for (slong k = 0; k <= d * d; k++)
        fmpq_poly_get_coeff_fmpq(fmpq_mat_entry(difference, 0, k), of_h, k);
    verdict v = zero_matrix(difference, control);
    fmpq_mat_clear(difference);
    fmpq_poly_clear(expected);
    fmpq_poly_clear(of_h);
    return v;
}

static verdict spectrum(arb_t measured, slong d, int control, slong bits)
{
    return same_spectrum(measured, d, 0, control, bits);
}

static verdict turned_spectrum(arb_t measured, slong d, int control, slong bits)
{
    return same_spectrum(measured, d, 1, control, bits);
}

/* lambda_max(H) - 2 lambda_1(S), each from its own polynomial, within 1e-30. */
static verdict twice_largest(arb_t measured, slong d, int control, slong bits)
{
    fmpq_poly_t of_h, expected;
    fmpq_mat_t s;
    arb_ptr lambda = _arb_vec_init(d);
    fmpq_poly_init(of_h);
    fmpq_poly_init(expected);
    fmpq_mat_init(s, d, d);
    example_covariance(s);
    eigenvalues(lambda, s, bits);
    polynomials(of_h, expected, d, 0);
    largest_root(measured, of_h, bits);
    arb_submul_ui(measured, lambda + d - 1, 2, bits);
    verdict v =
        within(measured, "0.000000000000000000000000000000", control, bits);
    fmpq_mat_clear(s);
    fmpq_poly_clear(expected);
    fmpq_poly_clear(of_h);
    _arb_vec_clear(lambda, d);
    return v;
}

#define EXAMPLE(statement, source, f, expected, tolerance)                     \
    {                                                                          \
        {"C7.2", statement, NULL, source}, f, expected, tolerance, 2, 1        \
    }

static const example examples[] = {
    EXAMPLE("Hessian spectrum lambda_i + lambda_j, and 0 with multiplicity "
            "D(D-1)/2; its largest",
            "characteristic polynomials", spectrum, "equal polynomials",
            "exact"),
    EXAMPLE("the same at another optimum of the orbit",
            "characteristic polynomials", turned_spectrum, "equal polynomials",
            "exact"),
    EXAMPLE("lambda_max(H) = 2 lambda_1(Sigma)", "roots", twice_largest, "0",
            "1e-30"),
};

static void prove(void)
{
    prove_examples(ROWS(examples));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies the spectrum of the likelihood's Hessian.", prove);
}
