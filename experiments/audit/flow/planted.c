/* planted.c -- the mistakes that are planted in exact flows: each changes what
 * the user writes, log_abs_det, log_likelihood or z.
 *
 * Of random flows every other one is written in floats. */
#include "examples.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>

/* ll := B + ld weight, with ld as it is. */
static void score_with(drawn *s, double weight)
{
    for (size_t i = 0; i < s->n; i++)
        s->ll[i] += (weight - 1) * s->ld[i];
}

static void scale_ld(drawn *s, double by)
{
    for (size_t i = 0; i < s->n; i++)
        s->ld[i] *= by;
}

static void scale_both(drawn *s, double by)
{
    scale_ld(s, by);
    rescore(s);
}

static void add_to_ll(drawn *s, double c)
{
    for (size_t i = 0; i < s->n; i++)
        s->ll[i] += c;
}

static void sign(drawn *s)
{
    score_with(s, -1);
}

static void sign_both(drawn *s)
{
    scale_both(s, -1);
}

static void left_out(drawn *s)
{
    score_with(s, 0);
}

static void pixels(drawn *s)
{
    scale_both(s, 1.0 / PIXELS);
}

/* The layers of pixels forget their factor, the couplings are right. */
static void pixels_of_head(drawn *s)
{
    for (size_t i = 0; i < s->n; i++)
        s->ld[i] -= s->head[i] * (1 - 1.0 / PIXELS);
    rescore(s);
}

static void head_left_out(drawn *s)
{
    for (size_t i = 0; i < s->n; i++)
        s->ld[i] -= s->head[i];
    rescore(s);
}

static void factor_d(drawn *s)
{
    scale_both(s, (double)s->d);
}

static void constant_plus(drawn *s)
{
    add_to_ll(s, (double)s->d * JF_LOG_2PI);
}

static void constant_missing(drawn *s)
{
    add_to_ll(s, (double)s->d * JF_LOG_2PI / 2);
}

/* The scale that multiplies is s + epsilon, log s is added: epsilon is a
 * quarter of the least scale s. */
static void epsilon(drawn *s)
{
    double least = HUGE_VAL, lost = 0;
    for (size_t j = 0; j < s->d; j++)
        least = fmin(least, s->scale[j]);
    for (size_t j = 0; j < s->d; j++)
        lost -= log1p(-0.2 * least / s->scale[j]);
    for (size_t i = 0; i < s->n; i++)
        s->ld[i] -= lost;
    rescore(s);
}

static void bits(drawn *s)
{
    scale_ld(s, 1 / M_LN2);
}

static void bits_both(drawn *s)
{
    scale_both(s, 1 / M_LN2);
}

static void log10_ld(drawn *s)
{
    scale_ld(s, 1 / M_LN10);
}

static void log10_both(drawn *s)
{
    scale_both(s, 1 / M_LN10);
}

static void mean_ld(drawn *s)
{
    scale_ld(s, 1 / (double)s->d);
}

static void mean_both(drawn *s)
{
    scale_both(s, 1 / (double)s->d);
}

static void half(drawn *s)
{
    score_with(s, 0.5);
}

static void half_both(drawn *s)
{
    scale_both(s, 0.5);
}

/* A flow over the base N(0, 2^2 I), scored with it. */
static void base(drawn *s)
{
    for (size_t i = 0; i < s->n * s->d; i++)
        s->z[i] *= 2;
    for (size_t i = 0; i < s->n; i++) {
        s->ld[i] += (double)s->d * M_LN2;
        s->ll[i] = log_normal(s->d, s->z + i * s->d, 2) + s->ld[i];
    }
}

/* The same scored with N(0, I). */
static void base_unsaid(drawn *s)
{
    base(s);
    rescore(s);
}

static void permute(drawn *s, double *v, size_t columns)
{
    double *copy = jf_alloc(s->n * columns, sizeof *copy);
    size_t *order = jf_alloc(s->n, sizeof *order);
    memcpy(copy, v, s->n * columns * sizeof *copy);
    for (size_t i = 0; i < s->n; i++)
        order[i] = i;
    gsl_ran_shuffle(s->rng, order, s->n, sizeof *order);
    for (size_t i = 0; i < s->n; i++)
        memcpy(v + i * columns, copy + order[i] * columns, columns * sizeof *v);
    free(copy);
    free(order);
}

static void order_z(drawn *s)
{
    permute(s, s->z, s->d);
}

static void order_ld(drawn *s)
{
    permute(s, s->ld, 1);
}

static void other_batch(drawn *s)
{
    memcpy(s->z, s->other, s->n * s->d * sizeof *s->z);
}

static void average(size_t n, double *v)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        v[i] = sum;
}

static void average_ll(drawn *s)
{
    average(s->n, s->ll);
}

static void average_ld(drawn *s)
{
    average(s->n, s->ld);
}

static void negative(drawn *s)
{
    for (size_t i = 0; i < s->n; i++)
        s->ll[i] = -s->ll[i];
}

/* Some rows overflow. */
static void not_finite(drawn *s)
{
    for (size_t i = 3; i < s->n; i += 17) {
        s->z[i * s->d + i % s->d] = i % 2 ? (double)INFINITY : (double)NAN;
        s->ll[i] = s->ld[i] = (double)NAN;
    }
}

/* Another pass with dropout: the likelihoods are of other z, nearby. */
static void noise(drawn *s)
{
    for (size_t i = 0; i < s->n; i++)
        s->ll[i] += jf_stream_normal(s->rng, 0.3);
}

/* Rows of a wider law: each z is stretched by a random factor of its own. */
static void too_wide(drawn *s)
{
    for (size_t i = 0; i < s->n; i++) {
        double by = exp(0.3 + jf_stream_normal(s->rng, 0.6));
        for (size_t j = 0; j < s->d; j++)
            s->z[i * s->d + j] *= by;
    }
    rescore(s);
}

const mistake mistakes[] = {
    {"correct", NULL, NULL, 1, "a correct flow", 0, 0},
    {"correct-curved", NULL, NULL, 1, "a correct flow, more curved", 0, 2},
    {"sign", "sign", sign, 0, "log_likelihood subtracts log_abs_det", 0, 0},
    {"sign-both", "sign", sign_both, 1,
     "log_abs_det has the wrong sign everywhere", 0, 0},
    {"left-out", "left out", left_out, 0, "log_likelihood lacks log_abs_det", 0,
     0},
    {"pixels", "factor", pixels, 1,
     "layers of pixels count once, not once a pixel (4 pixels)", 1, 0},
    {"pixels-one-layer", "shift", pixels_of_head, 1,
     "the same for the first two layers alone", 2, 0},
    {"layer-left-out", "shift", head_left_out, 1,
     "log_abs_det lacks the first, affine layers", 0, 0},
    {"factor-d", "factor d", factor_d, 1, "log_abs_det is d times too large", 0,
     0},
    {"constant-plus", "constant", constant_plus, 0,
     "+ (d/2) log 2 pi in place of -", 0, 0},
    {"constant-missing", "constant", constant_missing, 0, "no (d/2) log 2 pi",
     0, 0},
    {"epsilon", "epsilon", epsilon, 1, "multiplies by s + epsilon, adds log s",
     0, 0},
    {"bits", "bits", bits, 0, "log_abs_det by log2", 0, 0},
    {"bits-both", "bits", bits_both, 1,
     "log_abs_det by log2, also in the likelihood", 0, 0},
    {"log10", "log10", log10_ld, 0, "log_abs_det by log10", 0, 0},
    {"log10-both", "log10", log10_both, 1,
     "log_abs_det by log10, also in the likelihood", 0, 0},
    {"mean", "mean over dimensions", mean_ld, 0,
     "log_abs_det is a mean over dimensions", 0, 0},
    {"mean-both", "mean over dimensions", mean_both, 1,
     "the same, also in the likelihood", 0, 0},
    {"half", "half", half, 0, "log_likelihood adds half of log_abs_det", 0, 0},
    {"half-both", "half", half_both, 1, "log_abs_det is halved everywhere", 0,
     0},
    {"base", "base", base, 0, "a base of standard deviation 2", 0, 0},
    {"base-unsaid", "base", base_unsaid, 0, "the same, but scored with N(0, I)",
     0, 0},
    {"order-z", "order of z", order_z, 0, "z in another order than the rest", 0,
     0},
    {"order-log-det", "order of log-det", order_ld, 0,
     "log_abs_det in another order than the rest", 0, 0},
    {"other-batch", "other batch", other_batch, 0, "z of another batch", 0, 0},
    {"averaged", "averaged over batch", average_ll, 0,
     "log_likelihood averaged over the batch", 0, 0},
    {"log-det-averaged", "log-det averaged", average_ld, 0,
     "log_abs_det averaged over the batch", 0, 0},
    {"negative", "sign of likelihood", negative, 0,
     "the loss, not its negative", 0, 0},
    {"not-finite", "not finite", not_finite, 0, "one row in 17 overflows", 0,
     0},
    {"noise", "noise", noise, 0, "log_likelihood of another pass with noise", 0,
     0},
    {"too-wide", "too wide", too_wide, 0, "rows that the flow does not fit", 0,
     0},
};

const size_t n_mistakes = sizeof mistakes / sizeof *mistakes;

void mistake_draw(const mistake *m, unsigned long seed, size_t index,
                  flow_numbers *f)
{
    gsl_rng *rng = jf_stream_new();
    drawn s;
    jf_stream_seek(rng, seed,
                   PURPOSE_EXAMPLES + 1 + (unsigned long)(m - mistakes), index,
                   0);
    shape k; /* one draw after the other: the order counts */
    k.n = 100 + gsl_rng_uniform_int(rng, 401);
    k.d = 2 + gsl_rng_uniform_int(rng, 7);
    k.mixing = 0.3 * gsl_rng_uniform(rng);
    k.curvature =
        (m->curvature > 0 ? m->curvature : 0.4) * gsl_rng_uniform(rng);
    k.unit = 2 * gsl_rng_uniform(rng) - 1;
    if (m->pixels)
        k.d = 2 * PIXELS;
    drawn_new(m, &k, seed + index, rng, &s);
    if (index % 2)
        drawn_to_float(&s);
    flow_from(m->name, s.n, s.d, s.ll, s.ld, s.z, m->with_x ? s.x : NULL, f);
    drawn_free(&s);
    gsl_rng_free(rng);
}
