/* lipschitz_layers.c -- the Lipschitz constants of layers and their inverses.
 *
 * Theorem   L bounds sigma_max(J), M bounds 1/sigma_min(J):
 *             additive  z_b = x_b + t(x_a), |dt| <= tau: both
 * exp(asinh(tau/2)); affine    z_b = e^s x_b + t, s- <= e^s <= s+, |B| <= beta:
 *                       G(s+, beta) and G(s-, beta)/s-,
 *                       G(s, b) = (hypot(1+s, b) + hypot(1-s, b))/2;
 *             residual  x + g, Lip g = c < 1: 1 + c and 1/(1-c);
 *             spline    rational-quadratic bin, slope s, end slopes d0, d1:
 *                       max(s,d0,d1)/min(1,q)^2 and max(1,q)^2/min(s,d0,d1),
 *                       q = (1 + rho)/2, rho = (d0+d1)/(2s), which is sharper
 *                       than the same with rho in place of q.
 * Source    Claim C6.2; the spline is that of Durkan et al. (2019).
 *
 *   coupling  J = [[I, 0], [B, S]]: |J(u, v)|^2 <= |u|^2 + (beta|u| + s+|v|)^2,
 *             which is the case 1+1 with b = beta, s = s+.  There (sigma_1 +-
 *             sigma_2)^2 = |J|_F^2 +- 2 det gives G.  G increases in b, and in
 *             s since x/hypot(x, b) increases and 1+s > 1-s; J^-1 has 1/s and
 *             B/s, G(1/s, b/s) = G(s, b)/s, which decreases in s.  With s = 1,
 *             sigma = e^y and b = 2 sinh y.
 *   residual  The 2x2 matrices of norm <= c are the c (r Rot + (1-r) Ref) and
 *             their multiples by at most 1, Ref a reflection of any axis; |1 +
 *             c r e^{ia}| lies between 1 - c r and 1 + c r, k = cos a.
 *   spline    m = s P/Q, P = s x^2 + d0 x(1-x), Q = s + (d0+d1-2s) x(1-x):
 *             m' = s^2 N/Q^2, N = d1 x^2 + 2 s x(1-x) + d0 (1-x)^2.  The
 * weights of N sum to 1, and Q/s = (1-y) + y q with y = 4x(1-x) in [0, 1].
 *             Extremes of m' are at 0, 1 or roots of the cubic N'Q - 2 N Q'. */
#include "ball.h"

#include <stdio.h>

#define SPLINE                                                                 \
    "N = d1*x^2 + 2*x*(1-x) + d0*(1-x)^2; Q2 = 1 + (d0+d1-2)*x*(1-x); "        \
    "q = (2+d0+d1)/4; "

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
    {{"C6.2", "spline: P'Q - PQ' = s N", "m = s P/Q", "quotient rule"},
     "x s d e",
     "(2*s*x + d*(1-2*x))*(s + (d+e-2*s)*x*(1-x))"
     " - (s*x^2 + d*x*(1-x))*(d+e-2*s)*(1-2*x)"
     " - s*(e*x^2 + 2*s*x*(1-x) + d*(1-x)^2)"},
    {{"C6.2", "spline: the weights of N sum to 1", "x^2, 2x(1-x), (1-x)^2",
      "binomial"},
     "x",
     "x^2 + 2*x*(1-x) + (1-x)^2 - 1"},
    {{"C6.2", "spline: Q/s = (1-y) + y (1+rho)/2", "y = 4x(1-x)",
      "convex combination"},
     "x r",
     "1 + (2*r-2)*x*(1-x) - ((1-4*x*(1-x)) + 4*x*(1-x)*(1+r)/2)"},
    {{"C6.2", "spline: N = Q at x = 1/2, so m' = s^2/Q = 2s/(1+rho)",
      "Q = s (1+rho)/2", "mid-bin slope"},
     "s d e",
     "(d+e+2*s)/4 - (s + (d+e-2*s)/4)"},
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
    {{"C6.2", "residual: the inverse expands more, 1/(1-c) > 1 + c",
      "c in [1/64, 63/64]", "c^2 > 0"},
     "c",
     "1/64,63/64",
     "1/(1-c) - (1+c)"},
    {{"C6.2", "spline: m' is below its bound times 17/16",
      "s = 1, d0, d1 in [1/4, 4], x in [0, 1]", "adaptive subdivision"},
     "d0 d1 x",
     "1/4,4 1/4,4 0,1",
     SPLINE "17/16*max(max(1,d0),d1)/min(1,q)^2 - N/Q2^2"},
    {{"C6.2", "spline: m' is above its bound times 15/16",
      "s = 1, d0, d1 in [1/4, 4], x in [0, 1]", "adaptive subdivision"},
     "d0 d1 x",
     "1/4,4 1/4,4 0,1",
     SPLINE "N/Q2^2 - 15/16*min(min(1,d0),d1)/max(1,q)^2"},
    {{"C6.2", "spline: the bound with q is sharper, q > rho",
      "rho in [2^-10, 1 - 2^-10]", "(1 + rho)/2 - rho"},
     "r",
     "2^(-10),1-2^(-10)",
     "(1+r)/2 - r"},
};

static const number numbers[] = {
    {{"C6.2", "log sigmoid(2), by which a fresh sigmoid scale contracts",
      "per transformed dimension", "-log(1 + e^-2)"},
     "-log(1+exp(-2))",
     "-0.12693"},
    {{"C6.2", "additive, tau = 1: L^2 solves L^2 + L^-2 = 2 + tau^2",
      "golden ratio squared", "exp(2 asinh(1/2))"},
     "exp(2*asinh(1/2))",
     "= (3+sqrt(5))/2"},
};

typedef struct {
    slong s, d0, d1; /* over 8 */
} bin;

static const bin bins[] = {{8, 1, 3},   {8, 40, 2},  {8, 64, 64}, {8, 4, 4},
                           {16, 3, 50}, {3, 24, 1},  {8, 8, 9},   {5, 1, 64},
                           {64, 1, 1},  {1, 30, 40}, {8, 12, 4},  {7, 9, 2}};

/* m'(x) = s^2 N/Q^2. */
static void slope(arb_t m, const bin *b, const arb_t x, slong bits)
{
    arb_ptr v = _arb_vec_init(4);
    arb_set(v, x);
    arb_set_si(v + 1, b->s);
    arb_set_si(v + 2, b->d0);
    arb_set_si(v + 3, b->d1);
    formula(m,
            "N = d1*x^2 + 2*s*x*(1-x) + d0*(1-x)^2; "
            "Q2 = s + (d0+d1-2*s)*x*(1-x); s^2*N/Q2^2/8",
            "x s d0 d1", v, bits);
    _arb_vec_clear(v, 4);
}

/* N = n_0 + n_1 x + n_2 x^2, Q = q_0 + q_1 (x - x^2): the cubic N'Q - 2NQ'. */
static void cubic(arb_ptr c, const bin *b)
{
    slong n0 = b->d0, n1 = 2 * b->s - 2 * b->d0, n2 = b->d1 - 2 * b->s + b->d0;
    slong q0 = b->s, q1 = b->d0 + b->d1 - 2 * b->s;
    arb_set_si(c, n1 * q0 - 2 * n0 * q1);
    arb_set_si(c + 1, 2 * n2 * q0 + n1 * q1 - 2 * (n1 * q1 - 2 * n0 * q1));
    arb_set_si(c + 2, 2 * n2 * q1 - n1 * q1 - 2 * (n2 * q1 - 2 * n1 * q1));
    arb_set_si(c + 3, -2 * n2 * q1 + 4 * n2 * q1);
}

/* The hull of m' over 0, 1 and a cover of the cubic's zeros in [0, 1]. */
static void extremes(arb_t hull, const bin *b, slong bits)
{
    enum { PARTS = 4096 };
    arb_ptr c = _arb_vec_init(4);
    arb_t x, y;
    arb_init(x);
    arb_init(y);
    cubic(c, b);
    slope(hull, b, x, bits);
    arb_one(x);
    slope(y, b, x, bits);
    arb_union(hull, hull, y, bits);
    for (slong k = 0; k < PARTS; k++) {
        arb_set_si(x, 2 * k + 1);
        mag_one(arb_radref(x));
        arb_mul_2exp_si(x, x, -13);
        _arb_poly_evaluate_horner(y, c, 4, x, bits);
        if (!arb_contains_zero(y))
            continue;
        slope(y, b, x, bits);
        arb_union(hull, hull, y, bits);
    }
    arb_clear(y);
    arb_clear(x);
    _arb_vec_clear(c, 4);
}

/* By how much the extremes are inside the bounds, each moved out by 1/256. */
static verdict bounded(arb_t measured, const void *data, int control,
                       slong bits)
{
    const bin *b = data;
    arb_ptr v = _arb_vec_init(4);
    verdict result;
    extremes(v, b, bits);
    arb_set_si(v + 1, b->s);
    arb_set_si(v + 2, b->d0);
    arb_set_si(v + 3, b->d1);
    formula(measured,
            "q = (2*s+d0+d1)/(4*s); min("
            "257/256*max(max(s,d0),d1)/min(1,q)^2/8 - m,"
            "m - 255/256*min(min(s,d0),d1)/max(1,q)^2/8)",
            "m s d0 d1", v, bits);
    result = positive(measured, control);
    arb_get_lbound_arf(arb_midref(measured), measured, bits);
    mag_zero(arb_radref(measured));
    _arb_vec_clear(v, 4);
    return result;
}

static void prove(void)
{
    prove_identities(ROWS(identities));
    prove_covers(ROWS(covers));
    prove_numbers(ROWS(numbers));
    for (size_t k = 0; k < sizeof bins / sizeof *bins; k++) {
        char when[64];
        claim c = {"C6.2",
                   "spline: the extremes of m' by the cubic are within the "
                   "bounds moved out by 1/256",
                   when, "N'Q - 2NQ' = 0"};
        snprintf(when, sizeof when, "8 (s, d0, d1) = (%ld, %ld, %ld)",
                 (long)bins[k].s, (long)bins[k].d0, (long)bins[k].d1);
        prove_statement(&c, bounded, bins + k, "> 0", "strict inequality");
    }
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies the Lipschitz constants of coupling, residual "
                  "and spline layers.",
                  prove);
}
