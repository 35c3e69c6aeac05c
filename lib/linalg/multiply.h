/* multiply.h -- products of matrices by the library's own tile.
 *
 * For jf_gemm (blas.h), which chooses between this and OpenBLAS. */
#ifndef JF_MULTIPLY_H
#define JF_MULTIPLY_H

#include "linalg/blas.h"

/* Whether jf_multiply is the faster one: where the tile has vectors of 32 bytes
 * or more, with fused multiply-add, and c is no column, and a row only where
 * op(a) is transposed. */
int jf_multiply_is_faster(jf_op op_a, jf_op op_b, size_t depth, jf_matrix c);

/* c := op(a) op(b), or c + op(a) op(b) under add; not both are transposed.
 * Then bias (c.cols; or NULL) is added to every row, and under relu what is
 * below 0 becomes 0, while NaN stays.  Sums run over the depth in order, in
 * blocks of 256 that are added up, so that an entry's value depends on nothing
 * but its row of op(a) and its column of op(b). */
typedef struct {
    jf_op op_a, op_b;
    jf_const_matrix a, b;
    int add, relu;
    const real *bias;
} jf_multiplication;
void jf_multiply(const jf_multiplication *f, jf_matrix c);

/* Products of so many multiply-adds are divided: waking a team and waiting for its
 * last thread takes some microseconds. */
enum { JF_LARGE_PRODUCT = 1 << 21 };

/* The same bytes, by the pass's team if it has one to itself (base/team.h) and
 * the product is large.  Returns a GSL code. */
int jf_multiply_divided(const jf_multiplication *f, jf_matrix c, jf_work *work);

#endif
