/* fourier.c -- plans of FFTW, which it makes one at a time. */
#include "base/fourier.h"

#include <limits.h>
#include <stdlib.h>

#include <fftw3.h>

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

struct jf_cosines {
    IN_REAL(plan) forward, inverse;
};

/* Plans for memory that is aligned as x is; an estimate does not touch it. */
static void plan_cosines(jf_cosines *c, int n, real *x)
{
#pragma omp critical(jf_fourier)
    {
        c->forward = IN_REAL(plan_r2r_1d)(n, x, x, FFTW_REDFT10, FFTW_ESTIMATE);
        c->inverse = IN_REAL(plan_r2r_1d)(n, x, x, FFTW_REDFT01, FFTW_ESTIMATE);
    }
}

jf_cosines *jf_cosines_new(size_t n)
{
    if (n == 0 || n > INT_MAX)
        JF_ERROR_NULL("a transform needs an entry", GSL_EINVAL);
    enum { ALIGN = 64 };
    jf_cosines *c = jf_alloc(1, sizeof *c);
    real *x = aligned_alloc(ALIGN, (n * sizeof *x / ALIGN + 1) * ALIGN);
    if (c && x)
        plan_cosines(c, (int)n, x);
    free(x);
    if (c && c->forward && c->inverse)
        return c;
    jf_cosines_free(c);
    JF_ERROR_NULL("no memory for a cosine transform", GSL_ENOMEM);
}

void jf_cosines_free(jf_cosines *c)
{
    if (!c)
        return;
#pragma omp critical(jf_fourier)
    {
        IN_REAL(destroy_plan)(c->forward);
        IN_REAL(destroy_plan)(c->inverse);
    }
    free(c);
}

void jf_cosines_forward(const jf_cosines *c, real *x)
{
    IN_REAL(execute_r2r)(c->forward, x, x);
}

void jf_cosines_inverse(const jf_cosines *c, real *x)
{
    IN_REAL(execute_r2r)(c->inverse, x, x);
}
