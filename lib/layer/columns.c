/* columns.c -- a layer on a range of columns; the others stay.
 *
 * log |det df/dx| is that of the inner layer.  A layer that cuts its rows for
 * the team wants them without gaps: more than one row is then gathered, aside,
 * since the inner layer's tape must stay on top. */
#include "base/error.h"
#include "layer/layers.h"

typedef struct {
    jf_layer base;
    size_t first;
    jf_layer *inner;
} columns;

static int gathers(const columns *c, jf_matrix x)
{
    return c->inner->sites && c->inner->d < c->base.d && x.rows > 1;
}

/* The columns of x, gathered when they must be. */
static jf_matrix take(const columns *c, jf_matrix x, jf_work *work)
{
    jf_matrix part = jf_columns(x, c->first, c->inner->d);
    if (!gathers(c, x))
        return part;
    jf_matrix packed = jf_push_matrix(jf_aside(work), x.rows, c->inner->d);
    jf_matrix_copy(packed, part);
    return packed;
}

static void put_back(const columns *c, jf_matrix x, jf_matrix part,
                     jf_work *work)
{
    if (!gathers(c, x))
        return;
    jf_matrix_copy(jf_columns(x, c->first, c->inner->d), part);
    jf_pop(jf_aside(work), part.data);
}

static int init(const jf_layer *self, real *theta, jf_matrix x, gsl_rng *rng,
                jf_work *work)
{
    const columns *c = (const columns *)self;
    jf_matrix part = jf_columns(x, c->first, c->inner->d);
    return c->inner->ops->init(c->inner, theta, part, rng, work);
}

static int prepare(const jf_layer *self, const real *theta, real *derived,
                   jf_work *work)
{
    const jf_layer *inner = ((const columns *)self)->inner;
    return inner->ops->prepare
               ? inner->ops->prepare(inner, theta, derived, work)
               : GSL_SUCCESS;
}

static int forward(const jf_layer *self, jf_weights w, jf_matrix x,
                   double *log_abs_det, jf_work *work)
{
    const columns *c = (const columns *)self;
    jf_matrix part = take(c, x, work);
    JF_TRY(c->inner->ops->forward(c->inner, w, part, log_abs_det, work));
    put_back(c, x, part, work);
    return GSL_SUCCESS;
}

static int inverse(const jf_layer *self, jf_weights w, jf_matrix z,
                   jf_work *work)
{
    const columns *c = (const columns *)self;
    jf_matrix part = take(c, z, work);
    JF_TRY(c->inner->ops->inverse(c->inner, w, part, work));
    put_back(c, z, part, work);
    return GSL_SUCCESS;
}

static int backward(const jf_layer *self, jf_weights w, jf_matrix z,
                    jf_matrix dz, const double *d_log_abs_det, jf_grad grad,
                    jf_work *work)
{
    const columns *c = (const columns *)self;
    jf_matrix part = take(c, z, work), d_part = take(c, dz, work);
    JF_TRY(c->inner->ops->backward(c->inner, w, part, d_part, d_log_abs_det,
                                   grad, work));
    put_back(c, dz, d_part, work);
    put_back(c, z, part, work);
    return GSL_SUCCESS;
}

static int pull(const jf_layer *self, jf_weights w, const real *d_derived,
                real *grad, jf_work *work)
{
    const jf_layer *inner = ((const columns *)self)->inner;
    return inner->ops->pull ? inner->ops->pull(inner, w, d_derived, grad, work)
                            : GSL_SUCCESS;
}

static void clear(jf_layer *self)
{
    jf_layer_free(((columns *)self)->inner);
}

/* Beside the inner layer stands the identity. */
static int bounds(const jf_layer *self, jf_weights w, double radius,
                  double *least, double *largest, jf_work *work)
{
    const columns *c = (const columns *)self;
    JF_TRY(jf_bounds(c->inner, w, radius, least, largest, work));
    if (c->inner->d < self->d) {
        *least = *least < 1 ? *least : 1;
        *largest = *largest > 1 ? *largest : 1;
    }
    return GSL_SUCCESS;
}

static const jf_layer_ops columns_ops = {
    "columns", init, prepare, forward, inverse, backward, pull, clear, bounds};

jf_layer *jf_on_columns(size_t d, size_t first, jf_layer *layer)
{
    if (!layer) {
        jf_error_missing("no layer");
        return NULL;
    }
    if (first + layer->d > d) {
        jf_layer_free(layer);
        JF_ERROR_NULL("the layer does not fit the columns", GSL_EBADLEN);
    }
    columns *c =
        (columns *)jf_layer_new(sizeof *c, &columns_ops, d, layer->n_params);
    if (!c) {
        jf_layer_free(layer);
        return NULL;
    }
    c->base.status = layer->status;
    c->base.n_derived = layer->n_derived;
    c->base.n_pulled = layer->n_pulled;
    c->base.n_saved = layer->n_saved;
    c->base.sites = layer->sites;
    c->base.local = layer->local && !layer->sites;
    c->first = first;
    c->inner = layer;
    return &c->base;
}
