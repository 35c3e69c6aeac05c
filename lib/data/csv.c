/* csv.c -- decimal tables.
 *
 * The whole file is in memory; an index of its lines is made in one pass, and
 * ranges of lines are read in parallel.  A decimal of at most 2^53 and a power
 * of ten within 10^22 are both exact doubles, so one multiplication or
 * division rounds once, as strtod does (Clinger 1990); others go to strtod. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "data/read.h"

double jf_parse_number(const char *text, size_t length, size_t *used)
{
    static const double powers[] = {
        1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    size_t i = 0, digits = 0, fraction = 0;
    unsigned long long m = 0;
    int negative = 0, point = 0;

    if (i < length && (text[i] == '-' || text[i] == '+'))
        negative = text[i++] == '-';
    for (; i < length; i++) {
        if (text[i] >= '0' && text[i] <= '9') {
            m = 10 * m + (unsigned long long)(text[i] - '0');
            digits += m > 0;
            fraction += (size_t)point;
            if (digits > 18)
                break;
        } else if (text[i] == '.' && !point) {
            point = 1;
        } else {
            break;
        }
    }
    int simple = i == length && digits <= 18 && m <= 1ull << 53 &&
                 fraction <= 22 && i > (size_t)(negative + point) &&
                 !(i == 1 && point);
    if (simple && (text[i - 1] >= '0' || text[i - 1] == '.')) {
        double v = (double)m / powers[fraction];
        *used = i;
        return negative ? -v : v;
    }
    char copy[128], *end; /* strtod wants an end */
    if (length >= sizeof copy)
        length = sizeof copy - 1;
    memcpy(copy, text, length);
    copy[length] = '\0';
    double v = strtod(copy, &end);
    *used = (size_t)(end - copy);
    return v;
}

typedef struct {
    const char *path, *text;
    char separator;  /* ' ': runs of blanks */
    size_t *lines;   /* where each line with fields starts */
    size_t *numbers; /* its number in the file */
    size_t count, columns;
    int any; /* numbers that are not finite are read, holes as NaN */
} csv;

typedef struct {
    const char *text;
    size_t length;
} field;

static size_t line_length(const char *line)
{
    size_t n = strcspn(line, "\n");
    while (n &&
           (line[n - 1] == '\r' || line[n - 1] == ' ' || line[n - 1] == '\t'))
        n--;
    return n;
}

/* The next field of a line; 0 when there is none. */
static int next_field(const csv *c, const char **at, const char *end, field *f)
{
    const char *p = *at;
    if (p > end)
        return 0;
    while (p < end && (*p == ' ' || (*p == '\t' && c->separator != '\t')))
        p++;
    if (p == end && c->separator == ' ')
        return 0;
    int quoted = p < end && *p == '"';
    p += quoted;
    f->text = p;
    while (p < end && (quoted                ? *p != '"'
                       : c->separator == ' ' ? *p != ' ' && *p != '\t'
                                             : *p != c->separator))
        p++;
    f->length = (size_t)(p - f->text);
    while (!quoted && f->length &&
           (f->text[f->length - 1] == ' ' || f->text[f->length - 1] == '\t'))
        f->length--;
    while (p < end && *p != c->separator &&
           !(c->separator == ' ' && *p == '\t'))
        p++;
    *at = p + 1;
    return 1;
}

static size_t count_fields(const csv *c, const char *line)
{
    const char *at = line, *end = line + line_length(line);
    size_t count = 0;
    for (field f; next_field(c, &at, end, &f);)
        count++;
    return count;
}

/* Lines that are neither empty nor comments. */
static void index_lines(csv *c, size_t size)
{
    size_t room = 1024, number = 0;
    c->lines = jf_alloc(room, sizeof *c->lines);
    c->numbers = jf_alloc(room, sizeof *c->numbers);
    for (size_t i = 0; i < size;) {
        const char *end = memchr(c->text + i, '\n', size - i);
        size_t next = end ? (size_t)(end - c->text) + 1 : size;
        number++;
        if (line_length(c->text + i) > 0 && c->text[i] != '#') {
            if (c->count == room) {
                room *= 2;
                c->lines = realloc(c->lines, room * sizeof *c->lines);
                c->numbers = realloc(c->numbers, room * sizeof *c->numbers);
                if (!c->lines || !c->numbers)
                    abort();
            }
            c->lines[c->count] = i;
            c->numbers[c->count++] = number;
        }
        i = next;
    }
}

static char guess_separator(const char *line)
{
    size_t n = line_length(line);
    return memchr(line, ',', n)    ? ','
           : memchr(line, ';', n)  ? ';'
           : memchr(line, '\t', n) ? '\t'
                                   : ' ';
}

/* Whether every field of the line is a number. */
static int all_numbers(const csv *c, const char *line)
{
    const char *at = line, *end = line + line_length(line);
    for (field f; next_field(c, &at, end, &f);) {
        size_t used;
        jf_parse_number(f.text, f.length, &used);
        if (used == 0 || used != f.length)
            return 0;
    }
    return 1;
}

/* Whether no field of the line is: a header, not a damaged first row. */
static int no_numbers(const csv *c, const char *line)
{
    const char *at = line, *end = line + line_length(line);
    for (field f; next_field(c, &at, end, &f);) {
        size_t used;
        jf_parse_number(f.text, f.length, &used);
        if (f.length ? used == f.length : !c->any)
            return 0;
    }
    return 1;
}

static void take_header(const csv *c, jf_dataset *out)
{
    const char *at = c->text + c->lines[0];
    const char *end = at + line_length(at);
    field f;
    out->columns = jf_alloc(c->columns, sizeof *out->columns);
    for (size_t j = 0; j < c->columns; j++)
        out->columns[j] =
            next_field(c, &at, end, &f) ? strndup(f.text, f.length) : NULL;
}

/* Row i from line l: 0, or the number of the field that is wrong. */
static size_t read_row(const csv *c, size_t l, real *row, field *wrong)
{
    const char *at = c->text + c->lines[l];
    const char *end = at + line_length(at);
    size_t j = 0;
    for (; next_field(c, &at, end, wrong); j++) {
        size_t used;
        if (j == c->columns)
            return j + 1;
        double v = jf_parse_number(wrong->text, wrong->length, &used);
        row[j] = (real)v;
        if (c->any && wrong->length == 0)
            row[j] = (real)NAN;
        else if (used == 0 || used != wrong->length ||
                 (!c->any && !(row[j] - row[j] == 0)))
            return j + 1;
    }
    return j < c->columns ? j + 1 : 0;
}

/* The one line about line l, of which field j (from 1) is wrong. */
static int complain(const csv *c, size_t l, size_t j, field wrong)
{
    size_t fields = count_fields(c, c->text + c->lines[l]);
    if (fields != c->columns)
        return jf_data_refuse(c->path, c->numbers[l],
                              "%zu fields found, %zu expected as above", fields,
                              c->columns);
    return jf_data_refuse(c->path, c->numbers[l],
                          "'%.*s' found in field %zu, a %snumber expected",
                          wrong.length > 40 ? 40 : (int)wrong.length,
                          wrong.text, j, c->any ? "" : "finite ");
}

static int read_rows(const csv *c, size_t first, jf_dataset *out)
{
    size_t rows = c->count - first, bad = rows;
    out->x = jf_matrix_new(rows, c->columns);
#pragma omp parallel for schedule(static) reduction(min : bad) if (rows > 4096)
    for (size_t i = 0; i < rows; i++) {
        field wrong;
        if (i < bad && read_row(c, first + i, jf_row(out->x, i), &wrong))
            bad = i;
    }
    if (bad == rows)
        return GSL_SUCCESS;
    field wrong = {0};
    size_t j = read_row(c, first + bad, jf_row(out->x, bad), &wrong);
    return complain(c, first + bad, j, wrong);
}

int jf_read_csv(const char *path, jf_bytes file, jf_dataset *out)
{
    csv c = {.path = path,
             .text = (const char *)file.bytes,
             .any = out->any};
    size_t size = file.size;
    int status;

    if (size >= 3 && memcmp(c.text, "\xef\xbb\xbf", 3) == 0) {
        c.text += 3;
        size -= 3;
    }
    if (memchr(c.text, '\0', size))
        return jf_data_refuse(path, 0, "a zero byte found, text expected");
    index_lines(&c, size);
    if (c.count == 0) {
        status = jf_data_refuse(path, 0, "no rows found");
    } else {
        const char *line = c.text + c.lines[0];
        c.separator = guess_separator(line);
        c.columns = count_fields(&c, line);
        int header = !all_numbers(&c, line) && no_numbers(&c, line);
        if (header)
            take_header(&c, out);
        out->x.cols = c.columns; /* for jf_data_free, should it come to that */
        if (c.count == (size_t)header)
            status = jf_data_refuse(path, 0, "no rows found below the header");
        else
            status = read_rows(&c, (size_t)header, out);
    }
    free(c.lines);
    free(c.numbers);
    return status;
}
