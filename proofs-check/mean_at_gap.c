/* mean_at_gap.c -- how far a gap lets the mean log-determinant go.
 *
 * Theorem   Base N(0, I), h(X) finite, f any flow of gap g < inf, exact or not.
 *           With r- <= 1 <= r+ the two roots of r - 1 - log r = 2 g/D,
 *             (D/2) log r- <= E log|det J_f| - (h(Z) - h(X)) <= (D/2) log r+,
 *           and sqrt(r+-) f_0 attains the ends, f_0 exact.  In simpler form the
 *           difference lies between -(g + sqrt(D g)) and sqrt(D g).
 * Source    Claim C1.2d; the Gaussian has the largest entropy of its second
 *           moment.
 *
 * Y = f(X), t = E|Y|^2/D, finite as g is.  E log|det J_f| = h(Y) - h(X), and g
 * = KL(Y || Z) = -h(Y) + (D/2) log(2 pi) + D t/2, so the difference is h(Y) -
 * h(Z) = (D/2)(t - 1) - g.  Maximum entropy bounds it by (D/2) log t, hence t -
 * 1 - log t <= 2 g/D and r- <= t <= r+.  It increases in t, and at the ends,
 * where (D/2)(r - 1) - g = (D/2) log r, it is what is said.  sqrt(r) f_0 has Y
 * ~ N(0, r I): both bounds are equalities.
 * Simple form.  With u = log r+ >= 0, e^u - 1 - u >= u^2/2, so u <= 2
 * sqrt(g/D).  With u = -log r-, y = 2 g/D = e^-u - 1 + u increases in u, and is
 * at least y at u = s + s^2/2, s = sqrt(2 y): e^-u >= 1 - s, as log(1-s) <= -s
 * - s^2/2; so (D/2) u <= (D/2)(s + s^2/2) = sqrt(D g) + g.
 * The gap of sqrt(r) f_0 is a radial integral, k r^{D-1} e^{-x^2/2r} its
 * density; beyond 40 it is below 1e-60. */
#include "ball.h"

/* |Y| for Y ~ N(0, r I): density; log of p_Y/p_Z at radius x. */
#define RADIAL(d, gamma, r)                                                    \
    "x^(" d "-1)*exp(-x^2/(2*(" r "))) * 2/(2*(" r "))^(" d "/2)"              \
    "/(" gamma ") * (-" d "/2*log(" r ") + x^2/2 - x^2/(2*(" r ")))"
#define ATTAINED(d, gamma, r)                                                  \
    {                                                                          \
        {"C1.2d",                                                              \
         "sqrt(r) f_0 attains the root bound: its gap g has r - 1 - "          \
         "log r = 2 g/D, D = " d ", r = " r,                                   \
         "f_0 exact, normal base", "KL by radial quadrature"},                 \
            "(1 + broken*(" d "-1))*" RADIAL(d, gamma, r), "0", "40", "1e-60", \
            "= " d "/2*(" r " - 1 - log(" r "))"                               \
    }

static const integral integrals[] = {
    ATTAINED("2", "1", "1/4"),        ATTAINED("2", "1", "1/2"),
    ATTAINED("2", "1", "2"),          ATTAINED("2", "1", "4"),
    ATTAINED("3", "sqrt(pi)/2", "2"), ATTAINED("8", "6", "1/2"),
    ATTAINED("8", "6", "4"),
};

static const number numbers[] = {
    {{"C1.2d",
      "a larger mean than (D/2) log r+ is not reached by "
      "diag(sqrt 3, 1) f_0",
      "D = 2, g = (3 - 1 - log 3)/2; r+ of 2 g/D is above 2.12",
      "r - 1 - log r < 2 g/D at r = 2.12"},
     "g = (2 - log(3))/2; 2*g/2 - (2.12 - 1 - log(2.12))",
     "> 0"},
    {{"C1.2d", "its mean shift is below (D/2) log 2.12", "D = 2, (log 3)/2",
      "strict inequality"},
     "log(2.12) - log(3)/2*(1 + broken)",
     "> 0"},
    {{"C1.2d", "the upper simple bound is sharp to first order",
      "D = 2, r = e^{1e-4}: shift over sqrt(D g)", "1 - t/6 + O(t^2)"},
     "t = 1e-4; g = exp(t) - 1 - t; t/sqrt((2 + 2*broken)*g)",
     "0.9999833"},
    {{"C1.2d", "the lower simple bound is sharp to first order",
      "D = 2, r = e^{-1e-4}: shift over g + sqrt(D g)", "1 - t/3 + O(t^2)"},
     "t = 1e-4; g = exp(-t) - 1 + t; t/(g + sqrt((2 + 2*broken)*g))",
     "0.9999667"},
};

static const cover covers[] = {
    {{"C1.2d", "upper simple form: (log r)^2/2 < r - 1 - log r",
      "t = log r in [1/8, 3/2]; everywhere by the series",
      "D g against shift^2"},
     "t",
     "1/8,3/2",
     "expm1(t) - t - t^2/2*(1 + broken)"},
    {{"C1.2d", "lower simple form: t < y + sqrt(2 y), y = e^-t - 1 + t",
      "t in [1/8, 1]; everywhere by the series", "shift against g + sqrt(D g)"},
     "t",
     "1/8,1",
     "y = expm1(-t) + t; y + sqrt((2 - broken)*y) - t"},
};

static void prove(void)
{
    prove_integrals(ROWS(integrals));
    prove_numbers(ROWS(numbers));
    prove_covers(ROWS(covers));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies the sharp bound of the mean log-determinant at a "
                  "gap.",
                  prove);
}
