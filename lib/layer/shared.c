/* shared.c -- I (x) f: one layer on each of sites groups of columns.
 *
 * A row (sites x c) without gaps is sites rows of c columns, so the inner
 * layer sees a taller matrix; its log-determinants are summed by sample.
 * Rows with gaps between them go through one by one. */
#include "base/error.h"
#include "layer/layers.h"

typedef struct {
    jf_layer base;
    size_t sites;
    jf_layer *inner;
} shared;

static size_t count_blocks(jf_matrix x)
{
    return x.rows <= 1 || x.stride == x.cols ? 1 : x.rows;
}

/* Block b of x, tall: (samples x sites, c). */
static jf_matrix block(const shared *s, jf_matrix x, size_t b, size_t blocks)
{
    size_t samples = x.rows / blocks;
    return jf_view(jf_row(x, b * samples), samples * s->sites, s->inner->d);
}

static int init(const jf_layer *self, real *theta, jf_matrix x, gsl_rng *rng,
                jf_work *work)
{
    const shared *s = (const shared *)self;
    jf_matrix packed = jf_push_matrix(work, x.rows, x.cols);
    jf_matrix_copy(packed, x);
    JF_TRY(s->inner->ops->init(s->inner, theta, block(s, packed, 0, 1), rng,
                               work));
    jf_pop(work, packed.data);
    return GSL_SUCCESS;
}

static int prepare(const jf_layer *self, const real *theta, real *derived,
                   jf_work *work)
{
    const jf_layer *inner = ((const shared *)self)->inner;
    return inner->ops->prepare
               ? inner->ops->prepare(inner, theta, derived, work)
               : GSL_SUCCESS;
}

static int forward(const jf_layer *self, jf_weights w, jf_matrix x,
                   double *log_abs_det, jf_work *work)
{
    const shared *s = (const shared *)self;
    size_t blocks = count_blocks(x);

    for (size_t b = 0; b < blocks; b++) {
        jf_matrix tall = block(s, x, b, blocks);
        double *ld = jf_push_bytes(jf_aside(work), tall.rows * sizeof *ld);
        for (size_t i = 0; i < tall.rows; i++)
            ld[i] = 0;
        JF_TRY(s->inner->ops->forward(s->inner, w, tall, ld, work));
        for (size_t i = 0; i < tall.rows; i++)
            log_abs_det[b * (x.rows / blocks) + i / s->sites] += ld[i];
        jf_pop(jf_aside(work), ld);
    }
    return GSL_SUCCESS;
}

static int inverse(const jf_layer *self, jf_weights w, jf_matrix z,
                   jf_work *work)
{
    const shared *s = (const shared *)self;
    size_t blocks = count_blocks(z);
    for (size_t b = 0; b < blocks; b++)
        JF_TRY(
            s->inner->ops->inverse(s->inner, w, block(s, z, b, blocks), work));
    return GSL_SUCCESS;
}

static int backward(const jf_layer *self, jf_weights w, jf_matrix z,
                    jf_matrix dz, const double *d_log_abs_det, jf_grad grad,
                    jf_work *work)
{
    const shared *s = (const shared *)self;
    size_t blocks = count_blocks(z), samples = z.rows / blocks;
    if (blocks != count_blocks(dz))
        GSL_ERROR("z and dz differ in their gaps", GSL_EBADLEN);

    for (size_t b = blocks; b-- > 0;) {
        jf_matrix tall = block(s, z, b, blocks);
        double *dld = jf_push_bytes(jf_aside(work), tall.rows * sizeof *dld);
        for (size_t i = 0; i < tall.rows; i++)
            dld[i] = d_log_abs_det[b * samples + i / s->sites];
        JF_TRY(s->inner->ops->backward(
            s->inner, w, tall, block(s, dz, b, blocks), dld, grad, work));
        jf_pop(jf_aside(work), dld);
    }
    return GSL_SUCCESS;
}

static int pull(const jf_layer *self, jf_weights w, const real *d_derived,
                real *grad, jf_work *work)
{
    const jf_layer *inner = ((const shared *)self)->inner;
    return inner->ops->pull ? inner->ops->pull(inner, w, d_derived, grad, work)
                            : GSL_SUCCESS;
}

static void clear(jf_layer *self)
{
    jf_layer_free(((shared *)self)->inner);
}

static int bounds(const jf_layer *self, jf_weights w, double radius,
                  double *least, double *largest, jf_work *work)
{
    const jf_layer *inner = ((const shared *)self)->inner;
    return jf_bounds(inner, w, radius, least, largest, work);
}

static const jf_layer_ops shared_ops = {
    "shared", init, prepare, forward, inverse, backward, pull, clear, bounds};

jf_layer *jf_shared(size_t sites, jf_layer *layer)
{
    if (!layer || sites == 0) {
        jf_layer_free(layer);
        GSL_ERROR_NULL("sharing needs a layer and a site", GSL_EINVAL);
    }
    shared *s = (shared *)jf_layer_new(sizeof *s, &shared_ops, sites * layer->d,
                                       layer->n_params);
    s->base.n_derived = layer->n_derived;
    s->base.n_pulled = layer->n_pulled;
    s->base.n_saved = sites * layer->n_saved;
    s->sites = sites;
    s->inner = layer;
    return &s->base;
}
