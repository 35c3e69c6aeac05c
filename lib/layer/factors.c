/* factors.c -- W from theta, and the gradient back, for each parameterisation.
 *
 * A product of reflections H_1 .. H_k, H_i = I - 2 v_i v_i' / v_i'v_i, is
 * Q = I - V' S^-1 V with the rows v_i of V and S upper triangular, S_ij =
 * v_i'v_j for i < j and S_ii = v_i'v_i / 2 (by induction: one more factor is
 * one more row of V and column of S): three matrix products in place of k
 * rank-one updates.  Diagonals are exp(s), so that log |det| is a sum and W
 * never becomes singular. */
#include "layer/factors.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/stream.h"
#include "base/team.h"
#include "linalg/factor.h"

static void clear(jf_module *self)
{
    free(((jf_factors *)self)->permutation);
}

#define record(f, ...)                                                         \
    ((jf_factors *)jf_module_record((jf_module *)(f), __VA_ARGS__))

static jf_factors *factors_new(const char *name, const jf_factors_ops *ops,
                               size_t d, size_t k, size_t n_params)
{
    static const jf_module_ops module = {.clear = clear};
    jf_factors *f = jf_alloc(1, sizeof *f);
    if (!f)
        return NULL;
    f->module = (jf_module){.name = name, .ops = &module, .n_params = n_params};
    f->ops = ops;
    f->d = d;
    f->k = k;
    return record(f, "d=%zu", d);
}

static double *push(jf_work *work, size_t n)
{
    return jf_push_bytes(work, n * sizeof(double));
}

static void identity(size_t d, double *a)
{
    memset(a, 0, d * d * sizeof *a);
    for (size_t i = 0; i < d; i++)
        a[i * d + i] = 1;
}

/* Reflections. */

/* s (k, k) := the triangle S of v (k, d), and y (k, d) := S^-1 v. */
static void ut_form(size_t d, size_t k, const double *v, double *s, double *y)
{
    jf_dgemm(JF_NT, k, k, d, 1, v, v, 0, s);
    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j < i; j++)
            s[i * k + j] = 0;
        s[i * k + i] /= 2;
    }
    memcpy(y, v, k * d * sizeof *y);
    jf_solve_upper(0, k, d, s, y);
}

static void reflections(size_t d, size_t k, const double *v, double *q,
                        jf_work *work)
{
    double *s = push(work, k * k), *y = push(work, k * d);
    ut_form(d, k, v, s, y);
    identity(d, q);
    if (k)
        jf_dgemm(JF_TN, d, d, k, -1, v, y, 1, q);
    jf_pop(work, y);
    jf_pop(work, s);
}

/* dv += dL/dv from dq = dL/dQ (d, d), only read.  With u = S'^-1 dY, dY =
 * -V dQ: dv = u - Y dQ' + (N + N' off the diagonal) V, N = -u Y' upper. */
static void reflections_pull(size_t d, size_t k, const double *v,
                             const double *dq, double *dv, jf_work *work)
{
    double *s = push(work, k * k), *y = push(work, k * d);
    double *u = push(work, k * d);

    ut_form(d, k, v, s, y);
    if (k) {
        jf_dgemm(JF_NN, k, d, d, -1, v, dq, 0, u);
        jf_solve_upper(1, k, d, s, u);
        jf_dgemm(JF_NT, k, k, d, -1, u, y, 0, s);
        for (size_t i = 0; i < k; i++)
            for (size_t j = 0; j < i; j++)
                s[i * k + j] = s[j * k + i];
        jf_dgemm(JF_NN, k, d, k, 1, s, v, 1, dv);
        jf_dgemm(JF_NT, k, d, d, -1, y, dq, 1, dv);
        for (size_t i = 0; i < k * d; i++)
            dv[i] += u[i];
    }
    jf_pop(work, u);
    jf_pop(work, y);
    jf_pop(work, s);
}

static void gaussian(size_t n, double *v, gsl_rng *rng)
{
    for (size_t i = 0; i < n; i++)
        v[i] = jf_stream_normal(rng, 1.0);
}

/* orthogonal: theta = v (k, d). */

static int orthogonal_init(const jf_factors *f, double *theta, gsl_rng *rng,
                           jf_work *work)
{
    (void)work;
    gaussian(f->k * f->d, theta, rng);
    return GSL_SUCCESS;
}

static int orthogonal_build(const jf_factors *f, const double *theta, double *w,
                            double *log_abs_det, jf_work *work)
{
    reflections(f->d, f->k, theta, w, work);
    *log_abs_det = 0;
    return GSL_SUCCESS;
}

static int orthogonal_pull(const jf_factors *f, const double *theta,
                           const double *w, const double *w_inverse, double *dw,
                           double dlog, double *dtheta, jf_work *work)
{
    (void)w, (void)w_inverse, (void)dlog;
    reflections_pull(f->d, f->k, theta, dw, dtheta, work);
    return GSL_SUCCESS;
}

jf_factors *jf_factors_orthogonal(size_t d, size_t k)
{
    static const jf_factors_ops ops = {.init = orthogonal_init,
                                       .build = orthogonal_build,
                                       .pull = orthogonal_pull};
    return record(factors_new("orthogonal", &ops, d, k, k * d), "d=%zu, k=%zu",
                  d, k);
}

/* dense, and products of k dense: theta = W_1, .., W_k, each (d, d). */

/* A random orthogonal matrix by d reflections. */
static void random_orthogonal(size_t d, double *w, gsl_rng *rng, jf_work *work)
{
    double *v = push(work, d * d);
    gaussian(d * d, v, rng);
    reflections(d, d, v, w, work);
    jf_pop(work, v);
}

static int dense_init(const jf_factors *f, double *theta, gsl_rng *rng,
                      jf_work *work)
{
    for (size_t i = 0; i < f->k; i++)
        random_orthogonal(f->d, theta + i * f->d * f->d, rng, work);
    return GSL_SUCCESS;
}

static int dense_build(const jf_factors *f, const double *theta, double *w,
                       double *log_abs_det, jf_work *work)
{
    size_t d = f->d, dd = d * d;
    double *copy = push(work, dd);

    *log_abs_det = 0;
    for (size_t i = 0; i < f->k; i++) {
        const double *factor = theta + i * dd;
        double one;
        memcpy(copy, factor, dd * sizeof *copy);
        JF_TRY(jf_log_abs_det(d, copy, &one));
        *log_abs_det += one;
        memcpy(copy, w, i ? dd * sizeof *copy : 0);
        if (i)
            jf_dgemm(JF_NN, d, d, d, 1, factor, copy, 0, w);
        else
            memcpy(w, factor, dd * sizeof *w);
    }
    jf_pop(work, copy);
    return GSL_SUCCESS;
}

/* dW_i = (W_k .. W_i+1)' dW (W_i-1 .. W_1)' + dlog W_i'^-1. */
static int product_pull(const jf_factors *f, const double *theta, double *dw,
                        double dlog, double *dtheta, jf_work *work)
{
    size_t d = f->d, dd = d * d;
    double *prefix = push(work, f->k * dd); /* W_i-1 .. W_1 for each i */
    double *inverse = push(work, dd), *next = push(work, dd), unused;

    identity(d, prefix);
    for (size_t i = 1; i < f->k; i++)
        jf_dgemm(JF_NN, d, d, d, 1, theta + (i - 1) * dd, prefix + (i - 1) * dd,
                 0, prefix + i * dd);
    for (size_t i = f->k; i-- > 0;) {
        const double *factor = theta + i * dd;
        jf_dgemm(JF_NT, d, d, d, 1, dw, prefix + i * dd, 1, dtheta + i * dd);
        memcpy(inverse, factor, dd * sizeof *inverse);
        JF_TRY(jf_invert(d, inverse, &unused));
        for (size_t r = 0; r < d; r++)
            for (size_t c = 0; c < d; c++)
                dtheta[i * dd + r * d + c] += dlog * inverse[c * d + r];
        jf_dgemm(JF_TN, d, d, d, 1, factor, dw, 0, next);
        memcpy(dw, next, dd * sizeof *dw);
    }
    jf_pop(work, next);
    jf_pop(work, inverse);
    jf_pop(work, prefix);
    return GSL_SUCCESS;
}

static int dense_pull(const jf_factors *f, const double *theta, const double *w,
                      const double *w_inverse, double *dw, double dlog,
                      double *dtheta, jf_work *work)
{
    size_t d = f->d;
    (void)w;
    if (f->k > 1)
        return product_pull(f, theta, dw, dlog, dtheta, work);
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++)
            dtheta[i * d + j] += dw[i * d + j] + dlog * w_inverse[j * d + i];
    return GSL_SUCCESS;
}

static const jf_factors_ops dense_ops = {.init = dense_init,
                                         .build = dense_build,
                                         .pull = dense_pull,
                                         .needs_inverse = 1};

jf_factors *jf_factors_dense(size_t d)
{
    return factors_new("dense", &dense_ops, d, 1, d * d);
}

jf_factors *jf_factors_product(size_t d, size_t k)
{
    return record(factors_new("deep_linear", &dense_ops, d, k, k * d * d),
                  "d=%zu, k=%zu", d, k);
}

/* special linear: W = A / |det A|^(1/d), theta = A (d, d). */

static int special_build(const jf_factors *f, const double *theta, double *w,
                         double *log_abs_det, jf_work *work)
{
    size_t d = f->d, dd = d * d;
    double of_a;
    (void)work;
    memcpy(w, theta, dd * sizeof *w);
    JF_TRY(jf_log_abs_det(d, w, &of_a));
    for (size_t i = 0; i < dd; i++)
        w[i] = theta[i] * exp(-of_a / (double)d);
    *log_abs_det = 0;
    return GSL_SUCCESS;
}

/* With c = |det A|^(-1/d): dA = c (dW - <dW, W> W'^-1 / d). */
static int special_pull(const jf_factors *f, const double *theta,
                        const double *w, const double *w_inverse, double *dw,
                        double dlog, double *dtheta, jf_work *work)
{
    size_t d = f->d, dd = d * d;
    double inner = 0, of_a, *copy = push(work, dd);
    (void)dlog;

    memcpy(copy, theta, dd * sizeof *copy);
    JF_TRY(jf_log_abs_det(d, copy, &of_a));
    double c = exp(-of_a / (double)d);
    for (size_t i = 0; i < dd; i++)
        inner += dw[i] * w[i];
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++)
            dtheta[i * d + j] +=
                c * (dw[i * d + j] - inner / (double)d * w_inverse[j * d + i]);
    jf_pop(work, copy);
    return GSL_SUCCESS;
}

jf_factors *jf_factors_special(size_t d)
{
    static const jf_factors_ops ops = {.init = dense_init,
                                       .build = special_build,
                                       .pull = special_pull,
                                       .needs_inverse = 1};
    return factors_new("special_linear", &ops, d, 1, d * d);
}

/* triangular: theta = the rows of a lower triangle, its diagonal as logs. */

static int triangular_build(const jf_factors *f, const double *theta, double *w,
                            double *log_abs_det, jf_work *work)
{
    size_t d = f->d;
    (void)work;
    memset(w, 0, d * d * sizeof *w);
    *log_abs_det = 0;
    for (size_t i = 0; i < d; i++) {
        for (size_t j = 0; j < i; j++)
            w[i * d + j] = *theta++;
        *log_abs_det += *theta;
        w[i * d + i] = exp(*theta++);
    }
    return GSL_SUCCESS;
}

static int triangular_pull(const jf_factors *f, const double *theta,
                           const double *w, const double *w_inverse, double *dw,
                           double dlog, double *dtheta, jf_work *work)
{
    size_t d = f->d;
    (void)theta, (void)w_inverse, (void)work;
    for (size_t i = 0; i < d; i++) {
        for (size_t j = 0; j < i; j++)
            *dtheta++ += dw[i * d + j];
        *dtheta++ += dw[i * d + i] * w[i * d + i] + dlog;
    }
    return GSL_SUCCESS;
}

jf_factors *jf_factors_triangular(size_t d)
{
    static const jf_factors_ops ops = {.build = triangular_build,
                                       .pull = triangular_pull};
    return factors_new("triangular", &ops, d, 0, d * (d + 1) / 2);
}

/* P L U: theta (d, d) holds L below the diagonal (its own is 1), U above, and
 * on it the logs of U's. */

/* Bands of PLU_BAND rows are what a thread takes; l, u (d, d): L and U whole,
 * product (d, d): P' dW. */
enum { PLU_BAND = 64 };

typedef struct {
    const jf_factors *f;
    const double *theta;
    double *l, *u, *product, *dtheta;
    const double *dw;
    double dlog;
} plu_call;

static size_t plu_lanes(size_t d)
{
    return jf_lanes(d, PLU_BAND);
}

static int plu_unpack(void *arg, size_t lane, size_t first, size_t count,
                      jf_work *work)
{
    const plu_call *c = arg;
    size_t d = c->f->d;
    (void)lane, (void)work;
    for (size_t i = first; i < first + count; i++) {
        const double *t = c->theta + i * d;
        double *l = c->l + i * d, *u = c->u + i * d;
        memcpy(l, t, i * sizeof *l);
        l[i] = 1;
        memset(l + i + 1, 0, (d - i - 1) * sizeof *l);
        memset(u, 0, i * sizeof *u);
        u[i] = exp(t[i]);
        memcpy(u + i + 1, t + i + 1, (d - i - 1) * sizeof *u);
        size_t from = c->f->permutation[i];
        if (c->dw)
            memcpy(c->product + from * d, c->dw + i * d, d * sizeof *c->dw);
    }
    return GSL_SUCCESS;
}

/* Rows of L U, which need L's columns up to them alone. */
static int plu_multiply(void *arg, size_t lane, size_t first, size_t count,
                        jf_work *work)
{
    const plu_call *c = arg;
    size_t d = c->f->d;
    (void)lane, (void)work;
    jf_dgemm_part(JF_NN, count, d, first + count, 1, c->l + first * d, d, c->u,
                  d, 0, c->product + first * d, d);
    return GSL_SUCCESS;
}

static int plu_build(const jf_factors *f, const double *theta, double *w,
                     double *log_abs_det, jf_work *work)
{
    size_t d = f->d, dd = d * d;
    double *l = push(work, 3 * dd);
    plu_call c = {.f = f, .theta = theta, .l = l, .u = l + dd};

    c.product = c.u + dd;
    JF_TRY(jf_divide(work, d, plu_lanes(d), plu_unpack, &c));
    JF_TRY(jf_divide(work, d, plu_lanes(d), plu_multiply, &c));
    *log_abs_det = 0;
    for (size_t i = 0; i < d; i++) {
        memcpy(w + i * d, c.product + f->permutation[i] * d, d * sizeof *w);
        *log_abs_det += theta[i * d + i];
    }
    jf_pop(work, l);
    return GSL_SUCCESS;
}

/* With Q = P' dW: columns of dL = Q U' below the diagonal, and rows of dU = L'
 * Q on and above it; both sums begin at the diagonal. */
static int plu_pull_band(void *arg, size_t lane, size_t first, size_t count,
                         jf_work *work)
{
    const plu_call *c = arg;
    size_t d = c->f->d, rest = d - first, corner = first * d + first;
    double *dl = push(work, 2 * rest * count), *du = dl + rest * count;
    (void)lane;

    jf_dgemm_part(JF_NT, rest, count, rest, 1, c->product + corner, d,
                  c->u + corner, d, 0, dl, count);
    jf_dgemm_part(JF_TN, count, rest, rest, 1, c->l + corner, d,
                  c->product + corner, d, 0, du, rest);
    for (size_t i = 0; i < rest; i++)
        for (size_t j = 0; j < count && j < i; j++)
            c->dtheta[corner + i * d + j] += dl[i * count + j];
    for (size_t i = 0; i < count; i++) {
        size_t diagonal = corner + i * d + i;
        c->dtheta[diagonal] += du[i * rest + i] * c->u[diagonal] + c->dlog;
        for (size_t j = i + 1; j < rest; j++)
            c->dtheta[corner + i * d + j] += du[i * rest + j];
    }
    jf_pop(work, dl);
    return GSL_SUCCESS;
}

static int plu_pull(const jf_factors *f, const double *theta, const double *w,
                    const double *w_inverse, double *dw, double dlog,
                    double *dtheta, jf_work *work)
{
    size_t d = f->d, dd = d * d;
    double *l = push(work, 3 * dd);
    plu_call c = {.f = f, .theta = theta, .l = l, .u = l + dd, .dw = dw};
    (void)w, (void)w_inverse;

    c.product = c.u + dd;
    c.dlog = dlog;
    c.dtheta = dtheta;
    JF_TRY(jf_divide(work, d, plu_lanes(d), plu_unpack, &c));
    JF_TRY(jf_divide(work, d, plu_lanes(d), plu_pull_band, &c));
    jf_pop(work, l);
    return GSL_SUCCESS;
}

jf_factors *jf_factors_plu(size_t d, uint64_t seed)
{
    static const jf_factors_ops ops = {.build = plu_build, .pull = plu_pull};
    jf_factors *f = factors_new("plu", &ops, d, 0, d * d);
    if (f)
        f->permutation = jf_random_permutation(d, seed);
    if (f && f->permutation)
        return record(f, "d=%zu, seed=%" PRIu64, d, seed);
    jf_module_free((jf_module *)f);
    return NULL;
}

/* Q R: theta = v (k, d), then the rows of R, its diagonal as logs. */

static int qr_init(const jf_factors *f, double *theta, gsl_rng *rng,
                   jf_work *work)
{
    (void)work;
    memset(theta, 0, f->module.n_params * sizeof *theta);
    gaussian(f->k * f->d, theta, rng);
    return GSL_SUCCESS;
}

static void qr_unpack(const jf_factors *f, const double *theta, double *q,
                      double *r, double *log_abs_det, jf_work *work)
{
    size_t d = f->d;
    reflections(d, f->k, theta, q, work);
    theta += f->k * d;
    memset(r, 0, d * d * sizeof *r);
    *log_abs_det = 0;
    for (size_t i = 0; i < d; i++) {
        *log_abs_det += *theta;
        r[i * d + i] = exp(*theta++);
        for (size_t j = i + 1; j < d; j++)
            r[i * d + j] = *theta++;
    }
}

static int qr_build(const jf_factors *f, const double *theta, double *w,
                    double *log_abs_det, jf_work *work)
{
    size_t d = f->d;
    double *q = push(work, 2 * d * d), *r = q + d * d;
    qr_unpack(f, theta, q, r, log_abs_det, work);
    jf_dgemm(JF_NN, d, d, d, 1, q, r, 0, w);
    jf_pop(work, q);
    return GSL_SUCCESS;
}

static int qr_pull(const jf_factors *f, const double *theta, const double *w,
                   const double *w_inverse, double *dw, double dlog,
                   double *dtheta, jf_work *work)
{
    size_t d = f->d, dd = d * d;
    double *q = push(work, 3 * dd), *r = q + dd, *product = r + dd, unused;
    (void)w, (void)w_inverse;

    qr_unpack(f, theta, q, r, &unused, work);
    jf_dgemm(JF_NT, d, d, d, 1, dw, r, 0, product); /* dQ */
    reflections_pull(d, f->k, theta, product, dtheta, work);
    jf_dgemm(JF_TN, d, d, d, 1, q, dw, 0, product); /* dR */
    dtheta += f->k * d;
    for (size_t i = 0; i < d; i++) {
        *dtheta++ += product[i * d + i] * r[i * d + i] + dlog;
        for (size_t j = i + 1; j < d; j++)
            *dtheta++ += product[i * d + j];
    }
    jf_pop(work, q);
    return GSL_SUCCESS;
}

jf_factors *jf_factors_qr(size_t d)
{
    static const jf_factors_ops ops = {
        .init = qr_init, .build = qr_build, .pull = qr_pull};
    return factors_new("qr", &ops, d, d, d * d + d * (d + 1) / 2);
}

/* U diag(exp s) V': theta = reflections of U, of V', then s. */

static int svd_init(const jf_factors *f, double *theta, gsl_rng *rng,
                    jf_work *work)
{
    (void)work;
    memset(theta, 0, f->module.n_params * sizeof *theta);
    gaussian(2 * f->k * f->d, theta, rng);
    return GSL_SUCCESS;
}

/* log sigma as a function of s: s itself, or with a range middle + half sin s,
 * which attains both ends and is flat there. */
static double log_sigma(const jf_factors *f, double s, double *slope)
{
    double middle = 0.5 * (f->low + f->high), half = 0.5 * (f->high - f->low);
    int free = f->low == 0 && f->high == 0;
    *slope = free ? 1 : half * cos(s);
    return free ? s : middle + half * sin(s);
}

/* u, v (d, d), and scaled := diag(exp s) v. */
static void svd_unpack(const jf_factors *f, const double *theta, double *u,
                       double *v, double *scaled, jf_work *work)
{
    size_t d = f->d, kd = f->k * d;
    double slope;
    reflections(d, f->k, theta, u, work);
    reflections(d, f->k, theta + kd, v, work);
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++)
            scaled[i * d + j] =
                exp(log_sigma(f, theta[2 * kd + i], &slope)) * v[i * d + j];
}

static int svd_build(const jf_factors *f, const double *theta, double *w,
                     double *log_abs_det, jf_work *work)
{
    size_t d = f->d, dd = d * d;
    double *u = push(work, 3 * dd), *v = u + dd, *scaled = v + dd, slope;

    svd_unpack(f, theta, u, v, scaled, work);
    jf_dgemm(JF_NN, d, d, d, 1, u, scaled, 0, w);
    *log_abs_det = 0;
    for (size_t i = 0; i < d; i++)
        *log_abs_det += log_sigma(f, theta[2 * f->k * d + i], &slope);
    jf_pop(work, u);
    return GSL_SUCCESS;
}

static int svd_pull(const jf_factors *f, const double *theta, const double *w,
                    const double *w_inverse, double *dw, double dlog,
                    double *dtheta, jf_work *work)
{
    size_t d = f->d, dd = d * d, kd = f->k * d;
    double *u = push(work, 4 * dd), *v = u + dd, *scaled = v + dd;
    double *product = scaled + dd;
    (void)w, (void)w_inverse;

    svd_unpack(f, theta, u, v, scaled, work);
    jf_dgemm(JF_NT, d, d, d, 1, dw, scaled, 0, product); /* dU */
    reflections_pull(d, f->k, theta, product, dtheta, work);
    jf_dgemm(JF_TN, d, d, d, 1, u, dw, 0, product); /* d(diag(exp s) V') */
    for (size_t i = 0; i < d; i++) {
        double ds = 0, slope;
        double e = exp(log_sigma(f, theta[2 * kd + i], &slope));
        for (size_t j = 0; j < d; j++) {
            ds += product[i * d + j] * scaled[i * d + j];
            product[i * d + j] *= e;
        }
        dtheta[2 * kd + i] += slope * (ds + dlog);
    }
    reflections_pull(d, f->k, theta + kd, product, dtheta + kd, work);
    jf_pop(work, u);
    return GSL_SUCCESS;
}

static jf_factors *make_svd(const char *name, size_t d)
{
    static const jf_factors_ops ops = {
        .init = svd_init, .build = svd_build, .pull = svd_pull};
    return factors_new(name, &ops, d, d, 2 * d * d + d);
}

jf_factors *jf_factors_svd(size_t d)
{
    return make_svd("svd", d);
}

jf_factors *jf_factors_svd_bounded(size_t d, double least, double largest)
{
    jf_factors *f = make_svd("svd_bounded", d);
    if (!f)
        return NULL;
    f->low = log(least);
    f->high = log(largest);
    return record(f, "d=%zu, least=%.17g, largest=%.17g", d, least, largest);
}
