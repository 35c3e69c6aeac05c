/* image.h -- pictures as bytes: PNG, JPEG and WebP in, PNG out.
 *
 * What is read becomes 8 bits a channel, grey or red, green, blue:
 *   16-bit PNG         v := round(v / 257), so that 65535 is 255
 *   1, 2, 4 bit, palette   expanded to 0 .. 255
 *   alpha              over black: v := round(v alpha / 255); a colour that is
 *                      marked transparent likewise
 *   CMYK, YCCK JPEG    red := round((255 - cyan) (255 - black) / 255) and so
 *                      on; Adobe's files hold the complements already
 * Colour profiles and gamma are left aside; pixels lie as they are stored,
 * whatever the EXIF orientation is (jf_image_shape_of tells it).  A JPEG that
 * its decoder would mend (truncated, damaged) is refused, as are pictures of
 * more than JF_IMAGE_SIDE pixels a side or JF_IMAGE_PIXELS in all. */
#ifndef JF_IMAGE_H
#define JF_IMAGE_H

#include <stdio.h>

#include "base/matrix.h"

enum { JF_IMAGE_SIDE = 65500, JF_IMAGE_PIXELS = 1 << 27 };

typedef struct {
    size_t height, width, channels; /* channels 1: grey, 3: colour */
    unsigned char *pixels;          /* (height, width, channels)   */
} jf_image;

/* By content, whatever the file is called.  GSL_EFAILED after one line on
 * stderr, out then empty. */
int jf_image_read(const char *path, jf_image *out);

/* What the head of a file says: pixels as they are stored, 1 channel for grey,
 * the EXIF orientation of a JPEG (1: upright). */
typedef struct {
    size_t height, width, channels;
    int orientation;
} jf_image_shape;

/* GSL_EFAILED after one line on stderr. */
int jf_image_shape_of(const char *path, jf_image_shape *out);

/* Black pixels; no memory: empty, pixels NULL. */
jf_image jf_image_new(size_t height, size_t width, size_t channels);
void jf_image_free(jf_image *image);

/* Bytes floor(256 v) of values v (height, width, channels) in [0, 1), those
 * outside cut off.  GSL_EDOM: a value is NaN, out then empty. */
int jf_image_of(const real *values, size_t height, size_t width,
                size_t channels, jf_image *out);

/* A PNG, whole or not at all (io/output.h).  GSL_EFAILED after one line. */
int jf_image_write(const char *path, const jf_image *image);

/* A PNG of count images in rows of columns, white lines between.  GSL_EBADLEN:
 * shapes differ; GSL_EINVAL: count or columns is 0, or the whole is too large
 * to be read again. */
int jf_image_write_grid(const char *path, const jf_image *images, size_t count,
                        size_t columns);

/* For the decoders: file stands behind its first 8 bytes (PNG), at its start
 * (JPEG), or anywhere (WebP). */
int jf_read_png(const char *path, FILE *file, jf_image *out);
int jf_read_jpeg(const char *path, FILE *file, jf_image *out);
int jf_read_webp(const char *path, FILE *file, jf_image *out);

/* Colours over black; the last channel goes. */
void jf_image_drop_alpha(jf_image *image);

/* jf_image_shape_of for WebP, whose frame is a file in itself. */
int jf_webp_shape(const char *path, FILE *file, jf_image_shape *out);

/* 'P' for PNG, 'J' for JPEG, 'W' for WebP by so many first bytes at most,
 * otherwise 0. */
enum { JF_IMAGE_HEAD = 12 };
int jf_image_magic(const unsigned char *head, size_t size);

/* GSL_EFAILED after a line on stderr that says what the file is instead of a
 * PNG, JPEG or WebP. */
int jf_image_refuse(const char *path);

/* Within the limits above?  GSL_EFAILED after one line. */
int jf_image_check(const char *path, size_t height, size_t width);

/* The same of a picture for all of which its decoder takes memory before it
 * unpacks any (progressive JPEG, interlaced PNG, WebP): beyond 2^22 pixels a
 * byte of the file for 512 of them is expected, which even flat pictures need
 * in JPEG. */
int jf_image_check_whole(const char *path, FILE *file, size_t height,
                         size_t width);

/* Room for so many rows of height, of so many bytes each, in image->pixels:
 * some more than have come, so that a height that lies takes no memory.
 * GSL_ENOMEM. */
int jf_image_grow(jf_image *image, size_t rows, size_t bytes, size_t *room);

#endif
