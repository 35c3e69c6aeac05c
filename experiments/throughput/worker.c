/* worker.c -- a process that runs one workload when it is asked. */
#include "throughput.h"

#include <math.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <version.h> /* made by the build */

enum { WARM_UP = 3 };

/* The most memory of this process, and not of the one that started it, as
 * getrusage would have it. */
static double peak_mib(void)
{
    char line[128];
    double kib = 0;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "VmHWM: %lf", &kib) == 1)
            break;
    if (f)
        fclose(f);
    return kib / 1024;
}

/* Seconds since this process was started, in hundredths; NaN: not told, such as
 * in a container with an uptime of its own. */
static double age(void)
{
    char stat[1024] = "", *at;
    double up = (double)NAN;
    unsigned long long start = 0;
    FILE *f = fopen("/proc/self/stat", "r");
    if (f && !fgets(stat, sizeof stat, f))
        stat[0] = '\0';
    if (f)
        fclose(f);
    f = fopen("/proc/uptime", "r");
    if (f && fscanf(f, "%lf", &up) != 1)
        up = (double)NAN;
    if (f)
        fclose(f);
    /* The fields after the name, in parentheses: the 20th is the start. */
    at = strrchr(stat, ')');
    for (int field = 0; at && field < 20; field++)
        at = strchr(at + 1, ' ');
    if (!at || sscanf(at, "%llu", &start) != 1)
        return (double)NAN;
    up -= (double)start / (double)sysconf(_SC_CLK_TCK);
    return up >= 0 ? up : (double)NAN;
}

static double processor_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Repeat a mode for at least seconds, and say what a call took: by the clock,
 * and of all processors together. */
static void answer(job *j, mode m, double seconds)
{
    double start = throughput_seconds(), busy = processor_seconds(), spent;
    size_t calls = 0;
    do {
        job_call(j, m);
        calls++;
        spent = throughput_seconds() - start;
    } while (spent < seconds);
    busy = processor_seconds() - busy;
    printf("%.9g %.9g\n", spent / (double)calls, busy / (double)calls);
    fflush(stdout);
}

static int named(const char *name, const char *const *names, int count)
{
    int k = 0;
    while (k < count && strcmp(name, names[k]) != 0)
        k++;
    if (k == count)
        jf_fail(2, "'%s' asked of a worker, a mode expected", name);
    return k;
}

static int serve_machine(size_t threads)
{
    char what[32];
    double seconds;
    puts("ready 0 0 0 0 0 machine");
    fflush(stdout);
    while (scanf("%31s %lf", what, &seconds) == 2) {
        ceiling c = (ceiling)named(what, ceiling_names, CEILINGS);
        double best = 0, start = throughput_seconds();
        do {
            double rate = machine_rate(c, threads);
            best = rate > best ? rate : best;
        } while (throughput_seconds() - start < seconds);
        printf("%.9g 0\n", best);
        fflush(stdout);
    }
    return 0;
}

int throughput_serve(const char *name, size_t threads)
{
    if (strcmp(name, "machine") == 0)
        return serve_machine(threads);
    const workload *w = workload_named(name);
    if (!w)
        jf_fail(2, "--work: '%s' found, W1 .. or machine expected", name);
    job j = job_new(w, threads);
    char what[32];
    double seconds;
    int warm[MODES] = {0};
    mode first = w->rows[TRAIN] ? TRAIN : LOG_PROB;
    job_call(&j, first);
    double begun = age();
    for (int k = 1; k < WARM_UP; k++)
        job_call(&j, first);
    warm[first] = 1;
    printf("ready %zu %.6g %.6g %lu %.4g jacflow %s\n", j.f->module.n_params,
           peak_mib(), job_arena_mib(&j), (unsigned long)job_digest(&j), begun,
           JF_VERSION);
    fflush(stdout);
    while (scanf("%31s %lf", what, &seconds) == 2) {
        mode m = (mode)named(what, mode_names, MODES);
        if (!warm[m])
            job_call(&j, m);
        warm[m] = 1;
        answer(&j, m, seconds);
    }
    job_free(&j);
    return 0;
}
