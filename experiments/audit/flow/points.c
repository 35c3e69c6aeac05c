/* points.c -- which rows are of one point. */
#include "flow.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_sort.h>

static int equal(size_t d, const double *a, const double *b)
{
    for (size_t j = 0; j < d; j++)
        if (a[j] != b[j])
            return 0;
    return 1;
}

/* Equal points have equal keys, a sum with weights; of those that share a key
 * all pairs are compared. */
void same_points(size_t n, size_t d, const double *x, size_t *first)
{
    double *key = jf_alloc(n, sizeof *key);
    size_t *order = jf_alloc(n, sizeof *order), begin = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++)
            key[i] += sqrt(2 + (double)j) * x[i * d + j];
    gsl_sort_index(order, key, 1, n);
    for (size_t i = 0; i < n; i++)
        first[i] = i;
    for (size_t i = 0; i < n; i++) {
        size_t a = order[i];
        if (key[a] != key[order[begin]])
            begin = i;
        for (size_t k = begin; k < i; k++) {
            size_t b = order[k];
            if (first[b] != b || !equal(d, x + a * d, x + b * d))
                continue;
            *(a < b ? &first[b] : &first[a]) = a < b ? a : b;
            if (first[a] != a)
                break;
        }
    }
    for (size_t i = 0; i < n; i++)
        while (first[first[i]] != first[i])
            first[i] = first[first[i]];
    free(key);
    free(order);
}
