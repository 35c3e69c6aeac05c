/* elementwise.c -- z_j = m(x_j; theta_j), theta = (first kind (d), ...).
 *
 * log |det df/dx| = sum_j log m'(x_j).  All rows share theta, a view of one
 * row with stride 0. */
#include <math.h>

#include "base/error.h"
#include "layer/layers.h"

typedef struct {
    jf_layer base;
    jf_map map;
} elementwise;

static jf_const_matrix shared(const jf_layer *self, const real *theta, size_t n)
{
    return (jf_const_matrix){n, self->module.n_params, 0, theta};
}

static int forward(const jf_layer *self, jf_weights w, jf_matrix x,
                   double *log_abs_det, jf_work *work)
{
    const jf_map *map = &((const elementwise *)self)->map;
    return jf_map_forward(map, x, shared(self, w.theta, x.rows), log_abs_det,
                          work);
}

static int inverse(const jf_layer *self, jf_weights w, jf_matrix z,
                   jf_work *work)
{
    const jf_map *map = &((const elementwise *)self)->map;
    return jf_map_inverse(map, z, shared(self, w.theta, z.rows), work);
}

static int backward(const jf_layer *self, jf_weights w, jf_matrix z,
                    jf_matrix dz, const double *d_log_abs_det, jf_grad grad,
                    jf_work *work)
{
    const jf_map *map = &((const elementwise *)self)->map;
    size_t k = self->module.n_params;
    jf_matrix dp = jf_push_matrix(work, z.rows, k);

    JF_TRY(jf_map_backward(map, z, shared(self, w.theta, z.rows), dz,
                           d_log_abs_det, dp, work));
    for (size_t j = 0; j < k; j++) {
        double sum = 0;
        for (size_t i = 0; i < z.rows; i++)
            sum += (double)jf_row(dp, i)[j];
        grad.theta[j] += (real)sum;
    }
    jf_pop(work, dp.data);
    return GSL_SUCCESS;
}

static int bounds(const jf_layer *self, jf_weights w, double radius,
                  double *least, double *largest, jf_work *work)
{
    const jf_map *map = &((const elementwise *)self)->map;
    double *p = jf_push_bytes(work, (map->module.n_params + 1) * sizeof *p);
    (void)radius;
    if (map->ops->slopes)
        *least = (double)INFINITY, *largest = 0;
    for (size_t j = 0; map->ops->slopes && j < self->d; j++) {
        double low, high;
        for (size_t q = 0; q < map->module.n_params; q++)
            p[q] = (double)w.theta[q * self->d + j];
        map->ops->slopes(map, p, &low, &high);
        *least = fmin(*least, low);
        *largest = fmax(*largest, high);
    }
    jf_pop(work, p);
    return GSL_SUCCESS;
}

static const jf_layer_ops ops = {.forward = forward,
                                 .inverse = inverse,
                                 .backward = backward,
                                 .bounds = bounds};

jf_layer *jf_elementwise(size_t d, jf_map map)
{
    if (d == 0 || !map.ops)
        JF_ERROR_NULL("a layer needs a column and a map", GSL_EINVAL);
    elementwise *e = (elementwise *)jf_layer_new(sizeof *e, "elementwise", &ops,
                                                 d, d * map.module.n_params);
    if (!e)
        return NULL;
    e->map = map;
    return jf_layer_record(&e->base, "d=%zu, map=%s", d, map.text);
}
