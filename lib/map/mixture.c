/* mixture.c -- z = logit F(x), F the distribution function of a mixture of K
 * logistic laws: F(x) = sum_k w_k sigma(u_k), u_k = (x - mean_k) / exp(s_k).
 *
 * Ho, Chen, Srinivas, Duan and Abbeel 2019 (Flow++), sec. 3.2.  p: K logits of
 * the weights, K means, K log scales s; at p = 0 the means are spread over
 * [-2, 2], as equal components would stay equal.  With A = F, B = 1 - F and
 * f = F', each a sum of positive terms formed in logs,
 *
 *     z = log A - log B,          log m' = log f - log A - log B.
 *
 * The inverse lies between the points where the K laws alone take z; there
 * safeguarded Newton steps go on until they stop moving. */
#include <math.h>

#include "base/error.h"
#include "map/map.h"

enum { PARTS = 64, STEPS = 200 };

typedef struct { /* of one entry */
    double log_w[PARTS], u[PARTS], inverse_scale[PARTS];
    double a[PARTS], b[PARTS], f[PARTS]; /* logs of the terms, then shares */
    double log_a, log_b, log_f;
} parts;

static size_t count(const jf_map *self)
{
    return self->module.n_params / 3;
}

static double spread(size_t k, size_t n)
{
    return n == 1 ? 0 : 4 * (double)k / (double)(n - 1) - 2;
}

/* log sum exp, and v := shares of the sum. */
static double log_sum(size_t n, double *v)
{
    double top = v[0], sum = 0;
    for (size_t k = 1; k < n; k++)
        top = fmax(top, v[k]);
    for (size_t k = 0; k < n; k++)
        sum += v[k] = exp(v[k] - top);
    for (size_t k = 0; k < n; k++)
        v[k] /= sum;
    return top + log(sum);
}

static double log_sigmoid(double u)
{
    return fmin(u, 0) - log1p(exp(-fabs(u)));
}

static void evaluate(const jf_map *self, double x, const double *p, parts *m)
{
    size_t n = count(self);
    double total;
    for (size_t k = 0; k < n; k++)
        m->a[k] = p[k];
    total = log_sum(n, m->a);
    for (size_t k = 0; k < n; k++) {
        double s = p[2 * n + k], up, down;
        m->inverse_scale[k] = exp(-s);
        m->u[k] = (x - p[n + k] - spread(k, n)) * m->inverse_scale[k];
        up = log_sigmoid(m->u[k]);
        down = log_sigmoid(-m->u[k]);
        m->log_w[k] = p[k] - total;
        m->a[k] = m->log_w[k] + up;
        m->b[k] = m->log_w[k] + down;
        m->f[k] = m->log_w[k] + up + down - s;
    }
    m->log_a = log_sum(n, m->a);
    m->log_b = log_sum(n, m->b);
    m->log_f = log_sum(n, m->f);
}

static double value(const jf_map *self, double x, const double *p,
                    double *log_slope)
{
    parts m;
    evaluate(self, x, p, &m);
    *log_slope = m.log_f - m.log_a - m.log_b;
    return m.log_a - m.log_b;
}

static int invert(const jf_map *self, double z, const double *p, double *x)
{
    size_t n = count(self);
    double low = (double)INFINITY, high = -low, log_slope;
    for (size_t k = 0; k < n; k++) {
        double at = p[n + k] + spread(k, n) + exp(p[2 * n + k]) * z;
        low = fmin(low, at);
        high = fmax(high, at);
    }
    *x = (low + high) / 2;
    if (!isfinite(*x)) {
        *x = (double)NAN;
        return GSL_SUCCESS;
    }
    for (int step = 0; step < STEPS && low < high; step++) {
        double error = value(self, *x, p, &log_slope) - z, old = *x;
        if (error > 0)
            high = *x;
        else
            low = *x;
        *x -= error * exp(-log_slope);
        if (!(*x > low && *x < high))
            *x = (low + high) / 2;
        if (fabs(*x - old) <= 2 * 0x1p-52 * fabs(*x))
            break;
    }
    return GSL_SUCCESS;
}

static int backward(const jf_map *self, double z, const double *p, double g,
                    double *x, double *dz, double *dp)
{
    size_t n = count(self);
    parts m;
    double dx = 0;
    JF_TRY(invert(self, z, p, x));
    evaluate(self, *x, p, &m);
    for (size_t k = 0; k < n; k++) {
        double up = 1 / (1 + exp(-m.u[k])), down = 1 / (1 + exp(m.u[k]));
        double da = m.a[k] * down, db = m.b[k] * up; /* d log A, -d log B */
        double du = *dz * (da + db) + g * (m.f[k] * (down - up) - da + db);
        double dw = *dz * (m.a[k] - m.b[k]) + g * (m.f[k] - m.a[k] - m.b[k]);
        dx += du * m.inverse_scale[k];
        dp[k] = dw + exp(m.log_w[k]) * g; /* the dw sum to -g */
        dp[n + k] = -du * m.inverse_scale[k];
        dp[2 * n + k] = -du * m.u[k] - g * m.f[k];
    }
    *dz = dx;
    return GSL_SUCCESS;
}

static const jf_map_ops mixture = {
    .entry_value = value, .entry_inverse = invert, .entry_backward = backward};

jf_map jf_map_mixture(size_t components)
{
    if (components == 0 || components > PARTS)
        JF_ERROR_VAL("a mixture has 1 to 64 parts", GSL_EINVAL, (jf_map){0});
    jf_map map = jf_map_new("mixture", &mixture, 3 * components);
    jf_map_record(&map, "components=%zu", components);
    return map;
}
