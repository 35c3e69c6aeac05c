/* autoregressive.c -- z_j = m(x_j; net_j(x_0 .. x_{j-1})).
 *
 * The Jacobian is lower triangular: log |det df/dx| = sum_j log m'(x_j).  With
 * an affine map this is MAF (Papamakarios, Pavlakou and Murray 2017); with a
 * map that reaches every increasing function, the Knothe-Rosenblatt map in the
 * order of the columns.  The inverse goes column by column, each of which needs
 * those before it: one evaluation of a net that can be carried along, d of any
 * other; so forward leaves x on a lean tape. */
#include "base/error.h"
#include "layer/layers.h"

typedef struct {
    jf_layer base;
    jf_map map;
    jf_net *net;
} autoregressive;

/* p (n, n_out), and behind it the net's activations, on the stack. */
static int evaluate(const autoregressive *a, jf_weights w, jf_matrix x,
                    jf_matrix *p, jf_work *work)
{
    size_t n = x.rows, n_out = a->net->n_out;
    *p = jf_view(jf_push(work, n * (n_out + a->net->n_saved)), n, n_out);
    return a->net->ops->forward(a->net, jf_net_weights(a->net, w), jf_const(x),
                                *p, p->data + n * n_out, work);
}

static int forward(const jf_layer *self, jf_weights w, jf_matrix x,
                   double *log_abs_det, jf_work *work)
{
    const autoregressive *a = (const autoregressive *)self;
    jf_matrix p;
    if (work->tape == JF_TAPE_LEAN)
        jf_matrix_copy(jf_push_matrix(work, x.rows, x.cols), jf_const(x));
    JF_TRY(evaluate(a, w, x, &p, work));
    JF_TRY(jf_map_forward(&a->map, x, jf_const(p), log_abs_det, work));
    if (work->tape != JF_TAPE_FULL)
        jf_pop(work, p.data);
    return GSL_SUCCESS;
}

/* Columns 0 .. j - 1 of z are x already: so are the parameters of column j,
 * own (n, n_params). */
static int evaluate_column(const autoregressive *a, jf_weights w, jf_matrix z,
                           size_t j, real *state, jf_matrix own, jf_work *work)
{
    const jf_net *net = a->net;
    jf_matrix p;
    if (net->ops->column)
        return net->ops->column(net, jf_net_weights(net, w), j, jf_const(z),
                                state, own, work);
    JF_TRY(evaluate(a, w, z, &p, work));
    for (size_t i = 0; i < z.rows; i++)
        for (size_t q = 0; q < own.cols; q++)
            jf_row(own, i)[q] = jf_row(p, i)[q * z.cols + j];
    jf_pop(work, p.data);
    return GSL_SUCCESS;
}

static int inverse(const jf_layer *self, jf_weights w, jf_matrix z,
                   jf_work *work)
{
    const autoregressive *a = (const autoregressive *)self;
    jf_matrix own = jf_push_matrix(work, z.rows, a->map.module.n_params);
    real *state = jf_push(work, z.rows * a->net->n_state);
    for (size_t j = 0; j < z.cols; j++) {
        JF_TRY(evaluate_column(a, w, z, j, state, own, work));
        JF_TRY(
            jf_map_inverse(&a->map, jf_columns(z, j, 1), jf_const(own), work));
    }
    jf_pop(work, state);
    jf_pop(work, own.data);
    return GSL_SUCCESS;
}

/* The map's backward turns z into x where the net's activations are known. */
static int backward(const jf_layer *self, jf_weights w, jf_matrix z,
                    jf_matrix dz, const double *d_log_abs_det, jf_grad grad,
                    jf_work *work)
{
    const autoregressive *a = (const autoregressive *)self;
    size_t n = z.rows, n_out = a->net->n_out;
    jf_matrix p = jf_view(NULL, n, n_out), x = jf_view(NULL, n, z.cols);

    if (work->tape == JF_TAPE_FULL) {
        p.data = jf_top(work);
    } else {
        x.data = jf_top(work);
        JF_TRY(evaluate(a, w, x, &p, work));
    }
    jf_matrix dp = jf_push_matrix(work, n, n_out);
    JF_TRY(
        jf_map_backward(&a->map, z, jf_const(p), dz, d_log_abs_det, dp, work));
    if (x.data)
        jf_matrix_copy(z, jf_const(x));
    JF_TRY(a->net->ops->backward(
        a->net, jf_net_weights(a->net, w), jf_const(z), p.data + n * n_out, dp,
        dz, jf_net_gradient(a->net, grad.theta, grad.derived), work));
    jf_pop(work, dp.data);
    jf_pop(work, p.data);
    if (x.data)
        jf_pop(work, x.data);
    return GSL_SUCCESS;
}

static const jf_layer_ops ops = {
    .forward = forward, .inverse = inverse, .backward = backward};

jf_layer *jf_autoregressive(size_t d, jf_map map, jf_net *net)
{
    if (!net)
        return jf_error_missing("no net"), NULL;
    if (d == 0 || !map.ops || net->n_in != d ||
        net->n_out != d * map.module.n_params) {
        jf_net_free(net);
        JF_ERROR_NULL("the net's sizes do not fit the map", GSL_EBADLEN);
    }
    autoregressive *a = (autoregressive *)jf_layer_around(
        sizeof *a, "autoregressive", &ops, d, &net->module);
    if (!a)
        return NULL;
    a->map = map;
    a->net = net;
    a->base.n_saved = net->n_out + net->n_saved;
    return jf_layer_record(&a->base, "d=%zu, map=%s", d, map.text);
}
