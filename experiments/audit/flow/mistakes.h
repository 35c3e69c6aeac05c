/* mistakes.h -- the table of known mistakes, and what its rows are. */
#ifndef AUDIT_FLOW_MISTAKES_H
#define AUDIT_FLOW_MISTAKES_H

#include "flow.h"

typedef enum { RESIDUAL, VOLUME, GAUSSIAN, LAW, ROWS } trace;

typedef struct { /* a trace, as numbers */
    size_t n, d;
    double *value, *ld, *base, *half, *allowed;
} evidence;

/* A way to fit, and one to hold: see the table. */
typedef int fitting(const evidence *v, hypothesis *h, double *parameter);
typedef int holding(const flow_numbers *f, const audit_report *r,
                    double *parameter);

/* value = (ld + ld_d d + ld_by_d / d) a + (base + base_by_d / d) B
 *         + half |z|^2/2 + per_d d + constant + d log(1 + epsilon e^(-a/d)) */
struct hypothesis {
    const char *name, *claim;
    trace trace;
    double ld, ld_d, ld_by_d, base, base_by_d, half, per_d, constant, epsilon;
    /* Fill coefficients of a copy from the numbers: 0 when they make no sense.
     * Or, instead of coefficients, whether it holds. */
    fitting *fit;
    holding *holds;
    int last; /* holds of whatever is left: not named beside others */
    const char *says, *remedy;
};

enum { MISTAKES = 64 }; /* the table ends with a row without a name */
extern const hypothesis known_mistakes[MISTAKES];

/* The ways to fit and to hold (recognise.c). */
fitting fit_factor, fit_constant, fit_base, fit_epsilon, fit_small_constant;
holding z_reordered, ld_reordered, ll_reordered, other_batch, ll_averaged,
    ld_averaged, ld_averaged_in_both, ld_is_zero, small_everywhere, noise,
    law_scaled, law_shifted, law_columns, law_wide, law_narrow, some_rows,
    always;

#endif
