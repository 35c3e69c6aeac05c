/* highres/main.c -- do the principles hold at 1024 x 1024 x 3?
 *
 * Question  The abstract claims stable training at 1024 x 1024.  Is a Glow-type
 *           flow with the principles of the theory's C8 stable where a plain one
 *           is not, on photographs at 64, 256 and 1024 pixels a side?
 * Recipes   Both: actnorm started from data, 1x1 mixing, couplings with nets of
 *           3x3 - 1x1 - 3x3, 4 steps a level, Adam.  principles: log scales
 *           within +-1 (P1), P L U mixing from an orthogonal start (P5),
 *           gradients cut at norm .004 d nats (P10), warm-up of 10 steps.
 *           plain: scales exp(s), dense mixing, no clip, no warm-up.
 * Method    The photographs of data/photographs.csv, their centres scaled to
 *           1024 x 1024; the list says which are held out.  Random crops of
 *           twice the size (1024: whole), flips, 8 bits, uniform noise.  Of
 *           --data the largest squares, the last fifth of the files held out.
 *           Several rates; a run diverged when it stopped at a value that is
 *           not finite, or ends above 8 bits a dimension, which the uniform law
 *           has.  The power-spectrum optimum (C3.7) of training crops, on the
 *           held-out ones, is the baseline.  Without photographs: not run.
 * Claim     C8.H, stated before the first run: at no size and rate do more runs
 *           diverge with the principles than plain, and with them every run at
 *           the least rate ends below its start.
 * Writes    highres.csv; seconds: of training up to the step; peak_mib: of the
 *           process (no two runs agree in these).  roundtrip_error:
 *           |f^-1(f(x)) - x| / |x| in float, of the first held-out picture;
 *           predicted_roundtrip: a relative change of z by 1e-3 in a random
 *           direction, brought back, scaled to u and summed over both ways of
 *           all layers.  highres-runs.csv, highres-levels.csv,
 *           highres-memory.csv, highres-samples.png (rows: held out, their
 *           reconstructions, samples at temperatures 0, .5, .7, 1). */
#include "highres.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "common/photographs.h"

enum { MAX_HELD = 16, SPECTRUM_PICTURES = 24, RECORDS = 10, LEVELS_MOST = 6 };
static const double rates[] = {1e-3, 4e-3, 1.6e-2, 6.4e-2};
const char *const recipe_names[RECIPES] = {"plain", "principles"};

static size_t levels_of(size_t size)
{
    size_t levels = 0;
    while (levels < LEVELS_MOST && size >> (levels + 1) >= 4 &&
           (size >> (levels + 1)) << (levels + 1) == size)
        levels++;
    return levels > 3 && size < 1024 ? levels - 1 : levels;
}

jf_layer *highres_flow(recipe r, size_t size, size_t depth)
{
    jf_glow_options o = {.height = size,
                         .width = size,
                         .levels = levels_of(size),
                         .depth = depth ? depth : 4,
                         .hidden = 32,
                         .map = r == PLAIN ? jf_map_exp() : jf_map_clamp(1),
                         .prior = r == PLAIN ? jf_map_exp() : jf_map_clamp(2),
                         .mixing = r == PLAIN ? JF_MIX_DENSE : JF_MIX_PLU,
                         .seed = 1};
    return jf_glow(&o);
}

typedef struct { /* pictures of a size */
    char name[64];
    jf_images *set;
    size_t size, train, held, batch; /* files; held-out crops; rows a step */
    double zoom;
    jf_matrix test;  /* (held, d) */
    double spectrum; /* bits per dimension of the baseline on test */
} pictures;

/* count crops of files first .. first + files - 1. */
static void crops(const pictures *p, size_t first, size_t files,
                  unsigned long seed, unsigned long step, jf_matrix x)
{
    if (jf_images_batch(p->set, first, files, p->zoom, 8, seed, step, x) !=
        GSL_SUCCESS)
        exit(2);
}

static double spectrum_bits(const pictures *p, unsigned long seed)
{
    size_t d = p->test.cols, count = p->size > 512 ? 8 : SPECTRUM_PICTURES;
    jf_spectrum *s = jf_spectrum_new(p->size, p->size, 3);
    jf_matrix x = jf_matrix_new(1, d);
    double sum = 0, nats;
    for (size_t i = 0; i < count; i++) {
        crops(p, 0, p->train, seed, 1000000 + i, x);
        jf_spectrum_add(s, x.data);
    }
    for (size_t i = 0; i < p->held; i++) {
        if (jf_spectrum_nats(s, jf_row(p->test, i), &nats) != GSL_SUCCESS)
            nats = (double)NAN;
        sum += nats / (double)p->held;
    }
    jf_matrix_free(&x);
    jf_spectrum_free(s);
    return jf_bits_per_dim(sum, d, 8);
}

/* At a size: of the photographs, or of what --data names when they are NULL. */
static pictures pictures_of(const experiment *e, const jf_images *photographs,
                            size_t train, size_t size)
{
    pictures p = {.name = "photographs",
                  .train = train,
                  .size = size,
                  .batch = size > 512   ? 1
                           : size > 128 ? 4
                                        : 16,
                  .held = size > 512   ? 1
                          : size > 128 ? 4
                                       : MAX_HELD,
                  .zoom = size > 512 ? 1 : 2};
    if (photographs) {
        p.set = jf_images_at(photographs, size);
    } else {
        p.set = jf_images_open(e->args.data, size);
        const char *slash = strrchr(e->args.data, '/');
        snprintf(p.name, sizeof p.name, "%.60s",
                 slash && slash[1] ? slash + 1 : "folder");
        if (!p.set)
            exit(2);
        p.zoom = (double)JF_IMAGE_SIDE;
    }
    size_t files = jf_images_count(p.set);
    if (files < 2)
        jf_fail(2, "%s: one picture, expected at least 2: one is held out",
                e->args.data);
    if (!photographs)
        p.train = files - (files + 4) / 5;
    p.test = jf_matrix_new(p.held, size * size * 3);
    crops(&p, p.train, files - p.train, e->args.seed + 77, 0, p.test);
    p.spectrum = spectrum_bits(&p, e->args.seed);
    return p;
}

typedef struct { /* a run */
    const experiment *e;
    const pictures *p;
    recipe r;
    double rate;
    unsigned long seed;
    jf_layer *f;
    jf_table *out;
    size_t point, next, steps;
    double start, first_bits, last_bits;
    int finite;
} run;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void fresh_crops(void *arg, jf_matrix batch, const size_t *rows,
                        size_t step)
{
    const run *r = arg;
    (void)rows;
    crops(r->p, 0, r->p->train, r->seed, step, batch);
}

static double distance(size_t n, const real *a, const real *b)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double gap = (double)a[i] - (double)b[i];
        sum += gap * gap;
    }
    return sqrt(sum);
}

/* The first held-out picture there and back; predicted as the head says. */
static double round_trip(const run *r, const real *theta, double *predicted)
{
    size_t d = r->f->d;
    jf_team *team = r->e->team;
    jf_matrix z = jf_matrix_new(1, d), back = jf_matrix_new(1, d);
    jf_matrix other = jf_matrix_new(1, d), noise = jf_matrix_new(1, d);
    double ld, size = jf_norm(d, r->p->test.data), error;

    memcpy(z.data, r->p->test.data, d * sizeof(real));
    int failed = jf_forward(r->f, theta, z, &ld, team);
    double h = 1e-3 * jf_norm(d, z.data) / sqrt((double)d);
    jf_fill_normal(noise, r->seed, JF_PURPOSE_USER + 700, 0);
    jf_matrix_copy(back, z);
    for (size_t i = 0; i < d; i++)
        other.data[i] = z.data[i] + (real)(h * (double)noise.data[i]);
    failed |= jf_inverse(r->f, theta, back, team);
    failed |= jf_inverse(r->f, theta, other, team);
    error = distance(d, back.data, r->p->test.data) / size;
    /* a rounding of each of 3 layers of 4 steps a level, both ways */
    double layers = 2 * 3 * 4 * (double)levels_of(r->p->size);
    *predicted = failed ? (double)NAN
                        : distance(d, other.data, back.data) / size / 1e-3 *
                              0.5 * (double)JF_EPS * layers;
    jf_matrix_free(&noise);
    jf_matrix_free(&other);
    jf_matrix_free(&back);
    jf_matrix_free(&z);
    return failed ? (double)INFINITY : error;
}

/* A row of the table. */
static void record(run *r, size_t step, const real *theta, double gradient)
{
    size_t d = r->f->d;
    jf_latent q = jf_normal();
    jf_likelihood value = {.nll = (double)NAN};
    struct rusage usage;
    double elapsed = now() - r->start, predicted;

    if (jf_nll(r->f, &q, theta, r->p->test, &value, NULL, r->e->team) !=
        GSL_SUCCESS)
        value.nll = (double)NAN;
    double error = round_trip(r, theta, &predicted);
    getrusage(RUSAGE_SELF, &usage);
    r->last_bits = jf_bits_per_dim(-value.nll, d, 8);
    if (r->next++ == 0)
        r->first_bits = r->last_bits;
    jf_table_row(
        r->out, r->point,
        "%s,%zu,%s,%lu,%zu," JF_G "," JF_G "," JF_G "," JF_G
        ",%.3f,%.1f,%g," JF_G "," JF_G,
        r->p->name, r->p->size, recipe_names[r->r], r->seed, step, r->last_bits,
        gradient / (double)d, value.log_abs_det / (double)d, error, elapsed,
        (double)usage.ru_maxrss / 1024, r->rate, r->p->spectrum, predicted);
    r->start += now() - r->start - elapsed; /* evaluation is not training */
}

static int watch(void *arg, const jf_fit_point *point)
{
    run *r = arg;
    record(r, point->step - 1, point->theta, point->gradient_norm);
    return 0;
}

/* log|det| a dimension by level, at the end. */
static void write_levels(const run *r, const real *theta, jf_table *levels)
{
    jf_matrix x = jf_matrix_new(1, r->f->d);
    memcpy(x.data, r->p->test.data, r->f->d * sizeof(real));
    for (size_t l = 0; l < jf_flow_length(r->f); l++) {
        jf_part part = jf_flow_part(r->f, l);
        double ld;
        if (jf_forward(part.layer, theta + part.first, x, &ld, r->e->team) !=
            GSL_SUCCESS)
            ld = (double)NAN;
        jf_table_row(levels, r->point, "%s,%zu,%s,%lu,%g,%zu," JF_G, r->p->name,
                     r->p->size, recipe_names[r->r], r->seed, r->rate, l + 1,
                     ld / (double)r->f->d);
    }
    jf_matrix_free(&x);
}

/* Held-out crops, their reconstructions, and samples at four temperatures. */
static void write_samples(const run *r, const real *theta)
{
    enum { COLUMNS = 6, ROWS = 6 };
    static const double temperature[] = {0, 0.5, 0.7, 1};
    size_t size = r->p->size, d = r->f->d;
    jf_image grid[ROWS * COLUMNS];
    jf_matrix z = jf_matrix_new(ROWS * COLUMNS, d);
    double ld[COLUMNS];
    jf_text path = {0};

    if (r->p->held < COLUMNS)
        return;
    jf_matrix shown = jf_rows(z, 0, COLUMNS);
    jf_matrix_copy(jf_rows(z, COLUMNS, COLUMNS),
                   jf_rows(r->p->test, 0, COLUMNS));
    jf_matrix_copy(shown, jf_rows(r->p->test, 0, COLUMNS));
    int failed =
        jf_forward(r->f, theta, jf_rows(z, COLUMNS, COLUMNS), ld, r->e->team);
    jf_fill_normal(jf_rows(z, 2 * COLUMNS, 4 * COLUMNS), r->seed,
                   JF_PURPOSE_USER + 701, 0);
    for (size_t i = 2 * COLUMNS; i < ROWS * COLUMNS; i++)
        for (size_t j = 0; j < d; j++)
            jf_row(z, i)[j] *= (real)temperature[i / COLUMNS - 2];
    failed |=
        jf_inverse(r->f, theta, jf_rows(z, COLUMNS, 5 * COLUMNS), r->e->team);
    size_t made = 0;
    for (; made < ROWS * COLUMNS && !failed; made++)
        if (jf_image_of(jf_row(z, made), size, size, 3, &grid[made]) !=
            GSL_SUCCESS)
            break;
    jf_text_add(&path, "%s/highres-samples.png", r->e->args.out);
    if (made == ROWS * COLUMNS)
        jf_image_write_grid(path.data, grid, ROWS * COLUMNS, COLUMNS);
    for (size_t i = 0; i < made; i++)
        jf_image_free(&grid[i]);
    free(path.data);
    jf_matrix_free(&z);
}

static void train(run *r, jf_table *ends, jf_table *levels)
{
    jf_matrix x = jf_matrix_new(r->p->batch, r->p->test.cols);
    jf_latent q = jf_normal();
    jf_fit_result fit;
    size_t d = r->p->test.cols;

    r->f = highres_flow(r->r, r->p->size, 0);
    real *theta = jf_theta_new(r->f);
    crops(r->p, 0, r->p->train, r->seed, 0, x);
    if (jf_init(r->f, theta, x, r->seed, r->e->team) != GSL_SUCCESS)
        jf_fail(1, "highres: initialisation failed");
    r->start = now();
    jf_fit(r->f, &q, theta, x,
           &(jf_fit_options){
               .steps = r->steps,
               .rate = r->rate,
               .schedule = {JF_CONSTANT, r->r == PRINCIPLES ? 10 : 0, 0, 0, 0},
               .clip = r->r == PRINCIPLES ? 0.004 * (double)d : 0,
               .seed = r->seed,
               .prepare = fresh_crops,
               .prepare_arg = r,
               .trace = watch,
               .trace_arg = r,
               .trace_every = r->steps / RECORDS + 1},
           &fit, r->e->team);
    record(r, fit.step, theta, fit.gradient_norm);
    jf_table_row(ends, r->point,
                 "%s,%zu,%s,%lu,%g,%s,%d," JF_G "," JF_G "," JF_G, r->p->name,
                 r->p->size, recipe_names[r->r], r->seed, r->rate,
                 jf_fit_status_name(fit.status),
                 fit.status == JF_DIVERGED || !(r->last_bits <= 8),
                 r->first_bits, r->last_bits, r->p->spectrum);
    write_levels(r, theta, levels);
    if (r->r == PRINCIPLES && r->rate == rates[0] && r->seed == r->e->args.seed)
        write_samples(r, theta);
    free(theta);
    jf_layer_free(r->f);
    jf_matrix_free(&x);
}

/* Runs: sizes x recipes x rates x seeds; the largest size has one rate and one
 * seed in all but the full profile. */

typedef struct {
    size_t size, rates, seeds, steps;
} scale;

static size_t scales_of(const experiment *e, scale *s)
{
    size_t count = 0;
    if (e->args.size) {
        s[count++] =
            (scale){e->args.size, by_profile(e, 1, 2, 4),
                    by_profile(e, 1, 1, 3), by_profile(e, 25, 60, 2000)};
    } else if (e->args.profile == JF_QUICK) {
        s[count++] = (scale){32, 2, 2, 20};
        s[count++] = (scale){64, 1, 1, 12};
    } else {
        s[count++] =
            (scale){64, by_profile(e, 1, 4, 4), 3, by_profile(e, 1, 80, 4000)};
        s[count++] =
            (scale){256, by_profile(e, 1, 2, 4), 3, by_profile(e, 1, 30, 1000)};
        s[count++] = (scale){1024, by_profile(e, 1, 1, 3),
                             by_profile(e, 1, 1, 3), by_profile(e, 1, 40, 500)};
    }
    return count;
}

static size_t runs_of(const scale *s)
{
    return RECIPES * s->rates * s->seeds;
}

/* The least mean over seeds, by rate, of bits minus those of the baseline, at
 * the first size. */
static double against_spectrum(const scale *s, const jf_table *ends)
{
    double best = (double)INFINITY;
    for (size_t rate = 0; rate < s->rates; rate++) {
        double sum = 0;
        for (size_t i = 0; i < s->seeds; i++) {
            size_t p = (rate * RECIPES + PRINCIPLES) * s->seeds + i;
            sum += (jf_table_number(ends, p, 0, "last_bits") -
                    jf_table_number(ends, p, 0, "spectrum_bits")) /
                   (double)s->seeds;
        }
        best = fmin(best, sum); /* a rate that diverges is left aside */
    }
    return best;
}

/* At most so much, or not run when there are no sizes. */
static void judge_one(const experiment *e, const jf_claim *c, size_t sizes,
                      double measured, double expected)
{
    if (sizes == 0)
        jf_verdict_not_run(e->verdicts, c, NO_PHOTOGRAPHS);
    else
        jf_verdict(e->verdicts, c, measured, JF_AT_MOST, expected, 0);
}

static void judge(const experiment *e, const scale *s, size_t count,
                  const jf_table *ends, const jf_table *out)
{
    double more = -(double)INFINITY, rise = more, trip = more;
    size_t point = 0;
    for (size_t k = 0; k < count; k++)
        for (size_t rate = 0; rate < s[k].rates; rate++) {
            double diverged[RECIPES] = {0};
            for (size_t i = 0; i < RECIPES * s[k].seeds; i++, point++) {
                size_t r = i / s[k].seeds;
                diverged[r] += jf_table_number(ends, point, 0, "diverged");
                double first = jf_table_number(ends, point, 0, "first_bits");
                double last = jf_table_number(ends, point, 0, "last_bits");
                size_t n = jf_table_rows(out, point);
                if (r == PRINCIPLES && rate == 0) {
                    rise = jf_worse(rise, last - first);
                    trip = jf_worse(
                        trip,
                        jf_table_number(out, point, n - 1, "roundtrip_error") /
                            jf_table_number(out, point, n - 1,
                                            "predicted_roundtrip"));
                }
            }
            more = jf_worse(more, diverged[PRINCIPLES] - diverged[PLAIN]);
        }
    jf_claim c = {"C8.H",
                  "with the principles no more runs diverge than plain ones",
                  "every size and rate; criterion in highres/main.c",
                  "largest difference of counts over sizes and rates"};
    judge_one(e, &c, count, more, 0);
    c.statement = "with them every run at the least rate ends below its start";
    c.hypotheses = "held-out bits per dimension, every size and seed";
    c.method = "largest rise";
    judge_one(e, &c, count, rise, 0);
    c = (jf_claim){"C3.7",
                   "the trained flow beats the power-spectrum optimum on "
                   "held-out crops at 64 x 64",
                   "mean over seeds at the best rate, with the principles",
                   "bits per dimension lost to it; at most 0"};
    if (s[0].size == 64 && e->args.profile != JF_QUICK)
        judge_one(e, &c, count,
                  count ? against_spectrum(&s[0], ends) : (double)NAN, 0);
    c = (jf_claim){"C6.3",
                   "float round trips of image flows stay below their "
                   "prediction",
                   "trained with the principles at the least rate",
                   "largest error over prediction"};
    judge_one(e, &c, count, trip, 1);
}

static const char about[] =
    "Do the principles hold at 1024 x 1024 x 3?\n"
    "Glow-type flows on photographs, with the principles and plain.\n"
    "PHOTOGRAPHS=no in the environment leaves them out: not run.\n"
    "With --data FOLDER: any folder of PNG or JPEG files, such as CelebA-HQ.\n"
    "With --size S: that size alone, a multiple of 8.";

int main(int argc, char **argv)
{
    experiment e = {.args = jf_args_read(argc, argv, about, NULL)};
    scale s[3];
    size_t count = scales_of(&e, s), points = 0, done = 0, files = 0;
    jf_images *photographs = NULL;

    gsl_set_error_handler_off(); /* a failed run is a row */
    if (e.args.size % 8 != 0 || e.args.size > 4096)
        jf_fail(2, "--size %zu: expected a multiple of 8 up to 4096",
                e.args.size);
    if (!e.args.data && !photographs_exist())
        count = 0;
    for (size_t k = 0; k < count; k++)
        points += runs_of(&s[k]);
    jf_table *memory = jf_table_new(
        &e.args, "highres-memory",
        "sweep,size,depth,params,params_mib,peak_mib,stored_mib", 1);
    if (!jf_table_has(memory, 0)) {
        highres_memory(&e, memory); /* before any thread */
        jf_table_finish(memory, 0);
    }
    e.team = jf_team_new(e.args.threads);
    e.verdicts = jf_verdicts_new(&e.args);
    if (count && !e.args.data)
        photographs = photographs_open("nature lomiri", &files, e.team);
    jf_table *out = jf_table_new(
        &e.args, "highres",
        "image_set,size,principle_set,seed,step,bits_per_dim,grad_norm,"
        "mean_log_abs_det_per_dim,roundtrip_error,seconds,peak_mib,rate,"
        "spectrum_bits_per_dim,predicted_roundtrip",
        points);
    jf_table *ends = jf_table_new(
        &e.args, "highres-runs",
        "image_set,size,principle_set,seed,rate,status,diverged,first_bits,"
        "last_bits,spectrum_bits",
        points);
    jf_table *levels = jf_table_new(
        &e.args, "highres-levels",
        "image_set,size,principle_set,seed,rate,level,log_abs_det_per_dim",
        points);
    for (size_t k = 0, point = 0; k < count; k++) {
        pictures p = pictures_of(&e, photographs, files, s[k].size);
        for (size_t i = 0; i < runs_of(&s[k]); i++, point++) {
            run r = {.e = &e,
                     .p = &p,
                     .r = (recipe)(i / s[k].seeds % RECIPES),
                     .rate = rates[i / s[k].seeds / RECIPES],
                     .seed = e.args.seed + i % s[k].seeds,
                     .out = out,
                     .point = point,
                     .steps = s[k].steps};
            if (!jf_table_has(out, point) || !jf_table_has(ends, point) ||
                !jf_table_has(levels, point)) {
                train(&r, ends, levels);
                jf_table_finish(out, point);
                jf_table_finish(ends, point);
                jf_table_finish(levels, point);
            }
            jf_progress(&e.args, "high resolution", ++done, points);
        }
        jf_matrix_free(&p.test);
        jf_images_free(p.set);
    }
    judge(&e, s, count, ends, out);
    if (count == 0) {
        jf_table_not_run(out, NO_PHOTOGRAPHS);
        jf_table_not_run(ends, NO_PHOTOGRAPHS);
        jf_table_not_run(levels, NO_PHOTOGRAPHS);
    }
    jf_images_free(photographs);
    jf_table_close(levels);
    jf_table_close(ends);
    jf_table_close(out);
    jf_table_close(memory);
    jf_verdicts_close(e.verdicts);
    jf_tables_done();
    jf_team_free(e.team);
    return 0;
}
