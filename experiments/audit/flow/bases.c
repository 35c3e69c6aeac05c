/* bases.c -- which other base log_likelihood - log_abs_det is the density of.
 *
 * Products of known laws are compared row by row; a normal law with a mean and
 * a scale of each column, or with a full covariance, is a quadratic form in z
 * with free coefficients, fitted by least squares to all rows, each divided by
 * its rounding.  Either must leave no more than rounding. */
#include "mistakes.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_math.h>
#include <gsl/gsl_sf_gamma.h>

/* TIMES: a fitted row's rounding, as in diagnosis.c. */
enum { TIMES = 5, SOME = 40 };

static double logistic(double z, double unused)
{
    (void)unused;
    return -fabs(z) - 2 * log1p(exp(-fabs(z)));
}

static double laplace(double z, double unused)
{
    (void)unused;
    return -fabs(z) - M_LN2;
}

static double student(double z, double nu)
{
    return -(nu + 1) / 2 * log1p(z * z / nu);
}

/* Of student, what does not depend on z. */
static double student_constant(double nu)
{
    return gsl_sf_lngamma((nu + 1) / 2) - gsl_sf_lngamma(nu / 2) -
           log(nu * M_PI) / 2;
}

/* The largest deviation over what is allowed, and its mean square. */
static double left_by(const flow_numbers *f, size_t n,
                      double (*law)(double, double), double parameter,
                      double constant, double *square)
{
    double worst = 0;
    *square = 0;
    for (size_t i = 0; i < n; i++) {
        double e = f->ll[i] - f->ld[i] - (double)f->d * constant;
        for (size_t j = 0; j < f->d; j++)
            e -= law(f->z[i * f->d + j], parameter);
        *square += e * e / (double)n;
        if (!(fabs(e) <= worst * f->allowed[i]))
            worst = fabs(e) / f->allowed[i];
    }
    return worst;
}

int base_logistic(const flow_numbers *f, const audit_report *r, double *unused)
{
    double square;
    (void)r, (void)unused;
    return left_by(f, f->n, logistic, 0, 0, &square) <= TIMES;
}

int base_laplace(const flow_numbers *f, const audit_report *r, double *unused)
{
    double square;
    (void)r, (void)unused;
    return left_by(f, f->n, laplace, 0, 0, &square) <= TIMES;
}

static double left_by_student(const flow_numbers *f, size_t n, double nu,
                              double *square)
{
    return left_by(f, n, student, nu, student_constant(nu), square);
}

/* nu in .25 .. 1000 by golden sections of its logarithm, on some rows. */
int base_student(const flow_numbers *f, const audit_report *r, double *nu)
{
    double low = log(0.25), high = log(1000), square[2];
    size_t some = f->n < SOME ? f->n : SOME;
    const double part = (sqrt(5) - 1) / 2;
    (void)r;
    for (int k = 0; k < 45; k++) {
        double a = high - part * (high - low), b = low + part * (high - low);
        left_by_student(f, some, exp(a), &square[0]);
        left_by_student(f, some, exp(b), &square[1]);
        *(square[0] < square[1] ? &high : &low) = square[0] < square[1] ? b : a;
    }
    *nu = exp((low + high) / 2);
    /* a mean square is flat about its least value: nu has half the digits */
    double whole = round(*nu);
    if (whole > 0 && left_by_student(f, f->n, whole, &square[0]) <= TIMES)
        *nu = whole;
    return left_by_student(f, f->n, *nu, &square[0]) <= TIMES;
}

/* Coefficients (p) of the form; the largest deviation over rounding. */
static double quadratic(const flow_numbers *f, size_t p, double *coefficient)
{
    double *v = jf_alloc(f->n, sizeof *v), worst = HUGE_VAL;
    for (size_t i = 0; i < f->n; i++)
        v[i] = f->ll[i] - f->ld[i];
    if (form_fit(f->n, f->d, p, f->z, v, f->allowed, coefficient))
        worst = 0;
    for (size_t i = 0; isfinite(worst) && i < f->n; i++)
        worst = fmax(worst, fabs(v[i] - form_value(f->d, p, coefficient,
                                                   f->z + i * f->d)) /
                                f->allowed[i]);
    free(v);
    return worst;
}

/* -(z - m)^2 / 2 s^2: s from the square's coefficient, m from the other. */
int base_diagonal(const flow_numbers *f, const audit_report *r,
                  double *parameter)
{
    size_t d = f->d, p = 1 + 2 * d;
    (void)r;
    if (f->n < 2 * p)
        return 0;
    double *c = jf_alloc(p, sizeof *c);
    int holds = quadratic(f, p, c) <= TIMES;
    for (size_t j = 0; holds && j < d; j++) {
        double scale = sqrt(-0.5 / c[1 + d + j]);
        double mean = c[1 + j] * scale * scale;
        holds = isfinite(scale);
        if (fabs(mean) > fabs(parameter[0]))
            parameter[0] = mean;
        parameter[1] = fmax(parameter[1], scale);
    }
    free(c);
    return holds;
}

int base_full(const flow_numbers *f, const audit_report *r, double *unused)
{
    size_t p = 1 + 2 * f->d + f->d * (f->d - 1) / 2;
    (void)r, (void)unused;
    if (f->d < 2 || f->n < 2 * p || p > 2048)
        return 0;
    double *c = jf_alloc(p, sizeof *c);
    int holds = quadratic(f, p, c) <= TIMES;
    free(c);
    return holds;
}
