/* mistakes.h -- the table of known mistakes, and what its rows are. */
#ifndef AUDIT_FLOW_MISTAKES_H
#define AUDIT_FLOW_MISTAKES_H

#include "flow.h"

typedef enum { RESIDUAL, VOLUME, GAUSSIAN, LAW, ROWS } trace;

typedef struct { /* a trace, as numbers */
    size_t n, d;
    double *value, *ld, *base, *half, *allowed;
} evidence;

/* value = (ld + ld_d d + ld_by_d / d) a + (base + base_by_d / d) B
 *         + half |z|^2/2 + per_d d + constant + d log(1 + epsilon e^(-a/d)) */
struct hypothesis {
    const char *name, *claim;
    trace trace;
    double ld, ld_d, ld_by_d, base, base_by_d, half, per_d, constant, epsilon;
    /* Fill coefficients of a copy from the numbers: 0 when they make no sense.
     * Or, instead of coefficients, whether it holds. */
    int (*fit)(const evidence *v, hypothesis *h, double *parameter);
    int (*holds)(const flow_numbers *f, const audit_report *r,
                 double *parameter);
    const char *says, *remedy;
};

enum { MISTAKES = 64 }; /* the table ends with a row without a name */
extern const hypothesis known_mistakes[MISTAKES];

/* Fallbacks stand at the end of their trace and hold of whatever is left. */
int is_last_resort(const hypothesis *h);

#endif
