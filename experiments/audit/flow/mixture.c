/* mixture.c -- whether log_likelihood - log_abs_det is the log-density of a
 * mixture of normal laws, with scales by column.
 *
 * z of a flow over such a base is drawn from it, so that expectation and
 * maximisation on z come near the components; the density itself, at every row,
 * then gives them to rounding, by least squares (Levenberg and Marquardt, GSL)
 * of its logarithm.  Weights are free and must come out with the sum 1. */
#include "mistakes.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_multifit_nlinear.h>

/* ROUNDINGS: of sums over components, in units of those of one normal law.
 * MORE_ROWS than parameters agree by chance in none.  Of MANY parameters one
 * start is made, since components of many columns lie apart. */
enum {
    MOST_COMPONENTS = 6,
    MOST_PARAMETERS = 600,
    MANY = 200,
    MOST_ROWS = 800,
    MORE_ROWS = 32,
    STARTS = 3,
    EM_STEPS = 40,
    LM_STEPS = 100,
    LM_STEPS_OF_MANY = 20,
    ROUNDINGS = 20,
    PURPOSE_MIXTURE = JF_PURPOSE_USER + 995
};

typedef struct {
    size_t n, d, k, p;       /* rows, columns, components, parameters */
    const double *z, *value; /* (n, d), (n) */
    double *theta;           /* (p) of component c: log weight, means, log
                                   scales, in a row of 1 + 2d */
    double *share;           /* (k) of one row */
} mixture;

/* share[c] := that of component c in the density at z; the log of all. */
static double look(mixture *m, const double *theta, const double *z)
{
    double most = -HUGE_VAL, sum = 0;
    for (size_t c = 0; c < m->k; c++) {
        const double *of = theta + c * (1 + 2 * m->d);
        m->share[c] = of[0];
        for (size_t j = 0; j < m->d; j++) {
            double log_sd = of[1 + m->d + j];
            double v = (z[j] - of[1 + j]) * exp(-log_sd);
            m->share[c] -= v * v / 2 + log_sd + JF_LOG_2PI / 2;
        }
        most = fmax(most, m->share[c]);
    }
    for (size_t c = 0; c < m->k; c++)
        sum += m->share[c] = exp(m->share[c] - most);
    for (size_t c = 0; c < m->k; c++)
        m->share[c] /= sum;
    return most + log(sum);
}

/* Centres at rows that are far from those before (k-means++), scales 1. */
static void begin(mixture *m, gsl_rng *rng)
{
    size_t d = m->d;
    double *near = jf_alloc(m->n, sizeof *near), total = (double)m->n;
    for (size_t i = 0; i < m->n; i++)
        near[i] = 1;
    for (size_t c = 0; c < m->k; c++) {
        double at = total * gsl_rng_uniform(rng), *of;
        size_t row = 0;
        while (row + 1 < m->n && (at -= near[row]) > 0)
            row++;
        of = m->theta + c * (1 + 2 * d);
        of[0] = -log((double)m->k);
        total = 0;
        for (size_t j = 0; j < d; j++) {
            of[1 + j] = m->z[row * d + j];
            of[1 + d + j] = 0;
        }
        for (size_t i = 0; i < m->n; i++) {
            double square = 0;
            for (size_t j = 0; j < d; j++)
                square += gsl_pow_2(m->z[i * d + j] - of[1 + j]);
            near[i] = c ? fmin(near[i], square) : square;
            total += near[i];
        }
    }
    free(near);
}

/* A step of expectation and maximisation, scales at least .01. */
static void em_step(mixture *m)
{
    size_t d = m->d, width = 1 + 2 * d;
    double *sum = jf_alloc(m->p, sizeof *sum);
    for (size_t i = 0; i < m->n; i++) {
        look(m, m->theta, m->z + i * d);
        for (size_t c = 0; c < m->k; c++) {
            double *to = sum + c * width, w = m->share[c];
            to[0] += w;
            for (size_t j = 0; j < d; j++) {
                to[1 + j] += w * m->z[i * d + j];
                to[1 + d + j] += w * gsl_pow_2(m->z[i * d + j]);
            }
        }
    }
    for (size_t c = 0; c < m->k; c++) {
        double *of = m->theta + c * width, *from = sum + c * width;
        double w = fmax(from[0], 1e-9);
        of[0] = log(w / (double)m->n);
        for (size_t j = 0; j < d; j++) {
            of[1 + j] = from[1 + j] / w;
            of[1 + d + j] =
                log(fmax(from[1 + d + j] / w - gsl_pow_2(of[1 + j]), 1e-4)) / 2;
        }
    }
    free(sum);
}

static int residuals(const gsl_vector *theta, void *of, gsl_vector *to)
{
    mixture *m = of;
    for (size_t i = 0; i < m->n; i++)
        gsl_vector_set(to, i,
                       look(m, theta->data, m->z + i * m->d) - m->value[i]);
    return GSL_SUCCESS;
}

static int derivatives(const gsl_vector *theta, void *of, gsl_matrix *to)
{
    mixture *m = of;
    size_t d = m->d, width = 1 + 2 * d;
    for (size_t i = 0; i < m->n; i++) {
        double *row = gsl_matrix_ptr(to, i, 0);
        look(m, theta->data, m->z + i * d);
        for (size_t c = 0; c < m->k; c++) {
            const double *at = theta->data + c * width;
            row[c * width] = m->share[c];
            for (size_t j = 0; j < d; j++) {
                double by = exp(-at[1 + d + j]);
                double v = (m->z[i * d + j] - at[1 + j]) * by;
                row[c * width + 1 + j] = m->share[c] * v * by;
                row[c * width + 1 + d + j] = m->share[c] * (v * v - 1);
            }
        }
    }
    return GSL_SUCCESS;
}

/* theta, by least squares from where it is. */
static void polish(mixture *m)
{
    gsl_multifit_nlinear_parameters how =
        gsl_multifit_nlinear_default_parameters();
    how.solver = gsl_multifit_nlinear_solver_cholesky;
    gsl_multifit_nlinear_fdf f = {
        .f = residuals, .df = derivatives, .n = m->n, .p = m->p, .params = m};
    gsl_multifit_nlinear_workspace *w = gsl_multifit_nlinear_alloc(
        gsl_multifit_nlinear_trust, &how, m->n, m->p);
    gsl_vector_view theta = gsl_vector_view_array(m->theta, m->p);
    int info;
    if (!w)
        jf_fail(1, "no memory for a fit");
    gsl_multifit_nlinear_init(&theta.vector, &f, w);
    gsl_multifit_nlinear_driver(m->p > MANY ? LM_STEPS_OF_MANY : LM_STEPS,
                                1e-15, 1e-15, 0, NULL, NULL, &info, w);
    gsl_vector_memcpy(&theta.vector, gsl_multifit_nlinear_position(w));
    gsl_multifit_nlinear_free(w);
}

/* Whether the density is that at all rows, and holds 1. */
static int agrees(const flow_numbers *f, mixture *m)
{
    double weights = 0, worst = 0, allowed = 0;
    for (size_t i = 0; i < f->n; i++) {
        double e = look(m, m->theta, f->z + i * f->d) - f->ll[i] + f->ld[i];
        if (!(fabs(e) <= worst * f->allowed[i]))
            worst = fabs(e) / f->allowed[i];
        allowed = fmax(allowed, f->allowed[i]);
    }
    for (size_t c = 0; c < m->k; c++)
        weights += exp(m->theta[c * (1 + 2 * m->d)]);
    return worst <= ROUNDINGS && fabs(weights - 1) <= 1e-6 + 1e4 * allowed;
}

int base_mixture(const flow_numbers *f, const audit_report *r,
                 double *components)
{
    mixture m = {.d = f->d, .z = f->z};
    gsl_rng *rng = jf_stream_new();
    double *value = jf_alloc(f->n, sizeof *value);
    int holds = 0;
    (void)r;
    m.n = f->n < MOST_ROWS ? f->n : MOST_ROWS;
    m.value = value;
    m.share = jf_alloc(MOST_COMPONENTS, sizeof *m.share);
    m.theta = jf_alloc(MOST_PARAMETERS, sizeof *m.theta);
    for (size_t i = 0; i < m.n; i++)
        value[i] = f->ll[i] - f->ld[i];
    for (m.k = 2; !holds && m.k <= MOST_COMPONENTS; m.k++) {
        m.p = m.k * (1 + 2 * m.d);
        int starts = m.p > MANY ? 1 : STARTS;
        for (int start = 0; m.p <= MOST_PARAMETERS && m.p + MORE_ROWS <= m.n &&
                            !holds && start < starts;
             start++) {
            jf_stream_seek(rng, 1, PURPOSE_MIXTURE, m.k, (uint64_t)start);
            begin(&m, rng);
            for (int step = 0; step < EM_STEPS; step++)
                em_step(&m);
            polish(&m);
            holds = agrees(f, &m);
            components[0] = (double)m.k;
        }
    }
    free(m.theta);
    free(m.share);
    free(value);
    gsl_rng_free(rng);
    return holds;
}
