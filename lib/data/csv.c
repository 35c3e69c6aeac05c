/* csv.c -- decimal tables.
 *
 * The whole file is in memory; an index of its records is made in one pass, and
 * ranges of them are read in parallel.  A decimal of at most 2^53 and a power
 * of ten within 10^22 are both exact doubles, so one multiplication or
 * division rounds once, as strtod does (Clinger 1990); others go to strtod.
 *
 * What is decided for the user, and noted:
 *   names     the first line, where words stand above numbers or there are no
 *             numbers in it; where all its numbers are whole and are 0 .. d-1,
 *             1 .. d above fractions, consecutive years, or far from all that
 *             is below
 *   units     a second line of words above numbers is left out
 *   row names a column without a name, or called index and the like, that
 *             counts the rows is set aside, unless --columns is given */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/number.h"
#include "data/dress.h"
#include "data/read.h"
#include "io/csv.h"

double jf_parse_number(const char *text, size_t length, size_t *used)
{
    static const double powers[] = {
        1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    size_t i, digits = 0, fraction = 0;
    unsigned long long m = 0;
    int sign = length > 0 && (text[0] == '-' || text[0] == '+');
    int negative = sign && text[0] == '-', point = 0;

    for (i = (size_t)sign; i < length; i++) {
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
                 fraction <= 22 && i > (size_t)(sign + point);
    if (simple) {
        double v = (double)m / powers[fraction];
        *used = i;
        return negative ? -v : v;
    }
    char copy[128], *end; /* strtod wants an end */
    if (length >= sizeof copy)
        length = sizeof copy - 1;
    memcpy(copy, text, length);
    copy[length] = '\0';
    copy[strcspn(copy, "xX")] = '\0'; /* 0x10 is no decimal */
    double v = jf_to_double(copy, &end);
    *used = (size_t)(end - copy);
    return v;
}

typedef struct {
    jf_csv csv;
    const jf_data_options *options;
    size_t size;    /* of the text */
    size_t columns; /* of the file */
    size_t shift;   /* 1: the first line has no field for the first column */
    size_t first;   /* record of data */
    size_t *index;  /* (count): the columns to read, in their order */
    size_t count;
    size_t *to; /* (columns): where in that order a column is first */
} table;

static const size_t NOWHERE = (size_t)-1;

enum { SAMPLE = 100 }; /* lines that tell names from numbers */

/* Whether all of the field is a number, and which: 2, with a decimal comma. */
static int number(const table *t, jf_csv_field f, double *value)
{
    size_t used;
    *value = jf_parse_number(f.text, f.length, &used);
    if (used > 0 && used == f.length)
        return 1;
    return t->csv.separator != ',' && jf_decimal_comma(f.text, f.length, value)
               ? 2
               : 0;
}

/* What people write where a value is missing. */
static int missing(jf_csv_field f)
{
    static const char *const words[] = {
        "NA",  "N/A", "#N/A", "<NA>", "NaN",     "null",    "nil",   "None",
        "NaT", "?",   "-",    ".",    "#DIV/0!", "#VALUE!", "#REF!", "#NUM!"};
    for (size_t k = 0; f.length && k < sizeof words / sizeof *words; k++)
        if (strlen(words[k]) == f.length &&
            strncasecmp(words[k], f.text, f.length) == 0)
            return 1;
    return f.length == 0;
}

typedef enum { MISSING, NUMBER, WORD } kind;

static kind kind_of(const table *t, jf_csv_field f, double *value)
{
    return missing(f) ? MISSING : number(t, f, value) ? NUMBER : WORD;
}

/* A whole number as a name would write it: digits alone. */
static int plain(jf_csv_field f)
{
    for (size_t i = 0; i < f.length; i++)
        if (!isdigit((unsigned char)f.text[i]))
            return 0;
    return f.length > 0;
}

/* The same with ".0" behind it, as years become that were floats. */
static int plain_float(jf_csv_field f)
{
    return f.length > 2 && memcmp(f.text + f.length - 2, ".0", 2) == 0 &&
           plain((jf_csv_field){f.text, f.length - 2, 0});
}

/* A column of the lines below the first. */
typedef struct {
    size_t numbers;
    double least, most;
    int whole;
} below;

static void look_below(const table *t, below *b)
{
    size_t stop = t->csv.rows < SAMPLE ? t->csv.rows : SAMPLE;
    for (size_t j = 0; j < t->columns; j++)
        b[j] = (below){0, (double)INFINITY, -(double)INFINITY, 1};
    for (size_t i = 1; i < stop; i++) {
        jf_csv_cursor cursor = jf_csv_record(&t->csv, i);
        jf_csv_field f;
        for (size_t j = 0; j < t->columns && jf_csv_next(&t->csv, &cursor, &f);
             j++) {
            double v;
            if (kind_of(t, f, &v) != NUMBER)
                continue;
            b[j].numbers++;
            b[j].least = fmin(b[j].least, v);
            b[j].most = fmax(b[j].most, v);
            b[j].whole = b[j].whole && v == floor(v);
        }
    }
}

/* The first line, and the numbers in it. */
typedef struct {
    size_t words, numbers;
    int above;    /* a word stands above numbers          */
    int names;    /* they are digits alone, and rise      */
    int floats;   /* the same with .0 behind each         */
    int from[2];  /* they are 0, 1, 2, ...; 1, 2, 3, ...  */
    int years;    /* consecutive ones, not above years    */
    int apart;    /* all are far from what is below       */
    int outside;  /* none is in the range of what is below */
    int whole;    /* all numbers below them are whole     */
    int fraction; /* some are not, in every column        */
} first_line;

static void add_number(first_line *l, double v, const below *b)
{
    double width = b->most - b->least, middle = b->least + width / 2;
    double place = (double)l->numbers;
    l->from[0] &= v == place;
    l->from[1] &= v == place + 1;
    l->years &= v >= 1500 && v <= 2500 && (b->least < 1500 || b->most > 2500);
    l->apart &= b->numbers > 1 && fabs(v - middle) > 10 * width;
    l->outside &= v < b->least || v > b->most;
    l->whole &= b->whole;
    l->fraction &= !b->whole;
    l->numbers++;
}

static first_line look_at_first(const table *t, const below *b)
{
    first_line l = {0, 0, 0, 1, 1, {1, 1}, 1, 1, 1, 1, 1};
    jf_csv_cursor cursor = jf_csv_record(&t->csv, 0);
    jf_csv_field f;
    double last = -1;
    for (size_t j = t->shift;
         j < t->columns && jf_csv_next(&t->csv, &cursor, &f); j++) {
        double v = 0;
        kind k = kind_of(t, f, &v);
        l.words += k == WORD;
        l.above |= k == WORD && b[j].numbers > 0;
        if (k != NUMBER)
            continue;
        l.names &= plain(f) && v > last;
        l.floats &= plain_float(f) && v > last;
        l.years &= l.numbers == 0 || v == last + 1;
        add_number(&l, v, &b[j]);
        last = v;
    }
    return l;
}

/* Whether the first line holds names.  One or two numbers may as well be whole
 * ones among others. */
static int is_header(const first_line *l)
{
    int few = l->numbers < 3;
    if (l->numbers == 0)
        return l->words > 0;
    if (!l->names)
        return l->floats && l->years && !few;
    return l->above ||
           (l->from[0] &&
            (!few || !l->whole || (l->numbers == 2 && l->outside))) ||
           (l->from[1] && !few && l->fraction) ||
           (l->years && l->numbers > 1) ||
           (l->apart && (l->numbers > 1 || !l->whole));
}

static int take_header(const table *t, jf_dataset *all)
{
    jf_csv_cursor cursor = jf_csv_record(&t->csv, 0);
    jf_csv_field f;
    JF_TRY_MEMORY(all->columns = jf_alloc(t->columns, sizeof *all->columns));
    all->x.cols = t->columns; /* for jf_data_free */
    if (t->shift)
        JF_TRY_MEMORY(all->columns[0] = jf_copy_text("", 0));
    for (size_t j = t->shift;
         j < t->columns && jf_csv_next(&t->csv, &cursor, &f); j++)
        JF_TRY_MEMORY(all->columns[j] = jf_copy_text(f.text, f.length));
    for (size_t j = 0; j < t->columns; j++) /* a line that is too short */
        if (!all->columns[j])
            JF_TRY_MEMORY(all->columns[j] = jf_copy_text("", 0));
    return GSL_SUCCESS;
}

/* The first fields of record i. */
static int spell(const table *t, size_t i, jf_text *list)
{
    enum { SHOWN = 6 };
    jf_csv_cursor cursor = jf_csv_record(&t->csv, i);
    jf_csv_field f;
    for (size_t j = 0; jf_csv_next(&t->csv, &cursor, &f); j++) {
        if (j == SHOWN)
            return jf_text_add(list, ", ...");
        JF_TRY(jf_text_add(list, "%s%.*s", j ? ", " : "",
                           f.length > 24 ? 24 : (int)f.length, f.text));
    }
    return GSL_SUCCESS;
}

/* A note of which record i is a part. */
static int note_line(const table *t, size_t i, const char *before,
                     const char *after, jf_dataset *out)
{
    jf_text list = {0};
    int status = spell(t, i, &list);
    if (status == GSL_SUCCESS)
        status = jf_data_note(out, "%s%s%s", before, list.data, after);
    free(list.data);
    return status;
}

/* Names, units, and where the data begin. */
static int decide_header(table *t, jf_dataset *all, jf_dataset *out)
{
    below *b = jf_alloc(t->columns, sizeof *b);
    JF_TRY_MEMORY(b);
    look_below(t, b);
    first_line l = look_at_first(t, b);
    int header = is_header(&l);
    free(b);
    if (!header)
        return GSL_SUCCESS;
    JF_TRY(take_header(t, all));
    t->first = 1;
    return note_line(t, 0, "the first line names the columns: ",
                     l.numbers ? " (numbers, taken as names)" : "", out);
}

/* A second line of words where the third has numbers. */
static int skip_units(table *t, jf_dataset *out)
{
    size_t numbers = 0, words = 0, j = 0;
    double v;
    if (t->first != 1 || t->csv.rows < 3)
        return GSL_SUCCESS;
    jf_csv_cursor unit = jf_csv_record(&t->csv, 1);
    jf_csv_cursor data = jf_csv_record(&t->csv, 2);
    jf_csv_field u, f;
    for (; j < t->columns && jf_csv_next(&t->csv, &unit, &u) &&
           jf_csv_next(&t->csv, &data, &f);
         j++) {
        kind k = kind_of(t, u, &v);
        numbers += k == NUMBER;
        words += k == WORD && kind_of(t, f, &v) == NUMBER;
    }
    if (numbers > 0 || words == 0 || 2 * words < t->columns)
        return GSL_SUCCESS;
    t->first = 2;
    return note_line(t, 1, "the second line, ",
                     ", is left out: units, not numbers", out);
}

/* Field j of record i, if there is one. */
static int field_at(const table *t, size_t i, size_t j, jf_csv_field *f)
{
    jf_csv_cursor cursor = jf_csv_record(&t->csv, i);
    for (size_t k = 0; jf_csv_next(&t->csv, &cursor, f); k++)
        if (k == j)
            return 1;
    return 0;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

typedef enum { VALUES, COUNT, DISTINCT, WORDS } row_names;

/* What column j holds below the names: 0, 1, ... or 1, 2, ..., or whole numbers
 * all different, or words, or other values. */
static int look_for_count(const table *t, size_t j, row_names *found)
{
    size_t n = t->csv.rows - t->first, counted = 0;
    double *v = jf_alloc(n, sizeof *v);
    JF_TRY_MEMORY(v);
    *found = DISTINCT;
    for (size_t i = 0; i < n && *found == DISTINCT; i++) {
        jf_csv_field f;
        if (!field_at(t, t->first + i, j, &f))
            *found = VALUES;
        else if (kind_of(t, f, &v[i]) == WORD)
            *found = WORDS;
        else if (!plain(f))
            *found = VALUES;
        else
            counted += v[i] == v[0] + (double)i && v[0] <= 1;
    }
    if (*found == DISTINCT && counted == n) {
        *found = COUNT;
    } else if (*found == DISTINCT) {
        qsort(v, n, sizeof *v, by_value);
        for (size_t i = 1; i < n; i++)
            if (v[i] == v[i - 1])
                *found = VALUES;
    }
    free(v);
    return GSL_SUCCESS;
}

/* Whether column j is one of row numbers or names. */
static int names_rows(const table *t, const jf_dataset *all, size_t j, int *yes)
{
    static const char *const names[] = {"index", "id", "row", "rownames"};
    enum { MANY = 10 }; /* so many rows do not count themselves by chance */
    const char *name = all->columns ? all->columns[j] : NULL;
    int unnamed = name && (!*name || strncmp(name, "Unnamed: ", 9) == 0);
    int likely = !name && t->csv.rows >= MANY;
    row_names found;
    for (size_t k = 0; name && k < sizeof names / sizeof *names; k++)
        likely = likely || strcasecmp(name, names[k]) == 0;
    *yes = 0;
    if (!unnamed && !likely)
        return GSL_SUCCESS;
    JF_TRY(look_for_count(t, j, &found));
    *yes = unnamed ? found != VALUES : found == COUNT;
    return GSL_SUCCESS;
}

/* The columns to read, when the user names none: all but leading ones of row
 * numbers. */
static int choose_all(table *t, const jf_dataset *all, jf_dataset *out)
{
    enum { MOST = 8 }; /* each costs a pass over all rows */
    size_t aside = 0;
    for (int yes = !t->options->any;
         yes && aside + 1 < t->columns && aside < MOST;) {
        JF_TRY(names_rows(t, all, aside, &yes));
        if (yes)
            JF_TRY(jf_data_note(
                out, "column %zu (%s) is set aside: it numbers the rows",
                aside + 1,
                all->columns && *all->columns[aside] ? all->columns[aside]
                                                     : "no name"));
        aside += (size_t)yes;
    }
    t->count = t->columns - aside;
    JF_TRY_MEMORY(t->index = jf_alloc(t->count, sizeof *t->index));
    for (size_t k = 0; k < t->count; k++)
        t->index[k] = aside + k;
    return GSL_SUCCESS;
}

static int choose(table *t, const jf_dataset *all, jf_dataset *out)
{
    if (t->options->columns)
        JF_TRY(jf_columns_find(t->csv.path, t->options->columns, all->columns,
                               t->columns, &t->index, &t->count));
    else
        JF_TRY(choose_all(t, all, out));
    JF_TRY_MEMORY(t->to = jf_alloc(t->columns, sizeof *t->to));
    for (size_t j = 0; j < t->columns; j++)
        t->to[j] = NOWHERE;
    for (size_t k = t->count; k-- > 0;)
        t->to[t->index[k]] = k;
    return GSL_SUCCESS;
}

typedef struct {
    size_t field; /* from 1; 0: nothing is wrong */
    jf_csv_field text;
    int commas; /* decimal ones were read */
} outcome;

static outcome read_row(const table *t, size_t i, real *row)
{
    jf_csv_cursor cursor = jf_csv_record(&t->csv, i);
    int holes = t->options->any || t->options->drop_missing;
    outcome o = {0};
    size_t j = 0;
    for (; jf_csv_next(&t->csv, &cursor, &o.text); j++) {
        double value;
        o.field = j + 1;
        if (j == t->columns)
            return o;
        if (t->to[j] == NOWHERE)
            continue;
        real *to = &row[t->to[j]];
        int good = number(t, o.text, &value);
        *to = (real)value;
        o.commas |= good == 2;
        if (good && (t->options->any || *to - *to == 0))
            continue;
        if (!holes || !missing(o.text))
            return o;
        *to = (real)NAN;
    }
    o.field = j < t->columns ? j + 1 : 0;
    return o;
}

/* Which of the chosen columns hold what is no number: in all rows. */
static void find_bad(const table *t, int holes, unsigned char *good)
{
    for (size_t j = 0; j < t->columns; j++)
        good[j] = t->to[j] != NOWHERE;
    for (size_t i = t->first; i < t->csv.rows; i++) {
        jf_csv_cursor cursor = jf_csv_record(&t->csv, i);
        jf_csv_field f;
        for (size_t j = 0; j < t->columns && jf_csv_next(&t->csv, &cursor, &f);
             j++) {
            double v = 0;
            kind k = kind_of(t, f, &v);
            good[j] &= k == MISSING ? !holes : k == NUMBER && isfinite(v);
        }
    }
}

/* Digits with one letter D where an exponent has its E. */
static int has_exponent_d(jf_csv_field f)
{
    char copy[64];
    size_t at = 0, used;
    while (at < f.length && toupper((unsigned char)f.text[at]) != 'D')
        at++;
    if (at == 0 || at == f.length || f.length >= sizeof copy)
        return 0;
    memcpy(copy, f.text, f.length);
    copy[at] = 'e';
    jf_parse_number(copy, f.length, &used);
    return used == f.length;
}

/* $, or the pound, yen and euro of UTF-8, on either side. */
static int has_currency(jf_csv_field f)
{
    static const char *const sign[] = {"$", "\xc2\xa3", "\xc2\xa5",
                                       "\xe2\x82\xac"};
    for (size_t k = 0; k < sizeof sign / sizeof *sign; k++) {
        size_t size = strlen(sign[k]);
        if (f.length > size &&
            (memcmp(f.text, sign[k], size) == 0 ||
             memcmp(f.text + f.length - size, sign[k], size) == 0))
            return 1;
    }
    return 0;
}

/* What a field is that is no number. */
static const char *dress_of(jf_csv_field f)
{
    static const char *const truth[] = {"true", "false", "yes", "no"};
    size_t digits = 0, others = 0;
    for (size_t k = 0; k < sizeof truth / sizeof *truth; k++)
        if (strlen(truth[k]) == f.length &&
            strncasecmp(f.text, truth[k], f.length) == 0)
            return ", a truth value";
    if (has_exponent_d(f))
        return ", an exponent of Fortran, D for E";
    if (has_currency(f))
        return ", a sign of currency";
    for (size_t i = 0; i < f.length; i++) {
        digits += isdigit((unsigned char)f.text[i]) != 0;
        others +=
            !isdigit((unsigned char)f.text[i]) && !strchr("+-.,' %", f.text[i]);
    }
    if (digits == 0 || others > 0)
        return digits >= 4 && memchr(f.text, '/', f.length) ? ", a date" : "";
    if (f.text[f.length - 1] == '%')
        return ", a percent sign";
    if (f.length >= 8 && memchr(f.text + 1, '-', f.length - 1))
        return ", a date";
    return memchr(f.text, ',', f.length) || memchr(f.text, '\'', f.length) ||
                   memchr(f.text, ' ', f.length)
               ? ", a separator of thousands"
               : "";
}

/* "; what to type": how to go on without what is wrong in column j. */
static int advise(const table *t, int hole, jf_text *advice)
{
    jf_text list = {0};
    int status = GSL_SUCCESS;
    if (t->options->any)
        return GSL_SUCCESS;
    unsigned char *good = jf_alloc(t->columns, 1);
    JF_TRY_MEMORY(good);
    find_bad(t, hole, good);
    status = jf_columns_list(good, t->columns, &list);
    if (status == GSL_SUCCESS && hole)
        status = jf_text_add(advice, "; leave out such rows with "
                                     "--drop-missing");
    if (status == GSL_SUCCESS && list.data)
        status = jf_text_add(advice, "%s the column%s with --columns %s",
                             hole ? ", or" : "; leave out",
                             t->options->columns ? ", which you named," : "",
                             list.data);
    free(list.data);
    free(good);
    return status;
}

/* The one line about record i. */
static int complain(const table *t, const jf_dataset *all, size_t i, outcome o)
{
    const jf_csv *csv = &t->csv;
    size_t fields = jf_csv_count(csv, i), line = jf_csv_line(csv, i);
    jf_text advice = {0};
    if (fields != t->columns)
        return jf_refuse(csv->path, line,
                         "%zu fields found, %zu expected as above", fields,
                         t->columns);
    int hole = missing(o.text);
    const char *name = all->columns ? all->columns[o.field - 1] : "";
    int status = advise(t, hole, &advice);
    if (status == GSL_SUCCESS)
        status = jf_refuse(csv->path, line,
                           "'%.*s'%s found in row %zu, column %zu%s%.40s%s, a "
                           "%snumber expected%s",
                           o.text.length > 40 ? 40 : (int)o.text.length,
                           o.text.text, hole ? "" : dress_of(o.text),
                           i - t->first + 1, o.field, *name ? " (" : "", name,
                           *name ? ")" : "", t->options->any ? "" : "finite ",
                           advice.data ? advice.data : "");
    free(advice.data);
    return status;
}

/* Points among decimal commas separate thousands, or the commas do. */
static int refuse_points(const table *t)
{
    for (size_t i = t->first; i < t->csv.rows; i++) {
        jf_csv_cursor cursor = jf_csv_record(&t->csv, i);
        jf_csv_field f;
        for (size_t j = 0; jf_csv_next(&t->csv, &cursor, &f); j++)
            if (t->to[j] != NOWHERE && memchr(f.text, '.', f.length) &&
                !missing(f))
                return jf_refuse(t->csv.path, jf_csv_line(&t->csv, i),
                                 "'%.*s' found among numbers with decimal "
                                 "commas, one decimal sign expected",
                                 f.length > 40 ? 40 : (int)f.length, f.text);
    }
    return GSL_SUCCESS;
}

static int read_rows(const table *t, const jf_dataset *all, jf_dataset *out)
{
    size_t rows = t->csv.rows - t->first, bad = rows;
    int commas = 0;
#pragma omp parallel for schedule(static) reduction(min                        \
                                                    : bad)                     \
    reduction(|                                                                \
              : commas) if (rows > 4096)
    for (size_t i = 0; i < rows; i++) {
        if (i >= bad)
            continue;
        outcome o = read_row(t, t->first + i, jf_row(out->x, i));
        commas |= o.commas;
        if (o.field)
            bad = i;
    }
    if (bad < rows)
        return complain(t, all, t->first + bad,
                        read_row(t, t->first + bad, jf_row(out->x, bad)));
    if (commas) {
        JF_TRY(refuse_points(t));
        JF_TRY(jf_data_note(out, "numbers have decimal commas"));
    }
    return t->options->drop_missing && !t->options->any
               ? jf_rows_drop_missing(t->csv.path, out)
               : GSL_SUCCESS;
}

/* Columns that the user names twice. */
static void repeat_columns(const table *t, jf_matrix x)
{
    for (size_t k = 0; k < t->count; k++)
        for (size_t i = 0; t->to[t->index[k]] != k && i < x.rows; i++)
            jf_row(x, i)[k] = jf_row(x, i)[t->to[t->index[k]]];
}

static int read_columns(const table *t, const jf_dataset *all, jf_dataset *out)
{
    size_t rows = t->csv.rows - t->first;
    JF_TRY_MEMORY((out->x = jf_matrix_new(rows, t->count)).data);
    JF_TRY(read_rows(t, all, out));
    repeat_columns(t, out->x);
    if (all->columns)
        JF_TRY_MEMORY(out->columns = jf_alloc(t->count, sizeof *out->columns));
    for (size_t k = 0; all->columns && k < t->count; k++) {
        const char *name = all->columns[t->index[k]];
        JF_TRY_MEMORY(out->columns[k] = jf_copy_text(name, strlen(name)));
    }
    return GSL_SUCCESS;
}

static int ends_in_separator(const table *t, size_t i)
{
    size_t end = t->csv.record[i].end;
    return end > t->csv.record[i].start &&
           t->csv.text[end - 1] == t->csv.separator;
}

/* A separator at the end of every line, or of every one but the first, which
 * then has as many fields as the others without it, makes no column. */
static int drop_trailing(table *t, jf_dataset *out)
{
    size_t n = t->csv.rows, i = 1;
    if (n < 2 || t->csv.separator == ' ')
        return GSL_SUCCESS;
    while (i < n && ends_in_separator(t, i))
        i++;
    int first = ends_in_separator(t, 0);
    if (i < n || (!first && t->columns + 1 != jf_csv_count(&t->csv, 1)))
        return GSL_SUCCESS;
    for (i = first ? 0 : 1; i < n; i++)
        t->csv.record[i].end--;
    t->columns -= (size_t)first;
    return jf_data_note(out, "the '%c' at the end of lines makes no column",
                        t->csv.separator);
}

/* A first line of words that is one short has none for the names of rows. */
static void shift_names(table *t)
{
    jf_csv_cursor cursor = jf_csv_record(&t->csv, 0);
    double v;
    if (t->csv.rows < 2 || jf_csv_count(&t->csv, 1) != t->columns + 1)
        return;
    for (jf_csv_field f; jf_csv_next(&t->csv, &cursor, &f);)
        if (kind_of(t, f, &v) != WORD)
            return;
    t->shift = 1;
    t->columns++;
}

/* Names, twice, and what is noted of a column beside its numbers: in proportion
 * to the file, which a line of separators alone is not. */
static int check_columns(const table *t)
{
    enum { OF_COLUMN = 80, FREE = 1 << 25, SHARE = 6 };
    if (t->columns <= FREE / OF_COLUMN ||
        t->columns <= t->size / OF_COLUMN * SHARE)
        return GSL_SUCCESS;
    return jf_refuse(t->csv.path, jf_csv_line(&t->csv, 0),
                     "%zu fields found in a file of %zu bytes, fewer expected",
                     t->columns, t->size);
}

static int read_records(table *t, jf_dataset *all, jf_dataset *out)
{
    if (t->csv.rows == 0)
        return jf_refuse(t->csv.path, 0, "no rows found");
    t->columns = t->csv.columns;
    JF_TRY(check_columns(t));
    JF_TRY(drop_trailing(t, out));
    shift_names(t);
    JF_TRY(decide_header(t, all, out));
    if (t->csv.rows == t->first)
        return jf_refuse(t->csv.path, 0, "no rows found below the header");
    JF_TRY(skip_units(t, out));
    JF_TRY(choose(t, all, out));
    return read_columns(t, all, out);
}

int jf_read_csv(const char *path, jf_bytes file, const jf_data_options *options,
                jf_dataset *out)
{
    table t = {.options = options};
    jf_dataset all = {0}; /* the names of all columns */
    jf_dress dress;
    int status = jf_dress_off(path, file, out, &dress);
    t.size = dress.size;
    if (status == GSL_SUCCESS)
        status =
            jf_csv_index(path, dress.text, dress.size, dress.separator, &t.csv);
    if (status == GSL_SUCCESS)
        status = read_records(&t, &all, out);
    jf_data_free(&all);
    free(t.index);
    free(t.to);
    jf_csv_clear(&t.csv);
    free(dress.own);
    return status;
}
