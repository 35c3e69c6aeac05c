/* output.c -- atomic writes, folders and growing texts. */
#include "io/output.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"

int jf_output_folder(const char *folder)
{
    char *path = jf_copy_text(folder, strlen(folder));
    int status = path ? GSL_SUCCESS : GSL_ENOMEM;
    for (char *p = path; path && status == GSL_SUCCESS; p++) {
        char c = *p;
        if ((c != '/' && c != '\0') || p == path) {
            if (c == '\0')
                break;
            continue;
        }
        *p = '\0';
        if (mkdir(path, 0777) != 0 && errno != EEXIST)
            status = jf_refuse(path, 0, "cannot make the folder: %s",
                               strerror(errno));
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
    int why = errno;
    if (fclose(f) != 0)
        return 0;
    errno = why;
    return ok;
}

/* A name is on the disk when its folder is.  Some file systems have no such
 * thing, and say EINVAL; a folder may also be one that we cannot open. */
static int sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY);
    int ok = fd < 0 || fsync(fd) == 0 || errno == EINVAL;
    int why = errno;
    if (fd >= 0)
        close(fd);
    errno = why;
    return ok;
}

static int muted;

void jf_output_mute(void)
{
    muted = 1;
}

/* A device or a pipe, which another file would not stand for. */
static int write_through(const char *path, const void *data, size_t size)
{
    FILE *f = fopen(path, "wb");
    int ok = f && fwrite(data, 1, size, f) == size;
    int why = errno;
    if (f && fclose(f) != 0)
        ok = 0;
    else
        errno = why;
    if (!ok)
        return jf_refuse(path, 0, "cannot write: %s", strerror(errno));
    return GSL_SUCCESS;
}

/* Beside its name, then under it. */
static int replace(const char *path, const void *data, size_t size)
{
    jf_text folder = {0}, fresh = {0};
    const char *slash = strrchr(path, '/');

    int status = jf_text_add(&folder, "%.*s", slash ? (int)(slash - path) : 1,
                             slash ? path : ".");
    if (status == GSL_SUCCESS && slash == path)
        status = jf_text_add(&folder, "/");
    if (status == GSL_SUCCESS)
        status = jf_output_folder(folder.data);
    if (status == GSL_SUCCESS)
        status = jf_text_add(&fresh, "%s.%ld.new", path, (long)getpid());
    if (status == GSL_SUCCESS) {
        FILE *f = fopen(fresh.data, "wb");
        if (!f || !write_all(f, data, size) || rename(fresh.data, path) != 0) {
            status = jf_refuse(path, 0, "cannot write: %s", strerror(errno));
            remove(fresh.data);
        } else if (!sync_folder(folder.data)) {
            status = jf_refuse(path, 0, "cannot be kept: %s", strerror(errno));
        }
    }
    free(fresh.data);
    free(folder.data);
    return status;
}

int jf_output_write(const char *path, const void *data, size_t size)
{
    struct stat info;
    if (muted)
        return GSL_SUCCESS;
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode) &&
        !S_ISDIR(info.st_mode))
        return write_through(path, data, size);
    if (lstat(path, &info) != 0 || !S_ISLNK(info.st_mode))
        return replace(path, data, size);
    char *target = realpath(path, NULL); /* of a link, what it leads to */
    if (!target)
        return jf_refuse(path, 0, "cannot write where it leads: %s",
                         strerror(errno));
    int status = replace(target, data, size);
    free(target);
    return status;
}

char *jf_file_read(const char *path, size_t *size)
{
    FILE *f = fopen(path, "rb");
    jf_text all = {0};
    char chunk[1 << 14];
    struct stat info = {0};
    if (!f)
        return NULL;
    fstat(fileno(f), &info);
    size_t most = S_ISCHR(info.st_mode) ? JF_DEVICE_MOST : SIZE_MAX;
    int status = jf_text_bytes(&all, "", 0);
    for (size_t n; status == GSL_SUCCESS && all.length <= most &&
                   (n = fread(chunk, 1, sizeof chunk, f)) > 0;)
        status = jf_text_bytes(&all, chunk, n);
    int why = status != GSL_SUCCESS ? ENOMEM
              : all.length > most   ? EFBIG
                                    : errno;
    if (ferror(f) || status != GSL_SUCCESS || all.length > most) {
        free(all.data);
        all = (jf_text){0};
    }
    fclose(f);
    errno = why;
    if (size)
        *size = all.length;
    return all.data;
}

/* Room for more bytes and the zero behind them. */
static int grow(jf_text *text, size_t more)
{
    if (text->length + more + 1 <= text->room)
        return GSL_SUCCESS;
    size_t room = 2 * (text->length + more + 1);
    char *data = jf_resize(text->data, room, 1);
    JF_TRY_MEMORY(data);
    text->data = data;
    text->room = room;
    return GSL_SUCCESS;
}

int jf_text_bytes(jf_text *text, const char *bytes, size_t length)
{
    JF_TRY(grow(text, length));
    memcpy(text->data + text->length, bytes, length);
    text->length += length;
    text->data[text->length] = '\0';
    return GSL_SUCCESS;
}

int jf_text_add(jf_text *text, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int need = jf_vformat(NULL, 0, format, list);
    va_end(list);
    if (need < 0)
        JF_ERROR("a text that printf cannot make", GSL_EINVAL);
    JF_TRY(grow(text, (size_t)need));
    va_start(list, format);
    jf_vformat(text->data + text->length, (size_t)need + 1, format, list);
    va_end(list);
    text->length += (size_t)need;
    return GSL_SUCCESS;
}

void jf_plain_name(char *name)
{
    for (char *c = name; *c; c++)
        if (strchr(",\"", *c) || iscntrl((unsigned char)*c) ||
            (c == name && *c == '#'))
            *c = '_';
}

int jf_text_field(jf_text *text, const char *field)
{
    if (!strpbrk(field, ",\"\r\n") && field[0] != '#')
        return jf_text_bytes(text, field, strlen(field));
    JF_TRY(jf_text_bytes(text, "\"", 1));
    for (const char *c = field; *c; c++)
        JF_TRY(jf_text_bytes(text, *c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1));
    return jf_text_bytes(text, "\"", 1);
}
