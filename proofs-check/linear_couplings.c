/* linear_couplings.c -- how many additive couplings a linear flow needs.
 *
 * Theorem   D = p + q, p = floor(D/2), q = ceil(D/2).  K shears x_b += B x_a
 *           and x_a += A x_b alternate, the first updates the larger half b;
 *           then one scalar.  c = (det S)^{1/D}, S the covariance; t_1 <= .. <=
 *           t_q are the eigenvalues of Cov(x_b | x_a)/c, s_1 <= .. <= s_p those
 *           of Cov(x_a)/c.  The gap to the affine optimum is (D/2) log(tau/D),
 *             K = 0   tau = tr S/c
 *             K = 1   tau = sum s_i + sum t_i
 *             K = 2   s ascending and t descending are paired, t_q being left
 *                     out if q = p + 1: tau = [t_q] + sum h(s, t), h = 2 sqrt(s
 *                     t) if s >= t and else s + t
 *             K = 3   D even: tau = D, no gap.  D odd: tau = n + (D-1) n^{-1/
 *                     (D-1)}, n = 1 clipped to [t_1, t_q]
 *             K = 4   D odd: the same, n = 1 clipped to [t_1, inf)
 *             K = 5   D odd: no gap.
 *           So for odd D three reach the optimum iff t_1 <= 1 <= t_q, four iff
 *           t_1 <= 1, five always.
 * Source    Claim C3.1k.
 *
 * c = 1.  The best scalar over shears U gives the gap (D/2) log(tr(U S U')/D),
 * so tau is the least trace; it is D only for U S U' = I.  The last shear
 * decorrelates.  Write (X, Y) for the covariance X of the half that is read
 * next and the conditional one Y of the other.  A shear that updates b turns
 * (S, T) into Q = Cov(x_b) = T + B S B' and V = Cov(x_a | x_b), V^-1 = S^-1 +
 * B' T^-1 B, B any q x p matrix; det Q det V = 1.
 *   K = 2  B = T^{1/2} C S^{-1/2}: tr Q + tr V = tr T (I + C C') + tr S (I + C'
 *      C)^-1.  C C' has p eigenvalues x - 1 >= 0, and q - p zeros.  A trace of
 *      a product is least for opposite order (von Neumann): large x with small
 *      t and with large s, the zero with t_q.  That leaves t x + s/x over x >=
 *      1, least at max(1, sqrt(s/t)), which is ascending as it must be: h(s,
 *      t).
 *   K = 3  One shear, then the above with (Q, V) in place of (S, T), the halves
 *      exchanged: C' C has a zero if q = p + 1, whose partner is now the least
 *      eigenvalue n of Q.  So tau >= n + sum 2 sqrt(nu_i v_i) >= n + 2 p n^{-1/
 *      (2p)}, nu and v the other eigenvalues of Q and those of V, their product
 *      being 1/n; if q = p, tau >= D.  n is in [t_1, t_q], as B S B' has rank p
 *      = q - 1, and the bound is least at n = 1.
 *   K = 4  Two shears, then K = 2: the eigenvalue left out is the largest, n,
 *      of T' = (Q^-1 + A' V^-1 A)^-1, and by rank it is at least the least of
 *      Q, so at least t_1.  The same bound.
 *   Attained, K = 3  Rotate the halves: S = diag(s_i), T = diag(t_i), B
 *      diagonal.  q = p: nu_i = t_i (1 + d_i^2), v_i = s_i/(1 + d_i^2), d_i
 *      free.  Equality needs nu_{i+1} v_i = 1, cyclically, and nu_{i+1} >= v_i:
 *      with g_i = log(1 + d_i^2), g_{i+1} - g_i = -log(s_i t_{i+1}), whose sum
 *      is -log det S = 0; one constant is free and is taken large.  q = p + 1,
 *      n < 1 or n > 1 at an end: leave that coordinate out, and nu_{i+1} v_i =
 *      n^{-1/p}.  t_1 < 1 < t_q: s_1 is coupled to both by B = (y, z)', with 1
 *      + s_1 (y^2/(t_1 - 1) + z^2/(t_q - 1)) = 0, so that 1 stays an eigenvalue
 *      of Q and the other, t_1 + t_q - 1 + s_1 (y^2 + z^2), is as large as
 *      wanted.
 *   Attained, K = 4  t_1 > 1: as K = 3.  Otherwise the first shear raises the
 *      largest eigenvalue of Cov(x_b) above 1 and leaves one at most 1 (if t_q
 *      < 1; else K = 3 will do).  Shears of a, b, a remain.  With S^-1 and
 *      U'^-1 in place of S and U the halves exchange their parts in a shear, so
 *      that these do for Cov(x_b) what three shears of b, a, b do for the
 *      inverse of Cov(x_b), which is Cov(x_b | x_a) of the law of covariance
 *      S^-1.
 *   Attained, K = 5  A shear of b raises the largest eigenvalue of Cov(x_b)
 *      above 1, one of a lowers another of Cov(x_b | x_a) below 1: then K = 3.
 *      If t_1 <= 1 already, K = 4.
 * The examples carry this out in rational arithmetic, where U S U' - I is
 * exactly 0, with any regression of x_b on x_a to begin with and det S = 1. */
#include "ball.h"

#include <stdio.h>

enum { SHEARS = 5 };

/* Rows of the half that shear k = 0 .. updates: the larger, b, stands last. */
static slong first_row(slong d, int k)
{
    return k % 2 == 0 ? d / 2 : 0;
}

static slong size_of(slong d, int k)
{
    return k % 2 == 0 ? d - d / 2 : d / 2;
}

/* Shear k: one half += B times the other, B the regression that is wanted minus
 * that of s; w and s := W s W' follow. */
static void couple(fmpq_mat_t w, fmpq_mat_t s, int k, const fmpq_mat_t wanted)
{
    slong d = fmpq_mat_nrows(s), to = first_row(d, k), n = size_of(d, k);
    slong from = first_row(d, k + 1), m = d - n;
    fmpq_mat_t u, inverse, cross, b;
    fmpq_mat_init(u, d, d);
    fmpq_mat_init(inverse, m, m);
    fmpq_mat_init(cross, n, m);
    fmpq_mat_init(b, n, m);
    for (slong j = 0; j < m; j++) {
        for (slong i = 0; i < m; i++)
            fmpq_set(fmpq_mat_entry(inverse, i, j),
                     fmpq_mat_entry(s, from + i, from + j));
        for (slong i = 0; i < n; i++)
            fmpq_set(fmpq_mat_entry(cross, i, j),
                     fmpq_mat_entry(s, to + i, from + j));
    }
    fmpq_mat_inv(inverse, inverse);
    fmpq_mat_mul(b, cross, inverse);
    fmpq_mat_sub(b, wanted, b);
    fmpq_mat_one(u);
    for (slong i = 0; i < n; i++)
        for (slong j = 0; j < m; j++)
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

/* A law: s (p) and t (q), rational; and the regressions that the shears make:
 * of row i of the half updated on column j of the other. */
typedef struct {
    slong d;
    fmpq_mat_t variances; /* (1, d): s, then t */
    fmpq_mat_t wanted[SHEARS];
} plan;

static void set(fmpq_mat_t m, slong i, slong j, slong x, ulong y)
{
    fmpq_set_si(fmpq_mat_entry(m, i, j), x, y);
}

static void pair(plan *p, slong i, slong s, ulong s_of, slong j, slong t,
                 ulong t_of)
{
    set(p->variances, 0, i, s, s_of);
    set(p->variances, 0, p->d / 2 + j, t, t_of);
}

/* w_i = 1 + (i + 2)^2, i from 0 and modulo p, so that w - 1 is a square. */
static slong w_at(slong i, slong p)
{
    return 1 + (i % p + 2) * (i % p + 2);
}

/* K = 3.  nu = w: s_i t_i = w_i/w_{i+1}, s_i = (s_i t_i + 1)/w_i, so that d_i
 * is rational, B's entry 1/s_i.  For odd D a_0 has two partners: t_1 =
 * 1/(1+w_1) is raised to 1, and t_q = w_0 >= 1 stays.  w_i is at row i, or i +
 * 1, of b. */
static void three(plan *p)
{
    slong h = p->d / 2, odd = p->d % 2;
    for (slong i = 0; i < h; i++) {
        slong a = w_at(i, h), b = w_at(i + 1, h);
        if (odd && i == 0) {
            pair(p, 0, 1 + b, (ulong)b, 0, 1, (ulong)(1 + b));
            set(p->variances, 0, h + 1, a, 1);
            set(p->wanted[0], 0, 0, b, (ulong)(1 + b));
        } else {
            pair(p, i, a + b, (ulong)(a * b), i + odd, a * a, (ulong)(a + b));
            set(p->wanted[0], i + odd, i, a * b, (ulong)(a + b));
        }
        set(p->wanted[1], i, (i + 1) % h + odd, (i + 1) % h + 2, (ulong)b);
    }
}

/* K = 4, D odd, all t < 1: s = 4, t = 1/2, 1/2; the rest t = 1/(1+m^2) =
 * 1/s. */
static void four(plan *p)
{
    slong h = p->d / 2;
    pair(p, 0, 4, 1, 0, 1, 2);
    set(p->variances, 0, h + 1, 1, 2);
    set(p->wanted[0], 0, 0, 1, 2);
    set(p->wanted[1], 0, 0, 2, 3);
    set(p->wanted[2], 1, 0, 1, 2);
    for (slong i = 1; i < h; i++) {
        slong m = i + 1, n = 1 + m * m;
        pair(p, i, n, 1, i + 1, 1, (ulong)n);
        set(p->wanted[2], i + 1, i, m, (ulong)n);
    }
}

/* K = 5, D odd, all t > 1: s = 1/4, t = 2, 2; the rest t = 1 + m^2 = 1/s. */
static void five(plan *p)
{
    slong h = p->d / 2;
    pair(p, 0, 1, 4, 0, 2, 1);
    set(p->variances, 0, h + 1, 2, 1);
    set(p->wanted[1], 0, 0, 1, 2);
    set(p->wanted[2], 0, 0, 2, 3);
    set(p->wanted[3], 0, 1, 1, 2);
    for (slong i = 1; i < h; i++) {
        slong m = i + 1, n = 1 + m * m;
        pair(p, i, 1, (ulong)n, i + 1, n, 1);
        set(p->wanted[3], i, i + 1, m, (ulong)n);
    }
}

/* s of these variances, the regression of x_b on x_a being (i - 2 j + 1)/3. */
static void covariance(fmpq_mat_t s, const plan *p)
{
    fmpq_mat_t l, t;
    fmpq_mat_init(l, p->d, p->d);
    fmpq_mat_init(t, p->d, p->d);
    fmpq_mat_one(l);
    fmpq_mat_zero(s);
    for (slong i = 0; i < p->d; i++)
        fmpq_set(fmpq_mat_entry(s, i, i), fmpq_mat_entry(p->variances, 0, i));
    for (slong i = p->d / 2; i < p->d; i++)
        for (slong j = 0; j < p->d / 2; j++)
            set(l, i, j, i - p->d / 2 - 2 * j + 1, 3);
    fmpq_mat_transpose(t, l);
    fmpq_mat_mul(s, l, s);
    fmpq_mat_mul(s, s, t);
    fmpq_mat_clear(t);
    fmpq_mat_clear(l);
}

typedef struct {
    const char *statement;
    void (*make)(plan *);
    int shears;
    slong d;
} construction;

/* The control leaves the last shear but one out. */
static verdict couplings(arb_t measured, const void *data, int control,
                         slong bits)
{
    const construction *c = data;
    plan p = {.d = c->d};
    fmpq_mat_t s, given, w;
    (void)bits;
    fmpq_mat_init(p.variances, 1, c->d);
    for (int k = 0; k < SHEARS; k++)
        fmpq_mat_init(p.wanted[k], size_of(c->d, k), c->d - size_of(c->d, k));
    fmpq_mat_init(s, c->d, c->d);
    fmpq_mat_init(given, c->d, c->d);
    fmpq_mat_init(w, c->d, c->d);
    c->make(&p);
    covariance(s, &p);
    fmpq_mat_set(given, s);
    fmpq_mat_one(w);
    for (int k = 0; k < c->shears; k++)
        if (!control || k != c->shears - 2)
            couple(w, s, k, p.wanted[k]);
    arb_set_si(measured, c->shears);
    remark(" couplings");
    verdict answer = whitens(w, given, 0);
    fmpq_mat_clear(w);
    fmpq_mat_clear(given);
    fmpq_mat_clear(s);
    for (int k = 0; k < SHEARS; k++)
        fmpq_mat_clear(p.wanted[k]);
    fmpq_mat_clear(p.variances);
    return answer;
}

static const construction constructions[] = {
    {"three couplings reach the optimum, D even", three, 3, 2},
    {"three couplings reach the optimum, D even", three, 3, 4},
    {"three couplings reach the optimum, D even", three, 3, 6},
    {"three couplings reach the optimum, D odd, t_1 <= 1 <= t_q", three, 3, 3},
    {"three couplings reach the optimum, D odd, t_1 <= 1 <= t_q", three, 3, 5},
    {"three couplings reach the optimum, D odd, t_1 <= 1 <= t_q", three, 3, 7},
    {"four couplings reach the optimum, D odd, t_q < 1", four, 4, 3},
    {"four couplings reach the optimum, D odd, t_q < 1", four, 4, 5},
    {"four couplings reach the optimum, D odd, t_q < 1", four, 4, 7},
    {"five couplings reach the optimum, D odd, t_1 > 1", five, 5, 3},
    {"five couplings reach the optimum, D odd, t_1 > 1", five, 5, 5},
    {"five couplings reach the optimum, D odd, t_1 > 1", five, 5, 7},
};

static void prove_constructions(void)
{
    for (size_t k = 0; k < sizeof constructions / sizeof *constructions; k++) {
        const construction *c = constructions + k;
        char hypotheses[64];
        snprintf(hypotheses, sizeof hypotheses, "rational Sigma, D = %ld",
                 (long)c->d);
        prove_statement(&(claim){"C3.1k", c->statement, hypotheses,
                                 "regressions of one half on the other"},
                        couplings, c, "W Sigma W' = I", "exact");
    }
}

/* Of a trace tau, and of n = 1 clipped. */
#define GAP(d, tau) d "/2*log((" tau ")/" d ")"
#define CLIPPED(d) GAP(d, "n + (" d "-1)*n^(-1/(" d "-1))")
#define ROW(statement, sigma, formula, decimal)                                \
    {                                                                          \
        {"C3.1k", statement, sigma, "closed form"}, formula, decimal           \
    }
#define SMALL "Sigma = diag(1/4, 2, 2), D = 3"
#define LARGE "Sigma = diag(4, 4, .8, .7, .6), D = 5"
#define MEAN "c = (16*0.8*0.7*0.6)^(1/5); "

/* broken: K = 4 reaches every odd D; the halves exchanged; h = s + t. */
static const number numbers[] = {
    ROW("gap of no coupling", SMALL, GAP("3", "1/4 + 4 + broken"), "0.52246"),
    ROW("gap of one coupling", SMALL, GAP("3", "1/4 + 4 + broken"), "0.52246"),
    ROW("gap of two couplings", SMALL,
        GAP("3", "2 + (1/4 + 2)*(1 - broken) + broken*2*sqrt(2/4)"), "0.52246"),
    ROW("gap of three couplings", SMALL, "n = 2 - broken*7/4; " CLIPPED("3"),
        "0.19400"),
    ROW("gap of four couplings", SMALL, "n = 2 - broken; " CLIPPED("3"),
        "0.19400"),
    ROW("gap of no coupling", LARGE, MEAN GAP("5", "(10.1 + broken)/c"),
        "0.91677"),
    ROW("gap of one coupling", LARGE, MEAN GAP("5", "(10.1 + broken)/c"),
        "0.91677"),
    ROW("gap of two couplings", LARGE,
        MEAN GAP("5", "(0.8 + 2*sqrt(4*0.7)*(1 - broken) + 4.7*broken"
                      " + 2*sqrt(4*0.6))/c"),
        "0.08622"),
    ROW("gap of three couplings", LARGE,
        MEAN "n = 0.8/c*(1 - broken) + broken*4/c; " CLIPPED("5"), "0.08457"),
    ROW("four couplings are enough: t_1 < 1", LARGE, MEAN "1 - 0.6/c - broken",
        "> 0"),
    ROW("three couplings are not enough for t_q < 1",
        "s = 4, t = 1/2, 1/2, D = "
        "3",
        "n = 1/2 + broken/2; " CLIPPED("3") " - 0.1", "> 0"),
    ROW("four couplings are not enough for t_1 > 1", SMALL,
        "n = 2 - broken; " CLIPPED("3") " - 0.1", "> 0"),
};

static void prove(void)
{
    prove_constructions();
    prove_numbers(ROWS(numbers));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies how many couplings reach the optimum of linear "
                  "flows, and what fewer lose.",
                  prove);
}
