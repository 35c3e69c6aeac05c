/* confusion.c -- what is told of each mistake that is planted in exact flows.
 *
 * Question  Is each mistake told by its name, in any dimension, and no other?
 * Method    Flows of families.c, d = 1 .. 128, each with one mistake or none,
 *           judged by what shows it: the columns of its own points (d + 2 of
 *           them or more), a design, the inverse's columns, or the law of z.
 *           Every other flow is written in floats.  Left out are those of which
 *           the mistake changes no number by more than half of its digits.
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

/* Whether a mistake changed a number by more than half of its digits: of some
 * flows it changes none (a scale that is constant, taken at another point). */
static int changed(const sample *s, const double *before, double unit)
{
    for (size_t i = 0; i < s->n * (3 * s->d + 3); i++)
        if (!(fabs(s->ll[i] - before[i]) <= sqrt(unit) * (1 + fabs(before[i]))))
            return 1;
    return 0;
}

/* Plant it in flow index, of which every other is written in floats: 0 when it
 * changed nothing. */
static int plant(const planted *p, size_t index, sample *s)
{
    size_t size = s->n * (3 * s->d + 3);
    double *before = jf_alloc(size, sizeof *before);
    memcpy(before, s->ll, size * sizeof *before);
    p->plant(s, p->by);
    int other = changed(s, before, index % 2 ? 0x1p-24 : 0x1p-53);
    free(before);
    return other;
}

/* A unit in front, told as one anywhere, where no point could tell the two apart. */
static const char in_front[] = "slope where x < 0";
static const char anywhere[] = "slope of a unit";
static const char as_well[] = "slope of a unit (equal traces)";
/* What names noise and leaves the answer open. */
static const char perhaps[] = "perhaps noise";

/* Whether a unit behind would change the same numbers by the same: whether x and
 * z have as many negative columns at every point whose volume the audit has
 * seen, counted on the very numbers that it is given.  Where they differ at one
 * point, the two mistakes do, and the name of the one planted is asked for. */
static int equal_traces(const flow_numbers *f, const audit_report *r)
{
    const flow_volume *v = &r->volume;
    for (size_t k = 0; k < v->centres; k++) {
        const double *x = f->x + v->row[k] * f->d, *z = f->z + v->row[k] * f->d;
        size_t of_x = 0, of_z = 0;
        for (size_t j = 0; j < f->d; j++) {
            of_x += x[j] < 0;
            of_z += z[j] < 0;
        }
        if (of_x != of_z)
            return 0;
    }
    return 1;
}

/* What is told of flow index with a mistake; NULL: it has none. */
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
    int wrong = p->plant && plant(p, index, &s);
    for (size_t i = 0; i < s.n * (3 * d + 3) && index % 2; i++)
        s.ll[i] = (double)(float)s.ll[i];
    write_numbers(&s, p, &f);
    audit_judge(&f, &r);
    if (p->way == BY_COLUMNS)
        audit_noise(&f, &r);
    const char *told = p->plant && !wrong ? NULL
                       : r.wrong + r.misfit || r.found
                           ? hypothesis_name(r.found)
                       : r.maybe_noise > 0 ? perhaps
                                           : "none";
    if (told && strcmp(p->name, in_front) == 0 && strcmp(told, anywhere) == 0 &&
        equal_traces(&f, &r))
        told = as_well;
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
    size_t counted = 0;
    for (size_t index = 0; index < flows; index++) {
        const char *told = tell(e, p, d, index);
        size_t k = 0;
        if (!told)
            continue;
        counted++;
        while (k < names && strcmp(name[k], told) != 0)
            k++;
        if (k == names)
            name[names++] = told;
        count[k]++;
    }
    for (size_t k = 0; k < names; k++)
        jf_table_row(out, point, "%s,%s,%s,%zu,%s,%zu,%zu", p->what, p->name,
                     ways[p->way], d, name[k], count[k], counted);
    jf_table_finish(out, point);
}

/* By its name, open or not, or by that of two whose traces are equal in that
 * flow. */
static int is_told(const jf_table *t, size_t point, size_t row,
                   const planted *p)
{
    char told[NAMES];
    jf_table_string(t, point, row, "told", told, sizeof told);
    return strcmp(told, p->name) == 0 || strcmp(told, as_well) == 0 ||
           (strcmp(told, perhaps) == 0 && strcmp(p->name, "noise") == 0);
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
