/* training.c -- what maximum likelihood maximises.
 *
 * Question  The abstract says that the determinant is maximised by training.
 *           Under E|f|^2 <= d, E log|det| <= (d/2) log(2 pi e) - h(X), with
 *           equality at N(0, I) (C5.1).  Does training climb to that ceiling,
 *           and how: monotonically?
 * Method    Flows trained on densities of known entropy (fresh draws, so that h
 *           is that of the law) and linear flows on tables (full batch, where
 *           -1/2 log det S is the ceiling of the batch itself).  Recorded
 *           (record.c) on a fixed batch.
 * Writes    volume-training.csv: bound is the ceiling; excess = profile - bound
 *           by the pairing of record.c, se its standard error (tables: 0;
 *           exact); drawdown: how far E log|det|, and the likelihood, lie below
 *           their highest values so far, both on the same batch.
 *           volume-monotone.csv, a run per row: sign changes of the increments
 *           of E log|det|, and the largest drawdowns over the recorded steps;
 *           drawdown_at_best: of E log|det|, at steps where the likelihood is
 *           higher than ever before.  A run turns where that is above 1e-12 d:
 *           training has improved the fit and lowered E log|det|.
 *           volume-identities.csv (C5.3), at the end of each run: derivatives
 *           of the likelihood by an output scale, shift and matrix against the
 *           moments; doubled: against twice the moments.  All in nats. */
#include "common/linear_layers.h"
#include "record.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

enum { FIXED = 2000, LAWS = 4, LINEAR = 4, TABLES = 3 };

/* Runs on laws: d = 2, and d = 8 by four copies. */

static const struct {
    const char *toy;
    size_t copies;
} laws[LAWS] = {
    {"banana", 1}, {"checkerboard", 1}, {"rings", 1}, {"banana", 4}};

static void run_law(const experiment *e, size_t law, size_t a,
                    unsigned long seed, const tables *t, size_t point)
{
    size_t copies = laws[law].copies, d = 2 * copies;
    training run = {.a = &architectures[a],
                    .toy = jf_toy_find(laws[law].toy),
                    .copies = copies,
                    .steps = by_profile(e, 32, 384, 3840),
                    .seed = seed};
    double log_p[FIXED] = {0}, h = run.toy->entropy(NULL) * (double)copies;
    record r = {.flow = run.a->name,
                .seed = seed,
                .f = nonlinear_new(run.a, d),
                .x = jf_matrix_new(FIXED, d),
                .log_p = log_p,
                .bound = 0.5 * (double)d * (JF_LOG_2PI + 1) - h,
                .t = t,
                .point = point,
                .team = jf_team_new(1)};
    real *theta = jf_theta_new(r.f);

    snprintf(r.data, sizeof r.data, copies > 1 ? "%s x %zu" : "%s",
             laws[law].toy, copies);
    volume_draw(&run, r.x, run.steps + 1);
    for (size_t i = 0; i < FIXED; i++)
        for (size_t k = 0; k < copies; k++)
            log_p[i] += run.toy->log_density(
                (double[]){(double)jf_row(r.x, i)[2 * k],
                           (double)jf_row(r.x, i)[2 * k + 1]});
    run.trace = record_watch;
    run.trace_arg = &r;
    const char *status = volume_train(&run, r.f, theta, r.team);
    record_take(&r, run.steps + 1, theta);
    record_conclude(&r, theta, status);
    free(theta);
    jf_team_free(r.team);
    jf_matrix_free(&r.x);
    jf_layer_free(r.f);
}

/* Linear flows on tables: gradient descent over the whole batch, from a small
 * and from a large start. */

static const struct {
    const char *name;
    void (*add)(jf_layer *, size_t);
    double start; /* W = start I */
} linear[LINEAR] = {{"dense from 0.1 I", add_dense, 0.1},
                    {"dense from 3 I", add_dense, 3},
                    {"triangular from I", add_triangular, 1},
                    {"diagonal from I", add_diagonal, 1}};

static const char *const table_names[TABLES] = {"iris", "wine", "diabetes"};

/* theta of the layer at start I. */
static void start_at(const jf_layer *f, size_t way, real *theta)
{
    size_t d = f->d;
    if (linear[way].add == add_dense)
        for (size_t i = 0; i < d; i++)
            theta[i * (d + 1)] = (real)linear[way].start;
}

/* A table with standardised columns; a bad one stops the program. */
typedef struct {
    char name[64];
    jf_matrix x;
} table;

static table read_table(const experiment *e, const char *name)
{
    jf_dataset data;
    table t;
    if (experiment_data(e, name, &data) != GSL_SUCCESS ||
        jf_data_check(&data) != GSL_SUCCESS)
        jf_end(2);
    snprintf(t.name, sizeof t.name, "%s", data.name);
    double *mean = jf_alloc(2 * data.x.cols, sizeof *mean);
    jf_standardize(data.x, mean, mean + data.x.cols);
    t.x = jf_matrix_new(data.x.rows, data.x.cols);
    jf_matrix_copy(t.x, jf_const(data.x));
    free(mean);
    jf_data_free(&data);
    return t;
}

static void run_table(const experiment *e, const table *in, size_t way,
                      const tables *t, size_t point)
{
    jf_matrix x = in->x;
    jf_team *team = jf_team_new(1);
    jf_latent q = jf_normal();
    jf_moments m;
    jf_fit_result fit;
    size_t steps = by_profile(e, 64, 2048, 20480);

    if (jf_moments_of(jf_const(x), &m, team) != GSL_SUCCESS)
        jf_fail(1, "%s: eigenvalues did not converge", in->name);
    record r = {.flow = linear[way].name,
                .seed = e->args.seed,
                .f = jf_flow_new(m.d),
                .x = x,
                .bound = -0.5 * m.log_det_r,
                .t = t,
                .point = point,
                .team = team};
    snprintf(r.data, sizeof r.data, "%s", in->name);
    linear[way].add(r.f, m.d);
    real *theta = jf_theta_new(r.f);
    start_at(r.f, way, theta);
    jf_fit(r.f, &q, theta, jf_const(x),
           &(jf_fit_options){.method = JF_SGD,
                             .rate = 0.3 / m.lambda_r[0],
                             .steps = steps,
                             .trace = record_watch,
                             .trace_arg = &r},
           &fit, team);
    record_take(&r, steps + 1, theta);
    record_conclude(&r, theta, jf_fit_status_name(fit.status));
    free(theta);
    jf_layer_free(r.f);
    jf_moments_free(&m);
    jf_team_free(team);
}

/* Verdicts. */

typedef struct { /* the worst of all runs, is[1] by the broken formula */
    double laws_above[2], linear_above[2], scale[2], diagonal[2], matrix[2];
    double se;                      /* of laws_above[0] */
    double at_best;                 /* of C5.4dw, over d */
    double most_rows, most_numbers; /* n, and n d of a table */
    size_t cells;                   /* of laws_above */
    size_t runs, turning;
} tally;

static double column(const jf_table *t, size_t p, size_t row, const char *name)
{
    return jf_table_number(t, p, row, name);
}

static void worsen(double *worst, const jf_table *t, size_t p, const char *name)
{
    *worst = jf_worse(*worst, column(t, p, 0, name));
}

/* Broken for laws: log 2 pi for log(2 pi e), a ceiling d/2 lower; for tables:
 * the product of the second moments for det S, of which standardised columns
 * have 1. */
static void count_steps(const tables *t, size_t p, tally *n)
{
    for (size_t i = 0; i < jf_table_rows(t->training, p); i++) {
        double above = column(t->training, p, i, "excess_nats");
        double se = column(t->training, p, i, "se_excess");
        if (se == 0) {
            double bound = column(t->training, p, i, "bound");
            n->linear_above[0] = jf_worse(n->linear_above[0], above);
            n->linear_above[1] = jf_worse(n->linear_above[1], above + bound);
            continue;
        }
        if (!(above <= n->laws_above[0]))
            n->se = se;
        double lower = 0.5 * column(t->identities, p, 0, "d");
        n->laws_above[0] = jf_worse(n->laws_above[0], above);
        n->laws_above[1] = jf_worse(n->laws_above[1], above + lower);
        n->cells++;
    }
}

static void count_run(const tables *t, size_t p, tally *n)
{
    if (!jf_table_rows(t->monotone, p))
        return;
    double d = column(t->identities, p, 0, "d");
    double rows = column(t->identities, p, 0, "n");
    double fall = column(t->monotone, p, 0, "drawdown_at_best_nats") / d;
    count_steps(t, p, n);
    n->most_rows = fmax(n->most_rows, rows);
    n->most_numbers = fmax(n->most_numbers, rows * d);
    n->runs++;
    n->turning += fall > TURN;
    n->at_best = jf_worse(n->at_best, fall);
    worsen(&n->scale[0], t->identities, p, "scale");
    worsen(&n->diagonal[0], t->identities, p, "diagonal");
    worsen(&n->matrix[0], t->identities, p, "matrix");
    worsen(&n->scale[1], t->identities, p, "scale_doubled");
    worsen(&n->diagonal[1], t->identities, p, "diagonal_doubled");
    worsen(&n->matrix[1], t->identities, p, "matrix_doubled");
}

/* E q*(X)/p(X) <= 1 for every density q*: by Markov's inequality the product of
 * the ratios over n rows is above 1/a with probability a at most, whatever the
 * tails; times the cells (Bonferroni). */
static double ratio_p(const tally *n, double above)
{
    double log_p = log((double)n->cells) - (double)(FIXED / 2) * above;
    return isnan(above) ? above : exp(fmin(0, log_p));
}

static void judge_laws(const experiment *e, const tally *n)
{
    static const jf_claim claim = {
        "C5.1",
        "E log|det| - (d/2) log(E|f|^2/d) never exceeds (d/2) log(2 pi e) - "
        "h(X)",
        "laws of known entropy, d = 2, 8; every recorded step of every run",
        "largest mean of log q* - log p, q* the rescaled flow's density, over "
        "1000 rows that fitted nothing [nats]; Markov's inequality for the "
        "product of q*/p, all steps by Bonferroni",
        JF_STATISTIC,
        "log 2 pi for log(2 pi e)"};
    double rows = FIXED / 2, above = n->laws_above[0];
    jf_finding f = {.law = JF_BY_P, .n = n->cells, .measured = above};
    f.tolerance = (log((double)n->cells) - log(JF_LEVEL / JF_SHARES)) / rows;
    f.detectable =
        fmax(-above, 0) + f.tolerance + gsl_cdf_ugaussian_Pinv(0.9) * n->se;
    f.p = ratio_p(n, above);
    f.planted_p = ratio_p(n, above + 1.5 * f.detectable);
    f.broken = ratio_p(n, n->laws_above[1]);
    jf_judge(e->verdicts, &claim, JF_AT_MOST, &f);
}

static void judge_identity(const experiment *e, const char *statement,
                           const double is[2], double tolerance)
{
    jf_claim claim = {"C5.3",
                      statement,
                      "every flow as trained, stationary or not",
                      "largest difference over 1 + |moment|; rounding of sums "
                      "over n rows, 4 n u",
                      JF_IDENTITY,
                      "twice the moments"};
    jf_judge(e->verdicts, &claim, JF_EQUAL,
             &(jf_finding){.measured = is[0],
                           .tolerance = tolerance,
                           .broken = is[1] - is[0]});
}

/* The same fall along a path of which the wording is true: one column of
 * variance 1, descent from w = .8 at rate .1, which climbs to w = 1. */
static double fall_of_climb(void)
{
    ld_path path = {0};
    double w = 0.8;
    for (int k = 0; k < 100; k++) {
        path_follow(&path, log(w), log(w) - 0.5 * w * w, TURN);
        w += 0.1 * (1 / w - w);
    }
    return path.at_best;
}

static void judge_turns(const experiment *e, const tally *n)
{
    jf_text says = {0};
    jf_text_add(&says,
                "as worded: training increases E log|det| (%zu of %zu runs "
                "turn)",
                n->turning, n->runs);
    jf_claim claim = {
        "C5.4dw",
        says.data,
        "full batch or a fixed batch apart from the training rows",
        "largest fall of E log|det| below its highest value before, at "
        "recorded "
        "steps where the likelihood of the same batch is higher than ever "
        "before [nats a column]; rounding of the mean",
        JF_WORDING,
        "one column from w = .8, which climbs"};
    jf_judge(e->verdicts, &claim, JF_AT_MOST,
             &(jf_finding){.measured = n->at_best,
                           .tolerance = TURN,
                           .broken = fall_of_climb() - n->at_best});
    free(says.data);
}

static void judge(const experiment *e, const tables *t, size_t points)
{
    double least = -(double)INFINITY;
    tally n = {.laws_above = {least, least}, .linear_above = {least, least}};
    for (size_t p = 0; p < points; p++)
        count_run(t, p, &n);
    if (n.cells)
        judge_laws(e, &n);
    jf_judge(e->verdicts,
             &(jf_claim){"C5.1",
                         "of a linear flow it never exceeds -1/2 log det S",
                         "the batch's own second moments S; every recorded "
                         "step",
                         "largest excess; rounding of sums over the batch, 20 "
                         "n d u",
                         JF_IDENTITY,
                         "product of the diagonal of S for its determinant"},
             JF_AT_MOST,
             &(jf_finding){.measured = n.linear_above[0],
                           .tolerance = 10 * n.most_numbers * DBL_EPSILON,
                           .broken = n.linear_above[1] - n.linear_above[0]});
    double rounding = 2 * n.most_rows * DBL_EPSILON;
    judge_identity(e, "the derivative in an output scale is d - E|f|^2",
                   n.scale, rounding);
    judge_identity(
        e,
        "those in output scales and shifts by column are 1 - E f_i^2 "
        "and -E f_i",
        n.diagonal, rounding);
    judge_identity(e, "that in an output matrix is I - E f f'", n.matrix,
                   rounding);
    judge_turns(e, &n);
}

/* Points: laws x architectures x seeds, then tables x linear flows. */

static void run_point(const experiment *e, const table *in, size_t p,
                      size_t on_laws, const tables *t)
{
    size_t seeds = on_laws / LAWS / ARCHITECTURES, k = p - on_laws;
    if (jf_table_has(t->training, p) && jf_table_has(t->monotone, p) &&
        jf_table_has(t->identities, p))
        return;
    if (p < on_laws)
        run_law(e, p / seeds / ARCHITECTURES, p / seeds % ARCHITECTURES,
                e->args.seed + p % seeds, t, p);
    else
        run_table(e, &in[k / LINEAR], k % LINEAR, t, p);
    jf_table_finish(t->training, p);
    jf_table_finish(t->monotone, p);
    jf_table_finish(t->identities, p);
}

void volume_training(experiment *e)
{
    size_t seeds = by_profile(e, 1, 2, 5), done = 0;
    size_t on_laws = e->args.data ? 0 : LAWS * ARCHITECTURES * seeds;
    size_t count = e->args.data ? 1 : TABLES;
    size_t points = on_laws + count * LINEAR;
    table in[TABLES];
    tables t = {
        jf_table_new(&e->args, "volume-training",
                     "data,flow,seed,step,nll_nats,mean_log_abs_det,"
                     "second_moment,bound,excess_nats,se_excess,drawdown_nats,"
                     "likelihood_drawdown_nats",
                     points),
        jf_table_new(&e->args, "volume-monotone",
                     "data,flow,seed,status,records,sign_changes,drawdown_nats,"
                     "likelihood_drawdown_nats,drawdown_at_best_nats,d",
                     points),
        jf_table_new(&e->args, "volume-identities",
                     "data,flow,seed,n,d,second_moment,scale,diagonal,matrix,"
                     "scale_doubled,diagonal_doubled,matrix_doubled",
                     points)};

    for (size_t k = 0; k < count; k++)
        in[k] = read_table(e, table_names[k]);
#pragma omp parallel for schedule(dynamic, 1) num_threads((int)e->team->threads)
    for (size_t p = 0; p < points; p++) {
        run_point(e, in, p, on_laws, &t);
#pragma omp critical(volume_training)
        jf_progress(&e->args, "training", ++done, points);
    }
    if (jf_table_whole(t.training) && jf_table_whole(t.monotone) &&
        jf_table_whole(t.identities))
        judge(e, &t, points);
    for (size_t k = 0; k < count; k++)
        jf_matrix_free(&in[k].x);
    jf_table_close(t.identities);
    jf_table_close(t.monotone);
    jf_table_close(t.training);
}
