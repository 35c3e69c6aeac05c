/* mlp.c -- h_0 = in, h_l = a(W_l h_{l-1} + b_l), out = W_L h_{L-1} + b_L.
 *
 * theta: W_1 (hidden, n_in), b_1, .., W_L (n_out, .), b_L.  saved: h_1 ..
 * h_{L-1}, each (n, hidden); every activation has its slope as a function of
 * its value.  Weight gradients are sums over the rows of a chunk in the
 * build's precision.  With a bound on
 * |W| the matrices used are W min(1, k / |W|). */
#include "base/clones.h"
#include "base/error.h"
#include "linalg/blas.h"
#include "linalg/spectral.h"
#include "net/activation.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>

typedef struct {
    jf_net base;
    size_t hidden, layers; /* layers: depth + 1 */
    jf_activation activation;
    int biases;
    double most; /* of |W_l|; 0: no bound */
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

static jf_matrix weights(affine a, const real *theta)
{
    return jf_view((real *)theta + a.first, a.n_out, a.n_in);
}

static void init(const jf_net *self, real *theta, gsl_rng *rng)
{
    const mlp *m = (const mlp *)self;
    memset(theta, 0, self->n_params * sizeof *theta);
    for (size_t l = 0; l + 1 < m->layers; l++) {
        affine a = affine_of(m, l);
        double sd = m->activation == JF_RELU
                        ? sqrt(2.0 / (double)a.n_in)
                        : sqrt(2.0 / (double)(a.n_in + a.n_out));
        for (size_t i = 0; i < a.n_out * a.n_in; i++)
            theta[a.first + i] = (real)gsl_ran_gaussian_ziggurat(rng, sd);
    }
}

/* db (cols) += the sum of the rows of dh, in order. */
JF_CLONES static void add_rows(size_t rows, size_t cols, size_t stride,
                               const real *restrict dh, real *restrict db)
{
    size_t i = 0;
    for (; i + 4 <= rows; i += 4, dh += 4 * stride)
        for (size_t j = 0; j < cols; j++)
            db[j] = db[j] + dh[j] + dh[stride + j] + dh[2 * stride + j] +
                    dh[3 * stride + j];
    for (; i < rows; i++, dh += stride)
        for (size_t j = 0; j < cols; j++)
            db[j] += dh[j];
}

/* |W| and its right vector v (n_in). */
static int norm_of(affine a, const real *theta, double *sigma, double *v,
                   jf_work *work)
{
    return jf_largest_singular(a.n_out, a.n_in, theta + a.first, a.n_in, 1,
                               sigma, v, work);
}

/* theta with bounded matrices, to be popped; theta itself without a bound. */
static int bounded(const mlp *m, const real **theta, jf_work *work)
{
    const real *raw = *theta;
    if (!(m->most > 0))
        return GSL_SUCCESS;
    real *used = jf_push(work, m->base.n_params);
    double *v = jf_push_bytes(work, (m->base.n_in + m->hidden + 1) * sizeof *v);
    memcpy(used, raw, m->base.n_params * sizeof *used);
    for (size_t l = 0; l < m->layers; l++) {
        affine a = affine_of(m, l);
        double sigma;
        JF_TRY(norm_of(a, raw, &sigma, v, work));
        for (size_t i = 0; sigma > m->most && i < a.n_out * a.n_in; i++)
            used[a.first + i] *= (real)(m->most / sigma);
    }
    jf_pop(work, v);
    *theta = used;
    return GSL_SUCCESS;
}

/* W' = k W / sigma: dW = k / sigma (dW' - (dW' . W / sigma) u v'), W v = sigma
 * u; d (n_params) becomes the gradient of the raw theta. */
static int unbounded(const mlp *m, const real *theta, real *d, jf_work *work)
{
    double *v = jf_push_bytes(work, (m->base.n_in + m->hidden + 1) * sizeof *v);
    for (size_t l = 0; l < m->layers; l++) {
        affine a = affine_of(m, l);
        double sigma, along = 0;
        JF_TRY(norm_of(a, theta, &sigma, v, work));
        if (!(sigma > m->most))
            continue;
        const real *w = theta + a.first;
        real *dw = d + a.first;
        for (size_t i = 0; i < a.n_out * a.n_in; i++)
            along += (double)dw[i] * (double)w[i] / sigma;
        for (size_t i = 0; i < a.n_out; i++) {
            double u = 0;
            for (size_t j = 0; j < a.n_in; j++)
                u += (double)w[i * a.n_in + j] * v[j] / sigma;
            for (size_t j = 0; j < a.n_in; j++) {
                real *e = &dw[i * a.n_in + j];
                *e = (real)(m->most / sigma * ((double)*e - along * u * v[j]));
            }
        }
    }
    jf_pop(work, v);
    return GSL_SUCCESS;
}

static int forward(const jf_net *self, const real *theta, jf_matrix in,
                   jf_matrix out, real *saved, jf_work *work)
{
    const mlp *m = (const mlp *)self;
    const real *raw = theta;
    JF_TRY(bounded(m, &theta, work));
    for (size_t l = 0; l < m->layers; l++) {
        affine a = affine_of(m, l);
        int last = l + 1 == m->layers;
        const real *b = m->biases ? theta + a.first + a.n_in * a.n_out : NULL;
        jf_matrix h = last ? out : jf_view(saved, in.rows, m->hidden);
        jf_gemm(JF_PLAIN, JF_TRANSPOSED, 1, in, weights(a, theta), 0, h);
        if (b && last)
            jf_add_bias(h, b);
        else if (b)
            jf_activate_biased(m->activation, h, b);
        else if (!last)
            jf_activate(m->activation, h.rows * h.cols, h.data);
        in = h;
        saved += in.rows * m->hidden;
    }
    if (theta != raw)
        jf_pop(work, (real *)theta);
    return GSL_SUCCESS;
}

static int backward(const jf_net *self, const real *theta, jf_matrix in,
                    const real *saved, jf_matrix dout, jf_matrix din,
                    real *grad, jf_work *work)
{
    const mlp *m = (const mlp *)self;
    size_t n = in.rows, size = n * m->hidden;
    const real *raw = theta;
    real *total = grad;
    JF_TRY(bounded(m, &theta, work));
    if (theta != raw) {
        grad = jf_push(work, self->n_params);
        memset(grad, 0, self->n_params * sizeof *grad);
    }
    real *buffer = jf_push(work, 2 * size);
    jf_matrix dh = dout;

    for (size_t l = m->layers; l-- > 0;) {
        affine a = affine_of(m, l);
        jf_matrix h = in;
        if (l > 0)
            h = jf_view((real *)saved + (l - 1) * size, n, m->hidden);
        jf_gemm(JF_TRANSPOSED, JF_PLAIN, 1, dh, h, 1, weights(a, grad));
        if (m->biases)
            add_rows(n, a.n_out, dh.stride, dh.data,
                     grad + a.first + a.n_in * a.n_out);
        jf_matrix below =
            l > 0 ? jf_view(buffer + (l % 2) * size, n, m->hidden) : din;
        jf_gemm(JF_PLAIN, JF_PLAIN, 1, dh, weights(a, theta), l > 0 ? 0 : 1,
                below);
        if (l > 0)
            jf_activation_slope(m->activation, size, h.data, below.data);
        dh = below;
    }
    jf_pop(work, buffer);
    if (theta == raw)
        return GSL_SUCCESS;
    JF_TRY(unbounded(m, raw, grad, work));
    for (size_t i = 0; i < self->n_params; i++)
        total[i] += grad[i];
    jf_pop(work, grad);
    jf_pop(work, (real *)theta);
    return GSL_SUCCESS;
}

/* The product of the matrices' norms, of the last one only the rows asked
 * for. */
static int lipschitz(const jf_net *self, const real *theta, size_t first,
                     size_t count, double *constant, jf_work *work)
{
    const mlp *m = (const mlp *)self;
    const real *raw = theta;
    double *v = jf_push_bytes(work, (self->n_in + m->hidden + 1) * sizeof *v);
    JF_TRY(bounded(m, &theta, work));
    *constant = 1;
    for (size_t l = 0; l < m->layers; l++) {
        affine a = affine_of(m, l);
        double sigma;
        if (l + 1 == m->layers) {
            a.first += first * a.n_in;
            a.n_out = count;
        }
        JF_TRY(norm_of(a, theta, &sigma, v, work));
        *constant *=
            sigma * (1 + 16 * (double)(a.n_in + a.n_out) * DBL_EPSILON);
    }
    if (theta != raw)
        jf_pop(work, (real *)theta);
    jf_pop(work, v);
    return GSL_SUCCESS;
}

static const jf_net_ops mlp_ops = {"mlp",    init, forward,
                                   backward, NULL, lipschitz};

jf_net *jf_mlp(const jf_mlp_options *o)
{
    if (o->n_in == 0 || o->n_out == 0 || (o->depth && o->hidden == 0))
        GSL_ERROR_NULL("a net needs inputs, outputs and a width", GSL_EINVAL);
    mlp *m = jf_alloc(1, sizeof *m);
    m->base = (jf_net){.ops = &mlp_ops,
                       .n_in = o->n_in,
                       .n_out = o->n_out,
                       .n_saved = o->depth * o->hidden};
    m->hidden = o->hidden;
    m->layers = o->depth + 1;
    m->activation = o->activation;
    m->biases = !o->no_bias;
    m->most = o->lipschitz > 0 ? pow(o->lipschitz, 1 / (double)m->layers) : 0;
    m->base.n_params = affine_of(m, o->depth).next;
    return &m->base;
}

void jf_net_free(jf_net *net)
{
    if (net && net->ops->clear)
        net->ops->clear(net);
    free(net);
}
