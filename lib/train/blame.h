/* blame.h -- which quantity of which layer first ceased to be finite. */
#ifndef JF_BLAME_H
#define JF_BLAME_H

#include "train/objective.h"

typedef enum {
    JF_BLAME_NONE,
    JF_BLAME_THETA,       /* a parameter                                */
    JF_BLAME_Z,           /* an output of a layer                       */
    JF_BLAME_LOG_ABS_DET, /* a layer's log-determinant                  */
    JF_BLAME_LOG_LATENT,  /* log q(z) for finite z: outside the support,
                             or overflow                                */
    JF_BLAME_LOSS,        /* the mean over rows, all rows being finite  */
    JF_BLAME_GRADIENT,    /* an entry, or a norm whose square overflows */
    JF_BLAME_BOUND,       /* nothing: the loss exceeds loss_bound       */
    JF_BLAME_VALIDATION,  /* the loss on the validation rows            */
    JF_BLAME_CODE         /* a layer failed with the code               */
} jf_blame;

typedef struct {
    jf_blame blame;
    size_t layer;           /* index among jf_flow_leaves; (size_t)-1: none */
    const char *layer_name; /* "-": none                                    */
    int code;               /* GSL code of the layer, GSL_SUCCESS           */
} jf_culprit;

/* Repeat an evaluation of the loss on x (n, d) that was not
 * finite: parameters first, then the layers from the data on, log q, the loss,
 * and the gradient (n_params) from the latent on, as backward runs; a gradient
 * that is finite is blamed on its largest entry.  No memory for that:
 * JF_BLAME_CODE with GSL_ENOMEM. */
jf_culprit jf_find_blame(const jf_layer *f, const jf_latent *q,
                         const real *theta, jf_const_matrix x, double nll,
                         const real *grad, jf_team *team);

/* "theta", "z", ...: for tables. */
const char *jf_blame_name(jf_blame blame);

#endif
