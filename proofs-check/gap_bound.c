/* gap_bound.c -- what a gap in the support costs.
 *
 * Theorem   The support of X has two parts of mass 1/2 at distance 2d, and
 *           Lip(f^-1) <= M: KL(p_X || q_f) >= -log(2 Phi(-d/M)), for every flow
 *           and every D.  For X uniform on 1/2 < |x| < 3/2, d = 1/2, it is
 *           attained if Phi(-d/M)/phi(d/M) >= 1/M, as at M = 2, 3, 5; otherwise
 *           the least divergence in D = 1 has the slope 1/M up to x_0 > d.
 * Source    Claim C6.6gap; the isoperimetric inequality is that of Borell
 *           (1975).
 *
 * By that inequality the model's masses alpha and beta of the two parts have
 * Phi^-1(alpha) + Phi^-1(beta) <= -2d/M.  Data processing gives KL >= -log(4
 * alpha beta)/2, and log Phi is concave, so that log(alpha beta)/2 <= log
 * Phi(-d/M).  Concave: its second derivative is -h (h + t), h = phi/Phi; for t
 * >= 0 that is clear, a cover shows h + t > 0 on [-8, 8], and for t <= -8 it is
 * the bound Q(x) < phi(x)/x, x = -t.
 * The intervals: two_modes.c proves what is best, slope 1/M on |x| <= x_0 and
 * beyond f(X) of a density C phi, C = P(X > x_0)/Phi(-x_0/M), if C phi(x_0/M) =
 * M p(x_0): here p is 1/2, m(x) >= m(x_0) = M p, and g' = 1/(2 C phi(g))
 * increases.  With C = 1/(2 Phi(-d/M)) and x_0 = d that slope is 1/M or more
 * from d on if C phi(d/M) <= M/2: nothing is clipped, and KL = log C is the
 * bound. Otherwise KL = int_d^{x_0} log(M/(2 phi(x/M))) + 2 P(X > x_0) log
 * C. */
#include "ball.h"

#define GAP(m, decimal)                                                        \
    {                                                                          \
        {"C6.6gap", "KL is at least -log 2 Phi(-d/M), d = 1/2, M = " m,        \
         "Lip f^-1 <= M", "data processing"},                                  \
            "-log(2*Q(1/(2*" m ")))", decimal                                  \
    }
/* h = C phi(x/M) - M/2, positive before x_0 and negative after. */
#define H(m, x)                                                                \
    "M = " m "; x = " x "; C = (3/2-x)/2/Q(x/M); "                             \
    "h = C*exp(-x^2/(2*M^2))/sqrt(2*pi) - M/2; "
#define ROOT(m, x)                                                             \
    {{"C6.6gap", "two unit intervals: x_0 is above " x, "d = 1/2, M = " m,     \
      "C phi(x_0/M) = M/2"},                                                   \
     H(m, x) "h - broken",                                                     \
     "> 0"},                                                                   \
    {                                                                          \
        {"C6.6gap", "two unit intervals: x_0 is below " x " + 1e-25",          \
         "d = 1/2, M = " m, "C phi(x_0/M) = M/2"},                             \
            H(m, x " + 1e-25") "-h - broken", "> 0"                            \
    }
#define CLIPPED(m, x, decimal)                                                 \
    {                                                                          \
        {"C6.6gap", "two unit intervals: the least divergence, M = " m,        \
         "d = 1/2, D = 1, clipped up to x_0", "closed form"},                  \
            H(m, x) "(x - 1/2)*(log(M/2*sqrt(2*pi)))"                          \
                    " + (x^3 - 1/8)/(6*M^2) + (3/2-x)*log(C) - broken/1000",   \
            decimal                                                            \
    }

#define ATTAINED(m)                                                            \
    {                                                                          \
        {"C6.6gap",                                                            \
         "two unit intervals attain the bound: Phi(-d/M)/phi(d/M) > "          \
         "1/M",                                                                \
         "M = " m ", d = 1/2", "slope beyond d"},                              \
            "M = " m                                                           \
            "; h = 1/2/M; Q(h)*sqrt(2*pi)*exp(h^2/2) - 1/M - 2*broken",        \
            "> 0"                                                              \
    }

static const number numbers[] = {
    GAP("1", "0.48276458103367330"),
    GAP("2", "0.21991458425118975"),
    GAP("5", "0.083007412170328011"),
    GAP("3", "0.141987231500532"),
    GAP("1/2", "1.1479"),
    ATTAINED("2"),
    ATTAINED("3"),
    ATTAINED("5"),
    {{"C6.6gap", "they do not at M = 1: Phi(-d/M)/phi(d/M) < 1/M", "d = 1/2",
      "slope beyond d"},
     "M = 1; h = 1/2/M; 1/M - Q(h)*sqrt(2*pi)*exp(h^2/2) - broken",
     "> 0"},
    ROOT("1", "0.7454367602674048292396021"),
    ROOT("1/2", "1.3317805255599058394994633"),
    CLIPPED("1", "0.7454367602674048292396021", "0.483641228635495"),
    CLIPPED("1/2", "1.3317805255599058394994633", "1.62076445017882"),
};

static const cover covers[] = {
    {{"C6.6gap", "log Phi is concave", "|t| <= 8; beyond as shown above",
      "gap bound"},
     "t",
     "-8,8",
     "h = exp(-t^2/2)/sqrt(2*pi)/Phi(t); h + t"},
};

static void prove(void)
{
    prove_numbers(ROWS(numbers));
    prove_covers(ROWS(covers));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv, "Certifies the cost of a gap in the support.",
                  prove);
}
