/* report_claims.c -- what is claimed, and the answers. */
#include "report.h"

#include <stdlib.h>
#include <string.h>

/* How many claims of some groups hold. */
static void add_group_counts(report *r, const char *groups)
{
    size_t claims[STATES] = {0}, n;
    for (const char *g; (g = next_word(&groups, &n));) {
        char id[16] = "";
        memcpy(id, g, n < sizeof id ? n : sizeof id - 1);
        for (const claim *c = all_claims; c->id; c++)
            if (is_in_group(c->id, id))
                claims[state_of(&r->verdicts, c)]++;
    }
    add_states(&r->html, claims);
}

void add_headline(report *r)
{
    jf_text *b = &r->html;
    jf_text_add(b, "<section id=\"answers\" class=\"cards\" "
                   "aria-label=\"Four answers\">\n");
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
    const char *tables = c->tables;
    size_t n;
    jf_text_add(b,
                "<section class=\"claim\" id=\"claim-%s\"><h3><a "
                "href=\"#claim-%s\">%s</a> ",
                c->id, c->id, c->id);
    add_linked(b, c->title);
    jf_text_add(b, "</h3>\n<p class=\"statement\">");
    add_linked(b, c->statement);
    jf_text_add(b, "</p>\n<dl>");
    add_entry(b, "hypotheses", c->hypotheses);
    add_entry(b, "refuted", c->refuted);
    add_entry(b, "repaired", c->repaired);
    add_parts(b, c);
    jf_text_add(b, "</dl>\n<p class=\"answer\">");
    fill_in(r, b, c->answer);
    jf_text_add(b, "</p>\n<p class=\"counts\">");
    claim_state state = state_of(&r->verdicts, c);
    if (state != NO_ROW)
        jf_text_add(b, "<span class=\"v %s\">%s</span>; rows of evidence: ",
                    state_names[state], state_names[state]);
    add_counts(r, c->id);
    for (const claim_no_rows *w = claims_without_rows; w->id; w++) {
        if (strcmp(w->id, c->id) == 0) {
            jf_text_add(b, "No verdict of its own: ");
            add_linked(b, w->why);
        }
    }
    jf_text_add(b, "</p>\n");
    if (c->figures[0]) {
        jf_text_add(b, "<p class=\"see\">");
        link_figures(r, c->figures);
        jf_text_add(b, "</p>\n");
    }
    if (state == NO_ROW && !tables[0]) {
        jf_text_add(b, "</section>\n");
        return;
    }
    jf_text_add(b,
                "<details class=\"evidence\"><summary>Evidence</summary>\n"
                "<p class=\"made\"><code>make reproduce CLAIM=%s</code>"
                "</p>\n",
                c->id);
    add_claim_rows(r, c);
    for (const char *word; (word = next_word(&tables, &n));)
        add_table(r, word, n);
    jf_text_add(b, "</details>\n");
    jf_text_add(b, "</section>\n");
}

void add_claims(report *r)
{
    jf_text *b = &r->html;
    jf_text_add(b, "<div class=\"groups\">\n");
    for (const claim_group *g = claim_groups; g->id; g++) {
        jf_text_add(b, "<section id=\"group-%s\"><h2>%s. ", g->id, g->id);
        escape(b, g->title);
        jf_text_add(b, "</h2>\n<p class=\"question\">");
        add_linked(b, g->question);
        jf_text_add(b, "</p>\n<p>");
        fill_in(r, b, g->answer);
        jf_text_add(b, "</p>\n");
        for (const claim *c = all_claims; c->id; c++)
            if (is_in_group(c->id, g->id))
                add_claim(r, c);
        jf_text_add(b, "</section>\n");
    }
    jf_text_add(b, "</div>\n");
}

void add_readme(jf_text *b, const verdict_rows *list)
{
    totals t = totals_of(list);
    jf_text_add(b,
                "| the abstract says | verdict | where it fails | what holds "
                "|\n|---|---|---|---|\n");
    for (const claim_abstract *a = claim_abstracts; a->wording; a++) {
        jf_text word = {0}, open = {0};
        jf_text_add(&word, "%s", abstract_word(list, a, &open));
        if (open.length > 0)
            jf_text_add(&word, ": %s", open.data);
        const char *fields[] = {a->wording, word.data, a->refuted, a->repaired};
        for (size_t k = 0; k < 4; k++) {
            jf_text_add(b, "| ");
            add_markdown(b, fields[k]);
            jf_text_add(b, " ");
        }
        jf_text_add(b, "|\n");
        free(open.data);
        free(word.data);
    }
    jf_text_add(b, "\nVerdicts follow from the rows of the quick profile: ");
    add_totals(b, &t);
    jf_text_add(b, ".\n");
}
