/* optimizer.h -- first-order steps on a parameter vector, and their rates.
 *
 * An optimizer is a value: copy it freely.  What it remembers is a state
 * vector that the caller owns, zero at the start, so that a run can be saved
 * and go on. */
#ifndef JF_OPTIMIZER_H
#define JF_OPTIMIZER_H

#include "base/team.h"

typedef struct jf_optimizer jf_optimizer;

/* What an optimizer does to parameters first .. first + count - 1 of n, for
 * which theta, grad (n) and state (n_state, n) are whole.  grad is taken times
 * scale; step counts from 1. */
typedef struct {
    const char *name;
    size_t n_state; /* reals of state per parameter */
    void (*update)(const jf_optimizer *self, size_t step, double rate,
                   double scale, size_t n, size_t first, size_t count,
                   real *theta, real *state, const real *grad);
} jf_optimizer_ops;

struct jf_optimizer {
    const jf_optimizer_ops *ops;
    double momentum;            /* sgd */
    double beta1, beta2, delta; /* adam */
    double decay;               /* adam: decoupled weight decay */
};

/* v := momentum v + g,  theta := theta - rate v.  Polyak 1964; no state when
 * momentum is 0, which is plain gradient descent. */
jf_optimizer jf_sgd(double momentum);

/* Kingma and Ba 2015, alg. 1, with beta1 = 0.9, beta2 = 0.999, delta = 1e-8;
 * the fields may be changed.  decay > 0: theta also loses rate * decay * theta
 * (Loshchilov and Hutter 2019, alg. 2). */
jf_optimizer jf_adam(double decay);

/* Reals of state for n parameters. */
size_t jf_optimizer_state(const jf_optimizer *o, size_t n);

/* One step, in one pass over theta, state and grad (n): theta moves along
 * scale * grad (scale < 1: a clipped gradient).  step counts from 1.  Same
 * bytes for every number of threads; no allocation. */
void jf_optimizer_step(const jf_optimizer *o, size_t step, double rate,
                       double scale, size_t n, real *theta, real *state,
                       const real *grad, jf_team *team);

/* |grad|_2, a double sum in fixed order.  Not finite when an entry is not. */
double jf_gradient_norm(size_t n, const real *grad, jf_team *team);

/* The factor on a gradient of that norm that clips it to limit; limit = 0
 * never clips (Pascanu, Mikolov and Bengio 2013, alg. 1). */
double jf_clip_scale(double norm, double limit);

/* How the rate moves over a run.  All kinds warm up linearly: step t <= warmup
 * has t / warmup times the rate that follows. */
typedef enum {
    JF_CONSTANT,
    JF_COSINE, /* from rate to floor * rate along half a cosine period
                  (Loshchilov and Hutter 2017, eq. 5) */
    JF_STEPS   /* times factor after every period steps */
} jf_schedule_kind;
typedef struct {
    jf_schedule_kind kind;
    size_t warmup; /* steps */
    double floor;  /* cosine: last rate over first; default 0 */
    size_t period; /* steps: default a third of the run */
    double factor; /* steps: default 0.1 */
} jf_schedule;

/* The rate of step 1 .. steps. */
double jf_schedule_rate(const jf_schedule *s, double rate, size_t step,
                        size_t steps);

#endif
