/* test_drawing.c -- drawings of gnuplot's within a page: what each kind of their
 * markup becomes, that a path goes where it went, and that what is no drawing
 * ends in no error. */
#include "check.h"
#include "drawing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PEN                                                                    \
    "<g fill=\"none\" color=\"black\" stroke=\"currentColor\" "                \
    "stroke-width=\"1.00\" stroke-linecap=\"butt\" stroke-linejoin=\"miter\">"
#define SHORT                                                                  \
    "<g fill=\"none\" color=\"black\" stroke=\"currentColor\" "                \
    "stroke-width=\"1\">"
#define MARK                                                                   \
    "<use xlink:href='#gpPt6' transform='translate(1.04,2.06) scale(2.92)' "   \
    "color='rgb(  0, 114, 178)'/>"

static const struct {
    const char *drawn, *markup; /* within <svg> */
} known[] = {
    {"<title>Gnuplot</title>\n<desc>By hand</desc>\n", ""},
    /* groups */
    {PEN "\n</g>\n", ""},
    {PEN "<rect x=\"0\"/></g>\n" PEN "</g>" PEN "<rect x=\"1.50\"/></g>",
     SHORT "<rect x=\"0\"/><rect x=\"1.5\"/></g>"},
    {PEN "<rect/></g><rect/>" PEN "<rect/></g>",
     SHORT "<rect/></g><rect/>" SHORT "<rect/></g>"},
    {"<g id=\"a\"><title>x</title>" PEN "</g></g>",
     "<g id=\"p-a\"><title>x</title></g>"},
    /* paths */
    {"<path stroke='rgb( 51,  51,  51)'  d='M333.00,97.80  '/>", ""},
    {"<path d='M1.00,2.00 L4.04,2.00 L4.04,-1.50 M10.00,10.50\n\tL9.50,11.00 "
     "L9.50,11.01 Z  '/>",
     "<path d='m1 2h3v-3.5m6 12-.5.5z'/>"},
    {"<path d='M0,0 L1,1 L2,1 Z L3,3'/>", "<path d='m0 0 1 1h1zl3 3'/>"},
    {"<path d='M-1,0 h2 M0,-1 v2'/>", "<path d='M-1,0 h2 M0,-1 v2'/>"},
    {"<polygon points = '1.119,2.00 3.5,4'/>",
     "<polygon points='1.11,2 3.5,4'/>"},
    /* marks: their form once, of those that gnuplot lists what is used */
    {"<defs><path id='gpPt1' d='M0,0 l1,1'/><circle id='gpPt5' r='1'/>\n"
     "<use xlink:href='#gpPt5' id='gpPt6' fill='currentColor'/></defs>" MARK
     "\n" MARK,
     "<defs><circle id='p-gpPt5' r='1'/><use href='#p-gpPt5' id='p-gpPt6' "
     "fill='currentColor'/></defs><defs><use id='p-m0' href='#p-gpPt6' "
     "transform='scale(2.92)' color='#0072b2'/></defs>"
     "<use href='#p-m0' x='1' y='2.1'/><use href='#p-m0' x='1' y='2.1'/>"},
    /* texts */
    {"<text><tspan font-family=\"sans-serif\" >10</tspan><tspan "
     "font-family=\"sans-serif\"  font-size=\"10.4\" dy=\"-6.50px\">-6</tspan>"
     "<tspan font-size=\"13.0\" dy=\"6.50\"></tspan></text>",
     "<text>10<tspan font-size=\"10.4\" dy=\"-6.5px\">-6</tspan></text>"},
    {"<text><tspan>a  b</tspan></text>", "<text>a  b</text>"},
    /* links, by the names "there" and "x" */
    {"<g class=\"named\"><title>there</title><rect/></g><g class=\"named\">"
     "<title>there</title><rect/></g>",
     "<a href=\"#t\"><title>there</title><rect/></a><a href=\"#t\"><title>"
     "there</title><rect/></a>"},
    {"<g class=\"named\"><title>nowhere</title><rect/></g>",
     "<g><title>nowhere</title><rect/></g>"},
    {"<text>x</text>", "<a href=\"#t\"><text>x</text></a>"},
    /* what is no drawing: anything */
    {"</g></g><g", NULL},
    {"<text>open", NULL},
    {"<defs><circle id='a'", NULL},
    {"<use xlink:href='#", NULL},
};

static const char *link_of(void *context, const char *name, size_t n)
{
    (void)context;
    return (n == 5 && strncmp(name, "there", n) == 0) ||
                   (n == 1 && *name == 'x')
               ? "href=\"#t\""
               : NULL;
}

/* The points of a path by steps, absolute, one at a time. */
static void check_path(const char *markup, const double (*points)[2],
                       size_t count)
{
    const char *at = strstr(markup, "d='");
    double x = 0, y = 0;
    char letter = 'm';
    size_t k = 0;
    CHECK(at != NULL);
    for (at += at ? 3 : 0; at && *at != '\'' && *at;) {
        char *end;
        if (strchr("mlhv", *at))
            letter = *at++;
        double step = strtod(at, &end);
        at = end;
        x += letter == 'v' ? 0 : step;
        y += letter == 'v' ? step : 0;
        if (letter == 'm' || letter == 'l') {
            y += strtod(at, &end);
            at = end;
        }
        letter = letter == 'm' ? 'l' : letter;
        CHECK(k < count);
        if (k == count)
            return;
        CHECK_CLOSE(x, points[k][0], .055 + 1e-9);
        CHECK_CLOSE(y, points[k][1], .055 + 1e-9);
        k++;
    }
    CHECK(k == count);
}

int main(void)
{
    const drawing_links links = {link_of, NULL};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        jf_text svg = {0}, b = {0};
        jf_text_add(&svg, "<svg viewBox=\"0 0 9 9\">%s</svg>", known[k].drawn);
        jf_text_add(&b, "%s", "");
        add_drawing(&b, svg.data, "p", &links);
        int same = !known[k].markup || strcmp(b.data, known[k].markup) == 0;
        CHECK(same);
        if (!same)
            printf("%s\n  %s\n  not %s\n", known[k].drawn, b.data,
                   known[k].markup);
        free(svg.data);
        free(b.data);
    }

    /* steps of rounded points: nothing adds up along a path */
    enum { COUNT = 500 };
    static double points[COUNT][2];
    jf_text svg = {0}, b = {0};
    jf_text_add(&svg, "<svg><path d='");
    for (size_t k = 0; k < COUNT; k++) {
        points[k][0] = 300 + 250 * sin(.37 * (double)k);
        points[k][1] = .13 * (double)k - 9;
        jf_text_add(&svg, "%c%.2f,%.2f ", k % 7 == 0 ? 'M' : 'L', points[k][0],
                    points[k][1]);
    }
    jf_text_add(&svg, "'/></svg>");
    add_drawing(&b, svg.data, "p", NULL);
    check_path(b.data, (const double(*)[2])points, COUNT);
    CHECK(b.length < svg.length * 3 / 4);
    free(svg.data);
    free(b.data);
    return check_end();
}
