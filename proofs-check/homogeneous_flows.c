/* homogeneous_flows.c -- the optimum of all positively homogeneous flows.
 *
 * Theorem   D >= 2, x = r u, |u| = 1, f(r u) = r q(u) v(u), v a diffeomorphism
 *           of the sphere.  The supremum of the mean log-likelihood is -h(U) +
 *           log k + (D/2) log D - D/2 - (D/2) E log E[r^2 | U], k = 2^{1-D/2}/
 *           Gamma(D/2), and its gap to -h(X) is E KL(law of r given U || scaled
 *           chi_D of equal second moment).  At D = 1 the formula is too large
 *           by log 2 - H(p), p the mass of the right half-line; there constant
 *           slope means affine, too, so that C3.9's formula needs D >= 2.
 * Source    Claims C3.5 and C3.9.
 *
 * det J = q^D |det dv|.  p_Z is radial, chi_D in |z|, uniform in z/|z|, so q_f
 * is the density of a direction, with density m(u) = |det dv|/area, times that
 * of a radius q(u) r ~ chi_D; |x|^{D-1} is the same on both sides.  E log m(U)
 * <= -h(U), and E[D log q + (D-1) log r + log k - q^2 r^2/2 | U] - E[(D-1) log
 * r | U] is largest at q^2 = D/E[r^2 | U].  Attained when q and v are smooth.
 * D = 1: u = -+1, |v| = 1, m = 1/2 on each sign: -log 2 stands for -h(U) =
 * -H(p), entropy of the signs.
 * Example   D = 2, density (1 + .6 cos t)/2 pi of the angle, r = (1 + .3 sin t)
 *           chi_3; the gap is KL(chi_3 || chi_2 scaled by sqrt(3/2)), beyond 30
 *           below 1e-150.  -h(X) is the formula plus that gap. */
#include "ball.h"

#define ANGLE "p = (1 + 0.6*cos(x))/(2*pi); b = 1 + 0.3*sin(x); "

static const integral integrals[] = {
    {{"C3.5", "the optimum of homogeneous flows",
      "angle (1+.6 cos t)/2 pi, r = "
      "(1+.3 sin t) chi_3, D = 2",
      "quadrature over the angle"},
     ANGLE "p*(log(p) + log(2) - 1 - log(3*b^2)*(1 - broken)"
           " - broken*log(3*1.045))",
     "0",
     "2*pi",
     "0",
     "-3.102103"},
    {{"C3.5", "its gap to -h(X) is KL(chi_3 || scaled chi_2)", "the same law",
      "quadrature over the radius"},
     "sqrt(2/pi)*x^2*exp(-x^2/2)*(log(sqrt(2/pi)) + log(x) - x^2/2"
     " - log(2/3) + x^2/3*(1 + broken/2))",
     "1e-40",
     "30",
     "1e-70",
     "0.0444923327"},
    {{"C3.9", "D = 1: second moment of the rearranged Exp(1)",
      "p* = e^{-2|x|}, D = 1", "quadrature"},
     "2*x^2*exp(-2*x)*(1 + broken)",
     "0",
     "60",
     "1e-40",
     "= 1/2"},
};

/* D = 1, mass p on the right, second moments 1 and 4 of the two sides. */
#define LINE                                                                   \
    "p = 1/4; H = -p*log(p) - (1-p)*log(1-p); E = (1-p)*log(4); "              \
    "true = -log(2*pi)/2 - 1/2 - E/2; "                                        \
    "claim = -H + log(sqrt(2/pi)) - 1/2 - E/2; "

static const number numbers[] = {
    {{"C3.5", "D = 1: the formula exceeds the optimum by log 2 - H(p)",
      "p = 1/4, second moments 1 and 4", "slopes of the two half-lines"},
     LINE "(claim - true)*(1 - broken)",
     "= log(2) + log(1/4)/4 + 3*log(3/4)/4"},
    {{"C3.5", "D = 1: so the formula is not attained", "p = 1/4",
      "strict inequality"},
     LINE "(claim - true)*(1 - 2*broken)",
     "> 0"},
    {{"C3.9", "D = 1: the optimum of constant slope is the affine one",
      "Exp(1)", "-(1/2) log(2 pi e)"},
     "-log(2*pi*exp(1)*(1 - broken/2))/2",
     "-1.4189"},
    {{"C3.9", "D = 1: the formula of D >= 2 would give more", "Exp(1), m = 1/2",
      "-(1/2) log(2 pi e/2)"},
     "-log(2*pi*exp(1)/2)/2",
     "-1.0724"},
    {{"C3.9", "D = 1: that is not attained", "Exp(1): Var X = 1 > 1/2 = m",
      "strict inequality"},
     "log(2*pi*exp(1))/2 - log(2*pi*exp(1)/2)/2 - broken",
     "> 0"},
};

static void prove(void)
{
    prove_integrals(ROWS(integrals));
    prove_numbers(ROWS(numbers));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies the optimum of positively homogeneous flows.",
                  prove);
}
