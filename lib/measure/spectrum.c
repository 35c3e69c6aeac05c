/* spectrum.c -- spectral matrices by FFT, their determinants, Gram matrices.
 *
 * Only half of the frequencies are stored (base/fourier.h): the others are
 * conjugates, and their determinants the same. */
#include "measure/spectrum.h"

#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_math.h>
#include <gsl/gsl_sf_psi.h>

#include "base/error.h"
#include "linalg/factor.h"
#include "measure/moments.h"
#include "measure/optimum.h"

#ifndef CMPLX /* glibc has it for GCC alone */
#define CMPLX(x, y) __builtin_complex(x, y)
#endif

enum { MAX_CHANNELS = 16 };

jf_spectrum *jf_spectrum_new(size_t height, size_t width, size_t channels)
{
    if (height == 0 || width == 0 || channels == 0 || channels > MAX_CHANNELS)
        JF_ERROR_NULL("an image has pixels and 1 .. 16 channels", GSL_EINVAL);
    jf_spectrum *s = jf_alloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->height = height;
    s->width = width;
    s->channels = channels;
    s->fourier = jf_fourier_new(height, width);
    if (s->fourier) {
        size_t bins = s->fourier->bins;
        s->sum = jf_alloc(bins * channels * channels, sizeof *s->sum);
        s->wave = jf_alloc(bins * channels, 2 * sizeof *s->wave);
    }
    if (s->sum && s->wave)
        return s;
    jf_spectrum_free(s);
    return NULL;
}

void jf_spectrum_free(jf_spectrum *s)
{
    if (!s)
        return;
    jf_fourier_free(s->fourier);
    free(s->wave);
    free(s->sum);
    free(s);
}

static void transform(jf_spectrum *s, const real *image)
{
    jf_fourier *f = s->fourier;
    size_t n = s->height * s->width;
    for (size_t c = 0; c < s->channels; c++) {
        for (size_t i = 0; i < n; i++)
            f->field[i] = (double)image[i * s->channels + c];
        jf_fourier_forward(f);
        memcpy(s->wave + c * 2 * f->bins, f->half, f->bins * sizeof *f->half);
    }
}

static double complex wave(const jf_spectrum *s, size_t c, size_t k)
{
    const double *w = s->wave + 2 * (c * s->fourier->bins + k);
    return CMPLX(w[0], w[1]);
}

void jf_spectrum_add(jf_spectrum *s, const real *image)
{
    size_t c = s->channels;
    double n = (double)(s->height * s->width);
    transform(s, image);
    for (size_t k = 0; k < s->fourier->bins; k++) {
        double *sum = s->sum + k * c * c;
        for (size_t i = 0; i < c; i++)
            for (size_t j = 0; j <= i; j++) {
                double complex p = wave(s, i, k) * conj(wave(s, j, k)) / n;
                sum[i * c + j] += creal(p);
                if (j < i)
                    sum[j * c + i] -= cimag(p);
            }
    }
    s->images++;
}

/* l (c, c) := the lower triangle of Cholesky's factorisation of bin k's
 * matrix.  A pivot within the rounding of the sums means a singular one. */
static int factor(const jf_spectrum *s, size_t k, double complex *l)
{
    size_t c = s->channels;
    const double *sum = s->sum + k * c * c;
    for (size_t j = 0; j < c; j++)
        for (size_t i = j; i < c; i++) {
            double complex v =
                CMPLX(sum[i * c + j], i > j ? -sum[j * c + i] : 0.0) /
                (double)s->images;
            for (size_t m = 0; m < j; m++)
                v -= l[i * c + m] * conj(l[j * c + m]);
            if (i > j) {
                l[i * c + j] = v / l[j * c + j];
                continue;
            }
            double bound = 64 * (double)c * DBL_EPSILON * sum[j * c + j] /
                           (double)s->images;
            if (!(creal(v) > bound))
                JF_ERROR("a spectral matrix is singular", GSL_ESING);
            l[j * c + j] = sqrt(creal(v));
        }
    return GSL_SUCCESS;
}

static int weight(const jf_spectrum *s, size_t k)
{
    return jf_fourier_weight(s->width, k % (s->width / 2 + 1));
}

/* The ring of bin k. */
static size_t ring(const jf_spectrum *s, size_t k)
{
    size_t half = s->width / 2 + 1, y = k / half, x = k % half;
    double least = (double)(s->height < s->width ? s->height : s->width);
    double v = (double)(2 * y > s->height ? s->height - y : y);
    double r = hypot(v / (double)s->height, (double)x / (double)s->width);
    r *= least;
    return r < 16 ? (size_t)(r + 0.5)
                  : 17 + (size_t)(log(r / 16) / log1p(0.05));
}

int jf_spectrum_smooth(jf_spectrum *s)
{
    enum { RINGS = 256 }; /* 16 * 1.05^238 is beyond any image */
    size_t size = s->channels * s->channels;
    double *mean = jf_alloc(RINGS * size, sizeof *mean), weights[RINGS] = {0};
    JF_TRY_MEMORY(mean);
    for (size_t k = 0; k < s->fourier->bins; k++) {
        size_t r = ring(s, k);
        weights[r] += weight(s, k);
        for (size_t i = 0; i < size; i++)
            mean[r * size + i] += weight(s, k) * s->sum[k * size + i];
    }
    for (size_t k = 0; k < s->fourier->bins; k++)
        for (size_t i = 0, r = ring(s, k); i < size; i++)
            s->sum[k * size + i] = mean[r * size + i] / weights[r];
    free(mean);
    return GSL_SUCCESS;
}

/* sum_k log det S(k), over all N frequencies. */
static int log_det(const jf_spectrum *s, double *sum)
{
    double complex l[MAX_CHANNELS * MAX_CHANNELS];
    size_t c = s->channels;
    *sum = 0;
    for (size_t k = 0; k < s->fourier->bins; k++) {
        JF_TRY(factor(s, k, l));
        for (size_t i = 0; i < c; i++)
            *sum += 2 * weight(s, k) * log(creal(l[i * c + i]));
    }
    return GSL_SUCCESS;
}

static size_t dimensions(const jf_spectrum *s)
{
    return s->height * s->width * s->channels;
}

double jf_spectrum_optimum(const jf_spectrum *s)
{
    double sum;
    if (s->images == 0)
        return (double)NAN;
    jf_error singular, *before = jf_error_divert(&singular);
    int status = log_det(s, &sum);
    jf_error_divert(before);
    return status == GSL_SUCCESS ? jf_eig_log_det(dimensions(s), sum)
                                 : (double)INFINITY;
}

double jf_spectrum_by_channel(const jf_spectrum *s)
{
    size_t c = s->channels;
    double sum = 0;
    for (size_t k = 0; k < s->fourier->bins; k++)
        for (size_t i = 0; i < c; i++)
            sum += weight(s, k) *
                   log(s->sum[k * c * c + i * c + i] / (double)s->images);
    return jf_eig_log_det(dimensions(s), sum);
}

int jf_spectrum_nats(jf_spectrum *s, const real *image, double *nats)
{
    double complex l[MAX_CHANNELS * MAX_CHANNELS], y[MAX_CHANNELS];
    size_t c = s->channels;
    double n = (double)(s->height * s->width), square = 0, sum = 0;
    if (s->images == 0)
        JF_ERROR("a spectrum of no images", GSL_ESING);
    transform(s, image);
    for (size_t k = 0; k < s->fourier->bins; k++) {
        JF_TRY(factor(s, k, l));
        for (size_t i = 0; i < c; i++) { /* l y = x^ */
            y[i] = wave(s, i, k);
            for (size_t j = 0; j < i; j++)
                y[i] -= l[i * c + j] * y[j];
            y[i] /= l[i * c + i];
            square += weight(s, k) * creal(y[i] * conj(y[i])) / n;
            sum += 2 * weight(s, k) * log(creal(l[i * c + i]));
        }
    }
    *nats = -0.5 * ((double)dimensions(s) * JF_LOG_2PI + sum + square);
    return GSL_SUCCESS;
}

/* Frequencies that are their own negatives, on the torus. */
static double count_self_conjugate(size_t height, size_t width)
{
    return (double)((height % 2 ? 1 : 2) * (width % 2 ? 1 : 2));
}

double jf_spectrum_gap(size_t height, size_t width, size_t channels,
                       size_t images)
{
    double self_conjugate = count_self_conjugate(height, width),
           c = (double)channels;
    double paired = (double)(height * width) - self_conjugate,
           m = (double)images;
    if (images < channels + 2)
        return (double)NAN;
    return 0.5 * c *
           (self_conjugate * (m / (m - c - 1) - 1) + paired * c / (m - c));
}

/* log det of a real Wishart matrix over M, of M samples: psi((M-i)/2) +
 * log(2/M) summed, variance psi'((M-i)/2); of a complex one psi(M-i) - log M,
 * psi'(M-i). A pair of conjugate frequencies has one matrix: its variance
 * counts twice. */
double jf_spectrum_excess(size_t height, size_t width, size_t channels,
                          size_t images, double *variance)
{
    double self_conjugate = count_self_conjugate(height, width);
    double paired = (double)(height * width) - self_conjugate,
           m = (double)images;
    double mean = 0, spread = 0;
    if (images < channels)
        mean = spread = (double)NAN;
    for (size_t i = 0; i < channels && images >= channels; i++) {
        double df = m - (double)i;
        mean += self_conjugate * (gsl_sf_psi(df / 2) + log(2 / m)) +
                paired * (gsl_sf_psi(df) - log(m));
        spread += self_conjugate * gsl_sf_psi_1(df / 2) +
                  2 * paired * gsl_sf_psi_1(df);
    }
    if (variance)
        *variance = spread / 4;
    return -0.5 * mean;
}

enum { BLOCK = 1024 }; /* columns at a time */

typedef struct {
    jf_const_matrix x;
    double *lane; /* lane l's Gram matrix, from l n n on */
} gram;

static int gram_lane(void *arg, size_t lane, size_t first, size_t count,
                     jf_work *work)
{
    gram *g = arg;
    size_t n = g->x.rows;
    double *a = jf_push_bytes(work, n * BLOCK * sizeof *a);
    for (size_t j = first; j < first + count; j += BLOCK) {
        size_t cols = first + count - j < BLOCK ? first + count - j : BLOCK;
        for (size_t k = 0; k < cols; k++) {
            double mean = 0;
            for (size_t i = 0; i < n; i++)
                mean += (double)jf_const_row(g->x, i)[j + k] / (double)n;
            for (size_t i = 0; i < n; i++)
                a[i * cols + k] = (double)jf_const_row(g->x, i)[j + k] - mean;
        }
        jf_dgemm(JF_NT, n, n, cols, 1, a, a, 1, g->lane + lane * n * n);
    }
    jf_pop(work, a);
    return GSL_SUCCESS;
}

/* Fewer columns than rows: of their covariance. */
static int covariance_eig(jf_const_matrix x, double floor, double *nats,
                          jf_team *team)
{
    jf_moments m;
    double sum = 0;
    int status = jf_moments_of(x, &m, team);
    for (size_t i = 0; i < x.cols && status == GSL_SUCCESS; i++)
        sum += log(m.lambda_sigma[i] + floor);
    if (status == GSL_SUCCESS)
        *nats = jf_eig_log_det(x.cols, sum);
    jf_moments_free(&m);
    return status;
}

int jf_gram_eig(jf_const_matrix x, double floor, double *nats, jf_team *team)
{
    size_t n = x.rows, d = x.cols, lanes = jf_lanes(d, BLOCK);
    if (n == 0 || d == 0)
        JF_ERROR("a Gram matrix of no rows or no columns", GSL_EBADLEN);
    if (n > d)
        return covariance_eig(x, floor, nats, team);
    gram g = {x, jf_alloc(lanes * n * n + n, sizeof *g.lane)};
    JF_TRY_MEMORY(g.lane);
    double *lambda = g.lane + lanes * n * n, sum = 0;

    int status = jf_team_run(team, d, lanes, gram_lane, &g);
    for (size_t l = 1; l < lanes; l++)
        for (size_t i = 0; i < n * n; i++)
            g.lane[i] += g.lane[l * n * n + i];
    if (status == GSL_SUCCESS)
        status = jf_eigen_symmetric(n, g.lane, lambda, 0);
    for (size_t i = 0; i < n; i++)
        sum += log(fmax(lambda[i], 0) / (double)n + floor);
    if (d > n)
        sum += (double)(d - n) * log(floor);
    *nats = jf_eig_log_det(d, sum);
    free(g.lane);
    return status;
}
