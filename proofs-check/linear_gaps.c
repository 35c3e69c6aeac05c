/* linear_gaps.c -- what a parameterisation of W that is too small loses.
 *
 * Theorem   Parameterisations of W that miss the orbit O(D) S^{-1/2} stay below
 *           EIG(S) by a gap that is positive:
 *             diagonal            -(1/2) log det Corr
 *             scalar times O(D)   (D/2) log(AM/GM of the eigenvalues)
 *             SL(D)               (D/2)(g - 1 - log g), g = det(S)^{1/D}
 *             one (2, 2) block on each of D/2 sites
 *                                 (1/2)(D/2 log det(mean block) - log det S)
 * Source    Claim C3.1.
 *
 * With A = W S W' a linear flow has EIG - LL = (tr A - D - log det A)/2, and t
 * - 1 - log t >= 0 on each eigenvalue t of A.  Diagonal W: tr A = sum W_ii^2
 * S_ii, best at W_ii^2 = 1/S_ii (Hadamard's inequality).  W = c O: tr A = c^2
 * tr S, best at c^2 = D/tr S.  SL(D): det A = g^D and tr A >= D g.  Blocks: the
 * sum over sites has the optimum of the mean block (Fischer and Jensen).  Here
 * each gap is enclosed from exact determinants and traces. */
#include "ball.h"

/* The rational q's logarithm, n times. */
static void n_log(arb_t z, const fmpq_t q, slong n, slong bits)
{
    arb_set_fmpq(z, q, bits);
    arb_log(z, z, bits);
    arb_mul_si(z, z, n, bits);
}

/* z = (z - log det S)/2 > 0. */
static verdict gap(arb_t z, fmpq_mat_t s, int control, slong bits)
{
    arb_t det;
    arb_init(det);
    log_det(det, s, bits);
    arb_sub(z, z, det, bits);
    arb_mul_2exp_si(z, z, -1);
    arb_clear(det);
    fmpq_mat_clear(s);
    return positive(z, control);
}

static verdict diagonal(arb_t z, slong d, int control, slong bits)
{
    fmpq_mat_t s;
    arb_t t;
    fmpq_mat_init(s, d, d);
    arb_init(t);
    example_covariance(s);
    arb_zero(z);
    for (slong i = 0; i < d; i++) {
        n_log(t, fmpq_mat_entry(s, i, i), 1, bits);
        arb_add(z, z, t, bits);
    }
    arb_clear(t);
    return gap(z, s, control, bits);
}

static verdict scalar(arb_t z, slong d, int control, slong bits)
{
    fmpq_mat_t s;
    fmpq_t mean, n;
    fmpq_mat_init(s, d, d);
    fmpq_init(mean);
    fmpq_init(n);
    fmpq_set_si(n, d, 1);
    example_covariance(s);
    fmpq_mat_trace(mean, s);
    fmpq_div(mean, mean, n);
    n_log(z, mean, d, bits);
    fmpq_clear(n);
    fmpq_clear(mean);
    return gap(z, s, control, bits);
}

static verdict special(arb_t z, slong d, int control, slong bits)
{
    fmpq_mat_t s;
    fmpq_mat_init(s, d, d);
    example_covariance(s);
    log_det(z, s, bits);
    arb_div_si(z, z, d, bits);
    arb_expm1(z, z, bits);
    arb_mul_si(z, z, d, bits);
    return gap(z, s, control, bits);
}

static verdict shared(arb_t z, slong d, int control, slong bits)
{
    slong sites = d / 2;
    fmpq_mat_t s, mean;
    fmpq_t det, n;
    fmpq_mat_init(s, d, d);
    fmpq_mat_init(mean, 2, 2);
    fmpq_init(det);
    fmpq_init(n);
    fmpq_set_si(n, sites, 1);
    example_covariance(s);
    for (slong i = 0; i < 2; i++)
        for (slong j = 0; j < 2; j++) {
            fmpq *e = fmpq_mat_entry(mean, i, j);
            for (slong k = 0; k < sites; k++)
                fmpq_add(e, e, fmpq_mat_entry(s, 2 * k + i, 2 * k + j));
            fmpq_div(e, e, n);
        }
    fmpq_mat_det(det, mean);
    n_log(z, det, sites, bits);
    fmpq_clear(n);
    fmpq_clear(det);
    fmpq_mat_clear(mean);
    return gap(z, s, control, bits);
}

#define GAP(statement, source, f, least, step)                                 \
    {                                                                          \
        {"C3.1", statement, NULL, source}, f, "> 0", "strict inequality",      \
            least, step                                                        \
    }

static const example examples[] = {
    GAP("gap of diagonal W, -(1/2) log det Corr", "Hadamard", diagonal, 2, 1),
    GAP("gap of scalar times O(D), (D/2) log(AM/GM)", "means", scalar, 2, 1),
    GAP("gap of SL(D), (D/2)(g - 1 - log g)", "t - 1 - log t", special, 2, 1),
    GAP("gap of one 2 x 2 convolution on D/2 sites", "Fischer and Jensen",
        shared, 4, 2),
};

static void prove(void)
{
    prove_examples(ROWS(examples));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv, "Certifies the gaps of restricted linear flows.",
                  prove);
}
