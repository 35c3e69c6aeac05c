/* exchange.c -- what a training step costs over ranks, in its parts.
 *
 *     for n in 1 2 4; do mpiexec -n $n build/tools/exchange --threads 1; done
 *
 * Of a RealNVP (d = 16, 6 couplings, perceptrons of 2 x 128) on batches of 1024
 * rows in double: step, likelihood and gradient; add, the gradients of 16 lanes
 * into one; gather, a number a row; any, a word of each rank.  A line of CSV
 * each, of least and median over rounds, by the clock of the first rank:
 * tools/scaling.sh predicts from them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/experiment.h"
#include "rounds.h"

enum { D = 16, COUPLINGS = 6, HIDDEN = 128, BATCH = 1024, LANES = 16 };
enum { ROUNDS = 101 };

static const char *const files[] = {
    "Exit status:",
    "  0  it ran",
    "  1  anything else",
    "  2  a bad option, or ranks that see no MPI",
    NULL,
};

typedef struct {
    const jf_ranks *ranks;
    jf_team *team;
    jf_layer *f;
    jf_latent q;
    jf_matrix x;
    real *theta, *grad;
    real *lane[LANES]; /* those of this rank */
    double *rows;
    size_t entries; /* of add */
} bench;

static int step(void *arg)
{
    bench *b = arg;
    jf_likelihood v;
    return jf_nll(b->f, &b->q, b->theta, jf_const(b->x), &v, b->grad, b->team);
}

static int add(void *arg)
{
    bench *b = arg;
    return jf_ranks_add(b->ranks, b->entries, LANES, b->lane, b->grad);
}

static int gather(void *arg)
{
    bench *b = arg;
    jf_ranks_gather(b->ranks, BATCH, LANES, sizeof *b->rows, b->rows);
    return GSL_SUCCESS;
}

static int any(void *arg)
{
    bench *b = arg;
    return jf_ranks_any(b->ranks, 0);
}

static void measure(bench *b, const char *part, int (*run)(void *),
                    size_t entries)
{
    double least, median;
    b->entries = entries;
    if (rounds_time(run, b, ROUNDS, &least, &median) != GSL_SUCCESS)
        jf_fail(1, "%s: %s", part, jf_error_last()->message);
    if (b->ranks->rank == 0)
        printf("%s,%zu,%zu,%zu,%.3e,%.3e\n", part, b->ranks->count,
               b->team->threads, entries, least, median);
}

static jf_layer *flow(void)
{
    jf_layer *f = jf_flow_new(D);
    for (int k = 0; k < COUPLINGS; k++)
        jf_flow_add(f, jf_coupling(D, D / 2, k % 2 ? JF_UPPER : JF_LOWER,
                                   jf_map_clamp(2),
                                   jf_mlp(&(jf_mlp_options){D / 2, D, HIDDEN, 2,
                                                            JF_RELU, 0, 0})));
    return f;
}

int main(int argc, char **argv)
{
    jf_args args = jf_args_read_program(
        argc, argv,
        &(jf_program){"What a training step costs over the ranks of mpiexec.",
                      NULL, files, JF_PRECISION, "help version threads"});
    jf_ranks ranks = {0, 1};
    bench b = {.ranks = &ranks, .q = jf_normal()};
    if (jf_ranks_launched() > 1 && jf_ranks_begin(&ranks) != GSL_SUCCESS)
        return 2;
    b.team = jf_team_new(args.threads);
    b.team->ranks = ranks.count > 1 ? &ranks : NULL;
    b.f = flow();
    b.x = jf_matrix_new(BATCH, D);
    b.theta = jf_theta_new(b.f);
    b.grad = jf_theta_new(b.f);
    b.rows = jf_alloc(BATCH, sizeof *b.rows);
    jf_fill_normal(b.x, 1, JF_PURPOSE_DATA, 0);
    jf_init(b.f, b.theta, jf_const(b.x), 1, b.team);
    size_t first, last, n = b.f->module.n_params;
    jf_ranks_lanes(&ranks, LANES, &first, &last);
    for (size_t l = first; l < last; l++)
        b.lane[l] = jf_theta_new(b.f);

    if (ranks.rank == 0)
        puts("part,ranks,threads,entries,least_seconds,median_seconds");
    measure(&b, "step", step, n);
    if (ranks.count > 1) {
        measure(&b, "add", add, 64);
        measure(&b, "add", add, n / 8);
        measure(&b, "add", add, n);
        measure(&b, "gather", gather, BATCH);
        measure(&b, "any", any, 1);
        jf_ranks_end(&ranks);
    }
    for (size_t l = first; l < last; l++)
        free(b.lane[l]);
    free(b.rows);
    free(b.grad);
    free(b.theta);
    jf_matrix_free(&b.x);
    jf_layer_free(b.f);
    jf_team_free(b.team);
    return 0;
}
