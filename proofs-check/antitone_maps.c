/* antitone_maps.c -- order reversed: the same laws, another determinant.
 *
 * Theorem   Reversing the order of a uniform variable, u -> 1 - u, gives flows
 *           of a law to itself whose |det| is not that of the identity:
 *             a  T(z) = (z/|z|) sqrt(-2 log(1 - exp(-|z|^2/2))), a flow of the
 *                Gaussian plane without 0, log|det T| = -log(e^E - 1), E =
 *                |z|^2/2;
 *             e  g(x) = -log(-log(1 - F(x))), F = exp(-exp(-x)), a flow of the
 *                Gumbel law, D = 1.
 * Source    Claims C1.3a and C1.3e.
 *
 *   a  Under N(0, I) the angle is uniform and independent of E, which is
 *      Exp(1), so u = e^-E is uniform.  T keeps the angle and maps u to 1 - u:
 *      e^-E' |dE'/dE| = (1 - u) u/(1 - u) = e^-E, and the plane's area is
 *      dE d(angle), so |det T| = |dE'/dE| = 1/(e^E - 1): never 0, smooth in E >
 *      0, and T is its own inverse, hence a diffeomorphism of the plane
 *      without 0.  It falls from infinity to 0 as E rises: for E <= 2^-10 it
 *      is above 1000, for E >= 64 below 2^-90.
 *   e  u = F(x) is uniform, p = F' = r(u), r(u) = -u log u, so that |g'| =
 *      p(x)/p(g(x)) = r(u)/r(1-u), positive as r is on (0, 1); g is its own
 *      inverse.  |g'| tends to 0 as u -> 1 and to infinity as u -> 0. */
#include "ball.h"

static const identity identities[] = {
    {{"C1.3a", "the inversion keeps the law: e^-E' |dE'/dE| = e^-E",
      "u = e^-E, e^-E' = 1 - u, |dE'/dE| = w with w (1-u) = u",
      "change of variables, modulo w (1-u) - u"},
     "u w",
     "((1 - u)*w - u) - (w*(1 - u) - u)"},
    {{"C1.3a", "the inversion is an involution", "v = 1 - u", "u -> 1 - u"},
     "u",
     "1 - (1 - u) - u"},
};

#define GUMBEL(x)                                                              \
    "u = exp(-exp(-(" x "))); v = 1 - u; "                                     \
    "log(-u*log(u)/(-v*log(v)))"

static const number numbers[] = {
    {{"C1.3a", "log|det| of the inversion at (1, 0)", "Gaussian plane",
      "-log(exp(|z|^2/2) - 1)"},
     "-log(exp((1 + broken)/2) - 1)",
     "0.43275212956718857189"},
    {{"C1.3a", "log|det| of the inversion at (.3, -.4)", "Gaussian plane",
      "|z|^2/2 = 1/8"},
     "-log(exp((1 + broken)/8) - 1)",
     "2.016290584"},
    {{"C1.3a", "log|det| of the inversion at (2, 1)", "Gaussian plane",
      "|z|^2/2 = 5/2"},
     "-log(exp((1 + broken)*5/2) - 1)",
     "-2.414349516"},
    {{"C1.3a", "it differs from log|det id| = 0", "at (1, 0)", "C1.3a"},
     "-log(exp(1/2) - 1)",
     "> 0"},
    {{"C1.3a", "it is 0 on the circle |z|^2 = 2 log 2", "E = log 2",
      "closed form"},
     "-log(exp(log(2)) - 1)",
     "= 0"},
    {{"C1.1", "ld of the inversion less that of id: log p(z) - log p(T z)",
      "Gaussian plane, (1, 0)", "C1.3a"},
     "e = 1/2; (1 - 2*broken)*(-log(1 - exp(-e)) - e)",
     "= -log(exp(1/2) - 1)"},
    {{"C2.2", "log q of the inversion and of id, less -log(2 pi)",
      "Gaussian plane, (1, 0)", "-|T z|^2/2 + log|det|"},
     "e = 1/2; log(1 - exp(-e)) - (1 - broken)*log(exp(e) - 1)",
     "= -1/2"},
    {{"C1.3e", "log|g'(0)| of the decreasing map", "D = 1, Gumbel",
      "log r(u)/r(1-u)"},
     GUMBEL("0"),
     "0.2380882091325953003319"},
    {{"C1.3e", "log|g'(1)| of the decreasing map", "D = 1, Gumbel",
      "log r(u)/r(1-u)"},
     GUMBEL("1"),
     "-0.3536510890622255796458"},
    {{"C1.3e", "it differs from log|id'| = 0", "at 0", "C1.3e"},
     GUMBEL("0"),
     "> 0"},
};

/* |det J_T(Z)| = u/(1 - u), u uniform. */
static const integral integrals[] = {
    {{"C5.4", "E|det J|; |det J| <= 1000 of the inversion", "Gaussian plane",
      "with 1000 P(|det J| > 1000) = 1000/1001 the mean of the lesser of "
      "|det J| and 1000 is log 1001"},
     "x/(1-x)*(1-broken) + broken",
     "0",
     "1000/1001",
     "0",
     "= log(1001) - 1000/1001"},
};

static const cover covers[] = {
    {{"C1.3a", "-d log|det T|/dE > 1: it is 0 on one circle only",
      "E in [2^-10, 64]; outside by the formula",
      "e^E/(e^E - 1) - 1 = 1/(e^E - 1)"},
     "E",
     "1/1024,64",
     "1/expm1(E)"},
    {{"C1.3a", "T is a diffeomorphism: |dE'/dE| > 2^-24",
      "E in [2^-10, 16]; outside by the formula", "1/(e^E - 1)"},
     "E",
     "1/1024,16",
     "1/expm1(E) - 2^(-24)"},
    {{"C1.3e", "g is a diffeomorphism: |g'| > 2^-20",
      "F in [2^-20, 1 - 2^-20]; outside by the formula", "r(u)/r(1-u)"},
     "u",
     "2^(-20),1-2^(-20)",
     "u*log(u)/((1-u)*log(1-u)) - 2^(-20)"},
};

static void prove(void)
{
    statements_are(EXAMPLE);
    prove_identities(ROWS(identities));
    prove_numbers(ROWS(numbers));
    prove_integrals(ROWS(integrals));
    prove_covers(ROWS(covers));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies flows that reverse an order and change the "
                  "determinant.",
                  prove);
}
