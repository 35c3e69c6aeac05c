/* images.c -- what auto-correlation and power spectra predict for
 * images.
 *
 * Question  What likelihood do a 1x1 convolution (C3.6) and a convolution over
 *           the whole image (C3.7) reach, for an image by itself and for a set,
 *           and what is left of it on images that were held out?
 * Method    Closed forms on levels with uniform noise: digits; of photographs
 *           (data/photographs.csv) the centres, patches of these, and the one
 *           that is near noise by itself.  Without them: not run.
 *           The 1x1 flow is trained on rows with the second moments of the
 *           pixels, which are all its likelihood depends on, and is evaluated
 *           on the pixels.  A row of one image has the spectrum of each channel
 *           apart, since the matrices of one image have rank 1.  gram_nats is
 *           the affine optimum on the training images, noise of 1/12 included.
 * Writes    optimum-images.csv: an image per row, or a set under the name
 *           "all" [nats per image in units of a level]. */
#include "optimum.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/photographs.h"

enum {
    PATCH = 64,
    MAX_CHANNELS = 3,
    SOURCES = 4,
    SHOWN = 20, /* pictures of a set with a row of their own */
    GRAM_ENTRIES = 1 << 26
};

typedef struct {
    const char *name;
    size_t height, width, channels;
    size_t train, held, shown; /* images; shown: with a row of their own */
    size_t first_held;         /* the file of the first held-out picture */
    int levels;
    double zoom;       /* of crops; 0: whole pictures            */
    int as_is;         /* pictures are not scaled                */
    jf_images *images; /* or                                     */
    jf_images *owned;  /* what images borrow from                */
    jf_dataset table;  /* a picture per row, of whole numbers    */
} source;

static size_t dimensions(const source *s)
{
    return s->height * s->width * s->channels;
}

/* pixels (height, width, 3); grey is repeated. */
static int read_as_is(const source *s, size_t file, unsigned char *pixels)
{
    jf_image image;
    const char *name = jf_images_name(s->images, file);
    JF_TRY(jf_image_read(name, &image));
    size_t n = image.height * image.width, c = image.channels;
    int same = image.height == s->height && image.width == s->width;
    for (size_t k = 0; same && k < 3 * n; k++)
        pixels[k] = image.pixels[c == 1 ? k / 3 : k];
    jf_image_free(&image);
    return same ? GSL_SUCCESS
                : jf_refuse(name, 0,
                            "its head and its pixels disagree in "
                            "size");
}

/* Image i of s, the held-out ones behind those for training; noise 1: levels
 * with U(0, 1), 0: without. */
static void load(const experiment *e, const source *s, size_t i, int noise,
                 real *x)
{
    size_t d = dimensions(s);
    uint64_t seed = e->args.seed;
    if (!s->images) {
        jf_matrix row = jf_view(x, 1, d);
        memcpy(x, jf_row(s->table.x, i), d * sizeof *x);
        if (noise)
            jf_dequantize(row, 1, seed + i);
        return;
    }
    unsigned char *pixels = jf_alloc(s->height * s->width, 3);
    size_t files = jf_images_count(s->images), file = i;
    if (s->zoom > 0)
        file = i < s->train ? i % s->first_held
                            : s->first_held + i % (files - s->first_held);
    if ((s->as_is ? read_as_is(s, file, pixels)
         : s->zoom > 0
             ? jf_images_crop(s->images, file, s->zoom, seed, 0, i, pixels)
             : jf_images_read(s->images, file, pixels)) != GSL_SUCCESS)
        jf_end(2);
    for (size_t k = 0; s->channels == 1 && k < d; k++)
        pixels[k] = pixels[3 * k];
    jf_image_dequantize(pixels, d, 8, seed, 0, i, x);
    for (size_t k = 0; k < d; k++)
        x[k] = noise ? 256 * x[k] : (real)pixels[k];
    free(pixels);
}

static const char *name_of(const source *s, size_t i, char *name, size_t size)
{
    if (s->images && s->zoom <= 0) {
        const char *path = jf_images_name(s->images, i);
        const char *slash = strrchr(path, '/');
        snprintf(name, size, "%s", slash ? slash + 1 : path);
    } else {
        snprintf(name, size, "%s-%zu", s->name, i);
    }
    jf_plain_name(name);
    return name;
}

/* R (c, c) of the pixels of an image, division by their number. */
static int correlation(const source *s, real *x, double *r, double *log_det,
                       jf_team *team)
{
    jf_moments m;
    size_t c = s->channels;
    JF_TRY(jf_moments_of(jf_const_view(x, s->height * s->width, c), &m, team));
    memcpy(r, m.r, c * c * sizeof *r);
    *log_det = m.log_det_r;
    jf_moments_free(&m);
    return GSL_SUCCESS;
}

/* Whether the gradient G at W (c, c) leaves less than LEFT nats: G W' = A - I,
 * A = W R W', and the likelihood lacks (tr A - c - log det A)/2 <= |A - I|^2 /
 * 2 when |A - I| <= 1/2. */
#define LEFT 1e-12

static int arrived(size_t c, const real *w, double gradient_norm)
{
    double square = 0;
    for (size_t i = 0; i < c * c; i++)
        square += (double)w[i] * (double)w[i];
    return 0.5 * gradient_norm * gradient_norm * square <= LEFT;
}

/* The log-likelihood per pixel of a 1x1 flow trained on the second moments r
 * (c, c), evaluated on pixels (n, c), or on the moments when n is 0; NaN when
 * they are singular or the optimum is not reached. */
static double train(size_t c, const double *r, jf_matrix pixels, jf_team *team)
{
    double l[MAX_CHANNELS * MAX_CHANNELS], unit = 0;
    memcpy(l, r, c * c * sizeof *l);
    if (jf_cholesky(c, l) != GSL_SUCCESS)
        return (double)NAN;
    for (size_t i = 0; i < c; i++)
        unit += sqrt(r[i * c + i]) / (double)c;
    jf_matrix rows = jf_matrix_new(c, c), own = {0};
    for (size_t k = 0; k < c; k++)
        for (size_t i = 0; i < c; i++)
            jf_row(rows, k)[i] = (real)(sqrt((double)c) * l[i * c + k] / unit);
    jf_layer *flow = jf_dense(c);
    real *theta = jf_theta_new(flow);
    jf_latent q = jf_normal();
    jf_fit_result fit;
    jf_likelihood value;
    jf_init(flow, theta, jf_const(rows), 1, team);
    jf_fit(flow, &q, theta, jf_const(rows),
           &(jf_fit_options){.method = JF_LBFGS, .steps = 10000}, &fit, team);
    int there = arrived(c, theta, fit.gradient_norm);
    if (pixels.rows) {
        own = jf_matrix_new(pixels.rows, c);
        for (size_t i = 0; i < pixels.rows * c; i++)
            own.data[i] = pixels.data[i] / (real)unit;
    }
    jf_nll(flow, &q, theta, jf_const(pixels.rows ? own : rows), &value, NULL,
           team);
    jf_matrix_free(&own);
    jf_matrix_free(&rows);
    free(theta);
    jf_layer_free(flow);
    return there ? -value.nll - (double)c * log(unit) : (double)NAN;
}

typedef struct {
    double eigen, each, trained, spectrum, apart, gram, held, se_held;
} values;

static void write_row(const source *s, const char *image, size_t images,
                      const values *v, jf_table *out, size_t point)
{
    jf_table_row(out, point,
                 "%s,%s,%zu,%zu,%zu,%zu,%d," JF_G "," JF_G "," JF_G "," JF_G
                 "," JF_G "," JF_G "," JF_G ",%.6e," JF_G "," JF_G,
                 s->name, image, images, s->height, s->width, s->channels,
                 s->levels, v->eigen, v->each, v->trained, v->spectrum,
                 v->apart, v->gram, v->held, v->se_held,
                 jf_bits_per_dim(v->spectrum, dimensions(s), 0),
                 jf_bits_per_dim(v->held, dimensions(s), 0));
}

/* What an image by itself gives; r (c, c) its auto-correlation. */
static values of_image(const source *s, real *x, int trained, double *r,
                       jf_team *team)
{
    double nan = (double)NAN, log_det = nan;
    values v = {.trained = nan, .gram = nan, .held = nan, .se_held = nan};
    size_t n = s->height * s->width, c = s->channels;
    if (correlation(s, x, r, &log_det, team) != GSL_SUCCESS)
        memset(r, 0, c * c * sizeof *r);
    v.eigen = v.each = (double)n * jf_eig_log_det(c, log_det);
    if (trained) {
        jf_spectrum *own = jf_spectrum_new(s->height, s->width, c);
        jf_spectrum_add(own, x);
        v.spectrum = v.apart = jf_spectrum_by_channel(own);
        v.trained = (double)n * train(c, r, jf_view(x, n, c), team);
        jf_spectrum_free(own);
    }
    return v;
}

/* EIG(Sigma + I/12) of the training images without noise, where they fit. */
static double gram(const experiment *e, const source *s, jf_team *team)
{
    size_t d = dimensions(s);
    double nats = (double)NAN;
    if (d * s->train > GRAM_ENTRIES)
        return nats;
    jf_matrix x = jf_matrix_new(s->train, d);
    for (size_t i = 0; i < s->train; i++)
        load(e, s, i, 0, jf_row(x, i));
    if (jf_gram_eig(jf_const(x), 1.0 / 12, &nats, team) != GSL_SUCCESS)
        nats = (double)NAN;
    jf_matrix_free(&x);
    return nats;
}

/* The mean log-likelihood of the held-out images, and its standard error. */
static void hold_out(const experiment *e, const source *s, jf_spectrum *all,
                     real *x, values *v)
{
    double *nats = jf_alloc(s->held + 1, sizeof *nats);
    for (size_t i = 0; i < s->held; i++) {
        load(e, s, s->train + i, 1, x);
        if (jf_spectrum_nats(all, x, &nats[i]) != GSL_SUCCESS)
            nats[i] = -(double)INFINITY;
    }
    jf_sample_moments m = jf_sample_of(s->held, nats);
    v->held = s->held ? m.mean : (double)NAN;
    v->se_held = m.se;
    free(nats);
}

static void run(const experiment *e, const source *s, jf_table *out,
                size_t point)
{
    size_t n = s->height * s->width, c = s->channels;
    real *x = jf_alloc(n * c, sizeof *x);
    double r[MAX_CHANNELS * MAX_CHANNELS], l[MAX_CHANNELS * MAX_CHANNELS];
    double sum[MAX_CHANNELS * MAX_CHANNELS] = {0}, log_det = 0;
    jf_team *team = jf_team_new(1);
    jf_spectrum *all = jf_spectrum_new(s->height, s->width, c);
    values set = {0};
    char name[64];

    for (size_t i = 0; i < s->train; i++) {
        load(e, s, i, 1, x);
        values v = of_image(s, x, i < s->shown, r, team);
        if (i < s->shown)
            write_row(s, name_of(s, i, name, sizeof name), 1, &v, out, point);
        jf_spectrum_add(all, x);
        set.each += v.eigen / (double)s->train;
        for (size_t k = 0; k < c * c; k++)
            sum[k] += r[k] / (double)s->train;
    }
    if (s->train > 1) {
        memcpy(l, sum, sizeof l);
        if (jf_log_abs_det(c, l, &log_det) != GSL_SUCCESS)
            log_det = -(double)INFINITY;
        set.eigen = (double)n * jf_eig_log_det(c, log_det);
        set.trained = (double)n * train(c, sum, (jf_matrix){0}, team);
        set.spectrum = jf_spectrum_optimum(all);
        set.apart = jf_spectrum_by_channel(all);
        set.gram = gram(e, s, team);
        hold_out(e, s, all, x, &set);
        write_row(s, "all", s->train, &set, out, point);
    }
    jf_spectrum_free(all);
    jf_team_free(team);
    free(x);
}

/* Train on the first pictures, and hold out the others. */
static source pictures(const char *name, jf_images *images, size_t trained)
{
    size_t count = jf_images_count(images), size = jf_images_size(images);
    return (source){.name = name,
                    .height = size,
                    .width = size,
                    .channels = 3,
                    .train = trained,
                    .held = count - trained,
                    .shown = trained < SHOWN ? trained : SHOWN,
                    .first_held = trained,
                    .levels = 256,
                    .images = images};
}

/* Photographs, patches of them, and the one near noise. */
static void find_photographs(const experiment *e, source *s)
{
    size_t size = by_profile(e, 256, 1024, 1024);
    size_t patches = by_profile(e, 64, 256, 1024);
    photographs all = photographs_open("nature lomiri", e->team);
    photographs noisy = photographs_open("elephants", e->team);
    s[0] = pictures("photographs", jf_images_at(all.images, size), all.train);
    s[1] = pictures("patches", jf_images_at(all.images, PATCH), all.train);
    s[1].zoom = 2;
    s[1].train = patches;
    s[1].held = patches / 4;
    s[1].shown = 3;
    s[2] = pictures("elephants", jf_images_at(noisy.images, size), 1);
    s[0].owned = all.images;
    s[2].owned = noisy.images;
}

/* What the user has: as they are, without --size. */
static source own_pictures(const experiment *e)
{
    jf_images_shape shape;
    jf_images *own = jf_images_open(e->args.data, e->args.size);
    if (!own ||
        (e->args.size ? jf_images_shape_of(own, &shape)
                      : jf_images_one_shape(own, &shape)) != GSL_SUCCESS)
        jf_end(2);
    size_t count = jf_images_count(own);
    source s = pictures("data", own, count - count / 5);
    jf_text notes = {0};
    if (!e->args.size) {
        s.as_is = 1;
        s.height = shape.height;
        s.width = shape.width;
    }
    s.channels = shape.channels;
    shape.height = s.height;
    shape.width = s.width;
    jf_images_describe(own, &shape, s.channels, !s.as_is, &notes);
    experiment_say(s.name, notes.data);
    free(notes.data);
    return s;
}

/* Digits and photographs, or what the user has. */
static size_t find_sources(const experiment *e, source *s)
{
    if (e->args.data) {
        s[0] = own_pictures(e);
        return 1;
    }
    s[0] = (source){.name = "digits",
                    .height = 8,
                    .width = 8,
                    .channels = 1,
                    .train = 1400,
                    .held = 397,
                    .shown = 3,
                    .levels = 17};
    if (jf_data_load("digits", NULL, e->args.seed, &s[0].table) != GSL_SUCCESS)
        jf_end(2);
    if (!photographs_exist())
        return 1;
    find_photographs(e, &s[1]);
    return SOURCES;
}

/* Per pixel, over the rows of the table: the worst of what the claims compare,
 * and the same with the formulas broken. */
typedef struct {
    double fit, rounding, shared, below;
    double wrong_fit, wrong_shared, wrong_below;
} extremes;

static void take_row(const jf_table *t, size_t p, size_t r, extremes *x)
{
    double n =
        jf_table_number(t, p, r, "height") * jf_table_number(t, p, r, "width");
    double c = jf_table_number(t, p, r, "channels");
    double eigen = jf_table_number(t, p, r, "eigen_1x1_nats") / n;
    double trained = jf_table_number(t, p, r, "trained_1x1_nats") / n;
    double each = jf_table_number(t, p, r, "eigen_each_nats") / n;
    double spectrum = jf_table_number(t, p, r, "spectrum_nats") / n;
    if (isinf(eigen)) /* rank below channels: nothing to reach */
        return;
    x->fit = jf_worse(x->fit, fabs(trained - eigen));
    x->rounding =
        jf_worse(x->rounding, LEFT + 4 * n * DBL_EPSILON * (fabs(eigen) + c));
    x->wrong_fit = jf_worse(x->wrong_fit, fabs(trained - eigen / n));
    if (jf_table_number(t, p, r, "images") < 2 || isinf(spectrum))
        return;
    x->shared = jf_worse(x->shared, eigen - each);
    x->wrong_shared = jf_worse(x->wrong_shared, each - eigen);
    x->below = jf_worse(x->below, eigen - spectrum);
    x->wrong_below =
        jf_worse(x->wrong_below, eigen - spectrum + 0.5 * c * log(n));
}

static void judge_images(experiment *e, const jf_table *t, size_t points)
{
    double none = -(double)INFINITY;
    extremes x = {.shared = none,
                  .below = none,
                  .wrong_shared = none,
                  .wrong_below = none};
    for (size_t p = 0; p < points; p++)
        for (size_t r = 0; r < jf_table_rows(t, p); r++)
            take_row(t, p, r, &x);
    jf_claim claims[] = {
        {"C3.6",
         "a trained 1x1 flow reaches EIG of the pixels' auto-correlation, on "
         "each image and each set",
         NULL,
         "largest difference [nats per pixel]; what the final gradient may "
         "leave, and roundings of a sum over pixels",
         JF_OPTIMISATION, "EIG for N EIG"},
        {"C3.6",
         "a 1x1 flow shared by a set is at most the mean over its images", NULL,
         "largest excess [nats per pixel]; proved inequality, roundings of a "
         "sum over pixels",
         JF_IDENTITY, "mean of EIG for EIG of the mean"},
        {"C3.7",
         "the spectral optimum of a set is at least that of 1x1 convolutions",
         NULL,
         "largest lack [nats per pixel]; proved inequality, roundings of a sum "
         "over pixels",
         JF_IDENTITY, "1/N lost"}};
    jf_finding found[] = {{.measured = x.fit,
                           .tolerance = x.rounding,
                           .broken = x.wrong_fit - x.fit},
                          {.measured = x.shared,
                           .tolerance = x.rounding,
                           .broken = x.wrong_shared - x.shared},
                          {.measured = x.below,
                           .tolerance = x.rounding,
                           .broken = x.wrong_below - x.below}};
    if (isnan(x.fit))
        snprintf(found[0].open, sizeof found[0].open,
                 "a 1x1 flow has not arrived");
    for (size_t k = 0; k < 3; k++)
        claims[k].hypotheses =
            e->args.data ? "the pictures of --data, with uniform noise"
            : points < SOURCES
                ? "digits, with uniform noise"
                : "digits, photographs, patches of them, with uniform noise";
    for (size_t k = 0; k < 3; k++) /* without a set there is one row alone */
        if (k == 0 || !isinf(x.shared))
            jf_judge(e->verdicts, &claims[k], k ? JF_AT_MOST : JF_EQUAL,
                     &found[k]);
    for (size_t k = 0; k < 3 && points < SOURCES && !e->args.data; k++) {
        claims[k].hypotheses =
            "photographs, patches of them, with uniform noise";
        jf_verdict_not_run(e->verdicts, &claims[k], NO_PHOTOGRAPHS);
    }
}

/* An optimum without bound is said in words. */
static void print_row(const jf_table *t, size_t r)
{
    char name[64];
    double nats = jf_table_number(t, 0, r, "spectrum_nats");
    jf_table_string(t, 0, r, "image", name, sizeof name);
    if (isinf(nats))
        printf("%s: power spectrum optimum unbounded: spectral matrices of %g "
               "pictures have a rank below their %g channels\n",
               name, jf_table_number(t, 0, r, "images"),
               jf_table_number(t, 0, r, "channels"));
    else
        printf("%s: power spectrum optimum %.15g nats, %.6g bits/dim\n", name,
               nats, jf_table_number(t, 0, r, "bits_per_dim"));
}

void optimum_images(experiment *e)
{
    source sources[SOURCES];
    size_t points = find_sources(e, sources), done = 0;
    jf_table *out = jf_table_new(
        &e->args, "optimum-images",
        "set,image,images,height,width,channels,levels,eigen_1x1_nats,"
        "eigen_each_nats,trained_1x1_nats,spectrum_nats,spectrum_apart_nats,"
        "gram_nats,held_out_nats,se_held_out,bits_per_dim,"
        "held_out_bits_per_dim",
        points);

#pragma omp parallel for schedule(dynamic, 1) num_threads((int)e->team->threads)
    for (size_t k = 0; k < points; k++) {
        size_t point = points == 1 ? 0 : (k + 1) % points; /* largest first */
        if (!jf_table_has(out, point)) {
            run(e, &sources[point], out, point);
            jf_table_finish(out, point);
        }
#pragma omp critical(optimum_images)
        jf_progress(&e->args, "images", ++done, points);
    }
    int whole = jf_table_whole(out);
    if (e->verdicts && whole)
        judge_images(e, out, points);
    for (size_t r = 0; e->args.data && whole && r < jf_table_rows(out, 0); r++)
        print_row(out, r);
    if (points < SOURCES && !e->args.data)
        jf_table_not_run(out, NO_PHOTOGRAPHS);
    jf_table_close(out);
    for (size_t k = 0; k < points; k++) {
        jf_images_free(sources[k].images);
        jf_images_free(sources[k].owned);
        jf_data_free(&sources[k].table);
    }
}
