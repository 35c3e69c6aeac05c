/* anomaly_scores.c -- the latent radius ranks as the flow likes.
 *
 * Theorem   Normal base.  (a) Where log|det J_f| is constant, -log q_f =
 *           |f|^2/2 + const ranks as |f|^2: rank correlation 1.  (b) Among
 *           exact flows of one pair of laws -log q is one function, but its
 *           rank correlation with |f|^2 is 1 for the identity of the normal
 *           plane and -1 for its inversion T; for Exp(1)^2 it is 1 for the
 *           polar map, whose log|det| is not constant, and .2208 for the
 *           product map.
 * Source    Claim C5.6.
 *
 *   T        |T z|^2 = -2 log(1 - e^-E), E = |z|^2/2, decreases in E strictly.
 *   polar    -log p_X = t = x + y, |p|^2 = 2 (t - log(1+t)) increases in t.  So
 *            it does for the area-preserving f_0 of C3.9, |f_0|^2 = t^2/(2 pi),
 *            whose likelihood misses -h(X) by log 3 - 1 all the same.
 *   product  k = Phi^-1(1 - e^{-.}) by components.  The survival function of t
 *            is (1 + t) e^-t, of |k|^2 at |k|^2 it is exp(-|k|^2/2).  The rank
 *            correlation is 12 E[product of both] - 3; with u = e^-x, v = e^-y
 *            uniform and k(u) = -Phi^-1(u), E[(1 - log(u v)) u v g(u) g(v)], g
 *            = exp(-k^2/2), is a^2 + 2 a b with a = E[u g(u)] = int Phi phi
 *            e^{-z^2/2} dz = 1/(2 sqrt 2), by symmetry, and b = -E[u log u
 *            g(u)].  So it is 12 (1/8 + b/sqrt 2) - 3.  |u log u| <= 1/e bounds
 *            what lies beyond 12 by 1e-60. */
#include "ball.h"

static const integral integrals[] = {
    {{"C5.6", "a = E[u g(u)] = 1/(2 sqrt 2)", "u uniform",
      "quadrature over z, u = Phi(z)"},
     "(1 + broken)*Phi(x)*exp(-x^2)/sqrt(2*pi)",
     "-12",
     "12",
     "1e-60",
     "= 1/(2*sqrt(2))"},
    {{"C5.6", "rank correlation of the product map: -log p_X against |k|^2",
      "Exp(1)^2, exact map", "quadrature over z"},
     "u = Phi(x); w = exp(-x^2)/sqrt(2*pi); "
     "(1 - broken)*(-12/sqrt(2)*u*log(u)*w - 3/2*w*sqrt(2))"
     " + broken*w*sqrt(2)",
     "-12",
     "12",
     "1e-59",
     "0.22076"},
};

static const cover covers[] = {
    {{"C5.6", "the inversion reverses the ranks: -d|T z|^2/dE > 0",
      "E in [2^-10, 64]; outside by the formula", "2/(e^E - 1)"},
     "E",
     "1/1024,64",
     "2/expm1(E)*(1 - 2*broken)"},
    {{"C5.6", "the polar map keeps the ranks: d|p|^2/dt > 0",
      "t in [2^-10, 64]; outside by the formula", "2 t/(1+t)"},
     "t",
     "1/1024,64",
     "2*t/(1+t) - 2*broken"},
};

static const number numbers[] = {
    {{"C5.6", "the ranking of f_0 is exact, its likelihood is not", "Exp(1)^2",
      "log 3 - 1"},
     "log(3) - 1",
     "0.0986"},
    {{"C5.6", "1 and -1 are ends of one pair of laws: the products of ranks",
      "12 E[U^2] - 3 and 12 E[U(1-U)] - 3", "uniform ranks"},
     "(12/3 - 3) - (12*(1/2 - 1/3) - 3)",
     "= 2"},
};

static void prove(void)
{
    statements_are(EXAMPLE);
    prove_integrals(ROWS(integrals));
    prove_covers(ROWS(covers));
    prove_numbers(ROWS(numbers));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies rank correlations of likelihood and latent "
                  "radius.",
                  prove);
}
