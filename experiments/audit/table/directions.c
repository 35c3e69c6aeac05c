/* directions.c -- how far from Gaussian is each direction?
 *
 * Question  How many nats does a flow gain along one direction, over the
 *           Gaussian of an affine flow?
 * Method    Five folds.  On the other four a histogram with bins of equal mass
 *           is fitted (invariant under changes of units), their number chosen
 *           among 2, 4, .. 128 on the last quarter of them, mixed with the
 *           Gaussian of the same rows; on the fold the mean of log histogram -
 *           log Gaussian is, in mean, at most the negentropy J of the direction
 *           (C2.1), and zero gain for Gaussian data.  Principal directions are
 *           uncorrelated, and so are the columns sphered by Sigma^-1/2, those
 *           nearest to the columns: their J add up to at most J of the table
 *           (C3.8: what is left is their dependence).
 * Writes    audit-directions.csv [nats]. */
#include "parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_sort.h>

/* VALUES: of all directions together, above which rows are a sample. */
enum { FOLDS = 5, MOST_BINS = 128, SHOWN = 5, BLOCK = 16, VALUES = 15000000 };

/* A histogram of equal masses between edges, log_density of each bin times its
 * weight, and the Gaussian of its rows, whose weight is that of one bin. */
typedef struct {
    size_t bins;
    double edge[MOST_BINS + 1], log_density[MOST_BINS];
    double weight, log_weight, mean, sd, log_sd;
} histogram;

/* v (n): sorted. */
static void fit(histogram *h, size_t bins, size_t n, const double *v)
{
    double sum = 0, square = 0;
    h->bins = bins;
    for (size_t b = 0; bins && b <= bins; b++) {
        double at = (double)b / (double)bins * (double)(n - 1);
        size_t i = (size_t)at < n - 1 ? (size_t)at : n - 2;
        h->edge[b] = v[i] + (at - (double)i) * (v[i + 1] - v[i]);
    }
    h->weight = 1 / (double)(h->bins + 1);
    h->log_weight = log(h->weight);
    for (size_t b = 0; b < bins; b++)
        h->log_density[b] =
            log((1 - h->weight) / (double)bins / (h->edge[b + 1] - h->edge[b]));
    for (size_t i = 0; i < n; i++)
        sum += v[i];
    h->mean = sum / (double)n;
    for (size_t i = 0; i < n; i++)
        square += (v[i] - h->mean) * (v[i] - h->mean);
    h->sd = sqrt(square / (double)n);
    h->log_sd = log(h->sd);
}

/* log of the mixture over the Gaussian at x; no bins: the Gaussian alone. */
static double gain(const histogram *h, double x)
{
    size_t low = 0, high = h->bins;
    if (h->bins == 0)
        return 0;
    if (!(x >= h->edge[0] && x < h->edge[h->bins]))
        return h->log_weight;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (x < h->edge[middle])
            high = middle;
        else
            low = middle;
    }
    double u = (x - h->mean) / h->sd;
    double ratio = h->log_density[low] + 0.5 * (u * u + JF_LOG_2PI) + h->log_sd;
    return ratio > 0 ? ratio + log1p(h->weight * exp(-ratio))
                     : log(h->weight + exp(ratio));
}

/* Rows v (n) in an order drawn at random, and their places by value. */
typedef struct {
    size_t n;
    const double *v;
    size_t *sorted;
} sorted_rows;

/* The rows first .. last - 1 of the folds that are not fold (in the order drawn),
 * by value, into to; how many. */
static size_t take(const sorted_rows *s, size_t fold_first, size_t fold_last,
                   size_t part, double *to)
{
    size_t count = 0, fold = fold_last - fold_first;
    for (size_t i = 0; i < s->n; i++) {
        size_t at = s->sorted[i];
        size_t place = at < fold_first ? at : at - fold;
        if ((at < fold_first || at >= fold_last) && place < part)
            to[count++] = s->v[at];
    }
    return count;
}

/* The number of bins that does best on the last quarter of the rows that are
 * not of the fold: 0 when none beats the Gaussian there, so that no gain is an
 * honest answer. */
static size_t choose_bins(const sorted_rows *s, size_t fold_first,
                          size_t fold_last, double *scratch)
{
    size_t n = s->n - (fold_last - fold_first), part = n - n / 4, best = 0;
    double most = 0;
    take(s, fold_first, fold_last, part, scratch);
    for (size_t bins = 2; bins <= MOST_BINS && 4 * bins <= part; bins *= 2) {
        histogram h;
        double sum = 0;
        fit(&h, bins, part, scratch);
        for (size_t i = part; i < n; i++)
            sum +=
                gain(&h, s->v[i < fold_first ? i : i + fold_last - fold_first]);
        if (sum > most) {
            most = sum;
            best = bins;
        }
    }
    return best;
}

void audit_gains_along(size_t n, const double *v, double *gains)
{
    double *scratch = jf_alloc(n, sizeof *scratch);
    sorted_rows s = {n, v, jf_alloc(n, sizeof *s.sorted)};
    gsl_sort_index(s.sorted, v, 1, n);
    for (size_t k = 0; k < FOLDS; k++) {
        size_t first = n * k / FOLDS, last = n * (k + 1) / FOLDS;
        histogram h;
        size_t bins = choose_bins(&s, first, last, scratch);
        size_t count = take(&s, first, last, n, scratch);
        fit(&h, bins, count, scratch);
        for (size_t i = first; i < last; i++)
            gains[i] = gain(&h, v[i]);
    }
    free(s.sorted);
    free(scratch);
}

typedef struct {
    audit *a;
    size_t n, d;
    double *rows;    /* (n, d): standardised, in an order drawn at random */
    double *vectors; /* (2 d, d): rows, principal directions of standardised
                        data, then Sigma^-1/2 */
    double *sums;    /* (lanes, 3, n): gains of a row along its lane's
                        directions, summed by kind */
    jf_sample_moments *shape;               /* (3 d): gains                */
    double *variance, *skewness, *kurtosis; /* (3 d) */
} survey;

enum { COLUMN, PRINCIPAL, SPHERED, KINDS };
static const char *const kinds[] = {"column", "principal", "sphered"};

/* Values along directions k .. k + count - 1, of one kind, into v (count, n). */
static void values_along(const survey *s, size_t k, size_t count, double *v)
{
    if (k >= s->d) {
        jf_dgemm(JF_NT, count, s->n, s->d, 1, s->vectors + (k - s->d) * s->d,
                 s->rows, 0, v);
        return;
    }
    for (size_t c = 0; c < count; c++)
        for (size_t i = 0; i < s->n; i++)
            v[c * s->n + i] = s->rows[i * s->d + k + c];
}

static void describe(survey *s, size_t k, const double *v)
{
    double n = (double)s->n, mean = 0, m2 = 0, m3 = 0, m4 = 0;
    for (size_t i = 0; i < s->n; i++)
        mean += v[i] / n;
    for (size_t i = 0; i < s->n; i++) {
        double u = v[i] - mean, uu = u * u;
        m2 += uu / n;
        m3 += uu * u / n;
        m4 += uu * uu / n;
    }
    s->variance[k] = m2;
    s->skewness[k] = m3 / (m2 * sqrt(m2));
    s->kurtosis[k] = m4 / (m2 * m2) - 3;
}

static int survey_lane(void *arg, size_t lane, size_t first, size_t count,
                       jf_work *work)
{
    survey *s = arg;
    size_t n = s->n, last = first + count, width = 0;
    double *v = jf_push_bytes(work, (BLOCK + 1) * n * sizeof *v);
    double *gains = v + BLOCK * n;
    for (size_t k = first; k < last; k += width) {
        size_t end = (k / s->d + 1) * s->d; /* of the kind */
        width = end < last ? end - k : last - k;
        width = width < BLOCK ? width : BLOCK;
        values_along(s, k, width, v);
        for (size_t c = 0; c < width; c++) {
            describe(s, k + c, v + c * n);
            audit_gains_along(n, v + c * n, gains);
            s->shape[k + c] = jf_sample_of(n, gains);
            for (size_t i = 0; i < n; i++)
                s->sums[(lane * KINDS + k / s->d) * n + i] += gains[i];
        }
    }
    jf_pop(work, v);
    return GSL_SUCCESS;
}

static void write_rows(const survey *s, audit_tables *t)
{
    for (size_t k = 0; k < KINDS * s->d; k++) {
        char name[32];
        if (k / s->d == PRINCIPAL)
            snprintf(name, sizeof name, "principal %zu", k % s->d + 1);
        else
            memcpy(name, s->a->label[k % s->d], sizeof name);
        jf_table_row(t->of[AUDIT_DIRECTIONS], t->point,
                     "%s,%zu,%s,%s," JF_G "," JF_G "," JF_G "," JF_G "," JF_G,
                     s->a->name, s->n, kinds[k / s->d], name, s->variance[k],
                     s->skewness[k], s->kurtosis[k], s->shape[k].mean,
                     s->shape[k].se);
    }
}

/* The columns that gain most. */
static void print_columns(const survey *s)
{
    int *told = jf_alloc(s->d, sizeof *told);
    printf("  least Gaussian columns: negentropy at least [nats]  C3.8\n");
    for (size_t shown = 0; shown < SHOWN && shown < s->d; shown++) {
        size_t best = s->d;
        for (size_t k = 0; k < s->d; k++)
            if (!told[k] &&
                (best == s->d || s->shape[k].mean > s->shape[best].mean))
                best = k;
        told[best] = 1;
        printf("    %-32s %8.3f +- %.3f  skewness %.2f, excess kurtosis "
               "%.2f\n",
               s->a->label[best], s->shape[best].mean, s->shape[best].se,
               s->skewness[best], s->kurtosis[best]);
    }
    free(told);
}

/* The sum over the directions of a kind, row by row. */
static jf_sample_moments sum_of(const survey *s, size_t lanes, size_t kind)
{
    double *sum = jf_alloc(s->n, sizeof *sum);
    for (size_t l = 0; l < lanes; l++)
        for (size_t i = 0; i < s->n; i++)
            sum[i] += s->sums[(l * KINDS + kind) * s->n + i];
    jf_sample_moments m = jf_sample_of(s->n, sum);
    free(sum);
    return m;
}

static const char *note_of(jf_sample_moments s)
{
    return s.mean > 2 * s.se ? " at least" : " none";
}

/* The better of the two sums is what the advice goes by. */
static void add_up(survey *s, size_t lanes, audit_tables *t)
{
    audit *a = s->a;
    jf_sample_moments principal = sum_of(s, lanes, PRINCIPAL);
    jf_sample_moments sphered = sum_of(s, lanes, SPHERED);
    audit_mention(a, t, "C3.8", "negentropy of principal directions summed",
                  "nats", principal.mean, principal.se, note_of(principal));
    audit_say(a, t, "C3.8", "negentropy of sphered columns summed", "nats",
              sphered.mean, sphered.se, note_of(sphered));
    a->marginal = fmax(principal.mean, sphered.mean);
    a->se_marginal = principal.mean > sphered.mean ? principal.se : sphered.se;
}

static void survey_table(survey *s, audit_tables *t)
{
    size_t count = KINDS * s->d, lanes = jf_lanes(count, 1);
    s->sums = jf_alloc(lanes * KINDS * s->n, sizeof *s->sums);
    s->shape = jf_alloc(count, sizeof *s->shape);
    s->variance = jf_alloc(3 * count, sizeof *s->variance);
    s->skewness = s->variance + count;
    s->kurtosis = s->variance + 2 * count;
    jf_team_run(s->a->e->team, count, lanes, survey_lane, s);
    write_rows(s, t);
    if (s->a->loud && s->a->verbose)
        print_columns(s);
    add_up(s, lanes, t);
    free(s->variance);
    free(s->shape);
    free(s->sums);
}

/* Sigma^-1/2 = V' Lambda^-1/2 V below V; a direction without variance counts
 * for nothing there. */
static int find_vectors(const audit *a, double *vectors)
{
    size_t d = a->y.cols;
    double *lambda = jf_alloc(d, sizeof *lambda);
    double *scaled = jf_alloc(d * d, sizeof *scaled);
    memcpy(vectors, a->m.sigma, d * d * sizeof *vectors);
    int status = jf_eigen_symmetric(d, vectors, lambda, 1);
    for (size_t i = 0; i < d * d && status == GSL_SUCCESS; i++)
        scaled[i] = lambda[i / d] > a->m.tolerance * lambda[0]
                        ? vectors[i] / sqrt(lambda[i / d])
                        : 0;
    if (status == GSL_SUCCESS)
        jf_dgemm(JF_TN, d, d, d, 1, vectors, scaled, 0, vectors + d * d);
    free(scaled);
    free(lambda);
    return status;
}

enum { LEAST_ROWS = 40 };

size_t audit_direction_rows(size_t n, size_t d)
{
    size_t most = VALUES / (KINDS * d);
    return n < most ? n : most;
}

void audit_directions(audit *a, audit_tables *t)
{
    size_t n = a->y.rows, d = a->y.cols;
    a->marginal = a->se_marginal = (double)NAN;
    if (n < LEAST_ROWS) {
        if (a->loud)
            printf("  Fewer than %d rows: no test of Gaussianity.\n",
                   LEAST_ROWS);
        return;
    }
    survey s = {.a = a, .n = audit_direction_rows(n, d), .d = d};
    s.vectors = jf_alloc(2 * d * d, sizeof *s.vectors);
    if (find_vectors(a, s.vectors) != GSL_SUCCESS)
        jf_fail(1, "%s: the eigenvalues did not converge", a->name);
    size_t *order = audit_shuffle(n, a->e->args.seed, 2);
    s.rows = jf_alloc(s.n * d, sizeof *s.rows);
    for (size_t i = 0; i < s.n; i++)
        for (size_t j = 0; j < d; j++)
            s.rows[i * d + j] = (double)jf_row(a->y, order[i])[j];
    free(order);
    survey_table(&s, t);
    free(s.rows);
    free(s.vectors);
}
