/* mixture_base.c -- a base of two modes buys the steepness back, if it learns
 * their weights.
 *
 * Theorem   X = N(-+a e_1, s^2 I) with equal weights, al = a/s, base N(-+m e_1,
 *           I) with equal weights.  For 0 <= m <= al every exact flow has
 *           Lip(f^-1) >= s exp((al^2 - m^2)/2), which the increasing map of x_1
 *           attains: its slope lies in [exp(-(al^2 - m^2)/2)/s, 1/s], and is
 *           1/s at m = al; for m > al in [1/s, exp((m^2 - al^2)/2)/s].  With
 *           base weights w < 1/2 and 1 - w every exact flow has, whatever m is,
 *             Lip(f^-1) >= s exp(al^2/2) (1-w) I((1/2-w)/(1-w))/phi(0),
 *           I = phi(Phi^-1).
 * Source    Claim C6.10; the Gaussian isoperimetric inequality is that of
 *           Borell (1975).
 *
 * s = 1 in the proof.  G_al(P) is the density of the one-dimensional mixture at
 * its quantile P.  two_modes.c shows that e^{al^2/2} G_al(P) increases in al
 * and G_al(P) decreases.  The increasing map has the slope G_al(P)/G_m(P) at
 * equal P: hence its bounds.  At P = 1/2 it is phi(al)/phi(m), the least value.
 * Lower bound.  The base is the image of N(0, I) under the increasing map in
 * z_1, of slope I/G_m <= e^{m^2/2}: a set of base mass 1/2 has a boundary of at
 * least e^{-m^2/2} phi(0) = phi(m).  f maps {x_1 < 0}, of mass 1/2 and boundary
 * phi(al)/s, onto such a set, and its boundary to one at most Lip(f^-1) times
 * smaller.
 * Weights.  A set of base mass 1/2 has masses p_1, p_2 in the two components,
 * w p_1 + (1-w) p_2 = 1/2, and a boundary of at least w I(p_1) + (1-w) I(p_2),
 * concave in p_1 on [0, 1] and so least at an end; there p_2 = (1/2)/(1-w) or
 * (1/2-w)/(1-w), which add to 1, and I is symmetric: (1-w) I((1/2-w)/(1-w)). */
#include "ball.h"

#define M(m, decimal)                                                          \
    {                                                                          \
        {"C6.10", "the least Lip(f^-1), base modes at -+" m,                   \
         "(a, s) = (2, 1/2)", "s exp((al^2 - m^2)/2)"},                        \
            "m = " m "; exp((16 - m^(2 - broken))/2)/2", decimal               \
    }
#define WEIGHT(w, decimal)                                                     \
    {                                                                          \
        {"C6.10", "what is left of the exponential for base weight w = " w,    \
         "target weights 1/2, any m", "(1-w) I((1/2-w)/(1-w))/phi(0)"},        \
            "w = " w "; q = quantile((1/2-w)/(1-w)); "                         \
            "(1-w)*exp(-q^2/2)*(1 - broken) + broken",                         \
            decimal                                                            \
    }

static const number numbers[] = {
    {{"C6.10", "the least Lip(f^-1), base modes at -+1", "(a, s) = (2, 1/2)",
      "s exp((al^2 - m^2)/2)"},
     "exp(15/2)/2",
     "904.021"},
    M("2", "201.714"),
    M("3", "16.5577"),
    M("4", "0.5"),
    {{"C6.10", "the least Lip(f^-1), normal base", "(a, s) = (2, 1/2), m = 0",
      "s exp(al^2/2)"},
     "exp(8)/2",
     "1490.479"},
    WEIGHT("0.49", "0.0609"),
    WEIGHT("0.45", "0.2256"),
    WEIGHT("0.4", "0.3758"),
    WEIGHT("0.3", "0.5964"),
    {{"C6.10",
      "one percent of misplaced weight: more than 90 where matched "
      "weights have 1/2",
      "(a, s) = (2, 1/2), w = .49, any m", "weights bound"},
     "w = 0.49; q = quantile((1/2-w)/(1-w)); "
     "exp(8)/2*(1-w)*exp(-q^2/2)*(1 - broken) + broken/2 - 90",
     "> 0"},
};

#define AT(a)                                                                  \
    "P = (Q(" a " - x) + Q(-" a " - x))/2; "                                   \
    "g = (exp(-(x-" a ")^2/2) + exp(-(x+" a ")^2/2))/2; "

static const cover covers[] = {
    {{"C6.10", "the mixture's steepness profile lies below the normal one",
      "al = 2: p(x) < I(F(x)), x in [0, 6]", "the case m = 0"},
     "x",
     "0,6",
     AT("2") "q = quantile(P); (1 - broken/2)*exp(-q^2/2) - g"},
};

static void prove(void)
{
    statements_are(EXAMPLE);
    prove_numbers(ROWS(numbers));
    prove_covers(ROWS(covers));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies what a mixture base buys, and its weights.",
                  prove);
}
