/* confusion.h -- mistakes of every kind, planted in flows of any dimension. */
#ifndef AUDIT_FLOW_CONFUSION_H
#define AUDIT_FLOW_CONFUSION_H

#include "families.h"

/* What a user writes of a flow, and its inverse's columns; in one block from ll
 * on: ll, ld, ld_back (n), z, x, back (n, d). */
typedef struct {
    const family_flow *flow;
    size_t n, d;
    double *ll, *ld, *ld_back, *z, *x, *back;
} sample;

/* z, ld and ll of the flow at points x (n, d), correct. */
void sample_evaluate(sample *s, const double *x);

/* What shows a mistake: the columns of own points, a design, the inverse's
 * columns, the law of z. */
typedef enum { BY_COLUMNS, BY_DESIGN, BY_INVERSE, BY_LAW } shown_by;

typedef struct {
    const char *what; /* is done */
    const char *name; /* to be told; "none" of correct flows */
    shown_by way;
    void (*plant)(sample *s, double by); /* NULL: nothing */
    double by;
    size_t least, most; /* dimensions in which it can be told; 0: any */
} planted;
extern const planted planted_mistakes[];
extern const size_t n_planted;

/* All of them: adds a verdict. */
void audit_confusion(experiment *e);

#endif
