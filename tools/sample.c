/* sample.c -- rows drawn from a trained flow, in the units of its table, or the
 * pictures that they are. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trained.h"

static const char about[] =
    "Draw rows from a trained flow, in the units of its table.\n"
    "A flow of whole numbers with noise gives whole numbers.";

static const char *const files[] = {
    "Files:",
    "  FLOW.theta          what fit --save wrote (docs/flow-files.md)",
    "  FILE.csv            x1 .. xd, a row drawn a line",
    "  FILE.png            of a flow of square pictures of values 0 .. 255, in",
    "                      colour or grey: what is drawn, as pictures",
    "",
    "Exit status:",
    "  0  it ran",
    "  1  anything else, such as an inverse that does not settle",
    "  2  a bad option or bad input: one line on stderr says where and what",
    NULL,
};

static int is_png(const char *path)
{
    size_t length = strlen(path);
    return length > 4 && strcmp(path + length - 4, ".png") == 0;
}

/* x (n, d), which is changed, as n pictures, ceil(sqrt(n)) in a line. */
static void write_pictures(const char *path, jf_matrix x, size_t side,
                           size_t channels)
{
    size_t columns = (size_t)ceil(sqrt((double)x.rows));
    jf_image *pictures = jf_alloc(x.rows, sizeof *pictures);
    for (size_t i = 0; i < x.rows; i++) {
        real *row = jf_row(x, i);
        for (size_t j = 0; j < x.cols; j++)
            row[j] /= 256;
        if (jf_image_of(row, side, side, channels, &pictures[i]) != GSL_SUCCESS)
            jf_fail(1, "picture %zu: %s", i + 1, jf_error_last()->message);
    }
    if (jf_image_write_grid(path, pictures, x.rows, columns) != GSL_SUCCESS)
        jf_fail(1, "%s: %s", path, jf_error_last()->message);
    for (size_t i = 0; i < x.rows; i++)
        jf_image_free(&pictures[i]);
    free(pictures);
}

static void write_rows(const char *path, jf_const_matrix x, double noise,
                       const char *load, unsigned long seed)
{
    size_t n = x.rows, d = x.cols;
    double *rows = jf_alloc(n * d, sizeof *rows);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++) {
            double v = (double)jf_const_row(x, i)[j];
            if (!isfinite(v))
                jf_fail(1,
                        "row %zu: column %zu is %g: the flow overflows there",
                        i + 1, j + 1, v);
            rows[i * d + j] = noise > 0 ? floor(v) : v;
        }
    jf_text names = {0}, comment = {0};
    trained_names(&names, 'x', d);
    jf_text_add(&comment, "sample: of %s, seed %lu", load, seed);
    trained_write(path, comment.data, names.data, n, d, rows);
    free(comment.data);
    free(names.data);
    free(rows);
}

enum { NUMBERS = 1 << 25 }; /* without --n */

int main(int argc, char **argv)
{
    const char *load = NULL, *out = NULL, *count = NULL;
    const jf_option own[] = {
        {"load=FLOW.theta", "the flow", NULL, &load},
        {"n=N", "rows [1000, or as few as have 2^25 numbers]", NULL, &count},
        {"out=FILE", "where they go", NULL, &out},
        {0}};
    jf_args args =
        jf_args_read_program(argc, argv,
                             &(jf_program){about, own, files, JF_PRECISION,
                                           "help version seed threads"});
    size_t n = count ? jf_args_number("n", count, 1, 100000000) : 0;
    gsl_set_error_handler_off();
    if (!out)
        jf_fail(2, "no --out found, a file for the rows expected");
    jf_model m = trained_model(load);
    jf_team *team = jf_team_new(args.threads);
    size_t d = m.flow->d, channels, side = trained_side(d, &channels);
    if (is_png(out) && side == 0)
        jf_fail(2,
                "%s: a flow of %zu columns found, of square pictures "
                "expected for %s",
                load, d, out);
    if (is_png(out) && !(m.noise > 0))
        jf_fail(
            2,
            "%s: a flow of real numbers found, one of pictures, whose values "
            "are whole, expected for %s",
            load, out);
    if (!count)
        n = d * 1000 <= NUMBERS ? 1000 : d < NUMBERS ? NUMBERS / d : 1;
    jf_matrix x = jf_matrix_new(n, d);
    if (jf_model_sample(&m, x, args.seed, team) != GSL_SUCCESS)
        jf_fail(1, "%s", jf_error_last()->message);
    if (is_png(out))
        write_pictures(out, x, side, channels);
    else
        write_rows(out, jf_const(x), m.noise, load, args.seed);
    jf_matrix_free(&x);
    jf_team_free(team);
    jf_model_free(&m);
    return 0;
}
