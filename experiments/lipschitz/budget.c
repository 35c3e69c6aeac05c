/* budget.c -- flows trained under budgets, against what any flow can reach.
 *
 * Question  With Lip f <= L or Lip f^-1 <= M, how much likelihood is lost, and
 *           is any flow ever above the universal bounds (C6.5)?
 * Method    Affine flows on spectra and tables (affine.c), where the optimum is
 *           known; nonlinear ones, d = 2, on laws of known entropy
 *           (nonlinear.c, laws.c).
 * Writes    lipschitz-budget.csv: a run per row; budgets inf: none; reference:
 *           the affine clip; bound: -h minus the cost of the budget; measured:
 *           searched from 32 points; worst_excess: the largest (cost - KL) / se
 *           over the records (affine: NaN).
 *           lipschitz-layers.csv: runs of the first seed by layer, all laws but
 *           the modes.  Nats. */
#include "budget.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct { /* the worst of all runs; clip, above: affine ones */
    double clip, above, excess, outside;
    size_t records, affine, elsewhere; /* by a random start: not at the clip */
} tally;

static void count_run(const jf_table *t, size_t p, tally *n)
{
    double reference = jf_table_number(t, p, 0, "reference_nats");
    double gap = jf_table_number(t, p, 0, "test_nats") - reference;
    double random = jf_table_number(t, p, 0, "random_start_nats");
    double lip = jf_table_number(t, p, 0, "lip_certified");
    double inverse = jf_table_number(t, p, 0, "inverse_lip_certified");
    char flow[32];
    jf_table_string(t, p, 0, "flow", flow, sizeof flow);
    if (strcmp(flow, "affine") == 0) {
        n->clip = jf_worse(n->clip, fabs(gap));
        n->above = jf_worse(n->above, gap);
        n->affine++;
        n->elsewhere += !(fabs(random - reference) <= 1e-5);
    } else {
        n->excess =
            jf_worse(n->excess, jf_table_number(t, p, 0, "worst_excess"));
    }
    n->records += (size_t)jf_table_number(t, p, 0, "records");
    n->outside = jf_worse(n->outside,
                          jf_table_number(t, p, 0, "lip_measured") / lip - 1);
    n->outside = jf_worse(
        n->outside,
        jf_table_number(t, p, 0, "inverse_lip_measured") / inverse - 1);
}

static void judge_affine(const experiment *e, const tally *n)
{
    jf_text text = {0};
    jf_text_add(&text,
                "affine flows with singular values in [1/M, L] reach the "
                "clipped spectrum (from random directions %zu of %zu do not)",
                n->elsewhere, n->affine);
    jf_claim claim = {
        "C6.5i", text.data,
        "spectra of condition 225 and 1e4, two tables; L, M = 1/4 "
        ".. 5 or none",
        "largest distance of the trained value; asked 1e-5"};
    jf_verdict(e->verdicts, &claim, n->clip, JF_EQUAL, 0, 1e-5);
    free(text.data);
    claim.statement = "affine flows never exceed the clipped spectrum";
    claim.method = "largest excess of the trained value; rounding";
    jf_verdict(e->verdicts, &claim, n->above, JF_AT_MOST, 0, 1e-9);
}

static void judge(const experiment *e, const jf_table *t, size_t points)
{
    tally n = {.above = -(double)INFINITY,
               .excess = -(double)INFINITY,
               .outside = -(double)INFINITY};
    for (size_t p = 0; p < points; p++)
        if (jf_table_rows(t, p))
            count_run(t, p, &n);
    judge_affine(e, &n);
    jf_text says = {0};
    jf_text_add(&says,
                "no flow is above the universal bounds of its proved constants "
                "(%zu flows)",
                n.records);
    jf_claim claim = {"C6.5ii", says.data,
                      "laws of known entropy, d = 2; additive, residual, "
                      "Brenier and spline flows at eight stages",
                      "largest (cost - KL) in standard errors over 2000 "
                      "points; cost by M and by L (C6.5iii)"};
    if (!e->args.data)
        jf_verdict(e->verdicts, &claim, n.excess, JF_AT_MOST, 0, 5);
    free(says.data);
    claim = (jf_claim){"C6.1",
                       "proved Lipschitz constants hold what is measured and "
                       "searched for",
                       "every row of lipschitz-budget.csv",
                       "largest relative excess; rounding of two SVDs"};
    jf_verdict(e->verdicts, &claim, n.outside, JF_AT_MOST, 0, 1e-9);
}

static budget_tables tables_new(const experiment *e, size_t points)
{
    return (budget_tables){
        jf_table_new(&e->args, "lipschitz-budget",
                     "target,flow,lip_budget,inverse_budget,seed,test_nats,"
                     "reference_nats,bound_nats,lip_measured,"
                     "inverse_lip_measured,lip_certified,"
                     "inverse_lip_certified,se_nats,records,worst_excess,"
                     "random_start_nats,status",
                     points),
        jf_table_new(&e->args, "lipschitz-layers",
                     "target,flow,lip_budget,inverse_budget,index,layer,"
                     "radius,least_proved,largest_proved,least_measured,"
                     "largest_measured",
                     points)};
}

/* Points: affine data x pairs of budgets, then laws x flows x budgets x seeds.
 */
void lipschitz_budget(experiment *e)
{
    size_t seeds = by_profile(e, 1, 2, 10), done = 0;
    size_t count =
        e->args.data ? 1 : by_profile(e, 1, BUDGET_AFFINE, BUDGET_AFFINE);
    size_t affine = count * BUDGET_PAIRS;
    size_t points = affine + (e->args.data ? 0 : BUDGET_NONLINEAR * seeds);
    affine_data a[BUDGET_AFFINE];
    budget_tables t = tables_new(e, points);

    for (size_t k = 0; k < count; k++)
        a[k] = budget_data(e, k);
#pragma omp parallel for schedule(dynamic, 1) num_threads((int)e->team->threads)
    for (size_t p = 0; p < points; p++) {
        if (!jf_table_has(t.budget, p) || !jf_table_has(t.layers, p)) {
            size_t k = p - affine;
            if (p < affine)
                budget_affine(e, &a[p / BUDGET_PAIRS], p % BUDGET_PAIRS, &t, p);
            else
                budget_nonlinear(e, k / seeds, e->args.seed + k % seeds, &t, p);
            jf_table_finish(t.budget, p);
            jf_table_finish(t.layers, p);
        }
#pragma omp critical(lipschitz_budget)
        jf_progress(&e->args, "budgets", ++done, points);
    }
    judge(e, t.budget, points);
    for (size_t k = 0; k < count; k++)
        budget_data_free(&a[k]);
    jf_table_close(t.layers);
    jf_table_close(t.budget);
}
