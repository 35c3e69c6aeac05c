/* png.c -- PNG by libpng.
 *
 * libpng leaves a failure by longjmp: what must outlive it is in a state that
 * the caller of the jumping function owns. */
#include <png.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "data/image.h"
#include "data/read.h"
#include "io/output.h"

typedef struct {
    png_struct *png;
    png_info *info;
    png_byte **rows;
    char error[128], warning[128];
    int no_memory; /* for bytes, which is reported */
    jf_image *image;
    int passes;     /* 1: rows come one after the other */
    jf_bytes bytes; /* written so far, in room */
    size_t room;    /* of them; of rows that are read */
} state;

static void on_error(png_struct *png, const char *message)
{
    state *s = png_get_error_ptr(png);
    snprintf(s->error, sizeof s->error, "%s", message);
    png_longjmp(png, 1);
}

/* The first warning often tells what an error does not. */
static void on_warning(png_struct *png, const char *message)
{
    state *s = png_get_error_ptr(png);
    if (!*s->warning)
        snprintf(s->warning, sizeof s->warning, "%s", message);
}

static int refuse(const char *path, const state *s)
{
    return jf_refuse(path, 0, "damaged PNG (%s%s%s)", s->error,
                     *s->warning ? "; " : "", s->warning);
}

static int no_memory(void)
{
    JF_ERROR("no memory for libpng", GSL_ENOMEM);
}

/* The header: size, and what the rows shall be like. */
static int read_header(state *s, FILE *file)
{
    if (setjmp(png_jmpbuf(s->png)))
        return GSL_EFAILED;
    png_init_io(s->png, file);
    png_set_sig_bytes(s->png, 8);
    png_set_user_limits(s->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    /* nothing beside the picture: libpng unpacks texts, and keeps them */
    png_set_keep_unknown_chunks(s->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_read_info(s->png, s->info);
    png_set_expand(s->png); /* palettes, few bits, transparent colours */
    png_set_scale_16(s->png);
    s->passes = png_set_interlace_handling(s->png);
    s->image->height = png_get_image_height(s->png, s->info);
    s->image->width = png_get_image_width(s->png, s->info);
    return GSL_SUCCESS;
}

/* All rows, of which each pass has some pixels. */
static int read_passes(state *s, size_t bytes)
{
    size_t height = s->image->height;
    JF_TRY_MEMORY(s->image->pixels = jf_alloc(height, bytes));
    JF_TRY_MEMORY(s->rows = jf_alloc(height, sizeof *s->rows));
    for (size_t i = 0; i < height; i++)
        s->rows[i] = s->image->pixels + i * bytes;
    png_read_image(s->png, s->rows);
    return GSL_SUCCESS;
}

static int read_in_order(state *s, size_t bytes)
{
    for (size_t i = 0; i < s->image->height; i++) {
        JF_TRY(jf_image_grow(s->image, i + 1, bytes, &s->room));
        png_read_row(s->png, s->image->pixels + i * bytes, NULL);
    }
    return GSL_SUCCESS;
}

static int read_rows(state *s)
{
    if (setjmp(png_jmpbuf(s->png)))
        return GSL_EFAILED;
    png_read_update_info(s->png, s->info);
    size_t bytes = png_get_rowbytes(s->png, s->info);
    s->image->channels = png_get_channels(s->png, s->info);
    JF_TRY(s->passes == 1 ? read_in_order(s, bytes) : read_passes(s, bytes));
    png_read_end(s->png, NULL);
    return GSL_SUCCESS;
}

static unsigned long big_endian(const unsigned char *p)
{
    return (unsigned long)p[0] << 24 | (unsigned long)p[1] << 16 |
           (unsigned long)p[2] << 8 | p[3];
}

/* Chunks lie within the file, and it may hold so many pixels, since deflate
 * gains a factor of 1032 at most: libpng allocates before it looks.  The file
 * is left where it was. */
static int check_chunks(const char *path, FILE *file)
{
    unsigned char head[8 + 13]; /* length, type; the first chunk */
    long start = ftell(file), at = start;
    if (start < 0 || fseek(file, 0, SEEK_END) != 0)
        return jf_refuse(path, 0, "no file with an end found");
    long end = ftell(file);
    while (end - at >= 12) {
        size_t read = at == start ? sizeof head : 8;
        fseek(file, at, SEEK_SET);
        if (fread(head, 1, read, file) != read)
            break;
        unsigned long length = big_endian(head);
        if (length > (unsigned long)(end - at - 12))
            return jf_refuse(path, 0,
                             "truncated or damaged PNG: a chunk of %lu bytes "
                             "declared, %ld bytes left",
                             length, end - at - 12);
        if (at == start && (double)big_endian(head + 8) *
                                   (double)big_endian(head + 12) * head[16] >
                               8 * 1040.0 * (double)end)
            return jf_refuse(path, 0,
                             "%lu x %lu pixels declared, more than %ld bytes "
                             "can hold",
                             big_endian(head + 12), big_endian(head + 8), end);
        at += 12 + (long)length;
    }
    return fseek(file, start, SEEK_SET) == 0
               ? GSL_SUCCESS
               : jf_refuse(path, 0, "cannot be read twice");
}

int jf_read_png(const char *path, FILE *file, jf_image *out)
{
    JF_TRY(check_chunks(path, file));
    state s = {.image = out};
    s.png =
        png_create_read_struct(PNG_LIBPNG_VER_STRING, &s, on_error, on_warning);
    s.info = s.png ? png_create_info_struct(s.png) : NULL;
    int status = s.info ? read_header(&s, file) : no_memory();
    if (status == GSL_EFAILED)
        refuse(path, &s);
    if (status == GSL_SUCCESS)
        status = s.passes == 1 ? jf_image_check(path, out->height, out->width)
                               : jf_image_check_whole(path, file, out->height,
                                                      out->width);
    if (status == GSL_SUCCESS) {
        status = read_rows(&s);
        if (status == GSL_EFAILED)
            refuse(path, &s);
    }
    png_destroy_read_struct(&s.png, &s.info, NULL);
    free(s.rows);
    if (status == GSL_SUCCESS && out->channels % 2 == 0)
        jf_image_drop_alpha(out);
    return status;
}

static void append(png_struct *png, png_byte *data, size_t size)
{
    state *s = png_get_io_ptr(png);
    if (s->bytes.size + size > s->room) {
        size_t room = 2 * (s->bytes.size + size);
        unsigned char *more = jf_resize(s->bytes.bytes, room, 1);
        if (!more) {
            s->no_memory = 1;
            png_error(png, "no memory");
        }
        s->room = room;
        s->bytes.bytes = more;
    }
    memcpy(s->bytes.bytes + s->bytes.size, data, size);
    s->bytes.size += size;
}

static void flush(png_struct *png)
{
    (void)png;
}

static int encode(state *s, const jf_image *image)
{
    size_t bytes = image->width * image->channels;
    if (setjmp(png_jmpbuf(s->png)))
        return s->no_memory ? GSL_ENOMEM : GSL_EFAILED;
    png_set_write_fn(s->png, s, append, flush);
    png_set_IHDR(
        s->png, s->info, (png_uint_32)image->width, (png_uint_32)image->height,
        8, image->channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB,
        PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
        PNG_FILTER_TYPE_DEFAULT);
    png_write_info(s->png, s->info);
    for (size_t i = 0; i < image->height; i++)
        png_write_row(s->png, image->pixels + i * bytes);
    png_write_end(s->png, s->info);
    return GSL_SUCCESS;
}

int jf_image_write(const char *path, const jf_image *image)
{
    state s = {0};
    if (image->channels != 1 && image->channels != 3)
        JF_ERROR("a picture has 1 or 3 channels", GSL_EINVAL);
    s.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &s, on_error,
                                    on_warning);
    s.info = s.png ? png_create_info_struct(s.png) : NULL;
    int status = s.info ? encode(&s, image) : no_memory();
    if (status == GSL_EFAILED)
        jf_refuse(path, 0, "cannot encode: %s", s.error);
    png_destroy_write_struct(&s.png, &s.info);
    if (status == GSL_SUCCESS)
        status = jf_output_write(path, s.bytes.bytes, s.bytes.size);
    free(s.bytes.bytes);
    return status;
}
