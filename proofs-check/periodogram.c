/* periodogram.c -- one signal, circular convolutions: the optimum is its
 * spectrum.
 *
 * Theorem   x in R^N, f = w (*) x a circular convolution: log|det J_f| = sum
 *           over k of log|w^_k|.  If all P_k = |x^_k|^2/N > 0, the optimum for
 *           the one signal x is -(1/2) sum log(2 pi e P_k), and the P_k are the
 *           eigenvalues of its circulant auto-correlation matrix A = (1/N) sum
 *           over shifts of (S x)(S x)'.
 * Source    Claim C3.7.
 *
 * The Fourier vectors are eigenvectors of every circulant matrix: of f with
 * w^_k, and of A, whose first column is a_l = (1/N) sum_j x_j x_{j+l}, with
 * sum_l a_l cos(2 pi k l/N) = |x^_k|^2/N.  |f|^2 = (1/N) sum |w^_k x^_k|^2 =
 * sum |w^_k|^2 P_k, so the value is sum(log|w^_k| - |w^_k|^2 P_k/2) - (N/2)
 * log(2 pi), largest at |w^_k|^2 = 1/P_k, a real symmetric w as P_k = P_{N-k}.
 * An integer signal of N = 16 shows both: det A is exact, and A is compared
 * with the spectrum. */
#include "ball.h"

enum { N = 16 };

static const slong sample[N] = {3, 1,  -2, 4, 0, 5, -1, 2,
                                7, -3, 1,  6, 2, 0, -4, 1};

/* broken: 1/N lost. */
static void power(arb_t p, slong k, int control, slong bits)
{
    arb_t c, s, re, im;
    fmpq_t turn;
    arb_init(c);
    arb_init(s);
    arb_init(re);
    arb_init(im);
    fmpq_init(turn);
    for (slong j = 0; j < N; j++) {
        fmpq_set_si(turn, 2 * (k * j % N), N);
        arb_sin_cos_pi_fmpq(s, c, turn, bits);
        arb_addmul_si(re, c, sample[j], bits);
        arb_addmul_si(im, s, sample[j], bits);
    }
    arb_sqr(p, re, bits);
    arb_addmul(p, im, im, bits);
    if (!control)
        arb_div_si(p, p, N, bits);
    fmpq_clear(turn);
    arb_clear(im);
    arb_clear(re);
    arb_clear(s);
    arb_clear(c);
}

/* The circulant auto-correlation matrix. */
static void correlation(fmpq_mat_t a)
{
    for (slong i = 0; i < N; i++)
        for (slong j = 0; j < N; j++) {
            slong sum = 0;
            for (slong s = 0; s < N; s++)
                sum += sample[(i + s) % N] * sample[(j + s) % N];
            fmpq_set_si(fmpq_mat_entry(a, i, j), sum, N);
        }
}

/* log det A less sum of log P_k. */
static verdict determinant(arb_t measured, const void *data, int control,
                           slong bits)
{
    fmpq_mat_t a;
    arb_t p;
    (void)data;
    fmpq_mat_init(a, N, N);
    arb_init(p);
    correlation(a);
    log_det(measured, a, bits);
    for (slong k = 0; k < N; k++) {
        power(p, k, control, bits);
        arb_log(p, p, bits);
        arb_sub(measured, measured, p, bits);
    }
    verdict v = within(measured, "0.000000000000000000000000000000", 0, bits);
    arb_clear(p);
    fmpq_mat_clear(a);
    return v;
}

/* The largest entry of A c - P_k c, c = cos(2 pi k j/N), over all k. */
static verdict eigenvectors(arb_t measured, const void *data, int control,
                            slong bits)
{
    fmpq_mat_t a;
    fmpq_t turn;
    arb_t p, row, c;
    (void)data;
    fmpq_mat_init(a, N, N);
    fmpq_init(turn);
    arb_init(p);
    arb_init(row);
    arb_init(c);
    correlation(a);
    arb_zero(measured);
    for (slong k = 0; k < N; k++) {
        power(p, k, control, bits);
        for (slong i = 0; i < N; i++) {
            arb_zero(row);
            for (slong j = 0; j < N; j++) {
                fmpq_set_si(turn, 2 * (k * j % N), N);
                arb_cos_pi_fmpq(c, turn, bits);
                if (i == j)
                    arb_submul(row, p, c, bits);
                arb_mul_fmpz(c, c, fmpq_mat_entry_num(a, i, j), bits);
                arb_div_fmpz(c, c, fmpq_mat_entry_den(a, i, j), bits);
                arb_add(row, row, c, bits);
            }
            arb_abs(row, row);
            arb_max(measured, measured, row, bits);
        }
    }
    verdict v = within(measured, "0.000000000000000000000000000000", 0, bits);
    arb_clear(c);
    arb_clear(row);
    arb_clear(p);
    fmpq_clear(turn);
    fmpq_mat_clear(a);
    return v;
}

static void prove(void)
{
    prove_statement(&(claim){"C3.7",
                             "log det of the circulant auto-correlation matrix "
                             "is the sum of log P_k: difference",
                             "an integer signal, N = 16",
                             "exact determinant, spectrum in balls"},
                    determinant, NULL, "0", "1e-30");
    prove_statement(
        &(claim){"C3.7", "the P_k are its eigenvalues: |A c - P_k c| at most",
                 "an integer signal, N = 16, c = cos(2 pi k j/N)", "balls"},
        eigenvectors, NULL, "0", "1e-30");
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies the optimum of circular convolutions of a signal.",
                  prove);
}
