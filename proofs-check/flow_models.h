/* flow_models.h -- a flow of the plane on a part, as models of Taylor
 * (taylor_models.h), for couplings of affine maps by tanh nets of one input. */
#ifndef FLOW_MODELS_H
#define FLOW_MODELS_H

#include "flow_file.h"
#include "taylor_models.h"

/* A layer of another kind is one line on stderr, with the path, and exit
 * status 2. */
void flow_models_fit(const flow *f, const char *path);

/* Room for a pass over a flow, kept between parts. */
typedef struct {
    model_powers powers;
    model scale, shift, log_scale;
    arb_ptr jets, units;
    slong width;
} flow_room;
void flow_room_init(flow_room *r, const flow *f);
void flow_room_clear(flow_room *r);

/* x (2), the columns -> z = f(x); log_det := log|det df/dx|. */
void flow_models(model *x, model *log_det, const flow *f, flow_room *r);
/* log_q := log_det - |z|^2/2 - log(2 pi). */
void flow_density(model *log_q, const model *z, const model *log_det);

/* For all x of the plane: |z_j| <= by[j] |x_j| + shift[j], and |log|det|| <=
 * log_det, as scales and nets are bounded. */
typedef struct {
    mag_struct by[2], shift[2], log_det;
} flow_growth;
void flow_growth_init(flow_growth *g);
void flow_growth_clear(flow_growth *g);
void flow_grows(flow_growth *g, const flow *f);

#endif
