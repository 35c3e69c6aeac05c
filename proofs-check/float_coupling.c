/* float_coupling.c -- a proved bound of rounding in affine couplings.
 *
 * Theorem   That of float_stack.h for a stack of affine couplings: t, s =
 *           net(x_a), l = 2 tanh(s/2), z_b = x_b e^l + t, log|det| = sum of l,
 *           x_b = (z_b - t)/e^l.  The net has one hidden layer of tanh.  Layer
 *           k changes the last columns when k is even and the first when it is
 *           odd. */
#include "float_stack.h"

enum { HALF = D / 2, HIDDEN = 5 };

static jf_layer *coupling(size_t k)
{
    return jf_coupling(D, HALF, k % 2 ? JF_LOWER : JF_UPPER,
                       jf_map_clamp(R(2.0)),
                       jf_mlp(&(jf_mlp_options){.n_in = HALF,
                                                .n_out = 2 * HALF,
                                                .hidden = HIDDEN,
                                                .depth = 1,
                                                .activation = JF_TANH}));
}

/* p = (t, s) from a (HALF); then s becomes l. */
static void network(arb_ptr p, arb_srcptr a, const real *theta,
                    arithmetic model)
{
    const real *b1 = theta + HALF * HIDDEN, *w2 = b1 + HIDDEN;
    const real *b2 = w2 + 2 * HALF * HIDDEN;
    arb_ptr h = _arb_vec_init(HIDDEN);
    for (size_t i = 0; i < HIDDEN; i++) {
        dot(h + i, theta + i * HALF, a, HALF, b1[i], model);
        apply(h + i, h + i, arb_tanh, model);
    }
    for (size_t i = 0; i < 2 * HALF; i++)
        dot(p + i, w2 + i * HIDDEN, h, HIDDEN, b2[i], model);
    for (size_t i = HALF; i < 2 * HALF; i++) { /* 1/2 and 2 are exact */
        arb_mul_2exp_si(p + i, p + i, -1);
        apply(p + i, p + i, arb_tanh, model);
        arb_mul_2exp_si(p + i, p + i, 1);
    }
    _arb_vec_clear(h, HIDDEN);
}

static void coupling_forward(arb_ptr x, arb_t ld, size_t k, const real *theta,
                             arithmetic model)
{
    arb_ptr a = k % 2 ? x + HALF : x, b = k % 2 ? x : x + HALF;
    arb_ptr p = _arb_vec_init(2 * HALF);
    arb_t e;
    arb_init(e);
    network(p, a, theta, model);
    for (size_t i = 0; i < HALF; i++) {
        apply(e, p + HALF + i, arb_exp, model);
        arb_mul(b + i, b + i, e, BITS);
        rounded(b + i, model);
        arb_add(b + i, b + i, p + i, BITS);
        rounded(b + i, model);
        arb_add(ld, ld, p + HALF + i, BITS);
    }
    if (model.rounds) { /* HALF + 1 sums of at most 2 D LAYERS, in double */
        arb_set_si(e, 2 * D * LAYERS);
        round_off(ld, e, HALF + 1, DBL_EPSILON);
    }
    arb_clear(e);
    _arb_vec_clear(p, 2 * HALF);
}

static void coupling_inverse(arb_ptr x, size_t k, const real *theta,
                             arithmetic model)
{
    arb_ptr a = k % 2 ? x + HALF : x, b = k % 2 ? x : x + HALF;
    arb_ptr p = _arb_vec_init(2 * HALF);
    arb_t e;
    arb_init(e);
    network(p, a, theta, model);
    for (size_t i = 0; i < HALF; i++) {
        apply(e, p + HALF + i, arb_exp, model);
        arb_sub(b + i, b + i, p + i, BITS);
        rounded(b + i, model);
        arb_div(b + i, b + i, e, BITS);
        rounded(b + i, model);
    }
    arb_clear(e);
    _arb_vec_clear(p, 2 * HALF);
}

static const stack couplings = {
    "affine coupling stack",
    coupling,
    (HALF + 1) * HIDDEN + (HIDDEN + 1) * 2 * HALF,
    1,
    coupling_forward,
    coupling_inverse,
};

static void prove(void)
{
    prove_stack(&couplings);
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies bounds of rounding errors in affine couplings.",
                  prove);
}
