/* samples.c -- highres-samples.png: held-out crops, their reconstructions, and
 * samples at four temperatures. */
#include "highres.h"

#include <stdlib.h>

void highres_samples(const run *r, const jf_layer *f, const real *theta)
{
    enum { COLUMNS = 6, ROWS = 6 };
    static const double temperature[] = {0, 0.5, 0.7, 1};
    size_t size = r->p->size, d = f->d;
    jf_image grid[ROWS * COLUMNS];
    jf_matrix z = jf_matrix_new(ROWS * COLUMNS, d);
    double ld[COLUMNS];
    jf_text path = {0};

    if (r->p->held < COLUMNS)
        return;
    jf_matrix shown = jf_rows(z, 0, COLUMNS);
    jf_matrix_copy(jf_rows(z, COLUMNS, COLUMNS),
                   jf_const(jf_rows(r->p->test, 0, COLUMNS)));
    jf_matrix_copy(shown, jf_const(jf_rows(r->p->test, 0, COLUMNS)));
    int failed =
        jf_forward(f, theta, jf_rows(z, COLUMNS, COLUMNS), ld, r->e->team);
    jf_fill_normal(jf_rows(z, 2 * COLUMNS, 4 * COLUMNS), r->seed,
                   JF_PURPOSE_USER + 701, 0);
    for (size_t i = 2 * COLUMNS; i < ROWS * COLUMNS; i++)
        for (size_t j = 0; j < d; j++)
            jf_row(z, i)[j] *= (real)temperature[i / COLUMNS - 2];
    failed |=
        jf_inverse(f, theta, jf_rows(z, COLUMNS, 5 * COLUMNS), r->e->team);
    size_t made = 0;
    for (; made < ROWS * COLUMNS && !failed; made++)
        if (jf_image_of(jf_row(z, made), size, size, 3, &grid[made]) !=
            GSL_SUCCESS)
            break;
    jf_text_add(&path, "%s/highres-samples.png", r->e->args.out);
    if (made == ROWS * COLUMNS)
        jf_image_write_grid(path.data, grid, ROWS * COLUMNS, COLUMNS);
    for (size_t i = 0; i < made; i++)
        jf_image_free(&grid[i]);
    free(path.data);
    jf_matrix_free(&z);
}
