/* read.c -- a user's table of a flow's numbers.
 *
 * Columns by name, in any order: log_likelihood, log_abs_det, z1 .. zd, and
 * x1 .. xd or none of them, with those x_back1 .. x_backd and
 * log_abs_det_back, or neither; others are passed over.
 *
 * Rounding.  Let u be the unit roundoff of the coarsest of the three columns
 * and w(v) a half of the last digit in which v is written: of as many digits,
 * or as many decimals, as any number of the column has.  A model that adds
 * d squares, the constant and log_abs_det in any order errs, to first order,
 * by at most
 *     u ((d + 2)(|z|^2/2 + (d/2) log 2 pi) + |ld| + |ll|),
 * and reading its numbers back adds sum_j |z_j| w(z_j) + w(ld) + w(ll).  The
 * sum of both is what a row of ll - log N(z; 0, I) - ld may differ from 0:
 * large terms that cancel each stand in it with their own size.  u is 2^-8,
 * 2^-11, 2^-24 or 2^-53: the least number of bits in which all numbers of the
 * column are exact, or within what is written, and 2^-24 for numbers of up to
 * nine digits, which may be floats (a float that is written shortest errs by up
 * to u as well). */
#include "flow.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Numbers of a column for its precision; digits that no chance makes look like
 * half of a float's. */
enum { LOOKED_AT = 1024, ENOUGH = 7 };

/* Bits of the significand of v that are used. */
static int bits_of(double v)
{
    int exponent, bits = 53;
    uint64_t m = (uint64_t)ldexp(frexp(fabs(v), &exponent), 53);
    for (; m && m % 2 == 0; m /= 2)
        bits--;
    return m ? bits : 1;
}

static int has_digits(double v, int k)
{
    char text[32];
    snprintf(text, sizeof text, "%.*e", k - 1, v);
    return strtod(text, NULL) == v;
}

/* Significant decimal digits of v, from least to 17, by bisection. */
static int digits_of(double v, int least)
{
    int most = 17;
    if (has_digits(v, least))
        return least;
    while (most - least > 1) {
        int middle = (least + most) / 2;
        *(has_digits(v, middle) ? &most : &least) = middle;
    }
    return most;
}

/* Digits behind the decimal point of v, which has digits significant ones. */
static int decimals_of(double v, int digits)
{
    while (digits > 1 && has_digits(v, digits - 1))
        digits--;
    return v == 0 ? 0 : digits - 1 - (int)floor(log10(fabs(v)));
}

double written_error(const precision *p, double v)
{
    if (p->digits > 16 || p->decimals <= 0) /* exact, or whole numbers */
        return 0;
    double last = v == 0 ? 0 : pow(10, floor(log10(fabs(v))) + 1 - p->digits);
    return 0.5 * fmax(last, pow(10, -p->decimals));
}

/* Whether all are numbers of so many bits, as they are written: in nine digits
 * most of half precision that are below 1 are not exact. */
static int has_bits(size_t n, const double *v, const precision *p, int bits)
{
    size_t step = n / LOOKED_AT + 1;
    for (size_t i = 0; i < n; i += step) {
        int exponent;
        double m = frexp(v[i], &exponent);
        double near = ldexp(round(ldexp(m, bits)), exponent - bits);
        if (fabs(v[i] - near) > 1.001 * written_error(p, v[i])) /* ties */
            return 0;
    }
    return 1;
}

static precision precision_of(size_t n, const double *v)
{
    int bits = 1, digits = 1, decimals = 0;
    size_t step = n / LOOKED_AT + 1;
    for (size_t i = 0; i < n; i += step) {
        int b = bits_of(v[i]);
        bits = b > bits ? b : bits;
        digits = digits_of(v[i], digits);
        if (digits < 17 && decimals < 20) {
            int behind = decimals_of(v[i], digits);
            decimals = behind > decimals ? behind : decimals;
        }
    }
    precision p = {"float64", 0x1p-53, digits, decimals};
    if (bits <= 24 || digits <= 9)
        p = (precision){"float32", 0x1p-24, digits, decimals};
    if ((bits <= 11 && digits > 4) ||
        (digits >= ENOUGH && has_bits(n, v, &p, 11)))
        p = (precision){"float16", 0x1p-11, digits, decimals};
    if ((bits <= 8 && digits > 4) ||
        (digits >= ENOUGH && has_bits(n, v, &p, 8)))
        p = (precision){"bfloat16", 0x1p-8, digits, decimals};
    return p;
}

static double coarsest(const flow_numbers *f)
{
    return fmax(f->of_z.unit, fmax(f->of_ld.unit, f->of_ll.unit));
}

double two_answers(const flow_numbers *f, const precision *p, double v)
{
    return sqrt(coarsest(f)) * (1 + fabs(v)) + 2 * written_error(p, v);
}

/* What follows from the columns. */
static void derive(flow_numbers *f)
{
    double u, constant = (double)f->d / 2 * JF_LOG_2PI;
    f->of_ll = precision_of(f->n, f->ll);
    f->of_ld = precision_of(f->n, f->ld);
    f->of_z = precision_of(f->n * f->d, f->z);
    if (f->x)
        f->of_x = precision_of(f->n * f->d, f->x);
    u = coarsest(f);
    for (size_t i = 0; i < f->n; i++) {
        double square = 0, read = 0;
        for (size_t j = 0; j < f->d; j++) {
            double z = f->z[i * f->d + j];
            square += z * z;
            read += fabs(z) * (written_error(&f->of_z, z) +
                               (f->of_z.digits > 9 ? 0 : u * fabs(z)));
        }
        f->half[i] = square / 2;
        f->base[i] = -square / 2 - constant;
        f->allowed[i] = u * (((double)f->d + 2) * (square / 2 + constant) +
                             fabs(f->ld[i]) + fabs(f->ll[i])) +
                        read + written_error(&f->of_ld, f->ld[i]) +
                        written_error(&f->of_ll, f->ll[i]);
    }
}

static int all_finite(size_t n, const double *v)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(v[i]))
            return 0;
    return 1;
}

/* Whether what a row may differ by (above) is beyond any double: a base of which
 * nothing can be asked. */
static int overflows(size_t d, double ll, double ld, const double *z)
{
    double square = 0;
    for (size_t j = 0; j < d; j++)
        square += z[j] * z[j];
    return !isfinite(((double)d + 2) * square + fabs(ld) + fabs(ll));
}

/* Take row i over, when it is finite. */
static void take(flow_numbers *f, size_t i, double ll, double ld,
                 const double *z, const double *x)
{
    size_t d = f->d, *blame = !all_finite(d, z)         ? &f->bad_z
                              : !isfinite(ld)           ? &f->bad_ld
                              : !isfinite(ll)           ? &f->bad_ll
                              : x && !all_finite(d, x)  ? &f->bad_x
                              : overflows(d, ll, ld, z) ? &f->too_large
                                                        : NULL;
    if (blame) {
        (*blame)++;
        if (blame == &f->bad_ld && (!x || all_finite(d, x))) {
            if (f->lost < LOST_ROWS)
                f->lost_row[f->lost] = i + 1;
            f->lost++;
        }
        f->first_bad = f->first_bad ? f->first_bad : i + 1;
        return;
    }
    f->ll[f->n] = ll;
    f->ld[f->n] = ld;
    memcpy(f->z + f->n * d, z, d * sizeof *z);
    if (x)
        memcpy(f->x + f->n * d, x, d * sizeof *x);
    f->row[f->n++] = i;
}

static void allocate(flow_numbers *f, size_t rows, size_t d, int with_x)
{
    f->rows = rows;
    f->d = d;
    f->ll = jf_alloc(5 * rows, sizeof *f->ll);
    f->ld = f->ll + rows;
    f->base = f->ll + 2 * rows;
    f->half = f->ll + 3 * rows;
    f->allowed = f->ll + 4 * rows;
    f->z = jf_alloc(rows * d, sizeof *f->z);
    f->x = with_x ? jf_alloc(rows * d, sizeof *f->x) : NULL;
    f->row = jf_alloc(rows, sizeof *f->row);
}

void flow_from(const char *name, size_t n, size_t d, const double *ll,
               const double *ld, const double *z, const double *x,
               flow_numbers *f)
{
    *f = (flow_numbers){0};
    snprintf(f->name, sizeof f->name, "%s", name);
    allocate(f, n, d, x != NULL);
    for (size_t i = 0; i < n; i++)
        take(f, i, ll[i], ld[i], z + i * d, x ? x + i * d : NULL);
    derive(f);
}

void flow_free(flow_numbers *f)
{
    free(f->ll);
    free(f->z);
    free(f->x);
    free(f->back);
    free(f->ld_back);
    free(f->row);
    *f = (flow_numbers){0};
}

/* The column called name; the number of columns when there is none. */
static size_t column(const jf_dataset *t, const char *name)
{
    size_t j = 0;
    while (j < t->x.cols && strcmp(t->columns[j], name) != 0)
        j++;
    return j;
}

/* The number of "letters NUMBER", as it is written for columns; 0: it is no such
 * name. */
static size_t number_of(const char *name, const char *letters)
{
    size_t length = strlen(letters);
    char *end;
    if (strncmp(name, letters, length) != 0 || name[length] < '1' ||
        name[length] > '9')
        return 0;
    size_t i = strtoul(name + length, &end, 10);
    return *end == '\0' ? i : 0;
}

/* The columns "letters 1" .. "letters COUNT", which the caller frees.  Status 2
 * when one below the highest is missing. */
static size_t *coordinates(const char *path, const jf_dataset *t,
                           const char *letters, size_t *count)
{
    size_t cols = t->x.cols, highest = 0,
           *place = jf_alloc(cols, sizeof *place);
    char zero[32];
    snprintf(zero, sizeof zero, "%s0", letters);
    for (size_t i = 0; i < cols; i++)
        place[i] = cols;
    for (size_t j = 0; j < cols; j++) {
        size_t i = number_of(t->columns[j], letters);
        if (strcmp(t->columns[j], zero) == 0)
            jf_fail(2, "%s: column %s found, %s1 expected as the first", path,
                    zero, letters);
        if (i >= 1 && i <= cols)
            place[i - 1] = j;
        highest = i > highest ? i : highest;
    }
    *count = 0;
    while (*count < highest && *count < cols && place[*count] < cols)
        ++*count;
    if (*count < highest)
        jf_fail(2, "%s: no column %s%zu, though there is %s%zu", path, letters,
                *count + 1, letters, highest);
    return place;
}

static size_t needed(const char *path, const jf_dataset *t, const char *name)
{
    size_t j = column(t, name);
    if (j == t->x.cols)
        jf_fail(2,
                "%s: no column %s; log_likelihood, log_abs_det, z1 .. zd "
                "expected in the first line",
                path, name);
    return j;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void check_header(const char *path, const jf_dataset *t)
{
    if (!t->columns)
        jf_fail(2,
                "%s: no names of columns in the first line; log_likelihood, "
                "log_abs_det, z1 .. zd expected",
                path);
    const char **names = jf_alloc(t->x.cols, sizeof *names);
    memcpy(names, t->columns, t->x.cols * sizeof *names);
    qsort(names, t->x.cols, sizeof *names, by_name);
    for (size_t j = 1; j < t->x.cols; j++)
        if (*names[j] && strcmp(names[j - 1], names[j]) == 0)
            jf_fail(2, "%s: two columns are called %.60s", path, names[j]);
    free(names);
}

double *flow_points(const char *path, const char *columns, size_t *n, size_t *d)
{
    jf_dataset t;
    if (jf_data_read(path, columns, &t) != GSL_SUCCESS)
        jf_end(2);
    size_t named = 0, *from = NULL;
    if (t.columns)
        from = coordinates(path, &t, "x", &named);
    *n = t.x.rows;
    *d = named ? named : t.x.cols;
    double *x = jf_alloc(*n * *d, sizeof *x);
    for (size_t i = 0; i < *n; i++)
        for (size_t j = 0; j < *d; j++)
            x[i * *d + j] = (double)jf_row(t.x, i)[named ? from[j] : j];
    free(from);
    jf_data_free(&t);
    return x;
}

/* What the inverse says, of the finite rows. */
static void read_back(const char *path, const jf_dataset *t, flow_numbers *f)
{
    size_t d, *from = coordinates(path, t, "x_back", &d);
    size_t ld = column(t, "log_abs_det_back");
    if (d != 0 && (d != f->d || !f->x))
        jf_fail(2,
                "%s: x_back1 .. x_back%zu found, x1 .. x%zu and as many "
                "x_back expected",
                path, d, f->d);
    if (d != 0)
        f->back = jf_alloc(f->n * d, sizeof *f->back);
    for (size_t i = 0; i < f->n; i++)
        for (size_t j = 0; j < d; j++)
            f->back[i * d + j] = (double)jf_row(t->x, f->row[i])[from[j]];
    free(from);
    if (ld == t->x.cols)
        return;
    f->ld_back = jf_alloc(f->n, sizeof *f->ld_back);
    for (size_t i = 0; i < f->n; i++)
        f->ld_back[i] = (double)jf_row(t->x, f->row[i])[ld];
}

void flow_read(const char *path, flow_numbers *f)
{
    jf_dataset t;
    if (jf_data_read_any(path, &t) != GSL_SUCCESS)
        jf_end(2);
    check_header(path, &t);
    size_t ll = needed(path, &t, "log_likelihood");
    size_t ld = needed(path, &t, "log_abs_det"), d, of_x;
    size_t *of = coordinates(path, &t, "z", &d);
    size_t *x_from = coordinates(path, &t, "x", &of_x);
    needed(path, &t, "z1");
    if (of_x != 0 && of_x != d)
        jf_fail(2, "%s: x1 .. x%zu found, x1 .. x%zu expected as for z", path,
                of_x, d);
    *f = (flow_numbers){0};
    memcpy(f->name, t.name, sizeof f->name);
    allocate(f, t.x.rows, d, of_x != 0);
    double *z = jf_alloc(2 * d, sizeof *z), *x = z + d;
    for (size_t i = 0; i < t.x.rows; i++) {
        const real *row = jf_row(t.x, i);
        for (size_t j = 0; j < d; j++)
            z[j] = row[of[j]];
        for (size_t j = 0; j < of_x; j++)
            x[j] = row[x_from[j]];
        take(f, i, row[ll], row[ld], z, of_x ? x : NULL);
    }
    free(z);
    free(of);
    free(x_from);
    if (f->n < 2)
        jf_fail(2,
                "%s: %zu rows of finite numbers%s found, at least 2 expected",
                path, f->n, f->too_large ? " and of finite |z|^2" : "");
    read_back(path, &t, f);
    jf_data_free(&t);
    derive(f);
}
