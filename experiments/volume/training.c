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
 *           exact).
 *           volume-monotone.csv, a run per row: sign changes of the increments
 *           of E log|det|, and the largest drawdown, over the recorded steps.
 *           volume-identities.csv (C5.3), at the end of each run: derivatives
 *           of the likelihood by an output scale, shift and matrix against the
 *           moments.  All in nats. */
#include "common/linear_layers.h"
#include "record.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

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
        exit(2);
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

typedef struct { /* the worst of all runs */
    double laws_above, linear_above, scale, diagonal, matrix, drawdown;
    size_t runs, turning;
} tally;

static void count_run(const tables *t, size_t p, tally *n)
{
    const jf_table *ends = t->identities;
    for (size_t i = 0; i < jf_table_rows(t->training, p); i++) {
        double above = jf_table_number(t->training, p, i, "excess_nats");
        double se = jf_table_number(t->training, p, i, "se_excess");
        if (se > 0)
            n->laws_above = jf_worse(n->laws_above, above / se);
        else
            n->linear_above = jf_worse(n->linear_above, above);
    }
    if (!jf_table_rows(t->monotone, p))
        return;
    n->runs++;
    n->turning += jf_table_number(t->monotone, p, 0, "sign_changes") > 0;
    n->drawdown = jf_worse(n->drawdown,
                           jf_table_number(t->monotone, p, 0, "drawdown_nats"));
    n->scale = jf_worse(n->scale, jf_table_number(ends, p, 0, "scale"));
    n->diagonal =
        jf_worse(n->diagonal, jf_table_number(ends, p, 0, "diagonal"));
    n->matrix = jf_worse(n->matrix, jf_table_number(ends, p, 0, "matrix"));
}

static void judge(const experiment *e, const tables *t, size_t points)
{
    tally n = {.laws_above = -(double)INFINITY,
               .linear_above = -(double)INFINITY};
    for (size_t p = 0; p < points; p++)
        count_run(t, p, &n);
    jf_claim claim = {"C5.1",
                      "E log|det| - (d/2) log(E|f|^2/d) never exceeds (d/2) "
                      "log(2 pi e) - h(X)",
                      "laws of known entropy, d = 2, 8; every recorded step of "
                      "every run",
                      "largest excess in paired standard errors; 2000 points"};
    jf_verdict(e->verdicts, &claim, n.laws_above, JF_AT_MOST, 0, 5);
    claim.statement = "of a linear flow it never exceeds -1/2 log det S";
    claim.hypotheses = "the batch's own second moments S; every recorded step";
    claim.method = "largest excess; rounding of sums over the batch";
    jf_verdict(e->verdicts, &claim, n.linear_above, JF_AT_MOST, 0, 1e-9);
    claim =
        (jf_claim){"C5.3", "the derivative in an output scale is d - E|f|^2",
                   "every flow as trained, stationary or not",
                   "largest difference over 1 + |moment|; rounding"};
    jf_verdict(e->verdicts, &claim, n.scale, JF_EQUAL, 0, 1e-10);
    claim.statement = "those in output scales and shifts by column are 1 - E "
                      "f_i^2 and -E f_i";
    jf_verdict(e->verdicts, &claim, n.diagonal, JF_EQUAL, 0, 1e-10);
    claim.statement = "that in an output matrix is I - E f f'";
    jf_verdict(e->verdicts, &claim, n.matrix, JF_EQUAL, 0, 1e-10);
    jf_text says = {0};
    jf_text_add(&says,
                "as worded: training increases E log|det| (%zu of %zu runs "
                "turn)",
                n.turning, n.runs);
    claim = (jf_claim){"C5.4dw", says.data, "none",
                       "largest drawdown over the recorded steps of a run "
                       "[nats]; rounding"};
    jf_verdict(e->verdicts, &claim, n.drawdown, JF_EQUAL, 0, 1e-9);
    free(says.data);
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
                     "second_moment,bound,excess_nats,se_excess",
                     points),
        jf_table_new(&e->args, "volume-monotone",
                     "data,flow,seed,status,records,sign_changes,drawdown_nats",
                     points),
        jf_table_new(&e->args, "volume-identities",
                     "data,flow,seed,n,d,second_moment,scale,diagonal,matrix",
                     points)};

    for (size_t k = 0; k < count; k++)
        in[k] = read_table(e, table_names[k]);
#pragma omp parallel for schedule(dynamic, 1) num_threads((int)e->team->threads)
    for (size_t p = 0; p < points; p++) {
        run_point(e, in, p, on_laws, &t);
#pragma omp critical(volume_training)
        jf_progress(&e->args, "training", ++done, points);
    }
    judge(e, &t, points);
    for (size_t k = 0; k < count; k++)
        jf_matrix_free(&in[k].x);
    jf_table_close(t.identities);
    jf_table_close(t.monotone);
    jf_table_close(t.training);
}
