/* signals.c -- one image (C3.6) and one signal (C3.7).
 *
 * Question  When does the auto-correlation matrix of one image (C3.6), or the
 *           periodogram of one signal (C3.7), determine the optimum?
 * Method    Closed forms against matrices built from their definitions.
 * Writes    rows of optimum-points.csv. */
#include "optimum.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_fft_halfcomplex.h>
#include <gsl/gsl_fft_real.h>

/* C3.6: random images of C channels and N pixels, a row each, and the mean R
 * (C, C) of their auto-correlations; returns the mean of their own EIG. */
enum { C = 3, N = 64, IMAGES = 50 };

static double random_images(const experiment *e, jf_matrix x, double *mean)
{
    double r[C * C], lambda[C], each = 0;
    gsl_rng *rng = stream(e, 6);
    for (size_t k = 0; k < IMAGES; k++) {
        real *image = jf_row(x, k);
        double gain = exp(jf_stream_normal(rng, 0.5));
        for (size_t i = 0; i < N * C; i++)
            image[i] = gain * gsl_rng_uniform(rng);
        jf_dgemm(JF_TN, C, C, N, 1.0 / N, image, image, 0, r);
        for (size_t i = 0; i < C * C; i++)
            mean[i] += r[i] / IMAGES;
        each += jf_eigen_symmetric(C, r, lambda, 0) == GSL_SUCCESS
                    ? N * jf_eig(C, lambda) / IMAGES
                    : (double)NAN;
    }
    gsl_rng_free(rng);
    return each;
}

/* One W for all images, the inverse of Cholesky's factor of R, through the
 * library's layer and all its pixels. */
static void images(const experiment *e, finding *f)
{
    double mean[C * C] = {0}, w[C * C], lambda[C], unused;
    jf_matrix x = jf_matrix_new(IMAGES, N * C);
    double each = random_images(e, x, mean);
    jf_layer *flow = jf_shared(N, jf_dense(C));
    jf_latent q = jf_normal();
    jf_team *team = jf_team_new(1);
    jf_likelihood value = {.nll = (double)NAN};
    memcpy(w, mean, sizeof w);
    if (jf_cholesky(C, w) == GSL_SUCCESS &&
        jf_invert(C, w, &unused) == GSL_SUCCESS)
        jf_nll(flow, &q, w, jf_const(x), &value, NULL, team);
    f->d = C * N;
    f->n = IMAGES;
    f->measured = -value.nll;
    f->expected = jf_eigen_symmetric(C, mean, lambda, 0) == GSL_SUCCESS
                      ? N * jf_eig(C, lambda)
                      : (double)NAN;
    f->tolerance = (C * N + IMAGES) * DBL_EPSILON * fabs(f->expected);
    f->broken = f->expected - each;
    jf_team_free(team);
    jf_layer_free(flow);
    jf_matrix_free(&x);
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

/* Where the singular values of the Jacobian of x -> R_x^-1/2 x fall most.
 * Central differences err by about 1e-10: a fall by less than 1e3 is none. */
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
    double fall = 0;
    for (size_t i = 1; i < WD && !isnan(f->measured); i++)
        if (sigma[i - 1] > fall * sigma[i]) {
            fall = sigma[i - 1] / sigma[i];
            f->measured = (double)i;
        }
    if (fall < 1e3)
        snprintf(f->open, sizeof f->open, "the singular values have no gap");
    f->broken = f->expected - WD;
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

/* A difference, what a wrong formula makes of it, and what rounding may. */
typedef struct {
    double right, wrong, bound;
} errors;

static errors worse(errors a, errors b)
{
    return (errors){jf_worse(a.right, b.right), jf_worse(a.wrong, b.wrong),
                    jf_worse(a.bound, b.bound)};
}

/* Eigenvalues of (1/N) sum_s S_s x x' S_s' against the sorted periodogram, and
 * against N times it.  A sum of N products, of mean square s, errs by N u s;
 * the matrix of N such entries a row, and so an eigenvalue, by N^2 u s; as much
 * again is left to the eigensolver and the transform. */
static errors circulant_error(const experiment *e, size_t n)
{
    double *x = jf_alloc(n, sizeof *x), *p = jf_alloc(n, sizeof *p);
    double *a = jf_alloc(n * n, sizeof *a), *lambda = jf_alloc(n, sizeof *a);
    double *c = jf_alloc(n, sizeof *c);
    errors worst = {0};

    signal(e, n, x, p);
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < n; i++)
            c[k] += x[i] * x[(i + k) % n] / (double)n;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            a[i * n + j] = c[(j + n - i) % n];
    worst.bound = (double)(n * n) * DBL_EPSILON * c[0];
    if (jf_eigen_symmetric(n, a, lambda, 0) != GSL_SUCCESS)
        worst.right = (double)NAN;
    qsort(p, n, sizeof *p, descending);
    for (size_t i = 0; i < n; i++)
        worst = worse(worst, (errors){fabs(lambda[i] - p[i]),
                                      fabs(lambda[i] - (double)n * p[i]), 0});
    free(c);
    free(lambda);
    free(a);
    free(p);
    free(x);
    return worst;
}

static void over_lengths(const experiment *e, finding *f, size_t longest,
                         errors (*error)(const experiment *, size_t))
{
    errors worst = {0};
    f->d = f->n = longest;
    for (size_t n = 16; n <= longest; n *= 4)
        worst = worse(worst, error(e, n));
    f->measured = worst.right;
    f->tolerance = worst.bound;
    f->broken = worst.wrong - worst.right;
}

static void circulant(const experiment *e, finding *f)
{
    over_lengths(e, f, by_profile(e, 256, 1024, 1024), circulant_error);
}

/* The likelihood of the explicit kernel w^_k = p_k^-1/2, convolved in the
 * domain of the signal, against the formula, and against one that counts k =
 * N/2 twice.  z = w * x errs by N u |w|_1 |x| in the norm, and |z|^2 / 2, |z| =
 * N^1/2, by N^1/2 times that; |x| |z| = N s^1/2, s the mean square of x. */
static errors convolution_error(const experiment *e, size_t n)
{
    double *x = jf_alloc(n, sizeof *x), *p = jf_alloc(n, sizeof *p);
    double *w = jf_alloc(n, sizeof *w), value = -0.5 * (double)n * JF_LOG_2PI;
    double kernel = 0, power = 0;

    signal(e, n, x, p);
    for (size_t k = 0; k <= n / 2; k++) /* half-complex, real spectrum */
        w[k] = 1 / sqrt(p[k]);
    gsl_fft_halfcomplex_radix2_inverse(w, 1, n);
    for (size_t i = 0; i < n; i++) {
        double z = 0;
        for (size_t j = 0; j < n; j++)
            z += w[(i + n - j) % n] * x[j];
        value += -0.5 * z * z - 0.5 * log(p[i]);
        kernel += fabs(w[i]);
        power += x[i] * x[i] / (double)n;
    }
    double length = (double)n, twice = jf_eig(1, &p[n / 2]);
    double bound = length * length * DBL_EPSILON * kernel * sqrt(power);
    double error = value - jf_eig(n, p);
    free(w);
    free(p);
    free(x);
    return (errors){fabs(error), fabs(error - twice), bound};
}

static void convolution(const experiment *e, finding *f)
{
    over_lengths(e, f, 1024, convolution_error);
}

static const check checks_signals[] = {
    {{"C3.6",
      "one 1x1 convolution shared by a set attains N EIG of the mean of R_img",
      "50 random images, C = 3, N = 64",
      "W = L^-1, R = L L', through all pixels; roundings of a sum of C N + 50 "
      "terms",
      JF_IDENTITY, "mean of EIG for EIG of the mean"},
     "shared 1x1",
     JF_EQUAL,
     0,
     images},
    {{"C3.6",
      "whitening each image by itself is no flow: its Jacobian has rank C N - "
      "C(C+1)/2",
      "C = 2, N = 3",
      "where the singular values fall most, by 1e3 at least; central "
      "differences; a whole number",
      JF_IDENTITY, "a flow: rank C N"},
     "whitening rank",
     JF_EQUAL,
     0,
     whitening_rank},
    {{"C3.7",
      "the periodogram is the spectrum of the signal's circulant "
      "autocorrelation matrix",
      "random signals, N = 16 .. 1024",
      "largest difference over N; roundings of N sums of N products",
      JF_IDENTITY, "1/N lost"},
     "circulant",
     JF_EQUAL,
     0,
     circulant},
    {{"C3.7", "-1/2 sum log(2 pi e P_k) is attained by an explicit convolution",
      "random signals, N = 16 .. 1024; all P_k > 0",
      "largest difference over N; roundings of the convolution", JF_IDENTITY,
      "the frequency N/2 counted twice"},
     "convolution",
     JF_EQUAL,
     0,
     convolution},
};

const check_list list_signals = {checks_signals, sizeof checks_signals /
                                                     sizeof *checks_signals};
