/* output.c -- atomic writes, folders and growing texts. */
#include "io/output.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/matrix.h"

int jf_output_folder(const char *folder)
{
    char *path = strdup(folder);
    int status = GSL_SUCCESS;
    for (char *p = path; path && status == GSL_SUCCESS; p++) {
        char c = *p;
        if ((c != '/' && c != '\0') || p == path) {
            if (c == '\0')
                break;
            continue;
        }
        *p = '\0';
        if (mkdir(path, 0777) != 0 && errno != EEXIST) {
            fprintf(stderr, "jacflow: %s: cannot make the folder: %s\n", path,
                    strerror(errno));
            status = GSL_EFAILED;
        }
        *p = c;
        if (c == '\0')
            break;
    }
    free(path);
    return status;
}

static int write_all(FILE *f, const void *data, size_t size)
{
    int ok = fwrite(data, 1, size, f) == size && fflush(f) == 0;
    ok = ok && fsync(fileno(f)) == 0;
    return fclose(f) == 0 && ok;
}

int jf_output_write(const char *path, const void *data, size_t size)
{
    jf_text folder = {0}, fresh = {0};
    const char *slash = strrchr(path, '/');
    int status = GSL_SUCCESS;

    if (slash && slash != path) {
        jf_text_add(&folder, "%.*s", (int)(slash - path), path);
        status = jf_output_folder(folder.data);
    }
    jf_text_add(&fresh, "%s.%ld.new", path, (long)getpid());
    if (status == GSL_SUCCESS) {
        FILE *f = fopen(fresh.data, "wb");
        if (!f || !write_all(f, data, size) || rename(fresh.data, path) != 0) {
            fprintf(stderr, "jacflow: %s: cannot write: %s\n", path,
                    strerror(errno));
            remove(fresh.data);
            status = GSL_EFAILED;
        }
    }
    free(fresh.data);
    free(folder.data);
    return status;
}

char *jf_file_read(const char *path, size_t *size)
{
    FILE *f = fopen(path, "rb");
    jf_text all = {0};
    char piece[1 << 14];
    if (!f)
        return NULL;
    jf_text_bytes(&all, "", 0);
    for (size_t n; (n = fread(piece, 1, sizeof piece, f)) > 0;)
        jf_text_bytes(&all, piece, n);
    if (ferror(f)) {
        free(all.data);
        all = (jf_text){0};
    }
    fclose(f);
    if (size)
        *size = all.length;
    return all.data;
}

/* Room for more bytes and the zero behind them. */
static void grow(jf_text *text, size_t more)
{
    if (text->length + more + 1 <= text->room)
        return;
    size_t room = 2 * (text->length + more + 1);
    char *data = jf_alloc(room, 1);
    if (text->length)
        memcpy(data, text->data, text->length);
    free(text->data);
    text->data = data;
    text->room = room;
}

void jf_text_bytes(jf_text *text, const char *bytes, size_t length)
{
    grow(text, length);
    memcpy(text->data + text->length, bytes, length);
    text->length += length;
    text->data[text->length] = '\0';
}

void jf_text_add(jf_text *text, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int need = vsnprintf(NULL, 0, format, list);
    va_end(list);
    if (need < 0)
        abort();
    grow(text, (size_t)need);
    va_start(list, format);
    vsnprintf(text->data + text->length, (size_t)need + 1, format, list);
    va_end(list);
    text->length += (size_t)need;
}

void jf_text_field(jf_text *text, const char *field)
{
    if (!strpbrk(field, ",\"\r\n") && field[0] != '#') {
        jf_text_bytes(text, field, strlen(field));
        return;
    }
    jf_text_bytes(text, "\"", 1);
    for (const char *c = field; *c; c++)
        jf_text_bytes(text, *c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1);
    jf_text_bytes(text, "\"", 1);
}
