/* components.c -- how many components does probabilistic PCA need?
 *
 * Question  Which q of C3.10 describes new rows best, and which is the smallest
 *           that does so within the error?
 * Method    Rows in five folds; for each the eigenvalues and vectors of the
 *           others give every PPCA_q in closed form, whose log-likelihood on
 *           the fold follows from sums of squares along the vectors.
 *           Suggested: the smallest q within one standard error, of the paired
 *           difference over rows, of the best (the one-standard-error rule;
 *           Breiman, Friedman, Olshen and Stone 1984).
 * Writes    audit-spectrum.csv [nats per sample, standardised units]. */
#include "parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FOLDS = 5 };

/* Rows times squared columns, above which rows are a sample. */
#define WORK 1e10

/* nats (n, d): of row order[i], held out, under PPCA_q in column q. */
typedef struct {
    const audit *a;
    size_t n, d, *order;
    double *nats;
} folds;

static size_t fold_start(size_t n, size_t k)
{
    return n * k / FOLDS;
}

/* From the squares of a row along the vectors, y_i^2, and the eigenvalues of
 * the other rows: -1/2 (d log 2 pi + sum_{i<q} (log lambda_i + y_i^2 /
 * lambda_i) + (d - q) log s2 + sum_{i>=q} y_i^2 / s2). */
static void row_nats(size_t d, const double *lambda, const double *y,
                     double *nats)
{
    double head = 0, tail = 0, left = 0;
    for (size_t i = 0; i < d; i++) {
        tail += y[i] * y[i];
        left += lambda[i];
    }
    for (size_t q = 0; q < d; q++) {
        double s2 = left / (double)(d - q);
        nats[q] = -0.5 * ((double)d * JF_LOG_2PI + head +
                          (double)(d - q) * log(s2) + tail / s2);
        head += log(lambda[q]) + y[q] * y[q] / lambda[q];
        tail -= y[q] * y[q];
        left -= lambda[q];
    }
}

static int one_fold(const folds *f, size_t k)
{
    size_t n = f->n, d = f->d, first = fold_start(n, k);
    size_t last = fold_start(n, k + 1), rest = n - (last - first);
    jf_matrix others = jf_matrix_new(rest, d);
    double *y = jf_alloc(2 * (last - first) * d, sizeof *y);
    double *along = y + (last - first) * d;
    jf_moments m;
    for (size_t i = 0, r = 0; i < n; i++)
        if (i < first || i >= last)
            memcpy(jf_row(others, r++), jf_row(f->a->y, f->order[i]),
                   d * sizeof(real));
    int status = jf_moments_of(jf_const(others), &m, f->a->e->team);
    if (status == GSL_SUCCESS && m.rank < d)
        status = GSL_ESING;
    if (status == GSL_SUCCESS)
        status = jf_eigen_symmetric(d, m.sigma, m.lambda_sigma, 1);
    for (size_t i = first; i < last && status == GSL_SUCCESS; i++)
        for (size_t j = 0; j < d; j++)
            y[(i - first) * d + j] =
                (double)jf_row(f->a->y, f->order[i])[j] - m.mean[j];
    if (status == GSL_SUCCESS)
        jf_dgemm(JF_NT, last - first, d, d, 1, y, m.sigma, 0, along);
    for (size_t i = first; i < last && status == GSL_SUCCESS; i++)
        row_nats(d, m.lambda_sigma, along + (i - first) * d, f->nats + i * d);
    jf_moments_free(&m);
    free(y);
    jf_matrix_free(&others);
    return status;
}

/* The mean of column q, or of column q minus column r. */
static jf_sample_moments column(const folds *f, size_t q, const size_t *r)
{
    double *v = jf_alloc(f->n, sizeof *v);
    for (size_t i = 0; i < f->n; i++)
        v[i] = f->nats[i * f->d + q] - (r ? f->nats[i * f->d + *r] : 0);
    jf_sample_moments s = jf_sample_of(f->n, v);
    free(v);
    return s;
}

static size_t suggest(const folds *f)
{
    size_t best = 0, q = 0;
    for (size_t k = 1; k < f->d; k++)
        if (column(f, k, NULL).mean > column(f, best, NULL).mean)
            best = k;
    while (q < best) {
        jf_sample_moments s = column(f, q, &best);
        if (s.mean + s.se >= 0)
            break;
        q++;
    }
    return q;
}

static void write_rows(const audit *a, const folds *f, int held,
                       audit_tables *t)
{
    const double *lambda = a->m.lambda_sigma;
    double eig = jf_eig(a->m.d, lambda);
    for (size_t q = 0; q < a->m.d; q++) {
        jf_sample_moments s = {(double)NAN, (double)NAN, 0, 0};
        if (held)
            s = column(f, q, NULL);
        jf_table_row(t->of[AUDIT_SPECTRUM], t->point,
                     "%s,%zu,%zu,%zu," JF_G "," JF_G "," JF_G "," JF_G "," JF_G
                     "," JF_G ",%d",
                     a->name, a->m.n, a->m.d, q, lambda[q],
                     jf_ppca_noise(a->m.d, lambda, q),
                     jf_ppca(a->m.d, lambda, q), eig, s.mean, s.se,
                     held && q == a->q);
    }
}

static void print_curve(const audit *a)
{
    size_t step = (a->m.d + 7) / 8;
    printf("  probabilistic PCA, q: gap to EIG  ");
    for (size_t q = 0; q < a->m.d; q += step)
        printf(" %zu: %.3g", q, jf_ppca_gap(a->m.d, a->m.lambda_sigma, q));
    printf(" nats\n");
}

size_t audit_component_rows(size_t n, size_t d)
{
    size_t most = (size_t)(WORK / (double)(d * d));
    most = most < 10 * d ? 10 * d : most;
    return n < most ? n : most;
}

void audit_components(audit *a, audit_tables *t)
{
    size_t d = a->m.d, n = audit_component_rows(a->m.n, d);
    folds f = {a, n, d, audit_shuffle(a->m.n, a->e->args.seed, 1),
               jf_alloc(n * d, sizeof *f.nats)};
    int held = a->m.rank == d && n - (n + FOLDS - 1) / FOLDS > d + 1;

    for (size_t k = 0; k < FOLDS && held; k++)
        held = one_fold(&f, k) == GSL_SUCCESS;
    a->q = held ? suggest(&f) : 0;
    write_rows(a, &f, held, t);
    if (held && a->loud && a->verbose)
        print_curve(a);
    if (held) {
        jf_sample_moments s = column(&f, a->q, NULL);
        audit_say(a, t, "C3.10", "probabilistic PCA: suggested components", "",
                  (double)a->q, 0, "");
        audit_mention(a, t, "C3.10", "  its gap to EIG", "nats",
                      jf_ppca_gap(d, a->m.lambda_sigma, a->q), 0, "");
        audit_mention(a, t, "C3.10", "  held out (standardised units)", "nats",
                      s.mean, s.se, "");
    } else if (a->loud) {
        printf("  Too few rows to hold some out: no number of components is "
               "suggested (C3.11).\n");
    }
    free(f.nats);
    free(f.order);
}
