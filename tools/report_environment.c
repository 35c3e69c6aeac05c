/* report_environment.c -- what the tables were made with, and in what time. */
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a run of each profile may take in all, on two cores, after the build. */
static const struct {
    const char *profile, *words;
    double seconds;
} budgets[] = {
    {"quick", "90 s", 90},
    {"default", "25 min", 25 * 60},
    {"full", "3 h", 3 * 3600},
};

void add_command(jf_text *b, const verdict_row *row)
{
    jf_text_add(b, row->proof ? "build/proofs-check/" : "build/experiments/");
    escape(b, row->field[ROW_PROGRAM]);
    if (!row->proof && row->options) {
        jf_text_add(b, " ");
        escape(b, row->options);
    }
    jf_text_add(b, " --out results");
}

typedef struct {
    double seconds, proof_seconds;
    size_t runs, resumed;
    char profile[16];
} times;

/* Different values of one header line over all programs, each once. */
static void add_values(report *r, char **names, size_t files, const char *name)
{
    jf_text values = {0};
    jf_text *b = &r->html;
    char *folder = join(r->dir, "verdicts", "");
    for (size_t i = 0; i < files; i++) {
        char *path = join(folder, names[i], ".csv");
        char *text = read_if_there(path, NULL);
        char *value = header_value(text, name);
        if (value && (!values.data || !strstr(values.data, value)))
            jf_text_add(&values, "%s%s", values.data ? "; " : "", value);
        free(value);
        free(text);
        free(path);
    }
    free(folder);
    if (values.data) {
        jf_text_add(b, "<div><dt>%s</dt><dd>", name);
        escape(b, values.data);
        jf_text_add(b, "</dd></div>\n");
    }
    free(values.data);
}

char *timing(const report *r, const char *program, const char *column)
{
    jf_texts t;
    char *folder = join(r->dir, "timings", "");
    char *path = join(folder, program, ".csv");
    char *text = read_if_there(path, NULL), *value = NULL;
    if (text && read_texts(path, &t) == 0) {
        size_t k = jf_texts_column(&t, column);
        if (k < t.columns && t.rows > 1 && jf_texts_field(&t, 1, k)[0])
            value = must(strdup(jf_texts_field(&t, 1, k)));
        jf_texts_free(&t);
    }
    free(text);
    free(path);
    free(folder);
    return value;
}

static void add_known(report *r, const char *program, const char *column,
                      const char *before, const char *behind)
{
    char *value = timing(r, program, column);
    if (value) {
        jf_text_add(&r->html, "%s", before);
        escape(&r->html, value);
        jf_text_add(&r->html, "%s", behind);
    }
    free(value);
}

/* "#program-NAME" of one of the programs in the table of this section, which
 * those that wrote verdicts are. */
void add_made(report *r, const char *program)
{
    jf_text *b = &r->html;
    const verdict_row *row = NULL;
    for (size_t i = 0; !row && i < r->verdicts.count; i++)
        if (strcmp(r->verdicts.rows[i].field[ROW_PROGRAM], program) == 0)
            row = &r->verdicts.rows[i];
    if (!row)
        return;
    jf_text_add(b, "Made by <a href=\"#program-");
    escape(b, program);
    jf_text_add(b, "\"><code>");
    add_command(b, row);
    jf_text_add(b, "</code></a>");
    add_known(r, program, "seconds", " in ", " s");
    add_known(r, program, "processor", " on ", "");
    add_known(r, program, "commit", ", commit <code>", "</code>");
    jf_text_add(b, ". ");
}

/* The seconds of a program's last run, as tools/run_experiment.sh notes them;
 * a line of a table of its own. */
static void add_time(report *r, const char *name, times *sum)
{
    jf_texts t;
    double seconds;
    char *folder = join(r->dir, "timings", "");
    char *path = join(folder, name, ".csv");
    char *text = read_if_there(path, NULL);
    int status = text ? read_texts(path, &t) : -1;
    free(text);
    free(folder);
    free(path);
    jf_text_add(&r->html, "<td class=\"n\" data-name=\"seconds\">");
    if (status == 0) {
        const char *field =
            jf_texts_field(&t, 1, jf_texts_column(&t, "seconds"));
        const char *kind = jf_texts_field(&t, 1, jf_texts_column(&t, "kind"));
        int resumed =
            strcmp(jf_texts_field(&t, 1, jf_texts_column(&t, "resumed")),
                   "yes") == 0;
        if (is_number(field, &seconds)) {
            jf_text_add(&r->html, "%.1f%s", seconds,
                        resumed ? ", resumed" : "");
            sum->seconds += seconds;
            sum->proof_seconds += strcmp(kind, "proof") == 0 ? seconds : 0;
            sum->resumed += (size_t)resumed;
            sum->runs++;
        }
        snprintf(sum->profile, sizeof sum->profile, "%s",
                 jf_texts_field(&t, 1, jf_texts_column(&t, "profile")));
        jf_texts_free(&t);
    }
    jf_text_add(&r->html, "</td>");
}

static void add_program(report *r, const char *name, times *sum)
{
    jf_text *b = &r->html;
    char *folder = join(r->dir, "verdicts", "");
    char *path = join(folder, name, ".csv");
    char *text = read_if_there(path, NULL);
    char *options = header_value(text, "options");
    char *precision = header_value(text, "precision");
    jf_text_add(b, "<tr id=\"program-");
    escape(b, name);
    jf_text_add(b, "\"><th scope=\"row\">");
    escape(b, name);
    jf_text_add(b, "</th><td data-name=\"options\"><code>");
    escape(b, options ? options : "");
    jf_text_add(b, "</code></td><td data-name=\"precision\">");
    escape(b, precision ? precision : "ball");
    jf_text_add(b, "</td>");
    add_time(r, name, sum);
    jf_text_add(b, "<td data-name=\"commit\">");
    add_known(r, name, "commit", "<code>", "</code>");
    jf_text_add(b, "</td><td data-name=\"processor\">");
    add_known(r, name, "processor", "", "");
    jf_text_add(b, "</td>");
    jf_text_add(b, "</tr>\n");
    free(precision);
    free(options);
    free(text);
    free(path);
    free(folder);
}

static void add_budget(report *r, const times *sum)
{
    jf_text *b = &r->html;
    for (size_t k = 0; k < sizeof budgets / sizeof *budgets; k++) {
        if (sum->runs == 0 || strcmp(sum->profile, budgets[k].profile) != 0)
            continue;
        jf_text_add(b,
                    "<p>%zu programs took %.0f s one after the other, of which "
                    "proofs %.0f s; the budget of the %s profile is %s "
                    "(%.0f%% used).",
                    sum->runs, sum->seconds, sum->proof_seconds,
                    budgets[k].profile, budgets[k].words,
                    100 * sum->seconds / budgets[k].seconds);
        if (sum->resumed > 0)
            jf_text_add(b,
                        " %zu resumed an interrupted run; their times are "
                        "those of the rest.",
                        sum->resumed);
        jf_text_add(b, "</p>\n");
    }
}

void add_environment(report *r)
{
    static const char *const lines[] = {"precision", "gsl", "blas",
                                        "blas core", "arb", "flint"};
    jf_text *b = &r->html;
    times sum = {0};
    size_t files;
    char **names = list_files(r->dir, "verdicts", ".csv", &files);
    jf_text_add(b, "<section id=\"environment\"><h2>Provenance, environment "
                   "and time</h2>\n"
                   "<dl>");
    for (size_t k = 0; k < sizeof lines / sizeof *lines; k++)
        add_values(r, names, files, lines[k]);
    jf_text_add(b,
                "</dl>\n<details><summary>%zu programs, their options and "
                "the time of their last run</summary>\n"
                "<div class=\"wide\" tabindex=\"0\"><table "
                "class=\"claims\"><thead><tr><th scope=\"col\">program</th>"
                "<th scope=\"col\">options</th>"
                "<th scope=\"col\">precision</th>"
                "<th scope=\"col\">seconds</th>"
                "<th scope=\"col\">commit</th>"
                "<th scope=\"col\">processor</th></tr></thead><tbody>\n",
                files);
    for (size_t i = 0; i < files; i++)
        add_program(r, names[i], &sum);
    jf_text_add(b, "</tbody></table></div></details>\n");
    add_budget(r, &sum);
    jf_text_add(b,
                "<p><code>manifest.json</code> beside this page has the hash "
                "of every table and figure, and which program made it, in "
                "the vocabulary of RO-Crate; <code>make reproduce "
                "CLAIM=C1.3</code> makes the rows of one claim anew, "
                "<code>make reproduce</code> all.</p>\n");
    jf_text_add(b, "</section>\n");
    free_list(names, files);
}
