/* linear_reflections.c -- a diagonal and D - 1 reflections are enough.
 *
 * Theorem   W S W' = I, the optimum of linear flows, is reached by a diagonal
 *           matrix times D - 1 Householder reflections.
 * Source    Claim C3.1, row "diag x k Householder".
 * Method    The construction, carried out in rational arithmetic, where W S W'
 *           - I is exactly 0.
 *
 * W = diag(lambda)^{-1/2} V, where V S V' = diag(lambda): the reflection I - 2
 * u u'/u'u of u = m - e_k maps a unit vector m to e_k; D - 1 of them turn the
 * first D - 1 columns of an orthogonal matrix Q' into those of I and hence the
 * last into +-e_D, so V = +-Q by rows.  The example has S = Q' diag(lambda) Q,
 * Q = (I - A)(I + A)^-1 with A' = -A, and lambda_i = (i + 1)^2/4, i from 0. */
#include "ball.h"

static void set(fmpq_mat_t m, slong i, slong j, slong p, ulong q)
{
    fmpq_set_si(fmpq_mat_entry(m, i, j), p, q);
}

/* Reflect the columns of v by the vector that takes column k of m, and with
 * it m, to e_k. */
static void reflect(fmpq_mat_t v, fmpq_mat_t m, slong k)
{
    slong d = fmpq_mat_nrows(m);
    fmpq_mat_t u, row, h;
    fmpq_t scale;
    fmpq_mat_init(u, d, 1);
    fmpq_mat_init(row, 1, d);
    fmpq_mat_init(h, 1, 1);
    fmpq_init(scale);
    for (slong i = 0; i < d; i++)
        fmpq_set(fmpq_mat_entry(u, i, 0), fmpq_mat_entry(m, i, k));
    fmpq_sub_si(fmpq_mat_entry(u, k, 0), fmpq_mat_entry(u, k, 0), 1);
    fmpq_mat_transpose(row, u);
    fmpq_mat_mul(h, row, u);
    fmpq_inv(scale, fmpq_mat_entry(h, 0, 0));
    fmpq_mul_si(scale, scale, -2);
    fmpq_mat_clear(h);
    fmpq_mat_init(h, d, d);
    fmpq_mat_mul(h, u, row);
    for (slong i = 0; i < d; i++)
        for (slong j = 0; j < d; j++)
            fmpq_mul(fmpq_mat_entry(h, i, j), fmpq_mat_entry(h, i, j), scale);
    for (slong i = 0; i < d; i++)
        fmpq_add_si(fmpq_mat_entry(h, i, i), fmpq_mat_entry(h, i, i), 1);
    fmpq_mat_mul(v, h, v);
    fmpq_mat_mul(m, h, m);
    fmpq_clear(scale);
    fmpq_mat_clear(h);
    fmpq_mat_clear(row);
    fmpq_mat_clear(u);
}

/* q = (I - A)(I + A)^-1, a_ij = (i + 2 j + 2)/(i + 3), i < j, from 0. */
static void rotation(fmpq_mat_t q)
{
    slong d = fmpq_mat_nrows(q);
    fmpq_mat_t a;
    fmpq_mat_init(a, d, d);
    fmpq_mat_one(a);
    fmpq_mat_one(q);
    for (slong i = 0; i < d; i++)
        for (slong j = i + 1; j < d; j++) {
            set(a, i, j, i + 2 * j + 2, (ulong)i + 3);
            set(q, i, j, -(i + 2 * j + 2), (ulong)i + 3);
            fmpq_set(fmpq_mat_entry(q, j, i), fmpq_mat_entry(a, i, j));
            fmpq_set(fmpq_mat_entry(a, j, i), fmpq_mat_entry(q, i, j));
        }
    fmpq_mat_inv(a, a);
    fmpq_mat_mul(q, q, a);
    fmpq_mat_clear(a);
}

static verdict householder(arb_t measured, slong d, int control, slong bits)
{
    fmpq_mat_t q, m, v, s, scale;
    (void)bits;
    fmpq_mat_init(q, d, d);
    fmpq_mat_init(m, d, d);
    fmpq_mat_init(v, d, d);
    fmpq_mat_init(s, d, d);
    fmpq_mat_init(scale, d, d);
    rotation(q);
    fmpq_mat_transpose(m, q);
    for (slong i = 0; i < d; i++)
        set(scale, i, i, (i + 1) * (i + 1), 4);
    fmpq_mat_mul(s, m, scale);
    fmpq_mat_mul(s, s, q);
    fmpq_mat_one(v);
    for (slong k = 0; k + 1 < d; k++)
        reflect(v, m, k);
    for (slong i = 0; i < d; i++)
        set(scale, i, i, 2, (ulong)i + 1);
    fmpq_mat_mul(v, scale, v);
    arb_set_si(measured, d - 1);
    remark(" reflections");
    verdict answer = whitens(v, s, control);
    fmpq_mat_clear(scale);
    fmpq_mat_clear(s);
    fmpq_mat_clear(v);
    fmpq_mat_clear(m);
    fmpq_mat_clear(q);
    return answer;
}

static const example examples[] = {
    {{"C3.1", "a diagonal times D - 1 Householder reflections: W Sigma W' = I",
      NULL, "reflections of unit vectors to the axes"},
     householder,
     "0",
     "exact",
     2,
     1},
};

static void prove(void)
{
    prove_examples(ROWS(examples));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies that reflections reach the optimum of linear "
                  "flows.",
                  prove);
}
