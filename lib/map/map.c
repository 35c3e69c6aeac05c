/* map.c -- the calls on any map, and the loops of those by entries. */
#include "map/map.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/error.h"
#include "base/number.h"

/* p (n_params) := the parameters of column j in row i of all (n, k n_params).
 */
static void gather(const jf_map *self, jf_const_matrix all, size_t i, size_t j,
                   double *p)
{
    size_t n = self->module.n_params, k = all.cols / (n ? n : 1);
    for (size_t q = 0; q < n; q++)
        p[q] = (double)jf_const_row(all, i)[q * k + j];
}

static int forward_entries(const jf_map *self, jf_matrix x, jf_const_matrix p,
                           double *log_abs_det, jf_work *work)
{
    double own[JF_MAP_PARAMS], log_slope;
    (void)work;
    for (size_t i = 0; i < x.rows; i++)
        for (size_t j = 0; j < x.cols; j++) {
            double old = (double)jf_row(x, i)[j];
            gather(self, p, i, j, own);
            double z = self->ops->entry_value(self, old, own, &log_slope);
            if (isfinite(old) && !isfinite(z))
                JF_ERROR("x is outside of the map's domain", GSL_EDOM);
            jf_row(x, i)[j] = (real)z;
            log_abs_det[i] += log_slope;
        }
    return GSL_SUCCESS;
}

static int inverse_entries(const jf_map *self, jf_matrix z, jf_const_matrix p,
                           jf_work *work)
{
    double own[JF_MAP_PARAMS], x;
    (void)work;
    for (size_t i = 0; i < z.rows; i++)
        for (size_t j = 0; j < z.cols; j++) {
            gather(self, p, i, j, own);
            JF_TRY(self->ops->entry_inverse(self, (double)jf_row(z, i)[j], own,
                                            &x));
            jf_row(z, i)[j] = (real)x;
        }
    return GSL_SUCCESS;
}

static int backward_entries(const jf_map *self, jf_matrix z, jf_const_matrix p,
                            jf_matrix dz, const double *d_log_abs_det,
                            jf_matrix dp, jf_work *work)
{
    double own[JF_MAP_PARAMS], d_own[JF_MAP_PARAMS], x;
    (void)work;
    for (size_t i = 0; i < z.rows; i++)
        for (size_t j = 0; j < z.cols; j++) {
            real *v = &jf_row(z, i)[j], *d = &jf_row(dz, i)[j];
            double slope = (double)*d;
            gather(self, p, i, j, own);
            JF_TRY(self->ops->entry_backward(
                self, (double)*v, own, d_log_abs_det[i], &x, &slope, d_own));
            *v = (real)x;
            *d = (real)slope;
            for (size_t q = 0; q < self->module.n_params; q++)
                jf_row(dp, i)[q * z.cols + j] = (real)d_own[q];
        }
    return GSL_SUCCESS;
}

jf_map jf_map_new(const char *name, const jf_map_ops *ops, size_t n_params)
{
    jf_map map = {.module = {.name = name, .n_params = n_params}, .ops = ops};
    jf_map_record(&map, "%s", "");
    return map;
}

void jf_map_record(jf_map *map, const char *form, ...)
{
    char arguments[sizeof map->text - 24] = "";
    va_list list;
    va_start(list, form);
    jf_vformat(arguments, sizeof arguments, form, list);
    va_end(list);
    snprintf(map->text, sizeof map->text, "%.20s(%s)", map->module.name,
             arguments);
}

int jf_map_forward(const jf_map *map, jf_matrix x, jf_const_matrix p,
                   double *log_abs_det, jf_work *work)
{
    return (map->ops->forward ? map->ops->forward
                              : forward_entries)(map, x, p, log_abs_det, work);
}

int jf_map_inverse(const jf_map *map, jf_matrix z, jf_const_matrix p,
                   jf_work *work)
{
    return (map->ops->inverse ? map->ops->inverse : inverse_entries)(map, z, p,
                                                                     work);
}

int jf_map_backward(const jf_map *map, jf_matrix z, jf_const_matrix p,
                    jf_matrix dz, const double *d_log_abs_det, jf_matrix dp,
                    jf_work *work)
{
    return (map->ops->backward ? map->ops->backward : backward_entries)(
        map, z, p, dz, d_log_abs_det, dp, work);
}
