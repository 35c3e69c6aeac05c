/* uniqueness_trained.h -- what training, its tables and its verdicts share. */
#ifndef UNIQUENESS_TRAINED_H
#define UNIQUENESS_TRAINED_H

#include "uniqueness.h"

/* A way to build a flow of the plane (uniqueness_flows.c).  The last one,
 * "twisted", is the first as trained, followed by a map that keeps the base. */
typedef struct {
    const char *name, *family;
    void (*add)(jf_layer *);
    double rate;
} architecture;
enum { FLOWS = 9, TWISTED = FLOWS - 1 };
extern const architecture architectures[FLOWS];

typedef struct {
    const char *name;
    int smooth;
    size_t times; /* longer than the others */
} target;
enum { TARGETS = 6 };
extern const target targets[TARGETS];

/* Points of the tables: base (point % BASES) of target point / BASES. */
typedef enum { NORMAL, UNIFORM, BASES } base;

/* The flow of an architecture into a base. */
jf_layer *flow_new(const architecture *a, base b, int twisted);

typedef struct {
    jf_table *runs, *pairs, *fields;
} tables;

/* Verdicts from the tables (uniqueness_judge.c); with converged those that only
 * flows near the optimum can meet. */
void judge_trained(const experiment *e, const tables *t, size_t points,
                   int converged);

#endif
