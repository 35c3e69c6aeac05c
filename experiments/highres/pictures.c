/* pictures.c -- what is trained on and held out, and the baseline of it.
 *
 * The photographs of data/photographs.csv, which says what is held out; of
 * --data the last fifth of the files is.  A crop is the largest square at every
 * size, in the centre (of --data at a random place), mirrored half the time, 8
 * bits, uniform noise.  The power-spectrum optimum (C3.7) of all training
 * pictures, on the held-out ones, is the baseline. */
#include "highres.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_HELD = 16, LEAST_CROPS = 48 };

void highres_crops(const pictures *p, size_t first, size_t files,
                   unsigned long seed, unsigned long step, jf_matrix x)
{
    if (jf_images_batch(p->set, first, files, (double)JF_IMAGE_SIDE, 8, seed,
                        step, x) != GSL_SUCCESS)
        exit(2);
}

/* Bits per dimension of the held-out pictures by the spectrum of s. */
static double held_out_bits(const pictures *p, jf_spectrum *s)
{
    double sum = 0, nats;
    for (size_t i = 0; i < p->held; i++) {
        if (jf_spectrum_nats(s, jf_row(p->test, i), &nats) != GSL_SUCCESS)
            nats = (double)NAN;
        sum += nats / (double)p->held;
    }
    return jf_bits_per_dim(sum, p->test.cols, 8);
}

/* Every training picture, and again up to LEAST_CROPS; the better one of the
 * spectrum as it is, if it has no singular matrix, and of its rings. */
static double spectrum_bits(const pictures *p, unsigned long seed)
{
    size_t count = p->train;
    jf_spectrum *s = jf_spectrum_new(p->size, p->size, 3);
    jf_matrix x = jf_matrix_new(1, p->test.cols);
    while (p->size <= 512 && count < LEAST_CROPS)
        count += p->train;
    for (size_t i = 0; i < count; i++) {
        highres_crops(p, i % p->train, 1, seed, 1000000 + i, x);
        jf_spectrum_add(s, x.data);
    }
    double raw = held_out_bits(p, s), rings = (double)NAN;
    if (jf_spectrum_smooth(s) == GSL_SUCCESS)
        rings = held_out_bits(p, s);
    jf_matrix_free(&x);
    jf_spectrum_free(s);
    return fmin(raw, rings); /* the one that is a number */
}

static void open_folder(const experiment *e, pictures *p)
{
    const char *slash = strrchr(e->args.data, '/');
    p->set = jf_images_open(e->args.data, p->size);
    if (!p->set)
        exit(2);
    snprintf(p->name, sizeof p->name, "%.60s",
             slash && slash[1] ? slash + 1 : "folder");
    size_t files = jf_images_count(p->set);
    if (files < 2)
        jf_fail(2, "%s: one picture, expected at least 2: one is held out",
                e->args.data);
    p->train = files - (files + 4) / 5;
    jf_text note = {0};
    jf_text_add(&note,
                "%zu pictures, 3 channels: squares at random places, scaled, "
                "the last %zu held out\n",
                files, files - p->train);
    experiment_say(p->name, note.data);
    free(note.data);
}

pictures highres_pictures(const experiment *e, const photographs *all,
                          size_t size)
{
    pictures p = {.name = "photographs",
                  .size = size,
                  .batch = size > 512   ? 1
                           : size > 128 ? 4
                                        : 16,
                  .held = size > 512   ? 1
                          : size > 128 ? 4
                                       : MAX_HELD};
    if (e->args.data) {
        open_folder(e, &p);
    } else {
        p.set = size < PHOTOGRAPH_SIDE ? jf_images_scaled(all->images, size)
                                       : jf_images_at(all->images, size);
        p.train = all->train;
    }
    p.test = jf_matrix_new(p.held, size * size * 3);
    highres_crops(&p, p.train, jf_images_count(p.set) - p.train,
                  e->args.seed + 77, 0, p.test);
    p.spectrum = spectrum_bits(&p, e->args.seed);
    return p;
}

void highres_pictures_free(pictures *p)
{
    jf_matrix_free(&p->test);
    jf_images_free(p->set);
}
