/* training.c -- what do flows reach on this table?
 *
 * Question  Does an affine flow end at EIG, and how much of the negentropy does
 *           a small nonlinear flow capture on rows that it has not seen?
 * Method    Rows split 60/20/20 into training (at most AUDIT_TRAINING_ROWS),
 *           validation (at most MOST_CHECKED) and test.  affine: bias and dense map by L-BFGS.
 *           Of more than WIDEST columns, and where the condition of the table
 *           takes half of the digits, the map is the optimum in closed form, and
 *           the flows behind it leave it as it is.
 *           nonlinear: the same map, then affine couplings (RealNVP, Dinh et
 *           al. 2017) between fixed shuffles, Adam, stopped early; SEEDS of
 *           them.  Captured is the mean over test rows of log p_nonlinear - log
 *           p_affine: its standard error over rows, of the mean over seeds, and
 *           the standard deviation over seeds stand beside it.
 * Writes    audit-training.csv [nats per sample, units of the table]. */
#include "parts.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SEEDS = AUDIT_SEEDS,
    COUPLINGS = 6,
    HIDDEN = 32,
    TRAINED = 55, /* hundredths of the audit before the flows */
    BATCH = 256,
    MOST_CHECKED = 5000, /* rows by which couplings are stopped */
    WIDEST = 256         /* columns for which the affine map is trained, too */
};

/* Multiplications of all couplings' training, above which it takes fewer steps,
 * but no fewer than LEAST_STEPS. */
#define WORK 2e11
enum { LEAST_STEPS = 100 };

enum { TRAIN, VALIDATION, TEST, PARTS };

/* What all runs share. */
typedef struct {
    audit *a;
    jf_matrix train, validation, test;
    jf_layer *affine;
    real *theta;           /* of affine, fitted */
    double eig, gaussian;  /* of the training rows; affine on test rows */
    double *affine_nats;   /* (test rows) */
    double *nats;          /* (SEEDS, test rows) */
    int fixed;             /* the affine map: couplings see rows behind it */
    jf_matrix seen[PARTS]; /* what couplings see */
    double log_det;        /* of the map, if it is fixed, or 0 */
    audit_tables *t;
} trials;

static jf_layer *affine_flow(size_t d)
{
    jf_layer *f = jf_flow_new(d);
    jf_flow_add(f, jf_bias(d));
    jf_flow_add(f, jf_dense(d));
    return f;
}

/* What stands behind the affine map. */
static void add_couplings(jf_layer *f, size_t d)
{
    if (d == 1)
        jf_flow_add(f, jf_elementwise(1, jf_map_spline(16, 5)));
    for (size_t k = 0; d > 1 && k < COUPLINGS; k++) {
        jf_side side = k % 2 ? JF_LOWER : JF_UPPER;
        size_t split = d - d / 2, b = side == JF_UPPER ? d - split : split;
        jf_mlp_options net = {d - b, 2 * b, HIDDEN, 2, JF_TANH, 0, 0};
        if (d > 2)
            jf_flow_add(f, jf_shuffle(d, k));
        jf_flow_add(f,
                    jf_coupling(d, split, side, jf_map_clamp(2), jf_mlp(&net)));
    }
    jf_flow_add(f, jf_actnorm(d));
}

/* Multiplications of one row, forward and back. */
static double work_of(size_t d)
{
    double inner = HIDDEN * (double)d * 1.5 + HIDDEN * HIDDEN;
    double affine = d > WIDEST ? 0 : (double)(d * d);
    return 3 * (COUPLINGS * inner + affine);
}

size_t audit_training_steps(const experiment *e, size_t d)
{
    size_t steps = by_profile(e, 150, 1000, 6000);
    double most = WORK / (SEEDS * BATCH * work_of(d));
    if (e->args.profile == JF_FULL || (double)steps <= most)
        return steps;
    return most < LEAST_STEPS ? LEAST_STEPS : (size_t)most;
}

static void write_row(const trials *r, const char *flow, const char *class,
                      unsigned long seed, const jf_likelihood *train,
                      const jf_likelihood *test, jf_sample_moments captured,
                      const jf_fit_result *fit)
{
    double shift = r->a->shift;
    jf_table_row(r->t->of[AUDIT_TRAINING], r->t->point,
                 "%s,%zu,%zu,%s,%s,%lu," JF_G "," JF_G "," JF_G "," JF_G
                 "," JF_G "," JF_G "," JF_G ",%s,%zu",
                 r->a->name, r->train.rows, r->a->y.cols, flow, class, seed,
                 -train->nll - shift, -test->nll - shift, r->gaussian - shift,
                 r->eig - shift, captured.mean, captured.se,
                 test->second_moment, jf_fit_status_name(fit->status),
                 fit->step);
}

/* theta of z = T^-T (x - mean): bias and dense map. */
static void closed_form(const jf_moments *m, real *theta, jf_fit_result *fit)
{
    size_t d = m->d;
    double *w = jf_alloc(d * d, sizeof *w);
    for (size_t i = 0; i < d; i++)
        w[i * d + i] = 1;
    jf_solve_upper(1, d, d, m->t_sigma, w);
    for (size_t i = 0; i < d; i++)
        theta[i] = (real)-m->mean[i];
    for (size_t i = 0; i < d * d; i++)
        theta[d + i] = (real)w[i];
    free(w);
    *fit = (jf_fit_result){.status = JF_CONVERGED};
}

/* The same by L-BFGS, on rows with these moments. */
static void converge(trials *r, const jf_moments *m, jf_fit_result *fit)
{
    const experiment *e = r->a->e;
    jf_latent q = jf_normal();
    jf_matrix rows = jf_matrix_new(m->d + 1, m->d);
    jf_moments_rows(m, rows);
    jf_init(r->affine, r->theta, jf_const(rows), e->args.seed, e->team);
    jf_fit(r->affine, &q, r->theta, jf_const(rows),
           &(jf_fit_options){.method = JF_LBFGS, .memory = 50}, fit, e->team);
    jf_matrix_free(&rows);
}

/* Rows behind the affine map, which is applied once; its log |det| is of all. */
static jf_matrix behind(const trials *r, jf_matrix rows, double *log_det)
{
    jf_matrix to = jf_matrix_new(rows.rows, rows.cols);
    double *ld = jf_alloc(rows.rows + 1, sizeof *ld);
    jf_matrix_copy(to, jf_const(rows));
    if (jf_forward(r->affine, r->theta, to, ld, r->a->e->team) != GSL_SUCCESS)
        jf_fail(1, "%s", jf_error_last()->message);
    *log_det = ld[0];
    free(ld);
    return to;
}

static void look_behind(trials *r)
{
    jf_matrix parts[PARTS] = {r->train, r->validation, r->test};
    for (size_t k = 0; k < PARTS; k++)
        r->seen[k] = r->fixed ? behind(r, parts[k], &r->log_det) : parts[k];
}

/* What a flow behind the map says, of the rows before it; nats (test rows). */
static void add_log_det(const trials *r, jf_likelihood *train,
                        jf_likelihood *test, double *nats)
{
    train->nll -= r->log_det;
    test->nll -= r->log_det;
    for (size_t i = 0; i < r->test.rows; i++)
        nats[i] += r->log_det;
}

/* The optimum of affine flows on the training rows, and the row it earns. */
static void fit_affine(trials *r)
{
    const audit *a = r->a;
    size_t d = a->y.cols;
    jf_latent q = jf_normal();
    jf_likelihood train = {.nll = (double)NAN}, test = train;
    jf_fit_result fit;
    jf_moments m;

    if (jf_moments_of(jf_const(r->train), &m, a->e->team) != GSL_SUCCESS)
        jf_fail(1, "%s: the eigenvalues did not converge", a->name);
    r->affine = affine_flow(d);
    r->theta = jf_theta_new(r->affine);
    if (r->fixed)
        closed_form(&m, r->theta, &fit);
    else
        converge(r, &m, &fit);
    look_behind(r);
    jf_layer *rest = r->fixed ? jf_flow_new(d) : r->affine;
    r->affine_nats = jf_alloc(r->test.rows, sizeof *r->affine_nats);
    jf_nll(rest, &q, r->theta, jf_const(r->seen[TRAIN]), &train, NULL,
           a->e->team);
    jf_nll(rest, &q, r->theta, jf_const(r->seen[TEST]), &test, NULL,
           a->e->team);
    jf_log_prob(rest, &q, r->theta, jf_const(r->seen[TEST]), r->affine_nats,
                a->e->team);
    add_log_det(r, &train, &test, r->affine_nats);
    if (r->fixed)
        jf_layer_free(rest);
    r->eig = jf_eig_log_det(d, m.log_det_sigma);
    r->gaussian = -test.nll;
    write_row(r, "affine", "affine", a->e->args.seed, &train, &test,
              (jf_sample_moments){0}, &fit);
    if (a->loud && a->verbose) {
        double expect = jf_sample_square(d, m.n) / (double)d;
        printf("    %-28s %14.6g %14.6g %14.4f  Gaussian rows: %.4f\n",
               "affine", -train.nll - a->shift, -test.nll - a->shift,
               test.second_moment, expect);
    }
    jf_moments_free(&m);
}

size_t audit_checked_rows(size_t n)
{
    return n < MOST_CHECKED ? n : MOST_CHECKED;
}

static jf_const_matrix some_of(jf_matrix m)
{
    return jf_const(jf_rows(m, 0, audit_checked_rows(m.rows)));
}

/* Nonlinear flow number k: nats of the test rows. */
static void fit_nonlinear(trials *r, size_t k, jf_team *team,
                          jf_likelihood *train, jf_likelihood *test,
                          jf_fit_result *fit)
{
    const experiment *e = r->a->e;
    jf_latent q = jf_normal();
    size_t d = r->a->y.cols;
    jf_layer *f = r->fixed ? jf_flow_new(d) : affine_flow(d);
    add_couplings(f, d);
    real *theta = jf_theta_new(f);
    double *nats = r->nats + k * r->test.rows;
    jf_fit_options options = {
        .rate = 2e-3,
        .steps = audit_training_steps(e, d),
        .schedule = (jf_schedule){.kind = JF_COSINE, .warmup = 50},
        .batch = BATCH,
        .clip = 10,
        .validation = some_of(r->seen[VALIDATION]),
        .check_every = 50,
        .patience = 10,
        .seed = e->args.seed + k};
    jf_init(f, theta, jf_const(r->seen[TRAIN]), e->args.seed + k, team);
    if (!r->fixed)
        memcpy(theta, r->theta, r->affine->module.n_params * sizeof *theta);
    jf_fit(f, &q, theta, jf_const(r->seen[TRAIN]), &options, fit, team);
    jf_nll(f, &q, theta, jf_const(r->seen[TRAIN]), train, NULL, team);
    jf_nll(f, &q, theta, jf_const(r->seen[TEST]), test, NULL, team);
    jf_log_prob(f, &q, theta, jf_const(r->seen[TEST]), nats, team);
    add_log_det(r, train, test, nats);
    free(theta);
    jf_layer_free(f);
}

/* Test rows: log p_nonlinear - log p_affine, of seed k or of the mean. */
static jf_sample_moments captured(const trials *r, size_t first, size_t count)
{
    size_t n = r->test.rows;
    double *v = jf_alloc(n, sizeof *v);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = first; k < first + count; k++)
            v[i] += r->nats[k * n + i] / (double)count;
        v[i] -= r->affine_nats[i];
    }
    jf_sample_moments s = jf_sample_of(n, v);
    free(v);
    return s;
}

static void print_run(const audit *a, unsigned long seed,
                      const jf_likelihood *train, const jf_likelihood *test,
                      const jf_fit_result *fit)
{
    printf("    couplings, seed %-12lu %14.6g %14.6g %14.4f  %s after %zu "
           "steps\n",
           seed, -train->nll - a->shift, -test->nll - a->shift,
           test->second_moment, jf_fit_status_name(fit->status), fit->step);
}

/* The row of class "mean", and what the advice goes by. */
static void take_mean(trials *r, const jf_likelihood *train,
                      const jf_likelihood *test, const jf_fit_result *fit)
{
    audit *a = r->a;
    jf_sample_moments all = captured(r, 0, SEEDS), over;
    jf_likelihood mean_train = {0}, mean_test = {0};
    double seeds[SEEDS];
    for (size_t k = 0; k < SEEDS; k++) {
        seeds[k] = captured(r, k, 1).mean;
        mean_train.nll += train[k].nll / SEEDS;
        mean_test.nll += test[k].nll / SEEDS;
        mean_test.second_moment += test[k].second_moment / SEEDS;
    }
    over = jf_sample_of(SEEDS, seeds);
    a->captured = all.mean;
    a->se_captured = all.se;
    a->sd_captured = sqrt(over.variance);
    write_row(r, "couplings", "mean", 0, &mean_train, &mean_test, all, &fit[0]);
    if (a->loud)
        printf("  %-30s %10.3g +- %.2g nats, seeds %.1g  C3.8\n",
               "beyond affine flows, test rows", a->captured, a->se_captured,
               a->sd_captured);
}

static void fit_seeds(trials *r)
{
    audit *a = r->a;
    unsigned long seed = a->e->args.seed;
    jf_likelihood train[SEEDS] = {0}, test[SEEDS] = {0};
    jf_fit_result fit[SEEDS];
    size_t done = 0;
    r->nats = jf_alloc(SEEDS * r->test.rows, sizeof *r->nats);
#pragma omp parallel for schedule(dynamic, 1)                                  \
    num_threads((int)a->e->team->threads)
    for (size_t k = 0; k < SEEDS; k++) {
        jf_team *team = jf_team_new(1);
        fit_nonlinear(r, k, team, &train[k], &test[k], &fit[k]);
#pragma omp critical(audit_training)
        audit_progress(a, TRAINED + (99 - TRAINED) * ++done / SEEDS);
        jf_team_free(team);
    }
    for (size_t k = 0; k < SEEDS; k++) {
        write_row(r, "couplings", "nonlinear", seed + k, &train[k], &test[k],
                  captured(r, k, 1), &fit[k]);
        if (a->loud && a->verbose)
            print_run(a, seed + k, &train[k], &test[k], &fit[k]);
    }
    take_mean(r, train, test, fit);
    free(r->nats);
}

/* Beyond it an optimiser that starts at differences of the likelihood sees none
 * along the least direction. */
static int is_extreme(const jf_moments *m)
{
    return m->lambda_sigma[m->d - 1] < DBL_EPSILON * m->lambda_sigma[0];
}

void audit_training(audit *a, audit_tables *t)
{
    trials r = {.a = a, .t = t};
    jf_matrix all;
    a->captured = a->se_captured = a->sd_captured = (double)NAN;
    if (!a->trainable)
        return;
    jf_split(a->y, AUDIT_TRAIN, AUDIT_VALIDATE, a->e->args.seed, &all,
             &r.validation, &r.test);
    r.train = jf_rows(all, 0,
                      all.rows < AUDIT_TRAINING_ROWS ? all.rows
                                                     : AUDIT_TRAINING_ROWS);
    if (r.train.rows > a->y.cols + 2 && r.test.rows > 2) {
        if (a->loud && a->verbose)
            printf("  trained flows                %16s %14s %14s\n",
                   "train [nats]", "test [nats]", "test |z|^2/d");
        r.fixed = a->y.cols > WIDEST || is_extreme(&a->m);
        fit_affine(&r);
        fit_seeds(&r);
        for (size_t k = 0; k < PARTS && r.fixed; k++)
            jf_matrix_free(&r.seen[k]);
        free(r.affine_nats);
        free(r.theta);
        jf_layer_free(r.affine);
    } else if (a->loud) {
        printf("  Too few rows to train on some and test on others.\n");
    }
    jf_matrix_free(&all);
    jf_matrix_free(&r.validation);
    jf_matrix_free(&r.test);
}
