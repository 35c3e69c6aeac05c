/* lipschitz.c -- see lipschitz.h. */
#include "measure/lipschitz.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_multimin.h>

#include "base/error.h"
#include "layer/pass.h"
#include "linalg/blas.h"
#include "linalg/factor.h"
#include "linalg/spectral.h"

/* sigma (d) := singular values of df/dx at x (d). */
static int singular_values(const jf_layer *f, const real *theta, const real *x,
                           double *sigma, jf_team *team)
{
    size_t d = f->d;
    jf_matrix rows = jf_matrix_new(d, d), dz = jf_matrix_new(d, d);
    double *none = jf_alloc(d + d * d, sizeof *none), *a = none + d;
    real *grad = jf_theta_new(f);

    for (size_t i = 0; i < d; i++) {
        memcpy(jf_row(rows, i), x, d * sizeof *x);
        jf_row(dz, i)[i] = 1;
    }
    int status = jf_vjp(f, theta, rows, dz, none, grad, JF_TAPE_FULL, team);
    for (size_t i = 0; i < d * d; i++)
        a[i] = (double)dz.data[i];
    if (status == GSL_SUCCESS)
        status = jf_singular_values(d, d, a, sigma);
    free(grad);
    free(none);
    jf_matrix_free(&dz);
    jf_matrix_free(&rows);
    return status;
}

int jf_stretch_measured(const jf_layer *f, const real *theta, jf_const_matrix x,
                        double *least, double *largest, size_t *worst,
                        jf_team *team)
{
    size_t d = f->d;
    double *sigma = jf_alloc(d, sizeof *sigma);
    int status = jf_check_columns(f, x);

    *least = (double)INFINITY;
    *largest = 0;
    for (size_t i = 0; i < x.rows && status == GSL_SUCCESS; i++) {
        status = singular_values(f, theta, jf_const_row(x, i), sigma, team);
        if (status == GSL_SUCCESS && !(sigma[d - 1] >= *least)) {
            *least = sigma[d - 1];
            if (worst)
                worst[0] = i;
        }
        if (status == GSL_SUCCESS && !(sigma[0] <= *largest)) {
            *largest = sigma[0];
            if (worst)
                worst[1] = i;
        }
    }
    free(sigma);
    if (x.rows == 0)
        *least = *largest = (double)NAN;
    return status;
}

/* One layer: its proved bounds over *radius, which becomes that of its image,
 * and what is measured at the rows of x, which become their images. */
static int one_layer(jf_part part, const real *theta, double *radius,
                     jf_layer_stretch *out, jf_matrix x, jf_team *team)
{
    const real *own = theta + part.first;
    jf_weights w;
    double *unused = jf_alloc(x.rows + 1, sizeof *unused);

    *out =
        (jf_layer_stretch){.name = part.layer->module.name, .radius = *radius};
    int status = jf_weights_push(part.layer, own, 1, &w, team);
    if (status == GSL_SUCCESS) {
        jf_work *work = team->work[0];
        status =
            jf_bounds(part.layer, w, *radius, &out->least, &out->largest, work);
        if (status == GSL_SUCCESS)
            status = jf_image_radius(part.layer, w, out->largest, radius, work);
        jf_pop(work, w.derived);
    }
    if (status == GSL_SUCCESS)
        status = jf_stretch_measured(part.layer, own, jf_const(x),
                                     &out->measured_least,
                                     &out->measured_largest, NULL, team);
    if (status == GSL_SUCCESS && x.rows > 0)
        status = jf_forward(part.layer, own, x, unused, team);
    free(unused);
    return status;
}

int jf_stretch_proved(const jf_layer *f, const real *theta, double radius,
                      double *least, double *largest, jf_layer_stretch *layers,
                      jf_const_matrix x, jf_team *team)
{
    jf_matrix copy = jf_matrix_new(layers ? x.rows : 0, f->d);
    int status = GSL_SUCCESS;

    if (copy.rows)
        jf_matrix_copy(copy, x);
    *least = *largest = 1;
    for (size_t i = 0; i < jf_flow_length(f) && status == GSL_SUCCESS; i++) {
        jf_layer_stretch own;
        status =
            one_layer(jf_flow_part(f, i), theta, &radius, &own, copy, team);
        *least *= own.least;
        *largest *= own.largest;
        if (layers)
            layers[i] = own;
    }
    jf_matrix_free(&copy);
    if (!(*least >= 0) || !(*largest >= 0)) /* 0 times infinity */
        *least = 0, *largest = (double)INFINITY;
    return status;
}

typedef struct { /* a search */
    const jf_layer *f;
    const real *theta;
    double radius;
    int least; /* which end */
    real *x;
    double *sigma;
    jf_team *team;
} search;

/* -log of the end sought; infinite outside of the ball. */
static double height(const gsl_vector *v, void *arg)
{
    search *s = arg;
    size_t d = s->f->d;
    for (size_t i = 0; i < d; i++)
        s->x[i] = (real)gsl_vector_get(v, i);
    if (!(jf_norm(d, s->x) <= s->radius) ||
        singular_values(s->f, s->theta, s->x, s->sigma, s->team) !=
            GSL_SUCCESS ||
        isnan(s->sigma[0]))
        return (double)INFINITY;
    return s->least ? log(s->sigma[d - 1]) : -log(s->sigma[0]);
}

/* The extreme found from start. */
static double climb(search *s, const real *start, size_t steps)
{
    size_t d = s->f->d;
    gsl_vector *x = gsl_vector_alloc(d), *size = gsl_vector_alloc(d);
    gsl_multimin_fminimizer *m =
        gsl_multimin_fminimizer_alloc(gsl_multimin_fminimizer_nmsimplex2, d);
    gsl_multimin_function fn = {height, d, s};

    for (size_t i = 0; i < d; i++)
        gsl_vector_set(x, i, (double)start[i]);
    gsl_vector_set_all(size, 0.25);
    double best = height(x, s);
    if (isfinite(best) &&
        gsl_multimin_fminimizer_set(m, &fn, x, size) == GSL_SUCCESS) {
        for (size_t k = 0; k < steps; k++)
            if (gsl_multimin_fminimizer_iterate(m) != GSL_SUCCESS ||
                gsl_multimin_fminimizer_size(m) < 1e-7)
                break;
        best = fmin(best, gsl_multimin_fminimizer_minimum(m));
    }
    gsl_multimin_fminimizer_free(m);
    gsl_vector_free(size);
    gsl_vector_free(x);
    return s->least ? exp(best) : exp(-best);
}

int jf_stretch_searched(const jf_layer *f, const real *theta, jf_const_matrix x,
                        double radius, size_t steps, double *least,
                        double *largest, jf_team *team)
{
    size_t d = f->d, worst[2] = {0, 0};
    JF_TRY(jf_stretch_measured(f, theta, x, least, largest, worst, team));
    if (x.rows == 0 || isnan(*least))
        return GSL_SUCCESS;
    search s = {f, theta, radius, 1, jf_alloc(d, sizeof(real)), NULL, team};
    s.sigma = jf_alloc(d, sizeof *s.sigma);
    *least = fmin(*least, climb(&s, jf_const_row(x, worst[0]), steps));
    s.least = 0;
    *largest = fmax(*largest, climb(&s, jf_const_row(x, worst[1]), steps));
    free(s.sigma);
    free(s.x);
    return GSL_SUCCESS;
}

typedef struct { /* the Jacobian at x by products */
    const jf_layer *f;
    const real *theta, *x;
    double h;
    jf_team *team;
    int *status;
} jacobian;

/* J v = (f(x + h v) - f(x - h v)) / 2h for |v| = 1. */
static void times(const jacobian *j, const double *v, double *out)
{
    size_t d = j->f->d;
    jf_matrix x = jf_matrix_new(2, d);
    double unused[2];
    for (size_t i = 0; i < d; i++) {
        jf_row(x, 0)[i] = j->x[i] + (real)(j->h * v[i]);
        jf_row(x, 1)[i] = j->x[i] - (real)(j->h * v[i]);
    }
    int status = jf_forward(j->f, j->theta, x, unused, j->team);
    if (status != GSL_SUCCESS)
        *j->status = status;
    for (size_t i = 0; i < d; i++)
        out[i] =
            ((double)jf_row(x, 0)[i] - (double)jf_row(x, 1)[i]) / (2 * j->h);
    jf_matrix_free(&x);
}

static void product(const void *arg, int transposed, const double *in,
                    double *out)
{
    const jacobian *j = arg;
    size_t d = j->f->d;
    if (!transposed) {
        times(j, in, out);
        return;
    }
    jf_matrix x = jf_matrix_new(1, d), dz = jf_matrix_new(1, d);
    real *grad = jf_theta_new(j->f);
    double none = 0;
    memcpy(x.data, j->x, d * sizeof *x.data);
    for (size_t i = 0; i < d; i++)
        dz.data[i] = (real)in[i];
    int status =
        jf_vjp(j->f, j->theta, x, dz, &none, grad, JF_TAPE_LEAN, j->team);
    if (status != GSL_SUCCESS)
        *j->status = status;
    for (size_t i = 0; i < d; i++)
        out[i] = (double)dz.data[i];
    free(grad);
    jf_matrix_free(&dz);
    jf_matrix_free(&x);
}

int jf_stretch_largest(const jf_layer *f, const real *theta, const real *x,
                       double h, unsigned long seed, size_t products,
                       double tolerance, double *largest, jf_team *team)
{
    int failed = GSL_SUCCESS;
    jacobian j = {f, theta, x, h > 0 ? h : cbrt((double)JF_EPS), team, &failed};
    int status = jf_operator_norm(f->d, f->d, product, &j, seed, products,
                                  tolerance, largest);
    return failed != GSL_SUCCESS ? failed : status;
}
