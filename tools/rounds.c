/* rounds.c -- how long a call takes. */
#include "rounds.h"

#include <stdlib.h>
#include <time.h>

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int rounds_time(int (*run)(void *), void *arg, size_t count, double *least,
                double *median)
{
    double took[ROUNDS_MOST];
    int status = run(arg);
    for (size_t k = 0; k < count && !status; k++) {
        double began = seconds();
        status = run(arg);
        took[k] = seconds() - began;
    }
    if (status)
        return status;
    qsort(took, count, sizeof *took, ascending);
    *least = took[0];
    *median = took[count / 2];
    return 0;
}
