/* ball.c -- the command line, the precision loop, the verdicts' rows. */
#include "ball.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <claim_table.h> /* made of theory/claims.def */

#if __FLINT_RELEASE >= 30000
#define arb_version flint_version
#endif

enum { FIRST_BITS = 64, LAST_BITS = 512 };

static const char *const names[VERDICTS] = {"certified", "refuted",
                                            "undecided"};

static struct {
    const char *program, *out;
    slong digits;
    int quiet, control;
    char note[64]; /* what it says beside its ball */
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

static void report(const claim *c, arb_t value, const char *expected,
                   const char *tolerance, verdict v, slong bits)
{
    char *shown = arb_get_str(value, state.digits, 0);
    char method[64];
    demand_known(c->id);
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
verdict prove_statement(const claim *c, statement s, const void *data,
                        const char *expected, const char *tolerance)
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
    report(c, value, expected, tolerance, v, bits);
    arb_clear(value);
    return v;
}

void remark(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(state.note, sizeof state.note, format, list);
    va_end(list);
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

static void help(const char *about)
{
    printf("Usage: %s [OPTION]...\n%s\n"
           "A theorem; its proof is in the head comment of its source.  "
           "Defaults are in\nbrackets.\n\n"
           "Options:\n"
           "  --help            print this and exit\n"
           "  --version         print the version and exit\n"
           "  --out DIR         folder of the verdicts, made when missing "
           "[results]\n"
           "  --digits N        digits of an enclosure, 1 .. 1000 [25]\n"
           "  --quiet           the closing line alone [every statement]\n"
           "  --profile NAME, --seed N, --threads N, --data SPEC, --resume\n"
           "                    change nothing: a proof has one size and one "
           "thread\n\n"
           "Files:\n"
           "  DIR/verdicts/%s.csv\n"
           "                    a row for each statement\n\n"
           "Exit status:\n"
           "  0  every statement is certified\n"
           "  1  one is refuted or undecided, or the rows cannot be written\n"
           "  2  a bad option: one line on stderr says which\n",
           state.program, about, state.program);
}

static void options(int argc, char **argv, const char *about)
{
    for (int k = 1; k < argc; k++) {
        if (valued(argv[k], k + 1 < argc ? argv[k + 1] : NULL)) {
            k++;
        } else if (strcmp(argv[k], "--help") == 0) {
            help(about);
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
