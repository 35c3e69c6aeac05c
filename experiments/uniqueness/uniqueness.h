/* uniqueness.h -- the parts of the experiment. */
#ifndef UNIQUENESS_H
#define UNIQUENESS_H

#include "common/check.h"

/* Two exact flows f, g of one law to one base.  x, z have d entries; a flow
 * returns log |det|, NaN at a pole. */
typedef struct pair pair;
typedef double (*pair_flow)(const pair *p, const double *x, double *z);
struct pair {
    const char *name, *base;
    size_t d;
    double parameter;
    void (*draw)(const pair *p, gsl_rng *rng, double *x);
    double (*log_density)(const pair *p, const double *x);
    double (*log_base)(const pair *p, const double *z);
    pair_flow f, g;
    double (*entropy_difference)(const pair *p); /* h(Z) - h(X) */
    int equal; /* theory says that the determinants agree */
};
extern const pair exact_pairs[];
extern const size_t n_exact_pairs;
const pair *pair_find(const char *name, size_t d, double parameter);

/* One flow of a pair as a plain map. */
typedef struct {
    const pair *p;
    pair_flow flow;
} pair_map;
void pair_follow(const void *map, const double *x, double *z);

/* Numbers of a pair that are exact, by closed forms and quadrature
 * (values.c); NaN where there is none. */
typedef struct {
    double variance_log_density, variance_log_base; /* V_X, V_Z          */
    double comonotone, antitone;   /* Var (A - B) of the two couplings     */
    double variance[2], fourth[2]; /* of ld_f and ld_g: variance and fourth
                                     cumulant                             */
} pair_values;
pair_values pair_values_of(const pair *p);

/* E g(N), its variance and fourth cumulant, N standard normal: trapezia of
 * step 1/16 on [-9, 9], spectral for analytic g. */
typedef struct {
    double mean, variance, fourth;
} cumulants;
cumulants normal_cumulants(double (*g)(const void *arg, double z),
                           const void *arg);

/* The quantile of Gamma(a) at probability Phi(z), a > 0. */
double gamma_quantile(double a, double z);

/* A map of R^d that some check differentiates: z (d) := map(x). */
typedef void (*plain_map)(const void *arg, const double *x, double *z);

/* log |det| at x by five-point differences, step h = 1e-3 max(|x_j|, .2).
 * *allowed: what they may err.  Truncation falls as h^4, so that the change
 * from 2 h to h is 15 of it, and that from 4 h to 2 h 240; the larger one of
 * the first and a 16th of the second, as one may vanish by chance.  Rounding:
 * 16 eps of every value, or of 1, through the inverse Jacobian, and 2 eps of
 * x_j.  NaN where the differences have no determinant.  d <= 16. */
double by_differences(size_t d, plain_map map, const void *arg, const double *x,
                      double *allowed);

/* log r of the root of r - 1 - log r = gap below (side < 0) or above 1: in the
 * plane the mean of log |det| moves no further at that gap (C1.2d). */
double log_root(double gap, double side);

/* How far a variance is from expected, as a normal score (Wilson and Hilferty
 * 1931): the law is a gamma law of mean expected and standard deviation se. */
double variance_score(double measured, double expected, double se);

/* A family of cells: z of each, right and with the broken formula. */
enum { CELLS = 32768 };
typedef struct {
    size_t count, broken_count;
    double z[CELLS], broken[CELLS];
    char open[JF_OPEN];
} cells;

/* Add a cell; a z that is not a number leaves the row open, and says where. */
void cells_add(cells *c, double z, const char *where, size_t d);
void cells_add_broken(cells *c, double z);

/* The row: p by Bonferroni.  parts: in how many the row's share is cut, of
 * which this is one.  The error of an inequality is planted in the cell that is
 * nearest to it. */
void cells_judge(const experiment *e, const jf_claim *claim,
                 jf_relation relation, cells *c, double parts);

/* One part of the experiment, one file each. */
void uniqueness_exact(experiment *e);  /* uniqueness-exact                */
void uniqueness_series(experiment *e); /* uniqueness-series               */
/* --save: where uniqueness_trained writes its first flow; NULL: nowhere, or it
 * is written. */
extern const char *uniqueness_save;
void uniqueness_trained(experiment *e); /* uniqueness-{runs,trained,field} */
void uniqueness_libraries(experiment *e); /* uniqueness-{libraries,answers} */

/* Claims of one number each, for uniqueness-points.csv. */
extern const check_list list_places, list_prescribed;

#endif
