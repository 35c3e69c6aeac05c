/* textures.c -- power spectra of fields whose entropy is known.
 *
 * Question  Does the spectral optimum of a sample of images (C3.7) meet that of
 *           the truth, and what does it lose on further images?
 * Method    Gaussian textures, mean 0.  In the sample every spectral matrix is
 *           Wishart, complex but at the frequencies that are their own
 *           negatives, which predicts by how much the optimum on M images
 *           exceeds minus the entropy, and the likelihood of others.  Standard
 *           errors are those of these laws: M >= C + 6 gives three inverse
 *           moments.
 * Writes    optimum-textures.csv [nats per image]. */
#include "optimum.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_sf_psi.h>

#include "wishart.h"

enum { REPEATS = 16, C = 3 };

static const struct {
    size_t size, images;
} cases[] = {{8, 12},  {8, 50},  {16, 12}, {16, 20},
             {32, 10}, {32, 40}, {64, 10}};
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

/* The laws of the means over repeats, from one frequency that is its own
 * negative, and from one of a pair; SELF = 4 of the first, sides being
 * even. */

enum { SELF = 4 };

static cumulants law_of_sum(size_t size, cumulants self, cumulants pair)
{
    cumulants none = {0}, sum = cumulants_add(none, self, SELF);
    double pairs = 0.5 * ((double)(size * size) - SELF);
    sum = cumulants_add(sum, cumulants_scale(pair, 2), pairs);
    return cumulants_mean(sum, REPEATS);
}

/* log det of a Wishart matrix over M, halved, less that of the truth. */
static cumulants log_det_law(wishart_field field, size_t images)
{
    cumulants sum = {0};
    for (size_t i = 0; i < C; i++) {
        double k = (double)(images - i) / field;
        sum.mean += gsl_sf_psi(k) - log((double)images / field);
        sum.variance += gsl_sf_psi_1(k);
        sum.third += gsl_sf_psi_n(2, k);
    }
    return cumulants_scale(sum, -0.5);
}

static cumulants law_of_excess(size_t size, size_t images)
{
    return law_of_sum(size, log_det_law(WISHART_REAL, images),
                      log_det_law(WISHART_COMPLEX, images));
}

/* tr S^-1 T - C, halved, S of the sample and T of as many other images: given
 * S, a sum of M chi-squares of 1 (real) or 2 (complex) degrees over these. */
static cumulants trace_law(wishart_field field, size_t images)
{
    wishart_inverse w = wishart_inverse_of(field, C, images);
    double a = (double)field, m = (double)images;
    cumulants c = wishart_mixed(&w, m, a * m, 2 * a * a * m);
    c.mean -= C;
    return cumulants_scale(c, 0.5);
}

static cumulants law_of_gap(size_t size, size_t images)
{
    return law_of_sum(size, trace_law(WISHART_REAL, images),
                      trace_law(WISHART_COMPLEX, images));
}

static void run(const experiment *e, jf_table *out, size_t point)
{
    size_t size = cases[point].size, images = cases[point].images;
    double excess[REPEATS], gap[REPEATS], optimum, other;
    double truth = jf_texture_optimum(size);
    for (size_t k = 0; k < REPEATS; k++) {
        if (measure(e, size, images, k, &optimum, &other) != GSL_SUCCESS)
            other = (double)NAN;
        excess[k] = optimum - truth;
        gap[k] = optimum - other;
    }
    double predicted = jf_spectrum_excess(size, size, C, images, NULL);
    jf_sample_moments a = jf_sample_of(REPEATS, excess);
    jf_sample_moments b = jf_sample_of(REPEATS, gap);
    jf_table_row(out, point,
                 "%zu,%zu,%d," JF_G "," JF_G "," JF_G ",%.6e," JF_G "," JF_G
                 ",%.6e," JF_G,
                 size, images, REPEATS, truth, truth + a.mean, a.mean,
                 sqrt(law_of_excess(size, images).variance), predicted, b.mean,
                 sqrt(law_of_gap(size, images).variance),
                 jf_spectrum_gap(size, size, C, images));
}

/* Every matrix real: n - i for 2 (n - i) degrees, and M - C - 1 for M - C. */
static double all_real(size_t size, cumulants (*law)(wishart_field, size_t),
                       size_t images)
{
    return (double)(size * size) * law(WISHART_REAL, images).mean;
}

static void judge_column(experiment *e, const jf_table *t,
                         const jf_claim *claim, const char *measured,
                         const char *predicted,
                         cumulants (*law)(size_t, size_t),
                         cumulants (*one)(wishart_field, size_t))
{
    double z[CASES], wrong[CASES];
    jf_finding f = {0};
    for (size_t p = 0; p < CASES; p++) {
        size_t size = cases[p].size, images = cases[p].images;
        double value = jf_table_number(t, p, 0, measured);
        cumulants c = law(size, images);
        z[p] = cumulants_score(c, jf_table_number(t, p, 0, predicted), value);
        wrong[p] = cumulants_score(c, all_real(size, one, images), value);
    }
    jf_family(&f, CASES, z, 0, JF_EQUAL);
    jf_family_broken(&f, CASES, wrong, 0, JF_EQUAL);
    jf_judge(e->verdicts, claim, JF_EQUAL, &f);
}

#define WORST                                                                  \
    "worst normal score over the cases; variance and skewness exact by "       \
    "Wishart moments (Wilson-Hilferty); Bonferroni"

static void judge_textures(experiment *e, const jf_table *t)
{
    judge_column(
        e, t,
        &(jf_claim){"C3.7",
                    "the spectral optimum of M images of a Gaussian "
                    "field exceeds minus its entropy by the mean log "
                    "determinants of Wishart matrices",
                    "textures of 3 channels, 8 x 8 .. 64 x 64", WORST,
                    JF_STATISTIC, "real Wishart matrices at every frequency"},
        "excess_nats", "predicted_excess_nats", law_of_excess, log_det_law);
    judge_column(e, t,
                 &(jf_claim){"C3.7",
                             "and exceeds the likelihood of other images by "
                             "what the mean inverse of Wishart matrices "
                             "predicts",
                             "textures of 3 channels, 8 x 8 .. 64 x 64", WORST,
                             JF_STATISTIC,
                             "real Wishart matrices at every frequency"},
                 "gap_nats", "predicted_gap_nats", law_of_gap, trace_law);
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
    if (jf_table_whole(out))
        judge_textures(e, out);
    jf_table_close(out);
}
