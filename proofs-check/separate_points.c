/* separate_points.c -- 48 points whose values per point no flow can have.
 *
 * Theorem   X uniform on n = 48 points x_i of R^4, |x_i|^2 = 9, plus N(0, s^2
 *           I), s^2 = .01.  The mean over points of the eigenvalue formula for
 *           a single point, EIG(x_i x_i' + s^2 I), exceeds -h(X), the bound of
 *           every flow, by log 48 - (1/2) log 901 and the overlap H(i|X) <
 *           1e-20.
 * Source    Claim C3.4.
 *
 * The eigenvalues for a point are 9.01 and .01 (3 times).  h(X) = log 48 - H(i|
 * X) + h(noise).  Nearest-point decoding errs with probability P <= 47
 * Q(d/(2s)), d the least distance, so by Fano's inequality H(i|X) <= h_b(P) + P
 * log 47, h_b(P) <= P (1 - log P); the bound increases in P for P < 1.  The
 * excess is log 48 - (1/2) log(9.01/.01) - H(i|X). */
#include "ball.h"

#define NOISE "log(2*pi*exp(1)*0.01)"
#define DECODE_BOUND                                                           \
    "d = 2.295; P = 47*Q(d/(2*0.1)); 1e-20 - P*(1 - log(P) + "                 \
    "log(47))"

/* broken: a few points more than rho/s = 30. */
static const number numbers[] = {
    {{"C3.4", "mean value per point", "rho^2 = 9, s^2 = .01, D = 4",
      "eigenvalues 9.01, .01 (3 times)"},
     "-log(2*pi*exp(1)*9.01)/2 - 3/2*" NOISE,
     "0.13283"},
    {{"C3.4", "entropy bound -h(X) without overlap", "48 points",
      "-log 48 + h of the noise"},
     "-log(48) - 2*" NOISE,
     "-0.33661"},
    {{"C3.4", "the overlap H(i|X) is below 1e-20",
      "Fano, least distance above d = 2.295", "47 Q(d/(2s))"},
     DECODE_BOUND,
     "> 0"},
    {{"C3.4", "the mean per point exceeds the entropy bound",
      "48 points, overlap included", "log 48 - (1/2) log 901 - H(i|X)"},
     "log(48 - 17.99*broken) - log(901)/2 - 1e-20",
     "> 0"},
    {{"C3.4", "by log 48 - (1/2) log 901", "2304 > 901", "closed form"},
     "log(48 - 17.99*broken) - log(901)/2",
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

static const claim distance = {"C3.4", "least distance of the points",
                               "48 points", "3 sqrt(2 - sqrt 2)"};

static void prove(void)
{
    prove_statement(&distance, least_distance, NULL, "2.296", "1e-3");
    prove_numbers(ROWS(numbers));
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies points whose average value is not attainable.",
                  prove);
}
