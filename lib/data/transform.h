/* transform.h -- what is done to a table before training. */
#ifndef JF_TRANSFORM_H
#define JF_TRANSFORM_H

#include "base/matrix.h"

/* x (n, d) += width U(0, 1), row i from the stream (seed,
 * JF_PURPOSE_DEQUANTIZE, 0, i): whole numbers become a density, of which the
 * mean log-likelihood bounds that of the cells from below (Theis et al. 2016).
 */
void jf_dequantize(jf_matrix x, real width, unsigned long seed);

/* Columns of mean 0 and variance 1 (division by n).  mean, sd (d) are what was
 * taken away; a constant column keeps sd 1.  Returns sum log sd: log-
 * likelihoods of x are those of the standardised table minus it [nats]. */
double jf_standardize(jf_matrix x, double *mean, double *sd);

/* Rows of x by a random permutation (stream (seed, JF_PURPOSE_SPLIT)): the
 * first part of them is for training, the next for validation, the rest for
 * testing.  The caller frees the three.  GSL_ENOMEM: none is there. */
int jf_split(jf_matrix x, double training, double validation,
             unsigned long seed, jf_matrix *train, jf_matrix *valid,
             jf_matrix *test);

#endif
