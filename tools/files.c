#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/args.h"

void *must(void *memory)
{
    if (memory)
        return memory;
    fputs("out of memory\n", stderr);
    exit(1);
}

char *join(const char *dir, const char *a, const char *b)
{
    size_t n = strlen(dir);
    size_t room = n + strlen(a) + strlen(b) + 2;
    char *path = must(malloc(room));
    snprintf(path, room, "%s%s%s%s", dir, n > 0 ? "/" : "", a, b);
    return path;
}

int is_folder(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

/* Whether errno says that there is no such file. */
static int is_absent(void)
{
    return errno == ENOENT || errno == ENOTDIR || errno == EISDIR;
}

char *read_if_there(const char *path, size_t *size)
{
    char *text = jf_file_read(path, size);
    if (!text && !is_absent())
        jf_fail(1, "%s: cannot read: %s", path, strerror(errno));
    return text;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int has_control(const char *name)
{
    for (; *name; name++)
        if ((unsigned char)*name < ' ' || *name == 127)
            return 1;
    return 0;
}

char **list_files(const char *dir, const char *folder, const char *suffix,
                  size_t *count)
{
    char **names = NULL;
    *count = 0;
    char *path = join(dir, folder, "");
    DIR *d = opendir(path);
    if (!d && !is_absent())
        jf_fail(1, "%s: cannot read: %s", path, strerror(errno));
    free(path);
    size_t m = strlen(suffix);
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
        size_t n = strlen(e->d_name);
        if (n <= m || strcmp(e->d_name + n - m, suffix) != 0)
            continue;
        if (has_control(e->d_name)) {
            complain("%s: a name with control characters found: left out",
                     e->d_name);
            continue;
        }
        names = must(realloc(names, (*count + 1) * sizeof *names));
        names[*count] = must(strdup(e->d_name));
        names[(*count)++][n - m] = '\0';
    }
    if (d)
        closedir(d);
    if (*count > 1)
        qsort(names, *count, sizeof *names, by_name);
    return names;
}

void free_list(char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
}

int write_text(jf_text *text, const char *path)
{
    int status =
        jf_output_write(path, text->data ? text->data : "", text->length);
    free(text->data);
    *text = (jf_text){0};
    return status == GSL_SUCCESS ? 0 : -1;
}

int is_number(const char *text, double *value)
{
    char *end;
    *value = strtod(text, &end);
    return end != text && *end == '\0';
}

void complain(const char *format, ...)
{
    char line[1024];
    va_list list;
    va_start(list, format);
    jf_vformat(line, sizeof line, format, list);
    va_end(list);
    jf_one_line(line);
    fprintf(stderr, "%s\n", line);
}

int read_texts(const char *path, jf_texts *t)
{
    int status = jf_texts_read(path, t);
    for (size_t k = 0; status == 0 && k < t->rows * t->columns; k++)
        jf_one_line(t->fields[k]);
    return status;
}

int usage(char **argv, const char *text)
{
    const char *slash = strrchr(argv[0], '/');
    const char *name = slash ? slash + 1 : argv[0];
    if (argv[1] && strcmp(argv[1], "--help") == 0) {
        printf("Usage: %s %s", name, text);
        return 0;
    }
    fprintf(stderr, "%s: %.*s expected; see --help\n", name,
            (int)strcspn(text, "\n"), text);
    return 2;
}
