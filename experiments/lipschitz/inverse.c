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
 *           test_nats: held-out log-likelihood; by_layer, by_product, by_one:
 *           of chains, the bound with other norms for prefixes (trips.h);
 *           drift_ratio, layers_ratio: the largest error at a row over its
 *           bound, and over that with 1 for the norms of prefixes. */
#include "trips.h"

#include <math.h>
#include <stdlib.h>

#ifdef JF_SINGLE
#define NAME(name) name "-single"
#else
#define NAME(name) name
#endif

/* The largest ratio of two columns over the trips of chain which that are of
 * first order. */
static double largest_ratio(const jf_table *t, size_t first, size_t which,
                            const char *over, size_t *counted)
{
    double worst = 0;
    size_t p = first + which;
    for (size_t i = 0; i < jf_table_rows(t, p); i++) {
        double bound = jf_table_number(t, p, i, "predicted_error");
        if (bound >= trip_first_order(which))
            continue;
        ++*counted;
        worst = jf_worse(worst, jf_table_number(t, p, i, "roundtrip_error") /
                                    jf_table_number(t, p, i, over));
    }
    return worst;
}

static void judge_bound(const experiment *e, const jf_table *t, size_t first)
{
    double above = 0, wrong = 0;
    size_t counted = 0, unused = 0;
    for (size_t which = 0; which < TRIPS; which++) {
        above = jf_worse(
            above, largest_ratio(t, first, which, "predicted_error", &counted));
        wrong = jf_worse(wrong,
                         largest_ratio(t, first, which, "by_layer", &unused));
    }
    jf_text says = {0};
    jf_text_add(
        &says,
        "round trips of chains err by at most sum_k (|J_{1:k}^-1| e_k + "
        "|J_{1:k-1}^-1| e'_k) in %s (%zu trips)",
        TRIP_PRECISION, counted);
    jf_claim c = {"C6.3",
                  says.data,
                  "linear chains, a shift, and sines of slope tau whose bound "
                  "is below 1/(16 tau)",
                  "largest error over bound",
                  JF_IDENTITY,
                  "|J_k^-1|, of the layer, for prefixes"};
    jf_judge(e->verdicts, &c, JF_AT_MOST,
             &(jf_finding){
                 .measured = above, .expected = 1, .broken = wrong - above});
    free(says.data);
}

/* How many of the trips of point p err by more than 1e-3 of a bound. */
static size_t useful(const jf_table *t, size_t p, const char *bound)
{
    size_t count = 0;
    for (size_t i = 0; i < jf_table_rows(t, p); i++)
        count += jf_table_number(t, p, i, "roundtrip_error") >
                 1e-3 * jf_table_number(t, p, i, bound);
    return count;
}

/* Of the chain whose prefixes are worst.  In double inverses have errors, too,
 * which the bound must allow for. */
static void judge_use(const experiment *e, const jf_table *t, size_t p)
{
    size_t n = jf_table_rows(t, p);
    jf_claim c = {
        "C6.3",
        "and of most trips it is below 1000 times the error, in float",
        "eight layers of condition 10",
        "share of random chains, against 1/2; exact binomial law",
        JF_STATISTIC,
        "the product of layers' constants for prefixes"};
    jf_finding found = {.d = 16, .n = n};
    jf_binomial(&found, useful(t, p, "predicted_error"), n, 0.5, JF_AT_LEAST);
    found.broken =
        jf_binomial_p(useful(t, p, "by_product"), n, 0.5, JF_AT_LEAST);
    jf_judge(e->verdicts, &c, JF_AT_LEAST, &found);
}

/* x is rounded to a multiple of the spacing g at 1e6, and its place between two
 * is uniform but for exp(-2 pi^2 / g^2): the mean square of 16 n errors over g
 * is 1/12, of variance 1/(180 16 n). */
static void judge_shift(const experiment *e, const jf_table *t, size_t p)
{
    enum { EACH = 16 };
    size_t n = jf_table_rows(t, p);
    double sum = 0;
    for (size_t i = 0; i < n; i++) /* the bound: g/2 for each of d errors */
        sum += square(0.5 * jf_table_number(t, p, i, "roundtrip_error") /
                      jf_table_number(t, p, i, "predicted_error"));
    jf_claim c = {"C6.3",
                  "L = M = 1 in every layer does not bound the error: a shift "
                  "by 1e6 and back loses all below the spacing g there",
                  "x ~ N(0, I), d = 16; counterexample",
                  "mean square of the errors over g, against 1/12; exact "
                  "variance",
                  JF_STATISTIC,
                  "an error of u |x|, as the constants alone would have it"};
    double measured = sum / (double)n;
    jf_judge(e->verdicts, &c, JF_EQUAL,
             &(jf_finding){.n = n,
                           .measured = measured,
                           .expected = 1.0 / 12,
                           .law = JF_BY_ERRORS,
                           .se = sqrt(1.0 / (180 * EACH * (double)n)),
                           .broken = square(TRIP_U / FAR_SPACING) - measured});
}

/* Decades of the largest error over what prefixes of norm 1 would allow. */
static double decades(const jf_table *t, size_t p)
{
    double worst = 0;
    for (size_t i = 0; i < jf_table_rows(t, p); i++)
        worst = jf_worse(worst, jf_table_number(t, p, i, "roundtrip_error") /
                                    jf_table_number(t, p, i, "by_one"));
    return log10(worst);
}

/* The last chain is the sine of the largest tau, the first an isometry. */
static void judge_determinant(const experiment *e, const jf_table *t,
                              size_t first)
{
    double is = decades(t, first + TRIPS - 1);
    jf_claim c = {"C6.3",
                  "nor does determinant 1: eight additive couplings sin(100 x)",
                  "counterexample",
                  "decades of the largest error over the sum of local errors, "
                  "the bound if determinant 1 kept prefixes at norm 1",
                  JF_IDENTITY,
                  "an isometry, whose prefixes have norm 1"};
    jf_judge(e->verdicts, &c, JF_AT_LEAST,
             &(jf_finding){.measured = is, .broken = decades(t, first) - is});
}

static void judge_drift(experiment *e, const jf_table *t, size_t flows)
{
    double worst = 0, alone = 0;
    for (size_t p = 0; p < flows; p++) {
        worst = jf_worse(worst, jf_table_number(t, p, 0, "drift_ratio"));
        alone = jf_worse(alone, jf_table_number(t, p, 0, "layers_ratio"));
    }
    jf_claim c = {"C8.P7",
                  "drift of the reversible backward is below its prediction",
                  "trained flows, and untrained ones that contract, on data; "
                  "bound below 1/4",
                  "largest ratio at a row; e_k = 4 u (|h_{k-1}| + |h_k|) "
                  "assumed",
                  JF_IDENTITY,
                  "the sum over layers, without prefixes"};
    jf_judge(e->verdicts, &c, JF_AT_MOST,
             &(jf_finding){
                 .measured = worst, .expected = 1, .broken = alone - worst});
}

static void judge(experiment *e, const trip_tables *t)
{
    judge_bound(e, t->inverse, TRIP_FLOWS);
    if (sizeof(real) < sizeof(double))
        judge_use(e, t->inverse, TRIP_FLOWS + WORST_CHAIN);
    judge_shift(e, t->inverse, TRIP_FLOWS + SHIFT);
    judge_determinant(e, t->inverse, TRIP_FLOWS);
    judge_drift(e, t->gradients, TRIP_FLOWS);
}

void lipschitz_inverse(experiment *e)
{
    size_t points = TRIP_FLOWS + TRIPS, done = 0;
    trip_tables t = {
        jf_table_new(&e->args, NAME("lipschitz-inverse"),
                     "flow,precision,depth,radius,seed,roundtrip_error,"
                     "predicted_error,condition_number,log_abs_det_error,"
                     "nonfinite_percent,error_after_9,mean_distance_after_9,"
                     "test_nats,by_layer,by_product,by_one",
                     points),
        jf_table_new(&e->args, NAME("lipschitz-grid"),
                     "flow,precision,depth,x1,x2,roundtrip_error", points),
        jf_table_new(&e->args, NAME("lipschitz-gradients"),
                     "flow,precision,depth,drift,predicted_drift,"
                     "gradient_error,needs_checkpoints,drift_ratio,"
                     "layers_ratio",
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
    if (jf_table_whole(t.inverse) && jf_table_whole(t.gradients))
        judge(e, &t);
    jf_table_close(t.gradients);
    jf_table_close(t.grid);
    jf_table_close(t.inverse);
}
