/* flow_forms.h -- centred forms (flow_balls.h): sums, products, functions, nets
 * and maps of quantities.
 *
 * A result may stand where an argument stands unless something else is said. */
#ifndef FLOW_FORMS_H
#define FLOW_FORMS_H

#include "flow_balls.h"

/* stride: balls of a quantity.  loose: the centre may lie in another piece of a
 * map than what is computed, so that nothing can be narrowed. */
typedef struct {
    const flow_place *at;
    slong stride;
    int loose;
} pass;

/* n quantities, zero; quantity i of some; how many of its balls are values. */
arb_ptr forms_new(const pass *p, slong n);
void forms_clear(const pass *p, arb_ptr x, slong n);
arb_ptr form_at(const pass *p, arb_ptr x, slong i);
slong form_values(const pass *p);

/* z := the narrower of z and of the ball of radius r about the centre's; and of
 * each part of a form and of what its derivatives say. */
void form_take_narrower(arb_t z, const arb_t centre, const mag_t r);
void form_narrow(const pass *p, arb_ptr f);

void form_set(const pass *p, arb_ptr z, arb_srcptr x);
void form_set_constant(const pass *p, arb_ptr z, const arb_t c);
void form_add(const pass *p, arb_ptr z, arb_srcptr x, arb_srcptr y);
void form_subtract(const pass *p, arb_ptr z, arb_srcptr x, arb_srcptr y);
void form_add_constant(const pass *p, arb_ptr z, const arb_t c);
void form_add_double(const pass *p, arb_ptr z, double c);
void form_scale(const pass *p, arb_ptr z, arb_srcptr x, const arb_t c);
void form_scale_power(const pass *p, arb_ptr z, arb_srcptr x, slong power);
void form_multiply(const pass *p, arb_ptr z, arb_srcptr x, arb_srcptr y);
void form_divide(const pass *p, arb_ptr z, arb_srcptr x, arb_srcptr y);
void form_inverse(const pass *p, arb_ptr z, arb_srcptr x);
void form_exponential(const pass *p, arb_ptr z, arb_srcptr x);
void form_logarithm(const pass *p, arb_ptr z, arb_srcptr x);

/* Derivatives of a function at the values of x: the first on the box and at
 * its centre, the second on the box. */
typedef struct {
    arb_t range, centre, second;
} bends;
void bends_init(bends *b);
void bends_clear(bends *b);
/* z has the values of f(x); its derivatives follow from those of f. */
void form_chain(const pass *p, arb_ptr z, arb_srcptr x, const bends *f);

/* z := a(x); z is x at most for TANH and SOFTPLUS. */
void form_activate(const pass *p, arb_ptr z, arb_srcptr x, flow_activation a);
/* y := W x + b, y not x. */
void form_affine(const pass *p, arb_ptr y, arb_srcptr x, const flow_affine *a);
/* y (width) := net(x), y not x; jacobian (width, in), unless NULL.  And of a net
 * of one input on a box. */
void form_net(const pass *p, arb_ptr y, arb_srcptr x, const flow_net *n,
              arb_ptr jacobian);
void form_net_of_one(const pass *p, arb_ptr y, arb_srcptr x, const flow_net *n);
/* x := m(x; par), par every step balls; log m' is added to log_det. */
void form_map(const pass *p, arb_ptr x, arb_ptr log_det, const flow_map *m,
              arb_srcptr par, slong step);

#endif
