/* highres.h -- the parts of the experiment highres. */
#ifndef HIGHRES_H
#define HIGHRES_H

#include "common/experiment.h"

typedef enum { PLAIN, PRINCIPLES, RECIPES } recipe;
extern const char *const recipe_names[RECIPES];

/* A Glow-type flow for pictures of size x size, of depth steps a level (0: as
 * trained). */
jf_layer *highres_flow(recipe r, size_t size, size_t depth);

/* Peak memory of a training step by size and depth, each in a process of its
 * own: before any thread exists (memory.c). */
void highres_memory(const experiment *e, jf_table *out);

#endif
