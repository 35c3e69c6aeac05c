/* determinant_counterexamples.c -- exact flows with different determinants.
 *
 * Theorem   For D >= 2 and a Gaussian base, |det J_f| is not determined by the
 *           two distributions: each pair of maps below pushes the same law to
 *           the same law, and their log-determinants differ at a named point.
 * Source    Claims C1.3a-e and C1.4; triangular maps are those of Knothe 1957
 *           and Rosenblatt 1952.
 *
 * A map is exact when a change of variables turns it into a map of uniform
 * variables that keeps area, and that is a polynomial identity:
 *   a  |z|^2/2 = -log u, u uniform, angle kept: u -> v = 1 - u.
 *   b  copula density c(u, v) = 1 + a (1-2u)(1-2v): w(u, .) has derivative c
 *      and maps [0, 1] onto itself, so (u, w) is uniform.
 *   c  S turns the point p of a disc by theta(|p|^2): det = C^2 + S^2 = 1 with
 *      C, S the cosine and sine of theta and g = 2 theta'.
 *   d  t = x + y, w = x/t: (t, w) has density t e^-t; G = t - log(1 + t) has
 *      e^-G G' = t e^-t, so that G is Exp(1) and the angle 2 pi w uniform.
 *   e  u = F(x): u -> 1 - u.
 * Then |det| = p_X / p_Z(f) is elementary.  A map is a diffeomorphism where
 * its derivative has one sign: a cover of a box proves that there, and outside
 *   a  |dE'/dE| = 1/(e^E - 1) > 0 for every E = |z|^2/2 > 0;
 *   b  c = 1 + a p q > 0, as |p|, |q| < 1 and |a| <= 1, and f_2' =
 *      c phi(x_2)/phi(f_2) >= sqrt(2 pi) c phi(x_2);
 *   c  T is the identity outside the disc's image, and S is inverted by the
 *      rotation -theta, as |p| is kept;
 *   d  G' = t/(1 + t) > 0, and 2 pi/(1 + t) > 0;
 *   e  |g'| = r(u)/r(1-u), r(u) = -u log u > 0 on (0, 1). */
#include "ball.h"

static const identity identities[] = {
    {{"C1.3a", "the inversion keeps the law: e^-E' |dE'/dE| = e^-E",
      "u = e^-E, e^-E' = 1 - u, |dE'/dE| = u/(1-u)", "change of variables"},
     "u",
     "(1 - (1 - u)) - u"},
    {{"C1.3a", "the inversion is an involution", "v = 1 - u", "u -> 1 - u"},
     "u",
     "1 - (1 - u) - u"},
    {{"C1.3b",
      "dw/dv is the copula density: w(u, v + h) - w(u, v) = c h + O(h^2)",
      "w = v + a(1-2u) v(1-v); the remainder is -a(1-2u) h^2", "FGM copula"},
     "a u v h",
     "((v+h) + a*(1-2*u)*(v+h)*(1-v-h)) - (v + a*(1-2*u)*v*(1-v))"
     " - (1 + a*(1-2*u)*(1-2*v))*h + a*(1-2*u)*h^2"},
    {{"C1.3c", "the twist keeps area: det J_S = C^2 + S^2",
      "S(p) = Rot(theta) p, g = 2 theta'(|p|^2)", "determinant expanded"},
     "C S x y g",
     "(C + (-S*x - C*y)*g*x)*(C + (C*x - S*y)*g*y)"
     " - (-S + (-S*x - C*y)*g*y)*(S + (C*x - S*y)*g*x) - (C^2 + S^2)"},
    {{"C1.3d", "|d(t, x/t)/d(x, y)| = 1/t: t^2 det = -t",
      "t = x + y; rows (1, 1), (y, -x)/t^2", "determinant expanded"},
     "x y",
     "(1*(-x) - 1*y) + (x + y)"},
    {{"C1.3d", "P(Gamma(2) > t) = (1+t) e^-t: its derivative is -t e^-t",
      "e^-G G' = (1+t) e^-t t/(1+t)", "product rule, divided by e^-t"},
     "t",
     "(1 - (1 + t)) + t"},
    {{"C1.4", "uniform base: the twist of the square has |det| = 1",
      "C^2 + S^2 = 1, any angle law", "C1.4(i)"},
     "C S x y g",
     "(C + (-S*x - C*y)*g*x)*(C + (C*x - S*y)*g*y)"
     " - (-S + (-S*x - C*y)*g*y)*(S + (C*x - S*y)*g*x) - (C^2 + S^2)"},
    {{"C1.4",
      "log|det| of the polar map of Exp(1)^2 is log 2 pi + log p_X + "
      "|p|^2/2",
      "log p_X = -t, |p|^2/2 = t - log(1+t) = t - l", "two-flow identity"},
     "t l",
     "(-l) - (-t) - (t - l)"},
};

#define FGM "v = Phi(x2); c = 1 + (1-2*Phi(x1))*(1-2*v); "
#define TWIST                                                                  \
    "u = Phi(1); s = (u - 0.5)^2/0.45^2; t = pi/2*exp(1 - 1/(1-s)); "          \
    "X = quantile(0.5 + cos(t)*(u-0.5)); Y = quantile(0.5 + sin(t)*(u-0.5)); "
#define KR "w = quantile(1/2 + (1 - 2*Phi(1))/4); "
#define PRODUCT "k = quantile(1 - exp(-1)); "
#define GUMBEL(x)                                                              \
    "u = exp(-exp(-(" x "))); v = 1 - u; "                                     \
    "log(-u*log(u)/(-v*log(v)))"

static const number values[] = {
    {{"C1.3a", "log|det| of the inversion at (1, 0)", "Gaussian plane",
      "-log(exp(|z|^2/2) - 1)"},
     "-log(exp(1/2) - 1)",
     "0.43275212956718857189"},
    {{"C1.3a", "log|det| of the inversion at (.3, -.4)", "Gaussian plane",
      "|z|^2/2 = 1/8"},
     "-log(exp(1/8) - 1)",
     "2.016290584"},
    {{"C1.3a", "log|det| of the inversion at (2, 1)", "Gaussian plane",
      "|z|^2/2 = 5/2"},
     "-log(exp(5/2) - 1)",
     "-2.414349516"},
    {{"C1.3a", "it differs from log|det id| = 0", "at (1, 0)", "C1.3a"},
     "-log(exp(1/2) - 1)",
     "> 0"},
    {{"C1.3b", "second coordinate of the map f at (1, 0)", "FGM copula, a = 1",
      "Phi^-1(w(u, v))"},
     KR "w",
     "-0.4417705466865812875235"},
    {{"C1.3b", "log|det J_f| at (1, 0)", "FGM copula, a = 1",
      "log c + (f_2^2 - x_2^2)/2, c = 1"},
     KR "w^2/2",
     "0.09758060795988044849834"},
    {{"C1.3b", "log|det J_g| = 0 at (1, 0): g_1 = x_1 and c = 1",
      "the other order of variables", "log c + (g_1^2 - x_1^2)/2"},
     "u = Phi(1); g = u + (1 - 2*Phi(0))*u*(1-u); "
     "log(1 + (1-2*u)*(1-2*Phi(0))) + (quantile(g)^2 - 1)/2",
     "= 0"},
    {{"C1.3b", "the two orders differ", "at (1, 0), a = 1", "C1.3b"},
     KR "w^2/2",
     "> 0"},
    {{"C1.3c", "first coordinate of the twist at (1, 0)",
      "centre (1/2, 1/2), rho = .45, alpha = pi/2", "Phi^-1 S Phi"},
     TWIST "X",
     "0.891656"},
    {{"C1.3c", "second coordinate of the twist at (1, 0)",
      "centre (1/2, 1/2), rho = .45, alpha = pi/2", "Phi^-1 S Phi"},
     TWIST "Y",
     "0.343906"},
    {{"C1.3c", "log|det| of the twist at (1, 0)",
      "centre (1/2, 1/2), rho = .45, alpha = pi/2", "(|Tz|^2 - |z|^2)/2"},
     TWIST "(X^2 + Y^2 - 1)/2",
     "-0.0433389377"},
    {{"C1.3c", "it differs from log|det id| = 0", "at (1, 0)", "C1.3c"},
     TWIST "-(X^2 + Y^2 - 1)/2",
     "> 0"},
    {{"C1.3c", "its disc lies inside the square", "rho < 1/2", "C1.3c"},
     "0.5 - 0.45",
     "> 0"},
    {{"C1.3c", "the other twist's disc lies inside the square",
      "centre (.3, .5), rho = .28", "C1.3c"},
     "0.3 - 0.28",
     "> 0"},
    {{"C1.3d", "log|det| of the product map at (1, 1)", "Exp(1)^2 to N(0, I)",
      "2 (k^2/2 - 1) + log 2 pi"},
     PRODUCT "k^2 - 2 + log(2*pi)",
     "-0.048233582423004756"},
    {{"C1.3d", "log|det| of the polar map at (1, 1)", "Exp(1)^2 to N(0, I)",
      "log 2 pi - log(1 + t)"},
     "log(2*pi/3)",
     "0.73926477774123579"},
    {{"C1.3d", "log|det| of the polar map at (.7, 1.2)", "Exp(1)^2 to N(0, I)",
      "log 2 pi - log(1 + t)"},
     "log(2*pi/2.9)",
     "0.77316633"},
    {{"C1.3d", "polar and product map differ", "at (1, 1)", "C1.3d"},
     PRODUCT "log(2*pi/3) - (k^2 - 2 + log(2*pi))",
     "> 0"},
    {{"C1.3e", "log|g'(0)| of the decreasing map", "D = 1, Gumbel",
      "g = -log(-log(1 - F))"},
     GUMBEL("0"),
     "0.2380882091325953003319"},
    {{"C1.3e", "log|g'(1)| of the decreasing map", "D = 1, Gumbel",
      "g = -log(-log(1 - F))"},
     GUMBEL("1"),
     "-0.3536510890622255796458"},
    {{"C1.3e", "it differs from log|id'| = 0", "at 0", "C1.3e"},
     GUMBEL("0"),
     "> 0"},
    {{"C1.4", "the same twist after Phi^-1 has |det| < 1 at (1, 0)",
      "Gaussian base", "C1.4(ii)"},
     TWIST "1 - exp((X^2 + Y^2 - 1)/2)",
     "> 0"},
};

static const cover covers[] = {
    {{"C1.3a",
      "log|det T| decreases in E = |z|^2/2: it is 0 on one circle only",
      "E in [2^-10, 64]; outside by the formula", "-d ld/dE = e^E/(e^E - 1)"},
     "E",
     "1/1024,64",
     "1 + 1/expm1(E)"},
    {{"C1.3a", "T is a diffeomorphism: |dE'/dE| > 2^-24",
      "E in [2^-10, 16]; outside by the formula", "1/(e^E - 1)"},
     "E",
     "1/1024,16",
     "1/expm1(E) - 2^(-24)"},
    {{"C1.3b", "f is a diffeomorphism: df_2/dx_2 > 2^-30, a = 1",
      "|x_1|, |x_2| <= 4; outside by the formula", "c phi(x_2)/phi(f_2)"},
     "x1 x2",
     "-4,4 -4,4",
     FGM "c*exp(-x2^2/2) - 2^(-30)"},
    {{"C1.3b", "f is a diffeomorphism: df_2/dx_2 > 1/10000, a = .9",
      "|x_1|, |x_2| <= 3; outside by the formula", "c phi(x_2)/phi(f_2)"},
     "x1 x2",
     "-3,3 -3,3",
     "(1 + 0.9*(1-2*Phi(x1))*(1-2*Phi(x2)))*exp(-x2^2/2) - 0.0001"},
    {{"C1.3d", "the polar map is a diffeomorphism: dG/dt > 2^-11",
      "t in [2^-10, 64]; outside by the formula", "t/(1 + t)"},
     "t",
     "1/1024,64",
     "t/(1 + t) - 2^(-11)"},
    {{"C1.3e", "g is a diffeomorphism: |g'| > 2^-20",
      "F in [2^-20, 1 - 2^-20]; outside by the formula",
      "u log u/((1-u) log(1-u))"},
     "u",
     "2^(-20),1-2^(-20)",
     "u*log(u)/((1-u)*log(1-u)) - 2^(-20)"},
    {{"C1.4", "|det| > (2 pi)^{D/2} p_X except where f = 0: the polar map",
      "t in [2^-10, 64]; below, t - log(1+t) > t^2/2 - t^3/3, and it increases",
      "t - log(1 + t)"},
     "t",
     "1/1024,64",
     "t - log1p(t)"},
};

static void prove(void)
{
    prove_identities(ROWS(identities));
    prove_numbers(ROWS(values));
    prove_covers(ROWS(covers));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies exact flows of one pair of laws whose "
                  "determinants differ.",
                  prove);
}
