/* data.c -- tables as flows of this experiment are trained on them. */
#include "optimum.h"

#include <stdlib.h>
#include <string.h>

int optimum_dequantize;
const char *optimum_save;

/* Columns that are combinations of others stop the program as constant or
 * equal ones do: the likelihood has no upper bound. */
static void refuse_dependent(const experiment *e, const jf_dataset *data)
{
    jf_moments m;
    if (jf_moments_of(jf_const(data->x), &m, e->team) != GSL_SUCCESS)
        jf_fail(1, "%s: the eigenvalues did not converge", data->name);
    if (m.rank < m.d)
        jf_fail(2,
                "%s: %zu columns of rank %zu found, full rank expected for "
                "training; leave some out with --columns",
                data->name, m.d, m.rank);
    jf_moments_free(&m);
}

/* Pixels of digits are whole numbers, and some are always 0: as a density they
 * need noise.  A user's table gets it on demand. */
static int needs_noise(const char *spec)
{
    return optimum_dequantize || strcmp(spec, "digits") == 0;
}

/* The table standardised; units as in optimum_units. */
static jf_dataset standardised(const experiment *e, const char *spec,
                               double **units)
{
    jf_dataset data;
    if (experiment_data(e, spec, &data) != GSL_SUCCESS)
        jf_end(2);
    experiment_add_noise(&data, needs_noise(spec), e->args.seed);
    if (jf_data_check(&data) != GSL_SUCCESS)
        jf_end(2);
    *units = jf_alloc(2 * data.x.cols, sizeof **units);
    jf_standardize(data.x, *units, *units + data.x.cols);
    return data;
}

jf_dataset optimum_data(const experiment *e, const char *spec)
{
    double *units;
    jf_dataset data = standardised(e, spec, &units);
    free(units);
    refuse_dependent(e, &data);
    return data;
}

double *optimum_units(const experiment *e, const char *spec, double *noise)
{
    double *units;
    jf_dataset data = standardised(e, spec, &units);
    jf_data_free(&data);
    *noise = needs_noise(spec);
    return units;
}

int optimum_whole_numbers(jf_matrix x)
{
    for (size_t i = 0; i < x.rows; i++)
        for (size_t j = 0; j < x.cols; j++)
            if (jf_row(x, i)[j] != (real)(long)jf_row(x, i)[j])
                return 0;
    return 1;
}
