/* experiment.c -- how experiments begin and end. */
#include "experiment.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stop.h"

/* The command line once more, with what makes a merge of it. */
static char **merging(int argc, char **argv)
{
    char **again = jf_alloc((size_t)argc + 4, sizeof *again);
    for (int k = 0; k < argc; k++)
        again[k] = jf_copy_text(argv[k], strlen(argv[k]));
    again[argc] = jf_copy_text("--merge", 7);
    again[argc + 1] = jf_copy_text("--ranks", 7);
    again[argc + 2] = jf_copy_text("none", 4);
    return again;
}

/* What this process says from here on is no one's business: a share's summary,
 * or what the first rank says as well. */
static int hush(void)
{
    fflush(stdout);
    int said = dup(STDOUT_FILENO), null = open("/dev/null", O_WRONLY);
    dup2(null, STDOUT_FILENO);
    close(null);
    return said;
}

/* The ranks of a launcher, or of --ranks: each a share, or one run together. */
static void begin_ranks(experiment *e)
{
    jf_args *args = &e->args;
    const char *way = args->ranks;
    if (way ? strcmp(way, "none") == 0 : jf_ranks_launched() < 2)
        return;
    if (args->shards || args->merge)
        jf_fail(2,
                "--shard or --merge with ranks found: --ranks none expected");
    if (jf_ranks_begin(e->ranks) != GSL_SUCCESS)
        jf_end(2);
    jf_args_name_rank(e->ranks->rank);
    args->quiet = args->quiet || e->ranks->rank > 0;
    if (way && strcmp(way, "fit") == 0) {
        args->together = e->ranks;
        if (e->ranks->rank > 0) {
            hush();
            jf_output_mute();
        }
        return;
    }
    args->shard = e->ranks->rank;
    args->shards = e->ranks->count;
    e->said = hush();
}

/* --save: what cannot be a file is known before anything is trained. */
static void check_save(const jf_option *own)
{
    struct stat info;
    for (; own && own->name; own++) {
        const char *path = own->value ? *own->value : NULL;
        if (path && strncmp(own->name, "save=", 5) == 0 &&
            (!*path || (stat(path, &info) == 0 && S_ISDIR(info.st_mode))))
            jf_fail(2, "--save '%s': expected the name of a file", path);
    }
}

experiment experiment_read(int argc, char **argv, const char *about,
                           const jf_option *own)
{
    static jf_ranks ranks = {0, 1};
    experiment e = {.ranks = &ranks,
                    .args = jf_args_read(argc, argv, about, own)};
    check_save(own);
    e.again = merging(argc, argv); /* no memory has a line from here on */

    gsl_set_error_handler_off(); /* a failed run is a row */
    if (e.args.data && strcmp(e.args.data, "list") == 0) {
        jf_data_list(stdout);
        exit(0);
    }
    begin_ranks(&e);
    jf_stop_listen(&e.args);
    return e;
}
void experiment_shares_fits(experiment *e)
{
    e->shares_fits = 1;
}

void experiment_start(experiment *e, int judged)
{
    if (e->args.together && !e->shares_fits)
        jf_fail(2,
                "--ranks fit: training runs of %s stand side by side; shard "
                "expected",
                e->args.program);
    e->team = jf_team_new(e->args.threads);
    e->team->ranks = e->args.together;
    if (judged)
        e->verdicts = jf_verdicts_new(&e->args);
}

experiment experiment_open(int argc, char **argv, const char *about)
{
    experiment e = experiment_read(argc, argv, about, NULL);
    experiment_start(&e, 1);
    return e;
}

/* Of a run that left points out, why, and how it goes on. */
static void say_left_out(const jf_args *args)
{
    if (args->merge)
        jf_fail(2, "--merge: not found: %s", jf_tables_missing());
    if (jf_stop_reason())
        printf("%s: stopped by %s; the same command with --resume goes on\n",
               args->program, jf_stop_reason());
    else
        printf("%s: share %zu of %zu is done; --merge joins all\n",
               args->program, args->shard + 1, args->shards);
}

/* After all shares are done the first rank becomes the program that joins them:
 * it is a rank no longer. */
static void end_ranks(experiment *e)
{
    int first = e->ranks->rank == 0;
    if (e->args.together) {
        jf_ranks_end(e->ranks);
    } else if (e->said) {
        int stopped = jf_ranks_any(e->ranks, jf_stop_reason() != NULL);
        jf_ranks_end(e->ranks);
        fflush(stdout);
        dup2(e->said, STDOUT_FILENO);
        if (first && stopped)
            printf("%s: stopped; the same command with --resume goes on\n",
                   e->args.program);
        if (first && !stopped) {
            execv("/proc/self/exe", e->again);
            jf_fail(1, "cannot start the merge: %s", strerror(errno));
        }
    }
}

int experiment_close(experiment *e)
{
    int whole = jf_tables_whole();
    if (e->verdicts && whole)
        jf_verdicts_close(e->verdicts);
    else if (e->verdicts)
        jf_verdicts_free(e->verdicts);
    if (!whole)
        say_left_out(&e->args);
    jf_tables_done();
    jf_team_free(e->team);
    end_ranks(e);
    for (char **word = e->again; *word; word++)
        free(*word);
    free(e->again);
    return 0;
}

void experiment_takes_pictures(const experiment *e)
{
    const char *of_tables = e->args.columns        ? "--columns"
                            : e->args.array        ? "--array"
                            : e->args.drop_missing ? "--drop-missing"
                                                   : NULL;
    if (of_tables)
        jf_fail(2, "%s found, which is for tables; pictures are read here",
                of_tables);
}

void experiment_takes_no_shares(const experiment *e, const char *why)
{
    if (e->args.shards || e->args.merge)
        jf_fail(2, "--%s: %s", e->args.merge ? "merge" : "shard", why);
}

void experiment_takes_no_table(const experiment *e, const char *why)
{
    if (e->args.data)
        jf_fail(2, "--data %s: %s", e->args.data, why);
}

void experiment_add_noise(const jf_dataset *data, double step,
                          unsigned long seed)
{
    if (!(step > 0))
        return;
    for (size_t i = 0; i < data->x.rows; i++)
        for (size_t j = 0; j < data->x.cols; j++) {
            double v = (double)jf_row(data->x, i)[j];
            if (fmod(v, step) != 0)
                jf_fail(2,
                        "%s: row %zu, column %zu: %.9g found, multiples of %g "
                        "expected, between which noise is to lie",
                        data->name, i + 1, j + 1, v, step);
        }
    jf_dequantize(data->x, (real)step, seed);
}

void experiment_say(const char *name, const char *notes)
{
    static int said;
    for (const char *p = notes; p && *p && !said;) {
        size_t length = strcspn(p, "\n");
        printf("%s: %.*s\n", name, (int)length, p);
        p += length + (p[length] == '\n');
    }
    said = said || notes != NULL;
}

int experiment_data(const experiment *e, const char *name, jf_dataset *out)
{
    const jf_args *args = &e->args;
    if (!args->data)
        return jf_data_load(name, NULL, args->seed, out);
    JF_TRY(jf_data_load(args->data,
                        &(jf_data_options){.columns = args->columns,
                                           .array = args->array,
                                           .size = args->size,
                                           .drop_missing = args->drop_missing},
                        args->seed, out));
    experiment_say(out->name, out->notes.data);
    return GSL_SUCCESS;
}

void experiment_save(const char **path, const jf_model *m)
{
    if (jf_flow_save(*path, m) != GSL_SUCCESS)
        jf_end(1);
    *path = NULL;
}

void experiment_saved(const experiment *e, const char *path)
{
    if (path && !e->args.shards && !e->args.merge && !jf_stop_reason())
        jf_fail(1,
                "--save %s: the flow was not trained in this run, or it is a "
                "finished one of --resume",
                path);
}
