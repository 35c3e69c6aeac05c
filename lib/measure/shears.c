/* shears.c -- the theorem of shears.h, carried out.
 *
 * A pair (X, Y) stands for the covariance X of the half that is read and the
 * conditional covariance Y of the other.  A shear replaces the regression of
 * one half on the other by a wanted one.  For c = 1: with the regression B of b
 * on a the pair (S, T) becomes Q = T + B S B' and V = (S^-1 + B' T^-1 B)^-1.
 * If the eigenvalues of V are the inverses of those nu >= 1 of Q, but for one
 * of Q that is 1 when d is odd, then the regression of a on b that is (1 -
 * 1/nu)^(1/2) nu^(-1/2) between the eigenvectors of nu and 1/nu makes the pair
 * (I, I), and the last shear takes the regression away. */
#include "measure/shears.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "linalg/factor.h"

/* The covariance s and the product w of the shears so far, (d, d); and what the
 * next shear sees, which may update n columns from target on and reads m from
 * source on: the pair's eigenvalues, descending, lambda of the half read, mu of
 * the other, and as rows of u and v their eigenvectors. */
typedef struct {
    size_t d, m, n, source, target;
    double *s, *w;
    double *regression, *wanted, *cross; /* (n, m) */
    double *lambda, *u, *mu, *v;
    double *memory;
} state;

static void unit(size_t d, double *w)
{
    memset(w, 0, d * d * sizeof *w);
    for (size_t i = 0; i < d; i++)
        w[i * d + i] = 1;
}

/* s := S / c. */
static int state_new(size_t d, const double *s, state *at)
{
    enum { ARRAYS = 9 };
    double log_det = 0;
    *at = (state){.d = d, .memory = jf_alloc(ARRAYS * d * d, sizeof(double))};
    double **const arrays[ARRAYS] = {&at->s,      &at->w,     &at->regression,
                                     &at->wanted, &at->cross, &at->lambda,
                                     &at->u,      &at->mu,    &at->v};
    if (!at->memory)
        return GSL_ENOMEM; /* reported by jf_alloc */
    for (size_t k = 0; k < ARRAYS; k++)
        *arrays[k] = at->memory + k * d * d;
    memcpy(at->u, s, d * d * sizeof *s);
    JF_TRY(jf_cholesky(d, at->u));
    for (size_t i = 0; i < d; i++)
        log_det += 2 * log(at->u[i * d + i]);
    for (size_t i = 0; i < d * d; i++)
        at->s[i] = s[i] * exp(-log_det / (double)d);
    unit(d, at->w);
    return GSL_SUCCESS;
}

/* part (rows, cols) := the block of s at (row, col). */
static void take(const state *at, size_t row, size_t col, size_t rows,
                 size_t cols, double *part)
{
    for (size_t i = 0; i < rows; i++)
        memcpy(part + i * cols, at->s + (row + i) * at->d + col,
               cols * sizeof *part);
}

/* What a shear that updates b, or a, sees; nothing is wanted yet. */
static int look(state *at, int b)
{
    size_t p = at->d / 2, m = b ? p : at->d - p, n = at->d - m;
    double unused;
    at->m = m;
    at->n = n;
    at->source = b ? 0 : p;
    at->target = b ? p : 0;
    take(at, at->source, at->source, m, m, at->u);
    JF_TRY(jf_invert(m, at->u, &unused));
    take(at, at->target, at->source, n, m, at->cross);
    jf_dgemm(JF_NN, n, m, m, 1, at->cross, at->u, 0, at->regression);
    take(at, at->target, at->target, n, n, at->v);
    jf_dgemm(JF_NT, n, n, m, -1, at->regression, at->cross, 1, at->v);
    take(at, at->source, at->source, m, m, at->u);
    memset(at->wanted, 0, n * m * sizeof *at->wanted);
    JF_TRY(jf_eigen_symmetric(m, at->u, at->lambda, 1));
    return jf_eigen_symmetric(n, at->v, at->mu, 1);
}

/* x_target += (wanted - regression) x_source, in w and on both sides of s. */
static void shear(state *at)
{
    size_t d = at->d;
    for (int columns = 0; columns < 2; columns++)
        for (size_t i = 0; i < at->n; i++)
            for (size_t j = 0; j < at->m; j++) {
                size_t to = at->target + i, from = at->source + j;
                double b =
                    at->wanted[i * at->m + j] - at->regression[i * at->m + j];
                for (size_t k = 0; k < d && columns; k++)
                    at->s[k * d + to] += b * at->s[k * d + from];
                for (size_t k = 0; k < d && !columns; k++) {
                    at->s[to * d + k] += b * at->s[from * d + k];
                    at->w[to * d + k] += b * at->w[from * d + k];
                }
            }
}

/* wanted += the outer product of eigenvectors i of the target and j of the
 * source, times the root of square, whose rounding may be below 0. */
static void join(state *at, size_t i, size_t j, double square)
{
    double weight = sqrt(fmax(square, 0));
    for (size_t k = 0; k < at->n; k++)
        for (size_t l = 0; l < at->m; l++)
            at->wanted[k * at->m + l] +=
                weight * at->v[i * at->n + k] * at->u[j * at->m + l];
}

/* Eigenvalue s_i meets t_{q-1-i}, both descending: small with large.  For odd d
 * s_0 meets the least t and the largest, of which 1 and nu_0 are made.  The
 * product of those t, and the least nu_i that can be made. */
static double met(const state *at, size_t i, double *least)
{
    double t = at->mu[at->n - 1 - i];
    if (i == 0 && at->n > at->m) {
        *least = at->mu[0];
        return t * at->mu[0];
    }
    *least = fmax(t, 1);
    return t;
}

/* Q = diag(t) + w w' of eigenvalues 1 and nu: w_i^2 = prod_k (k - t_i) / (t_j -
 * t_i). */
static void join_both(state *at, double nu)
{
    size_t low = at->n - 1;
    double s = at->lambda[0], t = at->mu[low], u = at->mu[0];
    if (u > t) {
        join(at, low, 0, (1 - t) * (nu - t) / (u - t) / s);
        join(at, 0, 0, (u - 1) * (nu - u) / (u - t) / s);
    } else {
        join(at, low, 0, (nu - t) / s);
    }
}

/* The regression of b on a after which V has the inverse eigenvalues of Q: nu_i
 * v_i = s_i tau_i and nu_{i+1} v_i = 1, all nu as small as may be. */
static void spread(state *at)
{
    double least, sum = 0, lift = -(double)INFINITY;
    for (size_t i = 0; i < at->m; i++) {
        double tau = met(at, i, &least);
        lift = fmax(lift, log(least) - sum);
        sum -= log(at->lambda[i] * tau);
    }
    sum = lift;
    for (size_t i = 0; i < at->m; i++) {
        double tau = met(at, i, &least), nu = exp(sum);
        if (i == 0 && at->n > at->m)
            join_both(at, nu);
        else
            join(at, at->n - 1 - i, i, (nu - tau) / at->lambda[i]);
        sum -= log(at->lambda[i] * tau);
    }
}

/* Shears of b, a, b; for odd d t_1 <= 1 <= t_q. */
static int three(state *at)
{
    JF_TRY(look(at, 1));
    spread(at);
    shear(at);
    JF_TRY(look(at, 0));
    for (size_t i = 0; i < at->n; i++) {
        double nu = at->lambda[i];
        join(at, at->n - 1 - i, i, (nu - 1) / (nu * nu));
    }
    shear(at);
    JF_TRY(look(at, 1));
    shear(at);
    return GSL_SUCCESS;
}

/* All t < 1: a shear of b makes the largest eigenvalue of Cov(x_b) 1.  Shears
 * of a, b, a for s are the inverse transposes of b, a, b for s^-1, whose t are
 * the inverse eigenvalues of Cov(x_b). */
static int four(state *at)
{
    state dual;
    double unused;
    join(at, 0, 0, (1 - at->mu[0]) / at->lambda[0]);
    shear(at);
    memcpy(at->u, at->s, at->d * at->d * sizeof *at->s);
    JF_TRY(jf_invert(at->d, at->u, &unused));
    int status = state_new(at->d, at->u, &dual);
    if (status == GSL_SUCCESS)
        status = three(&dual);
    if (status == GSL_SUCCESS)
        status = jf_invert(at->d, dual.w, &unused);
    if (status == GSL_SUCCESS) {
        memcpy(at->u, at->w, at->d * at->d * sizeof *at->w);
        jf_dgemm(JF_TN, at->d, at->d, at->d, 1, dual.w, at->u, 0, at->w);
    }
    free(dual.memory);
    return status;
}

/* All t > 1: shears of b and a make the least of them 1. */
static int five(state *at)
{
    shear(at);
    JF_TRY(look(at, 0));
    join(at, at->n - 1, at->m - 1,
         at->mu[at->n - 1] * (1 - 1 / at->lambda[at->m - 1]));
    shear(at);
    return three(at);
}

static int shears(state *at, size_t *count)
{
    *count = 0;
    if (at->d == 1)
        return GSL_SUCCESS;
    JF_TRY(look(at, 1));
    int odd = at->n > at->m;
    *count = odd && at->mu[0] < 1 ? 4 : odd && at->mu[at->n - 1] > 1 ? 5 : 3;
    return *count == 3 ? three(at) : *count == 4 ? four(at) : five(at);
}

int jf_shears(size_t d, const double *s, double *w, size_t *count)
{
    state at;
    int status = state_new(d, s, &at);
    if (status == GSL_SUCCESS)
        status = shears(&at, count);
    if (status == GSL_SUCCESS)
        memcpy(w, at.w, d * d * sizeof *w);
    free(at.memory);
    return status;
}

/* tau for two shears: s ascending with t descending, the largest t left out if
 * there is one more. */
static double trace_of_two(const state *at)
{
    size_t odd = at->n - at->m;
    double tau = odd ? at->mu[0] : 0;
    for (size_t i = 0; i < at->m; i++) {
        double s = at->lambda[at->m - 1 - i], t = at->mu[odd + i];
        tau += s >= t ? 2 * sqrt(s * t) : s + t;
    }
    return tau;
}

static double least_trace(const state *at, size_t k)
{
    double sum = 0, d = (double)at->d, nu = fmax(1, at->mu[at->n - 1]);
    switch (k) {
    case 0:
        for (size_t i = 0; i < at->d; i++)
            sum += at->s[i * at->d + i];
        return sum;
    case 1:
        for (size_t i = 0; i < at->m; i++)
            sum += at->lambda[i];
        for (size_t i = 0; i < at->n; i++)
            sum += at->mu[i];
        return sum;
    case 2:
        return trace_of_two(at);
    case 3:
        nu = at->mu[0] < 1 ? at->mu[0] : nu;
        break;
    case 4:
        break;
    default:
        return d;
    }
    return at->n == at->m ? d : nu + (d - 1) * pow(nu, -1 / (d - 1));
}

double jf_gap_shears(size_t d, size_t k, const double *s)
{
    state at;
    int status = state_new(d, s, &at);
    double gap = 0;
    if (status == GSL_SUCCESS && d > 1)
        status = look(&at, 1);
    if (status == GSL_SUCCESS && d > 1)
        gap = 0.5 * (double)d * log(least_trace(&at, k) / (double)d);
    free(at.memory);
    return status == GSL_SUCCESS ? gap : (double)NAN;
}
