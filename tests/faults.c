/* faults.c -- calls that fail, for LD_PRELOAD (tests/faults.sh).
 *
 * From the first line of main on, calls of each kind are counted from 1.  The
 * environment says what becomes of them, FAULT=KIND,...:ERROR:AT
 *
 *   KIND   memory, map, open, read, write, sync, rename, remove, close, folder,
 *          thread, fork, lock
 *   ERROR  ENOMEM, ENOSPC, EIO, EINTR, EAGAIN, EACCES; short: half of what was
 *          to be read or written; kill: the process kills itself instead
 *   AT     K: the K-th call fails; K+: that and all later ones
 *          list: none, but a line "KIND K STACK" of each goes to the file
 *          FAULT_LOG, STACK a number that is the same for calls that come by
 *          the same way
 *          @FILE: at each number of the file (one a line, rising) a copy of the
 *          process fails, from there on when a + stands behind it, and the
 *          process itself goes on; "K STATUS LINES TEXT" goes to FAULT_LOG:
 *          how the copy ended (128 + signal), and what it said.  Copies work
 *          in the folder FAULT_ASIDE, and have four seconds
 *
 * Streams of stdio are made of these calls, too, as they are in the C library,
 * whose own calls cannot be had from outside. */
#undef _FILE_OFFSET_BITS /* open64 beside open */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

enum kind {
    MEMORY,
    MAP,
    OPEN,
    READ,
    WRITE,
    SYNC,
    RENAME,
    REMOVE,
    CLOSE,
    FOLDER,
    THREAD,
    FORK,
    LOCK,
    KINDS
};
static const char *const kind_names[KINDS] = {
    "memory", "map",   "open",   "read",   "write", "sync", "rename",
    "remove", "close", "folder", "thread", "fork",  "lock"};

enum { SHORT = -1, KILL = -2 };
static const struct {
    const char *name;
    int value;
} errors[] = {{"ENOMEM", ENOMEM}, {"ENOSPC", ENOSPC}, {"EIO", EIO},
              {"EINTR", EINTR},   {"EAGAIN", EAGAIN}, {"EACCES", EACCES},
              {"short", SHORT},   {"kill", KILL},     {NULL, 0}};

static enum { ONE, ONWARDS, LIST, COPIES } mode;
static unsigned kinds; /* bits */
static int error;
static long at;
static FILE *numbers; /* of COPIES */
static int to_log = -1;
static atomic_int armed;
static atomic_long count[KINDS];
/* Calls that are made in here are none of the program's. */
static _Thread_local int inside __attribute__((tls_model("initial-exec")));

/* Bytes of the log that are not yet written. */
static char log_bytes[1 << 16];
static size_t log_length;

static void flush_log(void)
{
    for (size_t done = 0; done < log_length;) {
        long n =
            syscall(SYS_write, to_log, log_bytes + done, log_length - done);
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    log_length = 0;
}

__attribute__((format(printf, 1, 2))) static void log_line(const char *format,
                                                           ...)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    va_list list;
    pthread_mutex_lock(&mutex);
    if (log_length + 512 > sizeof log_bytes)
        flush_log();
    va_start(list, format);
    int n = vsnprintf(log_bytes + log_length, 512, format, list);
    va_end(list);
    log_length += n < 512 ? (size_t)n : 511;
    pthread_mutex_unlock(&mutex);
}

/* Where a call comes from: the addresses it returns to, as one number. */
static uint64_t stack_here(void)
{
    void *frames[32];
    uint64_t sum = 14695981039346656037u;
    int n = backtrace(frames, 32);
    for (int k = 0; k < n; k++)
        sum = (sum ^ (uint64_t)(uintptr_t)frames[k]) * 1099511628211u;
    return sum;
}

/* The next number of the file to at, and whether a + stands behind it. */
static int onwards_next;
static void next_number(void)
{
    char line[64];
    at = 0;
    if (numbers && fgets(line, sizeof line, numbers)) {
        at = strtol(line, NULL, 10);
        onwards_next = strchr(line, '+') != NULL;
    }
}

/* What the copy said, and how it ended, to the log. */
static void hear(pid_t copy, int from, long k)
{
    char text[400];
    size_t length = 0, lines = 0;
    char more[256];
    for (ssize_t n; (n = syscall(SYS_read, from, more, sizeof more)) > 0;)
        for (ssize_t i = 0; i < n; i++) {
            lines += more[i] == '\n';
            if (length < sizeof text - 1)
                text[length++] = more[i] == '\n' ? '|' : more[i];
        }
    text[length] = '\0';
    int status;
    waitpid(copy, &status, 0);
    log_line("%ld %d %zu %s\n", k,
             WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
             lines, text);
}

/* What is a copy's own: its voice, its limits, and where it writes. */
static void become_copy(int voice)
{
    const char *aside = getenv("FAULT_ASIDE");
    int null = (int)syscall(SYS_openat, AT_FDCWD, "/dev/null", O_WRONLY);
    struct rusage used;
    struct rlimit limit = {0};
    dup2(voice, 2);
    dup2(null, 1);
    getrusage(RUSAGE_SELF, &used);
    limit.rlim_cur = (rlim_t)used.ru_utime.tv_sec + 4;
    limit.rlim_max = limit.rlim_cur + 1;
    setrlimit(RLIMIT_CPU, &limit);
    alarm(60);
    if (aside && chdir(aside) != 0)
        abort();
    mode = onwards_next ? ONWARDS : ONE;
    log_length = 0;
}

/* Whether this process is a copy, whose call fails. */
static int is_copy(long k)
{
    enum { FILES = 32 }; /* a copy moves the places in these, which it shares */
    off64_t places[FILES];
    static pid_t (*real)(void);
    if (!real)
        real = (pid_t(*)(void))dlsym(RTLD_NEXT, "fork");
    for (int file = 0; k == at && file < FILES; file++)
        places[file] = lseek64(file, 0, SEEK_CUR);
    for (; k == at; next_number()) {
        int ends[2];
        flush_log();
        pid_t copy = pipe(ends) == 0 ? real() : -1;
        if (copy < 0)
            abort();
        if (copy == 0) {
            become_copy(ends[1]);
            return 1;
        }
        syscall(SYS_close, ends[1]);
        hear(copy, ends[0], k);
        syscall(SYS_close, ends[0]);
        for (int file = 3; file < FILES; file++)
            if (places[file] >= 0)
                lseek64(file, places[file], SEEK_SET);
    }
    return 0;
}

/* Where a debugger may stop, to see which call it is. */
__attribute__((noinline)) static void strike(void)
{
    if (error == KILL)
        kill(getpid(), SIGKILL);
    if (error > 0)
        errno = error;
}

/* Whether this call is to fail; errno is then set. */
static int fails(enum kind kind)
{
    if (!atomic_load(&armed) || inside || !(kinds >> kind & 1))
        return 0;
    int before = errno, failed = 0;
    long k = atomic_fetch_add(&count[kind], 1) + 1;
    inside = 1;
    if (mode == LIST)
        log_line("%s %ld %llu\n", kind_names[kind], k,
                 (unsigned long long)stack_here());
    else
        failed = mode == COPIES    ? is_copy(k)
                 : mode == ONWARDS ? k >= at
                                   : k == at;
    inside = 0;
    errno = before;
    if (failed)
        strike();
    return failed;
}

/* Bytes of a transfer of size: all, or half. 0: it fails. */
static size_t transfer(enum kind kind, size_t size)
{
    if (!fails(kind))
        return size;
    return error == SHORT && size > 1 ? size / 2 : 0;
}

/* Memory. */

void *malloc(size_t size)
{
    return fails(MEMORY) ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    return fails(MEMORY) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
    return fails(MEMORY) ? NULL : __libc_realloc(old, size);
}

void *reallocarray(void *old, size_t n, size_t size)
{
    size_t bytes;
    if (fails(MEMORY))
        return NULL;
    if (__builtin_mul_overflow(n, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return __libc_realloc(old, bytes);
}

void *memalign(size_t alignment, size_t size)
{
    return fails(MEMORY) ? NULL : __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return fails(MEMORY) ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
    if (fails(MEMORY))
        return ENOMEM;
    *memory = __libc_memalign(alignment, size);
    return *memory ? 0 : ENOMEM;
}

void *mmap64(void *where, size_t size, int allowed, int flags, int file,
             off64_t offset)
{
    if (fails(MAP))
        return MAP_FAILED;
    return (void *)syscall(SYS_mmap, where, size, allowed, flags, file, offset);
}

void *mmap(void *where, size_t size, int allowed, int flags, int file,
           off_t offset)
{
    return mmap64(where, size, allowed, flags, file, offset);
}

/* Files. */

int open64(const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    mode_t allowed = flags & O_CREAT ? va_arg(list, mode_t) : 0;
    va_end(list);
    if (fails(OPEN))
        return -1;
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, allowed);
}

int open(const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    mode_t allowed = flags & O_CREAT ? va_arg(list, mode_t) : 0;
    va_end(list);
    return open64(path, flags, allowed);
}

ssize_t read(int file, void *bytes, size_t size)
{
    size_t n = transfer(READ, size);
    return n == 0 && size ? -1 : syscall(SYS_read, file, bytes, n);
}

ssize_t write(int file, const void *bytes, size_t size)
{
    size_t n = transfer(WRITE, size);
    return n == 0 && size ? -1 : syscall(SYS_write, file, bytes, n);
}

int fsync(int file)
{
    return fails(SYNC) ? -1 : (int)syscall(SYS_fsync, file);
}

int close(int file)
{
    int status = (int)syscall(SYS_close, file); /* it is closed all the same */
    return fails(CLOSE) ? -1 : status;
}

int rename(const char *from, const char *to)
{
    if (fails(RENAME))
        return -1;
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int unlink(const char *path)
{
    if (fails(REMOVE))
        return -1;
    return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

int remove(const char *path)
{
    return unlink(path);
}

int mkdir(const char *path, mode_t allowed)
{
    if (fails(FOLDER))
        return -1;
    return (int)syscall(SYS_mkdirat, AT_FDCWD, path, allowed);
}

int fcntl64(int file, int command, ...)
{
    va_list list;
    va_start(list, command);
    void *argument = va_arg(list, void *);
    va_end(list);
    if ((command == F_SETLK || command == F_SETLKW) && fails(LOCK))
        return -1;
    return (int)syscall(SYS_fcntl, file, command, argument);
}

int fcntl(int file, int command, ...)
{
    va_list list;
    va_start(list, command);
    void *argument = va_arg(list, void *);
    va_end(list);
    return fcntl64(file, command, argument);
}

/* Processes. */

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                   void *(*run)(void *), void *arg)
{
    static int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *),
                       void *);
    if (!real)
        real = (int (*)(pthread_t *, const pthread_attr_t *, void *(*)(void *),
                        void *))dlsym(RTLD_NEXT, "pthread_create");
    return fails(THREAD) ? error : real(thread, attributes, run, arg);
}

pid_t fork(void)
{
    static pid_t (*real)(void);
    if (!real)
        real = (pid_t(*)(void))dlsym(RTLD_NEXT, "fork");
    return fails(FORK) ? -1 : real();
}

/* Streams over the calls above, as the C library has them: a write that fails
 * is not tried again. */

static struct {
    FILE *stream;
    int file; /* -1: closed */
} streams[256];

static ssize_t stream_read(void *file, char *bytes, size_t size)
{
    return read((int)(intptr_t)file, bytes, size);
}

static ssize_t stream_write(void *file, const char *bytes, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t n = write((int)(intptr_t)file, bytes + done, size - done);
        if (n < 0)
            break;
        done += (size_t)n;
    }
    return (ssize_t)done;
}

static int stream_seek(void *file, off64_t *offset, int from)
{
    off64_t to = lseek64((int)(intptr_t)file, *offset, from);
    if (to >= 0)
        *offset = to;
    return to >= 0 ? 0 : -1;
}

static int stream_close(void *file)
{
    for (size_t k = 0; k < sizeof streams / sizeof *streams; k++)
        if (streams[k].stream && streams[k].file == (int)(intptr_t)file)
            streams[k].stream = NULL;
    return close((int)(intptr_t)file);
}

static FILE *stream_of(int file, const char *how)
{
    FILE *f = fopencookie((void *)(intptr_t)file, how,
                          (cookie_io_functions_t){stream_read, stream_write,
                                                  stream_seek, stream_close});
    for (size_t k = 0; f && k < sizeof streams / sizeof *streams; k++)
        if (!streams[k].stream) {
            streams[k].stream = f;
            streams[k].file = file;
            break;
        }
    return f;
}

FILE *fopen64(const char *path, const char *how)
{
    int plus = strchr(how, '+') != NULL;
    int flags = how[0] == 'r'   ? 0
                : how[0] == 'w' ? O_CREAT | O_TRUNC
                                : O_CREAT | O_APPEND;
    flags |= plus ? O_RDWR : how[0] == 'r' ? O_RDONLY : O_WRONLY;
    flags |= strchr(how, 'e') ? O_CLOEXEC : 0;
    flags |= strchr(how, 'x') ? O_EXCL : 0;
    int file = open64(path, flags, 0666);
    FILE *f = file < 0 ? NULL : stream_of(file, how);
    if (!f && file >= 0)
        syscall(SYS_close, file);
    return f;
}

FILE *fopen(const char *path, const char *how)
{
    return fopen64(path, how);
}

FILE *fdopen(int file, const char *how)
{
    return stream_of(file, how);
}

int fileno(FILE *f)
{
    for (size_t k = 0; k < sizeof streams / sizeof *streams; k++)
        if (f && streams[k].stream == f)
            return streams[k].file;
    return f == stdin ? 0 : f == stdout ? 1 : f == stderr ? 2 : -1;
}

/* Where it begins. */

static void bad(const char *what, const char *text)
{
    dprintf(2, "faults: %s: '%s'\n", what, text ? text : "");
    _exit(3);
}

static void read_fault(char *text)
{
    char *word = strtok(text, ":"), *how = strtok(NULL, ":");
    char *where = strtok(NULL, ":");
    if (!word || !how || !where)
        bad("KIND,...:ERROR:AT expected", word);
    for (char *end, *name = strtok_r(word, ",", &end); name;
         name = strtok_r(NULL, ",", &end)) {
        size_t k = 0;
        while (k < KINDS && strcmp(kind_names[k], name) != 0)
            k++;
        if (k == KINDS)
            bad("no kind of call", name);
        kinds |= 1u << k;
    }
    for (size_t k = 0; errors[k].name; k++)
        if (strcmp(errors[k].name, how) == 0)
            error = errors[k].value;
    if (!error)
        bad("no error", how);
    mode = where[0] == '@'              ? COPIES
           : strcmp(where, "list") == 0 ? LIST
           : strchr(where, '+')         ? ONWARDS
                                        : ONE;
    at = strtol(where, NULL, 10);
    if (mode == COPIES && !(numbers = fopen(where + 1, "r")))
        bad("cannot be read", where + 1);
    if (mode == COPIES)
        next_number();
}

static int (*real_main)(int, char **, char **);

static int main_with_faults(int argc, char **argv, char **environment)
{
    const char *text = getenv("FAULT"), *path = getenv("FAULT_LOG");
    if (text) {
        char *copy = strdup(text);
        read_fault(copy);
        free(copy);
        if (path) {
            int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
            to_log = fcntl(file, F_DUPFD, 500); /* out of the way */
            syscall(SYS_close, file);
        }
        unsetenv("LD_PRELOAD"); /* not what the program starts */
        unsetenv("FAULT");
        unsetenv("FAULT_LOG");
        stack_here(); /* what it loads is its own */
        stdout = stream_of(1, "w");
        atomic_store(&armed, 1);
    }
    return real_main(argc, argv, environment);
}

__attribute__((destructor)) static void end(void)
{
    atomic_store(&armed, 0);
    flush_log();
}

int __libc_start_main(int (*program)(int, char **, char **), int argc,
                      char **argv, void (*init)(void), void (*fini)(void),
                      void (*loader_fini)(void), void *stack);
int __libc_start_main(int (*program)(int, char **, char **), int argc,
                      char **argv, void (*init)(void), void (*fini)(void),
                      void (*loader_fini)(void), void *stack)
{
    int (*start)(int (*)(int, char **, char **), int, char **, void (*)(void),
                 void (*)(void), void (*)(void), void *) =
        (int (*)(int (*)(int, char **, char **), int, char **, void (*)(void),
                 void (*)(void), void (*)(void),
                 void *))dlsym(RTLD_NEXT, "__libc_start_main");
    real_main = program;
    return start(main_with_faults, argc, argv, init, fini, loader_fini, stack);
}
