/* test_ranks.c -- likelihood, gradient and training over ranks.
 *
 * Without an argument: what needs no launcher.  With a number of threads, under
 * one: the first rank prints a sum of the bytes of all results, which is to be
 * the same for any number of ranks and threads (tests/ranks.sh), and what
 * became of a lane that fails in another rank.  A word behind the number: the
 * same without ranks. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "check.h"
#include "jf.h"

enum { D = 6, ROWS = 1100, BATCH = 1000, STEPS = 12 };

/* Lanes are cut among ranks without gap, each to one. */
static void test_lanes(void)
{
    for (size_t lanes = 1; lanes <= JF_MAX_LANES; lanes++)
        for (size_t count = 1; count <= 20; count++) {
            size_t next = 0, first, last;
            for (size_t k = 0; k < count; k++) {
                jf_ranks_lanes(&(jf_ranks){k, count}, lanes, &first, &last);
                CHECK(first == next && last >= first);
                next = last;
            }
            CHECK(next == lanes);
        }
}

static void test_alone(void)
{
    setenv("OMPI_COMM_WORLD_SIZE", "3", 1);
    CHECK(jf_ranks_launched() == 3);
    unsetenv("OMPI_COMM_WORLD_SIZE");
    setenv("PMIX_RANK", "1", 1);
    setenv("SLURM_NTASKS", "5", 1);
    CHECK(jf_ranks_launched() == 5);
    unsetenv("PMIX_RANK");
    CHECK(jf_ranks_launched() == 1);
}

static jf_layer *coupled(void)
{
    jf_layer *f = jf_flow_new(D);
    for (int k = 0; k < 2; k++) {
        jf_flow_add(f, jf_actnorm(D));
        jf_flow_add(f, jf_plu(D, (unsigned long)k)); /* derived weights */
        jf_flow_add(
            f, jf_coupling(
                   D, D / 2, k ? JF_UPPER : JF_LOWER, jf_map_clamp(2),
                   jf_mlp(&(jf_mlp_options){D / 2, D, 16, 2, JF_TANH, 0, 0})));
    }
    return f;
}

static jf_layer *glow(size_t side, size_t hidden, jf_mixing mixing)
{
    return jf_glow(&(jf_glow_options){.height = side,
                                      .width = side,
                                      .levels = 4,
                                      .depth = 1,
                                      .hidden = hidden,
                                      .mixing = mixing,
                                      .seed = 1});
}

/* The least square of two channels that ranks share (test_bands). */
static jf_layer *filters(void)
{
    enum { SIDE = 768, C = 2 };
    jf_layer *f = jf_flow_new(SIDE * SIDE * C), *pixel = jf_flow_new(C);
    jf_flow_add(pixel, jf_bias(C));
    jf_flow_add(pixel, jf_orthogonal(C, 1));
    jf_flow_add(f, jf_shared(SIDE * SIDE, pixel));
    jf_flow_add(f, jf_cosine(SIDE, SIDE, C, 4));
    jf_flow_add(f, jf_local_scale(SIDE, SIDE, C, 3, 5));
    return f;
}

/* Which flows of images ranks can share. */
static void test_bands(void)
{
    enum { SIDE = 512, C = 3, D3 = SIDE * SIDE * C };
    jf_layer *f[] = {glow(SIDE, 8, JF_MIX_PLU), filters(),
                     glow(SIDE / 32, 8, JF_MIX_PLU),
                     jf_inverted(glow(SIDE, 8, JF_MIX_PLU))};
    for (size_t k = 0; k < 4; k++) {
        CHECK(f[k] &&
              (f[k]->band_in.size == f[k]->d && !f[k]->unbanded) == (k < 2));
        jf_layer_free(f[k]);
    }
    /* the last level would leave a part of z in bands of its own */
    jf_layer *part = jf_flow_new(D3), *all = jf_flow_new(D3);
    jf_flow_add(part, jf_squeeze(SIDE, SIDE, C));
    jf_flow_add(part, jf_factor_out(SIDE * SIDE / 4, 4 * C, 2 * C));
    CHECK(part->band_in.size == D3 && part->band_out.size == D3 / 2 &&
          !part->unbanded);
    jf_flow_add(all, part);
    jf_flow_add(
        all, jf_on_columns(D3, D3 / 2, jf_squeeze(SIDE / 2, SIDE / 2, 2 * C)));
    CHECK(all->unbanded);
    jf_layer_free(all);
    /* a layer that wants all of what is left in bands */
    all = jf_flow_new(D3);
    jf_flow_add(all, jf_squeeze(SIDE, SIDE, C));
    jf_flow_add(all, jf_reverse(D3));
    CHECK(all->unbanded);
    jf_layer_free(all);
    /* as many entries, of unlike images: other bands */
    all = jf_flow_new(D3);
    jf_flow_add(all, jf_shared(SIDE * SIDE, jf_bias(C)));
    CHECK(!all->unbanded && all->band_out.size == D3);
    jf_flow_add(all, jf_shared(SIDE * SIDE / 16, jf_bias(16 * C)));
    CHECK(all->unbanded);
    jf_layer_free(all);
    /* two images, not one */
    all = jf_shared(2, glow(SIDE, 8, JF_MIX_PLU));
    CHECK(all->unbanded && all->band_in.size == 0);
    jf_layer_free(all);
    all = jf_shared(
        2 * SIDE * SIDE / 4,
        jf_coupling(4, 2, JF_UPPER, jf_map_clamp(1),
                    jf_convnet(&(jf_convnet_options){.height = SIDE / 2,
                                                     .width = SIDE / 2,
                                                     .n_in = 2,
                                                     .n_out = 4,
                                                     .hidden = 4})));
    CHECK(all->unbanded && all->band_in.size == 0);
    jf_layer_free(all);
    all = jf_inverted(jf_squeeze(SIDE, SIDE, C));
    CHECK(all->unbanded);
    jf_layer_free(all);
}

static unsigned long sum_of(unsigned long sum, const void *data, size_t size)
{
    return crc32(sum, data, (unsigned)size);
}

/* A row that no logarithm takes, in a lane of the last rank. */
static const char *failure(jf_team *team)
{
    jf_layer *f = jf_flow_new(D);
    jf_flow_add(f, jf_elementwise(D, jf_map_logit()));
    jf_latent q = jf_normal();
    jf_likelihood v;
    jf_matrix x = jf_matrix_new(ROWS, D);
    real *theta = jf_theta_new(f);
    jf_fill_uniform(x, 1, JF_PURPOSE_DATA, 0);
    jf_row(x, ROWS - 1)[0] = 2;
    int code = jf_nll(f, &q, theta, jf_const(x), &v, NULL, team);
    free(theta);
    jf_matrix_free(&x);
    jf_layer_free(f);
    return code == GSL_SUCCESS ? "none" : jf_error_last()->message;
}

/* Of one image: the likelihood and the gradient, under both tapes, of a theta
 * that is not the start. */
static int image(jf_layer *f, unsigned long *sum, jf_team *team)
{
    jf_latent q = jf_normal();
    size_t n = f->module.n_params, memory = team->memory;
    jf_matrix x = jf_matrix_new(1, f->d), noise = jf_matrix_new(1, n);
    real *theta = jf_theta_new(f), *grad = jf_theta_new(f);
    jf_likelihood v = {0};
    jf_fill_normal(x, 9, JF_PURPOSE_DATA, 0);
    jf_fill_normal(noise, 9, JF_PURPOSE_DATA, 1);
    int bad = jf_init(f, theta, jf_const(x), 1, team);
    for (size_t k = 0; k < n; k++)
        theta[k] += R(0.02) * noise.data[k];
    for (int lean = 0; lean < 2; lean++) {
        team->memory = lean ? 0 : memory;
        bad |= jf_nll(f, &q, theta, jf_const(x), &v, grad, team);
        *sum = sum_of(*sum, grad, n * sizeof *grad);
        *sum = sum_of(*sum, &v, sizeof v);
    }
    team->memory = memory;
    bad |= jf_nll(f, &q, theta, jf_const(x), &v, NULL, team);
    *sum = sum_of(*sum, &v, sizeof v);
    free(grad);
    free(theta);
    jf_matrix_free(&noise);
    jf_matrix_free(&x);
    jf_layer_free(f);
    return bad;
}

/* What crops of other ranks are here: nothing may read them. */
typedef struct {
    const jf_layer *f;
    const jf_team *team;
    real others;
} reading;

static void read_own(void *arg, jf_matrix batch, const size_t *rows,
                     size_t step)
{
    const reading *r = arg;
    size_t first, last;
    (void)rows, (void)step;
    jf_nll_rows(r->f, batch.rows, r->team, &first, &last);
    for (size_t i = 0; i < batch.rows; i++)
        if (i < first || i >= last)
            jf_matrix_fill(jf_rows(batch, i, 1), r->others);
}

/* Training on crops, of which each of 4 lanes has three; and a last one with
 * which it diverges, for the same reason in all ranks. */
static int crops(unsigned long *sum, jf_team *team)
{
    enum { SIDE = 128, CROPS = 12 };
    jf_layer *f = glow(SIDE, 8, JF_MIX_PLU);
    jf_latent q = jf_normal();
    jf_fit_result fit;
    reading r = {f, team, (real)NAN};
    jf_fit_options o = {
        .steps = 2, .rate = 0.01, .prepare = read_own, .prepare_arg = &r};
    jf_matrix x = jf_matrix_new(CROPS, f->d);
    real *theta = jf_theta_new(f);
    jf_fill_normal(x, 9, JF_PURPOSE_DATA, 0);
    int bad = jf_init(f, theta, jf_const(x), 1, team);
    bad |= jf_fit(f, &q, theta, jf_const(x), &o, &fit, team);
    *sum = sum_of(*sum, theta, f->module.n_params * sizeof *theta);
    *sum = sum_of(*sum, &fit.value, sizeof fit.value);
    r.others = 0;
    jf_row(x, CROPS - 1)[0] = (real)NAN;
    bad |= jf_fit(f, &q, theta, jf_const(x), &o, &fit, team);
    bad |= fit.status != JF_DIVERGED;
    *sum = sum_of(*sum, &fit.culprit.blame, sizeof fit.culprit.blame);
    *sum = sum_of(*sum, &fit.culprit.layer, sizeof fit.culprit.layer);
    free(theta);
    jf_matrix_free(&x);
    jf_layer_free(f);
    return bad;
}

static int over_ranks(size_t threads, int alone)
{
    jf_ranks ranks = {0, 1};
    if (!alone && jf_ranks_begin(&ranks) != GSL_SUCCESS)
        return 2;
    jf_team *team = jf_team_new(threads);
    team->ranks = alone ? NULL : &ranks;
    jf_layer *f = coupled();
    jf_latent q = jf_normal();
    jf_matrix x = jf_matrix_new(ROWS, D);
    size_t n = f->module.n_params;
    real *theta = jf_theta_new(f), *grad = jf_theta_new(f);
    double *log_p = jf_alloc(ROWS, sizeof *log_p);
    jf_likelihood v = {0};
    jf_fit_result fit;
    jf_fit_options o = {.steps = STEPS, .batch = BATCH, .rate = 0.01};

    jf_fill_normal(x, 9, JF_PURPOSE_DATA, 0);
    int bad = jf_init(f, theta, jf_const(x), 1, team);
    bad |= jf_fit(f, &q, theta, jf_const(x), &o, &fit, team);
    bad |= jf_nll(f, &q, theta, jf_const(x), &v, grad, team);
    bad |= jf_log_prob(f, &q, theta, jf_const(x), log_p, team);
    unsigned long sum = sum_of(crc32(0, NULL, 0), theta, n * sizeof *theta);
    sum = sum_of(sum, grad, n * sizeof *grad);
    sum = sum_of(sum, log_p, ROWS * sizeof *log_p);
    sum = sum_of(sum, &v, sizeof v);
    bad |= image(glow(512, 48, JF_MIX_PLU), &sum, team);
    bad |= image(filters(), &sum, team);
    bad |= crops(&sum, team);
    const char *why = failure(team);
    unsigned long first = sum;
    int unlike = 0;
    if (!alone) {
        jf_ranks_share(&ranks, &first, sizeof first);
        unlike = jf_ranks_any(&ranks, first != sum);
    }
    if (ranks.rank == 0)
        printf("%lu %.17g; %s%s\n", sum, v.nll, why,
               bad      ? "; failed"
               : unlike ? "; ranks differ"
                        : "");
    free(log_p);
    free(grad);
    free(theta);
    jf_matrix_free(&x);
    jf_layer_free(f);
    jf_team_free(team);
    if (!alone)
        jf_ranks_end(&ranks);
    return bad || unlike;
}

/* How many there are, for who looks for the launcher of a build. */
static int count_ranks(void)
{
    jf_ranks ranks;
    if (jf_ranks_begin(&ranks) != GSL_SUCCESS)
        return 2;
    if (ranks.rank == 0)
        printf("%zu\n", ranks.count);
    jf_ranks_end(&ranks);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "count") == 0)
        return count_ranks();
    if (argc > 1)
        return over_ranks(strtoul(argv[1], NULL, 10), argc > 2);
    test_lanes();
    test_alone();
    test_bands();
    return check_end();
}
