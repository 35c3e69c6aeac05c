/* nonlinear_layers.h -- nonlinear flows of R^d that experiments share. */
#ifndef NONLINEAR_LAYERS_H
#define NONLINEAR_LAYERS_H

#include "jf.h"

typedef struct {
    const char *name, *family;
    void (*add)(jf_layer *f, size_t d); /* d >= 2 */
    double rate;                        /* of Adam, found once on the banana */
    int smooth;                         /* log |det| has derivatives */
} architecture;

enum { ARCHITECTURES = 8 };
extern const architecture architectures[ARCHITECTURES];

/* actnorm, the layers of a, actnorm. */
jf_layer *nonlinear_new(const architecture *a, size_t d);

#endif
