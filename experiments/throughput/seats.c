/* seats.c -- workers: processes with processors of their own. */
#define _GNU_SOURCE
#include "throughput.h"

#include "energy.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Whether cpu is the first of the threads that share its core; a system that
 * does not tell has one thread a core. */
static int first_of_core(int cpu)
{
    char path[96];
    int first = cpu;
    snprintf(path, sizeof path,
             "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list",
             cpu);
    FILE *f = fopen(path, "r");
    if (f && fscanf(f, "%d", &first) != 1)
        first = cpu;
    if (f)
        fclose(f);
    return first == cpu;
}

/* The calling thread, and what it starts, run on count of the processors that
 * it may use: one thread of each core first. */
static void pin(size_t count)
{
    cpu_set_t allowed, chosen;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
        return; /* a system without: not pinned */
    CPU_ZERO(&chosen);
    for (int sibling = 0; sibling < 2; sibling++)
        for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
            if (CPU_ISSET(cpu, &allowed) && first_of_core(cpu) == !sibling &&
                (size_t)CPU_COUNT(&chosen) < count)
                CPU_SET(cpu, &chosen);
    sched_setaffinity(0, sizeof chosen, &chosen);
}

static _Noreturn void become(char *const argv[], size_t threads, int in[2],
                             int out[2])
{
    pin(threads);
    dup2(in[0], 0);
    dup2(out[1], 1);
    close(in[0]), close(in[1]), close(out[0]), close(out[1]);
    execvp(argv[0], argv);
    printf("absent %s: %s\n", argv[0], strerror(errno));
    fflush(stdout);
    _exit(127);
}

/* Pipes that only the two ends hold: a third process that had them would keep
 * a worker from seeing the end. */
static void open_pipe(int ends[2])
{
    if (pipe2(ends, O_CLOEXEC) != 0)
        jf_fail(1, "no pipe to a worker: %s", strerror(errno));
}

const char seat_ended[] = "the worker ended before it was ready";

void seat_start(seat *s, char *const argv[])
{
    int in[2], out[2];
    open_pipe(in);
    open_pipe(out);
    fflush(NULL);
    s->pid = fork();
    if (s->pid < 0)
        jf_fail(1, "no process for a worker: %s", strerror(errno));
    if (s->pid == 0)
        become(argv, s->threads, in, out);
    close(in[0]);
    close(out[1]);
    s->to = fdopen(in[1], "w");
    s->from = fdopen(out[0], "r");
}

/* What the worker says next, without the end of the line: what is too long is
 * cut, and a zero byte is a question mark.  0: it has ended. */
static int read_line(seat *s, char line[SEAT_LINE])
{
    size_t n = 0;
    int c;
    while ((c = getc(s->from)) != EOF && c != '\n')
        if (n + 1 < SEAT_LINE)
            line[n++] = c ? (char)c : '?';
    line[n] = '\0';
    return n > 0 || c == '\n';
}

static int is_size(double x)
{
    return isfinite(x) && x >= 0;
}

/* Of a double, which has every whole number below 2^53. */
static int is_count(double x)
{
    return is_size(x) && x < 0x1p53 && x == floor(x);
}

static int take_ready(seat *s, const char *line)
{
    double params, digest;
    if (sscanf(line, "ready %lf %lf %lf %lf %lf %63[^\n]", &params,
               &s->peak_mib, &s->arena_mib, &digest, &s->first, s->name) != 6)
        return 0;
    if (!is_count(params) || !is_count(digest) || !is_size(s->peak_mib) ||
        !is_size(s->arena_mib) || !(isnan(s->first) || is_size(s->first)))
        return 0;
    s->params = (size_t)params;
    s->digest = (unsigned long)digest;
    return 1;
}

static const char *work_of(const seat *s)
{
    return s->w ? s->w->name : "machine";
}

int seat_ready(seat *s, char why[SEAT_LINE])
{
    char line[SEAT_LINE];
    if (!read_line(s, line)) {
        strcpy(why, seat_ended);
        return 0;
    }
    if (take_ready(s, line))
        return 1;
    if (strncmp(line, "absent ", 7) != 0)
        jf_fail(1,
                "%s, %s: '%s' found, 'ready ...' with counts and sizes of at "
                "least 0 or 'absent ...' expected",
                s->who, work_of(s), line);
    strcpy(why, line + 7);
    return 0;
}

/* Two numbers and no more: seconds of a workload, or a rate and 0. */
static int take_answer(const seat *s, const char *line, double *value,
                       double *busy)
{
    int end = 0;
    if (strlen(line) + 1 == SEAT_LINE || /* cut */
        sscanf(line, "%lf %lf %n", value, busy, &end) != 2 || line[end])
        return 0;
    if (!isfinite(*value) || !isfinite(*busy) || !(*value > 0))
        return 0;
    return s->w ? *busy > 0 : *busy == 0;
}

void seat_ask(seat *s, size_t m, const char *what, double seconds)
{
    char line[SEAT_LINE];
    double value, busy, start = throughput_seconds();
    energy before = energy_now(NULL), after;
    fprintf(s->to, "%s %.6g\n", what, seconds);
    if (fflush(s->to) != 0 || !read_line(s, line))
        jf_fail(1, "%s, %s: the worker ended early", s->who, work_of(s));
    s->absent[m] = s->w && strcmp(line, "nan nan") == 0;
    if (s->absent[m])
        return;
    if (!take_answer(s, line, &value, &busy))
        jf_fail(1, "%s, %s, %s, %s: '%s' found, %s expected", s->name, s->who,
                work_of(s), what, line,
                s->w ? "two numbers above 0 or 'nan nan'"
                     : "a number above 0 and 0");
    if (s->count[m] == 0 || busy < s->busy[m])
        s->busy[m] = busy;
    s->values[m][s->count[m]++] = value;
    after = energy_now(NULL);
    s->joules[m] += energy_between(&before, &after);
    s->asked[m] += throughput_seconds() - start;
}

double seat_joules(const seat *s, size_t m, double seconds)
{
    return s->joules[m] / s->asked[m] * seconds;
}

void seat_end(seat *s)
{
    fclose(s->to);
    fclose(s->from);
    waitpid(s->pid, NULL, 0);
}

/* Seconds that all processors worked since the system started; less than 0: a
 * system that does not tell. */
static double all_busy(void)
{
    double user, nice, kernel;
    FILE *f = fopen("/proc/stat", "r");
    int found = f ? fscanf(f, "cpu %lf %lf %lf", &user, &nice, &kernel) : 0;
    if (f)
        fclose(f);
    return found == 3 ? (user + nice + kernel) / (double)sysconf(_SC_CLK_TCK)
                      : -1;
}

static double own_busy(int who)
{
    struct rusage u;
    getrusage(who, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

double seat_others(void)
{
    static double start, busy = -1;
    double own = own_busy(RUSAGE_SELF) + own_busy(RUSAGE_CHILDREN);
    double now = throughput_seconds(), others = all_busy() - own;
    if (busy < 0) {
        start = now;
        busy = others;
        return 0;
    }
    return (others - busy) / (now - start);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(size_t n, const double *sorted, double p)
{
    double at = p * (double)(n - 1);
    size_t k = (size_t)at, next = k + 1 < n ? k + 1 : k;
    return sorted[k] + (at - (double)k) * (sorted[next] - sorted[k]);
}

spread spread_of(size_t n, const double *values)
{
    double sorted[MAX_ROUNDS];
    memcpy(sorted, values, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_size);
    return (spread){sorted[0], quantile(n, sorted, 0.25),
                    quantile(n, sorted, 0.5), quantile(n, sorted, 0.75)};
}
