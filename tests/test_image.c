/* test_image.c -- decoders against pictures that the test encodes, and what
 * they refuse. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gsl/gsl_rng.h>
#include <jpeglib.h>
#include <png.h>
#include <webp/encode.h>
#include <zlib.h>

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

static const char *file(const char *name, const void *bytes, size_t size)
{
    FILE *f = fopen(named(name), "wb");
    CHECK(f && fwrite(bytes, 1, size, f) == size);
    if (f)
        fclose(f);
    return path;
}

static unsigned char *load(const char *name, size_t *size)
{
    unsigned char *bytes = jf_alloc(1 << 20, 1);
    FILE *f = fopen(name, "rb");
    *size = f ? fread(bytes, 1, 1 << 20, f) : 0;
    if (f)
        fclose(f);
    return bytes;
}

/* Refused with exactly one line, and nothing left over. */
static int refused(const char *name)
{
    jf_image image;
    hush_begin();
    int status = jf_image_read(name, &image), lines = hush_end();
    int ok = status == GSL_EFAILED && lines == 1 && !image.pixels;
    jf_image_free(&image);
    return ok;
}

/* Read as this shape, each byte within tolerance of those expected. */
static int reads(const char *name, size_t height, size_t width, size_t channels,
                 const unsigned char *expected, int tolerance)
{
    jf_image image;
    if (jf_image_read(name, &image) != GSL_SUCCESS)
        return 0;
    int ok = image.height == height && image.width == width &&
             image.channels == channels;
    for (size_t i = 0; ok && i < height * width * channels; i++)
        ok = abs(image.pixels[i] - expected[i]) <= tolerance;
    jf_image_free(&image);
    return ok;
}

/* A PNG of rows as libpng takes them. */
static const char *png(const char *name, size_t height, size_t width, int bits,
                       int type, int interlace, const unsigned char *rows,
                       const png_color *palette)
{
    FILE *f = fopen(named(name), "wb");
    png_struct *p =
        png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_info *info = png_create_info_struct(p);
    png_byte *row[64];
    png_init_io(p, f);
    png_set_IHDR(p, info, (png_uint_32)width, (png_uint_32)height, bits, type,
                 interlace, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    if (palette)
        png_set_PLTE(p, info, palette, 4);
    png_write_info(p, info);
    size_t bytes = png_get_rowbytes(p, info);
    for (size_t i = 0; i < height; i++)
        row[i] = (png_byte *)(uintptr_t)rows + i * bytes;
    png_write_image(p, row);
    png_write_end(p, info);
    png_destroy_write_struct(&p, &info);
    fclose(f);
    return path;
}

static void fill(unsigned char *bytes, size_t size, uint64_t stream)
{
    gsl_rng *rng = jf_stream_new();
    jf_stream_seek(rng, 1, JF_PURPOSE_USER, stream, 0);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (unsigned char)gsl_rng_uniform_int(rng, 256);
    gsl_rng_free(rng);
}

enum { H = 5, W = 7 };

static void test_png(void)
{
    unsigned char raw[H * W * 8], wide[H * W * 3], flat[H * W * 3];
    fill(raw, sizeof raw, 0);
    CHECK(reads(png("a.png", H, W, 8, PNG_COLOR_TYPE_RGB, 0, raw, NULL), H, W,
                3, raw, 0));
    CHECK(reads(png("a.png", H, W, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_ADAM7,
                    raw, NULL),
                H, W, 3, raw, 0));
    CHECK(reads(png("a.txt", H, W, 8, PNG_COLOR_TYPE_GRAY, 0, raw, NULL), H, W,
                1, raw, 0));                 /* by content, not by name */
    for (size_t i = 0; i < H * W * 3; i++) { /* 16 bits */
        unsigned v = raw[2 * i] * 256u + raw[2 * i + 1];
        wide[i] = (unsigned char)((v + 128) / 257);
    }
    CHECK(reads(png("a.png", H, W, 16, PNG_COLOR_TYPE_RGB, 0, raw, NULL), H, W,
                3, wide, 0));
    CHECK(reads(png("a.png", H, W, 16, PNG_COLOR_TYPE_GRAY, 1, raw, NULL), H, W,
                1, wide, 0));
    for (size_t i = 0; i < H * W; i++) /* alpha over black */
        for (size_t c = 0; c < 3; c++)
            flat[3 * i + c] = (unsigned char)lround(
                raw[4 * i + c] * (double)raw[4 * i + 3] / 255);
    CHECK(reads(png("a.png", H, W, 8, PNG_COLOR_TYPE_RGBA, 0, raw, NULL), H, W,
                3, flat, 0));
    for (size_t i = 0; i < H * W; i++)
        flat[i] =
            (unsigned char)lround(raw[2 * i] * (double)raw[2 * i + 1] / 255);
    CHECK(reads(png("a.png", H, W, 8, PNG_COLOR_TYPE_GRAY_ALPHA, 1, raw, NULL),
                H, W, 1, flat, 0));
}

static void test_few_bits(void)
{
    static const png_color four[4] = {
        {1, 2, 3}, {40, 50, 60}, {255, 0, 128}, {9, 99, 199}};
    unsigned char rows[4] = {0x1b, 0xe4, 0x00, 0xff}; /* 2 bits: 4 x 4 */
    unsigned char grey[16], colour[48];
    for (size_t i = 0; i < 16; i++) {
        unsigned v = rows[i / 4] >> (6 - 2 * (i % 4)) & 3;
        grey[i] = (unsigned char)(85 * v);
        memcpy(colour + 3 * i, &four[v], 3);
    }
    CHECK(reads(png("a.png", 4, 4, 2, PNG_COLOR_TYPE_GRAY, 0, rows, NULL), 4, 4,
                1, grey, 0));
    CHECK(reads(png("a.png", 4, 4, 2, PNG_COLOR_TYPE_PALETTE, 1, rows, four), 4,
                4, 3, colour, 0));
}

/* A JPEG of one colour space; marker: as Adobe writes it. */
static const char *jpeg(const char *name, size_t height, size_t width,
                        int channels, J_COLOR_SPACE space, int progressive,
                        int marker, const unsigned char *rows)
{
    struct jpeg_compress_struct j;
    struct jpeg_error_mgr e;
    FILE *f = fopen(named(name), "wb");
    j.err = jpeg_std_error(&e);
    jpeg_create_compress(&j);
    jpeg_stdio_dest(&j, f);
    j.image_height = (JDIMENSION)height;
    j.image_width = (JDIMENSION)width;
    j.input_components = channels;
    j.in_color_space = space;
    jpeg_set_defaults(&j);
    jpeg_set_quality(&j, 100, TRUE);
    j.comp_info[0].h_samp_factor = j.comp_info[0].v_samp_factor = 1;
    j.write_Adobe_marker = marker;
    if (progressive)
        jpeg_simple_progression(&j);
    jpeg_start_compress(&j, TRUE);
    for (size_t i = 0; i < height; i++) {
        JSAMPLE *row =
            (JSAMPLE *)(uintptr_t)rows + i * width * (size_t)channels;
        jpeg_write_scanlines(&j, &row, 1);
    }
    jpeg_finish_compress(&j);
    jpeg_destroy_compress(&j);
    fclose(f);
    return path;
}

/* Quality 100: steps of 1, so that a sample is off by 2 in grey and 4 in
 * colour at the most; inks multiply two of them. */
static void test_jpeg(void)
{
    enum { S = 16 };
    unsigned char raw[S * S * 4], flat[S * S * 3];
    for (size_t i = 0; i < S * S * 4; i++)
        raw[i] = (unsigned char)(40 + 7 * (i / 4 % S) + 5 * (i / 4 / S) +
                                 9 * (i % 4));
    CHECK(reads(jpeg("a.jpg", S, S, 3, JCS_RGB, 0, 0, raw), S, S, 3, raw, 4));
    CHECK(reads(jpeg("a.png", S, S, 3, JCS_RGB, 1, 0, raw), S, S, 3, raw, 4));
    CHECK(reads(jpeg("a.jpg", S, S, 1, JCS_GRAYSCALE, 0, 0, raw), S, S, 1, raw,
                2));
    for (int marker = 0; marker < 2; marker++) {
        for (size_t i = 0; i < S * S; i++)
            for (size_t c = 0; c < 3; c++) {
                int a = raw[4 * i + c], k = raw[4 * i + 3];
                if (!marker) {
                    a = 255 - a;
                    k = 255 - k;
                }
                flat[3 * i + c] = (unsigned char)lround(a * (double)k / 255);
            }
        CHECK(reads(jpeg("a.jpg", S, S, 4, JCS_CMYK, 0, marker, raw), S, S, 3,
                    flat, 5));
    }
}

/* A WebP without loss. */
static const char *webp(const char *name, size_t height, size_t width,
                        size_t channels, const unsigned char *rows)
{
    unsigned char *bytes = NULL;
    int h = (int)height, w = (int)width;
    size_t size = channels == 4
                      ? WebPEncodeLosslessRGBA(rows, w, h, 4 * w, &bytes)
                      : WebPEncodeLosslessRGB(rows, w, h, 3 * w, &bytes);
    file(name, bytes, size);
    WebPFree(bytes);
    return path;
}

/* A file of four chunks that says that it moves, and what its head says. */
static void test_webp(void)
{
    enum { S = 16 };
    static const unsigned char moving[] =
        "RIFF\26\0\0\0WEBPVP8X\12\0\0\0\2\0\0\0\17\0\0\17\0\0";
    unsigned char raw[S * S * 4], flat[S * S * 3];
    jf_image_shape shape;
    fill(raw, sizeof raw, 5);
    CHECK(reads(webp("a.webp", S, 2, 3, raw), S, 2, 3, raw, 0));
    CHECK(jf_image_shape_of(path, &shape) == GSL_SUCCESS);
    CHECK(shape.height == S && shape.width == 2 && shape.channels == 3 &&
          shape.orientation == 1);
    for (size_t i = 0; i < S * S; i++)
        for (size_t c = 0; c < 3; c++)
            flat[3 * i + c] = (unsigned char)lround(raw[4 * i + c] *
                                                    (raw[4 * i + 3] / 255.0));
    CHECK(reads(webp("a.png", S, S, 4, raw), S, S, 3, flat, 1));
    CHECK(refused(file("a.webp", moving, sizeof moving - 1)));
    hush_begin();
    CHECK(jf_image_shape_of(path, &shape) == GSL_EFAILED);
    CHECK(hush_end() == 1);
}

/* Every beginning of a good file is refused, and no change of a few bytes does
 * harm: it is read, or refused with one line. */
static void test_damage(const char *name)
{
    size_t size;
    jf_image image;
    unsigned char *good = load(name, &size), *bad = jf_alloc(size, 1);
    gsl_rng *rng = jf_stream_new();
    size_t whole = 0, wrong = 0;

    CHECK(size > 100);
    for (size_t n = 0; n < size; n++)
        whole += !refused(file("cut", good, n));
    CHECK(whole == 0);
    for (size_t k = 0; k < 400; k++) {
        jf_stream_seek(rng, 1, JF_PURPOSE_USER, 1, k);
        memcpy(bad, good, size);
        for (size_t m = 1 + gsl_rng_uniform_int(rng, 4); m > 0; m--)
            bad[gsl_rng_uniform_int(rng, size)] =
                (unsigned char)gsl_rng_uniform_int(rng, 256);
        file("mutant", bad, size);
        hush_begin();
        int status = jf_image_read(path, &image), lines = hush_end();
        wrong += status == GSL_SUCCESS ? lines != 0
                                       : lines != 1 || image.pixels != NULL;
        jf_image_free(&image);
    }
    CHECK(wrong == 0);
    gsl_rng_free(rng);
    free(bad);
    free(good);
}

static void put(unsigned char *to, size_t bytes, size_t value)
{
    for (size_t i = bytes; i-- > 0; value >>= 8)
        to[i] = (unsigned char)(value & 255);
}

/* The size in the header of a good file, with its checksum, made another. */
static int resized(const char *name, size_t height, size_t width)
{
    size_t size, bytes = 2, at = 0;
    unsigned char *b = load(name, &size);
    if (b[0] == 0x89) {
        put(b + 16, 4, width);
        put(b + 20, 4, height);
        put(b + 29, 4, crc32(0, b + 12, 17));
    } else {
        while (b[at] != 0xff || b[at + 1] != 0xc0)
            at++;
        put(b + at + 5, bytes, height);
        put(b + at + 7, bytes, width);
    }
    file("resized", b, size);
    free(b);
    return refused(path);
}

static void test_sizes(const char *name)
{
    CHECK(resized(name, 0, 8));
    CHECK(resized(name, 8, 0));
    CHECK(resized(name, 65535, 8));
    CHECK(resized(name, 60000, 60000)); /* more than 2^27 pixels */
    CHECK(resized(name, 17, 16));       /* less data than said */
}

static void test_refusals(void)
{
    CHECK(refused(named("missing.png")));
    CHECK(refused(folder));
    CHECK(refused("/dev/null"));
    CHECK(refused(file("empty.png", "", 0)));
    CHECK(refused(file("text.png", "no picture\n", 11)));
    CHECK(refused(file("short.png", "\x89PNG\r\n\x1a\n", 8)));
    CHECK(refused(file("short.jpg", "\xff\xd8\xff", 3)));
    if (geteuid() != 0) {
        chmod(file("locked.png", "x", 1), 0);
        CHECK(refused(path));
    }
}

static void test_write(void)
{
    unsigned char raw[H * W * 3];
    fill(raw, sizeof raw, 2);
    jf_image a = {H, W, 3, raw}, four[4] = {a, a, a, a};
    jf_image grey = {H, 3 * W, 1, raw}, page;

    CHECK(jf_image_write(named("sub/folder/b.png"), &a) == GSL_SUCCESS);
    CHECK(reads(path, H, W, 3, raw, 0));
    CHECK(jf_image_write(named("b.png"), &grey) == GSL_SUCCESS);
    CHECK(reads(path, H, 3 * W, 1, raw, 0));
    CHECK(jf_image_write_grid(named("grid.png"), four, 3, 2) == GSL_SUCCESS);
    CHECK(jf_image_read(path, &page) == GSL_SUCCESS);
    CHECK(page.height == 2 * H + 2 && page.width == 2 * W + 2);
    size_t last = (page.height * page.width - 1) * 3; /* no fourth picture */
    CHECK(page.pixels[last] == 255);
    CHECK(memcmp(page.pixels + (H + 2) * page.width * 3, raw, 3 * W) == 0);
    CHECK(memcmp(page.pixels + (W + 2) * 3, raw, 3 * W) == 0);
    jf_image_free(&page);
    four[1] = grey;
    CHECK(jf_image_write_grid(path, four, 3, 2) == GSL_EBADLEN);
    CHECK(jf_image_write_grid(path, four, 0, 2) == GSL_EINVAL);
    CHECK(jf_image_write_grid(path, four, 1, (size_t)1 << 40) == GSL_EINVAL);
    file("plain", "x", 1);
    hush_begin();
    CHECK(jf_image_write(named("plain/b.png"), &a) == GSL_EFAILED);
    CHECK(hush_end() == 1);
}

static void test_values(void)
{
    real v[6] = {R(0.0), R(0.5), R(0.999), R(1.5), R(-0.5), R(0.00390625)};
    static const unsigned char bytes[6] = {0, 128, 255, 255, 0, 1};
    jf_image image;
    CHECK(jf_image_of(v, 1, 2, 3, &image) == GSL_SUCCESS);
    CHECK(memcmp(image.pixels, bytes, 6) == 0);
    jf_image_free(&image);
    v[2] = (real)NAN;
    CHECK(jf_image_of(v, 1, 2, 3, &image) == GSL_EDOM && !image.pixels);
}

int main(void)
{
    unsigned char raw[16 * 16 * 3];
    check_template(folder, sizeof folder, "image");
    if (!mkdtemp(folder))
        return 1;
    fill(raw, sizeof raw, 3);
    test_png();
    test_few_bits();
    test_jpeg();
    test_webp();
    test_refusals();
    test_write();
    test_values();
    png("good.png", 8, 8, 8, PNG_COLOR_TYPE_RGB, 1, raw, NULL);
    test_damage(named("good.png"));
    png("good.png", 16, 16, 8, PNG_COLOR_TYPE_GRAY, 0, raw, NULL);
    test_sizes(named("good.png"));
    for (int progressive = 0; progressive < 2; progressive++) {
        jpeg("good.jpg", 16, 16, 3, JCS_RGB, progressive, 0, raw);
        test_damage(named("good.jpg"));
    }
    webp("good.webp", 16, 16, 3, raw);
    test_damage(named("good.webp"));
    jpeg("good.jpg", 16, 16, 1, JCS_GRAYSCALE, 0, 0, raw);
    test_sizes(named("good.jpg"));
    char command[300];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command) || check_end();
}
