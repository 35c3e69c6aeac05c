/* csv.h -- a table read whole: RFC 4180, with header lines that begin with #.
 *
 * Fields may be quoted; a quoted one may hold commas, doubled quotes and line
 * ends, and there a # is text. */
#ifndef TOOLS_CSV_H
#define TOOLS_CSV_H

#include <stddef.h>

/* Row 0 holds the names of the columns. */
typedef struct {
    size_t rows, columns;
    char **fields; /* rows x columns, row by row */
    char *text;    /* what the fields point into  */
} csv;

/* 0, or -1 after one line on stderr that names file, line and fault: not
 * readable, no row, ragged, an unclosed quote. */
int csv_read(csv *table, const char *path);
void csv_free(csv *table);

/* The number of the column called name, or table->columns. */
size_t csv_column(const csv *table, const char *name);
const char *csv_field(const csv *table, size_t row, size_t column);

/* Whether all of text is one number (nan and inf are), and which. */
int csv_number(const char *text, double *value);

/* A growing text, and its way into a file that appears whole. */
typedef struct {
    char *data;
    size_t length, room;
} buffer;
void buffer_add(buffer *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void buffer_bytes(buffer *b, const char *bytes, size_t length);
/* Quoted when it must be. */
void buffer_field(buffer *b, const char *field);
/* 0 after the file is written and renamed, else -1 after one line on stderr;
 * frees the buffer. */
int buffer_write(buffer *b, const char *path);
/* All of a file; NULL when it cannot be read.  The caller frees it. */
char *read_file(const char *path, size_t *length);

/* Files of DIR/folder (folder may be "") whose names end with suffix, without
 * the suffix, in the order of their names; *count of them. */
char **list_files(const char *dir, const char *folder, const char *suffix,
                  size_t *count);
void free_list(char **names, size_t count);

/* DIR/a + b; ends the program when memory ends.  The caller frees it. */
char *join(const char *dir, const char *a, const char *b);
void *must(void *memory);

#endif
