/* confusion.c -- what is told of each mistake that is planted in exact flows.
 *
 * Question  Is each mistake told by its name, in any dimension, and no other?
 * Method    Flows of families.c, d = 1 .. 128, each with one mistake or none,
 *           judged by what shows it: the columns of its own points (d + 2 of
 *           them or more), a design, the inverse's columns, or the law of z.
 *           Every other flow is written in floats.
 * Writes    audit-confusion.csv, a row a mistake, dimension and what was told:
 *           of how many flows, and how many there were. */
#include "confusion.h"
#include "design.h"
#include "examples.h"
#include "families.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* NAMES: as many told of one mistake, and as long. */
enum { SIZES = 6, PLACE = 1 << 20, NAMES = 64 };
static const size_t sizes[SIZES] = {1, 2, 5, 16, 64, 128};

/* Rows of a flow's own points: enough for a base that has a scale a column. */
static size_t rows_of(size_t d)
{
    return d < 16 ? 400 : 10 * d;
}

/* The points of s: of the flow's law, or of a design for them. */
static void take_points(const family_flow *t, const planted *p, sample *s)
{
    size_t d = t->d, alone;
    double *x = t->x;
    s->n = t->n;
    if (p->way == BY_DESIGN)
        x = design_points(t->n, d, t->x, &s->n, &alone);
    double *all = jf_alloc(s->n * (3 * d + 3), sizeof *all);
    s->ll = all;
    s->ld = all + s->n;
    s->ld_back = all + 2 * s->n;
    s->z = all + 3 * s->n;
    s->x = s->z + s->n * d;
    s->back = s->x + s->n * d;
    memcpy(s->x, x, s->n * d * sizeof *x);
    if (p->way == BY_DESIGN)
        free(x);
    sample_evaluate(s, s->x);
    memcpy(s->back, s->x, s->n * d * sizeof *x);
    for (size_t i = 0; i < s->n; i++)
        s->ld_back[i] = -s->ld[i];
}

/* The numbers as the user writes them: those of the inverse where they are what
 * is judged. */
static void write_numbers(const sample *s, const planted *p, flow_numbers *f)
{
    flow_from(p->what, s->n, s->d, s->ll, s->ld, s->z, s->x, f);
    if (p->way != BY_INVERSE)
        return;
    f->back = jf_alloc(s->n * s->d, sizeof *f->back);
    f->ld_back = jf_alloc(s->n, sizeof *f->ld_back);
    memcpy(f->back, s->back, s->n * s->d * sizeof *f->back);
    memcpy(f->ld_back, s->ld_back, s->n * sizeof *f->ld_back);
}

/* What is told of flow index with a mistake. */
static const char *tell(const experiment *e, const planted *p, size_t d,
                        size_t index)
{
    size_t n = rows_of(d), kind = (index + d) % FAMILIES;
    family_flow t;
    flow_numbers f;
    audit_report r;
    if (d == 1) /* the others' log-determinants are constants there */
        kind = FAMILIES - 1 - index % 2;
    family_draw(kind, e->args.seed, PLACE + (size_t)(p - planted_mistakes),
                index * SIZES + d, n, d, &t);
    sample s = {.flow = &t, .d = d};
    take_points(&t, p, &s);
    if (p->plant)
        p->plant(&s, p->by);
    for (size_t i = 0; i < s.n * (3 * d + 3) && index % 2; i++)
        s.ll[i] = (double)(float)s.ll[i];
    write_numbers(&s, p, &f);
    audit_judge(&f, &r);
    const char *told =
        r.wrong + r.misfit == 0 && !r.found ? "none" : hypothesis_name(r.found);
    audit_report_free(&r);
    flow_free(&f);
    free(s.ll);
    family_flow_free(&t);
    return told;
}

/* Mistake p in d dimensions: a row a name that is told. */
static void judge_planted(const experiment *e, size_t point, jf_table *out)
{
    static const char *const ways[] = {"columns", "design", "inverse", "law"};
    const planted *p = &planted_mistakes[point / SIZES];
    size_t d = sizes[point % SIZES], names = 0, count[NAMES] = {0};
    size_t flows = d < p->least || (p->most && d > p->most)
                       ? 0
                       : by_profile(e, d <= 5 ? 2 : 0, d <= 16 ? 20 : 5,
                                    d <= 16 ? 100 : 20);
    const char *name[NAMES];
    for (size_t index = 0; index < flows; index++) {
        const char *told = tell(e, p, d, index);
        size_t k = 0;
        while (k < names && strcmp(name[k], told) != 0)
            k++;
        if (k == names)
            name[names++] = told;
        count[k]++;
    }
    for (size_t k = 0; k < names; k++)
        jf_table_row(out, point, "%s,%s,%s,%zu,%s,%zu,%zu", p->what, p->name,
                     ways[p->way], d, name[k], count[k], flows);
    jf_table_finish(out, point);
}

/* By its name.  Where z has as many negative columns as x at every point, a unit
 * in front leaves the trace of one behind: then that it is a unit is to be
 * told. */
static int is_told(const jf_table *t, size_t point, size_t row,
                   const planted *p)
{
    char told[NAMES];
    jf_table_string(t, point, row, "told", told, sizeof told);
    return strcmp(told, p->name) == 0 ||
           (strcmp(p->name, "slope where x < 0") == 0 &&
            strcmp(told, "slope of a unit") == 0);
}

/* Rows where what is told is what is planted, or none; all: of all rows. */
static size_t sum(const jf_table *t, size_t points, int correct, int told)
{
    double all = 0;
    for (size_t p = 0; p < points; p++) {
        const planted *of = &planted_mistakes[p / SIZES];
        for (size_t row = 0; row < jf_table_rows(t, p); row++)
            if ((of->plant == NULL) == correct &&
                (!told || is_told(t, p, row, of)))
                all += jf_table_number(t, p, row, "count");
    }
    return (size_t)all;
}

/* What is told less often than in 19 of 20, for whoever looks. */
static void print_confused(const jf_table *t, size_t points)
{
    for (size_t p = 0; p < points; p++)
        for (size_t row = 0; row < jf_table_rows(t, p); row++) {
            const planted *of = &planted_mistakes[p / SIZES];
            char told[NAMES];
            jf_table_string(t, p, row, "told", told, sizeof told);
            double count = jf_table_number(t, p, row, "count");
            double flows = jf_table_number(t, p, row, "flows");
            if (!is_told(t, p, row, of) && 20 * count > flows)
                printf("  %-34s d = %-4zu told %-26s %3.0f in %.0f\n", of->what,
                       sizes[p % SIZES], told, count, flows);
        }
}

static void judge_confusion(experiment *e, const jf_table *out, size_t points)
{
    jf_finding f = {0};
    size_t flows = sum(out, points, 0, 0), told = sum(out, points, 0, 1);
    size_t correct = sum(out, points, 1, 0), none = sum(out, points, 1, 1);
    printf("planted: %zu told by name in %zu; of %zu correct flows %zu told "
           "anything\n",
           told, flows, correct, correct - none);
    print_confused(out, points);
    jf_binomial(&f, told, flows, 0.95, JF_AT_LEAST);
    f.broken = jf_binomial_p(0, flows, 0.95, JF_AT_LEAST);
    jf_judge(e->verdicts,
             &(jf_claim){"D.4",
                         "mistakes are told by name in 19 flows of 20 where "
                         "something shows them",
                         "five families; d = 1 .. 128; every mistake of "
                         "audit-confusion.csv alike",
                         "share of flows; exact binomial law", JF_STATISTIC,
                         "'none' told of every flow"},
             JF_AT_LEAST, &f);
}

void audit_confusion(experiment *e)
{
    size_t points = n_planted * SIZES, done = 0;
    jf_table *out =
        jf_table_new(&e->args, "audit-confusion",
                     "what,planted,shown_by,d,told,count,flows", points);
#pragma omp parallel for schedule(dynamic, 1) num_threads((int)e->team->threads)
    for (size_t k = 0; k < points; k++) {
        size_t p = points - 1 - k;
        if (!jf_table_has(out, p))
            judge_planted(e, p, out);
#pragma omp critical(audit_confusion)
        jf_progress(&e->args, "planted mistakes", ++done, points);
    }
    if (jf_table_whole(out))
        judge_confusion(e, out, points);
    jf_table_close(out);
}
