/* header.c -- the shape of a picture from the head of its file. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "data/image.h"

static size_t big(const unsigned char *p, size_t size)
{
    size_t v = 0;
    for (size_t i = 0; i < size; i++)
        v = v << 8 | p[i];
    return v;
}

static size_t number(const unsigned char *p, size_t size, int order)
{
    size_t v = 0;
    for (size_t i = 0; i < size; i++)
        v |= (size_t)p[order == 'M' ? size - 1 - i : i] << (8 * i);
    return v;
}

/* The orientation, 1 .. 8, in an Exif segment (a small TIFF); 1: none. */
static int orientation(const unsigned char *p, size_t size)
{
    if (size < 16 || memcmp(p, "Exif\0\0", 6) != 0)
        return 1;
    p += 6;
    size -= 6;
    int order = p[0];
    size_t at = number(p + 4, 4, order);
    if (at > size - 2)
        return 1;
    for (size_t k = number(p + at, 2, order); k > 0; k--) {
        size_t entry = at + 2 + 12 * (k - 1);
        if (entry + 12 <= size && number(p + entry, 2, order) == 0x0112) {
            size_t value = number(p + entry + 8, 2, order);
            return value >= 1 && value <= 8 ? (int)value : 1;
        }
    }
    return 1;
}

/* Segments up to the one of the frame. */
static int jpeg(FILE *file, jf_image_shape *s)
{
    unsigned char head[4], body[65536];
    while (fread(head, 1, 2, file) == 2) {
        if (head[0] != 0xff)
            return 0;
        while (head[1] == 0xff)
            if (fread(head + 1, 1, 1, file) != 1)
                return 0;
        if (fread(head + 2, 1, 2, file) != 2 || big(head + 2, 2) < 2)
            return 0;
        size_t size = big(head + 2, 2) - 2;
        if (fread(body, 1, size, file) != size)
            return 0;
        if (head[1] == 0xe1 && s->orientation == 1)
            s->orientation = orientation(body, size);
        int frame = head[1] >= 0xc0 && head[1] <= 0xcf && head[1] != 0xc4 &&
                    head[1] != 0xc8 && head[1] != 0xcc;
        if (frame && size >= 6) {
            s->height = big(body + 1, 2);
            s->width = big(body + 3, 2);
            s->channels = body[5] == 1 ? 1 : 3;
        }
        if (frame)
            return size >= 6;
    }
    return 0;
}

static int png(FILE *file, jf_image_shape *s)
{
    unsigned char head[18]; /* length, "IHDR", width, height, bits, type */
    if (fread(head, 1, sizeof head, file) != sizeof head ||
        memcmp(head + 4, "IHDR", 4) != 0)
        return 0;
    s->width = big(head + 8, 4);
    s->height = big(head + 12, 4);
    s->channels = head[17] == 0 || head[17] == 4 ? 1 : 3; /* colour type */
    return 1;
}

int jf_image_shape_of(const char *path, jf_image_shape *out)
{
    unsigned char magic[JF_IMAGE_HEAD];
    *out = (jf_image_shape){.orientation = 1};
    FILE *file = fopen(path, "rb");
    if (!file)
        return jf_image_refuse(path);
    size_t size = fread(magic, 1, sizeof magic, file);
    int kind = jf_image_magic(magic, size), good = 0, status = GSL_SUCCESS;
    if (kind == 'J')
        good = fseek(file, 2, SEEK_SET) == 0 && jpeg(file, out);
    else if (kind == 'P')
        good = fseek(file, 8, SEEK_SET) == 0 && png(file, out);
    else if (kind == 'W')
        good = (status = jf_webp_shape(path, file, out)) == GSL_SUCCESS;
    fclose(file);
    JF_TRY(status);
    if (!kind)
        return jf_image_refuse(path);
    if (!good)
        return jf_refuse(path, 0, "damaged %s",
                         kind == 'P' ? "PNG (no header)" : "JPEG (no frame)");
    return jf_image_check(path, out->height, out->width);
}
