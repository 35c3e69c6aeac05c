/* transform.c -- dequantisation, standardisation, splits. */
#include "data/transform.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "base/error.h"
#include "base/stream.h"

void jf_dequantize(jf_matrix x, real width, unsigned long seed)
{
    jf_stream stream;
    gsl_rng *rng = jf_stream_in(&stream);
    for (size_t i = 0; i < x.rows; i++) {
        jf_stream_seek(rng, seed, JF_PURPOSE_DEQUANTIZE, 0, i);
        for (size_t j = 0; j < x.cols; j++)
            jf_row(x, i)[j] += width * jf_stream_uniform(rng);
    }
}

double jf_standardize(jf_matrix x, double *mean, double *sd)
{
    double n = (double)x.rows, shift = 0;
    for (size_t j = 0; j < x.cols; j++) {
        double sum = 0, square = 0;
        for (size_t i = 0; i < x.rows; i++)
            sum += (double)jf_row(x, i)[j];
        mean[j] = sum / n;
        for (size_t i = 0; i < x.rows; i++) {
            double u = (double)jf_row(x, i)[j] - mean[j];
            square += u * u;
        }
        sd[j] = square > 0 ? sqrt(square / n) : 1;
        shift += log(sd[j]);
        for (size_t i = 0; i < x.rows; i++)
            jf_row(x, i)[j] =
                (real)(((double)jf_row(x, i)[j] - mean[j]) / sd[j]);
    }
    return shift;
}

static int gather(jf_matrix x, const size_t *rows, size_t count,
                  jf_matrix *part)
{
    *part = jf_matrix_new(count, x.cols);
    JF_TRY_MEMORY(part->data);
    for (size_t i = 0; i < count; i++)
        memcpy(jf_row(*part, i), jf_row(x, rows[i]), x.cols * sizeof(real));
    return GSL_SUCCESS;
}

/* The first a rows of order, those up to b, and the rest. */
static int cut(jf_matrix x, const size_t *order, size_t a, size_t b,
               jf_matrix *const part[3])
{
    JF_TRY(gather(x, order, a, part[0]));
    JF_TRY(gather(x, order + a, b - a, part[1]));
    return gather(x, order + b, x.rows - b, part[2]);
}

int jf_split(jf_matrix x, double training, double validation,
             unsigned long seed, jf_matrix *train, jf_matrix *valid,
             jf_matrix *test)
{
    jf_matrix *const part[3] = {train, valid, test};
    size_t n = x.rows, *order = jf_alloc(n, sizeof *order);
    size_t a = (size_t)(training * (double)n);
    size_t b = a + (size_t)(validation * (double)n);
    jf_stream stream;
    gsl_rng *rng = jf_stream_in(&stream);

    *train = *valid = *test = (jf_matrix){0};
    JF_TRY_MEMORY(order);
    if (a > n)
        a = n;
    if (b > n)
        b = n;
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    jf_stream_seek(rng, seed, JF_PURPOSE_SPLIT, 0, 0);
    gsl_ran_shuffle(rng, order, n, sizeof *order);
    int status = cut(x, order, a, b, part);
    for (size_t k = 0; k < 3 && status != GSL_SUCCESS; k++)
        jf_matrix_free(part[k]);
    free(order);
    return status;
}
