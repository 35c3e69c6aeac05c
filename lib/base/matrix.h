/* matrix.h -- a row-major matrix, and views of it, passed by value.
 *
 * A sample is a row.  A function that only reads a matrix takes a
 * jf_const_matrix: jf_const(m) of a matrix m.  A stride of 0 repeats one row. */
#ifndef JF_MATRIX_H
#define JF_MATRIX_H

#include "base/memory.h"
#include "base/real.h"

typedef struct {
    size_t rows, cols, stride; /* stride: reals from one row to the next */
    real *data;
} jf_matrix;

typedef struct { /* the same, through which nothing is changed */
    size_t rows, cols, stride;
    const real *data;
} jf_const_matrix;

/* A matrix of zeros, which the caller frees; data is NULL when there is no
 * memory for it (error.h). */
jf_matrix jf_matrix_new(size_t rows, size_t cols);
void jf_matrix_free(jf_matrix *m);

/* Views.  A caller's array (rows, cols) without gaps; rows first .. first +
 * count - 1; columns likewise.  GSL_EINVAL is reported for those that m does
 * not have, and the view is empty. */
jf_matrix jf_view(real *data, size_t rows, size_t cols);
jf_matrix jf_rows(jf_matrix m, size_t first, size_t count);
jf_matrix jf_columns(jf_matrix m, size_t first, size_t count);

static inline real *jf_row(jf_matrix m, size_t i)
{
    return m.data + i * m.stride;
}

static inline jf_const_matrix jf_const(jf_matrix m)
{
    return (jf_const_matrix){m.rows, m.cols, m.stride, m.data};
}

/* The views above, for reading. */
jf_const_matrix jf_const_view(const real *data, size_t rows, size_t cols);
jf_const_matrix jf_const_rows(jf_const_matrix m, size_t first, size_t count);
jf_const_matrix jf_const_columns(jf_const_matrix m, size_t first, size_t count);

static inline const real *jf_const_row(jf_const_matrix m, size_t i)
{
    return m.data + i * m.stride;
}

/* Equal shapes; otherwise GSL_EBADLEN is reported and nothing copied. */
void jf_matrix_copy(jf_matrix to, jf_const_matrix from);
void jf_matrix_fill(jf_matrix m, real value);
int jf_matrix_finite(jf_const_matrix m); /* 1: no entry is NaN or infinite */

#endif
