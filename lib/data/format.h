/* format.h -- what a file is, by its first bytes. */
#ifndef JF_FORMAT_H
#define JF_FORMAT_H

#include <stddef.h>

enum { JF_FORMAT_HEAD = 264 }; /* so many bytes decide */

/* The name of a format that is not read here, such as "WebP"; NULL: none is
 * recognised. */
const char *jf_format_name(const unsigned char *head, size_t size);

/* Whether the bytes look like text. */
int jf_format_text(const unsigned char *head, size_t size);

#endif
