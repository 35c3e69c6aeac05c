/* tables.c -- what the runs of photographs write, point by point. */
#include "highres.h"

#include <stdio.h>

tables highres_tables(const experiment *e, const char *name, size_t points,
                      size_t sizes)
{
    char codecs[64], levels[64], ends[64];
    snprintf(codecs, sizeof codecs, "%s-codecs", name);
    snprintf(levels, sizeof levels, "%s-levels", name);
    snprintf(ends, sizeof ends, "%s-runs", name);
    return (tables){
        .steps = jf_table_new(
            &e->args, name,
            "image_set,size,principle_set,seed,step,bits_per_dim,grad_norm,"
            "mean_log_abs_det_per_dim,roundtrip_error,seconds,peak_mib,rate,"
            "spectrum_bits_per_dim,predicted_roundtrip,operations,"
            "png_bits_per_dim",
            points),
        .ends = jf_table_new(
            &e->args, ends,
            "image_set,size,principle_set,seed,rate,status,diverged,"
            "first_bits,last_bits,spectrum_bits,circular_bits,"
            "reflecting_bits,start_bits,png_bits,steps,operations,"
            "training_bits",
            points),
        .levels = jf_table_new(
            &e->args, levels,
            "image_set,size,principle_set,seed,rate,level,log_abs_det_per_dim",
            points),
        .codecs = jf_table_new(
            &e->args, codecs,
            "image_set,picture,size,method,seed,bits_per_dim,version",
            points + sizes)};
}

int highres_is_there(const tables *t, size_t point)
{
    return jf_table_has(t->steps, point) && jf_table_has(t->ends, point) &&
           jf_table_has(t->levels, point) && jf_table_has(t->codecs, point) &&
           (!t->stretch || jf_table_has(t->stretch, point));
}

void highres_point_done(const tables *t, size_t point, int finished)
{
    void (*end)(jf_table *, size_t) =
        finished ? jf_table_finish : jf_table_leave;
    end(t->steps, point);
    end(t->ends, point);
    end(t->levels, point);
    end(t->codecs, point);
    if (t->stretch)
        end(t->stretch, point);
}

int highres_are_whole(const tables *t)
{
    return jf_table_whole(t->steps) && jf_table_whole(t->ends) &&
           jf_table_whole(t->levels) && jf_table_whole(t->codecs) &&
           (!t->stretch || jf_table_whole(t->stretch));
}

void highres_say_not_run(const tables *t)
{
    jf_table_not_run(t->codecs, NO_PHOTOGRAPHS);
    jf_table_not_run(t->levels, NO_PHOTOGRAPHS);
    jf_table_not_run(t->ends, NO_PHOTOGRAPHS);
    jf_table_not_run(t->steps, NO_PHOTOGRAPHS);
    if (t->stretch)
        jf_table_not_run(t->stretch, NO_PHOTOGRAPHS);
}

void highres_close(const tables *t)
{
    if (t->stretch)
        jf_table_close(t->stretch);
    jf_table_close(t->codecs);
    jf_table_close(t->levels);
    jf_table_close(t->ends);
    jf_table_close(t->steps);
}

size_t highres_sets_of(const jf_table *ends, size_t point)
{
    enum { JUDGED = 2 };
    size_t rows = jf_table_rows(ends, point);
    return rows < JUDGED ? rows : JUDGED;
}

int highres_diverged(const jf_table *ends, size_t point)
{
    for (size_t i = 0; i < highres_sets_of(ends, point); i++)
        if (jf_table_number(ends, point, i, "diverged") > 0)
            return 1;
    return 0;
}
