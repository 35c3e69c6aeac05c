/* laws.h -- the seven laws of a layer, shared by the tests of layers. */
#ifndef JF_LAWS_H
#define JF_LAWS_H

#include "jf.h"

/* Bits of the laws that a layer breaks. */
enum {
    LAW_ROUND_TRIP = 1 << 0, /* inverse after forward is the identity      */
    LAW_LOG_DET = 1 << 1,    /* log_abs_det is that of the dense Jacobian  */
    LAW_JACOBIAN = 1 << 2,   /* which agrees with differences of forward   */
    LAW_TAYLOR = 1 << 3,     /* gradients have a remainder of order 3      */
    LAW_ROWS = 1 << 4,       /* a sample depends on nothing beside it      */
    LAW_STACK = 1 << 5,      /* the work stack ends as it began            */
    LAW_SHAPES = 1 << 6,     /* bad shapes give their code                 */
    LAWS = 7
};

/* What is known of a layer beforehand. */
typedef struct {
    real spread; /* theta := init + spread N(0, 1); 0: init alone */
    int unit;    /* x in (0, 1)^d instead of N(0, 1)^d */
    int kinked;  /* piecewise: order 3 only within a piece; n > 1: of cells of
                    1 / n, whose pieces are 1, 8 and 1 tenths, from whose ends
                    x is moved away */
} law_options;

/* The laws that layer breaks at random theta and x, both from seed; with
 * verbose each one on stderr with its numbers. */
unsigned broken_laws(const jf_layer *layer, const law_options *options,
                     unsigned long seed, int verbose);

#endif
