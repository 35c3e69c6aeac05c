/* variable_orders.c -- two triangular maps, one for each order of variables.
 *
 * Theorem   X_i = Phi^-1(U_i), (U_1, U_2) with the FGM copula density c(u, v) =
 *           1 + a (1-2u)(1-2v), |a| <= 1.  The triangular maps
 *             f(x) = (x_1, Phi^-1(w(u, v))),  w(u, v) = v + a (1-2u) v (1-v),
 *             g(x) = (Phi^-1(w(v, u)), x_2)
 *           are diffeomorphisms of the plane that push X to N(0, I), and their
 *           determinants differ: at x = (1, 0), a = 1.
 * Source    Claim C1.3b; the maps are those of Knothe 1957 and Rosenblatt 1952.
 *
 *   exact    dw/dv = c, and w(u, .) maps 0 to 0 and 1 to 1, so that w is the
 *            conditional distribution function and (u, w) is uniform on the
 *            square.
 *   |det|    p_X/p_Z(f) = c phi(x_2)/phi(f_2), so log|det J_f| = log c +
 *            (f_2^2 - x_2^2)/2, and likewise for g.
 *   inverse  c > 0 for all x, as |1-2u|, |1-2v| < 1: f_2 increases in x_2 from
 *            -inf to inf, with df_2/dx_2 >= c exp(-x_2^2/2) since phi(f_2) <=
 *            phi(0). */
#include "ball.h"

static const identity identities[] = {
    {{"C1.3b", "dw/dv = c: w(u, v + h) - w(u, v) = c h - a (1-2u) h^2",
      "for all h, so the derivative is exact", "FGM copula"},
     "a u v h",
     "((v+h) + a*(1-2*u)*(v+h)*(1-v-h)) - (v + a*(1-2*u)*v*(1-v))"
     " - (1 + a*(1-2*u)*(1-2*v))*h + a*(1-2*u)*h^2"},
    {{"C1.3b", "w(u, 0) = 0", "every u", "FGM copula"},
     "a u",
     "0 + a*(1-2*u)*0*(1-0)"},
    {{"C1.3b", "w(u, 1) = 1", "every u", "FGM copula"},
     "a u",
     "1 + a*(1-2*u)*1*(1-1) - 1"},
    {{"C1.3b", "c = (1 - a) + a (1 + p q) > 0 as |p|, |q| < 1",
      "p = 1-2u, q = 1-2v; 0 <= a <= 1, else with -p for p", "c > 0"},
     "a p q",
     "(1 + a*p*q) - (1 - a) - a*(1 + p*q)"},
};

/* broken: u and v exchanged. */
#define F2 "w = (1 - broken)*quantile(1/2 + (1 - 2*Phi(1))/4) + broken; "

static const number numbers[] = {
    {{"C1.3b", "second coordinate of the map f at (1, 0)", "FGM copula, a = 1",
      "Phi^-1(w(u, v)), v = 1/2"},
     F2 "w",
     "-0.4417705466865812875235"},
    {{"C1.3b", "log|det J_f| at (1, 0)", "FGM copula, a = 1",
      "log c + (f_2^2 - x_2^2)/2, c = 1"},
     F2 "w^2/2",
     "0.09758060795988044849834"},
    {{"C1.3b", "log|det J_g| = 0 at (1, 0): g_1 = x_1 and c = 1",
      "the other order of variables", "log c + (g_1^2 - x_1^2)/2"},
     "u = Phi(1); g = u + (1 - 2*Phi(0))*u*(1-u); "
     "log(1 + (1-2*u)*(1-2*Phi(0))) + (quantile(g)^2 - 1)/2",
     "= 0"},
    {{"C1.3b", "the two orders differ", "at (1, 0), a = 1",
      "log|det J_f| > 0 = log|det J_g|"},
     F2 "w^2/2 - broken",
     "> 0"},
};

#define SLOPE(a) "(1 + " a "*(1-2*Phi(x1))*(1-2*Phi(x2)))*exp(-x2^2/2)"

static const cover covers[] = {
    {{"C1.3b", "f is a diffeomorphism: df_2/dx_2 > 2^-30, a = 1",
      "|x_1|, |x_2| <= 4; outside positive as c > 0", "c exp(-x_2^2/2)"},
     "x1 x2",
     "-4,4 -4,4",
     SLOPE("1") " - 2^(-30)"},
    {{"C1.3b", "f is a diffeomorphism: df_2/dx_2 > 1/1000, a = .9",
      "|x_1|, |x_2| <= 3; outside positive as c > 0", "c exp(-x_2^2/2)"},
     "x1 x2",
     "-3,3 -3,3",
     SLOPE("0.9") " - 0.001"},
};

static void prove(void)
{
    statements_are(EXAMPLE);
    prove_identities(ROWS(identities));
    prove_numbers(ROWS(numbers));
    prove_covers(ROWS(covers));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies two triangular maps of one pair of laws whose "
                  "determinants differ.",
                  prove);
}
