/* signals.c -- what the theory says about one image and one signal.
 *
 * Question  When does the auto-correlation matrix of one image (C3.6), or the
 *           periodogram of one signal (C3.7), determine the optimum?
 * Method    Closed forms against matrices built from their definitions.
 * Writes    rows of optimum-points.csv. */
#include "optimum.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_fft_halfcomplex.h>
#include <gsl/gsl_fft_real.h>

/* C3.6: random images of C channels and N pixels. */
static double image_eig(size_t c, size_t n, const double *x, double *mean)
{
    double r[16], lambda[4];
    jf_dgemm(JF_TN, c, c, n, 1 / (double)n, x, x, 0, r);
    for (size_t i = 0; i < c * c; i++)
        mean[i] += r[i];
    return jf_eigen_symmetric(c, r, lambda, 0) == GSL_SUCCESS
               ? (double)n * jf_eig(c, lambda)
               : (double)NAN;
}

static void images(const experiment *e, finding *f)
{
    enum { C = 3, N = 64, IMAGES = 50 };
    double x[N * C], mean[C * C] = {0}, lambda[C], each = 0;
    gsl_rng *rng = stream(e, 6);
    for (size_t k = 0; k < IMAGES; k++) {
        double gain = exp(jf_stream_normal(rng, 0.5));
        for (size_t i = 0; i < N * C; i++)
            x[i] = gain * gsl_rng_uniform(rng);
        each += image_eig(C, N, x, mean) / IMAGES;
    }
    for (size_t i = 0; i < C * C; i++)
        mean[i] /= IMAGES;
    gsl_rng_free(rng);
    f->d = C * N;
    f->n = IMAGES;
    f->expected = each;
    f->measured = jf_eigen_symmetric(C, mean, lambda, 0) == GSL_SUCCESS
                      ? N * jf_eig(C, lambda)
                      : (double)NAN;
}

/* R_x^-1/2 x for one image x (N, C) of pixels. */
enum { WC = 2, WN = 3, WD = WC * WN };

static int whiten(const double *x, double *y)
{
    double r[WC * WC], lambda[WC], root[WC * WC] = {0};
    jf_dgemm(JF_TN, WC, WC, WN, 1.0 / WN, x, x, 0, r);
    JF_TRY(jf_eigen_symmetric(WC, r, lambda, 1));
    for (size_t k = 0; k < WC; k++)
        for (size_t i = 0; i < WC; i++)
            for (size_t j = 0; j < WC; j++)
                root[i * WC + j] +=
                    r[k * WC + i] * r[k * WC + j] / sqrt(lambda[k]);
    jf_dgemm(JF_NN, WN, WC, WC, 1, x, root, 0, y);
    return GSL_SUCCESS;
}

/* The number of singular values of the Jacobian of x -> R_x^-1/2 x above 1e-6;
 * central differences, error about 1e-10. */
static void whitening_rank(const experiment *e, finding *f)
{
    double x[WD], up[WD], down[WD], jacobian[WD * WD], sigma[WD], h = 1e-5;
    int status = GSL_SUCCESS;
    gsl_rng *rng = stream(e, 66);
    for (size_t i = 0; i < WD; i++)
        x[i] = jf_stream_normal(rng, 1.0);
    for (size_t j = 0; j < WD && status == GSL_SUCCESS; j++) {
        double keep = x[j];
        x[j] = keep + h;
        status = whiten(x, up);
        x[j] = keep - h;
        if (status == GSL_SUCCESS)
            status = whiten(x, down);
        x[j] = keep;
        for (size_t i = 0; i < WD; i++)
            jacobian[i * WD + j] = (up[i] - down[i]) / (2 * h);
    }
    gsl_rng_free(rng);
    f->d = WD;
    f->expected = WD - WC * (WC + 1) / 2;
    if (status != GSL_SUCCESS ||
        jf_singular_values(WD, WD, jacobian, sigma) != GSL_SUCCESS)
        f->measured = (double)NAN;
    for (size_t i = 0; i < WD && !isnan(f->measured); i++)
        f->measured += sigma[i] > 1e-6;
}

/* C3.7: a random signal x (n), its periodogram p (n) by FFT. */
static void signal(const experiment *e, size_t n, double *x, double *p)
{
    gsl_rng *rng = stream(e, 7000 + n);
    for (size_t i = 0; i < n; i++)
        p[i] = x[i] = jf_stream_normal(rng, 1.0);
    gsl_rng_free(rng);
    gsl_fft_real_radix2_transform(p, 1, n);
    for (size_t k = 1; 2 * k < n; k++)
        p[k] = p[n - k] = (square(p[k]) + square(p[n - k])) / (double)n;
    p[0] = square(p[0]) / (double)n;
    p[n / 2] = square(p[n / 2]) / (double)n;
}

static int descending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* Eigenvalues of (1/N) sum_s S_s x x' S_s' against the sorted periodogram. */
static double circulant_error(const experiment *e, size_t n)
{
    double *x = jf_alloc(n, sizeof *x), *p = jf_alloc(n, sizeof *p);
    double *a = jf_alloc(n * n, sizeof *a), *lambda = jf_alloc(n, sizeof *a);
    double *c = jf_alloc(n, sizeof *c), worst = 0;

    signal(e, n, x, p);
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < n; i++)
            c[k] += x[i] * x[(i + k) % n] / (double)n;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            a[i * n + j] = c[(j + n - i) % n];
    if (jf_eigen_symmetric(n, a, lambda, 0) != GSL_SUCCESS)
        worst = (double)NAN;
    qsort(p, n, sizeof *p, descending);
    for (size_t i = 0; i < n; i++)
        worst = jf_worse(worst, fabs(lambda[i] - p[i]) / (double)n);
    free(c);
    free(lambda);
    free(a);
    free(p);
    free(x);
    return worst;
}

static void circulant(const experiment *e, finding *f)
{
    f->d = f->n = by_profile(e, 256, 1024, 1024);
    for (size_t n = 16; n <= f->n; n *= 4)
        f->measured = jf_worse(f->measured, circulant_error(e, n));
}

/* The likelihood of the explicit kernel w^_k = p_k^-1/2, convolved in the
 * domain of the signal, against the formula. */
static double convolution_error(const experiment *e, size_t n)
{
    double *x = jf_alloc(n, sizeof *x), *p = jf_alloc(n, sizeof *p);
    double *w = jf_alloc(n, sizeof *w), value = -0.5 * (double)n * JF_LOG_2PI;

    signal(e, n, x, p);
    for (size_t k = 0; k <= n / 2; k++) /* half-complex, real spectrum */
        w[k] = 1 / sqrt(p[k]);
    gsl_fft_halfcomplex_radix2_inverse(w, 1, n);
    for (size_t i = 0; i < n; i++) {
        double z = 0;
        for (size_t j = 0; j < n; j++)
            z += w[(i + n - j) % n] * x[j];
        value += -0.5 * z * z - 0.5 * log(p[i]);
    }
    value = fabs(value - jf_eig(n, p)) / (double)n;
    free(w);
    free(p);
    free(x);
    return value;
}

static void convolution(const experiment *e, finding *f)
{
    f->d = f->n = 1024;
    for (size_t n = 16; n <= 1024; n *= 4)
        f->measured = jf_worse(f->measured, convolution_error(e, n));
}

static const check checks_signals[] = {
    {{"C3.6", "one shared 1x1 convolution is at most the mean over images",
      "50 random images, C = 3, N = 64", "log det is concave; rounding"},
     "shared 1x1",
     JF_AT_MOST,
     1e-10,
     images},
    {{"C3.6",
      "whitening each image by itself is no flow: its Jacobian has rank C N - "
      "C(C+1)/2",
      "C = 2, N = 3", "singular values above 1e-6, central differences"},
     "whitening rank",
     JF_EQUAL,
     0,
     whitening_rank},
    {{"C3.7",
      "the periodogram is the spectrum of the signal's circulant "
      "autocorrelation matrix",
      "random signals, N = 16 .. 1024", "largest difference over N"},
     "circulant",
     JF_EQUAL,
     1e-12,
     circulant},
    {{"C3.7", "-1/2 sum log(2 pi e P_k) is attained by an explicit convolution",
      "random signals, N = 16 .. 1024", "largest difference over N"},
     "convolution",
     JF_EQUAL,
     1e-12,
     convolution},
};

const check_list list_signals = {checks_signals, sizeof checks_signals /
                                                     sizeof *checks_signals};
