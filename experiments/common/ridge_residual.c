/* ridge_residual.c -- z = x + g(x), g(x) = V tanh(U x + b) + a, Lip g <= c < 1.
 *
 * Behrmann, Grathwohl, Chen, Duvenaud and Jacobsen 2019 (i-ResNet).  theta: U
 * (hidden, d), b (hidden), V (d, hidden), a (d).  Derived: U and V times
 * min(1, sqrt c / sigma), sigma the largest singular value by the eigenvalues
 * of the smaller Gram matrix, so that |U| |V| <= c, which bounds Lip g since
 * tanh' <= 1.  With h = tanh(U x + b), s = 1 - h^2,
 *
 *     J = I + V diag(s) U,
 *
 * whose log |det| and gradient come from J itself, O(d^3) a row, in double;
 * det J > 0 as |J - I| < 1.  The inverse iterates x = z - g(x); by Banach's
 * theorem |x_k - x| <= c / (1 - c) |x_k - x_{k-1}|, and it goes on until the
 * last move is at most 16 DBL_EPSILON (1 + |x| + |z|), the rounding of a step.
 */
#include "common/ridge_residual.h"

#include <float.h>
#include <math.h>
#include <string.h>

typedef struct {
    jf_layer base;
    size_t hidden;
    double c;
} residual;

typedef struct { /* where the parts of theta start */
    size_t u, b, v, a;
} parts;

static parts parts_of(const residual *m)
{
    size_t d = m->base.d, h = m->hidden;
    return (parts){0, h * d, h * d + h, 2 * h * d + h};
}

static int init(const jf_module *self, real *theta, gsl_rng *rng, jf_work *work)
{
    const residual *m = (const residual *)self;
    parts p = parts_of(m);
    size_t h = m->hidden, d = m->base.d;
    (void)work;
    memset(theta, 0, self->n_params * sizeof *theta);
    for (size_t k = 0; k < h * d; k++) {
        theta[p.u + k] = (real)jf_stream_normal(rng, 1.0);
        theta[p.v + k] = (real)jf_stream_normal(rng, 0.1 / sqrt((double)h));
    }
    for (size_t k = 0; k < h; k++)
        theta[p.b + k] = (real)jf_stream_normal(rng, 1.0);
    return GSL_SUCCESS;
}

/* U is hidden rows of d; V is hidden columns of d. */
static int norm_of(const residual *m, const real *theta, int second,
                   double *sigma, double *v, jf_work *work)
{
    size_t d = m->base.d, h = m->hidden;
    const real *w = theta + (second ? parts_of(m).v : parts_of(m).u);
    return jf_largest_singular(h, d, w, second ? 1 : d, second ? h : 1, sigma,
                               v, work);
}

static int prepare(const jf_module *self, const real *theta, real *derived,
                   jf_work *work)
{
    const residual *m = (const residual *)self;
    size_t d = m->base.d, size = m->hidden * d;
    double *v = jf_push_bytes(work, d * sizeof *v), sigma;
    for (int second = 0; second < 2; second++) {
        const real *w = theta + (second ? parts_of(m).v : parts_of(m).u);
        JF_TRY(norm_of(m, theta, second, &sigma, v, work));
        double scale = sigma > sqrt(m->c) ? sqrt(m->c) / sigma : 1;
        for (size_t k = 0; k < size; k++)
            derived[second * size + k] = (real)(scale * (double)w[k]);
    }
    jf_pop(work, v);
    return GSL_SUCCESS;
}

/* W' = r W / sigma: dW = r / sigma (dW' - (dW' . W / sigma) u v'), with W v =
 * sigma u. */
static int pull(const jf_module *self, jf_weights w, const real *d_derived,
                real *grad, jf_work *work)
{
    const residual *m = (const residual *)self;
    size_t d = m->base.d, h = m->hidden;
    double *v = jf_push_bytes(work, d * sizeof *v), sigma;
    for (int second = 0; second < 2; second++) {
        size_t at = second ? parts_of(m).v : parts_of(m).u;
        size_t step = second ? 1 : d, stride = second ? h : 1;
        const real *raw = w.theta + at, *dw = d_derived + second * h * d;
        JF_TRY(norm_of(m, w.theta, second, &sigma, v, work));
        double scale = sigma > sqrt(m->c) ? sqrt(m->c) / sigma : 1, along = 0;
        for (size_t k = 0; scale < 1 && k < h * d; k++)
            along += (double)dw[k] * (double)raw[k] / sigma;
        for (size_t k = 0; k < h; k++) {
            double u = 0;
            for (size_t i = 0; i < d; i++)
                u += (double)raw[k * step + i * stride] * v[i] / sigma;
            for (size_t i = 0; i < d; i++) {
                size_t e = k * step + i * stride;
                double own = (double)dw[e];
                grad[at + e] +=
                    (real)(scale < 1 ? scale * (own - along * u * v[i]) : own);
            }
        }
    }
    jf_pop(work, v);
    return GSL_SUCCESS;
}

typedef struct { /* views of theta and derived */
    const real *u, *v, *b, *a;
} weights;

static weights weights_of(const residual *m, jf_weights w)
{
    parts p = parts_of(m);
    return (weights){w.derived, w.derived + m->hidden * m->base.d,
                     w.theta + p.b, w.theta + p.a};
}

/* g (d), h (hidden) = tanh(U x + b), and unless NULL jacobian (d, d) of z. */
static void evaluate(const residual *m, weights w, const double *x, double *g,
                     double *h, double *jacobian)
{
    size_t d = m->base.d, n = m->hidden;
    for (size_t i = 0; i < d; i++) {
        g[i] = (double)w.a[i];
        for (size_t j = 0; jacobian && j < d; j++)
            jacobian[i * d + j] = i == j;
    }
    for (size_t k = 0; k < n; k++) {
        double t = (double)w.b[k];
        for (size_t j = 0; j < d; j++)
            t += (double)w.u[k * d + j] * x[j];
        h[k] = tanh(t);
        double s = 1 - h[k] * h[k];
        for (size_t i = 0; i < d; i++) {
            double v = (double)w.v[i * n + k];
            g[i] += v * h[k];
            for (size_t j = 0; jacobian && j < d; j++)
                jacobian[i * d + j] += v * s * (double)w.u[k * d + j];
        }
    }
}

static int forward(const jf_layer *self, jf_weights w, jf_matrix x,
                   double *log_abs_det, jf_work *work)
{
    const residual *m = (const residual *)self;
    size_t d = self->d;
    if (work->tape != JF_TAPE_NONE) /* the iteration would be costly */
        jf_matrix_copy(jf_push_matrix(work, x.rows, d), jf_const(x));
    double *row =
        jf_push_bytes(work, (2 * d + m->hidden + d * d) * sizeof *row);
    double *g = row + d, *h = g + d, *jacobian = h + m->hidden, ld;
    for (size_t i = 0; i < x.rows; i++) {
        for (size_t j = 0; j < d; j++)
            row[j] = (double)jf_row(x, i)[j];
        evaluate(m, weights_of(m, w), row, g, h, jacobian);
        JF_TRY(jf_log_abs_det(d, jacobian, &ld));
        log_abs_det[i] += ld;
        for (size_t j = 0; j < d; j++)
            jf_row(x, i)[j] = (real)(row[j] + g[j]);
    }
    jf_pop(work, row);
    return GSL_SUCCESS;
}

/* x := z - g(x) until the error bound is met. */
static int iterate(const residual *m, weights w, const double *z, double *x,
                   double *g, double *h)
{
    size_t d = m->base.d;
    size_t most = (size_t)(64 * log(2.0) / -log(m->c)) + 64;
    memcpy(x, z, d * sizeof *x);
    for (size_t k = 0; k < most; k++) {
        double moved = 0, size = 0, size_z = 0;
        evaluate(m, w, x, g, h, NULL);
        for (size_t j = 0; j < d; j++) {
            double next = z[j] - g[j];
            moved += (next - x[j]) * (next - x[j]);
            size += next * next;
            size_z += z[j] * z[j];
            x[j] = next;
        }
        if (!(sqrt(moved) > 16 * DBL_EPSILON * (1 + sqrt(size) + sqrt(size_z))))
            return GSL_SUCCESS; /* or NaN, which stays */
    }
    JF_ERROR("the fixed point did not settle", GSL_EMAXITER);
}

static int inverse(const jf_layer *self, jf_weights w, jf_matrix z,
                   jf_work *work)
{
    const residual *m = (const residual *)self;
    size_t d = self->d;
    double *row = jf_push_bytes(work, (3 * d + m->hidden) * sizeof *row);
    double *x = row + d, *g = x + d, *h = g + d;
    for (size_t i = 0; i < z.rows; i++) {
        for (size_t j = 0; j < d; j++)
            row[j] = (double)jf_row(z, i)[j];
        JF_TRY(iterate(m, weights_of(m, w), row, x, g, h));
        for (size_t j = 0; j < d; j++)
            jf_row(z, i)[j] = (real)x[j];
    }
    jf_pop(work, row);
    return GSL_SUCCESS;
}

/* The gradient of one row; dz (d) becomes dx.  p = J^-1, c = dL/dlog|det|: with
 * y = p V_k and q = U_k . y, log |det| has the derivative q by s_k. */
static void row_gradient(const residual *m, weights w, const double *x,
                         const double *h, const double *p, double c, double *dz,
                         double *dx, double *d_theta, double *d_derived)
{
    size_t d = m->base.d, n = m->hidden;
    parts at = parts_of(m);
    double *du = d_derived, *dv = d_derived + n * d, *y = dx + d, *left = y + d;
    for (size_t i = 0; i < d; i++) {
        dx[i] = dz[i];
        d_theta[at.a + i] += dz[i];
    }
    for (size_t k = 0; k < n; k++) {
        double s = 1 - h[k] * h[k], along = 0, q = 0;
        const real *u = w.u + k * d;
        for (size_t i = 0; i < d; i++) {
            y[i] = left[i] = 0;
            for (size_t j = 0; j < d; j++) {
                y[i] += p[i * d + j] * (double)w.v[j * n + k];
                left[i] += p[j * d + i] * (double)u[j];
            }
            along += (double)w.v[i * n + k] * dz[i];
            q += (double)u[i] * y[i];
        }
        double dt = s * (along - 2 * c * q * h[k]);
        d_theta[at.b + k] += dt;
        for (size_t i = 0; i < d; i++) {
            dx[i] += dt * (double)u[i];
            du[k * d + i] += dt * x[i] + c * s * y[i];
            dv[i * n + k] += dz[i] * h[k] + c * s * left[i];
        }
    }
    memcpy(dz, dx, d * sizeof *dz);
}

static int backward(const jf_layer *self, jf_weights w, jf_matrix z,
                    jf_matrix dz, const double *d_log_abs_det, jf_grad grad,
                    jf_work *work)
{
    const residual *m = (const residual *)self;
    size_t d = self->d, n = self->module.n_params;
    size_t pulled = self->module.n_pulled;
    real *old = jf_top(work);
    double *d_theta = jf_push_bytes(
        work, (n + pulled + 6 * d + m->hidden + d * d) * sizeof *d_theta);
    double *d_derived = d_theta + n, *x = d_derived + pulled, *g = x + d;
    double *dx = g + d, *cotangent = dx + 3 * d, *h = cotangent + d;
    double *jacobian = h + m->hidden, unused;

    memset(d_theta, 0, (n + pulled) * sizeof *d_theta);
    jf_matrix_copy(z, jf_const_view(old, z.rows, d));
    for (size_t i = 0; i < z.rows; i++) {
        for (size_t j = 0; j < d; j++) {
            x[j] = (double)jf_row(z, i)[j];
            cotangent[j] = (double)jf_row(dz, i)[j];
        }
        evaluate(m, weights_of(m, w), x, g, h, jacobian);
        JF_TRY(jf_invert(d, jacobian, &unused));
        row_gradient(m, weights_of(m, w), x, h, jacobian, d_log_abs_det[i],
                     cotangent, dx, d_theta, d_derived);
        for (size_t j = 0; j < d; j++)
            jf_row(dz, i)[j] = (real)cotangent[j];
    }
    for (size_t k = 0; k < n; k++)
        grad.theta[k] += (real)d_theta[k];
    for (size_t k = 0; k < pulled; k++)
        grad.derived[k] += (real)d_derived[k];
    jf_pop(work, d_theta);
    jf_pop(work, old);
    return GSL_SUCCESS;
}

/* 1 -+ |U| |V|, of the matrices as they are used. */
static int bounds(const jf_layer *self, jf_weights w, double radius,
                  double *least, double *largest, jf_work *work)
{
    const residual *m = (const residual *)self;
    size_t d = self->d, h = m->hidden;
    weights at = weights_of(m, w);
    double *v = jf_push_bytes(work, d * sizeof *v), u_norm, v_norm;
    (void)radius;
    JF_TRY(jf_largest_singular(h, d, at.u, d, 1, &u_norm, v, work));
    JF_TRY(jf_largest_singular(h, d, at.v, 1, h, &v_norm, v, work));
    double c = u_norm * v_norm * (1 + 16 * (double)d * DBL_EPSILON);
    *least = fmax(1 - c, 0);
    *largest = 1 + c;
    jf_pop(work, v);
    return GSL_SUCCESS;
}

static const jf_layer_ops ops = {
    .module = {.init = init, .prepare = prepare, .pull = pull},
    .forward = forward,
    .inverse = inverse,
    .backward = backward,
    .bounds = bounds};

jf_layer *ridge_residual(size_t d, size_t hidden, double c)
{
    if (d == 0 || hidden == 0 || !(c > 0 && c < 1))
        JF_ERROR_NULL("a residual layer needs columns, a width and c in (0, 1)",
                      GSL_EINVAL);
    residual *m = (residual *)jf_layer_new(sizeof *m, "residual", &ops, d,
                                           2 * hidden * d + hidden + d);
    if (!m)
        return NULL;
    m->hidden = hidden;
    m->c = c;
    m->base.module.n_derived = m->base.module.n_pulled = 2 * hidden * d;
    m->base.n_saved = d;
    return jf_layer_record(&m->base, "d=%zu, hidden=%zu, c=%.17g", d, hidden,
                           c);
}
