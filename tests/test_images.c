/* test_images.c -- sets of pictures: order, squares, scaling, what is kept;
 * in memory for several threads; levels with noise. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "hush.h"
#include "jf.h"

static char folder[64];
static char path[256];

static const char *named(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* A picture whose pixel (i, j, c) is a + 10 i + j + 100 c, modulo 256. */
static void draw(const char *name, size_t height, size_t width, size_t channels,
                 unsigned a)
{
    jf_image image = jf_image_new(height, width, channels);
    for (size_t i = 0; i < height; i++)
        for (size_t j = 0; j < width; j++)
            for (size_t c = 0; c < channels; c++)
                image.pixels[(i * width + j) * channels + c] =
                    (unsigned char)(a + 10 * i + j + 100 * c);
    CHECK(jf_image_write(named(name), &image) == GSL_SUCCESS);
    jf_image_free(&image);
}

static int hidden_open(const char *name, size_t size)
{
    hush_begin();
    jf_images *set = jf_images_open(name, size);
    int lines = hush_end(), ok = !set && lines == 1;
    jf_images_free(set);
    return ok;
}

static void test_order(void)
{
    static const char *const names[] = {"B.JPG.png", "a.PNG", "c.png"};
    draw("set/c.png", 4, 4, 3, 1);
    draw("set/a.PNG", 4, 4, 3, 2);
    draw("set/B.JPG.png", 4, 4, 1, 3);
    draw("set/.hidden.png", 4, 4, 1, 3);
    draw("set/sub.png/d.png", 4, 4, 1, 3);
    char from[256];
    snprintf(from, sizeof from, "%s", named("set/sub.png/d.png"));
    CHECK(rename(from, named("set/notes.txt")) == 0);
    jf_images *set = jf_images_open(named("set"), 4);
    CHECK(set && jf_images_count(set) == 3 && jf_images_size(set) == 4);
    for (size_t i = 0; set && i < 3; i++)
        CHECK(strcmp(strrchr(jf_images_name(set, i), '/') + 1, names[i]) == 0);
    jf_images_free(set);
    CHECK(hidden_open(named("nothing"), 4));
    CHECK(hidden_open(named("set/sub.png"), 4));
    CHECK(hidden_open(named("set"), 8193));
}

static void test_refused(void)
{
    unsigned char pixels[3];
    jf_images *set = jf_images_open(named("set/notes.txt"), 1);
    CHECK(set && jf_images_read(set, 0, pixels) == GSL_SUCCESS);
    CHECK(jf_images_read(set, 1, pixels) == GSL_EINVAL);
    CHECK(jf_images_crop(set, 0, 0, 1, 1, 1, pixels) == GSL_EINVAL);
    CHECK(jf_images_crop(set, 0, (double)NAN, 1, 1, 1, pixels) == GSL_EINVAL);
    jf_images_free(set);
    FILE *f = fopen(named("text.png"), "w");
    CHECK(f && fputs("no picture", f) > 0);
    if (f)
        fclose(f);
    set = jf_images_open(path, 1);
    hush_begin();
    CHECK(jf_images_read(set, 0, pixels) == GSL_EFAILED);
    CHECK(hush_end() == 1);
    jf_images_free(set);
}

/* The mean over a square of old pixels by its definition, on a grid of points
 * fine enough for the bounds of both. */
static double mean_of(const unsigned char *old, size_t side, size_t width,
                      size_t size, size_t i, size_t j)
{
    double sum = 0;
    for (size_t a = 0; a < side; a++)
        for (size_t b = 0; b < side; b++) {
            size_t y = (i * side + a) / size, x = (j * side + b) / size;
            sum += old[y * width + x];
        }
    return sum / (double)(side * side);
}

static void test_scale(void)
{
    static const size_t sizes[] = {1, 2, 3, 5, 6, 7, 13};
    unsigned char old[6 * 8], pixels[13 * 13 * 3];
    for (size_t k = 0; k < 48; k++)
        old[k] = (unsigned char)(50 + 10 * (k / 8) + k % 8);
    draw("wide.png", 6, 8, 1, 50);
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        size_t size = sizes[s];
        double worst = 0;
        jf_images *set = jf_images_open(named("wide.png"), size);
        CHECK(set && jf_images_read(set, 0, pixels) == GSL_SUCCESS);
        for (size_t k = 0; k < size * size * 3; k++)
            worst = fmax(worst,
                         fabs(pixels[k] - mean_of(old + 1, 6, 8, size,
                                                  k / 3 / size, k / 3 % size)));
        CHECK(worst <= 0.5);
        jf_images_free(set);
    }
}

/* Crops of zoom 1 are squares of the picture, mirrored half the time, at every
 * place; the same stream gives the same one. */
static void test_crop(void)
{
    enum { S = 2, DRAWS = 3000 };
    unsigned char pixels[S * S * 3], again[S * S * 3];
    size_t seen[5][7] = {{0}}, mirrored = 0, wrong = 0;
    draw("crop.png", 6, 8, 3, 0);
    jf_images *set = jf_images_open(named("crop.png"), S);
    for (uint64_t k = 0; k < DRAWS; k++) {
        jf_images_crop(set, 0, 1, 7, 3, k, pixels);
        size_t flip = pixels[0] > pixels[3], corner = pixels[flip ? 3 : 0];
        mirrored += flip;
        seen[corner / 10][corner % 10]++;
        wrong += pixels[flip ? 0 : 3] != corner + 1 ||
                 pixels[flip ? 9 : 6] != corner + 10;
    }
    CHECK(wrong == 0);
    CHECK_CLOSE(mirrored, DRAWS / 2, 5 * sqrt(DRAWS / 4.0));
    double p = 1.0 / 35, expected = DRAWS * p, worst = 0;
    for (size_t k = 0; k < 35; k++)
        worst = fmax(worst, fabs((double)seen[k / 7][k % 7] - expected));
    CHECK(worst <= 5 * sqrt(expected * (1 - p)));
    jf_images_crop(set, 0, 1, 7, 3, DRAWS - 1, again);
    CHECK(memcmp(pixels, again, sizeof pixels) == 0);
    CHECK(jf_images_crop(set, 0, 1e9, 7, 3, 1, pixels) == GSL_SUCCESS);
    jf_images_free(set);
}

/* A part of a crop is what the crop has there, scaled and mirrored or not; no
 * part reaches beyond it. */
static void test_part(void)
{
    enum { S = 7, DRAWS = 40 };
    unsigned char pixels[S * S * 3], part[S * S * 3];
    size_t wrong = 0, others = 0;
    draw("part.png", 31, 23, 3, 0);
    jf_images *set = jf_images_open(named("part.png"), S);
    for (uint64_t k = 0; k < DRAWS; k++) {
        jf_window w = {k % 3, k % 4, 1 + k % 4};
        CHECK(jf_images_crop(set, 0, 2, 7, 3, k, pixels) == GSL_SUCCESS);
        CHECK(jf_images_part(set, 0, 2, 7, 3, k, w, part) == GSL_SUCCESS);
        for (size_t i = 0; i < w.side; i++) {
            const unsigned char *from = pixels + 3 * ((w.top + i) * S + w.left);
            wrong += memcmp(part + 3 * i * w.side, from, 3 * w.side) != 0;
            others += memcmp(part + 3 * i * w.side, from + 3, 3 * w.side) == 0;
        }
    }
    CHECK(wrong == 0);
    CHECK(others == 0); /* pictures in which another place would be seen */
    jf_window whole = {0, 0, S}, beyond = {1, 0, S}, right = {0, 3, S - 2};
    jf_window none = {0, 0, S + 1}, far = {(size_t)-1, 0, 2};
    jf_images_crop(set, 0, 2, 7, 3, 1, pixels);
    CHECK(jf_images_part(set, 0, 2, 7, 3, 1, whole, part) == GSL_SUCCESS);
    CHECK(memcmp(part, pixels, sizeof part) == 0);
    CHECK(jf_images_part(set, 0, 2, 7, 3, 1, beyond, part) == GSL_EINVAL);
    CHECK(jf_images_part(set, 0, 2, 7, 3, 1, right, part) == GSL_EINVAL);
    CHECK(jf_images_part(set, 0, 2, 7, 3, 1, none, part) == GSL_EINVAL);
    CHECK(jf_images_part(set, 0, 2, 7, 3, 1, far, part) == GSL_EINVAL);
    CHECK(jf_images_part(set, 1, 2, 7, 3, 1, whole, part) == GSL_EINVAL);
    jf_images_free(set);
}

enum { COUNT = 6 };

/* COUNT pictures of a list, in an order that is not that of their names. */
static jf_images *listed(size_t size)
{
    char names[COUNT][256];
    const char *paths[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        char name[32];
        snprintf(name, sizeof name, "list/%zu.png", COUNT - i);
        draw(name, 9 + i, 12 - i, i % 2 ? 3 : 1, (unsigned)(7 * i));
        snprintf(names[i], sizeof names[i], "%s", path);
        paths[i] = names[i];
    }
    return jf_images_list(paths, COUNT, size);
}

static void test_list(void)
{
    static const char *const nowhere[] = {"/nowhere/a.png"};
    jf_images *set = listed(4);
    CHECK(set && jf_images_count(set) == COUNT);
    CHECK(strcmp(strrchr(jf_images_name(set, 0), '/'), "/6.png") == 0);
    jf_images_free(set);
    hush_begin();
    CHECK(!jf_images_list(nowhere, 1, 0));
    CHECK(hush_end() == 1);
}

/* Held pictures are the centre squares at that size, and read-only: every
 * number of threads and every borrower sees the same. */
static void test_held(void)
{
    enum { SIDE = 8, D = 3 * SIDE * SIDE };
    unsigned char whole[COUNT][D], pixels[D], small[COUNT][3 * 4 * 4];
    unsigned char again[sizeof small[0]];
    size_t wrong = 0;
    jf_images *plain = listed(SIDE);
    for (size_t i = 0; i < COUNT; i++)
        CHECK(jf_images_read(plain, i, whole[i]) == GSL_SUCCESS);
    jf_images_free(plain);
    for (size_t threads = 1; threads <= 3; threads++) {
        jf_team *team = jf_team_new(threads);
        jf_images *set = listed(SIDE);
        CHECK(jf_images_hold(set, 0, team) == GSL_EINVAL);
        CHECK(jf_images_hold(set, SIDE, team) == GSL_SUCCESS);
        for (size_t i = 0; i < COUNT; i++)
            CHECK(remove(jf_images_name(set, i)) == 0);
        jf_images *same = jf_images_at(set, SIDE);
        jf_images *half = jf_images_at(set, SIDE / 2);
        jf_images *once = jf_images_scaled(set, SIDE / 2);
        CHECK(jf_images_size(half) == 4 && jf_images_size(set) == SIDE);
        for (size_t i = 0; i < COUNT; i++) {
            CHECK(jf_images_read(same, i, pixels) == GSL_SUCCESS);
            wrong += memcmp(pixels, whole[i], D) != 0;
            CHECK(jf_images_read(half, i, pixels) == GSL_SUCCESS);
            if (threads == 1)
                memcpy(small[i], pixels, sizeof small[i]);
            wrong += memcmp(pixels, small[i], sizeof small[i]) != 0;
            CHECK(jf_images_crop(half, i, 99, 1, 2, i, pixels) == GSL_SUCCESS);
            CHECK(jf_images_crop(once, i, 99, 1, 2, i, again) == GSL_SUCCESS);
            wrong += memcmp(pixels, again, sizeof again) != 0;
        }
        jf_images_free(once);
        jf_images_free(half);
        jf_images_free(same);
        jf_images_free(set);
        jf_team_free(team);
    }
    CHECK(wrong == 0);
    jf_team *team = jf_team_new(2);
    jf_images *gone = listed(SIDE);
    CHECK(remove(jf_images_name(gone, 2)) == 0);
    hush_begin();
    CHECK(jf_images_hold(gone, SIDE, team) == GSL_EFAILED);
    CHECK(hush_end() == 1);
    jf_images_free(gone);
    jf_team_free(team);
}

/* More pictures than are kept: each is read again as it was. */
static void test_kept(size_t bytes)
{
    enum { D = 4 * 4 * 3 };
    unsigned char pixels[COUNT][D], again[D];
    size_t wrong = 0;
    jf_images *set = listed(4);
    jf_images_keep(set, bytes);
    for (size_t i = 0; i < COUNT; i++)
        jf_images_read(set, i, pixels[i]);
    for (size_t k = 0; k < 5 * COUNT; k++) {
        jf_images_read(set, k * k % COUNT, again);
        wrong += memcmp(again, pixels[k * k % COUNT], D) != 0;
    }
    CHECK(wrong == 0);
    jf_images_free(set);
}

static void test_levels(void)
{
    unsigned char pixels[256];
    real v[256];
    size_t wrong = 0;
    for (size_t i = 0; i < 256; i++)
        pixels[i] = (unsigned char)i;
    for (int bits = 1; bits <= 8; bits++)
        for (uint64_t row = 0; row < 200; row++) {
            jf_image_dequantize(pixels, 256, bits, 1, 2, row, v);
            for (size_t i = 0; i < 256; i++)
                wrong += floor((double)v[i] * (1 << bits)) !=
                             (double)(i >> (8 - bits)) ||
                         !(v[i] >= 0 && v[i] < 1);
        }
    CHECK(wrong == 0);
    CHECK(jf_image_dequantize(pixels, 256, 0, 1, 2, 3, v) == GSL_EINVAL);
    CHECK(jf_image_dequantize(pixels, 256, 9, 1, 2, 3, v) == GSL_EINVAL);
}

static void test_batch(void)
{
    jf_images *set = listed(8);
    jf_matrix x = jf_matrix_new(64, 192), y = jf_matrix_new(64, 192);
    CHECK(jf_images_batch(set, 0, 4, 1, 5, 1, 1, x) == GSL_SUCCESS);
    CHECK(jf_images_batch(set, 0, 4, 1, 5, 1, 1, jf_rows(y, 0, 9)) ==
          GSL_SUCCESS);
    CHECK(memcmp(x.data, y.data, 9 * 192 * sizeof(real)) == 0);
    CHECK(jf_images_batch(set, 0, 4, 1, 5, 1, 2, y) == GSL_SUCCESS);
    CHECK(memcmp(x.data, y.data, 192 * sizeof(real)) != 0);
    CHECK(jf_images_batch(set, COUNT, 1, 1, 5, 1, 1, x) == GSL_EINVAL);
    CHECK(jf_images_batch(set, 1, COUNT, 1, 5, 1, 1, x) == GSL_EINVAL);
    CHECK(jf_images_batch(set, 0, 4, 1, 5, 1, 1, jf_columns(x, 1, 191)) ==
          GSL_EBADLEN);
    jf_matrix_free(&y);
    jf_matrix_free(&x);
    jf_images_free(set);
}

int main(void)
{
    char command[300];
    check_template(folder, sizeof folder, "images");
    if (!mkdtemp(folder))
        return 1;
    test_order();
    test_refused();
    test_scale();
    test_crop();
    test_part();
    test_list();
    test_held();
    test_kept(0);
    test_kept(100);
    test_kept(1 << 20);
    test_levels();
    test_batch();
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command) || check_end();
}
