/* judge.c -- the claims of highres, of its tables. */
#include "highres.h"

#include <math.h>

/* The least mean over seeds, by rate, of bits minus those of the baseline, at
 * the first size. */
static double against_spectrum(const scale *s, const jf_table *ends)
{
    double best = (double)INFINITY;
    for (size_t rate = 0; rate < s->rates; rate++) {
        double sum = 0;
        for (size_t i = 0; i < s->seeds; i++) {
            size_t p = (rate * RECIPES + PRINCIPLES) * s->seeds + i;
            sum += (jf_table_number(ends, p, 0, "last_bits") -
                    jf_table_number(ends, p, 0, "spectrum_bits")) /
                   (double)s->seeds;
        }
        best = fmin(best, sum); /* a rate that diverges is left aside */
    }
    return best;
}

/* At most so much; not run when there are no sizes. */
static void judge_one(const experiment *e, const jf_claim *c, size_t sizes,
                      double measured, double expected)
{
    if (sizes == 0)
        jf_verdict_not_run(e->verdicts, c, NO_PHOTOGRAPHS);
    else
        jf_verdict(e->verdicts, c, measured, JF_AT_MOST, expected, 0);
}

void highres_judge(const experiment *e, size_t count, const scale *s,
                   const tables *t)
{
    double more = -(double)INFINITY, rise = more, trip = more;
    size_t point = 0;
    for (size_t k = 0; k < count; k++)
        for (size_t rate = 0; rate < s[k].rates; rate++) {
            double diverged[RECIPES] = {0};
            for (size_t i = 0; i < RECIPES * s[k].seeds; i++, point++) {
                size_t r = i / s[k].seeds;
                diverged[r] += jf_table_number(t->ends, point, 0, "diverged");
                double first = jf_table_number(t->ends, point, 0, "first_bits");
                double last = jf_table_number(t->ends, point, 0, "last_bits");
                size_t n = jf_table_rows(t->steps, point);
                if (r == PRINCIPLES && rate == 0) {
                    rise = jf_worse(rise, last - first);
                    trip = jf_worse(trip,
                                    jf_table_number(t->steps, point, n - 1,
                                                    "roundtrip_error") /
                                        jf_table_number(t->steps, point, n - 1,
                                                        "predicted_roundtrip"));
                }
            }
            more = jf_worse(more, diverged[PRINCIPLES] - diverged[PLAIN]);
        }
    jf_claim c = {"C8.H",
                  "with the principles no more runs diverge than plain ones",
                  "every size and rate; criterion in highres/main.c",
                  "largest difference of counts over sizes and rates"};
    judge_one(e, &c, count, more, 0);
    c.statement = "with them every run at the least rate ends below its start";
    c.hypotheses = "held-out bits per dimension, every size and seed";
    c.method = "largest rise";
    judge_one(e, &c, count, rise, 0);
    c = (jf_claim){"C3.7",
                   "the trained flow beats the power-spectrum optimum on "
                   "held-out crops at 64 x 64",
                   "mean over seeds at the best rate, with the principles",
                   "bits per dimension lost to it; at most 0"};
    if (s[0].size == 64 && e->args.profile != JF_QUICK)
        judge_one(e, &c, count,
                  count ? against_spectrum(&s[0], t->ends) : (double)NAN, 0);
    c = (jf_claim){"C6.3",
                   "float round trips of image flows stay below their "
                   "prediction",
                   "trained with the principles at the least rate",
                   "largest error over prediction"};
    judge_one(e, &c, count, trip, 1);
}
