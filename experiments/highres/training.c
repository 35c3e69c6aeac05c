/* training.c -- one run: training, and what is recorded along it.
 *
 * roundtrip_error: |f^-1(f(x)) - x| / |x| in float, of the first held-out
 * picture; predicted_roundtrip: a relative change of z by 1e-3 in a random
 * direction, brought back, scaled to u and summed over both ways of all
 * layers. */
#include "highres.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { RECORDS = 10 };

typedef struct {
    const run *r;
    jf_layer *f;
    jf_table *out;
    size_t next; /* row */
    double start, first_bits, last_bits;
} state;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void fresh_crops(void *arg, jf_matrix batch, const size_t *rows,
                        size_t step)
{
    const state *s = arg;
    const run *r = s->r;
    (void)rows;
    highres_crops(r->p, 0, r->p->train, r->seed, step, batch);
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
static double round_trip(const run *r, const jf_layer *f, const real *theta,
                         double *predicted)
{
    size_t d = f->d;
    jf_team *team = r->e->team;
    jf_matrix z = jf_matrix_new(1, d), back = jf_matrix_new(1, d);
    jf_matrix other = jf_matrix_new(1, d), noise = jf_matrix_new(1, d);
    double ld, size = jf_norm(d, r->p->test.data), error;

    memcpy(z.data, r->p->test.data, d * sizeof(real));
    int failed = jf_forward(f, theta, z, &ld, team);
    double h = 1e-3 * jf_norm(d, z.data) / sqrt((double)d);
    jf_fill_normal(noise, r->seed, JF_PURPOSE_USER + 700, 0);
    jf_matrix_copy(back, jf_const(z));
    for (size_t i = 0; i < d; i++)
        other.data[i] = z.data[i] + (real)(h * (double)noise.data[i]);
    failed |= jf_inverse(f, theta, back, team);
    failed |= jf_inverse(f, theta, other, team);
    error = distance(d, back.data, r->p->test.data) / size;
    /* a rounding of each of 3 layers of 4 steps a level, both ways */
    double layers = 2 * 3 * 4 * (double)highres_levels(r->p->size);
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
static void record(state *s, size_t step, const real *theta, double gradient)
{
    const run *r = s->r;
    size_t d = s->f->d;
    jf_latent q = jf_normal();
    jf_likelihood value = {.nll = (double)NAN};
    struct rusage usage;
    double elapsed = now() - s->start, predicted;

    if (jf_nll(s->f, &q, theta, jf_const(r->p->test), &value, NULL,
               r->e->team) != GSL_SUCCESS)
        value.nll = (double)NAN;
    double error = round_trip(r, s->f, theta, &predicted);
    getrusage(RUSAGE_SELF, &usage);
    s->last_bits = jf_bits_per_dim(-value.nll, d, 8);
    if (s->next++ == 0)
        s->first_bits = s->last_bits;
    jf_table_row(
        s->out, r->point,
        "%s,%zu,%s,%lu,%zu," JF_G "," JF_G "," JF_G "," JF_G
        ",%.3f,%.1f,%g," JF_G "," JF_G,
        r->p->name, r->p->size, recipe_names[r->r], r->seed, step, s->last_bits,
        gradient / (double)d, value.log_abs_det / (double)d, error, elapsed,
        (double)usage.ru_maxrss / 1024, r->rate, r->p->spectrum, predicted);
    s->start += now() - s->start - elapsed; /* evaluation is not training */
}

static int watch(void *arg, const jf_fit_point *point)
{
    state *s = arg;
    record(s, point->step - 1, point->theta, point->gradient_norm);
    return 0;
}

/* log|det| a dimension by level, at the end. */
static void write_levels(const run *r, const jf_layer *f, const real *theta,
                         jf_table *levels)
{
    jf_matrix x = jf_matrix_new(1, f->d);
    memcpy(x.data, r->p->test.data, f->d * sizeof(real));
    for (size_t l = 0; l < jf_flow_length(f); l++) {
        jf_part part = jf_flow_part(f, l);
        double ld;
        if (jf_forward(part.layer, theta + part.first, x, &ld, r->e->team) !=
            GSL_SUCCESS)
            ld = (double)NAN;
        jf_table_row(levels, r->point, "%s,%zu,%s,%lu,%g,%zu," JF_G, r->p->name,
                     r->p->size, recipe_names[r->r], r->seed, r->rate, l + 1,
                     ld / (double)f->d);
    }
    jf_matrix_free(&x);
}

/* Values are those of pixels, 0 .. 255 with noise, over 256. */
static void save(const run *r, jf_layer *f, real *theta)
{
    double *units = jf_alloc(2 * f->d, sizeof *units);
    jf_model m = {.flow = f,
                  .theta = theta,
                  .base = jf_normal(),
                  .mean = units,
                  .scale = units + f->d,
                  .noise = 1};
    for (size_t j = 0; j < f->d; j++)
        m.scale[j] = 256;
    experiment_save(r->save, &m);
    free(units);
}

void highres_train(const run *r, tables *t)
{
    size_t d = r->p->test.cols;
    jf_matrix x = jf_matrix_new(r->p->batch, d);
    jf_layer *f = highres_flow(r->r, r->p->size, 0);
    real *theta = jf_theta_new(f);
    jf_latent q = jf_normal();
    state s = {.r = r, .f = f, .out = t->steps};
    jf_fit_result fit;

    highres_crops(r->p, 0, r->p->train, r->seed, 0, x);
    if (jf_init(f, theta, jf_const(x), r->seed, r->e->team) != GSL_SUCCESS)
        jf_fail(1, "highres: initialisation failed");
    s.start = now();
    jf_fit(f, &q, theta, jf_const(x),
           &(jf_fit_options){
               .steps = r->steps,
               .rate = r->rate,
               .schedule = {JF_CONSTANT, r->r == PRINCIPLES ? 10 : 0, 0, 0, 0},
               .clip = r->r == PRINCIPLES ? 0.004 * (double)d : 0,
               .seed = r->seed,
               .prepare = fresh_crops,
               .prepare_arg = &s,
               .trace = watch,
               .trace_arg = &s,
               .trace_every = r->steps / RECORDS + 1},
           &fit, r->e->team);
    record(&s, fit.step, theta, fit.gradient_norm);
    jf_table_row(
        t->ends, r->point, "%s,%zu,%s,%lu,%g,%s,%d," JF_G "," JF_G "," JF_G,
        r->p->name, r->p->size, recipe_names[r->r], r->seed, r->rate,
        jf_fit_status_name(fit.status),
        fit.status == JF_DIVERGED || !(s.last_bits <= fmax(8, s.first_bits)),
        s.first_bits, s.last_bits, r->p->spectrum);
    write_levels(r, f, theta, t->levels);
    if (r->save && *r->save)
        save(r, f, theta);
    if (r->samples)
        highres_samples(r, f, theta);
    free(theta);
    jf_layer_free(f);
    jf_matrix_free(&x);
}
