/* volume_bound.c -- what a bound on |det J| costs a uniform law: sharp.
 *
 * Theorem   X uniform on a set of volume v, f a flow with |det J_f| <= L^D, as
 *           every flow of Lipschitz constant L is; base N(0, I).  With c = 1/(v
 *           L^D) and r_0 the radius of the ball of volume v L^D,
 *             LL <= -log v - KL(p* || N(0, I)),
 *           p* = max(c, e^k p_Z) on |y| < R and 0 outside, R^2 = q^2 + 2, q the
 *           radius where e^k p_Z = c, and k gives mass 1; without the inner
 *           ball if r_0 <= sqrt 2.  In closed form
 *             r_0 <= sqrt 2: D log L - (D/2) log(2 pi) - D r_0^2/(2(D+2));
 *             D = 2, r_0 >= sqrt 2: -log v - 1/r_0^2.
 *           Any X, D = 2, p_0(y) = L^-2 p_X^*(y/L), p_X^* the symmetric
 *           decreasing rearrangement: if p_0(r) >= int_r^inf t p_0(t) dt for
 *           all r, then LL <= 2 log L - log(2 pi) - L^2 m/2, m = E|X*|^2.
 * Source    Claim C6.8.
 *
 * Y = f(X) has the density p_Y = 1/(v |det J|), so p_Y is 0 or at least c, and
 * LL = -log v - KL(p_Y || p_Z).  For a number m and each y, s log(s/p_Z(y)) - m
 * s over s in {0} or s >= c is least at s = e^{m-1} p_Z if that is at least c;
 * otherwise the function increases on s >= c, and its least value is at s = c
 * if log(c/p_Z) < m, else at s = 0.  The mass of this p_m grows continuously
 * from 0 to infinity with m; take mass 1.  Then KL(p_Y) - m >= KL(p_m) - m.
 * The radii: p_Z(R) = c e^-m and p_Z(q) = c e^{1-m}, so R^2 - q^2 = 2, and
 * there is no inner ball iff R = r_0 and r_0^2 <= 2.  Then KL = log c + (D/2)
 * log(2 pi) + E|y|^2/2, E|y|^2 = D r_0^2/(D+2).  D = 2: the annulus has the
 * area 2 pi, so mass 1 says e^k (1 - e^{-q^2/2}) + 2 pi c = e^k = 1; KL =
 * integral over the annulus of c (log(2 pi c) + |y|^2/2) = 2 pi c/2 = 1/r_0^2,
 * as q^2/2 = -log(2 pi c).  An admissible density is one whose KL is computed
 * below; it is larger than the least.
 * Any X: q = |det J_f|/p_X = 1/p_Y has q <= q_0 = L^2/p_X pointwise, so also
 * when both are sorted, ascending, as functions of the mass u below; V(u) =
 * int_0^u q is the least volume of mass u, so E|Y|^2 >= int V/pi, and LL <=
 * int_0^1 (log q - V/(2 pi)) du + E log p_X - log(2 pi), concave in q.  At q_0
 * its derivative towards q is int (q - q_0)(1/q_0 - (1-u)/(2 pi)) du <= 0 if
 * 1/q_0 >= (1-u)/(2 pi), which is the condition, 1 - u being the mass
 * outside. */
#include "ball.h"

/* -log v - KL in the first case, by D, v and L. */
#define SMALL(d, v, l)                                                         \
    "d = " d "; v = " v "; l = " l "; "                                        \
    "r = exp((log(v) + d*log(l) + lgamma(d/2+1) - d/2*log(pi))/d); "           \
    "d*log(l) - d/2*log(2*pi) - d*r^2/(2*(d+2 - 2*broken))"
#define UNIT(d, decimal)                                                       \
    {                                                                          \
        {"C6.8", "the best likelihood on |det J| <= L^D, D = " d,              \
         "unit volume, L = 1", "no inner ball"},                               \
            SMALL(d, "1", "1"), decimal                                        \
    }

static const number numbers[] = {
    UNIT("1", "-0.96061"),
    UNIT("2", "-1.91745"),
    UNIT("3", "-2.87227"),
    {{"C6.8", "the best likelihood on |det J| <= L^D, 1000 x .004 rectangle",
      "L = 1, D = 2", "no inner ball"},
     SMALL("2", "4", "1"),
     "-2.15618695"},
    {{"C6.8", "no inner ball: r_0^2 < 2 for volume 4", "L = 1, D = 2",
      "r_0^2 = 4/pi"},
     "2 - 4/pi",
     "> 0"},
    {{"C6.8", "the best likelihood with L = 4, unit square", "-pi/16",
      "D = 2, closed form"},
     "r2 = 16/pi; -1/r2",
     "-0.19635"},
    {{"C6.8", "the best likelihood with L = 10, unit square", "-pi/100",
      "D = 2, closed form"},
     "r2 = 100/pi; -1/r2",
     "-0.0314159"},
    {{"C6.8", "there is an inner ball: r_0^2 > 2", "L = 4, unit square",
      "r_0^2 = 16/pi"},
     "16/pi - 2",
     "> 0"},
    {{"C6.8", "the two cases meet at r_0 = sqrt 2", "D = 2, v = 2 pi, L = 1",
      "closed forms"},
     SMALL("2", "2*pi", "1") " + log(2*pi) + 1/2",
     "= 0"},
    {{"C6.8", "it is sharper than the entropy-power bound",
      "1000 x .004, L = 1", "-2.0721 against -2.1562"},
     "n = 4/(2*pi*exp(1)); -log(4) - (n - 1 - log(n)) + log(2*pi) + 1/pi",
     "> 0"},
    {{"C6.8", "any X: the bound of a normal law, variances 4 and 1/16, L = 1",
      "p_0 = N(0, I/2): int_r^inf t p_0 = p_0/2", "-log(2 pi) - 1/2"},
     "m = 2*sqrt(4/16)*(1 + broken); -log(2*pi) - m/2",
     "-2.33788"},
    {{"C6.8", "the affine clip of that law is below the bound by .72",
      "singular values 1/2 and 1", "strict inequality"},
     "-1/2 + 1/2 + 1/32 - log(1/2) - 0.72 - broken",
     "> 0"},
    {{"C6.8", "Exp(1)^2 does not meet the condition at L = 1",
      "p_0 = exp(-sqrt(2 pi) r): r/k + 1/k^2 > 1 at r = 3, k = sqrt(2 pi)",
      "strict inequality"},
     "3/sqrt(2*pi) + 1/(2*pi) - 1 - broken",
     "> 0"},
    {{"C6.8", "an annulus is worse: uniform on 1/2 < |y| < r",
      "volume 4, L = 1: E|y|^2 = (r^2 + 1/4)/2 against r_0^2/2",
      "admissible, not the least"},
     "r2 = 4/pi + 1/4; (r2 + 1/4)/4 - (4/pi)/4",
     "> 0"},
    {{"C6.8", "a ball of density 1.2 c is worse when nothing is inside",
      "volume 4, L = 1: KL = log(1.2 c 2 pi) + r^2/4, r^2 = r_0^2/1.2",
      "admissible, not the least"},
     "log(1.2) + (4/pi)/1.2/4 - (4/pi)/4",
     "> 0"},
    {{"C6.8",
      "the normal density on |y| < q with its annulus is better than "
      "the uniform ball",
      "L = 4, unit square", "1/r_0^2 against the first case"},
     "r2 = 16/pi; -1/r2 - (log(16) - log(2*pi) - r2/4)",
     "> 0"},
};

/* The unit square at L = 4: p_Z inside q, c = 1/16 on the annulus. */
#define RADII "c = 1/16; q = sqrt(-2*log(2*pi*c)); "

static const integral integrals[] = {
    {{"C6.8", "p* has mass 1: inner ball and annulus of area 2 pi",
      "L = 4, unit square", "quadrature; the annulus has mass 2 pi c"},
     "x*exp(-x^2/2)",
     "0",
     RADII "q",
     "0",
     "= 1 - 2*pi/16"},
    {{"C6.8", "KL(p* || N(0, I)) over the annulus is 1/r_0^2",
      "L = 4, unit square", "quadrature over q < |y| < R"},
     "(1 + broken)*2*pi*x/16*(log(2*pi/16) + x^2/2)",
     RADII "q",
     RADII "sqrt(q^2 + 2)",
     "0",
     "= pi/16"},
};

static void prove(void)
{
    prove_numbers(ROWS(numbers));
    prove_integrals(ROWS(integrals));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies what a bound on the volume change costs a uniform "
                  "law.",
                  prove);
}
