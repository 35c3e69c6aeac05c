/* budget.h -- flows under budgets: affine ones, and others in the plane. */
#ifndef LIPSCHITZ_BUDGET_H
#define LIPSCHITZ_BUDGET_H

#include "lipschitz.h"

enum { PURPOSE_BUDGET = JF_PURPOSE_USER + 610 };

typedef struct {
    jf_table *budget, *layers;
} budget_tables;

/* A linear layer for budgets, either of which may be infinite.  Where they
 * leave one value alone, a range of 2e-12 around it. */
jf_layer *bounded_linear(size_t d, double lip, double inverse);
void budget_range(double lip, double inverse, double *low, double *high);

/* Data with their moments, for affine flows. */
typedef struct {
    char name[64];
    jf_matrix x;
    jf_moments m;
    double entropy; /* NaN: a table */
} affine_data;

/* Two spectra, then two tables; or, alone, the user's. */
enum { BUDGET_AFFINE = 4 };
affine_data budget_data(const experiment *e, size_t which);
void budget_data_free(affine_data *a);

/* An affine flow on a, under one of the pairs of budgets. */
enum { BUDGETS = 8, BUDGET_PAIRS = BUDGETS * BUDGETS };
void budget_affine(const experiment *e, const affine_data *a, size_t pair,
                   const budget_tables *t, size_t point);

/* Laws of the plane of known entropy; the first is that of two modes. */
enum { LAWS = 5 };
const jf_toy *law_of(size_t k);
extern const jf_toy law_of_two_modes;

/* Nonlinear flows of one seed: one of laws x flows x budgets. */
enum { BUDGET_FLOWS = 4, BUDGET_SIDES = 11 };
enum { BUDGET_NONLINEAR = LAWS * BUDGET_FLOWS * BUDGET_SIDES };
void budget_nonlinear(const experiment *e, size_t which, unsigned long seed,
                      const budget_tables *t, size_t point);

#endif
