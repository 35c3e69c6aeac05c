/* learning_rates.c -- the critical learning rate of maximum likelihood.
 *
 * Theorem   For D = 1, v = w sqrt(lambda) and a = eta lambda, gradient descent
 *           is v' = (1-a) v + a/v: stable at v = +-1 iff a < 1, and of period 2
 *           from every start for a = 1.  With batches of b Gaussian samples its
 *           linearisation is stable in mean square iff a < 2b/(2b+1).  With a
 *           bias, or K factors in place of one, the curvature is another.
 * Source    Claims C7.2, C7.2deep, C7.3 and C7.4.
 *
 *   cycles   v'' = v is a polynomial identity in y = v^2 that holds for all y
 *            at a = 1, and else only at y = 1, as (2-a) y + a > 0 for 0 < a <=
 *            2.  The map's slope at v = 1 is 1 - 2a.
 *   batches  v' = v (1 - a S) + a/v: the linear part 1 - a S - a has second
 *            moment (1-2a)^2 + 2 a^2/b, as E S = 1, Var S = 2/b.  With b = 1,
 *            v_0 = 1: P(|v_2| > t) ~ 2 a f(0)/t, f the density of v_1 = 1 + a -
 *            a S, f(0) = chi2pdf_1((1+a)/a)/a.
 *   bias     D = 1: H = ((2 s^2 + m^2, m), (m, 1)), trace 1.27, det .02.
 *   depth    w = prod w_k: H = 2 v v', v_k = 1/w_k, |v|^2 = K lambda^{1/K} when
 *            all w_k are equal. */
#include "ball.h"

static const identity identities[] = {
    {{"C7.3", "a 2-cycle solves a(1-a)(1-y)((2-a) y + a) = 0, y = v^2",
      "v^2 (v'' v' - v v') expanded, v v' = (1-a) y + a", "exact"},
     "a y",
     "(1-a)*((1-a)*y+a)^2 + a*y - y*((1-a)*y+a)"
     " - (1-a)*a*(1-y)*((2-a)*y+a)"},
    {{"C7.3", "a = 1: v'' = v for every v",
      "v w = 1 and u w = 1, w = v', u = v''", "v - u in the ideal of both"},
     "u v w",
     "(v - u) - (u*(v*w-1) - v*(u*w-1))"},
    {{"C7.3", "the fixed points are v^2 = 1", "v v' - v^2 = a (1 - v^2)",
      "exact"},
     "a y",
     "(1-a)*y + a - y - a*(1-y)"},
    {{"C7.4",
      "mean-square stability: b ((1-2a)^2 + 2 a^2/b - 1) = "
      "2a ((2b+1) a - 2b)",
      "negative iff 0 < a < 2b/(2b+1)", "exact"},
     "a b",
     "b*((1-2*a)^2 - 1) + 2*a^2 - 2*a*((2*b+1)*a - 2*b)"},
};

static const cover covers[] = {
    {{"C7.3", "a > 1: the fixed points are unstable", "a in [1.001, 16]",
      "(1-2a)^2 - 1 = 4a(a-1)"},
     "a",
     "1.001,16",
     "4*a*(a-1)"},
    {{"C7.3", "a < 1: they are stable", "a in [.001, .999]",
      "1 - (1-2a)^2 = 4a(1-a)"},
     "a",
     "0.001,0.999",
     "4*a*(1-a)"},
};

#define DEEP(k, curvature, rate)                                               \
    {{"C7.2deep", "curvature, lambda = 10^4, depth " k, "balanced factors",    \
      "2 K lambda^{1/K}"},                                                     \
     "2*" k "*10000^((1 + broken)/" k ")",                                     \
     curvature},                                                               \
    {                                                                          \
        {"C7.2deep", "critical rate, lambda = 10^4, depth " k,                 \
         "balanced factors", "1/(K lambda^{1/K})"},                            \
            "1/(" k "*10000^((1 + broken)/" k "))", rate                       \
    }

static const number numbers[] = {
    DEEP("1", "= 20000", "= 0.0001"),
    DEEP("2", "= 400", "= 0.005"),
    DEEP("4", "= 80", "= 0.025"),
    DEEP("8", "50.596", "0.0395"),
    {{"C7.2", "with bias, uncentred data: the smaller curvature",
      "D = 1, s = .1, m = .5", "[[2 s^2 + m^2, m], [m, 1]]"},
     "(1.27 - sqrt(1.27^2 - 4*0.02))/2",
     "0.015948"},
    {{"C7.2", "with bias, uncentred data: the larger curvature",
      "D = 1, s = .1, m = .5", "[[2 s^2 + m^2, m], [m, 1]]"},
     "(1.27 + sqrt(1.27^2 - 4*0.02))/2",
     "1.254052"},
    {{"C7.4", "multiplier at a = 2b/(2b+1), b = 4", "mean square",
      "(1-2a)^2 + 2 a^2/b"},
     "a = 8/9; (1-2*a)^2 + 2*a^2/4",
     "= 1"},
    {{"C7.4", "multiplier above the threshold, a = 2/3 + 1/1000, b = 1",
      "mean square", "(1-2a)^2 + 2 a^2 - 1"},
     "a = 2/3 + 1/1000; (1-2*a)^2 + 2*a^2 - 1",
     "> 0"},
    {{"C7.4", "t P(|v_2| > t) tends to 2 chi2pdf_1((1+a)/a)",
      "a = .3, b = 1, v_0 = 1", "2 a f(0)"},
     "x = 1.3/0.3; (2 - broken)*exp(-x/2)/sqrt(2*pi*x)",
     "0.0439094"},
};

static void prove(void)
{
    prove_identities(ROWS(identities));
    prove_covers(ROWS(covers));
    prove_numbers(ROWS(numbers));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv, "Certifies critical learning rates.", prove);
}
