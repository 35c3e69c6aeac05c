/* report.c -- the report on a user's own flow, from its numbers.
 *
 * Question  Do log_likelihood, log_abs_det and z belong together, is z what
 *           the base says, is log_abs_det the change of volume; and if not,
 *           which mistake looks like that?
 * Method    The checks of checks.c, the table of mistakes of
 *           diagnosis.c.  Two models on the same points are
 *           compared in mean alone, since nothing else must agree (C1.2).
 * Writes    audit-flow.csv: a row per check. */
#include "flow.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 79 };

/* Print text, wrapped between indent and WIDTH. */
static void wrapped(int indent, const char *text)
{
    int at = 0;
    while (*text) {
        size_t length = strcspn(text, " \n");
        if (at && at + 1 + (int)length > WIDTH) {
            putchar('\n');
            at = 0;
        }
        at += at ? printf(" %.*s", (int)length, text)
                 : printf("%*s%.*s", indent, "", (int)length, text);
        text += length;
        if (*text == '\n') {
            putchar('\n');
            at = 0;
        }
        text += *text != '\0';
    }
    if (at)
        putchar('\n');
}

static void print_line(const audit_line *l)
{
    static const char *const shown[] = {"ok", "WRONG", "MISFIT", "note",
                                        "open"};
    printf("  %-7s%-5s %-46s", shown[l->verdict], l->claim, l->statement);
    if (!isnan(l->measured))
        printf(" %8.3g", l->measured);
    if (l->at_most)
        printf(" <= %.3g", l->expected + l->tolerance);
    else if (!isnan(l->measured) && l->tolerance > 0)
        printf(" +- %.2g", l->tolerance);
    putchar('\n');
    if (l->detail[0] && l->verdict != AUDIT_OK)
        wrapped(15, l->detail);
}

static void print_head(const flow_numbers *f)
{
    jf_text text = {0};
    jf_text_add(&text,
                "%s: %zu rows, d = %zu, %s x; z written as %s, log_abs_det as "
                "%s, log_likelihood as %s",
                f->name, f->rows, f->d, f->x ? "with" : "without", f->of_z.name,
                f->of_ld.name, f->of_ll.name);
    wrapped(0, text.data);
    free(text.data);
    printf("\n  %-7s%-5s %-46s %8s allowed\n", "", "claim", "what must hold",
           "measured");
}

/* What the numbers cannot show. */
static void print_unseen(const flow_numbers *f, const audit_report *r)
{
    jf_text text = {0};
    if (!f->x)
        jf_text_add(&text,
                    "Not to be seen without columns x1 .. xd: a log_abs_det "
                    "that is wrong in both columns alike (sign, factor, "
                    "epsilon, bits, a layer left out).");
    else if (r->volume.why || r->least_visible > 0.1)
        jf_text_add(&text,
                    "Not to be seen here: a log_abs_det that is wrong in both "
                    "columns alike by less than %.2g nats; more rows see "
                    "finer.",
                    r->least_visible);
    if (text.data) {
        putchar('\n');
        wrapped(2, text.data);
    }
    free(text.data);
}

static void print_diagnosis(const flow_numbers *f, const audit_report *r)
{
    jf_text text = {0};
    putchar('\n');
    if (!r->found && r->misfit) {
        jf_text_add(&text, "Nothing is wrong with the first flow as far as can "
                           "be seen, but the two differ in mean: audit the "
                           "second as well.");
    } else if (!r->found) {
        jf_text_add(&text, "Nothing is wrong with these numbers as far as can "
                           "be seen.");
    } else {
        jf_text_add(&text, "Diagnosis: %s (%s)\n", hypothesis_name(r->found),
                    hypothesis_claim(r->found));
        hypothesis_say(r->found, f, r, &text);
    }
    wrapped(2, text.data);
    free(text.data);
}

static void print_report(const flow_numbers *f, const audit_report *r)
{
    print_head(f);
    for (size_t k = 0; k < r->count; k++)
        print_line(&r->line[k]);
    print_diagnosis(f, r);
    print_unseen(f, r);
}

/* D = ld_f - ld_g on the rows that both have, and its two parts. */
typedef struct {
    size_t n;
    double *ld, *base, *ll; /* differences f - g */
    double allowed;
} pair;

static pair pair_of(const flow_numbers *f, const flow_numbers *g)
{
    pair p = {.ld = jf_alloc(3 * f->n, sizeof *p.ld)};
    p.base = p.ld + f->n;
    p.ll = p.ld + 2 * f->n;
    for (size_t i = 0, k = 0; i < f->n; i++) {
        while (k < g->n && g->row[k] < f->row[i])
            k++;
        if (k == g->n || g->row[k] != f->row[i])
            continue;
        p.ld[p.n] = f->ld[i] - g->ld[k];
        p.base[p.n] = f->base[i] - g->base[k];
        p.ll[p.n++] = f->ll[i] - g->ll[k];
        p.allowed = fmax(p.allowed, f->allowed[i] + g->allowed[k]);
    }
    return p;
}

static void compare(const flow_numbers *f, const char *second, audit_report *r)
{
    flow_numbers g;
    flow_read(second, &g);
    if (g.rows != f->rows || g.d != f->d)
        jf_fail(2,
                "%s: %zu rows of d = %zu found, %zu of d = %zu expected, the "
                "same points in the same order",
                second, g.rows, g.d, f->rows, f->d);
    pair p = pair_of(f, &g);
    if (p.n < 2)
        jf_fail(2, "%s: %zu rows are finite in both files, 2 expected", second,
                p.n);
    jf_sample_moments ld = jf_sample_of(p.n, p.ld);
    double allowed = 5 * ld.se + p.allowed;
    audit_line *line = audit_add(
        r, "two-flows", "C1.2", "mean difference of log_abs_det = 0", ld.mean,
        0, allowed, fabs(ld.mean) <= allowed ? AUDIT_OK : AUDIT_MISFIT);
    snprintf(line->detail, sizeof line->detail,
             "over %zu rows; exact flows agree: one of the two does not fit "
             "(their log_likelihoods differ by %.3g)",
             p.n, jf_sample_of(p.n, p.ll).mean);
    line = audit_add(r, "two-flows-sd", "C1.6",
                     "sd of the difference, which may be large",
                     sqrt(ld.variance), (double)NAN, (double)NAN, AUDIT_NOTE);
    snprintf(line->detail, sizeof line->detail,
             "no mistake: log p_Z(z) differs with sd %.3g, the densities "
             "themselves with %.3g",
             sqrt(jf_sample_of(p.n, p.base).variance),
             sqrt(jf_sample_of(p.n, p.ll).variance));
    free(p.ld);
    flow_free(&g);
}

/* The rows of an affine flow whose held-out E |z|^2 / d is the ratio. */
static double rows_for(double ratio, double d)
{
    return (1 + ratio * (d + 2)) / (ratio - 1);
}

static double mean_square(const flow_numbers *f)
{
    return jf_sample_of(f->n, f->half).mean * 2 / (double)f->d;
}

/* C2.8: the overfitting meter, with the training rows if there are any. */
static void note_overfitting(const flow_numbers *f, const char *train,
                             audit_report *r)
{
    double here = mean_square(f), d = (double)f->d;
    jf_sample_moments half = jf_sample_of(f->n, f->half);
    audit_line *line;
    if (!train) {
        if (here - 1 <= 5 * half.se * 2 / d)
            return;
        line = audit_add(r, "overfitting", "C2.8",
                         "E |z|^2 / d > 1: overfitting, if held out",
                         here, 1, (double)NAN, AUDIT_NOTE);
        snprintf(line->detail, sizeof line->detail,
                 "as of an affine flow fitted to %.0f rows", rows_for(here, d));
        return;
    }
    flow_numbers t;
    flow_read(train, &t);
    if (t.d != f->d)
        jf_fail(2, "%s: d = %zu found, d = %zu expected", train, t.d, f->d);
    line = audit_add(r, "overfitting", "C2.8",
                     "E |z|^2 / d here, over that of training",
                     here / mean_square(&t), jf_sample_square(t.d, t.n) / d,
                     (double)NAN, AUDIT_NOTE);
    snprintf(line->detail, sizeof line->detail,
             "an affine flow fitted to those %zu rows has %.4g", t.n,
             line->expected);
    line =
        audit_add(r, "train-test", "C2.8", "nats by which training is ahead",
                  jf_sample_of(t.n, t.ll).mean - jf_sample_of(f->n, f->ll).mean,
                  jf_sample_gap(t.d, t.n, 1), (double)NAN, AUDIT_NOTE);
    snprintf(line->detail, sizeof line->detail,
             "an affine flow loses %.4g by fitting those rows", line->expected);
    flow_free(&t);
}

void audit_rows(jf_table *out, size_t point, const flow_numbers *f,
                const audit_report *r)
{
    for (size_t k = 0; k < r->count; k++) {
        const audit_line *l = &r->line[k];
        jf_table_row(out, point, "%s,%s,%s," JF_G "," JF_G "," JF_G ",%s,%s",
                     f->name, l->check, l->claim, l->measured, l->expected,
                     l->tolerance, audit_words[l->verdict],
                     hypothesis_name(r->found));
    }
}

void audit_flow(experiment *e, const char *file, const char *second,
                const char *train)
{
    flow_numbers f;
    audit_report r;
    flow_read(file, &f);
    audit_judge(&f, &r);
    note_overfitting(&f, train, &r);
    if (second)
        compare(&f, second, &r);
    print_report(&f, &r);
    jf_table *out = jf_table_new(&e->args, "audit-flow", audit_columns, 1);
    audit_rows(out, 0, &f, &r);
    jf_table_finish(out, 0);
    jf_table_close(out);
    audit_report_free(&r);
    flow_free(&f);
}
