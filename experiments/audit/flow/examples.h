/* examples.h -- planted mistakes, and the exact flows that they are planted in.
 */
#ifndef AUDIT_FLOW_EXAMPLES_H
#define AUDIT_FLOW_EXAMPLES_H

#include "flow.h"

/* PIXELS: pixels of an image. */
enum { PIXELS = 4, PURPOSE_EXAMPLES = JF_PURPOSE_USER + 900 };

typedef struct drawn { /* what is written of a correct flow, and more */
    size_t n, d;
    double *ll, *ld, *z, *x;
    double *head;  /* (n) the part of ld that is the head's          */
    double *scale; /* (d) of the head's actnorm                      */
    double *other; /* (n, d) z of another batch                      */
    gsl_rng *rng;
} drawn;

typedef struct { /* sizes and strengths of a random flow */
    size_t n, d;
    double mixing, curvature, unit; /* of parameters; log of a unit of x */
} shape;

/* A planted mistake (planted.c). */
typedef struct {
    const char *name;     /* of the file */
    const char *expected; /* diagnosis, by hypothesis_name; NULL: none */
    void (*plant)(drawn *s);
    int with_x; /* the example carries x */
    const char *about;
    int pixels;       /* layers of pixels: 1 alone, 2 and couplings */
    double curvature; /* of the couplings, at most; 0: 0.4 */
} mistake;
extern const mistake mistakes[];
extern const size_t n_mistakes;

/* Whether a report tells the planted mistake, and nothing of a correct flow. */
int mistake_told(const mistake *m, const audit_report *r);

/* A flow of that shape with mistake m planted, for the caller to free. */
void drawn_new(const mistake *m, const shape *k, unsigned long seed,
               gsl_rng *rng, drawn *s);
void drawn_free(drawn *s);

/* Parameters of a layer, its initial ones moved by normal numbers of deviation
 * by; to be freed. */
double *drawn_theta(const jf_layer *f, double by, unsigned long seed,
                    gsl_rng *rng, jf_team *team);

/* Its numbers as floats. */
void drawn_to_float(drawn *s);

/* log N(z; 0, sd^2 I) */
double log_normal(size_t d, const double *z, double sd);

/* ll from z and ld as they now are. */
void rescore(drawn *s);

/* Correct flows of many families and sizes (cells.c): adds verdicts. */
void audit_families(experiment *e);

/* The numbers of a random exact flow with mistake m planted; the flow and its
 * sizes are drawn from (seed, index). */
void mistake_draw(const mistake *m, unsigned long seed, size_t index,
                  flow_numbers *f);

#endif
