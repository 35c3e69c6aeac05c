/* scalar.c -- the loops of maps that are given entry by entry. */
#include "map/scalar.h"

#include <math.h>

#include "base/error.h"

/* p (n_params) := the parameters of column j in row i of all (n, k n_params).
 */
static void gather(const jf_map *self, jf_matrix all, size_t i, size_t j,
                   double *p)
{
    const real *row = jf_row(all, i) + j;
    size_t k = all.cols / (self->n_params ? self->n_params : 1);
    for (size_t q = 0; q < self->n_params; q++)
        p[q] = (double)row[q * k];
}

static int forward(const jf_map *self, jf_matrix x, jf_matrix p,
                   double *log_abs_det, jf_work *work)
{
    double own[JF_SCALAR_PARAMS], log_slope;
    (void)work;
    for (size_t i = 0; i < x.rows; i++)
        for (size_t j = 0; j < x.cols; j++) {
            double old = (double)jf_row(x, i)[j];
            gather(self, p, i, j, own);
            double z = self->scalar->value(self, old, own, &log_slope);
            if (isfinite(old) && !isfinite(z))
                JF_ERROR("x is outside of the map's domain", GSL_EDOM);
            jf_row(x, i)[j] = (real)z;
            log_abs_det[i] += log_slope;
        }
    return GSL_SUCCESS;
}

static int inverse(const jf_map *self, jf_matrix z, jf_matrix p, jf_work *work)
{
    double own[JF_SCALAR_PARAMS], x;
    (void)work;
    for (size_t i = 0; i < z.rows; i++)
        for (size_t j = 0; j < z.cols; j++) {
            gather(self, p, i, j, own);
            JF_TRY(
                self->scalar->invert(self, (double)jf_row(z, i)[j], own, &x));
            jf_row(z, i)[j] = (real)x;
        }
    return GSL_SUCCESS;
}

static int backward(const jf_map *self, jf_matrix z, jf_matrix p, jf_matrix dz,
                    const double *d_log_abs_det, jf_matrix dp, jf_work *work)
{
    double own[JF_SCALAR_PARAMS], d_own[JF_SCALAR_PARAMS], x;
    (void)work;
    for (size_t i = 0; i < z.rows; i++)
        for (size_t j = 0; j < z.cols; j++) {
            real *v = &jf_row(z, i)[j], *d = &jf_row(dz, i)[j];
            double slope = (double)*d;
            gather(self, p, i, j, own);
            JF_TRY(self->scalar->backward(self, (double)*v, own,
                                          d_log_abs_det[i], &x, &slope, d_own));
            *v = (real)x;
            *d = (real)slope;
            for (size_t q = 0; q < self->n_params; q++)
                jf_row(dp, i)[q * z.cols + j] = (real)d_own[q];
        }
    return GSL_SUCCESS;
}

jf_map jf_map_scalar(const char *name, size_t n_params,
                     const struct jf_scalar *scalar)
{
    return (jf_map){.name = name,
                    .n_params = n_params,
                    .forward = forward,
                    .inverse = inverse,
                    .backward = backward,
                    .scalar = scalar};
}
