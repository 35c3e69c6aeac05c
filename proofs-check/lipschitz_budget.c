/* lipschitz_budget.c -- what a Lipschitz budget costs in likelihood.
 *
 * Theorem   f a flow onto R^D, psi(r) = (r - 1 - log r)/2.
 *           i    Affine flows with singular values in [1/M, L] reach at most
 *                -(D/2) log 2 pi - sum of v(s_i), v(s) = s^2 lambda_i/2 - log
 *                s, at s_i = lambda_i^{-1/2} clipped to the interval; the gap
 *                to EIG is the sum of psi(s_i^2 lambda_i).
 *           ii   A flow with Lip(f^-1) <= M loses at least psi(lambda/M^2) nats
 *                for each eigenvalue lambda > M^2.
 *           iii  A flow with Lip(f) <= L has LL <= -h - D psi(N L^2) if N L^2 <
 *                1, N = exp(2h/D)/(2 pi e) the entropy power.
 * Source    Claims C6.5i-iii.
 *
 * i    v is convex, so v' >= 0 at the lower end, v' <= 0 at the upper end or v'
 *      = 0 inside prove the clip optimal; von Neumann's trace inequality
 *      (Mirsky 1975) reduces a matrix to its singular values.
 * ii   Y = f^-1(Z) is an M-Lipschitz image of a normal vector: E exp(t.(Y -
 *      EY)) <= exp(M^2 |t|^2/2), proved in theory/theory.md, C6.5.  The mean
 *      over t ~ N(0, diag q) is E exp(sum q_i (Y_i - EY_i)^2/2) <= prod (1 -
 *      q_i M^2)^{-1/2}, in the eigenbasis of the covariance, 0 <= q_i < 1/M^2.
 *      KL >= E g(X) - log E e^{g(Y)} for every g (Gibbs' inequality), here sum
 *      (q_i lambda_i + log(1 - q_i M^2))/2 at least; take q_i = 1/M^2 -
 *      1/lambda_i.
 * iii  Y = f(X): LL = -h(X) - KL(Y || Z), KL = -h(Y) + (D/2) log(2 pi) +
 *      E|Y|^2/2 >= D psi(N(Y)), as E|Y|^2 >= D N(Y) by maximum entropy; N(Y) <=
 *      N(X) L^2 < 1, as |det J_f| <= L^D, and psi decreases below 1. */
#include "ball.h"

#define PSI(r) "((" r " - 1 - log(" r "))/2)"
#define V(s, l) "(" s "^2*" l "/2 - log(" s "))"

static const number numbers[] = {
    {{"C6.5i", "optimum, lambda = (9, 2, .5, .04), L = 2, M = 1.5",
      "affine flows", "clipped spectrum"},
     "c = 2/3; -2*log(2*pi) - " V("c", "9") " - " V("sqrt(1/2)", "2") " - " V(
         "sqrt(2)", "0.5") " - " V("2", "0.04"),
     "-6.46807206036691"},
    {{"C6.5i", "v' > 0 at the lower end: 1/M = 2/3 is optimal for lambda = 9",
      "v' = s lambda - 1/s", "convexity"},
     "2/3*9 - 3/2",
     "> 0"},
    {{"C6.5i", "v' < 0 at the upper end: L = 2 is optimal for lambda = .04",
      "v' = s lambda - 1/s", "convexity"},
     "1/2 - 2*0.04",
     "> 0"},
    {{"C6.5i", "the others are inside: 2/3 < 2^{-1/2}", "L = 2, M = 1.5",
      "clip"},
     "sqrt(1/2) - 2/3",
     "> 0"},
    {{"C6.5i", "and 2^{1/2} < 2", "L = 2, M = 1.5", "clip"},
     "2 - sqrt(2)",
     "> 0"},
    {{"C6.5i", "gap, L = M = 1", "lambda = (9, 2, .5, .04)", "sum of psi"},
     PSI("9") " + " PSI("2") " + " PSI("0.5") " + " PSI("0.04"),
     "4.280826"},
    {{"C6.5i", "gap, L = M = 1.5", "lambda = (9, 2, .5, .04)", "sum of psi"},
     PSI("(4 + 2*broken)") " + " PSI("(0.09 - 0.03*broken)"),
     "1.555826"},
    {{"C6.5i", "gap, L = M = 2", "lambda = (9, 2, .5, .04)", "sum of psi"},
     PSI("(2.25*(1 + broken))") " + " PSI("(0.16 - 0.08*broken)"),
     "0.715826"},
    {{"C6.5i", "gap, L = M = 3", "lambda = (9, 2, .5, .04)", "sum of psi"},
     PSI("(0.36 - 0.24*broken)"),
     "0.190826"},
    {{"C6.5i", "gap, L = M = 5", "lambda = (9, 2, .5, .04)", "psi(1)"},
     PSI("1"),
     "= 0"},
    {{"C6.5ii", "universal bound, lambda = (4, .25), M = 1", "any flow",
      "psi(4)"},
     PSI("4"),
     "0.8069"},
    {{"C6.5ii", "universal bound, lambda = (9, 1), M = 2", "any flow",
      "psi(9/4)"},
     PSI("9/2^(2-broken)"),
     "0.2195"},
    {{"C6.5ii", "clipped linear map, lambda = 4, M = 1", "D = 1", "v(1)"},
     "-log(2*pi)/2 - " V("1", "4"),
     "-2.91894"},
    {{"C6.5iii", "clip on a 1000 x .004 rectangle, L = 1",
      "s = lambda^{-1/2}, 1", "closed form"},
     "l = 1000^2/12; -log(2*pi) - 1/2 - log(l)/2 - 0.004^2/24",
     "-8.0032"},
    {{"C6.5iii", "entropy-power bound, L = 1", "N = 4/(2 pi e)",
      "-h - 2 psi(N)"},
     "n = 4/(2*pi*exp(1)); -log(4) - 2*" PSI("n"),
     "-2.0721"},
    {{"C6.5iii", "the clip is far below the bound", "the same rectangle",
      "strict inequality"},
     "n = 4/(2*pi*exp(1)); l = 1000^2/12; -log(4) - 2*" PSI(
         "n") " + log(2*pi) + 1/2 + log(l)/2 + 0.004^2/24 - 5.9",
     "> 0"},
};

static void prove(void)
{
    prove_numbers(ROWS(numbers));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies the cost of bounds on Lip(f) and Lip(f^-1).",
                  prove);
}
