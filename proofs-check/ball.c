/* ball.c -- the command line, the precision loop, the verdicts' rows. */
#include "ball.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <claim_table.h> /* made of theory/claims.def */

#include "io/output.h"
#include "sizes.h"

#if __FLINT_RELEASE >= 30000
#define arb_version flint_version
#endif

enum { FIRST_BITS = 64, LAST_BITS = 512 };

/* The columns kind and verdict, the latter of what is decided as stated. */
static const struct {
    const char *name, *certified;
} kinds[KINDS] = {[THEOREM] = {"theorem", "certified"},
                  [EXAMPLE] = {"example", "certified example"},
                  [MEASUREMENT] = {"measurement", "measured"}};

static struct {
    jf_args args;
    const char *program, *out;
    slong digits;
    int quiet, control;
    statement_kind kind; /* of statements; AS_TABLES: of each table its own */
    char note[64];       /* what it says beside its ball */
    size_t count[KINDS]; /* as stated */
    size_t refuted, undecided;
    jf_text rows;
} state = {.digits = 25};

/* A field of a CSV file (RFC 4180). */
static void field(const char *text, const char *more)
{
    jf_text_add(&state.rows, "\"");
    for (; *text; text++) {
        if (*text == '"')
            jf_text_bytes(&state.rows, text, 1);
        jf_text_bytes(&state.rows, text, 1);
    }
    jf_text_add(&state.rows, "%s\",", more);
}

static void demand_known(const char *id)
{
    for (size_t k = 0; k < sizeof claim_table / sizeof *claim_table; k++)
        if (strcmp(id, claim_table[k].id) == 0)
            return;
    fprintf(stderr,
            "%s: a verdict on '%s' found, an id of theory/claims.def "
            "expected\n",
            state.program, id);
    exit(2);
}

void statements_are(statement_kind k)
{
    state.kind = k;
}

static const char *word_of(statement_kind k, verdict v)
{
    return v == CERTIFIED ? kinds[k].certified
           : v == REFUTED ? "refuted"
                          : "undecided";
}

static void report(const claim *c, statement_kind k, arb_t value,
                   const char *expected, const char *tolerance, verdict v,
                   slong bits)
{
    char *shown = arb_get_str(value, state.digits, 0);
    char method[64];
    demand_known(c->id);
    snprintf(method, sizeof method, "ball arithmetic, %ld bits", (long)bits);
    field(c->id, "");
    field(kinds[k].name, "");
    field(c->statement, "");
    field(c->hypotheses, "");
    field(method, "");
    field("", "");
    field(shown, state.note);
    field(expected, "");
    field(tolerance, "");
    jf_text_add(&state.rows, "balls,nan,nan,nan,,%s,%s\n", word_of(k, v),
                state.program);
    state.count[k] += v == CERTIFIED;
    state.refuted += v == REFUTED;
    state.undecided += v == UNDECIDED;
    if (!state.quiet)
        printf("%-6s %s\n       %s; %s\n       %s%s  (%s; %s)  -> %s\n", c->id,
               c->statement, c->hypotheses, c->source, shown, state.note,
               expected, tolerance, word_of(k, v));
    flint_free(shown);
}

/* Double the precision until s decides. */
static verdict prove(const claim *c, statement_kind usual, statement s,
                     const void *data, const char *expected,
                     const char *tolerance)
{
    slong bits = FIRST_BITS;
    arb_t value;
    arb_init(value);
    verdict v;
    for (;; bits *= 2) {
        state.note[0] = '\0';
        arb_indeterminate(value);
        v = s(value, data, state.control, bits);
        if (v != UNDECIDED || bits == LAST_BITS)
            break;
    }
    report(c, state.kind == AS_TABLES ? usual : state.kind, value, expected,
           tolerance, v, bits);
    arb_clear(value);
    return v;
}

verdict prove_statement(const claim *c, statement s, const void *data,
                        const char *expected, const char *tolerance)
{
    return prove(c, EXAMPLE, s, data, expected, tolerance);
}

verdict prove_theorem(const claim *c, statement s, const void *data,
                      const char *expected, const char *tolerance)
{
    return prove(c, THEOREM, s, data, expected, tolerance);
}

void remark(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(state.note, sizeof state.note, format, list);
    va_end(list);
}
/* The command line and the file. */

static const char about_proofs[] =
    "A theorem; its proof is in the head comment of its source.\n";
static const char one_size[] =
    "A proof has one size and one thread: --profile, --seed, --threads, "
    "--data, "
    "--columns, --size and --resume change nothing.";

static const char *const files[] = {
    "Files:",
    "  DIR/verdicts/*.csv  a row for each statement",
    "",
    "Exit status:",
    "  0  every statement is decided as stated",
    "  1  one is refuted or undecided, or the rows cannot be written",
    "  2  a bad option: one line on stderr says which",
    NULL,
};

static void options(int argc, char **argv, const char *about, const char *sizes)
{
    const char *digits = NULL;
    char version[64];
    jf_text text = {0};
    const jf_option own[] = {
        {"digits=N", "digits of an enclosure, 1 .. 1000 [25]", NULL, &digits},
        {0}};
    jf_text_add(&text, "%s\n%s%s", about, about_proofs,
                sizes ? sizes : one_size);
    snprintf(version, sizeof version, "Arb %s", arb_version);
    jf_args args = jf_args_read_program(
        argc, argv, &(jf_program){text.data, own, files, version, NULL});
    free(text.data);
    if (digits)
        state.digits = (slong)jf_args_number("digits", digits, 1, 1000);
    state.program = args.program;
    state.out = args.out;
    state.control = args.control;
    state.quiet = args.quiet;
    state.args = args;
}

static int write_rows(void)
{
    jf_text path = {0};
    jf_text_add(&path, "%s/verdicts/%s.csv", state.out, state.program);
    int status = jf_output_write(path.data, state.rows.data, state.rows.length);
    free(path.data);
    return status == 0;
}

/* "rows: 8 certified, 5 certified examples, 0 refuted, 0 undecided". */
static void print_counts(void)
{
    printf("%s: rows: ", state.program);
    for (statement_kind k = THEOREM; k < KINDS; k++)
        if (state.count[k] > 0)
            printf("%zu %s%s, ", state.count[k], kinds[k].certified,
                   k == EXAMPLE && state.count[k] > 1 ? "s" : "");
    printf("%zu refuted, %zu undecided\n", state.refuted, state.undecided);
}

/* By themselves they end a program by a signal, and some of FLINT goes on
 * without. */
static void *found(void *memory, size_t size)
{
    if (!memory)
        jf_fail(1, "no memory for %zu bytes", size);
    return memory;
}

char *own_text(const char *text)
{
    return found(strdup(text), strlen(text) + 1);
}

static void *take(size_t size)
{
    return found(malloc(size), size);
}

static void *take_zeros(size_t count, size_t size)
{
    return found(calloc(count, size), count * size);
}

static void *change(void *old, size_t size)
{
    return found(realloc(old, size), size);
}

static void *change_from(void *old, size_t unused, size_t size)
{
    (void)unused;
    return change(old, size);
}

static void give_back(void *memory, size_t unused)
{
    (void)unused;
    free(memory);
}

void stop_without_memory(void)
{
    __flint_set_memory_functions(take, take_zeros, change, free);
    mp_set_memory_functions(take, change_from, give_back);
}

const jf_args *proof_options(void)
{
    return &state.args;
}

int proofs(int argc, char **argv, const char *about, void (*all)(void))
{
    return proofs_of_sizes(argc, argv, about, NULL, all);
}

int proofs_of_sizes(int argc, char **argv, const char *about, const char *sizes,
                    void (*all)(void))
{
    options(argc, argv, about, sizes);
    stop_without_memory();
    jf_text_add(
        &state.rows,
        "# program: %s\n# options: --digits %ld%s%s%s\n# arb: %s\n"
        "# flint: "
        "%s\nid,kind,statement,hypotheses,method,broken,measured,expected,"
        "tolerance,law,p_value,detectable,broken_error,control,verdict,"
        "program\n",
        state.program, (long)state.digits, sizes ? " --profile " : "",
        sizes ? jf_profile_name(state.args.profile) : "",
        state.control ? " --negative-control" : "", arb_version, FLINT_VERSION);
    all();
    int ok = write_rows();
    print_counts();
    free(state.rows.data);
    state.rows = (jf_text){0};
    flint_cleanup();
    return ok && state.refuted + state.undecided == 0 ? 0 : 1;
}
