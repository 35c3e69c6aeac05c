/* ways.h -- ways to write a linear flow. */
#ifndef OPTIMUM_WAYS_H
#define OPTIMUM_WAYS_H

#include "jf.h"

typedef struct {
    const char *name;
    /* Layers behind an optional bias. */
    void (*add)(jf_layer *flow, size_t d);
    /* EIG minus its optimum, from S (d, d) and its eigenvalues; NULL: 0. */
    double (*gap)(size_t d, const double *s, const double *lambda);
    /* The gap by a wrong formula, and which; NULL: EIG of the covariance
     * divided by n - 1. */
    double (*broken)(size_t d, const double *s, const double *lambda);
    const char *wrong;
    int keeps_units; /* |det W| = 1: no change of units */
    int even;        /* for even d alone */
    int rotates;     /* scales along axes that rotate: the slowest to train */
    int grows;       /* parameters may grow without changing the map */
    int free_scale;  /* the last d^2 of them are a matrix, up to a factor */
} parameterisation;

enum { WAYS = 15 };
extern const parameterisation ways[WAYS];

/* The gap where none is predicted: NaN. */
double gap_unknown(size_t d, const double *s, const double *lambda);

#endif
