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
    jf_table_row(out, point, "%s,%s,%zu,%zu," JF_G ",%.6e," JF_G "," JF_G,
                 c->claim.id, c->name, f.d, f.n, f.measured, f.se, f.expected,
                 f.se > 0 || isnan(f.se) ? 5 * f.se : c->tolerance);
}

void run_checks(experiment *e, const char *table, size_t lists,
                const check_list *list)
{
    size_t points = 0, done = 0;
    while (find_check(lists, list, points))
        points++;
    jf_table *out =
        jf_table_new(&e->args, table,
                     "claim,case,d,n,measured,se,expected,tolerance", points);

#pragma omp parallel for schedule(dynamic, 1) num_threads((int)e->team->threads)
    for (size_t k = 0; k < points; k++) {
        if (!jf_table_has(out, k)) {
            run(e, find_check(lists, list, k), k, out);
            jf_table_finish(out, k);
        }
#pragma omp critical(run_checks)
        jf_progress(&e->args, "closed forms", ++done, points);
    }
    for (size_t k = 0; k < points; k++)
        jf_verdict(e->verdicts, &find_check(lists, list, k)->claim,
                   jf_table_number(out, k, 0, "measured"),
                   find_check(lists, list, k)->relation,
                   jf_table_number(out, k, 0, "expected"),
                   jf_table_number(out, k, 0, "tolerance"));
    jf_table_close(out);
}
