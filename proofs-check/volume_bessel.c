/* volume_bessel.c -- how far the volume of a small ball's image is from |det
 * J|.
 *
 * Theorem   For f = (e^x cos y, e^x sin y), j = e^{2x} and a ball of radius r
 *           about x = 0, vol f(B_r)/vol B_r = I_1(2r)/r, so 1 + r^2/2 + O(r^4):
 *           the coefficient is Laplacian j/(2(D+2)) = 4/8.  For f = (e^{x_1},
 *           x_2, .., x_D) it is Gamma(D/2+1) (2/r)^{D/2} I_{D/2}(r), of
 *           coefficient 1/(2(D+2)).
 * Source    Claims C4.1 and C4.2, the expansion being proved in
 *           theory/theory.md, C4.1; for the whole series see Toma (2008).
 * Method    The mean of j over the disc is (2/pi) int e^{2 r sin s} cos^2 s ds
 *           over |s| <= pi/2 (x = r sin s), by quadrature, against Bessel's
 *           function.  I_1(2r)/r = sum r^{2k}/(k!(k+1)!), whose terms beyond
 *           the second are positive and below r^4/11 for r <= 1/2 (1/12 +
 *           r^2/144 + ...): the rows on the coefficient. */
#include "ball.h"

#define DISC(r)                                                                \
    {                                                                          \
        {"C4.2", "vol f(B_r)/vol B_r = I_1(2r)/r, r = " r,                     \
         "f = (e^x cos y, e^x sin y), centre x = 0", "quadrature"},            \
            "2/pi*exp(2*" r "*sin(x))*cos(x)^2", "-pi/2", "pi/2", "0",         \
            "= besseli(1,2*" r ")/(" r ")"                                     \
    }
#define EXCESS(r) "c = (besseli(1,2*" r ")/(" r ") - 1)/(" r ")^2 - 1/2; "
/* broken: 1/(2 D) for 1/(2 (D+2)). */
#define COEFFICIENT(r)                                                         \
    {{"C4.1", "second-order coefficient exceeds 1/2, r = " r,                  \
      "(I_1(2r)/r - 1)/r^2 - 1/2 > 0", "Pizzetti"},                            \
     EXCESS(r) "c - broken/2",                                                 \
     "> 0"},                                                                   \
    {                                                                          \
        {"C4.1", "by less than r^2/11, r = " r, "(I_1(2r)/r - 1)/r^2 - 1/2",   \
         "Pizzetti"},                                                          \
            EXCESS(r) "(" r ")^2/11 - c", "> 0"                                \
    }
#define BALL(d, r)                                                             \
    "(exp(lgamma(" d "/2+1))*(2/(" r "))^(" d "/2)*besseli(" d "/2," r         \
    ") - 1)/(" r ")^2"

static const integral integrals[] = {
    DISC("1/2"),
    DISC("1/4"),
    DISC("1/8"),
    DISC("1/16"),
    DISC("1/32"),
    DISC("1/64"),
    {{"C4.2", "the same of f = (e^{x_1}, x_2, .., x_10), r = 1/10",
      "D = 10: mean of e^{x_1}, x_1 = r sin s, s of density 256 cos(s)^10/(63 "
      "pi)",
      "quadrature"},
     "exp(sin(x)/10)*cos(x)^10*256/(63*pi)",
     "-pi/2",
     "pi/2",
     "0",
     "= exp(lgamma(6))*20^5*besseli(5,1/10)"},
};

static const number numbers[] = {
    {{"C4.2", "ratio at r = 1/2", "centre x = 0", "I_1(2r)/r"},
     "besseli(1,1)*2",
     "1.13031820798497"},
    {{"C4.2", "coefficient at r = 1/2", "tends to 1/2", "(I_1(2r)/r-1)/r^2"},
     EXCESS("1/2") "c + 1/2",
     "0.5213"},
    {{"C4.2", "coefficient at r = 1/4", "tends to 1/2", "(I_1(2r)/r-1)/r^2"},
     EXCESS("1/4") "c + 1/2",
     "0.5052"},
    {{"C4.2", "coefficient at r = 1/8", "tends to 1/2", "(I_1(2r)/r-1)/r^2"},
     EXCESS("1/8") "c + 1/2",
     "0.5013"},
    COEFFICIENT("1/2"),
    COEFFICIENT("1/4"),
    COEFFICIENT("1/8"),
    COEFFICIENT("1/16"),
    COEFFICIENT("1/32"),
    COEFFICIENT("1/64"),
    {{"C4.2", "coefficient at r = 1/10", "D = 10, tends to 1/24",
      "(ratio - 1)/r^2"},
     BALL("10", "1/10"),
     "0.0416741"},
    {{"C4.2", "it exceeds 1/24", "D = 10, r = 1/10", "series of I_5"},
     BALL("10", "1/10") " - 1/(24 - 4*broken)",
     "> 0"},
    {{"C4.2", "by less than r^2/(8(D+2)(D+4)) (1 + r^2)", "D = 10, r = 1/10",
      "series of I_5"},
     "(1/10)^2/(8*12*14)*(1+1/100) - (" BALL("10", "1/10") " - 1/24)",
     "> 0"},
    {{"C4.1", "observed order between r = 1/4 and 1/8 is below 2.02", "D = 2",
      "log_2 of the ratio of errors"},
     "2.02 - log((besseli(1,1/2)*4-1)/(besseli(1,1/4)*8-1))/log(2)",
     "> 0"},
    {{"C4.1", "and above 2", "D = 2", "log_2 of the ratio of errors"},
     "log((besseli(1,1/2)*4-1)/(besseli(1,1/4)*8-1))/log(2) - 2",
     "> 0"},
};

static void prove(void)
{
    prove_integrals(ROWS(integrals));
    prove_numbers(ROWS(numbers));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies the volume ratio of small balls and its "
                  "second-order coefficient.",
                  prove);
}
