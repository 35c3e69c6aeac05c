/* seeds_hdf5.c -- seeds that libhdf5 writes. */
#define H5_USE_110_API
#include <hdf5.h>

#include <stdlib.h>
#include <string.h>

#include "jf.h"
#include "seeds.h"

typedef enum { PLAIN, PACKED, MISSING_FILTER, ELSEWHERE, NO_ROWS } storage;

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
    const hsize_t shape[] = {how == NO_ROWS ? 0 : 3, 2};
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
    if (how != ELSEWHERE && how != NO_ROWS)
        H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    H5Dclose(set);
    H5Sclose(space);
    H5Pclose(plan);
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
    give(begin(path, 0), path, "", add, arg); /* nothing in it */
}
