/* cells.c -- how often correct flows of many kinds raise an alarm.
 *
 * Question  Is one file in a thousand accused, whatever the family of the flow,
 *           its dimension, the number of rows, its curvature and the way it is
 *           written?
 * Method    The families of families.c; d = 1 .. 128, n = 50 .. 5000; written in
 *           double, in float, in four decimals, or with a third of the rows
 *           repeated.
 *           Every fourth flow is judged on a design too, in double or float:
 *           correct, and with one mistake.
 * Writes    audit-families.csv, a row a dimension and number of rows: flows,
 *           alarms, those left open by neighbours, and the interval of Clopper
 *           and Pearson at .95; designs, their alarms (one that is open counts),
 *           mistakes that were told.  At length audit-correct.csv, a row also a
 *           half of the curvatures and a way of writing; and of how many flows
 *           noise.c saw enough, and in how many it noted noise. */
#include "confusion.h"
#include "design.h"
#include "examples.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

/* A level at which a few flows are enough to count. */
#define VERY_LOOSE 0.5
/* The share of flows with n >= 10 d that neighbours may leave open. */
#define MOST_OPEN 0.05

/* BLOCK: over 20 000 flows in all. */
enum { BLOCK = 44, DESIGNED = 16 };
/* Of every so many flows, noise.c looks at one: it takes longest. */
enum { LOOKED = 8 };

#define COUNTS "flows,alarms,low,high,open,loose,designs,design_alarms,told"

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

enum { CELLS = sizeof cells / sizeof *cells };

typedef struct {
    size_t flows, alarms, open, loose, designs, design_alarms, told;
    size_t looked, noted;
    double worst; /* error of the volume, over what is allowed */
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

/* The flow on a design for its points, with slip s (NULL: none), judged. */
static void judge_design(const family_flow *t, size_t index, const slip *s,
                         tally *sum)
{
    size_t d = t->d, rows, alone;
    double *points = design_points(t->n, d, t->x, &rows, &alone);
    double *z = jf_alloc(rows * (d + 2), sizeof *z), *ld = z + rows * d;
    double *ll = ld + rows;
    flow_numbers numbers;
    audit_report r;
    memcpy(z, points, rows * d * sizeof *z);
    family_evaluate(t, rows, z, ld);
    for (size_t i = 0; i < rows; i++) {
        if (s)
            ld[i] =
                s->times * ld[i] + s->plus + jf_stream_normal(t->rng, s->noise);
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
    free(z);
    free(points);
}

/* Flow index of a cell, judged: what is counted of it, by half of the
 * curvatures and by way of writing. */
static void judge_one(const experiment *e, size_t kind, size_t cell,
                      size_t index, int at_length, tally sum[2][WRITTEN])
{
    size_t d = cells[cell].d, n = cells[cell].n, written = index % WRITTEN;
    family_flow t;
    flow_numbers numbers;
    audit_report r;
    family_draw(kind, e->args.seed, kind * CELLS + cell, index, n, d, &t);
    tally *to = &sum[t.size >= 0.5][written];
    if (index % 4 == 0 && (at_length || d <= DESIGNED)) {
        judge_design(&t, index / 4 + cell, NULL, to);
        judge_design(&t, index / 4 + cell, &slips[(index / 4 + cell) % SLIPS],
                     to);
    }
    family_write_as(written, n, d, t.ll, t.ld, t.z, t.x);
    flow_from(families[kind].name, n, d, t.ll, t.ld, t.z, t.x, &numbers);
    audit_judge(&numbers, &r);
    to->flows++;
    to->alarms += r.wrong + r.misfit > 0;
    to->open += r.volume.why != NULL;
    if (!r.volume.why)
        to->worst = fmax(to->worst, r.volume.typical / r.least_visible);
    to->loose += audit_law(written == 3 ? n - n / 3 : n, d, t.z,
                           VERY_LOOSE / (double)audit_law_tests(d), NULL) > 0;
    if (at_length && index / WRITTEN % LOOKED == 0) {
        to->looked += audit_noise(&numbers, &r);
        to->noted += r.maybe_noise > 0;
    }
    audit_report_free(&r);
    flow_free(&numbers);
    family_flow_free(&t);
}

/* Flows of a cell: the large ones cost most of the time and are left out of the
 * quick profile. */
static size_t flows_of(const experiment *e, size_t cell, int at_length)
{
    size_t small = cells[cell].d * cells[cell].n <= 1000;
    size_t all = BLOCK * cells[cell].weight;
    return by_profile(e, small ? 4 : 0,
                      at_length ? all : 4 * cells[cell].weight, all);
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

/* The interval of Clopper and Pearson at .95 of k in n. */
static void interval(size_t k, size_t n, double *low, double *high)
{
    double yes = (double)k, no = (double)(n - k);
    *low = k > 0 ? beta_quantile(0.025, yes, no + 1) : 0;
    *high = k < n ? beta_quantile(0.975, yes + 1, no) : 1;
}

static void add(tally *to, const tally *from)
{
    to->flows += from->flows;
    to->alarms += from->alarms;
    to->open += from->open;
    to->loose += from->loose;
    to->designs += from->designs;
    to->design_alarms += from->design_alarms;
    to->told += from->told;
    to->worst = fmax(to->worst, from->worst);
}

/* What is said of t. */
static void say_tally(const tally *t, jf_text *text)
{
    double low, high;
    interval(t->alarms, t->flows, &low, &high);
    jf_text_add(text, ",%zu,%zu,%.6g,%.6g,%zu,%zu,%zu,%zu,%zu", t->flows,
                t->alarms, low, high, t->open, t->loose, t->designs,
                t->design_alarms, t->told);
}

/* At length: a row each a half of the curvatures and a way of writing. */
static void write_cell(jf_table *out, size_t point, int at_length,
                       tally sum[2][WRITTEN])
{
    size_t kind = point / CELLS, cell = point % CELLS;
    tally all = {0};
    jf_text of = {0}, text = {0};
    jf_text_add(&of, "%s,%zu,%zu", families[kind].name, cells[cell].d,
                cells[cell].n);
    for (size_t half = 0; half < 2; half++)
        for (size_t written = 0; written < WRITTEN; written++) {
            const tally *t = &sum[half][written];
            add(&all, t);
            if (!at_length || t->flows == 0)
                continue;
            text.length = 0;
            jf_text_add(&text, "%s,%s,%s", of.data, half ? "more" : "less",
                        family_written[written]);
            say_tally(t, &text);
            jf_table_row(out, point, "%s,%zu,%zu,%.6g", text.data, t->looked,
                         t->noted, t->worst);
        }
    if (!at_length && all.flows) {
        say_tally(&all, &of);
        jf_table_row(out, point, "%s", of.data);
    }
    jf_table_finish(out, point);
    free(of.data);
    free(text.data);
}

static void judge_cell(const experiment *e, size_t point, int at_length,
                       jf_table *out)
{
    size_t kind = point / CELLS, cell = point % CELLS;
    size_t n =
        cells[cell].d < families[kind].least ? 0 : flows_of(e, cell, at_length);
    tally sum[2][WRITTEN] = {{{0}}};
    for (size_t i = 0; i < n; i++)
        judge_one(e, kind, cell, i, at_length, sum);
    write_cell(out, point, at_length, sum);
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
    jf_binomial(&f, alarms, designs, AUDIT_RATE, JF_AT_MOST);
    f.broken = jf_binomial_p(told, designs, AUDIT_RATE, JF_AT_MOST);
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

/* Flows of the rows with n >= 10 d, and those that were open. */
static void judge_open(experiment *e, const jf_table *out, size_t points)
{
    double open = 0, flows = 0;
    jf_finding f = {0};
    for (size_t p = 0; p < points; p++)
        for (size_t row = 0; row < jf_table_rows(out, p); row++)
            if (jf_table_number(out, p, row, "n") >=
                10 * jf_table_number(out, p, row, "d")) {
                open += jf_table_number(out, p, row, "open");
                flows += jf_table_number(out, p, row, "flows");
            }
    printf("open by neighbours, of flows with n >= 10 d: %.0f in %.0f\n", open,
           flows);
    jf_binomial(&f, (size_t)open, (size_t)flows, MOST_OPEN, JF_AT_MOST);
    f.broken =
        jf_binomial_p((size_t)flows, (size_t)flows, MOST_OPEN, JF_AT_MOST);
    jf_judge(e->verdicts,
             &(jf_claim){"D.3",
                         "neighbours leave the volume of one correct flow in "
                         "20 open at most",
                         "five families; n >= 10 d",
                         "share of flows; exact binomial law", JF_STATISTIC,
                         "'open' told of every flow"},
             JF_AT_MOST, &f);
}

/* The cell with the least p-value, times the number of cells. */
static void judge_worst(experiment *e, const jf_table *out, size_t points)
{
    size_t count = 0, flows = 0, alarms = 0;
    double least = 2;
    jf_finding f = {0};
    for (size_t p = 0; p < points; p++)
        for (size_t row = 0; row < jf_table_rows(out, p); row++) {
            size_t n = (size_t)jf_table_number(out, p, row, "flows");
            size_t k = (size_t)jf_table_number(out, p, row, "alarms");
            double value = jf_binomial_p(k, n, AUDIT_RATE, JF_AT_MOST);
            count++;
            if (value < least) {
                least = value;
                flows = n;
                alarms = k;
            }
        }
    jf_binomial(&f, alarms, flows, AUDIT_RATE, JF_AT_MOST);
    f.p = fmin(1, (double)count * f.p);
    f.planted_p = fmin(1, (double)count * f.planted_p);
    f.broken = fmin(1, (double)count *
                           jf_binomial_p(flows, flows, AUDIT_RATE, JF_AT_MOST));
    jf_judge(e->verdicts,
             &(jf_claim){"D.2",
                         "no family; dimension; number of rows or way of "
                         "writing raises more alarms than that",
                         "five families; every row of the table",
                         "the row with the least binomial p-value, Bonferroni "
                         "over rows",
                         JF_STATISTIC, "an alarm at every flow of that row"},
             JF_AT_MOST, &f);
}

/* At length. */
static void judge_noted(experiment *e, const jf_table *out, size_t points)
{
    size_t looked = total(out, points, "looked");
    size_t noted = total(out, points, "noted");
    jf_finding f = {0};
    printf("noise noted in correct flows of one to four columns: %zu in %zu\n",
           noted, looked);
    jf_binomial(&f, noted, looked, NOISE_RATE, JF_AT_MOST);
    f.broken = jf_binomial_p(looked, looked, NOISE_RATE, JF_AT_MOST);
    jf_judge(e->verdicts,
             &(jf_claim){"D.2",
                         "noise is noted in one correct flow of 100 at most",
                         "five families; d = 1 .. 4",
                         "share of flows; exact binomial law", JF_STATISTIC,
                         "noise noted in every flow"},
             JF_AT_MOST, &f);
}

static void judge_families(experiment *e, const jf_table *out, size_t points,
                           int at_length)
{
    size_t flows = total(out, points, "flows");
    size_t alarms = total(out, points, "alarms");
    printf("families of correct flows: %zu alarms in %zu\n", alarms, flows);
    jf_finding f = {0};
    jf_binomial(&f, alarms, flows, AUDIT_RATE, JF_AT_MOST);
    f.broken = jf_binomial_p(total(out, points, "loose"), flows, AUDIT_RATE,
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
    judge_worst(e, out, points);
    judge_open(e, out, points);
    judge_designs(e, out, points);
    if (at_length)
        judge_noted(e, out, points);
}

static jf_table *judge_cells(experiment *e, int at_length)
{
    size_t points = FAMILIES * CELLS, done = 0;
    jf_table *out =
        jf_table_new(&e->args, at_length ? "audit-correct" : "audit-families",
                     at_length ? "family,d,n,curvature,written," COUNTS
                                 ",looked,noted,largest_volume_error"
                               : "family,d,n," COUNTS,
                     points);
#pragma omp parallel for schedule(dynamic, 1) num_threads((int)e->team->threads)
    for (size_t k = 0; k < points; k++) {
        size_t p = points - 1 - k; /* the long ones first */
        if (!jf_table_has(out, p))
            judge_cell(e, p, at_length, out);
#pragma omp critical(audit_families)
        jf_progress(&e->args, "families of flows", ++done, points);
    }
    if (jf_table_whole(out))
        judge_families(e, out, points, at_length);
    return out;
}

void audit_families(experiment *e)
{
    jf_table_close(judge_cells(e, 0));
}

void audit_at_length(experiment *e)
{
    jf_table_close(judge_cells(e, 1));
    audit_confusion(e);
}
