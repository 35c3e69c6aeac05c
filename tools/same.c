#include "same.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"

static const char *const unrepeatable[] = {
    "seconds",     "*_seconds",     "seconds_*",          "milliseconds",
    "*_ms",        "peak_mib",      "samples_per_second", "gflops",
    "peak_gflops", "fraction_of_*", "exponent",
};

int is_unrepeatable(const char *column)
{
    for (size_t k = 0; k < sizeof unrepeatable / sizeof *unrepeatable; k++)
        if (fnmatch(unrepeatable[k], column, 0) == 0)
            return 1;
    return 0;
}

int both_numbers(const char *a, const char *b)
{
    double x, y;
    return is_number(a, &x) && is_number(b, &y);
}

/* Header lines that name who made a table, not how. */
static const char *const makers[] = {"# program:", "# version:", "# commit:"};

static int names_maker(const char *line)
{
    for (size_t k = 0; k < sizeof makers / sizeof *makers; k++)
        if (strncmp(line, makers[k], strlen(makers[k])) == 0)
            return 1;
    return 0;
}

static const char *next_line(const char *line)
{
    line += strcspn(line, "\n");
    return line + (*line == '\n');
}

/* The header line from *at on that counts, and *at past it; NULL: no more, and
 * *at is at the names of the columns. */
static const char *next_header(const char **at, int any_maker)
{
    while (**at == '#') {
        const char *line = *at;
        *at = next_line(line);
        if (!any_maker || !names_maker(line))
            return line;
    }
    return NULL;
}

/* Both header lines that counts are the same; *a, *b := behind them. */
static int same_headers(const char **a, const char **b, int any_maker)
{
    for (;;) {
        const char *x = next_header(a, any_maker);
        const char *y = next_header(b, any_maker);
        size_t n = x ? (size_t)(*a - x) : 0, m = y ? (size_t)(*b - y) : 0;
        if (!x && !y)
            return 1;
        if (n != m || memcmp(x, y, n) != 0)
            return 0;
    }
}

static int same_fields(const char *first, const jf_texts *a, const jf_texts *b)
{
    if (a->columns != b->columns || a->rows != b->rows) {
        printf("%s: rows or columns are not as many\n", first);
        return 0;
    }
    for (size_t i = 0; i < a->rows; i++) {
        for (size_t j = 0; j < a->columns; j++) {
            const char *column = jf_texts_field(a, 0, j);
            const char *x = jf_texts_field(a, i, j);
            const char *y = jf_texts_field(b, i, j);
            if (strcmp(x, y) == 0 ||
                (i > 0 && is_unrepeatable(column) && both_numbers(x, y)))
                continue;
            printf("%s row %zu, %s: %s and %s\n", first, i, column, x, y);
            return 0;
        }
    }
    return 1;
}

/* Columns of time differ in their bytes. */
static int repeats(const jf_texts *t)
{
    for (size_t j = 0; j < t->columns; j++)
        if (is_unrepeatable(jf_texts_field(t, 0, j)))
            return 0;
    return 1;
}

static int same_texts(const char *first, const char *second, int any_maker)
{
    jf_texts a = {0}, b = {0};
    char *x = NULL, *y = NULL;
    int same = 0;
    if (read_texts(first, &a) == 0 && read_texts(second, &b) == 0 &&
        (x = read_if_there(first, NULL)) && (y = read_if_there(second, NULL))) {
        const char *at = x, *to = y;
        same = same_headers(&at, &to, any_maker);
        if (!same)
            printf("%s, %s: the header lines differ\n", first, second);
        same = same && same_fields(first, &a, &b);
        if (same && repeats(&a) && strcmp(at, to) != 0) {
            printf("%s: the same fields, written otherwise\n", first);
            same = 0;
        }
    }
    free(y);
    free(x);
    jf_texts_free(&a);
    jf_texts_free(&b);
    return same;
}

int same_files(const char *first, const char *second)
{
    return !same_texts(first, second, 0);
}

/* Folders. */

typedef struct {
    const char *folders[2];
    char **names[2]; /* of their tables, sorted */
    size_t counts[2];
} tables;

/* The next name of either folder after position at[2], which moves on, and the
 * folders that have it in *in, bits 1 and 2; NULL at the end. */
static const char *next_table(const tables *t, size_t at[2], int *in)
{
    const char *a = at[0] < t->counts[0] ? t->names[0][at[0]] : NULL;
    const char *b = at[1] < t->counts[1] ? t->names[1][at[1]] : NULL;
    int order = !a ? 1 : !b ? -1 : strcmp(a, b);
    *in = order < 0 ? 1 : order > 0 ? 2 : 3;
    at[0] += order <= 0;
    at[1] += order >= 0;
    return order <= 0 ? a : b;
}

/* Whether one of the count patterns that stand in texts, each ended by a zero,
 * fits. */
static int fits(const char *texts, size_t count, const char *name)
{
    for (; count > 0; count--, texts += strlen(texts) + 1)
        if (fnmatch(texts, name, 0) == 0)
            return 1;
    return 0;
}

/* Every pattern fits a table; else a line on stderr. */
static int patterns_fit(const tables *t, const char *texts, size_t count)
{
    for (; count > 0; count--, texts += strlen(texts) + 1) {
        size_t at[2] = {0, 0};
        const char *name;
        int found = 0, in;
        while (!found && (name = next_table(t, at, &in)) != NULL)
            found = fnmatch(texts, name, 0) == 0;
        if (!found) {
            complain("compare: --except %s: no such table", texts);
            return 0;
        }
    }
    return 1;
}

static int same_table(const tables *t, const char *name, int in)
{
    if (in != 3) {
        printf("%s: only in %s\n", name, t->folders[in - 1]);
        return 0;
    }
    char *first = join(t->folders[0], name, ".csv");
    char *second = join(t->folders[1], name, ".csv");
    int same = same_texts(first, second, 1);
    free(first);
    free(second);
    return same;
}

static int compare_tables(const tables *t, const char *excepted, size_t count)
{
    size_t same = 0, differing = 0, expected = 0, at[2] = {0, 0};
    const char *name;
    int in;
    while ((name = next_table(t, at, &in)) != NULL) {
        if (same_table(t, name, in)) {
            same++;
        } else if (fits(excepted, count, name)) {
            printf("%s: differs, as expected\n", name);
            expected++;
        } else {
            printf("%s: differs\n", name);
            differing++;
        }
    }
    if (expected > 0)
        printf("%zu tables differ as expected\n", expected);
    printf("%zu tables the same, %zu differ\n", same, differing);
    return differing > 0;
}

/* How many texts stand in list, once its commas are zeros. */
static size_t split(char *list)
{
    size_t count = 1;
    for (; *list; list++) {
        if (*list == ',') {
            *list = '\0';
            count++;
        }
    }
    return count;
}

int same_folders(const char *first, const char *second, const char *except)
{
    tables t = {.folders = {first, second}};
    char *patterns = join("", except ? except : "", "");
    size_t count = except ? split(patterns) : 0;
    int status = 2;
    for (int k = 0; k < 2; k++)
        t.names[k] = list_files(t.folders[k], "", ".csv", &t.counts[k]);
    if (t.counts[0] == 0 || t.counts[1] == 0)
        complain("compare: no tables in %s", t.folders[t.counts[0] > 0]);
    else if (patterns_fit(&t, patterns, count))
        status = compare_tables(&t, patterns, count);
    for (int k = 0; k < 2; k++)
        free_list(t.names[k], t.counts[k]);
    free(patterns);
    return status;
}
