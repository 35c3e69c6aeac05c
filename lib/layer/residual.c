/* residual.c -- z = x + g(x) for any net g that knows its Jacobian G.
 *
 * Behrmann, Grathwohl, Chen, Duvenaud and Jacobsen 2019 (i-ResNet).  theta is
 * the net's.  J = I + G is formed at every row, and log |det J| is that of its
 * LU factors: exact, d evaluations and O(d^3) a row.  With the weight c of the
 * log-determinant in the loss, the loss has the derivative c J'^-1 by G, and
 * the net carries it on to theta and x.
 *
 * Where the net's construction bounds its Lipschitz constant by c < 1, the
 * layer is a bijection and the inverse iterates x = z - g(x): by Banach's
 * theorem |x_k - x| <= c / (1 - c) |x_k - x_{k-1}|, and a row goes on until its
 * last move is at most 16 JF_EPS (1 + |x| + |z|), the rounding of a step.
 * Without a bound the iteration may fail to settle; the determinant is exact
 * all the same.
 */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "layer/layers.h"
#include "linalg/batch.h"
#include "linalg/blas.h"
#include "linalg/factor.h"

typedef struct {
    jf_layer base;
    jf_net *net;
} residual;

static const jf_net *net_of(const jf_layer *self)
{
    return ((const residual *)self)->net;
}

/* Rows whose Jacobians stay in cache. */
static size_t chunk_rows(size_t d)
{
    enum { TALL = 512 };
    return d < TALL ? TALL / d : 1;
}

/* What is known at some rows, in one buffer that starts at g. */
typedef struct {
    jf_matrix g, jacobian; /* (n, d), (n d, d) of I + g, transposed */
    real *saved, *kept;
} point;

static int evaluate(const jf_layer *self, jf_weights w, jf_matrix x, int keep,
                    point *p, jf_work *work)
{
    const jf_net *net = net_of(self);
    size_t n = x.rows, d = self->d, kept = keep ? n * d * net->n_kept : 0;
    const real *theta = jf_net_weights(net, w);
    real *at = jf_push(work, n * (d + d * d + net->n_saved) + kept);

    p->g = jf_view(at, n, d);
    p->jacobian = jf_view(at + n * d, n * d, d);
    p->saved = p->jacobian.data + n * d * d;
    p->kept = keep ? p->saved + n * net->n_saved : NULL;
    JF_TRY(net->ops->forward(net, theta, jf_const(x), p->g, p->saved, work));
    JF_TRY(net->ops->jacobian(net, theta, jf_const(x), p->saved, p->jacobian,
                              p->kept, work));
    for (size_t i = 0; i < n * d; i++)
        jf_row(p->jacobian, i)[i % d] += 1;
    return GSL_SUCCESS;
}

static int forward(const jf_layer *self, jf_weights w, jf_matrix x,
                   double *log_abs_det, jf_work *work)
{
    size_t d = self->d, chunk = chunk_rows(d);
    if (work->tape != JF_TAPE_NONE) /* the iteration would be costly */
        jf_matrix_copy(jf_push_matrix(work, x.rows, d), jf_const(x));
    for (size_t first = 0; first < x.rows; first += chunk) {
        size_t n = x.rows - first < chunk ? x.rows - first : chunk;
        jf_matrix part = jf_rows(x, first, n);
        point p;
        JF_TRY(evaluate(self, w, part, 0, &p, work));
        jf_log_abs_dets(n, d, p.jacobian.data, log_abs_det + first, work);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < d; j++)
                jf_row(part, i)[j] += jf_row(p.g, i)[j];
        jf_pop(work, p.g.data);
    }
    return GSL_SUCCESS;
}

/* x := z - g for one row; 1 when it has moved by more than rounding. */
static int fixed_point_step(size_t d, const real *z, const real *g, real *x)
{
    double moved = 0, size = 0;
    for (size_t j = 0; j < d; j++) {
        real next = z[j] - g[j];
        double step = (double)next - (double)x[j];
        moved += step * step;
        x[j] = next;
    }
    size = 1 + jf_norm(d, x) + jf_norm(d, z);
    return sqrt(moved) > 16 * (double)JF_EPS * size; /* not when NaN */
}

static int inverse(const jf_layer *self, jf_weights w, jf_matrix z,
                   jf_work *work)
{
    enum { UNBOUNDED = 1000 };
    const jf_net *net = net_of(self);
    const real *theta = jf_net_weights(net, w);
    size_t n = z.rows, d = self->d, left = n;
    double c = net->bound;
    size_t most =
        c > 0 ? (size_t)(64 * log(2.0) / -log(c)) + 64 : (size_t)UNBOUNDED;
    jf_matrix x = jf_push_matrix(work, n, d), g = jf_push_matrix(work, n, d);
    real *saved = jf_push(work, n * net->n_saved);
    char *active = jf_push_bytes(work, n);

    jf_matrix_copy(x, jf_const(z));
    memset(active, 1, n);
    for (size_t k = 0; k < most && left; k++) {
        JF_TRY(net->ops->forward(net, theta, jf_const(x), g, saved, work));
        for (size_t i = 0; i < n; i++)
            if (active[i] &&
                !fixed_point_step(d, jf_row(z, i), jf_row(g, i), jf_row(x, i)))
                active[i] = 0, left--;
    }
    jf_matrix_copy(z, jf_const(x));
    jf_pop(work, active);
    jf_pop(work, saved);
    jf_pop(work, g.data);
    jf_pop(work, x.data);
    if (left)
        JF_ERROR("the fixed point did not settle", GSL_EMAXITER);
    return GSL_SUCCESS;
}

/* jacobian (n d, d), of J', := c_i J'^-1 transposed: the loss's derivative. */
static int log_det_gradient(size_t n, size_t d, real *jacobian, const double *c,
                            jf_work *work)
{
    double *wide = jf_push_bytes(work, d * d * sizeof *wide), unused;
    for (size_t i = 0; i < n; i++) {
        real *own = jacobian + i * d * d;
        for (size_t e = 0; e < d * d; e++)
            wide[e] = (double)own[e];
        JF_TRY(jf_invert(d, wide, &unused));
        for (size_t k = 0; k < d; k++)
            for (size_t j = 0; j < d; j++)
                own[k * d + j] = (real)(c[i] * wide[j * d + k]);
    }
    jf_pop(work, wide);
    return GSL_SUCCESS;
}

static int backward(const jf_layer *self, jf_weights w, jf_matrix z,
                    jf_matrix dz, const double *d_log_abs_det, jf_grad grad,
                    jf_work *work)
{
    const jf_net *net = net_of(self);
    const real *theta = jf_net_weights(net, w);
    size_t d = self->d, chunk = chunk_rows(d);
    real *old = jf_top(work);

    jf_matrix_copy(z, jf_const_view(old, z.rows, d));
    for (size_t first = 0; first < z.rows; first += chunk) {
        size_t n = z.rows - first < chunk ? z.rows - first : chunk;
        jf_matrix x = jf_rows(z, first, n), dx = jf_rows(dz, first, n);
        point p;
        JF_TRY(evaluate(self, w, x, 1, &p, work));
        JF_TRY(log_det_gradient(n, d, p.jacobian.data, d_log_abs_det + first,
                                work));
        jf_matrix_copy(p.g, jf_const(dx)); /* g is not needed: dL/dg */
        JF_TRY(net->ops->jacobian_backward(
            net, theta, jf_const(x), p.saved, p.kept, p.g, p.jacobian, dx,
            jf_net_gradient(net, grad.theta, grad.derived), work));
        jf_pop(work, p.g.data);
    }
    jf_pop(work, old);
    return GSL_SUCCESS;
}

static int bounds(const jf_layer *self, jf_weights w, double radius,
                  double *least, double *largest, jf_work *work)
{
    const jf_net *net = net_of(self);
    double c;
    (void)radius;
    if (!net->ops->lipschitz)
        return GSL_SUCCESS;
    JF_TRY(net->ops->lipschitz(net, w.theta, 0, self->d, &c, work));
    *least = fmax(1 - c, 0);
    *largest = 1 + c;
    return GSL_SUCCESS;
}

static const jf_layer_ops ops = {.forward = forward,
                                 .inverse = inverse,
                                 .backward = backward,
                                 .bounds = bounds};

jf_layer *jf_residual_net(size_t d, jf_net *net)
{
    if (!net)
        return jf_error_missing("no net"), NULL;
    if (d == 0 || net->n_in != d || net->n_out != d || !net->ops->jacobian ||
        net->bound >= 1) {
        jf_net_free(net);
        JF_ERROR_NULL("a residual layer needs a net of d inputs and outputs "
                      "with a Jacobian and a bound below 1, or none",
                      GSL_EINVAL);
    }
    residual *m = (residual *)jf_layer_around(sizeof *m, "residual_net", &ops,
                                              d, &net->module);
    if (!m)
        return NULL;
    m->net = net;
    m->base.n_saved = d;
    return jf_layer_record(&m->base, "d=%zu", d);
}
