/* report.c -- DIR/report.html: verdicts, figures and tables in one file that
 * needs no other.
 *
 * Sections stand for experiments, in the order of the questions below; those
 * without a table are left out.  Figures go in as they are (SVG), their
 * captions are the comment that PLOTS_DIR/NAME.gp begins with.  What is missing
 * is said in the report and on stdout; it is not a failure. */
#include "claims.h"
#include "report_style.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_SHOWN = 25 };

static const struct {
    const char *name, *title, *question;
    const char *tables; /* what its program writes, at least */
} sections[] = {
    {"uniqueness", "Uniqueness",
     "Is log|det J| the same for every flow between two distributions?",
     "uniqueness-exact uniqueness-trained uniqueness-field"},
    {"optimum", "Optimum",
     "Does training reach the value that the eigenvalues predict, whatever "
     "the parameterisation?",
     "optimum-linear optimum-flows optimum-ppca optimum-samples "
     "optimum-spectrum"},
    {"volume", "Volume",
     "Does log|det J| measure volume, and what does maximum likelihood "
     "maximise?",
     "volume-order volume-training"},
    {"lipschitz", "Lipschitz budgets",
     "What do budgets on Lip(f) and Lip(f^-1) cost in likelihood, and buy in "
     "invertibility?",
     "lipschitz-budget lipschitz-inverse"},
    {"stability", "Stability", "Where is the edge of stable training?",
     "stability-rate stability-hessian"},
    {"principles", "Principles",
     "What does each design principle buy, switched off one at a time?",
     "principles"},
    {"highres", "High resolution", "Do the principles hold at 1024 x 1024 x 3?",
     "highres"},
    {"throughput", "Throughput",
     "What does a training step cost, as a fraction of what the machine can "
     "do?",
     "throughput"},
    {"scaling", "Scaling", "How do time and memory grow with the size?",
     "scaling"},
    {"audit", "Audit",
     "The same questions asked of the user's own data, or of the user's own "
     "flow.",
     ""},
};
enum { SECTIONS = sizeof sections / sizeof *sections };

typedef struct {
    const char *dir, *plots;
    char **tables, **figures; /* names without suffix */
    size_t table_count, figure_count;
    size_t drawn;   /* figures in the report so far */
    buffer missing; /* "figure NAME" or "table NAME", a line each */
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

/* The header lines of a table: which program made it, and how. */
static void add_provenance(buffer *b, const char *path)
{
    char *text = read_file(path, NULL);
    int lines = 0;
    for (char *line = text; line && *line == '#'; lines++) {
        char *next = line + strcspn(line, "\n");
        next += *next != '\0';
        buffer_add(b, lines ? "" : "<pre>");
        char kept = *next;
        *next = '\0';
        escape(b, line + 1 + strspn(line + 1, " "));
        *next = kept;
        line = next;
    }
    buffer_add(b, lines ? "</pre>\n" : "");
    free(text);
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
        buffer_add(b, "</summary>\n<div class=\"wide\" tabindex=\"0\">"
                      "<table><thead><tr>");
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
        buffer_add(b, "</tbody></table></div>\n");
        add_provenance(b, path);
        buffer_add(b, "</details>\n");
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

/* After gnuplot's own title and description, which would show as a tooltip;
 * at itself when there are none. */
static const char *skip_title(const char *at)
{
    const char *end;
    at += strspn(at, " \n");
    if (strncmp(at, "<title>", 7) == 0 && (end = strstr(at, "</title>")))
        at = end + strlen("</title>");
    at += strspn(at, " \n");
    if (strncmp(at, "<desc>", 6) == 0 && (end = strstr(at, "</desc>")))
        at = end + strlen("</desc>");
    return at;
}

/* The ids of one drawing are made its own: all of them share the page.  Its
 * caption is its text for those who do not see it. */
static void add_drawing(buffer *b, const char *svg, const char *name)
{
    static const char *const marks[] = {"id='", "id=\"", "href='#", "href=\"#",
                                        "url(#"};
    const char *at = strstr(svg, "<svg") + strlen("<svg"),
               *inside = at + strcspn(at, ">");
    buffer_add(b, "<svg role=\"img\" aria-labelledby=\"caption-%s\"", name);
    buffer_bytes(b, at, (size_t)(inside - at) + (*inside == '>'));
    at = *inside ? skip_title(inside + 1) : inside;
    while (*at) {
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

/* The same picture as pixels, where the drawing has more marks than eyes can
 * tell apart: 0 when there is none. */
static int add_pixels(report *r, const char *name)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    buffer *b = &r->html;
    char *path = join(r->plots, name, ".png");
    size_t size = 0;
    unsigned char *png = (unsigned char *)read_file(path, &size);
    free(path);
    if (!png)
        return 0;
    buffer_add(b,
               "<img alt=\"\" aria-labelledby=\"caption-%s\" "
               "src=\"data:image/png;base64,",
               name);
    for (size_t i = 0; i < size; i += 3) {
        unsigned long v = (unsigned long)png[i] << 16;
        v |= i + 1 < size ? (unsigned long)png[i + 1] << 8 : 0;
        v |= i + 2 < size ? png[i + 2] : 0;
        buffer_add(b, "%c%c%c%c", digits[v >> 18 & 63], digits[v >> 12 & 63],
                   i + 1 < size ? digits[v >> 6 & 63] : '=',
                   i + 2 < size ? digits[v & 63] : '=');
    }
    buffer_add(b, "\">");
    free(png);
    return 1;
}

/* Drawings of more bytes than this are put in as pixels. */
enum { DRAWING = 150000 };

static void add_figure(report *r, const char *name)
{
    buffer *b = &r->html;
    char *path = join(r->plots, name, ".svg");
    char *svg = read_file(path, NULL);
    if (svg && strstr(svg, "<svg") && strstr(svg, "</svg>")) {
        buffer_add(b,
                   "<figure id=\"figure-%s\">\n"
                   "<div class=\"wide\" tabindex=\"0\">",
                   name);
        if (strlen(svg) < DRAWING || !add_pixels(r, name))
            add_drawing(b, svg, name);
        buffer_add(b, "</div><figcaption id=\"caption-%s\"><b>Figure %zu.</b> ",
                   name, ++r->drawn);
        add_caption(r, name);
        buffer_add(b, " <code>%s</code>", name);
        buffer_add(b, "</figcaption></figure>\n");
    } else {
        buffer_add(b, "<p class=\"missing\">The figure <code>");
        escape(b, name);
        buffer_add(b, "</code> is missing: no drawing was made of it.</p>\n");
        buffer_add(&r->missing, "figure %s\n", name);
    }
    free(svg);
    free(path);
}

static int has_tables(const report *r, const char *name)
{
    size_t i = 0;
    while (i < r->table_count && !belongs(r->tables[i], name))
        i++;
    return i < r->table_count;
}

/* Those of names, words with a blank between, that are no table here. */
static void note_missing_tables(report *r, const char *names)
{
    for (size_t n; *names; names += n + (names[n] == ' ')) {
        n = strcspn(names, " ");
        size_t i = 0;
        while (i < r->table_count && (strlen(r->tables[i]) != n ||
                                      strncmp(r->tables[i], names, n) != 0))
            i++;
        if (i == r->table_count)
            buffer_add(&r->missing, "table %.*s\n", (int)n, names);
    }
}

static void add_section(report *r, const char *name, const char *title,
                        const char *question)
{
    buffer *b = &r->html;
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

/* What a whole run would have added. */
static void add_missing(report *r)
{
    buffer *b = &r->html;
    size_t absent = 0;
    for (size_t k = 0; k < SECTIONS; k++)
        absent += (size_t)!has_tables(r, sections[k].name);
    if (absent == 0 && r->missing.length == 0)
        return;
    buffer_add(b, "<section id=\"missing\"><h2>Not in this report</h2>\n<ul>");
    for (char *at = r->missing.data; at && *at;) {
        size_t n = strcspn(at, "\n");
        buffer_add(b, "<li>The %.*s: not made yet.</li>\n", (int)n, at);
        at += n + (at[n] == '\n');
    }
    for (size_t k = 0; k < SECTIONS; k++) {
        if (has_tables(r, sections[k].name))
            continue;
        buffer_add(b, "<li>%s: ", sections[k].title);
        escape(b, sections[k].question);
        buffer_add(b, " No tables of <code>%s</code> yet.</li>\n",
                   sections[k].name);
    }
    buffer_add(b, "</ul></section>\n");
}

static void add_contents(report *r)
{
    buffer *b = &r->html;
    buffer_add(b, "<nav aria-label=\"Sections\"><a href=\"#verdicts\">"
                  "Verdicts</a>");
    for (size_t k = 0; k < SECTIONS; k++) {
        if (has_tables(r, sections[k].name))
            buffer_add(b, " <a href=\"#%s\">%s</a>", sections[k].name,
                       sections[k].title);
    }
    buffer_add(b, "</nav>\n");
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

static const int claims_shown[] = {CLAIM_ID,        CLAIM_STATEMENT,
                                   CLAIM_MEASURED,  CLAIM_EXPECTED,
                                   CLAIM_TOLERANCE, CLAIM_VERDICT};

/* How many of each verdict; the claims themselves come after the figures. */
static void add_counts(buffer *b, const claims *list)
{
    size_t counts[VERDICTS];
    claims_count(list, counts);
    buffer_add(b, "<p>");
    for (int v = 0; v < VERDICTS; v++)
        buffer_add(b, "%s%zu <span class=\"v %s\">%s</span>", v ? ", " : "",
                   counts[v], verdict_names[v], verdict_names[v]);
    buffer_add(b, ".</p>\n");
}

static void add_claims(buffer *b, const claims *list)
{
    buffer_add(b, "<section id=\"verdicts\"><h2>Verdicts</h2>\n");
    if (list->count > 0) {
        buffer_add(b, "<div class=\"wide\" tabindex=\"0\">"
                      "<table class=\"claims\"><caption>Each claim, what was "
                      "measured, and what the theory expects.</caption>"
                      "<thead><tr>");
        for (size_t k = 0; k < 6; k++)
            buffer_add(b, "<th scope=\"col\">%s</th>",
                       claim_columns[claims_shown[k]]);
        buffer_add(b, "</tr></thead><tbody>\n");
        for (size_t i = 0; i < list->count; i++)
            add_claim(b, &list->rows[i]);
        buffer_add(b, "</tbody></table></div>\n");
    }
    buffer_add(b, "</section>\n");
}

static void add_head(buffer *b)
{
    buffer_add(b,
               "<!DOCTYPE html>\n<html lang=\"en\"><head><meta "
               "charset=\"utf-8\"><meta name=\"viewport\" "
               "content=\"width=device-width, initial-scale=1\">"
               "<title>jacflow: report</title>\n<style>%s</style></head>"
               "<body><main>\n<h1>jacflow: results</h1>\n<p>Each claim below "
               "was measured or proved by the programs of this repository. "
               "Likelihoods are in nats per sample, higher is better; dashed "
               "black curves are the theory.</p>\n",
               report_style);
}

static int write_report(report *r)
{
    claims list;
    int status = claims_read(&list, r->dir);
    add_head(&r->html);
    add_counts(&r->html, &list);
    add_contents(r);
    for (size_t k = 0; k < SECTIONS; k++) {
        if (!has_tables(r, sections[k].name))
            continue;
        add_section(r, sections[k].name, sections[k].title,
                    sections[k].question);
        note_missing_tables(r, sections[k].tables);
    }
    add_claims(&r->html, &list);
    add_others(r);
    add_missing(r);
    buffer_add(&r->html, "</main></body></html>\n");
    char *path = join(r->dir, "report", ".html");
    if (buffer_write(&r->html, path) < 0)
        status = -1;
    else
        printf("%s\n", path);
    if (r->missing.length > 0)
        printf("missing:\n%s", r->missing.data);
    free(r->missing.data);
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
