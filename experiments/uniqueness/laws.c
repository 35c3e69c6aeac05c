/* laws.c -- null laws and derivatives that several parts need. */
#include "uniqueness.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST = 16 };
#define STEP 1e-3

/* jacobian (d, d) by five-point differences of step times h_j; rounding (d, d):
 * 16 eps of the values, or of 1, and 2 eps of what x_j moves, over the step. */
static void differences(size_t d, plain_map map, const void *arg,
                        const double *x, double times, double *jacobian,
                        double *rounding)
{
    static const double step[4] = {-2, -1, 1, 2}, weight[4] = {1, -8, 8, -1};
    double y[MOST], z[MOST];
    for (size_t j = 0; j < d; j++) {
        double h = times * STEP * fmax(fabs(x[j]), 0.2);
        for (size_t i = 0; i < d; i++)
            jacobian[i * d + j] = rounding[i * d + j] = 0;
        for (int k = 0; k < 4; k++) {
            memcpy(y, x, d * sizeof *y);
            y[j] += step[k] * h;
            map(arg, y, z);
            for (size_t i = 0; i < d; i++) {
                jacobian[i * d + j] += weight[k] * z[i] / (12 * h);
                rounding[i * d + j] += 16 * DBL_EPSILON * fabs(weight[k]) *
                                       fmax(1, fabs(z[i])) / (12 * h);
            }
        }
        for (size_t i = 0; i < d; i++)
            rounding[i * d + j] +=
                2 * DBL_EPSILON * fabs(jacobian[i * d + j] * x[j]) / h;
    }
}

double by_differences(size_t d, plain_map map, const void *arg, const double *x,
                      double *allowed)
{
    double jacobian[MOST * MOST], rounding[MOST * MOST], at[3];
    *allowed = (double)NAN;
    for (int k = 2; k >= 0; k--) {
        differences(d, map, arg, x, 1 << k, jacobian, rounding);
        if (jf_invert(d, jacobian, &at[k]) != GSL_SUCCESS)
            return (double)NAN;
    }
    *allowed = jf_worse(fabs(at[0] - at[1]), fabs(at[1] - at[2]) / 16);
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++)
            *allowed += fabs(jacobian[j * d + i]) * rounding[i * d + j];
    return at[0];
}

double log_root(double gap, double side)
{
    double low = 0, high = 1, sign = side > 0 ? 1 : -1;
    if (isnan(gap))
        return gap;
    while (expm1(sign * high) - sign * high < gap)
        high *= 2;
    for (int k = 0; k < 100; k++) { /* e^t - 1 - t rises away from 0 */
        double middle = 0.5 * (low + high), t = sign * middle;
        *(expm1(t) - t < gap ? &low : &high) = middle;
    }
    return sign * high;
}

double variance_score(double measured, double expected, double se)
{
    double spread = se * se / (9 * expected * expected); /* 2 / (9 freedom) */
    return (cbrt(measured / expected) - (1 - spread)) / sqrt(spread);
}

cumulants normal_cumulants(double (*g)(const void *arg, double z),
                           const void *arg)
{
    enum { HALF = 144 };
    double value[2 * HALF + 1], weight[2 * HALF + 1], m2 = 0, m4 = 0;
    cumulants c = {0};
    for (int k = -HALF; k <= HALF; k++) {
        double z = k / 16.0;
        weight[HALF + k] = exp(-0.5 * (z * z + JF_LOG_2PI)) / 16;
        value[HALF + k] = g(arg, z);
        c.mean += weight[HALF + k] * value[HALF + k];
    }
    for (int k = 0; k <= 2 * HALF; k++) {
        double square_k = square(value[k] - c.mean);
        m2 += weight[k] * square_k;
        m4 += weight[k] * square_k * square_k;
    }
    c.variance = m2;
    c.fourth = m4 - 3 * m2 * m2;
    return c;
}

void cells_add(cells *c, double z, const char *where, size_t d)
{
    if (c->count == CELLS)
        jf_fail(1, "more than %d cells of one row", CELLS);
    if (isnan(z) && !c->open[0])
        snprintf(c->open, sizeof c->open, "%s in %zu dimensions: no number",
                 where, d);
    c->z[c->count++] = z;
}

void cells_add_broken(cells *c, double z)
{
    if (c->broken_count == CELLS)
        jf_fail(1, "more than %d cells of one row", CELLS);
    c->broken[c->broken_count++] = z;
}

void cells_judge(const experiment *e, const jf_claim *claim,
                 jf_relation relation, cells *c, double parts)
{
    jf_finding f = {.n = c->count};
    double sign = relation == JF_AT_LEAST ? -1 : 1;
    memcpy(f.open, c->open, sizeof f.open);
    for (size_t k = 1; relation != JF_EQUAL && k < c->count; k++)
        if (sign * c->z[k] > sign * c->z[0]) {
            double nearest = c->z[k];
            c->z[k] = c->z[0];
            c->z[0] = nearest;
        }
    jf_family(&f, c->count, c->z, 0, relation);
    jf_family_broken(&f, c->broken_count, c->broken, 0, relation);
    f.p = fmin(1, parts * f.p);
    jf_judge(e->verdicts, claim, relation, &f);
}
