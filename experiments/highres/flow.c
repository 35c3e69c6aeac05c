/* flow.c -- the flow that both recipes train: Glow on pictures. */
#include "highres.h"

enum { LEVELS_MOST = 6 };
const char *const recipe_names[RECIPES] = {"plain", "principles"};

size_t highres_levels(size_t size)
{
    size_t levels = 0;
    while (levels < LEVELS_MOST && size >> (levels + 1) >= 4 &&
           (size >> (levels + 1)) << (levels + 1) == size)
        levels++;
    return levels > 3 && size < 1024 ? levels - 1 : levels;
}

jf_layer *highres_flow(recipe r, size_t size, size_t depth)
{
    jf_glow_options o = {.height = size,
                         .width = size,
                         .levels = highres_levels(size),
                         .depth = depth ? depth : 4,
                         .hidden = 32,
                         .map = r == PLAIN ? jf_map_exp() : jf_map_clamp(1),
                         .prior = r == PLAIN ? jf_map_exp() : jf_map_clamp(2),
                         .mixing = r == PLAIN ? JF_MIX_DENSE : JF_MIX_PLU,
                         .seed = 1};
    return jf_glow(&o);
}
