/* judge.c -- a file judged: what must hold, which mistake explains what does
 * not, and what else there is to know. */
#include "flow.h"

void audit_judge(const flow_numbers *f, audit_report *r)
{
    *r = (audit_report){0};
    r->level = AUDIT_LEVEL / (double)(audit_law_tests(f->d) + (f->x ? 1 : 0));
    audit_check(f, r);
    audit_diagnose(f, r);
    audit_note(f, r);
}

void audit_report_free(audit_report *r)
{
    volume_free(&r->volume);
}
