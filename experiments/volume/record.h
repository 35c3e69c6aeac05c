/* record.h -- what is recorded along a run of volume-training. */
#ifndef VOLUME_RECORD_H
#define VOLUME_RECORD_H

#include "volume.h"

/* A fall of E log|det| that counts, a column: the rounding of its mean. */
#define TURN 1e-12

typedef struct {
    jf_table *training, *monotone, *identities;
} tables;

/* E log|det| along a run, beside the likelihood on the same batch. */
typedef struct {
    double highest, drawdown;         /* of E log|det|      */
    double best, likelihood_drawdown; /* of the likelihood */
    double at_best; /* the largest fall of E log|det| below its highest value
                       before, at steps where the likelihood is higher than
                       ever before */
    double last;
    int direction;
    size_t records, turns; /* sign changes of the increments of E log|det| */
} ld_path;

/* A step; rounding: of the two means [nats]. */
void path_follow(ld_path *p, double mean_log_abs_det, double likelihood,
                 double rounding);

typedef struct { /* a run, and what is recorded of it */
    char data[64];
    const char *flow;
    unsigned long seed;
    jf_layer *f;
    jf_matrix x;         /* the fixed batch                       */
    const double *log_p; /* of it; NULL: a table             */
    double bound;        /* of E log|det| when m <= 1 [nats] */
    const tables *t;
    size_t point;
    jf_team *team;
    ld_path path;
} record;

/* A row of volume-training, of theta after step. */
void record_take(record *r, size_t step, const real *theta);

/* The same as the trace of a fit, of a record: every step up to 16, and eight
 * to an octave from then on. */
int record_watch(void *arg, const jf_fit_point *point);

/* The rows of the other tables, at the end; layers are added to r->f. */
void record_conclude(record *r, const real *theta, const char *status);

#endif
