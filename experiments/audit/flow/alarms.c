/* alarms.c -- how far the audit of a flow is to be trusted.
 *
 * Question  How often does a correct flow raise an alarm, and how often is
 *           each mistake told, over random exact flows?
 * Method    drawn.c: d = 2 .. 8, n = 100 .. 500, random layers.  The
 *           statistical tests together have level AUDIT_LEVEL per file; the
 *           deterministic ones and the volume's bounds are to add nothing.
 *           Judged by the exact binomial law of their number.
 * Writes    audit-alarms.csv, a row per mistake: how often there was an alarm,
 *           how often it was told first, how often among those named;
 *           audit-blocks.csv, ten flows a row.  Of the first of ten correct
 *           ones a smooth fit is looked at as well (smooth.c). */
#include "examples.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK = 10 }; /* flows of a point */

/* A level at which there is something to count. */
#define LOOSE 0.05

static int named(const mistake *m, const audit_report *r)
{
    int yes = mistake_told(m, r);
    for (size_t k = 0; k < r->n_also; k++)
        yes |= m->expected &&
               strcmp(hypothesis_name(r->also[k]), m->expected) == 0;
    return yes;
}

typedef struct { /* counts over random flows */
    size_t alarms, told, named, loose, unshared, seen;
    size_t smooth, noted,
        noted_loosely;           /* looked at by a smooth fit; noted; were
                                            a twentieth allowed */
    double least_visible, worst; /* of flows whose volume was seen: the sum,
                                    and the largest over what is allowed */
} tally;

static tally judge_random(const experiment *e, const mistake *m, size_t index)
{
    flow_numbers f;
    audit_report r;
    mistake_draw(m, e->args.seed, index, &f);
    audit_judge(&f, &r);
    if (!m->expected && index % BLOCK == 0)
        audit_smooth(&f, &r);
    int alarm = r.wrong + r.misfit > 0, seen = !r.volume.why;
    double tests = (double)audit_law_tests(f.d);
    tally t = {.alarms = (size_t)alarm,
               .told = (size_t)mistake_told(m, &r),
               .named = (size_t)named(m, &r),
               .loose = audit_law(f.n, f.d, f.z, LOOSE / tests, NULL) > 0,
               .unshared = audit_law(f.n, f.d, f.z, LOOSE, NULL) > 0,
               .seen = (size_t)seen,
               .smooth = r.mean_allowed > 0,
               .noted = fabs(r.mean_off) > r.mean_allowed,
               .noted_loosely = fabs(r.mean_off) > r.mean_allowed / 20,
               .least_visible = seen ? r.least_visible : 0,
               .worst = seen ? r.volume.typical / r.least_visible : 0};
    audit_report_free(&r);
    flow_free(&f);
    return t;
}

/* Flows first .. first + count - 1 of mistake m: a point of the table. */
static void judge_block(const experiment *e, size_t point, const mistake *m,
                        size_t first, size_t count, jf_table *out)
{
    tally sum = {0};
    for (size_t i = first; i < first + count; i++) {
        tally t = judge_random(e, m, i);
        sum.alarms += t.alarms;
        sum.told += t.told;
        sum.named += t.named;
        sum.loose += t.loose;
        sum.unshared += t.unshared;
        sum.seen += t.seen;
        sum.smooth += t.smooth;
        sum.noted += t.noted;
        sum.noted_loosely += t.noted_loosely;
        sum.least_visible += t.least_visible;
        sum.worst = fmax(sum.worst, t.worst);
    }
    jf_table_row(out, point,
                 "%s,%zu,%zu,%zu,%zu,%zu,%zu,%zu,%.6g,%.6g,%zu,%zu,%zu",
                 m->name, count, sum.alarms, sum.told, sum.named, sum.loose,
                 sum.unshared, sum.seen, sum.least_visible, sum.worst,
                 sum.smooth, sum.noted, sum.noted_loosely);
    jf_table_finish(out, point);
}

/* Sums over the blocks of a mistake. */
static double total(const jf_table *t, size_t first, size_t blocks,
                    const char *column)
{
    double sum = 0;
    for (size_t b = 0; b < blocks; b++)
        sum += jf_table_number(t, first + b, 0, column);
    return sum;
}

static double largest(const jf_table *t, size_t first, size_t blocks,
                      const char *column)
{
    double most = 0;
    for (size_t b = 0; b < blocks; b++)
        most = fmax(most, jf_table_number(t, first + b, 0, column));
    return most;
}

/* The row of mistake k from its blocks. */
static void write_rate(const experiment *e, const jf_table *blocks, size_t k,
                       size_t first, size_t count, jf_table *out)
{
    const mistake *m = &mistakes[k];
    double n = (double)(count * BLOCK), rate[4];
    static const char *const column[] = {"alarms", "told", "named", "loose"};
    for (size_t c = 0; c < 4; c++)
        rate[c] = total(blocks, first, count, column[c]) / n;
    double seen = total(blocks, first, count, "seen");
    jf_table_row(out, k,
                 "%s,%s,%d,%.0f,%.6g,%.6g,%.6g,%.6g,%.6g,%.6g,%.6g,%.6g,%.6g,"
                 "%.6g",
                 m->name, m->expected ? m->expected : "none", m->with_x, n,
                 rate[0], sqrt(rate[0] * (1 - rate[0]) / n), rate[1],
                 sqrt(rate[1] * (1 - rate[1]) / n), rate[2],
                 sqrt(rate[2] * (1 - rate[2]) / n), rate[3], seen / n,
                 total(blocks, first, count, "least_visible") / seen,
                 largest(blocks, first, count, "worst"));
    jf_table_finish(out, k);
    if (!e->args.quiet)
        printf("  %-17s %-20s %5.0f %6.1f %6.1f %6.1f\n", m->name,
               m->expected ? m->expected : "none", n, 100 * rate[0],
               100 * rate[1], 100 * rate[2]);
}

/* Blocks of flows with mistake k: more of those with none. */
static size_t blocks_of(const experiment *e, size_t k)
{
    return mistakes[k].expected ? by_profile(e, 2, 10, 100)
                                : by_profile(e, 20, 100, 1000);
}

static void write_rates(const experiment *e, const jf_table *blocks,
                        jf_table *out)
{
    if (!e->args.quiet)
        printf("  %-17s %-20s %5s %6s %6s %6s  [%%]\n", "planted", "expected",
               "flows", "alarm", "told", "named");
    for (size_t k = 0, first = 0; k < n_mistakes; k++) {
        size_t count = blocks_of(e, k);
        write_rate(e, blocks, k, first, count, out);
        first += count;
    }
}

/* Flows of a kind, and what was counted of them. */
typedef enum { CORRECT, BY_COLUMNS, BY_X } flow_kind;

static flow_kind kind_of(size_t k)
{
    return !mistakes[k].expected ? CORRECT
           : mistakes[k].with_x  ? BY_X
                                 : BY_COLUMNS;
}

static size_t sum_over(const experiment *e, const jf_table *blocks,
                       flow_kind kind, const char *column)
{
    double sum = 0;
    for (size_t k = 0, first = 0; k < n_mistakes; first += blocks_of(e, k++))
        if (kind_of(k) == kind)
            sum += total(blocks, first, blocks_of(e, k), column);
    return (size_t)sum;
}

/* The largest error of the volume over what is allowed, of flows with the
 * mistake of that name. */
static double volume_error(const jf_table *rates, const char *name)
{
    for (size_t k = 0; k < n_mistakes; k++)
        if (strcmp(mistakes[k].name, name) == 0)
            return jf_table_number(rates, k, 0, "largest_volume_error");
    return (double)NAN;
}

static void judge_alarms(experiment *e, const jf_table *blocks,
                         const jf_table *rates)
{
    size_t flows = sum_over(e, blocks, CORRECT, "flows");
    size_t alarms = sum_over(e, blocks, CORRECT, "alarms");
    size_t loose = sum_over(e, blocks, CORRECT, "loose");
    size_t unshared = sum_over(e, blocks, CORRECT, "unshared");
    jf_finding f = {0};
    printf("false alarms: %zu of %zu correct flows; level %g per file, so "
           "%.3g expected; tests of z at level %g: %zu, %.3g expected\n",
           alarms, flows, AUDIT_LEVEL, AUDIT_LEVEL * (double)flows, LOOSE,
           loose, LOOSE * (double)flows);
    jf_binomial(&f, alarms, flows, AUDIT_RATE, JF_AT_MOST);
    f.broken = jf_binomial_p(loose, flows, AUDIT_RATE, JF_AT_MOST);
    jf_judge(e->verdicts,
             &(jf_claim){"D.2",
                         "a correct flow raises an alarm once in 1000 files "
                         "at most",
                         "random exact flows, d = 2 .. 8, n = 100 .. 500",
                         "share of flows with an alarm; exact binomial law",
                         JF_STATISTIC, "tests of z at level .05 for .001"},
             JF_AT_MOST, &f);
    f = (jf_finding){0};
    jf_binomial(&f, loose, flows, LOOSE, JF_AT_MOST);
    f.broken = jf_binomial_p(unshared, flows, LOOSE, JF_AT_MOST);
    jf_judge(e->verdicts,
             &(jf_claim){"D.2", "the tests of z ~ N(0, I) keep their level",
                         "the same flows, all tests together at level .05",
                         "share of flows with an alarm; exact binomial law",
                         JF_STATISTIC, "each test at the whole level"},
             JF_AT_MOST, &f);
    f = (jf_finding){
        .n = flows, .measured = volume_error(rates, "correct"), .expected = 1};
    f.broken = volume_error(rates, "sign-both") - f.measured;
    jf_judge(
        e->verdicts,
        &(jf_claim){"D.3",
                    "the volume seen by neighbours errs by less than five "
                    "errors of first and second order and what the next is",
                    "the same flows",
                    "largest error over what is allowed; no null law: five "
                    "errors",
                    JF_STATISTIC, "log_abs_det with its sign lost"},
        JF_AT_MOST, &f);
}

static void judge_notes(experiment *e, const jf_table *blocks)
{
    size_t looked = sum_over(e, blocks, CORRECT, "smooth");
    jf_finding f = {0};
    jf_binomial(&f, sum_over(e, blocks, CORRECT, "noted"), looked, AUDIT_RATE,
                JF_AT_MOST);
    f.broken = jf_binomial_p(sum_over(e, blocks, CORRECT, "noted_loosely"),
                             looked, AUDIT_RATE, JF_AT_MOST);
    jf_judge(e->verdicts,
             &(jf_claim){"D.2",
                         "a smooth fit notes the mean of a right log_abs_det "
                         "once in 1000 files at most",
                         "the same flows, one in ten",
                         "share of flows with a note; exact binomial law",
                         JF_STATISTIC, "a twentieth of what is allowed"},
             JF_AT_MOST, &f);
}

/* Of the mistakes of a kind together, how often one is named. */
static void judge_power(experiment *e, const jf_table *blocks, flow_kind kind,
                        double rate, const jf_claim *claim)
{
    size_t flows = sum_over(e, blocks, kind, "flows");
    jf_finding f = {0};
    jf_binomial(&f, sum_over(e, blocks, kind, "named"), flows, rate,
                JF_AT_LEAST);
    f.broken = jf_binomial_p(0, flows, rate, JF_AT_LEAST);
    jf_judge(e->verdicts, claim, JF_AT_LEAST, &f);
}

static void judge_powers(experiment *e, const jf_table *blocks)
{
    judge_power(e, blocks, BY_COLUMNS, 0.9,
                &(jf_claim){"D.4",
                            "mistakes that the columns themselves show are "
                            "named in 9 flows of 10",
                            "random exact flows, all such mistakes together",
                            "share of flows; exact binomial law", JF_STATISTIC,
                            "'none' told of every flow"});
    judge_power(e, blocks, BY_X, 0.5,
                &(jf_claim){"D.4",
                            "mistakes that only x can show are named more "
                            "often than not",
                            "random exact flows, all such mistakes together; "
                            "some are smaller than what neighbours can see",
                            "share of flows; exact binomial law", JF_STATISTIC,
                            "'none' told of every flow"});
}

/* The mistake and the block of it that a point is. */
static size_t mistake_of(const experiment *e, size_t point, size_t *block)
{
    size_t k = 0;
    while (point >= blocks_of(e, k))
        point -= blocks_of(e, k++);
    *block = point;
    return k;
}

static jf_table *rates_new(const experiment *e)
{
    return jf_table_new(
        &e->args, "audit-alarms",
        "mistake,expected,with_x,flows,alarms,se_alarms,told,se_told,named,"
        "se_named,alarms_at_05,volume_seen,least_visible_nats,"
        "largest_volume_error",
        n_mistakes);
}

void audit_alarms(experiment *e)
{
    size_t points = 0, done = 0;
    for (size_t k = 0; k < n_mistakes; k++)
        points += blocks_of(e, k);
    jf_table *blocks = jf_table_new(
        &e->args, "audit-blocks",
        "mistake,flows,alarms,told,named,loose,unshared,seen,least_visible,"
        "worst,smooth,noted,noted_loosely",
        points);
#pragma omp parallel for schedule(dynamic, 1) num_threads((int)e->team->threads)
    for (size_t p = 0; p < points; p++) {
        size_t block, k = mistake_of(e, p, &block);
        if (!jf_table_has(blocks, p))
            judge_block(e, p, &mistakes[k], block * BLOCK, BLOCK, blocks);
#pragma omp critical(audit_alarms)
        jf_progress(&e->args, "random flows", ++done, points);
    }
    if (jf_table_whole(blocks)) {
        jf_table *rates = rates_new(e);
        write_rates(e, blocks, rates);
        judge_alarms(e, blocks, rates);
        judge_notes(e, blocks);
        judge_powers(e, blocks);
        jf_table_close(rates);
    }
    jf_table_close(blocks);
    audit_families(e);
}
