/* compare.c -- are the tables of FRESH_DIR those of REFERENCE_DIR, within the
 * tolerance that REFERENCE_DIR/tolerances.csv states for each cell?
 *
 * A row of tolerances.csv is table,column,rows,abs,rel,why.  The names are
 * patterns of the shell; rows is empty, for all, or COLUMN=PATTERN, several
 * with blanks between: those of the reference in which all of them fit.  The
 * row with the most literal names counts, of equals one that names rows, of
 * equals the last; a cell that no row names must be equal.  abs and rel are a
 * number, or a number times columns, or powers of columns, of the same row of
 * the reference: 2e-9*condition*rate^0.5.
 *
 * Numbers agree when |fresh - reference| is at most abs + rel |reference|, and
 * an infinity only with itself unless abs is inf, which admits every number;
 * text must be equal; header lines are ignored.  Time and memory, which no two
 * runs repeat, must be numbers alone.
 *
 * --same asks of two files, or of the tables of two folders, whether they are
 * the same text: same.h. */
#include "common/args.h"
#include "files.h"
#include "same.h"

#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PRINTED = 20 };

typedef struct {
    double absolute, relative;
} tolerance;

typedef struct {
    const char *reference, *fresh; /* folders */
    jf_texts tolerances;
    size_t printed, differing; /* cells */
    size_t failed;             /* tables */
} comparison;

static int is_pattern(const char *name)
{
    return strpbrk(name, "*?[") != NULL;
}

/* The fields of a row of tolerances.csv. */
enum { TABLE, COLUMN, ROWS, ABSOLUTE, RELATIVE, NEEDED };
static const char *const needed[NEEDED] = {"table", "column", "rows", "abs",
                                           "rel"};

static const char *field_of(const jf_texts *t, size_t row, int which)
{
    return jf_texts_field(t, row, jf_texts_column(t, needed[which]));
}

/* How well the row's names fit: 0 not at all, else more for literal ones. */
static int fit(const jf_texts *t, size_t row, const char *table,
               const char *column)
{
    const char *a = field_of(t, row, TABLE), *b = field_of(t, row, COLUMN);
    char *file = join("", table, ".csv");
    int fits = (fnmatch(a, table, 0) == 0 || fnmatch(a, file, 0) == 0) &&
               fnmatch(b, column, 0) == 0;
    free(file);
    return fits ? 2 + 4 * !is_pattern(a) + 2 * !is_pattern(b) +
                      (*field_of(t, row, ROWS) != '\0')
                : 0;
}

/* Whether row i of a is one of rows; -1: a has no such column. */
static int selected(const jf_texts *a, size_t i, const char *rows)
{
    char *words = join("", rows, ""), *rest = words, *word;
    int all = 1;
    while (all > 0 && (word = strtok_r(rest, " ", &rest)) != NULL) {
        char *pattern = strchr(word, '=');
        if (pattern)
            *pattern++ = '\0';
        size_t j = jf_texts_column(a, word);
        all = j == a->columns || !pattern
                  ? -1
                  : fnmatch(pattern, jf_texts_field(a, i, j), 0) == 0;
    }
    free(words);
    return all;
}

/* The power of a column of row i that text names, NaN where the column holds
 * no number; *end := behind it.  -1: there is no such column. */
static double power_of(const char *text, const jf_texts *a, size_t i,
                       char **end)
{
    char name[80] = "";
    size_t length = strcspn(text, "*^");
    double base, power = 1;
    *end = (char *)text + length;
    if (length >= sizeof name)
        return -1;
    memcpy(name, text, length);
    size_t j = jf_texts_column(a, name);
    if (**end == '^')
        power = strtod(*end + 1, end);
    if (j == a->columns)
        return -1;
    return is_number(jf_texts_field(a, i, j), &base) ? pow(fabs(base), power)
                                                     : (double)NAN;
}

/* What text says in row i of a; -1: nothing. */
static double value_of(const char *text, const jf_texts *a, size_t i)
{
    char *end;
    double value = strtod(text, &end);
    while (*end == '*') {
        double factor = power_of(end + 1, a, i, &end);
        if (factor < 0)
            return -1;
        value *= factor;
    }
    return *end == '\0' ? value : -1;
}

/* The tolerance of row i, given how well each row of t fits the column.  A row
 * of t that says nothing of a is below 0, and admits no cell. */
static tolerance tolerance_of(const jf_texts *t, const int *how,
                              const jf_texts *a, size_t i)
{
    tolerance found = {0, 0};
    int best = 1;
    for (size_t k = 1; k < t->rows; k++) {
        if (how[k] < best) /* of equals the last one, as files go from the
                              general to the special */
            continue;
        int is = selected(a, i, field_of(t, k, ROWS));
        if (is == 0)
            continue;
        best = how[k];
        found.absolute = is < 0 ? -1 : value_of(field_of(t, k, ABSOLUTE), a, i);
        found.relative = value_of(field_of(t, k, RELATIVE), a, i);
    }
    return found;
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
    int *how = must(calloc(c->tolerances.rows + 1, sizeof *how));
    size_t differing = 0;
    for (size_t i = 1; i < c->tolerances.rows; i++)
        how[i] = fit(&c->tolerances, i, name, column);
    for (size_t i = 1; i < a->rows; i++) {
        const char *x = jf_texts_field(a, i, j), *y = jf_texts_field(b, i, k);
        tolerance allowed = tolerance_of(&c->tolerances, how, a, i);
        int known = !(allowed.absolute < 0 || allowed.relative < 0);
        if (known && (agree(x, y, allowed) ||
                      (is_unrepeatable(column) && both_numbers(x, y))))
            continue;
        differing++;
        if (c->printed++ < PRINTED)
            printf("  %s row %zu, %s: reference %s, fresh %s (abs %g, rel "
                   "%g)\n",
                   name, i, column, x, y, allowed.absolute, allowed.relative);
    }
    free(how);
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

static void compare_table(comparison *c, const char *name)
{
    char *reference = join(c->reference, name, ".csv");
    char *fresh = join(c->fresh, name, ".csv");
    jf_texts a, b = {0};
    int shaped = 0;
    size_t differing = 0;
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
    char *path = join(c->reference, "tolerances", ".csv");
    char *text = jf_file_read(path, NULL);
    int status = text ? jf_texts_read(path, &c->tolerances) : 0;
    for (int k = 0; text && status == 0 && k < NEEDED; k++) {
        if (jf_texts_column(&c->tolerances, needed[k]) ==
            c->tolerances.columns) {
            fprintf(stderr, "%s: no column %s\n", path, needed[k]);
            status = -1;
        }
    }
    for (size_t i = 1; status == 0 && i < c->tolerances.rows; i++) {
        for (int k = ABSOLUTE; status == 0 && k < NEEDED; k++) {
            const char *field = field_of(&c->tolerances, i, k);
            char *end;
            double value = strtod(field, &end);
            if (end == field || (*end != '\0' && *end != '*') ||
                !(value >= 0)) {
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
        printf("%zu of %zu tables agree with %s\n", compared - c->failed,
               compared, c->reference);
    return c->failed > 0 || compared == 0;
}

static const char about[] =
    "REFERENCE FRESH\n"
    "       or: --same [--except TABLE,...] FOLDER FOLDER\n"
    "       or: --same FILE FILE\n"
    "Are the tables of one run those of another?\n"
    "REFERENCE and FRESH are folders, and REFERENCE/tolerances.csv says by how "
    "much\na column may differ.\n\n"
    "Options:\n"
    "  --same    the same text, but for time and memory, and of folders for who "
    "made\n            them\n"
    "  --except  names, or patterns of the shell, of tables that are expected to "
    "differ\n"
    "  --help    print this and exit\n\n"
    "Exit status:\n"
    "  0  they are\n"
    "  1  they are not, or cannot be read\n"
    "  2  bad arguments\n";

static int is_folder(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

/* Behind --same: two files, or options and two folders. */
static int same(char **argv, int count, char **words)
{
    const char *except = NULL;
    if (count == 4 && strcmp(words[0], "--except") == 0) {
        except = words[1];
        count -= 2;
        words += 2;
    }
    if (count != 2 || words[0][0] == '-' || words[1][0] == '-' ||
        is_folder(words[0]) != is_folder(words[1]) ||
        (except && !is_folder(words[0])))
        return usage(argv, about);
    return is_folder(words[0]) ? same_folders(words[0], words[1], except)
                               : same_files(words[0], words[1]);
}

int main(int argc, char **argv)
{
    jf_stop_without_memory();
    if (argc > 1 && strcmp(argv[1], "--same") == 0)
        return same(argv, argc - 2, argv + 2);
    if (argc != 3 || argv[1][0] == '-')
        return usage(argv, about);
    comparison c = {.reference = argv[1], .fresh = argv[2]};
    int status = 1;
    if (read_tolerances(&c) == 0)
        status = compare_all(&c);
    jf_texts_free(&c.tolerances);
    return status;
}
