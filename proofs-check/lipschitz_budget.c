/* lipschitz_budget.c -- what a Lipschitz budget costs in likelihood.
 *
 * Theorem   i    Affine flows with singular values in [1/M, L] reach at most
 *                -(D/2) log 2 pi - sum of v(s_i), v(s) = s^2 lambda_i/2 -
 *                log s, at s_i = lambda_i^{-1/2} clipped to the interval.
 *           ii   A flow with Lip(f^-1) <= M loses at least psi(lambda/M^2) =
 *                (r - 1 - log r)/2 nats for each eigenvalue lambda > M^2.
 *           iii  X = N(-+a e_1, s^2 I) with equal weights needs
 *                Lip(f^-1) >= s exp(a^2/(2 s^2)), attained by f = Phi^-1 F,
 *                whose slope also stays below 1/s.
 *           iv   Two parts of mass 1/2 at distance 2d: KL >= -log 2 Phi(-d/M).
 * Source    Claims C6.5i-iii and C6.6; the isoperimetric inequality is that of
 *           Sudakov and Tsirelson (1974) and Borell (1975).
 *
 *   i    v is convex, so v' >= 0 at the lower end, v' <= 0 at the upper end or
 *        v' = 0 inside prove the clip optimal; von Neumann's trace inequality
 *        (1937) reduces a matrix to its singular values.
 *   iii  log f' = log p + f^2/2 + const has slope p'/p + f f', p'/p =
 *        (a tanh(a x/s^2) - x)/s^2.  tanh is concave on x >= 0, so tanh(a x_1/
 *        s^2) > x_1/a makes the slope positive on (0, x_1]: f' >= f'(0) there.
 *        A cover continues to a + s.  Beyond, with w = (x-a)/s >= 1, Mills'
 *        ratio inverse m(w) = phi/Q is increasing, m' < 1 and m(1) > 1; 1 - F
 *        >= Q(w)/2 >= Q(w+1), so f <= w+1 and f' = p/(Q(f) m(f)) >= m(w)/(s
 *        (m(w)+1)) > 1/(2 s).  For the slope from above, concavity of phi
 *        Phi^-1 proves f' <= 1/s everywhere; the cover shows it on a box.
 *   iv   q(A) = alpha and q(B) = beta have Phi^-1(alpha) + Phi^-1(beta) <=
 *        -2d/M, data processing gives KL >= -log(4 alpha beta)/2, and log Phi
 *        is concave: h (h + t) > 0 with h = phi/Phi, which for t >= 0 is clear
 *        and for t <= -8 is the bound Q(x) < phi(x)/x. */
#include "ball.h"

#define PSI(r) "((" r " - 1 - log(" r "))/2)"
#define V(s, l) "(" s "^2*" l "/2 - log(" s "))"

static const number budgets[] = {
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
     PSI("4") " + " PSI("0.09"),
     "1.555826"},
    {{"C6.5i", "gap, L = M = 2", "lambda = (9, 2, .5, .04)", "sum of psi"},
     PSI("2.25") " + " PSI("0.16"),
     "0.715826"},
    {{"C6.5i", "gap, L = M = 3", "lambda = (9, 2, .5, .04)", "sum of psi"},
     PSI("0.36"),
     "0.190826"},
    {{"C6.5i", "gap, L = M = 5", "lambda = (9, 2, .5, .04)", "psi(1)"},
     PSI("1"),
     "= 0"},
    {{"C6.5ii", "universal bound, lambda = (4, .25), M = 1", "any flow",
      "psi(4)"},
     PSI("4"),
     "0.8069"},
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

#define GAP(m, decimal)                                                        \
    {                                                                          \
        {"C6.6", "KL is at least -log 2 Phi(-d/M), d = 1/2, M = " m,           \
         "Lip f^-1 <= M", "data processing"},                                  \
            "-log(2*Q(1/(2*" m ")))", decimal                                  \
    }
#define MIXTURE(a, s)                                                          \
    "a = " a "; s = " s "; "                                                   \
    "p = (exp(-((x-a)/s)^2/2) + exp(-((x+a)/s)^2/2))/(2*s*sqrt(2*pi)); "
#define MAP(a, s) MIXTURE(a, s) "f = quantile((Q((x-a)/s) + Q((x+a)/s))/2); "
#define SLOPE "p*sqrt(2*pi)*exp(f^2/2)"
#define CONCAVE(a, s)                                                          \
    {                                                                          \
        {"C6.6", "f' increases on (0, a/3], (a, s) = (" a ", " s ")",          \
         "tanh(a^2/(3 s^2)) > 1/3", "concavity of tanh"},                      \
            "tanh((" a ")^2/(3*(" s ")^2)) - 1/3", "> 0"                       \
    }
#define LEAST(a, s)                                                            \
    {{"C6.6", "f' > f'(0) = exp(-a^2/(2 s^2))/s, (a, s) = (" a ", " s ")",     \
      "x in [a/3, a+s]; elsewhere as shown above", "minimal M"},               \
     "x",                                                                      \
     a "/3," a "+" s,                                                          \
     MAP(a, s) SLOPE " - exp(-(a/s)^2/2)/s"},                                  \
    {                                                                          \
        {"C6.6", "f' < 1/s, (a, s) = (" a ", " s ")", "|x| <= a + 6 s",        \
         "concavity of phi Phi^-1"},                                           \
            "x", "0," a "+6*" s, MAP(a, s) "1/s - " SLOPE                      \
    }

static const number modes[] = {
    GAP("1", "0.48276458103367330"),
    GAP("2", "0.21991458425118975"),
    GAP("5", "0.083007412170328011"),
    GAP("3", "0.1420"),
    GAP("1/2", "1.148"),
    {{"C6.6", "f'(0), the least slope", "(a, s) = (2, 1/2)",
      "exp(-a^2/(2 s^2))/s"},
     "exp(-8)*2",
     "0.0006709252558050237"},
    {{"C6.6", "the minimal M", "(a, s) = (2, 1/2)", "s exp(a^2/(2 s^2))"},
     "exp(8)/2",
     "1490.4789"},
    {{"C6.6", "f' at a + 6 s, close below 1/s = 2", "(a, s) = (2, 1/2)",
      "closed form"},
     "x = 5; " MAP("2", "1/2") SLOPE,
     "1.9652"},
    {{"C6.6", "f' at a + 6 s, close below 1/s = 1", "(a, s) = (3, 1)",
      "closed form"},
     "x = 9; " MAP("3", "1") SLOPE,
     "0.9826"},
    CONCAVE("2", "1/2"),
    CONCAVE("3", "1"),
    CONCAVE("6/5", "1"),
    {{"C6.6", "Mills: m(1) > 1", "m = phi/Q", "the tail x >= a + s"},
     "exp(-1/2)/sqrt(2*pi)/Q(1) - 1",
     "> 0"},
    {{"C6.6", "Q(w+1) <= exp(-w-1/2) Q(w) < Q(w)/2", "w >= 1",
      "the tail x >= a + s"},
     "1/2 - exp(-3/2)",
     "> 0"},
    {{"C6.6", "1/(2 s) > f'(0)", "a/s >= 6/5", "the tail x >= a + s"},
     "1/2 - exp(-18/25)",
     "> 0"},
};

static const cover covers[] = {
    LEAST("2", "1/2"),
    LEAST("3", "1"),
    LEAST("6/5", "1"),
    {{"C6.6", "log Phi is concave", "|t| <= 8; beyond as shown above",
      "gap bound"},
     "t",
     "-8,8",
     "h = exp(-t^2/2)/sqrt(2*pi)/Phi(t); h + t"},
};

/* |log p| <= w^2 + 4 for w = (x-a)/s >= 16, int_W^inf (w^2+4) phi <=
 * (W + 5/W) phi(W), on both sides, and log(2 pi e 4.25)/2 < 3. */
static const integral integrals[] = {
    {{"C6.6", "what the best affine flow loses", "(a, s) = (2, 1/2)",
      "negentropy by quadrature"},
     MIXTURE("2", "1/2") "p*(log(2*pi*exp(1)*4.25)/2 + log(p))",
     "-10",
     "10",
     "2*(16+8/16)*exp(-16^2/2)",
     "0.72355"},
};

static void prove(void)
{
    prove_numbers(ROWS(budgets));
    prove_numbers(ROWS(modes));
    prove_covers(ROWS(covers));
    prove_integrals(ROWS(integrals));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies the cost of bounds on Lip(f) and Lip(f^-1).",
                  prove);
}
