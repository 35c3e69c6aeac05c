/* flow_models.h -- a flow of the plane on a part, as models of Taylor
 * (taylor_models.h), for linear layers and couplings of affine maps by tanh
 * nets of one input, over a normal base. */
#ifndef FLOW_MODELS_H
#define FLOW_MODELS_H

#include "flow_file.h"
#include "taylor_models.h"

/* Whether it is one. */
int flow_models_fit(const flow *f);

/* Room for a pass over a flow, kept between parts. */
typedef struct {
    model_powers powers;
    model scale, shift, log_scale;
    arb_ptr jets, units;
    slong width;
} flow_room;
void flow_room_init(flow_room *r, const flow *f);
void flow_room_clear(flow_room *r);

/* z: the columns, which become f of them; log_det = log|det df/dx|, log_q =
 * log_det - |z|^2/2 - log(2 pi). */
typedef struct {
    model z[2], log_det, log_q;
} flow_model;
void flow_model_init(flow_model *m);
void flow_model_clear(flow_model *m);
void flow_model_pass(flow_model *m, const flow *f, flow_room *r);

/* For all x of the plane: |z_j| <= by[j] |x_j| + shift[j], and |log|det|| <=
 * log_det, as scales and nets are bounded.  0: a layer is no coupling whose map
 * is bounded.  g may be NULL. */
typedef struct {
    mag_struct by[2], shift[2], log_det;
} flow_growth;
void flow_growth_init(flow_growth *g);
void flow_growth_clear(flow_growth *g);
int flow_grows(flow_growth *g, const flow *f);

#endif
