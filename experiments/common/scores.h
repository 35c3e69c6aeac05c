/* scores.h -- two scores of how strange a point is: minus its log-likelihood,
 * and the square of its latent radius (C5.6).
 *
 * Maps of the plane to N(0, I):
 *   identity, inversion   of N(0, I), exact
 *   product               of two exponential variables, exact: k_i = Phi^-1(1 -
 *                         exp(-x_i))
 *   polar                 of the same, exact: (2 (t - log(1 + t)))^1/2 at the
 *                         angle 2 pi x_1 / t, t = x_1 + x_2
 *   constant              of the same, |det| = 1: t / (2 pi)^1/2 at that angle
 * Source: C1.3 and C3.9. */
#ifndef SCORES_H
#define SCORES_H

#include "jf.h"

typedef enum {
    SCORE_IDENTITY,
    SCORE_INVERSION,
    SCORE_PRODUCT,
    SCORE_POLAR,
    SCORE_CONSTANT,
    SCORE_MAPS
} score_map;

extern const char *const score_names[SCORE_MAPS];

/* Of n points, each (n). */
typedef struct {
    size_t n;
    double *nll;      /* [nats] */
    double *square;   /* |z|^2 */
    double *surprise; /* -log p_X [nats] */
} scores;

/* n points of the map's data law from the stream (seed, purpose); log|det| of
 * the maps of exponential variables by central differences of relative step
 * 1e-5, whose error is about 1e-9.  The caller clears. */
scores scores_of(score_map map, size_t n, unsigned long seed,
                 unsigned long purpose);
void scores_clear(scores *s);

/* Ranks from 0, of values without ties; NaN all of them when a value is none.
 * The caller frees. */
double *ranks_of(size_t n, const double *v);

/* Spearman's, of ranks. */
double rank_correlation(size_t n, const double *a, const double *b);

#endif
