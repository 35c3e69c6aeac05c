/* moments.h -- mean and second moments of a table, with their spectra.
 *
 * Second moments come as triangles T with S = T'T, made from the rows by
 * orthogonal reflections alone: nothing is squared, and a reflection errs by u =
 * 2^-53 of each column's own norm (Higham 2002, sec. 19.3).  Up to a condition
 * of T of k = 2^21 eigenvalues are known to a relative u k; beyond it Jacobi's
 * method takes over, for which k is k', the condition of the table with columns
 * of unit length, so that neither scales nor the order of columns matter there.
 * relative_error is that bound. */
#ifndef JF_MOMENTS_H
#define JF_MOMENTS_H

#include "base/matrix.h"
#include "base/team.h"

/* The moments of a table x (n, d), in double: each pointer owns its array.
 *
 * rank: columns of the triangle are scaled to unit length (a constant column
 * of x is zero there), and singular values above tolerance = 8 d 2^-52 times
 * the largest are counted: what the rounding of the reflections leaves.  It
 * does not depend on units.  Eigenvalues beyond it are set to 0. */
typedef struct {
    size_t n, d;
    double *mean;                    /* (d)                               */
    double *sigma, *r;               /* (d, d): covariance, division by n,
                                        and R = sigma + mean mean'        */
    double *lambda_sigma, *lambda_r; /* (d), descending                   */
    size_t rank;                     /* of sigma                          */
    size_t rank_r;
    double *t_sigma, *t_r;           /* upper triangles (d, d)            */
    double log_det_sigma, log_det_r; /* [nats]; -inf when singular        */
    double tolerance;
    double relative_error; /* of each eigenvalue of sigma above 0, to first
                              order: 2 d^1/2 (4 d k + 2 k' max |mean| / sd) u */
} jf_moments;

/* Same bytes for every number of threads; m is to be freed, also after a
 * failure.  GSL_EBADLEN: no rows or no columns; GSL_EDOM: an entry is not
 * finite; GSL_EMAXITER: the singular values did not converge. */
int jf_moments_of(jf_const_matrix x, jf_moments *m, jf_team *team);
void jf_moments_free(jf_moments *m);

/* x (d + 1, d) := rows with exactly these mean and covariance (division by d +
 * 1): mean + (d + 1)^1/2 H T, where the columns of H (Helmert) are orthonormal
 * and orthogonal to the vector of ones. */
int jf_moments_rows(const jf_moments *m, jf_matrix x);

#endif
