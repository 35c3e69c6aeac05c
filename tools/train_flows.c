/* train_flows.c -- the flows of data/trained: six affine couplings, trained on
 * the uniform law of [-1, 1]^2 over a normal base.
 *
 *     train_flows FOLDER       writes uniform-1.theta and uniform-2.theta
 *
 * Every step has a fresh sample, so there is nothing to overfit; the files are
 * what proofs-check/trained_flow.c certifies, and nothing there rests on how
 * they came about. */
#include <stdio.h>

#include "common/args.h"
#include "jf.h"

enum { D = 2, LAYERS = 6, HIDDEN = 12, ROWS = 512, STEPS = 12000 };

/* batch := fresh rows. */
static void sample(void *seed, jf_matrix batch, const size_t *rows, size_t step)
{
    (void)rows;
    jf_fill_uniform(batch, *(const unsigned long *)seed, JF_PURPOSE_DATA, step);
    for (size_t i = 0; i < batch.rows; i++)
        for (size_t j = 0; j < D; j++)
            jf_row(batch, i)[j] = 2 * jf_row(batch, i)[j] - 1;
}

static jf_layer *new_flow(void)
{
    jf_layer *flow = jf_flow_new(D);
    for (size_t k = 0; k < LAYERS; k++)
        jf_flow_add(
            flow,
            jf_coupling(D, 1, k % 2 ? JF_LOWER : JF_UPPER, jf_map_clamp(2),
                        jf_mlp(&(jf_mlp_options){.n_in = 1,
                                                 .n_out = 2,
                                                 .hidden = HIDDEN,
                                                 .depth = 1,
                                                 .activation = JF_TANH})));
    return flow;
}

static void train(const char *folder, unsigned long seed, jf_team *team)
{
    char path[4096];
    jf_matrix x = jf_matrix_new(ROWS, D);
    jf_model m = {.flow = new_flow(), .base = jf_normal()};
    jf_fit_result result = {0};
    m.theta = jf_theta_new(m.flow);
    sample(&seed, x, NULL, 0);
    jf_fit_options options = {.rate = 5e-3,
                              .schedule = {.kind = JF_COSINE},
                              .steps = STEPS,
                              .seed = seed,
                              .prepare = sample,
                              .prepare_arg = &seed};
    snprintf(path, sizeof path, "%s/uniform-%lu.theta", folder, seed);
    if (jf_init(m.flow, m.theta, jf_const(x), seed, team) != GSL_SUCCESS ||
        jf_fit(m.flow, &m.base, m.theta, jf_const(x), &options, &result,
               team) != GSL_SUCCESS ||
        result.status != JF_FINISHED || jf_flow_save(path, &m) != GSL_SUCCESS)
        jf_fail(1, "%s: not trained", path);
    printf("%s: %g nats on the last batch\n", path, result.value.nll);
    jf_model_free(&m);
    jf_matrix_free(&x);
}

int main(int argc, char **argv)
{
    jf_stop_on_failure();
    if (argc != 2)
        jf_fail(2, "usage: train_flows FOLDER");
    jf_team *team = jf_team_new(1);
    for (unsigned long seed = 1; seed <= 2; seed++)
        train(argv[1], seed, team);
    jf_team_free(team);
    return 0;
}
