/* mlp.c -- h_0 = in, h_l = a(W_l h_{l-1} + b_l), out = W_L h_{L-1} + b_L.
 *
 * theta: W_1 (hidden, n_in), b_1, .., W_L (n_out, .), b_L.  saved: h_1 ..
 * h_{L-1}, each (n, hidden); every activation has its slope as a function of
 * its value.  Weight gradients are sums over the rows of a chunk in the
 * build's precision.  With a bound on
 * |W| the matrices used are W min(1, k / |W|). */
#include "base/clones.h"
#include "base/error.h"
#include "base/stream.h"
#include "linalg/blas.h"
#include "linalg/spectral.h"
#include "net/activation.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    jf_net base;
    size_t hidden, layers; /* layers: depth + 1 */
    jf_activation activation;
    int biases;
    double norm_bound; /* of |W_l|; 0: no bound */
} mlp;

typedef struct { /* one affine map in theta */
    size_t n_in, n_out;
    size_t first, next; /* its slice of theta */
} affine;

static affine affine_of(const mlp *m, size_t l)
{
    affine a = {m->base.n_in, m->hidden, 0, 0};
    for (size_t k = 0;; k++) {
        a.n_in = k == 0 ? m->base.n_in : m->hidden;
        a.n_out = k + 1 == m->layers ? m->base.n_out : m->hidden;
        a.first = a.next;
        a.next += (a.n_in + (m->biases ? 1 : 0)) * a.n_out;
        if (k == l)
            return a;
    }
}

static jf_const_matrix weights(affine a, const real *theta)
{
    return jf_const_view(theta + a.first, a.n_out, a.n_in);
}

static jf_matrix gradient(affine a, real *grad)
{
    return jf_view(grad + a.first, a.n_out, a.n_in);
}

static int init(const jf_module *self, real *theta, gsl_rng *rng, jf_work *work)
{
    const mlp *m = (const mlp *)self;
    (void)work;
    memset(theta, 0, self->n_params * sizeof *theta);
    for (size_t l = 0; l + 1 < m->layers; l++) {
        affine a = affine_of(m, l);
        double sd = m->activation == JF_RELU
                        ? sqrt(2.0 / (double)a.n_in)
                        : sqrt(2.0 / (double)(a.n_in + a.n_out));
        for (size_t i = 0; i < a.n_out * a.n_in; i++)
            theta[a.first + i] = (real)jf_stream_normal(rng, sd);
    }
    return GSL_SUCCESS;
}

/* For the right vector of any of the matrices. */
static double *push_vector(const mlp *m, jf_work *work)
{
    return jf_push_bytes(work, (m->base.n_in + m->hidden + 1) * sizeof(double));
}

/* |W| and its right vector v (n_in). */
static int norm_of(affine a, const real *theta, double *sigma, double *v,
                   jf_work *work)
{
    return jf_largest_singular(a.n_out, a.n_in, theta + a.first, a.n_in, 1,
                               sigma, v, work);
}

static int prepare(const jf_module *self, const real *theta, real *derived,
                   jf_work *work)
{
    const mlp *m = (const mlp *)self;
    double *v = push_vector(m, work);
    memcpy(derived, theta, self->n_params * sizeof *derived);
    for (size_t l = 0; l < m->layers; l++) {
        affine a = affine_of(m, l);
        double sigma;
        JF_TRY(norm_of(a, theta, &sigma, v, work));
        for (size_t i = 0; sigma > m->norm_bound && i < a.n_out * a.n_in; i++)
            derived[a.first + i] *= (real)(m->norm_bound / sigma);
    }
    jf_pop(work, v);
    return GSL_SUCCESS;
}

/* W' = k W / sigma: dW = k / sigma (dW' - (dW' . W / sigma) u v'), W v = sigma
 * u. */
static int pull(const jf_module *self, jf_weights w, const real *d_derived,
                real *grad, jf_work *work)
{
    const mlp *m = (const mlp *)self;
    double *v = push_vector(m, work);
    for (size_t l = 0; l < m->layers; l++) {
        affine a = affine_of(m, l);
        double sigma, along = 0;
        JF_TRY(norm_of(a, w.theta, &sigma, v, work));
        double scale = sigma > m->norm_bound ? m->norm_bound / sigma : 1;
        const real *raw = w.theta + a.first, *dw = d_derived + a.first;
        for (size_t i = 0; scale < 1 && i < a.n_out * a.n_in; i++)
            along += (double)dw[i] * (double)raw[i] / sigma;
        for (size_t i = 0; i < a.n_out; i++) {
            double u = 0;
            for (size_t j = 0; scale < 1 && j < a.n_in; j++)
                u += (double)raw[i * a.n_in + j] * v[j] / sigma;
            for (size_t j = 0; j < a.n_in; j++) {
                size_t e = i * a.n_in + j;
                double own = scale < 1 ? along * u * v[j] : 0;
                grad[a.first + e] += (real)(scale * ((double)dw[e] - own));
            }
        }
        for (size_t e = a.first + a.n_in * a.n_out; e < a.next; e++)
            grad[e] += d_derived[e]; /* the biases */
    }
    jf_pop(work, v);
    return GSL_SUCCESS;
}

static int forward(const jf_net *self, const real *theta, jf_const_matrix in,
                   jf_matrix out, real *saved, jf_work *work)
{
    const mlp *m = (const mlp *)self;
    for (size_t l = 0; l < m->layers; l++) {
        affine a = affine_of(m, l);
        int last = l + 1 == m->layers;
        const real *b = m->biases ? theta + a.first + a.n_in * a.n_out : NULL;
        jf_matrix h = last ? out : jf_view(saved, in.rows, m->hidden);
        int relu = !last && m->activation == JF_RELU;
        JF_TRY(jf_affine_divided(in, weights(a, theta), b, relu, h, work));
        if (!last && !relu)
            jf_activate(m->activation, h.rows * h.cols, h.data);
        in = jf_const(h);
        saved += in.rows * m->hidden;
    }
    return GSL_SUCCESS;
}

/* ds, unless NULL: depth (n, hidden), what the loss has as derivatives by the
 * slopes of hidden units; it is spoiled. */
static int backward_slopes(const mlp *m, const real *theta, jf_const_matrix in,
                           const real *saved, jf_matrix dout, real *ds,
                           jf_matrix din, real *grad, jf_work *work)
{
    size_t n = in.rows, size = n * m->hidden;
    real *buffer = jf_push(work, 2 * size);
    jf_matrix dh = dout;

    for (size_t l = m->layers; l-- > 0;) {
        affine a = affine_of(m, l);
        jf_const_matrix h = in;
        if (l > 0)
            h = jf_const_view(saved + (l - 1) * size, n, m->hidden);
        JF_TRY(jf_gemm_divided(JF_TRANSPOSED, JF_PLAIN, jf_const(dh), h, 1,
                               gradient(a, grad), work));
        if (m->biases)
            jf_add_rows(jf_const(dh), grad + a.first + a.n_in * a.n_out);
        jf_matrix below =
            l > 0 ? jf_view(buffer + (l % 2) * size, n, m->hidden) : din;
        JF_TRY(jf_gemm_divided(JF_PLAIN, JF_PLAIN, jf_const(dh),
                               weights(a, theta), l == 0, below, work));
        if (l > 0)
            jf_activation_slope(m->activation, size, h.data, below.data);
        if (l > 0 && ds) {
            real *own = ds + (l - 1) * size;
            jf_activation_curvature(m->activation, size, h.data, own);
            jf_add_rows(jf_const_view(own, 1, size), below.data);
        }
        dh = below;
    }
    jf_pop(work, buffer);
    return GSL_SUCCESS;
}

static int backward(const jf_net *self, const real *theta, jf_const_matrix in,
                    const real *saved, jf_matrix dout, jf_matrix din,
                    real *grad, jf_work *work)
{
    return backward_slopes((const mlp *)self, theta, in, saved, dout, NULL, din,
                           grad, work);
}

/* The Jacobian as tangents: row i n_in + k of T_l is d h_l / d in_k at row i,
 * T_l = s_l A_l for the slopes s_l = a'(u_l) of row i and A_l = T_{l-1} W_l',
 * A_1 = W_1' for every row.  kept: A_2 .. A_{L-1}. */

/* slope (n, hidden) of hidden layer l >= 1. */
static void slopes(const mlp *m, size_t l, size_t n, const real *saved,
                   real *slope)
{
    size_t size = n * m->hidden;
    for (size_t i = 0; i < size; i++)
        slope[i] = 1;
    jf_activation_slope(m->activation, size, saved + (l - 1) * size, slope);
}

/* t := slope a, where a has step rows for each row of slope; 0: the same ones
 * for all. */
JF_CLONES static void multiply_slopes(size_t n, size_t per, size_t cols,
                                      size_t step, const real *restrict slope,
                                      const real *a, real *t)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < per; k++)
            for (size_t j = 0; j < cols; j++)
                t[(i * per + k) * cols + j] =
                    a[(i * step + k) * cols + j] * slope[i * cols + j];
}

/* ds (n, cols) := the sum over k of dt a; dt := slope dt. */
JF_CLONES static void multiply_slopes_back(size_t n, size_t per, size_t cols,
                                           size_t step,
                                           const real *restrict slope,
                                           const real *restrict a,
                                           real *restrict dt, real *restrict ds)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < per; k++)
            for (size_t j = 0; j < cols; j++) {
                real d = dt[(i * per + k) * cols + j];
                real own = d * a[(i * step + k) * cols + j];
                ds[i * cols + j] = k ? ds[i * cols + j] + own : own;
                dt[(i * per + k) * cols + j] = d * slope[i * cols + j];
            }
}

static void transpose(jf_const_matrix w, real *to)
{
    for (size_t i = 0; i < w.rows; i++)
        for (size_t j = 0; j < w.cols; j++)
            to[j * w.rows + i] = jf_const_row(w, i)[j];
}

static int jacobian(const jf_net *self, const real *theta, jf_const_matrix in,
                    const real *saved, jf_matrix out, real *kept, jf_work *work)
{
    const mlp *m = (const mlp *)self;
    size_t n = in.rows, n_in = self->n_in, h = m->hidden, tall = n * n_in;
    size_t width = m->layers > 1 ? h : self->n_out;
    real *w = jf_push(work, n_in * width + n * h + 2 * tall * h);
    real *slope = w + n_in * width;
    jf_matrix t = jf_view(slope + n * h, tall, h);
    jf_matrix other = jf_view(t.data + tall * h, tall, h);

    transpose(weights(affine_of(m, 0), theta), w);
    for (size_t i = 0; m->layers == 1 && i < n; i++)
        memcpy(jf_row(out, i * n_in), w, n_in * width * sizeof *w);
    for (size_t l = 1; l < m->layers; l++) {
        jf_matrix a = jf_view(w, n_in, h);
        if (l > 1) {
            a = kept ? jf_view(kept + (l - 2) * tall * h, tall, h) : other;
            jf_gemm(JF_PLAIN, JF_TRANSPOSED, 1, jf_const(t),
                    weights(affine_of(m, l - 1), theta), 0, a);
        }
        slopes(m, l, n, saved, slope);
        multiply_slopes(n, n_in, h, l > 1 ? n_in : 0, slope, a.data, t.data);
    }
    if (m->layers > 1)
        jf_gemm(JF_PLAIN, JF_TRANSPOSED, 1, jf_const(t),
                weights(affine_of(m, m->layers - 1), theta), 0, out);
    jf_pop(work, w);
    return GSL_SUCCESS;
}

/* From dA_L = d_out down: dW_l += dA_l' T_{l-1}, dT_{l-1} = dA_l W_l, and so
 * dA_{l-1} = s dT_{l-1}, ds_{l-1} = sum over tangents of A dT. */
static int jacobian_backward(const jf_net *self, const real *theta,
                             jf_const_matrix in, const real *saved,
                             const real *kept, jf_matrix dout,
                             jf_matrix d_jacobian, jf_matrix din, real *grad,
                             jf_work *work)
{
    const mlp *m = (const mlp *)self;
    size_t n = in.rows, n_in = self->n_in, h = m->hidden, tall = n * n_in;
    real *w = jf_push(work, n_in * h + m->layers * n * h + 3 * tall * h);
    real *slope = w + n_in * h, *ds = slope + n * h;
    real *t = ds + (m->layers - 1) * n * h, *buffer = t + tall * h;
    jf_matrix da = d_jacobian;

    if (m->layers > 1)
        transpose(weights(affine_of(m, 0), theta), w);
    for (size_t l = m->layers - 1; l > 0; l--) {
        affine own = affine_of(m, l);
        const real *a = l > 1 ? kept + (l - 2) * tall * h : w;
        size_t step = l > 1 ? n_in : 0;
        jf_matrix dt = jf_view(buffer + (l % 2) * tall * h, tall, h);
        slopes(m, l, n, saved, slope);
        multiply_slopes(n, n_in, h, step, slope, a, t);
        jf_gemm(JF_TRANSPOSED, JF_PLAIN, 1, jf_const(da),
                jf_const_view(t, tall, h), 1, gradient(own, grad));
        jf_gemm(JF_PLAIN, JF_PLAIN, 1, jf_const(da), weights(own, theta), 0,
                dt);
        multiply_slopes_back(n, n_in, h, step, slope, a, dt.data,
                             ds + (l - 1) * n * h);
        da = dt;
    }
    jf_matrix dw = gradient(affine_of(m, 0), grad);
    for (size_t r = 0; r < tall; r++)
        for (size_t j = 0; j < dw.rows; j++)
            jf_row(dw, j)[r % n_in] += jf_row(da, r)[j];
    JF_TRY(backward_slopes(m, theta, in, saved, dout, ds, din, grad, work));
    jf_pop(work, w);
    return GSL_SUCCESS;
}

/* The product of the matrices' norms, of the last one only the rows asked
 * for. */
static int lipschitz(const jf_net *self, const real *theta, size_t first,
                     size_t count, double *constant, jf_work *work)
{
    const mlp *m = (const mlp *)self;
    double *v = push_vector(m, work);
    *constant = 1;
    for (size_t l = 0; l < m->layers; l++) {
        affine a = affine_of(m, l);
        double sigma, scale = 1;
        if (m->norm_bound > 0) { /* as prepare scales the whole matrix */
            JF_TRY(norm_of(a, theta, &sigma, v, work));
            scale = sigma > m->norm_bound ? m->norm_bound / sigma : 1;
        }
        if (l + 1 == m->layers) {
            a.first += first * a.n_in;
            a.n_out = count;
        }
        JF_TRY(norm_of(a, theta, &sigma, v, work));
        *constant *=
            scale * sigma * (1 + 16 * (double)(a.n_in + a.n_out) * DBL_EPSILON);
    }
    jf_pop(work, v);
    return GSL_SUCCESS;
}

static const jf_net_ops ops = {
    .module = {.init = init, .prepare = prepare, .pull = pull},
    .forward = forward,
    .backward = backward,
    .jacobian = jacobian,
    .jacobian_backward = jacobian_backward,
    .lipschitz = lipschitz};

jf_net *jf_mlp(const jf_mlp_options *o)
{
    if (o->n_in == 0 || o->n_out == 0 || (o->depth && o->hidden == 0))
        JF_ERROR_NULL("a net needs inputs, outputs and a width", GSL_EINVAL);
    mlp *m = (mlp *)jf_net_new(sizeof *m, "mlp", &ops, o->n_in, o->n_out);
    if (!m)
        return NULL;
    m->base.n_saved = o->depth * o->hidden;
    m->base.n_kept = o->depth > 1 ? (o->depth - 1) * o->hidden : 0;
    m->hidden = o->hidden;
    m->layers = o->depth + 1;
    m->activation = o->activation;
    m->biases = !o->no_bias;
    m->norm_bound =
        o->lipschitz > 0 ? pow(o->lipschitz, 1 / (double)m->layers) : 0;
    jf_module *theta = &m->base.module;
    theta->n_params = affine_of(m, o->depth).next;
    if (m->norm_bound > 0)
        theta->n_derived = theta->n_pulled = theta->n_params;
    m->base.bound = m->norm_bound > 0 ? o->lipschitz : 0;
    return (jf_net *)jf_module_record(
        theta,
        "in=%zu, out=%zu, hidden=%zu, depth=%zu, activation=%s, bias=%d, "
        "lipschitz=%.17g",
        o->n_in, o->n_out, o->hidden, o->depth,
        jf_activation_names[o->activation], m->biases, m->base.bound);
}
