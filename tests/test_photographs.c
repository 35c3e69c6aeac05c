/* test_photographs.c -- the list of photographs: what is taken for present, in
 * what order, and that its pictures are those it names, each once. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "common/photographs.h"
#include "hush.h"

enum { OWN = 4, SMALL = 16, MOST = 128 };
static char folder[] = "/tmp/jacflow-photographs-XXXXXX";
static char names[OWN][64];

/* Four pictures of one grey each; the last row says extra bytes too many. */
static void write_own(int extra)
{
    static const char *const sets[] = {"b,train", "a,held", "a,train",
                                       "c,held"};
    char path[64];
    snprintf(path, sizeof path, "%s/photographs.csv", folder);
    FILE *f = fopen(path, "w");
    CHECK(f && fputs("set,side,path,package,bytes\n", f) > 0);
    for (size_t i = 0; f && i < OWN; i++) {
        struct stat info = {0};
        jf_image image = jf_image_new(4, 6, 1);
        memset(image.pixels, (int)(50 * i), 24);
        snprintf(names[i], sizeof names[i], "%s/%zu.png", folder, i);
        CHECK(jf_image_write(names[i], &image) == GSL_SUCCESS);
        CHECK(stat(names[i], &info) == 0);
        fprintf(f, "%s,%s,p,%ld\n", sets[i], names[i],
                (long)info.st_size + (i == OWN - 1 ? extra : 0));
        jf_image_free(&image);
    }
    if (f)
        fclose(f);
}

/* Lines on stderr, and whether they exist. */
static int exist(int lines)
{
    hush_begin();
    int there = photographs_exist();
    CHECK(hush_end() == lines);
    return there;
}

static void test_order(void)
{
    jf_team *team = jf_team_new(2);
    unsigned char pixel[3];
    photographs all = photographs_open("a b", team);
    jf_images *set = all.images;
    CHECK(jf_images_count(set) == 3 && all.train == 2);
    CHECK(jf_images_size(set) == PHOTOGRAPH_SIDE);
    static const size_t order[] = {0, 2, 1};
    jf_images *one = jf_images_at(set, 1);
    for (size_t i = 0; i < 3; i++) {
        CHECK(strcmp(jf_images_name(set, i), names[order[i]]) == 0);
        CHECK(jf_images_read(one, i, pixel) == GSL_SUCCESS);
        CHECK(pixel[2] == 50 * order[i]);
    }
    jf_images_free(one);
    jf_images_free(set);
    all = photographs_open("c", team);
    CHECK(jf_images_count(all.images) == 1 && all.train == 0);
    jf_images_free(all.images);
    jf_team_free(team);
}

static void test_own(void)
{
    setenv("JF_DATA_DIR", folder, 1);
    setenv("PHOTOGRAPHS", "", 1);
    write_own(0);
    CHECK(exist(0));
    test_order();
    setenv("PHOTOGRAPHS", "no", 1);
    CHECK(!exist(0));
    setenv("PHOTOGRAPHS", "yes", 1);
    CHECK(exist(0));
    write_own(1); /* another picture of that name */
    CHECK(!exist(1));
    write_own(0);
    CHECK(remove(names[1]) == 0);
    CHECK(!exist(1));
    unsetenv("JF_DATA_DIR");
}

/* Grey of a picture, SMALL x SMALL, of mean 0 and norm 1. */
static void describe(jf_images *small, size_t i, double *v)
{
    unsigned char pixels[3 * SMALL * SMALL];
    double mean = 0, norm = 0;
    CHECK(jf_images_read(small, i, pixels) == GSL_SUCCESS);
    for (size_t k = 0; k < SMALL * SMALL; k++) {
        v[k] = pixels[3 * k] + pixels[3 * k + 1] + pixels[3 * k + 2];
        mean += v[k] / (SMALL * SMALL);
    }
    for (size_t k = 0; k < SMALL * SMALL; k++) {
        v[k] -= mean;
        norm += v[k] * v[k];
    }
    for (size_t k = 0; k < SMALL * SMALL; k++)
        v[k] /= sqrt(norm);
}

/* Of the same picture in another size nearly 1. */
static double alike(const double *a, const double *b)
{
    double sum = 0;
    for (size_t k = 0; k < SMALL * SMALL; k++)
        sum += a[k] * b[k];
    return sum;
}

/* No picture is in the list twice, in any size; the control is a picture that
 * is half as large and lacks its border. */
static void test_once(const char *const *paths, size_t count, jf_team *team)
{
    static double v[MOST][SMALL * SMALL];
    double again[SMALL * SMALL], most = -1;
    unsigned char *pixels = malloc(3 * 512 * 512);
    jf_images *set = jf_images_list(paths, count, PHOTOGRAPH_SIDE);
    CHECK(jf_images_hold(set, PHOTOGRAPH_SIDE, team) == GSL_SUCCESS);
    jf_images *small = jf_images_at(set, SMALL);
    for (size_t i = 0; i < count; i++) {
        describe(small, i, v[i]);
        for (size_t j = 0; j < i; j++)
            most = fmax(most, alike(v[i], v[j]));
    }
    CHECK(most < 0.95);
    jf_images *half = jf_images_at(set, 512);
    jf_image image = jf_image_new(480, 500, 3);
    CHECK(jf_images_read(half, 0, pixels) == GSL_SUCCESS);
    for (size_t i = 0; i < 480; i++)
        memcpy(image.pixels + 1500 * i, pixels + 3 * (512 * (i + 16) + 6),
               1500);
    CHECK(jf_image_write(names[0], &image) == GSL_SUCCESS);
    jf_images *other = jf_images_open(names[0], SMALL);
    describe(other, 0, again);
    CHECK(alike(again, v[0]) > 0.95);
    jf_images_free(other);
    jf_image_free(&image);
    jf_images_free(half);
    jf_images_free(small);
    jf_images_free(set);
    free(pixels);
}

static double number(const jf_texts *list, size_t row, const char *column)
{
    return strtod(jf_texts_field(list, row, jf_texts_column(list, column)),
                  NULL);
}

static void test_listed(jf_team *team)
{
    char path[4096];
    const char *paths[MOST];
    jf_texts list;
    snprintf(path, sizeof path, "%s/photographs.csv", jf_data_folder());
    CHECK(jf_texts_read(path, &list) == GSL_SUCCESS);
    CHECK(list.rows > 2 && list.rows <= MOST);
    for (size_t i = 1; i < list.rows; i++) {
        jf_image image;
        paths[i - 1] = jf_texts_field(&list, i, jf_texts_column(&list, "path"));
        CHECK(jf_image_read(paths[i - 1], &image) == GSL_SUCCESS);
        CHECK((double)image.width == number(&list, i, "width"));
        CHECK((double)image.height == number(&list, i, "height"));
        CHECK(image.width >= PHOTOGRAPH_SIDE &&
              image.height >= PHOTOGRAPH_SIDE && image.channels == 3);
        jf_image_free(&image);
    }
    test_once(paths, list.rows - 1, team);
    jf_texts_free(&list);
}

int main(void)
{
    char command[300];
    const char *wish = getenv("PHOTOGRAPHS");
    int none = wish && strcmp(wish, "no") == 0;
    gsl_set_error_handler_off();
    if (!mkdtemp(folder))
        return 1;
    test_own();
    if (none) {
        fprintf(stderr,
                "test_photographs: the list: not run: no photographs\n");
    } else {
        jf_team *team = jf_team_new(0);
        CHECK(photographs_exist());
        test_listed(team);
        jf_team_free(team);
    }
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command) || check_end();
}
