/* train_flows.c -- the flows of data/trained over a normal base, by law and
 * seed; six affine couplings, and of pictures a Glow of one level:
 *
 *     uniform    1, 2   the uniform law of [-1, 1]^2
 *     banana     1, 2   (z_1, z_2 + z_1^2), z ~ N(0, I)
 *     texture    1      8 x 8 pixels, N(0, rho^(|i - i'| + |j - j'|)), rho =
 *                       .9, times exp(n), n ~ N(0, 1/4) of each picture
 *
 *     train_flows FOLDER [LAW]       writes LAW-SEED.theta, of all five or of LAW
 *
 * Every step has a fresh sample, so there is nothing to overfit; the files are
 * what trained_flow and two_flows of proofs-check certify, and nothing there
 * rests on how they came about. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/args.h"
#include "jf.h"

enum { LAYERS = 6, HIDDEN = 12, SIDE = 8, PIXELS = SIDE * SIDE };

typedef struct {
    const char *name;
    unsigned long seeds;
    size_t d, rows, steps;
    double rate;
    void (*fill)(jf_matrix x, unsigned long seed, size_t step);
    jf_layer *(*flow)(void);
} law;

static void fill_uniform(jf_matrix x, unsigned long seed, size_t step)
{
    jf_fill_uniform(x, seed, JF_PURPOSE_DATA, step);
    for (size_t i = 0; i < x.rows; i++)
        for (size_t j = 0; j < x.cols; j++)
            jf_row(x, i)[j] = 2 * jf_row(x, i)[j] - 1;
}

static void fill_banana(jf_matrix x, unsigned long seed, size_t step)
{
    jf_fill_normal(x, seed, JF_PURPOSE_DATA, step);
    for (size_t i = 0; i < x.rows; i++)
        jf_row(x, i)[1] += jf_row(x, i)[0] * jf_row(x, i)[0];
}

/* Along rows and then along columns x_k := rho x_(k-1) + sqrt(1 - rho^2) x_k. */
static void smooth(real *x)
{
    const double rho = 0.9, rest = sqrt(1 - rho * rho);
    for (size_t pass = 0; pass < 2; pass++)
        for (size_t k = 0; k < PIXELS; k++) {
            size_t i = pass ? k : k % SIDE * SIDE + k / SIDE;
            size_t back = pass ? SIDE : 1;
            if (k >= SIDE)
                x[i] = (real)(rho * (double)x[i - back] + rest * (double)x[i]);
        }
}

/* The stream of a row has one number more, its scale. */
static void fill_texture(jf_matrix x, unsigned long seed, size_t step)
{
    jf_matrix all = jf_matrix_new(x.rows, PIXELS + 1);
    jf_fill_normal(all, seed, JF_PURPOSE_DATA, step);
    for (size_t i = 0; i < x.rows; i++) {
        real *from = jf_row(all, i), *to = jf_row(x, i);
        smooth(from);
        for (size_t j = 0; j < PIXELS; j++)
            to[j] = from[j] * (real)exp(0.5 * (double)from[PIXELS]);
    }
    jf_matrix_free(&all);
}

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

static jf_layer *couplings(void)
{
    enum { D = 2 };
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

static jf_layer *glow(void)
{
    return jf_glow(&(jf_glow_options){.height = SIDE,
                                      .width = SIDE,
                                      .channels = 1,
                                      .levels = 1,
                                      .depth = 4,
                                      .hidden = 8,
                                      .activation = JF_TANH,
                                      .seed = 1});
}

static const law laws[] = {
    {"uniform", 2, 2, 512, 12000, 5e-3, fill_uniform, couplings},
    {"banana", 2, 2, 1024, 20000, 5e-3, fill_banana, couplings},
    {"texture", 1, PIXELS, 64, 800, 5e-3, fill_texture, glow},
};

static void train(const char *folder, source s, jf_team *team)
{
    char path[4096];
    jf_matrix x = jf_matrix_new(s.law->rows, s.law->d);
    jf_model m = {.flow = s.law->flow(), .base = jf_normal()};
    jf_fit_result result = {0};
    m.theta = jf_theta_new(m.flow);
    sample(&s, x, NULL, 0);
    jf_fit_options options = {.rate = s.law->rate,
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
    if (argc < 2 || argc > 3)
        jf_fail(2, "usage: train_flows FOLDER [LAW]");
    jf_team *team = jf_team_new(1);
    for (size_t k = 0; k < sizeof laws / sizeof *laws; k++)
        for (unsigned long seed = 1; seed <= laws[k].seeds; seed++)
            if (argc == 2 || strcmp(argv[2], laws[k].name) == 0)
                train(argv[1], (source){laws + k, seed}, team);
    jf_team_free(team);
    return 0;
}
