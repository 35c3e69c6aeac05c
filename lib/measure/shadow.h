/* shadow.h -- what rounding between layers does to log q.
 *
 * f = f_K o .. o f_1, and a pass whose activations and log-determinants are
 * kept in float: h_k = f_k(h_{k-1}) + d_k, ld_k = log |det df_k (h_{k-1})| +
 * e_k.
 * To first order its log q errs by
 *
 *     sum_k s_k . d_k + e_k,
 *
 * s_k the gradient, at activation k, of the log-density of the layers behind
 * it: minus what one pass backward makes of the loss.  No product of Jacobians
 * is in it (theory.md, C6.9).  Layers compute in double, so that d_k and e_k
 * are known but for 1e-16, and the same pass without rounding is the truth; in
 * the float build activations are floats as they are. */
#ifndef JF_SHADOW_H
#define JF_SHADOW_H

#include "layer/flow.h"
#include "train/latent.h"

/* Of a row. */
typedef struct {
    double map;   /* |error of z|                                            */
    double log_q; /* error of log q, computed less true              [nats]  */
    double first; /* the same to first order, sum_k s_k . d_k + e_k  [nats]  */
    double bound; /* sum_k |s_k . d_k| + |e_k|                       [nats]  */
    double last;  /* its term of layer K alone                       [nats]  */
    double most;  /* its largest term                                [nats]  */
    size_t where; /* that of layer where, 1 .. K                             */
    double off;   /* largest error of an entry of an activation, z among them */
} jf_shadow;

/* Of each row of x (n, d), rounded to float before; layers: jf_flow_leaves, of
 * which one that wraps others, as a level of a Glow, is one.  It takes 2 K (n,
 * d) reals. */
int jf_shadow_of(const jf_layer *f, const jf_latent *q, const real *theta,
                 jf_const_matrix x, jf_shadow *out, jf_team *team);

#endif
