/* laws.c -- laws of the plane of known entropy: two modes, and toys. */
#include "budget.h"

#include <math.h>

#include <gsl/gsl_randist.h>

static void two_modes(double *x, gsl_rng *rng)
{
    double side = gsl_rng_uniform(rng) < 0.5 ? -2 : 2;
    x[0] = side + 0.5 * jf_stream_normal(rng, 1);
    x[1] = 0.5 * jf_stream_normal(rng, 1);
}

static double two_modes_density(const double *x)
{
    return log(0.5 * gsl_ran_gaussian_pdf(x[0] - 2, 0.5) +
               0.5 * gsl_ran_gaussian_pdf(x[0] + 2, 0.5)) +
           log(gsl_ran_gaussian_pdf(x[1], 0.5));
}

/* Of two parts that overlap by 2 Phi(-4): log 2 more than that of one, less at
 * most 2 h(Phi(-4)); by 4000 midpoints. */
static double two_modes_entropy(double *error)
{
    double sum = 0, h = 12.0 / 4000;
    for (size_t i = 0; i < 4000; i++) {
        double x = -6 + ((double)i + 0.5) * h;
        double p = 0.5 * (gsl_ran_gaussian_pdf(x - 2, 0.5) +
                          gsl_ran_gaussian_pdf(x + 2, 0.5));
        sum -= p * log(p) * h;
    }
    if (error)
        *error = 1e-9;
    return sum + 0.5 * (JF_LOG_2PI + 1) + log(0.5);
}

static void two_modes_moments(double *mean, double *c)
{
    mean[0] = mean[1] = c[1] = c[2] = 0;
    c[0] = 4.25;
    c[3] = 0.25;
}

const jf_toy law_of_two_modes = {"modes",
                                 "two normal laws at +-2, width 1/2",
                                 2,
                                 two_modes,
                                 two_modes_density,
                                 two_modes_entropy,
                                 two_modes_moments};

static const char *const laws[LAWS] = {"modes", "banana", "checkerboard",
                                       "rings", "gauss"};

const jf_toy *law_of(size_t k)
{
    return k == 0 ? &law_of_two_modes : jf_toy_find(laws[k]);
}
