/* sample.c -- two-pass means; the variance of a variance is (m4 - s^4) / n to
 * first order. */
#include "measure/sample.h"

#include <math.h>

jf_sample_moments jf_sample_of(size_t n, const double *v)
{
    double sum = 0, m2 = 0, m4 = 0, count = (double)n;
    for (size_t i = 0; i < n; i++)
        sum += v[i] - v[0];
    jf_sample_moments s = {.mean = v[0] + sum / count};
    for (size_t i = 0; i < n; i++) {
        double u = v[i] - s.mean, uu = u * u;
        m2 += uu;
        m4 += uu * uu;
    }
    s.variance = m2 / (count - 1);
    s.se = sqrt(s.variance / count);
    s.se_variance = sqrt((m4 / count - s.variance * s.variance) / count);
    return s;
}

double jf_in_errors(double measured, double expected, double se)
{
    return measured == expected ? 0 : fabs(measured - expected) / se;
}

double jf_worse(double a, double b)
{
    return isnan(a) || isnan(b) ? (double)NAN : a > b ? a : b;
}
