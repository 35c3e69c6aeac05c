/* field.c -- a random field fitted to values at the user's points.
 *
 * Each column is affine plus a Gaussian process of Matern's covariance, of
 * smoothness 3/2, 5/2 or 7/2 (its derivatives have kinks, jumps of the second
 * order, or of the third), of whitened x; width, smoothness and a nugget for the
 * digits of the values are those under which each value is most likely given all
 * others (Rasmussen and Williams 2006, sec. 5.4.2), which gives the variance of
 * each column too. */
#include "field.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_math.h>

enum {
    MOST_POINTS = 600,
    LEAST_POINTS = 60,
    MOST_COLUMNS = 8,
    SMOOTHNESS = 3, /* 3/2, 5/2, 7/2 */
    WIDTHS = 8,
    NUGGETS = 3
};
static const double widths[WIDTHS] = {1, 2, 3, 4.5, 7, 12, 20, 40};
static const double nuggets[NUGGETS] = {1e-8, 1e-6, 1e-4};

covariance matern(size_t smoothness, double width, double r)
{
    double s = sqrt(3 + 2 * (double)smoothness) * r / width, e = exp(-s);
    double square = gsl_pow_2(width);
    if (smoothness == 0)
        return (covariance){(1 + s) * e, 3 / square * e,
                            r > 0 ? 3 * sqrt(3) / (square * width * r) * e : 0};
    if (smoothness == 1)
        return (covariance){(1 + s + s * s / 3) * e,
                            5.0 / 3 / square * (1 + s) * e,
                            25.0 / 3 / gsl_pow_2(square) * e};
    return (covariance){(1 + s + 0.4 * s * s + s * s * s / 15) * e,
                        7.0 / 15 / square * (3 + 3 * s + s * s) * e,
                        49.0 / 15 / gsl_pow_2(square) * (1 + s) * e};
}

covariance covariance_of(const cloud *p, const field *g, size_t i, size_t k)
{
    return matern(g->is.of[0], g->width, p->apart[i * p->n + k]);
}

static double distance(size_t d, const double *a, const double *b)
{
    double sum = 0;
    for (size_t j = 0; j < d; j++)
        sum += gsl_pow_2(a[j] - b[j]);
    return sqrt(sum);
}

int cloud_take(const flow_numbers *f, const double *v, size_t columns, cloud *p)
{
    size_t d = f->d, count = 0;
    *p = (cloud){.d = d, .columns = columns};
    if (d > MOST_COLUMNS)
        return 0;
    size_t *first = p->row = jf_alloc(f->n, sizeof *first);
    same_points(f->n, d, f->x, first);
    for (size_t i = 0; i < f->n; i++)
        if (first[i] == i)
            first[count++] = i;
    size_t n = p->n = count < MOST_POINTS ? count : MOST_POINTS;
    if (n < LEAST_POINTS || n < 10 * d)
        return 0;
    p->x = jf_alloc(n * (d + columns + n) + d + d * d, sizeof *p->x);
    p->v = p->x + n * d;
    p->apart = p->v + n * columns;
    p->mean = p->apart + n * n;
    p->l = p->mean + d;
    for (size_t k = 0; k < n; k++) {
        size_t i = p->row[k] = first[k * count / n];
        memcpy(p->x + k * d, f->x + i * d, d * sizeof *p->x);
        memcpy(p->v + k * columns, v + i * columns, columns * sizeof *v);
    }
    if (!whiten(n, d, p->x, p->mean, p->l))
        return 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            p->apart[i * n + k] = distance(d, p->x + i * d, p->x + k * d);
    return 1;
}

void cloud_free(cloud *p)
{
    free(p->x);
    free(p->row);
}

static field field_new(const cloud *p)
{
    size_t n = p->n, d = p->columns, q = p->d + 1;
    field g = {.score = -HUGE_VAL};
    g.inverse =
        jf_alloc(n * n + n * q + q * q + n * d + q * d + d, sizeof *g.inverse);
    g.projected = g.inverse + n * n;
    g.trend = g.projected + n * q;
    g.alpha = g.trend + q * q;
    g.beta = g.alpha + n * d;
    g.variance = g.beta + q * d;
    return g;
}

/* (n, q) rows (1, x). */
static double *affine(const cloud *p)
{
    size_t q = p->d + 1;
    double *h = jf_alloc(p->n * q, sizeof *h);
    for (size_t i = 0; i < p->n; i++) {
        h[i * q] = 1;
        memcpy(h + i * q + 1, p->x + i * p->d, p->d * sizeof *h);
    }
    return h;
}

/* The weights of all points and the affine part by generalised least squares:
 * 0 when singular. */
static int solve(const cloud *p, field *g)
{
    size_t n = p->n, d = p->columns, q = p->d + 1;
    double det, *h = affine(p), *right = jf_alloc(q * d, sizeof *right);
    g->width = widths[g->is.of[1]];
    g->nugget = nuggets[g->is.of[2]];
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            g->inverse[i * n + k] =
                covariance_of(p, g, i, k).value + (i == k ? g->nugget : 0);
    int good = jf_invert(n, g->inverse, &det) == GSL_SUCCESS;
    if (good) {
        jf_dgemm(JF_NN, n, q, n, 1, g->inverse, h, 0, g->projected);
        jf_dgemm(JF_TN, q, q, n, 1, h, g->projected, 0, g->trend);
        good = jf_invert(q, g->trend, &det) == GSL_SUCCESS;
    }
    if (good) {
        jf_dgemm(JF_TN, q, d, n, 1, g->projected, p->v, 0, right);
        jf_dgemm(JF_NN, q, d, q, 1, g->trend, right, 0, g->beta);
        jf_dgemm(JF_NN, n, d, n, 1, g->inverse, p->v, 0, g->alpha);
        jf_dgemm(JF_NN, n, d, q, -1, g->projected, g->beta, 1, g->alpha);
    }
    free(h);
    free(right);
    return good;
}

/* 1 / the variance of z_i given all others, over that of the column. */
static double own_weight(const cloud *p, const field *g, size_t i)
{
    size_t q = p->d + 1;
    double own = g->inverse[i * p->n + i];
    const double *h = g->projected + i * q;
    for (size_t a = 0; a < q; a++)
        for (size_t b = 0; b < q; b++)
            own -= h[a] * g->trend[a * q + b] * h[b];
    return own;
}

/* The likelihood of each z_i given all others, the variances, and the kurtosis
 * of z_i about what the others say: 3 where the field is as it is taken to
 * be. */
static void score(const cloud *p, field *g)
{
    size_t n = p->n, d = p->columns;
    double sum = 0, *fourth = jf_alloc(d, sizeof *fourth);
    memset(g->variance, 0, d * sizeof *g->variance);
    for (size_t i = 0; i < n && isfinite(sum); i++) {
        double own = own_weight(p, g, i);
        for (size_t c = 0; c < d; c++) {
            double square = gsl_pow_2(g->alpha[i * d + c]) / own;
            g->variance[c] += square / (double)n;
            fourth[c] += gsl_pow_2(square) / (double)n;
        }
        sum += own > 0 ? (double)d / 2 * log(own) : -HUGE_VAL;
    }
    g->kurtosis = 0;
    for (size_t c = 0; c < d; c++) {
        sum -= (double)n / 2 * log(fmax(g->variance[c], 1e-300));
        g->kurtosis += fourth[c] / gsl_pow_2(g->variance[c]) / (double)d;
    }
    g->score = sum;
    free(fourth);
}

void field_free(field *g)
{
    free(g->inverse);
}

/* From one choice to the best of its neighbours until none is better. */
int field_find(const cloud *p, field *best)
{
    static const size_t most[3] = {SMOOTHNESS, WIDTHS, NUGGETS};
    char tried[SMOOTHNESS][WIDTHS][NUGGETS] = {{{0}}};
    field next = field_new(p);
    int better = 1, start = 1;
    *best = field_new(p);
    best->is = (choice){{1, 2, 0}};
    while (better) {
        choice from = best->is;
        better = 0;
        for (size_t k = 0; k < 7; k++) {
            next.is = from;
            size_t *at = &next.is.of[k / 2 % 3];
            if (k < 6)
                *at += k % 2 ? 1 : (size_t)-1;
            else if (!start)
                continue;
            char *known =
                *at < most[k / 2 % 3]
                    ? &tried[next.is.of[0]][next.is.of[1]][next.is.of[2]]
                    : NULL;
            if (!known || *known)
                continue;
            *known = 1;
            if (!solve(p, &next))
                continue;
            score(p, &next);
            if (next.score > best->score) {
                field kept = *best;
                *best = next;
                next = kept;
                better = 1;
            }
        }
        start = 0;
    }
    field_free(&next);
    return isfinite(best->score);
}

double field_value(const cloud *p, const field *g, const double *x)
{
    size_t d = p->d, columns = p->columns;
    double *y = jf_alloc(d, sizeof *y), sum = g->beta[0];
    for (size_t j = 0; j < d; j++) {
        y[j] = x[j] - p->mean[j];
        for (size_t k = 0; k < j; k++)
            y[j] -= p->l[j * d + k] * y[k];
        y[j] /= p->l[j * d + j];
        sum += g->beta[(j + 1) * columns] * y[j];
    }
    for (size_t a = 0; a < p->n; a++)
        sum +=
            g->alpha[a * columns] *
            matern(g->is.of[0], g->width, distance(d, y, p->x + a * d)).value;
    free(y);
    return sum;
}
