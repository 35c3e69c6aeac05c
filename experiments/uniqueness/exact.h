/* exact.h -- what the samples of exact pairs and their verdicts share. */
#ifndef UNIQUENESS_EXACT_H
#define UNIQUENESS_EXACT_H

#include "uniqueness.h"

/* Of a sample v (n), which is sorted: sqrt n times the Kolmogorov-Smirnov
 * distance from the standard logistic law, the p-value (Kolmogorov's limit at
 * Stephens's argument, 1970), the shift that a row's share of the level
 * detects nine times in ten, and p with 1.5 times that planted. */
typedef struct {
    double distance, p, detectable, planted_p;
} logistic_fit;
logistic_fit logistic_fit_of(size_t n, double *v);

/* Verdicts from the table, a point for each of exact_pairs. */
void judge_exact(const experiment *e, const jf_table *t);

#endif
