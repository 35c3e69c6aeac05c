/* judge.c -- a file judged: what must hold, which mistake explains what does
 * not, and what else there is to know. */
#include "design.h"

void audit_judge(const flow_numbers *f, audit_report *r)
{
    design s;
    *r = (audit_report){0};
    design_find(f, &s);
    r->stencils = s.count;
    if (s.count) {
        r->level = AUDIT_LEVEL / 2; /* the volume, and a function of x */
        audit_check_rows(f, r);
        design_judge(f, &s, r);
    } else {
        r->level =
            AUDIT_LEVEL / (double)(audit_law_tests(f->d) + (f->x ? 1 : 0));
        audit_check(f, r);
    }
    audit_back(f, r);
    audit_diagnose(f, r);
    if (!s.count)
        audit_note(f, r);
    design_free(&s);
}

void audit_report_free(audit_report *r)
{
    volume_free(&r->volume);
}
