/* trained.c -- do trained flows agree on the determinant?
 *
 * Question  Two flows are trained on the same data to the same likelihood.
 *           Are their fields log |det J(x)| the same?
 * Method    Every architecture, several seeds, a normal and a uniform base, on
 *           densities of known entropy; Adam on fresh draws, so that there is
 *           no overfitting.  A flow into the uniform base is one on R^2
 *           followed by Phi in each column; its likelihood is that of the part
 *           on R^2 over a normal base, as which it is trained, from other
 *           seeds.  Compared on test points, at three stages of the training.
 *           "twisted" is the first architecture, as trained, followed by a map
 *           that keeps the base: same likelihood.
 * Writes    uniqueness-runs.csv, a run per row; uniqueness-trained.csv, a pair
 *           per row (C1.6); uniqueness-field.csv, fields on a grid.  Nats. */
#include "trained.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

enum { GRID = 41, STAGES = 3, BATCH = 256 };

static const char *const base_names[BASES] = {"normal", "uniform"};

/* Runs. */

typedef struct { /* at a stage, on the test points */
    double log_abs_det[TEST], log_base[TEST], log_q[TEST];
    double open[TEST]; /* uniform base: log |det| without the last layer's, the
                          derivative of Phi in each column             */
    double nll;        /* -mean of log q */
    double kl, se_kl;  /* mean of log p - log q: the gap to -h */
} field;

typedef struct {
    const char *status;
    size_t steps[STAGES];
    field stage[STAGES];
    double on_grid[GRID * GRID];
} run;

typedef struct { /* what all runs of a point share */
    const experiment *e;
    const target *target;
    const jf_toy *toy;
    base base;
    jf_latent latent;
    size_t steps;
    double entropy; /* h(X) */
    double limit; /* of a gap, in its standard errors: half the share of a row,
                     over all runs and stages */
    jf_matrix test;
    double log_p[TEST];
} setting;

typedef struct { /* what one training carries */
    const setting *s;
    const jf_layer *flow;
    unsigned long seed;
    gsl_rng *rng;
    jf_team *team;
    run *out;
} training;

static double log_base(const setting *s, const real *z)
{
    double value;
    real row[2] = {z[0], z[1]};
    s->latent.log_density(&s->latent, jf_const_view(row, 1, 2), &value, 0,
                          (jf_matrix){0});
    return value;
}

/* -log of the derivative of Phi in each column, of z = Phi(y). */
static double last_layer(const real *z)
{
    double sum = JF_LOG_2PI;
    for (size_t k = 0; k < 2; k++)
        sum += 0.5 * square(gsl_cdf_ugaussian_Pinv((double)z[k]));
    return sum;
}

/* f := what the flow says of the test points; NaN where it fails. */
static void look(const setting *s, const jf_layer *flow, const real *theta,
                 field *f, jf_team *team)
{
    jf_matrix z = jf_matrix_new(TEST, 2);
    double gap[TEST];
    f->nll = 0;
    jf_matrix_copy(z, jf_const(s->test));
    int failed = jf_forward(flow, theta, z, f->log_abs_det, team);
    for (size_t i = 0; i < TEST; i++) {
        if (failed)
            f->log_abs_det[i] = (double)NAN;
        f->log_base[i] = log_base(s, jf_row(z, i));
        f->log_q[i] = f->log_base[i] + f->log_abs_det[i];
        f->open[i] = f->log_abs_det[i];
        if (s->base == UNIFORM)
            f->open[i] += last_layer(jf_row(z, i));
        gap[i] = s->log_p[i] - f->log_q[i];
        f->nll -= f->log_q[i] / TEST;
    }
    jf_sample_moments m = jf_sample_of(TEST, gap);
    f->kl = m.mean;
    f->se_kl = m.se;
    jf_matrix_free(&z);
}

/* The batch of a step: fresh draws, whatever the rows. */
static void draw(void *arg, jf_matrix batch, const size_t *rows, size_t step)
{
    training *t = arg;
    double x[2];
    (void)rows;
    for (size_t i = 0; i < batch.rows; i++) {
        jf_stream_seek(t->rng, t->seed, JF_PURPOSE_USER + 400, step, i);
        t->s->toy->sample(x, t->rng);
        jf_row(batch, i)[0] = (real)x[0];
        jf_row(batch, i)[1] = (real)x[1];
    }
}

/* Stages are at 1/16 and 1/4 of the steps, and behind the last. */
static int watch(void *arg, const jf_fit_point *point)
{
    training *t = arg;
    for (size_t k = 0; k + 1 < STAGES; k++)
        if (point->step == t->out->steps[k])
            look(t->s, t->flow, point->theta, &t->out->stage[k], t->team);
    return 0;
}

/* The region that figures show: x in [-4, 4]^2; banana: in [-4, 4] x [-3, 9].
 */
static void grid_point(const setting *s, size_t k, double *x)
{
    int tall = strcmp(s->target->name, "banana") == 0;
    double u = (double)(k % GRID) / (GRID - 1);
    double v = (double)(k / GRID) / (GRID - 1);
    x[0] = 8 * u - 4;
    x[1] = tall ? 12 * v - 3 : 8 * v - 4;
}

static void look_at_grid(const setting *s, const jf_layer *flow,
                         const real *theta, double *ld, jf_team *team)
{
    jf_matrix x = jf_matrix_new(GRID * GRID, 2);
    for (size_t k = 0; k < GRID * GRID; k++) {
        double at[2];
        grid_point(s, k, at);
        jf_row(x, k)[0] = (real)at[0];
        jf_row(x, k)[1] = (real)at[1];
    }
    if (jf_forward(flow, theta, x, ld, team) != GSL_SUCCESS)
        for (size_t k = 0; k < GRID * GRID; k++)
            ld[k] = (double)NAN;
    jf_matrix_free(&x);
}

/* The trained flow followed by the map: stages are those of the end alone. */
static void twist_run(training *t, const real *theta, run *out)
{
    jf_layer *flow = flow_new(&architectures[0], t->s->base, 1);
    *out = *t->out;
    look(t->s, flow, theta, &out->stage[STAGES - 1], t->team);
    look_at_grid(t->s, flow, theta, out->on_grid, t->team);
    jf_layer_free(flow);
}

static void unknown(field *f)
{
    f->nll = f->kl = f->se_kl = (double)NAN;
    for (size_t i = 0; i < TEST; i++)
        f->log_abs_det[i] = f->log_base[i] = f->log_q[i] = f->open[i] =
            (double)NAN;
}

const char *uniqueness_save;

/* The first architecture on the first target, normal base, first seed. */
static void save(const setting *s, size_t a, unsigned long seed, jf_layer *flow,
                 real *theta)
{
    jf_model m = {.flow = flow, .theta = theta, .base = s->latent};
    if (uniqueness_save && a == 0 && s->base == NORMAL &&
        s->target == &targets[0] && seed == s->e->args.seed)
        experiment_save(&uniqueness_save, &m);
}

/* Train one flow; twisted, unless NULL, is the same behind the twist. */
static void train(const setting *s, size_t a, unsigned long seed, run *out,
                  run *twisted)
{
    jf_layer *on_plane = flow_new(&architectures[a], NORMAL, 0);
    jf_layer *flow = flow_new(&architectures[a], s->base, 0);
    training t = {
        s, flow, seed + 1000 * s->base, jf_stream_new(), jf_team_new(1), out};
    jf_matrix x = jf_matrix_new(BATCH, 2);
    jf_latent normal = jf_normal();
    real *theta = jf_theta_new(on_plane);
    jf_fit_result fit;

    for (size_t k = 0; k < STAGES; k++) {
        out->steps[k] = s->steps >> 2 * (STAGES - 1 - k);
        unknown(&out->stage[k]);
    }
    draw(&t, x, NULL, 0);
    jf_init(on_plane, theta, jf_const(x), t.seed, t.team);
    jf_fit(on_plane, &normal, theta, jf_const(x),
           &(jf_fit_options){.steps = s->steps,
                             .rate = architectures[a].rate,
                             .schedule = {JF_COSINE, 50, 0.01, 0, 0},
                             .clip = 10,
                             .prepare = draw,
                             .prepare_arg = &t,
                             .trace = watch,
                             .trace_arg = &t},
           &fit, t.team);
    out->status = jf_fit_status_name(fit.status);
    save(s, a, seed, flow, theta);
    look(s, flow, theta, &out->stage[STAGES - 1], t.team);
    look_at_grid(s, flow, theta, out->on_grid, t.team);
    if (twisted)
        twist_run(&t, theta, twisted);
    free(theta);
    jf_matrix_free(&x);
    gsl_rng_free(t.rng);
    jf_team_free(t.team);
    jf_layer_free(flow);
    jf_layer_free(on_plane);
}

/* Tables. */

static double sd_of(size_t n, const double *v)
{
    return sqrt(jf_sample_of(n, v).variance);
}

/* How far the mean of -log p_Z(z) is from the base's entropy. */
static double base_excess(const setting *s, const field *f)
{
    double mean = 0, entropy = s->base == NORMAL ? JF_LOG_2PI + 1 : 0;
    for (size_t i = 0; i < TEST; i++)
        mean -= f->log_base[i] / TEST;
    return mean - entropy;
}

/* Of a gap, which is not negative; NaN stays. */
static double gap_limit(const setting *s, const field *f)
{
    return jf_worse(0, f->kl + s->limit * f->se_kl);
}

/* C1.8: the mean of |ld - log p|, that is |log V |det| - log V p_X|, V = 1. */
static jf_sample_moments from_density(const setting *s, const double *ld)
{
    double away[TEST];
    for (size_t i = 0; i < TEST; i++)
        away[i] = fabs(ld[i] - s->log_p[i]);
    return jf_sample_of(TEST, away);
}

/* C1.2d in the plane: with t = E ld - (h(Z) - h(X)) the gap is at least e^t - 1
 * - t.  The mean of what is left over, less its bias, and its standard error,
 * to first order on the same points; h(Z) = log 2 pi + entropy, 1 when right.
 */
static jf_sample_moments slack_of(const setting *s, const field *f,
                                  double entropy)
{
    double away[TEST];
    double shift = JF_LOG_2PI + entropy - s->entropy;
    jf_sample_moments ld = jf_sample_of(TEST, f->log_abs_det);
    double t = ld.mean - shift, slope = expm1(t);
    for (size_t i = 0; i < TEST; i++)
        away[i] =
            s->log_p[i] - f->log_q[i] - slope * (f->log_abs_det[i] - ld.mean);
    jf_sample_moments m = jf_sample_of(TEST, away);
    m.mean -= slope - t - 0.5 * exp(t) * ld.se * ld.se;
    return m;
}

static void write_run(const setting *s, const tables *t, size_t point, size_t a,
                      unsigned long seed, const run *r)
{
    for (size_t k = a == TWISTED ? STAGES - 1 : 0; k < STAGES; k++) {
        const field *f = &r->stage[k];
        jf_sample_moments m = jf_sample_of(TEST, f->log_abs_det);
        jf_sample_moments near = from_density(s, f->log_abs_det);
        jf_sample_moments slack = slack_of(s, f, 1);
        jf_sample_moments broken = slack_of(s, f, 0);
        jf_table_row(
            t->runs, point,
            "%s,%s,%s,%s,%lu,%zu,%s," JF_G "," JF_G "," JF_G "," JF_G "," JF_G
            "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G
            "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G,
            s->target->name, base_names[s->base], flow_name(a), flow_family(a),
            seed, r->steps[k], r->status, -f->nll, s->entropy, f->kl, f->se_kl,
            m.mean, m.se, sqrt(m.variance), base_excess(s, f),
            sd_of(TEST, f->log_base) / sqrt(TEST), f->kl + s->limit * f->se_kl,
            near.mean, near.se, from_density(s, f->open).mean, slack.mean,
            slack.se, broken.mean, broken.se);
    }
}

/* ld_a - ld_b = (log p_Z(b) - log p_Z(a)) + (log q_a - log q_b): its mean, its
 * sd, and the sd of the first part. */
static void write_pair(const setting *s, const tables *t, size_t point,
                       const size_t flow[2], const unsigned long seed[2],
                       const run *a, const run *b, size_t stage)
{
    const field *f = &a->stage[stage], *g = &b->stage[stage];
    double all[TEST], base_part[TEST], q_part[TEST], size[TEST], open = 0;
    double limit_a = gap_limit(s, f), limit_b = gap_limit(s, g);
    for (size_t i = 0; i < TEST; i++) {
        all[i] = f->log_abs_det[i] - g->log_abs_det[i];
        base_part[i] = g->log_base[i] - f->log_base[i];
        q_part[i] = f->log_q[i] - g->log_q[i];
        size[i] = fabs(all[i]);
        open += fabs(f->open[i] - g->log_abs_det[i]) / TEST;
    }
    jf_sample_moments m = jf_sample_of(TEST, all);
    jf_sample_moments abs = jf_sample_of(TEST, size);
    jf_table_row(t->pairs, point,
                 "%s,%s,%s,%lu,%s,%lu,%zu," JF_G "," JF_G "," JF_G "," JF_G
                 "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G
                 "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G,
                 s->target->name, base_names[s->base], flow_name(flow[0]),
                 seed[0], flow_name(flow[1]), seed[1], a->steps[stage], f->nll,
                 g->nll, f->kl, g->kl, f->se_kl, g->se_kl, m.mean, m.se,
                 sqrt(m.variance), sd_of(TEST, base_part), sd_of(TEST, q_part),
                 abs.mean, abs.se, gap_bound(limit_a) + gap_bound(limit_b),
                 open, limit_a, limit_b);
}

/* Flows of equal seed, and each flow with itself from the next seed. */
static void write_pairs(const setting *s, const tables *t, size_t point,
                        size_t seeds, run *const *runs)
{
    unsigned long first = s->e->args.seed;
    for (size_t k = 0; k < STAGES; k++)
        for (size_t i = 0; i < seeds; i++)
            for (size_t a = 0; a < FLOWS; a++)
                for (size_t b = a; b < FLOWS; b++) {
                    size_t j = a == b ? (i + 1) % seeds : i;
                    if ((a == b && i + 1 == seeds) ||
                        (b == TWISTED && k + 1 < STAGES))
                        continue;
                    write_pair(s, t, point, (size_t[]){a, b},
                               (unsigned long[]){first + i, first + j},
                               runs[i * FLOWS + a], runs[j * FLOWS + b], k);
                }
}

static void write_fields(const setting *s, const tables *t, size_t point,
                         run *const *runs)
{
    for (size_t a = 0; a < FLOWS; a++)
        for (size_t k = 0; k < GRID * GRID; k++) {
            double x[2];
            grid_point(s, k, x);
            jf_table_row(t->fields, point, "%s,%s,%s,%.6g,%.6g,%.9g,%.9g",
                         s->target->name, base_names[s->base], flow_name(a),
                         x[0], x[1], runs[a]->on_grid[k],
                         s->toy->log_density(x));
        }
}

/* One target and one base: all runs, on all threads. */
static void run_point(setting *s, const tables *t, size_t point, size_t seeds)
{
    run **runs = jf_alloc(seeds * FLOWS, sizeof *runs);
    size_t done = 0, total = seeds * TWISTED;
    for (size_t i = 0; i < seeds * FLOWS; i++)
        runs[i] = jf_alloc(1, sizeof **runs);
    int threads = (int)s->e->team->threads;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
    for (size_t k = 0; k < total; k++) {
        size_t a = k / seeds, i = k % seeds;
        train(s, a, s->e->args.seed + i, runs[i * FLOWS + a],
              a == 0 ? runs[i * FLOWS + TWISTED] : NULL);
#pragma omp critical(uniqueness_trained)
        jf_progress(&s->e->args, s->target->name, ++done, total);
    }
    for (size_t i = 0; i < seeds; i++)
        for (size_t a = 0; a < FLOWS; a++)
            write_run(s, t, point, a, s->e->args.seed + i, runs[i * FLOWS + a]);
    write_pairs(s, t, point, seeds, runs);
    if (point / BASES == 0) /* the one that the figure shows */
        write_fields(s, t, point, runs);
    for (size_t i = 0; i < seeds * FLOWS; i++)
        free(runs[i]);
    free(runs);
}

static void do_point(const experiment *e, const tables *t, size_t point,
                     size_t points, size_t seeds)
{
    double looks = (double)(points * seeds * (ARCHITECTURES * STAGES + 1));
    const target *at = &targets[point / BASES];
    setting s = {.e = e,
                 .target = at,
                 .toy = jf_toy_find(at->name),
                 .base = (base)(point % BASES),
                 .steps = at->times * by_profile(e, 64, 640, 4000),
                 .entropy = jf_toy_find(at->name)->entropy(NULL),
                 .limit =
                     gsl_cdf_ugaussian_Qinv(JF_LEVEL / JF_SHARES / 2 / looks),
                 .test = jf_matrix_new(TEST, 2)};
    s.latent = s.base == NORMAL ? jf_normal() : jf_uniform(0, 1);
    jf_toy_fill(s.toy, s.test, e->args.seed + 1000003);
    for (size_t i = 0; i < TEST; i++)
        s.log_p[i] = s.toy->log_density((double[]){
            (double)jf_row(s.test, i)[0], (double)jf_row(s.test, i)[1]});
    run_point(&s, t, point, seeds);
    jf_matrix_free(&s.test);
}

void uniqueness_trained(experiment *e)
{
    size_t seeds = by_profile(e, 2, 5, 10);
    size_t points = BASES * by_profile(e, 2, TARGETS, TARGETS);
    tables t = {
        jf_table_new(&e->args, "uniqueness-runs",
                     "target,base,flow,family,seed,steps,status,test_nats,"
                     "entropy_nats,kl_nats,se_kl_nats,mean_log_abs_det,"
                     "se_mean,sd_log_abs_det,base_excess_nats,se_base_nats,"
                     "kl_limit_nats,density_error,se_density_error,"
                     "density_error_broken,slack,se_slack,slack_broken,"
                     "se_slack_broken",
                     points),
        jf_table_new(&e->args, "uniqueness-trained",
                     "target,base,flow_a,seed_a,flow_b,seed_b,steps,"
                     "nll_a_nats,nll_b_nats,kl_a_nats,kl_b_nats,se_kl_a_nats,"
                     "se_kl_b_nats,"
                     "mean_difference,se_mean,sd_difference,explained_sd,"
                     "sd_likelihood,mean_abs_difference,se_abs_difference,"
                     "bound_nats,mean_abs_broken,kl_limit_a_nats,"
                     "kl_limit_b_nats",
                     points),
        jf_table_new(&e->args, "uniqueness-field",
                     "target,base,flow,x1,x2,log_abs_det,log_density", points)};
    for (size_t p = 0; p < points; p++)
        if (!jf_table_has(t.runs, p) || !jf_table_has(t.pairs, p) ||
            !jf_table_has(t.fields, p)) {
            do_point(e, &t, p, points, seeds);
            jf_table_finish(t.runs, p);
            jf_table_finish(t.pairs, p);
            jf_table_finish(t.fields, p);
        }
    if (jf_table_whole(t.runs) && jf_table_whole(t.pairs))
        judge_trained(e, &t, points);
    jf_table_close(t.runs);
    jf_table_close(t.pairs);
    jf_table_close(t.fields);
}
