/* linear.c -- z = W x, with W in any parameterisation of factors.c.
 *
 * log |det df/dx| = log |det W|, the same for every row.  prepare builds W,
 * its log-determinant and, where it may be needed, its inverse once per pass;
 * backward collects dL/dW and dL/dlog|det W|, and pull hands both to the
 * parameterisation.  Derived: W (d, d), log |det W| as a sum of two reals (so
 * that it is double in the float build), then W^-1 (d, d), which has no
 * gradient. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "layer/factors.h"
#include "layer/layers.h"
#include "linalg/blas.h"
#include "linalg/factor.h"

typedef struct {
    jf_layer base;
    jf_factors *factors;
} linear;

typedef struct { /* views of the derived vector */
    jf_const_matrix w, inverse;
    double log_abs_det;
} matrices;

static matrices view(const jf_layer *self, const real *derived)
{
    size_t d = self->d;
    const real *log_abs_det = derived + d * d, *inverse = log_abs_det + 2;
    return (matrices){jf_const_view(derived, d, d),
                      jf_const_view(inverse, d, d),
                      (double)log_abs_det[0] + (double)log_abs_det[1]};
}

/* from (n) in double: itself, or in the float build a copy that is left on the
 * stack. */
static const double *widen(size_t n, const real *from, jf_work *work)
{
#ifdef JF_SINGLE
    double *to = jf_push_bytes(work, n * sizeof *to);
    for (size_t i = 0; i < n; i++)
        to[i] = (double)from[i];
    return to;
#else
    (void)n, (void)work;
    return from;
#endif
}

/* Where n doubles that become to (n) are to be written: to itself, or in the
 * float build a buffer that is left on the stack, for narrow. */
static double *wide_buffer(size_t n, real *to, jf_work *work)
{
#ifdef JF_SINGLE
    (void)to;
    return jf_push_bytes(work, n * sizeof(double));
#else
    (void)n, (void)work;
    return to;
#endif
}

static void narrow(size_t n, const double *from, real *to)
{
#ifdef JF_SINGLE
    for (size_t i = 0; i < n; i++)
        to[i] = (real)from[i];
#else
    if (from != to)
        memcpy(to, from, n * sizeof *to);
#endif
}

static int init(const jf_module *self, real *theta, gsl_rng *rng, jf_work *work)
{
    const jf_factors *f = ((const linear *)self)->factors;
    size_t n = self->n_params;
    double *wide = jf_push_bytes(work, n * sizeof *wide);
    memset(wide, 0, n * sizeof *wide);
    if (f->ops->init)
        JF_TRY(f->ops->init(f, wide, rng, work));
    narrow(n, wide, theta);
    jf_pop(work, wide);
    return GSL_SUCCESS;
}

static int prepare(const jf_module *self, const real *theta, real *derived,
                   jf_work *work)
{
    const jf_factors *f = ((const linear *)self)->factors;
    size_t d = f->d, depth = work->depth;
    const double *wide = widen(self->n_params, theta, work);
    double *w = wide_buffer(d * d, derived, work), log_abs_det, unused;

    int status = f->ops->build(f, wide, w, &log_abs_det, work);
    if (status == GSL_SUCCESS) {
        narrow(d * d, w, derived);
        derived[d * d] = (real)log_abs_det;
        derived[d * d + 1] = (real)(log_abs_det - (double)derived[d * d]);
    }
    if (status == GSL_SUCCESS &&
        (f->ops->needs_inverse || !work->forward_only)) {
        double *inverse = wide_buffer(d * d, derived + d * d + 2, work);
        memcpy(inverse, w, d * d * sizeof *w);
        status = jf_invert(d, inverse, &unused);
        narrow(d * d, inverse, derived + d * d + 2);
    }
    jf_work_release(work, depth);
    return status;
}

/* x := x m', row by row. */
static int multiply(jf_matrix x, jf_const_matrix m, jf_work *work)
{
    jf_matrix old = jf_push_matrix(work, x.rows, x.cols);
    jf_matrix_copy(old, jf_const(x));
    JF_TRY(
        jf_gemm_divided(JF_PLAIN, JF_TRANSPOSED, jf_const(old), m, 0, x, work));
    jf_pop(work, old.data);
    return GSL_SUCCESS;
}

static int forward(const jf_layer *self, jf_weights weights, jf_matrix x,
                   double *log_abs_det, jf_work *work)
{
    matrices m = view(self, weights.derived);
    if (work->tape == JF_TAPE_FULL) { /* the copy of x stays for backward */
        jf_matrix old = jf_push_matrix(work, x.rows, x.cols);
        jf_matrix_copy(old, jf_const(x));
        JF_TRY(jf_gemm_divided(JF_PLAIN, JF_TRANSPOSED, jf_const(old), m.w, 0,
                               x, work));
    } else {
        JF_TRY(multiply(x, m.w, work));
    }
    for (size_t i = 0; i < x.rows; i++)
        log_abs_det[i] += m.log_abs_det;
    return GSL_SUCCESS;
}

static int inverse(const jf_layer *self, jf_weights weights, jf_matrix z,
                   jf_work *work)
{
    return multiply(z, view(self, weights.derived).inverse, work);
}

/* dW = sum_i dz_i x_i', dx = W' dz. */
static int backward(const jf_layer *self, jf_weights weights, jf_matrix z,
                    jf_matrix dz, const double *d_log_abs_det, jf_grad grad,
                    jf_work *work)
{
    matrices m = view(self, weights.derived);
    size_t d = self->d;
    jf_matrix x = z;
    double dlad = 0;

    if (work->tape == JF_TAPE_FULL)
        x = jf_view(jf_top(work), z.rows, d);
    else
        JF_TRY(multiply(z, m.inverse, work));
    JF_TRY(jf_gemm_divided(JF_TRANSPOSED, JF_PLAIN, jf_const(dz), jf_const(x),
                           1, jf_view(grad.derived, d, d), work));
    for (size_t i = 0; i < z.rows; i++)
        dlad += d_log_abs_det[i];
    grad.derived[d * d] += (real)dlad;
    if (work->tape == JF_TAPE_FULL) {
        if (!grad.input_unused)
            jf_matrix_copy(z, jf_const(x));
        jf_pop(work, x.data);
    }
    if (grad.input_unused)
        return GSL_SUCCESS;
    jf_matrix old = jf_push_matrix(work, dz.rows, d);
    jf_matrix_copy(old, jf_const(dz));
    JF_TRY(
        jf_gemm_divided(JF_PLAIN, JF_PLAIN, jf_const(old), m.w, 0, dz, work));
    jf_pop(work, old.data);
    return GSL_SUCCESS;
}

static int pull(const jf_module *self, jf_weights weights,
                const real *d_derived, real *grad, jf_work *work)
{
    const jf_factors *f = ((const linear *)self)->factors;
    size_t d = f->d, n = self->n_params, depth = work->depth;
    const double *theta = widen(n, weights.theta, work);
    const double *w = widen(d * d, weights.derived, work);
    const double *w_inverse =
        f->ops->needs_inverse ? widen(d * d, weights.derived + d * d + 2, work)
                              : NULL;
    double *dtheta = wide_buffer(n, grad, work);
    double *dw = jf_push_bytes(work, d * d * sizeof *dw);

    for (size_t i = 0; i < d * d; i++)
        dw[i] = (double)d_derived[i];
    for (size_t i = 0; (void *)dtheta != (void *)grad && i < n; i++)
        dtheta[i] = (double)grad[i];
    int status = f->ops->pull(f, theta, w, w_inverse, dw,
                              (double)d_derived[d * d], dtheta, work);
    narrow(n, dtheta, grad);
    jf_work_release(work, depth);
    return status;
}

/* Singular values of W; those of LAPACK are within d u of the largest one
 * (Golub and Van Loan 2013, sec. 8.6), 16 times that is allowed. */
static int bounds(const jf_layer *self, jf_weights weights, double radius,
                  double *least, double *largest, jf_work *work)
{
    size_t d = self->d;
    double *w = jf_push_bytes(work, (d * d + d) * sizeof *w);
    (void)radius;
    for (size_t i = 0; i < d * d; i++)
        w[i] = (double)weights.derived[i];
    JF_TRY(jf_singular_values(d, d, w, w + d * d));
    double error = 16 * (double)d * DBL_EPSILON * w[d * d];
    *largest = w[d * d] + error;
    *least = fmax(w[d * d + d - 1] - error, 0);
    jf_pop(work, w);
    return GSL_SUCCESS;
}

static const jf_layer_ops ops = {
    .module = {.init = init, .prepare = prepare, .pull = pull},
    .forward = forward,
    .inverse = inverse,
    .backward = backward,
    .bounds = bounds};

static jf_layer *make(jf_factors *factors)
{
    if (!factors)
        return NULL;
    size_t d = factors->d;
    if (d == 0) {
        jf_module_free(&factors->module);
        JF_ERROR_NULL("a layer needs at least one column", GSL_EINVAL);
    }
    linear *l = (linear *)jf_layer_around(sizeof *l, factors->module.name, &ops,
                                          d, &factors->module);
    if (!l)
        return NULL;
    l->factors = factors;
    factors->module.silent = 1; /* the layer has its name and arguments */
    l->base.module.arguments = factors->module.arguments;
    factors->module.arguments = NULL;
    l->base.module.n_pulled = d * d + 1;
    l->base.module.n_derived = 2 * d * d + 2;
    l->base.n_saved = d;
    l->base.rowwise = 1;
    return &l->base;
}

jf_layer *jf_dense(size_t d)
{
    return make(jf_factors_dense(d));
}

jf_layer *jf_triangular(size_t d)
{
    return make(jf_factors_triangular(d));
}

jf_layer *jf_plu(size_t d, uint64_t seed)
{
    return make(jf_factors_plu(d, seed));
}

jf_layer *jf_qr(size_t d)
{
    return make(jf_factors_qr(d));
}

jf_layer *jf_svd(size_t d)
{
    return make(jf_factors_svd(d));
}

jf_layer *jf_svd_bounded(size_t d, double least, double largest)
{
    if (!(least > 0 && least < largest))
        JF_ERROR_NULL("singular values need 0 < least < largest", GSL_EINVAL);
    return make(jf_factors_svd_bounded(d, least, largest));
}

jf_layer *jf_orthogonal(size_t d, size_t k)
{
    return make(jf_factors_orthogonal(d, k));
}

jf_layer *jf_deep_linear(size_t d, size_t k)
{
    if (k == 0)
        JF_ERROR_NULL("a product needs at least one factor", GSL_EINVAL);
    return make(jf_factors_product(d, k));
}

jf_layer *jf_special_linear(size_t d)
{
    return make(jf_factors_special(d));
}
