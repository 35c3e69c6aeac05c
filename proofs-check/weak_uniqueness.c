/* weak_uniqueness.c -- the mean of log|det J_f| is h(Z) - h(X), exactly.
 *
 * Theorem   E log|det J_f(X)| = h(Z) - h(X) for every exact flow f of one pair
 *           of laws, and (sqrt V_X - sqrt V_Z)^2 <= Var <= (sqrt V_X +
 *           sqrt V_Z)^2 with V_X = Var log p_X(X), V_Z = Var log p_Z(Z).
 * Source    Claims C1.2, C1.2c, C1.3 and C1.7, for the pairs of C1.3.
 * Method    Rigorous quadrature in one variable on a bounded interval; beyond
 *           it the integrand is bounded as follows, phi and Q normal density
 *           and tail.
 *
 *   logistic  With y = log(u/(1-u)) the inversion C1.3a has ld = y, of density
 *             e^-y/(1+e^-y)^2 <= e^-|y|; int_T^inf y^k e^-y dy is (T+1) e^-T,
 *             (T^2+2T+2) e^-T, (T^3+3T^2+6T+6) e^-T for k = 1, 2, 3.
 *   polar     t is Gamma(2), ld = log 2 pi - log(1+t), and 0 <= log(1+t) <= t.
 *   product   ld = 2 sum over coordinates of g(z)/2, g = log Q(z) + z^2/2 +
 *             log(2 pi)/2, z normal.  For z >= 4, phi z/(1+z^2) <= Q <= phi/z
 *             gives |g| <= log(z + 1/z) <= z^2; for z <= -4, |log Q| <= 1 and
 *             |g| <= z^2.  int_T^inf z^2 phi <= (T + 1/T) phi(T), and
 *             int_T^inf z^4 phi <= (T^3 + 4T) phi(T).
 *   Gumbel    With F = 1/(1+e^-y): -log F = log(1+e^-y), in [e^-y/2, e^-y] for
 *             y >= 0, so that |ld| <= log 2 + |y| there; odd in y.
 *   copula    E ld_f = E log c, as f_2 and x_2 are both N(0, 1).  With p =
 *             1-2u, q = 1-2v the integral over q is elementary: E log c =
 *             (1/2) int_0^1 H(a p) dp, H(b) = ((1+b)^2 log(1+b) - (1-b)^2
 *             log(1-b))/(2b) - 1, and 0 <= H(b) <= b^2 <= 1 (its series has
 *             coefficients 2/(2k(2k-1)(2k+1)), whose sum is 2 log 2 - 1). */
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
    {{"C1.3a", "Var log|det T| = pi^2/3", "Gaussian plane", "logistic law"},
     "x^2" LOGISTIC,
     "-70",
     "70",
     "2*(70^2+2*70+2)*exp(-70)",
     "= pi^2/3"},
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
    {{"C1.3d", "Var log|det| of the polar map is 2 delta - 1",
      "delta = e E_1(1), E log(1+t) = 1", "Gompertz constant"},
     "x*exp(-x)*(log(1+x) - 1)^2",
     "0",
     "80",
     "(80^3+4*80^2+9*80+9)*exp(-80)",
     "= 2*exp(1)*E1(1) - 1"},
    {{"C1.3d", "Var log|det| of the polar map", "Exp(1)^2 to N(0, I)",
      "quadrature"},
     "x*exp(-x)*(log(1+x) - 1)^2",
     "0",
     "80",
     "(80^3+4*80^2+9*80+9)*exp(-80)",
     "0.19269472464638814868"},
    {{"C1.3d", "Var log|det| of the product map", "Exp(1)^2 to N(0, I)",
      "2 Var g, E g = (log 2 pi - 1)/2"},
     "2*(log(Q(x)) + x^2/2 + 1/2)^2" NORMAL,
     "-14",
     "14",
     "16*(14^3+4*14)*" PHI("14"),
     "1.8087288063"},
    {{"C1.2", "E log|g'| = 0 of the decreasing map", "D = 1, Gumbel, C1.3e",
      "antisymmetric"},
     "(x + log(log(1+exp(-x))) - log(log(1+exp(x))))" LOGISTIC,
     "-70",
     "70",
     "2*72*exp(-70)",
     "= 0"},
    {{"C1.2", "E log|det| of both triangular maps is I(1)",
      "FGM copula, a = 1, C1.3b", "log 2 + pi^2/16 - 5/4"},
     H("1"),
     "2^(-40)",
     "1-2^(-70)",
     "2^(-119)+2^(-70)",
     "= log(2) + pi^2/16 - 5/4"},
    {{"C1.3b", "I(1)", "FGM copula, a = 1", "quadrature"},
     H("1"),
     "2^(-40)",
     "1-2^(-70)",
     "2^(-119)+2^(-70)",
     "0.059997455628030223"},
    {{"C1.3b", "I(.9)", "FGM copula, a = .9", "quadrature"},
     H("0.9"),
     "2^(-40)",
     "1",
     "2^(-119)",
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

#define POLAR "v = 2*exp(1)*E1(1) - 1; "

static const number numbers[] = {
    {{"C1.2", "h(Z) - h(X)", "Exp(1)^2 to N(0, I)", "log(2 pi e) - 2"},
     "log(2*pi) - 1",
     "0.83787706640934548356"},
    {{"C1.3b", "I(1)", "FGM copula", "log 2 + pi^2/16 - 5/4"},
     "log(2) + pi^2/16 - 5/4",
     "0.059997455628030223"},
    {{"C1.2c", "lower bound of Var log|det|", "Exp(1)^2: V_X = 2, V_Z = 1",
      "(sqrt V_X - sqrt V_Z)^2"},
     "(sqrt(2) - 1)^2",
     "0.1716"},
    {{"C1.2c", "upper bound of Var log|det|", "Exp(1)^2: V_X = 2, V_Z = 1",
      "(sqrt V_X + sqrt V_Z)^2"},
     "(sqrt(2) + 1)^2",
     "5.8284"},
    {{"C1.2c", "the polar map lies above the lower bound", "Exp(1)^2",
      "strict inequality"},
     POLAR "v - (sqrt(2) - 1)^2",
     "> 0"},
    {{"C1.7",
      "the product map's variance exceeds the least one by more than "
      "1.6",
      "Exp(1)^2; 1.8087 - (2 delta - 1)", "strict inequality"},
     POLAR "1.8087 - v - 1.6",
     "> 0"},
    {{"C1.2c", "the inversion lies below the upper bound 4",
      "Gaussian plane: V_X = V_Z = 1", "4 - pi^2/3"},
     "4 - pi^2/3",
     "> 0"},
};

static void prove(void)
{
    prove_integrals(ROWS(integrals));
    prove_identities(ROWS(identities));
    prove_numbers(ROWS(numbers));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies E log|det| = h(Z) - h(X) and the variances of "
                  "exact flows.",
                  prove);
}
