/* optimum.h -- the parts of the experiment, and what they share. */
#ifndef OPTIMUM_H
#define OPTIMUM_H

#include "common/check.h"

/* Whether tables get U(0, 1) noise, which digits always do: main.c sets it
 * before any part runs. */
extern int optimum_dequantize;

/* --save: where optimum_flows writes the nonlinear flow of the first table and
 * seed; NULL: nowhere, or it is written. */
extern const char *optimum_save;

/* A table ready for training: dequantised where asked, and standardised; a bad
 * one stops the program with status 2. */
jf_dataset optimum_data(const experiment *e, const char *spec);

/* What was done to that table: mean (d) and scale (d) of its columns in one
 * block, for free(), and the width of the noise it got. */
double *optimum_units(const experiment *e, const char *spec, double *noise);
int optimum_whole_numbers(jf_matrix x);

/* log of the mean over k of N(x; center_k, s^2 I); center (n, d). */
double log_mixture(size_t n, size_t d, const double *center, double s,
                   const double *x);

/* Actnorm and four affine couplings on R^2, nets of 8 hidden units, scales
 * clamped to e^+-2. */
jf_layer *small_flow(void);

/* One scale and k linear additive couplings of the halves, the first on the
 * larger (measure/shears.h). */
jf_layer *shears(size_t d, size_t k);

/* T (d, d), d <= 9, upper with diagonal e^(N/2) and N(0, 4/d) above it: a
 * random covariance T'T.  Its t_1 = 1.3 or t_q = .7 (measure/shears.h) if that
 * is asked: the second half then has .3 of that spread, and a factor. */
typedef enum { AS_DRAWN, T_ABOVE, T_BELOW } t_range;
void random_triangle(gsl_rng *rng, size_t d, t_range range, double *t);

/* A run has arrived when |G| growth < ARRIVED sqrt(least), G its gradient and
 * least the least eigenvalue of the second moments.  The likelihood of a dense
 * map has curvature 2 least at least across its optima.  Where parameters may
 * grow without changing the map, G falls as their inverse and the curvature as
 * its square: growth is then max(1, |theta| / sqrt(d)), about 1 for scales of 1
 * and any rotation, and else 1.  So |G|^2 / 2 m, what is left to gain, is below
 * 1e-6 if m growth^2 is above least / 2, a quarter of that curvature. */
#define ARRIVED 1e-3

/* Claims of one number each, for optimum-points.csv. */
extern const check_list list_unique, list_finite, list_points, list_signals,
    list_classes, list_samples, list_interval, list_cosine, list_radial;

/* One part of the experiment, one file each, which writes OUT/optimum-NAME.csv.
 * spectrum (which writes optimum-ppca.csv too) and images judge nothing where
 * e->verdicts is NULL. */
void optimum_spectrum(experiment *e);
void optimum_linear(experiment *e);
void optimum_factors(experiment *e);
void optimum_flows(experiment *e);
void optimum_training(experiment *e);
void optimum_samples(experiment *e);
void optimum_coverage(experiment *e);
void optimum_cosine(experiment *e);
void optimum_radial(experiment *e);
void optimum_images(experiment *e);
void optimum_textures(experiment *e);

#endif
