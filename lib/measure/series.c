/* series.c -- power series of log det (I + A), cut off or random. */
#include "measure/series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/matrix.h"
#include "base/stream.h"

static double dot(size_t d, const double *a, const double *b)
{
    double sum = 0;
    for (size_t i = 0; i < d; i++)
        sum += a[i] * b[i];
    return sum;
}

double jf_series_truncated(size_t d, jf_product a, const void *arg,
                           size_t terms)
{
    double *v = jf_alloc(2 * d, sizeof *v), sum = 0;
    if (!v)
        return (double)NAN;
    double *av = v + d;
    for (size_t i = 0; i < d; i++) {
        memset(v, 0, d * sizeof *v);
        v[i] = 1;
        for (size_t k = 1; k <= terms; k++) {
            a(arg, v, av);
            memcpy(v, av, d * sizeof *v);
            sum += (k % 2 ? v[i] : -v[i]) / (double)k;
        }
    }
    free(v);
    return sum;
}

double jf_series_bias(size_t d, double c, size_t terms)
{
    double next = (double)terms + 1;
    return (double)d * pow(c, next) / (next * (1 - c));
}

double jf_series_roulette(size_t d, jf_product a, const void *arg, double go,
                          gsl_rng *rng)
{
    double *v = jf_alloc(3 * d, sizeof *v), sum = 0, chance = 1;
    if (!v)
        return (double)NAN;
    double *power = v + d, *next = power + d;
    for (size_t i = 0; i < d; i++)
        power[i] = v[i] = jf_stream_normal(rng, 1.0);
    for (size_t k = 1;; k++) {
        a(arg, power, next);
        memcpy(power, next, d * sizeof *power);
        double term = dot(d, v, power) / ((double)k * chance);
        sum += k % 2 ? term : -term;
        if (gsl_rng_uniform(rng) >= go)
            break;
        chance *= go;
    }
    free(v);
    return sum;
}
