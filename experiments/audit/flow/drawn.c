/* drawn.c -- random exact flows, correct or with a planted mistake.
 *
 * A flow f with random parameters and z ~ N(0, I) give x = f^-1(z), so that
 * the flow is exact for the law of x whatever its parameters: the hypothesis
 * of every check holds.  f is a head of layers whose log-determinant does not
 * depend on x (an actnorm and a P L U; for images both of pixels, I (x) them)
 * and a tail of two affine couplings. */
#include "examples.h"

#include <math.h>
#include <stdlib.h>

double log_normal(size_t d, const double *z, double sd)
{
    double sum = 0;
    for (size_t j = 0; j < d; j++)
        sum += z[j] * z[j];
    return -sum / (2 * sd * sd) - (double)d * (log(sd) + JF_LOG_2PI / 2);
}

void rescore(drawn *s)
{
    for (size_t i = 0; i < s->n; i++)
        s->ll[i] = log_normal(s->d, s->z + i * s->d, 1) + s->ld[i];
}

/* Every parameter moved by a normal number, those of an actnorm apart: their
 * scales are about the unit of x. */
static void shake(const jf_layer *f, double *theta, double by, gsl_rng *rng)
{
    for (size_t k = 0; k < f->module.n_params; k++)
        theta[k] += jf_stream_normal(rng, by);
}

static jf_layer *head_new(size_t d, int pixel_layers, unsigned long seed)
{
    jf_layer *f = jf_flow_new(d);
    size_t pixels = pixel_layers ? PIXELS : 1, channels = d / pixels;
    jf_flow_add(f, jf_shared(pixels, jf_actnorm(channels)));
    jf_flow_add(f, jf_shared(pixels, jf_plu(channels, seed)));
    return f;
}

static jf_layer *tail_new(size_t d)
{
    jf_layer *f = jf_flow_new(d);
    for (int k = 0; k < 2; k++) {
        jf_side side = k ? JF_LOWER : JF_UPPER;
        size_t split = d / 2, in = side == JF_UPPER ? split : d - split;
        jf_map map = jf_map_clamp(1);
        jf_mlp_options net = {
            in, (d - in) * map.module.n_params, 8, 1, JF_TANH, 0, 0};
        jf_flow_add(f, jf_coupling(d, split, side, map, jf_mlp(&net)));
    }
    return f;
}

double *drawn_theta(const jf_layer *f, double by, unsigned long seed,
                    gsl_rng *rng, jf_team *team)
{
    double *theta = jf_theta_new(f);
    jf_matrix x = jf_matrix_new(64, f->d);
    for (size_t k = 0; k < x.rows * x.cols; k++)
        x.data[k] = jf_stream_normal(rng, 1);
    jf_init(f, theta, jf_const(x), seed, team);
    shake(f, theta, by, rng);
    jf_matrix_free(&x);
    return theta;
}

/* x = f^-1(z) for z ~ N(0, I), then z and both log-determinants from x. */
static void run(drawn *s, const shape *k, int pixel_layers, unsigned long seed)
{
    size_t d = s->d, channels = pixel_layers ? d / PIXELS : d;
    jf_team *team = jf_team_new(1);
    jf_layer *head = head_new(d, pixel_layers, seed), *tail = tail_new(d);
    double *a = drawn_theta(head, k->mixing, seed, s->rng, team);
    double *b = drawn_theta(tail, k->curvature, seed, s->rng, team);
    jf_matrix x = jf_view(s->x, s->n, d), z = jf_view(s->z, s->n, d);
    for (size_t j = 0; j < channels; j++)
        a[j] += k->unit;
    for (size_t j = 0; j < d; j++)
        s->scale[j] = exp(a[j % channels]);
    for (size_t i = 0; i < s->n * d; i++) {
        s->x[i] = jf_stream_normal(s->rng, 1);
        s->other[i] = jf_stream_normal(s->rng, 1);
    }
    if (pixel_layers != 1)
        jf_inverse(tail, b, x, team);
    jf_inverse(head, a, x, team);
    jf_matrix_copy(z, jf_const(x));
    jf_forward(head, a, z, s->head, team);
    if (pixel_layers != 1)
        jf_forward(tail, b, z, s->ld, team);
    for (size_t i = 0; i < s->n; i++)
        s->ld[i] += s->head[i];
    rescore(s);
    free(a);
    free(b);
    jf_layer_free(head);
    jf_layer_free(tail);
    jf_team_free(team);
}

void drawn_to_float(drawn *s)
{
    for (size_t i = 0; i < 3 * s->n * (1 + s->d); i++)
        s->ll[i] = (double)(float)s->ll[i];
}

void drawn_new(const mistake *m, const shape *k, unsigned long seed,
               gsl_rng *rng, drawn *s)
{
    size_t n = k->n, d = k->d;
    double *all = jf_alloc(3 * n * (1 + d) + d, sizeof *all);
    double *vectors = all + 3 * n;
    *s = (drawn){.n = n,
                 .d = d,
                 .ll = all,
                 .ld = all + n,
                 .head = all + 2 * n,
                 .z = vectors,
                 .x = vectors + n * d,
                 .other = vectors + 2 * n * d,
                 .scale = vectors + 3 * n * d,
                 .rng = rng};
    run(s, k, m->pixels, seed);
    if (m->plant)
        m->plant(s);
}

void drawn_free(drawn *s)
{
    free(s->ll);
}
