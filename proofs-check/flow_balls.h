/* flow_balls.h -- a flow at a point, and on a box.
 *
 * On a box of the plane with centre c a quantity F that depends on x is held as
 * nine balls: RANGE its values on the box, CENTRE its value at c, GRADIENT its
 * two partial derivatives on the box, SLOPES the same at c, HESSIAN its second
 * ones (11, 12, 22) on the box; at a point, in any dimension, F is RANGE alone.
 * After each step a derivative on the box is the narrower of what the step
 * gives and of SLOPES + HESSIAN (x - c), and RANGE likewise by GRADIENT: the
 * mean value theorem along the segment from c.  With a kink of a piecewise map
 * on the box, F is Lipschitz and GRADIENT the hull of those of its pieces;
 * HESSIAN is then unknown unless the gradient is Lipschitz too. */
#ifndef FLOW_BALLS_H
#define FLOW_BALLS_H

#include "flow_file.h"

enum { RANGE, CENTRE, GRADIENT, SLOPES = 4, HESSIAN = 6, FLOW_STRIDE = 9 };

/* Where: half, [0 +/- h] by column, NULL at a point.  centre_only plants a
 * mistake for the control: what holds at the centre is taken for the box. */
typedef struct {
    arb_srcptr centre, half;
    int centre_only;
} flow_place;

/* z: d quantities.  log_q: in the units of x, nats. */
typedef struct {
    slong d, stride;
    arb_ptr z, log_det, log_q;
} flow_value;

/* on_box: d is 2. */
void flow_value_init(flow_value *v, slong d, int on_box);
void flow_value_clear(flow_value *v);
void flow_evaluate(flow_value *v, const flow *f, const flow_place *at);

/* On a box: z := exp(x), z := x - y; l := log|det| of the inversion after z. */
void flow_exponential(arb_ptr z, arb_srcptr x, const flow_place *at);
void flow_difference(arb_ptr z, arb_srcptr x, arb_srcptr y,
                     const flow_place *at);
void flow_inverted(arb_ptr l, arb_srcptr z, const flow_place *at);

#endif
