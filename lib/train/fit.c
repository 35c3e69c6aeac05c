/* fit.c -- the training loop.
 *
 * Step t uses batch (t - 1) mod b of epoch (t - 1) div b, where an epoch is a
 * permutation of the rows from the stream (seed, JF_PURPOSE_BATCH, epoch), cut
 * into b = n div batch batches; the rows left over differ by epoch. */
#include "train/fit.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/stream.h"
#include "train/lbfgs.h"
#include "train/store.h"

struct jf_fit_state {
    const char *method;
    size_t n, n_state;
    uint64_t step;                     /* steps taken                     */
    uint64_t checks, waits, best_step; /* validation; waits: without rise */
    double best;                       /* nll on the validation rows      */
    real *optimizer, *best_theta;      /* (n_state, n), (n)               */
};

typedef struct {
    const jf_layer *f;
    const jf_latent *q;
    real *theta;
    jf_const_matrix train;
    jf_fit_options o;
    jf_fit_result *r;
    jf_team *team;
    jf_optimizer optimizer;
    jf_fit_state *s;
    real *grad;
    jf_matrix batch;      /* gathered rows; data NULL: train itself */
    size_t *order, *rows; /* permutation of the epoch; the batch    */
    uint64_t epoch;       /* of order; UINT64_MAX: none yet         */
    jf_stream stream;
    gsl_rng *rng;
    int done;    /* r->status is final */
    int failure; /* of a check, which ends L-BFGS */
} run;

static jf_optimizer optimizer_of(const jf_fit_options *o)
{
    return o->method == JF_ADAM ? jf_adam(o->decay) : jf_sgd(o->momentum);
}

static void set_defaults(jf_fit_options *o, size_t n)
{
    if (!(o->rate > 0))
        o->rate = o->method == JF_ADAM ? 1e-3 : 1e-2;
    if (!o->steps)
        o->steps = o->method == JF_LBFGS ? 20000 : 1000;
    if (!o->batch || o->batch > n)
        o->batch = n;
    if (!o->check_every)
        o->check_every = n / o->batch > 10 ? n / o->batch : 10;
    if (!o->patience)
        o->patience = 10;
    if (!o->trace_every)
        o->trace_every = 1;
}

/* What is no outcome of training: a caller's mistake, or no memory. */
static int is_failure(int code)
{
    return code == GSL_EBADLEN || code == GSL_EINVAL || code == GSL_EFAULT ||
           code == GSL_ENOMEM;
}

/* The loss; that a layer cannot evaluate it is an outcome here, not a failure.
 */
static int evaluate(const run *u, jf_const_matrix x, jf_likelihood *value,
                    real *grad)
{
    jf_error error;
    *value = (jf_likelihood){.nll = (double)NAN};
    jf_error *before = jf_error_divert(&error);
    int code = jf_nll(u->f, u->q, u->theta, x, value, grad, u->team);
    jf_error_divert(before);
    return is_failure(code) ? jf_error_raise(&error) : code;
}

static void stop(run *u, jf_fit_status status)
{
    u->r->status = status;
    u->done = 1;
}

/* The square of the gradient must have room in real, as Adam's has. */
static int has_room(double norm)
{
    double most = sizeof(real) == sizeof(double) ? DBL_MAX : (double)FLT_MAX;
    return norm < sqrt(most);
}

/* Record a divergence that step t meets on x; fails as the search for its cause
 * does. */
static int diverge(run *u, uint64_t t, jf_const_matrix x)
{
    u->r->step = t;
    if (u->batch.data)
        jf_nll_gather(u->f, u->batch, u->team);
    if (isfinite(u->r->value.nll) && has_room(u->r->gradient_norm))
        u->r->culprit.blame = JF_BLAME_BOUND;
    else
        u->r->culprit = jf_find_blame(u->f, u->q, u->theta, x, u->r->value.nll,
                                      u->grad, u->team);
    stop(u, JF_DIVERGED);
    return is_failure(u->r->culprit.code) ? u->r->culprit.code : GSL_SUCCESS;
}

/* The loss, its gradient and norm on x, into the result. */
static int observe(run *u, jf_const_matrix x)
{
    int code = evaluate(u, x, &u->r->value, u->grad);
    if (is_failure(code))
        return code;
    u->r->evaluations++;
    u->r->gradient_norm =
        jf_gradient_norm(u->f->module.n_params, u->grad, u->team);
    if (code != GSL_SUCCESS)
        u->r->value.nll = u->r->gradient_norm = (double)NAN;
    return GSL_SUCCESS;
}

static int is_sound(const run *u)
{
    double nll = u->r->value.nll;
    return isfinite(nll) && has_room(u->r->gradient_norm) &&
           !(u->o.loss_bound > 0 && nll > u->o.loss_bound);
}

/* Fisher and Yates: order := a permutation of n that epoch alone decides. */
static void shuffle(run *u, uint64_t epoch)
{
    size_t n = u->train.rows;
    if (u->epoch == epoch)
        return;
    jf_stream_seek(u->rng, u->o.seed, JF_PURPOSE_BATCH, epoch, 0);
    for (size_t i = 0; i < n; i++)
        u->order[i] = i;
    for (size_t i = n; i > 1; i--) {
        size_t j = gsl_rng_uniform_int(u->rng, i);
        size_t held = u->order[i - 1];
        u->order[i - 1] = u->order[j];
        u->order[j] = held;
    }
    u->epoch = epoch;
}

/* The rows of step t. */
static jf_const_matrix take_batch(run *u, uint64_t t)
{
    size_t n = u->train.rows, size = u->o.batch, batches = n / size;
    const size_t *rows = u->rows;

    if (!u->batch.data)
        return u->train;
    if (size < n) {
        shuffle(u, (t - 1) / batches);
        rows = u->order + (t - 1) % batches * size;
    }
    for (size_t i = 0; i < size; i++)
        memcpy(jf_row(u->batch, i), jf_const_row(u->train, rows[i]),
               u->f->d * sizeof(real));
    if (u->o.prepare)
        u->o.prepare(u->o.prepare_arg, u->batch, rows, t);
    return jf_const(u->batch);
}

/* Look at the validation rows after step t, and keep the best theta.  A
 * density of zero is a bad check; a NaN is a divergence. */
static int look(run *u, uint64_t t)
{
    jf_fit_state *s = u->s;
    jf_likelihood v;

    if (!u->o.validation.rows)
        return GSL_SUCCESS;
    int code = evaluate(u, u->o.validation, &v, NULL);
    if (is_failure(code))
        return code;
    if (code != GSL_SUCCESS || isnan(v.nll)) {
        u->r->step = t;
        u->r->culprit = jf_find_blame(u->f, u->q, u->theta, u->o.validation,
                                      (double)NAN, u->grad, u->team);
        if (is_failure(u->r->culprit.code))
            return u->r->culprit.code;
        u->r->culprit.blame = JF_BLAME_VALIDATION;
        stop(u, JF_DIVERGED);
        return GSL_SUCCESS;
    }
    s->waits++;
    if (!s->checks++ || v.nll < s->best) {
        s->best = v.nll;
        s->best_step = t;
        s->waits = 0;
        memcpy(s->best_theta, u->theta, s->n * sizeof(real));
    }
    return GSL_SUCCESS;
}

/* Every check_every steps, and after the last. */
static int check(run *u, uint64_t t)
{
    if (t % u->o.check_every != 0 && t != u->o.steps)
        return GSL_SUCCESS;
    JF_TRY(look(u, t));
    if (!u->done && u->s->waits >= u->o.patience)
        stop(u, JF_STOPPED_EARLY);
    return GSL_SUCCESS;
}

static void trace(run *u, uint64_t t, double rate)
{
    jf_fit_point p = {.step = t,
                      .value = u->r->value,
                      .gradient_norm = u->r->gradient_norm,
                      .rate = rate,
                      .theta = u->theta};
    if (u->o.trace && (t == 1 || t % u->o.trace_every == 0) &&
        u->o.trace(u->o.trace_arg, &p))
        stop(u, JF_HALTED);
}

static int take_step(run *u)
{
    uint64_t t = u->s->step + 1;
    jf_const_matrix x = take_batch(u, t);
    double rate = jf_schedule_rate(&u->o.schedule, u->o.rate, t, u->o.steps);

    JF_TRY(observe(u, x));
    double norm = u->r->gradient_norm;
    if (!is_sound(u))
        return diverge(u, t, x);
    trace(u, t, rate);
    if (u->done)
        return GSL_SUCCESS;
    if (u->o.batch == u->train.rows && norm <= u->o.gradient_tolerance) {
        stop(u, JF_CONVERGED);
        return GSL_SUCCESS;
    }
    jf_optimizer_step(&u->optimizer, t, rate, jf_clip_scale(norm, u->o.clip),
                      u->f->module.n_params, u->theta, u->s->optimizer, u->grad,
                      u->team);
    u->r->step = u->s->step = t;
    return check(u, t);
}

static int is_paused(const run *u, uint64_t began)
{
    return (u->o.pause && u->s->step >= u->o.pause) ||
           (u->o.due && u->s->step > began && u->o.due(u->o.due_arg));
}

static int run_steps(run *u)
{
    uint64_t began = u->r->step = u->s->step;
    while (!u->done) {
        if (u->s->step >= u->o.steps)
            stop(u, JF_FINISHED);
        else if (is_paused(u, began))
            stop(u, JF_PAUSED);
        else
            JF_TRY(take_step(u));
    }
    return GSL_SUCCESS;
}

/* L-BFGS sees the whole of train. */
static int lbfgs_loss(void *arg, const real *theta, double *value, real *grad)
{
    run *u = arg;
    (void)theta; /* is u->theta */
    int code = evaluate(u, u->train, &u->r->value, grad);
    u->r->evaluations++;
    *value = u->r->value.nll;
    return code;
}

static int lbfgs_trace(void *arg, size_t iteration, size_t evaluations,
                       double value, double norm)
{
    run *u = arg;
    (void)evaluations, (void)value;
    u->r->step = u->s->step = iteration;
    u->r->gradient_norm = norm;
    trace(u, iteration, 0.0);
    if (!u->done)
        u->failure = check(u, iteration);
    return u->done || u->failure != GSL_SUCCESS;
}

static int run_lbfgs(run *u)
{
    static const jf_fit_status meaning[] = {
        [JF_LBFGS_GRADIENT] = JF_CONVERGED,
        [JF_LBFGS_ROUNDING] = JF_CONVERGED,
        [JF_LBFGS_EVALUATIONS] = JF_FINISHED,
        [JF_LBFGS_LINE_SEARCH] = JF_STALLED,
        [JF_LBFGS_NOT_FINITE] = JF_DIVERGED,
        [JF_LBFGS_HALTED] = JF_HALTED};
    jf_lbfgs_options o = {.memory = u->o.memory,
                          .max_evaluations = u->o.steps,
                          .gradient_tolerance = u->o.gradient_tolerance,
                          .stall = u->o.stall,
                          .trace = lbfgs_trace};
    jf_lbfgs_result l;

    JF_TRY(observe(u, u->train));
    if (!is_sound(u))
        return diverge(u, 1, u->train);
    JF_TRY(jf_lbfgs(lbfgs_loss, u, u->f->module.n_params, u->theta, &o, &l));
    JF_TRY(u->failure);
    if (!u->done) { /* theta may be an earlier point than the last tried */
        stop(u, meaning[l.status]);
        JF_TRY(observe(u, u->train));
        JF_TRY(look(u, u->r->step));
    }
    return GSL_SUCCESS;
}

static int set_up(run *u)
{
    size_t n = u->train.rows;
    u->epoch = UINT64_MAX;
    JF_TRY_MEMORY(u->grad = jf_theta_new(u->f));
    if (u->o.method == JF_LBFGS || (u->o.batch == n && !u->o.prepare))
        return GSL_SUCCESS;
    JF_TRY_MEMORY((u->batch = jf_matrix_new(u->o.batch, u->f->d)).data);
    JF_TRY_MEMORY(u->order = jf_alloc(n, sizeof *u->order));
    u->rng = jf_stream_in(&u->stream);
    u->rows = u->order; /* a full batch is in the order of train */
    for (size_t i = 0; i < n; i++)
        u->order[i] = i;
    return GSL_SUCCESS;
}

static void tear_down(run *u)
{
    free(u->grad);
    jf_matrix_free(&u->batch);
    free(u->order);
}

static int check_arguments(const jf_layer *f, jf_const_matrix train,
                           const jf_fit_options *o)
{
    if (train.cols != f->d || train.rows == 0)
        JF_ERROR("train needs rows of the flow's d columns", GSL_EBADLEN);
    if (o->validation.rows && o->validation.cols != f->d)
        JF_ERROR("validation rows differ in d", GSL_EBADLEN);
    if (o->method == JF_LBFGS && (o->state || o->prepare))
        JF_ERROR("L-BFGS carries no state and prepares no batch", GSL_EINVAL);
    const jf_fit_state *s = o->state;
    if (s && (s->n != f->module.n_params ||
              strcmp(s->method, optimizer_of(o).ops->name) != 0))
        JF_ERROR("the state is of another flow or method", GSL_EINVAL);
    return GSL_SUCCESS;
}

/* After the run: the best check is what remains, unless the run goes on or
 * must show where it failed. */
static void conclude(run *u)
{
    const jf_fit_state *s = u->s;
    jf_fit_status status = u->r->status;
    if (!s || !s->checks)
        return;
    u->r->validation = s->best;
    u->r->best_step = s->best_step;
    if (status != JF_PAUSED && status != JF_DIVERGED)
        memcpy(u->theta, s->best_theta, s->n * sizeof(real));
}

int jf_fit(const jf_layer *flow, const jf_latent *latent, real *theta,
           jf_const_matrix train, const jf_fit_options *options,
           jf_fit_result *result, jf_team *team)
{
    run u = {.f = flow,
             .q = latent,
             .theta = theta,
             .train = train,
             .r = result,
             .team = team};

    if (options)
        u.o = *options;
    JF_TRY(check_arguments(flow, train, &u.o));
    *result = (jf_fit_result){
        .validation = (double)NAN,
        .culprit = {JF_BLAME_NONE, (size_t)-1, "-", GSL_SUCCESS}};
    set_defaults(&u.o, train.rows);
    u.optimizer = optimizer_of(&u.o);
    u.s = u.o.state ? u.o.state : jf_fit_state_new(flow, &u.o);
    int code = u.s ? set_up(&u) : GSL_ENOMEM;
    if (code == GSL_SUCCESS && !u.s->checks)
        code = look(&u, u.s->step);
    if (code == GSL_SUCCESS && !u.done)
        code = u.o.method == JF_LBFGS ? run_lbfgs(&u) : run_steps(&u);
    conclude(&u);
    tear_down(&u);
    if (!u.o.state)
        jf_fit_state_free(u.s);
    return code;
}

const char *jf_fit_status_name(jf_fit_status status)
{
    static const char *const names[] = {
        "finished", "converged", "stopped-early", "diverged",
        "stalled",  "paused",    "halted"};
    return names[status];
}

jf_fit_state *jf_fit_state_new(const jf_layer *flow,
                               const jf_fit_options *options)
{
    static const jf_fit_options none = {0};
    jf_optimizer o = optimizer_of(options ? options : &none);
    jf_fit_state *s = jf_alloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->method = o.ops->name;
    s->n = flow->module.n_params;
    s->n_state = o.ops->n_state;
    s->optimizer = jf_alloc(s->n_state * s->n, sizeof(real));
    s->best_theta = jf_theta_new(flow);
    if (s->optimizer && s->best_theta)
        return s;
    jf_fit_state_free(s);
    return NULL;
}

void jf_fit_state_free(jf_fit_state *s)
{
    if (!s)
        return;
    free(s->optimizer);
    free(s->best_theta);
    free(s);
}

size_t jf_fit_state_step(const jf_fit_state *state)
{
    return (size_t)state->step;
}

enum { COUNTERS = 4, SECTIONS = 4 };

/* The sections of a state and then more, to be freed; that of the optimizer is
 * named after it, so that a file of another method has no such section.  NULL:
 * no memory. */
static jf_section *sections_of(const jf_fit_state *s, uint64_t *counters,
                               double *best, const jf_section *more,
                               size_t n_more)
{
    jf_section *out = jf_alloc(SECTIONS + n_more, sizeof *out);
    if (!out)
        return NULL;
    out[0] = (jf_section){.name = s->method,
                          .type = JF_REALS,
                          .count = s->n_state * s->n,
                          .data = s->optimizer};
    out[1] = (jf_section){.name = "best theta",
                          .type = JF_REALS,
                          .count = s->n,
                          .data = s->best_theta};
    out[2] = (jf_section){.name = "step, checks, waits, best step",
                          .type = JF_WORDS,
                          .count = COUNTERS,
                          .data = counters};
    out[3] = (jf_section){
        .name = "best nll", .type = JF_DOUBLES, .count = 1, .data = best};
    if (n_more)
        memcpy(out + SECTIONS, more, n_more * sizeof *more);
    return out;
}

int jf_fit_save_with(const char *path, const jf_layer *flow, const real *theta,
                     const jf_fit_state *s, const jf_section *more,
                     size_t n_more)
{
    uint64_t counters[COUNTERS] = {s->step, s->checks, s->waits, s->best_step};
    double best = s->best;

    if (s->n != flow->module.n_params)
        JF_ERROR("the state is of another flow", GSL_EBADLEN);
    jf_section *all = sections_of(s, counters, &best, more, n_more);
    JF_TRY_MEMORY(all);
    int status = jf_store_save(path, flow, theta, all, SECTIONS + n_more);
    free(all);
    return status;
}

int jf_fit_save(const char *path, const jf_layer *flow, const real *theta,
                const jf_fit_state *s)
{
    return jf_fit_save_with(path, flow, theta, s, NULL, 0);
}

int jf_fit_load_with(const char *path, const jf_layer *flow, real *theta,
                     jf_fit_state *s, const jf_section *more, size_t n_more)
{
    uint64_t counters[COUNTERS];
    jf_fit_state fresh = *s;

    if (s->n != flow->module.n_params)
        JF_ERROR("the state is of another flow", GSL_EBADLEN);
    fresh.optimizer = jf_alloc(s->n_state * s->n, sizeof(real));
    fresh.best_theta = jf_theta_new(flow);
    jf_section *all = sections_of(&fresh, counters, &fresh.best, more, n_more);
    int status = fresh.optimizer && fresh.best_theta && all
                     ? jf_store_load(path, flow, theta, all, SECTIONS + n_more)
                     : GSL_ENOMEM;
    if (status == GSL_SUCCESS) {
        fresh.step = counters[0];
        fresh.checks = counters[1];
        fresh.waits = counters[2];
        fresh.best_step = counters[3];
        jf_fit_state old = *s;
        *s = fresh;
        fresh = old;
    }
    free(all);
    free(fresh.optimizer);
    free(fresh.best_theta);
    return status;
}

int jf_fit_load(const char *path, const jf_layer *flow, real *theta,
                jf_fit_state *s)
{
    return jf_fit_load_with(path, flow, theta, s, NULL, 0);
}
