/* factor.c -- LAPACK in double; its calls cost more than the arithmetic of a
 * matrix of a few rows, which is therefore done here.
 *
 * LAPACK's matrices are column-major and ours row-major.  Determinant and
 * inverse are those of the transpose, so it is given the transpose, and nothing
 * is copied; up to LOCAL rows nothing is allocated either. */
#include "linalg/factor.h"

#include <math.h>
#include <stdlib.h>

#include <lapacke.h>

#include "base/error.h"
#include "base/matrix.h"

enum { LOCAL = 64 };

static const char singular[] = "a singular matrix";
static const char not_positive[] = "a matrix that is not positive";
static const char not_finite[] = "a matrix that is not finite";

/* What LAPACKE says of memory is GSL_ENOMEM; all else of info is code. */
static int failure(lapack_int info, const char *what, int code)
{
    if (info == LAPACK_WORK_MEMORY_ERROR ||
        info == LAPACK_TRANSPOSE_MEMORY_ERROR)
        JF_ERROR("no memory for LAPACK", GSL_ENOMEM);
    JF_ERROR(what, code);
}

/* LU of the transpose with partial pivoting, and log |det a| = sum log |u_ii|.
 */
static int lu(size_t n, double *a, lapack_int *pivot, double *log_abs_det)
{
    lapack_int info =
        LAPACKE_dgetrf_work(LAPACK_COL_MAJOR, (lapack_int)n, (lapack_int)n, a,
                            (lapack_int)n, pivot);
    *log_abs_det = info ? (double)-INFINITY : 0;
    if (info > 0)
        JF_ERROR(singular, GSL_ESING);
    for (size_t i = 0; i < n; i++)
        *log_abs_det += log(fabs(a[i * n + i]));
    if (isnan(*log_abs_det))
        JF_ERROR(not_finite, GSL_EDIVERGE);
    return GSL_SUCCESS;
}

enum { SMALL = 4 };

/* Gauss-Jordan elimination in place with partial pivoting. */
static int eliminate(size_t n, double *a, double *log_abs_det)
{
    size_t from[SMALL];
    double sum = 0;
    *log_abs_det = (double)-INFINITY;
    for (size_t k = 0; k < n; k++) {
        size_t p = k;
        for (size_t i = k + 1; i < n; i++)
            if (fabs(a[i * n + k]) > fabs(a[p * n + k]))
                p = i;
        double pivot = a[p * n + k], row[SMALL] = {0};
        from[k] = p;
        if (pivot == 0)
            JF_ERROR(singular, GSL_ESING);
        sum += log(fabs(pivot));
        for (size_t j = 0; j < n; j++) {
            row[j] = (j == k ? 1 : a[p * n + j]) / pivot;
            a[p * n + j] = a[k * n + j];
        }
        for (size_t i = 0; i < n; i++) {
            double factor = a[i * n + k];
            for (size_t j = 0; j < n && i != k; j++)
                a[i * n + j] = (j == k ? 0 : a[i * n + j]) - factor * row[j];
        }
        for (size_t j = 0; j < n; j++)
            a[k * n + j] = row[j];
    }
    for (size_t i = 0; i < n * n; i++)
        if (!isfinite(a[i]))
            JF_ERROR(not_finite, GSL_EDIVERGE);
    *log_abs_det = sum;
    for (size_t k = n; k-- > 0;) /* rows were exchanged: columns, back */
        for (size_t i = 0; i < n && from[k] != k; i++) {
            double other = a[i * n + k];
            a[i * n + k] = a[i * n + from[k]];
            a[i * n + from[k]] = other;
        }
    return GSL_SUCCESS;
}

int jf_log_abs_det(size_t n, double *a, double *log_abs_det)
{
    lapack_int local[LOCAL];
    if (n <= SMALL)
        return eliminate(n, a, log_abs_det);
    lapack_int *pivot = n <= LOCAL ? local : jf_alloc(n, sizeof *pivot);
    JF_TRY_MEMORY(pivot);
    int status = lu(n, a, pivot, log_abs_det);
    if (n > LOCAL)
        free(pivot);
    return status;
}

int jf_invert(size_t n, double *a, double *log_abs_det)
{
    enum { BLOCK = 32 };
    lapack_int local[LOCAL];
    double local_scratch[LOCAL], *scratch = local_scratch;
    if (n <= SMALL)
        return eliminate(n, a, log_abs_det);
    size_t size = n <= LOCAL ? n : n * BLOCK;
    lapack_int *pivot = n <= LOCAL ? local : jf_alloc(n, sizeof *pivot);
    if (n > LOCAL && pivot)
        scratch = jf_alloc(size, sizeof *scratch);
    int status = pivot && scratch ? lu(n, a, pivot, log_abs_det) : GSL_ENOMEM;
    if (status == GSL_SUCCESS &&
        LAPACKE_dgetri_work(LAPACK_COL_MAJOR, (lapack_int)n, a, (lapack_int)n,
                            pivot, scratch, (lapack_int)size) != 0)
        status = failure(0, singular, GSL_ESING);
    if (n > LOCAL) {
        free(pivot ? scratch : NULL);
        free(pivot);
    }
    return status;
}

int jf_cholesky(size_t n, double *a)
{
    lapack_int info =
        LAPACKE_dpotrf(LAPACK_ROW_MAJOR, 'L', (lapack_int)n, a, (lapack_int)n);
    if (info != 0)
        return failure(info, not_positive, GSL_ESING);
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++)
            a[i * n + j] = 0;
    return GSL_SUCCESS;
}

int jf_solve_definite(size_t n, double *a, double *b)
{
    lapack_int order = (lapack_int)n;
    lapack_int info =
        LAPACKE_dposv(LAPACK_COL_MAJOR, 'U', order, 1, a, order, b, order);
    return info ? failure(info, not_positive, GSL_ESING) : GSL_SUCCESS;
}

int jf_eigen_symmetric(size_t n, double *a, double *lambda, int vectors)
{
    /* dsyevd: ascending; the columns of a become the eigenvectors. */
    lapack_int info = LAPACKE_dsyevd(LAPACK_COL_MAJOR, vectors ? 'V' : 'N', 'U',
                                     (lapack_int)n, a, (lapack_int)n, lambda);
    if (info != 0)
        return failure(info, "the eigenvalues did not converge", GSL_EMAXITER);
    for (size_t i = 0; i < n / 2; i++) {
        size_t k = n - 1 - i;
        double swap = lambda[i];
        lambda[i] = lambda[k];
        lambda[k] = swap;
        for (size_t j = 0; vectors && j < n; j++) {
            swap = a[i * n + j];
            a[i * n + j] = a[k * n + j];
            a[k * n + j] = swap;
        }
    }
    return GSL_SUCCESS;
}

int jf_eigen_largest(size_t n, double *a, double *lambda, double *v)
{
    lapack_int order = (lapack_int)n, found, failed[1];
    double local[LOCAL], *w = local;
    int info;
    if (n == 1) {
        *lambda = a[0];
        v[0] = 1;
        return GSL_SUCCESS;
    }
    if (n > LOCAL)
        JF_TRY_MEMORY(w = jf_alloc(n, sizeof *w));
    /* row-major's lower triangle is column-major's upper one */
    info = LAPACKE_dsyevx(LAPACK_COL_MAJOR, 'V', 'I', 'U', order, a, order, 0,
                          0, order, order, 0, &found, w, v, order, failed);
    *lambda = w[0];
    if (n > LOCAL)
        free(w);
    if (info != 0 || found != 1)
        return failure(info, "the largest eigenvalue did not converge",
                       GSL_EMAXITER);
    return GSL_SUCCESS;
}

int jf_singular_values(size_t m, size_t n, double *a, double *sigma)
{
    lapack_int info = LAPACKE_dgesdd(LAPACK_ROW_MAJOR, 'N', (lapack_int)m,
                                     (lapack_int)n, a, (lapack_int)n, sigma,
                                     NULL, (lapack_int)m, NULL, (lapack_int)n);
    if (info != 0)
        return failure(info, "the singular values did not converge",
                       GSL_EMAXITER);
    return GSL_SUCCESS;
}

/* dgejsv pivots first, so that singular matrices converge, and scales its
 * values, so that none overflows. */
int jf_singular_values_relative(size_t n, double *a, double *sigma)
{
    double stat[7] = {0}, none;
    lapack_int d = (lapack_int)n, counts[4];
    lapack_int info =
        LAPACKE_dgejsv(LAPACK_ROW_MAJOR, 'C', 'N', 'N', 'N', 'N', 'N', d, d, a,
                       d, sigma, &none, d, &none, d, stat, counts);
    if (info != 0)
        return failure(info, "the singular values did not converge",
                       GSL_EMAXITER);
    for (size_t i = 0; i < n; i++)
        sigma[i] *= stat[0] / stat[1];
    return GSL_SUCCESS;
}

int jf_qr_columns(size_t m, size_t n, double *a, double *tau)
{
    lapack_int info = LAPACKE_dgeqrf(LAPACK_COL_MAJOR, (lapack_int)m,
                                     (lapack_int)n, a, (lapack_int)m, tau);
    if (info != 0)
        return failure(info, "a matrix that is not finite", GSL_EDOM);
    return GSL_SUCCESS;
}
