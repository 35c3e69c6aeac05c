/* html.c -- text into the report. */
#include "report.h"

#include "mathml.h"

#include <stdlib.h>
#include <string.h>

void escape(jf_text *b, const char *text)
{
    xml_escape(b, text, strlen(text));
}

/* Of so many bytes, without formulas. */
static void link_part(jf_text *b, const char *text, size_t length)
{
    const char *end = text + length;
    size_t n;
    for (const char *id; (id = next_id(text, &n)) && id < end; text = id + n) {
        char name[16] = "";
        memcpy(name, id, n < sizeof name ? n : sizeof name - 1);
        const claim *c = claim_of(name);
        xml_escape(b, text, (size_t)(id - text));
        if (c)
            jf_text_add(b, "<a href=\"#claim-%s\">%s</a>", c->id, name);
        else
            xml_escape(b, id, n);
    }
    xml_escape(b, text, (size_t)(end - text));
}

void add_linked(jf_text *b, const char *text)
{
    char why[MATHML_WHY];
    size_t n;
    for (const char *f; (f = mathml_next(text, &n)); text = f + n + 1) {
        link_part(b, text, (size_t)(f - 1 - text));
        if (mathml_add(b, f, n, why) < 0)
            xml_escape(b, f, n);
    }
    link_part(b, text, strlen(text));
}

void add_decimal(jf_text *b, const char *number)
{
    const char *e = strchr(number, 'e');
    double value;
    if (!e || !is_number(number, &value)) {
        escape(b, number);
        return;
    }
    int power = atoi(e + 1);
    if (e - number == 1 && *number == '1')
        jf_text_add(b, "10<sup>");
    else
        jf_text_add(b, "%.*s\u00D710<sup>", (int)(e - number), number);
    jf_text_add(b, "%s%d</sup>", power < 0 ? "\u2212" : "",
                power < 0 ? -power : power);
}

void add_number(jf_text *b, const char *field)
{
    char text[48];
    escape(b, short_number(field, text));
}

void add_markdown(jf_text *b, const char *text)
{
    for (; *text; text++)
        if (*text != '$')
            jf_text_add(b, *text == '|' ? "\\%c" : "%c", *text);
}
