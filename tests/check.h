/* check.h -- a test is a program of checks that ends with their count. */
#ifndef JF_CHECK_H
#define JF_CHECK_H

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

static unsigned long checks_passed, checks_failed;

static inline void check_one(int ok, const char *file, int line,
                             const char *what)
{
    if (ok) {
        checks_passed++;
        return;
    }
    checks_failed++;
    fprintf(stderr, "%s:%d: failed: %s\n", file, line, what);
}

static inline void check_close(double a, double b, double tolerance,
                               const char *file, int line, const char *what)
{
    int ok = a == b || fabs(a - b) <= tolerance; /* a NaN is not close */
    if (!ok)
        fprintf(stderr, "%.17g against %.17g: %g apart, tolerance %g\n", a, b,
                a - b, tolerance);
    check_one(ok, file, line, what);
}

/* 1, or factor under an emulator (JF_TESTS_BRIEF, set by run.sh), where a test
 * does so many times less. */
static inline size_t check_brief(size_t factor)
{
    return getenv("JF_TESTS_BRIEF") ? factor : 1;
}

/* path := a template for mkdtemp or mkstemp: in memory where there is room, since
 * files that are written over by the thousand wait for a disk. */
static inline void check_template(char *path, size_t size, const char *name)
{
    struct statvfs s;
    int room = access("/dev/shm", W_OK) == 0 && statvfs("/dev/shm", &s) == 0 &&
               s.f_bavail >= ((size_t)256 << 20) / s.f_frsize;
    snprintf(path, size, "%s/jacflow-%s-XXXXXX", room ? "/dev/shm" : "/tmp",
             name);
}

#define CHECK(condition)                                                       \
    check_one((condition) ? 1 : 0, __FILE__, __LINE__, #condition)

/* |a - b| <= tolerance, in double. */
#define CHECK_CLOSE(a, b, tolerance)                                           \
    check_close((double)(a), (double)(b), (double)(tolerance), __FILE__,       \
                __LINE__, #a " ~ " #b)

/* For main to return: prints the count; 0 when all of at least one passed. */
static inline int check_end(void)
{
    printf("%lu passed, %lu failed\n", checks_passed, checks_failed);
    return checks_failed > 0 || checks_passed == 0;
}

#endif
