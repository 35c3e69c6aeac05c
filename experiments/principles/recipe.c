/* recipe.c -- the flow that a set of principles makes.
 *
 *   [P4: actnorm]  blocks x (mixing, coupling)  [P9: actnorm]
 *
 * mixing: z = W x, singular values in [1/8, 8] (P3) or free, orthogonal at the
 * start (P5) or normal with variance 1/d.  coupling: log scales within +-1 (P1)
 * or exp(s), nets of Lipschitz constant 2 (P2) or free.  P4 also starts both
 * actnorms from data; without it they start at the identity. */
#include "principles.h"

#include <math.h>

enum { PURPOSE = JF_PURPOSE_USER + 640 };

jf_layer *recipe_flow(recipe r, size_t d)
{
    jf_layer *f = jf_flow_new(d);
    jf_map map = has(r, P1) ? jf_map_clamp(R(CLAMP)) : jf_map_exp();
    size_t split = d / 2;
    if (has(r, P4))
        jf_flow_add(f, jf_actnorm(d));
    for (size_t k = 0; k < (d > 20 ? 2 : 4); k++) {
        jf_side side = k % 2 ? JF_LOWER : JF_UPPER;
        size_t in = side == JF_UPPER ? split : d - split;
        jf_mlp_options net = {
            in, 2 * (d - in), 16, 1, JF_TANH, 0, has(r, P2) ? LIPSCHITZ : 0};
        jf_flow_add(f, has(r, P3) ? jf_svd_bounded(d, 1 / BUDGET, BUDGET)
                                  : jf_dense(d));
        jf_flow_add(f, jf_coupling(d, split, side, map, jf_mlp(&net)));
    }
    if (has(r, P9))
        jf_flow_add(f, jf_actnorm(d));
    return f;
}

/* Mixing that is not orthogonal: entries, or the angles of the singular
 * values, at random. */
static void spoil(recipe r, const jf_part *part, real *theta, gsl_rng *rng)
{
    size_t d = part->layer->d, n = part->layer->module.n_params;
    size_t first = has(r, P3) ? n - d : 0;
    double sd = has(r, P3) ? 1 : 1 / sqrt((double)d);
    for (size_t i = first; i < n; i++)
        theta[part->first + i] = (real)jf_stream_normal(rng, sd);
}

void recipe_start(recipe r, const jf_layer *f, real *theta, jf_matrix x,
                  unsigned long seed, jf_team *team)
{
    jf_matrix standard = jf_matrix_new(4 * f->d, f->d);
    gsl_rng *rng = jf_stream_new();
    size_t mixing = has(r, P4);

    /* without P4 actnorms see columns of mean 0 and variance about 1 */
    jf_fill_normal(standard, seed, PURPOSE, 0);
    jf_init(f, theta, jf_const(has(r, P4) ? x : standard), seed, team);
    jf_stream_seek(rng, seed, PURPOSE, 1, 0);
    for (size_t i = mixing; !has(r, P5) && i + 1 < jf_flow_length(f); i += 2) {
        jf_part part = jf_flow_part(f, i);
        spoil(r, &part, theta, rng);
    }
    gsl_rng_free(rng);
    jf_matrix_free(&standard);
}
