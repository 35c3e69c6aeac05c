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

/* Increasing maps of the line with slopes in [low, high]: masses (n) of cells
 * of width h; KL of the best piecewise-linear one.  Cells whose mass is 0 count
 * by their slope bounds alone.  high may be infinite. */
double best_on_line(size_t n, const double *mass, double h, double low,
                    double high);

/* Two normal laws of width s at -a and a: the KL of the best map of the line
 * with slopes in [1/inverse, high]. */
double best_on_mixture(double a, double s, double inverse, double high,
                       size_t cells);

/* Two unit intervals at distance 2 half. */
double best_on_intervals(double half, double inverse, size_t cells);

#endif
