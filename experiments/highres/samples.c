/* samples.c -- highres-samples.png: the centres of held-out pictures as large as
 * training crops, their reconstructions, and samples at four temperatures. */
#include "highres.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 6, ROWS = 6 };

void highres_middle(const pictures *p, size_t i, real *x)
{
    size_t line = 3 * p->side, first = (p->size - p->side) / 2;
    for (size_t k = 0; k < p->side; k++)
        memcpy(x + k * line,
               jf_row(p->test, i) + 3 * ((first + k) * p->size + first),
               line * sizeof *x);
}

/* z (rows, d): the first row of pictures is shown as it is, the second comes
 * back, the others are drawn. */
static int fill(const run *r, const jf_layer *f, const real *theta,
                size_t columns, jf_matrix z)
{
    static const double temperature[] = {0, 0.5, 0.7, 1};
    double ld[COLUMNS];
    for (size_t i = 0; i < 2 * columns; i++)
        highres_middle(r->p, i % columns, jf_row(z, i));
    int status =
        jf_forward(f, theta, jf_rows(z, columns, columns), ld, r->e->team);
    jf_fill_normal(jf_rows(z, 2 * columns, 4 * columns), r->seed,
                   JF_PURPOSE_USER + 701, 0);
    for (size_t i = 2 * columns; i < z.rows; i++)
        for (size_t j = 0; j < f->d; j++)
            jf_row(z, i)[j] *= (real)temperature[i / columns - 2];
    if (status == GSL_SUCCESS)
        status =
            jf_inverse(f, theta, jf_rows(z, columns, 5 * columns), r->e->team);
    return status;
}

void highres_samples(const run *r, const jf_layer *f, const real *theta)
{
    size_t columns = r->p->held < COLUMNS ? r->p->held : COLUMNS, made = 0;
    jf_image grid[ROWS * COLUMNS];
    jf_matrix z = jf_matrix_new(ROWS * columns, f->d);
    jf_text path = {0};
    int status = fill(r, f, theta, columns, z);
    while (made < z.rows && status == GSL_SUCCESS) {
        status = jf_image_of(jf_row(z, made), r->p->side, r->p->side, 3,
                             &grid[made]);
        made += status == GSL_SUCCESS;
    }
    jf_text_add(&path, "%s/highres-samples.png", r->e->args.out);
    if (made == z.rows)
        jf_image_write_grid(path.data, grid, made, columns);
    for (size_t i = 0; i < made; i++)
        jf_image_free(&grid[i]);
    free(path.data);
    jf_matrix_free(&z);
}
