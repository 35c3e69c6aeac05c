/* uniform_base.c -- a uniform base makes the determinant stable, a normal one
 * does not.
 *
 * Theorem   (i) Base uniform on a set of volume V, f a flow into it of gap g:
 *           int | |det J_f| - V p_X | <= V sqrt(2 g), E|log|det J_f| - log(V
 *           p_X)| <= g + sqrt(2 g), and sqrt 2 is sharp as g -> 0 in both.
 *           (ii) So two flows of gaps g_1, g_2 have E|log|det J_f| -
 *           log|det J_g|| <= b = g_1 + g_2 + sqrt(2 g_1) + sqrt(2 g_2).
 *           (iii) Base N(0, I), D >= 2: f and T o f, T the radial inversion of
 *           antitone_maps.c, have one gap, and if f is exact log|det J_f| -
 *           log|det J_{T o f}| has the standard logistic law at D = 2: E|.| = 2
 *           log 2, variance pi^2/3, which no pair of exact flows exceeds.
 * Source    Claim C1.8.
 *
 * (i) |det J_f| = V q_f.  Pinsker: a, b the masses of {p > q} under p and q, KL
 * >= a log(a/b) + (1-a) log((1-a)/(1-b)) >= 2 (a-b)^2, since the second
 * derivative in a is 1/(a (1-a)) >= 4; and ||p - q||_1 = 2 (a - b).  E|log p/q|
 * = g + 2 E(log q/p)_+, and E(log q/p)_+ <= E(q/p - 1)_+ = ||p - q||_1/2.
 * Sharp: q = p (1 + e s), s = -+1 with equal mass: g = -log(1-e^2)/2, ||p -
 * q||_1 = e, E|log p/q| = artanh e.  (ii) is the triangle inequality.
 * (iii) T keeps N(0, I), hence q.  log|det J_f| - log|det J_{T o f}| = (|T f|^2
 * - |f|^2)/2 = E' - E, E of law Gamma(D/2): the antitone coupling E' = F^-1(1 -
 * F(E)) has the least E[E E'], so the largest variance.  D = 2: E = -log u, E'
 * = -log(1-u), and log(u/(1-u)) is logistic; what is beyond 60 is below
 * 1e-22. */
#include "ball.h"

#define TILTED "e = 1e-3; g = -log1p(-e^2)/2; "

static const number numbers[] = {
    {{"C1.8", "the constant sqrt 2 is sharp: ||p - q||_1/sqrt(2 g)",
      "q = p (1 -+ e), e = 1e-3", "1 - e^2/4 + O(e^4)"},
     TILTED "e/sqrt((2 - broken)*g)",
     "0.99999975"},
    {{"C1.8", "the second bound is sharp: E|log p/q|/(g + sqrt(2 g))",
      "q = p (1 -+ e), e = 1e-3", "1 - e/2 + O(e^2)"},
     TILTED "(log1p(e) - log1p(-e))/2/(g + sqrt((2 - broken)*g))",
     "0.9995"},
    {{"C1.8", "a bound without a chosen threshold: b of two gaps",
      "g_1 = .0024, g_2 = .0027", "g_1 + g_2 + sqrt(2 g_1) + sqrt(2 g_2)"},
     "g = 0.0024; h = 0.0027; "
     "g + h + sqrt((2 - broken)*g) + sqrt((2 - broken)*h)",
     "0.148"},
    {{"C1.8", "normal base: the pair f, T o f passes b below the gap .148",
      "D = 2, f close to exact: 2 log 2", "strict inequality"},
     "2*log(2) - 2*0.148 - 2*sqrt(2*0.148) - broken",
     "> 0"},
};

static const cover covers[] = {
    {{"C1.8", "||p - q||_1 < sqrt(2 g)", "q = p (1 -+ e), e in [1/16, 15/16]",
      "adaptive subdivision"},
     "e",
     "1/16,15/16",
     "-log1p(-e^2)/(1 + 4*broken) - e^2"},
    {{"C1.8", "E|log p/q| < g + sqrt(2 g)",
      "q = p (1 -+ e), e in [1/16, 15/16]", "adaptive subdivision"},
     "e",
     "1/16,15/16",
     "g = -log1p(-e^2)/2; g + sqrt(2*g)*(1 - broken) - (log1p(e) - "
     "log1p(-e))/2"},
};

#define LOGISTIC "exp(-x)/(1 + exp(-x))^2"

static const integral integrals[] = {
    {{"C1.8", "normal base: E|log|det J_f| - log|det J_{T o f}|| = 2 log 2",
      "D = 2, f exact", "logistic law by quadrature"},
     "2*x*(1 + broken)*" LOGISTIC,
     "0",
     "60",
     "130*exp(-60)",
     "= 2*log(2)"},
    {{"C1.8", "normal base: the largest variance of the difference is pi^2/3",
      "D = 2, pairs of exact flows", "logistic law by quadrature"},
     "2*x^2*(1 + broken)*" LOGISTIC,
     "0",
     "60",
     "8000*exp(-60)",
     "= pi^2/3"},
};

static void prove(void)
{
    statements_are(EXAMPLE);
    prove_numbers(ROWS(numbers));
    prove_covers(ROWS(covers));
    statements_are(THEOREM);
    prove_integrals(ROWS(integrals));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies when a small gap in likelihood fixes the "
                  "determinant.",
                  prove);
}
