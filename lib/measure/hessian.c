/* hessian.c -- Hessian-vector products by differences, and Lanczos (Lanczos
 * 1950; Golub and Van Loan 2013, sec. 10.1) with every vector kept. */
#include "measure/hessian.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/stream.h"
#include "linalg/factor.h"

static double norm(size_t n, const double *v)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i] * v[i];
    return sqrt(sum);
}

static double step_of(const jf_hessian *h)
{
    double sum = 0;
    for (size_t i = 0; i < h->f->module.n_params; i++)
        sum += (double)h->theta[i] * (double)h->theta[i];
    return h->step > 0 ? h->step
                       : cbrt(1.5 * (double)JF_EPS) *
                             fmax(1, sqrt(sum / (double)h->f->module.n_params));
}

/* hv += weight times the gradient at theta + shift v. */
static int add_gradient(const jf_hessian *h, double shift, const double *v,
                        double weight, double *hv)
{
    size_t n = h->f->module.n_params;
    real *theta = jf_alloc(2 * n, sizeof *theta);
    JF_TRY_MEMORY(theta);
    real *grad = theta + n;
    jf_likelihood value;
    for (size_t i = 0; i < n; i++)
        theta[i] = (real)((double)h->theta[i] + shift * v[i]);
    int status = jf_nll(h->f, h->q, theta, h->x, &value, grad, h->team);
    for (size_t i = 0; i < n; i++)
        hv[i] += weight * (double)grad[i];
    free(theta);
    return status;
}

int jf_hessian_times(const jf_hessian *h, const double *v, double *hv)
{
    double length = norm(h->f->module.n_params, v), step = step_of(h) / length;
    if (!(length > 0))
        JF_ERROR("a direction must not be 0", GSL_EINVAL);
    memset(hv, 0, h->f->module.n_params * sizeof *hv);
    JF_TRY(add_gradient(h, step, v, 0.5 / step, hv));
    return add_gradient(h, -step, v, -0.5 / step, hv);
}

int jf_hessian_dense(const jf_hessian *h, double *a, double *asymmetry)
{
    size_t n = h->f->module.n_params;
    double *unit = jf_alloc(n, sizeof *unit), worst = 0;
    JF_TRY_MEMORY(unit);
    int status = GSL_SUCCESS;
    for (size_t i = 0; i < n && status == GSL_SUCCESS; i++) {
        unit[i] = 1;
        status = jf_hessian_times(h, unit, a + i * n);
        unit[i] = 0;
    }
    free(unit);
    JF_TRY(status);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++) {
            worst = fmax(worst, fabs(a[i * n + j] - a[j * n + i]));
            a[i * n + j] = a[j * n + i] = 0.5 * (a[i * n + j] + a[j * n + i]);
        }
    if (asymmetry)
        *asymmetry = worst;
    return GSL_SUCCESS;
}

/* A Krylov basis q (k, n), orthonormal, and the projection of H on it. */
typedef struct {
    size_t n, k, room;
    double *q, *w, *alpha, *beta; /* beta[i] joins i and i + 1 */
} krylov;

static int start(krylov *s, unsigned long seed)
{
    jf_matrix v = jf_matrix_new(1, s->n);
    JF_TRY_MEMORY(v.data);
    jf_fill_normal(v, seed, JF_PURPOSE_INIT, s->n);
    for (size_t i = 0; i < s->n; i++)
        s->q[i] = (double)v.data[i];
    double length = norm(s->n, s->q);
    for (size_t i = 0; i < s->n; i++)
        s->q[i] /= length;
    jf_matrix_free(&v);
    return GSL_SUCCESS;
}

/* w -= the part of it in the span of q; twice, which is enough. */
static void orthogonalise(krylov *s)
{
    for (int pass = 0; pass < 2; pass++)
        for (size_t k = 0; k < s->k; k++) {
            double dot = 0;
            for (size_t i = 0; i < s->n; i++)
                dot += s->q[k * s->n + i] * s->w[i];
            for (size_t i = 0; i < s->n; i++)
                s->w[i] -= dot * s->q[k * s->n + i];
        }
}

/* One product more; the next vector, unless the space is exhausted. */
static int expand(const jf_hessian *h, krylov *s)
{
    const double *last = s->q + s->k * s->n;
    JF_TRY(jf_hessian_times(h, last, s->w));
    s->alpha[s->k] = 0;
    for (size_t i = 0; i < s->n; i++)
        s->alpha[s->k] += last[i] * s->w[i];
    s->k++;
    orthogonalise(s);
    s->beta[s->k - 1] = norm(s->n, s->w);
    if (s->k < s->room && s->beta[s->k - 1] > 0)
        for (size_t i = 0; i < s->n; i++)
            s->q[s->k * s->n + i] = s->w[i] / s->beta[s->k - 1];
    return GSL_SUCCESS;
}

/* Ritz values; y (k): the vector of the largest, in the basis.  Returns the
 * worse residual of the two ends. */
static int ritz(const krylov *s, jf_extremes *out, double *worse, double *y)
{
    size_t k = s->k;
    double *t = jf_alloc(k * k + k, sizeof *t);
    JF_TRY_MEMORY(t);
    double *lambda = t + k * k;
    for (size_t i = 0; i < k; i++) {
        t[i * k + i] = s->alpha[i];
        if (i + 1 < k)
            t[i * k + i + 1] = t[(i + 1) * k + i] = s->beta[i];
    }
    int status = jf_eigen_symmetric(k, t, lambda, 1);
    if (status == GSL_SUCCESS) {
        double beta = k < s->n ? s->beta[k - 1] : 0;
        out->largest = lambda[0];
        out->smallest = lambda[k - 1];
        out->residual = beta * fabs(t[k - 1]);
        *worse = fmax(out->residual, beta * fabs(t[k * k - 1]));
        memcpy(y, t, k * sizeof *y);
    }
    free(t);
    return status;
}

int jf_hessian_extremes(const jf_hessian *h, unsigned long seed,
                        size_t products, double tolerance, jf_extremes *out,
                        double *top)
{
    size_t n = h->f->module.n_params, room = products < n ? products : n;
    *out = (jf_extremes){(double)NAN, (double)NAN, (double)NAN, 0};
    if (!room)
        JF_ERROR("a search without products", GSL_EINVAL);
    double *memory = jf_alloc(room * n + n + 3 * room, sizeof *memory);
    JF_TRY_MEMORY(memory);
    krylov s = {n,
                0,
                room,
                memory,
                memory + room * n,
                memory + room * n + n,
                memory + room * n + n + room};
    double *y = s.beta + room, worse = (double)INFINITY, scale = 0;
    int status = start(&s, seed);

    while (status == GSL_SUCCESS && s.k < room && !(worse <= scale)) {
        status = expand(h, &s);
        if (status == GSL_SUCCESS)
            status = ritz(&s, out, &worse, y);
        scale = tolerance * fmax(fabs(out->largest), fabs(out->smallest));
    }
    out->products = s.k;
    for (size_t i = 0; top && i < n; i++) {
        top[i] = 0;
        for (size_t k = 0; k < s.k; k++)
            top[i] += y[k] * s.q[k * n + i];
    }
    free(memory);
    JF_TRY(status);
    if (!(worse <= scale))
        JF_ERROR("the eigenvalues did not settle", GSL_EMAXITER);
    return GSL_SUCCESS;
}
