/* train_flows.c -- the flows of data/trained: six affine couplings over a
 * normal base, trained apart, by seed 1 and by seed 2, on two laws:
 *
 *     uniform    the uniform law of [-1, 1]^2
 *     banana     (z_1, z_2 + z_1^2), z ~ N(0, I)
 *
 *     train_flows FOLDER       writes LAW-SEED.theta, four files
 *
 * Every step has a fresh sample, so there is nothing to overfit; the files are
 * what trained_flow and two_flows of proofs-check certify, and nothing there
 * rests on how they came about. */
#include <stdio.h>

#include "common/args.h"
#include "jf.h"

enum { D = 2, LAYERS = 6, HIDDEN = 12 };

typedef struct {
    const char *name;
    size_t rows, steps;
    void (*fill)(jf_matrix x, unsigned long seed, size_t step);
} law;

static void fill_uniform(jf_matrix x, unsigned long seed, size_t step)
{
    jf_fill_uniform(x, seed, JF_PURPOSE_DATA, step);
    for (size_t i = 0; i < x.rows; i++)
        for (size_t j = 0; j < D; j++)
            jf_row(x, i)[j] = 2 * jf_row(x, i)[j] - 1;
}

static void fill_banana(jf_matrix x, unsigned long seed, size_t step)
{
    jf_fill_normal(x, seed, JF_PURPOSE_DATA, step);
    for (size_t i = 0; i < x.rows; i++)
        jf_row(x, i)[1] += jf_row(x, i)[0] * jf_row(x, i)[0];
}

static const law laws[] = {{"uniform", 512, 12000, fill_uniform},
                           {"banana", 1024, 20000, fill_banana}};

typedef struct {
    const law *law;
    unsigned long seed;
} source;

/* batch := fresh rows. */
static void sample(void *from, jf_matrix batch, const size_t *rows, size_t step)
{
    const source *s = from;
    (void)rows;
    s->law->fill(batch, s->seed, step);
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

static void train(const char *folder, source s, jf_team *team)
{
    char path[4096];
    jf_matrix x = jf_matrix_new(s.law->rows, D);
    jf_model m = {.flow = new_flow(), .base = jf_normal()};
    jf_fit_result result = {0};
    m.theta = jf_theta_new(m.flow);
    sample(&s, x, NULL, 0);
    jf_fit_options options = {.rate = 5e-3,
                              .schedule = {.kind = JF_COSINE},
                              .steps = s.law->steps,
                              .seed = s.seed,
                              .prepare = sample,
                              .prepare_arg = &s};
    snprintf(path, sizeof path, "%s/%s-%lu.theta", folder, s.law->name, s.seed);
    if (jf_init(m.flow, m.theta, jf_const(x), s.seed, team) != GSL_SUCCESS ||
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
    for (size_t k = 0; k < sizeof laws / sizeof *laws; k++)
        for (unsigned long seed = 1; seed <= 2; seed++)
            train(argv[1], (source){laws + k, seed}, team);
    jf_team_free(team);
    return 0;
}
