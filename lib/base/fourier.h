/* fourier.h -- real fields on a torus and their discrete Fourier transforms,
 * in double, and cosine transforms, in real, both by FFTW.
 *
 * half[ky, kx] = sum_{y, x} field[y, x] exp(-2 pi i (ky y / height + kx x /
 * width)), kx = 0 .. width / 2; the other half are the conjugates.  Plans are
 * estimated, never measured, so that every run has the same bytes. */
#ifndef JF_FOURIER_H
#define JF_FOURIER_H

#include "base/real.h"

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

/* Cosine transforms of n reals in place (Ahmed, Natarajan and Rao 1974), of a
 * sequence that goes on by reflection, x_-1 = x_0 and x_n = x_n-1:
 *
 *     forward  X_k = 2 sum_j x_j cos(pi (j + 1/2) k / n)
 *     inverse  x_j = X_0 + 2 sum_{k > 0} X_k cos(pi (j + 1/2) k / n),
 *
 * one after the other 2 n x; sqrt(c_k) X_k, c_0 = 1 / (4 n), c_k = 1 / (2 n),
 * are coordinates in an orthonormal basis.  Scratch has room reals, aligned to
 * 64 bytes as what jf_push returns.  From any thread, as many at a time as
 * there are.  For lengths of large prime factors FFTW takes memory of its own
 * while it transforms. */
typedef struct {
    size_t n, room;
    real *turn; /* (n / 2 + 1): 2 cos(pi k / 2 n), 2 sin */
    struct jf_cosine_plans *plans;
} jf_cosines;

jf_cosines *jf_cosines_new(size_t n); /* NULL as jf_fourier_new */
void jf_cosines_free(jf_cosines *c);
void jf_cosines_forward(const jf_cosines *c, real *x, real *scratch);
void jf_cosines_inverse(const jf_cosines *c, real *x, real *scratch);

/* c_k above. */
static inline double jf_cosines_weight(size_t n, size_t k)
{
    return 1 / ((k ? 2 : 4) * (double)n);
}

#endif
