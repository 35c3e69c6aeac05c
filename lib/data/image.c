/* image.c -- what a file is, pictures in memory, grids of them. */
#include "data/image.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "data/format.h"
#include "data/read.h"

jf_image jf_image_new(size_t height, size_t width, size_t channels)
{
    unsigned char *pixels = jf_alloc(height * width * channels, 1);
    return pixels ? (jf_image){height, width, channels, pixels} : (jf_image){0};
}

void jf_image_free(jf_image *image)
{
    free(image->pixels);
    *image = (jf_image){0};
}

void jf_image_drop_alpha(jf_image *image)
{
    size_t c = image->channels - 1;
    unsigned char *to = image->pixels;
    const unsigned char *from = image->pixels;
    for (size_t i = 0; i < image->height * image->width; i++, from += c + 1)
        for (size_t j = 0; j < c; j++)
            *to++ = (unsigned char)((from[j] * from[c] + 127) / 255);
    image->channels = c;
}

int jf_image_check(const char *path, size_t height, size_t width)
{
    if (height >= 1 && width >= 1 && height <= JF_IMAGE_SIDE &&
        width <= JF_IMAGE_SIDE && height * width <= JF_IMAGE_PIXELS)
        return GSL_SUCCESS;
    return jf_refuse(path, 0,
                     "%zu x %zu pixels found, 1 .. %d a side and at most "
                     "%d in all expected",
                     height, width, JF_IMAGE_SIDE, JF_IMAGE_PIXELS);
}

int jf_image_check_whole(const char *path, FILE *file, size_t height,
                         size_t width)
{
    enum { FREE = 1 << 22, OF_BYTE = 512 };
    struct stat info;
    JF_TRY(jf_image_check(path, height, width));
    if (height * width <= FREE)
        return GSL_SUCCESS;
    if (fstat(fileno(file), &info) != 0)
        return jf_refuse(path, 0, "cannot read: %s", strerror(errno));
    if (height * width / OF_BYTE <= (size_t)info.st_size)
        return GSL_SUCCESS;
    return jf_refuse(path, 0,
                     "%zu x %zu pixels declared, more than %jd bytes can hold",
                     height, width, (intmax_t)info.st_size);
}

int jf_image_grow(jf_image *image, size_t rows, size_t bytes, size_t *room)
{
    if (rows <= *room)
        return GSL_SUCCESS;
    size_t more = rows + rows / 2 + 16;
    more = more < image->height ? more : image->height;
    unsigned char *pixels = jf_resize(image->pixels, more * bytes, 1);
    JF_TRY_MEMORY(pixels);
    image->pixels = pixels;
    *room = more;
    return GSL_SUCCESS;
}

int jf_image_magic(const unsigned char *head, size_t size)
{
    if (size >= 8 && memcmp(head, "\x89PNG\r\n\x1a\n", 8) == 0)
        return 'P';
    if (size >= 12 && memcmp(head, "RIFF", 4) == 0 &&
        memcmp(head + 8, "WEBP", 4) == 0)
        return 'W';
    return size >= 3 && memcmp(head, "\xff\xd8\xff", 3) == 0 ? 'J' : 0;
}

int jf_image_refuse(const char *path)
{
    unsigned char head[JF_FORMAT_HEAD];
    FILE *file = fopen(path, "rb");
    if (!file)
        return jf_refuse(path, 0, "cannot open: %s", strerror(errno));
    size_t size = fread(head, 1, sizeof head, file);
    const char *name = jf_format_name(head, size);
    fclose(file);
    if (size == 0)
        return jf_refuse(path, 0,
                         "an empty file found, PNG, JPEG or WebP expected");
    if (name)
        return jf_refuse(path, 0, "%s found, PNG, JPEG or WebP expected", name);
    return jf_refuse(path, 0,
                     "neither PNG nor JPEG nor WebP by its first bytes");
}

static int decode(const char *path, FILE *file, jf_image *out)
{
    unsigned char head[JF_IMAGE_HEAD] = {0};
    size_t size = fread(head, 1, sizeof head, file);
    if (ferror(file))
        return jf_refuse(path, 0, "cannot read: %s", strerror(errno));
    switch (jf_image_magic(head, size)) {
    case 'P':
        if (fseek(file, 8, SEEK_SET) != 0)
            return jf_refuse(path, 0, "cannot read: %s", strerror(errno));
        return jf_read_png(path, file, out);
    case 'J':
        rewind(file);
        return jf_read_jpeg(path, file, out);
    case 'W':
        return jf_read_webp(path, file, out);
    default:
        return jf_image_refuse(path);
    }
}

int jf_image_read(const char *path, jf_image *out)
{
    struct stat info;
    *out = (jf_image){0};
    if (stat(path, &info) != 0)
        return jf_refuse(path, 0, "%s, PNG, JPEG or WebP expected",
                         strerror(errno));
    if (!S_ISREG(info.st_mode))
        return jf_refuse(
            path, 0, "a folder or device found, PNG, JPEG or WebP expected");
    FILE *file = fopen(path, "rb");
    if (!file)
        return jf_refuse(path, 0, "cannot open: %s", strerror(errno));
    int status = decode(path, file, out);
    fclose(file);
    if (status != GSL_SUCCESS)
        jf_image_free(out);
    return status;
}

int jf_image_of(const real *values, size_t height, size_t width,
                size_t channels, jf_image *out)
{
    *out = jf_image_new(height, width, channels);
    JF_TRY_MEMORY(out->pixels);
    for (size_t i = 0; i < height * width * channels; i++) {
        real v = 256 * values[i];
        if (v != v) {
            jf_image_free(out);
            JF_ERROR("a pixel is not a number", GSL_EDOM);
        }
        out->pixels[i] = v >= 255 ? 255 : v <= 0 ? 0 : (unsigned char)v;
    }
    return GSL_SUCCESS;
}

enum { GAP = 2 }; /* pixels between the pictures of a grid */

static void place(const jf_image *image, size_t top, size_t left,
                  jf_image *page)
{
    size_t bytes = image->width * image->channels;
    for (size_t i = 0; i < image->height; i++)
        memcpy(page->pixels + ((top + i) * page->width + left) * page->channels,
               image->pixels + i * bytes, bytes);
}

int jf_image_write_grid(const char *path, const jf_image *images, size_t count,
                        size_t columns)
{
    if (count == 0 || columns == 0)
        JF_ERROR("a grid of no pictures", GSL_EINVAL);
    const jf_image *a = images;
    size_t rows = (count + columns - 1) / columns;
    size_t height = rows * (a->height + GAP) - GAP;
    size_t width = columns * (a->width + GAP) - GAP;

    if (height > JF_IMAGE_SIDE || width > JF_IMAGE_SIDE ||
        height * width > JF_IMAGE_PIXELS)
        JF_ERROR("a grid of too many pixels", GSL_EINVAL);
    for (size_t k = 1; k < count; k++)
        if (images[k].height != a->height || images[k].width != a->width ||
            images[k].channels != a->channels)
            JF_ERROR("the pictures of a grid differ in shape", GSL_EBADLEN);
    jf_image page = jf_image_new(height, width, a->channels);
    JF_TRY_MEMORY(page.pixels);
    memset(page.pixels, 255, height * width * a->channels);
    for (size_t k = 0; k < count; k++)
        place(&images[k], k / columns * (a->height + GAP),
              k % columns * (a->width + GAP), &page);
    int status = jf_image_write(path, &page);
    jf_image_free(&page);
    return status;
}
