/* full_batch.c -- descent of the linear flow converges from everywhere.
 *
 * Theorem   R > 0, W_+ = W + eta (W^-T - W R), 0 < eta < 1/lambda_1(R).  From
 *           every invertible W_0 the iterates converge to a W with W R W' = I,
 *           and sign det W is constant.  With Q = R^{1/2} W'W R^{1/2}, beta =
 *           max(lambda_max(Q), 1/lambda_min(Q)), a_i = eta lambda_i(R),
 *             beta_+ - 1 <= (1 - k)(beta - 1),  k = 2 min a_i (1 - a_i).
 * Source    Claim C7.6.
 *
 * A = eta R, V = W R^{1/2}: V_+ = V^-T (Q (I-A) + A), so that det V_+ det V =
 * det(I-A) det(Q + A (I-A)^-1) > 0, and Q_+ = (I-A) Q (I-A) + 2 A (I-A) + A
 * Q^-1 A.  I/beta <= Q <= beta I bounds Q_+ by functions of A.  At most
 * ((1-a)^2 + a^2) beta + 2 a (1-a) = 1 + (1 - 2 a (1-a))(beta - 1), which is at
 * most 1 + (1-k) (beta-1) =: B.  At least t/beta + 1 - t, t = (1-a)^2 + a^2,
 * which is at least 1/(t beta + 1 - t): their product with t beta + 1 - t is 1
 * + t (1-t) (beta + 1/beta - 2) >= 1.  So 1/lambda_min(Q_+) <= B, too.  W_+ - W
 * = eta W^-T (I - W'W R), of the order beta - 1, is summable: W converges.  At
 * a = 1 it fails: C7.3.  The program takes steps in rational arithmetic and
 * compares beta, whose eigenvalues are the roots of the characteristic
 * polynomial of W'W R. */
#include "ball.h"

enum { STEPS = 5 };

typedef struct {
    slong d;
    const char *eta;
    slong scale; /* of W_0, a fraction of 8 */
} run;

/* R is that of the example; W_0 a product of shears, scaled. */
static void start(fmpq_mat_t w, fmpq_mat_t r, slong scale)
{
    slong d = fmpq_mat_nrows(r);
    example_covariance(r);
    fmpq_mat_one(w);
    for (slong i = 1; i < d; i++)
        fmpq_set_si(fmpq_mat_entry(w, i, i - 1), i % 2 ? 1 : -1, 2);
    for (slong i = 0; i < d * d; i++) {
        fmpq *e = fmpq_mat_entry(w, i / d, i % d);
        fmpq_mul_si(e, e, scale);
        fmpq_div_2exp(e, e, 3);
    }
}

/* beta - 1 of W'W R. */
static void distance(arb_t beta, const fmpq_mat_t w, const fmpq_mat_t r,
                     slong bits)
{
    slong d = fmpq_mat_nrows(w);
    arb_ptr lambda = _arb_vec_init(d);
    fmpq_mat_t q;
    fmpq_mat_init(q, d, d);
    fmpq_mat_transpose(q, w);
    fmpq_mat_mul(q, q, w);
    fmpq_mat_mul(q, q, r);
    eigenvalues(lambda, q, bits);
    arb_inv(beta, lambda, bits);
    arb_max(beta, beta, lambda + d - 1, bits);
    arb_sub_ui(beta, beta, 1, bits);
    fmpq_mat_clear(q);
    _arb_vec_clear(lambda, d);
}

/* 1 - k, indeterminate unless eta lambda_1 < 1; broken: k = 2 min a. */
static void factor(arb_t z, const fmpq_mat_t r, const fmpq_t eta, int control,
                   slong bits)
{
    slong d = fmpq_mat_nrows(r);
    arb_ptr a = _arb_vec_init(d);
    arb_t rest, k;
    arb_init(rest);
    arb_init(k);
    eigenvalues(a, r, bits);
    arb_set_fmpq(k, eta, bits);
    _arb_vec_scalar_mul(a, a, d, k, bits);
    arb_pos_inf(k);
    for (slong i = 0; i < d; i++) {
        arb_sub_ui(rest, a + i, 1, bits);
        arb_neg(rest, rest);
        if (!arb_is_positive(rest))
            arb_indeterminate(k);
        if (!control)
            arb_mul(a + i, a + i, rest, bits);
        arb_min(k, k, a + i, bits);
    }
    arb_mul_2exp_si(k, k, 1);
    arb_sub_ui(z, k, 1, bits);
    arb_neg(z, z);
    arb_clear(k);
    arb_clear(rest);
    _arb_vec_clear(a, d);
}

/* measured: the largest (beta_+ - 1)/(beta - 1), which 1 - k exceeds. */
static verdict contracts(arb_t measured, const void *data, int control,
                         slong bits)
{
    const run *p = data;
    fmpq_mat_t w, r;
    fmpq_t eta, det;
    arb_t before, after, most;
    fmpq_mat_init(w, p->d, p->d);
    fmpq_mat_init(r, p->d, p->d);
    fmpq_init(eta);
    fmpq_init(det);
    arb_init(before);
    arb_init(after);
    arb_init(most);
    fmpq_set_str(eta, p->eta, 10);
    start(w, r, p->scale);
    factor(most, r, eta, control, bits);
    distance(before, w, r, bits);
    arb_zero(measured);
    int kept = 1;
    for (int k = 0; k < STEPS; k++) {
        descend(w, r, eta);
        fmpq_mat_det(det, w);
        kept = kept && fmpq_sgn(det) > 0;
        distance(after, w, r, bits);
        arb_div(before, after, before, bits);
        arb_max(measured, measured, before, bits);
        arb_set(before, after);
    }
    verdict v = !kept || arb_gt(measured, most) ? REFUTED
                : arb_le(measured, most)        ? CERTIFIED
                                                : UNDECIDED;
    arb_clear(most);
    arb_clear(after);
    arb_clear(before);
    fmpq_clear(det);
    fmpq_clear(eta);
    fmpq_mat_clear(r);
    fmpq_mat_clear(w);
    return v;
}

#define RUN(d, a, eta, scale, where)                                           \
    {                                                                          \
        {"C7.6",                                                               \
         "five steps contract beta - 1 by 1 - 2 min a (1 - a), det W > "       \
         "0",                                                                  \
         "rational R, D = " #d ", eta lambda_1 = " a ", W_0 " where,           \
         "exact steps, roots in balls"},                                       \
        {                                                                      \
            d, eta, scale                                                      \
        }                                                                      \
    }

static const struct {
    claim claim;
    run run;
} runs[] = {
    RUN(2, ".948", "81/250", 32, "large"),
    RUN(2, ".948", "81/250", 1, "small"),
    RUN(3, ".949", "193/1000", 32, "large"),
    RUN(3, ".949", "193/1000", 1, "small"),
    RUN(4, ".945", "61/500", 32, "large"),
    RUN(4, ".945", "61/500", 1, "small"),
};

/* t = (1-a)^2 + a^2. */
static const identity identities[] = {
    {{"C7.6", "the upper bound of Q_+ is 1 + (1 - 2 a (1-a))(beta - 1)",
      "Q = beta, a = eta lambda", "expanded"},
     "a b broken",
     "((1-a)^2 + a^2)*b + 2*a*(1-a) - 1 - (1 - 2*a*(1-a) + a*broken)*(b - 1)"},
    {{"C7.6", "(t/b + 1 - t)(t b + 1 - t) = 1 + t (1-t)(b + 1/b - 2)",
      "v = 1/b", "expanded, modulo b v - 1"},
     "t b v broken",
     "(t*v + 1 - t)*(t*b + 1 - t) - 1 - t*(1-t)*(b + v - 2 + broken)"
     " - t^2*(b*v - 1)"},
};

static void prove(void)
{
    for (size_t k = 0; k < sizeof runs / sizeof *runs; k++)
        prove_statement(&runs[k].claim, contracts, &runs[k].run,
                        "<= 1 - 2 min a (1 - a)", "inequality");
    prove_identities(ROWS(identities));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies the global convergence of full-batch descent.",
                  prove);
}
