/* threads.c -- what a step of training would take on more processors than there
 * are.
 *
 * One thread works the step as a team of so many would cut it, and says what
 * processor time every lane took (jf_trace).  Lanes are given to processors in the
 * order in which a team begins them, each to the first that is free; the rest of
 * the step is serial.  Every time that there is more than one lane costs what it
 * takes here until two threads work, by the binary logarithm of the processors.
 * That memory serves all at once is assumed, so that this bounds the gain; where
 * there are processors the real step stands beside it. */
#include "throughput.h"

#include <math.h>
#include <stdatomic.h>
#include <time.h>

enum { ROUNDS = 5 };

static const size_t processors[] = {1, 2, 4, 8, 16, 32, 64};
static const char *const traced[] = {"W1", "W2", "W2m", "W3", "W4"};

typedef struct {
    jf_trace base;
    size_t processors, regions; /* regions: of more than one lane */
    double inside, longest;     /* seconds in lanes; until the last lane ends */
} schedule;

static void heard(jf_trace *self, size_t lanes, const double *seconds)
{
    schedule *s = (schedule *)self;
    double free_at[64] = {0}, end = 0;
    for (size_t k = 0; k < lanes; k++) {
        size_t first = 0;
        for (size_t p = 1; p < s->processors; p++)
            if (free_at[p] < free_at[first])
                first = p;
        free_at[first] += seconds[k];
        end = fmax(end, free_at[first]);
        s->inside += seconds[k];
    }
    s->longest += end;
    s->regions += lanes > 1;
}

/* Until both lanes have begun, or a millisecond is over. */
static int meet(void *arg, size_t lane, size_t first, size_t count,
                jf_work *work)
{
    atomic_int *here = arg;
    double start = throughput_seconds();
    (void)lane, (void)first, (void)count, (void)work;
    atomic_fetch_add(here, 1);
    while (atomic_load(here) < 2 && throughput_seconds() - start < 1e-3)
        ;
    return GSL_SUCCESS;
}

/* Seconds, the least of many, until both threads of a team work. */
static double wake(void)
{
    double seconds[MAX_ROUNDS];
    jf_team *team = jf_team_new(2);
    for (int k = 0; k < MAX_ROUNDS; k++) {
        atomic_int here = 0;
        double start = throughput_seconds();
        jf_team_run(team, 2, 2, meet, &here);
        seconds[k] = throughput_seconds() - start;
    }
    jf_team_free(team);
    return spread_of(MAX_ROUNDS, seconds).least;
}

static double processor_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

typedef struct {
    double seconds, serial; /* of a step; the share outside lanes */
    size_t regions;
} predicted;

/* The least of ROUNDS steps. */
static predicted predict(job *j, size_t count, double waking)
{
    predicted best = {.seconds = (double)INFINITY};
    for (int r = 0; r < ROUNDS; r++) {
        schedule s = {.base.heard = heard, .processors = count};
        j->team->threads = count < JF_MAX_LANES ? count : JF_MAX_LANES;
        j->team->trace = &s.base;
        double start = processor_seconds();
        job_call(j, TRAIN);
        double all = processor_seconds() - start, serial = all - s.inside;
        double seconds = serial + s.longest +
                         (double)s.regions * waking * log2((double)count);
        if (seconds < best.seconds)
            best = (predicted){seconds, serial / all, s.regions};
    }
    j->team->threads = 1;
    j->team->trace = NULL;
    return best;
}

/* The least of as many real steps. */
static double measure(const workload *w, size_t threads)
{
    job j = job_new(w, threads);
    double best = (double)INFINITY;
    for (int r = 0; r <= ROUNDS; r++) { /* the first warms up */
        double start = throughput_seconds();
        job_call(&j, TRAIN);
        double seconds = throughput_seconds() - start;
        best = r && seconds < best ? seconds : best;
    }
    job_free(&j);
    return best;
}

static void trace_workload(const workload *w, size_t threads, double waking,
                           jf_table *out, size_t number)
{
    double one = measure(w, 1), first = 0;
    job j = job_new(w, 1);
    job_call(&j, TRAIN);
    printf("%-4s", w->name);
    for (size_t k = 0; k < sizeof processors / sizeof *processors; k++) {
        size_t count = processors[k];
        predicted p = predict(&j, count, waking);
        first = k ? first : p.seconds;
        double both = count <= threads ? one / measure(w, count) : (double)NAN;
        double gain = first / p.seconds;
        jf_table_row(out, number, "%s,%zu,%.6g,%.4f,%.4f,%.4f,%zu,%.4f",
                     w->name, count, p.seconds, gain, gain / (double)count,
                     both, p.regions, p.serial);
        printf("  %zu: %.2f", count, gain);
    }
    printf("\n");
    job_free(&j);
    jf_table_finish(out, number);
}

void throughput_threads(const jf_args *args, size_t threads)
{
    size_t count = sizeof traced / sizeof *traced;
    double waking = wake();
    count -= args->profile == JF_QUICK; /* W4 takes seconds a step */
    jf_table *out =
        jf_table_new(args, "scaling-threads",
                     "workload,threads,seconds,gain,efficiency,gain_measured,"
                     "regions,serial_share",
                     count);
    printf(
        "predicted gain by processors, lanes of one thread scheduled, %.2g us "
        "to wake two:\n",
        waking * 1e6);
    for (size_t k = 0; k < count; k++)
        trace_workload(workload_named(traced[k]), threads, waking, out, k);
    jf_table_close(out);
}
