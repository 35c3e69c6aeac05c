/* pass.c -- the calls on any layer. */
#include "layer/pass.h"

#include <string.h>

#include "base/error.h"
#include "base/stream.h"

int jf_check_columns(const jf_layer *f, jf_const_matrix x)
{
    if (x.cols != f->d || (x.rows > 1 && x.stride < x.cols))
        GSL_ERROR("rows do not have the flow's d columns", GSL_EBADLEN);
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
    return jf_alloc(f->module.n_params, sizeof(real));
}

int jf_weights_push(const jf_layer *f, const real *theta, int forward_only,
                    jf_weights *w, jf_team *team)
{
    jf_work *work = team->work[0];
    real *derived = jf_push(work, f->module.n_derived);
    size_t depth = work->depth;
    *w = (jf_weights){theta, derived};
    work->team = team;
    work->forward_only = forward_only;
    int status = jf_prepare(&f->module, theta, derived, work);
    work->forward_only = 0;
    work->team = NULL;
    if (status != GSL_SUCCESS)
        jf_work_release(work, depth - 1);
    return status;
}

int jf_init(const jf_layer *f, real *theta, jf_const_matrix x,
            unsigned long seed, jf_team *team)
{
    JF_TRY(jf_check_columns(f, x));
    if (x.rows == 0)
        GSL_ERROR("initialisation needs at least one row", GSL_EBADLEN);
    jf_work *work = team->work[0];
    size_t depth = work->depth;
    gsl_rng *rng = jf_stream_new();
    jf_stream_seek(rng, seed, JF_PURPOSE_INIT, 0, 0);
    work->tape = JF_TAPE_NONE;
    work->team = team;
    int status = jf_layer_init(f, theta, x, rng, work);
    work->team = NULL;
    jf_work_release(work, depth);
    gsl_rng_free(rng);
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
        GSL_ERROR("log_abs_det (n) is required", GSL_EFAULT);
    return run(f, theta, x, log_abs_det, team);
}

int jf_inverse(const jf_layer *f, const real *theta, jf_matrix z, jf_team *team)
{
    return run(f, theta, z, NULL, team);
}

int jf_vjp(const jf_layer *f, const real *theta, jf_matrix x, jf_matrix dz,
           const double *d_log_abs_det, real *grad, jf_tape tape, jf_team *team)
{
    jf_weights w;
    jf_work *work = team->work[0];
    size_t depth = work->depth;

    JF_TRY(jf_check_columns(f, jf_const(x)));
    JF_TRY(jf_check_columns(f, jf_const(dz)));
    if (x.rows != dz.rows)
        GSL_ERROR("x and dz differ in rows", GSL_EBADLEN);
    if (tape == JF_TAPE_NONE)
        GSL_ERROR("backward needs a tape, lean or full", GSL_EINVAL);
    JF_TRY(jf_weights_push(f, theta, tape == JF_TAPE_FULL, &w, team));
    real *d_derived = jf_push(work, f->module.n_pulled);
    double *unused = jf_push_bytes(work, x.rows * sizeof *unused);
    memset(d_derived, 0, f->module.n_pulled * sizeof *d_derived);
    memset(unused, 0, x.rows * sizeof *unused);
    work->tape = tape;
    work->team = team;
    int status = f->ops->forward(f, w, x, unused, work);
    if (status == GSL_SUCCESS)
        status = f->ops->backward(f, w, x, dz, d_log_abs_det,
                                  (jf_grad){grad, d_derived, 0}, work);
    if (status == GSL_SUCCESS)
        status = jf_pull(&f->module, w, d_derived, grad, work);
    work->team = NULL;
    jf_work_release(work, depth);
    work->tape = JF_TAPE_NONE;
    return status;
}
