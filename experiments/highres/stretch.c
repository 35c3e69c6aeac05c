/* stretch.c -- how far a trained flow and its inverse stretch, at one point.
 *
 * largest: the largest singular value of the Jacobian at the middle of the first
 * held-out picture, as large as a training crop, by power iteration on J'J
 * (jf_stretch_largest).  Of the inverse no transpose is at hand: found is the
 * largest |J^-1 v| / |v| over the vectors v, J^-1 v, J^-2 v .. from a random
 * start, so a lower bound of its norm.  Both by central differences in float:
 * some per cent. */
#include "highres.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PRODUCTS = 16 };

/* The largest growth along repeated application of J^-1 at z. */
static double inverse_found(const run *r, const jf_layer *f, const real *theta,
                            const real *z)
{
    size_t d = f->d;
    double h = cbrt((double)JF_EPS) * jf_norm(d, z) / sqrt((double)d);
    double largest = 0;
    jf_matrix v = jf_matrix_new(1, d), two = jf_matrix_new(2, d);
    jf_fill_normal(v, r->seed, JF_PURPOSE_USER + 702, 0);
    for (size_t k = 0; k < PRODUCTS; k++) {
        /* entries of size 1 in the mean, so steps of size h */
        double size = jf_norm(d, v.data) / sqrt((double)d);
        for (size_t i = 0; i < d; i++) {
            real step = (real)(h / size * (double)v.data[i]);
            jf_row(two, 0)[i] = z[i] + step;
            jf_row(two, 1)[i] = z[i] - step;
        }
        if (jf_inverse(f, theta, two, r->e->team) != GSL_SUCCESS)
            largest = (double)NAN;
        for (size_t i = 0; i < d; i++)
            v.data[i] =
                (real)(((double)jf_row(two, 0)[i] - (double)jf_row(two, 1)[i]) /
                       (2 * h));
        double growth = jf_norm(d, v.data) / sqrt((double)d);
        largest = jf_worse(largest, growth);
        if (!isfinite(growth) || growth == 0)
            break;
    }
    jf_matrix_free(&two);
    jf_matrix_free(&v);
    return largest;
}

void highres_stretch(const run *r, const jf_layer *f, const real *theta,
                     size_t step, jf_table *out)
{
    jf_matrix x = jf_matrix_new(1, f->d);
    double largest, ld;
    highres_middle(r->p, 0, x.data);
    int status =
        jf_stretch_largest(f, theta, x.data, 1e-4 * sqrt((double)f->d), r->seed,
                           PRODUCTS, 0.01, &largest, r->e->team);
    if (status != GSL_SUCCESS && status != GSL_EMAXITER)
        largest = (double)NAN;
    double found = jf_forward(f, theta, x, &ld, r->e->team) == GSL_SUCCESS
                       ? inverse_found(r, f, theta, x.data)
                       : (double)NAN;
    jf_table_row(out, r->point, "%zu,%s,%lu,%g,%zu," JF_G "," JF_G "," JF_G,
                 r->p->size, highres_recipes[r->r].name, r->seed, r->rate, step,
                 largest, found, largest * found);
    jf_matrix_free(&x);
}
