/* questions.c -- the questions of the other experiments, asked of one table.
 *
 * Question  What do C2, C3, C6 and C7 say about this table before, and after,
 *           a flow is trained on it?
 * Method    The parts, one file each: read.c reads the table and sets aside
 *           what no density can have, values.c finds atoms, steps, tails and
 *           rows that carry the rest, describe.c has rank and spectrum,
 *           components.c asks how many components probabilistic PCA needs,
 *           directions.c how far from Gaussian each direction is, modes.c what
 *           gaps between modes ask of the inverse, rates.c where the edge of
 *           stable descent is, training.c what flows reach, advice.c what
 *           follows; plan.c says ahead what is done, say.c has the tables. */
#include "parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The parts, and how much of the work on a large table ends with each. */
static const struct {
    void (*part)(audit *a, audit_tables *t);
    size_t percent;
} parts[] = {{audit_values, 25},     {audit_describe, 25},
             {audit_components, 36}, {audit_directions, 47},
             {audit_modes, 53},      {audit_rates, 55},
             {audit_training, 99},   {audit_advise, 100}};

static void audit_one(audit *a, audit_tables *t)
{
    audit_plan(a);
    audit_progress(a, 0);
    for (size_t k = 0; k < sizeof parts / sizeof *parts; k++) {
        parts[k].part(a, t);
        audit_progress(a, parts[k].percent);
    }
    audit_tables_finish(t);
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

/* EIG of the covariance divided by n - 1 in place of n is that much less. */
static double distance_to_unbiased(const jf_table *t, size_t p, size_t r)
{
    double n = jf_table_number(t, p, r, "n"), d = jf_table_number(t, p, r, "d");
    return 0.5 * d * log(n / (n - 1)) + distance_to_eig(t, p, r);
}

static double error_of_rate(const jf_table *t, size_t p, size_t r)
{
    return fabs(jf_table_number(t, p, r, "measured_rate") /
                    jf_table_number(t, p, r, "critical_rate") -
                1);
}

static double error_of_half(const jf_table *t, size_t p, size_t r)
{
    return fabs(jf_table_number(t, p, r, "measured_rate") /
                    (0.5 * jf_table_number(t, p, r, "critical_rate")) -
                1);
}

/* rounding: of log-likelihoods of affine flows, the most of all tables. */
static void judge(experiment *e, const audit_tables *t, size_t points,
                  double rounding)
{
    size_t trained = 0;
    for (size_t p = 0; p < points; p++)
        trained += jf_table_rows(t->of[AUDIT_TRAINING], p);
    if (trained == 0)
        return;
    jf_finding f = {.measured = largest(t->of[AUDIT_TRAINING], points, "class",
                                        "affine", distance_to_eig),
                    .tolerance = fmax(1e-6, rounding)};
    f.broken = largest(t->of[AUDIT_TRAINING], points, "class", "affine",
                       distance_to_unbiased) -
               f.measured;
    jf_judge(e->verdicts,
             &(jf_claim){"C3.1",
                         "a trained affine flow ends at EIG of its training "
                         "rows, whatever the table",
                         "covariance of full rank, L-BFGS, standardised; of "
                         "many columns or extreme condition in closed form",
                         "largest difference over the tables; the optimiser's "
                         "tolerance, or d/2 times the relative error of the "
                         "eigenvalues",
                         JF_OPTIMISATION, "covariance divided by n - 1"},
             JF_AT_MOST, &f);
    f = (jf_finding){.measured = largest(t->of[AUDIT_RATES], points, "problem",
                                         "whitened", error_of_rate),
                     .tolerance = 1e-6};
    f.broken = largest(t->of[AUDIT_RATES], points, "problem", "whitened",
                       error_of_half) -
               f.measured;
    jf_judge(e->verdicts,
             &(jf_claim){"C7.2",
                         "the critical rate of whitened data is 1, by the "
                         "flow's own Hessian",
                         "affine flow at its optimum",
                         "largest relative difference over the tables; Lanczos "
                         "to 1e-8, differences to 1e-8",
                         JF_IDENTITY, "eta_c = 1 / lambda_max(H)"},
             JF_AT_MOST, &f);
}

void audit_data(experiment *e, int verbose)
{
    static const char *const shipped[] = {"iris", "wine", "diabetes",
                                          "breast-cancer", "digits"};
    enum { SHIPPED = sizeof shipped / sizeof *shipped };
    size_t points = e->args.data ? 1 : SHIPPED;
    audit all[SHIPPED];
    double rounding = 0;

    if (e->args.data) /* what is printed appears where the bar is off */
        setvbuf(stdout, NULL, _IOFBF, 1 << 16);
    for (size_t p = 0; p < points; p++) /* before a file is made */
        if (audit_read(&all[p], e, verbose,
                       e->args.data ? e->args.data : shipped[p]) != GSL_SUCCESS)
            jf_end(2);
    for (size_t p = 0; p < points; p++)
        rounding =
            fmax(rounding, (double)all[p].m.d / 2 * all[p].m.relative_error);
    audit_tables t = audit_tables_new(e, points);
    for (t.point = 0; t.point < points; t.point++) {
        if (!audit_tables_have(&t))
            audit_one(&all[t.point], &t);
        audit_free(&all[t.point]);
        if (!e->args.data)
            jf_progress(&e->args, "audit of tables", t.point + 1, points);
    }
    if (audit_tables_whole(&t))
        judge(e, &t, points, rounding);
    audit_tables_close(&t);
    if (e->args.data)
        printf(
            "Nats are per row, of the table in its own units unless said.%s\n"
            "Tables: %s/audit-*.csv; make report, or jacflow report %s, "
            "draws them.\n",
            verbose ? "" : " --verbose: more.", e->args.out, e->args.out);
}
