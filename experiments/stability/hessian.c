/* hessian.c -- the spectrum of the Hessian at the optimum.
 *
 * Question  Are the curvatures of a linear flow at its optimum lambda_i +
 *           lambda_j and zeros, and those of every other parameterisation what
 *           the chain rule makes of them?
 * Method    Measured: eigenvalues of the dense Hessian from Hessian-vector
 *           products, differences of the library's gradients (lib/measure/
 *           hessian.h), and its largest one by Lanczos.  Predicted: dense in
 *           closed form; others J' H J with H = S x I + (W^-1 W^-1) in the
 *           entries of W and J = dW/dtheta, exact, from d^2 backward passes.
 *           (At an optimum the gradient in W is 0, so no second derivative of
 *           W enters.)
 *           By Weyl's inequality an eigenvalue is off by the norm of the error
 *           of the n x n matrix, at most n times an entry's.  The step
 *           (3 u)^1/3 / condition^1/2 leaves (3 u)^2/3 of the largest curvature
 *           in truncation and that times condition^1/2 in each rounding.
 * Writes    stability-hessian.csv; wrong: predicted by the formula that a row
 *           must catch; asymmetry, lanczos_error and two_products: the largest
 *           |H_ij - H_ji| and |Lanczos - dense|, that after two products, over
 *           the largest eigenvalue; curvatures have no unit (nats per square of
 *           theta). */
#include "stability.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_sort.h>

/* A parameterisation, and its Hessian's eigenvalues, descending, in expected
 * (n_params); wrong: by the formula that broken names. */
typedef struct {
    const char *name;
    const char *way; /* its layers and optimum, of ways[] */
    size_t min_d, max_d;
    int bias; /* a bias behind W, and a mean that is not 0 if 2 */
    int (*predict)(const spectrum *s, const jf_layer *f, const real *theta,
                   int wrong, double *expected);
    const char *says, *broken;
} curvature;

static void sort_descending(size_t n, double *v)
{
    gsl_sort(v, 1, n);
    for (size_t i = 0; i < n / 2; i++) {
        double keep = v[i];
        v[i] = v[n - 1 - i];
        v[n - 1 - i] = keep;
    }
}

/* lambda_i + lambda_j, i <= j, and d(d-1)/2 zeros. */
static int pair_sums(const spectrum *s, const jf_layer *f, const real *theta,
                     int wrong, double *expected)
{
    size_t n = 0;
    (void)f, (void)theta;
    for (size_t i = 0; i < s->d; i++)
        for (size_t j = i; j < s->d; j++)
            expected[n++] =
                s->m.lambda_sigma[i] + s->m.lambda_sigma[wrong ? i : j];
    while (n < s->d * s->d)
        expected[n++] = 0;
    sort_descending(n, expected);
    return GSL_SUCCESS;
}

/* 2 for all: log scales, whatever S; and symmetric matrices B of the relative
 * gradient, zeros for the others.  Wrong: as in the entries of W. */
static int twos(const spectrum *s, const jf_layer *f, const real *theta,
                int wrong, double *expected)
{
    size_t d = s->d, n = f->module.n_params,
           ones = n == d ? d : d * (d + 1) / 2;
    if (wrong && n > d)
        return pair_sums(s, f, theta, 0, expected);
    for (size_t i = 0; i < n; i++)
        expected[i] = wrong ? 2 * s->m.lambda_sigma[i] : i < ones ? 2 : 0;
    return GSL_SUCCESS;
}

/* The blocks S[1..i] + l_ii^2 e_i e_i' of the rows. */
static int row_blocks(const spectrum *s, const jf_layer *f, const real *theta,
                      int wrong, double *expected)
{
    size_t d = s->d, n = 0;
    double *a = jf_alloc(d * d, sizeof *a);
    int status = GSL_SUCCESS;
    (void)f;
    for (size_t i = 1; i <= d && status == GSL_SUCCESS; i++) {
        for (size_t r = 0; r < i; r++)
            memcpy(a + r * i, s->m.sigma + r * d, i * sizeof *a);
        if (!wrong)
            a[i * i - 1] += 1 / square((double)theta[(i - 1) * (d + 1)]);
        status = jf_eigen_symmetric(i, a, expected + n, 0);
        n += i;
    }
    free(a);
    sort_descending(n, expected);
    return status;
}

/* w (d, d) := W. */
static void matrix_of(const jf_layer *f, const real *theta, double *w,
                      jf_team *team)
{
    size_t d = f->d;
    jf_matrix x = jf_matrix_new(d + 1, d);
    double *unused = jf_alloc(d + 1, sizeof *unused);
    for (size_t i = 0; i < d; i++)
        jf_row(x, i)[i] = 1;
    jf_forward(f, theta, x, unused, team); /* the last row: the bias */
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++)
            w[j * d + i] = (double)(jf_row(x, i)[j] - jf_row(x, d)[j]);
    free(unused);
    jf_matrix_free(&x);
}

/* h (d^2, d^2) := the Hessian in the entries of W: V -> V R + W'^-1 V' W'^-1
 * with the second moments r; the second term times barrier. */
static int hessian_of_entries(size_t d, const double *r, const double *w,
                              double barrier, double *h)
{
    double *a = jf_alloc(d * d, sizeof *a), unused;
    memcpy(a, w, d * d * sizeof *a);
    int status = jf_invert(d, a, &unused);
    for (size_t i = 0; i < d * d; i++)
        for (size_t k = 0; k < d * d; k++)
            h[i * d * d + k] =
                (i / d == k / d ? r[i % d * d + k % d] : 0) +
                barrier * a[k % d * d + i / d] * a[i % d * d + k / d];
    free(a);
    return status;
}

/* j (d^2, n) := dW/dtheta: entry (a, b) of W is output a for input e_b. */
static void differential(const jf_layer *f, const real *theta, double *j,
                         jf_team *team)
{
    size_t d = f->d, n = f->module.n_params;
    jf_matrix x = jf_matrix_new(1, d), dz = jf_matrix_new(1, d);
    real *grad = jf_theta_new(f);
    double none = 0;
    for (size_t i = 0; i < d * d; i++) {
        jf_matrix_fill(x, 0);
        jf_matrix_fill(dz, 0);
        memset(grad, 0, n * sizeof *grad);
        x.data[i % d] = dz.data[i / d] = 1;
        jf_vjp(f, theta, x, dz, &none, grad, JF_TAPE_FULL, team);
        for (size_t k = 0; k < n; k++)
            j[i * n + k] = (double)grad[k];
    }
    free(grad);
    jf_matrix_free(&dz);
    jf_matrix_free(&x);
}

static int chain_rule(const spectrum *s, const jf_layer *f, const real *theta,
                      int wrong, double *expected)
{
    size_t d = s->d, dd = d * d, n = f->module.n_params;
    double *w = jf_alloc(dd + dd * dd + dd * n, sizeof *w);
    double *h = w + dd, *j = h + dd * dd;
    jf_team *team = jf_team_new(1);
    matrix_of(f, theta, w, team);
    differential(f, theta, j, team);
    int status = hessian_of_entries(d, s->m.r, w, !wrong, h);
    if (status == GSL_SUCCESS)
        status = pulled_back(dd, n, h, j, expected);
    jf_team_free(team);
    free(w);
    return status;
}

/* z = W x + b: blocks of W from R = S + mu mu', mu between W's row and b, and
 * 1 for b. */
static int with_bias(const spectrum *s, const jf_layer *f, const real *theta,
                     int wrong, double *expected)
{
    size_t d = s->d, dd = d * d, n = dd + d;
    double *w = jf_alloc(dd + dd * dd + n * n, sizeof *w);
    double *h = w + dd, *a = h + dd * dd;
    jf_team *team = jf_team_new(1);
    matrix_of(f, theta, w, team);
    int status = hessian_of_entries(d, s->m.r, w, 1, h);
    for (size_t i = 0; i < dd; i++)
        memcpy(a + i * n, h + i * dd, dd * sizeof *a);
    for (size_t i = 0; i < dd && !wrong; i++)
        a[i * n + dd + i / d] = a[(dd + i / d) * n + i] = s->m.mean[i % d];
    for (size_t i = dd; i < n && !wrong; i++)
        a[i * n + i] = 1;
    if (status == GSL_SUCCESS)
        status = jf_eigen_symmetric(n, a, expected, 0);
    jf_team_free(team);
    free(w);
    return status;
}

static const char sums[] = "lambda_i + lambda_j and d(d-1)/2 zeros";
static const char of_two[] = "2 for every lambda";
static const char chained[] = "J' H J of the closed form H";
static const char no_bias[] = "the rows of the bias lost";
static const char no_barrier[] = "H without W^-T V' W^-T";

static const curvature curvatures[] = {
    {"dense", "dense", 1, 16, 0, pair_sums, sums, "2 lambda_i only"},
    {"dense + bias", "dense", 1, 8, 1, with_bias, chained, no_bias},
    {"dense + bias (uncentred)", "dense", 1, 8, 2, with_bias, chained, no_bias},
    {"lower entries", "lower entries", 1, 16, 0, row_blocks,
     "S[1..i] + l_ii^2 e_i e_i' by rows", "S[1..i] alone"},
    {"log scales", "log scales", 1, 16, 0, twos, of_two, "2 lambda_i"},
    {"relative gradient", "relative gradient", 1, 8, 0, twos, of_two,
     "lambda_i + lambda_j, as in the entries of W"},
    {"triangular (exp diagonal)", "triangular (exp diagonal)", 1, 8, 0,
     chain_rule, chained, no_barrier},
    {"P L U", "P L U", 1, 4, 0, chain_rule, chained, no_barrier},
    {"Q R", "Q R", 2, 4, 0, chain_rule, chained, no_barrier},
    {"SVD", "SVD", 2, 4, 0, chain_rule, chained, no_barrier},
    {"diagonal x d-1 reflections", "diagonal x d-1 reflections", 1, 4, 0,
     chain_rule, chained, no_barrier},
    {"actnorm + 1x1", "actnorm + 1x1", 1, 4, 0, chain_rule, chained,
     no_barrier},
    {"deep linear (2)", "deep linear (2)", 1, 4, 0, chain_rule, chained,
     no_barrier},
    {"deep linear (4)", "deep linear (4)", 1, 4, 0, chain_rule, chained,
     no_barrier},
};
enum { CURVATURES = sizeof curvatures / sizeof *curvatures };

/* The data of c: for an uncentred one a mean of about the largest deviation;
 * the moments follow. */
static spectrum data_of(const curvature *c, size_t d, double condition,
                        unsigned long seed, unsigned long number)
{
    spectrum s = spectrum_new(d, condition, seed, number);
    jf_team *team = jf_team_new(1);
    if (c->bias == 2) {
        for (size_t i = 0; i < s.x.rows; i++)
            for (size_t j = 0; j < d; j++)
                jf_row(s.x, i)[j] += (real)(sqrt(condition) / (double)(j + 1));
        jf_moments_free(&s.m);
        if (jf_moments_of(jf_const(s.x), &s.m, team) != GSL_SUCCESS)
            jf_fail(1, "the eigenvalues of a spectrum did not converge");
    }
    jf_team_free(team);
    return s;
}

/* An optimum: of W as without a bias, and b = -W mu. */
static void optimum_of(const curvature *c, const jf_layer *f, const spectrum *s,
                       unsigned long seed, real *theta, jf_team *team)
{
    size_t d = s->d;
    const way *w = way_find(c->way);
    spectrum centred = *s;
    if (!c->bias) {
        way_optimum(w, f, s, seed, theta, team);
        return;
    }
    jf_layer *map = jf_dense(d);
    centred.x = jf_matrix_new(d + 1, d);
    for (size_t i = 0; i <= d; i++)
        for (size_t j = 0; j < d; j++)
            jf_row(centred.x, i)[j] = jf_row(s->x, i)[j] - (real)s->m.mean[j];
    way_optimum(w, map, &centred, seed, theta, team);
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++)
            theta[d * d + i] -= theta[i * d + j] * (real)s->m.mean[j];
    jf_matrix_free(&centred.x);
    jf_layer_free(map);
}

/* |Lanczos - largest| / largest, after so many products at most. */
static double lanczos_error(const way *w, const jf_hessian *h, double largest,
                            size_t products)
{
    jf_extremes ends;
    if (w->frame)
        return (double)NAN;
    jf_hessian_extremes(h, 1, products, 1e-9, &ends, NULL);
    return fabs(ends.largest / largest - 1);
}

static void run(const curvature *c, size_t d, double condition,
                unsigned long seed, unsigned long number, jf_table *out,
                size_t point)
{
    const way *w = way_find(c->way);
    spectrum s = data_of(c, d, condition, seed, number);
    jf_team *team = jf_team_new(1);
    jf_layer *f = jf_flow_new(d);
    jf_latent q = jf_normal();

    w->add(f, d);
    if (c->bias)
        jf_flow_add(f, jf_bias(d));
    real *theta = jf_theta_new(f);
    size_t n = f->module.n_params, count = 0;
    double *measured = jf_alloc(3 * n, sizeof *measured);
    double *expected = measured + n, *wrong = expected + n, asymmetry = 0;
    optimum_of(c, f, &s, seed, theta, team);
    jf_hessian h = {f, &q, theta, jf_const(s.x), team, way_step(&s)};
    int status = way_curvatures(w, &h, &count, measured, &asymmetry);
    if (status == GSL_SUCCESS)
        status = c->predict(&s, f, theta, 0, expected);
    if (status == GSL_SUCCESS)
        status = c->predict(&s, f, theta, 1, wrong);
    double lanczos = lanczos_error(w, &h, measured[0], n);
    double two = lanczos_error(w, &h, measured[0], 2);
    for (size_t i = 0; i < count; i++)
        jf_table_row(out, point,
                     "gauss d=%zu cond=%g,%zu,%.6g,%s,%lu,%zu," JF_G "," JF_G
                     "," JF_G ",%.3e,%.3e,%.3e",
                     d, condition, d, condition, c->name, seed, i,
                     status ? (double)NAN : measured[i],
                     status ? (double)NAN : expected[i],
                     status ? (double)NAN : wrong[i], asymmetry / measured[0],
                     lanczos, two);
    free(measured);
    free(theta);
    jf_layer_free(f);
    jf_team_free(team);
    spectrum_free(&s);
}

/* Grid: curvature, dimension, condition, the first slowest. */
static const size_t dims[] = {1, 2, 4, 8, 16};
static const double conditions[] = {10, 1e2, 1e4};
enum { DIMS = 5, CONDITIONS = 3, CASES = DIMS * CONDITIONS };

/* The largest |measured - column| over the largest predicted, in the rows of
 * curvature c. */
static double worst_of(const jf_table *t, size_t c, const char *column)
{
    double worst = 0;
    for (size_t point = c * CASES; point < (c + 1) * CASES; point++)
        for (size_t i = 0; i < jf_table_rows(t, point); i++) {
            double top = jf_table_number(t, point, 0, "predicted");
            double is = jf_table_number(t, point, i, "measured");
            double should = jf_table_number(t, point, i, column);
            worst = jf_worse(worst, fabs(is - should) / top);
        }
    return worst;
}

/* The largest of a column among those that Lanczos's method is asked of. */
static double worst_lanczos(const jf_table *t, const char *column)
{
    double worst = 0;
    for (size_t c = 0; c < CURVATURES; c++)
        for (size_t k = c * CASES; k < (c + 1) * CASES; k++)
            if (!way_find(curvatures[c].way)->frame && jf_table_rows(t, k))
                worst = jf_worse(worst, jf_table_number(t, k, 0, column));
    return worst;
}

/* 4 n (3 u)^2/3 condition^1/2 of curvature c, the largest: truncation, and
 * three roundings. */
static double tolerance_of(const jf_table *t, size_t c)
{
    double worst = 0;
    for (size_t k = c * CASES; k < (c + 1) * CASES; k++)
        if (jf_table_rows(t, k))
            worst =
                fmax(worst, 4 * (double)jf_table_rows(t, k) *
                                pow(1.5 * DBL_EPSILON, 2.0 / 3) *
                                sqrt(jf_table_number(t, k, 0, "condition")));
    return worst;
}

/* lambda_max of lower entries over factor lambda_1, less 1. */
static double lower_excess(const jf_table *t, double factor)
{
    double worst = -1;
    for (size_t k = 0; k < CASES; k++) {
        size_t dense = k, lower = 3 * CASES + k;
        if (jf_table_rows(t, dense) && jf_table_rows(t, lower)) {
            double lambda = jf_table_number(t, dense, 0, "predicted") / 2;
            double is = jf_table_number(t, lower, 0, "measured");
            worst = jf_worse(worst, is / (factor * lambda) - 1);
        }
    }
    return worst;
}

static const char weyl[] =
    "largest deviation over the largest eigenvalue; differences of exact "
    "gradients: 4 n (3 u)^(2/3) condition^(1/2), n parameters";

static void judge(experiment *e, const jf_table *t)
{
    jf_finding found;
    for (size_t c = 0; c < CURVATURES; c++) {
        jf_text says = {0};
        jf_text_add(&says, "Hessian spectrum at the optimum, %s: %s",
                    curvatures[c].name, curvatures[c].says);
        found = (jf_finding){.measured = worst_of(t, c, "predicted"),
                             .tolerance = tolerance_of(t, c)};
        found.broken = worst_of(t, c, "wrong") - found.measured;
        jf_judge(e->verdicts,
                 &(jf_claim){"C7.2", says.data,
                             "linear flow, normal latent, condition <= 1e4",
                             weyl, JF_IDENTITY, curvatures[c].broken},
                 JF_EQUAL, &found);
        free(says.data);
    }
    found = (jf_finding){.measured = worst_lanczos(t, "lanczos_error"),
                         .tolerance = tolerance_of(t, 0)};
    found.broken = worst_lanczos(t, "two_products") - found.measured;
    jf_judge(e->verdicts,
             &(jf_claim){"C7.2",
                         "the largest eigenvalue by Lanczos is that of the "
                         "dense Hessian",
                         "all parameterisations but two", weyl, JF_IDENTITY,
                         "two products for n"},
             JF_EQUAL, &found);
    found = (jf_finding){.measured = lower_excess(t, 2),
                         .tolerance = tolerance_of(t, 3)};
    found.broken = lower_excess(t, 1) - found.measured;
    jf_judge(e->verdicts,
             &(jf_claim){"C7.2",
                         "lower triangular W: lambda_max(H) <= 2 lambda_1",
                         "entries of W as parameters",
                         "largest relative excess; differences of exact "
                         "gradients, as the spectra",
                         JF_IDENTITY, "lambda_max(H) <= lambda_1"},
             JF_AT_MOST, &found);
}

void stability_hessian(experiment *e)
{
    size_t points = CURVATURES * CASES, done = 0;
    size_t largest = by_profile(e, 4, 16, 16);
    jf_table *out = jf_table_new(&e->args, "stability-hessian",
                                 "data,d,condition,parameterisation,seed,index,"
                                 "measured,predicted,wrong,asymmetry,lanczos_"
                                 "error,two_products",
                                 points);

#pragma omp parallel for schedule(dynamic, 1) num_threads((int)e->team->threads)
    for (size_t point = 0; point < points; point++) {
        const curvature *c = &curvatures[point / CASES];
        size_t k = point % CASES, d = dims[k / CONDITIONS];
        /* A single column has condition 1. */
        if (d >= c->min_d && d <= c->max_d && d <= largest &&
            (d > 1 || k % CONDITIONS == 0) && !jf_table_has(out, point)) {
            run(c, d, d > 1 ? conditions[k % CONDITIONS] : 1, e->args.seed, k,
                out, point);
            jf_table_finish(out, point);
        }
#pragma omp critical(stability_hessian)
        jf_progress(&e->args, "Hessian", ++done, points);
    }
    if (jf_table_whole(out))
        judge(e, out);
    jf_table_close(out);
}
