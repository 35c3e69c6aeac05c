/* read.c -- a file in memory, and its format. */
#include "data/read.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <zlib.h>

#include "base/error.h"
#include "base/number.h"
#include "data/format.h"
#include "data/images.h"
#include "io/output.h"

#ifdef JF_HDF5
#define EXPECTED "CSV, NPY, NPZ, HDF5, IDX, PNG, JPEG or WebP expected"
#else
#define EXPECTED "CSV, NPY, NPZ, IDX, PNG, JPEG or WebP expected"
#endif

void jf_data_free(jf_dataset *data)
{
    for (size_t j = 0; data->columns && j < data->x.cols; j++)
        free(data->columns[j]);
    free(data->columns);
    jf_matrix_free(&data->x);
    free(data->notes.data);
    *data = (jf_dataset){0};
}

int jf_data_note(jf_dataset *data, const char *format, ...)
{
    char line[512];
    va_list list;
    va_start(list, format);
    jf_vformat(line, sizeof line, format, list);
    va_end(list);
    return jf_text_add(&data->notes, "%s\n", line);
}

/* All that gz unpacks, with room bytes to begin with, or more than most. */
static int unpack(gzFile gz, size_t room, size_t most, jf_bytes *file)
{
    JF_TRY_MEMORY(file->bytes = jf_alloc(room, 1));
    file->size = 0;
    for (int n;;) {
        if (file->size + 1 >= room) {
            unsigned char *more = jf_resize(file->bytes, room *= 2, 1);
            JF_TRY_MEMORY(more);
            file->bytes = more;
        }
        size_t free_bytes = room - 1 - file->size;
        unsigned ask = free_bytes > 1u << 30 ? 1u << 30 : (unsigned)free_bytes;
        n = gzread(gz, file->bytes + file->size, ask);
        if (n <= 0)
            break;
        file->size += (size_t)n;
        if (file->size > most)
            break;
    }
    file->bytes[file->size] = 0;
    return GSL_SUCCESS;
}

/* All of path; gzread passes plain files through as they are. */
static int load(const char *path, jf_bytes *file)
{
    struct stat info;
    /* bytes of zlib's buffer: its own, and where more is idle */
    enum { LEAST = 1 << 13, MOST = 1 << 18 };
    size_t room = 1 << 16;
    if (stat(path, &info) != 0)
        return jf_refuse(path, 0, "%s, a file of numbers expected",
                         strerror(errno));
    if (S_ISREG(info.st_mode) && info.st_size > 0)
        room = (size_t)info.st_size + 2;
    unsigned buffer = room < LEAST  ? LEAST
                      : room < MOST ? (unsigned)room
                                    : (unsigned)MOST;
    gzFile gz = gzopen(path, "rb");
    if (!gz)
        return jf_refuse(path, 0, "cannot open: %s", strerror(errno));
    gzbuffer(gz, buffer);
    size_t most = S_ISCHR(info.st_mode) ? JF_DEVICE_MOST : SIZE_MAX;
    int code, status = unpack(gz, room, most, file);
    const char *message = gzerror(gz, &code);
    if (status == GSL_SUCCESS && file->size > most)
        status = jf_refuse(path, 0, "a device that does not end within %d MiB",
                           JF_DEVICE_MOST >> 20);
    else if (status == GSL_SUCCESS && code == Z_MEM_ERROR)
        status = jf_error_report(GSL_ENOMEM, __FILE__, __LINE__,
                                 "no memory to read %s", path);
    else if (status == GSL_SUCCESS && code == Z_ERRNO)
        status = jf_refuse(path, 0, "cannot be read: %s", message);
    else if (status == GSL_SUCCESS && code != Z_OK && code != Z_STREAM_END)
        status = jf_refuse(path, 0, "damaged or truncated gzip (%s)",
                           code == Z_BUF_ERROR ? "unexpected end" : message);
    gzclose(gz);
    return status;
}

/* Files that end like this are never text. */
static int ends_in_bytes(const char *path)
{
    static const char *const ends[] = {".npy",  ".npz",  ".png", ".jpg",
                                       ".jpeg", ".webp", ".h5",  ".hdf5"};
    const char *dot = strrchr(path, '.');
    for (size_t k = 0; dot && k < sizeof ends / sizeof *ends; k++)
        if (strcasecmp(dot, ends[k]) == 0)
            return 1;
    return 0;
}

#ifdef JF_HDF5
/* Where HDF5 begins, at 0 or a power of two from 512 on, in what a file begins
 * with; *matlab: what stands before it says so. */
static int is_hdf5(const char *path, int *matlab)
{
    char head[JF_FORMAT_HEAD] = "", magic[8];
    struct stat info;
    int found = 0;
    FILE *f = stat(path, &info) == 0 && S_ISREG(info.st_mode)
                  ? fopen(path, "rb")
                  : NULL;
    if (!f)
        return 0;
    size_t size = fread(head, 1, sizeof head, f);
    *matlab = size >= 10 && memcmp(head, "MATLAB 7.3", 10) == 0;
    for (long at = 0; !found && at <= 1 << 16 && at < info.st_size;
         at = at ? 2 * at : 512)
        found = fseek(f, at, SEEK_SET) == 0 && fread(magic, 1, 8, f) == 8 &&
                memcmp(magic, "\211HDF\r\n\032\n", 8) == 0;
    fclose(f);
    return found;
}
#endif

static int is_idx(jf_bytes file)
{
    const unsigned char *b = file.bytes;
    return file.size >= 4 && b[0] == 0 && b[1] == 0 && b[2] >= 8 &&
           b[2] <= 0x0e && b[3] >= 1 && b[3] <= 8;
}

static int decode(const char *path, jf_bytes file,
                  const jf_data_options *options, jf_dataset *out)
{
    size_t head = file.size < JF_FORMAT_HEAD ? file.size : JF_FORMAT_HEAD;
    const char *name = jf_format_name(file.bytes, head);
    if (file.size == 0)
        return jf_refuse(path, 0, "an empty file found, numbers expected");
    if (file.size >= 4 && memcmp(file.bytes, "PK\3\4", 4) == 0)
        return jf_read_npz(path, file, options, out);
    if (options->array)
        return jf_refuse(path, 0,
                         "--array '%s' found, which is for NPZ and HDF5 "
                         "files alone",
                         options->array);
    if (file.size >= 6 && memcmp(file.bytes, "\x93NUMPY", 6) == 0)
        return jf_read_npy(path, file, options, out);
    if (is_idx(file))
        return jf_read_idx(path, file, options, out);
    if (name)
        return jf_refuse(path, 0, "%s found, which is not read; " EXPECTED,
                         name);
    if (jf_format_text(file.bytes, head) && !ends_in_bytes(path))
        return jf_read_csv(path, file, options, out);
    return jf_refuse(path, 0, "unknown format by its first bytes; " EXPECTED);
}

/* A name for tables, without its folder. */
static void set_name(const char *path, jf_dataset *out)
{
    size_t end = strlen(path), start;
    while (end > 1 && path[end - 1] == '/') /* of a folder */
        end--;
    for (start = end; start > 0 && path[start - 1] != '/';)
        start--;
    snprintf(out->name, sizeof out->name, "%.*s", (int)(end - start),
             path + start);
    jf_plain_name(out->name);
}

int jf_rows_drop_missing(const char *path, jf_dataset *data)
{
    size_t kept = 0, rows = data->x.rows, d = data->x.cols;
    for (size_t i = 0; i < rows; i++) {
        const real *row = jf_row(data->x, i);
        size_t j = 0;
        while (j < d && row[j] == row[j])
            j++;
        if (j == d && kept++ < i)
            memcpy(jf_row(data->x, kept - 1), row, d * sizeof *row);
    }
    data->x.rows = kept;
    if (kept == 0)
        return jf_refuse(path, 0, "every row has a missing value");
    return kept == rows ? GSL_SUCCESS
                        : jf_data_note(data,
                                       "%zu of %zu rows left out: values are "
                                       "missing in them",
                                       rows - kept, rows);
}

static int read_table(const char *path, const jf_data_options *options,
                      jf_dataset *out)
{
    jf_bytes file = {0};
#ifdef JF_HDF5
    int matlab;
    if (is_hdf5(path, &matlab))
        return jf_read_hdf5(path, matlab, options, out);
#endif
    int status = load(path, &file);
    if (status == GSL_SUCCESS)
        status = decode(path, file, options, out);
    free(file.bytes);
    return status;
}

/* fmax would do, but its sum over floats is an internal error of GCC 12 for
 * arm64. */
static double greater(double a, double b)
{
    return a > b ? a : b;
}

/* Second moments are sums of squares, which must be doubles: a column whose
 * differences are all below 1e-150, or reach 1e150, is refused. */
static int check_squares(const char *path, const jf_dataset *data)
{
    for (size_t j = 0; j < data->x.cols; j++) {
        double most = 0, first = (double)jf_row(data->x, 0)[j];
        for (size_t i = 0; i < data->x.rows; i++)
            most = greater(most, fabs((double)jf_row(data->x, i)[j] - first));
        if (most > 1e150 || (most > 0 && most < 1e-150))
            return jf_refuse(path, 0,
                             "differences of %.0e found in column %zu, whose "
                             "squares are no doubles; divide it by a power of "
                             "ten",
                             most, j + 1);
    }
    return GSL_SUCCESS;
}

int jf_data_read_as(const char *path, const jf_data_options *options,
                    jf_dataset *out)
{
    const jf_data_options none = {0}, *o = options ? options : &none;
    jf_content content = jf_images_content(path);
    *out = (jf_dataset){0};
    int row = content == JF_FOLDER || (content == JF_PICTURE && o->whole);
    int status = row                     ? jf_read_folder(path, o->size, out)
                 : content == JF_PICTURE ? jf_read_picture(path, o->size, out)
                                         : read_table(path, o, out);
    if (status == GSL_SUCCESS && content == JF_NO_PICTURE && o->size)
        status = jf_refuse(path, 0,
                           "a table found, pictures expected, which --size "
                           "scales");
    if (status == GSL_SUCCESS && content != JF_NO_PICTURE && o->columns)
        status = jf_columns_choose(path, o->columns, out);
    set_name(path, out);
    if (status == GSL_SUCCESS && !o->any && !o->one && out->x.rows < 2)
        status = jf_refuse(path, 0, "%zu row%s found, at least 2 expected",
                           out->x.rows, out->x.rows == 1 ? "" : "s");
    if (status == GSL_SUCCESS && !o->any)
        status = check_squares(path, out);
    if (status != GSL_SUCCESS)
        jf_data_free(out);
    return status;
}

int jf_data_read(const char *path, const char *columns, jf_dataset *out)
{
    return jf_data_read_as(path, &(jf_data_options){.columns = columns}, out);
}

int jf_data_read_any(const char *path, jf_dataset *out)
{
    *out = (jf_dataset){0};
    if (jf_images_content(path) == JF_FOLDER)
        return jf_refuse(path, 0, "is a folder, a file expected");
    return jf_data_read_as(path, &(jf_data_options){.any = 1}, out);
}

static int equal_columns(jf_matrix x, size_t a, size_t b)
{
    for (size_t i = 0; i < x.rows; i++)
        if (jf_row(x, i)[a] != jf_row(x, i)[b])
            return 0;
    return 1;
}

static int constant_column(jf_matrix x, size_t j)
{
    for (size_t i = 1; i < x.rows; i++)
        if (jf_row(x, i)[j] != jf_row(x, 0)[j])
            return 0;
    return 1;
}

static const char *column_name(const jf_dataset *data, size_t j)
{
    return data->columns ? data->columns[j] : "no name";
}

int jf_data_check(const jf_dataset *data)
{
    size_t d = data->x.cols;
    if (data->x.rows <= d)
        return jf_refuse(data->name, 0,
                         "%zu rows of %zu columns found, more rows than "
                         "columns expected for training",
                         data->x.rows, d);
    for (size_t j = 0; j < d; j++) {
        if (constant_column(data->x, j))
            return jf_refuse(data->name, 0,
                             "column %zu (%s) is constant: its likelihood "
                             "is unbounded; leave it out with --columns",
                             j + 1, column_name(data, j));
        for (size_t k = 0; k < j; k++)
            if (equal_columns(data->x, j, k))
                return jf_refuse(data->name, 0,
                                 "columns %zu and %zu (%s, %s) are equal; "
                                 "leave one out with --columns",
                                 k + 1, j + 1, column_name(data, k),
                                 column_name(data, j));
    }
    return GSL_SUCCESS;
}
