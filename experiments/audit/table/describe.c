/* describe.c -- the questions of the other experiments, asked of one table.
 *
 * Question  What does the theory say about this table before, and after, a
 *           flow is trained on it?
 * Method    The parts, one file each: read.c reads the table and sets
 *           aside what no density can have, components.c asks how many
 *           components probabilistic PCA needs, directions.c how far from
 *           Gaussian each direction is, modes.c what gaps between modes
 *           ask of the inverse, rates.c where the edge of stable descent
 *           is, training.c what flows reach, advice.c what follows.
 * Writes    audit-{summary,spectrum,directions,training,rates,advice}.csv
 *           [nats per sample, units of the table]. */
#include "parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *columns;
} tables[AUDIT_TABLES] = {
    {"audit-summary", "data,n,d,claim,quantity,unit,value,se"},
    {"audit-spectrum",
     "data,n,d,q,eigenvalue,sigma2,ppca_nats,eigen_nats,held_out_nats,"
     "se_held_out,suggested"},
    {"audit-directions",
     "data,n,kind,direction,variance,skewness,excess_kurtosis,"
     "negentropy_nats,se_negentropy"},
    {"audit-training",
     "data,n,d,flow,class,seed,train_nats,test_nats,gaussian_test_nats,"
     "eigen_nats,negentropy_captured_nats,se_captured,second_moment_test,"
     "status,steps"},
    {"audit-rates", "data,d,problem,critical_rate,measured_rate,batch_rate,"
                    "condition"},
    {"audit-advice", "data,claim,advice"},
};

void audit_say(const audit *a, audit_tables *t, const char *claim,
               const char *quantity, const char *unit, double value, double se,
               const char *note)
{
    jf_table_row(t->of[AUDIT_SUMMARY], t->point,
                 "%s,%zu,%zu,%s,%s,%s," JF_G "," JF_G, a->name, a->x.rows,
                 a->x.cols, claim, quantity, unit, value, se);
    if (!a->loud)
        return;
    printf("  %-44s %14.8g", quantity, value);
    if (se > 0)
        printf(" +- %.2g", se);
    printf("%s%s  %s%s\n", *unit ? " " : "", unit, claim, note);
}

static void describe_picture(const audit *a, audit_tables *t, size_t channels)
{
    size_t side = (size_t)lround(sqrt((double)(a->x.cols / channels)));
    jf_spectrum *s = jf_spectrum_new(side, side, channels);
    for (size_t i = 0; i < a->x.rows; i++)
        jf_spectrum_add(s, jf_row(a->x, i));
    audit_say(a, t, "C3.7", "optimum of circular convolutions", "nats",
              jf_spectrum_optimum(s), 0, ", as if the edges met");
    jf_spectrum_free(s);
}

/* Noise of one width w makes any covariance regular: Sigma + w^2/12 I. */
static void describe_noise(const audit *a, audit_tables *t)
{
    size_t d = a->raw.d;
    double *lambda = jf_alloc(d, sizeof *lambda);
    for (size_t i = 0; i < d; i++)
        lambda[i] = a->raw.lambda_sigma[i] + a->step * a->step / 12;
    audit_say(a, t, "C2.7", "EIG(Sigma + w^2/12 I): noise of one step w", "nats",
              jf_eig(d, lambda), 0, "");
    free(lambda);
}

/* Spectrum and the values that it predicts. */
void audit_describe(audit *a, audit_tables *t)
{
    const jf_moments *m = &a->raw;
    if (a->loud) {
        printf("  eigenvalues of the covariance  ");
        for (size_t i = 0; i < m->d && i < 6; i++)
            printf(" %.6g", m->lambda_sigma[i]);
        printf("%s\n", m->d > 6 ? " ..." : "");
    }
    audit_say(a, t, "C3.10", "rank", "", (double)m->rank, 0, "");
    if (a->e->args.data && a->x.cols == a->columns &&
        jf_images_content(a->e->args.data) == JF_FOLDER &&
        a->x.cols % 3 == 0)
        describe_picture(a, t, 3);
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
    audit_say(a, t, "C3.2", "EIG(R): optimum without a bias", "nats",
              jf_eig_log_det(m->d, m->log_det_r), 0, "");
    audit_say(a, t, "C3.2", "cost of leaving out the bias", "nats",
              jf_bias_cost(m), 0, "");
    audit_say(a, t, "C3.1", "cost of scales alone (no mixing)", "nats",
              jf_gap_diagonal(m->d, m->sigma, m->lambda_sigma), 0, "");
    if (a->tied && !(a->step > 0))
        audit_say(a, t, "C2.7", "EIG(Sigma) with the noise added", "nats",
                  jf_eig_log_det(a->m.d, a->m.log_det_sigma) - a->shift, 0,
                  "");
}

static void audit_one(audit *a, audit_tables *t)
{
    audit_describe(a, t);
    audit_components(a, t);
    audit_directions(a, t);
    audit_modes(a, t);
    audit_rates(a, t);
    audit_training(a, t);
    audit_advise(a, t);
    for (size_t k = 0; k < AUDIT_TABLES; k++)
        jf_table_finish(t->of[k], t->point);
}

static int is_done(const audit_tables *t)
{
    int done = 1;
    for (size_t k = 0; k < AUDIT_TABLES; k++)
        done = done && jf_table_has(t->of[k], t->point);
    return done;
}

/* The largest value over the rows of all points whose column has this name. */
static double largest(const jf_table *table, size_t points, const char *column,
                      const char *name,
                      double (*value)(const jf_table *, size_t, size_t))
{
    double worst = -(double)INFINITY;
    for (size_t p = 0; p < points; p++)
        for (size_t r = 0; r < jf_table_rows(table, p); r++) {
            char text[32];
            jf_table_string(table, p, r, column, text, sizeof text);
            if (strcmp(text, name) == 0)
                worst = jf_worse(worst, value(table, p, r));
        }
    return worst;
}

static double distance_to_eig(const jf_table *t, size_t p, size_t r)
{
    return fabs(jf_table_number(t, p, r, "train_nats") -
                jf_table_number(t, p, r, "eigen_nats"));
}

static double error_of_rate(const jf_table *t, size_t p, size_t r)
{
    return fabs(jf_table_number(t, p, r, "measured_rate") /
                    jf_table_number(t, p, r, "critical_rate") -
                1);
}

static void judge(experiment *e, const audit_tables *t, size_t points)
{
    size_t trained = 0;
    for (size_t p = 0; p < points; p++)
        trained += jf_table_rows(t->of[AUDIT_TRAINING], p);
    if (trained == 0)
        return;
    jf_verdict(e->verdicts,
               &(jf_claim){"C3.1",
                           "a trained affine flow ends at EIG of its training "
                           "rows, whatever the table",
                           "covariance of full rank, L-BFGS, standardised",
                           "largest difference over the tables; the "
                           "optimiser's tolerance"},
               largest(t->of[AUDIT_TRAINING], points, "class", "affine",
                       distance_to_eig),
               JF_AT_MOST, 0, 1e-6);
    jf_verdict(e->verdicts,
               &(jf_claim){"C7.2",
                           "the critical rate of whitened data is 1, by the "
                           "flow's own Hessian",
                           "affine flow at its optimum",
                           "largest relative difference over the tables; "
                           "Lanczos to 1e-8, differences to 1e-8"},
               largest(t->of[AUDIT_RATES], points, "problem", "whitened",
                       error_of_rate),
               JF_AT_MOST, 0, 1e-6);
}

void audit_data(experiment *e)
{
    static const char *const shipped[] = {"iris", "wine", "diabetes",
                                          "breast-cancer", "digits"};
    enum { SHIPPED = sizeof shipped / sizeof *shipped };
    size_t points = e->args.data ? 1 : SHIPPED;
    audit all[SHIPPED];
    audit_tables t;

    for (size_t p = 0; p < points; p++) /* before a file is made */
        if (audit_read(&all[p], e, e->args.data ? e->args.data : shipped[p]) !=
            GSL_SUCCESS)
            exit(2);
    for (size_t k = 0; k < AUDIT_TABLES; k++)
        t.of[k] =
            jf_table_new(&e->args, tables[k].name, tables[k].columns, points);
    for (t.point = 0; t.point < points; t.point++) {
        if (!is_done(&t))
            audit_one(&all[t.point], &t);
        audit_free(&all[t.point]);
        jf_progress(&e->args, "audit of tables", t.point + 1, points);
    }
    judge(e, &t, points);
    for (size_t k = 0; k < AUDIT_TABLES; k++)
        jf_table_close(t.of[k]);
    if (e->args.data)
        printf("Tables: %s/audit-*.csv; make report draws them.\n",
               e->args.out);
}
