/* stretch.c -- how far a trained flow and its inverse stretch, at one point.
 *
 * largest: the largest singular value of the Jacobian at the middle of the first
 * held-out picture, as large as a training crop, by power iteration on J'J
 * (jf_stretch_largest).  Of the inverse found is a lower bound
 * (jf_stretch_inverse_found).  Both by central differences in float: some per
 * cent. */
#include "highres.h"

#include <math.h>

enum { PRODUCTS = 16 };

void highres_stretch(const run *r, const jf_layer *f, const real *theta,
                     size_t step, jf_table *out)
{
    jf_matrix x = jf_matrix_new(1, f->d);
    double largest, found, ld;
    highres_middle(r->p, 0, x.data);
    int status =
        jf_stretch_largest(f, theta, x.data, 1e-4 * sqrt((double)f->d), r->seed,
                           PRODUCTS, 0.01, &largest, r->e->team);
    if (status != GSL_SUCCESS && status != GSL_EMAXITER)
        largest = (double)NAN;
    if (jf_forward(f, theta, x, &ld, r->e->team) != GSL_SUCCESS ||
        jf_stretch_inverse_found(f, theta, x.data, r->seed, PRODUCTS, &found,
                                 r->e->team) != GSL_SUCCESS)
        found = (double)NAN;
    jf_table_row(out, r->point, "%zu,%s,%lu,%g,%zu," JF_G "," JF_G "," JF_G,
                 r->p->size, highres_recipes[r->r].name, r->seed, r->rate, step,
                 largest, found, largest * found);
    jf_matrix_free(&x);
}
