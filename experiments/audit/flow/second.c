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
    double allowed;
} pair;

static pair pair_of(const flow_numbers *f, const flow_numbers *g)
{
    pair p = {.ld = jf_alloc(3 * f->n, sizeof *p.ld)};
    p.base = p.ld + f->n;
    p.ll = p.ld + 2 * f->n;
    for (size_t i = 0, k = 0; i < f->n; i++) {
        while (k < g->n && g->row[k] < f->row[i])
            k++;
        if (k == g->n || g->row[k] != f->row[i])
            continue;
        p.ld[p.n] = f->ld[i] - g->ld[k];
        p.base[p.n] = f->base[i] - g->base[k];
        p.ll[p.n++] = f->ll[i] - g->ll[k];
        p.allowed = fmax(p.allowed, f->allowed[i] + g->allowed[k]);
    }
    return p;
}

void audit_compare(const flow_numbers *f, const char *second, audit_report *r)
{
    flow_numbers g;
    flow_read(second, &g);
    if (g.rows != f->rows || g.d != f->d)
        jf_fail(2,
                "%s: %zu rows of d = %zu found, %zu of d = %zu expected, the "
                "same points in the same order",
                second, g.rows, g.d, f->rows, f->d);
    pair p = pair_of(f, &g);
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
