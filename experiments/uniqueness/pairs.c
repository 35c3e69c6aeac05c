/* pairs.c -- exact flows in closed form, in pairs.
 *
 * Each case gives a draw of X and two flows f, g that carry X exactly to the
 * base, with log |det| of both from their formulas.  D-dimensional cases act on
 * blocks of two columns.  Source: C1.3. */
#include <math.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "uniqueness.h"

static double log_normal(size_t d, const double *z)
{
    double sum = 0;
    for (size_t i = 0; i < d; i++)
        sum += z[i] * z[i];
    return -0.5 * (sum + (double)d * JF_LOG_2PI);
}

static void draw_normal(const pair *p, gsl_rng *rng, double *x)
{
    for (size_t i = 0; i < p->d; i++)
        x[i] = jf_stream_normal(rng, 1.0);
}

static double density_normal(const pair *p, const double *x)
{
    return log_normal(p->d, x);
}

static double identity(const pair *p, const double *x, double *z)
{
    memcpy(z, x, p->d * sizeof *x);
    return 0;
}

/* A layer of the library as a map; those used here need no scratch. */
static double by_layer(jf_layer *layer, size_t d, const double *x, double *z)
{
    double ld = 0;
    memcpy(z, x, d * sizeof *x);
    if (layer->ops->forward(layer, (jf_weights){NULL, NULL}, jf_view(z, 1, d),
                            &ld, NULL) != GSL_SUCCESS)
        ld = (double)NAN;
    jf_layer_free(layer);
    return ld;
}

/* C1.3a: z -> z sqrt(e' / e) on pairs of columns; a pole where a pair is 0. */
static double inversion(const pair *p, const double *x, double *z)
{
    return by_layer(jf_inversion(p->d), p->d, x, z);
}

/* The radial map of R^D, D >= 2, that exchanges near and far: |z|^2 / 2 has the
 * law Gamma(D / 2), e' = Q(1 - F(e)); det = (r' / r)^(D-1) dr' / dr.  A pole at
 * 0, where there is no value.  (On the line without 0 it exchanges two ends of
 * each of two pieces: no map of an interval.) */
static double radial(const pair *p, const double *x, double *z)
{
    double e = 0, a = 0.5 * (double)p->d;
    for (size_t i = 0; i < p->d; i++)
        e += 0.5 * x[i] * x[i];
    if (!(e > 0))
        return (double)NAN;
    double other = e < a ? gsl_cdf_gamma_Qinv(gsl_cdf_gamma_P(e, a, 1), a, 1)
                         : gsl_cdf_gamma_Pinv(gsl_cdf_gamma_Q(e, a, 1), a, 1);
    for (size_t i = 0; i < p->d; i++)
        z[i] = x[i] * sqrt(other / e);
    return other - e; /* both laws have the density of N(0, I) */
}

/* C1.3b: FGM copula in blocks, a = p->parameter, over normal margins. */
static void draw_fgm(const pair *p, gsl_rng *rng, double *x)
{
    for (size_t k = 0; k < p->d; k += 2) {
        double u = gsl_rng_uniform_pos(rng), w = gsl_rng_uniform_pos(rng);
        double a = p->parameter * (1 - 2 * u);
        /* w = v + a v (1 - v): the root in [0, 1] without cancellation. */
        double v = 2 * w / (1 + a + sqrt((1 + a) * (1 + a) - 4 * a * w));
        x[k] = gsl_cdf_ugaussian_Pinv(u);
        x[k + 1] = gsl_cdf_ugaussian_Pinv(v);
    }
}

static double density_fgm(const pair *p, const double *x)
{
    double sum = log_normal(p->d, x);
    for (size_t k = 0; k < p->d; k += 2) {
        double u = gsl_cdf_ugaussian_P(x[k]), v = gsl_cdf_ugaussian_P(x[k + 1]);
        sum += log1p(p->parameter * (1 - 2 * u) * (1 - 2 * v));
    }
    return sum;
}

/* Column k + free of each block given the other one. */
static double knothe(const pair *p, const double *x, double *z, size_t free)
{
    double ld = 0;
    for (size_t k = 0; k < p->d; k += 2) {
        double u = gsl_cdf_ugaussian_P(x[k + 1 - free]);
        double v = gsl_cdf_ugaussian_P(x[k + free]);
        double a = p->parameter * (1 - 2 * u),
               q = gsl_cdf_ugaussian_Q(x[k + free]);
        /* The smaller one of the two tails is the accurate one. */
        double low = v * (1 + a * q), high = q * (1 - a * v);
        z[k + 1 - free] = x[k + 1 - free];
        z[k + free] = low < 0.5 ? gsl_cdf_ugaussian_Pinv(low)
                                : gsl_cdf_ugaussian_Qinv(high);
        ld += log1p(a * (1 - 2 * v)) +
              0.5 * (z[k + free] * z[k + free] - x[k + free] * x[k + free]);
    }
    return ld;
}

static double knothe_12(const pair *p, const double *x, double *z)
{
    return knothe(p, x, z, 1);
}

static double knothe_21(const pair *p, const double *x, double *z)
{
    return knothe(p, x, z, 0);
}

/* C1.3c on the first two columns. */
static double twist(const pair *p, const double *x, double *z)
{
    return by_layer(jf_twist(p->d, 0, 1, (jf_disc){.3, .5, .28, M_PI}), p->d, x,
                    z);
}

/* C1.3d: exponential variables; the product map and the polar one. */
static void draw_exponential(const pair *p, gsl_rng *rng, double *x)
{
    for (size_t i = 0; i < p->d; i++)
        x[i] = -log(gsl_rng_uniform_pos(rng));
}

static double density_exponential(const pair *p, const double *x)
{
    double sum = 0;
    for (size_t i = 0; i < p->d; i++)
        sum -= x[i];
    return sum;
}

static double product(const pair *p, const double *x, double *z)
{
    double ld = 0;
    for (size_t i = 0; i < p->d; i++) {
        z[i] = x[i] < M_LN2 ? gsl_cdf_ugaussian_Pinv(-expm1(-x[i]))
                            : gsl_cdf_ugaussian_Qinv(exp(-x[i]));
        ld += 0.5 * (z[i] * z[i] + JF_LOG_2PI) - x[i];
    }
    return ld;
}

static double polar(const pair *p, const double *x, double *z)
{
    double ld = 0;
    for (size_t k = 0; k < p->d; k += 2) {
        double t = x[k] + x[k + 1], r = sqrt(2 * (t - log1p(t)));
        double angle = 2 * M_PI * x[k] / t;
        z[k] = r * cos(angle);
        z[k + 1] = r * sin(angle);
        ld += JF_LOG_2PI - log1p(t);
    }
    return ld;
}

/* C1.3e: the decreasing map of the Gumbel law to itself. */
static void draw_gumbel(const pair *p, gsl_rng *rng, double *x)
{
    for (size_t i = 0; i < p->d; i++)
        x[i] = -log(-log(gsl_rng_uniform_pos(rng)));
}

static double density_gumbel(const pair *p, const double *x)
{
    double sum = 0;
    for (size_t i = 0; i < p->d; i++)
        sum -= x[i] + exp(-x[i]);
    return sum;
}

/* g = -log(s), s = -log(1 - F), F = exp(-e), e = exp(-x): log |g'| = -x - e -
 * log(1 - F) - log s. */
static double decreasing(const pair *p, const double *x, double *z)
{
    double ld = 0;
    for (size_t i = 0; i < p->d; i++) {
        double e = exp(-x[i]),
               log_q = e < M_LN2 ? log(-expm1(-e)) : log1p(-exp(-e));
        z[i] = -log(-log_q);
        ld += -x[i] - e - log_q + z[i];
    }
    return ld;
}

/* C1.4 (i): Phi by column, and Phi behind the inversion, onto the cube. */
static double to_cube(const pair *p, const double *x, double *z)
{
    double ld = 0;
    for (size_t i = 0; i < p->d; i++) {
        z[i] = gsl_cdf_ugaussian_P(x[i]);
        ld -= 0.5 * (x[i] * x[i] + JF_LOG_2PI);
    }
    return ld;
}

static double inverted_to_cube(const pair *p, const double *x, double *z)
{
    double between[16], ld = inversion(p, x, between);
    return ld + to_cube(p, between, z);
}

static double base_normal(const pair *p, const double *z)
{
    return log_normal(p->d, z);
}

static double base_uniform(const pair *p, const double *z)
{
    (void)p, (void)z;
    return 0;
}

/* I(a) = sum a^2k / (2k (2k-1) (2k+1)^2), per block; terms fall as k^-4. */
static double fgm_information(const pair *p)
{
    double sum = 0, power = 1, a = p->parameter;
    for (int k = 1; k <= 200000; k++) {
        power *= a * a;
        sum +=
            power / (2.0 * k * (2.0 * k - 1) * (2.0 * k + 1) * (2.0 * k + 1));
    }
    return sum * (double)p->d / 2;
}

static double no_difference(const pair *p)
{
    (void)p;
    return 0;
}

static double exponential_difference(const pair *p)
{
    return (double)p->d / 2 * (JF_LOG_2PI + 1 - 2);
}

static double cube_difference(const pair *p)
{
    return -0.5 * (double)p->d * (JF_LOG_2PI + 1);
}

#define INVERSION(d)                                                           \
    {                                                                          \
        "inversion", "normal", d, 0, draw_normal, density_normal, base_normal, \
            identity, inversion, no_difference, 0                              \
    }
#define RADIAL(d)                                                              \
    {                                                                          \
        "radial", "normal", d, 0, draw_normal, density_normal, base_normal,    \
            identity, radial, no_difference, 0                                 \
    }
#define FGM(d, a)                                                              \
    {                                                                          \
        "fgm", "normal", d, a, draw_fgm, density_fgm, base_normal, knothe_12,  \
            knothe_21, fgm_information, 0                                      \
    }
#define TWIST(d)                                                               \
    {                                                                          \
        "twist", "normal", d, 0, draw_normal, density_normal, base_normal,     \
            identity, twist, no_difference, 0                                  \
    }
#define EXPONENTIAL(d)                                                         \
    {                                                                          \
        "exponential", "normal", d, 0, draw_exponential, density_exponential,  \
            base_normal, product, polar, exponential_difference, 0             \
    }
#define CUBE(d)                                                                \
    {                                                                          \
        "cube", "uniform", d, 0, draw_normal, density_normal, base_uniform,    \
            to_cube, inverted_to_cube, cube_difference, 1                      \
    }

const pair exact_pairs[] = {
    INVERSION(2),
    INVERSION(4),
    INVERSION(8),
    INVERSION(16),
    RADIAL(2),
    RADIAL(3),
    RADIAL(4),
    RADIAL(8),
    RADIAL(16),
    FGM(2, 1),
    FGM(2, 0.9),
    FGM(2, 0.5),
    FGM(4, 1),
    FGM(8, 1),
    FGM(16, 1),
    TWIST(2),
    TWIST(4),
    TWIST(8),
    TWIST(16),
    EXPONENTIAL(2),
    EXPONENTIAL(4),
    EXPONENTIAL(8),
    EXPONENTIAL(16),
    CUBE(2),
    CUBE(4),
    CUBE(8),
    CUBE(16),
    {"gumbel", "Gumbel", 1, 0, draw_gumbel, density_gumbel, density_gumbel,
     identity, decreasing, no_difference, 0},
};
const size_t n_exact_pairs = sizeof exact_pairs / sizeof *exact_pairs;

const pair *pair_find(const char *name, size_t d, double parameter)
{
    size_t k = 0;
    while (strcmp(exact_pairs[k].name, name) != 0 || exact_pairs[k].d != d ||
           exact_pairs[k].parameter != parameter)
        k++;
    return &exact_pairs[k];
}

void pair_follow(const void *map, const double *x, double *z)
{
    const pair_map *m = map;
    m->flow(m->p, x, z);
}
