/* coupling.c -- z_a = x_a, z_b = m(x_b; net(x_a)).
 *
 * log |det df/dx| = sum over b of log m', as the Jacobian is triangular up to
 * the order of columns (Dinh et al. 2015, 2017).  theta is the net's.  A full
 * tape keeps the map's parameters and the net's activations in one block. */
#include <float.h>
#include <math.h>

#include "base/bands.h"
#include "base/error.h"
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
    return c->net->ops->forward(c->net, jf_net_weights(c->net, w),
                                jf_const(columns_a(c, x)), *p,
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
            JF_TRY(jf_map_backward(
                map, b, jf_const(p), jf_rows(m->db, first, count),
                m->d_log_abs_det + first, jf_rows(m->dp, first, count), work));
        else if (m->log_abs_det)
            JF_TRY(jf_map_forward(map, b, jf_const(p), m->log_abs_det + first,
                                  work));
        else
            JF_TRY(jf_map_inverse(map, b, jf_const(p), work));
    }
    return GSL_SUCCESS;
}

/* Pixels go to the team in lanes; samples are in a lane already. */
static int call_map(call m, jf_work *work)
{
    size_t n = m.b.rows;
    size_t lanes = m.c->net->positions ? jf_lanes(n, 1024) : 1;
    return jf_bands_divide(work, m.c->net->banded, n, lanes, call_rows, &m);
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
        c->net, jf_net_weights(c->net, w), jf_const(columns_a(c, z)),
        keeps ? p.data + n * n_out : NULL, dp, columns_a(c, dz),
        jf_net_gradient(c->net, grad.theta, grad.derived), work));
    jf_pop(work, dp.data);
    jf_pop(work, p.data);
    return GSL_SUCCESS;
}

/* |J| for J = (1, 0; b, s), which is the norm of (I, 0; B, S) with |B| <= b and
 * |S| <= s at most. */
static double corner(double s, double b)
{
    return 0.5 * (hypot(1 + s, b) + hypot(1 - s, b));
}

/* Lip s, and the extremes of l where |s(x_a)| <= |s(0)| + Lip(s) radius. */
static int scale_range(const coupling *c, jf_weights w, double radius,
                       double *lip, double *low, double *high, jf_work *work)
{
    size_t positions = c->net->positions ? c->net->positions : 1;
    size_t b = c->net->n_out / c->map.module.n_params;
    jf_matrix zero = jf_push_matrix(work, positions, c->base.d), p;
    jf_matrix_fill(zero, 0);
    JF_TRY(c->net->ops->lipschitz(c->net, w.theta, b, b, lip, work));
    JF_TRY(evaluate(c, w, zero, &p, work));
    real reach = *lip > 0 ? (real)(*lip * radius) : 0;
    for (size_t k = 0; k < positions * b; k++) {
        real s0 = jf_row(p, k / b)[b + k % b];
        real s[2] = {s0 - reach, s0 + reach}, l[2];
        c->map.ops->log_scale(&c->map, 2, s, l, NULL);
        *low = k ? fmin(*low, (double)l[0]) : (double)l[0];
        *high = k ? fmax(*high, (double)l[1]) : (double)l[1];
    }
    jf_pop(work, p.data);
    jf_pop(work, zero.data);
    return GSL_SUCCESS;
}

/* z_b = x_b e^l + t has B = dt + diag(x_b e^l) dl and S = diag(e^l): with |x_b|
 * <= radius, |B| <= Lip t + radius s_max Lip l.  The laws have slope up to 1.
 * The inverse has b / s_min and 1 / s_min in their places.  Other maps: nothing
 * is proved. */
static int bounds(const jf_layer *self, jf_weights w, double radius,
                  double *least, double *largest, jf_work *work)
{
    const coupling *c = (const coupling *)self;
    size_t b = c->net->n_out / c->map.module.n_params;
    double tau, lip = 0, low = 0, high = 0;
    if (!c->net->ops->lipschitz ||
        (c->map.module.n_params != 1 && !c->map.ops->log_scale))
        return GSL_SUCCESS;
    JF_TRY(c->net->ops->lipschitz(c->net, w.theta, 0, b, &tau, work));
    if (c->map.ops->log_scale)
        JF_TRY(scale_range(c, w, radius, &lip, &low, &high, work));
    if (lip > 0)
        tau += radius * exp(high) * lip;
    double high_bound = corner(exp(high), tau) * (1 + 16 * DBL_EPSILON);
    double low_bound =
        exp(low) / corner(exp(low), tau) * (1 - 16 * DBL_EPSILON);
    if (low_bound >= 0 && high_bound < (double)INFINITY)
        *least = low_bound, *largest = high_bound;
    return GSL_SUCCESS;
}

static const jf_layer_ops ops = {.forward = forward,
                                 .inverse = inverse,
                                 .backward = backward,
                                 .bounds = bounds};

const char *const jf_side_names[] = {
    [JF_LOWER] = "lower", [JF_UPPER] = "upper", NULL};

jf_layer *jf_coupling(size_t d, size_t split, jf_side side, jf_map map,
                      jf_net *net)
{
    size_t b = side == JF_UPPER ? d - split : split;
    if (!net)
        return jf_error_missing("no net"), NULL;
    if (split == 0 || split >= d || !map.ops || net->n_in != d - b ||
        net->n_out != b * map.module.n_params) {
        jf_net_free(net);
        JF_ERROR_NULL("the net's sizes do not fit the split and the map",
                      GSL_EBADLEN);
    }
    coupling *c = (coupling *)jf_layer_around(sizeof *c, "coupling", &ops, d,
                                              &net->module);
    if (!c)
        return NULL;
    c->split = split;
    c->side = side;
    c->map = map;
    c->net = net;
    c->base.n_saved = net->n_out + net->n_saved;
    if (net->banded) /* only jf_shared reads this: pixels, not entries */
        c->base.band_in = c->base.band_out =
            (jf_banded){net->banded, net->banded};
    return jf_layer_record(&c->base, "d=%zu, split=%zu, side=%s, map=%s", d,
                           split, jf_side_names[side], map.text);
}
