/* parts.h -- what the parts of the audit of a table share. */
#ifndef AUDIT_TABLE_PARTS_H
#define AUDIT_TABLE_PARTS_H

#include "audit/audit.h"

enum { AUDIT_SEEDS = 4 }; /* nonlinear flows that are trained */

/* A value that has a probability; far: beyond all others of its column. */
typedef struct {
    size_t column, times;
    double value;
    int far;
} audit_atom;

/* The user's table, and what is found in it.  x holds the columns that are
 * used, in the user's units; y the same (of a huge table a sample of the rows),
 * dequantised where values repeat, and standardised: what flows are trained on.
 * Log-likelihoods of y are those of x plus shift [nats]. */
typedef struct {
    const experiment *e;
    int loud;    /* print what is found */
    int verbose; /* all of it           */
    char name[64];
    size_t rows, columns;           /* of the file */
    size_t height, width, channels; /* of its pictures; 0: it has none */
    jf_matrix x, y;                 /* (n, d) */
    char (*label)[32];              /* (d): names of the columns, for tables */
    jf_moments raw, m;              /* of x and of y */
    double shift, *sd;              /* sd (d): of the columns of y before */
    /* What values.c finds: atoms, of which so many are codes; by column the
     * step of values that repeat, or 0, in so many columns; one for all, or 0;
     * rows that carry EIG; columns of heavy tails, and by how much EIG falls
     * with log n; the interval for EIG of the law, NaN where there is none. */
    audit_atom *atoms;
    size_t n_atoms, codes, tied, carrying, heavy;
    double *steps, step, drift;
    jf_interval law;
    size_t repeats; /* rows that are equal to earlier ones */
    int trainable;  /* more rows than an affine flow has directions */

    size_t q; /* suggested components of probabilistic PCA */
    /* negentropy of the principal directions, one by one, summed [nats] */
    double marginal, se_marginal;
    double captured, se_captured, sd_captured; /* by a nonlinear flow [nats] */
    /* lower bound of the inverse's Lipschitz constant, whitened data */
    double least_inverse;
    double modes_share; /* of the rows on one side of the gap */
} audit;

/* Tables of the audit of a table; a point is a table of the user's. */
enum {
    AUDIT_SUMMARY,
    AUDIT_VALUES,
    AUDIT_SPECTRUM,
    AUDIT_DIRECTIONS,
    AUDIT_TRAINING,
    AUDIT_RATES,
    AUDIT_ADVICE,
    AUDIT_TABLES
};
typedef struct {
    jf_table *of[AUDIT_TABLES];
    size_t point;
} audit_tables;

audit_tables audit_tables_new(const experiment *e, size_t points);
int audit_tables_have(const audit_tables *t); /* the point, of all tables */
int audit_tables_whole(const audit_tables *t);
void audit_tables_finish(audit_tables *t); /* the point                */
void audit_tables_close(audit_tables *t);

/* A row of audit-summary.csv, and a line of text when loud; or when verbose
 * alone. */
void audit_say(const audit *a, audit_tables *t, const char *claim,
               const char *quantity, const char *unit, double value, double se,
               const char *note);
void audit_mention(const audit *a, audit_tables *t, const char *claim,
                   const char *quantity, const char *unit, double value,
                   double se, const char *note);

/* How far the audit is, in hundredths: what was printed appears, and a bar
 * behind it.  From any thread while none prints. */
void audit_progress(const audit *a, size_t percent);

/* For qsort of doubles. */
int audit_by_value(const void *a, const void *b);

/* gains (n): of each row along the values v (n), by how much more likely a
 * histogram of rows that are not in its fifth makes it than their Gaussian. */
void audit_gains_along(size_t n, const double *v, double *gains);

/* 0 .. n - 1 in an order drawn with seed, for the caller to free. */
size_t *audit_shuffle(size_t n, unsigned long seed, unsigned long step);

/* What is done, over how many rows: printed ahead where it takes long or rows
 * are a sample. */
void audit_plan(const audit *a);

/* How many of n rows of d columns the parts look at: of more a sample, drawn at
 * random.  Training: rows by which flows are stopped, of those for that. */
size_t audit_component_rows(size_t n, size_t d);
size_t audit_direction_rows(size_t n, size_t d);
size_t audit_mode_rows(size_t n, size_t d);
size_t audit_checked_rows(size_t n);
size_t audit_training_steps(const experiment *e, size_t d);
enum { AUDIT_MOST_ROWS = 200000, AUDIT_TRAINING_ROWS = 50000 };
#define AUDIT_TRAIN 0.6 /* shares of the rows */
#define AUDIT_VALIDATE 0.2

/* The parts, one file each; read.c has the first two. */
int audit_read(audit *a, const experiment *e, int verbose, const char *spec);
void audit_free(audit *a);
void audit_steps(audit *a); /* of what values.c finds, what read.c needs */
void audit_values(audit *a, audit_tables *t);
void audit_describe(audit *a, audit_tables *t);
void audit_components(audit *a, audit_tables *t);
void audit_directions(audit *a, audit_tables *t);
void audit_modes(audit *a, audit_tables *t);
void audit_rates(audit *a, audit_tables *t);
void audit_training(audit *a, audit_tables *t);
void audit_advise(audit *a, audit_tables *t);

#endif
