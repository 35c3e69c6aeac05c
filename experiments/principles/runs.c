/* runs.c -- what each principle buys.
 *
 * Method    Every principle that changes training switched off alone from the
 *           full recipe and on alone from the bare one, on the banana, the wine
 *           table and the digits (as they are: raw units), ten seeds.  Adam, a
 *           fixed number of steps, at five rates.  A run diverged when it
 *           stopped at a value that is not finite, or ends on the training rows
 *           more than a nat a column below the normal law of independent
 *           columns fitted to them.  Likelihood, round trip and condition are
 *           those of the best rate by validation rows among runs that did not
 *           diverge; largest_stable_rate: the largest rate up to which no run
 *           diverged, 0 for none.
 * Writes    principles.csv: a recipe, target and seed per row; principle full
 *           and bare are the recipes themselves; diverged at the middle rate;
 *           roundtrip_error: worst of 100 test rows over 1 + |x|;
 *           condition_number: of 8 test rows.
 *           principles-effects.csv: mean over seeds of the difference that the
 *           principle makes (on minus off; of logs to base 10 where it says
 *           so, no stable rate counting as a quarter of the least tried), its
 *           standard error over the pairs of runs that both have the quantity,
 *           and whether it buys anything: Student's t at level 1e-3.
 *           principles-pairs.csv: the full recipe and the bare one side by side
 *           on the wine table, a seed each. */
#include "principles.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

enum { PURPOSE = JF_PURPOSE_USER + 650, TARGETS = 3, RATES = 5, CHECKED = 100 };
static const double rates[RATES] = {1e-3, 4e-3, 1.6e-2, 6.4e-2, 0.256};
enum { MIDDLE = 2, RAW = 1, PAIRS = 40 };

static const int tried[] = {P1, P2, P3, P4, P5, P6, P7, P9, P10};
enum { TRIED = sizeof tried / sizeof *tried, RECIPES = 2 * TRIED + 2 };

/* Recipes: full, bare, full without each, bare with each. */
static recipe recipe_of(size_t k)
{
    if (k < 2)
        return k ? BARE : FULL;
    int p = tried[(k - 2) % TRIED];
    return (k - 2) / TRIED ? BARE | 1u << (p - 1) : FULL & ~(1u << (p - 1));
}

static void name_of(size_t k, char text[32])
{
    if (k < 2)
        snprintf(text, 32, "%s", k ? "bare" : "full");
    else
        snprintf(text, 32, "P%d", tried[(k - 2) % TRIED]);
}

typedef struct {
    char name[64];
    jf_matrix train, validation, test;
    double *width; /* (d): of the noise of P6, or of a cell */
    int cells;     /* whole numbers */
    double floor;  /* of a run that did not diverge [nats] */
    double log_p;  /* the mean over the test rows [nats]; NaN: not known */
} target;

/* The training likelihood of independent normal columns; cells are a third of
 * a square wider, 1/12. */
static double independent(const target *t, const double *mean)
{
    size_t d = t->train.cols, n = t->train.rows;
    double sum = -0.5 * (double)d * (JF_LOG_2PI + 1);
    for (size_t j = 0; j < d; j++) {
        double variance = t->cells ? 1.0 / 12 : 0;
        for (size_t i = 0; i < n; i++)
            variance +=
                square((double)jf_row(t->train, i)[j] - mean[j]) / (double)n;
        sum -= 0.5 * log(variance);
    }
    return sum;
}

/* Split; a law is drawn thrice. */
static void take(const experiment *e, size_t k, target *t)
{
    static const char *const names[] = {"banana", "wine", "digits"};
    jf_dataset data;
    *t = (target){.cells = k == 2 && !e->args.data, .log_p = (double)NAN};
    snprintf(t->name, sizeof t->name, "%s", e->args.data ? "data" : names[k]);
    if (k == 0 && !e->args.data) {
        const jf_toy *toy = jf_toy_find("banana");
        jf_matrix *parts[] = {&t->train, &t->validation, &t->test};
        for (size_t i = 0; i < 3; i++) {
            *parts[i] = jf_matrix_new(1000, 2);
            jf_toy_fill(toy, *parts[i], e->args.seed + 1000003 * i);
        }
        t->log_p = 0;
        for (size_t i = 0; i < t->test.rows; i++) {
            const real *x = jf_row(t->test, i);
            t->log_p +=
                toy->log_density((double[]){(double)x[0], (double)x[1]}) /
                (double)t->test.rows;
        }
    } else {
        if (experiment_data(e, names[k], &data) != GSL_SUCCESS ||
            (!t->cells && jf_data_check(&data) != GSL_SUCCESS))
            jf_end(2);
        jf_split(data.x, 0.6, 0.2, e->args.seed, &t->train, &t->validation,
                 &t->test);
        jf_data_free(&data);
    }
    size_t d = t->train.cols;
    t->width = jf_alloc(2 * d, sizeof *t->width);
    if (t->cells) {
        jf_dequantize(t->validation, 1, e->args.seed + 1);
        jf_dequantize(t->test, 1, e->args.seed + 2);
    }
    jf_matrix copy = jf_matrix_new(t->train.rows, d);
    jf_matrix_copy(copy, jf_const(t->train));
    jf_standardize(copy, t->width + d, t->width);
    for (size_t j = 0; j < d; j++)
        t->width[j] = t->cells ? 1 : NOISE * t->width[j];
    t->floor = independent(t, t->width + d) - (double)d;
    jf_matrix_free(&copy);
}

typedef struct { /* a training */
    const target *t;
    recipe r;
    unsigned long seed;
    gsl_rng *rng;
} training;

/* P6: noise on the rows of a step's batch. */
static void noise(void *arg, jf_matrix batch, const size_t *rows, size_t step)
{
    training *t = arg;
    for (size_t i = 0; has(t->r, P6) && i < batch.rows; i++) {
        jf_stream_seek(t->rng, t->seed, PURPOSE, step, rows[i]);
        for (size_t j = 0; j < batch.cols; j++) {
            double u = t->t->cells ? gsl_rng_uniform(t->rng)
                                   : jf_stream_normal(t->rng, 1);
            jf_row(batch, i)[j] += (real)(t->t->width[j] * u);
        }
    }
}

typedef struct {
    int diverged;
    double validation, nats, roundtrip, condition;
} outcome;

static double likelihood(const jf_layer *f, const real *theta, jf_matrix x,
                         jf_team *team)
{
    jf_latent q = jf_normal();
    jf_likelihood value;
    return jf_nll(f, &q, theta, jf_const(x), &value, NULL, team) == GSL_SUCCESS
               ? -value.nll
               : (double)NAN;
}

static double round_trip(const jf_layer *f, const real *theta, jf_matrix test,
                         jf_team *team)
{
    size_t n = test.rows < CHECKED ? test.rows : CHECKED, d = test.cols;
    jf_matrix x = jf_matrix_new(n, d);
    double *unused = jf_alloc(n, sizeof *unused), worst = 0;
    jf_matrix_copy(x, jf_const(jf_rows(test, 0, n)));
    int failed =
        jf_forward(f, theta, x, unused, team) || jf_inverse(f, theta, x, team);
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t j = 0; j < d; j++)
            sum += square((double)jf_row(x, i)[j] - (double)jf_row(test, i)[j]);
        worst = jf_worse(worst, sqrt(sum) / (1 + jf_norm(d, jf_row(test, i))));
    }
    free(unused);
    jf_matrix_free(&x);
    return failed ? (double)INFINITY : worst;
}

static outcome train(const experiment *e, const target *t, recipe r,
                     double rate, unsigned long seed, jf_team *team)
{
    size_t d = t->train.cols;
    training run = {t, r, seed, jf_stream_new()};
    jf_layer *f = recipe_flow(r, d);
    jf_latent q = jf_normal();
    jf_fit_result fit;
    real *theta = jf_theta_new(f);
    jf_matrix first =
        jf_matrix_new(t->train.rows < 256 ? t->train.rows : 256, d);
    size_t *rows = jf_alloc(first.rows, sizeof *rows);
    outcome o = {0};

    for (size_t i = 0; i < first.rows; i++)
        rows[i] = i;
    jf_matrix_copy(first, jf_const(jf_rows(t->train, 0, first.rows)));
    noise(&run, first, rows, 0);
    recipe_start(r, f, theta, first, seed, team);
    team->memory = has(r, P7) ? (size_t)1 << 30 : 0; /* stored or recomputed */
    jf_fit(
        f, &q, theta, jf_const(t->train),
        &(jf_fit_options){.steps = by_profile(e, 20, d > 20 ? 80 : 200, 2000),
                          .batch = 64,
                          .rate = rate,
                          .clip = has(r, P10) ? CLIP : 0,
                          .seed = seed,
                          .prepare = noise,
                          .prepare_arg = &run},
        &fit, team);
    o.validation = likelihood(f, theta, t->validation, team);
    o.nats = likelihood(f, theta, t->test, team);
    o.diverged = fit.status == JF_DIVERGED ||
                 !(likelihood(f, theta, t->train, team) >= t->floor) ||
                 !isfinite(o.nats);
    o.roundtrip = round_trip(f, theta, t->test, team);
    double low, high;
    size_t from = t->test.rows < 8 ? t->test.rows : 8;
    int failed = jf_stretch_measured(
        f, theta, jf_const(jf_rows(t->test, 0, from)), &low, &high, NULL, team);
    o.condition = failed ? (double)NAN : high / low;
    free(rows);
    jf_matrix_free(&first);
    free(theta);
    jf_layer_free(f);
    gsl_rng_free(run.rng);
    return o;
}

/* A recipe on a target with a seed: all rates. */
static void run_point(const experiment *e, const target *t, size_t k,
                      unsigned long seed, jf_table *out, size_t point)
{
    jf_team *team = jf_team_new(1);
    outcome best = {.validation = (double)NAN,
                    .nats = (double)NAN,
                    .roundtrip = (double)NAN,
                    .condition = (double)NAN};
    double stable = 0;
    int middle = 0, still = 1;
    char name[32];
    for (size_t i = 0; i < RATES; i++) {
        outcome o = train(e, t, recipe_of(k), rates[i], seed, team);
        still = still && !o.diverged;
        if (still)
            stable = rates[i];
        if (i == MIDDLE)
            middle = o.diverged;
        if (!o.diverged && !(o.validation <= best.validation))
            best = o;
    }
    name_of(k, name);
    jf_table_row(out, point,
                 "%s,%d,%s,%lu,%d," JF_G "," JF_G "," JF_G "," JF_G ",%s", name,
                 k < 2 ? !k : k >= 2 + TRIED, t->name, seed, middle, best.nats,
                 stable, best.roundtrip, best.condition,
                 k < 2            ? "itself"
                 : k >= 2 + TRIED ? "bare"
                                  : "full");
    jf_team_free(team);
}

/* What principle number p makes of a column, from the full recipe (from = 0:
 * full minus full without it) or the bare one: the mean over seeds of paired
 * differences, logs where said. */
static jf_sample_moments effect(const jf_table *t, size_t target_k,
                                size_t seeds, size_t p, int from_bare,
                                const char *column, int logs, size_t *pairs)
{
    double *gap = jf_alloc(seeds, sizeof *gap);
    size_t on = from_bare ? 2 + TRIED + p : 0, off = from_bare ? 1 : 2 + p;
    size_t n = 0;
    for (size_t s = 0; s < seeds; s++) {
        double a = jf_table_number(t, (target_k * RECIPES + on) * seeds + s, 0,
                                   column);
        double b = jf_table_number(t, (target_k * RECIPES + off) * seeds + s, 0,
                                   column);
        double least = strcmp(column, "largest_stable_rate") == 0
                           ? rates[0] / 4 /* none: a step below the grid */
                           : 0;
        double d = logs ? log10(fmax(a, least)) - log10(fmax(b, least)) : a - b;
        if (isfinite(d))
            gap[n++] = d;
    }
    jf_sample_moments m = {.mean = (double)NAN, .se = (double)NAN};
    if (n > 1)
        m = jf_sample_of(n, gap);
    free(gap);
    *pairs = n;
    return m;
}

static void write_effects(const experiment *e, const jf_table *t,
                          const target *targets, size_t count, size_t seeds)
{
    static const struct {
        const char *column;
        int logs;
    } what[] = {{"test_nats", 0},
                {"diverged", 0},
                {"largest_stable_rate", 1},
                {"roundtrip_error", 1},
                {"condition_number", 1}};
    jf_table *out = jf_table_new(&e->args, "principles-effects",
                                 "principle,from,data,quantity,log10,effect,"
                                 "se_effect,pairs,buys",
                                 1);
    for (size_t k = 0; k < count; k++)
        for (size_t p = 0; p < TRIED; p++)
            for (int bare = 0; bare < 2; bare++)
                for (size_t w = 0; w < 5; w++) {
                    size_t pairs;
                    jf_sample_moments m =
                        effect(t, k, seeds, p, bare, what[w].column,
                               what[w].logs, &pairs);
                    double good = w == 0 || w == 2 ? m.mean : -m.mean;
                    double errors = fabs(m.mean) / m.se;
                    int sure =
                        jf_tail(errors, (double)pairs - 1, JF_EQUAL) < JF_LEVEL;
                    jf_table_row(
                        out, 0, "P%d,%s,%s,%s,%d," JF_G "," JF_G ",%zu,%s",
                        tried[p], bare ? "bare" : "full", targets[k].name,
                        what[w].column, what[w].logs, m.mean, m.se, pairs,
                        isnan(m.mean)      ? "unknown"
                        : sure && good > 0 ? "gain"
                        : sure && good < 0 ? "loss"
                                           : "nothing");
                }
    jf_table_finish(out, 0);
    jf_table_close(out);
}

/* P11: E q(X)/p(X) <= 1 for every density q, so that by Markov's inequality the
 * product of q/p over fresh rows is above 1/a with probability a at most; all
 * runs by Bonferroni. */
static double ratio_p(size_t runs, size_t rows, double above)
{
    return isnan(above) ? above
                        : fmin(1, (double)runs * exp(-(double)rows * above));
}

/* The first target.  Broken: log 2 pi for log(2 pi e) in -h, a ceiling D/2
 * lower. */
static void judge_ceiling(const experiment *e, const jf_table *t,
                          const target *of, size_t seeds)
{
    static const jf_claim claim = {
        "C8.P11",
        "no run is above log p of the same rows",
        "banana, every recipe and seed",
        "largest mean of log q - log p over 1000 test rows [nats]; Markov's "
        "inequality for the product of q/p, all runs by Bonferroni",
        JF_STATISTIC,
        "log 2 pi for log(2 pi e) in -h"};
    jf_finding f = {.law = JF_BY_P, .measured = -(double)INFINITY};
    size_t rows = of->test.rows;
    for (size_t p = 0; p < RECIPES * seeds; p++) {
        double nats = jf_table_number(t, p, 0, "test_nats");
        if (isnan(nats)) /* every rate diverged */
            continue;
        f.measured = fmax(f.measured, nats - of->log_p);
        f.n++;
    }
    f.d = 2;
    f.tolerance = (log((double)f.n) - log(JF_LEVEL / JF_SHARES)) / (double)rows;
    f.detectable = fmax(-f.measured, 0) + f.tolerance +
                   gsl_cdf_ugaussian_Pinv(0.9) / sqrt((double)rows);
    f.p = ratio_p(f.n, rows, f.measured);
    f.planted_p = ratio_p(f.n, rows, f.measured + 1.5 * f.detectable);
    f.broken = ratio_p(f.n, rows, f.measured + 1);
    if (f.n == 0)
        snprintf(f.open, sizeof f.open, "every run diverged");
    jf_judge(e->verdicts, &claim, JF_AT_MOST, &f);
}

/* The full recipe and the bare one, trained side by side on the table in its
 * raw units at the middle rate, a seed a pair. */
static void run_pair(const experiment *e, const target *t, unsigned long seed,
                     jf_table *out, size_t point)
{
    jf_team *team = jf_team_new(1);
    outcome full = train(e, t, FULL, rates[MIDDLE], seed, team);
    outcome bare = train(e, t, BARE, rates[MIDDLE], seed, team);
    jf_table_row(out, point, "%s,%lu," JF_G ",%d,%d", t->name, seed,
                 rates[MIDDLE], full.diverged, bare.diverged);
    jf_team_free(team);
}

/* The sign test of McNemar: of the pairs in which one diverged and the other
 * did not, it is the full one in at most a half.  Broken: the recipes
 * exchanged. */
static void judge_pairs(const experiment *e, const jf_table *t)
{
    size_t only[2] = {0}, diverged[2] = {0};
    for (size_t p = 0; p < PAIRS; p++) {
        int full = jf_table_number(t, p, 0, "full_diverged") > 0;
        int bare = jf_table_number(t, p, 0, "bare_diverged") > 0;
        diverged[0] += (size_t)full;
        diverged[1] += (size_t)bare;
        only[0] += full && !bare;
        only[1] += bare && !full;
    }
    jf_text says = {0};
    jf_text_add(&says,
                "the full recipe diverges no more often than the bare one (%zu "
                "against %zu of %d pairs)",
                diverged[0], diverged[1], PAIRS);
    jf_claim c = {"C8",
                  says.data,
                  e->args.data ? "rate .016" : "wine in raw units, rate .016",
                  "share of the full one among pairs that differ; exact sign "
                  "test",
                  JF_STATISTIC,
                  "recipes exchanged"};
    size_t n = only[0] + only[1];
    jf_finding f = {0};
    jf_binomial(&f, only[0], n, 0.5, JF_AT_MOST);
    f.broken = jf_binomial_p(only[1], n, 0.5, JF_AT_MOST);
    if (ldexp(1, -(int)n) >= JF_LEVEL / JF_SHARES) /* nothing would refute */
        snprintf(f.open, sizeof f.open, "%zu pairs differ: too few", n);
    jf_judge(e->verdicts, &c, JF_AT_MOST, &f);
    free(says.data);
}

static void pairs(experiment *e, const target *t)
{
    jf_table *out =
        jf_table_new(&e->args, "principles-pairs",
                     "data,seed,rate,full_diverged,bare_diverged", PAIRS);
#pragma omp parallel for schedule(dynamic, 1) num_threads((int)e->team->threads)
    for (size_t p = 0; p < PAIRS; p++)
        if (!jf_table_has(out, p)) {
            run_pair(e, t, e->args.seed + 1000003 * (p + 1), out, p);
            jf_table_finish(out, p);
        }
    if (jf_table_whole(out))
        judge_pairs(e, out);
    jf_table_close(out);
}

void principles_runs(experiment *e)
{
    size_t seeds = by_profile(e, 2, 10, 20), done = 0;
    size_t count = e->args.data ? 1 : TARGETS;
    size_t points = count * RECIPES * seeds;
    target targets[TARGETS];
    jf_table *out = jf_table_new(
        &e->args, "principles",
        "principle,on,data,seed,diverged,test_nats,largest_stable_rate,"
        "roundtrip_error,condition_number,from",
        points);

    for (size_t k = 0; k < count; k++)
        take(e, k, &targets[k]);
#pragma omp parallel for schedule(dynamic, 1) num_threads((int)e->team->threads)
    for (size_t i = 0; i < points; i++) {
        size_t p = points - 1 - i; /* digits, which take longest, first */
        if (!jf_table_has(out, p)) {
            run_point(e, &targets[p / seeds / RECIPES], p / seeds % RECIPES,
                      e->args.seed + p % seeds, out, p);
            jf_table_finish(out, p);
        }
#pragma omp critical(principles)
        jf_progress(&e->args, "principles", ++done, points);
    }
    if (jf_table_whole(out)) {
        write_effects(e, out, targets, count, seeds);
        if (!e->args.data)
            judge_ceiling(e, out, &targets[0], seeds);
    }
    pairs(e, &targets[e->args.data ? 0 : RAW]);
    for (size_t k = 0; k < count; k++) {
        jf_matrix_free(&targets[k].train);
        jf_matrix_free(&targets[k].validation);
        jf_matrix_free(&targets[k].test);
        free(targets[k].width);
    }
    jf_table_close(out);
}
