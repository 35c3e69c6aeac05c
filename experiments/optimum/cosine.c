/* cosine.c -- the cosine-diagonal flow f = C' diag(W_k) C (C3.12).
 *
 * Question  Is its determinant the product over frequencies, is the formula of
 *           its optimum attained, and what does it lose on a piece of a longer
 *           signal, where a circular convolution loses more?
 * Method    Dense matrices from the definitions: C_kj = c_k cos(pi k (j + 1/2)
 *           / N), c_0^2 = 1/N, c_k^2 = 2/N; signals of N samples and several
 *           channels.  The broken transform has c_0 = c_k.
 * Writes    rows of optimum-points.csv; optimum-cosine.csv, both gaps of AR(1)
 *           by its correlation. */
#include "optimum.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 32, H = 3, D = N * H, ROWS = 20, AR = 64 };

/* c (n, n). */
static void transform(size_t n, int orthonormal, double *c)
{
    for (size_t k = 0; k < n; k++)
        for (size_t j = 0; j < n; j++)
            c[k * n + j] =
                sqrt((k || !orthonormal ? 2 : 1) / (double)n) *
                cos(M_PI * (double)k * ((double)j + 0.5) / (double)n);
}

/* a (D, D), a sample after the other with its channels together, := sum_k c_k
 * c_k' (x) W_k, w (N, H, H). */
static void flow(const double *c, const double *w, double *a)
{
    memset(a, 0, D * D * sizeof *a);
    for (size_t k = 0; k < N; k++)
        for (size_t i = 0; i < D; i++)
            for (size_t j = 0; j < D; j++)
                a[i * D + j] += c[k * N + i / H] * c[k * N + j / H] *
                                w[(k * H + i % H) * H + j % H];
}

/* log |det a|, and what LU's rounding may change of it: D pivots, D u |a|
 * |a^-1|. */
static double log_det(const double *a, double *bound)
{
    double copy[D * D], sigma[D], value;
    memcpy(copy, a, sizeof copy);
    if (jf_singular_values(D, D, copy, sigma) != GSL_SUCCESS)
        return (double)NAN;
    *bound = D * (double)D * DBL_EPSILON * sigma[0] / sigma[D - 1];
    memcpy(copy, a, sizeof copy);
    return jf_log_abs_det(D, copy, &value) == GSL_SUCCESS ? value : (double)NAN;
}

static void determinant(const experiment *e, finding *f)
{
    double c[N * N], w[N * H * H], a[D * D], one[H * H], value, unused;
    gsl_rng *rng = stream(e, 312);
    for (size_t i = 0; i < N * H * H; i++)
        w[i] = jf_stream_normal(rng, 1.0);
    gsl_rng_free(rng);
    for (size_t k = 0; k < N; k++) {
        memcpy(one, w + k * H * H, sizeof one);
        f->expected +=
            jf_log_abs_det(H, one, &value) == GSL_SUCCESS ? value : (double)NAN;
    }
    transform(N, 1, c);
    flow(c, w, a);
    f->d = D;
    f->measured = log_det(a, &f->tolerance);
    transform(N, 0, c);
    flow(c, w, a);
    f->broken = log_det(a, &unused) - f->measured;
}

/* Rows x (ROWS, D) of correlated samples and channels. */
static void signals(const experiment *e, double *x)
{
    gsl_rng *rng = stream(e, 313);
    for (size_t r = 0; r < ROWS; r++)
        for (size_t j = 0; j < N; j++)
            for (size_t h = 0; h < H; h++) {
                double *v = x + r * D + j * H + h;
                *v = jf_stream_normal(rng, 1.0) + (j ? 0.9 * v[-H] : 0) +
                     (h ? 0.5 * v[-1] : 0);
            }
    gsl_rng_free(rng);
}

/* w (N, H, H) := inverses of Cholesky's factors of R_k, of the rows x; returns
 * -1/2 sum_k log det (2 pi e R_k). */
static double whiten(const double *c, const double *x, double *w)
{
    double y[ROWS * H], sum = 0, value = 0;
    for (size_t k = 0; k < N; k++) {
        double *r = w + k * H * H;
        memset(y, 0, sizeof y);
        for (size_t i = 0; i < ROWS; i++)
            for (size_t j = 0; j < D; j++)
                y[i * H + j % H] += c[k * N + j / H] * x[i * D + j];
        jf_dgemm(JF_TN, H, H, ROWS, 1.0 / ROWS, y, y, 0, r);
        if (jf_cholesky(H, r) != GSL_SUCCESS ||
            jf_invert(H, r, &value) != GSL_SUCCESS)
            return (double)NAN;
        sum += 2 * value;
    }
    return jf_eig_log_det(D, sum);
}

/* The likelihood of the explicit flow on its rows less the formula. */
static double lack(const double *c, const double *x, double *formula,
                   double *bound)
{
    double w[N * H * H], a[D * D], z[ROWS * D], sum = 0;
    *formula = whiten(c, x, w);
    flow(c, w, a);
    jf_dgemm(JF_NT, ROWS, D, D, 1, x, a, 0, z);
    for (size_t i = 0; i < ROWS * D; i++)
        sum += z[i] * z[i] / ROWS;
    return log_det(a, bound) - 0.5 * (D * JF_LOG_2PI + sum) - *formula;
}

static void attained(const experiment *e, finding *f)
{
    double c[N * N], x[ROWS * D], unused, other;
    signals(e, x);
    transform(N, 1, c);
    double right = lack(c, x, &f->expected, &f->tolerance);
    transform(N, 0, c);
    f->d = D;
    f->n = ROWS;
    f->measured = f->expected + right;
    f->tolerance *= 3; /* z = A x errs by D u |A| |A^-1|, |z|^2 by twice that */
    f->broken = lack(c, x, &other, &unused) - right;
}

/* AR(1) of correlation rho: 1/2 (sum log P_k - log det R), R_ij = rho^|i-j|. */
#define RHO 0.95

static double correlation(double rho, size_t i, size_t j)
{
    return pow(rho, fabs((double)i - (double)j));
}

static double gap_of(double rho, const double *p)
{
    double r[AR * AR], log_det_r = (double)NAN, sum = 0;
    for (size_t i = 0; i < AR; i++)
        for (size_t j = 0; j < AR; j++)
            r[i * AR + j] = correlation(rho, i, j);
    jf_log_abs_det(AR, r, &log_det_r);
    for (size_t k = 0; k < AR; k++)
        sum += log(p[k]);
    return 0.5 * (sum - log_det_r);
}

/* P_k = c_k' R c_k. */
static double cosine_loss(double rho, int orthonormal)
{
    double c[AR * AR], p[AR] = {0};
    transform(AR, orthonormal, c);
    for (size_t k = 0; k < AR; k++)
        for (size_t i = 0; i < AR; i++)
            for (size_t j = 0; j < AR; j++)
                p[k] += c[k * AR + i] * c[k * AR + j] * correlation(rho, i, j);
    return gap_of(rho, p);
}

/* P_k = 1/N sum_ij R_ij cos(2 pi k (i - j)/N). */
static double circular_loss(double rho)
{
    double p[AR] = {0};
    for (size_t k = 0; k < AR; k++)
        for (size_t i = 0; i < AR; i++)
            for (size_t j = 0; j < AR; j++)
                p[k] +=
                    correlation(rho, i, j) / AR *
                    cos(2 * M_PI * (double)k * ((double)i - (double)j) / AR);
    return gap_of(rho, p);
}

static void cosine_gap(const experiment *e, finding *f)
{
    (void)e;
    f->d = AR;
    f->measured = cosine_loss(RHO, 1);
    f->expected = 0.1131;
    f->broken = cosine_loss(RHO, 0) - f->measured;
}

static void circular_gap(const experiment *e, finding *f)
{
    (void)e;
    f->d = AR;
    f->measured = circular_loss(RHO);
    f->expected = 6.626;
    f->broken = cosine_loss(RHO, 1) - f->measured;
}

static const check checks_cosine[] = {
    {{"C3.12", "log |det| of the dense matrix is the sum over frequencies",
      "N = 32, 3 channels, random W_k", "LU; roundings of D pivots",
      JF_IDENTITY, "DCT not orthonormal"},
     "cosine determinant",
     JF_EQUAL,
     0,
     determinant},
    {{"C3.12",
      "-1/2 sum log det(2 pi e R_k) is attained by W_k = L_k^-1, R_k = L_k "
      "L_k'",
      "N = 32, 3 channels, 20 correlated signals",
      "dense matrix on the same rows; roundings of D pivots and of z",
      JF_IDENTITY, "DCT not orthonormal"},
     "cosine optimum",
     JF_EQUAL,
     0,
     attained},
    {{"C3.12", "gap of the cosine class, AR(1) .95, N = 64",
      "second moment .95^|i-j|", "dense; half a unit of the last digit",
      JF_IDENTITY, "DCT not orthonormal"},
     "cosine gap",
     JF_EQUAL,
     5e-5,
     cosine_gap},
    {{"C3.12", "gap of the circular class, AR(1) .95, N = 64",
      "second moment .95^|i-j|", "dense; half a unit of the last digit",
      JF_IDENTITY, "the cosine transform for the circular one"},
     "circular gap",
     JF_EQUAL,
     5e-4,
     circular_gap},
};

const check_list list_cosine = {checks_cosine,
                                sizeof checks_cosine / sizeof *checks_cosine};

void optimum_cosine(experiment *e)
{
    static const double rho[] = {0.1, 0.2, 0.3,  0.4,  0.5,  0.6,  0.7,
                                 0.8, 0.9, 0.95, 0.98, 0.99, 0.995};
    jf_table *out =
        jf_table_new(&e->args, "optimum-cosine",
                     "d,correlation,cosine_gap_nats,circular_gap_nats", 1);
    if (!jf_table_has(out, 0)) {
        for (size_t k = 0; k < sizeof rho / sizeof *rho; k++)
            jf_table_row(out, 0, "%d,%g," JF_G "," JF_G, AR, rho[k],
                         cosine_loss(rho[k], 1), circular_loss(rho[k]));
        jf_table_finish(out, 0);
    }
    jf_table_close(out);
}
