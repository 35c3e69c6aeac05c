/* error.c -- what failed last, by thread. */
#include "base/error.h"

#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

#include "base/number.h"

static _Thread_local struct {
    jf_error own, *diverted; /* NULL: own is written, and the handler called */
    jf_error_handler *handler;
    void *arg;
} context;

static _Atomic(jf_error_handler *) common;

static jf_error *target(void)
{
    return context.diverted ? context.diverted : &context.own;
}

static void call_handler(void)
{
    jf_error_handler *handler = context.handler;
    if (!handler)
        handler = atomic_load(&common);
    if (handler && !context.diverted)
        handler(&context.own, context.handler ? context.arg : NULL);
}

const jf_error *jf_error_last(void)
{
    return target();
}

void jf_error_clear(void)
{
    *target() = (jf_error){0};
}

void jf_error_set_handler(jf_error_handler *handler, void *arg)
{
    context.handler = handler;
    context.arg = arg;
}

void jf_error_set_default(jf_error_handler *handler)
{
    atomic_store(&common, handler);
}

jf_error *jf_error_divert(jf_error *own)
{
    jf_error *before = context.diverted;
    context.diverted = own;
    return before;
}

int jf_error_raise(const jf_error *error)
{
    *target() = *error;
    call_handler();
    return error->code;
}

int jf_error_report(int code, const char *file, int line, const char *format,
                    ...)
{
    jf_error *e = target();
    va_list list;
    e->code = code;
    e->file = file;
    e->line = line;
    va_start(list, format);
    jf_vformat(e->message, sizeof e->message, format, list);
    va_end(list);
    call_handler();
    return code;
}

int jf_error_missing(const char *what)
{
    jf_error why = *target();
    if (why.code == GSL_SUCCESS)
        JF_ERROR(what, GSL_EINVAL);
    return jf_error_report(why.code, why.file, why.line, "%s: %s", what,
                           why.message);
}

void jf_one_line(char *text)
{
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127)
            *c = '?';
}

int jf_refuse(const char *path, size_t line, const char *format, ...)
{
    char what[512], where[32] = "", whole[PATH_MAX + 600];
    va_list list;
    va_start(list, format);
    jf_vformat(what, sizeof what, format, list);
    va_end(list);
    if (line)
        snprintf(where, sizeof where, ":%zu", line);
    snprintf(whole, sizeof whole, "%s%s: %s", path, where, what);
    jf_one_line(whole);
    fprintf(stderr, "jacflow: %s\n", whole);
    return jf_error_report(GSL_EFAILED, __FILE__, __LINE__, "%s", whole);
}
