/* lines.c -- the lines of a report. */
#include "flow.h"

#include <stdarg.h>
#include <stdio.h>

const char *const audit_words[] = {"ok", "wrong", "misfit", "note", "open"};

audit_line *audit_add(audit_report *r, const char *check, const char *claim,
                      const char *statement, double measured, double expected,
                      double tolerance, audit_verdict verdict)
{
    if (!r)
        return NULL;
    r->wrong += verdict == AUDIT_WRONG;
    r->misfit += verdict == AUDIT_MISFIT;
    audit_line *line = &r->line[r->count++];
    *line = (audit_line){.check = check,
                         .claim = claim,
                         .statement = statement,
                         .measured = measured,
                         .expected = expected,
                         .tolerance = tolerance,
                         .verdict = verdict};
    return line;
}

void audit_detail(audit_line *line, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(line->detail, sizeof line->detail, format, list);
    va_end(list);
}
