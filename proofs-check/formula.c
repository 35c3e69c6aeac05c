/* formula.c -- a formula in words, evaluated in balls.
 *
 *   text = { name "=" sum ";" } sum
 *   sum = product { ("+" | "-") product },  product = sign { ("*" | "/") sign }
 *   sign = "-" sign | power,  power = atom [ "^" sign ]
 *   atom = number | name | function "(" sum { "," sum } ")" | "(" sum ")"
 *
 * A value whose imaginary part is exactly 0 goes through Arb's real functions,
 * which are undefined (a ball without finite radius) outside their domain; a
 * formula with a mistake in it stops the program. */
#include "ball.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if __has_include(<flint/arb.h>)
#include <flint/acb_hypgeom.h>
#include <flint/arb_hypgeom.h>
#else
#include <acb_hypgeom.h>
#include <arb_hypgeom.h>
#endif

enum { NAMES = 32, LENGTH = 16 };

typedef struct {
    const char *text, *at;
    slong bits;
    int analytic;
    size_t n;
    char name[NAMES][LENGTH];
    acb_ptr value;
} reader;

static void sum(acb_t z, reader *r);

static void stop(const reader *r)
{
    fprintf(stderr, "formula: '%s' at '%s'\n", r->text, r->at);
    abort();
}

static int accept(reader *r, char c)
{
    while (isspace((unsigned char)*r->at))
        r->at++;
    if (*r->at != c)
        return 0;
    r->at++;
    return 1;
}

static void word(reader *r, char name[LENGTH])
{
    size_t n = 0;
    while (isspace((unsigned char)*r->at))
        r->at++;
    while (isalnum((unsigned char)*r->at) || *r->at == '_') {
        if (n + 1 == LENGTH)
            stop(r);
        name[n++] = *r->at++;
    }
    name[n] = '\0';
}

/* A monotone f on a ball, from its values at the two ends. */
static void by_ends(arb_t z, const arb_t x,
                    void (*f)(arb_t, const arb_t, slong), slong bits)
{
    arb_t low, high;
    arf_t end;
    arb_init(low);
    arb_init(high);
    arf_init(end);
    arb_get_lbound_arf(end, x, bits);
    arb_set_arf(low, end);
    arb_get_ubound_arf(end, x, bits);
    arb_set_arf(high, end);
    f(low, low, bits);
    f(high, high, bits);
    arb_union(z, low, high, bits);
    arf_clear(end);
    arb_clear(high);
    arb_clear(low);
}

/* Phi(-x) = erfc(x / sqrt 2) / 2. */
static void tail_at(arb_t z, const arb_t x, slong bits)
{
    arb_t root;
    arb_init(root);
    arb_sqrt_ui(root, 2, bits);
    arb_div(z, x, root, bits);
    arb_hypgeom_erfc(z, z, bits);
    arb_mul_2exp_si(z, z, -1);
    arb_clear(root);
}

/* Phi^-1(p) = -sqrt 2 erfcinv(2 p). */
static void quantile_at(arb_t z, const arb_t p, slong bits)
{
    arb_t root;
    arb_init(root);
    arb_mul_2exp_si(z, p, 1);
    arb_hypgeom_erfcinv(z, z, bits);
    arb_sqrt_ui(root, 2, bits);
    arb_mul(z, z, root, bits);
    arb_neg(z, z);
    arb_clear(root);
}

static void tail(arb_t z, const arb_t x, slong bits)
{
    by_ends(z, x, tail_at, bits);
}

static void cdf(arb_t z, const arb_t x, slong bits)
{
    arb_neg(z, x);
    tail(z, z, bits);
}

static void quantile(arb_t z, const arb_t p, slong bits)
{
    by_ends(z, p, quantile_at, bits);
}

static void e1(arb_t z, const arb_t x, slong bits)
{
    arb_t one;
    arb_init(one);
    arb_one(one);
    arb_hypgeom_expint(z, one, x, bits);
    arb_clear(one);
}

static void complex_cdf(acb_t z, const acb_t x, slong bits)
{
    arb_t root;
    arb_init(root);
    arb_sqrt_ui(root, 2, bits);
    acb_div_arb(z, x, root, bits);
    acb_neg(z, z);
    acb_hypgeom_erfc(z, z, bits);
    acb_mul_2exp_si(z, z, -1);
    arb_clear(root);
}

static void complex_tail(acb_t z, const acb_t x, slong bits)
{
    acb_neg(z, x);
    complex_cdf(z, z, bits);
}

static const struct {
    const char *name;
    void (*real)(arb_t, const arb_t, slong);
    void (*complex)(acb_t, const acb_t, slong);
    void (*branched)(acb_t, const acb_t, int, slong);
} functions[] = {
    {"exp", arb_exp, acb_exp, NULL},
    {"log", arb_log, NULL, acb_log_analytic},
    {"log1p", arb_log1p, NULL, NULL},
    {"expm1", arb_expm1, acb_expm1, NULL},
    {"sqrt", arb_sqrt, NULL, acb_sqrt_analytic},
    {"sin", arb_sin, acb_sin, NULL},
    {"cos", arb_cos, acb_cos, NULL},
    {"tanh", arb_tanh, acb_tanh, NULL},
    {"asinh", arb_asinh, NULL, NULL},
    {"Phi", cdf, complex_cdf, NULL},
    {"Q", tail, complex_tail, NULL},
    {"quantile", quantile, NULL, NULL},
    {"digamma", arb_digamma, NULL, NULL},
    {"lgamma", arb_lgamma, NULL, NULL},
    {"E1", e1, NULL, NULL},
};

static void call(acb_t z, const char *name, reader *r)
{
    for (size_t k = 0; k < sizeof functions / sizeof *functions; k++) {
        if (strcmp(name, functions[k].name) != 0)
            continue;
        if (acb_is_real(z) && functions[k].real && !r->analytic)
            functions[k].real(acb_realref(z), acb_realref(z), r->bits);
        else if (functions[k].branched)
            functions[k].branched(z, z, r->analytic, r->bits);
        else if (functions[k].complex)
            functions[k].complex(z, z, r->bits);
        else
            acb_indeterminate(z);
        return;
    }
    stop(r);
}

static const struct {
    const char *name;
    void (*real)(arb_t, const arb_t, const arb_t, slong);
} binary[] = {{"besseli", arb_hypgeom_bessel_i},
              {"hypot", arb_hypot},
              {"min", arb_min},
              {"max", arb_max}};

/* A function of two numbers, the first of which has been read; 0: none. */
static int call_binary(acb_t z, const char *name, reader *r)
{
    size_t k = 0, n = sizeof binary / sizeof *binary;
    while (k < n && strcmp(name, binary[k].name) != 0)
        k++;
    if (k == n)
        return 0;
    acb_t y;
    acb_init(y);
    if (!accept(r, ','))
        stop(r);
    sum(y, r);
    if (acb_is_real(z) && acb_is_real(y) && !r->analytic)
        binary[k].real(acb_realref(z), acb_realref(z), acb_realref(y), r->bits);
    else
        acb_indeterminate(z);
    acb_clear(y);
    return 1;
}

static void decimal(acb_t z, reader *r)
{
    char digits[64];
    size_t n = strspn(r->at, "0123456789.");
    if (r->at[n] == 'e') { /* 1e-12: no name starts with a digit */
        n++;
        n += r->at[n] == '-';
        n += strspn(r->at + n, "0123456789");
    }
    if (n == 0 || n >= sizeof digits)
        stop(r);
    memcpy(digits, r->at, n);
    digits[n] = '\0';
    r->at += n;
    acb_zero(z);
    if (arb_set_str(acb_realref(z), digits, r->bits) != 0)
        stop(r);
}

static void atom(acb_t z, reader *r)
{
    char name[LENGTH];
    if (accept(r, '(')) {
        sum(z, r);
        if (!accept(r, ')'))
            stop(r);
        return;
    }
    if (isdigit((unsigned char)*r->at) || *r->at == '.') {
        decimal(z, r);
        return;
    }
    word(r, name);
    if (accept(r, '(')) {
        sum(z, r);
        if (!call_binary(z, name, r))
            call(z, name, r);
        if (!accept(r, ')'))
            stop(r);
        return;
    }
    if (strcmp(name, "pi") == 0) {
        acb_const_pi(z, r->bits);
        return;
    }
    for (size_t k = r->n; k-- > 0;)
        if (strcmp(name, r->name[k]) == 0) {
            acb_set(z, r->value + k);
            return;
        }
    stop(r);
}

static void sign(acb_t z, reader *r)
{
    if (accept(r, '-')) {
        sign(z, r);
        acb_neg(z, z);
        return;
    }
    atom(z, r);
    if (accept(r, '^')) {
        acb_t e;
        acb_init(e);
        sign(e, r);
        if (acb_is_real(e) && arb_equal_si(acb_realref(e), 2))
            acb_sqr(z, z, r->bits);
        else if (acb_is_int(e))
            acb_pow(z, z, e, r->bits);
        else if (acb_is_real(z) && acb_is_real(e) && !r->analytic)
            arb_pow(acb_realref(z), acb_realref(z), acb_realref(e), r->bits);
        else
            acb_pow_analytic(z, z, e, r->analytic, r->bits);
        acb_clear(e);
    }
}

static void product(acb_t z, reader *r)
{
    acb_t factor;
    acb_init(factor);
    sign(z, r);
    for (;;) {
        if (accept(r, '*')) {
            sign(factor, r);
            acb_mul(z, z, factor, r->bits);
        } else if (accept(r, '/')) {
            sign(factor, r);
            acb_div(z, z, factor, r->bits);
        } else {
            break;
        }
    }
    acb_clear(factor);
}

static void sum(acb_t z, reader *r)
{
    acb_t term;
    acb_init(term);
    product(z, r);
    for (;;) {
        if (accept(r, '+')) {
            product(term, r);
            acb_add(z, z, term, r->bits);
        } else if (accept(r, '-')) {
            product(term, r);
            acb_sub(z, z, term, r->bits);
        } else {
            break;
        }
    }
    acb_clear(term);
}

/* Is "name =" next?  Then the reader is behind it. */
static int definition(reader *r, char name[LENGTH])
{
    const char *start = r->at;
    while (isspace((unsigned char)*r->at))
        r->at++;
    if (isalpha((unsigned char)*r->at)) {
        word(r, name);
        if (accept(r, '='))
            return 1;
    }
    r->at = start;
    return 0;
}

void complex_formula(acb_t value, const char *text, const char *names,
                     acb_srcptr values, int analytic, slong bits)
{
    reader r = {names, names, bits, analytic, 0, {{0}}, _acb_vec_init(NAMES)};

    while (*r.at) {
        acb_set(r.value + r.n, values + r.n);
        word(&r, r.name[r.n]);
        if (!*r.name[r.n] || ++r.n == NAMES)
            stop(&r);
    }
    r.text = r.at = text;
    while (definition(&r, r.name[r.n])) {
        sum(r.value + r.n, &r);
        if (!accept(&r, ';') || ++r.n == NAMES)
            stop(&r);
    }
    sum(value, &r);
    if (accept(&r, '\0'))
        r.at--;
    if (*r.at)
        stop(&r);
    _acb_vec_clear(r.value, NAMES);
}

slong count_names(const char *names)
{
    slong n = 0;
    for (const char *c = names; *c; c++)
        n += *c != ' ' && (c == names || c[-1] == ' ');
    return n;
}

void formula(arb_t value, const char *text, const char *names,
             arb_srcptr values, slong bits)
{
    acb_t z;
    acb_struct arguments[NAMES];
    slong n = count_names(names);
    if (n >= NAMES)
        abort();
    acb_init(z);
    for (slong k = 0; k < n; k++) {
        acb_init(arguments + k);
        acb_set_arb(arguments + k, values + k);
    }
    complex_formula(z, text, names, arguments, 0, bits);
    if (acb_is_real(z))
        arb_set(value, acb_realref(z));
    else
        arb_indeterminate(value);
    for (slong k = 0; k < n; k++)
        acb_clear(arguments + k);
    acb_clear(z);
}
