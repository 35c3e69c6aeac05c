/* families.c -- how often correct flows of many kinds raise an alarm.
 *
 * Question  Is one file in a thousand accused, whatever the family of the flow,
 *           its dimension, the number of rows and the way they are written?
 * Method    Couplings with affine maps and with splines, autoregressive,
 *           elementwise between rotations, residual; random parameters of random
 *           size; d = 1 .. 128, n = 50 .. 5000; written in double, in float, in
 *           four decimals, or with a third of the rows repeated.  x = f^-1(z),
 *           z ~ N(0, I), so that every flow is exact.  The layers are lib's,
 *           which the checks do not use.
 *           Every fourth flow is judged on a design too, in double or float:
 *           correct, and with one mistake.
 * Writes    audit-families.csv, a row a cell: flows, alarms, those left open by
 *           neighbours, and the interval of Clopper and Pearson at .95; designs,
 *           their alarms (one that is open counts), mistakes that were told. */
#include "design.h"
#include "examples.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

/* A level at which a few flows are enough to count. */
#define VERY_LOOSE 0.5

enum { PURPOSE_FAMILIES = JF_PURPOSE_USER + 990, BLOCK = 40, DESIGNED = 16 };

static jf_layer *affine(size_t d, unsigned long seed);
static jf_layer *spline(size_t d, unsigned long seed);
static jf_layer *autoregressive(size_t d, unsigned long seed);
static jf_layer *rotated(size_t d, unsigned long seed);
static jf_layer *residual(size_t d, unsigned long seed);

static const struct {
    const char *name;
    jf_layer *(*make)(size_t d, unsigned long seed);
    size_t least; /* dimensions */
} families[] = {{"affine coupling", affine, 2},
                {"spline coupling", spline, 2},
                {"autoregressive", autoregressive, 1},
                {"rotated elementwise", rotated, 1},
                {"residual", residual, 1}};

/* Cells: dimension, rows, and how many times the flows of a block are drawn in
 * the full profile. */
static const struct {
    size_t d, n, weight;
} cells[] = {{1, 50, 6},    {1, 1000, 6},  {1, 5000, 2},  {2, 50, 8},
             {2, 200, 10},  {2, 1000, 6},  {2, 5000, 2},  {4, 50, 8},
             {4, 200, 10},  {4, 1000, 4},  {8, 100, 8},   {8, 500, 6},
             {8, 2000, 1},  {16, 200, 6},  {16, 1000, 2}, {32, 100, 6},
             {32, 400, 4},  {32, 2000, 1}, {64, 200, 2},  {64, 1000, 1},
             {128, 200, 1}, {128, 1500, 1}};

enum {
    FAMILIES = sizeof families / sizeof *families,
    CELLS = sizeof cells / sizeof *cells
};

static jf_layer *couplings(size_t d, unsigned long seed, jf_map map)
{
    jf_layer *f = jf_flow_new(d);
    jf_flow_add(f, jf_plu(d, seed));
    for (int k = 0; k < 2; k++) {
        jf_side side = k ? JF_LOWER : JF_UPPER;
        size_t split = d / 2, in = side == JF_UPPER ? split : d - split;
        jf_mlp_options net = {
            in, (d - in) * map.module.n_params, 8, 1, JF_TANH, 0, 0};
        jf_flow_add(f, jf_coupling(d, split, side, map, jf_mlp(&net)));
    }
    return f;
}

static jf_layer *affine(size_t d, unsigned long seed)
{
    return couplings(d, seed, jf_map_clamp(1));
}

static jf_layer *spline(size_t d, unsigned long seed)
{
    return couplings(d, seed, jf_map_spline(6, 3));
}

static jf_layer *autoregressive(size_t d, unsigned long seed)
{
    jf_map map = jf_map_clamp(1);
    jf_layer *f = jf_flow_new(d);
    jf_flow_add(f, jf_shuffle(d, seed));
    jf_flow_add(
        f, jf_autoregressive(
               d, map, jf_made(d, map.module.n_params, 2 * d + 4, 1, JF_TANH)));
    return f;
}

static jf_layer *rotated(size_t d, unsigned long seed)
{
    jf_layer *f = jf_flow_new(d);
    (void)seed;
    jf_flow_add(f, jf_orthogonal(d, d));
    jf_flow_add(f, jf_elementwise(d, jf_map_sinh_arcsinh()));
    jf_flow_add(f, jf_orthogonal(d, d));
    return f;
}

static jf_layer *residual(size_t d, unsigned long seed)
{
    jf_mlp_options net = {d, d, d < 8 ? 16 : 2 * d, 1, JF_TANH, 0, 0.7};
    jf_layer *f = jf_flow_new(d);
    jf_flow_add(f, jf_plu(d, seed));
    jf_flow_add(f, jf_residual_net(d, jf_mlp(&net)));
    return f;
}

/* As index says: float, four decimals, or a third of the rows again. */
static void write_as(size_t index, size_t n, size_t d, double *ll, double *ld,
                     double *z, double *x)
{
    double *of[4] = {ll, ld, z, x};
    for (int k = 0; k < 4; k++) {
        size_t width = k < 2 ? 1 : d;
        for (size_t i = 0; i < n * width && index % 4 == 1; i++)
            of[k][i] = (double)(float)of[k][i];
        for (size_t i = 0; i < n * width && index % 4 == 2; i++)
            of[k][i] = round(of[k][i] * 1e4) / 1e4;
        if (index % 4 == 3)
            memcpy(of[k] + (n - n / 3) * width, of[k],
                   n / 3 * width * sizeof *ll);
    }
}

typedef struct {
    size_t alarms, open, loose, designs, design_alarms, told;
} tally;

/* Mistakes of both columns, that a design is to tell by these names. */
typedef struct {
    const char *name;
    double times, plus, noise; /* ld := times ld + plus + noise N(0, 1) */
} slip;
static const slip slips[] = {{"sign", -1, 0, 0},       {"half", 0.5, 0, 0},
                             {"half", 2, 0, 0},        {"shift", 1, 40, 0},
                             {"noise", 1, 0, 0.1},     {"left out", 0, 0, 0},
                             {"bits", 1 / M_LN2, 0, 0}};
enum { SLIPS = sizeof slips / sizeof *slips };

/* The flow on a design for points x, with slip s (NULL: none), judged. */
static void judge_design(const jf_layer *f, const double *theta, size_t n,
                         const double *x, size_t index, const slip *s,
                         gsl_rng *rng, tally *sum)
{
    size_t d = f->d, rows, alone;
    double *points = design_points(n, d, x, &rows, &alone);
    double *z = jf_alloc(rows * (d + 2), sizeof *z), *ld = z + rows * d;
    double *ll = ld + rows;
    jf_team *team = jf_team_new(1);
    flow_numbers numbers;
    audit_report r;
    memcpy(z, points, rows * d * sizeof *z);
    if (jf_forward(f, theta, jf_view(z, rows, d), ld, team) != GSL_SUCCESS)
        jf_fail(1, "%s", jf_error_last()->message);
    for (size_t i = 0; i < rows; i++) {
        if (s)
            ld[i] =
                s->times * ld[i] + s->plus + jf_stream_normal(rng, s->noise);
        ll[i] = log_normal(d, z + i * d, 1) + ld[i];
    }
    for (size_t i = 0; i < rows * (d + 2) && index % 2; i++)
        z[i] = (double)(float)z[i];
    flow_from("design", rows, d, ll, ld, z, points, &numbers);
    audit_judge(&numbers, &r);
    if (s)
        sum->told += strcmp(hypothesis_name(r.found), s->name) == 0;
    else
        sum->design_alarms += r.wrong + r.misfit > 0 || r.stencils == 0;
    sum->designs += s == NULL;
    audit_report_free(&r);
    flow_free(&numbers);
    jf_team_free(team);
    free(z);
    free(points);
}

/* A random exact flow of a cell, judged. */
static void judge_one(const experiment *e, size_t family, size_t cell,
                      size_t index, tally *sum)
{
    size_t d = cells[cell].d, n = cells[cell].n;
    unsigned long seed = e->args.seed + index;
    gsl_rng *rng = jf_stream_new();
    jf_stream_seek(rng, e->args.seed, PURPOSE_FAMILIES, family * CELLS + cell,
                   index);
    jf_team *team = jf_team_new(1);
    jf_layer *f = families[family].make(d, seed);
    /* of sums over d, so that neither condition nor curvature grows with it */
    double by = 0.6 * gsl_rng_uniform(rng) / sqrt(1 + (double)d / 8);
    double *theta = drawn_theta(f, by, seed, rng, team);
    double *ll = jf_alloc(2 * n * (1 + d), sizeof *ll), *ld = ll + n;
    double *z = ld + n, *x = z + n * d;
    for (size_t i = 0; i < n * d; i++)
        x[i] = jf_stream_normal(rng, 1);
    memcpy(z, x, n * d * sizeof *z);
    if (jf_inverse(f, theta, jf_view(x, n, d), team) != GSL_SUCCESS)
        jf_fail(1, "%s", jf_error_last()->message);
    double off = 0, *was = jf_alloc(n * d, sizeof *was);
    memcpy(was, z, n * d * sizeof *z);
    memcpy(z, x, n * d * sizeof *z);
    jf_forward(f, theta, jf_view(z, n, d), ld, team);
    for (size_t i = 0; i < n * d; i++)
        off = fmax(off, fabs(z[i] - was[i]));
    if (!(off < 1e-6)) /* not the law that it is to have */
        jf_fail(1, "%s: a round trip errs by %g", families[family].name, off);
    free(was);
    for (size_t i = 0; i < n; i++)
        ll[i] = log_normal(d, z + i * d, 1) + ld[i];
    if (index % 4 == 0 && d <= DESIGNED) {
        judge_design(f, theta, n, x, index / 4 + cell, NULL, rng, sum);
        judge_design(f, theta, n, x, index / 4 + cell,
                     &slips[(index / 4 + cell) % SLIPS], rng, sum);
    }
    write_as(index, n, d, ll, ld, z, x);
    flow_numbers numbers;
    audit_report r;
    flow_from(families[family].name, n, d, ll, ld, z, x, &numbers);
    audit_judge(&numbers, &r);
    sum->alarms += r.wrong + r.misfit > 0;
    sum->open += r.volume.why != NULL;
    sum->loose += audit_law(index % 4 == 3 ? n - n / 3 : n, d, z,
                            VERY_LOOSE / (double)audit_law_tests(d), NULL) > 0;
    audit_report_free(&r);
    flow_free(&numbers);
    free(ll);
    free(theta);
    jf_layer_free(f);
    jf_team_free(team);
    gsl_rng_free(rng);
}

/* Flows of a cell: the large ones cost most of the time and are left out of the
 * quick profile. */
static size_t flows_of(const experiment *e, size_t cell)
{
    size_t small = cells[cell].d * cells[cell].n <= 1000;
    return by_profile(e, small ? 4 : 0, 4 * cells[cell].weight,
                      BLOCK * cells[cell].weight);
}

/* The p of which the law of Beta(a, b) is below with that probability, by
 * bisection: GSL's inverse fails in places. */
static double beta_quantile(double probability, double a, double b)
{
    double low = 0, high = 1;
    for (int k = 0; k < 60; k++) {
        double middle = (low + high) / 2;
        *(gsl_cdf_beta_P(middle, a, b) < probability ? &low : &high) = middle;
    }
    return (low + high) / 2;
}

static void judge_cell(const experiment *e, size_t point, jf_table *out)
{
    size_t family = point / CELLS, cell = point % CELLS;
    size_t n = cells[cell].d < families[family].least ? 0 : flows_of(e, cell);
    tally sum = {0};
    for (size_t i = 0; i < n; i++)
        judge_one(e, family, cell, i, &sum);
    double k = (double)sum.alarms, rest = (double)n - k;
    double low = k > 0 ? beta_quantile(0.025, k, rest + 1) : 0;
    double high = rest > 0 ? beta_quantile(0.975, k + 1, rest) : 1;
    if (n > 0)
        jf_table_row(out, point,
                     "%s,%zu,%zu,%zu,%zu,%.6g,%.6g,%zu,%zu,%zu,%zu,%zu",
                     families[family].name, cells[cell].d, cells[cell].n, n,
                     sum.alarms, low, high, sum.open, sum.loose, sum.designs,
                     sum.design_alarms, sum.told);
    jf_table_finish(out, point);
}

static size_t total(const jf_table *t, size_t points, const char *column)
{
    double sum = 0;
    for (size_t p = 0; p < points; p++)
        for (size_t row = 0; row < jf_table_rows(t, p); row++)
            sum += jf_table_number(t, p, row, column);
    return (size_t)sum;
}

static void judge_designs(experiment *e, const jf_table *out, size_t points)
{
    size_t designs = total(out, points, "designs");
    size_t alarms = total(out, points, "design_alarms");
    size_t told = total(out, points, "told");
    jf_finding f = {0};
    printf("designs: %zu alarms in %zu correct; of as many mistakes %zu told\n",
           alarms, designs, told);
    jf_binomial(&f, alarms, designs, AUDIT_LEVEL, JF_AT_MOST);
    f.broken = jf_binomial_p(told, designs, AUDIT_LEVEL, JF_AT_MOST);
    jf_judge(
        e->verdicts,
        &(jf_claim){"D.2",
                    "designs raise an alarm once in 1000 right flows at most "
                    "and are never open",
                    "five families; d = 1 .. 16; double and float",
                    "share of designs with an alarm; exact binomial law",
                    JF_STATISTIC, "flows with a mistake for correct ones"},
        JF_AT_MOST, &f);
    f = (jf_finding){0};
    jf_binomial(&f, told, designs, 0.95, JF_AT_LEAST);
    f.broken = jf_binomial_p(0, designs, 0.95, JF_AT_LEAST);
    jf_judge(
        e->verdicts,
        &(jf_claim){"D.4",
                    "designs tell mistakes of both columns by name in 19 "
                    "flows of 20",
                    "the same flows; sign; half; twice; shift; noise; left "
                    "out; bits",
                    "share of flows; exact binomial law", JF_STATISTIC,
                    "'none' told of every flow"},
        JF_AT_LEAST, &f);
}

static void judge_families(experiment *e, const jf_table *out, size_t points)
{
    size_t flows = total(out, points, "flows");
    size_t alarms = total(out, points, "alarms");
    printf("families of correct flows: %zu alarms in %zu\n", alarms, flows);
    jf_finding f = {0};
    jf_binomial(&f, alarms, flows, AUDIT_LEVEL, JF_AT_MOST);
    f.broken = jf_binomial_p(total(out, points, "loose"), flows, AUDIT_LEVEL,
                             JF_AT_MOST);
    jf_judge(e->verdicts,
             &(jf_claim){"D.2",
                         "flows of five families raise an alarm once in 1000 "
                         "files at most",
                         "five families; d and n as in audit-families.csv; "
                         "double; float; four decimals; repeated rows",
                         "share of flows with an alarm; exact binomial law",
                         JF_STATISTIC, "tests of z at level .5 for .001"},
             JF_AT_MOST, &f);
    judge_designs(e, out, points);
}

void audit_families(experiment *e)
{
    size_t points = FAMILIES * CELLS, done = 0;
    jf_table *out =
        jf_table_new(&e->args, "audit-families",
                     "family,d,n,flows,alarms,low,high,open,loose,designs,"
                     "design_alarms,told",
                     points);
#pragma omp parallel for schedule(dynamic, 1) num_threads((int)e->team->threads)
    for (size_t k = 0; k < points; k++) {
        size_t p = points - 1 - k; /* the long ones first */
        if (!jf_table_has(out, p))
            judge_cell(e, p, out);
#pragma omp critical(audit_families)
        jf_progress(&e->args, "families of flows", ++done, points);
    }
    if (jf_table_whole(out))
        judge_families(e, out, points);
    jf_table_close(out);
}
