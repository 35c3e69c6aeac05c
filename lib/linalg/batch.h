/* batch.h -- determinants of many small matrices at once. */
#ifndef JF_BATCH_H
#define JF_BATCH_H

#include "base/work.h"

/* log_abs_det[i] += log |det a_i| [nats] for i < n, a (n, d, d) without gaps,
 * which is spoiled.  By LU with partial pivoting in the build's precision; -inf
 * for a matrix that is exactly singular, NaN for one with a NaN.  A matrix's
 * result does not depend on the others. */
void jf_log_abs_dets(size_t n, size_t d, real *a, double *log_abs_det,
                     jf_work *work);

#endif
