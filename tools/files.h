/* files.h -- folders of tables, and memory that a tool cannot do without. */
#ifndef TOOLS_FILES_H
#define TOOLS_FILES_H

#include <stddef.h>

#include "jf.h"

/* Whether all of text is one number (nan and inf are), and which. */
int is_number(const char *text, double *value);

/* One line on stderr, however odd the names and texts in it are. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* jf_texts_read of what will be shown: a control character in a field becomes
 * '?', so that a table says nothing to a terminal. */
int read_texts(const char *path, jf_texts *t);

/* Whether there is a folder of that path. */
int is_folder(const char *path);

/* Files of DIR/folder (folder may be "") whose names end with suffix, without
 * the suffix, in the order of their names; *count of them.  Names with control
 * characters are left out, which is a line on stderr. */
char **list_files(const char *dir, const char *folder, const char *suffix,
                  size_t *count);
void free_list(char **names, size_t count);

/* jf_file_read; NULL when there is no such file, and one that cannot be read
 * ends the tool. */
char *read_if_there(const char *path, size_t *size);

/* 0 after the file is written and renamed, else -1 after one line on stderr;
 * frees the text. */
int write_text(jf_text *text, const char *path);

/* DIR/a + b; ends the program when memory ends.  The caller frees it. */
char *join(const char *dir, const char *a, const char *b);
void *must(void *memory);

/* Where a tool stops before it began: --help prints "Usage: NAME text", NAME as
 * the tool was called, and gives 0; wrong arguments one line on stderr, 2. */
int usage(char **argv, const char *text);

#endif
