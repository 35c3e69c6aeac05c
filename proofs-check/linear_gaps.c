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
 * With G = W'W a linear flow has EIG - LL = e(G) = (tr(S G) - D - log det(S
 * G))/2, the sum of (t - 1 - log t)/2 >= 0 over the eigenvalues t of W S W'.
 * Diagonal W: tr(S G) = sum G_ii S_ii, best at G_ii = 1/S_ii.  W = c O: G = c^2
 * I, best at c^2 = D/tr S.  SL(D): tr(S G) >= D g, with equality at G = g S^-1.
 * Blocks: the sum over sites has the optimum of the mean block, G = its inverse
 * on every site.  Each row encloses e(G) at the best G, which is rational but
 * for the factor g, and the closed form apart: they agree and are positive. */
#include "ball.h"

/* Is e(c G), c = exp(scale), the closed form (closed - log det S)/2, which is
 * positive?  Clears what it is given but z. */
static verdict agree(arb_t z, fmpq_mat_t s, fmpq_mat_t g, arb_t scale,
                     arb_t closed, int control, slong bits)
{
    slong d = fmpq_mat_nrows(s);
    fmpq_t trace;
    arb_t t;
    fmpq_init(trace);
    arb_init(t);
    log_det(t, s, bits);
    arb_sub(closed, closed, t, bits);
    fmpq_mat_mul(g, s, g);
    fmpq_mat_trace(trace, g);
    arb_set_fmpq(z, trace, bits);
    arb_exp(t, scale, bits);
    arb_mul(z, z, t, bits);
    arb_sub_si(z, z, d, bits);
    log_det(t, g, bits);
    arb_sub(z, z, t, bits);
    arb_submul_si(z, scale, d, bits);
    arb_sub(t, z, closed, bits);
    arb_mul_2exp_si(z, z, -1);
    verdict v = within(t, "0.000000000000000000000000000000", control, bits);
    if (v == CERTIFIED)
        v = positive(z, 0);
    arb_clear(t);
    fmpq_clear(trace);
    arb_clear(closed);
    arb_clear(scale);
    fmpq_mat_clear(g);
    fmpq_mat_clear(s);
    return v;
}

#define BEGIN                                                                  \
    fmpq_mat_t s, g;                                                           \
    arb_t scale, closed;                                                       \
    fmpq_mat_init(s, d, d);                                                    \
    fmpq_mat_init(g, d, d);                                                    \
    arb_init(scale);                                                           \
    arb_init(closed);                                                          \
    example_covariance(s)
#define END return agree(z, s, g, scale, closed, control, bits)

static verdict diagonal(arb_t z, slong d, int control, slong bits)
{
    BEGIN;
    for (slong i = 0; i < d; i++) {
        fmpq_inv(fmpq_mat_entry(g, i, i), fmpq_mat_entry(s, i, i));
        arb_set_fmpq(z, fmpq_mat_entry(s, i, i), bits);
        arb_log(z, z, bits);
        arb_add(closed, closed, z, bits);
    }
    END;
}

static verdict scalar(arb_t z, slong d, int control, slong bits)
{
    fmpq *first;
    BEGIN;
    first = fmpq_mat_entry(g, 0, 0);
    fmpq_mat_trace(first, s);
    arb_set_fmpq(closed, first, bits);
    arb_div_si(closed, closed, d, bits);
    arb_log(closed, closed, bits);
    arb_mul_si(closed, closed, d, bits);
    fmpq_inv(first, first);
    fmpq_mul_si(first, first, d);
    for (slong i = 1; i < d; i++)
        fmpq_set(fmpq_mat_entry(g, i, i), first);
    END;
}

/* log det S = 2 sum of log l_ii = D log g. */
static verdict special(arb_t z, slong d, int control, slong bits)
{
    BEGIN;
    example_factor(g);
    for (slong i = 0; i < d; i++) {
        arb_set_fmpq(z, fmpq_mat_entry(g, i, i), bits);
        arb_log(z, z, bits);
        arb_addmul_ui(scale, z, 2, bits);
    }
    arb_div_si(scale, scale, d, bits);
    fmpq_mat_inv(g, s);
    arb_expm1(closed, scale, bits);
    arb_mul_si(closed, closed, d, bits);
    END;
}

static verdict shared(arb_t z, slong d, int control, slong bits)
{
    fmpq_mat_t mean;
    fmpq_t share;
    BEGIN;
    fmpq_mat_init(mean, 2, 2);
    fmpq_init(share);
    for (slong i = 0; i < d; i++)
        for (slong j = 0; j < 2; j++) {
            fmpq *e = fmpq_mat_entry(mean, i % 2, j);
            fmpq_add(e, e, fmpq_mat_entry(s, i, i - i % 2 + j));
        }
    fmpq_set_si(share, 2, (ulong)d);
    fmpq_mat_scalar_mul_fmpq(mean, mean, share);
    log_det(closed, mean, bits);
    arb_mul_si(closed, closed, d / 2, bits);
    fmpq_mat_inv(mean, mean);
    for (slong i = 0; i < d; i++)
        for (slong j = 0; j < 2; j++)
            fmpq_set(fmpq_mat_entry(g, i, i - i % 2 + j),
                     fmpq_mat_entry(mean, i % 2, j));
    fmpq_clear(share);
    fmpq_mat_clear(mean);
    END;
}

#define GAP(statement, source, f, least, step)                                 \
    {                                                                          \
        {"C3.1", statement, NULL, source}, f, "the closed form, > 0", "1e-30", \
            least, step                                                        \
    }

static const example examples[] = {
    GAP("gap of diagonal W, -(1/2) log det Corr", "Hadamard", diagonal, 2, 1),
    GAP("gap of scalar times O(D), (D/2) log(AM/GM)", "means", scalar, 2, 1),
    GAP("gap of SL(D), (D/2)(g - 1 - log g)", "t - 1 - log t", special, 2, 1),
    GAP("gap of one 2 x 2 convolution on D/2 sites", "Fischer and Jensen",
        shared, 4, 2),
};

static const number numbers[] = {
    {{"C8.P9", "EIG less (D/2)(g - 1 - log g)", "moments (9, 1, 1/4)",
      "optimum of SL(3)"},
     "g = (9/4)^(1/3); h = g*(1-broken) + broken/g; "
     "-3/2*log(2*pi*exp(1)) - log(9/4)/2 - 3/2*(h - 1 - log(h))",
     "-4.7223716453"},
};

static void prove(void)
{
    prove_examples(ROWS(examples));
    prove_numbers(ROWS(numbers));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv, "Certifies the gaps of restricted linear flows.",
                  prove);
}
