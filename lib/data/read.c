/* read.c -- a file in memory, its format, a choice of columns. */
#include "data/read.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "base/error.h"
#include "data/images.h"

void jf_data_free(jf_dataset *data)
{
    for (size_t j = 0; data->columns && j < data->x.cols; j++)
        free(data->columns[j]);
    free(data->columns);
    jf_matrix_free(&data->x);
    *data = (jf_dataset){0};
}

/* All that gz unpacks, with room bytes to begin with. */
static int unpack(gzFile gz, size_t room, jf_bytes *file)
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
    }
    file->bytes[file->size] = 0;
    return GSL_SUCCESS;
}

/* All of path; gzread passes plain files through as they are. */
static int load(const char *path, jf_bytes *file)
{
    struct stat info;
    size_t room = 1 << 16;
    if (stat(path, &info) != 0)
        return jf_refuse(path, 0, "%s, a file of numbers expected",
                         strerror(errno));
    if (S_ISREG(info.st_mode) && info.st_size > 0)
        room = (size_t)info.st_size + 2;
    gzFile gz = gzopen(path, "rb");
    if (!gz)
        return jf_refuse(path, 0, "cannot open: %s", strerror(errno));
    gzbuffer(gz, 1 << 18);
    int code, status = unpack(gz, room, file);
    const char *message = gzerror(gz, &code);
    if (status == GSL_SUCCESS && code != Z_OK && code != Z_STREAM_END)
        status = jf_refuse(path, 0, "damaged or truncated gzip (%s)",
                           code == Z_BUF_ERROR ? "unexpected end" : message);
    gzclose(gz);
    return status;
}

static int ends_with(const char *path, const char *end)
{
    size_t n = strlen(path), m = strlen(end);
    return n >= m && strcmp(path + n - m, end) == 0;
}

/* By content first, then by name. */
static int decode(const char *path, jf_bytes file, jf_dataset *out)
{
    const unsigned char *b = file.bytes;
    static const char *const text[] = {".csv", ".csv.gz", ".txt",
                                       ".tsv", ".dat",    ".data"};
    if (file.size >= 6 && memcmp(b, "\x93NUMPY", 6) == 0)
        return jf_read_npy(path, file, out);
    if (ends_with(path, ".npy") || ends_with(path, ".npy.gz"))
        return jf_refuse(path, 0,
                         "no NPY magic found, an array of numpy.save "
                         "expected");
    if ((file.size >= 4 && b[0] == 0 && b[1] == 0 && b[2] >= 8) ||
        strstr(path, "idx"))
        return jf_read_idx(path, file, out);
    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        if (ends_with(path, text[i]))
            return jf_read_csv(path, file, out);
    return jf_refuse(
        path, 0,
        "unknown format, .csv, .csv.gz, .npy, IDX, PNG or JPEG expected");
}

/* A name for tables: no folder, comma, quote or line end. */
static void set_name(const char *path, jf_dataset *out)
{
    size_t end = strlen(path), start;
    while (end > 1 && path[end - 1] == '/') /* of a folder */
        end--;
    for (start = end; start > 0 && path[start - 1] != '/';)
        start--;
    snprintf(out->name, sizeof out->name, "%.*s", (int)(end - start),
             path + start);
    for (char *c = out->name; *c; c++)
        if (strchr(",\"\r\n", *c))
            *c = '_';
}

/* The columns that part of a list names: "7", "2-5" or a name. */
static int pick(const char *path, const jf_dataset *data, const char *part,
                size_t *first, size_t *last)
{
    char *end;
    size_t d = data->x.cols;
    *first = strtoul(part, &end, 10);
    *last = *first;
    if (end != part && *end == '-' && end[1] >= '0' && end[1] <= '9')
        *last = strtoul(end + 1, &end, 10);
    if (end != part && *end == '\0' && part[0] >= '0' && part[0] <= '9') {
        if (*first < 1 || *first > *last || *last > d)
            return jf_refuse(path, 0,
                             "--columns '%s' found, columns within 1-%zu "
                             "expected",
                             part, d);
        (*first)--;
        return GSL_SUCCESS;
    }
    for (size_t j = 0; data->columns && j < d; j++)
        if (strcmp(data->columns[j], part) == 0) {
            *first = j;
            *last = j + 1;
            return GSL_SUCCESS;
        }
    return jf_refuse(path, 0, "no column is called '%s'", part);
}

/* The columns that the list names, which is spoiled; free() index. */
static int parse_list(const char *path, char *list, const jf_dataset *data,
                      size_t **index, size_t *count)
{
    size_t first, last;
    for (char *part = strtok(list, ","); part; part = strtok(NULL, ",")) {
        JF_TRY(pick(path, data, part, &first, &last));
        size_t n = *count + last - first;
        size_t *more = jf_resize(*index, n ? n : 1, sizeof *more);
        JF_TRY_MEMORY(more);
        *index = more;
        while (first < last)
            more[(*count)++] = first++;
    }
    return *count ? GSL_SUCCESS
                  : jf_refuse(path, 0, "--columns names no column");
}

/* out := count columns of data. */
static int copy_columns(const jf_dataset *data, const size_t *index,
                        size_t count, jf_dataset *out)
{
    memcpy(out->name, data->name, sizeof out->name);
    JF_TRY_MEMORY((out->x = jf_matrix_new(data->x.rows, count)).data);
    if (data->columns)
        JF_TRY_MEMORY(out->columns = jf_alloc(count, sizeof *out->columns));
    for (size_t k = 0; k < count; k++) {
        for (size_t i = 0; i < data->x.rows; i++)
            jf_row(out->x, i)[k] = jf_row(data->x, i)[index[k]];
        if (data->columns) {
            const char *name = data->columns[index[k]];
            JF_TRY_MEMORY(out->columns[k] = jf_copy_text(name, strlen(name)));
        }
    }
    return GSL_SUCCESS;
}

static int select_columns(const char *path, const char *columns,
                          jf_dataset *data)
{
    size_t *index = NULL, count = 0;
    jf_dataset chosen = {0};
    char *list = jf_copy_text(columns, strlen(columns));
    int status =
        list ? parse_list(path, list, data, &index, &count) : GSL_ENOMEM;
    if (status == GSL_SUCCESS)
        status = copy_columns(data, index, count, &chosen);
    if (status == GSL_SUCCESS) {
        jf_dataset all = *data;
        *data = chosen;
        chosen = all;
    }
    jf_data_free(&chosen);
    free(index);
    free(list);
    return status;
}

static int read_table(const char *path, jf_dataset *out)
{
    jf_bytes file = {0};
    int status = load(path, &file);
    if (status == GSL_SUCCESS)
        status = decode(path, file, out);
    free(file.bytes);
    return status;
}

/* Second moments are sums of squares, which must be doubles: a column whose
 * differences are all below 1e-150, or reach 1e150, is refused. */
static int check_squares(const char *path, const jf_dataset *data)
{
    for (size_t j = 0; j < data->x.cols; j++) {
        double most = 0, first = (double)jf_row(data->x, 0)[j];
        for (size_t i = 0; i < data->x.rows; i++)
            most = fmax(most, fabs((double)jf_row(data->x, i)[j] - first));
        if (most > 1e150 || (most > 0 && most < 1e-150))
            return jf_refuse(path, 0,
                             "differences of %.0e found in column %zu, whose "
                             "squares are no doubles; divide it by a power of "
                             "ten",
                             most, j + 1);
    }
    return GSL_SUCCESS;
}

int jf_data_read_sized(const char *path, const char *columns, size_t size,
                       jf_dataset *out)
{
    jf_content content = jf_images_content(path);
    *out = (jf_dataset){0};
    int status = content == JF_FOLDER    ? jf_read_folder(path, size, out)
                 : content == JF_PICTURE ? jf_read_picture(path, size, out)
                                         : read_table(path, out);
    set_name(path, out);
    if (status == GSL_SUCCESS && out->x.rows < 2)
        status = jf_refuse(path, 0, "%zu row%s found, at least 2 expected",
                           out->x.rows, out->x.rows == 1 ? "" : "s");
    if (status == GSL_SUCCESS && columns)
        status = select_columns(path, columns, out);
    if (status == GSL_SUCCESS)
        status = check_squares(path, out);
    if (status != GSL_SUCCESS)
        jf_data_free(out);
    return status;
}

int jf_data_read(const char *path, const char *columns, jf_dataset *out)
{
    return jf_data_read_sized(path, columns, 0, out);
}

int jf_data_read_any(const char *path, jf_dataset *out)
{
    *out = (jf_dataset){.any = 1};
    int status = jf_images_content(path) == JF_FOLDER
                     ? jf_refuse(path, 0, "is a folder, a file expected")
                     : read_table(path, out);
    set_name(path, out);
    if (status != GSL_SUCCESS)
        jf_data_free(out);
    return status;
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
