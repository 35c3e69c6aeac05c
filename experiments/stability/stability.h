/* stability.h -- the parts of the experiment, and what they share. */
#ifndef STABILITY_H
#define STABILITY_H

#include "common/check.h"

/* Rows whose covariance is exactly Q diag(lambda) Q', lambda log-uniform in
 * [1, condition], both ends taken, Q random, mean 0. */
typedef struct {
    size_t d;
    double condition;
    jf_matrix x; /* (d + 1, d) */
    jf_moments m;
} spectrum;
spectrum spectrum_new(size_t d, double condition, unsigned long seed,
                      unsigned long number);
void spectrum_free(spectrum *s);

/* A way to write a linear map by theta. */
typedef struct {
    const char *name;
    void (*add)(jf_layer *flow, size_t d);
    /* Changes the gradient into the step's direction; NULL: it is. */
    void (*direct)(size_t d, const real *theta, real *grad);
    /* The metric of direct, if it is not that of theta: frame (n_params, m)
     * with direct(g) = frame frame' g; returns m. */
    size_t (*frame)(size_t d, const real *theta, double *frame);
    /* The critical rate in closed form; NULL: 2 / lambda_max, measured. */
    double (*critical)(const spectrum *s);
    /* From theta that jf_init drew to a start far from the optimum; NULL: the
     * optimum is one of many, with different curvatures. */
    void (*far)(const spectrum *s, real *theta, gsl_rng *rng);
    size_t factors; /* dense (d, d) in theta, whose signs make that of det W;
                       0: it cannot change */
    size_t before;  /* vectors (d) before them */
    /* An optimum in closed form; NULL: by L-BFGS. */
    void (*optimum)(const spectrum *s, real *theta);
} way;
extern const way ways[];
extern const size_t way_count;

/* theta (n_params) := an optimum, from jf_init's start with seed. */
void way_optimum(const way *w, const jf_layer *f, const spectrum *s,
                 unsigned long seed, real *theta, jf_team *team);

const way *way_find(const char *name);

/* lambda (count <= n_params): eigenvalues, descending, of the Hessian in the
 * way's metric. */
int way_curvatures(const way *w, const jf_hessian *h, size_t *count,
                   double *lambda, double *asymmetry);

/* A step for differences: small beside the smallest singular value of the
 * optimal W, condition^-1/2, so that truncation is about (3u)^(2/3). */
double way_step(const spectrum *s);

/* Eigenvalues (m) of j' h j, h (n, n), j (n, m). */
int pulled_back(size_t n, size_t m, const double *h, const double *j,
                double *lambda);

/* One run of gradient steps. */
typedef struct {
    const jf_layer *f;
    jf_matrix x;            /* the rows                              */
    const way *way;         /* NULL: any flow                        */
    jf_optimizer optimizer; /* jf_sgd(0): gradient descent          */
    double rate, best;      /* best: the nll at the optimum          */
    double tolerance;       /* of the gap [nats]; converged: below it
                               for CALM steps and, after a nudge, for
                               after more                            */
    size_t after, limit;    /* steps                                 */
} descent;
enum { CALM = 500 };
typedef struct {
    int converged, overflow;     /* a loss or gradient that is not finite */
    size_t steps, bursts, flips; /* gaps that rise above 1 nat; of det W */
    double gap, largest, median; /* last, largest, median of the last CALM */
} descent_result;
/* theta += N(0, size^2), only where and as the way moves it; way may be NULL.
 */
void nudge(const way *w, const jf_layer *f, real *theta, double size,
           gsl_rng *rng);

/* 1 or -1, of a (d, d), d <= 8. */
int sign_of_det(size_t d, const real *a);

descent_result descend(const descent *d, real *theta, jf_team *team);

/* The normal variable whose two tails are the exact binomial ones of a count
 * out of n of probability p each; negative when the count is small. */
double binomial_z(size_t count, size_t n, double p);

/* Claims of one number each, for stability-points.csv. */
extern const check_list list_stability;

/* The steps that stability-tail simulates, with the rate times factor, against
 * those of the library on the same n batches: the largest difference of |W_2|
 * over its rounding. */
double tail_step_error(const experiment *e, size_t n, double factor);

/* One part of the experiment, one file each. */
void stability_hessian(experiment *e);   /* stability-hessian        */
void stability_batches(experiment *e);   /* stability-batches        */
void stability_full(experiment *e);      /* stability-full           */
void stability_rate(experiment *e);      /* stability-rate, -flatter */
void stability_tail(experiment *e);      /* stability-tail, -cures   */
void stability_edge(experiment *e);      /* stability-edge           */
void stability_precision(experiment *e); /* stability-double, -float */

#endif
