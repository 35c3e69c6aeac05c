/* ways.c -- linear maps, their critical rates, and gradient descent.
 *
 * At an optimum W S W' = I, S of eigenvalues lambda_1 >= .. >= lambda_d, the
 * negative log-likelihood tr(W S W')/2 - log|det W| has in the entries of W
 * the Hessian eigenvalues lambda_i + lambda_j, i <= j, and zeros: critical
 * rate 2 / 2 lambda_1.  Other parameters theta have J' H J, J = dW/dtheta; it
 * is the same at every optimum where no closed form is missing below. */
#include "common/linear_layers.h"
#include "stability.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_sort.h>

enum { PURPOSE = JF_PURPOSE_USER + 400 };

/* Spectra. */

spectrum spectrum_new(size_t d, double condition, unsigned long seed,
                      unsigned long number)
{
    spectrum s = {d, condition, jf_matrix_new(d + 1, d), {0}};
    double *unit = jf_alloc(d * d + d + 1, sizeof *unit);
    jf_matrix v = jf_matrix_new(d + 1, d);
    jf_layer *axes = jf_orthogonal(d, d);
    jf_team *team = jf_team_new(1);

    for (size_t i = 0; i < d; i++)
        unit[i * d + i] = 1;
    jf_moments_rows(
        &(jf_moments){.d = d, .mean = unit + d * d, .t_sigma = unit}, s.x);
    /* The mean is taken from zeros behind the unit matrix. */
    jf_fill_uniform(jf_rows(v, d, 1), seed, PURPOSE, 2 * number);
    jf_fill_normal(jf_rows(v, 0, d), seed, PURPOSE, 2 * number + 1);
    jf_row(v, d)[0] = 0;
    if (d > 1)
        jf_row(v, d)[1] = 1;
    for (size_t i = 0; i <= d; i++)
        for (size_t j = 0; j < d; j++)
            jf_row(s.x, i)[j] *=
                (real)pow(condition, (double)jf_row(v, d)[j] / 2);
    jf_forward(axes, v.data, s.x, unit, team);
    if (jf_moments_of(jf_const(s.x), &s.m, team) != GSL_SUCCESS)
        jf_fail(1, "the eigenvalues of a spectrum did not converge");
    jf_team_free(team);
    jf_layer_free(axes);
    jf_matrix_free(&v);
    free(unit);
    return s;
}

void spectrum_free(spectrum *s)
{
    jf_moments_free(&s->m);
    jf_matrix_free(&s->x);
}

/* Layers. */

static void add_deep_2(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_deep_linear(d, 2));
}

static void add_deep_4(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_deep_linear(d, 4));
}

/* Directions. */

/* Entries above the diagonal stay as they are, 0. */
static void lower_entries(size_t d, const real *theta, real *grad)
{
    (void)theta;
    for (size_t i = 0; i < d; i++)
        for (size_t j = i + 1; j < d; j++)
            grad[i * d + j] = 0;
}

/* dL/dW W'W: the relative gradient of Cardoso and Laheld 1996, by which W
 * moves to (I + eta (I - E zz')) W. */
static void relative(size_t d, const real *theta, real *grad)
{
    real square[64], row[8];
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++) {
            square[i * d + j] = 0;
            for (size_t k = 0; k < d; k++)
                square[i * d + j] += theta[k * d + i] * theta[k * d + j];
        }
    for (size_t i = 0; i < d; i++) {
        memcpy(row, grad + i * d, d * sizeof *row);
        for (size_t j = 0; j < d; j++) {
            grad[i * d + j] = 0;
            for (size_t k = 0; k < d; k++)
                grad[i * d + j] += row[k] * square[k * d + j];
        }
    }
}

/* Only lower entries of W move. */
static size_t lower_frame(size_t d, const real *theta, double *frame)
{
    size_t m = 0, columns = d * (d + 1) / 2;
    (void)theta;
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j <= i; j++)
            frame[(i * d + j) * columns + m++] = 1;
    return columns;
}

/* V = B W: the coordinates of the relative gradient. */
static size_t relative_frame(size_t d, const real *theta, double *frame)
{
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++)
            for (size_t k = 0; k < d; k++)
                frame[(i * d + j) * d * d + i * d + k] =
                    (double)theta[k * d + j];
    return d * d;
}

/* Critical rates. */

static double critical_dense(const spectrum *s)
{
    return 1 / s->m.lambda_sigma[0];
}

static double critical_one(const spectrum *s)
{
    (void)s;
    return 1;
}

/* 2 over the largest eigenvalue of the blocks S[1..i] + l_ii^2 e_i e_i' of row
 * i, S = l l'. */
static double critical_lower(const spectrum *s)
{
    size_t d = s->d;
    double *l = jf_alloc(2 * d * d + d, sizeof *l), *a = l + d * d;
    double *lambda = a + d * d, worst = 0;
    memcpy(l, s->m.sigma, d * d * sizeof *l);
    int status = jf_cholesky(d, l);
    for (size_t i = 1; i <= d && status == GSL_SUCCESS; i++) {
        for (size_t r = 0; r < i; r++)
            memcpy(a + r * i, s->m.sigma + r * d, i * sizeof *a);
        a[i * i - 1] += square(l[(i - 1) * (d + 1)]);
        status = jf_eigen_symmetric(i, a, lambda, 0);
        worst = fmax(worst, lambda[0]);
    }
    free(l);
    return status == GSL_SUCCESS ? 2 / worst : (double)NAN;
}

/* Starts far from the optimum, for data whose smallest eigenvalue is 1. */

static void far_any(const spectrum *s, real *theta, gsl_rng *rng)
{
    for (size_t i = 0; i < s->d * s->d; i++)
        theta[i] += (real)jf_stream_normal(rng, 0.3);
}

/* W -> W + eta (I - W S W') W explodes from a large W: the eigenvalues of W S
 * W' start below 1.7. */
static void far_small(const spectrum *s, real *theta, gsl_rng *rng)
{
    size_t n = s->d * s->d;
    far_any(s, theta, rng);
    double scale = 1.3 / (jf_norm(n, theta) * sqrt(s->m.lambda_sigma[0]));
    for (size_t i = 0; i < n; i++)
        theta[i] *= (real)scale;
}

static void far_lower(const spectrum *s, real *theta, gsl_rng *rng)
{
    for (size_t i = 0; i < s->d; i++)
        for (size_t j = 0; j < s->d; j++)
            theta[i * s->d + j] = i == j ? (real)exp(jf_stream_normal(rng, 0.5))
                                  : i > j ? (real)jf_stream_normal(rng, 1.0)
                                          : R(0.0);
}

/* jf_init leaves log scales at their optimum. */
static void far_log(const spectrum *s, real *theta, gsl_rng *rng)
{
    for (size_t i = 0; i < s->d; i++)
        theta[i] += (real)jf_stream_normal(rng, 1.0);
}

/* The lower triangular optimum, l^-1. */
static void optimum_lower(const spectrum *s, real *theta)
{
    size_t d = s->d;
    double *l = jf_alloc(d * d, sizeof *l), unused;
    memcpy(l, s->m.sigma, d * d * sizeof *l);
    if (jf_cholesky(d, l) != GSL_SUCCESS || jf_invert(d, l, &unused))
        l[0] = (double)NAN;
    for (size_t i = 0; i < d * d; i++)
        theta[i] = i / d < i % d ? R(0.0) : (real)l[i];
    free(l);
}

const way ways[] = {
    {.name = "dense",
     .add = add_dense,
     .critical = critical_dense,
     .far = far_any,
     .factors = 1},
    {.name = "lower entries",
     .add = add_dense,
     .direct = lower_entries,
     .frame = lower_frame,
     .critical = critical_lower,
     .far = far_lower,
     .factors = 1,
     .optimum = optimum_lower},
    {.name = "log scales",
     .add = add_diagonal,
     .critical = critical_one,
     .far = far_log},
    {.name = "relative gradient",
     .add = add_dense,
     .direct = relative,
     .frame = relative_frame,
     .critical = critical_one,
     .far = far_small,
     .factors = 1},
    {.name = "triangular (exp diagonal)", .add = add_triangular},
    {.name = "P L U", .add = add_plu},
    {.name = "Q R", .add = add_qr},
    {.name = "SVD", .add = add_svd},
    {.name = "diagonal x d-1 reflections", .add = add_reflections},
    {.name = "actnorm + 1x1",
     .add = add_actnorm_dense,
     .factors = 1,
     .before = 1},
    {.name = "deep linear (2)", .add = add_deep_2, .factors = 2},
    {.name = "deep linear (4)", .add = add_deep_4, .factors = 4},
};
const size_t way_count = sizeof ways / sizeof *ways;

void way_optimum(const way *w, const jf_layer *f, const spectrum *s,
                 unsigned long seed, real *theta, jf_team *team)
{
    jf_latent q = jf_normal();
    jf_fit_result fit;
    if (w->optimum) {
        w->optimum(s, theta);
        return;
    }
    jf_init(f, theta, jf_const(s->x), seed, team);
    jf_fit(f, &q, theta, jf_const(s->x),
           &(jf_fit_options){.method = JF_LBFGS, .memory = 50, .steps = 100000},
           &fit, team);
}

const way *way_find(const char *name)
{
    const way *w = ways;
    while (strcmp(w->name, name) != 0)
        w++;
    return w;
}

int pulled_back(size_t n, size_t m, const double *h, const double *j,
                double *lambda)
{
    double *hj = jf_alloc(n * m + m * m, sizeof *hj), *a = hj + n * m;
    jf_dgemm(JF_NN, n, m, n, 1, h, j, 0, hj);
    jf_dgemm(JF_TN, m, m, n, 1, j, hj, 0, a);
    int status = jf_eigen_symmetric(m, a, lambda, 0);
    free(hj);
    return status;
}

int way_curvatures(const way *w, const jf_hessian *h, size_t *count,
                   double *lambda, double *asymmetry)
{
    size_t n = h->f->module.n_params;
    double *a = jf_alloc(2 * n * n, sizeof *a), *frame = a + n * n;
    int status = jf_hessian_dense(h, a, asymmetry);
    *count = w->frame ? w->frame(h->f->d, h->theta, frame) : n;
    if (status == GSL_SUCCESS)
        status = w->frame ? pulled_back(n, *count, a, frame, lambda)
                          : jf_eigen_symmetric(n, a, lambda, 0);
    free(a);
    return status;
}

double way_step(const spectrum *s)
{
    return cbrt(1.5 * (double)JF_EPS) / sqrt(s->condition);
}
