/* inverse.c -- does the inverse invert, in floating point?
 *
 * Question  A round trip's error is, to first order, at most sum_k
 *           (|J_{1:k}^-1| e_k + |J_{1:k-1}^-1| e'_k), e_k and e'_k the local
 *           rounding errors and J_{1:k} the Jacobian of the first k layers
 *           (C6.3).  How large is it, for chains with known constants and for
 *           trained flows inside and outside of their data?
 * Method    chains.c has the chains, trips.c the flows.
 * Writes    lipschitz-inverse (float: -inverse-single), -gradients, -grid .csv:
 *           errors are Euclidean, of chains relative to |x|; worst over the
 *           grid points with |x|_inf between 0 and 4, and 4 and 8 (radius);
 *           test_nats: held-out log-likelihood. */
#include "trips.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_sort.h>

#ifdef JF_SINGLE
#define NAME(name) name "-single"
#else
#define NAME(name) name
#endif

/* The median of error over bound in the rows of a point. */
static double median_ratio(const jf_table *t, size_t p)
{
    size_t n = jf_table_rows(t, p);
    double *ratio = jf_alloc(n + 1, sizeof *ratio);
    for (size_t i = 0; i < n; i++)
        ratio[i] = jf_table_number(t, p, i, "roundtrip_error") /
                   jf_table_number(t, p, i, "predicted_error");
    gsl_sort(ratio, 1, n);
    double median = n ? ratio[n / 2] : (double)NAN;
    free(ratio);
    return median;
}

/* Of chains: the bound holds, and is of use. */
static void judge_chains(experiment *e, const jf_table *t, size_t first)
{
    double above = 0, below = (double)INFINITY;
    size_t counted = 0;
    for (size_t p = first; p < first + CHAINS; p++)
        below = fmin(below, median_ratio(t, p));
    for (size_t p = first; p < first + TRIPS; p++)
        for (size_t i = 0; i < jf_table_rows(t, p); i++) {
            double is = jf_table_number(t, p, i, "roundtrip_error");
            double most = jf_table_number(t, p, i, "predicted_error");
            if (!(most < 0.1)) /* one of first order holds where it is small */
                continue;
            counted++;
            above = jf_worse(above, is / most);
        }
    jf_text says = {0};
    jf_text_add(
        &says,
        "round trips of chains err by at most sum_k (|J_{1:k}^-1| e_k + "
        "|J_{1:k-1}^-1| e'_k) in %s (%zu trips)",
        TRIP_PRECISION, counted);
    jf_claim c = {"C6.3", says.data, "bound of first order below 0.1",
                  "largest error over bound"};
    jf_verdict(e->verdicts, &c, above, JF_AT_MOST, 1, 0);
    free(says.data);
    c.statement = "and the bound is not vacuous for linear chains in float";
    c.method = "least median of error over bound, by chain";
    if (sizeof(real) < sizeof(double)) /* in double inverses have errors, too */
        jf_verdict(e->verdicts, &c, below, JF_AT_LEAST, 1e-3, 0);
}

/* The largest relative error of a point, in roundings. */
static double largest_error(const jf_table *t, size_t p)
{
    double worst = 0;
    for (size_t i = 0; i < jf_table_rows(t, p); i++)
        worst = jf_worse(worst,
                         jf_table_number(t, p, i, "roundtrip_error") / TRIP_U);
    return worst;
}

/* The last chain is the sine of the largest tau. */
static void judge_counterexamples(experiment *e, const jf_table *t,
                                  size_t first)
{
    jf_claim c = {"C6.3",
                  "L = M = 1 in every layer does not bound the error: a shift "
                  "by 1e6 and back",
                  "relative error in roundings u; counterexample",
                  "largest over draws, against 1000 u"};
    jf_verdict(e->verdicts, &c, largest_error(t, first + SHIFT), JF_AT_LEAST,
               1000, 0);
    c.statement = "nor does determinant 1: eight additive couplings sin(100 x)";
    jf_verdict(e->verdicts, &c, largest_error(t, first + TRIPS - 1),
               JF_AT_LEAST, 1000, 0);
}

static void judge_drift(experiment *e, const jf_table *t, size_t flows)
{
    double worst = 0;
    for (size_t p = 0; p < flows; p++)
        worst =
            jf_worse(worst, jf_table_number(t, p, 0, "drift") /
                                jf_table_number(t, p, 0, "predicted_drift"));
    jf_claim c = {"C8.P7",
                  "drift of the reversible backward is below its prediction",
                  "trained flows of 20 and 100 blocks (quick: fewer), on data",
                  "largest ratio; e_k = 4 u (|h_{k-1}| + |h_k|) assumed"};
    jf_verdict(e->verdicts, &c, worst, JF_AT_MOST, 1, 0);
}

void lipschitz_inverse(experiment *e)
{
    size_t points = TRIP_FLOWS + TRIPS, done = 0;
    trip_tables t = {
        jf_table_new(&e->args, NAME("lipschitz-inverse"),
                     "flow,precision,depth,radius,seed,roundtrip_error,"
                     "predicted_error,condition_number,log_abs_det_error,"
                     "nonfinite_percent,error_after_9,mean_distance_after_9,"
                     "test_nats",
                     points),
        jf_table_new(&e->args, NAME("lipschitz-grid"),
                     "flow,precision,depth,x1,x2,roundtrip_error", points),
        jf_table_new(&e->args, NAME("lipschitz-gradients"),
                     "flow,precision,depth,drift,predicted_drift,"
                     "gradient_error,needs_checkpoints",
                     points)};

#pragma omp parallel for schedule(dynamic, 1) num_threads((int)e->team->threads)
    for (size_t i = 0; i < points; i++) {
        /* the deep ones, which take longest, first */
        size_t p = i < TRIP_FLOWS ? TRIP_FLOWS - 1 - i : i;
        if (!jf_table_has(t.inverse, p) || !jf_table_has(t.grid, p) ||
            !jf_table_has(t.gradients, p)) {
            if (p < TRIP_FLOWS)
                trip_flow(e, &t, p, p);
            else
                trip_chain(e, t.inverse, p, p - TRIP_FLOWS);
            jf_table_finish(t.inverse, p);
            jf_table_finish(t.grid, p);
            jf_table_finish(t.gradients, p);
        }
#pragma omp critical(lipschitz_inverse)
        jf_progress(&e->args, "round trips", ++done, points);
    }
    judge_chains(e, t.inverse, TRIP_FLOWS);
    judge_counterexamples(e, t.inverse, TRIP_FLOWS);
    judge_drift(e, t.gradients, TRIP_FLOWS);
    jf_table_close(t.gradients);
    jf_table_close(t.grid);
    jf_table_close(t.inverse);
}
