/* nudge.c -- jf_init as tools/nudge.sh links it into every program: entries
 * are multiplied by 1 + 64 eps x, x uniform in [-1, 1] and drawn with the seed
 * that NUDGE of the environment holds; 0 changes nothing. */
#include "jf.h"

#include <stdlib.h>

enum { PURPOSE = JF_PURPOSE_USER + 900 };

int __real_jf_init(const jf_layer *f, real *theta, jf_matrix x,
                   unsigned long seed, jf_team *team);
int __wrap_jf_init(const jf_layer *f, real *theta, jf_matrix x,
                   unsigned long seed, jf_team *team);

int __wrap_jf_init(const jf_layer *f, real *theta, jf_matrix x,
                   unsigned long seed, jf_team *team)
{
    const char *text = getenv("NUDGE");
    unsigned long by = text ? strtoul(text, NULL, 10) : 0;
    int status = __real_jf_init(f, theta, x, seed, team);
    if (by == 0 || status != GSL_SUCCESS)
        return status;
    jf_matrix u = jf_matrix_new(1, f->n_params);
    jf_fill_uniform(u, by, PURPOSE, 0);
    for (size_t i = 0; i < f->n_params; i++)
        theta[i] *= R(1.0) + 64 * JF_EPS * (2 * u.data[i] - 1);
    jf_matrix_free(&u);
    return status;
}
