/* ridge_residual.h -- a residual layer in double in both builds.
 *
 * Experiments compare it across precisions and train it to the last digit; the
 * library's is jf_residual_net with an MLP of one hidden layer, which computes
 * in the build's precision. */
#ifndef RIDGE_RESIDUAL_H
#define RIDGE_RESIDUAL_H

#include "jf.h"

/* z = x + V tanh(U x + b) + a, of Lipschitz constant at most 1 + c and inverse
 * constant at most 1 / (1 - c), 0 < c < 1. */
jf_layer *ridge_residual(size_t d, size_t hidden, double c);

#endif
