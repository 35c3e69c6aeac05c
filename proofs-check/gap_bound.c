/* gap_bound.c -- what a gap in the support costs.
 *
 * Theorem   The support of X has two parts of mass 1/2 at distance 2d, and
 *           Lip(f^-1) <= M: KL(p_X || q_f) >= -log(2 Phi(-d/M)), for every flow
 *           and every D.
 * Source    Claim C6.6; the isoperimetric inequality is that of Sudakov and
 *           Tsirelson (1974) and Borell (1975).
 *
 * By that inequality the model's masses alpha and beta of the two parts have
 * Phi^-1(alpha) + Phi^-1(beta) <= -2d/M.  Data processing gives KL >= -log(4
 * alpha beta)/2, and log Phi is concave, so that log(alpha beta)/2 <= log
 * Phi(-d/M).  Concave: its second derivative is -h (h + t), h = phi/Phi; for t
 * >= 0 that is clear, a cover shows h + t > 0 on [-8, 8], and for t <= -8 it is
 * the bound Q(x) < phi(x)/x, x = -t. */
#include "ball.h"

#define GAP(m, decimal)                                                        \
    {                                                                          \
        {"C6.6", "KL is at least -log 2 Phi(-d/M), d = 1/2, M = " m,           \
         "Lip f^-1 <= M", "data processing"},                                  \
            "-log(2*Q(1/(2*" m ")))", decimal                                  \
    }
static const number numbers[] = {
    GAP("1", "0.48276458103367330"),
    GAP("2", "0.21991458425118975"),
    GAP("5", "0.083007412170328011"),
    GAP("3", "0.1420"),
    GAP("1/2", "1.148"),
};

static const cover covers[] = {
    {{"C6.6", "log Phi is concave", "|t| <= 8; beyond as shown above",
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
