/* jpeg.c -- JPEG by libjpeg (libjpeg-turbo's or another).
 *
 * The decoder leaves a failure by longjmp: what must outlive it is in a state
 * that the caller of the jumping function owns.  Where data are damaged it
 * would warn and go on with grey; the first warning is a failure here, but for
 * stray bytes between segments, which cameras write. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#include <jerror.h>

#include "base/error.h"
#include "data/image.h"
#include "data/read.h"

enum { MAX_SCANS = 200 }; /* a small file of many scans takes hours */

typedef struct {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf failed;
    char message[JMSG_LENGTH_MAX];
    jf_image *image;
    unsigned char *row;
    size_t room; /* rows of the image that there is memory for */
} state;

static void on_error(j_common_ptr jpeg)
{
    state *s = jpeg->client_data;
    jpeg->err->format_message(jpeg, s->message);
    longjmp(s->failed, 1);
}

static void on_message(j_common_ptr jpeg, int level)
{
    if (level < 0 && jpeg->err->msg_code != JWRN_EXTRANEOUS_DATA)
        on_error(jpeg);
}

static void on_progress(j_common_ptr jpeg)
{
    state *s = jpeg->client_data;
    if (s->jpeg.input_scan_number <= MAX_SCANS)
        return;
    snprintf(s->message, sizeof s->message, "more than %d scans", MAX_SCANS);
    longjmp(s->failed, 1);
}

static int read_header(state *s, FILE *file)
{
    struct jpeg_decompress_struct *jpeg = &s->jpeg;
    if (setjmp(s->failed))
        return GSL_EFAILED;
    jpeg_create_decompress(jpeg);
    jpeg->progress = &s->progress;
    jpeg_stdio_src(jpeg, file);
    jpeg_read_header(jpeg, TRUE);
    jpeg->out_color_space = jpeg->jpeg_color_space == JCS_GRAYSCALE
                                ? JCS_GRAYSCALE
                            : jpeg->num_components == 4 ? JCS_CMYK
                                                        : JCS_RGB;
    s->image->height = jpeg->image_height;
    s->image->width = jpeg->image_width;
    s->image->channels = jpeg->out_color_space == JCS_GRAYSCALE ? 1 : 3;
    return GSL_SUCCESS;
}

/* One row of inks to colours; Adobe's are complements, 255 - ink. */
static void from_inks(const unsigned char *inks, size_t width, int complements,
                      unsigned char *colours)
{
    unsigned flip = complements ? 0 : 255;
    for (size_t i = 0; i < width; i++, inks += 4)
        for (size_t c = 0; c < 3; c++)
            *colours++ =
                (unsigned char)(((inks[c] ^ flip) * (inks[3] ^ flip) + 127) /
                                255);
}

static int read_rows(state *s)
{
    struct jpeg_decompress_struct *jpeg = &s->jpeg;
    size_t bytes = s->image->width * s->image->channels;
    if (setjmp(s->failed))
        return GSL_EFAILED;
    JF_TRY_MEMORY(s->row = jf_alloc(s->image->width, 4));
    jpeg_start_decompress(jpeg);
    for (size_t i = 0; i < s->image->height; i++) {
        JF_TRY(jf_image_grow(s->image, i + 1, bytes, &s->room));
        unsigned char *to = s->image->pixels + i * bytes;
        int inks = jpeg->out_color_space == JCS_CMYK;
        jpeg_read_scanlines(jpeg, inks ? &s->row : &to, 1);
        if (inks)
            from_inks(s->row, s->image->width, jpeg->saw_Adobe_marker, to);
    }
    jpeg_finish_decompress(jpeg);
    return GSL_SUCCESS;
}

int jf_read_jpeg(const char *path, FILE *file, jf_image *out)
{
    state *s = jf_alloc(1, sizeof *s);
    JF_TRY_MEMORY(s);
    s->image = out;
    s->jpeg.err = jpeg_std_error(&s->errors);
    s->jpeg.client_data = s;
    s->errors.error_exit = on_error;
    s->errors.emit_message = on_message;
    s->progress.progress_monitor = on_progress;

    int status = read_header(s, file);
    if (status != GSL_SUCCESS)
        jf_refuse(path, 0, "damaged JPEG (%s)", s->message);
    else
        status = jpeg_has_multiple_scans(&s->jpeg)
                     ? jf_image_check_whole(path, file, out->height, out->width)
                     : jf_image_check(path, out->height, out->width);
    if (status == GSL_SUCCESS) {
        status = read_rows(s);
        if (status == GSL_EFAILED)
            jf_refuse(path, 0, "truncated or damaged JPEG (%s)", s->message);
    }
    jpeg_destroy_decompress(&s->jpeg);
    free(s->row);
    free(s);
    return status;
}
