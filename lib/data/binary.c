/* binary.c -- NPY (NumPy's format, versions 1 and 2) and IDX (as MNIST's). */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "data/read.h"

/* rows x cols entries of size bytes each, or 0 when the product overflows. */
static size_t total_bytes(size_t rows, size_t cols, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(rows, cols, &bytes) ||
        __builtin_mul_overflow(bytes, size, &bytes) || bytes > SIZE_MAX / 16)
        return 0;
    return bytes;
}

static uint64_t load_bytes(const unsigned char *p, size_t size, int big)
{
    uint64_t v = 0;
    for (size_t i = 0; i < size; i++)
        v |= (uint64_t)p[big ? size - 1 - i : i] << (8 * i);
    return v;
}

/* Entry of kind 'u' or 'f'. */
static double entry(const unsigned char *p, char kind, size_t size, int big)
{
    uint64_t bits = load_bytes(p, size, big);
    if (kind == 'u')
        return (double)bits;
    if (size == 4) {
        uint32_t half = (uint32_t)bits;
        float f;
        memcpy(&f, &half, sizeof f);
        return (double)f;
    }
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

/* x from packed entries; infinite ones and NaN are refused. */
static int fill(const char *path, const unsigned char *p, size_t rows,
                size_t cols, char kind, size_t size, int big, jf_dataset *out)
{
    out->x = jf_matrix_new(rows, cols);
    JF_TRY_MEMORY(out->x.data);
    for (size_t i = 0; i < rows * cols; i++) {
        double v = entry(p + i * size, kind, size, big);
        out->x.data[i] = (real)v;
        if (!(v - v == 0) || !(out->x.data[i] - out->x.data[i] == 0))
            return jf_refuse(path, 0,
                             "%g found in row %zu, column %zu, a finite "
                             "number expected",
                             v, i / cols + 1, i % cols + 1);
    }
    return GSL_SUCCESS;
}

/* The text behind 'key': in the header of an NPY file, or NULL. */
static const char *value_of(const char *header, const char *key)
{
    const char *found = strstr(header, key);
    if (!found)
        return NULL;
    found += strlen(key);
    found += strspn(found, "'\": ");
    return found;
}

/* "(n,)" or "(n, d)" */
static int npy_shape(const char *path, const char *text, size_t shape[2])
{
    size_t count = 0;
    if (!text || *text != '(')
        return jf_refuse(path, 0, "no shape found in the header");
    text++;
    shape[1] = 1;
    while (*text && *text != ')') {
        char *end;
        text += strspn(text, " ,");
        if (*text == ')')
            break;
        if (*text < '0' || *text > '9' || count == 2)
            return jf_refuse(path, 0,
                             "shape '%.32s' found, (rows, columns) "
                             "expected",
                             text - 1);
        shape[count++] = strtoull(text, &end, 10);
        text = end;
    }
    if (count == 0 || shape[0] == 0 || shape[1] == 0)
        return jf_refuse(path, 0, "an empty array found");
    return GSL_SUCCESS;
}

int jf_read_npy(const char *path, jf_bytes file, jf_dataset *out)
{
    char header[4096];
    size_t shape[2], start, length;
    if (file.size < 12)
        return jf_refuse(path, 0, "the header is truncated");
    int version = file.bytes[6];
    if (version != 1 && version != 2)
        return jf_refuse(path, 0, "NPY version %d found, 1 or 2 expected",
                         version);
    start = version == 1 ? 10 : 12;
    length = load_bytes(file.bytes + 8, version == 1 ? 2 : 4, 0);
    if (length >= sizeof header || start + length > file.size)
        return jf_refuse(path, 0, "the header is truncated or damaged");
    memcpy(header, file.bytes + start, length);
    header[length] = '\0';
    const char *type = value_of(header, "descr");
    const char *fortran = value_of(header, "fortran_order");
    if (!type || (strncmp(type, "<f4'", 4) != 0 &&
                  strncmp(type, "<f8'", 4) != 0 && strncmp(type, "|u1'", 4)))
        return jf_refuse(path, 0, "type '%.*s' found, <f4, <f8 or |u1 expected",
                         type ? (int)strcspn(type, "'\"") : 0,
                         type ? type : "");
    if (!fortran || strncmp(fortran, "False", 5) != 0)
        return jf_refuse(path, 0, "Fortran order found, C order expected");
    JF_TRY(npy_shape(path, value_of(header, "shape"), shape));
    size_t size = (size_t)(type[2] - '0');
    size_t bytes = total_bytes(shape[0], shape[1], size);
    if (bytes == 0 || file.size - start - length < bytes)
        return jf_refuse(path, 0,
                         "%zu x %zu entries expected, %zu bytes of them "
                         "found",
                         shape[0], shape[1], file.size - start - length);
    return fill(path, file.bytes + start + length, shape[0], shape[1], type[1],
                size, 0, out);
}

int jf_read_idx(const char *path, jf_bytes file, jf_dataset *out)
{
    size_t rows, cols = 1, start, size;
    if (file.size < 8 || file.bytes[0] || file.bytes[1])
        return jf_refuse(path, 0, "no IDX header found");
    int type = file.bytes[2], dims = file.bytes[3];
    if (type != 0x08 && type != 0x0d && type != 0x0e)
        return jf_refuse(path, 0,
                         "IDX type 0x%02x found, 0x08 (bytes), 0x0d or "
                         "0x0e (floats) expected",
                         type);
    size = type == 0x08 ? 1 : type == 0x0d ? 4 : 8;
    start = 4 + 4 * (size_t)dims;
    if (dims < 1 || dims > 8 || file.size < start)
        return jf_refuse(path, 0, "the header is truncated or damaged");
    rows = load_bytes(file.bytes + 4, 4, 1);
    for (size_t k = 1; k < (size_t)dims; k++)
        if (__builtin_mul_overflow(
                cols, load_bytes(file.bytes + 4 + 4 * k, 4, 1), &cols))
            cols = 0;
    size_t bytes = total_bytes(rows, cols, size);
    if (bytes == 0 || file.size - start < bytes)
        return jf_refuse(path, 0,
                         "%zu x %zu entries expected, %zu bytes of them "
                         "found",
                         rows, cols, file.size - start);
    return fill(path, file.bytes + start, rows, cols, type == 0x08 ? 'u' : 'f',
                size, 1, out);
}
