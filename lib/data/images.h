/* images.h -- a set of pictures, read one by one.
 *
 * Every picture is given as bytes (size, size, 3): grey is repeated.  A square
 * is cut out and scaled by area averages: a new pixel is the mean of what its
 * square covers of the old ones, rounded, which is exact for equal sizes and
 * repeats pixels when there are fewer of them.  Pictures once read are kept
 * while all of them fit into so many bytes; the ones used longest ago go first.
 * A set serves one thread at a time. */
#ifndef JF_IMAGES_H
#define JF_IMAGES_H

#include <stdint.h>

#include "base/team.h"
#include "data/image.h"
#include "io/output.h"

typedef struct jf_images jf_images;

/* One PNG, JPEG or WebP, or the .png, .jpg, .jpeg and .webp files (in any case)
 * of a folder and of those in it, at any depth but not by links, in the order of their
 * paths' bytes; names that begin with a dot are left out.  size 0: the
 * shortest side of all, by their heads.  NULL after one line on stderr: no such
 * file or folder, or no such files in it; size not within 0 .. 8192; or no
 * memory.  What is in a file is seen when it is read. */
jf_images *jf_images_open(const char *path, size_t size);

/* The files at count paths, in that order; what is in them is seen when they
 * are read.  NULL after one line on stderr: size not within 1 .. 8192; or no
 * memory. */
jf_images *jf_images_list(const char *const *paths, size_t count, size_t size);

/* Read all pictures now, by the team, and keep of each the largest square in
 * its centre, scaled to side x side pixels: from then on these are the
 * pictures, and no file is read again.  GSL_EFAILED after a line on stderr for
 * each file that cannot be used, the set then being good for nothing;
 * GSL_EINVAL: side is 0. */
int jf_images_hold(jf_images *set, size_t side, jf_team *team);

/* The same pictures at another size.  set is one that jf_images_hold made and
 * outlives this one; several of these serve as many threads at once.  NULL: no
 * memory. */
jf_images *jf_images_at(const jf_images *set, size_t size);

/* The same at another size, each scaled once and held so: crops are then of the
 * scaled pictures, and those of whole squares cost a copy.  NULL: no memory. */
jf_images *jf_images_scaled(const jf_images *set, size_t size);

void jf_images_free(jf_images *set);

/* What a path is: a folder, PNG, JPEG or WebP by the first bytes, or
 * none. */
typedef enum { JF_NO_PICTURE, JF_PICTURE, JF_FOLDER } jf_content;
jf_content jf_images_content(const char *path);

/* Keep at most so many bytes of pictures; 256 MiB unless told. */
void jf_images_keep(jf_images *set, size_t bytes);

/* What the heads of all files say together. */
typedef struct {
    size_t height, width; /* of the first                          */
    size_t channels;      /* 1: all are grey                       */
    size_t shortest;      /* side of all                           */
    int equal;            /* all have the height and width of the first */
    size_t other;         /* the first that has not                */
    size_t turned;        /* how many are not upright by their EXIF */
    size_t first_turned;
} jf_images_shape;
/* GSL_EFAILED after one line on stderr: a file cannot be used. */
int jf_images_shape_of(const jf_images *set, jf_images_shape *out);
/* The same of pictures that are to be taken as they are: GSL_EFAILED, too, when
 * they are not all of one size. */
int jf_images_one_shape(const jf_images *set, jf_images_shape *out);

/* Lines that say how many pictures there are, of height x width pixels and so
 * many channels, and whether they were scaled to that. */
int jf_images_describe(const jf_images *set, const jf_images_shape *shape,
                       size_t channels, int scaled, jf_text *notes);

size_t jf_images_count(const jf_images *set);
size_t jf_images_size(const jf_images *set);
const char *jf_images_name(const jf_images *set, size_t index);

/* pixels (size, size, 3): the largest square in the centre.  GSL_EFAILED after
 * one line on stderr: the file cannot be used. */
int jf_images_read(jf_images *set, size_t index, unsigned char *pixels);

/* A square of size zoom pixels, or of the shorter side when that is less, at a
 * random place, left and right exchanged half the time: from the stream (seed,
 * JF_PURPOSE_CROP, step, row). */
int jf_images_crop(jf_images *set, size_t index, double zoom, uint64_t seed,
                   uint64_t step, uint64_t row, unsigned char *pixels);

/* Of that crop the pixels (side, side, 3) of a window alone, at the cost of
 * these.  GSL_EINVAL: the window is not within size x size. */
typedef struct {
    size_t top, left, side;
} jf_window;
int jf_images_part(jf_images *set, size_t index, double zoom, uint64_t seed,
                   uint64_t step, uint64_t row, jf_window w,
                   unsigned char *pixels);

/* Row i of x (n, size size 3): one of the images first .. first + count - 1, by
 * the stream (seed, JF_PURPOSE_BATCH, step, i), cropped as above for that step
 * and row, as values of so many bits (below).  GSL_EINVAL: no such images. */
int jf_images_batch(jf_images *set, size_t first, size_t count, double zoom,
                    int bits, uint64_t seed, uint64_t step, jf_matrix x);

/* values (count) := (floor(v / 2^(8 - bits)) + U) / 2^bits in [0, 1), U uniform
 * on [0, 1) from the stream (seed, JF_PURPOSE_DEQUANTIZE, step, row).  bits
 * within 1 .. 8, otherwise GSL_EINVAL. */
int jf_image_dequantize(const unsigned char *pixels, size_t count, int bits,
                        uint64_t seed, uint64_t step, uint64_t row,
                        real *values);

#endif
