/* precision.c -- the edge in float and in double, of gradient descent
 * and of Adam.
 *
 * Question  Does rounding move the edge, and has Adam one?
 * Method    The same runs in both builds: stability writes stability-double,
 *           stability_single stability-float.  Dense W in four dimensions,
 *           condition 1, 100 and 1e4, from near the optimum, as in rate.c.
 *   sgd       rates .5 to 1.5 of 1/lambda_1; converged when the gap stays below
 *             1e-6 nats (float: 1e-5, as the likelihood of float rows is known
 *             to a few 1e-7), nudged as in rate.c.
 *   adam      the same multiples of 1/lambda_1, 20000 steps, and whatever gap
 *             is left: its steps do not shrink with the gradient.
 * Writes    stability-double.csv or stability-float.csv; the columns are those
 *           of stability-rate.csv. */
#include "stability.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { PURPOSE = JF_PURPOSE_USER + 450, D = 4 };
enum { SPECTRA = 3, METHODS = 2, RATES = 8, STEPS = 20000 };

static const double ratios[RATES] = {0.5,   0.9,  0.95, 0.975,
                                     1.025, 1.05, 1.1,  1.5};
static const double conditions[SPECTRA] = {1, 100, 1e4};
static const char *const methods[METHODS] = {"sgd", "adam"};

/* Point: method, spectrum, seed; a row for each rate. */
static void run(const experiment *e, size_t seeds, size_t point, jf_table *out)
{
    size_t c = point / seeds % SPECTRA, m = point / seeds / SPECTRA;
    unsigned long seed = e->args.seed + point % seeds;
    spectrum s = spectrum_new(D, conditions[c], e->args.seed, 200 + c);
    const way *w = way_find("dense");
    jf_team *team = jf_team_new(1);
    jf_layer *f = jf_dense(D);
    jf_latent q = jf_normal();
    jf_likelihood at;
    real *optimum = jf_theta_new(f), *theta = jf_theta_new(f);
    gsl_rng *rng = jf_stream_new();

    way_optimum(w, f, &s, seed, optimum, team);
    jf_nll(f, &q, optimum, jf_const(s.x), &at, NULL, team);
    for (size_t i = 0; i < RATES; i++) {
        double rate = ratios[i] * w->critical(&s);
        descent run = {
            .f = f, .x = s.x, .way = w, .rate = rate, .best = at.nll};
        run.optimizer = m ? jf_adam(0) : jf_sgd(0);
        run.tolerance = sizeof(real) == sizeof(double) ? 1e-6 : 1e-5;
        run.after = 300;
        run.limit = STEPS;
        jf_stream_seek(rng, seed, PURPOSE, c, 0);
        for (size_t k = 0; k < f->module.n_params; k++)
            theta[k] = optimum[k];
        nudge(w, f, theta, 1e-3 / sqrt(conditions[c]), rng);
        descent_result r = descend(&run, theta, team);
        jf_table_row(out, point,
                     "gauss d=%d cond=%g,%g,%s," JF_PRECISION
                     ",0,%.9g,%g,%lu,%d,%d,%zu,%zu,%zu,%.6e,%.6e,%.6e",
                     D, conditions[c], conditions[c], methods[m], rate,
                     ratios[i], seed, !r.converged, r.overflow, r.steps,
                     r.bursts, r.flips, r.gap, r.median, r.largest);
    }
    gsl_rng_free(rng);
    free(theta);
    free(optimum);
    jf_layer_free(f);
    jf_team_free(team);
    spectrum_free(&s);
}

/* Runs of gradient descent on the wrong side of the edge, this many times the
 * critical rate. */
static double exceptions(const jf_table *t, size_t points, double edge)
{
    double count = 0;
    for (size_t p = 0; p < points; p++)
        for (size_t i = 0; i < jf_table_rows(t, p); i++)
            count += (jf_table_number(t, p, i, "diverged") > 0) !=
                     (jf_table_number(t, p, i, "rate_over_critical") > edge);
    return count;
}

/* How many runs of Adam end farther than the tolerance, and the worst. */
static void print_adam(const jf_table *t, size_t first, size_t points)
{
    size_t count = 0, away = 0;
    double worst = 0;
    for (size_t p = first; p < points; p++)
        for (size_t i = 0; i < jf_table_rows(t, p); i++) {
            count++;
            away += jf_table_number(t, p, i, "diverged") > 0;
            worst =
                jf_worse(worst, jf_table_number(t, p, i, "median_gap_nats"));
        }
    printf("Adam in " JF_PRECISION ": %zu of %zu runs stay away from the "
           "optimum, the worst by %.2g nats\n",
           away, count, worst);
}

static void judge(const experiment *e, const jf_table *out, size_t sgd)
{
    jf_finding found = {.d = D,
                        .n = sgd * RATES,
                        .measured = exceptions(out, sgd, 1),
                        .tolerance = 0.5};
    found.broken = exceptions(out, sgd, 2) - found.measured;
    jf_judge(e->verdicts,
             &(jf_claim){"C7.2",
                         "the edge in " JF_PRECISION ": converges up to .975, "
                         "not from 1.025 on",
                         "dense W, condition 1 to 1e4, near starts",
                         "number of exceptions", JF_IDENTITY,
                         "critical rate 2 / lambda_1"},
             JF_EQUAL, &found);
}

void stability_precision(experiment *e)
{
    size_t seeds = by_profile(e, 1, 5, 20), done = 0;
    size_t sgd = SPECTRA * seeds, points = METHODS * sgd;
    jf_table *out = jf_table_new(
        &e->args, "stability-" JF_PRECISION,
        "data,condition,method,precision,batch,rate,rate_over_critical,seed,"
        "diverged,overflow,steps,bursts,sign_flips,final_gap_nats,"
        "median_gap_nats,largest_gap_nats",
        points);

#pragma omp parallel for schedule(dynamic, 1) num_threads((int)e->team->threads)
    for (size_t k = 0; k < points; k++) {
        if (!jf_table_has(out, k)) {
            run(e, seeds, k, out);
            jf_table_finish(out, k);
        }
#pragma omp critical(stability_precision)
        jf_progress(&e->args, "precision", ++done, points);
    }
    if (jf_table_whole(out)) {
        judge(e, out, sgd);
        print_adam(out, sgd, points);
    }
    jf_table_close(out);
}
