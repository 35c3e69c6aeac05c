/* mass.c -- the mass of the density on a design's grid, in one column or two,
 * against 1. */
#include "design.h"

#include <math.h>
#include <stdlib.h>

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
    return fabs(sum) / 2;
}

/* A point of the grid: how far its z is from 0, and the density there of the
 * base. */
typedef struct {
    double radius, density;
} base_point;

static int by_radius(const void *a, const void *b)
{
    const base_point *p = a, *q = b;
    return (p->radius > q->radius) - (p->radius < q->radius);
}

/* The greatest density of the base over the grid's points that far out or
 * further, sorted by radius and each with the greatest from it on. */
static double most_beyond(const base_point *of, size_t count, double radius)
{
    size_t low = 0, high = count - 1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (of[middle].radius < radius)
            low = middle + 1;
        else
            high = middle;
    }
    return of[low].density;
}

static base_point *sort_base(const flow_numbers *f, const design *s,
                             size_t count)
{
    base_point *of = jf_alloc(count, sizeof *of);
    for (size_t k = 0; k < count; k++) {
        size_t row = s->grid + k;
        for (size_t j = 0; j < f->d; j++)
            of[k].radius = hypot(of[k].radius, f->z[row * f->d + j]);
        of[k].density = exp(f->ll[row] - f->ld[row]);
    }
    qsort(of, count, sizeof *of, by_radius);
    for (size_t k = count - 1; k-- > 0;)
        of[k].density = fmax(of[k].density, of[k + 1].density);
    return of;
}

/* Where the density changes within a cell, its corners say little of the mass
 * in it, and sums over parts of the grid all miss the same spike.  There the
 * cell's image by z and what log_abs_det says of it at its corners are not the
 * same: where they are apart by more than a factor of two, the larger of them
 * times the greatest density of the base that near to 0 is what the cell may
 * hold.  How many such cells there are, and what all of them may. */
static size_t unseen(const flow_numbers *f, const design *s, double *held)
{
    size_t count = s->grid_rows * s->grid_columns, cells = 0, at[4];
    base_point *base = sort_base(f, s, count);
    for (size_t i = 0; i + 1 < s->grid_rows || i == 0; i++)
        for (size_t j = 0; j + 1 < s->grid_columns; j++) {
            size_t corners = corners_of(s, i, j, at);
            double said = 0, near = HUGE_VAL, wide = 0;
            double image = image_of(f, at, corners);
            for (size_t k = 0; k < corners; k++) {
                double radius = 0, apart = 0;
                for (size_t c = 0; c < f->d; c++) {
                    double z = f->z[at[k] * f->d + c];
                    radius = hypot(radius, z);
                    apart = hypot(apart, z - f->z[at[0] * f->d + c]);
                }
                said += exp(f->ld[at[k]]) * s->cell / (double)corners;
                near = fmin(near, radius);
                wide = fmax(wide, apart);
            }
            if (image <= 2 * said && said <= 2 * image)
                continue;
            cells++;
            *held += fmax(image, said) * most_beyond(base, count, near - wide);
        }
    free(base);
    return cells;
}

/* The sum over the grid against 1.  Sums over every other row and column are
 * estimates of their own; by Poisson's formula they differ by the harmonics of
 * the density that are odd in them and share the even ones, which the sum over
 * all has too and which are smaller: as many times their range as there are of
 * them is allowed.  Twice the tails hold those that fall like |x|^-2 or faster;
 * then what cells hold that the grid does not resolve, and what rounding of
 * log_likelihood and of x does. */
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
    double allowed = (double)parts * (high - low) + 2 * tails(s, f->ll) + held +
                     written + mass * s->cell_blur;
    int bad = !(fabs(mass - 1) <= allowed);
    audit_line *line =
        audit_add(r, "mass", "C1.4", "the density holds 1", mass, 1, allowed,
                  bad            ? AUDIT_WRONG
                  : allowed >= 1 ? AUDIT_OPEN /* as 0 would be */
                                 : AUDIT_OK);
    r->mass_wrong = bad ? (mass > 1 ? 1 : -1) : 0;
    r->mass = mass;
    audit_detail(line,
                 "exp(log_likelihood) summed over a grid of %zu x %zu points; "
                 "%zu of its cells are too coarse, and may hold %.3g",
                 s->grid_rows, s->grid_columns, cells, held);
}
