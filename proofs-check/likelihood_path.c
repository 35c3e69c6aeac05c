/* likelihood_path.c -- along training E log|det W| is not monotone.
 *
 * Theorem   Gradient flow W' = W^-T - W R of the linear flow's negative
 *           log-likelihood has P = W'W with P' = 2 I - (R P + P R).  For
 *           R = diag(100, 1) and P(0) = diag(1, 1/4), E log|det W(t)| =
 *           (1/2) log(P_1 P_2) falls until t* and rises afterwards, while the
 *           loss falls throughout (it is a gradient flow).
 * Source    Claim C5.5.
 *
 * On the diagonal p' = 2 - 2 l p, so p = m + (p_0 - m) e^{-2lt}, m = 1/l: an
 * identity in E = e^{-2lt}.  S = P_1'/P_1 + P_2'/P_2 is twice the slope of
 * E log|det|, S' = 39600 e_1 - (198 e_1)^2 - 3 e_2 - (1.5 e_2)^2, e_i =
 * e^{-2lt}/P_i, since P_1' = -198 P_1 e_1 and P_2' = 1.5 P_2 e_2.  For t >=
 * 1/2: P_1'/P_1 >= -198 e^{-200t}/.01 and P_2'/P_2 >= 1.5 e^{-2t}, so that S >
 * 0 as soon as 198 t > log 13200. */
#include "ball.h"

#define P1 "(0.01 + 0.99*exp(-200*t))"
#define P2 "(1 - 0.75*exp(-2*t))"
#define SLOPE "1.5*exp(-2*t)/" P2 " - 198*exp(-200*t)/" P1
#define CURVATURE                                                              \
    "a = exp(-200*t)/" P1 "; b = exp(-2*t)/" P2 "; "                           \
    "39600*a - (198*a)^2 - 3*b - (1.5*b)^2"
#define MEAN(time) "t = " time "; log(" P1 "*" P2 ")/2"

static const identity identities[] = {
    {{"C5.5", "p = m + (p_0 - m) e^{-2lt} solves p' = 2 - 2 l p",
      "E = e^{-2lt}, m l = 1", "substitution"},
     "l m p E broken",
     "(-2*l*(1 - broken/2)*(p-m)*E) - (2 - 2*l*(m + (p-m)*E)) + 2*(1 - l*m)"},
    {{"C5.5", "D = 1, w_0 = 2/sqrt(lambda): p' = -6 E < 0, E log|det| falls",
      "m l = 1, p_0 = 4 m", "substitution"},
     "l m E",
     "-2*l*(4*m-m)*E + 6*E + 6*E*(l*m - 1)"},
};

static const cover covers[] = {
    {{"C5.5", "E log|det| falls", "t in [0, .041895035]", "S < 0"},
     "t",
     "0,0.041895035",
     "-(" SLOPE ")"},
    {{"C5.5", "its slope increases: it has one zero t* = .04189504, a minimum",
      "t in [.041895035, .041895045]", "S' > 0"},
     "t",
     "0.041895035,0.041895045",
     CURVATURE},
    {{"C5.5", "E log|det| rises",
      "t in [.041895045, 1/2]; later by the bound above", "S > 0"},
     "t",
     "0.041895045,1/2",
     SLOPE},
    {{"C5.5", "the minimum is above -2.8764825161",
      "t in [.041895035, .041895045]", "closed form"},
     "t",
     "0.041895035,0.041895045",
     "log(" P1 "*" P2 ")/2 + 2.8764825161"},
};

static const number numbers[] = {
    {{"C5.5", "E log|det| falls at t = 0", "R = diag(100, 1)", "-S(0)"},
     "t = 0; -(" SLOPE ")",
     "> 0"},
    {{"C5.5", "it rises after t = 1/2", "198/2 - log 13200", "the bound above"},
     "99 - log(13200)",
     "> 0"},
    {{"C5.5", "E log|det| at the start", "t = 0", "(1/2) log(1/4)"},
     MEAN("0"),
     "-0.693147"},
    {{"C5.5", "E log|det| next to its minimum", "t = .04189504", "closed form"},
     MEAN("0.04189504"),
     "-2.8764825160"},
    {{"C5.5", "E log|det| at the end", "t = inf", "-log 10"},
     "log(0.01)/2",
     "-2.302585"},
    {{"C5.5", "the minimum is below the start", "t = .04189504 against 0",
      "strict inequality"},
     MEAN("0.04189504") "*(-1) - log(2)",
     "> 0"},
    {{"C5.5", "the minimum is below the end", "t = .04189504 against inf",
      "strict inequality"},
     MEAN("0.04189504") "*(-1) - log(10)",
     "> 0"},
};

static void prove(void)
{
    prove_identities(ROWS(identities));
    statements_are(EXAMPLE);
    prove_covers(ROWS(covers));
    prove_numbers(ROWS(numbers));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies that training does not raise E log|det| "
                  "monotonically.",
                  prove);
}
