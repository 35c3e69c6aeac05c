/* test_energy.c -- energy of packages, from counters that the test writes. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "throughput/energy.h"

static char folder[] = "/tmp/jacflow-energy-XXXXXX";

static void zone(const char *name, int make)
{
    char path[128];
    snprintf(path, sizeof path, "%s/intel-rapl:%s", folder, name);
    CHECK((make ? mkdir(path, 0777) : rmdir(path)) == 0);
}

static void file(const char *name, const char *what, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/intel-rapl:%s/%s", folder, name, what);
    if (!text) {
        CHECK(unlink(path) == 0);
        return;
    }
    FILE *f = fopen(path, "w");
    CHECK(f != NULL);
    if (f) {
        fprintf(f, "%s\n", text);
        CHECK(fclose(f) == 0);
    }
}

int main(void)
{
    CHECK(mkdtemp(folder) != NULL);
    energy none = energy_now(folder);
    CHECK(none.count == 0 && isnan(energy_between(&none, &none)));

    /* two packages, and a part of one, which is counted once */
    zone("0", 1), zone("1", 1), zone("0:0", 1);
    file("0", "energy_uj", "1000000"), file("1", "energy_uj", "9000000");
    file("0", "max_energy_range_uj", "10000000");
    file("1", "max_energy_range_uj", "10000000");
    file("0:0", "energy_uj", "5"), file("0:0", "max_energy_range_uj", "10");
    energy before = energy_now(folder);
    CHECK(before.count == 2 && energy_between(&before, &before) == 0);

    /* .5 J of one, and 1.25 J of the other, beyond the end of its range */
    file("0", "energy_uj", "1500000"), file("1", "energy_uj", "250000");
    energy after = energy_now(folder);
    CHECK_CLOSE(energy_between(&before, &after), 1.75, 1e-12);
    CHECK(isnan(energy_between(&none, &after)));

    /* what is no number is no counter */
    file("0", "energy_uj", "none");
    CHECK(energy_now(folder).count == 0);

    file("0", "energy_uj", NULL), file("0", "max_energy_range_uj", NULL);
    file("1", "energy_uj", NULL), file("1", "max_energy_range_uj", NULL);
    file("0:0", "energy_uj", NULL), file("0:0", "max_energy_range_uj", NULL);
    zone("0:0", 0), zone("0", 0), zone("1", 0);
    CHECK(rmdir(folder) == 0);
    return check_end();
}
