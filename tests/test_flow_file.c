/* test_flow_file.c -- flows from text and from files: what is written is read
 * again as the same flow, and everything else is refused with one line. */
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

#include "check.h"
#include "hush.h"
#include "jf.h"

/* A flow of many kinds, as it is written. */
static const char good[] =
    "flow(d=4) { actnorm(d=4) plu(d=4, seed=7) coupling(d=4, split=2, "
    "side=upper, map=spline(bins=4, bound=3)) { mlp(in=2, out=22, hidden=5, "
    "depth=2, activation=softplus, bias=1, lipschitz=0) } inverted() { "
    "autoregressive(d=4, map=range(least=0.5, largest=2)) { made(d=4, "
    "params=2, hidden=6, depth=1, activation=elu) } } "
    "permutation(from=3 0 2 1) twist(d=4, i=0, j=2, x=0.5, y=0.5, "
    "radius=0.25, angle=1.5) }";

static void test_free_space(void)
{
    jf_layer *f = jf_flow_parse(
        "\n flow ( d = 2 )\t{actnorm(d=2)coupling(d=2,split=1,side=lower,map="
        "clamp( limit=2e0 )){mlp(in=1,out=2,hidden=3,depth=1,activation=tanh,"
        "bias=0,lipschitz=0.5)}\r\nflow(d=2){}}\n");
    char *text = f ? jf_describe(&f->module) : NULL;
    CHECK(text &&
          strcmp(text,
                 "flow(d=2) { actnorm(d=2) coupling(d=2, split=1, side=lower, "
                 "map=clamp(limit=2)) { mlp(in=1, out=2, hidden=3, depth=1, "
                 "activation=tanh, bias=0, lipschitz=0.5) } flow(d=2) }") == 0);
    free(text);
    jf_layer_free(f);
    f = jf_flow_parse(good);
    text = f ? jf_describe(&f->module) : NULL;
    CHECK(text && strcmp(text, good) == 0);
    free(text);
    jf_layer_free(f);
}

/* Texts that are no flows, and what the message has. */
static const struct {
    const char *text, *message;
} bad[] = {
    {"", "byte 0: expected a layer, found the end"},
    {"glow(d=2)", "byte 0: expected a layer, found glow(d=2)"},
    {"mlp(in=1, out=1)", "byte 0: expected a layer"},
    {"actnorm", "byte 7: expected (, found the end"},
    {"actnorm()", "byte 8: expected d, found )"},
    {"actnorm(e=2)", "byte 8: expected d, found e=2)"},
    {"actnorm(d=two)", "byte 10: expected digits"},
    {"actnorm(d=-2)", "byte 10: expected digits"},
    {"actnorm(d=2", "byte 11: expected ), found the end"},
    {"actnorm(d=2, d=2)", "byte 11: expected )"},
    {"actnorm(d=0)", "byte 0: a layer needs at least one column"},
    {"actnorm(d=2) actnorm(d=2)", "byte 13: expected the end"},
    {"actnorm(d=16777217)", "byte 10: expected at most 16777216"},
    {"actnorm(d=99999999999999999999)", "byte 10: expected digits below 2^64"},
    {"flow(d=2) { actnorm(d=3) }", "byte 12: expected a layer of 2 columns"},
    {"flow(d=2) { actnorm(d=2)", "byte 24: expected a layer, found the end"},
    {"shuffle(d=3, seed=18446744073709551616)", "byte 18: expected digits"},
    {"permutation(from=0 0 1)", "byte 0: from is no permutation"},
    {"permutation(from=0 1 1e300)", "byte 0: from is no permutation"},
    {"permutation(from=0 1 nan)", "byte 21: expected )"},
    {"svd_bounded(d=2, least=1, largest=inf)", "byte 34: expected a finite"},
    {"svd_bounded(d=2, least=1, largest=1e999)", "byte 34: expected a finite"},
    {"svd_bounded(d=2, least=2, largest=1)", "byte 0: singular values"},
    {"elementwise(d=2, map=clamp(limit=0))", "byte 21: alpha must be positive"},
    {"elementwise(d=2, map=clamp(limit=1)", "byte 35: expected ), found the"},
    {"elementwise(d=2, map=clamp)", "byte 26: expected ("},
    {"elementwise(d=2, map=soft(limit=1))", "byte 21: expected a map"},
    {"elementwise(d=2, map=spline(bins=65, bound=1))", "byte 21: a spline"},
    {"coupling(d=2, split=1, side=left, map=exp())",
     "byte 28: expected lower or upper"},
    {"coupling(d=2, split=1, side=upper, map=exp())", "byte 45: expected {"},
    {"coupling(d=2, split=1, side=upper, map=exp()) { actnorm(d=2) }",
     "byte 48: expected a net"},
    {"coupling(d=2, split=2, side=upper, map=shift()) { mlp(in=2, out=1, "
     "hidden=1, depth=1, activation=tanh, bias=1, lipschitz=0) }",
     "byte 0: the net's sizes do not fit"},
    {"coupling(d=2, split=1, side=upper, map=shift()) { mlp(in=1, out=1, "
     "hidden=1, depth=1025, activation=tanh, bias=1, lipschitz=0) }",
     "byte 83: expected at most 1024"},
    {"autoregressive(d=1, map=shift()) { mlp(in=1, out=1, hidden=1, depth=1, "
     "activation=tanh, bias=1, lipschitz=0) }",
     "byte 0: an autoregressive layer takes a made"},
    {"residual_net(d=1) { mlp(in=1, out=1, hidden=1, depth=1, "
     "activation=tanh, bias=1, lipschitz=1) }",
     "byte 0: a residual layer needs"},
    /* a net of pixels where there are none, or others */
    {"coupling(d=2, split=1, side=upper, map=shift()) { convnet(height=3, "
     "width=3, in=1, out=1, hidden=1, activation=tanh) }",
     "byte 50: expected shared(positions=9)"},
    {"shared(positions=8) { coupling(d=2, split=1, side=upper, map=shift()) { "
     "convnet(height=3, width=3, in=1, out=1, hidden=1, activation=tanh) } }",
     "byte 72: expected shared(positions=9)"},
    {"shared(positions=9) { inverted() { coupling(d=2, split=1, side=upper, "
     "map=shift()) { convnet(height=3, width=3, in=1, out=1, hidden=1, "
     "activation=tanh) } } }",
     "byte 85: expected shared(positions=9)"},
    {"columns(d=3, first=2) { actnorm(d=2) }", "byte 0: the layer does not"},
    {"inverted() { }", "byte 13: expected a layer"},
    /* sizes out of all proportion */
    {"orthogonal(d=16777216, k=0)", "byte 0: expected a smaller layer"},
    {"dense(d=16777216)", "byte 0: expected a smaller layer"},
    {"shared(positions=16777216) { actnorm(d=2) }",
     "byte 0: expected a smaller layer"},
    {"squeeze(height=4096, width=4096, channels=4096)",
     "byte 0: expected a smaller layer"},
    {"cosine(height=2, width=2, channels=1, knots=1)",
     "byte 0: a cosine layer needs two knots a side"},
    {"cosine(height=2, width=2, channels=1, knots=257)",
     "byte 44: expected at most 256"},
    {"cosine(height=4096, width=4096, channels=2, knots=2)",
     "byte 0: expected a smaller layer"},
    {"cosine(height=1, width=1, channels=4096, knots=256)",
     "byte 0: expected a smaller layer"},
    {"shuffle(d=16777216, seed=1)", "byte 0: expected permutations of fewer"},
    {"reverse(d=16777216)", "byte 0: expected permutations of fewer"},
};

static void test_bad_texts(void)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK(jf_flow_parse(bad[i].text) == NULL);
        const char *said = jf_error_last()->message;
        int found = strstr(said, bad[i].message) == said;
        CHECK(found && jf_error_last()->code == GSL_EINVAL);
        if (!found)
            fprintf(stderr, "%s\n  %s\n  %s\n", bad[i].text, said,
                    bad[i].message);
    }
}

/* Braces without end: refused before the stack is. */
static void test_deep(void)
{
    enum { TIMES = 100000 };
    static char text[TIMES * 10 + 1];
    memcpy(text, "inverted()", 10);
    for (size_t i = 1; i < TIMES; i++)
        memcpy(text + 10 * i, i % 2 ? " {        " : "inverted()", 10);
    CHECK(jf_flow_parse(text) == NULL);
    CHECK(strstr(jf_error_last()->message, "64 deep") != NULL);
}

/* Every byte of a text changed, and every cut of it: a flow or a message. */
static void test_damaged_text(void)
{
    static const char others[] = "0 9({})=,.-ex";
    char text[sizeof good];
    for (size_t i = 0; i + 1 < sizeof good; i++) {
        for (const char *other = others; *other; other++) {
            memcpy(text, good, sizeof good);
            text[i] = *other;
            jf_error_clear();
            jf_layer *f = jf_flow_parse(text);
            CHECK(f || jf_error_last()->message[0]);
            jf_layer_free(f);
        }
        memcpy(text, good, sizeof good);
        text[i] = '\0';
        jf_layer *f = jf_flow_parse(text);
        CHECK((f != NULL) == (i == 9 || i == 10)); /* flow(d=4) */
        jf_layer_free(f);
    }
}

/* Laws. */

static void test_laws_as_text(void)
{
    static const double weight[2] = {1, 3}, mean[4] = {0, .1, -2, 1e-300},
                        sd[2] = {1, .5};
    const jf_latent all[] = {jf_normal(), jf_logistic(), jf_uniform(-.1, 2),
                             jf_student(2.5), jf_mixture(2, weight, mean, sd)};
    jf_latent again;
    double *arrays, value[2][1];
    real z[2] = {R(.5), R(.25)};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        char *text = jf_latent_describe(&all[i], 2);
        CHECK(jf_latent_parse(text, 2, &again, &arrays) == GSL_SUCCESS);
        char *same = jf_latent_describe(&again, 2);
        CHECK(strcmp(text, same) == 0);
        all[i].log_density(&all[i], jf_const_view(z, 1, 2), value[0], 0,
                           (jf_matrix){0});
        again.log_density(&again, jf_const_view(z, 1, 2), value[1], 0,
                          (jf_matrix){0});
        CHECK(value[0][0] == value[1][0]);
        free(same);
        free(arrays);
        free(text);
    }
    static const char *const wrong[] = {"",
                                        "cauchy()",
                                        "normal",
                                        "normal() ",
                                        "normal()x",
                                        "student(degrees=0)",
                                        "student(degrees=nan)",
                                        "uniform(a=1, b=1)",
                                        "mixture(weight=1 2, mean=0 0, sd=1 1)",
                                        "mixture(weight=1, mean=0 0 0, sd=1)",
                                        "mixture(weight=1, mean=0 0, sd=1 2)",
                                        "mixture(weight=-1, mean=0 0, sd=1)",
                                        "mixture(weight=1, mean=0 0, sd=0)"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        int fine = i == 3; /* a blank behind it */
        CHECK((jf_latent_parse(wrong[i], 2, &again, &arrays) == GSL_SUCCESS) ==
              fine);
        CHECK(arrays == NULL);
    }
}

/* Files. */

static char path[64];

/* A model of the banana with units of its own. */
static jf_model model_of(double *units)
{
    static const double weight[2] = {1, 3}, mean[8] = {1, 0, 0, 0, 0, 2},
                        sd[2] = {1, 2};
    jf_model m = {.flow = jf_flow_parse(good),
                  .base = jf_mixture(2, weight, mean, sd),
                  .mean = units,
                  .scale = units + 4};
    m.theta = jf_theta_new(m.flow);
    jf_fill_normal(jf_view(m.theta, 1, m.flow->module.n_params), 3,
                   JF_PURPOSE_USER, 0);
    for (size_t i = 0; i < m.flow->module.n_params; i++)
        m.theta[i] *= R(.1);
    return m;
}

static void test_model(void)
{
    enum { ROWS = 5 };
    double units[8] = {1, 2, 3, 4, .5, 2, 1, 10}, p[2][ROWS], ld[2][ROWS];
    jf_model m = model_of(units), again;
    jf_team *team = jf_team_new(1);
    jf_matrix x = jf_matrix_new(ROWS, 4), y = jf_matrix_new(ROWS, 4);
    CHECK(jf_flow_save(path, &m) == GSL_SUCCESS);
    CHECK(jf_flow_load(path, &again) == GSL_SUCCESS);
    CHECK(again.noise == 0 && memcmp(again.mean, m.mean, 32) == 0);
    jf_fill_normal(x, 1, JF_PURPOSE_USER, 1);
    jf_matrix_copy(y, jf_const(x));
    CHECK(jf_model_forward(&m, x, ld[0], p[0], team) == GSL_SUCCESS);
    CHECK(jf_model_forward(&again, y, ld[1], p[1], team) == GSL_SUCCESS);
    CHECK(memcmp(p[0], p[1], sizeof p[0]) == 0);
    CHECK(memcmp(ld[0], ld[1], sizeof ld[0]) == 0);

    /* the units, by hand: |det du/dx| = 1 / (.5 2 1 10) */
    jf_fill_normal(x, 1, JF_PURPOSE_USER, 1);
    for (size_t i = 0; i < ROWS; i++)
        for (size_t j = 0; j < 4; j++)
            jf_row(x, i)[j] =
                (real)(((double)jf_row(x, i)[j] - units[j]) / units[4 + j]);
    CHECK(jf_log_prob(m.flow, &m.base, m.theta, jf_const(x), p[0], team) ==
          GSL_SUCCESS);
    for (size_t i = 0; i < ROWS; i++)
        CHECK_CLOSE(p[0][i] - log(10.), p[1][i], 64 * (double)JF_EPS * 64);

    /* what is drawn comes back to the draw of the base */
    CHECK(jf_model_sample(&again, x, 5, team) == GSL_SUCCESS);
    CHECK(jf_model_forward(&again, x, NULL, NULL, team) == GSL_SUCCESS);
    jf_latent_sample(&again.base, y, 5, 0);
    for (size_t i = 0; i < ROWS; i++)
        for (size_t j = 0; j < 4; j++)
            CHECK_CLOSE(jf_row(x, i)[j], jf_row(y, i)[j], (double)JF_EPS * 1e5);
    jf_model_free(&again);
    m.mean = m.scale = NULL;
    m.noise = 1;
    m.base = jf_student(4);
    CHECK(jf_flow_save(path, &m) == GSL_SUCCESS);
    CHECK(jf_flow_load(path, &again) == GSL_SUCCESS);
    CHECK(again.mean == NULL && again.noise == 1 && again.base.a == 4);
    jf_model_free(&again);
    jf_model_free(&m);
    jf_matrix_free(&y);
    jf_matrix_free(&x);
    jf_team_free(team);
}

static unsigned char *slurp(size_t *size)
{
    return (unsigned char *)jf_file_read(path, size);
}

static void spill(const unsigned char *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    CHECK(file && fwrite(bytes, 1, size, file) == size);
    if (file)
        fclose(file);
}

/* Load what is at path: one line, or a model that can be asked. */
static void try_load(jf_team *team, jf_matrix x)
{
    jf_model m;
    hush_begin();
    int status = jf_flow_load(path, &m);
    CHECK(hush_end() == (status != GSL_SUCCESS));
    if (status == GSL_SUCCESS && m.flow->d == x.cols) {
        jf_error unheard, *before = jf_error_divert(&unheard);
        jf_matrix_fill(x, R(.5));
        jf_model_forward(&m, x, NULL, NULL, team);
        jf_error_divert(before);
    }
    jf_model_free(&m);
}

/* Bytes of a whole file changed, under a checksum that is right: of its head
 * and description each, of its numbers some. */
static void test_damaged_file(void)
{
    double units[8] = {1, 2, 3, 4, .5, 2, 1, 10};
    jf_model m = model_of(units);
    jf_team *team = jf_team_new(1);
    jf_matrix x = jf_matrix_new(2, 4);
    size_t size;
    CHECK(jf_flow_save(path, &m) == GSL_SUCCESS);
    unsigned char *bytes = slurp(&size);
    for (size_t i = 0; i + 4 < size; i += i < 700 ? 1 : 17) {
        static const unsigned char flips[] = {1, 16, 255};
        for (size_t k = 0; k < sizeof flips; k += check_brief(3)) {
            bytes[i] ^= flips[k];
            uint32_t sum = (uint32_t)crc32_z(0, bytes, size - 4);
            memcpy(bytes + size - 4, &sum, 4);
            spill(bytes, size);
            try_load(team, x);
            bytes[i] ^= flips[k];
        }
    }
    free(bytes);
    m.mean = m.scale = NULL;
    jf_model_free(&m);
    jf_matrix_free(&x);
    jf_team_free(team);
}

/* Sound files that are no models: what is said. */
static void refused(const char *description, const jf_section *s, size_t n,
                    const char *words)
{
    jf_model m;
    CHECK(jf_theta_write(path, description, s, n) == GSL_SUCCESS);
    hush_begin();
    CHECK(jf_flow_load(path, &m) == GSL_EFAILED);
    CHECK(hush_end() == 1);
    CHECK(m.flow == NULL && m.theta == NULL);
    int found = strstr(jf_error_last()->message, words) != NULL;
    CHECK(found);
    if (!found)
        fprintf(stderr, "%s\n  %s\n", words, jf_error_last()->message);
}

static void test_refused_files(void)
{
    real theta[4] = {0};
    double one[2] = {1, 0};
    jf_section s[3] = {
        {.name = "theta", .type = JF_REALS, .count = 4, .data = theta},
        {.name = "mean", .type = JF_DOUBLES, .count = 2, .data = one},
        {.name = "scale", .type = JF_DOUBLES, .count = 2, .data = one}};
    refused("actnorm(d=3)", s, 1, "has 4 parameters, its flow takes 6");
    refused("actnorm(d=2", s, 1, "its description, byte 11: expected )");
    refused("unheard(d=2)", s, 1, "its description, byte 0: expected a layer");
    refused("actnorm(d=2)", s + 1, 1, "has 0 parameters");
    refused("actnorm(d=2)", s, 2, "has no section scale");
    refused("actnorm(d=2)", s, 3, "column 2 has mean 0 and scale 0");
    s[1].count = 1;
    refused("actnorm(d=2)", s, 3, "section mean has 1 numbers");
    s[1] = (jf_section){.name = "base", .type = JF_BYTES, 7, "normal("};
    refused("actnorm(d=2)", s, 2, "its base, byte 7: expected )");
    s[1] = (jf_section){.name = "noise", .type = JF_DOUBLES, 1, &(double){-1}};
    refused("actnorm(d=2)", s, 2, "noise -1");
    theta[2] = (real)NAN;
    refused("actnorm(d=2)", s, 1, "parameter 3 is nan, a finite number");
    theta[2] = (real)INFINITY;
    refused("actnorm(d=2)", s, 1, "parameter 3 is inf, a finite number");
    theta[2] = 0;
    s[0].type = JF_WORDS;
    s[0].data = (uint64_t[4]){0};
    refused("actnorm(d=2)", s, 1, "section theta has 4 numbers of type 2");
}

int main(void)
{
    check_template(path, sizeof path, "flow-file");
    int file = mkstemp(path);
    if (file < 0)
        return 1;
    close(file);
    test_free_space();
    test_bad_texts();
    test_deep();
    test_damaged_text();
    test_laws_as_text();
    test_model();
    test_damaged_file();
    test_refused_files();
    unlink(path);
    return check_end();
}
