/* experiment.h -- what every part of an experiment is handed. */
#ifndef EXPERIMENT_H
#define EXPERIMENT_H

#include "args.h"
#include "jf.h"
#include "table.h"
#include "verdict.h"

typedef struct {
    jf_args args;
    jf_team *team; /* all threads */
    jf_verdicts *verdicts;
    jf_ranks *ranks; /* of an MPI launcher, or 0 of 1 */
    char **again;    /* the command line, for the rank that merges */
    int said;        /* where its stdout went meanwhile; 0: nowhere */
    int shares_fits;
} experiment;

/* How a program begins: read the options, the program's own (NULL: none) among
 * them, with GSL's handler off; --data list prints the names and ends.  about:
 * the program's help, one sentence a line. */
experiment experiment_read(int argc, char **argv, const char *about,
                           const jf_option *own);

/* Of a program whose training runs come one after another, from the thread that
 * began: --ranks fit shares each among the ranks.  Others refuse it. */
void experiment_shares_fits(experiment *e);

/* Then start the threads, and verdicts unless nothing is judged.  Between the
 * two no thread exists: a program may fork. */
void experiment_start(experiment *e, int judged);

/* Both, of a program that judges and has no options of its own. */
experiment experiment_open(int argc, char **argv, const char *about);

/* How it ends: write the verdicts, if any; 0, for main to return.  A run that
 * left points out (table.h) says so instead. */
int experiment_close(experiment *e);

/* Of a program that reads pictures alone: options of tables (--columns, --array,
 * --drop-missing) end it, with status 2. */
void experiment_takes_pictures(const experiment *e);

/* Of a program whose rows are of one run, such as times: --shard and --merge
 * end it, with status 2. */
void experiment_takes_no_shares(const experiment *e, const char *why);

/* The table that the user names by --data and the options beside it, or else
 * the built-in one called name.  What was decided for the user goes to stdout,
 * a line each, the first time.  GSL_EFAILED after one line on stderr. */
int experiment_data(const experiment *e, const char *name, jf_dataset *out);

/* Of a program that reads no table, and why: --data ends it, with status 2. */
void experiment_takes_no_table(const experiment *e, const char *why);

/* What was decided about the user's data, to stdout, "NAME: note" a line; the
 * first call of a program speaks. */
void experiment_say(const char *name, const char *notes);

/* x += step U(0, 1), keyed by the seed, unless step is 0: of a table whose values
 * are multiples of step, as those of pictures are; of another one line, status
 * 2. */
void experiment_add_noise(const jf_dataset *data, double step,
                          unsigned long seed);

/* --save FILE of a program that trains: write the flow (status 1 when that
 * fails), after which *path is NULL; and at the end, for a path whose flow was
 * not trained, though no share or merge was asked for, one line and status 1. */
void experiment_save(const char **path, const jf_model *m);
void experiment_saved(const experiment *e, const char *path);

/* Sizes by profile: the one of quick, default or full. */
static inline size_t by_profile(const experiment *e, size_t quick,
                                size_t standard, size_t full)
{
    return e->args.profile == JF_QUICK  ? quick
           : e->args.profile == JF_FULL ? full
                                        : standard;
}

#endif
