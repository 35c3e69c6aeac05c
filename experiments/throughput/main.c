/* throughput/main.c -- what a training step costs, as a fraction of the machine.
 *
 * Question  How many samples a second do training (likelihood, gradient,
 *           Adam), likelihood and sampling process; what part is that of the
 *           arithmetic this machine can do, measured in the same run; and what
 *           does PyTorch take for the same models?
 * Method    Workloads W1 .. W6 (workloads.c), each in processes of
 *           their own, pinned to 1 and to all processors, in float and double.
 *           After a warm-up those of a family (W2, W2m) are asked in turn, five
 *           times unless they are slow; times are medians, with quartiles.  The
 *           machine's ceilings are measured in the same turns, and so is
 *           PyTorch where python3-torch is there.
 * Writes    throughput.csv: a row a workload, mode, precision and threads;
 *           throughput-machine.csv: the ceilings; throughput-peers.csv;
 *           scaling.csv: cost against size, with fitted exponents.
 *           Times are no results: these tables change from run to run. */
#include "throughput.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_SEATS = 128 };

/* W1, W2, ...: the longest last, which may use what time the others left. */
static const char families[] = "123564";

static const char about[] =
    "What does a training step cost?\n"
    "Prints and writes times of workloads in float and double, on one thread\n"
    "and on all, against the machine's own peak and, with --peers, against\n"
    "PyTorch.";

/* PyTorch's sides of the workloads, by the names that tools/peers.py knows, on
 * one thread, on all, or on either, where the faster is not known before. */
enum { ONE = 1, ALL = 2, EITHER = 3 };
static const struct {
    const char *workload, *variant;
    int threads, quick; /* quick: part of the quick profile, on fewer threads */
} peers[] = {
    {"W1", "plain", EITHER, ONE},     {"W1", "script", ONE, 0},
    {"W2", "plain", EITHER, ONE},     {"W2m", "plain", EITHER, 0},
    {"W3", "channels-first", ALL, 0}, {"W3", "channels-last", ALL, ALL},
    {"W4", "channels-first", ALL, 0}, {"W4", "channels-last", ALL, 0},
    {"W4r", "channels-last", ALL, 0}, {"W5", "dense", EITHER, ALL},
    {"W6-2", "by-gradient", ONE, 0},  {"W6-2", "by-hand", ONE, 0},
    {"W6-8", "by-hand", ONE, 0},      {"W6-16", "by-hand", ONE, 0},
    {"W6-64", "by-hand", EITHER, 0},
};

typedef struct {
    jf_args args;
    const char *script; /* of the peers; NULL: none */
    char program[2][512];
    seat seats[MAX_SEATS];
    size_t count, most; /* most: threads */
    double seconds, budget, start;
    size_t rounds;
} run;

/* The two builds of this program stand beside each other. */
static void find_programs(run *r)
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

static seat *next_seat(run *r, const workload *w, const char *who,
                       int precision, size_t threads)
{
    if (r->count == MAX_SEATS)
        jf_fail(1, "more than %d workers", MAX_SEATS);
    seat *s = &r->seats[r->count++];
    *s = (seat){.w = w, .who = who, .precision = precision, .threads = threads};
    return s;
}

static void start_own(run *r, const workload *w, int precision, size_t threads)
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
        jf_fail(1, "%s", why);
}

static void start_peer(run *r, size_t k, size_t threads)
{
    char number[24];
    const workload *w = workload_named(peers[k].workload);
    int precision = strcmp(w->name, "W5") == 0 ? DOUBLE : FLOAT;
    snprintf(number, sizeof number, "%zu", threads);
    char *argv[] = {"python3",
                    (char *)r->script,
                    (char *)w->name,
                    (char *)peers[k].variant,
                    number,
                    precision == FLOAT ? "float" : "double",
                    NULL};
    seat_start(next_seat(r, w, peers[k].variant, precision, threads), argv);
}

/* Together, since each takes seconds to load; none when PyTorch is absent. */
static void start_peers(run *r, char family)
{
    size_t first = r->count, there = 0;
    char why[SEAT_LINE];
    for (size_t k = 0; k < sizeof peers / sizeof *peers; k++) {
        int quick = r->args.profile == JF_QUICK;
        int threads = quick ? peers[k].quick : peers[k].threads;
        if (peers[k].workload[1] != family)
            continue;
        if (threads & ONE)
            start_peer(r, k, 1);
        if (threads & ALL && (r->most > 1 || !(threads & ONE)))
            start_peer(r, k, r->most);
    }
    for (size_t i = first; i < r->count; i++)
        there += seat_ready(&r->seats[i], why) != 0;
    if (there == r->count - first)
        return;
    fprintf(stderr, "throughput: %s\n", why);
    while (r->count > first)
        seat_end(&r->seats[--r->count]);
    r->script = NULL;
}

/* Quick: one thread for the first two alone, double for them and for W5. */
static int is_left_out(const run *r, const workload *w, int precision,
                       size_t threads)
{
    int first = strcmp(w->name, "W1") == 0 || strcmp(w->name, "W2") == 0;
    if (!(w->precisions & precision))
        return 1;
    if (r->args.profile != JF_QUICK || first)
        return 0;
    return threads < r->most || (precision == DOUBLE && w->precisions & FLOAT &&
                                 strcmp(w->name, "W5") != 0);
}

/* Workers of the machine, which serve all families, or of one family. */
static void start_family(run *r, char family)
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
    if (family && r->script)
        start_peers(r, family);
}

/* One round of one worker.  What takes long is asked less often after the
 * deadline, and in the quick profile. */
static void ask(run *r, seat *s, double deadline)
{
    size_t modes = s->w ? MODES : CEILINGS;
    for (size_t m = 0; m < modes; m++) {
        double before = s->count[m] ? s->values[m][s->count[m] - 1] : 0;
        int slow = r->args.profile == JF_QUICK && before > 0.15;
        int late = throughput_seconds() > deadline;
        if (s->count[m] == MAX_ROUNDS ||
            (s->w && (s->w->rows[m] == 0 || (s->count[m] && (slow || late)))))
            continue;
        if (!s->w && s->precision == DOUBLE && m >= TRIAD)
            continue; /* once is enough */
        seat_ask(s, m, s->w ? mode_names[m] : ceiling_names[m], r->seconds);
    }
}

/* A family of workloads, ours and PyTorch's, and the machine, in turn.  Only
 * one family is in memory at a time. */
static void run_family(run *r, size_t k, size_t machines)
{
    size_t first = r->count, of = sizeof families - 1;
    double deadline = r->start + r->budget * (double)(k + 1) / (double)of;
    start_family(r, families[k]);
    for (size_t round = 0; round < r->rounds; round++) {
        for (size_t i = 0; i < machines; i++)
            ask(r, &r->seats[i], deadline);
        for (size_t i = first; i < r->count; i++)
            ask(r, &r->seats[i], deadline);
        jf_progress(&r->args, "throughput", k * r->rounds + round + 1,
                    of * r->rounds);
    }
    for (size_t i = first; i < r->count; i++)
        seat_end(&r->seats[i]);
}

/* Seconds that this may take, those of a measurement of many calls, and the
 * rounds. */
static void plan(run *r)
{
    static const double budgets[] = {24, 200, 3600}, each[] = {0.01, 0.06, 0.3};
    r->budget = budgets[r->args.profile];
    r->seconds = each[r->args.profile];
    r->rounds = r->args.profile == JF_FULL ? 11 : 5;
    r->start = throughput_seconds();
}

int main(int argc, char **argv)
{
    static run r; /* large */
    const char *work = NULL, *script = NULL, *only = NULL;
    jf_option own[] = {
        {"work", "serve one workload on standard input", NULL, &work},
        {"peers", "script that runs PyTorch's side [none]", NULL, &script},
        {"only", "one family of workloads, W1 .. W6 [all]", NULL, &only},
        {NULL, NULL, NULL, NULL}};
    r.args = jf_args_read(argc, argv, about, own);
    jf_team *team = jf_team_new(r.args.threads);
    r.most = team->threads < JF_MAX_LANES ? team->threads : JF_MAX_LANES;
    jf_team_free(team);
    if (work)
        return throughput_serve(work, r.most);
    if (only && !(only[0] == 'W' && only[1] && strchr(families, only[1])))
        jf_fail(2, "--only: '%s' found, W1 .. W6 expected", only);
    signal(SIGPIPE, SIG_IGN); /* a worker that ended is said, not died of */
    r.args.resume = 0;        /* a time is of one run */
    r.args.own[0] = '\0';     /* where the script lies is of no interest */
    r.script = script;
    plan(&r);
    seat_others();
    find_programs(&r);
    start_family(&r, 0);
    size_t machines = r.count;
    for (size_t k = 0; families[k]; k++)
        if (!only || only[1] == families[k])
            run_family(&r, k, machines);
    for (size_t i = 0; i < machines; i++)
        seat_end(&r.seats[i]);
    throughput_tables(&r.args, r.seats, r.count);
    throughput_scaling(&r.args, r.most);
    jf_tables_done();
    return 0;
}
