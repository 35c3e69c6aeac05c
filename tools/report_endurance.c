/* report_endurance.c -- how long and at which rates training at 1024 x 1024
 * lasts, from the tables of make endurance. */
#include "report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>

static const char *text_at(const jf_texts *t, size_t row, const char *column)
{
    size_t k = jf_texts_column(t, column);
    return k < t->columns ? jf_texts_field(t, row, k) : "";
}

static double number_at(const jf_texts *t, size_t row, const char *column)
{
    double value = (double)NAN;
    is_number(text_at(t, row, column), &value);
    return value;
}

typedef struct {
    double low, high;
} range;

static void widen(range *r, double value)
{
    r->low = isnan(value) ? value : fmin(r->low, value);
    r->high = isnan(value) ? value : fmax(r->high, value);
}

/* A column over the rows of a set of pictures. */
static range range_of(const jf_texts *t, const char *set, const char *column)
{
    range r = {(double)INFINITY, -(double)INFINITY};
    for (size_t i = 1; i < t->rows; i++)
        if (strcmp(text_at(t, i, "image_set"), set) == 0)
            widen(&r, number_at(t, i, column));
    return r;
}

/* The mean of a codec over the pictures of a set; NaN: none. */
static double codec_of(const jf_texts *t, const char *set, const char *method)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = 1; i < t->rows; i++)
        if (strcmp(text_at(t, i, "image_set"), set) == 0 &&
            strcmp(text_at(t, i, "method"), method) == 0) {
            sum += number_at(t, i, "bits_per_dim");
            n++;
        }
    return n ? sum / (double)n : (double)NAN;
}

static void add_set(jf_text *b, const jf_texts *runs, const jf_texts *codecs,
                    size_t row)
{
    const char *set = text_at(runs, row, "image_set");
    range last = range_of(runs, set, "last_bits");
    range steps = range_of(runs, set, "steps");
    size_t seeds = 0, diverged = 0;
    for (size_t i = 1; i < runs->rows; i++)
        if (strcmp(text_at(runs, i, "image_set"), set) == 0) {
            seeds++;
            diverged += number_at(runs, i, "diverged") > 0;
        }
    jf_text_add(b, "<tr><td>");
    escape(b, set);
    jf_text_add(b,
                "</td><td>%g</td><td>%zu of %zu</td><td>%.3f</td><td>%.3f to "
                "%.3f</td><td>%.3f</td>",
                steps.low, diverged, seeds,
                range_of(runs, set, "first_bits").high, last.low, last.high,
                range_of(runs, set, "spectrum_bits").low);
    static const char *const methods[] = {"png", "webp", "jxl"};
    for (size_t k = 0; k < sizeof methods / sizeof *methods; k++)
        jf_text_add(b, "<td>%.3f</td>", codec_of(codecs, set, methods[k]));
    jf_text_add(b, "</tr>\n");
}

/* Whether the set of a row has a row before it. */
static int is_known(const jf_texts *t, size_t row)
{
    for (size_t i = 1; i < row; i++)
        if (strcmp(text_at(t, i, "image_set"), text_at(t, row, "image_set")) ==
            0)
            return 1;
    return 0;
}

/* Over all records: the largest error of the round trip, the largest bound, and
 * whether each error is below its bound. */
static void add_trip(jf_text *b, const jf_texts *steps)
{
    double error = 0, bound = 0;
    size_t above = 0;
    for (size_t i = 1; i < steps->rows; i++) {
        double e = number_at(steps, i, "roundtrip_error");
        double p = number_at(steps, i, "predicted_roundtrip");
        error = isnan(e) ? e : fmax(error, e);
        bound = isnan(p) ? p : fmax(bound, p);
        above += !(e <= p);
    }
    jf_text_add(b, "<p>The float round trip of a held-out picture errs by ");
    char number[32];
    snprintf(number, sizeof number, "%.2g", error);
    add_decimal(b, number);
    jf_text_add(b, " of it at most, and is proved to stay below ");
    snprintf(number, sizeof number, "%.2g", bound);
    add_decimal(b, number);
    jf_text_add(b, "; above its bound at %zu of %zu records.</p>\n", above,
                steps->rows - 1);
}

static void add_runs(jf_text *b, const char *what, const jf_texts *runs,
                     const jf_texts *codecs)
{
    jf_text_add(
        b,
        "<div class=\"wide\" tabindex=\"0\"><table><caption>%s, %s x "
        "%s: bits a dimension of "
        "whole held-out pictures</caption><thead><tr><th>pictures</th>"
        "<th>steps</th><th>diverged</th><th>at the start</th><th>at the "
        "end</th><th>spectrum</th><th>PNG</th><th>WebP</th><th>JPEG XL"
        "</th></tr></thead><tbody>\n",
        what, text_at(runs, 1, "size"), text_at(runs, 1, "size"));
    for (size_t i = 1; i < runs->rows; i++)
        if (!is_known(runs, i))
            add_set(b, runs, codecs, i);
    jf_text_add(b, "</tbody></table></div>\n");
}

/* The row of a recipe at the greatest length of a size; 0: none. */
static size_t edge_row(const jf_texts *t, const char *size, const char *recipe)
{
    size_t found = 0;
    for (size_t i = 1; i < t->rows; i++)
        if (strcmp(text_at(t, i, "size"), size) == 0 &&
            strcmp(text_at(t, i, "principle_set"), recipe) == 0 &&
            (!found || number_at(t, i, "steps") > number_at(t, found, "steps")))
            found = i;
    return found;
}

/* A size: what is stable at its greatest length, and by how much more that of
 * spectrum is than that of plain: at least the one over what plain is not. */
static void add_edge(jf_text *b, const jf_texts *t, const char *size)
{
    static const char *const recipes[] = {"plain", "principles", "spectrum",
                                          "identity"};
    size_t plain = edge_row(t, size, "plain");
    size_t spectrum = edge_row(t, size, "spectrum");
    jf_text_add(b, "<tr><td>");
    escape(b, size);
    jf_text_add(b, "</td><td>%g</td>", number_at(t, plain, "steps"));
    for (size_t k = 0; k < sizeof recipes / sizeof *recipes; k++) {
        size_t row = edge_row(t, size, recipes[k]);
        double least = number_at(t, row, "unstable_rate");
        jf_text_add(b, "<td>%.3g to ", number_at(t, row, "stable_rate"));
        jf_text_add(b, isfinite(least) ? "%.3g</td>" : "more</td>", least);
    }
    double ratio = number_at(t, spectrum, "stable_rate") /
                   number_at(t, plain, "unstable_rate");
    jf_text_add(b, "<td>%.3g</td><td>%s</td></tr>\n", ratio,
                ratio >= 10 ? "yes" : "no");
}

static void add_edges(jf_text *b, const jf_texts *t)
{
    jf_text_add(
        b, "<div class=\"wide\" tabindex=\"0\"><table><caption>The edge of "
           "stability lies between these "
           "rates, three seeds each</caption><thead><tr><th>size</th><th>"
           "steps</th><th>plain</th><th>principles</th><th>spectrum</th>"
           "<th>identity</th><th>spectrum over plain, at least</th><th>ten "
           "times?</th></tr></thead><tbody>\n");
    for (size_t i = 1; i < t->rows; i++) {
        const char *size = text_at(t, i, "size");
        int first = 1;
        for (size_t j = 1; j < i; j++)
            first = first && strcmp(text_at(t, j, "size"), size) != 0;
        if (first)
            add_edge(b, t, size);
    }
    jf_text_add(b, "</tbody></table></div>\n");
}

static int open_table(const report *r, const char *name, jf_texts *t)
{
    char *path = join(r->lasting, name, ".csv");
    int found = has_lasting(r, name) && read_texts(path, t) == 0;
    free(path);
    return found;
}

static void add_run_tables(const report *r, jf_text *b)
{
    static const struct {
        const char *runs, *codecs, *what;
    } tables[] = {
        {"endurance-runs", "endurance-codecs", "The long run"},
        {"interlaced-runs", "interlaced-codecs",
         "Flows of interlaced pixels, which start at the optimum of all their "
         "layers"}};
    jf_texts steps, runs, codecs;
    for (size_t k = 0; k < sizeof tables / sizeof *tables; k++) {
        if (!open_table(r, tables[k].runs, &runs))
            continue;
        char *path = join(r->lasting, tables[k].runs, ".csv");
        add_lasting_header(b, path, "commit,machine");
        free(path);
        if (open_table(r, tables[k].codecs, &codecs)) {
            add_runs(b, tables[k].what, &runs, &codecs);
            jf_texts_free(&codecs);
        }
        jf_texts_free(&runs);
    }
    if (open_table(r, "endurance", &steps)) {
        add_trip(b, &steps);
        jf_texts_free(&steps);
    }
}

/* What the first run of either ended with, where it is there. */
static void add_flow(const report *r, jf_text *b, const char *name,
                     const char *what)
{
    struct stat file;
    char *path = join(r->lasting, name, ".theta");
    if (stat(path, &file) == 0) {
        jf_text_add(b, "<p>%s is <code>", what);
        escape(b, path);
        jf_text_add(b,
                    "</code>, %lld bytes. <code>jacflow logprob --load "
                    "%s.theta --data FOLDER --size 1024 --likelihoods "
                    "--out FILE.csv</code> says what pictures of your own need "
                    "by it, <code>jacflow sample --load %s.theta --out "
                    "FILE.png</code> draws from it.</p>\n",
                    (long long)file.st_size, name, name);
    }
    free(path);
}

void add_endurance(report *r)
{
    static const char *const figures[] = {"endurance-run", "endurance-edge"};
    jf_text *b = &r->html;
    jf_texts rates;
    char *path = join(r->lasting, "endurance-edge-rates", ".csv");
    jf_text_add(b, "<section id=\"endurance\"><h2>Endurance</h2>\n<p "
                   "class=\"question\">How long, and at which rates, does "
                   "training on photographs last?</p>\n");
    add_run_tables(r, b);
    add_flow(r, b, "interlaced", "The first flow of interlaced pixels");
    add_flow(r, b, "endurance", "The flow that the first long run ended with");
    if (open_table(r, "endurance-edge-rates", &rates)) {
        add_edges(b, &rates);
        jf_texts_free(&rates);
    }
    jf_text_add(b, "<p class=\"see\">");
    for (size_t k = 0; k < sizeof figures / sizeof *figures; k++)
        if (has_figure(r, figures[k], strlen(figures[k]))) {
            jf_text_add(b, "%s", k ? " " : "");
            link_figures(r, figures[k]);
        }
    jf_text_add(b, "</p>\n");
    if (has_lasting(r, "endurance-edge-rates"))
        add_folded(r, path, "endurance-edge-rates");
    jf_text_add(b, "</section>\n");
    free(path);
}
