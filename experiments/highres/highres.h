/* highres.h -- the parts of the experiment highres. */
#ifndef HIGHRES_H
#define HIGHRES_H

#include "common/experiment.h"
#include "common/photographs.h"

/* The size that the abstract names, the largest crop that is trained on, and
 * the budget of the inverse of the layer that a flow starts with. */
enum { LARGEST = 1024, CROP = 256, BUDGET = 4 };

/* IDENTITY: the flow of SPECTRUM without its start.  INTERLACED: another one, of
 * pixels by those that are coarser.  ALONE and those behind it: one principle
 * each. */
typedef enum {
    PLAIN,
    PRINCIPLES,
    SPECTRUM,
    IDENTITY,
    INTERLACED,
    ALONE,
    RECIPES = ALONE + 4
} recipe;

typedef enum { GLOW, COSINE, PIXELS } family;

typedef struct {
    const char *name;
    family family;  /* flow.c: COSINE has budgets, the rates of it and of PIXELS
                       fall to 0 */
    double rate;    /* where no grid is run: of those alone, plain's      */
    int clamp;      /* P1: log scales within +-1, those of priors within +-2 */
    int orthogonal; /* P5: P L U mixing from an orthogonal start          */
    int clip;       /* P10: gradients cut at norm .004 d nats             */
    int warm;       /* warm-up of 10 steps                                */
    int starts;     /* at the optimum of many crops */
} recipe_kind;
extern const recipe_kind highres_recipes[RECIPES];

/* Runs of a size: recipes, from that one on, x rates x seeds. */
typedef struct {
    size_t size, from, recipes, rates, seeds;
    size_t first; /* of all rates */
    int own;      /* one rate, that of the recipe */
    size_t steps; /* of plain; others have as many operations, and at most
                     most steps */
    size_t most;
} scale;

typedef struct { /* held-out pictures: a set, rows first .. of test */
    char name[64];
    size_t first, count;
    double spectrum;             /* bits a dimension: the best baseline   */
    double circular, reflecting; /* raw or by rings                       */
    double start;                /* of the layer that the flow starts with */
    double png;
} picture_set;

enum { SETS = 3 };

typedef struct { /* pictures of a size */
    picture_set sets[SETS];
    size_t n_sets;
    jf_images *set;
    size_t size, side;         /* of pictures; of training crops     */
    size_t train, held, batch; /* files; held-out ones; rows a step */
    jf_matrix test;            /* (held, d), whole pictures          */
} pictures;

typedef struct { /* one training run, the same point of every table */
    const experiment *e;
    const pictures *p;
    recipe r;
    double rate;
    unsigned long seed;
    size_t point, steps;
    const size_t *at; /* records after so many steps, n_at of them, and at
                          the end; NULL: a few, as far apart as each other */
    size_t n_at;
    int constant;      /* the rate does not fall */
    int samples;       /* draw them at the end */
    const char **save; /* where the flow goes then; NULL: nowhere */
} run;

typedef struct { /* NAME, NAME-runs, NAME-levels, NAME-codecs; or NULL */
    jf_table *steps, *ends, *levels, *codecs, *stretch;
} tables;

/* Of tables.c.  Those of a program for so many runs at so many sizes, without
 * stretch; whether a run is in them; that it is, or was to stop; all of it. */
tables highres_tables(const experiment *e, const char *name, size_t points,
                      size_t sizes);
int highres_is_there(const tables *t, size_t point);
void highres_point_done(const tables *t, size_t point, int finished);
int highres_are_whole(const tables *t);
void highres_say_not_run(const tables *t);
void highres_close(const tables *t);

/* Sets of a run that are judged; whether it diverged on one of them. */
size_t highres_sets_of(const jf_table *ends, size_t point);
int highres_diverged(const jf_table *ends, size_t point);

/* Of flow.c.  Levels of a Glow for pictures of size x size. */
size_t highres_levels(size_t size);

/* The flow of a recipe for pictures of size x size, here for parts of them of
 * side x side; theta is the same for every side.  depth: steps a level of a
 * Glow (0: as trained). */
jf_layer *highres_flow(recipe r, size_t size, size_t side, size_t depth);

/* Multiplications and additions of a training step on so many crops. */
double highres_operations(recipe r, size_t size, size_t side, size_t rows);

/* theta of its start, from the rows of x, which are used up. */
int highres_start(recipe r, const jf_layer *f, real *theta, jf_matrix x,
                  unsigned long seed, jf_team *team);

/* theta := the nearest within the budget. */
void highres_budget(recipe r, const jf_layer *f, real *theta);

/* First-order bound of |f^-1(f(x)) - x| / |x| in float, of COSINE: proved in
 * flow.c. */
double highres_bound(const jf_layer *f, const real *theta, const real *x,
                     jf_team *team);

/* Of pictures.c.  Those of the folder that the user names, which stops the
 * program with status 2 when it is bad, or else of all, which outlives them. */
pictures highres_pictures(const experiment *e, const photographs *all,
                          size_t size);
void highres_pictures_free(pictures *p);

/* Corners of the crops that a recipe is trained on are multiples of it. */
size_t highres_grid(recipe r, size_t size);

/* x: training crops first .., one a row, with corners at multiples of grid, of
 * pictures drawn or (in_turn) one after another. */
void highres_crops(const pictures *p, size_t grid, int in_turn,
                   unsigned long seed, unsigned long step, size_t first,
                   jf_matrix x);

/* Bytes of held-out picture i. */
void highres_held(const pictures *p, size_t i, unsigned char *pixels);

/* Bits per dimension of nats (held) in the mean over a set. */
double highres_mean_bits(const pictures *p, const picture_set *s,
                         const double *nats);

/* The baselines of every set: baseline.c. */
void highres_baseline(const experiment *e, pictures *p);

/* What codecs need for the held-out pictures, to the table of codecs; and the
 * means of PNG: codecs.c. */
void highres_codecs(const experiment *e, pictures *p, jf_table *out,
                    size_t point);

/* Write FILE, the table of them that ships, of all held-out photographs. */
void highres_write_codecs(const experiment *e, const photographs *all,
                          const size_t *sizes, size_t count, const char *path);

/* Train, with rows in all tables, from where a run of the same point stopped.
 * 0: it is to stop here, and is kept. */
int highres_train(const run *r, tables *t);

/* A run of a point under way, beside its flow and its state of training. */
typedef struct {
    size_t next;                              /* record */
    double elapsed;                           /* seconds of training */
    double first_bits[SETS], last_bits[SETS]; /* of a mean held-out picture */
} progress;

/* Of kept.c.  Write where the run stands, with its rows of the tables of steps
 * and of stretches (status 1 where it cannot be written); take it over, 1, if
 * there is one of the same program, options and inputs; and forget it. */
void highres_keep(const run *r, const jf_layer *f, const real *theta,
                  const jf_fit_state *state, const progress *p,
                  const tables *t);
int highres_resume(const run *r, const jf_layer *f, real *theta,
                   jf_fit_state *state, progress *p, const tables *t);
void highres_forget(const run *r);

/* Of stretch.c: how far the flow stretches around training crop x (d), and its
 * inverse around the image of x, a row to the table of it. */
void highres_stretch(const run *r, const jf_layer *f, const real *theta,
                     size_t step, jf_table *out);

/* x: the middle of held-out picture i, as large as a training crop. */
void highres_middle(const pictures *p, size_t i, real *x);

/* Draw highres-samples.png of the flow f. */
void highres_samples(const run *r, const jf_layer *f, const real *theta);

/* The claims, of finished tables; of no sizes that they were not run. */
void highres_judge(const experiment *e, size_t count, const scale *s,
                   const tables *t);

/* The largest rate of a grid up to which no run diverged. */
double highres_stable(const scale *s, size_t k, recipe r, const jf_table *ends);

/* Of summary.c.  Bits a dimension of a method in the mean over the pictures of a
 * set, in a point of the table of codecs: NaN, where it is not there. */
double highres_codec(const tables *t, size_t point, const char *set,
                     const char *method);

/* What a person wants to know of them, to stdout. */
void highres_summary(const experiment *e, size_t count, const scale *s,
                     const tables *t);

/* Where run (recipe, rate, seed) of scale k stands in the tables. */
size_t highres_point(const scale *s, size_t k, recipe r, size_t rate,
                     size_t seed);
size_t highres_runs(const scale *s);

/* Peak memory of a training step by size and depth, each in a process of its
 * own: before any thread exists. */
void highres_memory(const experiment *e, jf_table *out);

#endif
