/* law.c -- whether z has the law of the base N(0, I).
 *
 * Tests whose level is exact or bounded for every n and d: n mean |z|^2 and the
 * sum of each column are chi^2; n |mean z|^2 too; the cosine of two columns is
 * Student's t; Kolmogorov's distance by the inequality of Dvoretzky, Kiefer and
 * Wolfowitz with Massart's constant. */
#include "flow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_sort.h>

/* The value that chi^2 of nu exceeds (upper) or falls below with probability
 * p, by bisection. */
static double chi_square(double nu, double p, int upper)
{
    double low = 0, high = nu + 40 * sqrt(nu) + 200;
    for (int k = 0; k < 100; k++) {
        double middle = (low + high) / 2;
        int right = upper ? gsl_cdf_chisq_Q(middle, nu) < p
                          : gsl_cdf_chisq_P(middle, nu) > p;
        *(right ? &high : &low) = middle;
    }
    return (low + high) / 2;
}

/* Whether v, chi^2 of nu over nu, lies where it should at a two-sided level;
 * tolerance: the distance allowed from 1 on the side of v. */
static int mean_square_good(double v, double nu, double level,
                            double *tolerance)
{
    *tolerance = fabs(chi_square(nu, level / 2, v > 1) / nu - 1);
    return fabs(v - 1) <= *tolerance;
}

double audit_gamma_distance(size_t n, size_t d, const double *v)
{
    double *sorted = jf_alloc(n, sizeof *sorted), worst = 0, count = (double)n;
    memcpy(sorted, v, n * sizeof *sorted);
    gsl_sort(sorted, 1, n);
    for (size_t i = 0; i < n; i++) {
        double p =
            sorted[i] > 0 ? gsl_cdf_gamma_P(sorted[i], (double)d / 2, 1) : 0;
        worst = fmax(worst, fabs(p - (double)i / count));
        worst = fmax(worst, fabs(p - (double)(i + 1) / count));
    }
    free(sorted);
    return worst;
}

double audit_distance_allowed(size_t n, double level)
{
    return sqrt(log(2 / level) / (2 * (double)n));
}

/* Fitted to these rows, or standardised by them: no mistake in itself. */
static void note_exact(audit_report *r, double mean)
{
    audit_line *line =
        audit_add(r, "too-exact", "C5.2", "|E z| is too exact for chance", mean,
                  (double)NAN, (double)NAN, AUDIT_NOTE);
    if (line)
        audit_detail(line,
                     "z is centred on these very rows: a last layer was fitted "
                     "to them, or batch statistics are in use (training mode), "
                     "and then a point's answer depends on the rows beside it");
}

size_t audit_law_tests(size_t d)
{
    return d > 1 ? 5 : 3;
}

typedef struct {
    size_t n, d;
    double level;
    const double *z, *gram; /* gram (d, d): sum of z z' */
    audit_report *report;
} law;

static size_t judge(const law *l, const char *check, const char *claim,
                    const char *statement, double measured, double expected,
                    double tolerance, int good)
{
    audit_add(l->report, check, claim, statement, measured, expected, tolerance,
              good ? AUDIT_OK : AUDIT_MISFIT);
    return !good;
}

static size_t judge_distance(const law *l)
{
    double *half = jf_alloc(l->n, sizeof *half);
    for (size_t i = 0; i < l->n; i++)
        for (size_t j = 0; j < l->d; j++)
            half[i] += gsl_pow_2(l->z[i * l->d + j]) / 2;
    double distance = audit_gamma_distance(l->n, l->d, half);
    double allowed = audit_distance_allowed(l->n, l->level);
    free(half);
    return judge(l, "gamma", "C1.2", "|z|^2/2 has the law Gamma(d/2, 1)",
                 distance, 0, allowed, distance <= allowed);
}

static size_t judge_square(const law *l)
{
    double sum = 0, tolerance, n = (double)l->n, d = (double)l->d;
    for (size_t j = 0; j < l->d; j++)
        sum += l->gram[j * l->d + j];
    int good = mean_square_good(sum / (n * d), n * d, l->level, &tolerance);
    return judge(l, "second-moment", "C5.3", "E |z|^2 / d = 1", sum / (n * d),
                 1, tolerance, good);
}

static size_t judge_mean(const law *l)
{
    double square_of_mean = 0, n = (double)l->n;
    for (size_t j = 0; j < l->d; j++) {
        double sum = 0;
        for (size_t i = 0; i < l->n; i++)
            sum += l->z[i * l->d + j];
        square_of_mean += gsl_pow_2(sum / n);
    }
    double allowed = sqrt(chi_square((double)l->d, l->level, 1) / n);
    double mean = sqrt(square_of_mean);
    if (gsl_cdf_chisq_P(n * square_of_mean, (double)l->d) < l->level)
        note_exact(l->report, mean);
    return judge(l, "mean", "C5.3", "|E z| = 0", mean, 0, allowed,
                 mean <= allowed);
}

/* The column that is furthest from E z_j^2 = 1. */
static size_t judge_columns(const law *l)
{
    double worst = 1, its_tolerance = 1, tolerance, n = (double)l->n;
    size_t which = 0;
    for (size_t j = 0; j < l->d; j++) {
        double v = l->gram[j * l->d + j] / n;
        mean_square_good(v, n, l->level / (double)l->d, &tolerance);
        if (j == 0 ||
            fabs(v - 1) / tolerance > fabs(worst - 1) / its_tolerance) {
            worst = v;
            its_tolerance = tolerance;
            which = j;
        }
    }
    size_t bad = judge(l, "columns", "C5.3", "E z_j^2 = 1 for every j", worst,
                       1, its_tolerance, fabs(worst - 1) <= its_tolerance);
    if (l->report)
        audit_detail(&l->report->line[l->report->count - 1], "furthest: z%zu",
                     which + 1);
    return bad;
}

static size_t judge_pairs(const law *l)
{
    size_t a = 0, b = 0, d = l->d;
    double worst = -1, n = (double)l->n;
    double pairs = (double)d * (double)(d - 1) / 2;
    double t = gsl_cdf_tdist_Qinv(l->level / pairs / 2, n - 1);
    for (size_t j = 0; j < d; j++)
        for (size_t k = 0; k < j; k++) {
            double r = fabs(l->gram[j * d + k]) /
                       sqrt(l->gram[j * d + j] * l->gram[k * d + k]);
            if (r > worst) {
                worst = r;
                a = k;
                b = j;
            }
        }
    double allowed = t / sqrt(n - 1 + t * t);
    size_t bad = judge(l, "pairs", "C5.3", "E z_j z_k = 0 for all j != k",
                       worst, 0, allowed, worst <= allowed);
    if (l->report)
        audit_detail(&l->report->line[l->report->count - 1],
                     "largest: z%zu, z%zu", a + 1, b + 1);
    return bad;
}

size_t audit_law(size_t n, size_t d, const double *z, double level,
                 audit_report *r)
{
    double *gram = jf_alloc(d * d, sizeof *gram);
    jf_dgemm(JF_TN, d, d, n, 1, z, z, 0, gram);
    law l = {n, d, level, z, gram, r};
    size_t bad = judge_distance(&l) + judge_square(&l) + judge_mean(&l);
    if (d > 1)
        bad += judge_columns(&l) + judge_pairs(&l);
    free(gram);
    return bad;
}
