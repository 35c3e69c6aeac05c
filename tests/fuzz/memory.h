/* memory.h -- how much memory the process holds, libraries included: every
 * malloc of it is counted, but in builds with a sanitizer, which counts them
 * itself. */
#ifndef FUZZ_MEMORY_H
#define FUZZ_MEMORY_H

#include <stddef.h>

/* From here on; the most bytes held since then, beyond those before. */
void memory_watch(void);
size_t memory_most(void);

#endif
