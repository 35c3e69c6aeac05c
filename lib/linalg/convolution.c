/* convolution.c -- the norm of a 3 x 3 convolution.
 *
 * With zero padding A is the convolution on Z^2 between two cuts to the image,
 * so |A| <= sup over w of |S(w)|, where S(w) = sum_t K_t exp(i t.w) is the
 * symbol, t = (-1 .. 1)^2.  For unit u, v the real part of a phase times u* S v
 * is a real trigonometric polynomial of degree 1 in each variable; one of
 * degree 1 is at most 1 / cos(pi / N) times its largest modulus at N equal
 * steps (Ehlich and Zeller 1964), and one variable after the other gives
 *
 *     sup |S| <= max over the N x N grid of |S| / cos(pi / N)^2.
 *
 * The norm at a grid point is that of the real matrix (Re, -Im; Im, Re), from
 * above by its Schatten norm.  S(-w) is the conjugate, so half a grid will do.
 */
#include "linalg/convolution.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/matrix.h"
#include "linalg/spectral.h"

enum { TAPS = 9, GRID = 24 };

void jf_convolution_apply(const void *arg, int transposed, const double *in,
                          double *out)
{
    const jf_convolution *a = arg;
    size_t from = transposed ? a->n_out : a->n_in;
    size_t to = transposed ? a->n_in : a->n_out;
    memset(out, 0, a->height * a->width * to * sizeof *out);
    for (size_t y = 0; y < a->height; y++)
        for (size_t x = 0; x < a->width; x++)
            for (size_t t = 0; t < TAPS; t++) {
                /* Output pixel p reads p + t; the transpose, p - t. */
                size_t s = transposed ? TAPS - 1 - t : t;
                size_t v = y + s / 3, u = x + s % 3;
                if (v < 1 || u < 1 || v > a->height || u > a->width)
                    continue;
                const double *p = in + ((v - 1) * a->width + u - 1) * from;
                double *q = out + (y * a->width + x) * to;
                const real *w = a->w + t * a->n_in * a->n_out;
                for (size_t i = 0; i < a->n_in; i++)
                    for (size_t o = 0; o < a->n_out; o++)
                        q[transposed ? i : o] +=
                            (double)w[i * a->n_out + o] * p[transposed ? o : i];
            }
}

int jf_convolution_norm(const jf_convolution *a, unsigned long seed,
                        size_t products, double tolerance, double *sigma)
{
    size_t pixels = a->height * a->width;
    return jf_operator_norm(pixels * a->n_out, pixels * a->n_in,
                            jf_convolution_apply, a, seed, products, tolerance,
                            sigma);
}

/* s (2 n_out, 2 n_in) := the symbol at angles (k, l) 2 pi / GRID. */
static void symbol(const jf_convolution *a, size_t k, size_t l, double *s)
{
    size_t cols = 2 * a->n_in;
    memset(s, 0, 2 * a->n_out * cols * sizeof *s);
    for (size_t t = 0; t < TAPS; t++) {
        double angle = 2 * acos(-1.0) / GRID *
                       (((double)(t / 3) - 1) * (double)k +
                        ((double)(t % 3) - 1) * (double)l);
        double c = cos(angle), d = sin(angle);
        const real *w = a->w + t * a->n_in * a->n_out;
        for (size_t i = 0; i < a->n_in; i++)
            for (size_t o = 0; o < a->n_out; o++) {
                double v = (double)w[i * a->n_out + o];
                s[o * cols + i] += v * c;
                s[o * cols + a->n_in + i] -= v * d;
                s[(a->n_out + o) * cols + i] += v * d;
                s[(a->n_out + o) * cols + a->n_in + i] += v * c;
            }
    }
}

/* Rounding of an entry: 9 terms, each with a cosine of an angle below 10, is
 * off by at most 32 u of the sum of moduli; the norm by as much of theirs. */
double jf_convolution_bound(const jf_convolution *a, jf_work *work)
{
    size_t size = a->n_in * a->n_out;
    double *s = jf_push_bytes(work, 4 * size * sizeof *s), most = 0, sum = 0;
    double step = cos(acos(-1.0) / GRID);

    for (size_t t = 0; t < TAPS; t++) {
        double square = 0;
        for (size_t i = 0; i < size; i++)
            square += (double)a->w[t * size + i] * (double)a->w[t * size + i];
        sum += sqrt(square);
    }
    for (size_t k = 0; k <= GRID / 2; k++)
        for (size_t l = 0; l < GRID; l++) {
            symbol(a, k, l, s);
            double norm = jf_norm_bound(2 * a->n_out, 2 * a->n_in, s, work);
            if (!isnan(most) && !(norm <= most))
                most = norm; /* a NaN stays */
        }
    jf_pop(work, s);
    return (most + 64 * DBL_EPSILON * sum) / (step * step) *
           (1 + 16 * DBL_EPSILON);
}
