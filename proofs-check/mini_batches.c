/* mini_batches.c -- rates at which no batch of bounded data changes a sign.
 *
 * Theorem   Linear flow z = W x + b, gradient steps of rate eta on -log q, any
 *           batches in any order, rho = max|x|^2.
 *   a  No bias, eta rho < 1: after each step W'W >= 4 eta (1 - eta rho) I, and
 *      sign det W never changes.
 *   b  With a bias this rate is not enough, nor is eta max|(x, 1)|^2 < 1: D =
 *      1, |x| <= 2, eta = .19, from (w, b) = (1, 0) 24 steps at x = 0, one at
 *      -2 and one at an x in (1.957, 1.958) make w = 0.
 *   c  With a bias, D = 1, X = max|x| <= 1, eta (1 + X^2) <= 1, |b| <= X w, w >
 *      0: these hold for ever.  If X > 1 no rate is safe: zeros inflate w, then
 *      -X and X make it negative.
 *   d  With a bias, every D: max|x| <= 1/2, eta <= .6, start at c O (c > 0, O
 *      orthogonal), |W^-1 b| <= 1: this holds for ever, and sign det W does.
 * Source    Claim C7.7.
 *
 *   a  A = eta R, R the batch's mean of x x', 0 <= A <= eta rho I.  W_+ = W^-T
 *      (P (I-A) + eta I), P = W'W; P (I-A) + eta I = (P + eta (I-A)^-1)(I-A)
 *      has a positive determinant.  P_+ = (I-A) P (I-A) + 2 eta (I-A) + eta^2
 *      P^-1, and the sum of the first and last is Y'Y + Z'Z >= Y'Z + Z'Y = 2
 *      eta (I-A), Y = W (I-A), Z = eta W^-T.
 *   c  w_+ = w - eta x (w x + b) + eta/w, b_+ = b - eta (w x + b), and X w_+ -
 *      b_+ is the identity below; each term is at least 0, as 1 - eta + eta X x
 *      >= 1 - eta (1 + X^2), X + x >= 0, X x <= 1.  The same for X w + b with
 *      -b, -x.  w_+ >= w (1 - 2 eta X^2) + eta/w > 0 as |x b| <= X^2 w.  X > 1:
 *      n zeros make w >= sqrt(2 eta n), so that eta/w is as small against w as
 *      wanted; what is left is linear: steps at -X tend to a multiple of (1,
 *      X), then steps at X to (1, -X) times (1 - X^2)/(1 + X^2) < 0.
 *   d  beta = W^-1 b.  Data part: [W b] -> [W b](I - eta mean y y'), y = (x,
 *      1), moves the kernel (beta, -1), so that beta becomes a mean of beta,
 *      weight 1, and of the -x_i, weight at least m = eta (1 - X) as |beta| <=
 *      1, X = 1/2: |beta| <= (1 + m X)/(1 + m).  Barrier part: beta -> (I + E
 *      H)^-1 beta, H = eta P^-1, M = mean (x + beta) x', E = (I - eta M)^-1:
 *      |eta M| <= d = 3 eta/4, |E - I| <= e = d/(1-d).  As in a, W'W >= 2 eta
 *      (2 I - eta M - eta M') after a step, so H <= h I, h = 1/(4 (1-d)).  With
 *      |(I+EH) z|^2 >= |z|^2 + 2 z.Hz - 2 e |z||Hz| + (1-e)^2 |Hz|^2, z.Hz >=
 *      |Hz|^2/h and the worst |Hz| the square grows at least by 1 - e^2/(2/h +
 *      1 - 2 e).  The row shows that the product of the two does not exceed 1,
 *      divided by eta.  At c O, H is a multiple of I and (I + E H)^-1
 *      contracts, since the symmetric part of E is positive.  The determinant
 *      of a step's matrix is that of (I + H)(I - (I+H)^-1 eta M), positive as
 *      |eta M| < 1. */
#include "ball.h"

/* (w, b) after n steps at x. */
static void steps(arb_t w, arb_t b, const arb_t eta, const arb_t x, long n,
                  slong bits)
{
    arb_t z, v;
    arb_init(z);
    arb_init(v);
    for (long k = 0; k < n; k++) {
        arb_mul(z, w, x, bits);
        arb_add(z, z, b, bits);
        arb_mul(z, z, eta, bits);
        arb_div(v, eta, w, bits);
        arb_add(w, w, v, bits);
        arb_submul(w, z, x, bits);
        arb_sub(b, b, z, bits);
    }
    arb_clear(v);
    arb_clear(z);
}

/* From (1, 0): zeros steps at 0, some at first, some at second; then w has this
 * sign, but another at the rate control. */
typedef struct {
    const char *eta, *control;
    long zeros, firsts, seconds;
    const char *first, *second;
    int sign;
} flip;

static verdict flips(arb_t w, const void *data, int control, slong bits)
{
    const flip *f = data;
    arb_t b, eta, x;
    arb_init(b);
    arb_init(eta);
    arb_init(x);
    arb_one(w);
    arb_set_str(eta, control ? f->control : f->eta, bits);
    steps(w, b, eta, x, f->zeros, bits);
    arb_set_str(x, f->first, bits);
    steps(w, b, eta, x, f->firsts, bits);
    arb_set_str(x, f->second, bits);
    steps(w, b, eta, x, f->seconds, bits);
    verdict v = arb_is_positive(w)   ? f->sign > 0 ? CERTIFIED : REFUTED
                : arb_is_negative(w) ? f->sign < 0 ? CERTIFIED : REFUTED
                                     : UNDECIDED;
    arb_clear(x);
    arb_clear(eta);
    arb_clear(b);
    return v;
}

static const struct {
    claim claim;
    flip flip;
} sequences[] = {
    {{"C7.7", "with a bias: w > 0 after 26 steps, the last at x = 1.957",
      "D = 1, |x| <= 2, eta = .19", "gradient steps in balls"},
     {"0.19", "0.2", 24, 1, 1, "-2", "1.957", 1}},
    {{"C7.7", "with a bias: w < 0 after 26 steps, the last at x = 1.958",
      "D = 1, |x| <= 2, eta = .19, 5 eta < 1", "gradient steps in balls"},
     {"0.19", "0.1", 24, 1, 1, "-2", "1.958", -1}},
    {{"C7.7", "X = 2: the sign flips", "eta (1 + X^2) = .1, 1e5 zeros",
      "gradient steps in balls"},
     {"0.02", "1e-6", 100000, 100, 10, "-2", "2", -1}},
    {{"C7.7", "X = 1.2: the sign flips", "eta (1 + X^2) < .3, 1e4 zeros",
      "gradient steps in balls"},
     {"0.1229", "1e-6", 10000, 100, 6, "-1.2", "1.2", -1}},
    {{"C7.7", "X = 1.2: the sign flips", "eta (1 + X^2) < .1, 1e5 zeros",
      "gradient steps in balls"},
     {"0.0409", "1e-6", 100000, 100, 21, "-1.2", "1.2", -1}},
    {{"C7.7", "X = 1.05: the sign flips", "eta (1 + X^2) < .9, 1000 zeros",
      "gradient steps in balls"},
     {"0.428", "1e-6", 1000, 100, 2, "-1.05", "1.05", -1}},
};

/* v = 1/w; broken: b's step has the other sign of its bias. */
static const identity identities[] = {
    {{"C7.7",
      "X w' - b' = (X w - b)(1 - e + e X x) + e w (X + x)(1 - X x) + X e/w",
      "D = 1, a step of rate e at x", "expanded"},
     "X w b e x v broken",
     "X*(w - e*x*(w*x + b) + e*v) - (b - e*(w*x + b) + 2*e*b*broken)"
     " - (X*w - b)*(1 - e + e*X*x) - e*w*(X + x)*(1 - X*x) - X*e*v"},
};

static const cover covers[] = {
    {{"C7.7",
      "with a bias, every D: gain of the data part exceeds the loss of "
      "the barrier part",
      "max|x| <= 1/2, eta in [0, .6], both divided by eta",
      "1 - ((1+m/2)/(1+m))^2 against e^2/(2/h + 1 - 2 e)"},
     "n",
     "0,0.6",
     "n = n*(1 + broken/3); m = n/2; d = 3*n/4; E = 1/(1-d); "
     "(1 + 3*m/4)/(2*(1+m)^2)"
     " - n*9/16*E^2/(8*(1-d) + 1 - 2*d*E)"},
};

static const number numbers[] = {
    {{"C7.7", "the gain at eta = .6", "with a bias, every D", "closed form"},
     "m = 0.3; (1 + 3*m/4)/(2*(1+m)^2)",
     "0.362"},
    {{"C7.7", "the loss at eta = .6", "with a bias, every D", "closed form"},
     "d = 0.45; e = d/(1-d); e^2/(8*(1-d) + 1 - 2*e)/0.6*(1 + broken)",
     "0.296"},
    {{"C7.7", "the rate of b is below 1/max|(x, 1)|^2", "|x| <= 2, eta = .19",
      "5 eta"},
     "1 - 5*0.19",
     "> 0"},
};

/* W'W - 4 eta (1 - eta rho) I after a step without a bias, a row of exact
 * arithmetic: D = 3, rational rows of |x|^2 <= rho = 14, batches of 1 to 3. */
enum { D = 3, ROUNDS = 4 };

/* Mean of x x' over rows k .. k + n - 1 of a fixed table. */
static void second_moment(fmpq_mat_t r, int k, int n)
{
    fmpq_mat_zero(r);
    fmpq_t term;
    fmpq_init(term);
    for (int row = k; row < k + n; row++) {
        slong x[D] = {(5 * row) % 4 - 1, (3 * row + 1) % 7 % 4 - 1,
                      (2 * row) % 5 - 2};
        for (slong i = 0; i < D; i++)
            for (slong j = 0; j < D; j++) {
                fmpq_set_si(term, x[i] * x[j], (ulong)n);
                fmpq_add(fmpq_mat_entry(r, i, j), fmpq_mat_entry(r, i, j),
                         term);
            }
    }
    fmpq_clear(term);
}

/* Is w'w - c I positive definite?  By its leading minors. */
static int exceeds(const fmpq_mat_t w, const fmpq_t c)
{
    fmpq_mat_t p, minor;
    fmpq_t det;
    int ok = 1;
    fmpq_mat_init(p, D, D);
    fmpq_init(det);
    fmpq_mat_transpose(p, w);
    fmpq_mat_mul(p, p, w);
    for (slong i = 0; i < D; i++)
        fmpq_sub(fmpq_mat_entry(p, i, i), fmpq_mat_entry(p, i, i), c);
    for (slong n = 1; n <= D && ok; n++) {
        fmpq_mat_init(minor, n, n);
        for (slong i = 0; i < n * n; i++)
            fmpq_set(fmpq_mat_entry(minor, i / n, i % n),
                     fmpq_mat_entry(p, i / n, i % n));
        fmpq_mat_det(det, minor);
        ok = fmpq_sgn(det) > 0;
        fmpq_mat_clear(minor);
    }
    fmpq_clear(det);
    fmpq_mat_clear(p);
    return ok;
}

/* broken: the rate 1/4, as if eta lambda_1(R) < 1 were enough for any bound. */
static verdict bounded_below(arb_t measured, const void *data, int control,
                             slong bits)
{
    fmpq_mat_t w, r;
    fmpq_t eta, c, det;
    int ok = 1;
    (void)data;
    (void)bits;
    fmpq_mat_init(w, D, D);
    fmpq_mat_init(r, D, D);
    fmpq_init(eta);
    fmpq_init(c);
    fmpq_init(det);
    fmpq_set_si(eta, 1, control ? 4 : 10);
    fmpq_set_si(c, control ? 0 : 4, 100); /* 4 eta (1 - eta rho), rho = 9 */
    fmpq_mat_one(w);
    for (int k = 0; k < ROUNDS && ok; k++) {
        second_moment(r, 3 * k, 1 + k % 3);
        descend(w, r, eta);
        fmpq_mat_det(det, w);
        ok = exceeds(w, c) && fmpq_sgn(det) > 0;
    }
    arb_set_si(measured, ROUNDS);
    remark(" steps");
    fmpq_clear(det);
    fmpq_clear(c);
    fmpq_clear(eta);
    fmpq_mat_clear(r);
    fmpq_mat_clear(w);
    return ok ? CERTIFIED : REFUTED;
}

static void prove(void)
{
    prove_statement(&(claim){"C7.7",
                             "without a bias W'W > 4 eta (1 - eta rho) I after "
                             "each step, det W > 0",
                             "D = 3, rational rows, batches 1 to 3, eta rho = "
                             ".9",
                             "leading minors"},
                    bounded_below, NULL, "> 0", "exact");
    for (size_t k = 0; k < sizeof sequences / sizeof *sequences; k++)
        prove_statement(&sequences[k].claim, flips, &sequences[k].flip,
                        sequences[k].flip.sign > 0 ? "> 0" : "< 0",
                        "strict inequality");
    prove_identities(ROWS(identities));
    prove_covers(ROWS(covers));
    prove_numbers(ROWS(numbers));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies safe rates of mini-batches, and unsafe ones.",
                  prove);
}
