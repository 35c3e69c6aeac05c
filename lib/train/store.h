/* store.h -- the parameters of a flow in a file (io/theta.h).
 *
 * A file says what function they are of: the flow's description (layer/parse.h,
 * all constants and seeds included), which must be that of the flow that reads
 * it.  Its section theta has the n_params reals. */
#ifndef JF_STORE_H
#define JF_STORE_H

#include "io/theta.h"
#include "layer/flow.h"

/* The layers that are no flows themselves, from the data on, with their place
 * in the theta of flow: their number, and unless out is NULL the layers. */
size_t jf_flow_leaves(const jf_layer *flow, jf_part *out);

/* Write theta (n_params), or read it as it was written, bit for bit.  Nothing
 * is initialised on reading.  GSL_EFAILED, after one line on stderr; theta
 * then stays as it is. */
int jf_theta_save(const char *path, const jf_layer *flow, const real *theta);
int jf_theta_load(const char *path, const jf_layer *flow, real *theta);

/* The same with further sections beside theta. */
int jf_store_save(const char *path, const jf_layer *flow, const real *theta,
                  const jf_section *more, size_t n_more);
int jf_store_load(const char *path, const jf_layer *flow, real *theta,
                  const jf_section *more, size_t n_more);

#endif
