/* judge.c -- the claims of highres, of its tables. */
#include "highres.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Whether that run of a recipe diverged; first: of the size. */
static int diverged(const jf_table *ends, const scale *s, size_t first,
                    size_t rate, recipe r, size_t seed)
{
    size_t point = first + (rate * RECIPES + r) * s->seeds + seed;
    return jf_table_number(ends, point, 0, "diverged") > 0;
}

typedef struct {
    size_t of[RECIPES]; /* pairs in which that recipe alone diverged */
} discordant;

static discordant count_pairs(size_t count, const scale *s,
                              const jf_table *ends)
{
    discordant alone = {{0}};
    for (size_t k = 0, first = 0; k < count; k++) {
        for (size_t i = 0; i < s[k].rates * s[k].seeds; i++) {
            size_t rate = i / s[k].seeds, seed = i % s[k].seeds;
            int plain = diverged(ends, &s[k], first, rate, PLAIN, seed);
            int ours = diverged(ends, &s[k], first, rate, PRINCIPLES, seed);
            alone.of[PLAIN] += plain && !ours;
            alone.of[PRINCIPLES] += ours && !plain;
        }
        first += RECIPES * s[k].rates * s[k].seeds;
    }
    return alone;
}

/* Not run when there are no sizes. */
static void judge(const experiment *e, const jf_claim *c, size_t sizes,
                  const jf_finding *f)
{
    if (sizes == 0)
        jf_verdict_not_run(e->verdicts, c, NO_PHOTOGRAPHS);
    else
        jf_judge(e->verdicts, c, JF_AT_MOST, f);
}

static void judge_divergence(const experiment *e, size_t count, const scale *s,
                             const jf_table *ends)
{
    discordant alone = count_pairs(count, s, ends);
    size_t pairs = alone.of[PLAIN] + alone.of[PRINCIPLES];
    jf_finding f = {0};
    if (pairs > 0) {
        jf_binomial(&f, alone.of[PRINCIPLES], pairs, 0.5, JF_AT_MOST);
        f.broken = jf_binomial_p(alone.of[PLAIN], pairs, 0.5, JF_AT_MOST);
    } else {
        snprintf(f.open, sizeof f.open, "in no pair of runs one diverged");
    }
    judge(e,
          &(jf_claim){"C8.H",
                      "of two runs that differ in the recipe alone, one of "
                      "which diverges, it is not more often that with the "
                      "principles",
                      "every size, rate and seed; criterion in highres/main.c",
                      "share of such pairs; exact sign test", JF_STATISTIC,
                      "the recipes exchanged"},
          count, &f);
}

/* The rise of held-out bits over a run with the principles at the least rate of
 * the first size, over seeds. */
static void judge_rise(const experiment *e, size_t count, const scale *s,
                       const jf_table *ends)
{
    jf_finding f = {.law = JF_BY_ERRORS};
    if (count > 0) {
        double *rise = jf_alloc(s->seeds, sizeof *rise);
        for (size_t i = 0; i < s->seeds; i++) {
            size_t point = PRINCIPLES * s->seeds + i;
            rise[i] = jf_table_number(ends, point, 0, "last_bits") -
                      jf_table_number(ends, point, 0, "first_bits");
        }
        jf_sample_moments m = jf_sample_of(s->seeds, rise);
        f.n = s->seeds;
        f.measured = m.mean;
        f.se = m.se;
        f.freedom = (double)(s->seeds - 1);
        f.broken = -2 * m.mean;
        free(rise);
    }
    judge(e,
          &(jf_claim){"C8.H",
                      "with them runs at the least rate end below their start",
                      "held-out bits per dimension at the first size",
                      "mean rise over seeds; Student's t", JF_STATISTIC,
                      "start and end exchanged"},
          count, &f);
}

/* Largest error of a round trip over its prediction, at the least rates. */
static void judge_trips(const experiment *e, size_t count, const scale *s,
                        const tables *t)
{
    double worst = -(double)INFINITY;
    for (size_t k = 0, first = 0; k < count; k++) {
        for (size_t i = 0; i < s[k].seeds; i++) {
            size_t point = first + PRINCIPLES * s[k].seeds + i;
            size_t last = jf_table_rows(t->steps, point) - 1;
            worst = jf_worse(worst, jf_table_number(t->steps, point, last,
                                                    "roundtrip_error") /
                                        jf_table_number(t->steps, point, last,
                                                        "predicted_roundtrip"));
        }
        first += RECIPES * s[k].rates * s[k].seeds;
    }
    judge(e,
          &(jf_claim){"C6.3",
                      "float round trips of image flows stay below their "
                      "prediction",
                      "trained with the principles at the least rate",
                      "largest error over prediction", JF_IDENTITY,
                      "the unit roundoff of double"},
          count,
          &(jf_finding){.measured = worst,
                        .expected = 1,
                        .broken = worst * ((double)JF_EPS / DBL_EPSILON - 1)});
}

/* At the size that the abstract names, where the profile has it; fewer than
 * SEEDS runs decide nothing. */
static void judge_largest(const experiment *e, size_t count, const scale *s,
                          const jf_table *ends)
{
    enum { SEEDS = 3 };
    double worst = -(double)INFINITY, least = (double)INFINITY;
    jf_finding f = {0};
    for (size_t k = 0, first = 0; k < count; k++) {
        size_t point = first + PRINCIPLES * s[k].seeds;
        for (size_t i = point; s[k].size == LARGEST && i < point + s[k].seeds;
             i++) {
            double rise = jf_table_number(ends, i, 0, "last_bits") -
                          jf_table_number(ends, i, 0, "first_bits");
            worst = jf_worse(worst, rise);
            least = fmin(least, rise);
            f.n++;
        }
        first += RECIPES * s[k].rates * s[k].seeds;
    }
    if (f.n == 0)
        return;
    f.measured = isnan(worst) ? (double)INFINITY : worst;
    f.broken = -worst - least;
    if (f.n < SEEDS)
        snprintf(f.open, sizeof f.open, "seeds: %zu found and %d expected", f.n,
                 SEEDS);
    judge(e,
          &(jf_claim){"C8.H",
                      "at 1024 x 1024 every run with the principles at the "
                      "least rate ends below its start",
                      "held-out bits per dimension",
                      "largest rise over the runs", JF_OPTIMISATION,
                      "start and end exchanged"},
          count, &f);
}

void highres_judge(const experiment *e, size_t count, const scale *s,
                   const tables *t)
{
    judge_divergence(e, count, s, t->ends);
    judge_rise(e, count, s, t->ends);
    judge_trips(e, count, s, t);
    judge_largest(e, count, s, t->ends);
}
