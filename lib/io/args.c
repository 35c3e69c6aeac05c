/* args.c -- the command line, over getopt_long. */
#include "io/args.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/matrix.h"
#include "base/real.h"

#define VERSION "0.1.0"

static const char *program_name = "jacflow";

void jf_fail(int status, const char *format, ...)
{
    char line[1024]; /* one write, so that lines of programs do not mix */
    va_list list;
    va_start(list, format);
    vsnprintf(line, sizeof line, format, list);
    va_end(list);
    fprintf(stderr, "%s: %s\n", program_name, line);
    exit(status);
}

const char *jf_profile_name(jf_profile profile)
{
    static const char *const names[] = {"quick", "default", "full"};
    return names[profile];
}

enum {
    HELP,
    VERSION_OPTION,
    SEED,
    OUT,
    PROFILE,
    THREADS,
    DATA,
    COLUMNS,
    SIZE,
    RESUME,
    QUIET,
    COMMON
};

static const struct {
    const char *name, *value, *help;
} common[COMMON] = {
    {"help", NULL, "print this and exit"},
    {"version", NULL, "print the version and exit"},
    {"seed", "N", "seed of every random stream [1]"},
    {"out", "DIR", "folder of the tables [results]"},
    {"profile", "quick|default|full", "sizes of the experiment [default]"},
    {"threads", "N", "threads; 0: all; the results do not depend on it [0]"},
    {"data", "SPEC",
     "list, a built-in name, a file (.csv .csv.gz .npy idx .png .jpg),\n"
     "                                  or a folder of pictures"},
    {"columns", "LIST", "columns of the file, such as 1-3,5,age [all]"},
    {"size", "S", "crop the centre of pictures, scale it to S x S"},
    {"resume", NULL, "take finished points from an interrupted run"},
    {"quiet", NULL, "no progress on stderr"},
};

static void help(const char *about, const jf_option *own)
{
    printf("Usage: %s [OPTION]...\n%s\n\n", program_name, about);
    for (int i = 0; i < COMMON; i++)
        printf("  --%-10s %-20s %s\n", common[i].name,
               common[i].value ? common[i].value : "", common[i].help);
    for (; own && own->name; own++)
        printf("  --%-10s %-20s %s\n", own->name, own->value ? "VALUE" : "",
               own->help);
}

static unsigned long number(const char *option, const char *text)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || errno)
        jf_fail(2, "--%s: '%s' found, a whole number of at least 0 expected",
                option, text);
    return value;
}

static jf_profile profile(const char *text)
{
    for (int p = JF_QUICK; p <= JF_FULL; p++)
        if (strcmp(text, jf_profile_name((jf_profile)p)) == 0)
            return (jf_profile)p;
    jf_fail(2, "--profile: '%s' found, quick, default or full expected", text);
}

static void take(jf_args *args, int option, const char *about,
                 const jf_option *own)
{
    switch (option) {
    case HELP:
        help(about, own);
        exit(0);
    case VERSION_OPTION:
        printf("%s (jacflow) %s, %s\n", program_name, VERSION, JF_PRECISION);
        exit(0);
    case SEED:
        args->seed = number("seed", optarg);
        break;
    case OUT:
        args->out = optarg;
        break;
    case PROFILE:
        args->profile = profile(optarg);
        break;
    case THREADS:
        args->threads = number("threads", optarg);
        if (args->threads > 1024)
            jf_fail(2, "--threads: %zu found, at most 1024 expected",
                    args->threads);
        break;
    case DATA:
        args->data = optarg;
        break;
    case COLUMNS:
        args->columns = optarg;
        break;
    case SIZE:
        args->size = number("size", optarg);
        if (args->size < 1 || args->size > 8192)
            jf_fail(2, "--size: %zu found, 1 .. 8192 expected", args->size);
        break;
    case RESUME:
        args->resume = 1;
        break;
    case QUIET:
        args->quiet = 1;
        break;
    default:
        own += option - COMMON;
        snprintf(args->own + strlen(args->own),
                 sizeof args->own - strlen(args->own), " --%s%s%s", own->name,
                 own->value ? " " : "", own->value ? optarg : "");
        if (own->value)
            *own->value = optarg;
        else
            *own->flag = 1;
    }
}

jf_args jf_args_read(int argc, char **argv, const char *about,
                     const jf_option *own)
{
    jf_args args = {.seed = 1, .out = "results", .profile = JF_DEFAULT};
    const char *slash = strrchr(argv[0], '/');
    size_t count = 0;

    args.program = program_name = slash ? slash + 1 : argv[0];
    while (own && own[count].name)
        count++;
    struct option *longs = jf_alloc(COMMON + count + 1, sizeof *longs);
    for (int i = 0; i < COMMON; i++)
        longs[i] =
            (struct option){common[i].name, common[i].value != NULL, NULL, i};
    for (size_t i = 0; i < count; i++)
        longs[COMMON + i] = (struct option){own[i].name, own[i].value != NULL,
                                            NULL, COMMON + (int)i};
    opterr = 0;
    for (int c; (c = getopt_long(argc, argv, ":", longs, NULL)) != -1;) {
        if (c == ':')
            jf_fail(2, "%s: a value is expected; see --help", argv[optind - 1]);
        if (c == '?')
            jf_fail(2, "%s: no such option; see --help", argv[optind - 1]);
        take(&args, c, about, own);
    }
    if (optind < argc)
        jf_fail(2, "'%s' found, an option expected; see --help", argv[optind]);
    free(longs);
    return args;
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void jf_progress(const jf_args *args, const char *what, size_t done,
                 size_t total)
{
    enum { WIDTH = 30 };
    static double start, last;
    if (args->quiet || !isatty(2) || total == 0)
        return;
#pragma omp critical(jf_progress)
    {
        double now = seconds();
        if (start == 0 || done <= 1)
            start = now;
        if (done == total || now - last > 0.1) {
            double rate = (double)done / (now - start + 1e-9);
            int full = (int)(WIDTH * done / total);
            last = now;
            fprintf(stderr, "\r%-16s [%.*s%*s] %zu/%zu  %.3g/s  %.0f s left  ",
                    what, full, "##############################", WIDTH - full,
                    "", done, total, rate, (double)(total - done) / rate);
            if (done == total)
                fprintf(stderr, "\r%*s\r", 100, "");
        }
    }
}
