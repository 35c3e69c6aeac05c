/* image_whitening.c -- one 1x1 convolution an image is no flow.
 *
 * Theorem   x (C, N) an image of N pixels and C channels, R_x = x x'/N.  The
 *           map f(x) = R_x^{-1/2} x, which whitens each image by itself, has
 *           the Jacobian rank C N - C (C+1)/2, so it is no flow: f f'/N = I,
 *           and f(t x) = f(x).  A shared W has the optimum N EIG(mean of R_x),
 *           at most the mean of N EIG(R_x).
 * Source    Claim C3.6.
 *
 * f maps into a manifold of C (C+1)/2 equations, which bounds the rank from
 * above.  At a point with R_x = I the derivative is dx - (dR) x/2, dR = (dx x'
 * + x dx')/N, a rational matrix whose rank FLINT finds; the points are rows of
 * a Hadamard matrix.  There the kernel is {S x: S symmetric}: dx = (dR) x/2 has
 * that form, and S x has dR = 2 S (every other point: theory/theory.md, C3.6).
 * log det is concave, hence the mean of EIG is above EIG of the mean. */
#include "ball.h"

typedef struct {
    slong channels, pixels;
} size;

/* Row i of the Hadamard matrix of order n, a power of 2. */
static slong hadamard(slong i, slong j)
{
    slong sign = 1;
    for (slong bits = i & j; bits; bits >>= 1)
        sign = bits & 1 ? -sign : sign;
    return sign;
}

/* Column (c, n) of the Jacobian, dx = e_c e_n': N (dR x)_am is x_an x_cm, and
 * if a = c the product of pixels n and m, too. */
static void column(fmpq_mat_t j, slong c, slong n, const size *s)
{
    fmpq_t term;
    fmpq_init(term);
    for (slong a = 0; a < s->channels; a++)
        for (slong m = 0; m < s->pixels; m++) {
            slong sum = hadamard(a, n) * hadamard(c, m);
            for (slong b = 0; a == c && b < s->channels; b++)
                sum += hadamard(b, n) * hadamard(b, m);
            fmpq_set_si(term, -sum, (ulong)(2 * s->pixels));
            if (a == c && m == n)
                fmpq_add_si(term, term, 1);
            fmpq_set(fmpq_mat_entry(j, a * s->pixels + m, c * s->pixels + n),
                     term);
        }
    fmpq_clear(term);
}

/* broken: a flow, of full rank. */
static verdict rank_is(arb_t measured, const void *data, int control,
                       slong bits)
{
    const size *s = data;
    slong d = s->channels * s->pixels;
    fmpq_mat_t j;
    (void)bits;
    fmpq_mat_init(j, d, d);
    for (slong c = 0; c < s->channels; c++)
        for (slong n = 0; n < s->pixels; n++)
            column(j, c, n, s);
    slong rank = fmpq_mat_rref(j, j);
    slong expected = control ? d : d - s->channels * (s->channels + 1) / 2;
    arb_set_si(measured, rank);
    fmpq_mat_clear(j);
    return rank == expected ? CERTIFIED : REFUTED;
}

#define RANK(c, n)                                                             \
    {                                                                          \
        {"C3.6", "whitening each image by itself: Jacobian rank",              \
         "C = " #c ", N = " #n ", R_x = I", "exact arithmetic"},               \
        {                                                                      \
            c, n                                                               \
        }                                                                      \
    }
static const struct {
    claim claim;
    size size;
} ranks[] = {RANK(1, 4), RANK(2, 4), RANK(3, 4), RANK(2, 8), RANK(3, 8)};

static const number numbers[] = {
    {{"C3.6", "a shared convolution is below the mean over its images",
      "R = diag(1, 4) and diag(4, 1), C = 2", "log det is concave"},
     "log(2.5*2.5) - log(4) - broken",
     "> 0"},
};

static void prove(void)
{
    for (size_t k = 0; k < sizeof ranks / sizeof *ranks; k++)
        prove_statement(&ranks[k].claim, rank_is, &ranks[k].size,
                        "C N - C (C+1)/2", "exact");
    prove_numbers(ROWS(numbers));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies the rank of a map that whitens each image.",
                  prove);
}
