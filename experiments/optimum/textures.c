/* textures.c -- power spectra of fields whose entropy is known.
 *
 * Question  Does the spectral optimum of a sample of images (C3.7) meet that of
 *           the truth, and what does it lose on further images?
 * Method    Gaussian textures, mean 0.  In the sample every spectral matrix is
 *           Wishart, which predicts by how much the optimum on M images exceeds
 *           minus the entropy, and the likelihood of others.
 * Writes    optimum-textures.csv [nats per image]. */
#include "optimum.h"

#include <math.h>
#include <stdlib.h>

enum { REPEATS = 16, C = 3 };

static const struct {
    size_t size, images;
} cases[] = {{8, 5}, {8, 50}, {16, 5}, {16, 20}, {32, 8}, {32, 40}, {64, 8}};
enum { CASES = sizeof cases / sizeof *cases };

static void draw(size_t size, uint64_t seed, uint64_t index, real *x)
{
    jf_texture(size, seed, index, x);
    for (size_t i = 0; i < C * size * size; i++)
        x[i] -= R(0.5);
}

/* The optimum on images of repeat k, and the mean over as many others. */
static int measure(const experiment *e, size_t size, size_t images, size_t k,
                   double *optimum, double *other)
{
    jf_spectrum *s = jf_spectrum_new(size, size, C);
    real *x = jf_alloc(C * size * size, sizeof *x);
    uint64_t first = 2 * k * images;
    int status = GSL_SUCCESS;
    for (size_t i = 0; i < images; i++) {
        draw(size, e->args.seed, first + i, x);
        jf_spectrum_add(s, x);
    }
    *optimum = jf_spectrum_optimum(s);
    *other = 0;
    for (size_t i = 0; i < images && status == GSL_SUCCESS; i++) {
        double nats = 0;
        draw(size, e->args.seed, first + images + i, x);
        status = jf_spectrum_nats(s, x, &nats);
        *other += nats / (double)images;
    }
    free(x);
    jf_spectrum_free(s);
    return status;
}

static void run(const experiment *e, jf_table *out, size_t point)
{
    size_t size = cases[point].size, images = cases[point].images;
    double excess[REPEATS], gap[REPEATS], optimum, other, variance;
    double truth = jf_texture_optimum(size);
    for (size_t k = 0; k < REPEATS; k++) {
        if (measure(e, size, images, k, &optimum, &other) != GSL_SUCCESS)
            other = (double)NAN;
        excess[k] = optimum - truth;
        gap[k] = optimum - other;
    }
    double predicted = jf_spectrum_excess(size, size, C, images, &variance);
    jf_sample_moments a = jf_sample_of(REPEATS, excess);
    jf_sample_moments b = jf_sample_of(REPEATS, gap);
    jf_table_row(out, point,
                 "%zu,%zu,%d," JF_G "," JF_G "," JF_G ",%.6e," JF_G "," JF_G
                 ",%.6e," JF_G,
                 size, images, REPEATS, truth, truth + a.mean, a.mean,
                 sqrt(variance / REPEATS), predicted, b.mean, b.se,
                 jf_spectrum_gap(size, size, C, images));
}

static void judge_textures(experiment *e, const jf_table *t)
{
    double excess = 0, gap = 0;
    for (size_t p = 0; p < CASES; p++) {
        excess = jf_worse(
            excess,
            jf_in_errors(jf_table_number(t, p, 0, "excess_nats"),
                         jf_table_number(t, p, 0, "predicted_excess_nats"),
                         jf_table_number(t, p, 0, "se_excess")));
        gap = jf_worse(
            gap, jf_in_errors(jf_table_number(t, p, 0, "gap_nats"),
                              jf_table_number(t, p, 0, "predicted_gap_nats"),
                              jf_table_number(t, p, 0, "se_gap")));
    }
    jf_verdict(e->verdicts,
               &(jf_claim){"C3.7",
                           "the spectral optimum of M images of a Gaussian "
                           "field exceeds minus its entropy by the mean log "
                           "determinants of Wishart matrices",
                           "textures of 3 channels, 8 x 8 .. 64 x 64",
                           "largest deviation in standard errors, which the "
                           "law of Wishart gives"},
               excess, JF_AT_MOST, 0, 5);
    jf_verdict(e->verdicts,
               &(jf_claim){"C3.7",
                           "and exceeds the likelihood of other images by what "
                           "the mean inverse of Wishart matrices predicts",
                           "textures of 3 channels, 8 x 8 .. 64 x 64",
                           "largest deviation in standard errors over 16 "
                           "repeats"},
               gap, JF_AT_MOST, 0, 5);
}

void optimum_textures(experiment *e)
{
    size_t done = 0;
    jf_table *out = jf_table_new(
        &e->args, "optimum-textures",
        "size,images,repeats,optimum_nats,spectrum_nats,excess_nats,se_excess,"
        "predicted_excess_nats,gap_nats,se_gap,predicted_gap_nats",
        CASES);

#pragma omp parallel for schedule(dynamic, 1) num_threads((int)e->team->threads)
    for (size_t k = 0; k < CASES; k++) {
        size_t point = CASES - 1 - k; /* the largest first */
        if (!jf_table_has(out, point)) {
            run(e, out, point);
            jf_table_finish(out, point);
        }
#pragma omp critical(optimum_textures)
        jf_progress(&e->args, "textures", ++done, CASES);
    }
    judge_textures(e, out);
    jf_table_close(out);
}
