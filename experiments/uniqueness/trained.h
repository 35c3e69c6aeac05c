/* trained.h -- what training, its tables and its verdicts share. */
#ifndef UNIQUENESS_TRAINED_H
#define UNIQUENESS_TRAINED_H

#include "common/nonlinear_layers.h"
#include "uniqueness.h"

/* Points of the tables: base (point % BASES) of target point / BASES. */
typedef enum { NORMAL, UNIFORM, BASES } base;

typedef struct {
    const char *name;
    size_t times; /* longer than the others */
} target;
enum { TARGETS = 6 };
extern const target targets[TARGETS];

/* The flows: every architecture, and "twisted", the first of them as trained,
 * followed by a map that keeps the base. */
enum { FLOWS = ARCHITECTURES + 1, TWISTED = ARCHITECTURES };
const char *flow_name(size_t flow);
const char *flow_family(size_t flow);

/* The flow of an architecture of the plane into a base. */
jf_layer *flow_new(const architecture *a, base b, int twisted);

typedef struct {
    jf_table *runs, *pairs, *fields;
} tables;

enum { TEST = 4000 }; /* points that no flow was trained on */

/* The sum of gaps and of the roots of twice them (C1.8): V |det| of a flow into
 * a uniform base of volume V is within gap_bound of p_X, E |log|; of two flows
 * the bounds add. */
double gap_bound(double gap);

/* Verdicts from the tables (judge_trained.c). */
void judge_trained(const experiment *e, const tables *t, size_t points);

#endif
