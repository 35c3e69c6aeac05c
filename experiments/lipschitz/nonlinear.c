/* nonlinear.c -- nonlinear flows of the plane under budgets.
 *
 * A bounded linear map that gets what the affine optimum asks for,
 * sqrt(lambda_1) of M, or 1 / sqrt(lambda_2) of L, and at most 1/1.25 of the
 * budget; the rest, B, goes to three additive couplings with nets of Lipschitz
 * constant 2 sinh(log B / 3), or to three residual layers.  And, without a
 * budget, Brenier flows and splines between linear maps.  Adam on fresh draws.
 * At eight records of each run the constants that the parameters prove
 * (measure/lipschitz.h) give the bound of that very flow: KL >= sum
 * psi(lambda_i / M^2) over lambda_i > M^2, and >= d psi(N L^2) for N L^2 < 1,
 * or, of a uniform law, the volume bound.  KL is the mean of log p - log q over
 * 2000 fresh points, paired. */
#include "budget.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/ridge_residual.h"

enum { TEST = 2000, BATCH = 128, BLOCKS = 3, RECORDS = 8 };
enum { WORST_FROM = 32, SEARCH = 60 };

/* Nonlinear blocks whose stretch, or whose squeeze, is at most share. */
static void additive(jf_layer *f, double share, int forward)
{
    double tau = 2 * sinh(log(share) / BLOCKS);
    (void)forward; /* the two are equal */
    for (int k = 0; k < BLOCKS; k++) {
        jf_mlp_options net = {1, 1, 12, 2, JF_TANH, 0, tau};
        jf_flow_add(f, jf_coupling(2, 1, k % 2 ? JF_LOWER : JF_UPPER,
                                   jf_map_shift(), jf_mlp(&net)));
    }
}

static void residual(jf_layer *f, double share, int forward)
{
    double each = pow(share, 1.0 / BLOCKS);
    for (int k = 0; k < BLOCKS; k++)
        jf_flow_add(
            f, ridge_residual(2, 12,
                              fmin(forward ? each - 1 : 1 - 1 / each, 0.97)));
}

static void brenier(jf_layer *f, double share, int forward)
{
    (void)share, (void)forward;
    jf_flow_add(f, jf_brenier(2, 32));
}

static void splines(jf_layer *f, double share, int forward)
{
    (void)share, (void)forward;
    for (int k = 0; k < BLOCKS; k++) {
        jf_flow_add(f, jf_elementwise(2, jf_map_spline(8, 4)));
        jf_flow_add(f, jf_orthogonal(2, 2));
    }
}

static const struct {
    const char *name;
    void (*add)(jf_layer *, double share, int forward);
    int budgets;
} flows[BUDGET_FLOWS] = {{"additive", additive, 1},
                         {"residual", residual, 1},
                         {"Brenier", brenier, 0},
                         {"splines", splines, 0}};

enum { INVERSE = 6, FORWARD = BUDGET_SIDES - INVERSE };
/* Of a budgeted flow: M = 1/2 .. 16, then L = 1/4 .. 4; others have one. */
static const double inverse_budgets[INVERSE] = {0.5, 1, 2, 4, 8, 16};
static const double forward_budgets[FORWARD] = {0.25, 0.5, 1, 2, 4};

typedef struct { /* a run */
    const experiment *e;
    const jf_toy *toy;
    size_t flow;
    double lip, inverse;
    unsigned long seed;
    jf_layer *f;
    jf_team *team;
    gsl_rng *rng;
    jf_matrix test;
    double log_p[TEST], lambda[2], entropy;
    double nats, se, least, largest; /* of the last record */
    double worst, wrong;             /* of all; wrong: psi without its half */
    size_t records;
} run;

static jf_layer *flow_new(const run *r)
{
    jf_layer *f = jf_flow_new(2);
    double lip = r->lip, inverse = r->inverse;
    int forward = isfinite(lip);
    double share = fmax(1.25, forward ? lip * sqrt(r->lambda[1])
                                      : inverse / sqrt(r->lambda[0]));
    if (flows[r->flow].budgets && forward)
        lip /= share;
    else if (flows[r->flow].budgets)
        inverse /= share;
    jf_flow_add(f, jf_bias(2));
    jf_flow_add(f, bounded_linear(2, lip, inverse));
    flows[r->flow].add(f, share, forward);
    jf_flow_add(f, jf_bias(2));
    return f;
}

static void draw(const run *r, jf_matrix x, unsigned long step)
{
    for (size_t i = 0; i < x.rows; i++) {
        double at[2];
        jf_stream_seek(r->rng, r->seed, PURPOSE_BUDGET, step + 2, i);
        r->toy->sample(at, r->rng);
        jf_row(x, i)[0] = (real)at[0];
        jf_row(x, i)[1] = (real)at[1];
    }
}

static void fresh_draws(void *arg, jf_matrix batch, const size_t *rows,
                        size_t step)
{
    (void)rows;
    draw(arg, batch, step);
}

/* KL of the flow as it is, and the cost that its proved constants make
 * certain. */
static void record(run *r, const real *theta)
{
    double log_q[TEST], gap[TEST], nats = 0;
    jf_latent q = jf_normal();
    int failed =
        jf_log_prob(r->f, &q, theta, jf_const(r->test), log_q, r->team) ||
        jf_stretch_proved(r->f, theta, (double)INFINITY, &r->least, &r->largest,
                          NULL, (jf_const_matrix){0}, r->team);
    for (size_t i = 0; i < TEST; i++) {
        gap[i] = r->log_p[i] - log_q[i];
        nats += log_q[i] / TEST;
    }
    jf_sample_moments m = jf_sample_of(TEST, gap);
    double by_map = forward_cost(2, r->entropy, r->largest);
    if (strcmp(r->toy->name, "checkerboard") == 0)
        by_map = volume_cost(2, exp(r->entropy), r->largest);
    double cost = fmax(inverse_cost(2, r->lambda, 1 / r->least), by_map);
    double wrong = 2 * inverse_cost(2, r->lambda, 1 / r->least);
    r->nats = failed ? (double)NAN : nats;
    r->se = m.se;
    r->worst =
        jf_worse(r->worst, failed ? (double)NAN : (cost - m.mean) / m.se);
    r->wrong = jf_worse(r->wrong, (fmax(wrong, by_map) - m.mean) / m.se);
    r->records++;
}

static int watch(void *arg, const jf_fit_point *point)
{
    record(arg, point->theta);
    return 0;
}

/* By layer, for the report. */
static void write_layers(const run *r, const real *theta,
                         const budget_tables *t, size_t point)
{
    size_t length = jf_flow_length(r->f);
    jf_layer_stretch *s = jf_alloc(length, sizeof *s);
    double least, largest, radius = 0;
    jf_matrix x = jf_rows(r->test, 0, WORST_FROM);
    for (size_t i = 0; i < TEST; i++)
        radius = fmax(radius, jf_norm(2, jf_row(r->test, i)));
    if (jf_stretch_proved(r->f, theta, radius, &least, &largest, s, jf_const(x),
                          r->team) == GSL_SUCCESS)
        for (size_t i = 0; i < length; i++)
            jf_table_row(t->layers, point,
                         "%s,%s," JF_G "," JF_G ",%zu,%s," JF_G "," JF_G
                         "," JF_G "," JF_G "," JF_G,
                         r->toy->name, flows[r->flow].name, r->lip, r->inverse,
                         i, s[i].name, s[i].radius, s[i].least, s[i].largest,
                         s[i].measured_least, s[i].measured_largest);
    free(s);
}

/* The least and the largest that any one layer proves. */
static jf_layer_stretch extreme_layers(const run *r, const real *theta)
{
    size_t length = jf_flow_length(r->f);
    jf_layer_stretch *s = jf_alloc(length, sizeof *s);
    jf_layer_stretch all = {.least = 1, .largest = 1};
    double least, largest;
    if (jf_stretch_proved(r->f, theta, (double)INFINITY, &least, &largest, s,
                          (jf_const_matrix){.cols = 2}, r->team) != GSL_SUCCESS)
        all.least = all.largest = (double)NAN;
    for (size_t i = 0; i < length; i++) {
        all.least = fmin(all.least, s[i].least);
        all.largest = fmax(all.largest, s[i].largest);
    }
    free(s);
    return all;
}

static void conclude(run *r, const real *theta, const char *status,
                     const budget_tables *t, size_t point)
{
    double low = (double)NAN, high = (double)NAN, radius = 0;
    for (size_t i = 0; i < TEST; i++)
        radius = fmax(radius, jf_norm(2, jf_row(r->test, i)));
    if (jf_stretch_searched(r->f, theta,
                            jf_const(jf_rows(r->test, 0, WORST_FROM)), radius,
                            SEARCH, &low, &high, r->team) != GSL_SUCCESS)
        low = high = (double)NAN;
    double lost = fmax(inverse_cost(2, r->lambda, r->inverse),
                       forward_cost(2, r->entropy, r->lip));
    jf_layer_stretch extreme = extreme_layers(r, theta);
    jf_table_row(t->budget, point,
                 "%s,%s," JF_G "," JF_G ",%lu," JF_G "," JF_G "," JF_G "," JF_G
                 "," JF_G "," JF_G "," JF_G "," JF_G ",%zu," JF_G ",nan,%s"
                 "," JF_G "," JF_G "," JF_G,
                 r->toy->name, flows[r->flow].name, r->lip, r->inverse, r->seed,
                 r->nats, clip_value(2, r->lambda, r->lip, r->inverse),
                 -r->entropy - lost, high, 1 / low, r->largest, 1 / r->least,
                 r->se, r->records, r->worst, status, r->wrong, extreme.largest,
                 1 / extreme.least);
    if (r->seed == r->e->args.seed && r->toy != &law_of_two_modes)
        write_layers(r, theta, t, point);
}

static void run_flow(run *r, const budget_tables *t, size_t point)
{
    jf_matrix x = jf_matrix_new(BATCH, 2);
    jf_latent q = jf_normal();
    jf_fit_result fit;
    double c[4], mean[2];
    size_t steps = by_profile(r->e, 64, 640, 3200);

    r->toy->moments(mean, c);
    if (jf_eigen_symmetric(2, c, r->lambda, 0) != GSL_SUCCESS)
        r->lambda[0] = (double)NAN;
    r->f = flow_new(r);
    r->team = jf_team_new(1);
    r->rng = jf_stream_new();
    r->test = jf_matrix_new(TEST, 2);
    r->entropy = r->toy->entropy(NULL);
    r->worst = r->wrong = -(double)INFINITY;
    draw(r, r->test, steps + 1);
    for (size_t i = 0; i < TEST; i++)
        r->log_p[i] = r->toy->log_density((double[]){
            (double)jf_row(r->test, i)[0], (double)jf_row(r->test, i)[1]});
    real *theta = jf_theta_new(r->f);
    draw(r, x, 0);
    jf_init(r->f, theta, jf_const(x), r->seed, r->team);
    jf_fit(r->f, &q, theta, jf_const(x),
           &(jf_fit_options){.steps = steps,
                             .rate = 0.02,
                             .schedule = {JF_COSINE, 20, 0.02, 0, 0},
                             .clip = 10,
                             .prepare = fresh_draws,
                             .prepare_arg = r,
                             .trace = watch,
                             .trace_arg = r,
                             .trace_every = steps / (RECORDS - 1)},
           &fit, r->team);
    record(r, theta);
    conclude(r, theta, jf_fit_status_name(fit.status), t, point);
    free(theta);
    jf_matrix_free(&x);
    jf_matrix_free(&r->test);
    gsl_rng_free(r->rng);
    jf_team_free(r->team);
    jf_layer_free(r->f);
}

void budget_nonlinear(const experiment *e, size_t which, unsigned long seed,
                      const budget_tables *t, size_t point)
{
    size_t side = which % BUDGET_SIDES,
           flow = which / BUDGET_SIDES % BUDGET_FLOWS;
    run *r = jf_alloc(1, sizeof *r);
    *r = (run){.e = e,
               .toy = law_of(which / BUDGET_SIDES / BUDGET_FLOWS),
               .flow = flow,
               .lip = (double)INFINITY,
               .inverse = (double)INFINITY,
               .seed = seed};
    if (flows[flow].budgets && side < INVERSE)
        r->inverse = inverse_budgets[side];
    else if (flows[flow].budgets)
        r->lip = forward_budgets[side - INVERSE];
    if (flows[flow].budgets || side == 0)
        run_flow(r, t, point);
    free(r);
}
