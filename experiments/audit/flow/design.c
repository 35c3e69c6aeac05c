/* design.c -- the points of a design, from points of the user's.
 *
 * Stencils   For some rows of the table c and, along every column, c +- h and,
 *            in up to SECOND directions, c +- 2h: 4d + 1 rows, or 2d + 1 + 2
 *            SECOND when d is larger; as many stencils as ROWS allow, at least
 *            one.
 * A line     through the data, eight standard deviations to both sides.
 * A grid     for d <= 2, as wide, for the mass.
 * Twice      some of the centres again, and again with 1 in the column alone:
 *            those are to be evaluated in a batch of one.
 * h is 2^-7 of the standard deviation of the column given the others, rounded
 * to a power of two: by differences of fourth order the truncation is then
 * some 1e-10 and rounding 100 to 200 units, in float as in double.  All values
 * are multiples of h, 24 bits hold them wherever that is possible, so that a
 * conversion to float moves none.  */
#include "design.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_math.h>

enum {
    ROWS = 6000,
    MOST_STENCILS = 20,
    SECOND = 128,
    TWICE = 3,
    LINE = 65,
    GRID_1 = 2049,
    GRID_2 = 129,
    WIDE = 8
};

typedef struct {
    size_t n, d, rows;
    const double *x;                    /* (n, d) */
    double *mean, *sd, *h, *low, *high; /* (d) */
    size_t room, alone; /* rows there is room for; from here on, alone */
    double *points;     /* (rows, d) */
} plan;

static void say_row(plan *p, const double *x)
{
    if (p->rows == p->room) {
        double *more = jf_alloc((2 * p->room + 64) * p->d, sizeof *more);
        if (p->rows)
            memcpy(more, p->points, p->rows * p->d * sizeof *more);
        free(p->points);
        p->points = more;
        p->room = 2 * p->room + 64;
    }
    memcpy(p->points + p->rows++ * p->d, x, p->d * sizeof *x);
}

/* The standard deviation of each column given the others; alone when there
 * are too few rows for that. */
static void conditional(const plan *p, double *sd)
{
    size_t n = p->n, d = p->d;
    double *y = jf_alloc(n * d + d * d, sizeof *y), *s = y + n * d, log_det;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++)
            y[i * d + j] = (p->x[i * d + j] - p->mean[j]) / p->sd[j];
    jf_dgemm(JF_TN, d, d, n, 1 / (double)n, y, y, 0, s);
    if (n > 2 * d && jf_invert(d, s, &log_det) == GSL_SUCCESS)
        for (size_t j = 0; j < d; j++)
            if (s[j * d + j] > 1 && s[j * d + j] < 0x1p40)
                sd[j] = p->sd[j] / sqrt(s[j * d + j]);
    free(y);
}

static void measure(plan *p)
{
    double count = (double)p->n;
    for (size_t j = 0; j < p->d; j++) {
        p->low[j] = p->high[j] = p->x[j];
        for (size_t i = 0; i < p->n; i++) {
            double v = p->x[i * p->d + j];
            p->mean[j] += v / count;
            p->low[j] = fmin(p->low[j], v);
            p->high[j] = fmax(p->high[j], v);
        }
        for (size_t i = 0; i < p->n; i++)
            p->sd[j] += gsl_pow_2(p->x[i * p->d + j] - p->mean[j]) / count;
        p->sd[j] = sqrt(p->sd[j]);
        if (p->sd[j] == 0) /* constant */
            p->sd[j] = p->mean[j] != 0 ? fabs(p->mean[j]) : 1;
        p->h[j] = p->sd[j];
    }
    conditional(p, p->h);
    for (size_t j = 0; j < p->d; j++) {
        double most = fmax(fabs(p->low[j]), fabs(p->high[j]));
        double least = exp2(ceil(log2(most)) - 20); /* 24 bits hold x +- 2h */
        p->h[j] = exp2(round(log2(p->h[j])) - 7);
        if (p->h[j] < least && least <= p->sd[j] / 8)
            p->h[j] = least;
    }
}

/* v as a multiple of h, with room for the stencil inside the data's range:
 * a flow need not be defined outside. */
static double snap(const plan *p, size_t j, double v)
{
    double h = p->h[j], inside = 2 * h + h / 2;
    if (p->high[j] - p->low[j] > 2 * inside)
        v = fmin(fmax(v, p->low[j] + inside), p->high[j] - inside);
    return round(v / h) * h;
}

static void say_stencil(plan *p, double *c)
{
    size_t d = p->d, second = d < SECOND ? d : SECOND;
    say_row(p, c);
    for (size_t j = 0; j < d; j++) {
        /* the directions of a second step, spread over all */
        int steps = (j + 1) * second / d > j * second / d ? 2 : 1;
        double at = c[j];
        for (int k = 1; k <= steps; k++)
            for (int sign = 1; sign >= -1; sign -= 2) {
                c[j] = at + sign * k * p->h[j];
                say_row(p, c);
            }
        c[j] = at;
    }
}

static void say_line(plan *p, double *x)
{
    for (int k = 0; k < LINE; k++) {
        double t = WIDE * (2.0 * k / (LINE - 1) - 1) / sqrt((double)p->d);
        for (size_t j = 0; j < p->d; j++) {
            double v = p->mean[j] + (j % 2 ? -t : t) * p->sd[j];
            x[j] = round(v / p->h[j]) * p->h[j];
        }
        say_row(p, x);
    }
}

/* d <= 2 */
static void say_grid(plan *p)
{
    int count = p->d == 1 ? GRID_1 : GRID_2, other = p->d == 1 ? 1 : GRID_2;
    double step[2] = {0}, from[2] = {0}, x[2];
    for (size_t j = 0; j < p->d; j++) {
        double h = p->h[j], wide = 2 * WIDE * p->sd[j] / (count - 1);
        /* an odd multiple from 3 on: no step of a stencil */
        step[j] = (2 * fmax(ceil(wide / h / 2), 1) + 1) * h;
        from[j] = round(p->mean[j] / h) * h - step[j] * (count / 2);
    }
    for (int a = 0; a < count; a++)
        for (int b = 0; b < other; b++) {
            x[0] = from[0] + a * step[0];
            if (p->d == 2)
                x[1] = from[1] + b * step[1];
            say_row(p, x);
        }
}

/* Centres that are taken, of all rows; stride apart. */
static size_t stencils_of(size_t n, size_t d)
{
    size_t rows = d <= SECOND ? 4 * d + 1 : 2 * d + 1 + 2 * SECOND;
    size_t most = ROWS / rows;
    most = most > MOST_STENCILS ? MOST_STENCILS : most < 1 ? 1 : most;
    return n < most ? n : most;
}

static void say_design(plan *p)
{
    size_t d = p->d, count = stencils_of(p->n, d);
    double *c = jf_alloc((count + 1) * d, sizeof *c), *line = c + count * d;
    for (size_t k = 0; k < count; k++)
        for (size_t j = 0; j < d; j++)
            c[k * d + j] = snap(p, j, p->x[k * p->n / count * d + j]);
    for (size_t k = 0; k < count; k++)
        say_stencil(p, c + k * d);
    if (d <= 2)
        say_grid(p);
    if (d >= 2)
        say_line(p, line);
    for (int alone = 0; alone <= 1; alone++) {
        p->alone = p->rows;
        for (size_t k = 0; k < TWICE && k < count; k++)
            say_row(p, c + k * d);
    }
    free(c);
}

double *design_points(size_t n, size_t d, const double *x, size_t *rows,
                      size_t *alone)
{
    double *v = jf_alloc(5 * d, sizeof *v);
    plan p = {.n = n,
              .d = d,
              .x = x,
              .mean = v,
              .sd = v + d,
              .h = v + 2 * d,
              .low = v + 3 * d,
              .high = v + 4 * d};
    measure(&p);
    say_design(&p);
    free(v);
    *rows = p.rows;
    *alone = p.alone;
    return p.points;
}

void audit_design(const experiment *e, const char *table)
{
    size_t n, d, rows, alone;
    jf_text text = {0};
    double *x = flow_points(table, e->args.columns, &n, &d);
    double *points = design_points(n, d, x, &rows, &alone);
    size_t count = stencils_of(n, d);
    for (size_t j = 0; j < d; j++)
        jf_text_add(&text, "x%zu,", j + 1);
    jf_text_add(&text, "alone\n");
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < d; j++)
            jf_text_add(&text, "%.17g,", points[i * d + j]);
        jf_text_add(&text, "%d\n", i >= alone);
    }
    if (jf_output_write(e->args.out, text.data, text.length) != GSL_SUCCESS)
        jf_end(1);
    printf("%zu rows: %zu of the points with %zu displaced copies each%s%s, "
           "%zu points twice and in a batch of one (column alone)\n"
           "Write log_likelihood, log_abs_det, z1 .. z%zu and x1 .. x%zu of "
           "every row, all digits, and judge them: audit --flow FILE.csv\n",
           rows, count, d <= SECOND ? 4 * d : 2 * d + 2 * SECOND,
           d <= 2 ? ", a grid for the mass" : "", d >= 2 ? ", a line" : "",
           rows - alone, d, d);
    free(text.data);
    free(points);
    free(x);
}
