/* report_figures.c -- figures and tables, each once.
 *
 * A figure goes in as it is (SVG), its caption is the comment that
 * PLOTS_DIR/NAME.gp begins with. */
#include "report.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_SHOWN = 12 };

static size_t find(char *const *names, size_t count, const char *name,
                   size_t length)
{
    size_t i = 0;
    while (i < count &&
           (strlen(names[i]) != length || strncmp(names[i], name, length) != 0))
        i++;
    return i;
}

int has_figure(const report *r, const char *name, size_t length)
{
    return find(r->figures, r->figure_count, name, length) < r->figure_count;
}

int has_table(const report *r, const char *name, size_t length)
{
    return find(r->tables, r->table_count, name, length) < r->table_count;
}

void note_missing(report *r, const char *kind, const char *name, size_t length)
{
    jf_text line = {0};
    jf_text_add(&line, "%s %.*s\n", kind, (int)length, name);
    if (!r->missing.data || !strstr(r->missing.data, line.data))
        jf_text_bytes(&r->missing, line.data, line.length);
    free(line.data);
}

static void add_cell(jf_text *b, const char *field)
{
    double value;
    jf_text_add(b, is_number(field, &value) ? "<td class=\"n\">" : "<td>");
    add_number(b, field);
    jf_text_add(b, "</td>");
}

/* The header lines of a table: which program made it, and how. */
static void add_provenance(jf_text *b, const char *path)
{
    char *text = jf_file_read(path, NULL);
    int lines = 0;
    for (char *line = text; line && *line == '#'; lines++) {
        char *next = line + strcspn(line, "\n");
        next += *next != '\0';
        jf_text_add(b, lines ? "" : "<pre>");
        char kept = *next;
        *next = '\0';
        escape(b, line + 1 + strspn(line + 1, " "));
        *next = kept;
        line = next;
    }
    jf_text_add(b, lines ? "</pre>\n" : "");
    free(text);
}

static void add_rows(jf_text *b, const jf_texts *t, size_t last)
{
    jf_text_add(b, "<div class=\"wide\" tabindex=\"0\">"
                   "<table><thead><tr>");
    for (size_t j = 0; j < t->columns; j++) {
        jf_text_add(b, "<th scope=\"col\">");
        escape(b, jf_texts_field(t, 0, j));
        jf_text_add(b, "</th>");
    }
    jf_text_add(b, "</tr></thead><tbody>\n");
    for (size_t i = 1; i <= last; i++) {
        jf_text_add(b, "<tr>");
        for (size_t j = 0; j < t->columns; j++)
            add_cell(b, jf_texts_field(t, i, j));
        jf_text_add(b, "</tr>\n");
    }
    jf_text_add(b, "</tbody></table></div>\n");
}

void add_folded(report *r, const char *path, const char *name)
{
    jf_text *b = &r->html;
    jf_texts t;
    char *why = not_run_in(path);
    jf_text_add(b, "<details id=\"table-%s\"><summary><code>%s.csv</code>",
                name, name);
    if (jf_texts_read(path, &t) == 0) {
        size_t last = t.rows - 1 < ROWS_SHOWN ? t.rows - 1 : ROWS_SHOWN;
        jf_text_add(b, ", %zu row%s", t.rows - 1, t.rows == 2 ? "" : "s");
        if (last < t.rows - 1)
            jf_text_add(b, ", the first %zu shown", last);
        if (why)
            jf_text_add(b, ", not run: %s", why);
        jf_text_add(b, "</summary>\n");
        add_rows(b, &t, last);
        jf_texts_free(&t);
    } else {
        jf_text_add(b, ", not readable</summary>\n");
        note_missing(r, "table", name, strlen(name));
    }
    add_provenance(b, path);
    jf_text_add(b, "</details>\n");
    free(why);
}

void add_table(report *r, const char *name, size_t length)
{
    jf_text *b = &r->html;
    size_t k = find(r->tables, r->table_count, name, length);
    if (k == r->table_count) {
        note_missing(r, "table", name, length);
        jf_text_add(b,
                    "<p class=\"missing\">The table <code>%.*s</code> is not "
                    "made yet.</p>\n",
                    (int)length, name);
        return;
    }
    if (r->shown_tables[k]++) {
        jf_text_add(b,
                    "<p class=\"see\">Table <a href=\"#table-%s\">"
                    "<code>%s.csv</code></a></p>\n",
                    r->tables[k], r->tables[k]);
        return;
    }
    char *path = join(r->dir, r->tables[k], ".csv");
    add_folded(r, path, r->tables[k]);
    free(path);
}

/* The comment that a script begins with, but for a line "#!" or "NAME.gp --".
 */
static void add_caption(report *r, const char *name)
{
    char *path = join(r->plots, name, ".gp");
    char *text = jf_file_read(path, NULL);
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
            jf_text_add(&r->html, " ");
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

/* What gnuplot writes with every group and is so anyway. */
static size_t skip_words(const char *at)
{
    static const char *const words[] = {
        " stroke-linecap=\"butt\" stroke-linejoin=\"miter\"", "xlink:"};
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (strncmp(at, words[k], strlen(words[k])) == 0)
            return strlen(words[k]);
    return 0;
}

/* Behind the quote that opens the numbers of a path. */
static int begins_path(const char *at, const char *svg)
{
    return at - svg > 8 && (strncmp(at - 4, " d='", 4) == 0 ||
                            strncmp(at - 8, "points='", 8) == 0);
}

/* The ids of one drawing are made its own: all of them share the page.  Its
 * caption is its text for those who do not see it. */
static void add_drawing(jf_text *b, const char *svg, const char *name)
{
    static const char *const marks[] = {"id='", "id=\"", "href='#", "href=\"#",
                                        "url(#"};
    const char *at = strstr(svg, "<svg") + strlen("<svg"),
               *inside = at + strcspn(at, ">");
    jf_text_add(b, "<svg role=\"img\" aria-labelledby=\"caption-%s\"", name);
    jf_text_bytes(b, at, (size_t)(inside - at) + (*inside == '>'));
    at = *inside ? skip_title(inside + 1) : inside;
    for (int path = 0; *at;) {
        size_t k = 0;
        path = path ? *at != '\'' : begins_path(at, svg);
        if (path && *at == '.' && isdigit((unsigned char)at[1])) {
            jf_text_bytes(b, at, 2); /* a tenth of a pixel is enough */
            for (at += 2; isdigit((unsigned char)*at); at++)
                ;
            continue;
        }
        size_t skipped = skip_words(at);
        if (skipped > 0) {
            at += skipped;
            continue;
        }
        while (k < 5 && strncmp(at, marks[k], strlen(marks[k])) != 0)
            k++;
        if (k == 5 || (k < 2 && at > svg && isalpha((unsigned char)at[-1]))) {
            jf_text_bytes(b, at++, 1);
            continue;
        }
        jf_text_add(b, "%s%s-", marks[k], name);
        at += strlen(marks[k]);
    }
}

/* The same picture as pixels, for drawings of many marks: 0 when there is none,
 * or when it takes more than most bytes. */
static int add_pixels(report *r, const char *name, size_t most)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    jf_text *b = &r->html;
    char *path = join(r->plots, name, ".png");
    size_t size = 0;
    unsigned char *png = (unsigned char *)jf_file_read(path, &size);
    free(path);
    if (!png || size / 3 * 4 > most) {
        free(png);
        return 0;
    }
    jf_text_add(b,
                "<img alt=\"\" aria-labelledby=\"caption-%s\" "
                "src=\"data:image/png;base64,",
                name);
    for (size_t i = 0; i < size; i += 3) {
        unsigned long v = (unsigned long)png[i] << 16;
        v |= i + 1 < size ? (unsigned long)png[i + 1] << 8 : 0;
        v |= i + 2 < size ? png[i + 2] : 0;
        jf_text_add(b, "%c%c%c%c", digits[v >> 18 & 63], digits[v >> 12 & 63],
                    i + 1 < size ? digits[v >> 6 & 63] : '=',
                    i + 2 < size ? digits[v & 63] : '=');
    }
    jf_text_add(b, "\">");
    free(png);
    return 1;
}

static void draw(report *r, const char *name, const char *svg)
{
    jf_text *b = &r->html;
    jf_text_add(b,
                "<figure id=\"figure-%s\">\n"
                "<div class=\"wide\" tabindex=\"0\">",
                name);
    if (strlen(svg) < r->limit || !add_pixels(r, name, strlen(svg)))
        add_drawing(b, svg, name);
    jf_text_add(b, "</div><figcaption id=\"caption-%s\"><b>Figure %zu.</b> ",
                name, ++r->drawn);
    add_caption(r, name);
    jf_text_add(b, " <code>plots/%s.gp</code></figcaption></figure>\n", name);
}

void add_figure(report *r, const char *name, size_t length)
{
    jf_text *b = &r->html;
    size_t k = find(r->figures, r->figure_count, name, length);
    if (k < r->figure_count && r->shown_figures[k]++) {
        jf_text_add(b,
                    "<p class=\"see\">Figure <a href=\"#figure-%s\">"
                    "<code>%s</code></a></p>\n",
                    r->figures[k], r->figures[k]);
        return;
    }
    char *path =
        k < r->figure_count ? join(r->plots, r->figures[k], ".svg") : NULL;
    char *svg = path ? jf_file_read(path, NULL) : NULL;
    if (svg && strstr(svg, "<svg") && strstr(svg, "</svg>")) {
        draw(r, r->figures[k], svg);
    } else {
        jf_text_add(b,
                    "<p class=\"missing\" id=\"figure-%.*s\">The figure <code>"
                    "%.*s</code> is missing: no drawing was made of it.</p>\n",
                    (int)length, name, (int)length, name);
        note_missing(r, "figure", name, length);
    }
    free(svg);
    free(path);
}
