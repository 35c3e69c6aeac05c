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

typedef struct {
    double seconds, proof_seconds;
    size_t runs, resumed;
    char profile[16];
} times;

/* Different values of one header line over all programs, each once. */
static void add_values(report *r, char **names, size_t files, const char *name)
{
    buffer values = {0};
    buffer *b = &r->html;
    char *folder = join(r->dir, "verdicts", "");
    for (size_t i = 0; i < files; i++) {
        char *path = join(folder, names[i], ".csv");
        char *text = read_file(path, NULL);
        char *value = header_value(text, name);
        if (value && (!values.data || !strstr(values.data, value)))
            buffer_add(&values, "%s%s", values.data ? "; " : "", value);
        free(value);
        free(text);
        free(path);
    }
    free(folder);
    if (values.data) {
        buffer_add(b, "<div><dt>%s</dt><dd>", name);
        escape(b, values.data);
        buffer_add(b, "</dd></div>\n");
    }
    free(values.data);
}

/* The seconds of a program's last run, as tools/run_experiment.sh notes them;
 * a line of a table of its own. */
static void add_time(report *r, const char *name, times *sum)
{
    csv t;
    double seconds;
    char *folder = join(r->dir, "timings", "");
    char *path = join(folder, name, ".csv");
    char *text = read_file(path, NULL);
    int status = text ? csv_read(&t, path) : -1;
    free(text);
    free(folder);
    free(path);
    buffer_add(&r->html, "<td class=\"n\" data-name=\"seconds\">");
    if (status == 0) {
        const char *field = csv_field(&t, 1, csv_column(&t, "seconds"));
        const char *kind = csv_field(&t, 1, csv_column(&t, "kind"));
        int resumed =
            strcmp(csv_field(&t, 1, csv_column(&t, "resumed")), "yes") == 0;
        if (csv_number(field, &seconds)) {
            buffer_add(&r->html, "%.1f%s", seconds, resumed ? ", resumed" : "");
            sum->seconds += seconds;
            sum->proof_seconds += strcmp(kind, "proof") == 0 ? seconds : 0;
            sum->resumed += (size_t)resumed;
            sum->runs++;
        }
        snprintf(sum->profile, sizeof sum->profile, "%s",
                 csv_field(&t, 1, csv_column(&t, "profile")));
        csv_free(&t);
    }
    buffer_add(&r->html, "</td>");
}

static void add_program(report *r, const char *name, times *sum)
{
    buffer *b = &r->html;
    char *folder = join(r->dir, "verdicts", "");
    char *path = join(folder, name, ".csv");
    char *text = read_file(path, NULL);
    char *options = header_value(text, "options");
    char *precision = header_value(text, "precision");
    buffer_add(b, "<tr><th scope=\"row\">");
    escape(b, name);
    buffer_add(b, "</th><td><code>");
    escape(b, options ? options : "");
    buffer_add(b, "</code></td><td>");
    escape(b, precision ? precision : "ball");
    buffer_add(b, "</td>");
    add_time(r, name, sum);
    buffer_add(b, "</tr>\n");
    free(precision);
    free(options);
    free(text);
    free(path);
    free(folder);
}

static void add_budget(report *r, const times *sum)
{
    buffer *b = &r->html;
    for (size_t k = 0; k < sizeof budgets / sizeof *budgets; k++) {
        if (sum->runs == 0 || strcmp(sum->profile, budgets[k].profile) != 0)
            continue;
        buffer_add(b,
                   "<p>%zu programs took %.0f s one after the other, of which "
                   "proofs %.0f s; the budget of the %s profile is %s "
                   "(%.0f%% used).",
                   sum->runs, sum->seconds, sum->proof_seconds,
                   budgets[k].profile, budgets[k].words,
                   100 * sum->seconds / budgets[k].seconds);
        if (sum->resumed > 0)
            buffer_add(b,
                       " %zu resumed an interrupted run; their times are "
                       "those of the rest.",
                       sum->resumed);
        buffer_add(b, "</p>\n");
    }
}

void add_environment(report *r)
{
    static const char *const lines[] = {"precision", "gsl", "blas",
                                        "blas core", "arb", "flint"};
    buffer *b = &r->html;
    times sum = {0};
    size_t files;
    char **names = list_files(r->dir, "verdicts", ".csv", &files);
    buffer_add(b, "<section id=\"environment\"><h2>Environment and time</h2>\n"
                  "<dl>");
    for (size_t k = 0; k < sizeof lines / sizeof *lines; k++)
        add_values(r, names, files, lines[k]);
    buffer_add(b,
               "</dl>\n<details><summary>%zu programs, their options and "
               "the time of their last run</summary>\n"
               "<div class=\"wide\" tabindex=\"0\"><table "
               "class=\"claims\"><thead><tr><th scope=\"col\">program</th>"
               "<th scope=\"col\">options</th>"
               "<th scope=\"col\">precision</th>"
               "<th scope=\"col\">seconds</th></tr></thead><tbody>\n",
               files);
    for (size_t i = 0; i < files; i++)
        add_program(r, names[i], &sum);
    buffer_add(b, "</tbody></table></div></details>\n");
    add_budget(r, &sum);
    buffer_add(b, "</section>\n");
    free_list(names, files);
}
