/* checkpoint.c -- z = x, and x stays on the tape.
 *
 * Backward recovers each layer's x from its z, and the error of the recovery
 * grows with what the later layers contract (Behrmann et al. 2021).  Here it
 * starts anew: backward takes the stored x, at the cost of its memory. */
#include "base/error.h"
#include "layer/layers.h"

static int forward(const jf_layer *self, jf_weights w, jf_matrix x,
                   double *log_abs_det, jf_work *work)
{
    (void)self, (void)w, (void)log_abs_det;
    if (work->tape != JF_TAPE_NONE)
        jf_matrix_copy(jf_push_matrix(work, x.rows, x.cols), jf_const(x));
    return GSL_SUCCESS;
}

static int inverse(const jf_layer *self, jf_weights w, jf_matrix z,
                   jf_work *work)
{
    (void)self, (void)w, (void)z, (void)work;
    return GSL_SUCCESS;
}

static int backward(const jf_layer *self, jf_weights w, jf_matrix z,
                    jf_matrix dz, const double *d_log_abs_det, jf_grad grad,
                    jf_work *work)
{
    real *x = jf_top(work);
    (void)self, (void)w, (void)dz, (void)d_log_abs_det, (void)grad;
    jf_matrix_copy(z, jf_const_view(x, z.rows, z.cols));
    jf_pop(work, x);
    return GSL_SUCCESS;
}

static const jf_layer_ops ops = {.forward = forward,
                                 .inverse = inverse,
                                 .backward = backward,
                                 .bounds = jf_orthogonal_bounds};

jf_layer *jf_checkpoint(size_t d)
{
    jf_layer *layer = jf_layer_new(sizeof *layer, "checkpoint", &ops, d, 0);
    if (layer)
        layer->n_saved = d;
    return jf_layer_record(layer, "d=%zu", d);
}
