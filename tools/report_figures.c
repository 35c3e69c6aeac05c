/* report_figures.c -- figures and tables.
 *
 * A figure is drawn once, as it is (SVG), and shown from there wherever else it
 * is wanted.  How it is read says the comment that PLOTS_DIR/NAME.gp begins
 * with; what it asks and answers, claims.def. */
#include "report.h"

#include "drawing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Pixels to a point of the drawing (plots/style.gp). */
#define PIXELS 1.5

/* WIDEST_PAIR: width of a drawing beside which there is place for another. */
enum { ROWS_SHOWN = 12, WIDEST_PAIR = 700 };

static void add_cell(jf_text *b, const char *field)
{
    double value;
    jf_text_add(b, is_number(field, &value) ? "<td class=n>" : "<td>");
    add_number(b, field);
    jf_text_add(b, "</td>");
}

/* The header lines of a table: which program made it, and how. */
static void add_provenance(report *r, const char *path)
{
    jf_text *b = &r->html;
    char *text = read_if_there(path, NULL);
    char *program = header_value(text, "program");
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
    if (program) {
        jf_text_add(b, "<p class=\"made\">");
        add_made(r, program);
        jf_text_add(b, "</p>\n");
    }
    free(program);
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
    if (read_texts(path, &t) == 0) {
        size_t last = t.rows - 1 < ROWS_SHOWN ? t.rows - 1 : ROWS_SHOWN;
        jf_text_add(b, ", %zu row%s", t.rows - 1, t.rows == 2 ? "" : "s");
        if (last < t.rows - 1)
            jf_text_add(b, ", the first %zu shown", last);
        if (why) {
            jf_text_add(b, ", not run: ");
            escape(b, why);
        }
        jf_text_add(b, "</summary>\n");
        add_rows(b, &t, last);
        jf_texts_free(&t);
    } else {
        jf_text_add(b, ", not readable</summary>\n");
        note_missing(r, "table", name, strlen(name));
    }
    add_provenance(r, path);
    jf_text_add(b, "</details>\n");
    free(why);
}

void add_table(report *r, const char *name, size_t length)
{
    jf_text *b = &r->html;
    size_t k = find_name(r->tables, r->table_count, name, length);
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

char *caption_of(const report *r, const char *name)
{
    char *path = join(r->plots, name, ".gp");
    char *text = read_if_there(path, NULL);
    jf_text caption = {0};
    for (char *line = text; line && *line == '#';) {
        char *end = line + strcspn(line, "\n");
        char *next = *end ? end + 1 : end;
        *end = '\0';
        line += strspn(line, "# \t!");
        size_t n = strlen(name);
        if (strncmp(line, name, n) == 0 && strncmp(line + n, ".gp", 3) == 0)
            line += n + 3 + strspn(line + n + 3, " -:\t");
        jf_text_add(&caption, "%s%s", *line && caption.length > 0 ? " " : "",
                    line);
        line = next;
    }
    free(text);
    free(path);
    return caption.data ? caption.data : must(strdup(""));
}

static unsigned long big_endian(const unsigned char *at)
{
    return (unsigned long)at[0] << 24 | (unsigned long)at[1] << 16 |
           (unsigned long)at[2] << 8 | at[3];
}

/* A PNG file below so many bytes of base 64, or NULL; the caller frees it. */
static unsigned char *read_pixels(const report *r, const char *name,
                                  size_t most, size_t *size)
{
    char *path = join(r->plots, name, ".png");
    unsigned char *png = (unsigned char *)read_if_there(path, size);
    free(path);
    if (png && *size > 24 && *size / 3 * 4 <= most)
        return png;
    free(png);
    return NULL;
}

static void add_base64(jf_text *b, const unsigned char *from, size_t size)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        unsigned long v = (unsigned long)from[i] << 16;
        v |= i + 1 < size ? (unsigned long)from[i + 1] << 8 : 0;
        v |= i + 2 < size ? from[i + 2] : 0;
        jf_text_add(b, "%c%c%c%c", digits[v >> 18 & 63], digits[v >> 12 & 63],
                    i + 1 < size ? digits[v >> 6 & 63] : '=',
                    i + 2 < size ? digits[v & 63] : '=');
    }
}

/* The viewBox of a drawing, as it is written; the caller frees it. */
static char *box_of(const char *svg)
{
    const char *tag = strstr(svg, "<svg"), *end = tag + strcspn(tag, ">");
    const char *at = strstr(tag, "viewBox=\"");
    at = at && at < end ? at + strlen("viewBox=\"") : "";
    size_t n = strspn(at, "0123456789. -");
    char *box = must(calloc(n + 1, 1));
    memcpy(box, at, n);
    return box;
}

/* A drawing says its own width, for its letters to be large enough; what is
 * within an image could not be reached. */
static void open_svg(jf_text *b, const char *name, const char *box, int linked)
{
    double width = 0;
    jf_text_add(b, "<svg role=\"%s\" aria-labelledby=\"caption-%s\"",
                linked ? "group" : "img", name);
    if (box[0])
        jf_text_add(b, " viewBox=\"%s\"", box);
    if (sscanf(box, "%*f %*f %lf", &width) == 1)
        jf_text_add(b, " style=\"--w:%g\"%s", width,
                    width > WIDEST_PAIR ? " class=\"broad\"" : "");
    jf_text_add(b, ">");
}

/* A drawing of r->limit bytes or more goes in as pixels, if these are less, but
 * for one whose marks are links. */
static void draw(report *r, size_t k, const char *svg)
{
    jf_text *b = &r->html, drawn = {0};
    const char *name = r->figures[k];
    size_t size = 0;
    int linked = r->lasting && strcmp(name, "peers-flows") == 0;
    if (linked)
        add_peers_drawing(r, &drawn, svg, name);
    else
        add_drawing(&drawn, svg, name, NULL);
    unsigned char *png = linked || drawn.length < r->limit
                             ? NULL
                             : read_pixels(r, name, drawn.length, &size);
    if (png) {
        double width = (double)big_endian(png + 16) / PIXELS;
        double height = (double)big_endian(png + 20) / PIXELS;
        jf_text box = {0};
        jf_text_add(&box, "0 0 %g %g", width, height);
        r->boxes[k] = box.data;
        open_svg(b, name, r->boxes[k], 0);
        jf_text_add(b,
                    "<image id=\"drawing-%s\" width=\"%g\" height=\"%g\" "
                    "href=\"data:image/png;base64,",
                    name, width, height);
        add_base64(b, png, size);
        jf_text_add(b, "\"/></svg>");
    } else {
        r->boxes[k] = box_of(svg);
        open_svg(b, name, r->boxes[k], linked);
        jf_text_add(b, "<g id=\"drawing-%s\">", name);
        jf_text_bytes(b, drawn.data, drawn.length);
        jf_text_add(b, "</g></svg>");
    }
    free(png);
    free(drawn.data);
}

/* The picture of figure k, drawn or shown from where it is drawn; 0 when there
 * is none. */
static int show(report *r, size_t k)
{
    jf_text *b = &r->html;
    const char *name = r->figures[k];
    if (r->boxes[k]) {
        jf_text_add(b, "<div class=\"wide\" tabindex=\"0\">");
        open_svg(b, name, r->boxes[k], 0);
        jf_text_add(b, "<use href=\"#drawing-%s\"/></svg></div>", name);
        return 1;
    }
    char *path = join(r->plots, name, ".svg");
    char *svg = read_if_there(path, NULL);
    int is = svg && strstr(svg, "<svg") && strstr(svg, "</svg>");
    if (is) {
        jf_text_add(b, "<div class=\"wide\" tabindex=\"0\">");
        draw(r, k, svg);
        jf_text_add(b, "</div>");
    }
    free(svg);
    free(path);
    return is;
}

/* The place of figure k in the gallery: those of claims.def in its order, then
 * the others. */
static size_t place(const report *r, size_t k)
{
    size_t n = 0;
    for (const claim_figure *f = claim_figures; f->name; f++) {
        size_t at =
            find_name(r->figures, r->figure_count, f->name, strlen(f->name));
        n += at < r->figure_count;
        if (at == k)
            return n;
    }
    for (size_t i = 0; i <= k; i++)
        n += !claim_figure_of(r->figures[i]) &&
             strcmp(r->figures[i], "style") != 0;
    return n;
}

size_t figure_number(const report *r, const char *name)
{
    size_t k = find_name(r->figures, r->figure_count, name, strlen(name));
    return k < r->figure_count ? place(r, k) : 0;
}

void link_figures(report *r, const char *list)
{
    size_t n;
    for (const char *w; (w = next_word(&list, &n));) {
        size_t k = find_name(r->figures, r->figure_count, w, n);
        if (k < r->figure_count)
            jf_text_add(&r->html,
                        "<a class=\"see\" href=\"#figure-%s\">Figure "
                        "%zu</a> ",
                        r->figures[k], place(r, k));
        else
            note_missing(r, "figure", w, n);
    }
}

void add_picture(report *r, const char *name, const char *why)
{
    jf_text *b = &r->html;
    size_t k = find_name(r->figures, r->figure_count, name, strlen(name));
    const claim_figure *f = claim_figure_of(name);
    jf_text_add(b, "<figure class=\"small\">");
    if (k == r->figure_count || !show(r, k)) {
        jf_text_add(b,
                    "<p class=\"missing\">No drawing of <code>%s</code> "
                    "was made.</p></figure>",
                    name);
        note_missing(r, "figure", name, strlen(name));
        return;
    }
    jf_text_add(b, "<figcaption>%s<a href=\"#figure-%s\">Figure %zu</a>. ", why,
                name, place(r, k));
    if (f) {
        jf_text_add(b, "<b>");
        add_linked(b, f->question);
        jf_text_add(b, "</b> ");
        fill_in(r, b, f->answer);
    }
    jf_text_add(b, "</figcaption></figure>\n");
}

/* The claims that name the figure, and the tables of these, as links. */
static void add_origin(report *r, const char *name)
{
    jf_text *b = &r->html;
    char program[64];
    size_t n = strcspn(name, "-"), claims = 0;
    jf_text_add(b, "<p class=\"made\">");
    for (const claim *c = all_claims; c->id; c++)
        if (has_word(c->figures, name))
            jf_text_add(b, "%s<a href=\"#claim-%s\">%s</a>",
                        claims++ ? ", " : "Claims ", c->id, c->id);
    jf_text_add(b,
                "%s<code>make figure NAME=%s</code> draws it "
                "(<code>plots/%s.gp</code>)",
                claims ? ". " : "", name, name);
    if (has_table(r, name, strlen(name)))
        jf_text_add(b, ", table <a href=\"#table-%s\"><code>%s.csv</code></a>",
                    name, name);
    jf_text_add(b, ". ");
    snprintf(program, sizeof program, "%.*s", (int)n, name);
    if (strcmp(name, "trained-flow") == 0)
        snprintf(program, sizeof program, "trained_flow");
    add_made(r, program);
    jf_text_add(b, "</p>");
}

static void add_figure(report *r, size_t k)
{
    jf_text *b = &r->html;
    const char *name = r->figures[k];
    const claim_figure *f = claim_figure_of(name);
    jf_text_add(b, "<figure id=\"figure-%s\"><h3>Figure %zu. ", name,
                place(r, k));
    if (f)
        add_linked(b, f->question);
    else
        escape(b, name);
    jf_text_add(b, "</h3>\n");
    if (!show(r, k)) {
        jf_text_add(b,
                    "<p class=\"missing\">The figure <code>%s</code> is "
                    "missing: no drawing was made of it.</p></figure>\n",
                    name);
        note_missing(r, "figure", name, strlen(name));
        return;
    }
    jf_text_add(b, "<figcaption id=\"caption-%s\">", name);
    if (f) {
        jf_text_add(b, "<p class=\"answer\">");
        fill_in(r, b, f->answer);
        jf_text_add(b, "</p>");
    }
    char *caption = caption_of(r, name);
    jf_text_add(b, "<p>");
    add_linked(b, caption);
    jf_text_add(b, "</p>");
    free(caption);
    add_origin(r, name);
    jf_text_add(b, "</figcaption></figure>\n");
}

/* Every figure of the gallery, by its number. */
static void add_figure_list(report *r)
{
    jf_text *b = &r->html;
    jf_text_add(b, "<nav aria-label=\"Figures\">Figure ");
    for (size_t n = 1; n <= r->figure_count; n++)
        for (size_t k = 0; k < r->figure_count; k++)
            if (place(r, k) == n && !is_left_out(r, r->figures[k]))
                jf_text_add(b, "<a href=\"#figure-%s\">%zu</a> ", r->figures[k],
                            n);
    jf_text_add(b, "</nav>\n");
}

void add_gallery(report *r)
{
    jf_text *b = &r->html;
    jf_text_add(b, "<section id=\"gallery\"><h2>Gallery</h2>\n");
    add_figure_list(r);
    for (size_t n = 1; n <= r->figure_count; n++)
        for (size_t k = 0; k < r->figure_count; k++)
            if (place(r, k) == n && !is_left_out(r, r->figures[k]))
                add_figure(r, k);
    jf_text_add(b, "</section>\n");
}
