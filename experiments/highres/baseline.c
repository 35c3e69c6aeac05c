/* baseline.c -- what a Gaussian that is learned from the training pictures needs
 * for the held-out ones, in bits per dimension.
 *
 * circular     the power spectrum (C3.7): S(k) at every frequency of the torus
 * reflecting   the same of the cosine transform (C3.12), whose matrices are real
 *              Both of all whole training pictures (of a folder of more than
 *              256 the first ones, below the full profile), which small ones
 *              are taken several times for; as they are, where no matrix is singular, or
 *              as means over rings (jf_spectrum_smooth): whichever needs less.
 * start        the cosine layer by itself, at its optimum of training crops and
 *              within its budget: where the recipe spectrum starts
 * The least of them, set by set, is the baseline. */
#include "highres.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { C = 3, ENTRIES = C * (C + 1) / 2, LEAST_PICTURES = 48 };
enum { MOST_PICTURES = 256 }; /* below the full profile */

static size_t picture_count(const experiment *e, const pictures *p)
{
    size_t count = p->train;
    if (e->args.profile != JF_FULL && count > MOST_PICTURES)
        return MOST_PICTURES;
    while (p->size <= 512 && count < LEAST_PICTURES)
        count += p->train;
    return count;
}

/* A whole training picture with its noise. */
static void whole(const pictures *p, size_t i, unsigned long seed,
                  unsigned char *pixels, real *x)
{
    size_t d = p->test.cols;
    if (jf_images_crop(p->set, i % p->train, (double)JF_IMAGE_SIDE, seed,
                       1000000, i, pixels) != GSL_SUCCESS)
        jf_end(2);
    jf_image_dequantize(pixels, d, 8, seed, 1000000, i, x);
}

/* *best := the less, by set. */
static void keep_less(const pictures *p, const double *nats, double *best)
{
    for (size_t k = 0; k < p->n_sets; k++)
        best[k] = fmin(best[k], highres_mean_bits(p, &p->sets[k], nats));
}

static void by_torus(const pictures *p, jf_spectrum *s, double *best)
{
    double *nats = jf_alloc(p->held, sizeof *nats);
    for (int rings = 0; rings < 2; rings++) {
        int status = rings ? jf_spectrum_smooth(s) : GSL_SUCCESS;
        for (size_t i = 0; i < p->held; i++)
            if (status != GSL_SUCCESS ||
                jf_spectrum_nats(s, jf_row(p->test, i), &nats[i]) !=
                    GSL_SUCCESS)
                nats[i] = (double)NAN;
        keep_less(p, nats, best);
    }
    free(nats);
}

/* x (n, n, C) := coefficients (C, n, n) of the orthonormal cosine transform. */
static void coefficients(const jf_cosines *t, size_t n, const real *x, real *y)
{
    enum { ALIGN = 64 };
    real *line = aligned_alloc(ALIGN, (n * sizeof *line / ALIGN + 1) * ALIGN);
    real *scratch =
        aligned_alloc(ALIGN, (t->room * sizeof *line / ALIGN + 1) * ALIGN);
    if (!line || !scratch)
        jf_fail(1, "no memory");
    for (size_t c = 0; c < C; c++) {
        real *to = y + c * n * n;
        for (size_t i = 0; i < n; i++) {
            for (size_t k = 0; k < n; k++)
                line[k] = x[(i * n + k) * C + c];
            jf_cosines_forward(t, line, scratch);
            for (size_t k = 0; k < n; k++)
                to[k * n + i] = line[k] * (real)sqrt(jf_cosines_weight(n, k));
        }
        for (size_t k = 0; k < n; k++) {
            memcpy(line, to + k * n, n * sizeof *line);
            jf_cosines_forward(t, line, scratch);
            for (size_t i = 0; i < n; i++)
                to[k * n + i] = line[i] * (real)sqrt(jf_cosines_weight(n, i));
        }
    }
    free(scratch);
    free(line);
}

typedef struct {
    size_t n;
    jf_cosines *transform;
    real *y;       /* (C, n, n) */
    double *power; /* (n n, ENTRIES): means of products */
} cosines;

static void add_products(cosines *s, double weight)
{
    size_t area = s->n * s->n;
    for (size_t q = 0; q < area; q++)
        for (size_t i = 0, at = 0; i < C; i++)
            for (size_t j = 0; j <= i; j++, at++)
                s->power[q * ENTRIES + at] += weight *
                                              (double)s->y[i * area + q] *
                                              (double)s->y[j * area + q];
}

/* The ring of a frequency: 0 alone, then of width 1 up to length 16 in units of
 * the torus, which are two here, and of 5 % beyond. */
static size_t ring_of(size_t n, size_t q)
{
    enum { NARROW = 16 };
    double length = hypot((double)(q / n), (double)(q % n)) / 2;
    if (q == 0)
        return 0;
    return length < NARROW
               ? 1 + (size_t)length
               : NARROW + 1 + (size_t)(log(length / NARROW) / log(1.05));
}

static void smooth(cosines *s)
{
    size_t area = s->n * s->n, rings = ring_of(s->n, area - 1) + 1;
    double *mean = jf_alloc(rings * (ENTRIES + 1), sizeof *mean);
    memset(mean, 0, rings * (ENTRIES + 1) * sizeof *mean);
    for (size_t q = 0; q < area; q++) {
        double *m = mean + ring_of(s->n, q) * (ENTRIES + 1);
        for (size_t k = 0; k < ENTRIES; k++)
            m[k] += s->power[q * ENTRIES + k];
        m[ENTRIES]++;
    }
    for (size_t q = 0; q < area; q++) {
        const double *m = mean + ring_of(s->n, q) * (ENTRIES + 1);
        for (size_t k = 0; k < ENTRIES; k++)
            s->power[q * ENTRIES + k] = m[k] / m[ENTRIES];
    }
    free(mean);
}

/* -1/2 sum (C log 2 pi + log det S + y' S^-1 y) of the coefficients, by L L' =
 * S; not finite where a matrix is singular. */
static double nats_of(const cosines *s)
{
    size_t area = s->n * s->n;
    double sum = 0;
    for (size_t q = 0; q < area; q++) {
        const double *m = s->power + q * ENTRIES;
        double l[ENTRIES], v[C];
        for (size_t i = 0, at = 0; i < C; i++) {
            v[i] = (double)s->y[i * area + q];
            for (size_t j = 0; j <= i; j++, at++) {
                const double *a = l + i * (i + 1) / 2, *b = l + j * (j + 1) / 2;
                double rest = m[at];
                for (size_t k = 0; k < j; k++)
                    rest -= a[k] * b[k];
                l[at] = i == j ? sqrt(rest) : rest / b[j];
                v[i] -= j < i ? l[at] * v[j] : 0;
            }
            double root = l[i * (i + 1) / 2 + i];
            v[i] /= root;
            sum -= 0.5 * (log(2 * M_PI) + v[i] * v[i]) + log(root);
        }
    }
    return isfinite(sum) ? sum : (double)NAN;
}

static void by_cosines(const pictures *p, cosines *s, double *best)
{
    double *nats = jf_alloc(p->held, sizeof *nats);
    for (int rings = 0; rings < 2; rings++) {
        if (rings)
            smooth(s);
        for (size_t i = 0; i < p->held; i++) {
            coefficients(s->transform, s->n, jf_row(p->test, i), s->y);
            nats[i] = nats_of(s);
        }
        keep_less(p, nats, best);
    }
    free(nats);
}

static void by_layer(const experiment *e, const pictures *p, double *best)
{
    enum { ROWS = 64 };
    jf_layer *part = highres_flow(SPECTRUM, p->size, p->side, 0);
    jf_layer *all = highres_flow(SPECTRUM, p->size, p->size, 0);
    real *theta = jf_theta_new(part);
    jf_matrix x = jf_matrix_new(ROWS, part->d);
    jf_matrix z = jf_matrix_new(1, all->d);
    double *nats = jf_alloc(p->held, sizeof *nats), ld;
    jf_latent q = jf_normal();
    highres_crops(p, 1, 1, e->args.seed, 0, 0, x);
    int status = highres_start(SPECTRUM, part, theta, x, e->args.seed, e->team);
    for (size_t i = 0; i < p->held; i++) {
        nats[i] = 0;
        memcpy(z.data, jf_row(p->test, i), all->d * sizeof(real));
        for (size_t k = 0; k < 2 && status == GSL_SUCCESS; k++) {
            jf_part l = jf_flow_part(all, k);
            status = jf_forward(l.layer, theta + l.first, z, &ld, e->team);
            nats[i] += ld;
        }
        q.log_density(&q, jf_const(z), &ld, 1, (jf_matrix){0});
        nats[i] = status == GSL_SUCCESS ? nats[i] + ld : (double)NAN;
    }
    keep_less(p, nats, best);
    free(nats);
    jf_matrix_free(&z);
    jf_matrix_free(&x);
    free(theta);
    jf_layer_free(all);
    jf_layer_free(part);
}

void highres_baseline(const experiment *e, pictures *p)
{
    size_t n = p->size, d = p->test.cols, count = picture_count(e, p);
    double best[3][SETS];
    unsigned char *pixels = jf_alloc(d, 1);
    jf_matrix x = jf_matrix_new(1, d);
    jf_spectrum *torus = jf_spectrum_new(n, n, C);
    cosines mirror = {.n = n,
                      .transform = jf_cosines_new(n),
                      .y = jf_alloc(d, sizeof(real)),
                      .power = jf_alloc(n * n * ENTRIES, sizeof(double))};
    memset(mirror.power, 0, n * n * ENTRIES * sizeof(double));
    for (size_t k = 0; k < 3 * SETS; k++)
        best[k / SETS][k % SETS] = (double)NAN;
    for (size_t i = 0; i < count; i++) {
        whole(p, i, e->args.seed, pixels, x.data);
        jf_spectrum_add(torus, x.data);
        coefficients(mirror.transform, n, x.data, mirror.y);
        add_products(&mirror, 1 / (double)count);
    }
    by_torus(p, torus, best[0]);
    by_cosines(p, &mirror, best[1]);
    by_layer(e, p, best[2]);
    for (size_t k = 0; k < p->n_sets; k++) {
        picture_set *s = &p->sets[k];
        s->circular = best[0][k];
        s->reflecting = best[1][k];
        s->start = best[2][k];
        s->spectrum = fmin(fmin(s->circular, s->reflecting), s->start);
    }
    free(mirror.power);
    free(mirror.y);
    jf_cosines_free(mirror.transform);
    jf_spectrum_free(torus);
    jf_matrix_free(&x);
    free(pixels);
}
