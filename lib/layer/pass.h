/* pass.h -- how a call on a flow runs: prepare once, then rows in chunks.
 *
 * For the files of the library that evaluate flows; programs use flow.h. */
#ifndef JF_PASS_H
#define JF_PASS_H

#include "layer/flow.h"

/* Rows that go through a flow together: few enough to stay in cache, enough
 * for a matrix product to run at speed. */
enum { JF_CHUNK = 256, JF_LANE_ROWS = 32 };

/* The same for rows of d reals: fewer when they are large. */
size_t jf_chunk_rows(const jf_layer *f);

/* 1 when f cuts its rows for the team itself, so that a pass is not cut into
 * lanes of rows. */
int jf_cuts_rows(const jf_layer *f);

/* Derived quantities of f at theta on the caller's stack, team->work[0]; pop
 * .derived when done.  forward_only: for forward, and for backward under a full
 * tape.  Fails as the layer's prepare does. */
int jf_weights_push(const jf_layer *f, const real *theta, int forward_only,
                    jf_weights *w, jf_team *team);

/* GSL_EBADLEN unless x has f->d columns. */
int jf_check_columns(const jf_layer *f, jf_const_matrix x);

#endif
