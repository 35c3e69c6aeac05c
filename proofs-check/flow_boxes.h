/* flow_boxes.h -- what balls on the parts of a box of the plane say of a flow.
 *
 * The box is cut into n x n parts, and those on which nothing is finite, a mean
 * is too wide or a comparison is open into four, up to four times over.  Sums
 * are taken row by row in order: the same for any number of threads. */
#ifndef FLOW_BOXES_H
#define FLOW_BOXES_H

#include "flow_balls.h"

/* The law of X on the box: uniform, or N(0, I) given that it is there. */
typedef enum { UNIFORM, STANDARD_NORMAL } box_law;

typedef struct {
    const flow *flows[2]; /* the second may be NULL */
    double box[4];        /* from x1, to x1, from x2, to x2 */
    slong n;              /* a power of 2 */
    double tolerance;     /* parts on which a mean of log q, or of q times the
                             area of the box, has a larger radius are cut */
    double fine; /* > 0: means by models as well, where flow_models_fit, and cut
                    for them where that radius is larger; tolerance is then of
                    centred forms, and cuts for ranges and Lipschitz constants
                    alone */
    box_law law;
    double apart; /* of two log-determinants: P(|ld_1 - ld_2| >= apart) */
    int inverted; /* and E|ld - ld of the inversion after the first flow| */
    int centre_only, threads;
} box_task;

/* Of one flow: the integral of q, E log q, KL(X || q).  log|det J| has its
 * least value in least[0] .. [1], its largest in most[0] .. [1]; lipschitz[0]
 * bounds the constant of the flow on the box, [1] that of its inverse along
 * segments within the image. */
typedef struct {
    arb_struct mass, mean_log_q, gap;
    arf_struct least[2], most[2], lipschitz[2];
} box_flow;

typedef struct {
    box_flow flows[2];
    arb_struct apart[2]; /* P is at least the first, and at most the second */
    arb_struct gauge;    /* a lower bound of E|difference| */
    slong boxes;
} box_result;

void box_result_init(box_result *r);
void box_result_clear(box_result *r);
void boxes(box_result *r, const box_task *t);

#endif
