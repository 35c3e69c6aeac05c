/* coiled_strip.c -- a flow that rearranges beats the affine one on its budget.
 *
 * Theorem   X uniform on the rectangle |x_1| <= 500, |x_2| <= .002.  An
 *           injective map of Lipschitz constant L = 1 on it has the likelihood
 *           -2.2264, against -8.0032 of the best affine map with L = 1 and the
 *           bound -2.0721 of every flow with L = 1.
 * Source    Claim C6.5iii; the other two values are in lipschitz_budget.c.
 *
 *   map       f = r (cos t, sin t)/sigma, r = p t + x_2, p = .002/pi, t from 20
 *             pi to T along the strip, dx_1 = p sqrt(t^2+1) dt.  Write y =
 *             x_2/p, |y| <= pi.  Neighbouring arms have r apart by 2 pi p =
 *             .004, the strip's width: f is injective on the open rectangle.
 *   T         A(t) = (t sqrt(t^2+1) + asinh t)/2 has slope sqrt(t^2+1), so A(T)
 *             = A(20 pi) + 1000/p; two rows enclose T within 1e-25.
 *   Jacobian  In the frame (e_r, e_t): sigma J = ((a, 1), (g, 0)), a = 1/
 *             sqrt(t^2+1), g = (t+y) a; (sigma_1 +- sigma_2)^2 = (1 +- g)^2 +
 *             a^2.  sigma_1 increases in a and g, which are largest in the
 *             corner t = 20 pi, y = pi; sigma is its value there.  The cover
 *             shows the maximum once more, within 2e-5.
 *   value     LL = -log 2 pi - E r^2/(2 sigma^2) + E log g - 2 log sigma, t of
 *             density sqrt(t^2+1) p/1000, y uniform: E(t+y)^2 = t^2 + pi^2/3, E
 *             log(t+y) = ((t+pi) log(t+pi) - (t-pi) log(t-pi))/(2 pi) - 1.  The
 *             integrand is below .01, and the rest of T below 1e-25. */
#include "ball.h"

#define T "1773.5662251791993568309193379"
#define LENGTH(t) "t = " t "; (t*sqrt(t^2+1) + asinh(t))/2"
#define NORM "(sqrt((1+g)^2+a^2) + sqrt((1-g)^2+a^2))/2"
#define SIGMA "a = 1/sqrt(400*pi^2+1); g = 21*pi*a; sigma = " NORM "; "

static const identity identities[] = {
    {{"C6.5iii", "(sigma_1 + sigma_2)^2 = (1+g)^2 + a^2",
      "J = ((a, 1), (g, 0)) in the polar frame, det = -g", "|J|_F^2 + 2 |det|"},
     "a g",
     "(a^2 + 1 + g^2) + 2*g - ((1+g)^2 + a^2)"},
    {{"C6.5iii", "(sigma_1 - sigma_2)^2 = (1-g)^2 + a^2",
      "J = ((a, 1), (g, 0)) in the polar frame, det = -g", "|J|_F^2 - 2 |det|"},
     "a g",
     "(a^2 + 1 + g^2) - 2*g - ((1-g)^2 + a^2)"},
    {{"C6.5iii", "g decreases in t at y = pi: sign of 1 - pi t",
      "(t^2+1)^{3/2} dg/dt", "quotient rule"},
     "t y",
     "(t^2+1) - (t+y)*t - (1 - y*t)"},
};

static const number numbers[] = {
    {{"C6.5iii", "T is above " T, "A(T) - A(20 pi) = 500000 pi", "A increases"},
     LENGTH("20*pi") " + 500000*pi - (" T "*sqrt(" T "^2+1) + asinh(" T "))/2",
     "> 0"},
    {{"C6.5iii", "T is below " T " + 1e-25", "A(T) - A(20 pi) = 500000 pi",
      "A increases"},
     "u = " T " + 1e-25; h = (u*sqrt(u^2+1) + asinh(u))/2; " LENGTH(
         "20*pi") "*(-1) - 500000*pi + h",
     "> 0"},
    {{"C6.5iii", "largest singular value of the coil before scaling",
      "corner t = 20 pi, y = pi", "closed form"},
     SIGMA "sigma",
     "1.0511367214587565"},
    {{"C6.5iii", "the coil beats the affine clip by more than 5.77", "L = 1",
      "-2.2265 against the clip"},
     "l = 1000^2/12; -2.2265 + log(2*pi) + 1/2 + log(l)/2 + 0.004^2/24 - 5.77",
     "> 0"},
    {{"C6.5iii", "the coil is within .16 of the bound of all flows", "L = 1",
      "entropy power"},
     "n = 4/(2*pi*exp(1)); 0.16 + log(4) + (n - 1 - log(n)) - 2.2265",
     "> 0"},
};

static const cover covers[] = {
    {{"C6.5iii", "sigma_1 < 1.05115 before scaling",
      "i = 1/t in [1/1774, 1/(20 pi)], |y| <= pi", "adaptive subdivision"},
     "i y",
     "1/1774,1/(20*pi) -pi,pi",
     "a = i/sqrt(1+i^2); g = (1+y*i)/sqrt(1+i^2); 1.05115 - " NORM},
};

static const integral integrals[] = {
    {{"C6.5iii", "likelihood of the coil at L = 1", "1000 x .004 rectangle",
      "quadrature over t"},
     SIGMA "m = x^2 + pi^2/3; p = 0.002/pi; "
           "q = ((x+pi)*log(x+pi) - (x-pi)*log(x-pi))/(2*pi) - 1; "
           "sqrt(x^2+1)/(500000*pi)*(-log(2*pi) - m*p^2/(2*sigma^2) + q"
           " - log(x^2+1)/2 - 2*log(sigma))",
     "20*pi",
     T,
     "1e-25",
     "-2.226442445237514"},
};

static void prove(void)
{
    prove_identities(ROWS(identities));
    prove_numbers(ROWS(numbers));
    prove_covers(ROWS(covers));
    prove_integrals(ROWS(integrals));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies a nonlinear map that beats the affine optimum on "
                  "a Lipschitz budget.",
                  prove);
}
