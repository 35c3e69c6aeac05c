/* fourier.c -- plans of FFTW, which it makes one at a time. */
#include "base/fourier.h"

#include <limits.h>
#include <stdlib.h>

#include <fftw3.h>
#include <gsl/gsl_math.h>

#include "base/clones.h"
#include "base/error.h"
#include "base/matrix.h"

#ifdef JF_SINGLE
#define IN_REAL(name) fftwf_##name
#else
#define IN_REAL(name) fftw_##name
#endif

struct jf_fourier_plans {
    fftw_plan forward, inverse;
};

static void plan(jf_fourier *f)
{
    int rows = (int)f->height, cols = (int)f->width;
#pragma omp critical(jf_fourier)
    {
        f->plans->forward = fftw_plan_dft_r2c_2d(
            rows, cols, f->field, f->half, FFTW_ESTIMATE | FFTW_PRESERVE_INPUT);
        f->plans->inverse =
            fftw_plan_dft_c2r_2d(rows, cols, f->half, f->field, FFTW_ESTIMATE);
    }
}

jf_fourier *jf_fourier_new(size_t height, size_t width)
{
    jf_fourier *f = jf_alloc(1, sizeof *f);
    if (!f)
        return NULL;
    f->height = height;
    f->width = width;
    f->bins = height * (width / 2 + 1);
    f->plans = jf_alloc(1, sizeof *f->plans);
    if (f->plans) {
        f->field = fftw_alloc_real(height * width);
        f->half = fftw_alloc_complex(f->bins);
    }
    if (f->field && f->half)
        plan(f);
    if (f->plans && f->plans->forward && f->plans->inverse)
        return f;
    jf_fourier_free(f);
    JF_ERROR_NULL("no memory for a Fourier transform", GSL_ENOMEM);
}

void jf_fourier_free(jf_fourier *f)
{
    if (!f)
        return;
#pragma omp critical(jf_fourier)
    if (f->plans) {
        fftw_destroy_plan(f->plans->forward);
        fftw_destroy_plan(f->plans->inverse);
    }
    free(f->plans);
    fftw_free(f->half);
    fftw_free(f->field);
    free(f);
}

void jf_fourier_forward(jf_fourier *f)
{
    fftw_execute(f->plans->forward);
}

void jf_fourier_inverse(jf_fourier *f)
{
    fftw_execute(f->plans->inverse);
}

struct jf_cosine_plans {
    IN_REAL(plan) forward, inverse;
};

enum { ALIGN = 64 / sizeof(real) };

/* Scratch is a sequence (n), then half of its Fourier transform. */
static size_t half_at(size_t n)
{
    return (n + ALIGN - 1) / ALIGN * ALIGN;
}

static void plan_cosines(jf_cosines *c, real *scratch)
{
    int n = (int)c->n;
    IN_REAL(complex) *half = (IN_REAL(complex) *)(scratch + half_at(c->n));
#pragma omp critical(jf_fourier)
    {
        c->plans->forward =
            IN_REAL(plan_dft_r2c_1d)(n, scratch, half, FFTW_ESTIMATE);
        c->plans->inverse =
            IN_REAL(plan_dft_c2r_1d)(n, half, scratch, FFTW_ESTIMATE);
    }
}

jf_cosines *jf_cosines_new(size_t n)
{
    if (n == 0 || n > INT_MAX)
        JF_ERROR_NULL("a transform needs an entry", GSL_EINVAL);
    jf_cosines *c = jf_alloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->n = n;
    c->room = half_at(half_at(n) + 2 * (n / 2 + 1));
    c->turn = jf_alloc(n / 2 + 1, 2 * sizeof *c->turn);
    c->plans = jf_alloc(1, sizeof *c->plans);
    real *scratch = aligned_alloc(64, c->room * sizeof *scratch);
    if (c->turn && c->plans && scratch)
        plan_cosines(c, scratch);
    free(scratch);
    if (!c->plans || !c->plans->forward || !c->plans->inverse) {
        jf_cosines_free(c);
        JF_ERROR_NULL("no memory for a cosine transform", GSL_ENOMEM);
    }
    for (size_t k = 0; k <= n / 2; k++) {
        double angle = M_PI * (double)k / (2 * (double)n);
        c->turn[2 * k] = (real)(2 * cos(angle));
        c->turn[2 * k + 1] = (real)(2 * sin(angle));
    }
    return c;
}

void jf_cosines_free(jf_cosines *c)
{
    if (!c)
        return;
#pragma omp critical(jf_fourier)
    if (c->plans) {
        IN_REAL(destroy_plan)(c->plans->forward);
        IN_REAL(destroy_plan)(c->plans->inverse);
    }
    free(c->plans);
    free(c->turn);
    free(c);
}

/* v := x_0, x_2, .. x_3, x_1, the order in which the cosine transform is a turn
 * of a Fourier transform (Makhoul 1980), 2 exp(-i pi k / 2 n) V_k = X_k - i
 * X_n-k; and back. */
JF_CLONES static void fourier_fold(size_t n, const real *x, real *v)
{
    for (size_t j = 0; j < (n + 1) / 2; j++)
        v[j] = x[2 * j];
    for (size_t j = 0; j < n / 2; j++)
        v[n - 1 - j] = x[2 * j + 1];
}

JF_CLONES static void fourier_unfold(size_t n, const real *v, real *x)
{
    for (size_t j = 0; j < n / 2; j++) {
        x[2 * j] = v[j];
        x[2 * j + 1] = v[n - 1 - j];
    }
    if (n % 2)
        x[n - 1] = v[n / 2];
}

JF_CLONES static void fourier_turn(size_t n, const real *turn, const real *half,
                                   real *x)
{
    for (size_t k = 1; k <= n / 2; k++) {
        real c = turn[2 * k], s = turn[2 * k + 1];
        real re = half[2 * k], im = half[2 * k + 1];
        x[k] = c * re + s * im;
        x[n - k] = s * re - c * im;
    }
    x[0] = 2 * half[0];
}

JF_CLONES static void fourier_turn_back(size_t n, const real *turn,
                                        const real *x, real *half)
{
    half[0] = x[0];
    half[1] = 0;
    for (size_t k = 1; k <= n / 2; k++) {
        real c = turn[2 * k] / 2, s = turn[2 * k + 1] / 2;
        half[2 * k] = c * x[k] + s * x[n - k];
        half[2 * k + 1] = s * x[k] - c * x[n - k];
    }
}

void jf_cosines_forward(const jf_cosines *c, real *x, real *scratch)
{
    real *half = scratch + half_at(c->n);
    fourier_fold(c->n, x, scratch);
    IN_REAL(execute_dft_r2c)
    (c->plans->forward, scratch, (IN_REAL(complex) *)half);
    fourier_turn(c->n, c->turn, half, x);
}

void jf_cosines_inverse(const jf_cosines *c, real *x, real *scratch)
{
    real *half = scratch + half_at(c->n);
    fourier_turn_back(c->n, c->turn, x, half);
    IN_REAL(execute_dft_c2r)
    (c->plans->inverse, (IN_REAL(complex) *)half, scratch);
    fourier_unfold(c->n, scratch, x);
}
