/* spectral.c -- see spectral.h. */
#include "linalg/spectral.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/stream.h"
#include "linalg/factor.h"

/* gram (k, k), lower triangle := products of k vectors of length m. */
static void products(size_t k, size_t m, const real *w, size_t step,
                     size_t stride, double *gram)
{
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = 0;
            for (size_t e = 0; e < m; e++)
                sum += (double)w[i * step + e * stride] *
                       (double)w[j * step + e * stride];
            gram[i * k + j] = sum;
        }
}

/* From the smaller Gram matrix: W'W v = sigma^2 v, or WW'u = sigma^2 u and v =
 * W'u / sigma. */
int jf_largest_singular(size_t n, size_t d, const real *w, size_t step,
                        size_t stride, double *sigma, double *v, jf_work *work)
{
    int left = n < d;
    size_t k = left ? n : d;
    double *gram = jf_push_bytes(work, (k * k + k) * sizeof *gram);
    double *top = gram + k * k, square;

    products(k, left ? d : n, w, left ? step : stride, left ? stride : step,
             gram);
    JF_TRY(jf_eigen_largest(k, gram, &square, top));
    *sigma = sqrt(fmax(square, 0));
    for (size_t j = 0; j < d; j++) {
        v[j] = left ? 0 : top[j];
        for (size_t i = 0; left && *sigma > 0 && i < n; i++)
            v[j] += (double)w[i * step + j * stride] * top[i] / *sigma;
    }
    jf_pop(work, gram);
    return GSL_SUCCESS;
}

/* v := v / |v|; returns |v|. */
static double normalise(size_t n, double *v)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i] * v[i];
    for (size_t i = 0; sum > 0 && i < n; i++)
        v[i] /= sqrt(sum);
    return sqrt(sum);
}

int jf_operator_norm(size_t rows, size_t cols, jf_operator a, const void *arg,
                     unsigned long seed, size_t products, double tolerance,
                     double *sigma)
{
    *sigma = (double)NAN;
    double *v = jf_alloc(2 * cols + rows, sizeof *v);
    JF_TRY_MEMORY(v);
    double *next = v + cols, *image = next + cols, square = 0;
    jf_stream stream;
    gsl_rng *rng = jf_stream_in(&stream);
    int settled = 0;

    jf_stream_seek(rng, seed, JF_PURPOSE_NORM, 0, 0);
    for (size_t i = 0; i < cols; i++)
        v[i] = jf_stream_normal(rng, 1.0);
    normalise(cols, v);
    for (size_t k = 0; k < products && !settled; k++) {
        double residual = 0;
        a(arg, 0, v, image);
        a(arg, 1, image, next);
        square = 0;
        for (size_t i = 0; i < cols; i++)
            square += v[i] * next[i];
        for (size_t i = 0; i < cols; i++)
            residual += (next[i] - square * v[i]) * (next[i] - square * v[i]);
        settled = sqrt(residual) <= tolerance * square;
        normalise(cols, next);
        memcpy(v, next, cols * sizeof *v);
    }
    free(v);
    *sigma = sqrt(square);
    if (!settled)
        JF_ERROR("the power iteration did not settle", GSL_EMAXITER);
    return GSL_SUCCESS;
}

/* Relative rounding of each of the three products of length k, of positive
 * traces: below 3 k u each; 16 k u covers them and the roots. */
double jf_norm_bound(size_t m, size_t n, const double *a, jf_work *work)
{
    size_t k = m < n ? m : n, other = m < n ? n : m;
    double largest = 0, sum = 0;
    for (size_t i = 0; i < m * n; i++)
        largest = fmax(largest, fabs(a[i]));
    if (!(largest > 0))
        return largest; /* 0, or NaN */
    double *gram = jf_push_bytes(work, 2 * k * k * sizeof *gram);
    double *square = gram + k * k;
    if (m < n)
        jf_dgemm(JF_NT, k, k, other, 1 / largest / largest, a, a, 0, gram);
    else
        jf_dgemm(JF_TN, k, k, other, 1 / largest / largest, a, a, 0, gram);
    jf_dgemm(JF_NN, k, k, k, 1, gram, gram, 0, square);
    for (size_t i = 0; i < k * k; i++)
        sum += square[i] * square[i]; /* tr (A'A)^4 */
    jf_pop(work, gram);
    return largest * pow(sum, 0.125) *
           (1 + 16 * (double)(k + other) * DBL_EPSILON);
}
