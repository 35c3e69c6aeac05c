/* codecs.c -- what lossless codecs need for the held-out pictures, the same
 * bytes that flows are tested on, in bits per dimension (file sizes, all
 * included).
 *
 * png   libpng, level 9, the least over its five filters and their mixture
 * webp  cwebp -lossless -z 9
 * jxl   cjxl -d 0 -e 7
 *
 * data/codecs.csv has them of the photographs, by size and the CRC-32 of their
 * pixels, with versions; of other pictures PNG is made here, and the others by
 * what is installed, but not in the quick profile.  --codecs FILE, where both
 * programs are, writes that table. */
#include "highres.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <png.h>
#include <zlib.h>

#include "common/codec_table.h"

enum { C = 3, METHODS = 3, VERSION = CODEC_VERSION };
static const char *const names[METHODS] = {"png", "webp", "jxl"};

typedef codec_rate rate;

static void count_bytes(png_structp png, png_bytep data, size_t size)
{
    (void)data;
    *(double *)png_get_io_ptr(png) += (double)size;
}

static void no_flush(png_structp png)
{
    (void)png;
}

static void cannot(png_structp png, png_const_charp why)
{
    (void)png;
    jf_fail(1, "libpng: %s", why);
}

static double png_bytes(const unsigned char *pixels, size_t size, int filter)
{
    double bytes = 0;
    png_structp png =
        png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, cannot, NULL);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (!info)
        jf_fail(1, "no memory");
    png_set_write_fn(png, &bytes, count_bytes, no_flush);
    png_set_IHDR(png, info, (png_uint_32)size, (png_uint_32)size, 8,
                 PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_compression_level(png, 9);
    png_set_filter(png, PNG_FILTER_TYPE_BASE, filter);
    png_write_info(png, info);
    for (size_t i = 0; i < size; i++)
        png_write_row(png, pixels + i * C * size);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return bytes;
}

static rate by_png(const unsigned char *pixels, size_t size)
{
    static const int filters[] = {PNG_FILTER_NONE,  PNG_FILTER_SUB,
                                  PNG_FILTER_UP,    PNG_FILTER_AVG,
                                  PNG_FILTER_PAETH, PNG_ALL_FILTERS};
    rate r = {(double)INFINITY, ""};
    for (size_t k = 0; k < sizeof filters / sizeof *filters; k++)
        r.bytes = fmin(r.bytes, png_bytes(pixels, size, filters[k]));
    snprintf(r.version, VERSION, "libpng %s zlib %s", png_libpng_ver,
             zlibVersion());
    return r;
}

/* The first line that a command says; 0 where it is not installed. */
static int version_of(const char *command, char *text)
{
    char all[256];
    snprintf(all, sizeof all, "%s 2>&1", command);
    FILE *f = popen(all, "r");
    if (!f || !fgets(text, VERSION, f))
        *text = '\0';
    text[strcspn(text, "\n,[")] = '\0';
    for (size_t n = strlen(text); n > 0 && text[n - 1] == ' '; n--)
        text[n - 1] = '\0';
    return f && pclose(f) == 0 && *text;
}

/* form: what writes the picture at the first path to the second. */
static double bytes_of(const char *form, const char *png)
{
    char out[300], command[1024];
    struct stat info;
    snprintf(out, sizeof out, "%s.out", png);
    snprintf(command, sizeof command, form, png, out);
    double bytes = system(command) == 0 && stat(out, &info) == 0
                       ? (double)info.st_size
                       : (double)NAN;
    unlink(out);
    return bytes;
}

static rate by_program(int method, const unsigned char *pixels, size_t size)
{
    const char *const version[METHODS] = {NULL, "cwebp -version",
                                          "cjxl --version"};
    const char *const form[METHODS] = {
        NULL, "cwebp -quiet -lossless -z 9 %s -o %s 2>/dev/null",
        "cjxl -d 0 -e 7 %s %s >/dev/null 2>&1"};
    rate r = {(double)NAN, "not installed"};
    char path[] = "/tmp/highres-XXXXXX.png", said[VERSION];
    if (!version_of(version[method], said))
        return r;
    int file = mkstemps(path, 4);
    if (file < 0)
        jf_fail(1, "%s: no temporary file", path);
    close(file);
    jf_image image = jf_image_new(size, size, C);
    memcpy(image.pixels, pixels, C * size * size);
    if (jf_image_write(path, &image) == GSL_SUCCESS)
        r.bytes = bytes_of(form[method], path);
    /* some say their name and some do not */
    const char *name = method == 1 && said[0] != 'c' ? "cwebp " : "";
    snprintf(r.version, VERSION, "%s%.50s", name, said);
    unlink(path);
    jf_image_free(&image);
    return r;
}

static rate measure(const experiment *e, const codec_table *s, size_t size,
                    const unsigned char *pixels, unsigned long crc, int method)
{
    rate r = {(double)NAN, "not run in the quick profile"};
    if (s && codec_table_find(s, size, crc, names[method], &r))
        return r;
    if (method == 0)
        return by_png(pixels, size);
    return s && e->args.profile == JF_QUICK ? r
                                            : by_program(method, pixels, size);
}

static unsigned long crc_of(const unsigned char *pixels, size_t size)
{
    return crc32(crc32(0, NULL, 0), pixels, (uInt)(C * size * size));
}

void highres_codecs(const experiment *e, pictures *p, jf_table *out,
                    size_t point)
{
    codec_table s = codec_table_read();
    unsigned char *pixels = jf_alloc(C * p->size, p->size);
    int known = jf_table_has(out, point);
    /* A run that is to stop before it has them has no use for them. */
    int left = known && jf_table_rows(out, point) == 0;
    for (size_t k = 0; k < p->n_sets && !known; k++)
        for (size_t i = 0; i < p->sets[k].count; i++) {
            size_t row = p->sets[k].first + i;
            highres_held(p, row, pixels);
            unsigned long crc = crc_of(pixels, p->size);
            for (int m = 0; m < METHODS; m++) {
                rate r = measure(e, &s, p->size, pixels, crc, m);
                jf_table_row(out, point, "%s,%zu,%zu,%s,%lu," JF_G ",%s",
                             p->sets[k].name, i, p->size, names[m], 0UL,
                             8 * r.bytes / (double)p->test.cols, r.version);
            }
        }
    if (left)
        jf_table_leave(out, point);
    else
        jf_table_finish(out, point);
    for (size_t k = 0, at = 0; k < p->n_sets && !left; k++) {
        p->sets[k].png = 0;
        for (size_t i = 0; i < p->sets[k].count; i++, at += METHODS)
            p->sets[k].png += jf_table_number(out, point, at, "bits_per_dim") /
                              (double)p->sets[k].count;
    }
    free(pixels);
    codec_table_free(&s);
}

void highres_write_codecs(const experiment *e, const photographs *all,
                          const size_t *sizes, size_t count, const char *path)
{
    jf_text text = {0};
    jf_text_add(&text, "size,crc32,picture,method,bytes,version\n");
    for (size_t k = 0; k < count; k++) {
        jf_images *set = sizes[k] < PHOTOGRAPH_SIDE
                             ? jf_images_scaled(all->images, sizes[k])
                             : jf_images_at(all->images, sizes[k]);
        unsigned char *pixels = jf_alloc(C * sizes[k], sizes[k]);
        for (size_t i = all->train; i < jf_images_count(set); i++) {
            const char *slash = strrchr(jf_images_name(set, i), '/');
            if (jf_images_read(set, i, pixels) != GSL_SUCCESS)
                jf_end(2);
            unsigned long crc = crc_of(pixels, sizes[k]);
            for (int m = 0; m < METHODS; m++) {
                rate r = measure(e, NULL, sizes[k], pixels, crc, m);
                if (!isfinite(r.bytes))
                    jf_fail(1, "%s: %s", names[m], r.version);
                jf_text_add(&text, "%zu,%08lx,%s,%s,%.0f,%s\n", sizes[k], crc,
                            slash ? slash + 1 : jf_images_name(set, i),
                            names[m], r.bytes, r.version);
            }
        }
        free(pixels);
        jf_images_free(set);
    }
    if (jf_output_write(path, text.data, text.length) != GSL_SUCCESS)
        jf_end(1);
    free(text.data);
}
