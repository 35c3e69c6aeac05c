/* matrix.h -- a row-major matrix, and views of it, passed by value.
 *
 * A sample is a row.  A view cannot say const: a function that only reads one
 * says so in its comment.  A stride of 0 repeats one row. */
#ifndef JF_MATRIX_H
#define JF_MATRIX_H

#include "base/real.h"

typedef struct {
    size_t rows, cols, stride; /* stride: reals from one row to the next */
    real *data;
} jf_matrix;

/* A matrix of zeros, which the caller frees; data is NULL when there is no
 * memory for it (error.h). */
jf_matrix jf_matrix_new(size_t rows, size_t cols);
void jf_matrix_free(jf_matrix *m);

/* Zeroed memory for count objects of size bytes; old memory with room for so
 * many, which stays as it is when there is none; a copy of a text of that
 * length.  free() them.  NULL: no memory (error.h). */
void *jf_alloc(size_t count, size_t size);
void *jf_resize(void *old, size_t count, size_t size);
char *jf_copy_text(const char *text, size_t length);

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

void jf_matrix_copy(jf_matrix to, jf_matrix from); /* equal shapes, otherwise
                            GSL_EBADLEN is reported and nothing copied */
void jf_matrix_fill(jf_matrix m, real value);
int jf_matrix_finite(jf_matrix m); /* 1 when no entry is NaN or infinite */

#endif
