/* families.h -- random exact flows of many families. */
#ifndef AUDIT_FLOW_FAMILIES_H
#define AUDIT_FLOW_FAMILIES_H

#include "flow.h"

typedef struct {
    const char *name;
    jf_layer *(*make)(size_t d, unsigned long seed);
    size_t least; /* dimensions */
} family;

enum { FAMILIES = 5 };
extern const family families[FAMILIES];

typedef struct {
    jf_layer *f;
    double *theta, size; /* size of the parameters, in [0, 1) */
    size_t n, d;
    double *ll, *ld, *z, *x; /* (n), (n), (n, d), (n, d), in one block */
    gsl_rng *rng;            /* behind these draws */
    jf_team *team;
} family_flow;

/* The flow of (seed, place, index), and rows of its law. */
void family_draw(size_t kind, unsigned long seed, size_t place, size_t index,
                 size_t n, size_t d, family_flow *to);
void family_flow_free(family_flow *t);

/* z (n, d), which holds x, and ld (n). */
void family_evaluate(const family_flow *t, size_t n, double *z, double *ld);

/* The four ways in which rows are written: in double, as floats, in four
 * decimals, or with a third of the rows again. */
enum { WRITTEN = 4 };
extern const char *const family_written[WRITTEN];
void family_write_as(size_t written, size_t n, size_t d, double *ll, double *ld,
                     double *z, double *x);

#endif
