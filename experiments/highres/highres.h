/* highres.h -- the parts of the experiment highres. */
#ifndef HIGHRES_H
#define HIGHRES_H

#include "common/experiment.h"
#include "common/photographs.h"

/* The size that the abstract names. */
enum { LARGEST = 1024 };

typedef enum { PLAIN, PRINCIPLES, RECIPES } recipe;
extern const char *const recipe_names[RECIPES];

typedef struct { /* runs of a size: recipes x rates x seeds */
    size_t size, rates, seeds, steps;
    size_t first; /* of all rates */
} scale;

typedef struct { /* pictures of a size */
    char name[64];
    jf_images *set;
    size_t size, train, held, batch; /* files; held-out crops; rows a step */
    jf_matrix test;                  /* (held, d) */
    double spectrum; /* bits per dimension of the baseline on test */
} pictures;

typedef struct { /* one training run, the same point of every table */
    const experiment *e;
    const pictures *p;
    recipe r;
    double rate;
    unsigned long seed;
    size_t point, steps;
    int samples;       /* draw them at the end */
    const char **save; /* where the flow goes then; NULL: nowhere */
} run;

typedef struct { /* highres, highres-runs and highres-levels */
    jf_table *steps, *ends, *levels;
} tables;

/* Levels of a flow for pictures of size x size. */
size_t highres_levels(size_t size);

/* A Glow-type flow for pictures of size x size, of depth steps a level (0: as
 * trained). */
jf_layer *highres_flow(recipe r, size_t size, size_t depth);

/* Those of the folder that the user names, which stops the program with status
 * 2 when it is bad, or else of all, which outlives them. */
pictures highres_pictures(const experiment *e, const photographs *all,
                          size_t size);
void highres_pictures_free(pictures *p);

/* x: as many crops of files first .. first + files - 1 as it has rows. */
void highres_crops(const pictures *p, size_t first, size_t files,
                   unsigned long seed, unsigned long step, jf_matrix x);

/* Train, with rows in all tables. */
void highres_train(const run *r, tables *t);

/* Draw highres-samples.png of the flow f, unless too few are held out. */
void highres_samples(const run *r, const jf_layer *f, const real *theta);

/* The claims, of finished tables; of no sizes that they were not run. */
void highres_judge(const experiment *e, size_t count, const scale *s,
                   const tables *t);

/* Peak memory of a training step by size and depth, each in a process of its
 * own: before any thread exists. */
void highres_memory(const experiment *e, jf_table *out);

#endif
