/* check.c -- runs tables of checks. */
#include "check.h"

#include <math.h>

/* Check i of all lists; NULL behind the last. */
static const check *find_check(size_t lists, const check_list *list, size_t i)
{
    for (size_t l = 0; l < lists; i -= list[l++].count)
        if (i < list[l].count)
            return &list[l].check[i];
    return NULL;
}

static void run(const experiment *e, const check *c, size_t point,
                jf_table *out)
{
    finding f = {0};
    c->run(e, &f);
    if (f.law == JF_BY_TOLERANCE && (f.se > 0 || isnan(f.se)))
        f.law = JF_BY_ERRORS;
    if (f.tolerance == 0)
        f.tolerance = c->tolerance;
    jf_table_row(out, point,
                 "%s,%s,%zu,%zu," JF_G ",%.6e," JF_G "," JF_G ",%d,%.6e,%.6e,"
                 "%.6e,%.6e," JF_G ",%s",
                 c->claim.id, c->name, f.d, f.n, f.measured, f.se, f.expected,
                 f.tolerance, (int)f.law, f.freedom, f.p, f.detectable,
                 f.planted_p, f.broken, f.open);
}

/* From the row, so that resumed and fresh runs agree. */
static finding found(const jf_table *out, size_t k)
{
    finding f = {.measured = jf_table_number(out, k, 0, "measured"),
                 .se = jf_table_number(out, k, 0, "se"),
                 .expected = jf_table_number(out, k, 0, "expected"),
                 .tolerance = jf_table_number(out, k, 0, "tolerance"),
                 .law = (jf_law)jf_table_number(out, k, 0, "law"),
                 .freedom = jf_table_number(out, k, 0, "freedom"),
                 .p = jf_table_number(out, k, 0, "p_value"),
                 .detectable = jf_table_number(out, k, 0, "detectable"),
                 .planted_p = jf_table_number(out, k, 0, "planted_p"),
                 .broken = jf_table_number(out, k, 0, "broken_error")};
    jf_table_string(out, k, 0, "open", f.open, sizeof f.open);
    return f;
}

void run_checks(experiment *e, const char *table, size_t lists,
                const check_list *list)
{
    size_t points = 0, done = 0;
    while (find_check(lists, list, points))
        points++;
    jf_table *out =
        jf_table_new(&e->args, table,
                     "claim,case,d,n,measured,se,expected,tolerance,law,"
                     "freedom,p_value,detectable,planted_p,broken_error,open",
                     points);

#pragma omp parallel for schedule(dynamic, 1) num_threads((int)e->team->threads)
    for (size_t k = 0; k < points; k++) {
        if (!jf_table_has(out, k)) {
            run(e, find_check(lists, list, k), k, out);
            jf_table_finish(out, k);
        }
#pragma omp critical(run_checks)
        jf_progress(&e->args, "closed forms", ++done, points);
    }
    for (size_t k = 0; k < points && jf_table_whole(out); k++) {
        const check *c = find_check(lists, list, k);
        finding f = found(out, k);
        jf_judge(e->verdicts, &c->claim, c->relation, &f);
    }
    jf_table_close(out);
}
