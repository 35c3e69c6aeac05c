/* closed_forms.c -- values and strict inequalities in closed form.
 *
 * Theorem   The numbers that the theory prints are right to their last digit,
 *           and where it says that two things differ, they do.
 * Method    Each number is one expression in elementary functions, erf,
 *           Bessel and exponential integrals, enclosed by Arb.  With Phi^-1(p)
 *           = sqrt 2 erfinv(2 p - 1).
 * Source    Claims C1.2, C1.3, C3.4, C3.9, C4.2, C5.5 and C6.6 of the theory;
 *           no pair of maps is shown to be exact here, only that its
 *           determinants differ at the point named. */
#include "ball.h"

/* (1 + erf(x / sqrt 2)) / 2; p may be x. */
static void normal_cdf(arb_t p, const arb_t x, slong bits)
{
    arb_t root;
    arb_init(root);
    arb_set_ui(root, 2);
    arb_sqrt(root, root, bits);
    arb_div(p, x, root, bits);
    arb_hypgeom_erf(p, p, bits);
    arb_add_ui(p, p, 1, bits);
    arb_mul_2exp_si(p, p, -1);
    arb_clear(root);
}

static void normal_quantile(arb_t x, const arb_t p, slong bits)
{
    arb_t root;
    arb_init(root);
    arb_mul_2exp_si(x, p, 1);
    arb_sub_ui(x, x, 1, bits);
    arb_hypgeom_erfinv(x, x, bits);
    arb_set_ui(root, 2);
    arb_sqrt(root, root, bits);
    arb_mul(x, x, root, bits);
    arb_clear(root);
}

/* C1.3a at z = (1, 0): -log(exp(1/2) - 1), against 0 of the identity. */
static void inversion(arb_t v, slong bits)
{
    arb_set_d(v, 0.5);
    arb_expm1(v, v, bits);
    arb_log(v, v, bits);
    arb_neg(v, v);
}

/* C1.3b at x = (1, 0), a = 1: v = 1/2, so c = 1, f_2 = Phi^-1(1/2 + (1 - 2
 * Phi(1)) / 4) and ld_f = f_2^2 / 2; g_1 = x_1, so ld_g = 0. */
static void rosenblatt(arb_t v, slong bits)
{
    arb_t one;
    arb_init(one);
    arb_one(one);
    normal_cdf(v, one, bits);
    arb_mul_2exp_si(v, v, 1);
    arb_sub_ui(v, v, 1, bits);
    arb_mul_2exp_si(v, v, -2);
    arb_neg(v, v);
    arb_set_d(one, 0.5);
    arb_add(v, v, one, bits);
    normal_quantile(v, v, bits);
    arb_sqr(v, v, bits);
    arb_mul_2exp_si(v, v, -1);
    arb_clear(one);
}

/* C1.3d at (1, 1): ld_k = 2 (-1 + k^2 / 2) + log 2 pi, k = Phi^-1(1 - 1/e). */
static void product_map(arb_t v, slong bits)
{
    arb_t k;
    arb_init(k);
    arb_set_si(k, -1);
    arb_expm1(k, k, bits);
    arb_neg(k, k);
    normal_quantile(k, k, bits);
    arb_sqr(k, k, bits);
    arb_sub_ui(k, k, 2, bits);
    arb_const_pi(v, bits);
    arb_mul_2exp_si(v, v, 1);
    arb_log(v, v, bits);
    arb_add(v, v, k, bits);
    arb_clear(k);
}

static void polar_map(arb_t v, slong bits) /* log(2 pi / 3) */
{
    arb_const_pi(v, bits);
    arb_mul_2exp_si(v, v, 1);
    arb_div_ui(v, v, 3, bits);
    arb_log(v, v, bits);
}

static void exponential_difference(arb_t v, slong bits)
{
    arb_t k;
    arb_init(k);
    product_map(k, bits);
    polar_map(v, bits);
    arb_sub(v, v, k, bits);
    arb_clear(k);
}

/* C1.3e at 0: -1 - log(-(1 - 1/e) log(1 - 1/e)). */
static void gumbel(arb_t v, slong bits)
{
    arb_t p;
    arb_init(p);
    arb_set_si(p, -1);
    arb_expm1(p, p, bits);
    arb_neg(p, p);
    arb_log(v, p, bits);
    arb_mul(v, v, p, bits);
    arb_neg(v, v);
    arb_log(v, v, bits);
    arb_add_ui(v, v, 1, bits);
    arb_neg(v, v);
    arb_clear(p);
}

/* C1.3d: Var ld_p = 2 delta - 1, delta = e E_1(1). */
static void gompertz(arb_t v, slong bits)
{
    arb_t one;
    arb_init(one);
    arb_one(one);
    arb_hypgeom_expint(v, one, one, bits);
    arb_exp(one, one, bits);
    arb_mul(v, v, one, bits);
    arb_mul_2exp_si(v, v, 1);
    arb_sub_ui(v, v, 1, bits);
    arb_clear(one);
}

/* C3.4: log 48 - log(901) / 2, positive since 48^2 = 2304 > 901. */
static void certificate(arb_t v, slong bits)
{
    arb_t u;
    arb_init(u);
    arb_log_ui(v, 901, bits);
    arb_mul_2exp_si(v, v, -1);
    arb_log_ui(u, 48, bits);
    arb_sub(v, u, v, bits);
    arb_clear(u);
}

/* C3.9, uniform on the square: the ceiling log 2 - 1 exceeds EIG =
 * -log(2 pi e / 12), and -h = 0 exceeds the ceiling. */
static void square_above_eig(arb_t v, slong bits) /* log(pi / 3) */
{
    arb_const_pi(v, bits); /* log 2 - 1 + log(2 pi / 12) + 1 */
    arb_div_ui(v, v, 3, bits);
    arb_log(v, v, bits);
}

static void square_below_entropy(arb_t v, slong bits) /* 1 - log 2 */
{
    arb_const_log2(v, bits);
    arb_sub_ui(v, v, 1, bits);
    arb_neg(v, v);
}

/* C3.9, Exp(1)^2: -(1 + log 3) exceeds EIG = -log(2 pi e) by log(2 pi / 3),
 * as polar_map, and is below -h = -2. */
static void exponential_below_entropy(arb_t v, slong bits)
{
    arb_log_ui(v, 3, bits);
    arb_sub_ui(v, v, 1, bits);
}

/* C4.2: I_1(2 r) / r at r = 1/2, the ball ratio of (e^x cos y, e^x sin y). */
static void bessel(arb_t v, slong bits)
{
    arb_t one;
    arb_init(one);
    arb_one(one);
    arb_hypgeom_bessel_i(v, one, one, bits);
    arb_mul_2exp_si(v, v, 1);
    arb_clear(one);
}

/* C5.5: R = diag(100, 1), P(0) = diag(1, 1/4).  P_1 = .01 + .99 e^{-200 t},
 * P_2 = 1 - .75 e^{-2 t}; E ld = log(P_1 P_2) / 2. */
static void mean_log_det(arb_t v, const char *time, slong bits)
{
    arb_t t, p;
    arb_init(t);
    arb_init(p);
    arb_set_str(t, time, bits);
    arb_mul_si(p, t, -200, bits);
    arb_exp(p, p, bits);
    arb_mul_ui(p, p, 99, bits);
    arb_add_ui(p, p, 1, bits);
    arb_div_ui(p, p, 100, bits);
    arb_mul_si(v, t, -2, bits);
    arb_exp(v, v, bits);
    arb_mul_ui(v, v, 3, bits);
    arb_sub_ui(v, v, 4, bits);
    arb_div_si(v, v, -4, bits);
    arb_mul(v, v, p, bits);
    arb_log(v, v, bits);
    arb_mul_2exp_si(v, v, -1);
    arb_clear(p);
    arb_clear(t);
}

static void fall(arb_t v, slong bits) /* E ld(0) - E ld(.04189504) */
{
    arb_t u;
    arb_init(u);
    mean_log_det(u, "0.04189504", bits);
    mean_log_det(v, "0", bits);
    arb_sub(v, v, u, bits);
    arb_clear(u);
}

static void rise(arb_t v, slong bits) /* -log 10 - E ld(.04189504) */
{
    arb_t u;
    arb_init(u);
    mean_log_det(u, "0.04189504", bits);
    arb_log_ui(v, 10, bits);
    arb_neg(v, v);
    arb_sub(v, v, u, bits);
    arb_clear(u);
}

static void turning_value(arb_t v, slong bits)
{
    mean_log_det(v, "0.04189504", bits);
}

/* C6.6: -log(2 Phi(-d / M)) at d = 1/2. */
static void gap_bound(arb_t v, ulong m, slong bits)
{
    arb_set_d(v, -0.5);
    arb_div_ui(v, v, m, bits);
    normal_cdf(v, v, bits);
    arb_mul_2exp_si(v, v, 1);
    arb_log(v, v, bits);
    arb_neg(v, v);
}

static void gap_1(arb_t v, slong bits)
{
    gap_bound(v, 1, bits);
}
static void gap_2(arb_t v, slong bits)
{
    gap_bound(v, 2, bits);
}
static void gap_5(arb_t v, slong bits)
{
    gap_bound(v, 5, bits);
}

static const struct {
    claim claim;
    enclosure f;
    const char *decimal; /* NULL: positive */
} statements[] = {
    {{"C1.3a", "log|det| of the inversion of the Gaussian plane at (1, 0)",
      "identity and inversion have the same laws", "-log(exp(1/2) - 1)"},
     inversion,
     "0.43275212956718857189"},
    {{"C1.3a", "it differs from that of the identity, 0", "at (1, 0)",
      "strict inequality"},
     inversion,
     NULL},
    {{"C1.3b", "log|det| of one Knothe-Rosenblatt map at (1, 0)",
      "FGM copula, a = 1, normal margins", "f_2^2 / 2"},
     rosenblatt,
     "0.09758060795988044849834"},
    {{"C1.3b", "it differs from that of the other order, 0", "at (1, 0)",
      "strict inequality"},
     rosenblatt,
     NULL},
    {{"C1.3d", "log|det| of the product map at (1, 1)", "Exp(1)^2 to N(0, I)",
      "2 (k^2/2 - 1) + log 2 pi"},
     product_map,
     "-0.048233582423004756"},
    {{"C1.3d", "log|det| of the polar map at (1, 1)", "Exp(1)^2 to N(0, I)",
      "log(2 pi / 3)"},
     polar_map,
     "0.73926477774123579"},
    {{"C1.3d", "the two differ", "at (1, 1)", "strict inequality"},
     exponential_difference,
     NULL},
    {{"C1.3d", "the variance of the polar map's log|det| is 2 delta - 1",
      "delta = e E_1(1)", "Gompertz constant"},
     gompertz,
     "0.19269472464638814868"},
    {{"C1.3e", "log|g'| of the decreasing Gumbel map at 0", "D = 1",
      "closed form"},
     gumbel,
     "0.2380882091325953003319"},
    {{"C1.3e", "it differs from that of the identity, 0", "at 0",
      "strict inequality"},
     gumbel,
     NULL},
    {{"C3.4", "48 points: the mean per-point value exceeds the entropy bound",
      "rho^2 = 9, s^2 = .01, D = 4", "log 48 - log(901)/2"},
     certificate,
     NULL},
    {{"C3.4", "by log 48 - log(901)/2", "rho^2 = 9, s^2 = .01, D = 4",
      "closed form"},
     certificate,
     "0.46944838"},
    {{"C3.9", "uniform square: the constant-determinant ceiling exceeds EIG",
      "D = 2", "log(pi / 3)"},
     square_above_eig,
     NULL},
    {{"C3.9", "uniform square: -h exceeds the ceiling", "D = 2", "1 - log 2"},
     square_below_entropy,
     NULL},
    {{"C3.9", "Exp(1)^2: the constant-determinant ceiling exceeds EIG", "D = 2",
      "log(2 pi / 3)"},
     polar_map,
     NULL},
    {{"C3.9", "Exp(1)^2: -h exceeds the ceiling", "D = 2", "log 3 - 1"},
     exponential_below_entropy,
     NULL},
    {{"C4.2", "ball ratio of (e^x cos y, e^x sin y) at radius 1/2",
      "centre x = 0", "I_1(2r) / r"},
     bessel,
     "1.13031820798497"},
    {{"C5.5", "E log|det| falls at first", "R = diag(100, 1), t = .04189504",
      "gradient flow in closed form"},
     fall,
     NULL},
    {{"C5.5", "and rises later", "from t = .04189504 to infinity",
      "gradient flow in closed form"},
     rise,
     NULL},
    {{"C5.5", "E log|det| at t = .04189504", "R = diag(100, 1)", "closed form"},
     turning_value,
     "-2.8764825160"},
    {{"C6.6", "bound on KL for a gap of half-width 1/2, M = 1", "Lip f^-1 <= M",
      "-log 2 Phi(-d/M)"},
     gap_1,
     "0.48276458103367330"},
    {{"C6.6", "bound on KL, M = 2", "Lip f^-1 <= M", "-log 2 Phi(-d/M)"},
     gap_2,
     "0.21991458425118975"},
    {{"C6.6", "bound on KL, M = 5", "Lip f^-1 <= M", "-log 2 Phi(-d/M)"},
     gap_5,
     "0.083007412170328011"},
};

static void prove(void)
{
    for (size_t k = 0; k < sizeof statements / sizeof *statements; k++)
        if (statements[k].decimal)
            prove_decimal(&statements[k].claim, statements[k].f,
                          statements[k].decimal);
        else
            prove_positive(&statements[k].claim, statements[k].f);
}

int main(int argc, char **argv)
{
    return proofs(argc, argv,
                  "Certifies values and strict inequalities in closed form.",
                  prove);
}
