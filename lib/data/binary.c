/* binary.c -- NPY (NumPy's format, versions 1 to 3) and IDX (as MNIST's).
 *
 * Nothing is allocated before the file is known to hold what its header
 * declares: a byte of it becomes one number at most. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "data/read.h"

enum { MOST_DIMENSIONS = 64 }; /* NumPy's own */

/* Packed entries, and how their indices run. */
typedef struct {
    const unsigned char *bytes;
    size_t size; /* of bytes: what the file holds */
    char kind;   /* 'i', 'u' (or truth values), 'f' */
    size_t width;
    int big;     /* big-endian */
    int fortran; /* the first index runs fastest */
    size_t dimensions, shape[MOST_DIMENSIONS];
} array;

static uint64_t load_bytes(const unsigned char *p, size_t size, int big)
{
    uint64_t v = 0;
    for (size_t i = 0; i < size; i++)
        v |= (uint64_t)p[big ? size - 1 - i : i] << (8 * i);
    return v;
}

/* IEEE 754's 2 bytes: 1 + 5 + 10 bits. */
static double half(uint64_t bits)
{
    int exponent = (int)(bits >> 10 & 31);
    double m = (double)(bits & 1023), sign = bits >> 15 ? -1 : 1;
    if (exponent == 31)
        return m != 0 ? (double)NAN : sign * (double)INFINITY;
    return sign * (exponent ? ldexp(m + 1024, exponent - 25) : ldexp(m, -24));
}

/* x86's 10 bytes, padded to 16: 1 + 15 + 64 bits, the leading one among them.
 */
static double extended(const unsigned char *p, int big)
{
    uint64_t m = load_bytes(p + (big ? 8 : 0), 8, big);
    uint64_t top = load_bytes(p + (big ? 6 : 8), 2, big);
    int exponent = (int)(top & 0x7fff);
    double sign = top >> 15 ? -1 : 1;
    if (exponent == 0x7fff)
        return m << 1 ? (double)NAN : sign * (double)INFINITY;
    return sign * ldexp((double)m, exponent - 16383 - 63);
}

static double entry(const array *a, const unsigned char *p)
{
    if (a->width == 16)
        return extended(p, a->big);
    uint64_t bits = load_bytes(p, a->width, a->big);
    if (a->kind == 'u')
        return (double)bits;
    if (a->kind == 'i') {
        int empty = 64 - 8 * (int)a->width;
        int64_t high; /* the value times 2^empty */
        bits <<= empty;
        memcpy(&high, &bits, sizeof high);
        return ldexp((double)high, -empty);
    }
    if (a->width == 2)
        return half(bits);
    if (a->width == 4) {
        uint32_t low = (uint32_t)bits;
        float f;
        memcpy(&f, &low, sizeof f);
        return (double)f;
    }
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

/* Rows and columns when the file holds all entries. */
static int measure(const char *path, const array *a, size_t *rows, size_t *cols)
{
    size_t bytes;
    if (a->dimensions == 0)
        return jf_refuse(path, 0,
                         "a single number (no dimension) found, a table "
                         "expected");
    *rows = a->shape[0];
    *cols = 1;
    int lies = 0;
    for (size_t k = 1; k < a->dimensions; k++)
        lies |= __builtin_mul_overflow(*cols, a->shape[k], cols);
    if (!lies && (*rows == 0 || *cols == 0))
        return jf_refuse(path, 0, "an empty array found");
    lies = lies || __builtin_mul_overflow(*rows, *cols, &bytes) ||
           __builtin_mul_overflow(bytes, a->width, &bytes);
    if (lies || a->size < bytes)
        return jf_refuse(path, 0,
                         "truncated or damaged: %zu x %zu entries of %zu bytes "
                         "declared, %zu bytes found",
                         *rows, *cols, a->width, a->size);
    return GSL_SUCCESS;
}

/* The place of column j of row i of x (rows, cols) among the entries. */
static size_t place(const array *a, jf_matrix x, size_t i, size_t j)
{
    size_t at = i, step = x.rows * x.cols;
    if (!a->fortran)
        return i * x.cols + j;
    for (size_t k = a->dimensions; k-- > 1; j /= a->shape[k]) {
        step /= a->shape[k];
        at += step * (j % a->shape[k]);
    }
    return at;
}

static void fill(const array *a, jf_matrix x)
{
    if (!a->fortran) {
        for (size_t i = 0; i < x.rows * x.cols; i++)
            x.data[i] = (real)entry(a, a->bytes + i * a->width);
        return;
    }
    for (size_t j = 0; j < x.cols; j++) {
        const unsigned char *column = a->bytes + place(a, x, 0, j) * a->width;
        for (size_t i = 0; i < x.rows; i++)
            jf_row(x, i)[j] = (real)entry(a, column + i * a->width);
    }
}

/* Whether a double holds the whole number at row i, column j. */
static int check_whole(const char *path, const array *a, jf_matrix x, size_t i,
                       size_t j)
{
    const unsigned char *p = a->bytes + place(a, x, i, j) * a->width;
    uint64_t v = load_bytes(p, a->width, a->big);
    int negative = a->kind == 'i' && v >> 63;
    v = negative ? -v : v;
    if (v >> 53 == 0 || v >> __builtin_ctzll(v) >> 53 == 0)
        return GSL_SUCCESS;
    return jf_refuse(path, 0,
                     "%s%ju found in row %zu, column %zu, whole numbers up to "
                     "2^53 expected, which a double holds; leave out columns "
                     "with --columns",
                     negative ? "-" : "", (uintmax_t)v, i + 1, j + 1);
}

/* All of the columns that are wanted. */
static int check_wholes(const char *path, const array *a, const char *columns,
                        jf_matrix x)
{
    size_t *index = NULL, count = x.cols;
    int status = GSL_SUCCESS;
    if (a->kind == 'f' || a->width < 8)
        return GSL_SUCCESS;
    if (columns)
        JF_TRY(jf_columns_find(path, columns, NULL, x.cols, &index, &count));
    for (size_t i = 0; i < x.rows; i++)
        for (size_t k = 0; k < count && status == GSL_SUCCESS; k++)
            status = check_whole(path, a, x, i, index ? index[k] : k);
    free(index);
    return status;
}

/* NaN is a missing value; infinite ones are refused. */
static int check(const char *path, const jf_data_options *options,
                 jf_dataset *out)
{
    jf_matrix x = out->x;
    for (size_t i = 0; i < x.rows; i++)
        for (size_t j = 0; j < x.cols; j++) {
            double v = (double)jf_row(x, i)[j];
            int hole = isnan(v);
            if (v - v != 0 && !(hole && options->drop_missing))
                return jf_refuse(path, 0,
                                 "%g found in row %zu, column %zu, a finite "
                                 "number expected%s",
                                 v, i + 1, j + 1,
                                 isnan(v) ? "; leave out such rows with "
                                            "--drop-missing, or columns with "
                                            "--columns"
                                          : "");
        }
    return options->drop_missing ? jf_rows_drop_missing(path, out)
                                 : GSL_SUCCESS;
}

int jf_array_finish(const char *path, size_t dimensions, const size_t *shape,
                    const jf_data_options *options, jf_dataset *out)
{
    if (dimensions > 2) {
        jf_text sizes = {0};
        int status = GSL_SUCCESS;
        for (size_t k = 0; k < dimensions && status == GSL_SUCCESS; k++)
            status = jf_text_add(&sizes, "%s%zu", k ? " x " : "", shape[k]);
        if (status == GSL_SUCCESS)
            status = jf_data_note(out,
                                  "an array of %s: a row of %zu numbers per "
                                  "first index",
                                  sizes.data, out->x.cols);
        free(sizes.data);
        JF_TRY(status);
    }
    if (options->columns)
        JF_TRY(jf_columns_choose(path, options->columns, out));
    return check(path, options, out);
}

static int read_array(const char *path, const array *a,
                      const jf_data_options *options, jf_dataset *out)
{
    size_t rows = 0, cols = 0;
    JF_TRY(measure(path, a, &rows, &cols));
    JF_TRY_MEMORY((out->x = jf_matrix_new(rows, cols)).data);
    fill(a, out->x);
    JF_TRY(check_wholes(path, a, options->columns, out->x));
    return jf_array_finish(path, a->dimensions, a->shape, options, out);
}

/* The text behind 'key': in the header of an NPY file, or NULL. */
static const char *value_of(const char *header, const char *key)
{
    const char *found = strstr(header, key);
    if (!found)
        return NULL;
    found += strlen(key);
    return found + strspn(found, "'\": ");
}

/* What NumPy's letters mean, of those that are no numbers here. */
static const char *other_kind(const char *type)
{
    static const struct {
        char letter;
        const char *name;
    } kinds[] = {{'O', "objects"},         {'S', "strings"},
                 {'U', "strings"},         {'V', "structured or raw entries"},
                 {'c', "complex numbers"}, {'M', "dates"},
                 {'m', "spans of time"},   {'[', "structured entries"}};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        if (*type == kinds[k].letter || (*type && type[1] == kinds[k].letter))
            return kinds[k].name;
    return "entries of an unknown type";
}

static int npy_type(const char *path, const char *type, array *a)
{
    char *end = NULL;
    if (!type)
        return jf_refuse(path, 0, "no type of entries found in the header");
    a->big = *type == '>';
    a->kind = *type && strchr("<>|=", *type) ? type[1] : '[';
    a->width = a->kind != '[' && a->kind ? strtoul(type + 2, &end, 10) : 0;
    if (a->kind == 'b' && a->width == 1)
        a->kind = 'u';
    size_t w = a->width;
    if (end && (*end == '\'' || *end == '"') &&
        ((strchr("iu", a->kind) && (w == 1 || w == 2 || w == 4 || w == 8)) ||
         (a->kind == 'f' && (w == 2 || w == 4 || w == 8 || w == 16))))
        return GSL_SUCCESS;
    if (*type == '[')
        return jf_refuse(path, 0, "%s found, whole numbers or floats expected",
                         other_kind(type));
    return jf_refuse(path, 0,
                     "%s found (type %.*s), whole numbers or floats expected",
                     other_kind(type), (int)strcspn(type, "',\""), type);
}

/* "(n,)", "(n, d)" and so on */
static int npy_shape(const char *path, const char *text, array *a)
{
    if (!text || *text != '(')
        return jf_refuse(path, 0, "no shape found in the header");
    for (text++;;) {
        char *end;
        text += strspn(text, " ,");
        if (*text == ')')
            return GSL_SUCCESS;
        if (*text < '0' || *text > '9' || a->dimensions == MOST_DIMENSIONS)
            return jf_refuse(
                path, 0, "'%.32s' found in the shape, sizes expected", text);
        a->shape[a->dimensions++] = strtoull(text, &end, 10);
        text = end;
    }
}

static int read_header(const char *path, const char *header, array *a)
{
    const char *fortran = value_of(header, "fortran_order");
    JF_TRY(npy_type(path, value_of(header, "descr"), a));
    if (!fortran ||
        (strncmp(fortran, "True", 4) != 0 && strncmp(fortran, "False", 5) != 0))
        return jf_refuse(path, 0, "no order found in the header");
    a->fortran = *fortran == 'T';
    return npy_shape(path, value_of(header, "shape"), a);
}

int jf_read_npy(const char *path, jf_bytes file, const jf_data_options *options,
                jf_dataset *out)
{
    array a = {0};
    if (file.size < 12)
        return jf_refuse(path, 0, "the header is truncated");
    int version = file.bytes[6];
    if (version < 1 || version > 3)
        return jf_refuse(path, 0, "NPY version %d found, 1 to 3 expected",
                         version);
    size_t start = version == 1 ? 10 : 12;
    size_t length = load_bytes(file.bytes + 8, version == 1 ? 2 : 4, 0);
    if (length > file.size - start)
        return jf_refuse(path, 0, "the header is truncated or damaged");
    a.bytes = file.bytes + start + length;
    a.size = file.size - start - length;
    char *header = jf_copy_text((const char *)file.bytes + start, length);
    JF_TRY_MEMORY(header);
    int status = read_header(path, header, &a);
    free(header);
    JF_TRY(status);
    return read_array(path, &a, options, out);
}

int jf_read_idx(const char *path, jf_bytes file, const jf_data_options *options,
                jf_dataset *out)
{
    static const struct {
        int code;
        char kind;
        size_t width;
    } types[] = {{0x08, 'u', 1}, {0x09, 'i', 1}, {0x0b, 'i', 2},
                 {0x0c, 'i', 4}, {0x0d, 'f', 4}, {0x0e, 'f', 8}};
    enum { TYPES = sizeof types / sizeof *types };
    const unsigned char *b = file.bytes;
    size_t k = 0, start = 4 + 4 * (size_t)b[3];
    while (k < TYPES && types[k].code != b[2])
        k++;
    if (k == TYPES)
        return jf_refuse(path, 0, "IDX type 0x%02x found, which is unknown",
                         b[2]);
    if (file.size < start)
        return jf_refuse(path, 0, "the IDX header is truncated");
    array a = {.bytes = b + start,
               .size = file.size - start,
               .kind = types[k].kind,
               .width = types[k].width,
               .big = 1,
               .dimensions = b[3]};
    for (size_t i = 0; i < a.dimensions; i++)
        a.shape[i] = load_bytes(b + 4 + 4 * i, 4, 1);
    return read_array(path, &a, options, out);
}
