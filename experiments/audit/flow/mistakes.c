/* mistakes.c -- known mistakes and the traces that they leave.
 *
 * A row predicts its trace by coefficients (mistakes.h), of which fit
 * may find one in the numbers, or says itself whether it holds.  In each trace
 * rows without a parameter stand before those with one, and those before what
 * holds of everything. */
#include "mistakes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_math.h>
#include <gsl/gsl_sort.h>

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

const hypothesis known_mistakes[MISTAKES] = {
    {"sign", "C1.1", RESIDUAL, .ld = -2,
     .says = "the log-determinant enters log_likelihood with the wrong sign",
     .remedy = "log p(x) = log p_Z(f(x)) + log|det df/dx| for f from data to "
             "latent; the determinant of the sampling direction has the "
             "opposite sign"},
    {"sign of likelihood", "C2.1", RESIDUAL, .ld = -2, .base = -2,
     .says = "log_likelihood is the negative log-likelihood",
     .remedy = "write minus the loss"},
    {"constant", "C1.1", RESIDUAL, .per_d = JF_LOG_2PI,
     .says = "(d/2) log 2 pi is added where it is to be subtracted",
     .remedy = "log N(z; 0, I) = -|z|^2/2 - (d/2) log 2 pi"},
    {"constant", "C1.1", RESIDUAL, .per_d = HALF_LOG_2PI,
     .says = "the constant -(d/2) log 2 pi of the base is missing",
     .remedy = "log N(z; 0, I) = -|z|^2/2 - (d/2) log 2 pi"},
    {"constant", "C1.1", RESIDUAL, .per_d = HALF_LOG_2PI,
     .constant = -HALF_LOG_2PI,
     .says = "(1/2) log 2 pi is subtracted once, not once a dimension",
     .remedy = "sum the constant over dimensions: (d/2) log 2 pi"},
    {"constant", "C1.1", RESIDUAL, .per_d = -HALF_LOG_2PI,
     .says = "(d/2) log 2 pi is subtracted twice",
     .remedy = "log N(z; 0, I) = -|z|^2/2 - (d/2) log 2 pi, once"},
    {"left out", "C1.1", RESIDUAL, .ld = -1,
     .says = "log_likelihood is log p_Z(z) alone, the log-determinant is not "
             "added",
     .remedy = "add log_abs_det"},
    {"base left out", "C1.1", RESIDUAL, .base = -1,
     .says = "log_likelihood is log_abs_det alone, as over a uniform base",
     .remedy = "add log p_Z(z), or audit with the base that you mean: here it "
             "is N(0, I)"},
    {"half", "C1.1", RESIDUAL, .ld = -0.5,
     .says = "log_likelihood holds half of log_abs_det",
     .remedy = "log|det W| is 1/2 log det(W'W): one of the two is halved twice, "
             "or a covariance stands where its root should"},
    {"half", "C1.1", RESIDUAL, .ld = 1,
     .says = "log_likelihood holds twice log_abs_det",
     .remedy = "log|det W| is 1/2 log det(W'W): one column has the determinant, "
             "the other that of a covariance"},
    {"bits", "C1.1", RESIDUAL, .ld = 1 / M_LN2 - 1,
     .says = "log_likelihood adds the log-determinant in bits (log2)",
     .remedy = "use the natural logarithm in both"},
    {"bits", "C1.1", RESIDUAL, .ld = M_LN2 - 1,
     .says = "log_abs_det is in bits (log2), log_likelihood in nats",
     .remedy = "multiply log_abs_det by log 2"},
    {"bits", "C1.1", RESIDUAL, .ld = 1 / M_LN2 - 1, .base = 1 / M_LN2 - 1,
     .says = "log_likelihood is in bits, log_abs_det in nats",
     .remedy = "multiply log_likelihood by log 2"},
    {"log10", "C1.1", RESIDUAL, .ld = 1 / LOG_10 - 1,
     .says = "log_likelihood adds a decimal logarithm of the determinant",
     .remedy = "use the natural logarithm"},
    {"log10", "C1.1", RESIDUAL, .ld = LOG_10 - 1,
     .says = "log_abs_det is a decimal logarithm",
     .remedy = "use the natural logarithm"},
    {"mean over dimensions", "C1.1", RESIDUAL, .ld = -1, .ld_by_d = 1,
     .says = "log_likelihood adds the mean over dimensions of the log scales, "
             "log_abs_det is their sum",
     .remedy = "sum over dimensions, mean over rows only"},
    {"mean over dimensions", "C1.1", RESIDUAL, .ld = -1, .ld_d = 1,
     .says = "log_abs_det is a mean over dimensions, log_likelihood has the "
             "sum",
     .remedy = "sum over dimensions, mean over rows only"},
    {"mean over dimensions", "C1.1", RESIDUAL, .base = -1, .base_by_d = 1,
     .says = "log p_Z(z) is averaged over dimensions",
     .remedy = "sum log N(z_j; 0, 1) over j"},
    {"mean over dimensions", "C1.1", RESIDUAL, .ld = -1, .ld_by_d = 1,
     .base = -1, .base_by_d = 1,
     .says = "log_likelihood is per dimension, log_abs_det is not",
     .remedy = "multiply log_likelihood by d"},
    {"square", "C1.1", RESIDUAL, .half = -1,
     .says = "the base has |z|^2 where it should have |z|^2/2",
     .remedy = "log N(z; 0, I) = -|z|^2/2 - (d/2) log 2 pi"},
    {"square", "C1.1", RESIDUAL, .half = 2,
     .says = "|z|^2/2 enters the base with the wrong sign",
     .remedy = "log N(z; 0, I) = -|z|^2/2 - (d/2) log 2 pi"},
    {"scale of pixels", "C7.1", RESIDUAL, .per_d = -LOG_256,
     .says = "log_likelihood has the d log 256 of scaling pixels, log_abs_det "
             "has not",
     .remedy = "count the scaling of the data in both or in neither"},
    {"scale of pixels", "C7.1", RESIDUAL, .per_d = LOG_256,
     .says = "log_abs_det has the -d log 256 of scaling pixels, log_likelihood "
             "has not",
     .remedy = "count the scaling of the data in both or in neither"},
    {"averaged over batch", "C2.1", RESIDUAL, .holds = ll_averaged,
     .says = "log_likelihood is one number for all rows: a mean (or sum) over "
             "the batch",
     .remedy = "write it before the reduction, a number a row"},
    {"log-det averaged", "C1.1", RESIDUAL, .holds = ld_averaged,
     .says = "log_abs_det is averaged over the batch, log_likelihood is not",
     .remedy = "sum log-determinants over dimensions only"},
    {"order of z", "C1.1", RESIDUAL, .holds = z_reordered,
     .says = "z is that of other rows: the same numbers in another order",
     .remedy = "a shuffling loader ran twice, or a batch was kept too long; "
             "write all columns in one pass"},
    {"order of log-det", "C1.1", RESIDUAL, .holds = ld_reordered,
     .says = "log_abs_det is that of other rows: the same numbers in another "
             "order",
     .remedy = "write all columns in one pass"},
    {"order of likelihood", "C1.1", RESIDUAL, .holds = ll_reordered,
     .says = "log_likelihood is that of other rows: the same numbers in "
             "another order",
     .remedy = "write all columns in one pass"},
    {"other batch", "C1.2", RESIDUAL, .holds = other_batch,
     .says = "z is that of another batch: its law is right, but it is not the "
             "z of these likelihoods",
     .remedy = "write z, log_abs_det and log_likelihood of the same call"},
    {"factor", "C3.6", RESIDUAL, .fit = fit_factor,
     .says = "log_likelihood holds %g times log_abs_det",
     .remedy = "a 1x1 convolution or actnorm counts height x width times in the "
             "log-determinant, once a pixel: one column forgot it"},
    {"base", "C1.2", RESIDUAL, .fit = fit_base,
     .says = "the base of log_likelihood has standard deviation %.6g, not 1",
     .remedy = "if you mean that base, divide z by it and subtract d log of it "
             "from log_abs_det; otherwise score with N(0, I)"},
    {"shift", "C1.1", RESIDUAL, .fit = fit_constant,
     .says = "log_likelihood is larger by the constant %.9g nats at all rows",
     .remedy = "a layer that does not depend on x (scaling of the data, actnorm, "
             "1x1 convolution) is counted in one column and not in the other"},
    {"two passes", "C6.3", RESIDUAL, .holds = small_everywhere,
     .says = "the columns differ by up to %.3g times their rounding, and in no "
             "pattern: no formula is wrong",
     .remedy = "they come from separate passes, or from arithmetic that is "
             "coarser than the numbers written; harmless if that is known"},
    {"noise", "C6.3", RESIDUAL, .holds = noise,
     .says = "the columns differ by noise of standard deviation %.3g without "
             "an offset",
     .remedy = "two passes with dropout, batch statistics, dequantisation noise "
             "or a stochastic log-determinant: use one pass, in evaluation "
             "mode"},
    {"unknown", "C1.1", RESIDUAL, .holds = always,
     .says = "the columns contradict each other in no way that is known here",
     .remedy = "print log p_Z(z), log_abs_det and their sum for one row, layer "
             "by layer"},

    {"left out", "C4.1", VOLUME, .holds = ld_is_zero,
     .says = "log_abs_det is 0, but the map changes volume",
     .remedy = "add up the log-determinants of the layers"},
    {"sign", "C4.1", VOLUME, .ld = -2,
     .says = "log_abs_det has the wrong sign, in both columns",
     .remedy = "log p(x) needs log|det df/dx| for f from data to latent; the "
             "determinant of the sampling direction has the opposite sign"},
    {"half", "C4.1", VOLUME, .ld = 1,
     .says = "log_abs_det is half of the change of volume, in both columns",
     .remedy = "a square root is taken twice: log|det W| = 1/2 log det(W'W)"},
    {"half", "C4.1", VOLUME, .ld = -0.5,
     .says = "log_abs_det is twice the change of volume, in both columns",
     .remedy = "a covariance stands where its root should: log|det W| = 1/2 "
             "log det(W'W)"},
    {"bits", "C4.1", VOLUME, .ld = M_LN2 - 1,
     .says = "log_abs_det is in bits (log2), in both columns",
     .remedy = "use the natural logarithm"},
    {"log10", "C4.1", VOLUME, .ld = LOG_10 - 1,
     .says = "log_abs_det is a decimal logarithm, in both columns",
     .remedy = "use the natural logarithm"},
    {"mean over dimensions", "C4.1", VOLUME, .ld = -1, .ld_d = 1,
     .says = "log_abs_det is a mean over dimensions, in both columns",
     .remedy = "sum over dimensions (if d is the number of pixels: a layer "
             "counts once a pixel)"},
    {"factor d", "C4.1", VOLUME, .ld = -1, .ld_by_d = 1,
     .says = "log_abs_det is d times the change of volume, in both columns",
     .remedy = "the log-determinant of a whole layer is summed once more over "
             "dimensions"},
    {"log-det averaged", "C4.1", VOLUME, .holds = ld_averaged_in_both,
     .says = "log_abs_det is one number for all rows, in both columns; the "
             "change of volume is not",
     .remedy = "sum log-determinants over dimensions only, not over the batch"},
    {"factor", "C3.6", VOLUME, .fit = fit_factor,
     .says = "the change of volume is %g times log_abs_det, in both columns",
     .remedy = "a 1x1 convolution or actnorm counts height x width times in the "
             "log-determinant, once a pixel"},
    {"epsilon", "C4.1", VOLUME, .fit = fit_epsilon,
     .says = "scale and log-determinant differ by an epsilon of about %.2g "
             "(if positive, z is multiplied by s + epsilon and log s added; if "
             "negative, the reverse)",
     .remedy = "take the logarithm of the very scale that multiplies"},
    {"epsilon", "C4.1", VOLUME, .fit = fit_small_constant,
     .says = "log_abs_det lacks the small constant %.4g nats at all rows, in "
             "both columns",
     .remedy = "does an actnorm multiply by s + epsilon and add log s (if "
             "positive; the reverse if negative)? take the logarithm of the "
             "very scale that multiplies"},
    {"shift", "C4.1", VOLUME, .fit = fit_constant,
     .says = "log_abs_det lacks the constant %.4g nats at all rows, in both "
             "columns",
     .remedy = "a layer that does not depend on x is miscounted: an actnorm or "
             "1x1 convolution without its factor height x width, or the "
             "scaling of the data left out"},
    {"unknown", "C4.1", VOLUME, .holds = always,
     .says = "log_abs_det is not the change of volume, in no way that is known "
             "here",
     .remedy = "compare each layer with a finite difference of its own"},

    {"too small", "C3.8", GAUSSIAN, .holds = always,
     .says = "z is normal, but a Gaussian explains x better than "
             "log_likelihood does: log_abs_det is too small in mean, in both "
             "columns",
     .remedy = "a sign, a factor or a layer; more rows (or a flow less curved) "
             "would tell which by the volume"},

    {"base", "C5.3", LAW, .holds = law_scaled,
     .says = "z is N(0, sd^2 I) with sd = %.4g: the flow was trained over a "
             "base of that standard deviation, or a last scale is missing",
     .remedy = "score with the base of training, or divide z by sd and subtract "
             "d log sd from log_abs_det"},
    {"mean", "C5.3", LAW, .holds = law_shifted,
     .says = "z is normal, but not centred",
     .remedy = "a bias is missing, or the data were centred in training and not "
             "here"},
    {"columns", "C5.3", LAW, .holds = law_columns,
     .says = "z is normal column by column, with other means and scales",
     .remedy = "a diagonal layer behind the flow would mend it: is the actnorm "
             "initialised, are the data scaled as in training?"},
    {"too wide", "C2.8", LAW, .holds = law_wide,
     .says = "z is wider than the base, E |z|^2 / d = %.4g, and not normal: "
             "the flow does not fit these rows",
     .remedy = "on held-out rows: overfitting, or other data than in training; "
             "on training rows: underfitting"},
    {"too narrow", "C2.1", LAW, .holds = law_narrow,
     .says = "z is not normal (E |z|^2 / d = %.4g): the flow does not fit "
             "these rows",
     .remedy = "train longer or with more layers; no formula is at fault as far "
             "as can be seen"},

    {"not finite", "C6.3", ROWS, .holds = some_rows,
     .says = "%.3g%% of the rows are not finite; the others are sound",
     .remedy = "exp of an unbounded log scale overflows, or log of a scale that "
             "became 0: clamp log scales on both sides"},
};

int is_last_resort(const hypothesis *h)
{
    return h->holds == always || h->holds == law_wide || h->holds == law_narrow;
}
