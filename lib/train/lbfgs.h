/* lbfgs.h -- limited-memory BFGS, for runs that must converge.
 *
 * The two-loop recursion of Nocedal and Wright 2006, alg. 7.4 and 7.5, with
 * the approximate Wolfe conditions of Hager and Zhang 2005, eq. 1.4 and 4.1:
 * near a minimum they ask the slope, which keeps its digits, where the values
 * agree to rounding.  All sums are double. */
#ifndef JF_LBFGS_H
#define JF_LBFGS_H

#include "base/real.h"

/* value := f(theta) and grad (n) := its gradient.  Returns a GSL code.  A
 * value or gradient that is not finite, and the codes GSL_EDOM, GSL_ERANGE,
 * GSL_ESING, GSL_EDIVERGE, GSL_EMAXITER and GSL_EOVRFLW, mean "step too
 * long"; any other failure ends the run and is passed on. */
typedef int (*jf_function)(void *arg, const real *theta, double *value,
                           real *grad);

/* Why a run ended. */
typedef enum {
    JF_LBFGS_GRADIENT,    /* |grad| is below the tolerance             */
    JF_LBFGS_ROUNDING,    /* neither value nor |grad| still decreases:
                             the arithmetic allows no more             */
    JF_LBFGS_EVALUATIONS, /* max_evaluations are spent                 */
    JF_LBFGS_LINE_SEARCH, /* no acceptable step, far from rounding: a
                             wrong gradient, or f not smooth           */
    JF_LBFGS_NOT_FINITE,  /* f at the start is not finite              */
    JF_LBFGS_HALTED       /* the trace returned non-zero               */
} jf_lbfgs_status;

typedef struct {
    size_t memory;             /* pairs (s, y) kept; default 20            */
    size_t max_evaluations;    /* of f; default 20000                      */
    double gradient_tolerance; /* on |grad|_2; default 0: until rounding   */
    double value_error;        /* rounding error of a value relative to
                                  max(1, |value|); default 1e-13, float 1e-6 */
    size_t stall;              /* iterations that lower neither the value by
                                  JF_EPS of that nor |grad| by half until the
                                  run ends; default 20                     */

    /* After each accepted step, whose evaluation is the latest call of f.
     * Non-zero halts.  Default: none. */
    int (*trace)(void *arg, size_t iteration, size_t evaluations, double value,
                 double gradient_norm);
} jf_lbfgs_options;

typedef struct {
    jf_lbfgs_status status;
    size_t iterations, evaluations;
    double value, gradient_norm; /* at the returned theta */
} jf_lbfgs_result;

/* Minimise f from theta (n), in place.  arg goes to f and to the trace;
 * options may be NULL.  theta ends at the last accepted point; one of which
 * the value or the gradient is not finite is never accepted.  Memory: (2 memory
 * + 4) n reals. */
int jf_lbfgs(jf_function f, void *arg, size_t n, real *theta,
             const jf_lbfgs_options *options, jf_lbfgs_result *result);

/* "gradient", "rounding", ...: for tables. */
const char *jf_lbfgs_status_name(jf_lbfgs_status status);

#endif
