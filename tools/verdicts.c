/* verdicts.c -- DIR/verdicts/NAME.csv of every program into DIR/verdicts.csv;
 * on the terminal in full what is refuted or undecided, then a line for each
 * claim, and last the word on each wording of the abstract. */
#include "common/args.h"
#include "found.h"
#include "mathml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Characters, one column each, of UTF-8. */
static size_t width_of(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

/* text, cut to width and filled up with blanks. */
static void put_cell(const char *text, size_t width)
{
    size_t n = 0, total = width_of(text),
           room = total > width ? width - 3 : width;
    for (; *text; text++) {
        int starts = ((unsigned char)*text & 0xC0) != 0x80;
        if (starts && n == room)
            break;
        n += (size_t)starts;
        putchar((unsigned char)*text < ' ' ? ' ' : *text);
    }
    for (int dots = 0; total > width && dots < 3; dots++, n++)
        putchar('.');
    for (; n < width; n++)
        putchar(' ');
    fputs("  ", stdout);
}

static size_t terminal_width(void)
{
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    long n = columns ? strtol(columns, NULL, 10) : 0;
    return n > 0 && n < 1000 ? (size_t)n : 110;
}

/* Columns: id, title, what is found, and how many rows of each verdict. */
enum { ID_WIDTH = 6, STATE_WIDTH = 5, COUNT_WIDTH = 10 };
static const char *const heads[VERDICTS] = {
    "certified", "example", "verified", "measured", "refuted", "undecided"};

static size_t title_width(void)
{
    size_t rest = ID_WIDTH + STATE_WIDTH + 6 + VERDICTS * COUNT_WIDTH;
    size_t all = terminal_width();
    return all < rest + 24 ? 24 : all > rest + 46 ? 46 : all - rest;
}

static void print_heads(void)
{
    put_cell("claim", ID_WIDTH);
    put_cell("", title_width());
    put_cell("", STATE_WIDTH);
    for (int v = 0; v < VERDICTS; v++)
        printf("%*s", COUNT_WIDTH - (v == 0 ? 2 : 0), heads[v]);
    puts("  rows");
}

static void print_claim(const verdict_rows *list, const char *id,
                        const char *title, const char *state)
{
    size_t counts[VERDICTS];
    int last = VERDICTS;
    verdict_rows_count(list, id, counts);
    while (last > 0 && counts[last - 1] == 0)
        last--;
    if (last == 0)
        return;
    put_cell(id, ID_WIDTH);
    jf_text plain = {0};
    mathml_plain(&plain, title);
    put_cell(plain.data, title_width());
    free(plain.data);
    put_cell(state, STATE_WIDTH);
    for (int v = 0; v < last; v++) {
        int width = COUNT_WIDTH - (v == 0 ? 2 : 0);
        if (counts[v] > 0)
            printf("%*zu", width, counts[v]);
        else
            printf("%*s", width, "");
    }
    putchar('\n');
}

/* A line for each claim, then for each id that claims.def does not know. */
static void print_claims(const verdict_rows *list)
{
    print_heads();
    for (const claim *c = all_claims; c->id; c++)
        print_claim(list, c->id, c->title, state_names[state_of(list, c)]);
    for (size_t i = 0; i < list->count; i++) {
        const char *id = list->rows[i].field[ROW_ID];
        if (!claim_of(id) &&
            (i == 0 || strcmp(id, list->rows[i - 1].field[ROW_ID]) != 0))
            print_claim(list, id, "not in claims.def", "");
    }
}

/* A text over several lines of the terminal, each indented. */
static void put_text(const char *text, size_t indent)
{
    size_t at = indent, all = terminal_width();
    printf("%*s", (int)indent, "");
    for (size_t n; *text; text += n + strspn(text + n, " ")) {
        n = strcspn(text, " ");
        if (at > indent && at + 1 + n > all) {
            printf("\n%*s", (int)indent, "");
            at = indent;
        }
        printf("%s%.*s", at > indent ? " " : "", (int)n, text);
        at += n + (at > indent);
    }
    putchar('\n');
}

/* What is not as stated, in full. */
static void print_refuted(const verdict_rows *list)
{
    for (int wanted = REFUTED; wanted <= UNDECIDED; wanted++) {
        for (size_t i = 0; i < list->count; i++) {
            const char *const *field = list->rows[i].field;
            char measured[48], expected[48], tolerance[48];
            const char *why = not_run(&list->rows[i]);
            if (list->rows[i].verdict != wanted)
                continue;
            if (why)
                printf("%s  not run by %s: %s\n", field[ROW_ID],
                       field[ROW_PROGRAM], why);
            else
                printf("%s  %s by %s: measured %s, expected %s, tolerance "
                       "%s\n",
                       field[ROW_ID], field[ROW_VERDICT], field[ROW_PROGRAM],
                       short_number(field[ROW_MEASURED], measured),
                       short_number(field[ROW_EXPECTED], expected),
                       short_number(field[ROW_TOLERANCE], tolerance));
            put_text(field[ROW_STATEMENT], 8);
            put_text(field[ROW_HYPOTHESES], 8);
            putchar('\n');
        }
    }
}

/* What leaves wordings of the abstract open. */
static void print_open(const verdict_rows *list)
{
    for (const claim_abstract *a = claim_abstracts; a->wording; a++) {
        jf_text open = {0};
        abstract_word(list, a, &open);
        if (open.length > 0) {
            printf("open in this run: %s\n", a->wording);
            put_text(open.data, 8);
        }
        free(open.data);
    }
}

/* The word on each wording, a line each. */
static void print_abstract(const verdict_rows *list)
{
    enum { WORD_WIDTH = 21 };
    for (const claim_abstract *a = claim_abstracts; a->wording; a++) {
        jf_text open = {0};
        put_cell(abstract_word(list, a, &open), WORD_WIDTH);
        puts(a->wording);
        free(open.data);
    }
}

static void print_totals(const verdict_rows *list)
{
    jf_text b = {0};
    totals t = totals_of(list);
    add_totals(&b, &t);
    put_text(b.data, 0);
    free(b.data);
}

static int write_merged(const verdict_rows *list, const char *dir)
{
    jf_text b = {0};
    for (size_t k = 0; k < ROW_FIELDS; k++)
        jf_text_add(&b, "%s%s", k > 0 ? "," : "", row_columns[k]);
    jf_text_add(&b, "\n");
    for (size_t i = 0; i < list->count; i++) {
        for (size_t k = 0; k < ROW_FIELDS; k++) {
            if (k > 0)
                jf_text_add(&b, ",");
            jf_text_field(&b, list->rows[i].field[k]);
        }
        jf_text_add(&b, "\n");
    }
    char *path = join(dir, "verdicts", ".csv");
    int status = write_text(&b, path);
    free(path);
    return status;
}

/* The rows of one claim in full; 0, or -1 when there are none. */
static int print_rows(const verdict_rows *list, const char *id)
{
    size_t rows = 0;
    for (size_t i = 0; i < list->count; i++) {
        const char *const *field = list->rows[i].field;
        char measured[48], expected[48], tolerance[48];
        if (!is_of(field[ROW_ID], id))
            continue;
        rows++;
        printf("%-6s %s by %s: measured %s, expected %s, tolerance %s\n",
               field[ROW_ID], field[ROW_VERDICT], field[ROW_PROGRAM],
               short_number(field[ROW_MEASURED], measured),
               short_number(field[ROW_EXPECTED], expected),
               short_number(field[ROW_TOLERANCE], tolerance));
        put_text(field[ROW_STATEMENT], 8);
    }
    return rows > 0 ? 0 : -1;
}

static int print_all(const verdict_rows *list, const char *dir)
{
    print_refuted(list);
    print_open(list);
    print_claims(list);
    printf("every row: %s/verdicts.csv\n\n", dir);
    print_totals(list);
    puts("the abstract:");
    print_abstract(list);
    return 0;
}

int main(int argc, char **argv)
{
    jf_stop_on_failure();
    int quiet = argc > 1 && strcmp(argv[1], "--quiet") == 0;
    const char *id =
        argc > 2 && strcmp(argv[1], "--claim") == 0 ? argv[2] : NULL;
    char **words = argv + 1 + quiet + 2 * (id != NULL);
    if (argc != words - argv + 1 || words[0][0] == '-')
        return usage(
            argv,
            "[--quiet | --claim ID] DIR\n"
            "What do the tables say of each claim?\n"
            "DIR/verdicts/*.csv become DIR/verdicts.csv; here, what is refuted "
            "or undecided,\n"
            "a line for each claim, and last the word on each wording of the "
            "abstract.\n\n"
            "Options:\n"
            "  --quiet     print nothing\n"
            "  --claim ID  print the rows of a claim, and write no table\n"
            "  --help      print this and exit\n\n"
            "Exit status:\n"
            "  0  DIR/verdicts.csv is written, or the claim has rows\n"
            "  1  it is not\n"
            "  2  bad arguments\n");
    if (!is_folder(words[0])) {
        complain("%s: '%s' found, a folder of tables expected", argv[0],
                 words[0]);
        return 2;
    }
    verdict_rows list;
    int status = verdict_rows_read(&list, words[0]);
    if (status == 0)
        status = id ? print_rows(&list, id) : write_merged(&list, words[0]);
    if (status == 0 && !quiet && !id)
        status = print_all(&list, words[0]);
    verdict_rows_free(&list);
    return status < 0;
}
