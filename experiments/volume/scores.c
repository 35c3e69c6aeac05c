/* scores.c -- does the likelihood rank points as the latent radius does?
 *
 * Question  C5.6: where log|det| is constant -log q = |z|^2/2 + const, and both
 *           rank alike.  Of exact flows -log q = -log p whichever flow it is,
 *           but |z|^2 is not: how differently do flows of one pair of laws
 *           rank?
 * Method    Rank correlations over n draws (common/scores.h).  No ties: ranks
 *           that all move by one change them by 6/n^2.  For the product map of
 *           two exponential variables, of which -log q = t is Gamma(2) and
 *           |z|^2 chi^2 with two degrees, the ranks are those of the laws, 12
 *           E(F(t) - 1/2)(G(|z|^2) - 1/2), a mean of independent bounded
 *           numbers, whose expectation is one integral.
 * Writes    volume-scores.csv: draws of each map.
 *           volume-ranks.csv, a map per row: rank correlations over all draws
 *           of nll and |z|^2, of |z|^2 and -log p, and of nll and |z|^2 with
 *           the sign of log|det| lost; the ranks by laws, their standard error,
 *           and the same without log|det|. */
#include "common/scores.h"
#include "volume.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

enum { PURPOSE = JF_PURPOSE_USER + 590, SHOWN = 300 };

/* 12 E(F(t) - 1/2)(G(|z|^2) - 1/2); without_det: |z|^2/2, Exp(1), for t. */
static jf_sample_moments ranks_by_laws(const scores *s, int without_det)
{
    double *v = jf_alloc(s->n, sizeof *v);
    for (size_t k = 0; k < s->n; k++) {
        double g = -expm1(-0.5 * s->square[k]) - 0.5;
        double f = 0.5 - (1 + s->nll[k]) * exp(-s->nll[k]);
        v[k] = 12 * g * (without_det ? g : f);
    }
    jf_sample_moments m = jf_sample_of(s->n, v);
    free(v);
    return m;
}

/* Its value for the product map, .22075698: E F G = 1/8 + b / 2^1/2, b = E x_i
 * exp(-x_i - k_i^2/2) over k_i normal, exp(-x_i) = Phi(-k_i).  The trapezoidal
 * rule: the integrand is analytic and falls as exp(-k^2). */
static double product_value(void)
{
    const double h = 1.0 / 64;
    double b = 0;
    for (double k = -9; k <= 9; k += h) {
        double q = gsl_cdf_ugaussian_Q(k);
        b -= h * log(q) * q * exp(-0.5 * k * k) * gsl_ran_ugaussian_pdf(k);
    }
    return 6 * M_SQRT2 * b - 1.5;
}

static void measure(const experiment *e, score_map map, jf_table *points,
                    jf_table *ranks)
{
    size_t n =
        map == SCORE_IDENTITY ? 2000 : by_profile(e, 200000, 200000, 2000000);
    scores s = scores_of(map, n, e->args.seed, PURPOSE);
    double *nll = ranks_of(n, s.nll), *square = ranks_of(n, s.square);
    double *surprise = ranks_of(n, s.surprise);
    jf_sample_moments laws = ranks_by_laws(&s, 0);
    jf_sample_moments without = ranks_by_laws(&s, 1);
    for (size_t k = 0; k < SHOWN; k++)
        jf_table_row(points, map, "%s,%s," JF_G "," JF_G "," JF_G,
                     score_names[map],
                     map < SCORE_PRODUCT ? "normal" : "exponential", s.nll[k],
                     s.square[k], s.surprise[k]);
    for (size_t k = 0; k < n; k++)
        s.nll[k] = s.square[k] - s.nll[k];
    double *lost = ranks_of(n, s.nll);
    jf_table_row(
        ranks, map, "%s,%zu," JF_G "," JF_G "," JF_G "," JF_G "," JF_G "," JF_G,
        score_names[map], n, rank_correlation(n, nll, square),
        rank_correlation(n, surprise, square),
        rank_correlation(n, lost, square), laws.mean, laws.se, without.mean);
    free(lost);
    free(surprise);
    free(square);
    free(nll);
    scores_clear(&s);
}

static double of(const jf_table *t, score_map map, const char *column)
{
    return jf_table_number(t, map, 0, column);
}

static void judge(const experiment *e, const jf_table *t)
{
    jf_claim c = {"C5.6",
                  "rank correlation of the inversion of the normal plane is -1",
                  "exact flow of N(0, I) to itself; the identity has 1",
                  "-log q against |z|^2; every rank may move by one",
                  JF_IDENTITY,
                  "score without log|det|"};
    double n = of(t, SCORE_INVERSION, "n");
    jf_finding f = {.d = 2, .n = (size_t)n, .tolerance = 6 / (n * n)};
    f.measured = of(t, SCORE_INVERSION, "rank_correlation");
    f.expected = -1;
    f.broken = 1 - f.measured; /* of |z|^2 with itself */
    jf_judge(e->verdicts, &c, JF_EQUAL, &f);

    c.statement = "rank correlation of the polar map is 1";
    c.hypotheses = "exact flow of two exponential variables; log|det| varies";
    c.broken = "log|det| with the wrong sign";
    f.measured = of(t, SCORE_POLAR, "rank_correlation");
    f.expected = 1;
    f.broken = of(t, SCORE_POLAR, "sign_lost") - f.measured;
    jf_judge(e->verdicts, &c, JF_EQUAL, &f);

    c.statement = "the map of constant determinant ranks as the density does: "
                  "rank correlation 1";
    c.hypotheses = "optimum of C3.9 for two exponential variables, log 3 - 1 "
                   "below -h";
    c.method = "|z|^2 against -log p; every rank may move by one";
    c.broken = "the radius of the product map";
    f.measured = of(t, SCORE_CONSTANT, "rank_by_density");
    f.broken = of(t, SCORE_PRODUCT, "rank_by_density") - f.measured;
    jf_judge(e->verdicts, &c, JF_EQUAL, &f);

    c.statement = "rank correlation of the product map is .22075698";
    c.hypotheses = "exact flow of two exponential variables";
    c.method = "ranks by the laws of -log q and |z|^2; expected by quadrature";
    c.kind = JF_STATISTIC;
    c.broken = "score without log|det|";
    f.law = JF_BY_ERRORS;
    f.measured = of(t, SCORE_PRODUCT, "ranks_by_laws");
    f.expected = product_value();
    f.se = of(t, SCORE_PRODUCT, "se_ranks");
    f.broken = of(t, SCORE_PRODUCT, "without_log_det") - f.measured;
    jf_judge(e->verdicts, &c, JF_EQUAL, &f);
}

void volume_scores(experiment *e)
{
    jf_table *points = jf_table_new(
        &e->args, "volume-scores",
        "map,law,nll_nats,latent_square,minus_log_p_nats", SCORE_MAPS);
    jf_table *ranks =
        jf_table_new(&e->args, "volume-ranks",
                     "map,n,rank_correlation,rank_by_density,sign_lost,"
                     "ranks_by_laws,se_ranks,without_log_det",
                     SCORE_MAPS);
#pragma omp parallel for schedule(dynamic, 1) num_threads((int)e->team->threads)
    for (size_t map = 0; map < SCORE_MAPS; map++)
        if (!jf_table_has(points, map) || !jf_table_has(ranks, map)) {
            measure(e, (score_map)map, points, ranks);
            jf_table_finish(points, map);
            jf_table_finish(ranks, map);
        }
    if (jf_table_whole(ranks))
        judge(e, ranks);
    jf_table_close(ranks);
    jf_table_close(points);
}
