/* polar_map.c -- Exp(1)^2 to N(0, I) in two closed forms.
 *
 * Theorem   For x, y iid Exp(1), t = x + y, both push (x, y) to N(0, I):
 *             k = (Phi^-1(1 - e^-x), Phi^-1(1 - e^-y)), the product map,
 *             p = sqrt(2 (t - log(1+t))) (cos 2 pi x/t, sin 2 pi x/t), the
 *                 polar map, a flow onto the plane without a ray;
 *           and log|det J_p| = log 2 pi - log(1+t), log|det J_k| = -t +
 *           |k|^2/2 + log 2 pi differ: at (1, 1).
 * Source    Claims C1.3d and C1.4.
 *
 *   exact    (t, w), w = x/t, has density t e^-t on (0, inf) x (0, 1).  G = t -
 *            log(1+t) has e^-G = (1+t) e^-t = P(Gamma(2) > t), so G is Exp(1),
 *            which is the law of |z|^2/2, and the angle 2 pi w is uniform.
 *   |det|    p_X/p_Z(p) = e^-t 2 pi e^G = 2 pi/(1 + t).
 *   inverse  G' = t/(1+t) > 0, G(0) = 0 and G(inf) = inf.  For t <= 2^-10 the
 *            slope falls to 0 with t (the corner, no point of the quadrant);
 *            for t >= 64 it is above 64/65.
 *   C1.4     |det| >= 2 pi p_X with equality only where p = 0: G > 0 for t >
 *            0, as G(0) = 0 and G' > 0. */
#include "ball.h"

static const identity identities[] = {
    {{"C1.3d", "|d(t, x/t)/d(x, y)| = 1/t: t^2 det = -t",
      "t = x + y; rows (1, 1), (y, -x)/t^2", "determinant expanded"},
     "x y",
     "(1*(-x) - 1*y) + (x + y)"},
    {{"C1.3d", "P(Gamma(2) > t) = (1+t) e^-t: its derivative is -t e^-t",
      "product rule, divided by e^-t", "law of t"},
     "t",
     "(1 - (1 + t)) + t"},
    {{"C1.3d", "G' = t/(1+t): (1+t) - 1 = t", "G = t - log(1+t)",
      "times 1 + t"},
     "t",
     "(1 + t) - 1 - t"},
    {{"C1.4",
      "log|det J_p| = log 2 pi + log p_X + |p|^2/2 = log 2 pi - log(1+t)",
      "log p_X = -t, |p|^2/2 = t - l, l = log(1+t)", "two-flow identity"},
     "t l",
     "(-l) - (-t) - (t - l)"},
};

#define PRODUCT "k = quantile(1 - exp(-1)); "

static const number numbers[] = {
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
};

static const cover covers[] = {
    {{"C1.3d", "the polar map is a diffeomorphism: dG/dt > 2^-11",
      "t in [2^-10, 64]; outside as shown above", "t/(1 + t)"},
     "t",
     "1/1024,64",
     "t/(1 + t) - 2^(-11)"},
    {{"C1.4", "|det| > (2 pi)^{D/2} p_X except where f = 0: the polar map",
      "t in [2^-10, 64]; outside as shown above", "t - log(1 + t)"},
     "t",
     "1/1024,64",
     "t - log1p(t)"},
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
                  "Certifies two flows of Exp(1)^2 to N(0, I) whose "
                  "determinants differ.",
                  prove);
}
