/* throughput/main.c -- what a training step costs, as a fraction of the
 * machine.
 *
 * Question  How many samples a second do training (likelihood, gradient,
 *           Adam), likelihood and sampling process; what part is that of the
 *           arithmetic this machine can do, measured in the same run; and what
 *           do PyTorch, JAX and libraries of flows take for the same models?
 * Method    Workloads W1 .. W7 (workloads.c), each in processes of their own
 *           (families.c, seats.c, worker.c), pinned to 1 and to all processors,
 *           in float and double.  After a warm-up those of a family (W2, W2m)
 *           are asked in turn, five times unless they are slow; times are
 *           medians, with quartiles.  The machine's ceilings are measured in
 *           the same turns, and so are PyTorch and JAX at their best settings
 *           and libraries of flows (tools/peers/bench), where their
 *           environments are.
 * Writes    throughput.csv: a row a workload, mode, precision and threads;
 *           throughput-machine.csv: the ceilings; throughput-peers.csv;
 *           scaling.csv: cost against size, with fitted exponents;
 *           scaling-threads.csv: what more processors would gain, by a schedule
 *           of lanes that were timed (threads.c).
 *           Times are no results: these tables change from run to run. */
#include "throughput.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "common/experiment.h"

static const char about[] =
    "What does a training step cost?\n"
    "Prints and writes times of workloads in float and double, on one thread\n"
    "and on all, against the machine's own peak and, with --peers, against\n"
    "PyTorch and JAX.";

/* Seconds that this may take, those of a measurement of many calls, and the
 * rounds. */
static void plan(throughput_run *r)
{
    static const double budgets[] = {24, 200, 3600}, each[] = {0.01, 0.06, 0.3};
    r->budget = budgets[r->args->profile];
    r->seconds = each[r->args->profile];
    r->rounds = r->args->profile == JF_FULL ? 11 : 5;
    r->start = throughput_seconds();
}

/* No team is kept: its threads would stand beside the workers'. */
static size_t threads_of(const jf_args *args)
{
    jf_team *team = jf_team_new(args->threads);
    size_t threads =
        team->threads < JF_MAX_LANES ? team->threads : JF_MAX_LANES;
    jf_team_free(team);
    return threads;
}

/* What is wrong with the script is known before anything is measured. */
static void check_script(const char *path)
{
    FILE *f = fopen(path, "r");
    if (!f || (getc(f) == EOF && ferror(f))) /* a folder opens */
        jf_fail(2, "--peers %s: %s, a script that can be read expected", path,
                strerror(errno));
    fclose(f);
}

int main(int argc, char **argv)
{
    static throughput_run r; /* large */
    const char *work = NULL, *script = NULL, *only = NULL;
    const jf_option own[] = {
        {"work", "serve one workload on standard input", NULL, &work},
        {"peers", "script that starts other frameworks [none]", NULL, &script},
        {"only", "one family of workloads, W1 .. W7 [all]", NULL, &only},
        {0}};
    experiment e = experiment_read(argc, argv, about, own);
    experiment_takes_no_table(&e, "this experiment has workloads of its own");
    experiment_takes_no_shares(&e, "times are of one run");

    r.most = threads_of(&e.args);
    if (work)
        return throughput_serve(work, r.most);
    if (only && !throughput_is_family(only))
        jf_fail(2, "--only: '%s' found, W1 .. W7 expected", only);
    if (script)
        check_script(script);
    signal(SIGPIPE, SIG_IGN); /* a worker that ended is said, not died of */
    e.args.resume = 0;        /* a time is of one run */
    e.args.own = NULL;        /* where the script lies is of no interest */
    r.args = &e.args;
    r.script = script;
    plan(&r);
    throughput_families(&r, only);
    throughput_tables(&e.args, r.seats, r.count);
    throughput_scaling(&e.args, r.most);
    throughput_threads(&e.args, r.most);
    return experiment_close(&e);
}
