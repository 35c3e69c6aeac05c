/* finite_sample.c -- what the best affine flow of n samples gains and loses.
 *
 * Theorem   X normal in D dimensions, n > D + 2 samples, the affine flow of
 *           greatest likelihood: E[train LL - test LL] = D(D+3)/(2(n-D-2)) for
 *           every mean and covariance, and without a bias, of mean 0,
 *           D(D+1)/(2(n-D-1)); at D = 1 without a bias, of mean mu and variance
 *           1, (n (1 + mu^2) int_0^1 t^{n-3} exp(-n mu^2 (1-t^2)/2) dt - 1)/2,
 *           which is less.  E train LL exceeds EIG by -(1/2)(sum over i <= D of
 *           digamma((n-i)/2) + D log(2/n)).
 * Source    Claims C2.8 and C3.11; the laws of the Wishart matrix that are used
 *           are proved in theory/theory.md, C2.8 and C3.11; Muirhead (1982).
 *
 * n times the sample covariance S is Wishart of n - 1 degrees of freedom, so E
 * S^-1 = n Sigma^-1/(n-D-2), independent of the sample mean.  On the sample
 * |z|^2 has the mean D exactly; on test data E|z|^2 = D(n+1)/(n-D-2), without a
 * bias and of mean 0 D n/(n-D-1); half the difference is the gap.  D = 1: test
 * E z^2 = (1 + mu^2) E[n/Q], Q the sum of squares of the sample, a noncentral
 * chi-square: with K Poisson of mean n mu^2/2, E 1/Q = E 1/(n + 2 K - 2) = int
 * E t^{n+2K-3} dt. */
#include "ball.h"

static const identity identities[] = {
    {{"C2.8", "train - test: D(n+1)/(n-D-2) - D = D(D+3)/(n-D-2)", "n > D + 2",
      "times n - D - 2"},
     "D n",
     "D*(n+1) - D*(n-D-2) - D*(D+3)"},
    {{"C2.8", "without bias: D n/(n-D-1) - D = D(D+1)/(n-D-1)", "n > D + 1",
      "times n - D - 1"},
     "D n",
     "D*n - D*(n-D-1) - D*(D+1)"},
};

static const number numbers[] = {
    {{"C2.8", "E[train LL - test LL]", "D = 5, n = 20", "closed form"},
     "5*8/(2*(20-5-2+broken))",
     "1.538462"},
    {{"C2.8", "E|z|^2 of test data", "D = 5, n = 20", "closed form"},
     "5*21/(20-5-2+broken)",
     "8.076923"},
    {{"C2.8", "E[train LL - test LL] without bias", "D = 5, n = 20",
      "closed form"},
     "5*6/(2*(20-5-1))",
     "1.0714"},
    {{"C3.11", "E log det S", "D = 5, n = 20, Sigma = I", "digamma"},
     "digamma(19/2)*(1 - broken) + broken*digamma(10) + digamma(9)"
     " + digamma(17/2) + digamma(8) + digamma(15/2)"
     " + 5*log(2/20)",
     "-1.13206"},
    {{"C3.11", "E train LL exceeds EIG", "D = 5, n = 20", "digamma"},
     "-(digamma(19/2) + digamma(9) + digamma(17/2) + digamma(8)"
     " + digamma(15/2) + 5*log(2/20))/2",
     "> 0"},
};

/* broken: as if the mean were 0. */
#define MEAN(mu, decimal)                                                      \
    {                                                                          \
        {"C2.8", "E[train LL - test LL] without bias, mean " mu,               \
         "D = 1, n = 20, variance 1", "quadrature"},                           \
            "m = (1 - broken)*" mu "^2; "                                      \
            "10*(1+m)*x^17*exp(-10*m*(1-x^2)) - 1/2",                          \
            "0", "1", "0", decimal                                             \
    }

static const integral integrals[] = {
    MEAN("1", "0.041331"),
    MEAN("3", "0.009771"),
    MEAN("10", "0.000988"),
};

static void prove(void)
{
    prove_identities(ROWS(identities));
    prove_numbers(ROWS(numbers));
    prove_integrals(ROWS(integrals));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies the generalisation gap of the affine flow.",
                  prove);
}
