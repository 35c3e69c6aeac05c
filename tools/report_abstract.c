/* report_abstract.c -- the first screen: what the abstract says, in words of our
 * own, each phrase with the word that the rows of this run give it. */
#include "report.h"

#include <stdlib.h>
#include <string.h>

/* A class and a mark for each word on the abstract: colour is not needed. */
static const struct {
    const char *word, *kind, *mark, *says;
} words[] = {
    {"true", "w-true", "\u25CF", "holds as it is worded"},
    {"true under hypotheses", "w-limits", "\u25D0",
     "holds under hypotheses that the abstract does not name"},
    {"false as worded", "w-worded", "\u2715",
     "fails as it is worded; something near it holds"},
    {"false", "w-false", "\u25A0", "fails"},
    {"open in this run", "w-open", "?",
     "is not decided by the rows of this run"},
};
enum { WORDS = sizeof words / sizeof *words };

static size_t word_number(const char *word)
{
    size_t k = 0;
    while (k < WORDS - 1 && strcmp(words[k].word, word) != 0)
        k++;
    return k;
}

static void add_item(jf_text *b, const char *name)
{
    jf_text_add(b, "<div><dt>%s</dt><dd>", name);
}

static void add_statements(report *r, const char *claims)
{
    jf_text *b = &r->html;
    size_t n;
    for (const char *w; (w = next_word(&claims, &n));) {
        char id[16] = "";
        memcpy(id, w, n < sizeof id ? n : sizeof id - 1);
        const claim *c = claim_of(id);
        if (!c)
            continue;
        jf_text_add(b, "<p><a href=\"#claim-%s\">%s</a> ", c->id, c->id);
        add_linked(b, c->statement);
        if (c->hypotheses[0]) {
            jf_text_add(b, " <span class=\"soft\">If: ");
            add_linked(b, c->hypotheses);
            jf_text_add(b, ".</span>");
        }
        jf_text_add(b, "</p>\n");
    }
}

/* "make reproduce CLAIM=C1.4", of the first claim. */
static void add_reproduce(jf_text *b, const claim_abstract *a)
{
    jf_text_add(b, "<code>make reproduce CLAIM=%.*s</code>",
                (int)strcspn(a->claims, " "), a->claims);
}

static void add_opened(report *r, const claim_abstract *a, const char *open,
                       const char *says)
{
    jf_text *b = &r->html;
    jf_text_add(b, "<div class=\"opened\">\n<div class=\"facts\"><dl>");
    add_item(b, "verdict");
    jf_text_add(b, "It %s.", says);
    if (open) {
        jf_text_add(b, " ");
        add_linked(b, open);
        jf_text_add(b, ".");
    }
    jf_text_add(b, "</dd></div>\n");
    add_item(b, "statement");
    add_statements(r, a->claims);
    jf_text_add(b, "</dd></div>\n");
    if (a->refuted[0]) {
        add_item(b, "where it fails");
        add_linked(b, a->refuted);
        jf_text_add(b, ".</dd></div>\n");
    }
    add_item(b, "what holds");
    add_linked(b, a->repaired);
    jf_text_add(b, ".</dd></div>\n");
    add_item(b, "measured here");
    fill_in(r, b, a->number);
    jf_text_add(b, "</dd></div>\n");
    add_item(b, "command");
    add_reproduce(b, a);
    jf_text_add(b, "</dd></div>\n</dl></div>\n<div class=\"pictures\">");
    add_picture(r, a->figure, "");
    if (a->failing[0])
        add_picture(r, a->failing,
                    a->literal[0] || a->limits[0] ? "Where it fails: "
                                                  : "See also: ");
    jf_text_add(b, "</div></div>");
}

static void add_legend(report *r)
{
    jf_text *b = &r->html;
    totals t = totals_of(&r->verdicts);
    jf_text_add(b, "<p class=\"legend\">");
    for (size_t k = 0; k < WORDS; k++)
        jf_text_add(b,
                    "<span class=\"%s\"><span class=\"mark\">%s</span> "
                    "%s</span> ",
                    words[k].kind, words[k].mark, words[k].word);
    jf_text_add(b, "</p>\n<p class=\"counts\">The abstract alone, in our "
                   "words. Each phrase opens: figure, statement, where it "
                   "fails, what holds, number, command. Its word follows from "
                   "the <a href=\"#verdicts\">rows</a> of this run, in which "
                   "the phrases are claims with their hypotheses: ");
    add_totals(b, &t);
    jf_text_add(b, ".</p>\n");
}

void add_abstract(report *r)
{
    jf_text *b = &r->html;
    size_t number = 0;
    jf_text_add(b, "<section id=\"abstract\" aria-label=\"The abstract, "
                   "annotated\">\n<div class=\"abstract\">");
    for (const claim_abstract *a = claim_abstracts; a->wording; a++) {
        jf_text open = {0};
        const char *word = abstract_word(&r->verdicts, a, &open);
        size_t k = word_number(word);
        jf_text_add(b, "%s",
                    number > 0 && strchr("and", a->lead[0]) ? " " : "");
        escape(b, a->lead);
        jf_text_add(b,
                    "\n<details class=\"phrase %s\" id=\"phrase-%zu\"><summary>"
                    "<span class=\"mark\" aria-hidden=\"true\">%s</span>"
                    "<span class=\"says\">",
                    words[k].kind, number + 1, words[k].mark);
        escape(b, a->phrase);
        jf_text_add(b, "</span> <small>%s</small></summary>\n", word);
        add_opened(r, a, open.length > 0 ? open.data : NULL, words[k].says);
        jf_text_add(b, "</details>");
        free(open.data);
        number++;
    }
    jf_text_add(b, ".</div>\n");
    add_legend(r);
    jf_text_add(b, "</section>\n");
}

void add_notation(report *r)
{
    jf_text *b = &r->html;
    jf_text_add(b, "<section id=\"notation\"><h2>Notation</h2>\n<dl>");
    for (const claim_notation *n = claim_notations; n->id; n++) {
        jf_text_add(b, "<div id=\"notation-%s\"><dt>", n->id);
        add_linked(b, n->symbol);
        jf_text_add(b, "</dt><dd>");
        add_linked(b, n->meaning);
        jf_text_add(b, "</dd></div>\n");
    }
    jf_text_add(b, "</dl>\n<p>Ids such as C1.3 are claims, and links. Letters "
                   "behind the number tell the parts of a claim apart, which "
                   "its section names; w is a wording that is taken literally, "
                   "to be refuted.</p>\n</section>\n");
}

void add_checked(report *r)
{
    jf_text *b = &r->html;
    jf_text_add(b,
                "<section id=\"checked\"><h2>Checked against the abstract's "
                "claims</h2>\n<p>The text and the figures of the paper could "
                "not be had: what stands here is no replication of them. What "
                "stands for what:</p>\n<div class=\"wide\" tabindex=\"0\">"
                "<table class=\"claims\"><thead><tr>"
                "<th scope=\"col\">the abstract says</th>"
                "<th scope=\"col\">verdict</th><th scope=\"col\">our figures"
                "</th><th scope=\"col\">command</th></tr></thead><tbody>\n");
    for (const claim_abstract *a = claim_abstracts; a->wording; a++) {
        jf_text open = {0}, figures = {0};
        const char *word = abstract_word(&r->verdicts, a, &open);
        size_t k = word_number(word);
        jf_text_add(b, "<tr><th scope=\"row\" class=\"s\">");
        escape(b, a->wording);
        jf_text_add(b,
                    "</th><td class=\"%s\"><span class=\"mark\" "
                    "aria-hidden=\"true\">%s</span> <b>%s</b></td>"
                    "<td data-name=\"our figures\">",
                    words[k].kind, words[k].mark, word);
        jf_text_add(&figures, "%s %s", a->figure, a->failing);
        link_figures(r, figures.data);
        jf_text_add(b, "</td><td data-name=\"command\">");
        add_reproduce(b, a);
        jf_text_add(b, "</td></tr>\n");
        free(figures.data);
        free(open.data);
    }
    jf_text_add(b, "</tbody></table></div>\n</section>\n");
}
