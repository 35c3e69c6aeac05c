/* factor.h -- factorisations, in double in every build.
 *
 * Matrices are (n, n) row-major arrays without gaps.  Failures are codes:
 * GSL_ESING for an exactly singular matrix or one that is not positive
 * definite, GSL_EMAXITER for an LAPACK iteration that did not converge,
 * GSL_ENOMEM. */
#ifndef JF_FACTOR_H
#define JF_FACTOR_H

#include <stddef.h>

/* a becomes its inverse; log_abs_det (nats) of a.  By LU with partial
 * pivoting. */
int jf_invert(size_t n, double *a, double *log_abs_det);

/* log |det a| (nats) alone; a is overwritten. */
int jf_log_abs_det(size_t n, double *a, double *log_abs_det);

/* The lower Cholesky factor of a, zeros above the diagonal. */
int jf_cholesky(size_t n, double *a);

/* b (n) becomes a^-1 b, a symmetric and positive definite; a is spoiled. */
int jf_solve_definite(size_t n, double *a, double *b);

/* Eigenvalues of symmetric a, descending; with vectors, a becomes the matrix
 * whose row i is the unit eigenvector of lambda[i], otherwise it is spoiled. */
int jf_eigen_symmetric(size_t n, double *a, double *lambda, int vectors);

/* The largest eigenvalue of symmetric a, of which the lower triangle is read,
 * and its unit eigenvector v (n); a is spoiled. */
int jf_eigen_largest(size_t n, double *a, double *lambda, double *v);

/* Singular values of a (m, n), descending, min(m, n) of them; a is spoiled. */
int jf_singular_values(size_t m, size_t n, double *a, double *sigma);

/* Singular values of a (n, n), descending, by one-sided Jacobi rotations of the
 * columns; a is spoiled.  Their relative error is of the order of 2^-53 times
 * the condition of a with unit columns, however the columns are scaled, where
 * that of jf_singular_values is 2^-53 times the condition of a itself (Demmel
 * and Veselic 1992); about six times slower. */
int jf_singular_values_relative(size_t n, double *a, double *sigma);

/* a (m, n), column-major, becomes the triangle of its QR factorisation above
 * and on the diagonal, reflections below; tau has min(m, n) entries. */
int jf_qr_columns(size_t m, size_t n, double *a, double *tau);

/* c (m, n) := alpha op(a) op(b) + beta c, op(a) (m, k), op(b) (k, n), all
 * arrays without gaps. */
typedef enum { JF_NN, JF_NT, JF_TN } jf_ops; /* which of a, b is transposed */
void jf_dgemm(jf_ops ops, size_t m, size_t n, size_t k, double alpha,
              const double *a, const double *b, double beta, double *c);

/* The same of parts of larger arrays, whose rows lie lda, ldb, ldc apart. */
void jf_dgemm_part(jf_ops ops, size_t m, size_t n, size_t k, double alpha,
                   const double *a, size_t lda, const double *b, size_t ldb,
                   double beta, double *c, size_t ldc);

/* b (n, m) := t^-1 b, or t'^-1 b, for an upper triangle t (n, n). */
void jf_solve_upper(int transposed, size_t n, size_t m, const double *t,
                    double *b);

#endif
