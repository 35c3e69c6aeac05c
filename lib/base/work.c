/* work.c -- the arena: a chain of blocks, each a stack of buffers.
 *
 * A buffer is preceded by a 64-byte record that remembers the one below it.
 * A block that has become empty is kept for the next push. */
#include "base/work.h"

#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/error.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define POISON(p, n) __asan_poison_memory_region(p, n)
#define UNPOISON(p, n) __asan_unpoison_memory_region(p, n)
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#endif

enum { ALIGN = 64, FIRST_BLOCK = 1 << 16 };

struct record { /* in front of every buffer */
    struct record *below;
    size_t bytes;
};

struct jf_block {
    struct jf_block *previous, *next;
    struct record *top; /* NULL: empty */
    size_t used, size;
    char *data;
};

struct jf_escape {
    jmp_buf out;
};

static struct jf_block *block_new(struct jf_block *previous, size_t size)
{
    struct jf_block *b = jf_alloc(1, sizeof *b);
    if (!b)
        return NULL;
    size = (size + ALIGN - 1) / ALIGN * ALIGN;
    b->data = aligned_alloc(ALIGN, size);
    if (!b->data) {
        free(b);
        jf_error_report(GSL_ENOMEM, __FILE__, __LINE__,
                        "no memory for %zu bytes of scratch", size);
        return NULL;
    }
    b->size = size;
    b->previous = previous;
    if (previous)
        previous->next = b;
    POISON(b->data, size);
    return b;
}

jf_work *jf_work_new(void)
{
    jf_work *work = jf_alloc(1, sizeof *work);
    if (!work)
        return NULL;
    work->block = block_new(NULL, FIRST_BLOCK);
    if (work->block)
        return work;
    free(work);
    return NULL;
}

/* What a push does that has found no memory. */
static void *escape(jf_work *work)
{
    while (work->owner)
        work = work->owner;
    if (work->escape)
        longjmp(work->escape->out, 1);
    return NULL;
}

int jf_work_run(jf_work *work, jf_work_task task, void *arg)
{
    struct jf_escape here;
    const jf_work before = *work;
    volatile int status = GSL_ENOMEM;

    work->escape = &here;
    if (setjmp(here.out) == 0)
        status = task(arg, work);
    work->escape = before.escape;
    if (status == GSL_SUCCESS)
        return GSL_SUCCESS;
    work->tape = before.tape;
    work->forward_only = before.forward_only;
    work->team = before.team;
    work->bands = before.bands;
    jf_work_release(work, before.depth);
    if (!before.escape && work->second) /* no pass is left to want them */
        jf_work_release(work->second, 0);
    return status;
}

jf_work *jf_second_stack(jf_work *work)
{
    if (!work->second) {
        work->second = jf_work_new();
        if (!work->second)
            return escape(work);
        work->second->owner = work;
    }
    return work->second;
}

void jf_work_free(jf_work *work)
{
    if (!work)
        return;
    jf_work_free(work->second);
    struct jf_block *b = work->block;
    while (b->next)
        b = b->next;
    while (b) {
        struct jf_block *previous = b->previous;
        UNPOISON(b->data, b->size);
        free(b->data);
        free(b);
        b = previous;
    }
    free(work);
}

/* Make work->block one that has room for need bytes; 0: no memory. */
static int make_room(jf_work *work, size_t need)
{
    struct jf_block *b = work->block;
    if (b->size - b->used >= need)
        return 1;
    struct jf_block *next = b->next;
    if (next && next->size < need) { /* too small, and so are the rest */
        struct jf_block *stale = next;
        b->next = NULL;
        while (stale) {
            struct jf_block *after = stale->next;
            UNPOISON(stale->data, stale->size);
            free(stale->data);
            free(stale);
            stale = after;
        }
        next = NULL;
    }
    if (!next)
        next = block_new(b, need > 2 * b->size ? need : 2 * b->size);
    if (!next)
        return 0;
    work->block = next;
    return 1;
}

void *jf_push_bytes(jf_work *work, size_t bytes)
{
    if (bytes > SIZE_MAX / 4)
        bytes = SIZE_MAX / 4; /* which no machine has */
    size_t body = (bytes + ALIGN - 1) / ALIGN * ALIGN;
    size_t need = ALIGN + body + ALIGN; /* record, buffer, gap */

    if (!make_room(work, need))
        return escape(work);
    struct jf_block *b = work->block;
    struct record *r = (struct record *)(void *)(b->data + b->used);
    UNPOISON(r, sizeof *r);
    r->below = b->top;
    r->bytes = bytes;
    b->top = r;
    b->used += need;
    work->depth++;
    work->bytes += need;
    if (work->bytes > work->peak_bytes)
        work->peak_bytes = work->bytes;
    UNPOISON((char *)r + ALIGN, bytes);
    return (char *)r + ALIGN;
}

real *jf_push(jf_work *work, size_t count)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, sizeof(real), &bytes))
        bytes = SIZE_MAX;
    return jf_push_bytes(work, bytes);
}

jf_matrix jf_push_matrix(jf_work *work, size_t rows, size_t cols)
{
    size_t count;
    if (__builtin_mul_overflow(rows, cols, &count))
        count = SIZE_MAX;
    return jf_view(jf_push(work, count), rows, cols);
}

void *jf_top(const jf_work *work)
{
    if (work->depth == 0)
        JF_ERROR_NULL("the top of an empty stack", GSL_EINVAL);
    return (char *)work->block->top + ALIGN;
}

void jf_pop(jf_work *work, const void *data)
{
    struct jf_block *b = work->block;
    struct record *r = b->top;
    if (!r || (const char *)data != (const char *)r + ALIGN)
        JF_ERROR_VOID("buffers are popped in reverse order", GSL_ESANITY);
    size_t need = (size_t)(b->data + b->used - (char *)r);
    b->top = r->below;
    b->used -= need;
    work->depth--;
    work->bytes -= need;
    POISON(r, need);
    while (!work->block->top && work->block->previous)
        work->block = work->block->previous;
}

void jf_work_release(jf_work *work, size_t depth)
{
    while (work->depth > depth)
        jf_pop(work, jf_top(work));
    if (work->second && depth == 0)
        jf_work_release(work->second, 0);
}
