/* pixels.c -- pictures as tables of numbers. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "data/images.h"
#include "data/read.h"

enum { MAX_ENTRIES = 1 << 28 };

static int is_grey(const unsigned char *pixels, size_t count)
{
    for (size_t i = 0; i < count; i++, pixels += 3)
        if (pixels[0] != pixels[1] || pixels[0] != pixels[2])
            return 0;
    return 1;
}

static int read_one(jf_images *set, size_t i, size_t size, jf_image *image)
{
    if (size == 0)
        return jf_image_read(jf_images_name(set, i), image);
    *image = jf_image_new(size, size, 3);
    JF_TRY_MEMORY(image->pixels);
    return jf_images_read(set, i, image->pixels);
}

/* A row (pixels x channels) := the pixels; a picture without colours has the
 * first channel alone, or is repeated. */
static void put(const jf_image *image, size_t channels, real *row, int *grey)
{
    size_t n = image->height * image->width, c = image->channels;
    *grey = *grey && (c == 1 || channels == 1 || is_grey(image->pixels, n));
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < channels; k++)
            row[channels * i + k] = image->pixels[i * c + (c == 1 ? 0 : k)];
}

/* Keep the first of every three columns. */
static int drop_colours(jf_matrix *x)
{
    jf_matrix grey = jf_matrix_new(x->rows, x->cols / 3);
    JF_TRY_MEMORY(grey.data);
    for (size_t i = 0; i < grey.rows; i++)
        for (size_t j = 0; j < grey.cols; j++)
            jf_row(grey, i)[j] = jf_row(*x, i)[3 * j];
    jf_matrix_free(x);
    *x = grey;
    return GSL_SUCCESS;
}

/* Whether a picture is of the shape that the heads of the files have. */
static int agrees(const jf_image *image, const jf_images_shape *s, size_t size)
{
    return image->height * image->width == s->height * s->width &&
           (size > 0 || image->channels <= s->channels);
}

static int too_many(const char *path, size_t n, size_t d)
{
    return jf_refuse(path, 0,
                     "%zu pictures of %zu numbers found, at most %d numbers "
                     "expected; try a smaller --size",
                     n, d, MAX_ENTRIES);
}

/* x (pictures, pixels x channels) := all of them; grey: every one is. */
static int read_all(const char *path, jf_images *set, const jf_images_shape *s,
                    size_t size, int *grey, jf_matrix *x)
{
    size_t n = jf_images_count(set), d = s->channels * s->height * s->width;
    if (n > MAX_ENTRIES / d)
        return too_many(path, n, d);
    int status = GSL_SUCCESS;
    *grey = 1;
    for (size_t i = 0; i < n && status == GSL_SUCCESS; i++) {
        jf_image image = {0};
        status = read_one(set, i, size, &image);
        if (status == GSL_SUCCESS && !agrees(&image, s, size))
            status = jf_refuse(jf_images_name(set, i), 0,
                               "its head and its pixels disagree in size");
        if (status == GSL_SUCCESS && i == 0)
            status = (*x = jf_matrix_new(n, d)).data ? GSL_SUCCESS : GSL_ENOMEM;
        if (status == GSL_SUCCESS)
            put(&image, s->channels, jf_row(*x, i), grey);
        jf_image_free(&image);
    }
    JF_TRY(status);
    return *grey && s->channels == 3 ? drop_colours(x) : GSL_SUCCESS;
}

static int read_set(const char *path, jf_images *set, size_t size,
                    jf_dataset *out)
{
    jf_images_shape shape;
    int grey = 0;
    jf_images_keep(set, 0); /* each is read once */
    JF_TRY(size ? jf_images_shape_of(set, &shape)
                : jf_images_one_shape(set, &shape));
    if (size)
        shape.height = shape.width = size;
    JF_TRY(read_all(path, set, &shape, size, &grey, &out->x));
    out->height = shape.height;
    out->width = shape.width;
    out->channels = grey ? 1 : 3;
    return jf_images_describe(set, &shape, out->channels, size > 0,
                              &out->notes);
}

int jf_read_folder(const char *path, size_t size, jf_dataset *out)
{
    jf_images *set = jf_images_open(path, size);
    if (!set)
        return jf_error_last()->code;
    int status = read_set(path, set, size, out);
    jf_images_free(set);
    return status;
}

int jf_read_picture(const char *path, size_t size, jf_dataset *out)
{
    static const char *const names[][3] = {{"grey"}, {"red", "green", "blue"}};
    JF_TRY(jf_read_folder(path, size, out));
    size_t d = out->channels, pixels = out->x.cols / d;
    out->x = jf_view(out->x.data, pixels, d); /* rows are pixels */
    out->height = out->width = out->channels = 0;
    JF_TRY_MEMORY(out->columns = jf_alloc(d, sizeof *out->columns));
    for (size_t j = 0; j < d; j++) {
        const char *name = names[d == 3][j];
        JF_TRY_MEMORY(out->columns[j] = jf_copy_text(name, strlen(name)));
    }
    return GSL_SUCCESS;
}
