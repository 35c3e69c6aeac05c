/* lbfgs.c -- the direction d = -H g by the two-loop recursion over the last
 * pairs (s, y), H_0 = (s.y / y.y) I, then a step along d by the conditions of
 * Hager and Zhang 2005.  With phi(a) = f(theta + a d), a step is taken when
 *
 *     sigma phi'(0) <= phi'(a)  and either
 *     phi(a) - phi(0) <= delta a phi'(0)              (Wolfe, eq. 1.2)
 *     phi(a) <= phi(0) + e, phi'(a) <= (2 delta - 1) phi'(0)   (eq. 4.1)
 *
 * where e is the rounding error of a value.  Either way s.y > 0, so H stays
 * positive definite.  A search that fails on values alone, by little, shows
 * that the error is larger than stated: e then grows, within a bound. */
#include "train/lbfgs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/matrix.h"
#include "linalg/blas.h"

enum { MAX_TRIALS = 40 };
static const double DELTA = 0.1, SIGMA = 0.9, MOST_NOISE = 1e3;

/* phi and phi' at a step length; finite: both are, and |grad| too. */
typedef struct {
    double step, value, slope;
    int finite;
} trial;

typedef struct {
    jf_function f;
    void *arg;
    size_t n;
    jf_lbfgs_options opt;
    real *theta, *grad;       /* the point evaluated last */
    real *start, *start_grad; /* where the line begins    */
    real *direction, *s, *y;  /* s, y (memory, n): a ring */
    double *rho, *weight;     /* (memory)                 */
    size_t kept, next;        /* pairs kept; slot to fill */
    double norm;              /* |grad| at theta          */
    size_t evaluations;
    int moved;     /* theta differs from start */
    double noise;  /* error over value_error   */
    double excess; /* least value - phi(0), in such units,
                      where the slope is right */
} run;

typedef enum { FOUND, FAILED, AT_ROUNDING, EXHAUSTED } outcome;

/* Numerical outcomes shorten the step; everything else is a failure. */
static int is_numerical(int code)
{
    return code == GSL_EDOM || code == GSL_ERANGE || code == GSL_ESING ||
           code == GSL_EDIVERGE || code == GSL_EMAXITER || code == GSL_EOVRFLW;
}

static double unit(const run *r, double value)
{
    return r->opt.value_error * fmax(1.0, fabs(value));
}

/* f and its gradient at start + step * direction. */
static int evaluate(run *r, double step, trial *t)
{
    r->moved = 0;
    for (size_t i = 0; i < r->n; i++) {
        r->theta[i] =
            (real)((double)r->start[i] + step * (double)r->direction[i]);
        r->moved |= r->theta[i] != r->start[i];
    }
    *t = (trial){.step = step, .value = (double)NAN};
    int code = r->f(r->arg, r->theta, &t->value, r->grad);
    r->evaluations++;
    if (code != GSL_SUCCESS && !is_numerical(code))
        return code;
    t->slope = jf_dot(r->n, r->grad, r->direction);
    r->norm = jf_norm(r->n, r->grad);
    t->finite = code == GSL_SUCCESS && isfinite(t->value) &&
                isfinite(t->slope) && isfinite(r->norm);
    return GSL_SUCCESS;
}

/* direction := -H start_grad; the gradient itself without pairs. */
static void two_loop(run *r)
{
    real *q = r->direction;
    size_t memory = r->opt.memory;

    for (size_t i = 0; i < r->n; i++)
        q[i] = -r->start_grad[i];
    for (size_t k = 1; k <= r->kept; k++) { /* from the newest */
        size_t j = (r->next + memory - k) % memory;
        const real *s = r->s + j * r->n, *y = r->y + j * r->n;
        double w = r->weight[j] = r->rho[j] * jf_dot(r->n, s, q);
        for (size_t i = 0; i < r->n; i++)
            q[i] = (real)((double)q[i] - w * (double)y[i]);
    }
    if (r->kept) {
        size_t j = (r->next + memory - 1) % memory;
        const real *y = r->y + j * r->n;
        double gamma = 1.0 / (r->rho[j] * jf_dot(r->n, y, y));
        for (size_t i = 0; i < r->n; i++)
            q[i] = (real)(gamma * (double)q[i]);
    }
    for (size_t k = r->kept; k >= 1; k--) { /* from the oldest */
        size_t j = (r->next + memory - k) % memory;
        const real *s = r->s + j * r->n, *y = r->y + j * r->n;
        double w = r->weight[j] - r->rho[j] * jf_dot(r->n, y, q);
        for (size_t i = 0; i < r->n; i++)
            q[i] = (real)((double)q[i] + w * (double)s[i]);
    }
}

/* Remember s = theta - start and y = grad - start_grad, unless their product
 * is lost in rounding, which would spoil H. */
static void remember(run *r)
{
    real *s = r->s + r->next * r->n, *y = r->y + r->next * r->n;

    for (size_t i = 0; i < r->n; i++) {
        s[i] = r->theta[i] - r->start[i];
        y[i] = r->grad[i] - r->start_grad[i];
    }
    double sy = jf_dot(r->n, s, y);
    double limit = (double)JF_EPS * jf_norm(r->n, s) * jf_norm(r->n, y);
    if (!(sy > limit) || !isfinite(1.0 / sy))
        return;
    r->rho[r->next] = 1.0 / sy;
    r->next = (r->next + 1) % r->opt.memory;
    if (r->kept < r->opt.memory)
        r->kept++;
}

static int acceptable(run *r, const trial *zero, const trial *t)
{
    if (!t->finite || t->slope < SIGMA * zero->slope)
        return 0;
    if (t->value - zero->value <= DELTA * t->step * zero->slope)
        return 1;
    if (t->slope > (2.0 * DELTA - 1.0) * zero->slope)
        return 0;
    double rise = (t->value - zero->value) / unit(r, zero->value);
    r->excess = fmin(r->excess, rise);
    return rise <= r->noise;
}

/* The next step to try between low, which descends, and high, which does not
 * (or is not finite): where the secant of the slopes vanishes, kept off both
 * ends.  halve: the interval shrinks too slowly. */
static double between(const trial *low, const trial *high, int halve)
{
    double width = high->step - low->step;
    if (!high->finite)
        return low->step + 0.2 * width;
    if (halve || high->slope <= low->slope)
        return low->step + 0.5 * width;
    double share = low->slope / (low->slope - high->slope);
    if (high->slope < 0) /* too high although it descends: no zero known */
        share = 0.5;
    return low->step + fmin(fmax(share, 0.05), 0.95) * width;
}

/* The next step beyond t, which descends still: along the secant of the
 * slopes at zero and t, between twice and ten times as far. */
static double beyond(const trial *zero, const trial *t)
{
    double secant = t->slope > zero->slope
                        ? t->step * zero->slope / (zero->slope - t->slope)
                        : (double)INFINITY;
    return fmin(fmax(secant, 2.0 * t->step), 10.0 * t->step);
}

/* Find a step along direction from zero, the first trial being step.  When
 * FOUND, the point evaluated last is the one to take. */
static int line_search(run *r, const trial *zero, double step, trial *t,
                       outcome *out)
{
    double error = r->noise * unit(r, zero->value), width = (double)INFINITY;
    trial low = *zero, high = {.step = (double)INFINITY};
    int flat = 1; /* no trial was distinguishable from zero by its value */

    *out = FAILED;
    r->excess = (double)INFINITY;
    for (int k = 0; k < MAX_TRIALS; k++) {
        if (r->evaluations >= r->opt.max_evaluations) {
            *out = EXHAUSTED;
            return GSL_SUCCESS;
        }
        JF_TRY(evaluate(r, step, t));
        if (acceptable(r, zero, t)) {
            *out = FOUND;
            return GSL_SUCCESS;
        }
        if (!r->moved)
            break;
        flat &= t->finite && fabs(t->value - zero->value) <= 10.0 * error;
        if (t->finite && t->slope < 0 && t->value <= zero->value + error)
            low = *t;
        else
            high = *t;
        if (isinf(high.step)) {
            step = beyond(zero, t);
            continue;
        }
        double now = high.step - low.step;
        step = between(&low, &high, now > 0.66 * width);
        width = now;
        if (step <= low.step || step >= high.step)
            break;
    }
    *out = flat || !r->moved ? AT_ROUNDING : FAILED;
    return GSL_SUCCESS;
}

/* Back to where the line began. */
static void step_back(run *r)
{
    memcpy(r->theta, r->start, r->n * sizeof(real));
    memcpy(r->grad, r->start_grad, r->n * sizeof(real));
    r->norm = jf_norm(r->n, r->grad);
}

/* A step along direction from start: a search that only rounding fails is
 * repeated with the error it shows. */
static int move(run *r, double value, trial *t, outcome *out)
{
    trial zero = {.value = value, .finite = 1};

    *out = FAILED;
    zero.slope = jf_dot(r->n, r->start_grad, r->direction);
    if (!(zero.slope < 0) || !isfinite(zero.slope))
        return GSL_SUCCESS;
    double first = r->kept ? 1.0 : fmin(1.0, 1.0 / r->norm);
    JF_TRY(line_search(r, &zero, first, t, out));
    if (*out == FOUND || *out == EXHAUSTED || r->excess > MOST_NOISE)
        return GSL_SUCCESS;
    r->noise = fmax(r->noise, 2.0 * r->excess);
    return line_search(r, &zero, first, t, out);
}

/* One iteration from the point at (theta, grad): a direction, a step, a pair.
 * A failed search is repeated once along the gradient. */
static int iterate(run *r, trial *at, outcome *out)
{
    trial t;

    memcpy(r->start, r->theta, r->n * sizeof(real));
    memcpy(r->start_grad, r->grad, r->n * sizeof(real));
    for (;;) {
        two_loop(r);
        JF_TRY(move(r, at->value, &t, out));
        if (*out == FOUND) {
            remember(r);
            *at = t;
            return GSL_SUCCESS;
        }
        size_t used = r->kept;
        step_back(r);
        r->kept = 0;
        if (!used || *out == EXHAUSTED)
            return GSL_SUCCESS;
    }
}

/* Count iterations that lower neither the value nor the gradient's norm. */
typedef struct {
    double value, norm;
    size_t count;
} progress;

static int stalls(const run *r, progress *p, double value)
{
    double least = (double)JF_EPS * fmax(1.0, fabs(value));
    if (value < p->value - least || r->norm < 0.5 * p->norm) {
        *p = (progress){fmin(value, p->value), fmin(r->norm, p->norm), 0};
        return 0;
    }
    return ++p->count >= r->opt.stall;
}

static int minimise(run *r, jf_lbfgs_result *result)
{
    trial at;
    outcome out;

    JF_TRY(evaluate(r, 0.0, &at)); /* direction is zero here */
    progress p = {at.value, r->norm, 0};
    result->status = JF_LBFGS_NOT_FINITE;
    while (at.finite) {
        result->value = at.value;
        result->gradient_norm = r->norm;
        result->evaluations = r->evaluations;
        result->status = JF_LBFGS_GRADIENT;
        if (r->norm <= r->opt.gradient_tolerance)
            break;
        result->status = JF_LBFGS_EVALUATIONS;
        if (r->evaluations >= r->opt.max_evaluations)
            break;
        JF_TRY(iterate(r, &at, &out));
        if (out != FOUND) {
            result->status = out == EXHAUSTED     ? JF_LBFGS_EVALUATIONS
                             : out == AT_ROUNDING ? JF_LBFGS_ROUNDING
                                                  : JF_LBFGS_LINE_SEARCH;
            break;
        }
        result->iterations++;
        result->status = JF_LBFGS_HALTED;
        if (r->opt.trace && r->opt.trace(r->arg, result->iterations,
                                         r->evaluations, at.value, r->norm))
            break;
        result->status = JF_LBFGS_ROUNDING;
        if (stalls(r, &p, at.value))
            break;
    }
    result->evaluations = r->evaluations;
    result->value = at.value;
    result->gradient_norm = r->norm;
    return GSL_SUCCESS;
}

int jf_lbfgs(jf_function f, void *arg, size_t n, real *theta,
             const jf_lbfgs_options *options, jf_lbfgs_result *result)
{
    run r = {.f = f, .arg = arg, .n = n, .theta = theta, .noise = 1};
    jf_lbfgs_result ignored;

    if (options)
        r.opt = *options;
    if (!r.opt.memory)
        r.opt.memory = 20;
    if (!r.opt.max_evaluations)
        r.opt.max_evaluations = 20000;
    if (!(r.opt.value_error > 0))
        r.opt.value_error = sizeof(real) == sizeof(double) ? 1e-13 : 1e-6;
    if (!r.opt.stall)
        r.opt.stall = 20;
    if (!result)
        result = &ignored;
    *result = (jf_lbfgs_result){0};

    size_t length = 2 * r.opt.memory;
    real *block = jf_alloc((length + 4) * n, sizeof(real));
    r.rho = block ? jf_alloc(length, sizeof(double)) : NULL;
    if (!r.rho) {
        free(block);
        return GSL_ENOMEM;
    }
    r.grad = block;
    r.start_grad = block + n;
    r.start = block + 2 * n;
    r.direction = block + 3 * n;
    r.s = block + 4 * n;
    r.y = r.s + r.opt.memory * n;
    r.weight = r.rho + r.opt.memory;
    memcpy(r.start, theta, n * sizeof(real));
    int code = minimise(&r, result);
    if (code != GSL_SUCCESS) /* the point tried last is not a result */
        memcpy(theta, r.start, n * sizeof(real));
    free(r.rho);
    free(block);
    return code;
}

const char *jf_lbfgs_status_name(jf_lbfgs_status status)
{
    static const char *const names[] = {"gradient",    "rounding",
                                        "evaluations", "line-search",
                                        "not-finite",  "halted"};
    return names[status];
}
