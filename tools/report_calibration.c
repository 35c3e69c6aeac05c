/* report_calibration.c -- how verdicts fall over seeds, from the table of make
 * calibrate.  Its header lines say what all rows say together. */
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rows that a reader asks for first. */
static const struct {
    const char *column, *of, *what;
    int below; /* whether the share of column in of is below limit, or above */
    double limit;
} questions[] = {
    {"unintended", "runs", "with an unintended verdict in some run", 0, 0},
    {"undecided", "runs", "undecided in more than 2 of 100 runs", 0, 0.02},
    {"control_refuted", "controls",
     "whose planted error is refuted in less than 97 of 100 runs", 1, 0.97},
};
enum { QUESTIONS = sizeof questions / sizeof *questions };

static double number_at(const jf_texts *t, size_t row, const char *column)
{
    double value = 0;
    size_t k = jf_texts_column(t, column);
    if (k < t->columns)
        is_number(jf_texts_field(t, row, k), &value);
    return value;
}

static int answers(const jf_texts *t, size_t row, size_t k)
{
    double value = number_at(t, row, questions[k].column);
    double limit = questions[k].limit * number_at(t, row, questions[k].of);
    return questions[k].below ? value < limit : value > limit;
}

/* One line: how many rows, and which. */
static void add_question(jf_text *b, const jf_texts *t, size_t k)
{
    size_t count = 0;
    jf_text ids = {0};
    for (size_t i = 1; i < t->rows; i++) {
        if (!answers(t, i, k))
            continue;
        count++;
        jf_text_add(&ids, "%s%s", ids.length > 0 ? ", " : "",
                    jf_texts_field(t, i, jf_texts_column(t, "id")));
    }
    jf_text_add(b, "<li>%zu of %zu rows %s", count, t->rows - 1,
                questions[k].what);
    if (count > 0) {
        jf_text_add(b, ": ");
        add_linked(b, ids.data);
    }
    jf_text_add(b, ".</li>\n");
    free(ids.data);
}

static const char name[] = "calibration";

void add_lasting_header(jf_text *b, const char *path, const char *names)
{
    char *text = read_if_there(path, NULL);
    jf_text_add(b, "<dl>");
    for (const char *at = names; text && *at;) {
        size_t n = strcspn(at, ",");
        char *key = must(strndup(at, n)), *value = header_value(text, key);
        if (value) {
            jf_text_add(b, "<div><dt>%s</dt><dd>", key);
            escape(b, value);
            jf_text_add(b, "</dd></div>\n");
        }
        free(value);
        free(key);
        at += n + (at[n] == ',');
    }
    jf_text_add(b, "</dl>\n");
    free(text);
}

void add_calibration(report *r)
{
    jf_text *b = &r->html;
    jf_texts t;
    char *path = join(r->lasting, name, ".csv");
    jf_text_add(b,
                "<section id=\"%s\"><h2>Calibration</h2>\n<p "
                "class=\"question\">Over seeds that nobody chose, how often "
                "does each verdict fall how, and is a planted error "
                "seen?</p>\n",
                name);
    add_lasting_header(b, path, "seeds,unintended verdicts,commit,machine");
    if (read_texts(path, &t) == 0) {
        jf_text_add(b, "<ul>");
        for (size_t k = 0; k < QUESTIONS; k++)
            add_question(b, &t, k);
        jf_text_add(b, "</ul>\n");
        jf_texts_free(&t);
    }
    jf_text_add(b, "<p class=\"see\">");
    if (has_figure(r, name, strlen(name)))
        link_figures(r, name);
    jf_text_add(b, "</p>\n");
    add_folded(r, path, name);
    jf_text_add(b, "</section>\n");
    free(path);
}
