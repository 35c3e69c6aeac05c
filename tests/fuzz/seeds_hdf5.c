/* seeds_hdf5.c -- seeds that libhdf5 writes. */
#define H5_USE_110_API
#include <hdf5.h>

#include <stdlib.h>
#include <string.h>

#include "jf.h"
#include "seeds.h"

typedef enum {
    PLAIN,
    PACKED,
    MISSING_FILTER,
    ELSEWHERE,
    NO_ROWS,
    VAST
} storage;

/* A filter that changes nothing, and that whoever reads the file lacks. */
static size_t pass(unsigned flags, size_t count, const unsigned *values,
                   size_t bytes, size_t *room, void **buffer)
{
    (void)flags, (void)count, (void)values, (void)room, (void)buffer;
    return bytes;
}

static const H5Z_class2_t passes = {.version = H5Z_CLASS_T_VERS,
                                    .id = 511, /* the last of those for tests */
                                    .encoder_present = 1,
                                    .decoder_present = 1,
                                    .name = "passes",
                                    .filter = pass};

static void write_set(hid_t file, const char *name, hid_t type, storage how)
{
    static const double values[] = {1, 2, 3, 4, 5, 6};
    const hsize_t shape[] = {how == NO_ROWS ? 0 : how == VAST ? 1 << 30 : 3, 2};
    hid_t plan = H5Pcreate(H5P_DATASET_CREATE);
    hid_t space = H5Screate_simple(2, shape, NULL);
    if (how == PACKED || how == MISSING_FILTER)
        H5Pset_chunk(plan, 2, (hsize_t[]){2, 2});
    if (how == PACKED) {
        H5Pset_shuffle(plan);
        H5Pset_deflate(plan, 6);
    }
    if (how == MISSING_FILTER)
        H5Pset_filter(plan, passes.id, H5Z_FLAG_MANDATORY, 0, NULL);
    if (how == ELSEWHERE)
        H5Pset_external(plan, "elsewhere", 0, 48);
    hid_t set =
        H5Dcreate2(file, name, type, space, H5P_DEFAULT, plan, H5P_DEFAULT);
    if (how < ELSEWHERE)
        H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    H5Dclose(set);
    H5Sclose(space);
    H5Pclose(plan);
}

/* Datasets of other types, and a link to another file of that name. */
static void write_kinds(hid_t file, const char *link)
{
    hid_t space = H5Screate_simple(1, (hsize_t[]){2}, NULL);
    hid_t record = H5Tcreate(H5T_COMPOUND, 8);
    H5Tinsert(record, "a", 0, H5T_NATIVE_INT);
    H5Tinsert(record, "b", 4, H5T_NATIVE_INT);
    const struct {
        const char *name;
        hid_t type;
    } kinds[] = {{"x", H5Tcopy(H5T_C_S1)},
                 {"y", record},
                 {"v", H5Tvlen_create(H5T_NATIVE_INT)},
                 {"a", H5Tarray_create2(H5T_NATIVE_INT, 1, (hsize_t[]){3})},
                 {"b", H5Tcopy(H5T_STD_B8LE)}};
    H5Lcreate_external("elsewhere.h5", "x", file, link, H5P_DEFAULT,
                       H5P_DEFAULT);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        if (strcmp(kinds[k].name, link) != 0)
            H5Dclose(H5Dcreate2(file, kinds[k].name, kinds[k].type, space,
                                H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
        H5Tclose(kinds[k].type);
    }
    H5Sclose(space);
}

/* A new file, behind so many bytes of the user's. */
static hid_t begin(const char *path, hsize_t block)
{
    hid_t plan = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_userblock(plan, block);
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, plan, H5P_DEFAULT);
    H5Pclose(plan);
    return file;
}

static void give(hid_t file, const char *path, const char *first, fuzz_add *add,
                 void *arg)
{
    size_t size = 0;
    H5Fclose(file);
    char *bytes = jf_file_read(path, &size);
    memcpy(bytes, first, strlen(first));
    add(bytes, size, arg);
    free(bytes);
}

void seed_hdf5(fuzz_add *add, void *arg)
{
    static const char *const names[] = {"x", "y", "z", "a", "b"};
    const char *path = fuzz_file("", 0);
    hid_t file;
    H5Zregister(&passes);
    for (storage how = PLAIN; how <= NO_ROWS; how++) {
        file = begin(path, 0);
        write_set(file, names[how],
                  how == PACKED ? H5T_STD_I16BE : H5T_IEEE_F64LE, how);
        if (how == MISSING_FILTER)
            H5Zunregister(passes.id);
        give(file, path, "", add, arg);
    }
    file = begin(path, 0);
    H5Gclose(H5Gcreate2(file, "x", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    write_set(file, "x/y", H5T_STD_U8LE, PLAIN);
    write_set(file, "y", H5T_IEEE_F32BE, PACKED);
    give(file, path, "", add, arg);
    file = begin(path, 512);
    write_set(file, "x", H5T_IEEE_F64LE, PLAIN);
    give(file, path, "MATLAB 7.3 MAT-file", add, arg);
    file = begin(path, 0); /* never written */
    write_set(file, "x", H5T_IEEE_F64LE, VAST);
    give(file, path, "", add, arg);
    give(begin(path, 0), path, "", add, arg); /* nothing in it */
    for (int k = 0; k < 2; k++) { /* no numbers; once the one that is wanted */
        file = begin(path, 0);
        write_kinds(file, k ? "x" : "z");
        if (k)
            write_set(file, "n", H5T_IEEE_F64LE, PLAIN);
        give(file, path, "", add, arg);
    }
}
