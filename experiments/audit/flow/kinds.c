/* kinds.c -- the mistakes of confusion.c: each changes what is written of an
 * exact flow, as the code of a user or of a library would. */
#include "confusion.h"
#include "examples.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_math.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#define HALF_LOG_2PI (0.5 * JF_LOG_2PI)
#define LOG_256 5.54517744447956248

static double base_at(const sample *s, size_t i)
{
    return log_normal(s->d, s->z + i * s->d, 1);
}

static void score(sample *s)
{
    for (size_t i = 0; i < s->n; i++)
        s->ll[i] = base_at(s, i) + s->ld[i];
}

void sample_evaluate(sample *s, const double *x)
{
    memmove(s->z, x, s->n * s->d * sizeof *x);
    family_evaluate(s->flow, s->n, s->z, s->ld);
    score(s);
}

static double deviation(size_t n, const double *v)
{
    return sqrt(jf_sample_of(n, v).variance);
}

/* Of log_likelihood alone, or of log_abs_det alone. */
static void ll_times_ld(sample *s, double by)
{
    for (size_t i = 0; i < s->n; i++)
        s->ll[i] += (by - 1) * s->ld[i];
}

static void ld_times(sample *s, double by)
{
    for (size_t i = 0; i < s->n; i++)
        s->ld[i] *= by;
}

static void ld_by_d(sample *s, double unused)
{
    (void)unused;
    ld_times(s, 1 / (double)s->d);
}

static void ll_plus(sample *s, double by)
{
    for (size_t i = 0; i < s->n; i++)
        s->ll[i] += by * (double)s->d;
}

static void ll_times(sample *s, double by)
{
    for (size_t i = 0; i < s->n; i++)
        s->ll[i] *= by;
}

static void ll_bits(sample *s, double sign)
{
    ll_times(s, sign / ((double)s->d * M_LN2));
}

static void ll_loss(sample *s, double unused)
{
    (void)unused;
    ll_times(s, -1);
    ll_plus(s, -HALF_LOG_2PI);
}

static void ll_is_ld(sample *s, double unused)
{
    (void)unused;
    memcpy(s->ll, s->ld, s->n * sizeof *s->ll);
}

static void ll_square(sample *s, double by)
{
    for (size_t i = 0; i < s->n; i++)
        s->ll[i] += by * (base_at(s, i) + HALF_LOG_2PI * (double)s->d);
}

static void ll_mean(sample *s, double unused)
{
    double mean = jf_sample_of(s->n, s->ll).mean;
    (void)unused;
    for (size_t i = 0; i < s->n; i++)
        s->ll[i] = mean;
}

static void base_mean(sample *s, double unused)
{
    double mean = 0;
    (void)unused;
    for (size_t i = 0; i < s->n; i++)
        mean += base_at(s, i) / (double)s->n;
    for (size_t i = 0; i < s->n; i++)
        s->ll[i] = mean + s->ld[i];
}

static void ll_noise(sample *s, double by)
{
    for (size_t i = 0; i < s->n; i++)
        s->ll[i] += jf_stream_normal(s->flow->rng, by * sqrt((double)s->d));
}

static void rows_lost(sample *s, double unused)
{
    (void)unused;
    for (size_t i = 3; i < s->n; i += 17)
        s->ll[i] = s->ld[i] = (double)NAN;
}

/* Every row's neighbour's. */
static void turn_z(sample *s, double unused)
{
    size_t d = s->d;
    double *first = jf_alloc(d, sizeof *first);
    (void)unused;
    memcpy(first, s->z, d * sizeof *first);
    memmove(s->z, s->z + d, (s->n - 1) * d * sizeof *first);
    memcpy(s->z + (s->n - 1) * d, first, d * sizeof *first);
    free(first);
}

static void turn_ld(sample *s, double unused)
{
    double first = s->ld[0];
    (void)unused;
    memmove(s->ld, s->ld + 1, (s->n - 1) * sizeof first);
    s->ld[s->n - 1] = first;
}

static void other_z(sample *s, double unused)
{
    (void)unused;
    for (size_t i = 0; i < s->n * s->d; i++)
        s->z[i] = jf_stream_normal(s->flow->rng, 1);
}

/* Other bases, by the law of z_j. */
static double log_logistic(double z, size_t j)
{
    (void)j;
    return -fabs(z) - 2 * log1p(exp(-fabs(z)));
}

static double log_laplace(double z, size_t j)
{
    (void)j;
    return -fabs(z) - M_LN2;
}

static double log_student(double z, size_t j)
{
    (void)j;
    return gsl_sf_lngamma(2) - gsl_sf_lngamma(1.5) - 0.5 * log(3 * M_PI) -
           2 * log1p(z * z / 3);
}

static double log_diagonal(double z, size_t j)
{
    double sd = 0.5 + 0.25 * (double)(j % 7),
           mean = 0.5 - 0.2 * (double)(j % 5);
    return -gsl_pow_2((z - mean) / sd) / 2 - log(sd) - HALF_LOG_2PI;
}

static double log_wide(double z, size_t j)
{
    (void)j;
    return -gsl_pow_2(z / 1.7) / 2 - log(1.7) - HALF_LOG_2PI;
}

static void base_law(sample *s, double which)
{
    static double (*const laws[])(double z, size_t j) = {
        log_logistic, log_laplace, log_student, log_diagonal, log_wide};
    for (size_t i = 0; i < s->n; i++) {
        s->ll[i] = s->ld[i];
        for (size_t j = 0; j < s->d; j++)
            s->ll[i] += laws[(size_t)which](s->z[i * s->d + j], j);
    }
}

static void base_full(sample *s, double by)
{
    for (size_t i = 0; i < s->n; i++)
        for (size_t j = 1; j < s->d; j++)
            s->ll[i] -= by * s->z[i * s->d + j] * s->z[i * s->d + j - 1];
}

/* .4 N(by, .5^2) + .6 N(-by, 1), means on all axes; z is drawn from it. */
static void base_mixture(sample *s, double by)
{
    double d = (double)s->d;
    for (size_t i = 0; i < s->n; i++) {
        double *z = s->z + i * s->d, a = 0, b = 0;
        int first = gsl_rng_uniform(s->flow->rng) < 0.4;
        for (size_t j = 0; j < s->d; j++) {
            z[j] = (first ? by : -by) +
                   jf_stream_normal(s->flow->rng, first ? 0.5 : 1);
            a -= 2 * gsl_pow_2(z[j] - by);
            b -= gsl_pow_2(z[j] + by) / 2;
        }
        a += log(0.4) + d * M_LN2;
        b += log(0.6);
        s->ll[i] =
            fmax(a, b) + log1p(exp(-fabs(a - b))) - HALF_LOG_2PI * d + s->ld[i];
    }
}

/* Of both columns. */
static void both_times(sample *s, double by)
{
    ld_times(s, by);
    score(s);
}

static void both_by_d(sample *s, double power)
{
    both_times(s, pow((double)s->d, power));
}

static void both_plus(sample *s, double by)
{
    for (size_t i = 0; i < s->n; i++)
        s->ld[i] += by * (double)s->d;
    score(s);
}

static void scale_once(sample *s, double by)
{
    double *x = jf_alloc(s->n * s->d, sizeof *x);
    for (size_t i = 0; i < s->n * s->d; i++)
        x[i] = by * s->x[i];
    sample_evaluate(s, x);
    for (size_t i = 0; i < s->n; i++)
        s->ld[i] += log(by);
    score(s);
    free(x);
}

static void ld_sum_of_rows(sample *s, double unused)
{
    double sum = 0;
    (void)unused;
    for (size_t i = 0; i < s->n; i++)
        sum += s->ld[i];
    for (size_t i = 0; i < s->n; i++)
        s->ld[i] = sum;
    score(s);
}

static void ld_noise(sample *s, double by)
{
    for (size_t i = 0; i < s->n; i++)
        s->ld[i] += jf_stream_normal(s->flow->rng, by);
    score(s);
}

static void z_noise(sample *s, double by)
{
    for (size_t i = 0; i < s->n * s->d; i++)
        s->z[i] += jf_stream_normal(s->flow->rng, by);
    score(s);
}

/* x_1 above so much of the flow's own becomes 0 before the flow. */
static void outside_box(sample *s, double share)
{
    size_t n = s->flow->n, d = s->d;
    double *x = jf_alloc(s->n * d + n, sizeof *x), *own = x + s->n * d;
    memcpy(x, s->x, s->n * d * sizeof *x);
    for (size_t i = 0; i < n; i++)
        own[i] = s->flow->x[i * d];
    gsl_sort(own, 1, n);
    double edge = gsl_stats_quantile_from_sorted_data(own, 1, n, share);
    for (size_t i = 0; i < s->n; i++)
        if (x[i * d] > edge)
            x[i * d] = 0;
    sample_evaluate(s, x);
    free(x);
}

static void negative_x(sample *s, double by)
{
    for (size_t i = 0; i < s->n; i++)
        for (size_t j = 0; j < s->d; j++)
            s->ld[i] += s->x[i * s->d + j] < 0 ? by : 0;
    score(s);
}

/* Units behind the flow, whose slope is not that of their log-determinant. */
static void negative_unit(sample *s, double by)
{
    for (size_t i = 0; i < s->n; i++)
        for (size_t j = 0; j < s->d; j++)
            if (s->z[i * s->d + j] < 0) {
                s->z[i * s->d + j] *= 0.1;
                s->ld[i] += log(0.1) + by;
            }
    score(s);
}

/* v - 2 u (u . v), u along (1, 2, .. d): no change of volume. */
static void reflect(size_t d, double *v)
{
    double dot = 0, square = 0;
    for (size_t j = 0; j < d; j++) {
        double u = 1 + (double)j;
        dot += u * v[j];
        square += u * u;
    }
    for (size_t j = 0; j < d; j++)
        v[j] -= 2 * dot / square * (1 + (double)j);
}

/* The same between two such reflections. */
static void unit_within(sample *s, double by)
{
    for (size_t i = 0; i < s->n; i++)
        reflect(s->d, s->z + i * s->d);
    negative_unit(s, by);
    for (size_t i = 0; i < s->n; i++)
        reflect(s->d, s->z + i * s->d);
    score(s);
}

/* A function of x_1 as large as by deviations of the change of volume. */
static void wave(sample *s, double by)
{
    double *first = jf_alloc(s->n, sizeof *first);
    double size = by * deviation(s->n, s->ld);
    for (size_t i = 0; i < s->n; i++)
        first[i] = s->x[i * s->d];
    double sd = deviation(s->n, first);
    for (size_t i = 0; i < s->n; i++)
        s->ld[i] += size * sin(2 * first[i] / sd);
    score(s);
    free(first);
}

/* The inverse's columns. */
static void back_sign(sample *s, double unused)
{
    (void)unused;
    memcpy(s->ld_back, s->ld, s->n * sizeof *s->ld);
}

static void back_at_z(sample *s, double unused)
{
    double *z = jf_alloc(s->n * s->d, sizeof *z);
    (void)unused;
    memcpy(z, s->z, s->n * s->d * sizeof *z);
    family_evaluate(s->flow, s->n, z, s->ld_back);
    for (size_t i = 0; i < s->n; i++)
        s->ld_back[i] = -s->ld_back[i];
    free(z);
}

/* In the last bin of the first column of z. */
static void back_last_bin(sample *s, double by)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->z[i * s->d] > 1.2)
            s->ld_back[i] -= by * s->z[i * s->d];
}

static void back_plus(sample *s, double by)
{
    for (size_t i = 0; i < s->n; i++)
        s->ld_back[i] += by;
}

static void back_moved(sample *s, double by)
{
    for (size_t i = 0; i < s->n * s->d; i++)
        s->back[i] += by;
}

static void back_scaled(sample *s, double by)
{
    for (size_t i = 0; i < s->n; i++)
        s->back[i * s->d] *= by;
}

static void back_clipped(sample *s, double by)
{
    for (size_t i = 0; i < s->n * s->d; i++)
        s->back[i] = fmin(fmax(s->back[i], -by), by);
}

/* Some rows come back as others. */
static void back_lost(sample *s, double unused)
{
    (void)unused;
    for (size_t i = 0; i < s->n; i += 9)
        s->back[i * s->d] = 0.37 * s->back[i * s->d] + 0.1 * (double)(i % 7);
}

static void back_rough(sample *s, double by)
{
    for (size_t i = 0; i < s->n * s->d; i++)
        s->back[i] *= 1 + jf_stream_normal(s->flow->rng, by);
}

/* Of the law of z, both columns as they are for such a flow. */
static void z_scaled(sample *s, double by)
{
    for (size_t i = 0; i < s->n * s->d; i++)
        s->z[i] *= by;
    both_plus(s, log(by));
}

static void z_moved(sample *s, double by)
{
    for (size_t i = 0; i < s->n * s->d; i++)
        s->z[i] += by;
    score(s);
}

static void z_columns(sample *s, double by)
{
    for (size_t i = 0; i < s->n; i++)
        for (size_t j = 0; j < s->d; j++) {
            double scale = exp(by * cos(1 + (double)j));
            s->z[i * s->d + j] =
                scale * s->z[i * s->d + j] + (j % 2 ? by : -by);
            s->ld[i] += log(scale);
        }
    score(s);
}

static void z_bounded(sample *s, double by)
{
    for (size_t i = 0; i < s->n; i++)
        for (size_t j = 0; j < s->d; j++) {
            double *z = &s->z[i * s->d + j], t = tanh(*z / by);
            *z = by * t;
            s->ld[i] += log1p(-t * t);
        }
    score(s);
}

static void z_heap(sample *s, double by)
{
    for (size_t i = 0; i < s->n; i++)
        if (fabs(s->z[i * s->d]) > by)
            s->z[i * s->d] = 0;
    score(s);
}

/* Every row by a factor of its own. */
static void z_spread(sample *s, double by)
{
    for (size_t i = 0; i < s->n; i++) {
        double factor = exp(by + jf_stream_normal(s->flow->rng, 0.6));
        for (size_t j = 0; j < s->d; j++)
            s->z[i * s->d + j] *= factor;
        s->ld[i] += (double)s->d * log(factor);
    }
    score(s);
}

const planted planted_mistakes[] = {
    {"nothing; own points", "none", BY_COLUMNS, NULL, 0, 1, 0},
    {"nothing; a design", "none", BY_DESIGN, NULL, 0, 1, 0},
    {"nothing; an inverse", "none", BY_INVERSE, NULL, 0, 1, 0},
    {"sign of log_abs_det", "sign", BY_COLUMNS, ll_times_ld, -1, 1, 0},
    {"log_abs_det left out", "left out", BY_COLUMNS, ll_times_ld, 0, 1, 0},
    {"half of log_abs_det", "half", BY_COLUMNS, ll_times_ld, 0.5, 1, 0},
    {"log2 of the determinant", "bits", BY_COLUMNS, ld_times, 1 / M_LN2, 1, 0},
    {"log10 of the determinant", "log10", BY_COLUMNS, ld_times, 1 / M_LN10, 1,
     0},
    {"mean over dimensions", "mean over dimensions", BY_COLUMNS, ld_by_d, 0, 5,
     0},
    {"no constant of the base", "constant", BY_COLUMNS, ll_plus, HALF_LOG_2PI,
     1, 0},
    {"constant of the base added", "constant", BY_COLUMNS, ll_plus, JF_LOG_2PI,
     1, 0},
    {"levels of pixels", "scale of pixels", BY_COLUMNS, ll_plus, -LOG_256, 1,
     0},
    {"a constant", "shift", BY_COLUMNS, ll_plus, 0.7, 1, 0},
    {"a loss", "sign of likelihood", BY_COLUMNS, ll_times, -1, 1, 0},
    {"a loss in bits", "bits per dimension", BY_COLUMNS, ll_bits, -1, 2, 0},
    {"bits per dimension", "bits per dimension", BY_COLUMNS, ll_bits, 1, 2, 0},
    {"a loss without constant", "loss without constant", BY_COLUMNS, ll_loss, 0,
     1, 0},
    {"no base", "base left out", BY_COLUMNS, ll_is_ld, 0, 1, 0},
    {"|z|^2 for |z|^2/2", "square", BY_COLUMNS, ll_square, 1, 1, 0},
    {"a mean over the batch", "averaged over batch", BY_COLUMNS, ll_mean, 0, 1,
     0},
    {"the base averaged over rows", "base averaged over rows", BY_COLUMNS,
     base_mean, 0, 1, 0},
    {"noise in log_likelihood", "noise", BY_COLUMNS, ll_noise, 0.2, 1, 0},
    {"rows that overflow", "not finite", BY_COLUMNS, rows_lost, 0, 1, 0},
    {"z of the next row", "order of z", BY_COLUMNS, turn_z, 0, 1, 0},
    {"log_abs_det of the next row", "order of log-det", BY_COLUMNS, turn_ld, 0,
     1, 0},
    {"z of another batch", "other batch", BY_COLUMNS, other_z, 0, 1, 0},
    {"a logistic base", "logistic base", BY_COLUMNS, base_law, 0, 1, 0},
    {"a Laplace base", "Laplace base", BY_COLUMNS, base_law, 1, 1, 0},
    {"a Student base", "Student base", BY_COLUMNS, base_law, 2, 1, 0},
    {"a diagonal base", "diagonal base", BY_COLUMNS, base_law, 3, 1, 0},
    {"a base of deviation 1.7", "base", BY_COLUMNS, base_law, 4, 1, 0},
    {"a full base", "full base", BY_COLUMNS, base_full, 0.2, 2, 5},
    {"a mixture for a base", "mixture base", BY_COLUMNS, base_mixture, 2, 1,
     64},
    {"sign in both", "sign", BY_DESIGN, both_times, -1, 1, 0},
    {"half in both", "half", BY_DESIGN, both_times, 0.5, 1, 0},
    {"twice in both", "half", BY_DESIGN, both_times, 2, 1, 0},
    {"log2 in both", "bits", BY_DESIGN, both_times, 1 / M_LN2, 1, 0},
    {"log10 in both", "log10", BY_DESIGN, both_times, 1 / M_LN10, 1, 0},
    {"left out of both", "left out", BY_DESIGN, both_times, 0, 1, 0},
    {"mean over dimensions in both", "mean over dimensions", BY_DESIGN,
     both_by_d, -1, 5, 0},
    {"summed once more over dimensions", "factor d", BY_DESIGN, both_by_d, 1, 5,
     0},
    {"three times in both", "factor", BY_DESIGN, both_times, 3, 1, 2},
    {"levels of pixels in both", "scale of pixels", BY_DESIGN, both_plus,
     LOG_256, 1, 0},
    {"a constant in both", "shift", BY_DESIGN, both_plus, 1.2345, 1, 0},
    {"log s for s + epsilon", "epsilon", BY_DESIGN, both_plus, 1e-3, 1, 0},
    {"a scale of 2 counted once", "scale counted once", BY_DESIGN, scale_once,
     2, 2, 0},
    {"summed over rows", "log-det summed over rows", BY_DESIGN, ld_sum_of_rows,
     0, 1, 0},
    {"noise in log_abs_det", "noise", BY_DESIGN, ld_noise, 0.1, 1, 0},
    {"noise in log_abs_det; own points", "noise", BY_COLUMNS, ld_noise, 0.5, 1,
     5},
    {"noise in z", "no function of x", BY_DESIGN, z_noise, 0.1, 1, 0},
    {"outside a box 0", "not one-to-one", BY_DESIGN, outside_box, 0.7, 1, 0},
    {"slope of a leaky unit in front", "slope where x < 0", BY_DESIGN,
     negative_x, 1.6, 1, 0},
    {"slope of a leaky unit behind", "slope of a unit", BY_DESIGN,
     negative_unit, 1.6, 2, 0},
    {"slope of a leaky unit within", "slope of a unit", BY_DESIGN, unit_within,
     1.6, 2, 64},
    {"values of a coarse integral", "derivative of another map", BY_DESIGN,
     wave, 0.03, 1, 0},
    {"a layer of its own", "one layer", BY_DESIGN, wave, 1.5, 1, 0},
    {"the inverse with forward's sign", "sign of the inverse's log-det",
     BY_INVERSE, back_sign, 0, 1, 0},
    {"the inverse at its input", "inverse's log-det at its input", BY_INVERSE,
     back_at_z, 0, 1, 5},
    {"the inverse's last bin", "inverse's log-det in part", BY_INVERSE,
     back_last_bin, 0.3, 1, 0},
    {"the inverse plus a constant", "inverse's log-det", BY_INVERSE, back_plus,
     0.05, 1, 0},
    {"the caller's rows moved", "x moved", BY_INVERSE, back_moved, 0.5, 1, 0},
    {"the caller's rows scaled", "x scaled", BY_INVERSE, back_scaled, 2, 1, 0},
    {"an inverse at its bounds", "inverse at a bound", BY_INVERSE, back_clipped,
     1, 1, 0},
    {"rows that come back as others", "not one-to-one", BY_INVERSE, back_lost,
     0, 1, 0},
    {"a rough inverse", "inverse", BY_INVERSE, back_rough, 0.01, 1, 0},
    {"z over a base of deviation 2", "base", BY_LAW, z_scaled, 2, 1, 0},
    {"z not centred", "mean", BY_LAW, z_moved, 0.5, 1, 0},
    {"columns of other scales", "columns", BY_LAW, z_columns, 0.6, 5, 0},
    {"z that never leaves 1.5", "range", BY_LAW, z_bounded, 1.5, 1, 0},
    {"z of one value", "atom", BY_LAW, z_heap, 1.2, 1, 0},
    {"z too wide", "too wide", BY_LAW, z_spread, 0.4, 1, 0},
    {"z too narrow", "too narrow", BY_LAW, z_spread, -0.8, 1, 0},
};

const size_t n_planted = sizeof planted_mistakes / sizeof *planted_mistakes;
