/* test_lipschitz.c -- norms, and bounds of singular values: proved ones hold
 * what is measured and searched, and are attained where they are exact. */
#include <gsl/gsl_errno.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "jf.h"

enum { D = 4, ROWS = 40 };

typedef struct { /* a matrix as an operator */
    size_t m, n;
    const double *a;
} matrix;

static void apply(const void *arg, int transposed, const double *in,
                  double *out)
{
    const matrix *p = arg;
    memset(out, 0, (transposed ? p->n : p->m) * sizeof *out);
    for (size_t i = 0; i < p->m; i++)
        for (size_t j = 0; j < p->n; j++)
            out[transposed ? j : i] +=
                p->a[i * p->n + j] * in[transposed ? i : j];
}

static void test_norms(void)
{
    for (size_t m = 1; m <= 12; m += 3)
        for (size_t n = 1; n <= 12; n++) {
            jf_matrix x = jf_matrix_new(m, n);
            double a[144], copy[144], sigma[12], power, by_gram, v[12];
            size_t k = m < n ? m : n;
            jf_work *work = jf_work_new();
            jf_fill_normal(x, m, JF_PURPOSE_USER, n);
            for (size_t i = 0; i < m * n; i++)
                copy[i] = a[i] = (double)x.data[i];
            CHECK(jf_singular_values(m, n, copy, sigma) == GSL_SUCCESS);
            CHECK(jf_operator_norm(m, n, apply, &(matrix){m, n, a}, 1, 100000,
                                   1e-12, &power) == GSL_SUCCESS);
            CHECK_CLOSE(power / sigma[0], 1, 1e-10);
            CHECK(jf_largest_singular(m, n, x.data, n, 1, &by_gram, v, work) ==
                  GSL_SUCCESS);
            CHECK_CLOSE(by_gram / sigma[0], 1, 1e-12);
            double bound = jf_norm_bound(m, n, a, work);
            CHECK(bound >= sigma[0]);
            CHECK(bound <= sigma[0] * pow((double)k, 0.125) * (1 + 1e-12));
            jf_work_free(work);
            jf_matrix_free(&x);
        }
    double zero[4] = {0};
    CHECK(jf_norm_bound(2, 2, zero, NULL) == 0); /* needs no scratch */
    double flip[4] = {0, 1, 1, 0}, sigma;
    CHECK(jf_operator_norm(2, 2, apply, &(matrix){2, 2, flip}, 1, 0, 1e-12,
                           &sigma) == GSL_EMAXITER);
}

static jf_net *net(size_t in, size_t out, double lipschitz)
{
    return jf_mlp(&(jf_mlp_options){in, out, 9, 2, JF_TANH, 0, lipschitz});
}

static jf_layer *additive(void)
{
    return jf_coupling(D, 2, JF_UPPER, jf_map_shift(), net(2, 2, 0.7));
}

static jf_layer *clamped(void)
{
    return jf_coupling(D, 2, JF_LOWER, jf_map_clamp(1), net(2, 4, 0.5));
}

static jf_layer *sigmoid(void)
{
    return jf_coupling(D, 2, JF_UPPER, jf_map_sigmoid(), net(2, 4, 0));
}

static jf_layer *exponential(void)
{
    return jf_coupling(D, 2, JF_UPPER, jf_map_exp(), net(2, 4, 0));
}

static jf_layer *spline(void)
{
    return jf_elementwise(D, jf_map_spline(5, 3));
}

static jf_layer *actnorm(void)
{
    return jf_actnorm(D);
}

static jf_layer *dense(void)
{
    return jf_dense(D);
}

static jf_layer *svd(void)
{
    return jf_svd_bounded(D, 0.5, 1.5);
}

static jf_layer *brenier(void)
{
    return jf_brenier(D, 6);
}

static jf_layer *residual(void)
{
    return jf_residual_net(D, jf_mlp(&(jf_mlp_options){.n_in = D,
                                                       .n_out = D,
                                                       .hidden = 6,
                                                       .depth = 1,
                                                       .activation = JF_TANH,
                                                       .lipschitz = 0.8}));
}

static jf_layer *inverted(void)
{
    return jf_inverted(residual());
}

static jf_layer *shared(void)
{
    return jf_shared(2, jf_dense(2));
}

static jf_layer *reverse(void)
{
    return jf_reverse(D);
}

static jf_layer *cosine(void)
{
    return jf_cosine(2, 1, 2, 3);
}

static jf_layer *chain(void)
{
    jf_layer *f = jf_flow_new(D);
    jf_flow_add(f, actnorm());
    jf_flow_add(f, clamped());
    jf_flow_add(f, svd());
    jf_flow_add(f, additive());
    jf_flow_add(f, residual());
    return f;
}

static jf_layer *autoregressive(void)
{
    return jf_autoregressive(D, jf_map_clamp(1), jf_made(D, 2, 9, 1, JF_TANH));
}

static const struct {
    const char *name;
    jf_layer *(*make)(void);
    int exact, unknown;
} cases[] = {
    {"additive", additive, 0, 0}, {"clamped", clamped, 0, 0},
    {"sigmoid", sigmoid, 0, 0},   {"exp", exponential, 0, 0},
    {"spline", spline, 0, 0},     {"actnorm", actnorm, 1, 0},
    {"dense", dense, 1, 0},       {"svd", svd, 1, 0},
    {"brenier", brenier, 0, 0},   {"residual", residual, 0, 0},
    {"inverted", inverted, 0, 0}, {"shared", shared, 1, 0},
    {"reverse", reverse, 1, 0},   {"cosine", cosine, 1, 0},
    {"chain", chain, 0, 0},       {"autoregressive", autoregressive, 0, 1}};

/* theta drawn large enough that nets bend; rows in the ball of radius 3. */
static void test_brackets(size_t c, unsigned long seed)
{
    jf_layer *f = cases[c].make();
    jf_team *team = jf_team_new(1);
    real *theta = jf_theta_new(f);
    jf_matrix x = jf_matrix_new(ROWS, D);
    double least, largest, low, high, slack = 1 + 40 * (double)JF_EPS;
    size_t length = jf_flow_length(f);
    jf_layer_stretch *layers = jf_alloc(length, sizeof *layers);

    jf_fill_normal(jf_view(theta, 1, f->module.n_params), seed, JF_PURPOSE_USER,
                   1);
    jf_fill_normal(x, seed, JF_PURPOSE_USER, 2);
    for (size_t i = 0; i < ROWS; i++) {
        real norm = (real)jf_norm(D, jf_row(x, i));
        for (size_t j = 0; norm > 3 && j < D; j++)
            jf_row(x, i)[j] *= R(2.999) / norm;
    }
    CHECK(jf_stretch_proved(f, theta, 3, &least, &largest, layers, jf_const(x),
                            team) == GSL_SUCCESS);
    CHECK(jf_stretch_measured(f, theta, jf_const(x), &low, &high, NULL, team) ==
          GSL_SUCCESS);
    CHECK(least <= low * slack && high <= largest * slack);
    if (cases[c].unknown) {
        CHECK(least == 0 && isinf(largest));
    } else {
        CHECK(least > 0 && least < (double)INFINITY && largest >= least);
    }
    if (cases[c].exact) {
        /* bounds leave 16 d u of the largest for rounding */
        double rounding = 64 * D * (double)JF_EPS * high / low;
        CHECK_CLOSE(high / largest, 1, rounding);
        CHECK_CLOSE(low / least, 1, rounding);
    }
    for (size_t i = 0; i < length; i++)
        CHECK(layers[i].least <= layers[i].measured_least * slack &&
              layers[i].measured_largest <= layers[i].largest * slack);
    double found_low, found_high;
    CHECK(jf_stretch_searched(f, theta, jf_const(x), 3, 30, &found_low,
                              &found_high, team) == GSL_SUCCESS);
    CHECK(found_low <= low && found_high >= high);
    CHECK(least <= found_low * slack && found_high <= largest * slack);
    free(layers);
    jf_matrix_free(&x);
    free(theta);
    jf_team_free(team);
    jf_layer_free(f);
}

/* The 1 + 1 affine block is exact at its corner: s' = 1 has slope Lip at 0. */
static void test_additive_exact(void)
{
    jf_layer *f =
        jf_coupling(2, 1, JF_UPPER, jf_map_shift(),
                    jf_mlp(&(jf_mlp_options){1, 1, 0, 0, JF_TANH, 0, 0}));
    jf_team *team = jf_team_new(1);
    real theta[2] = {R(1.5), 0};
    double least, largest;
    CHECK(jf_stretch_proved(f, theta, (double)INFINITY, &least, &largest, NULL,
                            (jf_const_matrix){0}, team) == GSL_SUCCESS);
    CHECK_CLOSE(largest, exp(asinh(0.75)), 1e-12);
    CHECK_CLOSE(least, exp(-asinh(0.75)), 1e-12);
    jf_team_free(team);
    jf_layer_free(f);
}

/* A bounded scale alone is not Lipschitz: at x_a = 0 the block is (1, 0; x_b
 * s', 1), whose norm grows with |x_b|. */
static void test_bounded_scale(void)
{
    jf_layer *f =
        jf_coupling(2, 1, JF_UPPER, jf_map_clamp(R(0.1)),
                    jf_mlp(&(jf_mlp_options){1, 2, 0, 0, JF_TANH, 0, 0}));
    jf_team *team = jf_team_new(1);
    real theta[4] = {0, 1, 0, 0}; /* t = 0, s = x_a */
    jf_matrix x = jf_matrix_new(1, 2);
    double least, largest, low, high;
    jf_row(x, 0)[1] = 3;
    CHECK(jf_stretch_proved(f, theta, 3, &least, &largest, NULL,
                            (jf_const_matrix){0}, team) == GSL_SUCCESS);
    CHECK(jf_stretch_measured(f, theta, jf_const(x), &low, &high, NULL, team) ==
          GSL_SUCCESS);
    CHECK_CLOSE(high, exp(asinh(1.5)), 20 * (double)JF_EPS);
    CHECK(high <= largest && least <= low);
    CHECK(jf_stretch_proved(f, theta, (double)INFINITY, &least, &largest, NULL,
                            (jf_const_matrix){0}, team) == GSL_SUCCESS);
    CHECK(isinf(largest) && least == 0);
    jf_matrix_free(&x);
    jf_team_free(team);
    jf_layer_free(f);
}

/* z_b = x_b + (3/4) tanh(2 x_a + shift), whose stretch exp(asinh(tau / 2)), tau
 * the slope 3/2 / cosh(2 x_a + shift)^2, has its supremum over the ball of
 * radius 1/2 at x_a = 0 for shift 0, and on the sphere, at x_a = 1/2, for -2.
 * The first simplex of both starts would leave the ball. */
static void test_search(real shift, double x_a, real start_a, real start_b)
{
    jf_layer *f =
        jf_coupling(2, 1, JF_UPPER, jf_map_shift(),
                    jf_mlp(&(jf_mlp_options){1, 1, 1, 1, JF_TANH, 0, 0}));
    jf_team *team = jf_team_new(1);
    real theta[4] = {2, shift, R(0.75), 0};
    jf_matrix x = jf_matrix_new(1, 2);
    double tau = 1.5 / pow(cosh(2 * x_a + (double)shift), 2), low, high;
    CHECK(f->module.n_params == 4);
    jf_row(x, 0)[0] = start_a;
    jf_row(x, 0)[1] = start_b;
    CHECK(jf_stretch_searched(f, theta, jf_const(x), 0.5, 300, &low, &high,
                              team) == GSL_SUCCESS);
    CHECK_CLOSE(high, exp(asinh(tau / 2)), sqrt((double)JF_EPS));
    CHECK_CLOSE(low, exp(-asinh(tau / 2)), sqrt((double)JF_EPS));
    CHECK(high <= exp(asinh(tau / 2)) * (1 + 20 * (double)JF_EPS));
    jf_matrix_free(&x);
    jf_team_free(team);
    jf_layer_free(f);
}

/* Power iteration on products against the dense SVD. */
static void test_products(void)
{
    jf_layer *f = chain();
    jf_team *team = jf_team_new(1);
    real *theta = jf_theta_new(f);
    jf_matrix x = jf_matrix_new(1, D);
    double low, high, power;
    jf_fill_normal(jf_view(theta, 1, f->module.n_params), 5, JF_PURPOSE_USER,
                   1);
    jf_fill_normal(x, 5, JF_PURPOSE_USER, 2);
    CHECK(jf_stretch_measured(f, theta, jf_const(x), &low, &high, NULL, team) ==
          GSL_SUCCESS);
    double h = cbrt((double)JF_EPS), tolerance = 100 * h * h;
    int status = jf_stretch_largest(f, theta, x.data, 0, 1, 500, tolerance,
                                    &power, team);
    CHECK(status == GSL_SUCCESS);
    CHECK_CLOSE(power / high, 1, tolerance);
    jf_matrix_free(&x);
    free(theta);
    jf_team_free(team);
    jf_layer_free(f);
}

/* Of the inverse: never above 1 over the dense SVD's least, and that where the
 * Jacobian is diagonal. */
static void test_inverse_found(void)
{
    jf_layer *layers[] = {jf_actnorm(D), chain()};
    jf_team *team = jf_team_new(1);
    jf_matrix x = jf_matrix_new(1, D);
    double h = cbrt((double)JF_EPS), tolerance = 100 * h * h;
    double low, high, ld, found, one;
    for (size_t k = 0; k < 2; k++) {
        jf_layer *f = layers[k];
        real *theta = jf_theta_new(f);
        jf_fill_normal(jf_view(theta, 1, f->module.n_params), 5,
                       JF_PURPOSE_USER, 1);
        jf_fill_normal(x, 5, JF_PURPOSE_USER, 2);
        CHECK(jf_stretch_measured(f, theta, jf_const(x), &low, &high, NULL,
                                  team) == GSL_SUCCESS);
        CHECK(jf_forward(f, theta, x, &ld, team) == GSL_SUCCESS);
        CHECK(jf_stretch_inverse_found(f, theta, x.data, 1, 200, &found,
                                       team) == GSL_SUCCESS);
        CHECK(jf_stretch_inverse_found(f, theta, x.data, 1, 1, &one, team) ==
              GSL_SUCCESS);
        CHECK(found * low <= 1 + tolerance && found * high >= 1 - tolerance);
        CHECK(one <= found); /* one product shows less */
        if (k == 0) {
            CHECK(fabs(one * low - 1) > 2 * tolerance);
            CHECK_CLOSE(found * low, 1, tolerance);
        }
        free(theta);
        jf_layer_free(f);
    }
    jf_matrix_free(&x);
    jf_team_free(team);
}

/* A bounded net's constant is at most the bound, and reaches it when its
 * matrices are larger. */
static void test_net(void)
{
    jf_net *n = net(3, 5, 0.7);
    jf_work *work = jf_work_new();
    real *theta = jf_alloc(n->module.n_params, sizeof *theta);
    double constant;
    jf_fill_normal(jf_view(theta, 1, n->module.n_params), 3, JF_PURPOSE_USER,
                   1);
    CHECK(n->ops->lipschitz(n, theta, 0, 5, &constant, work) == GSL_SUCCESS);
    CHECK_CLOSE(constant, 0.7, 1000 * (double)JF_EPS);
    for (size_t i = 0; i < n->module.n_params; i++)
        theta[i] *= R(0.01);
    CHECK(n->ops->lipschitz(n, theta, 0, 5, &constant, work) == GSL_SUCCESS);
    CHECK(constant < 1e-2);
    CHECK(work->depth == 0);
    free(theta);
    jf_work_free(work);
    jf_net_free(n);
}

int main(void)
{
    test_norms();
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        for (unsigned long seed = 1; seed <= 5; seed++)
            test_brackets(c, seed);
    test_additive_exact();
    test_bounded_scale();
    test_search(0, 0, R(0.45), R(0.1));
    test_search(-2, 0.5, R(0.1), R(0.45));
    test_products();
    test_inverse_found();
    test_net();
    return check_end();
}
