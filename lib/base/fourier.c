/* fourier.c -- plans of FFTW, which it makes one at a time. */
#include "base/fourier.h"

#include <stdlib.h>

#include <fftw3.h>

#include "base/matrix.h"

struct jf_fourier_plans {
    fftw_plan forward, inverse;
};

jf_fourier *jf_fourier_new(size_t height, size_t width)
{
    jf_fourier *f = jf_alloc(1, sizeof *f);
    int rows = (int)height, cols = (int)width;
    f->height = height;
    f->width = width;
    f->bins = height * (width / 2 + 1);
    f->field = fftw_alloc_real(height * width);
    f->half = fftw_alloc_complex(f->bins);
    f->plans = jf_alloc(1, sizeof *f->plans);
    if (!f->field || !f->half)
        abort(); /* out of memory */
#pragma omp critical(jf_fourier)
    {
        f->plans->forward = fftw_plan_dft_r2c_2d(
            rows, cols, f->field, f->half, FFTW_ESTIMATE | FFTW_PRESERVE_INPUT);
        f->plans->inverse =
            fftw_plan_dft_c2r_2d(rows, cols, f->half, f->field, FFTW_ESTIMATE);
    }
    return f;
}

void jf_fourier_free(jf_fourier *f)
{
    if (!f)
        return;
#pragma omp critical(jf_fourier)
    {
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
