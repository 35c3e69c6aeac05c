/* made.c -- an autoregressive network: outputs of column j see columns < j.
 *
 * Germain, Gregor, Murray and Larochelle 2015 (MADE), eqs. 8-13: the network
 * is an MLP whose weights are masked.  Input i has degree i, a hidden unit k
 * degree k mod (d - 1), an output of column j degree j; a hidden unit sees
 * degrees up to its own, an output only smaller ones.  Output q d + j is
 * parameter q of column j, as maps want it.  theta is the MLP's; its masked
 * entries are never read and have gradient 0. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "net/net.h"

typedef struct {
    jf_net base;
    jf_net *mlp;
    unsigned char *mask; /* (n_params) */
} made;

static void init(const jf_net *self, real *theta, gsl_rng *rng)
{
    const made *m = (const made *)self;
    m->mlp->ops->init(m->mlp, theta, rng);
}

static real *masked(const made *m, const real *theta, jf_work *work)
{
    real *w = jf_push(work, m->base.n_params);
    for (size_t k = 0; k < m->base.n_params; k++)
        w[k] = m->mask[k] ? theta[k] : 0;
    return w;
}

static int forward(const jf_net *self, const real *theta, jf_matrix in,
                   jf_matrix out, real *saved, jf_work *work)
{
    const made *m = (const made *)self;
    real *w = masked(m, theta, work);
    JF_TRY(m->mlp->ops->forward(m->mlp, w, in, out, saved, work));
    jf_pop(work, w);
    return GSL_SUCCESS;
}

static int backward(const jf_net *self, const real *theta, jf_matrix in,
                    const real *saved, jf_matrix dout, jf_matrix din,
                    real *grad, jf_work *work)
{
    const made *m = (const made *)self;
    size_t n = self->n_params;
    real *w = masked(m, theta, work), *dw = jf_push(work, n);
    memset(dw, 0, n * sizeof *dw);
    JF_TRY(m->mlp->ops->backward(m->mlp, w, in, saved, dout, din, dw, work));
    for (size_t k = 0; k < n; k++)
        grad[k] += m->mask[k] ? dw[k] : 0;
    jf_pop(work, dw);
    jf_pop(work, w);
    return GSL_SUCCESS;
}

static void clear(jf_net *self)
{
    made *m = (made *)self;
    jf_net_free(m->mlp);
    free(m->mask);
}

static int lipschitz(const jf_net *self, const real *theta, size_t first,
                     size_t count, double *constant, jf_work *work)
{
    const made *m = (const made *)self;
    real *w = masked(m, theta, work);
    JF_TRY(m->mlp->ops->lipschitz(m->mlp, w, first, count, constant, work));
    jf_pop(work, w);
    return GSL_SUCCESS;
}

static const jf_net_ops made_ops = {.name = "made",
                                    .init = init,
                                    .forward = forward,
                                    .backward = backward,
                                    .clear = clear,
                                    .lipschitz = lipschitz};

/* Masks of one affine map: units to and from with degree k mod period; strict
 * for the last.  The biases behind it are all used.  Returns what follows. */
static unsigned char *mask_map(unsigned char *mask, size_t n_out, size_t n_in,
                               size_t period_out, size_t period_in, int strict)
{
    for (size_t i = 0; i < n_out; i++)
        for (size_t j = 0; j < n_in; j++)
            *mask++ = i % period_out + !strict > j % period_in;
    memset(mask, 1, n_out);
    return mask + n_out;
}

jf_net *jf_made(size_t d, size_t n_params, size_t hidden, size_t depth,
                jf_activation activation)
{
    jf_mlp_options o = {d, d * n_params, hidden, depth, activation, 0, 0};
    jf_net *mlp = jf_mlp(&o);
    if (!mlp)
        return NULL;
    made *m = jf_alloc(1, sizeof *m);
    m->base = *mlp;
    m->base.ops = &made_ops;
    m->mlp = mlp;
    m->mask = jf_alloc(mlp->n_params, 1);
    unsigned char *mask = m->mask;
    size_t inner = d > 1 ? d - 1 : 1, below = d, n_in = d;
    for (size_t l = 0; l < depth; l++, below = inner, n_in = hidden)
        mask = mask_map(mask, hidden, n_in, inner, below, 0);
    mask_map(mask, d * n_params, n_in, d, below, 1);
    return &m->base;
}
