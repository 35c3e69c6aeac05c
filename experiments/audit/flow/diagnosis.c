/* diagnosis.c -- which mistake leaves such a trace.
 *
 * Traces, with a = log_abs_det, B = log N(z; 0, I), T the change of volume by
 * neighbours:
 *     residual   ll - B - a    exact, at every row
 *     function   of a design: equal x, other answers
 *     volume     T - a         with the errors of T; needs x
 *     mass       of a design: more or less than 1
 *     back       x_back, log_abs_det_back against x and a
 *     Gaussian   that one explains x better although z is normal; needs x
 *     law        of z alone
 * Every known mistake is a row of one table (mistakes.c): the trace that it
 * predicts, in coefficients, what it means and what to do.  A row fits a
 * residual when it leaves no more than rounding at any row; it fits a volume
 * when it leaves no more than five errors, and no more than twice what the best
 * row leaves.  Of several that fit the first is told and the others are named.
 */
#include "mistakes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_statistics_double.h>

static double predicted(const hypothesis *h, const evidence *v, size_t i)
{
    double d = (double)v->d;
    double p = (h->ld + h->ld_d * d + h->ld_by_d / d) * v->ld[i] +
               (h->base + h->base_by_d / d) * v->base[i] +
               h->half * v->half[i] + h->per_d * d + h->constant;
    if (h->logit != 0)
        p += h->logit * v->logit[i];
    if (h->negative != 0)
        p += h->negative * v->negative[i];
    if (h->negative_z != 0)
        p += h->negative_z * v->negative_z[i];
    if (h->epsilon != 0)
        p += d * log1p(h->epsilon * exp(-v->ld[i] / d));
    return p;
}

/* Rounding of a prediction grows with its coefficients, and with a constant
 * that is added. */
static double size_of(const hypothesis *h, double d)
{
    return 1 + fabs(h->ld + h->ld_d * d + h->ld_by_d / d) +
           fabs(h->base + h->base_by_d / d) + fabs(h->half) +
           (h->per_d != 0 || h->constant != 0 ? 1 : 0) + (h->fit ? 4 : 0);
}

typedef struct { /* how a row does */
    int good;
    size_t missed; /* values that it leaves beyond their errors */
    double left, parameter[AUDIT_PARAMETERS];
} attempt;

/* The numbers of a trace, nine arrays in one. */
static evidence evidence_of(const flow_numbers *f, const audit_report *r,
                            trace t)
{
    const flow_volume *volume = &r->volume;
    size_t n = t == VOLUME ? volume->centres : f->n;
    double *all = jf_alloc(9 * n, sizeof *all);
    evidence v = {.n = n,
                  .d = f->d,
                  .value = all,
                  .ld = all + n,
                  .base = all + 2 * n,
                  .half = all + 3 * n,
                  .allowed = all + 4 * n,
                  .error = all + 5 * n,
                  .logit = all + 6 * n,
                  .negative = all + 7 * n,
                  .negative_z = all + 8 * n};
    for (size_t k = 0; k < n; k++) {
        size_t i = t == VOLUME ? volume->row[k] : k;
        v.ld[k] = f->ld[i];
        v.base[k] = f->base[i];
        v.half[k] = f->half[i];
        v.allowed[k] = f->allowed[i];
        for (size_t j = 0; t == VOLUME && j < f->d; j++) {
            double x = f->x[i * f->d + j];
            v.logit[k] += x > 0 && x < 1 ? log(x) + log1p(-x) : (double)NAN;
            v.negative[k] += x < 0;
            v.negative_z[k] += f->z[i * f->d + j] < 0;
        }
        if (t == VOLUME)
            v.error[k] =
                volume->allowed ? volume->allowed[k] : r->least_visible;
        v.value[k] = t == VOLUME ? volume->log_det[k] - f->ld[i]
                                 : f->ll[i] - f->base[i] - f->ld[i];
    }
    return v;
}

/* Of a design nine tenths of the points, over their own errors; of neighbours
 * the median. */
static double typical_left(size_t n, const flow_volume *volume, double usual,
                           double *left)
{
    if (!volume->allowed)
        return median_size(n, left);
    for (size_t k = 0; k < n; k++)
        left[k] *= usual / volume->allowed[k];
    median_size(n, left); /* sorted from here on */
    return gsl_stats_quantile_from_sorted_data(left, 1, n, 0.9);
}

/* What the hypothesis leaves: for a residual the largest multiple of rounding,
 * for a volume its usual size; of a design, how many points it leaves beyond
 * their errors, twice, for what is fitted errs as well. */
static void leave(const hypothesis *h, const evidence *v, const audit_report *r,
                  attempt *of)
{
    double worst = 0, size = size_of(h, (double)v->d);
    double *left = jf_alloc(v->n, sizeof *left);
    of->missed = 0;
    for (size_t i = 0; i < v->n; i++) {
        left[i] = v->value[i] - predicted(h, v, i);
        worst = fmax(worst, fabs(left[i]) / (size * v->allowed[i]));
        of->missed += h->trace == VOLUME && r->stencils &&
                      fabs(left[i]) > 2 * v->error[i] + size * v->allowed[i];
    }
    of->left = h->trace == VOLUME
                   ? typical_left(v->n, &r->volume, r->least_visible, left)
                   : worst;
    free(left);
}

static double rounding(const evidence *v)
{
    double most = 0;
    for (size_t i = 0; i < v->n; i++)
        most = fmax(most, v->allowed[i]);
    return most;
}

/* Whether row k fits; what it leaves: as above, 0 for those that hold or do
 * not. */
static void fit(size_t k, const flow_numbers *f, const audit_report *r,
                const evidence *v, attempt *of)
{
    hypothesis h = known_mistakes[k];
    *of = (attempt){0};
    if (h.holds) {
        of->good = h.holds(f, r, of->parameter);
        return;
    }
    if (h.fit && !h.fit(v, &h, of->parameter))
        return;
    leave(&h, v, r, of);
    of->good = of->left <= (h.trace == RESIDUAL
                                ? 1
                                : r->least_visible +
                                      size_of(&h, (double)f->d) * rounding(v));
}

static void test_rows(const flow_numbers *f, const audit_report *r, trace t,
                      const evidence *v, attempt *of)
{
    int any = 0;
    for (size_t k = 0; k < MISTAKES; k++) {
        const hypothesis *h = &known_mistakes[k];
        if (h->name && h->trace == t && !(any && h->dear))
            fit(k, f, r, v, &of[k]);
        any |= of[k].good;
    }
}

/* Of a design: only what leaves the fewest points unexplained, and fewer than
 * nothing at all does. */
static void keep_fewest(const evidence *v, attempt *of)
{
    size_t wrong = 0, fewest;
    for (size_t i = 0; i < v->n; i++)
        wrong += fabs(v->value[i]) > v->error[i];
    fewest = wrong ? wrong - 1 : v->n;
    for (size_t k = 0; k < MISTAKES; k++)
        if (of[k].good && !known_mistakes[k].holds && of[k].missed < fewest)
            fewest = of[k].missed;
    for (size_t k = 0; k < MISTAKES; k++)
        of[k].good &= known_mistakes[k].holds || of[k].missed <= fewest;
}

/* Of estimates, only what leaves at most twice the least counts; what holds
 * exactly comes first, then rows without a parameter, and of them the one that
 * leaves the least. */
static size_t choose_volume(const evidence *v, attempt *of)
{
    double least = HUGE_VAL;
    size_t best = MISTAKES;
    for (size_t k = 0; k < MISTAKES; k++)
        if (of[k].good && !known_mistakes[k].holds)
            least = fmin(least, of[k].left);
    least = fmax(least, 8 * rounding(v)); /* none is better than that */
    for (size_t k = 0; k < MISTAKES; k++)
        if (of[k].good && known_mistakes[k].holds && !known_mistakes[k].last)
            return k;
    for (size_t k = 0; k < MISTAKES; k++) {
        of[k].good &=
            known_mistakes[k].holds != NULL || of[k].left <= 2 * least;
        int free_of = !known_mistakes[k].holds && !known_mistakes[k].fit;
        if (of[k].good && free_of &&
            (best == MISTAKES || of[k].left < of[best].left))
            best = k;
    }
    return best;
}

/* As another that fits, unless its name is known already. */
static void name_also(audit_report *r, const hypothesis *h)
{
    int known = h->last || strcmp(h->name, r->found->name) == 0;
    for (size_t k = 0; k < r->n_also; k++)
        known |= strcmp(h->name, r->also[k]->name) == 0;
    if (!known)
        r->also[r->n_also++] = h;
}

static void choose(const flow_numbers *f, audit_report *r, trace t)
{
    evidence v = evidence_of(f, r, t);
    attempt of[MISTAKES] = {{0}};
    size_t best = MISTAKES;
    test_rows(f, r, t, &v, of);
    if (t == VOLUME && r->stencils)
        keep_fewest(&v, of);
    if (t == VOLUME)
        best = choose_volume(&v, of);
    for (size_t k = 0; k < MISTAKES && best == MISTAKES; k++)
        if (of[k].good)
            best = k;
    r->found = &known_mistakes[best];
    memcpy(r->parameter, of[best].parameter, sizeof r->parameter);
    for (size_t k = 0; k < MISTAKES && r->n_also < AUDIT_ALSO; k++)
        if (of[k].good && !(t == RESIDUAL && known_mistakes[k].fit))
            name_also(r, &known_mistakes[k]);
    free(v.value);
}

void audit_diagnose(const flow_numbers *f, audit_report *r)
{
    if (r->residual_wrong)
        choose(f, r, RESIDUAL);
    else if (r->not_a_function)
        choose(f, r, FUNCTION);
    else if (r->volume_wrong)
        choose(f, r, VOLUME);
    else if (r->mass_wrong)
        choose(f, r, MASS);
    else if (r->back_wrong)
        choose(f, r, BACK);
    else if (r->not_one_to_one)
        choose(f, r, LAW);
    else if (r->too_small)
        choose(f, r, GAUSSIAN);
    else if (r->misfit)
        choose(f, r, LAW);
    else if (r->wrong)
        choose(f, r, ROWS);
}
