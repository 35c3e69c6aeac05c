/* affine.c -- z = x exp(l) + t with the scale laws l = l(s); z = x + t.
 *
 * log m' = l.  Laws: l = s; l = alpha tanh(s / alpha), which bounds the scale
 * and its inverse by exp(alpha); l = log sigmoid(s + 2), below 0 (Kingma and
 * Dhariwal 2018, code).  x = (z - t) exp(-l) has no cancellation beyond that
 * of z - t. */
#include "base/error.h"
#include "base/vmath.h"
#include "map/map.h"

#include <tgmath.h>

static void law_exp(const jf_map *self, size_t n, const real *s, real *l,
                    real *slope)
{
    (void)self;
    for (size_t i = 0; i < n; i++)
        l[i] = s[i];
    for (size_t i = 0; slope && i < n; i++)
        slope[i] = 1;
}

static void law_clamp(const jf_map *self, size_t n, const real *s, real *l,
                      real *slope)
{
    real alpha = self->constant, inverse = 1 / alpha;
    for (size_t i = 0; i < n; i++)
        l[i] = s[i] * inverse;
    jf_vtanh(n, l, l);
    for (size_t i = 0; slope && i < n; i++)
        slope[i] = 1 - l[i] * l[i];
    for (size_t i = 0; i < n; i++)
        l[i] = self->middle + alpha * l[i];
}

/* log sigmoid(u) = min(u, 0) - log(1 + exp(-|u|)): no overflow, no
 * cancellation.  Its slope is sigmoid(-u) = 1 - sigmoid(u).  l may be s, hence
 * the copy of u. */
static void law_sigmoid(const jf_map *self, size_t n, const real *s, real *l,
                        real *slope)
{
    enum { BLOCK = 64 };
    real u[BLOCK];
    (void)self;
    for (size_t first = 0, count; first < n; first += count) {
        count = n - first < BLOCK ? n - first : BLOCK;
        real *e = l + first;
        for (size_t i = 0; i < count; i++) {
            u[i] = s[first + i] + 2;
            e[i] = -fabs(u[i]);
        }
        jf_vexp(count, e, e);
        for (size_t i = 0; slope && i < count; i++)
            slope[first + i] = (u[i] > 0 ? e[i] : 1) / (1 + e[i]);
        jf_vlog1p(count, e, e);
        for (size_t i = 0; i < count; i++)
            e[i] = (u[i] < 0 ? u[i] : 0) - e[i];
    }
}

/* The columns s of p (n, 2k) as l and slope (n, k) without gaps; one row when
 * all rows share p.  Returns the stride of l: k or 0. */
static size_t scales(const jf_map *self, jf_const_matrix p, real *l,
                     real *slope)
{
    size_t k = p.cols / 2, rows = p.stride == 0 ? 1 : p.rows;
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < k; j++)
            l[i * k + j] = jf_const_row(p, i)[k + j];
    self->ops->log_scale(self, rows * k, l, l, slope);
    return p.stride == 0 ? 0 : k;
}

static int forward(const jf_map *self, jf_matrix x, jf_const_matrix p,
                   double *log_abs_det, jf_work *work)
{
    size_t k = x.cols, n = x.rows;
    real *l = jf_push(work, 2 * n * k), *e = l + n * k;
    size_t step = scales(self, p, l, NULL);

    jf_vexp(step ? n * k : k, l, e);
    for (size_t i = 0; i < n; i++) {
        real *row = jf_row(x, i);
        const real *t = jf_const_row(p, i);
        double sum = 0;
        for (size_t j = 0; j < k; j++) {
            row[j] = row[j] * e[i * step + j] + t[j];
            sum += (double)l[i * step + j];
        }
        log_abs_det[i] += sum;
    }
    jf_pop(work, l);
    return GSL_SUCCESS;
}

/* z -> x and, when dz.data, dz -> dx and dp: with y = x e^l = z - t,
 * dt = dz, ds = (dz y + dlad) slope, dx = dz e^l. */
static void back(const jf_map *self, jf_matrix z, jf_const_matrix p,
                 jf_matrix dz, const double *dlad, jf_matrix dp, jf_work *work)
{
    size_t k = z.cols, n = z.rows;
    real *l = jf_push(work, 3 * n * k), *e = l + n * k, *slope = e + n * k;
    size_t step = scales(self, p, l, dz.data ? slope : NULL);

    jf_vexp(step ? n * k : k, l, e);
    for (size_t i = 0; i < n; i++) {
        real *row = jf_row(z, i);
        const real *t = jf_const_row(p, i);
        const real *ei = e + i * step, *si = slope + i * step;
        for (size_t j = 0; j < k; j++)
            row[j] -= t[j];
        for (size_t j = 0; dz.data && j < k; j++) {
            real *d = jf_row(dz, i) + j, *q = jf_row(dp, i);
            q[j] = *d;
            q[k + j] = (*d * row[j] + (real)dlad[i]) * si[j];
            *d *= ei[j];
        }
        for (size_t j = 0; j < k; j++)
            row[j] /= ei[j];
    }
    jf_pop(work, l);
}

static int inverse(const jf_map *self, jf_matrix z, jf_const_matrix p,
                   jf_work *work)
{
    back(self, z, p, (jf_matrix){0}, NULL, (jf_matrix){0}, work);
    return GSL_SUCCESS;
}

static int backward(const jf_map *self, jf_matrix z, jf_const_matrix p,
                    jf_matrix dz, const double *d_log_abs_det, jf_matrix dp,
                    jf_work *work)
{
    back(self, z, p, dz, d_log_abs_det, dp, work);
    return GSL_SUCCESS;
}

#define AFFINE(law)                                                            \
    {                                                                          \
        .forward = forward, .inverse = inverse, .backward = backward,          \
        .log_scale = law                                                       \
    }
static const jf_map_ops exp_ops = AFFINE(law_exp);
static const jf_map_ops clamp_ops = AFFINE(law_clamp);
static const jf_map_ops sigmoid_ops = AFFINE(law_sigmoid);

jf_map jf_map_exp(void)
{
    return jf_map_new("exp", &exp_ops, 2);
}

jf_map jf_map_clamp(real alpha)
{
    if (!(alpha > 0))
        JF_ERROR_VAL("alpha must be positive", GSL_EINVAL, (jf_map){0});
    jf_map map = jf_map_new("clamp", &clamp_ops, 2);
    map.constant = alpha;
    jf_map_record(&map, "limit=%.17g", (double)alpha);
    return map;
}

jf_map jf_map_range(real least, real largest)
{
    if (!(least > 0 && least < largest))
        JF_ERROR_VAL("a scale needs 0 < least < largest", GSL_EINVAL,
                     (jf_map){0});
    real low = (real)log((double)least), high = (real)log((double)largest);
    jf_map map = jf_map_new("range", &clamp_ops, 2);
    map.constant = (high - low) / 2;
    map.middle = (low + high) / 2;
    jf_map_record(&map, "least=%.17g, largest=%.17g", (double)least,
                  (double)largest);
    return map;
}

jf_map jf_map_sigmoid(void)
{
    return jf_map_new("sigmoid", &sigmoid_ops, 2);
}

/* z = x + t. */

static void shift(jf_matrix x, jf_const_matrix p, real sign)
{
    for (size_t i = 0; i < x.rows; i++)
        for (size_t j = 0; j < x.cols; j++)
            jf_row(x, i)[j] += sign * jf_const_row(p, i)[j];
}

static int shift_forward(const jf_map *self, jf_matrix x, jf_const_matrix p,
                         double *log_abs_det, jf_work *work)
{
    (void)self, (void)log_abs_det, (void)work;
    shift(x, p, 1);
    return GSL_SUCCESS;
}

static int shift_inverse(const jf_map *self, jf_matrix z, jf_const_matrix p,
                         jf_work *work)
{
    (void)self, (void)work;
    shift(z, p, -1);
    return GSL_SUCCESS;
}

static int shift_backward(const jf_map *self, jf_matrix z, jf_const_matrix p,
                          jf_matrix dz, const double *d_log_abs_det,
                          jf_matrix dp, jf_work *work)
{
    (void)self, (void)d_log_abs_det, (void)work;
    shift(z, p, -1);
    jf_matrix_copy(dp, jf_const(dz));
    return GSL_SUCCESS;
}

jf_map jf_map_shift(void)
{
    static const jf_map_ops ops = {.forward = shift_forward,
                                   .inverse = shift_inverse,
                                   .backward = shift_backward};
    return jf_map_new("shift", &ops, 1);
}
