/* audit_flow_alarms.c -- how far the audit of a flow is to be trusted.
 *
 * Question  Is the planted mistake of every example told, and the correct
 *           flow left alone?  How often does a correct flow raise an alarm,
 *           and how often is each mistake told, over random exact flows?
 * Method    audit_flow_examples.c: d = 2 .. 8, n = 100 .. 500, random layers.
 *           The statistical tests together have level AUDIT_LEVEL per file;
 *           the deterministic ones and the volume's five errors are to add
 *           nothing.  Stated before: the number of alarms is at most the least
 *           one that Binomial(flows, AUDIT_LEVEL) exceeds with probability
 *           below 1e-3.
 * Writes    audit-flows.csv, a row per example and check; audit-alarms.csv, a
 *           row per mistake: how often there was an alarm, how often it was
 *           told first, how often among those named. */
#include "audit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

static int told(const mistake *m, const audit_report *r)
{
    return strcmp(hypothesis_name(r->found),
                  m->expected ? m->expected : "none") == 0;
}

static int named(const mistake *m, const audit_report *r)
{
    int yes = told(m, r);
    for (size_t k = 0; k < r->n_also; k++)
        yes |= m->expected &&
               strcmp(hypothesis_name(r->also[k]), m->expected) == 0;
    return yes;
}

static void judge_example(const mistake *m, size_t point, jf_table *out,
                          jf_table *found)
{
    jf_text path = {0};
    flow_numbers f;
    audit_report r;
    jf_text_add(&path, "%s/flows/%s.csv", jf_data_folder(), m->name);
    flow_read(path.data, &f);
    audit_judge(&f, &r);
    audit_rows(out, point, &f, &r);
    jf_table_finish(out, point);
    jf_table_row(found, point, "%s,%s,%s,%d", f.name,
                 m->expected ? m->expected : "none", hypothesis_name(r.found),
                 told(m, &r));
    jf_table_finish(found, point);
    audit_report_free(&r);
    flow_free(&f);
    free(path.data);
}

static void judge_examples(experiment *e)
{
    jf_table *out =
        jf_table_new(&e->args, "audit-flows", audit_columns, n_mistakes);
    jf_table *found = jf_table_new(
        &e->args, "audit-examples", "file,planted,diagnosis,told", n_mistakes);
    double wrong = 0;
    for (size_t k = 0; k < n_mistakes; k++) {
        if (!jf_table_has(out, k) || !jf_table_has(found, k))
            judge_example(&mistakes[k], k, out, found);
        wrong += jf_table_number(found, k, 0, "told") == 0;
    }
    jf_verdict(e->verdicts,
               &(jf_claim){"audit.examples",
                           "the mistake planted in each example is told, and "
                           "the correct flow raises no alarm",
                           "the files of data/flows",
                           "files that are judged otherwise"},
               wrong, JF_EQUAL, 0, 0);
    jf_table_close(out);
    jf_table_close(found);
}

typedef struct { /* counts over random flows */
    size_t alarms, told, named, seen;
    double least_visible; /* sum over flows whose volume was seen */
} tally;

static tally judge_random(const experiment *e, const mistake *m, size_t index)
{
    flow_numbers f;
    audit_report r;
    mistake_draw(m, e->args.seed, index, &f);
    audit_judge(&f, &r);
    int alarm = r.wrong + r.misfit > 0, seen = !r.volume.why;
    if (getenv("DBG") && !told(m,&r)) fprintf(stderr,"%s d=%zu n=%zu: %s mean %g rms %g vis %g par %g meanld %g also %zu %s\n",m->name,f.d,f.n,hypothesis_name(r.found),r.volume.mean,r.volume.rms,r.least_visible,r.parameter,jf_sample_of(f.n,f.ld).mean,r.n_also,r.n_also?hypothesis_name(r.also[0]):"");
    tally t = {(size_t)alarm, (size_t)told(m, &r), (size_t)named(m, &r),
               (size_t)seen, seen ? r.least_visible : 0};
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
        sum.seen += t.seen;
        sum.least_visible += t.least_visible;
    }
    jf_table_row(out, point, "%s,%s,%d,%zu,%zu,%zu,%zu,%zu," JF_G, m->name,
                 m->expected ? m->expected : "none", m->with_x, count,
                 sum.alarms, sum.told, sum.named, sum.seen, sum.least_visible);
    jf_table_finish(out, point);
}

enum { BLOCK = 10 };

/* The least count that Binomial(n, level) exceeds with probability < 1e-3. */
static size_t most_alarms(size_t n)
{
    size_t k = 0;
    while (gsl_cdf_binomial_Q((unsigned)k, AUDIT_LEVEL, (unsigned)n) >= 1e-3)
        k++;
    return k;
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

static void write_rates(const experiment *e, const jf_table *blocks,
                        size_t correct, size_t each, jf_table *out)
{
    for (size_t k = 0, first = 0; k < n_mistakes; k++) {
        size_t count = k ? each : correct;
        double n = (double)(count * BLOCK);
        double seen = total(blocks, first, count, "seen");
        double alarms = total(blocks, first, count, "alarms") / n;
        double right = total(blocks, first, count, "told") / n;
        jf_table_row(out, k, "%s,%s,%d,%.0f," JF_G ",%.6g," JF_G ",%.6g," JF_G
                     "," JF_G ",%.6g",
                     mistakes[k].name,
                     mistakes[k].expected ? mistakes[k].expected : "none",
                     mistakes[k].with_x, n, alarms,
                     sqrt(alarms * (1 - alarms) / n), right,
                     sqrt(right * (1 - right) / n),
                     total(blocks, first, count, "named") / n, seen / n,
                     total(blocks, first, count, "least_visible") / seen);
        jf_table_finish(out, k);
        if (!e->args.quiet)
            printf("  %-17s %-20s %5.0f flows: alarm %5.1f%%, told %5.1f%%\n",
                   mistakes[k].name,
                   mistakes[k].expected ? mistakes[k].expected : "none", n,
                   100 * alarms, 100 * right);
        first += count;
    }
}

static void judge_rates(experiment *e, const jf_table *rates)
{
    double flows = jf_table_number(rates, 0, 0, "flows"), least = 1;
    double alarms = jf_table_number(rates, 0, 0, "alarms") * flows;
    for (size_t k = 1; k < n_mistakes; k++)
        if (!mistakes[k].with_x)
            least = fmin(least, jf_table_number(rates, k, 0, "named"));
    printf("false alarms: %.0f of %.0f correct flows; level %g per file, so "
           "%.3g expected, at most %zu allowed\n",
           alarms, flows, AUDIT_LEVEL, AUDIT_LEVEL * flows,
           most_alarms((size_t)flows));
    jf_verdict(e->verdicts,
               &(jf_claim){"audit.alarms",
                           "a correct flow raises an alarm once in 1000 files "
                           "at most",
                           "random exact flows, d = 2 .. 8, n = 100 .. 500",
                           "alarms; the bound is exceeded with probability "
                           "below 1e-3 at that rate"},
               alarms, JF_AT_MOST, (double)most_alarms((size_t)flows), 0);
    jf_verdict(e->verdicts,
               &(jf_claim){"audit.power",
                           "a mistake that the columns themselves show is "
                           "named in 9 flows of 10",
                           "random exact flows, each mistake without x",
                           "least rate over these mistakes; asked 0.9"},
               least, JF_AT_LEAST, 0.9, 0);
}

void audit_flow_self(experiment *e)
{
    size_t correct = by_profile(e, 20, 100, 1000);
    size_t each = by_profile(e, 2, 10, 100);
    size_t points = correct + (n_mistakes - 1) * each, done = 0;
    judge_examples(e);
    jf_table *blocks = jf_table_new(
        &e->args, "audit-blocks",
        "mistake,expected,with_x,flows,alarms,told,named,seen,least_visible",
        points);
    jf_table *rates = jf_table_new(
        &e->args, "audit-alarms",
        "mistake,expected,with_x,flows,alarms,se_alarms,told,se_told,named,"
        "volume_seen,least_visible_nats",
        n_mistakes);
#pragma omp parallel for schedule(dynamic, 1) num_threads((int)e->team->threads)
    for (size_t p = 0; p < points; p++) {
        size_t k = p < correct ? 0 : 1 + (p - correct) / each;
        size_t block = k ? (p - correct) % each : p;
        if (!jf_table_has(blocks, p))
            judge_block(e, p, &mistakes[k], block * BLOCK, BLOCK, blocks);
#pragma omp critical(audit_flow_self)
        jf_progress(&e->args, "random flows", ++done, points);
    }
    write_rates(e, blocks, correct, each, rates);
    judge_rates(e, rates);
    jf_table_close(blocks);
    jf_table_close(rates);
}
