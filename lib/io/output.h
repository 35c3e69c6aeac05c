/* output.h -- files that are read whole, and appear whole or not at all. */
#ifndef JF_OUTPUT_H
#define JF_OUTPUT_H

#include <stddef.h>

/* Write size bytes to path: to a new file beside it, which is then renamed,
 * and on the disk when this returns, its name as well: after the loss of power
 * path is the old file or the new one, whole, where the file system keeps what
 * fsync promises.  Missing folders are made.  GSL_EFAILED after one line on
 * stderr; the old file, if any, is then untouched, unless the line says that
 * the new one cannot be kept.  A link stays, and what it leads to is replaced;
 * into a device or a pipe the bytes are written. */
int jf_output_write(const char *path, const void *data, size_t size);

/* From here on write nothing and say that it is: another process of the same
 * run writes the same. */
void jf_output_mute(void);

/* Make folder and its parents.  GSL_EFAILED after one line on stderr. */
int jf_output_folder(const char *folder);

/* Bytes that are read of a device, such as a terminal, and no more: some never
 * end. */
enum { JF_DEVICE_MOST = 64 << 20 };

/* All of a file and a zero byte behind it, size bytes before that (size may be
 * NULL); NULL when it cannot be read, errno says why (EFBIG: a device that does
 * not end).  free() it. */
char *jf_file_read(const char *path, size_t *size);

/* A growing text.  GSL_ENOMEM, or GSL_EINVAL for what printf cannot make: the
 * text is then as it was. */
typedef struct {
    char *data; /* ends with '\0' once anything was added; free() it */
    size_t length, room;
} jf_text;
int jf_text_add(jf_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
int jf_text_bytes(jf_text *text, const char *bytes, size_t length);

/* A name of a file as tables show it, in place: commas, quotes, control
 * characters and a # at its begin become _. */
void jf_plain_name(char *name);

/* A field of a CSV file, quoted when it must be (RFC 4180; a # that begins a
 * line would make a comment of it). */
int jf_text_field(jf_text *text, const char *field);

#endif
