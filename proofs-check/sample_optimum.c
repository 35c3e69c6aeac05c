/* sample_optimum.c -- how far the optimum of a sample is from that of its law.
 *
 * Theorem   Rows of any law with Sigma > 0 and E|X|^4 < inf, beta = E|Z|^4 of
 *           the whitened row Z, S_n the covariance of n rows (division by n).
 *           To second order in Delta = Sigma^{-1/2} S_n Sigma^{-1/2} - I,
 *             EIG(S_n) - EIG(Sigma) = -(1/2)(tr Delta - tr Delta^2/2),
 *           whose expectation is (beta + D)/(4 n) + O(1/n^2), exactly from
 *             E tr Delta = -D/n,
 *             E tr Delta^2 = (beta - D)/n - 2 (beta - D)/n^2
 *                            + (beta + (n-1)(D^2 + 2 D))/n^3,
 *           and n times the variance of the leading term is (beta - D^2)/4.
 *           For Gaussian X the correction for few rows
 *             -(1/2)(sum psi((n-i)/2) + D log(2/n))
 *             + (b - D (D+2)(n-1)/(n+1))/(4 n),
 *           b the sample's mean of |z|^4, z whitened by S_n,
 *           has exactly the expectation of EIG(S_n) - EIG(Sigma).
 * Source    Claim C2.9; the first part of the correction is C3.11.
 *
 * Delta = A - m m', A = mean of Y, Y = z z' - I of mean 0, m = mean z.  E|m|^2
 * = D/n.  E tr A^2 = E tr Y^2/n = (beta - D)/n.  E m'A m: of z_i' Y_k z_j/n^3
 * only i = j = k has a mean, (beta - D)/n^2 in all.  E|m|^4: of
 * (z_i.z_j)(z_k.z_l)/n^4, all equal n beta; i = j, k = l n (n-1) D^2; i = k, j
 * = l or i = l, j = k 2 n (n-1) D.  The leading term is -(1/2) mean(|z|^2 - D),
 * Var|z|^2 = beta - D^2.  The rows below enumerate all samples of laws on few
 * points in exact arithmetic.
 * Gaussian X: |z_i|^2/n is the squared norm of the projection of e_i on the
 * centred columns, a D-dimensional subspace uniform in the n-1 dimensions that
 * are orthogonal to (1 .. 1), where e_i has the squared norm 1 - 1/n: (n-1)/n
 * times a Beta(D/2, (n-1-D)/2) variable, of second moment
 * (D/2)(D/2+1)/(((n-1)/2) ((n+1)/2)).  So E b = (n-1)^2 times that = D
 * (D+2)(n-1)/(n+1).  A law with atoms makes S_n singular with positive
 * probability, and the expectation of EIG(S_n) infinite: the expansion is one
 * in law. */
#include "ball.h"

#include <flint/fmpq_vec.h>
#include <flint/ulong_extras.h>

enum { ATOMS = 4, MOST = 2 };

/* A whitened law: atoms (D coordinates) with weights. */
typedef struct {
    slong d, atoms, n;
    const char *weight[ATOMS], *point[ATOMS][MOST];
} law;

static void read_law(fmpq *weight, fmpq *point, const law *p)
{
    for (slong a = 0; a < p->atoms; a++) {
        fmpq_set_str(weight + a, p->weight[a], 10);
        for (slong i = 0; i < p->d; i++)
            fmpq_set_str(point + a * p->d + i, p->point[a][i], 10);
    }
}

/* delta (d, d) of the sample whose rows are the digits of index. */
static void deviation(fmpq_mat_t delta, const law *p, const fmpq *point,
                      slong index)
{
    fmpq_mat_t mean;
    fmpq_t inverse;
    fmpq_mat_init(mean, 1, p->d);
    fmpq_init(inverse);
    fmpq_mat_zero(delta);
    for (slong k = 0; k < p->n; k++, index /= p->atoms) {
        const fmpq *z = point + index % p->atoms * p->d;
        for (slong i = 0; i < p->d; i++) {
            fmpq_add(fmpq_mat_entry(mean, 0, i), fmpq_mat_entry(mean, 0, i),
                     z + i);
            for (slong j = 0; j < p->d; j++)
                fmpq_addmul(fmpq_mat_entry(delta, i, j), z + i, z + j);
        }
    }
    fmpq_set_si(inverse, 1, (ulong)p->n);
    fmpq_mat_scalar_mul_fmpq(delta, delta, inverse);
    fmpq_mat_scalar_mul_fmpq(mean, mean, inverse);
    for (slong i = 0; i < p->d; i++)
        for (slong j = 0; j < p->d; j++)
            fmpq_submul(fmpq_mat_entry(delta, i, j), fmpq_mat_entry(mean, 0, i),
                        fmpq_mat_entry(mean, 0, j));
    for (slong i = 0; i < p->d; i++)
        fmpq_sub_si(fmpq_mat_entry(delta, i, i), fmpq_mat_entry(delta, i, i),
                    1);
    fmpq_clear(inverse);
    fmpq_mat_clear(mean);
}

/* E tr Delta and E tr Delta^2 over all samples. */
static void expectations(fmpq_t first, fmpq_t second, const law *p,
                         const fmpq *weight, const fmpq *point)
{
    slong samples = (slong)n_pow((ulong)p->atoms, (ulong)p->n);
    fmpq_mat_t delta;
    fmpq_t chance, trace;
    fmpq_mat_init(delta, p->d, p->d);
    fmpq_init(chance);
    fmpq_init(trace);
    for (slong index = 0; index < samples; index++) {
        fmpq_set_si(chance, 1, 1);
        for (slong k = 0, rest = index; k < p->n; k++, rest /= p->atoms)
            fmpq_mul(chance, chance, weight + rest % p->atoms);
        deviation(delta, p, point, index);
        fmpq_mat_trace(trace, delta);
        fmpq_addmul(first, chance, trace);
        fmpq_mat_mul(delta, delta, delta);
        fmpq_mat_trace(trace, delta);
        fmpq_addmul(second, chance, trace);
    }
    fmpq_clear(trace);
    fmpq_clear(chance);
    fmpq_mat_clear(delta);
}

/* beta; broken: that of the Gaussian law. */
static void fourth_moment(fmpq_t beta, const law *p, const fmpq *weight,
                          const fmpq *point, int control)
{
    fmpq_t norm;
    fmpq_init(norm);
    for (slong a = 0; a < p->atoms; a++) {
        fmpq_zero(norm);
        for (slong i = 0; i < p->d; i++)
            fmpq_addmul(norm, point + a * p->d + i, point + a * p->d + i);
        fmpq_mul(norm, norm, norm);
        fmpq_addmul(beta, weight + a, norm);
    }
    if (control)
        fmpq_set_si(beta, p->d * (p->d + 2), 1);
    fmpq_clear(norm);
}

/* (beta - D)/n - 2 (beta - D)/n^2 + (beta + (n-1)(D^2 + 2 D))/n^3. */
static void predicted(fmpq_t z, const fmpq_t beta, slong d, slong n)
{
    fmpq_t term, scale;
    fmpq_init(term);
    fmpq_init(scale);
    fmpq_sub_si(z, beta, d);
    fmpq_set_si(scale, n - 2, (ulong)(n * n));
    fmpq_mul(z, z, scale);
    fmpq_add_si(term, beta, (n - 1) * d * (d + 2));
    fmpq_set_si(scale, 1, (ulong)(n * n * n));
    fmpq_addmul(z, term, scale);
    fmpq_clear(scale);
    fmpq_clear(term);
}

/* Both expectations, exactly; measured: E tr Delta^2. */
static verdict moments(arb_t measured, const void *data, int control,
                       slong bits)
{
    const law *p = data;
    fmpq *weight = _fmpq_vec_init(ATOMS);
    fmpq *point = _fmpq_vec_init(ATOMS * MOST);
    fmpq_t first, second, beta, expected;
    fmpq_init(first);
    fmpq_init(second);
    fmpq_init(beta);
    fmpq_init(expected);
    read_law(weight, point, p);
    expectations(first, second, p, weight, point);
    fourth_moment(beta, p, weight, point, control);
    arb_set_fmpq(measured, second, bits);
    predicted(expected, beta, p->d, p->n);
    int right = fmpq_equal(second, expected);
    fmpq_set_si(expected, -p->d, (ulong)p->n);
    right = right && fmpq_equal(first, expected);
    fmpq_clear(expected);
    fmpq_clear(beta);
    fmpq_clear(second);
    fmpq_clear(first);
    _fmpq_vec_clear(point, ATOMS * MOST);
    _fmpq_vec_clear(weight, ATOMS);
    return right ? CERTIFIED : REFUTED;
}

#define LAW(d, atoms, n, which, ...)                                           \
    {                                                                          \
        {"C2.9", "E tr Delta and E tr Delta^2 of n = " #n " rows, D = " #d,    \
         which, "all samples, exact"},                                         \
        {                                                                      \
            d, atoms, n, __VA_ARGS__                                           \
        }                                                                      \
    }
#define LINE(n)                                                                \
    LAW(1, 2, n, "-2 with probability 1/5, 1/2 with 4/5", {"1/5", "4/5"},      \
        {{"-2"}, {"1/2"}})
#define PLANE(n)                                                               \
    LAW(2, 4, n, "two such coordinates", {"1/25", "4/25", "4/25", "16/25"},    \
        {{"-2", "-2"}, {"-2", "1/2"}, {"1/2", "-2"}, {"1/2", "1/2"}})

static const struct {
    claim claim;
    law law;
} laws[] = {LINE(2),  LINE(3),  LINE(4),  LINE(5), LINE(6),
            PLANE(2), PLANE(3), PLANE(4), PLANE(5)};

/* E b with the moments of Beta(D/2, (n-1-D)/2), denominators cleared. */
static const identity identities[] = {
    {{"C2.9",
      "few rows, Gaussian X: E|z|^4 of the sample is D (D+2)(n-1)/(n+1)",
      "the law of leverages", "second moment of a Beta law, times (n-1)^2"},
     "D n broken",
     "(n-1)^2*D*(D+2)*(n+1) - (n-1)*D*(D+2)*(n-1)*(n+1)"
     " - broken*(n-1)^2*D*(D+2)"},
    {{"C2.9", "(beta + D)/4 = D/2 + (beta - D)/4",
      "orders 1/n of the two terms", "expanded"},
     "b D broken",
     "2*D - 2*D*broken + (b - D) - (b + D)"},
};

/* 4 n times the exact Gaussian excess C3.11. */
#define EXCESS(d, sum) "n = 1e8; -2*n*(" sum " + " d "*log(2/n))"

static const number numbers[] = {
    {{"C2.9", "training excess of three exponential columns, n = 300",
      "beta = 3 E(X-1)^4 + 6 = 33", "(beta + D)/(4 n)"},
     "b = 33*(1 - broken) + 15*broken; (b + 3)/(4*300)",
     "0.0300"},
    {{"C2.9", "4 n times the exact excess tends to beta + D = D (D+3)",
      "Gaussian X, D = 1, n = 1e8", "digamma"},
     EXCESS("1", "digamma((n-1)/2)") " - broken",
     "4.0000"},
    {{"C2.9", "4 n times the exact excess tends to beta + D = D (D+3)",
      "Gaussian X, D = 3, n = 1e8", "digamma"},
     EXCESS(
         "3",
         "digamma((n-1)/2) + digamma((n-2)/2) + digamma((n-3)/2)") " "
                                                                   "- broken",
     "18.0000"},
    {{"C2.9", "(beta - D^2)/4 = D/2: the Gaussian entropy's variance",
      "Gaussian X, D = 3", "beta = D (D+2)"},
     "(15 - 9*(1 - broken))/4",
     "= 3/2"},
};

static const integral integrals[] = {
    {{"C2.9", "E(X-1)^4 = 9", "exponential X", "quadrature"},
     "(x-1)^4*exp(-x)/(1 + 2*broken)",
     "0",
     "100",
     "1e-30",
     "= 9"},
};

static void prove(void)
{
    for (size_t k = 0; k < sizeof laws / sizeof *laws; k++)
        prove_statement(&laws[k].claim, moments, &laws[k].law,
                        "the two formulas", "exact");
    prove_identities(ROWS(identities));
    prove_numbers(ROWS(numbers));
    prove_integrals(ROWS(integrals));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies how far a sample's optimum is from its law's.",
                  prove);
}
