/* compare.c -- are the tables of FRESH_DIR those of REFERENCE_DIR, within the
 * tolerance that REFERENCE_DIR/tolerances.csv states for each cell
 * (tolerances.h)?
 *
 * Numbers agree when |fresh - reference| is at most abs + rel |reference|, and
 * an infinity only with itself unless abs is inf, which admits every number;
 * text must be equal; header lines are ignored.  Time and memory, which no two
 * runs repeat, must be numbers alone.  A fresh table whose header says that it
 * was not run is told, and left.
 *
 * --same asks of two files, or of the tables of two folders, whether they are
 * the same text: same.h. */
#include "common/args.h"
#include "files.h"
#include "same.h"
#include "tolerances.h"
#include "verdict_rows.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PRINTED = 20 };

typedef struct {
    const char *reference, *fresh; /* folders */
    jf_texts tolerances;
    double *shares; /* of each line: the largest part of its tolerance used */
    size_t *cells;  /* of each line */
    size_t printed, differing; /* cells */
    size_t failed, not_run;    /* tables */
} comparison;

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

/* |fresh - reference| over what is allowed; infinite where that says nothing. */
static double share_of(const char *reference, const char *fresh,
                       tolerance allowed)
{
    double a, b;
    if (strcmp(reference, fresh) == 0 || isinf(allowed.absolute))
        return 0;
    if (!is_number(reference, &a) || !is_number(fresh, &b) || !isfinite(a - b))
        return (double)INFINITY;
    return fabs(a - b) / (allowed.absolute + allowed.relative * fabs(a));
}

/* One column; the number of cells that differ. */
static size_t compare_column(comparison *c, const char *name, const jf_texts *a,
                             size_t j, const jf_texts *b, size_t k)
{
    const char *column = jf_texts_field(a, 0, j);
    int *how = tolerances_fit(&c->tolerances, name, column);
    int timed = is_unrepeatable(column);
    size_t differing = 0;
    for (size_t i = 1; i < a->rows; i++) {
        const char *x = jf_texts_field(a, i, j), *y = jf_texts_field(b, i, k);
        tolerance allowed = tolerance_of(&c->tolerances, how, a, i);
        int known = !(allowed.absolute < 0 || allowed.relative < 0);
        if (!timed) {
            double *most = &c->shares[allowed.line];
            *most = fmax(*most, share_of(x, y, allowed));
            c->cells[allowed.line]++;
        }
        if (known && (agree(x, y, allowed) || (timed && both_numbers(x, y))))
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
    if (read_texts(reference, &a) == 0 && read_texts(fresh, &b) == 0)
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

/* Of each line of tolerances.csv: share, number of cells, the line without its
 * reason but for what stands before the colon. */
static void print_shares(const comparison *c)
{
    const jf_texts *t = &c->tolerances;
    for (size_t k = 1; k < t->rows; k++) {
        const char *why = jf_texts_field(t, k, t->columns - 1);
        printf("%.2g,%zu,", c->shares[k], c->cells[k]);
        for (size_t j = 0; j + 1 < t->columns; j++)
            printf("%s,", jf_texts_field(t, k, j));
        printf("%.*s\n", (int)strcspn(why, ":"), why);
    }
}

static int compare_folders(const char *reference, const char *fresh, int shares)
{
    comparison c = {.reference = reference, .fresh = fresh};
    int status = tolerances_read(reference, &c.tolerances) != 0;
    c.shares = must(calloc(c.tolerances.rows + 1, sizeof *c.shares));
    c.cells = must(calloc(c.tolerances.rows + 1, sizeof *c.cells));
    if (status == 0)
        status = compare_all(&c);
    if (shares)
        print_shares(&c);
    free(c.cells);
    free(c.shares);
    jf_texts_free(&c.tolerances);
    return status;
}

static int help(char **argv)
{
    return usage(
        argv,
        "[--shares | --same [--except TABLE,...]] REFERENCE FRESH\n"
        "Are the tables of one run those of another?\n"
        "REFERENCE and FRESH are folders, and REFERENCE/tolerances.csv says by "
        "how much\na cell may differ.\n\n"
        "Options:\n"
        "  --shares            and of each line of tolerances.csv the largest "
        "part of\n"
        "                      the tolerance that a cell uses, and how many "
        "cells it has\n"
        "  --same              the same text, but for time and memory; of "
        "folders also\n"
        "                      but for header lines of program, version, "
        "commit; or of\n"
        "                      two files\n"
        "  --except TABLE,...  tables that may differ, by name or pattern\n"
        "  --help              print this and exit\n\n"
        "Exit status:\n"
        "  0  they are\n"
        "  1  they are not, or cannot be read\n"
        "  2  bad arguments\n");
}

/* Of two files, or of two folders but for the tables of except. */
static int same(char **argv, const char *first, const char *second,
                const char *except)
{
    int folders = is_folder(first);
    if (folders != is_folder(second) || (except && !folders))
        return help(argv);
    return folders ? same_folders(first, second, except)
                   : same_files(first, second);
}

int main(int argc, char **argv)
{
    jf_stop_on_failure();
    if (argc == 4 && strcmp(argv[1], "--same") == 0)
        return same(argv, argv[2], argv[3], NULL);
    if (argc == 6 && strcmp(argv[1], "--same") == 0 &&
        strcmp(argv[2], "--except") == 0)
        return same(argv, argv[4], argv[5], argv[3]);
    if (argc == 4 && strcmp(argv[1], "--shares") == 0)
        return compare_folders(argv[2], argv[3], 1);
    if (argc != 3 || argv[1][0] == '-')
        return help(argv);
    return compare_folders(argv[1], argv[2], 0);
}
