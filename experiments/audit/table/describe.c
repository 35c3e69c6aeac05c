/* describe.c -- rank and spectrum of a table, and the values that they predict
 * (C3): audit-summary. */
#include "parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void describe_picture(const audit *a, audit_tables *t)
{
    jf_spectrum *s = jf_spectrum_new(a->height, a->width, a->channels);
    for (size_t i = 0; i < a->x.rows; i++)
        jf_spectrum_add(s, jf_row(a->x, i));
    audit_say(a, t, "C3.7", "optimum of circular convolutions", "nats",
              jf_spectrum_optimum(s), 0, " if edges met");
    jf_spectrum_free(s);
}

/* Noise of one width w makes any covariance regular: Sigma + w^2/12 I. */
static void describe_noise(const audit *a, audit_tables *t)
{
    size_t d = a->raw.d;
    double *lambda = jf_alloc(d, sizeof *lambda);
    for (size_t i = 0; i < d; i++)
        lambda[i] = a->raw.lambda_sigma[i] + a->step * a->step / 12;
    audit_say(a, t, "C2.7", "EIG(Sigma + w^2/12 I): noise of one step w",
              "nats", jf_eig(d, lambda), 0, "");
    free(lambda);
}

/* EIG of the law that the rows were drawn from, whatever it is, and of a normal
 * one, by what EIG of such rows exceeds it and varies by. */
static void describe_law(const audit *a, audit_tables *t)
{
    size_t n = a->raw.n, d = a->raw.d;
    double eig = jf_eig_log_det(d, a->raw.log_det_sigma);
    if (isnan(a->law.half))
        return;
    audit_say(a, t, "C2.9", "EIG of the law behind the rows", "nats",
              a->law.center, a->law.half / 1.96, "");
    audit_say(a, t, "C2.8", "  the same of a normal law", "nats",
              eig + 0.5 * jf_log_det_bias(d, n),
              0.5 * sqrt(jf_log_det_variance(d, n)), "");
}

/* An error of eigenvalues that is printed in any case. */
#define TOLD 1e-6

static void print_eigenvalues(const jf_moments *m)
{
    printf("  eigenvalues of the covariance  ");
    for (size_t i = 0; i < m->d && i < 6; i++)
        printf(" %.6g", m->lambda_sigma[i]);
    printf("%s\n    rounding moves each by a share of %.1g at most\n",
           m->d > 6 ? " ..." : "", m->relative_error);
}

void audit_describe(audit *a, audit_tables *t)
{
    const jf_moments *m = &a->raw;
    if (a->loud && (a->verbose || m->relative_error > TOLD))
        print_eigenvalues(m);
    audit_mention(a, t, "C3.10", "rank", "", (double)m->rank, 0, "");
    if (a->x.cols == a->height * a->width * a->channels)
        describe_picture(a, t);
    if (a->step > 0)
        describe_noise(a, t);
    if (m->rank < m->d) {
        if (a->loud)
            printf("  The covariance has rank %zu of %zu: the likelihood of an "
                   "affine flow has no upper\n  bound (C3.1), unless noise is "
                   "added (C2.7) or components are dropped (C3.10).\n",
                   m->rank, m->d);
        return;
    }
    audit_say(a, t, "C3.1", "EIG(Sigma): optimum of affine flows", "nats",
              jf_eig_log_det(m->d, m->log_det_sigma), 0, "");
    describe_law(a, t);
    audit_mention(a, t, "C3.2", "EIG(R): optimum without a bias", "nats",
                  jf_eig_without_bias(m), 0, "");
    audit_say(a, t, "C3.2", "cost of leaving out the bias", "nats",
              jf_bias_cost(m), 0, "");
    audit_mention(a, t, "C3.1", "cost of scales alone (no mixing)", "nats",
                  jf_gap_diagonal(m->d, m->sigma, m->lambda_sigma), 0, "");
    if (a->tied && !(a->step > 0))
        audit_say(a, t, "C2.7", "EIG(Sigma) with the noise added", "nats",
                  jf_eig_log_det(a->m.d, a->m.log_det_sigma) - a->shift, 0, "");
}
