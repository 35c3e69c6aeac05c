/* pointwise.c -- maps that bend: sinh-arcsinh, logit, probit and its inverse.
 *
 * sinh-arcsinh (Jones and Pewsey 2009): z = sinh(u), u = e^s (asinh x + t);
 * m' = e^s cosh(u) / sqrt(1 + x^2) and cosh(u) = hypot(1, z), so
 * log m' = s + log hypot(1, z) - log hypot(1, x), without overflow in z^2.
 *
 * logit: z = log(x / (1 - x)), log m' = -log x - log(1 - x).
 *
 * probit: z = Phi^-1(x), Phi the normal distribution function; log m' =
 * -log phi(z) = z^2 / 2 + log(2 pi) / 2.  Phi(z) rounds to 1 beyond z = 8.3:
 * x near 1 holds few digits of 1 - x.
 *
 * normal distribution function: z = Phi(x), log m' = log phi(x), which is exact
 * where probit's is not. */
#include <math.h>

#include <gsl/gsl_cdf.h>

#include "base/error.h"
#include "map/map.h"

/* p = (t, s). */
static double sinh_arcsinh(const jf_map *self, double x, const double *p,
                           double *log_slope)
{
    double z = sinh(exp(p[1]) * (asinh(x) + p[0]));
    (void)self;
    *log_slope = p[1] + log(hypot(1, z)) - log(hypot(1, x));
    return z;
}

static int sinh_arcsinh_inverse(const jf_map *self, double z, const double *p,
                                double *x)
{
    (void)self;
    *x = sinh(exp(-p[1]) * asinh(z) - p[0]);
    return GSL_SUCCESS;
}

/* du = dz cosh u + g tanh u;  dt = du e^s;  ds = du u + g;
 * dx = du e^s / hypot(1, x) - g x / (1 + x^2). */
static int sinh_arcsinh_backward(const jf_map *self, double z, const double *p,
                                 double g, double *x, double *dz, double *dp)
{
    double e = exp(p[1]), u = asinh(z), h = hypot(1, z);
    double du = *dz * h + g * (z / h);
    sinh_arcsinh_inverse(self, z, p, x);
    double slope = hypot(1, *x);
    dp[0] = du * e;
    dp[1] = du * u + g;
    *dz = du * e / slope - g * (*x / slope) / slope;
    return GSL_SUCCESS;
}

static double logit(const jf_map *self, double x, const double *p,
                    double *log_slope)
{
    double up = log(x), down = log1p(-x); /* NaN outside of [0, 1] */
    (void)self, (void)p;
    *log_slope = -up - down;
    return up - down;
}

static int logit_inverse(const jf_map *self, double z, const double *p,
                         double *x)
{
    (void)self, (void)p;
    *x = z < 0 ? exp(z) / (1 + exp(z)) : 1 / (1 + exp(-z));
    return GSL_SUCCESS;
}

/* d log m' / dx = (x - y) / (x y), y = 1 - x formed apart. */
static int logit_backward(const jf_map *self, double z, const double *p,
                          double g, double *x, double *dz, double *dp)
{
    double y;
    (void)dp;
    logit_inverse(self, z, p, x);
    logit_inverse(self, -z, p, &y);
    *dz = (*dz + g * (*x - y)) / (*x * y);
    return GSL_SUCCESS;
}

static double probit(const jf_map *self, double x, const double *p,
                     double *log_slope)
{
    double z = x >= 0 && x <= 1 ? gsl_cdf_ugaussian_Pinv(x) : (double)NAN;
    (void)self, (void)p;
    *log_slope = 0.5 * (z * z + JF_LOG_2PI);
    return z;
}

static int probit_inverse(const jf_map *self, double z, const double *p,
                          double *x)
{
    (void)self, (void)p;
    *x = gsl_cdf_ugaussian_P(z);
    return GSL_SUCCESS;
}

/* d log m' / dx = z / phi(z). */
static int probit_backward(const jf_map *self, double z, const double *p,
                           double g, double *x, double *dz, double *dp)
{
    (void)dp;
    *dz = (*dz + g * z) * exp(0.5 * (z * z + JF_LOG_2PI));
    return probit_inverse(self, z, p, x);
}

static double normal_cdf(const jf_map *self, double x, const double *p,
                         double *log_slope)
{
    (void)self, (void)p;
    *log_slope = -0.5 * (x * x + JF_LOG_2PI);
    return gsl_cdf_ugaussian_P(x);
}

static int normal_cdf_inverse(const jf_map *self, double z, const double *p,
                              double *x)
{
    double unused;
    *x = probit(self, z, p, &unused);
    if (isnan(*x) && !isnan(z))
        JF_ERROR("z is outside of the map's range", GSL_EDOM);
    return GSL_SUCCESS;
}

static int normal_cdf_backward(const jf_map *self, double z, const double *p,
                               double g, double *x, double *dz, double *dp)
{
    double log_slope;
    JF_TRY(normal_cdf_inverse(self, z, p, x));
    normal_cdf(self, *x, p, &log_slope);
    (void)dp;
    *dz = *dz * exp(log_slope) - g * *x;
    return GSL_SUCCESS;
}

jf_map jf_map_sinh_arcsinh(void)
{
    static const jf_map_ops ops = {.entry_value = sinh_arcsinh,
                                   .entry_inverse = sinh_arcsinh_inverse,
                                   .entry_backward = sinh_arcsinh_backward};
    return jf_map_new("sinh_arcsinh", &ops, 2);
}

jf_map jf_map_logit(void)
{
    static const jf_map_ops ops = {.entry_value = logit,
                                   .entry_inverse = logit_inverse,
                                   .entry_backward = logit_backward};
    return jf_map_new("logit", &ops, 0);
}

jf_map jf_map_probit(void)
{
    static const jf_map_ops ops = {.entry_value = probit,
                                   .entry_inverse = probit_inverse,
                                   .entry_backward = probit_backward};
    return jf_map_new("probit", &ops, 0);
}

jf_map jf_map_normal_cdf(void)
{
    static const jf_map_ops ops = {.entry_value = normal_cdf,
                                   .entry_inverse = normal_cdf_inverse,
                                   .entry_backward = normal_cdf_backward};
    return jf_map_new("normal_cdf", &ops, 0);
}
