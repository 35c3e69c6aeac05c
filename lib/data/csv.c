/* csv.c -- decimal tables.
 *
 * The whole file is in memory; an index of its records is made in one pass, and
 * ranges of them are read in parallel.  A decimal of at most 2^53 and a power
 * of ten within 10^22 are both exact doubles, so one multiplication or
 * division rounds once, as strtod does (Clinger 1990); others go to strtod. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "data/read.h"
#include "io/csv.h"

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
    jf_csv csv;
    int any; /* numbers that are not finite are read, holes as NaN */
} numbers;

/* Whether all of the field is a number, and which. */
static int number(jf_csv_field f, double *value)
{
    size_t used;
    *value = jf_parse_number(f.text, f.length, &used);
    return used > 0 && used == f.length;
}

/* Whether every field of the first record is a number. */
static int all_numbers(const numbers *c)
{
    jf_csv_cursor cursor = jf_csv_record(&c->csv, 0);
    double value;
    for (jf_csv_field f; jf_csv_next(&c->csv, &cursor, &f);)
        if (!number(f, &value))
            return 0;
    return 1;
}

/* Whether no field of it is: a header, not a damaged first row. */
static int no_numbers(const numbers *c)
{
    jf_csv_cursor cursor = jf_csv_record(&c->csv, 0);
    double value;
    for (jf_csv_field f; jf_csv_next(&c->csv, &cursor, &f);)
        if (f.length ? number(f, &value) : !c->any)
            return 0;
    return 1;
}

static int take_header(const numbers *c, jf_dataset *out)
{
    jf_csv_cursor cursor = jf_csv_record(&c->csv, 0);
    jf_csv_field f;
    JF_TRY_MEMORY(out->columns =
                      jf_alloc(c->csv.columns, sizeof *out->columns));
    for (size_t j = 0; jf_csv_next(&c->csv, &cursor, &f); j++)
        JF_TRY_MEMORY(out->columns[j] = jf_copy_text(f.text, f.length));
    return GSL_SUCCESS;
}

/* Row i of the file's: 0, or the number of the field that is wrong. */
static size_t read_row(const numbers *c, size_t i, real *row,
                       jf_csv_field *wrong)
{
    jf_csv_cursor cursor = jf_csv_record(&c->csv, i);
    size_t j = 0;
    for (; jf_csv_next(&c->csv, &cursor, wrong); j++) {
        double value;
        if (j == c->csv.columns)
            return j + 1;
        int good = number(*wrong, &value);
        row[j] = (real)value;
        if (c->any && wrong->length == 0)
            row[j] = (real)NAN;
        else if (!good || (!c->any && !(row[j] - row[j] == 0)))
            return j + 1;
    }
    return j < c->csv.columns ? j + 1 : 0;
}

/* The one line about row i, of which field j (from 1) is wrong. */
static int complain(const numbers *c, size_t i, size_t j, jf_csv_field wrong)
{
    const jf_csv *csv = &c->csv;
    size_t fields = jf_csv_count(csv, i), line = csv->record[i].line;
    if (fields != csv->columns)
        return jf_refuse(csv->path, line,
                         "%zu fields found, %zu expected as above", fields,
                         csv->columns);
    return jf_refuse(csv->path, line,
                     "'%.*s' found in field %zu, a %snumber expected",
                     wrong.length > 40 ? 40 : (int)wrong.length, wrong.text, j,
                     c->any ? "" : "finite ");
}

static int read_rows(const numbers *c, size_t first, jf_dataset *out)
{
    size_t rows = c->csv.rows - first, bad = rows;
    JF_TRY_MEMORY(out->x.data = jf_matrix_new(rows, c->csv.columns).data);
    out->x = jf_view(out->x.data, rows, c->csv.columns);
#pragma omp parallel for schedule(static) reduction(min : bad) if (rows > 4096)
    for (size_t i = 0; i < rows; i++) {
        jf_csv_field wrong;
        if (i < bad && read_row(c, first + i, jf_row(out->x, i), &wrong))
            bad = i;
    }
    if (bad == rows)
        return GSL_SUCCESS;
    jf_csv_field wrong = {0};
    size_t j = read_row(c, first + bad, jf_row(out->x, bad), &wrong);
    return complain(c, first + bad, j, wrong);
}

static int read_records(const numbers *c, jf_dataset *out)
{
    if (c->csv.rows == 0)
        return jf_refuse(c->csv.path, 0, "no rows found");
    int header = !all_numbers(c) && no_numbers(c);
    out->x.cols = c->csv.columns; /* for jf_data_free, should it come to that */
    if (header)
        JF_TRY(take_header(c, out));
    if (c->csv.rows == (size_t)header)
        return jf_refuse(c->csv.path, 0, "no rows found below the header");
    return read_rows(c, (size_t)header, out);
}

int jf_read_csv(const char *path, jf_bytes file, jf_dataset *out)
{
    numbers c = {.any = out->any};
    const char *text = (const char *)file.bytes;
    size_t mark =
        file.size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    int status =
        jf_csv_index(path, text + mark, file.size - mark, '\0', &c.csv);
    if (status == GSL_SUCCESS)
        status = read_records(&c, out);
    jf_csv_clear(&c.csv);
    return status;
}
