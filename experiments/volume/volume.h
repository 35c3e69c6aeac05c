/* volume.h -- the parts of the experiment volume. */
#ifndef VOLUME_H
#define VOLUME_H

#include "common/check.h"
#include "common/nonlinear_layers.h"

enum { MAX_D = 16 }; /* of the points */

/* Maps in closed form (maps.c): a layer of R^d without parameters, a
 * point, and vol f(B_r) / vol B_r, or NAN. */
typedef struct {
    const char *name;
    size_t d;
    jf_layer *(*make)(size_t d);
    double x0[MAX_D];
    double (*ratio)(size_t d, const double *x0, double r);
    int smooth; /* five derivatives: the coefficient of r^2 exists */
} closed_map;
enum { CLOSED_MAPS = 11, WAVE = 0 };
extern const closed_map closed_maps[CLOSED_MAPS];

#define VOLUME_STEP 1e-3 /* of the first differences of Jacobians */

/* Volumes from values of the map alone, never from its determinant
 * (measure.c).  A probe is a map with its parameters; errors stop the
 * program. */
typedef struct {
    const jf_layer *f;
    const real *theta;
    jf_team *team;
} probe;

/* z (n, d) := f(x), x kept; ld (n), unless NULL, := log |det|. */
void probe_values(const probe *p, jf_matrix x, jf_matrix z, double *ld);
double probe_log_abs_det(const probe *p, const double *x);

/* Ratios vol f(B_r(x0)) / vol B_r.
 *   contour    d = 2: Green's theorem on a trigonometric interpolant of f on
 *              the circle in nodes points; spectral accuracy
 *   polygon    d = 2: the image of an n-gon by the shoelace formula over the
 *              n-gon's own area; exact for piecewise linear f whose kinks are
 *              at vertices
 *   cubature   |det| of central differences at the points of a rule of degree 5
 *              for the ball: error O(r^6) */
double volume_contour(const probe *p, const double *x0, double r, size_t nodes);
double volume_polygon(const probe *p, const double *x0, double r, size_t nodes);
double volume_cubature(const probe *p, const double *x0, double r);

/* d = 2: hits of the ball by f^-1 of n uniform points in the box around the
 * image of the circle; box: its area over pi r^2. */
size_t volume_monte_carlo(const probe *p, const double *x0, double r, size_t n,
                          gsl_rng *rng, double *box);

/* |det| of one-sided or central differences of step h: the volume of a small
 * parallelepiped over h^d; and the coefficient of h, or h^2, that the second
 * or third derivatives predict, relative to |det|; scale: the sum of the
 * |terms|; resolved: what twice the step of these differences changes. */
double volume_parallelepiped(const probe *p, const double *x0, double h,
                             int central);
double parallelepiped_coefficient(const probe *p, const double *x0, int central,
                                  double *scale, double *resolved);

/* Laplacian(j) / (2 (d + 2) j) from log_abs_det, j = |det|; scale: the same
 * with absolute values of the second derivatives; resolved as above. */
double ball_coefficient(const probe *p, const double *x0, double *scale,
                        double *resolved);

/* The mean of exp(log_abs_det) over the disc, d = 2: the area formula, by
 * Gauss nodes in radius^2 and equal angles.  lost: the same by a log_abs_det in
 * which the first layer has the wrong sign. */
double volume_integral(const probe *p, const double *x0, double r, size_t radii,
                       size_t angles, double *lost);

/* Training on copies of a toy side by side, d = 2 copies, by Adam on fresh
 * draws (law.c).  The caller frees flow and theta. */
typedef struct {
    const architecture *a;
    const jf_toy *toy;
    size_t copies, steps;
    unsigned long seed;
    jf_fit_trace trace; /* may be NULL */
    void *trace_arg;
} training;
void volume_draw(const training *t, jf_matrix x, unsigned long step);
const char *volume_train(const training *t, const jf_layer *f, real *theta,
                         jf_team *team);

/* The parts. */
extern const check_list list_volume; /* points.c */
void volume_order(experiment *e);
void volume_path(experiment *e);
void volume_scores(experiment *e);
void volume_training(experiment *e);

#endif
