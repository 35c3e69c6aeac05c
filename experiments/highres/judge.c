/* judge.c -- the claims of highres, of its tables.
 *
 * What is said of the ends of runs is said of the mean over each set but the
 * elephants, which are near noise, and of every seed: the worst of them counts.
 * Fewer than SEEDS seeds decide nothing. */
#include "highres.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { SEEDS = 3, GRID = 4 }; /* rates of a grid, at least */

/* Pairs of runs of plain and another recipe in which one alone diverged; of one
 * rate in both. */
typedef struct {
    size_t plain, other;
} discordant;

static discordant count_pairs(size_t count, const scale *s, recipe other,
                              const jf_table *ends)
{
    discordant alone = {0, 0};
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; i < s[k].rates * s[k].seeds; i++) {
            size_t rate = i / s[k].seeds, seed = i % s[k].seeds;
            if (s[k].from > PLAIN ||
                (s[k].own &&
                 highres_recipes[PLAIN].rate < highres_recipes[other].rate))
                continue;
            int a =
                highres_diverged(ends, highres_point(s, k, PLAIN, rate, seed));
            int b =
                highres_diverged(ends, highres_point(s, k, other, rate, seed));
            alone.plain += a && !b;
            alone.other += b && !a;
        }
    return alone;
}

/* Not run when there are no sizes. */
static void judge(const experiment *e, const jf_claim *c, jf_relation relation,
                  size_t sizes, const jf_finding *f)
{
    if (sizes == 0)
        jf_verdict_not_run(e->verdicts, c, NO_PHOTOGRAPHS);
    else
        jf_judge(e->verdicts, c, relation, f);
}

static void judge_divergence(const experiment *e, size_t count, const scale *s,
                             recipe other, const jf_table *ends,
                             const char *statement)
{
    discordant alone = count_pairs(count, s, other, ends);
    size_t pairs = alone.plain + alone.other;
    jf_finding f = {0};
    if (pairs > 0) {
        jf_binomial(&f, alone.other, pairs, 0.5, JF_AT_MOST);
        f.broken = jf_binomial_p(alone.plain, pairs, 0.5, JF_AT_MOST);
    } else {
        snprintf(f.open, sizeof f.open, "in no pair of runs one diverged");
    }
    judge(e,
          &(jf_claim){"C8.H", statement,
                      "every size, rate and seed; criterion in highres/main.c",
                      "share of such pairs; exact sign test", JF_STATISTIC,
                      "the recipes exchanged"},
          JF_AT_MOST, count, &f);
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
            size_t point = highres_point(s, 0, PRINCIPLES, 0, i);
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
          JF_AT_MOST, count, &f);
}

static int is_run(const scale *s, recipe r)
{
    return r >= s->from && r < s->from + s->recipes;
}

/* The largest error of a round trip over its prediction, in runs at the least
 * rates: at their end, or (all) at every record. */
static double worst_trip(size_t count, const scale *s, recipe r, int all,
                         const tables *t)
{
    double worst = -(double)INFINITY;
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; i < s[k].seeds && is_run(&s[k], r); i++) {
            size_t point = highres_point(s, k, r, 0, i);
            size_t rows = jf_table_rows(t->steps, point);
            for (size_t j = all ? 0 : rows - 1; j < rows; j++)
                worst =
                    jf_worse(worst, jf_table_number(t->steps, point, j,
                                                    "roundtrip_error") /
                                        jf_table_number(t->steps, point, j,
                                                        "predicted_roundtrip"));
        }
    return worst;
}

static void judge_trips(const experiment *e, size_t count, const scale *s,
                        const tables *t)
{
    static const struct {
        recipe r;
        const char *statement, *hypotheses;
        int all;
    } rows[] = {
        {PRINCIPLES,
         "float round trips of image flows stay below their prediction",
         "runs with the principles at the least rate of a size", 0},
        {SPECTRUM,
         "float round trips of flows that start at the spectrum stay below the "
         "bound that their budgets prove",
         "every record of runs at the least rate of a size; FFTW's transforms "
         "round no more than radix 2",
         1},
        {INTERLACED,
         "float round trips of flows of interlaced pixels stay below their "
         "prediction",
         "every record of runs at the least rate of a size", 1}};
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        double worst = worst_trip(count, s, rows[k].r, rows[k].all, t);
        judge(e,
              &(jf_claim){"C6.3", rows[k].statement, rows[k].hypotheses,
                          "largest error over prediction", JF_IDENTITY,
                          "the unit roundoff of double"},
              JF_AT_MOST, count,
              &(jf_finding){.measured = worst,
                            .expected = 1,
                            .broken =
                                worst * ((double)JF_EPS / DBL_EPSILON - 1)});
    }
}

/* The index of the recipe's own rate at size k; rates, where it is not run. */
static size_t own_rate(const scale *s, size_t k, recipe r, const jf_table *ends)
{
    size_t rate = 0;
    if (!is_run(&s[k], r))
        return s[k].rates;
    while (
        rate < s[k].rates &&
        fabs(jf_table_number(ends, highres_point(s, k, r, rate, 0), 0, "rate") /
                 highres_recipes[r].rate -
             1) > 1e-6)
        rate++;
    return rate;
}

/* Over the runs at a recipe's own rate, of a size or (0) all sizes, and over the
 * sets: the largest of what they end with, and begin with, less the column. */
typedef struct {
    size_t runs, seeds; /* in all; the fewest of a size */
    double last, first;
} gap;

static gap worst_gap(size_t count, const scale *s, size_t size, recipe r,
                     const char *column, const jf_table *ends)
{
    gap g = {0, SIZE_MAX, -(double)INFINITY, -(double)INFINITY};
    for (size_t k = 0; k < count; k++) {
        size_t rate = own_rate(s, k, r, ends);
        if (rate == s[k].rates || (size && s[k].size != size))
            continue;
        g.seeds = s[k].seeds < g.seeds ? s[k].seeds : g.seeds;
        for (size_t i = 0; i < s[k].seeds; i++, g.runs++) {
            size_t point = highres_point(s, k, r, rate, i);
            for (size_t j = 0; j < highres_sets_of(ends, point); j++) {
                double base = jf_table_number(ends, point, j, column);
                g.last = jf_worse(g.last,
                                  jf_table_number(ends, point, j, "last_bits") -
                                      base);
                g.first = jf_worse(
                    g.first,
                    jf_table_number(ends, point, j, "first_bits") - base);
            }
        }
    }
    return g;
}

static void too_few(jf_finding *f, size_t seeds)
{
    if (seeds < SEEDS)
        snprintf(f->open, sizeof f->open, "seeds: %zu found and %d expected",
                 seeds, SEEDS);
}

/* A row on the worst gap, start and end exchanged as its control; open, where
 * something is missing. */
static void judge_gap_unless(const experiment *e, const jf_claim *c,
                             double expected, const char *missing, gap g)
{
    jf_finding f = {.n = g.runs,
                    .measured = isnan(g.last) ? (double)INFINITY : g.last,
                    .expected = expected,
                    .broken = g.first - g.last};
    too_few(&f, g.seeds);
    if (missing)
        snprintf(f.open, sizeof f.open, "%s", missing);
    if (g.runs > 0)
        jf_judge(e->verdicts, c, JF_AT_MOST, &f);
}

static void judge_gap(const experiment *e, const jf_claim *c, double expected,
                      gap g)
{
    judge_gap_unless(e, c, expected, NULL, g);
}

/* Every run of the recipe ends below its start, at the size that the abstract
 * names. */
static void judge_improvement(const experiment *e, size_t count, const scale *s,
                              recipe r, const char *statement,
                              const jf_table *ends)
{
    gap g = worst_gap(count, s, LARGEST, r, "first_bits", ends);
    double least = (double)INFINITY;
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; s[k].size == LARGEST && i < s[k].seeds; i++) {
            size_t point = highres_point(s, k, r, 0, i);
            for (size_t j = 0; j < highres_sets_of(ends, point); j++)
                least = fmin(least,
                             jf_table_number(ends, point, j, "last_bits") -
                                 jf_table_number(ends, point, j, "first_bits"));
        }
    g.first = -least; /* of the exchanged ones */
    judge_gap(e,
              &(jf_claim){"C8.H", statement, "held-out bits per dimension",
                          "largest rise over runs and sets", JF_OPTIMISATION,
                          "start and end exchanged"},
              0, g);
}

/* By how much the flow that starts at the spectrum, at its own rate, ends above
 * another recipe of the same seed, at any rate of a size, in the worst case and
 * the best. */
static gap against(const scale *s, size_t k, recipe other, const jf_table *ends)
{
    gap g = {0, s[k].seeds, -(double)INFINITY, (double)INFINITY};
    size_t own = own_rate(s, k, SPECTRUM, ends);
    if (own == s[k].rates || !is_run(&s[k], other))
        return g;
    for (size_t i = 0; i < s[k].rates * s[k].seeds; i++, g.runs++) {
        size_t seed = i % s[k].seeds;
        size_t a = highres_point(s, k, SPECTRUM, own, seed);
        size_t b = highres_point(s, k, other, i / s[k].seeds, seed);
        for (size_t j = 0; j < highres_sets_of(ends, a); j++) {
            double there = jf_table_number(ends, b, j, "last_bits");
            double ahead = jf_table_number(ends, a, j, "last_bits") -
                           (isnan(there) ? (double)INFINITY : there);
            g.last = jf_worse(g.last, ahead);
            g.first = fmin(g.first, ahead);
        }
    }
    return g;
}

static void judge_ahead(const experiment *e, size_t count, const scale *s,
                        const jf_table *ends)
{
    gap g = {0, SIZE_MAX, -(double)INFINITY, (double)INFINITY};
    for (size_t k = 0; k < count; k++)
        for (recipe r = PLAIN; r <= PRINCIPLES; r++) {
            gap one = against(s, k, r, ends);
            if (!one.runs)
                continue;
            g.runs += one.runs;
            g.seeds = one.seeds < g.seeds ? one.seeds : g.seeds;
            g.last = jf_worse(g.last, one.last);
            g.first = fmin(g.first, one.first);
        }
    g.first = -g.first; /* the recipes exchanged */
    if (g.seeds >= SEEDS && g.runs > 0)
        judge_gap(e,
                  &(jf_claim){"C8.H",
                              "with no more counted work a flow that starts at "
                              "the spectrum ends below every Glow",
                              "every size, seed and set; others at every rate "
                              "of the size",
                              "largest excess in bits per dimension",
                              JF_OPTIMISATION, "the recipes exchanged"},
                  0, g);
}

/* What the start itself is worth, at the size that the abstract names. */
static void judge_start(const experiment *e, size_t count, const scale *s,
                        const jf_table *ends)
{
    for (size_t k = 0; k < count; k++) {
        if (s[k].size != LARGEST)
            continue;
        gap g = against(s, k, IDENTITY, ends);
        g.first = -g.first; /* the starts exchanged */
        judge_gap(e,
                  &(jf_claim){"C8.H",
                              "at 1024 x 1024 a flow that starts at the "
                              "spectrum ends below the same flow, of the same "
                              "steps and rate, that starts at the identity",
                              "every seed and held-out set",
                              "largest excess in bits per dimension",
                              JF_OPTIMISATION, "the starts exchanged"},
                  0, g);
    }
}

/* The largest rate of the grid up to which no run of any seed diverged; a step
 * of the grid below it, when one did at the least. */
double highres_stable(const scale *s, size_t k, recipe r, const jf_table *ends)
{
    double step = 4, stable = 0;
    for (size_t rate = 0; rate < s[k].rates; rate++) {
        size_t point = highres_point(s, k, r, rate, 0);
        double value = jf_table_number(ends, point, 0, "rate");
        for (size_t i = 0; i < s[k].seeds; i++)
            if (highres_diverged(ends, point + i))
                return stable > 0 ? stable : value / step;
        stable = value;
    }
    return stable;
}

static void judge_stable(const experiment *e, size_t count, const scale *s,
                         const jf_table *ends)
{
    for (size_t k = 0; k < count; k++) {
        if (s[k].own || s[k].rates < GRID)
            continue;
        double plain = highres_stable(s, k, PLAIN, ends);
        double ours = highres_stable(s, k, SPECTRUM, ends);
        jf_finding f = {.n = s[k].rates * s[k].seeds,
                        .measured = ours / plain,
                        .expected = 10,
                        .broken = plain / ours - ours / plain};
        too_few(&f, s[k].seeds);
        jf_judge(e->verdicts,
                 &(jf_claim){"C8.H",
                             "the largest rate at which no run diverges is ten "
                             "times that of plain flows at least for those "
                             "that start at the spectrum",
                             "rates 1e-3, 4e-3, .. .256; sizes with that grid; "
                             "criterion in highres/main.c",
                             "ratio of largest rates", JF_OPTIMISATION,
                             "the recipes exchanged"},
                 JF_AT_LEAST, &f);
    }
}

/* Bits of training crops at the end of scale k, in the mean over seeds; infinite
 * where a run diverged. */
static double mean_trained(const scale *s, size_t k, recipe r, size_t rate,
                           const jf_table *ends)
{
    double sum = 0;
    for (size_t i = 0; i < s[k].seeds; i++) {
        double bits = jf_table_number(ends, highres_point(s, k, r, rate, i), 0,
                                      "training_bits");
        sum += isnan(bits) ? (double)INFINITY : bits;
    }
    return sum / (double)s[k].seeds;
}

/* Its rate is chosen by training crops: so no held-out picture has a say. */
static void judge_rate(const experiment *e, size_t count, const scale *s,
                       const jf_table *ends)
{
    for (size_t k = 0; k < count; k++) {
        double others = (double)INFINITY;
        if (s[k].own || s[k].rates < GRID)
            continue;
        size_t own = own_rate(s, k, SPECTRUM, ends);
        for (size_t rate = 0; rate < s[k].rates; rate++)
            if (rate != own)
                others = fmin(others, mean_trained(s, k, SPECTRUM, rate, ends));
        double excess = mean_trained(s, k, SPECTRUM, own, ends) - others;
        jf_finding f = {.n = s[k].rates * s[k].seeds,
                        .measured = excess,
                        .expected = 0,
                        .broken = -2 * excess};
        too_few(&f, s[k].seeds);
        jf_judge(e->verdicts,
                 &(jf_claim){"C8.H",
                             "the rate of flows that start at the spectrum is "
                             "the one of the grid that ends with the fewest "
                             "bits of training crops",
                             "size 64; the same crops for all runs; mean over "
                             "seeds; the rate is used at larger sizes",
                             "excess over the best other rate", JF_OPTIMISATION,
                             "both rates exchanged"},
                 JF_AT_MOST, &f);
    }
}

/* How flows of interlaced pixels end at that size against lossless WebP, and
 * where PNG would be. */
static void judge_codec(const experiment *e, size_t count, const scale *s,
                        const tables *t)
{
    const char *missing = NULL;
    gap g = {0, SIZE_MAX, -(double)INFINITY, -(double)INFINITY};
    size_t points = 0;
    for (size_t k = 0; k < count; k++)
        points += highres_runs(&s[k]);
    for (size_t k = 0; k < count; k++) {
        if (s[k].size != LARGEST || !is_run(&s[k], INTERLACED))
            continue;
        g.seeds = s[k].seeds;
        for (size_t i = 0; i < s[k].seeds; i++, g.runs++) {
            size_t point = highres_point(s, k, INTERLACED, 0, i);
            for (size_t j = 0; j < highres_sets_of(t->ends, point); j++) {
                char set[64];
                jf_table_string(t->ends, point, j, "image_set", set,
                                sizeof set);
                double webp = highres_codec(t, points + k, set, "webp");
                double png = highres_codec(t, points + k, set, "png");
                missing = isnan(webp) ? "cwebp is not there" : missing;
                double last = jf_table_number(t->ends, point, j, "last_bits");
                g.last = jf_worse(g.last, last - webp);
                g.first = jf_worse(g.first, png - webp);
            }
        }
    }
    judge_gap_unless(
        e,
        &(jf_claim){"C8.H",
                    e->args.data ? "flows of interlaced pixels end 0.3 bits a "
                                   "dimension above lossless WebP at most, at "
                                   "1024 x 1024"
                                 : "flows of interlaced pixels end 0.1 bits a "
                                   "dimension above lossless WebP at most, at "
                                   "1024 x 1024",
                    "means over held-out sets; every seed",
                    "largest excess over WebP", JF_OPTIMISATION,
                    "PNG for the flow"},
        e->args.data ? 0.3 : 0.1, missing, g);
}

/* The largest fall of held-out bits from the start of a run at the recipe's own
 * rate, or the least, over runs and judged sets of a size. */
static double fall_of(const scale *s, size_t k, recipe r, int largest,
                      const jf_table *ends)
{
    size_t rate = own_rate(s, k, r, ends);
    double most = -(double)INFINITY, least = (double)INFINITY;
    for (size_t i = 0; i < s[k].seeds && rate < s[k].rates; i++) {
        size_t point = highres_point(s, k, r, rate, i);
        for (size_t j = 0; j < highres_sets_of(ends, point); j++) {
            double fall = jf_table_number(ends, point, j, "first_bits") -
                          jf_table_number(ends, point, j, "last_bits");
            most = jf_worse(most, fall);
            least = -jf_worse(-least, -fall);
        }
    }
    return largest ? most : least;
}

/* A flow that starts at the optimum of all of it has nothing to learn; one that
 * starts at that of its linear layers has. */
static void judge_optimum(const experiment *e, size_t count, const scale *s,
                          const jf_table *ends)
{
    for (size_t k = 0; k < count; k++) {
        if (s[k].size != LARGEST || !is_run(&s[k], INTERLACED))
            continue;
        double whole = fall_of(s, k, INTERLACED, 1, ends);
        double part = fall_of(s, k, SPECTRUM, 0, ends);
        double excess = whole - 0.1 * part;
        jf_finding f = {.n = s[k].seeds,
                        .measured = isnan(excess) ? (double)INFINITY : excess,
                        .expected = 0,
                        .broken = part - 0.1 * whole - excess};
        too_few(&f, s[k].seeds);
        jf_judge(e->verdicts,
                 &(jf_claim){"C8.H",
                             "training gains a flow that starts at the optimum "
                             "of all its layers a tenth at most of what it "
                             "gains one that starts at the spectrum, at 1024 x "
                             "1024",
                             "interlaced and spectrum at their rates; every "
                             "seed and held-out set",
                             "largest gain less a tenth of the other's least",
                             JF_OPTIMISATION, "the flows exchanged"},
                 JF_AT_MOST, &f);
    }
}

/* At the size that the abstract names, where the profile has it. */
static void judge_largest(const experiment *e, size_t count, const scale *s,
                          const tables *t)
{
    judge_improvement(e, count, s, PRINCIPLES,
                      "at 1024 x 1024 every run with the principles at the "
                      "least rate ends below its start",
                      t->ends);
    judge_improvement(e, count, s, SPECTRUM,
                      "at 1024 x 1024 every run that starts at the spectrum "
                      "ends below its start",
                      t->ends);
    judge_gap(
        e,
        &(jf_claim){"C8.H",
                    "at 1024 x 1024 every run that starts at the spectrum ends "
                    "0.3 bits a dimension below the better of the two at least",
                    "circular and reflecting; held-out sets",
                    "largest excess over the baseline", JF_OPTIMISATION,
                    "start and end exchanged"},
        -0.3, worst_gap(count, s, LARGEST, SPECTRUM, "spectrum_bits", t->ends));
    judge_gap(e,
              &(jf_claim){"C8.H",
                          "at 1024 x 1024 every run that starts at the "
                          "spectrum ends below PNG",
                          "means over held-out sets; level 9, best of filters",
                          "largest excess over PNG", JF_OPTIMISATION,
                          "start and end exchanged"},
              0, worst_gap(count, s, LARGEST, SPECTRUM, "png_bits", t->ends));
    judge_codec(e, count, s, t);
    judge_optimum(e, count, s, t->ends);
}

static void judge_spectrum(const experiment *e, size_t count, const scale *s,
                           const jf_table *ends)
{
    gap g = worst_gap(count, s, 0, SPECTRUM, "spectrum_bits", ends);
    if (g.runs > 0 && g.seeds >= SEEDS)
        judge_gap(e,
                  &(jf_claim){"C3.7",
                              "flows that start at the Gaussian optimum of "
                              "photographs end below the power spectrum",
                              "every size and seed at its own rate; the better "
                              "of circular and reflecting; held-out sets",
                              "largest excess over the baseline",
                              JF_OPTIMISATION, "start and end exchanged"},
                  0, g);
}

void highres_judge(const experiment *e, size_t count, const scale *s,
                   const tables *t)
{
    judge_divergence(e, count, s, PRINCIPLES, t->ends,
                     "of two runs that differ in the recipe alone, one of "
                     "which diverges, it is not more often that with the "
                     "principles");
    judge_divergence(e, count, s, SPECTRUM, t->ends,
                     "of a plain run and one that starts at the spectrum, one "
                     "of which diverges, it is not more often the latter");
    judge_rise(e, count, s, t->ends);
    judge_trips(e, count, s, t);
    judge_spectrum(e, count, s, t->ends);
    judge_ahead(e, count, s, t->ends);
    judge_start(e, count, s, t->ends);
    judge_stable(e, count, s, t->ends);
    judge_rate(e, count, s, t->ends);
    judge_largest(e, count, s, t);
}
