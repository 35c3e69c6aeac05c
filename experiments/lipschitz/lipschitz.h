/* lipschitz.h -- the parts of the experiment lipschitz. */
#ifndef LIPSCHITZ_H
#define LIPSCHITZ_H

#include "common/check.h"
#include "common/lipschitz_program.h"

extern const check_list list_layers, list_maps, list_coil, list_bases,
    list_chains, list_tails;
void lipschitz_budget(experiment *e);
void lipschitz_coil(experiment *e);
void lipschitz_curve(experiment *e);
void lipschitz_shadow(experiment *e);
void lipschitz_tails(experiment *e);
void lipschitz_bases(experiment *e);
void lipschitz_inverse(experiment *e);

/* The affine optimum with singular values in [1/inverse, lip] (C6.5i). */
double clip_value(size_t d, const double *lambda, double lip, double inverse);

/* Of two normal laws of width 1 at -a and a, each of mass 1/2: the logarithms
 * of density and distribution function, and the point where that has the value
 * log_below < log(1/2), by Newton's method from start (maps.c). */
double modes_log_density(double a, double x);
double modes_log_below(double a, double x);
double modes_quantile(double a, double log_below, double start);

#endif
