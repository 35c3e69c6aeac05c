/* highres/main.c -- do the principles hold at 1024 x 1024 x 3?
 *
 * Question  The abstract claims stable training at 1024 x 1024.  Is a Glow-type
 *           flow with the principles of C8 stable where a plain one is not, on
 *           photographs at 64, 256 and 1024 pixels a side?
 * Recipes   Both: actnorm started from data, 1x1 mixing, couplings with nets of
 *           3x3 - 1x1 - 3x3, 4 steps a level, Adam.  principles: log scales
 *           within +-1 (P1), P L U mixing from an orthogonal start (P5),
 *           gradients cut at norm .004 d nats (P10), warm-up of 10 steps.
 *           plain: scales exp(s), dense mixing, no clip, no warm-up.
 * Method    Photographs; without them nothing is run, unless --data names
 *           pictures.  Training crops, held-out ones, and the power-spectrum
 *           optimum as the baseline: pictures.c; a run: training.c; what a
 *           training step needs: memory.c.  Several rates; a run diverged when
 *           it stopped at a value that is not finite, or ends both above its
 *           start and above 8 bits a dimension, which the uniform law has.
 * Claim     C8.H: of pairs of runs that differ in the recipe alone, and of which
 *           one diverges, it is no more often that with the principles (exact
 *           sign test); and with them the runs at the least rate end below
 *           their start (Student's test over seeds).
 * Writes    highres.csv; seconds: of training up to the step; peak_mib: of the
 *           process (no two runs agree in these); roundtrip_error and
 *           predicted_roundtrip: training.c.  highres-runs.csv,
 *           highres-levels.csv, highres-memory.csv, highres-samples.png (rows:
 *           held out, their reconstructions, samples at temperatures 0, .5,
 *           .7, 1). */
#include "highres.h"

static const double rates[] = {1e-3, 4e-3, 1.6e-2, 6.4e-2};

enum { SCALES = 4 };

/* The largest size has one rate and one seed in all but the full profile. */
static size_t scales_of(const experiment *e, scale *s)
{
    size_t count = 0;
    if (e->args.size) {
        s[count++] =
            (scale){e->args.size, by_profile(e, 1, 2, 4),
                    by_profile(e, 1, 1, 3), by_profile(e, 25, 60, 2000), 0};
    } else {
        /* small enough for pairs of runs by the dozen */
        s[count++] = (scale){32, 2, by_profile(e, 14, 20, 40), 20, 1};
        s[count++] =
            (scale){64, by_profile(e, 1, 4, 4), by_profile(e, 1, 3, 3),
                    by_profile(e, 12, 80, 4000), e->args.profile == JF_QUICK};
    }
    if (!e->args.size && e->args.profile != JF_QUICK) {
        s[count++] = (scale){256, by_profile(e, 1, 2, 4), 3,
                             by_profile(e, 1, 30, 1000), 0};
        s[count++] =
            (scale){LARGEST, by_profile(e, 1, 1, 3), by_profile(e, 1, 1, 3),
                    by_profile(e, 1, 40, 500), 0};
    }
    return count;
}

static size_t runs_of(const scale *s)
{
    return RECIPES * s->rates * s->seeds;
}

static tables tables_of(const experiment *e, size_t points)
{
    return (tables){
        jf_table_new(
            &e->args, "highres",
            "image_set,size,principle_set,seed,step,bits_per_dim,grad_norm,"
            "mean_log_abs_det_per_dim,roundtrip_error,seconds,peak_mib,rate,"
            "spectrum_bits_per_dim,predicted_roundtrip",
            points),
        jf_table_new(&e->args, "highres-runs",
                     "image_set,size,principle_set,seed,rate,status,diverged,"
                     "first_bits,last_bits,spectrum_bits",
                     points),
        jf_table_new(
            &e->args, "highres-levels",
            "image_set,size,principle_set,seed,rate,level,log_abs_det_per_dim",
            points)};
}

static int is_there(const tables *t, size_t point)
{
    return jf_table_has(t->steps, point) && jf_table_has(t->ends, point) &&
           jf_table_has(t->levels, point);
}

static void finish(const tables *t, size_t point)
{
    jf_table_finish(t->steps, point);
    jf_table_finish(t->ends, point);
    jf_table_finish(t->levels, point);
}

static void say_not_run(const tables *t)
{
    jf_table_not_run(t->levels, NO_PHOTOGRAPHS);
    jf_table_not_run(t->ends, NO_PHOTOGRAPHS);
    jf_table_not_run(t->steps, NO_PHOTOGRAPHS);
}

static void close_tables(const tables *t)
{
    jf_table_close(t->levels);
    jf_table_close(t->ends);
    jf_table_close(t->steps);
}

static void measure_memory(const experiment *e)
{
    jf_table *t = jf_table_new(
        &e->args, "highres-memory",
        "sweep,size,depth,params,params_mib,peak_mib,stored_mib", 1);
    if (!jf_table_has(t, 0)) {
        highres_memory(e, t);
        jf_table_finish(t, 0);
    }
    jf_table_close(t);
}
/* The runs of a size, which are points first .. of the tables. */
static void run_scale(const experiment *e, const photographs *all,
                      const scale *s, tables *t, size_t first, size_t points,
                      const char **save)
{
    pictures p = highres_pictures(e, all, s->size);
    for (size_t i = 0; i < runs_of(s); i++) {
        size_t rate = i / s->seeds / RECIPES;
        run r = {.e = e,
                 .p = &p,
                 .r = (recipe)(i / s->seeds % RECIPES),
                 .rate = rates[s->first + rate],
                 .seed = e->args.seed + i % s->seeds,
                 .point = first + i,
                 .steps = s->steps};
        r.samples = r.r == PRINCIPLES && rate == 0 && i % s->seeds == 0;
        r.save = r.samples ? save : NULL;
        if (!is_there(t, r.point)) {
            highres_train(&r, t);
            finish(t, r.point);
        }
        jf_progress(&e->args, "high resolution", r.point + 1, points);
    }
    highres_pictures_free(&p);
}

static const char about[] =
    "Do the principles hold at 1024 x 1024 x 3?\n"
    "Glow-type flows on photographs, with the principles and plain.\n"
    "PHOTOGRAPHS=no in the environment leaves them out: not run.\n"
    "With --data FOLDER: any folder of PNG, JPEG or WebP files, such as "
    "CelebA-HQ.\n"
    "With --size S: that size alone, a multiple of 8.";

int main(int argc, char **argv)
{
    const char *save = NULL;
    const jf_option own[] = {
        {"save=FILE",
         "write the flow with the principles of the largest size, first rate "
         "and seed, in float, for pictures of values 0 .. 255 [nowhere]",
         NULL, &save},
        {0}};
    experiment e = experiment_read(argc, argv, about, own);
    scale s[SCALES];
    size_t count = scales_of(&e, s), points = 0, first = 0;
    photographs all = {0};

    if (e.args.size % 8 != 0 || e.args.size > 4096)
        jf_fail(2, "--size %zu: expected a multiple of 8 up to 4096",
                e.args.size);
    if (!e.args.data && !photographs_exist())
        count = 0;
    measure_memory(&e); /* in other processes: before any thread */
    experiment_start(&e, 1);
    if (!e.args.data && count)
        all = photographs_open("nature lomiri", e.team);
    for (size_t k = 0; k < count; k++)
        points += runs_of(&s[k]);
    tables t = tables_of(&e, points);
    for (size_t k = 0; k < count; first += runs_of(&s[k++]))
        run_scale(&e, &all, &s[k], &t, first, points,
                  k + 1 == count ? &save : NULL);
    highres_judge(&e, count, s, &t);
    if (count == 0)
        say_not_run(&t);
    close_tables(&t);
    jf_images_free(all.images);
    experiment_saved(save);
    return experiment_close(&e);
}
