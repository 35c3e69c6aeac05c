/* energy.c -- the packages' counters of energy, of Linux's powercap. */
#include "energy.h"

#include <math.h>
#include <stdio.h>

/* The number that a zone's file holds; less than 0: none that can be read. */
static double number(const char *folder, size_t zone, const char *name)
{
    char path[512];
    double value = -1;
    snprintf(path, sizeof path, "%s/intel-rapl:%zu/%s", folder, zone, name);
    FILE *f = fopen(path, "r");
    if (f && fscanf(f, "%lf", &value) != 1)
        value = -1;
    if (f)
        fclose(f);
    return value;
}

energy energy_now(const char *folder)
{
    energy e = {0};
    if (!folder)
        folder = "/sys/class/powercap";
    for (size_t zone = 0; zone < ENERGY_PACKAGES; zone++) {
        e.at[zone] = number(folder, zone, "energy_uj");
        e.range[zone] = number(folder, zone, "max_energy_range_uj");
        if (e.at[zone] < 0 || e.range[zone] <= 0)
            break;
        e.count++;
    }
    return e;
}

double energy_between(const energy *before, const energy *after)
{
    double sum = 0;
    if (before->count == 0 || before->count != after->count)
        return (double)NAN;
    for (size_t k = 0; k < before->count; k++) {
        double used = after->at[k] - before->at[k];
        sum += used < 0 ? used + before->range[k] : used;
    }
    return 1e-6 * sum;
}
