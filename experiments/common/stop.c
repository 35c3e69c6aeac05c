/* stop.c -- who asks a run to stop. */
#include "stop.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { GOING, TERMINATED, USER, HOURS, FILE_THERE, OTHER_RANK };
static const char *const reasons[] = {NULL,
                                      "SIGTERM",
                                      "SIGUSR1",
                                      "--max-hours",
                                      "the file stop, which stays",
                                      "another rank"};

static atomic_int reason;
static atomic_long looked; /* the second in which the file was looked for */
static double end;         /* by the clock; 0: none */
static char *file;
static const jf_ranks *together;

static void hear(int signal)
{
    atomic_store(&reason, signal == SIGTERM ? TERMINATED : USER);
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void jf_stop_listen(const jf_args *args)
{
    struct sigaction action = {.sa_handler = hear, .sa_flags = SA_RESTART};
    jf_text path = {0};
    jf_text_add(&path, "%s/stop", args->out);
    free(file);
    file = path.data;
    end = args->max_hours > 0 ? seconds() + 3600 * args->max_hours : 0;
    together = args->together;
    atomic_store(&reason, GOING);
    atomic_store(&looked, -1);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
}

int jf_stop_asked(void)
{
    double now = seconds();
    int none = GOING;
    if (end > 0 && now >= end)
        atomic_compare_exchange_strong(&reason, &none, HOURS);
    none = GOING;
    if (file && atomic_exchange(&looked, (long)now) != (long)now &&
        access(file, F_OK) == 0)
        atomic_compare_exchange_strong(&reason, &none, FILE_THERE);
    none = GOING;
    if (together && jf_ranks_any(together, atomic_load(&reason) != GOING))
        atomic_compare_exchange_strong(&reason, &none, OTHER_RANK);
    return atomic_load(&reason) != GOING;
}

const char *jf_stop_reason(void)
{
    return reasons[atomic_load(&reason)];
}
