/* uniqueness.h -- the parts of the experiment. */
#ifndef UNIQUENESS_H
#define UNIQUENESS_H

#include "common/check.h"

/* Two exact flows f, g of one law to one base.  x, z have d entries; a flow
 * returns log |det|. */
typedef struct pair pair;
struct pair {
    const char *name, *base;
    size_t d;
    double parameter;
    void (*draw)(const pair *p, gsl_rng *rng, double *x);
    double (*log_density)(const pair *p, const double *x);
    double (*log_base)(const pair *p, const double *z);
    double (*f)(const pair *p, const double *x, double *z);
    double (*g)(const pair *p, const double *x, double *z);
    double (*entropy_difference)(const pair *p); /* h(Z) - h(X) */
    int equal; /* theory says that the determinants agree */
};
extern const pair exact_pairs[];
extern const size_t n_exact_pairs;

/* One part of the experiment, one file each. */
void uniqueness_exact(experiment *e);   /* uniqueness-exact                */
void uniqueness_series(experiment *e);  /* uniqueness-series               */
void uniqueness_trained(experiment *e); /* uniqueness-{runs,trained,field} */

/* Claims of one number each, for uniqueness-points.csv. */
extern const check_list list_places;

#endif
