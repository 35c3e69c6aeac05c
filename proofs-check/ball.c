/* ball.c -- the precision loop, the three verdicts, and their rows. */
#include "ball.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_BITS = 64, LAST_BITS = 1 << 14 };

typedef enum { CERTIFIED, REFUTED, UNDECIDED, VERDICTS } verdict;
static const char *const names[VERDICTS] = {"certified", "refuted",
                                            "undecided"};

static struct {
    const char *program, *out;
    slong digits;
    int quiet, control;
    size_t count[VERDICTS];
    char *rows;
    size_t length;
    FILE *text; /* open_memstream over rows */
} state = {.out = "results", .digits = 25};

/* A field of a CSV file (RFC 4180). */
static void field(const char *text)
{
    fputc('"', state.text);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', state.text);
        fputc(*text, state.text);
    }
    fputs("\",", state.text);
}

static void report(const claim *c, arb_t value, const char *expected,
                   const char *tolerance, verdict v, slong bits)
{
    char *shown = arb_get_str(value, state.digits, 0);
    char method[64];
    snprintf(method, sizeof method, "ball arithmetic, %ld bits", (long)bits);
    const char *texts[] = {c->id, c->statement, c->hypotheses, method,
                           shown, expected,     tolerance};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        field(texts[i]);
    fprintf(state.text, "%s,%s\n", names[v], state.program);
    state.count[v]++;
    if (!state.quiet)
        printf("%-6s %s\n       %s; %s\n       %s  %s %s  -> %s\n", c->id,
               c->statement, c->hypotheses, c->source, shown, expected,
               tolerance, names[v]);
    flint_free(shown);
}

/* Double the precision until decide says yes (1) or no (-1). */
static void settle(const claim *c, enclosure f, const arb_t offset, int sign,
                   const char *expected, const char *tolerance,
                   const arb_t width)
{
    verdict v = UNDECIDED;
    slong bits = FIRST_BITS;
    arb_t value, left;
    arb_init(value);
    arb_init(left);
    for (;; bits *= 2) {
        f(value, bits);
        arb_sub(left, value, offset, bits);
        if (sign) { /* value - offset > 0, or < 0 under control */
            if (sign < 0)
                arb_neg(left, left);
            v = arb_is_positive(left)      ? CERTIFIED
                : arb_is_nonpositive(left) ? REFUTED
                                           : UNDECIDED;
        } else {
            arb_abs(left, left);
            v = arb_lt(left, width)   ? CERTIFIED
                : arb_ge(left, width) ? REFUTED
                                      : UNDECIDED;
        }
        if (v != UNDECIDED || bits == LAST_BITS)
            break;
    }
    report(c, value, expected, tolerance, v, bits);
    arb_clear(left);
    arb_clear(value);
}

void prove_decimal(const claim *c, enclosure f, const char *decimal)
{
    arb_t exact, width, shift;
    const char *point = strchr(decimal, '.');
    slong places = point ? (slong)strlen(point + 1) : 0;
    char tolerance[32];

    arb_init(exact);
    arb_init(width);
    arb_init(shift);
    arb_set_str(exact, decimal, LAST_BITS);
    arb_set_ui(width, 10);
    arb_pow_ui(width, width, (ulong)places, LAST_BITS);
    arb_inv(width, width, LAST_BITS);
    snprintf(tolerance, sizeof tolerance, "1e-%ld", (long)places);
    if (state.control) { /* by 1e-12, or two units of a shorter decimal */
        arb_set_str(shift, "1e-12", LAST_BITS);
        arb_addmul_ui(shift, width, 2, LAST_BITS);
        arb_add(exact, exact, shift, LAST_BITS);
    }
    settle(c, f, exact, 0, decimal, tolerance, width);
    arb_clear(shift);
    arb_clear(width);
    arb_clear(exact);
}

void prove_positive(const claim *c, enclosure f)
{
    arb_t zero, unused;
    arb_init(zero);
    arb_init(unused);
    settle(c, f, zero, state.control ? -1 : 1, "> 0", "strict inequality",
           unused);
    arb_clear(unused);
    arb_clear(zero);
}

static void refuse(const char *option, const char *expected)
{
    fprintf(stderr, "%s: %s found, %s expected; see --help\n", state.program,
            option, expected);
    exit(2);
}

/* The value of option k, which takes one. */
static const char *value_of(int argc, char **argv, int *k)
{
    if (*k + 1 >= argc)
        refuse(argv[*k], "a value after it");
    return argv[++*k];
}

static void options(int argc, char **argv, const char *about)
{
    for (int k = 1; k < argc; k++) {
        if (strcmp(argv[k], "--help") == 0) {
            printf("Usage: %s [--out DIR] [--digits N] [--profile P] "
                   "[--quiet]\n%s\n",
                   state.program, about);
            exit(0);
        } else if (strcmp(argv[k], "--version") == 0) {
            printf("%s (jacflow) 0.1.0, Arb %s\n", state.program, arb_version);
            exit(0);
        } else if (strcmp(argv[k], "--out") == 0) {
            state.out = value_of(argc, argv, &k);
        } else if (strcmp(argv[k], "--profile") == 0) {
            value_of(argc, argv, &k); /* proofs have one size */
        } else if (strcmp(argv[k], "--digits") == 0) {
            const char *text = value_of(argc, argv, &k);
            char *end;
            state.digits = strtol(text, &end, 10);
            if (*end || state.digits < 1 || state.digits > 1000)
                refuse(text, "digits within 1 .. 1000");
        } else if (strcmp(argv[k], "--quiet") == 0) {
            state.quiet = 1;
        } else if (strcmp(argv[k], "--negative-control") == 0) {
            state.control = 1;
        } else {
            refuse(argv[k], "an option");
        }
    }
}

static int write_rows(void)
{
    char folder[4000], path[4096], fresh[4128];
    snprintf(folder, sizeof folder, "%s/verdicts", state.out);
    snprintf(path, sizeof path, "%s/%s.csv", folder, state.program);
    snprintf(fresh, sizeof fresh, "%s.%ld.new", path, (long)getpid());
    mkdir(state.out, 0777);
    mkdir(folder, 0777);
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
            "# program: %s\n# arb: %s\n# flint: %s\n"
            "id,statement,hypotheses,method,measured,expected,tolerance,"
            "verdict,program\n",
            state.program, arb_version, FLINT_VERSION);
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
