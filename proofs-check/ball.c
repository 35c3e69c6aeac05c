/* ball.c -- options, the precision loop, the three verdicts, and their rows. */
#include "ball.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#if __has_include(<flint/arb.h>)
#include <flint/acb_calc.h>
#else
#include <acb_calc.h>
#endif
#include <flint/fmpq_mpoly.h>

#if __FLINT_RELEASE >= 30000
#define arb_version flint_version
#endif

enum {
    FIRST_BITS = 64,
    LAST_BITS = 1 << 14,
    SIDES = 8,
    BOXES = 1 << 18,
    HALVINGS = 60
};

static const char *const names[VERDICTS] = {"certified", "refuted",
                                            "undecided"};

static struct {
    const char *program, *out;
    slong digits;
    int quiet, control;
    slong last_bits; /* of the statement at hand */
    char note[64];   /* what it says beside its ball */
    size_t count[VERDICTS];
    char *rows;
    size_t length;
    FILE *text; /* open_memstream over rows */
} state = {.digits = 25};

/* A field of a CSV file (RFC 4180). */
static void field(const char *text, const char *more)
{
    fputc('"', state.text);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', state.text);
        fputc(*text, state.text);
    }
    fprintf(state.text, "%s\",", more);
}

static void report(const claim *c, arb_t value, const char *expected,
                   const char *tolerance, verdict v, slong bits)
{
    char *shown = arb_get_str(value, state.digits, 0);
    char method[64];
    snprintf(method, sizeof method, "ball arithmetic, %ld bits", (long)bits);
    field(c->id, "");
    field(c->statement, "");
    field(c->hypotheses, "");
    field(method, "");
    field(shown, state.note);
    field(expected, "");
    field(tolerance, "");
    fprintf(state.text, "%s,%s\n", names[v], state.program);
    state.count[v]++;
    if (!state.quiet)
        printf("%-6s %s\n       %s; %s\n       %s%s  (%s; %s)  -> %s\n", c->id,
               c->statement, c->hypotheses, c->source, shown, state.note,
               expected, tolerance, names[v]);
    flint_free(shown);
}

/* Double the precision until s decides. */
void prove_statement(const claim *c, statement s, const void *data,
                     const char *expected, const char *tolerance)
{
    slong bits = FIRST_BITS;
    arb_t value;
    arb_init(value);
    state.last_bits = LAST_BITS;
    for (;; bits *= 2) {
        state.note[0] = '\0';
        arb_indeterminate(value);
        verdict v = s(value, data, state.control, bits);
        if (v != UNDECIDED || 2 * bits > state.last_bits) {
            report(c, value, expected, tolerance, v, bits);
            break;
        }
    }
    arb_clear(value);
}

void remark(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(state.note, sizeof state.note, format, list);
    va_end(list);
}

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

/* An expectation: "> 0", "= formula" within 10^-exponent, or a decimal. */
static verdict judge(const arb_t x, const char *expected, slong exponent,
                     int control, slong bits)
{
    if (strcmp(expected, "> 0") == 0)
        return positive(x, control);
    if (expected[0] != '=')
        return within(x, expected, control, bits);
    arb_t exact, width;
    arb_init(exact);
    arb_init(width);
    formula(exact, expected + 1, "", NULL, bits);
    power_of_ten(width, -exponent, bits);
    verdict v = close_to(x, exact, width, control, bits);
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

/* Enclosures that are C functions. */

typedef struct {
    enclosure f;
    const char *expected;
} closed;

static verdict closed_holds(arb_t measured, const void *data, int control,
                            slong bits)
{
    const closed *c = data;
    c->f(measured, bits);
    return judge(measured, c->expected, 0, control, bits);
}

void prove_decimal(const claim *c, enclosure f, const char *decimal)
{
    prove_statement(c, closed_holds, &(closed){f, decimal}, decimal,
                    tolerance_of(decimal, 0));
}

void prove_positive(const claim *c, enclosure f)
{
    prove_statement(c, closed_holds, &(closed){f, "> 0"}, "> 0",
                    "strict inequality");
}

/* Tables. */

enum { NUMBER_PLACES = 30, INTEGRAL_PLACES = 18 };

static verdict number_holds(arb_t measured, const void *data, int control,
                            slong bits)
{
    const number *n = data;
    formula(measured, n->formula, "", NULL, bits);
    return judge(measured, n->expected, NUMBER_PLACES, control, bits);
}

void prove_numbers(const number *table, size_t n)
{
    for (; n--; table++)
        prove_statement(&table->claim, number_holds, table, table->expected,
                        tolerance_of(table->expected, NUMBER_PLACES));
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
    char *copy = strdup(i->names);
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
    if (control) {
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

void prove_identities(const identity *table, size_t n)
{
    for (; n--; table++)
        prove_statement(&table->claim, identity_holds, table, "0",
                        "exact polynomial");
}

/* A stack of boxes; a box is n balls.  Its halves have radius r / 2 about
 * m -+ r / 2, numbers that Arb holds exactly, so that they cover it. */
typedef struct {
    slong n, size, room;
    arb_ptr boxes;
} stack;

static void push(stack *s, arb_srcptr box)
{
    if (s->size == s->room) {
        slong room = 2 * s->room + 64;
        arb_ptr more = _arb_vec_init(room * s->n);
        for (slong k = 0; k < s->size * s->n; k++)
            arb_swap(more + k, s->boxes + k);
        if (s->room)
            _arb_vec_clear(s->boxes, s->room * s->n);
        s->boxes = more;
        s->room = room;
    }
    _arb_vec_set(s->boxes + s->size++ * s->n, box, s->n);
}

/* Halve box on its widest side, relative to the sides of the whole; 0 when
 * that is narrower than 2^-HALVINGS. */
static int halve(stack *s, arb_ptr box, arb_srcptr whole)
{
    slong side = 0;
    double widest = ldexp(1, -HALVINGS);
    int found = 0;
    arf_t centre, step;
    for (slong k = 0; k < s->n; k++) { /* a choice: any would be right */
        double w = mag_get_d(arb_radref(box + k)) /
                   (mag_get_d(arb_radref(whole + k)) + 1e-300);
        if (w > widest) {
            widest = w;
            side = k;
            found = 1;
        }
    }
    if (!found)
        return 0;
    arf_init(centre);
    arf_init(step);
    arf_set(centre, arb_midref(box + side));
    mag_mul_2exp_si(arb_radref(box + side), arb_radref(box + side), -1);
    arf_set_mag(step, arb_radref(box + side));
    arf_sub(arb_midref(box + side), centre, step, ARF_PREC_EXACT, ARF_RND_DOWN);
    push(s, box);
    arf_add(arb_midref(box + side), centre, step, ARF_PREC_EXACT, ARF_RND_DOWN);
    push(s, box);
    arf_clear(step);
    arf_clear(centre);
    return 1;
}

/* "from,to from,to": balls that contain the sides. */
static slong read_box(arb_ptr box, const char *text)
{
    char *copy = strdup(text);
    slong n = 0;
    arb_t to;
    arb_init(to);
    for (char *c = strtok(copy, " "); c && n < SIDES; c = strtok(NULL, " ")) {
        char *comma = strchr(c, ',');
        *comma = '\0';
        formula(box + n, c, "", NULL, FIRST_BITS);
        formula(to, comma + 1, "", NULL, FIRST_BITS);
        arb_union(box + n, box + n, to, FIRST_BITS);
        n++;
    }
    arb_clear(to);
    free(copy);
    return n;
}

static verdict covered(arb_t measured, const cover *c, stack *s,
                       arb_srcptr whole, int control, slong bits)
{
    verdict v = CERTIFIED;
    long parts = 0;
    arb_ptr box = _arb_vec_init(s->n);
    arb_t f;
    arb_init(f);
    while (s->size && v == CERTIFIED) {
        _arb_vec_set(box, s->boxes + --s->size * s->n, s->n);
        formula(f, c->formula, c->names, box, bits);
        verdict here = positive(f, control);
        parts++;
        if (here == REFUTED || parts >= BOXES ||
            (here == UNDECIDED && !halve(s, box, whole))) {
            arb_set(measured, f);
            v = here == CERTIFIED ? UNDECIDED : here;
        } else if (here ==
                   CERTIFIED) { /* a lower bound of f, the least so far */
            arb_get_lbound_arf(arb_midref(f), f, bits);
            mag_zero(arb_radref(f));
            if (!arb_is_finite(measured) || arb_lt(f, measured))
                arb_set(measured, f);
        }
    }
    remark(v == CERTIFIED ? " at least, over %ld boxes"
                          : " on a box, after %ld",
           parts);
    arb_clear(f);
    _arb_vec_clear(box, s->n);
    return v;
}

static verdict cover_holds(arb_t measured, const void *data, int control,
                           slong bits)
{
    const cover *c = data;
    arb_ptr whole = _arb_vec_init(SIDES);
    stack s = {.n = read_box(whole, c->box)};
    state.last_bits = 2 * FIRST_BITS; /* more boxes, not more bits */
    push(&s, whole);
    verdict v = covered(measured, c, &s, whole, control, bits);
    _arb_vec_clear(s.boxes, s.room * s.n);
    _arb_vec_clear(whole, SIDES);
    return v;
}

void prove_covers(const cover *table, size_t n)
{
    for (; n--; table++)
        prove_statement(&table->claim, cover_holds, table, "> 0",
                        "strict inequality");
}

static int integrand(acb_ptr value, const acb_t x, void *data, slong order,
                     slong bits)
{
    const integral *i = data;
    complex_formula(value, i->integrand, "x", x, order != 0, bits);
    return 0;
}

static verdict integral_holds(arb_t measured, const void *data, int control,
                              slong bits)
{
    const integral *i = data;
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
    acb_calc_integrate(value, integrand, (void *)i, from, to, bits, tolerance,
                       NULL, 2 * bits);
    arb_set(measured, acb_realref(value));
    arb_add_error(measured, tail);
    state.last_bits = 4 * FIRST_BITS; /* the tail does not shrink */
    verdict v = judge(measured, i->expected, INTEGRAL_PLACES, control, bits);
    arb_clear(tail);
    mag_clear(tolerance);
    acb_clear(value);
    acb_clear(to);
    acb_clear(from);
    return v;
}

void prove_integrals(const integral *table, size_t n)
{
    for (; n--; table++)
        prove_statement(&table->claim, integral_holds, table, table->expected,
                        tolerance_of(table->expected, INTEGRAL_PLACES));
}

/* The command line and the file. */

static void refuse(const char *option, const char *expected)
{
    fprintf(stderr, "%s: %s found, %s expected; see --help\n", state.program,
            option, expected);
    exit(2);
}

static long whole_number(const char *text, long least, long most,
                         const char *expected)
{
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (text == end || *end || errno || value < least || value > most)
        refuse(text, expected);
    return value;
}

/* An option that takes a value; those of experiments that a proof has no use
 * for are read and dropped. */
static int valued(const char *option, const char *value)
{
    static const char *const known[] = {"--out",     "--digits", "--profile",
                                        "--threads", "--seed",   "--data"};
    size_t k = 0;
    while (k < 6 && strcmp(option, known[k]) != 0)
        k++;
    if (k == 6)
        return 0;
    if (!value)
        refuse(option, "a value after it");
    if (k == 0)
        state.out = value;
    else if (k == 1)
        state.digits = whole_number(value, 1, 1000, "digits within 1 .. 1000");
    else if (k == 2 && strcmp(value, "quick") != 0 &&
             strcmp(value, "default") != 0 && strcmp(value, "full") != 0)
        refuse(value, "quick, default or full");
    else if (k == 3 || k == 4)
        whole_number(value, 0, 0x7fffffff, "a whole number of at least 0");
    return 1;
}

static void options(int argc, char **argv, const char *about)
{
    for (int k = 1; k < argc; k++) {
        if (valued(argv[k], k + 1 < argc ? argv[k + 1] : NULL)) {
            k++;
        } else if (strcmp(argv[k], "--help") == 0) {
            printf("Usage: %s [OPTION]...\n%s\n\n"
                   "  --help       print this and exit\n"
                   "  --version    print the version and exit\n"
                   "  --out DIR    folder of the verdicts [results]\n"
                   "  --digits N   digits of an enclosure [25]\n"
                   "  --quiet      the closing line alone\n"
                   "  --profile P, --seed N, --threads N, --data SPEC and "
                   "--resume change nothing:\n"
                   "               a proof has one size and one thread\n",
                   state.program, about);
            exit(0);
        } else if (strcmp(argv[k], "--version") == 0) {
            printf("%s (jacflow) 0.1.0, Arb %s\n", state.program, arb_version);
            exit(0);
        } else if (strcmp(argv[k], "--quiet") == 0) {
            state.quiet = 1;
        } else if (strcmp(argv[k], "--negative-control") == 0) {
            state.control = 1;
        } else if (strcmp(argv[k], "--resume") != 0) {
            refuse(argv[k], "an option");
        }
    }
}

/* Make the folders above path. */
static void make_folders(char *path)
{
    for (char *c = path + 1; *c; c++)
        if (*c == '/') {
            *c = '\0';
            mkdir(path, 0777);
            *c = '/';
        }
}

static int write_rows(void)
{
    const char *out = state.out ? state.out : "results";
    char path[4096], fresh[4128];
    if (state.control && !state.out)
        return 1;
    snprintf(path, sizeof path, "%s/verdicts/%s.csv", out, state.program);
    snprintf(fresh, sizeof fresh, "%s.%ld.new", path, (long)getpid());
    make_folders(path);
    FILE *f = fopen(fresh, "w");
    int ok = f && fwrite(state.rows, 1, state.length, f) == state.length;
    ok = f && fclose(f) == 0 && ok && rename(fresh, path) == 0;
    if (!ok) {
        fprintf(stderr, "%s: %s: cannot write: %s\n", state.program, path,
                strerror(errno));
        remove(fresh);
    }
    return ok;
}

int proofs(int argc, char **argv, const char *about, void (*prove)(void))
{
    const char *slash = strrchr(argv[0], '/');
    state.program = slash ? slash + 1 : argv[0];
    options(argc, argv, about);
    state.text = open_memstream(&state.rows, &state.length);
    if (!state.text)
        return 1;
    fprintf(state.text,
            "# program: %s\n# options: --digits %ld%s\n# arb: %s\n"
            "# flint: %s\nid,statement,hypotheses,method,measured,expected,"
            "tolerance,verdict,program\n",
            state.program, (long)state.digits,
            state.control ? " --negative-control" : "", arb_version,
            FLINT_VERSION);
    prove();
    fclose(state.text);
    int ok = write_rows();
    printf("%s: %zu certified, %zu refuted, %zu undecided\n", state.program,
           state.count[CERTIFIED], state.count[REFUTED],
           state.count[UNDECIDED]);
    free(state.rows);
    flint_cleanup();
    return ok && state.count[REFUTED] + state.count[UNDECIDED] == 0 ? 0 : 1;
}
