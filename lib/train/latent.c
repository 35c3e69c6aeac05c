/* latent.c -- log densities of z by row, in double, and their gradients.
 *
 *     normal    -(d log 2 pi + |z|^2) / 2            grad  -z
 *     uniform   -d log(b - a) on [a, b]^d            grad  0
 *     logistic  -sum |z_j| + 2 log(1 + e^-|z_j|)     grad  -tanh(z_j / 2)
 *     student   -sum (v + 1)/2 log(1 + z_j^2 / v) + const
 *                                       grad  -(v + 1) z_j / (v + z_j^2)
 *     mixture   log sum_k w_k N(z; m_k, s_k^2 I)
 *                                       grad  sum_k r_k (m_k - z) / s_k^2
 *
 * with r_k the share of part k in the density.  A NaN in z gives NaN. */
#include "train/latent.h"

#include <math.h>

#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>

#include "base/error.h"
#include "base/stream.h"
#include "linalg/blas.h"

static void normal_density(const jf_latent *self, jf_const_matrix z,
                           double *log_q, double scale, jf_matrix dz)
{
    size_t d = z.cols;
    real minus = (real)-scale;

    (void)self;
    for (size_t i = 0; i < z.rows; i++) {
        const real *row = jf_const_row(z, i);
        log_q[i] = -0.5 * ((double)d * JF_LOG_2PI + jf_dot(d, row, row));
    }
    for (size_t i = 0; dz.data && i < z.rows; i++) {
        const real *row = jf_const_row(z, i);
        real *out = jf_row(dz, i);
        for (size_t j = 0; j < d; j++)
            out[j] = minus * row[j];
    }
}

static void normal_sample(const jf_latent *self, size_t d, real *z,
                          gsl_rng *rng)
{
    (void)self;
    for (size_t j = 0; j < d; j++)
        z[j] = (real)jf_stream_normal(rng, 1.0);
}

/* The ends are compared as reals, so that no draw falls outside by rounding. */
static void uniform_density(const jf_latent *self, jf_const_matrix z,
                            double *log_q, double scale, jf_matrix dz)
{
    real a = (real)self->a, b = (real)self->b;
    double inside = -(double)z.cols * log(self->b - self->a);

    (void)scale;
    for (size_t i = 0; i < z.rows; i++) {
        const real *row = jf_const_row(z, i);
        double value = inside;
        for (size_t j = 0; j < z.cols; j++)
            if (isnan(row[j]))
                value = (double)NAN;
            else if (row[j] < a || row[j] > b)
                value += (double)-INFINITY; /* NaN stays NaN */
        log_q[i] = value;
    }
    if (dz.data)
        jf_matrix_fill(dz, 0);
}

static void uniform_sample(const jf_latent *self, size_t d, real *z,
                           gsl_rng *rng)
{
    for (size_t j = 0; j < d; j++)
        z[j] = (real)(self->a + (self->b - self->a) * gsl_rng_uniform(rng));
}

/* With |z| the exponential cannot overflow, and nothing cancels. */
static void logistic_density(const jf_latent *self, jf_const_matrix z,
                             double *log_q, double scale, jf_matrix dz)
{
    (void)self;
    for (size_t i = 0; i < z.rows; i++) {
        const real *row = jf_const_row(z, i);
        double sum = 0;
        for (size_t j = 0; j < z.cols; j++) {
            double m = fabs((double)row[j]);
            sum += m + 2.0 * log1p(exp(-m));
        }
        log_q[i] = -sum;
        for (size_t j = 0; dz.data && j < z.cols; j++)
            jf_row(dz, i)[j] = (real)(-scale * tanh(0.5 * (double)row[j]));
    }
}

static void logistic_sample(const jf_latent *self, size_t d, real *z,
                            gsl_rng *rng)
{
    (void)self;
    for (size_t j = 0; j < d; j++)
        z[j] = (real)gsl_ran_logistic(rng, 1.0);
}

/* log(1 + z^2 / v) for large |z| is taken as 2 log|z| - log v, before z^2
 * overflows; the terms left out are below v / z^2 < 1e-100. */
static void student_density(const jf_latent *self, jf_const_matrix z,
                            double *log_q, double scale, jf_matrix dz)
{
    double v = self->a, half = 0.5 * (v + 1.0);
    double one = lgamma(half) - lgamma(0.5 * v) - 0.5 * log(v * M_PI);

    for (size_t i = 0; i < z.rows; i++) {
        const real *row = jf_const_row(z, i);
        double sum = 0;
        for (size_t j = 0; j < z.cols; j++) {
            double x = (double)row[j], m = fabs(x);
            sum +=
                m < 1e100 * sqrt(v) ? log1p(x * x / v) : 2.0 * log(m) - log(v);
            if (dz.data) /* x / (v + x^2), without the square */
                jf_row(dz, i)[j] =
                    (real)(m > 1.0 ? -scale * 2.0 * half / (v / x + x)
                                   : -scale * 2.0 * half * x / (v + x * x));
        }
        log_q[i] = (double)z.cols * one - half * sum;
    }
}

static void student_sample(const jf_latent *self, size_t d, real *z,
                           gsl_rng *rng)
{
    for (size_t j = 0; j < d; j++)
        z[j] = (real)gsl_ran_tdist(rng, self->a);
}

/* log of w_k / sum(w) N(z; m_k, s_k^2 I). */
static double part_density(const jf_latent *self, size_t k, size_t d,
                           const real *z, double log_sum)
{
    const double *mean = self->mean + k * d;
    double s = self->sd[k], sum = 0;
    for (size_t j = 0; j < d; j++) {
        double u = ((double)z[j] - mean[j]) / s;
        sum += u * u;
    }
    return log(self->weight[k]) - log_sum - 0.5 * sum -
           (double)d * (0.5 * JF_LOG_2PI + log(s));
}

static double total_weight(const jf_latent *self)
{
    double sum = 0;
    for (size_t k = 0; k < self->components; k++)
        sum += self->weight[k];
    return sum;
}

/* log sum exp over the components in one pass: the sum is kept relative to the
 * largest term so far. */
static double mixture_row(const jf_latent *self, size_t d, const real *z,
                          double log_sum)
{
    double top = (double)-INFINITY, sum = 0;
    for (size_t k = 0; k < self->components; k++) {
        double term = part_density(self, k, d, z, log_sum);
        if (isnan(term))
            return (double)NAN;
        if (term > top) {
            sum = sum * exp(top - term) + 1.0;
            top = term;
        } else if (isfinite(term)) {
            sum += exp(term - top);
        }
    }
    return sum > 0 ? top + log(sum) : (double)-INFINITY;
}

static void mixture_density(const jf_latent *self, jf_const_matrix z,
                            double *log_q, double scale, jf_matrix dz)
{
    double log_sum = log(total_weight(self));

    if (dz.data)
        jf_matrix_fill(dz, 0);
    for (size_t i = 0; i < z.rows; i++) {
        const real *row = jf_const_row(z, i);
        log_q[i] = mixture_row(self, z.cols, row, log_sum);
        if (!dz.data || isinf(log_q[i]))
            continue;
        for (size_t k = 0; k < self->components; k++) {
            double share =
                exp(part_density(self, k, z.cols, row, log_sum) - log_q[i]);
            double w = scale * share / (self->sd[k] * self->sd[k]);
            const double *mean = self->mean + k * z.cols;
            for (size_t j = 0; j < z.cols; j++)
                jf_row(dz, i)[j] += (real)(w * (mean[j] - (double)row[j]));
        }
    }
}

static void mixture_sample(const jf_latent *self, size_t d, real *z,
                           gsl_rng *rng)
{
    double u = gsl_rng_uniform(rng) * total_weight(self);
    size_t k = 0;
    while (k + 1 < self->components && u >= self->weight[k])
        u -= self->weight[k++];
    for (size_t j = 0; j < d; j++)
        z[j] =
            (real)(self->mean[k * d + j] + jf_stream_normal(rng, self->sd[k]));
}

jf_latent jf_normal(void)
{
    return (jf_latent){.name = "normal",
                       .log_density = normal_density,
                       .sample = normal_sample};
}

jf_latent jf_uniform(double a, double b)
{
    jf_latent q = {.name = "uniform",
                   .log_density = uniform_density,
                   .sample = uniform_sample,
                   .a = a,
                   .b = b};
    if (!(a < b) || !isfinite(b - a))
        JF_ERROR_VAL("a box needs finite a < b", GSL_EINVAL, q);
    return q;
}

jf_latent jf_logistic(void)
{
    return (jf_latent){.name = "logistic",
                       .log_density = logistic_density,
                       .sample = logistic_sample};
}

jf_latent jf_student(double degrees)
{
    jf_latent q = {.name = "student",
                   .log_density = student_density,
                   .sample = student_sample,
                   .a = degrees};
    if (!(degrees > 0) || !isfinite(degrees))
        JF_ERROR_VAL("degrees of freedom must be positive", GSL_EINVAL, q);
    return q;
}

jf_latent jf_mixture(size_t components, const double *weight,
                     const double *mean, const double *sd)
{
    jf_latent q = {.name = "mixture",
                   .log_density = mixture_density,
                   .sample = mixture_sample,
                   .components = components,
                   .weight = weight,
                   .mean = mean,
                   .sd = sd};
    double sum = 0;
    int good = components > 0;
    for (size_t k = 0; k < components; k++) {
        good &= weight[k] >= 0 && sd[k] > 0 && isfinite(sd[k]);
        sum += weight[k];
    }
    if (!good || !(sum > 0) || !isfinite(sum))
        JF_ERROR_VAL("a mixture needs weights >= 0, not all 0, and sd > 0",
                     GSL_EINVAL, q);
    return q;
}

void jf_latent_sample(const jf_latent *q, jf_matrix z, unsigned long seed,
                      unsigned long step)
{
    jf_stream stream;
    gsl_rng *rng = jf_stream_in(&stream);
    for (size_t i = 0; i < z.rows; i++) {
        jf_stream_seek(rng, seed, JF_PURPOSE_LATENT, step, i);
        q->sample(q, z.cols, jf_row(z, i), rng);
    }
}
