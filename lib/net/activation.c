/* activation.c -- every activation has its slope as a function of its value. */
#include "net/activation.h"

#include <math.h>

#include "base/clones.h"
#include "base/vmath.h"

JF_CLONES static void relu(size_t n, real *h)
{
    for (size_t i = 0; i < n; i++)
        h[i] = h[i] < 0 ? 0 : h[i]; /* NaN stays */
}

JF_CLONES static void relu_biased(size_t rows, size_t cols,
                                  const real *restrict b, real *restrict h)
{
    for (size_t i = 0; i < rows; i++, h += cols)
        for (size_t j = 0; j < cols; j++) {
            real u = h[j] + b[j];
            h[j] = u < 0 ? 0 : u; /* NaN stays */
        }
}

JF_CLONES static void add_bias(size_t rows, size_t cols, size_t stride,
                               const real *restrict b, real *restrict h)
{
    for (size_t i = 0; i < rows; i++, h += stride)
        for (size_t j = 0; j < cols; j++)
            h[j] += b[j];
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

JF_CLONES static void relu_slope(size_t n, const real *h, real *dh)
{
    for (size_t i = 0; i < n; i++)
        dh[i] = h[i] > 0 ? dh[i] : 0;
}

JF_CLONES static void tanh_curvature(size_t n, const real *h, real *ds)
{
    for (size_t i = 0; i < n; i++)
        ds[i] *= -2 * h[i] * (1 - h[i] * h[i]);
}

JF_CLONES static void tanh_slope(size_t n, const real *h, real *dh)
{
    for (size_t i = 0; i < n; i++)
        dh[i] *= 1 - h[i] * h[i];
}

void jf_activate(jf_activation activation, size_t n, real *h)
{
    switch (activation) {
    case JF_RELU:
        relu(n, h);
        break;
    case JF_TANH:
        jf_vtanh(n, h, h);
        break;
    case JF_ELU:
        for (size_t i = 0; i < n; i++)
            if (h[i] < 0)
                h[i] = (real)expm1((double)h[i]);
        break;
    case JF_SOFTPLUS: /* max(u, 0) + log1p(exp(-|u|)): no overflow */
        for (size_t i = 0; i < n; i++) {
            double u = (double)h[i];
            h[i] = (real)(fmax(u, 0) + log1p(exp(-fabs(u))));
        }
        break;
    }
}

void jf_add_bias(jf_matrix h, const real *b)
{
    add_bias(h.rows, h.cols, h.stride, b, h.data);
}

void jf_add_rows(jf_const_matrix dh, real *db)
{
    add_rows(dh.rows, dh.cols, dh.stride, dh.data, db);
}

void jf_activate_biased(jf_activation activation, jf_matrix h, const real *b)
{
    if (activation == JF_RELU) {
        relu_biased(h.rows, h.cols, b, h.data);
        return;
    }
    jf_add_bias(h, b);
    jf_activate(activation, h.rows * h.cols, h.data);
}

void jf_activation_slope(jf_activation activation, size_t n, const real *h,
                         real *dh)
{
    switch (activation) {
    case JF_RELU:
        relu_slope(n, h, dh);
        break;
    case JF_TANH:
        tanh_slope(n, h, dh);
        break;
    case JF_ELU:
        for (size_t i = 0; i < n; i++)
            dh[i] *= h[i] < 0 ? 1 + h[i] : 1;
        break;
    case JF_SOFTPLUS:
        for (size_t i = 0; i < n; i++)
            dh[i] *= (real)-expm1(-(double)h[i]);
        break;
    }
}

void jf_activation_curvature(jf_activation activation, size_t n, const real *h,
                             real *ds)
{
    switch (activation) {
    case JF_RELU:
        for (size_t i = 0; i < n; i++)
            ds[i] = 0;
        break;
    case JF_TANH:
        tanh_curvature(n, h, ds);
        break;
    case JF_ELU:
        for (size_t i = 0; i < n; i++)
            ds[i] *= h[i] < 0 ? 1 + h[i] : 0;
        break;
    case JF_SOFTPLUS: /* s (1 - s) for the slope s = 1 - exp(-h) */
        for (size_t i = 0; i < n; i++) {
            double h_i = (double)h[i];
            ds[i] *= (real)(-expm1(-h_i) * exp(-h_i));
        }
        break;
    }
}
