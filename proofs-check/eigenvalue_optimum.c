/* eigenvalue_optimum.c -- the optimum of linear flows and its eigenvalues.
 *
 * Theorem   Over affine flows the largest mean log-likelihood is EIG(S) =
 *           -(1/2) sum log(2 pi e lambda_i), S the covariance; without a bias
 *           S becomes S + mu mu'.  Parameterisations that miss the orbit
 *           O(D) S^{-1/2} lose an explicit gap; so does PPCA with q factors.
 *           Averaged over points, the formula per point exceeds -h(X).
 * Source    Claims C3.1, C3.2, C3.4 and C3.10; PPCA is that of Tipping and
 *           Bishop (1999).
 *
 *   optimum   F(W) = tr(W S W')/2 - log|det W|.  W = Q L, Q orthogonal and L
 *             lower triangular of positive diagonal, has F(W) = F(L), and on
 *             such L the Hessian of F is the rows' blocks S[1..i] + e_i e_i'/
 *             L_ii^2, at least lambda_min(S) > 0: F is strictly convex.  So
 *             L = l^-1, with L S L' = I exactly, where the gradient L S - L'^-1
 *             is exactly zero, is its only minimum, and no W does better.
 *             For D = 2 the cover shows the same on a box without convexity.
 *   gaps      A = W S W': excess (tr A - D - log det A)/2 >= 0 as t - 1 - log t
 *             >= 0.  Diagonal W: sum of (log S_ii)/2 - (log det S)/2.
 *             Scalar times O(D): tr A = c^2 tr S, best at c^2 = D/tr S.
 *             SL(D): tr A >= D g, g = det^{1/D}, det A = g^D.  One W on N
 *             sites: (N log det of the mean block - log det S)/2.
 *   points    Nearest-point decoding errs with P <= 47 Q(d/(2s)), d the least
 *             distance, so Fano's inequality bounds H(i|X) by h_b(P) + P log
 *             47, with h_b(P) <= P (1 - log P). */
#include "ball.h"

#include <stdio.h>

typedef enum {
    SPECTRUM,
    NO_BIAS,
    OPTIMUM,
    CONVEX,
    DIAGONAL,
    SCALAR,
    SPECIAL,
    SHARED,
    KINDS
} kind;

typedef struct {
    slong d;
    kind kind;
} question;

/* log det S, exactly the logarithm of a rational. */
static void log_det(arb_t z, const fmpq_mat_t s, slong bits)
{
    fmpq_t det;
    fmpq_init(det);
    fmpq_mat_det(det, s);
    arb_set_fmpq(z, det, bits);
    arb_log(z, z, bits);
    fmpq_clear(det);
}

/* Sum of log lambda_i + D log(2 pi e), and of what else: -2 EIG. */
static void twice_cost(arb_t z, arb_srcptr lambda, slong d, slong bits)
{
    arb_t t;
    arb_init(t);
    arb_const_pi(z, bits);
    arb_mul_2exp_si(z, z, 1);
    arb_log(z, z, bits);
    arb_add_ui(z, z, 1, bits);
    arb_mul_ui(z, z, (ulong)d, bits);
    for (slong i = 0; i < d; i++) {
        arb_log(t, lambda + i, bits);
        arb_add(z, z, t, bits);
    }
    arb_clear(t);
}

/* EIG by eigenvalues; by the determinant it is the same within 1e-30. */
static verdict spectrum(arb_t measured, const fmpq_mat_t s, int control,
                        slong bits)
{
    slong d = fmpq_mat_nrows(s);
    arb_ptr lambda = _arb_vec_init(d);
    arb_t difference, t;
    arb_init(difference);
    arb_init(t);
    eigenvalues(lambda, s, bits);
    log_det(difference, s, bits);
    for (slong i = 0; i < d; i++) {
        arb_log(t, lambda + i, bits);
        arb_sub(difference, difference, t, bits);
    }
    twice_cost(measured, lambda, d, bits);
    arb_mul_2exp_si(measured, measured, -1);
    arb_neg(measured, measured);
    verdict v =
        within(difference, "0.000000000000000000000000000000", control, bits);
    arb_clear(t);
    arb_clear(difference);
    _arb_vec_clear(lambda, d);
    return v;
}

/* det(S + mu mu') - det S (1 + mu' S^-1 mu), mu_i = (i + 1)/3; measured: the
 * cost (1/2) log(1 + mu' S^-1 mu). */
static verdict no_bias(arb_t measured, const fmpq_mat_t s, int control,
                       slong bits)
{
    slong d = fmpq_mat_nrows(s);
    fmpq_mat_t r, mu, x;
    fmpq_t q, t, det;
    fmpq_mat_init(r, d, d);
    fmpq_mat_init(mu, d, 1);
    fmpq_mat_init(x, d, 1);
    fmpq_init(q);
    fmpq_init(t);
    fmpq_init(det);
    for (slong i = 0; i < d; i++)
        fmpq_set_si(fmpq_mat_entry(mu, i, 0), i + 1, 3);
    fmpq_mat_solve(x, s, mu);
    fmpq_one(q);
    for (slong i = 0; i < d; i++)
        fmpq_addmul(q, fmpq_mat_entry(mu, i, 0), fmpq_mat_entry(x, i, 0));
    for (slong i = 0; i < d; i++)
        for (slong j = 0; j < d; j++) {
            fmpq_mul(t, fmpq_mat_entry(mu, i, 0), fmpq_mat_entry(mu, j, 0));
            fmpq_add(fmpq_mat_entry(r, i, j), fmpq_mat_entry(s, i, j), t);
        }
    arb_set_fmpq(measured, q, bits);
    arb_log(measured, measured, bits);
    arb_mul_2exp_si(measured, measured, -1);
    fmpq_mat_det(det, s);
    fmpq_mul(q, q, det);
    fmpq_mat_det(det, r);
    fmpq_sub(q, q, det);
    fmpq_set_si(t, control, 1000000000000);
    fmpq_add(q, q, t);
    verdict v = fmpq_is_zero(q) ? CERTIFIED : REFUTED;
    fmpq_clear(det);
    fmpq_clear(t);
    fmpq_clear(q);
    fmpq_mat_clear(x);
    fmpq_mat_clear(mu);
    fmpq_mat_clear(r);
    return v;
}

/* The gradient L S - L'^-1 at L = l^-1, which is L S - l', exactly 0. */
static verdict optimum(arb_t measured, const fmpq_mat_t s, int control,
                       slong bits)
{
    slong d = fmpq_mat_nrows(s);
    fmpq_mat_t l, inverse;
    fmpq_t shift;
    (void)bits;
    fmpq_mat_init(l, d, d);
    fmpq_mat_init(inverse, d, d);
    fmpq_init(shift);
    example_factor(l);
    fmpq_mat_inv(inverse, l);
    fmpq_set_si(shift, control, 1000000000000);
    fmpq_add(fmpq_mat_entry(inverse, 0, 0), fmpq_mat_entry(inverse, 0, 0),
             shift);
    fmpq_mat_mul(inverse, inverse, s);
    fmpq_mat_transpose(l, l);
    fmpq_mat_sub(inverse, inverse, l);
    arb_zero(measured);
    verdict v = fmpq_mat_is_zero(inverse) ? CERTIFIED : REFUTED;
    if (v == REFUTED)
        arb_indeterminate(measured);
    fmpq_clear(shift);
    fmpq_mat_clear(inverse);
    fmpq_mat_clear(l);
    return v;
}

/* n log det of the mean of the n blocks (c, c) on the diagonal of S, D = n c.
 */
static void mean_block_log_det(arb_t z, const fmpq_mat_t s, slong c, slong bits)
{
    slong n = fmpq_mat_nrows(s) / c;
    fmpq_mat_t mean;
    fmpq_t count;
    fmpq_mat_init(mean, c, c);
    fmpq_init(count);
    fmpq_set_si(count, n, 1);
    for (slong i = 0; i < c; i++)
        for (slong j = 0; j < c; j++) {
            fmpq *e = fmpq_mat_entry(mean, i, j);
            for (slong k = 0; k < n; k++)
                fmpq_add(e, e, fmpq_mat_entry(s, k * c + i, k * c + j));
            fmpq_div(e, e, count);
        }
    log_det(z, mean, bits);
    arb_mul_si(z, z, n, bits);
    fmpq_clear(count);
    fmpq_mat_clear(mean);
}

/* The gaps of restricted parameterisations; all are positive. */
static void gap(arb_t z, const fmpq_mat_t s, kind k, slong bits)
{
    slong d = fmpq_mat_nrows(s);
    fmpq_t trace;
    arb_t det, t;
    fmpq_init(trace);
    arb_init(det);
    arb_init(t);
    log_det(det, s, bits);
    if (k == DIAGONAL) {
        arb_zero(z);
        for (slong i = 0; i < d; i++) {
            arb_set_fmpq(t, fmpq_mat_entry(s, i, i), bits);
            arb_log(t, t, bits);
            arb_add(z, z, t, bits);
        }
    } else if (k == SCALAR) { /* D log(AM/GM) */
        fmpq_mat_trace(trace, s);
        arb_set_fmpq(z, trace, bits);
        arb_div_si(z, z, d, bits);
        arb_log(z, z, bits);
        arb_mul_si(z, z, d, bits);
    } else if (k == SPECIAL) { /* D (g - 1 - log g) */
        arb_div_si(t, det, d, bits);
        arb_exp(z, t, bits);
        arb_sub_ui(z, z, 1, bits);
        arb_mul_si(z, z, d, bits);
    } else {
        mean_block_log_det(z, s, 2, bits);
    }
    arb_sub(z, z, det, bits);
    arb_mul_2exp_si(z, z, -1);
    arb_clear(t);
    arb_clear(det);
    fmpq_clear(trace);
}

static verdict answer(arb_t measured, const void *data, int control, slong bits)
{
    const question *q = data;
    verdict v;
    fmpq_mat_t s;
    fmpq_mat_init(s, q->d, q->d);
    example_covariance(s);
    if (q->kind == SPECTRUM) {
        v = spectrum(measured, s, control, bits);
    } else if (q->kind == NO_BIAS) {
        v = no_bias(measured, s, control, bits);
    } else if (q->kind == OPTIMUM) {
        v = optimum(measured, s, control, bits);
    } else if (q->kind == CONVEX) {
        arb_ptr lambda = _arb_vec_init(q->d);
        eigenvalues(lambda, s, bits);
        arb_set(measured, lambda);
        v = positive(measured, control);
        _arb_vec_clear(lambda, q->d);
    } else {
        gap(measured, s, q->kind, bits);
        v = positive(measured, control);
    }
    fmpq_mat_clear(s);
    return v;
}

static const struct {
    const char *id, *statement, *source, *expected, *tolerance;
} questions[KINDS] = {
    {"C3.1", "EIG from enclosed eigenvalues and from the exact determinant",
     "characteristic polynomial", "equal", "1e-30"},
    {"C3.2", "EIG(Sigma) - EIG(R) = (1/2) log(1 + mu' Sigma^-1 mu)",
     "determinants", "equal", "exact"},
    {"C3.1", "the gradient is 0 at L = l^-1, where L Sigma L' = I",
     "L Sigma - L'^-1", "0", "exact"},
    {"C3.1",
     "the objective is strictly convex over triangular L: Hessian >= "
     "lambda_min(Sigma)",
     "rows' blocks", "> 0", "strict inequality"},
    {"C3.1", "gap of diagonal W, -(1/2) log det Corr", "Hadamard", "> 0",
     "strict inequality"},
    {"C3.1", "gap of scalar times O(D), (D/2) log(AM/GM)", "means", "> 0",
     "strict inequality"},
    {"C3.1", "gap of SL(D), (D/2)(g - 1 - log g)", "t - 1 - log t", "> 0",
     "strict inequality"},
    {"C3.1", "gap of one 2 x 2 convolution on D/2 sites", "Fischer and Jensen",
     "> 0", "strict inequality"},
};

static void ask(void)
{
    for (slong d = 2; d <= 6; d++)
        for (kind k = 0; k < KINDS; k++) {
            if (k == SHARED && (d % 2 || d == 2))
                continue;
            char when[64];
            claim c = {questions[k].id, questions[k].statement, when,
                       questions[k].source};
            snprintf(when, sizeof when, "rational Sigma, D = %ld", (long)d);
            prove_statement(&c, answer, &(question){d, k},
                            questions[k].expected, questions[k].tolerance);
        }
}

/* D = 2, S = ((1, -2/3), (-2/3, 97/36)): l = ((1, 0), (-2/3, 3/2)), L = l^-1 =
 * ((1, 0), (4/9, 2/3)); F - F* with the squares completed. */
#define EXCESS                                                                 \
    "(p^2 + (q - 2/3*r)^2 + 9/4*r^2)/2 - log(p) - log(r) - (1 + log(3/2))"
#define SLAB(where, box)                                                       \
    {                                                                          \
        {"C3.1",                                                               \
         "no triangular W does better: F > F* for L_11, L_21, L_22 "           \
         "in " where,                                                          \
         "D = 2, Sigma = ((1, -2/3), (-2/3, 97/36))", "adaptive subdivision"}, \
            "p q r", box, EXCESS                                               \
    }

static const cover slabs[] = {
    SLAB("[1/8,7/8] x [-3,3] x [1/8,3]", "1/8,7/8 -3,3 1/8,3"),
    SLAB("[9/8,3] x [-3,3] x [1/8,3]", "9/8,3 -3,3 1/8,3"),
    SLAB("[7/8,9/8] x [-3,1/4] x [1/8,3]", "7/8,9/8 -3,1/4 1/8,3"),
    SLAB("[7/8,9/8] x [5/8,3] x [1/8,3]", "7/8,9/8 5/8,3 1/8,3"),
    SLAB("[7/8,9/8] x [1/4,5/8] x [1/8,1/2]", "7/8,9/8 1/4,5/8 1/8,1/2"),
    SLAB("[7/8,9/8] x [1/4,5/8] x [5/6,3]", "7/8,9/8 1/4,5/8 5/6,3"),
};

#define PPCA(n, sum, logs) "n = " n "; (n*log((" sum ")/n) - (" logs "))/2"
#define PPCA_GAP(q, n, sum, logs, decimal)                                     \
    {                                                                          \
        {"C3.10", "gap of PPCA, q = " q, "lambda = (5, 3, 1.2, .7, .3, .1)",   \
         "((D-q)/2) log(AM/GM of the discarded)"},                             \
            PPCA(n, sum, logs), decimal                                        \
    }
#define PPCA_FALL(q, n, sum, logs, m, less, fewer)                             \
    {                                                                          \
        {"C3.10", "the gap falls from q = " q " to the next",                  \
         "lambda = (5, 3, 1.2, .7, .3, .1)", "strict inequality"},             \
            "n = " n "; m = " m "; (n*log((" sum ")/n) - (" logs ") - (m*log(" \
            "(" less ")/m) - (" fewer ")))/2",                                 \
            "> 0"                                                              \
    }
#define S1 "0.3+0.1"
#define S2 "0.7+" S1
#define S3 "1.2+" S2
#define S4 "3+" S3
#define S5 "5+" S4
#define L1 "log(0.3)+log(0.1)"
#define L2 "log(0.7)+" L1
#define L3 "log(1.2)+" L2
#define L4 "log(3)+" L3
#define L5 "log(5)+" L4
#define NOISE "log(2*pi*exp(1)*0.01)"
#define DECODE_BOUND                                                           \
    "d = 3*sqrt(2-sqrt(2)); P = 47*Q(d/(2*0.1)); 1e-20 - P*(1 - log(P) + "     \
    "log(47))"

static const number numbers[] = {
    PPCA_GAP("0", "6", S5, L5, "2.107584"),
    PPCA_GAP("1", "5", S4, L4, "1.436822"),
    PPCA_GAP("2", "4", S3, L3, "0.733685"),
    PPCA_GAP("3", "3", S2, L2, "0.426663"),
    PPCA_GAP("4", "2", S1, L1, "0.143841"),
    PPCA_GAP("5", "1", "0.1", "log(0.1)", "= 0"),
    PPCA_FALL("0", "6", S5, L5, "5", S4, L4),
    PPCA_FALL("1", "5", S4, L4, "4", S3, L3),
    PPCA_FALL("2", "4", S3, L3, "3", S2, L2),
    PPCA_FALL("3", "3", S2, L2, "2", S1, L1),
    {{"C3.10", "LL of PPCA, q = 2", "lambda = (5, 3, 1.2, .7, .3, .1)",
      "closed form"},
     "-(6*log(2*pi) + log(15) + 4*log((" S3 ")/4) + 6)/2",
     "-8.7608858234"},
    {{"C3.4", "mean value per point", "rho^2 = 9, s^2 = .01, D = 4",
      "eigenvalues 9.01, .01 (3 times)"},
     "-log(2*pi*exp(1)*9.01)/2 - 3/2*" NOISE,
     "0.13283"},
    {{"C3.4", "entropy bound -h(X) without overlap", "48 points",
      "-log 48 + h of the noise"},
     "-log(48) - 2*" NOISE,
     "-0.33661"},
    {{"C3.4", "the overlap H(i|X) is below 1e-20", "Fano, least distance d",
      "47 Q(d/(2s))"},
     DECODE_BOUND,
     "> 0"},
    {{"C3.4", "the mean per point exceeds the entropy bound",
      "48 points, overlap included", "log 48 - (1/2) log 901 - H(i|X)"},
     "log(48) - log(901)/2 - 1e-20",
     "> 0"},
    {{"C3.4", "by log 48 - (1/2) log 901", "2304 > 901", "closed form"},
     "log(48) - log(901)/2",
     "0.46944838"},
};

/* The least distance of the 48 points 3 u, u = +-e_i, (+-1, .., +-1)/2, and
 * (+-e_i +- e_j)/sqrt 2. */
static verdict least_distance(arb_t measured, const void *data, int control,
                              slong bits)
{
    enum { POINTS = 48, D = 4 };
    arb_ptr u = _arb_vec_init(POINTS * D);
    slong n = 0;
    arb_t half, t;
    (void)data;
    arb_init(half);
    arb_init(t);
    arb_sqrt_ui(half, 2, bits);
    arb_mul_2exp_si(half, half, -1);
    for (slong i = 0; i < D; i++)
        for (int sign = -1; sign <= 1; sign += 2)
            arb_set_si(u + n++ * D + i, sign);
    for (slong m = 0; m < 16; m++, n++)
        for (slong i = 0; i < D; i++) {
            arb_set_si(u + n * D + i, m >> i & 1 ? 1 : -1);
            arb_mul_2exp_si(u + n * D + i, u + n * D + i, -1);
        }
    for (slong i = 0; i < D; i++)
        for (slong j = 0; j < i; j++)
            for (int m = 0; m < 4; m++, n++) {
                arb_mul_si(u + n * D + i, half, m & 1 ? 1 : -1, bits);
                arb_mul_si(u + n * D + j, half, m & 2 ? 1 : -1, bits);
            }
    arb_pos_inf(measured);
    for (slong a = 0; a < n; a++)
        for (slong b = 0; b < a; b++) {
            arb_zero(half);
            for (slong i = 0; i < D; i++) {
                arb_sub(t, u + a * D + i, u + b * D + i, bits);
                arb_addmul(half, t, t, bits);
            }
            arb_min(measured, measured, half, bits);
        }
    arb_sqrt(measured, measured, bits);
    arb_mul_ui(measured, measured, 3, bits);
    verdict v =
        n == POINTS ? within(measured, "2.296", control, bits) : UNDECIDED;
    arb_clear(t);
    arb_clear(half);
    _arb_vec_clear(u, POINTS * D);
    return v;
}

static void prove(void)
{
    static const claim distance = {"C3.4", "least distance of the points",
                                   "48 points", "3 sqrt(2 - sqrt 2)"};
    ask();
    prove_covers(ROWS(slabs));
    prove_numbers(ROWS(numbers));
    prove_statement(&distance, least_distance, NULL, "2.296", "1e-3");
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies the optimum of linear flows, its gaps and its "
                  "limits.",
                  prove);
}
