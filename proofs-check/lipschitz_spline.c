/* lipschitz_spline.c -- the extreme slopes of a rational-quadratic spline.
 *
 * Theorem   In a bin of slope s and end slopes d0, d1 the spline's slope m' is
 *           at most max(s,d0,d1)/min(1,q)^2 and at least min(s,d0,d1)/
 *           max(1,q)^2, q = (1 + rho)/2, rho = (d0+d1)/(2s), which is sharper
 *           than the same with rho in place of q.  Its extremes are at the ends
 *           or at roots of the cubic N'Q - 2 N Q'.
 * Source    Claim C6.2; the spline is that of Durkan et al. (2019).
 *
 * m = s P/Q, P = s x^2 + d0 x(1-x), Q = s + (d0+d1-2s) x(1-x): m' = s^2 N/Q^2,
 * N = d1 x^2 + 2 s x(1-x) + d0 (1-x)^2.  The weights of N sum to 1, so N is
 * between min and max of s, d0, d1; and Q/s = (1-y) + y q with y = 4x(1-x) in
 * [0, 1] is between min(1, q) and max(1, q).  The rows show it twice more: by
 * subdivision over s = 1, d0, d1 in [1/4, 4], the bounds moved out by 1/16, and
 * for given bins by enclosing the extremes, the bounds moved out by 1/256. */
#include "ball.h"

#include <stdio.h>

#define SPLINE                                                                 \
    "N = d1*x^2 + 2*x*(1-x) + d0*(1-x)^2; Q2 = 1 + (d0+d1-2)*x*(1-x); "        \
    "q = (2+d0+d1)/4; "

static const identity identities[] = {
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
                  "Certifies the slopes of rational-quadratic splines.", prove);
}
