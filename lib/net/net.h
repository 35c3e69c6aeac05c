/* net.h -- a network: its value and its Jacobian, and the backward of both. */
#ifndef JF_NET_H
#define JF_NET_H

#include "base/module.h"

typedef struct jf_net jf_net;

/* in (n, n_in); saved: n * n_saved reals that forward fills and
 * backward reads; NULL, for a net that recomputes, keeps nothing.  The ints are
 * GSL codes.
 *
 * A net with n_derived reads weights that prepare has made of theta, once for
 * all rows: everywhere but in lipschitz and in the operations of the module,
 * theta and grad then stand for those (jf_net_weights, jf_net_gradient). */
typedef struct {
    jf_module_ops module; /* init: the last layer is zero, so that a layer with
                             this net starts near the identity */

    int (*forward)(const jf_net *self, const real *theta, jf_const_matrix in,
                   jf_matrix out, real *saved, jf_work *work);

    /* din += dL/din;  grad += dL/dtheta, from dout (n, n_out), which may be
     * overwritten. */
    int (*backward)(const jf_net *self, const real *theta, jf_const_matrix in,
                    const real *saved, jf_matrix dout, jf_matrix din,
                    real *grad, jf_work *work);

    /* jacobian (n n_in, n_out), without gaps: row i n_in + k := d out_i / d
     * in_ik, from what forward saved.  kept: n n_in n_kept reals for
     * jacobian_backward, or NULL.  NULL: not known. */
    int (*jacobian)(const jf_net *self, const real *theta, jf_const_matrix in,
                    const real *saved, jf_matrix jacobian, real *kept,
                    jf_work *work);

    /* As backward, for a loss that has the derivative d_jacobian, which may be
     * overwritten, by the Jacobian as well. */
    int (*jacobian_backward)(const jf_net *self, const real *theta,
                             jf_const_matrix in, const real *saved,
                             const real *kept, jf_matrix dout,
                             jf_matrix d_jacobian, jf_matrix din, real *grad,
                             jf_work *work);

    /* For a net whose outputs of column j, j and n_in + j and so on, see
     * columns < j alone: own (n, n_out / n_in) := those outputs.  Called for j
     * = 0, 1, .. in turn while the columns of in become known; state: n n_state
     * reals that the calls share.  NULL: for other nets. */
    int (*column)(const jf_net *self, const real *theta, size_t j,
                  jf_const_matrix in, real *state, jf_matrix own,
                  jf_work *work);

    /* constant := a proved bound of the Lipschitz constant of outputs first ..
     * first + count - 1, rounding included.  NULL: none is known. */
    int (*lipschitz)(const jf_net *self, const real *theta, size_t first,
                     size_t count, double *constant, jf_work *work);
} jf_net_ops;

struct jf_net { /* first member of every concrete net */
    jf_module module;
    const jf_net_ops *ops;
    size_t n_in, n_out, n_saved;
    size_t positions; /* rows that make one input, for a net that looks at
                         neighbours; 0: each row is one */
    size_t banded; /* positions, where ranks can share them (base/bands.h); 0 */
    int recomputes;   /* saved may be NULL */
    size_t n_kept, n_state;
    double bound; /* of the Lipschitz constant at every theta; 0: none */
};

/* For a net's file: memory of size bytes whose first member is filled; sizes of
 * theta and of what is saved are set by the caller.  NULL: no memory. */
jf_net *jf_net_new(size_t size, const char *name, const jf_net_ops *ops,
                   size_t n_in, size_t n_out);
void jf_net_free(jf_net *net);

/* Where the operations above find their weights, and add their gradient. */
static inline const real *jf_net_weights(const jf_net *net, jf_weights w)
{
    return net->module.n_derived ? w.derived : w.theta;
}

static inline real *jf_net_gradient(const jf_net *net, real *theta,
                                    real *derived)
{
    return net->module.n_derived ? derived : theta;
}

typedef enum { JF_RELU, JF_TANH, JF_ELU, JF_SOFTPLUS } jf_activation;
extern const char *const jf_activation_names[]; /* and NULL */

/* A multi-layer perceptron: depth hidden layers of width hidden (depth 0: one
 * linear map), theta = (W, b) layer by layer, W (out, in).  Initial weights
 * are He's (2015) for JF_RELU, Glorot's (2010) otherwise. */
typedef struct {
    size_t n_in, n_out, hidden, depth;
    jf_activation activation;
    int no_bias;
    double lipschitz; /* 0: no bound.  Otherwise each weight matrix W is used
                         as W min(1, k / |W|_2), k^(depth + 1) = lipschitz,
                         which bounds the net's constant, since activations
                         have slopes up to 1 (Miyato et al. 2018, with the
                         exact norm) */
} jf_mlp_options;
jf_net *jf_mlp(const jf_mlp_options *options);

/* The same with masked weights, for autoregressive layers: output q d + j, of
 * n_params d, depends on inputs 0 .. j - 1 alone.  Hidden units are ordered by
 * the number of inputs that they see. */
jf_net *jf_made(size_t d, size_t n_params, size_t hidden, size_t depth,
                jf_activation activation);

/* A net of 3 x 3, 1 x 1 and 3 x 3 convolutions with zero padding, on images
 * whose pixels are rows: in (images height width, n_in), out likewise.  hidden
 * 0: a single 3 x 3 convolution.  theta: weights (3, 3, from, to) and biases
 * of each convolution in turn.  Works in bands of image rows; what it keeps is
 * 2 hidden reals a pixel. */
typedef struct {
    size_t height, width, n_in, n_out, hidden;
    jf_activation activation;
} jf_convnet_options;
jf_net *jf_convnet(const jf_convnet_options *options);

#endif
