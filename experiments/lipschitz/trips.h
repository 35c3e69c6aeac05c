/* trips.h -- round trips in floating point: of chains and of flows. */
#ifndef LIPSCHITZ_TRIPS_H
#define LIPSCHITZ_TRIPS_H

#include "lipschitz.h"

#ifdef JF_SINGLE
#define TRIP_PRECISION "float"
#else
#define TRIP_PRECISION "double"
#endif

/* The unit roundoff. */
#define TRIP_U (0.5 * (double)JF_EPS)

enum { PURPOSE_TRIPS = JF_PURPOSE_USER + 620 };

typedef struct { /* what a row of lipschitz-inverse says */
    double error, predicted, condition, log_det_error, nonfinite;
    double error_9, distance_9, nats;
    /* of chains, in place of predicted: |J_k^-1| alone for every prefix; the
     * product of layers' constants for it; 1 for it */
    double by_layer, by_product, by_one;
} trip;

void trip_row(jf_table *out, size_t point, const char *flow, size_t depth,
              double radius, unsigned long seed, const trip *t);

typedef struct {
    jf_table *inverse, *grid, *gradients;
} trip_tables;

/* The chains: linear ones, then a shift far away, then sines of rising tau. */
enum { CHAINS = 4, SINES = 4, SHIFT = CHAINS, TRIPS = CHAINS + 1 + SINES };
enum { WORST_CHAIN = 2 }; /* condition 10 */
void trip_chain(const experiment *e, jf_table *out, size_t point, size_t which);

/* The largest bound of chain which that is one of first order: where a layer's
 * slope, tau at most, changes by a factor within 1 +- 1/16 over an error as
 * large as that; infinite for linear chains. */
double trip_first_order(size_t which);

/* The shift's distance, and the spacing of numbers there. */
#define FAR 1e6
#define FAR_SPACING (1048576 * TRIP_U)

/* The flows: models, each of two depths; the last is not trained. */
enum {
    TRIP_MODELS = 5,
    TRIP_DEPTHS = 2,
    TRIP_FLOWS = TRIP_MODELS * TRIP_DEPTHS
};
void trip_flow(const experiment *e, const trip_tables *t, size_t point,
               size_t which);

#endif
