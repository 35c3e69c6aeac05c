#include "tolerances.h"

#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"

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

int *tolerances_fit(const jf_texts *t, const char *table, const char *column)
{
    int *how = must(calloc(t->rows + 1, sizeof *how));
    for (size_t k = 1; k < t->rows; k++)
        how[k] = fit(t, k, table, column);
    return how;
}

tolerance tolerance_of(const jf_texts *t, const int *how, const jf_texts *a,
                       size_t i)
{
    tolerance found = {0, 0, 0};
    int best = 1;
    for (size_t k = 1; k < t->rows; k++) {
        if (how[k] < best) /* of equals the last one, as files go from the
                              general to the special */
            continue;
        int is = selected(a, i, field_of(t, k, ROWS));
        if (is == 0)
            continue;
        best = how[k];
        found.line = k;
        found.absolute = is < 0 ? -1 : value_of(field_of(t, k, ABSOLUTE), a, i);
        found.relative = value_of(field_of(t, k, RELATIVE), a, i);
    }
    return found;
}

int tolerances_read(const char *folder, jf_texts *t)
{
    char *path = join(folder, "tolerances", ".csv");
    char *text = read_if_there(path, NULL);
    int status = text ? read_texts(path, t) : 0;
    for (int k = 0; text && status == 0 && k < NEEDED; k++) {
        if (jf_texts_column(t, needed[k]) == t->columns) {
            complain("%s: no column %s", path, needed[k]);
            status = -1;
        }
    }
    for (size_t i = 1; status == 0 && i < t->rows; i++) {
        for (int k = ABSOLUTE; status == 0 && k < NEEDED; k++) {
            const char *field = field_of(t, i, k);
            char *end;
            double value = strtod(field, &end);
            if (end == field || (*end != '\0' && *end != '*') ||
                !(value >= 0)) {
                complain("%s: row %zu: %s is %s, expected a number >= 0", path,
                         i, needed[k], field);
                status = -1;
            }
        }
    }
    free(text);
    free(path);
    return status;
}
