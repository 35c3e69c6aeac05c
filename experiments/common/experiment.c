/* experiment.c -- how experiments begin and end. */
#include "experiment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

experiment experiment_read(int argc, char **argv, const char *about,
                           const jf_option *own)
{
    experiment e = {.args = jf_args_read(argc, argv, about, own)};

    gsl_set_error_handler_off(); /* a failed run is a row */
    if (e.args.data && strcmp(e.args.data, "list") == 0) {
        jf_data_list(stdout);
        exit(0);
    }
    return e;
}

void experiment_start(experiment *e, int judged)
{
    e->team = jf_team_new(e->args.threads);
    if (judged)
        e->verdicts = jf_verdicts_new(&e->args);
}

experiment experiment_open(int argc, char **argv, const char *about)
{
    experiment e = experiment_read(argc, argv, about, NULL);
    experiment_start(&e, 1);
    return e;
}

int experiment_close(experiment *e)
{
    if (e->verdicts)
        jf_verdicts_close(e->verdicts);
    jf_tables_done();
    jf_team_free(e->team);
    return 0;
}

void experiment_takes_no_table(const experiment *e, const char *why)
{
    if (e->args.data)
        jf_fail(2, "--data %s: %s", e->args.data, why);
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
        exit(1);
    *path = NULL;
}

void experiment_saved(const char *path)
{
    if (path)
        jf_fail(1,
                "--save %s: the flow was not trained in this run, or it is a "
                "finished one of --resume",
                path);
}
