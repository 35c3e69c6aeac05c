/* coiled_strip.c -- a flow that rearranges beats the affine one on its budget.
 *
 * Theorem   X uniform on a strip (s_0, s_0 + l) x (0, w), a = w/(2 pi), s_0 =
 *           pi w.  The involute coil f(s, y) = the point at distance t = r - y
 *           along the tangent at angle q of the circle of radius a, r = a q =
 *           sqrt(2 a s), is a flow whose singular values are 1 and t/r < 1.  Of
 *           area l w = 4, its likelihood tends to -log(2 pi) - 1/pi as w -> 0,
 *           which is the bound of every flow with |det J_f| <= 1
 *           (volume_bound.c); the best affine flow with L = 1 has -8.0032 at w
 *           = .004.
 * Source    Claim C6.5iii.
 *
 *   Jacobian   With e = (cos q, sin q), e' = (-sin q, cos q), f = a e - t e'.
 *              dr/ds = a/r and dq/ds = 1/r, so that df/dq at fixed y is a e' -
 *              a e' + t e = t e, and df/ds = (t/r) e, df/dy = e'.
 *   Injective  s > s_0 says r > w > y, so t > 0, and each point outside the
 *              circle is a e - t e' for one q modulo 2 pi and one t > 0.  At q
 *              the strip has t in (r - w, r), at q + 2 pi, as 2 pi a = w, in
 *              (r, r + w), and so on: disjoint.  The image is |y| > a without a
 *              curve; a translated copy of the disc |y| < a added to the domain
 *              makes it a flow of full measure, and has no mass.
 *   Value      r^2 is uniform on (w^2, R^2), R^2 = w^2 + l w/pi, and y on (0,
 *              w): LL = -log(2 pi) + E log(1 - y/r) - (a^2 + E(r - y)^2)/2, E
 *              over y: E log(1 - y/r) = -1 - (r - w)/w log(1 - w/r).  Over r:
 *              the integrals of 2 r (r-w) log(r-w) and of 2 r (r-w) log r are
 *              F = 2 Y^3 (log Y/3 - 1/9) + 2 w Y^2 (log Y/2 - 1/4), Y = R - w,
 *              and G = [2 r^3 (log r/3 - 1/9) - 2 w r^2 (log r/2 - 1/4)] from w
 *              to R; E r = 2 (R^3 - w^3)/(3 (R^2 - w^2)). */
#include "ball.h"

/* broken: as if the coil were divided by 1.05, as a polar spiral must be. */
#define COIL(width)                                                            \
    "w = " width "; A = 4; R = sqrt(w^2 + A/pi); Y = R - w; k = pi/A; "        \
    "F = 2*Y^3*(log(Y)/3 - 1/9) + 2*w*Y^2*(log(Y)/2 - 1/4); "                  \
    "G = 2*R^3*(log(R)/3 - 1/9) - 2*w*R^2*(log(R)/2 - 1/4)"                    \
    " - 2*w^3*(log(w)/3 - 1/9) + 2*w^3*(log(w)/2 - 1/4); "                     \
    "m = 2*k/3*(R^3 - w^3); "                                                  \
    "v = w^2 + A/(2*pi) - w*m + w^2/3 + (w/(2*pi))^2; "                        \
    "d = 1 + broken/20; "                                                      \
    "LL = -log(2*pi) - 1 - k/w*(F - G) - v/2/d^2 - 2*log(d); "
#define BOUND "bound = -log(2*pi) - 1/pi; "
#define ROW(width, decimal)                                                    \
    {                                                                          \
        {"C6.5iii", "likelihood of the coiled strip, L = 1, width " width,     \
         "area 4", "closed form"},                                             \
            COIL(width) "LL", decimal                                          \
    }

static const number numbers[] = {
    ROW("0.1", "-2.214483"),
    ROW("0.04", "-2.178157"),
    ROW("0.004", "-2.158253"),
    ROW("0.0004", "-2.156391"),
    ROW("0.00001", "-2.156192"),
    {{"C6.5iii", "the bound of every flow with |det J| <= 1", "area 4",
      "volume_bound.c"},
     BOUND "bound",
     "-2.156187"},
    {{"C6.5iii", "the coil stays below the bound", "width 1e-5",
      "strict inequality"},
     COIL("0.00001") BOUND "bound - LL - broken",
     "> 0"},
    {{"C6.5iii", "it approaches the bound at the rate .51 w", "width 1e-5",
      "(bound - LL)/w"},
     COIL("0.00001") BOUND "(bound - LL)/w",
     "0.51"},
    {{"C6.5iii", "the coil beats the affine clip by more than 5.84",
      "L = 1, 1000 x .004", "lipschitz_budget.c"},
     COIL("0.004") "l = 1000^2/12; "
                   "LL + log(2*pi) + 1/2 + log(l)/2 + 0.004^2/24 - 5.84 - "
                   "broken",
     "> 0"},
    {{"C6.5iii", "it is within .087 of the entropy-power bound",
      "L = 1, width "
      ".004",
      "the bound is not attained: volume_bound.c"},
     COIL("0.004") "n = 4/(2*pi*exp(1)); "
                   "LL + 0.087 + log(4) + (n - 1 - log(n)) - broken",
     "> 0"},
};

/* C, S: cosine and sine of q; T = t/r, from which dq/ds = 1/r. */
static const identity identities[] = {
    {{"C6.5iii", "df/ds = (t/r)(C, S): first component",
      "f = a (C, S) - t (-S, C), dt = a dq, dq/ds = Q, t Q = T",
      "product rule"},
     "C S a t Q broken",
     "-a*S*Q + a*Q*S + t*C*Q - t*Q*C - broken*a*Q"},
    {{"C6.5iii", "the columns of J are orthogonal", "(t/r)(C, S) and (-S, C)",
      "scalar product"},
     "C S T broken",
     "T*C*(-S) + T*S*C + broken*T"},
    {{"C6.5iii", "their lengths are t/r and 1: |det J| = t/r",
      "modulo C^2 + S^2 - 1", "determinant"},
     "C S T broken",
     "T*C*C + T*S*S - T - T*(C^2 + S^2 - 1) + broken"},
};

static void prove(void)
{
    statements_are(EXAMPLE);
    prove_identities(ROWS(identities));
    prove_numbers(ROWS(numbers));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies a nonlinear map that beats the affine optimum on "
                  "a Lipschitz budget.",
                  prove);
}
