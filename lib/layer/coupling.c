/* coupling.c -- z_a = x_a, z_b = m(x_b; net(x_a)).
 *
 * log |det df/dx| = sum over b of log m', as the Jacobian is triangular up to
 * the order of columns (Dinh et al. 2015, 2017).  theta is the net's.  A full
 * tape keeps the map's parameters and the net's activations in one block. */
#include <float.h>
#include <math.h>

#include "base/error.h"
#include "base/team.h"
#include "layer/layers.h"

typedef struct {
    jf_layer base;
    size_t split;
    jf_side side;
    jf_map map;
    jf_net *net;
} coupling;

static jf_matrix columns_a(const coupling *c, jf_matrix x)
{
    return c->side == JF_UPPER ? jf_columns(x, 0, c->split)
                               : jf_columns(x, c->split, c->base.d - c->split);
}

static jf_matrix columns_b(const coupling *c, jf_matrix x)
{
    return c->side == JF_UPPER ? jf_columns(x, c->split, c->base.d - c->split)
                               : jf_columns(x, 0, c->split);
}

/* The map's parameters (n, n_out), and behind them the net's activations if
 * backward is to find them. */
static int evaluate(const coupling *c, jf_weights w, jf_matrix x, jf_matrix *p,
                    jf_work *work)
{
    size_t n = x.rows, n_out = c->net->n_out;
    int keeps = work->tape == JF_TAPE_FULL || !c->net->recomputes;
    size_t saved = keeps ? n * c->net->n_saved : 0;
    *p = jf_view(jf_push(work, n * n_out + saved), n, n_out);
    return c->net->ops->forward(
        c->net, jf_net_reads(c->net, w.theta, w.derived), columns_a(c, x), *p,
        keeps ? p->data + n * n_out : NULL, work);
}

/* A call of the map on rows of pixels. */
typedef struct {
    const coupling *c;
    jf_matrix b, p, db, dp; /* db, dp: of backward */
    double *log_abs_det;    /* of forward */
    const double *d_log_abs_det;
} call;

static int call_rows(void *arg, size_t lane, size_t first, size_t count,
                     jf_work *work)
{
    enum { ROWS = 1024 };
    const call *m = arg;
    const jf_map *map = &m->c->map;
    (void)lane;
    for (size_t end = first + count; first < end; first += count) {
        count = end - first < ROWS ? end - first : ROWS;
        jf_matrix b = jf_rows(m->b, first, count);
        jf_matrix p = jf_rows(m->p, first, count);
        if (m->d_log_abs_det)
            JF_TRY(map->backward(map, b, p, jf_rows(m->db, first, count),
                                 m->d_log_abs_det + first,
                                 jf_rows(m->dp, first, count), work));
        else if (m->log_abs_det)
            JF_TRY(map->forward(map, b, p, m->log_abs_det + first, work));
        else
            JF_TRY(map->inverse(map, b, p, work));
    }
    return GSL_SUCCESS;
}

/* Pixels go to the team in lanes; samples are in a lane already. */
static int call_map(call m, jf_work *work)
{
    size_t n = m.b.rows;
    size_t lanes = m.c->net->sites ? jf_lanes(n, 1024) : 1;
    return jf_divide(work, n, lanes, call_rows, &m);
}

static int init(const jf_layer *self, real *theta, jf_matrix x, gsl_rng *rng,
                jf_work *work)
{
    const jf_net *net = ((const coupling *)self)->net;
    (void)x;
    return net->ops->init(net, theta, rng, work);
}

static int prepare(const jf_layer *self, const real *theta, real *derived,
                   jf_work *work)
{
    return jf_net_prepare(((const coupling *)self)->net, theta, derived, work);
}

static int pull(const jf_layer *self, jf_weights w, const real *d_derived,
                real *grad, jf_work *work)
{
    return jf_net_pull(((const coupling *)self)->net, w.theta, d_derived, grad,
                       work);
}

static int forward(const jf_layer *self, jf_weights w, jf_matrix x,
                   double *log_abs_det, jf_work *work)
{
    const coupling *c = (const coupling *)self;
    jf_matrix p;
    JF_TRY(evaluate(c, w, x, &p, work));
    JF_TRY(call_map(
        (call){
            .c = c, .b = columns_b(c, x), .p = p, .log_abs_det = log_abs_det},
        work));
    if (work->tape != JF_TAPE_FULL)
        jf_pop(work, p.data);
    return GSL_SUCCESS;
}

static int inverse(const jf_layer *self, jf_weights w, jf_matrix z,
                   jf_work *work)
{
    const coupling *c = (const coupling *)self;
    jf_matrix p;
    JF_TRY(evaluate(c, w, z, &p, work));
    JF_TRY(call_map((call){.c = c, .b = columns_b(c, z), .p = p}, work));
    jf_pop(work, p.data);
    return GSL_SUCCESS;
}

static int backward(const jf_layer *self, jf_weights w, jf_matrix z,
                    jf_matrix dz, const double *d_log_abs_det, jf_grad grad,
                    jf_work *work)
{
    const coupling *c = (const coupling *)self;
    size_t n = z.rows, n_out = c->net->n_out;
    jf_matrix p = jf_view(NULL, n, n_out);
    int keeps = work->tape == JF_TAPE_FULL || !c->net->recomputes;

    if (work->tape == JF_TAPE_FULL)
        p.data = jf_top(work);
    else
        JF_TRY(evaluate(c, w, z, &p, work));
    jf_matrix dp = jf_push_matrix(work, n, n_out);
    JF_TRY(call_map((call){.c = c,
                           .b = columns_b(c, z),
                           .p = p,
                           .db = columns_b(c, dz),
                           .dp = dp,
                           .d_log_abs_det = d_log_abs_det},
                    work));
    JF_TRY(c->net->ops->backward(
        c->net, jf_net_reads(c->net, w.theta, w.derived), columns_a(c, z),
        keeps ? p.data + n * n_out : NULL, dp, columns_a(c, dz),
        jf_net_adds(c->net, grad.theta, grad.derived), work));
    jf_pop(work, dp.data);
    jf_pop(work, p.data);
    return GSL_SUCCESS;
}

static void clear(jf_layer *self)
{
    jf_net_free(((coupling *)self)->net);
}

/* |J| for J = (1, 0; b, s), which is the norm of (I, 0; B, S) with |B| <= b and
 * |S| <= s at most. */
static double corner(double s, double b)
{
    return 0.5 * (hypot(1 + s, b) + hypot(1 - s, b));
}

/* z_b = x_b e^l + t has B = dt + diag(x_b e^l) dl and S = diag(e^l): with |x_b|
 * <= radius, |B| <= Lip t + radius s_max Lip l.  The laws have slope up to 1,
 * and |s(x_a)| <= |s(0)| + Lip(s) radius bounds l.  The inverse has b / s_min
 * and 1 / s_min in their places.  Other maps: nothing is proved. */
static int bounds(const jf_layer *self, jf_weights w, double radius,
                  double *least, double *largest, jf_work *work)
{
    const coupling *c = (const coupling *)self;
    size_t b = c->net->n_out / c->map.n_params;
    double tau, lip, low = 0, high = 0;
    *least = 0;
    *largest = (double)INFINITY;
    if (!c->net->ops->lipschitz || (c->map.n_params != 1 && !c->map.log_scale))
        return GSL_SUCCESS;
    JF_TRY(c->net->ops->lipschitz(c->net, w.theta, 0, b, &tau, work));
    if (c->map.log_scale) {
        size_t sites = c->net->sites ? c->net->sites : 1;
        jf_matrix zero = jf_push_matrix(work, sites, self->d), p;
        jf_matrix_fill(zero, 0);
        JF_TRY(c->net->ops->lipschitz(c->net, w.theta, b, b, &lip, work));
        JF_TRY(evaluate(c, w, zero, &p, work));
        double reach = lip > 0 ? lip * radius : 0;
        for (size_t k = 0; k < sites * b; k++) {
            real s0 = jf_row(p, k / b)[b + k % b];
            real s[2] = {s0 - (real)reach, s0 + (real)reach}, l[2];
            c->map.log_scale(&c->map, 2, s, l, NULL);
            low = k ? fmin(low, (double)l[0]) : (double)l[0];
            high = k ? fmax(high, (double)l[1]) : (double)l[1];
        }
        jf_pop(work, p.data);
        jf_pop(work, zero.data);
        if (lip > 0)
            tau += radius * exp(high) * lip;
    }
    *largest = corner(exp(high), tau) * (1 + 16 * DBL_EPSILON);
    *least = exp(low) / corner(exp(low), tau) * (1 - 16 * DBL_EPSILON);
    if (!(*least >= 0) || !(*largest < (double)INFINITY))
        *least = 0, *largest = (double)INFINITY;
    return GSL_SUCCESS;
}

static const jf_layer_ops coupling_ops = {
    "coupling", init, prepare, forward, inverse, backward, pull, clear, bounds};

jf_layer *jf_coupling(size_t d, size_t split, jf_side side, jf_map map,
                      jf_net *net)
{
    size_t b = side == JF_UPPER ? d - split : split;
    if (!net) {
        jf_error_missing("no net");
        return NULL;
    }
    if (split == 0 || split >= d || !map.forward || net->n_in != d - b ||
        net->n_out != b * map.n_params) {
        jf_net_free(net);
        JF_ERROR_NULL("the net's sizes do not fit the split and the map",
                      GSL_EBADLEN);
    }
    coupling *c =
        (coupling *)jf_layer_new(sizeof *c, &coupling_ops, d, net->n_params);
    if (!c) {
        jf_net_free(net);
        return NULL;
    }
    c->split = split;
    c->side = side;
    c->map = map;
    c->net = net;
    c->base.n_derived = c->base.n_pulled = net->n_derived;
    c->base.n_saved = net->n_out + net->n_saved;
    return &c->base;
}
