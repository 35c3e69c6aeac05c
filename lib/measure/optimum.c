/* optimum.c -- closed forms. */
#include "measure/optimum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_math.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sf_psi.h>

#include "base/error.h"
#include "linalg/factor.h"

static double sum_log(size_t n, const double *lambda)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += log(lambda[i]); /* -inf for a zero */
    return sum;
}

static double mean(size_t n, const double *lambda)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += lambda[i];
    return sum / (double)n;
}

double jf_eig(size_t d, const double *lambda)
{
    return -0.5 * ((double)d * log(2 * M_PI * M_E) + sum_log(d, lambda));
}

/* With Sigma = T'T and T'y = mu: 1/2 log(1 + |y|^2). */
double jf_bias_cost(const jf_moments *m)
{
    double *y = jf_alloc(m->d, sizeof *y), square = 0;
    if (!y)
        return (double)NAN;
    memcpy(y, m->mean, m->d * sizeof *y);
    if (m->rank == m->d)
        jf_solve_upper(1, m->d, 1, m->t_sigma, y);
    for (size_t i = 0; i < m->d; i++)
        square += y[i] * y[i];
    free(y);
    return m->rank == m->d ? 0.5 * log1p(square) : (double)NAN;
}

double jf_eig_log_det(size_t d, double log_det)
{
    return -0.5 * ((double)d * (JF_LOG_2PI + 1) + log_det);
}

double jf_eig_without_bias(const jf_moments *m)
{
    if (m->rank < m->d)
        return jf_eig_log_det(m->d, m->log_det_r);
    return jf_eig_log_det(m->d, m->log_det_sigma) - jf_bias_cost(m);
}

double jf_standardised(const jf_moments *m)
{
    double value = jf_eig_log_det(m->d, m->log_det_sigma);
    for (size_t i = 0; i < m->d && m->rank == m->d; i++)
        value += 0.5 * log(m->sigma[i * m->d + i]);
    return value;
}

double jf_ppca_noise(size_t d, const double *lambda, size_t q)
{
    return mean(d - q, lambda + q);
}

double jf_ppca(size_t d, const double *lambda, size_t q)
{
    double noise = jf_ppca_noise(d, lambda, q);
    return -0.5 * ((double)d * log(2 * M_PI) + sum_log(q, lambda) +
                   (double)(d - q) * log(noise) + (double)d);
}

double jf_ppca_gap(size_t d, const double *lambda, size_t q)
{
    return jf_gap_scalar(d - q, lambda + q);
}

double jf_gap_scalar(size_t d, const double *lambda)
{
    return 0.5 * ((double)d * log(mean(d, lambda)) - sum_log(d, lambda));
}

double jf_gap_diagonal(size_t d, const double *s, const double *lambda)
{
    double sum = 0;
    for (size_t i = 0; i < d; i++)
        sum += log(s[i * d + i]);
    return 0.5 * (sum - sum_log(d, lambda));
}

double jf_gap_special(size_t d, const double *lambda)
{
    double log_g = sum_log(d, lambda) / (double)d;
    return 0.5 * (double)d * (expm1(log_g) - log_g);
}

double jf_gap_shared(size_t d, size_t c, const double *s, const double *lambda)
{
    size_t positions = d / c;
    double *block = jf_alloc(c * c, sizeof *block), log_det;
    if (!block)
        return (double)NAN;
    for (size_t k = 0; k < positions; k++)
        for (size_t i = 0; i < c; i++)
            for (size_t j = 0; j < c; j++)
                block[i * c + j] +=
                    s[(k * c + i) * d + k * c + j] / (double)positions;
    jf_error error, *before = jf_error_divert(&error);
    int status = jf_log_abs_det(c, block, &log_det);
    jf_error_divert(before);
    free(block);
    if (status != GSL_SUCCESS) /* no memory, or a singular one */
        log_det = (double)(status == GSL_ENOMEM ? NAN : -INFINITY);
    if (status == GSL_ENOMEM)
        jf_error_raise(&error);
    return 0.5 * ((double)positions * log_det - sum_log(d, lambda));
}

double jf_sample_gap(size_t d, size_t n, int with_bias)
{
    double p = (double)d, least = with_bias ? p + 2 : p + 1;
    if ((double)n <= least)
        return (double)NAN;
    return p * (with_bias ? p + 3 : p + 1) / (2 * ((double)n - least));
}

double jf_sample_square(size_t d, size_t n)
{
    double p = (double)d;
    return n > d + 2 ? p * ((double)n + 1) / ((double)n - p - 2) : (double)NAN;
}

double jf_log_det_bias(size_t d, size_t n)
{
    double sum = n > d ? (double)d * log(2 / (double)n) : (double)NAN;
    for (size_t i = 1; i <= d && n > d; i++)
        sum += gsl_sf_psi((double)(n - i) / 2);
    return sum;
}

double jf_log_det_variance(size_t d, size_t n)
{
    double sum = n > d ? 0 : (double)NAN;
    for (size_t i = 1; i <= d && n > d; i++)
        sum += gsl_sf_psi_1((double)(n - i) / 2);
    return sum;
}

double jf_point(size_t d, double m_square, double s_square)
{
    double one = JF_LOG_2PI + 1;
    return -0.5 * (one + log(m_square + s_square)) -
           0.5 * ((double)d - 1) * (one + log(s_square));
}

double jf_homogeneous(size_t d, double direction_entropy,
                      double mean_log_square)
{
    double p = (double)d;
    if (d == 0)
        JF_ERROR_VAL("a density on no dimensions", GSL_EINVAL, (double)NAN);
    double log_k = (1 - 0.5 * p) * M_LN2 - gsl_sf_lngamma(0.5 * p);
    return -direction_entropy + log_k +
           0.5 * p * (log(p) - 1 - mean_log_square);
}

double jf_constant_det(size_t d, double square)
{
    return jf_eig_log_det(d, (double)d * log(square / (double)d));
}

double jf_uniform_gap(size_t d)
{
    double p = (double)d;
    double log_ball = 0.5 * p * log(M_PI) - gsl_sf_lngamma(0.5 * p + 1);
    return 0.5 * p * (JF_LOG_2PI + 1 - log(p + 2)) - log_ball;
}
