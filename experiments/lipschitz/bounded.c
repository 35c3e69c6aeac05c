/* bounded.c -- the clipped spectrum, and a linear layer that keeps to it. */
#include "budget.h"

#include <math.h>

#define WIDE 1e4 /* a bound of linear layers that nothing comes near */

double clip_value(size_t d, const double *lambda, double lip, double inverse)
{
    double sum = -0.5 * (double)d * JF_LOG_2PI;
    for (size_t i = 0; i < d; i++) {
        double s = fmin(fmax(1 / sqrt(lambda[i]), 1 / inverse), lip);
        sum -= 0.5 * s * s * lambda[i] - log(s);
    }
    return sum;
}

void budget_range(double lip, double inverse, double *low, double *high)
{
    *low = isinf(inverse) ? 1 / WIDE : 1 / inverse;
    *high = isinf(lip) ? WIDE : lip;
    if (*high < *low * (1 + 1e-12)) {
        *low *= 1 - 1e-12;
        *high = *low * (1 + 2e-12);
    }
}

jf_layer *bounded_linear(size_t d, double lip, double inverse)
{
    double low, high;
    budget_range(lip, inverse, &low, &high);
    return jf_svd_bounded(d, low, high);
}
