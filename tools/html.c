/* html.c -- text into the report. */
#include "report.h"

#include <string.h>

static void escape_part(jf_text *b, const char *text, size_t length)
{
    for (const char *end = text + length; text < end; text++) {
        switch (*text) {
        case '&':
            jf_text_add(b, "&amp;");
            break;
        case '<':
            jf_text_add(b, "&lt;");
            break;
        case '>':
            jf_text_add(b, "&gt;");
            break;
        case '"':
            jf_text_add(b, "&quot;");
            break;
        default:
            jf_text_bytes(b, text, 1);
        }
    }
}

void escape(jf_text *b, const char *text)
{
    escape_part(b, text, strlen(text));
}

void add_linked(jf_text *b, const char *text)
{
    size_t n;
    for (const char *id; (id = next_id(text, &n)); text = id + n) {
        char name[16] = "";
        memcpy(name, id, n < sizeof name ? n : sizeof name - 1);
        const claim *c = claim_of(name);
        escape_part(b, text, (size_t)(id - text));
        if (c)
            jf_text_add(b, "<a href=\"#claim-%s\">%s</a>", c->id, name);
        else
            escape_part(b, id, n);
    }
    escape(b, text);
}

void add_number(jf_text *b, const char *field)
{
    char text[48];
    escape(b, short_number(field, text));
}
