/* two_modes.c -- how steep the inverse of a flow of two modes must be.
 *
 * Theorem   X = N(-+a e_1, s^2 I) with equal weights, any a, s > 0.  Every
 *           exact flow onto R^D has Lip(f^-1) >= s exp(a^2/(2 s^2)), which the
 *           increasing map f = Phi^-1 F of x_1 attains: its slope lies in
 *           [exp(-a^2/(2 s^2))/s, 1/s].  In D = 1 the least divergence on
 *           Lip(f^-1) <= M has the slope 1/M on |x| <= x_0 and, beyond, f(X) of
 *           a density C phi, C = P(X > x_0)/Phi(-x_0/M), C phi(x_0/M) = M
 *           p(x_0).
 * Source    Claim C6.6; the isoperimetric inequality is that of Borell
 *           (1975).
 *
 *   Lower bound  {x_1 < 0} has mass 1/2 and a boundary of p(0) = exp(-a^2/2s^2)
 *      phi(0)/s; f maps it to a set of mass 1/2, whose boundary is at least
 *      phi(0), and at most Lip(f^-1) p(0).
 *   Slope  Let s = 1, al = a; p and F density and distribution of the mixture,
 *      G_al(P) = p(F^-1(P)), I = phi(Phi^-1) = G_0.  As p = e^{-al^2/2} phi(x)
 *      cosh(al x) and dF/d al = -e^{-al^2/2} phi(x) sinh(al x), the quantile x
 *      = F^-1(P) moves with the speed T = tanh(al x).  So, P fixed,
 *        d log(e^{al^2/2} G_al)/d al = -x T + T (x + al T) = al T^2 >= 0,
 *        d log G_al/d al = al T^2 - al = -al/cosh^2(al x) <= 0,
 *      hence e^{-al^2/2} I <= G_al <= I, and f' = G_al(F)/I(F).  At 0, T = 0.
 *   Budget  The likelihood is concave in an increasing f.  In the direction d
 *      it has the derivative E[-g d + d'/g'] at the map g above.  Beyond x_0,
 *      p/g' = C phi(g): the integral is -C phi(x_0/M) d(x_0), as C phi(g) d
 *      tends to 0 along a sequence when E d^2 < inf.  Before, with m(x) =
 *      int_x^{x_0} (t/M) p dt + C phi(x_0/M), it is that of (M p - m) d',
 *      without ends as g is odd.  d = f - g has d' >= 0 there, so g is best if
 *      m >= M p on [0, x_0], and if g' >= 1/M beyond.  m - M p is 0 at x_0 and
 *      decreases where A(x) = x/M^2 + p'/p > 0, p'/p = (a tanh(a x/s^2) -
 *      x)/s^2: on all of (0, x_1] if at x_1, as tanh is concave.  Beyond x_0, M
 *      g' = 1 at x_0 and (log g')' = p'/p + g g' >= A(x) while g' >= 1/M: it
 *      increases up to x_1. A cover continues to w = (x-a)/s = 2.  Beyond, the
 *      inverse m of Mills' ratio, m(w) = phi/Q, increases, m' < 1; P(X > x) >=
 *      Q(w)/2 and Q(w+2) <= e^{-2w-2} Q(w) <= Q(w)/(2 C) for C < 200, so g <= w
 *      + 2; and g' = (p/P(X > x))/m(g) >= m(w)/(s (m(w) + 2)) > .54/s, p/P(X >
 *      x) being a mediant of m/s at w and at w + 2a/s. */
#include "ball.h"

#define MIXTURE "p = (exp(-2*(x-2)^2) + exp(-2*(x+2)^2))/sqrt(2*pi); "
#define SURVIVAL "P = (Q(2*(x-2)) + Q(2*(x+2)))/2; "
#define MAP(a, s)                                                              \
    "a = " a "; s = " s "; "                                                   \
    "p = (exp(-((x-a)/s)^2/2) + exp(-((x+a)/s)^2/2))/(2*s*sqrt(2*pi)); "       \
    "f = quantile((Q((x-a)/s) + Q((x+a)/s))/2); "
#define SLOPE "p*sqrt(2*pi)*exp(f^2/2)"

static const identity identities[] = {
    {{"C6.6", "d log(e^{al^2/2} G_al)/d al = al T^2",
      "P fixed, T = tanh(al x) the speed of x", "chain rule"},
     "x T a broken",
     "-x*T + T*(x + a*T) - a*T^2 + broken*x*T"},
    {{"C6.6", "d log G_al/d al = -al (1 - T^2)", "P fixed, 1/cosh^2 = 1 - T^2",
      "chain rule"},
     "x T a broken",
     "-a - x*T + T*(x + a*T) + a*(1 - T^2) + broken*x*T"},
};

static const number slopes[] = {
    {{"C6.6", "f'(0), the least slope", "(a, s) = (2, 1/2)",
      "exp(-a^2/(2 s^2))/s"},
     "a = 2; s = 1/2; exp(-a^(2-broken)/(2*s^2))/s",
     "0.0006709252558050237"},
    {{"C6.6", "the minimal M", "(a, s) = (2, 1/2)", "s exp(a^2/(2 s^2))"},
     "a = 2; s = 1/2; s*exp(a^(2-broken)/(2*s^2))",
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
    {{"C6.6", "Mills: m(2)/(m(2) + 2) > .54", "m = phi/Q",
      "the tail x >= a + 2 s"},
     "m = exp(-2)/sqrt(2*pi)/Q(2); m/(m+2) - 0.54 - broken",
     "> 0"},
    {{"C6.6", ".54/s > 1/M", "s = 1/2, M >= 1", "the tail x >= a + 2 s"},
     "0.54*2 - 1 - broken",
     "> 0"},
    {{"C6.6", "Q(w+2) <= e^{-6} Q(w) < Q(w)/(2 C)", "w >= 2, C < 200",
      "the tail x >= a + 2 s"},
     "1/400 - exp(-6) - broken",
     "> 0"},
};

static const cover examples[] = {
    {{"C6.6", "f' > f'(0)", "(a, s) = (2, 1/2), x in [1/8, 3]",
      "an example of the proof"},
     "x",
     "1/8,3",
     MAP("2", "1/2") SLOPE " - exp(-8)*2*(1 + 1e5*broken)"},
    {{"C6.6", "f' > f'(0) for small a/s", "(a, s) = (1/2, 1), x in [1/2, 3]",
      "an example of the proof"},
     "x",
     "1/2,3",
     MAP("1/2", "1") SLOPE " - exp(-1/8)*(1 + broken)"},
    {{"C6.6", "f' < 1/s", "(a, s) = (2, 1/2), |x| <= 5",
      "an example of the proof"},
     "x",
     "0,5",
     MAP("2", "1/2") "2 - 2*broken - " SLOPE},
};

/* (a, s) = (2, 1/2); x_0 within 1e-25 above the decimal. */
#define ROOT(M, x)                                                             \
    "M = " M "; x = " x "; " MIXTURE SURVIVAL                                  \
    "C = P/Q(x/M); h = C*exp(-x^2/(2*M^2))/sqrt(2*pi) - M*p; "
#define RISES(M, x) "x = " x "; 8*tanh(8*x) - x*(4 - 1/" M "^2) - 8*broken"
#define SWEEP(M, x, x1)                                                        \
    {{"C6.6", "budget M = " M ": x_0 is above " x, "(a, s) = (2, 1/2)",        \
      "C phi(x_0/M) = M p(x_0)"},                                              \
     ROOT(M, x) "h - broken",                                                  \
     "> 0"},                                                                   \
        {{"C6.6", "budget M = " M ": x_0 is below " x " + 1e-25",              \
          "(a, s) = (2, 1/2)", "C phi(x_0/M) = M p(x_0)"},                     \
         ROOT(M, x " + 1e-25") "-h - broken",                                  \
         "> 0"},                                                               \
        {{"C6.6", "budget M = " M ": p'/p + x/M^2 > 0 up to x_1 = " x1,        \
          "(a, s) = (2, 1/2)", "concavity of tanh"},                           \
         RISES(M, x1),                                                         \
         "> 0"},                                                               \
    {                                                                          \
        {"C6.6", "budget M = " M ": x_0 < x_1, 1 <= C < 200",                  \
         "(a, s) = (2, 1/2)", "closed form"},                                  \
            ROOT(M, x) "min(" x1 " - x, min(C - 1, 200 - C)) - 200*broken",    \
            "> 0"                                                              \
    }

static const number sweep[] = {
    SWEEP("1", "2.3986597918746559508277601", "2.6"),
    SWEEP("2", "1.5653116006094389619609463", "1.95"),
    SWEEP("4", "1.2189784301752622867744991", "1.95"),
    SWEEP("16", "0.8292373880600989255409802", "1.95"),
    SWEEP("100", "0.4829356681839628916108133", "1.95"),
};

/* C at x_0, then the slope beyond as a function of x. */
#define BEYOND(M, root, x1)                                                    \
    {                                                                          \
        {"C6.6", "budget M = " M ": g' > 1/M",                                 \
         "(a, s) = (2, 1/2), x in [" x1 ", 3]", "elsewhere as shown above"},   \
            "y", x1 ",3",                                                      \
            ROOT(M, root) "x = y; " MIXTURE SURVIVAL "g = quantile(P/C); "     \
                          "p*sqrt(2*pi)*exp(g^2/2)/C - (1 + 999*broken)/M"     \
    }
static const cover beyond[] = {
    BEYOND("1", "2.3986597918746559508277601", "2.6"),
    BEYOND("2", "1.5653116006094389619609463", "1.95"),
    BEYOND("4", "1.2189784301752622867744991", "1.95"),
    BEYOND("16", "0.8292373880600989255409802", "1.95"),
    BEYOND("100", "0.4829356681839628916108133", "1.95"),
};

/* KL = 2 int_0^{x_0} p log(p M/phi(x/M)) + 2 P(X > x_0) log C; the last 1e-25
 * before x_0 changes less than 1e-20.  Of the affine flow: |log p| <= w^2 + 4
 * for w = (x-a)/s >= 16, int_W^inf (w^2+4) phi <= (W + 5/W) phi(W), on both
 * sides, and log(2 pi e 4.25)/2 < 3. */
#define DIVERGENCE(m, root, decimal)                                           \
    {                                                                          \
        {"C6.6", "the least divergence on Lip(f^-1) <= M, M = " m,             \
         "(a, s) = (2, 1/2), D = 1", "quadrature"},                            \
            MIXTURE "M = " m "; R = " root "; "                                \
                    "T = (Q(2*(R-2)) + Q(2*(R+2)))/2; C = T/Q(R/M); "          \
                    "2*p*(log(p) + (1 - broken)*log(M) + x^2/(2*M^2)"          \
                    " + log(2*pi)/2) + 2*(1 - broken)*T*log(C)/R",             \
            "0", root, "1e-20", decimal                                        \
    }
static const integral integrals[] = {
    DIVERGENCE("1", "2.3986597918746559508277601", "1.6201661128"),
    DIVERGENCE("2", "1.5653116006094389619609463", "0.4616330799"),
    DIVERGENCE("4", "1.2189784301752622867744991", "0.1626073183"),
    DIVERGENCE("16", "0.8292373880600989255409802", "0.0240580824"),
    DIVERGENCE("100", "0.4829356681839628916108133", "0.0016299016"),
    {{"C6.6", "what the best affine flow loses", "(a, s) = (2, 1/2)",
      "negentropy by quadrature"},
     MIXTURE "p*(log(2*pi*exp(1)*(4.25 - broken))/2 + log(p))",
     "-10",
     "10",
     "2*(16+8/16)*exp(-16^2/2)",
     "0.7235530265"},
};

static void prove(void)
{
    prove_identities(ROWS(identities));
    statements_are(EXAMPLE);
    prove_numbers(ROWS(slopes));
    prove_covers(ROWS(examples));
    prove_numbers(ROWS(sweep));
    prove_covers(ROWS(beyond));
    prove_integrals(ROWS(integrals));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies the least steepness of the inverse for two modes, "
                  "and what less costs.",
                  prove);
}
