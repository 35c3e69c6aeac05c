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
 *           over the records (affine: NaN), worst_broken: with psi without its
 *           half; of_a_layer: the largest that one layer proves.
 *           lipschitz-layers.csv: runs of the first seed by layer, all laws but
 *           the modes.  Nats. */
#include "budget.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct { /* the worst of all runs; clip, above: affine ones */
    double clip, above, outside, rounding;
    double wrong_clip, wrong_above, wrong_outside; /* by the broken formulas */
    size_t records, affine, elsewhere; /* by a random start: not at the clip */
    int arrived;
} tally;

/* What rounding may add to a trained affine flow: singular values in a range
 * that is 1e-12 wider than asked for (bounded.c), eigenvalues with their own
 * error, and sixteen roundings of each of 2 d terms. */
static double allowed(const jf_moments *m, double lip, double inverse,
                      double *wrong_value)
{
    double sum = 0;
    *wrong_value = -0.5 * (double)m->d * JF_LOG_2PI;
    for (size_t i = 0; i < m->d; i++) {
        double lambda = m->lambda_sigma[i];
        double s = fmin(fmax(1 / sqrt(lambda), 1 / inverse), lip);
        double term = 0.5 * s * s * lambda + fabs(log(s)) + 1;
        sum += (2e-12 + m->relative_error + 32 * DBL_EPSILON) * term;
        *wrong_value += log(s) - 0.5 * s * lambda; /* s for s^2 */
    }
    return sum;
}

static void count_affine(const jf_table *t, size_t p, const jf_moments *m,
                         tally *n)
{
    double reference = jf_table_number(t, p, 0, "reference_nats");
    double nats = jf_table_number(t, p, 0, "test_nats");
    double random = jf_table_number(t, p, 0, "random_start_nats");
    double wrong,
        most = allowed(m, jf_table_number(t, p, 0, "lip_budget"),
                       jf_table_number(t, p, 0, "inverse_budget"), &wrong);
    char status[32];
    jf_table_string(t, p, 0, "status", status, sizeof status);
    n->arrived &= strcmp(status, "converged") == 0;
    n->clip = jf_worse(n->clip, fabs(nats - reference));
    n->wrong_clip = jf_worse(n->wrong_clip, fabs(nats - wrong));
    n->above = jf_worse(n->above, (nats - reference) / most);
    n->wrong_above = jf_worse(n->wrong_above, (nats - wrong) / most);
    n->affine++;
    n->elsewhere += !(fabs(random - reference) <= 1e-6);
}

/* How far one of the two constants is above what is said of it. */
static double outside(const jf_table *t, size_t p, const char *lip,
                      const char *inverse)
{
    return jf_worse(jf_table_number(t, p, 0, "lip_measured") /
                            jf_table_number(t, p, 0, lip) -
                        1,
                    jf_table_number(t, p, 0, "inverse_lip_measured") /
                            jf_table_number(t, p, 0, inverse) -
                        1);
}

static void count_run(const jf_table *t, size_t p, tally *n)
{
    n->records += (size_t)jf_table_number(t, p, 0, "records");
    n->rounding =
        jf_worse(n->rounding,
                 64 * DBL_EPSILON * jf_table_number(t, p, 0, "lip_measured") *
                     jf_table_number(t, p, 0, "inverse_lip_measured"));
    n->outside = jf_worse(
        n->outside, outside(t, p, "lip_certified", "inverse_lip_certified"));
    n->wrong_outside =
        jf_worse(n->wrong_outside,
                 outside(t, p, "lip_of_a_layer", "inverse_lip_of_a_layer"));
}

static void judge_affine(const experiment *e, const tally *n)
{
    jf_text text = {0};
    jf_text_add(&text,
                "affine flows with singular values in [1/M, L] reach the "
                "clipped spectrum (from random directions %zu of %zu do not)",
                n->elsewhere, n->affine);
    jf_claim claim = {
        "C6.5i",
        text.data,
        "spectra of condition 225 and 1e4, two tables; L, M = 1/4 .. 5 or none",
        "largest distance of the trained value, started from the optimum "
        "without budgets, inside the range; 1e-6 asked",
        JF_OPTIMISATION,
        "s for s^2"};
    jf_finding found = {.measured = n->clip,
                        .tolerance = 1e-6,
                        .broken = n->wrong_clip - n->clip};
    if (!n->arrived)
        snprintf(found.open, sizeof found.open, "an optimiser has not arrived");
    jf_judge(e->verdicts, &claim, JF_EQUAL, &found);
    free(text.data);
    claim.statement = "affine flows never exceed the clipped spectrum";
    claim.method = "largest excess of the trained value, in units of what "
                   "rounding may add: 2e-12 of every term and the eigenvalues' "
                   "error";
    found = (jf_finding){.measured = n->above,
                         .expected = 1,
                         .broken = n->wrong_above - n->above};
    jf_judge(e->verdicts, &claim, JF_AT_MOST, &found);
}

/* z (records): of each run its worst record, as often as it has records, the
 * worst of all in front; so the family's p is that of all records. */
static double *worst_first(const jf_table *t, size_t first, size_t points,
                           const char *column, size_t *count)
{
    size_t room = 0, worst = 0;
    for (size_t p = first; p < points; p++)
        if (jf_table_rows(t, p))
            room += (size_t)jf_table_number(t, p, 0, "records");
    double *z = jf_alloc(room + 1, sizeof *z);
    *count = 0;
    for (size_t p = first; p < points; p++)
        for (size_t k = 0; jf_table_rows(t, p) &&
                           k < (size_t)jf_table_number(t, p, 0, "records");
             k++) {
            z[*count] = jf_table_number(t, p, 0, column);
            if (!(z[*count] <= z[worst]))
                worst = *count;
            ++*count;
        }
    double front = z[worst];
    z[worst] = z[0];
    z[0] = front;
    return z;
}

static void judge_flows(const experiment *e, const jf_table *t, size_t first,
                        size_t points)
{
    size_t count;
    double *z = worst_first(t, first, points, "worst_excess", &count);
    double *wrong = worst_first(t, first, points, "worst_broken", &count);
    jf_finding found = {.d = 2, .n = count};
    jf_text says = {0};
    jf_text_add(&says,
                "no flow is above the universal bounds of its proved constants "
                "(%zu flows)",
                count);
    jf_claim claim = {
        "C6.5ii",
        says.data,
        "f onto R^d; laws of known entropy, d = 2; additive, residual, Brenier "
        "and spline flows at eight stages",
        "largest (cost - KL) / se over 2000 fresh points a run, paired; cost "
        "by M, and by L (C6.5iii, C6.8); Bonferroni over all flows",
        JF_STATISTIC,
        "psi without its half"};
    jf_family(&found, count, z, 0, JF_AT_MOST);
    jf_family_broken(&found, count, wrong, 0, JF_AT_MOST);
    jf_judge(e->verdicts, &claim, JF_AT_MOST, &found);
    free(says.data);
    free(wrong);
    free(z);
}

/* X Gaussian, the clip as a flow on rows of exactly X's moments, over which its
 * mean log-likelihood is that over X. */
static void judge_equality(const experiment *e)
{
    static const double lambda[] = {9, 2, 0.5, 0.04},
                        inverses[] = {0.5, 1, 1.5, 2, 2.5};
    enum { D = 4 };
    double t[D * D] = {0}, mean[D] = {0}, worst = 0, wrong = 0, entropy;
    jf_moments m = {.n = D + 1, .d = D, .mean = mean, .t_sigma = t};
    jf_matrix x = jf_matrix_new(D + 1, D);
    jf_layer *f = jf_diagonal(D);
    jf_latent q = jf_normal();
    jf_likelihood value;
    real theta[D];
    for (size_t i = 0; i < D; i++)
        t[i * (D + 1)] = sqrt(lambda[i]);
    jf_moments_rows(&m, x);
    entropy = -jf_eig(D, lambda);
    for (size_t k = 0; k < sizeof inverses / sizeof *inverses; k++) {
        double most = inverses[k], root = sqrt(most);
        for (size_t i = 0; i < D; i++)
            theta[i] = (real)log(fmax(1 / sqrt(lambda[i]), 1 / most));
        if (jf_nll(f, &q, theta, jf_const(x), &value, NULL, e->team) !=
            GSL_SUCCESS)
            value.nll = (double)NAN;
        double kl = value.nll - entropy;
        worst = jf_worse(worst, fabs(kl - inverse_cost(D, lambda, most)));
        wrong = jf_worse(wrong, fabs(kl - inverse_cost(D, lambda, root)));
    }
    jf_claim claim = {"C6.5ii",
                      "and Gaussian X under the clip meets the bound by M",
                      "lambda = 9, 2, .5, .04; M = .5 .. 2.5",
                      "largest distance; roundings of terms below 20",
                      JF_IDENTITY,
                      "psi(lambda/M) for psi(lambda/M^2)"};
    jf_judge(e->verdicts, &claim, JF_EQUAL,
             &(jf_finding){.measured = worst,
                           .tolerance = 1e-12,
                           .broken = wrong - worst});
    jf_layer_free(f);
    jf_matrix_free(&x);
}

static void judge(const experiment *e, const jf_table *t, const affine_data *a,
                  size_t affine, size_t points)
{
    tally n = {.above = -(double)INFINITY,
               .wrong_above = -(double)INFINITY,
               .outside = -(double)INFINITY,
               .wrong_outside = -(double)INFINITY,
               .arrived = 1};
    for (size_t p = 0; p < points; p++) {
        if (!jf_table_rows(t, p))
            continue;
        count_run(t, p, &n);
        if (p < affine)
            count_affine(t, p, &a[p / BUDGET_PAIRS].m, &n);
    }
    judge_affine(e, &n);
    if (!e->args.data) {
        judge_flows(e, t, affine, points);
        judge_equality(e);
    }
    jf_claim claim = {"C6.1",
                      "proved Lipschitz constants hold what is measured and "
                      "searched for",
                      "every row of lipschitz-budget.csv",
                      "largest relative excess; 64 roundings times the largest "
                      "condition, of two SVDs",
                      JF_IDENTITY,
                      "the largest constant of a layer for their product"};
    if (!e->args.data)
        jf_judge(e->verdicts, &claim, JF_AT_MOST,
                 &(jf_finding){.measured = n.outside,
                               .tolerance = n.rounding,
                               .broken = n.wrong_outside - n.outside});
}

static budget_tables tables_new(const experiment *e, size_t points)
{
    return (budget_tables){
        jf_table_new(&e->args, "lipschitz-budget",
                     "target,flow,lip_budget,inverse_budget,seed,test_nats,"
                     "reference_nats,bound_nats,lip_measured,"
                     "inverse_lip_measured,lip_certified,"
                     "inverse_lip_certified,se_nats,records,worst_excess,"
                     "random_start_nats,status,worst_broken,"
                     "lip_of_a_layer,inverse_lip_of_a_layer",
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
    if (jf_table_whole(t.budget))
        judge(e, t.budget, a, affine, points);
    for (size_t k = 0; k < count; k++)
        budget_data_free(&a[k]);
    jf_table_close(t.layers);
    jf_table_close(t.budget);
}
