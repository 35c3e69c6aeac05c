/* texture.c -- white noise, filtered by the root of a spectrum and mixed. */
#include "data/texture.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_math.h>

#include "base/error.h"
#include "base/fourier.h"
#include "base/stream.h"

enum { C = JF_TEXTURE_CHANNELS };

static const double mean = 0.5, sd = 3.0 / 32, corner = 1.0 / 64;
static const double covariance[C][C] = {
    {1, 0.9, 0.8}, {0.9, 1, 0.9}, {0.8, 0.9, 1}};

/* The lower triangle l with l l' = covariance. */
static void mix(double l[C][C])
{
    for (size_t i = 0; i < C; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = covariance[i][j];
            for (size_t k = 0; k < j; k++)
                sum -= l[i][k] * l[j][k];
            l[i][j] = i == j ? sqrt(sum) : sum / l[j][j];
        }
}

void jf_texture_spectrum(size_t size, double *p)
{
    size_t half = size / 2 + 1;
    double n = (double)size, total = 0;
    for (size_t i = 0; i < size; i++) {
        double fy = (double)(i <= size / 2 ? i : size - i) / n;
        for (size_t j = 0; j < half; j++) {
            double fx = (double)j / n;
            p[i * half + j] = 1 / (corner * corner + fx * fx + fy * fy);
            total += jf_fourier_weight(size, j) * p[i * half + j];
        }
    }
    for (size_t i = 0; i < size * half; i++)
        p[i] *= sd * sd * n * n / total;
}

/* Channel c of white noise, filtered: field (size, size). */
static void fill(jf_fourier *f, const double *root, uint64_t seed,
                 uint64_t index, size_t c, gsl_rng *rng)
{
    size_t size = f->height;
    for (size_t i = 0; i < size; i++) {
        jf_stream_seek(rng, seed, JF_PURPOSE_DATA, index, c * size + i);
        for (size_t j = 0; j < size; j++)
            f->field[i * size + j] = jf_stream_normal(rng, 1.0);
    }
    jf_fourier_forward(f);
    for (size_t k = 0; k < f->bins; k++) {
        f->half[k][0] *= root[k];
        f->half[k][1] *= root[k];
    }
    jf_fourier_inverse(f);
}

/* f, root (bins) and sum (size, size, 3) are scratch. */
static void generate(jf_fourier *f, double *root, double *sum, uint64_t seed,
                     uint64_t index, real *x)
{
    size_t n = f->height * f->width;
    jf_stream stream;
    gsl_rng *rng = jf_stream_in(&stream);
    double l[C][C] = {{0}};

    mix(l);
    jf_texture_spectrum(f->height, root);
    for (size_t k = 0; k < f->bins; k++)
        root[k] = sqrt(root[k]) / (double)n;
    for (size_t c = 0; c < C; c++) {
        fill(f, root, seed, index, c, rng);
        for (size_t i = 0; i < n; i++)
            for (size_t b = c; b < C; b++)
                sum[i * C + b] += l[b][c] * f->field[i];
    }
    for (size_t i = 0; i < n * C; i++)
        x[i] = (real)(mean + sum[i]);
}

int jf_texture(size_t size, uint64_t seed, uint64_t index, real *x)
{
    jf_fourier *f = jf_fourier_new(size, size);
    double *root = f ? jf_alloc(f->bins, sizeof *root) : NULL;
    double *sum = root ? jf_alloc(size * size * C, sizeof *sum) : NULL;
    int status = sum ? GSL_SUCCESS : GSL_ENOMEM;
    if (sum)
        generate(f, root, sum, seed, index, x);
    free(sum);
    free(root);
    jf_fourier_free(f);
    return status;
}

double jf_texture_optimum(size_t size)
{
    size_t half = size / 2 + 1, n = size * size;
    double *p = jf_alloc(size * half, sizeof *p), l[C][C] = {{0}};
    double log_det = 0;

    if (!p)
        return (double)NAN;
    mix(l);
    jf_texture_spectrum(size, p);
    for (size_t k = 0; k < size * half; k++)
        log_det += C * jf_fourier_weight(size, k % half) * log(p[k]);
    for (size_t c = 0; c < C; c++)
        log_det += 2 * (double)n * log(l[c][c]);
    free(p);
    return -0.5 * ((double)(n * C) * (JF_LOG_2PI + 1) + log_det);
}
