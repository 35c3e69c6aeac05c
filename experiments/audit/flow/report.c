/* report.c -- the report on a user's own flow, from its numbers.
 *
 * Question  Do log_likelihood, log_abs_det and z belong together, is z what
 *           the base says, is log_abs_det the change of volume; and if not,
 *           which mistake looks like that?
 * Method    The checks of checks.c, the table of mistakes.c by diagnosis.c; what
 *           a random field and a smooth fit add by noise.c and smooth.c; a second
 *           file by second.c; all in words by print.c.
 * Writes    audit-flow.csv: a row per check. */
#include "flow.h"

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
    if (!r.stencils)
        audit_overfitting(&f, train, &r);
    audit_noise(&f, &r);
    audit_smooth(&f, &r);
    if (second)
        audit_compare(&f, second, &r);
    audit_print(&f, &r);
    jf_table *out = jf_table_new(&e->args, "audit-flow", audit_columns, 1);
    audit_rows(out, 0, &f, &r);
    jf_table_finish(out, 0);
    jf_table_close(out);
    audit_report_free(&r);
    flow_free(&f);
}
