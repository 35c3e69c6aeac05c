/* ways.c -- ways to write a linear flow, and what each of them misses. */
#include "ways.h"

#include <math.h>

#include <gsl/gsl_math.h>

#include "common/linear_layers.h"
#include "optimum.h"

static void add_deep(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_deep_linear(d, 3));
}

static void add_reflection(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_orthogonal(d, 1));
    jf_flow_add(f, jf_diagonal(d));
}

static void add_scaled_special(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_scale(d));
    jf_flow_add(f, jf_special_linear(d));
}

static void add_special(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_special_linear(d));
}

static void add_scaled_orthogonal(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_scale(d));
    jf_flow_add(f, jf_orthogonal(d, d));
}

/* As many as reach the optimum for most covariances: three for even d, four for
 * odd. */
static size_t shears_of(size_t d)
{
    return d % 2 ? 4 : 3;
}

static void add_shears(jf_layer *f, size_t d)
{
    jf_flow_add(f, shears(d, shears_of(d)));
}

static void add_shared(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_shared(2, jf_dense(d / 2)));
}

static double gap_scalar(size_t d, const double *s, const double *lambda)
{
    (void)s;
    return jf_gap_scalar(d, lambda);
}

static double gap_special(size_t d, const double *s, const double *lambda)
{
    (void)s;
    return jf_gap_special(d, lambda);
}

static double gap_shared(size_t d, const double *s, const double *lambda)
{
    return jf_gap_shared(d, d / 2, s, lambda);
}

static double gap_shears(size_t d, const double *s, const double *lambda)
{
    (void)lambda;
    return jf_gap_shears(d, shears_of(d), s);
}

static double covariance_for_correlation(size_t d, const double *s,
                                         const double *lambda)
{
    double sum = 0;
    (void)s;
    for (size_t i = 0; i < d; i++)
        sum -= 0.5 * log(lambda[i]);
    return sum;
}

static double ratio_inverted(size_t d, const double *s, const double *lambda)
{
    return -gap_scalar(d, s, lambda);
}

static double without_log(size_t d, const double *s, const double *lambda)
{
    double log_g = 0;
    (void)s;
    for (size_t i = 0; i < d; i++)
        log_g += log(lambda[i]) / (double)d;
    return 0.5 * (double)d * expm1(log_g);
}

/* S_mean is then 2 S_mean, on two positions. */
static double sum_for_mean(size_t d, const double *s, const double *lambda)
{
    return gap_shared(d, s, lambda) + 0.5 * (double)d * M_LN2;
}

double gap_unknown(size_t d, const double *s, const double *lambda)
{
    (void)d, (void)s, (void)lambda;
    return (double)NAN;
}

const parameterisation ways[WAYS] = {
    {"dense", add_dense, NULL, NULL, NULL, 0, 0, 0, 0, 0},
    {"P L U", add_plu, NULL, NULL, NULL, 0, 0, 0, 0, 0},
    {"Q R", add_qr, NULL, NULL, NULL, 0, 0, 0, 1, 0},
    {"SVD", add_svd, NULL, NULL, NULL, 0, 0, 1, 1, 0},
    {"triangular", add_triangular, NULL, NULL, NULL, 0, 0, 0, 0, 0},
    {"diagonal x d-1 reflections", add_reflections, NULL, NULL, NULL, 0, 0, 1,
     1, 0},
    {"deep linear (3)", add_deep, NULL, NULL, NULL, 0, 0, 0, 1, 0},
    {"actnorm + 1x1", add_actnorm_dense, NULL, NULL, NULL, 0, 0, 0, 1, 0},
    {"scalar x SL(d)", add_scaled_special, NULL, NULL, NULL, 0, 0, 0, 1, 1},
    {"shears + scalar", add_shears, gap_shears, NULL, NULL, 0, 0, 0, 0, 0},
    {"diagonal x 1 reflection", add_reflection, gap_unknown, NULL, NULL, 0, 0,
     0, 1, 0},
    {"diagonal", add_diagonal, jf_gap_diagonal, covariance_for_correlation,
     "Cov for Corr", 0, 0, 0, 0, 0},
    {"scalar x O(d)", add_scaled_orthogonal, gap_scalar, ratio_inverted,
     "GM/AM for AM/GM", 0, 0, 0, 1, 0},
    {"SL(d)", add_special, gap_special, without_log, "g - 1 for g - 1 - log g",
     1, 0, 0, 1, 1},
    {"I (x) 1x1", add_shared, gap_shared, sum_for_mean,
     "the sum of the blocks for their mean", 0, 1, 0, 0, 0},
};
