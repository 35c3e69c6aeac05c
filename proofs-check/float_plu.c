/* float_plu.c -- a proved bound of rounding in a chain of P L U layers.
 *
 * Theorem   That of float_stack.h for a chain of layers z = W x, W = P L U with
 *           U_ii = exp(theta_ii): log|det| = sum of theta_ii.
 *
 * The matrices that the library applies, W and the stored X of its inverse, are
 * read by unit vectors, for which any order of summation is exact.  X need not
 * be the inverse of W: the round trip is compared with the input. */
#include "float_stack.h"

static jf_layer *plu(size_t k)
{
    return jf_plu(D, 7 + k);
}

/* Row i of W, or of X when backwards: what the layer does to unit vectors. */
static void read_matrix(real *m, size_t k, const real *theta, int backwards)
{
    jf_layer *f = plu(k);
    jf_team *team = jf_team_new(1);
    jf_matrix x = jf_matrix_new(D, D);
    double ld[D];
    for (size_t i = 0; i < D; i++)
        jf_row(x, i)[i] = 1;
    if (backwards)
        jf_inverse(f, theta, x, team);
    else
        jf_forward(f, theta, x, ld, team);
    for (size_t i = 0; i < D; i++)
        for (size_t j = 0; j < D; j++)
            m[i * D + j] = jf_row(x, j)[i];
    jf_matrix_free(&x);
    jf_team_free(team);
    jf_layer_free(f);
}

static void multiply(arb_ptr x, const real *m, arithmetic model)
{
    arb_ptr y = _arb_vec_init(D);
    for (size_t i = 0; i < D; i++)
        dot(y + i, m + i * D, x, D, 0, model);
    _arb_vec_set(x, y, D);
    _arb_vec_clear(y, D);
}

static void plu_forward(arb_ptr x, arb_t ld, size_t k, const real *theta,
                        arithmetic model)
{
    real w[D * D];
    arb_t t, scale;
    arb_init(t);
    arb_init(scale);
    read_matrix(w, k, theta, 0);
    multiply(x, w, model);
    for (size_t i = 0; i < D; i++) {
        arb_set_d(t, (double)theta[i * D + i]);
        arb_add(ld, ld, t, BITS);
        arb_abs(t, t);
        arb_add(scale, scale, t, BITS);
    }
    if (model.rounds) { /* two reals hold it: 2^-47 in single precision */
        arb_mul_si(scale, scale, LAYERS, BITS);
        round_off(ld, scale, D + 1, DBL_EPSILON);
        round_off(ld, scale, 1, (double)JF_EPS * (double)JF_EPS);
    }
    arb_clear(scale);
    arb_clear(t);
}

/* In exact arithmetic the inverse is that of W. */
static void plu_inverse(arb_ptr x, size_t k, const real *theta,
                        arithmetic model)
{
    real m[D * D];
    read_matrix(m, k, theta, 1);
    multiply(x, m, model);
}

static const stack chain = {
    "P L U chain", plu, D *D, 0, plu_forward, plu_inverse,
};

static void prove(void)
{
    prove_stack(&chain);
}

int main(int argc, char **argv)
{
    return proofs(
        argc, argv,
        "Certifies bounds of rounding errors in a chain of P L U layers.",
        prove);
}
