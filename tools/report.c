/* report.c -- DIR/report.html: answers, verdicts, claims, figures and tables in
 * one file that needs no other.
 *
 * What is claimed stands in theory/claims.def, what was found in DIR; figures
 * are those of PLOTS_DIR.  What is missing is said in the report and on stdout;
 * it is not a failure. */
#include "common/args.h"
#include "report.h"
#include "report_script.h"
#include "report_style.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_chapter(report *r, const char *name, const char *title,
                        const char *question)
{
    jf_text *b = &r->html;
    jf_text_add(b, "<section id=\"%s\"><h2>%s</h2>\n<p class=\"question\">",
                name, title);
    escape(b, question);
    jf_text_add(b, "</p>\n<p class=\"see\">");
    for (size_t i = 0; i < r->figure_count; i++)
        if (belongs(r->figures[i], name))
            link_figures(r, r->figures[i]);
    jf_text_add(b, "</p>\n");
    for (size_t i = 0; i < r->table_count; i++)
        if (belongs(r->tables[i], name))
            add_table(r, r->tables[i], strlen(r->tables[i]));
    jf_text_add(b, "</section>\n");
}

/* Tables that no claim and no chapter names. */
static void add_others(report *r)
{
    int opened = 0;
    for (size_t i = 0; i < r->table_count; i++) {
        if (r->shown_tables[i] || strcmp(r->tables[i], "verdicts") == 0)
            continue;
        if (!opened++)
            jf_text_add(&r->html, "<section id=\"others\"><h2>Other "
                                  "tables</h2>\n");
        add_table(r, r->tables[i], strlen(r->tables[i]));
    }
    if (opened)
        jf_text_add(&r->html, "</section>\n");
}

/* What a whole run would have added. */
static void add_missing(report *r)
{
    jf_text *b = &r->html;
    if (r->missing.length == 0)
        return;
    jf_text_add(b, "<section id=\"missing\"><h2>Not in this report</h2>\n<ul>");
    for (char *at = r->missing.data; at && *at;) {
        size_t n = strcspn(at, "\n");
        jf_text_add(b, "<li>The %.*s: not made yet.</li>\n", (int)n, at);
        at += n + (at[n] == '\n');
    }
    jf_text_add(b, "</ul></section>\n");
}

static void add_contents(report *r)
{
    jf_text *b = &r->html;
    jf_text_add(b, "<nav aria-label=\"Sections\"><a href=\"#notation\">"
                   "Notation</a> <a href=\"#checked\">Checked</a> "
                   "<a href=\"#gallery\">Gallery of figures</a> <a "
                   "href=\"#answers\">Answers</a>");
    for (const claim_group *g = claim_groups; g->id; g++) {
        jf_text_add(b, " <a href=\"#group-%s\">%s ", g->id, g->id);
        escape(b, g->title);
        jf_text_add(b, "</a>");
    }
    for (const chapter *c = chapters; c->name; c++)
        if (has_chapter(r, c->name))
            jf_text_add(b, " <a href=\"#%s\">%s</a>", c->name, c->title);
    if (has_lasting(r, "calibration"))
        jf_text_add(b, " <a href=\"#calibration\">Calibration</a>");
    if (has_lasting(r, "endurance-runs"))
        jf_text_add(b, " <a href=\"#endurance\">Endurance</a>");
    if (has_lasting(r, "peers-flows"))
        jf_text_add(b, " <a href=\"#peers\">Libraries</a>");
    jf_text_add(b, " <a href=\"#environment\">Environment</a> "
                   "<a href=\"#verdicts\">Rows</a></nav>\n");
}

static void add_head(jf_text *b)
{
    jf_text_add(b,
                "<!DOCTYPE html>\n<html lang=\"en\"><head><meta "
                "charset=\"utf-8\"><meta name=\"viewport\" "
                "content=\"width=device-width, initial-scale=1\">"
                "<title>Jacobian determinants of normalizing flows: what holds"
                "</title>\n<style>%s</style></head><body><main>\n<h1>Jacobian "
                "determinants of normalizing flows: what holds</h1>\n",
                report_style);
}

static void compose(report *r)
{
    add_head(&r->html);
    add_abstract(r);
    add_contents(r);
    add_notation(r);
    add_checked(r);
    add_gallery(r);
    add_headline(r);
    add_claims(r);
    for (const chapter *c = chapters; c->name; c++)
        if (has_chapter(r, c->name))
            add_chapter(r, c->name, c->title, c->question);
    if (has_lasting(r, "calibration"))
        add_calibration(r);
    if (has_lasting(r, "endurance-runs"))
        add_endurance(r);
    if (has_lasting(r, "peers-flows"))
        add_peers(r);
    add_others(r);
    add_environment(r);
    add_missing(r);
    add_verdict_table(r);
    jf_text_add(&r->html, "</main>\n<script>%s</script></body></html>\n",
                report_script);
}

/* The report is to stay below LARGEST bytes: drawings become pixels, the
 * largest first, until it does. */
enum { LARGEST = 4 * 1024 * 1024, FIRST_LIMIT = 100000, LAST_LIMIT = 8000 };

static void forget_boxes(report *r)
{
    for (size_t k = 0; k < r->figure_count; k++) {
        free(r->boxes[k]);
        r->boxes[k] = NULL;
    }
}

static void compose_within(report *r)
{
    r->limit = FIRST_LIMIT;
    compose(r);
    while (r->html.length >= LARGEST && r->limit > LAST_LIMIT) {
        r->limit /= 2;
        r->html.length = r->missing.length = r->open = 0;
        memset(r->shown_tables, 0, r->table_count);
        forget_boxes(r);
        compose(r);
    }
}

static int write_report(report *r)
{
    char *path = join(r->dir, "report", ".html");
    compose_within(r);
    size_t size = r->html.length;
    int status = write_text(&r->html, path);
    size_t missing = 0;
    for (size_t i = 0; i < r->missing.length; i++)
        missing += r->missing.data[i] == '\n';
    if (missing > 0 || r->open > 0)
        printf("it lacks %zu figures and tables, and %zu numbers of its "
               "answers\n",
               missing, r->open);
    if (size >= LARGEST)
        fprintf(stderr, "%s: %zu bytes, less than %d expected\n", path, size,
                LARGEST);
    if (status == 0)
        printf("%s  %.2f MiB\n", path, (double)size / 1048576);
    free(path);
    return status;
}

static const char help[] =
    "DIR PLOTS_DIR [LASTING_DIR]\n"
    "Puts verdicts, figures and tables into one page, DIR/report.html.\n"
    "Figures are PLOTS_DIR/*.svg and .png, their captions of "
    "PLOTS_DIR/*.gp;\n"
    "LASTING_DIR has tables that take hours: calibration.csv,\n"
    "peers-flows.csv.\n\n"
    "Options:\n"
    "  --check   before DIR: what claims.def, verdicts, figures and tables "
    "owe each\n"
    "            other instead\n"
    "  --readme  before DIR, alone: print the table of the README\n"
    "  --reproduce  the same: print docs/reproduce.md\n"
    "  --tables  before DIR COLUMNS.csv [LASTING_DIR]: print docs/tables.md\n"
    "  --help    print this and exit\n";

/* --readme, --reproduce or --tables, the last by descriptions of columns. */
static int print_text(const report *r, const char *what, const char *columns)
{
    jf_text b = {0};
    size_t debts = 0;
    if (strcmp(what, "--readme") == 0)
        add_readme(&b, &r->verdicts);
    else if (strcmp(what, "--reproduce") == 0)
        add_reproduction(r, &b);
    else
        debts = add_tables(r, &b, columns);
    if (debts == 0)
        fputs(b.data, stdout);
    free(b.data);
    return debts > 0 ? -1 : 0;
}

/* Names go into ids and links as they are: what would end these is left out. */
static void leave_out_odd(char **names, size_t *count)
{
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++) {
        if (strpbrk(names[i], "<>&\"' ")) {
            complain("'%s' found, a name without blanks, quotes, <, > "
                     "and & expected: left out",
                     names[i]);
            free(names[i]);
        } else {
            names[kept++] = names[i];
        }
    }
    *count = kept;
}

int main(int argc, char **argv)
{
    jf_stop_on_failure();
    int check = argc > 1 && strcmp(argv[1], "--check") == 0;
    int tables = argc > 1 && strcmp(argv[1], "--tables") == 0;
    int text = tables || (argc > 1 && (strcmp(argv[1], "--readme") == 0 ||
                                       strcmp(argv[1], "--reproduce") == 0));
    char **words = argv + 1 + (check || text);
    int count = argc - 1 - (check || text);
    int least = text && !tables ? 1 : 2, most = text && !tables ? 1 : 3;
    if (count < least || count > most || words[0][0] == '-')
        return usage(argv, help);
    if (!is_folder(words[0])) {
        complain("%s: '%s' found, a folder of tables expected", argv[0],
                 words[0]);
        return 2;
    }
    report r = {.dir = words[0],
                .plots = text ? words[0] : words[1],
                .lasting = count > 2 ? words[2] : NULL};
    r.tables = list_files(r.dir, "", ".csv", &r.table_count);
    r.figures = list_files(r.plots, "", ".gp", &r.figure_count);
    leave_out_odd(r.tables, &r.table_count);
    leave_out_odd(r.figures, &r.figure_count);
    r.shown_tables = must(calloc(r.table_count + 1, 1));
    r.boxes = must(calloc(r.figure_count + 1, sizeof *r.boxes));
    int status = verdict_rows_read(&r.verdicts, r.dir);
    r.check = check;
    if (text && status == 0)
        status = print_text(&r, argv[1], tables ? words[1] : NULL);
    else if (check)
        status = check_claims(&r) > 0 || status < 0 ? -1 : 0;
    else if (write_report(&r) < 0)
        status = -1;
    verdict_rows_free(&r.verdicts);
    free(r.missing.data);
    forget_boxes(&r);
    free(r.boxes);
    free(r.shown_tables);
    free_list(r.tables, r.table_count);
    free_list(r.figures, r.figure_count);
    return status < 0;
}
