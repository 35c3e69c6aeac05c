/* calibration.c -- how the verdicts of many seeds fall, by row.
 *
 * A row is known by its program and its place in that program's file.  Where a
 * verdict is by p-value, the values over the seeds are held against their law:
 * uniform when an equality is judged by standard errors, not below uniform for
 * an inequality and for p-values made of several (Bonferroni) or discrete. */
#include "common/args.h"
#include "files.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

typedef struct {
    char *id, *program, *kind, *statement;
    int point; /* its p-values are uniform */
    size_t runs, verified, refuted, undecided, unintended, control, controls;
    size_t p_count;
    double *p;
} row;

typedef struct {
    row *rows;
    size_t count, seeds;
    double seconds;    /* of a processor */
    size_t bad_runs;   /* with an unintended verdict */
    size_t unintended; /* verdicts of all runs */
    double least_p;
    size_t p_count;
} calibration;

static char *copy(const char *text)
{
    return strcpy(must(malloc(strlen(text) + 1)), text);
}

static int by_number(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* P(D+ > distance) of n uniform values, exactly (Birnbaum and Tingey 1951). */
static double one_sided(size_t n, double distance)
{
    double sum = 0, all = (double)n;
    if (distance <= 0)
        return 1;
    for (size_t j = 0; (double)j < all * (1 - distance); j++) {
        double at = distance + (double)j / all;
        sum += exp(lgamma(all + 1) - lgamma((double)j + 1) -
                   lgamma(all - (double)j + 1) + (double)(n - j) * log1p(-at) +
                   ((double)j - 1) * log(at));
    }
    return fmin(1, distance * sum);
}

/* The p-value of n p-values against uniform: Kolmogorov and Smirnov, of both
 * sides or of an excess of small ones alone. */
static double against_uniform(size_t n, double *p, int both)
{
    double above = 0, below = 0;
    if (n == 0)
        return (double)NAN;
    qsort(p, n, sizeof *p, by_number);
    for (size_t i = 0; i < n; i++) {
        above = fmax(above, (double)(i + 1) / (double)n - p[i]);
        below = fmax(below, p[i] - (double)i / (double)n);
    }
    return both ? fmin(1, 2 * one_sided(n, fmax(above, below)))
                : one_sided(n, above);
}

/* The ends of the exact 95 % interval of a rate (Clopper and Pearson 1934), by
 * bisection on the binomial probability. */
static double rate_end(size_t k, size_t n, int upper)
{
    double low = 0, high = 1;
    if (upper ? k == n : k == 0)
        return upper ? 1 : 0;
    for (int i = 0; i < 60; i++) {
        double middle = 0.5 * (low + high);
        double tail =
            upper ? gsl_cdf_binomial_P((unsigned)k, middle, (unsigned)n)
                  : gsl_cdf_binomial_Q((unsigned)k - 1, middle, (unsigned)n);
        if (upper ? tail > 0.025 : tail < 0.025)
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}

static row *row_at(calibration *c, size_t at, const char *program,
                   const char *id)
{
    if (at < c->count)
        return strcmp(c->rows[at].id, id) == 0 &&
                       strcmp(c->rows[at].program, program) == 0
                   ? &c->rows[at]
                   : NULL;
    c->rows = must(realloc(c->rows, (c->count + 1) * sizeof *c->rows));
    c->rows[c->count] = (row){.id = copy(id), .program = copy(program)};
    return &c->rows[c->count++];
}

enum {
    ID,
    PROGRAM,
    KIND,
    STATEMENT,
    METHOD,
    EXPECTED,
    LAW,
    P_VALUE,
    CONTROL,
    VERDICT,
    MEASURED,
    FIELDS
};
static const char *const names[FIELDS] = {
    "id",  "program", "kind",    "statement", "method",  "expected",
    "law", "p_value", "control", "verdict",   "measured"};

/* Whether the verdict is not the intended one. */
static int take(calibration *c, row *r, const char *const *field,
                const char *seed)
{
    double p;
    const char *verdict = field[VERDICT];
    int undecided = strcmp(verdict, "undecided") == 0;
    int wording = strcmp(field[KIND], "wording") == 0;
    const char *intended = wording ? "refuted" : "verified";
    if (!r->kind) {
        r->kind = copy(field[KIND]);
        r->statement = copy(field[STATEMENT]);
        r->point = strcmp(field[LAW], "errors") == 0 &&
                   !strchr("<>", field[EXPECTED][0]);
    }
    r->runs++;
    r->verified += strcmp(verdict, "verified") == 0;
    r->refuted += strcmp(verdict, "refuted") == 0;
    r->undecided += (size_t)undecided;
    r->controls += (size_t)!undecided;
    r->control += !undecided && strcmp(field[CONTROL], "refuted") == 0;
    if (!wording && /* a false statement's p-values have no law */
        is_number(field[P_VALUE], &p) && !isnan(p)) {
        r->p = must(realloc(r->p, (r->p_count + 1) * sizeof *r->p));
        r->p[r->p_count++] = p;
        c->least_p = fmin(c->least_p, p);
        c->p_count++;
    }
    if (undecided || strcmp(verdict, intended) == 0)
        return 0;
    r->unintended++;
    printf("seed %s  %s  %s: %s\n    measured %s, expected %s, p %s: %s\n",
           seed, r->program, r->id, field[STATEMENT], field[MEASURED],
           field[EXPECTED], field[P_VALUE], verdict);
    return 1;
}

/* The rows of one file of a seed; -1 when they are not those of other seeds. */
static int read_file(calibration *c, size_t *at, const char *path,
                     const char *seed, int *bad)
{
    static const char not_run[] = "not run: ";
    jf_texts t;
    size_t column[FIELDS];
    int status = 0;
    if (read_texts(path, &t) != 0)
        return -1;
    for (size_t k = 0; k < FIELDS; k++)
        if ((column[k] = jf_texts_column(&t, names[k])) == t.columns) {
            complain("%s: no column %s", path, names[k]);
            status = -1;
        }
    for (size_t i = 1; i < t.rows && status == 0; i++) {
        const char *field[FIELDS];
        for (size_t k = 0; k < FIELDS; k++)
            field[k] = jf_texts_field(&t, i, column[k]);
        if (strncmp(field[METHOD], not_run, strlen(not_run)) == 0)
            continue;
        row *r = row_at(c, (*at)++, field[PROGRAM], field[ID]);
        if (!r) {
            complain("%s: claim %s: not a row of the other seeds", path,
                     field[ID]);
            status = -1;
        } else {
            int wrong = take(c, r, field, seed);
            c->unintended += (size_t)wrong;
            *bad |= wrong;
        }
    }
    jf_texts_free(&t);
    return status;
}

static int read_seed(calibration *c, const char *dir, const char *seed)
{
    size_t files, at = 0;
    int status = 0, bad = 0;
    char *folder = join(dir, seed, "/verdicts");
    char **list = list_files(folder, "", ".csv", &files);
    for (size_t i = 0; i < files && status == 0; i++) {
        char *path = join(folder, list[i], ".csv");
        status = read_file(c, &at, path, seed, &bad);
        free(path);
    }
    if (status == 0 && c->seeds > 0 && at != c->count) {
        complain("%s: %zu rows found, %zu expected as of the others", folder,
                 at, c->count);
        status = -1;
    }
    c->seeds++;
    c->bad_runs += (size_t)bad;
    free_list(list, files);
    free(folder);
    return status;
}

static void add_row(jf_text *b, row *r)
{
    double p = against_uniform(r->p_count, r->p, r->point);
    jf_text_add(b, "%s,%s,%s,", r->id, r->program, r->kind);
    jf_text_field(b, r->statement);
    jf_text_add(b, ",%zu,%zu,%zu,%zu,%zu,%zu,%zu,%s,%.3g,%.3g\n", r->runs,
                r->verified, r->refuted, r->undecided, r->unintended,
                r->controls, r->control,
                r->p_count == 0 ? "none"
                : r->point      ? "uniform"
                                : "not below",
                r->p_count ? r->p[0] : (double)NAN, p);
}

/* What all rows say together, a line each with mark before it. */
static void add_summary(jf_text *b, const calibration *c, const char *mark)
{
    double p = -expm1((double)c->p_count * log1p(-c->least_p));
    size_t undecided = 0, weak = 0, leaving = 0, tested = 0;
    for (size_t i = 0; i < c->count; i++)
        tested += c->rows[i].p_count > 0;
    for (size_t i = 0; i < c->count; i++) {
        row *r = &c->rows[i];
        undecided += 50 * r->undecided > r->runs;
        weak += 100 * r->control < 97 * r->controls;
        leaving +=
            against_uniform(r->p_count, r->p, r->point) < 1e-3 / (double)tested;
    }
    jf_text_add(b, "%sseeds: %zu; rows: %zu; processor seconds a seed: %.1f\n",
                mark, c->seeds, c->count, c->seconds / (double)c->seeds);
    jf_text_add(b,
                "%sunintended verdicts: %zu; runs with one: %zu, a rate within "
                "%.3g .. %.3g (95 %%)\n",
                mark, c->unintended, c->bad_runs,
                rate_end(c->bad_runs, c->seeds, 0),
                rate_end(c->bad_runs, c->seeds, 1));
    jf_text_add(b,
                "%sleast of %zu p-values: %.3g; one as small has probability "
                "%.3g\n",
                mark, c->p_count, c->least_p, p);
    jf_text_add(b,
                "%srows whose p-values leave their law, at a level of 1e-3 for "
                "all: %zu of %zu\n",
                mark, leaving, tested);
    jf_text_add(b,
                "%srows undecided in more than 2 of 100 runs: %zu\n"
                "%srows whose control is not refuted in 97 of 100 runs: %zu\n",
                mark, undecided, mark, weak);
}

static void free_rows(calibration *c)
{
    for (size_t i = 0; i < c->count; i++) {
        row *r = &c->rows[i];
        free(r->id);
        free(r->program);
        free(r->kind);
        free(r->statement);
        free(r->p);
    }
    free(c->rows);
}

/* The text of a file, which must be there. */
static char *text_of(const char *dir, const char *name)
{
    char *path = join(dir, name, "");
    char *text = jf_file_read(path, NULL);
    if (!text)
        complain("%s: cannot read", path);
    free(path);
    return text;
}

static int write_table(calibration *c, const char *dir, const char *out)
{
    jf_text b = {0};
    char *about = text_of(dir, "about");
    if (!about)
        return -1;
    jf_text_add(&b, "%s", about);
    free(about);
    add_summary(&b, c, "# ");
    jf_text_add(&b, "id,program,kind,statement,runs,verified,refuted,undecided,"
                    "unintended,controls,control_refuted,p_law,p_least,"
                    "p_uniform\n");
    for (size_t i = 0; i < c->count; i++)
        add_row(&b, &c->rows[i]);
    return write_text(&b, out);
}

static int read_all(calibration *c, const char *dir)
{
    size_t count;
    char **seeds = list_files(dir, "", ".done", &count);
    int status = 0;
    for (size_t i = 0; i < count && status == 0; i++) {
        char *name = must(malloc(strlen(seeds[i]) + 6));
        sprintf(name, "%s.done", seeds[i]);
        char *seconds = text_of(dir, name);
        if (seconds) {
            c->seconds += strtod(seconds, NULL);
            status = read_seed(c, dir, seeds[i]);
        } else {
            status = -1;
        }
        free(seconds);
        free(name);
    }
    free_list(seeds, count);
    if (status == 0 && (c->seeds == 0 || c->count == 0)) {
        complain("%s: no seed found, a folder of runs expected", dir);
        return -1;
    }
    return status;
}

int main(int argc, char **argv)
{
    calibration c = {.least_p = 1};
    jf_text said = {0};
    jf_stop_on_failure();
    if (argc != 3 || argv[1][0] == '-')
        return usage(argv,
                     "DIR TABLE.csv\n"
                     "How do the verdicts of many seeds fall?\n"
                     "DIR/SEED/verdicts/*.csv of each seed with a file "
                     "DIR/SEED.done become TABLE.csv, a line for each row; "
                     "what was not intended is printed here.\n\n"
                     "Exit status:\n"
                     "  0  TABLE.csv is written\n"
                     "  1  it is not\n"
                     "  2  bad arguments\n");
    int status = read_all(&c, argv[1]);
    if (status == 0)
        status = write_table(&c, argv[1], argv[2]);
    if (status == 0) {
        add_summary(&said, &c, "");
        printf("%s", said.data);
        free(said.data);
    }
    free_rows(&c);
    return status < 0;
}
