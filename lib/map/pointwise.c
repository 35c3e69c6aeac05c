/* pointwise.c -- maps that bend: sinh-arcsinh and logit.
 *
 * sinh-arcsinh (Jones and Pewsey 2009): z = sinh(u), u = e^s (asinh x + t);
 * m' = e^s cosh(u) / sqrt(1 + x^2) and cosh(u) = hypot(1, z), so
 * log m' = s + log hypot(1, z) - log hypot(1, x), without overflow in z^2.
 *
 * logit: z = log(x / (1 - x)), log m' = -log x - log(1 - x); with y =
 * sigmoid(-z) = 1 - x formed apart, 1 - x is accurate where x rounds to 1. */
#include "base/error.h"
#include "map/map.h"

#include <tgmath.h>

static int bend(const jf_map *self, jf_matrix x, jf_matrix p,
                double *log_abs_det, jf_work *work)
{
    size_t k = x.cols;
    (void)self, (void)work;
    for (size_t i = 0; i < x.rows; i++) {
        real *row = jf_row(x, i), *t = jf_row(p, i), *s = t + k;
        for (size_t j = 0; j < k; j++) {
            real z = sinh(exp(s[j]) * (asinh(row[j]) + t[j]));
            log_abs_det[i] += (double)(s[j] + log(hypot(R(1.0), z)) -
                                       log(hypot(R(1.0), row[j])));
            row[j] = z;
        }
    }
    return GSL_SUCCESS;
}

static int unbend(const jf_map *self, jf_matrix z, jf_matrix p, jf_work *work)
{
    size_t k = z.cols;
    (void)self, (void)work;
    for (size_t i = 0; i < z.rows; i++) {
        real *row = jf_row(z, i), *t = jf_row(p, i), *s = t + k;
        for (size_t j = 0; j < k; j++)
            row[j] = sinh(exp(-s[j]) * asinh(row[j]) - t[j]);
    }
    return GSL_SUCCESS;
}

/* du = dz cosh u + dlad tanh u;  dt = du e^s;  ds = du u + dlad;
 * dx = du e^s / hypot(1, x) - dlad x / (1 + x^2). */
static int bend_backward(const jf_map *self, jf_matrix z, jf_matrix p,
                         jf_matrix dz, const double *d_log_abs_det,
                         jf_matrix dp, jf_work *work)
{
    size_t k = z.cols;
    (void)self, (void)work;
    for (size_t i = 0; i < z.rows; i++) {
        real *row = jf_row(z, i), *d = jf_row(dz, i), *t = jf_row(p, i);
        real *s = t + k, *dt = jf_row(dp, i), *ds = dt + k;
        real dlad = (real)d_log_abs_det[i];
        for (size_t j = 0; j < k; j++) {
            real e = exp(s[j]), u = asinh(row[j]), h = hypot(R(1.0), row[j]);
            real x = sinh(u / e - t[j]), g = hypot(R(1.0), x);
            real du = d[j] * h + dlad * (row[j] / h);
            dt[j] = du * e;
            ds[j] = du * u + dlad;
            d[j] = du * e / g - dlad * (x / g) / g;
            row[j] = x;
        }
    }
    return GSL_SUCCESS;
}

jf_map jf_map_sinh_arcsinh(void)
{
    return (jf_map){"sinh_arcsinh", 2, bend, unbend, bend_backward, 0, NULL};
}

static real sigmoid(real z)
{
    return z < 0 ? exp(z) / (1 + exp(z)) : 1 / (1 + exp(-z));
}

static int logit(const jf_map *self, jf_matrix x, jf_matrix p,
                 double *log_abs_det, jf_work *work)
{
    (void)self, (void)p, (void)work;
    for (size_t i = 0; i < x.rows; i++)
        for (size_t j = 0; j < x.cols; j++) {
            real *v = &jf_row(x, i)[j];
            if (!(*v > 0 && *v < 1))
                GSL_ERROR("logit takes x in (0, 1)", GSL_EDOM);
            real up = log(*v), down = log1p(-*v);
            log_abs_det[i] -= (double)(up + down);
            *v = up - down;
        }
    return GSL_SUCCESS;
}

static int unlogit(const jf_map *self, jf_matrix z, jf_matrix p, jf_work *work)
{
    (void)self, (void)p, (void)work;
    for (size_t i = 0; i < z.rows; i++)
        for (size_t j = 0; j < z.cols; j++)
            jf_row(z, i)[j] = sigmoid(jf_row(z, i)[j]);
    return GSL_SUCCESS;
}

/* dx = (dz + dlad (2x - 1)) / (x (1 - x)). */
static int logit_backward(const jf_map *self, jf_matrix z, jf_matrix p,
                          jf_matrix dz, const double *d_log_abs_det,
                          jf_matrix dp, jf_work *work)
{
    (void)self, (void)p, (void)dp, (void)work;
    for (size_t i = 0; i < z.rows; i++)
        for (size_t j = 0; j < z.cols; j++) {
            real *v = &jf_row(z, i)[j], *d = &jf_row(dz, i)[j];
            real x = sigmoid(*v), y = sigmoid(-*v);
            *d = (*d + (real)d_log_abs_det[i] * (x - y)) / (x * y);
            *v = x;
        }
    return GSL_SUCCESS;
}

jf_map jf_map_logit(void)
{
    return (jf_map){"logit", 0, logit, unlogit, logit_backward, 0, NULL};
}
