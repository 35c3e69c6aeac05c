/* hdf5.c -- one dataset of numbers of an HDF5 file, by libhdf5.
 *
 * A dataset is found by any name of it, also by a link within the file.  Whoever
 * opens one may be led to other files: by external links, which are not
 * followed, and by datasets whose values lie elsewhere, which are refused. */
#define H5_USE_110_API
#include <hdf5.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/trial.h"
#include "data/read.h"

/* The datasets of numbers that there are; what another one holds. */
typedef struct {
    jf_text names, first, other;
    size_t count;
    int status;
} listing;

/* A file of a format that is newer looks no better. */
static int damaged(const char *path, const char *where)
{
    unsigned of[3];
    H5get_libversion(&of[0], &of[1], &of[2]);
    return jf_refuse(path, 0,
                     "truncated or damaged HDF5%s, or of a newer version than "
                     "the %u.%u.%u of this library",
                     where, of[0], of[1], of[2]);
}

/* What a dataset holds that is no table of numbers, in words; NULL: it is
 * one.  A damaged file may declare numbers of gigabytes, and libhdf5 takes
 * memory for one of them first. */
static const char *no_numbers(hid_t set)
{
    enum { WIDEST = 16 }; /* of any processor's numbers, in bytes */
    hid_t type = H5Dget_type(set), space = H5Dget_space(set);
    H5T_class_t class = H5Tget_class(type);
    H5S_class_t extent = H5Sget_simple_extent_type(space);
    size_t bytes = H5Tget_size(type);
    H5Tclose(type);
    H5Sclose(space);
    switch (class) {
    case H5T_INTEGER:
    case H5T_FLOAT:
    case H5T_ENUM:
        return bytes == 0 || bytes > WIDEST ? "numbers of more than 16 bytes"
               : extent == H5S_SCALAR       ? "a single number"
               : extent == H5S_NULL         ? "nothing"
                                            : NULL;
    case H5T_STRING:
        return "text";
    case H5T_COMPOUND:
        return "records of several fields";
    case H5T_VLEN:
        return "rows of various lengths";
    case H5T_ARRAY:
        return "arrays as entries";
    default:
        return "another type";
    }
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
    listing *l = arg;
    if (info->type != H5O_TYPE_DATASET)
        return 0;
    hid_t set = H5Dopen2(file, name, H5P_DEFAULT);
    const char *why = set < 0 ? "what cannot be read" : no_numbers(set);
    H5Dclose(set);
    if (why && !l->other.data)
        l->status = jf_text_add(&l->other, ": '%s' holds %s", name, why);
    if (why)
        return l->status == GSL_SUCCESS ? 0 : -1;
    if (l->names.length < ENOUGH)
        l->status =
            jf_text_add(&l->names, "%s%s", l->names.length ? ", " : "", name);
    if (l->count++ == 0 && l->status == GSL_SUCCESS)
        l->status = jf_text_add(&l->first, "%s", name);
    return l->status == GSL_SUCCESS ? 0 : -1;
}

/* Of an external link: not to be followed. */
static herr_t stop(const char *parent, const char *name, const char *file,
                   const char *object, unsigned *flags, hid_t access,
                   void *seen)
{
    (void)parent, (void)name, (void)file, (void)object, (void)flags;
    (void)access;
    *(int *)seen = 1;
    return -1;
}

/* The dataset of that name, by whatever links within the file. */
static int open_named(const char *path, hid_t file, const char *name,
                      const listing *l, hid_t *set)
{
    int elsewhere = 0;
    const char *why = NULL;
    hid_t access = H5Pcreate(H5P_LINK_ACCESS);
    H5Pset_elink_cb(access, stop, &elsewhere);
    *set = H5Oopen(file, name, access);
    H5Pclose(access);
    if (elsewhere)
        return jf_refuse(path, 0,
                         "'%s' leads to another file, a dataset of this one "
                         "expected",
                         name);
    if (*set >= 0 && H5Iget_type(*set) == H5I_DATASET)
        why = no_numbers(*set);
    else if (*set >= 0)
        why = "no values itself";
    if (*set >= 0 && !why)
        return GSL_SUCCESS;
    if (*set >= 0)
        H5Oclose(*set);
    *set = -1;
    return why ? jf_refuse(path, 0,
                           "%s found in '%s', a table of numbers expected, one "
                           "of these: %s",
                           why, name, l->names.data)
               : jf_refuse(path, 0,
                           "dataset '%s' not found, one of these expected: %s",
                           name, l->names.data);
}

/* The dataset wanted (NULL: the only one). */
static int choose(const char *path, hid_t file, const char *wanted,
                  jf_dataset *out, hid_t *set)
{
    listing l = {0};
    herr_t walked = H5Ovisit(file, H5_INDEX_NAME, H5_ITER_INC, visit, &l);
    while (wanted && *wanted == '/')
        wanted++;
    if (wanted && !*wanted)
        wanted = NULL;
    int status = l.status;
    if (status == GSL_SUCCESS && walked < 0)
        status = damaged(path, "");
    else if (status == GSL_SUCCESS && !l.count)
        status = jf_refuse(path, 0,
                           "no dataset of numbers found in this HDF5 file%s",
                           l.other.data ? l.other.data : "");
    else if (status == GSL_SUCCESS && !wanted && l.count > 1)
        status = jf_refuse(path, 0,
                           "%zu datasets found, one expected as FILE:/NAME or "
                           "with --array: %s",
                           l.count, l.names.data);
    const char *name = wanted ? wanted : l.first.data;
    if (status == GSL_SUCCESS)
        status = open_named(path, file, name, &l, set);
    if (status == GSL_SUCCESS)
        status = jf_data_note(out, "dataset %s of the file", name);
    free(l.names.data);
    free(l.first.data);
    free(l.other.data);
    return status;
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
    return damaged(path, " (its values)");
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

/* Bytes of a dataset in its file, which may declare more than it has. */
static hsize_t stored_bytes(hid_t set)
{
    hsize_t bytes = 0, stored = H5Dget_storage_size(set);
    hid_t file = H5Iget_file_id(set);
    if (H5Fget_filesize(file, &bytes) < 0)
        bytes = 0;
    H5Fclose(file);
    return stored < bytes ? stored : bytes;
}

/* Bytes of values that the file holds, unpacked: of its chunks, which deflate
 * makes smaller by a factor of 1032 at most. */
static double held(hid_t set, hid_t plan)
{
    hsize_t count = 0;
    double stored = (double)stored_bytes(set);
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
    hsize_t stored = stored_bytes(set);
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
                         *rows, *cols, (unsigned long long)stored_bytes(set));
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

static int read_file(const char *path, int matlab,
                     const jf_data_options *options, jf_dataset *out)
{
    hid_t set = -1;
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* it would print them */
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (file < 0)
        return damaged(path, "");
    int status = choose(path, file, options->array, out, &set);
    if (status == GSL_SUCCESS)
        status = read_set(path, set, matlab, options, out);
    if (set >= 0)
        H5Oclose(set);
    H5Fclose(file);
    return status;
}

typedef struct {
    const char *path;
    const jf_data_options *options;
} trial;

static void read_once(void *arg)
{
    const trial *t = arg;
    jf_dataset data = {0};
    /* Files that the program has open are not the copy's to write. */
    int alone = H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_FILE) == 0;
    read_file(t->path, 0, t->options, &data);
    if (alone)
        H5close();
}

/* Damaged files have ended the process within libhdf5, also where it ends itself
 * when the process does, so that each is read, and libhdf5 ended, in a copy of it
 * first. */
int jf_read_hdf5(const char *path, int matlab, const jf_data_options *options,
                 jf_dataset *out)
{
    int ended;
    trial t = {path, options};
    int no_copy = jf_try_apart(read_once, &t, &ended);
    if (no_copy)
        return jf_error_report(GSL_ENOMEM, __FILE__, __LINE__,
                               "%s: no process to try it in: %s", path,
                               strerror(no_copy));
    if (ended)
        return damaged(path, " (libhdf5 fails on it)");
    return read_file(path, matlab, options, out);
}
