/* objective.h -- the log-likelihood of a flow, and its gradient. */
#ifndef JF_OBJECTIVE_H
#define JF_OBJECTIVE_H

#include "layer/flow.h"
#include "train/latent.h"

/* Means over rows, all in nats, except where said. */
typedef struct {
    double nll;           /* -log p(x)                                  */
    double log_abs_det;   /* log |det df/dx|                            */
    double log_latent;    /* log q(f(x))                                */
    double second_moment; /* |f(x)|^2 / d                  [no unit]    */
    double se;            /* standard error of nll over rows            */
} jf_likelihood;

/* The mean over the rows of x (n, d) of -log p(x).  Unless grad is
 * NULL, grad (n_params) := its gradient: one forward, then one backward, which
 * stores activations when they fit team->memory.  A value that is not finite
 * is returned as such, with GSL_SUCCESS. */
int jf_nll(const jf_layer *f, const jf_latent *q, const real *theta,
           jf_const_matrix x, jf_likelihood *value, real *grad, jf_team *team);

/* Of n rows those that jf_nll with a gradient reads here, where ranks share
 * them, first .. last - 1; the others need not be filled. */
void jf_nll_rows(const jf_layer *f, size_t n, const jf_team *team,
                 size_t *first, size_t *last);

/* x := all rows, of which each rank has those. */
void jf_nll_gather(const jf_layer *f, jf_matrix x, const jf_team *team);

/* log_p (n) := log p(x_i) [nats]. */
int jf_log_prob(const jf_layer *f, const jf_latent *q, const real *theta,
                jf_const_matrix x, double *log_p, jf_team *team);

/* x (n, d) := draws of the model: f^-1 of draws of q; streams (seed,
 * JF_PURPOSE_LATENT, 0, row). */
int jf_sample(const jf_layer *f, const jf_latent *q, const real *theta,
              jf_matrix x, unsigned long seed, jf_team *team);

/* Bits per dimension of a mean log-likelihood in nats of data scaled to
 * [0, 1)^d from 2^bits levels: bits - nats / (d log 2). */
double jf_bits_per_dim(double nats, size_t d, int bits);

#endif
