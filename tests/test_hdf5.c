/* test_hdf5.c -- datasets that the test writes by libhdf5, and what is
 * refused. */
#define H5_USE_110_API
#include <hdf5.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "hush.h"
#include "jf.h"

static char folder[] = "/tmp/jacflow-hdf5-XXXXXX";
static char path[256];

/* 1 .. 6, which every type holds. */
static const double values[] = {1, 2, 3, 4, 5, 6};

static void put(hid_t file, const char *name, hid_t type, hid_t plan,
                int dimensions, const hsize_t *shape)
{
    hid_t space = H5Screate_simple(dimensions, shape, NULL);
    hid_t set =
        H5Dcreate2(file, name, type, space, H5P_DEFAULT, plan, H5P_DEFAULT);
    CHECK(set >= 0 && H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL,
                               H5P_DEFAULT, values) >= 0);
    H5Dclose(set);
    H5Sclose(space);
}

static hid_t begin(const char *name, hsize_t front)
{
    hid_t plan = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_userblock(plan, front);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, plan, H5P_DEFAULT);
    CHECK(file >= 0);
    H5Pclose(plan);
    return file;
}

/* Read as rows x cols, the sum of the entries times 1, 2, ... being that one,
 * with a note that says so; cols 0: refused, and the one line says so. */
static int told(const char *array, size_t rows, size_t cols, double sum,
                const char *say)
{
    jf_data_options options = {.array = array};
    jf_dataset data;
    double total = 0;
    hush_begin();
    jf_error_clear();
    int status = jf_data_read_as(path, &options, &data);
    int lines = hush_end(), ok;
    for (size_t i = 0; i < data.x.rows * data.x.cols; i++)
        total += (double)(i + 1) * (double)data.x.data[i];
    if (cols)
        ok = status == GSL_SUCCESS && lines == 0 && data.x.rows == rows &&
             data.x.cols == cols && total == sum && data.notes.data &&
             strstr(data.notes.data, say);
    else
        ok = status == GSL_EFAILED && lines == 1 && !data.x.data &&
             strstr(jf_error_last()->message, say);
    if (!ok)
        printf("%s: %s, %zu x %zu, %g\n", array ? array : "-",
               jf_error_last()->message, data.x.rows, data.x.cols, total);
    jf_data_free(&data);
    return ok;
}

/* A plan with chunks, and values packed by a filter. */
static hid_t packed(int dimensions, const hsize_t *chunk)
{
    hid_t plan = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(plan, dimensions, chunk);
    H5Pset_shuffle(plan);
    H5Pset_deflate(plan, 6);
    return plan;
}

/* Floats of two bytes, as h5py writes NumPy's, big-endian if asked. */
static hid_t half_type(int big)
{
    hid_t type = H5Tcopy(big ? H5T_IEEE_F32BE : H5T_IEEE_F32LE);
    CHECK(H5Tset_fields(type, 15, 10, 5, 0, 10) >= 0 &&
          H5Tset_size(type, 2) >= 0 && H5Tset_ebias(type, 15) >= 0);
    return type;
}

static void test_types(void)
{
    static const hsize_t shape[] = {3, 2};
    const hid_t types[] = {H5T_IEEE_F64LE, H5T_IEEE_F64BE, H5T_IEEE_F32LE,
                           H5T_STD_I8LE,   H5T_STD_U8BE,   H5T_STD_I16BE,
                           H5T_STD_U32LE,  H5T_STD_I64LE,  H5T_NATIVE_LDOUBLE,
                           half_type(0),   half_type(1)};
    for (size_t k = 0; k < sizeof types / sizeof *types; k++) {
        hid_t file = begin("one", 0);
        put(file, "x", types[k], H5P_DEFAULT, 2, shape);
        H5Fclose(file);
        CHECK(told(NULL, 3, 2, 91, "dataset x "));
    }
}

/* Truth values as h5py writes them: an enumeration. */
static void put_truths(hid_t file)
{
    static const hsize_t shape[] = {2, 2};
    static const signed char truths[] = {0, 1, 1, 0};
    hid_t type = H5Tenum_create(H5T_NATIVE_INT8);
    for (signed char v = 0; v < 2; v++)
        H5Tenum_insert(type, v ? "TRUE" : "FALSE", &v);
    hid_t space = H5Screate_simple(2, shape, NULL);
    hid_t set = H5Dcreate2(file, "truths", type, space, H5P_DEFAULT,
                           H5P_DEFAULT, H5P_DEFAULT);
    CHECK(H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, truths) >= 0);
    H5Dclose(set);
    H5Sclose(space);
    H5Tclose(type);
}

static void put_kind(hid_t file, const char *name, hid_t type, hid_t space)
{
    H5Dclose(H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT,
                        H5P_DEFAULT));
}

/* Datasets that are no tables of numbers. */
static void put_kinds(hid_t file)
{
    static const hsize_t shape[] = {3, 2};
    hid_t space = H5Screate_simple(2, shape, NULL), null = H5Screate(H5S_NULL);
    hid_t record = H5Tcreate(H5T_COMPOUND, 16);
    hid_t various = H5Tvlen_create(H5T_IEEE_F64LE);
    hid_t arrays = H5Tarray_create2(H5T_IEEE_F64LE, 2, shape);
    H5Tinsert(record, "a", 0, H5T_IEEE_F64LE);
    H5Tinsert(record, "b", 8, H5T_IEEE_F64LE);
    put_kind(file, "null", H5T_IEEE_F64LE, null);
    put_kind(file, "text", H5T_C_S1, space);
    put_kind(file, "records", record, space);
    put_kind(file, "various", various, space);
    put_kind(file, "arrays", arrays, space);
    put_kind(file, "bits", H5T_STD_B8LE, space);
    H5Tclose(record);
    H5Tclose(various);
    H5Tclose(arrays);
    H5Sclose(space);
    H5Sclose(null);
}

/* Values in another file, unwritten ones, and other types. */
static void put_others(hid_t file)
{
    static const hsize_t shape[] = {3, 2}, vast[] = {1 << 20, 1 << 20},
                         chunk[] = {1 << 10, 1 << 10}, none[] = {0, 2};
    hid_t plan = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_external(plan, "/dev/null", 0, 48);
    hid_t space = H5Screate_simple(2, shape, NULL);
    H5Dclose(H5Dcreate2(file, "elsewhere", H5T_IEEE_F64LE, space, H5P_DEFAULT,
                        plan, H5P_DEFAULT));
    H5Sclose(space);
    H5Pclose(plan);
    plan = packed(2, chunk);
    space = H5Screate_simple(2, vast, NULL);
    H5Dclose(H5Dcreate2(file, "vast", H5T_IEEE_F64LE, space, H5P_DEFAULT, plan,
                        H5P_DEFAULT));
    H5Sclose(space);
    H5Pclose(plan);
    put(file, "none", H5T_IEEE_F64LE, H5P_DEFAULT, 2, none);
    hid_t wide = H5Tcopy(H5T_STD_I64LE); /* of no processor */
    H5Tset_size(wide, 32);
    space = H5Screate_simple(2, shape, NULL);
    H5Dclose(H5Dcreate2(file, "wide", wide, space, H5P_DEFAULT, H5P_DEFAULT,
                        H5P_DEFAULT));
    H5Sclose(space);
    H5Tclose(wide);
    put_kinds(file);
}

static void test_choice(void)
{
    static const hsize_t shape[] = {3, 2}, long_shape[] = {6},
                         deep[] = {2, 1, 3}, one[] = {1};
    hid_t file = begin("many", 0), plan = packed(2, shape);
    H5Gclose(H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    put(file, "group/x", H5T_IEEE_F64LE, H5P_DEFAULT, 2, shape);
    put(file, "packed", H5T_IEEE_F64LE, plan, 2, shape);
    hid_t head = H5Pcreate(H5P_DATASET_CREATE); /* values in the head */
    H5Pset_layout(head, H5D_COMPACT);
    put(file, "head", H5T_STD_I16LE, head, 2, shape);
    H5Pclose(head);
    put(file, "column", H5T_IEEE_F64LE, H5P_DEFAULT, 1, long_shape);
    put(file, "deep", H5T_IEEE_F64LE, H5P_DEFAULT, 3, deep);
    put(file, "scalar", H5T_IEEE_F64LE, H5P_DEFAULT, 0, one);
    put_truths(file);
    put_others(file);
    H5Pclose(plan);
    H5Fclose(file);
    CHECK(told(NULL, 0, 0, 0, "9 datasets found"));
    CHECK(told(NULL, 0, 0, 0, "column, deep, elsewhere, group/x, head, none"));
    CHECK(told("group/x", 3, 2, 91, "dataset group/x "));
    CHECK(told("/group/x", 3, 2, 91, "dataset group/x "));
    CHECK(told("packed", 3, 2, 91, "dataset packed "));
    CHECK(told("head", 3, 2, 91, "dataset head "));
    CHECK(told("column", 6, 1, 91, "dataset column "));
    CHECK(told("deep", 2, 3, 91, "an array of 2 x 1 x 3"));
    CHECK(told("truths", 2, 2, 5, "dataset truths "));
    CHECK(told("/", 0, 0, 0, "9 datasets found"));
    CHECK(told("nowhere", 0, 0, 0, "'nowhere' not found"));
    CHECK(told("scalar", 0, 0, 0, "a single number found in 'scalar'"));
    CHECK(told("null", 0, 0, 0, "nothing found in 'null'"));
    CHECK(told("text", 0, 0, 0, "text found in 'text'"));
    CHECK(told("records", 0, 0, 0, "records of several fields found in"));
    CHECK(told("various", 0, 0, 0, "rows of various lengths found in"));
    CHECK(told("arrays", 0, 0, 0, "arrays as entries found in 'arrays'"));
    CHECK(told("bits", 0, 0, 0, "another type found in 'bits'"));
    CHECK(told("wide", 0, 0, 0, "'wide'")); /* HDF5 1.14 finds no such set */
    CHECK(told("group", 0, 0, 0, "no values itself found in 'group'"));
    CHECK(told("none", 0, 0, 0, "empty array"));
    CHECK(told("vast", 0, 0, 0, "values declared, 0 bytes found"));
    CHECK(told("elsewhere", 0, 0, 0, "values in other files"));
}

/* Nothing that is a table. */
static void test_none(void)
{
    hid_t file = begin("none", 0);
    H5Fclose(file);
    CHECK(told(NULL, 0, 0, 0, "no dataset of numbers found"));
    file = begin("kinds", 0);
    put_kinds(file);
    H5Fclose(file);
    CHECK(told(NULL, 0, 0, 0, "file: 'arrays' holds arrays as entries"));
    CHECK(told("text", 0, 0, 0, "file: 'arrays' holds arrays as entries"));
}

/* Links within the file are names like others; what lies in another file is not
 * looked at. */
static void test_links(void)
{
    static const hsize_t shape[] = {3, 2};
    char other[sizeof path];
    hid_t file = begin("other", 0);
    put(file, "x", H5T_IEEE_F64LE, H5P_DEFAULT, 2, shape);
    H5Fclose(file);
    memcpy(other, path, sizeof path);
    file = begin("links", 0);
    H5Gclose(H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    put(file, "group/x", H5T_IEEE_F64LE, H5P_DEFAULT, 2, shape);
    H5Lcreate_hard(file, "group/x", file, "hard", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_hard(file, "/", file, "group/up", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("/group/x", file, "soft", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("group", file, "folder", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("/nowhere", file, "broken", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("/loop", file, "loop", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_external(other, "x", file, "away", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_external(other, "/", file, "root", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("/away", file, "to", H5P_DEFAULT, H5P_DEFAULT);
    H5Fclose(file);
    CHECK(told(NULL, 3, 2, 91, "dataset group/x "));
    CHECK(told("hard", 3, 2, 91, "dataset hard "));
    CHECK(told("soft", 3, 2, 91, "dataset soft "));
    CHECK(told("folder/x", 3, 2, 91, "dataset folder/x "));
    CHECK(told("group/up/./group//x", 3, 2, 91, "dataset group/up/"));
    CHECK(told("broken", 0, 0, 0, "'broken' not found"));
    CHECK(told("loop", 0, 0, 0, "'loop' not found"));
    CHECK(told("folder", 0, 0, 0, "no values itself found in 'folder'"));
    CHECK(told("away", 0, 0, 0, "'away' leads to another file"));
    CHECK(told("root/x", 0, 0, 0, "'root/x' leads to another file"));
    CHECK(told("to", 0, 0, 0, "'to' leads to another file"));
}

/* Behind 512 bytes of another format; MATLAB's stores columns. */
static void test_front(void)
{
    static const hsize_t shape[] = {3, 2};
    hid_t file = begin("front", 512);
    put(file, "x", H5T_IEEE_F64LE, H5P_DEFAULT, 2, shape);
    H5Fclose(file);
    CHECK(told(NULL, 3, 2, 91, "dataset x "));
    FILE *f = fopen(path, "r+b");
    CHECK(f && fputs("MATLAB 7.3 MAT-file", f) >= 0);
    fclose(f);
    CHECK(
        told(NULL, 2, 3, 1 + 2 * 3 + 3 * 5 + 4 * 2 + 5 * 4 + 6 * 6, "MATLAB"));
}

/* Every beginning is refused with one line. */
static void test_cut(void)
{
    static const hsize_t shape[] = {3, 2};
    hid_t file = begin("whole", 0);
    put(file, "x", H5T_IEEE_F64LE, H5P_DEFAULT, 2, shape);
    H5Fclose(file);
    FILE *f = fopen(path, "rb");
    CHECK(f && fseek(f, 0, SEEK_END) == 0);
    long size = ftell(f), wrong = 0;
    fclose(f);
    for (long n = size - 1; n > 8; n -= 1 + n / 40) {
        CHECK(truncate(path, n) == 0);
        wrong += !told(NULL, 0, 0, 0, "truncated or damaged HDF5");
    }
    CHECK(wrong == 0);
}

/* The copy of the process that tries a file writes nothing of those that the
 * program has open: what is cached of them stays so. */
static void test_open(void)
{
    const hsize_t shape[] = {3, 2};
    char open_path[sizeof path];
    hid_t mine = begin("open.h5", 0);
    snprintf(open_path, sizeof open_path, "%s", path);
    hid_t other = begin("read.h5", 0);
    put(other, "x", H5T_IEEE_F64LE, H5P_DEFAULT, 2, shape);
    H5Fclose(other);
    H5Fflush(mine, H5F_SCOPE_GLOBAL);
    put(mine, "x", H5T_IEEE_F64LE, H5P_DEFAULT, 2, shape);
    size_t before, after;
    char *was = jf_file_read(open_path, &before);
    CHECK(told("x", 3, 2, 91, ""));
    char *is = jf_file_read(open_path, &after);
    CHECK(was && is && before == after && memcmp(was, is, before) == 0);
    CHECK(H5Fclose(mine) >= 0);
    free(is);
    is = jf_file_read(open_path, &after); /* now it is written */
    CHECK(is && (before != after || memcmp(was, is, before) != 0));
    free(was);
    free(is);
}

int main(void)
{
    if (!mkdtemp(folder))
        return 1;
    test_types();
    test_choice();
    test_none();
    test_links();
    test_front();
    test_cut();
    test_open();
    snprintf(path, sizeof path, "rm -r %s", folder);
    CHECK(system(path) == 0);
    return check_end();
}
