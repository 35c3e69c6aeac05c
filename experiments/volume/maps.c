/* maps.c -- maps of which the volume of the image of a ball is known.
 *
 *   complex exponential  (e^x cos y, e^x sin y): j = e^{2x}, ratio
 *                        e^{2 x0} I_1(2r)/r
 *   exponential          (e^{x_1}, x_2, ..., x_d): j = e^{x_1}, ratio e^{x_1}
 *                        Gamma(d/2+1) (2/r)^{d/2} I_{d/2}(r)
 *   harmonic             (x + x^2/4, y): j = 1 + x/2 is harmonic, so the ratio
 *                        is j(x0) for every r: the control of coefficient 0
 *   leaky                (x or a x, y), a for x < 0, at the kink: (1 + a)/2
 *   shear                (x + y + y^2, y): 1
 *   linear               diag(2, 1/4, 2, 1/4, ...): its determinant
 *   swirl, twist, inversion   of the library (layer/twist.c)
 *
 * Source: theory/theory.md, C4.2 and C4.4. */
#include "volume.h"

#include <math.h>

#include <gsl/gsl_sf_bessel.h>
#include <gsl/gsl_sf_gamma.h>

#define SLOPE 0.25 /* of the kink */

typedef struct {
    jf_layer base;
    double (*forward)(size_t d, double *x); /* x := f(x); log |det| */
    void (*inverse)(size_t d, double *z);
} formula;

static int forward(const jf_layer *self, jf_weights w, jf_matrix x,
                   double *log_abs_det, jf_work *work)
{
    (void)w, (void)work;
    for (size_t i = 0; i < x.rows; i++)
        log_abs_det[i] +=
            ((const formula *)self)->forward(x.cols, jf_row(x, i));
    return GSL_SUCCESS;
}

static int inverse(const jf_layer *self, jf_weights w, jf_matrix z,
                   jf_work *work)
{
    (void)w, (void)work;
    for (size_t i = 0; i < z.rows; i++)
        ((const formula *)self)->inverse(z.cols, jf_row(z, i));
    return GSL_SUCCESS;
}

static const jf_layer_ops ops = {.forward = forward, .inverse = inverse};

static jf_layer *make(size_t d, double (*to)(size_t, double *),
                      void (*from)(size_t, double *))
{
    formula *f = (formula *)jf_layer_new(sizeof *f, "formula", &ops, d, 0);
    f->forward = to;
    f->inverse = from;
    return &f->base;
}

static double wave(size_t d, double *x)
{
    double size = exp(x[0]), at = x[0];
    (void)d;
    x[0] = size * cos(x[1]);
    x[1] = size * sin(x[1]);
    return 2 * at;
}

static void unwave(size_t d, double *z)
{
    double x = log(hypot(z[0], z[1]));
    (void)d;
    z[1] = atan2(z[1], z[0]);
    z[0] = x;
}

static double exponential(size_t d, double *x)
{
    double at = x[0];
    (void)d;
    x[0] = exp(x[0]);
    return at;
}

static void logarithm(size_t d, double *z)
{
    (void)d;
    z[0] = log(z[0]);
}

static double harmonic(size_t d, double *x)
{
    double j = 1 + x[0] / 2;
    (void)d;
    x[0] += x[0] * x[0] / 4;
    return log(j);
}

static void unharmonic(size_t d, double *z)
{
    (void)d;
    z[0] = 2 * z[0] / (1 + sqrt(1 + z[0])); /* the root near 0, stable */
}

static double leaky(size_t d, double *x)
{
    double slope = x[0] < 0 ? SLOPE : 1;
    (void)d;
    x[0] *= slope;
    return log(slope);
}

static void unleaky(size_t d, double *z)
{
    (void)d;
    z[0] /= z[0] < 0 ? SLOPE : 1;
}

static double shear(size_t d, double *x)
{
    (void)d;
    x[0] += x[1] + x[1] * x[1];
    return 0;
}

static void unshear(size_t d, double *z)
{
    (void)d;
    z[0] -= z[1] + z[1] * z[1];
}

static double stretch(size_t d, double *x)
{
    double ld = 0;
    for (size_t i = 0; i < d; i++) {
        x[i] *= i % 2 ? 0.25 : 2;
        ld += log(i % 2 ? 0.25 : 2.0);
    }
    return ld;
}

static void unstretch(size_t d, double *z)
{
    for (size_t i = 0; i < d; i++)
        z[i] /= i % 2 ? 0.25 : 2;
}

static jf_layer *make_wave(size_t d)
{
    return make(d, wave, unwave);
}

static jf_layer *make_exponential(size_t d)
{
    return make(d, exponential, logarithm);
}

static jf_layer *make_harmonic(size_t d)
{
    return make(d, harmonic, unharmonic);
}

static jf_layer *make_leaky(size_t d)
{
    return make(d, leaky, unleaky);
}

static jf_layer *make_shear(size_t d)
{
    return make(d, shear, unshear);
}

static jf_layer *make_stretch(size_t d)
{
    return make(d, stretch, unstretch);
}

static jf_layer *make_swirl(size_t d)
{
    return jf_swirl(d, 0, 1, (jf_disc){0, 0, 2, M_PI});
}

static jf_layer *make_twist(size_t d)
{
    return jf_twist(d, 0, 1, (jf_disc){.5, .5, .45, M_PI / 2});
}

/* Ratios. */

static double wave_ratio(size_t d, const double *x0, double r)
{
    (void)d;
    return exp(2 * x0[0]) * gsl_sf_bessel_I1(2 * r) / r;
}

static double exponential_ratio(size_t d, const double *x0, double r)
{
    double half = 0.5 * (double)d;
    return exp(x0[0] + r + half * log(2 / r)) * gsl_sf_gamma(half + 1) *
           gsl_sf_bessel_Inu_scaled(half, r);
}

static double harmonic_ratio(size_t d, const double *x0, double r)
{
    (void)d, (void)r;
    return 1 + x0[0] / 2;
}

static double leaky_ratio(size_t d, const double *x0, double r)
{
    (void)d, (void)x0, (void)r;
    return (1 + SLOPE) / 2;
}

static double one(size_t d, const double *x0, double r)
{
    (void)d, (void)x0, (void)r;
    return 1;
}

static double stretch_ratio(size_t d, const double *x0, double r)
{
    (void)x0, (void)r;
    return pow(0.5, (double)(d / 2)) * (d % 2 ? 2 : 1);
}

static double unknown(size_t d, const double *x0, double r)
{
    (void)d, (void)x0, (void)r;
    return (double)NAN;
}

const closed_map closed_maps[CLOSED_MAPS] = {
    [WAVE] = {"complex exponential", 2, make_wave, {0}, wave_ratio, 1},
    {"exponential", 2, make_exponential, {.3, -1}, exponential_ratio, 1},
    {"exponential", 3, make_exponential, {.3, -1, .5}, exponential_ratio, 1},
    {"exponential", 10, make_exponential, {.3}, exponential_ratio, 1},
    {"harmonic", 2, make_harmonic, {.6, .2}, harmonic_ratio, 1},
    {"leaky kink", 2, make_leaky, {0}, leaky_ratio, 0},
    {"shear", 2, make_shear, {.4, .3}, one, 1},
    {"linear", 8, make_stretch, {.1}, stretch_ratio, 1},
    {"swirl", 2, make_swirl, {.5, .2}, one, 1},
    {"twist", 2, make_twist, {.6, -.3}, unknown, 1},
    {"inversion", 2, jf_inversion, {1, .4}, unknown, 1},
};
