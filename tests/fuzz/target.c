/* target.c -- files in memory, and programs that stop inside a process.
 *
 * The linker sends exit and abort of our code here (--wrap), and its
 * allocations, which are listed while a call lasts: a program that refuses its
 * input stops at once and frees nothing, which is no leak. */
#define _GNU_SOURCE
#include "target.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

unsigned long fuzz_read, fuzz_runs;
int fuzz_all;

void demand(int condition, const char *what)
{
    if (condition)
        return;
    dprintf(STDERR_FILENO, "does not hold: %s\n", what);
    __builtin_trap();
}

/* Names of the folder and of all that was put there, for the end. */
static char folder[64], names[8][96];

static void remove_folder(void)
{
    for (int round = 0; round < 2; round++) /* files, and what held them */
        for (size_t k = 0; k < 8; k++)
            if (*names[k])
                remove(names[k]);
    remove(folder);
}

static void remember(const char *path)
{
    size_t k = 0;
    while (*names[k] && strcmp(names[k], path) != 0)
        k++;
    snprintf(names[k], sizeof names[k], "%s", path);
}

static void make_folder(void)
{
    if (*folder)
        return;
    int in_memory = access("/dev/shm", W_OK) == 0;
    snprintf(folder, sizeof folder, "%s/jacflow-fuzz-%d-XXXXXX",
             in_memory ? "/dev/shm" : "/tmp", (int)getpid());
    demand(mkdtemp(folder) != NULL, "a folder can be made");
    atexit(remove_folder);
}

const char *fuzz_file(const void *bytes, size_t size)
{
    static int file = -1;
    static char path[96];
    make_folder();
    if (file < 0) {
        snprintf(path, sizeof path, "%s/input", folder);
        file = open(path, O_RDWR | O_CREAT, 0666);
        remember(path);
    }
    demand(file >= 0 && ftruncate(file, 0) == 0 &&
               pwrite(file, bytes, size, 0) == (ssize_t)size,
           "a file can be written");
    return path;
}

const char *fuzz_folder(const char *name, const void *bytes, size_t size)
{
    char path[96];
    const char *slash = strchr(name, '/');
    make_folder();
    snprintf(path, sizeof path, "%s/%s", folder, name);
    remember(path);
    if (slash) {
        char above[96];
        snprintf(above, sizeof above, "%s/%.*s", folder, (int)(slash - name),
                 name);
        demand(mkdir(above, 0777) == 0 || errno == EEXIST,
               "a folder can be made");
        remember(above);
    }
    FILE *f = fopen(path, "wb");
    demand(f && fwrite(bytes, 1, size, f) == size && fclose(f) == 0,
           "a file can be written");
    return folder;
}

uint32_t fuzz_crc(const void *bytes, size_t size)
{
    return (uint32_t)crc32_z(crc32_z(0, NULL, 0), bytes, size);
}

uint8_t *fuzz_sound_theta(const uint8_t *bytes, size_t size)
{
    enum { TOTAL = 20, TAIL = 4 }; /* where its size stands; its end */
    if (size < TOTAL + 8 + TAIL)
        return NULL;
    uint8_t *copy = malloc(size);
    if (!copy)
        return NULL;
    memcpy(copy, bytes, size);
    uint64_t total = size;
    memcpy(copy + TOTAL, &total, sizeof total);
    uint32_t sum = fuzz_crc(copy, size - TAIL);
    memcpy(copy + size - TAIL, &sum, sizeof sum);
    return copy;
}

/* Stopping. */

static jmp_buf stopped;
static int in_call;

_Noreturn void __real_exit(int status);
_Noreturn void __wrap_exit(int status);
_Noreturn void __wrap_exit(int status)
{
    if (in_call)
        longjmp(stopped, status ? status : -1);
    __real_exit(status);
}

_Noreturn void __real_quick_exit(int status);
_Noreturn void __wrap_quick_exit(int status);
_Noreturn void __wrap_quick_exit(int status)
{
    if (in_call)
        longjmp(stopped, status ? status : -1);
    __real_quick_exit(status);
}

_Noreturn void __real_abort(void);
_Noreturn void __wrap_abort(void);
_Noreturn void __wrap_abort(void)
{
    if (in_call)
        longjmp(stopped, 134);
    __real_abort();
}

/* Blocks of the call: open addressing, a power of two of places. */

static void **blocks;
static size_t n_blocks, places;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void __real_free(void *block);

static size_t place_of(const void *block)
{
    size_t k = ((uintptr_t)block >> 4) * 0x9e3779b97f4a7c15u >> 20;
    while (blocks[k & (places - 1)] && blocks[k & (places - 1)] != block)
        k++;
    return k & (places - 1);
}

static void list(void *block)
{
    if (!block || !in_call)
        return;
    if (2 * n_blocks >= places) {
        void **old = blocks;
        size_t count = places;
        places = places ? 2 * places : 1024;
        blocks = __real_calloc(places, sizeof *blocks);
        demand(blocks != NULL, "memory");
        for (size_t k = 0; k < count; k++)
            if (old[k])
                blocks[place_of(old[k])] = old[k];
        __real_free(old);
    }
    blocks[place_of(block)] = block;
    n_blocks++;
}

/* Whether it was listed; those behind it move up. */
static int unlist(const void *block)
{
    size_t k = block && places ? place_of(block) : 0;
    if (!block || !places || !blocks[k])
        return 0;
    blocks[k] = NULL;
    n_blocks--;
    for (size_t j = (k + 1) & (places - 1); blocks[j];
         j = (j + 1) & (places - 1)) {
        void *moved = blocks[j];
        blocks[j] = NULL;
        blocks[place_of(moved)] = moved;
    }
    return 1;
}

void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
    void *block = __real_malloc(size);
    list(block);
    return block;
}

void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
    void *block = __real_calloc(count, size);
    list(block);
    return block;
}

/* What was there before the call stays the process's. */
void *__wrap_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size)
{
    int listed = unlist(old);
    void *block = __real_realloc(old, size);
    if (listed || !old)
        list(block ? block : old);
    return block;
}

void *__wrap_reallocarray(void *old, size_t count, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return __wrap_realloc(old, bytes);
}

void __wrap_free(void *block);
void __wrap_free(void *block)
{
    unlist(block);
    __real_free(block);
}

static void forget(int release)
{
    for (size_t k = 0; k < places; k++)
        if (blocks[k] && release)
            __real_free(blocks[k]);
    if (n_blocks)
        memset(blocks, 0, places * sizeof *blocks);
    n_blocks = 0;
}

/* Lines. */

static size_t lines, letters;
static int unsound;

static ssize_t take_line(void *cookie, const char *text, size_t size)
{
    (void)cookie;
    for (size_t i = 0; i < size; i++) {
        int end = text[i] == '\n';
        unsound |= !end && ((unsigned char)text[i] < ' ' || text[i] == 127);
        lines += (size_t)end;
        letters = end ? 0 : letters + 1;
    }
    return (ssize_t)size;
}

size_t fuzz_lines(void)
{
    return unsound || letters ? SIZE_MAX : lines;
}

int fuzz_call(void (*f)(void *arg), void *arg)
{
    static FILE *quiet, *nothing;
    FILE *shown = stderr, *told = stdout;
    if (!quiet) {
        quiet =
            fopencookie(NULL, "w", (cookie_io_functions_t){.write = take_line});
        nothing = fopencookie(NULL, "w", (cookie_io_functions_t){0});
        demand(quiet && nothing, "memory");
    }
    lines = letters = 0;
    unsound = 0;
    stderr = quiet;
    stdout = nothing;
    in_call = 1;
    int status = setjmp(stopped);
    if (status == 0)
        f(arg);
    in_call = 0;
    fflush(quiet);
    stderr = shown;
    stdout = told;
    forget(status != 0);
    fuzz_runs++;
    fuzz_read += status == 0;
    return status;
}
