/* laws.c -- the seven laws.
 *
 * Tolerances are multiples of JF_EPS and of the Jacobian's condition number,
 * fixed here: a round trip loses at most about d cond eps |x| a stage, and
 * log |det| by LU as much; differences lose eps / h to rounding and h^2 to
 * truncation, which balance at h = eps^(1/3). */
#include "laws.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tgmath.h>

enum { ROWS = 5, FACTOR = 64 };

typedef struct {
    const jf_layer *f;
    size_t d, n;
    real *theta;
    jf_matrix x;
    double cond, size; /* of the Jacobian; largest |x|, |z| */
    jf_team *team;
    int kinked, verbose;
} subject;

static unsigned broken(const subject *s, unsigned law, const char *what,
                       double got, double limit)
{
    static const char *const names[LAWS] = {
        "round trip", "log-determinant", "Jacobian", "Taylor",
        "rows",       "stack",           "shapes"};
    unsigned i = 0;
    while (1u << i != law)
        i++;
    if (s->verbose)
        fprintf(stderr, "%s: law %u (%s): %s: %g, limit %g\n",
                s->f->module.name, i + 1, names[i], what, got, limit);
    return law;
}

/* Not within limit; a NaN is never within. */
static int beyond(double value, double limit)
{
    return !(fabs(value) <= limit);
}

static jf_matrix copy_of(jf_matrix x)
{
    jf_matrix y = jf_matrix_new(x.rows, x.cols);
    jf_matrix_copy(y, jf_const(x));
    return y;
}

static double largest(jf_matrix a)
{
    double m = 0;
    for (size_t i = 0; i < a.rows; i++)
        for (size_t j = 0; j < a.cols; j++)
            m = fmax(m, fabs((double)jf_row(a, i)[j]));
    return m;
}

static double largest_difference(jf_matrix a, jf_matrix b)
{
    double m = 0;
    for (size_t i = 0; i < a.rows; i++)
        for (size_t j = 0; j < a.cols; j++) {
            double e = fabs((double)(jf_row(a, i)[j] - jf_row(b, i)[j]));
            m = jf_worse(m, e);
        }
    return m;
}

/* Row k of jacobian (d, d): dz_k / dx at one row x, by one backward over d
 * equal rows with dz = I. */
static int dense_jacobian(const subject *s, const real *x, jf_matrix jacobian,
                          jf_tape tape)
{
    jf_matrix rows = jf_matrix_new(s->d, s->d);
    double *zero = jf_alloc(s->d, sizeof *zero);
    real *grad = jf_theta_new(s->f);
    for (size_t k = 0; k < s->d; k++) {
        memcpy(jf_row(rows, k), x, s->d * sizeof *x);
        for (size_t j = 0; j < s->d; j++)
            jf_row(jacobian, k)[j] = j == k;
    }
    int status =
        jf_vjp(s->f, s->theta, rows, jacobian, zero, grad, tape, s->team);
    free(grad);
    free(zero);
    jf_matrix_free(&rows);
    return status;
}

static unsigned law_round_trip(const subject *s)
{
    jf_matrix z = copy_of(s->x);
    double *ld = jf_alloc(s->n, sizeof *ld);
    double limit = FACTOR * (double)s->d * s->cond * s->size * (double)JF_EPS;
    unsigned result = 0;
    if (jf_forward(s->f, s->theta, z, ld, s->team) ||
        jf_inverse(s->f, s->theta, z, s->team))
        result |= broken(s, LAW_ROUND_TRIP, "status", 1, 0);
    double e = largest_difference(z, s->x);
    if (beyond(e, limit))
        result |= broken(s, LAW_ROUND_TRIP, "error", e, limit);
    free(ld);
    jf_matrix_free(&z);
    return result;
}

static unsigned law_log_det(const subject *s)
{
    jf_matrix z = copy_of(s->x), jacobian = jf_matrix_new(s->d, s->d);
    double *ld = jf_alloc(s->n, sizeof *ld);
    double *wide = jf_alloc(s->d * s->d, sizeof *wide), exact;
    double limit = FACTOR * (double)(s->d * s->d) * s->cond * (double)JF_EPS;
    unsigned result = 0;

    jf_forward(s->f, s->theta, z, ld, s->team);
    for (int t = 0; t < 2; t++)
        for (size_t i = 0; i < s->n; i++) {
            dense_jacobian(s, jf_row(s->x, i), jacobian,
                           t ? JF_TAPE_FULL : JF_TAPE_LEAN);
            for (size_t k = 0; k < s->d * s->d; k++)
                wide[k] = (double)jacobian.data[k];
            int status = jf_log_abs_det(s->d, wide, &exact);
            if (status || beyond(ld[i] - exact, limit))
                result |=
                    broken(s, LAW_LOG_DET, "difference", ld[i] - exact, limit);
        }
    free(wide);
    free(ld);
    jf_matrix_free(&jacobian);
    jf_matrix_free(&z);
    return result;
}

static unsigned law_jacobian(const subject *s)
{
    jf_matrix jacobian = jf_matrix_new(s->d, s->d);
    jf_matrix ends = jf_matrix_new(2, s->d);
    double unused[2], h = cbrt((double)JF_EPS), worst = 0, scale = 1;

    for (size_t i = 0; i < s->n; i++) {
        dense_jacobian(s, jf_row(s->x, i), jacobian, JF_TAPE_LEAN);
        scale = fmax(scale, largest(jacobian));
        for (size_t j = 0; j < s->d; j++) {
            for (size_t e = 0; e < 2; e++)
                memcpy(jf_row(ends, e), jf_row(s->x, i), s->d * sizeof(real));
            jf_row(ends, 0)[j] += (real)h;
            jf_row(ends, 1)[j] -= (real)h;
            double step = (double)(jf_row(ends, 0)[j] - jf_row(ends, 1)[j]);
            jf_forward(s->f, s->theta, ends, unused, s->team);
            for (size_t k = 0; k < s->d; k++) {
                double slope =
                    (double)(jf_row(ends, 0)[k] - jf_row(ends, 1)[k]) / step;
                double e = fabs(slope - (double)jf_row(jacobian, k)[j]);
                worst = jf_worse(worst, e);
            }
        }
    }
    jf_matrix_free(&ends);
    jf_matrix_free(&jacobian);
    double limit = FACTOR * h * h * scale * s->size;
    return beyond(worst, limit)
               ? broken(s, LAW_JACOBIAN, "difference", worst, limit)
               : 0;
}

/* The loss of the Taylor law: sum over rows of a.z + |z|^2 / 4 + c_i ld_i. */
static double weight_a(size_t k)
{
    return 0.3 + 0.1 * (double)(k % 7);
}

static double weight_c(size_t i)
{
    return 0.5 + 0.25 * (double)i;
}

/* The loss at theta and x, and the size of its terms. */
static double loss(const subject *s, const real *theta, jf_matrix x,
                   double *terms)
{
    jf_matrix z = copy_of(x);
    double *ld = jf_alloc(s->n, sizeof *ld), sum = 0;
    *terms = 0;
    if (jf_forward(s->f, theta, z, ld, s->team))
        sum = (double)NAN;
    for (size_t i = 0; i < s->n; i++) {
        for (size_t k = 0; k < s->d; k++) {
            double v = (double)jf_row(z, i)[k];
            sum += weight_a(k) * v + v * v / 4;
            *terms += fabs(v) + v * v;
        }
        sum += weight_c(i) * ld[i];
        *terms += fabs(ld[i]);
    }
    free(ld);
    jf_matrix_free(&z);
    return sum;
}

/* dx (n, d) and grad (n_params) of the loss under a tape. */
static int loss_gradient(const subject *s, jf_matrix dx, real *grad,
                         jf_tape tape)
{
    jf_matrix z = copy_of(s->x);
    double *c = jf_alloc(s->n, sizeof *c);
    int status = jf_forward(s->f, s->theta, z, c, s->team);
    for (size_t i = 0; i < s->n; i++) {
        for (size_t k = 0; k < s->d; k++)
            jf_row(dx, i)[k] =
                (real)(weight_a(k) + (double)jf_row(z, i)[k] / 2);
        c[i] = weight_c(i);
    }
    jf_matrix_copy(z, jf_const(s->x));
    if (!status)
        status = jf_vjp(s->f, s->theta, z, dx, c, grad, tape, s->team);
    free(c);
    jf_matrix_free(&z);
    return status;
}

/* p + h v, and what the gradient says of the step, added to linear. */
static void move(const real *at, const real *gradient, size_t count, double h,
                 const real *v, real *moved, double *linear)
{
    for (size_t j = 0; j < count; j++) {
        moved[j] = (real)((double)at[j] + h * (double)v[j]);
        *linear += (double)gradient[j] * ((double)moved[j] - (double)at[j]);
    }
}

/* The order of |L(p + h v) - L(p - h v) - 2 h g.v| between the two smallest
 * steps whose remainders stand above rounding, 3, or 1 where g is wrong; 3 when
 * none does, as then g.v is right.  p is theta (in_theta) or x. */
static double order_along(const subject *s, const real *gradient, size_t count,
                          int in_theta, uint64_t direction)
{
    /* down to 2^-12, where every law is smooth, further within a piece; in float
     * rounding comes first, but for those that bend most */
    int first = sizeof(real) == 4 ? -3 : s->kinked ? -12 : -8;
    int last = s->kinked ? -16 : -12;
    double terms, order = 3;
    double previous = 0;
    const real *at = in_theta ? s->theta : s->x.data;
    jf_matrix v = jf_matrix_new(1, count), moved = jf_matrix_new(1, count);
    loss(s, s->theta, s->x, &terms);

    jf_fill_normal(v, 7 + direction, JF_PURPOSE_USER, in_theta);
    for (int k = first; k >= last; k--) {
        double l[2], linear[2] = {0}, unused;
        for (int side = 0; side < 2; side++) {
            move(at, gradient, count, ldexp(side ? 1 : -1, k), v.data,
                 moved.data, &linear[side]);
            l[side] = in_theta ? loss(s, moved.data, s->x, &unused)
                               : loss(s, s->theta,
                                      jf_view(moved.data, s->n, s->d), &unused);
        }
        double r = fabs(l[1] - l[0] - (linear[1] - linear[0]));
        if (r < 32 * s->cond * (double)JF_EPS * (terms + 1)) {
            if (k == first - 1) /* by more than order 1, or by rounding */
                order = 3;
            break;
        }
        order = k < first ? log2(previous / r) : (double)NAN;
        previous = r;
    }
    jf_matrix_free(&moved);
    jf_matrix_free(&v);
    return order;
}

/* The middle one of five directions: in one of them terms of third and fifth
 * order may cancel.  NaN is the smallest. */
static double taylor_order(const subject *s, const real *gradient, size_t count,
                           int in_theta)
{
    enum { DIRECTIONS = 5 };
    double order[DIRECTIONS];
    for (uint64_t k = 0; k < DIRECTIONS; k++) {
        double o = order_along(s, gradient, count, in_theta, k);
        size_t at = k;
        for (; at > 0 && (isnan(o) || o < order[at - 1]); at--)
            order[at] = order[at - 1];
        order[at] = o;
    }
    return order[DIRECTIONS / 2];
}

static unsigned law_taylor(const subject *s)
{
    const double least =
        2; /* half way between a wrong gradient and a right one */
    jf_matrix dx = jf_matrix_new(s->n, s->d);
    unsigned result = 0;

    for (int t = 0; t < 2; t++) {
        real *grad = jf_theta_new(s->f);
        if (loss_gradient(s, dx, grad, t ? JF_TAPE_FULL : JF_TAPE_LEAN))
            result |= broken(s, LAW_TAYLOR, "status", 1, 0);
        double order = taylor_order(s, dx.data, s->n * s->d, 0);
        if (!(order >= least))
            result |= broken(s, LAW_TAYLOR, "order in x", order, least);
        order = s->f->module.n_params
                    ? taylor_order(s, grad, s->f->module.n_params, 1)
                    : 3;
        if (!(order >= least))
            result |= broken(s, LAW_TAYLOR, "order in theta", order, least);
        free(grad);
    }
    jf_matrix_free(&dx);
    return result;
}

/* A batch whose rows lie apart, with marks between them. */
static unsigned law_rows(const subject *s)
{
    enum { GAP = 3 };
    const real mark = R(12345.0);
    jf_matrix wide = jf_matrix_new(s->n, s->d + GAP);
    jf_matrix in = jf_columns(wide, 1, s->d), one = jf_matrix_new(1, s->d);
    double *ld = jf_alloc(s->n + 1, sizeof *ld), worst = 0, marks = 0;
    double limit =
        FACTOR * (double)(s->d * s->d) * s->cond * s->size * (double)JF_EPS;

    jf_matrix_fill(wide, mark);
    jf_matrix_copy(in, jf_const(s->x));
    jf_forward(s->f, s->theta, in, ld, s->team);
    for (size_t i = 0; i < s->n; i++) {
        memcpy(one.data, jf_row(s->x, i), s->d * sizeof *one.data);
        jf_forward(s->f, s->theta, one, &ld[s->n], s->team);
        worst = fmax(worst, largest_difference(one, jf_rows(in, i, 1)));
        worst = fmax(worst, fabs(ld[s->n] - ld[i]));
    }
    jf_inverse(s->f, s->theta, in, s->team);
    for (size_t i = 0; i < s->n; i++)
        for (size_t j = 0; j < GAP; j++)
            marks += jf_row(wide, i)[j ? s->d + j : 0] != mark;
    unsigned result =
        beyond(worst, limit)
            ? broken(s, LAW_ROWS, "alone or in a batch", worst, limit)
            : 0;
    if (marks > 0)
        result |= broken(s, LAW_ROWS, "other columns changed", marks, 0);
    free(ld);
    jf_matrix_free(&one);
    jf_matrix_free(&wide);
    return result;
}

static unsigned law_stack(const subject *s)
{
    const jf_layer_ops *ops = s->f->ops;
    jf_work *work = jf_work_new();
    jf_matrix x = copy_of(s->x), dz = copy_of(s->x);
    real *derived = jf_alloc(s->f->module.n_derived, sizeof *derived);
    real *pulled = jf_alloc(s->f->module.n_pulled, sizeof *pulled);
    real *grad = jf_theta_new(s->f);
    double *ld = jf_alloc(s->n, sizeof *ld);
    jf_weights w = {s->theta, derived};
    size_t left = 0;

    jf_prepare(&s->f->module, s->theta, derived, work);
    for (int tape = JF_TAPE_NONE; tape <= JF_TAPE_FULL; tape++) {
        work->tape = (jf_tape)tape;
        ops->forward(s->f, w, x, ld, work);
        if (tape == JF_TAPE_NONE)
            left += work->depth; /* an evaluation leaves nothing */
        if (tape == JF_TAPE_NONE)
            ops->inverse(s->f, w, x, work);
        else
            ops->backward(s->f, w, x, dz, ld, (jf_grad){grad, pulled, 0}, work);
        left += work->depth;
    }
    jf_pull(&s->f->module, w, pulled, grad, work);
    left += work->depth + (work->second ? work->second->depth : 0);
    jf_work_release(work, 0);
    free(ld);
    free(grad);
    free(pulled);
    free(derived);
    jf_matrix_free(&dz);
    jf_matrix_free(&x);
    jf_work_free(work);
    return left ? broken(s, LAW_STACK, "buffers left", (double)left, 0) : 0;
}

static unsigned law_shapes(const subject *s)
{
    jf_matrix wrong = jf_matrix_new(2, s->d + 1);
    jf_matrix one = jf_matrix_new(1, s->d), two = jf_matrix_new(2, s->d);
    double ld[2] = {0};
    real *grad = jf_theta_new(s->f), *theta = s->theta;
    int wrongs =
        jf_forward(s->f, theta, wrong, ld, s->team) != GSL_EBADLEN ||
        jf_inverse(s->f, theta, wrong, s->team) != GSL_EBADLEN ||
        jf_forward(s->f, theta, two, NULL, s->team) != GSL_EFAULT ||
        jf_init(s->f, theta, jf_const(wrong), 1, s->team) != GSL_EBADLEN ||
        jf_init(s->f, theta, jf_const(jf_rows(two, 0, 0)), 1, s->team) !=
            GSL_EBADLEN ||
        jf_vjp(s->f, theta, one, two, ld, grad, JF_TAPE_LEAN, s->team) !=
            GSL_EBADLEN ||
        jf_vjp(s->f, theta, two, two, ld, grad, JF_TAPE_NONE, s->team) !=
            GSL_EINVAL;
    free(grad);
    jf_matrix_free(&wrong);
    jf_matrix_free(&one);
    jf_matrix_free(&two);
    return wrongs ? broken(s, LAW_SHAPES, "a code is missing", 1, 0) : 0;
}

/* The largest condition number of the Jacobian over the rows, at least 1. */
static double condition(const subject *s)
{
    jf_matrix jacobian = jf_matrix_new(s->d, s->d);
    double *wide = jf_alloc(s->d * s->d, sizeof *wide), worst = 1;
    double *sigma = jf_alloc(s->d, sizeof *sigma);
    for (size_t i = 0; i < s->n; i++) {
        dense_jacobian(s, jf_row(s->x, i), jacobian, JF_TAPE_LEAN);
        for (size_t k = 0; k < s->d * s->d; k++)
            wide[k] = (double)jacobian.data[k];
        jf_singular_values(s->d, s->d, wide, sigma);
        worst = fmax(worst, sigma[0] / sigma[s->d - 1]);
    }
    free(sigma);
    free(wide);
    jf_matrix_free(&jacobian);
    return worst;
}

/* x, at least a fifth of its piece away from its ends. */
static real within(real x, real cells)
{
    real k = floor(x * cells), u = x * cells - k;
    real from = u < R(0.1) ? 0 : u < R(0.9) ? R(0.1) : R(0.9);
    real size = u >= R(0.1) && u < R(0.9) ? R(0.8) : R(0.1);
    return (k + from + R(0.2) * size + R(0.6) * (u - from)) / cells;
}

unsigned broken_laws(const jf_layer *layer, const law_options *options,
                     unsigned long seed, int verbose)
{
    subject s = {.f = layer,
                 .d = layer->d,
                 .n = ROWS,
                 .kinked = options->kinked != 0,
                 .verbose = verbose};
    unsigned result = 0;

    s.team = jf_team_new(1);
    s.theta = jf_theta_new(layer);
    s.x = jf_matrix_new(s.n, s.d);
    if (options->unit)
        jf_fill_uniform(s.x, seed, JF_PURPOSE_DATA, 0);
    else
        jf_fill_normal(s.x, seed, JF_PURPOSE_DATA, 0);
    for (size_t i = 0; options->unit && i < s.n * s.d; i++)
        s.x.data[i] = R(0.2) + R(0.6) * s.x.data[i];
    for (size_t i = 0; options->kinked > 1 && i < s.n * s.d; i++)
        s.x.data[i] = within(s.x.data[i], (real)options->kinked);
    if (jf_init(layer, s.theta, jf_const(s.x), seed, s.team))
        result |= broken(&s, LAW_SHAPES, "init fails", 1, 0);
    jf_matrix noise = jf_matrix_new(1, layer->module.n_params);
    jf_fill_normal(noise, seed, JF_PURPOSE_USER, 99);
    for (size_t j = 0; j < layer->module.n_params; j++)
        s.theta[j] += options->spread * noise.data[j];
    jf_matrix_free(&noise);

    jf_matrix z = copy_of(s.x);
    double ld[ROWS];
    jf_forward(layer, s.theta, z, ld, s.team);
    s.size = 1 + largest(s.x) + largest(z);
    s.cond = condition(&s);
    jf_matrix_free(&z);

    result |= law_round_trip(&s) | law_log_det(&s) | law_jacobian(&s) |
              law_rows(&s) | law_stack(&s) | law_shapes(&s);
    /* The float build's steps are too long for a piecewise linear net. */
    if (!options->kinked || sizeof(real) == 8)
        result |= law_taylor(&s);
    jf_matrix_free(&s.x);
    free(s.theta);
    jf_team_free(s.team);
    return result;
}
