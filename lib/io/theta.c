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
enum { VERSION = 2, ENDIAN = 0x01020304, SWAPPED = 0x04030201 };
enum { HEAD = 8 + 3 * 4 + 8, TAIL = 4 };
enum { MAX_SECTIONS = 64 };

static size_t type_size(jf_section_type type, size_t real_size)
{
    return type == JF_REALS ? real_size : type == JF_BYTES ? 1 : 8;
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

static void put_all(writer *w, size_t total, const char *description,
                    const jf_section *sections, size_t n_sections)
{
    put(w, MAGIC, sizeof MAGIC);
    put32(w, VERSION);
    put32(w, ENDIAN);
    put32(w, sizeof(real));
    put64(w, total);
    put64(w, strlen(description));
    put(w, description, strlen(description));
    put64(w, n_sections);
    for (size_t i = 0; i < n_sections; i++) {
        const jf_section *s = &sections[i];
        put_name(w, s->name);
        put32(w, (uint32_t)s->type);
        put64(w, s->count);
        put(w, s->data, s->count * type_size(s->type, sizeof(real)));
    }
}

int jf_theta_write(const char *path, const char *description,
                   const jf_section *sections, size_t n_sections)
{
    writer w = {NULL, 0};
    put_all(&w, 0, description, sections, n_sections);
    size_t total = w.at + TAIL;
    w = (writer){jf_alloc(total, 1), 0};
    JF_TRY_MEMORY(w.data);
    put_all(&w, total, description, sections, n_sections);
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
    size_t real_size; /* bytes of its reals */
    int is_short;
} reader;

struct jf_theta_file {
    unsigned char *data;
    char *path, *description;
    size_t at, end; /* of the sections */
    uint64_t n_sections;
    size_t real_size; /* bytes of its reals */
};

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
    if (got != *size)
        return jf_refuse(path, 0, "read %zu bytes of %zu", got, *size);
    return GSL_SUCCESS;
}

/* Head and checksum; r is left at the description. */
static int check_head(reader *r)
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
        return jf_refuse(r->path, 0,
                         "format version %" PRIu32 ", expected %d%s", version,
                         VERSION,
                         version == 1 ? ", which says what the layers are: "
                                        "train and save again"
                                      : "");
    if (endian != ENDIAN)
        return jf_refuse(r->path, 0,
                         "byte order tag %08" PRIx32 ", expected %08x", endian,
                         (unsigned)ENDIAN);
    if ((bytes != 4 && bytes != 8) || bytes > sizeof(real))
        return jf_refuse(r->path, 0, "holds %s parameters, this build reads %s",
                         bytes == 4   ? "float"
                         : bytes == 8 ? "double"
                                      : "unknown",
                         JF_PRECISION);
    r->real_size = bytes;
    uint64_t total = take64(r);
    if (r->size < total)
        return jf_refuse(r->path, 0, "truncated: %zu bytes, expected %" PRIu64,
                         r->size, total);
    if (r->size > total)
        return jf_refuse(r->path, 0,
                         "%" PRIu64 " bytes after its end, expected %" PRIu64
                         " in all",
                         r->size - total, total);
    r->size -= TAIL;
    uint32_t stored, found = checksum(r->data, r->size);
    memcpy(&stored, r->data + r->size, sizeof stored);
    if (stored != found)
        return jf_refuse(r->path, 0,
                         "damaged: checksum %08" PRIx32 ", expected %08" PRIx32,
                         found, stored);
    return GSL_SUCCESS;
}

/* The description, of printable characters. */
static int read_description(reader *r, jf_theta_file *file)
{
    uint64_t length = take64(r);
    const char *text = take(r, length);
    if (r->is_short)
        return jf_refuse(r->path, 0, "its description does not fit its size");
    for (uint64_t i = 0; i < length; i++)
        if (text[i] < ' ' || text[i] > '~')
            return jf_refuse(r->path, 0,
                             "its description is no text at byte %" PRIu64, i);
    file->description = jf_copy_text(text, (size_t)length);
    JF_TRY_MEMORY(file->description);
    file->n_sections = take64(r);
    if (r->is_short)
        return jf_refuse(r->path, 0, "its sections do not fit its size");
    return GSL_SUCCESS;
}

/* A section where it stands. */
typedef struct {
    name name;
    uint32_t type;
    uint64_t count;
    const void *numbers;
} part;

static int take_part(reader *r, part *p)
{
    p->name = take_name(r);
    p->type = take32(r);
    p->count = take64(r);
    if (r->is_short || p->type > JF_BYTES || p->count > r->size)
        return 0;
    p->numbers = take(r, p->count * type_size(p->type, r->real_size));
    return !r->is_short;
}

static reader at_sections(const jf_theta_file *file)
{
    return (reader){file->path, file->data,      file->end,
                    file->at,   file->real_size, 0};
}

static int same_name(name a, name b)
{
    return a.length == b.length &&
           memcmp(a.bytes, b.bytes, (size_t)a.length) == 0;
}

/* Sound, few, and each of a name of its own. */
static int check_sections(const jf_theta_file *file)
{
    reader r = at_sections(file);
    name names[MAX_SECTIONS];
    part p;
    if (file->n_sections > MAX_SECTIONS)
        return jf_refuse(file->path, 0,
                         "%" PRIu64 " sections, at most %d expected",
                         file->n_sections, MAX_SECTIONS);
    for (uint64_t i = 0; i < file->n_sections; i++) {
        if (!take_part(&r, &p))
            return jf_refuse(file->path, 0,
                             "section %" PRIu64 " is not sound, or does not "
                             "fit its size",
                             i);
        for (uint64_t k = 0; k < i; k++)
            if (same_name(names[k], p.name))
                return jf_refuse(file->path, 0,
                                 "sections %" PRIu64 " and %" PRIu64
                                 " have one name, each its own expected",
                                 k, i);
        names[i] = p.name;
    }
    if (r.at != r.size)
        return jf_refuse(file->path, 0, "%zu bytes after its last section",
                         r.size - r.at);
    return GSL_SUCCESS;
}

static int read_all(const char *path, jf_theta_file *file)
{
    reader r = {.path = path};
    JF_TRY_MEMORY(file->path = jf_copy_text(path, strlen(path)));
    JF_TRY(read_file(path, &file->data, &r.size));
    r.data = file->data;
    JF_TRY(check_head(&r));
    JF_TRY(read_description(&r, file));
    file->at = r.at;
    file->end = r.size;
    file->real_size = r.real_size;
    return check_sections(file);
}

int jf_theta_open(const char *path, jf_theta_file **file)
{
    *file = jf_alloc(1, sizeof **file);
    JF_TRY_MEMORY(*file);
    int status = read_all(path, *file);
    if (status != GSL_SUCCESS) {
        jf_theta_close(*file);
        *file = NULL;
    }
    return status;
}

void jf_theta_close(jf_theta_file *file)
{
    if (!file)
        return;
    free(file->data);
    free(file->path);
    free(file->description);
    free(file);
}

const char *jf_theta_description(const jf_theta_file *file)
{
    return file->description;
}

/* The section of that name; 0: none. */
static int find_part(const jf_theta_file *file, const char *text, part *p)
{
    reader r = at_sections(file);
    for (uint64_t i = 0; i < file->n_sections; i++)
        if (take_part(&r, p) && is_name(p->name, text))
            return 1;
    return 0;
}

size_t jf_theta_count(const jf_theta_file *file, const char *text)
{
    part p;
    return find_part(file, text, &p) ? (size_t)p.count : 0;
}

/* Where the numbers of s stand; NULL: it is absent, and may be. */
static int find_numbers(const jf_theta_file *file, const jf_section *s,
                        const void **numbers)
{
    part p;
    *numbers = NULL;
    if (!find_part(file, s->name, &p))
        return s->optional
                   ? GSL_SUCCESS
                   : jf_refuse(file->path, 0, "has no section %s", s->name);
    if (p.type != (uint32_t)s->type || p.count != s->count)
        return jf_refuse(file->path, 0,
                         "section %s has %" PRIu64 " numbers of type %" PRIu32
                         ", expected %zu of type %d",
                         s->name, p.count, p.type, s->count, (int)s->type);
    *numbers = p.numbers;
    return GSL_SUCCESS;
}

/* The numbers of a section, which may stand anywhere, to where they are asked
 * for; floats become reals. */
static void copy(const jf_theta_file *file, const jf_section *s,
                 const void *numbers)
{
    float one;
    if (s->type != JF_REALS || file->real_size == sizeof(real)) {
        memcpy(s->data, numbers, s->count * type_size(s->type, sizeof(real)));
        return;
    }
    for (size_t i = 0; i < s->count; i++) {
        memcpy(&one, (const char *)numbers + i * sizeof one, sizeof one);
        ((real *)s->data)[i] = (real)one;
    }
}

int jf_theta_take(const jf_theta_file *file, const jf_section *sections,
                  size_t n_sections)
{
    const void *numbers;
    for (size_t i = 0; i < n_sections; i++)
        JF_TRY(find_numbers(file, &sections[i], &numbers));
    for (size_t i = 0; i < n_sections; i++) {
        const jf_section *s = &sections[i];
        find_numbers(file, s, &numbers);
        if (s->found)
            *s->found = numbers != NULL;
        if (numbers && s->count)
            copy(file, s, numbers);
    }
    return GSL_SUCCESS;
}

/* Both descriptions from the argument or name on in which they differ first. */
static int check_description(const jf_theta_file *file, const char *expected)
{
    enum { SHOWN = 40 };
    const char *found = file->description;
    size_t i = 0, start = 0;
    for (; found[i] == expected[i]; i++) {
        if (!found[i])
            return GSL_SUCCESS;
        if (found[i] == ' ')
            start = i + 1;
    }
    return jf_refuse(
        file->path, 0,
        "is of another flow: at byte %zu of its description "
        "%.*s%s, expected %.*s%s",
        start, SHOWN, found + start, strlen(found + start) > SHOWN ? ".." : "",
        SHOWN, expected + start, strlen(expected + start) > SHOWN ? ".." : "");
}

int jf_theta_read(const char *path, const char *description,
                  const jf_section *sections, size_t n_sections)
{
    jf_theta_file *file;
    JF_TRY(jf_theta_open(path, &file));
    int status = check_description(file, description);
    if (status == GSL_SUCCESS)
        status = jf_theta_take(file, sections, n_sections);
    jf_theta_close(file);
    return status;
}
