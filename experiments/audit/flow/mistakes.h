/* mistakes.h -- the table of known mistakes, and what its rows are. */
#ifndef AUDIT_FLOW_MISTAKES_H
#define AUDIT_FLOW_MISTAKES_H

#include "flow.h"

typedef enum {
    RESIDUAL,
    FUNCTION,
    VOLUME,
    MASS,
    BACK,
    GAUSSIAN,
    LAW,
    ROWS
} trace;

typedef struct { /* a trace, as numbers */
    size_t n, d;
    double *value, *ld, *base, *half, *allowed;
    /* Of a VOLUME: the error of a value; sum of log x (1 - x), NaN outside
     * (0, 1); how many x_j are negative, and how many z_j. */
    double *error, *logit, *negative, *negative_z;
} evidence;

/* A way to fit, and one to hold: see the table; at most
 * AUDIT_PARAMETERS of them. */
typedef int fitting(const evidence *v, hypothesis *h, double *parameter);
typedef int holding(const flow_numbers *f, const audit_report *r,
                    double *parameter);

/* value = (ld + ld_d d + ld_by_d / d) a + (base + base_by_d / d) B
 *         + half |z|^2/2 + per_d d + constant + d log(1 + epsilon e^(-a/d))
 *         + logit sum_j log x_j (1 - x_j) + negative #{x_j < 0}
 *         + negative_z #{z_j < 0} */
struct hypothesis {
    const char *name, *claim;
    trace trace;
    double ld, ld_d, ld_by_d, base, base_by_d, half, per_d, constant, epsilon;
    double logit, negative, negative_z;
    /* Fill coefficients of a copy from the numbers: 0 when they make no sense.
     * Or, instead of coefficients, whether it holds. */
    fitting *fit;
    holding *holds;
    int last; /* holds of whatever is left: not named beside others */
    int dear; /* takes long: not tried where one before it holds */
    const char *says, *remedy;
};

enum { MISTAKES = 128 }; /* the table ends with a row without a name */
extern const hypothesis known_mistakes[MISTAKES];

/* A form in x (n, d) of p monomials, 1, x_j, x_j^2 and, beyond 2 d + 1, x_j x_l,
 * fitted to value (n), each over its error (NULL: 1): 0 when it is singular; and
 * its value at a point. */
int form_fit(size_t n, size_t d, size_t p, const double *x, const double *value,
             const double *error, double *coefficient);
double form_value(size_t d, size_t p, const double *coefficient,
                  const double *x);

/* Whether all x lie where the logit of lambda + (1 - 2 lambda) x is defined. */
int logit_defined(const flow_numbers *f, double lambda);

/* The ways to fit and to hold (recognise.c). */
fitting fit_factor, fit_constant, fit_base, fit_epsilon, fit_small_constant,
    fit_negative_x, fit_negative_z, fit_negative_either, fit_scale_once,
    fit_scale_once_or_other;
holding z_reordered, ld_reordered, ll_reordered, other_batch, ll_averaged,
    ld_averaged, ld_averaged_in_both, ld_is_zero, small_everywhere, noise,
    law_scaled, law_shifted, law_columns, law_wide, law_narrow, some_rows,
    always, base_of_batch, base_diagonal, base_full, base_logistic,
    base_laplace, base_student, base_mixture, ld_one_in_both, ld_differs,
    ld_scatters, lambda_forgotten, not_one_to_one, unit_slope, other_map,
    mass_lost, law_bounded, z_has_atom, ld_lost, x_moved, x_scaled,
    back_at_bound, some_rows_back, back_with_sign, back_in_part, back_at_input,
    back_of_log_det;

/* Where the inverse's log-determinant is off, if it is in part, in words: by
 * what of x or z such rows differ from the others; added to text. */
void back_part_say(const flow_numbers *f, jf_text *text);

#endif
