/* heavy_tails.c -- what an affine flow loses on a Student-t law.
 *
 * Theorem   X of the Student-t law with nu degrees of freedom and identity
 *           scatter in R^D, nu > 2.  The best affine flow to a normal base has
 *           the gap J = (D/2) log(2 pi e nu/(nu-2)) - h(X),
 *             h(X) = log(Gamma(nu/2) (nu pi)^{D/2}/Gamma((nu+D)/2))
 *                    + ((nu+D)/2)(psi((nu+D)/2) - psi(nu/2)),
 *           which tends to infinity like (D/2) log(1/(nu-2)).  For nu <= 2
 *           every bi-Lipschitz flow onto R^D has the likelihood -inf.
 * Source    Claim C6.11.
 *
 * X = Z sqrt(nu/S), S ~ chi2_nu independent of Z: Cov X = E[nu/S] I = nu/(nu-2)
 * I, and C3.1 gives the optimum EIG = -(D/2) log(2 pi e nu/(nu-2)).  -log p_X =
 * log(Gamma(nu/2)(nu pi)^{D/2}/Gamma((nu+D)/2)) + ((nu+D)/2) log(1 + |x|^2/nu),
 * and 1 + |X|^2/nu = (S + |Z|^2)/S, the ratio of chi2_{nu+D} and chi2_nu: E log
 * chi2_k = log 2 + psi(k/2).  As nu -> 2, h stays finite.
 * nu <= 2: with |f(x)| >= |x|/M - c and a bounded log-determinant, E log q_f(X)
 * <= const - E(|X|/M - c)_+^2/2 = -inf. */
#include "ball.h"

#define GAP(d, nu)                                                             \
    "d = " d "; n = " nu "; v = n/(n - 2 + broken); "                          \
    "d/2*log(2*pi*exp(1)*v) - lgamma(n/2) - d/2*log(n*pi) + lgamma((n+d)/2)"   \
    " - (n+d)/2*(digamma((n+d)/2) - digamma(n/2))"
#define ROW(d, nu, decimal)                                                    \
    {                                                                          \
        {"C6.11", "gap of the affine flow on Student-t, D = " d ", nu = " nu,  \
         "identity scatter, normal base", "closed form"},                      \
            GAP(d, nu), decimal                                                \
    }

static const number numbers[] = {
    ROW("1", "2.1", "1.007808"),
    ROW("1", "2.5", "0.375897"),
    ROW("1", "3", "0.194767"),
    ROW("1", "4", "0.083752"),
    ROW("1", "5", "0.046849"),
    ROW("1", "10", "0.009248"),
    ROW("1", "30", "0.000892"),
    ROW("10", "2.1", "11.48996"),
    ROW("10", "2.5", "4.887429"),
    ROW("10", "3", "2.832341"),
    ROW("10", "4", "1.429251"),
    ROW("10", "5", "0.895349"),
    ROW("10", "10", "0.235953"),
    ROW("10", "30", "0.029830"),
    {{"C6.11", "the gap less (D/2) log(1/(nu-2)) tends to a constant",
      "D = 1, nu = 2 + 1e-12 against the limit log(4 pi e)/2 - h at nu = 2",
      "closed form"},
     GAP("1", "2 + 1e-12") " + log(1e-12)/2",
     "-0.194767"},
};

/* x = sqrt 3 tan t turns p dx into (2/pi) cos^2 t dt. */
static const integral integrals[] = {
    {{"C6.11", "Var X = nu/(nu-2) = 3", "D = 1, nu = 3, x = sqrt 3 tan t",
      "quadrature over t"},
     "2/pi*3*sin(x)^2/(1 + broken)",
     "-pi/2",
     "pi/2",
     "0",
     "= 3"},
};

static void prove(void)
{
    prove_numbers(ROWS(numbers));
    prove_integrals(ROWS(integrals));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies the affine flow's loss on Student-t laws.", prove);
}
