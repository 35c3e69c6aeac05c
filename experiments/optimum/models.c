/* models.c -- densities, laws and flows that several parts take. */
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

jf_layer *shears(size_t d, size_t k)
{
    jf_layer *f = jf_flow_new(d);
    jf_flow_add(f, jf_scale(d));
    for (size_t i = 0; i < k; i++) {
        jf_side side = i % 2 ? JF_LOWER : JF_UPPER;
        size_t b = side == JF_UPPER ? d - d / 2 : d / 2;
        jf_mlp_options linear = {.n_in = d - b, .n_out = b, .no_bias = 1};
        jf_flow_add(
            f, jf_coupling(d, d / 2, side, jf_map_shift(), jf_mlp(&linear)));
    }
    return f;
}

/* Cov(x_b | x_a) = B'B, B the last rows and columns of T; a factor x on it
 * multiplies c by x^(q/d), and t by x^(p/d). */
void random_triangle(gsl_rng *rng, size_t d, t_range range, double *t)
{
    enum { MOST = 9 };
    static const double wanted[] = {[T_ABOVE] = 1.3, [T_BELOW] = 0.7};
    size_t p = d / 2, q = d - p;
    double square[MOST * MOST], lambda[MOST], log_c = 0;
    for (size_t i = 0; i < d; i++) {
        double less = range != AS_DRAWN && i >= p ? 0.3 : 1;
        t[i * d + i] = exp(jf_stream_normal(rng, 0.5 * less));
        log_c += 2 * log(t[i * d + i]) / (double)d;
        for (size_t j = i + 1; j < d; j++)
            t[i * d + j] = jf_stream_normal(rng, less * 2 / sqrt((double)d));
    }
    if (range == AS_DRAWN)
        return;
    const double *b = t + p * d + p;
    jf_dgemm_part(JF_TN, q, q, q, exp(-log_c), b, d, b, d, 0, square, q);
    jf_eigen_symmetric(q, square, lambda, 0);
    double x = pow(wanted[range] / lambda[range == T_ABOVE ? q - 1 : 0],
                   (double)d / (double)p);
    for (size_t i = p; i < d; i++)
        for (size_t j = i; j < d; j++)
            t[i * d + j] *= sqrt(x);
}
