/* linear_layers.h -- ways to write a linear map of R^d: each adds its layers.
 */
#ifndef LINEAR_LAYERS_H
#define LINEAR_LAYERS_H

#include "jf.h"

void add_dense(jf_layer *f, size_t d);
void add_triangular(jf_layer *f, size_t d);
void add_diagonal(jf_layer *f, size_t d);
void add_plu(jf_layer *f, size_t d);
void add_qr(jf_layer *f, size_t d);
void add_svd(jf_layer *f, size_t d);
void add_actnorm_dense(jf_layer *f, size_t d);
void add_reflections(jf_layer *f, size_t d); /* d - 1, then diagonal */

#endif
