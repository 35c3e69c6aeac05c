/* actnorm.c -- z = (x + b) exp(s) by column, theta = (s, b).
 *
 * s has d, 1 or no entries and b has d or none, hence four layers of one
 * formula.  log |det df/dx| = sum_j s_j.  init makes each column's mean 0 and
 * mean square 1 over the given rows (Kingma and Dhariwal 2018, sec. 3.1); a
 * scale without a bias keeps the mean. */
#include <tgmath.h>

#include "base/error.h"
#include "layer/layers.h"

typedef struct {
    jf_layer base;
    size_t scales, biases; /* entries of s and of b */
} actnorm;

static real scale_of(const actnorm *a, const real *theta, size_t j)
{
    return a->scales == 0 ? R(1.0) : exp(theta[a->scales == 1 ? 0 : j]);
}

/* sum_j s_j [nats] */
static double sum_s(const actnorm *a, const real *theta)
{
    double sum = 0;
    for (size_t j = 0; j < a->scales; j++)
        sum += (double)theta[j];
    return a->scales == 1 ? sum * (double)a->base.d : sum;
}

/* mean_j of each column and square_j of what is left of it: row by row, as an
 * image has many more rows than columns. */
static void moments(const actnorm *a, jf_const_matrix x, double *mean,
                    double *square)
{
    size_t d = x.cols;
    double n = (double)x.rows;
    for (size_t j = 0; j < d; j++)
        mean[j] = square[j] = 0;
    for (size_t i = 0; a->biases && i < x.rows; i++)
        for (size_t j = 0; j < d; j++)
            mean[j] += (double)jf_const_row(x, i)[j] / n;
    for (size_t i = 0; i < x.rows; i++)
        for (size_t j = 0; j < d; j++) {
            double u = (double)jf_const_row(x, i)[j] - mean[j];
            square[j] += u * u / n;
        }
}

static int init(const jf_layer *self, real *theta, jf_const_matrix x,
                gsl_rng *rng, jf_work *work)
{
    const actnorm *a = (const actnorm *)self;
    real *s = theta, *b = theta + a->scales;
    double *mean = jf_push_bytes(work, 2 * self->d * sizeof *mean), total = 0;
    double *square = mean + self->d;
    (void)rng;

    moments(a, x, mean, square);
    for (size_t j = 0; j < self->d; j++) {
        if (a->biases)
            b[j] = (real)-mean[j];
        if (a->scales > 1 || self->d == a->scales)
            s[j] = square[j] > 0 ? (real)(-0.5 * log(square[j])) : R(0.0);
        total += square[j];
    }
    if (a->scales == 1 && self->d > 1)
        s[0] = total > 0 ? (real)(-0.5 * log(total / (double)self->d)) : R(0.0);
    jf_pop(work, mean);
    return GSL_SUCCESS;
}

static int forward(const jf_layer *self, jf_weights w, jf_matrix x,
                   double *log_abs_det, jf_work *work)
{
    const actnorm *a = (const actnorm *)self;
    const real *b = w.theta + a->scales;
    double sum = sum_s(a, w.theta);
    real *e = jf_push(work, self->d);

    for (size_t j = 0; j < self->d; j++)
        e[j] = scale_of(a, w.theta, j);
    for (size_t i = 0; i < x.rows; i++) {
        real *row = jf_row(x, i);
        for (size_t j = 0; j < a->biases; j++)
            row[j] += b[j];
        for (size_t j = 0; a->scales && j < self->d; j++)
            row[j] *= e[j];
        log_abs_det[i] += sum;
    }
    jf_pop(work, e);
    return GSL_SUCCESS;
}

static int inverse(const jf_layer *self, jf_weights w, jf_matrix z,
                   jf_work *work)
{
    const actnorm *a = (const actnorm *)self;
    const real *b = w.theta + a->scales;
    real *e = jf_push(work, self->d);

    for (size_t j = 0; j < self->d; j++)
        e[j] = scale_of(a, w.theta, j);
    for (size_t i = 0; i < z.rows; i++) {
        real *row = jf_row(z, i);
        for (size_t j = 0; a->scales && j < self->d; j++)
            row[j] /= e[j];
        for (size_t j = 0; j < a->biases; j++)
            row[j] -= b[j];
    }
    jf_pop(work, e);
    return GSL_SUCCESS;
}

/* ds_j = sum_i dz z + dlad,  db_j = sum_i dz e^s,  dx = dz e^s. */
static int backward(const jf_layer *self, jf_weights w, jf_matrix z,
                    jf_matrix dz, const double *d_log_abs_det, jf_grad grad,
                    jf_work *work)
{
    const actnorm *a = (const actnorm *)self;
    double *ds = jf_push_bytes(work, 2 * self->d * sizeof *ds);
    double *db = ds + self->d, dlad = 0;
    real *e = jf_push(work, self->d);

    for (size_t j = 0; j < self->d; j++) {
        e[j] = scale_of(a, w.theta, j);
        ds[j] = db[j] = 0;
    }
    for (size_t i = 0; i < z.rows; i++) {
        real *v = jf_row(z, i), *dv = jf_row(dz, i);
        for (size_t j = 0; a->scales && j < self->d; j++) {
            ds[j] += (double)(dv[j] * v[j]);
            dv[j] *= e[j];
        }
        for (size_t j = 0; j < a->biases; j++)
            db[j] += (double)dv[j];
        dlad += d_log_abs_det[i];
    }
    for (size_t j = 0; j < self->d && a->scales; j++)
        grad.theta[a->scales == 1 ? 0 : j] += (real)(ds[j] + dlad);
    for (size_t j = 0; j < a->biases; j++)
        grad.theta[a->scales + j] += (real)db[j];
    jf_pop(work, e);
    jf_pop(work, ds);
    return inverse(self, w, z, work);
}

static int bounds(const jf_layer *self, jf_weights w, double radius,
                  double *least, double *largest, jf_work *work)
{
    const actnorm *a = (const actnorm *)self;
    (void)radius, (void)work;
    *least = *largest = (double)scale_of(a, w.theta, 0);
    for (size_t j = 1; j < self->d; j++) {
        *least = fmin(*least, (double)scale_of(a, w.theta, j));
        *largest = fmax(*largest, (double)scale_of(a, w.theta, j));
    }
    return GSL_SUCCESS;
}

static const jf_layer_ops ops = {.init_from_data = init,
                                 .forward = forward,
                                 .inverse = inverse,
                                 .backward = backward,
                                 .bounds = bounds};

static jf_layer *make(const char *name, size_t d, size_t scales, size_t biases)
{
    if (d == 0)
        JF_ERROR_NULL("a layer needs at least one column", GSL_EINVAL);
    actnorm *a =
        (actnorm *)jf_layer_new(sizeof *a, name, &ops, d, scales + biases);
    if (!a)
        return NULL;
    a->base.rowwise = 1;
    a->scales = scales;
    a->biases = biases;
    return jf_layer_record(&a->base, "d=%zu", d);
}

jf_layer *jf_actnorm(size_t d)
{
    return make("actnorm", d, d, d);
}

jf_layer *jf_diagonal(size_t d)
{
    return make("diagonal", d, d, 0);
}

jf_layer *jf_scale(size_t d)
{
    return make("scale", d, 1, 0);
}

jf_layer *jf_bias(size_t d)
{
    return make("bias", d, 0, d);
}
