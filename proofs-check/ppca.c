/* ppca.c -- probabilistic PCA stays below the optimum by means of eigenvalues.
 *
 * Theorem   With q factors LL_q = -(1/2)(D log 2 pi + sum over i <= q of log
 *           lambda_i + (D-q) log s^2 + D), s^2 the mean of the discarded
 *           eigenvalues, so EIG - LL_q = ((D-q)/2) log(AM/GM of the discarded),
 *           which falls with q and is 0 at q = D - 1.
 * Source    Claim C3.10, proved in theory/theory.md; Tipping and Bishop (1999).
 *
 * The macros hold sum and sum of logarithms of the smallest n = D - q of
 * lambda = (5, 3, 1.2, .7, .3, .1). */
#include "ball.h"

/* broken: the geometric mean of the kept. */
#define PPCA(n, sum, logs)                                                     \
    "n = " n "; d = " logs "; k = " L5 " - d; "                                \
    "(n*log((" sum ")/n) - d*(1 - broken) - k*broken)/2"
#define PPCA_GAP(q, n, sum, logs, decimal)                                     \
    {                                                                          \
        {"C3.10", "gap of PPCA, q = " q, "lambda = (5, 3, 1.2, .7, .3, .1)",   \
         "((D-q)/2) log(AM/GM of the discarded)"},                             \
            PPCA(n, sum, logs), decimal                                        \
    }
#define PPCA_FALL(q, n, sum, logs, m, less, fewer)                             \
    {                                                                          \
        {"C3.10", "the gap falls from q = " q " to the next",                  \
         "lambda = (5, 3, 1.2, .7, .3, .1)", "strict inequality"},             \
            "n = " n "; m = " m "; (n*log((" sum ")/n) - (" logs ") - (m*log(" \
            "(" less ")/m) - (" fewer ")))/2",                                 \
            "> 0"                                                              \
    }
#define S1 "0.3+0.1"
#define S2 "0.7+" S1
#define S3 "1.2+" S2
#define S4 "3+" S3
#define S5 "5+" S4
#define L1 "log(0.3)+log(0.1)"
#define L2 "log(0.7)+" L1
#define L3 "log(1.2)+" L2
#define L4 "log(3)+" L3
#define L5 "log(5)+" L4

static const number numbers[] = {
    PPCA_GAP("0", "6", S5, L5, "2.107584"),
    PPCA_GAP("1", "5", S4, L4, "1.436822"),
    PPCA_GAP("2", "4", S3, L3, "0.733685"),
    PPCA_GAP("3", "3", S2, L2, "0.426663"),
    PPCA_GAP("4", "2", S1, L1, "0.143841"),
    PPCA_GAP("5", "1", "0.1", "log(0.1)", "= 0"),
    PPCA_FALL("0", "6", S5, L5, "5", S4, L4),
    PPCA_FALL("1", "5", S4, L4, "4", S3, L3),
    PPCA_FALL("2", "4", S3, L3, "3", S2, L2),
    PPCA_FALL("3", "3", S2, L2, "2", S1, L1),
    {{"C3.10", "LL of PPCA, q = 2", "lambda = (5, 3, 1.2, .7, .3, .1)",
      "closed form"},
     "-(6*log(2*pi) + log(15) + 4*log((" S3 ")/4) + 6)/2",
     "-8.7608858234"},
};

static void prove(void)
{
    prove_numbers(ROWS(numbers));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv, "Certifies the gaps of probabilistic PCA.",
                  prove);
}
