/* principles.h -- the parts of the experiment principles. */
#ifndef PRINCIPLES_H
#define PRINCIPLES_H

#include "common/check.h"

/* C8, in its order; P8, P11 and P12 change no training, nor do P13 to P16,
 * which no recipe has. */
enum { P1 = 1, P2, P3, P4, P5, P6, P7, P8, P9, P10, P11, P12, PRINCIPLES = 12 };

/* A set of principles: bit k - 1 is P_k. */
typedef unsigned recipe;
#define BARE 0u
#define FULL 0xfffu
static inline int has(recipe r, int principle)
{
    return (int)(r >> (principle - 1) & 1u);
}

#define CLAMP 1.0    /* P1: |log scale| */
#define LIPSCHITZ 2. /* P2: of the nets  */
#define BUDGET 8.0   /* P3: singular values of mixing in [1/8, 8] */
#define NOISE 0.05   /* P6: in standard deviations of a column   */
#define CLIP 5.0     /* P10: on the gradient's norm              */

/* The flow of a recipe (recipe.c), and theta as it starts; x (n, d) for the
 * data-dependent start of P4. */
jf_layer *recipe_flow(recipe r, size_t d);
void recipe_start(recipe r, const jf_layer *f, real *theta, jf_matrix x,
                  unsigned long seed, jf_team *team);

extern const check_list list_points, list_fits, list_batches, list_laws;
void principles_runs(experiment *e);

#endif
