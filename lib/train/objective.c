/* objective.c -- -log p(x) = -log q(f(x)) - log |det df/dx|, its mean over
 * rows and its gradient.
 *
 * Rows run in lanes of chunks.  Each lane adds its gradient into a vector of
 * its own on its own stack, the first one into the caller's, and the vectors
 * are added in lane order, so the result does not depend on the number of
 * threads.  Ranks have a part of the lanes each, and afterwards all of the
 * result.  Small images that a flow cuts for the team are one lane; of larger
 * ones a lane has some, and where there are fewer lanes than threads, all of
 * these work on one after the other.  A single row of a chunk, an image, is shared by ranks in bands, where
 * the flow can; its z is then sent to all. */
#include "train/objective.h"

#include <math.h>
#include <string.h>

#include "base/bands.h"
#include "base/clones.h"
#include "base/error.h"
#include "layer/pass.h"
#include "linalg/blas.h"

/* Lanes have gradients of their own, together at most this large, and so many
 * rows that adding them up costs little. */
enum { GRADIENT_BYTES = 16 << 20, GRADIENT_ROWS = 64, RANGE = 1 << 14 };

/* Images of so many reals are of several lanes, which have so many each. */
enum { IMAGE_REALS = 1 << 15, IMAGE_LANE_REALS = 1 << 17 };

struct job {
    const jf_layer *f;
    const jf_latent *q;
    jf_weights w;
    jf_const_matrix x;
    double *log_p, *log_abs_det, *square; /* (n) each */
    int with_gradient;
    size_t lanes;
    const jf_ranks *ranks; /* NULL: all lanes are worked here */
    jf_bands bands;        /* ranks: that share a row; NULL: none do */
    jf_tape tape;
    jf_grad grad[JF_MAX_LANES]; /* theta: the caller's for lane 0 */
};

static size_t gradient_bytes(const jf_layer *f)
{
    return (f->module.n_params + f->module.n_pulled) * sizeof(real);
}

/* Gradients so large that there are two of them at most. */
static int has_few_gradients(const jf_layer *f)
{
    return gradient_bytes(f) > GRADIENT_BYTES / 4;
}

static size_t gradient_lanes(const jf_layer *f, size_t n)
{
    size_t bytes = gradient_bytes(f);
    size_t lanes = JF_MAX_LANES, least = GRADIENT_ROWS;
    if (jf_cuts_rows(f))
        least = f->d < IMAGE_REALS ? n : (IMAGE_LANE_REALS - 1) / f->d + 1;
    while (lanes > 1 && n / lanes < least)
        lanes /= 2;
    while (lanes > 2 && lanes * bytes > GRADIENT_BYTES)
        lanes /= 2;
    return lanes;
}

static int pass(struct job *job, size_t lane, size_t first, size_t n,
                jf_work *work)
{
    size_t d = job->f->d;
    jf_matrix z = jf_push_matrix(work, n, d);
    jf_matrix dz = {n, d, d, NULL};
    double *ld = job->log_abs_det + first, *log_p = job->log_p + first;

    if (job->with_gradient)
        dz = jf_push_matrix(work, n, d);
    jf_matrix_copy(z, jf_const_rows(job->x, first, n));
    memset(ld, 0, n * sizeof *ld);
    work->tape = job->tape;
    JF_TRY(job->f->ops->forward(job->f, job->w, z, ld, work));
    jf_bands_gather(work, job->f->band_out.pixels, job->f->band_out.size,
                    sizeof(real), z.data);
    job->q->log_density(job->q, jf_const(z), log_p, -1.0 / (double)job->x.rows,
                        dz);
    for (size_t i = 0; i < n; i++) {
        job->square[first + i] = jf_dot(d, jf_row(z, i), jf_row(z, i));
        log_p[i] += ld[i];
    }
    if (!job->with_gradient)
        return GSL_SUCCESS;
    /* The weights of the log-determinants: on the second stack, as the tape
     * is on top of the first. */
    jf_work *aside = jf_second_stack(work);
    size_t depth = aside->depth;
    double *dld = jf_push_bytes(aside, n * sizeof *dld);
    for (size_t i = 0; i < n; i++)
        dld[i] = -1.0 / (double)job->x.rows;
    int status = job->f->ops->backward(job->f, job->w, z, dz, dld,
                                       job->grad[lane], work);
    jf_work_release(aside, depth);
    return status;
}

static int chunk(struct job *job, size_t lane, size_t first, size_t n,
                 jf_work *work)
{
    if (n > 1 || !job->bands.ranks)
        return pass(job, lane, first, n, work);
    work->bands = &job->bands;
    int status = pass(job, lane, first, n, work);
    work->bands = NULL;
    return jf_bands_end(&job->bands, status);
}

static void own_lanes(const struct job *job, size_t *first, size_t *last)
{
    *first = 0;
    *last = job->lanes;
    if (job->ranks)
        jf_ranks_lanes(job->ranks, job->lanes, first, last);
}

/* Whether another rank works the lane. */
static int is_foreign(const struct job *job, size_t lane)
{
    size_t first, last;
    own_lanes(job, &first, &last);
    return lane < first || lane >= last;
}

static int lane_rows(void *arg, size_t lane, size_t first, size_t count,
                     jf_work *work)
{
    struct job *job = arg;
    int status = GSL_SUCCESS, foreign = is_foreign(job, lane);
    if (foreign)
        count = 0;
    if (job->with_gradient && (lane == 0 || !foreign)) {
        jf_grad *g = &job->grad[lane];
        size_t own = job->f->module.n_params, pulled = job->f->module.n_pulled;
        if (lane > 0)
            g->theta = jf_push(work, own);
        g->derived = jf_push(work, pulled);
        g->input_unused = 1;
        memset(g->theta, 0, own * sizeof(real));
        memset(g->derived, 0, pulled * sizeof(real));
    }
    size_t depth = work->depth, rows = jf_chunk_rows(job->f);
    for (size_t i = 0; i < count && status == GSL_SUCCESS; i += rows) {
        size_t n = count - i < rows ? count - i : rows;
        status = chunk(job, lane, first + i, n, work);
        jf_work_release(work, depth);
    }
    work->tape = JF_TAPE_NONE;
    return status;
}

JF_CLONES static void add(size_t n, const real *restrict from,
                          real *restrict to)
{
    for (size_t i = 0; i < n; i++)
        to[i] += from[i];
}

/* A range of the entries of theta and behind them derived: those of lane 0 +=
 * those of the others in lane order. */
static int add_range(void *arg, size_t lane, size_t first, size_t count,
                     jf_work *work)
{
    struct job *job = arg;
    size_t last = first + count, own = job->f->module.n_params;
    size_t split = last < own ? last : own > first ? own : first;
    (void)lane, (void)work;
    for (size_t l = 1; l < JF_MAX_LANES && job->grad[l].theta; l++) {
        jf_grad from = job->grad[l], to = job->grad[0];
        if (split > first)
            add(split - first, from.theta + first, to.theta + first);
        if (last > split)
            add(last - split, from.derived + (split - own),
                to.derived + (split - own));
    }
    return GSL_SUCCESS;
}

/* What ranks have of the rows, or the failure of the first, in all of them. */
static int gather(const struct job *job, int status, jf_error *error)
{
    const jf_ranks *ranks = job->ranks;
    size_t n = job->x.rows;
    double *const rows[] = {job->log_p, job->log_abs_det, job->square};
    JF_TRY(jf_ranks_agree(ranks, status, error));
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        jf_ranks_gather(ranks, n, job->lanes, sizeof *rows[k], rows[k]);
    return GSL_SUCCESS;
}

/* add_range over ranks. */
static int add_over_ranks(const struct job *job)
{
    real *theta[JF_MAX_LANES], *derived[JF_MAX_LANES];
    for (size_t l = 0; l < job->lanes; l++) {
        theta[l] = job->grad[l].theta;
        derived[l] = job->grad[l].derived;
    }
    JF_TRY(jf_ranks_add(job->ranks, job->f->module.n_params, job->lanes, theta,
                        theta[0]));
    return jf_ranks_add(job->ranks, job->f->module.n_pulled, job->lanes,
                        derived, derived[0]);
}

static jf_likelihood summary(const struct job *job)
{
    size_t n = job->x.rows;
    double rows = (double)n, variance = 0;
    jf_likelihood v = {0};

    for (size_t i = 0; i < n; i++) {
        v.nll -= job->log_p[i] / rows;
        v.log_abs_det += job->log_abs_det[i] / rows;
        v.second_moment += job->square[i] / rows / (double)job->f->d;
    }
    v.log_latent = -v.nll - v.log_abs_det;
    for (size_t i = 0; i < n; i++) {
        double deviation = job->log_p[i] + v.nll;
        variance += deviation * deviation;
    }
    v.se = n > 1 ? sqrt(variance / (rows - 1) / rows) : (double)NAN;
    return v;
}

/* Whether the activations of all chunks in flight fit. */
static jf_tape choose_tape(const jf_layer *f, size_t n, size_t lanes,
                           const jf_team *team)
{
    size_t rows = lanes * jf_chunk_rows(f);
    rows = rows < n ? rows : n;
    return f->n_saved * rows <= team->memory / sizeof(real) ? JF_TAPE_FULL
                                                            : JF_TAPE_LEAN;
}

/* Whether ranks share a single x: it is large, and f can. */
static int is_shared(const jf_layer *f)
{
    return f->positions >= JF_BAND_PIXELS && f->band_in.size == f->d &&
           !f->unbanded;
}

/* How the rows are cut, and what forward is to store. */
static void plan(struct job *job, int with_gradient, const jf_team *team)
{
    size_t n = job->x.rows;
    int in_bands = is_shared(job->f) && jf_chunk_rows(job->f) == 1;
    job->with_gradient = with_gradient;
    job->lanes =
        with_gradient ? gradient_lanes(job->f, n) : jf_lanes(n, JF_LANE_ROWS);
    if (in_bands || (jf_cuts_rows(job->f) && !with_gradient))
        job->lanes = 1;
    job->tape =
        with_gradient ? choose_tape(job->f, n, job->lanes, team) : JF_TAPE_NONE;
    job->ranks = job->lanes > 1 ? team->ranks : NULL;
    if (job->lanes == 1 && is_shared(job->f))
        job->bands.ranks = team->ranks;
}

void jf_nll_rows(const jf_layer *f, size_t n, const jf_team *team,
                 size_t *first, size_t *last)
{
    struct job job = {.f = f, .x.rows = n};
    plan(&job, 1, team);
    own_lanes(&job, first, last);
    *first = n * *first / job.lanes;
    *last = n * *last / job.lanes;
}

void jf_nll_gather(const jf_layer *f, jf_matrix x, const jf_team *team)
{
    struct job job = {.f = f, .x = jf_const(x)};
    plan(&job, 1, team);
    if (job.ranks)
        jf_ranks_gather(job.ranks, x.rows, job.lanes, x.stride * sizeof(real),
                        x.data);
}

static int pull(void *arg, jf_work *work)
{
    const struct job *job = arg;
    return jf_pull(&job->f->module, job->w, job->grad[0].derived,
                   job->grad[0].theta, work);
}

typedef struct {
    struct job *job;
    size_t lane, first, count;
} turn;

static int take_turn(void *arg, jf_work *work)
{
    const turn *t = arg;
    return lane_rows(t->job, t->lane, t->first, t->count, work);
}

/* One lane after the other, each by the whole team. */
static int in_turn(struct job *job, jf_team *team)
{
    size_t n = job->x.rows, lanes = job->lanes;
    for (size_t l = 0; l < lanes; l++) {
        turn t = {job, l, n * l / lanes, n * (l + 1) / lanes - n * l / lanes};
        team->work[l]->team = team;
        int status = jf_work_run(team->work[l], take_turn, &t);
        team->work[l]->team = NULL;
        JF_TRY(status);
    }
    return GSL_SUCCESS;
}

/* Whether a team that has more threads than there are lanes is of use within a
 * lane: in images, and in products of matrices so large that gradients are few. */
static int divides_lanes(const struct job *job)
{
    return jf_cuts_rows(job->f) ||
           (job->with_gradient && has_few_gradients(job->f));
}

/* Lanes side by side, where they keep all threads busy. */
static int work_lanes(struct job *job, jf_team *team)
{
    size_t first, last;
    own_lanes(job, &first, &last);
    if (job->lanes == 1 || (divides_lanes(job) && last - first < team->threads))
        return in_turn(job, team);
    return jf_team_run(team, job->x.rows, job->lanes, lane_rows, job);
}

static int run(struct job *job, real *grad, jf_team *team)
{
    job->grad[0].theta = grad;
    jf_error error = {.code = GSL_SUCCESS};
    jf_error *before = job->ranks ? jf_error_divert(&error) : NULL;
    int status = work_lanes(job, team);
    if (job->ranks) {
        jf_error_divert(before);
        status = gather(job, status, &error);
    }
    JF_TRY(status);
    if (!grad)
        return GSL_SUCCESS;
    size_t size = job->f->module.n_params + job->f->module.n_pulled;
    JF_TRY(job->ranks ? add_over_ranks(job)
                      : jf_team_run(team, size, jf_lanes(size, RANGE),
                                    add_range, job));
    team->work[0]->team = team;
    status = jf_work_run(team->work[0], pull, job);
    team->work[0]->team = NULL;
    return status;
}

static int evaluate(const jf_layer *f, const jf_latent *q, const real *theta,
                    jf_const_matrix x, double *log_p, jf_likelihood *value,
                    real *grad, jf_team *team)
{
    struct job job = {.f = f, .q = q, .x = x, .log_p = log_p};
    size_t depth[JF_MAX_LANES];

    JF_TRY(jf_check_columns(f, x));
    if (x.rows == 0)
        JF_ERROR("a likelihood needs at least one row", GSL_EBADLEN);
    for (size_t l = 0; l < JF_MAX_LANES; l++)
        depth[l] = team->work[l]->depth;
    plan(&job, grad != NULL, team);
    JF_TRY(jf_weights_push(f, theta, job.tape != JF_TAPE_LEAN, &job.w, team));
    double *rows = jf_push_bytes(team->work[0], 3 * x.rows * sizeof *rows);
    int status = rows ? GSL_SUCCESS : GSL_ENOMEM;
    if (rows) {
        job.log_abs_det = rows;
        job.square = rows + x.rows;
        if (!log_p)
            job.log_p = rows + 2 * x.rows;
        status = run(&job, grad, team);
    }
    if (status == GSL_SUCCESS && value)
        *value = summary(&job);
    for (size_t l = 0; l < JF_MAX_LANES; l++)
        jf_work_release(team->work[l], depth[l]);
    return status;
}

int jf_nll(const jf_layer *f, const jf_latent *q, const real *theta,
           jf_const_matrix x, jf_likelihood *value, real *grad, jf_team *team)
{
    return evaluate(f, q, theta, x, NULL, value, grad, team);
}

int jf_log_prob(const jf_layer *f, const jf_latent *q, const real *theta,
                jf_const_matrix x, double *log_p, jf_team *team)
{
    return evaluate(f, q, theta, x, log_p, NULL, NULL, team);
}

int jf_sample(const jf_layer *f, const jf_latent *q, const real *theta,
              jf_matrix x, unsigned long seed, jf_team *team)
{
    JF_TRY(jf_check_columns(f, jf_const(x)));
    jf_latent_sample(q, x, seed, 0);
    return jf_inverse(f, theta, x, team);
}

double jf_bits_per_dim(double nats, size_t d, int bits)
{
    return bits - nats / ((double)d * log(2.0));
}
