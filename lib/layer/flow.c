/* flow.c -- composition, and the calls on any layer.
 *
 * log |det d(g o f)| = log |det df| + log |det dg| at f(x); a flow's theta,
 * derived and pulled vectors are those of its layers, one after the other. */
#include "layer/flow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/bands.h"
#include "base/error.h"
#include "base/stream.h"
#include "linalg/blas.h"

jf_layer *jf_layer_new(size_t size, const char *name, const jf_layer_ops *ops,
                       size_t d, size_t n_params)
{
    jf_layer *layer = jf_alloc(1, size);
    if (!layer)
        return NULL;
    layer->module =
        (jf_module){.name = name, .ops = &ops->module, .n_params = n_params};
    layer->ops = ops;
    layer->d = d;
    return layer;
}

jf_layer *jf_layer_around(size_t size, const char *name,
                          const jf_layer_ops *ops, size_t d, jf_module *child)
{
    jf_layer *layer = jf_layer_new(size, name, ops, d, 0);
    return (jf_layer *)jf_module_adopt((jf_module *)layer, child);
}

void jf_layer_free(jf_layer *layer)
{
    jf_module_free((jf_module *)layer);
}

int jf_layer_init(const jf_layer *layer, real *theta, jf_const_matrix x,
                  gsl_rng *rng, jf_work *work)
{
    return layer->ops->init_from_data
               ? layer->ops->init_from_data(layer, theta, x, rng, work)
               : jf_module_init(&layer->module, theta, rng, work);
}

int jf_orthogonal_backward(const jf_layer *self, jf_weights w, jf_matrix z,
                           jf_matrix dz, const double *d_log_abs_det,
                           jf_grad grad, jf_work *work)
{
    (void)d_log_abs_det, (void)grad;
    JF_TRY(self->ops->inverse(self, w, z, work));
    return self->ops->inverse(self, w, dz, work);
}

int jf_orthogonal_bounds(const jf_layer *self, jf_weights w, double radius,
                         double *least, double *largest, jf_work *work)
{
    (void)self, (void)w, (void)radius, (void)work;
    *least = *largest = 1;
    return GSL_SUCCESS;
}

/* Child i of a flow, as the layer that it is, and its slices. */
typedef struct {
    const jf_layer *layer;
    jf_weights w;
} step;

static step step_of(const jf_layer *self, size_t i, jf_weights w)
{
    const jf_child *c = &self->module.children[i];
    return (step){(const jf_layer *)c->module, jf_child_weights(c, w)};
}

static int init(const jf_layer *self, real *theta, jf_const_matrix x,
                gsl_rng *rng, jf_work *work)
{
    const jf_module *f = &self->module;
    jf_matrix z = jf_push_matrix(work, x.rows, x.cols);
    double *unused = jf_push_bytes(work, x.rows * sizeof *unused);
    real *derived = jf_push(work, f->n_derived);

    memset(unused, 0, x.rows * sizeof *unused);
    jf_matrix_copy(z, x);
    for (size_t i = 0; i < f->n_children; i++) {
        const jf_child *c = &f->children[i];
        step s = step_of(self, i, (jf_weights){theta, derived});
        JF_TRY(
            jf_layer_init(s.layer, theta + c->params, jf_const(z), rng, work));
        JF_TRY(jf_prepare(c->module, s.w.theta, derived + c->derived, work));
        JF_TRY(s.layer->ops->forward(s.layer, s.w, z, unused, work));
    }
    jf_pop(work, derived);
    jf_pop(work, unused);
    jf_pop(work, z.data);
    return GSL_SUCCESS;
}

static int forward(const jf_layer *self, jf_weights w, jf_matrix x,
                   double *log_abs_det, jf_work *work)
{
    for (size_t i = 0; i < self->module.n_children; i++) {
        step s = step_of(self, i, w);
        JF_TRY(s.layer->ops->forward(s.layer, s.w, x, log_abs_det, work));
    }
    return GSL_SUCCESS;
}

static int inverse(const jf_layer *self, jf_weights w, jf_matrix z,
                   jf_work *work)
{
    for (size_t i = self->module.n_children; i-- > 0;) {
        step s = step_of(self, i, w);
        JF_TRY(s.layer->ops->inverse(s.layer, s.w, z, work));
    }
    return GSL_SUCCESS;
}

static int backward(const jf_layer *self, jf_weights w, jf_matrix z,
                    jf_matrix dz, const double *d_log_abs_det, jf_grad grad,
                    jf_work *work)
{
    for (size_t i = self->module.n_children; i-- > 0;) {
        const jf_child *c = &self->module.children[i];
        step s = step_of(self, i, w);
        jf_grad g = {grad.theta + c->params, grad.derived + c->pulled,
                     grad.input_unused && i == 0};
        JF_TRY(s.layer->ops->backward(s.layer, s.w, z, dz, d_log_abs_det, g,
                                      work));
    }
    return GSL_SUCCESS;
}

/* Products; the ball of a layer is what the one before makes of its own: |f(x)|
 * <= |f(0)| + largest |x|. */
static int bounds(const jf_layer *self, jf_weights w, double radius,
                  double *least, double *largest, jf_work *work)
{
    *least = *largest = 1;
    for (size_t i = 0; i < self->module.n_children; i++) {
        step s = step_of(self, i, w);
        double low, high;
        JF_TRY(jf_bounds(s.layer, s.w, radius, &low, &high, work));
        JF_TRY(jf_image_radius(s.layer, s.w, high, &radius, work));
        *least *= low;
        *largest *= high;
    }
    return GSL_SUCCESS;
}

/* A call of jf_bounds or jf_image_radius. */
typedef struct {
    const jf_layer *f;
    jf_weights w;
    double radius, *least, *largest; /* jf_bounds */
    double norm;                     /* |f(0)| */
} question;

static int find_bounds(void *arg, jf_work *work)
{
    const question *q = arg;
    return q->f->ops->bounds(q->f, q->w, q->radius, q->least, q->largest, work);
}

int jf_bounds(const jf_layer *f, jf_weights w, double radius, double *least,
              double *largest, jf_work *work)
{
    question q = {f, w, radius, least, largest, 0};
    *least = 0;
    *largest = (double)INFINITY;
    return f->ops->bounds ? jf_work_run(work, find_bounds, &q) : GSL_SUCCESS;
}

static int find_norm(void *arg, jf_work *work)
{
    question *q = arg;
    jf_matrix zero = jf_push_matrix(work, 1, q->f->d);
    double unused = 0;
    jf_matrix_fill(zero, 0);
    JF_TRY(q->f->ops->forward(q->f, q->w, zero, &unused, work));
    q->norm = jf_norm(q->f->d, zero.data);
    jf_pop(work, zero.data);
    return GSL_SUCCESS;
}

int jf_image_radius(const jf_layer *f, jf_weights w, double largest,
                    double *radius, jf_work *work)
{
    question q = {.f = f, .w = w};
    JF_TRY(jf_work_run(work, find_norm, &q));
    *radius = q.norm + largest * *radius;
    return GSL_SUCCESS;
}

static const jf_layer_ops composition = {.init_from_data = init,
                                         .forward = forward,
                                         .inverse = inverse,
                                         .backward = backward,
                                         .bounds = bounds};

jf_layer *jf_flow_new(size_t d)
{
    jf_layer *f = jf_layer_new(sizeof *f, "flow", &composition, d, 0);
    if (f)
        f->rowwise = 1;
    return jf_layer_record(f, "d=%zu", d);
}

/* What a layer finds in bands is what the one before leaves so, and backward the
 * other way round. */
static void join_bands(jf_layer *flow, const jf_layer *layer)
{
    jf_banded left = flow->band_out, found = layer->band_in;
    if (flow->module.n_children == 1)
        flow->band_in = found;
    else if (left.size != found.size ||
             jf_bands_count(left.pixels) != jf_bands_count(found.pixels))
        flow->unbanded = 1;
    flow->band_out = layer->band_out;
    flow->unbanded = flow->unbanded || layer->unbanded;
}

static int add(jf_layer *flow, jf_layer *layer)
{
    if (!flow || !layer)
        return jf_error_missing(flow ? "no layer to add" : "no flow");
    if (flow->ops != &composition)
        JF_ERROR("only a flow takes layers", GSL_EINVAL);
    if (layer->d != flow->d)
        JF_ERROR("layer and flow differ in d", GSL_EBADLEN);
    JF_TRY(layer->module.status);
    JF_TRY(jf_module_add(&flow->module, &layer->module));
    flow->n_saved += layer->n_saved;
    if (layer->positions > flow->positions)
        flow->positions = layer->positions;
    flow->rowwise = flow->rowwise && layer->rowwise;
    join_bands(flow, layer);
    return GSL_SUCCESS;
}

int jf_flow_add(jf_layer *flow, jf_layer *layer)
{
    int status = add(flow, layer);
    if (status != GSL_SUCCESS) {
        jf_layer_free(layer);
        if (flow && flow->ops == &composition && !flow->module.status)
            flow->module.status = status;
    }
    return status;
}

size_t jf_flow_length(const jf_layer *layer)
{
    return layer->ops == &composition ? layer->module.n_children : 1;
}

jf_part jf_flow_part(const jf_layer *layer, size_t i)
{
    if (layer->ops != &composition)
        return (jf_part){layer, 0};
    const jf_child *c = &layer->module.children[i];
    return (jf_part){(const jf_layer *)c->module, c->params};
}
