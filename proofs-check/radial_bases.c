/* radial_bases.c -- heavy-tailed bases have no bad critical points either.
 *
 * Theorem   Base density proportional to exp(-r(log |z|^2)), r convex and
 *           nondecreasing.  The negative log-likelihood of linear flows, E
 *           r(log x'P x) - (1/2) log det P with P = W'W, is convex along every
 *           geodesic B exp(t H) B', H symmetric, of the positive definite
 *           matrices.  So every critical W is a global optimum, which solves
 *           E[w(x'P x) x x'] = P^-1, w(s) = 2 r'(log s)/s; P is unique if r is
 *           strictly convex and the rows' law has a density.
 * Source    Claim C2.10.
 *
 * exp(t H) has the eigenvectors of H: x'P x = sum_i a_i^2 e^{t h_i}, whose
 * logarithm is convex in t (a log-sum-exp); r convex and nondecreasing keeps
 * that, and log det P is linear in t.  Any two P are joined by a geodesic, so a
 * point where the derivative is 0 is a minimum; W -> W'W has a surjective
 * derivative on invertible W, so a critical W gives such a P.  Setting the
 * derivative in P to zero: E[r'(log s)/s x x'] = P^-1/2.
 *   bases     normal r = e^s/2; Student-t r = ((n+D)/2) log(1 + e^s/n), r' =
 *             ((n+ D)/2) e^s/(n + e^s) > 0, r'' = ((n+D)/2) n e^s/(n + e^s)^2 >
 *             0, w(s) = (n+D)/(n+s); exp(-|z|^k): r = e^{k s/2}.
 *   example   n = 3, D = 2, eight rows (-+1, 0), (-+3, 0), (0, -+1), (0, -+2).
 *             Both reflections keep them, so the optimum, which is unique as
 *             r'' > 0 and the rows span, is P = diag(p, q): (5 p/(3 + p) + 45
 *             p/(3 + 9 p))/4 = 1, that is 9 p^2 + 5 p - 6 = 0, and 8 q^2 + 5 q
 *             - 12 = 0. */
#include "ball.h"

#define TABLE(p, q)                                                            \
    "p = " p "; q = " q "; "                                                   \
    "L = 5/8*(log(1+p/3) + log(1+3*p) + log(1+q/3) + log(1+4*q/3))"            \
    " - log(p*q)/2; "
#define ROOTS "u = (sqrt(241) - 5)/18; v = (sqrt(409) - 5)/16; "

static const number numbers[] = {
    {{"C2.10", "the M-estimator's equation in the first direction",
      "t_3 base, eight rows", "mean of w(x'P x) x_1^2 = 1/p"},
     ROOTS "p = u*(1 - broken) + broken/5*2; "
           "(5/(3+p) + 9*5/(3+9*p))/4 - 1/p",
     "= 0"},
    {{"C2.10", "the M-estimator's equation in the second direction",
      "t_3 base, eight rows", "mean of w(x'P x) x_2^2 = 1/q"},
     ROOTS "q = v*(1 - broken) + broken/5*4; "
           "(5/(3+q) + 4*5/(3+4*q))/4 - 1/q",
     "= 0"},
    {{"C2.10", "W R W' = I is not the optimum over a t_3 base",
      "eight rows: P = R^-1 has the larger loss", "strict inequality"},
     ROOTS TABLE("2/5", "4/5") "g = L; " TABLE("u", "v") "g - L - broken",
     "> 0"},
    {{"C2.10", "a start far away has the larger loss", "P = diag(100, 1/100)",
      "strict inequality"},
     ROOTS TABLE("100", "1/100") "g = L; " TABLE("u", "v") "g - L - 100*broken",
     "> 0"},
};

/* x'P x = s = A + B along H = diag(1, h), y = A/s: log s has the derivatives m
 * and k, and the loss r'' m^2 + r' k. */
#define SECOND(first, second)                                                  \
    "m = y + h*(1-y); k = y*(1-y)*(1-h)^2; "                                   \
    "(" second ")*m^2 + (1 - 99*broken)*(" first ")*k"
#define GEODESIC(name, first, second)                                          \
    {                                                                          \
        {"C2.10",                                                              \
         "the loss is convex along geodesics: second derivative, " name        \
         " base",                                                              \
         "H = diag(1, h), h in [-2, 1/2], s = x'P x in [1/4, 20]",             \
         "adaptive subdivision"},                                              \
            "y s h", "1/10,9/10 1/4,20 -2,1/2", SECOND(first, second)          \
    }

static const cover covers[] = {
    GEODESIC("Student-t, nu = 3,", "5/2*s/(3+s)", "15/2*s/(3+s)^2"),
    GEODESIC("normal", "s/2", "s/2"),
    GEODESIC("exp(-|z|)", "sqrt(s)/2", "sqrt(s)/4"),
};

/* Of log s: A = a^2 e^t, B = b^2 e^{h t}, A + B = s. */
static const identity identities[] = {
    {{"C2.10", "(log s)'' = A B (1-h)^2/s^2 >= 0",
      "s = A + B, A' = A, B' = h B, times s^2", "quotient rule"},
     "A B h broken",
     "(A + h^2*B)*(A + B) - (A + h*B)^2 - A*B*(1-h)^2 + broken*A*B"},
};

static void prove(void)
{
    prove_numbers(ROWS(numbers));
    prove_identities(ROWS(identities));
    prove_covers(ROWS(covers));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies the convexity of linear flows over radial bases.",
                  prove);
}
