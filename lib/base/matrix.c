/* matrix.c -- matrices as views of row-major memory. */
#include "base/matrix.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *jf_alloc(size_t count, size_t size)
{
    void *p = calloc(count ? count : 1, size);
    if (!p) {
        fprintf(stderr, "jacflow: out of memory (%zu x %zu bytes)\n", count,
                size);
        abort();
    }
    return p;
}

jf_matrix jf_matrix_new(size_t rows, size_t cols)
{
    if (cols && rows > (size_t)-1 / sizeof(real) / cols) {
        fprintf(stderr, "jacflow: matrix %zu x %zu is too large\n", rows, cols);
        abort();
    }
    return jf_view(jf_alloc(rows * cols, sizeof(real)), rows, cols);
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
    assert(first + count <= m.rows);
    return (jf_matrix){count, m.cols, m.stride, m.data + first * m.stride};
}

jf_matrix jf_columns(jf_matrix m, size_t first, size_t count)
{
    assert(first + count <= m.cols);
    return (jf_matrix){m.rows, count, m.stride, m.data + first};
}

jf_const_matrix jf_const_view(const real *data, size_t rows, size_t cols)
{
    return (jf_const_matrix){rows, cols, cols, data};
}

jf_const_matrix jf_const_rows(jf_const_matrix m, size_t first, size_t count)
{
    assert(first + count <= m.rows);
    return (jf_const_matrix){count, m.cols, m.stride,
                             m.data + first * m.stride};
}

jf_const_matrix jf_const_columns(jf_const_matrix m, size_t first, size_t count)
{
    assert(first + count <= m.cols);
    return (jf_const_matrix){m.rows, count, m.stride, m.data + first};
}

void jf_matrix_copy(jf_matrix to, jf_const_matrix from)
{
    assert(to.rows == from.rows && to.cols == from.cols);
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
