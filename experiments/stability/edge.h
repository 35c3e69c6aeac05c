/* edge.h -- points of which the edge of stable training is sought. */
#ifndef STABILITY_EDGE_H
#define STABILITY_EDGE_H

#include "stability.h"

typedef struct {
    jf_layer *f;
    real *theta;
    jf_matrix x;
    double step;        /* of differences; 0: the default */
    double closed_form; /* of the critical rate; NaN: none */
} place;
void place_free(place *p);

typedef struct {
    char name[64];
    jf_matrix x;
} table;

/* A bad table stops the program with status 2. */
table table_read(const experiment *e, const char *spec);

/* An optimum of a dense linear map in closed form, of rows with the moments of
 * the table, centred, in units that a transform chooses; the last: behind an
 * actnorm, both trained. */
enum { RAW, STANDARDISED, WHITENED, TRAINED_ACTNORM, TRANSFORMS };
place linear_place(const table *t, int transform, jf_team *team);

/* A nonlinear flow trained on standardised rows. */
typedef struct {
    const char *name;
    void (*add)(jf_layer *f, size_t d);
    int smooth; /* twice differentiable in theta; a spline is once at knots */
} edge_flow;
enum { EDGE_FLOWS = 5 };
extern const edge_flow edge_flows[EDGE_FLOWS];
place flow_place(const experiment *e, const table *t, size_t which,
                 unsigned long seed, jf_team *team);

#endif
