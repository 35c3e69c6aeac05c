/* ways.c -- ways to write a linear flow, and what each of them misses. */
#include "ways.h"

#include <math.h>

#include "common/linear_layers.h"

static void add_deep(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_deep_linear(d, 3));
}

static void add_reflection(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_orthogonal(d, 1));
    jf_flow_add(f, jf_diagonal(d));
}

static void add_scaled_special(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_scale(d));
    jf_flow_add(f, jf_special_linear(d));
}

static void add_special(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_special_linear(d));
}

static void add_scaled_orthogonal(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_scale(d));
    jf_flow_add(f, jf_orthogonal(d, d));
}

/* Half/half linear shears and a scalar.  Three reach the optimum for every even
 * d = 2m; for odd d, where the halves differ, a fourth is given.
 * Proof.  W Sigma W' = c I is wanted, c^d = det Sigma.  Choose bases of the two
 * halves in which Sigma_11 = diag(s_i) and the Schur complement of Sigma_11 is
 * diag(t_i); then prod s_i t_i = c^2m.  The first shear makes Sigma_11^-1
 * Sigma_12 any Y; for Y = diag(y_i) the conditional covariance C of the first
 * half given the second and the covariance S of the second have the
 * eigenvalues s_i t_i / w_i and w_i, where w_i = t_i + s_i y_i^2 is anything
 * from t_i on.  A second and third shear then lead to c I if there is a K with
 * K S K' = c I - C and K' C^-1 K = I / c - S^-1, which is solved in the
 * eigenbases if the eigenvalues pair up with product c^2.  Pair that of C at i
 * with that of S at i + 1: w_{i+1} = w_i c^2 / (s_i t_i), cyclic, closes since
 * the product over i is 1, and w_1 may be as large as all w_i >= t_i needs. */
static void add_shears(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_scale(d));
    for (size_t k = 0; k < (d % 2 ? 4 : 3); k++) {
        jf_side side = k % 2 ? JF_LOWER : JF_UPPER;
        size_t b = side == JF_UPPER ? d - d / 2 : d / 2;
        jf_mlp_options linear = {.n_in = d - b, .n_out = b, .no_bias = 1};
        jf_flow_add(
            f, jf_coupling(d, d / 2, side, jf_map_shift(), jf_mlp(&linear)));
    }
}

static void add_shared(jf_layer *f, size_t d)
{
    jf_flow_add(f, jf_shared(2, jf_dense(d / 2)));
}

static double gap_scalar(size_t d, const double *s, const double *lambda)
{
    (void)s;
    return jf_gap_scalar(d, lambda);
}

static double gap_special(size_t d, const double *s, const double *lambda)
{
    (void)s;
    return jf_gap_special(d, lambda);
}

static double gap_shared(size_t d, const double *s, const double *lambda)
{
    return jf_gap_shared(d, d / 2, s, lambda);
}

double gap_unknown(size_t d, const double *s, const double *lambda)
{
    (void)d, (void)s, (void)lambda;
    return (double)NAN;
}

const parameterisation ways[WAYS] = {
    {"dense", add_dense, NULL, 0, 0, 0},
    {"P L U", add_plu, NULL, 0, 0, 0},
    {"Q R", add_qr, NULL, 0, 0, 0},
    {"SVD", add_svd, NULL, 0, 0, 1},
    {"triangular", add_triangular, NULL, 0, 0, 0},
    {"diagonal x d-1 reflections", add_reflections, NULL, 0, 0, 1},
    {"deep linear (3)", add_deep, NULL, 0, 0, 0},
    {"actnorm + 1x1", add_actnorm_dense, NULL, 0, 0, 0},
    {"scalar x SL(d)", add_scaled_special, NULL, 0, 0, 0},
    {"shears + scalar", add_shears, NULL, 0, 0, 0},
    {"diagonal x 1 reflection", add_reflection, gap_unknown, 0, 0, 0},
    {"diagonal", add_diagonal, jf_gap_diagonal, 0, 0, 0},
    {"scalar x O(d)", add_scaled_orthogonal, gap_scalar, 0, 0, 0},
    {"SL(d)", add_special, gap_special, 1, 0, 0},
    {"I (x) 1x1", add_shared, gap_shared, 0, 1, 0},
};
