/* second.c -- what a second file tells: another flow on the same points, or the
 * same flow on its training rows.
 *
 * Two models are compared in mean alone, since nothing else must agree (C1.2).
 */
#include "flow.h"

#include <math.h>
#include <stdlib.h>

/* D = ld_f - ld_g on the rows that both have, and its two parts. */
typedef struct {
    size_t n;
    double *ld, *base, *ll; /* differences f - g */
    double allowed, z;      /* z: the largest |z_f - z_g| of a column */
    int differ;             /* by more than half of the digits */
} pair;

/* Row k of g for row i of f is mate[i]; g->n where there is none. */
static pair pair_of(const flow_numbers *f, const flow_numbers *g,
                    const size_t *mate)
{
    pair p = {.ld = jf_alloc(3 * f->n, sizeof *p.ld)};
    p.base = p.ld + f->n;
    p.ll = p.ld + 2 * f->n;
    for (size_t i = 0; i < f->n; i++) {
        size_t k = mate[i];
        if (k == g->n)
            continue;
        p.ld[p.n] = f->ld[i] - g->ld[k];
        p.base[p.n] = f->base[i] - g->base[k];
        p.ll[p.n++] = f->ll[i] - g->ll[k];
        p.allowed = fmax(p.allowed, f->allowed[i] + g->allowed[k]);
        for (size_t j = 0; j < f->d; j++) {
            double v = f->z[i * f->d + j], off = fabs(v - g->z[k * f->d + j]);
            p.z = fmax(p.z, off);
            p.differ |=
                off > sqrt(fmax(f->of_z.unit, g->of_z.unit)) * (1 + fabs(v)) +
                          2 * written_error(&f->of_z, v) +
                          2 * written_error(&g->of_z, v);
        }
    }
    return p;
}

/* By the place in the file, for want of x. */
static void match_rows(const char *second, const flow_numbers *f,
                       const flow_numbers *g, size_t *mate)
{
    if (g->rows != f->rows)
        jf_fail(2,
                "%s: %zu rows found, %zu expected, the same points in the same "
                "order, or columns x in both files",
                second, g->rows, f->rows);
    for (size_t i = 0, k = 0; i < f->n; i++) {
        while (k < g->n && g->row[k] < f->row[i])
            k++;
        mate[i] = k < g->n && g->row[k] == f->row[i] ? k : g->n;
    }
}

/* By x, as floats: what one file has in more digits is the same point. */
static void match_points(const char *second, const flow_numbers *f,
                         const flow_numbers *g, size_t *mate)
{
    size_t d = f->d, all = f->n + g->n, found = 0;
    double *x = jf_alloc(all * d, sizeof *x);
    size_t *first = jf_alloc(2 * all, sizeof *first), *of_g = first + all;
    for (size_t i = 0; i < all * d; i++)
        x[i] = (double)(float)(i < f->n * d ? f->x[i] : g->x[i - f->n * d]);
    same_points(all, d, x, first);
    for (size_t i = 0; i < all; i++)
        of_g[i] = g->n;
    for (size_t k = g->n; k-- > 0;)
        of_g[first[f->n + k]] = k;
    for (size_t i = 0; i < f->n; i++) {
        mate[i] = of_g[first[i]];
        found += mate[i] != g->n;
    }
    free(x);
    free(first);
    if (found < f->n && found < g->n)
        jf_fail(2,
                "%s: %zu of %zu points x are those of %s, all of the smaller "
                "file's expected",
                second, found, g->n, f->name);
}

void audit_compare(const flow_numbers *f, const char *second, audit_report *r)
{
    flow_numbers g;
    flow_read(second, &g);
    if (g.d != f->d)
        jf_fail(2, "%s: d = %zu found, d = %zu expected", second, g.d, f->d);
    size_t *mate = jf_alloc(f->n, sizeof *mate);
    int by_x = f->x && g.x;
    (by_x ? match_points : match_rows)(second, f, &g, mate);
    pair p = pair_of(f, &g, mate);
    free(mate);
    if (p.n < 2)
        jf_fail(2, "%s: %zu rows are finite in both files, 2 expected", second,
                p.n);
    jf_sample_moments ld = jf_sample_of(p.n, p.ld);
    double allowed = 5 * ld.se + p.allowed;
    audit_line *line = audit_add(
        r, "two-flows", "C1.2", "mean difference of log_abs_det = 0", ld.mean,
        0, allowed, fabs(ld.mean) <= allowed ? AUDIT_OK : AUDIT_MISFIT);
    audit_detail(
        line,
        "over %zu rows; exact flows agree: one of the two does not fit "
        "(their log_likelihoods differ by %.3g)",
        p.n, jf_sample_of(p.n, p.ll).mean);
    line = audit_add(r, "two-flows-sd", "C1.6",
                     "sd of the difference, which may be large",
                     sqrt(ld.variance), (double)NAN, (double)NAN, AUDIT_NOTE);
    audit_detail(line,
                 "no mistake: log p_Z(z) differs with sd %.3g, the densities "
                 "themselves with %.3g",
                 sqrt(jf_sample_of(p.n, p.base).variance),
                 sqrt(jf_sample_of(p.n, p.ll).variance));
    line = audit_add(r, "two-calls", "C1.1",
                     "largest difference of z at the same point", p.z,
                     (double)NAN, (double)NAN, AUDIT_NOTE);
    audit_detail(line,
                 "rows matched by %s; were both files written by one flow, it "
                 "would be no function of x unless this is rounding",
                 by_x ? "x" : "their order, for want of x");
    r->apart = by_x && p.differ ? p.z : 0;
    free(p.ld);
    flow_free(&g);
}

/* The rows of an affine flow whose held-out E |z|^2 / d is the ratio. */
static double rows_for(double ratio, double d)
{
    return (1 + ratio * (d + 2)) / (ratio - 1);
}

static double mean_square(const flow_numbers *f)
{
    return jf_sample_of(f->n, f->half).mean * 2 / (double)f->d;
}

void audit_overfitting(const flow_numbers *f, const char *train,
                       audit_report *r)
{
    double here = mean_square(f), d = (double)f->d;
    jf_sample_moments half = jf_sample_of(f->n, f->half);
    audit_line *line;
    if (!train) {
        if (here - 1 <= 5 * half.se * 2 / d)
            return;
        line = audit_add(r, "overfitting", "C2.8",
                         "E |z|^2 / d > 1: overfitting, if held out", here, 1,
                         (double)NAN, AUDIT_NOTE);
        audit_detail(line, "as of an affine flow fitted to %.0f rows",
                     rows_for(here, d));
        return;
    }
    flow_numbers t;
    flow_read(train, &t);
    if (t.d != f->d)
        jf_fail(2, "%s: d = %zu found, d = %zu expected", train, t.d, f->d);
    line = audit_add(r, "overfitting", "C2.8",
                     "E |z|^2 / d here, over that of training",
                     here / mean_square(&t), jf_sample_square(t.d, t.n) / d,
                     (double)NAN, AUDIT_NOTE);
    audit_detail(line, "an affine flow fitted to those %zu rows has %.4g", t.n,
                 line->expected);
    line =
        audit_add(r, "train-test", "C2.8", "nats by which training is ahead",
                  jf_sample_of(t.n, t.ll).mean - jf_sample_of(f->n, f->ll).mean,
                  jf_sample_gap(t.d, t.n, 1), (double)NAN, AUDIT_NOTE);
    audit_detail(line, "an affine flow loses %.4g by fitting those rows",
                 line->expected);
    flow_free(&t);
}
