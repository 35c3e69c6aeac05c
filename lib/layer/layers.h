/* layers.h -- the constructors: one line and one formula each.
 *
 * Every constructor returns a new layer for jf_flow_add or jf_layer_free, or
 * NULL with a message (base/error.h): sizes that make no sense, no memory, or
 * NULL for a net or layer.  Nets and layers passed in are owned from then on,
 * and freed when the constructor fails. */
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
 * columns in, b columns x map.module.n_params out. */
typedef enum { JF_LOWER, JF_UPPER } jf_side;
extern const char *const jf_side_names[]; /* and NULL */
jf_layer *jf_coupling(size_t d, size_t split, jf_side side, jf_map map,
                      jf_net *net);

/* z_j = m(x_j; theta_j), a map by column (elementwise.c). */
jf_layer *jf_elementwise(size_t d, jf_map map);

/* z_j = m(x_j; net(x_0 .. x_{j-1})), net from jf_made (autoregressive.c). */
jf_layer *jf_autoregressive(size_t d, jf_map map, jf_net *net);

/* z = grad phi(x), phi convex: a quadratic and ridges (brenier.c). */
jf_layer *jf_brenier(size_t d, size_t ridges);

/* z = x + g(x) for a net that knows its Jacobian (jf_mlp), with the exact
 * log-determinant.  A bijection where the net has a bound c < 1 (the option
 * lipschitz): then of constants 1 + c and 1 / (1 - c), and the inverse settles
 * (residual.c). */
jf_layer *jf_residual_net(size_t d, jf_net *net);

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

/* The same layer on each of positions consecutive groups of columns, I (x) f: a
 * 1x1 convolution is jf_shared(height * width, jf_dense(channels)). */
jf_layer *jf_shared(size_t positions, jf_layer *layer);

/* A layer on columns first .. first + layer->d - 1 of d (columns.c). */
jf_layer *jf_on_columns(size_t d, size_t first, jf_layer *layer);

/* z = x; leaves x on the tape, so that what backward recovers is exact again
 * (checkpoint.c). */
jf_layer *jf_checkpoint(size_t d);

/* Images: a row is an image, pixel by pixel, the channels of a pixel together,
 * d = height width channels.
 *
 * By index (squeeze.c): 2 x 2 pixels become 4 channels times as many, the two
 * of one diagonal first; its inverse; and the first keep channels of all
 * pixels, then the others. */
jf_layer *jf_squeeze(size_t height, size_t width, size_t channels);
jf_layer *jf_unsqueeze(size_t height, size_t width, size_t channels);
jf_layer *jf_factor_out(size_t pixels, size_t channels, size_t keep);

/* z = D' W D x: D the orthonormal cosine transform of each channel, W a
 * lower triangle (channels, channels) by frequency, with knots^2 values for
 * each entry, at frequencies in cycles per pixel, so that the same theta is the
 * same filter at any size.  init whitens: it is the optimum of a set of images
 * (cosine.c). */
jf_layer *jf_cosine(size_t height, size_t width, size_t channels, size_t knots);

/* jf_coupling of channels, or of the two colours of a checkerboard, with a net
 * that looks at neighbouring pixels (glow.c): jf_convnet of the image, or of
 * (height / 2, width / 2, 2 channels in, 2 channels map.module.n_params out). */
jf_layer *jf_image_coupling(size_t height, size_t width, size_t channels,
                            size_t split, jf_side side, jf_map map,
                            jf_net *net);
jf_layer *jf_checkerboard(size_t height, size_t width, size_t channels,
                          jf_side side, jf_map map, jf_net *net);

/* z = y / s, s^2 a positive combination of squares of y around each pixel, those
 * that come later in a quincunx order of so many levels (local_scale.c): for a
 * field that is white, but of a size that varies.  Sides are multiples of
 * 2^levels; each of up to 8 channels sees those before it; reach (up to 12)
 * doubles the neighbourhood.  jf_local_scale_error: what inverse after forward
 * changes an entry by, relative to it, to first order in u. */
jf_layer *jf_local_scale(size_t height, size_t width, size_t channels,
                         size_t levels, size_t reach);
double jf_local_scale_error(size_t channels, size_t levels, size_t reach);

/* z normal where x is what the pixels that come later in that order predict, a
 * logistic law on so many steps of grey in (0, 1), from 1 to 65536, whose
 * density is constant on each of them (interlaced.c): for pictures that are
 * dequantised by uniform noise, as they are.  Continuous, but steep where a
 * step of grey ends.  Sides, channels and reach as above. */
jf_layer *jf_interlaced(size_t height, size_t width, size_t channels,
                        size_t levels, size_t reach, size_t steps);

/* A multi-scale flow of images (glow.c).  Its parts are its levels: level l
 * acts on the first d / 2^l columns, the channels that are done stand behind
 * them.  Zero means the default beside each. */
typedef enum {
    JF_MIX_PLU,
    JF_MIX_ORTHOGONAL,
    JF_MIX_DENSE,
    JF_MIX_SHUFFLE /* a permutation that is not learned */
} jf_mixing;
typedef struct {
    size_t height, width;     /* multiples of 2^levels                     */
    size_t channels;          /* 3                                         */
    size_t levels, depth;     /* 3 levels of 4 steps                       */
    size_t hidden;            /* of the nets, 32                           */
    jf_map map;               /* of the couplings, jf_map_clamp(2)         */
    jf_map prior;             /* of what a level puts behind: likewise     */
    int no_prior;             /* it goes to the latent as it is            */
    jf_mixing mixing;         /* of the channels, by P L U                 */
    jf_activation activation; /* of the nets, JF_RELU                  */
    int checkerboard;  /* depth such couplings before the first squeeze */
    size_t checkpoint; /* one every so many steps of a level; none  */
    uint64_t seed;     /* of the permutations                       */
} jf_glow_options;
jf_layer *jf_glow(const jf_glow_options *options);

#endif
