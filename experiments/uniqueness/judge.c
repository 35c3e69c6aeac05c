/* judge.c -- verdicts on trained flows, from their tables. */
#include "trained.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static size_t flow_at(const jf_table *t, size_t point, size_t i,
                      const char *column)
{
    char text[64];
    size_t a = 0;
    jf_table_string(t, point, i, column, text, sizeof text);
    while (a < FLOWS && strcmp(text, flow_name(a)) != 0)
        a++;
    return a;
}

/* The steps of the last stage of a point. */
static double last_steps(const jf_table *t, size_t point)
{
    double most = 0;
    for (size_t i = 0; i < jf_table_rows(t, point); i++)
        most = fmax(most, jf_table_number(t, point, i, "steps"));
    return most;
}

/* The mean of an exponential law that has Kullback-Leibler distance kl from
 * that of mean 1, the larger one: m - 1 - log m = kl, by Newton's method. */
static double far_mean(double kl)
{
    double m = 1 + sqrt(2 * fmax(kl, 0)) + fmax(kl, 0);
    for (int i = 0; i < 50 && kl > 0; i++)
        m -= (m - 1 - log(m) - kl) / (1 - 1 / m);
    return m;
}

/* A value and five of its standard errors. */
static double upper(const jf_table *t, size_t point, size_t i,
                    const char *value, const char *se)
{
    return jf_table_number(t, point, i, value) +
           5 * jf_table_number(t, point, i, se);
}

/* For the normal base in the plane |z|^2 / 2 has an exponential law of mean 1
 * when the flow is exact; at a gap kl its mean m obeys m - 1 - log m <= kl
 * (data processing, and the exponential family's rate function). */
static void judge_means(const experiment *e, const tables *t, size_t points)
{
    double least = (double)INFINITY, above = -(double)INFINITY, apart = above;
    for (size_t p = 0; p < points; p++) {
        for (size_t i = 0; i < jf_table_rows(t->runs, p); i++) {
            double kl = upper(t->runs, p, i, "kl_nats", "se_kl_nats");
            double m = 1 + jf_table_number(t->runs, p, i, "base_excess_nats");
            double sd = jf_table_number(t->runs, p, i, "se_base_nats");
            double low = fmax(1, m - 5 * sd), high = fmin(1, m + 5 * sd);
            double near = m > 1 ? low : fmax(high, 1e-300);
            least = -jf_worse(-least, -kl);
            above = jf_worse(above, near - 1 - log(near) - kl);
        }
        for (size_t i = 0; i < jf_table_rows(t->pairs, p); i++) {
            double a = upper(t->pairs, p, i, "kl_a_nats", "se_kl_a_nats");
            double b = upper(t->pairs, p, i, "kl_b_nats", "se_kl_b_nats");
            double mean = jf_table_number(t->pairs, p, i, "mean_difference");
            double se = jf_table_number(t->pairs, p, i, "se_mean");
            double limit = far_mean(a) + far_mean(b) - 2 + a + b;
            apart = jf_worse(apart, fabs(mean) - limit - 5 * se);
        }
    }
    jf_verdict(e->verdicts,
               &(jf_claim){"C2.1", "no trained flow exceeds -h(X)",
                           "every run and stage; h(X) known",
                           "least gap + 5 standard errors on 4000 test points"},
               least, JF_AT_LEAST, 0, 0);
    jf_verdict(e->verdicts,
               &(jf_claim){"C1.2",
                           "a trained flow's E log|det| differs from h(Z) - "
                           "h(X) by its gap and m - 1 with m - 1 - log m <= "
                           "gap",
                           "D = 2; every run and stage",
                           "largest excess over the bound; 5 standard errors"},
               above, JF_AT_MOST, 0, 0);
    jf_verdict(e->verdicts,
               &(jf_claim){"C1.6",
                           "the mean difference of log|det| of two flows is "
                           "bounded by their gaps, and so vanishes with them",
                           "D = 2; every pair and stage; bound of C1.2 twice",
                           "largest excess over the bound; 5 standard errors"},
               apart, JF_AT_MOST, 0, 0);
}

/* T o f has the likelihood of f at every point, and over a normal base another
 * determinant. */
static void judge_twist(const experiment *e, const tables *t, size_t points)
{
    double likelihood = 0, normal = (double)INFINITY;
    for (size_t p = NORMAL; p < points; p += BASES)
        for (size_t i = 0; i < jf_table_rows(t->pairs, p); i++) {
            if (flow_at(t->pairs, p, i, "flow_a") != 0 ||
                flow_at(t->pairs, p, i, "flow_b") != TWISTED)
                continue;
            double sd = jf_table_number(t->pairs, p, i, "sd_difference");
            likelihood = jf_worse(
                likelihood, jf_table_number(t->pairs, p, i, "sd_likelihood"));
            normal = -jf_worse(-normal, -sd);
        }
    jf_claim claim = {"C2.2", "log q of T o f and of f agree per sample",
                      "every affine coupling trained over the normal base; T "
                      "the inversion",
                      "largest sd over 4000 points; rounding through T"};
    jf_verdict(e->verdicts, &claim, likelihood, JF_EQUAL, 0, 1e-10);
    claim = (jf_claim){"C1.4",
                       "over a normal base log|det| of T o f and of f differ",
                       "T the inversion; exact flows: sd pi / sqrt 3",
                       "least sd over all trained pairs; asked 0.3"};
    jf_verdict(e->verdicts, &claim, normal, JF_AT_LEAST, 0.3, 0);
}

/* For one point, at the last stage: root mean square and least, over seeds, of
 * the sd of the difference of a and b, and the largest gap of each flow. */
typedef struct {
    double rms[FLOWS][FLOWS], least[FLOWS][FLOWS], kl[FLOWS];
} agreement;

static agreement agreement_of(const jf_table *pairs, size_t point)
{
    agreement g = {0};
    double steps = last_steps(pairs, point), count[FLOWS][FLOWS] = {{0}};
    for (size_t a = 0; a < FLOWS; a++)
        for (size_t b = 0; b < FLOWS; b++)
            g.least[a][b] = (double)INFINITY;
    for (size_t i = 0; i < jf_table_rows(pairs, point); i++) {
        size_t a = flow_at(pairs, point, i, "flow_a");
        size_t b = flow_at(pairs, point, i, "flow_b");
        double sd = jf_table_number(pairs, point, i, "sd_difference");
        if (jf_table_number(pairs, point, i, "steps") < steps)
            continue;
        count[a][b]++;
        g.rms[a][b] += (sd * sd - g.rms[a][b]) / count[a][b];
        g.least[a][b] = g.least[b][a] = fmin(g.least[a][b], sd);
        g.kl[a] =
            jf_worse(g.kl[a], jf_table_number(pairs, point, i, "kl_a_nats"));
        g.kl[b] =
            jf_worse(g.kl[b], jf_table_number(pairs, point, i, "kl_b_nats"));
    }
    for (size_t a = 0; a < FLOWS; a++)
        for (size_t b = a; b < FLOWS; b++)
            g.rms[a][b] = g.rms[b][a] = sqrt(g.rms[a][b]);
    return g;
}

/* The largest set of architectures all of whose pairs, own seeds included,
 * agree to limit; as bits. */
static unsigned agreeing(const agreement *g, double limit)
{
    unsigned best = 0;
    for (unsigned set = 1; set < 1u << TWISTED; set++) {
        int good = __builtin_popcount(set) > __builtin_popcount(best);
        for (size_t a = 0; good && a < TWISTED; a++)
            for (size_t b = a; good && b < TWISTED; b++)
                good =
                    !(set >> a & 1) || !(set >> b & 1) || g->rms[a][b] < limit;
        if (good)
            best = set;
    }
    return best;
}

/* Among targets where three architectures or more agree over the uniform base:
 * the one where two disagree most over the normal base, in their least seed,
 * at gaps no larger than those of the agreeing ones. */
static void judge_bases(const experiment *e, const tables *t)
{
    unsigned best = 0;
    double gap = 0, apart = 0;
    for (size_t k = 0; k < TARGETS; k++) {
        agreement u = agreement_of(t->pairs, k * BASES + UNIFORM);
        agreement n = agreement_of(t->pairs, k * BASES + NORMAL);
        unsigned set = agreeing(&u, 0.05);
        double largest = 0, most = 0;
        for (size_t a = 0; a < TWISTED; a++)
            if (set >> a & 1)
                largest = fmax(largest, u.kl[a]);
        for (size_t a = 0; a < TWISTED; a++)
            for (size_t b = a + 1; b < TWISTED; b++)
                if (n.kl[a] <= largest && n.kl[b] <= largest)
                    most = fmax(most, n.least[a][b]);
        int count = __builtin_popcount(set);
        if (count >= 3 ? most > apart : count > __builtin_popcount(best)) {
            best = set;
            gap = largest;
            apart = most;
        }
    }
    char where[128];
    snprintf(where, sizeof where,
             "trained independently, all seeds; gaps up to %.4f nats", gap);
    jf_claim claim = {"C1.4",
                      "over a uniform base architectures agree on log|det| at "
                      "every point as the gap falls: their number on one "
                      "target",
                      where,
                      "sd of every pair, root mean square over its "
                      "seeds, below 0.05 nats; asked 3"};
    jf_verdict(e->verdicts, &claim, __builtin_popcount(best), JF_AT_LEAST, 3,
               0);
    claim.statement = "over a normal base two architectures at gaps no larger "
                      "disagree on log|det|, same target";
    claim.method = "largest sd over pairs of architectures, least of their "
                   "seeds; asked 0.3";
    jf_verdict(e->verdicts, &claim, apart, JF_AT_LEAST, 0.3, 0);
}

/* The best architecture of each family on the smooth targets. */
static void judge_families(const experiment *e, const tables *t)
{
    double worst = 0;
    for (size_t p = 0; p < TARGETS * BASES; p++) {
        if (!targets[p / BASES].smooth)
            continue;
        agreement g = agreement_of(t->pairs, p);
        for (size_t a = 0; a < TWISTED; a++) {
            double best = (double)INFINITY;
            for (size_t b = 0; b < TWISTED; b++)
                if (strcmp(architectures[a].family, architectures[b].family) ==
                    0)
                    best = fmin(best, g.kl[b]);
            worst = jf_worse(worst, best);
        }
    }
    jf_verdict(e->verdicts,
               &(jf_claim){"C2.1",
                           "the best architecture of each family comes within "
                           "0.02 nats of -h(X), both bases",
                           "banana, Gaussian and FGM; worst seed",
                           "largest gap on 4000 test points; asked 0.02"},
               worst, JF_AT_MOST, 0.02, 0);
}

void judge_trained(const experiment *e, const tables *t, size_t points,
                   int converged)
{
    judge_means(e, t, points);
    judge_twist(e, t, points);
    if (converged) {
        judge_bases(e, t);
        judge_families(e, t);
    }
}
