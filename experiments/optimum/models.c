/* models.c -- a density and a flow that several parts take. */
#include "optimum.h"

#include <math.h>

double log_mixture(size_t n, size_t d, const double *center, double s,
                   const double *x)
{
    double top = -(double)INFINITY, sum = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t k = 0; k < n; k++) {
            double e = 0;
            for (size_t i = 0; i < d; i++)
                e -= 0.5 * square((x[i] - center[k * d + i]) / s);
            if (pass)
                sum += exp(e - top);
            else
                top = fmax(top, e);
        }
    return top + log(sum / (double)n) - (double)d * (0.5 * JF_LOG_2PI + log(s));
}

jf_layer *small_flow(void)
{
    jf_mlp_options net = {1, 2, 8, 1, JF_TANH, 0, 0};
    jf_layer *f = jf_flow_new(2);
    jf_flow_add(f, jf_actnorm(2));
    for (int k = 0; k < 4; k++)
        jf_flow_add(f, jf_coupling(2, 1, k % 2 ? JF_LOWER : JF_UPPER,
                                   jf_map_clamp(2), jf_mlp(&net)));
    return f;
}
