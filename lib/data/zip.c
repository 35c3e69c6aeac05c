/* zip.c -- NPZ: a ZIP archive of arrays, stored or deflated.
 *
 * The directory at the end says what there is (PKWARE's APPNOTE 6.3.3, 4.3).
 * Every offset and size is held against the file before it is used, and what
 * is unpacked against its checksum. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/error.h"
#include "data/format.h"
#include "data/read.h"

enum { END = 22, ENTRY = 46, LOCAL = 30, ENTRY64 = 56, LOCATOR64 = 20 };

typedef struct {
    const char *name; /* (length) */
    size_t length, packed, size, at;
    uint32_t check;
    int method, locked;
} member;

static uint64_t load(const unsigned char *p, size_t size)
{
    uint64_t v = 0;
    for (size_t i = 0; i < size; i++)
        v |= (uint64_t)p[i] << (8 * i);
    return v;
}

static int is(const unsigned char *p, const char *magic)
{
    return memcmp(p, magic, 4) == 0;
}

static int damaged(const char *path)
{
    return jf_refuse(path, 0, "truncated or damaged ZIP archive");
}

/* Where the directory begins, and how many members it has. */
static int find_directory(const char *path, jf_bytes f, size_t *at,
                          size_t *count)
{
    if (f.size < END)
        return damaged(path);
    size_t end = f.size - END, least = end > 65535 ? end - 65535 : 0;
    while (end > least && !is(f.bytes + end, "PK\5\6"))
        end--;
    const unsigned char *p = f.bytes + end;
    if (!is(p, "PK\5\6"))
        return damaged(path);
    *count = load(p + 10, 2);
    *at = load(p + 16, 4);
    if (end < LOCATOR64 || !is(p - LOCATOR64, "PK\6\7"))
        return GSL_SUCCESS;
    uint64_t more = load(p - LOCATOR64 + 8, 8);
    if (f.size < ENTRY64 || more > f.size - ENTRY64 ||
        !is(f.bytes + more, "PK\6\6"))
        return damaged(path);
    *count = load(f.bytes + more + 32, 8);
    *at = load(f.bytes + more + 48, 8);
    return GSL_SUCCESS;
}

/* Sizes that do not fit stand behind the name, in this order. */
static void large_sizes(const unsigned char *p, size_t length, member *m)
{
    size_t *const places[] = {&m->size, &m->packed, &m->at};
    while (length >= 4) {
        size_t size = load(p + 2, 2);
        if (size > length - 4)
            return;
        if (load(p, 2) == 1) {
            const unsigned char *from = p + 4, *stop = from + size;
            for (size_t k = 0; k < 3; k++)
                if (*places[k] == 0xffffffff && stop - from >= 8) {
                    *places[k] = load(from, 8);
                    from += 8;
                }
            return;
        }
        p += 4 + size;
        length -= 4 + size;
    }
}

/* The member of the directory at *at, which moves on. */
static int next_member(const char *path, jf_bytes f, size_t *at, member *m)
{
    if (f.size < ENTRY || *at > f.size - ENTRY)
        return damaged(path);
    const unsigned char *p = f.bytes + *at;
    size_t extra = load(p + 30, 2), comment = load(p + 32, 2);
    size_t left = f.size - *at - ENTRY;
    *m = (member){.name = (const char *)p + ENTRY,
                  .length = load(p + 28, 2),
                  .packed = load(p + 20, 4),
                  .size = load(p + 24, 4),
                  .at = load(p + 42, 4),
                  .check = (uint32_t)load(p + 16, 4),
                  .method = (int)load(p + 10, 2),
                  .locked = p[8] & 1};
    if (!is(p, "PK\1\2") || m->length + extra + comment > left)
        return damaged(path);
    large_sizes(p + ENTRY + m->length, extra, m);
    *at += ENTRY + m->length + extra + comment;
    return GSL_SUCCESS;
}

/* Whether it is an array, without ".npy" then, and the one that is wanted. */
static int is_array(member *m, const char *wanted)
{
    if (m->length < 4 || memcmp(m->name + m->length - 4, ".npy", 4) != 0)
        return 0;
    m->length -= 4;
    size_t n = wanted ? strlen(wanted) : 0;
    return !wanted || (n == m->length && memcmp(wanted, m->name, n) == 0);
}

/* Names of arrays for a message, up to a length. */
static int list_name(jf_text *list, const member *m)
{
    enum { ENOUGH = 200 };
    int length = m->length > 60 ? 60 : (int)m->length;
    if (list->length > ENOUGH)
        return GSL_SUCCESS;
    return jf_text_add(list, "%s%.*s", list->length ? ", " : "", length,
                       m->name);
}

/* The one array to read. */
static int find(const char *path, jf_bytes f, const char *wanted, member *one)
{
    size_t at = 0, count = 0, found = 0;
    jf_text names = {0};
    JF_TRY(find_directory(path, f, &at, &count));
    int status = GSL_SUCCESS;
    for (size_t k = 0; k < count && status == GSL_SUCCESS; k++) {
        member m;
        status = next_member(path, f, &at, &m);
        if (status == GSL_SUCCESS && is_array(&m, NULL)) {
            status = list_name(&names, &m);
            m.length += 4;
            if (is_array(&m, wanted) && found++ == 0)
                *one = m;
        }
    }
    if (status == GSL_SUCCESS && !names.data)
        status = jf_refuse(path, 0,
                           "a ZIP archive without arrays found (xlsx and "
                           "PyTorch's files are such), NPZ expected");
    else if (status == GSL_SUCCESS && !wanted && found > 1)
        status = jf_refuse(path, 0,
                           "%zu arrays found, the name of one expected with "
                           "--array: %s",
                           found, names.data);
    else if (status == GSL_SUCCESS && found != 1)
        status =
            jf_refuse(path, 0, "--array '%s' found, one of these expected: %s",
                      wanted ? wanted : "", names.data);
    free(names.data);
    return status;
}

/* What packed bytes unpack to, with room only for what has come. */
static int unpack(z_stream *z, size_t size, jf_bytes *out)
{
    size_t room = size < 1 << 16 ? size + 1 : 1 << 16;
    int code = Z_OK;
    JF_TRY_MEMORY(out->bytes = jf_alloc(room + 1, 1));
    while (code == Z_OK) {
        if (out->size == room) {
            room = room > size / 2 ? size + 1 : 2 * room;
            unsigned char *more = jf_resize(out->bytes, room + 1, 1);
            JF_TRY_MEMORY(more);
            out->bytes = more;
        }
        size_t step = room - out->size;
        z->next_out = out->bytes + out->size;
        z->avail_out = step > 1u << 30 ? 1u << 30 : (unsigned)step;
        unsigned before = z->avail_out;
        code = inflate(z, Z_NO_FLUSH);
        out->size += before - z->avail_out;
        if (out->size > size || (code == Z_OK && before == z->avail_out))
            code = Z_DATA_ERROR;
    }
    out->bytes[out->size] = 0;
    return code == Z_STREAM_END && out->size == size ? GSL_SUCCESS
                                                     : GSL_EFAILED;
}

static int inflate_member(const unsigned char *packed, const member *m,
                          jf_bytes *out)
{
    z_stream z = {0};
    if (m->packed > 0xffffffffu)
        return GSL_EFAILED;
    if (inflateInit2(&z, -15) != Z_OK)
        JF_ERROR("no memory for zlib", GSL_ENOMEM);
    z.next_in = (unsigned char *)(uintptr_t)packed;
    z.avail_in = (unsigned)m->packed;
    int status = unpack(&z, m->size, out);
    inflateEnd(&z);
    return status;
}

/* The member's bytes: in the file, or unpacked into own. */
static int open_member(const char *path, jf_bytes f, const member *m,
                       jf_bytes *own, jf_bytes *bytes)
{
    if (m->locked)
        return jf_refuse(path, 0, "an encrypted ZIP archive found");
    if (f.size < LOCAL || m->at > f.size - LOCAL ||
        !is(f.bytes + m->at, "PK\3\4"))
        return damaged(path);
    size_t start = m->at + LOCAL + load(f.bytes + m->at + 26, 2) +
                   load(f.bytes + m->at + 28, 2);
    if (start > f.size || m->packed > f.size - start ||
        (m->method == 0 && m->packed != m->size) ||
        m->size / 1040 > m->packed) /* deflate gains no more */
        return damaged(path);
    *bytes = (jf_bytes){f.bytes + start, m->size};
    if (m->method == 8) {
        int status = inflate_member(f.bytes + start, m, own);
        if (status == GSL_EFAILED)
            return damaged(path);
        JF_TRY(status);
        *bytes = *own;
    } else if (m->method != 0) {
        return jf_refuse(path, 0,
                         "ZIP method %d found, stored or deflated expected",
                         m->method);
    }
    return crc32_z(0, bytes->bytes, bytes->size) == m->check ? GSL_SUCCESS
                                                             : damaged(path);
}

int jf_read_npz(const char *path, jf_bytes file, const jf_data_options *options,
                jf_dataset *out)
{
    member m = {0};
    jf_bytes own = {0}, bytes = {0};
    JF_TRY(find(path, file, options->array, &m));
    int status = open_member(path, file, &m, &own, &bytes);
    if (status == GSL_SUCCESS &&
        (bytes.size < 6 || memcmp(bytes.bytes, "\x93NUMPY", 6) != 0))
        status = jf_refuse(path, 0, "no NPY found in the archive");
    if (status == GSL_SUCCESS)
        status = jf_data_note(out, "array %.*s of the archive",
                              m.length > 60 ? 60 : (int)m.length, m.name);
    if (status == GSL_SUCCESS)
        status = jf_read_npy(path, bytes, options, out);
    free(own.bytes);
    return status;
}
