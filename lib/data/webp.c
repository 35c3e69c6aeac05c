/* webp.c -- WebP, lossy or lossless, by libwebp. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <webp/decode.h>

#include "base/error.h"
#include "data/image.h"
#include "data/read.h"

enum { HEAD = 1 << 16 }; /* the shape stands in front of the pixels */

/* The first most bytes of file; free() them. */
static int load(const char *path, FILE *file, size_t most, jf_bytes *out)
{
    struct stat info;
    if (fstat(fileno(file), &info) != 0)
        return jf_refuse(path, 0, "cannot read: %s", strerror(errno));
    size_t size = (size_t)info.st_size < most ? (size_t)info.st_size : most;
    rewind(file);
    JF_TRY_MEMORY(out->bytes = jf_alloc(size + 1, 1));
    out->size = fread(out->bytes, 1, size, file);
    return GSL_SUCCESS;
}

static int features(const char *path, FILE *file, jf_bytes bytes,
                    WebPBitstreamFeatures *found)
{
    if (WebPGetFeatures(bytes.bytes, bytes.size, found) != VP8_STATUS_OK)
        return jf_refuse(path, 0, "truncated or damaged WebP (its header)");
    if (found->has_animation)
        return jf_refuse(path, 0,
                         "an animated WebP found, one picture "
                         "expected");
    return jf_image_check_whole(path, file, (size_t)found->height,
                                (size_t)found->width);
}

int jf_webp_shape(const char *path, FILE *file, jf_image_shape *out)
{
    WebPBitstreamFeatures found;
    jf_bytes head = {0};
    JF_TRY(load(path, file, HEAD, &head));
    int status = features(path, file, head, &found);
    free(head.bytes);
    JF_TRY(status);
    out->height = (size_t)found.height;
    out->width = (size_t)found.width;
    out->channels = 3;
    return GSL_SUCCESS;
}

static int decode(const char *path, jf_bytes bytes, jf_image *out)
{
    size_t size = out->height * out->width * out->channels;
    int stride = (int)(out->width * out->channels);
    const unsigned char *good =
        out->channels == 4 ? WebPDecodeRGBAInto(bytes.bytes, bytes.size,
                                                out->pixels, size, stride)
                           : WebPDecodeRGBInto(bytes.bytes, bytes.size,
                                               out->pixels, size, stride);
    if (!good)
        return jf_refuse(path, 0, "truncated or damaged WebP");
    if (out->channels == 4)
        jf_image_drop_alpha(out);
    return GSL_SUCCESS;
}

int jf_read_webp(const char *path, FILE *file, jf_image *out)
{
    WebPBitstreamFeatures found;
    jf_bytes bytes = {0};
    JF_TRY(load(path, file, SIZE_MAX, &bytes));
    int status = features(path, file, bytes, &found);
    if (status == GSL_SUCCESS) {
        *out = jf_image_new((size_t)found.height, (size_t)found.width,
                            found.has_alpha ? 4 : 3);
        status = out->pixels ? decode(path, bytes, out) : GSL_ENOMEM;
    }
    free(bytes.bytes);
    return status;
}
