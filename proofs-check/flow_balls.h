/* flow_balls.h -- a flow at a point, and on a box.
 *
 * A quantity F that depends on x is held as balls F[0] .. F[1 + d]: its values
 * on a box, its value at the centre c, and its partial derivatives on the box;
 * at a point F[0] alone.  After each step F[0] is the narrower of what the step
 * gives and of F(c) + grad F . (x - c), by the mean value theorem along the
 * segment from c: for a spline or an activation with a kink, F is Lipschitz,
 * and the gradient is the hull of those of its pieces. */
#ifndef FLOW_BALLS_H
#define FLOW_BALLS_H

#include "flow_file.h"

/* Where: half NULL at a point.  centre_only plants a mistake for the control:
 * the centre's values and gradient are taken for those of the box. */
typedef struct {
    slong d;
    arb_srcptr centre, half;
    int centre_only;
} flow_place;

/* z: d quantities.  log_q: in the units of x, nats. */
typedef struct {
    slong d, stride;
    arb_ptr z, log_det, log_q;
} flow_value;

void flow_value_init(flow_value *v, slong d, int on_box);
void flow_value_clear(flow_value *v);
void flow_evaluate(flow_value *v, const flow *f, const flow_place *at);

/* As after each step, for a quantity that the caller made. */
void flow_narrow(arb_ptr f, const flow_place *at);

#endif
