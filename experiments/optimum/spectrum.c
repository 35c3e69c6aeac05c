/* spectrum.c -- the predictions for a table, without training.
 *
 * Question  What is the best log-likelihood of an affine flow on this table,
 *           with and without a bias, and of probabilistic PCA for every q?
 * Method    Eigenvalues of the covariance and auto-correlation matrices.
 * Writes    optimum-spectrum.csv, optimum-ppca.csv [nats per sample]. */
#include "optimum.h"

#include <math.h>
#include <stdlib.h>

static void print_value(const char *name, double nats, const char *note)
{
    printf("  %-34s %22.15g nats%s%s\n", name, nats, *note ? "   " : "", note);
}

static void print_spectrum(const double *lambda, size_t d)
{
    printf("  eigenvalues of the covariance     ");
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
    printf("  probabilistic PCA, q: gap to EIG  ");
    for (size_t q = 0; q < m->d; q += step)
        printf(" %zu: %.4g", q, jf_ppca_gap(m->d, m->lambda_sigma, q));
    printf(" nats\n");
}

static void print_summary(const jf_dataset *data, const jf_moments *m)
{
    int full = m->rank == m->d;
    printf("%s: n = %zu, d = %zu, rank %zu\n", data->name, m->n, m->d, m->rank);
    print_spectrum(m->lambda_sigma, m->d);
    print_value("EIG(Sigma), affine optimum",
                jf_eig_log_det(m->d, m->log_det_sigma),
                full ? "" : "unbounded: the covariance is singular");
    print_value("EIG(R), optimum without bias",
                jf_eig_log_det(m->d, m->log_det_r),
                m->rank_r == m->d ? "" : "unbounded: R is singular");
    if (full) {
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

/* The two ways to the gap of C3.10 agree, and it falls with q. */
static void judge(experiment *e, const jf_table *ppca, size_t points)
{
    double worst = 0, rise = 0;
    for (size_t p = 0; p < points; p++) {
        double previous = (double)INFINITY;
        for (size_t r = 0; r < jf_table_rows(ppca, p); r++) {
            double eig = jf_table_number(ppca, p, r, "eigen_nats");
            double gap = jf_table_number(ppca, p, r, "predicted_gap_nats");
            double direct = eig - jf_table_number(ppca, p, r, "ppca_nats");
            double error = fabs(direct - gap) / fmax(1, fabs(eig));
            if (isinf(eig))
                continue; /* singular: no finite gap */
            worst = jf_worse(worst, error);
            rise = jf_worse(rise, gap - previous);
            previous = gap;
        }
    }
    jf_verdict(e->verdicts,
               &(jf_claim){"C3.10",
                           "EIG - LL_q = (d-q)/2 log(AM/GM of the discarded "
                           "eigenvalues), every q of every table",
                           "covariance of full rank",
                           "largest relative difference; rounding of the sums"},
               worst, JF_EQUAL, 0, 1e-12);
    jf_verdict(e->verdicts,
               &(jf_claim){"C3.10", "the gap does not increase with q",
                           "covariance of full rank",
                           "largest increase; rounding"},
               rise, JF_AT_MOST, 0, 1e-12);
}

void optimum_spectrum(experiment *e)
{
    static const char *const names[] = {"iris", "wine", "diabetes",
                                        "breast-cancer", "digits"};
    size_t points = e->args.data ? 1 : sizeof names / sizeof *names;
    jf_dataset data[sizeof names / sizeof *names];

    for (size_t p = 0; p < points; p++) /* read all before a file is made */
        if (experiment_data(e, names[p], &data[p]) !=
            GSL_SUCCESS)
            exit(2);
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
    if (e->verdicts)
        judge(e, ppca, points);
    jf_table_close(ppca);
    jf_table_close(spectrum);
}
