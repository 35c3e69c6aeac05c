/* memory.h -- memory, the same in every precision. */
#ifndef JF_MEMORY_H
#define JF_MEMORY_H

#include <stddef.h>

/* Zeroed memory for count objects of size bytes; old memory with room for so
 * many, which stays as it is when there is none; a copy of a text of that
 * length.  free() them.  NULL: no memory (error.h). */
void *jf_alloc(size_t count, size_t size);
void *jf_resize(void *old, size_t count, size_t size);
char *jf_copy_text(const char *text, size_t length);

#endif
