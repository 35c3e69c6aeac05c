/* lipschitz_coupling.c -- Lipschitz constants of couplings and residual layers.
 *
 * Theorem   L >= sigma_max(J) and M >= 1/sigma_min(J) hold for
 *             additive  z_b = x_b + t(x_a), |dt| <= tau: both
 *                       exp(asinh(tau/2));
 *             affine    z_b = e^s x_b + t, s- <= e^s <= s+, |B| <= beta, B the
 *                       derivative of z_b by x_a: G(s+, beta) and G(s-, beta)/
 *                       s-, G(s, b) = (hypot(1+s, b) + hypot(1-s, b))/2;
 *             residual  x + g, Lip g = c < 1: 1 + c and 1/(1-c).
 * Source    Claim C6.2.
 *
 *   coupling  J = [[I, 0], [B, S]]: |J(u, v)|^2 <= |u|^2 + (beta|u| + s+|v|)^2,
 *             which is the case 1+1 with b = beta, s = s+.  There (sigma_1 +-
 *             sigma_2)^2 = |J|_F^2 +- 2 det gives G.  G increases in b, and in
 *             s since x/hypot(x, b) increases and 1+s > 1-s; J^-1 has 1/s and
 *             B/s, G(1/s, b/s) = G(s, b)/s, which therefore decreases in s.
 *             With s = 1, sigma = e^y and b = 2 sinh y.
 *   residual  |u + B u| is between (1-c)|u| and (1+c)|u| when |B| <= c.  The
 *             rows show the same for the plane without the triangle inequality:
 *             matrices of norm c are c (r Rot + (1-r) Ref), Ref a reflection of
 *             any axis; |1 + c r e^{ia}| lies between 1 - c r and 1 + c r. */
#include "ball.h"

static const identity identities[] = {
    {{"C6.2", "(sigma_1 + sigma_2)^2 = (1+s)^2 + b^2", "J = [[1,0],[b,s]]",
      "|J|_F^2 + 2 det"},
     "b s",
     "(1 + b^2 + s^2) + 2*s - ((1+s)^2 + b^2)"},
    {{"C6.2", "(sigma_1 - sigma_2)^2 = (1-s)^2 + b^2", "J = [[1,0],[b,s]]",
      "|J|_F^2 - 2 det"},
     "b s",
     "(1 + b^2 + s^2) - 2*s - ((1-s)^2 + b^2)"},
    {{"C6.2",
      "additive: sigma^2 + sigma^-2 = |J|_F^2 at sigma = exp(asinh(tau/2))",
      "e = e^y, f = e^-y, tau = e - f", "e f = 1"},
     "e f",
     "(e^2 + f^2) - (2 + (e-f)^2) - 2*(e*f - 1)"},
    {{"C6.2", "G(1/s, b/s) = G(s, b)/s: (1 + i)^2 = i^2 (1 + s)^2", "i = 1/s",
      "modulo 1 - i s"},
     "i s",
     "(1+i)^2 - (i*s+i)^2 - (1-i*s)*(1+i*s+2*i)"},
    {{"C6.2", "residual: (1 + cr)^2 - |1 + cr e^{ia}|^2 = 2 c r (1-k) >= 0",
      "k = cos a", "hence sigma_max <= 1 + c r + c (1-r)"},
     "c r k",
     "(1+c*r)^2 - (1 + 2*c*r*k + c^2*r^2) - 2*c*r*(1-k)"},
    {{"C6.2", "residual: |1 + cr e^{ia}|^2 - (1 - cr)^2 = 2 c r (1+k) >= 0",
      "k = cos a", "hence sigma_min >= 1 - c r - c (1-r)"},
     "c r k",
     "(1 + 2*c*r*k + c^2*r^2) - (1-c*r)^2 - 2*c*r*(1+k)"},
};

static const cover covers[] = {
    {{"C6.2", "affine: dG/ds > 0", "s, b in [1/16, 16]", "2 dG/ds"},
     "s b",
     "1/16,16 1/16,16",
     "(1+s)/sqrt((1+s)^2+b^2) - (1-s)/sqrt((1-s)^2+b^2)"},
    {{"C6.2", "affine: dG/db > 0", "s, b in [1/16, 16]", "2 dG/db"},
     "s b",
     "1/16,16 1/16,16",
     "b/sqrt((1+s)^2+b^2) + b/sqrt((1-s)^2+b^2)"},
    {{"C6.2", "affine: d(G/s)/ds < 0", "s, b in [1/16, 8]", "2 (G - s dG/ds)"},
     "s b",
     "1/16,8 1/16,8",
     "(1+s+b^2)/sqrt((1+s)^2+b^2) + (1-s+b^2)/sqrt((1-s)^2+b^2)"},
    {{"C6.2", "bounded scale is not Lipschitz: L >= exp(asinh(R/2)) > R",
      "s = tanh(x_a), t = 0 at x_a = 0, |x_b| = R in [1, 2^20]; L - R = 1/L",
      "unbounded"},
     "R",
     "1,2^20",
     "1/(R/2 + sqrt(1 + R^2/4))"},
    {{"C6.2", "additive: sigma_max < exp(asinh(tau/2)) times 1.001, tau = 1",
      "J = ((1, 0), (b, 1)), |b| <= 1", "adaptive subdivision"},
     "b",
     "-1,1",
     "1.001*exp(asinh(1/2)) - (sqrt(4+b^2) + max(b,-b))/2"},
    {{"C6.2", "affine: sigma_max < G(s+, beta) times 1.001",
      "J = ((1, 0), (b, s)), |b| <= 1, s in [1/2, 2]", "adaptive subdivision"},
     "b s",
     "-1,1 1/2,2",
     "1.001*(sqrt(10) + sqrt(2)) - hypot(1+s,b) - hypot(1-s,b)"},
    {{"C6.2", "affine: 1/sigma_min < G(s-, beta)/s- times 1.001",
      "J = ((1, 0), (b, s)), |b| <= 1, s in [1/2, 2]; sigma_min = s/sigma_max",
      "adaptive subdivision"},
     "b s",
     "-1,1 1/2,2",
     "2.002*(hypot(1.5,1) + hypot(0.5,1))*(1 - broken)"
     " + 1.001*(sqrt(10) + sqrt(2))*broken"
     " - (hypot(1+s,b) + hypot(1-s,b))/s"},
    {{"C6.2", "residual: the inverse expands more, 1/(1-c) > 1 + c",
      "c in [1/64, 63/64]", "c^2 > 0"},
     "c",
     "1/64,63/64",
     "1/(1-c) - (1+c)"},
    {{"C6.2s",
      "the series of log(1 - c) cut after c^3/3 errs by less than "
      "c^4/(4 (1 - c))",
      "c in [1/4, 63/64]", "adaptive subdivision"},
     "c",
     "1/4,63/64",
     "c^4/(4*(1-c)) + log(1-c) + c + c^2/2 + (1-2*broken)*c^3/3"},
};

static const number numbers[] = {
    {{"C6.2", "log sigmoid(2), by which a fresh sigmoid scale contracts",
      "per transformed dimension", "-log(1 + e^-2)"},
     "-log(1+exp(-2))",
     "-0.12693"},
    {{"C8.P1", "log|det| per transformed dimension at the sigmoid start",
      "s = 0 in sigmoid(s + 2)", "-log(1 + e^-2)"},
     "-log(1+exp(-2*(1-broken)))",
     "-0.12693"},
    {{"C6.2", "additive, tau = 1: L^2 solves L^2 + L^-2 = 2 + tau^2",
      "golden ratio squared", "exp(2 asinh(1/2))"},
     "exp(2*asinh(1/2))",
     "= (3+sqrt(5))/2"},
};

static void prove(void)
{
    prove_identities(ROWS(identities));
    prove_covers(ROWS(covers));
    prove_numbers(ROWS(numbers));
}

int main(int argc, char **argv)
{
    return proofs(
        argc, argv,
        "Certifies the Lipschitz constants of couplings and residual layers.",
        prove);
}
