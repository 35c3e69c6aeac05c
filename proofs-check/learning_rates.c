/* learning_rates.c -- the critical learning rate of maximum likelihood.
 *
 * Theorem   The negative log-likelihood tr(W S W')/2 - log|det W| has at every
 *           optimum the Hessian d^2 L[V, V] = tr(V S V') + tr((W^-1 V)^2), of
 *           eigenvalues lambda_i + lambda_j, i <= j, and 0 with multiplicity
 *           D(D-1)/2.  Hence gradient descent has the critical rate
 *           1/lambda_1, where D = 1 shows an exact 2-cycle, and with batches
 *           of b Gaussian samples it is stable in mean square iff a =
 *           eta lambda < 2b/(2b+1).
 * Source    Claims C7.2, C7.3 and C7.4.
 *
 *   Hessian  With W = l^-1, S = l l', W^-1 = l: its matrix on the entries of V
 *            is H[(b,c),(d,a)] = [b = d] S_ca + l_ab l_cd, rational.  The map
 *            B -> S B + B S of symmetric matrices has eigenvectors u_i u_j' +
 *            u_j u_i', eigenvalues lambda_i + lambda_j; that the
 *            characteristic polynomial of H is that of this map times
 *            x^{D(D-1)/2} is decided in exact arithmetic.  Restricted to lower
 *            triangular V, H splits into the rows' blocks S[1..i] + l_ii^2
 *            e_i e_i'.
 *   D = 1    v' = (1-a) v + a/v, v = w sqrt(lambda).  v'' = v is a polynomial
 *            identity in y = v^2 that holds for all y at a = 1, and else only
 *            at y = 1.  Its slope at v = 1 is 1 - 2a.
 *   batches  v' = v (1 - a S) + a/v: the linear part 1 - a S - a has second
 *            moment (1-2a)^2 + 2 a^2/b, as E S = 1, Var S = 2/b.  With b = 1,
 *            v_0 = 1: P(|v_2| > t) ~ 2 a f(0)/t, f the density of v_1. */
#include "ball.h"

#include <stdio.h>

static const identity identities[] = {
    {{"C7.3", "a 2-cycle solves a(1-a)(1-y)((2-a) y + a) = 0, y = v^2",
      "v^2 (v'' v' - v v') expanded, v v' = (1-a) y + a", "exact"},
     "a y",
     "(1-a)*((1-a)*y+a)^2 + a*y - y*((1-a)*y+a)"
     " - (1-a)*a*(1-y)*((2-a)*y+a)"},
    {{"C7.3", "a = 1: v'' = v for every v",
      "v w = 1 and u w = 1, w = v', u = v''", "v - u in the ideal of both"},
     "u v w",
     "(v - u) - (u*(v*w-1) - v*(u*w-1))"},
    {{"C7.3", "the fixed points are v^2 = 1", "v v' - v^2 = a (1 - v^2)",
      "exact"},
     "a y",
     "(1-a)*y + a - y - a*(1-y)"},
    {{"C7.4",
      "mean-square stability: b ((1-2a)^2 + 2 a^2/b - 1) = "
      "2a ((2b+1) a - 2b)",
      "negative iff 0 < a < 2b/(2b+1)", "exact"},
     "a b",
     "b*((1-2*a)^2 - 1) + 2*a^2 - 2*a*((2*b+1)*a - 2*b)"},
};

static const cover covers[] = {
    {{"C7.3", "a > 1: the fixed points are unstable", "a in [1.001, 16]",
      "(1-2a)^2 - 1 = 4a(a-1)"},
     "a",
     "1.001,16",
     "4*a*(a-1)"},
    {{"C7.3", "a < 1: they are stable", "a in [.001, .999]",
      "1 - (1-2a)^2 = 4a(1-a)"},
     "a",
     "0.001,0.999",
     "4*a*(1-a)"},
};

#define DEEP(k, curvature, rate)                                               \
    {{"C7.2deep", "curvature, lambda = 10^4, depth " k, "balanced factors",    \
      "2 K lambda^{1/K}"},                                                     \
     "2*" k "*10000^(1/" k ")",                                                \
     curvature},                                                               \
    {                                                                          \
        {"C7.2deep", "critical rate, lambda = 10^4, depth " k,                 \
         "balanced factors", "1/(K lambda^{1/K})"},                            \
            "1/(" k "*10000^(1/" k "))", rate                                  \
    }

static const number numbers[] = {
    DEEP("1", "= 20000", "= 0.0001"),
    DEEP("2", "= 400", "= 0.005"),
    DEEP("4", "= 80", "= 0.025"),
    DEEP("8", "50.596", "0.0395"),
    {{"C7.2", "with bias, uncentred data: the smaller curvature",
      "D = 1, s = .1, m = .5", "[[2 s^2 + m^2, m], [m, 1]]"},
     "(1.27 - sqrt(1.27^2 - 4*0.02))/2",
     "0.015948"},
    {{"C7.2", "with bias, uncentred data: the larger curvature",
      "D = 1, s = .1, m = .5", "[[2 s^2 + m^2, m], [m, 1]]"},
     "(1.27 + sqrt(1.27^2 - 4*0.02))/2",
     "1.254052"},
    {{"C7.4", "multiplier at a = 2b/(2b+1), b = 4", "mean square",
      "(1-2a)^2 + 2 a^2/b"},
     "a = 8/9; (1-2*a)^2 + 2*a^2/4",
     "= 1"},
    {{"C7.4", "multiplier above the threshold, a = 2/3 + 1/1000, b = 1",
      "mean square", "(1-2a)^2 + 2 a^2 - 1"},
     "a = 2/3 + 1/1000; (1-2*a)^2 + 2*a^2 - 1",
     "> 0"},
    {{"C7.4", "t P(|v_2| > t) tends to 2 chi2pdf_1((1+a)/a)",
      "a = .3, b = 1, v_0 = 1", "2 a f(0)"},
     "x = 1.3/0.3; 2*exp(-x/2)/sqrt(2*pi*x)",
     "0.0439094"},
};

/* The Hessian (d^2, d^2) at W = l^-1; s = l l'. */
static void hessian(fmpq_mat_t h, const fmpq_mat_t l, const fmpq_mat_t s)
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

typedef struct {
    slong d;
    int turned;
} dimension;

static void perturb(fmpq_poly_t p)
{
    fmpq_t c;
    fmpq_init(c);
    fmpq_poly_get_coeff_fmpq(c, p, 1);
    fmpq_t shift;
    fmpq_init(shift);
    fmpq_set_si(shift, 1, 1000000000000);
    fmpq_add(c, c, shift);
    fmpq_poly_set_coeff_fmpq(p, 1, c);
    fmpq_clear(shift);
    fmpq_clear(c);
}

/* The two polynomials are equal; measured: the largest root. */
static verdict same_spectrum(arb_t measured, const void *data, int control,
                             slong bits)
{
    const dimension *n = data;
    fmpq_poly_t of_h, expected;
    fmpq_poly_init(of_h);
    fmpq_poly_init(expected);
    polynomials(of_h, expected, n->d, n->turned);
    largest_root(measured, of_h, bits);
    if (control)
        perturb(expected);
    verdict v = fmpq_poly_equal(of_h, expected) ? CERTIFIED : REFUTED;
    fmpq_poly_clear(expected);
    fmpq_poly_clear(of_h);
    return v;
}

/* lambda_max(H) - 2 lambda_1(S), each from its own polynomial, within 1e-30. */
static verdict twice_largest(arb_t measured, const void *data, int control,
                             slong bits)
{
    const dimension *n = data;
    fmpq_poly_t of_h, expected;
    fmpq_mat_t s;
    arb_ptr lambda = _arb_vec_init(n->d);
    fmpq_poly_init(of_h);
    fmpq_poly_init(expected);
    fmpq_mat_init(s, n->d, n->d);
    example_covariance(s);
    eigenvalues(lambda, s, bits);
    polynomials(of_h, expected, n->d, 0);
    largest_root(measured, of_h, bits);
    arb_submul_ui(measured, lambda + n->d - 1, 2, bits);
    verdict v =
        within(measured, "0.000000000000000000000000000000", control, bits);
    fmpq_mat_clear(s);
    fmpq_poly_clear(expected);
    fmpq_poly_clear(of_h);
    _arb_vec_clear(lambda, n->d);
    return v;
}

/* Sum of |H - blocks| over pairs of lower triangular entries, exactly 0. */
static verdict triangular_blocks(arb_t measured, const void *data, int control,
                                 slong bits)
{
    slong n = ((const dimension *)data)->d;
    fmpq_mat_t l, s, h;
    fmpq_t sum, e;
    fmpq_mat_init(l, n, n);
    fmpq_mat_init(s, n, n);
    fmpq_mat_init(h, n * n, n * n);
    fmpq_init(sum);
    fmpq_init(e);
    example_factor(l);
    example_covariance(s);
    hessian(h, l, s);
    if (control)
        fmpq_set_si(sum, 1, 1000000000000);
    for (slong b = 0; b < n; b++)
        for (slong c = 0; c <= b; c++)
            for (slong d = 0; d < n; d++)
                for (slong a = 0; a <= d; a++) {
                    fmpq_set(e, fmpq_mat_entry(h, b * n + c, d * n + a));
                    if (b == d)
                        fmpq_sub(e, e, fmpq_mat_entry(s, c, a));
                    if (b == d && c == b && a == b)
                        fmpq_submul(e, fmpq_mat_entry(l, b, b),
                                    fmpq_mat_entry(l, b, b));
                    fmpq_abs(e, e);
                    fmpq_add(sum, sum, e);
                }
    arb_set_fmpq(measured, sum, bits);
    verdict v = fmpq_is_zero(sum) ? CERTIFIED : REFUTED;
    fmpq_clear(e);
    fmpq_clear(sum);
    fmpq_mat_clear(h);
    fmpq_mat_clear(s);
    fmpq_mat_clear(l);
    return v;
}

static void prove(void)
{
    for (slong d = 2; d <= 6; d++) {
        char when[64];
        claim spectrum = {"C7.2",
                          "Hessian spectrum lambda_i + lambda_j, and 0 with "
                          "multiplicity D(D-1)/2; its largest",
                          when, "characteristic polynomials"};
        claim turned = {"C7.2", "the same at another optimum of the orbit",
                        when, "characteristic polynomials"};
        claim twice = {"C7.2", "lambda_max(H) = 2 lambda_1(Sigma)", when,
                       "roots"};
        claim blocks = {"C7.2",
                        "triangular parameterisation: H is block "
                        "diagonal, S[1..i] + l_ii^2 e_i e_i'",
                        when, "entries"};
        snprintf(when, sizeof when, "rational Sigma, D = %ld", (long)d);
        prove_statement(&spectrum, same_spectrum, &(dimension){d, 0},
                        "equal polynomials", "exact");
        prove_statement(&turned, same_spectrum, &(dimension){d, 1},
                        "equal polynomials", "exact");
        prove_statement(&twice, twice_largest, &(dimension){d, 0}, "0",
                        "1e-30");
        prove_statement(&blocks, triangular_blocks, &(dimension){d, 0}, "0",
                        "exact");
    }
    prove_identities(ROWS(identities));
    prove_covers(ROWS(covers));
    prove_numbers(ROWS(numbers));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies the Hessian's spectrum and critical learning "
                  "rates.",
                  prove);
}
