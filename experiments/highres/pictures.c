/* pictures.c -- what is trained on and what is held out.
 *
 * The photographs of data/photographs.csv, which says what is held out; of
 * --data the last fifth of the files, at most MAX_HELD.  No picture is on both
 * sides, at any size.  Held out are whole pictures: the largest square in the
 * centre, scaled to size x size.  A training crop is a part of CROP x CROP
 * pixels, or all of a smaller one, at a random place of a picture so scaled (of
 * --data of a square at a random place), mirrored half the time; for interlaced
 * pixels at a place of their coarsest grid, since what a camera or JPEG does by
 * pairs of pixels is where it is in the whole.  8 bits,
 * noise of whole cells (of uniform ones the best for linear flows: C2.7), values
 * in [0, 1). */
#include "highres.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_HELD = 8 };

static void crop(const pictures *p, size_t grid, size_t file,
                 unsigned long seed, unsigned long step, size_t row,
                 gsl_rng *rng, unsigned char *pixels, real *x)
{
    jf_window w = {.side = p->side};
    w.top = grid * gsl_rng_uniform_int(rng, (p->size - p->side) / grid + 1);
    w.left = grid * gsl_rng_uniform_int(rng, (p->size - p->side) / grid + 1);
    if (jf_images_part(p->set, file, (double)JF_IMAGE_SIDE, seed, step, row, w,
                       pixels) != GSL_SUCCESS)
        jf_end(2);
    jf_image_dequantize(pixels, 3 * p->side * p->side, 8, seed, step, row, x);
}

void highres_crops(const pictures *p, size_t grid, int in_turn,
                   unsigned long seed, unsigned long step, size_t first,
                   jf_matrix x)
{
    unsigned char *pixels = jf_alloc(3 * p->side, p->side);
    jf_stream stream;
    gsl_rng *rng = jf_stream_in(&stream);
    for (size_t i = 0; i < x.rows; i++) {
        size_t row = first + i;
        jf_stream_seek(rng, seed, JF_PURPOSE_BATCH, step, row);
        size_t file = gsl_rng_uniform_int(rng, p->train);
        crop(p, grid, in_turn ? row % p->train : file, seed, step, row, rng,
             pixels, jf_row(x, i));
    }
    free(pixels);
}

void highres_held(const pictures *p, size_t i, unsigned char *pixels)
{
    if (jf_images_read(p->set, p->train + i, pixels) != GSL_SUCCESS)
        jf_end(2);
}

double highres_mean_bits(const pictures *p, const picture_set *s,
                         const double *nats)
{
    double sum = 0;
    for (size_t i = s->first; i < s->first + s->count; i++)
        sum += nats[i] / (double)s->count;
    return jf_bits_per_dim(sum, p->test.cols, 8);
}

static void read_held(pictures *p, unsigned long seed)
{
    unsigned char *pixels = jf_alloc(3 * p->size, p->size);
    p->test = jf_matrix_new(p->held, p->size * p->size * 3);
    for (size_t i = 0; i < p->held; i++) {
        highres_held(p, i, pixels);
        jf_image_dequantize(pixels, p->test.cols, 8, seed, 0, i,
                            jf_row(p->test, i));
    }
    free(pixels);
}

static void open_folder(const experiment *e, pictures *p)
{
    const char *slash = strrchr(e->args.data, '/');
    if (access(e->args.data, F_OK) == 0 &&
        jf_images_content(e->args.data) == JF_NO_PICTURE)
        jf_fail(2, "--data %s: no picture found, a folder of them expected",
                e->args.data);
    p->set = jf_images_open(e->args.data, p->size);
    if (!p->set)
        jf_end(2);
    size_t files = jf_images_count(p->set), fifth = (files + 4) / 5;
    if (files < 2)
        jf_fail(2, "%s: one picture, expected at least 2: one is held out",
                e->args.data);
    p->train = files - fifth;
    p->held = fifth < MAX_HELD ? fifth : MAX_HELD;
    p->sets[0].count = p->held;
    p->n_sets = 1;
    snprintf(p->sets[0].name, sizeof p->sets[0].name, "%.60s",
             slash && slash[1] ? slash + 1 : "folder");
    jf_plain_name(p->sets[0].name);
    jf_text note = {0};
    jf_text_add(&note,
                "%zu pictures, 3 channels, scaled: squares at random places to "
                "train on, of the last %zu the first %zu held out, whole\n",
                files, fifth, p->held);
    experiment_say(p->sets[0].name, note.data);
    free(note.data);
}

/* The sets stand one after another in the list. */
static void of_photographs(const photographs *all, pictures *p)
{
    static const char *const names[SETS] = {PHOTOGRAPH_SETS};
    p->set = p->size < PHOTOGRAPH_SIDE ? jf_images_scaled(all->images, p->size)
                                       : jf_images_at(all->images, p->size);
    p->train = all->train;
    p->n_sets = SETS;
    for (size_t k = 0; k < SETS; k++) {
        snprintf(p->sets[k].name, sizeof p->sets[k].name, "%s", names[k]);
        p->sets[k].first = p->held;
        p->sets[k].count = photographs_held(names[k]);
        p->held += p->sets[k].count;
    }
}

pictures highres_pictures(const experiment *e, const photographs *all,
                          size_t size)
{
    pictures p = {.size = size,
                  .side = size < CROP ? size : CROP,
                  .batch = size > 128 ? 4 : 16};
    if (e->args.data)
        open_folder(e, &p);
    else
        of_photographs(all, &p);
    read_held(&p, e->args.seed + 77);
    return p;
}

void highres_pictures_free(pictures *p)
{
    jf_matrix_free(&p->test);
    jf_images_free(p->set);
}
