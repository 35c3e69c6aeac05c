/* matrix.c -- matrices as views of row-major memory. */
#include "base/matrix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

jf_matrix jf_matrix_new(size_t rows, size_t cols)
{
    size_t count;
    if (__builtin_mul_overflow(rows, cols, &count))
        count = (size_t)-1;
    real *data = jf_alloc(count, sizeof(real));
    return data ? jf_view(data, rows, cols) : (jf_matrix){0};
}

void jf_matrix_free(jf_matrix *m)
{
    free(m->data);
    *m = (jf_matrix){0};
}

jf_matrix jf_view(real *data, size_t rows, size_t cols)
{
    return (jf_matrix){rows, cols, cols, data};
}

jf_matrix jf_rows(jf_matrix m, size_t first, size_t count)
{
    if (first > m.rows || count > m.rows - first)
        JF_ERROR_VAL("rows outside of a matrix", GSL_EINVAL, (jf_matrix){0});
    return (jf_matrix){count, m.cols, m.stride, m.data + first * m.stride};
}

jf_matrix jf_columns(jf_matrix m, size_t first, size_t count)
{
    if (first > m.cols || count > m.cols - first)
        JF_ERROR_VAL("columns outside of a matrix", GSL_EINVAL, (jf_matrix){0});
    return (jf_matrix){m.rows, count, m.stride, m.data + first};
}

jf_const_matrix jf_const_view(const real *data, size_t rows, size_t cols)
{
    return (jf_const_matrix){rows, cols, cols, data};
}

jf_const_matrix jf_const_rows(jf_const_matrix m, size_t first, size_t count)
{
    if (first > m.rows || count > m.rows - first)
        JF_ERROR_VAL("rows outside of a matrix", GSL_EINVAL,
                     (jf_const_matrix){0});
    return (jf_const_matrix){count, m.cols, m.stride,
                             m.data + first * m.stride};
}

jf_const_matrix jf_const_columns(jf_const_matrix m, size_t first, size_t count)
{
    if (first > m.cols || count > m.cols - first)
        JF_ERROR_VAL("columns outside of a matrix", GSL_EINVAL,
                     (jf_const_matrix){0});
    return (jf_const_matrix){m.rows, count, m.stride, m.data + first};
}

void jf_matrix_copy(jf_matrix to, jf_const_matrix from)
{
    if (to.rows != from.rows || to.cols != from.cols)
        JF_ERROR_VOID("a copy between shapes that differ", GSL_EBADLEN);
    if (to.stride == to.cols && from.stride == from.cols) {
        if (to.rows && to.cols)
            memcpy(to.data, from.data, to.rows * to.cols * sizeof(real));
        return;
    }
    for (size_t i = 0; i < to.rows; i++)
        memcpy(jf_row(to, i), jf_const_row(from, i), to.cols * sizeof(real));
}

void jf_matrix_fill(jf_matrix m, real value)
{
    for (size_t i = 0; i < m.rows; i++)
        for (size_t j = 0; j < m.cols; j++)
            jf_row(m, i)[j] = value;
}

int jf_matrix_finite(jf_const_matrix m)
{
    for (size_t i = 0; i < m.rows; i++)
        for (size_t j = 0; j < m.cols; j++)
            if (!isfinite(jf_const_row(m, i)[j]))
                return 0;
    return 1;
}
