/* blas.h -- BLAS on jf_matrix.  blas.c is the only file that names a BLAS
 * precision.  OpenBLAS runs single-threaded: parallel work is the team's. */
#ifndef JF_BLAS_H
#define JF_BLAS_H

#include "base/matrix.h"
#include "base/work.h"

typedef enum { JF_PLAIN, JF_TRANSPOSED } jf_op;

/* c := alpha op(a) op(b) + beta c.  Shapes that do not
 * fit: GSL_EBADLEN is reported and nothing done.  With alpha 1 and beta 0 or 1 by
 * the library's own tile where that is faster (multiply.h), else by OpenBLAS. */
void jf_gemm(jf_op op_a, jf_op op_b, real alpha, jf_const_matrix a,
             jf_const_matrix b, real beta, jf_matrix c);

/* z := x w', rows plus b (unless NULL), and under relu what is below 0 becomes
 * 0, while NaN stays.  x (n, n_in), w (n_out, n_in), b (n_out), z (n, n_out). */
void jf_affine(jf_const_matrix x, jf_const_matrix w, const real *b, int relu,
               jf_matrix z);

/* The same, c := op(a) op(b), or c + op(a) op(b) under add, and z; a large product
 * is divided by columns where the pass has a team to itself (base/team.h), and the
 * bytes are the same.  Return a GSL code; shapes must fit. */
int jf_gemm_divided(jf_op op_a, jf_op op_b, jf_const_matrix a,
                    jf_const_matrix b, int add, jf_matrix c, jf_work *work);
int jf_affine_divided(jf_const_matrix x, jf_const_matrix w, const real *b,
                      int relu, jf_matrix z, jf_work *work);

/* sum_i a_i b_i, and its square root with a = b, accumulated in double. */
double jf_dot(size_t n, const real *a, const real *b);
double jf_norm(size_t n, const real *a);

#endif
