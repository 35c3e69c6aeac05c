/* flow.c -- composition, and the calls on any layer.
 *
 * log |det d(g o f)| = log |det df| + log |det dg| at f(x); a flow's theta,
 * derived and pulled vectors are those of its layers, one after the other. */
#include "layer/flow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/stream.h"
#include "linalg/blas.h"

typedef struct {
    jf_layer *layer;
    size_t params, derived, pulled; /* where its slices start */
} part;

typedef struct {
    jf_layer base;
    part *parts;
    size_t length;
} flow;

jf_layer *jf_layer_new(size_t size, const jf_layer_ops *ops, size_t d,
                       size_t n_params)
{
    jf_layer *layer = jf_alloc(1, size);
    if (!layer)
        return NULL;
    layer->ops = ops;
    layer->d = d;
    layer->n_params = n_params;
    return layer;
}

void jf_layer_free(jf_layer *layer)
{
    if (layer && layer->ops->clear)
        layer->ops->clear(layer);
    free(layer);
}

static jf_weights weights_of(const part *p, jf_weights w)
{
    return (jf_weights){w.theta + p->params, w.derived + p->derived};
}

static int init(const jf_layer *self, real *theta, jf_matrix x, gsl_rng *rng,
                jf_work *work)
{
    const flow *f = (const flow *)self;
    jf_matrix z = jf_push_matrix(work, x.rows, x.cols);
    double *unused = jf_push_bytes(work, x.rows * sizeof *unused);
    real *derived = jf_push(work, self->n_derived);

    memset(unused, 0, x.rows * sizeof *unused);
    jf_matrix_copy(z, x);
    for (size_t i = 0; i < f->length; i++) {
        const part *p = &f->parts[i];
        const jf_layer_ops *ops = p->layer->ops;
        jf_weights w = weights_of(p, (jf_weights){theta, derived});
        JF_TRY(ops->init(p->layer, theta + p->params, z, rng, work));
        if (ops->prepare)
            JF_TRY(ops->prepare(p->layer, w.theta, derived + p->derived, work));
        JF_TRY(ops->forward(p->layer, w, z, unused, work));
    }
    jf_pop(work, derived);
    jf_pop(work, unused);
    jf_pop(work, z.data);
    return GSL_SUCCESS;
}

/* A call of prepare or, with d_derived, of pull on every part. */
typedef struct {
    const flow *f;
    jf_weights w;
    real *derived;
    const real *d_derived;
    real *grad;
    int one_way;
} call;

static int call_parts(void *arg, size_t lane, size_t first, size_t count,
                      jf_work *work)
{
    const call *c = arg;
    int one_way = work->one_way;
    (void)lane;
    work->one_way = c->one_way;
    for (size_t i = first; i < first + count; i++) {
        const part *p = &c->f->parts[i];
        const jf_layer_ops *ops = p->layer->ops;
        jf_weights w = weights_of(p, c->w);
        if (c->d_derived && ops->pull)
            JF_TRY(ops->pull(p->layer, w, c->d_derived + p->pulled,
                             c->grad + p->params, work));
        else if (!c->d_derived && ops->prepare)
            JF_TRY(
                ops->prepare(p->layer, w.theta, c->derived + p->derived, work));
    }
    work->one_way = one_way;
    return GSL_SUCCESS;
}

/* The parts go to the team when they are large and none is most of the flow;
 * when one is, it may have parts to divide.  Few lanes, since each has scratch
 * of its own, as large as some matrices. */
static int call_all(call c, jf_work *work)
{
    enum { LARGE = 1 << 14, LANES = 2 };
    size_t most = 0, total = c.f->base.n_derived, length = c.f->length;
    for (size_t i = 0; i < length; i++)
        if (c.f->parts[i].layer->n_derived > most)
            most = c.f->parts[i].layer->n_derived;
    if (total < LARGE || 2 * most > total)
        return call_parts(&c, 0, 0, length, work);
    return jf_divide(work, length, LANES, call_parts, &c);
}

static int prepare(const jf_layer *self, const real *theta, real *derived,
                   jf_work *work)
{
    return call_all((call){.f = (const flow *)self,
                           .w = {theta, derived},
                           .derived = derived,
                           .one_way = work->one_way},
                    work);
}

static int forward(const jf_layer *self, jf_weights w, jf_matrix x,
                   double *log_abs_det, jf_work *work)
{
    const flow *f = (const flow *)self;
    for (size_t i = 0; i < f->length; i++) {
        const part *p = &f->parts[i];
        JF_TRY(p->layer->ops->forward(p->layer, weights_of(p, w), x,
                                      log_abs_det, work));
    }
    return GSL_SUCCESS;
}

static int inverse(const jf_layer *self, jf_weights w, jf_matrix z,
                   jf_work *work)
{
    const flow *f = (const flow *)self;
    for (size_t i = f->length; i-- > 0;) {
        const part *p = &f->parts[i];
        JF_TRY(p->layer->ops->inverse(p->layer, weights_of(p, w), z, work));
    }
    return GSL_SUCCESS;
}

static int backward(const jf_layer *self, jf_weights w, jf_matrix z,
                    jf_matrix dz, const double *d_log_abs_det, jf_grad grad,
                    jf_work *work)
{
    const flow *f = (const flow *)self;
    for (size_t i = f->length; i-- > 0;) {
        const part *p = &f->parts[i];
        jf_grad g = {grad.theta + p->params, grad.derived + p->pulled,
                     grad.alone && i == 0};
        JF_TRY(p->layer->ops->backward(p->layer, weights_of(p, w), z, dz,
                                       d_log_abs_det, g, work));
    }
    return GSL_SUCCESS;
}

static int pull(const jf_layer *self, jf_weights w, const real *d_derived,
                real *grad, jf_work *work)
{
    return call_all((call){.f = (const flow *)self,
                           .w = w,
                           .d_derived = d_derived,
                           .grad = grad},
                    work);
}

static void clear(jf_layer *self)
{
    flow *f = (flow *)self;
    for (size_t i = 0; i < f->length; i++)
        jf_layer_free(f->parts[i].layer);
    free(f->parts);
}

/* Products; the ball of a layer is what the one before makes of its own: |f(x)|
 * <= |f(0)| + largest |x|. */
static int bounds(const jf_layer *self, jf_weights w, double radius,
                  double *least, double *largest, jf_work *work)
{
    const flow *f = (const flow *)self;
    *least = *largest = 1;
    for (size_t i = 0; i < f->length; i++) {
        const part *p = &f->parts[i];
        double low, high;
        JF_TRY(
            jf_bounds(p->layer, weights_of(p, w), radius, &low, &high, work));
        JF_TRY(
            jf_image_radius(p->layer, weights_of(p, w), high, &radius, work));
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

static const jf_layer_ops composition = {
    "flow", init, prepare, forward, inverse, backward, pull, clear, bounds};

jf_layer *jf_flow_new(size_t d)
{
    jf_layer *f = jf_layer_new(sizeof(flow), &composition, d, 0);
    if (f)
        f->local = 1;
    return f;
}

static int add(jf_layer *self, jf_layer *layer)
{
    flow *f = (flow *)self;
    if (!self || !layer)
        return jf_error_missing(self ? "no layer to add" : "no flow");
    if (self->ops != &composition)
        JF_ERROR("only a flow takes layers", GSL_EINVAL);
    if (layer->d != self->d)
        JF_ERROR("layer and flow differ in d", GSL_EBADLEN);
    JF_TRY(layer->status);
    part *parts = jf_alloc(f->length + 1, sizeof *parts);
    JF_TRY_MEMORY(parts);
    if (f->length)
        memcpy(parts, f->parts, f->length * sizeof *parts);
    free(f->parts);
    f->parts = parts;
    parts[f->length++] =
        (part){layer, self->n_params, self->n_derived, self->n_pulled};
    self->n_params += layer->n_params;
    self->n_derived += layer->n_derived;
    self->n_pulled += layer->n_pulled;
    self->n_saved += layer->n_saved;
    self->sites = layer->sites > self->sites ? layer->sites : self->sites;
    self->local = self->local && layer->local;
    return GSL_SUCCESS;
}

int jf_flow_add(jf_layer *self, jf_layer *layer)
{
    int status = add(self, layer);
    if (status != GSL_SUCCESS) {
        jf_layer_free(layer);
        if (self && self->ops == &composition && !self->status)
            self->status = status;
    }
    return status;
}

size_t jf_flow_length(const jf_layer *layer)
{
    return layer->ops == &composition ? ((const flow *)layer)->length : 1;
}

jf_part jf_flow_part(const jf_layer *layer, size_t i)
{
    if (layer->ops != &composition)
        return (jf_part){layer, 0};
    const part *p = &((const flow *)layer)->parts[i];
    return (jf_part){p->layer, p->params};
}
