/* interval.c -- by the whitened rows. */
#include "measure/interval.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#include "base/error.h"
#include "linalg/factor.h"
#include "measure/optimum.h"

/* For d > n/20 what Gaussian rows have exactly, and of beta only by how much it
 * exceeds theirs in the mean. */

static double above_gaussian(size_t d, size_t n, double beta)
{
    double p = (double)d, m = (double)n;
    return (beta - p * (p + 2) * (m - 1) / (m + 1)) / (4 * m);
}

static double excess_of(size_t d, size_t n, double beta)
{
    return 20 * d > n
               ? -0.5 * jf_log_det_bias(d, n) + above_gaussian(d, n, beta)
               : (beta + (double)d) / (4 * (double)n);
}

static double variance_of(size_t d, size_t n, double beta)
{
    return 20 * d > n
               ? 0.25 * jf_log_det_variance(d, n) + above_gaussian(d, n, beta)
               : (beta - (double)(d * d)) / (4 * (double)n);
}

enum { BLOCK = 256 }; /* rows that are whitened at once */

/* |z|^2 = |T'^-1 (x - mean)|^2, S_n = T'T; z (d, BLOCK): room. */
static void squares_of(jf_const_matrix x, const jf_moments *m, double *z,
                       double *squares)
{
    for (size_t j = 0; j < m->d; j++)
        for (size_t i = 0; i < x.rows; i++)
            z[j * x.rows + i] = (double)jf_const_row(x, i)[j] - m->mean[j];
    jf_solve_upper(1, m->d, x.rows, m->t_sigma, z);
    for (size_t i = 0; i < x.rows; i++) {
        squares[i] = 0;
        for (size_t j = 0; j < m->d; j++)
            squares[i] += z[j * x.rows + i] * z[j * x.rows + i];
    }
}

int jf_interval_of(jf_const_matrix x, const jf_moments *m, double *squares,
                   jf_interval *out)
{
    double *z = jf_alloc(m->d * BLOCK, sizeof *z), some[BLOCK], beta = 0;
    JF_TRY_MEMORY(z);
    for (size_t first = 0; first < x.rows; first += BLOCK) {
        size_t count = x.rows - first < BLOCK ? x.rows - first : BLOCK;
        squares_of(jf_const_rows(x, first, count), m, z, some);
        for (size_t i = 0; i < count; i++) {
            beta += some[i] * some[i] / (double)x.rows;
            if (squares)
                squares[first + i] = some[i];
        }
    }
    free(z);
    out->beta = beta;
    out->excess = excess_of(m->d, m->n, beta);
    out->center = jf_eig_log_det(m->d, m->log_det_sigma) - out->excess;
    out->half =
        gsl_cdf_ugaussian_Pinv(0.975) * sqrt(variance_of(m->d, m->n, beta));
    return GSL_SUCCESS;
}
