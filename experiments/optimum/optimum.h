/* optimum.h -- the parts of the experiment, and what they share. */
#ifndef OPTIMUM_H
#define OPTIMUM_H

#include "common/check.h"

/* A table ready for training: dequantised where asked, and standardised; a bad
 * one stops the program with status 2. */
jf_dataset optimum_data(const experiment *e, const char *spec);
int optimum_whole_numbers(jf_matrix x);

/* log of the mean over k of N(x; center_k, s^2 I); center (n, d). */
double log_mixture(size_t n, size_t d, const double *center, double s,
                   const double *x);

/* Actnorm and four affine couplings on R^2, nets of 8 hidden units, scales
 * clamped to e^+-2. */
jf_layer *small_flow(void);

/* Claims of one number each, for optimum-points.csv. */
extern const check_list list_unique, list_finite, list_points, list_classes;

/* One part of the experiment, one file each. */
void optimum_spectrum(experiment *e); /* optimum-spectrum, optimum-ppca;
                                       e->verdicts may be NULL */
void optimum_linear(experiment *e);   /* optimum-linear                      */
void optimum_factors(experiment *e);  /* optimum-factors                     */
void optimum_flows(experiment *e);    /* optimum-flows, optimum-training     */
void optimum_samples(experiment *e);  /* optimum-samples                     */
void optimum_images(experiment *e);   /* optimum-images; verdicts as above   */
void optimum_textures(experiment *e); /* optimum-textures                    */

#endif
