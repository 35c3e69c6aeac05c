/* layers.h -- the constructors: one line and one formula each.
 *
 * Every constructor returns a new layer for jf_flow_add or jf_layer_free, and
 * stops through GSL's handler (NULL when it is off) on sizes that make no
 * sense.  Nets and layers passed in are owned from then on. */
#ifndef JF_LAYERS_H
#define JF_LAYERS_H

#include <stdint.h>

#include "layer/flow.h"
#include "map/map.h"
#include "net/net.h"

/* By column, scale positive (actnorm.c). */
jf_layer *jf_actnorm(size_t d);  /* z = (x + b) exp(s)            2 d params */
jf_layer *jf_diagonal(size_t d); /* z = x exp(s)                    d params */
jf_layer *jf_scale(size_t d);    /* z = x exp(s), one s for all       1      */
jf_layer *jf_bias(size_t d);     /* z = x + b                       d params */

/* By index, log |det| = 0 (permute.c). */
jf_layer *jf_permutation(size_t d, const size_t *from); /* z_i = x_from[i] */
jf_layer *jf_reverse(size_t d);                         /* z_i = x_{d-1-i} */
jf_layer *jf_shuffle(size_t d, uint64_t seed);          /* a random one    */

/* z = W x, W (d, d) from its factors (linear.c). */
jf_layer *jf_dense(size_t d);      /* W, d^2 params                           */
jf_layer *jf_triangular(size_t d); /* lower, diagonal exp(s)                  */
jf_layer *jf_plu(size_t d, uint64_t seed); /* P L U, fixed P, U_ii = exp(s_i) */
jf_layer *jf_qr(size_t d);  /* Q R, Q of d reflections, R_ii = exp(s)  */
jf_layer *jf_svd(size_t d); /* U diag(exp s) V', d reflections each    */
jf_layer *jf_svd_bounded(size_t d, double least, double largest); /* with all
                        singular values in [least, largest] */
jf_layer *jf_orthogonal(size_t d, size_t k); /* H_1 .. H_k, H = I - 2vv'/v'v  */
jf_layer *jf_deep_linear(size_t d, size_t k); /* W_k .. W_1, all dense        */
jf_layer *jf_special_linear(size_t d); /* A / |det A|^(1/d): log |det| = 0    */

/* z_b = m(x_b; net(x_a)), z_a = x_a (coupling.c).  The columns b are the last
 * d - split when upper, the first split otherwise; a are the others.  net: a
 * columns in, b columns x map->n_params out. */
typedef enum { JF_LOWER, JF_UPPER } jf_side;
jf_layer *jf_coupling(size_t d, size_t split, jf_side side, jf_map map,
                      jf_net *net);

/* z_j = m(x_j; theta_j), a map by column (elementwise.c). */
jf_layer *jf_elementwise(size_t d, jf_map map);

/* z_j = m(x_j; net(x_0 .. x_{j-1})), net from jf_made (autoregressive.c). */
jf_layer *jf_autoregressive(size_t d, jf_map map, jf_net *net);

/* z = grad phi(x), phi convex: a quadratic and ridges (brenier.c). */
jf_layer *jf_brenier(size_t d, size_t ridges);

/* z = x + V tanh(U x + b) + a, of Lipschitz constant at most 1 + c and inverse
 * constant at most 1 / (1 - c), 0 < c < 1 (residual.c). */
jf_layer *jf_residual(size_t d, size_t hidden, double c);

/* z = g^-1(x) for any layer g; a backward costs d + 2 of g's (inverted.c). */
jf_layer *jf_inverted(jf_layer *layer);

/* Maps that keep a law, without parameters (twist.c): the swirl in a disc
 * keeps volume, the twist keeps N(0, I) and changes log |det|; its disc lies in
 * the unit square of Phi(z_i), Phi(z_j).  The inversion keeps N(0, I) on pairs
 * of columns, log |det| = -sum log(exp(|z|^2 / 2) - 1). */
typedef struct {
    double x, y, radius, angle; /* [rad] at the centre */
} jf_disc;
jf_layer *jf_swirl(size_t d, size_t i, size_t j, jf_disc disc);
jf_layer *jf_twist(size_t d, size_t i, size_t j, jf_disc disc);
jf_layer *jf_inversion(size_t d);

/* The same layer on each of sites consecutive groups of columns, I (x) f: a
 * 1x1 convolution is jf_shared(height * width, jf_dense(channels)). */
jf_layer *jf_shared(size_t sites, jf_layer *layer);

#endif
