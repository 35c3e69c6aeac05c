/* bands.c -- a training step on one picture, shared by ranks.
 *
 *     for n in 1 2 4; do
 *         mpiexec -n $n build/tools/bands --threads 1 --size 4096 --flow glow
 *     done
 *
 * In float, of a picture size x size x 3 of normal numbers (1024 by default):
 * the gradient of a flow that recomputes its activations.  glow: 6 levels of 4
 * steps, hidden 32; filters: that of the experiment highres which starts at the
 * spectrum.  A line of CSV: least and median seconds of a step by the clock of
 * the first rank, the least of its processor, the largest peak of memory of a
 * rank, and a sum of the bytes of the gradient, which no number of ranks or
 * threads changes.
 *
 * --of N, without a launcher: what the first of N ranks computes, sent nothing
 * by others.  Its processor's time is that of a rank without exchange and
 * waiting, whatever else the machine does; its numbers mean nothing. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <zlib.h>

#include "common/experiment.h"
#include "rounds.h"

enum { C = 3, ROUNDS = 5 };

static const char *const files[] = {
    "Exit status:",
    "  0  it ran",
    "  1  anything else",
    "  2  a bad option, or ranks that see no MPI",
    NULL,
};

static jf_layer *filters(size_t side)
{
    jf_layer *f = jf_flow_new(side * side * C), *pixel = jf_flow_new(C);
    jf_flow_add(pixel, jf_bias(C));
    jf_flow_add(pixel, jf_orthogonal(C, 1));
    jf_flow_add(f, jf_shared(side * side, pixel));
    jf_flow_add(f, jf_cosine(side, side, C, 12));
    jf_flow_add(f, jf_local_scale(side, side, C, 3, 5));
    return f;
}

static jf_layer *glow(size_t side)
{
    return jf_glow(&(jf_glow_options){.height = side,
                                      .width = side,
                                      .levels = 6,
                                      .depth = 4,
                                      .hidden = 32,
                                      .seed = 1});
}

/* MiB of the rank that had most. */
static double largest_peak(const jf_ranks *ranks)
{
    double *peaks = jf_alloc(ranks->count, sizeof *peaks), largest = 0;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    peaks[ranks->rank] = (double)usage.ru_maxrss / 1024;
    if (ranks->count > 1)
        jf_ranks_gather(ranks, ranks->count, ranks->count, sizeof *peaks,
                        peaks);
    for (size_t k = 0; k < ranks->count; k++)
        largest = peaks[k] > largest ? peaks[k] : largest;
    free(peaks);
    return largest;
}

typedef struct {
    const jf_layer *f;
    const jf_latent *q;
    const real *theta;
    real *grad;
    jf_const_matrix x;
    jf_team *team;
    double processor; /* least seconds */
} step;

static int take(void *arg)
{
    step *s = arg;
    jf_likelihood v;
    clock_t began = clock();
    int status = jf_nll(s->f, s->q, s->theta, s->x, &v, s->grad, s->team);
    double took = (double)(clock() - began) / CLOCKS_PER_SEC;
    s->processor = took < s->processor ? took : s->processor;
    return status;
}

static void measure(const char *name, jf_layer *f, size_t side, jf_team *team,
                    const jf_ranks *ranks)
{
    jf_latent q = jf_normal();
    if (!f)
        jf_fail(2, "--size %zu: %s", side, jf_error_last()->message);
    jf_matrix x = jf_matrix_new(1, f->d);
    size_t n = f->module.n_params;
    real *theta = jf_theta_new(f), *grad = jf_theta_new(f);
    double least, median;
    jf_fill_normal(x, 1, JF_PURPOSE_DATA, 0);
    jf_fill_normal(jf_view(theta, 1, n), 1, JF_PURPOSE_DATA, 1);
    for (size_t k = 0; k < n; k++)
        theta[k] *= R(0.02);
    step once = {f, &q, theta, grad, jf_const(x), team, (double)INFINITY};
    if (rounds_time(take, &once, ROUNDS, &least, &median) != GSL_SUCCESS)
        jf_fail(1, "%s: %s", name, jf_error_last()->message);
    double peak = largest_peak(ranks);
    if (ranks->rank == 0)
        printf("%s,%zu,%zu,%zu,%s,%.3f,%.3f,%.3f,%.0f,%08lx\n", name, side,
               ranks->count, team->threads,
               f->band_in.size == f->d && !f->unbanded ? "bands" : "whole",
               least, median, once.processor, peak,
               crc32(0, (const void *)grad, (unsigned)(n * sizeof *grad)));
    free(grad);
    free(theta);
    jf_matrix_free(&x);
    jf_layer_free(f);
}

int main(int argc, char **argv)
{
    const char *name = "filters", *count = NULL;
    const jf_option own[] = {
        {"flow=NAME", "glow or filters [filters]", NULL, &name},
        {"of=N", "as the first of N ranks, alone", NULL, &count},
        {0}};
    jf_args args = jf_args_read_program(
        argc, argv,
        &(jf_program){"A training step on one picture over the ranks of "
                      "mpiexec.",
                      own, files, JF_PRECISION, "help version threads size"});
    jf_ranks ranks = {0, 1};
    size_t side = args.size ? args.size : 1024;
    int glows = strcmp(name, "glow") == 0;
    if (!glows && strcmp(name, "filters") != 0)
        jf_fail(2, "--flow '%s' found, glow or filters expected", name);
    int launched = jf_ranks_launched() > 1;
    if (count && launched)
        jf_fail(2, "--of '%s' found among ranks, no launcher expected", count);
    if (count)
        ranks.count = jf_args_number("of", count, 1, 1 << 16);
    if (launched && jf_ranks_begin(&ranks) != GSL_SUCCESS)
        return 2;
    jf_team *team = jf_team_new(args.threads);
    team->ranks = ranks.count > 1 ? &ranks : NULL;
    team->memory = 0;
    if (ranks.rank == 0)
        puts("flow,size,ranks,threads,image,least_seconds,median_seconds,"
             "processor_seconds,peak_mib,gradient");
    measure(name, glows ? glow(side) : filters(side), side, team, &ranks);
    jf_team_free(team);
    if (launched)
        jf_ranks_end(&ranks);
    return 0;
}
