/* drawing.c -- a drawing of gnuplot's within a page.
 *
 * gnuplot opens a group for every change of pen, most of which hold nothing,
 * and says of each mark its form, size and colour: half of its bytes. */
#include "drawing.h"

#include "files.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Groups are written, "<g ...>", once something is in them. */
typedef struct {
    jf_text *b;
    const char *name;
    const drawing_links *links;
    char **groups; /* in which we are; the first of them are written */
    size_t depth, written;
    char *ended;   /* the last that ended, while its end is not written */
    jf_text marks; /* "FORM SCALE COLOUR" of each, a line */
} drawing;

enum { PART = 256 };
#define COLOUR "rgb( %3u , %3u , %3u )"

static int begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* The beginnings of groups, behind the end that was put off: another of the
 * same pen could have followed. */
static void write_groups(drawing *d)
{
    if (d->ended) {
        jf_text_add(d->b, "</%s>", begins(d->ended, "<a") ? "a" : "g");
        free(d->ended);
        d->ended = NULL;
    }
    while (d->written < d->depth)
        jf_text_add(d->b, "%s", d->groups[d->written++]);
}

static void begin_group(drawing *d, char *open)
{
    int again = d->ended && d->written == d->depth &&
                strcmp(d->ended, open) == 0 && begins(open, "<g") &&
                !strstr(open, " id=");
    d->groups = must(realloc(d->groups, (d->depth + 1) * sizeof *d->groups));
    d->groups[d->depth++] = open;
    if (again) {
        free(d->ended);
        d->ended = NULL;
        d->written = d->depth;
    }
}

static void end_group(drawing *d)
{
    if (d->depth == 0)
        return;
    if (d->written == d->depth) {
        if (d->ended)
            write_groups(d);
        d->ended = d->groups[d->depth - 1];
        d->written--;
    } else {
        free(d->groups[d->depth - 1]);
    }
    d->depth--;
}

/* A number of tenths as short as it can stand behind another: before is 0 behind
 * a letter, 1 behind a whole number, 2 behind one with a point. */
static void add_tenths(jf_text *b, long tenths, int *before)
{
    long whole = labs(tenths) / 10, rest = labs(tenths) % 10;
    int bare = whole == 0 && rest > 0;
    if (tenths < 0)
        jf_text_add(b, "-");
    else if (*before == 1 || (*before == 2 && !bare))
        jf_text_add(b, " ");
    if (!bare)
        jf_text_add(b, "%ld", whole);
    if (rest > 0)
        jf_text_add(b, ".%ld", rest);
    *before = rest > 0 ? 2 : 1;
}

typedef struct {
    long x, y;
} point;

/* The point at *at, which moves behind it; 0 when none is there. */
static int next_point(const char **at, point *p)
{
    char *end;
    double x = strtod(*at, &end);
    if (end == *at)
        return 0;
    const char *second = end + (*end == ',');
    double y = strtod(second, &end);
    if (end == second || !isfinite(x) || !isfinite(y))
        return 0;
    p->x = lround(10 * x);
    p->y = lround(10 * y);
    *at = end;
    return 1;
}

/* A step from one point to the next, by the letter that is shortest; *letter is
 * the last one written. */
static void add_step(jf_text *b, char letter, point from, point to, char *last,
                     int *before)
{
    long x = to.x - from.x, y = to.y - from.y;
    if (letter == 'l' && (x == 0 || y == 0))
        letter = y == 0 ? 'h' : 'v';
    if (letter == 'm' || (letter != *last && (letter != 'l' || *last != 'm'))) {
        jf_text_add(b, "%c", letter);
        *before = 0;
    }
    *last = letter;
    if (letter != 'v')
        add_tenths(b, x, before);
    if (letter != 'h')
        add_tenths(b, y, before);
}

/* A path of M, L and Z, as gnuplot writes them, by its steps: whether anything
 * is drawn; of another -1, and what is written then is no path. */
static int add_path(jf_text *b, const char *at, const char *end)
{
    point now = {0, 0}, start = now, next;
    char letter = 'l', last = 0;
    int before = 0, drawn = 0;
    for (at += strspn(at, " \t\n"); at < end; at += strspn(at, " \t\n,")) {
        if (*at == 'M' || *at == 'L') {
            letter = *at++ == 'M' ? 'm' : 'l';
        } else if (*at == 'Z' || *at == 'z') {
            jf_text_add(b, "z");
            at++;
            now = start;
            before = last = 0;
        } else if (next_point(&at, &next)) {
            int moves = letter == 'm',
                same = next.x == now.x && next.y == now.y;
            if (moves || !same)
                add_step(b, letter, now, next, &last, &before);
            drawn |= !moves;
            now = next;
            start = moves ? now : start;
            letter = 'l';
        } else {
            return -1;
        }
    }
    return drawn;
}

/* Up to two decimals, and no zeros at their end. */
static void add_shorter(jf_text *b, const char *at, const char *end)
{
    while (at < end) {
        size_t n = strcspn(at, ".");
        if (n >= (size_t)(end - at))
            n = (size_t)(end - at);
        jf_text_bytes(b, at, n);
        at += n;
        if (at == end)
            return;
        size_t digits = strspn(at + 1, "0123456789"),
               kept = digits < 2 ? digits : 2;
        while (kept > 0 && at[kept] == '0')
            kept--;
        if (kept > 0 || digits == 0)
            jf_text_bytes(b, at, kept + 1);
        at += 1 + digits;
    }
}

/* An attribute: its name and its value, which ends at end, at a quote. */
typedef struct {
    const char *name, *value, *end;
    size_t n;
} attribute;

/* The next one at *at, which moves behind it; 0 at the end of the tag. */
static int next_attribute(const char **at, attribute *a)
{
    const char *p = *at + strspn(*at, " \t\n/");
    a->n = strcspn(p, " \t\n=>");
    a->name = p;
    p += a->n;
    p += strspn(p, " \t\n=");
    if (a->n == 0 || (*p != '"' && *p != '\''))
        return 0;
    a->value = p + 1;
    a->end = strchr(p + 1, *p);
    if (!a->end)
        return 0;
    *at = a->end + 1;
    if (begins(a->name, "xlink:")) {
        a->name += strlen("xlink:");
        a->n -= strlen("xlink:");
    }
    return 1;
}

static int has_name(const attribute *a, const char *name)
{
    return strlen(name) == a->n && begins(a->name, name);
}

/* What sscanf can read between two places: of the whole text it would seek the
 * end at each call. */
static const char *between(const char *at, const char *end, char part[PART])
{
    size_t n = (size_t)(end - at);
    n = n < PART ? n : PART - 1;
    memcpy(part, at, n);
    part[n] = '\0';
    return part;
}

/* The first of these words between two places, or NULL. */
static const char *find(const char *at, const char *end, const char *words)
{
    size_t n = strlen(words);
    for (; (size_t)(end - at) >= n; at++)
        if (memcmp(at, words, n) == 0)
            return at;
    return NULL;
}

/* The value of an attribute in fewer bytes. */
static void add_value(drawing *d, jf_text *b, const attribute *a)
{
    char part[PART];
    unsigned red, green, blue;
    const char *value = a->value;
    const char *url = find(value, a->end, "url(#");
    if (has_name(a, "id")) {
        jf_text_add(b, "%s-", d->name);
    } else if (has_name(a, "href") && *value == '#') {
        jf_text_add(b, "#%s-", d->name);
        value++;
    } else if (url) {
        url += strlen("url(#");
        jf_text_bytes(b, value, (size_t)(url - value));
        jf_text_add(b, "%s-", d->name);
        value = url;
    } else if (sscanf(between(value, a->end, part), COLOUR, &red, &green,
                      &blue) == 3) {
        jf_text_add(b, "#%02x%02x%02x", red & 255, green & 255, blue & 255);
        return;
    } else {
        add_shorter(b, value, a->end);
        return;
    }
    jf_text_bytes(b, value, (size_t)(a->end - value));
}

/* What is so anyway (the page says the font), or nothing to a page. */
static int is_idle(const attribute *a)
{
    static const char *const idle[][2] = {{"stroke-linecap", "butt"},
                                          {"stroke-linejoin", "miter"},
                                          {"font-family", "sans-serif"},
                                          {"class", ""}};
    for (size_t k = 0; k < sizeof idle / sizeof *idle; k++)
        if (has_name(a, idle[k][0]) && begins(a->value, idle[k][1]))
            return 1;
    return 0;
}

/* The attributes behind a tag's name; 0 when it is a path that draws nothing. */
static int add_attributes(drawing *d, jf_text *b, const char *at)
{
    attribute a;
    int draws = 1;
    while (next_attribute(&at, &a)) {
        if (is_idle(&a))
            continue;
        jf_text_add(b, " %.*s=%c", (int)a.n, a.name, *a.end);
        size_t start = b->length;
        int drawn = has_name(&a, "d") ? add_path(b, a.value, a.end) : -1;
        if (drawn < 0) {
            b->length = start;
            add_value(d, b, &a);
        }
        draws = draws && drawn != 0;
        jf_text_add(b, "%c", *a.end);
    }
    return draws;
}

/* Behind the ">" of the tag, or at the end of the text. */
static const char *behind_tag(const char *at)
{
    char quote = 0;
    for (; *at; at++) {
        if (quote)
            quote = *at == quote ? 0 : quote;
        else if (*at == '"' || *at == '\'')
            quote = *at;
        else if (*at == '>')
            return at + 1;
    }
    return at;
}

/* A line of d->marks, its number and whether it is new. */
static size_t mark_number(drawing *d, const char *line, int *is_new)
{
    size_t number = 0;
    const char *at = d->marks.data;
    for (; at && *at; at = strchr(at, '\n') + 1, number++)
        if (begins(at, line)) {
            *is_new = 0;
            return number;
        }
    *is_new = 1;
    jf_text_add(&d->marks, "%s", line);
    return number;
}

/* A mark by a form and a colour that are written once; 0 when it is none. */
static int add_mark(drawing *d, const char *tag)
{
    double x, y, scale;
    char part[PART], form[24], colour[8], line[64];
    unsigned red, green, blue;
    int is_new;
    if (sscanf(
            between(tag, behind_tag(tag), part),
            "<use xlink:href='#%20[A-Za-z0-9]' transform='translate(%lf,%lf) "
            "scale(%lf)' color='" COLOUR "'",
            form, &x, &y, &scale, &red, &green, &blue) != 7)
        return 0;
    snprintf(colour, sizeof colour, "#%02x%02x%02x", red & 255, green & 255,
             blue & 255);
    snprintf(line, sizeof line, "%s %g %s\n", form, scale, colour);
    size_t k = mark_number(d, line, &is_new);
    write_groups(d);
    if (is_new)
        jf_text_add(d->b,
                    "<defs><use id='%s-m%zu' href='#%s-%s' "
                    "transform='scale(%g)' color='%s'/></defs>",
                    d->name, k, d->name, form, scale, colour);
    jf_text_add(d->b, "<use href='#%s-m%zu' x='%.5g' y='%.5g'/>", d->name, k,
                round(10 * x) / 10, round(10 * y) / 10);
    return 1;
}

/* Any tag, in fewer bytes. */
static void add_tag(drawing *d, const char *at, const char *end)
{
    size_t n = 1 + strcspn(at + 1, " \t\n/>");
    jf_text tag = {0};
    jf_text_bytes(&tag, at, n);
    if (add_attributes(d, &tag, at + n)) {
        write_groups(d);
        jf_text_add(d->b, "%s%s>", tag.data, end[-2] == '/' ? "/" : "");
    }
    free(tag.data);
}

static const char *link_of(const drawing *d, const char *name, size_t n)
{
    return d->links ? d->links->link(d->links->context, name, n) : NULL;
}

/* What is within <text>: spans without attributes, and the empty one behind an
 * exponent where nothing follows, are left out. */
static void add_spans(drawing *d, const char *at, const char *end)
{
    int bare = 0;
    while (at < end) {
        size_t n = strcspn(at, "<");
        jf_text_bytes(d->b, at, n);
        at += n;
        if (at >= end)
            return;
        const char *behind = behind_tag(at);
        jf_text attributes = {0};
        if (begins(at, "<tspan") && begins(behind, "</tspan></text>"))
            return;
        if (begins(at, "<tspan")) {
            add_attributes(d, &attributes, at + strlen("<tspan"));
            bare = attributes.length == 0;
            if (!bare)
                jf_text_add(d->b, "<tspan%s>", attributes.data);
        } else if (!bare) {
            jf_text_bytes(d->b, at, (size_t)(behind - at));
        }
        free(attributes.data);
        at = behind;
    }
}

/* <text> with its end; behind it. */
static const char *add_text(drawing *d, const char *at, const char *last)
{
    const char *end = strstr(at, "</text>"), *inside = behind_tag(at);
    if (!end || end > last || inside > end)
        return last;
    const char *link = link_of(d, inside, (size_t)(end - inside));
    write_groups(d);
    if (link)
        jf_text_add(d->b, "<a %s>", link);
    add_tag(d, at, inside);
    add_spans(d, inside, end);
    jf_text_add(d->b, "</text>%s", link ? "</a>" : "");
    return end + strlen("</text>");
}

/* "<g ...>", or a link where a mark has a name, as tools/draw.sh gives it. */
static void add_group(drawing *d, const char *at)
{
    static const char named[] = "<g class=\"named\"><title>";
    jf_text tag = {0};
    const char *name = at + strlen(named);
    const char *link =
        begins(at, named) ? link_of(d, name, strcspn(name, "<")) : NULL;
    jf_text_add(&tag, link ? "<a %s" : "<g", link);
    if (!link)
        add_attributes(d, &tag, at + 2);
    jf_text_add(&tag, ">");
    begin_group(d, tag.data);
}

/* A form of a mark or a box: its markup, and whether it is used. */
typedef struct {
    const char *at, *end;
    int used;
} form;

/* The forms that gnuplot puts before every drawing; their number, at most
 * most. */
static size_t list_forms(const char *at, const char *end, form *forms,
                         size_t most)
{
    size_t count = 0;
    while (count < most && (at = strchr(at, '<')) && at < end) {
        const char *behind = behind_tag(at), *last = strstr(at, "</filter>");
        if (begins(at, "<filter") && last)
            behind = last + strlen("</filter>");
        forms[count++] = (form){at, behind, 0};
        at = behind;
    }
    return count;
}

/* Whether id, of n bytes, is wanted between two places. */
static int is_wanted(const char *id, size_t n, const char *from, const char *to)
{
    for (const char *at = from; (at = strstr(at, "#")) && at < to; at++)
        if (strncmp(at + 1, id, n) == 0 && strchr("'\")", at[n + 1]))
            return 1;
    return 0;
}

/* Those that are used by what follows: each stands behind what it is made
 * of. */
static void add_forms(drawing *d, const char *at, const char *end,
                      const char *last)
{
    form forms[64];
    size_t count =
        list_forms(behind_tag(at), end, forms, sizeof forms / sizeof *forms);
    for (size_t k = count; k-- > 0;) {
        const char *id = strstr(forms[k].at, "id='");
        if (!id || id > forms[k].end)
            continue;
        id += strlen("id='");
        size_t n = strcspn(id, "'");
        forms[k].used = is_wanted(id, n, end, last);
        for (size_t j = k + 1; j < count; j++)
            if (forms[j].used && is_wanted(id, n, forms[j].at, forms[j].end))
                forms[k].used = 1;
    }
    jf_text_add(d->b, "<defs>");
    for (size_t k = 0; k < count; k++)
        for (const char *tag = forms[k].at;
             forms[k].used && tag && tag < forms[k].end;
             tag = strchr(behind_tag(tag), '<'))
            add_tag(d, tag, behind_tag(tag));
    jf_text_add(d->b, "</defs>");
}

/* Behind an element that is left out, or behind its tag if it has no end. */
static const char *skip(const char *at, const char *end)
{
    const char *found = strstr(at, end);
    return found ? found + strlen(end) : behind_tag(at);
}

/* A tag with what belongs to it; behind it. */
static const char *add_element(drawing *d, const char *at, const char *last)
{
    const char *behind = behind_tag(at);
    int whole = behind - at > 2 && behind[-2] == '/'; /* "<g .../>" */
    if ((begins(at, "<g ") && !whole) || begins(at, "<g>")) {
        add_group(d, at);
    } else if (begins(at, "</g")) {
        end_group(d);
    } else if (begins(at, "<title>")) {
        behind = skip(at, "</title>");
        if (d->depth > 0) { /* else gnuplot's own, which would be a tooltip */
            write_groups(d);
            jf_text_bytes(d->b, at, (size_t)(behind - at));
        }
    } else if (begins(at, "<desc>")) {
        behind = skip(at, "</desc>");
    } else if (begins(at, "<text")) {
        behind = add_text(d, at, last);
    } else if (!begins(at, "<use ") || !add_mark(d, at)) {
        add_tag(d, at, behind);
    }
    return behind;
}

void add_drawing(jf_text *b, const char *svg, const char *name,
                 const drawing_links *links)
{
    drawing d = {.b = b, .name = name, .links = links};
    const char *at = behind_tag(strstr(svg, "<svg"));
    const char *last = strstr(at, "</svg>"), *forms = strstr(at, "<defs>");
    while ((at = strchr(at, '<')) && at < last) {
        const char *end = at == forms ? strstr(at, "</defs>") : NULL;
        if (end && end < last) {
            write_groups(&d);
            add_forms(&d, at, end, last);
            at = behind_tag(end);
        } else {
            at = add_element(&d, at, last);
        }
    }
    while (d.depth > 0)
        end_group(&d);
    write_groups(&d);
    free(d.groups);
    free(d.marks.data);
}
