/* shipped.c -- the examples that ship, judged.
 *
 * Question  Is the planted mistake of every example told, and the correct flow
 *           left alone?
 * Writes    audit-flows.csv, a row per example and check; audit-examples.csv,
 *           what was told of each. */
#include "examples.h"

#include <stdlib.h>
#include <string.h>

int mistake_told(const mistake *m, const audit_report *r)
{
    return strcmp(hypothesis_name(r->found),
                  m->expected ? m->expected : "none") == 0;
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
                 mistake_told(m, &r));
    jf_table_finish(found, point);
    audit_report_free(&r);
    flow_free(&f);
    free(path.data);
}

static void judge_examples(const experiment *e, const jf_table *found)
{
    double wrong = 0, planted = 0;
    for (size_t k = 0; k < n_mistakes; k++) {
        wrong += jf_table_number(found, k, 0, "told") == 0;
        planted += mistakes[k].expected != NULL;
    }
    jf_judge(
        e->verdicts,
        &(jf_claim){"D.1",
                    "the mistake planted in each example is told, and "
                    "the correct flow raises no alarm",
                    "the files of data/flows",
                    "files that are judged otherwise", JF_IDENTITY,
                    "'none' told of every file"},
        JF_EQUAL,
        &(jf_finding){.n = n_mistakes, .measured = wrong, .broken = planted});
}

void audit_shipped(experiment *e)
{
    jf_table *out =
        jf_table_new(&e->args, "audit-flows", audit_columns, n_mistakes);
    jf_table *found = jf_table_new(&e->args, "audit-examples",
                                   "file,planted,diagnosis,told", n_mistakes);
    for (size_t k = 0; k < n_mistakes; k++)
        if (!jf_table_has(out, k) || !jf_table_has(found, k))
            judge_example(&mistakes[k], k, out, found);
    if (jf_table_whole(found))
        judge_examples(e, found);
    jf_table_close(out);
    jf_table_close(found);
}
