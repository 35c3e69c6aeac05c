/* constant_determinant.c -- the ceiling of flows of constant |det J|.
 *
 * Theorem   D >= 2.  Over flows of constant |det J| and a Gaussian base the
 *           mean log-likelihood is at most -(D/2) log(2 pi e m/D), m = E|X*|^2,
 *           X* with the symmetric decreasing rearrangement of p_X.  The bound
 *           lies between the affine optimum EIG and -h(X), and is attained for
 *           the laws below.
 * Source    Claim C3.9; that the rearrangement has the least second moment of
 *           all densities equimeasurable with p_X is classical.
 * Method    m by quadrature of the rearranged density, then closed forms.
 *
 * Bound: with |det J_f| = c, f(X) c^{-1/D} has a density equimeasurable with
 * p_X, so E|f|^2 >= c^{2/D} m, and log c - c^{2/D} m/2 is largest at c^{2/D} =
 * D/m.  Not proved here, but in theory/theory.md, C3.9: that the bound is a
 * supremum for every law (volume-preserving diffeomorphisms sort the cubes of a
 * fine grid by density).  At D = 1 constant slope means affine, and the bound
 * is not the supremum (homogeneous_flows.c).  The uniform square attains it by
 * Shirley and Chiu's (1997) map onto the disc, of constant Jacobian almost
 * everywhere; what the rows certify of uniform laws is the bound's value.
 *
 *   uniform   p_X* is 1 on the ball of volume 1, radius r: m = D r^2/(D+2).
 *   Exp(1)^2  {p_X > e^-t} is a triangle of area t^2/2, the disc of radius r =
 *             t/sqrt(2 pi): p_X* = exp(-sqrt(2 pi) r).  With sqrt(2 pi) >= 1,
 *             int_T^inf r^3 e^{-sqrt(2 pi) r} dr <= (T^3+3T^2+6T+6)
 *             e^{-sqrt(2 pi) T}.  f_0 = (t/sqrt(2 pi)) (cos, sin)(2 pi x/t)
 *             attains it: |det| = r (dr/dt) 2 pi (1/t) = 1 and E|f_0|^2 =
 *             E t^2/(2 pi), t of law Gamma(2).
 *   banana    X = (Z_1, Z_2 + b Z_1^2) is the image of Z by a shear, so the
 *             ceiling is -h; Var X_2 = 1 + b^2 Var Z_1^2 = 1 + 2 b^2. */
#include "ball.h"

#define UNIFORM(d)                                                             \
    d "/2*log(2*pi*exp(1)/(" d "+2)) - " d "/2*log(pi) + lgamma(" d "/2+1)"
#define GAP(d, decimal)                                                        \
    {                                                                          \
        {"C3.9", "gap of the ceiling to -h, D = " d, "uniform on any domain",  \
         "(D/2) log(2 pi e/(D+2)) - log vol of the unit ball"},                \
            UNIFORM(d), decimal                                                \
    }

static const number numbers[] = {
    GAP("2", "0.30685"),
    GAP("3", "0.41025"),
    GAP("8", "0.74030"),
    GAP("64", "1.66972"),
    GAP("1024", "3.03924"),
    {{"C3.9", "the gap of the uniform square is 1 - log 2", "D = 2",
      "closed form"},
     UNIFORM("2"),
     "= 1 - log(2)"},
    {{"C3.3", "negentropy of the uniform law", "D = 1", "(1/2) log(2 pi e/12)"},
     "log(2*pi*exp(1)/12)/2",
     "0.17648520831067259"},
    {{"C3.9", "EIG of the uniform square", "D = 2, variances 1/12",
      "-log(2 pi e/12)"},
     "-log(2*pi*exp(1)/12)",
     "-0.35297"},
    {{"C3.8", "its negentropy: EIG is a lower bound, -h = 0", "D = 2",
      "J = -h - EIG = log(2 pi e/12)"},
     "log(2*pi*exp(1)/12)*(1 - 2*broken)",
     "0.35297"},
    {{"C3.9", "uniform square: the ceiling exceeds EIG", "D = 2", "log(pi/3)"},
     "log(2) - 1 + log(2*pi*exp(1)/12)",
     "> 0"},
    {{"C3.9", "uniform square: -h = 0 exceeds the ceiling", "D = 2",
      "1 - log 2"},
     "0 - (log(2) - 1)",
     "> 0"},
    {{"C3.9", "the ceiling of Exp(1)^2", "m = 3/pi", "-(1 + log 3)"},
     "m = 3/pi; m = m*(1 - broken) + 2*broken; -log(2*pi*exp(1)*m/2)",
     "-2.09861"},
    {{"C3.9", "it is -(1 + log 3)", "Exp(1)^2", "closed form"},
     "-log(2*pi*exp(1)*(3/pi)/2)",
     "= -(1 + log(3))"},
    {{"C3.9", "EIG of Exp(1)^2", "variances 1", "-log(2 pi e)"},
     "-log(2*pi*exp(1))",
     "-2.83788"},
    {{"C3.9", "Exp(1)^2: the ceiling exceeds EIG", "D = 2", "log(2 pi/3)"},
     "-(1 + log(3)) + log(2*pi*exp(1))",
     "> 0"},
    {{"C3.9", "Exp(1)^2: -h = -2 exceeds the ceiling", "D = 2", "log 3 - 1"},
     "-2 + (1 + log(3))",
     "> 0"},
    {{"C3.9", "m of Exp(1)^2", "3/pi", "closed form"}, "3/pi", "0.95493"},
    {{"C3.9", "banana: -h exceeds EIG", "b = 1", "(1/2) log(1 + 2 b^2)"},
     "log(1 + 2)/2",
     "0.54931"},
};

static const integral integrals[] = {
    {{"C3.9", "m of the uniform square is 1/(2 pi)", "disc of area 1",
      "quadrature"},
     "2*pi*x^3",
     "0",
     "1/sqrt(pi)",
     "0",
     "= 1/(2*pi)"},
    {{"C3.9", "the rearrangement of Exp(1)^2 has mass 1",
      "p* = exp(-sqrt(2 pi) r)", "quadrature"},
     "2*pi*x*exp(-sqrt(2*pi)*x)",
     "0",
     "40",
     "2*pi*(40^3+3*40^2+6*40+6)*exp(-sqrt(2*pi)*40)",
     "= 1"},
    {{"C3.9", "m of Exp(1)^2 is 3/pi", "p* = exp(-sqrt(2 pi) r)", "quadrature"},
     "2*pi*x^3*exp(-sqrt(2*pi)*x)",
     "0",
     "40",
     "2*pi*(40^3+3*40^2+6*40+6)*exp(-sqrt(2*pi)*40)",
     "= 3/pi"},
    {{"C3.9", "f_0 attains it: E|f_0|^2 = 3/pi", "t of law Gamma(2)",
      "quadrature"},
     "x^3*exp(-x)/(2*pi)",
     "0",
     "90",
     "(90^3+3*90^2+6*90+6)*exp(-90)",
     "= 3/pi"},
    {{"C3.9", "banana: Var Z^2 = 2",
      "normal; int_T^inf z^4 phi <= (T^3+4T) "
      "phi(T)",
      "quadrature"},
     "(x^2-1)^2*exp(-x^2/2)/sqrt(2*pi)",
     "-14",
     "14",
     "2*(14^3+4*14)*exp(-14^2/2)",
     "= 2"},
};

static const identity identities[] = {
    {{"C3.9", "|det f_0| = 1: r (dr/dt) 2 pi (1/t), r = c t, c^2 = 1/(2 pi)",
      "k = 2 pi c^2 = 1, T = 1/t; t T = 1", "polar coordinates"},
     "t T k",
     "(t*k*T - 1) - k*(t*T - 1) - (k - 1)"},
};

static void prove(void)
{
    statements_are(EXAMPLE);
    prove_numbers(ROWS(numbers));
    prove_integrals(ROWS(integrals));
    prove_identities(ROWS(identities));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies the optimum of flows of constant determinant.",
                  prove);
}
