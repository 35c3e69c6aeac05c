/* notes.c -- numbers to know: what they are is no matter of right and wrong. */
#include "flow.h"

#include <math.h>

#include <gsl/gsl_math.h>

static void note_likelihood(const flow_numbers *f, audit_report *r)
{
    jf_sample_moments ll = jf_sample_of(f->n, f->ll);
    jf_sample_moments ld = jf_sample_of(f->n, f->ld);
    double most = -HUGE_VAL;
    audit_line *line =
        audit_add(r, "mean-ll", "C2.1", "mean log_likelihood [nats]", ll.mean,
                  (double)NAN, ll.se, AUDIT_NOTE);
    audit_detail(line, "+- %.3g; %.4g bits per dimension of the data as given",
                 ll.se, -ll.mean / (double)f->d / M_LN2);
    line =
        audit_add(r, "mean-ld", "C1.2", "mean log_abs_det = h(Z) - h(X) [nats]",
                  ld.mean, (double)NAN, ld.se, AUDIT_NOTE);
    audit_detail(line,
                 "+- %.3g, the same for all exact flows; sd over rows %.3g",
                 ld.se, sqrt(ld.variance));
    for (size_t i = 0; i < f->n; i++)
        most = fmax(most, f->ld[i]);
    line = audit_add(
        r, "lipschitz", "C2.7", "Lipschitz constant at least, by log_abs_det",
        exp(most / (double)f->d), (double)NAN, (double)NAN, AUDIT_NOTE);
    if (r->volume.stretch > 0)
        audit_detail(line, "neighbouring rows are stretched by up to %.4g",
                     r->volume.stretch);
}

/* EIG of x, and what is won above it. */
static void note_eigenvalues(const flow_numbers *f, audit_report *r)
{
    jf_team *team = jf_team_new(1);
    jf_moments m;
    if (f->x && jf_moments_of(jf_const_view(f->x, f->n, f->d), &m, team) ==
                    GSL_SUCCESS) {
        if (m.rank == f->d) {
            double eig = jf_eig_log_det(f->d, m.log_det_sigma);
            audit_line *line =
                audit_add(r, "eigenvalues", "C3.1",
                          "EIG(Sigma), the best affine flow on these rows", eig,
                          (double)NAN, (double)NAN, AUDIT_NOTE);
            audit_detail(line, "the flow is %.4g nats %s it",
                         fabs(jf_sample_of(f->n, f->ll).mean - eig),
                         jf_sample_of(f->n, f->ll).mean < eig ? "below"
                                                              : "above");
        }
        jf_moments_free(&m);
    }
    jf_team_free(team);
}

/* What an affine layer behind the flow would win on these rows. */
static void note_gain(const flow_numbers *f, audit_report *r)
{
    jf_team *team = jf_team_new(1);
    jf_moments m;
    if (f->n > f->d && jf_moments_of(jf_const_view(f->z, f->n, f->d), &m,
                                     team) == GSL_SUCCESS) {
        double gain = -(double)f->d - m.log_det_sigma, d = (double)f->d;
        for (size_t j = 0; j < f->d; j++)
            gain += m.sigma[j * f->d + j] + gsl_pow_2(m.mean[j]);
        audit_line *line =
            audit_add(r, "affine-gain", "C5.2",
                      "nats that an affine layer behind would win", gain / 2,
                      d * (d + 3) / 4 / (double)f->n, (double)NAN, AUDIT_NOTE);
        audit_detail(line, "chance alone gives %.2g", line->expected);
        jf_moments_free(&m);
    }
    jf_team_free(team);
}

void audit_note(const flow_numbers *f, audit_report *r)
{
    note_likelihood(f, r);
    note_eigenvalues(f, r);
    note_gain(f, r);
}
