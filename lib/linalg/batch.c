/* batch.c -- LU of many matrices.
 *
 * Small ones go through in groups, an entry of all of them side by side, so
 * that the loop over matrices is the vector; rows are exchanged where it must
 * be by selecting.  Larger ones go one by one, with rows as vectors. */
#include "linalg/batch.h"

#include <string.h>
#include <tgmath.h>

#include "base/clones.h"

enum { GROUP = 16, SMALL = 16 };

/* a (d, d, GROUP) becomes its triangles; pivots (d, GROUP). */
JF_CLONES static void eliminate_group(size_t d, real *restrict a,
                                      real *restrict pivots)
{
    for (size_t k = 0; k < d; k++) {
        real *top = a + k * d * GROUP, inverse[GROUP];
        for (size_t i = k + 1; i < d; i++) {
            real *row = a + i * d * GROUP;
            real larger[GROUP]; /* 1 where rows k and i change places */
            for (size_t g = 0; g < GROUP; g++)
                larger[g] = fabs(row[k * GROUP + g]) > fabs(top[k * GROUP + g]);
            for (size_t j = k; j < d; j++)
                for (size_t g = 0; g < GROUP; g++) {
                    size_t e = j * GROUP + g;
                    real x = top[e], y = row[e];
                    top[e] = larger[g] > 0 ? y : x;
                    row[e] = larger[g] > 0 ? x : y;
                }
        }
        for (size_t g = 0; g < GROUP; g++) {
            pivots[k * GROUP + g] = top[k * GROUP + g];
            inverse[g] = 1 / top[k * GROUP + g];
        }
        for (size_t i = k + 1; i < d; i++) {
            real *row = a + i * d * GROUP, factor[GROUP];
            for (size_t g = 0; g < GROUP; g++)
                factor[g] = row[k * GROUP + g] * inverse[g];
            for (size_t j = k + 1; j < d; j++)
                for (size_t g = 0; g < GROUP; g++)
                    row[j * GROUP + g] -= factor[g] * top[j * GROUP + g];
        }
    }
}

/* row -= factor top from the multiple of GROUP below column k + 1 on: entries
 * further left are not used again. */
JF_CLONES static void eliminate_below(size_t d, size_t k, real *restrict a)
{
    size_t from = (k + 1) / GROUP * GROUP;
    const real *restrict top = a + k * d;
    real inverse = 1 / top[k];
    for (size_t i = k + 1; i < d; i++) {
        real *restrict row = a + i * d;
        real factor = row[k] * inverse;
        for (size_t j = from; j < d; j++)
            row[j] -= factor * top[j];
    }
}

/* Exchange rows k and that of the largest entry in column k from k on. */
static void choose_pivot(size_t d, size_t k, real *a)
{
    size_t p = k;
    for (size_t i = k + 1; i < d; i++)
        if (fabs(a[i * d + k]) > fabs(a[p * d + k]))
            p = i;
    for (size_t j = k; p != k && j < d; j++) {
        real swap = a[k * d + j];
        a[k * d + j] = a[p * d + j];
        a[p * d + j] = swap;
    }
}

/* sum_k log |pivots[k step]| by products that neither overflow nor vanish. */
static double sum_logs(size_t d, const real *pivots, size_t step)
{
    double product = 1, sum = 0;
    for (size_t k = 0; k < d; k++) {
        double pivot = fabs((double)pivots[k * step]);
        if (pivot == 0)
            return -(double)INFINITY;
        int plain = pivot > 0x1p-300 && pivot < 0x1p300;
        if (!plain || !(product > 0x1p-600 && product < 0x1p600)) {
            sum += log(product);
            product = 1;
        }
        if (plain)
            product *= pivot;
        else
            sum += log(pivot);
    }
    return sum + log(product);
}

static void group(size_t count, size_t d, const real *a, double *log_abs_det,
                  real *side, real *pivots)
{
    for (size_t e = 0; e < d * d; e++) {
        for (size_t g = 0; g < count; g++)
            side[e * GROUP + g] = a[g * d * d + e];
        for (size_t g = count; g < GROUP; g++)
            side[e * GROUP + g] = e % (d + 1) == 0;
    }
    eliminate_group(d, side, pivots);
    for (size_t g = 0; g < count; g++)
        log_abs_det[g] += sum_logs(d, pivots + g, GROUP);
}

void jf_log_abs_dets(size_t n, size_t d, real *a, double *log_abs_det,
                     jf_work *work)
{
    size_t dd = d * d;
    if (d > SMALL) {
        for (size_t i = 0; i < n; i++) {
            for (size_t k = 0; k + 1 < d; k++) {
                choose_pivot(d, k, a + i * dd);
                eliminate_below(d, k, a + i * dd);
            }
            log_abs_det[i] += sum_logs(d, a + i * dd, d + 1);
        }
        return;
    }
    real *side = jf_push(work, (dd + d) * GROUP);
    for (size_t i = 0; i < n; i += GROUP)
        group(n - i < GROUP ? n - i : GROUP, d, a + i * dd, log_abs_det + i,
              side, side + dd * GROUP);
    jf_pop(work, side);
}
