/* values.c -- what the values of a table are, before anything is said of them.
 *
 * By column, values that are equal but for rounding being one:
 *   atom   one value in at least 1 of 50 rows, and 10, where the others, as
 *          many at least, do not repeat, nor are all on a grid: it has a
 *          probability, and no density holds it (C2.6)
 *   code   the same, beyond the others by more than their range, as -9999 for
 *          what is missing is; the others may repeat
 *   step   fewer distinct values than half the rows: the smallest difference,
 *          and one for all where each of theirs is a multiple of the least
 *   tail   Hill's estimate (1975) of the tail index by the k = m^1/2 values
 *          farthest from the median, m those that differ from it, S = sum log
 *          x_i / x_k+1, is below 2 at a level of 1e-3 for all columns: 2 S has
 *          the gamma law of shape k at index 2, and is smaller at lighter tails
 *          (C6.11)
 *
 * By row: EIG without it, -1/2 log(1 - h n/(n-1)) + d/2 log(1 - 1/n) higher, h
 * = |z|^2 / n, is farther away than its standard error under any law (C2.9).
 *
 * Writes    audit-values.csv. */
#include "parts.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>

enum { MOST_ATOMS = 3, NAMED = 5 };

/* A column's distinct values, ascending, and how often each occurs. */
typedef struct {
    size_t rows, count;
    double *value;
    size_t *times;
} distinct;

int audit_by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int same(double a, double b)
{
    return fabs(a - b) <= 4 * (double)JF_EPS * fmax(fabs(a), fabs(b));
}

static distinct distinct_of(jf_matrix x, size_t j)
{
    distinct v = {.rows = x.rows};
    double *values = jf_alloc(x.rows, sizeof *values);
    v.value = jf_alloc(x.rows, sizeof *v.value);
    v.times = jf_alloc(x.rows, sizeof *v.times);
    for (size_t i = 0; i < x.rows; i++)
        values[i] = (double)jf_row(x, i)[j];
    qsort(values, x.rows, sizeof *values, audit_by_value);
    for (size_t i = 0; i < x.rows; i++) {
        if (v.count == 0 || !same(values[i], v.value[v.count - 1]))
            v.value[v.count++] = values[i];
        v.times[v.count - 1]++;
    }
    free(values);
    v.value = jf_resize(v.value, v.count, sizeof *v.value);
    v.times = jf_resize(v.times, v.count, sizeof *v.times);
    return v;
}

static void distinct_free(distinct *v)
{
    free(v->value);
    free(v->times);
}

static int repeats(const distinct *v)
{
    return 2 * v->count < v->rows;
}

static size_t most_frequent(const distinct *v)
{
    size_t most = 0;
    for (size_t k = 1; k < v->count; k++)
        if (v->times[k] > v->times[most])
            most = k;
    return most;
}

static void leave_out(distinct *v, size_t k)
{
    v->rows -= v->times[k];
    v->count--;
    memmove(v->value + k, v->value + k + 1, (v->count - k) * sizeof *v->value);
    memmove(v->times + k, v->times + k + 1, (v->count - k) * sizeof *v->times);
}

/* Value k lies beyond the others by more than their range; ten of them, since
 * two labels lie so too. */
static int is_far(const distinct *v, size_t k)
{
    if (v->count < 11 || (k > 0 && k + 1 < v->count))
        return 0;
    size_t first = k == 0, last = v->count - 1 - (k + 1 == v->count);
    double gap =
        k == 0 ? v->value[first] - v->value[k] : v->value[k] - v->value[last];
    return gap > v->value[last] - v->value[first];
}

static double least_step(const distinct *v)
{
    double step = (double)INFINITY;
    for (size_t k = 1; k < v->count; k++)
        step = fmin(step, v->value[k] - v->value[k - 1]);
    return repeats(v) && v->count > 1 ? step : 0;
}

/* Whether all differences are multiples of step, but for rounding. */
static int on_grid(const distinct *v, double step)
{
    for (size_t k = 1; k < v->count; k++) {
        double times = (v->value[k] - v->value[k - 1]) / step;
        double size = fmax(fabs(v->value[k]), fabs(v->value[k - 1]));
        if (fabs(times - round(times)) >
            16 * (double)JF_EPS * (size / step + times))
            return 0;
    }
    return 1;
}

static void add_atom(audit *a, audit_atom atom)
{
    a->atoms = jf_resize(a->atoms, a->n_atoms + 1, sizeof *a->atoms);
    a->atoms[a->n_atoms] = atom;
    a->codes += atom.far != 0;
    a->n_atoms++;
}

/* Those of column j are taken out of v; what is left repeats or not. */
static void take_atoms(audit *a, size_t j, distinct *v)
{
    distinct rest = {.rows = v->rows, .count = v->count};
    audit_atom all[MOST_ATOMS];
    size_t count = 0, least = v->rows / 50 > 10 ? v->rows / 50 : 10;
    rest.value = jf_alloc(v->count, sizeof *rest.value);
    rest.times = jf_alloc(v->count, sizeof *rest.times);
    memcpy(rest.value, v->value, v->count * sizeof *rest.value);
    memcpy(rest.times, v->times, v->count * sizeof *rest.times);
    while (count < MOST_ATOMS && rest.count > 1) {
        size_t k = most_frequent(&rest);
        if (rest.times[k] < least)
            break;
        all[count++] =
            (audit_atom){j, rest.times[k], rest.value[k], is_far(&rest, k)};
        leave_out(&rest, k);
    }
    int grid = repeats(v) && on_grid(v, least_step(v));
    int bare = rest.rows >= least && !repeats(&rest) && !grid;
    for (size_t i = 0; i < count; i++)
        if (all[i].far || bare) {
            size_t k = 0;
            while (v->value[k] != all[i].value)
                k++;
            leave_out(v, k);
            add_atom(a, all[i]);
        }
    distinct_free(&rest);
}

static void write(const audit *a, audit_tables *t, const char *kind,
                  const char *column, size_t row, double value, double share)
{
    jf_table_row(t->of[AUDIT_VALUES], t->point, "%s,%zu,%s,%s,%zu," JF_G ",%g",
                 a->name, a->x.rows, kind, column, row, value, share);
}

static void say_atoms(const audit *a, audit_tables *t)
{
    for (const audit_atom *k = a->atoms; k < a->atoms + a->n_atoms; k++) {
        double share = (double)k->times / (double)a->x.rows;
        write(a, t, k->far ? "code" : "atom", a->label[k->column], 0, k->value,
              share);
        if (a->loud)
            printf("  %s is %.6g in %.1f %% of the rows: %s (C2.6).\n",
                   a->label[k->column], k->value, 100 * share,
                   k->far ? "far from all others, a code?"
                          : "an atom: no density");
    }
}

void audit_steps(audit *a)
{
    size_t d = a->x.cols;
    double least = (double)INFINITY;
    distinct *v = jf_alloc(d, sizeof *v);
    int one = 1;
    a->steps = jf_alloc(d, sizeof *a->steps);
#pragma omp parallel for schedule(dynamic, 8)                                  \
    num_threads((int)a->e->team->threads)
    for (size_t j = 0; j < d; j++)
        v[j] = distinct_of(a->x, j);
    for (size_t j = 0; j < d; j++) {
        size_t before = a->n_atoms;
        take_atoms(a, j, &v[j]);
        a->steps[j] = least_step(&v[j]);
        a->tied += a->steps[j] > 0;
        if (a->steps[j] > 0)
            least = fmin(least, a->steps[j]);
        one = one && a->n_atoms == before;
    }
    for (size_t j = 0; j < d && one; j++)
        one = a->steps[j] > 0 && on_grid(&v[j], least);
    a->step = one ? least : 0;
    for (size_t j = 0; j < d; j++) {
        a->steps[j] = one ? least : a->steps[j];
        distinct_free(&v[j]);
    }
    free(v);
}

static void say_steps(const audit *a, audit_tables *t)
{
    double least = (double)INFINITY, most = 0;
    for (size_t j = 0; j < a->x.cols; j++)
        if (a->steps[j] > 0) {
            write(a, t, "step", a->label[j], 0, a->steps[j], 1);
            least = fmin(least, a->steps[j]);
            most = fmax(most, a->steps[j]);
        }
    if (!a->loud || !a->tied)
        return;
    printf("  Values repeat in %zu column%s: noise as wide as their smallest "
           "step, %.3g",
           a->tied, a->tied == 1 ? "" : "s", least);
    if (most > least)
        printf(" .. %.3g", most);
    printf(",\n  is added where flows are trained (C2.7).\n");
}

/* How far EIG moves without the row whose |z|^2 is square; at least so far
 * where rounding hides more. */
static double moves(const audit *a, double square)
{
    double n = (double)a->x.rows, d = (double)a->x.cols;
    double rest = fmax(1 - square / (n - 1), n * DBL_EPSILON);
    return -0.5 * log(rest) + 0.5 * d * log1p(-1 / n);
}

/* Rows that move EIG by more than its standard error, the largest first: out
 * (NAMED) holds their numbers. */
static void find_rows(audit *a, audit_tables *t, size_t *out)
{
    double *square = jf_alloc(a->x.rows, sizeof *square);
    jf_interval law;
    jf_interval_of(jf_const(a->x), &a->raw, square, &law);
    a->law = law;
    while (a->carrying < NAMED) {
        size_t most = 0;
        for (size_t i = 1; i < a->x.rows; i++)
            if (square[i] > square[most])
                most = i;
        double by = moves(a, square[most]);
        if (!(by > law.half / 1.96))
            break;
        out[a->carrying++] = most;
        write(a, t, "row", "", most + 1, by,
              square[most] / (double)(a->x.rows * a->x.cols));
        if (a->loud)
            printf("  Row %zu alone moves EIG by %.3g nats, over its "
                   "standard error of %.2g (C2.9).\n",
                   most + 1, by, law.half / 1.96);
        square[most] = 0;
    }
    free(square);
}

/* Hill's sum and the number of values in it: rows that are named, and values
 * that are codes or atoms, are no tail. */
static double tail(const audit *a, size_t j, const size_t *named, double *far,
                   size_t *k)
{
    size_t n = 0;
    double sum = 0;
    for (size_t i = 0; i < a->x.rows; i++) {
        size_t r = 0;
        while (r < a->carrying && named[r] != i)
            r++;
        if (r == a->carrying)
            far[n++] = (double)jf_row(a->x, i)[j];
    }
    double middle = gsl_stats_select(far, 1, n, n / 2);
    size_t off = 0;
    for (size_t i = 0; i < n; i++) {
        far[i] = fabs(far[i] - middle);
        off += far[i] > 0;
    }
    *k = (size_t)sqrt((double)off);
    if (*k < 10)
        return 0;
    double last = gsl_stats_select(far, 1, n, n - 1 - *k); /* > 0: k < off */
    for (size_t i = 0; i < n; i++)
        sum += far[i] > last ? log(far[i] / last) : 0;
    return sum;
}

static void find_tails(audit *a, audit_tables *t, const size_t *named)
{
    double *far = jf_alloc(a->x.rows, sizeof *far);
    for (size_t j = 0; j < a->x.cols; j++) {
        size_t k;
        double sum = tail(a, j, named, far, &k);
        if (!(gsl_cdf_gamma_Q(2 * sum, (double)k, 1) <
              1e-3 / (double)a->x.cols))
            continue;
        double index = (double)k / sum;
        write(a, t, "tail", a->label[j], 0, index,
              (double)k / (double)a->x.rows);
        a->heavy++;
        a->drift += 1 / index - 0.5;
        if (a->loud)
            printf("  %s: by its %zu largest values the tail index is %.2g, "
                   "and up to 2 the second\n  moment is infinite (C6.11).\n",
                   a->label[j], k, index);
    }
    free(far);
}

void audit_values(audit *a, audit_tables *t)
{
    size_t named[NAMED];
    say_atoms(a, t);
    say_steps(a, t);
    a->law = (jf_interval){.center = (double)NAN, .half = (double)NAN};
    if (a->raw.rank == a->raw.d && a->x.rows > a->x.cols + 2)
        find_rows(a, t, named);
    if (!a->codes)
        find_tails(a, t, named);
}
