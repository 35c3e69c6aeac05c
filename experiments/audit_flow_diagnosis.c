/* audit_flow_diagnosis.c -- which mistake leaves such a trace.
 *
 * Traces, with a = log_abs_det, B = log N(z; 0, I), T the change of volume by
 * neighbours:
 *     residual   ll - B - a    exact, at every row
 *     volume     T - a         with the errors of T; needs x
 *     Gaussian   that one explains x better although z is normal; needs x
 *     law        of z alone
 * Every known mistake is a row of one table: the trace that it predicts, in
 * coefficients, what it means and what to do.  A row fits a residual when it
 * leaves no more than rounding at any row; it fits a volume when it leaves no
 * more than five errors, and no more than twice what the best row leaves.  Of
 * several that fit the first is told and the others are named. */
#include "audit_flow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_math.h>
#include <gsl/gsl_sort.h>

typedef enum { RESIDUAL, VOLUME, GAUSSIAN, LAW, ROWS } trace;

typedef struct { /* a trace, as numbers */
    size_t n, d;
    double *value, *ld, *base, *half, *allowed;
} evidence;

/* value = (ld + ld_d d + ld_by_d / d) a + (base + base_by_d / d) B
 *         + half |z|^2/2 + per_d d + constant + d log(1 + epsilon e^(-a/d)) */
struct hypothesis {
    const char *name, *claim;
    trace trace;
    double ld, ld_d, ld_by_d, base, base_by_d, half, per_d, constant, epsilon;
    /* Fill coefficients of a copy from the numbers: 0 when they make no sense.
     * Or, instead of coefficients, whether it holds. */
    int (*fit)(const evidence *v, hypothesis *h, double *parameter);
    int (*holds)(const flow_numbers *f, const audit_report *r,
                 double *parameter);
    const char *says, *todo;
};

static double predicted(const hypothesis *h, const evidence *v, size_t i)
{
    double d = (double)v->d;
    double p = (h->ld + h->ld_d * d + h->ld_by_d / d) * v->ld[i] +
               (h->base + h->base_by_d / d) * v->base[i] +
               h->half * v->half[i] + h->per_d * d + h->constant;
    if (h->epsilon != 0)
        p += d * log1p(h->epsilon * exp(-v->ld[i] / d));
    return p;
}

/* Rounding of a prediction grows with its coefficients. */
static double size_of(const hypothesis *h, double d)
{
    return 1 + fabs(h->ld + h->ld_d * d + h->ld_by_d / d) +
           fabs(h->base + h->base_by_d / d) + fabs(h->half) + (h->fit ? 4 : 0);
}

static double mean_of(size_t n, const double *v)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i] / (double)n;
    return sum;
}

static double middle_of(const evidence *v)
{
    double *copy = jf_alloc(v->n, sizeof *copy);
    memcpy(copy, v->value, v->n * sizeof *copy);
    double m = median(v->n, copy);
    free(copy);
    return m;
}

/* The slope of y on x; 0 when x is constant. */
static double slope(size_t n, const double *x, const double *y)
{
    double mx = mean_of(n, x), my = mean_of(n, y), xx = 0, xy = 0;
    for (size_t i = 0; i < n; i++) {
        xx += gsl_pow_2(x[i] - mx);
        xy += (x[i] - mx) * (y[i] - my);
    }
    return xx > 0 ? xy / xx : 0;
}

static double spread(size_t n, const double *v)
{
    double m = mean_of(n, v), sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += gsl_pow_2(v[i] - m);
    return sqrt(sum / (double)n);
}

/* value = (k - 1) a or (1/k - 1) a, k whole. */
static int fit_factor(const evidence *v, hypothesis *h, double *k)
{
    double va = 0, aa = 0;
    for (size_t i = 0; i < v->n; i++) {
        va += v->value[i] * v->ld[i];
        aa += gsl_pow_2(v->ld[i]);
    }
    double ratio = aa > 0 ? va / aa + 1 : 1;
    *k = ratio >= 1 ? round(ratio) : ratio > 0 ? 1 / round(1 / ratio) : 1;
    h->ld = *k - 1;
    return *k != 1;
}

static int fit_constant(const evidence *v, hypothesis *h, double *c)
{
    *c = h->constant = middle_of(v);
    return 1;
}

/* The base N(0, sd^2): value = (1 - 1/sd^2) |z|^2/2 - d log sd. */
static int fit_base(const evidence *v, hypothesis *h, double *sd)
{
    h->half = slope(v->n, v->half, v->value);
    *sd = 1 / sqrt(1 - h->half);
    h->per_d = -log(*sd);
    return h->half < 1 && fabs(h->half) > 1e-6;
}

/* A scale that is s + epsilon in z and s in a (or the reverse, when epsilon
 * comes out negative), small beside s. */
static int fit_epsilon(const evidence *v, hypothesis *h, double *epsilon)
{
    double d = (double)v->d, typical = exp(mean_of(v->n, v->ld) / d);
    double low = -0.3 * typical, high = 0.3 * typical;
    double target = middle_of(v);
    for (int k = 0; k < 100; k++) {
        double mean = 0;
        *epsilon = (low + high) / 2;
        for (size_t i = 0; i < v->n; i++)
            mean += d * log1p(*epsilon * exp(-v->ld[i] / d)) / (double)v->n;
        *(mean > target ? &high : &low) = *epsilon;
    }
    h->epsilon = *epsilon;
    return fabs(*epsilon) < 0.299 * typical;
}

/* A constant that an epsilon within 0.3 of the scale would leave. */
static int fit_small_constant(const evidence *v, hypothesis *h, double *c)
{
    *c = h->constant = middle_of(v);
    return fabs(*c) < 0.26 * (double)v->d;
}

/* Whether a and b hold the same numbers in another order. */
static int same_set(size_t n, const double *a, const double *b,
                    const double *allowed)
{
    double *s = jf_alloc(2 * n, sizeof *s), *t = s + n, most = 0;
    int same = 1;
    memcpy(s, a, n * sizeof *s);
    memcpy(t, b, n * sizeof *t);
    gsl_sort(s, 1, n);
    gsl_sort(t, 1, n);
    for (size_t i = 0; i < n; i++)
        most = fmax(most, allowed[i]);
    for (size_t i = 0; same && i < n; i++)
        same = fabs(s[i] - t[i]) <= 2 * most;
    free(s);
    return same;
}

static int difference_is(const flow_numbers *f, const double *a,
                         const double *b, const double *c)
{
    double *v = jf_alloc(f->n, sizeof *v);
    for (size_t i = 0; i < f->n; i++)
        v[i] = a[i] - b[i];
    int same = same_set(f->n, v, c, f->allowed);
    free(v);
    return same;
}

static int z_reordered(const flow_numbers *f, const audit_report *r,
                       double *parameter)
{
    (void)r, (void)parameter;
    return difference_is(f, f->ll, f->ld, f->base);
}

static int ld_reordered(const flow_numbers *f, const audit_report *r,
                        double *parameter)
{
    (void)r, (void)parameter;
    return difference_is(f, f->ll, f->base, f->ld);
}

static int ll_reordered(const flow_numbers *f, const audit_report *r,
                        double *parameter)
{
    double *sum = jf_alloc(f->n, sizeof *sum);
    (void)r, (void)parameter;
    for (size_t i = 0; i < f->n; i++)
        sum[i] = f->base[i] + f->ld[i];
    int same = same_set(f->n, sum, f->ll, f->allowed);
    free(sum);
    return same;
}

/* -(ll - ld) follows the law of |z|^2/2, but is not that of this z. */
static int other_batch(const flow_numbers *f, const audit_report *r,
                       double *parameter)
{
    double *v = jf_alloc(f->n, sizeof *v), n = (double)f->n;
    (void)parameter;
    for (size_t i = 0; i < f->n; i++)
        v[i] = f->ld[i] - f->ll[i] - (double)f->d / 2 * JF_LOG_2PI;
    double distance = audit_gamma_distance(f->n, f->d, v);
    double correlation =
        slope(f->n, f->half, v) * spread(f->n, f->half) / spread(f->n, v);
    free(v);
    return distance <= audit_distance_allowed(f->n, r->level) &&
           fabs(correlation) < 5 / sqrt(n);
}

static int is_constant(size_t n, const double *v, const double *allowed)
{
    double low = v[0], high = v[0], most = 0;
    for (size_t i = 0; i < n; i++) {
        low = fmin(low, v[i]);
        high = fmax(high, v[i]);
        most = fmax(most, allowed[i]);
    }
    return high - low <= most;
}

static int ll_averaged(const flow_numbers *f, const audit_report *r,
                       double *parameter)
{
    (void)r, (void)parameter;
    return f->n > 1 && is_constant(f->n, f->ll, f->allowed);
}

/* One log-determinant for all rows: the mean of what should be there. */
static int ld_averaged(const flow_numbers *f, const audit_report *r,
                       double *parameter)
{
    double mean = 0, most = 0;
    (void)r, (void)parameter;
    for (size_t i = 0; i < f->n; i++) {
        mean += (f->ll[i] - f->base[i] - f->ld[i]) / (double)f->n;
        most = fmax(most, f->allowed[i]);
    }
    return is_constant(f->n, f->ld, f->allowed) && fabs(mean) <= 4 * most;
}

static int ld_averaged_in_both(const flow_numbers *f, const audit_report *r,
                               double *parameter)
{
    (void)parameter;
    return is_constant(f->n, f->ld, f->allowed) &&
           fabs(r->volume.middle) <= r->least_visible;
}

static int ld_is_zero(const flow_numbers *f, const audit_report *r,
                      double *parameter)
{
    (void)r, (void)parameter;
    for (size_t i = 0; i < f->n; i++)
        if (fabs(f->ld[i]) > f->allowed[i])
            return 0;
    return 1;
}

/* Small at every row, but above rounding. */
static int small_everywhere(const flow_numbers *f, const audit_report *r,
                            double *times)
{
    (void)r;
    *times = 0;
    for (size_t i = 0; i < f->n; i++)
        *times = fmax(*times,
                      fabs(f->ll[i] - f->base[i] - f->ld[i]) / f->allowed[i]);
    return *times <= 1000;
}

/* No offset, and most of the variance of B is there all the same. */
static int noise(const flow_numbers *f, const audit_report *r, double *sd)
{
    double *v = jf_alloc(2 * f->n, sizeof *v), *w = v + f->n;
    (void)r;
    for (size_t i = 0; i < f->n; i++) {
        v[i] = f->ll[i] - f->base[i] - f->ld[i];
        w[i] = f->ll[i] - f->ld[i];
    }
    jf_sample_moments m = jf_sample_of(f->n, v);
    *sd = sqrt(m.variance);
    int holds = fabs(m.mean) <= 5 * m.se && *sd < 0.5 * spread(f->n, f->base) &&
                slope(f->n, f->base, w) > 0.5;
    free(v);
    return holds;
}

/* Whether z passes every test of its law once it is shifted and scaled. */
static int law_after(const flow_numbers *f, const audit_report *r, int centre,
                     int by_column, double *sd)
{
    size_t n = f->n, d = f->d;
    double *z = jf_alloc(n * d, sizeof *z), total = 0;
    memcpy(z, f->z, n * d * sizeof *z);
    for (size_t j = 0; j < d; j++) {
        double mean = 0, moment = 0;
        for (size_t i = 0; centre && i < n; i++)
            mean += z[i * d + j] / (double)n;
        for (size_t i = 0; i < n; i++) {
            z[i * d + j] -= mean;
            moment += gsl_pow_2(z[i * d + j]) / (double)n;
        }
        for (size_t i = 0; by_column && i < n; i++)
            z[i * d + j] /= sqrt(moment);
        total += moment / (double)d;
    }
    *sd = sqrt(total);
    for (size_t i = 0; !centre && !by_column && i < n * d; i++)
        z[i] /= *sd;
    size_t bad = audit_law(n, d, z, r->level, NULL);
    free(z);
    return bad == 0;
}

static int law_scaled(const flow_numbers *f, const audit_report *r, double *sd)
{
    return law_after(f, r, 0, 0, sd);
}

static int law_shifted(const flow_numbers *f, const audit_report *r, double *sd)
{
    return law_after(f, r, 1, 0, sd);
}

static int law_columns(const flow_numbers *f, const audit_report *r, double *sd)
{
    return law_after(f, r, 1, 1, sd);
}

static int law_wide(const flow_numbers *f, const audit_report *r, double *ratio)
{
    (void)r;
    *ratio = mean_of(f->n, f->half) * 2 / (double)f->d;
    return *ratio > 1;
}

static int law_narrow(const flow_numbers *f, const audit_report *r,
                      double *ratio)
{
    return !law_wide(f, r, ratio);
}

static int some_rows(const flow_numbers *f, const audit_report *r,
                     double *share)
{
    (void)r;
    *share = 100 * (double)(f->rows - f->n) / (double)f->rows;
    return f->rows > f->n;
}

static int always(const flow_numbers *f, const audit_report *r,
                  double *parameter)
{
    (void)f, (void)r;
    *parameter = 0;
    return 1;
}

#define LOG_10 2.30258509299404568
#define LOG_256 5.54517744447956248
#define HALF_LOG_2PI (0.5 * JF_LOG_2PI)

static const hypothesis table[] = {
    {"sign", "C1.1", RESIDUAL, .ld = -2,
     .says = "the log-determinant enters log_likelihood with the wrong sign",
     .todo = "log p(x) = log p_Z(f(x)) + log|det df/dx| for f from data to "
             "latent; the determinant of the sampling direction has the "
             "opposite sign"},
    {"sign of likelihood", "C2.1", RESIDUAL, .ld = -2, .base = -2,
     .says = "log_likelihood is the negative log-likelihood",
     .todo = "write minus the loss"},
    {"constant", "C1.1", RESIDUAL, .per_d = JF_LOG_2PI,
     .says = "(d/2) log 2 pi is added where it is to be subtracted",
     .todo = "log N(z; 0, I) = -|z|^2/2 - (d/2) log 2 pi"},
    {"constant", "C1.1", RESIDUAL, .per_d = HALF_LOG_2PI,
     .says = "the constant -(d/2) log 2 pi of the base is missing",
     .todo = "log N(z; 0, I) = -|z|^2/2 - (d/2) log 2 pi"},
    {"constant", "C1.1", RESIDUAL, .per_d = HALF_LOG_2PI,
     .constant = -HALF_LOG_2PI,
     .says = "(1/2) log 2 pi is subtracted once, not once a dimension",
     .todo = "sum the constant over dimensions: (d/2) log 2 pi"},
    {"constant", "C1.1", RESIDUAL, .per_d = -HALF_LOG_2PI,
     .says = "(d/2) log 2 pi is subtracted twice",
     .todo = "log N(z; 0, I) = -|z|^2/2 - (d/2) log 2 pi, once"},
    {"left out", "C1.1", RESIDUAL, .ld = -1,
     .says = "log_likelihood is log p_Z(z) alone, the log-determinant is not "
             "added",
     .todo = "add log_abs_det"},
    {"base left out", "C1.1", RESIDUAL, .base = -1,
     .says = "log_likelihood is log_abs_det alone, as over a uniform base",
     .todo = "add log p_Z(z), or audit with the base that you mean: here it "
             "is N(0, I)"},
    {"half", "C1.1", RESIDUAL, .ld = -0.5,
     .says = "log_likelihood holds half of log_abs_det",
     .todo = "log|det W| is 1/2 log det(W'W): one of the two is halved twice, "
             "or a covariance stands where its root should"},
    {"half", "C1.1", RESIDUAL, .ld = 1,
     .says = "log_likelihood holds twice log_abs_det",
     .todo = "log|det W| is 1/2 log det(W'W): one column has the determinant, "
             "the other that of a covariance"},
    {"bits", "C1.1", RESIDUAL, .ld = 1 / M_LN2 - 1,
     .says = "log_likelihood adds the log-determinant in bits (log2)",
     .todo = "use the natural logarithm in both"},
    {"bits", "C1.1", RESIDUAL, .ld = M_LN2 - 1,
     .says = "log_abs_det is in bits (log2), log_likelihood in nats",
     .todo = "multiply log_abs_det by log 2"},
    {"bits", "C1.1", RESIDUAL, .ld = 1 / M_LN2 - 1, .base = 1 / M_LN2 - 1,
     .says = "log_likelihood is in bits, log_abs_det in nats",
     .todo = "multiply log_likelihood by log 2"},
    {"log10", "C1.1", RESIDUAL, .ld = 1 / LOG_10 - 1,
     .says = "log_likelihood adds a decimal logarithm of the determinant",
     .todo = "use the natural logarithm"},
    {"log10", "C1.1", RESIDUAL, .ld = LOG_10 - 1,
     .says = "log_abs_det is a decimal logarithm",
     .todo = "use the natural logarithm"},
    {"mean over dimensions", "C1.1", RESIDUAL, .ld = -1, .ld_by_d = 1,
     .says = "log_likelihood adds the mean over dimensions of the log scales, "
             "log_abs_det is their sum",
     .todo = "sum over dimensions, mean over rows only"},
    {"mean over dimensions", "C1.1", RESIDUAL, .ld = -1, .ld_d = 1,
     .says = "log_abs_det is a mean over dimensions, log_likelihood has the "
             "sum",
     .todo = "sum over dimensions, mean over rows only"},
    {"mean over dimensions", "C1.1", RESIDUAL, .base = -1, .base_by_d = 1,
     .says = "log p_Z(z) is averaged over dimensions",
     .todo = "sum log N(z_j; 0, 1) over j"},
    {"mean over dimensions", "C1.1", RESIDUAL, .ld = -1, .ld_by_d = 1,
     .base = -1, .base_by_d = 1,
     .says = "log_likelihood is per dimension, log_abs_det is not",
     .todo = "multiply log_likelihood by d"},
    {"square", "C1.1", RESIDUAL, .half = -1,
     .says = "the base has |z|^2 where it should have |z|^2/2",
     .todo = "log N(z; 0, I) = -|z|^2/2 - (d/2) log 2 pi"},
    {"square", "C1.1", RESIDUAL, .half = 2,
     .says = "|z|^2/2 enters the base with the wrong sign",
     .todo = "log N(z; 0, I) = -|z|^2/2 - (d/2) log 2 pi"},
    {"scale of pixels", "C7.1", RESIDUAL, .per_d = -LOG_256,
     .says = "log_likelihood has the d log 256 of scaling pixels, log_abs_det "
             "has not",
     .todo = "count the scaling of the data in both or in neither"},
    {"scale of pixels", "C7.1", RESIDUAL, .per_d = LOG_256,
     .says = "log_abs_det has the -d log 256 of scaling pixels, log_likelihood "
             "has not",
     .todo = "count the scaling of the data in both or in neither"},
    {"averaged over batch", "C2.1", RESIDUAL, .holds = ll_averaged,
     .says = "log_likelihood is one number for all rows: a mean (or sum) over "
             "the batch",
     .todo = "write it before the reduction, a number a row"},
    {"log-det averaged", "C1.1", RESIDUAL, .holds = ld_averaged,
     .says = "log_abs_det is averaged over the batch, log_likelihood is not",
     .todo = "sum log-determinants over dimensions only"},
    {"order of z", "C1.1", RESIDUAL, .holds = z_reordered,
     .says = "z is that of other rows: the same numbers in another order",
     .todo = "a shuffling loader ran twice, or a batch was kept too long; "
             "write all columns in one pass"},
    {"order of log-det", "C1.1", RESIDUAL, .holds = ld_reordered,
     .says = "log_abs_det is that of other rows: the same numbers in another "
             "order",
     .todo = "write all columns in one pass"},
    {"order of likelihood", "C1.1", RESIDUAL, .holds = ll_reordered,
     .says = "log_likelihood is that of other rows: the same numbers in "
             "another order",
     .todo = "write all columns in one pass"},
    {"other batch", "C1.2", RESIDUAL, .holds = other_batch,
     .says = "z is that of another batch: its law is right, but it is not the "
             "z of these likelihoods",
     .todo = "write z, log_abs_det and log_likelihood of the same call"},
    {"factor", "C3.6", RESIDUAL, .fit = fit_factor,
     .says = "log_likelihood holds %g times log_abs_det",
     .todo = "a 1x1 convolution or actnorm counts height x width times in the "
             "log-determinant, once a pixel: one column forgot it"},
    {"base", "C1.2", RESIDUAL, .fit = fit_base,
     .says = "the base of log_likelihood has standard deviation %.6g, not 1",
     .todo = "if you mean that base, divide z by it and subtract d log of it "
             "from log_abs_det; otherwise score with N(0, I)"},
    {"shift", "C1.1", RESIDUAL, .fit = fit_constant,
     .says = "log_likelihood is larger by the constant %.9g nats at all rows",
     .todo = "a layer that does not depend on x (scaling of the data, actnorm, "
             "1x1 convolution) is counted in one column and not in the other"},
    {"two passes", "C6.3", RESIDUAL, .holds = small_everywhere,
     .says = "the columns differ by up to %.3g times their rounding, and in no "
             "pattern: no formula is wrong",
     .todo = "they come from separate passes, or from arithmetic that is "
             "coarser than the numbers written; harmless if that is known"},
    {"noise", "C6.3", RESIDUAL, .holds = noise,
     .says = "the columns differ by noise of standard deviation %.3g without "
             "an offset",
     .todo = "two passes with dropout, batch statistics, dequantisation noise "
             "or a stochastic log-determinant: use one pass, in evaluation "
             "mode"},
    {"unknown", "C1.1", RESIDUAL, .holds = always,
     .says = "the columns contradict each other in no way that is known here",
     .todo = "print log p_Z(z), log_abs_det and their sum for one row, layer "
             "by layer"},

    {"left out", "C4.1", VOLUME, .holds = ld_is_zero,
     .says = "log_abs_det is 0, but the map changes volume",
     .todo = "add up the log-determinants of the layers"},
    {"sign", "C4.1", VOLUME, .ld = -2,
     .says = "log_abs_det has the wrong sign, in both columns",
     .todo = "log p(x) needs log|det df/dx| for f from data to latent; the "
             "determinant of the sampling direction has the opposite sign"},
    {"half", "C4.1", VOLUME, .ld = 1,
     .says = "log_abs_det is half of the change of volume, in both columns",
     .todo = "a square root is taken twice: log|det W| = 1/2 log det(W'W)"},
    {"half", "C4.1", VOLUME, .ld = -0.5,
     .says = "log_abs_det is twice the change of volume, in both columns",
     .todo = "a covariance stands where its root should: log|det W| = 1/2 "
             "log det(W'W)"},
    {"bits", "C4.1", VOLUME, .ld = M_LN2 - 1,
     .says = "log_abs_det is in bits (log2), in both columns",
     .todo = "use the natural logarithm"},
    {"log10", "C4.1", VOLUME, .ld = LOG_10 - 1,
     .says = "log_abs_det is a decimal logarithm, in both columns",
     .todo = "use the natural logarithm"},
    {"mean over dimensions", "C4.1", VOLUME, .ld = -1, .ld_d = 1,
     .says = "log_abs_det is a mean over dimensions, in both columns",
     .todo = "sum over dimensions (if d is the number of pixels: a layer "
             "counts once a pixel)"},
    {"factor d", "C4.1", VOLUME, .ld = -1, .ld_by_d = 1,
     .says = "log_abs_det is d times the change of volume, in both columns",
     .todo = "the log-determinant of a whole layer is summed once more over "
             "dimensions"},
    {"log-det averaged", "C4.1", VOLUME, .holds = ld_averaged_in_both,
     .says = "log_abs_det is one number for all rows, in both columns; the "
             "change of volume is not",
     .todo = "sum log-determinants over dimensions only, not over the batch"},
    {"factor", "C3.6", VOLUME, .fit = fit_factor,
     .says = "the change of volume is %g times log_abs_det, in both columns",
     .todo = "a 1x1 convolution or actnorm counts height x width times in the "
             "log-determinant, once a pixel"},
    {"epsilon", "C4.1", VOLUME, .fit = fit_epsilon,
     .says = "scale and log-determinant differ by an epsilon of about %.2g "
             "(if positive, z is multiplied by s + epsilon and log s added; if "
             "negative, the reverse)",
     .todo = "take the logarithm of the very scale that multiplies"},
    {"epsilon", "C4.1", VOLUME, .fit = fit_small_constant,
     .says = "log_abs_det lacks the small constant %.4g nats at all rows, in "
             "both columns",
     .todo = "does an actnorm multiply by s + epsilon and add log s (if "
             "positive; the reverse if negative)? take the logarithm of the "
             "very scale that multiplies"},
    {"shift", "C4.1", VOLUME, .fit = fit_constant,
     .says = "log_abs_det lacks the constant %.4g nats at all rows, in both "
             "columns",
     .todo = "a layer that does not depend on x is miscounted: an actnorm or "
             "1x1 convolution without its factor height x width, or the "
             "scaling of the data left out"},
    {"unknown", "C4.1", VOLUME, .holds = always,
     .says = "log_abs_det is not the change of volume, in no way that is known "
             "here",
     .todo = "compare each layer with a finite difference of its own"},

    {"too small", "C3.8", GAUSSIAN, .holds = always,
     .says = "z is normal, but a Gaussian explains x better than "
             "log_likelihood does: log_abs_det is too small in mean, in both "
             "columns",
     .todo = "a sign, a factor or a layer; more rows (or a flow less curved) "
             "would tell which by the volume"},

    {"base", "C5.3", LAW, .holds = law_scaled,
     .says = "z is N(0, sd^2 I) with sd = %.4g: the flow was trained over a "
             "base of that standard deviation, or a last scale is missing",
     .todo = "score with the base of training, or divide z by sd and subtract "
             "d log sd from log_abs_det"},
    {"mean", "C5.3", LAW, .holds = law_shifted,
     .says = "z is normal, but not centred",
     .todo = "a bias is missing, or the data were centred in training and not "
             "here"},
    {"columns", "C5.3", LAW, .holds = law_columns,
     .says = "z is normal column by column, with other means and scales",
     .todo = "a diagonal layer behind the flow would mend it: is the actnorm "
             "initialised, are the data scaled as in training?"},
    {"too wide", "C2.8", LAW, .holds = law_wide,
     .says = "z is wider than the base, E |z|^2 / d = %.4g, and not normal: "
             "the flow does not fit these rows",
     .todo = "on held-out rows: overfitting, or other data than in training; "
             "on training rows: underfitting"},
    {"too narrow", "C2.1", LAW, .holds = law_narrow,
     .says = "z is not normal (E |z|^2 / d = %.4g): the flow does not fit "
             "these rows",
     .todo = "train longer or with more layers; no formula is at fault as far "
             "as can be seen"},

    {"not finite", "C6.3", ROWS, .holds = some_rows,
     .says = "%.3g%% of the rows are not finite; the others are sound",
     .todo = "exp of an unbounded log scale overflows, or log of a scale that "
             "became 0: clamp log scales on both sides"},
};

const char *hypothesis_name(const hypothesis *h)
{
    return h ? h->name : "none";
}

const char *hypothesis_claim(const hypothesis *h)
{
    return h->claim;
}

/* The numbers of a trace, six arrays in one. */
static evidence evidence_of(const flow_numbers *f, const flow_volume *volume,
                            trace t)
{
    size_t n = t == VOLUME ? volume->centres : f->n;
    double *all = jf_alloc(5 * n, sizeof *all);
    evidence v = {n, f->d, all, all + n, all + 2 * n, all + 3 * n, all + 4 * n};
    for (size_t k = 0; k < n; k++) {
        size_t i = t == VOLUME ? volume->row[k] : k;
        v.ld[k] = f->ld[i];
        v.base[k] = f->base[i];
        v.half[k] = f->half[i];
        v.allowed[k] = f->allowed[i];
        v.value[k] = t == VOLUME ? volume->log_det[k] - f->ld[i]
                                 : f->ll[i] - f->base[i] - f->ld[i];
    }
    return v;
}

/* What the hypothesis leaves: for a residual the largest multiple of rounding,
 * for a volume the median size. */
static double left_by(const hypothesis *h, const evidence *v)
{
    double worst = 0, size = size_of(h, (double)v->d);
    double *left = jf_alloc(v->n, sizeof *left);
    for (size_t i = 0; i < v->n; i++) {
        left[i] = v->value[i] - predicted(h, v, i);
        worst = fmax(worst, fabs(left[i]) / (size * v->allowed[i]));
    }
    double typical = median_size(v->n, left);
    free(left);
    return h->trace == VOLUME ? typical : worst;
}

static double rounding(const evidence *v)
{
    double most = 0;
    for (size_t i = 0; i < v->n; i++)
        most = fmax(most, v->allowed[i]);
    return most;
}

/* Whether row k fits; left: as above, 0 for those that hold or do not. */
static int fits(size_t k, const flow_numbers *f, const audit_report *r,
                const evidence *v, double *left, double *parameter)
{
    hypothesis h = table[k];
    *left = 0;
    *parameter = 0;
    if (h.holds)
        return h.holds(f, r, parameter);
    if (h.fit && !h.fit(v, &h, parameter))
        return 0;
    *left = left_by(&h, v);
    if (h.trace == RESIDUAL)
        return *left <= 1;
    return *left <= r->least_visible + size_of(&h, (double)f->d) * rounding(v);
}

enum { ROWS_OF_TABLE = sizeof table / sizeof *table };

typedef struct {
    int good;
    double left, parameter;
} attempt;

/* The fallbacks stand at the end of their trace and fit whatever is left. */
static int is_last_resort(const hypothesis *h)
{
    return h->holds == always || h->holds == law_wide || h->holds == law_narrow;
}

static void test_rows(const flow_numbers *f, const audit_report *r, trace t,
                      const evidence *v, attempt *of)
{
    for (size_t k = 0; k < ROWS_OF_TABLE; k++)
        if (table[k].trace == t)
            of[k].good = fits(k, f, r, v, &of[k].left, &of[k].parameter);
}

/* Of estimates, only what leaves at most twice the least counts; rows without
 * a parameter come first, and of them the one that leaves the least. */
static size_t choose_volume(const evidence *v, attempt *of)
{
    double least = HUGE_VAL;
    size_t best = ROWS_OF_TABLE;
    for (size_t k = 0; k < ROWS_OF_TABLE; k++)
        if (of[k].good && !table[k].holds)
            least = fmin(least, of[k].left);
    least = fmax(least, 8 * rounding(v)); /* none is better than that */
    for (size_t k = 0; k < ROWS_OF_TABLE; k++) {
        of[k].good &= table[k].holds != NULL || of[k].left <= 2 * least;
        int free_of = !table[k].holds && !table[k].fit;
        if (of[k].good && free_of &&
            (best == ROWS_OF_TABLE || of[k].left < of[best].left))
            best = k;
    }
    return best;
}

static void choose(const flow_numbers *f, audit_report *r, trace t)
{
    evidence v = evidence_of(f, &r->volume, t);
    attempt of[ROWS_OF_TABLE] = {{0}};
    size_t best = ROWS_OF_TABLE;
    test_rows(f, r, t, &v, of);
    if (t == VOLUME)
        best = choose_volume(&v, of);
    for (size_t k = 0; k < ROWS_OF_TABLE && best == ROWS_OF_TABLE; k++)
        if (of[k].good)
            best = k;
    r->found = &table[best];
    r->parameter = of[best].parameter;
    for (size_t k = 0; k < ROWS_OF_TABLE && r->n_also < AUDIT_ALSO; k++) {
        const hypothesis *h = &table[k];
        int last_resort = is_last_resort(h), trivial = t == RESIDUAL && h->fit;
        size_t known = r->n_also;
        while (known > 0 && strcmp(r->also[known - 1]->name, h->name) != 0)
            known--;
        if (of[k].good && !last_resort && !trivial && !known &&
            strcmp(h->name, r->found->name) != 0)
            r->also[r->n_also++] = h;
    }
    free(v.value);
}

void audit_diagnose(const flow_numbers *f, audit_report *r)
{
    if (r->residual_wrong)
        choose(f, r, RESIDUAL);
    else if (r->volume_wrong)
        choose(f, r, VOLUME);
    else if (r->too_small)
        choose(f, r, GAUSSIAN);
    else if (r->misfit)
        choose(f, r, LAW);
    else if (r->wrong)
        choose(f, r, ROWS);
}

/* With x: which of two columns that contradict each other is wrong. */
static const char *where(const flow_numbers *f, const audit_report *r)
{
    const flow_volume *v = &r->volume;
    double other = 0;
    if (v->why)
        return "which of the two columns is wrong cannot be seen without "
               "columns x1 .. xd";
    if (!r->volume_wrong)
        return "log_abs_det agrees with the change of volume seen in x and z: "
               "the mistake is in log_likelihood or z";
    for (size_t k = 0; k < v->centres; k++) {
        size_t i = v->row[k];
        other += (v->log_det[k] - (f->ll[i] - f->base[i])) / (double)v->centres;
    }
    return fabs(other) <= r->least_visible
               ? "log_likelihood agrees with the change of volume seen in x "
                 "and z: the mistake is in log_abs_det"
               : "neither column agrees with the change of volume seen in x "
                 "and z";
}

void hypothesis_say(const hypothesis *h, const flow_numbers *f,
                    const audit_report *r, jf_text *text)
{
    jf_text_add(text, h->says, r->parameter);
    jf_text_add(text, ".\n");
    if (h->trace == RESIDUAL && h->holds != small_everywhere)
        jf_text_add(text, "Where: %s.\n", where(f, r));
    jf_text_add(text, "What to do: %s.\n", h->todo);
    for (size_t k = 0; k < r->n_also; k++)
        jf_text_add(text, "%s%s",
                    k ? "; " : "It could also be: ", r->also[k]->name);
    if (r->n_also)
        jf_text_add(text, ".\n");
}
