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
    return c->inner->positions && c->inner->d < c->base.d && x.rows > 1;
}

/* The columns of x, gathered when they must be. */
static jf_matrix gather(const columns *c, jf_matrix x, jf_work *work)
{
    jf_matrix part = jf_columns(x, c->first, c->inner->d);
    if (!gathers(c, x))
        return part;
    jf_matrix packed =
        jf_push_matrix(jf_second_stack(work), x.rows, c->inner->d);
    jf_matrix_copy(packed, jf_const(part));
    return packed;
}

static void scatter(const columns *c, jf_matrix x, jf_matrix part,
                    jf_work *work)
{
    if (!gathers(c, x))
        return;
    jf_matrix_copy(jf_columns(x, c->first, c->inner->d), jf_const(part));
    jf_pop(jf_second_stack(work), part.data);
}

static int init(const jf_layer *self, real *theta, jf_const_matrix x,
                gsl_rng *rng, jf_work *work)
{
    const columns *c = (const columns *)self;
    return jf_layer_init(c->inner, theta,
                         jf_const_columns(x, c->first, c->inner->d), rng, work);
}

static int forward(const jf_layer *self, jf_weights w, jf_matrix x,
                   double *log_abs_det, jf_work *work)
{
    const columns *c = (const columns *)self;
    jf_matrix part = gather(c, x, work);
    JF_TRY(c->inner->ops->forward(c->inner, w, part, log_abs_det, work));
    scatter(c, x, part, work);
    return GSL_SUCCESS;
}

static int inverse(const jf_layer *self, jf_weights w, jf_matrix z,
                   jf_work *work)
{
    const columns *c = (const columns *)self;
    jf_matrix part = gather(c, z, work);
    JF_TRY(c->inner->ops->inverse(c->inner, w, part, work));
    scatter(c, z, part, work);
    return GSL_SUCCESS;
}

static int backward(const jf_layer *self, jf_weights w, jf_matrix z,
                    jf_matrix dz, const double *d_log_abs_det, jf_grad grad,
                    jf_work *work)
{
    const columns *c = (const columns *)self;
    jf_matrix part = gather(c, z, work), d_part = gather(c, dz, work);
    JF_TRY(c->inner->ops->backward(c->inner, w, part, d_part, d_log_abs_det,
                                   grad, work));
    scatter(c, dz, d_part, work);
    scatter(c, z, part, work);
    return GSL_SUCCESS;
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

static const jf_layer_ops ops = {.init_from_data = init,
                                 .forward = forward,
                                 .inverse = inverse,
                                 .backward = backward,
                                 .bounds = bounds};

jf_layer *jf_on_columns(size_t d, size_t first, jf_layer *layer)
{
    if (!layer)
        return jf_error_missing("no layer"), NULL;
    if (first + layer->d > d) {
        jf_layer_free(layer);
        JF_ERROR_NULL("the layer does not fit the columns", GSL_EBADLEN);
    }
    columns *c = (columns *)jf_layer_around(sizeof *c, "columns", &ops, d,
                                            &layer->module);
    if (!c)
        return NULL;
    c->base.n_saved = layer->n_saved;
    c->base.positions = layer->positions;
    c->base.rowwise = layer->rowwise && !layer->positions;
    c->first = first;
    c->inner = layer;
    if (first == 0) {
        c->base.band_in = layer->band_in;
        c->base.band_out = layer->band_out;
    }
    c->base.unbanded = layer->unbanded ||
                       (first && (layer->band_in.size || layer->band_out.size));
    return jf_layer_record(&c->base, "d=%zu, first=%zu", d, first);
}
