/* flow.h -- what a layer is, and how layers make a flow.
 *
 * A flow is a bijection f of R^d, from data x to latent z.  By the change of
 * variables (Rezende and Mohamed 2015, eq. 5), in nats,
 *
 *     log p(x) = log q(f(x)) + log |det df/dx (x)|.
 *
 * In place.     A bijection keeps d, so one buffer serves every layer.
 * Theta apart.  A layer is a constant formula; its parameters are a slice of
 *               one vector theta, which the caller owns.
 * Prepared.     What depends on theta alone (a matrix from its factors, its
 *               determinant and inverse) is derived once per pass and shared
 *               by all rows; its gradient is pulled back to theta once.
 * Reversible.   backward carries (z, dL/dz) to (x, dL/dx), so the backward of
 *               a composition is the composition of backwards, last one first.
 */
#ifndef JF_FLOW_H
#define JF_FLOW_H

#include "base/matrix.h" /* jf_matrix: rows, cols, stride, real *data */
#include "base/module.h" /* jf_module: parameters, children           */
#include "base/team.h"   /* jf_team: lanes of rows over threads       */
#include "base/work.h"   /* jf_work: a stack of buffers, the tape     */

typedef struct jf_layer jf_layer;

/* Where a gradient goes: theta (n_params), derived (n_pulled).  A layer need
 * not look at input_unused. */
typedef struct {
    real *theta, *derived;
    int input_unused; /* nobody reads the x and dL/dx that backward leaves */
} jf_grad;

/* What a layer does.  x, z, dz (n, d): a sample per row, changed in place.
 * log_abs_det (n): nats, double in every build.  The ints are GSL codes.
 * What forward leaves on work under work->tape, backward pops.  What depends
 * on theta alone is an operation of the module (module.h). */
typedef struct {
    jf_module_ops module;

    /* Choose theta so that x leaves the layer well scaled.  NULL: theta does
     * not depend on data (module.init). */
    int (*init_from_data)(const jf_layer *self, real *theta, jf_const_matrix x,
                          gsl_rng *rng, jf_work *work);

    /* x -> z = f(x);  log_abs_det += log |det df/dx|. */
    int (*forward)(const jf_layer *self, jf_weights w, jf_matrix x,
                   double *log_abs_det, jf_work *work);

    /* z -> x = f^-1(z).  GSL_EMAXITER: an iteration did not settle. */
    int (*inverse)(const jf_layer *self, jf_weights w, jf_matrix z,
                   jf_work *work);

    /* z -> x;  dz = dL/dz -> dL/dx;  grad += dL/d(theta, derived).  The loss
     * L sees z and, through d_log_abs_det = dL/d log_abs_det (n), the
     * determinants. */
    int (*backward)(const jf_layer *self, jf_weights w, jf_matrix z,
                    jf_matrix dz, const double *d_log_abs_det, jf_grad grad,
                    jf_work *work);

    /* least, largest := proved bounds of the singular values of df/dx over all
     * |x| <= radius, rounding included; they come as 0 and infinity, and stay
     * so where nothing is proved.  NULL: nothing ever is. */
    int (*bounds)(const jf_layer *self, jf_weights w, double radius,
                  double *least, double *largest, jf_work *work);
} jf_layer_ops;

/* Leading entries of a single x that may be in bands (bands.h), those of an
 * image of so many pixels; size = 0: all ranks have all of it. */
typedef struct {
    size_t size, pixels;
} jf_banded;

struct jf_layer { /* first member of every concrete layer */
    jf_module module;
    const jf_layer_ops *ops;
    size_t d;
    size_t n_saved;   /* reals a row that JF_TAPE_FULL stores, about */
    size_t positions; /* parts into which it can cut a row for the team (pixels
                         of an image); 0: a row stays whole */
    int rowwise;      /* shares nothing between rows, and leaves nothing on work
                         under JF_TAPE_LEAN */
    jf_banded band_in, band_out; /* of x and then of z, in a pass whose image
                                    ranks share */
    int unbanded;                /* no such pass may see it */
};

/* For a layer's file: memory of size bytes whose first member is filled; the
 * layer's own parameters are n_params; sizes of derived quantities and children
 * are added by the caller.  NULL: no memory. */
jf_layer *jf_layer_new(size_t size, const char *name, const jf_layer_ops *ops,
                       size_t d, size_t n_params);
/* The same for a layer that wraps a net or a layer; frees that when there is no
 * memory. */
jf_layer *jf_layer_around(size_t size, const char *name,
                          const jf_layer_ops *ops, size_t d, jf_module *child);
void jf_layer_free(jf_layer *layer);
/* jf_module_record. */
#define jf_layer_record(layer, ...)                                            \
    ((jf_layer *)jf_module_record((jf_module *)(layer), __VA_ARGS__))

/* Operations of layers that are orthogonal maps without parameters: their
 * inverse is what carries both z and dz back, and singular values are 1. */
int jf_orthogonal_backward(const jf_layer *self, jf_weights w, jf_matrix z,
                           jf_matrix dz, const double *d_log_abs_det,
                           jf_grad grad, jf_work *work);
int jf_orthogonal_bounds(const jf_layer *self, jf_weights w, double radius,
                         double *least, double *largest, jf_work *work);

/* For a layer of layers: init_from_data of any. */
int jf_layer_init(const jf_layer *layer, real *theta, jf_const_matrix x,
                  gsl_rng *rng, jf_work *work);

/* What a layer's bounds say; 0 and infinity when it has none.  And for
 * compositions: a bound of |f(x)| over |x| <= *radius. */
int jf_bounds(const jf_layer *f, jf_weights w, double radius, double *least,
              double *largest, jf_work *work);
int jf_image_radius(const jf_layer *f, jf_weights w, double largest,
                    double *radius, jf_work *work);

/* A flow is a layer made of layers, and owns them: from jf_flow_add on, which
 * frees a layer that it refuses.  GSL_EBADLEN: another d; GSL_ENOMEM; for NULL
 * what jf_error_missing returns, so the code of the constructor that failed.  A
 * flow that lacks a layer does not forget it: every call on the flow fails with
 * the same code, so that a program may add layer after layer and look once. */
jf_layer *jf_flow_new(size_t d);                  /* the identity of R^d  */
int jf_flow_add(jf_layer *flow, jf_layer *layer); /* flow := layer o flow */

/* Part i of a flow: its layer, whose n_params reals stand in theta from first
 * on.  A layer that is no flow has one part, itself. */
typedef struct {
    const jf_layer *layer;
    size_t first;
} jf_part;
size_t jf_flow_length(const jf_layer *layer);
jf_part jf_flow_part(const jf_layer *layer, size_t i);

/* The calls on any layer, hence on a flow.  They check shapes (GSL_EBADLEN),
 * prepare once, and run lanes of rows on the team.
 *   jf_init     theta from x (n, d); nets from the stream (seed,
 *               JF_PURPOSE_INIT)
 *   jf_forward  x (n, d) becomes z; log_abs_det (n) is set, not added to
 *   jf_inverse  z (n, d) becomes x */
int jf_init(const jf_layer *f, real *theta, jf_const_matrix x,
            unsigned long seed, jf_team *team);
int jf_forward(const jf_layer *f, const real *theta, jf_matrix x,
               double *log_abs_det, jf_team *team);
int jf_inverse(const jf_layer *f, const real *theta, jf_matrix z,
               jf_team *team);

/* A zeroed parameter vector of f; free() it.  NULL: no memory, or no f. */
real *jf_theta_new(const jf_layer *f);

/* The vector-Jacobian product, for tests and measurements: x (n, d) goes
 * forward under the tape and dz comes back.  dz becomes dx; grad (n_params)
 * += dL/dtheta; x becomes the x that backward recovered from z, so its drift
 * shows. */
int jf_vjp(const jf_layer *f, const real *theta, jf_matrix x, jf_matrix dz,
           const double *d_log_abs_det, real *grad, jf_tape tape,
           jf_team *team);

#endif
