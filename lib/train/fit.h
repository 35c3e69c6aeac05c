/* fit.h -- maximum likelihood by minibatch steps or by L-BFGS.
 *
 * Everything random comes from counter-based streams, so that a run depends on
 * its options alone: not on the number of threads, and not on whether it was
 * saved and loaded half-way.  Divergence is a result, not an error. */
#ifndef JF_FIT_H
#define JF_FIT_H

#include "io/theta.h"
#include "train/blame.h"
#include "train/objective.h"
#include "train/optimizer.h"

/* Why a run ended. */
typedef enum {
    JF_FINISHED,      /* all steps are done                             */
    JF_CONVERGED,     /* |grad| is below the tolerance, or (L-BFGS) the
                         arithmetic allows no further decrease          */
    JF_STOPPED_EARLY, /* the validation likelihood stopped rising       */
    JF_DIVERGED,      /* result.culprit tells what                      */
    JF_STALLED,       /* L-BFGS finds no acceptable step                */
    JF_PAUSED,        /* options.pause or due: a state may go on        */
    JF_HALTED         /* the trace returned non-zero                    */
} jf_fit_status;

typedef enum { JF_ADAM, JF_SGD, JF_LBFGS } jf_method;

/* What a trace sees: step counts from 1 (L-BFGS: iterations); value and the
 * norm of the unclipped gradient belong to theta before the step (L-BFGS:
 * after it), on the step's batch; rate is the one used (L-BFGS: 0).  theta may
 * be read.  Non-zero ends the run. */
typedef struct {
    size_t step;
    jf_likelihood value;
    double gradient_norm, rate;
    const real *theta;
} jf_fit_point;
typedef int (*jf_fit_trace)(void *arg, const jf_fit_point *point);

typedef struct jf_fit_state jf_fit_state;

/* Zero means the default, which stands beside each. */
typedef struct {
    jf_method method;
    double rate;               /* 1e-3; SGD: 1e-2                      */
    double momentum;           /* SGD: 0                               */
    double decay;              /* Adam: decoupled weight decay, 0      */
    jf_schedule schedule;      /* constant, no warm-up                 */
    size_t steps;              /* 1000; L-BFGS: evaluations, 20000     */
    size_t batch;              /* rows a step; 0 or >= n: all          */
    double clip;               /* on the gradient's norm; 0: never     */
    size_t memory;             /* L-BFGS: pairs, 20                    */
    size_t stall;              /* L-BFGS: see train/lbfgs.h, 20        */
    double gradient_tolerance; /* full batch only; 0: |grad| = 0 alone */
    double loss_bound;         /* nll above it is divergence; none     */
    unsigned long seed;        /* of the batches                       */

    jf_const_matrix validation; /* (m, d); none                         */
    size_t check_every;         /* steps; an epoch, at least 10              */
    size_t patience;            /* checks without a better likelihood until
                             the run stops; 10                         */

    /* Changes a gathered batch (rows, d) before it is used; rows holds its row
     * numbers in train.  Draws must be keyed by step, as those of a stream
     * are.  Full batches are gathered too, in the order of train.  Where ranks
     * share a batch, the rows of jf_nll_rows are enough. */
    void (*prepare)(void *arg, jf_matrix batch, const size_t *rows,
                    size_t step);
    void *prepare_arg;

    jf_fit_trace trace; /* called at step 1 and every trace_every steps (1) */
    void *trace_arg;
    size_t trace_every;

    jf_fit_state *state;   /* carries a run over calls; none             */
    size_t pause;          /* return after this step, of steps; 0: never */
    int (*due)(void *arg); /* asked before every step but the first of a call:
                              non-zero returns as pause does */
    void *due_arg;
} jf_fit_options;

typedef struct {
    jf_fit_status status;
    size_t step;          /* steps taken in all (L-BFGS: iterations); when
                             diverged, the step that could not be taken  */
    size_t evaluations;   /* of the training loss, in this call          */
    jf_likelihood value;  /* of the last training batch                  */
    double gradient_norm; /* of its nll                                  */
    double validation;    /* best nll on the validation rows [nats]; NaN
                             without them                                */
    size_t best_step;     /* its step; 0: the start                      */
    jf_culprit culprit;   /* when diverged                               */
} jf_fit_result;

/* Fit theta (n_params) to train (n, d), starting from the
 * given theta.  With validation rows theta ends at its best check.  A step
 * whose loss or gradient is not finite is not taken: theta stays where it was
 * evaluated, the status is JF_DIVERGED and the code GSL_SUCCESS.  GSL_EBADLEN,
 * GSL_EINVAL: shapes, no rows, a state of other options or another flow. */
int jf_fit(const jf_layer *flow, const jf_latent *latent, real *theta,
           jf_const_matrix train, const jf_fit_options *options,
           jf_fit_result *result, jf_team *team);

/* "finished", "converged", ...: for tables. */
const char *jf_fit_status_name(jf_fit_status status);

/* What a run of Adam or SGD carries besides theta: a fresh one for a flow, and
 * files (io/theta.h) that hold theta and the state together.  Train 2 N steps
 * equals train N, save, load, train N, bit for bit.  L-BFGS has no
 * state: it starts anew from theta. */
jf_fit_state *jf_fit_state_new(const jf_layer *flow,
                               const jf_fit_options *options);
void jf_fit_state_free(jf_fit_state *state);
size_t jf_fit_state_step(const jf_fit_state *state);

/* GSL_EFAILED, after one line on stderr: the file cannot be written or read,
 * or is of another flow, precision or method; theta and state stay as they
 * are. */
int jf_fit_save(const char *path, const jf_layer *flow, const real *theta,
                const jf_fit_state *state);
int jf_fit_load(const char *path, const jf_layer *flow, real *theta,
                jf_fit_state *state);

/* The same with sections of the caller's, by names that no state has. */
int jf_fit_save_with(const char *path, const jf_layer *flow, const real *theta,
                     const jf_fit_state *state, const jf_section *more,
                     size_t n_more);
int jf_fit_load_with(const char *path, const jf_layer *flow, real *theta,
                     jf_fit_state *state, const jf_section *more,
                     size_t n_more);

#endif
