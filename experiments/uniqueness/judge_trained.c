/* judge_trained.c -- verdicts on trained flows, from their tables.
 *
 * All are judged on TEST points that no flow was trained on, the same ones for
 * every flow of a target, so that differences are paired.  Bounds by gaps take
 * every gap at its upper limit, for which half of a row's share of the level is
 * spent, over all runs and stages. */
#include "trained.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

double gap_bound(double gap)
{
    return gap + sqrt(2 * gap);
}

static double at(const jf_table *t, size_t point, size_t i, const char *column)
{
    return jf_table_number(t, point, i, column);
}

static int flow_is(const jf_table *t, size_t point, size_t i,
                   const char *column, size_t flow)
{
    char text[64];
    jf_table_string(t, point, i, column, text, sizeof text);
    return strcmp(text, flow_name(flow)) == 0;
}

/* By Markov: the mean of q(X) / p(X) is at most 1 for any density q, so that
 * the product over the points exceeds 1 / a with probability at most a. */
static double likelihood_p(double looks, double gap)
{
    return fmin(1, looks * exp(fmin(0, TEST * gap)));
}

static void judge_gaps(const experiment *e, const tables *t, size_t points)
{
    double least = (double)INFINITY, se = 0, looks = 0;
    for (size_t p = NORMAL; p < points; p++)
        for (size_t i = 0; i < jf_table_rows(t->runs, p); i++, looks++) {
            double gap = at(t->runs, p, i, "kl_nats");
            if (isnan(gap) || gap < least)
                se = at(t->runs, p, i, "se_kl_nats");
            least = -jf_worse(-least, -gap);
        }
    jf_finding f = {.d = 2,
                    .n = TEST,
                    .measured = least,
                    .law = JF_BY_P,
                    .p = likelihood_p(looks, least),
                    .tolerance = log(looks * JF_SHARES / JF_LEVEL) / TEST,
                    .broken = likelihood_p(looks, least - JF_LOG_2PI)};
    f.detectable =
        fmax(least, 0) + f.tolerance + gsl_cdf_ugaussian_Pinv(0.9) * se;
    f.planted_p = likelihood_p(looks, least - 1.5 * f.detectable);
    jf_judge(e->verdicts,
             &(jf_claim){"C2.1", "no trained flow exceeds -h(X)",
                         "every run and stage; h(X) known",
                         "least gap, mean of log p - log q over 4000 fresh "
                         "points; p by Markov, E q(X)/p(X) <= 1, and "
                         "Bonferroni over runs and stages",
                         JF_STATISTIC, "normal base without (D/2) log 2 pi"},
             JF_AT_LEAST, &f);
}

static void judge_means(const experiment *e, const tables *t, size_t points)
{
    cells *slack = jf_alloc(1, sizeof *slack);
    cells *apart = jf_alloc(1, sizeof *apart);
    for (size_t p = NORMAL; p < points; p += BASES) {
        const char *name = targets[p / BASES].name;
        for (size_t i = 0; i < jf_table_rows(t->runs, p); i++) {
            cells_add(slack,
                      at(t->runs, p, i, "slack") /
                          at(t->runs, p, i, "se_slack"),
                      name, 2);
            cells_add_broken(slack, at(t->runs, p, i, "slack_broken") /
                                        at(t->runs, p, i, "se_slack_broken"));
        }
        for (size_t i = 0; i < jf_table_rows(t->pairs, p); i++) {
            double a = at(t->pairs, p, i, "kl_limit_a_nats");
            double b = at(t->pairs, p, i, "kl_limit_b_nats");
            double mean = at(t->pairs, p, i, "mean_difference");
            double se = at(t->pairs, p, i, "se_mean");
            double up = log_root(a, 1) - log_root(b, -1);
            double down = log_root(b, 1) - log_root(a, -1);
            double wrong =
                (at(t->pairs, p, i, "mean_abs_difference") - fmax(up, down)) /
                at(t->pairs, p, i, "se_abs_difference");
            cells_add(apart, (mean - up) / se, name, 2);
            cells_add(apart, (-mean - down) / se, name, 2);
            cells_add_broken(apart, wrong);
        }
    }
    cells_judge(
        e,
        &(jf_claim){"C1.2d",
                    "a trained flow's E log|det| lies within log r- and log r+ "
                    "of h(Z) - h(X), r - 1 - log r = gap",
                    "D = 2, normal base; every run and stage",
                    "gap less e^t - 1 - t at the mean's shift t, in paired "
                    "standard errors over 4000 fresh points; normal law, "
                    "Bonferroni over runs and stages",
                    JF_STATISTIC, "log 2 pi for log 2 pi e in h(Z)"},
        JF_AT_LEAST, slack, 1);
    cells_judge(
        e,
        &(jf_claim){"C1.6",
                    "the mean difference of log|det| of two flows is bounded "
                    "by their gaps, and so vanishes with them",
                    "D = 2, normal base; every pair and stage; bound of C1.2d "
                    "twice",
                    "gaps at their upper limits; largest excess in paired "
                    "standard errors over 4000 fresh points; normal law, "
                    "Bonferroni over pairs",
                    JF_STATISTIC, "mean of the size, for size of the mean"},
        JF_AT_MOST, apart, 2);
    free(slack);
    free(apart);
}

static double over_bound(const jf_table *pairs, size_t p, size_t i,
                         const char *mean)
{
    return (at(pairs, p, i, mean) - at(pairs, p, i, "bound_nats")) /
           at(pairs, p, i, "se_abs_difference");
}

/* C1.8 over the uniform base. */
static void judge_uniform(const experiment *e, const tables *t, size_t points)
{
    cells *one = jf_alloc(1, sizeof *one), *two = jf_alloc(1, sizeof *two);
    for (size_t p = UNIFORM; p < points; p += BASES) {
        const char *name = targets[p / BASES].name;
        for (size_t i = 0; i < jf_table_rows(t->runs, p); i++) {
            double bound = gap_bound(at(t->runs, p, i, "kl_limit_nats"));
            double se = at(t->runs, p, i, "se_density_error");
            cells_add(one, (at(t->runs, p, i, "density_error") - bound) / se,
                      name, 2);
            cells_add_broken(
                one, (at(t->runs, p, i, "density_error_broken") - bound) / se);
        }
        for (size_t i = 0; i < jf_table_rows(t->pairs, p); i++)
            if (!flow_is(t->pairs, p, i, "flow_b", TWISTED)) {
                cells_add(two,
                          over_bound(t->pairs, p, i, "mean_abs_difference"),
                          name, 2);
                cells_add_broken(two,
                                 over_bound(t->pairs, p, i, "mean_abs_broken"));
            }
    }
    cells_judge(e,
                &(jf_claim){"C1.8",
                            "over a uniform base E|log|det J_f| - log V p_X| "
                            "<= g + sqrt(2 g)",
                            "every trained run and stage; p_X known",
                            "gap g at its upper limit; largest excess in "
                            "standard errors over 4000 fresh points; normal "
                            "law, Bonferroni over runs and stages",
                            JF_STATISTIC,
                            "derivative of the last sigmoid left out"},
                JF_AT_MOST, one, 2);
    cells_judge(e,
                &(jf_claim){"C1.8",
                            "over a uniform base two trained flows have "
                            "E|ld_f - ld_g| <= g_1 + g_2 + sqrt(2 g_1) + "
                            "sqrt(2 g_2)",
                            "every pair and stage",
                            "gaps at their upper limits; largest excess in "
                            "paired standard errors over 4000 fresh points; "
                            "normal law, Bonferroni over pairs",
                            JF_STATISTIC,
                            "derivative of one last sigmoid left out"},
                JF_AT_MOST, two, 2);
    free(one);
    free(two);
}

/* The pairs of a trained flow and itself behind a map that keeps the base:
 * over the normal base one likelihood and another determinant, over the
 * uniform one the same determinant, too. */
static void judge_twisted(const experiment *e, const tables *t, size_t points)
{
    cells *stable = jf_alloc(1, sizeof *stable);
    jf_finding same = {.tolerance = 64 * JF_EPS};
    double without = 0;
    for (size_t p = NORMAL; p < points; p += BASES)
        for (size_t i = 0; i < jf_table_rows(t->pairs, p); i++) {
            if (!flow_is(t->pairs, p, i, "flow_a", 0) ||
                !flow_is(t->pairs, p, i, "flow_b", TWISTED))
                continue;
            const jf_table *pairs = t->pairs;
            same.measured =
                jf_worse(same.measured, at(pairs, p, i, "sd_likelihood"));
            without = jf_worse(without, at(pairs, p, i, "sd_difference"));
            size_t other = p - NORMAL + UNIFORM; /* rows in the same order */
            cells_add(stable, over_bound(pairs, p, i, "mean_abs_difference"),
                      targets[p / BASES].name, 2);
            cells_add_broken(stable,
                             at(pairs, other, i, "mean_abs_difference") -
                                 at(pairs, other, i, "bound_nats"));
        }
    same.broken = without - same.measured;
    jf_judge(e->verdicts,
             &(jf_claim){"C2.2", "log q of T o f and of f agree per sample",
                         "every affine coupling trained over the normal base; "
                         "T the inversion",
                         "largest sd over 4000 points; rounding through T, 64 "
                         "eps",
                         JF_IDENTITY, "T applied without its determinant"},
             JF_EQUAL, &same);
    cells_judge(
        e,
        &(jf_claim){"C1.8w",
                    "as over a uniform base: flows of gap g have E|ld_f - "
                    "ld_g| <= 2 g + 2 sqrt(2 g)",
                    "normal base; f every trained affine coupling, g = T o f, "
                    "T the inversion",
                    "gap at its upper limit; largest excess in paired standard "
                    "errors over 4000 fresh points; normal law, Bonferroni",
                    JF_WORDING, "uniform base, T a swirl of it"},
        JF_AT_MOST, stable, 2);
    free(stable);
}

void judge_trained(const experiment *e, const tables *t, size_t points)
{
    judge_gaps(e, t, points);
    judge_means(e, t, points);
    judge_uniform(e, t, points);
    judge_twisted(e, t, points);
}
