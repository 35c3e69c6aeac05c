/* families.c -- random exact flows of many families.
 *
 * Couplings with affine maps and with splines, autoregressive, elementwise
 * between rotations, residual; random parameters of random size.  x = f^-1(z),
 * z ~ N(0, I), so that every flow is exact.  The layers are lib's, which the
 * checks do not use. */
#include "families.h"
#include "examples.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PURPOSE_FAMILIES = JF_PURPOSE_USER + 990 };

static jf_layer *affine(size_t d, unsigned long seed);
static jf_layer *spline(size_t d, unsigned long seed);
static jf_layer *autoregressive(size_t d, unsigned long seed);
static jf_layer *rotated(size_t d, unsigned long seed);
static jf_layer *residual(size_t d, unsigned long seed);

const family families[FAMILIES] = {{"affine coupling", affine, 2},
                                   {"spline coupling", spline, 2},
                                   {"autoregressive", autoregressive, 1},
                                   {"rotated elementwise", rotated, 1},
                                   {"residual", residual, 1}};

static jf_layer *couplings(size_t d, unsigned long seed, jf_map map)
{
    jf_layer *f = jf_flow_new(d);
    jf_flow_add(f, jf_plu(d, seed));
    for (int k = 0; k < 2; k++) {
        jf_side side = k ? JF_LOWER : JF_UPPER;
        size_t split = d / 2, in = side == JF_UPPER ? split : d - split;
        jf_mlp_options net = {
            in, (d - in) * map.module.n_params, 8, 1, JF_TANH, 0, 0};
        jf_flow_add(f, jf_coupling(d, split, side, map, jf_mlp(&net)));
    }
    return f;
}

static jf_layer *affine(size_t d, unsigned long seed)
{
    return couplings(d, seed, jf_map_clamp(1));
}

static jf_layer *spline(size_t d, unsigned long seed)
{
    return couplings(d, seed, jf_map_spline(6, 3));
}

static jf_layer *autoregressive(size_t d, unsigned long seed)
{
    jf_map map = jf_map_clamp(1);
    jf_layer *f = jf_flow_new(d);
    jf_flow_add(f, jf_shuffle(d, seed));
    jf_flow_add(
        f, jf_autoregressive(
               d, map, jf_made(d, map.module.n_params, 2 * d + 4, 1, JF_TANH)));
    return f;
}

static jf_layer *rotated(size_t d, unsigned long seed)
{
    jf_layer *f = jf_flow_new(d);
    (void)seed;
    jf_flow_add(f, jf_orthogonal(d, d));
    jf_flow_add(f, jf_elementwise(d, jf_map_sinh_arcsinh()));
    jf_flow_add(f, jf_orthogonal(d, d));
    return f;
}

static jf_layer *residual(size_t d, unsigned long seed)
{
    jf_mlp_options net = {d, d, d < 8 ? 16 : 2 * d, 1, JF_TANH, 0, 0.7};
    jf_layer *f = jf_flow_new(d);
    jf_flow_add(f, jf_plu(d, seed));
    jf_flow_add(f, jf_residual_net(d, jf_mlp(&net)));
    return f;
}

const char *const family_written[WRITTEN] = {"float64", "float32",
                                             "four decimals", "repeated"};

void family_write_as(size_t written, size_t n, size_t d, double *ll, double *ld,
                     double *z, double *x)
{
    double *of[4] = {ll, ld, z, x};
    for (int k = 0; k < 4; k++) {
        size_t width = k < 2 ? 1 : d;
        for (size_t i = 0; i < n * width && written == 1; i++)
            of[k][i] = (double)(float)of[k][i];
        for (size_t i = 0; i < n * width && written == 2; i++)
            of[k][i] = round(of[k][i] * 1e4) / 1e4;
        if (written == 3)
            memcpy(of[k] + (n - n / 3) * width, of[k],
                   n / 3 * width * sizeof *ll);
    }
}

void family_draw(size_t kind, unsigned long seed, size_t place, size_t index,
                 size_t n, size_t d, family_flow *to)
{
    unsigned long own = seed + index;
    gsl_rng *rng = jf_stream_new();
    jf_stream_seek(rng, seed, PURPOSE_FAMILIES, place, index);
    jf_team *team = jf_team_new(1);
    jf_layer *f = families[kind].make(d, own);
    /* of sums over d, so that neither condition nor curvature grows with it */
    double size = gsl_rng_uniform(rng);
    double *theta =
        drawn_theta(f, 0.6 * size / sqrt(1 + (double)d / 8), own, rng, team);
    double *ll = jf_alloc(2 * n * (1 + d), sizeof *ll), *ld = ll + n;
    double *z = ld + n, *x = z + n * d;
    for (size_t i = 0; i < n * d; i++)
        x[i] = jf_stream_normal(rng, 1);
    memcpy(z, x, n * d * sizeof *z);
    if (jf_inverse(f, theta, jf_view(x, n, d), team) != GSL_SUCCESS)
        jf_fail(1, "%s", jf_error_last()->message);
    double off = 0, *was = jf_alloc(n * d, sizeof *was);
    memcpy(was, z, n * d * sizeof *z);
    memcpy(z, x, n * d * sizeof *z);
    jf_forward(f, theta, jf_view(z, n, d), ld, team);
    for (size_t i = 0; i < n * d; i++)
        off = fmax(off, fabs(z[i] - was[i]));
    if (!(off < 1e-6)) /* not the law that it is to have */
        jf_fail(1, "%s: a round trip errs by %g", families[kind].name, off);
    free(was);
    for (size_t i = 0; i < n; i++)
        ll[i] = log_normal(d, z + i * d, 1) + ld[i];
    *to = (family_flow){f, theta, size, n, d, ll, ld, z, x, rng, team};
}

void family_evaluate(const family_flow *t, size_t n, double *z, double *ld)
{
    if (jf_forward(t->f, t->theta, jf_view(z, n, t->d), ld, t->team) !=
        GSL_SUCCESS)
        jf_fail(1, "%s", jf_error_last()->message);
}

void family_flow_free(family_flow *t)
{
    free(t->ll);
    free(t->theta);
    jf_layer_free((jf_layer *)t->f);
    jf_team_free(t->team);
    gsl_rng_free(t->rng);
}
