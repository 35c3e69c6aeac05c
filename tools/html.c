/* html.c -- text into the report. */
#include "report.h"

void escape(buffer *b, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&':
            buffer_add(b, "&amp;");
            break;
        case '<':
            buffer_add(b, "&lt;");
            break;
        case '>':
            buffer_add(b, "&gt;");
            break;
        case '"':
            buffer_add(b, "&quot;");
            break;
        default:
            buffer_bytes(b, text, 1);
        }
    }
}

void add_number(buffer *b, const char *field)
{
    char text[48];
    escape(b, short_number(field, text));
}
