/* twist.c -- maps that keep a law and change the determinant, or keep both.
 *
 * swirl      S(u) = c + Rot(angle(s)) (u - c), s = |u - c|^2 / rho^2, on two
 *            columns; angle(s) = alpha exp(1 - 1 / (1 - s)) for s < 1, else 0.
 *            Smooth, equal to the identity outside of the disc (c, rho), and of
 *            determinant 1: it keeps the uniform law of any set around it.
 * twist      T = Phi^-1 o S o Phi, Phi by column, keeps N(0, I) when the disc
 *            lies in the unit square; log |det| = (|T z|^2 - |z|^2) / 2.
 * inversion  T(z) = z sqrt(e' / e) on pairs of columns, e = |z|^2 / 2, e' =
 *            -log(1 - exp(-e)): keeps N(0, I), since e and e' have the same
 *            exponential law, and exchanges near and far.  Its own inverse;
 *            log |det| = -log(exp(e) - 1).
 *
 * No parameters.  A flow followed by one of them has the same likelihood at
 * every point. */
#include <math.h>

#include <gsl/gsl_cdf.h>

#include "base/error.h"
#include "layer/layers.h"

typedef struct {
    jf_layer base;
    size_t i, j; /* columns */
    jf_disc disc;
} twist;

/* u := S(u), or S^-1(u) with sign -1; 0: u lies outside of the disc.  jacobian
 * (2, 2) of S at the old u, unless NULL. */
static int rotate(const jf_disc *disc, double sign, double *u, double *jacobian)
{
    double v[2] = {u[0] - disc->x, u[1] - disc->y}, rho = disc->radius;
    double s = (v[0] * v[0] + v[1] * v[1]) / (rho * rho);
    if (!(s < 1))
        return 0;
    double angle = sign * disc->angle * exp(1 - 1 / (1 - s));
    double slope = -angle / ((1 - s) * (1 - s)), cs = cos(angle);
    double sn = sin(angle);
    double w[2] = {cs * v[0] - sn * v[1], sn * v[0] + cs * v[1]};
    for (int k = 0; jacobian && k < 2; k++) {
        double by_v = slope * 2 * v[k] / (rho * rho);
        jacobian[k] = (k ? -sn : cs) - w[1] * by_v;
        jacobian[2 + k] = (k ? cs : sn) + w[0] * by_v;
    }
    u[0] = disc->x + w[0];
    u[1] = disc->y + w[1];
    return 1;
}

/* dv := jacobian' dv. */
static void transpose(const double *jacobian, double *dv)
{
    double a = jacobian[0] * dv[0] + jacobian[2] * dv[1];
    dv[1] = jacobian[1] * dv[0] + jacobian[3] * dv[1];
    dv[0] = a;
}

static int swirl_all(const jf_layer *self, jf_matrix x, double sign)
{
    const twist *t = (const twist *)self;
    for (size_t r = 0; r < x.rows; r++) {
        real *a = &jf_row(x, r)[t->i], *b = &jf_row(x, r)[t->j];
        double u[2] = {(double)*a, (double)*b};
        if (rotate(&t->disc, sign, u, NULL)) {
            *a = (real)u[0];
            *b = (real)u[1];
        }
    }
    return GSL_SUCCESS;
}

static int swirl_forward(const jf_layer *self, jf_weights w, jf_matrix x,
                         double *log_abs_det, jf_work *work)
{
    (void)w, (void)log_abs_det, (void)work;
    return swirl_all(self, x, 1);
}

static int swirl_inverse(const jf_layer *self, jf_weights w, jf_matrix z,
                         jf_work *work)
{
    (void)w, (void)work;
    return swirl_all(self, z, -1);
}

static int swirl_backward(const jf_layer *self, jf_weights w, jf_matrix z,
                          jf_matrix dz, const double *d_log_abs_det,
                          jf_grad grad, jf_work *work)
{
    const twist *t = (const twist *)self;
    (void)d_log_abs_det, (void)grad;
    JF_TRY(swirl_inverse(self, w, z, work));
    for (size_t r = 0; r < z.rows; r++) {
        real *a = &jf_row(dz, r)[t->i], *b = &jf_row(dz, r)[t->j];
        double u[2] = {(double)jf_row(z, r)[t->i], (double)jf_row(z, r)[t->j]};
        double dv[2] = {(double)*a, (double)*b}, jacobian[4];
        if (rotate(&t->disc, 1, u, jacobian)) {
            transpose(jacobian, dv);
            *a = (real)dv[0];
            *b = (real)dv[1];
        }
    }
    return GSL_SUCCESS;
}

/* v := T(v) or T^-1(v) of a pair.  Returns log |det| of the map taken;
 * jacobian (2, 2) at the old v, unless NULL. */
static double twist_pair(const jf_disc *disc, double sign, double *v,
                         double *jacobian)
{
    double u[2] = {gsl_cdf_ugaussian_P(v[0]), gsl_cdf_ugaussian_P(v[1])};
    double old = v[0] * v[0] + v[1] * v[1], before[2] = {v[0], v[1]};
    if (!rotate(disc, sign, u, jacobian)) {
        for (int k = 0; jacobian && k < 4; k++)
            jacobian[k] = k == 0 || k == 3;
        return 0;
    }
    for (int k = 0; k < 2; k++)
        v[k] = gsl_cdf_ugaussian_Pinv(u[k]);
    for (int k = 0; jacobian && k < 4; k++) /* phi(old) / phi(new) */
        jacobian[k] *=
            exp(0.5 * (v[k / 2] * v[k / 2] - before[k % 2] * before[k % 2]));
    return 0.5 * (v[0] * v[0] + v[1] * v[1] - old);
}

static int twist_all(const jf_layer *self, jf_matrix x, double sign,
                     double *log_abs_det)
{
    const twist *t = (const twist *)self;
    for (size_t r = 0; r < x.rows; r++) {
        real *a = &jf_row(x, r)[t->i], *b = &jf_row(x, r)[t->j];
        double v[2] = {(double)*a, (double)*b};
        double ld = twist_pair(&t->disc, sign, v, NULL);
        if (log_abs_det)
            log_abs_det[r] += ld;
        *a = (real)v[0];
        *b = (real)v[1];
    }
    return GSL_SUCCESS;
}

static int twist_forward(const jf_layer *self, jf_weights w, jf_matrix x,
                         double *log_abs_det, jf_work *work)
{
    (void)w, (void)work;
    return twist_all(self, x, 1, log_abs_det);
}

static int twist_inverse(const jf_layer *self, jf_weights w, jf_matrix z,
                         jf_work *work)
{
    (void)w, (void)work;
    return twist_all(self, z, -1, NULL);
}

/* d log |det| = T z . d(T z) - z . dz. */
static int twist_backward(const jf_layer *self, jf_weights w, jf_matrix z,
                          jf_matrix dz, const double *d_log_abs_det,
                          jf_grad grad, jf_work *work)
{
    const twist *t = (const twist *)self;
    const size_t column[2] = {t->i, t->j};
    (void)w, (void)grad, (void)work;
    for (size_t r = 0; r < z.rows; r++) {
        double x[2], v[2], dv[2], jacobian[4], c = d_log_abs_det[r];
        for (int k = 0; k < 2; k++) {
            x[k] = (double)jf_row(z, r)[column[k]];
            dv[k] = (double)jf_row(dz, r)[column[k]] + c * x[k];
        }
        twist_pair(&t->disc, -1, x, NULL);
        v[0] = x[0];
        v[1] = x[1];
        twist_pair(&t->disc, 1, v, jacobian);
        transpose(jacobian, dv);
        for (int k = 0; k < 2; k++) {
            jf_row(z, r)[column[k]] = (real)x[k];
            jf_row(dz, r)[column[k]] = (real)(dv[k] - c * x[k]);
        }
    }
    return GSL_SUCCESS;
}

/* The other energy, -log(1 - exp(-e)), and its slope -1 / (exp(e) - 1). */
static double paired_energy(double e)
{
    return e > M_LN2 ? -log1p(-exp(-e)) : -log(-expm1(-e));
}

static double stretch(double a, double b)
{
    double e = 0.5 * (a * a + b * b);
    return sqrt(paired_energy(e) / e);
}

static int invert_pairs(jf_matrix x, double *log_abs_det)
{
    for (size_t r = 0; r < x.rows; r++)
        for (size_t k = 0; k + 1 < x.cols; k += 2) {
            real *v = jf_row(x, r) + k;
            double a = (double)v[0], b = (double)v[1], s = stretch(a, b);
            if (!(a * a + b * b > 0))
                JF_ERROR("the inversion has no value at 0", GSL_EDOM);
            if (log_abs_det)
                log_abs_det[r] -= log(expm1(0.5 * (a * a + b * b)));
            v[0] = (real)(s * a);
            v[1] = (real)(s * b);
        }
    return GSL_SUCCESS;
}

static int inversion_forward(const jf_layer *self, jf_weights w, jf_matrix x,
                             double *log_abs_det, jf_work *work)
{
    (void)self, (void)w, (void)work;
    return invert_pairs(x, log_abs_det);
}

static int inversion_inverse(const jf_layer *self, jf_weights w, jf_matrix z,
                             jf_work *work)
{
    (void)self, (void)w, (void)work;
    return invert_pairs(z, NULL);
}

/* z = s x with s(e); ds/de = (e'_e / e - e' / e^2) / (2 s), and d log |det| /
 * de = -exp(e) / (exp(e) - 1) = -1 / (1 - exp(-e)). */
static int inversion_backward(const jf_layer *self, jf_weights w, jf_matrix z,
                              jf_matrix dz, const double *d_log_abs_det,
                              jf_grad grad, jf_work *work)
{
    (void)self, (void)w, (void)grad, (void)work;
    JF_TRY(invert_pairs(z, NULL));
    for (size_t r = 0; r < z.rows; r++)
        for (size_t k = 0; k + 1 < z.cols; k += 2) {
            real *v = jf_row(z, r) + k, *dv = jf_row(dz, r) + k;
            double a = (double)v[0], b = (double)v[1];
            double e = 0.5 * (a * a + b * b), s = stretch(a, b);
            double by_e = (-1 / expm1(e) - paired_energy(e) / e) / (2 * e * s);
            double along = by_e * (a * (double)dv[0] + b * (double)dv[1]) +
                           d_log_abs_det[r] / expm1(-e);
            dv[0] = (real)(s * (double)dv[0] + along * a);
            dv[1] = (real)(s * (double)dv[1] + along * b);
        }
    return GSL_SUCCESS;
}

static const jf_layer_ops swirl_ops = {.forward = swirl_forward,
                                       .inverse = swirl_inverse,
                                       .backward = swirl_backward};
static const jf_layer_ops twist_ops = {.forward = twist_forward,
                                       .inverse = twist_inverse,
                                       .backward = twist_backward};
static const jf_layer_ops inversion_ops = {.forward = inversion_forward,
                                           .inverse = inversion_inverse,
                                           .backward = inversion_backward};

static jf_layer *make(const char *name, const jf_layer_ops *ops, size_t d,
                      size_t i, size_t j, jf_disc disc)
{
    if (i >= d || j >= d || i == j || !(disc.radius > 0))
        JF_ERROR_NULL("a disc lies in two different columns", GSL_EINVAL);
    twist *t = (twist *)jf_layer_new(sizeof *t, name, ops, d, 0);
    if (!t)
        return NULL;
    t->i = i;
    t->j = j;
    t->disc = disc;
    return jf_layer_record(&t->base,
                           "d=%zu, i=%zu, j=%zu, x=%.17g, y=%.17g, "
                           "radius=%.17g, angle=%.17g",
                           d, i, j, disc.x, disc.y, disc.radius, disc.angle);
}

jf_layer *jf_swirl(size_t d, size_t i, size_t j, jf_disc disc)
{
    return make("swirl", &swirl_ops, d, i, j, disc);
}

jf_layer *jf_twist(size_t d, size_t i, size_t j, jf_disc disc)
{
    double r = disc.radius;
    if (!(disc.x - r >= 0 && disc.x + r <= 1 && disc.y - r >= 0 &&
          disc.y + r <= 1))
        JF_ERROR_NULL("the disc of a twist lies in the unit square",
                      GSL_EINVAL);
    return make("twist", &twist_ops, d, i, j, disc);
}

jf_layer *jf_inversion(size_t d)
{
    if (d == 0 || d % 2)
        JF_ERROR_NULL("the inversion takes pairs of columns", GSL_EINVAL);
    return jf_layer_record(
        jf_layer_new(sizeof(jf_layer), "inversion", &inversion_ops, d, 0),
        "d=%zu", d);
}
