/* toy.c -- two-dimensional densities in closed form.
 *
 * Entropies are closed forms where there are, else -E log p by adaptive
 * quadrature over the plane; the integrands are smooth and the tails beyond
 * the box are below the stated error. */
#include "data/toy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>

#include "base/stream.h"

#define LOG_2PI_E (JF_LOG_2PI + 1)

static double log_normal(double x, double mean, double sd)
{
    double u = (x - mean) / sd;
    return -0.5 * (u * u + JF_LOG_2PI) - log(sd);
}

static double known(double value, double *error)
{
    if (error)
        *error = 0;
    return value;
}

static void set_moments(double *mean, double *c, double m0, double m1,
                        double c00, double c01, double c11)
{
    mean[0] = m0;
    mean[1] = m1;
    c[0] = c00;
    c[1] = c[2] = c01;
    c[3] = c11;
}

/* Quadrature. */

typedef struct {
    double (*log_density)(const double *x);
    double half, x; /* the box [-half, half]^2, and the outer variable */
    gsl_integration_cquad_workspace *inner;
    double error;
} plane;

static double inner_integrand(double y, void *p)
{
    const plane *q = p;
    double l = q->log_density((double[]){q->x, y});
    return l < -700 ? 0 : -l * exp(l);
}

static double outer_integrand(double x, void *p)
{
    plane *q = p;
    double value, error;
    gsl_function f = {inner_integrand, q};
    q->x = x;
    gsl_integration_cquad(&f, -q->half, q->half, 1e-11, 1e-10, q->inner, &value,
                          &error, NULL);
    q->error = fmax(q->error, error);
    return value;
}

/* What gsl_integration_cquad_workspace_alloc makes, by the library's own
 * allocator, as GSL's would call its handler; 0: no memory. */
static int workspace(gsl_integration_cquad_workspace *w, size_t size)
{
    w->size = size;
    w->ivals = jf_alloc(size, sizeof *w->ivals);
    w->heap = w->ivals ? jf_alloc(size, sizeof *w->heap) : NULL;
    return w->heap != NULL;
}

static void workspace_clear(gsl_integration_cquad_workspace *w)
{
    free(w->heap);
    free(w->ivals);
}

/* -E log p over the box. */
static double entropy_on_plane(double (*log_density)(const double *),
                               double half, double *error)
{
    gsl_integration_cquad_workspace inner = {0}, w = {0};
    plane q = {log_density, half, 0, &inner, 0};
    gsl_function f = {outer_integrand, &q};
    double value = (double)NAN, outer = (double)NAN;
    if (workspace(&inner, 200) && workspace(&w, 200))
        gsl_integration_cquad(&f, -half, half, 1e-9, 1e-9, &w, &value, &outer,
                              NULL);
    workspace_clear(&w);
    workspace_clear(&inner);
    if (error)
        *error = outer + 2 * half * q.error;
    return value;
}

/* gauss: correlation 0.8. */

#define RHO 0.8

static void gauss_sample(double *x, gsl_rng *rng)
{
    double u = jf_stream_normal(rng, 1);
    double v = jf_stream_normal(rng, 1);
    x[0] = u;
    x[1] = RHO * u + sqrt(1 - RHO * RHO) * v;
}

static double gauss_log(const double *x)
{
    double s = sqrt(1 - RHO * RHO);
    return log_normal(x[0], 0, 1) + log_normal(x[1], RHO * x[0], s);
}

static double gauss_entropy(double *error)
{
    return known(LOG_2PI_E + 0.5 * log(1 - RHO * RHO), error);
}

static void gauss_moments(double *mean, double *c)
{
    set_moments(mean, c, 0, 0, 1, RHO, 1);
}

/* Mixtures of equal isotropic Gaussians on a circle: two and eight. */

static void centre(size_t k, size_t parts, double radius, double *m)
{
    double angle = 2 * M_PI * (double)k / (double)parts;
    m[0] = radius * cos(angle);
    m[1] = radius * sin(angle);
}

static void circle_sample(size_t parts, double radius, double sd, double *x,
                          gsl_rng *rng)
{
    centre(gsl_rng_get(rng) % parts, parts, radius, x);
    x[0] += jf_stream_normal(rng, sd);
    x[1] += jf_stream_normal(rng, sd);
}

static double circle_log(size_t parts, double radius, double sd,
                         const double *x)
{
    double l[8], m[2], top = -(double)INFINITY, sum = 0;
    for (size_t k = 0; k < parts; k++) {
        centre(k, parts, radius, m);
        l[k] = log_normal(x[0], m[0], sd) + log_normal(x[1], m[1], sd);
        top = fmax(top, l[k]);
    }
    for (size_t k = 0; k < parts; k++)
        sum += exp(l[k] - top);
    return top + log(sum / (double)parts);
}

static void two_sample(double *x, gsl_rng *rng)
{
    circle_sample(2, 2, 0.5, x, rng);
}

static double two_log(const double *x)
{
    return circle_log(2, 2, 0.5, x);
}

static double two_entropy(double *error)
{
    return entropy_on_plane(two_log, 8, error);
}

static void two_moments(double *mean, double *c)
{
    set_moments(mean, c, 0, 0, 4.25, 0, 0.25);
}

static void eight_sample(double *x, gsl_rng *rng)
{
    circle_sample(8, 2, 0.3, x, rng);
}

static double eight_log(const double *x)
{
    return circle_log(8, 2, 0.3, x);
}

static double eight_entropy(double *error)
{
    return entropy_on_plane(eight_log, 5, error);
}

static void eight_moments(double *mean, double *c)
{
    set_moments(mean, c, 0, 0, 2.09, 0, 2.09);
}

/* rings: angle uniform, radius a mixture of N(r_k, s^2) kept positive, r_k =
 * 1, 2, 3 with weight r_k; s is so small that the cut is below 1e-10. */

enum { RINGS = 3 };
#define RING_SD 0.15

static void rings_sample(double *x, gsl_rng *rng)
{
    unsigned long pick = gsl_rng_get(rng) % 6; /* weights 1, 2, 3 of 6 */
    double r0 = pick < 1 ? 1 : pick < 3 ? 2 : 3, r;
    do
        r = r0 + jf_stream_normal(rng, RING_SD);
    while (r <= 0);
    double t = 2 * M_PI * gsl_rng_uniform(rng);
    x[0] = r * cos(t);
    x[1] = r * sin(t);
}

static double rings_radial(double r)
{
    double sum = 0;
    for (int k = 1; k <= RINGS; k++) /* over P(radius > 0) */
        sum += k / 6.0 * exp(log_normal(r, k, RING_SD)) /
               gsl_cdf_ugaussian_P(k / RING_SD);
    return log(sum);
}

static double rings_log(const double *x)
{
    double r = hypot(x[0], x[1]);
    return rings_radial(r) - log(2 * M_PI * r);
}

static double rings_integrand(double r, void *unused)
{
    double l = rings_radial(r);
    (void)unused;
    return l < -700 || r <= 0 ? 0 : exp(l) * (log(2 * M_PI * r) - l);
}

static double rings_square(double r, void *unused)
{
    (void)unused;
    return r * r * exp(rings_radial(r));
}

static double radial(double (*integrand)(double, void *), double *error)
{
    gsl_integration_cquad_workspace w = {0};
    gsl_function f = {integrand, NULL};
    double value = (double)NAN, bound = (double)NAN;
    if (workspace(&w, 400))
        gsl_integration_cquad(&f, 0, 6, 1e-12, 1e-11, &w, &value, &bound, NULL);
    workspace_clear(&w);
    if (error)
        *error = bound;
    return value;
}

static double rings_entropy(double *error)
{
    return radial(rings_integrand, error);
}

static void rings_moments(double *mean, double *c)
{
    double half = radial(rings_square, NULL) / 2;
    set_moments(mean, c, 0, 0, half, 0, half);
}

/* checkerboard: uniform on the 8 of 16 squares of side 2 in [-4, 4]^2 whose
 * indices have an even sum. */

static void checkerboard_sample(double *x, gsl_rng *rng)
{
    unsigned long pick = gsl_rng_get(rng) % 8, i = pick / 2;
    unsigned long j = 2 * (pick % 2) + i % 2;
    x[0] = -4 + 2 * ((double)i + gsl_rng_uniform_pos(rng));
    x[1] = -4 + 2 * ((double)j + gsl_rng_uniform_pos(rng));
}

static double checkerboard_log(const double *x)
{
    if (fabs(x[0]) > 4 || fabs(x[1]) > 4)
        return -(double)INFINITY;
    int i = (int)floor((x[0] + 4) / 2), j = (int)floor((x[1] + 4) / 2);
    return (i + j) % 2 == 0 ? -log(32.0) : -(double)INFINITY;
}

static double checkerboard_entropy(double *error)
{
    return known(log(32.0), error);
}

/* Each column is uniform on [-4, 4]; E xy = sum over squares of the products
 * of their centres / 8 = 1. */
static void checkerboard_moments(double *mean, double *c)
{
    set_moments(mean, c, 0, 0, 16.0 / 3, 1, 16.0 / 3);
}

/* banana: (z_1, z_2 + z_1^2). */

static void banana_sample(double *x, gsl_rng *rng)
{
    x[0] = jf_stream_normal(rng, 1);
    x[1] = jf_stream_normal(rng, 1) + x[0] * x[0];
}

static double banana_log(const double *x)
{
    return log_normal(x[0], 0, 1) + log_normal(x[1], x[0] * x[0], 1);
}

static double banana_entropy(double *error)
{
    return known(LOG_2PI_E, error);
}

static void banana_moments(double *mean, double *c)
{
    set_moments(mean, c, 0, 1, 1, 0, 3);
}

/* laplace, square, exponential: products. */

static void laplace_sample(double *x, gsl_rng *rng)
{
    for (int j = 0; j < 2; j++)
        x[j] = gsl_ran_laplace(rng, 1);
}

static double laplace_log(const double *x)
{
    return -fabs(x[0]) - fabs(x[1]) - log(4.0);
}

static double laplace_entropy(double *error)
{
    return known(2 * (1 + log(2.0)), error);
}

static void laplace_moments(double *mean, double *c)
{
    set_moments(mean, c, 0, 0, 2, 0, 2);
}

static void square_sample(double *x, gsl_rng *rng)
{
    for (int j = 0; j < 2; j++)
        x[j] = gsl_rng_uniform_pos(rng);
}

static double square_log(const double *x)
{
    return x[0] >= 0 && x[0] <= 1 && x[1] >= 0 && x[1] <= 1 ? 0
                                                            : -(double)INFINITY;
}

static double square_entropy(double *error)
{
    return known(0, error);
}

static void square_moments(double *mean, double *c)
{
    set_moments(mean, c, 0.5, 0.5, 1.0 / 12, 0, 1.0 / 12);
}

static void exponential_sample(double *x, gsl_rng *rng)
{
    for (int j = 0; j < 2; j++)
        x[j] = -log(gsl_rng_uniform_pos(rng));
}

static double exponential_log(const double *x)
{
    return x[0] >= 0 && x[1] >= 0 ? -x[0] - x[1] : -(double)INFINITY;
}

static double exponential_entropy(double *error)
{
    return known(2, error);
}

static void exponential_moments(double *mean, double *c)
{
    set_moments(mean, c, 1, 1, 1, 0, 1);
}

/* fgm: normal margins, copula density 1 + (1 - 2u)(1 - 2v).  Given u, v has
 * distribution function v + a v (1 - v), a = 1 - 2u, inverted by the root
 * without cancellation. */

static void fgm_sample(double *x, gsl_rng *rng)
{
    double u = gsl_rng_uniform_pos(rng), w = gsl_rng_uniform_pos(rng);
    double a = 1 - 2 * u;
    double v = 2 * w / (1 + a + sqrt((1 + a) * (1 + a) - 4 * a * w));
    x[0] = gsl_cdf_ugaussian_Pinv(u);
    x[1] = gsl_cdf_ugaussian_Pinv(v);
}

static double fgm_log(const double *x)
{
    double u = gsl_cdf_ugaussian_P(x[0]), v = gsl_cdf_ugaussian_P(x[1]);
    return log_normal(x[0], 0, 1) + log_normal(x[1], 0, 1) +
           log1p((1 - 2 * u) * (1 - 2 * v));
}

/* log(2 pi e) minus the mutual information sum_k 1 / (2k (2k-1) (2k+1)^2);
 * the terms beyond k are below 1 / (48 k^3). */
static double fgm_entropy(double *error)
{
    enum { TERMS = 20000 };
    double sum = 0;
    for (int k = TERMS; k > 0; k--) /* small ones first */
        sum += 1.0 / (2.0 * k * (2.0 * k - 1) * pow(2.0 * k + 1, 2));
    if (error)
        *error = 1.0 / (48 * pow(TERMS, 3)) + 1e-15;
    return LOG_2PI_E - sum;
}

/* E xy = (E x (1 - 2 Phi(x)))^2 = 1 / pi. */
static void fgm_moments(double *mean, double *c)
{
    set_moments(mean, c, 0, 0, 1, 1 / M_PI, 1);
}

/* angle: direction density (1 + 0.6 cos t) / 2 pi, radius (1 + 0.3 sin t)
 * times chi with 3 degrees of freedom. */

static void angle_sample(double *x, gsl_rng *rng)
{
    double t, square = 0;
    do
        t = 2 * M_PI * gsl_rng_uniform(rng);
    while (1.6 * gsl_rng_uniform(rng) > 1 + 0.6 * cos(t));
    for (int k = 0; k < 3; k++) {
        double g = jf_stream_normal(rng, 1);
        square += g * g;
    }
    double r = (1 + 0.3 * sin(t)) * sqrt(square);
    x[0] = r * cos(t);
    x[1] = r * sin(t);
}

/* p(t) p(r | t) / r, with the chi density sqrt(2/pi) s^2 exp(-s^2/2). */
static double angle_log(const double *x)
{
    double r = hypot(x[0], x[1]), t = atan2(x[1], x[0]);
    double scale = 1 + 0.3 * sin(t), s = r / scale;
    return log((1 + 0.6 * cos(t)) / (2 * M_PI)) + 0.5 * log(2 / M_PI) +
           2 * log(s) - s * s / 2 - log(scale) - log(r);
}

/* h(t) + E log(scale) + h(chi_3) + E log r, the last two over s = r / scale:
 * E log p(t) and E log scale by quadrature, which is exact for periodic
 * functions on equal steps. */
static double angle_entropy(double *error)
{
    enum { STEPS = 4096 };
    double h = 0;
    /* h(chi_3) and E log s in closed form by psi(3/2) = 2 - gamma - 2 log 2 */
    double log_s = 0.5 * (2 - M_EULER - 2 * M_LN2 + M_LN2);
    double chi = -0.5 * log(2 / M_PI) - 2 * log_s + 1.5;
    for (int k = 0; k < STEPS; k++) {
        double t = 2 * M_PI * k / STEPS, p = (1 + 0.6 * cos(t)) / STEPS;
        h += p *
             (2 * log(1 + 0.3 * sin(t)) - log((1 + 0.6 * cos(t)) / (2 * M_PI)));
    }
    if (error)
        *error = 1e-13;
    return h + chi + log_s;
}

static void angle_moments(double *mean, double *c)
{
    enum { STEPS = 4096 };
    double m[2] = {0}, s[4] = {0}, chi_mean = 2 * sqrt(2 / M_PI);
    for (int k = 0; k < STEPS; k++) {
        double t = 2 * M_PI * k / STEPS, p = (1 + 0.6 * cos(t)) / STEPS;
        double scale = 1 + 0.3 * sin(t), u[2] = {cos(t), sin(t)};
        for (int i = 0; i < 2; i++) {
            m[i] += p * scale * chi_mean * u[i];
            for (int j = 0; j < 2; j++)
                s[2 * i + j] += p * scale * scale * 3 * u[i] * u[j];
        }
    }
    set_moments(mean, c, m[0], m[1], s[0] - m[0] * m[0], s[1] - m[0] * m[1],
                s[3] - m[1] * m[1]);
}

#define TOY(name, about)                                                       \
    {                                                                          \
#name, about, 2, name##_sample, name##_log, name##_entropy,            \
            name##_moments                                                     \
    }
static const jf_toy toys[] = {
    TOY(gauss, "Gaussian with correlation 0.8"),
    TOY(two, "two Gaussians of sd 0.5 at distance 4"),
    TOY(eight, "eight Gaussians of sd 0.3 on a circle of radius 2"),
    TOY(rings, "three rings of radius 1, 2, 3 and width 0.15"),
    TOY(checkerboard, "uniform on eight squares of side 2"),
    TOY(banana, "(z1, z2 + z1^2)"),
    TOY(laplace, "two Laplace variables"),
    TOY(square, "uniform on the unit square"),
    TOY(exponential, "two exponential variables"),
    TOY(fgm, "normal margins, Farlie-Gumbel-Morgenstern copula, a = 1"),
    TOY(angle, "direction and radius dependent, chi radius"),
};

const jf_toy *jf_toys(size_t *count)
{
    *count = sizeof toys / sizeof *toys;
    return toys;
}

const jf_toy *jf_toy_find(const char *name)
{
    for (size_t k = 0; k < sizeof toys / sizeof *toys; k++)
        if (strcmp(toys[k].name, name) == 0)
            return &toys[k];
    return NULL;
}

void jf_toy_fill(const jf_toy *toy, jf_matrix x, unsigned long seed)
{
    jf_stream stream;
    gsl_rng *rng = jf_stream_in(&stream);
    for (size_t i = 0; i < x.rows; i++) {
        double row[8];
        jf_stream_seek(rng, seed, JF_PURPOSE_DATA, 0, i);
        toy->sample(row, rng);
        for (size_t j = 0; j < toy->d; j++)
            jf_row(x, i)[j] = (real)row[j];
    }
}
