/* flow_file.h -- a parameter file of the library (docs/flow-files.md), read by
 * code that shares nothing with the library.
 *
 * A flow is a list of layers over the real numbers whose parameters are the
 * stored doubles; what follows from them (weights under a mask or a bound, the
 * matrix of a factorisation) is held in balls.  A file that is not sound, or
 * has a kind of layer that is not among these, is one line on stderr and exit
 * status 2.  Memory is in proportion to the file. */
#ifndef FLOW_FILE_H
#define FLOW_FILE_H

#include "ball.h"

enum { FLOW_COLUMNS = 64, FLOW_BITS = 64 };

typedef enum { RELU, TANH, ELU, SOFTPLUS } flow_activation;

/* y = W x + b, W (out, in), or (taps, in, out) of a convolution. */
typedef struct {
    slong taps, in, out;
    arb_ptr w, b;
} flow_affine;

/* Affine maps with the activation between them; width: the largest size of
 * any vector; contracts: its Lipschitz constant is below 1 by construction.
 * rows > 0: convolutions of images of so many rows and columns of pixels, which
 * have in channels; of 3 x 3 taps or one. */
typedef struct {
    slong in, out, count, width, rows, columns;
    flow_activation activation;
    flow_affine *affine;
    int contracts;
} flow_net;

typedef enum { SHIFT, EXP, CLAMP, SIGMOID, SPLINE } map_kind;

/* m(x; p), p of so many numbers.  CLAMP: l = middle + limit tanh(s / limit);
 * SPLINE: on [-limit, limit], in so many bins. */
typedef struct {
    map_kind kind;
    slong params, bins;
    arb_struct limit, middle;
} flow_map;

typedef enum {
    COMPOSED,
    DIAGONAL,       /* z_j = w_j x_j + b_j                          */
    LINEAR,         /* z = W x                                      */
    PERMUTATION,    /* z_i = x_from[i]                              */
    ELEMENTWISE,    /* z_j = m(x_j; w_qj)                           */
    COUPLING,       /* columns b by a net of columns a              */
    AUTOREGRESSIVE, /* column j by a net of those before it         */
    RESIDUAL,       /* z = x + net(x)                               */
    INVERSION,      /* pairs, |z|^2/2 = -log(1 - exp(-|x|^2/2))     */
    SHARED,         /* inside[0] on count groups of columns         */
    COLUMNS         /* inside[0] on columns from split on           */
} layer_kind;

typedef struct flow_layer flow_layer;
struct flow_layer {
    layer_kind kind;
    slong d, count; /* count: of inside, or of groups */
    flow_layer *inside;
    slong *from;
    arb_ptr w, b;
    arb_struct log_det; /* DIAGONAL, LINEAR */
    flow_map map;
    slong split; /* COUPLING: columns a are below it, or from it on; where a
                    net is of an image, SHARED has a group for each pixel */
    int upper;
    flow_net net;
};

typedef enum { NORMAL, LOGISTIC } flow_base;

typedef struct {
    flow_layer map; /* COMPOSED, units included */
    flow_base base;
    slong params;
} flow;

void flow_read(flow *f, const char *path);
/* last o f, last a layer without parameters as text. */
void flow_then(flow *f, const char *last);
void flow_clear(flow *f);

#endif
