/* moments.c -- moments by reflections, in lanes of rows.
 *
 * All rows are taken relative to the first, so that a constant column is zero
 * and a mean far from the origin costs no digits.  Pass 1 finds the mean of
 * these differences.  Pass 2 folds blocks of centred rows B into
 * a triangle, [T; B] = Q T', by Householder's QR; T'T = sum of B'B holds
 * backward stably.  The triangles of the lanes are folded in lane order.  The
 * triangle of R is that of [T; mean']. */
#include "measure/moments.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "linalg/factor.h"

typedef struct {
    jf_const_matrix x;
    double *shift; /* (d): mean minus the first row */
    double *lane;  /* lane l's result, from l * size on */
    size_t size;
} pass;

static int sum_lane(void *arg, size_t lane, size_t first, size_t count,
                    jf_work *work)
{
    pass *p = arg;
    double *sum = p->lane + lane * p->size;
    const real *origin = jf_const_row(p->x, 0);
    (void)work;
    for (size_t i = first; i < first + count; i++) {
        const real *row = jf_const_row(p->x, i);
        for (size_t j = 0; j < p->x.cols; j++)
            sum[j] += (double)row[j] - (double)origin[j];
    }
    return GSL_SUCCESS;
}

/* Fold the rows below the first d of a (rows, d), column-major, into the
 * triangle above them, and clear what the reflections leave. */
static int fold(size_t rows, size_t d, double *a, double *tau)
{
    size_t diagonals = rows < d ? rows : d;
    JF_TRY(jf_qr_columns(rows, d, a, tau));
    for (size_t j = 0; j < diagonals; j++)
        memset(a + j * rows + j + 1, 0, (rows - j - 1) * sizeof *a);
    return GSL_SUCCESS;
}

static size_t block_rows(size_t d)
{
    return d < 64 ? 256 : 4 * d;
}

static int fold_lane(void *arg, size_t lane, size_t first, size_t count,
                     jf_work *work)
{
    pass *p = arg;
    size_t d = p->x.cols, block = block_rows(d), rows = d + block;
    double *a = jf_push_bytes(work, rows * d * sizeof *a);
    double *tau = jf_push_bytes(work, d * sizeof *tau);
    double *out = p->lane + lane * p->size;
    const real *origin = jf_const_row(p->x, 0);
    int status = GSL_SUCCESS;

    memset(a, 0, rows * d * sizeof *a);
    for (size_t i = 0; i < count && status == GSL_SUCCESS; i += block) {
        for (size_t r = 0; r < block && i + r < count; r++) {
            const real *row = jf_const_row(p->x, first + i + r);
            for (size_t j = 0; j < d; j++)
                a[j * rows + d + r] =
                    (double)row[j] - (double)origin[j] - p->shift[j];
        }
        status = fold(rows, d, a, tau);
    }
    for (size_t i = 0; i < d; i++)
        for (size_t j = i; j < d; j++)
            out[i * d + j] = a[j * rows + i];
    jf_pop(work, tau);
    jf_pop(work, a);
    return status;
}

/* t (d, d) row-major := the triangle of [t; rows of b (m, d) row-major]. */
static int fold_in(size_t d, double *t, size_t m, const double *b)
{
    size_t rows = d + m;
    double *a = jf_alloc(rows * d + d, sizeof *a);
    JF_TRY_MEMORY(a);
    double *tau = a + rows * d;
    for (size_t j = 0; j < d; j++) {
        for (size_t i = 0; i <= j; i++)
            a[j * rows + i] = t[i * d + j];
        for (size_t i = 0; i < m; i++)
            a[j * rows + d + i] = b[i * d + j];
    }
    int status = fold(rows, d, a, tau);
    for (size_t i = 0; i < d; i++)
        for (size_t j = i; j < d; j++)
            t[i * d + j] = a[j * rows + i];
    free(a);
    return status;
}

/* The number of singular values of t's unit columns above the tolerance, and
 * the ratio of the largest and the least of those. */
static int find_rank(size_t d, const double *t, double tolerance, size_t *rank,
                     double *condition)
{
    double *a = jf_alloc(d * d + d, sizeof *a);
    JF_TRY_MEMORY(a);
    double *sigma = a + d * d;
    for (size_t j = 0; j < d; j++) {
        double square = 0;
        for (size_t i = 0; i <= j; i++)
            square += t[i * d + j] * t[i * d + j];
        double scale = square > 0 ? 1 / sqrt(square) : 0;
        for (size_t i = 0; i <= j; i++)
            a[i * d + j] = t[i * d + j] * scale;
    }
    int status = jf_singular_values(d, d, a, sigma);
    *rank = 0;
    while (*rank < d && sigma[*rank] > tolerance * sigma[0])
        ++*rank;
    *condition = *rank ? sigma[0] / sigma[*rank - 1] : 1;
    free(a);
    return status;
}

/* Beyond this condition of T Jacobi's rotations are worth their time: the
 * general singular values would lose more than a third of the digits. */
#define GRADED 0x1p21

/* S = T'T, its eigenvalues, rank and log det S; condition: what the relative
 * error of an eigenvalue grows with, of an error that is small beside T and of
 * one that is small beside each column. */
static int spectrum(size_t d, double tolerance, const double *t, double *s,
                    double *lambda, size_t *rank, double *log_det,
                    double condition[2])
{
    double *copy = jf_alloc(d * d, sizeof *copy);
    JF_TRY_MEMORY(copy);
    memcpy(copy, t, d * d * sizeof *copy);
    jf_dgemm(JF_TN, d, d, d, 1, t, t, 0, s);
    int status = find_rank(d, t, tolerance, rank, &condition[1]);
    condition[0] = condition[1];
    if (status == GSL_SUCCESS)
        status = jf_singular_values(d, d, copy, lambda);
    if (status == GSL_SUCCESS && *rank > 0) {
        double all = lambda[0] / lambda[*rank - 1];
        if (all <= GRADED) {
            condition[0] = all;
        } else {
            memcpy(copy, t, d * d * sizeof *copy);
            status = jf_singular_values_relative(d, copy, lambda);
        }
    }
    *log_det = *rank < d ? (double)-INFINITY : 0;
    for (size_t i = 0; i < d; i++) {
        lambda[i] = i < *rank ? lambda[i] * lambda[i] : 0;
        *log_det += *rank < d ? 0 : 2 * log(fabs(t[i * d + i]));
    }
    free(copy);
    return status;
}

static int find_mean(jf_moments *m, pass *p, size_t lanes, jf_team *team)
{
    JF_TRY(jf_team_run(team, m->n, lanes, sum_lane, p));
    for (size_t j = 0; j < m->d; j++) {
        double sum = 0;
        for (size_t l = 0; l < lanes; l++)
            sum += p->lane[l * p->size + j];
        p->shift[j] = sum / (double)m->n;
        m->mean[j] = (double)jf_const_row(p->x, 0)[j] + p->shift[j];
    }
    return GSL_SUCCESS;
}

static int allocate(jf_moments *m)
{
    size_t d = m->d;
    double **square[] = {&m->sigma, &m->r, &m->t_sigma, &m->t_r};
    double **line[] = {&m->mean, &m->lambda_sigma, &m->lambda_r};
    for (size_t i = 0; i < sizeof square / sizeof *square; i++)
        JF_TRY_MEMORY(*square[i] = jf_alloc(d * d, sizeof **square[i]));
    for (size_t i = 0; i < sizeof line / sizeof *line; i++)
        JF_TRY_MEMORY(*line[i] = jf_alloc(d, sizeof **line[i]));
    return GSL_SUCCESS;
}

/* Both triangles, of the covariance and of R. */
static int find_triangles(jf_moments *m, pass *p, size_t lanes, jf_team *team)
{
    size_t d = m->d, dd = d * d;
    memset(p->lane, 0, lanes * dd * sizeof *p->lane);
    JF_TRY(jf_team_run(team, m->n, lanes, fold_lane, p));
    for (size_t l = 1; l < lanes; l++)
        JF_TRY(fold_in(d, p->lane, d, p->lane + l * dd));
    for (size_t i = 0; i < dd; i++)
        m->t_sigma[i] = p->lane[i] / sqrt((double)m->n);
    memcpy(m->t_r, m->t_sigma, dd * sizeof *m->t_r);
    return fold_in(d, m->t_r, 1, m->mean);
}

/* What the head of the header says of the eigenvalues.  Column j of the centred
 * table errs by at most 4 d u of its norm from reflections, and each entry by u
 * |mean_j| from how the numbers of a table far from the origin are stored. */
static double error_bound(const jf_moments *m, const double condition[2])
{
    double worst = 0, u = DBL_EPSILON / 2;
    for (size_t j = 0; j < m->d; j++) {
        double sd = sqrt(m->sigma[j * m->d + j]);
        worst = fmax(worst, sd > 0 ? fabs(m->mean[j]) / sd : 0);
    }
    return 2 * sqrt((double)m->d) *
           (4 * (double)m->d * condition[0] + 2 * worst * condition[1]) * u;
}

/* With p.lane and p.shift for scratch. */
static int find_all(jf_moments *m, pass *p, size_t lanes, jf_team *team)
{
    size_t d = m->d;
    JF_TRY(allocate(m));
    JF_TRY(find_mean(m, p, lanes, team));
    JF_TRY(find_triangles(m, p, lanes, team));
    double condition[2];
    JF_TRY(spectrum(d, m->tolerance, m->t_sigma, m->sigma, m->lambda_sigma,
                    &m->rank, &m->log_det_sigma, condition));
    m->relative_error = error_bound(m, condition);
    return spectrum(d, m->tolerance, m->t_r, m->r, m->lambda_r, &m->rank_r,
                    &m->log_det_r, condition);
}

int jf_moments_of(jf_const_matrix x, jf_moments *m, jf_team *team)
{
    size_t n = x.rows, d = x.cols;
    *m = (jf_moments){.n = n, .d = d};
    if (n == 0 || d == 0)
        JF_ERROR("a table without rows or columns has no moments", GSL_EBADLEN);
    if (!jf_matrix_finite(x))
        JF_ERROR("an entry of the table is not finite", GSL_EDOM);
    size_t lanes = jf_lanes(n, 4 * block_rows(d));
    double *lane = jf_alloc(lanes * d * d + d, sizeof *lane);
    JF_TRY_MEMORY(lane);
    pass p = {x, lane + lanes * d * d, lane, d * d};

    m->tolerance = 8 * (double)d * DBL_EPSILON;
    int status = find_all(m, &p, lanes, team);
    free(lane);
    return status;
}

void jf_moments_free(jf_moments *m)
{
    double *all[] = {m->mean,     m->sigma,   m->r,  m->lambda_sigma,
                     m->lambda_r, m->t_sigma, m->t_r};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
    *m = (jf_moments){0};
}

int jf_moments_rows(const jf_moments *m, jf_matrix x)
{
    size_t d = m->d;
    double *row = jf_alloc(d, sizeof *row);
    JF_TRY_MEMORY(row);
    for (size_t i = 0; i <= d; i++) {
        memset(row, 0, d * sizeof *row);
        for (size_t k = i > 0 ? i - 1 : 0; k < d; k++) {
            double kk = (double)(k + 1);
            double h = (i == k + 1 ? -kk : 1) / sqrt(kk * (kk + 1));
            for (size_t j = k; j < d; j++)
                row[j] += h * m->t_sigma[k * d + j];
        }
        for (size_t j = 0; j < d; j++)
            jf_row(x, i)[j] = (real)(m->mean[j] + sqrt((double)d + 1) * row[j]);
    }
    free(row);
    return GSL_SUCCESS;
}
