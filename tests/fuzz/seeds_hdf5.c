/* seeds_hdf5.c -- seeds that libhdf5 writes. */
#define H5_USE_110_API
#include <hdf5.h>

#include <stdlib.h>

#include "jf.h"
#include "seeds.h"

static void write_set(hid_t file, const char *name, hid_t type, int packed)
{
    static const double values[] = {1, 2, 3, 4, 5, 6};
    static const hsize_t shape[] = {3, 2};
    hid_t plan = H5Pcreate(H5P_DATASET_CREATE);
    hid_t space = H5Screate_simple(2, shape, NULL);
    if (packed) {
        H5Pset_chunk(plan, 2, (hsize_t[]){2, 2});
        H5Pset_shuffle(plan);
        H5Pset_deflate(plan, 6);
    }
    hid_t set =
        H5Dcreate2(file, name, type, space, H5P_DEFAULT, plan, H5P_DEFAULT);
    H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    H5Dclose(set);
    H5Sclose(space);
    H5Pclose(plan);
}

void seed_hdf5(fuzz_add *add, void *arg)
{
    for (int packed = 0; packed < 2; packed++) {
        const char *path = fuzz_file("", 0);
        hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
        size_t size = 0;
        write_set(file, "x", packed ? H5T_STD_I16BE : H5T_IEEE_F64LE, packed);
        if (packed)
            write_set(file, "y", H5T_STD_U8LE, 0);
        H5Fclose(file);
        char *bytes = jf_file_read(path, &size);
        add(bytes, size, arg);
        free(bytes);
    }
}
