/* flow_text.c -- names, numbers and signs, each demanded or refused. */
#include "flow_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/args.h"

void text_expected(const parser *p, const char *what)
{
    jf_fail(2, "%s: byte %zu of its description: %s expected, '%.24s' found",
            p->path, (size_t)(p->at - p->text), what, p->at);
}

int text_sees(parser *p, char sign)
{
    p->at += strspn(p->at, " \t\r\n");
    return *p->at == sign;
}

void text_sign(parser *p, char sign)
{
    if (!text_sees(p, sign))
        text_expected(p, (char[]){sign, '\0'});
    p->at++;
}

void text_word(parser *p, char *out)
{
    text_sees(p, ' ');
    size_t n = strspn(p->at, "abcdefghijklmnopqrstuvwxyz_"
                             "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
    if (n == 0 || n >= WORD)
        text_expected(p, "a name");
    memcpy(out, p->at, n);
    out[n] = '\0';
    p->at += n;
}

/* "key=", behind a comma unless it is the first. */
void text_key(parser *p, const char *name)
{
    char found[WORD];
    if (p->at[-1] != '(')
        text_sign(p, ',');
    const char *start = p->at;
    text_word(p, found);
    if (strcmp(found, name) != 0) {
        p->at = start;
        text_expected(p, name);
    }
    text_sign(p, '=');
    text_sees(p, ' ');
}

double text_number(parser *p)
{
    char *end;
    size_t n = strspn(p->at, "0123456789+-.eE");
    double x = n ? strtod(p->at, &end) : (double)NAN;
    if (!isfinite(x) || end != p->at + n)
        text_expected(p, "a finite number");
    p->at += n;
    return x;
}

double text_decimal(parser *p, const char *name)
{
    text_key(p, name);
    return text_number(p);
}

slong text_size(parser *p, const char *name, slong least, slong most)
{
    const char *start = (text_key(p, name), p->at);
    double x = text_number(p);
    if (!(x >= (double)least && x <= (double)most) || x != floor(x)) {
        char what[64];
        snprintf(what, sizeof what, "a whole number in %ld .. %ld", (long)least,
                 (long)most);
        p->at = start;
        text_expected(p, what);
    }
    return (slong)x;
}

slong text_choice(parser *p, const char *name, const char *const *names)
{
    char found[WORD];
    text_key(p, name);
    const char *start = p->at;
    text_word(p, found);
    for (slong k = 0; names[k]; k++)
        if (strcmp(found, names[k]) == 0)
            return k;
    p->at = start;
    text_expected(p, names[0]);
}

const double *text_parameters(parser *p, slong n)
{
    if ((size_t)n > p->left)
        jf_fail(2, "%s: its theta is shorter than its description says",
                p->path);
    p->theta += n;
    p->left -= (size_t)n;
    return p->theta - n;
}

void text_set(arb_ptr x, const double *from, slong n)
{
    for (slong i = 0; i < n; i++)
        arb_set_d(x + i, from[i]);
}

arb_ptr text_doubles(parser *p, slong n)
{
    const double *from = text_parameters(p, n);
    arb_ptr x = _arb_vec_init(n);
    text_set(x, from, n);
    return x;
}
