/* compare.c -- are the tables of FRESH_DIR those of REFERENCE_DIR, within the
 * tolerance that REFERENCE_DIR/tolerances.csv states for each column?
 *
 * A row of tolerances.csv is table,column,abs,rel,why; the names are patterns
 * of the shell, the row with the most literal names counts, and a column that
 * no row names must be equal.  Numbers agree when |fresh - reference| is at
 * most abs + rel |reference|, and an infinity only with itself unless abs is
 * inf, which admits every number; text must be equal; header lines are
 * ignored.  Time and memory, which no two runs repeat, must be numbers alone.
 * A fresh table that says in its header what was not run is told, and left.
 *
 * --same compares two files instead: header lines and all other fields must be
 * the same text. */
#include "files.h"
#include "verdict_rows.h"

#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PRINTED = 20 };

typedef struct {
    double absolute, relative;
} tolerance;

typedef struct {
    const char *reference, *fresh; /* folders */
    jf_texts tolerances;
    size_t printed, differing; /* cells */
    size_t failed, not_run;    /* tables */
} comparison;

/* Columns of which no two runs agree, by name: time and memory. */
static const char *const unrepeatable[] = {
    "seconds",     "*_seconds",     "seconds_*",          "milliseconds",
    "*_ms",        "peak_mib",      "samples_per_second", "gflops",
    "peak_gflops", "fraction_of_*", "exponent",
};

static int is_unrepeatable(const char *column)
{
    for (size_t k = 0; k < sizeof unrepeatable / sizeof *unrepeatable; k++)
        if (fnmatch(unrepeatable[k], column, 0) == 0)
            return 1;
    return 0;
}

static int is_pattern(const char *name)
{
    return strpbrk(name, "*?[") != NULL;
}

/* How well the row's names fit: 0 not at all, 4 literally. */
static int fit(const jf_texts *t, size_t row, const char *table,
               const char *column)
{
    const char *a = jf_texts_field(t, row, jf_texts_column(t, "table"));
    const char *b = jf_texts_field(t, row, jf_texts_column(t, "column"));
    char *file = join("", table, ".csv");
    int fits = (fnmatch(a, table, 0) == 0 || fnmatch(a, file, 0) == 0) &&
               fnmatch(b, column, 0) == 0;
    free(file);
    return fits ? 1 + 2 * !is_pattern(a) + !is_pattern(b) : 0;
}

static tolerance tolerance_of(const jf_texts *t, const char *table,
                              const char *column)
{
    tolerance found = {0, 0};
    int best = 0;
    for (size_t i = 1; i < t->rows; i++) {
        int how = fit(t, i, table, column);
        if (how == 0 || how < best) /* of equals the last one, as files go from
                                       the general to the special */
            continue;
        best = how;
        is_number(jf_texts_field(t, i, jf_texts_column(t, "abs")),
                  &found.absolute);
        is_number(jf_texts_field(t, i, jf_texts_column(t, "rel")),
                  &found.relative);
    }
    return found;
}

static int both_numbers(const char *reference, const char *fresh)
{
    double a, b;
    return is_number(reference, &a) && is_number(fresh, &b);
}

static int agree(const char *reference, const char *fresh, tolerance allowed)
{
    double a, b;
    if (strcmp(reference, fresh) == 0)
        return 1;
    for (int k = 0; k < 2; k++) { /* an expected value may be a bound */
        const char *bound = k ? ">= " : "<= ";
        if (strncmp(reference, bound, 3) == 0 && strncmp(fresh, bound, 3) == 0)
            return agree(reference + 3, fresh + 3, allowed);
    }
    if (!is_number(reference, &a) || !is_number(fresh, &b)) /* two words? */
        return isinf(allowed.absolute) && !is_number(reference, &a) &&
               !is_number(fresh, &b);
    if (isnan(a) || isnan(b))
        return isnan(a) && isnan(b);
    if (a == b || isinf(allowed.absolute))
        return 1;
    /* A relative tolerance would let an infinity agree with everything. */
    return isfinite(a) && isfinite(b) &&
           fabs(a - b) <= allowed.absolute + allowed.relative * fabs(a);
}

/* One column; the number of cells that differ. */
static size_t compare_column(comparison *c, const char *name, const jf_texts *a,
                             size_t j, const jf_texts *b, size_t k)
{
    const char *column = jf_texts_field(a, 0, j);
    tolerance allowed = tolerance_of(&c->tolerances, name, column);
    size_t differing = 0;
    for (size_t i = 1; i < a->rows; i++) {
        const char *x = jf_texts_field(a, i, j), *y = jf_texts_field(b, i, k);
        if (agree(x, y, allowed) ||
            (is_unrepeatable(column) && both_numbers(x, y)))
            continue;
        differing++;
        if (c->printed++ < PRINTED)
            printf("  %s row %zu, %s: reference %s, fresh %s (abs %g, rel "
                   "%g)\n",
                   name, i, column, x, y, allowed.absolute, allowed.relative);
    }
    return differing;
}

/* Same columns by name, same number of rows? */
static int same_shape(const char *name, const jf_texts *a, const jf_texts *b)
{
    int same = 1;
    for (size_t j = 0; j < a->columns; j++) {
        if (jf_texts_column(b, jf_texts_field(a, 0, j)) == b->columns) {
            printf("%s: no column %s\n", name, jf_texts_field(a, 0, j));
            same = 0;
        }
    }
    for (size_t j = 0; j < b->columns; j++) {
        if (jf_texts_column(a, jf_texts_field(b, 0, j)) == a->columns) {
            printf("%s: column %s is not in the reference\n", name,
                   jf_texts_field(b, 0, j));
            same = 0;
        }
    }
    if (a->rows != b->rows) {
        printf("%s: %zu rows, reference %zu\n", name, b->rows - 1, a->rows - 1);
        same = 0;
    }
    return same;
}

/* Whether the fresh table says that rows were not run, which is printed. */
static int was_not_run(const char *name, const char *path)
{
    char *why = not_run_in(path);
    int told = why != NULL;
    if (told)
        printf("%s: not run: %s\n", name, why);
    free(why);
    return told;
}

static void compare_table(comparison *c, const char *name)
{
    char *reference = join(c->reference, name, ".csv");
    char *fresh = join(c->fresh, name, ".csv");
    jf_texts a, b = {0};
    int shaped = 0;
    size_t differing = 0;
    if (was_not_run(name, fresh)) {
        c->not_run++;
        free(reference);
        free(fresh);
        return;
    }
    if (jf_texts_read(reference, &a) == 0 && jf_texts_read(fresh, &b) == 0)
        shaped = same_shape(name, &a, &b);
    for (size_t j = 0; shaped && j < a.columns; j++)
        differing += compare_column(
            c, name, &a, j, &b, jf_texts_column(&b, jf_texts_field(&a, 0, j)));
    if (shaped)
        printf("%s: %zu of %zu cells differ\n", name, differing,
               (a.rows - 1) * a.columns);
    else
        printf("%s: not the same table\n", name);
    c->differing += differing;
    c->failed += !shaped || differing > 0;
    jf_texts_free(&a);
    jf_texts_free(&b);
    free(reference);
    free(fresh);
}

/* 0 when there is no such file, too: then all must be equal. */
static int read_tolerances(comparison *c)
{
    static const char *const needed[] = {"table", "column", "abs", "rel"};
    char *path = join(c->reference, "tolerances", ".csv");
    char *text = jf_file_read(path, NULL);
    int status = text ? jf_texts_read(path, &c->tolerances) : 0;
    for (size_t k = 0; text && status == 0 && k < 4; k++) {
        if (jf_texts_column(&c->tolerances, needed[k]) ==
            c->tolerances.columns) {
            fprintf(stderr, "%s: no column %s\n", path, needed[k]);
            status = -1;
        }
    }
    for (size_t i = 1; status == 0 && i < c->tolerances.rows; i++) {
        for (size_t k = 2; status == 0 && k < 4; k++) {
            double value;
            size_t j = jf_texts_column(&c->tolerances, needed[k]);
            const char *field = jf_texts_field(&c->tolerances, i, j);
            if (!is_number(field, &value) || !(value >= 0)) {
                fprintf(stderr,
                        "%s: row %zu: %s is %s, expected a number >= 0\n", path,
                        i, needed[k], field);
                status = -1;
            }
        }
    }
    free(text);
    free(path);
    return status;
}

static int compare_all(comparison *c)
{
    size_t count, compared = 0;
    char **names = list_files(c->reference, "", ".csv", &count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], "tolerances") == 0)
            continue;
        compare_table(c, names[i]);
        compared++;
    }
    free_list(names, count);
    if (c->printed > PRINTED)
        printf("%zu more cells differ\n", c->printed - PRINTED);
    if (compared == 0)
        printf("%s: no tables to compare with\n", c->reference);
    else
        printf("%zu of %zu tables agree with %s%s\n",
               compared - c->failed - c->not_run, compared, c->reference,
               c->not_run ? ", others were not run" : "");
    return c->failed > 0 || compared == 0;
}

/* The header lines, up to the names of the columns. */
static size_t header_length(const char *text)
{
    const char *line = text;
    while (*line == '#') {
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    return (size_t)(line - text);
}

static int same_headers(const char *first, const char *second)
{
    char *a = jf_file_read(first, NULL), *b = jf_file_read(second, NULL);
    size_t n = a ? header_length(a) : 0;
    int same = a && b && n == header_length(b) && memcmp(a, b, n) == 0;
    if (!same)
        printf("%s, %s: the header lines differ\n", first, second);
    free(a);
    free(b);
    return same;
}

static int same_fields(const char *first, const jf_texts *a, const jf_texts *b)
{
    int same = a->columns == b->columns && a->rows == b->rows;
    if (!same)
        printf("%s: rows or columns are not as many\n", first);
    for (size_t i = 0; same && i < a->rows; i++) {
        for (size_t j = 0; same && j < a->columns; j++) {
            const char *x = jf_texts_field(a, i, j),
                       *y = jf_texts_field(b, i, j);
            same = strcmp(x, y) == 0 ||
                   (i > 0 && is_unrepeatable(jf_texts_field(a, 0, j)) &&
                    both_numbers(x, y));
            if (!same)
                printf("%s row %zu, %s: %s and %s\n", first, i,
                       jf_texts_field(a, 0, j), x, y);
        }
    }
    return same;
}

static int same_files(const char *first, const char *second)
{
    jf_texts a = {0}, b = {0};
    int same = jf_texts_read(first, &a) == 0 &&
               jf_texts_read(second, &b) == 0 && same_headers(first, second) &&
               same_fields(first, &a, &b);
    jf_texts_free(&a);
    jf_texts_free(&b);
    return !same;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "--same") == 0)
        return same_files(argv[2], argv[3]);
    int help = argc == 2 && strcmp(argv[1], "--help") == 0;
    if (argc != 3 || argv[1][0] == '-') {
        fputs("usage: compare REFERENCE_DIR FRESH_DIR\n"
              "       compare --same FILE FILE\n",
              help ? stdout : stderr);
        return help ? 0 : 2;
    }
    comparison c = {.reference = argv[1], .fresh = argv[2]};
    int status = 1;
    if (read_tolerances(&c) == 0)
        status = compare_all(&c);
    jf_texts_free(&c.tolerances);
    return status;
}
