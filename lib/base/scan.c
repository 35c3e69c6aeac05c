/* scan.c -- one pass from left to right. */
#include "base/scan.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"

static const char DIGITS[] = "0123456789";
static const char WORD[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "0123456789_";

static int fail(jf_scan *s, const char *at, int code, const char *what)
{
    if (!s->code) {
        s->code = code;
        snprintf(s->message, sizeof s->message, "byte %zu: %.150s",
                 (size_t)(at - s->text), what);
    }
    return 0;
}

int jf_scan_fail(jf_scan *s, const char *at, const char *what)
{
    return fail(s, at, GSL_EINVAL, what);
}

int jf_scan_failed(jf_scan *s, const char *at, const jf_error *error)
{
    return fail(s, at, error->code == GSL_ENOMEM ? GSL_ENOMEM : GSL_EINVAL,
                error->message);
}

int jf_scan_expected(jf_scan *s, const char *at, const char *format, ...)
{
    enum { SHOWN = 24 };
    char found[SHOWN + 1], expected[96], what[160];
    size_t n = 0;
    va_list list;
    va_start(list, format);
    jf_vformat(expected, sizeof expected, format, list);
    va_end(list);
    for (; n < SHOWN && at[n]; n++)
        found[n] = at[n] >= ' ' && at[n] <= '~' ? at[n] : '?';
    found[n] = '\0';
    snprintf(what, sizeof what, "expected %s, found %s%s", expected,
             n ? found : "the end", at[n] ? ".." : "");
    return jf_scan_fail(s, at, what);
}

const char *jf_scan_here(jf_scan *s)
{
    s->at += strspn(s->at, " \t\r\n");
    return s->at;
}

int jf_scan_sees(jf_scan *s, char sign)
{
    return *jf_scan_here(s) == sign;
}

int jf_scan_sign(jf_scan *s, char sign)
{
    if (!jf_scan_sees(s, sign))
        return jf_scan_expected(s, s->at, "%c", sign);
    s->at++;
    return 1;
}

int jf_scan_end(jf_scan *s)
{
    return jf_scan_sees(s, '\0') || jf_scan_expected(s, s->at, "the end");
}

int jf_scan_name(jf_scan *s, const char *expected, char name[JF_NAME])
{
    jf_scan_here(s);
    size_t n = strspn(s->at, WORD);
    if (n == 0 || n >= JF_NAME)
        return jf_scan_expected(s, s->at, "%s", expected);
    memcpy(name, s->at, n);
    name[n] = '\0';
    s->at += n;
    return 1;
}

static int scan_seed(jf_scan *s, uint64_t *seed)
{
    const char *start = s->at;
    size_t n = strspn(start, DIGITS);
    s->at += n;
    errno = 0;
    *seed = n ? strtoull(start, NULL, 10) : 0;
    return (n && errno == 0) || jf_scan_expected(s, start, "digits below 2^64");
}

static int scan_size(jf_scan *s, size_t most, size_t *size)
{
    const char *start = s->at;
    uint64_t n;
    most = most ? most : (size_t)1 << 24;
    if (!scan_seed(s, &n))
        return 0;
    *size = (size_t)n;
    return n <= most || jf_scan_expected(s, start, "at most %zu", most);
}

static int scan_number(jf_scan *s, double *number)
{
    const char *start = s->at;
    size_t n = strspn(start, "0123456789+-.eE");
    char *end = NULL;
    *number = n ? jf_to_double(start, &end) : 0;
    s->at = start + n;
    return (n && end == s->at && isfinite(*number)) ||
           jf_scan_expected(s, start, "a finite number");
}

static int scan_choice(jf_scan *s, const char *const *names, size_t *choice)
{
    const char *start = s->at;
    char name[JF_NAME];
    if (!jf_scan_name(s, names[0], name))
        return 0;
    for (size_t i = 0; names[i]; i++)
        if (strcmp(names[i], name) == 0) {
            *choice = i;
            return 1;
        }
    char all[80] = "";
    for (size_t i = 0; names[i]; i++)
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s",
                 i ? " or " : "", names[i]);
    return jf_scan_expected(s, start, "%s", all);
}

static int scan_numbers(jf_scan *s, double **list, size_t *count)
{
    size_t room = 0;
    do {
        if (*count == room) {
            room = room ? 2 * room : 8;
            double *more = jf_resize(*list, room, sizeof *more);
            if (!more)
                return jf_scan_failed(s, s->at, jf_error_last());
            *list = more;
        }
        if (!scan_number(s, &(*list)[(*count)++]))
            return 0;
        jf_scan_here(s);
    } while (*s->at && strchr("0123456789+-.", *s->at));
    return 1;
}

/* name( .. ), whatever stands in it. */
static int skip_term(jf_scan *s)
{
    char name[JF_NAME];
    size_t open = 0;
    if (!jf_scan_name(s, "name(..)", name) || !jf_scan_sees(s, '('))
        return jf_scan_expected(s, s->at, "(");
    do {
        open += *s->at == '(';
        open -= *s->at == ')';
        s->at += *s->at != '\0';
    } while (open && *s->at);
    return open == 0 || jf_scan_expected(s, s->at, ")");
}

static int scan_value(jf_scan *s, const jf_key *key, jf_value *value)
{
    jf_scan_here(s);
    value->at = s->at;
    switch (key->type) {
    case JF_SIZE:
        return scan_size(s, key->most, &value->n);
    case JF_FLAG:
        return scan_size(s, 1, &value->n);
    case JF_SEED:
        return scan_seed(s, &value->seed);
    case JF_NUMBER:
        return scan_number(s, &value->number);
    case JF_CHOICE:
        return scan_choice(s, key->names, &value->n);
    case JF_NUMBERS:
        return scan_numbers(s, &value->list, &value->n);
    case JF_TERM:
        break;
    }
    return skip_term(s);
}

int jf_scan_arguments(jf_scan *s, const jf_key *keys, jf_value *values)
{
    memset(values, 0, JF_KEYS * sizeof *values);
    if (!jf_scan_sign(s, '('))
        return 0;
    for (size_t i = 0; i < JF_KEYS && keys[i].key; i++) {
        char name[JF_NAME];
        if (i && !jf_scan_sign(s, ','))
            return 0;
        const char *start = jf_scan_here(s);
        if (!jf_scan_name(s, keys[i].key, name))
            return 0;
        if (strcmp(name, keys[i].key) != 0)
            return jf_scan_expected(s, start, "%s", keys[i].key);
        if (!jf_scan_sign(s, '=') || !scan_value(s, &keys[i], &values[i]))
            return 0;
    }
    return jf_scan_sign(s, ')');
}

void jf_values_clear(jf_value *values)
{
    for (size_t i = 0; i < JF_KEYS; i++)
        free(values[i].list);
}
