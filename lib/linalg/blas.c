/* blas.c -- CBLAS in the build's precision, and OpenBLAS on one thread. */
#include "linalg/blas.h"

#include <assert.h>
#include <math.h>

#include <gsl/gsl_cblas.h>

#include "linalg/factor.h"

#ifdef JF_SINGLE
#define GEMM cblas_sgemm
#else
#define GEMM cblas_dgemm
#endif

/* OpenBLAS's own header clashes with GSL's. */
void openblas_set_num_threads(int threads);

/* A second thread pool beside OpenMP's makes two threads slower than one, and
 * threaded reductions would change the bytes with the number of threads. */
__attribute__((constructor)) static void one_thread(void)
{
    openblas_set_num_threads(1);
}

void jf_gemm(jf_op op_a, jf_op op_b, real alpha, jf_matrix a, jf_matrix b,
             real beta, jf_matrix c)
{
    size_t k = op_a == JF_PLAIN ? a.cols : a.rows;
    assert(c.rows == (op_a == JF_PLAIN ? a.rows : a.cols));
    assert(k == (op_b == JF_PLAIN ? b.rows : b.cols));
    assert(c.cols == (op_b == JF_PLAIN ? b.cols : b.rows));
    if (!c.rows || !c.cols)
        return;
    GEMM(CblasRowMajor, op_a == JF_PLAIN ? CblasNoTrans : CblasTrans,
         op_b == JF_PLAIN ? CblasNoTrans : CblasTrans, (int)c.rows, (int)c.cols,
         (int)k, alpha, a.data, (int)a.stride, b.data, (int)b.stride, beta,
         c.data, (int)c.stride);
}

double jf_dot(size_t n, const real *a, const real *b)
{
    double sum[4] = {0};
    size_t i = 0;
    for (; i + 4 <= n; i += 4)
        for (size_t j = 0; j < 4; j++)
            sum[j] += (double)a[i + j] * (double)b[i + j];
    for (; i < n; i++)
        sum[0] += (double)a[i] * (double)b[i];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

double jf_norm(size_t n, const real *a)
{
    return sqrt(jf_dot(n, a, a));
}

void jf_dgemm_part(jf_ops ops, size_t m, size_t n, size_t k, double alpha,
                   const double *a, size_t lda, const double *b, size_t ldb,
                   double beta, double *c, size_t ldc)
{
    if (!m || !n)
        return;
    cblas_dgemm(CblasRowMajor, ops == JF_TN ? CblasTrans : CblasNoTrans,
                ops == JF_NT ? CblasTrans : CblasNoTrans, (int)m, (int)n,
                (int)k, alpha, a, lda ? (int)lda : 1, b, ldb ? (int)ldb : 1,
                beta, c, (int)ldc);
}

void jf_dgemm(jf_ops ops, size_t m, size_t n, size_t k, double alpha,
              const double *a, const double *b, double beta, double *c)
{
    jf_dgemm_part(ops, m, n, k, alpha, a, ops == JF_TN ? m : k, b,
                  ops == JF_NT ? k : n, beta, c, n);
}

void jf_solve_upper(int transposed, size_t n, size_t m, const double *t,
                    double *b)
{
    if (!n || !m)
        return;
    cblas_dtrsm(CblasRowMajor, CblasLeft, CblasUpper,
                transposed ? CblasTrans : CblasNoTrans, CblasNonUnit, (int)n,
                (int)m, 1.0, t, (int)n, b, (int)m);
}
