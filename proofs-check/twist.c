/* twist.c -- a rotation in a small disc changes the determinant or not.
 *
 * Theorem   S(q) = m + Rot(theta(s)) (q - m), s = |q - m|^2/rho^2, theta(s) =
 *           alpha exp(1 - 1/(1-s)) for s < 1, else 0, keeps area on the unit
 *           square when the disc (m, rho) lies inside.  So for a uniform base
 *           |det| stays 1 (C1.4i: it is unique), while T = Phi^-1 S Phi, by
 *           components, pushes N(0, I) to itself with log|det T| = (|Tz|^2 -
 *           |z|^2)/2, which is not 0 (C1.4ii: for another base it is not
 *           unique).  Mean 0: Tz and z have one law.
 * Source    Claims C1.3c, C1.4i and C1.4ii.
 *
 * With p = q - m, C and R cosine and sine of theta, dC = -R g p, dR = C g p,
 * g = 2 theta'(s)/rho^2: the determinant of S is C^2 + R^2 = 1.  S keeps |p|
 * and so has the inverse with -theta; theta is smooth, as exp(-1/x) is.  T is
 * the identity where Phi(z) lies outside the disc, so that its Lipschitz
 * constants are finite.  log|det T| = log phi(z) - log phi(Tz). */
#include "ball.h"

/* broken: an angle that varies along the circle, too. */
#define AREA                                                                   \
    "(C + (-R*x - C*y)*(g*x - broken*y))*(C + (C*x - R*y)*(g*y + broken*x))"   \
    " - (-R + (-R*x - C*y)*(g*y + broken*x))"                                  \
    "*(R + (C*x - R*y)*(g*x - broken*y))"

static const identity identities[] = {
    {{"C1.3c", "the twist keeps area: det J_S = C^2 + R^2 = 1",
      "S(p) = (C x - R y, R x + C y), d(C, R) = g p (-R, C)",
      "determinant expanded"},
     "C R x y g broken",
     AREA " - (C^2 + R^2)"},
    {{"C1.3c", "the twist keeps |p|: |S(p)|^2 - |p|^2 = (C^2 + R^2 - 1) |p|^2",
      "its inverse has angle -theta", "expanded"},
     "C R x y",
     "(C*x - R*y)^2 + (R*x + C*y)^2 - (x^2 + y^2)"
     " - (C^2 + R^2 - 1)*(x^2 + y^2)"},
    {{"C1.4", "uniform base: the twist of the square has |det| = 1, as id has",
      "modulo C^2 + R^2 - 1", "C1.4(i)"},
     "C R x y g broken",
     AREA " - 1 - (C^2 + R^2 - 1)"},
};

/* m = (1/2, 1/2), rho = .45, alpha = pi/2 at z = (1, 0). */
#define TWIST                                                                  \
    "u = Phi(1); s = (u - 0.5)^2/0.45^2; t = pi/2*exp(1 - 1/(1-s)); "          \
    "X = quantile(0.5 + cos(t)*(u-0.5)); Y = quantile(0.5 + sin(t)*(u-0.5)); "
#define WHERE "centre (1/2, 1/2), rho = .45, alpha = pi/2"

static const number numbers[] = {
    {{"C1.3c", "first coordinate of the twist at (1, 0)", WHERE,
      "Phi^-1 S Phi"},
     TWIST "X",
     "0.891656"},
    {{"C1.3c", "second coordinate of the twist at (1, 0)", WHERE,
      "Phi^-1 S Phi"},
     TWIST "Y",
     "0.343906"},
    {{"C1.3c", "log|det| of the twist at (1, 0)", WHERE, "(|Tz|^2 - |z|^2)/2"},
     TWIST "(X^2 + Y^2 - 1)/2",
     "-0.0433389377"},
    {{"C1.3c", "it differs from log|det id| = 0", "at (1, 0)", "C1.3c"},
     TWIST "-(X^2 + Y^2 - 1)/2",
     "> 0"},
    {{"C1.3c", "(1, 0) is in the disc: s < 1", WHERE, "theta = 0 outside"},
     TWIST "1 - s",
     "> 0"},
    {{"C1.3c", "its disc lies inside the square", "rho < 1/2", "C1.3c"},
     "0.5 - 0.45",
     "> 0"},
    {{"C1.3c", "the other twist's disc lies inside the square",
      "centre (.3, .5), rho = .28", "C1.3c"},
     "0.3 - 0.28",
     "> 0"},
    {{"C1.4", "Gaussian base: the same twist has |det| < 1 at (1, 0)", WHERE,
      "C1.4(ii)"},
     TWIST "1 - exp((X^2 + Y^2 - 1)/2)",
     "> 0"},
};

static void prove(void)
{
    prove_identities(ROWS(identities));
    prove_numbers(ROWS(numbers));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies that twists keep area and change the "
                  "determinant of a Gaussian flow.",
                  prove);
}
