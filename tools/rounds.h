/* rounds.h -- how long a call takes. */
#ifndef ROUNDS_H
#define ROUNDS_H

#include <stddef.h>

enum { ROUNDS_MOST = 128 };

/* The least and the median of the seconds by the clock of count (1 ..
 * ROUNDS_MOST) calls of run, behind one that warms up.  The status of the first
 * that is no success, which ends it. */
int rounds_time(int (*run)(void *), void *arg, size_t count, double *least,
                double *median);

#endif
