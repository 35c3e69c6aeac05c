/* test_map.c -- scalar maps where the laws of layers do not look: knots, tails,
 * extreme parameters, domains. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "jf.h"

/* z = m(x; p) and log m' of one entry. */
static int value(const jf_map *map, real x, real *p, real *z, double *ld)
{
    jf_work *work = jf_work_new();
    *z = x;
    *ld = 0;
    int status =
        jf_map_forward(map, jf_view(z, 1, 1),
                       jf_const_view(p, 1, map->module.n_params), ld, work);
    jf_work_free(work);
    return status;
}

static int invert(const jf_map *map, real z, real *p, real *x)
{
    jf_work *work = jf_work_new();
    *x = z;
    int status = jf_map_inverse(
        map, jf_view(x, 1, 1), jf_const_view(p, 1, map->module.n_params), work);
    jf_work_free(work);
    return status;
}

static void test_spline_identity(void)
{
    jf_map spline = jf_map_spline(8, 3);
    real p[23] = {0}, z;
    double ld;
    for (int i = -40; i <= 40; i++) {
        real x = R(0.1) * (real)i;
        CHECK(value(&spline, x, p, &z, &ld) == GSL_SUCCESS);
        CHECK_CLOSE((double)z, (double)x, 16 * (double)JF_EPS);
        CHECK_CLOSE(ld, 0, 32 * (double)JF_EPS);
    }
}

/* Increasing through all knots, continuous at the ends, with the inverse right
 * to the map's condition, for parameters as large as training makes them. */
static void test_spline_extremes(void)
{
    enum { K = 6, N = 600 };
    jf_map spline = jf_map_spline(K, 2);
    real p[3 * K - 1], z, x;
    double ld, before;
    for (int seed = 0; seed < 4; seed++) {
        jf_fill_normal(jf_view(p, 1, 3 * K - 1), 1, JF_PURPOSE_USER,
                       (uint64_t)seed);
        for (size_t q = 0; q < 3 * K - 1; q++)
            p[q] *= R(5.0);
        before = -3;
        for (int i = 0; i <= N; i++) {
            real at = R(-2.5) + R(5.0) * (real)i / N;
            CHECK(value(&spline, at, p, &z, &ld) == GSL_SUCCESS);
            CHECK((double)z > before - 64 * (double)JF_EPS && isfinite(ld));
            before = (double)z;
            CHECK(invert(&spline, z, p, &x) == GSL_SUCCESS);
            CHECK_CLOSE((double)x, (double)at,
                        64 * (double)JF_EPS * (1 + exp(-ld)) * 2);
        }
        CHECK(value(&spline, R(2.0), p, &z, &ld) == 0 && z == R(2.0));
        CHECK(value(&spline, R(-7.0), p, &z, &ld) == 0 && z == R(-7.0) &&
              ld == 0);
    }
}

/* The integral of exp(log m') is the map's increment: trapezoid on a smooth
 * stretch, error (h^2 / 12) max |m'''|. */
static void test_slope_integrates(const jf_map *map, real *p, double from,
                                  double to)
{
    enum { N = 4000 };
    double h = (to - from) / N, sum = 0, ld;
    real z, first, last;
    for (int i = 0; i <= N; i++) {
        CHECK(value(map, (real)(from + i * h), p, &z, &ld) == GSL_SUCCESS);
        sum += exp(ld) * (i == 0 || i == N ? h / 2 : h);
    }
    value(map, (real)from, p, &first, &ld);
    value(map, (real)to, p, &last, &ld);
    CHECK_CLOSE(sum, (double)(last - first),
                1e-4 * fabs(sum) + 64 * (double)JF_EPS);
}

static void test_slopes(void)
{
    jf_map maps[] = {jf_map_spline(5, 4), jf_map_mixture(4),
                     jf_map_sinh_arcsinh(), jf_map_exp()};
    for (size_t m = 0; m < 4; m++) {
        real p[16];
        jf_fill_normal(jf_view(p, 1, 16), 3, JF_PURPOSE_USER, m);
        test_slope_integrates(&maps[m], p, -3, 3.5);
    }
    jf_map logit = jf_map_logit(), probit = jf_map_probit();
    test_slope_integrates(&logit, NULL, 0.05, 0.9);
    test_slope_integrates(&probit, NULL, 0.05, 0.9);
}

/* Far out, a mixture's logit is a straight line, not an infinity. */
static void test_mixture_tails(void)
{
    jf_map mixture = jf_map_mixture(3);
    real p[9] = {0, 1, -1, 0, 0, 0, R(0.5), 0, R(-0.5)}, z, x;
    double ld;
    for (int sign = -1; sign <= 1; sign += 2) {
        CHECK(value(&mixture, (real)(sign * 2000), p, &z, &ld) == 0);
        CHECK(isfinite((double)z) && fabs((double)z) > 1000);
        CHECK_CLOSE(ld, -0.5, 1e-6); /* the widest part's slope */
        CHECK(invert(&mixture, z, p, &x) == GSL_SUCCESS);
        CHECK_CLOSE((double)x, sign * 2000, 8000 * (double)JF_EPS);
    }
}

static void test_domains(void)
{
    jf_map maps[] = {jf_map_logit(), jf_map_probit()};
    const real outside[] = {0, 1, R(-0.5), R(1.5)};
    real z;
    double ld;
    for (size_t m = 0; m < 2; m++)
        for (size_t i = 0; i < 4; i++)
            CHECK(value(&maps[m], outside[i], NULL, &z, &ld) == GSL_EDOM);
    CHECK(jf_map_spline(1, 3).ops == NULL);
    CHECK(jf_map_spline(65, 3).ops == NULL);
    CHECK(jf_map_spline(8, 0).ops == NULL);
    CHECK(jf_map_mixture(0).ops == NULL);
}

/* Output q d + j of a MADE sees inputs below j alone, and all of them. */
static void test_made(void)
{
    enum { D = 4, Q = 3 };
    jf_net *net = jf_made(D, Q, 12, 2, JF_TANH);
    jf_work *work = jf_work_new();
    real *theta = jf_alloc(net->module.n_params, sizeof *theta);
    real saved[24], in[D] = {0}, base[D * Q], out[D * Q];
    jf_fill_normal(jf_view(theta, 1, net->module.n_params), 5, JF_PURPOSE_USER,
                   0);
    net->ops->forward(net, theta, jf_const_view(in, 1, D),
                      jf_view(base, 1, D * Q), saved, work);
    for (size_t i = 0; i < D; i++) {
        in[i] = 1;
        net->ops->forward(net, theta, jf_const_view(in, 1, D),
                          jf_view(out, 1, D * Q), saved, work);
        for (size_t j = 0; j < D; j++)
            for (size_t q = 0; q < Q; q++)
                CHECK((out[q * D + j] != base[q * D + j]) == (j > i));
        in[i] = 0;
    }
    free(theta);
    jf_work_free(work);
    jf_net_free(net);
}

/* Entry k of the sorted k mod inner, k < hidden. */
static size_t degree(size_t k, size_t inner, size_t hidden)
{
    for (size_t e = 0;; e++) {
        size_t count = hidden / inner + (e < hidden % inner);
        if (k < count)
            return e;
        k -= count;
    }
}

/* The mask of a MADE with depth 2, from the degrees of net/made.c. */
static void mask(size_t d, size_t q, size_t hidden, real *theta)
{
    size_t inner = d > 1 ? d - 1 : 1, n_in = d;
    for (size_t l = 0; l < 3; l++) {
        size_t n_out = l < 2 ? hidden : q * d;
        for (size_t i = 0; i < n_out; i++)
            for (size_t j = 0; j < n_in; j++, theta++) {
                size_t to = l < 2 ? degree(i, inner, hidden) + 1 : i % d;
                size_t from = l > 0 ? degree(j, inner, hidden) : j;
                if (from >= to)
                    *theta = 0;
            }
        theta += n_out;
        n_in = hidden;
    }
}

/* A MADE of several bands, and of fewer units than degrees, is the MLP with
 * masked weights, in value, gradient and column by column, to the rounding of
 * sums over at most 2 hidden terms of size about 1 in three maps. */
static void test_masks(size_t d, size_t hidden)
{
    enum { N = 5, Q = 2 };
    jf_net *net = jf_made(d, Q, hidden, 2, JF_TANH);
    jf_mlp_options o = {d, Q * d, hidden, 2, JF_TANH, 0, 0};
    jf_net *mlp = jf_mlp(&o);
    size_t n = net->module.n_params, width = Q * d;
    jf_work *work = jf_work_new();
    jf_matrix in = jf_matrix_new(N, d), theta = jf_matrix_new(2, n);
    jf_matrix out = jf_matrix_new(2 * N, width), own = jf_matrix_new(N, Q);
    jf_matrix dout = jf_matrix_new(2 * N, width), din = jf_matrix_new(2 * N, d);
    jf_matrix grad = jf_matrix_new(2, n);
    real *saved = jf_alloc(N * 2 * hidden, sizeof *saved);
    real *state = jf_alloc(N * net->n_state, sizeof *state);
    double limit = 32 * sqrt(2.0 * (double)hidden) * (double)JF_EPS * 4;

    jf_fill_normal(in, 5, JF_PURPOSE_DATA, 0);
    jf_fill_normal(theta, 5, JF_PURPOSE_USER, 0);
    for (size_t i = 0; i < n; i++)
        theta.data[i] /= (real)sqrt((double)hidden);
    memcpy(jf_row(theta, 1), theta.data, n * sizeof(real));
    mask(d, Q, hidden, jf_row(theta, 1));
    jf_fill_normal(dout, 6, JF_PURPOSE_USER, 0);
    jf_matrix_copy(jf_rows(dout, N, N), jf_const(jf_rows(dout, 0, N)));
    for (size_t k = 0; k < 2; k++) {
        const jf_net *one = k ? mlp : net;
        jf_matrix p = jf_rows(out, k * N, N);
        one->ops->forward(one, jf_row(theta, k), jf_const(in), p, saved, work);
        one->ops->backward(one, jf_row(theta, k), jf_const(in), saved,
                           jf_rows(dout, k * N, N), jf_rows(din, k * N, N),
                           jf_row(grad, k), work);
    }
    mask(d, Q, hidden, jf_row(grad, 1));
    for (size_t i = 0; i < N * width; i++)
        CHECK_CLOSE((double)out.data[i], (double)out.data[N * width + i],
                    limit);
    for (size_t i = 0; i < N * d; i++)
        CHECK_CLOSE((double)din.data[i], (double)din.data[N * d + i], limit);
    for (size_t i = 0; i < n; i++)
        CHECK_CLOSE((double)grad.data[i], (double)grad.data[n + i], limit);
    for (size_t j = 0; j < d; j++) {
        net->ops->column(net, theta.data, j, jf_const(in), state, own, work);
        for (size_t i = 0; i < N * Q; i++)
            CHECK_CLOSE((double)own.data[i],
                        (double)jf_row(out, i / Q)[i % Q * d + j], limit);
    }
    free(state);
    free(saved);
    jf_matrix_free(&grad);
    jf_matrix_free(&din);
    jf_matrix_free(&dout);
    jf_matrix_free(&own);
    jf_matrix_free(&out);
    jf_matrix_free(&theta);
    jf_matrix_free(&in);
    jf_work_free(work);
    jf_net_free(mlp);
    jf_net_free(net);
}

/* Newton's method from afar: the inverse of a Brenier map of steep ridges. */
static void test_brenier_inverse(void)
{
    enum { N = 200 };
    jf_layer *layer = jf_brenier(2, 20);
    jf_team *team = jf_team_new(1);
    jf_matrix x = jf_matrix_new(N, 2), z = jf_matrix_new(N, 2);
    real *theta = jf_theta_new(layer);
    double ld[N];
    jf_fill_normal(x, 4, JF_PURPOSE_DATA, 0);
    CHECK(jf_init(layer, theta, jf_const(x), 1, team) == GSL_SUCCESS);
    for (size_t k = 0; k < 20; k++) /* weight e^3 */
        theta[5 + 4 * k + 3] = 3;
    for (size_t i = 0; i < 2 * N; i++)
        x.data[i] *= R(20.0);
    jf_matrix_copy(z, jf_const(x));
    CHECK(jf_forward(layer, theta, z, ld, team) == GSL_SUCCESS);
    CHECK(jf_inverse(layer, theta, z, team) == GSL_SUCCESS);
    /* A = I, so |dx| <= |dz|; z has the size 20 c |u| of the ridges. */
    double size = 20 * exp(3) * 10;
    for (size_t i = 0; i < 2 * N; i++)
        CHECK_CLOSE((double)z.data[i], (double)x.data[i],
                    size * (double)JF_EPS);
    free(theta);
    jf_matrix_free(&x);
    jf_matrix_free(&z);
    jf_team_free(team);
    jf_layer_free(layer);
}

/* The inversion has no value at 0, and discs must fit. */
static void test_refusals(void)
{
    jf_layer *inversion = jf_inversion(2);
    jf_team *team = jf_team_new(1);
    real zero[2] = {0};
    double ld;
    CHECK(jf_forward(inversion, NULL, jf_view(zero, 1, 2), &ld, team) ==
          GSL_EDOM);
    CHECK(jf_inversion(3) == NULL && jf_inverted(NULL) == NULL);
    CHECK(jf_twist(2, 0, 1, (jf_disc){.5, .5, .6, 1}) == NULL);
    CHECK(jf_twist(2, 1, 1, (jf_disc){.5, .5, .4, 1}) == NULL);
    CHECK(jf_swirl(2, 0, 2, (jf_disc){.5, .5, .4, 1}) == NULL);
    CHECK(jf_brenier(0, 3) == NULL);
    CHECK(jf_autoregressive(3, jf_map_exp(), jf_made(3, 1, 4, 1, JF_TANH)) ==
          NULL);
    jf_team_free(team);
    jf_layer_free(inversion);
}

/* The sigmoid law far on both sides of its middle, where log sigmoid(u) is u
 * and -exp(-u): entry by entry against the formula. */
static void test_sigmoid_law(void)
{
    static const double s[] = {-30, -7, -2.5, -2, 0, 3, 40};
    enum { COUNT = sizeof s / sizeof *s };
    jf_map map = jf_map_sigmoid();
    jf_work *work = jf_work_new();
    for (size_t i = 0; i < COUNT; i++) {
        double ld = 0, u = s[i] + 2;
        double l = u < 0 ? u - log1p(exp(u)) : -log1p(exp(-u));
        real x = 1, p[2] = {0, (real)s[i]};
        jf_map_forward(&map, jf_view(&x, 1, 1), jf_const_view(p, 1, 2), &ld,
                       work);
        CHECK_CLOSE(ld, l, 8 * (double)JF_EPS * (1 + fabs(l)));
        CHECK_CLOSE(x, exp(l), 64 * (double)JF_EPS * (1 + fabs(l)));
    }
    jf_work_free(work);
}

int main(void)
{
    test_spline_identity();
    test_spline_extremes();
    test_slopes();
    test_sigmoid_law();
    test_mixture_tails();
    test_domains();
    test_made();
    test_masks(9, 150);
    test_masks(70, 30);
    test_masks(1, 4);
    test_masks(2, 3);
    test_brenier_inverse();
    test_refusals();
    return check_end();
}
