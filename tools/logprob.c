/* logprob.c -- what a trained flow says of the rows of a table: log p(x), log
 * |det dz/dx| and z, in the units of the table, as audit --flow reads them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trained.h"

static const char about[] =
    "Evaluate a trained flow on a table: log-likelihood, log |det J| and z.\n"
    "Its file is what audit --flow judges (a flow over a normal base).";

static const char *const files[] = {
    "Files:",
    "  FLOW.theta          what fit --save wrote (docs/flow-files.md)",
    "  FILE.csv            log_likelihood, log_abs_det, z1 .. zd, x1 .. xd, a "
    "row",
    "                      of the table a line; nats, units of the table; with",
    "                      --likelihoods the first two alone",
    "",
    "Exit status:",
    "  0  it ran",
    "  1  anything else, such as a file that cannot be written",
    "  2  a bad option or bad input: one line on stderr says where and what",
    NULL,
};

/* (n, 2 + 2 d): log p, log |det|, z, x; brief: (n, 2), the first two. */
static double *evaluate(const jf_model *m, jf_matrix x, int brief,
                        jf_team *team)
{
    size_t n = x.rows, d = brief ? 0 : x.cols, columns = 2 + 2 * d;
    double *rows = jf_alloc(n * columns, sizeof *rows);
    double *log_p = jf_alloc(2 * n, sizeof *log_p), *log_abs_det = log_p + n;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++)
            rows[i * columns + 2 + d + j] = (double)jf_row(x, i)[j];
    if (jf_model_forward(m, x, log_abs_det, log_p, team) != GSL_SUCCESS)
        jf_fail(1, "%s", jf_error_last()->message);
    for (size_t i = 0; i < n; i++) {
        if (isnan(log_p[i]) || isnan(log_abs_det[i]))
            jf_fail(1,
                    "row %zu: the log-likelihood is no number: the flow "
                    "overflows there",
                    i + 1);
        rows[i * columns] = log_p[i];
        rows[i * columns + 1] = log_abs_det[i];
        for (size_t j = 0; j < d; j++)
            rows[i * columns + 2 + j] = (double)jf_row(x, i)[j];
    }
    free(log_p);
    return rows;
}

/* The mean, of rows whose density is not 0; where the table got noise of a step,
 * also in bits a dimension, which bounds that of the table without it (C2.7). */
static void say(const char *name, const double *rows, size_t n, size_t columns,
                size_t d, double step)
{
    size_t count = 0, first = 0;
    double *log_p = jf_alloc(n, sizeof *log_p);
    for (size_t i = 0; i < n; i++) {
        if (isfinite(rows[i * columns]))
            log_p[count++] = rows[i * columns];
        else if (i == count)
            first = i + 1;
    }
    if (n == 1)
        printf("%s: log-likelihood %.6f nats", name, rows[0]);
    else
        printf("%s: %zu rows, ", name, n);
    if (count < n && n > 1)
        printf("%zu of density 0 (the first: row %zu), mean log-likelihood "
               "-inf nats%s",
               n - count, first, count ? "; of the others " : "");
    else if (n > 1)
        printf("mean log-likelihood ");
    jf_sample_moments mean = jf_sample_of(count, log_p);
    if (n > 1 && count == 1)
        printf("%.6f nats", mean.mean);
    else if (n > 1 && count)
        printf("%.6f +- %.2g nats", mean.mean, mean.se);
    if (step > 0 && count)
        printf(", %.4f bits per dimension",
               jf_bits_per_dim(mean.mean + (double)d * log(step), d, 0));
    printf("\n");
    free(log_p);
}

/* Data of another number of columns; of pictures with the size that fits. */
static void refuse(const char *load, const jf_model *m, const jf_dataset *data)
{
    char hint[64] = "";
    size_t channels, side = trained_side(m->flow->d, &channels);
    if (data->height && side)
        snprintf(hint, sizeof hint, "; --size %zu of %zu channel%s is expected",
                 side, channels, channels == 1 ? "" : "s");
    jf_fail(2, "%s: a flow of %zu columns found, %s has %zu%s", load,
            m->flow->d, data->name, data->x.cols, hint);
}

int main(int argc, char **argv)
{
    const char *load = NULL, *out = NULL;
    int brief = 0;
    const jf_option own[] = {
        {"load=FLOW.theta", "the flow", NULL, &load},
        {"out=FILE.csv", "where the rows go", NULL, &out},
        {"likelihoods", "rows without z and x [with them]", &brief, NULL},
        {0}};
    jf_args args = jf_args_read_program(
        argc, argv,
        &(jf_program){about, own, files, JF_PRECISION, TRAINED_TABLE});
    gsl_set_error_handler_off();
    int lists = args.data && strcmp(args.data, "list") == 0;
    if (!out && !lists)
        jf_fail(2, "no --out found, a file for the rows expected");
    jf_model m = lists ? (jf_model){0} : trained_model(load);
    jf_dataset data = trained_table(&args, m.flow);
    if (m.flow->d != data.x.cols)
        refuse(load, &m, &data);
    experiment_add_noise(&data, m.noise, args.seed);

    jf_team *team = jf_team_new(args.threads);
    size_t n = data.x.rows, d = data.x.cols, columns = brief ? 2 : 2 + 2 * d;
    double *rows = evaluate(&m, data.x, brief, team);
    jf_text names = {0}, comment = {0};
    jf_text_add(&names, "log_likelihood,log_abs_det");
    if (!brief) {
        trained_names(&names, 'z', d);
        trained_names(&names, 'x', d);
    }
    jf_text_add(&comment, "logprob: %s by %s, nats", data.name, load);
    trained_write(out, comment.data, names.data, n, columns, rows);
    say(data.name, rows, n, columns, d, m.noise);
    free(comment.data);
    free(names.data);
    free(rows);
    jf_team_free(team);
    jf_model_free(&m);
    jf_data_free(&data);
    return 0;
}
