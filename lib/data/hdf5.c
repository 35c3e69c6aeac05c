/* hdf5.c -- one dataset of numbers of an HDF5 file, by libhdf5.
 *
 * Whoever opens a dataset by its name may be led to other files: by external
 * links, which the walk here does not follow, and by datasets whose values lie
 * elsewhere, which are refused. */
#define H5_USE_110_API
#include <hdf5.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "data/read.h"

/* What is looked for, and what there is. */
typedef struct {
    const char *wanted; /* NULL: the only one */
    jf_text names, name;
    size_t found; /* that are wanted */
    int status;
} search;

/* Numbers, of no more bytes than any processor has in one: a damaged file may
 * declare gigabytes, and libhdf5 takes memory for one of them first. */
static int is_number(hid_t set)
{
    enum { WIDEST = 16 };
    hid_t type = H5Dget_type(set);
    H5T_class_t class = H5Tget_class(type);
    size_t bytes = H5Tget_size(type);
    H5Tclose(type);
    return (class == H5T_INTEGER || class == H5T_FLOAT || class == H5T_ENUM) &&
           bytes >= 1 && bytes <= WIDEST;
}

static size_t dimensions_of(hid_t set, hsize_t *shape)
{
    hid_t space = H5Dget_space(set);
    int count = H5Sget_simple_extent_dims(space, shape, NULL);
    H5Sclose(space);
    return count > 0 ? (size_t)count : 0;
}

static herr_t visit(hid_t file, const char *name, const H5O_info_t *info,
                    void *arg)
{
    enum { ENOUGH = 200 };
    search *s = arg;
    hsize_t shape[H5S_MAX_RANK];
    if (info->type != H5O_TYPE_DATASET)
        return 0;
    hid_t set = H5Dopen2(file, name, H5P_DEFAULT);
    int usable = set >= 0 && is_number(set) && dimensions_of(set, shape) > 0;
    H5Dclose(set);
    if (!usable)
        return 0;
    if (s->names.length < ENOUGH)
        s->status =
            jf_text_add(&s->names, "%s%s", s->names.length ? ", " : "", name);
    if ((!s->wanted || strcmp(s->wanted, name) == 0) && s->found++ == 0 &&
        s->status == GSL_SUCCESS)
        s->status = jf_text_add(&s->name, "%s", name);
    return s->status == GSL_SUCCESS ? 0 : -1;
}

static int choose(const char *path, hid_t file, search *s)
{
    if (s->wanted && *s->wanted == '/')
        s->wanted++;
    herr_t walked = H5Ovisit(file, H5_INDEX_NAME, H5_ITER_INC, visit, s);
    JF_TRY(s->status);
    if (walked < 0)
        return jf_refuse(path, 0, "truncated or damaged HDF5");
    if (!s->names.data)
        return jf_refuse(path, 0,
                         "no dataset of numbers found in this HDF5 "
                         "file");
    if (!s->wanted && s->found > 1)
        return jf_refuse(path, 0,
                         "%zu datasets found, one expected as FILE:/NAME or "
                         "with --array: %s",
                         s->found, s->names.data);
    return s->found ? GSL_SUCCESS
                    : jf_refuse(path, 0,
                                "dataset '%s' not found, one of these "
                                "expected: %s",
                                s->wanted, s->names.data);
}

/* Why values cannot be read: the first filter that is not there. */
static int unreadable(const char *path, hid_t plan)
{
    int count = H5Pget_nfilters(plan);
    for (int k = 0; k < count; k++) {
        char name[64] = "";
        unsigned flags, config;
        size_t none = 0;
        H5Z_filter_t id = H5Pget_filter2(plan, (unsigned)k, &flags, &none, NULL,
                                         sizeof name, name, &config);
        if (H5Zfilter_avail(id) <= 0)
            return jf_refuse(path, 0,
                             "values packed by the filter %s (%d) found, which "
                             "this HDF5 library lacks; gzip or none expected",
                             name, (int)id);
    }
    return jf_refuse(path, 0, "truncated or damaged HDF5 (its values)");
}

/* MATLAB's arrays are stored by columns: rows are the last index. */
static int transpose(jf_matrix *x)
{
    jf_matrix t = jf_matrix_new(x->cols, x->rows);
    JF_TRY_MEMORY(t.data);
    for (size_t i = 0; i < t.rows; i++)
        for (size_t j = 0; j < t.cols; j++)
            jf_row(t, i)[j] = jf_row(*x, j)[i];
    jf_matrix_free(x);
    *x = t;
    return GSL_SUCCESS;
}

/* Bytes of a chunk, unpacked; 0: there are none. */
static double chunk_bytes(hid_t set, hid_t plan)
{
    hsize_t chunk[H5S_MAX_RANK];
    if (H5Pget_layout(plan) != H5D_CHUNKED)
        return 0;
    hid_t type = H5Dget_type(set);
    double bytes = (double)H5Tget_size(type);
    int dimensions = H5Pget_chunk(plan, H5S_MAX_RANK, chunk);
    H5Tclose(type);
    for (int k = 0; k < dimensions; k++)
        bytes *= (double)chunk[k];
    return bytes;
}

/* Bytes of values that the file holds, unpacked: of its chunks, which deflate
 * makes smaller by a factor of 1032 at most. */
static double held(hid_t set, hid_t plan)
{
    hsize_t count = 0;
    double stored = (double)H5Dget_storage_size(set);
    if (H5Pget_layout(plan) != H5D_CHUNKED || H5Pget_nfilters(plan) <= 0)
        return stored;
    hid_t space = H5Dget_space(set);
    if (H5Dget_num_chunks(set, space, &count) < 0)
        count = 0;
    H5Sclose(space);
    return fmin(1032 * stored, chunk_bytes(set, plan) * (double)count);
}

/* Whether the values of a dataset in one piece are all there, which libhdf5
 * does not look at; 0 bytes: not written, zeros, but in the dataset's head. */
static int is_whole(hid_t set, hid_t plan)
{
    H5D_layout_t layout = H5Pget_layout(plan);
    hsize_t stored = H5Dget_storage_size(set);
    if (layout == H5D_CHUNKED || (layout == H5D_CONTIGUOUS && stored == 0))
        return 1;
    hid_t type = H5Dget_type(set), space = H5Dget_space(set);
    hsize_t count = (hsize_t)H5Sget_simple_extent_npoints(space);
    int whole = stored / H5Tget_size(type) >= count;
    H5Sclose(space);
    H5Tclose(type);
    return whole;
}

/* Rows and columns, once the file is known to hold about as much as it
 * declares: unwritten values take no room in it, and a chunk is unpacked as a
 * whole. */
static int measure(const char *path, hid_t set, hid_t plan, size_t count,
                   const hsize_t *shape, size_t *rows, size_t *cols)
{
    enum { FREE = 1 << 25, SHARE = 8 }; /* bytes that need no proof */
    size_t bytes;
    if (H5Pget_external_count(plan) > 0 || H5Pget_layout(plan) == H5D_VIRTUAL)
        return jf_refuse(path, 0,
                         "values in other files found, values in this "
                         "one expected");
    *rows = shape[0];
    *cols = 1;
    int lies = 0;
    for (size_t k = 1; k < count; k++)
        lies |= __builtin_mul_overflow(*cols, (size_t)shape[k], cols);
    if (!lies && (*rows == 0 || *cols == 0))
        return jf_refuse(path, 0, "an empty array found");
    lies = lies || __builtin_mul_overflow(*rows, *cols, &bytes) ||
           __builtin_mul_overflow(bytes, sizeof(real), &bytes);
    double chunk = chunk_bytes(set, plan), there = held(set, plan);
    if (lies || (bytes > FREE && (double)bytes > SHARE * there) ||
        (chunk > FREE && chunk > there) || !is_whole(set, plan))
        return jf_refuse(path, 0, "%zu x %zu values declared, %llu bytes found",
                         *rows, *cols,
                         (unsigned long long)H5Dget_storage_size(set));
    return GSL_SUCCESS;
}

static int read_set(const char *path, hid_t set, int matlab,
                    const jf_data_options *options, jf_dataset *out)
{
    hid_t real_type =
        sizeof(real) == sizeof(double) ? H5T_NATIVE_DOUBLE : H5T_NATIVE_FLOAT;
    hsize_t shape[H5S_MAX_RANK];
    size_t sizes[H5S_MAX_RANK], rows = 0, cols = 0;
    size_t count = dimensions_of(set, shape);
    hid_t plan = H5Dget_create_plist(set);
    int status = measure(path, set, plan, count, shape, &rows, &cols);
    if (status == GSL_SUCCESS)
        status = (out->x = jf_matrix_new(rows, cols)).data ? GSL_SUCCESS
                                                           : GSL_ENOMEM;
    if (status == GSL_SUCCESS &&
        H5Dread(set, real_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, out->x.data) < 0)
        status = unreadable(path, plan);
    H5Pclose(plan);
    JF_TRY(status);
    if (matlab && count == 2) {
        JF_TRY(transpose(&out->x));
        JF_TRY(jf_data_note(out, "a file of MATLAB: rows as it shows them"));
    }
    for (size_t k = 0; k < count; k++)
        sizes[k] = (size_t)shape[k];
    return jf_array_finish(path, count, sizes, options, out);
}

int jf_read_hdf5(const char *path, int matlab, const jf_data_options *options,
                 jf_dataset *out)
{
    search s = {.wanted = options->array};
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* it would print them */
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (file < 0)
        return jf_refuse(path, 0, "truncated or damaged HDF5");
    int status = choose(path, file, &s);
    if (status == GSL_SUCCESS)
        status = jf_data_note(out, "dataset %s of the file", s.name.data);
    if (status == GSL_SUCCESS) {
        hid_t set = H5Dopen2(file, s.name.data, H5P_DEFAULT);
        status = read_set(path, set, matlab, options, out);
        H5Dclose(set);
    }
    free(s.names.data);
    free(s.name.data);
    H5Fclose(file);
    return status;
}
