/* lipschitz.c -- see lipschitz.h. */
#include "measure/lipschitz.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_multimin.h>

#include "base/error.h"
#include "base/stream.h"
#include "layer/pass.h"
#include "linalg/blas.h"
#include "linalg/factor.h"
#include "linalg/spectral.h"
#include "measure/sample.h"

/* sigma (d) := singular values of df/dx at x (d). */
static int singular_values(const jf_layer *f, const real *theta, const real *x,
                           double *sigma, jf_team *team)
{
    size_t d = f->d;
    real *own = jf_alloc(2 * d * d + f->module.n_params, sizeof *own);
    double *none = own ? jf_alloc(d + d * d, sizeof *none) : NULL;
    int status = none ? GSL_SUCCESS : GSL_ENOMEM;

    if (status == GSL_SUCCESS) {
        jf_matrix rows = jf_view(own, d, d), dz = jf_view(own + d * d, d, d);
        double *a = none + d;
        for (size_t i = 0; i < d; i++) {
            memcpy(jf_row(rows, i), x, d * sizeof *x);
            jf_row(dz, i)[i] = 1;
        }
        status = jf_vjp(f, theta, rows, dz, none, own + 2 * d * d, JF_TAPE_FULL,
                        team);
        for (size_t i = 0; i < d * d; i++)
            a[i] = (double)dz.data[i];
        if (status == GSL_SUCCESS)
            status = jf_singular_values(d, d, a, sigma);
    }
    free(none);
    free(own);
    return status;
}

int jf_stretch_measured(const jf_layer *f, const real *theta, jf_const_matrix x,
                        double *least, double *largest, size_t *worst,
                        jf_team *team)
{
    JF_TRY(jf_check_columns(f, x));
    size_t d = f->d;
    double *sigma = jf_alloc(d, sizeof *sigma);
    int status = GSL_SUCCESS;

    JF_TRY_MEMORY(sigma);
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

    JF_TRY_MEMORY(unused);
    *out =
        (jf_layer_stretch){.name = part.layer->module.name, .radius = *radius};
    int status = jf_weights_push(part.layer, own, 1, &w, team);
    if (status == GSL_SUCCESS) {
        jf_work *work = team->work[0];
        status =
            jf_bounds(part.layer, w, *radius, &out->least, &out->largest, work);
        if (status == GSL_SUCCESS)
            status = jf_image_radius(part.layer, w, out->largest, radius, work);
        jf_pop(work, (real *)w.derived);
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

    JF_TRY_MEMORY(copy.data);
    if (copy.rows)
        jf_matrix_copy(copy, x);
    *least = *largest = 1;
    for (size_t i = 0; i < jf_flow_length(f) && status == GSL_SUCCESS; i++) {
        jf_layer_stretch own = {0};
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
    size_t asked; /* heights since the last step */
    int lost;   /* a step that shrinks the simplex found one without a height */
    int status; /* of memory */
} search;

/* s->x := the point of the ball that is nearest to v; 4 u of the radius stay
 * for rounding. */
static void project(search *s, const double *v)
{
    size_t d = s->f->d;
    double square = 0;
    for (size_t i = 0; i < d; i++)
        square += v[i] * v[i];
    double norm = sqrt(square);
    double inside = s->radius * (1 - 4 * (double)JF_EPS);
    for (size_t i = 0; i < d; i++)
        s->x[i] = (real)(norm > inside ? v[i] / norm * inside : v[i]);
}

/* -log of the end sought, at the nearest point of the ball. */
static double height_at(search *s, const double *v)
{
    size_t d = s->f->d;
    project(s, v);
    int status = singular_values(s->f, s->theta, s->x, s->sigma, s->team);
    if (status == GSL_ENOMEM)
        s->status = status;
    if (status != GSL_SUCCESS || isnan(s->sigma[0]))
        return (double)INFINITY;
    return s->least ? log(s->sigma[d - 1]) : -log(s->sigma[0]);
}

/* The same for GSL's minimiser, which would report a height that is not finite
 * to GSL's handler where a step shrinks the simplex: all heights of a step
 * behind the second.  The largest double stands for those. */
static double height(const gsl_vector *v, void *arg)
{
    search *s = arg;
    double h = height_at(s, v->data);
    s->asked++;
    if (isfinite(h))
        return h;
    s->lost = s->lost || s->asked > 2;
    return DBL_MAX;
}

/* Whether start and the corners of the first simplex, size away along each
 * axis, have heights; *best: that of start. */
static int has_heights(search *s, double *start, double size, double *best)
{
    int all = isfinite(*best = height_at(s, start));
    for (size_t i = 0; i < s->f->d && all; i++) {
        double at = start[i];
        start[i] = at + size;
        all = isfinite(height_at(s, start));
        start[i] = at;
    }
    return all;
}

/* From x (d), a step of at most steps after the other. */
static double minimise(search *s, gsl_multimin_fminimizer *m, gsl_vector *x,
                       gsl_vector *size, size_t steps)
{
    gsl_multimin_function fn = {height, s->f->d, s};
    if (gsl_multimin_fminimizer_set(m, &fn, x, size) != GSL_SUCCESS)
        return (double)INFINITY;
    for (size_t k = 0; k < steps; k++) {
        double before = gsl_multimin_fminimizer_minimum(m);
        s->asked = 0;
        s->lost = 0;
        int status = gsl_multimin_fminimizer_iterate(m);
        if (s->lost)
            return before;
        if (status != GSL_SUCCESS || gsl_multimin_fminimizer_size(m) < 1e-7)
            break;
    }
    return gsl_multimin_fminimizer_minimum(m);
}

/* The extreme found from start, with corners half a radius away at most; x (2
 * d) is scratch. */
static double climb(search *s, const real *start, size_t steps, double *x)
{
    size_t d = s->f->d;
    const double first = fmin(0.25, 0.5 * s->radius);
    double best;

    for (size_t i = 0; i < d; i++) {
        x[i] = (double)start[i];
        x[d + i] = first;
    }
    project(s, x);
    for (size_t i = 0; i < d; i++)
        x[i] = (double)s->x[i];
    if (has_heights(s, x, first, &best)) {
        gsl_vector_view at = gsl_vector_view_array(x, d);
        gsl_vector_view size = gsl_vector_view_array(x + d, d);
        gsl_multimin_fminimizer *m = gsl_multimin_fminimizer_alloc(
            gsl_multimin_fminimizer_nmsimplex2, d);
        if (m)
            best = fmin(best, minimise(s, m, &at.vector, &size.vector, steps));
        else
            s->status = GSL_ENOMEM;
        gsl_multimin_fminimizer_free(m);
    }
    return s->least ? exp(best) : exp(-best);
}

int jf_stretch_searched(const jf_layer *f, const real *theta, jf_const_matrix x,
                        double radius, size_t steps, double *least,
                        double *largest, jf_team *team)
{
    size_t worst[2] = {0, 0};
    JF_TRY(jf_stretch_measured(f, theta, x, least, largest, worst, team));
    if (x.rows == 0 || isnan(*least))
        return GSL_SUCCESS;
    size_t d = f->d;
    real *own = jf_alloc(d, sizeof *own);
    double *scratch = own ? jf_alloc(3 * d, sizeof *scratch) : NULL;
    search s = {.f = f,
                .theta = theta,
                .radius = radius,
                .least = 1,
                .x = own,
                .sigma = scratch,
                .team = team,
                .status = scratch ? GSL_SUCCESS : GSL_ENOMEM};
    if (s.status == GSL_SUCCESS) { /* what has no value is no extreme */
        jf_error error, *before = jf_error_divert(&error);
        double *v = scratch + d;
        *least = fmin(*least, climb(&s, jf_const_row(x, worst[0]), steps, v));
        s.least = 0;
        *largest =
            fmax(*largest, climb(&s, jf_const_row(x, worst[1]), steps, v));
        jf_error_divert(before);
        if (s.status != GSL_SUCCESS)
            jf_error_report(s.status, __FILE__, __LINE__,
                            "no memory for a search");
    }
    free(scratch);
    free(own);
    return s.status;
}

typedef struct { /* the Jacobian at x by products */
    const jf_layer *f;
    const real *theta, *x;
    double h;
    jf_team *team;
    jf_matrix points, dz; /* (2, d), (1, d) */
    real *grad;
    int *status;
} jacobian;

/* J v = (f(x + h v) - f(x - h v)) / 2h for |v| = 1. */
static void times(const jacobian *j, const double *v, double *out)
{
    size_t d = j->f->d;
    jf_matrix x = j->points;
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
    jf_matrix x = jf_rows(j->points, 0, 1);
    double none = 0;
    memcpy(x.data, j->x, d * sizeof *x.data);
    for (size_t i = 0; i < d; i++)
        j->dz.data[i] = (real)in[i];
    int status =
        jf_vjp(j->f, j->theta, x, j->dz, &none, j->grad, JF_TAPE_LEAN, j->team);
    if (status != GSL_SUCCESS)
        *j->status = status;
    for (size_t i = 0; i < d; i++)
        out[i] = (double)j->dz.data[i];
}

int jf_stretch_largest(const jf_layer *f, const real *theta, const real *x,
                       double h, unsigned long seed, size_t products,
                       double tolerance, double *largest, jf_team *team)
{
    size_t d = f->d;
    int failed = GSL_SUCCESS;
    real *own = jf_alloc(3 * d + f->module.n_params, sizeof *own);
    JF_TRY_MEMORY(own);
    jacobian j = {f,
                  theta,
                  x,
                  h > 0 ? h : cbrt((double)JF_EPS),
                  team,
                  jf_view(own, 2, d),
                  jf_view(own + 2 * d, 1, d),
                  own + 3 * d,
                  &failed};
    int status =
        jf_operator_norm(d, d, product, &j, seed, products, tolerance, largest);
    free(own);
    return failed != GSL_SUCCESS ? failed : status;
}

int jf_stretch_inverse_found(const jf_layer *f, const real *theta,
                             const real *z, unsigned long seed, size_t products,
                             double *found, jf_team *team)
{
    size_t d = f->d;
    double root = sqrt((double)d);
    double h = cbrt((double)JF_EPS) * fmax(jf_norm(d, z) / root, 1e-3);
    int status = GSL_SUCCESS;
    real *own = jf_alloc(3 * d, sizeof *own);
    JF_TRY_MEMORY(own);
    jf_matrix v = jf_view(own, 1, d), two = jf_view(own + d, 2, d);
    *found = 0;
    jf_fill_normal(v, seed, JF_PURPOSE_USER + 702, 0);
    for (size_t k = 0; k < products && status == GSL_SUCCESS; k++) {
        /* entries of size 1 in the mean, so steps of size h */
        double size = jf_norm(d, v.data) / root;
        for (size_t i = 0; i < d; i++) {
            real step = (real)(h / size * (double)v.data[i]);
            jf_row(two, 0)[i] = z[i] + step;
            jf_row(two, 1)[i] = z[i] - step;
        }
        status = jf_inverse(f, theta, two, team);
        for (size_t i = 0; i < d; i++)
            v.data[i] =
                (real)(((double)jf_row(two, 0)[i] - (double)jf_row(two, 1)[i]) /
                       (2 * h));
        double growth = jf_norm(d, v.data) / root;
        *found = jf_worse(*found, growth);
        if (!isfinite(growth) || growth == 0)
            break;
    }
    free(own);
    return status;
}
