/* mass.c -- the mass of the density on a design's grid, in one column or two,
 * against 1. */
#include "design.h"

#include <math.h>
#include <stdlib.h>

/* Of the normal law, in standard deviations: a sum in steps of it errs by
 * 2 exp(-2 (pi / WIDE)^2), one per cent. */
#define WIDE 2.0
/* The line tells nothing where so much is allowed. */
#define TOO_MUCH 0.5

/* Mass behind an edge of the grid where the density falls from inner to edge in
 * a step, as a geometric series; where it does not fall, count steps more. */
static double tail_of(double inner, double edge, double cell, size_t count)
{
    double fall = inner - edge;
    return exp(edge) * cell * (fall > 0 ? 1 / expm1(fall) : (double)count);
}

static double tails(const design *s, const double *ll)
{
    size_t m = s->grid_rows, n = s->grid_columns;
    const double *at = ll + s->grid;
    double sum = 0;
    for (size_t i = 0; i < m; i++)
        sum += tail_of(at[i * n + 1], at[i * n], s->cell, n) +
               tail_of(at[i * n + n - 2], at[i * n + n - 1], s->cell, n);
    for (size_t j = 0; m > 1 && j < n; j++)
        sum += tail_of(at[n + j], at[j], s->cell, m) +
               tail_of(at[(m - 2) * n + j], at[(m - 1) * n + j], s->cell, m);
    return sum;
}

/* The cell of the grid below and right of its row: its corners, and how many. */
static size_t corners_of(const design *s, size_t i, size_t j, size_t at[4])
{
    size_t first = s->grid + i * s->grid_columns + j;
    at[0] = first;
    at[1] = first + 1;
    if (s->grid_rows == 1)
        return 2;
    at[2] = first + s->grid_columns + 1; /* around it */
    at[3] = first + s->grid_columns;
    return 4;
}

/* Length or area of what z makes of a cell, by its corners. */
static double image_of(const flow_numbers *f, const size_t *at, size_t corners)
{
    double sum = 0;
    if (corners == 2)
        return fabs(f->z[at[1]] - f->z[at[0]]);
    for (size_t k = 0; k < 4; k++) {
        const double *a = f->z + 2 * at[k], *b = f->z + 2 * at[(k + 1) % 4];
        const double *o = f->z + 2 * at[0]; /* no cancellation far out */
        sum += (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
    }
    return isfinite(sum) ? fabs(sum) / 2 : HUGE_VAL;
}

/* A row: how far its z is from 0, and the density there of the base. */
typedef struct {
    double radius, density;
} base_point;

static int by_radius(const void *a, const void *b)
{
    const base_point *p = a, *q = b;
    return (p->radius > q->radius) - (p->radius < q->radius);
}

/* All rows by radius, each with the greatest density from it on. */
static base_point *sort_base(const flow_numbers *f)
{
    base_point *of = jf_alloc(f->n, sizeof *of);
    for (size_t i = 0; i < f->n; i++) {
        for (size_t j = 0; j < f->d; j++)
            of[i].radius = hypot(of[i].radius, f->z[i * f->d + j]);
        of[i].density = exp(f->ll[i] - f->ld[i]);
    }
    qsort(of, f->n, sizeof *of, by_radius);
    for (size_t i = f->n - 1; i-- > 0;)
        of[i].density = fmax(of[i].density, of[i + 1].density);
    return of;
}

/* The greatest density of the base that far out or further: of the rows, and of
 * the normal law, whose peak may lie between them. */
static double most_beyond(const flow_numbers *f, const base_point *of,
                          double radius)
{
    size_t low = 0, high = f->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (of[middle].radius < radius)
            low = middle + 1;
        else
            high = middle;
    }
    double normal =
        exp(-radius * radius / 2 - (double)f->d * log(2 * M_PI) / 2);
    return low < f->n ? fmax(normal, of[low].density) : normal;
}

/* A cell of the grid: its image by z, as long, and how far from 0 the box about
 * its corners is; what the sum over the grid has of it; the logarithm of the
 * image over what log_abs_det says of it at the corners. */
typedef struct {
    double image, wide, near, counted, off;
} cell;

static cell look(const flow_numbers *f, const design *s, size_t i, size_t j)
{
    size_t at[4], corners = corners_of(s, i, j, at);
    cell c = {.image = image_of(f, at, corners)};
    double said = 0;
    for (size_t b = 0; b < f->d; b++) {
        double low = HUGE_VAL, high = -HUGE_VAL;
        for (size_t k = 0; k < corners; k++) {
            low = fmin(low, f->z[at[k] * f->d + b]);
            high = fmax(high, f->z[at[k] * f->d + b]);
        }
        c.wide = hypot(c.wide, high - low);
        c.near = hypot(c.near, fmax(0, fmax(low, -high)));
    }
    for (size_t k = 0; k < corners; k++) {
        said += exp(f->ld[at[k]]) * s->cell / (double)corners;
        c.counted += exp(f->ll[at[k]]) * s->cell / (double)corners;
    }
    c.off = log(c.image / said);
    return c;
}

static int is_apart(const cell *a, const cell *b)
{
    /* equal: both may be infinite, of a map that stands still */
    return a->off != b->off && !(fabs(a->off - b->off) <= M_LN2);
}

/* Where the density changes within a cell, its corners say little of the mass
 * in it, and sums over parts of the grid all miss the same spike.  Such a cell
 * has an image longer than the base is wide, or one that is not what log_abs_det
 * says by a factor of two, and a neighbour of which that is not so in the same
 * way: where all neighbours are off alike log_abs_det is wrong, and nothing is
 * allowed for it.  It may hold its image times the greatest density of the base
 * that near to 0, or what was counted for it.  How many such cells there are,
 * and what all of them may hold. */
static size_t unseen(const flow_numbers *f, const design *s, double *held)
{
    size_t m = s->grid_rows > 1 ? s->grid_rows - 1 : 1, n = s->grid_columns - 1;
    size_t cells = 0;
    base_point *base = sort_base(f);
    cell *of = jf_alloc(m * n, sizeof *of);
    for (size_t k = 0; k < m * n; k++)
        of[k] = look(f, s, k / n, k % n);
    for (size_t k = 0; k < m * n; k++) {
        const cell *c = of + k;
        size_t i = k / n, j = k % n;
        int alone = (i > 0 && is_apart(c, c - n)) ||
                    (i + 1 < m && is_apart(c, c + n)) ||
                    (j > 0 && is_apart(c, c - 1)) ||
                    (j + 1 < n && is_apart(c, c + 1));
        if (c->wide <= WIDE && (fabs(c->off) <= M_LN2 || !alone))
            continue;
        double density = most_beyond(f, base, c->near);
        cells++;
        *held += fmax(density > 0 ? density * c->image : 0, c->counted);
    }
    free(of);
    free(base);
    return cells;
}

/* The sum over the grid against 1.  Sums over every other row and column are
 * estimates of their own; by Poisson's formula they differ by the harmonics of
 * the density that are odd in them and share the even ones, which the sum over
 * all has too and which are smaller: as many times their range as there are of
 * them is allowed; then what cells hold that the grid does not resolve, and what
 * rounding of log_likelihood and of x does.  Where the sum is below 1, what lies
 * beyond the grid as well: twice the tails hold those that fall like |x|^-2 or
 * faster. */
void design_mass(const flow_numbers *f, const design *s, audit_report *r)
{
    double part[4] = {0}, mass = 0, low = HUGE_VAL, high = 0, written = 0;
    double held = 0;
    size_t parts = s->grid_rows > 1 ? 4 : 2;
    if (s->grid_rows == 0)
        return;
    for (size_t i = 0; i < s->grid_rows; i++)
        for (size_t j = 0; j < s->grid_columns; j++) {
            double ll = f->ll[s->grid + i * s->grid_columns + j];
            double p = exp(ll);
            written +=
                p * s->cell *
                (written_error(&f->of_ll, ll) + f->of_ll.unit * (1 + fabs(ll)));
            part[(2 * (i % 2) + j % 2) % parts] += p * s->cell;
            mass += p * s->cell;
        }
    for (size_t k = 0; k < parts; k++) {
        low = fmin(low, part[k] * (double)parts);
        high = fmax(high, part[k] * (double)parts);
    }
    size_t cells = unseen(f, s, &held);
    double allowed = (double)parts * (high - low) + held + written +
                     mass * s->cell_blur + (mass < 1 ? 2 * tails(s, f->ll) : 0);
    int bad = !(fabs(mass - 1) <= allowed);
    audit_line *line =
        audit_add(r, "mass", "C1.4", "the density holds 1", mass, 1, allowed,
                  bad                     ? AUDIT_WRONG
                  : !(allowed < TOO_MUCH) ? AUDIT_OPEN
                                          : AUDIT_OK);
    r->mass_wrong = bad ? (mass > 1 ? 1 : -1) : 0;
    r->mass = mass;
    audit_detail(line,
                 "exp(log_likelihood) summed over a grid of %zu x %zu points; "
                 "%zu of its cells are too coarse, and may hold %.3g",
                 s->grid_rows, s->grid_columns, cells, held);
}
