/* optimum.c -- moments and closed forms. */
#include "measure/optimum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_math.h>
#include <gsl/gsl_sf_psi.h>

#include "base/error.h"
#include "linalg/factor.h"

struct job {
    jf_matrix x;
    const double *mean; /* NULL: collect sums; else: centred products */
    double *sum[JF_MAX_LANES];
};

/* Sums of rows, then of centred products, lane by lane. */
static int collect(void *arg, size_t lane, size_t first, size_t count,
                   jf_work *work)
{
    enum { ROWS = 128 };
    struct job *job = arg;
    size_t d = job->x.cols;
    double *sum = job->sum[lane];
    double *rows = jf_push_bytes(work, ROWS * d * sizeof *rows);

    for (size_t i = 0; i < count; i += ROWS) {
        size_t n = count - i < ROWS ? count - i : ROWS;
        for (size_t k = 0; k < n; k++) {
            const real *x = jf_row(job->x, first + i + k);
            for (size_t j = 0; j < d; j++)
                rows[k * d + j] = (double)x[j] - (job->mean ? job->mean[j] : 0);
        }
        if (job->mean)
            jf_dgemm(JF_TN, d, d, n, 1, rows, rows, 1, sum);
        else
            for (size_t k = 0; k < n; k++)
                for (size_t j = 0; j < d; j++)
                    sum[j] += rows[k * d + j];
    }
    jf_pop(work, rows);
    return GSL_SUCCESS;
}

/* total (size) := the sum over rows / n, added in lane order. */
static void mean_over_rows(struct job *job, size_t size, double *total,
                           jf_team *team)
{
    size_t lanes = jf_lanes(job->x.rows, 256);
    for (size_t l = 0; l < lanes; l++)
        job->sum[l] = jf_alloc(size, sizeof(double));
    jf_team_run(team, job->x.rows, lanes, collect, job);
    for (size_t i = 0; i < size; i++) {
        total[i] = 0;
        for (size_t l = 0; l < lanes; l++)
            total[i] += job->sum[l][i];
        total[i] /= (double)job->x.rows;
    }
    for (size_t l = 0; l < lanes; l++)
        free(job->sum[l]);
}

/* Descending eigenvalues of s; those that are rounding alone become 0. */
static int eigenvalues(size_t n, size_t d, const double *s, double *lambda)
{
    double *copy = jf_alloc(d * d, sizeof *copy);
    memcpy(copy, s, d * d * sizeof *copy);
    int status = jf_eigen_symmetric(d, copy, lambda, 0);
    for (size_t i = jf_rank(n, d, lambda); i < d; i++)
        lambda[i] = 0;
    free(copy);
    return status;
}

int jf_moments_of(jf_matrix x, jf_moments *m, jf_team *team)
{
    size_t d = x.cols;
    struct job job = {.x = x};
    *m = (jf_moments){x.rows,
                      d,
                      jf_alloc(d, sizeof(double)),
                      jf_alloc(d * d, sizeof(double)),
                      jf_alloc(d * d, sizeof(double)),
                      jf_alloc(d, sizeof(double)),
                      jf_alloc(d, sizeof(double)),
                      0};
    if (x.rows == 0)
        GSL_ERROR("moments need at least one row", GSL_EBADLEN);
    mean_over_rows(&job, d, m->mean, team);
    job.mean = m->mean;
    mean_over_rows(&job, d * d, m->sigma, team);
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++)
            m->r[i * d + j] = m->sigma[i * d + j] + m->mean[i] * m->mean[j];
    JF_TRY(eigenvalues(m->n, d, m->sigma, m->lambda_sigma));
    JF_TRY(eigenvalues(m->n, d, m->r, m->lambda_r));
    m->rank = jf_rank(m->n, d, m->lambda_sigma);
    return GSL_SUCCESS;
}

void jf_moments_free(jf_moments *m)
{
    free(m->mean);
    free(m->sigma);
    free(m->r);
    free(m->lambda_sigma);
    free(m->lambda_r);
    *m = (jf_moments){0};
}

size_t jf_rank(size_t n, size_t d, const double *lambda)
{
    double least = lambda[0] * (double)(n > d ? n : d) * GSL_DBL_EPSILON;
    size_t rank = 0;
    for (size_t i = 0; i < d; i++)
        rank += lambda[i] > least;
    return rank;
}

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

double jf_bias_cost(const jf_moments *m)
{
    size_t d = m->d;
    double *l = jf_alloc(d * d, sizeof *l), *y = jf_alloc(d, sizeof *y);
    double square = 0;

    memcpy(l, m->sigma, d * d * sizeof *l);
    if (m->rank < d || jf_cholesky(d, l) != GSL_SUCCESS)
        square = GSL_NAN;
    for (size_t i = 0; i < d && !isnan(square); i++) { /* y = L^-1 mu */
        y[i] = m->mean[i];
        for (size_t j = 0; j < i; j++)
            y[i] -= l[i * d + j] * y[j];
        y[i] /= l[i * d + i];
        square += y[i] * y[i];
    }
    free(y);
    free(l);
    return 0.5 * log1p(square);
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
    size_t sites = d / c;
    double *block = jf_alloc(c * c, sizeof *block), log_det;
    for (size_t k = 0; k < sites; k++)
        for (size_t i = 0; i < c; i++)
            for (size_t j = 0; j < c; j++)
                block[i * c + j] +=
                    s[(k * c + i) * d + k * c + j] / (double)sites;
    if (jf_log_abs_det(c, block, &log_det) != GSL_SUCCESS)
        log_det = GSL_NEGINF;
    free(block);
    return 0.5 * ((double)sites * log_det - sum_log(d, lambda));
}

double jf_sample_gap(size_t d, size_t n, int with_bias)
{
    double p = (double)d, least = with_bias ? p + 2 : p + 1;
    if ((double)n <= least)
        return GSL_NAN;
    return p * (with_bias ? p + 3 : p + 1) / (2 * ((double)n - least));
}

double jf_log_det_bias(size_t d, size_t n)
{
    double sum = (double)d * log(2 / (double)n);
    for (size_t i = 1; i <= d; i++)
        sum += gsl_sf_psi((double)(n - i) / 2);
    return sum;
}

double jf_log_det_variance(size_t d, size_t n)
{
    double sum = 0;
    for (size_t i = 1; i <= d; i++)
        sum += gsl_sf_psi_1((double)(n - i) / 2);
    return sum;
}
