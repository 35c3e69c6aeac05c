/* brenier.c -- z = grad phi(x), phi strongly convex:
 *
 *     phi(x) = x' A x / 2 + b . x + sum_k c_k softplus(u_k . x + o_k),
 *     z = A x + b + sum_k c_k s_k u_k,    s_k = sigmoid(u_k . x + o_k),
 *     J = A + sum_k c_k s_k (1 - s_k) u_k u_k',     A = C C', c_k > 0.
 *
 * Transport maps of quadratic cost are gradients of convex functions (Brenier
 * 1991), and sums of ridges come near any of them.  theta: C (d (d + 1) / 2,
 * lower triangle by rows, its diagonal as logs), b (d), then by ridge u (d),
 * o, log c.  Derived: A.
 *
 * log |det J| and its gradient come from J itself, O(d^3) a row, in double.
 * The inverse minimises phi(x) - z . x by Newton steps with backtracking; as J
 * >= A, an error bound is |grad phi(x) - z| / lambda_min(A). */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/stream.h"
#include "layer/layers.h"
#include "linalg/factor.h"

enum { STEPS = 200 };

typedef struct {
    jf_layer base;
    size_t ridges;
} brenier;

static size_t triangle(size_t d)
{
    return d * (d + 1) / 2;
}

/* Parts of theta, or of its gradient. */
static size_t at_bias(const brenier *m)
{
    return triangle(m->base.d);
}

static size_t at_ridge(const brenier *m, size_t k)
{
    size_t d = m->base.d;
    return triangle(d) + d + k * (d + 2);
}

/* Ridges that cross the cloud of rows: directions at random, as steep as the
 * cloud is narrow, each through a row of its own; together of weight 1. */
static int init(const jf_layer *self, real *theta, jf_const_matrix x,
                gsl_rng *rng, jf_work *work)
{
    const brenier *m = (const brenier *)self;
    size_t d = self->d;
    double total = 0;
    (void)work;
    memset(theta, 0, self->module.n_params * sizeof *theta);
    for (size_t i = 0; i < x.rows; i++)
        for (size_t j = 0; j < d; j++)
            total += (double)(jf_const_row(x, i)[j] * jf_const_row(x, i)[j]);
    double slope = total > 0 ? 2 / sqrt(total / (double)(x.rows * d)) : 2;
    for (size_t k = 0; k < m->ridges; k++) {
        real *u = theta + at_ridge(m, k);
        const real *row = jf_const_row(x, gsl_rng_uniform_int(rng, x.rows));
        for (size_t j = 0; j < d; j++) {
            u[j] = (real)jf_stream_normal(rng, slope / sqrt((double)d));
            u[d] -= u[j] * row[j];
        }
        u[d + 1] = (real)-log(slope * (double)m->ridges);
    }
    return GSL_SUCCESS;
}

/* c (d, d) := the factor C. */
static void factor(size_t d, const real *theta, double *c)
{
    memset(c, 0, d * d * sizeof *c);
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j <= i; j++, theta++)
            c[i * d + j] = i == j ? exp((double)*theta) : (double)*theta;
}

static int prepare(const jf_module *self, const real *theta, real *derived,
                   jf_work *work)
{
    size_t d = ((const jf_layer *)self)->d;
    double *c = jf_push_bytes(work, 2 * d * d * sizeof *c), *a = c + d * d;
    factor(d, theta, c);
    jf_dgemm(JF_NT, d, d, d, 1, c, c, 0, a);
    for (size_t i = 0; i < d * d; i++)
        derived[i] = (real)a[i];
    jf_pop(work, c);
    return GSL_SUCCESS;
}

/* A = C C': dC = (dA + dA') C below the diagonal. */
static int pull(const jf_module *self, jf_weights w, const real *d_derived,
                real *grad, jf_work *work)
{
    size_t d = ((const jf_layer *)self)->d;
    double *c = jf_push_bytes(work, d * d * sizeof *c);
    factor(d, w.theta, c);
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j <= i; j++, grad++) {
            double sum = 0;
            for (size_t k = 0; k < d; k++)
                sum += (double)(d_derived[i * d + k] + d_derived[k * d + i]) *
                       c[k * d + j];
            *grad += (real)(i == j ? sum * c[i * d + j] : sum);
        }
    jf_pop(work, c);
    return GSL_SUCCESS;
}

typedef struct { /* one ridge at x */
    const real *u;
    double t, weight, s, bend; /* argument, c, sigmoid, its derivative */
} ridge;

static ridge ridge_at(const brenier *m, jf_weights w, size_t k, const double *x)
{
    size_t d = m->base.d;
    ridge r = {.u = w.theta + at_ridge(m, k)};
    r.t = (double)r.u[d];
    for (size_t j = 0; j < d; j++)
        r.t += (double)r.u[j] * x[j];
    r.weight = exp((double)r.u[d + 1]);
    double e = exp(-fabs(r.t));
    r.s = (r.t > 0 ? 1 : e) / (1 + e);
    r.bend = e / ((1 + e) * (1 + e));
    return r;
}

/* z (d) and jacobian (d, d) at x. */
static void evaluate(const brenier *m, jf_weights w, const double *x, double *z,
                     double *jacobian)
{
    size_t d = m->base.d;
    const real *a = w.derived, *b = w.theta + at_bias(m);
    for (size_t i = 0; i < d; i++) {
        z[i] = (double)b[i];
        for (size_t j = 0; j < d; j++) {
            jacobian[i * d + j] = (double)a[i * d + j];
            z[i] += (double)a[i * d + j] * x[j];
        }
    }
    for (size_t k = 0; k < m->ridges; k++) {
        ridge r = ridge_at(m, w, k, x);
        for (size_t i = 0; i < d; i++) {
            double ui = (double)r.u[i];
            z[i] += r.weight * r.s * ui;
            for (size_t j = 0; j < d; j++)
                jacobian[i * d + j] += r.weight * r.bend * ui * (double)r.u[j];
        }
    }
}

/* phi(x) - target . x, which the inverse minimises. */
static double potential(const brenier *m, jf_weights w, const double *x,
                        const double *target)
{
    size_t d = m->base.d;
    const real *a = w.derived, *b = w.theta + at_bias(m);
    double sum = 0;
    for (size_t i = 0; i < d; i++) {
        double row = (double)b[i] - target[i];
        for (size_t j = 0; j < d; j++)
            row += 0.5 * (double)a[i * d + j] * x[j];
        sum += x[i] * row;
    }
    for (size_t k = 0; k < m->ridges; k++) {
        ridge r = ridge_at(m, w, k, x);
        sum += r.weight * (fmax(r.t, 0) + log1p(exp(-fabs(r.t))));
    }
    return sum;
}

static void widen(size_t d, const real *from, double *to)
{
    for (size_t j = 0; j < d; j++)
        to[j] = (double)from[j];
}

static void narrow(size_t d, const double *from, real *to)
{
    for (size_t j = 0; j < d; j++)
        to[j] = (real)from[j];
}

static int forward(const jf_layer *self, jf_weights w, jf_matrix x,
                   double *log_abs_det, jf_work *work)
{
    const brenier *m = (const brenier *)self;
    size_t d = self->d;
    if (work->tape != JF_TAPE_NONE) /* Newton steps would be costly */
        jf_matrix_copy(jf_push_matrix(work, x.rows, d), jf_const(x));
    double *row = jf_push_bytes(work, (2 * d + d * d) * sizeof *row), ld;
    double *z = row + d, *jacobian = z + d;
    for (size_t i = 0; i < x.rows; i++) {
        widen(d, jf_row(x, i), row);
        evaluate(m, w, row, z, jacobian);
        JF_TRY(jf_log_abs_det(d, jacobian, &ld));
        log_abs_det[i] += ld;
        narrow(d, z, jf_row(x, i));
    }
    jf_pop(work, row);
    return GSL_SUCCESS;
}

static double dot(size_t d, const double *a, const double *b)
{
    double sum = 0;
    for (size_t j = 0; j < d; j++)
        sum += a[j] * b[j];
    return sum;
}

/* One Newton step of phi(x) - target . x from x; *size := |step| / (1 + |x|).
 * Steps so small that phi does not show them are taken whole. */
static int newton(const brenier *m, jf_weights w, const double *target,
                  double *x, double *size, double *scratch)
{
    size_t d = m->base.d;
    double *z = scratch, *step = z + d, *next = step + d, *jacobian = next + d;
    double value = potential(m, w, x, target), unused;
    evaluate(m, w, x, z, jacobian);
    JF_TRY(jf_invert(d, jacobian, &unused));
    for (size_t i = 0; i < d; i++)
        z[i] = target[i] - z[i];
    for (size_t i = 0; i < d; i++)
        step[i] = dot(d, jacobian + i * d, z);
    double gain = dot(d, step, z), rate = 1;
    *size = sqrt(dot(d, step, step)) / (1 + sqrt(dot(d, x, x)));
    for (;; rate /= 2) {
        for (size_t i = 0; i < d; i++)
            next[i] = x[i] + rate * step[i];
        if (*size < 1e-6 || rate < 1e-10 ||
            potential(m, w, next, target) <= value - 1e-4 * rate * gain)
            break;
    }
    memcpy(x, next, d * sizeof *x);
    return GSL_SUCCESS;
}

static int inverse(const jf_layer *self, jf_weights w, jf_matrix z,
                   jf_work *work)
{
    const brenier *m = (const brenier *)self;
    size_t d = self->d;
    double *target = jf_push_bytes(work, (5 * d + d * d) * sizeof *target);
    double *x = target + d, size = 1;
    for (size_t i = 0; i < z.rows; i++) {
        widen(d, jf_row(z, i), target);
        memset(x, 0, d * sizeof *x);
        size = 1;
        for (int step = 0; step < STEPS && size > 4 * DBL_EPSILON; step++)
            JF_TRY(newton(m, w, target, x, &size, x + d));
        if (!(size <= 1e3 * DBL_EPSILON) && !isnan(dot(d, target, target)))
            JF_ERROR("Newton's method did not settle", GSL_EMAXITER);
        narrow(d, x, jf_row(z, i));
    }
    jf_pop(work, target);
    return GSL_SUCCESS;
}

/* The gradient of one row, added to d_theta and d_a; g = dz becomes dx, c is
 * the derivative by log |det J|, p = J^-1. */
static void row_gradient(const brenier *m, jf_weights w, const double *x,
                         double *g, double c, const double *jacobian,
                         const double *p, double *d_theta, double *d_a,
                         double *dx)
{
    size_t d = m->base.d;
    double *y = dx + d;
    for (size_t i = 0; i < d; i++) {
        dx[i] = dot(d, jacobian + i * d, g);
        d_theta[at_bias(m) + i] += g[i];
        for (size_t j = 0; j < d; j++)
            d_a[i * d + j] += g[i] * x[j] + c * p[i * d + j];
    }
    for (size_t k = 0; k < m->ridges; k++) {
        ridge r = ridge_at(m, w, k, x);
        double along = 0, q = 0, *du = d_theta + at_ridge(m, k);
        for (size_t i = 0; i < d; i++) {
            y[i] = 0;
            for (size_t j = 0; j < d; j++)
                y[i] += p[i * d + j] * (double)r.u[j];
            along += (double)r.u[i] * g[i];
            q += (double)r.u[i] * y[i];
        }
        double twice = r.bend * (1 - 2 * r.s); /* second derivative */
        double dt = r.weight * (r.bend * along + c * twice * q);
        du[d] += dt;
        du[d + 1] += r.weight * (r.s * along + c * r.bend * q);
        for (size_t i = 0; i < d; i++) {
            du[i] +=
                dt * x[i] + r.weight * (r.s * g[i] + 2 * c * r.bend * y[i]);
            dx[i] += c * r.weight * twice * q * (double)r.u[i];
        }
    }
    memcpy(g, dx, d * sizeof *g);
}

static int backward(const jf_layer *self, jf_weights w, jf_matrix z,
                    jf_matrix dz, const double *d_log_abs_det, jf_grad grad,
                    jf_work *work)
{
    const brenier *m = (const brenier *)self;
    size_t d = self->d, n = self->module.n_params;
    real *old = jf_top(work);
    double *d_theta =
        jf_push_bytes(work, (n + 5 * d + 3 * d * d) * sizeof *d_theta);
    double *d_a = d_theta + n, *jacobian = d_a + d * d, *p = jacobian + d * d;
    double *x = p + d * d, *g = x + d, *y = g + d, unused;

    memset(d_theta, 0, (n + d * d) * sizeof *d_theta);
    jf_matrix_copy(z, jf_const_view(old, z.rows, d));
    for (size_t i = 0; i < z.rows; i++) {
        widen(d, jf_row(z, i), x);
        widen(d, jf_row(dz, i), g);
        evaluate(m, w, x, y, jacobian);
        memcpy(p, jacobian, d * d * sizeof *p);
        JF_TRY(jf_invert(d, p, &unused));
        row_gradient(m, w, x, g, d_log_abs_det[i], jacobian, p, d_theta, d_a,
                     y);
        narrow(d, g, jf_row(dz, i));
    }
    for (size_t k = 0; k < n; k++)
        grad.theta[k] += (real)d_theta[k];
    for (size_t k = 0; k < d * d; k++)
        grad.derived[k] += (real)d_a[k];
    jf_pop(work, d_theta);
    jf_pop(work, old);
    return GSL_SUCCESS;
}

/* A <= J <= A + sum c_k u_k u_k' / 4. */
static int bounds(const jf_layer *self, jf_weights w, double radius,
                  double *least, double *largest, jf_work *work)
{
    const brenier *m = (const brenier *)self;
    size_t d = self->d;
    double *a = jf_push_bytes(work, (2 * d * d + 2 * d) * sizeof *a);
    double *top = a + d * d, *lambda = top + d * d;
    (void)radius;
    for (size_t i = 0; i < d * d; i++)
        top[i] = a[i] = (double)w.derived[i];
    for (size_t k = 0; k < m->ridges; k++) {
        const real *u = w.theta + at_ridge(m, k);
        for (size_t i = 0; i < d * d; i++)
            top[i] += 0.25 * exp((double)u[d + 1]) * (double)u[i / d] *
                      (double)u[i % d];
    }
    JF_TRY(jf_eigen_symmetric(d, a, lambda, 0));
    JF_TRY(jf_eigen_symmetric(d, top, lambda + d, 0));
    double error = 16 * (double)d * DBL_EPSILON * lambda[d];
    *least = fmax(lambda[d - 1] - error, 0);
    *largest = lambda[d] + error;
    jf_pop(work, a);
    return GSL_SUCCESS;
}

static const jf_layer_ops ops = {.module = {.prepare = prepare, .pull = pull},
                                 .init_from_data = init,
                                 .forward = forward,
                                 .inverse = inverse,
                                 .backward = backward,
                                 .bounds = bounds};

jf_layer *jf_brenier(size_t d, size_t ridges)
{
    if (d == 0)
        JF_ERROR_NULL("a layer needs at least one column", GSL_EINVAL);
    brenier *m = (brenier *)jf_layer_new(sizeof *m, "brenier", &ops, d,
                                         triangle(d) + d + ridges * (d + 2));
    if (!m)
        return NULL;
    m->ridges = ridges;
    m->base.module.n_derived = m->base.module.n_pulled = d * d;
    m->base.n_saved = d;
    return jf_layer_record(&m->base, "d=%zu, ridges=%zu", d, ridges);
}
