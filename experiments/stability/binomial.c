/* binomial.c -- counts against their probabilities. */
#include "stability.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

double binomial_p(size_t count, size_t n, double p)
{
    unsigned int k = (unsigned int)count, m = (unsigned int)n;
    double below = gsl_cdf_binomial_P(k, p, m);
    double above = k ? gsl_cdf_binomial_Q(k - 1, p, m) : 1;
    return fmin(1, 2 * fmin(below, above));
}

double binomial_z(size_t count, size_t n, double p)
{
    double z = gsl_cdf_ugaussian_Qinv(0.5 * binomial_p(count, n, p));
    z = fmin(z, 30); /* of a p that underflows, too */
    return (double)count < p * (double)n ? -z : z;
}
