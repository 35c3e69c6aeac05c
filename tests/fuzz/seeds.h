/* seeds.h -- good inputs of each target, made here by the libraries that write
 * such files. */
#ifndef FUZZ_SEEDS_H
#define FUZZ_SEEDS_H

#include "target.h"

void seed_csv(fuzz_add *add, void *arg);
void seed_gz(fuzz_add *add, void *arg);
void seed_npy(fuzz_add *add, void *arg);
void seed_npz(fuzz_add *add, void *arg);
void seed_idx(fuzz_add *add, void *arg);
void seed_hdf5(fuzz_add *add, void *arg);
void seed_png(fuzz_add *add, void *arg);
void seed_jpeg(fuzz_add *add, void *arg);
void seed_webp(fuzz_add *add, void *arg);
void seed_theta(fuzz_add *add, void *arg);
void seed_describe(fuzz_add *add, void *arg);
void seed_flow(fuzz_add *add, void *arg);
void seed_design(fuzz_add *add, void *arg);
void seed_options(fuzz_add *add, void *arg);
void seed_verdicts(fuzz_add *add, void *arg);
void seed_tolerances(fuzz_add *add, void *arg);
void seed_fields(fuzz_add *add, void *arg);
void seed_mathml(fuzz_add *add, void *arg);

#endif
