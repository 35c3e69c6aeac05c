/* linear_couplings.c -- three linear couplings of two halves are enough.
 *
 * Theorem   For even D, W S W' = I, the optimum of linear flows, is reached by
 *           three couplings of two halves, x_b += B x_a, and one scalar, which
 *           is 1 in the example.
 * Source    Claim C3.1, row "K half/half linear additive couplings".
 * Method    The construction, carried out in rational arithmetic, where W S W'
 *           - I is exactly 0.
 *
 * The halves have Cov(x_1) = diag(s_i), Cov(x_2 | x_1) = diag(t_i), and any
 * regression of x_2 on x_1; det S = prod s_i t_i = 1.  The first coupling makes
 * that regression diag(y_i), y_i^2 = (w_i - t_i)/s_i: then Cov(x_2) = diag(w_i)
 * and C = Cov(x_1 | x_2) = diag(s_i t_i/w_i).  The second makes the regression
 * of x_1 on x_2 a K that pairs i with i + 1, cyclically, k_i^2 = (w_{i+1} - 1)/
 * w_{i+1}^2: Cov(x_1) = C + K diag(w) K' = I if s_i t_i = w_i/w_{i+1}.  The
 * third makes x_2 independent of x_1, of covariance (diag(w)^-1 + K' C^-1
 * K)^-1 = I.  With w_i = 1 + (i + 2)^2, i from 0, and s_i = (s_i t_i + 1)/w_i
 * all square roots are rational: y_i = 1/s_i, k_i = (i + 3)/w_{i+1}. */
#include "ball.h"

static void set(fmpq_mat_t m, slong i, slong j, slong p, ulong q)
{
    fmpq_set_si(fmpq_mat_entry(m, i, j), p, q);
}

/* One half += B times the other half, B the regression that is wanted minus
 * that of s: w and s := W s W' follow.  to: first row of the half. */
static void couple(fmpq_mat_t w, fmpq_mat_t s, slong to,
                   const fmpq_mat_t wanted)
{
    slong d = fmpq_mat_nrows(s), h = d / 2, from = h - to;
    fmpq_mat_t u, inverse, cross, b;
    fmpq_mat_init(u, d, d);
    fmpq_mat_init(inverse, h, h);
    fmpq_mat_init(cross, h, h);
    fmpq_mat_init(b, h, h);
    for (slong i = 0; i < h; i++)
        for (slong j = 0; j < h; j++) {
            fmpq_set(fmpq_mat_entry(inverse, i, j),
                     fmpq_mat_entry(s, from + i, from + j));
            fmpq_set(fmpq_mat_entry(cross, i, j),
                     fmpq_mat_entry(s, to + i, from + j));
        }
    fmpq_mat_inv(inverse, inverse);
    fmpq_mat_mul(b, cross, inverse);
    fmpq_mat_sub(b, wanted, b);
    fmpq_mat_one(u);
    for (slong i = 0; i < h; i++)
        for (slong j = 0; j < h; j++)
            fmpq_set(fmpq_mat_entry(u, to + i, from + j),
                     fmpq_mat_entry(b, i, j));
    fmpq_mat_mul(w, u, w);
    fmpq_mat_mul(s, u, s);
    fmpq_mat_transpose(u, u);
    fmpq_mat_mul(s, s, u);
    fmpq_mat_clear(b);
    fmpq_mat_clear(cross);
    fmpq_mat_clear(inverse);
    fmpq_mat_clear(u);
}

/* w_i = 1 + (i + 2)^2, s_i t_i = w_i/w_{i+1}, from 0, cyclically. */
static slong w_at(slong i, slong h)
{
    return 1 + (i % h + 2) * (i % h + 2);
}

/* S of halves whose regression of x_2 on x_1 has entries (i - 2 j + 1)/3. */
static void halves(fmpq_mat_t s)
{
    slong h = fmpq_mat_nrows(s) / 2;
    fmpq_mat_t l, t;
    fmpq_mat_init(l, 2 * h, 2 * h);
    fmpq_mat_init(t, 2 * h, 2 * h);
    fmpq_mat_one(l);
    for (slong i = 0; i < h; i++) {
        slong a = w_at(i, h), b = w_at(i + 1, h);
        set(s, i, i, a + b, (ulong)(a * b)); /* (a/b + 1)/a */
        set(s, h + i, h + i, a * a, (ulong)(a + b));
        for (slong j = 0; j < h; j++)
            set(l, h + i, j, i - 2 * j + 1, 3);
    }
    fmpq_mat_transpose(t, l);
    fmpq_mat_mul(s, l, s);
    fmpq_mat_mul(s, s, t);
    fmpq_mat_clear(t);
    fmpq_mat_clear(l);
}

static verdict couplings(arb_t measured, slong d, int control, slong bits)
{
    slong h = d / 2;
    fmpq_mat_t s, given, w, y, k, none;
    (void)bits;
    fmpq_mat_init(s, d, d);
    fmpq_mat_init(given, d, d);
    fmpq_mat_init(w, d, d);
    fmpq_mat_init(y, h, h);
    fmpq_mat_init(k, h, h);
    fmpq_mat_init(none, h, h);
    halves(s);
    fmpq_mat_set(given, s);
    fmpq_mat_one(w);
    for (slong i = 0; i < h; i++) {
        slong a = w_at(i, h), b = w_at(i + 1, h), j = (i + 1) % h;
        set(y, i, i, a * b, (ulong)(a + b)); /* 1/s_i, as w_i - t_i = 1/s_i */
        set(k, i, j, j + 2, (ulong)b);
    }
    couple(w, s, h, y);
    couple(w, s, 0, k);
    couple(w, s, h, none);
    arb_set_si(measured, 3);
    remark(" couplings");
    verdict answer = whitens(w, given, control);
    fmpq_mat_clear(none);
    fmpq_mat_clear(k);
    fmpq_mat_clear(y);
    fmpq_mat_clear(w);
    fmpq_mat_clear(given);
    fmpq_mat_clear(s);
    return answer;
}

static const example examples[] = {
    {{"C3.1", "three couplings of two halves: W Sigma W' = I", NULL,
      "regressions of one half on the other"},
     couplings,
     "0",
     "exact",
     2,
     2},
};

static void prove(void)
{
    prove_examples(ROWS(examples));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies that three couplings reach the optimum of linear "
                  "flows.",
                  prove);
}
