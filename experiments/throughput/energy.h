/* energy.h -- what the processors' packages have used, where Linux tells. */
#ifndef ENERGY_H
#define ENERGY_H

#include <stddef.h>

enum { ENERGY_PACKAGES = 16 };

/* The counters of all packages at one time, in microjoules. */
typedef struct {
    size_t count; /* 0: this system does not tell, or not to this user */
    double at[ENERGY_PACKAGES], range[ENERGY_PACKAGES];
} energy;

/* The counters below folder, NULL for those of the system (powercap: zones
 * "intel-rapl:0" and on, which AMD's packages have, too). */
energy energy_now(const char *folder);

/* Joules of all packages together between two times less than one round of a
 * counter apart (minutes); NaN: not told. */
double energy_between(const energy *before, const energy *after);

#endif
