/* variance_log_det.c -- how much log|det J_f| varies.
 *
 * Theorem   For exact flows (sqrt V_X - sqrt V_Z)^2 <= Var log|det J_f(X)| <=
 *           (sqrt V_X + sqrt V_Z)^2, V_X = Var log p_X(X), V_Z = Var log
 *           p_Z(Z), which for N(0, I) is D/2.  The inversion of the Gaussian
 *           plane has pi^2/3 (the most), the polar map of Exp(1)^2 has 2 delta
 *           - 1, delta = e E_1(1) (the least, C1.7), the product map more.
 * Source    Claims C1.2c, C1.3a, C1.3d and C1.7, proved in theory/theory.md.
 * Method    As in mean_log_det.c, with these bounds of the rest:
 *
 *   logistic  int_T^inf y^2 e^-y dy = (T^2+2T+2) e^-T.
 *   polar     E log(1+t) = 1, and (log(1+t) - 1)^2 <= t^2 + t + 1;
 *             int_T^inf t (t^2+t+1) e^-t dt = (T^3+4T^2+9T+9) e^-T.
 *   antitone  log p_X = -t; the flow that would vary most pairs it with E' =
 *             -log(1 - (1+t) e^-t), which is Exp(1), as |z|^2/2 is, and falls
 *             in t: Var(t - E') = 2 + 1 - 2 (E t E' - 2).  For t <= c = 1/128,
 *             1 - (1+t) e^-t >= t^2/4 gives E' <= 2 - 2 log t, so that 2 t^2 E'
 *             has an integral of at most c^3 (16/9 - (4/3) log c) < 1e-5;
 *             beyond 80, E' <= 1.  The 7 is spread over t >= c, which has
 *             probability (1+c) e^-c.
 *   product   E g = (log 2 pi - 1)/2, so g - E g = log Q(z) + z^2/2 + 1/2, in
 *             absolute value at most z^2 for |z| >= 4 as there;
 *             int_T^inf z^4 phi = (T^3+3T) phi(T) + 3 Q(T) <= (T^3+4T) phi(T)
 *             for T >= 2.  Two coordinates, two ends: 4 of these. */
#include "ball.h"

#define POLAR_SQUARE "x*exp(-x)*(log(1+x) - 1)^2"
#define POLAR_REST "(80^3+4*80^2+9*80+9)*exp(-80)"

static const integral integrals[] = {
    {{"C1.3a", "Var log|det T| = pi^2/3", "Gaussian plane", "logistic law"},
     "x^2*exp(-x)/(1+exp(-x))^2",
     "-70",
     "70",
     "2*(70^2+2*70+2)*exp(-70)",
     "= pi^2/3"},
    {{"C1.3d",
      "E (log(1+t) - 1)^2 = Var log|det| of the polar map is 2 delta "
      "- 1",
      "Exp(1)^2 to N(0, I); delta = e E_1(1)", "Gompertz constant"},
     POLAR_SQUARE,
     "0",
     "80",
     POLAR_REST,
     "= 2*exp(1)*E1(1) - 1"},
    {{"C1.3d", "Var log|det| of the polar map", "Exp(1)^2 to N(0, I)",
      "quadrature"},
     POLAR_SQUARE,
     "0",
     "80",
     POLAR_REST,
     "0.19269472464638814868"},
    {{"C1.3d", "Var log|det| of the product map", "Exp(1)^2 to N(0, I)",
      "2 Var g"},
     "2*(log(Q(x)) + x^2/2 + 1/2)^2*exp(-x^2/2)/sqrt(2*pi)",
     "-14",
     "14",
     "4*(14^3+4*14)*exp(-14^2/2)/sqrt(2*pi)",
     "1.8087288063"},
    {{"C1.7", "the largest variance, 7 - 2 E t E'", "Exp(1)^2",
      "E' = -log P(Gamma(2) <= t), antitone"},
     "x*exp(-x)*(7*128/129*exp(1/128) + 2*x*log(1 - (1+x)*exp(-x)))",
     "1/128",
     "80",
     "1e-5",
     "5.0536"},
};

#define POLAR "v = 2*exp(1)*E1(1) - 1; "

static const number numbers[] = {
    {{"C1.2c", "lower bound of Var log|det|", "Exp(1)^2: V_X = 2, V_Z = 1",
      "(sqrt V_X - sqrt V_Z)^2"},
     "(sqrt(2) - sqrt(1 + broken))^2",
     "0.1716"},
    {{"C1.2c", "upper bound of Var log|det|", "Exp(1)^2: V_X = 2, V_Z = 1",
      "(sqrt V_X + sqrt V_Z)^2"},
     "(sqrt(2) + sqrt(1 + broken))^2",
     "5.8284"},
    {{"C1.2c", "the polar map lies above the lower bound", "Exp(1)^2",
      "2 delta - 1 - (sqrt 2 - 1)^2"},
     POLAR "v - (sqrt(2) - 1)^2",
     "> 0"},
    {{"C1.2c", "the product map lies below the upper bound", "Exp(1)^2",
      "(sqrt 2 + 1)^2 - 1.8088"},
     "(sqrt(2) + 1)^2 - 1.8088",
     "> 0"},
    {{"C1.7",
      "the product map's variance exceeds the least one by more than 1.6",
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
    prove_numbers(ROWS(numbers));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies the variances of log|det| of exact flows.", prove);
}
