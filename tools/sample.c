/* sample.c -- rows drawn from a trained flow, in the units of its table. */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "trained.h"

static const char about[] =
    "Draw rows from a trained flow, in the units of its table.\n"
    "A flow of whole numbers with noise gives whole numbers.";

static const char *const files[] = {
    "Files:",
    "  FLOW.theta          what fit --save wrote (docs/flow-files.md)",
    "  FILE.csv            x1 .. xd, a row drawn a line",
    "",
    "Exit status:",
    "  0  it ran",
    "  1  anything else, such as an inverse that does not settle",
    "  2  a bad option or bad input: one line on stderr says where and what",
    NULL,
};

int main(int argc, char **argv)
{
    const char *load = NULL, *out = NULL, *count = "1000";
    const jf_option own[] = {{"load=FLOW.theta", "the flow", NULL, &load},
                             {"n=N", "rows [1000]", NULL, &count},
                             {"out=FILE.csv", "where they go", NULL, &out},
                             {0}};
    jf_args args =
        jf_args_read_program(argc, argv,
                             &(jf_program){about, own, files, JF_PRECISION,
                                           "help version seed threads"});
    size_t n = jf_args_number("n", count, 1, 100000000);
    gsl_set_error_handler_off();
    if (!out)
        jf_fail(2, "no --out found, a file for the rows expected");
    jf_model m = trained_model(load);
    jf_team *team = jf_team_new(args.threads);
    size_t d = m.flow->d;
    jf_matrix x = jf_matrix_new(n, d);
    if (jf_model_sample(&m, x, args.seed, team) != GSL_SUCCESS)
        jf_fail(1, "%s", jf_error_last()->message);
    double *rows = jf_alloc(n * d, sizeof *rows);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++) {
            double v = (double)jf_row(x, i)[j];
            rows[i * d + j] = m.noise > 0 ? floor(v) : v;
        }
    jf_text names = {0}, comment = {0};
    trained_names(&names, 'x', d);
    jf_text_add(&comment, "sample: of %s, seed %lu", load, args.seed);
    trained_write(out, comment.data, names.data, n, d, rows);
    free(comment.data);
    free(names.data);
    free(rows);
    jf_matrix_free(&x);
    jf_team_free(team);
    jf_model_free(&m);
    return 0;
}
