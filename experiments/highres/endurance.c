/* highres/endurance.c -- how long, and at which rates, does training last?
 *
 * Question  "Improved stability" at 1024 x 1024 is a statement on runs
 *           longer than those of highres, and on the rates at which they last.
 * Long run  The flow that starts at the spectrum, with all principles, for 6000
 *           steps (full profile), two seeds, at the rate of highres, which
 *           falls to 0; held-out bits, round trip and its proved bound, gradient
 *           norm, log |det|, and how far map and inverse stretch (stretch.c),
 *           along it.  It is kept every minute, --resume goes on, and
 *           --max-hours ends a piece.
 * --edge    The largest stable rate of each recipe of highres, among rates
 *           .001 2^(k/2), three seeds each; a recipe begins at its own rate and
 *           goes up or down by 4 until it has a stable and an unstable one, then
 *           halves between them to a factor of sqrt 2.  The rate is constant
 *           after the warm-up, so that a run is also one of every shorter
 *           length: they are recorded, and stability is told of each.  A rate is
 *           stable at a length when no seed diverged by then: a value that is
 *           not finite, or held-out bits both above those of the start and above
 *           8, on any set but the elephants (highres/main.c has the same).
 * Writes    endurance.csv, endurance-runs.csv, endurance-levels.csv,
 *           endurance-codecs.csv as highres, and endurance-stretch.csv; of
 *           --edge the same with endurance-edge for endurance, and
 *           endurance-edge-rates.csv: the largest stable and the least unstable
 *           rate that were tried, by recipe and length (0: every one that was
 *           tried diverged; inf: none did).
 *           make endurance runs all of it into results/long. */
#include "highres.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRIALS = 10, RATE_SEEDS = 3, LONG_SEEDS = 2, RECORDS = 12 };
enum { LEAST = -14, MOST = 24, STRIDE = 4 }; /* k of rates .001 2^(k/2) */
enum { LENGTHS = 6 };

typedef struct {
    const experiment *e;
    const pictures *p;
    tables t;
    const size_t *lengths; /* LENGTHS of them */
    size_t points;
    const char *save;
} program;

static double rate_of(int k)
{
    return 1e-3 * pow(2, 0.5 * k);
}

/* Its inverse. */
static int index_of(double rate)
{
    return (int)lround(2 * log2(rate / 1e-3));
}

static void run_point(program *a, run *r, size_t point)
{
    r->e = a->e;
    r->p = a->p;
    r->point = point;
    if (!highres_is_there(&a->t, point)) {
        int finished = highres_train(r, &a->t);
        highres_point_done(&a->t, point, finished);
        if (finished)
            highres_forget(r);
    }
    jf_progress(&a->e->args, "endurance", point + 1, a->points);
}

static void run_long(program *a)
{
    size_t steps = by_profile(a->e, 24, 600, 6000), at[RECORDS];
    for (size_t i = 0; i < RECORDS; i++) /* half of them in the first tenth */
        at[i] = i < RECORDS / 2
                    ? i * i * steps / (RECORDS * RECORDS / 4 * 10)
                    : (i - RECORDS / 2 + 1) * steps / (RECORDS / 2 + 1);
    for (size_t i = 0; i < LONG_SEEDS; i++)
        run_point(a,
                  &(run){.r = SPECTRUM,
                         .rate = highres_recipes[SPECTRUM].rate,
                         .seed = a->e->args.seed + i,
                         .steps = steps,
                         .at = at,
                         .n_at = RECORDS,
                         .samples = i == 0,
                         .save = i == 0 ? &a->save : NULL},
                  i);
}

static size_t edge_point(recipe r, size_t trial, size_t seed)
{
    return ((size_t)r * TRIALS + trial) * RATE_SEEDS + seed;
}

/* Held-out bits of a judged set after so many steps of a run, which may have
 * stopped before: NaN. */
static double bits_at(const program *a, size_t point, size_t set, size_t step)
{
    char name[64], other[64];
    jf_table_string(a->t.ends, point, set, "image_set", name, sizeof name);
    for (size_t i = 0; i < jf_table_rows(a->t.steps, point); i++) {
        jf_table_string(a->t.steps, point, i, "image_set", other, sizeof other);
        if (strcmp(name, other) == 0 &&
            jf_table_number(a->t.steps, point, i, "step") == (double)step)
            return jf_table_number(a->t.steps, point, i, "bits_per_dim");
    }
    return (double)NAN;
}

static int lasted(const program *a, size_t point, size_t step)
{
    size_t end = (size_t)jf_table_number(a->t.ends, point, 0, "steps");
    int whole = step == a->lengths[LENGTHS - 1];
    if (whole || end < step)
        return end >= step && !highres_diverged(a->t.ends, point);
    for (size_t i = 0; i < highres_sets_of(a->t.ends, point); i++) {
        double first = jf_table_number(a->t.ends, point, i, "first_bits");
        if (!(bits_at(a, point, i, step) <= fmax(8, first)))
            return 0;
    }
    return 1;
}

static int is_tried(const program *a, recipe r, size_t trial)
{
    return jf_table_rows(a->t.ends, edge_point(r, trial, 0)) > 0;
}

static double tried_rate(const program *a, recipe r, size_t trial)
{
    return jf_table_number(a->t.ends, edge_point(r, trial, 0), 0, "rate");
}

static int is_stable(const program *a, recipe r, size_t trial, size_t step)
{
    for (size_t i = 0; i < RATE_SEEDS; i++)
        if (!lasted(a, edge_point(r, trial, i), step))
            return 0;
    return 1;
}

/* Of the rates tried: the least that is not stable after so many steps, and
 * the largest below it that is. */
static void edge_of(const program *a, recipe r, size_t trials, size_t step,
                    double *stable, double *unstable)
{
    *stable = 0;
    *unstable = (double)INFINITY;
    for (size_t t = 0; t < trials && is_tried(a, r, t); t++)
        if (!is_stable(a, r, t, step))
            *unstable = fmin(*unstable, tried_rate(a, r, t));
    for (size_t t = 0; t < trials && is_tried(a, r, t); t++)
        if (tried_rate(a, r, t) < *unstable)
            *stable = fmax(*stable, tried_rate(a, r, t));
}

/* The next k to try, after so many trials; MOST + 1: none. */
static int next_rate(const program *a, recipe r, size_t trials)
{
    double stable, unstable;
    if (trials == 0)
        return index_of(highres_recipes[r].rate);
    edge_of(a, r, trials, a->lengths[LENGTHS - 1], &stable, &unstable);
    int low = stable > 0 ? index_of(stable) : 0;
    int high = isfinite(unstable) ? index_of(unstable) : 0;
    int next = stable == 0           ? high - STRIDE
               : !isfinite(unstable) ? low + STRIDE
               : high - low > 1      ? low + (high - low) / 2
                                     : MOST + 1;
    return next < LEAST ? MOST + 1 : next;
}

static void one_recipe(program *a, recipe r)
{
    for (size_t t = 0; t < TRIALS; t++) {
        int k = next_rate(a, r, t);
        for (size_t i = 0; i < RATE_SEEDS; i++) {
            size_t point = edge_point(r, t, i);
            if (k > MOST) {
                if (!highres_is_there(&a->t, point))
                    highres_point_done(&a->t, point, 1);
                continue;
            }
            run_point(a,
                      &(run){.r = r,
                             .rate = rate_of(k),
                             .seed = a->e->args.seed + i,
                             .steps = a->lengths[LENGTHS - 1],
                             .at = a->lengths,
                             .n_at = LENGTHS - 1,
                             .constant = 1},
                      point);
            if (!highres_is_there(&a->t, point)) /* it is to stop */
                return;
        }
    }
}

static void write_rates(const program *a, jf_table *out)
{
    for (recipe r = PLAIN; r < INTERLACED; r++)
        for (size_t i = 1; i < LENGTHS; i++) {
            double stable, unstable;
            edge_of(a, r, TRIALS, a->lengths[i], &stable, &unstable);
            jf_table_row(out, 0, "%zu,%s,%zu,%g,%g", a->p->size,
                         highres_recipes[r].name, a->lengths[i], stable,
                         unstable);
            printf("%zu x %zu, %-10s %4zu steps: stable at %g, not at %g\n",
                   a->p->size, a->p->size, highres_recipes[r].name,
                   a->lengths[i], stable, unstable);
        }
    jf_table_finish(out, 0);
}

static void run_edge(program *a, jf_table *rates)
{
    for (recipe r = PLAIN; r < INTERLACED; r++)
        one_recipe(a, r);
    if (!highres_are_whole(&a->t))
        jf_table_leave(rates, 0);
    else if (!jf_table_has(rates, 0))
        write_rates(a, rates);
}

/* The end of each long run, in a line. */
static void say_long(const program *a)
{
    for (size_t i = 0; i < LONG_SEEDS; i++)
        for (size_t j = 0; j < jf_table_rows(a->t.ends, i); j++) {
            char set[64];
            jf_table_string(a->t.ends, i, j, "image_set", set, sizeof set);
            printf("%s at %zu x %zu, seed %lu, %g steps: %.3f bits a "
                   "dimension, from %.3f; spectrum %.3f, PNG %.3f%s\n",
                   set, a->p->size, a->p->size, a->e->args.seed + i,
                   jf_table_number(a->t.ends, i, j, "steps"),
                   jf_table_number(a->t.ends, i, j, "last_bits"),
                   jf_table_number(a->t.ends, i, j, "first_bits"),
                   jf_table_number(a->t.ends, i, j, "spectrum_bits"),
                   jf_table_number(a->t.ends, i, j, "png_bits"),
                   highres_diverged(a->t.ends, i) ? ", diverged" : "");
        }
}

static const char about[] =
    "How long, and at which rates, does training at 1024 x 1024 x 3 last?\n"
    "The long run: the flow that starts at the spectrum, two seeds; or "
    "--edge.\n"
    "With --data FOLDER: any folder of PNG, JPEG or WebP files.\n"
    "With --size S: pictures of that size, a multiple of 8, in place of 1024 "
    "(quick: 64).";

int main(int argc, char **argv)
{
    static const size_t lengths[][LENGTHS] = {
        [JF_QUICK] = {0, 1, 2, 3, 4, 5},
        [JF_DEFAULT] = {0, 5, 10, 20, 30, 40},
        [JF_FULL] = {0, 10, 20, 50, 100, 200}};
    int edge = 0;
    program a = {0};
    const jf_option own[] = {
        {"edge", "the largest stable rate of each recipe, by length", &edge,
         NULL},
        {"save=FILE",
         "write the flow of the first long run, in float, for pictures of "
         "values 0 .. 255 [nowhere]",
         NULL, &a.save},
        {0}};
    experiment e = experiment_read(argc, argv, about, own);
    photographs all = {0};
    jf_table *rates = NULL;
    experiment_takes_pictures(&e);
    experiment_takes_no_shares(&e, "its rates follow from one another");
    if (e.args.size % 8 != 0 || e.args.size > 4096)
        jf_fail(2, "--size %zu: expected a multiple of 8 up to 4096",
                e.args.size);
    if (edge && a.save)
        jf_fail(2, "--save: --edge is given; one of them is expected");
    int there = e.args.data || photographs_exist();
    a.e = &e;
    a.lengths = lengths[e.args.profile];
    a.points = !there ? 0
               : edge ? INTERLACED * TRIALS * RATE_SEEDS
                      : LONG_SEEDS;
    experiment_start(&e, 0);
    const char *name = edge ? "endurance-edge" : "endurance";
    a.t = highres_tables(&e, name, a.points, there);
    a.t.stretch = jf_table_new(
        &e.args, edge ? "endurance-edge-stretch" : "endurance-stretch",
        "size,principle_set,seed,rate,step,largest,"
        "inverse_found,condition_found",
        a.points);
    if (edge)
        rates = jf_table_new(&e.args, "endurance-edge-rates",
                             "size,principle_set,steps,stable_rate,"
                             "unstable_rate",
                             1);
    if (there) {
        if (!e.args.data)
            all = photographs_open("nature lomiri elephants", e.team);
        size_t size = by_profile(&e, 64, LARGEST, LARGEST);
        pictures p =
            highres_pictures(&e, &all, e.args.size ? e.args.size : size);
        a.p = &p;
        jf_table_everywhere(a.t.codecs, a.points); /* runs have it, too */
        highres_baseline(&e, &p);
        highres_codecs(&e, &p, a.t.codecs, a.points);
        if (edge)
            run_edge(&a, rates);
        else
            run_long(&a);
        if (!edge && highres_are_whole(&a.t))
            say_long(&a);
        highres_pictures_free(&p);
    } else {
        highres_say_not_run(&a.t);
        if (rates) {
            jf_table_not_run(rates, NO_PHOTOGRAPHS);
            jf_table_finish(rates, 0);
        }
    }
    if (rates)
        jf_table_close(rates);
    highres_close(&a.t);
    jf_images_free(all.images);
    experiment_saved(&e, a.save);
    return experiment_close(&e);
}
