/* flows.c -- the flows that are compared, and what they are trained on. */
#include "trained.h"

#include <math.h>

const target targets[TARGETS] = {{"banana", 4},       {"gauss", 1},
                                 {"fgm", 1},          {"eight", 1},
                                 {"checkerboard", 1}, {"rings", 1}};

const char *flow_name(size_t flow)
{
    return flow == TWISTED ? "twisted" : architectures[flow].name;
}

const char *flow_family(size_t flow)
{
    return architectures[flow == TWISTED ? 0 : flow].family;
}

jf_layer *flow_new(const architecture *a, base b, int twisted)
{
    jf_layer *f = nonlinear_new(a, 2);
    if (b == UNIFORM)
        jf_flow_add(f, jf_elementwise(2, jf_map_normal_cdf()));
    if (twisted && b == NORMAL)
        jf_flow_add(f, jf_inversion(2));
    if (twisted && b == UNIFORM)
        jf_flow_add(f, jf_swirl(2, 0, 1, (jf_disc){.5, .5, .5, M_PI}));
    return f;
}
