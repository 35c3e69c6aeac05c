/* sample.h -- what a sample of numbers says about mean and variance. */
#ifndef JF_SAMPLE_H
#define JF_SAMPLE_H

#include <stddef.h>

typedef struct {
    double mean, se;              /* and its standard error                 */
    double variance, se_variance; /* unbiased; by fourth moments            */
} jf_sample_moments;

/* Of n independent numbers; with a NaN among them all four are NaN, and with
 * n = 1 all but the mean. */
jf_sample_moments jf_sample_of(size_t n, const double *v);

/* |measured - expected| / se: to be at most 5; NaN stays NaN. */
double jf_in_errors(double measured, double expected, double se);

/* The larger one; NaN when one of them is. */
double jf_worse(double a, double b);

#endif
