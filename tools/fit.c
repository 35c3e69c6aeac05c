/* fit.c -- train a flow on a table and write it to a file.
 *
 * Rows are split at random: the share --held is left out of training, one half
 * of it to stop by, the other half to judge by.  Columns are standardised by
 * the training rows; mean and scale go into the file, and all likelihoods are
 * in the units of the table.  Adam, a cosine of the rate, clipped gradients,
 * the parameters of the best check.
 *
 * Beside the flow stands EIG, the best that affine flows can do on the training
 * rows (theory/theory.md, C3.1), and what that Gaussian law gives the rows that
 * were left out. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "presets.h"
#include "trained.h"

enum { WIDE = 1024 }; /* columns of which eigenvalues are still asked */

static const char about[] =
    "Train a flow on your own table, and write it to a file.\n"
    "Prints the likelihood of training rows and of rows left out, the optimum\n"
    "of affine flows beside it, and of pictures bits per dimension.";

static const char *const files[] = {
    "Files:",
    "  FLOW.theta          the flow: layers, parameters, base law, units",
    "                      (docs/flow-files.md)",
    "",
    "Exit status:",
    "  0  it ran",
    "  1  anything else, such as a training that diverged",
    "  2  a bad option or bad input: one line on stderr says where and what",
    NULL,
};

typedef struct {
    const char *save, *flow, *base;
    size_t steps, batch;
    double rate, held;
    int dequantize;
} options;

static options read_options(int argc, char **argv, jf_args *args)
{
    const char *steps = NULL, *rate = NULL, *held = NULL, *batch = NULL;
    options o = {.base = "normal()",
                 .steps = 2000,
                 .batch = 256,
                 .rate = 2e-3,
                 .held = 0.3};
    char flow_help[160];
    snprintf(flow_help, sizeof flow_help,
             "the layers, as docs/flow-files.md writes them, or a name: %s "
             "[coupling; of pictures glow]",
             preset_names);
    const jf_option own[] = {
        {"save=FLOW.theta", "where the flow goes", NULL, &o.save},
        {"flow=TEXT", flow_help, NULL, &o.flow},
        {"base=LAW",
         "the law of z: normal(), logistic(), student(degrees=5), or behind "
         "maps "
         "into a box, such as normal_cdf(), uniform(a=0, b=1) [normal()]",
         NULL, &o.base},
        {"steps=N", "of Adam, at most [2000]", NULL, &steps},
        {"batch=N", "rows a step [256]", NULL, &batch},
        {"rate=R", "the largest rate [0.002]", NULL, &rate},
        {"held=SHARE", "of the rows, left out of training [0.3]", NULL, &held},
        {"dequantize",
         "add U(0, 1) noise: for tables of whole numbers; pictures get it "
         "always [as they are]",
         &o.dequantize, NULL},
        {0}};
    *args = jf_args_read_program(
        argc, argv,
        &(jf_program){about, own, files, JF_PRECISION, TRAINED_TABLE});
    o.steps = steps ? jf_args_number("steps", steps, 1, 100000000) : o.steps;
    o.batch = batch ? jf_args_number("batch", batch, 1, 100000000) : o.batch;
    o.rate = rate ? jf_args_real("rate", rate, 0, 10) : o.rate;
    o.held = held ? jf_args_real("held", held, 0, 0.9) : o.held;
    if (!o.save && !(args->data && strcmp(args->data, "list") == 0))
        jf_fail(2, "no --save found, a file for the flow expected");
    return o;
}

/* A name, or else a text, whose columns are those of the table. */
static jf_layer *flow_of(const options *o, const jf_dataset *data)
{
    const char *text = o->flow ? o->flow : preset_for(data), *why;
    int is_text = strchr(text, '(') != NULL;
    jf_layer *f = is_text ? jf_flow_parse(text) : preset_new(text, data, &why);
    if (!f && is_text)
        jf_fail(2, "--flow: %s", jf_error_last()->message);
    if (!f)
        jf_fail(2, "--flow: '%s' found, %s; a text or one of %s expected", text,
                why, preset_names);
    if (f->d != data->x.cols)
        jf_fail(2, "--flow: a flow of %zu columns found, %s has %zu", f->d,
                data->name, data->x.cols);
    return f;
}

/* Training rows, those to stop by, those to judge by. */
typedef struct {
    jf_matrix train, stop, judge;
} parts;

static parts split(const options *o, const jf_args *args, jf_dataset *data)
{
    parts p;
    if (jf_split(data->x, 1 - o->held, o->held / 2, args->seed, &p.train,
                 &p.stop, &p.judge) != GSL_SUCCESS)
        jf_fail(1, "no memory for the parts of the table");
    if (p.train.rows < 2 || p.stop.rows == 0 || p.judge.rows == 0)
        jf_fail(2,
                "%s: %zu rows to train on, %zu to stop by, %zu to judge by, 2, "
                "1 and 1 at least expected",
                data->name, p.train.rows, p.stop.rows, p.judge.rows);
    return p;
}

static void to_units(const jf_model *m, jf_matrix x)
{
    for (size_t i = 0; i < x.rows; i++)
        for (size_t j = 0; j < x.cols; j++) {
            real *v = &jf_row(x, i)[j];
            *v = (*v - (real)m->mean[j]) / (real)m->scale[j];
        }
}

/* Units by the training rows: by column, or of pictures one for all.  Returns
 * sum log scale: likelihoods in the units of the table are lower by it. */
static double standardise(jf_model *m, const parts *p, int pictures)
{
    size_t d = p->train.cols;
    double shift = 0, mean = 0, square = 0;
    m->mean = jf_alloc(d, sizeof *m->mean);
    m->scale = jf_alloc(d, sizeof *m->scale);
    jf_matrix copy = jf_matrix_new(p->train.rows, d);
    jf_matrix_copy(copy, jf_const(p->train));
    jf_standardize(copy, m->mean, m->scale);
    jf_matrix_free(&copy);
    for (size_t j = 0; j < d; j++) {
        mean += m->mean[j] / (double)d;
        square +=
            (m->mean[j] * m->mean[j] + m->scale[j] * m->scale[j]) / (double)d;
    }
    for (size_t j = 0; j < d; j++) {
        if (pictures) {
            m->mean[j] = mean;
            m->scale[j] = sqrt(square - mean * mean);
        }
        shift += log(m->scale[j]);
    }
    to_units(m, p->train);
    to_units(m, p->stop);
    to_units(m, p->judge);
    return shift;
}

/* The affine optimum of the training rows: on them EIG, and on x. */
typedef struct {
    double eig, judged; /* NaN: not known */
} affine_optimum;

static affine_optimum gaussian(const parts *p, const char *name, jf_team *team)
{
    affine_optimum a = {(double)NAN, (double)NAN};
    size_t d = p->train.cols, n = p->judge.rows;
    jf_moments m;
    if (d > WIDE || p->train.rows <= d)
        return a;
    if (jf_moments_of(jf_const(p->train), &m, team) != GSL_SUCCESS)
        jf_fail(1, "%s: the eigenvalues did not converge", name);
    if (m.rank < d)
        jf_fail(2,
                "%s: %zu columns of rank %zu found, full rank expected; leave "
                "some out with --columns",
                name, d, m.rank);
    double *z = jf_alloc(d * n, sizeof *z), square = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++)
            z[j * n + i] = (double)jf_row(p->judge, i)[j] - m.mean[j];
    jf_solve_upper(1, d, n, m.t_sigma, z);
    for (size_t i = 0; i < d * n; i++)
        square += z[i] * z[i] / (double)n;
    a.eig = jf_eig_log_det(d, m.log_det_sigma);
    a.judged = -0.5 * ((double)d * JF_LOG_2PI + m.log_det_sigma + square);
    free(z);
    jf_moments_free(&m);
    return a;
}

static int watch(void *arg, const jf_fit_point *point)
{
    const jf_fit_options *o = arg;
    static const jf_args shown = {.program = "fit"};
    jf_progress(&shown, "training", point->step, o->steps);
    return 0;
}

/* Training cannot begin where a row has density 0, or none. */
static void check_start(const options *o, const jf_model *m, jf_matrix x,
                        jf_team *team)
{
    size_t bad = 0;
    double *log_p = jf_alloc(x.rows, sizeof *log_p);
    int status =
        jf_log_prob(m->flow, &m->base, m->theta, jf_const(x), log_p, team);
    if (status != GSL_SUCCESS)
        jf_fail(status == GSL_EDOM ? 2 : 1,
                "%s, where the flow that training starts from takes it",
                jf_error_last()->message);
    for (size_t i = 0; i < x.rows; i++)
        bad += !isfinite(log_p[i]);
    if (bad)
        jf_fail(
            2,
            "%zu of %zu rows have density 0, or none, by the flow that "
            "training starts from and the base %s; maps that are defined at "
            "every row, and a base that is positive there, expected",
            bad, x.rows, o->base);
    free(log_p);
}

static jf_fit_result train(const options *o, const jf_args *args,
                           const parts *p, jf_model *m, jf_team *team)
{
    jf_fit_result result;
    jf_fit_options fit = {.rate = o->rate,
                          .steps = o->steps,
                          .batch = o->batch,
                          .schedule = {JF_COSINE, o->steps / 20, 0.01, 0, 0},
                          .clip = 10 * sqrt((double)m->flow->d),
                          .seed = args->seed,
                          .validation = jf_const(p->stop),
                          .patience = 50,
                          .trace = args->quiet ? NULL : watch,
                          .trace_every = 10};
    fit.trace_arg = &fit;
    m->theta = jf_theta_new(m->flow);
    if (jf_init(m->flow, m->theta, jf_const(p->train), args->seed, team) !=
        GSL_SUCCESS)
        jf_fail(1, "%s", jf_error_last()->message);
    check_start(o, m, p->train, team);
    check_start(o, m, p->stop, team);
    if (jf_fit(m->flow, &m->base, m->theta, jf_const(p->train), &fit, &result,
               team) != GSL_SUCCESS)
        jf_fail(1, "%s", jf_error_last()->message);
    if (result.status == JF_DIVERGED)
        jf_fail(1,
                "the training diverged at step %zu; a smaller --rate may "
                "help",
                result.step);
    return result;
}

static jf_likelihood value_of(const jf_model *m, jf_matrix x, jf_team *team)
{
    jf_likelihood v;
    if (jf_nll(m->flow, &m->base, m->theta, jf_const(x), &v, NULL, team) !=
        GSL_SUCCESS)
        jf_fail(1, "%s", jf_error_last()->message);
    return v;
}

/* What was reached, in nats, and in bits where the columns are whole numbers
 * with noise. */
static void say(const jf_model *m, const parts *p, double shift,
                affine_optimum a, const jf_fit_result *fit, jf_team *team)
{
    size_t d = m->flow->d;
    jf_likelihood v = value_of(m, p->train, team),
                  w = value_of(m, p->judge, team);
    printf("%zu parameters; %s after %zu steps, best at %zu\n\n",
           m->flow->module.n_params, jf_fit_status_name(fit->status), fit->step,
           fit->best_step);
    printf("%-34s %14s %14s\n", "mean log-likelihood [nats]", "training",
           "left out");
    printf("%-34s %14.6f %14.6f  +- %.2g\n", "the flow", -v.nll - shift,
           -w.nll - shift, w.se);
    if (isnan(a.eig))
        printf("EIG: the best affine flow          not known: fewer rows than "
               "columns, or above %d\n",
               WIDE);
    else
        printf("%-34s %14.6f %14.6f\n", "EIG: the best affine flow",
               a.eig - shift, a.judged - shift);
    if (m->noise > 0)
        printf("%-34s %14.6f %14.6f\n", "the flow, bits per dimension",
               jf_bits_per_dim(-v.nll - shift, d, 0),
               jf_bits_per_dim(-w.nll - shift, d, 0));
    printf("%-34s %14.6f %14.6f\n", "|z|^2 / d", v.second_moment,
           w.second_moment);
}

int main(int argc, char **argv)
{
    jf_args args;
    options o = read_options(argc, argv, &args);
    jf_model m = {0};
    gsl_set_error_handler_off();
    jf_dataset data = trained_table(&args, NULL);
    if (jf_latent_parse(o.base, data.x.cols, &m.base, &m.arrays) != GSL_SUCCESS)
        jf_fail(2, "--base: %s", jf_error_last()->message);
    m.flow = flow_of(&o, &data);
    m.noise = o.dequantize || data.height ? 1 : 0;
    experiment_add_noise(&data, m.noise, args.seed);
    if (!data.height && jf_data_check(&data) != GSL_SUCCESS)
        exit(2);

    parts p = split(&o, &args, &data);
    double shift = standardise(&m, &p, data.height > 0);
    jf_team *team = jf_team_new(args.threads);
    affine_optimum a = gaussian(&p, data.name, team);
    printf("%s: %zu rows of %zu columns; %zu to train on, %zu to stop by, %zu "
           "left out\n",
           data.name, data.x.rows, data.x.cols, p.train.rows, p.stop.rows,
           p.judge.rows);
    jf_fit_result fit = train(&o, &args, &p, &m, team);
    say(&m, &p, shift, a, &fit, team);
    if (jf_flow_save(o.save, &m) != GSL_SUCCESS)
        exit(1);
    printf("\nwritten: %s\n", o.save);
    jf_team_free(team);
    jf_matrix_free(&p.train);
    jf_matrix_free(&p.stop);
    jf_matrix_free(&p.judge);
    jf_model_free(&m);
    jf_data_free(&data);
    return 0;
}
