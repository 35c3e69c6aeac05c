/* checks.c -- what must hold of a flow's numbers, whatever flow it
 * is, and whether it does.
 *
 * Deterministic   ll = log N(z; 0, I) + ld at every row (C1.1); ll - ld never
 *                 exceeds log N(0; 0, I) (C1.4); both to rounding.
 * Statistical     z ~ N(0, I), by tests whose level is exact or bounded for
 *                 every n and d: n mean |z|^2 and the sum of each column are
 *                 chi^2; n |mean z|^2 too; the cosine of two columns is
 *                 Student's t; Kolmogorov's distance by the inequality of
 *                 Dvoretzky, Kiefer and Wolfowitz with Massart's constant.
 *                 With x, the likelihood ratio against a Gaussian fitted to
 *                 every other row and scored on the rest: its mean under the
 *                 model is 1, so it exceeds 1 / level with at most that
 *                 probability (Markov).  All at AUDIT_LEVEL / number of tests.
 * By neighbours   the volume of volume.c, within five errors. */
#include "flow.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_sort.h>

const char *const audit_words[] = {"ok", "wrong", "misfit", "note", "open"};

enum { ERRORS = 5 };

audit_line *audit_add(audit_report *r, const char *check, const char *claim,
                      const char *statement, double measured, double expected,
                      double tolerance, audit_verdict verdict)
{
    if (!r)
        return NULL;
    r->wrong += verdict == AUDIT_WRONG;
    r->misfit += verdict == AUDIT_MISFIT;
    audit_line *line = &r->line[r->count++];
    *line = (audit_line){.check = check,
                         .claim = claim,
                         .statement = statement,
                         .measured = measured,
                         .expected = expected,
                         .tolerance = tolerance,
                         .verdict = verdict};
    return line;
}

__attribute__((format(printf, 2, 3))) static void say(audit_line *line,
                                                      const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(line->detail, sizeof line->detail, format, list);
    va_end(list);
}

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
        say(&l->report->line[l->report->count - 1], "furthest: z%zu",
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
        say(&l->report->line[l->report->count - 1], "largest: z%zu, z%zu",
            a + 1, b + 1);
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

static void check_rows(const flow_numbers *f, audit_report *r)
{
    size_t bad = f->rows - f->n;
    audit_line *line =
        audit_add(r, "finite", "C6.3", "every number is finite", (double)bad, 0,
                  0, bad ? AUDIT_WRONG : AUDIT_OK);
    if (bad)
        say(line,
            "%zu of %zu rows left out, the first is row %zu; z is not finite "
            "in %zu, else log_abs_det in %zu, log_likelihood in %zu, x in %zu",
            bad, f->rows, f->first_bad, f->bad_z, f->bad_ld, f->bad_ll,
            f->bad_x);
}

static void check_consistent(const flow_numbers *f, audit_report *r)
{
    size_t worst = 0, bad = 0;
    double most = -1;
    for (size_t i = 0; i < f->n; i++) {
        double e = fabs(f->ll[i] - f->base[i] - f->ld[i]);
        bad += e > f->allowed[i];
        if (e / f->allowed[i] > most) {
            most = e / f->allowed[i];
            worst = i;
        }
    }
    audit_line *line =
        audit_add(r, "consistency", "C1.1",
                  "log_likelihood = log N(z; 0, I) + log_abs_det",
                  f->ll[worst] - f->base[worst] - f->ld[worst], 0,
                  f->allowed[worst], bad ? AUDIT_WRONG : AUDIT_OK);
    r->residual_wrong = bad > 0;
    if (bad)
        say(line, "%zu of %zu rows contradict it; the worst is row %zu", bad,
            f->n, f->row[worst] + 1);
}

static void check_range(const flow_numbers *f, audit_report *r)
{
    size_t worst = 0, bad = 0;
    double top = -(double)f->d / 2 * JF_LOG_2PI, most = -HUGE_VAL;
    for (size_t i = 0; i < f->n; i++) {
        double excess = f->ll[i] - f->ld[i] - top;
        bad += excess > f->allowed[i];
        if (excess > most) {
            most = excess;
            worst = i;
        }
    }
    audit_line *line = audit_add(
        r, "range", "C1.4", "log_likelihood - log_abs_det <= log N(0; 0, I)",
        top + most, top, f->allowed[worst], bad ? AUDIT_WRONG : AUDIT_OK);
    line->at_most = 1;
    if (bad)
        say(line, "%zu of %zu rows are above any density of the base", bad,
            f->n);
}

static void check_volume(const flow_numbers *f, audit_report *r)
{
    flow_volume *v = &r->volume;
    audit_line *line;
    volume_of(f, v);
    r->least_visible = HUGE_VAL;
    if (v->why) {
        line = audit_add(r, "volume", "C4.1",
                         "log_abs_det is the local change of volume",
                         (double)NAN, 0, (double)NAN, AUDIT_OPEN);
        say(line, "not seen: %s", v->why);
        return;
    }
    double rounding = 0;
    for (size_t k = 0; k < v->centres; k++)
        rounding = fmax(rounding, f->allowed[v->row[k]]);
    r->least_visible = ERRORS * v->error + rounding;
    /* Errors are known to first order: they must be small. */
    if (!(r->least_visible < (double)f->d / 2)) {
        line = audit_add(r, "volume", "C4.1",
                         "log_abs_det is the local change of volume",
                         v->typical, 0, r->least_visible, AUDIT_OPEN);
        v->why = "too few rows for so curved a map, or x is of other rows";
        say(line, "%s", v->why);
        return;
    }
    r->volume_wrong = v->typical > r->least_visible;
    line =
        audit_add(r, "volume", "C4.1",
                  "log_abs_det is the local change of volume", v->typical, 0,
                  r->least_visible, r->volume_wrong ? AUDIT_WRONG : AUDIT_OK);
    line->at_most = 1;
    say(line,
        "median |T - log_abs_det|, T by %s fits to %zu neighbours of each of "
        "%zu rows; the median of T - log_abs_det is %.3g",
        v->quadratic ? "quadratic" : "linear", v->neighbours, v->centres,
        v->middle);
}

/* log N(x_i) - ll_i summed over odd rows, N fitted to even ones; NaN when
 * that covariance is singular. */
static double ratio_of_halves(const flow_numbers *f)
{
    size_t d = f->d, n1 = (f->n + 1) / 2;
    double *mean = jf_alloc(d * d + 2 * d, sizeof *mean), *l = mean + d;
    double *y = l + d * d, sum = 0, log_det = 0, count = (double)n1;
    for (size_t i = 0; i < f->n; i += 2)
        for (size_t j = 0; j < d; j++)
            mean[j] += f->x[i * d + j] / count;
    for (size_t i = 0; i < f->n; i += 2)
        for (size_t j = 0; j < d; j++)
            for (size_t k = 0; k <= j; k++)
                l[j * d + k] += (f->x[i * d + j] - mean[j]) *
                                (f->x[i * d + k] - mean[k]) / (count - 1);
    int good = n1 > d + 1 && jf_cholesky(d, l) == GSL_SUCCESS;
    for (size_t j = 0; good && j < d; j++) {
        good = l[j * d + j] > 0;
        log_det += log(l[j * d + j]);
    }
    for (size_t i = 1; good && i < f->n; i += 2) {
        double q = 0;
        for (size_t j = 0; j < d; j++) {
            double v = f->x[i * d + j] - mean[j];
            for (size_t k = 0; k < j; k++)
                v -= l[j * d + k] * y[k];
            y[j] = v / l[j * d + j];
            q += y[j] * y[j];
        }
        sum += -q / 2 - log_det - (double)d / 2 * JF_LOG_2PI - f->ll[i];
    }
    free(mean);
    return good ? sum : (double)NAN;
}

/* Under the eigenvalue optimum by more than chance? */
static void check_gaussian(const flow_numbers *f, audit_report *r)
{
    static const char statement[] =
        "x is explained no worse than by a Gaussian";
    double scored = (double)(f->n / 2), sum = ratio_of_halves(f);
    if (isnan(sum)) {
        say(audit_add(r, "gaussian", "C3.8", statement, sum, 0, sum,
                      AUDIT_OPEN),
            "not seen: a half of the rows has a singular covariance");
        return;
    }
    double allowed = log(1 / r->level) / scored;
    int bad = sum / scored > allowed;
    /* If z is normal and log_abs_det right, x has the density claimed. */
    audit_line *line =
        audit_add(r, "gaussian", "C3.8", statement, sum / scored, 0, allowed,
                  !bad        ? AUDIT_OK
                  : r->misfit ? AUDIT_MISFIT
                              : AUDIT_WRONG);
    line->at_most = 1;
    r->too_small = bad && !r->misfit;
    say(line, "nats per row that a Gaussian is ahead, on rows it has not seen");
}

/* Numbers to know: what they are is no matter of right and wrong. */
static void note_likelihood(const flow_numbers *f, audit_report *r)
{
    jf_sample_moments ll = jf_sample_of(f->n, f->ll);
    jf_sample_moments ld = jf_sample_of(f->n, f->ld);
    double most = -HUGE_VAL;
    audit_line *line =
        audit_add(r, "mean-ll", "C2.1", "mean log_likelihood [nats]", ll.mean,
                  (double)NAN, ll.se, AUDIT_NOTE);
    say(line, "+- %.3g; %.4g bits per dimension of the data as given", ll.se,
        -ll.mean / (double)f->d / M_LN2);
    line =
        audit_add(r, "mean-ld", "C1.2", "mean log_abs_det = h(Z) - h(X) [nats]",
                  ld.mean, (double)NAN, ld.se, AUDIT_NOTE);
    say(line, "+- %.3g, the same for all exact flows; sd over rows %.3g", ld.se,
        sqrt(ld.variance));
    for (size_t i = 0; i < f->n; i++)
        most = fmax(most, f->ld[i]);
    line = audit_add(
        r, "lipschitz", "C2.7", "Lipschitz constant at least, by log_abs_det",
        exp(most / (double)f->d), (double)NAN, (double)NAN, AUDIT_NOTE);
    if (r->volume.stretch > 0)
        say(line, "neighbouring rows are stretched by up to %.4g",
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
            say(line, "the flow is %.4g nats %s it",
                fabs(jf_sample_of(f->n, f->ll).mean - eig),
                jf_sample_of(f->n, f->ll).mean < eig ? "below" : "above");
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
    if (jf_moments_of(jf_const_view(f->z, f->n, f->d), &m, team) ==
        GSL_SUCCESS) {
        double gain = -(double)f->d - m.log_det_sigma, d = (double)f->d;
        for (size_t j = 0; j < f->d; j++)
            gain += m.sigma[j * f->d + j] + gsl_pow_2(m.mean[j]);
        audit_line *line =
            audit_add(r, "affine-gain", "C5.2",
                      "nats that an affine layer behind would win", gain / 2,
                      d * (d + 3) / 4 / (double)f->n, (double)NAN, AUDIT_NOTE);
        say(line, "chance alone gives %.2g", line->expected);
        jf_moments_free(&m);
    }
    jf_team_free(team);
}

void audit_judge(const flow_numbers *f, audit_report *r)
{
    *r = (audit_report){0};
    r->level = AUDIT_LEVEL / (double)(audit_law_tests(f->d) + (f->x ? 1 : 0));
    check_rows(f, r);
    check_consistent(f, r);
    check_range(f, r);
    check_volume(f, r);
    audit_law(f->n, f->d, f->z, r->level, r);
    if (f->x)
        check_gaussian(f, r);
    audit_diagnose(f, r);
    note_likelihood(f, r);
    note_eigenvalues(f, r);
    note_gain(f, r);
}

void audit_report_free(audit_report *r)
{
    volume_free(&r->volume);
}
