/* cosine_diagonal.c -- which boundary costs least on pieces of a larger signal.
 *
 * Theorem   C the orthonormal cosine transform DCT-II, C_kj = sqrt((2 -
 *           [k=0])/N) cos(pi k (2 j + 1)/(2 N)), R = E x x' the second moment
 *           of the data.  The flow C' diag(w) C has log|det| = sum log|w_k| and
 *           the optimum -(1/2) sum log(2 pi e P_k), P_k = (C R C')_kk, at |w_k|
 *           = P_k^{-1/2}; its gap to the affine optimum is (1/2)(sum log P_k -
 *           log det R) >= 0.  The same holds for the discrete Fourier basis
 *           (circular convolutions) and for the unit vectors (diagonal flows).
 * Source    Claim C3.12.
 *
 * Orthonormal: 2 C_kj C_lj is a multiple of cos(pi (k-l)(2j+1)/2N) + cos(pi
 * (k+l) (2j+1)/2N), and sum_j cos(a (2j+1)) = sin(2 N a)/(2 sin a), which is 0
 * for a = pi m/2N, 0 < |m| < 2N.  In orthonormal coordinates y = C x the flow
 * is diagonal, and sum(log w_k - w_k^2 P_k/2) is largest at w_k^2 = 1/P_k.  The
 * affine optimum without a bias is C3.2's; by Hadamard's inequality the gap is
 * 0 only if C R C' is diagonal.  Any orthonormal basis, a unitary one for
 * circular flows, whose gains at k and N - k are conjugate, P_k being equal.
 * Examples: R_ij = rho^|i-j|, of determinant (1 - rho^2)^{N-1}; and n x n
 * pieces of a 64 x 64 periodic Gaussian texture of power 1/(1 + |k|^2), k_1 and
 * k_2 in -32 .. 31, whose covariance depends on the lag alone. */
#include "ball.h"

#include <stdlib.h>

#if __has_include(<flint/arb.h>)
#include <flint/arb_mat.h>
#else
#include <arb_mat.h>
#endif

enum { PERIOD = 64 };
typedef enum { DIAGONAL, CIRCULAR, COSINE } basis;

/* c = the k-th row of C; broken: row 0 not normalised. */
static void cosine_row(arb_ptr c, slong k, slong n, int control, slong bits)
{
    arb_t norm;
    fmpq_t turn;
    arb_init(norm);
    fmpq_init(turn);
    arb_set_si(norm, k == 0 && !control ? 1 : 2);
    arb_div_si(norm, norm, n, bits);
    arb_sqrt(norm, norm, bits);
    for (slong j = 0; j < n; j++) {
        fmpq_set_si(turn, k * (2 * j + 1), (ulong)(2 * n));
        arb_cos_pi_fmpq(c + j, turn, bits);
        arb_mul(c + j, c + j, norm, bits);
    }
    fmpq_clear(turn);
    arb_clear(norm);
}

/* a (n): what a basis vector's square makes of lags 0 .. n - 1, so that P = a_0
 * r_0 + sum over lags of 2 a r; for the diagonal basis a = (1, 0, ..). */
static void lag_weights(arb_ptr a, basis b, slong k, slong n, int control,
                        slong bits)
{
    arb_ptr c = _arb_vec_init(n);
    fmpq_t turn;
    fmpq_init(turn);
    _arb_vec_zero(a, n);
    if (b == COSINE)
        cosine_row(c, k, n, control, bits);
    for (slong lag = 0; lag < n; lag++) {
        if (b == DIAGONAL) {
            arb_set_si(a + lag, lag == 0 || (control && lag == 1));
        } else if (b == COSINE) {
            for (slong j = 0; j + lag < n; j++)
                arb_addmul(a + lag, c + j, c + j + lag, bits);
        } else {
            fmpq_set_si(turn, 2 * k * lag, (ulong)n);
            arb_cos_pi_fmpq(a + lag, turn, bits);
            arb_mul_si(a + lag, a + lag, n - lag, bits);
            arb_div_si(a + lag, a + lag, n, bits);
        }
    }
    fmpq_clear(turn);
    _arb_vec_clear(c, n);
}

typedef struct {
    basis basis;
    slong n;
    const char *rho; /* NULL: the texture */
} gap;

/* sum of log P_k for R_ij = r_|i-j|. */
static void log_powers(arb_t z, const gap *g, arb_srcptr r, int control,
                       slong bits)
{
    arb_ptr a = _arb_vec_init(g->n);
    arb_t p;
    arb_init(p);
    arb_zero(z);
    for (slong k = 0; k < g->n; k++) {
        lag_weights(a, g->basis, k, g->n, control, bits);
        arb_zero(p);
        for (slong lag = g->n - 1; lag >= 0; lag--) {
            if (lag == 0)
                arb_mul_2exp_si(p, p, 1);
            arb_addmul(p, a + lag, r + lag, bits);
        }
        arb_log(p, p, bits);
        arb_add(z, z, p, bits);
    }
    arb_clear(p);
    _arb_vec_clear(a, g->n);
}

/* The gap of an autoregressive law; what is nearly diagonal is nearly 0. */
static void autoregressive(arb_t z, const gap *g, int control, slong bits)
{
    arb_ptr r = _arb_vec_init(g->n);
    arb_t rho;
    arb_init(rho);
    arb_set_str(rho, g->rho, bits);
    _arb_vec_set_powers(r, rho, g->n, bits);
    log_powers(z, g, r, control, bits);
    arb_sqr(rho, rho, bits);
    arb_sub_si(rho, rho, 1, bits);
    arb_neg(rho, rho);
    arb_log(rho, rho, bits);
    arb_submul_si(z, rho, g->n - 1, bits);
    arb_mul_2exp_si(z, z, -1);
    arb_clear(rho);
    _arb_vec_clear(r, g->n);
}

/* r (n n): covariance of the texture at lags (x, y), 0 <= x, y < n. */
static void texture(arb_ptr r, slong n, slong bits)
{
    arb_ptr wave = _arb_vec_init(PERIOD);
    arb_t power, one;
    fmpq_t turn;
    arb_init(power);
    arb_init(one);
    fmpq_init(turn);
    for (slong k = 0; k < PERIOD; k++) {
        fmpq_set_si(turn, 2 * k, PERIOD);
        arb_cos_pi_fmpq(wave + k, turn, bits);
    }
    for (slong k = 0; k < PERIOD; k++)
        for (slong l = 0; l < PERIOD; l++) {
            slong p = k < PERIOD / 2 ? k : k - PERIOD;
            slong q = l < PERIOD / 2 ? l : l - PERIOD;
            arb_one(power);
            arb_div_si(power, power, 1 + p * p + q * q, bits);
            for (slong x = 0; x < n; x++) {
                arb_mul(one, power, wave + k * x % PERIOD, bits);
                for (slong y = 0; y < n; y++)
                    arb_addmul(r + x * n + y, one, wave + l * y % PERIOD, bits);
            }
        }
    fmpq_clear(turn);
    arb_clear(one);
    arb_clear(power);
    _arb_vec_clear(wave, PERIOD);
}

/* log det of the (n n, n n) covariance of an n x n piece. */
static void piece_log_det(arb_t z, arb_srcptr r, slong n, slong bits)
{
    arb_mat_t s;
    arb_t entry;
    arb_mat_init(s, n * n, n * n);
    arb_init(entry);
    for (slong i = 0; i < n * n; i++)
        for (slong j = 0; j < n * n; j++)
            arb_set(arb_mat_entry(s, i, j),
                    r + labs(i / n - j / n) * n + labs(i % n - j % n));
    arb_zero(z);
    if (!arb_mat_cho(s, s, bits))
        arb_indeterminate(z);
    for (slong i = 0; i < n * n; i++) {
        arb_log(entry, arb_mat_entry(s, i, i), bits);
        arb_addmul_si(z, entry, 2, bits);
    }
    arb_clear(entry);
    arb_mat_clear(s);
}

/* sum of log P over the products of basis vectors; the covariance is even in
 * each lag, as the power is. */
static void log_powers_of_piece(arb_t z, const gap *g, arb_srcptr r,
                                int control, slong bits)
{
    slong n = g->n;
    arb_ptr a = _arb_vec_init(n * n), b = _arb_vec_init(n);
    arb_t p;
    arb_init(p);
    for (slong k = 0; k < n; k++) {
        lag_weights(a + k * n, g->basis, k, n, control, bits);
        for (slong lag = 1; lag < n; lag++)
            arb_mul_2exp_si(a + k * n + lag, a + k * n + lag, 1);
    }
    arb_zero(z);
    for (slong k = 0; k < n; k++) {
        _arb_vec_zero(b, n);
        for (slong x = 0; x < n; x++)
            for (slong y = 0; y < n; y++)
                arb_addmul(b + y, a + k * n + x, r + x * n + y, bits);
        for (slong l = 0; l < n; l++) {
            arb_dot(p, NULL, 0, b, 1, a + l * n, 1, n, bits);
            arb_log(p, p, bits);
            arb_add(z, z, p, bits);
        }
    }
    arb_clear(p);
    _arb_vec_clear(b, n);
    _arb_vec_clear(a, n * n);
}

/* Gap per pixel. */
static void piece(arb_t z, const gap *g, int control, slong bits)
{
    arb_ptr r = _arb_vec_init(g->n * g->n);
    arb_t full;
    arb_init(full);
    texture(r, g->n, bits);
    log_powers_of_piece(z, g, r, control, bits);
    piece_log_det(full, r, g->n, bits);
    arb_sub(z, z, full, bits);
    arb_div_si(z, z, 2 * g->n * g->n, bits);
    arb_clear(full);
    _arb_vec_clear(r, g->n * g->n);
}

typedef struct {
    claim claim;
    gap gap;
    const char *expected;
} row;

/* broken: one class for another, a basis that is not orthonormal. */
static verdict gap_is(arb_t measured, const void *data, int control, slong bits)
{
    const row *w = data;
    gap g = w->gap;
    if (control && g.basis == CIRCULAR)
        g.basis = COSINE;
    (g.rho ? autoregressive : piece)(measured, &g, control, bits);
    return within(measured, w->expected, 0, bits);
}

/* measured: |C C' - I|. */
static verdict orthonormal(arb_t measured, const void *data, int control,
                           slong bits)
{
    slong n = *(const slong *)data;
    arb_mat_t c, t;
    arb_mat_init(c, n, n);
    arb_mat_init(t, n, n);
    for (slong k = 0; k < n; k++)
        cosine_row(arb_mat_entry(c, k, 0), k, n, control, bits);
    arb_mat_transpose(t, c);
    arb_mat_mul(c, c, t, bits);
    arb_mat_one(t);
    arb_mat_sub(c, c, t, bits);
    arb_mat_frobenius_norm(measured, c, bits);
    verdict v = within(measured, "0.000000000000000000000000000000", 0, bits);
    arb_mat_clear(t);
    arb_mat_clear(c);
    return v;
}

#define AR(name, basis, n, rho, decimal)                                       \
    {                                                                          \
        {"C3.12", "gap of the " name " class, AR(1) " rho ", N = " #n,         \
         "second moment rho^|i-j|", "bases in balls"},                         \
            {basis, n, "0" rho}, decimal                                       \
    }
#define PIECE(id, name, basis, n, decimal)                                     \
    {                                                                          \
        {id,                                                                   \
         "gap per pixel of the " name " class, " #n " x " #n                   \
         " pieces of a texture",                                               \
         "power 1/(1+|k|^2), period 64", "bases in balls"},                    \
            {basis, n, NULL}, decimal                                          \
    }

static const row rows[] = {
    AR("diagonal", DIAGONAL, 16, ".95", "17.46"),
    AR("diagonal", DIAGONAL, 64, ".95", "73.33"),
    AR("diagonal", DIAGONAL, 256, ".95", "296.81"),
    AR("diagonal", DIAGONAL, 64, ".999", "195.8"),
    AR("circular", CIRCULAR, 16, ".95", "2.724"),
    AR("circular", CIRCULAR, 64, ".95", "6.626"),
    AR("circular", CIRCULAR, 256, ".95", "7.756"),
    AR("circular", CIRCULAR, 64, ".999", "19.28"),
    AR("cosine", COSINE, 16, ".95", "0.0416"),
    AR("cosine", COSINE, 64, ".95", "0.1131"),
    AR("cosine", COSINE, 256, ".95", "0.1617"),
    AR("cosine", COSINE, 64, ".999", "0.0050"),
    PIECE("C3.12", "diagonal", DIAGONAL, 4, "0.404"),
    PIECE("C3.12", "diagonal", DIAGONAL, 8, "0.454"),
    PIECE("C3.12", "diagonal", DIAGONAL, 16, "0.477"),
    PIECE("C3.12", "circular", CIRCULAR, 4, "0.0556"),
    PIECE("C3.12", "circular", CIRCULAR, 8, "0.0568"),
    PIECE("C3.12", "circular", CIRCULAR, 16, "0.0404"),
    PIECE("C3.12", "cosine", COSINE, 4, "0.0085"),
    PIECE("C3.12", "cosine", COSINE, 8, "0.0083"),
    PIECE("C3.12", "cosine", COSINE, 16, "0.0056"),
    PIECE("C8.P16", "circular", CIRCULAR, 8, "0.05682488074598"),
    PIECE("C8.P16", "cosine", COSINE, 8, "0.00831705247263"),
};

static void prove(void)
{
    static const slong sizes[] = {8, 32};
    for (int k = 0; k < 2; k++)
        prove_statement(
            &(claim){"C3.12", "the cosine transform is orthonormal: |C C' - I|",
                     k == 0 ? "N = 8" : "N = 32", "Frobenius norm in balls"},
            orthonormal, sizes + k, "0", "1e-30");
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        prove_statement(&rows[k].claim, gap_is, rows + k, rows[k].expected,
                        "a unit in the last place");
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies what flows of fixed boundary lose on pieces of a "
                  "signal.",
                  prove);
}
