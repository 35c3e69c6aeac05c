/* pass.c -- the calls on any layer. */
#include "layer/pass.h"

#include <string.h>

#include "base/error.h"
#include "base/stream.h"

int jf_check_columns(const jf_layer *f, jf_const_matrix x)
{
    if (!f)
        return jf_error_missing("no flow");
    if (f->module.status != GSL_SUCCESS)
        JF_ERROR("a layer of the flow is missing", f->module.status);
    if (x.cols != f->d || (x.rows > 1 && x.stride < x.cols))
        JF_ERROR("rows do not have the flow's d columns", GSL_EBADLEN);
    return GSL_SUCCESS;
}

size_t jf_chunk_rows(const jf_layer *f)
{
    enum { CHUNK_REALS = 1 << 20 };
    size_t rows = CHUNK_REALS / (f->d ? f->d : 1);
    return rows < 1 ? 1 : rows > JF_CHUNK ? JF_CHUNK : rows;
}

int jf_cuts_rows(const jf_layer *f)
{
    return f->positions >= JF_CHUNK;
}

real *jf_theta_new(const jf_layer *f)
{
    if (!f) {
        jf_error_missing("no flow");
        return NULL;
    }
    return jf_alloc(f->module.n_params, sizeof(real));
}

struct weights {
    const jf_layer *f;
    const real *theta;
    int forward_only;
    jf_team *team;
    jf_weights *w;
};

static int push_weights(void *arg, jf_work *work)
{
    const struct weights *c = arg;
    real *derived = jf_push(work, c->f->module.n_derived);
    *c->w = (jf_weights){c->theta, derived};
    work->team = c->team;
    work->forward_only = c->forward_only;
    JF_TRY(jf_prepare(&c->f->module, c->theta, derived, work));
    work->forward_only = 0;
    work->team = NULL;
    return GSL_SUCCESS;
}

int jf_weights_push(const jf_layer *f, const real *theta, int forward_only,
                    jf_weights *w, jf_team *team)
{
    struct weights c = {f, theta, forward_only, team, w};
    return jf_work_run(team->work[0], push_weights, &c);
}

struct start {
    const jf_layer *f;
    real *theta;
    jf_const_matrix x;
    gsl_rng *rng;
};

static int start(void *arg, jf_work *work)
{
    const struct start *c = arg;
    return jf_layer_init(c->f, c->theta, c->x, c->rng, work);
}

int jf_init(const jf_layer *f, real *theta, jf_const_matrix x,
            unsigned long seed, jf_team *team)
{
    JF_TRY(jf_check_columns(f, x));
    if (x.rows == 0)
        JF_ERROR("initialisation needs at least one row", GSL_EBADLEN);
    jf_work *work = team->work[0];
    size_t depth = work->depth;
    jf_stream stream;
    struct start c = {f, theta, x, jf_stream_in(&stream)};
    jf_stream_seek(c.rng, seed, JF_PURPOSE_INIT, 0, 0);
    work->tape = JF_TAPE_NONE;
    work->team = team;
    int status = jf_work_run(work, start, &c);
    work->team = NULL;
    jf_work_release(work, depth);
    return status;
}

struct rows {
    const jf_layer *f;
    jf_weights w;
    jf_matrix x;
    double *log_abs_det; /* NULL: inverse */
};

static int run_rows(void *arg, size_t lane, size_t first, size_t count,
                    jf_work *work)
{
    const struct rows *r = arg;
    size_t depth = work->depth, chunk = jf_chunk_rows(r->f);
    int status = GSL_SUCCESS;
    (void)lane;

    work->tape = JF_TAPE_NONE;
    for (size_t i = 0; i < count && status == GSL_SUCCESS; i += chunk) {
        size_t n = count - i < chunk ? count - i : chunk;
        jf_matrix x = jf_rows(r->x, first + i, n);
        double *ld = r->log_abs_det ? r->log_abs_det + first + i : NULL;
        if (ld) {
            memset(ld, 0, n * sizeof *ld);
            status = r->f->ops->forward(r->f, r->w, x, ld, work);
        } else {
            status = r->f->ops->inverse(r->f, r->w, x, work);
        }
    }
    jf_work_release(work, depth);
    return status;
}

static int run(const jf_layer *f, const real *theta, jf_matrix x,
               double *log_abs_det, jf_team *team)
{
    struct rows r = {.f = f, .x = x, .log_abs_det = log_abs_det};
    JF_TRY(jf_check_columns(f, jf_const(x)));
    JF_TRY(jf_weights_push(f, theta, log_abs_det != NULL, &r.w, team));
    size_t lanes = jf_cuts_rows(f) ? 1 : jf_lanes(x.rows, JF_LANE_ROWS);
    team->work[0]->team = lanes == 1 ? team : NULL;
    int status = jf_team_run(team, x.rows, lanes, run_rows, &r);
    team->work[0]->team = NULL;
    jf_pop(team->work[0], r.w.derived);
    return status;
}

int jf_forward(const jf_layer *f, const real *theta, jf_matrix x,
               double *log_abs_det, jf_team *team)
{
    if (!log_abs_det)
        JF_ERROR("log_abs_det (n) is required", GSL_EFAULT);
    return run(f, theta, x, log_abs_det, team);
}

int jf_inverse(const jf_layer *f, const real *theta, jf_matrix z, jf_team *team)
{
    return run(f, theta, z, NULL, team);
}

struct product {
    const jf_layer *f;
    const real *theta;
    jf_matrix x, dz;
    const double *d_log_abs_det;
    real *grad;
    jf_tape tape;
    jf_team *team;
};

static int product(void *arg, jf_work *work)
{
    const struct product *c = arg;
    const jf_layer *f = c->f;
    jf_weights w;
    JF_TRY(jf_weights_push(f, c->theta, c->tape == JF_TAPE_FULL, &w, c->team));
    real *d_derived = jf_push(work, f->module.n_pulled);
    double *unused = jf_push_bytes(work, c->x.rows * sizeof *unused);
    memset(d_derived, 0, f->module.n_pulled * sizeof *d_derived);
    memset(unused, 0, c->x.rows * sizeof *unused);
    work->tape = c->tape;
    work->team = c->team;
    JF_TRY(f->ops->forward(f, w, c->x, unused, work));
    JF_TRY(f->ops->backward(f, w, c->x, c->dz, c->d_log_abs_det,
                            (jf_grad){c->grad, d_derived, 0}, work));
    return jf_pull(&f->module, w, d_derived, c->grad, work);
}

int jf_vjp(const jf_layer *f, const real *theta, jf_matrix x, jf_matrix dz,
           const double *d_log_abs_det, real *grad, jf_tape tape, jf_team *team)
{
    struct product c = {f, theta, x, dz, d_log_abs_det, grad, tape, team};
    jf_work *work = team->work[0];
    size_t depth = work->depth;

    JF_TRY(jf_check_columns(f, jf_const(x)));
    JF_TRY(jf_check_columns(f, jf_const(dz)));
    if (x.rows != dz.rows)
        JF_ERROR("x and dz differ in rows", GSL_EBADLEN);
    if (tape == JF_TAPE_NONE)
        JF_ERROR("backward needs a tape, lean or full", GSL_EINVAL);
    int status = jf_work_run(work, product, &c);
    work->team = NULL;
    jf_work_release(work, depth);
    work->tape = JF_TAPE_NONE;
    return status;
}
