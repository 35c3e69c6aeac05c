/* report_verdicts.c -- the table of all verdict rows, and those of a claim. */
#include "report.h"

#include <stdlib.h>
#include <string.h>

/* Rows by their verdicts: what is counted are rows, not theorems. */
void add_counts(report *r, const char *id)
{
    static const char *const rows[VERDICTS] = {
        "of theorems", "of exact examples", "verified",
        "measured",    "refuted",           "undecided"};
    size_t counts[VERDICTS], shown = 0;
    jf_text *b = &r->html;
    verdict_rows_count(&r->verdicts, id, counts);
    for (int v = 0; v < VERDICTS; v++)
        if (counts[v] > 0)
            jf_text_add(b, "%s<span class=\"v %s\">%zu %s</span>",
                        shown++ ? ", " : "", verdict_names[v], counts[v],
                        rows[v]);
}

/* The first of the words that is in the report, as a link. */
static void add_first(report *r, const char *list, const char *kind,
                      int (*has)(const report *, const char *, size_t))
{
    size_t n;
    for (const char *word; (word = next_word(&list, &n));) {
        if (!has(r, word, n))
            continue;
        jf_text_add(&r->html, "<a href=\"#%s-%.*s\">%s</a> ", kind, (int)n,
                    word, kind);
        return;
    }
}

static void add_numbers(jf_text *b, const verdict_row *row)
{
    static const int numbers[] = {ROW_MEASURED, ROW_EXPECTED, ROW_TOLERANCE};
    for (size_t k = 0; k < 3; k++) {
        jf_text_add(b, "<td class=n>");
        double value; /* proofs know more digits than six */
        if (not_run(row))
            escape(b, k == 0 ? row->field[ROW_METHOD] : "");
        else if (row->proof && is_number(row->field[numbers[k]], &value))
            jf_text_add(b, "%.10g", value);
        else
            add_number(b, row->field[numbers[k]]);
        jf_text_add(b, "</td>");
    }
    const char *verdict = row->field[ROW_VERDICT];
    jf_text_add(b, "<td><span class=\"v %s\">%s</span></td>", verdict, verdict);
}

/* What the row could have seen, in a sentence or two. */
static void add_power(jf_text *b, const verdict_row *row)
{
    const char *const *field = row->field;
    double number;
    if (is_number(field[ROW_DETECTABLE], &number) && number == number) {
        jf_text_add(b, " Detectable: an error of ");
        add_number(b, field[ROW_DETECTABLE]);
        jf_text_add(b, ".");
    }
    if (!field[ROW_BROKEN][0])
        return;
    jf_text_add(b, " Mistake that it would have caught: ");
    escape(b, field[ROW_BROKEN]);
    jf_text_add(b, strcmp(field[ROW_LAW], "p") == 0 ? ", which has p = "
                                                    : ", an error of ");
    add_number(b, field[ROW_BROKEN_ERROR]);
    jf_text_add(b, ".");
}

/* Folded: what is decided how, and what it could have seen. */
static void add_how(jf_text *b, const verdict_row *row)
{
    const char *const *field = row->field;
    jf_text_add(b, "<details class=\"how\"><summary>");
    escape(b, field[ROW_KIND]);
    if (strcmp(field[ROW_P_VALUE], "nan") != 0) {
        jf_text_add(b, ", p = ");
        add_number(b, field[ROW_P_VALUE]);
    }
    jf_text_add(b, "</summary>");
    escape(b, field[ROW_HYPOTHESES]);
    jf_text_add(b, field[ROW_HYPOTHESES][0] ? ". " : "");
    escape(b, field[ROW_METHOD]);
    jf_text_add(b, ".");
    add_power(b, row);
    jf_text_add(b, "</details>");
}

static void add_row(report *r, const verdict_row *row)
{
    jf_text *b = &r->html;
    const claim *c = claim_of(row->field[ROW_ID]);
    jf_text_add(b, "<tr data-kind=\"");
    escape(b, row->field[ROW_KIND]);
    jf_text_add(b, "\"><th scope=\"row\">");
    if (c)
        jf_text_add(b, "<a href=\"#claim-%s\">", c->id);
    escape(b, row->field[ROW_ID]);
    jf_text_add(b, "%s</th><td class=\"s\">", c ? "</a>" : "");
    escape(b, row->field[ROW_STATEMENT]);
    add_how(b, row);
    jf_text_add(b, "</td>");
    add_numbers(b, row);
    jf_text_add(b, "<td class=\"l\">");
    if (c) {
        add_first(r, c->figures, "figure", has_figure);
        add_first(r, c->tables, "table", has_table);
    }
    jf_text_add(b, "<a href=\"#program-");
    escape(b, row->field[ROW_PROGRAM]);
    jf_text_add(b, "\">program</a>");
    jf_text_add(b, "</td></tr>\n");
}

/* Hidden until the script shows it: without scripts it could do nothing. */
static void add_filter(report *r)
{
    jf_text *b = &r->html;
    jf_text_add(b, "<form class=\"filter\" hidden><label>Verdict <select "
                   "name=\"verdict\"><option value=\"\">all</option>");
    for (int v = 0; v < VERDICTS; v++)
        jf_text_add(b, "<option>%s</option>", verdict_names[v]);
    jf_text_add(b, "</select></label> <label>Kind <select name=\"kind\">"
                   "<option value=\"\">all</option>");
    for (int k = 0; k < ROW_KINDS; k++)
        jf_text_add(b, "<option>%s</option>", row_kinds[k]);
    jf_text_add(b, "</select></label> <label>Claims <select name=\"group\">"
                   "<option value=\"\">all</option>");
    for (const claim_group *g = claim_groups; g->id; g++) {
        jf_text_add(b, "<option value=\"%s\">%s ", g->id, g->id);
        escape(b, g->title);
        jf_text_add(b, "</option>");
    }
    jf_text_add(b,
                "</select></label> <label>Search <input name=\"text\" "
                "type=\"search\"></label> <output>%zu rows</output></form>\n",
                r->verdicts.count);
}

void add_verdict_table(report *r)
{
    static const int sorted[] = {ROW_ID,       ROW_STATEMENT, ROW_MEASURED,
                                 ROW_EXPECTED, ROW_TOLERANCE, ROW_VERDICT};
    jf_text *b = &r->html;
    totals t = totals_of(&r->verdicts);
    jf_text_add(b, "<section id=\"verdicts\"><h2>Rows of evidence</h2>\n<p>In "
                   "this run: ");
    add_totals(b, &t);
    jf_text_add(b, ", below.</p>\n<p class=\"counts\">Rows of evidence: ");
    add_counts(r, NULL);
    jf_text_add(b,
                ". Certified: a theorem, or an exact example, in ball or "
                "exact arithmetic; verified: at the row's share of the run's "
                "level, or within a tolerance that is derived; measured: "
                "rounding of floats, within its bound; refuted: of the "
                "wordings taken literally.</p>\n");
    add_filter(r);
    jf_text_add(b, "<div class=\"box\" tabindex=\"0\">"
                   "<table class=\"claims rows\" id=\"verdict-table\"><thead><tr>");
    for (size_t k = 0; k < 6; k++)
        jf_text_add(b, "<th scope=\"col\">%s</th>", row_columns[sorted[k]]);
    jf_text_add(b, "<th scope=\"col\">see</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < r->verdicts.count; i++)
        add_row(r, &r->verdicts.rows[i]);
    jf_text_add(b, "</tbody></table></div>\n</section>\n");
}

static void add_short_rows(report *r, const claim *c, int proofs)
{
    jf_text *b = &r->html;
    jf_text_add(b, "<div class=\"wide\" tabindex=\"0\"><table "
                   "class=\"claims rows\"><thead><tr><th scope=\"col\">id</th>"
                   "<th scope=\"col\">statement</th>"
                   "<th scope=\"col\">measured</th>"
                   "<th scope=\"col\">expected</th>"
                   "<th scope=\"col\">tolerance</th>"
                   "<th scope=\"col\">verdict</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < r->verdicts.count; i++) {
        const verdict_row *row = &r->verdicts.rows[i];
        int is = row->proof;
        if (!is_of(row->field[ROW_ID], c->id) || is != proofs)
            continue;
        jf_text_add(b, "<tr><th scope=\"row\">");
        escape(b, row->field[ROW_ID]);
        jf_text_add(b, "</th><td class=\"s\">");
        escape(b, row->field[ROW_STATEMENT]);
        if (proofs) {
            jf_text_add(b, "; ");
            escape(b, row->field[ROW_HYPOTHESES]);
        }
        jf_text_add(b, "</td>");
        add_numbers(b, row);
        jf_text_add(b, "</tr>\n");
    }
    jf_text_add(b, "</tbody></table></div>\n");
}

void add_claim_rows(report *r, const claim *c)
{
    size_t proofs = 0, others = 0;
    jf_text *b = &r->html;
    for (size_t i = 0; i < r->verdicts.count; i++) {
        const verdict_row *row = &r->verdicts.rows[i];
        if (is_of(row->field[ROW_ID], c->id))
            (*(row->proof ? &proofs : &others))++;
    }
    if (others > 0)
        add_short_rows(r, c, 0);
    if (proofs > 0) {
        jf_text_add(b,
                    "<details><summary>%zu row%s in ball or exact "
                    "arithmetic</summary>\n",
                    proofs, proofs == 1 ? "" : "s");
        add_short_rows(r, c, 1);
        jf_text_add(b, "</details>\n");
    }
}
