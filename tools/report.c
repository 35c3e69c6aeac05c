/* report.c -- DIR/report.html: verdicts, figures and tables in one file that
 * needs no other.
 *
 * Sections stand for experiments, in the order of the questions below; those
 * without a table or a figure are left out.  Figures go in as they are (SVG),
 * their captions are the comment that PLOTS_DIR/NAME.gp begins with. */
#include "claims.h"
#include "report_style.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_SHOWN = 200 };

static const struct {
    const char *name, *title, *question;
} sections[] = {
    {"uniqueness", "Uniqueness",
     "Is log|det J| the same for every flow between two distributions?"},
    {"optimum", "Optimum",
     "Does training reach the value that the eigenvalues predict, whatever "
     "the parameterisation?"},
    {"volume", "Volume",
     "Does log|det J| measure volume, and what does maximum likelihood "
     "maximise?"},
    {"lipschitz", "Lipschitz budgets",
     "What do budgets on Lip(f) and Lip(f^-1) cost in likelihood, and buy in "
     "invertibility?"},
    {"stability", "Stability", "Where is the edge of stable training?"},
    {"principles", "Principles",
     "What does each design principle buy, switched off one at a time?"},
    {"highres", "High resolution",
     "Do the principles hold at 1024 x 1024 x 3?"},
    {"throughput", "Throughput",
     "What does a training step cost, as a fraction of what the machine can "
     "do?"},
    {"scaling", "Scaling", "How do time and memory grow with the size?"},
    {"audit", "Audit",
     "The same questions asked of the user's own data, or of the user's own "
     "flow."},
};
enum { SECTIONS = sizeof sections / sizeof *sections };

typedef struct {
    const char *dir, *plots;
    char **tables, **figures; /* names without suffix */
    size_t table_count, figure_count;
    buffer html;
} report;

static void escape(buffer *b, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&':
            buffer_add(b, "&amp;");
            break;
        case '<':
            buffer_add(b, "&lt;");
            break;
        case '>':
            buffer_add(b, "&gt;");
            break;
        case '"':
            buffer_add(b, "&quot;");
            break;
        default:
            buffer_bytes(b, text, 1);
        }
    }
}

/* optimum-gap and optimum belong to optimum. */
static int belongs(const char *file, const char *name)
{
    size_t n = strlen(name);
    return strncmp(file, name, n) == 0 && (file[n] == '\0' || file[n] == '-');
}

static void add_cell(buffer *b, const char *field)
{
    double value;
    char text[32];
    int number = csv_number(field, &value);
    buffer_add(b, number ? "<td class=\"n\">" : "<td>");
    escape(b, short_number(field, text));
    buffer_add(b, "</td>");
}

static void add_table(report *r, const char *name)
{
    buffer *b = &r->html;
    char *path = join(r->dir, name, ".csv");
    csv t;
    if (csv_read(&t, path) == 0) {
        size_t last = t.rows - 1 < ROWS_SHOWN ? t.rows - 1 : ROWS_SHOWN;
        buffer_add(b, "<details><summary><code>");
        escape(b, name);
        buffer_add(b, ".csv</code>, %zu row%s", t.rows - 1,
                   t.rows == 2 ? "" : "s");
        if (last < t.rows - 1)
            buffer_add(b, ", the first %zu shown", last);
        buffer_add(b, "</summary>\n<div class=\"wide\"><table><thead><tr>");
        for (size_t j = 0; j < t.columns; j++) {
            buffer_add(b, "<th scope=\"col\">");
            escape(b, csv_field(&t, 0, j));
            buffer_add(b, "</th>");
        }
        buffer_add(b, "</tr></thead><tbody>\n");
        for (size_t i = 1; i <= last; i++) {
            buffer_add(b, "<tr>");
            for (size_t j = 0; j < t.columns; j++)
                add_cell(b, csv_field(&t, i, j));
            buffer_add(b, "</tr>\n");
        }
        buffer_add(b, "</tbody></table></div></details>\n");
        csv_free(&t);
    }
    free(path);
}

/* The comment that a script begins with, but for a line "#!" or "NAME.gp --".
 */
static void add_caption(report *r, const char *name)
{
    char *path = join(r->plots, name, ".gp");
    char *text = read_file(path, NULL);
    int blank = 0;
    for (char *line = text; line && *line == '#';) {
        char *end = line + strcspn(line, "\n");
        char *next = *end ? end + 1 : end;
        *end = '\0';
        line += strspn(line, "# \t!");
        size_t n = strlen(name);
        if (strncmp(line, name, n) == 0 && strncmp(line + n, ".gp", 3) == 0)
            line += n + 3 + strspn(line + n + 3, " -:\t");
        if (*line && blank)
            buffer_add(&r->html, " ");
        escape(&r->html, line);
        blank = 1;
        line = next;
    }
    free(text);
    free(path);
}

/* The ids of one drawing are made its own: all of them share the page. */
static void add_drawing(buffer *b, const char *svg, const char *name)
{
    static const char *const marks[] = {"id='", "id=\"", "href='#", "href=\"#",
                                        "url(#"};
    const char *at = strstr(svg, "<svg");
    while (at && *at) {
        size_t k = 0;
        while (k < 5 && strncmp(at, marks[k], strlen(marks[k])) != 0)
            k++;
        if (k == 5 || (k < 2 && at > svg && isalpha((unsigned char)at[-1]))) {
            buffer_bytes(b, at++, 1);
            continue;
        }
        buffer_add(b, "%s%s-", marks[k], name);
        at += strlen(marks[k]);
    }
}

static void add_figure(report *r, const char *name)
{
    buffer *b = &r->html;
    char *path = join(r->plots, name, ".svg");
    char *svg = read_file(path, NULL);
    if (svg && strstr(svg, "<svg") && strstr(svg, "</svg>")) {
        buffer_add(b, "<figure role=\"group\" id=\"figure-%s\">\n", name);
        add_drawing(b, svg, name);
        buffer_add(b, "<figcaption><b>%s.</b> ", name);
        add_caption(r, name);
        buffer_add(b, "</figcaption></figure>\n");
    } else {
        buffer_add(b, "<p class=\"missing\">The figure <code>");
        escape(b, name);
        buffer_add(b, "</code> is missing: no drawing was made of it.</p>\n");
    }
    free(svg);
    free(path);
}

static void add_section(report *r, const char *name, const char *title,
                        const char *question)
{
    buffer *b = &r->html;
    size_t found = 0;
    for (size_t i = 0; i < r->table_count; i++)
        found += (size_t)belongs(r->tables[i], name);
    if (found == 0)
        return;
    buffer_add(b, "<section id=\"%s\"><h2>%s</h2>\n<p class=\"question\">",
               name, title);
    escape(b, question);
    buffer_add(b, "</p>\n");
    for (size_t i = 0; i < r->figure_count; i++) {
        if (belongs(r->figures[i], name))
            add_figure(r, r->figures[i]);
    }
    for (size_t i = 0; i < r->table_count; i++) {
        if (belongs(r->tables[i], name))
            add_table(r, r->tables[i]);
    }
    buffer_add(b, "</section>\n");
}

/* Tables of programs that have no question above. */
static void add_others(report *r)
{
    int opened = 0;
    for (size_t i = 0; i < r->table_count; i++) {
        int known = strcmp(r->tables[i], "verdicts") == 0;
        for (size_t k = 0; k < SECTIONS; k++)
            known = known || belongs(r->tables[i], sections[k].name);
        if (known)
            continue;
        if (!opened++)
            buffer_add(&r->html,
                       "<section id=\"others\"><h2>Other tables</h2>\n");
        add_table(r, r->tables[i]);
    }
    if (opened)
        buffer_add(&r->html, "</section>\n");
}

static void add_claim(buffer *b, const claim *c)
{
    char text[32];
    buffer_add(b, "<tr><th scope=\"row\">");
    escape(b, c->field[CLAIM_ID]);
    buffer_add(b, "</th><td class=\"s\">");
    escape(b, c->field[CLAIM_STATEMENT]);
    buffer_add(b, "<details><summary>how</summary>");
    static const int more[] = {CLAIM_HYPOTHESES, CLAIM_METHOD, CLAIM_PROGRAM};
    for (size_t k = 0; k < 3; k++) {
        buffer_add(b, "<div><i>%s:</i> ", claim_columns[more[k]]);
        escape(b, c->field[more[k]]);
        buffer_add(b, "</div>");
    }
    buffer_add(b, "</details></td>");
    static const int numbers[] = {CLAIM_MEASURED, CLAIM_EXPECTED,
                                  CLAIM_TOLERANCE};
    for (size_t k = 0; k < 3; k++) {
        buffer_add(b, "<td class=\"n\" data-name=\"%s\">",
                   claim_columns[numbers[k]]);
        escape(b, short_number(c->field[numbers[k]], text));
        buffer_add(b, "</td>");
    }
    const char *verdict = c->field[CLAIM_VERDICT];
    buffer_add(b, "<td><span class=\"v %s\">%s</span></td></tr>\n", verdict,
               verdict);
}

static void add_claims(buffer *b, const claims *list)
{
    size_t counts[VERDICTS];
    claims_count(list, counts);
    buffer_add(b, "<section id=\"verdicts\"><h2>Verdicts</h2>\n<p>");
    for (int v = 0; v < VERDICTS; v++)
        buffer_add(b, "%s%zu <span class=\"v %s\">%s</span>", v ? ", " : "",
                   counts[v], verdict_names[v], verdict_names[v]);
    buffer_add(b, ".</p>\n");
    if (list->count > 0) {
        buffer_add(b, "<div class=\"wide\"><table class=\"claims\"><thead><tr>"
                      "<th>id</th><th>statement</th><th>measured</th>"
                      "<th>expected</th><th>tolerance</th><th>verdict</th>"
                      "</tr></thead><tbody>\n");
        for (size_t i = 0; i < list->count; i++)
            add_claim(b, &list->rows[i]);
        buffer_add(b, "</tbody></table></div>\n");
    }
    buffer_add(b, "</section>\n");
}

static int write_report(report *r)
{
    claims list;
    int status = claims_read(&list, r->dir);
    buffer_add(&r->html,
               "<!DOCTYPE html>\n<html lang=\"en\"><head><meta "
               "charset=\"utf-8\"><meta name=\"viewport\" "
               "content=\"width=device-width, initial-scale=1\">"
               "<title>jacflow: report</title>\n<style>%s</style></head>"
               "<body><main>\n<h1>jacflow: results</h1>\n<p>Each claim below "
               "was measured or proved by "
               "the programs of this repository. Likelihoods are in nats per "
               "sample, higher is better; dashed black curves are the "
               "theory.</p>\n",
               report_style);
    add_claims(&r->html, &list);
    for (size_t k = 0; k < SECTIONS; k++)
        add_section(r, sections[k].name, sections[k].title,
                    sections[k].question);
    add_others(r);
    buffer_add(&r->html, "</main></body></html>\n");
    char *path = join(r->dir, "report", ".html");
    if (buffer_write(&r->html, path) < 0)
        status = -1;
    else
        printf("%s\n", path);
    free(path);
    claims_free(&list);
    return status;
}

int main(int argc, char **argv)
{
    if (argc != 3 || argv[1][0] == '-') {
        fputs("usage: report DIR PLOTS_DIR: write DIR/report.html\n", stderr);
        return 2;
    }
    report r = {.dir = argv[1], .plots = argv[2]};
    r.tables = list_files(r.dir, "", ".csv", &r.table_count);
    r.figures = list_files(r.plots, "", ".gp", &r.figure_count);
    int status = write_report(&r);
    free_list(r.tables, r.table_count);
    free_list(r.figures, r.figure_count);
    return status < 0;
}
