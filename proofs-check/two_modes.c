/* two_modes.c -- how steep the inverse of a flow of two modes must be.
 *
 * Theorem   X = N(-+a e_1, s^2 I) with equal weights needs Lip(f^-1) >=
 *           s exp(a^2/(2 s^2)), which f = Phi^-1 F attains: its slope is least
 *           at 0, exp(-a^2/(2 s^2))/s, and stays below 1/s.
 * Source    Claim C6.6; the isoperimetric inequality is that of Sudakov and
 *           Tsirelson (1974) and Borell (1975).
 *
 * f' = p/phi(f) is even.  log f' has the slope p'/p + f f', p'/p = (a tanh(a x/
 * s^2) - x)/s^2.  tanh is concave on x >= 0, so tanh(a x_1/s^2) > x_1/a makes
 * the slope positive on (0, x_1]: f' >= f'(0) there.  For a = s = 1, where this
 * fails, tanh x - x >= -x^3/3 and f' > .6 on [0, 1/2] give a slope of at least
 * .36 x - x/12 > 0.  A cover continues to a + 2 s.  Beyond, with w = (x-a)/s >=
 * 2, the inverse m(w) = phi/Q of Mills' ratio is increasing and m' < 1.  1 - F
 * >= Q(w)/2 >= Q(w+1), so f <= w+1; p/(1-F) >= m(w)/s, as it is a mediant of m
 * at w and at w + 2a/s; and f' = p/(Q(f) m(f)) >= m(w)/(s (m(w)+1)) > .7/s.
 * From above, concavity of phi Phi^-1 proves f' <= 1/s everywhere; the covers
 * show it on a box. */
#include "ball.h"

#define MIXTURE(a, s)                                                          \
    "a = " a "; s = " s "; "                                                   \
    "p = (exp(-((x-a)/s)^2/2) + exp(-((x+a)/s)^2/2))/(2*s*sqrt(2*pi)); "
#define MAP(a, s) MIXTURE(a, s) "f = quantile((Q((x-a)/s) + Q((x+a)/s))/2); "
#define SLOPE "p*sqrt(2*pi)*exp(f^2/2)"
#define CONCAVE(a, s)                                                          \
    {                                                                          \
        {"C6.6", "f' increases on (0, a/3], (a, s) = (" a ", " s ")",          \
         "tanh(a^2/(3 s^2)) > 1/3", "concavity of tanh"},                      \
            "tanh((" a ")^2/(3*(" s ")^2)) - 1/3", "> 0"                       \
    }
#define LEAST(a, s, from)                                                      \
    {{"C6.6", "f' > f'(0) = exp(-a^2/(2 s^2))/s, (a, s) = (" a ", " s ")",     \
      "x in [" from ", a+2s]; elsewhere as shown above", "minimal M"},         \
     "x",                                                                      \
     from "," a "+2*" s,                                                       \
     MAP(a, s) SLOPE " - exp(-(a/s)^2/2)/s"},                                  \
    {                                                                          \
        {"C6.6", "f' < 1/s, (a, s) = (" a ", " s ")", "|x| <= a + 6 s",        \
         "concavity of phi Phi^-1"},                                           \
            "x", "0," a "+6*" s, MAP(a, s) "1/s - " SLOPE                      \
    }

static const number numbers[] = {
    {{"C6.6", "f'(0), the least slope", "(a, s) = (2, 1/2)",
      "exp(-a^2/(2 s^2))/s"},
     "exp(-8)*2",
     "0.0006709252558050237"},
    {{"C6.6", "the minimal M", "(a, s) = (2, 1/2)", "s exp(a^2/(2 s^2))"},
     "exp(8)/2",
     "1490.4789"},
    {{"C6.6", "f' at a + 6 s, close below 1/s = 2", "(a, s) = (2, 1/2)",
      "closed form"},
     "x = 5; " MAP("2", "1/2") SLOPE,
     "1.9652"},
    {{"C6.6", "f' at a + 6 s, close below 1/s = 1", "(a, s) = (3, 1)",
      "closed form"},
     "x = 9; " MAP("3", "1") SLOPE,
     "0.9826"},
    {{"C6.6", "f' at a + 6 s, close below 1/s = 10/3", "(a, s) = (2, .3)",
      "closed form"},
     "x = 3.8; " MAP("2", "0.3") SLOPE,
     "3.275"},
    CONCAVE("2", "1/2"),
    CONCAVE("3", "1"),
    CONCAVE("6/5", "1"),
    CONCAVE("5", "1"),
    {{"C6.6", "Mills: m(2)/(m(2) + 1) > .7", "m = phi/Q",
      "the tail x >= a + 2 s"},
     "m = exp(-2)/sqrt(2*pi)/Q(2); m/(m+1) - 0.7",
     "> 0"},
    {{"C6.6", "Q(w+1) <= exp(-w-1/2) Q(w) < Q(w)/2", "w >= 2",
      "the tail x >= a + 2 s"},
     "1/2 - exp(-5/2)",
     "> 0"},
    {{"C6.6", ".7/s > f'(0)", "a/s >= 1", "the tail x >= a + 2 s"},
     "0.7 - exp(-1/2)",
     "> 0"},
};

static const cover covers[] = {
    LEAST("2", "1/2", "2/3"),
    LEAST("3", "1", "1"),
    LEAST("6/5", "1", "2/5"),
    LEAST("5", "1", "5/3"),
    LEAST("1", "1", "1/2"),
    {{"C6.6", "f' > .6 near 0, (a, s) = (1, 1)", "|x| <= 1/2",
      "for f' > f'(0) as shown above"},
     "x",
     "0,1/2",
     MAP("1", "1") SLOPE " - 0.6"},
};

/* |log p| <= w^2 + 4 for w = (x-a)/s >= 16, int_W^inf (w^2+4) phi <=
 * (W + 5/W) phi(W), on both sides, and log(2 pi e 4.25)/2 < 3. */
static const integral integrals[] = {
    {{"C6.6", "what the best affine flow loses", "(a, s) = (2, 1/2)",
      "negentropy by quadrature"},
     MIXTURE("2", "1/2") "p*(log(2*pi*exp(1)*4.25)/2 + log(p))",
     "-10",
     "10",
     "2*(16+8/16)*exp(-16^2/2)",
     "0.72355"},
};

static void prove(void)
{
    prove_numbers(ROWS(numbers));
    prove_covers(ROWS(covers));
    prove_integrals(ROWS(integrals));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies the least steepness of the inverse for two modes.",
                  prove);
}
