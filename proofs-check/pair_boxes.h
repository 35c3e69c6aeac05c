/* pair_boxes.h -- two flows and a law on the whole plane, by parts.
 *
 * X = (u, v + u^2), (u, v) ~ N(0, I), which keeps volume.  The square K = [-R,
 * R]^2 of (u, v) is cut into parts, on which both flows are models of Taylor
 * (flow_models.h); what is outside of K is bounded by how fast they can grow.
 * Sums are taken in the order of parts: the same for any number of threads. */
#ifndef PAIR_BOXES_H
#define PAIR_BOXES_H

#include "flow_models.h"

typedef struct {
    const flow *flows[2];
    slong radius, inner; /* R, and half a side of the inner square: radius
                            times a multiple of 1/8 */
    double tolerance;    /* parts on which the integral of log q, or of q, has
                            a larger radius are cut */
    double rough;        /* parts on which log|det J| may exceed its values on
                            a grid by more are cut */
    double open;         /* parts that add more to the width of what is said of
                            the difference are cut */
    double apart;
    int control; /* plants a mistake: no rest, and a centre for its part */
    int threads;
} pair_task;

/* Of one flow: E[log q(X); K], KL(X || q); on the inner square the mass of q
 * and the ends of log|det J|. */
typedef struct {
    arb_struct inside, gap, mass;
    arf_struct least, most;
} pair_flow;

typedef struct {
    pair_flow flows[2];
    arb_struct apart[2];      /* P(|ld_f - ld_g| >= apart): at least, at most */
    arb_struct difference[2]; /* E|ld_f - ld_g|, likewise */
    slong parts;              /* that the integrals of log q and q took */
} pair_result;

void pair_result_init(pair_result *r);
void pair_result_clear(pair_result *r);
void pair_boxes(pair_result *r, const pair_task *t);

/* The models of a flow where (u, v) is in c_k + [-h_k, h_k]. */
void pair_models_on(flow_model *m, const flow *f, arb_srcptr c, arb_srcptr h,
                    flow_room *r);

#endif
