/* fourier.h -- real fields on a torus and their discrete Fourier transforms,
 * by FFTW, in double.
 *
 * half[ky, kx] = sum_{y, x} field[y, x] exp(-2 pi i (ky y / height + kx x /
 * width)), kx = 0 .. width / 2; the other half are the conjugates.  Plans are
 * estimated, never measured, so that every run has the same bytes. */
#ifndef JF_FOURIER_H
#define JF_FOURIER_H

#include <stddef.h>

typedef struct {
    size_t height, width, bins; /* bins = height (width / 2 + 1)      */
    double *field;              /* (height, width)                    */
    double (*half)[2];          /* (height, width / 2 + 1): re, im    */
    struct jf_fourier_plans *plans;
} jf_fourier;

/* From any thread; a transform itself is used by one thread at a time.  NULL:
 * no memory, of which FFTW needs some more for its plans, a few kilobytes; it
 * ends the program where it finds none for itself. */
jf_fourier *jf_fourier_new(size_t height, size_t width);
void jf_fourier_free(jf_fourier *f);

void jf_fourier_forward(jf_fourier *f); /* half from field, which is kept */
void jf_fourier_inverse(jf_fourier *f); /* field from half, times height
                                           width; half is lost            */

/* How many frequencies a bin in column kx stands for: 1 when the column is its
 * own mirror image (kx = 0 or width / 2), otherwise 2. */
static inline int jf_fourier_weight(size_t width, size_t kx)
{
    return kx == 0 || 2 * kx == width ? 1 : 2;
}

#endif
