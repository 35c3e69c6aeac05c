/* tables.c -- numbers, polynomial identities and integrals. */
#include "ball.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if __has_include(<flint/arb.h>)
#include <flint/acb_calc.h>
#else
#include <acb_calc.h>
#endif
#include <flint/fmpq_mpoly.h>

verdict positive(const arb_t x, int control)
{
    if (control ? arb_is_negative(x) : arb_is_positive(x))
        return CERTIFIED;
    if (control ? arb_is_nonnegative(x) : arb_is_nonpositive(x))
        return REFUTED;
    return UNDECIDED;
}

/* |x - exact| < width; control moves exact by 1e-12 and 2 widths. */
static verdict close_to(const arb_t x, const arb_t exact, const arb_t width,
                        int control, slong bits)
{
    arb_t left, shift;
    arb_init(left);
    arb_init(shift);
    arb_sub(left, x, exact, bits);
    if (control) {
        arb_set_str(shift, "1e-12", bits);
        arb_addmul_ui(shift, width, 2, bits);
        arb_sub(left, left, shift, bits);
    }
    arb_abs(left, left);
    verdict v = arb_lt(left, width)   ? CERTIFIED
                : arb_ge(left, width) ? REFUTED
                                      : UNDECIDED;
    arb_clear(shift);
    arb_clear(left);
    return v;
}

static slong places(const char *decimal)
{
    const char *point = strchr(decimal, '.');
    return point ? (slong)strlen(point + 1) : 0;
}

static void power_of_ten(arb_t z, slong exponent, slong bits)
{
    arb_set_ui(z, 10);
    arb_pow_ui(z, z, (ulong)-exponent, bits);
    arb_inv(z, z, bits);
}

verdict within(const arb_t x, const char *decimal, int control, slong bits)
{
    arb_t exact, width;
    arb_init(exact);
    arb_init(width);
    arb_set_str(exact, decimal, bits);
    power_of_ten(width, -places(decimal), bits);
    verdict v = close_to(x, exact, width, control, bits);
    arb_clear(width);
    arb_clear(exact);
    return v;
}

/* Does the control plant a formula here, instead of a perturbation? */
static int plants(const char *text)
{
    return strstr(text, "broken") != NULL;
}

/* An expectation: "> 0", "= formula" within 10^-exponent, or a decimal.  text:
 * what x was computed from. */
static verdict judge(const arb_t x, const char *text, const char *expected,
                     slong exponent, int control, slong bits)
{
    int perturb = control && !plants(text);
    if (strcmp(expected, "> 0") == 0)
        return positive(x, perturb);
    if (expected[0] != '=')
        return within(x, expected, perturb, bits);
    arb_t exact, width;
    arb_init(exact);
    arb_init(width);
    formula(exact, expected + 1, "", NULL, bits);
    power_of_ten(width, -exponent, bits);
    verdict v = close_to(x, exact, width, perturb, bits);
    arb_clear(width);
    arb_clear(exact);
    return v;
}

/* The tolerance of an expectation, as the table shows it. */
static const char *tolerance_of(const char *expected, slong exponent)
{
    static char text[32];
    if (strcmp(expected, "> 0") == 0)
        return "strict inequality";
    if (expected[0] != '=')
        exponent = places(expected);
    snprintf(text, sizeof text, "1e-%ld", (long)exponent);
    return text;
}
/* Tables. */

enum { NUMBER_PLACES = 30, INTEGRAL_PLACES = 18 };

static verdict number_holds(arb_t measured, const void *data, int control,
                            slong bits)
{
    const number *n = data;
    arb_t broken;
    arb_init(broken);
    arb_set_si(broken, control);
    formula(measured, n->formula, "broken", broken, bits);
    arb_clear(broken);
    return judge(measured, n->formula, n->expected, NUMBER_PLACES, control,
                 bits);
}

size_t prove_numbers(const number *table, size_t n)
{
    size_t certified = 0;
    for (; n--; table++)
        certified +=
            prove_statement(&table->claim, number_holds, table, table->expected,
                            tolerance_of(table->expected, NUMBER_PLACES)) ==
            CERTIFIED;
    return certified;
}

/* The names of a list into an array that points to a copy of it. */
static slong split(char *copy, const char **name)
{
    slong n = 0;
    for (char *c = strtok(copy, " "); c; c = strtok(NULL, " "))
        name[n++] = c;
    return n;
}

static verdict identity_holds(arb_t measured, const void *data, int control,
                              slong bits)
{
    const identity *i = data;
    const char *name[32];
    char *copy = own_text(i->names);
    slong n = split(copy, name);
    fmpq_mpoly_ctx_t ring;
    fmpq_mpoly_t p;
    fmpq_t shift;
    (void)bits;

    fmpq_mpoly_ctx_init(ring, n, ORD_LEX);
    fmpq_mpoly_init(p, ring);
    fmpq_init(shift);
    if (fmpq_mpoly_set_str_pretty(p, i->polynomial, name, ring) != 0)
        abort();
    for (slong k = 0; k < n; k++)
        if (strcmp(name[k], "broken") == 0) {
            fmpq_set_si(shift, control, 1);
            fmpq_mpoly_evaluate_one_fmpq(p, p, k, shift, ring);
        }
    if (control && !plants(i->names)) {
        fmpq_set_si(shift, 1, 1000000000000);
        fmpq_mpoly_add_fmpq(p, p, shift, ring);
    }
    arb_set_si(measured, fmpq_mpoly_length(p, ring));
    remark(" monomials left");
    verdict v = fmpq_mpoly_is_zero(p, ring) ? CERTIFIED : REFUTED;
    fmpq_clear(shift);
    fmpq_mpoly_clear(p, ring);
    fmpq_mpoly_ctx_clear(ring);
    free(copy);
    return v;
}

size_t prove_identities(const identity *table, size_t n)
{
    size_t certified = 0;
    for (; n--; table++)
        certified += prove_theorem(&table->claim, identity_holds, table, "0",
                                   "exact polynomial") == CERTIFIED;
    return certified;
}
typedef struct {
    const char *text;
    int control;
} quadrature;

static int integrand(acb_ptr value, const acb_t x, void *data, slong order,
                     slong bits)
{
    const quadrature *q = data;
    acb_ptr values = _acb_vec_init(2);
    acb_set(values, x);
    acb_set_si(values + 1, q->control);
    complex_formula(value, q->text, "x broken", values, order != 0, bits);
    _acb_vec_clear(values, 2);
    return 0;
}

static verdict integral_holds(arb_t measured, const void *data, int control,
                              slong bits)
{
    const integral *i = data;
    quadrature q = {i->integrand, control};
    acb_t from, to, value;
    mag_t tolerance;
    arb_t tail;
    acb_init(from);
    acb_init(to);
    acb_init(value);
    mag_init(tolerance);
    arb_init(tail);
    formula(acb_realref(from), i->from, "", NULL, bits);
    formula(acb_realref(to), i->to, "", NULL, bits);
    formula(tail, i->tail, "", NULL, bits);
    mag_set_ui_2exp_si(tolerance, 1, -bits);
    acb_calc_integrate(value, integrand, &q, from, to, bits, tolerance, NULL,
                       2 * bits);
    arb_set(measured, acb_realref(value));
    arb_add_error(measured, tail);
    verdict v = judge(measured, i->integrand, i->expected, INTEGRAL_PLACES,
                      control, bits);
    arb_clear(tail);
    mag_clear(tolerance);
    acb_clear(value);
    acb_clear(to);
    acb_clear(from);
    return v;
}

size_t prove_integrals(const integral *table, size_t n)
{
    size_t certified = 0;
    for (; n--; table++)
        certified +=
            prove_statement(
                &table->claim, integral_holds, table, table->expected,
                tolerance_of(table->expected, INTEGRAL_PLACES)) == CERTIFIED;
    return certified;
}
