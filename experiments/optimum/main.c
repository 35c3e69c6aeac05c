/* optimum/main.c -- the value that eigenvalues predict, and whether training
 * reaches it.
 *
 * Question  Does training reach the optimum that the eigenvalues of the
 *           covariance or auto-correlation matrix predict, whatever the
 *           parameterisation, and what lies beyond it?
 * Method    The parts, one file each: linear.c trains every linear
 *           parameterisation (ways.c), training.c draws some of them out,
 *           factors.c counts the factors that products need, flows.c trains
 *           flows with and without constant determinant, samples.c checks
 *           finite samples, interval.c what one sample tells of its law and
 *           coverage.c of which laws it does,
 *           {unique,finite,points,radial,signals,cosine,classes}.c check closed
 *           forms and individual data points, images.c and textures.c power
 *           spectra of images, and spectrum.c prints the predictions without
 *           any training.
 * Writes    optimum-{spectrum,ppca,linear,factors,flows,training,samples,
 *           coverage,cosine,radial,points,images,textures}.csv, and
 *           verdicts/optimum.csv. */
#include "optimum.h"

static const char about[] =
    "Does training reach the likelihood that the eigenvalues predict?\n"
    "Without --data: all parts on the shipped tables, toys and Gaussians.\n"
    "With --data: the parts that ask about a table, on that table; its rows\n"
    "are samples and its columns numbers.  --data list names those built in.\n"
    "Of pictures the power spectrum as well; of a folder of pictures above 16\n"
    "pixels a side that alone.";

enum { WIDE = 16 }; /* a folder of larger pictures is no table to fit */

/* The parts that no table of the user's changes. */
static void without_data(experiment *e)
{
    run_checks(e, "optimum-points", 9,
               (check_list[]){list_unique, list_finite, list_points,
                              list_signals, list_classes, list_samples,
                              list_interval, list_cosine, list_radial});
    optimum_textures(e);
    optimum_samples(e);
    optimum_coverage(e);
    optimum_cosine(e);
    optimum_radial(e);
    optimum_factors(e);
}

static size_t picture_side(const experiment *e)
{
    jf_images_shape shape;
    if (e->args.size)
        return e->args.size;
    jf_images *set = jf_images_open(e->args.data, 0);
    if (!set || jf_images_one_shape(set, &shape) != GSL_SUCCESS)
        jf_end(2);
    jf_images_free(set);
    return shape.height > shape.width ? shape.height : shape.width;
}

int main(int argc, char **argv)
{
    int no_train = 0;
    const jf_option own[] = {
        {"no-train", "print the predictions for a table and stop [train]",
         &no_train, NULL},
        {"dequantize",
         "add U(0, 1) noise: for tables of whole numbers [as they are]",
         &optimum_dequantize, NULL},
        {"save=FILE",
         "write the trained RealNVP of the first table (wine without --data), "
         "first seed, with the units of the table [nowhere]",
         NULL, &optimum_save},
        {0}};
    experiment e = experiment_read(argc, argv, about, own);
    if (no_train && optimum_dequantize)
        jf_fail(2, "--dequantize: noise is for training, and --no-train has "
                   "none");
    if (no_train && optimum_save)
        jf_fail(2, "--save with --no-train found, one of them expected");
    experiment_start(&e, !no_train);
    int pictures = e.args.data && jf_images_content(e.args.data);
    int table = !pictures || picture_side(&e) <= WIDE ||
                jf_images_content(e.args.data) == JF_PICTURE;
    if (table && !no_train && e.args.data) { /* refuse before any work */
        jf_dataset data = optimum_data(&e, e.args.data);
        jf_data_free(&data);
    }
    if (table)
        optimum_spectrum(&e);
    if (pictures || (!e.args.data && !no_train))
        optimum_images(&e);
    if (!no_train) {
        if (!e.args.data)
            without_data(&e);
        if (table) {
            optimum_linear(&e);
            optimum_training(&e);
            optimum_flows(&e);
        }
    }
    experiment_saved(&e, optimum_save);
    return experiment_close(&e);
}
