/* nudge.c -- jf_init as tools/nudge.sh links it into every program: entries
 * are multiplied by 1 + 64 eps x, x uniform in [-1, 1] by SplitMix64 of their
 * place and of the seed that NUDGE of the environment holds; 0, or none,
 * changes nothing. */
#include "jf.h"

#include <stdint.h>
#include <stdlib.h>

int __real_jf_init(const jf_layer *f, real *theta, jf_const_matrix x,
                   unsigned long seed, jf_team *team);
int __wrap_jf_init(const jf_layer *f, real *theta, jf_const_matrix x,
                   unsigned long seed, jf_team *team);

/* The number-th number of SplitMix64, in [-1, 1). */
static double uniform(uint64_t number)
{
    uint64_t z = number * 0x9E3779B97F4A7C15;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    z ^= z >> 31;
    return 2 * ((double)(z >> 11) / 9007199254740992.0) - 1;
}

int __wrap_jf_init(const jf_layer *f, real *theta, jf_const_matrix x,
                   unsigned long seed, jf_team *team)
{
    const char *text = getenv("NUDGE");
    uint64_t by = text ? strtoul(text, NULL, 10) : 0;
    int status = __real_jf_init(f, theta, x, seed, team);
    size_t n = by > 0 && status == GSL_SUCCESS ? f->module.n_params : 0;
    for (size_t i = 0; i < n; i++)
        theta[i] *=
            (real)(1 + 64 * (double)JF_EPS * uniform(1000003 * by + i + 1));
    return status;
}
