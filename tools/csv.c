#include "csv.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *must(void *memory)
{
    if (memory)
        return memory;
    fputs("out of memory\n", stderr);
    exit(1);
}

static void buffer_grow(buffer *b, size_t more)
{
    if (b->length + more + 1 <= b->room)
        return;
    b->room = 2 * (b->length + more + 1);
    b->data = must(realloc(b->data, b->room));
}

void buffer_bytes(buffer *b, const char *bytes, size_t length)
{
    buffer_grow(b, length);
    memcpy(b->data + b->length, bytes, length);
    b->length += length;
    b->data[b->length] = '\0';
}

void buffer_add(buffer *b, const char *format, ...)
{
    va_list ap, again;
    va_start(ap, format);
    va_copy(again, ap);
    int length = vsnprintf(NULL, 0, format, ap);
    va_end(ap);
    if (length >= 0) {
        buffer_grow(b, (size_t)length);
        vsnprintf(b->data + b->length, (size_t)length + 1, format, again);
        b->length += (size_t)length;
    }
    va_end(again);
}

void buffer_field(buffer *b, const char *field)
{
    if (!strpbrk(field, ",\"\r\n") && field[0] != '#') {
        buffer_bytes(b, field, strlen(field));
        return;
    }
    buffer_bytes(b, "\"", 1);
    for (; *field; field++)
        buffer_bytes(b, *field == '"' ? "\"\"" : field, *field == '"' ? 2 : 1);
    buffer_bytes(b, "\"", 1);
}

int buffer_write(buffer *b, const char *path)
{
    char *fresh = join("", path, ".new");
    FILE *f = fopen(fresh, "wb");
    int ok =
        f && (b->length == 0 || fwrite(b->data, 1, b->length, f) == b->length);
    ok = ok && fflush(f) == 0 && fsync(fileno(f)) == 0;
    if (f)
        ok = fclose(f) == 0 && ok;
    ok = ok && rename(fresh, path) == 0;
    if (!ok) {
        fprintf(stderr, "%s: cannot write: %s\n", path, strerror(errno));
        if (f)
            remove(fresh);
    }
    free(fresh);
    free(b->data);
    *b = (buffer){0};
    return ok ? 0 : -1;
}

char *read_file(const char *path, size_t *length)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    buffer b = {0};
    size_t n;
    do {
        buffer_grow(&b, 1 << 16);
        n = fread(b.data + b.length, 1, 1 << 16, f);
        b.length += n;
        b.data[b.length] = '\0';
    } while (n > 0);
    int ok = !ferror(f);
    fclose(f);
    if (!ok) {
        free(b.data);
        return NULL;
    }
    if (length)
        *length = b.length;
    return b.data;
}

char *join(const char *dir, const char *a, const char *b)
{
    size_t n = strlen(dir);
    size_t room = n + strlen(a) + strlen(b) + 2;
    char *path = must(malloc(room));
    snprintf(path, room, "%s%s%s%s", dir, n > 0 ? "/" : "", a, b);
    return path;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

char **list_files(const char *dir, const char *folder, const char *suffix,
                  size_t *count)
{
    char **names = NULL;
    *count = 0;
    char *path = join(dir, folder, "");
    DIR *d = opendir(path);
    free(path);
    size_t m = strlen(suffix);
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
        size_t n = strlen(e->d_name);
        if (n <= m || strcmp(e->d_name + n - m, suffix) != 0)
            continue;
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

/* The text is parsed in place: a field never grows. */
typedef struct {
    char *at;
    size_t line;
    const char *fault;
} cursor;

static char *quoted_field(cursor *c)
{
    char *field = ++c->at, *end = field;
    for (;;) {
        if (*c->at == '\0') {
            c->fault = "a quote that does not close";
            break;
        }
        if (*c->at == '"' && *++c->at != '"')
            break;
        c->line += *c->at == '\n';
        *end++ = *c->at++;
    }
    if (!c->fault && *c->at != '\0' && !strchr(",\r\n", *c->at))
        c->fault = "text after a closing quote";
    if (!c->fault)
        *end = '\0'; /* at the closing quote or before it */
    return field;
}

static char *plain_field(cursor *c)
{
    char *field = c->at;
    c->at += strcspn(c->at, ",\r\n");
    return field;
}

static void add_field(csv *t, size_t *count, char *field)
{
    if ((*count & (*count - 1)) == 0)
        t->fields = must(
            realloc(t->fields, (*count ? 2 * *count : 1) * sizeof(char *)));
    t->fields[(*count)++] = field;
}

/* One line into fields, from its first byte to the first of the next. */
static void read_row(csv *t, cursor *c, size_t *count)
{
    size_t before = *count;
    char separator = ',';
    while (separator == ',' && !c->fault) {
        add_field(t, count, *c->at == '"' ? quoted_field(c) : plain_field(c));
        separator = *c->at;
        if (separator != '\0')
            *c->at++ = '\0';
    }
    if (separator == '\r' && *c->at == '\n')
        c->at++;
    size_t columns = *count - before;
    if (t->rows == 0)
        t->columns = columns;
    else if (columns != t->columns && !c->fault)
        c->fault = "another number of fields than the first row";
    t->rows++;
}

int csv_read(csv *t, const char *path)
{
    *t = (csv){0};
    size_t length = 0, count = 0;
    t->text = read_file(path, &length);
    if (!t->text) {
        fprintf(stderr, "%s: cannot read: %s\n", path, strerror(errno));
        return -1;
    }
    cursor c = {.at = t->text, .line = 1};
    if (strlen(t->text) != length)
        c.fault = "a byte of zero";
    while (*c.at && !c.fault) {
        size_t skip = strcspn(c.at, "\n");
        if (*c.at == '#' || *c.at == '\n' || strncmp(c.at, "\r\n", 2) == 0)
            c.at += skip + (c.at[skip] == '\n');
        else
            read_row(t, &c, &count);
        c.line += !c.fault;
    }
    if (t->rows == 0 && !c.fault)
        c.fault = "no row";
    if (!c.fault)
        return 0;
    fprintf(stderr, "%s:%zu: %s\n", path, c.line, c.fault);
    csv_free(t);
    return -1;
}

void csv_free(csv *t)
{
    free(t->fields);
    free(t->text);
    *t = (csv){0};
}

size_t csv_column(const csv *t, const char *name)
{
    size_t j = 0;
    while (j < t->columns && strcmp(t->fields[j], name) != 0)
        j++;
    return j;
}

const char *csv_field(const csv *t, size_t row, size_t column)
{
    return t->fields[row * t->columns + column];
}

int csv_number(const char *text, double *value)
{
    char *end;
    *value = strtod(text, &end);
    return end != text && *end == '\0';
}
