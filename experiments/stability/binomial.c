/* binomial.c -- counts against their probabilities. */
#include "stability.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

double binomial_z(size_t count, size_t n, double p)
{
    double tails = jf_binomial_p(count, n, p, JF_EQUAL);
    double z = gsl_cdf_ugaussian_Qinv(0.5 * tails);
    z = fmin(z, 30); /* of a p that underflows, too */
    return (double)count < p * (double)n ? -z : z;
}
