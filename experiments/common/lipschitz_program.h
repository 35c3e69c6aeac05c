/* lipschitz_program.h -- what a flow loses by bounds on stretch and squeeze. */
#ifndef LIPSCHITZ_PROGRAM_H
#define LIPSCHITZ_PROGRAM_H

#include <math.h>

#include "jf.h"

/* The cost of squeezing by more than a budget allows (C6.5). */
static inline double psi(double r)
{
    return 0.5 * (r - 1 - log(r));
}

/* sum over lambda_i > M^2 of psi(lambda_i / M^2): what every flow with Lip f^-1
 * <= M lacks to -h(X). */
static inline double inverse_cost(size_t d, const double *lambda, double most)
{
    double sum = 0;
    for (size_t i = 0; i < d; i++)
        if (lambda[i] > most * most)
            sum += psi(lambda[i] / (most * most));
    return sum;
}

/* d psi(N L^2) if N L^2 < 1, N = exp(2h/d) / (2 pi e) the entropy power: what
 * every flow with Lip f <= L lacks. */
static inline double forward_cost(size_t d, double entropy, double most)
{
    double n = exp(2 * entropy / (double)d - JF_LOG_2PI - 1) * most * most;
    return n < 1 ? (double)d * psi(n) : 0;
}

/* The KL of X uniform on a set of volume v that every flow with |det J| <= L^d
 * has at least (C6.8): r0^2 <= 2, r0 the radius of the ball of volume v L^d, or
 * d = 2; elsewhere NaN. */
static inline double volume_cost(size_t d, double v, double most)
{
    double n = (double)d;
    double ball = exp(0.5 * n * log(M_PI) - lgamma(0.5 * n + 1));
    double r2 = pow(v / ball, 2 / n) * most * most;
    if (r2 <= 2)
        return -log(v) - n * log(most) + 0.5 * n * JF_LOG_2PI +
               0.5 * n * r2 / (n + 2);
    return d == 2 ? 1 / r2 : (double)NAN;
}

/* A symmetric law of the line: two normal laws of width s at -a and a, or (s =
 * 0) two unit intervals at distance 2 a. */
typedef struct {
    double a, s;
} line_law;

/* KL of the best increasing map with slopes in [1/inverse, high] that is linear
 * on each of so many cells; high may be infinite.  The map is one that a flow
 * may have, and its KL is exact but for rounding: never below best_exact.  At
 * most best_interpolant + BEST_BARRIER above. */
#define BEST_BARRIER 2e-10
double best_on_line(line_law law, double inverse, double high, size_t cells);

/* The same, ended at the first of the barriers: what a run that has not arrived
 * has. */
double best_unfinished(line_law law, double inverse, size_t cells);

/* Without cells, high = infinity: slope 1/M on |x| <= x_0, and beyond it f(X)
 * has the density C phi, C = P(X > x_0) / Phi(-x_0/M), where C phi(x_0/M) = M
 * p(x_0); x_0 = 0 (intervals: a) where the left side is not the larger one
 * there (C6.6). */
double best_exact(line_law law, double inverse);

/* KL of that map's interpolant on the same cells; of intervals, which it maps
 * onto the line, with the best slopes of the cells at the ends. */
double best_interpolant(line_law law, double inverse, size_t cells);

/* Two unit intervals at distance 2 half. */
static inline double best_on_intervals(double half, double inverse,
                                       size_t cells)
{
    return best_on_line((line_law){half, 0}, inverse, (double)INFINITY, cells);
}

#endif
