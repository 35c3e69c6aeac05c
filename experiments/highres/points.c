/* points.c -- where a run stands in the tables. */
#include "highres.h"

size_t highres_runs(const scale *s)
{
    return s->recipes * s->rates * s->seeds;
}

size_t highres_point(const scale *s, size_t k, recipe r, size_t rate,
                     size_t seed)
{
    size_t first = 0;
    for (size_t i = 0; i < k; i++)
        first += highres_runs(&s[i]);
    return first + (rate * s[k].recipes + r - s[k].from) * s[k].seeds + seed;
}
