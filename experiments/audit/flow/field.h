/* field.h -- a random field fitted to values at the user's points. */
#ifndef AUDIT_FLOW_FIELD_H
#define AUDIT_FLOW_FIELD_H

#include "flow.h"

/* Points that differ, and what is known there. */
typedef struct {
    size_t n, d, columns;
    size_t *row;      /* (n) of the finite rows */
    double *x, *v;    /* (n, d) whitened; (n, columns) */
    double *apart;    /* (n, n) distances of x */
    double *mean, *l; /* (d), (d, d): of the whitening */
} cloud;

/* Which covariance: smoothness, width, nugget, by their places. */
typedef struct {
    size_t of[3];
} choice;

/* Each column is affine plus a Gaussian process of Matern's covariance. */
typedef struct {
    choice is;
    double width, nugget;
    double score, kurtosis;
    double *inverse;   /* (n, n) of the covariance                        */
    double *projected; /* (n, q) inverse H, H the rows (1, x), q = d + 1  */
    double *trend;     /* (q, q) (H' inverse H)^-1                        */
    double *alpha;     /* (n, columns) weights of the points              */
    double *beta;      /* (q, columns) the affine part                    */
    double *variance;  /* (columns)                                       */
} field;

/* The covariance at a distance, k; -k'/r; and -(k'/r)'/r. */
typedef struct {
    double value, slope, bend;
} covariance;

/* Of smoothness 3/2 (0), 5/2 or 7/2. */
covariance matern(size_t smoothness, double width, double r);
covariance covariance_of(const cloud *p, const field *g, size_t i, size_t k);

/* The points of f and the columns v (f->n, columns) there: 0 where there are too
 * few, or too many columns x.  cloud_free even then. */
int cloud_take(const flow_numbers *f, const double *v, size_t columns,
               cloud *p);
void cloud_free(cloud *p);

/* The best: 0 where there is none.  field_free even then. */
int field_find(const cloud *p, field *best);
void field_free(field *g);

/* Column 0 at a point x (d) of the user's. */
double field_value(const cloud *p, const field *g, const double *x);

#endif
