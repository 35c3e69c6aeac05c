/* forward_budget.c -- contraction below one unit that a flow need not pay for.
 *
 * Theorem   A = 100, a(v) = 2 A + v/10.  f(u, v) = A log(1 + v/A) e^{i u/a(v)}
 *           maps the convex set v > 0, |u| < pi a(v) one to one onto the plane
 *           without a ray, and all its singular values are below 1.  It is
 *           exact for X = f^-1(Z), KL = 0, though lambda_min(Cov X) = Var v <
 *           1.  So Lip(f) <= L does not cost sum psi(lambda L^2) over lambda <
 *           1/L^2, psi(r) = (r - 1 - log r)/2, as Lip(f^-1) does
 *           (lipschitz_budget.c).
 * Source    Claim C6.7.
 *
 *   Singular values  x = v/A.  In the frame (e_r, e_t) the columns of J are (0,
 *      A log(1+x)/a) and (1/(1+x), -A log(1+x) u/(10 a^2)), |u| < pi a: |J|_F^2
 *      <= 1/(1+x)^2 + c (log(1+x)/(2+x/10))^2, c = 1 + pi^2/100.  As log(1+x)
 *      <= x/sqrt(1+x), this is below 1 if (2+x)(2+x/10)^2 > c x (1+x), which a
 *      cover shows for x <= 5.  Beyond, log(1+x) <= log 13 + (x-12)/13 < .825
 *      (2 + x/10), so |J|_F^2 <= 1/36 + .825^2 c < 1.
 *   Law of X  r = |Z| has r^2/2 ~ Exp(1), E e^{t r} = 1 + sqrt(2 pi) t e^{t^2
 *      /2} Phi(t), and v = A (e^{r/A} - 1).  u = a(v) q, q uniform on |q| < pi
 *      and independent of v: Cov(u, v) = 0, Var u = pi^2/3 E a(v)^2 > Var v.
 *   Affine  The best affine flow with L = 1 has the gap psi(Var v) to EIG, and
 *      J = -h(X) - EIG, h(X) = h(Z) - E log|det J_f|, log|det J_f| = log r -
 *      r/A - log a(v).  E log r = (log 2 + psi(1))/2, psi the digamma function;
 *      log a(v) <= 6 + r and r e^{-r^2/2}, beyond 20, leave less than 1e-80. */
#include "ball.h"

#define MOMENTS(A)                                                             \
    "A = " A "; t = 1/A; s = 2/A; "                                            \
    "p = 1 + sqrt(2*pi)*t*exp(t^2/2)*Phi(t); "                                 \
    "q = 1 + sqrt(2*pi)*s*exp(s^2/2)*Phi(s); V = A^2*(q - p^2); "
#define LEAST(A, decimal)                                                      \
    {                                                                          \
        {"C6.7", "lambda_min(Cov X) = Var v, A = " A, "X = f^-1(Z)",           \
         "moments of the Rayleigh law"},                                       \
            MOMENTS(A) "V*(1 + broken)", decimal                               \
    }
#define PSI MOMENTS("100") "psi = (V - 1 - log(V))/2; "

static const number numbers[] = {
    LEAST("100", "0.441949039737"),
    LEAST("20", "0.497452976"),
    LEAST("1000", "0.430459086"),
    {{"C6.7", "Var v < 1 = 1/L^2", "A = 100", "strict inequality"},
     MOMENTS("100") "1 - V - broken",
     "> 0"},
    {{"C6.7", "what the mirrored bound would demand", "A = 100",
      "psi(lambda_min)"},
     PSI "psi*(1 - broken)",
     "0.129254869"},
    {{"C6.7", "it is not paid: 0 = KL < psi(lambda_min)", "A = 100",
      "strict inequality"},
     PSI "psi - 2*psi*broken",
     "> 0"},
    {{"C6.7", "Var u > 1: one eigenvalue alone is below 1", "A = 100",
      "pi^2/3 (2 A)^2"},
     "pi^2/3*(2*100)^2 - 1",
     "> 0"},
    {{"C6.7", "Var v as A tends to infinity", "r itself", "2 - pi/2"},
     "2 - pi/2",
     "0.42920"},
    {{"C6.7", "psi as A tends to infinity", "closed form", "psi(2 - pi/2)"},
     "V = 2 - pi/2; (V - 1 - log(V))/2",
     "0.1375"},
    {{"C6.7", "|J|_F^2 < 1 for x >= 5", "1/36 + .825^2 (1 + pi^2/100)",
      "strict inequality"},
     "1 - 1/36 - 0.825^2*(1 + pi^2/100)",
     "> 0"},
    {{"C6.7", "log 13 + (x-12)/13 < .825 (2 + x/10) at x = 0", "x >= 0",
      "slopes 1/13 < .0825"},
     "0.825*2 - log(13) + 12/13",
     "> 0"},
};

static const cover covers[] = {
    {{"C6.7", "|J|_F^2 < 1 for 0 < x <= 5: (2+x)(2+x/10)^2 > c x (1+x)",
      "c = 1 + pi^2/100", "adaptive subdivision"},
     "x",
     "0,5",
     "(2+x)*(2+x/10)^2 - (1 + pi^2/100 + 8*broken)*x*(1+x)"},
};

/* Loss of the affine flow: -h(X) - EIG + psi; the constants are integrated
 * with the density, of mass 1 up to 1e-80. */
static const integral integrals[] = {
    {{"C6.7", "the best affine flow with L = 1 loses J(X) + psi", "A = 100",
      "quadrature over r"},
     MOMENTS(
         "100") "a = 2*A + A/10*(exp(x/A) - 1); "
                "W = pi^2/3*(4*A^2 + 0.4*A^2*(p - 1) + 0.01*A^2*(q - 2*p + "
                "1)); "
                "x*exp(-x^2/2)*((log(2) + (-0.57721566490153286060651209))/2"
                " - x/A - log(a) + (V - 1 - log(V))*(1 - broken)/2"
                " + (log(V) + log(W))/2)",
     "0",
     "20",
     "1e-20",
     "0.36183098818"},
};

static void prove(void)
{
    statements_are(EXAMPLE);
    prove_numbers(ROWS(numbers));
    prove_covers(ROWS(covers));
    prove_integrals(ROWS(integrals));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies an exact flow of small singular values for data "
                  "of small variance.",
                  prove);
}
