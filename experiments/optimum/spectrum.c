/* spectrum.c -- the predictions for a table, without training.
 *
 * Question  What is the best log-likelihood of an affine flow on this table,
 *           with and without a bias, and of probabilistic PCA for every q?  Of
 *           an affine flow on the law that its rows are drawn from?
 * Method    Eigenvalues of the covariance and auto-correlation matrices; the
 *           interval of C2.9.
 * Writes    optimum-spectrum.csv, optimum-ppca.csv [nats per sample]. */
#include "optimum.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

static void print_value(const char *name, double nats, const char *note)
{
    printf("  %-35s %21.15g nats%s%s\n", name, nats, *note ? "   " : "", note);
}

static void print_spectrum(const double *lambda, size_t d)
{
    printf("  eigenvalues of the covariance      ");
    for (size_t i = 0; i < d && i < 5; i++)
        printf(" %.6g", lambda[i]);
    if (d > 5)
        printf("%s %.6g", d > 6 ? " ..." : "", lambda[d - 1]);
    printf("\n");
}

/* Whole numbers made continuous by U(0, 1) noise: Sigma + I / 12. */
static void print_dequantised(const jf_moments *m)
{
    double *lambda = jf_alloc(m->d, sizeof *lambda);
    char note[64];
    for (size_t i = 0; i < m->d; i++)
        lambda[i] = m->lambda_sigma[i] + 1.0 / 12;
    double value = jf_eig(m->d, lambda);
    snprintf(note, sizeof note, "%.15g bits/dim",
             jf_bits_per_dim(value, m->d, 0));
    print_value("EIG(Sigma + I/12), dequantised", value, note);
    free(lambda);
}

static void print_ppca(const jf_moments *m)
{
    size_t step = m->d > 10 ? (m->d + 9) / 10 : 1;
    printf("  probabilistic PCA, q: gap to EIG   ");
    for (size_t q = 0; q < m->d; q += step)
        printf(" %zu: %.4g", q, jf_ppca_gap(m->d, m->lambda_sigma, q));
    printf(" nats\n");
}

/* What the eigenvalues of the sample say of the law (C2.9). */
static void print_interval(const jf_dataset *data, const jf_moments *m)
{
    jf_interval o;
    jf_interval_of(jf_const(data->x), m, NULL, &o);
    print_value("affine optimum of the law, estimate", o.center,
                "needs a finite fourth moment, rows independent");
    printf("  %-35s %21.6f nats: %.6f .. %.6f in 95 of 100 samples\n",
           "  +- 1.96 standard errors", o.half, o.center - o.half,
           o.center + o.half);
}

static void print_summary(const jf_dataset *data, const jf_moments *m)
{
    int full = m->rank == m->d;
    printf("%s: n = %zu, d = %zu, rank %zu\n", data->name, m->n, m->d, m->rank);
    print_spectrum(m->lambda_sigma, m->d);
    print_value("EIG(Sigma), affine optimum",
                jf_eig_log_det(m->d, m->log_det_sigma),
                full ? "" : "unbounded: the covariance is singular");
    print_value("EIG(R), optimum without bias", jf_eig_without_bias(m),
                full || m->rank_r == m->d ? "" : "unbounded: R is singular");
    if (full) {
        print_interval(data, m);
        print_value("cost of leaving out the bias", jf_bias_cost(m), "");
        print_value("EIG standardised", jf_standardised(m), "");
        print_ppca(m);
    }
    if (optimum_whole_numbers(data->x))
        print_dequantised(m);
}

static void write_rows(const jf_dataset *data, const jf_moments *m,
                       jf_table *spectrum, jf_table *ppca, size_t point)
{
    double eig = jf_eig(m->d, m->lambda_sigma);
    const char *name = data->name;
    for (size_t i = 0; i < m->d && !jf_table_has(spectrum, point); i++)
        jf_table_row(spectrum, point, "%s,%zu,%zu,%zu," JF_G "," JF_G, name,
                     m->n, m->d, i + 1, m->lambda_sigma[i], m->lambda_r[i]);
    for (size_t q = 0; q < m->d && !jf_table_has(ppca, point); q++)
        jf_table_row(ppca, point,
                     "%s,%zu,%zu,%zu," JF_G "," JF_G "," JF_G "," JF_G, name,
                     m->n, m->d, q, jf_ppca_noise(m->d, m->lambda_sigma, q),
                     jf_ppca(m->d, m->lambda_sigma, q), eig,
                     jf_ppca_gap(m->d, m->lambda_sigma, q));
    if (!jf_table_has(spectrum, point))
        jf_table_finish(spectrum, point);
    if (!jf_table_has(ppca, point))
        jf_table_finish(ppca, point);
}

/* The gap of C3.10 with the geometric mean of the kept eigenvalues for that of
 * the discarded, from rows of eigenvalues. */
static double gap_of_kept(const jf_table *spectrum, size_t point, size_t d,
                          size_t q, double noise)
{
    double kept = 0;
    for (size_t i = 0; i < q; i++)
        kept +=
            log(jf_table_number(spectrum, point, i, "eigenvalue_covariance")) /
            (double)q;
    return 0.5 * (double)(d - q) * (log(noise) - kept);
}

/* Over the tables of full rank and all q, with the right formula and the wrong
 * one: how far the two ways to the gap lie apart, how much the gap rises with
 * q, and what roundings of sums of d logarithms leave. */
typedef struct {
    double apart, rise, rounding, wrong_apart, wrong_rise;
} extremes;

static void take_table(const jf_table *spectrum, const jf_table *ppca, size_t p,
                       extremes *x)
{
    size_t d = jf_table_rows(ppca, p);
    double eig = jf_table_number(ppca, p, 0, "eigen_nats");
    double before = (double)INFINITY, wrong_before = before, logs = (double)d;
    if (isinf(eig))
        return; /* singular: no finite gap */
    for (size_t i = 0; i < d; i++)
        logs +=
            fabs(log(jf_table_number(spectrum, p, i, "eigenvalue_covariance")));
    x->rounding = jf_worse(x->rounding, 4 * (double)d * DBL_EPSILON * logs);
    for (size_t q = 0; q < d; q++) {
        double gap = jf_table_number(ppca, p, q, "predicted_gap_nats");
        double direct = eig - jf_table_number(ppca, p, q, "ppca_nats");
        double noise = jf_table_number(ppca, p, q, "sigma2");
        x->apart = jf_worse(x->apart, fabs(direct - gap));
        x->rise = jf_worse(x->rise, gap - before);
        before = gap;
        if (q == 0)
            continue;
        double wrong = gap_of_kept(spectrum, p, d, q, noise);
        x->wrong_apart = jf_worse(x->wrong_apart, fabs(direct - wrong));
        x->wrong_rise = jf_worse(x->wrong_rise, wrong - wrong_before);
        wrong_before = wrong;
    }
}

static void judge(experiment *e, const jf_table *spectrum, const jf_table *ppca,
                  size_t points)
{
    double least = -(double)INFINITY;
    extremes x = {0, least, 0, 0, least};
    for (size_t p = 0; p < points; p++)
        take_table(spectrum, ppca, p, &x);
    if (isinf(x.rise)) /* no table of full rank, or of one column alone */
        return;
    jf_judge(e->verdicts,
             &(jf_claim){"C3.10",
                         "EIG - LL_q = (d-q)/2 log(AM/GM of the discarded "
                         "eigenvalues), every q of every table",
                         "covariance of full rank",
                         "largest difference; roundings of sums of d logs",
                         JF_IDENTITY, "GM of the kept"},
             JF_EQUAL,
             &(jf_finding){.measured = x.apart,
                           .tolerance = x.rounding,
                           .broken = x.wrong_apart - x.apart});
    jf_judge(e->verdicts,
             &(jf_claim){"C3.10", "the gap does not increase with q",
                         "covariance of full rank",
                         "largest increase; roundings of sums of d logs",
                         JF_IDENTITY, "GM of the kept"},
             JF_AT_MOST,
             &(jf_finding){.measured = x.rise,
                           .tolerance = x.rounding,
                           .broken = x.wrong_rise - x.rise});
}

void optimum_spectrum(experiment *e)
{
    static const char *const names[] = {"iris", "wine", "diabetes",
                                        "breast-cancer", "digits"};
    size_t points = e->args.data ? 1 : sizeof names / sizeof *names;
    jf_dataset data[sizeof names / sizeof *names];

    for (size_t p = 0; p < points; p++) /* read all before a file is made */
        if (experiment_data(e, names[p], &data[p]) != GSL_SUCCESS)
            jf_end(2);
    jf_table *spectrum = jf_table_new(&e->args, "optimum-spectrum",
                                      "data,n,d,index,eigenvalue_covariance,"
                                      "eigenvalue_autocorrelation",
                                      points);
    jf_table *ppca = jf_table_new(&e->args, "optimum-ppca",
                                  "data,n,d,q,sigma2,ppca_nats,eigen_nats,"
                                  "predicted_gap_nats",
                                  points);
    for (size_t p = 0; p < points; p++) {
        jf_moments m;
        if (jf_moments_of(jf_const(data[p].x), &m, e->team) != GSL_SUCCESS)
            jf_fail(1, "%s: the eigenvalues did not converge", data[p].name);
        print_summary(&data[p], &m);
        write_rows(&data[p], &m, spectrum, ppca, p);
        jf_moments_free(&m);
        jf_data_free(&data[p]);
    }
    if (e->verdicts && jf_table_whole(spectrum) && jf_table_whole(ppca))
        judge(e, spectrum, ppca, points);
    jf_table_close(ppca);
    jf_table_close(spectrum);
}
