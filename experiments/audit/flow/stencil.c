/* stencil.c -- a design recognised by its x alone, since frameworks drop
 * comments, columns and order.
 *
 * A centre is a row to which, for every j, two others belong that differ from
 * it in x_j alone, by h and by -h; the rest of a design is what else the user
 * was asked for.  A grid (d <= 2) is a run of rows in the order written, evenly
 * spaced. */
#include "design.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_sort.h>

enum {
    NEAR_ROWS = 16,   /* d = 1: how far from its centre a copy may stand */
    LEAST_GRID = 32,  /* points on a side */
    LEAST_SECOND = 8, /* directions with a second step, or all */
    MOST_STENCILS = 64
};

typedef struct { /* rows that differ from a centre in one column */
    size_t count, *row, *column;
    double *by;
} copies;

/* How far off x_j may be, as it is written. */
static double slack(const flow_numbers *f, size_t row, size_t j)
{
    double v = f->x[row * f->d + j];
    return 2 * written_error(&f->of_x, v) + 2 * f->of_x.unit * fabs(v);
}

/* The only column in which two rows differ; d: in none or several. */
static size_t only_difference(size_t d, const double *a, const double *b)
{
    size_t found = d;
    for (size_t j = 0; j < d; j++)
        if (a[j] != b[j]) {
            if (found != d)
                return d;
            found = j;
        }
    return found;
}

/* The copies of row order[k]. */
static void find_copies(const flow_numbers *f, const size_t *order, size_t k,
                        copies *c)
{
    size_t d = f->d, from = 0, to = f->n, centre = order[k];
    c->count = 0;
    if (d == 1) { /* where one column says little, those about it alone */
        from = k > NEAR_ROWS ? k - NEAR_ROWS : 0;
        to = k + NEAR_ROWS < f->n ? k + NEAR_ROWS : f->n;
    }
    for (size_t at = from; at < to; at++) {
        size_t i = order[at];
        size_t j = only_difference(d, f->x + centre * d, f->x + i * d);
        if (j == d)
            continue;
        c->row[c->count] = i;
        c->column[c->count] = j;
        c->by[c->count++] = f->x[i * d + j] - f->x[centre * d + j];
    }
}

/* Of rows displaced along column j by v, up to allowed, the nearest. */
static size_t displaced(const copies *c, size_t j, double v, double allowed)
{
    size_t found = NO_ROW;
    for (size_t k = 0; k < c->count; k++) {
        double off = fabs(c->by[k] - v);
        if (c->column[k] != j || off > allowed)
            continue;
        found = c->row[k];
        allowed = off > 0 ? nextafter(off, 0) : -1;
    }
    return found;
}

/* A step of a design is a power of two, the same to both sides: rounding for
 * print would have moved it. */
static int as_designed(const copies *c, size_t j, double h)
{
    int exponent;
    return frexp(h, &exponent) == 0.5 && displaced(c, j, -h, 0) != NO_ROW;
}

/* The least step along j that there is to both sides. */
static int find_step(const flow_numbers *f, const copies *c, size_t j,
                     stencil *s)
{
    double off = slack(f, s->centre, j);
    s->h[j] = HUGE_VAL;
    for (size_t k = 0; k < c->count; k++) {
        double v = c->by[k];
        if (c->column[k] != j || v <= 0 || v >= s->h[j])
            continue;
        size_t other = displaced(c, j, -v, 2 * off);
        if (other == NO_ROW)
            continue;
        s->h[j] = v;
        s->at[j][0] = c->row[k];
        s->at[j][1] = other;
    }
    if (!isfinite(s->h[j]))
        return 0;
    s->blur[j] = as_designed(c, j, s->h[j]) ? 0 : off / s->h[j];
    /* points of a design have so few bits that they look like numbers of half
     * precision, whose rounding may reach h */
    off = fmin(2 * off, s->h[j] / 4);
    s->at[j][2] = displaced(c, j, 2 * s->h[j], off);
    s->at[j][3] = displaced(c, j, -2 * s->h[j], off);
    if (s->at[j][3] == NO_ROW || s->at[j][2] == NO_ROW)
        s->at[j][2] = s->at[j][3] = NO_ROW;
    s->second += s->at[j][2] != NO_ROW;
    return 1;
}

static void stencil_free(stencil *s)
{
    free(s->at);
    free(s->h);
}

/* Copies in the order of their columns, so that each is looked for once. */
static int find_steps(const flow_numbers *f, const copies *c, stencil *s)
{
    size_t d = f->d, begin = 0;
    size_t *order = jf_alloc(c->count, sizeof *order);
    copies all = {0, jf_alloc(2 * c->count, sizeof *all.row), NULL,
                  jf_alloc(c->count, sizeof *all.by)};
    int good = 1;
    all.column = all.row + c->count;
    gsl_sort_ulong_index(order, (const unsigned long *)c->column, 1, c->count);
    for (size_t k = 0; k < c->count; k++) {
        all.row[k] = c->row[order[k]];
        all.column[k] = c->column[order[k]];
        all.by[k] = c->by[order[k]];
    }
    for (size_t j = 0; good && j < d; j++) {
        size_t end = begin;
        while (end < c->count && all.column[end] == j)
            end++;
        copies part = {end - begin, all.row + begin, all.column + begin,
                       all.by + begin};
        good = find_step(f, &part, j, s);
        begin = end;
    }
    free(order);
    free(all.row);
    free(all.by);
    return good && s->second >= (d < LEAST_SECOND ? d : LEAST_SECOND);
}

/* A design has many rows that share a value of the last column, or of the
 * first; other tables of numbers have none, and are not searched. */
static int worth_searching(const flow_numbers *f)
{
    size_t d = f->d, equal = 0;
    double *v = jf_alloc(f->n, sizeof *v);
    for (size_t i = 0; i < f->n; i++)
        v[i] = f->x[i * d];
    gsl_sort(v, 1, f->n);
    for (size_t i = 1; i < f->n; i++)
        equal += v[i] == v[i - 1];
    free(v);
    return d == 1 || equal >= 2 * (d - 1);
}

/* Of evenly spaced rows from first on, along column j with the others equal:
 * how many. */
static size_t run_from(const flow_numbers *f, size_t first, size_t j)
{
    size_t d = f->d, k = first + 1;
    if (k >= f->n)
        return 1;
    double step = f->x[k * d + j] - f->x[first * d + j];
    for (; k < f->n; k++) {
        double by = f->x[k * d + j] - f->x[(k - 1) * d + j];
        if (only_difference(d, f->x + (k - 1) * d, f->x + k * d) != j ||
            step <= 0 || fabs(by - step) > 4 * slack(f, k, j))
            break;
    }
    return k - first;
}

/* Whether rows of a grid of two columns begin at first, each like the one
 * before but for x1. */
static size_t lines_from(const flow_numbers *f, size_t first, size_t columns)
{
    size_t lines = 1;
    double step = 0;
    for (; first + (lines + 1) * columns <= f->n; lines++) {
        size_t at = first + lines * columns, before = at - columns;
        double by = f->x[2 * at] - f->x[2 * before];
        if (run_from(f, at, 1) != columns ||
            f->x[2 * at + 1] != f->x[2 * before + 1])
            break;
        step = lines == 1 ? by : step;
        if (by <= 0 || fabs(by - step) > 4 * slack(f, at, 0))
            break;
    }
    return lines;
}

/* The mean step of x_j over count rows, stride apart, from first on: that of
 * two rows would have their rounding. */
static double step_of(const flow_numbers *f, size_t first, size_t count,
                      size_t stride, size_t j)
{
    size_t last = first + (count - 1) * stride;
    return (f->x[last * f->d + j] - f->x[first * f->d + j]) /
           (double)(count - 1);
}

/* Relative error of a step over that range. */
static double blur_of(const flow_numbers *f, size_t row, double range, size_t j)
{
    return 2 * slack(f, row, j) / range;
}

static void find_grid(const flow_numbers *f, design *s)
{
    for (size_t i = 0; f->d <= 2 && i < f->n;) {
        size_t columns = run_from(f, i, f->d - 1);
        size_t lines =
            f->d == 2 && columns >= LEAST_GRID ? lines_from(f, i, columns) : 1;
        if (columns >= LEAST_GRID && (f->d == 1 || lines >= LEAST_GRID) &&
            columns * lines > s->grid_rows * s->grid_columns) {
            s->grid = i;
            s->grid_rows = lines;
            s->grid_columns = columns;
            s->cell = step_of(f, i, columns, 1, f->d - 1);
            s->cell_blur =
                blur_of(f, i, s->cell * (double)(columns - 1), f->d - 1);
            if (f->d == 2) {
                double step = step_of(f, i, lines, columns, 0);
                s->cell *= step;
                s->cell_blur += blur_of(f, i, step * (double)(lines - 1), 0);
            }
        }
        i += columns > 1 ? columns - 1 : 1;
    }
}

static int in_grid(const design *s, size_t row)
{
    return row >= s->grid && row - s->grid < s->grid_rows * s->grid_columns;
}

static void keep(const flow_numbers *f, design *s, const stencil *found,
                 char *taken)
{
    s->of[s->count++] = *found;
    taken[found->centre] = 1;
    for (size_t j = 0; j < f->d; j++)
        for (int k = 0; k < 4; k++)
            if (found->at[j][k] != NO_ROW)
                taken[found->at[j][k]] = 1;
}

/* Stencils in that order of rows. */
static void find_stencils(const flow_numbers *f, const size_t *order, int exact,
                          design *s)
{
    size_t d = f->d;
    char *taken = jf_alloc(f->n, 1);
    copies c = {0, jf_alloc(2 * f->n, sizeof *c.row), NULL,
                jf_alloc(f->n, sizeof *c.by)};
    c.column = c.row + f->n;
    for (size_t k = 0; k < f->n && s->count < MOST_STENCILS; k++) {
        size_t i = order[k];
        if (taken[i] || s->first[i] != i || in_grid(s, i))
            continue;
        find_copies(f, order, k, &c);
        if (c.count < 2 * d)
            continue;
        stencil found = {.centre = i,
                         .at = jf_alloc(d, sizeof *found.at),
                         .h = jf_alloc(2 * d, sizeof *found.h)};
        found.blur = found.h + d;
        if (find_steps(f, &c, &found) && !(exact && found.blur[0] > 0))
            keep(f, s, &found, taken);
        else
            stencil_free(&found);
    }
    free(taken);
    free(c.row);
    free(c.by);
}

/* As written; of one column, in another order, with exact steps alone, which
 * the points of a grid have not. */
void design_find(const flow_numbers *f, design *s)
{
    *s = (design){0};
    if (!f->x || f->n < 2 * f->d + 1 || !worth_searching(f))
        return;
    size_t *order = jf_alloc(f->n, sizeof *order);
    for (size_t i = 0; i < f->n; i++)
        order[i] = i;
    s->of = jf_alloc(MOST_STENCILS, sizeof *s->of);
    s->first = jf_alloc(f->n, sizeof *s->first);
    same_points(f->n, f->d, f->x, s->first);
    find_grid(f, s);
    find_stencils(f, order, 0, s);
    if (f->d == 1 && s->count == 0) {
        gsl_sort_index(order, f->x, 1, f->n);
        find_stencils(f, order, 1, s);
    }
    free(order);
}

void design_free(design *s)
{
    for (size_t k = 0; k < s->count; k++)
        stencil_free(&s->of[k]);
    free(s->of);
    free(s->first);
    *s = (design){0};
}
