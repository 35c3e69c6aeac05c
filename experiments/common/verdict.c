/* verdict.c -- rows of verdicts. */
#include "verdict.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>

#include <claim_table.h> /* made of theory/claims.def */

#include "base/matrix.h"
#include "io/output.h"
#include "table.h"

#define SHARE (JF_LEVEL / JF_SHARES)

/* In the column law. */
static const char *const laws[] = {"tolerance", "errors", "p", "five errors"};

static const char *const kinds[] = {"identity", "statistic", "optimisation",
                                    "wording"};

struct jf_verdicts {
    const char *program;
    int control;
    jf_text path, rows;
    size_t verified, refuted, undecided, not_run;
    size_t statistics; /* rows that spend a share of the level */
};

jf_verdicts *jf_verdicts_new(const jf_args *args)
{
    jf_verdicts *v = jf_alloc(1, sizeof *v);
    v->program = args->program;
    v->control = args->control;
    jf_text_add(&v->path, "%s/verdicts/%s.csv", args->out, args->program);
    jf_provenance(args, &v->rows);
    jf_text_add(&v->rows,
                "# level: %g a run, in %d shares of %g a row\n"
                "id,kind,statement,hypotheses,method,broken,measured,expected,"
                "tolerance,law,p_value,detectable,broken_error,control,"
                "verdict,program\n",
                JF_LEVEL, JF_SHARES, SHARE);
    return v;
}

enum { KNOWN = sizeof claim_table / sizeof *claim_table };

static size_t find(const char *id)
{
    size_t k = 0;
    while (k < KNOWN && strcmp(id, claim_table[k].id) != 0)
        k++;
    return k;
}

const char *jf_claim_hypotheses(const char *id)
{
    size_t k = find(id);
    if (k < KNOWN)
        k = find(claim_table[k].of);
    return k < KNOWN ? claim_table[k].hypotheses : NULL;
}

/* The first six fields of a row, and the comma behind them. */
static void add_texts(jf_verdicts *v, const jf_claim *claim, const char *method)
{
    const char *general = jf_claim_hypotheses(claim->id);
    if (!general)
        jf_fail(1, "'%s' found, an id of theory/claims.def expected",
                claim->id);
    const char *texts[] = {
        claim->id,        kinds[claim->kind],
        claim->statement, claim->hypotheses ? claim->hypotheses : general,
        method,           claim->broken ? claim->broken : ""};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        jf_text_field(&v->rows, texts[i]);
        jf_text_add(&v->rows, ",");
    }
}

static void count(jf_verdicts *v, const char *verdict)
{
    v->verified += verdict[0] == 'v';
    v->refuted += verdict[0] == 'r';
    v->undecided += verdict[0] == 'u';
}

double jf_tail(double t, double freedom, jf_relation relation)
{
    double one =
        freedom > 0 ? gsl_cdf_tdist_Q(t, freedom) : gsl_cdf_ugaussian_Q(t);
    return relation == JF_EQUAL ? 2 * fmin(one, 1 - one) : one;
}

/* By bisection on the probability: GSL's quantiles of t lose digits there. */
static double critical_at(double level, double freedom, jf_relation relation)
{
    double low = 0, high = 1;
    while (jf_tail(high, freedom, relation) > level)
        high *= 2;
    for (int k = 0; k < 60; k++) {
        double middle = 0.5 * (low + high);
        if (jf_tail(middle, freedom, relation) > level)
            low = middle;
        else
            high = middle;
    }
    return high;
}

double jf_critical(double freedom, jf_relation relation)
{
    return critical_at(SHARE, freedom, relation);
}

/* z of the relation, upwards. */
static double upwards(double z, jf_relation relation)
{
    return relation == JF_EQUAL ? fabs(z) : relation == JF_AT_MOST ? z : -z;
}

/* The least p of the cells times their count, with error added to the first;
 * NaN when a z is none. */
static double family_p(size_t count, const double *z, double freedom,
                       jf_relation relation, double error, double *worst)
{
    *worst = relation == JF_AT_LEAST ? (double)INFINITY : -(double)INFINITY;
    if (relation == JF_EQUAL)
        *worst = 0;
    for (size_t k = 0; k < count; k++) {
        double at = z[k] + (k == 0 ? error : 0);
        if (isnan(at))
            return *worst = (double)NAN;
        if (upwards(at, relation) > upwards(*worst, relation))
            *worst = at;
    }
    return fmin(1, (double)count *
                       jf_tail(upwards(*worst, relation), freedom, relation));
}

void jf_family(jf_finding *found, size_t count, const double *z, double freedom,
               jf_relation relation)
{
    double unused;
    found->law = JF_BY_P;
    found->expected = 0;
    found->p = family_p(count, z, freedom, relation, 0, &found->measured);
    found->tolerance = critical_at(SHARE / (double)count, freedom, relation);
    double slack = relation == JF_EQUAL ? 0 : -upwards(z[0], relation);
    found->detectable =
        fmax(slack, 0) + found->tolerance + gsl_cdf_ugaussian_Pinv(0.9);
    found->planted_p = family_p(
        count, z, freedom, relation,
        (relation == JF_AT_LEAST ? -1.5 : 1.5) * found->detectable, &unused);
}

void jf_family_broken(jf_finding *found, size_t count, const double *z,
                      double freedom, jf_relation relation)
{
    double unused;
    found->broken = family_p(count, z, freedom, relation, 0, &unused);
}

double jf_binomial_p(size_t k, size_t n, double rate, jf_relation relation)
{
    unsigned trials = (unsigned)n, count = (unsigned)k;
    double above = k == 0 ? 1 : gsl_cdf_binomial_Q(count - 1, rate, trials);
    double below = gsl_cdf_binomial_P(count, rate, trials);
    return relation == JF_AT_MOST    ? above
           : relation == JF_AT_LEAST ? below
                                     : fmin(1, 2 * fmin(above, below));
}

/* The rate above (or below) the given one at which nine of ten are refuted. */
static double seen_rate(size_t least, size_t n, double rate)
{
    double low = rate, high = 1;
    for (int i = 0; i < 50; i++) {
        double middle = 0.5 * (low + high);
        if (least <= n && jf_binomial_p(least, n, middle, JF_AT_MOST) >= 0.9)
            high = middle;
        else
            low = middle;
    }
    return least <= n ? high : (double)INFINITY; /* never refuted */
}

void jf_binomial(jf_finding *found, size_t k, size_t n, double rate,
                 jf_relation relation)
{
    size_t up = relation == JF_AT_LEAST ? n - k : k, least = 0;
    double of = relation == JF_AT_LEAST ? 1 - rate : rate;
    double level = relation == JF_EQUAL ? SHARE / 2 : SHARE;
    while (least <= n && jf_binomial_p(least, n, of, JF_AT_MOST) >= level)
        least++;
    found->law = JF_BY_P;
    found->n = n;
    found->measured = (double)k / (double)n;
    found->expected = rate;
    found->p = jf_binomial_p(k, n, rate, relation);
    found->tolerance = (double)least / (double)n - of;
    found->detectable = seen_rate(least, n, of) - of;
    if (relation != JF_EQUAL)
        found->detectable += fmax(0, of - (double)up / (double)n);
    double more = ceil(1.5 * found->detectable * (double)n);
    size_t planted = more < (double)(n - up) ? up + (size_t)more : n;
    found->planted_p = jf_binomial_p(
        relation == JF_AT_LEAST ? n - planted : planted, n, rate, relation);
}

/* What is judged: how far measured lies on the wrong side of expected. */
static double excess(double measured, jf_relation relation, double expected)
{
    if (measured == expected) /* infinities */
        return 0;
    return relation == JF_EQUAL     ? fabs(measured - expected)
           : relation == JF_AT_MOST ? measured - expected
                                    : expected - measured;
}

static double tolerance_of(const jf_finding *f, jf_relation relation)
{
    return f->law == JF_BY_ERRORS ? jf_critical(f->freedom, relation) * f->se
           : f->law == JF_BY_FIVE ? 5 * f->se
                                  : f->tolerance;
}

/* Why f decides nothing, or NULL. */
static const char *open_because(const jf_finding *f)
{
    int by_errors = f->law == JF_BY_ERRORS || f->law == JF_BY_FIVE;
    return f->open[0]                  ? f->open
           : isnan(f->measured)        ? "what was measured is not a number"
           : isnan(f->expected)        ? "what was expected is not a number"
           : by_errors && !(f->se > 0) ? "the standard error is not positive"
           : by_errors && isinf(f->se) ? "the standard error is infinite"
           : f->law == JF_BY_P && !(f->p >= 0 && f->p <= 1)
               ? "the p-value is not a number"
           : isnan(f->tolerance) ? "the tolerance is not a number"
                                 : NULL;
}

static int holds(const jf_finding *f, jf_relation relation)
{
    if (f->law == JF_BY_P)
        return f->p >= SHARE;
    return excess(f->measured, relation, f->expected) <=
           tolerance_of(f, relation);
}

/* f with an error of the stated quantity, or of the formula, planted. */
static jf_finding with_error(const jf_finding *f, double error, double p)
{
    jf_finding wrong = *f;
    if (f->law == JF_BY_P)
        wrong.p = p;
    else
        wrong.measured += error;
    return wrong;
}

static double detectable(const jf_finding *f, jf_relation relation)
{
    double quantile = gsl_cdf_ugaussian_Pinv(0.9);
    double tolerance = tolerance_of(f, relation);
    double slack =
        relation == JF_EQUAL ? 0 : -excess(f->measured, relation, f->expected);
    switch (f->law) {
    case JF_BY_P:
        return f->detectable;
    case JF_BY_ERRORS:
    case JF_BY_FIVE:
        return fmax(slack, 0) + tolerance + quantile * f->se;
    case JF_BY_TOLERANCE:
        break;
    }
    if (relation == JF_EQUAL)
        slack = excess(f->measured, relation, f->expected);
    return fmax(fmax(slack, 0) + tolerance,
                fmax(DBL_MIN,
                     DBL_EPSILON * fmax(fabs(f->measured), fabs(f->expected))));
}

void jf_judge(jf_verdicts *v, const jf_claim *claim, jf_relation relation,
              const jf_finding *found)
{
    static const char *const prefix[] = {"", "<= ", ">= "};
    double least = detectable(found, relation);
    double sign = relation == JF_AT_LEAST ? -1 : 1;
    jf_finding control =
        with_error(found, sign * 1.5 * least, found->planted_p);
    jf_finding f =
        v->control ? with_error(found, found->broken, found->broken) : *found;
    const char *open = open_because(&f);
    const char *verdict = open                  ? "undecided"
                          : holds(&f, relation) ? "verified"
                                                : "refuted";
    int by_p = f.law == JF_BY_ERRORS || f.law == JF_BY_P;
    double p =
        f.law == JF_BY_P ? f.p
        : f.law == JF_BY_ERRORS
            ? jf_tail((relation == JF_AT_LEAST ? f.expected - f.measured
                       : relation == JF_EQUAL  ? fabs(f.measured - f.expected)
                                               : f.measured - f.expected) /
                          f.se,
                      f.freedom, relation)
            : (double)NAN;
    jf_text method = {0};
    jf_text_add(&method, "%s%s%s%s", claim->method,
                f.law == JF_BY_FIVE ? "; no null law: five standard errors"
                                    : "",
                open ? "; undecided: " : "", open ? open : "");
    count(v, verdict);
    v->statistics += by_p;
    add_texts(v, claim, method.data);
    jf_text_add(&v->rows, "%.12g,%s%.12g,%.3g,%s,%.3g,%.3g,%.3g,%s,%s,%s\n",
                f.measured, prefix[relation], f.expected,
                tolerance_of(&f, relation), laws[f.law], p, least,
                found->broken,
                open_because(&control)      ? "undecided"
                : holds(&control, relation) ? "verified"
                                            : "refuted",
                verdict, v->program);
    free(method.data);
}

void jf_verdict_not_run(jf_verdicts *v, const jf_claim *claim,
                        const char *reason)
{
    jf_text method = {0};
    jf_text_add(&method, "not run: %s", reason);
    add_texts(v, claim, method.data);
    jf_text_add(&v->rows,
                "nan,nan,nan,tolerance,nan,nan,nan,undecided,undecided,%s\n",
                v->program);
    v->not_run++;
    free(method.data);
}

void jf_verdicts_close(jf_verdicts *v)
{
    if (v->statistics > JF_SHARES)
        jf_fail(1, "%zu statistical rows found, at most %d expected",
                v->statistics, JF_SHARES);
    if (jf_output_write(v->path.data, v->rows.data, v->rows.length) !=
        GSL_SUCCESS)
        jf_end(1);
    printf("%s: %zu verified, %zu refuted, %zu undecided", v->program,
           v->verified, v->refuted, v->undecided);
    if (v->not_run)
        printf(", %zu not run", v->not_run);
    printf(" -> %s\n", v->path.data);
    jf_verdicts_free(v);
}

void jf_verdicts_free(jf_verdicts *v)
{
    free(v->path.data);
    free(v->rows.data);
    free(v);
}
