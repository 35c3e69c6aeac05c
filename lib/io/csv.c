/* csv.c -- records and fields. */
#include "io/csv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "io/output.h"

static int is_blank(const jf_csv *c, char letter)
{
    return letter == ' ' || (letter == '\t' && c->separator != '\t');
}

static int separates(const jf_csv *c, char letter)
{
    return letter == c->separator || (c->separator == ' ' && letter == '\t');
}

/* The quote that closes the field whose text begins at p; end: there is none.
 */
static const char *closing_quote(const char *p, const char *end)
{
    while ((p = memchr(p, '"', (size_t)(end - p))) != NULL) {
        if (p + 1 == end || p[1] != '"')
            return p;
        p += 2;
    }
    return end;
}

int jf_csv_next(const jf_csv *c, jf_csv_cursor *cursor, jf_csv_field *f)
{
    const char *p = cursor->at, *end = cursor->end;
    if (p > end)
        return 0;
    while (p < end && is_blank(c, *p))
        p++;
    if (p == end && c->separator == ' ')
        return 0;
    f->quoted = p < end && *p == '"';
    p += f->quoted;
    f->text = p;
    if (f->quoted)
        p = closing_quote(p, end);
    else
        while (p < end && !separates(c, *p))
            p++;
    f->length = (size_t)(p - f->text);
    while (!f->quoted && f->length && is_blank(c, f->text[f->length - 1]))
        f->length--;
    while (p < end && !separates(c, *p))
        p++;
    cursor->at = p + 1;
    return 1;
}

jf_csv_cursor jf_csv_record(const jf_csv *c, size_t row)
{
    return (jf_csv_cursor){c->text + c->record[row].start,
                           c->text + c->record[row].end};
}

size_t jf_csv_count(const jf_csv *c, size_t row)
{
    jf_csv_cursor cursor = jf_csv_record(c, row);
    size_t count = 0;
    for (jf_csv_field f; jf_csv_next(c, &cursor, &f);)
        count++;
    return count;
}

static char guess_separator(const char *line, const char *end)
{
    static const char candidates[] = ",;\t|";
    for (const char *separator = candidates; *separator; separator++)
        for (const char *p = line; p < end && *p != '\n'; p++) {
            if (*p == *separator)
                return *separator;
            if (*p == '"' && (p == line || strchr(",;\t| ", p[-1])))
                p = closing_quote(p + 1, end);
        }
    return ' ';
}

/* Where the record at p, which holds a quote, ends: at the end of a line, or
 * of the text.  NULL after a line on stderr. */
static const char *quoted_end(const jf_csv *c, const char *p, const char *end,
                              size_t line)
{
    while (p < end && *p != '\n') {
        while (p < end && is_blank(c, *p))
            p++;
        int quoted = p < end && *p == '"';
        if (quoted && (p = closing_quote(p + 1, end)) == end) {
            jf_refuse(c->path, line, "a quote that does not close");
            return NULL;
        }
        p += quoted;
        while (quoted && p < end && (is_blank(c, *p) || *p == '\r'))
            p++;
        if (quoted && p < end && *p != '\n' && !separates(c, *p) &&
            !separates(c, p[-1])) {
            jf_refuse(c->path, line, "text after a closing quote");
            return NULL;
        }
        while (p < end && *p != '\n' && !separates(c, *p))
            p++;
        if (p < end && *p != '\n')
            p++;
    }
    return p;
}

/* A record has a byte at least, and a line's end before the next: room grows by
 * half, or to as many as the bytes behind this record may hold, before it comes
 * near that. */
static int add_record(jf_csv *c, size_t *room, size_t start, size_t end,
                      size_t behind)
{
    while (end > start && strchr("\r \t", c->text[end - 1]))
        end--;
    if (c->rows == *room) {
        size_t more = *room + *room / 2 + 256, most = c->rows + behind / 2 + 1;
        more = more < most / 3 * 2 ? more : most;
        void *grown = jf_resize(c->record, more, sizeof *c->record);
        JF_TRY_MEMORY(grown);
        c->record = grown;
        *room = more;
    }
    c->record[c->rows].start = start;
    c->record[c->rows++].end = end;
    return GSL_SUCCESS;
}

size_t jf_csv_line(const jf_csv *c, size_t row)
{
    const char *p = c->text, *stop = p + c->record[row].start;
    size_t line = 1;
    for (; (p = memchr(p, '\n', (size_t)(stop - p))) != NULL; p++)
        line++;
    return line;
}

/* A line that begins with #, but with no word of a spreadsheet. */
static int is_comment(const char *p, const char *stop)
{
    static const char *const words[] = {"#N/A",  "#DIV/0!", "#VALUE!", "#REF!",
                                        "#NUM!", "#NAME?",  "#NULL!"};
    for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
        size_t length = strlen(words[k]);
        if ((size_t)(stop - p) >= length && memcmp(p, words[k], length) == 0)
            return 0;
    }
    return *p == '#';
}

int jf_csv_index(const char *path, const char *text, size_t size,
                 char separator, jf_csv *out)
{
    const char *stop = text + size;
    size_t room = 0, line = 1;
    *out = (jf_csv){.path = path, .text = text, .separator = separator};
    if (memchr(text, '\0', size))
        return jf_refuse(path, 1, "a zero byte found, text expected");
    for (const char *p = text, *end; p < stop; p = end + (end < stop)) {
        end = memchr(p, '\n', (size_t)(stop - p));
        end = end ? end : stop;
        if (p[strspn(p, " \t\r")] == '\n' || p + strspn(p, " \t\r") >= stop ||
            is_comment(p, stop)) {
            line++;
            continue;
        }
        if (!out->separator)
            out->separator = guess_separator(p, stop);
        if (memchr(p, '"', (size_t)(end - p))) {
            if (!(end = quoted_end(out, p, stop, line)))
                return GSL_EFAILED;
            for (const char *q = p;
                 (q = memchr(q, '\n', (size_t)(end - q))) != NULL; q++)
                line++;
        }
        JF_TRY(add_record(out, &room, (size_t)(p - text), (size_t)(end - text),
                          (size_t)(stop - end)));
        line++;
    }
    if (out->rows)
        out->columns = jf_csv_count(out, 0);
    return GSL_SUCCESS;
}

void jf_csv_clear(jf_csv *c)
{
    free(c->record);
    *c = (jf_csv){0};
}

/* Ends the field with a zero byte, two quotes in it as one. */
static char *in_place(char *text, jf_csv_field f, const char *base)
{
    char *at = text + (f.text - base), *to = at;
    for (size_t i = 0; i < f.length; i++) {
        *to++ = at[i];
        i += f.quoted && at[i] == '"';
    }
    *to = '\0';
    return at;
}

/* As many fields in each record as in the first: before the text is changed,
 * in which lines are counted. */
static int check_counts(const jf_csv *c)
{
    for (size_t i = 0; i < c->rows; i++) {
        size_t count = jf_csv_count(c, i);
        if (count != c->columns)
            return jf_refuse(c->path, jf_csv_line(c, i),
                             "%zu fields found, %zu expected as above", count,
                             c->columns);
    }
    return GSL_SUCCESS;
}

/* The fields of all records; a record is read before its text is changed. */
static int fill(const jf_csv *c, jf_texts *t)
{
    JF_TRY(check_counts(c));
    jf_csv_field *row = jf_alloc(c->columns, sizeof *row);
    JF_TRY_MEMORY(row);
    for (size_t i = 0; i < c->rows; i++) {
        jf_csv_cursor cursor = jf_csv_record(c, i);
        for (size_t j = 0; j < c->columns; j++)
            jf_csv_next(c, &cursor, &row[j]);
        for (size_t j = 0; j < c->columns; j++)
            t->fields[i * c->columns + j] = in_place(t->text, row[j], t->text);
    }
    free(row);
    return GSL_SUCCESS;
}

int jf_texts_read(const char *path, jf_texts *t)
{
    jf_csv c;
    size_t size = 0;
    *t = (jf_texts){.text = jf_file_read(path, &size)};
    if (!t->text && errno == ENOMEM)
        JF_ERROR("no memory for a file", GSL_ENOMEM);
    if (!t->text)
        return jf_refuse(path, 0, "cannot read: %s", strerror(errno));
    int status = jf_csv_index(path, t->text, size, ',', &c);
    if (status == GSL_SUCCESS && c.rows == 0)
        status = jf_refuse(path, 1, "no row");
    if (status == GSL_SUCCESS) {
        t->rows = c.rows;
        t->columns = c.columns;
        t->fields = jf_alloc(c.rows * c.columns, sizeof *t->fields);
        status = t->fields ? fill(&c, t) : GSL_ENOMEM;
    }
    jf_csv_clear(&c);
    if (status != GSL_SUCCESS)
        jf_texts_free(t);
    return status;
}

void jf_texts_free(jf_texts *t)
{
    free(t->fields);
    free(t->text);
    *t = (jf_texts){0};
}

size_t jf_texts_column(const jf_texts *t, const char *name)
{
    size_t j = 0;
    while (j < t->columns && strcmp(t->fields[j], name) != 0)
        j++;
    return j;
}

const char *jf_texts_field(const jf_texts *t, size_t row, size_t column)
{
    return t->fields[row * t->columns + column];
}
