/* lipschitz.h -- how far a flow stretches and squeezes: proved, measured,
 * searched for.
 *
 * Over a set, a flow's Lipschitz constant is the largest singular value of its
 * Jacobian and its inverse's constant is 1 over the least one. */
#ifndef JF_LIPSCHITZ_H
#define JF_LIPSCHITZ_H

#include "layer/flow.h"

/* One layer of a flow: what its parameters prove of the singular values over
 * |x| <= radius, the ball that the layers before it may fill; and the extremes
 * over rows that were measured. */
typedef struct {
    const char *name;
    double radius, least, largest;
    double measured_least, measured_largest;
} jf_layer_stretch;

/* least, largest := proved bounds of the flow's singular values over |x| <=
 * radius (infinity: everywhere), products over its layers; 0 and infinity when
 * some layer proves nothing.  layers (jf_flow_length(f)), unless NULL, has the
 * report by layer, measured at the rows of x (n, d); n = 0: NaN. */
int jf_stretch_proved(const jf_layer *f, const real *theta, double radius,
                      double *least, double *largest, jf_layer_stretch *layers,
                      jf_const_matrix x, jf_team *team);

/* The extremes over the rows of x (n, d), from dense Jacobians: d
 * backward passes and an SVD of d^3 a row.  worst (2), unless NULL: the rows
 * of the least and of the largest. */
int jf_stretch_measured(const jf_layer *f, const real *theta, jf_const_matrix x,
                        double *least, double *largest, size_t *worst,
                        jf_team *team);

/* From the worst rows of x (n, d) uphill: a simplex search (Nelder and Mead
 * 1965) of the extremes over |x| <= radius, of at most steps steps each.  A
 * point outside of the ball stands for the nearest one inside, so that a search
 * goes on along the sphere.  Never outside of the proved bounds; a sample alone
 * tells little about a maximum. GSL's minimiser asks for (d + 1)^2 doubles by
 * itself: where there is no memory for those, GSL's handler is called, which
 * unless the program has changed it ends the program. */
int jf_stretch_searched(const jf_layer *f, const real *theta, jf_const_matrix x,
                        double radius, size_t steps, double *least,
                        double *largest, jf_team *team);

/* The largest singular value at x (d) for large d: power iteration on J'J from
 * a start drawn with seed, J' u by backward, J v by central differences of f of
 * step h (0: u^(1/3)), whose error h^2 + u/h limits the result.  GSL_EMAXITER:
 * it has not settled to tolerance; largest is filled, from below. */
int jf_stretch_largest(const jf_layer *f, const real *theta, const real *x,
                       double h, unsigned long seed, size_t products,
                       double tolerance, double *largest, jf_team *team);

/* Of the inverse at z (d), whose transpose is not at hand: the largest |J^-1 v| /
 * |v| over v, J^-1 v, J^-2 v .. from a start drawn with seed, so a lower bound
 * of its largest singular value, and that value where the Jacobian is symmetric
 * and products many.  By central differences of the inverse of step u^(1/3) times
 * the mean size of z's entries, 1e-3 at least.  NaN: an inverse is not finite. */
int jf_stretch_inverse_found(const jf_layer *f, const real *theta,
                             const real *z, unsigned long seed, size_t products,
                             double *found, jf_team *team);

#endif
