/* images.c -- lists of files, recently read pictures, squares of them. */
#include "data/images.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/stream.h"
#include "data/format.h"
#include "data/read.h"
#include "io/output.h"

enum { MAX_SIZE = 8192, KEPT = 256 << 20 };

typedef struct {
    char *name;     /* a path                             */
    jf_image image; /* empty: not read, or no longer kept   */
    uint64_t used;  /* when, by the set's clock             */
} entry;

struct jf_images {
    entry *entries;
    size_t count, room, size;
    size_t bytes, most; /* of the images kept; at most */
    uint64_t clock;     /* reads so far */
    int held, borrowed; /* all are kept for good; by another set */
};

static jf_images *set_new(size_t size)
{
    jf_images *set = jf_alloc(1, sizeof *set);
    if (!set)
        return NULL;
    set->size = size;
    set->most = KEPT;
    return set;
}

void jf_images_keep(jf_images *set, size_t bytes)
{
    set->most = bytes;
}

/* The set owns name from here on; NULL: no memory, as reported. */
static int add(jf_images *set, char *name)
{
    JF_TRY_MEMORY(name);
    if (set->count == set->room) {
        size_t room = 2 * set->room + 16;
        entry *more = jf_resize(set->entries, room, sizeof *more);
        if (!more) {
            free(name);
            return GSL_ENOMEM;
        }
        set->entries = more;
        set->room = room;
    }
    set->entries[set->count++] = (entry){.name = name};
    return GSL_SUCCESS;
}

void jf_images_free(jf_images *set)
{
    for (size_t i = 0; set && !set->borrowed && i < set->count; i++) {
        free(set->entries[i].name);
        jf_image_free(&set->entries[i].image);
    }
    if (set && !set->borrowed)
        free(set->entries);
    free(set);
}

size_t jf_images_count(const jf_images *set)
{
    return set->count;
}

size_t jf_images_size(const jf_images *set)
{
    return set->size;
}

const char *jf_images_name(const jf_images *set, size_t index)
{
    return set->entries[index].name;
}

jf_content jf_images_content(const char *path)
{
    unsigned char head[JF_IMAGE_HEAD] = {0};
    struct stat info;
    if (stat(path, &info) != 0)
        return JF_NO_PICTURE;
    if (S_ISDIR(info.st_mode))
        return JF_FOLDER;
    FILE *file = S_ISREG(info.st_mode) ? fopen(path, "rb") : NULL;
    size_t size = file ? fread(head, 1, sizeof head, file) : 0;
    if (file)
        fclose(file);
    return jf_image_magic(head, size) ? JF_PICTURE : JF_NO_PICTURE;
}

static int is_picture(const char *name)
{
    const char *dot = strrchr(name, '.');
    return *name != '.' && dot &&
           (strcasecmp(dot, ".png") == 0 || strcasecmp(dot, ".jpg") == 0 ||
            strcasecmp(dot, ".jpeg") == 0 || strcasecmp(dot, ".webp") == 0);
}

/* A picture goes into set, a folder into folders. */
static int add_file(jf_images *set, jf_images *folders, const char *folder,
                    const char *name)
{
    jf_text path = {0};
    struct stat info;
    if (*name == '.')
        return GSL_SUCCESS;
    JF_TRY(jf_text_add(&path, "%s/%s", folder, name));
    int found = lstat(path.data, &info) == 0;
    if (found && S_ISDIR(info.st_mode))
        return add(folders, path.data);
    if (found && S_ISLNK(info.st_mode)) /* to a file, not to a folder */
        found = stat(path.data, &info) == 0 && !S_ISDIR(info.st_mode);
    if (is_picture(name) && found)
        return add(set, path.data);
    free(path.data);
    return GSL_SUCCESS;
}

static int list_folder(jf_images *set, jf_images *folders, const char *folder)
{
    int status = GSL_SUCCESS;
    DIR *dir = opendir(folder);
    if (!dir)
        return jf_refuse(folder, 0, "cannot list the folder: %s",
                         strerror(errno));
    for (struct dirent *file; status == GSL_SUCCESS && (file = readdir(dir));)
        status = add_file(set, folders, folder, file->d_name);
    closedir(dir);
    return status;
}

/* A folder and those in it, one after the other. */
static int add_folder(jf_images *set, const char *folder)
{
    jf_images *folders = set_new(1);
    JF_TRY_MEMORY(folders);
    int status = add(folders, jf_copy_text(folder, strlen(folder)));
    for (size_t k = 0; status == GSL_SUCCESS && k < folders->count; k++)
        status = list_folder(set, folders, folders->entries[k].name);
    jf_images_free(folders);
    return status;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const entry *)a)->name, ((const entry *)b)->name);
}

static void sort(jf_images *set)
{
    if (set->count > 1)
        qsort(set->entries, set->count, sizeof *set->entries, by_name);
}

static int check_size(const char *path, size_t size)
{
    if (size < 1 || size > MAX_SIZE)
        return jf_refuse(path, 0,
                         "pictures of %zu pixels a side asked for, 1 .. "
                         "%d expected",
                         size, MAX_SIZE);
    return GSL_SUCCESS;
}

/* A folder without pictures that are read: of which format are its files? */
static int refuse_empty(const char *path)
{
    DIR *dir = opendir(path);
    char name[64] = "";
    for (struct dirent *file; dir && !*name && (file = readdir(dir));) {
        unsigned char head[JF_FORMAT_HEAD];
        jf_text at = {0};
        FILE *f =
            *file->d_name != '.' &&
                    jf_text_add(&at, "%s/%s", path, file->d_name) == GSL_SUCCESS
                ? fopen(at.data, "rb")
                : NULL;
        size_t size = f ? fread(head, 1, sizeof head, f) : 0;
        const char *format = f ? jf_format_name(head, size) : NULL;
        if (f)
            fclose(f);
        snprintf(name, sizeof name, "%s%s%s", format ? " (" : "",
                 format ? format : "", format ? " found)" : "");
        free(at.data);
    }
    if (dir)
        closedir(dir);
    return jf_refuse(path, 0,
                     "no file of this folder ends in .png, .jpg, .jpeg or "
                     ".webp%s",
                     name);
}

static int list(jf_images *set, const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return jf_refuse(path, 0, "%s, a picture or a folder expected",
                         strerror(errno));
    if (!S_ISDIR(info.st_mode))
        return add(set, jf_copy_text(path, strlen(path)));
    JF_TRY(add_folder(set, path));
    if (set->count == 0)
        return refuse_empty(path);
    sort(set);
    return GSL_SUCCESS;
}

int jf_images_shape_of(const jf_images *set, jf_images_shape *out)
{
    *out = (jf_images_shape){.channels = 1, .equal = 1};
    for (size_t i = 0; i < set->count; i++) {
        jf_image_shape s;
        JF_TRY(jf_image_shape_of(set->entries[i].name, &s));
        size_t side = s.height < s.width ? s.height : s.width;
        if (i == 0) {
            out->height = s.height;
            out->width = s.width;
            out->shortest = side;
        }
        if (out->equal && (s.height != out->height || s.width != out->width)) {
            out->equal = 0;
            out->other = i;
        }
        if (side < out->shortest)
            out->shortest = side;
        if (s.channels > out->channels)
            out->channels = s.channels;
        if (s.orientation != 1 && out->turned++ == 0)
            out->first_turned = i;
    }
    return GSL_SUCCESS;
}

int jf_images_one_shape(const jf_images *set, jf_images_shape *out)
{
    JF_TRY(jf_images_shape_of(set, out));
    if (out->equal)
        return GSL_SUCCESS;
    return jf_refuse(set->entries[out->other].name, 0,
                     "another size than %zu x %zu pixels found, which %s has; "
                     "--size S scales the centres of all to S x S, such as "
                     "--size %zu",
                     out->height, out->width, set->entries[0].name,
                     out->shortest);
}

int jf_images_describe(const jf_images *set, const jf_images_shape *shape,
                       size_t channels, int scaled, jf_text *notes)
{
    JF_TRY(jf_text_add(notes,
                       "%zu picture%s of %zu x %zu pixels (height x width), "
                       "%s, %s\n",
                       set->count, set->count == 1 ? "" : "s", shape->height,
                       shape->width,
                       channels == 1 ? "1 channel (grey)" : "3 channels",
                       scaled ? "their centres, scaled" : "as they are"));
    if (shape->turned == 0)
        return GSL_SUCCESS;
    return jf_text_add(notes,
                       "%zu with an EXIF orientation, such as %s: pixels as "
                       "they are stored, not turned\n",
                       shape->turned, set->entries[shape->first_turned].name);
}

/* The files, and their size where none is given. */
static int open_set(jf_images *set, const char *path)
{
    jf_images_shape shape;
    if (set->size > 0)
        JF_TRY(check_size(path, set->size));
    JF_TRY(list(set, path));
    if (set->size > 0)
        return GSL_SUCCESS;
    JF_TRY(jf_images_shape_of(set, &shape));
    set->size = shape.shortest;
    return GSL_SUCCESS;
}

jf_images *jf_images_open(const char *path, size_t size)
{
    jf_images *set = set_new(size);
    if (set && open_set(set, path) == GSL_SUCCESS)
        return set;
    jf_images_free(set);
    return NULL;
}

jf_images *jf_images_list(const char *const *paths, size_t count, size_t size)
{
    if (check_size(count ? paths[0] : "no files", size) != GSL_SUCCESS)
        return NULL;
    jf_images *set = set_new(size);
    int status = set ? GSL_SUCCESS : GSL_ENOMEM;
    for (size_t i = 0; i < count && status == GSL_SUCCESS; i++)
        status = add(set, jf_copy_text(paths[i], strlen(paths[i])));
    if (status == GSL_SUCCESS)
        return set;
    jf_images_free(set);
    return NULL;
}

static size_t image_bytes(const jf_image *image)
{
    return image->height * image->width * image->channels;
}

/* Drop what was used longest ago until bytes more may be kept. */
static void make_room(jf_images *set, size_t bytes)
{
    while (set->bytes > 0 && set->bytes + bytes > set->most) {
        entry *oldest = NULL;
        for (size_t i = 0; i < set->count; i++)
            if (set->entries[i].image.pixels &&
                (!oldest || set->entries[i].used < oldest->used))
                oldest = &set->entries[i];
        set->bytes -= image_bytes(&oldest->image);
        jf_image_free(&oldest->image);
    }
}

/* The picture, read when it is not kept; the caller frees it when
 * it is not kept afterwards. */
static int fetch(jf_images *set, size_t index, jf_image *image)
{
    entry *e = &set->entries[index];
    if (e->image.pixels)
        *image = e->image;
    else
        JF_TRY(jf_image_read(e->name, image));
    if (set->held) /* and so not to be written, by any thread */
        return GSL_SUCCESS;
    e->used = ++set->clock;
    if (e->image.pixels || image_bytes(image) > set->most)
        return GSL_SUCCESS;
    make_room(set, image_bytes(image));
    e->image = *image;
    set->bytes += image_bytes(image);
    return GSL_SUCCESS;
}

/* How much of the old pixel x the new pixel j covers, in units of 1 / size of
 * an old one, when side old pixels become size new ones. */
static uint64_t overlap(size_t x, size_t j, size_t side, size_t size)
{
    size_t from = j * side, to = from + side;
    size_t a = x * size, b = a + size;
    return (a > from ? a : from) < (b < to ? b : to)
               ? (b < to ? b : to) - (a > from ? a : from)
               : 0;
}

/* The mean of the new pixel (i, j) over what it covers, by whole numbers. */
static void average(const jf_image *image, size_t top, size_t left, size_t side,
                    size_t size, size_t i, size_t j, unsigned char *to)
{
    uint64_t sum[3] = {0}, area = (uint64_t)side * side;
    size_t c = image->channels;
    for (size_t y = i * side / size; y * size < (i + 1) * side; y++) {
        uint64_t wy = overlap(y, i, side, size);
        const unsigned char *row =
            image->pixels + ((top + y) * image->width + left) * c;
        for (size_t x = j * side / size; x * size < (j + 1) * side; x++) {
            uint64_t w = wy * overlap(x, j, side, size);
            for (size_t k = 0; k < c; k++)
                sum[k] += w * row[x * c + k];
        }
    }
    for (size_t k = 0; k < 3; k++)
        to[k] = (unsigned char)((sum[c == 1 ? 0 : k] + area / 2) / area);
}

/* The window w of the square as size x size new pixels. */
static void scale(const jf_image *image, size_t top, size_t left, size_t side,
                  size_t size, int mirrored, jf_window w, unsigned char *pixels)
{
    for (size_t i = w.top; i < w.top + w.side; i++)
        for (size_t j = w.left; j < w.left + w.side; j++, pixels += 3)
            average(image, top, left, side, size, i,
                    mirrored ? size - 1 - j : j, pixels);
}

static size_t shorter(const jf_image *image)
{
    return image->height < image->width ? image->height : image->width;
}

/* The largest square in the centre, size x size. */
static void scale_centre(const jf_image *image, size_t size,
                         unsigned char *pixels)
{
    size_t side = shorter(image);
    scale(image, (image->height - side) / 2, (image->width - side) / 2, side,
          size, 0, (jf_window){0, 0, size}, pixels);
}

/* The same as an image of its own; it was empty before. */
static int new_centre(const jf_image *image, size_t size, jf_image *square)
{
    *square = jf_image_new(size, size, 3);
    JF_TRY_MEMORY(square->pixels);
    scale_centre(image, size, square->pixels);
    return GSL_SUCCESS;
}

typedef struct {
    jf_images *set;
    size_t side;
} holding;

static int hold(void *arg, size_t lane, size_t first, size_t count,
                jf_work *work)
{
    const holding *h = arg;
    (void)lane;
    (void)work;
    for (size_t i = first; i < first + count; i++) {
        jf_image image;
        entry *e = &h->set->entries[i];
        JF_TRY(jf_image_read(e->name, &image));
        jf_image_free(&e->image);
        int status = new_centre(&image, h->side, &e->image);
        jf_image_free(&image);
        JF_TRY(status);
    }
    return GSL_SUCCESS;
}

int jf_images_hold(jf_images *set, size_t side, jf_team *team)
{
    if (side < 1)
        JF_ERROR("squares of no pixels", GSL_EINVAL);
    holding h = {set, side};
    set->bytes = 0;
    JF_TRY(jf_team_run(team, set->count, JF_MAX_LANES, hold, &h));
    set->held = 1;
    return GSL_SUCCESS;
}

jf_images *jf_images_at(const jf_images *set, size_t size)
{
    jf_images *other = set_new(size);
    if (!other)
        return NULL;
    *other = *set;
    other->size = size;
    other->borrowed = 1;
    return other;
}

jf_images *jf_images_scaled(const jf_images *set, size_t size)
{
    jf_images *other = set_new(size);
    int status = other ? GSL_SUCCESS : GSL_ENOMEM;
    for (size_t i = 0; i < set->count && status == GSL_SUCCESS; i++) {
        const entry *from = &set->entries[i];
        status = add(other, jf_copy_text(from->name, strlen(from->name)));
        if (status == GSL_SUCCESS)
            status = new_centre(&from->image, size, &other->entries[i].image);
    }
    if (status != GSL_SUCCESS) {
        jf_images_free(other);
        return NULL;
    }
    other->held = 1;
    return other;
}

int jf_images_read(jf_images *set, size_t index, unsigned char *pixels)
{
    jf_image image;
    if (index >= set->count)
        JF_ERROR("no such image", GSL_EINVAL);
    JF_TRY(fetch(set, index, &image));
    scale_centre(&image, set->size, pixels);
    if (!set->entries[index].image.pixels)
        jf_image_free(&image);
    return GSL_SUCCESS;
}

int jf_images_crop(jf_images *set, size_t index, double zoom, uint64_t seed,
                   uint64_t step, uint64_t row, unsigned char *pixels)
{
    return jf_images_part(set, index, zoom, seed, step, row,
                          (jf_window){0, 0, set->size}, pixels);
}

int jf_images_part(jf_images *set, size_t index, double zoom, uint64_t seed,
                   uint64_t step, uint64_t row, jf_window w,
                   unsigned char *pixels)
{
    jf_image image;
    double wish = zoom * (double)set->size + 0.5;
    if (index >= set->count || !(wish >= 1))
        JF_ERROR("no such image, or a square of no pixels", GSL_EINVAL);
    if (w.side > set->size || w.top > set->size - w.side ||
        w.left > set->size - w.side)
        JF_ERROR("a window beyond the crop", GSL_EINVAL);
    JF_TRY(fetch(set, index, &image));
    size_t side = shorter(&image);
    jf_stream stream;
    gsl_rng *rng = jf_stream_in(&stream);
    if (wish < (double)side)
        side = (size_t)wish;
    jf_stream_seek(rng, seed, JF_PURPOSE_CROP, step, row);
    size_t top = gsl_rng_uniform_int(rng, image.height - side + 1);
    size_t left = gsl_rng_uniform_int(rng, image.width - side + 1);
    int mirrored = gsl_rng_uniform(rng) < 0.5;
    scale(&image, top, left, side, set->size, mirrored, w, pixels);
    if (!set->entries[index].image.pixels)
        jf_image_free(&image);
    return GSL_SUCCESS;
}

int jf_images_batch(jf_images *set, size_t first, size_t count, double zoom,
                    int bits, uint64_t seed, uint64_t step, jf_matrix x)
{
    size_t d = 3 * set->size * set->size;
    if (count == 0 || first > set->count || count > set->count - first)
        JF_ERROR("no such images", GSL_EINVAL);
    if (x.cols != d)
        JF_ERROR("a row is size x size x 3 values", GSL_EBADLEN);
    unsigned char *pixels = jf_alloc(d, 1);
    JF_TRY_MEMORY(pixels);
    jf_stream stream;
    gsl_rng *rng = jf_stream_in(&stream);
    int status = GSL_SUCCESS;
    for (size_t i = 0; i < x.rows && status == GSL_SUCCESS; i++) {
        jf_stream_seek(rng, seed, JF_PURPOSE_BATCH, step, i);
        size_t index = first + gsl_rng_uniform_int(rng, count);
        status = jf_images_crop(set, index, zoom, seed, step, i, pixels);
        if (status == GSL_SUCCESS)
            status = jf_image_dequantize(pixels, d, bits, seed, step, i,
                                         jf_row(x, i));
    }
    free(pixels);
    return status;
}

int jf_image_dequantize(const unsigned char *pixels, size_t count, int bits,
                        uint64_t seed, uint64_t step, uint64_t row,
                        real *values)
{
    if (bits < 1 || bits > 8)
        JF_ERROR("1 .. 8 bits expected", GSL_EINVAL);
    jf_stream stream;
    gsl_rng *rng = jf_stream_in(&stream);
    real levels = (real)(1 << bits);
    jf_stream_seek(rng, seed, JF_PURPOSE_DEQUANTIZE, step, row);
    for (size_t i = 0; i < count; i++) {
        int level = pixels[i] >> (8 - bits);
        real v;
        do /* a float may round up to the next level */
            v = (real)(level + gsl_rng_uniform(rng));
        while (v >= (real)(level + 1));
        values[i] = v / levels;
    }
    return GSL_SUCCESS;
}
