/* two_optima.c -- in a class without p_X the optimal density need not be
 * unique.
 *
 * Theorem   Base standard Cauchy, flows f(x) = x - t, data -2 and 2 with equal
 *           mass: the mean log-likelihood -log pi - (log(1+(2-t)^2) + log(1+
 *           (2+t)^2))/2 has exactly two global maxima, t = -sqrt 3 and sqrt 3,
 *           of value -log(4 pi), and between them a local minimum.
 * Source    Claim C2.3.
 *
 * (1+(2-t)^2)(1+(2+t)^2) = (t^2 - 3)^2 + 16: least, 16, at t^2 = 3; at t = 0 it
 * is 25, a local maximum of the product, as its derivative 4 t (t^2 - 3) shows.
 * The cause is the frozen scale: with scale and location radial bases have no
 * such maxima (radial_bases.c). */
#include "ball.h"

static const identity identities[] = {
    {{"C2.3", "(1+(2-t)^2)(1+(2+t)^2) = (t^2 - 3)^2 + 16",
      "Cauchy base, data -2 and 2", "expanded"},
     "t broken",
     "(1+(2-t)^2)*(1+(2+t)^2) - (t^2-3)^2 - 16 - broken*9"},
};

/* broken: a normal base, of one maximum at 0. */
#define LL(t)                                                                  \
    "t = " t "; L = (1 - broken)*(-log(pi) - (log(1+(2-t)^2)"                  \
    " + log(1+(2+t)^2))/2) + broken*(-log(2*pi)/2 - (4 + t^2)/2); "

static const number numbers[] = {
    {{"C2.3", "the two global maxima have the value -log(4 pi)", "t = sqrt 3",
      "closed form"},
     LL("sqrt(3)") "L",
     "= -log(4*pi)"},
    {{"C2.3", "the likelihood at t = 0 is below that at sqrt 3",
      "log 5 > log 4", "strict inequality"},
     LL("0") "z = L; " LL("sqrt(3)") "L - z",
     "> 0"},
};

static const cover covers[] = {
    {{"C2.3", "t = 0 is a local minimum: the likelihood is convex there",
      "|t| <= 1/2", "second derivative of the product (t^2 - 3)^2 + 16"},
     "t",
     "-1/2,1/2",
     "p = (t^2-3)^2 + 16; d = 4*t*(t^2-3); (d^2 - (12*t^2 - 12)*p)/(2*p^2)"
     " - broken"},
};

static void prove(void)
{
    statements_are(EXAMPLE);
    prove_identities(ROWS(identities));
    prove_numbers(ROWS(numbers));
    prove_covers(ROWS(covers));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies two optimal densities of a misspecified class.",
                  prove);
}
