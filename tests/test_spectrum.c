/* test_spectrum.c -- Fourier transforms, spectral matrices, textures, Gram
 * matrices: each against a dense computation of the same. */
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_math.h>

#include "check.h"
#include "jf.h"

static void noise(real *x, size_t count, uint64_t step)
{
    jf_fill_normal(jf_view(x, 1, count), 5, JF_PURPOSE_USER, step);
}

/* By the definition, and back. */
static void test_fourier(size_t height, size_t width)
{
    jf_fourier *f = jf_fourier_new(height, width);
    size_t n = height * width;
    real x[64];
    double worst = 0, back = 0, frequencies = 0;
    noise(x, n, 1);
    for (size_t i = 0; i < n; i++)
        f->field[i] = (double)x[i];
    jf_fourier_forward(f);
    for (size_t k = 0; k < f->bins; k++) {
        size_t ky = k / (width / 2 + 1), kx = k % (width / 2 + 1);
        double re = 0, im = 0;
        for (size_t i = 0; i < n; i++) {
            double t = -2 * M_PI *
                       ((double)(ky * (i / width)) / (double)height +
                        (double)(kx * (i % width)) / (double)width);
            re += (double)x[i] * cos(t);
            im += (double)x[i] * sin(t);
        }
        worst = fmax(worst, hypot(re - f->half[k][0], im - f->half[k][1]));
        frequencies += jf_fourier_weight(width, kx);
    }
    CHECK_CLOSE(worst, 0, 1e-13 * (double)n);
    CHECK(frequencies == (double)n);
    jf_fourier_inverse(f);
    for (size_t i = 0; i < n; i++)
        back = fmax(back, fabs(f->field[i] / (double)n - (double)x[i]));
    CHECK_CLOSE(back, 0, 1e-14);
    jf_fourier_free(f);
}

/* The auto-correlation matrix (d, d) of all shifts of the images of the set, d
 * = height width channels; its channels kept apart when asked. */
static void shifts(size_t height, size_t width, size_t channels, size_t images,
                   const real *x, int apart, double *r)
{
    size_t n = height * width, d = n * channels;
    double *y = jf_alloc(d, sizeof *y);
    memset(r, 0, d * d * sizeof *r);
    for (size_t m = 0; m < images; m++)
        for (size_t s = 0; s < n; s++) {
            for (size_t p = 0; p < n; p++) {
                size_t row = (p / width + s / width) % height;
                size_t column = (p % width + s % width) % width;
                for (size_t c = 0; c < channels; c++)
                    y[p * channels + c] = (double)
                        x[m * d + (row * width + column) * channels + c];
            }
            for (size_t i = 0; i < d; i++)
                for (size_t j = 0; j < d; j++)
                    if (!apart || i % channels == j % channels)
                        r[i * d + j] += y[i] * y[j] / (double)(n * images);
        }
    free(y);
}

static double dense_optimum(size_t d, double *r)
{
    double log_det;
    if (jf_log_abs_det(d, r, &log_det) != GSL_SUCCESS)
        return (double)INFINITY;
    return jf_eig_log_det(d, log_det);
}

static void test_spectrum(size_t height, size_t width, size_t channels)
{
    enum { IMAGES = 5 };
    size_t n = height * width, d = n * channels;
    real *x = jf_alloc((IMAGES + 1) * d, sizeof *x);
    double *r = jf_alloc(d * d, sizeof *r), nats, log_det, square = 0;
    jf_spectrum *s = jf_spectrum_new(height, width, channels);

    noise(x, (IMAGES + 1) * d, 2);
    for (size_t i = 0; channels > 1 && i < (IMAGES + 1) * d; i += channels)
        x[i + 1] += x[i]; /* channels that depend on each other */
    jf_spectrum_add(s, x);
    shifts(height, width, channels, 1, x, 1, r);
    double tolerance = 1e-11 * (double)d;
    CHECK_CLOSE(jf_spectrum_by_channel(s), dense_optimum(d, r), tolerance);
    CHECK(channels == 1 || isinf(jf_spectrum_optimum(s)));
    for (size_t m = 1; m < IMAGES; m++)
        jf_spectrum_add(s, x + m * d);
    shifts(height, width, channels, IMAGES, x, 0, r);
    CHECK_CLOSE(jf_spectrum_optimum(s), dense_optimum(d, r), tolerance);

    shifts(height, width, channels, IMAGES, x, 0, r);
    CHECK(jf_invert(d, r, &log_det) == GSL_SUCCESS);
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++)
            square += (double)x[IMAGES * d + i] * r[i * d + j] *
                      (double)x[IMAGES * d + j];
    CHECK(jf_spectrum_nats(s, x + IMAGES * d, &nats) == GSL_SUCCESS);
    CHECK_CLOSE(nats, -0.5 * ((double)d * JF_LOG_2PI + log_det + square),
                tolerance);
    jf_spectrum_free(s);
    free(r);
    free(x);
}

/* White noise depends on no length: four images and their rings come within a
 * tenth of a nat a pixel of its entropy on another image, where the matrices of
 * single frequencies lose nats. */
static void test_smooth(void)
{
    enum { SIDE = 24, N = SIDE * SIDE, C = 3, IMAGES = 5 };
    real *x = jf_alloc((IMAGES + 1) * N * C, sizeof *x);
    jf_spectrum *s = jf_spectrum_new(SIDE, SIDE, C);
    double raw, smooth, entropy = -0.5 * C * (JF_LOG_2PI + 1);
    noise(x, (IMAGES + 1) * N * C, 5);
    for (size_t i = 0; i < IMAGES; i++)
        jf_spectrum_add(s, x + i * N * C);
    CHECK(jf_spectrum_nats(s, x + IMAGES * N * C, &raw) == GSL_SUCCESS);
    CHECK(jf_spectrum_smooth(s) == GSL_SUCCESS);
    CHECK(jf_spectrum_nats(s, x + IMAGES * N * C, &smooth) == GSL_SUCCESS);
    CHECK(fabs(smooth / N - entropy) < 0.1);
    CHECK(raw / N < entropy - 1);
    jf_spectrum_free(s);
    free(x);
}

/* The channels' optimum alone is a convolution of one pixel: it is below. */
static void test_order(void)
{
    enum { N = 16, C = 3, IMAGES = 6 };
    real x[IMAGES * N * C];
    jf_moments m;
    jf_team *team = jf_team_new(1);
    jf_spectrum *s = jf_spectrum_new(4, 4, C);
    noise(x, IMAGES * N * C, 3);
    for (size_t i = 0; i < IMAGES; i++)
        jf_spectrum_add(s, x + i * N * C);
    CHECK(jf_moments_of(jf_const_view(x, IMAGES * N, C), &m, team) ==
          GSL_SUCCESS);
    CHECK(N * jf_eig_log_det(C, m.log_det_r) < jf_spectrum_optimum(s));
    jf_moments_free(&m);
    jf_spectrum_free(s);
    jf_team_free(team);
}

/* Textures: the optimum of many is that of the truth and the excess that the
 * law of Wishart predicts. */
static void test_texture(size_t size, size_t images)
{
    jf_spectrum *s = jf_spectrum_new(size, size, 3);
    real *x = jf_alloc(3 * size * size, sizeof *x);
    double variance,
        excess = jf_spectrum_excess(size, size, 3, images, &variance);
    for (size_t m = 0; m < images; m++) {
        jf_texture(size, 9, m, x);
        jf_spectrum_add(s, x);
    }
    /* The mean of 1/2 is part of k = 0 here: take it away. */
    double n = (double)(size * size);
    for (size_t i = 0; i < 9; i++)
        s->sum[i] = 0;
    for (size_t m = 0; m < images; m++) {
        jf_texture(size, 9, m, x);
        double sum[3] = {0};
        for (size_t i = 0; i < 3 * size * size; i++)
            sum[i % 3] += (double)x[i] - 0.5;
        for (size_t i = 0; i < 3; i++)
            for (size_t j = 0; j <= i; j++)
                s->sum[3 * i + j] += sum[i] * sum[j] / n;
    }
    CHECK_CLOSE(jf_spectrum_optimum(s) - jf_texture_optimum(size), excess,
                5 * sqrt(variance));
    free(x);
    jf_spectrum_free(s);
}

/* The entropy from the dense covariance of the pixels. */
static void test_texture_optimum(void)
{
    enum { SIZE = 4, N = SIZE * SIZE, D = 3 * N };
    static const double c[3][3] = {{1, .9, .8}, {.9, 1, .9}, {.8, .9, 1}};
    double p[SIZE * (SIZE / 2 + 1)], r[N], log_det;
    double *sigma = jf_alloc(D * D, sizeof *sigma);
    jf_texture_spectrum(SIZE, p);
    for (size_t t = 0; t < N; t++) {
        r[t] = 0;
        for (size_t k = 0; k < SIZE * (SIZE / 2 + 1); k++)
            r[t] +=
                jf_fourier_weight(SIZE, k % 3) * p[k] *
                cos(2 * M_PI *
                    (double)(k / 3 * (t / SIZE) + k % 3 * (t % SIZE)) / SIZE) /
                N;
    }
    CHECK_CLOSE(r[0], 9.0 / 1024, 1e-15);
    for (size_t i = 0; i < D; i++)
        for (size_t j = 0; j < D; j++) {
            size_t a = i / 3, b = j / 3;
            size_t y = (a / SIZE + SIZE - b / SIZE) % SIZE;
            size_t x = (a % SIZE + SIZE - b % SIZE) % SIZE;
            sigma[i * D + j] = r[y * SIZE + x] * c[i % 3][j % 3];
        }
    CHECK(jf_log_abs_det(D, sigma, &log_det) == GSL_SUCCESS);
    CHECK_CLOSE(jf_texture_optimum(SIZE), jf_eig_log_det(D, log_det), 1e-10);
    free(sigma);
}

/* The variance over many sets of white noise. */
static void test_excess(void)
{
    enum { W = 8, IMAGES = 3, SETS = 4000 };
    double *optimum = jf_alloc(SETS, sizeof *optimum), variance;
    real x[W];
    double excess = jf_spectrum_excess(1, W, 1, IMAGES, &variance);
    for (size_t k = 0; k < SETS; k++) {
        jf_spectrum *s = jf_spectrum_new(1, W, 1);
        for (size_t m = 0; m < IMAGES; m++) {
            noise(x, W, 1000 + k * IMAGES + m);
            jf_spectrum_add(s, x);
        }
        optimum[k] = jf_spectrum_optimum(s);
        jf_spectrum_free(s);
    }
    jf_sample_moments m = jf_sample_of(SETS, optimum);
    double entropy = -0.5 * W * (JF_LOG_2PI + 1);
    CHECK(jf_in_errors(m.mean, entropy + excess, m.se) <= 5);
    CHECK(jf_in_errors(m.variance, variance, m.se_variance) <= 5);
    CHECK(m.se_variance < variance / 20);
    free(optimum);
}

/* Two images of three channels have no rank three, whatever rounding makes of
 * the last pivot: it is positive in half of these. */
static void test_singular(void)
{
    real x[3];
    for (uint64_t k = 0; k < 40; k++) {
        jf_spectrum *s = jf_spectrum_new(1, 1, 3);
        for (uint64_t m = 0; m < 2; m++) {
            noise(x, 3, 20000 + 2 * k + m);
            jf_spectrum_add(s, x);
        }
        CHECK(isinf(jf_spectrum_optimum(s)));
        jf_spectrum_free(s);
    }
}

static void test_gram(size_t n, size_t d)
{
    jf_team *one = jf_team_new(1), *two = jf_team_new(2);
    jf_matrix x = jf_matrix_new(n, d);
    double *lambda = jf_alloc(d, sizeof *lambda), nats, again, floor = 0.25;
    double *sigma = jf_alloc(d * d, sizeof *sigma), *mean = jf_alloc(d, 8);
    jf_fill_normal(x, 5, JF_PURPOSE_USER, 4);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++)
            mean[j] += (double)jf_row(x, i)[j] / (double)n;
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++) {
            for (size_t k = 0; k < n; k++)
                sigma[i * d + j] += ((double)jf_row(x, k)[i] - mean[i]) *
                                    ((double)jf_row(x, k)[j] - mean[j]) /
                                    (double)n;
            sigma[i * d + j] += i == j ? floor : 0;
        }
    CHECK(jf_eigen_symmetric(d, sigma, lambda, 0) == GSL_SUCCESS);
    CHECK(jf_gram_eig(jf_const(x), floor, &nats, one) == GSL_SUCCESS);
    CHECK_CLOSE(nats, jf_eig(d, lambda), 1e-11 * (double)d);
    CHECK(jf_gram_eig(jf_const(x), floor, &again, two) == GSL_SUCCESS);
    CHECK(nats == again);
    free(mean);
    free(sigma);
    free(lambda);
    jf_matrix_free(&x);
    jf_team_free(one);
    jf_team_free(two);
}

int main(void)
{
    test_fourier(1, 1);
    test_fourier(4, 6);
    test_fourier(5, 7);
    test_fourier(8, 8);
    test_spectrum(1, 8, 1);
    test_spectrum(4, 4, 3);
    test_spectrum(3, 5, 2);
    test_order();
    test_smooth();
    test_texture(16, 40);
    test_texture(9, 5);
    test_texture_optimum();
    test_excess();
    test_singular();
    test_gram(5, 12);
    test_gram(20, 6);
    test_gram(6, 2500 / 10);
    test_gram(20000, 5); /* rows squared would be gigabytes */
    CHECK(isnan(jf_spectrum_excess(4, 4, 3, 2, NULL)));
    /* One pixel is a real vector, four a line with two such frequencies. */
    CHECK_CLOSE(jf_spectrum_gap(1, 1, 2, 10), jf_sample_gap(2, 10, 0), 1e-15);
    CHECK_CLOSE(jf_spectrum_gap(1, 4, 1, 5), 2 * jf_sample_gap(1, 5, 0) + 0.25,
                1e-15);
    CHECK(isnan(jf_spectrum_gap(4, 4, 3, 4)));
    CHECK(jf_spectrum_new(0, 4, 3) == NULL);
    CHECK(jf_spectrum_new(4, 4, 99) == NULL);
    return check_end();
}
