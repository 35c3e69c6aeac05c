/* report_words.c -- what is said of the layers of other libraries, from the
 * table of make peers-page, and how the marks of figure peers-flows lead there.
 *
 * Each mark has the name "LIBRARY: LAYER; ERROR nats" (plots/peers-flows.gp), in
 * which a comma of the layer is a semicolon and a double quote a single one. */
#include "report.h"

#include "drawing.h"
#include "mathml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIBRARY, BIJECTION, TITLE, WHAT, INSTEAD, FIELDS };
static const char *const fields[FIELDS] = {"library", "bijection", "title",
                                           "what", "instead"};

struct peer_words {
    jf_texts rows;
    size_t column[FIELDS];
    size_t *number; /* of the words of a row, from 1; one title has one */
    char *link;     /* the last that was asked for */
};

static const char *field(const peer_words *w, size_t row, size_t k)
{
    return jf_texts_field(&w->rows, row, w->column[k]);
}

peer_words *open_words(const report *r)
{
    peer_words *w = must(calloc(1, sizeof *w));
    char *path = join(r->lasting, "peers-words", ".csv");
    char *text = read_if_there(path, NULL);
    size_t known = 0, last = 0;
    if (text && read_texts(path, &w->rows) == 0)
        for (; known < FIELDS; known++) {
            w->column[known] = jf_texts_column(&w->rows, fields[known]);
            if (w->column[known] == w->rows.columns)
                break;
        }
    if (known < FIELDS)
        w->rows.rows = 0;
    w->number = must(calloc(w->rows.rows + 1, sizeof *w->number));
    for (size_t i = 1; i < w->rows.rows; i++) {
        for (size_t j = 1; j < i && w->number[i] == 0; j++)
            if (strcmp(field(w, i, LIBRARY), field(w, j, LIBRARY)) == 0 &&
                strcmp(field(w, i, TITLE), field(w, j, TITLE)) == 0)
                w->number[i] = w->number[j];
        if (w->number[i] == 0)
            w->number[i] = ++last;
    }
    free(text);
    free(path);
    return w;
}

void close_words(peer_words *w)
{
    jf_texts_free(&w->rows);
    free(w->number);
    free(w->link);
    free(w);
}

size_t words_on(const peer_words *w, const char *library, const char *layer)
{
    for (size_t i = 1; i < w->rows.rows; i++)
        if (strcmp(field(w, i, LIBRARY), library) == 0 &&
            strcmp(field(w, i, BIJECTION), layer) == 0)
            return w->number[i];
    return 0;
}

/* Whether a mark's name says this layer. */
static int says_layer(const char *name, const char *library, const char *layer)
{
    size_t n = strlen(library);
    if (strncmp(name, library, n) != 0 || strncmp(name + n, ": ", 2) != 0)
        return 0;
    for (name += n + 2; *layer; name++, layer++) {
        char plain = *layer == ',' ? ';' : *layer == '"' ? '\'' : *layer;
        if (*name != plain)
            return 0;
        layer += layer[0] == '"' && layer[1] == '"';
    }
    return *name == ';' && !strchr(name + 1, ';');
}

/* Characters that a drawing escapes, as they are; free() it. */
static char *plain_text(const char *from, size_t n)
{
    static const struct {
        const char *escaped;
        char is;
    } marks[] = {{"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&amp;", '&'}};
    char *text = must(calloc(n + 1, 1)), *to = text;
    for (size_t i = 0; i < n; to++) {
        size_t k = 0;
        while (k < 4 && strncmp(from + i, marks[k].escaped,
                                strlen(marks[k].escaped)) != 0)
            k++;
        *to = k < 4 ? marks[k].is : from[i];
        i += k < 4 ? strlen(marks[k].escaped) : 1;
    }
    return text;
}

/* The library of a text "LIBRARY  1 of 60" beside the figure, or of a mark's
 * name, its length; 0 when there is none. */
static size_t library_in(const char *text)
{
    unsigned wrong, of;
    const char *counts = strstr(text, "  "), *colon = strstr(text, ": ");
    if (counts && sscanf(counts, "  %u of %u", &wrong, &of) == 2)
        return (size_t)(counts - text);
    return colon ? (size_t)(colon - text) : 0;
}

/* A mark leads to the words on its layer, or else to its library: by keyboard
 * these are reached from the library's name. */
static const char *link_of(void *context, const char *name, size_t n)
{
    peer_words *w = context;
    jf_text link = {0};
    char *text = plain_text(name, n);
    size_t library = library_in(text), found = 0;
    for (size_t i = 1; i < w->rows.rows && found == 0; i++)
        if (says_layer(text, field(w, i, LIBRARY), field(w, i, BIJECTION)))
            found = w->number[i];
    if (found > 0) {
        jf_text_add(&link, "href=\"#words-%zu\"", found);
    } else if (library > 0) {
        jf_text_add(&link, "href=\"#peer-");
        xml_escape(&link, text, library);
        jf_text_add(&link, text[library] == ':' ? "\" tabindex=\"-1\"" : "\"");
    }
    free(text);
    free(w->link);
    w->link = link.data;
    return w->link;
}

void add_peers_drawing(const report *r, jf_text *b, const char *svg,
                       const char *name)
{
    peer_words *w = open_words(r);
    add_drawing(b, svg, name, &(drawing_links){link_of, w});
    close_words(w);
}

void add_words(const peer_words *w, jf_text *b)
{
    size_t last = 0;
    if (w->rows.rows < 2)
        return;
    jf_text_add(b, "<dl class=\"words\">\n");
    for (size_t i = 1; i < w->rows.rows; i++) {
        if (w->number[i] <= last)
            continue;
        last = w->number[i];
        jf_text_add(b, "<div id=\"words-%zu\"><dt>", last);
        escape(b, field(w, i, LIBRARY));
        jf_text_add(b, "</dt><dd><b>");
        escape(b, field(w, i, TITLE));
        jf_text_add(b, ".</b> ");
        escape(b, field(w, i, WHAT));
        if (field(w, i, INSTEAD)[0]) {
            jf_text_add(b, " Instead: ");
            escape(b, field(w, i, INSTEAD));
        }
        jf_text_add(b, "</dd></div>\n");
    }
    jf_text_add(b, "</dl>\n");
}
