/* training.c -- what maximum likelihood maximises.
 *
 * Question  The abstract says that the determinant is maximised by training.
 *           Under E|f|^2 <= d, E log|det| <= (d/2) log(2 pi e) - h(X), with
 *           equality at N(0, I) (C5.1).  Does training climb to that ceiling,
 *           and how: monotonically?
 * Method    Flows trained on densities of known entropy (fresh draws, so that h
 *           is that of the law) and linear flows on tables (full batch, where
 *           -1/2 log det S is the ceiling of the batch itself).  Recorded on a
 *           fixed batch: E log|det|, the second moment m = E|f|^2 / d, the
 *           likelihood, and the profile E log|det| - (d/2) log m, which is
 *           scale-free and below the ceiling for every f (C5.2).
 *           For laws the excess over the ceiling is E log q* - E log p over the
 *           batch, q* the density of the rescaled flow: paired, so that its
 *           standard error is that of the difference.
 * Writes    volume-training.csv: bound is the ceiling; excess = profile - bound
 *           by that pairing, se its standard error (tables: 0; exact).
 *           volume-monotone.csv, a run per row: sign changes of the increments
 *           of E log|det|, and the largest drawdown, over the recorded steps.
 *           volume-identities.csv (C5.3), at the end of each run: derivatives
 *           of the likelihood by an output scale, shift and matrix against the
 *           moments.  All in nats. */
#include "common/linear_layers.h"
#include "volume.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PURPOSE = JF_PURPOSE_USER + 501, BATCH = 256, FIXED = 2000 };
enum { LAWS = 4, LINEAR = 4, TABLES = 3 };

/* Training on a law. */

void volume_draw(const training *t, jf_matrix x, unsigned long step)
{
    gsl_rng *rng = jf_stream_new();
    for (size_t i = 0; i < x.rows; i++) {
        jf_stream_seek(rng, t->seed, PURPOSE, step, i);
        for (size_t k = 0; k < t->copies; k++) {
            double at[2];
            t->toy->sample(at, rng);
            jf_row(x, i)[2 * k] = (real)at[0];
            jf_row(x, i)[2 * k + 1] = (real)at[1];
        }
    }
    gsl_rng_free(rng);
}

static void fresh_draws(void *arg, jf_matrix batch, const size_t *rows,
                        size_t step)
{
    (void)rows;
    volume_draw(arg, batch, step);
}

const char *volume_train(const training *t, const jf_layer *f, real *theta,
                         jf_team *team)
{
    training copy = *t;
    jf_matrix x = jf_matrix_new(BATCH, 2 * t->copies);
    jf_latent q = jf_normal();
    jf_fit_result fit;

    volume_draw(t, x, 0);
    jf_init(f, theta, jf_const(x), t->seed, team);
    jf_fit(f, &q, theta, jf_const(x),
           &(jf_fit_options){.steps = t->steps,
                             .rate = t->a->rate,
                             .schedule = {JF_COSINE, 50, 0.01, 0, 0},
                             .clip = 10,
                             .prepare = fresh_draws,
                             .prepare_arg = &copy,
                             .trace = t->trace,
                             .trace_arg = t->trace_arg},
           &fit, team);
    jf_matrix_free(&x);
    return jf_fit_status_name(fit.status);
}

/* Records. */

typedef struct { /* a run, and what is recorded of it */
    char data[64];
    const char *flow;
    unsigned long seed;
    jf_layer *f;
    jf_matrix x;         /* the fixed batch                       */
    const double *log_p; /* of it; NULL: a table                  */
    double bound;        /* of E log|det| when m <= 1 [nats]      */
    jf_table *out;
    size_t point;
    jf_team *team;
    double highest, drawdown, last; /* of E log|det| */
    int direction;
    size_t records, turns;
} record;

/* profile - bound and its standard error: of log q* - log p, q* the density of
 * f / sqrt m. */
static void excess(const record *r, jf_matrix z, const double *ld, double m,
                   double *mean, double *se)
{
    size_t n = z.rows, d = z.cols;
    double *gap = jf_alloc(n, sizeof *gap), sum = 0;
    for (size_t i = 0; i < n; i++) {
        double norm = jf_norm(d, jf_row(z, i));
        gap[i] =
            ld[i] - 0.5 * ((double)d * (JF_LOG_2PI + log(m)) + norm * norm / m);
        if (r->log_p)
            gap[i] -= r->log_p[i];
        sum += ld[i] / (double)n;
    }
    jf_sample_moments s = jf_sample_of(n, gap);
    *mean = r->log_p ? s.mean : sum - 0.5 * (double)d * log(m) - r->bound;
    *se = r->log_p ? s.se : 0;
    free(gap);
}

/* Turns and falls of E log|det|. */
static void follow(record *r, double ld)
{
    int direction = r->records ? (ld > r->last) - (ld < r->last) : 0;
    if (r->direction && direction && direction != r->direction)
        r->turns++;
    if (direction)
        r->direction = direction;
    if (!r->records || ld > r->highest)
        r->highest = ld;
    r->drawdown = jf_worse(r->drawdown, r->highest - ld);
    r->last = ld;
    r->records++;
}

static void take(record *r, size_t step, const real *theta)
{
    size_t n = r->x.rows, d = r->x.cols;
    jf_matrix z = jf_matrix_new(n, d);
    double *ld = jf_alloc(n, sizeof *ld), m = 0, mean = 0, above, se;

    jf_matrix_copy(z, jf_const(r->x));
    if (jf_forward(r->f, theta, z, ld, r->team) != GSL_SUCCESS)
        ld[0] = (double)NAN;
    for (size_t i = 0; i < n; i++) {
        double norm = jf_norm(d, jf_row(z, i));
        mean += ld[i] / (double)n;
        m += norm * norm / (double)(n * d);
    }
    excess(r, z, ld, m, &above, &se);
    follow(r, mean);
    jf_table_row(r->out, r->point,
                 "%s,%s,%lu,%zu," JF_G "," JF_G "," JF_G "," JF_G "," JF_G
                 "," JF_G,
                 r->data, r->flow, r->seed, step,
                 0.5 * (double)d * (JF_LOG_2PI + m) - mean, mean, m, r->bound,
                 above, se);
    free(ld);
    jf_matrix_free(&z);
}

/* Every step up to 16, and eight to an octave from then on. */
static int watch(void *arg, const jf_fit_point *point)
{
    size_t octave = 1;
    while (16 * octave <= point->step)
        octave *= 2;
    if (point->step % octave == 0)
        take(arg, point->step, point->theta);
    return 0;
}

/* C5.3, from the gradient of f followed by (z + b) exp(s), V z and z exp(c), at
 * the identity: the largest |derivative - moment| over 1 + |moment|. */
typedef struct {
    double scale;    /* c:    E|z|^2 - d         */
    double diagonal; /* s, b: E z_i^2 - 1, E z_i */
    double matrix;   /* V:    E z z' - I         */
    double second_moment;
} identities;

static double off(double derivative, double moment)
{
    return fabs(derivative - moment) / (1 + fabs(moment));
}

static identities compare(size_t d, const double *zz, const double *z,
                          const real *grad)
{
    identities out = {0};
    const real *s = grad, *b = grad + d, *v = grad + 2 * d;
    double trace = 0;
    for (size_t i = 0; i < d; i++) {
        trace += zz[i * d + i];
        out.diagonal =
            jf_worse(out.diagonal, off((double)s[i], zz[i * d + i] - 1));
        out.diagonal = jf_worse(out.diagonal, off((double)b[i], z[i]));
        for (size_t j = 0; j < d; j++)
            out.matrix = jf_worse(out.matrix, off((double)v[i * d + j],
                                                  zz[i * d + j] - (i == j)));
    }
    out.scale = off((double)v[d * d], trace - (double)d);
    out.second_moment = trace / (double)d;
    return out;
}

static identities check_identities(record *r, const real *trained)
{
    size_t n = r->x.rows, d = r->x.cols, first = r->f->module.n_params;
    jf_latent q = jf_normal();
    jf_likelihood value;
    jf_matrix z = jf_matrix_new(n, d);
    double *ld = jf_alloc(n, sizeof *ld), *mean = jf_alloc(d, sizeof *mean);
    double *zz = jf_alloc(d * d, sizeof *zz);

    jf_matrix_copy(z, jf_const(r->x));
    int failed = jf_forward(r->f, trained, z, ld, r->team);
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < d; i++) {
            double zi = (double)jf_row(z, k)[i] / (double)n;
            mean[i] += zi;
            for (size_t j = 0; j < d; j++)
                zz[i * d + j] += zi * (double)jf_row(z, k)[j];
        }
    jf_flow_add(r->f, jf_actnorm(d));
    jf_flow_add(r->f, jf_dense(d));
    jf_flow_add(r->f, jf_scale(d));
    real *theta = jf_theta_new(r->f), *grad = jf_theta_new(r->f);
    memcpy(theta, trained, first * sizeof *theta);
    for (size_t i = 0; i < d; i++)
        theta[first + 2 * d + i * (d + 1)] = 1;
    failed |= jf_nll(r->f, &q, theta, jf_const(r->x), &value, grad, r->team);
    identities out = compare(d, zz, mean, grad + first);
    if (failed)
        out.scale = out.diagonal = out.matrix = (double)NAN;
    free(grad);
    free(theta);
    free(zz);
    free(mean);
    free(ld);
    jf_matrix_free(&z);
    return out;
}

typedef struct {
    jf_table *training, *monotone, *identities;
} tables;

/* The rows at the end of a run. */
static void conclude(record *r, const tables *t, const real *theta,
                     const char *status)
{
    jf_table_row(t->monotone, r->point, "%s,%s,%lu,%s,%zu,%zu," JF_G, r->data,
                 r->flow, r->seed, status, r->records, r->turns, r->drawdown);
    identities i = check_identities(r, theta);
    jf_table_row(t->identities, r->point,
                 "%s,%s,%lu,%zu,%zu," JF_G "," JF_G "," JF_G "," JF_G, r->data,
                 r->flow, r->seed, r->x.rows, r->x.cols, i.second_moment,
                 i.scale, i.diagonal, i.matrix);
}

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
                .out = t->training,
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
    run.trace = watch;
    run.trace_arg = &r;
    const char *status = volume_train(&run, r.f, theta, r.team);
    take(&r, run.steps + 1, theta);
    conclude(&r, t, theta, status);
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
                .out = t->training,
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
                             .trace = watch,
                             .trace_arg = &r},
           &fit, team);
    take(&r, steps + 1, theta);
    conclude(&r, t, theta, jf_fit_status_name(fit.status));
    free(theta);
    jf_layer_free(r.f);
    jf_moments_free(&m);
    jf_team_free(team);
}

/* Verdicts. */

static void judge(const experiment *e, const tables *t, size_t points)
{
    double laws_above = -(double)INFINITY, linear_above = laws_above;
    double scale = 0, diagonal = 0, v = 0, drawdown = 0;
    size_t runs = 0, turning = 0;
    for (size_t p = 0; p < points; p++) {
        for (size_t i = 0; i < jf_table_rows(t->training, p); i++) {
            double above = jf_table_number(t->training, p, i, "excess_nats");
            double se = jf_table_number(t->training, p, i, "se_excess");
            if (se > 0)
                laws_above = jf_worse(laws_above, above / se);
            else
                linear_above = jf_worse(linear_above, above);
        }
        if (!jf_table_rows(t->monotone, p))
            continue;
        runs++;
        turning += jf_table_number(t->monotone, p, 0, "sign_changes") > 0;
        drawdown = jf_worse(
            drawdown, jf_table_number(t->monotone, p, 0, "drawdown_nats"));
        scale = jf_worse(scale, jf_table_number(t->identities, p, 0, "scale"));
        diagonal = jf_worse(diagonal,
                            jf_table_number(t->identities, p, 0, "diagonal"));
        v = jf_worse(v, jf_table_number(t->identities, p, 0, "matrix"));
    }
    jf_claim claim = {"C5.1",
                      "E log|det| - (d/2) log(E|f|^2/d) never exceeds (d/2) "
                      "log(2 pi e) - h(X)",
                      "laws of known entropy, d = 2, 8; every recorded step of "
                      "every run",
                      "largest excess in paired standard errors; 2000 points"};
    jf_verdict(e->verdicts, &claim, laws_above, JF_AT_MOST, 0, 5);
    claim.statement = "of a linear flow it never exceeds -1/2 log det S";
    claim.hypotheses = "the batch's own second moments S; every recorded step";
    claim.method = "largest excess; rounding of sums over the batch";
    jf_verdict(e->verdicts, &claim, linear_above, JF_AT_MOST, 0, 1e-9);
    claim =
        (jf_claim){"C5.3", "the derivative in an output scale is d - E|f|^2",
                   "every flow as trained, stationary or not",
                   "largest difference over 1 + |moment|; rounding"};
    jf_verdict(e->verdicts, &claim, scale, JF_EQUAL, 0, 1e-10);
    claim.statement = "those in output scales and shifts by column are 1 - E "
                      "f_i^2 and -E f_i";
    jf_verdict(e->verdicts, &claim, diagonal, JF_EQUAL, 0, 1e-10);
    claim.statement = "that in an output matrix is I - E f f'";
    jf_verdict(e->verdicts, &claim, v, JF_EQUAL, 0, 1e-10);
    jf_text says = {0};
    jf_text_add(&says,
                "as worded: training increases E log|det| (%zu of %zu runs "
                "turn)",
                turning, runs);
    claim = (jf_claim){"C5.4dw", says.data, "none",
                       "largest drawdown over the recorded steps of a run "
                       "[nats]; rounding"};
    jf_verdict(e->verdicts, &claim, drawdown, JF_EQUAL, 0, 1e-9);
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
