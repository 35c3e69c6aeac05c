/* inverted.c -- z = g^-1(x) for a layer g: layers form a group.
 *
 * With MAF as g this is IAF (Kingma et al. 2016), with logit the sigmoid.
 * log |det dz/dx| = -log |det J|, J = dg/dz at z.  For a loss with derivative
 * dz by z and c by log |det dz/dx|, let v = dz - c d log|det J| / dz; then
 *
 *     dx = J'^-1 v,      dtheta = -(dg/dtheta)' dx - c d log|det J| / dtheta.
 *
 * J comes from d backwards of g, so a backward costs d + 2 of them: for the
 * low dimensions in which densities are looked at. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "layer/layers.h"
#include "linalg/factor.h"

typedef struct {
    jf_layer base;
    jf_layer *inner;
} inverted;

static const jf_layer *inner_of(const jf_layer *self)
{
    return ((const inverted *)self)->inner;
}

static int init(const jf_layer *self, real *theta, jf_const_matrix x,
                gsl_rng *rng, jf_work *work)
{
    return jf_layer_init(inner_of(self), theta, x, rng, work);
}

/* forward inverts g. */
static int prepare(const jf_module *self, const real *theta, real *derived,
                   jf_work *work)
{
    int forward_only = work->forward_only;
    work->forward_only = 0;
    int status = jf_prepare_children(self, theta, derived, work);
    work->forward_only = forward_only;
    return status;
}

/* x -> z; the determinant is that of g at z. */
static int forward(const jf_layer *self, jf_weights w, jf_matrix x,
                   double *log_abs_det, jf_work *work)
{
    const jf_layer *g = inner_of(self);
    jf_tape tape = work->tape;
    work->tape = JF_TAPE_NONE;
    JF_TRY(g->ops->inverse(g, w, x, work));
    jf_matrix z = jf_push_matrix(work, x.rows, x.cols);
    double *ld = jf_push_bytes(work, x.rows * sizeof *ld);
    jf_matrix_copy(z, jf_const(x));
    memset(ld, 0, x.rows * sizeof *ld);
    JF_TRY(g->ops->forward(g, w, z, ld, work));
    for (size_t i = 0; i < x.rows; i++)
        log_abs_det[i] -= ld[i];
    jf_pop(work, ld);
    jf_pop(work, z.data);
    work->tape = tape;
    return GSL_SUCCESS;
}

static int inverse(const jf_layer *self, jf_weights w, jf_matrix z,
                   jf_work *work)
{
    const jf_layer *g = inner_of(self);
    double *ld = jf_push_bytes(work, z.rows * sizeof *ld);
    jf_tape tape = work->tape;
    work->tape = JF_TAPE_NONE; /* backward needs x as well */
    memset(ld, 0, z.rows * sizeof *ld);
    JF_TRY(g->ops->forward(g, w, z, ld, work));
    work->tape = tape;
    jf_pop(work, ld);
    return GSL_SUCCESS;
}

/* The backward of g at z: v (n, d) becomes J' v + sum c d log|det J| / dz;
 * grad += the same for theta.  z is only read; x (n, d) := g(z). */
static int pull_back(const jf_layer *g, jf_weights w, jf_matrix z, jf_matrix x,
                     jf_matrix v, const double *c, jf_grad grad, jf_work *work)
{
    double *ld = jf_push_bytes(jf_second_stack(work), z.rows * sizeof *ld);
    memset(ld, 0, z.rows * sizeof *ld);
    jf_matrix_copy(x, jf_const(z));
    JF_TRY(g->ops->forward(g, w, x, ld, work));
    JF_TRY(g->ops->backward(g, w, x, v, c, grad, work));
    jf_pop(jf_second_stack(work), ld);
    return GSL_SUCCESS;
}

/* jacobian (n, d, d) := J at each row of z, row k by the cotangent e_k. */
static int jacobians(const jf_layer *g, jf_weights w, jf_matrix z,
                     double *jacobian, jf_work *work)
{
    jf_work *second = jf_second_stack(work);
    size_t n = z.rows, d = z.cols;
    jf_matrix x = jf_push_matrix(second, n, d),
              v = jf_push_matrix(second, n, d);
    double *zero = jf_push_bytes(second, n * sizeof *zero);
    size_t n_params = g->module.n_params, size = n_params + g->module.n_pulled;
    real *unused = jf_push(second, size);
    memset(zero, 0, n * sizeof *zero);
    memset(unused, 0, size * sizeof *unused);
    for (size_t k = 0; k < d; k++) {
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < d; j++)
                jf_row(v, i)[j] = j == k;
        JF_TRY(pull_back(g, w, z, x, v, zero,
                         (jf_grad){unused, unused + n_params, 0}, work));
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < d; j++)
                jacobian[(i * d + k) * d + j] = (double)jf_row(v, i)[j];
    }
    jf_pop(second, unused);
    jf_pop(second, zero);
    jf_pop(second, v.data);
    jf_pop(second, x.data);
    return GSL_SUCCESS;
}

/* v := J'^-1 v, row by row; jacobian is spoiled. */
static int solve(double *jacobian, jf_matrix v, jf_work *work)
{
    size_t d = v.cols;
    double *sum = jf_push_bytes(work, d * sizeof *sum), unused;
    for (size_t i = 0; i < v.rows; i++) {
        double *inverse_j = jacobian + i * d * d;
        JF_TRY(jf_invert(d, inverse_j, &unused));
        for (size_t j = 0; j < d; j++) {
            sum[j] = 0;
            for (size_t k = 0; k < d; k++)
                sum[j] += inverse_j[k * d + j] * (double)jf_row(v, i)[k];
        }
        for (size_t j = 0; j < d; j++)
            jf_row(v, i)[j] = (real)sum[j];
    }
    jf_pop(work, sum);
    return GSL_SUCCESS;
}

static int backward(const jf_layer *self, jf_weights w, jf_matrix z,
                    jf_matrix dz, const double *d_log_abs_det, jf_grad grad,
                    jf_work *work)
{
    const jf_layer *g = inner_of(self);
    jf_work *second = jf_second_stack(work);
    size_t n = z.rows, d = z.cols;
    jf_matrix x = jf_push_matrix(second, n, d),
              v = jf_push_matrix(second, n, d);
    double *c = jf_push_bytes(second, n * sizeof *c);
    double *jacobian = jf_push_bytes(second, n * d * d * sizeof *jacobian);

    JF_TRY(jacobians(g, w, z, jacobian, work));
    for (size_t i = 0; i < n; i++)
        c[i] = -d_log_abs_det[i];
    jf_matrix_fill(v, 0);
    JF_TRY(pull_back(g, w, z, x, v, c, grad, work));
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++)
            jf_row(dz, i)[j] += jf_row(v, i)[j];
    JF_TRY(solve(jacobian, dz, work));
    for (size_t i = 0; i < n; i++) {
        c[i] = 0;
        for (size_t j = 0; j < d; j++)
            jf_row(v, i)[j] = -jf_row(dz, i)[j];
    }
    JF_TRY(pull_back(g, w, z, x, v, c, grad, work));
    JF_TRY(inverse(self, w, z, work));
    jf_pop(second, jacobian);
    jf_pop(second, c);
    jf_pop(second, v.data);
    jf_pop(second, x.data);
    return GSL_SUCCESS;
}

/* Those of g on the whole space, since the image of the ball is not known. */
static int bounds(const jf_layer *self, jf_weights w, double radius,
                  double *least, double *largest, jf_work *work)
{
    double low, high;
    (void)radius;
    JF_TRY(jf_bounds(inner_of(self), w, (double)INFINITY, &low, &high, work));
    *least = 1 / high;
    *largest = 1 / low;
    return GSL_SUCCESS;
}

static const jf_layer_ops ops = {.module = {.prepare = prepare},
                                 .init_from_data = init,
                                 .forward = forward,
                                 .inverse = inverse,
                                 .backward = backward,
                                 .bounds = bounds};

jf_layer *jf_inverted(jf_layer *layer)
{
    if (!layer)
        return jf_error_missing("no layer to invert"), NULL;
    inverted *i = (inverted *)jf_layer_around(sizeof *i, "inverted", &ops,
                                              layer->d, &layer->module);
    if (!i)
        return NULL;
    i->inner = layer;
    i->base.unbanded =
        layer->unbanded || layer->band_in.size || layer->band_out.size;
    return jf_layer_record(&i->base, "%s", "");
}
