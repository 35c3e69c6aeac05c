/* mean_log_det.c -- the mean of log|det J_f| is h(Z) - h(X), for every flow.
 *
 * Theorem   E log|det J_f(X)| = h(Z) - h(X) for every exact flow f of one pair
 *           of laws: log|det J_f(X)| = log p_X(X) - log p_Z(f(X)), and f(X) has
 *           the law of Z.  Here both sides are enclosed, apart, for the flows
 *           of C1.3.
 * Source    Claim C1.2.
 * Method    Rigorous quadrature in one variable on a bounded interval, and a
 *           bound of the rest; phi and Q are the normal density and tail.
 *
 *   logistic  With y = log(u/(1-u)), u = e^-E uniform, the inversion C1.3a has
 *             log|det| = y, of density e^-y/(1+e^-y)^2 <= e^-|y|;
 *             int_T^inf y e^-y dy = (T+1) e^-T.
 *   Gumbel    C1.3e with F = 1/(1+e^-y): log|g'| = y + log(-log F) - log(-log
 *             (1-F)).  For y >= 0, -log F = log(1+e^-y) is in [e^-y/2, e^-y]
 *             and -log(1-F) = log(1+e^y) in [y, y + log 2], so that |log|g'||
 *             <= log 2 + y from y = 1 on; it is odd in y.
 *   polar     C1.3d: log 2 pi - log(1+t), t of density t e^-t, 0 <= log(1+t)
 *             <= t and log 2 pi <= 2; int_T^inf t (2+t) e^-t dt =
 *             (T^2+4T+4) e^-T.
 *   product   Each coordinate has log|k'| = g(z) = log Q(z) + z^2/2 +
 *             log(2 pi)/2, z normal.  phi z/(1+z^2) <= Q <= phi/z for z > 0
 *             gives |g| <= log(z + 1/z) <= z^2 for z >= 4; for z <= -4, 0 >=
 *             log Q >= -1 and 0 <= g <= z^2.  int_T^inf z^2 phi = T phi(T) +
 *             Q(T) <= (T + 1/T) phi(T).
 *   copula    C1.3b: E log|det| = E log c for both orders, as f_2, g_1, x_1
 *             and x_2 are all N(0, 1).  With p = 1-2u, q = 1-2v the integral
 *             over q is elementary: E log c = (1/2) int_0^1 H(a p) dp, H(b) =
 *             ((1+b)^2 log(1+b) - (1-b)^2 log(1-b))/(2b) - 1 = sum over k >= 1
 *             of b^{2k}/(k (2k-1)(2k+1)), which lies between 0 and b^2 <= 1, as
 *             its coefficients sum to 2 log 2 - 1.  The cut ends [0, 2^-40] and
 *             [1 - 2^-70, 1] hold less than 2^-120 and 2^-70.  Term by term it
 *             is I(a) = sum a^{2k}/(2k (2k-1)(2k+1)^2), and I(1) = log 2 +
 *             pi^2/16 - 5/4 by partial fractions in n = 2k and the sums log 2,
 *             1 - log 2 and pi^2/8 - 1 of (-1)^(n-1)/n, and 1/(n+1)^2. */
#include "ball.h"

#define LOGISTIC "*exp(-x)/(1+exp(-x))^2"
#define NORMAL "*exp(-x^2/2)/sqrt(2*pi)"
#define PHI(t) "exp(-" t "^2/2)/sqrt(2*pi)"
#define H(a) "b = " a "*x; (((1+b)^2*log(1+b) - (1-b)^2*log(1-b))/(2*b) - 1)/2"

static const integral integrals[] = {
    {{"C1.2", "E log|det T| = h(Z) - h(Z) = 0 of the inversion",
      "Gaussian plane, C1.3a", "logistic law"},
     "x" LOGISTIC,
     "-70",
     "70",
     "2*71*exp(-70)",
     "= 0"},
    {{"C1.2", "E log|g'| = 0 of the decreasing map", "D = 1, Gumbel, C1.3e",
      "logistic law"},
     "(x + log(log(1+exp(-x))) - log(log(1+exp(x))))" LOGISTIC,
     "-70",
     "70",
     "2*72*exp(-70)",
     "= 0"},
    {{"C1.2", "E log|det| of the polar map is h(Z) - h(X) = log(2 pi e) - 2",
      "Exp(1)^2 to N(0, I), C1.3d", "log 2 pi - log(1+t)"},
     "x*exp(-x)*(log(2*pi) - log(1+x))",
     "0",
     "80",
     "(80^2+4*80+4)*exp(-80)",
     "= log(2*pi) - 1"},
    {{"C1.2", "E log|det| of the product map is h(Z) - h(X) = log(2 pi e) - 2",
      "Exp(1)^2 to N(0, I), C1.3d", "2 E g"},
     "2*(log(Q(x)) + x^2/2 + log(2*pi)/2)" NORMAL,
     "-14",
     "14",
     "4*(14+1/14)*" PHI("14"),
     "= log(2*pi) - 1"},
    {{"C1.2", "E log|det| of both triangular maps is I(1)",
      "FGM copula, a = 1, C1.3b", "log 2 + pi^2/16 - 5/4"},
     H("1"),
     "2^(-40)",
     "1-2^(-70)",
     "2^(-120)+2^(-70)",
     "= log(2) + pi^2/16 - 5/4"},
    {{"C1.3b", "I(1)", "FGM copula, a = 1", "quadrature"},
     H("1"),
     "2^(-40)",
     "1-2^(-70)",
     "2^(-120)+2^(-70)",
     "0.059997455628030223"},
    {{"C1.3b", "I(.9)", "FGM copula, a = .9", "quadrature"},
     H("0.9"),
     "2^(-40)",
     "1",
     "2^(-120)",
     "0.047699440348699385"},
};

static const identity identities[] = {
    {{"C1.3b", "I(1) = log 2 + pi^2/16 - 5/4: partial fractions of its terms",
      "n = 2k; 1/(n(n-1)(n+1)^2) = -1/n + (1/4)/(n-1) + (3/4)/(n+1) + "
      "(1/2)/(n+1)^2",
      "numerators over a common denominator"},
     "n",
     "1 + (n-1)*(n+1)^2 - 1/4*n*(n+1)^2 - 3/4*n*(n-1)*(n+1) - 1/2*n*(n-1)"},
};

static const number numbers[] = {
    {{"C1.2", "h(Z) - h(X)", "Exp(1)^2 to N(0, I)", "log(2 pi e) - 2"},
     "log(2*pi*exp(1 - broken)) - 2",
     "0.83787706640934548356"},
};

static void prove(void)
{
    statements_are(EXAMPLE);
    prove_integrals(ROWS(integrals));
    prove_identities(ROWS(identities));
    prove_numbers(ROWS(numbers));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies E log|det| = h(Z) - h(X) of exact flows.", prove);
}
