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

/* N' Q - 2 N Q' with Q in units of s. */
#define CUBIC                                                                  \
    "c = (2*d1*x + 2*s*(1-2*x) - 2*d0*(1-x))*Q2"                               \
    " - 2*N*(d0+d1-2*s)*(1-2*x)/s; "
#define BIN(slope, left, right)                                                \
    {                                                                          \
        {"C6.2",                                                               \
         "spline: m' at the cubic's roots is within the bounds moved out by "  \
         "1/256",                                                              \
         "8 (s, d0, d1) = (" slope ", " left ", " right ")",                   \
         "N'Q - 2NQ' = 0, or m' is inside"},                                   \
            "x", "0,1",                                                        \
            "s = " slope "/8; d0 = " left "/8; d1 = " right "/8; "             \
            "N = d1*x^2 + 2*s*x*(1-x) + d0*(1-x)^2; q = (2*s+d0+d1)/(4*s); "   \
            "Q2 = 1 + (d0+d1-2*s)/s*x*(1-x); " CUBIC                           \
            "max(c^2, min(257/256*max(max(s,d0),d1)/min(1,q)^2 - N/Q2^2, "     \
            "N/Q2^2 - 255/256*min(min(s,d0),d1)/max(1,q)^2))"                  \
    }

static const cover bins[] = {
    BIN("8", "1", "3"),   BIN("8", "40", "2"),  BIN("8", "64", "64"),
    BIN("8", "4", "4"),   BIN("16", "3", "50"), BIN("3", "24", "1"),
    BIN("8", "8", "9"),   BIN("5", "1", "64"),  BIN("64", "1", "1"),
    BIN("1", "30", "40"), BIN("8", "12", "4"),  BIN("7", "9", "2"),
};

static void prove(void)
{
    prove_identities(ROWS(identities));
    prove_covers(ROWS(covers));
    statements_are(EXAMPLE);
    prove_covers(ROWS(bins));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies the slopes of rational-quadratic splines.", prove);
}
