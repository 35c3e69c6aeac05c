/* coverage.c -- for which laws does the interval of C2.9 hold the optimum?
 *
 * Question  In how many of 100 samples of n rows does the interval for EIG of
 *           the law hold it, and where in fewer than 95?
 * Method    Three independent columns of one law each, standardised by none:
 *           normal, uniform, exponential, Student's t of 10, 5 and 3 degrees,
 *           of which the last has no fourth moment, so that its interval
 *           estimates what is infinite; n = 50 .. 4000.
 * Writes    optimum-coverage.csv. */
#include "optimum.h"

#include <math.h>
#include <stdio.h>

enum { D = 3, LAWS = 6, LENGTHS = 4, POINTS = LAWS * LENGTHS };

static const struct {
    const char *name;
    double variance;
    double degrees; /* of Student's t; 0: another law */
} laws[LAWS] = {{"normal", 1, 0},      {"uniform", 1.0 / 12, 0},
                {"exponential", 1, 0}, {"t 10", 1.25, 10},
                {"t 5", 5.0 / 3, 5},   {"t 3", 3, 3}};
static const size_t lengths[LENGTHS] = {50, 200, 1000, 4000};

/* The point of the most rows of a law. */
static size_t longest(size_t law)
{
    return law * LENGTHS + LENGTHS - 1;
}

static void draw(size_t law, jf_matrix x, unsigned long seed,
                 unsigned long step)
{
    jf_latent q = law == 0                ? jf_normal()
                  : laws[law].degrees > 0 ? jf_student(laws[law].degrees)
                                          : jf_uniform(0, 1);
    jf_latent_sample(&q, x, seed, step);
    for (size_t i = 0; law == 2 && i < x.rows * D; i++)
        x.data[i] = (real)-log1p(-(double)x.data[i]);
}

static void run(const experiment *e, size_t point, size_t repeats,
                jf_table *out)
{
    size_t law = point / LENGTHS, n = lengths[point % LENGTHS], held = 0;
    double v = laws[law].variance, half = 0;
    double truth = jf_eig(D, (double[]){v, v, v});
    jf_matrix x = jf_matrix_new(n, D);
    jf_team *team = jf_team_new(1);
    for (size_t r = 0; r < repeats; r++) {
        jf_moments m;
        jf_interval o;
        draw(law, x, e->args.seed, (point + 1) << 24 | r);
        if (jf_moments_of(jf_const(x), &m, team) != GSL_SUCCESS ||
            jf_interval_of(jf_const(x), &m, NULL, &o) != GSL_SUCCESS)
            jf_fail(1, "optimum: no interval of a sample");
        held += fabs(o.center - truth) <= o.half;
        half += o.half / (double)repeats;
        jf_moments_free(&m);
    }
    double share = (double)held / (double)repeats;
    jf_table_row(out, point, "%s,%d,%zu,%zu,%zu," JF_G "," JF_G "," JF_G,
                 laws[law].name, D, n, repeats, held, share,
                 sqrt(share * (1 - share) / (double)repeats), half);
    jf_team_free(team);
    jf_matrix_free(&x);
    jf_table_finish(out, point);
}

static void judge(experiment *e, const jf_table *t)
{
    enum { NORMAL = 0, NO_FOURTH_MOMENT = 5 };
    double repeats = jf_table_number(t, 0, 0, "repeats");
    size_t held =
        (size_t)jf_table_number(t, longest(NO_FOURTH_MOMENT), 0, "held");
    size_t normal = (size_t)jf_table_number(t, longest(NORMAL), 0, "held");
    jf_finding f = {.d = D};
    jf_binomial(&f, held, (size_t)repeats, 0.95, JF_AT_LEAST);
    f.broken = jf_binomial_p(normal, (size_t)repeats, 0.95, JF_AT_LEAST);
    jf_judge(e->verdicts,
             &(jf_claim){"C2.9w",
                         "the interval holds the optimum of a law without a "
                         "fourth moment in 95 of 100 samples",
                         "three columns of Student's t, 3 degrees, n = 4000",
                         "share of samples; binomial law", JF_WORDING,
                         "normal columns, where it does"},
             JF_AT_LEAST, &f);
}

void optimum_coverage(experiment *e)
{
    size_t repeats = by_profile(e, 300, 2000, 10000), done = 0;
    jf_table *out = jf_table_new(&e->args, "optimum-coverage",
                                 "rows_of,d,n,repeats,held,share_held,"
                                 "se_share_held,mean_half_nats",
                                 POINTS);

    /* The largest come last in each law and are started first. */
#pragma omp parallel for schedule(dynamic, 1) num_threads((int)e->team->threads)
    for (size_t k = 0; k < POINTS; k++) {
        size_t point = k % LAWS * LENGTHS + LENGTHS - 1 - k / LAWS;
        if (!jf_table_has(out, point))
            run(e, point, repeats, out);
#pragma omp critical(optimum_coverage)
        jf_progress(&e->args, "coverage", ++done, POINTS);
    }
    if (jf_table_whole(out))
        judge(e, out);
    jf_table_close(out);
}
