/* dress.c -- encodings, line ends, separators. */
#include "data/dress.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"

static uint32_t unit(const unsigned char *p, int big)
{
    return big ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

static char *put_utf8(char *to, uint32_t c)
{
    if (c < 0x80) {
        *to++ = (char)c;
        return to;
    }
    if (c < 0x800) {
        *to++ = (char)(0xc0 | c >> 6);
    } else {
        if (c < 0x10000) {
            *to++ = (char)(0xe0 | c >> 12);
        } else {
            *to++ = (char)(0xf0 | c >> 18);
            *to++ = (char)(0x80 | (c >> 12 & 0x3f));
        }
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
    }
    *to++ = (char)(0x80 | (c & 0x3f));
    return to;
}

/* UTF-16 behind its byte order mark; two bytes become three at most. */
static int from_utf16(const char *path, jf_bytes file, jf_dress *dress)
{
    const unsigned char *p = file.bytes + 2, *end = file.bytes + file.size;
    int big = file.bytes[0] == 0xfe;
    char *to = jf_alloc(file.size / 2 * 3 + 1, 1);
    JF_TRY_MEMORY(dress->own = dress->text = to);
    for (; end - p >= 2; p += 2) {
        uint32_t c = unit(p, big);
        if (c >= 0xd800 && c < 0xe000) { /* two halves */
            uint32_t low = end - p >= 4 ? unit(p + 2, big) : 0;
            if (c >= 0xdc00 || low < 0xdc00 || low >= 0xe000)
                return jf_refuse(path, 0, "damaged UTF-16 found");
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            p += 2;
        }
        to = put_utf8(to, c);
    }
    dress->size = (size_t)(to - dress->text);
    return p == end ? GSL_SUCCESS
                    : jf_refuse(path, 0, "truncated UTF-16 found");
}

static int decode(const char *path, jf_bytes file, jf_dataset *out,
                  jf_dress *dress)
{
    const unsigned char *b = file.bytes;
    int utf16 = file.size >= 2 && ((b[0] == 0xff && b[1] == 0xfe) ||
                                   (b[0] == 0xfe && b[1] == 0xff));
    size_t mark = file.size >= 3 && memcmp(b, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    dress->text = (char *)file.bytes + mark;
    dress->size = file.size - mark;
    if (!utf16)
        return GSL_SUCCESS;
    JF_TRY(from_utf16(path, file, dress));
    return jf_data_note(out, "the text is UTF-16");
}

/* Line ends of old Macintoshes. */
static void end_lines(jf_dress *d)
{
    if (d->size == 0 || memchr(d->text, '\n', d->size - 1))
        return;
    for (char *p = d->text;
         (p = memchr(p, '\r', d->size - (size_t)(p - d->text)));)
        *p = '\n';
}

/* A spreadsheet's first line, which becomes an empty one. */
static int take_separator(jf_dataset *out, jf_dress *d)
{
    char *p = d->text;
    int quoted = d->size > 0 && *p == '"';
    p += quoted;
    if (strncasecmp(p, "sep=", 4) != 0 || p[4] == '\0')
        return GSL_SUCCESS;
    const char *end = p + 5 + quoted;
    if (end > d->text + d->size || (*end && !strchr("\r\n", *end)))
        return GSL_SUCCESS;
    d->separator = p[4];
    memset(d->text, ' ', (size_t)(end - d->text));
    return jf_data_note(out, "the first line names the separator, '%c'",
                        d->separator);
}

/* The first line from *p on that is neither empty nor a comment. */
static int next_line(const char **p, const char *stop, const char **line,
                     const char **end)
{
    while (*p < stop) {
        *line = *p;
        *end = memchr(*p, '\n', (size_t)(stop - *p));
        *end = *end ? *end : stop;
        *p = *end + (*end < stop);
        const char *first = *line + strspn(*line, " \t\r");
        if (first < *end && *first != '#')
            return 1;
    }
    return 0;
}

int jf_decimal_comma(const char *text, size_t length, double *value)
{
    char copy[64];
    size_t used;
    const char *comma = memchr(text, ',', length);
    if (!comma || length >= sizeof copy || memchr(text, '.', length))
        return 0;
    memcpy(copy, text, length);
    copy[comma - text] = '.';
    *value = jf_parse_number(copy, length, &used);
    return used == length;
}

/* How many fields the separator makes of a line; 0 when one of them holds a
 * comma and is no number with a decimal comma. */
static size_t fields(const char *p, const char *end, char separator)
{
    size_t count = 0;
    while (p < end && strchr(" \t\r", end[-1]))
        end--;
    while (p <= end) {
        const char *stop = memchr(p, separator, (size_t)(end - p));
        stop = stop ? stop : end;
        size_t length = (size_t)(stop - p), quoted = length > 1 && *p == '"';
        double value;
        if (memchr(p, ',', length) &&
            !jf_decimal_comma(p + quoted, length - 2 * quoted, &value))
            return 0;
        count += length > 0 || separator != ' ';
        p = stop + 1;
    }
    return count;
}

/* A separator that leaves commas to the numbers, where the first two lines
 * agree on one; otherwise it is not decided here. */
static void find_separator(jf_dress *d)
{
    const char *p = d->text, *stop = p + d->size, *a, *a_end, *b, *b_end;
    if (d->separator || !next_line(&p, stop, &a, &a_end) ||
        !memchr(a, ',', (size_t)(a_end - a)) ||
        !next_line(&p, stop, &b, &b_end))
        return;
    for (const char *s = ";\t| "; *s; s++) {
        size_t count = fields(a, a_end, *s);
        if (count > 1 && count == fields(b, b_end, *s)) {
            d->separator = *s;
            return;
        }
    }
}

static int refuse_arff(const char *path, const jf_dress *d)
{
    const char *p = d->text, *line, *end;
    while (next_line(&p, d->text + d->size, &line, &end)) {
        line += strspn(line, " \t");
        if (strncasecmp(line, "@relation", 9) == 0)
            return jf_refuse(path, 0,
                             "an ARFF file found, a table expected: leave out "
                             "its lines up to @data");
        if (*line != '%')
            break;
    }
    return GSL_SUCCESS;
}

int jf_dress_off(const char *path, jf_bytes file, jf_dataset *out,
                 jf_dress *dress)
{
    *dress = (jf_dress){0};
    JF_TRY(decode(path, file, out, dress));
    if (memchr(dress->text, '\0', dress->size))
        return jf_refuse(path, 1, "a zero byte found, text expected");
    end_lines(dress);
    JF_TRY(take_separator(out, dress));
    find_separator(dress);
    return refuse_arff(path, dress);
}
