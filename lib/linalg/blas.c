/* blas.c -- CBLAS in the build's precision, and OpenBLAS on one thread. */
#include "linalg/blas.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_cblas.h>

#include "base/error.h"
#include "linalg/factor.h"
#include "linalg/tile.h"

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

/* c += a b where the columns of b are no whole number of vectors: OpenBLAS's
 * kernel for small products of this kind, and no other, allocates memory.  A
 * few columns go one by one, more through a tile, whose right factor needs
 * room behind it. */
enum { FEW = 3, VECTOR = 16, NARROW_REALS = 1 << 12 };

static void add_narrow(jf_const_matrix a, jf_const_matrix b, jf_matrix c)
{
    real copy[NARROW_REALS + JF_TILE_SLACK];
    for (size_t j = 0; c.cols <= FEW && j < c.cols; j++)
        GEMV(CblasRowMajor, CblasNoTrans, (int)a.rows, (int)a.cols, 1, a.data,
             (int)a.stride, b.data + j, (int)b.stride, 1, c.data + j,
             (int)c.stride);
    if (c.cols <= FEW)
        return;
    jf_matrix_copy(jf_view(copy, b.rows, b.cols), b);
    memset(copy + b.rows * b.cols, 0, JF_TILE_SLACK * sizeof *copy);
    jf_tile t = {.a = {a.data},
                 .segments = 1,
                 .depth = b.rows,
                 .a_i = a.stride,
                 .a_k = 1,
                 .b = copy,
                 .b_stride = b.cols,
                 .c = c.data,
                 .c_stride = c.stride,
                 .add = 1};
    jf_tile_product(c.rows, c.cols, &t);
}

/* to (cols, rows) := w', by 4 x 4 blocks; both are multiples of 4. */
static void transpose(jf_const_matrix w, real *restrict to)
{
#if defined(__clang__) || __GNUC__ >= 12
    typedef real four __attribute__((vector_size(4 * sizeof(real)),
                                     aligned(sizeof(real)), may_alias));
    for (size_t i = 0; i < w.rows; i += 4)
        for (size_t j = 0; j < w.cols; j += 4) {
            real *out = to + j * w.rows + i;
            four a = *(const four *)(jf_const_row(w, i) + j);
            four b = *(const four *)(jf_const_row(w, i + 1) + j);
            four c = *(const four *)(jf_const_row(w, i + 2) + j);
            four d = *(const four *)(jf_const_row(w, i + 3) + j);
            four ac = __builtin_shufflevector(a, c, 0, 4, 1, 5);
            four bd = __builtin_shufflevector(b, d, 0, 4, 1, 5);
            *(four *)out = __builtin_shufflevector(ac, bd, 0, 4, 1, 5);
            out += w.rows;
            *(four *)out = __builtin_shufflevector(ac, bd, 2, 6, 3, 7);
            ac = __builtin_shufflevector(a, c, 2, 6, 3, 7);
            bd = __builtin_shufflevector(b, d, 2, 6, 3, 7);
            out += w.rows;
            *(four *)out = __builtin_shufflevector(ac, bd, 0, 4, 1, 5);
            out += w.rows;
            *(four *)out = __builtin_shufflevector(ac, bd, 2, 6, 3, 7);
        }
#else
    for (size_t i = 0; i < w.rows; i++)
        for (size_t j = 0; j < w.cols; j++)
            to[j * w.rows + i] = jf_row(w, i)[j];
#endif
}

/* c := alpha a b' + beta c for a small b, whose transpose is copied: OpenBLAS
 * has no kernel for small products of this kind. */
enum { ROWS = 32 }; /* that are worth a copy */

static void multiply_transposed(real alpha, jf_const_matrix a,
                                jf_const_matrix b, real beta, jf_matrix c)
{
    real copy[NARROW_REALS];
    transpose(b, copy);
    GEMM(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)c.rows, (int)c.cols,
         (int)a.cols, alpha, a.data, (int)a.stride, copy, (int)b.rows, beta,
         c.data, (int)c.stride);
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
    if (op_a == JF_PLAIN && op_b == JF_PLAIN && c.cols % VECTOR && k > 0 &&
        alpha == 1 && beta == 1 && b.rows * b.cols <= NARROW_REALS) {
        add_narrow(a, b, c);
        return;
    }
    if (op_a == JF_PLAIN && op_b == JF_TRANSPOSED && c.rows >= ROWS &&
        b.rows % VECTOR == 0 && b.cols % 4 == 0 && k > 0 &&
        b.rows * b.cols <= NARROW_REALS) {
        multiply_transposed(alpha, a, b, beta, c);
        return;
    }
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
