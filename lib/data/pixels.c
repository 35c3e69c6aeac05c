/* pixels.c -- pictures as tables of numbers. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "data/images.h"
#include "data/read.h"

enum { DEFAULT_SIZE = 8, MAX_ENTRIES = 1 << 28 };

static int is_grey(const unsigned char *pixels, size_t count)
{
    for (size_t i = 0; i < count; i++, pixels += 3)
        if (pixels[0] != pixels[1] || pixels[0] != pixels[2])
            return 0;
    return 1;
}

/* The picture as it is, or its centre scaled. */
static int read_pixels(const char *path, size_t size, jf_image *image)
{
    if (size == 0)
        return jf_image_read(path, image);
    jf_images *set = jf_images_open(path, size);
    if (!set)
        return jf_error_last()->code;
    *image = jf_image_new(size, size, 3);
    int status =
        image->pixels ? jf_images_read(set, 0, image->pixels) : GSL_ENOMEM;
    jf_images_free(set);
    return status;
}

static int fill(const jf_image *image, jf_dataset *out)
{
    static const char *const names[][3] = {{"grey"}, {"red", "green", "blue"}};
    size_t n = image->height * image->width, c = image->channels;
    int colours = c == 3 && !is_grey(image->pixels, n);
    size_t d = colours ? 3 : 1;
    JF_TRY_MEMORY((out->x = jf_matrix_new(n, d)).data);
    JF_TRY_MEMORY(out->columns = jf_alloc(d, sizeof *out->columns));
    for (size_t j = 0; j < d; j++) {
        const char *name = names[colours][j];
        JF_TRY_MEMORY(out->columns[j] = jf_copy_text(name, strlen(name)));
        for (size_t i = 0; i < n; i++)
            jf_row(out->x, i)[j] = image->pixels[i * c + j];
    }
    return GSL_SUCCESS;
}

int jf_read_picture(const char *path, size_t size, jf_dataset *out)
{
    jf_image image = {0};
    int status = read_pixels(path, size, &image);
    if (status == GSL_SUCCESS)
        status = fill(&image, out);
    jf_image_free(&image);
    return status;
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

/* x (n, d) := the n pictures of set, or of their grey alone. */
static int read_all(jf_images *set, size_t n, size_t d, jf_matrix *x)
{
    int status = GSL_SUCCESS, grey = 1;
    JF_TRY_MEMORY((*x = jf_matrix_new(n, d)).data);
    unsigned char *row = jf_alloc(d, 1);
    JF_TRY_MEMORY(row);
    for (size_t i = 0; i < n && status == GSL_SUCCESS; i++) {
        status = jf_images_read(set, i, row);
        grey = grey && is_grey(row, d / 3);
        for (size_t j = 0; j < d && status == GSL_SUCCESS; j++)
            jf_row(*x, i)[j] = row[j];
    }
    free(row);
    JF_TRY(status);
    return grey ? drop_colours(x) : GSL_SUCCESS;
}

int jf_read_folder(const char *path, size_t size, jf_dataset *out)
{
    jf_images *set = jf_images_open(path, size ? size : DEFAULT_SIZE);
    if (!set)
        return jf_error_last()->code;
    size_t n = jf_images_count(set), pixels = jf_images_size(set);
    size_t d = 3 * pixels * pixels;

    jf_images_keep(set, 0); /* each is read once */
    int status =
        n > MAX_ENTRIES / d
            ? jf_refuse(path, 0,
                        "%zu pictures of %zu numbers found, at most %d numbers "
                        "expected; try a smaller --size",
                        n, d, MAX_ENTRIES)
            : read_all(set, n, d, &out->x);
    jf_images_free(set);
    return status;
}
