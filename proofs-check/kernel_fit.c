/* kernel_fit.c -- on a finite sample the likelihood has no maximum, until
 * bounded.
 *
 * Theorem   D = 1, n points x_i, f = Phi^-1 F, F the distribution of q = N(0,
 *           1)/2 + (1/2)(1/n) sum N(x_i, e^2), a flow of the line.  Its
 *           training likelihood is at least log(1/e) + log(1/(2 n sqrt(2 pi))),
 *           which is unbounded as e -> 0; its test likelihood stays above -log
 *           2 + E log phi.  Bounded versions: rows in distinct unit cells,
 *           dequantised uniformly, have training likelihoods of at most -log n;
 *           rows with noise N(0, s^2 I) of at most -h(P_n * N(0, s^2 I)), which
 *           lies between -log n - (D/2) log(2 pi e s^2) and -(D/2) log(2 pi e
 *           s^2); flows of Lipschitz constant L of at most D log L - (D/2)
 *           log(2 pi), attained where f = 0 and J_f = L O.  Whole numbers of
 *           covariance Sigma with noise of part w of their cells: the affine
 *           optimum bounds their likelihood by D log w - (1/2) log det(2 pi e
 *           (Sigma + w^2 I/12)), which rises with w.
 * Source    Claims C2.6 and C2.7.
 *
 * q(x_i) >= (1/2)(1/n) phi(0)/e, and q >= phi/2 everywhere.  Cells: E_U log q(x
 * + U) <= log Q(cell), the masses of n cells sum to at most 1, and mean log Q
 * <= log mean Q <= -log n.  Noise: the mean of log q over a law is at most
 * minus its entropy, and the entropy of a mixture of n components lies between
 * that of one and that plus log n.  Lipschitz: log q_f = log p_Z(f) + log|det
 * J_f|. */
#include "ball.h"

#define BOUND(e) "log(1/" e ") - log(2*(10 - 9*broken)*sqrt(2*pi))"
#define TRAIN(e, decimal)                                                      \
    {                                                                          \
        {"C2.6", "the training likelihood is at least, e = " e,                \
         "n = 10 points, D = 1", "log(1/e) - log(2 n sqrt(2 pi))"},            \
            BOUND(e), decimal                                                  \
    }

static const number numbers[] = {
    TRAIN("1e-1", "-1.612"),
    TRAIN("1e-2", "0.690"),
    TRAIN("1e-4", "5.2957"),
    TRAIN("1e-8", "14.5060"),
    {{"C2.6", "it rises by 1 per log(1/e)", "D = 1",
      "difference of the bounds"},
     "(1 - broken/2)*((log(1e8) - log(1e4))/log(1e4))",
     "= 1"},
    {{"C2.6", "the test likelihood stays above", "test rows N(0, 1)",
      "-log 2 + E log phi"},
     "-log(2) - log(2*pi)/2 - 1/2*(1 - broken)",
     "-2.112"},
    {{"C2.7", "noise: the lower end of the supremum", "n = 8, s = .05, D = 2",
      "-log n - (D/2) log(2 pi e s^2)"},
     "-log(8)*(1 - broken) - log(2*pi*exp(1)*0.05^2)",
     "1.0741"},
    {{"C2.7", "noise: the upper end of the supremum", "n = 8, s = .05, D = 2",
      "-(D/2) log(2 pi e s^2)"},
     "-log(2*pi*exp(1)*0.05^2)/(1 + broken)",
     "3.1536"},
    {{"C2.7", "cells: n equal masses attain -log n", "n = 8", "mean log Q"},
     "log(1/8)*(1 - broken)",
     "= -log(8)"},
    {{"C2.7", "Lipschitz: attained at f(x) = 0, J_f = L O", "L = 2, D = 3",
      "D log L - (D/2) log(2 pi)"},
     "(3 - 2*broken)*log(2) - 3/2*log(2*pi)",
     "= 3*log(2) - 3*log(2*pi)/2"},
    {{"C2.7", "noise of half a cell in place of all of it costs",
      "Sigma = diag(0, 1/48, 3)", "nats of the affine optimum's bound"},
     "3*log(2)*(1 - broken) + (log((0 + 1/48)/(0 + 1/12)) + "
     "log((1/48 + 1/48)/(1/48 + 1/12)) + log((3 + 1/48)/(3 + 1/12)))/2",
     "0.9179"},
    {{"C2.7", "where the numbers are one number it costs nothing", "Sigma = 0",
      "nats of the affine optimum's bound"},
     "log(2)*(1 - broken) + log((1/48)/(1/12))/2",
     "= 0"},
};

/* n = 2 points at -+1 in D = 1: entropy of the mixture; beyond 8, p < 1e-200 of
 * each component of width 1/5, |log p| <= 25 (x+1)^2. */
static const integral integrals[] = {
    {{"C2.7", "noise: the supremum for two points -+1, s = 1/5, D = 1",
      "log 2 below the upper end, but for the overlap", "quadrature"},
     "s = 1/5; p = (exp(-((x-1)/s)^2/2) + "
     "exp(-((x+1)/s)^2/2))/(2*s*sqrt(2*pi));"
     " p*log(p)*(1 - broken)",
     "-8",
     "8",
     "1e-40",
     "-0.502647"},
};

static void prove(void)
{
    prove_numbers(ROWS(numbers));
    prove_integrals(ROWS(integrals));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies what bounds the likelihood of a finite sample.",
                  prove);
}
