/* memory.c -- malloc and its kin, in front of those of the C library. */
#include "memory.h"

#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdint.h>

static _Atomic size_t held, most, before;

void memory_watch(void)
{
    before = held;
    most = held;
}

size_t memory_most(void)
{
    return most - before;
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) &&         \
    !defined(JF_SANITIZED)

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t align, size_t size);
void __libc_free(void *block);

static void *count(void *block)
{
    if (block) {
        size_t size = malloc_usable_size(block), top = most;
        size_t now = atomic_fetch_add(&held, size) + size;
        while (now > top && !atomic_compare_exchange_weak(&most, &top, now))
            ;
    }
    return block;
}

void *malloc(size_t size)
{
    return count(__libc_malloc(size));
}

void *calloc(size_t number, size_t size)
{
    return count(__libc_calloc(number, size));
}

/* Both blocks are held while one is copied to the other. */
void *realloc(void *old, size_t size)
{
    size_t was = old ? malloc_usable_size(old) : 0;
    void *block = __libc_realloc(old, size);
    if (block || size == 0) {
        count(block);
        held -= was;
    }
    return block;
}

void *reallocarray(void *old, size_t number, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(number, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(old, bytes);
}

void *memalign(size_t align, size_t size)
{
    return count(__libc_memalign(align, size));
}

void *aligned_alloc(size_t align, size_t size)
{
    return memalign(align, size);
}

int posix_memalign(void **to, size_t align, size_t size)
{
    *to = memalign(align, size);
    return *to ? 0 : ENOMEM;
}

void free(void *block)
{
    if (block)
        held -= malloc_usable_size(block);
    __libc_free(block);
}

#endif
