/* report_peers.c -- the log-determinants of the field's libraries, from the
 * table of make peers, whose rows of a library, and of a bijection, stand
 * together. */
#include "report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char name[] = "peers-flows";

enum {
    LIBRARY,
    VERSION,
    BIJECTION,
    CHECK,
    ERROR,
    METHOD,
    SECOND,
    VERDICT,
    FIELDS
};
static const char *const fields[FIELDS] = {"library", "version", "bijection",
                                           "check",   "error",   "method",
                                           "second",  "verdict"};

typedef struct {
    jf_texts rows;
    size_t column[FIELDS];
} peers;

static const char *field(const peers *p, size_t row, size_t k)
{
    return jf_texts_field(&p->rows, row, p->column[k]);
}

/* Whether two rows agree in columns LIBRARY .. last. */
static int same(const peers *p, size_t a, size_t b, size_t last)
{
    for (size_t k = LIBRARY; k <= last; k++)
        if (strcmp(field(p, a, k), field(p, b, k)) != 0)
            return 0;
    return 1;
}

static int is_wrong(const peers *p, size_t row)
{
    return strcmp(field(p, row, VERDICT), "wrong") == 0;
}

/* Behind the last row that agrees with row first in those columns. */
static size_t end_of(const peers *p, size_t first, size_t last)
{
    size_t end = first + 1;
    while (end < p->rows.rows && same(p, first, end, last))
        end++;
    return end;
}

/* A library: bijections, and those with something wrong. */
static void add_library(jf_text *b, const peers *p, size_t first, size_t end)
{
    size_t bijections = 0, wrong = 0;
    for (size_t i = first; i < end; bijections++) {
        size_t next = end_of(p, i, BIJECTION);
        int any = 0;
        for (; i < next; i++)
            any |= is_wrong(p, i);
        wrong += (size_t)any;
    }
    jf_text_add(b, "<tr id=\"peer-");
    escape(b, field(p, first, LIBRARY));
    jf_text_add(b, "\"><td>");
    escape(b, field(p, first, LIBRARY));
    jf_text_add(b, "</td><td>");
    escape(b, field(p, first, VERSION));
    jf_text_add(b, "</td><td>%zu</td><td>%zu</td><td>%zu</td></tr>\n",
                bijections, end - first, wrong);
}

/* The row of the largest error among wrong ones of the same check in the
 * bijection of row i; 0 when that is not row i itself. */
static int is_worst(const peers *p, size_t i, size_t first, size_t end)
{
    double own = 0, other;
    is_number(field(p, i, ERROR), &own);
    for (size_t j = first; j < end; j++) {
        if (j == i || !is_wrong(p, j) ||
            strcmp(field(p, i, CHECK), field(p, j, CHECK)) != 0)
            continue;
        other = 0;
        is_number(field(p, j, ERROR), &other);
        if (fabs(other) > fabs(own) || (fabs(other) == fabs(own) && j < i) ||
            (isnan(other) && (!isnan(own) || j < i)))
            return 0;
    }
    return 1;
}

static void add_wrong(jf_text *b, const peers *p, const peer_words *w,
                      size_t first, size_t end)
{
    const char *library = field(p, first, LIBRARY);
    size_t words = words_on(w, library, field(p, first, BIJECTION));
    for (size_t i = first; i < end; i++) {
        if (!is_wrong(p, i) || !is_worst(p, i, first, end))
            continue;
        jf_text_add(b, "<tr><td>");
        escape(b, library);
        jf_text_add(b, "</td><td>");
        if (words > 0)
            jf_text_add(b, "<a href=\"#words-%zu\">", words);
        jf_text_add(b, "<code>");
        escape(b, field(p, i, BIJECTION));
        jf_text_add(b, "</code>%s</td><td>", words > 0 ? "</a>" : "");
        escape(b, field(p, i, CHECK));
        jf_text_add(b, "</td><td>");
        add_number(b, field(p, i, ERROR));
        jf_text_add(b, "</td><td>");
        add_number(b, field(p, i, SECOND));
        jf_text_add(b, "</td><td>");
        escape(b, field(p, i, METHOD));
        jf_text_add(b, "</td></tr>\n");
    }
}

static void add_tables_of(jf_text *b, const peers *p, const peer_words *w)
{
    jf_text_add(b, "<div class=\"wide\" tabindex=\"0\"><table><thead><tr><th>"
                   "library</th><th>version</th><th>bijections</th><th>rows"
                   "</th><th>bijections with something wrong</th></tr></thead>"
                   "<tbody>\n");
    for (size_t i = 1, end; i < p->rows.rows; i = end)
        add_library(b, p, i, end = end_of(p, i, LIBRARY));
    jf_text_add(b, "</tbody></table></div>\n");
    add_words(w, b);
    jf_text_add(b, "<details><summary>What is wrong: "
                   "the largest error of each check, and the same by a second "
                   "method</summary><div class=\"wide\" tabindex=\"0\"><table>"
                   "<thead><tr><th>library</th><th>bijection</th><th>check</th>"
                   "<th>error</th><th>second</th><th>method of that</th></tr>"
                   "</thead><tbody>\n");
    for (size_t i = 1, end; i < p->rows.rows; i = end)
        add_wrong(b, p, w, i, end = end_of(p, i, BIJECTION));
    jf_text_add(b, "</tbody></table></div></details>\n");
}

void add_peers(report *r)
{
    jf_text *b = &r->html;
    peers p;
    peer_words *words = open_words(r);
    char *path = join(r->lasting, name, ".csv");
    jf_text_add(
        b, "<section id=\"peers\"><h2>The field's libraries</h2>\n"
           "<p class=\"question\">Is the log-determinant that a library "
           "returns that of its map?</p>\n<p>Public classes by their "
           "default arguments, judged by the program <code>audit"
           "</code> on points of its own design; wrong is what a second "
           "method confirms. A mark leads to the words on its layer or its "
           "library; with the lines that show it they are in "
           "<code>docs/peers.md</code>.</p>\n");
    add_lasting_header(b, path, "commit,machine");
    if (has_figure(r, name, strlen(name)))
        add_picture(r, name, "");
    if (read_texts(path, &p.rows) == 0) {
        size_t known = 0;
        for (; known < FIELDS; known++) {
            p.column[known] = jf_texts_column(&p.rows, fields[known]);
            if (p.column[known] == p.rows.columns)
                break;
        }
        if (known == FIELDS)
            add_tables_of(b, &p, words);
        else
            note_missing(r, "table", name, strlen(name));
        jf_texts_free(&p.rows);
    }
    jf_text_add(b, "</section>\n");
    close_words(words);
    free(path);
}
