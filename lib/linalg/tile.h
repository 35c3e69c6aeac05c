/* tile.h -- products of small matrices whose left factor may overlap itself.
 *
 * A row of a 3 x 3 convolution is the sum of three products, one for each
 * image row it reads: with channels last, the 3 x c entries that pixel i reads
 * of one image row start at i c, so the left factor's rows overlap.  BLAS has
 * no such matrices; here they cost nothing, and no patch is copied. */
#ifndef JF_TILE_H
#define JF_TILE_H

#include "base/real.h"

/* Reals that a product may read, never use, beyond the last one of b and of
 * start. */
enum { JF_TILE_SLACK = 32 };

/* c_ij := start_j (0 when NULL; c_ij itself under add)
 *         + sum_s sum_k a_s[i a_i + k a_k] b[(s depth + k) b_stride + j],
 * c_ij = c[i c_stride + j].  Then bias_j (0 when NULL) is added, and under relu
 * what is below 0 becomes 0, while NaN stays.  Rows may come in runs of run, of
 * which run r starts at r a_run in a and at r c_run in c; run 0: all rows are
 * one. */
typedef struct {
    const real *a[3];
    size_t segments, depth; /* s < segments <= 3, k < depth */
    size_t a_i, a_k;
    const real *b, *start;
    size_t b_stride;
    real *c;
    size_t c_stride;
    int add, relu;
    int spill; /* rows of c have room for whole vectors, of up to 64 bytes, and
                  what is written behind their n columns has no meaning */
    const real *bias;
    size_t run, a_run, c_run;
} jf_tile;

/* For i < m, j < n. */
void jf_tile_product(size_t m, size_t n, const jf_tile *t);

/* The same of rows: with b[j b_stride + k], a_k 1, one segment, no start and no
 * runs.  Every place of a vector is a sum over k of its own, and these are
 * added up; for few columns, which fill a vector of them badly. */
void jf_tile_dots(size_t m, size_t n, const jf_tile *t);

#endif
