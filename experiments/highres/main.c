/* highres/main.c -- do the principles hold at 1024 x 1024 x 3?
 *
 * Question  The abstract claims stable training at 1024 x 1024.  Is a flow with
 *           the principles of C8 stable where a plain one is not, on photographs
 *           at 64, 256 and 1024 pixels a side; and does it learn more of them
 *           than their spectrum, which has a closed form, and than codecs know?
 * Recipes   flow.c.  plain: Glow, scales exp(s), dense mixing, no clip, no
 *           warm-up.  principles: log scales within +-1 (P1), P L U mixing from
 *           an orthogonal start (P5), gradients cut at norm .004 d nats (P10),
 *           warm-up of 10 steps.  spectrum: it starts at the Gaussian optimum of
 *           the data (P4), with budgets (P3), and has to find what is not
 *           Gaussian; clip and warm-up as before, a rate that falls to 0.
 *           identity: that flow, trained in the same way, from the identity, so
 *           that what the start is worth is told from what the layers are.
 *           interlaced: pixels by coarser ones, with cells of grey levels (C2.7 v);
 *           it starts at the optimum of its data, too, and hardly moves from there.
 *           clamped, orthogonal, clipped, warmed: plain with one of them.  Adam.
 * Work      By the cost table of flow.c every recipe has as many operations at a
 *           size as plain has in its steps; spectrum and interlaced, whose steps
 *           cost a small part of that, stop at a number of steps, with less.
 * Method    Photographs; without them nothing is run, unless --data names
 *           pictures: pictures.c, with what is held out.  Training on crops,
 *           tests on whole pictures.  Baselines of all training pictures:
 *           baseline.c; codecs on the same held-out ones: codecs.c.  A run
 *           diverged when it stopped at a value that is not finite, or ends both
 *           above its start and above 8 bits a dimension, which the uniform law
 *           has.  A grid of rates at 32 and 64; otherwise the recipe's own,: the
 *           least of Glow flows, since what is best at 64 diverges at 1024; that
 *           of spectrum is the best at 64 by the bits of training crops, never
 *           by those of held-out pictures: judge.c sees to it; identity has it, too;
 *           that of interlaced is the least of the grid, chosen by no rule.
 * Claims    judge.c.
 * Writes    highres.csv, a row by set and record; seconds: of training up to the
 *           step, of a thread's run beside others where pictures have 64 pixels
 *           or fewer; peak_mib: of the process (no two runs agree in these);
 *           operations: counted; roundtrip_error and predicted_roundtrip:
 *           training.c.  highres-runs.csv: how runs end, and the baselines;
 *           training_bits: of training crops at the end, the same for all runs.
 *           highres-codecs.csv: every held-out picture by every codec and run;
 *           version: of the codec, or the run's rate.  highres-levels.csv,
 *           highres-memory.csv, highres-samples.png (rows: held out, their
 *           reconstructions, samples at temperatures 0, .5, .7, 1). */
#include "highres.h"

#include <math.h>
#include <stdio.h>

static const double rates[] = {1e-3, 4e-3, 1.6e-2, 6.4e-2, 2.56e-1};

enum { SCALES = 5, PIXEL_STEPS = 20 };

static size_t scales_of(const experiment *e, scale *s)
{
    size_t count = 0, most = by_profile(e, 60, 100, 2000);
    scale grid = {.recipes = ALONE, .most = 20};
    scale own = {.recipes = ALONE, .rates = 1, .own = 1, .most = most};
    if (e->args.size) {
        own.size = e->args.size;
        own.seeds = by_profile(e, 1, 3, 3);
        own.steps = by_profile(e, 5, 20, 1000);
        s[count++] = own;
        return count;
    }
    /* small enough for pairs of runs by the dozen */
    grid.size = 32;
    grid.recipes = INTERLACED;
    grid.first = 1;
    grid.rates = 2;
    grid.seeds = by_profile(e, 14, 20, 40);
    grid.steps = 20;
    s[count++] = grid;
    grid.size = 64;
    grid.recipes = ALONE;
    grid.first = e->args.profile == JF_QUICK;
    grid.rates = by_profile(e, 1, 5, 5);
    grid.seeds = by_profile(e, 1, 3, 3);
    grid.steps = by_profile(e, 12, 40, 1000);
    grid.most = by_profile(e, 12, 60, 2000);
    s[count++] = grid;
    if (e->args.profile == JF_QUICK)
        return count;
    own.seeds = 3;
    own.size = 64;
    own.from = ALONE;
    own.recipes = RECIPES - ALONE;
    own.steps = grid.steps;
    s[count++] = own;
    own.from = 0;
    own.recipes = ALONE;
    own.size = 256;
    own.steps = by_profile(e, 1, 20, 1000);
    s[count++] = own;
    own.size = LARGEST;
    s[count++] = own;
    return count;
}

/* Its table stays open until all pictures can be read. */
static jf_table *measure_memory(const experiment *e)
{
    jf_table *t = jf_table_new(
        &e->args, "highres-memory",
        "sweep,size,depth,params,params_mib,peak_mib,stored_mib", 1);
    if (!jf_table_has(t, 0)) {
        highres_memory(e, t);
        jf_table_finish(t, 0);
    }
    return t;
}

/* Steps of a recipe: as many operations as plain, but no more than most; of
 * PIXELS, which has next to nothing to learn, than PIXEL_STEPS. */
static size_t steps_of(const scale *s, const pictures *p, recipe r)
{
    double plain = highres_operations(PLAIN, s->size, p->side, p->batch);
    double own = highres_operations(r, s->size, p->side, p->batch);
    double steps = floor((double)s->steps * plain / own);
    size_t most = s->most;
    if (highres_recipes[r].family == PIXELS && most > PIXEL_STEPS)
        most = PIXEL_STEPS;
    return steps < (double)most ? (size_t)steps : most;
}

typedef struct {
    const experiment *e;
    const photographs *all;
    const scale *s;
    size_t count, points;
    const char *save;
} program;

/* Whether anything of scale k is to be done. */
static int is_wanted(const program *a, size_t k, const tables *t)
{
    size_t first = highres_point(a->s, k, a->s[k].from, 0, 0);
    int wanted = !jf_table_has(t->codecs, a->points + k);
    for (size_t i = 0; i < highres_runs(&a->s[k]); i++)
        wanted |= !highres_is_there(t, first + i);
    return wanted;
}

/* Run i of scale k, by the threads of e. */
static void run_one(program *a, size_t k, size_t i, const experiment *e,
                    const pictures *p, tables *t)
{
    const scale *s = &a->s[k];
    size_t rate = i / s->seeds / s->recipes;
    run r = {.e = e,
             .p = p,
             .r = (recipe)(s->from + i / s->seeds % s->recipes),
             .seed = e->args.seed + i % s->seeds};
    r.rate = s->own ? highres_recipes[r.r].rate : rates[s->first + rate];
    r.point = highres_point(a->s, k, r.r, rate, i % s->seeds);
    r.steps = steps_of(s, p, r.r);
    int first = rate == 0 && i % s->seeds == 0;
    r.samples = r.r == SPECTRUM && first;
    r.save = r.r == INTERLACED && first && k + 1 == a->count ? &a->save : NULL;
    if (highres_is_there(t, r.point))
        return;
    int finished = highres_train(&r, t);
    highres_point_done(t, r.point, finished);
    if (finished)
        highres_forget(&r);
}

/* Whether runs of a scale go side by side, a thread each: those of small
 * pictures, which do not keep more threads busy, where they are in memory, and
 * where no ranks share them. */
static int go_apart(const program *a, const scale *s)
{
    return s->size <= 64 && !a->e->args.data && !a->e->args.together;
}

/* The runs of scale k; what codecs need stands in the rows of each. */
static void run_scale(program *a, size_t k, tables *t)
{
    const scale *s = &a->s[k];
    jf_table_everywhere(t->codecs, a->points + k);
    if (!is_wanted(a, k, t))
        return;
    pictures p = highres_pictures(a->e, a->all, s->size);
    highres_baseline(a->e, &p);
    highres_codecs(a->e, &p, t->codecs, a->points + k);
    int apart = go_apart(a, s);
    int threads = apart ? (int)a->e->team->threads : 1;
    size_t done = highres_point(a->s, k, s->from, 0, 0);
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
    for (size_t i = 0; i < highres_runs(s); i++) {
        experiment alone = *a->e;
        if (apart && !(alone.team = jf_team_new(1)))
            jf_end(1);
        run_one(a, k, i, &alone, &p, t);
        if (apart)
            jf_team_free(alone.team);
#pragma omp critical(highres)
        jf_progress(&a->e->args, "high resolution", ++done, a->points);
    }
    highres_pictures_free(&p);
}

static const char about[] =
    "Do the principles hold at 1024 x 1024 x 3?\n"
    "Flows of photographs: plain, with the principles, started at the "
    "spectrum,\n"
    "and of interlaced pixels.\n"
    "PHOTOGRAPHS=no in the environment leaves them out: not run.\n"
    "With --data FOLDER: any folder of PNG, JPEG or WebP files, such as "
    "CelebA-HQ.\n"
    "With --size S: that size alone, a multiple of 8.";

static void write_codecs(const experiment *e, const photographs *all,
                         const char *path)
{
    static const size_t sizes[] = {32, 64, 256, LARGEST};
    if (!all->images)
        jf_fail(2, "--codecs: the photographs are needed");
    highres_write_codecs(e, all, sizes, sizeof sizes / sizeof *sizes, path);
}

int main(int argc, char **argv)
{
    const char *codecs = NULL;
    program a = {0};
    const jf_option own[] = {
        {"save=FILE",
         "write the flow of interlaced pixels, of the largest size and first "
         "seed, in float, for pictures of values 0 .. 255 [nowhere]",
         NULL, &a.save},
        {"codecs=FILE",
         "write what codecs need for the photographs, as data/codecs.csv has "
         "it, and end [nowhere]",
         NULL, &codecs},
        {0}};
    experiment e = experiment_read(argc, argv, about, own);
    experiment_takes_pictures(&e);
    scale s[SCALES];
    photographs all = {0};

    experiment_shares_fits(&e);
    if (e.args.size % 8 != 0 || e.args.size > 4096)
        jf_fail(2, "--size %zu: expected a multiple of 8 up to 4096",
                e.args.size);
    a.e = &e;
    a.all = &all;
    a.s = s;
    a.count = scales_of(&e, s);
    if (!e.args.data && !photographs_exist())
        a.count = 0;
    /* in other processes: before any thread */
    jf_table *memory = codecs ? NULL : measure_memory(&e);
    experiment_start(&e, !codecs);
    if (!e.args.data && a.count)
        all = photographs_open("nature lomiri elephants", e.team);
    if (codecs) {
        write_codecs(&e, &all, codecs);
        return experiment_close(&e);
    }
    for (size_t k = 0; k < a.count; k++)
        a.points += highres_runs(&s[k]);
    tables t = highres_tables(&e, "highres", a.points, a.count);
    for (size_t k = 0; k < a.count; k++)
        run_scale(&a, k, &t);
    jf_table_close(memory);
    if (highres_are_whole(&t))
        highres_judge(&e, a.count, s, &t);
    if (a.count == 0)
        highres_say_not_run(&t);
    else if (highres_are_whole(&t))
        highres_summary(&e, a.count, s, &t);
    highres_close(&t);
    jf_images_free(all.images);
    experiment_saved(&e, a.save);
    return experiment_close(&e);
}
