/* optimum/main.c -- the value that eigenvalues predict, and whether training
 * reaches it.
 *
 * Question  Does training reach the optimum that the eigenvalues of the
 *           covariance or auto-correlation matrix predict, whatever the
 *           parameterisation, and what lies beyond it?
 * Method    The parts, one file each: linear.c trains every linear
 *           parameterisation, factors.c counts the factors that
 *           products need, flows.c trains flows with and without
 *           constant determinant, samples.c checks finite samples,
 *           optimum_{unique,finite,points,classes}.c check closed forms and
 *           individual data points, images.c and textures.c
 *           power spectra of images, and spectrum.c prints the
 *           predictions without any training.
 * Writes    optimum-{spectrum,ppca,linear,factors,flows,training,samples,
 *           points,images,textures}.csv, verdicts/optimum.csv. */
#include "optimum.h"

#include <stdlib.h>
#include <string.h>

static const char about[] =
    "Does training reach the likelihood that the eigenvalues predict?\n"
    "Without --data: all parts on the shipped tables, toys and Gaussians.\n"
    "With --data: the parts that ask about a table, on that table; its rows\n"
    "are samples and its columns numbers.  --data list names the built-in "
    "ones.  Of pictures the power spectrum as well; of a folder with --size\n"
    "above 16 that alone.";

enum { WIDE = 16 }; /* a folder of larger pictures is no table to fit */

static int dequantize; /* --dequantize */

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
jf_dataset optimum_data(const experiment *e, const char *spec)
{
    jf_dataset data;
    if (experiment_data(e, spec, &data) != GSL_SUCCESS)
        exit(2);
    if (dequantize || strcmp(spec, "digits") == 0)
        jf_dequantize(data.x, R(1.0), e->args.seed);
    if (jf_data_check(&data) != GSL_SUCCESS)
        exit(2);
    double *mean = jf_alloc(2 * data.x.cols, sizeof *mean);
    jf_standardize(data.x, mean, mean + data.x.cols);
    free(mean);
    refuse_dependent(e, &data);
    return data;
}

int optimum_whole_numbers(jf_matrix x)
{
    for (size_t i = 0; i < x.rows; i++)
        for (size_t j = 0; j < x.cols; j++)
            if (jf_row(x, i)[j] != (real)(long)jf_row(x, i)[j])
                return 0;
    return 1;
}

/* The parts that no table of the user's changes. */
static void without_data(experiment *e)
{
    run_checks(
        e, "optimum-points", 4,
        (check_list[]){list_unique, list_finite, list_points, list_classes});
    optimum_textures(e);
    optimum_samples(e);
    optimum_factors(e);
}

int main(int argc, char **argv)
{
    int no_train = 0;
    const jf_option own[] = {
        {"no-train", "print the predictions for a table and stop [train]",
         &no_train, NULL},
        {"dequantize",
         "add U(0, 1) noise: for tables of whole numbers [as they are]",
         &dequantize, NULL},
        {0}};
    experiment e = {.args = jf_args_read(argc, argv, about, own)};

    gsl_set_error_handler_off(); /* a failed run is a row */
    if (e.args.data && strcmp(e.args.data, "list") == 0) {
        jf_data_list(stdout);
        return 0;
    }
    e.team = jf_team_new(e.args.threads);
    int pictures = e.args.data && jf_images_content(e.args.data);
    int table = !pictures || e.args.size <= WIDE ||
                jf_images_content(e.args.data) == JF_PICTURE;
    if (table && !no_train && e.args.data) { /* refuse before any work */
        jf_dataset data = optimum_data(&e, e.args.data);
        jf_data_free(&data);
    }
    if (!no_train)
        e.verdicts = jf_verdicts_new(&e.args);
    if (table)
        optimum_spectrum(&e);
    if (pictures || (!e.args.data && !no_train))
        optimum_images(&e);
    if (!no_train) {
        if (!e.args.data)
            without_data(&e);
        if (table) {
            optimum_linear(&e);
            optimum_flows(&e);
        }
        jf_verdicts_close(e.verdicts);
    }
    jf_tables_done();
    jf_team_free(e.team);
    return 0;
}
