/* draw_layer.h -- a random layer. */
#ifndef DRAW_LAYER_H
#define DRAW_LAYER_H

#include "choices.h"
#include "jf.h"

/* On d columns, of parts that are so deep at most; smooth: its maps and nets
 * have two derivatives everywhere, and all of the line is its domain. */
jf_layer *draw_layer(choices *c, size_t d, size_t depth, int smooth);

/* Any map; with parameters when wanted. */
jf_map draw_map(choices *c, int smooth, int parameters);

#endif
