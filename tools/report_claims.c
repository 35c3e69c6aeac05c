/* report_claims.c -- what is claimed, and the answers. */
#include "report.h"

#include <string.h>

/* How many rows of each verdict the claims of some groups have. */
static void add_group_counts(report *r, const char *groups)
{
    size_t sums[VERDICTS] = {0}, counts[VERDICTS], shown = 0, n;
    for (const char *g; (g = next_word(&groups, &n));) {
        char id[16] = "";
        memcpy(id, g, n < sizeof id ? n : sizeof id - 1);
        for (const claim *c = all_claims; c->id; c++) {
            if (!is_in_group(c->id, id))
                continue;
            verdict_rows_count(&r->verdicts, c->id, counts);
            for (int v = 0; v < VERDICTS; v++)
                sums[v] += counts[v];
        }
    }
    for (int v = 0; v < VERDICTS; v++)
        if (sums[v] > 0)
            jf_text_add(&r->html, "%s<span class=\"v %s\">%zu %s</span>",
                       shown++ ? ", " : "", verdict_names[v], sums[v],
                       verdict_names[v]);
}

void add_headline(report *r)
{
    jf_text *b = &r->html;
    jf_text_add(b, "<section id=\"answers\" class=\"cards\">\n");
    for (const claim_question *q = claim_questions; q->question; q++) {
        const char *groups = q->groups;
        size_t n;
        jf_text_add(b, "<div><h2>");
        escape(b, q->question);
        jf_text_add(b, "</h2>\n<p>");
        fill_in(r, b, q->answer);
        jf_text_add(b, "</p>\n<p class=\"counts\">");
        for (const char *g; (g = next_word(&groups, &n));)
            jf_text_add(b, "<a href=\"#group-%.*s\">%.*s</a> ", (int)n, g,
                       (int)n, g);
        add_group_counts(r, q->groups);
        jf_text_add(b, "</p></div>\n");
    }
    jf_text_add(b, "</section>\n");
}

/* Why nothing was run of the first claim that text names, or NULL. */
static const char *why_not_run(const report *r, const char *text)
{
    size_t n;
    const char *first = next_id(text, &n), *why = NULL;
    char id[16] = "";
    memcpy(id, first ? first : "", first && n < sizeof id ? n : 0);
    for (size_t i = 0; i < r->verdicts.count; i++) {
        const verdict_row *row = &r->verdicts.rows[i];
        if (!is_of(row->field[ROW_ID], id))
            continue;
        why = not_run(row);
        if (!why)
            return NULL;
    }
    return why;
}

void add_abstract(report *r)
{
    jf_text *b = &r->html;
    jf_text_add(b, "<section id=\"abstract\"><h2>The abstract, wording by "
                  "wording</h2>\n<div class=\"wide\" tabindex=\"0\"><table "
                  "class=\"claims\"><thead><tr><th scope=\"col\">wording</th>"
                  "<th scope=\"col\">verdict</th><th scope=\"col\">where it "
                  "fails</th><th scope=\"col\">what holds</th></tr></thead>"
                  "<tbody>\n");
    for (const claim_abstract *a = claim_abstracts; a->wording; a++) {
        jf_text_add(b, "<tr><th scope=\"row\" class=\"s\">");
        escape(b, a->wording);
        const char *why = why_not_run(r, a->repaired);
        jf_text_add(b, "</th><td><b>%s", why ? "not run: " : "");
        escape(b, why ? why : a->verdict);
        jf_text_add(b, "</b></td><td class=\"s\">");
        add_linked(b, a->refuted);
        jf_text_add(b, "</td><td class=\"s\">");
        add_linked(b, a->repaired);
        jf_text_add(b, "</td></tr>\n");
    }
    jf_text_add(b, "</tbody></table></div></section>\n");
}

static void add_entry(jf_text *b, const char *name, const char *text)
{
    if (!text[0])
        return;
    jf_text_add(b, "<div><dt>%s</dt><dd>", name);
    add_linked(b, text);
    jf_text_add(b, "</dd></div>\n");
}

static void add_parts(jf_text *b, const claim *c)
{
    for (const claim_part *p = claim_parts; p->id; p++)
        if (strcmp(p->claim, c->id) == 0)
            add_entry(b, p->id, p->what);
}

static void add_claim(report *r, const claim *c)
{
    jf_text *b = &r->html;
    const char *figures = c->figures, *tables = c->tables;
    size_t n;
    jf_text_add(b,
               "<section class=\"claim\" id=\"claim-%s\"><h3><a "
               "href=\"#claim-%s\">%s</a> ",
               c->id, c->id, c->id);
    escape(b, c->title);
    jf_text_add(b, "</h3>\n<p class=\"statement\">");
    escape(b, c->statement);
    jf_text_add(b, "</p>\n<dl>");
    add_entry(b, "hypotheses", c->hypotheses);
    add_entry(b, "refuted", c->refuted);
    add_entry(b, "repaired", c->repaired);
    add_parts(b, c);
    jf_text_add(b, "</dl>\n<p class=\"answer\">");
    fill_in(r, b, c->answer);
    jf_text_add(b, "</p>\n<p class=\"counts\">");
    add_counts(r, c->id);
    for (const claim_no_rows *w = claims_without_rows; w->id; w++) {
        if (strcmp(w->id, c->id) == 0) {
            jf_text_add(b, "No verdict of its own: ");
            escape(b, w->why);
        }
    }
    jf_text_add(b, "</p>\n");
    for (const char *word; (word = next_word(&figures, &n));)
        add_figure(r, word, n);
    add_claim_rows(r, c);
    for (const char *word; (word = next_word(&tables, &n));)
        add_table(r, word, n);
    jf_text_add(b, "</section>\n");
}

void add_claims(report *r)
{
    jf_text *b = &r->html;
    for (const claim_group *g = claim_groups; g->id; g++) {
        jf_text_add(b, "<section id=\"group-%s\"><h2>%s. ", g->id, g->id);
        escape(b, g->title);
        jf_text_add(b, "</h2>\n<p class=\"question\">");
        escape(b, g->question);
        jf_text_add(b, "</p>\n<p>");
        fill_in(r, b, g->answer);
        jf_text_add(b, "</p>\n");
        for (const claim *c = all_claims; c->id; c++)
            if (is_in_group(c->id, g->id))
                add_claim(r, c);
        jf_text_add(b, "</section>\n");
    }
}

/* A bar would end the field of a table. */
static void add_field(jf_text *b, const char *text)
{
    for (; *text; text++)
        jf_text_add(b, *text == '|' ? "\\%c" : "%c", *text);
}

void add_readme(jf_text *b)
{
    jf_text_add(b, "| the abstract says | verdict | where it fails | what holds "
                  "|\n|---|---|---|---|\n");
    for (const claim_abstract *a = claim_abstracts; a->wording; a++) {
        const char *fields[] = {a->wording, a->verdict, a->refuted,
                                a->repaired};
        for (size_t k = 0; k < 4; k++) {
            jf_text_add(b, "| ");
            add_field(b, fields[k]);
            jf_text_add(b, " ");
        }
        jf_text_add(b, "|\n");
    }
}
