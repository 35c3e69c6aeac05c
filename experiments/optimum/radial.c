/* radial.c -- linear flows over radial bases (C2.10).
 *
 * Question  Has the likelihood of linear flows one optimum over bases with
 *           heavy tails too?
 * Method    Loss E rho(log |W x|^2) - log |det W| on 400 rows, a tenth of them
 *           ten times as long.  L-BFGS from 20 starts of scales e^-4 .. e^4
 *           over a t_3 base; second differences along geodesics exp(t H/2) W,
 *           of which H is diagonal, since W may take up its rotation.
 * Writes    rows of optimum-points.csv; optimum-radial.csv, the loss over a t_3
 *           base along geodesics through the optimum, and along straight lines
 *           from it to its mirror images. */
#include "optimum.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { D = 3, ROWS = 400, STARTS = 20, CURVES = 50, STEPS = 10, NU = 3 };

/* rho(log s), up to a constant; s = |z|^2. */
static double student(double s)
{
    return 0.5 * (NU + D) * log1p(s / NU);
}
static double normal(double s)
{
    return 0.5 * s;
}
static double laplace(double s)
{
    return sqrt(s);
}
static double stretched(double s)
{
    return sqrt(sqrt(s));
}

static double (*const bases[])(double) = {student, normal, laplace, stretched};
enum { BASES = sizeof bases / sizeof *bases };

static void draw(gsl_rng *rng, double *x)
{
    for (size_t i = 0; i < ROWS; i++)
        for (size_t j = 0; j < D; j++)
            x[i * D + j] = (i % 10 ? 1 : 10) * jf_stream_normal(rng, 1.0) +
                           (j ? 0.5 * x[i * D + j - 1] : 0);
}

/* The loss of a radial base at W, of rows x; NaN where W is singular. */
static double loss(double (*rho)(double), const double *x, const double *w)
{
    double z[ROWS * D], copy[D * D], log_det, mean = 0;
    memcpy(copy, w, sizeof copy);
    if (jf_log_abs_det(D, copy, &log_det) != GSL_SUCCESS)
        return (double)NAN;
    jf_dgemm(JF_NT, ROWS, D, D, 1, x, w, 0, z);
    for (size_t i = 0; i < ROWS; i++) {
        double s = 0;
        for (size_t j = 0; j < D; j++)
            s += square(z[i * D + j]);
        mean += rho(s) / ROWS;
    }
    return mean - log_det;
}

/* For jf_lbfgs, over t_3: gradient E (nu + D)/(nu + |z|^2) z x' - W^-T. */
static int student_loss(void *arg, const real *w, double *value, real *grad)
{
    const double *x = arg;
    double z[ROWS * D], inverse[D * D], log_det;
    memcpy(inverse, w, sizeof inverse);
    JF_TRY(jf_invert(D, inverse, &log_det));
    jf_dgemm(JF_NT, ROWS, D, D, 1, x, w, 0, z);
    *value = -log_det;
    for (size_t i = 0; i < ROWS; i++) {
        double s = 0;
        for (size_t j = 0; j < D; j++)
            s += square(z[i * D + j]);
        *value += student(s) / ROWS;
        for (size_t j = 0; j < D; j++)
            z[i * D + j] *= (NU + D) / (NU + s) / ROWS;
    }
    jf_dgemm(JF_TN, D, D, ROWS, 1, z, x, 0, grad);
    for (size_t i = 0; i < D; i++)
        for (size_t j = 0; j < D; j++)
            grad[i * D + j] -= inverse[j * D + i];
    return GSL_SUCCESS;
}

/* The end of a run: its loss, and |G W'|, which bounds the slope there along
 * every geodesic of unit speed in log sigma. */
typedef struct {
    double w[D * D], value, slope;
} end;

static end descend(double *x, gsl_rng *rng)
{
    end at;
    double grad[D * D], product[D * D], sum = 0;
    jf_lbfgs_result result;
    double scale = exp(8 * gsl_rng_uniform(rng) - 4);
    for (size_t i = 0; i < D * D; i++)
        at.w[i] = scale * jf_stream_normal(rng, 1.0);
    if (jf_lbfgs(student_loss, x, D * D, at.w, NULL, &result) != GSL_SUCCESS ||
        student_loss(x, at.w, &at.value, grad) != GSL_SUCCESS)
        at.value = grad[0] = (double)NAN;
    jf_dgemm(JF_NT, D, D, D, 1, grad, at.w, 0, product);
    for (size_t i = 0; i < D * D; i++)
        sum += square(product[i]);
    at.slope = sqrt(sum);
    return at;
}

/* |log sigma| over the singular values of V W^-1: half the distance of W'W and
 * V'V; NaN where W is singular. */
static double distance(const double *v, const double *w)
{
    double inverse[D * D], product[D * D], sigma[D], unused, sum = 0;
    memcpy(inverse, w, sizeof inverse);
    if (jf_invert(D, inverse, &unused) != GSL_SUCCESS)
        return (double)NAN;
    jf_dgemm(JF_NN, D, D, D, 1, v, inverse, 0, product);
    if (jf_singular_values(D, D, product, sigma) != GSL_SUCCESS)
        return (double)NAN;
    for (size_t i = 0; i < D; i++)
        sum += square(log(sigma[i]));
    return sqrt(sum);
}

/* W R W' = I, R the second moment: the optimum over a normal base. */
static double at_whitening(const double *x)
{
    double r[D * D], unused;
    jf_dgemm(JF_TN, D, D, ROWS, 1.0 / ROWS, x, x, 0, r);
    if (jf_cholesky(D, r) != GSL_SUCCESS ||
        jf_invert(D, r, &unused) != GSL_SUCCESS)
        return (double)NAN;
    return loss(student, x, r);
}

/* Between two ends a convex function differs by at most slope times
 * distance. */
static void starts(const experiment *e, finding *f)
{
    double x[ROWS * D], slope = 0;
    gsl_rng *rng = stream(e, 210);
    draw(rng, x);
    end first = descend(x, rng);
    for (size_t k = 1; k < STARTS; k++) {
        end other = descend(x, rng);
        double steepest = fmax(first.slope, other.slope);
        f->measured = jf_worse(f->measured, fabs(other.value - first.value));
        f->tolerance =
            jf_worse(f->tolerance, steepest * distance(other.w, first.w));
        slope = jf_worse(slope, steepest);
    }
    gsl_rng_free(rng);
    f->tolerance += ROWS * DBL_EPSILON * fabs(first.value);
    if (!(slope <= 1e-6)) /* then tolerance is no more than 1e-6 distance */
        snprintf(f->open, sizeof f->open, "a start has not arrived");
    f->d = D;
    f->n = STARTS;
    f->broken = at_whitening(x) - first.value;
}

/* How concave a loss is over points of a curve: the largest negative second
 * difference, without its sign; and the largest value. */
typedef struct {
    double concave, largest;
} bend;

static void follow(const double *x, double points[STEPS + 1][D * D], bend *most)
{
    for (size_t b = 0; b < BASES; b++) {
        double v[STEPS + 1];
        for (size_t k = 0; k <= STEPS; k++) {
            v[k] = loss(bases[b], x, points[k]);
            most->largest = jf_worse(most->largest, fabs(v[k]));
        }
        for (size_t k = 1; k < STEPS; k++)
            most->concave =
                jf_worse(most->concave, 2 * v[k] - v[k - 1] - v[k + 1]);
    }
}

/* Along geodesics, and along straight lines between their ends with a row of
 * one of them reversed, where the determinant changes its sign. */
static void geodesics(const experiment *e, finding *f)
{
    double x[ROWS * D], curve[STEPS + 1][D * D], line[STEPS + 1][D * D];
    bend geodesic = {-(double)INFINITY, 0}, straight = geodesic;
    gsl_rng *rng = stream(e, 211);
    draw(rng, x);
    for (size_t c = 0; c < CURVES; c++) {
        double w[D * D], h[D];
        for (size_t i = 0; i < D * D; i++)
            w[i] = jf_stream_normal(rng, 1.0);
        for (size_t i = 0; i < D; i++)
            h[i] = jf_stream_normal(rng, 2.0);
        for (size_t k = 0; k <= STEPS; k++)
            for (size_t i = 0; i < D * D; i++) {
                double t = (double)k / STEPS, far = w[i] * exp(h[i / D] / 2);
                curve[k][i] = w[i] * exp(t * h[i / D] / 2);
                line[k][i] = (1 - t) * w[i] + t * (i / D == 0 ? -far : far);
            }
        follow(x, curve, &geodesic);
        follow(x, line, &straight);
    }
    gsl_rng_free(rng);
    f->d = D;
    f->n = CURVES * BASES;
    f->measured = geodesic.concave;
    f->tolerance = 4 * ROWS * DBL_EPSILON * geodesic.largest;
    f->broken = straight.concave - geodesic.concave;
}

static const check checks_radial[] = {
    {{"C2.10", "t_3 base: 20 starts end at one optimum",
      "D = 3, 400 rows with outliers",
      "largest difference of the losses; slope times distance of the ends, and "
      "roundings of a sum over rows",
      JF_OPTIMISATION, "W R W' = I as the optimum"},
     "radial starts",
     JF_EQUAL,
     0,
     starts},
    {{"C2.10",
      "the loss is convex along geodesics: no second difference is negative",
      "t_3, normal, exp(-|z|), exp(-|z|^(1/2)) bases; D = 3",
      "largest of their negatives over 50 random geodesics and 4 bases; proved "
      "inequality, roundings of 4 sums over rows",
      JF_IDENTITY, "straight lines of W for geodesics"},
     "radial geodesics",
     JF_AT_MOST,
     0,
     geodesics},
};

const check_list list_radial = {checks_radial,
                                sizeof checks_radial / sizeof *checks_radial};

/* The losses, less that of the optimum, of a curve of each kind. */
static void add_curve(const double *x, const end *best, gsl_rng *rng,
                      size_t curve, jf_table *out)
{
    enum { POINTS = 48 };
    double h[D], least = best->value;
    for (size_t i = 0; i < D; i++)
        h[i] = jf_stream_normal(rng, 2.0);
    for (size_t k = 0; k <= POINTS; k++) {
        double t = 2 * (double)k / POINTS - 1, along[D * D], line[D * D];
        for (size_t i = 0; i < D * D; i++) {
            int mirrored = i / D == curve % D;
            along[i] = best->w[i] * exp(t * h[i / D] / 2);
            line[i] = best->w[i] * (mirrored ? t : 1);
        }
        jf_table_row(out, 0, "%zu,%.6g," JF_G "," JF_G, curve, t,
                     loss(student, x, along) - least,
                     loss(student, x, line) - least);
    }
}

void optimum_radial(experiment *e)
{
    enum { SHOWN = 6 };
    jf_table *out = jf_table_new(&e->args, "optimum-radial",
                                 "curve,at,geodesic_nats,line_nats", 1);
    if (!jf_table_has(out, 0)) {
        double x[ROWS * D];
        gsl_rng *rng = stream(e, 212);
        draw(rng, x);
        end best = descend(x, rng);
        for (size_t c = 0; c < SHOWN; c++)
            add_curve(x, &best, rng, c, out);
        gsl_rng_free(rng);
        jf_table_finish(out, 0);
    }
    jf_table_close(out);
}
