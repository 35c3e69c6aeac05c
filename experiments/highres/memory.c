/* memory.c -- what a training step needs, by size and depth.
 *
 * A child process makes the flow, takes one step on one picture of noise and
 * ends; the system tells its peak. */
#include "highres.h"

#include <math.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void one_step(recipe r, size_t size, size_t depth)
{
    jf_team *team = jf_team_new(0);
    jf_layer *f = highres_flow(r, size, size, depth);
    jf_latent q = jf_normal();
    jf_matrix x = jf_matrix_new(1, f->d);
    jf_fit_result fit;
    real *theta = jf_theta_new(f);
    team->memory = 0; /* recompute */
    jf_fill_uniform(x, 1, JF_PURPOSE_USER, 0);
    jf_init(f, theta, jf_const(x), 1, team);
    jf_fit(f, &q, theta, jf_const(x), &(jf_fit_options){.steps = 1}, &fit,
           team);
    _exit(fit.status == JF_FINISHED ? 0 : 1);
}

/* MiB; NaN when the child failed. */
static double peak_of(recipe r, size_t size, size_t depth)
{
    struct rusage usage;
    int status = 1;
    pid_t child = fork();
    if (child == 0)
        one_step(r, size, depth);
    if (child < 0 || wait4(child, &status, 0, &usage) < 0 || status != 0)
        return (double)NAN;
    return (double)usage.ru_maxrss / 1024;
}

static void row(jf_table *out, const char *sweep, recipe r, size_t size,
                size_t depth)
{
    jf_layer *f = highres_flow(r, size, size, depth);
    jf_table_row(
        out, 0, "%s,%zu,%zu,%zu,%.1f,%.1f,%.1f", sweep, size, depth,
        f->module.n_params, (double)f->module.n_params * sizeof(real) / 1048576,
        peak_of(r, size, depth), (double)(f->n_saved * sizeof(real)) / 1048576);
    jf_layer_free(f);
}

void highres_memory(const experiment *e, jf_table *out)
{
    static const size_t sizes[] = {64, 128, 256, 512, 1024};
    static const size_t depths[] = {1, 2, 4, 8, 16, 32};
    size_t by_size = by_profile(e, 3, 5, 5), by_depth = by_profile(e, 4, 6, 6);
    for (size_t k = 0; k < by_size; k++)
        row(out, "size", PRINCIPLES, sizes[k], 4);
    for (size_t k = 0; k < by_size; k++)
        row(out, "spectrum", SPECTRUM, sizes[k], 1);
    for (size_t k = 0; k < by_depth; k++)
        row(out, "depth", PRINCIPLES, 256, depths[k]);
}
