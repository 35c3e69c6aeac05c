/* rate.c -- gradient descent below and above the critical rate.
 *
 * Question  Does every run below the critical rate converge and none above, and
 *           does det W keep its sign below?
 * Method    Gradient descent on the exact likelihood of d + 1 rows that have
 *           the moments of the data, for random spectra of condition 1 to 1e4,
 *           2 to 5 dimensions, every linear parameterisation and several
 *           seeds; the rate is a multiple of the critical one.
 *   Critical  1/lambda_1 for dense W, 1 for log scales and for the relative
 *             gradient, 2 / lambda_max of the row blocks for a triangle; all
 *             others 2 / lambda_max(H) measured at the optimum.
 *   Starts    near: an optimum, its entries moved by N(0, 1e-6 / condition), a
 *             thousandth of the least singular value of W; far: that of
 *             jf_init with entries moved by N(0, .3^2), a random triangle, or
 *             log scales moved by N(0, 1).  Only where all optima have the same
 *             curvature is there one critical rate for far starts.
 *   Proved    Below the edge dense W converges from every start (C7.6), and
 *             every way from a start near enough, as its linearisation does
 *             (C7.5); of other far starts nothing is proved, and no row counts
 *             them there.  Above the edge starts that converge have measure 0.
 *   Outcome   converged: the gap to the optimum stays below 1e-6 nats for 500
 *             steps, and for 300 more after theta is nudged by N(0, 1e-6^2),
 *             without which rounding can hold a run at an unstable point: steps
 *             of a mode that has died out are smaller than half an ulp.  (Above
 *             the edge a deviation grows by (2r - 1)^300, r = rate over
 *             critical: 2e6 at 1.025.)  1000 more where optima differ, so that
 *             from r = 1 + ln(1e9) / 2000 on a nudge of 1e-6 standard
 *             deviations is seen.  Otherwise all steps are taken: 3000 + 3
 *             / (rate lambda_min), lambda_min the least curvature that is not a
 *             symmetry's, at most 30000 more; from far and below the edge 20 /
 *             (rate lambda_min), at most 200000, as the slowest mode needs 7 to
 *             10 such times.
 *   Flatter   Where optima differ in curvature a run above the edge of one may
 *             end at another, flatter one; end_over_critical is rate over the
 *             critical rate there.
 * Writes    stability-rate.csv; gaps [nats per sample]; batch 0: all rows;
 *           end_over_critical 0: the run did not end at an optimum.
 *           stability-flatter.csv, the same columns: rates from the critical
 *           one on, where optima differ in curvature. */
#include "stability.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>

enum { PURPOSE = JF_PURPOSE_USER + 410, SPECTRA = 20, SEEDS = 5, RATES = 12 };
enum { STEPS = 3000, MORE_STEPS = 200000, MORE_ABOVE = 30000 };
enum { CALM_ONE = 300, CALM_MANY = 1000 };

/* Whether all optima have the same curvature. */
static int is_one(const way *w)
{
    return w->far || strncmp(w->name, "triangular", 10) == 0;
}

static const double ratios[RATES] = {0.5, 0.7,   0.8,  0.9, 0.95, 0.975,
                                     1,   1.025, 1.05, 1.1, 1.3,  1.5};

/* What the runs of one way, spectrum, start and seed share. */
typedef struct {
    const way *way;
    const spectrum *s;
    jf_layer *f;
    real *optimum, *start, *theta;
    double best, error;     /* nll there; its distance to what is predicted */
    double critical, least; /* least curvature that is not 0 */
    jf_team *team;
} setting;

/* Curvatures at theta; largest and least that is above 1e-7 of it. */
static void ends_at(const setting *g, real *theta, double *largest,
                    double *least)
{
    size_t count = 0;
    double *lambda = jf_alloc(g->f->module.n_params, sizeof *lambda);
    jf_latent q = jf_normal();
    jf_hessian h = {g->f,          &q, theta, jf_const(g->s->x), g->team,
                    way_step(g->s)};
    int status = way_curvatures(g->way, &h, &count, lambda, NULL);
    *largest = *least = status == GSL_SUCCESS ? lambda[0] : (double)NAN;
    for (size_t i = 1; i < count && status == GSL_SUCCESS; i++)
        if (lambda[i] > 1e-7 * lambda[0])
            *least = lambda[i];
    free(lambda);
}

static void draw_start(setting *g, int far, unsigned long seed)
{
    gsl_rng *rng = jf_stream_new();
    jf_stream_seek(rng, seed, PURPOSE, (unsigned long)far, g->s->d);
    if (far) {
        jf_init(g->f, g->start, jf_const(g->s->x), seed + 1000, g->team);
        g->way->far(g->s, g->start, rng);
    } else {
        memcpy(g->start, g->optimum, g->f->module.n_params * sizeof *g->start);
        nudge(g->way, g->f, g->start, 1e-3 / sqrt(g->s->condition), rng);
    }
    gsl_rng_free(rng);
}

static setting setting_new(const way *w, const spectrum *s, int far,
                           unsigned long seed)
{
    setting g = {.way = w, .s = s, .f = jf_flow_new(s->d)};
    jf_latent q = jf_normal();
    jf_likelihood value;
    double largest, gap = 0;
    w->add(g.f, s->d);
    g.optimum = jf_theta_new(g.f);
    g.start = jf_theta_new(g.f);
    g.theta = jf_theta_new(g.f);
    g.team = jf_team_new(1);
    way_optimum(w, g.f, s, seed, g.optimum, g.team);
    jf_nll(g.f, &q, g.optimum, jf_const(s->x), &value, NULL, g.team);
    if (strcmp(w->name, "log scales") == 0)
        gap = jf_gap_diagonal(s->d, s->m.sigma, s->m.lambda_sigma);
    g.best = value.nll;
    g.error = jf_eig_log_det(s->d, s->m.log_det_sigma) - gap + value.nll;
    ends_at(&g, g.optimum, &largest, &g.least);
    g.critical = w->critical ? w->critical(s) : 2 / largest;
    draw_start(&g, far, seed);
    return g;
}

static void setting_free(setting *g)
{
    jf_team_free(g->team);
    free(g->theta);
    free(g->start);
    free(g->optimum);
    jf_layer_free(g->f);
}

static void run(const setting *g, int far, double ratio, unsigned long seed,
                jf_table *out, size_t point)
{
    double rate = ratio * g->critical, largest = 0, unused;
    size_t most = ratio < 1 ? MORE_STEPS : MORE_ABOVE;
    double more = (far && ratio < 1 ? 20 : 3) / (rate * g->least);
    descent d = {.f = g->f,
                 .x = g->s->x,
                 .way = g->way,
                 .optimizer = jf_sgd(0),
                 .rate = rate,
                 .best = g->best,
                 .tolerance = 1e-6,
                 .after = is_one(g->way) ? CALM_ONE : CALM_MANY,
                 .limit = STEPS + (more < (double)most ? (size_t)more : most)};
    memcpy(g->theta, g->start, g->f->module.n_params * sizeof *g->theta);
    descent_result r = descend(&d, g->theta, g->team);
    if (r.converged)
        ends_at(g, g->theta, &largest, &unused);
    jf_table_row(out, point,
                 "gauss d=%zu cond=%.3g,%zu,%.6g,%s,%s,0," JF_G "," JF_G
                 ",%g,%.6f,%lu,%d,%d,%zu,%zu,%zu,%.6e,%.6e,%.6e,%.3e",
                 g->s->d, g->s->condition, g->s->d, g->s->condition,
                 g->way->name, far ? "far" : "near", g->critical, rate, ratio,
                 rate * largest / 2, seed, !r.converged, r.overflow, r.steps,
                 r.bursts, r.flips, r.gap, r.median, r.largest, g->error);
}

/* Points: start, way, spectrum, seed; those with the most steps first. */
typedef struct {
    size_t spectra, seeds, rates;
} grid;

static size_t points_of(const grid *g)
{
    return 2 * way_count * g->spectra * g->seeds;
}

static double condition_of(const grid *g, size_t i)
{
    return g->spectra > 1 ? pow(1e4, (double)i / (double)(g->spectra - 1)) : 1;
}

static void run_point(const experiment *e, const grid *g, size_t point,
                      jf_table *const out[2])
{
    size_t number = point / g->seeds % g->spectra;
    const way *w = &ways[point / g->seeds / g->spectra % way_count];
    int far = point >= points_of(g) / 2;
    unsigned long seed = e->args.seed + point % g->seeds;
    if (far && !w->far)
        return;
    spectrum s = spectrum_new(2 + number % 4, condition_of(g, number),
                              e->args.seed, 100 + number);
    setting k = setting_new(w, &s, far, seed);
    for (size_t i = 0; i < g->rates; i++) {
        double ratio = ratios[i * RATES / g->rates];
        run(&k, far, ratio, seed, out[!is_one(w) && ratio >= 1], point);
    }
    setting_free(&k);
    spectrum_free(&s);
}

/* Which rows count. */
typedef struct {
    double least, most; /* of rate_over_critical */
    const char *way;    /* NULL: all             */
    int proved;         /* no far starts of which nothing is */
} selection;

static int selected(const jf_table *t, size_t point, size_t row,
                    const selection *s)
{
    char name[40], start[8];
    double ratio = jf_table_number(t, point, row, "rate_over_critical");
    jf_table_string(t, point, row, "parameterisation", name, sizeof name);
    jf_table_string(t, point, row, "start", start, sizeof start);
    return ratio >= s->least && ratio <= s->most &&
           (!s->way || strcmp(s->way, name) == 0) &&
           (!s->proved || strcmp(start, "near") == 0 ||
            strcmp(name, "dense") == 0);
}

/* The selected rows, and among them those with column >= bound. */
typedef struct {
    size_t rows, hits;
} tally;

static tally count_rows(const jf_table *t, size_t points, selection s,
                        const char *column, double bound)
{
    tally c = {0, 0};
    for (size_t point = 0; point < points; point++)
        for (size_t i = 0; i < jf_table_rows(t, point); i++)
            if (selected(t, point, i, &s)) {
                c.rows++;
                c.hits += jf_table_number(t, point, i, column) >= bound;
            }
    return c;
}

static tally without(tally c)
{
    return (tally){c.rows, c.rows - c.hits};
}

/* No exceptions in c; wrong: those to the broken statement. */
static void report(experiment *e, jf_claim claim, tally c, tally wrong)
{
    jf_text method = {0};
    jf_text_add(&method, "number of exceptions among %zu runs", c.rows);
    claim.id = "C7.2";
    claim.method = method.data;
    claim.kind = JF_IDENTITY;
    jf_judge(e->verdicts, &claim, JF_EQUAL,
             &(jf_finding){.n = c.rows,
                           .measured = c.rows ? (double)c.hits : (double)NAN,
                           .tolerance = 0.5,
                           .broken = (double)wrong.hits - (double)c.hits});
    printf("%-60.60s %5zu exceptions in %zu runs\n", claim.statement, c.hits,
           c.rows);
    free(method.data);
}

static const selection below = {0, 0.98, NULL, 1};
static const selection above = {1.02, 9, NULL, 0};

static void judge_edge(experiment *e, const jf_table *t, size_t n)
{
    selection twice = {0, 1.96, NULL, 1}, half = {0.51, 9, NULL, 0};
    selection dense = {0, 0.98, "dense", 1};
    selection dense_twice = {0, 1.96, "dense", 1};
    report(e,
           (jf_claim){.statement =
                          "below .98 of the critical rate every run converges",
                      .hypotheses = "linear flows, condition 1 to 1e4, all "
                                    "rows; dense from far, all from near",
                      .broken = "critical rate 4 / lambda_max"},
           count_rows(t, n, below, "diverged", 1),
           count_rows(t, n, twice, "diverged", 1));
    report(e,
           (jf_claim){.statement =
                          "above 1.02 of the critical rate no run converges",
                      .hypotheses = "parameterisations whose optima all have "
                                    "the same curvature",
                      .broken = "critical rate 1 / lambda_max"},
           without(count_rows(t, n, above, "diverged", 1)),
           without(count_rows(t, n, half, "diverged", 1)));
    report(e,
           (jf_claim){.statement = "below the edge det W keeps its sign",
                      .hypotheses = "dense, near and far starts",
                      .broken = "critical rate 4 / lambda_max"},
           count_rows(t, n, dense, "sign_flips", 1),
           count_rows(t, n, dense_twice, "sign_flips", 1));
}

/* The largest of a column among runs above the edge that converged. */
static double worst_end(const jf_table *t, size_t points, const char *column)
{
    double worst = (double)NAN;
    for (size_t p = 0; p < points; p++)
        for (size_t i = 0; i < jf_table_rows(t, p); i++) {
            double is = jf_table_number(t, p, i, column);
            if (selected(t, p, i, &above) &&
                jf_table_number(t, p, i, "diverged") == 0)
                worst = isnan(worst) ? is : jf_worse(worst, is);
        }
    return worst;
}

static void judge_flatter(experiment *e, const jf_table *t, size_t n)
{
    tally moved = without(count_rows(t, n, above, "diverged", 1));
    jf_finding found = {.n = moved.hits,
                        .measured = worst_end(t, n, "end_over_critical"),
                        .expected = 1,
                        .tolerance = log(1e9) / (2 * CALM_MANY)};
    found.broken = worst_end(t, n, "rate_over_critical") - found.measured;
    if (!moved.hits)
        snprintf(found.open, sizeof found.open,
                 "no run above the edge converged");
    jf_judge(e->verdicts,
             &(jf_claim){"C7.2",
                         "a run above the edge that converges does so at a "
                         "flatter optimum, of whose own critical rate it is "
                         "below 1",
                         "parameterisations whose optima differ in curvature",
                         "largest rate over the critical one at the end; what "
                         "grows too slowly to be seen in 1000 steps, ln(1e9) / "
                         "2000",
                         JF_IDENTITY, "the critical rate at the start"},
             JF_AT_MOST, &found);
    printf("  above the edge, %zu of %zu runs moved to a flatter optimum\n",
           moved.hits, moved.rows);
}

/* What C7.3 has the law of in one dimension. */
static void print_signature(const jf_table *t, size_t n)
{
    selection beyond = {1.05, 9, "dense", 0};
    tally flips = count_rows(t, n, beyond, "sign_flips", 1);
    tally bursts = count_rows(t, n, beyond, "bursts", 1);
    printf("  dense from 1.05 on: of %zu runs %zu change the sign of det W, "
           "%zu burst above 1 nat, %zu end in no number\n",
           flips.rows, flips.hits, bursts.hits,
           count_rows(t, n, beyond, "overflow", 1).hits);
}

void stability_rate(experiment *e)
{
    grid g = {by_profile(e, 4, SPECTRA, SPECTRA), by_profile(e, 1, SEEDS, 20),
              by_profile(e, 6, RATES, RATES)};
    size_t points = points_of(&g), done = 0;
    static const char columns[] =
        "data,d,condition,parameterisation,start,batch,critical_rate,rate,"
        "rate_over_critical,end_over_critical,seed,diverged,overflow,steps,"
        "bursts,sign_flips,final_gap_nats,median_gap_nats,largest_gap_nats,"
        "optimum_error_nats";
    jf_table *out[2] = {
        jf_table_new(&e->args, "stability-rate", columns, points),
        jf_table_new(&e->args, "stability-flatter", columns, points)};

#pragma omp parallel for schedule(dynamic, 1) num_threads((int)e->team->threads)
    for (size_t k = 0; k < points; k++) {
        /* Spectra of large condition, the slowest, first. */
        size_t outer = points / g.spectra / g.seeds;
        size_t number = g.spectra - 1 - k / (outer * g.seeds);
        size_t rest = k % (outer * g.seeds);
        size_t point =
            (rest / g.seeds * g.spectra + number) * g.seeds + rest % g.seeds;
        if (!jf_table_has(out[0], point) || !jf_table_has(out[1], point)) {
            run_point(e, &g, point, out);
            jf_table_finish(out[0], point);
            jf_table_finish(out[1], point);
        }
#pragma omp critical(stability_rate)
        jf_progress(&e->args, "gradient descent", ++done, points);
    }
    if (jf_table_whole(out[0]) && jf_table_whole(out[1])) {
        judge_edge(e, out[0], points);
        judge_flatter(e, out[1], points);
        print_signature(out[0], points);
    }
    jf_table_close(out[0]);
    jf_table_close(out[1]);
}
