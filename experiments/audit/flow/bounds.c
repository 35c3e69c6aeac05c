/* bounds.c -- what never passes a bound, and what heaps up at a value. */
#include "mistakes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>

/* FEW: what rounding to equal numbers does to a density by chance is far less
 * (find_atom). */
enum { FEW = 8 };

/* The points of a table, each once, by x or else z. */
static size_t points_of(const flow_numbers *f, size_t *row)
{
    size_t *first = jf_alloc(f->n, sizeof *first), m = 0;
    same_points(f->n, f->d, f->x ? f->x : f->z, first);
    for (size_t i = 0; i < f->n; i++)
        if (first[i] == i)
            row[m++] = i;
    free(first);
    return m;
}

/* The longest run of one value in column j of v (n, d), over m rows; order (m)
 * is those rows by that column, and begin where the run begins. */
static size_t longest_run(size_t m, const size_t *row, size_t d, size_t j,
                          const double *v, size_t *order, size_t *begin)
{
    double *key = jf_alloc(m, sizeof *key);
    size_t longest = 0, start = 0;
    for (size_t i = 0; i < m; i++)
        key[i] = v[row[i] * d + j];
    gsl_sort_index(order, key, 1, m);
    for (size_t i = 0; i < m; i++) {
        if (key[order[i]] > key[order[start]])
            start = i;
        if (i - start + 1 > longest) {
            longest = i - start + 1;
            *begin = start;
        }
    }
    for (size_t i = 0; i < m; i++)
        order[i] = row[order[i]];
    free(key);
    return longest;
}

/* Whether each column of x has no value at more than half of these rows: z may
 * well repeat where x does. */
static int differ(const flow_numbers *f, size_t m, const size_t *row)
{
    size_t *order = jf_alloc(m, sizeof *order), begin;
    int yes = 1;
    for (size_t j = 0; yes && j < f->d; j++)
        yes = 2 * longest_run(m, row, f->d, j, f->x, order, &begin) <= m;
    free(order);
    return yes;
}

/* Of m numbers with a density below 4 over their deviation sd, those within a
 * rounding step of v are as many by chance as the step allows, at most. */
static double by_chance(const flow_numbers *f, size_t m, double sd, double v)
{
    double step = 2 * written_error(&f->of_z, v) +
                  2 * f->of_z.unit * (fabs(v) + sd * 0x1p-20);
    return 4 * (double)m * step / sd;
}

int flow_atom(const flow_numbers *f, double *parameter)
{
    size_t *row = jf_alloc(2 * f->n, sizeof *row), *order = row + f->n;
    size_t m = points_of(f, row), begin = 0;
    double *column = jf_alloc(f->n, sizeof *column);
    parameter[2] = 0;
    for (size_t j = 0; j < f->d; j++) {
        size_t run = longest_run(m, row, f->d, j, f->z, order, &begin);
        double v = f->z[order[begin] * f->d + j];
        for (size_t i = 0; i < m; i++)
            column[i] = f->z[row[i] * f->d + j];
        double sd = sqrt(jf_sample_of(m, column).variance);
        if ((double)run <= FEW + 4 * by_chance(f, m, sd, v) ||
            (double)run <= parameter[2] ||
            (f->x && !differ(f, run, order + begin)))
            continue;
        parameter[0] = (double)(j + 1);
        parameter[1] = v;
        parameter[2] = (double)run;
    }
    free(column);
    free(row);
    return parameter[2] > 0;
}

int z_has_atom(const flow_numbers *f, const audit_report *r, double *parameter)
{
    (void)r;
    return flow_atom(f, parameter);
}

/* That none of count normal numbers of deviation sd lies above bound. */
static double log_none_above(double count, double bound, double sd)
{
    return count * log1p(-gsl_cdf_ugaussian_Q(bound / sd));
}

/* The largest z_j, or the least, is too near the mean for a normal law of that
 * deviation.  parameter: bounds, and what N(0, I) holds between them. */
int law_bounded(const flow_numbers *f, const audit_report *r, double *parameter)
{
    jf_sample_moments all = jf_sample_of(f->n * f->d, f->z);
    double count = (double)(f->n * f->d), level = log(r->level / 2);
    double low = HUGE_VAL, high = -HUGE_VAL, sd = sqrt(all.variance);
    for (size_t i = 0; i < f->n * f->d; i++) {
        low = fmin(low, f->z[i]);
        high = fmax(high, f->z[i]);
    }
    if (log_none_above(count, all.mean - low, sd) >= level)
        low = -HUGE_VAL;
    if (log_none_above(count, high - all.mean, sd) >= level)
        high = HUGE_VAL;
    parameter[0] = low;
    parameter[1] = high;
    parameter[2] =
        pow(gsl_cdf_ugaussian_P(high) - gsl_cdf_ugaussian_P(low), (double)f->d);
    return isfinite(low) || isfinite(high);
}
