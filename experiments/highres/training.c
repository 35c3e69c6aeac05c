/* training.c -- one run: training, and what is recorded along it.
 *
 * Training is on crops; what is recorded is of whole held-out pictures, by the
 * flow of their size with the same theta.
 *
 * roundtrip_error: |f^-1(f(x)) - x| / |x| in float, of the first held-out
 * picture.  predicted_roundtrip: of flows with a cosine layer the bound that flow.c
 * proves; of others a relative change of z by 1e-3 in a random direction,
 * brought back, scaled to u and summed over both ways of all layers; of interlaced
 * pixels by 1e-6, since they are steep where a grey level ends, which larger
 * changes step over. */
#include "highres.h"

#include "common/stop.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { RECORDS = 8, RECORDS_LARGE = 3 };

typedef struct {
    const run *r;
    jf_layer *f, *whole; /* for crops; for pictures, perhaps the same */
    real *theta;
    jf_table *out, *stretch;
    double operations; /* of a step */
    progress p;
    double start, kept;         /* by the clock */
    double *nats, *log_abs_det; /* (held), of the last record */
} state;

/* Crops by which rates are compared: none is held out, all runs have the same,
 * by the same noise. */
enum { COMPARED = 4 }; /* batches */

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Before every step: its crops, those that this rank needs, and theta within
 * the budget. */
static void prepare(void *arg, jf_matrix batch, const size_t *rows, size_t step)
{
    const state *s = arg;
    const run *r = s->r;
    size_t first, last;
    (void)rows;
    highres_budget(r->r, s->f, s->theta);
    jf_nll_rows(s->f, batch.rows, r->e->team, &first, &last);
    highres_crops(r->p, highres_grid(r->r, r->p->size), 0, r->seed, step, first,
                  jf_rows(batch, first, last - first));
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

/* As the head says: of a change of z, back being the first picture again. */
static double predict(const run *r, const jf_layer *f, const real *theta,
                      jf_matrix z, jf_matrix back)
{
    size_t d = f->d;
    jf_matrix noise = jf_matrix_new(1, d);
    double share = highres_recipes[r->r].family == PIXELS ? 1e-6 : 1e-3;
    double h = share * jf_norm(d, z.data) / sqrt((double)d);
    /* a rounding of each of 3 layers of 4 steps a level, both ways */
    double layers = 2 * 3 * 4 * (double)highres_levels(r->p->size);
    jf_fill_normal(noise, r->seed, JF_PURPOSE_USER + 700, 0);
    for (size_t i = 0; i < d; i++)
        z.data[i] += (real)(h * (double)noise.data[i]);
    jf_matrix_free(&noise);
    if (jf_inverse(f, theta, z, r->e->team) != GSL_SUCCESS)
        return (double)NAN;
    return distance(d, z.data, back.data) / jf_norm(d, r->p->test.data) /
           share * 0.5 * (double)JF_EPS * layers;
}

/* The first held-out picture there and back. */
static double round_trip(const run *r, const jf_layer *f, const real *theta,
                         double *predicted)
{
    size_t d = f->d;
    jf_matrix z = jf_matrix_new(1, d), back = jf_matrix_new(1, d);
    double ld, size = jf_norm(d, r->p->test.data);
    memcpy(z.data, r->p->test.data, d * sizeof(real));
    int failed = jf_forward(f, theta, z, &ld, r->e->team);
    jf_matrix_copy(back, jf_const(z));
    failed |= jf_inverse(f, theta, back, r->e->team);
    double error = distance(d, back.data, r->p->test.data) / size;
    if (highres_recipes[r->r].family == COSINE)
        *predicted = highres_bound(f, theta, r->p->test.data, r->e->team);
    else
        *predicted = failed ? (double)NAN : predict(r, f, theta, z, back);
    jf_matrix_free(&back);
    jf_matrix_free(&z);
    return failed ? (double)INFINITY : error;
}

/* nats of every held-out picture: each by a rank of its own, or, where there are
 * fewer of them than ranks, by all of these together. */
static void evaluate(const state *s, const real *theta)
{
    const run *r = s->r;
    const jf_ranks *ranks = r->e->args.together;
    jf_latent q = jf_normal();
    size_t first = 0, held = r->p->held, last = held;
    int apart = ranks && held >= ranks->count;
    if (apart)
        jf_ranks_lanes(ranks, held, &first, &last);
    r->e->team->ranks = apart ? NULL : ranks;
    for (size_t i = first; i < last; i++) {
        jf_likelihood value;
        if (jf_nll(s->whole, &q, theta,
                   jf_const_rows(jf_const(r->p->test), i, 1), &value, NULL,
                   r->e->team) != GSL_SUCCESS)
            value.nll = value.log_abs_det = (double)NAN;
        s->nats[i] = -value.nll;
        s->log_abs_det[i] = value.log_abs_det;
    }
    r->e->team->ranks = ranks;
    if (!apart)
        return;
    jf_ranks_gather(ranks, held, held, sizeof *s->nats, s->nats);
    jf_ranks_gather(ranks, held, held, sizeof *s->log_abs_det, s->log_abs_det);
}

static void record(state *s, size_t step, const real *theta, double gradient)
{
    const run *r = s->r;
    double elapsed = now() - s->start, predicted;
    struct rusage usage;
    size_t d = r->p->test.cols;
    evaluate(s, theta);
    double error = round_trip(r, s->whole, theta, &predicted);
    getrusage(RUSAGE_SELF, &usage);
    for (size_t k = 0; k < r->p->n_sets; k++) {
        const picture_set *set = &r->p->sets[k];
        double ld = 0;
        for (size_t i = set->first; i < set->first + set->count; i++)
            ld += s->log_abs_det[i] / (double)set->count;
        s->p.last_bits[k] = highres_mean_bits(r->p, set, s->nats);
        if (s->p.next == 0)
            s->p.first_bits[k] = s->p.last_bits[k];
        jf_table_row(s->out, r->point,
                     "%s,%zu,%s,%lu,%zu," JF_G "," JF_G "," JF_G "," JF_G
                     ",%.3f,%.1f,%g," JF_G "," JF_G ",%.6g," JF_G,
                     set->name, r->p->size, highres_recipes[r->r].name, r->seed,
                     step, s->p.last_bits[k], gradient / (double)s->f->d,
                     ld / (double)d, error, elapsed,
                     (double)usage.ru_maxrss / 1024, r->rate, set->spectrum,
                     predicted, s->operations * (double)step, set->png);
    }
    s->p.next++;
    if (s->stretch)
        highres_stretch(r, s->f, theta, step, s->stretch);
    s->start += now() - s->start - elapsed; /* evaluation is not training */
}

static int watch(void *arg, const jf_fit_point *point)
{
    state *s = arg;
    const run *r = s->r;
    size_t step = point->step - 1;
    int wanted = !r->at;
    for (size_t i = 0; r->at && i < r->n_at; i++)
        wanted |= step == r->at[i];
    if (wanted)
        record(s, step, point->theta, point->gradient_norm);
    return 0;
}

/* log|det| a dimension by level, at the end, of the first held-out picture. */
static void write_levels(const state *s, jf_table *levels)
{
    const run *r = s->r;
    jf_matrix x = jf_matrix_new(1, s->whole->d);
    memcpy(x.data, r->p->test.data, x.cols * sizeof(real));
    for (size_t l = 0; l < jf_flow_length(s->whole); l++) {
        jf_part part = jf_flow_part(s->whole, l);
        double ld;
        if (jf_forward(part.layer, s->theta + part.first, x, &ld, r->e->team) !=
            GSL_SUCCESS)
            ld = (double)NAN;
        jf_table_row(levels, r->point, "%s,%zu,%s,%lu,%g,%zu," JF_G,
                     r->p->sets[0].name, r->p->size, highres_recipes[r->r].name,
                     r->seed, r->rate, l + 1, ld / (double)x.cols);
    }
    jf_matrix_free(&x);
}

/* Bits a dimension of training crops, one picture after another. */
static double training_bits(const state *s)
{
    const run *r = s->r;
    jf_latent q = jf_normal();
    jf_matrix x = jf_matrix_new(COMPARED * r->p->batch, s->f->d);
    jf_likelihood value;
    highres_crops(r->p, 1, 1, r->e->args.seed + 78, 0, 0, x);
    int status =
        jf_nll(s->f, &q, s->theta, jf_const(x), &value, NULL, r->e->team);
    jf_matrix_free(&x);
    return status == GSL_SUCCESS ? jf_bits_per_dim(-value.nll, s->f->d, 8)
                                 : (double)NAN;
}

/* Of every set the end, and of every held-out picture its bits. */
static void write_end(const state *s, const jf_fit_result *fit, tables *t)
{
    const run *r = s->r;
    const char *name = highres_recipes[r->r].name;
    double trained = training_bits(s);
    for (size_t k = 0; k < r->p->n_sets; k++) {
        const picture_set *set = &r->p->sets[k];
        int diverged = fit->status == JF_DIVERGED ||
                       !(s->p.last_bits[k] <= fmax(8, s->p.first_bits[k]));
        jf_table_row(t->ends, r->point,
                     "%s,%zu,%s,%lu,%g,%s,%d," JF_G "," JF_G "," JF_G "," JF_G
                     "," JF_G "," JF_G "," JF_G ",%zu,%.6g," JF_G,
                     set->name, r->p->size, name, r->seed, r->rate,
                     jf_fit_status_name(fit->status), diverged,
                     s->p.first_bits[k], s->p.last_bits[k], set->spectrum,
                     set->circular, set->reflecting, set->start, set->png,
                     fit->step, s->operations * (double)fit->step, trained);
        for (size_t i = 0; i < set->count; i++)
            jf_table_row(
                t->codecs, r->point, "%s,%zu,%zu,%s,%lu," JF_G ",%g", set->name,
                i, r->p->size, name, r->seed,
                jf_bits_per_dim(s->nats[set->first + i], r->p->test.cols, 8),
                r->rate);
    }
}

/* Values are those of pixels, 0 .. 255, with noise: over 256 by a layer of its
 * own, since units of every column would be 50 MB at the largest size. */
static void save(const state *s)
{
    const run *r = s->r;
    size_t d = s->whole->d, size = r->p->size;
    jf_layer *f = jf_flow_new(d);
    jf_flow_add(f, jf_scale(d));
    jf_flow_add(f, highres_flow(r->r, size, size, 0));
    real *theta = jf_theta_new(f);
    theta[0] = (real)-log(256);
    memcpy(theta + 1, s->theta, s->whole->module.n_params * sizeof *theta);
    jf_model m = {.flow = f, .theta = theta, .base = jf_normal(), .noise = 1};
    experiment_save(r->save, &m);
    free(theta);
    jf_layer_free(f);
}

/* theta of the start: where a flow starts at an optimum, of many crops. */
static void start(const state *s)
{
    enum { ROWS = 64 };
    const run *r = s->r;
    const recipe_kind *kind = &highres_recipes[r->r];
    jf_matrix x = jf_matrix_new(kind->starts ? ROWS : r->p->batch, s->f->d);
    highres_crops(r->p, highres_grid(r->r, r->p->size), kind->starts, r->seed,
                  0, 0, x);
    if (highres_start(r->r, s->f, s->theta, x, r->seed, r->e->team) !=
        GSL_SUCCESS)
        jf_fail(1, "highres: initialisation failed");
    jf_matrix_free(&x);
}

enum { KEEP = 60 }; /* seconds of training that a lost machine costs */

static int is_due(void *arg)
{
    const state *s = arg;
    return jf_stop_asked() || now() - s->kept > KEEP;
}

/* From the start or from where it was; 0: it is to stop here, and is kept. */
static int fit_on(state *s, const jf_fit_options *o, const tables *t,
                  jf_const_matrix x, jf_fit_result *fit)
{
    const run *r = s->r;
    jf_latent q = jf_normal();
    if (!highres_resume(r, s->f, s->theta, o->state, &s->p, t))
        start(s);
    s->kept = now();
    s->start = s->kept - s->p.elapsed;
    for (;;) {
        jf_fit(s->f, &q, s->theta, x, o, fit, r->e->team);
        if (fit->status != JF_PAUSED)
            return 1;
        s->kept = now();
        s->p.elapsed = s->kept - s->start;
        highres_keep(r, s->f, s->theta, o->state, &s->p, t);
        if (jf_stop_reason())
            return 0;
    }
}

int highres_train(const run *r, tables *t)
{
    const recipe_kind *kind = &highres_recipes[r->r];
    size_t size = r->p->size, side = r->p->side, d = 3 * side * side;
    jf_matrix x = jf_matrix_new(r->p->batch, d);
    jf_layer *f = highres_flow(r->r, size, side, 0);
    jf_layer *whole = side < size ? highres_flow(r->r, size, size, 0) : f;
    state s = {.r = r,
               .f = f,
               .whole = whole,
               .theta = jf_theta_new(f),
               .out = t->steps,
               .stretch = t->stretch,
               .operations = highres_operations(r->r, size, side, x.rows),
               .nats = jf_alloc(r->p->held, sizeof(double)),
               .log_abs_det = jf_alloc(r->p->held, sizeof(double))};
    size_t records = size > CROP ? RECORDS_LARGE : RECORDS;
    jf_fit_result fit;

    jf_fit_options o = {
        .steps = r->steps,
        .rate = r->rate,
        .schedule = {.kind = kind->family != GLOW && !r->constant ? JF_COSINE
                                                                  : JF_CONSTANT,
                     .warmup = kind->warm ? 10 : 0},
        .clip = kind->clip ? 0.004 * (double)d : 0,
        .seed = r->seed,
        .prepare = prepare,
        .prepare_arg = &s,
        .trace = watch,
        .trace_arg = &s,
        .trace_every = r->at ? 1 : r->steps / records + 1,
        .due = is_due,
        .due_arg = &s};
    o.state = jf_fit_state_new(f, &o);
    int finished = fit_on(&s, &o, t, jf_const(x), &fit);
    if (finished) {
        highres_budget(r->r, f, s.theta);
        record(&s, fit.step, s.theta, fit.gradient_norm);
        write_end(&s, &fit, t);
        write_levels(&s, t->levels);
        if (r->save && *r->save)
            save(&s);
        if (r->samples)
            highres_samples(r, f, s.theta);
    }
    jf_fit_state_free(o.state);
    free(s.log_abs_det);
    free(s.nats);
    free(s.theta);
    if (whole != f)
        jf_layer_free(whole);
    jf_layer_free(f);
    jf_matrix_free(&x);
    return finished;
}
