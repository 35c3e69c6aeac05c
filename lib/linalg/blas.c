/* blas.c -- CBLAS in the build's precision, and OpenBLAS on one thread. */
#include "linalg/blas.h"

#include <math.h>

#include <gsl/gsl_cblas.h>

#include "base/clones.h"
#include "base/error.h"
#include "base/work.h"
#include "linalg/factor.h"
#include "linalg/multiply.h"

#ifdef JF_SINGLE
#define GEMM cblas_sgemm
#define GEMV cblas_sgemv
#else
#define GEMM cblas_dgemm
#define GEMV cblas_dgemv
#endif

/* OpenBLAS's own header clashes with GSL's. */
void openblas_set_num_threads(int threads);

/* A second thread pool beside OpenMP's makes two threads slower than one, and
 * threaded reductions would change the bytes with the number of threads. */
__attribute__((constructor)) static void one_thread(void)
{
    openblas_set_num_threads(1);
}

/* Whether OpenBLAS would allocate memory: its kernel for small products of this
 * kind does, and no other. */
enum { VECTOR = 16, SMALL = 1 << 12 };

static int allocates(jf_op op_a, jf_op op_b, jf_const_matrix b, jf_matrix c)
{
    return op_a == JF_PLAIN && op_b == JF_PLAIN && c.cols % VECTOR &&
           b.rows * b.cols <= SMALL;
}

/* c += a b for a few columns, one by one. */
enum { FEW = 3 };

static void add_columns(jf_const_matrix a, jf_const_matrix b, jf_matrix c)
{
    for (size_t j = 0; j < c.cols; j++)
        GEMV(CblasRowMajor, CblasNoTrans, (int)a.rows, (int)a.cols, 1, a.data,
             (int)a.stride, b.data + j, (int)b.stride, 1, c.data + j,
             (int)c.stride);
}

void jf_gemm(jf_op op_a, jf_op op_b, real alpha, jf_const_matrix a,
             jf_const_matrix b, real beta, jf_matrix c)
{
    size_t k = op_a == JF_PLAIN ? a.cols : a.rows;
    if (c.rows != (op_a == JF_PLAIN ? a.rows : a.cols) ||
        k != (op_b == JF_PLAIN ? b.rows : b.cols) ||
        c.cols != (op_b == JF_PLAIN ? b.cols : b.rows))
        JF_ERROR_VOID("a product of shapes that do not fit", GSL_EBADLEN);
    if (!c.rows || !c.cols)
        return;
    int plain = alpha == 1 && (beta == 0 || beta == 1) && k > 0;
    if (plain && allocates(op_a, op_b, b, c) && beta == 1 && c.cols <= FEW) {
        add_columns(a, b, c);
        return;
    }
    jf_matrix row = jf_view(c.data, 1, c.rows);
    if (plain && op_a == JF_TRANSPOSED && op_b == JF_PLAIN && c.cols == 1 &&
        c.stride == 1 && c.rows > 1) { /* c' = b' a, along the rows of a */
        jf_gemm(JF_TRANSPOSED, JF_PLAIN, 1, b, a, beta, row);
        return;
    }
    if (plain && (jf_multiply_is_faster(op_a, op_b, k, c) ||
                  allocates(op_a, op_b, b, c))) {
        jf_multiply(
            &(jf_multiplication){
                .op_a = op_a, .op_b = op_b, .a = a, .b = b, .add = beta == 1},
            c);
        return;
    }
    GEMM(CblasRowMajor, op_a == JF_PLAIN ? CblasNoTrans : CblasTrans,
         op_b == JF_PLAIN ? CblasNoTrans : CblasTrans, (int)c.rows, (int)c.cols,
         (int)k, alpha, a.data, (int)a.stride, b.data, (int)b.stride, beta,
         c.data, (int)c.stride);
}

int jf_gemm_divided(jf_op op_a, jf_op op_b, jf_const_matrix a,
                    jf_const_matrix b, int add, jf_matrix c, jf_work *work)
{
    size_t k = op_a == JF_PLAIN ? a.cols : a.rows;
    jf_multiplication f = {
        .op_a = op_a, .op_b = op_b, .a = a, .b = b, .add = add};
    if (work->team && jf_multiply_is_faster(op_a, op_b, k, c))
        return jf_multiply_divided(&f, c, work);
    jf_gemm(op_a, op_b, 1, a, b, add, c);
    return GSL_SUCCESS;
}

JF_CLONES static void finish(size_t rows, size_t cols, size_t stride,
                             const real *restrict b, int relu, real *restrict z)
{
    for (size_t i = 0; i < rows; i++, z += stride)
        for (size_t j = 0; j < cols; j++) {
            real u = b ? z[j] + b[j] : z[j];
            z[j] = relu && u < 0 ? 0 : u; /* NaN stays */
        }
}

void jf_affine(jf_const_matrix x, jf_const_matrix w, const real *b, int relu,
               jf_matrix z)
{
    if (x.cols == w.cols && z.rows == x.rows && z.cols == w.rows &&
        jf_multiply_is_faster(JF_PLAIN, JF_TRANSPOSED, x.cols, z)) {
        jf_multiply(
            &(jf_multiplication){
                .op_b = JF_TRANSPOSED, .a = x, .b = w, .bias = b, .relu = relu},
            z);
        return;
    }
    jf_gemm(JF_PLAIN, JF_TRANSPOSED, 1, x, w, 0, z);
    if (b || relu)
        finish(z.rows, z.cols, z.stride, b, relu, z.data);
}

int jf_affine_divided(jf_const_matrix x, jf_const_matrix w, const real *b,
                      int relu, jf_matrix z, jf_work *work)
{
    jf_multiplication f = {
        .op_b = JF_TRANSPOSED, .a = x, .b = w, .bias = b, .relu = relu};
    if (work->team && jf_multiply_is_faster(JF_PLAIN, JF_TRANSPOSED, x.cols, z))
        return jf_multiply_divided(&f, z, work);
    jf_affine(x, w, b, relu, z);
    return GSL_SUCCESS;
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
