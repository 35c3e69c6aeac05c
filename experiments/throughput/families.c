/* families.c -- the workloads of a family in turn, ours and those of peers, and
 * the machine's ceilings between them. */
#include "throughput.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

/* W1, W2, ...: the longest last, which may use what time the others left. */
static const char families[] = "1235674";

enum { ONE = 1, ALL = 2, EITHER = 3 };

enum { MAX_REASONS = 64 };

/* Settings of peers (tools/peers/bench), frameworks and then libraries of flows,
 * by the kind of workload: the best of them is what is compared.  On one thread,
 * on all, or on either, where the faster is not known before; quick: those of the
 * quick profile. */
static const struct {
    const char *workloads, *framework, *setting;
    int threads, quick;
} peers[] = {
    {"W1 W2 W2m W5 W5d W5t", "torch", "eager", EITHER, ONE},
    {"W1 W2 W2m W5 W5d W5t", "torch", "compile", EITHER, 0},
    {"W1 W2 W2m W5 W5d W5t", "jax", "jit", EITHER, ONE},
    {"W3 W4 W4r", "torch", "eager", ALL, 0},
    {"W3 W4 W4r", "torch", "eager-last", ALL, ALL},
    {"W3 W4", "torch", "compile", ALL, 0},
    {"W3 W4", "torch", "compile-last", ALL, 0},
    {"W3 W4 W4r", "jax", "jit", ALL, 0},
    {"W6-2 W6-8 W6-16 W6-64", "torch", "eager", EITHER, 0},
    {"W6-2 W6-8 W6-16 W6-64", "torch", "compile", ONE, 0},
    {"W6-2 W6-8 W6-16 W6-64", "jax", "jit", EITHER, ONE},
    {"W1 W2 W2m W5 W5d", "nflows", "eager", EITHER, 0},
    {"W1 W2 W2m", "normflows", "eager", EITHER, 0},
    {"W1 W2 W2m", "zuko", "eager", EITHER, 0},
    {"W1 W2", "FrEIA", "eager", EITHER, 0},
    {"W1 W2 W2m", "flowjax", "jit", EITHER, 0},
    {"W3 W4", "nflows", "eager", ALL, 0},
    {"W3 W4", "normflows", "eager", ALL, 0},
};

/* Whether a word of words is name. */
static int has_word(const char *words, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = words; (at = strstr(at, name)); at++)
        if ((at == words || at[-1] == ' ') &&
            (at[length] == ' ' || at[length] == '\0'))
            return 1;
    return 0;
}

/* The two builds of this program stand beside each other. */
static void find_programs(throughput_run *r)
{
    char self[480];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n < 0)
        jf_fail(1, "/proc/self/exe: cannot be read");
    self[n] = '\0';
    char *slash = strrchr(self, '/');
    *slash = '\0';
    snprintf(r->program[0], sizeof r->program[0], "%s/throughput", self);
    snprintf(r->program[1], sizeof r->program[1], "%s/throughput_double", self);
}

static seat *next_seat(throughput_run *r, const workload *w, const char *who,
                       int precision, size_t threads)
{
    if (r->count == MAX_SEATS)
        jf_fail(1, "more than %d workers", MAX_SEATS);
    seat *s = &r->seats[r->count++];
    *s = (seat){.w = w, .who = who, .precision = precision, .threads = threads};
    return s;
}

static void start_own(throughput_run *r, const workload *w, int precision,
                      size_t threads)
{
    char number[24];
    snprintf(number, sizeof number, "%zu", threads);
    char *argv[] = {r->program[precision == DOUBLE],
                    "--work",
                    (char *)(w ? w->name : "machine"),
                    "--threads",
                    number,
                    NULL};
    seat *s = next_seat(r, w, "jacflow", precision, threads);
    seat_start(s, argv);
    char why[SEAT_LINE];
    if (!seat_ready(s, why))
        jf_fail(1, "%s, %s: %s", s->who, argv[2], why);
}

/* Why a peer is absent, a reason once, for whatever it stands. */
static void say_absent(const char *framework, const seat *s, const char *why)
{
    static char said[MAX_REASONS][SEAT_LINE];
    static size_t count;
    for (size_t k = 0; k < count; k++)
        if (strcmp(said[k], why) == 0)
            return;
    if (count < MAX_REASONS)
        strcpy(said[count++], why);
    if (strcmp(why, seat_ended) == 0)
        fprintf(stderr,
                "throughput: %s, %s, %s: %s; no later one that does is said\n",
                framework, s->who, s->w->name, why);
    else
        fprintf(stderr, "throughput: %s\n", why);
}

/* One after the other, so that the time to a first step is its own. */
static void start_peer(throughput_run *r, const workload *w, size_t k,
                       size_t threads)
{
    char number[24], why[SEAT_LINE];
    int precision = w->name[1] == '5' ? DOUBLE : FLOAT;
    snprintf(number, sizeof number, "%zu", threads);
    char *argv[] = {"python3",
                    (char *)r->script,
                    (char *)peers[k].framework,
                    (char *)w->name,
                    (char *)peers[k].setting,
                    number,
                    precision == FLOAT ? "float" : "double",
                    NULL};
    seat *s = next_seat(r, w, peers[k].setting, precision, threads);
    seat_start(s, argv);
    if (seat_ready(s, why))
        return;
    seat_end(s);
    r->count--;
    say_absent(peers[k].framework, s, why);
}

static void start_peers(throughput_run *r, const workload *w)
{
    for (size_t k = 0; k < sizeof peers / sizeof *peers; k++) {
        int quick = r->args->profile == JF_QUICK;
        int threads = quick ? peers[k].quick : peers[k].threads;
        if (!has_word(peers[k].workloads, w->name))
            continue;
        if (threads & ONE)
            start_peer(r, w, k, 1);
        if (threads & ALL && (r->most > 1 || !(threads & ONE)))
            start_peer(r, w, k, r->most);
    }
}

/* Quick: one thread for the first two alone, double for them and for W5. */
static int is_left_out(const throughput_run *r, const workload *w,
                       int precision, size_t threads)
{
    int first = strcmp(w->name, "W1") == 0 || strcmp(w->name, "W2") == 0;
    if (!(w->precisions & precision))
        return 1;
    if (r->args->profile != JF_QUICK || first)
        return 0;
    return threads < r->most || (precision == DOUBLE && w->precisions & FLOAT &&
                                 strcmp(w->name, "W5") != 0);
}

/* Workers of the machine, which serve all families, or of one family. */
static void start_family(throughput_run *r, char family)
{
    for (size_t t = 1; t <= r->most; t += r->most > 1 ? r->most - 1 : 1)
        for (int p = FLOAT; p <= DOUBLE; p++) {
            if (family == 0)
                start_own(r, NULL, p, t);
            for (size_t k = 0; family && k < n_workloads; k++)
                if (workloads[k].name[1] == family &&
                    !is_left_out(r, &workloads[k], p, t))
                    start_own(r, &workloads[k], p, t);
        }
    for (size_t k = 0; family && r->script && k < n_workloads; k++)
        if (workloads[k].name[1] == family)
            start_peers(r, &workloads[k]);
}

/* Threads of a peer that have no work spin for up to a fifth of a second (OpenMP of
 * LLVM and of Intel, by default), on processors that the next worker needs. */
static void let_spin(void)
{
    struct timespec pause = {0, 250 * 1000 * 1000};
    nanosleep(&pause, NULL);
}

/* One round of one worker.  What takes long is asked less often after the
 * deadline, and in the quick profile. */
static void ask(throughput_run *r, seat *s, double deadline)
{
    size_t modes = s->w ? MODES : CEILINGS, asked = 0;
    for (size_t m = 0; m < modes; m++) {
        double before = s->count[m] ? s->values[m][s->count[m] - 1] : 0;
        int slow = r->args->profile == JF_QUICK && before > 0.15;
        int late = throughput_seconds() > deadline;
        if (s->count[m] == MAX_ROUNDS || s->absent[m] ||
            (s->w && (s->w->rows[m] == 0 || (s->count[m] && (slow || late)))))
            continue;
        if (!s->w && s->precision == DOUBLE && m >= TRIAD)
            continue; /* once is enough */
        seat_ask(s, m, s->w ? mode_names[m] : ceiling_names[m], r->seconds);
        asked++;
    }
    if (asked && s->threads > 1 && s->w && strcmp(s->who, "jacflow") != 0)
        let_spin();
}

/* A family of workloads, ours and those of peers, and the machine, in turn.  Only
 * one family is in memory at a time. */
static void run_family(throughput_run *r, size_t k, size_t machines)
{
    size_t first = r->count, of = sizeof families - 1;
    double deadline = r->start + r->budget * (double)(k + 1) / (double)of;
    start_family(r, families[k]);
    for (size_t round = 0; round < r->rounds; round++) {
        for (size_t i = 0; i < machines; i++)
            ask(r, &r->seats[i], deadline);
        for (size_t i = first; i < r->count; i++)
            ask(r, &r->seats[i], deadline);
        jf_progress(r->args, "throughput", k * r->rounds + round + 1,
                    of * r->rounds);
    }
    for (size_t i = first; i < r->count; i++)
        seat_end(&r->seats[i]);
}

int throughput_is_family(const char *name)
{
    return name[0] == 'W' && name[1] && strchr(families, name[1]);
}

void throughput_families(throughput_run *r, const char *only)
{
    seat_others();
    find_programs(r);
    start_family(r, 0);
    size_t machines = r->count;
    for (size_t k = 0; families[k]; k++)
        if (!only || only[1] == families[k])
            run_family(r, k, machines);
    for (size_t i = 0; i < machines; i++)
        seat_end(&r->seats[i]);
}
