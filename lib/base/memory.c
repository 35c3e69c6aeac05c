/* memory.c -- allocations that report what they did not find. */
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static void *report(size_t count, size_t size)
{
    jf_error_report(GSL_ENOMEM, __FILE__, __LINE__,
                    "no memory for %zu x %zu bytes", count, size);
    return NULL;
}

void *jf_alloc(size_t count, size_t size)
{
    void *p = calloc(count ? count : 1, size);
    return p ? p : report(count, size);
}

void *jf_resize(void *old, size_t count, size_t size)
{
    void *p = reallocarray(old, count, size);
    return p ? p : report(count, size);
}

char *jf_copy_text(const char *text, size_t length)
{
    char *copy = jf_alloc(length + 1, 1);
    if (copy)
        memcpy(copy, text, length);
    return copy;
}
