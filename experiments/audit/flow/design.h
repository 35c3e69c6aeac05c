/* design.h -- points chosen so that their answers decide what the user's own
 * points cannot: whether log_abs_det is the log-determinant of these values of
 * z. */
#ifndef AUDIT_FLOW_DESIGN_H
#define AUDIT_FLOW_DESIGN_H

#include "flow.h"

/* A row that a stencil lacks. */
#define NO_ROW ((size_t)-1)

/* A point and its displaced copies. */
typedef struct {
    size_t centre;   /* a finite row */
    size_t (*at)[4]; /* (d) rows at +h, -h, +2h, -2h along x_j; the last two
                        are NO_ROW in directions without a second step */
    double *h;       /* (d) */
    double *blur;    /* (d) relative error of h, as x is written */
    size_t second;   /* directions that have a second step */
} stencil;

/* What was found in a table by its x alone, whatever else is kept of it. */
typedef struct {
    stencil *of;
    size_t count, room;
    size_t grid, grid_rows, grid_columns; /* first row; 0 rows: none */
    double cell, cell_blur;               /* its area, relative error */
    size_t *first; /* (n) of the finite rows: same_points */
} design;

/* The points of a design for the points x (n, d): (rows, d), to be freed; from
 * row alone on they are to be evaluated in batches of one. */
double *design_points(size_t n, size_t d, const double *x, size_t *rows,
                      size_t *alone);

void design_find(const flow_numbers *f, design *s);
void design_free(design *s);

/* What the differences of z say, instead of neighbours: adds lines. */
void design_judge(const flow_numbers *f, const design *s, audit_report *r);

/* Whether the density holds 1 on its grid, if it has one: adds a line. */
void design_mass(const flow_numbers *f, const design *s, audit_report *r);

#endif
