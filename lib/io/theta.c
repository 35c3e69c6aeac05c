/* theta.c -- a file is built and checked as one block of memory. */
#include "io/theta.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <zlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "io/output.h"

static const char MAGIC[8] = "JFTHETA\n";
enum { VERSION = 1, ENDIAN = 0x01020304, SWAPPED = 0x04030201 };
enum { HEAD = 8 + 3 * 4 + 3 * 8, TAIL = 4 };

static size_t type_size(jf_section_type type)
{
    return type == JF_REALS ? sizeof(real) : 8;
}

static uint32_t checksum(const unsigned char *data, size_t size)
{
    return (uint32_t)crc32_z(crc32_z(0, NULL, 0), data, size);
}

/* Writing: at moves through the block; with data = NULL it only counts. */
typedef struct {
    unsigned char *data;
    size_t at;
} writer;

static void put(writer *w, const void *bytes, size_t size)
{
    if (w->data && size)
        memcpy(w->data + w->at, bytes, size);
    w->at += size;
}

static void put32(writer *w, uint32_t value)
{
    put(w, &value, sizeof value);
}

static void put64(writer *w, uint64_t value)
{
    put(w, &value, sizeof value);
}

static void put_name(writer *w, const char *name)
{
    put32(w, (uint32_t)strlen(name));
    put(w, name, strlen(name));
}

static void put_all(writer *w, size_t total, const jf_theta_layer *layers,
                    size_t n_layers, const jf_section *sections,
                    size_t n_sections)
{
    put(w, MAGIC, sizeof MAGIC);
    put32(w, VERSION);
    put32(w, ENDIAN);
    put32(w, sizeof(real));
    put64(w, total);
    put64(w, n_layers);
    put64(w, n_sections);
    for (size_t i = 0; i < n_layers; i++) {
        put_name(w, layers[i].name);
        put64(w, layers[i].d);
        put64(w, layers[i].count);
    }
    for (size_t i = 0; i < n_sections; i++) {
        const jf_section *s = &sections[i];
        put_name(w, s->name);
        put32(w, (uint32_t)s->type);
        put64(w, s->count);
        put(w, s->data, s->count * type_size(s->type));
    }
}

int jf_theta_write(const char *path, const jf_theta_layer *layers,
                   size_t n_layers, const jf_section *sections,
                   size_t n_sections)
{
    writer w = {NULL, 0};
    put_all(&w, 0, layers, n_layers, sections, n_sections);
    size_t total = w.at + TAIL;
    w = (writer){jf_alloc(total, 1), 0};
    JF_TRY_MEMORY(w.data);
    put_all(&w, total, layers, n_layers, sections, n_sections);
    put32(&w, checksum(w.data, w.at));
    int status = jf_output_write(path, w.data, total);
    free(w.data);
    return status;
}

/* Reading: at moves through size bytes; short: something asked for more. */
typedef struct {
    const char *path;
    const unsigned char *data;
    size_t size, at;
    int is_short;
} reader;

static const void *take(reader *r, uint64_t size)
{
    static const unsigned char zeros[8] = {0};
    if (size > r->size - r->at) {
        r->is_short = 1;
        return zeros;
    }
    const void *p = r->data + r->at;
    r->at += (size_t)size;
    return p;
}

static uint32_t take32(reader *r)
{
    uint32_t value;
    memcpy(&value, take(r, sizeof value), sizeof value);
    return value;
}

static uint64_t take64(reader *r)
{
    uint64_t value;
    memcpy(&value, take(r, sizeof value), sizeof value);
    return value;
}

/* A name where it stands: length bytes, no final zero. */
typedef struct {
    const char *bytes;
    int length;
} name;

static name take_name(reader *r)
{
    uint32_t length = take32(r);
    const char *bytes = take(r, length);
    return (name){bytes, r->is_short || length > 4096 ? 0 : (int)length};
}

static int is_name(name n, const char *text)
{
    return (size_t)n.length == strlen(text) &&
           memcmp(n.bytes, text, (size_t)n.length) == 0;
}

/* The file in memory, which the caller frees. */
static int read_file(const char *path, unsigned char **data, size_t *size)
{
    struct stat info;
    FILE *file = fopen(path, "rb");
    if (!file)
        return jf_refuse(path, 0, "cannot be opened: %s", strerror(errno));
    if (fstat(fileno(file), &info) != 0 || !S_ISREG(info.st_mode)) {
        fclose(file);
        return jf_refuse(path, 0,
                         "is not a regular file, a parameter file expected");
    }
    *size = (size_t)info.st_size;
    *data = jf_alloc(*size, 1);
    size_t got = *data ? fread(*data, 1, *size, file) : 0;
    fclose(file);
    JF_TRY_MEMORY(*data);
    if (got != *size) {
        free(*data);
        return jf_refuse(path, 0, "read %zu bytes of %zu", got, *size);
    }
    return GSL_SUCCESS;
}

/* Head and checksum; r is left at the first layer. */
static int check_head(reader *r, uint64_t *layers, uint64_t *sections)
{
    if (r->size < sizeof MAGIC ||
        memcmp(take(r, sizeof MAGIC), MAGIC, sizeof MAGIC) != 0)
        return jf_refuse(r->path, 0, "is not a parameter file of jacflow");
    if (r->size < HEAD + TAIL)
        return jf_refuse(r->path, 0,
                         "truncated: %zu bytes, at least %d expected", r->size,
                         HEAD + TAIL);
    uint32_t version = take32(r), endian = take32(r), bytes = take32(r);
    if (endian == SWAPPED)
        return jf_refuse(r->path, 0, "was written in another byte order");
    if (version != VERSION)
        return jf_refuse(r->path, 0, "format version %" PRIu32 ", expected %d",
                         version, VERSION);
    if (endian != ENDIAN)
        return jf_refuse(r->path, 0,
                         "byte order tag %08" PRIx32 ", expected %08x", endian,
                         (unsigned)ENDIAN);
    if (bytes != sizeof(real))
        return jf_refuse(r->path, 0, "holds %s parameters, this build reads %s",
                         bytes == 4   ? "float"
                         : bytes == 8 ? "double"
                                      : "unknown",
                         JF_PRECISION);
    uint64_t total = take64(r);
    if (r->size < total)
        return jf_refuse(r->path, 0, "truncated: %zu bytes, expected %" PRIu64,
                         r->size, total);
    if (r->size > total)
        return jf_refuse(r->path, 0,
                         "%" PRIu64 " bytes after its end, expected %" PRIu64
                         " in all",
                         r->size - total, total);
    *layers = take64(r);
    *sections = take64(r);
    r->size -= TAIL;
    uint32_t stored, found = checksum(r->data, r->size);
    memcpy(&stored, r->data + r->size, sizeof stored);
    if (stored != found)
        return jf_refuse(r->path, 0,
                         "damaged: checksum %08" PRIx32 ", expected %08" PRIx32,
                         found, stored);
    return GSL_SUCCESS;
}

static int check_layers(reader *r, uint64_t found, const jf_theta_layer *layers,
                        size_t n_layers)
{
    for (uint64_t i = 0; i < found; i++) {
        name n = take_name(r);
        uint64_t d = take64(r), count = take64(r);
        if (r->is_short)
            return jf_refuse(r->path, 0, "its layers do not fit its size");
        if (i >= n_layers)
            return jf_refuse(r->path, 0, "%" PRIu64 " layers, expected %zu",
                             found, n_layers);
        const jf_theta_layer *l = &layers[i];
        if (!is_name(n, l->name) || d != l->d || count != l->count)
            return jf_refuse(
                r->path, 0,
                "layer %" PRIu64 " is %.*s of d = %" PRIu64 " with %" PRIu64
                " parameters, expected %s of d = %zu with %zu",
                i, n.length, n.bytes, d, count, l->name, l->d, l->count);
    }
    if (found < n_layers)
        return jf_refuse(r->path, 0,
                         "%" PRIu64 " layers, expected %zu: layer %" PRIu64
                         ", %s, is missing",
                         found, n_layers, found, layers[found].name);
    return GSL_SUCCESS;
}

/* Where the numbers of each section asked for stand; NULL: absent. */
static int find_sections(reader *r, uint64_t found, const jf_section *sections,
                         size_t n_sections, const void **where)
{
    for (uint64_t k = 0; k < found; k++) {
        name n = take_name(r);
        uint32_t type = take32(r);
        uint64_t count = take64(r);
        if (type > JF_WORDS || count > r->size)
            return jf_refuse(r->path, 0, "section %" PRIu64 " is not sound", k);
        const void *numbers = take(r, count * type_size(type));
        if (r->is_short)
            return jf_refuse(r->path, 0, "its sections do not fit its size");
        for (size_t i = 0; i < n_sections; i++) {
            const jf_section *s = &sections[i];
            if (!is_name(n, s->name))
                continue;
            if (type != (uint32_t)s->type || count != s->count)
                return jf_refuse(r->path, 0,
                                 "section %s has %" PRIu64
                                 " numbers of type %" PRIu32
                                 ", expected %zu of type %d",
                                 s->name, count, type, s->count, (int)s->type);
            where[i] = numbers;
        }
    }
    if (r->at != r->size)
        return jf_refuse(r->path, 0, "%zu bytes after its last section",
                         r->size - r->at);
    for (size_t i = 0; i < n_sections; i++)
        if (!where[i] && !sections[i].optional)
            return jf_refuse(r->path, 0, "has no section %s", sections[i].name);
    return GSL_SUCCESS;
}

static int read_all(reader *r, const jf_theta_layer *layers, size_t n_layers,
                    const jf_section *sections, size_t n_sections,
                    const void **where)
{
    uint64_t found_layers = 0, found_sections = 0;
    JF_TRY(check_head(r, &found_layers, &found_sections));
    JF_TRY(check_layers(r, found_layers, layers, n_layers));
    JF_TRY(find_sections(r, found_sections, sections, n_sections, where));
    for (size_t i = 0; i < n_sections; i++) {
        const jf_section *s = &sections[i];
        if (s->found)
            *s->found = where[i] != NULL;
        if (where[i] && s->count)
            memcpy(s->data, where[i], s->count * type_size(s->type));
    }
    return GSL_SUCCESS;
}

int jf_theta_read(const char *path, const jf_theta_layer *layers,
                  size_t n_layers, const jf_section *sections,
                  size_t n_sections)
{
    unsigned char *data = NULL;
    size_t size = 0;
    JF_TRY(read_file(path, &data, &size));
    const void **where = jf_alloc(n_sections, sizeof *where);
    reader r = {.path = path, .data = data, .size = size};
    int status =
        where ? read_all(&r, layers, n_layers, sections, n_sections, where)
              : GSL_ENOMEM;
    free(where);
    free(data);
    return status;
}
