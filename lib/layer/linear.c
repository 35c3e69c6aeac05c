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
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "layer/factors.h"
#include "layer/layers.h"
#include "linalg/blas.h"
#include "linalg/factor.h"

typedef struct {
    jf_layer base;
    jf_factors factors;
} linear;

typedef struct { /* views of the derived vector */
    jf_matrix w, inverse;
    double log_abs_det;
} matrices;

static matrices view(const jf_layer *self, const real *derived)
{
    size_t d = self->d;
    real *p = (real *)derived; /* views cannot say const */
    return (matrices){jf_view(p, d, d), jf_view(p + d * d + 2, d, d),
                      (double)p[d * d] + (double)p[d * d + 1]};
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

static int init(const jf_layer *self, real *theta, jf_matrix x, gsl_rng *rng,
                jf_work *work)
{
    const jf_factors *f = &((const linear *)self)->factors;
    double *wide = jf_push_bytes(work, self->n_params * sizeof *wide);
    (void)x;
    f->ops->init(f, wide, rng, work);
    narrow(self->n_params, wide, theta);
    jf_pop(work, wide);
    return GSL_SUCCESS;
}

static int prepare(const jf_layer *self, const real *theta, real *derived,
                   jf_work *work)
{
    const jf_factors *f = &((const linear *)self)->factors;
    size_t d = self->d, depth = work->depth;
    const double *wide = widen(self->n_params, theta, work);
    double *w = wide_buffer(d * d, derived, work), log_abs_det, unused;

    int status = f->ops->build(f, wide, w, &log_abs_det, work);
    if (status == GSL_SUCCESS) {
        narrow(d * d, w, derived);
        derived[d * d] = (real)log_abs_det;
        derived[d * d + 1] = (real)(log_abs_det - (double)derived[d * d]);
    }
    if (status == GSL_SUCCESS && (f->ops->inverts || !work->one_way)) {
        double *inverse = wide_buffer(d * d, derived + d * d + 2, work);
        memcpy(inverse, w, d * d * sizeof *w);
        status = jf_invert(d, inverse, &unused);
        narrow(d * d, inverse, derived + d * d + 2);
    }
    jf_work_release(work, depth);
    return status;
}

/* x := x m', row by row. */
static void multiply(jf_matrix x, jf_matrix m, jf_work *work)
{
    jf_matrix old = jf_push_matrix(work, x.rows, x.cols);
    jf_matrix_copy(old, x);
    jf_gemm(JF_PLAIN, JF_TRANSPOSED, 1, old, m, 0, x);
    jf_pop(work, old.data);
}

static int forward(const jf_layer *self, jf_weights weights, jf_matrix x,
                   double *log_abs_det, jf_work *work)
{
    matrices m = view(self, weights.derived);
    if (work->tape == JF_TAPE_FULL) { /* the copy of x stays for backward */
        jf_matrix old = jf_push_matrix(work, x.rows, x.cols);
        jf_matrix_copy(old, x);
        jf_gemm(JF_PLAIN, JF_TRANSPOSED, 1, old, m.w, 0, x);
    } else {
        multiply(x, m.w, work);
    }
    for (size_t i = 0; i < x.rows; i++)
        log_abs_det[i] += m.log_abs_det;
    return GSL_SUCCESS;
}

static int inverse(const jf_layer *self, jf_weights weights, jf_matrix z,
                   jf_work *work)
{
    multiply(z, view(self, weights.derived).inverse, work);
    return GSL_SUCCESS;
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
        multiply(z, m.inverse, work);
    jf_gemm(JF_TRANSPOSED, JF_PLAIN, 1, dz, x, 1, jf_view(grad.derived, d, d));
    for (size_t i = 0; i < z.rows; i++)
        dlad += d_log_abs_det[i];
    grad.derived[d * d] += (real)dlad;
    if (work->tape == JF_TAPE_FULL) {
        if (!grad.alone)
            jf_matrix_copy(z, x);
        jf_pop(work, x.data);
    }
    if (grad.alone)
        return GSL_SUCCESS;
    jf_matrix old = jf_push_matrix(work, dz.rows, d);
    jf_matrix_copy(old, dz);
    jf_gemm(JF_PLAIN, JF_PLAIN, 1, old, m.w, 0, dz);
    jf_pop(work, old.data);
    return GSL_SUCCESS;
}

static int pull(const jf_layer *self, jf_weights weights, const real *d_derived,
                real *grad, jf_work *work)
{
    const jf_factors *f = &((const linear *)self)->factors;
    size_t d = self->d, n = self->n_params, depth = work->depth;
    const double *theta = widen(n, weights.theta, work);
    const double *w = widen(d * d, weights.derived, work);
    const double *w_inverse =
        f->ops->inverts ? widen(d * d, weights.derived + d * d + 2, work)
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

static void clear(jf_layer *self)
{
    free(((linear *)self)->factors.permutation);
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

#define OPS(name)                                                              \
    {                                                                          \
        name, init, prepare, forward, inverse, backward, pull, clear, bounds   \
    }
static const jf_layer_ops dense_ops = OPS("dense");
static const jf_layer_ops triangular_ops = OPS("triangular");
static const jf_layer_ops plu_ops = OPS("plu");
static const jf_layer_ops qr_ops = OPS("qr");
static const jf_layer_ops svd_ops = OPS("svd");
static const jf_layer_ops orthogonal_ops = OPS("orthogonal");
static const jf_layer_ops deep_ops = OPS("deep_linear");
static const jf_layer_ops special_ops = OPS("special_linear");

static jf_layer *make(const jf_layer_ops *ops, jf_factors factors)
{
    size_t d = factors.d;
    if (d == 0) {
        free(factors.permutation);
        JF_ERROR_NULL("a layer needs at least one column", GSL_EINVAL);
    }
    size_t n_params = factors.ops->count(&factors);
    linear *l = (linear *)jf_layer_new(sizeof *l, ops, d, n_params);
    if (!l) {
        free(factors.permutation);
        return NULL;
    }
    l->factors = factors;
    l->base.n_pulled = d * d + 1;
    l->base.n_derived = 2 * d * d + 2;
    l->base.n_saved = d;
    l->base.local = 1;
    return &l->base;
}

jf_layer *jf_dense(size_t d)
{
    return make(&dense_ops, (jf_factors){&jf_factors_dense, d, 1, NULL, 0, 0});
}

jf_layer *jf_triangular(size_t d)
{
    return make(&triangular_ops,
                (jf_factors){&jf_factors_triangular, d, 0, NULL, 0, 0});
}

jf_layer *jf_plu(size_t d, uint64_t seed)
{
    size_t *rows = jf_random_permutation(d, seed);
    if (!rows)
        return NULL;
    return make(&plu_ops, (jf_factors){&jf_factors_plu, d, 0, rows, 0, 0});
}

jf_layer *jf_qr(size_t d)
{
    return make(&qr_ops, (jf_factors){&jf_factors_qr, d, d, NULL, 0, 0});
}

jf_layer *jf_svd(size_t d)
{
    return make(&svd_ops, (jf_factors){&jf_factors_svd, d, d, NULL, 0, 0});
}

jf_layer *jf_svd_bounded(size_t d, double least, double largest)
{
    if (!(least > 0 && least < largest))
        JF_ERROR_NULL("singular values need 0 < least < largest", GSL_EINVAL);
    return make(&svd_ops, (jf_factors){&jf_factors_svd, d, d, NULL, log(least),
                                       log(largest)});
}

jf_layer *jf_orthogonal(size_t d, size_t k)
{
    return make(&orthogonal_ops,
                (jf_factors){&jf_factors_orthogonal, d, k, NULL, 0, 0});
}

jf_layer *jf_deep_linear(size_t d, size_t k)
{
    if (k == 0)
        JF_ERROR_NULL("a product needs at least one factor", GSL_EINVAL);
    return make(&deep_ops, (jf_factors){&jf_factors_dense, d, k, NULL, 0, 0});
}

jf_layer *jf_special_linear(size_t d)
{
    return make(&special_ops,
                (jf_factors){&jf_factors_special, d, 0, NULL, 0, 0});
}
