/* scores.c -- the likelihood and the latent radius as scores. */
#include "scores.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>

#define STEP 1e-5 /* of differences, relative to the coordinate */

const char *const score_names[SCORE_MAPS] = {[SCORE_IDENTITY] = "identity",
                                             [SCORE_INVERSION] = "inversion",
                                             [SCORE_PRODUCT] = "product",
                                             [SCORE_POLAR] = "polar",
                                             [SCORE_CONSTANT] =
                                                 "constant determinant"};

/* Phi^-1(1 - exp(-x)), from the smaller tail. */
static double normal_of(double x)
{
    return x < M_LN2 ? gsl_cdf_ugaussian_Pinv(-expm1(-x))
                     : gsl_cdf_ugaussian_Qinv(exp(-x));
}

/* z := f(x) of a map of exponential variables. */
static void image(score_map map, const double x[2], double z[2])
{
    double t = x[0] + x[1], angle = 2 * M_PI * x[0] / t;
    double radius =
        map == SCORE_POLAR ? sqrt(2 * (t - log1p(t))) : t / sqrt(2 * M_PI);
    z[0] = map == SCORE_PRODUCT ? normal_of(x[0]) : radius * cos(angle);
    z[1] = map == SCORE_PRODUCT ? normal_of(x[1]) : radius * sin(angle);
}

static double log_det_of(score_map map, const double x[2])
{
    double j[2][2];
    for (int k = 0; k < 2; k++) {
        double at[2] = {x[0], x[1]}, up[2], down[2];
        at[k] = x[k] * (1 + STEP);
        double to = at[k];
        image(map, at, up);
        at[k] = x[k] * (1 - STEP);
        image(map, at, down);
        for (int i = 0; i < 2; i++)
            j[k][i] = (up[i] - down[i]) / (to - at[k]);
    }
    return log(fabs(j[0][0] * j[1][1] - j[0][1] * j[1][0]));
}

/* Of row k: a point of N(0, I) by the identity or the inversion. */
static void normal_row(score_map map, const jf_layer *inversion, gsl_rng *rng,
                       scores *s, size_t k)
{
    real z[2] = {(real)jf_stream_normal(rng, 1),
                 (real)jf_stream_normal(rng, 1)};
    double norm = jf_norm(2, z), ld = 0;
    s->surprise[k] = 0.5 * norm * norm + JF_LOG_2PI;
    if (map == SCORE_INVERSION &&
        inversion->ops->forward(inversion, (jf_weights){NULL, NULL},
                                jf_view(z, 1, 2), &ld, NULL) != GSL_SUCCESS)
        ld = (double)NAN;
    norm = jf_norm(2, z);
    s->square[k] = norm * norm;
    s->nll[k] = 0.5 * norm * norm + JF_LOG_2PI - ld;
}

static void exponential_row(score_map map, gsl_rng *rng, scores *s, size_t k)
{
    double x[2] = {-log((double)jf_stream_uniform(rng)),
                   -log((double)jf_stream_uniform(rng))};
    double z[2];
    image(map, x, z);
    s->surprise[k] = x[0] + x[1];
    s->square[k] = z[0] * z[0] + z[1] * z[1];
    s->nll[k] = 0.5 * s->square[k] + JF_LOG_2PI - log_det_of(map, x);
}

scores scores_of(score_map map, size_t n, unsigned long seed,
                 unsigned long purpose)
{
    scores s = {.n = n, .nll = jf_alloc(3 * n, sizeof *s.nll)};
    gsl_rng *rng = jf_stream_new();
    jf_layer *inversion = jf_inversion(2);
    s.square = s.nll + n;
    s.surprise = s.square + n;
    jf_stream_seek(rng, seed, purpose, map, 0);
    for (size_t k = 0; k < n; k++)
        if (map == SCORE_IDENTITY || map == SCORE_INVERSION)
            normal_row(map, inversion, rng, &s, k);
        else
            exponential_row(map, rng, &s, k);
    jf_layer_free(inversion);
    gsl_rng_free(rng);
    return s;
}

void scores_clear(scores *s)
{
    free(s->nll);
    *s = (scores){0};
}

double *ranks_of(size_t n, const double *v)
{
    double *rank = jf_alloc(n, sizeof *rank);
    size_t *order = jf_alloc(n, sizeof *order);
    int missing = 0;
    gsl_sort_index(order, v, 1, n);
    for (size_t k = 0; k < n; k++) {
        rank[order[k]] = (double)k;
        missing |= isnan(v[k]);
    }
    for (size_t k = 0; missing && k < n; k++)
        rank[k] = (double)NAN;
    free(order);
    return rank;
}

double rank_correlation(size_t n, const double *a, const double *b)
{
    double sum = 0, m = (double)n;
    for (size_t k = 0; k < n; k++)
        sum += (a[k] - b[k]) * (a[k] - b[k]);
    return 1 - 6 * sum / (m * (m * m - 1));
}
